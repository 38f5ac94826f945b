//! Turns the path of a blob into the URI that SARIF wants.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path segment must not hold as it is. A colon would make a relative path's first segment
/// a scheme, so it is always encoded; `()` and the like stay readable, as route folders are named so.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'(')
    .remove(b')')
    .remove(b'@')
    .remove(b'+')
    .remove(b'=')
    .remove(b',')
    .remove(b'$');

/// A blob's URI.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Uri {
    pub(super) text: String,
    /// Whether it is relative to the root of the scanned tree.
    pub(super) relative: bool,
}

/// The URI of a path with `/` separators: relative stays relative, absolute becomes `file:`.
pub(super) fn uri(path: &str) -> Uri {
    let encode = |path: &str| utf8_percent_encode(path, SEGMENT).to_string();
    if let Some(rest) = path.strip_prefix("//") {
        // A Windows share: the host stands first.
        return Uri { text: format!("file://{}", encode(rest.trim_start_matches('/'))), relative: false };
    }
    if let Some(rest) = path.strip_prefix('/') {
        return Uri { text: format!("file:///{}", encode(rest)), relative: false };
    }
    if let [drive, b':', b'/', ..] = path.as_bytes()
        && drive.is_ascii_alphabetic()
    {
        return Uri { text: format!("file:///{}:{}", char::from(*drive), encode(&path[2..])), relative: false };
    }
    let mut rest = path;
    while let Some(inner) = rest.strip_prefix("./") {
        rest = inner.trim_start_matches('/');
    }
    Uri { text: if rest.is_empty() { ".".to_owned() } else { encode(rest) }, relative: true }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn relative_paths_stay_relative() {
        for (path, expected) in [
            ("src/main.rs", "src/main.rs"),
            ("./src/./a", "src/./a"),
            ("app/(group)/[id]/page 1.tsx", "app/(group)/%5Bid%5D/page%201.tsx"),
            ("a:b/c#d?e%f", "a%3Ab/c%23d%3Fe%25f"),
            ("naïve/日.py", "na%C3%AFve/%E6%97%A5.py"),
            ("back\\slash", "back%5Cslash"),
            ("<stdin>", "%3Cstdin%3E"),
            ("", "."),
        ] {
            let uri = uri(path);
            assert_eq!((uri.text.as_str(), uri.relative), (expected, true), "{path}");
        }
    }

    #[test]
    fn absolute_paths_are_file_uris() {
        for (path, expected) in [
            ("/home/a b/x.py", "file:///home/a%20b/x.py"),
            ("C:/Users/x.py", "file:///C:/Users/x.py"),
            ("//server/share/x.py", "file://server/share/x.py"),
        ] {
            let uri = uri(path);
            assert_eq!((uri.text.as_str(), uri.relative), (expected, false), "{path}");
        }
    }
}
