//! Files and folders on disk, walked in parallel; each file is examined by the thread that found it.

mod read;

use crate::blob::{Input, Origin, Visitor};
use crate::error::{Error, Problem, ProblemKind};
use crate::glob::PathGlobs;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io;
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
    /// Bytes that are read of a binary file; see `Limits::head`.
    pub head: usize,
    /// What reported paths are relative to, and where excludes are anchored. Paths that do not lie
    /// below it are shown as they were given; so are all when there is none, the default.
    pub root: Option<PathBuf>,
    /// Archives are unpacked and strings picked out of binary files, within these bounds.
    #[cfg(feature = "archives")]
    pub archives: Option<crate::limits::Limits>,
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
            head: limits.head,
            root: None,
            #[cfg(feature = "archives")]
            archives: None,
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

    /// Whether a walk leaves out a file that lies below one of its paths, as ignore files or an exclude
    /// say. Both paths are spelled alike.
    ///
    /// # Errors
    /// An exclude that is not valid.
    pub fn leaves_out(&self, file: &Path) -> Result<bool, Error> {
        let (excludes, prefixes) = (PathGlobs::new(&self.options.exclude)?, self.prefixes());
        let mut below = prefixes.iter().filter_map(|(given, shown)| Some((file.strip_prefix(given).ok()?, shown)));
        let Some((rest, shown)) = below.next() else { return Ok(false) };
        let wanted = file.to_owned();
        let mut walker = self.walker(1);
        // Of each folder only the entry that leads to the file.
        walker.filter_entry(move |entry| wanted.starts_with(entry.path()));
        let reached = walker.build().flatten().any(|entry| entry.path() == file);
        let in_vcs = rest.components().any(|part| VCS_FOLDERS.iter().any(|name| part.as_os_str() == *name));
        Ok(!reached || in_vcs || excludes.hit_within(&with_slashes(&shown.join(rest)), false))
    }

    /// How each given path is shown, and thus what stands in front of the paths below it.
    fn prefixes(&self) -> HashMap<PathBuf, PathBuf> {
        let root = self.options.root.as_deref().and_then(|root| root.canonicalize().ok());
        let below_root = |path: &Path| below(root.as_deref()?, path);
        let shown = |path: &PathBuf| below_root(path).unwrap_or_else(|| path.clone());
        self.paths.iter().map(|path| (path.clone(), shown(path))).collect()
    }
}

/// `path` relative to `root`, which is canonical, if it lies below. A last part that is a link
/// stands for itself: what it leads to may lie anywhere.
fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    let real = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            parent.canonicalize().ok()?.join(name)
        }
        _ => path.canonicalize().ok()?,
    };
    real.strip_prefix(root).ok().map(Path::to_owned)
}

/// A path as reports show it: `/` between its parts.
fn with_slashes(path: &Path) -> String {
    let shown = path.to_string_lossy();
    let shown = if std::path::MAIN_SEPARATOR == '/' { shown } else { shown.replace('\\', "/").into() };
    shown.strip_prefix("./").unwrap_or(&shown).to_owned()
}

/// As [`with_slashes`] of `path` with `shown` in place of `given`, without a look at the parts between,
/// as the walker spells all paths below a given one alike.
fn shown_below(given: &Path, shown: &Path, path: &Path) -> Option<String> {
    if std::path::MAIN_SEPARATOR != '/' {
        return None;
    }
    let (given, path) = (given.as_os_str().as_encoded_bytes(), path.as_os_str().as_encoded_bytes());
    let rest = path.strip_prefix(given)?;
    let rest = if given.ends_with(b"/") { rest } else { rest.strip_prefix(b"/")? };
    let shown = shown.to_string_lossy();
    let shown = if shown == "." { "" } else { shown.strip_prefix("./").unwrap_or(&shown) };
    let between = if shown.is_empty() || shown.ends_with('/') { "" } else { "/" };
    Some([shown, between, &String::from_utf8_lossy(rest)].concat())
}

impl Input for Tree {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        for path in &self.paths {
            std::fs::symlink_metadata(path).map_err(|source| Error::Path { path: path.clone(), source })?;
        }
        let (excludes, prefixes) = (PathGlobs::new(&self.options.exclude)?, self.prefixes());
        let only = prefixes.iter().next().filter(|_| prefixes.len() == 1);
        let only = only.map(|(given, shown)| (given.clone(), shown.clone()));
        let walk = Walk { tree: self, excludes, prefixes, only, seen: Mutex::new(HashSet::new()), visitor };
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
    excludes: PathGlobs,
    /// How the given paths are shown.
    prefixes: HashMap<PathBuf, PathBuf>,
    /// The one of them, mostly.
    only: Option<(PathBuf, PathBuf)>,
    /// Files seen, when one may be reached twice: by a followed link, or by two given paths.
    seen: Mutex<HashSet<PathBuf>>,
    visitor: &'w dyn Visitor,
}

