//! The folders of which an index knows the trees: those below which nothing was staged since they were read.

use gix_hash::ObjectId;
use std::collections::HashMap;

/// Folders, each before those inside it.
#[derive(Debug, Default)]
pub(super) struct Folders {
    bytes: Vec<u8>,
    folders: Vec<Folder>,
}

/// One folder; numbers are places in the bytes, and in the list of folders.
#[derive(Debug)]
struct Folder {
    name: (u32, u32),
    tree: Option<ObjectId>,
    /// The first that is not inside it.
    after: u32,
}

impl Folders {
    /// Reads the extension `TREE` of an index; `None` if it is broken.
    pub(super) fn read(bytes: Vec<u8>, hash: gix_hash::Kind) -> Option<Folders> {
        u32::try_from(bytes.len()).ok()?;
        let mut folders: Vec<Folder> = Vec::new();
        // Those whose folders are being read, and how many there are yet to come.
        let mut open: Vec<(usize, u32)> = Vec::new();
        let mut at = 0;
        loop {
            let name = at..at + memchr::memchr(0, bytes.get(at..)?)?;
            let (entries, next) = decimal::<i64>(&bytes, name.end + 1, b' ')?;
            let (inside, next) = decimal::<u32>(&bytes, next, b'\n')?;
            at = next;
            let mut tree = None;
            // What was staged below a folder makes its tree unknown.
            if entries >= 0 {
                let end = at + hash.len_in_bytes();
                tree = Some(ObjectId::from_bytes_or_panic(bytes.get(at..end)?));
                at = end;
            }
            folders.push(Folder { name: (name.start as u32, name.end as u32), tree, after: 0 });
            open.push((folders.len() - 1, inside));
            while let Some((folder, 0)) = open.last() {
                folders[*folder].after = folders.len() as u32;
                open.pop();
            }
            match open.last_mut() {
                Some((_, left)) => *left -= 1,
                None => return (at == bytes.len()).then_some(Folders { bytes, folders }),
            }
        }
    }

    /// The folder of all.
    pub(super) fn top(&self) -> Option<usize> {
        (!self.folders.is_empty()).then_some(0)
    }

    /// The tree of a folder, if it is known.
    pub(super) fn tree(&self, folder: usize) -> Option<ObjectId> {
        self.folders[folder].tree
    }

    /// The folders right inside one, by their names.
    pub(super) fn inside(&self, folder: usize) -> HashMap<&[u8], usize> {
        let mut all = HashMap::new();
        let mut at = folder + 1;
        while at < self.folders[folder].after as usize {
            let (start, end) = self.folders[at].name;
            all.insert(&self.bytes[start as usize..end as usize], at);
            at = self.folders[at].after as usize;
        }
        all
    }
}

/// A number and where what follows its end starts.
fn decimal<N: std::str::FromStr>(bytes: &[u8], at: usize, end: u8) -> Option<(N, usize)> {
    let rest = bytes.get(at..)?;
    let length = memchr::memchr(end, rest)?;
    Some((std::str::from_utf8(&rest[..length]).ok()?.parse().ok()?, at + length + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gix_hash::Kind;
    use proptest::prelude::*;

    const SAMPLE: &[&[u8]] = &[b"\x00-1 2\n", b"b\x003 1\n", &[1; 20], b"in\x001 0\n", &[2; 20], b"long\x00-1 0\n"];

    #[test]
    fn folders_are_told_by_where_they_lie() {
        let folders = Folders::read(SAMPLE.concat(), Kind::Sha1).expect("it is sound");
        let top = folders.top().expect("there is one");
        let inside = folders.inside(top);
        let tree = |fill: u8| Some(ObjectId::from_bytes_or_panic(&[fill; 20]));
        assert_eq!((folders.tree(top), inside.len()), (None, 2));
        assert_eq!(folders.tree(inside[&b"b"[..]]), tree(1));
        assert_eq!(folders.tree(folders.inside(inside[&b"b"[..]])[&b"in"[..]]), tree(2));
        assert_eq!(folders.tree(inside[&b"long"[..]]), None);
    }

    #[test]
    fn folders_may_lie_as_deep_as_they_like() {
        let deep = [b"a\x00-1 1\n".repeat(100_000), b"b\x00-1 0\n".to_vec()].concat();
        assert_eq!(Folders::read(deep, Kind::Sha1).expect("it is sound").folders.len(), 100_001);
    }

    proptest! {
        #[test]
        fn what_is_broken_is_refused_or_read(at in 0..80_usize, byte in any::<u8>(), cut in 0..80_usize) {
            let mut bytes = SAMPLE.concat();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            if let Some(folders) = Folders::read(bytes, Kind::Sha1) {
                (0..folders.folders.len()).for_each(|folder| drop(folders.inside(folder)));
            }
        }
    }
}
