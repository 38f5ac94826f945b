//! What stands around a token: the words of its provider, and whether it is named as a credential.

use super::why::Unnamed;
use crate::finding::Confidence;
use std::ops::Range;

/// How far lines before a token count as near it.
const NEAR_LINES: usize = 3;
/// Bytes that a nearness test looks back at the most; lines of minified code are long.
const NEAR_BYTES: usize = 400;
/// Bytes of a token without a literal of its own that starts before the word that vouches for it.
const MAX_BARE: usize = 512;
/// Bytes of its line before a token that name it.
const NAME_BYTES: usize = 160;

/// Words that say "credential". Parts of words count: `apikey`, `authToken`.
const TELLING: &[&[u8]] = &[
    b"key",
    b"token",
    b"secret",
    b"pass",
    b"pwd",
    b"auth",
    b"bearer",
    b"cred",
    b"api",
    b"sid",
    b"access",
    b"private",
    b"login",
    b"licen",
    b"webhook",
    b"signature",
    b"salt",
    b"session",
    b"cookie",
    b"-u ",
    b"jwt",
    b"client",
];

/// Ends of names of what stands beside a secret and is none: `CLIENT_ID`, `siteKey`.
const IDENTIFIERS: &[&str] = &[
    "clientid",
    "appid",
    "applicationid",
    "tenantid",
    "accountid",
    "userid",
    "project",
    "projectid",
    "workspaceid",
    "orgid",
    "organizationid",
    "organisationid",
    "teamid",
    "merchantid",
    "keyid",
    "publickey",
    "publishablekey",
    "sitekey",
    "username",
    "email",
];

/// Words that say that a random value is no credential.
const OTHERWISE: &[&[u8]] = &[
    b"sha1",
    b"sha256",
    b"sha-256",
    b"sha384",
    b"sha512",
    b"md5",
    b"checksum",
    b"digest",
    b"integrity",
    b"commit",
    b"revision",
    b"etag",
    b"fingerprint",
    b"guid",
    b"trace",
    b"public key",
    b"hash",
    b"request_id",
    b"requestid",
    b"nonce",
    b"version",
    b"resolved",
    b"h1:",
    b"deviceid",
    b"device_id",
];

/// Where tokens may start that a word at `hit` can be near to, as [`is_near`] has it.
pub fn may_vouch(text: &[u8], hit: usize) -> Range<usize> {
    let floor = hit.saturating_sub(NEAR_BYTES + MAX_BARE);
    let start = memchr::memrchr(b'\n', &text[floor..hit]).map_or(floor, |at| floor + at + 1);
    let ceiling = (hit + NEAR_BYTES).min(text.len());
    let end = memchr::memchr_iter(b'\n', &text[hit..ceiling]).nth(NEAR_LINES).map_or(ceiling, |at| hit + at);
    start..end
}

/// Whether one of `words` stands on the token's line or shortly before it.
pub fn is_near(text: &[u8], words: &[String], token: &Range<usize>) -> bool {
    let floor = token.start.saturating_sub(NEAR_BYTES);
    let start = memchr::memrchr_iter(b'\n', &text[floor..token.start]).nth(NEAR_LINES).map_or(floor, |at| floor + at);
    // The token itself does not vouch for itself.
    let around =
        [&text[start..token.start], &text[token.end..line_end(text, token.end)]].map(<[u8]>::to_ascii_lowercase);
    words.iter().any(|word| around.iter().any(|side| memchr::memmem::find(side, word.as_bytes()).is_some()))
}

/// The words that a token is judged by, folded.
#[derive(Debug, Clone, Copy)]
pub struct Names<'w> {
    /// Name the provider: one must stand near the token.
    pub provider: &'w [String],
    /// Name the token: one must stand before it on its line. Empty: any that says "credential".
    pub wanted: &'w [String],
    /// None of these may stand in its name.
    pub unwanted: &'w [String],
    /// It is an identifier, not a secret.
    pub public: bool,
}

