//! Names that lead to files, and the built-in models.

use super::model::Models;
use super::paths::{File, Found, Paths};
use super::value::{Callee, Enclosing, Frame, Function, Value};
use crate::blob::{Input, Visitor};
use crate::error::{Error, ProblemKind};
use crate::finding::Confidence;
use crate::input::Memory;
use crate::language::Family;
use crate::limits::Limits;
use crate::rule::model_files;
use crate::scanner::{Progress, Scanner};
use std::rc::Rc;
use std::sync::atomic::Ordering;

#[test]
fn python_names_lead_to_files() {
    let file = |path| File { path, text: "", family: Family::Python };
    let paths = Paths::new(vec![file("/a/helpers/w.py"), file("/a/t/b.py"), file("/a/t/w.py")]);
    assert_eq!(paths.find(1, "w.W"), Found::Unit(2, vec!["W".into()]));
    assert_eq!(paths.find(1, "helpers.w.W"), Found::Unit(0, vec!["W".into()]));
    assert_eq!(paths.find(1, "helpers"), Found::Package("/a/helpers".into()));
    assert_eq!(paths.find(1, ".w.W"), Found::Unit(2, vec!["W".into()]));
    assert_eq!(paths.find(1, "..helpers.w"), Found::Unit(0, vec![]));
    assert_eq!(paths.find(1, "flask.request"), Found::Nothing);
}

#[test]
fn the_built_in_models_are_valid() {
    for family in [Family::JavaScript, Family::Python] {
        Models::new(&model_files(family)).expect("every path and kind is known");
    }
}

#[test]
fn scripts_name_each_other() {
    let file = |path| File { path, text: "", family: Family::JavaScript };
    let paths = Paths::new(vec![file("a/index.js"), file("a/lib/db.js"), file("a/lib/user.ts")]);
    assert_eq!(paths.find(0, "./lib/db"), Found::Unit(1, vec![]));
    assert_eq!(paths.find(0, "./lib/db.js.find"), Found::Unit(1, vec!["find".into()]));
    assert_eq!(paths.find(2, "./user.js"), Found::Unit(2, vec![]));
    assert_eq!(paths.find(1, ".."), Found::Unit(0, vec![]));
    assert_eq!(paths.find(0, "../../../etc"), Found::Nothing);
    assert_eq!(paths.find(0, "express"), Found::Nothing);
    // What a package calls its own files.
    assert_eq!(paths.find(0, "#lib/db.find"), Found::Unit(1, vec!["find".into()]));
    assert_eq!(paths.find(1, "#none"), Found::Nothing);
}

#[test]
fn what_goes_round_in_circles_ends() {
    let scanner = Scanner::new().expect("the built-in rules load");
    let mut deep = String::from("from flask import request\n");
    for number in 0..400 {
        deep.push_str(&format!("def f{number}(x):\n    return f{}(x) + f{}(x)\n", number + 1, (number + 7) % 400));
    }
    deep.push_str("f0(request.args['x'])\n");
    let nested = format!("from flask import request\nx = {}request.args{}\n", "(".repeat(300), ")".repeat(300));
    let looping = "from flask import request\nclass A(A):\n    def get(self):\n        return self.get()\n\ndef a(): return a\na()()()(request.args)\n";
    for text in [deep.as_str(), nested.as_str(), looping] {
        scanner.scan_bytes("a.py", text.as_bytes());
    }
    let again = "function seen(event) { eval(event.data); addEventListener('message', seen); }\naddEventListener('message', seen);\n";
    scanner.scan_bytes("again.js", again.as_bytes());
    let held = "const app = require('express')();\nconst all = { handler(req, res) { res.end(); } };\nall.options = all;\napp.use(all);\n";
    scanner.scan_bytes("held.js", held.as_bytes());
    let script =
        "const a = require('./a'); module.exports = a; exports.f = (req, res) => { for (;;) { a.f(req, res); } };";
    scanner.scan_bytes("a.js", script.as_bytes());
}

