//! Follows data through a program: files are run from their top, then every function that nothing
//! has called, each as if by a stranger. Branches that cannot be taken are left out, both ways of others
//! are joined, loops run twice, calls go into the functions called.

use super::branch::{Fork, Journal};
use super::checks::Check;
use super::compiled::Steps;
use super::entry::Entry;
use super::library::Library;
use super::meter::{ENTRIES, Meter};
use super::model::{Models, Place, Returned, SinkSet, kinds};
use super::paths::Found;
use super::program::{Program, Unit};
use super::regex::Regexes;
use super::results::{Flow, Sink};
use super::routes::Part;
use super::shared::Shared;
use super::summary::Summary;
use super::value::{Enclosing, Frame, Function, Hop, MAX_HOPS, Note, Object, ObjectId, Taint, UnitId, Value};
use super::watch::Watch;
use crate::ir::NodeId;
use crate::language::Family;
use crate::rule::flow::{sink_kind, source_kind};
use crate::span::Span;
use foldhash::{HashMap, HashSet};
use std::cell::{Cell, OnceCell};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Values that are looked at for the data in one and what it holds,
pub(super) const MAX_PARTS: u32 = 256;
/// and how deep.
pub(super) const PARTS_DEPTH: usize = 3;

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// The next one follows.
    No,
    /// A loop or switch is left.
    Left,
    /// The function is left.
    Gone,
}

/// A decorator of a function.
pub(super) struct Decorator {
    /// Where it stands.
    pub(super) place: Place,
    /// The text of its first argument.
    pub(super) route: Option<Rc<str>>,
    /// Where what the function returns goes to.
    pub(super) returns: Option<Returned>,
}

/// A run of a function, or of a file's top.
pub(super) struct Run<'p> {
    pub(super) unit: UnitId,
    pub(super) frame: Rc<Frame<'p>>,
    pub(super) this: Option<Value<'p>>,
    pub(super) done: Done,
    pub(super) returned: Option<Value<'p>>,
    /// What a generator has given to who goes through it.
    pub(super) yielded: Option<Value<'p>>,
    /// Objects as ways left them that have gone back to the caller while others go on, and as they were before.
    pub(super) given_up: HashMap<ObjectId, [Shared<Object<'p>>; 2]>,
    /// How many forks there were when it began.
    pub(super) forks: usize,
    /// What was left by `break` and `continue` on ways that others went past.
    pub(super) left: Vec<Fork<'p>>,
    /// Decorators that the next function has.
    pub(super) decorators: Vec<Decorator>,
    /// Those that are functions of the program.
    pub(super) own_decorators: Vec<NodeId>,
    /// Where what it returns goes to.
    pub(super) returns: Option<Returned>,
    /// Where it stands, if a compiler has cut the function into steps.
    pub(super) steps: Option<Steps<'p>>,
    /// What guards have shown on all ways that gave something back.
    pub(super) shown: Option<Shared<HashMap<Rc<str>, SinkSet>>>,
}

impl<'p> Run<'p> {
    /// One that starts.
    pub(super) fn new(
        unit: UnitId,
        frame: Rc<Frame<'p>>,
        this: Option<Value<'p>>,
        returns: Option<Returned>,
    ) -> Run<'p> {
        let (done, returned, left, decorators) = (Done::No, None, Vec::new(), Vec::new());
        Run {
            unit,
            frame,
            this,
            done,
            returned,
            yielded: None,
            left,
            decorators,
            own_decorators: Vec::new(),
            returns,
            steps: None,
            shown: None,
            given_up: HashMap::default(),
            forks: 0,
        }
    }

    /// Notes what guards have shown where it goes back to its caller.
    pub(super) fn show(&mut self) {
        let facts = self.frame.facts.borrow();
        match &mut self.shown {
            Some(shown) => shown.retain(|text, cleared| {
                *cleared &= facts.get(text).copied().unwrap_or(0);
                *cleared != 0
            }),
            None => self.shown = Some(facts.clone()),
        }
    }
}

