//! Reads model files into the tree of public paths.

use super::{
    Argument, Condition, Guess, Known, Models, Parameter, Parameters, Place, ROOT, Returned, Sink, SinkSet, Step,
    kinds, steps,
};
use crate::rule::flow::{SOURCES, sink_kind, source_kind};
use crate::rule::syntax::{GuessSyntax, ModelFile};
use foldhash::HashMap;

/// Kinds of source by which files are chosen: what a program reads from its own store, and who starts
/// it, are in nearly all of them.
const COMES_IN: &[&str] = &["remote", "remote-object", "response", "dom", "llm", "library", "archive", "plugin"];

/// Modules that most files import.
const EVERYWHERE: &[&str] = &["os"];

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
            any_clears: HashMap::default(),
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
                    let calls = models.known[place as usize].calls_mut();
                    let becoming = if of_receiver { &mut calls.receivers } else { &mut calls.types };
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
        // By each path that a source is or lies under: the first of them.
        let mut under: HashMap<&str, (&str, bool)> = HashMap::default();
        for &(source, page) in &sources {
            let ends = source.match_indices('.').map(|(end, _)| end).chain([source.len()]);
            for end in ends {
                under.entry(&source[..end]).or_insert((source, page));
            }
        }
        // Where a module tells of parameters that bring data in, it does.
        let brings = |kind: &String| match kind.trim_end_matches("...").strip_prefix('$') {
            Some(kind) => COMES_IN.contains(&kind),
            None => under.contains_key(kind.as_str()),
        };
        for guess in files.iter().flat_map(|file| &file.guess).filter(|guess| guess.types.iter().any(brings)) {
            self.source_roots.extend(guess.imports.iter().map(|import| import.trim_start_matches('@').to_owned()));
        }
        for (path, name) in files.iter().flat_map(|file| &file.types) {
            // `self.location` is found by `location`.
            if path.strip_suffix(name).is_some_and(|before| before.ends_with('.')) {
                continue;
            }
            let Some(&(source, page)) = under.get(name.as_str()) else { continue };
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
                match SOURCES[usize::from(kind)] {
                    "random" => {
                        self.source_words.extend(last_name(path));
                        self.drawn_roots.extend(first_name(path));
                    }
                    // What makes one is called `new`, as much else is.
                    "mac" => {
                        self.source_words.extend(first_name(path));
                        self.drawn_roots.extend(first_name(path));
                    }
                    _ => {}
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
                "path" => kinds(&["path", "write", "sibling", "absolute"]),
                "header" => kinds(&["header", "answer-header"]),
                kind => 1 << sink_kind(kind).ok_or_else(|| format!("unknown kind of sink `{kind}`"))?,
            };
            for path in paths {
                if let Some(method) = path.strip_prefix("*.") {
                    if method.contains('.') {
                        return Err(format!("`{path}` is no method of anything"));
                    }
                    *self.any_clears.entry(method.into()).or_default() |= clears;
                    continue;
                }
                let place = self.enter(path)?;
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
            match path.strip_suffix(".*") {
                // `$.fn.*`: whatever is put there.
                Some(holder) => {
                    self.source_words.extend(last_name(holder));
                    self.source_globals.push(holder.to_owned());
                }
                None => {
                    self.source_words.extend(last_name(path));
                    self.source_roots.extend(first_name(path));
                }
            }
            let calls = self.known[place as usize].calls_mut();
            match inside.is_empty() {
                true => calls.parameters = Some(parameters),
                false => calls.parameters_where.push((conditions(inside)?, parameters)),
            }
        }
        for (path, kind) in &file.returns {
            // `fastapi.App.get(response_class=fastapi.responses.HTMLResponse)`
            let (path, inside) = path.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')).unwrap_or((path, ""));
            let (place, returned) = (self.enter(path)?, self.returned(kind)?);
            self.known[place as usize].calls_mut().returns.push((conditions(inside)?, returned));
        }
        type Mark = fn(&mut Known) -> &mut bool;
        let marks: [(&[String], Mark); 6] = [
            (&file.shared, |known| &mut known.shared),
            (&file.parses, |known| &mut known.parses),
            (&file.plain, |known| &mut known.plain),
            (&file.wraps, |known| &mut known.wraps),
            (&file.injects, |known| &mut known.injects),
            (&file.tables, |known| &mut known.tables),
        ];
        for (paths, mark) in marks {
            for path in paths {
                let place = self.enter(path)?;
                *mark(&mut self.known[place as usize]) = true;
            }
        }
        for GuessSyntax { imports, functions, files, names, answers, within, types, returns } in &file.guess {
            let parameters = self.parameters(types)?;
            let returns = returns.as_deref().map(|returns| self.returned(returns)).transpose()?;
            match names.first() {
                Some(first) if imports.is_empty() && first != "{}" => self.source_parameters.push(first.clone()),
                _ if !files.is_empty() => self.source_files.extend(files.iter().cloned()),
                _ => {
                    self.source_words.extend(functions.iter().filter(|_| names.is_empty()).cloned());
                    self.source_functions.extend(functions.iter().cloned());
                }
            }
            let (imports, functions) = (imports.clone(), functions.clone());
            let (files, names, answers) = (files.clone(), names.clone(), answers.clone());
            let within = within.clone();
            self.guesses.push(Guess { imports, functions, files, names, answers, within, parameters, returns });
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
                self.known[place as usize].calls_mut().sinks.push(sink);
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
}

/// Whether a path is a function that starts a program by itself, without a shell.
fn starts_program(path: &str) -> bool {
    const STARTERS: &[(&str, &[&str])] = &[
        ("subprocess.", &["run", "call", "check_call", "check_output", "Popen"]),
        ("child_process.", &["spawn", "spawnSync", "execFile", "execFileSync", "fork"]),
        ("asyncio.", &["create_subprocess_exec"]),
        ("os.", &["exec", "spawn", "posix_spawn"]),
        ("execa", &["", ".execa", ".execaSync", ".sync"]),
        ("cross-spawn", &["", ".sync", ".spawn"]),
    ];
    STARTERS.iter().any(|(module, names)| {
        let Some(name) = path.strip_prefix(module) else { return false };
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
