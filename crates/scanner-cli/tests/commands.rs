//! The commands besides `scan`, and help.

mod common;

use common::{RULES, Sandbox, token};

fn ok(args: &[&str]) -> String {
    let run = Sandbox::new().run(args);
    assert_eq!(run.code, 0, "{run:?}");
    run.stdout
}

#[test]
fn help() {
    insta::assert_snapshot!("help", ok(&["-h"]));
    insta::assert_snapshot!("help_rules", ok(&["rules", "-h"]));
    insta::assert_snapshot!("help_explain", ok(&["explain", "-h"]));
    assert!(ok(&["--version"]).starts_with("autoclave "));
    let scan = ok(&["scan", "--help"]);
    assert!(scan.contains("FORMAT=FILE, or FILE alone") && scan.contains("Exit codes: "), "{scan}");
}

#[test]
fn a_rule_explains_itself() {
    let sandbox = Sandbox::new().file("r.toml", RULES);
    let run = sandbox.run(&["explain", "test-token", "--rules", "r.toml"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    // The snapshot is scanned as well, and holds no suppression.
    let page = run.stdout.replace(&["autoclave", "ignore"].join(":"), "[marker]");
    insta::assert_snapshot!("explain", page);
    let shown = sandbox.run(&["rules", "show", "test-token", "--rules", "r.toml"]);
    assert_eq!(run.stdout, shown.stdout);
    let audit = sandbox.run(&["explain", "test-audit", "--rules", "r.toml"]);
    assert!(audit.stdout.contains("runs only with --audit or --enable"), "{audit:?}");
    let run = sandbox.run(&["explain", "test-tokne", "--rules", "r.toml", "--no-builtin"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stderr, "error: there is no rule `test-tokne`; is it `test-token`?\n");
    let run = sandbox.run(&["explain", "something-else-entirely", "--no-builtin", "--rules", "r.toml"]);
    assert!(run.stderr.contains("`autoclave rules list` shows them all"), "{run:?}");
}

#[test]
fn what_rules_look_at_is_explained() {
    let explain = |text: &str, config: &str, args: &[&str]| {
        let sandbox = Sandbox::new().file("r.toml", RULES).file("a.txt", text).file("autoclave.toml", config);
        let run = sandbox.run(&[&["explain", "--rules", "r.toml", "--no-builtin", "--at", "a.txt:1"], args].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(!run.stdout.contains(&token()), "{}", run.stdout);
        run.stdout
    };
    let (found, cut) = (format!("k = {}\n", token()), format!("k = {}\n", &token()[..9]));
    let is_in = |part: &str, shown: &str| assert!(shown.contains(part), "{shown}");
    is_in("found: severity high, confidence high", &explain(&found, "", &[]));
    is_in("test-token at column 5: not reported: too short: ", &explain(&cut, "", &[]));
    is_in("Nothing here is looked at", &explain("k = 1\n", "", &[]));
    is_in("test-token: not reported: this line has none of its literals (`", &explain("k = 1\n", "", &["test-token"]));
    let allow = "[[allow]]\npath = \"a.txt\"\nreason = \"known\"\n";
    is_in("suppressed by the configuration", &explain(&found, allow, &[]));
    let excluded = explain(&found, "[scan]\nexclude = [\"*.txt\"]\n", &[]);
    is_in("is scanned only when it is named", &excluded);
    let disabled = explain(&found, "[rules]\ndisable = [\"test-token\"]\n", &["test-token"]);
    is_in("A scan does not run test-token: the configuration leaves it out. If it did:", &disabled);
    is_in("found: severity high", &disabled);
}

#[test]
fn data_at_a_line_is_explained() {
    let app = "from flask import request\nfrom helper import run\nrun(request.args['x'], request.args['y'])\n";
    let helper = "import os, shlex\ndef run(x, y):\n    os.system('ls ' + x)\n    os.system('ls ' + shlex.quote(y))\n";
    // In a repository data is followed from other files, as a scan does.
    let sandbox = Sandbox::new().file("app.py", app).file("helper.py", helper);
    let found = sandbox.run(&["explain", "--at", "helper.py:3"]).stdout;
    for line in ["command-injection: ", "  app.py:3:5: data comes in\n", "  helper.py:3:5: reaches the sink\n"] {
        assert!(found.contains(line), "{found}");
    }
    let cleared = sandbox.run(&["explain", "--at", "helper.py:4", "command-injection"]).stdout;
    let by = "from app.py:3 is made harmless for this kind of sink by `shlex.quote(y)` at helper.py:4";
    assert!(cleared.contains(by), "{cleared}");
}

#[test]
fn a_line_is_explained() {
    let password = ["blue", "Tractor", "19"].concat();
    let sandbox = Sandbox::new().file("app.ini", format!("A=1\nDB_PASSWORD={password}\nDB_PASSWORD=changeme\n"));
    let run = sandbox.run(&["explain", "--at", "app.ini:2"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("generic-password on DB_PASSWORD = bl…(13 characters)"), "{}", run.stdout);
    assert!(run.stdout.contains("points: high confidence") && !run.stdout.contains(&password), "{}", run.stdout);
    assert!(sandbox.run(&["explain", "--at", "app.ini:3"]).stdout.contains("not reported: a placeholder"));
    assert!(sandbox.run(&["explain", "--at", "app.ini:1"]).stdout.contains("Nothing here is looked at"));
    let of_rule = sandbox.run(&["explain", "generic-token", "--at", "app.ini:2"]).stdout;
    assert!(of_rule.ends_with("generic-token: not reported: no value here has a name that it wants\n"), "{of_rule}");
    for (at, message) in
        [("missing.env:1", "missing.env: "), ("app.ini", "write FILE:LINE"), ("app.ini:0", "write FILE:LINE")]
    {
        let run = sandbox.run(&["explain", "--at", at]);
        assert!(run.code == 2 && run.stderr.contains(message), "{run:?}");
    }
}

#[test]
fn rules_are_listed() {
    let sandbox = Sandbox::new().file("r.toml", RULES);
    let list = |args: &[&str]| sandbox.run(&[&["rules", "list", "--no-builtin", "--rules", "r.toml"], args].concat());
    let run = list(&[]);
    insta::assert_snapshot!("list", run.stdout);
    assert_eq!(run.stderr, "5 rules (1 name, 4 text), 1 of them only with --audit or --enable\n");
    assert_eq!(list(&["--tag", "made-up"]).stdout.lines().count(), 1);
    assert_eq!(list(&["--enable", "test-a*", "--enable", "secret"]).stdout.lines().count(), 2);
    assert_eq!(list(&["--disable", "test-*t*"]).stdout.lines().count(), 3 - 1);
    let json = list(&["--format", "json"]).json();
    assert_eq!((json.as_array().map(Vec::len), &json[4]["id"]), (Some(5), &"test-token".into()));
    assert!(ok(&["rules", "list"]).lines().count() > 50);
}

#[test]
fn rules_test_themselves() {
    let bad = RULES.replace("tok_short", "tok_q8Zr·2LmX0vTn5KwYb7Hd");
    let sandbox = Sandbox::new().file("good/r.toml", RULES).file("bad.toml", bad);
    let run = sandbox.run(&["rules", "test", "good"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.starts_with("5 rules: ") || run.stdout.contains("\n5 rules: "), "{run:?}");
    let run = sandbox.run(&["rules", "test", "bad.toml"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stdout.contains("test-token: ignore[0] is found"), "{run:?}");
    assert_eq!(sandbox.run(&["rules", "test", "none"]).code, 2);
}

#[test]
fn completions_and_schemas() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(ok(&["completions", shell]).contains("min-severity"), "{shell}");
    }
    let config: serde_json::Value = serde_json::from_str(&ok(&["schema", "config"])).expect("it is JSON");
    assert_eq!(config["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(config["properties"]["allow"].is_object());
    let report: serde_json::Value = serde_json::from_str(&ok(&["schema", "report"])).expect("it is JSON");
    assert!(report["properties"]["findings"].is_object());
}