#[test]
fn an_imported_file_tells_once_what_of_it_was_not_read() {
    let root = "import helper\nfrom flask import request\neval(helper.f(request.args['x']))\n";
    let nested = format!("{}x{}", "(\n".repeat(500), ")".repeat(500));
    // Read for those that import it, for a pattern, for data that comes in.
    for top in ["", "import hashlib\nhashlib.md5(x)\n", "import sys\nx = sys.argv[1]\n"] {
        let helper = format!("{top}def f(x):\n    return {nested}\n");
        // Read in part, or not at all.
        for max_parse_size in [Limits::default().max_parse_size, 200] {
            let limits = Limits { max_parse_size, ..Limits::default() };
            let scanner = Scanner::builder().limits(limits).build().expect("the built-in rules load");
            let files = Memory::new().with("app.py", root).with("helper.py", helper.as_str());
            let problems = scanner.scan(&files).expect("no error").problems;
            let kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
            assert_eq!(kinds, [ProblemKind::NotParsed], "{problems:?}");
        }
    }
}

#[test]
fn programs_in_other_files_have_their_places_there() {
    let scanner = Scanner::new().expect("the built-in rules load");
    let page = "<!-- é -->\n<b onmouseover=\"document.write(&quot;é&quot; + location.hash)\">é</b>\n<script>\n  const é = {{ x }}; eval(location.hash)\n</script>\n";
    let component = "<template>\n  <p v-html=\"x\"/>\n</template>\n<script setup lang=\"ts\">\nconst x: string = location.hash as string;\n</script>\n";
    let notebook = r#"{"cells": [{"cell_type": "code", "source": ["import os, flask\n", "x = 'é' + flask.request.args['x']\n", "os.system(\"ls \" + x)"]}]}"#;
    for (path, text, places) in [
        ("a.html", page, ["location.hash", "document.write(&quot;é&quot; + location.hash)"]),
        ("a.html", page, ["location.hash", "eval(location.hash)"]),
        ("a.vue", component, ["location.hash", "v-html=\"x"]),
        ("a.ipynb", notebook, ["flask.request.args", "os.system(\\\"ls \\\" + x)"]),
    ] {
        let report = scanner.scan_bytes(path, text.as_bytes());
        assert!(report.problems.is_empty(), "{path}: {:?}", report.problems);
        let traces = report.findings.iter().map(|finding| {
            let steps = finding.trace.iter().map(|step| &text[step.location.span.range()]);
            steps.collect::<Vec<&str>>()
        });
        let traces: Vec<Vec<&str>> = traces.collect();
        assert!(
            traces.iter().any(|trace| trace.first() == places.first() && trace.last() == places.last()),
            "{path}: {traces:?}"
        );
    }
}

/// What one file puts into an object that files share is there for others, with any number of threads.
#[test]
fn findings_do_not_depend_on_threads() {
    let mut files = Memory::new().with("a/store.js", "exports.names = {};\n");
    for number in 0..200 {
        let name = format!("a/r{number:03}.js");
        let put = format!("store.names.k{number} = req.query.name; res.send(store.names.k{});", (number * 7) % 50);
        let text = format!(
            "const store = require('./store');\nconst app = require('express')();\napp.get('/{number}', (req, res) => {{ {put} }});\n"
        );
        files = files.with(name, text);
    }
    let places = |threads| {
        let scanner = Scanner::builder().threads(threads).build().expect("the built-in rules load");
        let report = scanner.scan(&files).expect("no error");
        report.findings.iter().map(|found| found.location.origin.path.clone()).collect::<Vec<_>>()
    };
    let alone = places(1);
    assert!(alone.len() > 20, "{alone:?}");
    assert_eq!(places(7), alone);
}

/// An input after which the scan is to stop.
struct Stopping<'s> {
    files: Memory,
    progress: &'s Progress,
}

