//! Finds tokens that have a shape of their own, around the literals that the prefilter found.

use super::near::{
    Names, in_base64_text, is_named_as_provider, is_near, is_whole_word, may_vouch, named, stands_alone,
};
use super::why::Why;
use super::{Candidate, Sink};
use super::{guess, placeholder, random, value};
use crate::finding::Confidence;
use crate::rule::armour;
use crate::rule::proof::{Verdict, mode};
use crate::rule::shape::Shape;
use crate::rule::{Matcher, RuleSet, TextMatcher, Token};
use crate::span::{Span, ceil_char, floor_char};
use std::ops::Range;

/// A window's edge moves to the line's edge if that is not farther than this.
const LINE_SLACK: usize = 256;

/// Tries one alternative of a shape around a keyword's hit.
pub fn shape_at(
    text: &str,
    rules: &RuleSet,
    rule: usize,
    shape: usize,
    sequence: usize,
    at: usize,
    out: &mut impl Sink,
) {
    let Matcher::Text(matcher) = &rules.rules()[rule].matcher else { return };
    let Token::Shapes(shapes) = &matcher.token else { return };
    match shapes[shape].sequences()[sequence].match_around(text.as_bytes(), at) {
        Ok(range) => {
            let prefix = shapes[shape].prefix_len(&text.as_bytes()[range.clone()]);
            out.judged(rule, range.clone(), judge(text, rule, matcher, range.clone(), range, prefix));
        }
        Err(misfit) => out.refused(rule, at..at + 1, Why::Misfit(misfit)),
    }
}

/// Looks for the shapes of a rule that hold no literal, near `hits` (the rule, place and length, sorted)
/// of the words that must stand near them.
pub fn near(text: &str, rules: &RuleSet, hits: &[(usize, usize, usize)], out: &mut impl Sink) {
    let Some(&(rule, ..)) = hits.first() else { return };
    let Matcher::Text(matcher) = &rules.rules()[rule].matcher else { return };
    let mut done = 0;
    for &(_, hit, len) in hits {
        if matcher.named && !is_whole_word(text.as_bytes(), hit, len) {
            out.refused(rule, hit..hit + len, Why::PartOfWord);
            continue;
        }
        let window = may_vouch(text.as_bytes(), hit);
        bare_shapes(text, rule, matcher, window.start.max(done)..window.end, out);
        done = done.max(window.end);
    }
}

/// Tokens of shapes without a literal that start in `starts`.
fn bare_shapes(text: &str, rule: usize, matcher: &TextMatcher, starts: Range<usize>, out: &mut impl Sink) {
    let Token::Shapes(shapes) = &matcher.token else { return };
    let sequences = shapes.iter().flat_map(|shape| shape.sequences().iter().map(move |sequence| (shape, sequence)));
    for (shape, sequence) in sequences.filter(|(_, sequence)| sequence.keyword().is_none()) {
        let mut at = sequence.next_start(text.as_bytes(), starts.clone());
        while at < starts.end {
            let next = match sequence.match_from(text.as_bytes(), at) {
                Some(end) => {
                    let prefix = shape.prefix_len(&text.as_bytes()[at..end]);
                    out.judged(rule, at..end, judge(text, rule, matcher, at..end, at..end, prefix));
                    end
                }
                None => at + 1,
            };
            at = sequence.next_start(text.as_bytes(), next..starts.end);
        }
    }
}

/// Runs a rule's regex around its keywords' hits (the rule and the place, sorted).
pub fn regex_at(text: &str, rules: &RuleSet, hits: &[(usize, usize)], out: &mut impl Sink) {
    let Some(&(rule, _)) = hits.first() else { return };
    let Matcher::Text(matcher) = &rules.rules()[rule].matcher else { return };
    let Token::Regex { before, after, .. } = &matcher.token else { return };
    let mut windows: Vec<Range<usize>> = Vec::new();
    for &(_, hit) in hits {
        let window = widen(text.as_bytes(), hit.saturating_sub(*before), (hit + after).min(text.len()));
        match windows.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => windows.push(window),
        }
    }
    regex_in(text, rule, matcher, windows, out);
}

