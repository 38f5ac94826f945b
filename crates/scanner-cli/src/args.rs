//! The command line as users write it.

#[cfg(feature = "git")]
use crate::values::Date;
use crate::values::{ConfidenceName, Format, LineOfFile, SeverityName, Size};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  autoclave                                scan the working directory
  autoclave --min-severity high src        only what is grave, below src
  autoclave -o sarif=results.sarif         write a file for code scanning
  autoclave --format json | jq .summary    feed another program
  git show :app.py | autoclave --stdin-filename app.py -
  autoclave explain jwt                    what a rule finds, and how to fix it
  autoclave explain --at src/app.py:7      why a line was or was not reported

Exit codes: 0 nothing found, 1 findings, 2 an error or an incomplete scan.";

#[cfg(feature = "git")]
const HISTORY_EXAMPLES: &str = "\
Examples:
  autoclave history                        the repository of the working directory
  autoclave history --format json a.git b.git
  autoclave history --all-objects          also what nothing leads to any more
  autoclave history --cache .cache         examine only what is new since the last time

Exit codes: 0 nothing found, 1 findings, 2 an error or an incomplete scan.";

#[cfg(feature = "git")]
const HOOK_EXAMPLES: &str = "\
Examples:
  autoclave hook                 what is staged, as in .git/hooks/pre-commit
  autoclave hook pre-push origin  what is pushed, as in .git/hooks/pre-push
  autoclave hook pre-receive     what a server receives

Exit codes: 0 nothing found, 1 findings, 2 an error or an incomplete scan.";

/// Finds hard-coded credentials, committed key files and OWASP-class vulnerabilities.
///
/// Scans the given files and folders, by default the working directory. Everything stays on this
/// machine: no credential is tried out, and none is shown in full.
#[derive(Debug, Parser)]
#[command(name = "autoclave", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) scan: ScanArgs,
    /// Color in text [NO_COLOR and CLICOLOR_FORCE are honoured]
    #[arg(long, value_enum, default_value_t = When::Auto, global = true, value_name = "WHEN", help_heading = "Messages")]
    pub(crate) color: When,
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On terminals.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files and folders (what `autoclave` does without a command)
    #[command(after_help = EXAMPLES)]
    Scan(Box<ScanArgs>),
    /// Scan all that the history of repositories holds
    #[cfg(feature = "git")]
    #[command(after_help = HISTORY_EXAMPLES)]
    History(Box<HistoryArgs>),
    /// Scan what a git hook is about to let through, and say nothing if nothing is found
    #[cfg(feature = "git")]
    #[command(after_help = HOOK_EXAMPLES)]
    Hook(Box<HookArgs>),
    /// Put a hook into the repository of the working directory, or into all of yours
    #[cfg(feature = "git")]
    InstallHook(InstallArgs),
    /// Show a rule's page: what it finds, why that matters, how to fix it; or why a line was or was
    /// not reported
    Explain(ExplainArgs),
    /// List rules, show one, or run the tests that rules carry
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  autoclave completions bash > ~/.local/share/bash-completion/completions/autoclave"
    )]
    Completions { shell: clap_complete::Shell },
    /// Print the JSON Schema of the configuration file or of the JSON report
    Schema {
        #[arg(value_enum)]
        what: SchemaOf,
    },
}

/// What to describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// `autoclave.toml`.
    Config,
    /// What `--format json` writes.
    Report,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List rules with severity, confidence and title
    List(ListArgs),
    /// Show a rule's page, as `explain` does
    Show(ShowArgs),
    /// Run the tests that rules carry: the built-in ones, or those at the given paths
    Test(TestArgs),
}

/// Where configuration and rules come from.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SourceArgs {
    /// Configuration file [default: autoclave.toml, looked for from the first path up to the repository's root]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Rules", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration file
    #[arg(long, help_heading = "Rules")]
    pub(crate) no_config: bool,
    /// File or folder of further rules; one with the id of a built-in rule replaces it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath, help_heading = "Rules")]
    pub(crate) rules: Vec<PathBuf>,
    /// Leave the built-in rules out
    #[arg(long, help_heading = "Rules")]
    pub(crate) no_builtin: bool,
}

/// Which rules are meant.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SelectionArgs {
    /// Only the rules whose id or tag fits
    #[arg(long, value_name = "GLOB", help_heading = "Rules")]
    pub(crate) enable: Vec<String>,
    /// Not the rules whose id or tag fits
    #[arg(long, value_name = "GLOB", help_heading = "Rules")]
    pub(crate) disable: Vec<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ScanArgs {
    /// Files and folders to scan; `-` is standard input [default: .]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    #[cfg(feature = "git")]
    #[command(flatten)]
    pub(crate) git: GitArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
}

/// What all scans know.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) report: ReportArgs,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Run audit rules too: hints for a reviewer, often harmless
    #[arg(long, help_heading = "Rules")]
    pub(crate) audit: bool,
    #[command(flatten)]
    pub(crate) files: FileArgs,
    #[command(flatten)]
    pub(crate) messages: MessageArgs,
}

