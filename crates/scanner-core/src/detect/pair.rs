//! Finds secrets that only their name gives away: a telling name and a value that could be one.

use super::index::Index;
use super::path::skips_pairs;
use super::score::{self, Score};
use super::wanted::{Wanted, matcher};
use super::{Candidate, Sink, guess, placeholder, technical, value};
use crate::decode::layer;
use crate::decode::pair::parent::parent_of;
use crate::decode::pair::{Family, Operator, Pair, name_at, values_of};
use crate::finding::Confidence;
use crate::rule::proof::Check;
use crate::rule::{PairMatcher, RuleSet, ValueModel, words};
use crate::span::{Span, floor_char};

/// Bytes before a password at a place of a command that may name its user.
const LONGEST_USER: usize = 100;

/// What a pair rule thinks of a named value.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Index of the rule in its set.
    pub rule: usize,
    /// The name.
    pub name: Span,
    /// The value, without blanks around it.
    pub value: Span,
    /// What was seen.
    pub score: Score,
    /// How sure a finding is; `None`: there is none.
    pub confidence: Option<Confidence>,
    /// Whether a checksum shows that the value is what it looks like.
    proven: bool,
}

/// Where named values may be.
#[derive(Debug, Clone, Default)]
pub struct Hits {
    /// Places of telling words, ascending.
    pub words: Vec<usize>,
    /// Calls and commands: the rule, which of its places, and where the name stands.
    pub places: Vec<(usize, usize, usize)>,
}

/// Reads the pairs around `hits` and holds the pair rules against each.
pub fn detect(path: &str, text: &str, hits: &Hits, rules: &RuleSet, index: &Index, out: &mut impl Sink) {
    verdicts(path, text, hits, rules, index, |verdict| {
        let Some(confidence) = verdict.confidence else { return };
        let mut candidate = Candidate::new(verdict.rule, verdict.value);
        candidate.secret = Some(verdict.value);
        candidate.confidence = Some(confidence.min(rules.rules()[verdict.rule].confidence));
        candidate.proven = verdict.proven;
        out.found(candidate);
    });
}

/// Calls `each` for every named value around `hits` and every rule that its name fits.
pub fn verdicts(path: &str, text: &str, hits: &Hits, rules: &RuleSet, index: &Index, mut each: impl FnMut(Verdict)) {
    if skips_pairs(path) {
        return;
    }
    let family = Family::of_path(path);
    // Values of a Kubernetes secret's `data` are base64, which hides nothing.
    let encoded = family == Family::Yaml && ["kind: Secret\n", "kind: Secret\r"].iter().any(|kind| text.contains(kind));
    let context = Context { text, family, encoded, folded_path: &path.to_lowercase(), rules };
    for &(rule, place, at) in &hits.places {
        context.place(rule, place, at, &mut each);
    }
    // Most names no rule wants: so they are asked before values.
    let mut names = index.names_known.asked(rules, index);
    let mut has_long_line = None;
    let mut done = 0;
    for &hit in &hits.words {
        if hit < done {
            continue;
        }
        let Some(name) = name_at(text, hit, family) else { continue };
        let Some(spelled) = text.get(name.range.clone()) else { continue };
        let wanted = names.wanted(spelled);
        if !context.looks_at(wanted)
            || *has_long_line.get_or_insert_with(|| holds_long_line(text))
                && in_long_line(text, hit)
                && !(family == Family::Config && opens_line(text, name.range.start))
        {
            continue;
        }
        let pairs = values_of(&name, text, family);
        let login = login_of_two(&pairs, text).filter(|_| context.wants_login(wanted));
        for pair in pairs.into_iter().chain(login) {
            done = pair.name.end as usize;
            // Annotations of Kubernetes name what is kept elsewhere.
            let before = &text[..pair.name.start as usize];
            let is_sum = ["checksum/", "kubernetes.io/", "k8s.io/"].iter().any(|kind| before.ends_with(kind));
            if is_sum
                || is_value(text, &pair)
                || is_of_sealed(text, &pair)
                || is_part_of_reference(text, &pair)
                || is_of_public_address(text, &pair)
                || is_public_key(text, &pair)
                || is_of_browser_agent(text, &pair)
            {
                continue;
            }
            context.judge(wanted, &pair, &mut each);
            let value = &text[pair.value.range()];
            // What a reference is made of names nothing.
            if value::is_reference(value) && !value.contains("${") {
                done = pair.value.end as usize;
            }
        }
    }
}

struct Context<'t> {
    text: &'t str,
    family: Family,
    /// Whether values may be base64 of what they mean.
    encoded: bool,
    folded_path: &'t str,
    rules: &'t RuleSet,
}

