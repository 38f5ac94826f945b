//! A pack as a forest of deltas: each object is decoded once, right after the one it builds on.

use super::delta::{MAX_OBJECT, apply};
use super::packfile::PackFile;
use super::repository::Objects;
use gix_hash::ObjectId;
use gix_object::Kind;
use gix_pack::data::entry::Header;
use gix_pack::index;
use gix_zlib::{Inflate, Status};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::path::Path;

/// Bytes that the objects which others still build on may take, for each thread. Chains of large files go
/// beyond; then the oldest are given up, and decoded once more when their turn comes.
const MAX_KEPT: usize = 64 << 20;

/// Bytes of a buffer that is used again: most texts are smaller, and a long chain would keep many.
const MAX_SPARE: usize = 1 << 20;

/// Objects of a pack in which they are looked up by two bytes first.
const MANY: u32 = 1 << 14;

/// No node.
const NONE: u32 = u32::MAX;

/// A pack and its index.
pub(super) struct Pack {
    file: PackFile,
    index: index::File,
    nodes: Vec<Node>,
    /// Where in the index ids start whose first two bytes are at least such; empty for a small pack.
    fan: Vec<u32>,
    /// Objects that build on one outside of the pack.
    outside: HashMap<u32, ObjectId>,
}

/// One object, in the order of the pack.
struct Node {
    offset: u64,
    /// Its place in the index, which is sorted by id.
    place: u32,
    base: u32,
    child: u32,
    sibling: u32,
    /// Of one that builds on no other in the pack.
    kind: Option<Kind>,
}

/// An object as it is visited.
pub(super) struct Decoded<'d> {
    /// Its place in the pack's index.
    pub(super) place: u32,
    pub(super) bytes: &'d [u8],
    /// Whether it is text of ASCII: see [`is_plain`].
    pub(super) plain: bool,
    pub(super) base: Option<Base<'d>>,
}

/// An object; or the place of one that cannot be read, and why.
pub(super) type Visit<'d> = Result<Decoded<'d>, (u32, String)>;

/// What is called for each object, and says whether to go on.
pub(super) type Each<'e> = &'e mut dyn FnMut(Visit<'_>) -> ControlFlow<()>;

/// What an object builds on.
pub(super) struct Base<'d> {
    pub(super) place: u32,
    pub(super) bytes: &'d [u8],
    pub(super) plain: bool,
    /// Where the object holds what it does not copy from there, in order; empty where two copies meet
    /// that did not stand side by side.
    pub(super) fresh: &'d [Range<usize>],
}

impl Pack {
    /// Opens a pack by its index.
    pub(super) fn open(file: &Path, hash: gix_hash::Kind, objects: &Objects) -> Result<Pack, String> {
        let index = index::File::at(file, hash).map_err(|error| error.to_string())?;
        let file = PackFile::open(&file.with_extension("pack"), hash)?;
        let mut pack = Pack { file, index, nodes: Vec::new(), fan: Vec::new(), outside: HashMap::new() };
        pack.fan_out();
        pack.arrange(objects)?;
        Ok(pack)
    }

    /// Reads the head of each entry and joins it to the one it builds on.
    fn arrange(&mut self, objects: &Objects) -> Result<(), String> {
        let mut offsets: Vec<(u64, u32)> =
            (0..self.index.num_objects()).map(|place| (self.index.pack_offset_at_index(place), place)).collect();
        offsets.sort_unstable();
        let at = |offset: u64| offsets.binary_search_by_key(&offset, |&(offset, _)| offset).ok().map(|at| at as u32);
        let mut nodes = Vec::with_capacity(offsets.len());
        let mut heads = self.file.heads();
        for &(offset, place) in &offsets {
            let mut node = Node { offset, place, base: NONE, child: NONE, sibling: NONE, kind: None };
            // One that is broken is told when its turn comes.
            if let Ok(entry) = heads.entry(offset) {
                match entry.header {
                    Header::OfsDelta { base_distance } => {
                        let base = entry.checked_base_pack_offset(base_distance).and_then(at);
                        node.base = base.unwrap_or(NONE);
                    }
                    Header::RefDelta { base_id } => match self.index.lookup(base_id) {
                        Some(base) => node.base = at(self.index.pack_offset_at_index(base)).unwrap_or(NONE),
                        None => {
                            self.outside.insert(nodes.len() as u32, base_id);
                            let mut buffer = Vec::new();
                            node.kind = objects.read(&base_id, &mut buffer).ok().flatten();
                        }
                    },
                    header => node.kind = header.as_kind(),
                }
            }
            nodes.push(node);
        }
        for at in (0..nodes.len()).rev() {
            let base = nodes[at].base as usize;
            if let Some(child) = nodes.get(base).map(|base| base.child) {
                nodes[at].sibling = child;
                nodes[base].child = at as u32;
            }
        }
        self.nodes = nodes;
        Ok(())
    }

