//! Tells code from values: calls, expressions, and what stands between the literals that a program joins.

/// `name(`, `object.name(`: code.
pub(super) fn is_call(value: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_.:$>-".contains(letter);
    value.split_once('(').is_some_and(|(name, _)| name.len() > 1 && name.chars().all(is_name))
}

/// `prf(prf(secret`: a call that opens more than it closes.
pub(super) fn is_cut_call(value: &str) -> bool {
    is_call(value) && value.matches('(').count() > value.matches(')').count()
}

/// `'x'==a.type`, `+name+`: an expression.
pub(super) fn is_expression(value: &str) -> bool {
    let is_operand = |next: char| next.is_alphanumeric() || matches!(next, '"' | '\'' | '$' | ' ');
    let compares = value.trim_end_matches('=').split_once("==").is_some_and(|(_, rest)| rest.starts_with(is_operand));
    let name = value.strip_prefix('+').and_then(|rest| rest.strip_suffix('+'));
    compares || name.is_some_and(|name| name.len() > 2 && name.chars().all(|next| next.is_alphabetic() || next == '_'))
}

/// `'language=' . $code`, `"&user_token=" + token`: the head of a query that a call puts together.
pub(super) fn opens_query(value: &str) -> bool {
    let name = value.strip_suffix('=').unwrap_or_default().trim_start_matches(['&', '?']);
    // Base64 of so few letters is no longer than this without a digit or a capital.
    name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// `'pass' => '".escape($pass)."'`, `).append(name).append(`: code between two literals, of which one ends in a quote of
/// the other kind.
pub(super) fn stands_between_literals(value: &str) -> bool {
    let joined = value.trim_start_matches(['"', '\'']).trim_start().strip_prefix(['.', '+']);
    let chained = value.strip_prefix(").");
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:>-".contains(&byte))
    };
    joined.or(chained).and_then(|rest| rest.trim_start().split_once('(')).is_some_and(|(name, _)| is_name(name))
}

/// `attempts+1`: what a statement counts.
pub(super) fn is_step(value: &str) -> bool {
    value.split_once(['+', '-']).is_some_and(|(column, step)| {
        column.len() > 2
            && column.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            && step.len() == 1
            && step.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_joins_literals_is_code() {
        for value in ["\".escape($pass, ", ".escape($pass", "\" + escape(pass", ").append(name).append("] {
            assert!(stands_between_literals(value), "{value}");
        }
        for value in ["\".blue", ").blue", "+1blue(19", "Blue.Tractor(19)"] {
            assert!(!stands_between_literals(value), "{value}");
        }
    }

    #[test]
    fn heads_of_queries_and_steps() {
        assert!(opens_query("language=") && opens_query("&user_token=") && !opens_query("bGFuZ3Vh="));
        assert!(!opens_query("=") && !opens_query("Language7="));
        assert!(is_step("attempts+1") && !is_step("blue+19") && !is_step("a+1"));
    }
}
