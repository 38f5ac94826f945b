//! Why something on a line was or was not reported: findings and what became of them, what text and
//! name rules looked at and left alone, and the score of every named value.

mod flow;

pub use flow::{End, Ended};

use crate::blob::{Input, Origin};
use crate::decode::{Decoded, Document, decode};
use crate::detect::name::Content;
use crate::detect::pair;
use crate::detect::path::skips_pairs;
use crate::detect::score::Score;
use crate::detect::why::Why;
use crate::detect::{Candidate, Sink};
use crate::finding::{Confidence, Finding};
use crate::report::Report;
use crate::rule::misfit::Misfit;
use crate::rule::{Matcher, Rule, RuleSet, TextMatcher, Token};
use crate::scanner::{Hits, Scanner};
use crate::span::Span;
use crate::triage::mask;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// What the scanner thinks of one line.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    /// Findings that cover the line, the unsure and the suppressed among them.
    pub findings: Vec<Finding>,
    /// Named values that start or end on the line, and every rule that wants their name.
    pub values: Vec<NamedValue>,
    /// What rules for text and names of files made of the line and its file, by rule and place.
    pub rules: Vec<Judgement>,
}

/// A named value, as one rule judged it.
#[derive(Debug, Clone)]
pub struct NamedValue {
    /// The rule.
    pub rule: Arc<str>,
    /// The name.
    pub name: String,
    /// The value, masked.
    pub value: String,
    /// What was seen, and its points.
    pub score: Score,
    /// How sure that makes a finding; `None`: there is none.
    pub confidence: Option<Confidence>,
    /// What became of it, if it is one.
    pub outcome: Option<Outcome>,
}

/// What a rule made of something on the line, or of the line.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// The rule.
    pub rule: Arc<str>,
    /// The token that it looked at, masked.
    pub token: Option<String>,
    /// The column, when it is about a place on the line.
    pub column: Option<u32>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of what a rule looked at.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It is a finding, whose index this is.
    Reported(usize),
    /// Another rule's finding, named here, tells of the same place.
    Merged(Arc<str>),
    /// It is a place of the finding of its other half, whose rule is named here.
    Joined(Arc<str>),
    /// It is told only with its other half, which is not near.
    Alone,
    /// There are more findings of the rule in the file than are reported.
    Cut,
    /// A condition of the rule does not hold.
    Refused(Why),
    /// The literal stands on the line, and the rule's regex matches nothing around it.
    NoMatch,
    /// The words stand on the line, and no token of the rule's shape near them.
    NoToken,
    /// The words stand on the line, in a file of a kind that holds no settings.
    NoSettings,
    /// The file's form shows no credential on the line.
    NoCredential,
    /// None of its literals, some of which are named here, stands on the line.
    NoLiteral(Vec<String>),
    /// The rule is for files of other names.
    OtherFile,
    /// The rule is for named values, and wants no name on the line.
    NoName,
    /// The rule is for code, and nothing that starts on the line has one of its patterns.
    NoCode,
    /// The rule is for data flow, and says nothing for this reason.
    Ended(Ended),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Reported(_) => write!(f, "reported"),
            Outcome::Merged(rule) => write!(f, "not reported by itself: merged into {rule}, which is more exact"),
            Outcome::Joined(rule) => write!(f, "reported as a place of {rule}, its other half"),
            Outcome::Alone => write!(f, "not reported: it is told only near its other half (or with --audit)"),
            Outcome::Cut => write!(f, "not reported: the file holds more findings of the rule than are named"),
            Outcome::Refused(why) => write!(f, "not reported: {why}"),
            Outcome::NoMatch => {
                write!(f, "not reported: its keyword stands here, but its regex matches nothing around")
            }
            Outcome::NoToken => write!(f, "not reported: its word stands here, but no token of its shape near by"),
            Outcome::NoSettings => write!(f, "not reported: files of this name are lists of digests or labels"),
            Outcome::NoCredential => write!(f, "not reported: the file's form shows no credential on this line"),
            Outcome::NoLiteral(literals) if literals.is_empty() => write!(f, "not reported: nothing here calls for it"),
            Outcome::NoLiteral(literals) => {
                write!(f, "not reported: this line has none of its literals (`{}`)", literals.join("`, `"))
            }
            Outcome::OtherFile => write!(f, "not reported: it is for files of other names"),
            Outcome::NoName => write!(f, "not reported: no value here has a name that it wants"),
            Outcome::NoCode => write!(f, "not reported: no code that starts here has one of its patterns"),
            Outcome::Ended(ended) => ended.fmt(f),
        }
    }
}

