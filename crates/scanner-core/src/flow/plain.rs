//! Answers that a browser shows as text: what a server has said of their kind before it writes them.

use super::call::Given;
use super::engine::{Engine, Run};
use super::value::{Callee, Class, Note, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use foldhash::HashMap;
use regex::bytes::Regex;
use std::rc::Rc;
use std::sync::LazyLock;

/// Methods and members that say of what kind an answer is.
const KINDS: &[&str] = &["setHeader", "set", "header", "append", "writeHead", "type", "contentType", "mimeType"];
/// How kinds start that no browser takes for HTML, also by the short names that Express has for them.
#[rustfmt::skip] // a word a line would be pages
const PLAIN: &[&str] = &[
    "text/plain", "application/json", "text/csv", "application/octet-stream", "image/png", "image/jpeg", "application/pdf",
    "application/zip", "application/x-www-form", "text/event-stream", "text/markdown", "text/css", "text/javascript",
    "application/javascript", "application/vnd.", "application/gzip", "application/problem+json", "image/gif", "image/webp", "image/x-icon", "audio/", "video/", "font/",
];
const SHORT: &[&str] = &["json", "text", "txt", "csv", "bin", ".json", ".txt"];

impl<'p> Engine<'p> {
    /// Whether data was read from a file that is a template or a page of the program, as the place says where it is read.
    pub(super) fn is_template(&self, taint: &Taint) -> bool {
        const TEMPLATES: &[&str] =
            &["template", "templates", "html", "layout", "partial", "partials", "views", "public", "index"];
        let (unit, span) = taint.origin();
        words::has_one(&self.unit(unit).text[span.range()], TEMPLATES)
    }

    /// Notes what a call or an assignment says of the kind of an answer: `res.type("text/plain")`,
    /// `res.writeHead(200, { "Content-Type": "application/json" })`, `ctx.type = "json"`.
    pub(super) fn note_kind(&mut self, run: &Run<'p>, answer: NodeId, name: &str, given: &[&Value<'p>]) {
        if !KINDS.contains(&name) || self.is_python(run.unit) {
            return;
        }
        let short = matches!(name, "type" | "contentType");
        let is_header = |name: &str| name.eq_ignore_ascii_case("content-type");
        let of_pair = match given {
            [only] if short => only.text().map(str::to_owned),
            [first, second, ..] if first.text().is_some_and(is_header) => second.text().map(str::to_owned),
            _ => None,
        };
        let of_object = || {
            given.iter().filter_map(|value| value.object).find_map(|object| {
                let fields = &self.objects[object as usize].fields;
                fields.iter().find(|(name, _)| is_header(name)).and_then(|(_, kind)| kind.text().map(str::to_owned))
            })
        };
        let Some(kind) = of_pair.or_else(of_object) else { return };
        let kind = kind.to_ascii_lowercase();
        let is_plain = PLAIN.iter().any(|plain| kind.starts_with(plain)) || short && SHORT.contains(&kind.as_str());
        let fact = self.plain_fact(run, answer);
        let mut facts = run.frame.facts.borrow_mut();
        match is_plain {
            true => facts.insert(fact.into(), 1 << self.html),
            false => facts.remove(fact.as_str()),
        };
    }

    /// As [`Engine::note_kind`], of a call.
    pub(super) fn note_kind_by(&mut self, run: &Run<'p>, call: NodeId, method: Option<&str>, given: &[Given<'p>]) {
        if let Some(method) = method.filter(|method| KINDS.contains(method))
            && let Some(answer) = self.receiver_node(run, call)
        {
            let values: Vec<&Value<'p>> = given.iter().map(|given| &given.value).collect();
            self.note_kind(run, answer, method, &values);
        }
    }

    /// Whether an answer is known to be shown as text.
    pub(super) fn is_plain(&self, run: &Run<'p>, answer: NodeId) -> bool {
        run.frame.facts.borrow().contains_key(self.plain_fact(run, answer).as_str()) || self.is_made_plain(run, answer)
    }

    /// Whether an answer is a name that was given one that is text: `answer = Response(mimetype="application/json")`.
    fn is_made_plain(&self, run: &Run<'p>, answer: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        if !self.is_python(run.unit) || module.kind(answer) != Kind::Name {
            return false;
        }
        let name = module.text(answer, unit.text);
        let function = module.ancestors(answer).find(|&id| module.kind(id) == Kind::Function);
        let says = |&argument: &NodeId| {
            let kind = module.child(argument, 0).map_or("", |kind| unit.written(kind));
            module.kind(argument) == Kind::Keyword
                && matches!(module.text(argument, unit.text), "mimetype" | "content_type" | "media_type")
                && PLAIN.iter().any(|plain| kind.trim_matches(['"', '\'']).starts_with(plain))
        };
        function.is_some_and(|function| {
            module.subtree(function).any(|id| {
                let [target, value] = *module.children(id) else { return false };
                id < answer
                    && module.kind(id) == Kind::Assign
                    && module.kind(target) == Kind::Name
                    && module.text(target, unit.text) == name
                    && module.kind(value) == Kind::Call
                    && module.children(value).iter().any(says)
            })
        })
    }

    /// Whether what a call makes is given a name, and that is said to be text further down in the same function:
    /// `response.headers["Content-Type"] = "application/json"`, `response.mimetype = "text/plain"`.
    pub(super) fn is_plain_later(&self, run: &Run<'p>, call: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let (module, text) = (unit.module, unit.text);
        let written = |id: NodeId| &text[module.node(id).span.range()];
        let is_name = |&assign: &NodeId| {
            let target = module.child(assign, 0);
            module.kind(assign) == Kind::Assign && target.is_some_and(|target| module.kind(target) == Kind::Name)
        };
        let Some(name) = module.parent(call).filter(is_name).and_then(|assign| module.child(assign, 0)) else {
            return false;
        };
        let name = written(name);
        let function = module.ancestors(call).find(|&id| module.kind(id) == Kind::Function);
        let function = function.unwrap_or(module.len() as NodeId - 1);
        if !["ontent-", "ontent_", "mimetype"].iter().any(|word| written(function).contains(word)) {
            return false;
        }
        module.subtree(function).any(|id| {
            let [target, value] = *module.children(id) else { return false };
            let member = || written(target).strip_prefix(name).map(str::to_ascii_lowercase);
            id > call
                && module.kind(id) == Kind::Assign
                && member().is_some_and(|member| is_kind_member(&member))
                && PLAIN.iter().any(|plain| written(value).trim_matches(['"', '\'']).starts_with(plain))
        })
    }

    /// Whether an answer that is shown as text by itself is said to be HTML in the same function.
    pub(super) fn is_said_html(&self, run: &Run<'p>, answer: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let function = module.ancestors(answer).find(|&id| module.kind(id) == Kind::Function);
        says_html(function.map_or(unit.text, |function| unit.written(function)))
    }

    /// Whether a class of the program says of all its answers that they are no HTML: `default_mimetype = "text/csv"`,
    /// or a constructor that gives them such a kind.
    pub(super) fn is_plain_answer(&mut self, callee: &Value<'p>) -> bool {
        const MEMBERS: &[&str] =
            &["default_mimetype", "mimetype", "content_type", "default_content_type", "media_type"];
        let mut says_so = |class: Rc<Class<'p>>| {
            let unit = self.unit(class.unit);
            let maker = class.methods.get("__init__").map(|&maker| unit.module.node(maker).span.range());
            MEMBERS.iter().filter_map(|member| self.class_field(&class, member)).any(|kind| is_plain_kind(&kind))
                || maker.is_some_and(|maker| gives_plain_kind(&unit.text[maker]))
        };
        callee.callees.iter().any(|callee| match callee {
            Callee::Class(class) => class.line().any(&mut says_so),
            _ => false,
        })
    }

    /// Whether the class of a view says of all that its instances write that it is no HTML, where Tornado lets it, or
    /// the function does that writes.
    pub(super) fn writes_plain(&self, run: &Run<'p>, call: NodeId, view: Option<&Value<'p>>) -> bool {
        // `super().finish(data)` writes for the instance.
        let unit = self.unit(run.unit);
        let of_base = self.receiver_node(run, call).is_some_and(|answer| unit.written(answer).starts_with("super("));
        let view = if of_base { run.this.as_ref() } else { view };
        let class = view.and_then(|view| self.objects[view.object? as usize].class.clone());
        let says =
            |text: &str| text.contains("ontent-") && PLAIN.iter().any(|plain| text.contains(plain)) && !says_html(text);
        let says_so = |class: Rc<Class<'p>>| {
            let unit = self.unit(class.unit);
            let methods = ["set_default_headers", "prepare", "finish", "write"];
            methods.iter().filter_map(|at| class.methods.get(at)).any(|&method| says(unit.written(method)))
        };
        let Some(class) = class.filter(|class| self.is_python(class.unit)) else { return false };
        let function = unit.module.ancestors(call).find(|&id| unit.module.kind(id) == Kind::Function);
        class.line().any(says_so)
            || self.kind_of_own(&class).is_some_and(is_plain_text)
            || function.is_some_and(|function| says(unit.written(function)))
    }

    /// What a method of a class gives that its base asks for the kind of all answers:
    /// `self.set_header("Content-Type", self.get_content_type())`.
    fn kind_of_own(&self, class: &Rc<Class<'p>>) -> Option<&'p str> {
        let asked = class.line().find_map(|class| {
            let text = self.unit(class.unit).written(*class.methods.get("set_default_headers")?);
            let (_, after) = text.split_once("ontent-Type")?;
            let (between, name) = after.split_once("self.")?;
            let name = name.split('(').next()?;
            (between.len() <= 4 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
                .then_some(name)
        })?;
        let text = class.line().find_map(|class| Some(self.unit(class.unit).written(*class.methods.get(asked)?)))?;
        let given = text.rsplit_once("return ")?.1.trim();
        Some(given.trim_matches(['"', '\'']))
    }

    /// Whether an application of WSGI says in the same function that what it returns is no HTML, or does not say itself
    /// of what kind it is: `start_response("200 OK", [("Content-Type", "text/plain")])`.
    pub(super) fn is_started_as_plain(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let function = unit.module.ancestors(node).find(|&id| unit.module.kind(id) == Kind::Function);
        function.is_some_and(|function| {
            let text = unit.written(function);
            let starts = text.contains("start_response(");
            let plain = PLAIN.iter().any(|plain| text.contains(plain)) && !says_html(text);
            text.contains("start_response") && (plain || !starts)
        })
    }

    /// Whether what a view gives back is no text but an answer that a call has made, as its annotation or the call's name
    /// says: `def view() -> Response: return helpers.answer(name)`, `return helpers.redirect_to("shop.item", id=name)`.
    pub(super) fn is_answer_of_others(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let made = if module.kind(node) == Kind::Name { self.given_before(run, node) } else { Some(node) };
        let Some(made) = made.filter(|&made| self.is_python(run.unit) && module.kind(made) == Kind::Call) else {
            return false;
        };
        let header = self.header_around(run, node);
        let declared = header.and_then(|header| header.rsplit_once("->")).map_or("", |(_, declared)| declared);
        let declared = declared.trim().trim_end_matches(':').trim_matches(['"', '\'']);
        let callee = module.child(made, 0);
        let name = callee.map_or("", |callee| module.text(callee, unit.text));
        // `return _other_view.post(id)`
        let view = callee.and_then(|callee| module.child(callee, 0)).map_or("", |view| module.text(view, unit.text));
        let of_view = view.to_ascii_lowercase().ends_with("view")
            && matches!(name, "get" | "post" | "put" | "patch" | "delete" | "dispatch" | "dispatch_request");
        declared
            .rsplit('.')
            .next()
            .is_some_and(|class| matches!(class, "Response" | "HttpResponse" | "ResponseReturnValue"))
            || name.contains("redirect")
            || of_view
    }

    /// Whether data went into a call of a service that is not at hand, of which a handler gives back what it did:
    /// `return this.groups.create(dto)`. That is an object, which goes out as JSON.
    pub(super) fn is_made_by_service(&self, run: &Run<'p>, node: NodeId, taint: &Taint) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let inner = if module.kind(node) == Kind::Await { module.child(node, 0) } else { Some(node) };
        let Some(call) = inner.filter(|&call| module.kind(call) == Kind::Call && !self.is_python(run.unit)) else {
            return false;
        };
        const VERBS: &[&str] = &[
            "find", "fetch", "load", "search", "list", "get", "count", "create", "add", "insert", "save", "update",
            "upsert", "delete", "remove",
        ];
        let is_service = module.child(call, 0).is_some_and(|callee| {
            let name = words::split(module.text(callee, unit.text));
            unit.written(callee).starts_with("this.") && name.first().is_some_and(|verb| VERBS.contains(&verb.as_str()))
        });
        is_service && taint.hop.note != Note::Returned
    }

    /// Whether what a handler gives back is an object, which goes out as JSON, as its type says:
    /// `async get(@Param("id") id: string): Promise<ItemDto>`.
    pub(super) fn is_typed_as_object(&self, run: &Run<'p>, node: NodeId) -> bool {
        if self.is_python(run.unit) {
            return false;
        }
        let header = self.header_around(run, node);
        header.and_then(|header| header.rsplit_once(')')).is_some_and(|(_, declared)| names_object(declared))
    }

    /// A function's text up to its body, around a node.
    fn header_around(&self, run: &Run<'p>, node: NodeId) -> Option<&'p str> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let function = module.ancestors(node).find(|&id| module.kind(id) == Kind::Function)?;
        let body = module.children(function).last()?;
        unit.text.get(module.node(function).span.start as usize..module.node(*body).span.start as usize)
    }

    /// Whether what a program prints is said to be HTML, anywhere in its file.
    pub(super) fn prints_html(&mut self, unit: UnitId) -> bool {
        let text = self.unit(unit).text;
        *self.printing.entry(unit).or_insert_with(|| prints_head(text))
    }

    /// Whether an answer is made with a kind or headers that say that it is no HTML: `make_response(data, 200, headers)`.
    pub(super) fn has_plain_headers(&self, given: &[Given<'p>]) -> bool {
        // `HttpResponse(data, content_type="text/yaml")`
        let mut said = given.iter().enumerate().filter(|(at, given)| match given.name.as_deref() {
            Some(name) => matches!(name, "content_type" | "mimetype" | "media_type"),
            None => *at == 1 && given.value.text().is_some_and(|text| text.contains('/')),
        });
        if said.any(|(_, given)| is_plain_kind(&given.value)) {
            return true;
        }
        let held = given.iter().skip(1).filter_map(|given| given.value.object);
        let mut fields = held.flat_map(|held| &self.objects[held as usize].fields);
        fields.any(|(name, kind)| name.eq_ignore_ascii_case("content-type") && is_plain_kind(kind))
    }

    /// The headers of an answer that a function of Python gives back with them, by their folded names:
    /// `return "", 302, {"Location": url}`.
    pub(super) fn headers_of(&self, value: &Value<'p>) -> HashMap<String, Value<'p>> {
        let answer = value.object.map(|object| &self.objects[object as usize]);
        let parts = answer.filter(|answer| answer.is_list && matches!(answer.items.len(), 2 | 3));
        let headers = parts.and_then(|answer| answer.items.last()?.object);
        let fields = headers.into_iter().flat_map(|headers| &self.objects[headers as usize].fields);
        fields.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect()
    }

    /// The name of the fact: of `res.status(200).type("x")` that of `res`.
    fn plain_fact(&self, run: &Run<'p>, answer: NodeId) -> String {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let mut node = answer;
        while module.kind(node) == Kind::Call
            && let Some(inner) = module.child(node, 0).and_then(|callee| module.child(callee, 0))
        {
            node = inner;
        }
        format!("plain {}", unit.written(node))
    }
}

/// Whether a line of a program writes the head of an answer in HTML: `print("Content-Type: text/html")`.
fn prints_head(text: &str) -> bool {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i-u)(print|write)[^\n]*content-type[^\n]*html|["']content-type: *text/html"#)
            .expect("it is well-formed")
    });
    LINE.is_match(text.as_bytes())
}

/// Whether a line of a text says that something is HTML.
fn says_html(text: &str) -> bool {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i-u)content[-_]type[^\n]*html|html[^\n]*content[-_]type").expect("it is well-formed")
    });
    LINE.is_match(text.as_bytes())
}