/// The engine.
pub struct Engine<'p> {
    pub(super) program: &'p Program<'p>,
    /// The files that were looked at: what is found depends on no others.
    pub(super) opened: Vec<Cell<Option<&'p Unit<'p>>>>,
    pub(super) library: &'p Library,
    /// Set by another thread where no more is to be followed.
    stop: &'p AtomicBool,
    /// Of files, the names of functions with such words.
    pub(super) helpers: HashMap<UnitId, HashSet<&'p str>>,
    /// Of functions that were run, whether they look at `arguments`.
    pub(super) takes_arguments: HashMap<(UnitId, NodeId), bool>,
    pub(super) objects: Vec<Shared<Object<'p>>>,
    /// How many of them the tops of files made,
    pub(super) of_tops: usize,
    /// and how many others there were when the file that is run was begun.
    pub(super) left_over: usize,
    /// The files whose tops run now, that which was asked for last at the end.
    pub(super) tops_running: Vec<UnitId>,
    /// What is put into members that many functions share.
    pub(super) shared: HashMap<Place, HashMap<Rc<str>, Value<'p>>>,
    /// The names of files that were run.
    pub(super) tops: HashMap<UnitId, Rc<Frame<'p>>>,
    /// The objects that those made, in order.
    pub(super) of_top: Vec<Range<ObjectId>>,
    /// What paths lead to that no import holds, by the file that names them,
    pub(super) found: HashMap<UnitId, HashMap<Box<str>, Found>>,
    /// and what modules of folders are, by folder and name.
    pub(super) inside: HashMap<Box<str>, Found>,
    /// Functions of which it was asked whether they are handed a request.
    pub(super) handed: HashMap<Box<str>, bool>,
    /// Parts of addresses of which it was asked whether routes convert them.
    pub(super) converted: HashMap<Box<str>, Part>,
    /// Results of long calls.
    pub(super) known_calls: HashMap<u64, Value<'p>>,
    /// What calls without data from outside gave,
    pub(super) summaries: HashMap<u64, Rc<Summary<'p>>>,
    /// those among them that ran while they were called,
    pub(super) partial: Vec<u64>,
    /// and the lowest place on the stack of what would have been called again but was not.
    pub(super) cut: usize,
    /// How many objects there were when what runs was entered: those are seen by others too, all of them by the
    /// top of a file.
    pub(super) old: ObjectId,
    /// Functions that run now.
    pub(super) stack: Vec<(UnitId, NodeId, bool)>,
    pub(super) called: HashSet<(UnitId, NodeId)>,
    pub(super) entries: VecDeque<Entry<'p>>,
    /// Those that the tops of other files registered, which wait for these to be run.
    pub(super) parked: HashMap<UnitId, Vec<Entry<'p>>>,
    /// Functions of those that were run since the file was begun.
    pub(super) entered: HashSet<(UnitId, NodeId)>,
    pub(super) flows: BTreeMap<(UnitId, Span, u8, u8), Flow>,
    pub(super) meter: Meter,
    pub(super) depth: u32,
    /// Frames made.
    pub(super) frames: u32,
    pub(super) enclosing: Enclosing<'p>,
    /// The file that is run,
    pub(super) root: UnitId,
    /// and its functions as they were last made, with what they close over.
    pub(super) closures: HashMap<NodeId, Rc<Function<'p>>>,
    /// Imports that lead to each other.
    pub(super) imports: u32,
    /// Files that are asked for a name that they have from others.
    pub(super) asked: Vec<UnitId>,
    /// Members that the program gives to what other libraries made: who uses those calls them.
    pub(super) mixed_in: Vec<Value<'p>>,
    /// Files of which not every way was followed.
    pub(super) exhausted: HashSet<UnitId>,
    pub(super) journals: Vec<Journal<'p>>,
    pub(super) regexes: Regexes,
    /// The kind of sink that shows text to people,
    pub(super) html: u8,
    /// the one that is a page as a text, and the one that gives an object of the program another prototype,
    pub(super) markup: u8,
    pub(super) own_prototype: u8,
    /// the one that asks a database, and the one that calls a method by its name.
    pub(super) sql: u8,
    pub(super) method: u8,
    /// The one that believes what a token says.
    pub(super) claims: u8,
    /// Those that read and write files,
    pub(super) path: u8,
    pub(super) write: u8,
    /// and the one that they are for a path that may stand in a folder beside the one that is meant.
    pub(super) sibling: u8,
    pub(super) absolute: u8,
    /// Of places where data comes in, whether only administrators get there.
    pub(super) admins: HashMap<(UnitId, Span), bool>,
    /// Functions that a route runs for administrators only.
    pub(super) admin_handlers: HashSet<(UnitId, NodeId)>,
    /// What routes check of a request before these functions run.
    pub(super) checks: HashMap<(UnitId, NodeId), Rc<Vec<Check>>>,
    /// What a file checks of the parts of addresses, for all routes that it has from there on.
    pub(super) param_checks: HashMap<UnitId, Vec<Check>>,
    /// The kind of source whose sender chooses what kind of value it is.
    pub(super) remote_object: u8,
    /// The kinds of source that the program has put away.
    pub(super) stored: [Option<u8>; 2],
    /// that the makers of archives give,
    pub(super) archive: u8,
    /// that callers of a package give,
    pub(super) library_input: u8,
    /// Whether functions are run that no manifest says others call.
    pub(super) alone: bool,
    /// and the kinds of sink that a package may offer to them: what is a part of something is no such offer.
    pub(super) offered: SinkSet,
    /// Kinds of sink that give back something of what they take.
    pub(super) passing: SinkSet,
    /// The kind of source that anyone can guess, and the kind of sink that must not be guessed.
    pub(super) random: u8,
    /// what the page that a script runs in gives,
    pub(super) dom: u8,
    pub(super) unguessable: u8,
    /// The kind of source that only who has a key can make, and the kinds of sink that take longer the more of it is right.
    pub(super) mac: u8,
    pub(super) comparison: u8,
    pub(super) secret_comparison: u8,
    /// and the kind of what a program is given besides its options.
    pub(super) argument: u8,
    /// Whether the path of the request that runs is the one that its route has.
    pub(super) fixed_path: bool,
    /// Of sinks that were reached, whether only constants did.
    pub(super) settled: HashMap<Sink, bool>,
    /// The kind of sink that sets a member by a name.
    pub(super) member_sink: u8,
    /// The kind of sink that a name is clean for that is neither `constructor` nor `prototype`.
    pub(super) constructor: u8,
    /// What the function that ran last has shown of its parameters, by their names.
    pub(super) shown: Vec<(Rc<str>, SinkSet)>,
    /// What was thrown in each `try` that runs now,
    pub(super) thrown: Vec<Value<'p>>,
    /// and what the handler that runs was given.
    pub(super) caught: Value<'p>,
    /// Parameters that are made for others now.
    pub(super) injections: u32,
    /// Functions whose conditions are asked now.
    pub(super) guards: u32,
    /// Whether what runs was called by itself with what a name from outside chose.
    pub(super) again: bool,
    /// How often a name was given what may be the prototype of all objects.
    pub(super) led: u32,
    /// What components keep between two runs, by the call that makes it,
    pub(super) states: HashMap<(UnitId, NodeId), ObjectId>,
    /// and the functions that do.
    pub(super) stateful: HashSet<(UnitId, NodeId)>,
    /// Zod, its schemas of objects, and those that let no text through, once they were looked for.
    pub(super) zod: OnceCell<[Option<Place>; 5]>,
    /// Files that print, and whether they say that it is HTML.
    pub(super) printing: HashMap<UnitId, bool>,
    /// What is noted for one who asks.
    pub(super) watch: Option<Box<Watch>>,
}

