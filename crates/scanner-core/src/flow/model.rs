//! What public names mean: sources, sinks, sanitizers and types, as a tree of paths.

mod read;

use crate::rule::flow::{SourceSet, sink_kind};
use foldhash::HashMap;

/// A public path that some model names, or leads to one that it names.
pub type Place = u32;
/// A set of kinds of sink, a bit for each of [`SINKS`](crate::rule::flow::SINKS).
pub type SinkSet = u64;

/// A set of kinds of sink, by their names.
pub fn kinds(names: &[&str]) -> SinkSet {
    names.iter().filter_map(|name| sink_kind(name)).fold(0, |set, kind| set | 1 << kind)
}

/// Which argument a sink looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// Any.
    Any,
    /// What the method is called on.
    Receiver,
    /// An object whose members are arguments: `**options`.
    Spread,
    /// By position or keyword; a property of it, if one is named.
    At {
        /// From 0.
        position: Option<usize>,
        /// Its keyword.
        keyword: Option<String>,
        /// Of an object given there, or the index in a list; `*`: any.
        property: Option<String>,
    },
}

/// A sink at a path.
#[derive(Debug, Clone)]
pub struct Sink {
    /// Its number.
    pub kind: u8,
    /// What it looks at.
    pub arguments: Vec<Argument>,
    /// What must hold of other arguments.
    pub conditions: Vec<Condition>,
    /// Whether it starts a program by itself, without a shell.
    pub is_program: bool,
    /// Of a method of anything, the name of what it must be called on.
    pub holder: Option<Box<str>>,
}

/// A condition on an argument of a sink's call.
#[derive(Debug, Clone)]
pub struct Condition {
    /// It must not hold.
    pub negated: bool,
    /// Position or keyword.
    pub argument: Argument,
    /// Constants or paths, one of which the argument must be; `*`: anything, `?`: anything that is no constant.
    pub values: Vec<String>,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Nothing is known.
    Unknown,
    /// Data of a kind of source.
    Source(u8),
    /// A value of a type.
    Typed(Place),
}

/// What the parameters of a function are.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    repeats: bool,
}

impl Parameters {
    /// All are data of a kind of source.
    pub fn all(kind: u8) -> Parameters {
        Parameters { list: vec![Parameter::Source(kind)], repeats: true }
    }

    /// The same, but where nothing is known it is as in another.
    pub fn or(&self, other: &Parameters) -> Parameters {
        let known = |at| match self.at(at) {
            Parameter::Unknown => other.at(at),
            known => known,
        };
        let count = self.list.len().max(other.list.len());
        Parameters { list: (0..=count).map(known).collect(), repeats: self.repeats || other.repeats }
    }

    /// Only the first of them.
    pub fn first(&self, count: usize) -> Parameters {
        Parameters { list: self.list.iter().take(count).copied().collect(), repeats: false }
    }

    /// Whether nothing is known of any.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The parameter at a position.
    pub fn at(&self, position: usize) -> Parameter {
        match self.list.get(position) {
            Some(&parameter) => parameter,
            None if self.repeats => self.list.last().copied().unwrap_or(Parameter::Unknown),
            None => Parameter::Unknown,
        }
    }
}

/// What parameters are, by their names.
#[derive(Debug)]
pub struct Guess {
    /// Modules of which one must be imported; none: any file.
    pub imports: Vec<String>,
    /// Names of the function, or of what it is given to, of which it must have one; none: any.
    pub functions: Vec<String>,
    /// Names of the file, without what tells its kind, of which it must have one; none: any.
    pub files: Vec<String>,
    /// Names of the first parameters; `{}`: one that is taken apart at once.
    pub names: Vec<String>,
    /// Words of which one must stand in the function if what follows those is to be given to it as well; none: any.
    pub answers: Vec<String>,
    /// Names of which the object must have one that the function is a member of; none: any.
    pub within: Vec<String>,
    /// What they are.
    pub parameters: Parameters,
    /// Where such functions return to.
    pub returns: Option<Returned>,
}

impl Guess {
    /// What the parameters are of a function with this text.
    pub fn given_in(&self, text: &str) -> Parameters {
        match self.answers.is_empty() || self.answers.iter().any(|word| text.contains(word)) {
            true => self.parameters.clone(),
            false => self.parameters.first(self.names.len()),
        }
    }
}

/// What is known of a path.
#[derive(Debug, Default)]
pub struct Known {
    members: HashMap<Box<str>, Place>,
    call: Option<Place>,
    element: Option<Place>,
    /// The type whose name stands for it.
    becomes: Option<Place>,
    /// Kinds of source, a bit for each.
    pub sources: SourceSet,
    /// Kinds of sink that an assignment to it is.
    pub assigned: SinkSet,
    /// Kinds of sink that a call of it cleans for.
    pub clears: SinkSet,
    /// Whether a call of it takes back what was cleaned.
    pub decodes: bool,
    /// Whether a call of it makes objects of a text: who sends the text chooses their kinds.
    pub parses: bool,
    /// Whether a call of it gives what it is given in another dress.
    pub wraps: bool,
    /// Whether what goes out by it is shown as text unless it is said to be HTML.
    pub plain: bool,
    /// Whether a call of it stands for what the function that it is given gives back.
    pub injects: bool,
    /// Whether all functions in the tables that it is given are registered.
    pub tables: bool,
    /// Whether what is put into it is there for all of a program.
    pub shared: bool,
    /// The rest, which few have: most paths only lead to others.
    calls: Option<Box<Calls>>,
}

