//! Tokens that decode: what their parts must be, and what they tell about whose they are.

use super::Fact;
use super::encoding::{base32, base64, json_object, sample_bytes, to_base64, to_base64url};
use crate::finding::Severity;
use serde_json::{Map, Value};

/// The longest value of a fact: claims may hold whole texts.
const MAX_FACT: usize = 80;

fn shown(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.chars().take(MAX_FACT).collect()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(all) => shown(all.first()),
        _ => None,
    }
}

fn named(object: &Map<String, Value>, keys: &[(&str, &'static str)]) -> Vec<Fact> {
    keys.iter().filter_map(|(key, name)| Some((*name, shown(object.get(*key))?))).collect()
}

/// Seconds since 1970 as a date (days to civil, Hinnant).
pub(super) fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{}-{month:02}-{day:02}", year_of_era + era * 400 + i64::from(month <= 2))
}

/// The header and claims of a JWT.
fn jwt_parts(token: &str) -> Option<(Map<String, Value>, Value)> {
    // GitHub puts an app's number in front of a stateless token.
    let mut parts = token.get(token.find("eyJ").or(token.find("ew"))?..)?.split('.');
    let header = json_object(&base64(parts.next()?)?)?;
    let claims = serde_json::from_slice(&base64(parts.next()?)?).unwrap_or(Value::Null);
    Some((header, claims))
}

/// Whether a token's header names an algorithm; the sample of jwt.io is in every tutorial.
pub(super) fn jwt(token: &str) -> Option<bool> {
    let (header, claims) = jwt_parts(token)?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str);
    let sample = claim("sub") == Some("1234567890") && claim("name") == Some("John Doe");
    let is_whole = if token.split('.').count() == 5 { header.contains_key("enc") } else { claims.is_object() };
    Some(header.contains_key("alg") && is_whole && !sample)
}

/// Of what kind a subject is; who it is stays out of reports.
fn subject_kind(subject: &str) -> String {
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let kind = match subject {
        _ if subject.starts_with("system:serviceaccount:") => return subject.chars().take(MAX_FACT).collect(),
        _ if subject.contains('@') => "an e-mail address",
        _ if subject.len() == 36 && is_hex(subject) => "a UUID",
        _ if subject.bytes().all(|byte| byte.is_ascii_digit()) => "a number",
        _ if subject.contains('|') => "an account of an identity provider",
        _ => "a name",
    };
    kind.to_owned()
}

/// Who issued a JWT to what, and until when it is valid.
pub(super) fn jwt_facts(token: &str) -> Vec<Fact> {
    let Some((header, claims)) = jwt_parts(token) else { return Vec::new() };
    let mut facts = named(&header, &[("alg", "algorithm"), ("enc", "encryption")]);
    let Some(claims) = claims.as_object() else { return facts };
    facts.extend(named(claims, &[("iss", "issuer"), ("aud", "audience"), ("role", "role"), ("scope", "scope")]));
    facts.extend(named(claims, &[("ref", "project"), ("tid", "tenant"), ("appid", "application")]));
    facts.extend(shown(claims.get("sub")).map(|subject| ("subject", subject_kind(&subject))));
    let day = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| date(seconds as i64));
    facts.extend(day("iat").map(|day| ("issued", day)));
    facts.push(("expires", day("exp").unwrap_or_else(|| "never".to_owned())));
    facts
}

/// How bad a JWT of a certain role is, where that differs from the rule's own severity.
pub(super) fn jwt_severity(token: &str) -> Option<Severity> {
    let (header, claims) = jwt_parts(token)?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    match (claim("role"), claim("iss")) {
        ("service_role" | "supabase_admin", _) => Some(Severity::Critical),
        // Supabase's key for browsers: public by design, row policies guard the data.
        ("anon", "supabase") => Some(Severity::Info),
        (_, "kubernetes/serviceaccount") => Some(Severity::Critical),
        _ if claim("scope").split_whitespace().any(|scope| scope == "admin") => Some(Severity::High),
        _ if header.get("alg").and_then(Value::as_str).is_some_and(|alg| alg.eq_ignore_ascii_case("none")) => {
            Some(Severity::Low)
        }
        _ => None,
    }
}

