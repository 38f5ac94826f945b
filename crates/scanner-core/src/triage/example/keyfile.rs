//! Tells files that are private keys from those in which one stands.

/// Extensions of files of keys.
const EXTENSIONS: &[&str] = &["key", "pem", "der", "p8", "pk8", "ppk", "priv", "crt", "cer"];
/// Keys and their certificates are no longer together.
const LONGEST: usize = 64 * 1024;

/// Whether a file is a key: its extension says so, or nothing stands in it but blocks of armour, blank lines and comments.
pub(super) fn is_key_file(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    EXTENSIONS.iter().any(|own| own.eq_ignore_ascii_case(extension))
        || text.starts_with("PuTTY-User-Key-File-")
        || text.len() <= LONGEST && is_armour(text)
}

fn is_armour(text: &str) -> bool {
    let mut inside = false;
    let mut blocks = 0;
    for line in text.lines().map(str::trim_end) {
        if line.starts_with("-----BEGIN ") || line.starts_with("---- BEGIN ") {
            inside = true;
            blocks += 1;
        } else if line.starts_with("-----END ") || line.starts_with("---- END ") {
            inside = false;
        } else if !inside && !line.is_empty() && !line.starts_with(['#', ';']) {
            return false;
        }
    }
    blocks > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_keys() {
        let block = "-----BEGIN X-----\nMIIE\n-----END X-----\n";
        assert!(
            is_key_file("tests/id_rsa", block) && is_key_file("tests/a", &format!("# of a test\n\n{block}{block}"))
        );
        assert!(is_key_file("tests/a.pem", &format!("Bag Attributes\n{block}")) && is_key_file("a/B.KEY", ""));
        assert!(is_key_file("a/b.txt", "PuTTY-User-Key-File-2: ssh-rsa\n"));
    }

    #[test]
    fn files_in_which_one_stands() {
        let block = "-----BEGIN X-----\nMIIE\n-----END X-----\n";
        assert!(!is_key_file("tests/a.py", &format!("KEY = \"\"\"\n{block}\"\"\"")) && !is_key_file("tests/a", ""));
        assert!(!is_key_file("tests/a.yml", &format!("key: |\n{block}")) && !is_key_file("pem", "x"));
    }
}
