//! What rules a named value out, whatever else speaks for it.

use super::score::{WEAK, is_hex, repeats_product};
use super::{expression, placeholder, technical, value};
use crate::decode::layer;
use crate::decode::pair::{Family, Operator, Pair};
use crate::rule::words;

/// The id or fingerprint of a PGP key, by its name.
fn is_pgp_key_id(folded_name: &str, value: &str) -> bool {
    let value = value.strip_prefix("0x").unwrap_or(value);
    ["gpg", "pgp", "signingkey", "keyid", "aptkey"].iter().any(|word| folded_name.contains(word))
        && matches!(value.len(), 8 | 16 | 40)
        && value.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
}

/// `required|string|min:8`, `max:10`
fn is_rule_list(value: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const RULES: &[&str] = &[
        "required", "string", "min", "max", "confirmed", "nullable", "sometimes", "between", "size", "regex", "same",
        "trim", "matches", "min_length", "max_length", "exact_length", "alpha_numeric", "is_unique", "valid_email",
        "permit_empty", "xss_clean", "callback", "strip_tags",
    ];
    // `required_with:name,other`
    let is_rule = |part: &str| {
        let name = part.split([':', '[']).next().unwrap_or_default();
        RULES.contains(&name) || name.starts_with("required_")
    };
    value.split('|').all(is_rule) || value.contains('|') && value.split('|').filter(|part| is_rule(part)).count() > 1
}

/// `ACME\\svc-sql`: an account of a domain.
fn is_account_of_domain(value: &str) -> bool {
    let is_name =
        |part: &str| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.$".contains(&byte));
    value.split_once('\\').is_some_and(|(domain, account)| {
        let account = account.strip_prefix('\\').unwrap_or(account);
        is_name(domain) && is_name(account) && !domain.bytes().any(|byte| byte.is_ascii_lowercase())
    })
}

/// `\(name)`: what Swift puts into a text, and nothing else.
fn is_interpolated(value: &str) -> bool {
    let mut parts = value.split("\\(");
    parts.next() == Some("") && value.len() > 3 && parts.all(|part| part.ends_with(')') && part.len() > 1)
}