/// A token with a readable payload: where its base64 stands, the keys its JSON must have, and what
/// they are called.
pub(super) struct JsonForm {
    /// Cuts the base64 out of the token.
    pub(super) part: fn(&str) -> Option<&str>,
    /// Keys that must be there.
    pub(super) keys: &'static [&'static str],
    /// Keys whose values are facts.
    pub(super) facts: &'static [(&'static str, &'static str)],
}

/// Sentry organisation tokens: `sntrys_`, JSON, `_`, 43 characters.
pub(super) const SENTRY: JsonForm = JsonForm {
    part: |token| token.strip_prefix("sntrys_")?.rsplit_once('_').map(|(part, _)| part),
    keys: &["iat", "url", "org"],
    facts: &[("url", "server"), ("org", "organization")],
};
/// Grafana's keys before service accounts.
pub(super) const GRAFANA: JsonForm =
    JsonForm { part: |token| Some(token), keys: &["k", "n", "id"], facts: &[("n", "name"), ("id", "organization")] };
/// Grafana Cloud access policy tokens.
pub(super) const GRAFANA_CLOUD: JsonForm = JsonForm {
    part: |token| token.strip_prefix("glc_"),
    keys: &["o", "n", "k"],
    facts: &[("o", "organization"), ("n", "name")],
};
/// 1Password service accounts.
pub(super) const ONE_PASSWORD: JsonForm = JsonForm {
    part: |token| token.strip_prefix("ops_"),
    keys: &["signInAddress", "userAuth", "secretKey"],
    facts: &[("signInAddress", "server"), ("email", "account")],
};
/// Cloudflare tunnel tokens: account, tunnel, secret.
pub(super) const CLOUDFLARE_TUNNEL: JsonForm =
    JsonForm { part: |token| Some(token), keys: &["a", "t", "s"], facts: &[("a", "account"), ("t", "tunnel")] };
/// Mapbox tokens: `pk.`, `sk.` or `tk.`, JSON, `.`, 22 characters.
pub(super) const MAPBOX: JsonForm =
    JsonForm { part: |token| token.split('.').nth(1), keys: &["u", "a"], facts: &[("u", "user"), ("a", "token id")] };

impl JsonForm {
    fn object(&self, token: &str) -> Option<Map<String, Value>> {
        json_object(&base64((self.part)(token)?)?)
    }

    pub(super) fn fits(&self, token: &str) -> Option<bool> {
        let object = self.object(token)?;
        Some(self.keys.iter().all(|key| object.contains_key(*key)))
    }

    pub(super) fn facts(&self, token: &str) -> Vec<Fact> {
        self.object(token).map(|object| named(&object, self.facts)).unwrap_or_default()
    }

    /// A payload for samples.
    pub(super) fn sample(&self, seed: u64) -> String {
        let word = |at: usize| to_base64url(&sample_bytes(seed.wrapping_add(at as u64), 15));
        let mut object = Map::new();
        for (at, key) in self.keys.iter().enumerate() {
            let value = if *key == "iat" { Value::from(1_700_000_000 + seed) } else { Value::from(word(at)) };
            object.insert((*key).to_owned(), value);
        }
        // What the shapes of these tokens open with is the first key.
        let first = self.keys.first().copied().unwrap_or_default();
        let head = object.remove(first).unwrap_or(Value::Null);
        let rest = Value::Object(object).to_string();
        to_base64(format!("{{\"{first}\":{head},{}", &rest[1..]).as_bytes())
    }
}

