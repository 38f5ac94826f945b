//! Tests of layers as a whole.

use super::*;

fn layers(path: &str, text: &str) -> Vec<String> {
    let mut budget = Budget::new(&Limits::default());
    let found = find(text, path, None, 0, &mut budget);
    found.into_iter().map(|layer| layer.text().to_owned()).collect()
}

/// `greeting=hunter22 of no one`
const ENCODED: &str = "Z3JlZXRpbmc9aHVudGVyMjIgb2Ygbm8gb25l";

#[test]
fn runs_are_read_in_their_place() {
    for (text, plain) in [
        (format!("k: {ENCODED}\n"), "k: greeting=hunter22 of no one"),
        (format!("k=\"{ENCODED}==\""), "k=\"greeting=hunter22 of no one\""),
        (format!("/x/{ENCODED}?a"), "/x/greeting=hunter22 of no one?a"),
        (
            format!(
                "k: {}\n   {}\n",
                "YSBub3RlIHRoYXQgaXMgbG9uZyBlbm91Z2ggdG8gYmUgd3JhcHBlZCwgYXMgbWFpbCBwcm9n",
                "cmFtcyBkbyBpdDsgYW5kIHNvbWUgbW9yZQ=="
            ),
            "k: a note that is long enough to be wrapped, as mail programs do it; and some more",
        ),
    ] {
        assert_eq!(layers("a.yml", &text), [plain], "{text}");
    }
}

#[test]
fn what_is_no_text_is_left_alone() {
    for text in [
        "sha512-Z3JlZXRpbmc9aHVudGVyMjIgb2Ygbm8gb25lZ3JlZXRpbmc9aHVudGVyMjIgb2Ygbm8gb25l",
        "<img src=\"data:image/svg+xml;base64,Z3JlZXRpbmc9aHVudGVyMjIgb2Ygbm8gb25l\">",
        &["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"].concat(),
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "import com/acme/internal/project/module/AccessTokenProviderFactory",
    ] {
        assert_eq!(layers("a.txt", text), [""; 0], "{text}");
    }
}

#[test]
fn texts_of_several_lines_stand_alone() {
    assert_eq!(kind("A=1\nB=2\n"), Some("env"));
    assert_eq!(kind("a: 1\nb: 2\n"), Some("yml"));
    assert_eq!(kind("{\"a\": 1}"), Some("json"));
    assert_eq!(kind("[a]\nb = 1\n"), Some("env"));
    assert_eq!(kind("one line"), None);
    assert_eq!(layers("a.txt", "x QT0xMjM0NQpCPTY3ODkwMTIzCkM9MQ y"), ["A=12345\nB=67890123\nC=1"]);
}

#[test]
fn whole_values() {
    assert_eq!(plain("aHVudGVyMjI=").as_deref(), Some("hunter22"));
    assert_eq!(plain("YUhWdWRHVnlNakk9").as_deref(), Some("hunter22"), "twice");
    assert_eq!(plain("aHVudGVyMjIK").as_deref(), Some("hunter22"), "the line end of `echo`");
    for value in ["hunter22", "password", "iVBORw0KGgoAAAANSUhEUg==", "", "aHVudGVyMjI=="] {
        assert_eq!(plain(value), None, "{value}");
    }
}

#[test]
fn bounds_are_told() {
    let limits = Limits { max_decoded: 10, ..Limits::default() };
    let mut budget = Budget::new(&limits);
    assert!(find(&format!("k: {ENCODED}\n"), "a.yml", None, 0, &mut budget).is_empty());
    assert!(budget.exhausted().is_some());
    let limits = Limits { max_decoding_depth: 0, ..Limits::default() };
    let mut budget = Budget::new(&limits);
    assert!(find(&format!("k: {ENCODED}\n"), "a.yml", None, 0, &mut budget).is_empty());
    assert_eq!(budget.exhausted(), Some("nested encodings"));
}

#[test]
fn notebooks_are_read_by_cell() {
    let text = r#"{"cells": [
        {"cell_type": "markdown", "source": ["about\n"]},
        {"cell_type": "code", "outputs": [{"text": ["out \"x\"\n"], "data": {"image/png": "iVBOR", "text/plain": "<p>"}}],
         "source": ["%pip install x\n", "password = \"é\"\n", "b = 2"]},
        {"cell_type": "code", "source": "c = 3"}
    ], "metadata": {"kernelspec": {"language": "python"}}}"#;
    let cells = cells(text).expect("it is a notebook");
    let texts: Vec<(&str, Option<&str>)> =
        cells.iter().map(|cell| (cell.layer.text(), cell.layer.extension())).collect();
    assert_eq!(
        texts,
        [
            ("# %pip install x\npassword = \"é\"\nb = 2\n\nc = 3\n\n", Some("py")),
            ("about\n\n\n", Some("md")),
            ("\n\nout \"x\"\n<p>\n\n\n\n", Some("txt")),
        ]
    );
    let code = &cells[0].layer;
    let at = code.text().find("é\"\nb").expect("it is in the cell");
    assert_eq!(&text[code.outer(at..at + 5)], "é\\\"\\n\", \"b");
    assert!(super::cells("{}").is_none() && super::cells("{\"cells\": [").is_none());
}
