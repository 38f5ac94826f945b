//! Files and folders on disk, walked in parallel; each file is examined by the thread that found it.

use crate::blob::{Blob, Input, Origin, Visitor};
use crate::error::{Error, Problem, ProblemKind};
use ignore::overrides::{Override, OverrideBuilder};
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How a tree is walked.
#[derive(Debug, Clone)]
pub struct TreeOptions {
    /// Files that ignore files name are examined as well.
    pub no_ignore: bool,
    /// Dot files are left out. They are examined by default: `.env` is the point.
    pub skip_hidden: bool,
    /// Globs, in the syntax of `.gitignore`, of what is left out.
    pub exclude: Vec<String>,
    /// Excludes hold for files that were named one by one, too.
    pub force_exclude: bool,
    /// Symbolic links are followed, each target once.
    pub follow_links: bool,
    /// Deepest folder level below the given paths.
    pub max_depth: Option<usize>,
    /// Larger text files are Problems; see `Limits::max_file_size`.
    pub max_file_size: u64,
    /// Bytes that tell a large text file from a large binary one; see `Limits::sniff`.
    pub sniff: usize,
    /// What reported paths are relative to, and where excludes are anchored. Default: the working
    /// directory, so that paths are shown as they were given.
    pub root: Option<PathBuf>,
}

impl Default for TreeOptions {
    fn default() -> TreeOptions {
        let limits = crate::limits::Limits::default();
        TreeOptions {
            no_ignore: false,
            skip_hidden: false,
            exclude: Vec::new(),
            force_exclude: false,
            follow_links: false,
            max_depth: None,
            max_file_size: limits.max_file_size,
            sniff: limits.sniff,
            root: None,
        }
    }
}

/// Files and folders.
#[derive(Debug, Clone)]
pub struct Tree {
    paths: Vec<PathBuf>,
    options: TreeOptions,
}

/// Folders that hold a version control system's own data, not the project's.
const VCS_FOLDERS: &[&str] = &[".git", ".hg", ".svn", ".jj", ".sl", ".bzr", "CVS", ".pijul"];

impl Tree {
    /// A tree of one or more paths; files may be among them.
    pub fn new(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Tree {
        Tree { paths: paths.into_iter().map(Into::into).collect(), options: TreeOptions::default() }
    }

    /// How to walk.
    #[must_use]
    pub fn with(mut self, options: TreeOptions) -> Tree {
        self.options = options;
        self
    }

    fn excludes(&self) -> Result<Override, Error> {
        let root = self.options.root.clone().unwrap_or_else(|| PathBuf::from("."));
        let mut builder = OverrideBuilder::new(root);
        for glob in &self.options.exclude {
            let error = |error: ignore::Error| Error::Glob { glob: glob.clone(), reason: error.to_string() };
            // An override names what is wanted, so what is unwanted is negated.
            builder.add(&format!("!{glob}")).map_err(error)?;
        }
        builder.build().map_err(|error| Error::Glob { glob: self.options.exclude.join(", "), reason: error.to_string() })
    }

    fn walker(&self, threads: usize) -> WalkBuilder {
        let mut paths = self.paths.iter();
        let mut builder = WalkBuilder::new(paths.next().map_or(Path::new("."), PathBuf::as_path));
        paths.for_each(|path| {
            builder.add(path);
        });
        let honour = !self.options.no_ignore;
        builder
            .threads(threads)
            .hidden(self.options.skip_hidden)
            .parents(honour)
            .ignore(honour)
            .git_ignore(honour)
            .git_exclude(honour)
            .git_global(false) // what a user hides from git on his machine is not the project's word
            .require_git(false)
            .follow_links(self.options.follow_links)
            .max_depth(self.options.max_depth);
        if honour {
            builder.add_custom_ignore_filename(".autoclaveignore");
        }
        builder
    }

    /// The path as reports show it: relative to the root, `/` between its parts.
    fn shown(&self, path: &Path) -> String {
        let relative = self.options.root.as_deref().and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        let shown = relative.to_string_lossy();
        let shown = if std::path::MAIN_SEPARATOR == '/' { shown } else { shown.replace('\\', "/").into() };
        shown.strip_prefix("./").unwrap_or(&shown).to_owned()
    }
}

impl Input for Tree {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        for path in &self.paths {
            std::fs::symlink_metadata(path).map_err(|source| Error::Path { path: path.clone(), source })?;
        }
        let walk = Walk { tree: self, excludes: self.excludes()?, seen: Mutex::new(HashSet::new()), visitor };
        self.walker(threads).build_parallel().run(|| {
            let walk = &walk;
            let buffer = RefCell::new(Vec::new());
            Box::new(move |entry| walk.entry(entry, &mut buffer.borrow_mut()))
        });
        Ok(())
    }
}

