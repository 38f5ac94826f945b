//! Which statements at the top of a file of Python say what a name is: of a file that is only imported, no others are
//! run.

use super::barrel::names_in;
use crate::ir::{Kind, Module, NodeId};
use foldhash::{HashMap, HashSet};

/// The statements at the top of a file: the children of the root.
#[derive(Debug)]
pub(super) struct Statements<'p> {
    /// Of each, those that say what the names are that it reads.
    needs: Vec<Vec<usize>>,
    /// Those that bind a name, or may change what it holds.
    by_name: HashMap<&'p str, Vec<usize>>,
}

/// Methods that change what they are called on.
const CHANGERS: &[&str] =
    &["add", "append", "appendleft", "extend", "insert", "push", "put", "register", "setdefault", "update"];

/// What a statement, or the body of a function, does with names.
#[derive(Debug, Default)]
struct Names<'p> {
    binds: Vec<&'p str>,
    reads: Vec<&'p str>,
    /// Names whose value it may change without binding them.
    changes: Vec<&'p str>,
}

impl<'p> Statements<'p> {
    pub(super) fn of(module: &Module, text: &'p str) -> Statements<'p> {
        let roots = module.root().map_or(&[][..], |root| module.children(root));
        let mut names: Vec<Names<'_>> = roots.iter().map(|&node| Names::of(module, text, node)).collect();
        let bodies = bodies(module, text, roots);
        names.iter_mut().for_each(|names| names.call(&bodies));
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::default();
        for (at, names) in names.iter().enumerate() {
            names.binds.iter().for_each(|name| by_name.entry(name).or_default().push(at));
        }
        for (at, names) in names.iter().enumerate() {
            for name in &names.changes {
                // What is imported is changed for all, wherever that is run.
                if let Some(statements) = by_name.get_mut(name) {
                    statements.push(at);
                }
            }
        }
        for statements in by_name.values_mut() {
            statements.sort_unstable();
            statements.dedup();
        }
        let needs = |names: &Names<'_>| {
            let mut needs: Vec<usize> =
                names.reads.iter().filter_map(|name| by_name.get(name)).flatten().copied().collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        };
        Statements { needs: names.iter().map(needs).collect(), by_name }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.needs.len()
    }

    /// Those that have to be run for a name, in order, without those that were.
    pub(super) fn for_name(&self, name: &str, ran: &[bool]) -> Vec<usize> {
        let own = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let mut left: Vec<usize> = own.iter().copied().filter(|&at| !ran[at]).collect();
        if left.is_empty() {
            return left;
        }
        let mut wanted: HashSet<usize> = left.iter().copied().collect();
        while let Some(at) = left.pop() {
            left.extend(self.needs[at].iter().copied().filter(|&need| !ran[need] && wanted.insert(need)));
        }
        let mut wanted: Vec<usize> = wanted.into_iter().collect();
        wanted.sort_unstable();
        wanted
    }
}

