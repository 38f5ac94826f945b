//! What public names mean: sources, sinks, sanitizers and types, as a tree of paths.

use crate::rule::flow::{SOURCES, SourceSet, sink_kind, source_kind};
use crate::rule::syntax::{GuessSyntax, ModelFile};
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

/// Modules that most files import.
const EVERYWHERE: &[&str] = &["os"];

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
    /// Types of what a call of it gives, where an argument says so.
    pub calls: Vec<(Vec<Condition>, Place)>,
    /// Types that what it is called on is of from there on, where arguments say so.
    pub receivers: Vec<(Vec<Condition>, Place)>,
    /// Sinks of a call of it.
    pub sinks: Vec<Sink>,
    /// Kinds of sink that an assignment to it is.
    pub assigned: SinkSet,
    /// Kinds of sink that a call of it cleans for.
    pub clears: SinkSet,
    /// Whether a call of it takes back what was cleaned.
    pub decodes: bool,
    /// Whether a call of it makes objects of a text: who sends the text chooses their kinds.
    pub parses: bool,
    /// Whether what goes out by it is shown as text unless it is said to be HTML.
    pub plain: bool,
    /// Whether a call of it stands for what the function that it is given gives back.
    pub injects: bool,
    /// Whether what is put into it is there for all of a program.
    pub shared: bool,
    /// What the parameters of functions given to a call of it are.
    pub parameters: Option<Parameters>,
    /// The same, where other arguments are so.
    pub parameters_where: Vec<(Vec<Condition>, Parameters)>,
    /// Where such functions return to, where other arguments are so.
    pub returns: Vec<(Vec<Condition>, Returned)>,
}

impl Known {
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

/// Kinds of source by which files are chosen: what a program reads from its own store, and who starts
/// it, are in nearly all of them.
const COMES_IN: &[&str] = &["remote", "remote-object", "response", "dom", "llm", "library", "archive"];

/// The root of all paths.
pub const ROOT: Place = 0;

impl Models {
    /// Puts the model files of a family together.
    ///
    /// # Errors
    /// A sentence saying what cannot be read.
    pub fn new(files: &[ModelFile]) -> Result<Models, String> {
        let mut models = Models {
            known: vec![Known::default()],
            any_sinks: HashMap::default(),
            any_assigned: HashMap::default(),
            any_sources: HashMap::default(),
            any_parameters: HashMap::default(),
            guesses: Vec::new(),
            source_roots: Vec::new(),
            source_globals: Vec::new(),
            source_parameters: Vec::new(),
            source_functions: Vec::new(),
            source_files: Vec::new(),
            drawn_roots: Vec::new(),
            source_words: Vec::new(),
        };
        for file in files {
            for (path, name) in &file.types {
                // `lxml.etree.XMLParser(resolve_entities=True)`
                if let Some((called, inside)) = path.strip_suffix(')').and_then(|rest| rest.rsplit_once('('))
                    && !inside.is_empty()
                {
                    let (place, becomes) = (models.enter(called)?, models.enter(name)?);
                    let mut parts = inside.split(';').map(str::trim).peekable();
                    let of_receiver = parts.next_if_eq(&"recv").is_some();
                    let conditions = parts.map(condition).collect::<Result<Vec<Condition>, String>>()?;
                    let known = &mut models.known[place as usize];
                    let becoming = if of_receiver { &mut known.receivers } else { &mut known.calls };
                    becoming.push((conditions, becomes));
                    continue;
                }
                let (place, becomes) = (models.enter(path)?, models.enter(name)?);
                models.known[place as usize].becomes = Some(becomes).filter(|&becomes| becomes != place);
            }
        }
        for file in files {
            models.read(file)?;
        }
        models.enter_types(files);
        // What stands for a path that data comes in by brings it in as well.
        for (path, name) in files.iter().flat_map(|file| &file.types) {
            let leads = first_name(name).is_some_and(|root| models.source_roots.contains(&root));
            if leads && path.contains('(') {
                models.enter_root(path);
            }
        }
        let Models { source_words, source_roots, source_globals, source_parameters, drawn_roots, .. } = &mut models;
        for words in [source_words, source_roots, source_globals, source_parameters, drawn_roots] {
            words.sort();
            words.dedup();
        }
        Ok(models)
    }