    /// Number of objects.
    pub(super) fn len(&self) -> u32 {
        self.index.num_objects()
    }

    /// The id of the object at a place of the index.
    pub(super) fn id(&self, place: u32) -> &gix_hash::oid {
        self.index.oid_at_index(place)
    }

    /// The place of an object.
    pub(super) fn lookup(&self, id: &gix_hash::oid) -> Option<u32> {
        let bytes = id.as_bytes();
        let first = usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
        let Some(&[mut low, mut high]) = self.fan.get(first..first + 2) else { return self.index.lookup(id) };
        while low < high {
            let middle = low.midpoint(high);
            match self.index.oid_at_index(middle).cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// Prepares to look ids up: the index itself tells where to look by one byte only.
    fn fan_out(&mut self) {
        if self.len() < MANY {
            return;
        }
        let mut last = 0;
        for place in 0..self.len() {
            let bytes = self.index.oid_at_index(place).as_bytes();
            let first = usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
            // An index that is in no order is damaged.
            if first < last {
                self.fan.clear();
                return;
            }
            last = first;
            while self.fan.len() <= first {
                self.fan.push(place);
            }
        }
        self.fan.resize((1 << 16) + 1, self.len());
    }

    /// The nodes that objects of a kind are reached from.
    pub(super) fn roots(&self, kind: Kind) -> Vec<u32> {
        let is_root = |&at: &u32| self.nodes[at as usize].kind == Some(kind);
        (0..self.nodes.len() as u32).filter(is_root).collect()
    }

    /// Calls `each` for the kind of every object by its place; `None` for those whose entries are broken.
    pub(super) fn kinds(&self, mut each: impl FnMut(u32, Option<Kind>)) {
        let mut open: Vec<(u32, Kind)> = Vec::new();
        let mut seen = vec![false; self.nodes.len()];
        for at in 0..self.nodes.len() {
            let Some(kind) = self.nodes[at].kind else { continue };
            open.push((at as u32, kind));
            while let Some((at, kind)) = open.pop() {
                let node = &self.nodes[at as usize];
                if std::mem::replace(&mut seen[at as usize], true) {
                    continue;
                }
                each(node.place, Some(kind));
                let mut child = node.child;
                while let Some(node) = self.nodes.get(child as usize) {
                    open.push((child, kind));
                    child = node.sibling;
                }
            }
        }
        for (at, _) in seen.iter().enumerate().filter(|(_, seen)| !**seen) {
            each(self.nodes[at].place, None);
        }
    }

    /// Which nodes are wanted by their places, or lead to wanted ones.
    pub(super) fn needed(&self, wanted: impl Fn(u32) -> bool) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if !wanted(node.place) {
                continue;
            }
            let mut at = at;
            while let Some(needed) = needed.get_mut(at).filter(|needed| !**needed) {
                *needed = true;
                at = self.nodes[at].base as usize;
            }
        }
        needed
    }

