//! What regexes cost is told as they cost.

use super::*;
use proptest::prelude::*;

fn regex(source: &str, flags: &str, dialect: Dialect) -> Regex {
    Regex { source: source.into(), flags: flags.into(), dialect }
}

/// `e` for exponential, the power for polynomial, nothing for fast.
fn growth(regex: &Regex, mode: Use) -> String {
    match regex.superlinear(mode) {
        Verdict::Fast => String::new(),
        Verdict::Unknown(reason) => reason.into(),
        Verdict::Slow(cost) => match cost.growth {
            Growth::Exponential => "e".into(),
            Growth::Polynomial(power) => power.to_string(),
        },
    }
}

fn of_all(dialect: Dialect, mode: Use, wanted: &str, sources: &[&str]) {
    for source in sources {
        assert_eq!(growth(&regex(source, "", dialect), mode), wanted, "{dialect:?} {source}");
    }
}

#[test]
fn exponential_in_both_languages() {
    let sources = [
        r"(a+)+$",
        r"(a*)*b",
        r"^(\w+\s?)*$",
        r"(?:x|y|xy)+z",
        r"^(([a-z])+.)+[A-Z]([a-z])+$",
        r"(a?b?)*c",
        r"(?:(?:x*|y*)a)*c",
        r"^(?:\d{3,5})+$",
        r"(\s*\w+\s*,?)*;",
        r"^(?:[^\\x]|\\.|[^y])*z",
        r"(?=(a+)+b)",
        r"(?!x(a|a)+b)x",
        r"^(?:(?:a{1,3}){2,})+$",
        r"(?:aa|a){10,}$",
    ];
    for dialect in [Dialect::JavaScript, Dialect::Python] {
        of_all(dialect, Use::Search, "e", &sources);
    }
}

#[test]
fn many_rounds_are_like_endless_ones() {
    for dialect in [Dialect::JavaScript, Dialect::Python] {
        of_all(
            dialect,
            Use::Search,
            "e",
            &[r"^(?:a|aa){1,100}$", r"^(?:[a-z]+\.?){1,50}$", r"^(?:(?:x?y?){0,300}z){0,200}$"],
        );
        of_all(
            dialect,
            Use::Search,
            "",
            &[r"^(?:ab){1,100}$", r"^(?:[a-z]+\.){1,50}$", r"^(?:a|aa){1,4}$", r"(?:ab){0,64}x"],
        );
        of_all(dialect, Use::Search, "2", &[r"(?:ab){0,900}x"]);
    }
}

#[test]
fn what_is_looked_for_ahead_is_there() {
    for dialect in [Dialect::JavaScript, Dialect::Python] {
        of_all(dialect, Use::Search, "e", &[r"^(?=.*\d)(?=.*[a-z])(\w+\s?)+$"]);
        of_all(dialect, Use::Search, "", &[r"^(?=.*\d)(?=.*[a-z])\w+$"]);
    }
}

#[test]
fn powers_too_high_to_be_measured_long_are_told() {
    let source = r"^\s*(?:(\*|[-\w]*)\|)?((?:\\.|[\w\u00b0-\uFFFF-])+)\s*(?:=x|)\s*([iIsS])?\s*\]";
    let told = regex(source, "", Dialect::JavaScript).superlinear(Use::Search);
    assert!(matches!(&told, Verdict::Slow(cost) if matches!(cost.growth, Growth::Polynomial(3..))), "{told:?}");
}

#[test]
fn what_stands_before_is_tried() {
    for dialect in [Dialect::JavaScript, Dialect::Python] {
        of_all(dialect, Use::Search, "2", &[r"^\W+|\W+$", r"^ +| +$"]);
        of_all(dialect, Use::Search, "e", &[r"(?<=a)(x+x+)+y"]);
        of_all(dialect, Use::Search, "", &[r"^\W+|x$", r"^ +", r"\bx+\b"]);
    }
}

#[test]
fn fast_in_both_languages() {
    let sources = [
        "abc",
        r"^\s+$",
        r"^[a-z]+(?:-[a-z]+)*$",
        r#"^"(?:[^"\\]|\\.)*"$"#,
        r"^(?:a+b+)*$",
        r"^(\d{1,3},)*\d{1,3}$",
        // Whatever follows, these do not fail.
        r"(a*)*",
        r"^(a|a)*",
        r"^(?:\w+\s?)*",
        r"^(?:a?)*b",
        r"^(a{5})*$",
        r"^\s*(\w+)\s*=",
        r"^(?:ab|ac)*$",
    ];
    for dialect in [Dialect::JavaScript, Dialect::Python] {
        of_all(dialect, Use::Search, "", &sources);
    }
}

