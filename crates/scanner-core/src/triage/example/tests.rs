//! What of a finding tells that it is an example.

use super::*;

#[test]
fn places() {
    assert_eq!(Place::of("src/app.py", None), Place::Real);
    assert_eq!(Place::of("tests/app.py", None), Place::Test);
    assert_eq!(Place::of("tests/test_app.py", None), Place::TestFile);
    assert_eq!(Place::of("src/app.spec.ts", None), Place::TestFile);
    assert_eq!(Place::of("tests/app.yml", None), Place::Test);
    assert_eq!(Place::of("docs/setup.md", None), Place::Document);
    assert_eq!(Place::of(".github/workflows/ci.yml", None), Place::Build);
    assert_eq!(Place::of("app.jar", Some("test/app.properties")), Place::Test);
    assert_eq!(Place::of("test/app.jar", Some("App.kt")), Place::Test);
}

fn confidences(path: &str, text: &str) -> Vec<Confidence> {
    let report = crate::Scanner::new().expect("the built-in rules load").scan_bytes(path, text.as_bytes());
    report.findings.iter().map(|finding| finding.confidence).collect()
}

#[test]
fn what_a_test_switches_off_is_unsure() {
    let text = "import ssl\ncontext = ssl.create_default_context()\ncontext.check_hostname = False\n";
    assert_eq!(confidences("src/a.py", text), [Confidence::High]);
    assert_eq!(confidences("tests/a.py", text), [Confidence::Medium]);
    assert_eq!(confidences("tests/test_a.py", text), [Confidence::Low]);
}

#[test]
fn settings_of_developers_are_unsure() {
    let text = "from django.conf import settings\nDEBUG = True\nALLOWED_HOSTS = ['*']\n";
    let all = |path: &str, wanted: Confidence| confidences(path, text).iter().all(|confidence| *confidence == wanted);
    for path in ["settings/local_dev.py", "shop/config/ci.py", "shop/settings_development.py"] {
        assert!(all(path, Confidence::Low), "{path}");
    }
    for path in ["settings/main.py", "settings/device.py", "shop/dev.py", "settings/local.py"] {
        assert!(!all(path, Confidence::Low), "{path}");
    }
}

#[test]
fn what_developers_run_is_unsure() {
    let flow = "const token = Math.random().toString(36)\nserver.use((request) => eval(request.query.code))\n";
    let all = |path: &str| confidences(path, flow).iter().all(|confidence| *confidence == Confidence::Low);
    for path in [
        "webpack.dev.js",
        "web/vite.config.ts",
        "prisma/seed/users.ts",
        "gulpfile.js",
        "db/migrations/versions/1f_a.js",
    ] {
        assert!(all(path), "{path}");
    }
    for path in ["webpack/server.js", "src/seed.ts", "next.config.js", "devite.js"] {
        assert!(!all(path), "{path}");
    }
}

#[test]
fn what_somebody_has_looked_at_is_less_sure() {
    let flow = "from flask import request\nimport os\ndef view():\n    os.system(request.args['x'])";
    assert_eq!(confidences("view.py", flow), [Confidence::High]);
    for mark in ["  # nosec B605", "  # noqa: S605 -- a name of ours", "  # checked  # nosemgrep"] {
        assert_eq!(confidences("view.py", &format!("{flow}{mark}\n")), [Confidence::Medium], "{mark}");
    }
    assert_eq!(confidences("view.py", &format!("{flow}  # noqa: E501\n# nosec\n")), [Confidence::High]);
}

#[test]
fn what_is_built_is_mended_at_its_source() {
    let code = "function run(text) { return eval(text + ';') }\n";
    assert_eq!(confidences("src/run.js", code), [Confidence::Medium]);
    assert_eq!(confidences("src/run.min.js", code), [Confidence::Low]);
    let long = format!("{}{code}", "a.b(1);".repeat(200));
    assert_eq!(confidences("src/run.js", &long), [Confidence::Low]);
    let flow = "document.body.innerHTML = location.hash\n";
    assert_eq!(confidences("src/run.js", flow), [Confidence::High]);
    assert_eq!(confidences("src/run.min.js", flow), [Confidence::Medium]);
    let released = format!("/*!\n * Run JavaScript Library v2.1.4\n * Released under the MIT license\n */\n{code}");
    assert_eq!(confidences("site/static/js/run.js", &released), [Confidence::Low]);
    assert_eq!(confidences("lib/run.js", &released), [Confidence::Medium]);
    assert_eq!(confidences("public/js/libs/run.js", code), [Confidence::Low]);
    assert_eq!(confidences("site/static/js/run.js", &released.replace("v2.1.4", "")), [Confidence::Medium]);
    assert_eq!(confidences("site/static/js/shop.js", &released), [Confidence::Medium]);
}

