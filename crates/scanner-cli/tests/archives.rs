//! Archives: opened when asked for, reported by member, and never clean when they were not examined.
#![cfg(feature = "archives")]

mod common;

use common::{Sandbox, token};
use std::io::{Cursor, Write};

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory takes all");
        writer.write_all(bytes).expect("memory takes all");
    }
    writer.finish().expect("memory takes all").into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).and_then(|()| writer.finish()).expect("memory takes all")
}

fn app() -> Vec<u8> {
    let jar = zip(&[("config/app.properties", format!("a = {}\n", token()).as_bytes()), ("b.testkey", b"x")]);
    zip(&[("lib/app.jar", &jar), ("data.bin", format!("\0\0\0\0{}\0\0", token()).as_bytes())])
}

#[test]
fn members_are_found_when_asked_for() {
    let sandbox = Sandbox::new().file("app.war", app()).file("log.gz", gzip(token().as_bytes()));
    assert_eq!(sandbox.scan(&[]).code, 0);
    let run = sandbox.scan(&["--archives", "--no-merge", "--format", "json"]);
    assert_eq!(run.code, 1, "{run:?}");
    let json = run.json();
    let members: Vec<(&str, &str)> = json["findings"]
        .as_array()
        .expect("a report has findings")
        .iter()
        .map(|finding| (finding["member"].as_str().expect("it has one"), finding["rule"].as_str().expect("it has one")))
        .collect();
    let expected = [
        ("data.bin!/strings", "test-token"),
        ("lib/app.jar!/b.testkey", "test-file"),
        ("lib/app.jar!/config/app.properties", "test-token"),
        ("log", "test-token"),
    ];
    assert_eq!(members, expected);
    let text = sandbox.scan(&["--archives", "--no-merge", "-q"]).stdout;
    assert!(text.contains("app.war!/lib/app.jar!/config/app.properties:1:5: high test-token"), "{text}");
    let sarif = sandbox.scan(&["--archives", "--no-merge", "--format", "sarif"]).json();
    let location = &sarif["runs"][0]["results"][2]["locations"][0];
    assert_eq!(location["physicalLocation"]["artifactLocation"]["uri"], "app.war");
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "app.war!/lib/app.jar!/config/app.properties");
}

#[test]
fn documents_are_read_as_people_see_them() {
    let (head, tail) = (&token()[..9], &token()[9..]);
    let word = format!("<w:document><w:p><w:r><w:t>{head}</w:t></w:r><w:r><w:t>{tail}</w:t></w:r></w:p></w:document>");
    let shared = format!("<sst><si><t>{}</t></si></sst>", token());
    let sheet = "<worksheet><row><c t=\"s\"><v>0</v></c></row></worksheet>";
    let contents = format!("BT /F1 9 Tf 1 0 0 1 72 700 Tm [({head}) 20 ({tail})] TJ ET");
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = zlib.write_all(contents.as_bytes()).and_then(|()| zlib.finish()).expect("memory takes all");
    let objects = format!(
        "%PDF-1.7\n1 0 obj << /Type /Page /Contents 2 0 R >> endobj\n2 0 obj << /Filter /FlateDecode /Length {} >> stream\n",
        packed.len()
    );
    let pdf = [objects.as_bytes(), &packed, b"\nendstream endobj\n"].concat();
    let sandbox = Sandbox::new()
        .file("a.docx", zip(&[("word/document.xml", word.as_bytes())]))
        .file(
            "b.xlsx",
            zip(&[("xl/worksheets/sheet1.xml", sheet.as_bytes()), ("xl/sharedStrings.xml", shared.as_bytes())]),
        )
        .file("c.pdf", &pdf)
        .file("d.zip", zip(&[("in/c.pdf", &pdf)]));
    assert_eq!(sandbox.scan(&[]).code, 0);
    let run = sandbox.scan(&["--archives", "--no-merge", "-q"]);
    let places: Vec<&str> =
        run.stdout.lines().filter_map(|line| line.split_once(": ")).map(|(place, _)| place).collect();
    let expected = [
        "a.docx!/word/document.xml!/text:1:1",
        "b.xlsx!/xl/worksheets/sheet1.xml!/text:1:1",
        "c.pdf!/page 1:1:1",
        "d.zip!/in/c.pdf!/page 1:1:1",
    ];
    assert_eq!((places.as_slice(), run.code), (&expected[..], 1), "{run:?}");
}

#[test]
fn the_configuration_can_ask_as_well() {
    let sandbox = Sandbox::new().file("app.war", app()).file("autoclave.toml", "[scan]\narchives = true\n");
    assert_eq!(sandbox.scan(&[]).code, 1);
    let run = sandbox.scan(&["--archives", "--format", "json", "app.war"]);
    assert_eq!(run.found().len(), 3, "{run:?}");
}

#[test]
fn what_cannot_be_unpacked_is_two() {
    let whole = app();
    let sandbox = Sandbox::new().file("cut.zip", &whole[..whole.len() / 2]).file("ok.zip", &whole);
    let run = sandbox.scan(&["--archives", "--format", "json"]);
    assert_eq!((run.code, run.found().len()), (2, 3), "{run:?}");
    assert_eq!(run.json()["problems"][0]["kind"], "unreadable");
    let bomb = gzip(&vec![b'x'; 40 << 20]);
    let run = Sandbox::new().file("bomb.gz", bomb).scan(&["--archives", "--format", "json"]);
    assert_eq!((run.code, &run.json()["problems"][0]["kind"]), (2, &"archive-limit".into()), "{run:?}");
    let run = sandbox.scan(&["--archives", "--best-effort"]);
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn decoding_can_be_left_out() {
    let encoded: String = token().bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let sandbox = Sandbox::new().file("a.js", format!("k = '{encoded}';\n"));
    assert_eq!(sandbox.scan(&[]).code, 1);
    assert_eq!(sandbox.scan(&["--no-decode"]).code, 0);
}
