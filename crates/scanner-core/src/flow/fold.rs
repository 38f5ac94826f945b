//! What is known before the program runs: numbers, comparisons, the start of a text.

use super::address::by_host;
use super::model::{SinkSet, kinds};
use super::value::{Constant, Value};

/// A number, if it is a whole one.
pub(super) fn number<'p>(text: &str) -> Value<'p> {
    let plain = text.replace('_', "");
    let parsed = match plain.strip_prefix("0x").or_else(|| plain.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => plain.parse().ok(),
    };
    Value { constant: parsed.map(Constant::Number), ..Value::default() }
}

/// `not x`, `-x`, `typeof x`
pub(super) fn unary<'p>(operator: &str, operand: Value<'p>) -> Value<'p> {
    match operator {
        "not" | "!" => Value { constant: operand.truth().map(|truth| Constant::Bool(!truth)), ..Value::default() },
        "-" => match operand.constant {
            Some(Constant::Number(number)) => Value::constant(Constant::Number(-number)),
            _ => Value::default(),
        },
        _ => Value::default(),
    }
}

/// Whether an operator's result holds no text of its operands.
pub(super) fn is_clean(operator: &str) -> bool {
    matches!(
        operator,
        "==" | "==="
            | "!="
            | "!=="
            | "<"
            | ">"
            | "<="
            | ">="
            | "in"
            | "not in"
            | "is"
            | "is not"
            | "instanceof"
            | "-"
            | "**"
            | "//"
            | "&"
            | "^"
            | "<<"
            | ">>"
            | ">>>"
    )
}

/// Whether an operator makes a number of numbers.
pub(super) fn is_arithmetic(operator: &str) -> bool {
    matches!(operator, "-" | "*" | "/" | "%" | "**" | "//" | "|" | "&" | "^" | "<<" | ">>" | ">>>")
}

/// The result of an operator on constants; `list` are the constants that the right side holds.
pub(super) fn binary<'p>(
    operator: &str,
    left: &Value<'p>,
    right: &Value<'p>,
    list: Option<Vec<Constant>>,
) -> Value<'p> {
    let known = |constant| Value { constant, ..Value::default() };
    if matches!(operator, "in" | "not in") {
        let found = match (&left.constant, &right.constant, list) {
            (Some(Constant::Text(part)), Some(Constant::Text(whole)), _) => Some(whole.contains(&**part)),
            (Some(left), _, Some(list)) => Some(list.contains(left)),
            _ => None,
        };
        return known(found.map(|found| Constant::Bool(found == (operator == "in"))));
    }
    let (Some(left), Some(right)) = (&left.constant, &right.constant) else { return Value::default() };
    match operator {
        "==" | "===" | "is" => return known(Some(Constant::Bool(left == right))),
        "!=" | "!==" | "is not" => return known(Some(Constant::Bool(left != right))),
        _ => {}
    }
    if let (Constant::Number(left), Constant::Number(right)) = (left, right) {
        return known(arithmetic(operator, *left, *right));
    }
    if let (Constant::Text(left), Constant::Text(right)) = (left, right) {
        return known(match operator {
            "<" => Some(Constant::Bool(left < right)),
            ">" => Some(Constant::Bool(left > right)),
            _ => None,
        });
    }
    Value::default()
}

fn arithmetic(operator: &str, left: i64, right: i64) -> Option<Constant> {
    Some(match operator {
        "-" => Constant::Number(left.checked_sub(right)?),
        "*" => Constant::Number(left.checked_mul(right)?),
        "//" => Constant::Number(left.checked_div_euclid(right)?),
        "/" if right != 0 && left % right == 0 => Constant::Number(left / right),
        "%" => Constant::Number(left.checked_rem_euclid(right)?),
        "**" => Constant::Number(left.checked_pow(u32::try_from(right).ok()?)?),
        "<" => Constant::Bool(left < right),
        ">" => Constant::Bool(left > right),
        "<=" => Constant::Bool(left <= right),
        ">=" => Constant::Bool(left >= right),
        // A fraction: what it is compared with is still told by its whole part only where they differ.
        _ => return None,
    })
}

