//! Files of every kind: whatever they hold, a scan ends, and what it finds lies inside them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scanner_core_fuzz::{SCANNER, chosen};

/// The first byte of an input chooses one: each is read in a way of its own.
const NAMES: [&str; 40] = [
    "a.py",
    "a.js",
    "a.ts",
    "a.tsx",
    "a.jsx",
    "a.html",
    "a.vue",
    "a.svelte",
    "a.ipynb",
    ".env",
    "a.yaml",
    "a.json",
    "a.toml",
    "a.ini",
    "a.properties",
    "a.xml",
    "a.tf",
    "a.sh",
    "Dockerfile",
    "a.sql",
    ".netrc",
    ".pgpass",
    ".htpasswd",
    "a.java",
    "a.cs",
    "a.go",
    "a.php",
    "a.rb",
    "a.kt",
    "a.c",
    "a.rs",
    "a.ps1",
    "a.md",
    "a.log",
    "a.diff",
    "a.pem",
    "package.json",
    "pyproject.toml",
    "wp-config.php",
    "a",
];

fuzz_target!(|input: &[u8]| {
    let Some((name, bytes)) = chosen(input, &NAMES) else { return };
    let report = SCANNER.scan_bytes(name, bytes);
    for finding in &report.findings {
        assert!(finding.location.start.line >= 1 && finding.location.start.line <= finding.location.end.line);
    }
    let again = SCANNER.scan_bytes(name, bytes);
    assert_eq!(report.findings.len(), again.findings.len(), "the same file has the same findings");
});
