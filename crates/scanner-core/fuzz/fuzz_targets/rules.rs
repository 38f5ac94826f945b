//! Files of rules that a user wrote: they are taken or refused with a reason, and what is taken runs.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scanner_core::{RuleOptions, Scanner};
use std::fs;

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("own.toml");
    fs::write(&file, input).expect("a file can be written");
    let options = RuleOptions { paths: vec![file], no_builtin: true, ..RuleOptions::default() };
    if let Ok(scanner) = Scanner::builder().threads(1).rules(options).build() {
        let _ = scanner.scan_bytes("a.py", b"import os\nkey = 'q8Zr2LmX0vNb5TyW'\nos.system(key)\n");
    }
});
