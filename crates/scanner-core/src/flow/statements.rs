//! Which statements at the top of a file of Python say what a name is: of a file that is only imported, those that just
//! bind names are run when these are asked for. What may change something is run before the first of its names is.

use super::barrel::names_set;
use crate::ir::{Kind, Module, NodeId};
use foldhash::{HashMap, HashSet};

/// The statements at the top of a file: the children of the root.
#[derive(Debug)]
pub(super) struct Statements<'p> {
    /// Of each, those that bind the names that it reads.
    needs: Vec<Vec<usize>>,
    /// Those that do more than bind names, and what they need, in order.
    effects: Vec<usize>,
    by_name: HashMap<&'p str, Vec<usize>>,
}

/// What a statement, or the body of a function, does with names.
#[derive(Debug, Default)]
struct Names<'p> {
    binds: Vec<&'p str>,
    reads: Vec<&'p str>,
    /// What calls in it are made with: the functions, what these are members of, and what they are given.
    calls: Vec<&'p str>,
    /// Whether it does more than bind names, whatever those are that it reads.
    changes: bool,
    /// Whether it only defines a function or a class.
    defines: bool,
}

impl<'p> Statements<'p> {
    pub(super) fn of(module: &Module, text: &'p str) -> Statements<'p> {
        let roots = module.root().map_or(&[][..], |root| module.children(root));
        let mut names: Vec<Names<'_>> = roots.iter().map(|&node| Names::of(module, text, node)).collect();
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::default();
        for (at, names) in names.iter().enumerate() {
            names.binds.iter().for_each(|name| by_name.entry(name).or_default().push(at));
        }
        by_name.values_mut().for_each(|statements| statements.dedup());
        // A name that is bound again is something else before than after.
        let is_bound_again = |name: &&str| by_name.get(name).is_some_and(|statements| statements.len() > 1);
        let is_effect = |names: &Names<'_>| {
            names.changes
                || !names.defines && names.calls.iter().any(|name| by_name.contains_key(name))
                || names.binds.iter().chain(&names.reads).any(is_bound_again)
        };
        let effects: Vec<usize> = (0..names.len()).filter(|&at| is_effect(&names[at])).collect();
        let bodies = bodies(module, text, roots);
        names.iter_mut().for_each(|names| names.call(&bodies));
        let needs = |names: &Names<'_>| {
            let mut needs: Vec<usize> =
                names.reads.iter().filter_map(|name| by_name.get(name)).flatten().copied().collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        };
        let needs: Vec<Vec<usize>> = names.iter().map(needs).collect();
        let effects = with_needs(&needs, &effects, |_| false);
        Statements { needs, effects, by_name }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.needs.len()
    }

    /// Those that have to be run for a name, in order, without those that were.
    pub(super) fn for_name(&self, name: &str, ran: &[bool]) -> Vec<usize> {
        with_needs(&self.needs, self.by_name.get(name).map_or(&[], Vec::as_slice), |at| ran[at])
    }

    /// Those that have to be run before the first name is asked for.
    pub(super) fn for_effect(&self) -> &[usize] {
        &self.effects
    }
}

/// Statements with all that they need, in order, without those that were run.
fn with_needs(needs: &[Vec<usize>], statements: &[usize], ran: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut left: Vec<usize> = statements.iter().copied().filter(|&at| !ran(at)).collect();
    if left.is_empty() {
        return left;
    }
    let mut wanted: HashSet<usize> = left.iter().copied().collect();
    while let Some(at) = left.pop() {
        left.extend(needs[at].iter().copied().filter(|&need| !ran(need) && wanted.insert(need)));
    }
    let mut wanted: Vec<usize> = wanted.into_iter().collect();
    wanted.sort_unstable();
    wanted
}