/// How sure it is that a token is a credential of the provider that the words name, by what stands
/// around it.
///
/// # Errors
/// Why nothing says so.
pub fn named(text: &[u8], names: Names<'_>, token: &Range<usize>) -> Result<Confidence, Unnamed> {
    let words = names.provider;
    let mut line_start = memchr::memrchr(b'\n', &text[..token.start]).map_or(0, |at| at + 1);
    let from = |start: usize| &text[start.max(token.start.saturating_sub(NAME_BYTES))..token.start];
    let mut before = from(line_start).to_ascii_lowercase();
    if VALUE_NAMES.contains(&last_name(&before).as_str()) {
        line_start = line_above(text, line_start);
        before = from(line_start).to_ascii_lowercase();
    }
    let line = from(line_start);
    let holds = |words: &[&[u8]]| words.iter().any(|word| memchr::memmem::find(&before, word).is_some());
    // The provider's own name may hold such a word.
    let mut others = before.clone();
    for word in words.iter().map(String::as_str).chain(["hashicorp"]) {
        let places: Vec<usize> = memchr::memmem::find_iter(&before, word.as_bytes()).collect();
        places.into_iter().for_each(|at| others[at..at + word.len()].fill(b' '));
    }
    // `formsite_key` is no `site_key`.
    let name = last_name(&others);
    // `public string key` is a secret, `publicKey` is none.
    if name.contains("public")
        || name.ends_with("sha")
        || OTHERWISE.iter().any(|word| memchr::memmem::find(&others, word).is_some())
    {
        return Err(Unnamed::Otherwise);
    }
    let unwanted = names.unwanted.iter().any(|word| name.contains(word.as_str()));
    if unwanted || !names.public && IDENTIFIERS.iter().any(|end| name.ends_with(end)) {
        return Err(Unnamed::Identifier);
    }
    let floor = token.start.saturating_sub(NEAR_BYTES);
    let start = memchr::memrchr_iter(b'\n', &text[floor..token.start]).nth(NEAR_LINES).map_or(floor, |at| floor + at);
    let stands = |range: Range<usize>| words.iter().any(|word| stands_in(text, range.clone(), word));
    let same_line = stands(start.max(line_start)..token.start) || stands(token.end..line_end(text, token.end));
    let wanted = |word: &String| memchr::memmem::find(&before, word.as_bytes()).is_some();
    // `DEVOPS_EXT_PAT`: a personal access token; a path is none.
    let is_telling = || holds(TELLING) || name.ends_with("pat");
    if if names.wanted.is_empty() { is_telling() } else { names.wanted.iter().any(wanted) } {
        let before = || stands(start..token.start).then_some(Confidence::Medium);
        return if same_line { Ok(Confidence::High) } else { before().ok_or(Unnamed::Provider) };
    }
    if !names.wanted.is_empty() {
        return Err(Unnamed::Nameless);
    }
    let assigned = matches!(
        line.trim_ascii_end()
            .strip_suffix(b"\"")
            .or(line.trim_ascii_end().strip_suffix(b"'"))
            .unwrap_or(line)
            .trim_ascii_end(),
        [.., b'=' | b':' | b'(' | b',' | b'>']
    );
    if !same_line || !assigned {
        return Err(Unnamed::Nameless);
    }
    // `Box("id", "token")`: a client of the provider is given what logs it in.
    let quoted = matches!(line.last(), Some(b'"' | b'\'' | b'`'));
    let called = quoted && callee_around(text, start.max(line_start)..token.start).is_some_and(stands);
    Ok(if called { Confidence::Medium } else { Confidence::Low })
}

/// Whether the name of a token's value is that of its provider and nothing else: `Box: token`, `("box", "token")`.
pub fn is_named_as_provider(text: &[u8], words: &[String], token: &Range<usize>) -> bool {
    let floor = token.start.saturating_sub(NAME_BYTES);
    let start = memchr::memrchr(b'\n', &text[floor..token.start]).map_or(floor, |at| floor + at + 1);
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    let before = text[start..token.start].trim_ascii_end();
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before).trim_ascii_end();
    // Markdown: `**Box:** token`
    let bold = before.strip_suffix(b"**").filter(|before| before.ends_with(b":"));
    let Some((b':' | b'=' | b',', before)) = bold.unwrap_or(before).split_last() else { return false };
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"**").unwrap_or(before);
    let (quote, name_end) = match before.split_last() {
        Some((quote, rest)) if is_quote(quote) => (Some(*quote), rest),
        _ => (None, before),
    };
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-');
    let length = name_end.iter().rev().take_while(is_name).count();
    let (lead, name) = name_end.split_at(name_end.len() - length);
    let opens = match (quote, lead.last()) {
        (Some(quote), before) => before == Some(&quote),
        (None, before) => matches!(before, None | Some(b'*' | b'{' | b'(' | b',' | b'#' | b'>' | b'\t')),
    };
    let glued = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let name = glued(name);
    opens && !name.is_empty() && words.iter().any(|word| glued(word.as_bytes()) == name)
}