/// The account of an AWS key id issued since 2019 (Bitwise: 40 bits after the first byte's sign).
pub(super) fn aws_account(token: &str) -> Option<String> {
    let body = token.get(4..20)?;
    // Ids issued before hold no account; their fifth character is below Q.
    if body.as_bytes()[0] < b'Q' {
        return None;
    }
    let bytes = base32(body)?;
    let number = bytes.iter().take(6).fold(0u64, |number, &byte| number << 8 | u64::from(byte));
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    (account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

/// Whether an AWS key id has the alphabet that issued ones have, and is none of the documentation's.
pub(super) fn aws_key_id(token: &str) -> Option<bool> {
    let body = token.get(4..)?;
    let issued = body.len() == 16 && body.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    Some(issued && !token.ends_with("EXAMPLE"))
}

/// `ABSK` and base64 of `BedrockAPIKey-<letters>-at-<account>:<secret>`.
fn bedrock_name(token: &str) -> Option<String> {
    let bytes = base64(token.strip_prefix("ABSK")?)?;
    let text = String::from_utf8(bytes).ok()?;
    text.split_once(':').map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("BedrockAPIKey-"))
}

pub(super) fn bedrock(token: &str) -> Option<bool> {
    bedrock_name(token).map(|name| name.contains("-at-"))
}

pub(super) fn bedrock_account(token: &str) -> Option<String> {
    bedrock_name(token)?.rsplit_once("-at-").map(|(_, account)| account.to_owned())
}

/// An AWS session token: bytes that hold `origin_ec` or open with `er/aws`.
pub(super) fn aws_session(token: &str) -> Option<bool> {
    let head: String = token.chars().take(24).collect();
    let bytes = base64(head.trim_end_matches('='))?;
    let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    Some(holds(b"origin_ec") || holds(b"er/aws"))
}

/// An SES password for SMTP: 33 bytes, the first of them the version.
pub(super) fn ses_smtp(token: &str) -> Option<bool> {
    let bytes = base64(token)?;
    Some(bytes.len() == 33 && bytes[0] == 4)
}

/// The numeric id of a Discord bot, if it can be one: ids count milliseconds since 2015 in their
/// upper bits.
pub(super) fn discord_id(token: &str) -> Option<u64> {
    let id = String::from_utf8(base64(token.split('.').next()?)?).ok()?;
    let number: u64 = id.parse().ok()?;
    // 2^40 milliseconds last to 2049.
    ((17..=20).contains(&id.len()) && number >> 22 < 1 << 40).then_some(number)
}

/// A Docker login or HTTP Basic value: text with a colon.
pub(super) fn basic_auth(token: &str) -> Option<bool> {
    let text = String::from_utf8(base64(token)?).ok()?;
    let (user, password) = text.split_once(':')?;
    let printable = text.chars().all(|letter| !letter.is_control());
    // Those that the descriptions of HTTP show are known to everyone.
    let sample = matches!(
        (user, password),
        ("user" | "username", "password" | "pass")
            | ("foo", "bar")
            | ("Aladdin" | "aladdin", "open sesame" | "OpenSesame" | "opensesame")
            | ("test", "123\u{a3}")
            | ("s6BhdRkqt3", _)
    );
    Some(printable && !password.is_empty() && !sample)
}

pub(super) fn basic_user(token: &str) -> Option<String> {
    let text = String::from_utf8(base64(token)?).ok()?;
    text.split_once(':').map(|(user, _)| user.chars().take(MAX_FACT).collect()).filter(|user: &String| !user.is_empty())
}

/// JFrog reference token: `reftkn:<n>:<expiry>:<random>`.
pub(super) fn jfrog_reference(token: &str) -> Option<bool> {
    let text = String::from_utf8(base64(token)?).ok()?;
    let mut parts = text.split(':');
    let digits = |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    Some(parts.next() == Some("reftkn") && digits(parts.next()) && digits(parts.next()) && parts.next().is_some())
}

pub(super) fn jfrog_expiry(token: &str) -> Option<String> {
    let text = String::from_utf8(base64(token)?).ok()?;
    let seconds: i64 = text.split(':').nth(2)?.parse().ok()?;
    Some(if seconds == 0 { "never".to_owned() } else { date(seconds) })
}

/// A personal token of Jira, Confluence or Bamboo on own servers: digits, a colon, random bytes.
pub(super) fn atlassian_server(token: &str) -> Option<bool> {
    let bytes = base64(token.strip_prefix("BBDC-").unwrap_or(token))?;
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    Some((6..=14).contains(&digits) && bytes.get(digits) == Some(&b':') && bytes.len() > digits + 15)
}

/// An Intercom token: base64 of `tok:` and an id.
pub(super) fn intercom(token: &str) -> Option<bool> {
    Some(base64(token)?.starts_with(b"tok:"))
}

/// A Fernet token: version 0x80, eight bytes of time, blocks of sixteen.
pub(super) fn fernet(token: &str) -> Option<bool> {
    let bytes = base64(token)?;
    Some(bytes.first() == Some(&0x80) && bytes.len() >= 73 && (bytes.len() - 73) % 16 == 0)
}

pub(super) fn fernet_date(token: &str) -> Option<String> {
    let bytes = base64(token)?;
    let seconds = u64::from_be_bytes(bytes.get(1..9)?.try_into().ok()?);
    i64::try_from(seconds).ok().map(date)
}

/// A WireGuard (X25519) private key: 32 bytes, clamped.
pub(super) fn wireguard(token: &str) -> Option<bool> {
    let bytes = base64(token)?;
    Some(bytes.len() == 32 && bytes[0] & 7 == 0 && (64..128).contains(&bytes[31]))
}

/// A macaroon of the Python index: location, identifier, caveats, signature, and nothing after it.
pub(super) fn pypi(token: &str) -> Option<bool> {
    let bytes = base64(token.strip_prefix("pypi-")?)?;
    let mut rest = bytes.strip_prefix(&[2, 1])?;
    let mut location = None;
    // The first field's type was taken with the version; each field is type, length, bytes.
    loop {
        let (len, after) = varint(rest)?;
        let (value, after) = after.split_at_checked(len)?;
        location.get_or_insert(value);
        rest = after;
        // A nought ends a section; two end the caveats.
        while let Some((0, after)) = rest.split_first().map(|(&byte, after)| (byte, after)) {
            rest = after;
        }
        let (&kind, after) = rest.split_first()?;
        if kind == 6 {
            let is_signature = after.len() == 33 && after[0] == 32;
            return Some(is_signature && location.is_some_and(|location| location.ends_with(b"pypi.org")));
        }
        rest = after;
    }
}

fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let (&second, rest) = rest.split_first()?;
    (second < 0x80).then_some((usize::from(first & 0x7f) | usize::from(second) << 7, rest))
}