impl<'p> Names<'p> {
    fn of(module: &Module, text: &'p str, statement: NodeId) -> Names<'p> {
        let mut names = Names::default();
        // An importer never runs that.
        let is_main = |condition: NodeId| {
            let written = &text[module.node(condition).span.range()];
            module.kind(condition) == Kind::Binary
                && written.contains("==")
                && written.contains("__name__")
                && written.contains("__main__")
        };
        match module.kind(statement) {
            Kind::If if module.children(statement).len() == 2 && module.child(statement, 0).is_some_and(is_main) => {}
            Kind::Function => {
                names.defines = true;
                names.binds.push(module.text(statement, text));
            }
            Kind::Class => {
                names.defines = true;
                names.binds.push(module.text(statement, text));
                // Its fields are worked out when they are asked for.
                let heads = module.children(statement).split_last().map_or(&[][..], |(_, heads)| heads);
                heads.iter().for_each(|&head| names.walk(module, text, head));
            }
            Kind::Assign => names.walk(module, text, statement),
            _ => {
                names.walk(module, text, statement);
                names.changes |= !names.calls.is_empty();
            }
        }
        names
    }

    /// Notes what the functions read that a statement may call: it stands in a branch, where nothing else may be run.
    fn call(&mut self, bodies: &HashMap<&'p str, Names<'p>>) {
        let mut left: Vec<&str> = self.calls.clone();
        let mut seen: HashSet<&str> = HashSet::default();
        while let Some(name) = left.pop() {
            if let Some(body) = bodies.get(name).filter(|_| seen.insert(name)) {
                self.reads.extend(&body.reads);
                left.extend(&body.reads);
            }
        }
    }

    /// Notes the names of what is run where a statement is: the bodies of functions are not.
    fn walk(&mut self, module: &Module, text: &'p str, node: NodeId) {
        let mut left = vec![(node, false)];
        while let Some((node, in_call)) = left.pop() {
            let in_call = in_call || matches!(module.kind(node), Kind::Call | Kind::Decorator);
            match module.kind(node) {
                Kind::Name => {
                    self.reads.push(module.text(node, text));
                    self.calls.extend(in_call.then(|| module.text(node, text)));
                }
                // Whatever it is, it is given what it stands before.
                Kind::Decorator | Kind::Augment => self.changes = true,
                Kind::Assign | Kind::Bind | Kind::Case => {
                    let target = module.child(node, 0).map(|target| module.kind(target));
                    self.changes |= matches!(target, Some(Kind::Member | Kind::Index));
                }
                _ => {}
            }
            self.binds.extend(names_set(module, text, node).into_iter().filter(|name| !name.is_empty()));
            if module.kind(node) == Kind::Function {
                continue;
            }
            left.extend(module.children(node).iter().map(|&child| (child, in_call)));
        }
    }
}

/// What the functions of a file read, and the methods of its classes, wherever in them.
fn bodies<'p>(module: &Module, text: &'p str, roots: &[NodeId]) -> HashMap<&'p str, Names<'p>> {
    let mut bodies: HashMap<&str, Names<'_>> = HashMap::default();
    for &root in roots {
        let definition = match module.children(root) {
            [first, .., last] if module.kind(*first) == Kind::Decorator => *last,
            _ => root,
        };
        if matches!(module.kind(definition), Kind::Function | Kind::Class) {
            let names = module.subtree(definition).filter(|&node| module.kind(node) == Kind::Name);
            let body = bodies.entry(module.text(definition, text)).or_default();
            body.reads.extend(names.map(|node| module.text(node, text)));
        }
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::Statements;
    use crate::language::Language;
    use crate::limits::Limits;

    /// The lines that are run for a name, without what is run for effect before; for no name, those.
    fn lines_for(text: &str, name: &str) -> Vec<usize> {
        let module = Language::Python.lower(text, &Limits::default()).expect("it parses");
        let statements = Statements::of(&module, text);
        let wanted = match name {
            "" => statements.for_effect().to_vec(),
            name => statements.for_name(name, &vec![false; statements.count()]),
        };
        let root = module.root().expect("there are statements");
        let line = |at: usize| {
            let node = module.children(root)[at];
            text[..module.node(node).span.start as usize].matches('\n').count() + 1
        };
        wanted.into_iter().map(line).collect()
    }

    #[test]
    fn of_a_file_only_what_a_name_needs_is_run() {
        let text = "import os\nA = 1\nB = A + 1\ndef f():\n    return B\nLOG = os.getpid()\nD = {'f': f}\nclass E(F):\n    at = B\nF = object\n\
            if os.name:\n    H = 1\nelse:\n    H = A\nif __name__ == '__main__':\n    f()\n";
        assert_eq!(lines_for(text, "A"), [2]);
        assert_eq!(lines_for(text, "B"), [2, 3]);
        assert_eq!(lines_for(text, "f"), [4], "what it reads is asked for when it is called");
        assert_eq!(lines_for(text, "LOG"), [6]);
        assert_eq!(lines_for(text, "D"), [4, 7]);
        assert_eq!(lines_for(text, "E"), [8, 10], "fields are asked for later");
        assert_eq!(lines_for(text, "H"), [2, 11]);
        assert_eq!(lines_for(text, "os"), [0; 0]);
        assert_eq!(lines_for(text, ""), [0; 0]);
    }

    #[test]
    fn what_may_change_something_is_run_first() {
        for (text, lines) in [
            ("from a import T\nT['x'] = 1\n", vec![2]),
            ("from a import T\nT.update(x=1)\n", vec![2]),
            ("R = []\ndef add(f):\n    R.append(f)\n@add\ndef g(): pass\n", vec![1, 2, 4]),
            ("R = []\nr = R\n_ = r.append(1)\n", vec![1, 2, 3]),
            ("def make():\n    return A\nA = 1\nB = make()\n", vec![1, 3, 4]),
            ("h = 1\nB = [h]\nh = 2\nC = 1\n", vec![1, 2, 3]),
            ("A = []\nfor x in A:\n    x.y = 1\n", vec![1, 2]),
            ("A = []\nA += [1]\n", vec![1, 2]),
        ] {
            assert_eq!(lines_for(text, ""), lines, "{text}");
        }
    }
}
