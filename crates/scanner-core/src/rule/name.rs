//! Finds the name rules that fit a path, without holding every glob against every path.

use std::borrow::Cow;

/// A glob over a folded path: `*` and `?` stay within one part, `**` crosses them, `{a,b}` and
/// `[..]` as usual. Without `/` it is held against the last part, else against the end of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameGlob {
    /// Folded.
    pub pattern: Cow<'static, str>,
    /// Pairs of bytes that every fitting path holds.
    pub needs: Bigrams,
}

/// Which pairs of neighbouring bytes a text holds, each hashed to one of 128 bits: enough to tell
/// most globs from most paths at the cost of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bigrams(pub [u64; 2]);

impl Bigrams {
    fn of(text: &[u8]) -> Bigrams {
        let mut bits = [0; 2];
        for pair in text.windows(2) {
            let place = u32::from(pair[0]) * 31 + u32::from(pair[1]);
            bits[(place >> 6 & 1) as usize] |= 1 << (place & 63);
        }
        Bigrams(bits)
    }

    fn needed_by(pattern: &str) -> Bigrams {
        // `**/` may stand for nothing; what follows a bracket is left out rather than read.
        let plain = pattern.replace("**/", "*");
        let literals = plain.split('[').next().unwrap_or_default().split(['*', '?']);
        literals.fold(Bigrams([0; 2]), |all, literal| {
            let Bigrams([low, high]) = Bigrams::of(literal.as_bytes());
            Bigrams([all.0[0] | low, all.0[1] | high])
        })
    }

    fn holds(self, other: Bigrams) -> bool {
        self.0[0] & other.0[0] == other.0[0] && self.0[1] & other.0[1] == other.0[1]
    }
}

impl NameGlob {
    /// Reads a glob; braces become several.
    pub fn parse(glob: &str) -> Vec<NameGlob> {
        let folded = glob.to_lowercase();
        expand_braces(&folded)
            .into_iter()
            .map(|pattern| {
                let pattern = pattern.trim_start_matches("**/").trim_start_matches('/').to_owned();
                NameGlob { needs: Bigrams::needed_by(&pattern), pattern: pattern.into() }
            })
            .collect()
    }

    /// Whether a folded path fits.
    pub fn fits(&self, path: &str) -> bool {
        if !self.pattern.contains('/') {
            return wild(self.pattern.as_bytes(), last_part(path).as_bytes());
        }
        let ends = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
        ends.into_iter().any(|at| wild(self.pattern.as_bytes(), &path.as_bytes()[at..]))
    }

    fn is_wild(text: &str) -> bool {
        text.contains(['*', '?', '['])
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn expand_braces(glob: &str) -> Vec<String> {
    let Some(open) = glob.find('{') else { return vec![glob.to_owned()] };
    let Some(close) = glob[open..].find('}').map(|at| open + at) else { return vec![glob.to_owned()] };
    glob[open + 1..close]
        .split(',')
        .flat_map(|choice| expand_braces(&format!("{}{choice}{}", &glob[..open], &glob[close + 1..])))
        .collect()
}

/// Matches `*`, `?`, `[...]` and `**`; linear but for `**`, of which globs have one at most.
fn wild(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when the text after the last `*` or `**` does not fit: (pattern, text).
    let mut within: Option<(usize, usize)> = None;
    let mut across: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && t == text.len() {
            return true;
        }
        let step = match pattern.get(p) {
            Some(b'*') if pattern.get(p + 1) == Some(&b'*') => {
                p += if pattern.get(p + 2) == Some(&b'/') { 3 } else { 2 };
                (across, within) = (Some((p, t)), None);
                continue;
            }
            Some(b'*') => {
                p += 1;
                within = Some((p, t));
                continue;
            }
            Some(b'[') if t < text.len() => class(pattern, p, text[t]),
            Some(b'?') => (t < text.len() && text[t] != b'/').then_some(p + 1),
            Some(&byte) => (text.get(t) == Some(&byte)).then_some(p + 1),
            None => None,
        };
        match (step, within, across) {
            (Some(next), ..) => (p, t) = (next, t + 1),
            (None, Some((from, at)), _) if at < text.len() && text[at] != b'/' => {
                within = Some((from, at + 1));
                (p, t) = (from, at + 1);
            }
            (None, _, Some((from, at))) if at < text.len() => {
                (across, within) = (Some((from, at + 1)), None);
                (p, t) = (from, at + 1);
            }
            _ => return false,
        }
    }
}

/// Matches a bracket class at `pattern[p]`; gives where the pattern goes on.
fn class(pattern: &[u8], p: usize, byte: u8) -> Option<usize> {
    let close = p + 1 + pattern[p + 1..].iter().position(|&next| next == b']')?;
    let body = &pattern[p + 1..close];
    let (negated, body) = match body {
        [b'!' | b'^', rest @ ..] => (true, rest),
        _ => (false, body),
    };
    let mut hit = false;
    let mut at = 0;
    while at < body.len() {
        if at + 2 < body.len() && body[at + 1] == b'-' {
            hit |= (body[at]..=body[at + 2]).contains(&byte);
            at += 3;
        } else {
            hit |= body[at] == byte;
            at += 1;
        }
    }
    (hit != negated && byte != b'/').then_some(close + 1)
}

/// Many globs at once: those that end in a plain last part or in `*.ext` are looked up by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameIndex {
    /// Sorted by the last part.
    pub by_last_part: Cow<'static, [Named]>,
    /// Sorted by the extension.
    pub by_extension: Cow<'static, [Named]>,
    /// All others.
    pub others: Cow<'static, [Named]>,
}

