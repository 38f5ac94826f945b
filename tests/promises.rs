//! The promises of the design, held against the built-in rules.

use proptest::prelude::*;
use scanner_core::input::Memory;
use scanner_core::{Blob, Error, Input, Origin, Progress, Report, Scanner, Visitor};
use std::sync::LazyLock;
use std::sync::atomic::Ordering;

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

/// Base64 of bytes, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let number = group.iter().fold(0u32, |number, &byte| number << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = char::from(ALPHABET[number as usize >> (18 - 6 * place) & 63]);
            out.push(if place <= group.len() { letter } else { '=' });
        }
    }
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).and_then(|()| writer.finish()).expect("memory takes all")
}

/// Ways to write a text so that no search finds it.
const ENCODINGS: &[fn(&str) -> String] = &[
    |text| base64(text.as_bytes()),
    |text| base64(text.as_bytes()).trim_end_matches('=').replace('+', "-").replace('/', "_"),
    |text| base64(&gzip(text.as_bytes())),
    |text| base64(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
    |text| text.bytes().map(|byte| format!("{byte:02x}")).collect(),
    |text| text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
    |text| text.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
    |text| text.bytes().map(|byte| format!("\\u{byte:04x}")).collect(),
    |text| text.bytes().map(|byte| format!("&#{byte};")).collect(),
];

/// What is encoded: a token, and a text around it that is long enough for every encoding to be seen.
fn hidden() -> (String, String) {
    let token = secrets()[0].clone();
    let text = format!("id of the store is {token} here");
    (token, text)
}

#[test]
fn no_report_holds_an_encoded_secret() {
    let (token, text) = hidden();
    for (number, encode) in ENCODINGS.iter().enumerate() {
        let encoded = encode(&text);
        let plain = format!("first\nvalue: \"{encoded}\" # note\n");
        let report = SCANNER.scan_bytes("a.yml", plain.as_bytes());
        assert_eq!(report.findings.len(), 1, "{number}: {:?}", report.findings);
        let finding = &report.findings[0];
        assert_eq!(&*finding.rule, "aws-access-key-id", "{number}");
        assert!(finding.facts.iter().any(|(name, _)| name == "decoded from"), "{:?}", finding.facts);
        let span = finding.location.span.range();
        let shown = &plain[span.clone()];
        assert!(plain.contains(&encoded) && encoded.contains(shown), "{number}: {shown}");
        for output in outputs(&report) {
            assert!(!output.contains(&token) && !output.contains(shown), "{number}: {output}");
            assert!(!output.contains(&encoded), "{number}: {output}");
        }
    }
}

/// The report in every format.
fn outputs(report: &Report) -> Vec<String> {
    use scanner_core::format::{json, sarif, text};
    let mut written = vec![Vec::new(), Vec::new(), Vec::new()];
    json::write(report, &json::JsonOptions::default(), &mut written[0]).expect("memory takes all");
    sarif::write(report, &sarif::SarifOptions::default(), &mut written[1]).expect("memory takes all");
    text::write(report, &text::TextOptions::default(), &mut written[2]).expect("memory takes all");
    written.into_iter().map(|bytes| String::from_utf8(bytes).expect("reports are UTF-8")).collect()
}

#[test]
fn joined_constants_are_one_secret() {
    let token = &secrets()[0];
    let (head, tail) = token.split_at(7);
    for (path, text) in [
        ("a.js", format!("const id = '{head}' +\n  \"{tail}\";\n")),
        ("a.py", format!("ID = (\n    \"{head}\"\n    \"{tail}\"\n)\n")),
        ("a.py", format!("ID = ''.join(['{head}', '{tail}'])\n")),
        ("a.php", format!("$id = '{head}' . '{tail}';\n")),
        ("a.java", format!("String id = \"{head}\" + \"{tail}\";\n")),
        ("a.sh", format!("curl -u {head}\\\n{tail}:\n")),
    ] {
        let report = SCANNER.scan_bytes(path, text.as_bytes());
        let rules: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
        assert_eq!(rules, ["aws-access-key-id"], "{text}");
        let shown = &text[report.findings[0].location.span.range()];
        assert!(shown.starts_with(head) && shown.ends_with(tail), "{shown}");
        for output in outputs(&report) {
            assert!(!output.contains(token.as_str()) && !output.contains(tail), "{output}");
        }
    }
    let apart = format!("const id = '{head}' + x + '{tail}';\n");
    assert!(SCANNER.scan_bytes("a.js", apart.as_bytes()).findings.is_empty());
}

#[test]
fn several_secrets_in_one_stream_are_several_findings() {
    let text = format!("[a]\nid = {}\nb = {}\n", secrets()[0], secrets()[1]);
    let report = SCANNER.scan_bytes("a.txt", base64(&gzip(text.as_bytes())).as_bytes());
    let rules: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
    assert_eq!(rules, ["aws-access-key-id", "gitlab-pat"]);
    let prints: Vec<_> = report.findings.iter().map(|finding| &finding.fingerprint).collect();
    assert_ne!(prints[0], prints[1]);
}

#[test]
fn a_slash_that_json_escapes_hides_no_url() {
    let text = ["{\"a\": \"https:\\/\\/ci:Vb7.kq", "2Lx9w@git.corp.io\\/x\"}"].concat();
    let report = SCANNER.scan_bytes("a.json", text.as_bytes());
    let found: Vec<&str> = report.findings.iter().map(|finding| &text[finding.location.span.range()]).collect();
    assert_eq!(found, [["Vb7.kq", "2Lx9w"].concat()]);
}

#[test]
fn a_notebook_is_read_by_cell() {
    let token = &secrets()[0];
    let text = format!(
        "{{\"cells\": [{{\"cell_type\": \"code\", \"source\": [\"import hashlib\\n\", \"k = \\\"{token}\\\"\\n\", \"hashlib.md5(b'x')\\n\"], \"outputs\": []}}]}}"
    );
    let report = SCANNER.scan_bytes("a.ipynb", text.as_bytes());
    let mut found: Vec<(&str, &str)> =
        report.findings.iter().map(|finding| (&*finding.rule, &text[finding.location.span.range()])).collect();
    found.sort_unstable();
    assert_eq!(found, [("aws-access-key-id", token.as_str()), ("py-weak-hash", "hashlib.md5(b'x')")]);
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

proptest! {
    // Texts grow sixfold with each encoding.
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn nested_encodings_are_undone(steps in prop::collection::vec(0..ENCODINGS.len(), 1..4), before in "[a-zé \\n]{0,40}") {
        let (token, text) = hidden();
        let encoded = steps.iter().fold(text, |text, &step| ENCODINGS[step](&text));
        let whole = format!("{before} \"{encoded}\"\n");
        let report = SCANNER.scan_bytes("notes.cfg", whole.as_bytes());
        let found: Vec<_> = report.findings.iter().filter(|finding| &*finding.rule == "aws-access-key-id").collect();
        prop_assert_eq!(found.len(), 1, "{:?}: {:?}", steps, report.findings);
        let shown = whole.get(found[0].location.span.range());
        prop_assert!(shown.is_some_and(|shown| encoded.contains(shown)), "{:?}", shown);
        prop_assert!(!outputs(&report).iter().any(|output| output.contains(&token) || output.contains(&encoded)));
    }

    #[test]
    fn the_prefilter_changes_no_layer(steps in prop::collection::vec(0..ENCODINGS.len(), 1..3)) {
        let encoded = steps.iter().fold(hidden().1, |text, &step| ENCODINGS[step](&text));
        let files = [("a.yml".to_owned(), format!("password: {encoded}\n"))];
        prop_assert_eq!(json(&scan(&SCANNER, &files)), json(&scan(&PLAIN, &files)));
    }
}

/// Files of which the first is examined before the scan is ended.
struct Ended<'p>(&'p Progress);

impl Input for Ended<'_> {
    fn visit(&self, _: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        for (path, text) in corpus() {
            visitor.blob(Blob::new(Origin::path(path), text.into_bytes()));
            self.0.stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[test]
fn a_scan_that_is_ended_reports_what_it_found() {
    let progress = Progress::default();
    let report = SCANNER.scan_with(&Ended(&progress), &progress).expect("memory can be read");
    let first = corpus()[0].0.clone();
    assert!(!report.findings.is_empty() && report.is_incomplete(), "{report:?}");
    assert!(report.findings.iter().all(|finding| finding.location.origin.path == first));
    assert_eq!(report.problems.len(), 1, "{report:?}");
    assert!(report.problems[0].to_string().contains("interrupted"), "{report:?}");
}
