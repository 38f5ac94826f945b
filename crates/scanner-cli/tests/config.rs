//! The configuration file: where it is found, what it says, what is wrong with it.

mod common;

use common::{Sandbox, text, token};

fn found(sandbox: &Sandbox, folder: &str, args: &[&str]) -> Vec<String> {
    let run = sandbox.scan_in(folder, &[&["--format", "json"], args].concat());
    let names = run.found().into_iter();
    names.map(|name| name.trim_end_matches(":test-token").to_owned()).collect()
}

#[test]
fn it_is_found_from_the_first_path_up_to_the_repository() {
    let sandbox =
        Sandbox::new().file("sub/deep/a.txt", token()).file("sub/skip/b.txt", token()).file("skip/c.txt", token());
    sandbox.write("../autoclave.toml", "not valid");
    sandbox.write("autoclave.toml", "[scan]\nexclude = ['/skip/']\n");
    assert_eq!(found(&sandbox, "", &[]), ["sub/deep/a.txt", "sub/skip/b.txt"]);
    assert_eq!(found(&sandbox, "sub/deep", &["../.."]), ["sub/deep/a.txt", "sub/skip/b.txt"]);
    sandbox.write("sub/autoclave.toml", "[scan]\nexclude = ['/skip/']\n");
    assert_eq!(found(&sandbox, "", &["sub"]), ["sub/deep/a.txt"], "the nearest one, relative to itself");
    assert_eq!(found(&sandbox, "", &["sub", "--no-config"]), ["sub/deep/a.txt", "sub/skip/b.txt"]);
    sandbox.write("../other.toml", "[scan]\nexclude = ['/sub/deep/']\n");
    let other = ["--config", "../other.toml", "."];
    assert_eq!(found(&sandbox, "", &other), ["skip/c.txt", "sub/skip/b.txt"], "relative to the root");
    let run = sandbox.scan(&["-v", "sub/deep"]);
    assert!(run.stderr.contains("note: configuration: sub/autoclave.toml"), "{run:?}");
}

#[test]
fn flags_override_and_add() {
    let sandbox = Sandbox::new().file("a.txt", token()).file("b.txt", "hint_1234").file("c.testkey", "");
    sandbox.write(
        "autoclave.toml",
        "[scan]\nexclude = ['a.txt']\n[report]\nmin-confidence = 'low'\nmin-severity = 'low'\nfail-on = 'critical'\n",
    );
    assert_eq!(found(&sandbox, "", &[]), ["b.txt:test-hint", "c.testkey:test-file"]);
    assert_eq!(found(&sandbox, "", &["--exclude", "*.testkey"]), ["b.txt:test-hint"]);
    assert_eq!(found(&sandbox, "", &["--min-severity", "high"]), ["c.testkey:test-file"]);
    assert_eq!(sandbox.scan(&["b.txt"]).code, 0);
    assert_eq!(sandbox.scan(&["b.txt", "--fail-on", "low"]).code, 1);
    sandbox.write("autoclave.toml", "[scan]\nmax-file-size = '3'\nskip-hidden = true\nthreads = 1\nno-ignore = true\n");
    assert_eq!(sandbox.scan(&["a.txt"]).code, 2);
    assert_eq!(sandbox.scan(&["a.txt", "--max-file-size", "1M"]).code, 1);
}

#[test]
fn rules_are_chosen_and_added() {
    let sandbox = Sandbox::new().file("a.txt", format!("{} hint_1234 audit_1234 mine_12", token()));
    let own = "[[rule]]\nid='mine'\ntitle='Mine'\nseverity='low'\ntext={shape='mine_[digit:2]',public=true}\n";
    sandbox.write("conf/rules/mine.toml", own);
    sandbox.write("conf/a.toml", "[rules]\npaths = ['rules']\ndisable = ['made-up']\naudit = true\n");
    let with = |args: &[&str]| found(&sandbox, "", &[&["a.txt", "--config", "conf/a.toml"], args].concat());
    assert_eq!(with(&[]), ["a.txt:mine", "a.txt:test-audit"]);
    assert_eq!(with(&["--disable", "test-*"]), ["a.txt:mine"]);
    assert_eq!(with(&["--enable", "mine"]), ["a.txt:mine"]);
    assert_eq!(found(&sandbox, "", &["a.txt", "--audit"]), ["a.txt:test-audit", "a.txt"]);
}