#[test]
fn polynomial_with_its_power() {
    for dialect in [Dialect::JavaScript, Dialect::Python] {
        of_all(
            dialect,
            Use::Search,
            "2",
            &[r"\s+$", r"<[^>]*>", r"^\s*\s*$", r"^.*a.*$x", r"x.*y", r"^a*[ab]*c", r"(?:,\s*)+;"],
        );
        of_all(dialect, Use::Search, "3", &[r"^\s*\s*\s*x", r"a*a*b"]);
        of_all(dialect, Use::Start, "", &[r"\s+$", r"<[^>]*>", r"x.*y"]);
        of_all(dialect, Use::Whole, "", &[r"\s+", r"<[^>]*>"]);
    }
    assert_eq!(growth(&regex(r"^\s*x", "m", Dialect::JavaScript), Use::Search), "2");
    assert_eq!(growth(&regex(r#"(["'])(?:\\.|(?!\1)[^\\])*\1"#, "", Dialect::JavaScript), Use::Search), "2");
    // A line that does not match, and another one.
    assert_eq!(growth(&regex(r"\s+(.*)$", "", Dialect::Python), Use::Search), "3");
}

#[test]
fn all_of_a_text_can_fail_where_a_part_cannot() {
    let words = regex(r"(\w+\d+)+", "", Dialect::Python);
    assert_eq!(growth(&words, Use::Start), "");
    assert_eq!(growth(&words, Use::Whole), "e");
}

#[test]
fn what_engines_put_together() {
    // Alternatives of single characters are a class.
    of_all(Dialect::JavaScript, Use::Search, "", &[r"^(?:a|b|a)*$"]);
    of_all(Dialect::JavaScript, Use::Search, "e", &[r"^(?:a|a)*$", r"^(?:\d|\w)*$"]);
    of_all(Dialect::Python, Use::Search, "", &[r"^(?:a|b|a)*$", r"^(?:\d|\w)*$"]);
    of_all(Dialect::Python, Use::Search, "e", &[r"^(?:a|a)*$", r"^(?:[^x]|\w)*!"]);
}

#[test]
fn what_is_not_taken_back() {
    of_all(Dialect::Python, Use::Search, "", &[r"^(?>a+)+$", r"^(?:a++)+$", r"^(?:a+)++$", r"^(?>(?:a|a)*)b"]);
}

#[test]
fn flags() {
    let of = |source, flags, dialect| growth(&regex(source, flags, dialect), Use::Search);
    assert_eq!(of("^(?:A|[a-z])*$", "", Dialect::JavaScript), "");
    assert_eq!(of("^(?:A|[a-z])*$", "i", Dialect::JavaScript), "e");
    assert_eq!(of("^(?:.|\\n)*x", "", Dialect::Python), "");
    assert_eq!(of("^(?:.|\\n)*x", "s", Dialect::Python), "e");
    assert_eq!(of("^ ( a+ # letters\n )+ $", "x", Dialect::Python), "e");
    assert_eq!(of("(?x) ^ ( a+ )+ $", "", Dialect::Python), "e");
    assert_eq!(of("\\s+$", "y", Dialect::JavaScript), "");
    assert_eq!(of(r"^(?:é|\w)*$", "", Dialect::Python), "");
    assert_eq!(of(r"^(?:[^b]|é)*$", "", Dialect::Python), "e");
    assert_eq!(of(r"^(?:\p{Lu}|[A-Z])*$", "u", Dialect::JavaScript), "e");
}

#[test]
fn flags_of_python_calls() {
    assert_eq!(python_flags("flags=re.I | re.VERBOSE"), "ix");
    assert_eq!(python_flags("DOTALL"), "s");
    for other in ["text", "S.text", "'I'", "re.I if x else 0", "f(re.M)"] {
        assert_eq!(python_flags(other), "", "{other}");
    }
}

#[test]
fn groups_by_number_and_name() {
    of_all(Dialect::JavaScript, Use::Search, "e", &[r#"^(["'])(?:(?!\1).|\1{2}|x)*\1$"#, r"^(?<q>a)(?:b+)+\k<q>$"]);
    of_all(Dialect::Python, Use::Search, "e", &[r"^(?P<q>a)(?:b+)+(?P=q)$"]);
    of_all(Dialect::JavaScript, Use::Search, "", &[r#"^(["'])(?:\\.|(?!\1)[^\\])*\1$"#]);
}

#[test]
fn what_is_not_read_is_told() {
    let of = |source: &str, flags, dialect| regex(source, flags, dialect).superlinear(Use::Search);
    let unknown = |verdict| matches!(verdict, Verdict::Unknown(_));
    assert!(unknown(of(r"(a)?(?(1)b|c+)+", "", Dialect::Python)));
    assert!(unknown(of(r"[\w--\d]+x", "v", Dialect::JavaScript)));
    assert!(unknown(of("(a+", "", Dialect::Python)));
    assert!(unknown(of(&"(a+)+".repeat(1000), "", Dialect::Python)));
    assert!(unknown(of("(?:[a-z]+[0-9]{900}){900}", "", Dialect::Python)));
}

#[test]
fn the_cost_says_what_and_where() {
    let source = r"^id:(?:[a-z]+\s?)*;$";
    let Verdict::Slow(cost) = regex(source, "", Dialect::JavaScript).exponential(Use::Search) else {
        panic!("it is slow")
    };
    assert_eq!(cost.text(), "'id:a', then 'a' many times, then '!'");
    assert_eq!(&source[cost.span.range()], r"(?:[a-z]+\s?)*");
}

#[test]
fn groups_in_text() {
    let telling = |text: &str| repeats_a_group(text.as_bytes());
    for text in ["/(a+)+/", r"(\w+\s?)*", "(a|b)+", "(?:x?){2,}", "((a)|(b))*", r"(\(|x)*"] {
        assert!(telling(text), "{text}");
    }
    for text in ["if (a) {2}", "(ab)+", "(?:ab)*", "f(x) {", "(a) * b", "a)+", "(?:ab){1,2}", ""] {
        assert!(!telling(text), "{text}");
    }
}

/// A small regex, and how often a matcher that knows no better goes on.
#[derive(Debug, Clone)]
enum Small {
    Letter(char),
    Then(Box<Small>, Box<Small>),
    Or(Box<Small>, Box<Small>),
    Star(Box<Small>),
    Maybe(Box<Small>),
}

impl Small {
    fn source(&self) -> String {
        match self {
            Small::Letter(letter) => letter.to_string(),
            Small::Then(left, right) => format!("{}{}", left.source(), right.source()),
            Small::Or(left, right) => format!("(?:{}|{})", left.source(), right.source()),
            Small::Star(inner) => format!("(?:{})*", inner.source()),
            Small::Maybe(inner) => format!("(?:{})?", inner.source()),
        }
    }

    /// Whether a text from a place on matches, with what follows; nothing: too many steps.
    fn goes(
        &self,
        text: &[u8],
        at: usize,
        steps: &mut u32,
        then: &mut dyn FnMut(usize, &mut u32) -> Option<bool>,
    ) -> Option<bool> {
        *steps += 1;
        if *steps > LIMIT {
            return None;
        }
        match self {
            Small::Letter(letter) => {
                if text.get(at) == Some(&(*letter as u8)) {
                    then(at + 1, steps)
                } else {
                    Some(false)
                }
            }
            Small::Then(left, right) => left.goes(text, at, steps, &mut |at, steps| right.goes(text, at, steps, then)),
            Small::Or(left, right) => Some(left.goes(text, at, steps, then)? || right.goes(text, at, steps, then)?),
            Small::Maybe(inner) => {
                let some = inner
                    .goes(text, at, steps, &mut |end, steps| if end > at { then(end, steps) } else { Some(false) })?;
                Some(some || then(at, steps)?)
            }
            Small::Star(inner) => {
                let some = inner.goes(text, at, steps, &mut |end, steps| {
                    if end > at { self.goes(text, end, steps, then) } else { Some(false) }
                })?;
                Some(some || then(at, steps)?)
            }
        }
    }

    /// The steps for all of a text.
    fn steps(&self, text: &[u8]) -> Option<u32> {
        let mut steps = 0;
        self.goes(text, 0, &mut steps, &mut |at, _| Some(at == text.len()))?;
        Some(steps)
    }
}

const LIMIT: u32 = 60_000;

fn small() -> impl Strategy<Value = Small> {
    let letter = prop_oneof![Just(Small::Letter('a')), Just(Small::Letter('b'))];
    letter.prop_recursive(4, 7, 2, |inner| {
        let pair = || (inner.clone(), inner.clone()).prop_map(|(left, right)| (Box::new(left), Box::new(right)));
        prop_oneof![
            pair().prop_map(|(left, right)| Small::Then(left, right)),
            pair().prop_map(|(left, right)| Small::Or(left, right)),
            inner.clone().prop_map(|inner| Small::Star(Box::new(inner))),
            inner.clone().prop_map(|inner| Small::Maybe(Box::new(inner))),
        ]
    })
}

/// Texts over two letters up to a length.
fn words(longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    for at in 0.. {
        if all[at].len() == longest {
            return all;
        }
        all.extend(["a", "b"].map(|letter| all[at].clone() + letter));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// What is said to be exponential is so for a matcher that was written apart, and what is exponential
    /// for that one with some repeated piece is said to be.
    #[test]
    fn agrees_with_all_short_pieces(small in small()) {
        let found = regex(&small.source(), "", Dialect::JavaScript).exponential(Use::Whole);
        // Twice the pieces: how often does it go on? No power that so small a regex has does so much.
        let explodes = |prefix: &str, piece: &str, suffix: &str| {
            let steps = |times| small.steps(format!("{prefix}{}{suffix}", piece.repeat(times)).as_bytes());
            let grows = |times| {
                let few = steps(times).filter(|few| 60 * few <= LIMIT)?;
                Some(steps(2 * times).is_none_or(|many| many > 60 * few))
            };
            let all = [4, 7, 11].map(grows);
            if all.contains(&Some(true)) { Some(true) } else { all[2] }
        };
        if let Verdict::Slow(cost) = &found {
            prop_assert!(explodes(&cost.prefix, &cost.piece, &cost.suffix) != Some(false), "{} {cost:?}", small.source());
        }
        for piece in words(3).iter().filter(|piece| !piece.is_empty()) {
            for prefix in words(1) {
                let slow = explodes(&prefix, piece, "!") == Some(true);
                prop_assert!(!slow || matches!(found, Verdict::Slow(_)), "{} {prefix} {piece}", small.source());
            }
        }
    }
}

#[test]
fn what_a_regex_admits_is_told() {
    let admits = |source, flags, mode| regex(source, flags, Dialect::JavaScript).admits(mode).expect("it is read");
    let word = admits(r"^[\w.-]+$", "", Use::Search);
    assert!(word.whole && !word.line_end && word.has(".") && !word.has(";/ ") && word.may_start_with(b'-'));
    // Anywhere in a text, or on one of its lines.
    for (source, flags) in [(r"[a-z]+", ""), (r"^[a-z]+$", "m"), (r"^[a-z]+|[0-9]+$", ""), (r"^[a-z]+", "")] {
        assert!(!admits(source, flags, Use::Search).whole, "{source}");
    }
    assert!(admits(r"[a-z]+", "", Use::Whole).whole && admits(r"^(?:a|b)$", "", Use::Search).whole);
    assert!(admits(r"^(?!-)[\w-]+$", "", Use::Search).may_start_with(b'-'));
    assert!(!admits(r"^\w[\w-]*$", "", Use::Search).may_start_with(b'-'));
    assert!(admits(r"^[^;]+$", "", Use::Search).has("|") && !admits(r"^[^;]+$", "", Use::Search).has(";"));
    assert!(admits(r"^(?!.*\.\.)[\w/.]+$", "", Use::Search).without_dots);
    assert!(admits(r"^(?:(?!\.\.)[\w/.])+$", "", Use::Search).without_dots);
    assert!(!admits(r"^(?!\.\.)[\w/.]+$", "", Use::Search).without_dots);
    let python = regex(r"^[a-z]+$", "", Dialect::Python).admits(Use::Start).expect("it is read");
    assert!(python.whole && python.line_end);
}

#[test]
fn hosts_that_a_regex_names() {
    let names = |source| regex(source, "", Dialect::JavaScript).admits(Use::Search).expect("it is read").names_host;
    for source in [
        r"^https:\/\/example\.com\/",
        r"^https?:\/\/(?:\w+\.)?example\.com(?:\/|$)",
        r"^https:\/\/[a-z]+\.example\.com$",
    ] {
        assert!(names(source), "{source}");
    }
    for source in [
        r"https:\/\/example\.com\/",
        r"^https:\/\/example\.com",
        r"^https:\/\/.*example\.com\/",
        r"^https:\/\/[\w.]+\/",
        r"^https:\/\/[^?]+example\.com\/",
        r"^\/\/?[a-z]+",
    ] {
        assert!(!names(source), "{source}");
    }
}
