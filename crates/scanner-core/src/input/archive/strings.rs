//! Text in what is no text file: printable strings of binaries.

use crate::decode::starts_binary;

/// Shorter runs are machine code by chance.
const SHORTEST: usize = 6;

/// Pictures, sound, fonts, PDF (whose text is read): their bytes are compressed, and no one wrote a string into them.
const MEDIA: &[&[u8]] = &[
    b"\x89PNG",
    b"\xFF\xD8\xFF",
    b"GIF8",
    b"RIFF",
    b"OggS",
    b"ID3",
    b"fLaC",
    b"wOFF",
    b"wOF2",
    b"OTTO",
    b"ttcf",
    b"\0\x01\0\0",
    b"\0\0\x01\0",
    b"%PDF",
    b"\x1A\x45\xDF\xA3",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"PACK",
    b"\xFFtOc",
    b"DIRC",
];

/// Whether strings are picked out of a file that starts so: a program, a database, compiled code.
pub(super) fn are_wanted(head: &[u8], sniff: usize) -> bool {
    let media = MEDIA.iter().any(|mark| head.starts_with(mark)) || head.get(4..8) == Some(b"ftyp");
    !media && starts_binary(head, sniff)
}

/// Runs of printable ASCII, and of the same as UTF-16, each on a line of its own.
pub(super) fn of(bytes: &[u8]) -> String {
    let mut out = String::new();
    let is_printable = |byte: u8| matches!(byte, 0x20..=0x7E | b'\t');
    let mut at = 0;
    while at < bytes.len() {
        let len = bytes[at..].iter().take_while(|&&byte| is_printable(byte)).count();
        if len >= SHORTEST {
            push(&mut out, bytes[at..at + len].iter().copied());
        }
        // The first letter of UTF-16 text is followed by a NUL.
        let wide = at + len.saturating_sub(1);
        let pairs = bytes[wide..].chunks_exact(2).take_while(|pair| is_printable(pair[0]) && pair[1] == 0).count();
        if len > 0 && pairs >= SHORTEST {
            push(&mut out, bytes[wide..].chunks_exact(2).take(pairs).map(|pair| pair[0]));
            at = wide + pairs * 2;
        } else {
            at += len + 1;
        }
    }
    out
}

fn push(out: &mut String, text: impl Iterator<Item = u8>) {
    out.extend(text.map(char::from));
    out.push('\n');
}
