//! Tests of what is kept between scans: reports are the same with and without it.

use crate::finding::Finding;
use crate::input::Memory;
use crate::report::Report;
use crate::scanner::{Scanner, ScannerBuilder};
use crate::store::Store;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const APP: &str = "from flask import request\nfrom lib import shell, pages\nimport hashlib\nhashlib.md5(b'x')\n\ndef index():\n    shell.run(request.args['x'])\n    pages.show(request.args['y'])\n";
const SHELL: &str = "import os\nfrom lib import text\n\ndef run(name):\n    os.system('ls ' + text.clean(name))\n";
const PAGES: &str = "def show(name):\n    return eval(name)  # reviewed\n";
const CLEAN: &str = "import shlex\n\ndef clean(name):\n    return shlex.quote(name)\n";
const DIRTY: &str = "def clean(name):\n    return name.strip()\n";
const PAGE: &str = "<script>\nconst { show } = await import('./show.js');\nshow(location.hash);\n</script>\n";
const SHOW: &str = "export function show(text) { document.body.innerHTML = text; }\n";

/// Versions of a tree: each one edit further.
fn versions() -> Vec<Vec<(&'static str, String)>> {
    let files = |shell: &str, text: &str, show: &str| {
        let pass = format!("PASSWORD = '{}'\nimport hashlib\nhashlib.md5(b'x')\n", secret());
        let list = [("app.py", APP), ("lib/__init__.py", ""), ("lib/shell.py", shell), ("lib/pages.py", PAGES)];
        let more = [("lib/text.py", text), ("web/a.html", PAGE), ("web/show.js", show), ("settings.py", pass.as_str())];
        list.into_iter().chain(more).map(|(path, text)| (path, text.to_owned())).collect::<Vec<_>>()
    };
    let first = files(SHELL, CLEAN, SHOW);
    let with = |path, text| [first.clone(), vec![(path, text)]].concat();
    vec![
        first.clone(),
        files(SHELL, DIRTY, SHOW),
        files("import os\n\ndef run(name):\n    os.system('ls ' + name)\n", CLEAN, SHOW),
        files(SHELL, CLEAN, "export function show(text) { document.body.textContent = text; }\n"),
        // A name leads to another file than before.
        with("lib/text/__init__.py", DIRTY.to_owned()),
        with("broken.py", "import lib.text\nfrom flask import request\nx = (request.args\n".to_owned()),
        first[1..].to_vec(),
        first.clone(),
    ]
}

fn secret() -> String {
    ["blue", "Tractor", "19", "xq"].concat()
}

fn scan(builder: ScannerBuilder, files: &[(&str, String)]) -> (Vec<Finding>, Report) {
    let input = files.iter().fold(Memory::new(), |input, (path, text)| input.with(*path, text.as_str()));
    let report = builder.build().expect("the built-in rules load").scan(&input).expect("no error");
    // Of which only those of one scan can be compared.
    let plain = |finding: &Finding| Finding { secret_id: None, ..finding.clone() };
    (report.findings.iter().chain(&report.suppressed).map(plain).collect(), report)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| fs::read_dir(folder).expect("readable").flatten().map(|entry| entry.path());
    inside(folder).filter(|path| path.is_dir()).flat_map(|folder| inside(&folder).collect::<Vec<_>>()).collect()
}

fn contents(folder: &Path) -> BTreeSet<(PathBuf, Vec<u8>)> {
    let read = |path: PathBuf| (path.clone(), fs::read(&path).expect("readable"));
    entries(folder).into_iter().map(read).collect()
}

#[test]
fn reports_are_the_same_with_what_was_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = || Some(Arc::new(Store::open(folder.path()).expect("it can be made")));
    let mut all = Vec::new();
    for files in versions() {
        let (plain, report) = scan(Scanner::builder(), &files);
        // From what other versions left, and from what this one did.
        for round in 0..2 {
            let before = entries(folder.path()).len();
            let (cached, other) = scan(Scanner::builder().cache(store()), &files);
            assert_eq!(cached, plain, "round {round}");
            assert_eq!((other.problems, other.stats), (report.problems.clone(), report.stats), "round {round}");
            assert!(round == 0 || entries(folder.path()).len() == before, "nothing is worked out again");
        }
        all.push(plain);
    }
    for version in [1, 2, 3, 6] {
        assert_ne!(all[version], all[0], "the edit makes a difference: {version}");
    }
    for entry in entries(folder.path()) {
        let bytes = fs::read(&entry).expect("readable");
        assert!(memchr::memmem::find(&bytes, secret().as_bytes()).is_none(), "{}", entry.display());
        fs::write(&entry, &bytes[..bytes.len() / 2]).expect("writable");
    }
    // What is damaged is none; what others rules leave is no matter.
    let files = &versions()[0];
    assert_eq!(scan(Scanner::builder().cache(store()), files).0, scan(Scanner::builder(), files).0);
    let audit = || Scanner::builder().rules(crate::rule::RuleOptions { audit: true, ..Default::default() });
    assert_eq!(scan(audit().cache(store()), files).0, scan(audit(), files).0);
}