/// Literals that are named of a rule none of whose literals stands on a line.
const MAX_LITERALS: usize = 5;

impl Scanner {
    /// Says why something on a line (from 1) of a file was or was not reported; by all rules that
    /// look at something there, or by the one rule of which it was asked. Data is followed within the file.
    pub fn explain(&self, path: &str, bytes: &[u8], line: u32, only: Option<&str>) -> Explanation {
        self.explain_among(path, bytes, line, only, None)
    }

    /// As [`Scanner::explain`]; data is followed into the file from the others of an input, by their paths.
    pub fn explain_among(
        &self,
        path: &str,
        bytes: &[u8],
        line: u32,
        only: Option<&str>,
        others: Option<&dyn Input>,
    ) -> Explanation {
        let (report, watched) = self.watch(path, bytes, others);
        let covers = |finding: &&Finding| (finding.location.start.line..=finding.location.end.line).contains(&line);
        let wanted = |rule: &str| only.is_none_or(|only| only == rule);
        let findings = report.findings.iter().chain(&report.suppressed).filter(covers).cloned().collect();
        let text = match decode(bytes, self.limits().sniff) {
            Decoded::Text(text) => text,
            Decoded::Binary => "".into(),
        };
        let document = Document::new(Arc::new(Origin::path(path)), text);
        let mut told = Explanation { findings, values: Vec::new(), rules: Vec::new() };
        if line == 0 || line > document.lines().count() {
            return told;
        }
        let mut recorder =
            Recorder { rules: self.rules(), line: document.line_span(line).range(), told: BTreeMap::new() };
        let head = &bytes[..bytes.len().min(self.limits().head)];
        let hits = self.look(&document, Content { head: Some(head), text: document.text() }, &mut recorder);
        told.findings.retain(|finding| wanted(&finding.rule));
        let judge = Judge { scanner: self, document: &document, report: &report };
        self.verdicts(&document, &hits, |verdict: pair::Verdict| {
            let lines = document.position(verdict.name.start).line..=document.position(verdict.value.end).line;
            let rule = &self.rules().rules()[verdict.rule];
            if lines.contains(&line) && wanted(&rule.id) {
                told.values.push(NamedValue {
                    rule: Arc::clone(&rule.id),
                    name: document.slice(verdict.name).to_owned(),
                    value: mask(document.slice(verdict.value)),
                    score: verdict.score,
                    confidence: verdict.confidence,
                    outcome: verdict.confidence.map(|_| judge.outcome(rule, verdict.value, &told.findings)),
                });
            }
        });
        recorder.add_silent(path, &hits);
        told.rules = judge.judge(recorder, &told.findings, line);
        told.rules.retain(|judgement| wanted(&judgement.rule));
        told.rules.extend(flow::judge(self.rules(), watched.as_ref(), &told.findings, line, only));
        if let Some(rule) = only.and_then(|only| self.rules().get(only)) {
            told.answer(rule);
        }
        told
    }
}

impl Explanation {
    /// Adds why a rule says nothing of the line, if it does not.
    fn answer(&mut self, rule: &Rule) {
        if !self.rules.is_empty() || !self.values.is_empty() || !self.findings.is_empty() {
            return;
        }
        let outcome = match &rule.matcher {
            Matcher::Name(_) => Outcome::OtherFile,
            Matcher::Text(text) => Outcome::NoLiteral(literals(text)),
            Matcher::Pair(_) => Outcome::NoName,
            Matcher::Code(_) => Outcome::NoCode,
            // Of these something was said above.
            Matcher::Flow(_) => return,
        };
        self.rules.push(Judgement { rule: Arc::clone(&rule.id), token: None, column: None, outcome });
    }
}