/// `DA_DOI`: words in capitals, as programs name what does not change. Of shell and `.env` files they may be values.
fn is_constant(value: &str) -> bool {
    value.contains('_')
        && value.split('_').all(|part| part.len() > 1 && part.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// `8:_42269799AD11436CBD5B1587F4717A8F`: a text of a setup project of Visual Studio, and in it the id of a part.
fn is_part_of_setup(value: &str) -> bool {
    value.strip_prefix("8:_").is_some_and(|id| is_hex(id, 32))
}

/// `object:283`: a word and a number, as tables know their rows.
fn is_numbered(value: &str) -> bool {
    value.split_once(':').is_some_and(|(word, number)| {
        word.len() > 2
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
            && (1..=6).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `PASSWORD`, `HASHVALUE`: capitals, as descriptions of commands have for what goes there.
fn is_stand_in(value: &str) -> bool {
    value.len() > 3 && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// `base_dn`, `XAuthRespPSK`: a name without digits that is no word, given to a call of any kind beside a telling name.
fn is_name_among_others(value: &str) -> bool {
    let letters = value.bytes().all(|byte| byte.is_ascii_alphabetic());
    let humps = value.as_bytes().windows(2).any(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    letters && humps || value::is_joined_words(value)
}

/// `repo_secrets: API_KEY=vault:key`: a variable and what it is set to.
fn sets_a_variable(value: &str) -> bool {
    value.split_once('=').is_some_and(|(name, _)| {
        name.len() > 3 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

/// How many bytes are written in octal: `\101\102`.
fn octals(value: &str) -> usize {
    let is_octal = |part: &&str| part.len() > 2 && part.bytes().take(3).all(|byte| (b'0'..b'8').contains(&byte));
    value.split('\\').skip(1).filter(is_octal).count()
}

/// `--token Azure feed ..`: a word of what describes an option.
fn is_described(value: &str) -> bool {
    let word = value.trim_end_matches("\\n").trim_end_matches(['.', ',', ':', ';']);
    let small = word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    let titled = word.starts_with(|first: char| first.is_ascii_uppercase());
    small && word.starts_with(|first: char| first.is_ascii_alphabetic()) && (titled || word.len() < value.len())
}

/// A `CHAP-Password` in hex: what is answered to a challenge is a digest of it and the password.
fn is_response(folded_name: &str, value: &str) -> bool {
    let digits = value.strip_prefix("0x").unwrap_or_default();
    folded_name.contains("chap") && digits.len() >= 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `MDEyMzQ1Njc4OWFiY2RlZg==`: what counts up or says that a value goes here, in base64.
fn is_encoded_filler(value: &str) -> bool {
    value.len() >= 16 && layer::plain(value).is_some_and(|plain| placeholder::is_filler(&plain))
}

/// `UpdateSchema(kvSecretV2Resource("vault_kv_secret_v2"))`: some words joined, a kind of credential among them.
fn is_name_around_credential(value: &str) -> bool {
    let parts = || value.split(['_', '-', '.']);
    parts().count() > 2 && value::is_joined_words(value) && parts().any(|part| value::CREDENTIAL_WORDS.contains(&part))
}

/// `SESSION_KEY(u"I2P/Port")`: a macro that makes the key of a setting.
fn is_setting_of_macro(name: &str, value: &str) -> bool {
    let is_macro = name.contains('_') && name.ends_with("KEY") && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let named = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte));
    is_macro && named && value.bytes().filter(u8::is_ascii_digit).count() <= 2
}

/// `password_pop_host`, `login_password_maxlen`: words at the end of names that say what the value is.
fn names_something_else(name: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const ENDS: &[&str] = &[
        "host", "hostname", "method", "mechanism", "backend", "uid", "gid", "groups", "username", "maxlen", "minlen", "maxlength", "minlength",
    ];
    words::split(name).last().is_some_and(|last| ENDS.contains(&last.as_str()))
}

/// `define("COL_PWD_H1", "password_history1")`: words joined, of which the first is a kind of credential.
fn opens_with_credential(value: &str) -> bool {
    value.split_once('_').is_some_and(|(first, _)| value::CREDENTIAL_WORDS.contains(&first))
        && value.bytes().filter(u8::is_ascii_digit).count() == 1
        && value::is_joined_name(value)
}

/// `PARAMETER_SALT = "Argon2.salt"`: the name of a setting, whose last word is that of the name.
fn ends_as_name(name: &str, value: &str) -> bool {
    let last = words::split(name).pop().unwrap_or_default();
    value::CREDENTIAL_WORDS.contains(&last.as_str())
        && value.rsplit_once('.').is_some_and(|(head, tail)| {
            tail.eq_ignore_ascii_case(&last) && head.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        })
}

/// `1.2.3`, `^6.4|^7.0`, `>=2.0,<3`
fn is_version(value: &str) -> bool {
    value.contains('.')
        && value.bytes().filter(u8::is_ascii_digit).count() <= 8
        && value.bytes().all(|byte| byte.is_ascii_digit() || b".^~|*<>=, v-".contains(&byte))
}

/// `102:10`: a line and a column, or a time.
fn is_position(value: &str) -> bool {
    let digits = |part: &str| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    value.split_once(':').is_some_and(|(line, column)| digits(line) && digits(column))
}

/// `en_001`, `pt-BR`
fn is_locale(value: &str) -> bool {
    let Some((language, region)) = value.split_once(['_', '-']) else { return false };
    language.len() == 2
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && matches!(region.len(), 2 | 3)
        && region.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// Words that say "credential" or whose it is; a value made of nothing else is the name of one.
#[rustfmt::skip] // a word a line would be pages
const NAME_WORDS: &[&str] = &[
    "db", "database", "user", "admin", "my", "the", "app", "api", "auth", "access", "client", "secret", "secrets", "password", "passwd", "pass", "pwd",
    "token", "key", "mysql", "postgres", "pg", "redis", "smtp", "mail", "ldap", "jwt", "new", "old", "current", "confirm", "login", "credential", "credentials",
    "service", "account", "private", "public", "root", "server", "ssh", "field", "input", "hash", "value", "name", "id", "form", "text", "of",
    "reset", "change", "changed", "update", "expired", "hashed", "encrypted", "txt", "lbl", "label", "labels", "msg", "message", "messages", "validation",
    "i", "18n", "error", "errors", "invalid", "required", "forgot", "page", "title", "placeholder", "tls", "ssl", "kafka", "rabbitmq", "mongo", "mongodb",
    "aws", "gcp", "azure", "vault", "github", "gitlab", "slack", "google", "registry", "docker", "signing", "encryption", "webhook", "session", "cookie",
    "oauth", "csrf", "refresh", "bearer", "basic",
];

/// `db_password`, `userPassword`, `my-secret-key`: the name of a credential, not one.
fn names_a_credential(value: &str) -> bool {
    // `SHA2-512-Password`, `Password.MD5`: of which hash it is.
    const HASHES: &[&str] = &["md", "smd", "sha", "ssha", "pbkdf", "ntlm", "nt", "lm", "crypt", "bcrypt", "scrypt"];
    let words = words::split(value);
    let hash = words.iter().any(|word| HASHES.contains(&word.as_str()));
    let of_hash =
        |word: &String| hash && (HASHES.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit()));
    words.len() > 1
        && words.iter().all(|word| NAME_WORDS.contains(&word.as_str()) || of_hash(word))
        && words.iter().any(|word| value::CREDENTIAL_WORDS.contains(&word.as_str()))
}

/// `MYSQL_ROOT_PASSWORD=rootpassword`: names have marks between their words, passwords that people make have none.
fn is_glued_password(folded_name: &str, value: &str) -> bool {
    const TAILS: &[&str] = &["password", "passwd", "pass", "pwd"];
    TAILS.iter().any(|tail| folded_name.ends_with(tail))
        && value.len() >= 8
        && value.bytes().all(|byte| byte.is_ascii_lowercase())
        && !["your", "the", "any", "some"].iter().any(|start| value.starts_with(start))
}

/// `DOCKERHUB-OAT`, `APP-ID,APP-KEY`: names as vaults have them.
fn is_list_of_names(value: &str) -> bool {
    let is_name = |name: &str| {
        name.contains(['-', '_'])
            && name.split(['-', '_']).all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    value.split(',').map(str::trim).all(is_name)
}

/// `rabbitmq_password`, `neo4j-secret`: words joined, the last of which says what kind of credential it is.
fn ends_in_credential(value: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
    value.bytes().all(small)
        && value.bytes().filter(u8::is_ascii_digit).count() <= 2
        && value.rsplit_once(['_', '-', '.']).is_some_and(|(_, last)| value::CREDENTIAL_WORDS.contains(&last))
}

/// `Secret("ciliumpassword")`: what is called a secret reads one whose name says that it is a password.
fn is_name_of_another(folded_name: &str, value: &str) -> bool {
    let of_secret = ["secret", "secrets", "token", "key"].iter().any(|word| folded_name.ends_with(word));
    of_secret
        && value.bytes().all(|byte| byte.is_ascii_lowercase())
        && words::split(value).last().is_some_and(|last| {
            value::CREDENTIAL_WORDS.contains(&last.as_str()) && !folded_name.ends_with(last.as_str())
        })
}

/// `VISITED_APPS_STORAGE_KEY = "VisitedAppsV2"`: some words, each of the name.
fn repeats_words(name: &str, value: &str) -> bool {
    let (named, words) = (words::split(name), words::split(value));
    let letters = |word: &&String| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.iter().filter(letters).count() > 1
        && value.bytes().filter(u8::is_ascii_digit).count() <= 2
        && words.iter().filter(letters).all(|word| named.contains(word))
}

/// `basicnickname3`: what stands for a name where accounts are made up; `myuser1` where it may be one.
fn is_user_name(value: &str, operator: Operator) -> bool {
    let folded = value.trim_end_matches(|last: char| last.is_ascii_digit()).to_ascii_lowercase();
    match operator {
        Operator::Position => folded.ends_with("name"),
        Operator::Perhaps => folded.ends_with("name") || folded.ends_with("user"),
        _ => false,
    }
}

/// `oauth2:rabbit_dev`, `AzureAD:Domain`: a name after the kind of thing that it names.
fn is_name_of_kind(value: &str) -> bool {
    let is_name = |part: &str| {
        let small =
            part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && (small && digits < 2 || part.bytes().all(|byte| byte.is_ascii_alphabetic()))
    };
    value.split_once(':').is_some_and(|(kind, name)| is_name(kind) && is_name(name))
}

/// `role-2`, `Admin-Panel2`, `anna@acme.io`: words and numbers joined, as where a call may take a password or a name.
/// `password1` and `Winter19` are no names.
fn is_name_or_number(value: &str) -> bool {
    let is_part = |part: &str| {
        let word = part.trim_end_matches(|last: char| last.is_ascii_digit());
        word.bytes().all(|byte| byte.is_ascii_alphabetic()) && (word.is_empty() || part.len() < word.len() + 2)
    };
    let folded = value.to_ascii_lowercase();
    value.contains(['/', '$'])
        || !folded.contains("pass") && value.split(['_', '-', '.', '/', ':', '@', ' ', ',']).all(is_part)
}

/// `Get-PfxCertificate`: a verb and a noun, as commands of PowerShell are named.
fn is_cmdlet(value: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_uppercase())
            && part.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    value.split_once('-').is_some_and(|(verb, noun)| is_name(verb) && is_name(noun))
}

/// `1.3.6.1.4.1.4203`
fn is_object_identifier(value: &str) -> bool {
    value.matches('.').count() >= 4 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `password="admin-secret"` in settings: words, but those that a broker really comes with.
fn is_weak_secret(folded_name: &str, value: &str, pair: &Pair, family: Family) -> bool {
    folded_name.ends_with("password") && value.ends_with("-secret") && pair.quoted && family.holds_settings()
}

/// `1*SAFE`, `2*4DIGIT`: how grammars (ABNF) repeat.
fn is_grammar(value: &str) -> bool {
    value.split_once('*').is_some_and(|(least, what)| {
        !least.is_empty()
            && least.bytes().all(|byte| byte.is_ascii_digit())
            && what
                .trim_start_matches(|next: char| next.is_ascii_digit())
                .chars()
                .all(|next| next.is_ascii_alphabetic())
    })
}

/// `get "admin/passwords" => "accounts#passwords"`: a controller and its action, one named as the path is.
fn is_route(name: &str, value: &str) -> bool {
    let Some((controller, action)) = value.split_once('#') else { return false };
    let is_name =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || b"_/".contains(&byte));
    let last = name.rsplit(['/', ':', ' ']).next().unwrap_or_default().trim_end_matches('s');
    let named = |part: &str| part.rsplit('/').next().is_some_and(|part| part.trim_end_matches('s') == last);
    is_name(controller) && is_name(action) && (named(controller) || named(action))
}

/// An address of a chain of blocks: `0x` and forty hex digits.
fn is_chain_address(value: &str) -> bool {
    value.strip_prefix("0x").is_some_and(|digits| is_hex(digits, 40))
}

/// `<a editable-password="property.value">`: a directive of a page is given an expression.
fn is_member_in_page(name: &str, value: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    name.contains('-') && value.contains('.') && value.split('.').all(is_name)
}

/// Whether a name says that a cipher takes its value.
fn names_a_cipher(name: &str) -> bool {
    const WORDS: &[&str] = &["aes", "des", "cipher", "crypt", "encrypt", "encryption", "crypto", "hmac", "iv"];
    words::has_one(name, WORDS)
}

/// What no credential of any kind is.
pub(super) fn veto(name: &str, value: &str, pair: &Pair, family: Family) -> Option<&'static str> {
    let squash = |text: &str| {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let (folded_name, folded_value) = (squash(name), squash(value));
    let is_set = pair.operator == Operator::Assign;
    // `POSTGRES_PASSWORD: password` sets a variable; `password: password` may say what a field is for.
    let of_variable = name.contains('_') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    let settings = is_set && (family == Family::Config || family == Family::Yaml && of_variable);
    // A command takes it for a password, whatever the word.
    let commanded = pair.operator == Operator::Position && family == Family::Config && !pair.comment;
    let weak = (settings || commanded) && !is_stand_in(value) && WEAK.contains(&value.to_ascii_lowercase().as_str());
    let product = is_set && matches!(family, Family::Config | Family::Yaml) && repeats_product(name, value);
    let glued = is_set
        && matches!(family, Family::Config | Family::Yaml | Family::Code)
        && is_glued_password(&folded_name, value);
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    // Such a key is one that everybody knows where a cipher is given it.
    let counts = placeholder::counts_up(value) && (pair.operator == Operator::Position || names_a_cipher(name));
    // Nobody reads `111111` for a password that is still to be set, if it is what a password is set to.
    let is_weak_number = matches!(pair.operator, Operator::Assign | Operator::Call)
        && (6..=10).contains(&value.len())
        && !value.starts_with('0')
        && value.bytes().all(|byte| byte.is_ascii_digit())
        && ["password", "passwd", "pwd"].iter().any(|tail| folded_name.ends_with(tail));
    let repeats_name = folded_name.ends_with(&folded_value)
        || folded_name.starts_with(&folded_value) && folded_value.len() > 4
        || folded_value.ends_with(&folded_name) && folded_name.len() > 3 && !digit
        || folded_value.starts_with(&folded_name)
            && folded_value.len() <= folded_name.len() + 6
            && folded_name.len() > 8
        // `SdkKeyRotation = "app-3014-sdk-key-rotation"`
        || folded_value.contains(&folded_name) && folded_name.len() > 8 && value::is_joined(value);
    // What is compared, or given to a call of code, may be the name of a setting.
    let is_asked = family == Family::Code
        && matches!(pair.operator, Operator::Compare | Operator::Call | Operator::OtherCall | Operator::Position);
    // Asked in this order, and most values fail an early one.
    let tests: &[(&dyn Fn() -> bool, &'static str)] = &[
        (&|| value.len() < 4 || folded_value.is_empty(), "too short"),
        (&|| repeats_name && !weak && !glued && !product && pair.operator != Operator::Position, "repeats the name"),
        (&|| value::is_timestamp(value) || is_position(value), "a date, a time or a place in a file"),
        (&|| !counts && !is_weak_number && placeholder::is_placeholder(value), "a placeholder"),
        (&|| value::is_reference(value) || is_interpolated(value), "refers to a value kept elsewhere"),
        (&|| is_account_of_domain(value), "a user's name"),
        (&|| family == Family::Code && is_constant(value), "the name of a constant"),
        (&|| is_part_of_setup(value), "the id of something"),
        (&|| value::is_type_word(value) && !weak, "names a type or a state"),
        (&|| value::is_password_word(&folded_value), "the word for password"),
        (
            &|| names_a_credential(value) && !glued && !is_weak_secret(&folded_name, value, pair, family),
            "names a credential",
        ),
        (&|| value.split(',').all(value::names_a_variable), "names a variable"),
        (&|| value.strip_prefix('@').is_some_and(is_stand_in), "filled in by a template"),
        (&|| pair.operator == Operator::Argument && value.starts_with('@'), "names a file"),
        (&|| pair.operator == Operator::Argument && is_described(value), "a word of a description"),
        (&|| technical::is_license(value), "the name of a licence"),
        (&|| value.len() < 8 && value.starts_with('~'), "a place in a format"),
        (&|| folded_name.ends_with("secrets") && is_list_of_names(value), "names a credential"),
        (&|| (is_asked || folded_name.ends_with("credentials")) && ends_in_credential(value), "names a credential"),
        (&|| is_asked && is_name_of_another(&folded_name, value), "names a credential"),
        (&|| is_asked && is_name_around_credential(value), "names a credential"),
        (&|| is_asked && is_setting_of_macro(name, value), "the name of a setting"),
        (&|| names_something_else(name), "the name is that of something else"),
        // What is sealed or wrapped is encrypted under another key.
        (&|| words::has_one(name, &["sealed", "wrapped"]), "encrypted"),
        (&|| family == Family::Code && opens_with_credential(value), "names a credential"),
        (&|| value.ends_with("=?") || value.ends_with("=?,"), "a part of a statement"),
        (&|| is_response(&folded_name, value), "a digest, not a password"),
        (
            &|| {
                matches!(family, Family::Code | Family::Markup)
                    && pair.operator != Operator::Position
                    && repeats_words(name, value)
            },
            "repeats the name",
        ),
        (&|| is_user_name(value, pair.operator), "a user's name"),
        (&|| pair.operator == Operator::Perhaps && is_name_or_number(value), "one of some names"),
        (&|| pair.operator == Operator::Position && is_name_of_kind(value), "one of some names"),
        (&|| pair.operator == Operator::Position && is_cmdlet(value), "the name of a command"),
        (&|| is_object_identifier(value), "an object identifier"),
        (&|| is_chain_address(value), "the address of a contract or an account"),
        (&|| folded_value.strip_suffix('s').is_some_and(|word| folded_name.ends_with(word)), "repeats the name"),
        (&|| pair.operator == Operator::Listed && family == Family::Code && value::is_slug(value), "one of some names"),
        (&|| pair.operator == Operator::OtherCall && is_name_among_others(value), "one of some names"),
        (&|| folded_name.ends_with("key") && is_numbered(value), "the number of something"),
        (&|| pair.operator == Operator::Position && is_stand_in(value), "a word that stands for a value"),
        (&|| is_rule_list(value), "validation rules, not a value"),
        (&|| technical::is_list_of_settings(value), "a list of settings"),
        (&|| technical::is_algorithm(value.trim_end_matches(':')), "the name of an algorithm"),
        (&|| value::is_escaped_password_word(value), "the word for a password"),
        (&|| value::is_unsigned_token(value), "a token without a signature"),
        (&|| technical::is_processor(value), "a kind of processor"),
        (&|| technical::is_cipher_list(value), "a list of ciphers"),
        (&|| technical::is_date_format(value), "a format of dates"),
        (&|| technical::is_header_name(value), "the name of a header"),
        (&|| technical::is_media_type(value), "a kind of media"),
        (&|| technical::is_selector(value), "a place in a page"),
        (&|| technical::is_key_file(value), "the name of a file"),
        (&|| technical::is_standard(value), "the name of a standard"),
        (&|| technical::is_share(value), "a count and its total"),
        (
            &|| {
                family == Family::Code
                    && pair.operator != Operator::Position
                    && technical::is_id_of_credential(name, value)
            },
            "the id of a credential",
        ),
        (&|| pair.operator == Operator::Space && folded_name == "sshpass", "the name of a command"),
        (&|| technical::is_purpose(value), "says what it is for"),
        (&|| technical::is_outcome(&folded_name, &folded_value), "how a test went"),
        (&|| value::is_regex(value), "a regular expression"),
        (&|| is_encoded_filler(value), "a placeholder"),
        (&|| value::is_location(value), "a path or an address"),
        (&|| value::is_password_hash(value), "a password hash, not a password"),
        (&|| (!pair.quoted || pair.operator == Operator::Prose) && expression::is_call(value), "a call, not a value"),
        (
            &|| {
                let calls = value.contains("(?") || value.contains(['.', '\'', '"', '\\']);
                pair.operator == Operator::Inside && calls && expression::is_call(value)
            },
            "a call, not a value",
        ),
        (&|| pair.operator == Operator::Inside && expression::is_cut_call(value), "a call, not a value"),
        (
            &|| expression::is_expression(value) || expression::opens_query(value) || expression::is_step(value),
            "an expression, not a value",
        ),
        (&|| expression::stands_between_literals(value), "code, not a value"),
        (&|| technical::is_keeper(value), "the name of a program"),
        (&|| is_set && family == Family::Code && name.starts_with(['#', '.']), "a place in a page"),
        (&|| folded_name.ends_with("secrets") && sets_a_variable(value), "an assignment, not a value"),
        (&|| value.contains("{{") || value.contains("}}"), "filled in by a template"),
        (&|| value.starts_with(".*") || value.starts_with("[^"), "a regular expression"),
        (
            &|| {
                ["\\n", "\\033[", "\\e["].iter().any(|start| value.starts_with(start))
                    || value.split('\\').skip(1).all(|part| part.starts_with(['u', 'U', 'x']))
                        && value.starts_with('\\')
                    || octals(value) > 1
            },
            "escaped characters",
        ),
        (&|| is_pgp_key_id(&folded_name, value), "the id of a PGP key"),
        (&|| value::is_public(value), "public by nature: a public key, a certificate or a key's id"),
        (&|| value.starts_with("Ag") && value.len() > 150, "a sealed secret"),
        (&|| value.starts_with("MASK-"), "masked"),
        (&|| value.contains("]("), "a link"),
        (&|| folded_name.ends_with("userpwd") && !value.contains(':') && !digit, "a user name without a password"),
        (&|| is_version(value), "a version or a range of versions"),
        (&|| value.starts_with("hex:"), "bytes of a registry"),
        (
            &|| !pair.quoted && value.contains('[') && (value.ends_with(']') || value.contains("].")),
            "an index, not a value",
        ),
        (&|| value::is_class_name(value), "the name of a class"),
        (&|| !pair.quoted && is_grammar(value), "a rule of a grammar"),
        (&|| is_route(name, value), "the action of a route"),
        (&|| family == Family::Markup && pair.quoted && is_member_in_page(name, value), "an expression, not a value"),
        (&|| is_locale(value), "a locale"),
        (&|| technical::is_glob(value), "a pattern of names"),
        (
            &|| !pair.quoted && pair.operator == Operator::Space && technical::is_host_and_port(value),
            "a host and its port",
        ),
        (&|| family == Family::Code && ends_as_name(name, value), "names a credential"),
        (&|| value.starts_with(';'), "syntax, not a value"),
        (&|| pair.operator == Operator::Argument && value.contains("=\"$"), "refers to a value kept elsewhere"),
        (&|| value.starts_with("--"), "an option"),
        // `docker build --secret id=name,env=NAME`
        (&|| pair.operator == Operator::Argument && value.starts_with("id="), "names what is kept elsewhere"),
        (&|| !pair.quoted && value.starts_with(['|', '>', '&', '*', '{', '[', '(']), "syntax, not a value"),
        (&|| value.starts_with("data:"), "data written inline"),
        (&|| value.contains('\n'), "several lines"),
        (&|| !value.is_ascii() && value::is_prose(value), "text in words"),
    ];
    tests.iter().find(|(holds, _)| holds()).map(|(_, why)| *why)
}