#[test]
fn what_depends_on_an_edit_is_worked_out_again_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = || Some(Arc::new(Store::open(folder.path()).expect("it can be made")));
    let versions = versions();
    scan(Scanner::builder().cache(store()), &versions[0]);
    let before = contents(folder.path());
    scan(Scanner::builder().cache(store()), &versions[1]);
    // `lib/text.py` as a file and as a part, and the group of `app.py`; that of the page is as it was.
    assert_eq!(contents(folder.path()).difference(&before).count(), 3);
}

/// What names lead to that no import holds: a file more may change that.
#[test]
fn names_that_lead_elsewhere_than_before_are_followed_anew() {
    let app = "from flask import request\nimport lib\nimport bare\n\ndef index():\n    lib.extra.run(request.args['x'])\n    bare.inner.tool.run(request.args['y'])\n";
    let run = "import os\n\ndef run(name):\n    os.system(name)\n";
    let base = || {
        vec![
            ("app.py", app.to_owned()),
            ("lib/__init__.py", "x = 1\n".to_owned()),
            ("bare/inner/x.py", "x = 1\n".to_owned()),
        ]
    };
    let with = |path: &'static str| [base(), vec![(path, run.to_owned())]].concat();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = || Some(Arc::new(Store::open(folder.path()).expect("it can be made")));
    for (files, found) in
        [(base(), 0), (with("lib/extra.py"), 1), (base(), 0), (with("bare/inner/tool.py"), 1), (with("z.py"), 0)]
    {
        let (plain, _) = scan(Scanner::builder(), &files);
        let (cached, _) = scan(Scanner::builder().cache(store()), &files);
        assert_eq!((cached.len(), &cached), (found, &plain));
    }
}

/// A function that some file hands a request to is no view.
#[test]
fn functions_that_are_handed_requests_elsewhere_are_followed_anew() {
    let tools = "from django.http import HttpResponseRedirect\n\ndef followed(request, address):\n    return HttpResponseRedirect(address)\n";
    let calls = "from tools import followed\n\ndef go(request, _):\n    return followed(request, '/home')\n";
    let alone = vec![("tools.py", tools.to_owned())];
    let together = [alone.clone(), vec![("z/calls.py", calls.to_owned())]].concat();
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = || Some(Arc::new(Store::open(folder.path()).expect("it can be made")));
    let mut counts = Vec::new();
    for files in [&alone, &together, &alone] {
        let (plain, _) = scan(Scanner::builder(), files);
        let (cached, _) = scan(Scanner::builder().cache(store()), files);
        assert_eq!(cached, plain);
        counts.push(plain.len());
    }
    assert_eq!(counts, [1, 0, 1]);
}