    /// Visits a root and all that builds on it, as far as needed.
    pub(super) fn walk(&self, root: u32, needed: &[bool], reader: &mut Reader, each: Each<'_>) {
        if !needed[root as usize] {
            return;
        }
        let mut bytes = reader.buffer();
        if let Err(reason) = self.decode(root, reader, &mut bytes) {
            return self.broken(root, needed, &reason, each);
        }
        let (place, plain) = (self.nodes[root as usize].place, is_plain(&bytes));
        if each(Ok(Decoded { place, bytes: &bytes, plain, base: None })).is_break() {
            return;
        }
        let mut frames = vec![Frame { node: root, bytes: Some(bytes), plain, next: self.nodes[root as usize].child }];
        while let Some(frame) = frames.last_mut() {
            let Some(child) = self.nodes.get(frame.next as usize) else {
                let done = frames.pop().and_then(|frame| frame.bytes);
                reader.spare.extend(done);
                continue;
            };
            let at = std::mem::replace(&mut frame.next, child.sibling);
            if !needed[at as usize] {
                continue;
            }
            let base = match frame.bytes.take() {
                Some(bytes) => bytes,
                None => {
                    let mut bytes = reader.buffer();
                    if let Err(reason) = self.decode(frame.node, reader, &mut bytes) {
                        self.broken(at, needed, &reason, each);
                        continue;
                    }
                    bytes
                }
            };
            let mut bytes = reader.buffer();
            let applied =
                self.inflate(at, reader).and_then(|()| apply(&base, &reader.delta, &mut bytes, &mut reader.fresh));
            // What is copied is as plain as what it is copied from.
            let keeps = || reader.fresh.iter().all(|run| is_plain(&bytes[run.clone()]));
            let plain = applied.is_ok() && (frame.plain && keeps() || is_plain(&bytes));
            match applied {
                Ok(()) => {
                    let place = self.nodes[frame.node as usize].place;
                    let base = Base { place, bytes: &base, plain: frame.plain, fresh: &reader.fresh };
                    if each(Ok(Decoded { place: child.place, bytes: &bytes, plain, base: Some(base) })).is_break() {
                        return;
                    }
                }
                Err(ref reason) => self.broken(at, needed, reason, each),
            }
            // What nothing more builds on is given up before going deeper, so that a long chain takes no
            // more memory than two of its objects.
            if frame.next == NONE {
                reader.spare.push(base);
                frames.pop();
            } else {
                frame.bytes = Some(base);
            }
            if applied.is_ok() && child.child != NONE {
                frames.push(Frame { node: at, bytes: Some(bytes), plain, next: child.child });
                give_up(&mut frames, &mut reader.spare);
            } else {
                reader.spare.push(bytes);
            }
        }
    }

    /// Tells of all that cannot be read because one object is broken.
    fn broken(&self, node: u32, needed: &[bool], reason: &str, each: Each<'_>) {
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            if !needed[at as usize] {
                continue;
            }
            if each(Err((self.nodes[at as usize].place, reason.to_owned()))).is_break() {
                return;
            }
            let mut child = self.nodes[at as usize].child;
            while let Some(node) = self.nodes.get(child as usize) {
                open.push(child);
                child = node.sibling;
            }
        }
    }

    /// Reads the object at a place of the index; what it builds on is taken from what was kept, and kept.
    pub(super) fn read(
        &self,
        place: u32,
        reader: &mut Reader,
        kept: &mut Kept,
        bytes: &mut Vec<u8>,
    ) -> Result<(), String> {
        let offset = self.index.pack_offset_at_index(place);
        let node = self.nodes.binary_search_by_key(&offset, |node| node.offset);
        let node = node.map_err(|_| "its entry in the pack is broken".to_owned())?;
        self.decode_with(node as u32, reader, kept, bytes)
    }

    /// Decodes an object along its whole chain.
    fn decode(&self, node: u32, reader: &mut Reader, bytes: &mut Vec<u8>) -> Result<(), String> {
        self.decode_with(node, reader, &mut Kept::default(), bytes)
    }

    fn decode_with(&self, node: u32, reader: &mut Reader, kept: &mut Kept, bytes: &mut Vec<u8>) -> Result<(), String> {
        let mut chain = vec![node];
        let mut at = node;
        let mut known = kept.get(node);
        while known.is_none()
            && let Some(base) = self.nodes.get(at as usize).map(|node| node.base).filter(|&base| base != NONE)
        {
            if chain.len() > self.nodes.len() {
                return Err("deltas lead in a circle".to_owned());
            }
            chain.push(base);
            at = base;
            known = kept.get(base);
        }
        let root = chain.pop().expect("the chain has the node itself");
        match known {
            Some(known) => {
                bytes.clear();
                bytes.extend_from_slice(known);
            }
            None => self.decode_root(root, reader, bytes)?,
        }
        for (&next, base) in chain.iter().rev().zip(std::iter::once(root).chain(chain.iter().rev().copied())) {
            self.inflate(next, reader)?;
            let mut result = reader.buffer();
            apply(bytes, &reader.delta, &mut result, &mut reader.fresh)?;
            reader.spare.extend(kept.put(base, std::mem::replace(bytes, result)));
        }
        Ok(())
    }

    /// Decodes an object that builds on no other in the pack.
    fn decode_root(&self, root: u32, reader: &mut Reader, bytes: &mut Vec<u8>) -> Result<(), String> {
        self.inflate(root, reader)?;
        match self.outside.get(&root) {
            Some(base) => {
                let mut outside = reader.buffer();
                reader.objects.read(base, &mut outside)?.ok_or_else(|| format!("object {base} is missing"))?;
                apply(&outside, &reader.delta, bytes, &mut reader.fresh)?;
            }
            None if self.nodes[root as usize].kind.is_some() => std::mem::swap(bytes, &mut reader.delta),
            None => return Err("its entry in the pack is broken".to_owned()),
        }
        Ok(())
    }

    /// Decompresses an entry, which is an object or a delta, into `reader.delta`.
    fn inflate(&self, node: u32, reader: &mut Reader) -> Result<(), String> {
        let start = self.nodes[node as usize].offset;
        let end = self.nodes.get(node as usize + 1).map_or(self.file.end(), |next| next.offset);
        let too_large = |size: u64| format!("{size} bytes are more than an object of text has");
        let packed = end.saturating_sub(start);
        if packed > MAX_OBJECT {
            return Err(too_large(packed));
        }
        reader.packed.resize(packed as usize, 0);
        self.file.read(start, &mut reader.packed)?;
        let entry = self.file.entry(&reader.packed, start)?;
        if entry.decompressed_size > MAX_OBJECT {
            return Err(too_large(entry.decompressed_size));
        }
        reader.delta.resize(entry.decompressed_size as usize, 0);
        reader.inflate.reset();
        let body = &reader.packed[(entry.data_offset - start) as usize..];
        let (status, _, written) = reader.inflate.once(body, &mut reader.delta).map_err(|error| error.to_string())?;
        reader.packed.shrink_to(MAX_SPARE);
        let is_whole = status == Status::StreamEnd && written == reader.delta.len();
        is_whole.then_some(()).ok_or_else(|| "its entry in the pack is shorter than it says".to_owned())
    }
}

