//! What is written where, and that no secret is among it.

mod common;

use common::{Sandbox, found, token};

#[test]
fn text_report() {
    let run = Sandbox::with_token().file("b.testkey", "x").scan(&[]);
    assert_eq!(run.stderr, "");
    insta::with_settings!({ filters => [(r"\d+ ms", "[time]")] }, {
        insta::assert_snapshot!(run.stdout);
    });
}

#[test]
fn quiet_text_is_one_line_for_each_finding() {
    let sandbox = Sandbox::with_token().file("large.txt", "text ".repeat(100));
    let run = sandbox.scan(&["-q", "--max-file-size", "300"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "src/app.conf:2:9: high test-token: Test token");
    assert!(lines.len() == 2 && lines[1].starts_with("large.txt: "), "{run:?}");
    let run = sandbox.scan(&["-q", "--format", "json"]);
    assert_eq!(run.stderr, "");
}

#[test]
fn machine_formats_are_alone_on_standard_output() {
    let sandbox = Sandbox::with_token();
    for format in ["json", "sarif"] {
        let run = sandbox.scan(&["--format", format]);
        assert!(run.json().is_object());
        assert!(run.stderr.starts_with("1 finding (1 high); 1 file, "), "{run:?}");
    }
}

#[test]
fn several_reports_at_once() {
    let sandbox = Sandbox::with_token();
    let run = sandbox.scan(&["-o", "sarif=../a.sarif", "-o", "../b.json", "--output", "text=../c"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.starts_with("1 finding"), "{run:?}");
    let sarif: serde_json::Value = serde_json::from_str(&sandbox.read("../a.sarif")).expect("it is JSON");
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "src/app.conf");
    let json = serde_json::from_str(&sandbox.read("../b.json")).expect("it is JSON");
    assert_eq!(found(&json), ["src/app.conf:test-token"]);
    assert!(sandbox.read("../c").contains("--> src/app.conf:"));
    let run = sandbox.scan(&["--format", "text", "-o", "sarif=../a.sarif"]);
    assert!(run.stdout.contains("--> src/app.conf:") && run.stderr.is_empty(), "{run:?}");
    let run = sandbox.scan(&["--format", "json", "-o", "../plain"]);
    assert!(run.stdout.is_empty() && sandbox.read("../plain").starts_with('{'), "{run:?}");
    assert_eq!(sandbox.scan(&["-o", "json=-", "-o", "../a.sarif"]).found().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    if std::path::Path::new("/dev/full").exists() {
        let run = Sandbox::with_token().scan(&["-o", "json=/dev/full", "--exit-zero"]);
        assert!(run.code == 2 && run.stderr.contains("error: /dev/full: "), "{run:?}");
    }
}

#[test]
fn no_report_holds_a_secret_unless_asked() {
    let sandbox = Sandbox::new().file("a.env", format!("A={0} B={0}\nCOPY={0}\n", token()));
    let all = ["-v", "--include-suppressed", "-o", "json=../j", "-o", "sarif=../s", "-o", "text=../t", "-o", "text=-"];
    let everything = |args: &[&str]| {
        let run = sandbox.scan(&[&all[..], args].concat());
        [run.stdout, run.stderr, sandbox.read("../j"), sandbox.read("../s"), sandbox.read("../t")]
    };
    for text in everything(&[]) {
        assert!(!text.contains(&token()) && !text.contains(&token()[4..]), "{text}");
    }
    let shown = everything(&["--show-secrets"]);
    assert!(shown[0].contains(&token()) && shown[2].contains(&token()));
    assert!(shown[1].contains("warning: this report shows credentials in full"), "{}", shown[1]);
}

#[test]
fn color_is_for_terminals_or_on_demand() {
    let sandbox = Sandbox::with_token();
    assert!(!sandbox.scan(&[]).stdout.contains('\u{1b}'));
    assert!(sandbox.scan(&["--color", "always"]).stdout.contains('\u{1b}'));
    assert!(!sandbox.scan(&["--color", "always", "--format", "json"]).stdout.contains('\u{1b}'));
    let forced = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = sandbox.command();
        command.args(sandbox.own_rules()).args(args).envs(variables.iter().copied());
        String::from_utf8_lossy(&command.output().expect("it runs").stdout).contains('\u{1b}')
    };
    assert!(forced(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!forced(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &["--color", "never"]));
    assert!(!forced(&[("NO_COLOR", "1")], &[]));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut sandbox = Sandbox::new();
    for number in 0..60 {
        sandbox =
            sandbox.file(&format!("d{}/f{number}.py", number % 7), format!("a = 1\nkey = '{}'\nhint_1234\n", token()));
    }
    for format in ["json", "sarif"] {
        let run = |threads| sandbox.scan(&["--format", format, "-j", threads, "--min-confidence", "low"]).stdout;
        let one = run("1");
        assert!(one.len() > 1000 && one == run("4"), "{format}");
    }
}

#[test]
fn comments_suppress() {
    let marker = ["autoclave", "ignore"].join(":");
    let sandbox = Sandbox::new()
        .file("a.sh", format!("# {marker}[test-token] drawn for the tests\nA={}\n", token()))
        .file("b.sh", format!("# {marker}[test-token] nothing here\n"));
    let run = sandbox.scan(&["--format", "json"]);
    assert_eq!((run.code, run.found().len()), (0, 0));
    assert_eq!(run.json()["suppressed"][0]["suppression"]["reason"], "drawn for the tests");
    assert_eq!(run.json()["problems"][0]["kind"], "unused-suppression");
    let sarif = |args: &[&str]| {
        let run = sandbox.scan(&[&["--format", "sarif", "--sarif-category", "secrets"], args].concat()).json();
        assert_eq!(run["runs"][0]["automationDetails"]["id"], "secrets/");
        run["runs"][0]["results"].as_array().expect("there are results").len()
    };
    assert_eq!((sarif(&[]), sarif(&["--include-suppressed"])), (0, 1));
}

#[test]
fn one_secret_in_many_places_is_one_finding() {
    let sandbox = Sandbox::new().file("tests/a.txt", token()).file("src/b.txt", format!("\n{0}\n{0}\n", token()));
    let report = |args: &[&str]| -> serde_json::Value {
        let run = sandbox.scan(&[&["--format", "json"], args].concat());
        assert_eq!(run.code, 1);
        serde_json::from_str(&run.stdout).expect("it is JSON")
    };
    let merged = report(&[]);
    assert_eq!((&merged["summary"]["findings"], &merged["summary"]["places"]), (&1.into(), &3.into()));
    let finding = &merged["findings"][0];
    assert_eq!((finding["path"].as_str(), finding["start_line"].as_u64()), (Some("src/b.txt"), Some(2)));
    assert_eq!(finding["related"][1]["path"], "tests/a.txt");
    assert_eq!(report(&["--no-merge"])["summary"]["findings"], 3);
    let run = sandbox.scan(&[]);
    assert!(run.stdout.contains("= also at: src/b.txt:3, tests/a.txt:1"), "{run:?}");
    assert!(run.stdout.contains("1 finding in 3 places"), "{run:?}");
    let run = sandbox.scan(&["--quiet"]);
    assert_eq!(run.stdout.lines().filter(|line| line.contains("test-token")).count(), 3, "{run:?}");
    // The name of one place, taken from the report, allows that place and hides no other.
    let name = finding["related"][1]["fingerprint"].as_str().expect("a place has a name");
    sandbox.write("autoclave.toml", format!("[[allow]]\nfingerprint = '{name}'\nreason = 'known'\n"));
    let allowed = report(&[]);
    assert_eq!((&allowed["summary"]["places"], &allowed["summary"]["suppressed"]), (&2.into(), &1.into()));
}