/// Names are put together here, so that no scanner finds them in this file.
fn set(name: &str, value: &str) -> String {
    format!("{name}_{} = \"{value}\"\n", ["pass", "word"].concat())
}

#[test]
fn what_is_drawn_stays_in_sight_and_what_is_thought_up_does_not() {
    let (drawn, chosen, weak) = ("q8Zr2LmX0vTn5KwY", "blueTractor19", "s3cr3t99");
    let sure = |path: &str, value: &str| confidences(path, &set("db", value));
    assert_eq!(
        [sure("src/a.py", drawn), sure("src/a.py", chosen), sure("src/a.py", weak)].concat(),
        [Confidence::High; 3]
    );
    assert_eq!(sure("tests/a.py", drawn), [Confidence::Medium]);
    assert_eq!(sure("tests/a.py", chosen), [Confidence::Medium]);
    assert_eq!(sure("tests/a.py", "bluetractor19"), [Confidence::Low]);
    assert_eq!(sure("tests/a.py", "river-monster-19"), [Confidence::Low]);
    assert_eq!(sure("tests/a.py", "Admin@5217"), [Confidence::Low]);
    assert_eq!(sure("docs/a.py", chosen), [Confidence::Medium]);
    assert_eq!(sure("docs/a.py", "Admin@5217"), [Confidence::Low]);
    assert_eq!(sure("docs/a.py", weak), [Confidence::Low]);
    assert_eq!(sure(".github/workflows/a.toml", chosen), [Confidence::High]);
    assert_eq!(sure(".github/workflows/a.toml", weak), [Confidence::Low]);
    let url = |password: &str| format!("u = \"https://ci:{password}@git.acme.io/a\"\n");
    assert_eq!(confidences("src/a.py", &url("river-monster")), [Confidence::High]);
    assert_eq!(confidences("tests/a.py", &url("river-monster")), [Confidence::Low]);
}

#[test]
fn what_a_document_says_of_a_chosen_password_stays_in_sight() {
    let said = |password: &str| format!("The admin {} is `{password}`, ask Anna.\n", ["pass", "word"].concat());
    let sure = |path: &str, password: &str| confidences(path, &said(password));
    assert_eq!(sure("docs/setup.md", "Caravan+Bridge7"), [Confidence::Medium]);
    assert_eq!(sure("docs/setup.md", "Secret_Word1"), [Confidence::Low]);
    assert_eq!(sure("docs/setup.md", "river-monster-19"), [Confidence::Low]);
}

#[test]
fn descriptions_of_interfaces_show_examples() {
    let value = ["token: ", "q8Zr2LmX0vTn", "5KwYb7Hd3Fs9\n"].concat();
    let line = format!("paths:\n  /login:\n    answer:\n      access_{value}");
    for head in ["openapi: 3.0.3\n", "---\nswagger: '2.0'\n", "# v2\nopenapi: \"3.1.0\"\n"] {
        assert_eq!(confidences("api/service.yml", &format!("{head}{line}")), [Confidence::Low], "{head}");
    }
    for head in ["", "openapi: docs/spec.yml\n", "swagger-ui: 3\n"] {
        assert_eq!(confidences("api/service.yml", &format!("{head}{line}")), [Confidence::High], "{head}");
    }
    assert!(describes_api("{\"openapi\": \"3.0.1\", \"paths\": {}}") && !describes_api("let openapi = 3;"));
}