impl Walk<'_> {
    fn entry(&self, entry: Result<DirEntry, ignore::Error>, buffer: &mut Vec<u8>) -> WalkState {
        if self.visitor.is_stopped() {
            return WalkState::Quit;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                self.walk_error(&error);
                return WalkState::Continue;
            }
        };
        if let Some(error) = entry.error() {
            let origin = Origin::path(self.shown(entry.path(), entry.depth()));
            let problem = Problem::at(origin, ProblemKind::IgnoreFile, error.to_string());
            self.visitor.problem(problem);
        }
        let named = entry.depth() == 0;
        let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
        if !named && is_dir && VCS_FOLDERS.iter().any(|name| entry.file_name() == *name) {
            return WalkState::Skip;
        }
        let shown = self.shown(entry.path(), entry.depth());
        if self.is_excluded(&shown, is_dir, named) {
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
        self.file(&entry, Origin::path(shown), buffer);
        WalkState::Continue
    }

    /// Whether an exclude hits it. What was given by name is wanted, unless excludes are forced:
    /// then one that hits a folder above it counts as well.
    fn is_excluded(&self, shown: &str, is_dir: bool, named: bool) -> bool {
        if named {
            self.tree.options.force_exclude && self.excludes.hit_within(shown, is_dir)
        } else {
            self.excludes.hit(shown, is_dir)
        }
    }

    /// The path as reports show it: relative to the root where it lies below it. The given path
    /// that led to it lies `depth` levels above it, or further up when the depth is not known.
    fn shown(&self, path: &Path, depth: usize) -> String {
        if let Some(shown) = self.only.as_ref().and_then(|(given, shown)| shown_below(given, shown, path)) {
            return shown;
        }
        let given = path.ancestors().skip(depth).find_map(|above| self.prefixes.get_key_value(above));
        match given.and_then(|(given, shown)| Some((path.strip_prefix(given).ok()?, shown))) {
            Some((rest, shown)) if rest.as_os_str().is_empty() => with_slashes(shown),
            Some((rest, shown)) => with_slashes(&shown.join(rest)),
            None => with_slashes(path),
        }
    }

    fn may_repeat(&self) -> bool {
        self.tree.paths.len() > 1 || self.tree.options.follow_links
    }

    fn is_first(&self, path: &Path) -> bool {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(real)
    }

    fn walk_error(&self, error: &ignore::Error) {
        let (path, reason) = describe(error);
        let path = path.as_deref();
        let named = path.is_some_and(|path| self.prefixes.contains_key(path));
        let is_link = |path: &Path| std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let (kind, message) = match error.io_error().map(io::Error::kind) {
            _ if is_loop(error) => (ProblemKind::Link, reason),
            // Nothing is lost by a link to nothing, unless it was to be scanned by its name.
            Some(io::ErrorKind::NotFound) if !named && path.is_some_and(is_link) => {
                (ProblemKind::Link, "link leads to nothing".to_owned())
            }
            Some(io::ErrorKind::NotFound) => (ProblemKind::Vanished, reason),
            _ => (ProblemKind::Unreadable, reason),
        };
        let origin = path.map(|path| Origin::path(self.shown(path, 0)));
        self.visitor.problem(Problem { origin, line: None, kind, message });
    }
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
    use crate::blob::Blob;
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

    #[test]
    fn says_which_files_a_walk_leaves_out() {
        let folder = tree();
        let root = folder.path().canonicalize().expect("the folder is there");
        let options =
            TreeOptions { exclude: vec!["/src/*.log".into()], root: Some(root.clone()), ..Default::default() };
        let tree = Tree::new([root.clone()]).with(options);
        let (walked, _) = walk(&root, &[""], |options| options.exclude = vec!["/src/*.log".into()]);
        for path in [".env", "src/a.py", "src/b.log", "build/out.js", ".git/config", ".github/w.yml"] {
            let out = tree.leaves_out(&root.join(path)).expect("the globs are valid");
            assert_eq!(out, !walked.contains(&path.to_owned()), "{path}");
        }
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

    #[cfg(unix)]
    #[test]
    fn shown_in_the_same_way_either_way() {
        for (given, shown) in [(".", "."), ("./a", "./a"), ("/x/a", "a"), ("/x/a/", ""), ("a/../b", "b"), ("a", "a/")] {
            let (given, shown) = (Path::new(given), Path::new(shown));
            let path = given.join("c").join("d.txt");
            let rest = path.strip_prefix(given).expect("it lies below");
            assert_eq!(shown_below(given, shown, &path), Some(with_slashes(&shown.join(rest))), "{given:?} {shown:?}");
        }
        assert_eq!(shown_below(Path::new("a"), Path::new("a"), Path::new("ab/c")), None);
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

    #[test]
    fn forced_excludes_reach_below_excluded_folders() {
        let folder = tree();
        let names = |paths: &[&str], force| {
            walk(folder.path(), paths, |options| {
                options.exclude = vec!["build/".into()];
                options.force_exclude = force;
            })
            .0
        };
        assert_eq!(names(&["build/out.js"], true), [""; 0]);
        assert_eq!(names(&["build"], true), [""; 0]);
        assert_eq!(names(&["build/out.js"], false), ["build/out.js"]);
        assert_eq!(names(&["build"], false), ["build/out.js"]);
        let broken = TreeOptions { exclude: vec!["a/[".into()], ..TreeOptions::default() };
        let error = Tree::new(["."]).with(broken).visit(1, &Names::default()).expect_err("the glob is broken");
        assert!(error.to_string().starts_with("invalid glob `a/[`: "), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn paths_are_shown_below_the_root_however_they_were_given() {
        let folder = tree();
        let root = folder.path();
        std::os::unix::fs::symlink(root, root.join("src/up")).expect("links can be made");
        assert_eq!(walk(root, &["src/../src"], |_| {}).0, ["src/a.py"]);
        assert_eq!(walk(root, &["src/up/src/a.py"], |_| {}).0, ["src/a.py"], "a link on the way is seen through");
        let through = |options: &mut TreeOptions| options.root = Some(root.join("src/up/src"));
        assert_eq!(walk(root, &["src/a.py"], through).0, ["a.py"]);
        let outside = root.join("build/out.js").to_string_lossy().into_owned();
        assert_eq!(walk(root, &["build"], through).0, [outside], "shown as given");
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
        std::os::unix::fs::symlink("nowhere", root.join("src/dangling")).expect("links can be made");
        let (names, problems) = walk(root, &[""], |options| options.follow_links = true);
        assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::Link; 2]);
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