impl Context<'_> {
    /// A pair rule, if it looks at this file.
    fn matcher(&self, rule: usize) -> Option<&PairMatcher> {
        matcher(self.rules, rule)
            .filter(|matcher| matcher.files.is_empty() || matcher.files.iter().any(|glob| glob.fits(self.folded_path)))
    }

    /// The credential that a call or a command takes whose name stands at `at`.
    fn place(&self, rule: usize, place: usize, at: usize, each: &mut impl FnMut(Verdict)) {
        let Some(matcher) = self.matcher(rule) else { return };
        let pairs = matcher.places[place].read_at(self.text, at, self.family);
        // Most places of these names hold nothing, which is known sooner.
        if pairs.is_empty() || in_long_line(self.text, at) {
            return;
        }
        for pair in &pairs {
            self.verdict(rule, matcher, pair, &mut |verdict: Verdict| {
                let from = floor_char(self.text, verdict.value.range().start.saturating_sub(LONGEST_USER));
                let before = &self.text[from..verdict.value.range().start];
                let shown = guess::is_stand_in_after(before, &self.text[verdict.value.range()]);
                // `curl -u user:password`
                let vague = shown && value::is_type_word(&self.text[verdict.value.range()]);
                let confidence = verdict.confidence.filter(|_| !vague);
                let confidence = confidence.map(|sure| if shown { sure.min(Confidence::Low) } else { sure });
                each(Verdict { confidence, ..verdict });
            });
        }
    }

    /// Whether a rule that wants the name looks at this file.
    fn looks_at(&self, wanted: &Wanted) -> bool {
        wanted.rules.iter().any(|&rule| self.matcher(rule).is_some())
    }

    /// Whether a rule wants a user and a password under the name.
    fn wants_login(&self, wanted: &Wanted) -> bool {
        wanted.rules.iter().any(|&rule| self.matcher(rule).is_some_and(|matcher| matcher.value == ValueModel::Login))
    }

    fn judge(&self, wanted: &Wanted, pair: &Pair, each: &mut impl FnMut(Verdict)) {
        // What stands in quotes is not what is called: `id("pass").type("value")`.
        let quoted = matches!(self.text.as_bytes()[..pair.name.start as usize].last(), Some(b'"' | b'\''));
        let called = pair.operator == Operator::OtherCall || pair.operator == Operator::Call && !quoted;
        if called && !wanted.setter {
            return;
        }
        for &rule in &wanted.rules {
            if let Some(matcher) = self.matcher(rule).filter(|matcher| !self.is_key_of_other(matcher, pair)) {
                self.verdict(rule, matcher, pair, each);
            }
        }
    }

    /// Whether what holds a name that says no more than `key` says that it is one of other things: `cache: { key: ".." }`.
    fn is_key_of_other(&self, matcher: &PairMatcher, pair: &Pair) -> bool {
        let start = pair.name.start as usize;
        matcher.value == ValueModel::Key
            && pair.operator == Operator::Assign
            && parent_of(self.text, start, self.family).is_some_and(|parent| {
                let words = words::split(&self.text[parent]);
                words.iter().any(|word| matcher.not_before.contains(word))
            })
    }

    fn verdict(&self, rule: usize, matcher: &PairMatcher, pair: &Pair, each: &mut impl FnMut(Verdict)) {
        let (value, span) = trim(&self.text[pair.value.range()], pair.value);
        let name = &self.text[pair.name.range()];
        let (value, span) = match (matcher.value, after_user(value)) {
            // `login localhost:8080`: where one logs in.
            (ValueModel::Login, Some(skipped))
                if technical::is_port(&value[skipped..]) && is_host(&value[..skipped - 1]) =>
            {
                return;
            }
            (ValueModel::Login, Some(skipped)) => {
                (&value[skipped..], Span { start: span.start + skipped as u32, ..span })
            }
            (ValueModel::Login, None) => return,
            _ => (value, span),
        };
        // Spring says by this that the rest is no hash.
        let (value, span) = match value.strip_prefix("{noop}") {
            Some(rest) => (rest, Span { start: span.end - rest.len() as u32, ..span }),
            None => (value, span),
        };
        let plain = if self.encoded { layer::plain(value) } else { None };
        let value = plain.as_deref().unwrap_or(value);
        let (score, confidence) = if matcher.shapes.is_empty() {
            let score = score::judge(matcher.value, name, value, pair, self.family);
            let confidence = score.confidence();
            (score, confidence)
        } else {
            let fits = matcher.shapes.iter().any(|shape| shape.matches_whole(value.as_bytes()))
                && !placeholder::is_filler(value)
                && matcher.check.is_none_or(|check| check.passes(value));
            let veto = (!fits).then_some("has not the shape that this credential has");
            (Score { veto, ..Score::default() }, fits.then_some(Confidence::High))
        };
        let proven = matcher.check.is_some_and(Check::is_checksum);
        each(Verdict { rule, name: pair.name, value: span, score, confidence, proven });
    }
}