impl Input for Stopping<'_> {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        self.files.visit(threads, visitor)?;
        self.progress.stop.store(true, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn nothing_is_followed_once_the_scan_is_to_stop() {
    let scanner = Scanner::new().expect("the built-in rules load");
    let files = Memory::new().with("a.js", "addEventListener('message', (event) => setTimeout(event.data));\n");
    assert_eq!(scanner.scan(&files).expect("no error").findings.len(), 1);
    let progress = Progress::default();
    let report = scanner.scan_with(&Stopping { files, progress: &progress }, &progress).expect("no error");
    let kinds: Vec<_> = report.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!((report.findings.len(), kinds), (0, vec![ProblemKind::Interrupted]));
}

/// The lines of a program where data from outside reaches a sink.
fn lines_reached(path: &str, text: &str) -> Vec<usize> {
    let scanner = Scanner::new().expect("the built-in rules load");
    let report = scanner.scan_bytes(path, text.as_bytes());
    let starts = report.findings.iter().filter(|found| !found.trace.is_empty()).map(|found| found.location.span.start);
    let mut lines: Vec<usize> = starts.map(|start| text[..start as usize].matches('\n').count() + 1).collect();
    lines.dedup();
    lines
}

/// Of a file that is imported only what is asked for is run: all that this depends on is.
#[test]
fn what_names_of_other_files_depend_on_is_run() {
    let tools = "import os\nHANDLERS = {}\ndef add(name):\n    def wrap(f):\n        HANDLERS[name] = f\n        return f\n    return wrap\n\
        @add('a')\ndef a(x):\n    os.system(x)\nLIST = []\nfor f in [a]:\n    LIST.append(f)\nif os.name:\n    chosen = a\nelse:\n    chosen = None\n\
        class Inner:\n    def go(self, x):\n        os.system(x)\nclass Box:\n    inner = Inner()\n    class Meta:\n        run = a\n\
        STATE = None\ndef start():\n    global STATE\n    STATE = a\n\
        def never(x):\n    return LATER(x)\nLATER = a\n";
    let uses = [
        "HANDLERS['a'](request.args['x'])",
        "LIST[0](request.args['x'])",
        "chosen(request.args['x'])",
        "Box.inner.go(request.args['x'])",
        "Box().inner.go(request.args['x'])",
        "Box.Meta.run(request.args['x'])",
        "start(); tools.STATE(request.args['x'])",
        "never(request.args['x'])",
    ];
    let scanner = Scanner::new().expect("the built-in rules load");
    for used in uses {
        let app = format!(
            "from flask import request\nfrom lib import tools\nfrom lib.tools import HANDLERS, LIST, chosen, Box, start, never\ndef index():\n    {used}\n"
        );
        let files = Memory::new().with("app.py", app).with("lib/__init__.py", "").with("lib/tools.py", tools);
        let report = scanner.scan(&files).expect("no error");
        let reached = report.findings.iter().filter(|found| &*found.rule == "command-injection").count();
        assert_eq!(reached, 1, "{used}");
    }
}

/// Files that a package imports only for what they do to others.
#[test]
fn what_is_imported_for_its_effect_is_run() {
    let handlers = "import os\nfrom .reg import REG\ndef g(x):\n    os.system(x)\nREG['x'] = g\n";
    let app = "from flask import request\nfrom pkg import REG\ndef index():\n    REG['x'](request.args['x'])\n";
    let files = Memory::new()
        .with("app.py", app)
        .with("pkg/__init__.py", "from .reg import REG\nfrom . import handlers\n")
        .with("pkg/reg.py", "REG = {}\n")
        .with("pkg/handlers.py", handlers);
    let scanner = Scanner::new().expect("the built-in rules load");
    let report = scanner.scan(&files).expect("no error");
    assert!(report.findings.iter().any(|found| &*found.rule == "command-injection"));
}

/// Calls without data from outside of which one alike has run: what they make is their own, and what they change is
/// changed all the same.
#[test]
fn what_a_call_alike_has_shown_is_taken_for_another() {
    let work = "x = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13 + 14 + 15 + 16";
    let own = "class Box:\n    def __init__(self):\n        $WORK\n        self.items = []\ndef view():\n    a = Box()\n    b = Box()\n    a.items.append(request.args['x'])\n    os.system(a.items[0])\n    os.system(b.items[0])\nview()\n";
    let made = "def run(text):\n    os.system(text)\ndef fill(box):\n    $WORK\n    box['run'] = run\ndef view():\n    a = {}\n    b = {}\n    fill(a)\n    fill(b)\n    b['run'](request.args['x'])\nview()\n";
    // What all see is not what it was.
    let spilled = "LAST = {}\ndef use():\n    $WORK\n    os.system(LAST.get('x'))\ndef view():\n    use()\n    LAST['x'] = request.args['x']\n    use()\nview()\n";
    let name = "last = ''\ndef use():\n    $WORK\n    os.system(last)\ndef view():\n    global last\n    use()\n    last = request.args['x']\n    use()\nview()\n";
    for (program, line) in [(own, 11), (made, 4), (spilled, 6), (name, 6)] {
        let text = format!("import os\nfrom flask import request\n{}", program.replace("$WORK", work));
        assert_eq!(lines_reached("a.py", &text), [line], "{text}");
    }
}

/// A program of many entries that have much to do.
fn busy_views() -> String {
    let mut text =
        String::from("import os\nfrom flask import Flask, request\napp = Flask(__name__)\ndef f0(n):\n    return n\n");
    for number in 1..16 {
        let before = number - 1;
        text.push_str(&format!(
            "def f{number}(n):\n    return f{before}({{'x': n['x']}}) + f{before}({{'x': n['x']}})\n"
        ));
    }
    for number in 0..60 {
        text.push_str(&format!(
            "@app.get('/{number}')\ndef view{number}():\n    f15({{'x': request.args['y']}})\n    return str({number})\n"
        ));
    }
    text
}

/// A file's last entry is run though those before it had much to do.
#[test]
fn none_of_many_entries_is_left_out() {
    let mut text = busy_views();
    text.push_str("@app.get('/last')\ndef last():\n    os.system(request.args['x'])\n    return 'done'\n");
    let line = text.lines().count() - 1;
    assert_eq!(lines_reached("a.py", &text), [line]);
}

/// Entries that an imported file registers take nothing of what the file that imports it has for its own.
#[test]
fn what_an_imported_file_registers_is_run_with_that_file() {
    let mut views = busy_views();
    views.push_str("@app.get('/run')\ndef run():\n    os.system(request.args['x'])\n    return 'done'\n");
    let app = "import os\nfrom flask import request\nfrom views import app, f8\n@app.get('/last')\ndef last():\n    \
        f8({'x': request.args['y']})\n    os.system(request.args['x'])\n    return 'done'\n";
    let scanner = Scanner::new().expect("the built-in rules load");
    let report = scanner.scan(&Memory::new().with("app.py", app).with("views.py", views)).expect("no error");
    let followed = report.findings.iter().filter(|found| !found.trace.is_empty());
    let found: Vec<&str> = followed.map(|found| found.location.origin.path.as_str()).collect();
    assert_eq!(found, ["app.py", "views.py"]);
}

#[test]
fn frames_let_go_of_the_functions_made_in_them() {
    let frame: Rc<Frame<'_>> = Rc::default();
    let mut enclosing = Enclosing::default();
    let (this, given) = (None, Vec::new());
    let function = Function { unit: 0, node: 0, frame: Rc::clone(&frame), this, lent: false, fields: 0, given };
    frame.vars.borrow_mut().insert("own", Value::callee(Callee::Function(Rc::new(function))));
    enclosing.note(&frame);
    let left = Rc::downgrade(&frame);
    drop(frame);
    assert!(left.upgrade().is_some(), "each holds the other");
    drop(enclosing);
    assert!(left.upgrade().is_none());
}

#[test]
fn what_administrators_send_is_less_sure() {
    let scanner = Scanner::new().expect("the built-in rules load");
    let program = |guard: &str| {
        format!(
            "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n@app.route('/x')\n{guard}\ndef f():\n    \
             open('/srv/' + request.args['a'])\n    os.system('ls ' + request.args['b'])\n"
        )
    };
    let sure = |guard: &str| -> Vec<Option<Confidence>> {
        let report = scanner.scan_bytes("a.py", program(guard).as_bytes());
        let of =
            |rule: &str| report.findings.iter().find(|finding| &*finding.rule == rule).map(|found| found.confidence);
        vec![of("path-traversal"), of("command-injection")]
    };
    assert_eq!(sure("@logged_in"), [Some(Confidence::High), Some(Confidence::High)]);
    assert_eq!(sure("@admins_only"), [Some(Confidence::Low), Some(Confidence::Medium)]);
}
