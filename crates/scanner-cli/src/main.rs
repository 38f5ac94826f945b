//! The command line of Autoclave: reads arguments, calls the library, writes what it says.

mod args;
mod config;
mod explain;
#[cfg(feature = "git")]
mod git;
#[cfg(feature = "git")]
mod install;
mod output;
mod pages;
mod place;
mod progress;
mod rules;
mod run;
mod scan;
mod settings;
mod ui;
mod values;

use args::{Cli, Command, RulesCommand, SchemaOf};
use clap::{CommandFactory, Parser};
use config::Config;
use std::process::ExitCode;
use ui::Failure;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// There is nothing to complain about.
    Clean,
    /// There are findings, or failed tests.
    Findings,
    /// The command could not do all of its work.
    Error,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    ui::set_color(cli.color);
    let exit = run(cli).unwrap_or_else(|failure| {
        ui::error(&failure.to_string());
        Exit::Error
    });
    ExitCode::from(match exit {
        Exit::Clean => 0,
        Exit::Findings => 1,
        Exit::Error => 2,
    })
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    match cli.command {
        None => scan::run(&cli.scan),
        Some(Command::Scan(args)) => scan::run(&args),
        #[cfg(feature = "git")]
        Some(Command::History(args)) => git::history(&args),
        #[cfg(feature = "git")]
        Some(Command::Hook(args)) => git::hook(&args),
        #[cfg(feature = "git")]
        Some(Command::InstallHook(args)) => install::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Rules(RulesCommand::Show(args))) => pages::show(&args.rule, &args.source),
        Some(Command::Rules(RulesCommand::List(args))) => rules::list(&args),
        Some(Command::Rules(RulesCommand::Test(args))) => rules::test(&args),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "autoclave", &mut script);
            ui::raw_stdout(|out| Ok(out.write_all(&script)?))?;
            Ok(Exit::Clean)
        }
        Some(Command::Schema { what }) => {
            let schema = match what {
                SchemaOf::Config => Config::json_schema(),
                SchemaOf::Report => scanner_core::format::json::json_schema(),
            };
            ui::raw_stdout(|out| Ok(writeln!(out, "{schema:#}")?))?;
            Ok(Exit::Clean)
        }
    }
}