    /// Data comes in where something stands for a source, or for what has one, too.
    fn enter_types(&mut self, files: &[ModelFile]) {
        let mut sources: Vec<(&str, bool)> = Vec::new();
        for (kind, paths) in files.iter().flat_map(|file| &file.sources) {
            if COMES_IN.contains(&kind.as_str()) {
                sources.extend(paths.iter().map(|path| (path.as_str(), kind == "dom")));
            }
        }
        let given = files
            .iter()
            .flat_map(|file| &file.parameters)
            .filter(|(_, types)| types.iter().any(|kind| !kind.is_empty()));
        sources.extend(given.map(|(path, _)| (path.as_str(), false)));
        let under = |path: &str, name: &str| {
            path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        for (path, name) in files.iter().flat_map(|file| &file.types) {
            // `self.location` is found by `location`.
            let said = path.strip_suffix(name).is_some_and(|before| before.ends_with('.'));
            let found = sources.iter().find(|(source, _)| !said && under(source, name));
            let Some(&(source, page)) = found else { continue };
            match path.strip_prefix("*.") {
                Some(member) if page => self.source_globals.push(member.to_owned()),
                Some(member) => self.source_roots.push(member.to_owned()),
                None if page => self.source_globals.extend(first_name(path)),
                None => self.enter_root(path),
            }
            if source == name {
                self.source_words.extend(last_name(path));
            }
        }
    }

    /// The module of a path brings data in; of one that most files import, the words in capitals do.
    fn enter_root(&mut self, path: &str) {
        let root = first_name(path);
        if !root.as_deref().is_some_and(|root| EVERYWHERE.contains(&root)) {
            self.source_roots.extend(root);
            return;
        }
        let words = path.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
        for word in words.filter(|word| word.len() > 4) {
            self.source_globals.push(word.to_owned());
            self.source_words.push(word.to_owned());
        }
    }

    fn read(&mut self, file: &ModelFile) -> Result<(), String> {
        for (kind, paths) in &file.sources {
            let kind = source_kind(kind).ok_or_else(|| format!("unknown kind of source `{kind}`"))?;
            for path in paths {
                if let Some(member) = path.strip_prefix("*.") {
                    *self.any_sources.entry(member.into()).or_default() |= 1 << kind;
                    self.source_words.push(member.to_owned());
                    self.source_globals.push(member.to_owned());
                    continue;
                }
                let place = self.enter(path)?;
                self.known[place as usize].sources |= 1 << kind;
                if SOURCES[usize::from(kind)] == "random" {
                    self.source_words.extend(last_name(path));
                    self.drawn_roots.extend(first_name(path));
                }
                if COMES_IN.contains(&SOURCES[usize::from(kind)]) {
                    self.source_words.extend(last_name(path));
                    // What a page gives is there without an import.
                    let page = SOURCES[usize::from(kind)] == "dom";
                    let roots = if page { &mut self.source_globals } else { &mut self.source_roots };
                    roots.extend(first_name(path));
                }
            }
        }
        for (kind, places) in &file.sinks {
            let kind = sink_kind(kind).ok_or_else(|| format!("unknown kind of sink `{kind}`"))?;
            for place in places {
                self.sink(kind, place)?;
            }
        }
        for (kind, paths) in &file.sanitizers {
            if kind == "none" {
                for path in paths {
                    let place = self.enter(path.strip_suffix("()").unwrap_or(path))?;
                    self.known[place as usize].decodes = true;
                }
                continue;
            }
            let clears = match kind.as_str() {
                "all" => SinkSet::MAX,
                "path" => kinds(&["path", "write"]),
                "header" => kinds(&["header", "answer-header"]),
                kind => 1 << sink_kind(kind).ok_or_else(|| format!("unknown kind of sink `{kind}`"))?,
            };
            for path in paths {
                let place = self.enter(path.strip_suffix("()").unwrap_or(path))?;
                self.known[place as usize].clears |= clears;
            }
        }
        for (path, types) in &file.parameters {
            let parameters = self.parameters(types)?;
            // `*.on(0=entry)`
            if let Some(rest) = path.strip_prefix("*.") {
                let (method, inside) =
                    rest.strip_suffix(')').and_then(|rest| rest.split_once('(')).unwrap_or((rest, ""));
                let conditions = conditions(inside)?;
                self.source_words.extend(conditions.is_empty().then(|| method.to_owned()));
                self.source_words.extend(conditions.iter().flat_map(|condition| condition.values.clone()));
                self.any_parameters.entry(method.into()).or_default().push((conditions, parameters));
                continue;
            }
            // `http2.Server.on(0=stream)`
            let (path, inside) = path.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).unwrap_or((path, ""));
            let place = self.enter(path)?;
            // What they are given brings data in, or is of a type that does.
            self.source_words.extend(last_name(path));
            self.source_roots.extend(first_name(path));
            let known = &mut self.known[place as usize];
            match inside.is_empty() {
                true => known.parameters = Some(parameters),
                false => known.parameters_where.push((conditions(inside)?, parameters)),
            }
        }
        for (path, kind) in &file.returns {
            // `fastapi.App.get(response_class=fastapi.responses.HTMLResponse)`
            let (path, inside) = path.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).unwrap_or((path, ""));
            let (place, returned) = (self.enter(path)?, self.returned(kind)?);
            self.known[place as usize].returns.push((conditions(inside)?, returned));
        }
        for path in &file.shared {
            let place = self.enter(path)?;
            self.known[place as usize].shared = true;
        }
        for path in &file.parses {
            let place = self.enter(path)?;
            self.known[place as usize].parses = true;
        }
        for path in &file.plain {
            let place = self.enter(path)?;
            self.known[place as usize].plain = true;
        }
        for path in &file.injects {
            let place = self.enter(path)?;
            self.known[place as usize].injects = true;
        }
        for GuessSyntax { imports, functions, files, names, answers, types, returns } in &file.guess {
            let parameters = self.parameters(types)?;
            let returns = returns.as_deref().map(|returns| self.returned(returns)).transpose()?;
            match names.first() {
                Some(first) if imports.is_empty() && first != "{}" => self.source_parameters.push(first.clone()),
                _ if !files.is_empty() => self.source_files.extend(files.iter().cloned()),
                _ => self.source_functions.extend(functions.iter().cloned()),
            }
            let (imports, functions) = (imports.clone(), functions.clone());
            let (files, names, answers) = (files.clone(), names.clone(), answers.clone());
            self.guesses.push(Guess { imports, functions, files, names, answers, parameters, returns });
        }
        Ok(())
    }