fn regex_in(text: &str, rule: usize, matcher: &TextMatcher, windows: Vec<Range<usize>>, out: &mut impl Sink) {
    let Token::Regex { regex, armour, .. } = &matcher.token else { return };
    for window in windows {
        let bytes = &text.as_bytes()[window.clone()];
        if !regex.may_match(bytes) {
            continue;
        }
        let groups = regex.secret_groups();
        for captures in regex.get().captures_iter(bytes) {
            let shift = |range: Range<usize>| range.start + window.start..range.end + window.start;
            let Some(whole) = captures.get(0).map(|found| shift(found.range())) else { continue };
            let secret = groups.iter().find_map(|&group| captures.get(group));
            let (mut whole, mut secret) = (whole.clone(), secret.map_or(whole, |found| shift(found.range())));
            if *armour {
                let Some(end) = armour::body_end(text.as_bytes(), secret.end) else {
                    out.judged(rule, secret, Err(Why::NoBody));
                    continue;
                };
                (whole.end, secret.end) = (end, end);
            }
            out.judged(rule, secret.clone(), judge(text, rule, matcher, whole, secret, 0));
        }
    }
}

/// Moves a window's edges to the edges of its lines, so that `\b` and line anchors see the truth.
fn widen(text: &[u8], start: usize, end: usize) -> Range<usize> {
    let floor = start.saturating_sub(LINE_SLACK);
    let start = memchr::memrchr(b'\n', &text[floor..start]).map_or(floor, |at| floor + at + 1);
    let ceiling = (end + LINE_SLACK).min(text.len());
    let end = memchr::memchr(b'\n', &text[end..ceiling]).map_or(ceiling, |at| end + at);
    start..end
}

/// Holds a token against the rule's further conditions.
fn judge(
    text: &str,
    rule: usize,
    matcher: &TextMatcher,
    whole: Range<usize>,
    secret: Range<usize>,
    prefix: usize,
) -> Result<Candidate, Why> {
    let (Some(token), Some(_)) = (text.get(secret.clone()), text.get(whole.clone())) else {
        return Err(Why::CutCharacter);
    };
    let proven = match matcher.check.map(|check| (check, check.verdict(token))) {
        Some((check, Verdict::Fails)) => return Err(Why::Check(check)),
        verdict => verdict.is_some_and(|(_, verdict)| verdict == Verdict::Proven),
    };
    let head = &token[..prefix.min(token.len())];
    if !proven && matches!(matcher.token, Token::Shapes(_)) && in_base64_text(text.as_bytes(), &whole) {
        return Err(Why::InBase64);
    }
    // What a regex cuts out of a line may be anything; a long or wrapped text is a key's body.
    let written = matches!(matcher.token, Token::Regex { .. }) && token.len() <= 200 && !token.contains('\n');
    let filler = !proven && placeholder::is_filler(&token[head.len()..]);
    // `Uid=sa;Pwd=12345678`: a password that people chose is one all the same.
    let weak = filler && written && placeholder::is_weak_password(token);
    if filler && !weak {
        return Err(Why::Filler);
    }
    if !proven && is_revision(&text[..whole.start], token) {
        return Err(Why::Revision);
    }
    // What everyone takes for a password may be one where only a password may stand; of a URL or a login more is known.
    let before = &text[whole.start..secret.start];
    let stated = written && ["password", "passwd", "pass", "secret"].contains(&token) && is_statement(before);
    if written
        && !stated
        && let Some(why) = no_value(token)
    {
        return Err(why);
    }
    if written
        && guess::decoded(token).is_some_and(|inner| placeholder::is_placeholder(&inner) || value::is_type_word(&inner))
    {
        return Err(Why::Placeholder);
    }
    if matcher.random && !proven && !random::has_random_part(&token[head.len()..]) {
        return Err(Why::NotRandom);
    }
    if matcher.random && !matcher.named && value::is_digest_or_uuid(token) && !is_of_hex(&matcher.token) {
        return Err(Why::Revision);
    }
    if !matcher.named && !matcher.near.is_empty() && !is_near(text.as_bytes(), &matcher.near, &whole) {
        return Err(Why::NothingNear);
    }
    let named = if matcher.named { Some(confidence_by_name(text, matcher, token, &whole)?) } else { None };
    let span = Span::new(secret.start, secret.end);
    // What is in armour is shown from its opening line on.
    let opens = |line: &str| text[whole.clone()].starts_with(line);
    let armoured = opens("-----BEGIN ") || opens("---- BEGIN ");
    let shown = if armoured { Span::new(whole.start, secret.end) } else { span };
    let mut candidate = Candidate::new(rule, shown);
    candidate.secret = (!matcher.public).then_some(span);
    candidate.proven = proven;
    // Named on its own line, it is as sure as the rule says.
    candidate.confidence = named.filter(|&confidence| confidence < Confidence::High);
    if weak && token.bytes().all(|byte| byte.is_ascii_digit())
        || stated
        || written && (is_reserved_host_after(&text[secret.end..]) || is_stand_in_url(&text[..secret.start], token))
    {
        candidate.confidence = Some(Confidence::Low);
    }
    tell(text, matcher, token, head, &mut candidate);
    // A token of an issuer that no one can be shows what one looks like.
    let is_of_example = |(name, value): &(String, String)| {
        name == "issuer" && value.split_once("://").is_some_and(|(_, rest)| is_reserved_host_after(&format!("@{rest}")))
    };
    if !proven && candidate.facts.iter().any(is_of_example) {
        candidate.confidence = Some(Confidence::Low);
    }
    Ok(candidate)
}

