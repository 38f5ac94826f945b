//! A folder of entries by key, for what was worked out once: safe to delete at any time, for many processes at
//! once, and bounded. What it gives back is what was put in, or nothing.

use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

/// Names an entry: a digest of all that it was worked out from.
pub type Key = [u8; 32];

/// Bytes that all entries take together, at most: several large repositories.
const MAX_BYTES: u64 = 512 << 20;
/// Bytes of one entry, at most.
const MAX_ENTRY: u64 = 32 << 20;
/// Seconds after which what a process began to write and did not end is thrown away.
const STALE: u64 = 3600;
/// How an entry starts; another form of entries gets another mark.
const MARK: &[u8] = b"autoclave-1\n";
/// How what is not yet whole is called.
const UNFINISHED: &str = "new-";
/// Says to backup programs, as `.gitignore` does to git, that nothing here needs to be kept.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Written by autoclave; safe to delete.\n";

/// The folder.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    max_bytes: u64,
    changed: AtomicBool,
    failed: AtomicBool,
}

impl Store {
    /// Opens a folder, which is made where there is none.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Store> {
        let folder = folder.into();
        make_private(&folder)?;
        for (name, text) in [("CACHEDIR.TAG", TAG), (".gitignore", "*\n")] {
            let place = folder.join(name);
            if !place.exists() {
                fs::write(place, text)?;
            }
        }
        Ok(Store { folder, max_bytes: MAX_BYTES, changed: AtomicBool::new(false), failed: AtomicBool::new(false) })
    }

    /// The entry of a key. One that is damaged is none.
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = fs::File::open(self.place(key)).ok()?;
        file.take(MAX_ENTRY + 1).read_to_end(&mut bytes).ok()?;
        let start = MARK.len() + size_of::<Key>();
        let is_whole = bytes.len() >= start
            && bytes.len() as u64 <= MAX_ENTRY
            && bytes.starts_with(MARK)
            && bytes[MARK.len()..start] == checksum(key, &bytes[start..]);
        is_whole.then(|| bytes.split_off(start))
    }

    /// Puts in an entry. Where that fails nothing is lost but time; [`Store::failed`] tells.
    pub fn put(&self, key: &Key, value: &[u8]) {
        let size = (MARK.len() + size_of::<Key>() + value.len()) as u64;
        if size > MAX_ENTRY {
            return;
        }
        match self.write(key, value) {
            Ok(()) => self.changed.store(true, Ordering::Relaxed),
            Err(_) => self.failed.store(true, Ordering::Relaxed),
        }
    }

    /// Whether something could not be written.
    pub fn failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Throws the oldest entries away, if something was put in and all take more room than they may.
    pub fn trim(&self) {
        if !self.changed.swap(false, Ordering::Relaxed) {
            return;
        }
        let mut entries: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        let now = SystemTime::now();
        for folder in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            for entry in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let Ok(metadata) = entry.metadata() else { continue };
                let time = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let age = now.duration_since(time).map_or(0, |age| age.as_secs());
                if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && age > STALE {
                    // Another process may have done so.
                    let _ = fs::remove_file(entry.path());
                } else {
                    entries.push((time, metadata.len(), entry.path()));
                }
            }
        }
        let mut all: u64 = entries.iter().map(|(_, size, _)| size).sum();
        if all <= self.max_bytes {
            return;
        }
        entries.sort();
        for (_, size, path) in entries {
            // Not to the brim, so that not each scan has to.
            if all <= self.max_bytes / 4 * 3 {
                break;
            }
            let _ = fs::remove_file(path);
            all -= size;
        }
    }

    fn place(&self, key: &Key) -> PathBuf {
        let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(&name[..2]).join(&name[2..])
    }

    /// Whoever reads an entry while it is written sees the old one or the new one, never a part.
    fn write(&self, key: &Key, value: &[u8]) -> io::Result<()> {
        let place = self.place(key);
        let folder = place.parent().unwrap_or(&self.folder);
        make_private(folder)?;
        let unfinished = folder.join(format!("{UNFINISHED}{:016x}", RandomState::new().hash_one(key)));
        let mut file = OpenOptions::new().write(true).create_new(true).open(&unfinished)?;
        let written = file
            .write_all(MARK)
            .and_then(|()| file.write_all(&checksum(key, value)))
            .and_then(|()| file.write_all(value))
            .and_then(|()| fs::rename(&unfinished, &place));
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }
}

/// What of a store is kept by those whose work depends on the same things.
#[derive(Debug, Clone)]
pub struct Shelf {
    store: Arc<Store>,
    base: Key,
}

impl Shelf {
    /// All that is kept there depends on these things, each of which counts by itself.
    pub fn new<'k>(store: Arc<Store>, things: impl IntoIterator<Item = &'k [u8]>) -> Shelf {
        let shelf = Shelf { store, base: Key::default() };
        Shelf { base: shelf.key("shelf", things), ..shelf }
    }

    /// A key for what was worked out of some parts, each of which counts by itself.
    pub fn key<'k>(&self, kind: &str, parts: impl IntoIterator<Item = &'k [u8]>) -> Key {
        let mut hasher = Sha256::new().chain_update(self.base).chain_update(kind);
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    /// See [`Store::get`].
    pub fn get(&self, key: &Key) -> Option<Vec<u8>> {
        self.store.get(key)
    }

    /// See [`Store::put`].
    pub fn put(&self, key: &Key, value: &[u8]) {
        self.store.put(key, value);
    }

    /// See [`Store::trim`].
    pub fn trim(&self) {
        self.store.trim();
    }
}

/// Of the key too: an entry that was put in another's place is none.
fn checksum(key: &Key, value: &[u8]) -> Key {
    Sha256::new().chain_update(key).chain_update(value).finalize().into()
}

/// A folder that only its owner may look into.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_put_in_or_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let store = Store::open(folder.path().join("a/b")).expect("it can be made");
        let (one, other) = ([1; 32], [2; 32]);
        assert_eq!(store.get(&one), None);
        store.put(&one, b"value");
        store.put(&other, b"");
        assert_eq!((store.get(&one).as_deref(), store.get(&other).as_deref()), (Some(&b"value"[..]), Some(&b""[..])));
        // Damaged, cut, of another key.
        let place = store.place(&one);
        let whole = fs::read(&place).expect("it is there");
        for at in [0, MARK.len() + 3, whole.len() - 1] {
            let mut broken = whole.clone();
            broken[at] ^= 1;
            fs::write(&place, &broken).expect("writable");
            assert_eq!(store.get(&one), None, "byte {at}");
            fs::write(&place, &whole[..at]).expect("writable");
            assert_eq!(store.get(&one), None, "cut at {at}");
        }
        fs::copy(store.place(&other), &place).expect("writable");
        assert_eq!(store.get(&one), None);
        store.put(&one, b"again");
        assert_eq!(store.get(&one).as_deref(), Some(&b"again"[..]));
        assert!(!store.failed());
    }

    #[test]
    fn takes_no_more_room_than_it_may() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut store = Store::open(folder.path()).expect("it can be made");
        store.max_bytes = 10_000;
        for number in 0..40 {
            store.put(&[number; 32], &[number; 500]);
        }
        store.trim();
        let left = (0..40).filter(|&number| store.get(&[number; 32]).is_some()).count();
        assert!((5..20).contains(&left), "{left}");
    }
}