    /// A kind of sink, or a path that what is returned is as if given to.
    fn returned(&mut self, name: &str) -> Result<Returned, String> {
        match sink_kind(name) {
            Some(kind) => Ok(Returned::To(kind)),
            None if name.contains('.') => Ok(Returned::As(self.enter(name)?)),
            None => Err(format!("unknown kind of sink `{name}`")),
        }
    }

    fn parameters(&mut self, types: &[String]) -> Result<Parameters, String> {
        let mut parameters = Parameters::default();
        for kind in types {
            let plain = kind.trim_end_matches("...");
            parameters.repeats = plain.len() < kind.len();
            parameters.list.push(match plain.strip_prefix('$') {
                Some(source) => {
                    let kind = source_kind(source).ok_or_else(|| format!("unknown kind of source `{source}`"))?;
                    Parameter::Source(kind)
                }
                None if plain.is_empty() => Parameter::Unknown,
                None => Parameter::Typed(self.enter(plain)?),
            });
        }
        Ok(parameters)
    }

    fn sink(&mut self, kind: u8, source: &str) -> Result<(), String> {
        if let Some(path) = source.strip_suffix('=') {
            match path.strip_prefix("*.") {
                Some(member) => *self.any_assigned.entry(member.into()).or_default() |= 1 << kind,
                None => {
                    let place = self.enter(path)?;
                    self.known[place as usize].assigned |= 1 << kind;
                }
            }
            return Ok(());
        }
        let (path, inside) = source
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once('('))
            .ok_or_else(|| format!("`{source}` is no call and no assignment"))?;
        let mut parts = inside.split(';').map(str::trim);
        let arguments = parts.next().unwrap_or_default().split([',', '|']).map(|text| argument(text.trim())).collect();
        let conditions = parts.map(condition).collect::<Result<Vec<Condition>, String>>()?;
        let is_program = conditions.is_empty() && starts_program(path);
        let any = path.strip_prefix("*.");
        let (holder, method) = match any.and_then(|method| method.rsplit_once('.')) {
            Some((holder, method)) => (Some(holder.into()), Some(method)),
            None => (None, any),
        };
        let sink = Sink { kind, arguments, conditions, is_program, holder };
        match method {
            Some(method) => self.any_sinks.entry(method.into()).or_default().push(sink),
            None => {
                let place = self.enter(path)?;
                self.known[place as usize].sinks.push(sink);
            }
        }
        Ok(())
    }

    /// The place of a path, made where there is none; types that it passes through are followed.
    fn enter(&mut self, path: &str) -> Result<Place, String> {
        let mut place = ROOT;
        let steps = steps(path).ok_or_else(|| format!("`{path}` is no path"))?;
        for (at, step) in steps.iter().enumerate() {
            if at > 0 {
                place = self.known[place as usize].becomes.unwrap_or(place);
            }
            let next = self.known.len() as Place;
            let known = &mut self.known[place as usize];
            let slot = match step {
                Step::Member(name) => *known.members.entry((*name).into()).or_insert(next),
                Step::Call => *known.call.get_or_insert(next),
                Step::Element => *known.element.get_or_insert(next),
            };
            if slot == next {
                self.known.push(Known::default());
            }
            place = slot;
        }
        Ok(place)
    }

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