/// The first of the literals that call for a rule.
fn literals(text: &TextMatcher) -> Vec<String> {
    let searched: Vec<String> = match &text.token {
        Token::Regex { keywords, .. } => keywords.clone(),
        Token::Shapes(shapes) => {
            let own = shapes.iter().flat_map(|shape| shape.sequences()).filter_map(|sequence| sequence.keyword());
            let own: Vec<String> = own.map(|literal| String::from_utf8_lossy(literal).into_owned()).collect();
            if own.is_empty() { text.near.clone() } else { own }
        }
    };
    let mut first: Vec<String> = Vec::new();
    for literal in searched {
        if !first.contains(&literal) && first.len() < MAX_LITERALS {
            first.push(literal);
        }
    }
    first
}

/// What a rule said of a range: it found something there, or left it alone.
type Said = (Range<usize>, Result<(), Outcome>);

/// Keeps what rules for text and names of files say of a line.
struct Recorder<'r> {
    rules: &'r RuleSet,
    line: Range<usize>,
    /// By rule.
    told: BTreeMap<usize, Vec<Said>>,
}

impl Recorder<'_> {
    /// Whether a range is about the line, or about the file as a whole.
    fn concerns(&self, range: &Range<usize>) -> bool {
        range.is_empty() || range.start < self.line.end && self.line.start < range.end
    }

    fn say(&mut self, rule: usize, range: Range<usize>, what: Result<(), Outcome>) {
        let looked_at = matches!(self.rules.rules()[rule].matcher, Matcher::Text(_) | Matcher::Name(_));
        if looked_at && self.concerns(&range) {
            let all = self.told.entry(rule).or_default();
            // Two literals of a shape may stand in one token.
            if !all.iter().any(|said| said.0 == range && said.1 == what) {
                all.push((range, what));
            }
        }
    }

    /// Adds the rules whose literals stand on the line, or that are for files of this name, and that
    /// said nothing.
    fn add_silent(&mut self, path: &str, hits: &Hits) {
        let settings = !skips_pairs(path);
        let mut silent: Vec<(usize, Outcome)> = Vec::new();
        let on_line = |at: usize| self.line.contains(&at);
        let regexes = hits.regexes.iter().filter(|&&(_, at)| on_line(at));
        silent.extend(regexes.map(|&(rule, _)| (rule, Outcome::NoMatch)));
        let near = hits.near.iter().filter(|&&(_, at, _)| on_line(at));
        let no_token = || if settings { Outcome::NoToken } else { Outcome::NoSettings };
        silent.extend(near.map(|&(rule, ..)| (rule, no_token())));
        silent.extend(hits.names.iter().map(|&rule| (rule, Outcome::NoCredential)));
        let start = self.line.start..self.line.start;
        for (rule, outcome) in silent {
            self.told.entry(rule).or_insert_with(|| vec![(start.clone(), Err(outcome))]);
        }
    }
}

impl Sink for Recorder<'_> {
    fn found(&mut self, candidate: Candidate) {
        self.say(candidate.rule, candidate.span.range(), Ok(()));
    }

    fn refused(&mut self, rule: usize, range: Range<usize>, why: Why) {
        self.say(rule, range, Err(Outcome::Refused(why)));
    }
}

/// Tells what became of what rules found.
struct Judge<'j> {
    scanner: &'j Scanner,
    document: &'j Document<'j>,
    report: &'j Report,
}

