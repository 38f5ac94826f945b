//! Facts that a token's own parts and the text around it tell: whose it is and what it opens.

use super::encoding::base64;
use super::{Fact, key};

/// The longest value that is shown.
const MAX_FACT: usize = 120;

/// The line that `token` stands on.
fn line<'t>(token: &str, around: &'t str) -> &'t str {
    let Some(at) = around.find(token) else { return "" };
    let start = around[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = around[at..].find('\n').map_or(around.len(), |newline| at + newline);
    &around[start..end]
}

/// The value of `Key=value;` or `key=value&` on a line.
fn value_of<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let at = line.to_ascii_lowercase().find(&key.to_ascii_lowercase())? + key.len();
    let rest = line.get(at..)?;
    let end = rest.find(|next: char| next.is_whitespace() || ";&\"'`<>|\\,)".contains(next)).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|value| !value.is_empty() && value.len() <= MAX_FACT)
}

/// What stands between `before` and the next character of no name in JSON (`"key": "value"`).
fn json_value(around: &str, key: &str) -> Option<String> {
    let at = around.find(&format!("\"{key}\""))? + key.len() + 2;
    let rest = around.get(at..)?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let end = rest.find('"')?;
    Some(rest[..end].to_owned()).filter(|value| !value.is_empty() && value.len() <= MAX_FACT)
}

/// The account and host of an Azure connection string or address.
pub(super) fn azure(token: &str, around: &str) -> Vec<Fact> {
    let line = line(token, around);
    let host = |key: &str| {
        let value = value_of(line, key)?;
        let host = value.rsplit("://").next()?.split(['/', ':', ',']).next()?;
        (!host.is_empty()).then(|| host.to_owned())
    };
    let named = |key: &str| value_of(line, key).map(str::to_owned);
    let mut facts: Vec<Fact> = Vec::new();
    facts.extend(named("AccountName=").map(|name| ("account", name)));
    let hosts = ["AccountEndpoint=", "Endpoint=", "HostName=", "BlobEndpoint=", "Server=", "https://", "sb://"];
    facts.extend(hosts.iter().find_map(|key| host(key)).map(|host| ("host", host)));
    facts.extend(named("SharedAccessKeyName=").map(|name| ("policy", name)));
    facts.extend(named("EntityPath=").map(|name| ("entity", name)));
    facts
}

/// Until when a shared access signature or signed URL holds, and what it allows.
pub(super) fn signed_url(token: &str, around: &str) -> Vec<Fact> {
    let line = line(token, around);
    let parts = [
        ("X-Amz-Credential=", "credential"),
        ("X-Amz-Date=", "signed"),
        ("X-Amz-Expires=", "seconds valid"),
        ("se=", "expires"),
        ("sp=", "permissions"),
        ("sr=", "resource"),
    ];
    let queried = |key: &str| {
        let at = ["?", "&", ";"].iter().find_map(|mark| line.find(&format!("{mark}{key}")))?;
        value_of(&line[at + 1..], key)
    };
    let mut facts: Vec<Fact> = parts
        .iter()
        .filter_map(|(key, name)| Some((*name, queried(key)?.replace("%3A", ":").replace("%2F", "/"))))
        .collect();
    facts.extend(host_in(line).map(|host| ("host", host)));
    facts
}

fn host_in(line: &str) -> Option<String> {
    let rest = &line[line.find("://")? + 3..];
    let host = rest.split(['/', '?', '"', '\'', ' ', '<', '`']).next()?.rsplit('@').next()?;
    (!host.is_empty() && host.len() <= MAX_FACT).then(|| host.to_owned())
}

/// User and host of a URL whose password the token is.
pub(super) fn url(token: &str, around: &str) -> Vec<Fact> {
    let line = line(token, around);
    let Some(at) = line.find(&format!(":{token}@")) else { return Vec::new() };
    let user = line[..at].rsplit("://").next().filter(|user| !user.is_empty() && !user.contains([' ', '"', '\'', '/']));
    let rest = &line[at + token.len() + 2..];
    let host = rest.split(['/', '?', '"', '\'', ' ', '<', '`', '\\', ')', ';']).next().filter(|host| !host.is_empty());
    let mut facts: Vec<Fact> = Vec::new();
    facts.extend(user.map(|user| ("user", user.chars().take(MAX_FACT).collect())));
    facts.extend(host.map(|host| ("host", host.chars().take(MAX_FACT).collect())));
    facts
}

/// Kind, size and protection of a private key, and the account and project of Google's service
/// accounts from the JSON around theirs.
pub(super) fn private_key(token: &str, around: &str) -> Vec<Fact> {
    let mut facts = key_facts(token, around);
    if around.contains("\"service_account\"") {
        let names = [("client_email", "account"), ("project_id", "project"), ("private_key_id", "key id")];
        facts.extend(names.iter().filter_map(|(key, name)| Some((*name, json_value(around, key)?))));
    }
    facts
}

