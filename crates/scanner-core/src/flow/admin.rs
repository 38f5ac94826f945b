//! Data that only those send who administrate a program: what they choose of files and addresses is mostly theirs to
//! choose.

use super::call::Given;
use super::engine::{Engine, Run};
use super::model::kinds;
use super::typed::with_decorators;
use super::value::{Callee, Taint, UnitId};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use crate::span::Span;

/// Words for who administrates a program.
const WHO: &[&str] = &["admin", "admins", "administrator", "staff"];
/// Words beside them in names of what lets nobody else pass.
#[rustfmt::skip] // a word a line would be a page
const PASS: &[&str] = &[
    "required", "require", "requires", "only", "check", "is", "needs", "need", "must", "verify", "ensure", "current", "active", "member",
    "user", "allow", "permission", "permissions", "perm", "authenticated", "auth", "access", "mixin", "guard", "base",
];

/// Letters of an expression that asks who somebody is.
const MAX_ASKED: usize = 80;
/// Lines after a condition in which those are turned away whom it is about: a line for the log, then the answer.
const MAX_REFUSAL: usize = 2;

impl<'p> Engine<'p> {
    /// Kinds of sink that harm who sends the data, by a link that another has made: administrators are as good as anyone.
    pub(super) fn is_for_sender(&self, sink: u8) -> bool {
        const KINDS: &[&str] = &["html", "redirect", "header", "answer-header", "link", "open", "allowed-origin"];
        kinds(KINDS) >> sink & 1 == 1
    }

    /// Kinds of sink in which what administrators send is hardly worth a word: which files and which addresses.
    pub(super) fn is_of_admins(&self, sink: u8) -> bool {
        const KINDS: &[&str] = &[
            "path",
            "write",
            "sibling",
            "absolute",
            "ssrf",
            "reflection",
            "mass-assignment",
            "log",
            "argument",
            "exponential-regex",
            "polynomial-regex",
            "regex",
            "prompt",
            "trust-boundary",
        ];
        kinds(KINDS) >> sink & 1 == 1
    }

    /// Whether data comes in where only administrators get to, as far as the decorators, the parameters and the class of
    /// the function say, in JavaScript its route, and what it asks before.
    pub(super) fn is_from_admins(&mut self, taint: &Taint) -> bool {
        let (unit, span) = taint.origin();
        if let Some(&known) = self.admins.get(&(unit, span)) {
            return known;
        }
        let answer = self.asks_for_admin(unit, span);
        self.admins.insert((unit, span), answer);
        answer
    }

    fn asks_for_admin(&self, unit: UnitId, origin: Span) -> bool {
        let file = self.unit(unit);
        let module = file.module;
        let holds = |id: NodeId| {
            module.kind(id) == Kind::Function && module.node(id).span.range().contains(&(origin.start as usize))
        };
        let is_python = self.is_python(unit);
        let says = |function: NodeId| {
            let class = module.ancestors(function).find(|&id| module.kind(id) == Kind::Class);
            says_admin(head(with_decorators(module, file.text, function)))
                || class.is_some_and(|class| says_admin(head(file.written(class))))
        };
        let turns_away = |function: NodeId| {
            let start = module.node(function).span.start as usize;
            others_turned_away(&file.text[start..origin.start as usize])
        };
        let is_said = |id: NodeId| if is_python { says(id) } else { self.admin_handlers.contains(&(unit, id)) };
        (0..module.len() as NodeId).any(|id| holds(id) && (is_said(id) || turns_away(id)))
    }

    /// Notes functions that a route runs only after another one that lets nobody pass but administrators:
    /// `router.post("/backups", requireAdmin, restore)`.
    pub(super) fn note_admin_handlers(&mut self, run: &Run<'p>, given: &[Given<'p>]) {
        let file = self.unit(run.unit);
        let (before, handlers): (Vec<&Given<'p>>, Vec<&Given<'p>>) =
            given.iter().partition(|given| !matches!(file.module.kind(given.node), Kind::Function));
        let lets_pass = |given: &&Given<'p>| {
            !matches!(file.module.kind(given.node), Kind::Str | Kind::Template) && only_admins(file.written(given.node))
        };
        if before.iter().any(lets_pass) {
            let all = before.into_iter().chain(handlers);
            let functions = all.flat_map(|given| &given.value.callees).filter_map(|callee| match callee {
                Callee::Function(function) => Some((function.unit, function.node)),
                _ => None,
            });
            self.admin_handlers.extend(functions);
        }
    }
}