/// Whether a path is a function that starts a program by itself, without a shell.
fn starts_program(path: &str) -> bool {
    const STARTERS: &[(&str, &[&str])] = &[
        ("subprocess.", &["run", "call", "check_call", "check_output", "Popen"]),
        ("child_process.", &["spawn", "spawnSync", "execFile", "execFileSync", "fork"]),
        ("asyncio.", &["create_subprocess_exec"]),
        ("os.", &["exec", "spawn", "posix_spawn"]),
    ];
    STARTERS.iter().any(|(module, names)| {
        let name = path.strip_prefix(module).unwrap_or_default();
        names.iter().any(|&own| own == name || *module == "os." && name.starts_with(own))
    })
}

fn first_name(path: &str) -> Option<String> {
    let first = path.split(['.', '(', '[', '/']).next().unwrap_or(path);
    Some(first.trim_start_matches('@').to_owned()).filter(|name| name.len() > 1)
}

fn last_name(path: &str) -> Option<String> {
    let plain = path.trim_end_matches(['(', ')', '[', ']']);
    // By itself that stands in most files.
    if let Some((before, "open")) = plain.rsplit_once('.') {
        return Some(format!("{}.open", before.rsplit('.').next().unwrap_or(before)));
    }
    plain.rsplit('.').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

fn argument(text: &str) -> Argument {
    match text {
        "*" => return Argument::Any,
        "recv" => return Argument::Receiver,
        "**" => return Argument::Spread,
        _ => {}
    }
    let (mut position, mut keyword, mut property) = (None, None, None);
    for choice in text.split('|') {
        let (at, inside) = choice.split_once('.').map_or((choice, None), |(at, name)| (at, Some(name)));
        match at.parse() {
            Ok(number) => position = Some(number),
            Err(_) => keyword = Some(at.to_owned()),
        }
        property = inside.map(str::to_owned).or(property);
    }
    Argument::At { position, keyword, property }
}

/// The conditions on other arguments that stand in brackets after a path.
fn conditions(inside: &str) -> Result<Vec<Condition>, String> {
    inside.split(';').map(str::trim).filter(|part| !part.is_empty()).map(condition).collect()
}

fn condition(text: &str) -> Result<Condition, String> {
    let (negated, plain) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
    let (name, values) = plain.split_once('=').ok_or_else(|| format!("`{text}` is no condition"))?;
    let values = values.split('|').map(str::to_owned).collect();
    Ok(Condition { negated, argument: argument(name.trim()), values })
}