fn key_facts(token: &str, around: &str) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    if let Some(key) = key::read(token) {
        facts.push(("key", key.kind));
        facts.extend(key.bits.map(|bits| ("size", format!("{bits} bits"))));
        facts.push(("passphrase", key.encrypted.map_or_else(|| "none".to_owned(), |how| format!("yes ({how})"))));
        facts.push(("format", "complete".to_owned()));
        return facts;
    }
    // What stands in the key's head: PuTTY's, and OpenSSL's before PKCS#8.
    let Some(head) = around.find(token).map(|at| &around[..at]) else { return facts };
    if let Some(at) = head.rfind("PuTTY-User-Key-File-") {
        let head = &head[at..];
        let named = |key: &str| {
            let rest = &head[head.find(key)? + key.len()..];
            Some(rest.trim_start().split(['\r', '\n', '\\']).next()?.trim().to_owned()).filter(|text| text.len() < 60)
        };
        facts.extend(
            named("PuTTY-User-Key-File-2:").or_else(|| named("PuTTY-User-Key-File-3:")).map(|kind| ("key", kind)),
        );
        facts.extend(
            named("Encryption:").map(|how| ("passphrase", if how == "none" { how } else { format!("yes ({how})") })),
        );
    } else if let Some(how) = head.rfind("DEK-Info:").map(|at| &head[at + 9..]) {
        let cipher = how.trim_start().split([',', '\r', '\n', '\\']).next().unwrap_or_default();
        facts.push(("passphrase", format!("yes ({cipher})")));
    }
    facts
}

/// Workspace and app of Slack's tokens and web hooks.
pub(super) fn slack(token: &str, _: &str) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let is_number = |part: &&str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((_, path)) = token.split_once("hooks.slack.com/") {
        let mut parts = path.split('/').skip(1);
        facts.extend(parts.next().map(|team| ("workspace", team.to_owned())));
        facts.extend(parts.next().map(|hook| ("hook", hook.to_owned())));
    } else if token.starts_with("xapp-") {
        facts.extend(token.split('-').nth(2).map(|app| ("app", app.to_owned())));
    } else if token.starts_with("xox") {
        facts.extend(token.split('-').nth(1).filter(is_number).map(|team| ("workspace", team.to_owned())));
    }
    facts
}

/// The bot's number, which stands before the colon of a Telegram token.
pub(super) fn telegram(token: &str, _: &str) -> Vec<Fact> {
    token.split_once(':').map(|(bot, _)| vec![("bot", bot.to_owned())]).unwrap_or_default()
}

/// The number of a Discord web hook.
pub(super) fn discord_webhook(token: &str, _: &str) -> Vec<Fact> {
    let id = token.split("/webhooks/").nth(1).and_then(|path| path.split('/').next());
    id.map(|id| vec![("web hook", id.to_owned())]).unwrap_or_default()
}

/// The data centre at the end of a Mailchimp key.
pub(super) fn mailchimp(token: &str, _: &str) -> Vec<Fact> {
    token.rsplit_once('-').map(|(_, centre)| vec![("data centre", centre.to_owned())]).unwrap_or_default()
}

/// The user in a Docker login or HTTP Basic value.
pub(super) fn basic(token: &str, _: &str) -> Vec<Fact> {
    let user = super::structure::basic_user(token);
    user.map(|user| vec![("user", user)]).unwrap_or_default()
}

/// Issuer and dates of a JWT that was encoded once more.
pub(super) fn encoded_jwt(token: &str) -> Option<String> {
    String::from_utf8(base64(token)?).ok()
}

/// Whether a token is for tests or for the real thing, from the words of its prefix.
pub fn mode(prefix: &str) -> Option<Fact> {
    let folded = prefix.to_ascii_lowercase();
    let holds =
        |words: &[&str]| folded.split(|next: char| !next.is_ascii_alphanumeric()).any(|word| words.contains(&word));
    if holds(&["test", "sandbox", "sbx", "sdbx", "dev", "development", "staging", "hmlg", "mock"]) {
        return Some(("mode", "test".to_owned()));
    }
    holds(&["live", "prod", "production"]).then(|| ("mode", "live".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact<'f>(facts: &'f [Fact], name: &str) -> Option<&'f str> {
        facts.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn connection_strings_name_account_and_host() {
        let text =
            "x\nc = \"Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=KE·Y123\"\n";
        let text = &text.replace('·', "");
        let facts = azure("KEY123", text);
        assert_eq!(fact(&facts, "host"), Some("acme.servicebus.windows.net"));
        assert_eq!(fact(&facts, "policy"), Some("Root"));
        let facts = azure(
            "K1",
            "DefaultEndpointsProtocol=https;AccountName=acme01;AccountKey=K1;EndpointSuffix=core.windows.net",
        );
        assert_eq!(fact(&facts, "account"), Some("acme01"));
    }

    #[test]
    fn urls_name_user_and_host() {
        let facts = url("pw9", &["DB=postgres:", "//app:pw9@db.acme.io:5432/x"].concat());
        assert_eq!(fact(&facts, "user"), Some("app"));
        assert_eq!(fact(&facts, "host"), Some("db.acme.io:5432"));
        assert!(url("pw9", "pw9").is_empty());
    }

    #[test]
    fn service_accounts_name_their_project() {
        let json = "{\"type\": \"service_account\", \"project_id\": \"acme-1\",\n\"private_key\": \"KEY\", \"client_email\":\"bot@acme-1.iam\"}";
        let facts = private_key("KEY", json);
        assert_eq!(fact(&facts, "account"), Some("bot@acme-1.iam"));
        assert_eq!(fact(&facts, "project"), Some("acme-1"));
    }

    #[test]
    fn modes() {
        assert_eq!(mode("sk_test_"), Some(("mode", "test".into())));
        assert_eq!(mode("rk_live_"), Some(("mode", "live".into())));
        assert_eq!(mode("latest-"), None);
    }
}