fn is_host(text: &str) -> bool {
    text == "localhost" || text.contains(['-', '.']) && !text.contains('@')
}

/// `login = ("anna", "value")`: two literals of a list as one value, as `user:password` is.
fn login_of_two(pairs: &[Pair], text: &str) -> Option<Pair> {
    match pairs {
        // `creds = ("anna", "value")`; of two entries of other kinds each is a value.
        [user, password]
            if user.name == password.name
                && user.quoted
                && user.operator == password.operator
                && matches!(user.operator, Operator::Listed | Operator::Assign)
                && (user.operator == Operator::Listed || is_no_name(&text[password.value.range()]))
                && (user.value.end..user.value.end + 6).contains(&password.value.start)
                && !guess::is_stand_in(&text[user.value.range()], &text[password.value.range()]) =>
        {
            Some(Pair { value: Span { end: password.value.end, ..user.value }, ..user.clone() })
        }
        _ => None,
    }
}

/// `v4lue!`, `River88`: no name, as a list may hold as well (`user_id2`).
fn is_no_name(value: &str) -> bool {
    let count = |is: fn(&u8) -> bool| value.bytes().filter(is).count();
    let marks = value.bytes().filter(|byte| b"!@#$%^&*+?~".contains(byte)).count();
    let digits = count(u8::is_ascii_digit);
    let kinds = [marks, digits, count(u8::is_ascii_lowercase), count(u8::is_ascii_uppercase)];
    digits > 1 || kinds.iter().filter(|kind| **kind > 0).count() > 2
}

/// Whether the name is itself what another one is given: `action=pass:repeat=0`.
fn is_value(text: &str, pair: &Pair) -> bool {
    let [.., before, b'='] = text.as_bytes()[..pair.name.start as usize] else { return false };
    pair.operator != Operator::Default
        && before.is_ascii_alphanumeric()
        && text.as_bytes()[pair.name.end as usize] == b':'
}

/// Whether name and value are parts of one word that something else is given, and that refers to a
/// secret: `secret_arn: arn:aws:secretsmanager:eu-west-1:..:secret:name`.
fn is_part_of_reference(text: &str, pair: &Pair) -> bool {
    let (start, end) = (pair.name.start as usize, pair.value.end as usize);
    let line = &text.as_bytes()[start.saturating_sub(LONG_LINE)..start];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`=".contains(byte);
    let lead = line.iter().rev().take_while(|byte| !ends(byte)).count();
    let before = line[..line.len() - lead].iter().rev();
    let mut before = before.filter(|byte| !byte.is_ascii_whitespace() && !b"\"'`".contains(byte));
    let Some(word) = text.get(start - lead..end).filter(|_| lead > 0) else { return false };
    let is_given = matches!(before.next(), Some(b'=' | b':'));
    is_given && !word.bytes().any(|byte| ends(&byte)) && value::is_reference(word) && !word.contains("${")
}

/// Whether it is a part of what SOPS has sealed: `ENC[AES256_GCM,data:..,iv:..,tag:..]`.
fn is_of_sealed(text: &str, pair: &Pair) -> bool {
    const OPENS: &[u8] = b"ENC[AES256_GCM,";
    if !matches!(text.as_bytes()[..pair.name.start as usize].last(), Some(b',')) {
        return false;
    }
    let start = pair.name.start as usize;
    let before = &text.as_bytes()[start.saturating_sub(LONG_LINE)..start];
    let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    memchr::memmem::rfind(line, OPENS).is_some_and(|open| !line[open..].contains(&b']'))
}

/// Whether it is a part of an address that is given to everyone: of a picture in Firebase's storage, of a badge.
fn is_of_public_address(text: &str, pair: &Pair) -> bool {
    const ADDRESSES: &[&str] = &["firebasestorage.googleapis.com/", "/badge.svg?", "/badge?"];
    /// Such addresses are no longer.
    const LONGEST: usize = 400;
    let start = pair.name.start as usize;
    let before = &text.as_bytes()[start.saturating_sub(LONGEST)..start];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>()".contains(byte);
    let lead = before.iter().rev().take_while(|byte| !ends(byte)).count();
    let word = &text.as_bytes()[start - lead..start];
    matches!(word.last(), Some(b'?' | b'&'))
        && ADDRESSES.iter().any(|address| memchr::memmem::find(word, address.as_bytes()).is_some())
}