/// An object that others still build on.
struct Frame {
    node: u32,
    /// `None` when it was given up.
    bytes: Option<Vec<u8>>,
    plain: bool,
    /// The next one that builds on it.
    next: u32,
}

/// Whether bytes are ASCII without NUL, as most texts are: that is told of a version by what it inserts.
fn is_plain(bytes: &[u8]) -> bool {
    /// What is no text shows it soon.
    const START: usize = 1 << 10;
    let has_nul = |bytes: &[u8]| memchr::memchr(0, bytes).is_some();
    !has_nul(&bytes[..bytes.len().min(START)]) && bytes.is_ascii() && !has_nul(bytes)
}

/// Gives up the oldest objects when all together take too much memory.
fn give_up(frames: &mut [Frame], spare: &mut Vec<Vec<u8>>) {
    // A buffer that is used again keeps the room that a larger object took.
    let size = |frame: &Frame| frame.bytes.as_ref().map_or(0, Vec::capacity);
    let mut kept: usize = frames.iter().map(size).sum();
    let last = frames.len().saturating_sub(1);
    for frame in &mut frames[..last] {
        if kept <= MAX_KEPT {
            break;
        }
        kept -= size(frame);
        frame.bytes = None;
    }
    spare.truncate(4);
}

/// Objects of a pack that others which are read next may build on: versions of a file build on one another.
#[derive(Debug, Default)]
pub(super) struct Kept {
    objects: HashMap<u32, Vec<u8>>,
    bytes: usize,
    max: usize,
}

impl Kept {
    /// Keeps so many bytes at the most.
    pub(super) fn up_to(max: usize) -> Kept {
        Kept { max, ..Kept::default() }
    }

    fn get(&self, node: u32) -> Option<&Vec<u8>> {
        self.objects.get(&node)
    }

    /// Keeps an object; gives it back if it is not kept.
    fn put(&mut self, node: u32, object: Vec<u8>) -> Option<Vec<u8>> {
        if object.len() > self.max || self.objects.contains_key(&node) {
            return Some(object);
        }
        if self.bytes + object.len() > self.max {
            *self = Kept::up_to(self.max);
        }
        self.bytes += object.len();
        self.objects.insert(node, object);
        None
    }
}

/// What a thread decodes with.
pub(super) struct Reader {
    pub(super) objects: Objects,
    inflate: Inflate,
    /// An entry as it stands in the pack, and decompressed.
    packed: Vec<u8>,
    delta: Vec<u8>,
    fresh: Vec<Range<usize>>,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
}

impl Reader {
    pub(super) fn new(objects: Objects) -> Reader {
        let (packed, delta, fresh, spare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Reader { objects, inflate: Inflate::default(), packed, delta, fresh, spare }
    }

    fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().filter(|buffer| buffer.capacity() <= MAX_SPARE).unwrap_or_default()
    }
}