/// The name of the call whose arguments the end of `before` stands among, without what it is read from.
fn callee_around(text: &[u8], before: Range<usize>) -> Option<Range<usize>> {
    let mut depth = 0usize;
    for at in before.clone().rev() {
        match text[at] {
            b')' | b']' | b'}' => depth += 1,
            b'(' if depth == 0 => {
                // `Box.instance().start(`
                let name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_.:()".contains(byte);
                let length = text[before.start..at].iter().rev().take_while(name).count();
                return Some(at - length..at);
            }
            b'[' | b'{' | b';' if depth == 0 => return None,
            b'(' | b'[' | b'{' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a token that only its length and alphabet tell is no piece of a longer one: a run of
/// letters between the marks of a base64 text or a dotted name.
pub fn stands_alone(text: &[u8], token: &Range<usize>) -> bool {
    let before = token.start.checked_sub(1).map(|at| text[at]);
    let (next, after) = (text.get(token.end), text.get(token.end + 1));
    let goes_on = next == Some(&b'.') && after.is_some_and(u8::is_ascii_alphanumeric);
    let marks = matches!(before, Some(b'+' | b'/' | b'-' | b'.')) || matches!(next, Some(b'+' | b'/' | b'-'));
    !marks && !goes_on
}

/// Whether a token is a whole line of a text in base64, as keys and certificates are cut into lines of one length.
fn is_line_of_armour(text: &[u8], token: &Range<usize>) -> bool {
    // Lines of 64 characters (PEM) or 76 (MIME).
    let length = token.len();
    if !matches!(length, 64 | 76) {
        return false;
    }
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    // What stands between two lines: a line end, or one that is written in a string.
    let gap = |byte: &u8| byte.is_ascii_whitespace() || b"\\nr\"'+,".contains(byte);
    let before = &text[token.start.saturating_sub(length + 16)..token.start];
    let after = &text[token.end..(token.end + length + 16).min(text.len())];
    let above = before.iter().rev().skip_while(|byte| gap(byte)).take_while(|byte| part(byte)).count();
    let below = after.iter().skip_while(|byte| gap(byte)).take_while(|byte| part(byte)).count();
    before.ends_with(b"\n") && above >= length - 1 || after.starts_with(b"\n") && below >= length - 1
}

/// Whether a token is a piece of a long base64 text, as images and archives are written.
pub fn in_base64_text(text: &[u8], token: &Range<usize>) -> bool {
    const LONG: usize = 48;
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mark = |byte: Option<&u8>| matches!(byte, Some(b'+' | b'/'));
    let before = &text[token.start.saturating_sub(LONG)..token.start];
    let after = &text[token.end..(token.end + LONG).min(text.len())];
    is_line_of_armour(text, token)
        || mark(before.last()) && before.iter().filter(part).count() == LONG
        || mark(after.first()) && after.iter().filter(part).count() == LONG
}

/// The name that ends a folded line before its value, its words glued: `clientid` of
/// `{"client_id": "`.
fn last_name(before: &[u8]) -> String {
    let marks = |byte: &u8| !byte.is_ascii_alphanumeric();
    let end = before.iter().rposition(|byte| !marks(byte)).map_or(0, |last| last + 1);
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let start = before[..end].iter().rposition(|byte| !part(byte)).map_or(0, |mark| mark + 1);
    before[start..end].iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|&byte| char::from(byte)).collect()
}

/// Names that say no more than that a value follows; what names it stands on the line above: `name: NAME`
/// and below it `value: ..`.
const VALUE_NAMES: &[&str] = &["value", "defaultvalue", "default", "stringvalue", "string", "content"];

/// Where the line above one starts, as far back as names are looked for.
fn line_above(text: &[u8], line_start: usize) -> usize {
    let end = line_start.saturating_sub(1);
    let floor = end.saturating_sub(NAME_BYTES);
    memchr::memrchr(b'\n', &text[floor..end]).map_or(floor, |at| floor + at + 1)
}

fn line_end(text: &[u8], from: usize) -> usize {
    let ceiling = (from + NEAR_BYTES).min(text.len());
    memchr::memchr(b'\n', &text[from..ceiling]).map_or(ceiling, |at| from + at)
}

fn stands_in(text: &[u8], range: Range<usize>, word: &str) -> bool {
    let folded = text[range.clone()].to_ascii_lowercase();
    memchr::memmem::find_iter(&folded, word.as_bytes()).any(|at| is_whole_word(text, range.start + at, word.len()))
}

/// Whether the word at `at` is not a part of a longer one: `box` stands in `BOX_KEY`, `boxKey` and
/// `box.com`, not in `checkbox` or `boxing`. What names glue to it may follow (`boxapikey`).
pub fn is_whole_word(text: &[u8], at: usize, len: usize) -> bool {
    let (first, last) = (text[at], text[at + len - 1]);
    // `-Dbox.login=`: a property that Java is given.
    let property = at >= 2 && &text[at - 2..at] == b"-D";
    let starts = match at.checked_sub(1).map(|before| text[before]).filter(|_| !property) {
        Some(before) if before.is_ascii_lowercase() => first.is_ascii_uppercase(),
        Some(before) if before.is_ascii_uppercase() => {
            first.is_ascii_uppercase() && text.get(at + 1).is_some_and(u8::is_ascii_lowercase)
        }
        Some(before) => !before.is_ascii_digit() || !first.is_ascii_digit(),
        None => true,
    };
    let rest = &text[at + len..];
    let ends = match rest.first() {
        _ if !last.is_ascii_alphanumeric() => true,
        Some(next) if next.is_ascii_lowercase() => {
            last.is_ascii_uppercase() && len > 1 && !text[at + len - 2].is_ascii_uppercase()
        }
        Some(next) if next.is_ascii_uppercase() => last.is_ascii_lowercase() || last.is_ascii_digit(),
        _ => true,
    };
    const GLUED: &[&[u8]] =
        &[b"api", b"key", b"token", b"secret", b"auth", b"access", b"client", b"app", b"pass", b"pwd", b"user", b"id"];
    let glued = || {
        let next = rest[..rest.len().min(6)].to_ascii_lowercase();
        GLUED.iter().any(|word| next.starts_with(word))
    };
    starts && (ends || glued())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words() {
        let stands = |text: &str| {
            let at = text.to_ascii_lowercase().find("box").expect("it is in each text");
            is_whole_word(text.as_bytes(), at, 3)
        };
        for text in [
            "box",
            "BOX_KEY",
            "boxKey",
            "my_box_x",
            "theBox.com",
            "Box2",
            "https://box.com",
            "boxapikey",
            "BOXAPIKEY",
            "aBoxKey",
            "-Dbox.login",
        ] {
            assert!(stands(text), "{text}");
        }
        for text in ["checkbox", "CHECKBOX", "boxing", "BOXING", "inboxes", "Boxer"] {
            assert!(!stands(text), "{text}");
        }
    }

    #[test]
    fn words_with_their_mark() {
        assert!(is_whole_word(b"fal_client", 0, 4) && is_whole_word(b"api.fal.ai", 4, 4));
        assert!(!is_whole_word(b"default_x", 4, 4));
    }

    fn judge(text: &str) -> Option<Confidence> {
        let at = text.find("q7w").expect("it is in each text");
        judge_by(text, at, &[], &[])
    }

    fn judge_by(text: &str, at: usize, wanted: &[&str], unwanted: &[&str]) -> Option<Confidence> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (provider, wanted, unwanted) = (words(&["box"]), words(wanted), words(unwanted));
        let names = Names { provider: &provider, wanted: &wanted, unwanted: &unwanted, public: false };
        named(text.as_bytes(), names, &(at..at + 3)).ok()
    }

    #[test]
    fn identifiers_are_told_from_secrets() {
        for text in ["BOX_CLIENT_ID=q7w", "box: { clientId: 'q7w' }", "box_app.site-key: q7w", "<box-user-id>q7w"] {
            assert_eq!(judge(text), None, "{text}");
        }
        for text in ["box.publicKey = 'q7w'", "BOX_PUBLIC_TOKEN=q7w", "Public key of box: q7w"] {
            assert_eq!(judge(text), None, "{text}");
        }
        for text in ["public string boxKey = \"q7w\"", "- name: BOX_KEY\n  value: q7w"] {
            assert_eq!(judge(text), Some(Confidence::High), "{text}");
        }
        assert_eq!(judge("BOX_EXT_PAT=q7w"), Some(Confidence::High));
        for text in ["box({client_id: 'abc', client_secret: 'q7w'})", "BOX_SECRET_ID=q7w", "box_keys=q7w"] {
            assert_eq!(judge(text), Some(Confidence::High), "{text}");
        }
    }

    #[test]
    fn a_client_of_the_provider_is_given_credentials() {
        for text in [
            "box('id-1', 'q7w')",
            "it = new BoxSdk(\"q7w\")",
            "Box.get().start(ctx, 'q7w')",
            "box.connect(to(1), 'q7w', 2)",
        ] {
            assert_eq!(judge(text), Some(Confidence::Medium), "{text}");
        }
        for text in ["box = open('q7w')", "fit(box, 'q7w')", "box(list['q7w'", "box = 'q7w'"] {
            assert_ne!(judge(text), Some(Confidence::Medium), "{text}");
        }
    }

    #[test]
    fn names_that_a_rule_wants() {
        let at = |text: &str| text.find("q7w").expect("it is in each text");
        for (text, found) in [("BOX_SECRET=q7w", true), ("BOX_KEY=q7w", false), ("BOX_SEARCH_SECRET=q7w", false)] {
            assert_eq!(judge_by(text, at(text), &["secret"], &["search"]).is_some(), found, "{text}");
        }
    }

    #[test]
    fn pieces_of_longer_tokens() {
        for (text, alone) in [("k=abc", true), ("x/abc", false), ("abc+y", false), ("abc.", true), ("abc.de", false)] {
            let at = text.find("abc").expect("it is in each text");
            assert_eq!(stands_alone(text.as_bytes(), &(at..at + 3)), alone, "{text}");
        }
    }

    #[test]
    fn images_hold_no_tokens() {
        let inside = |text: &str| {
            let at = text.find("EAAtoken").expect("it is in each text");
            in_base64_text(text.as_bytes(), &(at..at + 8))
        };
        let blob = "iVBORw0KGgoAAAANSUhEUgAAAfQAAAEsCAYAAAA1u0HIAAAABHN";
        assert!(inside(&format!("{blob}/EAAtoken+x")) && inside(&format!("EAAtoken/{blob}")));
        assert!(!inside("https://graph.acme.io/v2/EAAtoken/me") && !inside(&format!("{blob} EAAtoken")));
    }

    #[test]
    fn names_of_tokens() {
        for text in ["BOX_API_KEY=q7w", "{box: {token: 'q7w'}}", "curl -u q7w: https://box.com/"] {
            assert_eq!(judge(text), Some(Confidence::High), "{text}");
        }
        for text in ["box:\n  token: 'q7w'", "# key of Box\nAUTH = \"q7w\""] {
            assert_eq!(judge(text), Some(Confidence::Medium), "{text}");
        }
        for text in ["box = 'q7w'", "box = fit(\"q7w\")"] {
            assert_eq!(judge(text), Some(Confidence::Low), "{text}");
        }
        for text in ["box q7w", "checkbox_key = q7w", "box_key_sha256 = q7w", "box\n\n\n\n\nkey = q7w", "x = q7w"] {
            assert_eq!(judge(text), None, "{text}");
        }
    }

    #[test]
    fn values_named_as_their_provider() {
        let is = |text: &str| {
            let at = text.find("q7w").expect("it is in each text");
            is_named_as_provider(text.as_bytes(), &["box".to_owned(), "bigbox".to_owned()], &(at..at + 3))
        };
        for text in [
            "Box: q7w",
            "- **Box**: q7w",
            "- **Box:** q7w",
            "x = (\"box\", \"q7w\")",
            "Big Box: q7w",
            "  box = 'q7w'",
            "{ box: 'q7w' }",
            "\n\"box\": \"q7w\"",
        ] {
            assert!(is(text), "{text}");
        }
        for text in ["the red box: q7w", "box q7w", "tool.box: q7w", "box: 1, id: q7w", "x('box', id, 'q7w')"] {
            assert!(!is(text), "{text}");
        }
    }
}