/// Whether a type after a function's parameters is that of an object or a list: `: Promise<ItemDto[]>`.
fn names_object(declared: &str) -> bool {
    let declared =
        declared.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, ':' | '{' | '=' | '>'));
    let inner = ["Promise<", "Observable<"].iter().find_map(|around| declared.strip_prefix(around));
    let inner = inner.map_or(declared, |inner| inner.trim_end_matches('>')).trim();
    let is_name = inner.trim_end_matches("[]").chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let is_text = ["String", "Buffer", "Html", "HTML", "Any"].iter().any(|text| inner.contains(text));
    is_name && !is_text && inner.starts_with(|first: char| first.is_ascii_uppercase()) && inner.len() > 1
}

/// Whether a constructor of answers gives them a kind that no browser takes for HTML, and none that it does.
fn gives_plain_kind(text: &str) -> bool {
    let says_kind = ["content_type", "mimetype", "media_type"].iter().any(|name| text.contains(name));
    says_kind && PLAIN.iter().any(|plain| text.contains(plain)) && !text.contains("text/html")
}

/// Whether a kind is one that no browser takes for HTML.
pub(super) fn is_plain_kind(kind: &Value<'_>) -> bool {
    kind.text().is_some_and(is_plain_text)
}

/// Browsers run scripts in HTML and SVG; of others they show the text, or keep it as a file.
fn is_plain_text(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let shows = ["html", "svg", "xsl", "multipart", "*"].iter().any(|shown| kind.contains(shown));
    !kind.is_empty() && !shows
}

/// Whether what stands after a name, folded, is where the kind of an answer is kept.
fn is_kind_member(member: &str) -> bool {
    let member = member.strip_prefix(".headers").unwrap_or(member);
    matches!(member, ".content_type" | ".mimetype" | "['content-type']" | "[\"content-type\"]")
}
