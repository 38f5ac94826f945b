//! Tests of PDF: documents made here, whole ones and hostile ones.

use super::*;
use std::io::Write;

fn flate(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).expect("memory takes all");
    writer.finish().expect("memory takes all")
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    [format!("<< {dict} /Length {} >>\nstream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
}

fn packed(dict: &str, data: &[u8]) -> Vec<u8> {
    stream(&format!("{dict} /Filter /FlateDecode"), &flate(data))
}

fn pdf(objects: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xE2\xE3\n".to_vec();
    for (number, object) in objects {
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    file.extend(b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n");
    file
}

fn text(object: &str) -> Vec<u8> {
    object.as_bytes().to_vec()
}

/// A document of one page with these contents, in the font 5, and further objects.
fn one_page(contents: Vec<u8>, others: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut objects = vec![
        (1, text("<< /Type /Catalog /Pages 2 0 R >>")),
        (
            2,
            text(
                "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> /XObject << /X1 6 0 R >> >> >>",
            ),
        ),
        (3, text("<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>")),
        (4, contents),
        (5, text("<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>")),
    ];
    objects.extend_from_slice(others);
    pdf(&objects)
}

fn of(file: &[u8]) -> Document {
    read(file, &Limits::default())
}

fn page(file: &[u8]) -> String {
    let document = of(file);
    assert_eq!((document.faults, document.cut), (Vec::new(), None));
    document.pages.join("|")
}

#[test]
fn letters_side_by_side_are_words_and_lines() {
    let contents = b"BT /F1 10 Tf 72 700 Td (pass\\167ord: ) Tj (a\\(b\\)) Tj 0 -12 Td [(se) 20 (cond) -600 (word)] TJ T* ET
        BT 1 0 0 1 72 600 Tm <74686972 64> Tj 1 0 0 1 150 600 Tm (cell) Tj ET BI /W 1 ID \x00(no) Tj EI Q BT 14 TL (x) ' (y) ' ET";
    let expected = "password: a(b)\nsecond word\nthird cell\nx\ny";
    for contents in [stream("", contents), packed("", contents)] {
        assert_eq!(page(&one_page(contents, &[])), expected);
    }
    let ascii = b"87cURD]i,\"Ebo80~>";
    assert_eq!(page(&one_page(stream("/Filter [/A85]", ascii), &[])), "");
    let both =
        [b"BT /F1 9 Tf (in ASCII) Tj ET".iter().map(|byte| format!("{byte:02x}")).collect::<String>(), ">".into()]
            .concat();
    assert_eq!(page(&one_page(stream("/Filter /AHx", both.as_bytes()), &[])), "in ASCII");
}

#[test]
fn codes_of_wide_fonts_are_letters_by_their_map() {
    let map = b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange
        2 beginbfrange <0003> <0005> <0061> <0010> <0011> [<00660069> <D83DDE00>] endbfrange 1 beginbfchar <0020> <0020> endbfchar";
    let font = text("<< /Type /Font /Subtype /Type0 /ToUnicode 7 0 R /DescendantFonts [8 0 R] >>");
    let others = |map: Vec<u8>| [(5, font.clone()), (7, map), (8, text("<< /DW 500 /W [3 [600 600] 5 9 700] >>"))];
    let contents = || stream("", b"BT /F1 10 Tf <00030004000500200010 0011> Tj ET");
    assert_eq!(page(&one_page(contents(), &others(packed("", map)))), "abc fi\u{1F600}");
    let unknown = of(&one_page(contents(), &others(stream("", b""))));
    assert_eq!(unknown.faults, ["text in a font that does not tell its letters was not examined"]);
}

#[test]
fn forms_show_their_text_where_they_stand() {
    let form = packed("/Type /XObject /Subtype /Form", b"BT /F1 10 Tf (inside) Tj ET /X1 Do");
    let contents = stream("", b"BT /F1 10 Tf (before ) Tj ET q 1 0 0 1 0 -20 cm /X1 Do Q");
    let shown = page(&one_page(contents, &[(6, form)]));
    assert!(shown.starts_with("before \ninside"), "{shown}");
}

#[test]
fn objects_are_found_in_streams_and_the_later_counts() {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R 9 0 R] >>",
        "<< /Type /Page /Contents 4 0 R >>",
    ];
    let (mut head, mut body) = (String::new(), String::new());
    for (number, object) in (1..).zip(objects) {
        head.push_str(&format!("{number} {} ", body.len()));
        body.push_str(&format!("{object} "));
    }
    let all = packed(&format!("/Type /ObjStm /N 3 /First {}", head.len()), format!("{head}{body}").as_bytes());
    let shows = |text: &str| stream("", format!("BT ({text}) Tj ET").as_bytes());
    let page_of = |number: u32| text(&format!("<< /Type /Page /Contents [{number} 0 R] >>"));
    let file = pdf(&[
        (4, shows("old")),
        (20, all),
        (4, shows("new")),
        (9, page_of(10)),
        (10, shows("last")),
        (12, page_of(13)),
        (13, shows("of no tree")),
    ]);
    assert_eq!(page(&file), "new|last|of no tree");
}

#[test]
fn what_was_filled_in_noted_and_attached() {
    let others = [
        (7, text("<< /FT /Tx /T (db_password) /V (river 7) >>")),
        (8, text("<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://a:b@c) >> >>")),
        (9, [&b"<< /Title "[..], b"(\xFE\xFF\0T\0\xE4) >>"].concat()),
        (10, packed("/Type /EmbeddedFile", b"attached\n")),
    ];
    let document = of(&one_page(stream("", b""), &others));
    assert_eq!(document.fields, "db_password: river 7\nhttps://a:b@c\nT\u{e4}\n");
    assert_eq!(document.attachments, [b"attached\n"]);
}

#[test]
fn what_is_not_read_is_told() {
    let mut encrypted = one_page(stream("", b"x"), &[]);
    encrypted.extend(b"trailer << /Encrypt 9 0 R >>");
    assert_eq!(of(&encrypted).faults, ["the PDF is encrypted; its text was not examined"]);
    for contents in
        [stream("/Filter /LZWDecode", b"x"), stream("/Filter /FlateDecode", b"no zlib"), stream("", &b"[".repeat(99))]
    {
        let faults = of(&one_page(contents, &[])).faults;
        assert_eq!(faults, ["parts of the PDF that are damaged or packed in a way that is not undone: 1"]);
    }
}

#[test]
fn bombs_end_at_a_bound() {
    let zeros = vec![b' '; 40 << 20];
    let twice = stream("/Filter [/FlateDecode /FlateDecode]", &flate(&flate(&zeros)));
    // Each form shows the next one twice.
    let shows = |next: u32| {
        let resources = format!("/Subtype /Form /Resources << /XObject << /X1 {next} 0 R >> >>");
        stream(&resources, &[&b"/X1 Do /X1 Do"[..], &[b' '; 4000]].concat())
    };
    let doubling: Vec<(u32, Vec<u8>)> = (6..40).map(|number| (number, shows(number + 1))).collect();
    let ligature = |letters: usize| {
        let map = format!("1 beginbfchar <41> <{}> endbfchar", "0041".repeat(letters));
        [(5, text("<< /Subtype /Type1 /ToUnicode 7 0 R >>")), (7, stream("", map.as_bytes()))]
    };
    let long = [&b"/F1 1 Tf ("[..], &[b'A'; 500_000], b") Tj"].concat();
    let limits = Limits { max_decoded: 1 << 20, ..Limits::default() };
    for (kind, file) in [
        ("one", one_page(packed("", &zeros), &[])),
        ("two filters", one_page(twice, &[])),
        ("object stream", pdf(&[(1, packed("/Type /ObjStm /N 1 /First 9", &zeros))])),
        ("forms", one_page(stream("", &b"/X1 Do ".repeat(100)), &doubling)),
        ("letters", one_page(stream("", &long), &ligature(5000))),
    ] {
        let document = read(&file, &limits);
        let size: usize = document.pages.iter().map(String::len).sum();
        assert!(size <= 1 << 20, "{kind}");
        assert_eq!(
            document.cut.into_iter().collect::<Vec<_>>(),
            ["the PDF unpacks to more than 1048576 bytes; the rest was not examined"],
            "{kind}"
        );
    }
}

#[test]
fn objects_beyond_the_bound_are_told() {
    let many: String = (1..=MAX_PDF_OBJECTS + 9).map(|number| format!("{number} 0 obj 0 ")).collect();
    let cut = of(format!("%PDF-1.7 {many}").as_bytes()).cut;
    assert_eq!(cut.as_deref(), Some("the PDF has more than 1000000 objects; the rest was not examined"));
}

#[test]
fn circles_end() {
    let file = pdf(&[
        (1, text("<< /Type /Catalog /Pages 2 0 R >>")),
        (2, text("<< /Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Resources 2 0 R >>")),
        (3, text("<< /Type /Page /Contents 3 0 R /Resources 4 0 R >>")),
        (4, text("4 0 R")),
    ]);
    assert_eq!(of(&file).pages, [""]);
    for text in
        [&b"%PDF-1.7"[..], b"%PDF-1.7 1 0 obj", b"%PDF-1.7 1 0 obj << /Length 9 >> stream", b"%PDF-1.7 obj 0 obj"]
    {
        assert!(of(text).pages.is_empty());
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(seed in proptest::collection::vec(proptest::prelude::any::<(u16, u8)>(), 0..40)) {
        let contents = b"BT /F1 10 Tf 1 0 0 1 72 600 Tm [(a) -99 <0003>] TJ (b) ' /X1 Do BI ID x EI ET";
        let map = stream("", b"1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfrange <03> <05> <0061> endbfrange");
        let form = stream("/Subtype /Form", b"/X1 Do (inside) Tj");
        let objects = packed("/Type /ObjStm /N 1 /First 5", b"9 0  << /T (a) /V (b) >>");
        let font = text("<< /Subtype /Type0 /ToUnicode 7 0 R /DescendantFonts [8 0 R] /FirstChar 1 /Widths [1 2] /DW 1 /W [1 2 3] >>");
        let mut file = one_page(stream("", contents), &[(5, font), (6, form), (7, map), (8, objects)]);
        for (at, value) in seed {
            let at = usize::from(at) % file.len();
            file[at] = value;
        }
        read(&file, &Limits { max_decoded: 1 << 16, ..Limits::default() });
    }

    #[test]
    fn any_contents_are_read(contents in "[\\[\\]<>(){}/%\\\\A-Za-z0-9 .-]{0,200}") {
        read(&one_page(stream("", contents.as_bytes()), &[(9, text(&contents))]), &Limits::default());
    }
}
