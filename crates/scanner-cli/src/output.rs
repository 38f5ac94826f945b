//! Which reports go where, and writing them.

use crate::args::ReportArgs;
use crate::place::Place;
use crate::ui::{self, Failure};
use crate::values::Format;
use scanner_core::format::{json, sarif, text};
use scanner_core::report::Provenance;
use scanner_core::{Error, Report};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

/// The reports to write.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outputs(Vec<(Format, Target)>);

/// What all reports of a scan share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form<'a> {
    /// Say little.
    pub(crate) terse: bool,
    /// Name every place and problem.
    pub(crate) verbose: bool,
    pub(crate) include_suppressed: bool,
    pub(crate) elapsed: Duration,
    pub(crate) sarif_category: Option<&'a str>,
    /// The repositories that were scanned.
    pub(crate) provenance: &'a [Provenance],
}

impl Outputs {
    /// Reads `--format` and `--output`.
    pub(crate) fn new(args: &ReportArgs) -> Result<Outputs, Failure> {
        let mut list = Vec::new();
        let mut format_used = false;
        for output in &args.output {
            let named = output.split_once('=').and_then(|(name, file)| Some((format_of(name)?, file)));
            let (format, file) = match named {
                Some((format, file)) => (format, file),
                None => {
                    format_used |= args.format.is_some();
                    let format = args.format.or_else(|| by_extension(output));
                    (format.ok_or_else(|| unknown(output))?, output.as_str())
                }
            };
            let target = if file == "-" { Target::Stdout } else { Target::File(file.into()) };
            list.push((format, target));
        }
        if args.output.is_empty() || args.format.is_some() && !format_used {
            list.push((args.format.unwrap_or(Format::Text), Target::Stdout));
        }
        if list.iter().filter(|(_, target)| *target == Target::Stdout).count() > 1 {
            return Err(Failure("only one report can go to standard output".into()));
        }
        for (_, target) in &list {
            check(target)?;
        }
        Ok(Outputs(list))
    }

    /// Whether people read the report itself on standard output, and thus its summary.
    pub(crate) fn has_text_on_stdout(&self) -> bool {
        self.0.contains(&(Format::Text, Target::Stdout))
    }

    /// Whether one of them is SARIF.
    pub(crate) fn has_sarif(&self) -> bool {
        self.0.iter().any(|(format, _)| *format == Format::Sarif)
    }

    /// Writes all of them.
    pub(crate) fn write(&self, report: &Report, place: &Place, form: Form<'_>) -> Result<(), Failure> {
        for (format, target) in &self.0 {
            match target {
                Target::Stdout if *format == Format::Text => {
                    let options = text_options(form, true);
                    let report = place.seen_from_cwd(report.clone());
                    ui::stdout(|out| text::write(&report, &options, out))?;
                }
                Target::Stdout => ui::raw_stdout(|out| write(*format, report, place, form, out))?,
                Target::File(file) => {
                    let failure = |error: Error| match error {
                        Error::Write(error) => Failure::io(file, &error),
                        other => other.into(),
                    };
                    let mut out = File::create(file).map_err(|error| Failure::io(file, &error))?;
                    write(*format, report, place, form, &mut out).map_err(failure)?;
                }
            }
        }
        Ok(())
    }
}

fn write(format: Format, report: &Report, place: &Place, form: Form<'_>, out: &mut dyn Write) -> Result<(), Error> {
    match format {
        Format::Text => {
            let report = place.seen_from_cwd(report.clone());
            text::write(&report, &text_options(form, false), out)
        }
        // Without the time: the same tree gives the same file.
        Format::Json => json::write(report, &json::JsonOptions::default(), out),
        Format::Sarif => {
            let options = sarif::SarifOptions {
                category: form.sarif_category.map(str::to_owned),
                include_suppressed: form.include_suppressed,
                provenance: form.provenance.to_vec(),
                ..sarif::SarifOptions::default()
            };
            for cut in sarif::write(report, &options, out)? {
                ui::warning(&format!("SARIF: {cut}"));
            }
            Ok(())
        }
    }
}

