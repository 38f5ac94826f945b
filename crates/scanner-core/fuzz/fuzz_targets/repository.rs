//! Repositories of which one file is anything at all: what is wrong with it is told, and nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scanner_core::input::TreeOptions;
use scanner_core::input::git::{Changes, History, Repository, RepositoryOptions};
use scanner_core_fuzz::{SCANNER, chosen};
use std::fs;
use std::path::Path;

/// The first byte of an input chooses one.
const FILES: [&str; 8] = [
    "index",
    "packed-refs",
    "reftable/a.ref",
    "objects/pack/pack-a.pack",
    "objects/pack/pack-a.idx",
    "HEAD",
    "config",
    "objects/aa/bb",
];

fuzz_target!(|input: &[u8]| {
    let Some((file, bytes)) = chosen(input, &FILES) else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let git_dir = folder.path().join(".git");
    skeleton(&git_dir);
    let changed = git_dir.join(file);
    fs::create_dir_all(changed.parent().expect("it lies in a folder")).expect("a folder can be made");
    fs::write(changed, bytes).expect("a file can be written");
    if file.starts_with("reftable") {
        fs::write(git_dir.join("reftable/tables.list"), "a.ref\n").expect("a file can be written");
    }
    let Ok(repository) = Repository::open(folder.path(), &RepositoryOptions::default()) else { return };
    if let Ok(changes) = Changes::staged(&repository, TreeOptions::default()) {
        let _ = SCANNER.scan(&changes);
    }
    if let Ok(history) = History::open(&repository, TreeOptions::default(), true, 1) {
        let _ = SCANNER.scan(&history);
    }
});

/// The least that makes a folder a repository.
fn skeleton(git_dir: &Path) {
    for folder in ["objects/pack", "refs/heads"] {
        fs::create_dir_all(git_dir.join(folder)).expect("a folder can be made");
    }
    fs::write(git_dir.join("HEAD"), "ref: refs/heads/main\n").expect("a file can be written");
    fs::write(git_dir.join("config"), "[core]\n\trepositoryformatversion = 0\n").expect("a file can be written");
}