struct Walk<'w> {
    tree: &'w Tree,
    excludes: Override,
    /// Files seen, when one may be reached twice: by a followed link, or by two given paths.
    seen: Mutex<HashSet<PathBuf>>,
    visitor: &'w dyn Visitor,
}

impl Walk<'_> {
    fn entry(&self, entry: Result<DirEntry, ignore::Error>, buffer: &mut Vec<u8>) -> WalkState {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.walk_error(&error);
                return WalkState::Continue;
            }
        };
        if let Some(error) = entry.error() {
            let problem = Problem::at(self.origin(entry.path()), ProblemKind::IgnoreFile, error.to_string());
            self.visitor.problem(problem);
        }
        let named = entry.depth() == 0;
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        if !named && is_dir && VCS_FOLDERS.iter().any(|name| entry.file_name() == *name) {
            return WalkState::Skip;
        }
        let excluded = self.excludes.matched(entry.path(), is_dir).is_ignore();
        if excluded && (!named || self.tree.options.force_exclude) {
            return WalkState::Skip;
        }
        if is_dir {
            return WalkState::Continue;
        }
        let is_link = entry.file_type().is_some_and(|kind| kind.is_symlink());
        if is_link && !named {
            return WalkState::Continue;
        }
        if self.may_repeat() && !self.is_first(entry.path()) {
            return WalkState::Continue;
        }
        self.file(&entry, buffer);
        WalkState::Continue
    }

    fn may_repeat(&self) -> bool {
        self.tree.paths.len() > 1 || self.tree.options.follow_links
    }

    fn is_first(&self, path: &Path) -> bool {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(real)
    }

    fn origin(&self, path: &Path) -> Origin {
        Origin::path(self.tree.shown(path))
    }

    fn walk_error(&self, error: &ignore::Error) {
        let (path, reason) = describe(error);
        let kind = match error.io_error().map(io::Error::kind) {
            Some(io::ErrorKind::NotFound) => ProblemKind::Vanished,
            _ if is_loop(error) => ProblemKind::IgnoreFile, // told, but nothing is lost by it
            _ => ProblemKind::Unreadable,
        };
        let origin = path.map(|path| self.origin(&path));
        self.visitor.problem(Problem { origin, line: None, kind, message: reason });
    }

    fn file(&self, entry: &DirEntry, buffer: &mut Vec<u8>) {
        let origin = self.origin(entry.path());
        match self.read(entry.path(), buffer) {
            Ok(Content::Whole) => self.visitor.blob(Blob::new(origin, &buffer[..])),
            Ok(Content::Special) => {}
            Ok(Content::LargeBinary) => self.visitor.blob(Blob::name_only(origin)),
            Ok(Content::TooLarge(size)) => {
                let limit = self.tree.options.max_file_size;
                let message = format!("text file of {size} bytes is larger than the limit of {limit}; only its name was examined");
                self.visitor.problem(Problem::at(origin.clone(), ProblemKind::TooLarge, message));
                self.visitor.blob(Blob::name_only(origin));
            }
            Err(error) => {
                let kind = if error.kind() == io::ErrorKind::NotFound { ProblemKind::Vanished } else { ProblemKind::Unreadable };
                self.visitor.problem(Problem::at(origin.clone(), kind, format!("cannot be read: {error}")));
                self.visitor.blob(Blob::name_only(origin));
            }
        }
    }

    fn read(&self, path: &Path, buffer: &mut Vec<u8>) -> io::Result<Content> {
        // A FIFO would block at being opened, a device may never end.
        let metadata = std::fs::metadata(path)?;
        if !metadata.is_file() {
            return Ok(Content::Special);
        }
        let mut file = File::open(path)?;
        buffer.clear();
        let limit = self.tree.options.max_file_size;
        if metadata.len() > limit {
            file.take(self.tree.options.sniff as u64).read_to_end(buffer)?;
            let binary = matches!(crate::decode::decode(buffer, self.tree.options.sniff), crate::decode::Decoded::Binary);
            return Ok(if binary { Content::LargeBinary } else { Content::TooLarge(metadata.len()) });
        }
        buffer.reserve(metadata.len() as usize + 1);
        // A file that grows while it is read stays within the limit.
        io::Read::by_ref(&mut file).take(limit + 1).read_to_end(buffer)?;
        Ok(if buffer.len() as u64 > limit { Content::TooLarge(buffer.len() as u64) } else { Content::Whole })
    }
}