/// Text for a terminal, or a stream that takes styles out, or a file.
pub(crate) fn text_options(form: Form<'_>, color: bool) -> text::TextOptions {
    let default = text::TextOptions::default();
    let terminal = terminal_size::terminal_size().filter(|_| color);
    text::TextOptions {
        style: if form.terse { text::TextStyle::Terse } else { text::TextStyle::Full },
        color,
        // A narrower line shows too little of the code to be of use.
        width: terminal.map_or(default.width, |(width, _)| usize::from(width.0).max(60)),
        show_suppressed: form.include_suppressed,
        verbose: form.verbose,
        elapsed: Some(form.elapsed),
    }
}

fn format_of(name: &str) -> Option<Format> {
    match name {
        "text" => Some(Format::Text),
        "json" => Some(Format::Json),
        "sarif" => Some(Format::Sarif),
        _ => None,
    }
}

fn by_extension(file: &str) -> Option<Format> {
    let name = file.to_ascii_lowercase();
    if name.ends_with(".sarif") || name.ends_with(".sarif.json") {
        return Some(Format::Sarif);
    }
    match Path::new(&name).extension()?.to_str()? {
        "json" => Some(Format::Json),
        "txt" | "log" => Some(Format::Text),
        _ => None,
    }
}

fn unknown(output: &str) -> Failure {
    let hint = "write FORMAT=FILE, where FORMAT is text, json or sarif";
    Failure(format!("the extension of `{output}` tells no format; {hint}"))
}

/// A scan may take long: better to refuse now what cannot be written then.
fn check(target: &Target) -> Result<(), Failure> {
    let Target::File(file) = target else { return Ok(()) };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if file.as_os_str().is_empty() {
        Err(Failure("--output names no file".into()))
    } else if file.is_dir() {
        Err(Failure(format!("{}: a report cannot be written to a folder", file.display())))
    } else if !folder.is_dir() {
        Err(Failure(format!("{}: the folder {} does not exist", file.display(), folder.display())))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(format: Option<Format>, output: &[&str]) -> Result<Vec<(Format, Target)>, String> {
        let output = output.iter().map(|text| (*text).to_owned()).collect();
        let args = ReportArgs { format, output, ..ReportArgs::default() };
        Outputs::new(&args).map(|outputs| outputs.0).map_err(|failure| failure.0)
    }

    #[test]
    fn reports_go_where_they_are_sent() {
        let file = |name: &str| Target::File(name.into());
        use {Format::*, Target::Stdout};
        assert_eq!(outputs(None, &[]), Ok(vec![(Text, Stdout)]));
        assert_eq!(outputs(Some(Json), &[]), Ok(vec![(Json, Stdout)]));
        assert_eq!(outputs(None, &["sarif=a=b"]), Ok(vec![(Sarif, file("a=b"))]));
        assert_eq!(outputs(None, &["a.sarif", "b.json"]), Ok(vec![(Sarif, file("a.sarif")), (Json, file("b.json"))]));
        assert_eq!(outputs(Some(Sarif), &["a.out"]), Ok(vec![(Sarif, file("a.out"))]));
        assert_eq!(outputs(Some(Text), &["sarif=a"]), Ok(vec![(Sarif, file("a")), (Text, Stdout)]));
        assert_eq!(outputs(None, &["text=-", "json=a"]), Ok(vec![(Text, Stdout), (Json, file("a"))]));
        assert!(outputs(None, &["a.xml"]).is_err_and(|error| error.contains("tells no format")));
        assert!(outputs(Some(Text), &["json=-"]).is_err());
        assert!(outputs(None, &["json=no/such/folder/a"]).is_err());
        assert!(outputs(None, &["json=."]).is_err());
    }
}
