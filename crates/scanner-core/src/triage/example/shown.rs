//! Examples inside of programs: what a program shows its readers is documentation, wherever it lies.

/// Bytes before a place in which the fences and headings around it are looked for.
const FAR: usize = 20_000;

/// Whether a place stands in an example that a program's own description shows: in a block between fences of Markdown, under
/// `EXAMPLES` of a module of Ansible, or in markup that is escaped to be read.
pub(super) fn is_shown(text: &str, at: usize) -> bool {
    let head = &text.as_bytes()[at.saturating_sub(FAR)..at];
    is_fenced(head) || is_of_module(head) || is_escaped_markup(head)
}

/// An odd count of lines that open or close a block.
fn is_fenced(head: &[u8]) -> bool {
    let is_fence = |at: &usize| {
        let line = &head[memchr::memrchr(b'\n', &head[..*at]).map_or(0, |end| end + 1)..*at];
        line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'#' | b'*' | b'/'))
    };
    memchr::memmem::find_iter(head, "```").filter(is_fence).count() % 2 == 1
}

/// `EXAMPLES = r'''`, and nothing that closes it.
fn is_of_module(head: &[u8]) -> bool {
    let Some(open) = memchr::memmem::rfind(head, b"\nEXAMPLES = ") else { return false };
    let rest = &head[open..];
    let quotes = |quote: &str| memchr::memmem::find_iter(rest, quote).count();
    quotes("'''") + quotes("\"\"\"") == 1
}

/// `&lt;user name="..`: of a page that shows how settings are written.
fn is_escaped_markup(head: &[u8]) -> bool {
    let line = head.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    line.trim_ascii_start().starts_with(b"&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> bool {
        is_shown(text, text.find("HERE").expect("the place is marked"))
    }

    #[test]
    fn examples_inside_of_programs() {
        assert!(shown("  examples <<~DOC\n  ```ruby\n  use 'HERE'\n  ```\n  DOC\n"));
        assert!(shown("EXAMPLE\nEXAMPLES = r'''\n- name: x\n  y: HERE\n'''\n"));
        assert!(shown("<pre>\n  &lt;user name=\"a\" word=\"HERE\"/&gt;\n</pre>"));
    }

    #[test]
    fn what_stands_behind_them_is_meant() {
        assert!(!shown("# ```ruby\n# use\n# ```\nx = 'HERE'\n"));
        assert!(!shown("\nEXAMPLES = r'''\n- name: x\n'''\nx = 'HERE'\n"));
        assert!(!shown("a = `b```c`\nx = 'HERE'\n") && !shown("<user word=\"HERE\"/>") && !shown("HERE"));
    }
}
