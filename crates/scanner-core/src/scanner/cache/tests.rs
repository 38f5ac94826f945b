//! Tests of what is kept between scans: reports are the same with and without it.

use crate::finding::Finding;
use crate::input::Memory;
use crate::report::Report;
use crate::scanner::{Scanner, ScannerBuilder};
use crate::store::Store;
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
    let before = entries(folder.path()).len();
    scan(Scanner::builder().cache(store()), &versions[1]);
    // `lib/text.py` as a file and as a part, and the group of `app.py`; that of the page is as it was.
    assert_eq!(entries(folder.path()).len() - before, 3);
}
