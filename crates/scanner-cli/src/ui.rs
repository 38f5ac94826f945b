//! What is said besides the report: errors, warnings and notes on standard error; and how standard
//! output is written to.

use anstream::{AutoStream, ColorChoice};
use scanner_core::Error;
use scanner_core::format::visible;
use std::fmt;
use std::io::{self, Write};

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Failure {
    /// A failure to read or write a file.
    pub(crate) fn io(path: &std::path::Path, error: &io::Error) -> Failure {
        Failure(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure(error.to_string())
    }
}

/// Decides on color for both streams.
pub(crate) fn set_color(when: crate::args::When) {
    let choice = match when {
        crate::args::When::Auto => ColorChoice::Auto,
        crate::args::When::Always => ColorChoice::Always,
        crate::args::When::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// Writes to standard output, styles taken out where they are not wanted. A reader that has gone
/// away, as `head` does, has read all it wanted.
pub(crate) fn stdout(write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), Failure> {
    let stdout = io::stdout().lock();
    let choice = AutoStream::choice(&stdout);
    // Stripping costs time for each byte, so a stream that needs none goes out as it is.
    let mut stream = AutoStream::new(stdout, choice);
    settle(write(&mut stream).and_then(|()| Ok(stream.flush()?)))
}

/// As [`stdout`], for what holds no styles.
pub(crate) fn raw_stdout(write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    settle(write(&mut stdout).and_then(|()| Ok(stdout.flush()?)))
}

fn settle(result: Result<(), Error>) -> Result<(), Failure> {
    match result {
        Err(Error::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Error::Write(error)) => Err(Failure(format!("standard output: {error}"))),
        other => Ok(other?),
    }
}

/// Writes to standard error. There is nobody to tell if that fails.
pub(crate) fn stderr(write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) {
    let mut stderr = anstream::stderr().lock();
    let _ = write(&mut stderr);
}

fn say(style: anstyle::Style, level: &str, message: &str) {
    // A file's name may hold what a terminal acts on.
    let lines: Vec<_> = message.lines().map(visible).collect();
    stderr(|out| Ok(writeln!(out, "{style}{level}{style:#}: {}", lines.join("\n"))?));
}

/// Says why there is no result.
pub(crate) fn error(message: &str) {
    say(anstyle::AnsiColor::Red.on_default().bold(), "error", message);
}

/// Says what a user should know.
pub(crate) fn warning(message: &str) {
    say(anstyle::AnsiColor::Yellow.on_default().bold(), "warning", message);
}

/// Says what a user may want to know.
pub(crate) fn note(message: &str) {
    say(anstyle::AnsiColor::Cyan.on_default().bold(), "note", message);
}