pub(super) fn pypi_sample(seed: u64, location: &str) -> String {
    let field = |kind: u8, value: &[u8]| [&[kind, value.len() as u8], value].concat();
    let identifier = to_base64url(&sample_bytes(seed, 27));
    let parts = [
        vec![2],
        field(1, location.as_bytes()),
        field(2, identifier.as_bytes()),
        vec![0],
        field(2, b"[3,\"00000000-0000-4000-8000-000000000000\"]"),
        vec![0, 0],
        field(6, &sample_bytes(!seed, 32)),
    ];
    format!("pypi-{}", to_base64url(&parts.concat()))
}

/// Cisco's type 7 obfuscation: two digits (0 to 15), then pairs of hex digits.
pub(super) fn cisco7(token: &str) -> Option<bool> {
    let seed: u8 = token.get(..2)?.parse().ok()?;
    let hidden = token.get(2..)?;
    Some(
        seed <= 15 && hidden.len() >= 2 && hidden.len() % 2 == 0 && hidden.bytes().all(|byte| byte.is_ascii_hexdigit()),
    )
}

/// A US social security number that can be issued.
pub(super) fn ssn(token: &str) -> Option<bool> {
    let mut parts = token.split(['-', ' ']);
    let mut part = || parts.next()?.parse::<u32>().ok();
    let (area, group, serial) = (part()?, part()?, part()?);
    let published = (area, group, serial) == (78, 5, 1120) || (area, group, serial) == (219, 9, 9999);
    Some(area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 && !published)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(1_700_000_000), "2023-11-14");
        assert_eq!(date(1_709_164_800), "2024-02-29");
        assert_eq!(date(-1), "1969-12-31");
    }

    #[test]
    fn accounts_of_key_ids() {
        assert_eq!(aws_account(&["AKIARZPU", "ZDIKKUHKAERU"].concat()).as_deref(), Some("123456789012"));
        assert_eq!(aws_account(&["AKIAIOSF", "ODNN7EXAMPLE"].concat()), None, "an old one");
    }

    #[test]
    fn macaroons_end_where_their_fields_say() {
        let token = pypi_sample(3, "pypi.org");
        assert_eq!(pypi(&token), Some(true), "{token}");
        assert_eq!(pypi(&pypi_sample(3, "test.pypi.org")), Some(true));
        assert_eq!(pypi(&pypi_sample(3, "example.org")), Some(false));
        assert_ne!(pypi(&format!("{token}AAAA")), Some(true));
    }
}
