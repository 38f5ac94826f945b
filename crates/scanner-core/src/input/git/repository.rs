//! A repository on disk: where its parts lie, and its objects by their ids.

use super::reftable::Tables;
use crate::error::Error;
use gix_hash::ObjectId;
use gix_object::{Find, Kind};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the parts of a repository lie, if not where they usually do. Git tells its hooks so by variables.
#[derive(Debug, Clone, Default)]
pub struct RepositoryOptions {
    /// The repository itself (`GIT_DIR`); otherwise it is looked for from the given path upwards.
    pub git_dir: Option<PathBuf>,
    /// The index (`GIT_INDEX_FILE`).
    pub index: Option<PathBuf>,
    /// Folder of objects (`GIT_OBJECT_DIRECTORY`): of a push that is not accepted yet.
    pub objects: Option<PathBuf>,
    /// Further folders of objects (`GIT_ALTERNATE_OBJECT_DIRECTORIES`).
    pub alternates: Vec<PathBuf>,
}

/// A repository, bare or with a work tree.
pub struct Repository {
    /// What belongs to one work tree: `HEAD`, the index.
    pub(super) git_dir: PathBuf,
    /// What all work trees share: objects, references.
    pub(super) common_dir: PathBuf,
    pub(super) work_tree: Option<PathBuf>,
    pub(super) index: PathBuf,
    pub(super) hash: gix_hash::Kind,
    /// References, where they are stored as reftables.
    pub(super) tables: Option<Tables>,
    /// Where it was cloned from, as the configuration has it.
    pub(super) remote: Option<String>,
    /// Folders of objects, without those that they borrow from.
    folders: Vec<PathBuf>,
    /// Searched in this order.
    stores: Vec<Arc<gix_odb::Store>>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository").field("git_dir", &self.git_dir).finish_non_exhaustive()
    }
}

impl Repository {
    /// Opens the repository that `path` lies in: a folder below a work tree, a work tree, or a
    /// repository's own folder.
    ///
    /// # Errors
    /// There is no repository, or one of a kind that cannot be read.
    pub fn open(path: &Path, options: &RepositoryOptions) -> Result<Repository, Error> {
        let failure = |source| Error::Path { path: path.to_owned(), source };
        let start = path.canonicalize().map_err(failure)?;
        let found = match &options.git_dir {
            Some(git_dir) => Some((git_dir.canonicalize().map_err(failure)?, None)),
            None => start.ancestors().find_map(git_dir_of),
        };
        let (git_dir, work_tree) = found.ok_or_else(|| broken(path, "is in no git repository"))?;
        let common_dir = match std::fs::read_to_string(git_dir.join("commondir")) {
            Ok(relative) => git_dir.join(relative.trim_end()),
            Err(_) => git_dir.clone(),
        };
        let config = Config::read(&common_dir.join("config"))
            .map_err(|source| Error::Path { path: common_dir.join("config"), source })?;
        let hash = match config.get("extensions", "objectformat").as_deref() {
            None | Some("sha1") => gix_hash::Kind::Sha1,
            Some("sha256") => gix_hash::Kind::Sha256,
            Some(other) => return Err(broken(&git_dir, format!("object format {other} is not known"))),
        };
        let tables = match config.get("extensions", "refstorage").as_deref() {
            None | Some("files") => None,
            Some("reftable") => Some(Tables::of_work_tree(&git_dir, &common_dir, hash)?),
            Some(other) => {
                return Err(broken(&git_dir, format!("references are stored as {other}, which cannot be read")));
            }
        };
        let mut folders = vec![options.objects.clone().unwrap_or_else(|| common_dir.join("objects"))];
        folders.extend(options.alternates.iter().filter(|folder| folder.is_dir()).cloned());
        let stores = folders.iter().map(|folder| open_store(folder.clone(), hash)).collect::<Result<_, _>>()?;
        let work_tree = work_tree.or_else(|| work_tree_of(&git_dir, &config));
        let index = options.index.clone().unwrap_or_else(|| git_dir.join("index"));
        let remote = config.remote();
        Ok(Repository { git_dir, common_dir, work_tree, index, hash, tables, remote, folders, stores })
    }

    /// The folder in which its files are checked out; a bare repository has none.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The repository's own folder.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// Folders of objects, and those that they borrow from.
    pub(super) fn folders(&self) -> Result<Vec<PathBuf>, String> {
        let mut all: Vec<PathBuf> = Vec::new();
        for folder in &self.folders {
            let borrowed = gix_odb::alternate::resolve(folder.clone(), folder).map_err(|error| error.to_string())?;
            let new = std::iter::once(folder.clone()).chain(borrowed);
            all.extend(new.filter(|folder| folder.is_dir()));
        }
        let mut seen = std::collections::HashSet::new();
        all.retain(|folder| seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())));
        Ok(all)
    }

    /// Access to objects, for one thread.
    pub(super) fn objects(&self) -> Objects {
        let handle = |store: &Arc<gix_odb::Store>| gix_odb::HandleArc::from(store.to_handle_arc());
        Objects { stores: self.stores.iter().map(handle).collect(), hash: self.hash }
    }
}

/// An error that names the repository.
pub(super) fn broken(path: &Path, reason: impl Into<String>) -> Error {
    Error::Git { path: path.to_owned(), reason: reason.into() }
}