#[test]
fn libraries_of_ones_own_are_modelled() {
    let program =
        "import acme\nacme.db.run('SELECT ' + acme.web.param('x'))\nacme.db.run(acme.quote(acme.web.param('y')))\n";
    let sandbox = Sandbox::new().file("a.py", program);
    let model = "[[model]]\nlanguage = 'python'\nsources.remote = ['acme.web.param()']\nsinks.sql = ['acme.db.run(0)']\n\
                 sanitizers.sql = ['acme.quote']\n";
    sandbox.write("autoclave.toml", model);
    let without = sandbox.run(&["scan", "--no-config", "--format", "json", "a.py"]);
    assert!(without.found().is_empty(), "{without:?}");
    let with = sandbox.run(&["scan", "--format", "json", "a.py"]);
    assert_eq!(with.found(), ["a.py:sql-injection"]);
    assert_eq!(with.json()["findings"][0]["start_line"], 2, "{with:?}");
    sandbox.write("autoclave.toml", model.replace("sinks.sql", "sinks.sqll"));
    let run = sandbox.run(&["scan", "a.py"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("model 1: unknown kind of sink `sqll`"), "{run:?}");
}

#[test]
fn known_findings_are_allowed() {
    let sandbox = Sandbox::new().file("tests/a.txt", token()).file("b.txt", token()).file("c.testkey", "");
    let print = sandbox.scan(&["--format", "json", "b.txt"]).json()["findings"][0]["fingerprint"].to_string();
    let config = format!(
        "[[allow]]\npath = '/tests/'\nreason = 'made up'\n\
         [[allow]]\nfingerprint = {print}\nreason = 'revoked'\n\
         [[allow]]\nrule = 'test-f*'\npath = 'nowhere/'\nreason = 'never'\n"
    );
    sandbox.write("autoclave.toml", &config);
    let run = sandbox.scan(&["--format", "json", "-v"]);
    assert_eq!(run.found(), ["c.testkey:test-file"]);
    let reasons = run.json()["suppressed"].as_array().map(|all| {
        all.iter()
            .map(|finding| finding["suppression"]["reason"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    });
    assert_eq!(reasons.expect("it is a list"), ["revoked", "made up"]);
    let unused = "note: allow entry 3 (rule = \"test-f*\", path = \"nowhere/\") fits no finding of this scan";
    assert!(run.stderr.contains(unused), "{run:?}");
    assert!(!sandbox.scan(&["--format", "json"]).stderr.contains("allow entry"));
    let run = sandbox.scan(&["--include-suppressed"]);
    assert!(run.stdout.contains("= suppressed: revoked") && run.stdout.contains(", 2 suppressed;"), "{run:?}");
}

#[test]
fn mistakes_name_file_line_and_column() {
    let sandbox = Sandbox::new().file("a.txt", "");
    for (config, message) in [
        ("[scan]\nexlude = []\n", "autoclave.toml:2:1: unknown field `exlude`, expected one of `exclude`, "),
        ("[scn]\n", "autoclave.toml:1:2: unknown field `scn`"),
        ("[report]\nfail-on = 'grave'\n", "autoclave.toml:2:11: unknown variant `grave`"),
        ("[scan]\nthreads = 'many'\n", "autoclave.toml:2:11: invalid type: string \"many\""),
        ("[report\n", "autoclave.toml:1:8: "),
        ("[[allow]]\nreason = 'x'\n", "autoclave.toml:1:1: an allow entry names a rule, a path or a fingerprint"),
        ("[[allow]]\nrule = 'a['\nreason = 'x'\n", "invalid glob `a[`"),
        ("[scan]\nexclude = ['a[']\n", "invalid glob `a[`"),
        ("[rules]\nenable = ['no-such']\n", "no rule or tag matches `no-such`"),
        ("[rules]\npaths = ['none']\n", "none: "),
    ] {
        sandbox.write("autoclave.toml", config);
        let run = sandbox.scan(&["."]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{config}: {run:?}");
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(message), "{config}: {run:?}");
    }
    sandbox.write("autoclave.toml", [0xff, 0xfe]);
    assert_eq!(sandbox.scan(&["."]).code, 2);
}

#[test]
fn without_a_repository_nothing_is_looked_for_above() {
    let sandbox = Sandbox::new();
    std::fs::remove_dir(sandbox.path(".git")).expect("it is empty");
    sandbox.write("../autoclave.toml", "not valid");
    sandbox.write("a/b/c.txt", token());
    sandbox.write("autoclave.toml", "[scan]\nexclude = ['/a/']\n");
    assert_eq!(found(&sandbox, "", &["a/b"]), ["a/b/c.txt"], "named by itself");
    assert_eq!(found(&sandbox, "", &[]), [""; 0]);
    let other = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(other.path().join("c.txt"), token()).expect("writable");
    let run = sandbox.scan(&["-q", &text(other.path())]);
    assert!(run.stdout.starts_with(&text(&other.path().join("c.txt"))), "{run:?}");
}
