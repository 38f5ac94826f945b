//! The proofs by name: how each judges, what it reads, and how it makes samples.

use super::checksum::{self, Sum, with_sum};
use super::encoding::{sample_bytes, to_base64, to_base64url};
use super::structure::{self as form, JsonForm};
use super::{Proof, Strength, azure, facts, wallet};
use Strength::{Checksum, MayHaveChecksum, Reads, Structure};

fn has_sum(token: &str, sum: Sum) -> Option<bool> {
    Some(with_sum(token, sum)? == token)
}

/// Puts a payload of a form in the place that `prefix` and `rest` leave for it.
fn json_sample(form: &JsonForm, prefix: &str, rest: &str, seed: u64) -> Option<String> {
    Some(format!("{prefix}{}{rest}", form.sample(seed).trim_end_matches('=')))
}

fn jwt_sample(token: &str, seed: u64) -> Option<String> {
    let header = to_base64url(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let issuers = ["kubernetes/serviceaccount", "supabase"];
    // A shape may name the issuer with which the claims open.
    let opens = |issuer: &&str| {
        let start = to_base64url(format!("{{\"iss\":\"{issuer}\"").as_bytes());
        token.contains(&start[..start.len() - 2])
    };
    let issuer = issuers.iter().find(|issuer| opens(issuer)).unwrap_or(&"accounts");
    let id = to_base64url(&sample_bytes(seed, 45));
    let issued = 1_700_000_000 + seed;
    let claims = format!("{{\"iss\":\"{issuer}\",\"ref\":\"{id}\",\"role\":\"service\",\"iat\":{issued}}}");
    let claims = to_base64url(claims.as_bytes());
    let signature = if token.rsplit('.').next()?.len() <= 43 { 32 } else { 256 };
    let head = &token[..token.find("eyJ")?];
    Some(format!("{head}{header}.{claims}.{}", to_base64url(&sample_bytes(!seed, signature))))
}

fn jwt_twice(token: &str) -> Option<bool> {
    form::jwt(&facts::encoded_jwt(token)?)
}

fn fact(name: &'static str, value: Option<String>) -> Vec<super::Fact> {
    value.map(|value| (name, value)).into_iter().collect()
}

fn with_azure(token: &str, around: &str) -> Vec<super::Fact> {
    let mut all = azure::facts(token);
    all.extend(facts::azure(token, around));
    all
}

pub(super) const PROOFS: &[Proof] = &[
    // Checksums of vendors.
    Proof::new("crc32-base62", Checksum, |token| has_sum(token, Sum::Base62))
        .sample(|token, _| with_sum(token, Sum::Base62)),
    Proof::new("crc32-hex", Checksum, |token| has_sum(token, Sum::Hex)).sample(|token, _| with_sum(token, Sum::Hex)),
    Proof::new("crc32-hex-after-underscore", Checksum, |token| has_sum(token, Sum::HexBetween))
        .sample(|token, _| with_sum(token, Sum::HexBetween)),
    Proof::new("grafana-glsa", Checksum, |token| has_sum(token, Sum::HexLittle))
        .sample(|token, _| with_sum(token, Sum::HexLittle)),
    Proof::new("atlassian-crc32", Checksum, |token| has_sum(token, Sum::UpperHexAll))
        .sample(|token, _| with_sum(token, Sum::UpperHexAll)),
    Proof::new("gitlab-routable", Checksum, checksum::gitlab)
        .facts(|token, _| {
            let names = [("o", "organization"), ("u", "user"), ("p", "project"), ("g", "group"), ("c", "cell")];
            let lines = checksum::gitlab_lines(token).unwrap_or_default();
            let name = |key: &str| names.iter().find(|(known, _)| *known == key).map(|(_, name)| *name);
            lines.iter().filter_map(|(key, value)| Some((name(key)?, value.to_string()))).collect()
        })
        .sample(|token, seed| {
            let lines = format!("c:1\no:1\nu:{}", 100 + seed % 900);
            let payload = [&sample_bytes(seed, 16)[..], lines.as_bytes(), &[lines.len() as u8]].concat();
            let payload = to_base64url(&payload);
            let prefix = &token[..=token.find('-')?];
            let version = if token.split('.').count() > 2 { "01." } else { "" };
            let length = super::encoding::number(payload.len() as u32, super::encoding::BASE36, 2);
            with_sum(&format!("{prefix}{payload}.{version}{length}0000000"), Sum::Base36All)
        }),
    Proof::new("laravel-sanctum", MayHaveChecksum, |token| has_sum(token, Sum::HexOfForty))
        .sample(|token, _| with_sum(token, Sum::HexOfForty)),
    Proof::new("azure-marvin32", Checksum, azure::key).facts(with_azure).sample(|token, _| azure::sample(token)),
    Proof::new("azure-cask", MayHaveChecksum, azure::cask)
        .facts(with_azure)
        .sample(|token, _| azure::cask_sample(token)),
    Proof::new("azure-entra-secret", MayHaveChecksum, azure::entra).sample(|token, _| azure::entra_sample(token)),
    Proof::new("azure-devops-pat", MayHaveChecksum, azure::devops).sample(|token, _| azure::devops_sample(token)),
    // Wallets and identities.
    Proof::new("bech32", Checksum, |token| wallet::bech32(token, &wallet::bech32_prefix(token)?))
        .sample(|token, _| wallet::bech32_sample(token)),
    Proof::new("bitcoin-wif", Checksum, wallet::wif).sample(|_, seed| Some(wallet::wif_sample(seed))),
    Proof::new("bip32-extended-key", Checksum, wallet::extended_key)
        .sample(|_, seed| Some(wallet::extended_key_sample(seed))),
    Proof::new("stellar-seed", Checksum, wallet::stellar).sample(|_, seed| Some(wallet::stellar_sample(seed))),
    Proof::new("nats-seed", Checksum, wallet::nats)
        .facts(|token, _| fact("role", wallet::nats_role(token).map(str::to_owned)))
        .sample(|_, seed| Some(wallet::nats_sample(seed))),
    // Four to eight bits only: weaker than the others, but every word must be on the list as well.
    Proof::new("bip39-mnemonic", Checksum, wallet::mnemonic)
        .facts(|token, _| vec![("words", token.split_whitespace().count().to_string())])
        .sample(|_, seed| wallet::mnemonic_sample(seed)),
    Proof::new("secp256k1-key", Structure, wallet::secp256k1),
    // Tokens that decode.
    Proof::new("jwt", Structure, form::jwt)
        .facts(|token, _| form::jwt_facts(token))
        .severity(form::jwt_severity)
        .sample(jwt_sample),
    Proof::new("jwt-claims", Reads, |_| Some(true))
        .facts(|token, _| form::jwt_facts(token))
        .severity(form::jwt_severity)
        .sample(jwt_sample),
    Proof::new("jwt-in-base64", Structure, jwt_twice)
        .facts(|token, _| facts::encoded_jwt(token).map(|token| form::jwt_facts(&token)).unwrap_or_default())
        .sample(|_, seed| Some(to_base64(jwt_sample("eyJ", seed)?.as_bytes()).trim_end_matches('=').to_owned())),
    Proof::new("aws-key-id", Structure, form::aws_key_id).facts(|token, _| fact("account", form::aws_account(token))),
    Proof::new("aws-bedrock-key", Reads, form::bedrock)
        .facts(|token, _| fact("account", form::bedrock_account(token)))
        .sample(|_, seed| {
            let name = format!("BedrockAPIKey-xmpl-at-{:012}:", 100_000_000_000 + seed);
            Some(format!(
                "ABSK{}",
                to_base64(&[name.as_bytes(), to_base64(&sample_bytes(seed, 96)).as_bytes()].concat())
            ))
        }),
    Proof::new("aws-session-token", Reads, form::aws_session),
    Proof::new("aws-ses-smtp", Reads, form::ses_smtp)
        .sample(|_, seed| Some(to_base64(&[&[4], &sample_bytes(seed, 32)[..]].concat()))),
    Proof::new("openai-marker", Structure, |token| {
        let (before, after) = token.split_once("T3BlbkFJ")?;
        let half = after.len();
        let tail = |text: &str| text.rsplit('-').next().map_or(0, str::len);
        Some(matches!(half, 20 | 58 | 74) && (before.len() > half || tail(before) == half))
    }),
    Proof::new("pypi-macaroon", MayHaveChecksum, form::pypi)
        .facts(|token, _| {
            let index = if token.starts_with("pypi-AgEN") { "test.pypi.org" } else { "pypi.org" };
            fact("index", Some(index.to_owned()))
        })
        .sample(|token, seed| {
            let location = if token.starts_with("pypi-AgEN") { "test.pypi.org" } else { "pypi.org" };
            Some(form::pypi_sample(seed, location))
        }),
    Proof::new("sentry-json", Reads, |token| form::SENTRY.fits(token))
        .facts(|token, _| form::SENTRY.facts(token))
        .sample(|token, seed| json_sample(&form::SENTRY, "sntrys_", &token[token.rfind('_')?..], seed)),
    Proof::new("grafana-key", Reads, |token| form::GRAFANA.fits(token))
        .facts(|token, _| form::GRAFANA.facts(token))
        .sample(|_, seed| json_sample(&form::GRAFANA, "", "", seed)),
    Proof::new("grafana-cloud-token", Reads, |token| form::GRAFANA_CLOUD.fits(token))
        .facts(|token, _| form::GRAFANA_CLOUD.facts(token))
        .sample(|_, seed| json_sample(&form::GRAFANA_CLOUD, "glc_", "", seed)),
    Proof::new("1password-token", Reads, |token| form::ONE_PASSWORD.fits(token))
        .facts(|token, _| form::ONE_PASSWORD.facts(token))
        .sample(|_, seed| json_sample(&form::ONE_PASSWORD, "ops_", "", seed)),
    Proof::new("cloudflare-tunnel", Reads, |token| form::CLOUDFLARE_TUNNEL.fits(token))
        .facts(|token, _| form::CLOUDFLARE_TUNNEL.facts(token))
        .sample(|_, seed| json_sample(&form::CLOUDFLARE_TUNNEL, "", "", seed)),
    Proof::new("mapbox-token", Reads, |token| form::MAPBOX.fits(token))
        .facts(|token, _| form::MAPBOX.facts(token))
        .sample(|token, seed| json_sample(&form::MAPBOX, token.get(..3)?, &token[token.rfind('.')?..], seed)),
    Proof::new("discord-bot", Structure, |token| form::discord_id(token).map(|_| true))
        .facts(|token, _| fact("bot", form::discord_id(token).map(|id| id.to_string())))
        .sample(|token, seed| {
            let id = to_base64url((1_000_000_000_000_000_000 + seed * 7_919_000_000).to_string().as_bytes());
            Some(format!("{id}{}", &token[token.find('.')?..]))
        }),
    Proof::new("jfrog-reference", Reads, form::jfrog_reference)
        .facts(|token, _| fact("expires", form::jfrog_expiry(token)))
        .sample(|_, seed| {
            let random = to_base64url(&sample_bytes(seed, 21));
            Some(to_base64(format!("reftkn:01:1700000000:{random}").get(..48)?.as_bytes()))
        }),
    Proof::new("atlassian-server-token", Reads, form::atlassian_server).sample(|token, seed| {
        let body = [format!("{:012}:", 100_000_000_000 + seed).as_bytes(), &sample_bytes(seed, 20)[..]].concat();
        let prefix = if token.starts_with("BBDC-") { "BBDC-" } else { "" };
        Some(format!("{prefix}{}", to_base64(&body)))
    }),
    Proof::new("intercom", Reads, form::intercom).sample(|_, seed| {
        let id: String = sample_bytes(seed, 18).iter().map(|byte| format!("{byte:02x}")).collect();
        Some(to_base64(format!("tok:{id}:1:0").as_bytes()))
    }),
    Proof::new("fernet", Structure, form::fernet).facts(|token, _| fact("made", form::fernet_date(token))).sample(
        |_, seed| {
            let time = (1_700_000_000 + seed).to_be_bytes();
            let bytes = [&[0x80], &time[..], &sample_bytes(seed, 64)[..]].concat();
            Some(to_base64(&bytes).replace('+', "-").replace('/', "_"))
        },
    ),
    Proof::new("wireguard-key", Structure, form::wireguard).sample(|_, seed| {
        let mut bytes = sample_bytes(seed, 32);
        bytes[0] &= 0xf8;
        bytes[31] = bytes[31] & 0x3f | 0x40;
        Some(to_base64(&bytes))
    }),
    Proof::new("basic-auth", Reads, form::basic_auth).facts(facts::basic).sample(|_, seed| {
        let password = to_base64url(&sample_bytes(seed, 12));
        Some(to_base64(format!("deploy:{password}").as_bytes()))
    }),
    Proof::new("cisco-type-7", Structure, form::cisco7)
        .sample(|token, _| Some(format!("02{}", token.get(2..token.len() / 2 * 2)?))),
    // Numbers.
    Proof::new("luhn", Structure, checksum::luhn).sample(|token, _| {
        let digit = |last: u32| Some(format!("{}{last}", token.get(..token.len().checked_sub(1)?)?));
        (0..10).filter_map(digit).find(|token| checksum::luhn(token) == Some(true))
    }),
    Proof::new("iban", Structure, checksum::iban).sample(|token, _| checksum::iban_sample(token)),
    Proof::new("us-ssn", Structure, form::ssn),
    // Read for their facts.
    Proof::new("private-key", Reads, |_| Some(true)).facts(facts::private_key),
    Proof::new("slack", Reads, |_| Some(true)).facts(facts::slack),
    Proof::new("telegram", Reads, |_| Some(true)).facts(facts::telegram),
    Proof::new("discord-webhook", Reads, |_| Some(true)).facts(facts::discord_webhook),
    Proof::new("mailchimp", Reads, |_| Some(true)).facts(facts::mailchimp),
    Proof::new("azure", Reads, |_| Some(true)).facts(facts::azure),
    Proof::new("signed-url", Reads, |_| Some(true)).facts(facts::signed_url),
    Proof::new("url", Structure, |password| Some(!is_port(password))).facts(facts::url),
];

/// `host:8080#part@place`: what seems to be a password is a port and a place in a page.
fn is_port(password: &str) -> bool {
    let rest = password.trim_start_matches(|first: char| first.is_ascii_digit());
    rest.len() < password.len() && rest.starts_with('#')
}