#[test]
fn users_at_hosts_that_no_one_owns_show_how_to_log_in() {
    let line = set("login", "Caravan+Bridge7");
    let beside = |host: &str| format!("email = \"anna@{host}\"\n{line}");
    assert_eq!(confidences("docs/a.py", &beside("example.com")), [Confidence::Low]);
    assert_eq!(confidences("docs/a.py", &beside("lakeside.io")), [Confidence::Medium]);
    assert_eq!(confidences("src/a.py", &beside("example.com")), [Confidence::High]);
    let far = format!("email = \"anna@example.com\"\n\n\n\n{line}");
    assert_eq!(confidences("docs/a.py", &far), [Confidence::Medium]);
}

#[test]
fn a_word_with_digits_that_count_up_is_a_password_where_one_is_piped() {
    let piped = |password: &str| format!("{} \"ops:{password}\" | chpasswd\n", "echo");
    assert_eq!(confidences("scripts/a.sh", &piped("Blau123456")), [Confidence::High]);
    assert_eq!(confidences("scripts/a.sh", &piped("12345678")), [Confidence::Low]);
}

#[test]
fn comments_and_names_tell_what_is_shown() {
    let sure = |line: &str| confidences("src/a.py", line);
    assert_eq!(sure(&format!("# {}", set("db", "blueTractor19"))), [Confidence::Medium]);
    assert_eq!(sure(&format!("# {}", set("db", "s3cr3t99"))), [Confidence::Low]);
    assert_eq!(sure(&set("db", "q8Zr2LmX0vTn5KwY")), [Confidence::High]);
    assert_eq!(sure(&set("sample_db", "q8Zr2LmX0vTn5KwY")), [Confidence::Medium]);
    assert_eq!(sure(&set("sample_db", "blueTractor19")), [Confidence::Medium]);
    assert_eq!(sure(&set("sample_db", "river-monster-19")), [Confidence::Low]);
}

#[test]
fn the_tests_at_the_end_of_a_program_are_tests() {
    let line = set("db", "Admin@5217").replace("db", "let db");
    let text = format!("{line}#[cfg(test)]\nmod checks {{\n    {line}}}\n");
    assert_eq!(confidences("src/a.rs", &text), [Confidence::High, Confidence::Low]);
    assert_eq!(confidences("src/a.rs", &format!("#[cfg(test)]\nmod checks;\n{line}")), [Confidence::High]);
}

#[test]
fn keys_that_name_no_service_are_unsure_among_tests() {
    let store = "\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{14}aaaabbbbccccddddeeeeffff\u{2}";
    assert_eq!(confidences("app/release.bks", store), [Confidence::High]);
    assert_eq!(confidences("tests/release.bks", store), [Confidence::Low]);
    let dump = format!("REDIS0010{}", "k7 v7 ".repeat(400));
    assert_eq!(confidences("tests/dump.rdb", &dump), [Confidence::Medium]);
}

#[test]
fn private_keys_in_the_code_of_tests_are_unsure_and_those_in_files_are_not() {
    let body = ["MC4CAQAwBQYDK2VwBCIEI", "Gkba2c0AXlh/iQ4M1vXdJk9/cUtgH/yOu4xmT8AThwi\n"].concat();
    let mark = |what: &str| format!("-----{what} PRIVATE {}-----\n", "KEY");
    let text = [mark("BEGIN"), body, mark("END")].concat();
    assert_eq!(confidences("src/tls.txt", &text), [Confidence::High]);
    assert_eq!(confidences("examples/tls.txt", &text), [Confidence::Medium]);
    for path in ["tests/tls.txt", "tests/id_ed25519", "pkg/testdata/server.key"] {
        assert_eq!(confidences(path, &text), [Confidence::Medium], "{path}");
    }
    assert_eq!(confidences("tests/tls.txt", &format!("# of the server\n\n{text}")), [Confidence::Medium]);
    assert_eq!(confidences("tests/server.pem", &format!("Bag Attributes: none\n{text}")), [Confidence::Medium]);
    for path in ["tests/tls.py", "tests/tls.yml", "tests/tls.txt"] {
        assert_eq!(confidences(path, &format!("key = '''\n{text}'''\n")), [Confidence::Low], "{path}");
    }
}