/// The sum of numbers.
pub(super) fn sum(values: &[Value<'_>]) -> Option<Constant> {
    let numbers = values.iter().map(|value| match value.constant {
        Some(Constant::Number(number)) => Some(number),
        _ => None,
    });
    numbers.sum::<Option<i64>>().map(Constant::Number)
}

/// A constant as it stands in a text.
pub(super) fn as_text(value: &Value<'_>) -> Option<String> {
    match value.constant.as_ref()? {
        Constant::Text(text) => Some(text.to_string()),
        Constant::Number(number) => Some(number.to_string()),
        Constant::Bool(_) | Constant::Regex(_) | Constant::Regexes(_) | Constant::Nothing => None,
    }
}

/// How an address starts, with a stand-in for each part that is not known but does not come from outside.
#[derive(Debug, Default)]
pub(super) struct Start {
    text: String,
    /// Whether it does not start with a constant.
    open: bool,
    /// Whether something from outside stands in it.
    ended: bool,
}

impl Start {
    const HOST: &str = "http://host";

    /// One more part: a constant or not, from outside or not.
    pub(super) fn go_on(&mut self, text: Option<&str>, trusted: bool) {
        self.ended |= !trusted;
        match text {
            _ if self.ended => {}
            // The first part was the scheme.
            Some(text)
                if self.open && self.text == Self::HOST && (text.starts_with("://") || text.starts_with("//")) =>
            {
                self.text = format!("http:{}", text.trim_start_matches(':'));
            }
            Some(text) => self.text.push_str(text),
            None if self.text.is_empty() => {
                self.text.push_str(Self::HOST);
                self.open = true;
            }
            None => self.text.push_str("host"),
        }
    }

    /// Kinds of sink that it makes safe for what follows: `f"{BASE}/users/{name}"`, `f"http://{host}/{name}"`.
    pub(super) fn clears(&self) -> SinkSet {
        // An empty start and `/` are no host: a second slash may follow.
        let bare = self.open && self.text.strip_prefix(Self::HOST).is_some_and(|rest| rest.len() < 2);
        let kept = if bare { kinds(&["ssrf"]) } else { by_host() };
        cleared_by_start(&self.text) & kept
    }
}

/// Whether what follows a piece of SQL stands for a value: `WHERE name = '`, `VALUES (`, `LIMIT `.
pub(super) fn asks_for_value(before: &str) -> bool {
    const WORDS: &[&str] = &["limit", "offset", "like", "ilike", "between", "values", "in", "top", "match", "regexp"];
    let before = before.trim_end();
    if before.ends_with(['=', '<', '>', '\'', '%']) {
        return true;
    }
    let before = before.trim_end_matches(['"', '(']).trim_end().to_ascii_lowercase();
    let word = before.rsplit(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    before.ends_with('=') || WORDS.contains(&word)
}

/// Kinds of sink that a text's constant start makes safe: a host that is fixed, a path on the same one.
pub(super) fn cleared_by_start(start: &str) -> SinkSet {
    let lower = start.to_ascii_lowercase();
    let scheme = lower.find("://").map(|at| &lower[at + 3..]);
    // `https://host/`, `https://host?`
    let host = scheme.is_some_and(|rest| rest.find(['/', '?', '#']).is_some_and(|end| end > 0));
    // `shop://`: of an app.
    let is_page = |scheme: &str| {
        matches!(scheme, "http" | "https" | "ftp" | "ws" | "wss" | "file" | "javascript" | "data" | "view-source")
    };
    let of_app = lower.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'))
            && !is_page(scheme)
    });
    let local = start.starts_with('/') && !start.starts_with("//") && !start.starts_with("/\\") && start.len() > 1;
    // `?next=`, `#part`: what follows is no part of an address that names a host.
    let later = start.starts_with(['?', '#']);
    // `#name`, `mailto:name`: neither a tag nor a script.
    let begun = !lower.is_empty() && !lower.trim_start().starts_with(['<', '"', '\'']) && !lower.trim().is_empty();
    let addressed = begun && !"javascript:".starts_with(lower.as_str()) && !lower.starts_with("javascript:");
    let begins = if begun { kinds(&["selector"]) } else { 0 } | if addressed { kinds(&["link"]) } else { 0 };
    // `getattr(self, "handle_" + name)`: one of those that are meant.
    let named = start.len() > 2
        && start.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !start.starts_with('_');
    let begins = begins | if named { kinds(&["reflection"]) } else { 0 };
    // What begins with something else than a dash is no option.
    let plain = start.starts_with(|first: char| first.is_ascii_alphanumeric() || matches!(first, '/' | '.'));
    let begins = begins | if plain { kinds(&["argument"]) } else { 0 };
    let web = ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    let begins = begins | if web { kinds(&["open", "launch"]) } else { 0 };
    begins
        | if host || local || later { kinds(&["ssrf", "redirect"]) } else { 0 }
        | if of_app { kinds(&["redirect"]) } else { 0 }
}
