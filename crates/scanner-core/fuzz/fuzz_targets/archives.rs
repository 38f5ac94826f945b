//! Archives, office documents and PDF: whatever they hold, a scan ends, in bounded memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use scanner_core::Limits;
use scanner_core::input::Memory;
use scanner_core_fuzz::{SCANNER, chosen};

/// The first byte of an input chooses one.
const NAMES: [&str; 12] =
    ["a.zip", "a.tar", "a.tar.gz", "a.gz", "a.bz2", "a.xz", "a.zst", "a.jar", "a.docx", "a.pdf", "a.pyc", "a.sqlite"];

fuzz_target!(|input: &[u8]| {
    let Some((name, bytes)) = chosen(input, &NAMES) else { return };
    let archive = Memory::new().with(name, bytes).with_archives(Limits::default());
    SCANNER.scan(&archive).expect("what is wrong with an archive is a problem of the report");
});