/// A glob of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The glob.
    pub glob: NameGlob,
    /// Where in it that begins by which it is sorted.
    pub key: u16,
    /// The rule.
    pub rule: u32,
}

impl Named {
    fn key(&self) -> &str {
        &self.glob.pattern[usize::from(self.key)..]
    }
}

impl NameIndex {
    /// Arranges globs of rules.
    pub fn new(globs: impl IntoIterator<Item = (NameGlob, usize)>) -> NameIndex {
        let (mut by_last_part, mut by_extension, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (glob, rule) in globs {
            let pattern = &*glob.pattern;
            let last = pattern.rfind('/').map_or(0, |slash| slash + 1);
            let extension = pattern[last..].rfind('.').map(|dot| last + dot + 1);
            let plain = |at: usize| !NameGlob::is_wild(&pattern[at..]) && at <= usize::from(u16::MAX);
            let (list, key) = match extension.filter(|&at| plain(at)) {
                _ if plain(last) => (&mut by_last_part, last),
                Some(at) => (&mut by_extension, at),
                None => (&mut others, 0),
            };
            list.push(Named { glob, key: key as u16, rule: rule as u32 });
        }
        for list in [&mut by_last_part, &mut by_extension] {
            list.sort_by(|left, right| left.key().cmp(right.key()));
        }
        NameIndex { by_last_part: by_last_part.into(), by_extension: by_extension.into(), others: others.into() }
    }

    /// The rules of all globs that fit `path`, each once, ascending.
    pub fn find(&self, path: &str) -> Vec<usize> {
        let folded = if path.is_ascii() { path.to_ascii_lowercase() } else { path.to_lowercase() };
        let held = Bigrams::of(folded.as_bytes());
        let last = last_part(&folded);
        let extension = last.rsplit_once('.').map(|(_, extension)| extension);
        let mut rules = Vec::new();
        let mut ask = |globs: &[Named]| {
            for Named { glob, rule, .. } in globs {
                if held.holds(glob.needs) && glob.fits(&folded) {
                    rules.push(*rule as usize);
                }
            }
        };
        ask(of_key(&self.by_last_part, last));
        extension.into_iter().for_each(|extension| ask(of_key(&self.by_extension, extension)));
        ask(&self.others);
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

/// The globs of a key in a list that is sorted by it.
fn of_key<'l>(list: &'l [Named], key: &str) -> &'l [Named] {
    let rest = &list[list.partition_point(|named| named.key() < key)..];
    &rest[..rest.partition_point(|named| named.key() == key)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(glob: &str, path: &str) -> bool {
        !NameIndex::new(NameGlob::parse(glob).into_iter().map(|glob| (glob, 0))).find(path).is_empty()
    }

    #[test]
    fn globs() {
        assert!(fits("id_rsa", "home/.ssh/id_rsa"));
        assert!(fits("*.PEM", "a/Server.pem"));
        assert!(!fits("*.pem", "a.pem/b"));
        assert!(fits(".aws/credentials", "x/.aws/credentials"));
        assert!(!fits(".aws/credentials", "x/my.aws/credentials"));
        assert!(fits("*.{p12,pfx}", "k.pfx"));
        assert!(fits(".env.*.local", ".env.prod.local"));
        assert!(fits("conf/**/*.key", "x/conf/a/b/c.key"));
        assert!(fits("conf/**/*.key", "conf/c.key"));
        assert!(!fits("conf/*.key", "conf/a/c.key"));
        assert!(fits("backup-[0-9]*.sql", "backup-2024.sql"));
        assert!(fits("*_rsa", "deploy_rsa"));
        assert!(!fits("*_rsa", "deploy_rsa.pub"));
    }
}