/// Whether tokens are of hex digits alone. Where they are not, one that is all hex is the digest of something.
fn is_of_hex(token: &Token) -> bool {
    let drawn =
        |shape: &Shape| shape.sample(1).bytes().filter(u8::is_ascii_alphanumeric).all(|byte| byte.is_ascii_hexdigit());
    match token {
        Token::Shapes(shapes) => shapes.iter().any(drawn),
        Token::Regex { .. } => true,
    }
}

/// Whether a password stands after a statement of SQL that sets it: `IDENTIFIED BY '`.
fn is_statement(before: &str) -> bool {
    before.trim_end_matches(['\'', '"', '\\', ' ']).to_ascii_lowercase().ends_with(" by")
}

/// What a text stands for that is written where a value belongs.
fn no_value(token: &str) -> Option<Why> {
    if placeholder::is_placeholder(token) || value::names_a_variable(token) {
        Some(Why::Placeholder)
    } else if value::is_reference(token) {
        Some(Why::Reference)
    } else {
        value::is_type_word(token).then_some(Why::TypeWord)
    }
}

/// How sure what stands around a token makes it, which its own form does not.
fn confidence_by_name(text: &str, matcher: &TextMatcher, token: &str, whole: &Range<usize>) -> Result<Confidence, Why> {
    if !stands_alone(text.as_bytes(), whole) {
        return Err(Why::Piece);
    }
    if matcher.random && random::is_one_word(token) {
        return Err(Why::Word);
    }
    let names =
        Names { provider: &matcher.near, wanted: &matcher.names, unwanted: &matcher.not_names, public: matcher.public };
    let confidence = named(text.as_bytes(), names, whole).map_err(Why::Unnamed)?;
    // What has the length of a digest may be the digest of what it is named after.
    let drawn = || {
        !token.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
            && token.bytes().any(|byte| byte.is_ascii_digit())
            && random::looks_random(token)
    };
    let lifted = confidence == Confidence::Low
        && !matcher.public
        && is_named_as_provider(text.as_bytes(), &matcher.near, whole)
        && drawn();
    Ok(if lifted { Confidence::Medium } else { confidence })
}