impl<'p> Engine<'p> {
    /// An engine for a program, which runs it until `stop` is set.
    pub fn new(program: &'p Program<'p>, library: &'p Library, stop: &'p AtomicBool) -> Engine<'p> {
        Engine {
            program,
            opened: vec![Cell::new(None); program.paths.count()],
            library,
            stop,
            helpers: HashMap::default(),
            takes_arguments: HashMap::default(),
            objects: Vec::new(),
            of_tops: 0,
            left_over: 0,
            tops_running: Vec::new(),
            shared: HashMap::default(),
            tops: HashMap::default(),
            of_top: Vec::new(),
            found: HashMap::default(),
            inside: HashMap::default(),
            handed: HashMap::default(),
            converted: HashMap::default(),
            known_calls: HashMap::default(),
            summaries: HashMap::default(),
            partial: Vec::new(),
            cut: usize::MAX,
            old: ObjectId::MAX,
            stack: Vec::new(),
            called: HashSet::default(),
            entries: VecDeque::new(),
            parked: HashMap::default(),
            entered: HashSet::default(),
            flows: BTreeMap::new(),
            meter: Meter::new(ENTRIES),
            depth: 0,
            frames: 0,
            enclosing: Enclosing::default(),
            root: 0,
            closures: HashMap::default(),
            imports: 0,
            asked: Vec::new(),
            mixed_in: Vec::new(),
            exhausted: HashSet::default(),
            journals: Vec::new(),
            regexes: Regexes::new(),
            html: sink_kind("html").unwrap_or(u8::MAX),
            markup: sink_kind("markup").unwrap_or(u8::MAX),
            own_prototype: sink_kind("own-prototype").unwrap_or(u8::MAX),
            checks: HashMap::default(),
            param_checks: HashMap::default(),
            admins: HashMap::default(),
            admin_handlers: HashSet::default(),
            path: sink_kind("path").unwrap_or(u8::MAX),
            write: sink_kind("write").unwrap_or(u8::MAX),
            sibling: sink_kind("sibling").unwrap_or(u8::MAX),
            absolute: sink_kind("absolute").unwrap_or(u8::MAX),
            sql: sink_kind("sql").unwrap_or(u8::MAX),
            method: sink_kind("method").unwrap_or(u8::MAX),
            claims: sink_kind("claims").unwrap_or(u8::MAX),
            remote_object: source_kind("remote-object").unwrap_or(u8::MAX),
            stored: [source_kind("stored"), source_kind("database")],
            archive: source_kind("archive").unwrap_or(u8::MAX),
            alone: false,
            library_input: source_kind("library").unwrap_or(u8::MAX),
            offered: kinds(&["command", "code", "html", "sql"]),
            passing: kinds(&[
                "format",
                "regex",
                "deserialize",
                "template",
                "template-object",
                "prototype",
                "mass-assignment",
            ]),
            random: source_kind("random").unwrap_or(u8::MAX),
            dom: source_kind("dom").unwrap_or(u8::MAX),
            unguessable: sink_kind("unguessable").unwrap_or(u8::MAX),
            mac: source_kind("mac").unwrap_or(u8::MAX),
            comparison: sink_kind("comparison").unwrap_or(u8::MAX),
            secret_comparison: sink_kind("secret-comparison").unwrap_or(u8::MAX),
            argument: sink_kind("argument").unwrap_or(u8::MAX),
            fixed_path: false,
            settled: HashMap::default(),
            member_sink: sink_kind("prototype-member").unwrap_or(u8::MAX),
            constructor: sink_kind("constructor-member").unwrap_or(u8::MAX),
            shown: Vec::new(),
            thrown: Vec::new(),
            caught: Value::default(),
            injections: 0,
            guards: 0,
            again: false,
            led: 0,
            states: HashMap::default(),
            stateful: HashSet::default(),
            zod: OnceCell::new(),
            printing: HashMap::default(),
            watch: None,
        }
    }

    /// Data that comes in at a place.
    pub(super) fn fresh(&self, unit: UnitId, span: Span, kind: u8) -> Taint {
        Taint {
            kind,
            cleared: 0,
            whole: true,
            hop: Rc::new(Hop { unit, span, note: Note::Source, before: None, depth: 0 }),
        }
    }

    /// A file, of which it is known from then on that it was looked at.
    pub(super) fn unit(&self, unit: UnitId) -> &'p Unit<'p> {
        match self.opened[unit as usize].get() {
            Some(opened) => opened,
            None => {
                let opened = self.program.unit(unit);
                self.opened[unit as usize].set(Some(opened));
                opened
            }
        }
    }

    pub(super) fn is_python(&self, unit: UnitId) -> bool {
        self.program.paths.family(unit) == Family::Python
    }

    pub(super) fn models(&self, unit: UnitId) -> &'p Models {
        &self.library.of(self.program.paths.family(unit)).models
    }

    pub(super) fn object(&mut self, object: Object<'p>) -> ObjectId {
        self.objects.push(Shared::new(object));
        (self.objects.len() - 1) as ObjectId
    }

    pub(super) fn frame(&mut self, parent: Option<Rc<Frame<'p>>>) -> Rc<Frame<'p>> {
        self.frames += 1;
        Rc::new(Frame { id: self.frames, parent, ..Frame::default() })
    }

    /// A value with one more step behind its data.
    pub(super) fn hopped(&self, mut value: Value<'p>, unit: UnitId, span: Span, note: Note) -> Value<'p> {
        for taint in &mut value.taints {
            let repeats = taint.hop.unit == unit && taint.hop.span == span;
            if taint.hop.depth < MAX_HOPS && !repeats {
                let (before, depth) = (Some(Rc::clone(&taint.hop)), taint.hop.depth + 1);
                taint.hop = Rc::new(Hop { unit, span, note, before, depth });
            }
        }
        value
    }

    /// As [`Engine::hopped`], where the step is known.
    pub(super) fn hopped_at(&self, value: Value<'p>, at: Option<(UnitId, Span)>, note: Note) -> Value<'p> {
        match at {
            Some((unit, span)) => self.hopped(value, unit, span, note),
            None => value,
        }
    }

    /// All data from outside in a value and what it holds.
    pub(super) fn all_taints(&self, value: &Value<'p>) -> Vec<Taint> {
        let mut all = Value::default();
        let mut left = MAX_PARTS;
        self.gather(value, PARTS_DEPTH, &mut left, &mut all);
        all.taints.into_iter().collect()
    }

    pub(super) fn gather(&self, value: &Value<'p>, depth: usize, left: &mut u32, all: &mut Value<'p>) {
        all.taint_with(&value.taints);
        *left = left.saturating_sub(1);
        if depth > 0
            && *left > 0
            && let Some(object) = value.object
        {
            let object = &self.objects[object as usize];
            object.parts().take(64).for_each(|part| self.gather(part, depth - 1, left, all));
        }
    }

    /// Notes that data reaches a sink.
    pub(super) fn report(&mut self, unit: UnitId, node: NodeId, sink: u8, taints: &[Taint], guessed: bool) {
        let span = self.unit(unit).module.node(node).span;
        self.note_sink(unit, node, sink, Some(taints));
        if sink == self.path || sink == self.write {
            let beside: Vec<Taint> = taints.iter().filter(|taint| taint.cleared >> sink & 1 == 1).cloned().collect();
            if !beside.is_empty() {
                self.report(unit, node, self.sibling, &beside, guessed);
                // What stands alone starts where its sender likes.
                let alone: Vec<Taint> = beside.into_iter().filter(|taint| taint.whole).collect();
                self.report(unit, node, self.absolute, &alone, guessed);
            }
        }
        let plugin = source_kind("plugin");
        let is_offer = |taint: &Taint| {
            (taint.kind == self.library_input || Some(taint.kind) == plugin)
                && taint.whole
                && self.offered >> sink & 1 == 1
                && (sink == self.html || sink == self.sql || self.is_offered(taint))
        };
        // What is named as a text, and shown as HTML, callers may take for the one or the other.
        let named_text = sink == self.html && taints.iter().any(is_offer) && self.is_named_as_text(unit, node);
        let is_offer = |taint: &Taint| is_offer(taint) && !named_text;
        let is_alone = self.alone && self.prototype_sinks() >> sink & 1 == 0;
        // What queries a program of Python builds of what it is told, it mostly tells itself.
        let is_alone = is_alone || sink == self.sql && self.is_python(unit);
        let is_nothing = |taint: &Taint| is_alone && taint.kind == self.library_input;
        let is_doubted = self.is_python(unit) && Some(sink) == sink_kind("polynomial-regex");
        let library_input = self.library_input;
        // A whole value of a database goes out as JSON.
        // A template of the program is HTML, as it is meant to be.
        let is_record = |taint: &Taint| {
            sink == self.html && self.stored.contains(&Some(taint.kind)) && (taint.whole || self.is_template(taint))
        };
        let reaching: Vec<&Taint> = taints
            .iter()
            .filter(|taint| {
                taint.cleared >> sink & 1 == 0 && !is_offer(taint) && !is_record(taint) && !is_nothing(taint)
            })
            .collect();
        if reaching.is_empty() && !taints.is_empty() && taints.iter().all(|taint| taint.cleared >> sink & 1 == 1) {
            self.settled.entry((unit, span, sink)).or_insert(true);
        }
        for taint in reaching {
            let mut trace: Vec<_> = taint.hops().map(|hop| (hop.unit, hop.span, hop.note)).collect();
            trace.reverse();
            // Most modules of Python take lines of a file or of a tool that nobody else writes.
            let guessed = guessed || named_text && taint.whole;
            let guessed = guessed || is_doubted && taint.kind == library_input;
            let by_admins = !self.is_for_sender(sink) && self.is_from_admins(taint);
            let trusted = by_admins && self.is_of_admins(sink) || self.goes_back(sink, taint, (unit, node));
            let guessed = guessed || by_admins;
            let flow = Flow { sink, source: taint.kind, unit, span, trace, guessed, trusted, evil: None };
            match self.flows.get_mut(&(unit, span, sink, taint.kind)) {
                Some(old) if flow.tells_more(old) => *old = flow,
                Some(_) => {}
                None => {
                    self.flows.insert((unit, span, sink, taint.kind), flow);
                }
            }
        }
    }

    /// Counts a step; `false`: there were too many.
    pub(super) fn step(&mut self) -> bool {
        self.meter.count(1);
        let goes_on = !self.is_spent();
        if !goes_on {
            self.exhausted.insert(self.root);
        }
        goes_on
    }

    /// Whether no more steps are taken.
    pub(super) fn is_spent(&self) -> bool {
        self.meter.is_spent() || self.is_full() || self.is_stopped()
    }

    /// Whether another thread asked to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