enum Content {
    Whole,
    TooLarge(u64),
    LargeBinary,
    Special,
}

fn is_loop(error: &ignore::Error) -> bool {
    match error {
        ignore::Error::Loop { .. } => true,
        ignore::Error::WithPath { err, .. } | ignore::Error::WithDepth { err, .. } => is_loop(err),
        _ => false,
    }
}

fn describe(error: &ignore::Error) -> (Option<PathBuf>, String) {
    match error {
        ignore::Error::WithPath { path, err } => (Some(path.clone()), describe(err).1),
        ignore::Error::WithDepth { err, .. } => describe(err),
        ignore::Error::Loop { ancestor, child } => {
            (Some(child.clone()), format!("link leads back to {} and was not followed", ancestor.display()))
        }
        other => (None, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[derive(Default)]
    struct Names(Mutex<Vec<String>>, Mutex<Vec<Problem>>);

    impl Visitor for Names {
        fn blob(&self, blob: Blob<'_>) {
            self.0.lock().expect("no thread panics").push(blob.origin.path);
        }
        fn problem(&self, problem: Problem) {
            self.1.lock().expect("no thread panics").push(problem);
        }
    }

    fn walk(root: &Path, paths: &[&str], change: impl Fn(&mut TreeOptions)) -> (Vec<String>, Vec<Problem>) {
        let mut options = TreeOptions { root: Some(root.to_owned()), ..TreeOptions::default() };
        change(&mut options);
        let names = Names::default();
        let paths = paths.iter().map(|path| root.join(path));
        Tree::new(paths).with(options).visit(2, &names).expect("the paths exist");
        let mut list = names.0.into_inner().expect("no thread panics");
        list.sort();
        (list, names.1.into_inner().expect("no thread panics"))
    }

    fn tree() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let root = folder.path();
        for path in [".env", "src/a.py", "src/b.log", "build/out.js", ".git/config", ".github/w.yml"] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("it has a folder")).expect("writable");
            fs::write(path, "x").expect("writable");
        }
        fs::write(root.join(".gitignore"), "*.log\n").expect("writable");
        folder
    }

    #[test]
    fn honours_ignore_files_and_sees_dot_files() {
        let folder = tree();
        let (names, problems) = walk(folder.path(), &[""], |_| {});
        assert_eq!(names, [".env", ".github/w.yml", ".gitignore", "build/out.js", "src/a.py"]);
        assert!(problems.is_empty());
        let (names, _) = walk(folder.path(), &[""], |options| options.no_ignore = true);
        assert!(names.contains(&"src/b.log".to_owned()));
        let (names, _) = walk(folder.path(), &[""], |options| options.skip_hidden = true);
        assert_eq!(names, ["build/out.js", "src/a.py"]);
    }

    #[test]
    fn excludes() {
        let folder = tree();
        let exclude = |options: &mut TreeOptions| options.exclude = vec!["build/".into(), "/src/a.py".into()];
        let (names, _) = walk(folder.path(), &[""], exclude);
        assert_eq!(names, [".env", ".github/w.yml", ".gitignore"]);
        let (names, _) = walk(folder.path(), &["src/a.py"], exclude);
        assert_eq!(names, ["src/a.py"], "a file named by itself is wanted");
        let (names, _) = walk(folder.path(), &["src/a.py", ".env"], |options| {
            exclude(options);
            options.force_exclude = true;
        });
        assert_eq!(names, [".env"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_fifos_and_repeats() {
        let folder = tree();
        let root = folder.path();
        std::os::unix::fs::symlink(root, root.join("src/loop")).expect("links can be made");
        std::os::unix::fs::symlink(root.join(".env"), root.join("src/link")).expect("links can be made");
        let plain = walk(root, &[""], |_| {}).0;
        assert!(!plain.iter().any(|name| name.contains("link") || name.contains("loop")));
        let (names, _) = walk(root, &[""], |options| options.follow_links = true);
        assert_eq!(names.len(), plain.len(), "no file is read twice: {names:?}");
        assert_eq!(walk(root, &["src", "src/a.py"], |_| {}).0, ["src/a.py"]);
    }

    #[test]
    fn large_text_is_told() {
        let folder = tree();
        fs::write(folder.path().join("big.txt"), "abc ".repeat(100)).expect("writable");
        fs::write(folder.path().join("big.bin"), [0u8; 400]).expect("writable");
        let (names, problems) = walk(folder.path(), &["big.txt", "big.bin"], |options| options.max_file_size = 100);
        assert_eq!(names, ["big.bin", "big.txt"]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].kind, ProblemKind::TooLarge);
    }
}