/// Whether forty hex digits are a revision: `uses: owner/action@...`.
fn is_revision(before: &str, token: &str) -> bool {
    token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()) && before.ends_with('@')
}

/// Whether `rest` starts with `@` and a host that no one can own: those of documentation and tests
/// (RFC 2606, RFC 6761).
fn is_reserved_host_after(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('@') else { return false };
    let host = rest.split(|next: char| !next.is_ascii_alphanumeric() && !matches!(next, '.' | '-')).next();
    let mut labels = host.unwrap_or_default().trim_end_matches('.').rsplit('.').map(str::to_ascii_lowercase);
    match labels.next().as_deref() {
        Some("example" | "test" | "invalid" | "localhost") => labels.next().is_some(),
        Some("com" | "net" | "org" | "edu") => labels.next().as_deref() == Some("example"),
        _ => false,
    }
}

/// Whether a password and the user before it in a URL only show where they go.
fn is_stand_in_url(before: &str, password: &str) -> bool {
    const LONGEST_USER: usize = 100;
    let from = floor_char(before, before.len().saturating_sub(LONGEST_USER));
    guess::is_stand_in_after(&before[from..], password) || follows_reserved_host(&before[from..])
}

/// Whether a password is an option of an address at a host that no one can own:
/// `jdbc:postgresql://db.example.com/app?user=x&password=`.
fn follows_reserved_host(before: &str) -> bool {
    let Some((_, rest)) = before.rsplit_once("://") else { return false };
    let whole = !rest.contains(|next: char| next.is_whitespace() || matches!(next, '"' | '\'' | '@'));
    whole && is_reserved_host_after(&format!("@{rest}"))
}

/// Bytes before and after a token that are read for what they tell about it: the JSON of a service
/// account, the rest of a connection string.
const AROUND: (usize, usize) = (2500, 1500);

/// Puts into a candidate what its token tells about itself.
fn tell(text: &str, matcher: &TextMatcher, token: &str, head: &str, candidate: &mut Candidate) {
    let span = candidate.span.range();
    let from = floor_char(text, span.start.saturating_sub(AROUND.0));
    let to = ceil_char(text, (span.end + AROUND.1).min(text.len()));
    if candidate.proven {
        candidate.confidence = Some(Confidence::High);
        candidate.facts.push(("format".to_owned(), "verified checksum".to_owned()));
    }
    let facts = matcher.check.map(|check| check.facts(token, &text[from..to])).unwrap_or_default();
    candidate.severity = matcher.check.and_then(|check| check.severity(token));
    candidate.facts.extend(facts.into_iter().chain(mode(head)).map(|(name, value)| (name.to_owned(), value)));
}

/// All matches of a rule without prefilter and windows: what they must agree with. In files
/// without `settings`, shapes without a literal are not looked for.
pub fn everywhere(text: &str, rules: &RuleSet, rule: usize, settings: bool, out: &mut impl Sink) {
    let Matcher::Text(matcher) = &rules.rules()[rule].matcher else { return };
    match &matcher.token {
        Token::Shapes(shapes) => {
            bare_shapes(text, rule, matcher, 0..if settings { text.len() } else { 0 }, out);
            for (shape, sequence, keyword) in shapes.iter().enumerate().flat_map(|(at, shape)| keywords(at, shape)) {
                for place in memchr::memmem::find_iter(text.as_bytes(), keyword) {
                    shape_at(text, rules, rule, shape, sequence, place, out);
                }
            }
        }
        Token::Regex { .. } => regex_in(text, rule, matcher, std::iter::once(0..text.len()).collect(), out),
    }
}

fn keywords(shape_at: usize, shape: &Shape) -> impl Iterator<Item = (usize, usize, &[u8])> {
    let sequences = shape.sequences().iter().enumerate();
    sequences.filter_map(move |(sequence, entry)| Some((shape_at, sequence, entry.keyword()?)))
}