/// What is known of calls of a path.
#[derive(Debug, Default)]
pub struct Calls {
    /// Types of what a call of it gives, where an argument says so.
    pub types: Vec<(Vec<Condition>, Place)>,
    /// Types that what it is called on is of from there on, where arguments say so.
    pub receivers: Vec<(Vec<Condition>, Place)>,
    /// Sinks of a call of it.
    pub sinks: Vec<Sink>,
    /// What the parameters of functions given to a call of it are.
    pub parameters: Option<Parameters>,
    /// The same, where other arguments are so.
    pub parameters_where: Vec<(Vec<Condition>, Parameters)>,
    /// Where such functions return to, where other arguments are so.
    pub returns: Vec<(Vec<Condition>, Returned)>,
}

impl Known {
    /// What is known of calls of it.
    pub fn calls(&self) -> &Calls {
        static NONE: Calls = Calls {
            types: Vec::new(),
            receivers: Vec::new(),
            sinks: Vec::new(),
            parameters: None,
            parameters_where: Vec::new(),
            returns: Vec::new(),
        };
        self.calls.as_deref().unwrap_or(&NONE)
    }

    fn calls_mut(&mut self) -> &mut Calls {
        self.calls.get_or_insert_default()
    }
}

impl Calls {
    /// Where what it returns goes to, whatever it was given.
    pub fn returned(&self) -> Option<Returned> {
        self.returns.first().map(|(_, returned)| *returned)
    }
}

/// Where what a function returns goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// A kind of sink.
    To(u8),
    /// What would be a call of what stands there.
    As(Place),
}

/// The models of one language family.
#[derive(Debug)]
pub struct Models {
    known: Vec<Known>,
    /// Sinks by method, on what is of no known type.
    pub any_sinks: HashMap<Box<str>, Vec<Sink>>,
    /// Kinds of sink that what methods of something unknown give is clean for, by their names.
    pub any_clears: HashMap<Box<str>, SinkSet>,
    /// Kinds of sink that an assignment to such a member of anything is.
    pub any_assigned: HashMap<Box<str>, SinkSet>,
    /// Kinds of source that such a member of anything of no known type is.
    pub any_sources: HashMap<Box<str>, SourceSet>,
    /// By method, what the functions given to a call of it on anything of no known type are given, where
    /// other arguments are as said.
    pub any_parameters: HashMap<Box<str>, Vec<(Vec<Condition>, Parameters)>>,
    /// In order.
    pub guesses: Vec<Guess>,
    /// Modules that paths of sources start at: a file that imports none of them has no source,
    pub source_roots: Vec<String>,
    /// unless it names one of these globals,
    pub source_globals: Vec<String>,
    /// or has a function whose first parameter is called so,
    pub source_parameters: Vec<String>,
    /// or one of such a name,
    pub source_functions: Vec<String>,
    /// or is called so itself.
    pub source_files: Vec<String>,
    /// Modules and globals that paths of what can be guessed start at.
    pub drawn_roots: Vec<String>,
    /// Last names of such paths: without one of them a function has none itself.
    pub source_words: Vec<String>,
}

/// The root of all paths.
pub const ROOT: Place = 0;

impl Models {
    /// The place of a public path from its first name on.
    pub fn find(&self, path: &str) -> Option<Place> {
        let mut place = ROOT;
        for step in steps(path)? {
            place = match step {
                Step::Member(name) => self.member(place, name)?,
                Step::Call => self.call(place)?,
                Step::Element => self.element(place)?,
            };
        }
        Some(place)
    }

    /// What is known of a place.
    pub fn known(&self, place: Place) -> &Known {
        &self.known[place as usize]
    }

    /// A global or a module.
    pub fn root(&self, name: &str) -> Option<Place> {
        self.member(ROOT, name)
    }

    /// A member's place.
    pub fn member(&self, place: Place, name: &str) -> Option<Place> {
        let members = &self.known[place as usize].members;
        self.typed(members.get(name).or_else(|| members.get("*").filter(|_| place != ROOT)).copied()?)
    }

    /// The place of what a call gives.
    pub fn call(&self, place: Place) -> Option<Place> {
        self.typed(self.known[place as usize].call?)
    }

    /// Whether some members of a place are sources, or what calls of them give, and it is none.
    pub fn gives(&self, place: Place) -> bool {
        let is_source = |place: Place| self.known[place as usize].sources != 0;
        let known = &self.known[place as usize];
        let mut members = known.members.values().copied();
        !is_source(place) && members.any(|member| is_source(member) || self.call(member).is_some_and(is_source))
    }

    /// The place of an element.
    pub fn element(&self, place: Place) -> Option<Place> {
        self.typed(self.known[place as usize].element?)
    }

    fn typed(&self, place: Place) -> Option<Place> {
        Some(self.known[place as usize].becomes.unwrap_or(place))
    }
}

enum Step<'p> {
    Member(&'p str),
    Call,
    Element,
}

fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let name = part.split(['(', '[']).next().unwrap_or(part);
        let mut rest = &part[name.len()..];
        // A relative module's name starts with dots, which no model has.
        if !name.is_empty() {
            steps.push(Step::Member(name));
        } else if rest.is_empty() {
            return None;
        }
        while !rest.is_empty() {
            rest = match (rest.strip_prefix("()"), rest.strip_prefix("[]")) {
                (Some(after), _) => {
                    steps.push(Step::Call);
                    after
                }
                (_, Some(after)) => {
                    steps.push(Step::Element);
                    after
                }
                _ => return None,
            };
        }
    }
    Some(steps)
}