/// Whether a word before the name says that everyone may see what it names: `public key "value"`.
fn is_public_key(text: &str, pair: &Pair) -> bool {
    let start = pair.name.start as usize;
    let before = text.as_bytes()[..start].strip_suffix(b" ").unwrap_or_default();
    text.as_bytes()[start..].get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"key"))
        && before.len().checked_sub(6).is_some_and(|at| before[at..].eq_ignore_ascii_case(b"public"))
}

/// Whether it is the key of New Relic's agent in browsers, which stands in each page that is served.
fn is_of_browser_agent(text: &str, pair: &Pair) -> bool {
    /// Bytes of the agent's settings, before its key.
    const NEAR: usize = 200;
    let start = pair.name.start as usize;
    let before = &text.as_bytes()[start.saturating_sub(NEAR)..start];
    let settings = memchr::memrchr(b'{', before).map_or(before, |open| &before[open..]);
    text[pair.name.range()].eq_ignore_ascii_case("licenseKey")
        && memchr::memmem::find(settings, b"\"errorBeacon\"").is_some()
}

/// Whether nothing stands before a name on its line: what follows is its value, however long it is.
fn opens_line(text: &str, start: usize) -> bool {
    let before = text.as_bytes()[..start].strip_suffix(b"export ").unwrap_or(&text.as_bytes()[..start]);
    before.last().is_none_or(|byte| *byte == b'\n')
}

/// Where the password of `user:password`, `user/password`, `user / password`, `` user` / `password `` or `user", "password`
/// starts.
fn after_user(value: &str) -> Option<usize> {
    let is_user = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    let user = value.bytes().take_while(|&byte| is_user(byte)).count();
    let is_gap = |letter: char| letter.is_ascii_whitespace() || matches!(letter, '`' | '"' | '\'');
    let rest = value[user..].trim_start_matches(is_gap);
    let of_list = value[user..].starts_with(['"', '\'']);
    let mark = rest.chars().next().filter(|&mark| matches!(mark, ':' | '/') || mark == ',' && of_list)?;
    let password = rest[mark.len_utf8()..].trim_start_matches(is_gap);
    // `io.acme.auth/Response` is a class in its package.
    let package = value[..user].matches('.').count() > 1 && !value[..user].contains('@');
    let named = value.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && !package
        && !technical::is_media_type(value);
    let single = password.len() >= 4 && !password.contains([' ', '/', ':']);
    (named && user >= 2 && single).then(|| value.len() - password.len())
}

/// Blanks around a value are not a part of it.
fn trim(raw: &str, span: Span) -> (&str, Span) {
    let lead = raw.len() - raw.trim_start().len();
    let value = raw.trim();
    let start = span.start as usize + lead;
    (value, Span::new(start, start + value.len()))
}

/// Lines longer than this are minified or data: names there are not chosen by people.
const LONG_LINE: usize = 1000;

/// Whether there is one.
fn holds_long_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut start = 0;
    while bytes.len() - start > LONG_LINE {
        match memchr::memrchr(b'\n', &bytes[start..=start + LONG_LINE]) {
            Some(newline) => start += newline + 1,
            None => return true,
        }
    }
    false
}

/// Whether a place stands in one.
pub(crate) fn in_long_line(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let before = &bytes[at.saturating_sub(LONG_LINE)..at];
    let after = &bytes[at..(at + LONG_LINE).min(bytes.len())];
    let back = memchr::memrchr(b'\n', before).map_or(before.len(), |newline| before.len() - newline - 1);
    let ahead = memchr::memchr(b'\n', after).unwrap_or(after.len());
    back + ahead > LONG_LINE
}

#[cfg(test)]
mod tests {
    use super::{LONG_LINE, holds_long_line, in_long_line};

    #[test]
    fn a_text_holds_a_long_line_where_a_place_stands_in_one() {
        let lines = [0, 1, LONG_LINE - 1, LONG_LINE, LONG_LINE + 1, 2 * LONG_LINE + 3];
        for (before, line, after) in lines.iter().flat_map(|a| lines.iter().map(move |b| (a, b, 7))) {
            let text = [*before, *line, after].map(|len| "x".repeat(len)).join("\n");
            let is_long = (0..text.len()).any(|at| in_long_line(&text, at));
            assert_eq!(holds_long_line(&text), is_long, "{before} {line}");
        }
    }
}
