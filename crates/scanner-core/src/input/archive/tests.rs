//! Tests of archives: what they hold is pushed, and hostile ones end at a bound.

use super::*;
use crate::input::Memory;
use crate::{Error, Input};
use std::io::Write;
use std::sync::Mutex;

type Files = Vec<(String, Vec<u8>)>;

#[derive(Default)]
struct Seen(Mutex<Files>, Mutex<Vec<Problem>>);

impl Visitor for Seen {
    fn blob(&self, blob: Blob<'_>) {
        let name = blob.origin.member.clone().unwrap_or_default();
        let bytes = blob.bytes.map(|bytes| bytes.into_owned()).unwrap_or_default();
        self.0.lock().expect("no thread panics").push((name, bytes));
    }
    fn problem(&self, problem: Problem) {
        self.1.lock().expect("no thread panics").push(problem);
    }
}

fn visit(bytes: Vec<u8>, change: impl Fn(&mut Limits)) -> (Files, Vec<Problem>) {
    let mut limits = Limits::default();
    change(&mut limits);
    let seen = Seen::default();
    let outcome: Result<(), Error> = Memory::new().with("a.bin", bytes).with_archives(limits).visit(1, &seen);
    outcome.expect("memory can be read");
    // The first is the archive itself.
    let files = seen.0.into_inner().expect("no thread panics").split_off(1);
    (files, seen.1.into_inner().expect("no thread panics"))
}

fn names(files: &Files) -> Vec<&str> {
    files.iter().map(|(name, _)| name.as_str()).collect()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory takes all");
        writer.write_all(bytes).expect("memory takes all");
    }
    writer.finish().expect("memory takes all").into_inner()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).expect("memory takes all");
    }
    builder.into_inner().expect("memory takes all")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).expect("memory takes all");
    writer.finish().expect("memory takes all")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(bytes).expect("memory takes all");
    writer.finish().expect("memory takes all")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// `printf 'text\n' | xz`, as no encoder is built in.
const XZ: &[u8] = &[
    0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x16, 0x00, 0x00,
    0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x04, 0x74, 0x65, 0x78, 0x74, 0x0a, 0x00, 0x00, 0x00, 0x00,
];

#[test]
fn members_are_pushed_at_any_depth() {
    let jar = zip(&[("config/app.properties", b"a=1\n")]);
    let all =
        zip(&[("lib/app.jar", &jar), ("b.txt", b"text\n"), ("c.tar.gz", &gzip(&tar(&[("./d/e.txt", b"deep\n")])))]);
    let (files, problems) = visit(all, |_| {});
    assert_eq!(problems, []);
    assert_eq!(
        names(&files),
        ["lib/app.jar", "lib/app.jar!/config/app.properties", "b.txt", "c.tar.gz", "c.tar.gz!/d/e.txt"]
    );
    assert_eq!(files[1].1, b"a=1\n");
    assert_eq!(files[4].1, b"deep\n");
}

#[test]
fn compressed_files_of_every_kind() {
    let two_frames = [zstd(b"te"), vec![0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9], zstd(b"xt\n")].concat();
    for (kind, bytes) in [
        ("gzip", gzip(b"text\n")),
        ("two gzip", [gzip(b"te"), gzip(b"xt\n")].concat()),
        ("bzip2", bzip2(b"text\n")),
        ("zstd", zstd(b"text\n")),
        ("two zstd", two_frames),
    ] {
        let (files, problems) = visit(bytes, |_| {});
        assert_eq!(problems, [], "{kind}");
        assert_eq!(files, [("a".to_owned(), b"text\n".to_vec())], "{kind}");
    }
}

#[test]
fn bombs_end_at_a_bound() {
    let zeros = vec![b'a'; 40 << 20];
    for (kind, bytes) in [
        ("gzip", gzip(&zeros)),
        ("bzip2", bzip2(&zeros)),
        ("zstd", zstd(&zeros)),
        ("zip", zip(&[("a", &zeros)])),
        ("nested", gzip(&gzip(&gzip(&zeros)))),
    ] {
        let (_, problems) = visit(bytes, |_| {});
        assert_eq!(
            problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(),
            [ProblemKind::ArchiveLimit],
            "{kind}"
        );
    }
    let many: Vec<(String, Vec<u8>)> = (0..9).map(|number| (format!("{number}.txt"), vec![b'x'; 1000])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    for bytes in [zip(&many), gzip(&tar(&many))] {
        let (files, problems) = visit(bytes.clone(), |limits| limits.max_archive_members = 3);
        assert_eq!((files.len(), problems.len()), (3, 1), "{problems:?}");
        let (files, problems) = visit(bytes, |limits| limits.max_archive_bytes = 5000);
        assert!(files.len() < 9 && problems.len() == 1 && problems[0].kind.is_incomplete(), "{problems:?}");
    }
}

#[test]
fn nesting_ends_at_a_bound() {
    let mut bytes = zip(&[("end.txt", b"end\n")]);
    for _ in 0..20 {
        bytes = zip(&[("inner.zip", &bytes)]);
    }
    let (files, problems) = visit(bytes, |_| {});
    assert_eq!(files.len(), Limits::default().max_archive_depth);
    assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::ArchiveLimit]);
    assert!(problems[0].to_string().starts_with("a.bin!/inner.zip!/inner.zip!/"), "{}", problems[0]);
}