/// What of a repository's work tree is reported.
#[cfg(feature = "git")]
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct GitArgs {
    /// Scan what is staged, and report what it adds
    #[arg(long, help_heading = "Git", conflicts_with_all = ["diff", "pr"])]
    pub(crate) staged: bool,
    /// Report only what stands on lines that are new since a commit, branch or tag
    #[arg(long, value_name = "REV", help_heading = "Git", conflicts_with = "pr")]
    pub(crate) diff: Option<String>,
    /// Report only what stands on lines that are new since this branch was left, as in a pull request
    #[arg(long, value_name = "BASE", help_heading = "Git")]
    pub(crate) pr: Option<String>,
}

#[cfg(feature = "git")]
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct HistoryArgs {
    /// Repositories, bare or with a work tree [default: that of the working directory]
    #[arg(value_name = "REPOSITORY", value_hint = ValueHint::DirPath)]
    pub(crate) repositories: Vec<PathBuf>,
    /// Scan every object in the store, also what no branch, tag, stash or log of them leads to
    #[arg(long, help_heading = "Git")]
    pub(crate) all_objects: bool,
    /// Only what the commits of a range add: A..B, A...B, or all that leads to B
    #[arg(long, value_name = "A..B", help_heading = "Git", conflicts_with = "all_objects")]
    pub(crate) range: Option<String>,
    /// Only what leads to this branch, tag or commit
    #[arg(long, value_name = "REV", help_heading = "Git", conflicts_with_all = ["all_objects", "range"])]
    pub(crate) branch: Option<String>,
    /// Only what commits made at this date or later add, as 2026-01-31, 2026-01-31T12:00:00Z or "2 weeks ago"
    #[arg(long, value_name = "DATE", help_heading = "Git", conflicts_with = "all_objects")]
    pub(crate) since: Option<Date>,
    /// Only what commits made at this date or earlier add
    #[arg(long, value_name = "DATE", help_heading = "Git", conflicts_with = "all_objects")]
    pub(crate) until: Option<Date>,
    /// Only what so many commits add, the newest
    #[arg(long, value_name = "NUMBER", help_heading = "Git", conflicts_with = "all_objects")]
    pub(crate) max_commits: Option<usize>,
    /// Run the rules for code and data flow too: they judge what may have been repaired since
    #[arg(long, help_heading = "Git")]
    pub(crate) code: bool,
    /// Keep in this folder which objects held nothing, so that later scans examine only what is new
    ///
    /// It may be deleted at any time, and several scans may use it at once. Reports are the same with and without.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Git")]
    pub(crate) cache: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[cfg(feature = "git")]
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct HookArgs {
    /// Which hook calls
    #[arg(value_enum, value_name = "HOOK", default_value = "pre-commit")]
    pub(crate) event: HookEvent,
    /// What git gives the hook: of pre-push the remote's name and address
    #[arg(value_name = "ARGUMENT")]
    pub(crate) arguments: Vec<String>,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

#[cfg(feature = "git")]
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct InstallArgs {
    /// Scan what is staged before each commit (the default)
    #[arg(long)]
    pub(crate) pre_commit: bool,
    /// Scan the commits of each push
    #[arg(long)]
    pub(crate) pre_push: bool,
    /// In all repositories of this user
    #[arg(long)]
    pub(crate) global: bool,
    /// Take the hooks out again, and put back what was there before
    #[arg(long, conflicts_with_all = ["pre_commit", "pre_push"])]
    pub(crate) uninstall: bool,
}

/// Hooks of git, by their names.
#[cfg(feature = "git")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum HookEvent {
    /// What is staged.
    #[default]
    #[value(name = "pre-commit")]
    Commit,
    /// What is staged, after a merge without conflicts.
    #[value(name = "pre-merge-commit")]
    Merge,
    /// Commits that the remote has not; references come on standard input.
    #[value(name = "pre-push")]
    Push,
    /// Commits that the receiving repository has not; references come on standard input.
    #[value(name = "pre-receive")]
    Receive,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ReportArgs {
    /// Format of the report on standard output [default: text]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Report")]
    pub(crate) format: Option<Format>,
    /// Write a report to a file instead; may be given several times
    ///
    /// FORMAT=FILE, or FILE alone, whose format follows from --format or from its extension (.sarif,
    /// .json, .txt). `-` is standard output. With --format as well, each file having a format of its own,
    /// standard output gets a report too.
    #[arg(short, long, value_name = "[FORMAT=]FILE", value_hint = ValueHint::FilePath, help_heading = "Report")]
    pub(crate) output: Vec<String>,
    /// Hide findings that are milder [default: info]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Report")]
    pub(crate) min_severity: Option<SeverityName>,
    /// Hide findings that are less sure [default: medium]
    #[arg(long, value_enum, value_name = "CONFIDENCE", help_heading = "Report")]
    pub(crate) min_confidence: Option<ConfidenceName>,
    /// Mildest finding that gives exit code 1 [default: low]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Report")]
    pub(crate) fail_on: Option<SeverityName>,
    /// Exit with 0 also when there are findings
    #[arg(long, help_heading = "Report")]
    pub(crate) exit_zero: bool,
    /// Accept that something could not be examined: it is reported, but no reason for exit code 2
    #[arg(long, help_heading = "Report")]
    pub(crate) best_effort: bool,
    /// Report findings that a comment or the configuration suppresses, marked as such
    #[arg(long, help_heading = "Report")]
    pub(crate) include_suppressed: bool,
    /// Report each place of a credential as a finding of its own
    #[arg(long, help_heading = "Report")]
    pub(crate) no_merge: bool,
    /// Show credentials in full
    #[arg(long, help_heading = "Report")]
    pub(crate) show_secrets: bool,
    /// Category of the SARIF run, to tell several analyses of one commit apart
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub(crate) sarif_category: Option<String>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FileArgs {
    /// Leave out what the glob (in the syntax of .gitignore) fits
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    pub(crate) exclude: Vec<String>,
    /// Leave dot files and folders out
    #[arg(long, help_heading = "Files", overrides_with = "hidden")]
    pub(crate) skip_hidden: bool,
    /// Scan dot files and folders (the default)
    #[arg(long, short = '.', help_heading = "Files", overrides_with = "skip_hidden")]
    pub(crate) hidden: bool,
    /// Larger text files are not read, but reported as not examined [default: 64M]
    #[arg(long, value_name = "SIZE", help_heading = "Files")]
    pub(crate) max_file_size: Option<Size>,
    /// Unpack archives, read PDF and office documents, and look for strings in other binary files
    #[cfg(feature = "archives")]
    #[arg(long, help_heading = "Files")]
    pub(crate) archives: bool,
    /// Do not look into what stands encoded or cut into pieces
    #[arg(long, help_heading = "Files")]
    pub(crate) no_decode: bool,
    /// Number of threads [default: one for each core]
    #[arg(short = 'j', long, value_name = "NUMBER", help_heading = "Files")]
    pub(crate) threads: Option<usize>,
}

/// How files on disk are looked for.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WalkArgs {
    /// Excludes hold also for files that are named one by one
    #[arg(long, help_heading = "Files")]
    pub(crate) force_exclude: bool,
    /// Scan what .gitignore, .ignore and .autoclaveignore files name as well
    #[arg(long, help_heading = "Files")]
    pub(crate) no_ignore: bool,
    /// Follow symbolic links
    #[arg(long, short = 'L', help_heading = "Files")]
    pub(crate) follow: bool,
    /// Keep in this folder what was worked out of programs, so that later scans take less time
    ///
    /// It may be deleted at any time, and several scans may use it at once. Findings are the same with and without.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, help_heading = "Files")]
    pub(crate) cache: Option<PathBuf>,
    /// Descend so many folders at the most
    #[arg(long, short = 'd', value_name = "NUMBER", help_heading = "Files")]
    pub(crate) max_depth: Option<usize>,
    /// What standard input is called in reports; its extension decides what it is
    #[arg(long, value_name = "NAME", value_hint = ValueHint::FilePath, help_heading = "Files")]
    pub(crate) stdin_filename: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MessageArgs {
    /// No progress, notes and summary; in text, one line for each finding
    #[arg(short, long, help_heading = "Messages", conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what is used and what has no effect, and name every place and problem
    #[arg(short, long, action = ArgAction::SetTrue, help_heading = "Messages")]
    pub(crate) verbose: bool,
    /// Show no progress (it is shown on terminals only)
    #[arg(long, help_heading = "Messages")]
    pub(crate) no_progress: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The rule's id
    #[arg(value_name = "RULE")]
    pub(crate) rule: String,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct ExplainArgs {
    /// The rule's id
    #[arg(value_name = "RULE", required_unless_present = "at")]
    pub(crate) rule: Option<String>,
    /// Say why a line was or was not reported instead; with RULE, by that rule
    #[arg(long, value_name = "FILE:LINE")]
    pub(crate) at: Option<LineOfFile>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Only the rules with this tag
    #[arg(long, value_name = "TAG", help_heading = "Rules")]
    pub(crate) tag: Vec<String>,
    /// Format of the list
    #[arg(long, value_enum, default_value_t = ListFormat::Text, value_name = "FORMAT", help_heading = "Report")]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Files and folders of rules [default: the built-in rules]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_scan_needs_no_command() {
        let cli = Cli::try_parse_from(["autoclave", "--format", "json", "a", "b"]).expect("it is valid");
        assert!(cli.command.is_none());
        assert_eq!(cli.scan.paths, [PathBuf::from("a"), PathBuf::from("b")]);
        let cli = Cli::try_parse_from(["autoclave", "scan", "--color", "never", "a"]).expect("it is valid");
        assert!(matches!(cli.command, Some(Command::Scan(_))) && cli.color == When::Never);
    }
}