impl Judge<'_> {
    fn judge(&self, recorder: Recorder<'_>, findings: &[Finding], line: u32) -> Vec<Judgement> {
        let mut all: Vec<Judgement> = Vec::new();
        for (rule, mut said) in recorder.told {
            keep_telling(&mut said);
            let rule = &self.scanner.rules().rules()[rule];
            all.extend(said.into_iter().map(|said| self.one(rule, said, findings, line)));
        }
        // What was decoded is seen in the findings only.
        for (at, finding) in findings.iter().enumerate() {
            let rule = self.scanner.rules().get(&finding.rule);
            let kind = rule.is_some_and(|rule| matches!(rule.matcher, Matcher::Text(_) | Matcher::Name(_)));
            if kind && !all.iter().any(|judgement| judgement.outcome == Outcome::Reported(at)) {
                let (token, column) = (finding.secret.clone(), Some(finding.location.start.column));
                let rule = Arc::clone(&finding.rule);
                all.push(Judgement { rule, token, column, outcome: Outcome::Reported(at) });
            }
        }
        all.sort_by(|left, right| (&left.rule, left.column).cmp(&(&right.rule, right.column)));
        all
    }

    fn one(&self, rule: &Rule, (range, what): Said, findings: &[Finding], line: u32) -> Judgement {
        let span = self.document.snap(Span::new(range.start, range.end));
        let place = self.document.position(span.start);
        let column = (!range.is_empty() && place.line == line).then_some(place.column);
        let (shown, outcome) = match what {
            Ok(()) => (!range.is_empty(), self.outcome(rule, span, findings)),
            // What has not the shape is no token; only its place is told.
            Err(outcome) => {
                let literal = matches!(outcome, Outcome::Refused(Why::Misfit(_) | Why::PartOfWord));
                (!range.is_empty() && !literal, outcome)
            }
        };
        let token = shown.then(|| mask(self.document.slice(span)));
        Judgement { rule: Arc::clone(&rule.id), token, column, outcome }
    }

    /// What became of what a rule found.
    fn outcome(&self, rule: &Rule, span: Span, findings: &[Finding]) -> Outcome {
        let own = |finding: &Finding| finding.rule == rule.id && finding.location.span == span;
        if let Some(at) = findings.iter().position(own) {
            return Outcome::Reported(at);
        }
        let all = || self.report.findings.iter().chain(&self.report.suppressed);
        let place = |finding: &&Finding| finding.related.iter().any(|place| place.location.span == span);
        if let Some(whole) = all().find(place) {
            return Outcome::Joined(Arc::clone(&whole.rule));
        }
        let overlaps = |finding: &&Finding| {
            let other = finding.location.span;
            other.start < span.end && span.start < other.end
        };
        let takes_file = |finding: &&Finding| {
            finding.facts.iter().any(|(name, kinds)| name == "file" && kinds.contains(&rule.title))
        };
        match all().find(overlaps).or_else(|| all().find(takes_file)) {
            Some(other) => Outcome::Merged(Arc::clone(&other.rule)),
            None if rule.only_joins => Outcome::Alone,
            None => Outcome::Cut,
        }
    }
}

/// Of the literals that are no token's, keeps the one that comes nearest to one, and none where there is
/// a token: a line may hold hundreds.
fn keep_telling(said: &mut Vec<Said>) {
    let nearness = |said: &Said| match &said.1 {
        Err(Outcome::Refused(Why::Misfit(misfit))) => Some(match misfit {
            Misfit::Long | Misfit::WordAfter | Misfit::Tangled => usize::MAX,
            Misfit::Short { has, .. } | Misfit::Foreign { has, .. } => 2 + has,
            Misfit::Literal => 2,
            Misfit::WordBefore => 1,
            Misfit::Case => 0,
        }),
        Err(Outcome::Refused(Why::PartOfWord)) => Some(0),
        _ => None,
    };
    let nearest = said.iter().max_by_key(|said| nearness(said)).cloned();
    if said.iter().any(|said| nearness(said).is_none()) {
        said.retain(|said| nearness(said).is_none());
    } else if let Some(nearest) = nearest {
        *said = vec![nearest];
    }
}

#[cfg(test)]
mod tests;