impl<'p> Names<'p> {
    fn of(module: &Module, text: &'p str, node: NodeId) -> Names<'p> {
        let mut names = Names::default();
        // What is decorated stands in one node with its decorators.
        let (statement, decorators) = match module.children(node) {
            [decorators @ .., last] if decorators.first().is_some_and(|&at| module.kind(at) == Kind::Decorator) => {
                (*last, decorators)
            }
            _ => (node, &[][..]),
        };
        // An importer never runs that.
        let is_main = |condition: NodeId| {
            let written = &text[module.node(condition).span.range()];
            written.contains("__name__") && written.contains("__main__")
        };
        if module.kind(statement) == Kind::If && module.child(statement, 0).is_some_and(is_main) {
            return names;
        }
        for &decorator in decorators {
            names.walk(module, text, decorator);
        }
        // `@registry.add` changes the registry.
        names.changes = names.reads.clone();
        match module.kind(statement) {
            Kind::Function => names.binds.push(module.text(statement, text)),
            Kind::Class => {
                names.binds.push(module.text(statement, text));
                // Its fields are worked out when they are asked for.
                let heads = module.children(statement).split_last().map_or(&[][..], |(_, heads)| heads);
                heads.iter().for_each(|&head| names.walk(module, text, head));
            }
            Kind::Assign => {
                names.walk(module, text, statement);
                names.changes.extend(module.child(statement, 0).and_then(|target| holder(module, text, target)));
            }
            _ => {
                names.walk(module, text, statement);
                names.touch(module, text, statement);
            }
        }
        names
    }

    /// Notes the names that a statement may change: those that it calls or gives to a call, those that it sets parts of.
    fn touch(&mut self, module: &Module, text: &'p str, statement: NodeId) {
        let mut left = vec![(statement, false)];
        while let Some((node, in_call)) = left.pop() {
            match module.kind(node) {
                Kind::Function => continue,
                Kind::Name if in_call => self.changes.push(module.text(node, text)),
                Kind::Assign | Kind::Augment => {
                    self.changes.extend(module.child(node, 0).and_then(|target| holder(module, text, target)));
                }
                _ => {}
            }
            let in_call = in_call || module.kind(node) == Kind::Call;
            left.extend(module.children(node).iter().map(|&child| (child, in_call)));
        }
    }

    /// What the body of a function reads and changes, wherever in it.
    fn of_body(module: &Module, text: &'p str, function: NodeId) -> Names<'p> {
        let mut names = Names::default();
        for node in module.subtree(function) {
            let target = module.child(node, 0);
            match module.kind(node) {
                Kind::Name => names.reads.push(module.text(node, text)),
                Kind::Outer => names.changes.extend(module.children(node).iter().map(|&name| module.text(name, text))),
                Kind::Assign | Kind::Augment => {
                    names.changes.extend(target.and_then(|target| holder(module, text, target)));
                }
                Kind::Call => {
                    let changes = |callee: &NodeId| CHANGERS.contains(&module.text(*callee, text));
                    let holder = target.filter(changes).and_then(|callee| holder(module, text, callee));
                    names.changes.extend(holder);
                }
                _ => {}
            }
        }
        names
    }

    /// Notes what the functions change that a statement may call.
    fn call(&mut self, bodies: &HashMap<&'p str, Names<'p>>) {
        let mut left: Vec<&str> = self.reads.clone();
        let mut seen: HashSet<&str> = HashSet::default();
        while let Some(name) = left.pop() {
            if let Some(body) = bodies.get(name).filter(|_| seen.insert(name)) {
                self.changes.extend(&body.changes);
                left.extend(&body.reads);
            }
        }
    }

    /// Notes the names of what is run where a statement is: the bodies of functions are not.
    fn walk(&mut self, module: &Module, text: &'p str, node: NodeId) {
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            match module.kind(node) {
                Kind::Name => self.reads.push(module.text(node, text)),
                Kind::Function => {
                    self.binds.push(module.text(node, text));
                    continue;
                }
                Kind::Class => self.binds.push(module.text(node, text)),
                Kind::Assign | Kind::Augment | Kind::Bind | Kind::Case => {
                    module
                        .child(node, 0)
                        .into_iter()
                        .for_each(|target| names_in(module, text, target, &mut self.binds));
                }
                _ => {}
            }
            left.extend(module.children(node));
        }
    }
}

/// The functions at the top of a file.
fn bodies<'p>(module: &Module, text: &'p str, roots: &[NodeId]) -> HashMap<&'p str, Names<'p>> {
    let function = |&node: &NodeId| match module.kind(node) {
        Kind::Function => Some(node),
        _ => module.children(node).last().copied().filter(|&last| module.kind(last) == Kind::Function),
    };
    roots
        .iter()
        .filter_map(function)
        .map(|node| (module.text(node, text), Names::of_body(module, text, node)))
        .collect()
}

/// The name of what a member or an element is of, at any depth: `x.y[z]`.
fn holder<'p>(module: &Module, text: &'p str, target: NodeId) -> Option<&'p str> {
    let mut at = target;
    while matches!(module.kind(at), Kind::Member | Kind::Index) {
        at = module.child(at, 0)?;
    }
    (at != target && module.kind(at) == Kind::Name).then(|| module.text(at, text))
}

#[cfg(test)]
mod tests {
    use super::Statements;
    use crate::language::Language;
    use crate::limits::Limits;

    fn lines_for(text: &str, name: &str) -> Vec<usize> {
        let module = Language::Python.lower(text, &Limits::default()).expect("it parses");
        let statements = Statements::of(&module, text);
        let wanted = statements.for_name(name, &vec![false; statements.count()]);
        let root = module.root().expect("there are statements");
        let line = |at: usize| {
            let node = module.children(root)[at];
            text[..module.node(node).span.start as usize].matches('\n').count() + 1
        };
        wanted.into_iter().map(line).collect()
    }

    #[test]
    fn of_a_file_only_what_a_name_needs_is_run() {
        let text = "import os\nA = 1\nB = A + 1\ndef f():\n    return B\nC = f()\nD = {}\nD['x'] = C\nclass E(F):\n    at = B\nF = object\n\
            @D.add\ndef g(): pass\nif os.name:\n    H = 1\nelse:\n    H = A\nfor name in D:\n    D[name] = 1\nif __name__ == '__main__':\n    f()\n";
        assert_eq!(lines_for(text, "A"), [2]);
        assert_eq!(lines_for(text, "B"), [2, 3]);
        assert_eq!(lines_for(text, "f"), [4]);
        assert_eq!(lines_for(text, "C"), [4, 6], "what a function reads is asked for when it is called");
        assert_eq!(lines_for(text, "D"), [4, 6, 7, 8, 12, 18]);
        assert_eq!(lines_for(text, "E"), [9, 11], "fields are asked for later");
        assert_eq!(lines_for(text, "H"), [2, 14]);
        assert_eq!(lines_for(text, "os"), [0; 0]);
    }

    #[test]
    fn what_functions_change_is_told_by_those_who_call_them() {
        let text = "ALL = {}\nLAST = None\ndef add(name):\n    def wrap(f):\n        put(name, f)\n        return f\n    return wrap\n\
            def put(name, f):\n    ALL[name] = f\n@add('x')\ndef run(x): pass\ndef set(x):\n    global LAST\n    LAST = x\n\
            done = set(1)\nother = len(ALL)\n";
        assert_eq!(lines_for(text, "ALL"), [1, 3, 10]);
        assert_eq!(lines_for(text, "LAST"), [2, 12, 15]);
    }
}
