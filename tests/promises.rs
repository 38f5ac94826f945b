//! The promises of the design, held against the built-in rules.

use proptest::prelude::*;
use scanner_core::input::Memory;
use scanner_core::{Report, Scanner};
use std::sync::LazyLock;

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new().expect("the built-in rules load"));
static PLAIN: LazyLock<Scanner> =
    LazyLock::new(|| Scanner::builder().prefilter(false).build().expect("the built-in rules load"));

/// Credentials put together at run time, so that this file holds none.
fn secrets() -> Vec<String> {
    let body = "q8Zr2LmX0vTn5KwYb7Hd3Fs9Pc4Jg6Ae1Ru";
    vec![
        ["AKIA", "QYLPMN5HHHFPZAM2"].concat(),
        format!("{}-{}", "glpat", &body[..20]),
        format!("{}_{}", "hf", &body[..34]),
        body[..24].to_owned(),
        "blue!Tractor7".to_owned(),
    ]
}

/// Files of several kinds with the secrets in them.
fn corpus() -> Vec<(String, String)> {
    let secrets = secrets();
    let mut files = Vec::new();
    for (number, secret) in secrets.iter().enumerate() {
        files.push((
            format!("a{number}/.env"),
            format!("# settings\nexport API_KEY={secret}\nDB_PASSWORD='{secret}'\n"),
        ));
        files.push((format!("a{number}/app.yml"), format!("db:\n  password: {secret}\n  token: \"{secret}\"\n")));
        files.push((format!("a{number}/c.json"), format!("{{\"client_secret\": \"{secret}\", \"é\": \"{secret}\"}}")));
        files.push((
            format!("a{number}/main.py"),
            format!("import hashlib\npassword = \"{secret}\"\nhashlib.md5(b'x')\nverify(token='{secret}')\n"),
        ));
        files.push((
            format!("a{number}/main.ts"),
            format!("const apiKey: string = `{secret}`;\ncrypto.createHash('md5');\neval(x);\n"),
        ));
    }
    files
}

fn scan(scanner: &Scanner, files: &[(String, String)]) -> Report {
    let input = files.iter().fold(Memory::new(), |input, (path, text)| input.with(path.clone(), text.clone()));
    scanner.scan(&input).expect("memory can be read")
}

fn json(report: &Report) -> String {
    format!("{:?}{:?}{:?}", report.findings, report.suppressed, report.problems)
}

#[test]
fn the_same_report_for_any_order_and_thread_count() {
    let files = corpus();
    let reversed: Vec<_> = files.iter().rev().cloned().collect();
    let one = Scanner::builder().threads(1).build().expect("the built-in rules load");
    let four = Scanner::builder().threads(4).build().expect("the built-in rules load");
    let report = scan(&one, &files);
    assert!(report.findings.len() >= files.len(), "{}", report.findings.len());
    assert_eq!(json(&report), json(&scan(&four, &files)));
    assert_eq!(json(&report), json(&scan(&four, &reversed)));
    let merged = |scanner: &Scanner, files: &[(String, String)]| {
        let mut report = scan(scanner, files);
        report.merge(scanner.limits());
        report
    };
    let once = merged(&one, &files);
    assert!(once.findings.len() < report.findings.len());
    assert_eq!(once.places(), report.findings.len(), "no place is lost");
    assert_eq!(json(&once), json(&merged(&four, &reversed)));
}

#[test]
fn no_report_holds_a_whole_secret() {
    let text = json(&scan(&SCANNER, &corpus()));
    for secret in secrets() {
        assert!(!text.contains(&secret), "{secret} is shown");
    }
    let shown = Scanner::builder().show_secrets(true).build().expect("the built-in rules load");
    let text = json(&scan(&shown, &corpus()));
    assert!(text.contains(&secrets()[0]));
}

#[test]
fn prefilter_on_and_off_find_the_same() {
    let files = corpus();
    assert_eq!(json(&scan(&SCANNER, &files)), json(&scan(&PLAIN, &files)));
}

#[test]
fn a_moved_line_keeps_its_fingerprint() {
    for (path, text) in corpus() {
        let before = SCANNER.scan_bytes(&path, text.as_bytes());
        let moved = if path.ends_with("json") { format!("\n\n{text}") } else { format!("\n\n\n{text}\n") };
        let after = SCANNER.scan_bytes(&path, moved.as_bytes());
        let prints =
            |report: &Report| report.findings.iter().map(|finding| finding.fingerprint.clone()).collect::<Vec<_>>();
        assert_eq!(prints(&before), prints(&after), "{path}");
    }
}

#[test]
fn a_secret_and_the_file_that_is_known_for_it_are_one_finding() {
    let scanner = Scanner::new().expect("the built-in rules are valid");
    let text = ["machine git.local login ci pass", "word Vb7.kq2Lx9w\n"].concat();
    let report = scanner.scan_bytes("home/.netrc", text.as_bytes());
    let rules: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["netrc-password"]);
    assert!(report.findings[0].facts.iter().any(|(name, _)| name == "file"), "{:?}", report.findings[0].facts);
}

#[test]
fn fingerprints_differ_within_a_report() {
    let report = scan(&SCANNER, &corpus());
    let mut prints: Vec<_> = report.findings.iter().map(|finding| &finding.fingerprint).collect();
    let count = prints.len();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), count);
}

fn hold_promises(path: &str, bytes: &[u8]) {
    let report = SCANNER.scan_bytes(path, bytes);
    let text = match scanner_core::decode::decode(bytes, 8192) {
        scanner_core::decode::Decoded::Text(text) => text.into_owned(),
        scanner_core::decode::Decoded::Binary => String::new(),
    };
    for finding in report.findings.iter().chain(&report.suppressed) {
        let range = finding.location.span.range();
        assert!(text.get(range).is_some(), "{path}: span outside of the text or inside a character");
        let highlight = finding.excerpt.highlight.clone();
        assert!(finding.excerpt.text.get(highlight).is_some(), "{path}: highlight outside of the excerpt");
        assert!(finding.location.start <= finding.location.end);
    }
}

const NAMES: &[&str] = &[
    "a.py",
    "a.ts",
    "a.tsx",
    "a.js",
    ".env",
    "a.yml",
    "a.json",
    "a.xml",
    "id_rsa",
    "a.txt",
    "Dockerfile",
    "a.sql",
    ".netrc",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_panic_on_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), name in 0..NAMES.len()) {
        hold_promises(NAMES[name], &bytes);
    }

    #[test]
    fn no_panic_on_shuffled_syntax(
        parts in prop::collection::vec(0..26usize, 0..40),
        name in 0..NAMES.len(),
    ) {
        const PARTS: &[&str] = &[
            "password", "=", ": ", "\"", "'", "\n", "api_key", "{", "}", "(", ")", "é😀", "eval", "<", ">", "token",
            "AKIA", "-----BEGIN ", "PRIVATE KEY-----", "\\", "://u:p@", "`${", " autoclave:ignore", "f\"", "insert into t (password) values ",
            "machine m password ",
        ];
        let text: String = parts.iter().map(|&part| PARTS[part]).collect();
        hold_promises(NAMES[name], text.as_bytes());
    }
}
