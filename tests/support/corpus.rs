//! Reads the labelled corpus (`corpus/*.txt`, format in `corpus/README.md`) and counts what a scanner finds of it.

use scanner_core::rule::{Matcher, Rule};
use scanner_core::{Confidence, Finding, Scanner, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a labelled line holds; `May` counts neither as found nor as missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Band {
    Provider,
    Password,
    Key,
    Url,
    Material,
    Env,
    May,
}

impl Band {
    /// Those that count.
    pub(crate) const ALL: [Band; 6] = [Band::Provider, Band::Password, Band::Key, Band::Url, Band::Material, Band::Env];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Band::Provider => "provider",
            Band::Password => "password",
            Band::Key => "key",
            Band::Url => "url",
            Band::Material => "material",
            Band::Env => "env",
            Band::May => "may",
        }
    }

    fn parse(name: &str) -> Option<Band> {
        Band::ALL.into_iter().chain([Band::May]).find(|band| band.name() == name)
    }
}

/// One file of the corpus as a scanner sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labelled {
    /// The path it is scanned under.
    pub(crate) path: String,
    /// Its text without marks.
    pub(crate) text: String,
    /// Lines from 1 that hold a secret.
    pub(crate) labels: BTreeMap<u32, Band>,
    /// Further lines of a labelled armour block, and the line it is labelled at.
    pub(crate) blocks: BTreeMap<u32, u32>,
    /// Where its first line stands: file of the corpus, line.
    pub(crate) stored: (String, u32),
}

/// What was found of one band.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) found: usize,
    pub(crate) missed: usize,
    pub(crate) alarms: usize,
}

impl Counts {
    pub(crate) fn recall(self) -> f64 {
        ratio(self.found, self.found + self.missed)
    }

    pub(crate) fn precision(self) -> f64 {
        ratio(self.found, self.found + self.alarms)
    }

    pub(crate) fn f1(self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }

    pub(crate) fn plus(self, other: Counts) -> Counts {
        Counts {
            found: self.found + other.found,
            missed: self.missed + other.missed,
            alarms: self.alarms + other.alarms,
        }
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// A line that went wrong.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) band: Band,
    /// File of the corpus and line in it.
    pub(crate) stored: String,
    /// Path of the file it belongs to.
    pub(crate) path: String,
    /// The line.
    pub(crate) text: String,
    /// The rule of a false alarm.
    pub(crate) rule: String,
}

/// What a scanner made of the corpus.
#[derive(Debug, Clone, Default)]
pub(crate) struct Score {
    pub(crate) bands: BTreeMap<Band, Counts>,
    pub(crate) misses: Vec<Fault>,
    pub(crate) alarms: Vec<Fault>,
    /// Files without a labelled line that a rule for file names reported: told, not counted.
    pub(crate) names: Vec<Fault>,
}

impl Score {
    pub(crate) fn all(&self) -> Counts {
        self.bands.values().fold(Counts::default(), |sum, counts| sum.plus(*counts))
    }
}

/// Reads every `*.txt` of a folder.
///
/// # Errors
/// A file that cannot be read, or a line that is not in the format.
pub(crate) fn load(folder: &Path) -> Result<Vec<Labelled>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        parse(&name, &text, &mut files)?;
    }
    Ok(files)
}

fn parse(name: &str, text: &str, files: &mut Vec<Labelled>) -> Result<(), String> {
    let mut current: Option<Labelled> = None;
    let mut block = None;
    for (number, line) in (1..).zip(text.lines()) {
        if let Some(path) = line.strip_prefix("== ") {
            files.extend(current.take());
            block = None;
            // A path may be broken too.
            let path = path.replace('·', "");
            current = Some(Labelled { path, stored: (name.to_owned(), number + 1), ..Labelled::default() });
        } else if let Some(file) = &mut current {
            let (bare, band) = unmark(line).map_err(|error| format!("{name}:{number}: {error}"))?;
            let own = number + 1 - file.stored.1;
            if let Some(band) = band {
                file.labels.insert(own, band);
            }
            // A key in armour is labelled at its first line; any line of it is the same secret.
            if let Some(first) = block {
                file.blocks.insert(own, first);
                block = block.filter(|_| !bare.contains("-----END"));
            } else if band.is_some() && bare.contains("-----BEGIN") && !bare.contains("-----END") {
                block = Some(own);
            }
            file.text.push_str(&bare);
            file.text.push('\n');
        } else if !line.starts_with('#') && !line.is_empty() {
            return Err(format!("{name}:{number}: a line before the first `== path`"));
        }
    }
    files.extend(current);
    Ok(())
}

/// Drops the marks and the dots of a stored line; the first mark whose band counts gives the band.
fn unmark(line: &str) -> Result<(String, Option<Band>), String> {
    let mut bare = String::new();
    let mut band = None;
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once('«') {
        bare.push_str(before);
        let (inner, after) = marked.split_once('»').ok_or("a mark is not closed")?;
        let (name, secret) = inner.split_once(':').ok_or("a mark has no band")?;
        let named = Band::parse(name).ok_or_else(|| format!("`{name}` is no band"))?;
        band = band.filter(|band| *band != Band::May).or(Some(named));
        bare.push_str(secret);
        rest = after;
    }
    bare.push_str(rest);
    Ok((bare.replace('·', ""), band))
}

/// Lines of the corpus by what they are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Contents {
    pub(crate) files: usize,
    /// Labelled with a band that counts.
    pub(crate) secrets: usize,
    pub(crate) undecided: usize,
    /// Without a label, but such that could be taken for a secret.
    pub(crate) hard: usize,
    /// The rest.
    pub(crate) plain: usize,
}