#[test]
fn hashes_salts_and_typed_seeds_are_unsure_among_tests() {
    let sure = |name: &str, value: &str| confidences("tests/a.yml", &format!("{name}: {value}\n"));
    let (name, drawn) = (["pass", "word"].concat(), ["82090c953c4a0417", "a7db253b0691a6b4"].concat());
    assert_eq!(sure(&name, &drawn), [Confidence::Low]);
    assert_eq!(sure("api_secret", &drawn), [Confidence::Medium]);
    let line = format!("access_{}: {}\n", "token", ["q8Zr2LmX0vTn", "5KwYb7Hd3Fs9"].concat());
    let token = |path: &str| confidences(path, &line);
    assert_eq!([token("tests/a.yml"), token("docs/a.yml")].concat(), [Confidence::Low, Confidence::Medium]);
    assert_eq!(sure("salt", &drawn), [Confidence::Low]);
    assert!(is_drawn("q8Zr2LmX0vTn5KwYb7Hd3Fs9") && is_drawn(&drawn) && !is_drawn("S3ntinelP0rtal2024#"));
    assert!(is_text_in_base32("KRSXG5CTMVRXEZLU") && !is_text_in_base32("AVYA3RARZ3GY3VWT7MIEJ72I5TTJRO3X"));
}

#[test]
fn escapes_do_not_make_a_password_strong() {
    assert_eq!(without_escapes("pa%2Fss%3Fword"), "pa/ss?word");
    assert_eq!(without_escapes("P%40ssw0rd%0A"), "P@ssw0rd");
    assert_eq!(without_escapes("100%pure%"), "100pure");
    assert!(is_made_of("P%40ssw0rd", guess::is_guessable) && is_made_of("pa%2Fss%3Fword", guess::is_guessable));
}

#[test]
fn what_counts_up_or_is_a_word_is_thought_up() {
    let sure = |path: &str, value: &str| confidences(path, &set("db", value));
    assert_eq!(sure("spec/a.rb", "ubuntu@123"), [Confidence::Low]);
    assert_eq!(sure("spec/a.rb", "ubuntu@731"), [Confidence::Medium]);
    assert_eq!(sure("src/a.rb", "ubuntu@123"), [Confidence::High]);
    assert!(is_word("superman") && !is_word("superman7") && !is_word("superman-batman"));
    let piped = |path: &str| confidences(path, &format!("curl -u anna:{} https://git.lakeside.io/a\n", "superman"));
    assert_eq!([piped("a/b.sh"), piped("docs/b.sh")].concat(), [Confidence::High, Confidence::Low]);
}

#[test]
fn a_password_that_says_that_it_is_for_tests_is_unsure() {
    let compose = |value: &str| format!("services:\n  db:\n    MYSQL_{}: {value}\n", ["PASS", "WORD"].concat());
    let sure = |value: &str| confidences("docker-compose.yml", &compose(value));
    assert_eq!(sure("test"), [Confidence::Low]);
    assert_eq!(sure("Test!tesT"), [Confidence::Low]);
    assert_eq!(sure("pocotest"), [Confidence::Medium]);
    assert!(says_test("testing") && !says_test("test1") && !says_test("tester"));
}

#[test]
fn a_line_that_names_a_reserved_host_shows_how_to_connect() {
    let line = |host: &str| {
        let value = ["user=app pass", "word=blueTractor19"].concat();
        format!("connect = host={host} dbname=app {value}\n")
    };
    assert_eq!(confidences("etc/sql.conf", &line("sql.example.com")), [Confidence::Low]);
    assert_eq!(confidences("etc/sql.conf", &line("example.org")), [Confidence::Low]);
    assert_eq!(confidences("etc/sql.conf", &line("sql.lakeside.io")), [Confidence::High]);
    assert_eq!(confidences("etc/sql.conf", &line("sql.notexample.com")), [Confidence::High]);
}

#[test]
fn examples_inside_of_programs_are_documentation() {
    let line = set("db", "Admin@5217");
    let shown = format!("/*\n```ruby\n{line}```\n*/\nx = 1\n");
    assert_eq!(confidences("lib/a.rb", &shown), [Confidence::Low]);
    let behind = format!("/*\n```ruby\n```\n*/\n{line}");
    assert_eq!(confidences("lib/a.rb", &behind), [Confidence::High]);
}
