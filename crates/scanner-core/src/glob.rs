//! Globs over reported paths, in the syntax of `.gitignore`.

use crate::error::Error;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A list of globs; of those that fit a path the last one decides, and `!` takes a path out again.
#[derive(Debug, Clone)]
pub struct PathGlobs(Gitignore);

impl PathGlobs {
    /// Compiles globs; those with a `/` before their end are anchored at the root of the paths.
    ///
    /// # Errors
    /// The first glob that is not valid.
    pub fn new(globs: &[String]) -> Result<PathGlobs, Error> {
        let error = |glob: &str, error: ignore::Error| {
            let reason = match error {
                ignore::Error::Glob { err, .. } => err,
                other => other.to_string(),
            };
            Error::Glob { glob: glob.to_owned(), reason }
        };
        let mut builder = GitignoreBuilder::new(".");
        builder.allow_unclosed_class(false);
        for glob in globs {
            builder.add_line(None, glob).map_err(|reason| error(glob, reason))?;
        }
        builder.build().map(PathGlobs).map_err(|reason| error(&globs.join(", "), reason))
    }

    /// Whether the path itself is hit.
    pub fn hit(&self, path: &str, is_dir: bool) -> bool {
        // The root, shown as nothing, is no entry of anything.
        !self.0.is_empty() && !path.is_empty() && self.0.matched(path, is_dir).is_ignore()
    }

    /// Whether the path or a folder above it is hit.
    pub fn hit_within(&self, path: &str, is_dir: bool) -> bool {
        let above = path.match_indices('/').any(|(at, _)| self.hit(&path[..at], true));
        above || self.hit(path, is_dir)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_hit_files_and_folders() {
        let globs = PathGlobs::new(&["build/".into(), "/docs/*.md".into(), "*.log".into(), "!keep.log".into()]);
        let globs = globs.expect("the globs are valid");
        assert!(globs.hit("a/build", true) && !globs.hit("a/build", false));
        assert!(globs.hit_within("a/build/x/y", false) && !globs.hit("a/build/x/y", false));
        assert!(globs.hit("docs/a.md", false) && !globs.hit("x/docs/a.md", false));
        assert!(globs.hit("/abs/a.log", false) && !globs.hit("x/keep.log", false));
        assert!(!globs.hit("", true));
    }
}