/// Counts the lines.
pub(crate) fn contents(files: &[Labelled]) -> Contents {
    let mut contents = Contents { files: files.len(), ..Contents::default() };
    for file in files {
        for (number, line) in (1..).zip(file.text.lines()) {
            match file.labels.get(&number) {
                Some(Band::May) => contents.undecided += 1,
                Some(_) => contents.secrets += 1,
                None if line.trim().is_empty() || file.blocks.contains_key(&number) => {}
                None if is_hard(line) => contents.hard += 1,
                None => contents.plain += 1,
            }
        }
    }
    contents
}

/// Scans every file and compares. Findings below `least` do not count.
pub(crate) fn score(scanner: &Scanner, files: &[Labelled], least: Confidence) -> Score {
    let mut score = Score::default();
    for file in files {
        score_file(scanner, file, least, &mut score);
    }
    score
}

fn score_file(scanner: &Scanner, file: &Labelled, least: Confidence, score: &mut Score) {
    let report = scanner.scan_bytes(&file.path, file.text.as_bytes());
    let rules: BTreeMap<&str, &Rule> = report.rules.rules().iter().map(|rule| (&*rule.id, rule)).collect();
    let mut covered = BTreeSet::new();
    let mut named = None;
    // Informational findings are notes about what is public by design.
    let counts = |finding: &&Finding| finding.confidence >= least && finding.severity > Severity::Info;
    for finding in report.findings.iter().filter(counts) {
        let Some(rule) = rules.get(&*finding.rule).filter(|rule| is_credential(rule)) else { continue };
        // A name rule that points at no credential judged the file as a whole.
        if matches!(rule.matcher, Matcher::Name(_)) && finding.secret.is_none() {
            named = Some(finding);
            continue;
        }
        // The other half of a credential is a place of it, and need not be a secret itself.
        let halves = finding.related.iter().map(|related| (&related.location, related.fingerprint.is_some()));
        for (place, is_secret) in [(&finding.location, true)].into_iter().chain(halves) {
            let lines = place.start.line..=place.end.line;
            let labelled: Vec<u32> = file.labels.range(lines.clone()).map(|(line, _)| *line).collect();
            let block = file.blocks.range(lines.clone()).map(|(_, first)| *first).next();
            if is_secret && labelled.is_empty() && block.is_none() && covered.insert(*lines.start()) {
                let band = alarm_band(file, rule);
                score.bands.entry(band).or_default().alarms += 1;
                score.alarms.push(fault(file, *lines.start(), band, &finding.rule));
            }
            covered.extend(labelled.into_iter().chain(block));
        }
    }
    if let Some(Finding { rule, .. }) = named.filter(|_| file.labels.is_empty()) {
        score.names.push(fault(file, 1, Band::Material, rule));
    }
    for (&line, &band) in file.labels.iter().filter(|(_, band)| **band != Band::May) {
        let found = covered.contains(&line) || (band == Band::Material && named.is_some());
        let counts = score.bands.entry(band).or_default();
        if found {
            counts.found += 1;
        } else {
            counts.missed += 1;
            score.misses.push(fault(file, line, band, ""));
        }
    }
}

fn fault(file: &Labelled, line: u32, band: Band, rule: &str) -> Fault {
    Fault {
        band,
        stored: format!("{}:{}", file.stored.0, file.stored.1 + line - 1),
        path: file.path.clone(),
        text: file.text.lines().nth(line as usize - 1).unwrap_or_default().to_owned(),
        rule: rule.to_owned(),
    }
}

/// Whether a rule is about a credential at all: the corpus says nothing of other faults.
fn is_credential(rule: &Rule) -> bool {
    match rule.matcher {
        Matcher::Code(_) | Matcher::Flow(_) => rule.cwe.iter().any(|cwe| [259, 321, 798].contains(cwe)),
        _ => rule.cwe.iter().all(|cwe| *cwe != 1007),
    }
}

/// The band that a false alarm is charged to.
fn alarm_band(file: &Labelled, rule: &Rule) -> Band {
    let tagged = |tag: &str| rule.tags.iter().any(|own| own == tag);
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if name.starts_with(".env") || name.ends_with(".env") {
        Band::Env
    } else if rule.id.contains("password") && !rule.id.contains("url") && !tagged("connection-string") {
        Band::Password
    } else if rule.id.starts_with("generic-") || tagged("hash") || matches!(rule.matcher, Matcher::Code(_)) {
        Band::Key
    } else if tagged("url") || tagged("connection-string") || tagged("http") || rule.id.contains("url") {
        Band::Url
    } else if rule.id.contains("private-key") {
        Band::Material
    } else {
        Band::Provider
    }
}

/// Whether a line without a secret could be taken for one with: it holds a word of the trade, userinfo, or a long token.
fn is_hard(line: &str) -> bool {
    const WORDS: [&str; 24] = [
        "pass", "pwd", "secret", "token", "key", "auth", "cred", "login", "salt", "hash", "bearer", "://", "api",
        "senha", "clave", "contras", "mdp", "wort", "digest", "sha", "md5", "cert", "encrypt", "user",
    ];
    let folded = line.to_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.".contains(&byte);
    WORDS.iter().any(|word| folded.contains(word))
        || line
            .as_bytes()
            .split(|byte| !is_token(*byte))
            .any(|token| token.len() >= 16 && token.iter().any(u8::is_ascii_digit))
}