/// A file of which nothing is asked is no matter to those who import it, nor is one that they do not.
#[test]
fn files_that_were_not_looked_at_are_no_matter() {
    let app = "from flask import request\nfrom lib.tools import run\n\ndef index():\n    run(request.args['x'])\n";
    let tools = "import os\nfrom lib.other import Other\n\nclass Tool:\n    other = Other()\n\ndef run(name):\n    os.system(name)\n";
    let files = |other: &str| {
        let list = [("app.py", app), ("lib/__init__.py", ""), ("lib/tools.py", tools), ("lib/other.py", other)];
        list.into_iter().map(|(path, text)| (path, text.to_owned())).collect::<Vec<_>>()
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = || Some(Arc::new(Store::open(folder.path()).expect("it can be made")));
    let count = |files: &[(&str, String)]| {
        let before = contents(folder.path());
        assert_eq!(scan(Scanner::builder().cache(store()), files).0.len(), 1);
        contents(folder.path()).difference(&before).count()
    };
    count(&files("class Other: pass\n"));
    // As a file and as a part; the group of `app.py` is as it was.
    assert_eq!(count(&files("class Other: x = 1\n")), 2);
    let more = [files("class Other: pass\n"), vec![("lib/new.py", "x = 1\n".to_owned())]].concat();
    assert_eq!(count(&more), 1, "as a file");
}

/// A file of a made program: what it does with what others give, by a number.
fn made_file(own: usize, choice: u8) -> String {
    let (other, kind) = (usize::from(choice >> 3) % FILES, choice & 7);
    let (folder, base) = (other % 2, format!("import shlex\nfrom p{}.f{other} import run{other}\n", other % 2));
    match kind {
        0 => format!("import os\ndef run{own}(x):\n    os.system(x)\n"),
        1 => format!("{base}def run{own}(x):\n    run{other}(shlex.quote(x))\n"),
        2 => format!(
            "{base}from flask import request\ndef run{own}(x):\n    run{other}(x)\ndef view():\n    run{own}(request.args['x'])\n"
        ),
        3 => format!("{base}class Box:\n    run = run{other}\ndef run{own}(x):\n    return Box.run(x)\n"),
        4 => format!("{base}ALL = {{}}\nALL['x'] = run{other}\ndef run{own}(x):\n    ALL['x'](x)\n"),
        5 => format!(
            "from p{folder}.f{other} import *\nfrom flask import request\ndef view():\n    run{other}(request.args['y'])\n"
        ),
        6 => format!("import p{folder}\ndef run{own}(x):\n    p{folder}.f{other}.run{other}(x)\n"),
        _ => String::new(),
    }
}

/// Files of such a program.
const FILES: usize = 6;

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 12, ..Default::default() })]

    /// Whatever is edited, what was kept of earlier versions gives the same reports.
    #[test]
    fn edits_of_any_kind_give_the_same_reports(
        first in proptest::collection::vec(proptest::prelude::any::<u8>(), FILES),
        edits in proptest::collection::vec((0..FILES, proptest::prelude::any::<u8>()), 1..5),
    ) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Arc::new(Store::open(folder.path()).expect("it can be made"));
        let mut choices = first;
        for (at, choice) in std::iter::once((0, choices[0])).chain(edits) {
            choices[at] = choice;
            let files: Vec<(String, String)> = (0..FILES)
                .map(|own| (format!("p{}/f{own}.py", own % 2), made_file(own, choices[own])))
                .filter(|(_, text)| !text.is_empty())
                .collect();
            let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
            let (plain, _) = scan(Scanner::builder(), &files);
            let (cached, _) = scan(Scanner::builder().cache(Some(Arc::clone(&store))), &files);
            proptest::prop_assert_eq!(cached, plain);
        }
    }
}

/// Of a file with a credential is kept what code rules saw, and what it imports, not the credential.
#[test]
fn a_file_with_a_credential_is_searched_for_it_again_and_not_parsed() {
    let app = format!(
        "from flask import request\nimport tool\nPASSWORD = '{}'\n\ndef index():\n    tool.run(request.args['x'])\n",
        secret()
    );
    let tool = format!(
        "import os, hashlib\nKEY = '{0}'\nPASSWORD = '{0}'\n\ndef run(name):\n    hashlib.md5(b'x')\n    os.system(name)\n",
        secret()
    );
    let odd = format!("from flask import request\nPASSWORD = '{0}'\nload = __import__('{0}').x\n", secret());
    let files = [("app.py", app), ("tool.py", tool), ("odd.py", odd)];
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let store = || Some(Arc::new(Store::open(folder.path()).expect("it can be made")));
    let (plain, report) = scan(Scanner::builder(), &files);
    let rules: Vec<&str> = plain.iter().map(|finding| &*finding.rule).collect();
    assert!(["generic-password", "command-injection"].iter().all(|rule| rules.contains(rule)), "{rules:?}");
    let mut kept = BTreeSet::new();
    for round in 0..3 {
        let (cached, other) = scan(Scanner::builder().cache(store()), &files);
        assert_eq!((&cached, other.stats), (&plain, report.stats), "round {round}");
        assert!(round == 0 || contents(folder.path()) == kept, "nothing is worked out again");
        kept = contents(folder.path());
    }
    // Each as a file and as a part, and the group of the first.
    assert!(kept.len() >= 6, "{}", kept.len());
    assert!(kept.iter().all(|(_, bytes)| memchr::memmem::find(bytes, secret().as_bytes()).is_none()));
}