/// Whether what stands before an argument of a route lets only administrators pass, by the words in it:
/// `isAuthenticated(Permission.ADMIN)`, `checkRole("admin")`.
fn only_admins(expression: &str) -> bool {
    const ASKS: &[&str] = &["role", "roles", "has", "can", "policy", "permit", "authorize", "protect", "restrict"];
    // A handler of its own is no question.
    if expression.len() > MAX_ASKED {
        return false;
    }
    words::has_one(expression, WHO) && [PASS, ASKS].iter().any(|asks| words::has_one(expression, asks))
}

/// Whether a function has turned away all but administrators where it has come to:
/// `if (!req.user.isAdmin) return res.sendStatus(403)`.
fn others_turned_away(before: &str) -> bool {
    const REFUSES: &[&str] = &["403", "401", "orbidden", "ORBIDDEN", "abort(", "enied", "nauthorized"];
    let mut lines = before.lines();
    while let Some(line) = lines.next() {
        let asked = line.trim_start();
        let is_not = asked.starts_with("if ") && (asked.contains("not ") || asked.contains('!'));
        let mut names = asked.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let asks = |name: &str| {
            name.contains("superuser")
                || words::has_one(name, WHO) && words::has_one(name, &["is", "has", "require", "check"])
        };
        if is_not && names.any(asks) {
            let refuses = |line: &str| REFUSES.iter().any(|word| line.contains(word));
            if refuses(asked) || lines.clone().take(MAX_REFUSAL).any(refuses) {
                return true;
            }
        }
    }
    false
}

/// A function or a class up to its body.
fn head(text: &str) -> &str {
    let mut depth = 0;
    let mut lines = text.split_inclusive('\n');
    let mut end = 0;
    for line in &mut lines {
        end += line.len();
        depth += line.matches(['(', '[']).count();
        depth = depth.saturating_sub(line.matches([')', ']']).count());
        if depth == 0 && line.trim_end().ends_with(':') {
            break;
        }
    }
    &text[..end]
}

/// Whether a name outside of strings says that only administrators pass.
fn says_admin(head: &str) -> bool {
    let is_plain = |(at, part): (usize, &str)| (at % 2 == 0).then_some(part.to_owned());
    let lower = head.to_ascii_lowercase();
    if !["admin", "super", "staff"].iter().any(|who| lower.contains(who)) {
        return false;
    }
    let outside: Vec<String> = head.split(['"', '\'']).enumerate().filter_map(is_plain).collect();
    let names = outside.iter().flat_map(|part| part.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
    names.filter(|name| name.len() > 5).any(|name| {
        let words = words::split(name);
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        let lower = name.to_ascii_lowercase();
        let is_super = ["superuser", "superadmin"].iter().any(|who| lower.contains(who) && lower.len() > who.len());
        is_super || has(WHO) && has(PASS)
    })
}

#[cfg(test)]
mod tests {
    use super::{head, only_admins, others_turned_away, says_admin};

    #[test]
    fn others_are_turned_away() {
        for text in [
            "if (!req.user.isAdminOrUp) {\n  log(1)\n  return res.sendStatus(403)\n}\n",
            "if not request.user.is_superuser:\n    raise PermissionDenied\n",
            "if not current_user.is_admin: abort(403)\n",
        ] {
            assert!(others_turned_away(text), "{text}");
        }
        for text in [
            "if (req.user.isAdmin) {\n  return res.sendStatus(403)\n}\n",
            "if (!req.user.isAdmin) {\n  limit = 10\n}\n",
            "if not request.user.is_active:\n    raise PermissionDenied\n",
        ] {
            assert!(!others_turned_away(text), "{text}");
        }
        assert!(only_admins("isAuthenticated(Permission.ADMIN)") && only_admins("checkRole('admin')"));
        assert!(!only_admins("adminController.list") && !only_admins("isAuthenticated()"));
    }

    #[test]
    fn names_say_who_passes() {
        for text in [
            "@bp.route('/x')\n@admins_only\ndef f(x):\n",
            "@staff_member_required\ndef f(request):\n",
            "@router.post(\"\", dependencies=[Depends(check_admin)])\nasync def f(data: Data):\n",
            "class Backups(BaseAdminController):\n",
            "def f(id: str, user: User = Depends(get_current_superuser)):\n",
            "@user_passes_test(lambda user: user.is_superuser)\ndef f(request):\n",
        ] {
            assert!(says_admin(head(text)), "{text}");
        }
        for text in [
            "@admin.route('/admin_required')\ndef f(x):\n",
            "@app.get('/admin/check_admin')\ndef f(x):\n    check_admin()\n",
            "class Administration(View):\n",
            "@login_required\ndef f(request, staff):\n",
        ] {
            assert!(!says_admin(head(text)), "{text}");
        }
    }
}