fn open_store(folder: PathBuf, hash: gix_hash::Kind) -> Result<Arc<gix_odb::Store>, Error> {
    let options = gix_odb::store::init::Options { current_dir: Some(folder.clone()), ..Default::default() };
    let store = gix_odb::Store::at_opts(folder.clone(), hash, &mut std::iter::empty(), options);
    store.map(Arc::new).map_err(|source| Error::Path { path: folder, source })
}

/// The repository of a folder that is a work tree's top or a repository itself, and the work tree.
fn git_dir_of(folder: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
    let inside = folder.join(".git");
    if is_git_dir(&inside) {
        return Some((inside, Some(folder.to_owned())));
    }
    // Of a linked work tree and of a submodule it is a file that leads to the repository.
    if let Ok(text) = std::fs::read_to_string(&inside) {
        let git_dir = folder.join(text.strip_prefix("gitdir:")?.trim());
        return is_git_dir(&git_dir).then(|| (git_dir, Some(folder.to_owned())));
    }
    is_git_dir(folder).then(|| (folder.to_owned(), None))
}

fn is_git_dir(folder: &Path) -> bool {
    let common = folder.join("commondir").is_file();
    folder.join("HEAD").symlink_metadata().is_ok() && (common || folder.join("objects").is_dir())
}

/// The work tree of a repository that was given by its own folder.
fn work_tree_of(git_dir: &Path, config: &Config) -> Option<PathBuf> {
    if let Ok(link) = std::fs::read_to_string(git_dir.join("gitdir")) {
        return Path::new(link.trim_end()).parent().map(Path::to_owned);
    }
    if let Some(folder) = config.get("core", "worktree") {
        return Some(git_dir.join(folder));
    }
    let usual = git_dir.file_name().is_some_and(|name| name == ".git");
    let bare = config.get("core", "bare").is_some_and(|bare| bare == "true");
    (usual && !bare).then(|| git_dir.parent().map(Path::to_owned)).flatten()
}

/// The keys of a repository's own configuration that say how it is stored. What it includes does not
/// count for them, so nothing else is read.
struct Config(Vec<(String, String, String)>);

impl Config {
    fn read(file: &Path) -> io::Result<Config> {
        let text = match std::fs::read(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let mut section = String::new();
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix('[') {
                section = name.split(']').next().unwrap_or(name).trim().to_lowercase();
            } else if let Some((key, value)) = line.split_once('=') {
                let value = value.split(['#', ';']).next().unwrap_or(value).trim().trim_matches('"');
                keys.push((section.clone(), key.trim().to_lowercase(), value.to_owned()));
            }
        }
        Ok(Config(keys))
    }

    /// The address of `origin`, or of the first remote there is.
    fn remote(&self) -> Option<String> {
        let first = || {
            let is_address = |entry: &&(String, String, String)| entry.0.starts_with("remote \"") && entry.1 == "url";
            self.0.iter().find(is_address).map(|(_, _, value)| value.clone())
        };
        self.get("remote \"origin\"", "url").or_else(first)
    }

    /// The last value of a key.
    fn get(&self, section: &str, key: &str) -> Option<String> {
        let fits = |entry: &&(String, String, String)| entry.0 == section && entry.1 == key;
        self.0.iter().rev().find(fits).map(|(_, _, value)| value.clone())
    }
}

/// Objects by id, as one thread reads them.
pub(super) struct Objects {
    stores: Vec<gix_odb::HandleArc>,
    pub(super) hash: gix_hash::Kind,
}

impl Objects {
    /// Reads an object into `buffer`; `None` if there is none of this id.
    pub(super) fn read(&self, id: &gix_hash::oid, buffer: &mut Vec<u8>) -> Result<Option<Kind>, String> {
        for store in &self.stores {
            let found = store.try_find(id, buffer).map_err(|error| error.to_string())?;
            if let Some(object) = found {
                return Ok(Some(object.kind));
            }
        }
        Ok(None)
    }

    /// The kind of an object; `None` if there is none of this id.
    pub(super) fn kind(&self, id: &gix_hash::oid) -> Result<Option<Kind>, String> {
        for store in &self.stores {
            let found = gix_odb::Header::try_header(store, id).map_err(|error| error.to_string())?;
            if let Some(header) = found {
                return Ok(Some(header.kind()));
            }
        }
        Ok(None)
    }

    /// The size of an object; `None` if there is none of this id.
    pub(super) fn size(&self, id: &gix_hash::oid) -> Result<Option<u64>, String> {
        for store in &self.stores {
            let found = gix_odb::Header::try_header(store, id).map_err(|error| error.to_string())?;
            if let Some(header) = found {
                return Ok(Some(header.size()));
            }
        }
        Ok(None)
    }

    /// The one object whose id starts with these hex digits.
    pub(super) fn by_prefix(&self, hex: &str) -> Option<ObjectId> {
        let prefix = gix_hash::Prefix::from_hex(hex).ok()?;
        let lookup = |store: &gix_odb::HandleArc| store.lookup_prefix(prefix, None).ok()??.ok();
        self.stores.iter().find_map(lookup)
    }

    /// Reads an object that must be of a kind.
    pub(super) fn expect(&self, id: &gix_hash::oid, kind: Kind, buffer: &mut Vec<u8>) -> Result<(), String> {
        match self.read(id, buffer)? {
            Some(found) if found == kind => Ok(()),
            Some(found) => Err(format!("object {id} is a {found}, not a {kind}")),
            None => Err(format!("object {id} is missing")),
        }
    }
}