#[test]
fn damage_is_told() {
    let text: Vec<u8> = (0..20_000u32).flat_map(|number| format!("{number}\n").into_bytes()).collect();
    for (kind, bytes) in [
        ("zip", zip(&[("a.txt", &text)])),
        ("gzip", gzip(&text)),
        ("bzip2", bzip2(&text)),
        ("zstd", zstd(&text)),
        ("tar", tar(&[("a.txt", &text)])),
        ("xz", [XZ, &text[..]].concat()),
        ("7z", [&b"7z\xBC\xAF\x27\x1C\0\x04"[..], &[0; 99]].concat()),
    ] {
        let (_, problems) = visit(bytes[..bytes.len() / 2].to_vec(), |_| {});
        assert_eq!(
            problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(),
            [ProblemKind::Unreadable],
            "{kind}"
        );
    }
}

#[test]
fn a_panic_inside_is_told() {
    struct Panics(Mutex<Vec<Problem>>);
    impl Visitor for Panics {
        fn blob(&self, blob: Blob<'_>) {
            assert!(blob.origin.member.is_none(), "this test ends members with a panic");
        }
        fn problem(&self, problem: Problem) {
            self.0.lock().expect("not held while panicking").push(problem);
        }
    }
    let visitor = Panics(Mutex::default());
    let input = Memory::new().with("a.zip", zip(&[("b.txt", b"text\n")])).with_archives(Limits::default());
    input.visit(1, &visitor).expect("memory can be read");
    let problems = visitor.0.into_inner().expect("not held while panicking");
    assert_eq!(problems[0].to_string(), "a.zip: cannot be unpacked: internal error while reading it");
}

#[test]
fn strings_and_documents() {
    let mut database = b"SQLite format 3\0\x10\0\x01\x01".to_vec();
    database.extend(b"\x01\x02token=abcdef\x03\x04");
    database.extend("wide text".encode_utf16().flat_map(u16::to_le_bytes));
    let (files, problems) = visit(database, |_| {});
    assert_eq!(problems, []);
    assert_eq!(names(&files), ["strings"]);
    assert_eq!(String::from_utf8_lossy(&files[0].1), "SQLite format 3\ntoken=abcdef\nwide text\n");
    let part = b"<w:document><w:p><w:r><w:t>pass</w:t></w:r><w:r><w:t>word</w:t></w:r></w:p></w:document>";
    let shared = b"<sst><si><t>name</t></si><si><t>value</t></si><si><t>left</t></si></sst>";
    let sheet = b"<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c></row>";
    let connections: &[u8] = b"<connections/>";
    let parts: &[(&str, &[u8])] = &[
        ("word/document.xml", part),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", shared),
        ("xl/connections.xml", connections),
    ];
    let (files, problems) = visit(zip(parts), |_| {});
    let texts: Vec<(&str, &str)> =
        files.iter().map(|(name, bytes)| (name.as_str(), std::str::from_utf8(bytes).expect("it is text"))).collect();
    let expected = [
        ("word/document.xml!/text", "password\n"),
        ("xl/worksheets/sheet1.xml!/text", "name\tvalue\nname: value\n"),
        ("xl/connections.xml", "<connections/>"),
        ("xl/sharedStrings.xml!/text", "left\n"),
    ];
    assert_eq!((texts.as_slice(), problems.len()), (&expected[..], 0));
    let (_, problems) = visit(zip(parts), |limits| limits.max_decoded = 5);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(kind in 0..6usize, seed in proptest::collection::vec(proptest::prelude::any::<(u16, u8)>(), 0..20)) {
        let text = b"some text in a file\n".repeat(50);
        let files: &[(&str, &[u8])] = &[("a.txt", &text), ("b/c.bin", b"\0\0\0\0\0\0strings\0")];
        let mut bytes = match kind {
            0 => zip(files),
            1 => tar(files),
            2 => gzip(&tar(files)),
            3 => bzip2(&text),
            4 => zstd(&text),
            _ => XZ.to_vec(),
        };
        for (at, value) in seed {
            let at = usize::from(at) % bytes.len();
            bytes[at] = value;
        }
        visit(bytes, |limits| limits.max_archive_bytes = 1 << 20);
    }
}
