//! Types that a program of Python is written with, where they leave no text to whoever sends the data.

use super::call::Given;
use super::engine::{Engine, Run};
use super::model::Place;
use super::value::{Callee, Class, Function, Object, ObjectId, Value};
use crate::ir::{Kind, Module, NodeId};
use crate::rule::flow::source_kind;
use std::rc::Rc;

/// Types that hold no text.
const CLEAN: &[&str] = &[
    "int",
    "float",
    "bool",
    "complex",
    "UUID",
    "UUID4",
    "Decimal",
    "datetime",
    "date",
    "time",
    "timedelta",
    "number",
    "boolean",
    "bigint",
    "PositiveInt",
    "NonNegativeInt",
    "NegativeInt",
    "PositiveFloat",
    "StrictInt",
    "StrictBool",
    "IPv4Address",
    "IPv6Address",
];
/// Types that hold others, of which they are the first.
const HOLDERS: &[&str] = &[
    "Annotated",
    "Optional",
    "List",
    "list",
    "Set",
    "set",
    "Sequence",
    "Iterable",
    "frozenset",
    "conlist",
    "Tuple",
    "tuple",
];
/// Methods that give what was asked for as the type that they are told.
const TYPED: &[&str] = &["get", "getlist", "pop", "get_argument", "get_query_argument"];

impl<'p> Engine<'p> {
    /// Whether a class of a GraphQL schema says of an argument of its methods that it is a number:
    /// `graphene.Field(User, id=graphene.Int())`, `class Arguments: id = graphene.Int()`.
    pub(super) fn is_declared_number(&self, unit: u32, method: NodeId, name: &str) -> bool {
        let file = self.unit(unit);
        if !file.text.contains("graphene") {
            return false;
        }
        let Some(class) = file.module.ancestors(method).find(|&id| file.module.kind(id) == Kind::Class) else {
            return false;
        };
        let text = file.written(class);
        let given = text.match_indices(name).filter_map(|(at, _)| {
            let starts = !text[..at].ends_with(|last: char| last.is_alphanumeric() || last == '_');
            let made = text[at + name.len()..].trim_start().strip_prefix('=').filter(|_| starts)?;
            made.trim_start().split(|letter: char| !letter.is_alphanumeric() && letter != '.').next()
        });
        let makers: Vec<&str> = given.map(|made| made.rsplit('.').next().unwrap_or(made)).collect();
        makers.iter().any(|made| GRAPHENE_NUMBERS.contains(made)) && !makers.contains(&"String")
    }
}

/// Types of graphene that hold no text of the sender's choice.
const GRAPHENE_NUMBERS: &[&str] = &["Int", "BigInt", "Float", "Boolean", "Decimal", "UUID", "Date", "DateTime", "Time"];

/// Whether a type, as it is written, holds no text that its sender chooses.
pub(super) fn is_clean_type(written: &str) -> bool {
    let text = written.trim().trim_matches(['"', '\'']);
    let text = text.strip_prefix("typing.").or(text.strip_prefix("t.")).unwrap_or(text);
    if let Some((holder, inner)) = text.split_once('[') {
        let first = inner.split([',', ']']).next().unwrap_or(inner);
        return match holder {
            "Literal" => true,
            // `Annotated[int, Path(gt=0)]`
            holder if HOLDERS.contains(&holder) => is_clean_type(if inner.contains('[') { inner } else { first }),
            _ => false,
        };
    }
    let text = text.split([',', ']', '=', '#']).next().unwrap_or(text);
    let mut parts = text.split('|').map(str::trim).filter(|part| *part != "None").peekable();
    let is_clean = |part: &str| CLEAN.contains(&part.rsplit('.').next().unwrap_or(part));
    parts.peek().is_some() && parts.all(is_clean)
}

/// Whether a type, as it is written, lets the sender choose what kind of value there is: `dict`, `Any`.
pub(super) fn is_open_type(written: &str) -> bool {
    let text = written.trim().trim_matches(['"', '\'']);
    let text = text.strip_prefix("typing.").or(text.strip_prefix("t.")).unwrap_or(text);
    let text = HOLDERS.iter().find_map(|holder| text.strip_prefix(holder)?.strip_prefix('[')).unwrap_or(text);
    let name = text.split(['[', ',', ']', '|', ' ', '=']).next().unwrap_or(text);
    matches!(name, "dict" | "Dict" | "Any" | "Mapping" | "MutableMapping" | "object")
}

/// Whether all marks of a `%` format take numbers: it refuses anything else.
pub(super) fn is_numeric_format(format: &str) -> bool {
    let marks = conversions(format);
    !marks.is_empty() && marks.iter().all(|(_, mark)| is_number(*mark))
}

/// Whether a mark of a `%` format takes a number.
pub(super) fn is_number(mark: char) -> bool {
    matches!(mark, 'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G')
}

/// The letters of the marks of a `%` format, each with the text before it.
pub(super) fn conversions(format: &str) -> Vec<(&str, char)> {
    let mut marks = Vec::new();
    let (mut rest, mut start) = (format, 0);
    while let Some((_, after)) = rest.split_once('%') {
        let at = format.len() - after.len() - 1;
        let named = after.strip_prefix('(').and_then(|inside| inside.split_once(')')).map_or(after, |(_, after)| after);
        let bare = named.trim_start_matches(|letter: char| letter.is_ascii_digit() || "#-+ .*".contains(letter));
        let Some(mark) = bare.chars().next() else { break };
        rest = &bare[mark.len_utf8()..];
        if mark != '%' {
            marks.push((&format[start..at], mark));
            start = format.len() - rest.len();
        }
    }
    marks
}

impl<'p> Engine<'p> {
    /// A call that is told by an argument which type its result has: `args.get("n", type=int)`; or one that
    /// tells a parser of arguments so, and what that then gives.
    pub(super) fn typed_call(
        &mut self,
        run: &Run<'p>,
        name: &str,
        callee: &Value<'p>,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let receiver = receiver.filter(|_| self.is_python(run.unit))?;
        match name {
            name if TYPED.contains(&name) && self.tells_type(run, given) => Some(Value::default()),
            "add_argument" => {
                let first = given.iter().rev().find(|given| given.name.is_none() && given.value.text().is_some())?;
                let option = first.value.text()?.trim_start_matches('-').replace('-', "_");
                let constants = |given: &Given<'p>| self.list_of(&given.value).is_some();
                let chooses = given.iter().any(|given| given.name.as_deref() == Some("choices") && constants(given));
                if chooses || self.tells_type(run, given) {
                    self.set_field(receiver, &option, Value::default());
                }
                None
            }
            // `self.get_serializer(data=request.data)` of a view that says which.
            "get_serializer" => {
                let class = self.field_of_class(receiver, "serializer_class")?;
                let arguments = given.iter().map(|given| (given.name.clone(), given.value.clone())).collect();
                Some(self.instance(&class, arguments, Some((run.unit, self.span(run, given.first()?.node)))))
            }
            // `Schema().load(data)`
            "load" | "loads" if callee.place.is_none() => {
                let object = self.clean_fields(run.unit, receiver)?;
                let mut value = Value::object(object);
                let taints = given.first().map(|given| self.all_taints(&given.value)).unwrap_or_default();
                self.objects[object as usize].rest.taint_with(&taints);
                value.taint_with(&taints);
                Some(value)
            }
            "parse_args" => {
                let place = self.models(run.unit).call(callee.place?)?;
                Some(Value { place: Some(place), object: receiver.object, ..Value::default() })
            }
            _ => None,
        }
    }

    /// `type=int`
    fn tells_type(&self, run: &Run<'p>, given: &[Given<'p>]) -> bool {
        let unit = self.unit(run.unit);
        let Some(kind) = given.iter().find(|given| given.name.as_deref() == Some("type")) else { return false };
        unit.module.child(kind.node, 0).is_some_and(|kind| is_clean_type(unit.written(kind)))
    }

    /// What a form has checked: of the fields that its class declares, those that hold no text. `value` is the form.
    pub(super) fn checked_fields(&mut self, unit: u32, value: &Value<'p>, name: &str) -> Option<ObjectId> {
        if !matches!(name, "validated_data" | "cleaned_data") {
            return None;
        }
        self.clean_fields(unit, value)
    }

    /// What is known of a form or of checked data that a framework gives to a method: `form_valid(form)` of a view that
    /// says which form, `create(validated_data)` of a serializer.
    pub(super) fn checked_by(&mut self, method: &Function<'p>, given: Place) -> Option<ObjectId> {
        let this = method.this.as_ref().filter(|_| self.is_python(method.unit))?;
        let models = self.models(method.unit);
        if models.find("rest_framework.ValidatedData") == Some(given) {
            return self.clean_fields(method.unit, &this.clone());
        }
        let field = match Some(given) {
            form if models.find("django.Form") == form => "form_class",
            serializer if models.find("rest_framework.Serializer") == serializer => "serializer_class",
            _ => return None,
        };
        let form = self.field_of_class(&this.clone(), field)?;
        Some(self.object(Object { class: Some(form), ..Object::default() }))
    }

    /// The class that a field of the class of an instance names.
    fn field_of_class(&mut self, this: &Value<'p>, field: &str) -> Option<Rc<Class<'p>>> {
        let class = self.objects[this.object? as usize].class.clone()?;
        class.line().find_map(|class| match self.class_field(&class, field)?.callees.first()? {
            Callee::Class(named) => Some(Rc::clone(named)),
            _ => None,
        })
    }

    /// An object with those of the fields that the class of a form or a schema declares which hold no text.
    fn clean_fields(&mut self, unit: u32, value: &Value<'p>) -> Option<ObjectId> {
        if !self.is_python(unit) {
            return None;
        }
        let class = self.objects[value.object? as usize].class.clone()?;
        let models = self.models(unit);
        let (clean, sent) = (models.find("forms.CleanField"), models.find("forms.FileField"));
        let mut checked = Object::default();
        let mut methods = Vec::new();
        let model = self.model_of(&class);
        for class in model.into_iter().chain(class.line()) {
            for (name, field) in &self.class_fields(&class).fields.clone() {
                if field.stands_at(clean) || self.is_bound_by_class(&class, name) {
                    checked.fields.insert(name.clone(), Value::default());
                } else if field.stands_at(sent) {
                    checked.fields.insert(name.clone(), Value::at(models.find("django.File")));
                }
            }
            methods.extend(class.methods.iter().map(|(name, &node)| (*name, class.unit, node)));
        }
        methods.sort_unstable();
        for (method, unit, node) in methods {
            self.check_field(value, &class, (method, unit, node), &mut checked);
        }
        (!checked.fields.is_empty()).then(|| self.object(checked))
    }

    /// The model that a form or a serializer is made for: `class Meta: model = Picture`.
    fn model_of(&mut self, class: &Class<'p>) -> Option<Rc<Class<'p>>> {
        let mut inner = |class: &Class<'p>, name: &str| match self.class_field(class, name)?.callees.first()? {
            Callee::Class(inner) => Some(Rc::clone(inner)),
            _ => None,
        };
        let meta = inner(class, "Meta")?;
        inner(&meta, "model")
    }

    /// What a method of a form or a serializer lets through of a field: `clean_name`, `validate_name`.
    fn check_field(
        &mut self,
        form: &Value<'p>,
        class: &Rc<Class<'p>>,
        (method, unit, node): (&str, u32, NodeId),
        checked: &mut Object<'p>,
    ) {
        let field = method.strip_prefix("clean_").or_else(|| method.strip_prefix("validate_"));
        let Some(field) = field.filter(|field| !checked.fields.contains_key(*field)) else { return };
        let is_running = self.stack.iter().any(|(own, function, _)| (*own, *function) == (unit, node));
        let declares = class.line().any(|class| self.has_class_field(&class, field));
        if is_running || !declares || self.is_spent() {
            return;
        }
        let Some(function) = self.method(form, class, method) else { return };
        let arguments = match (method.starts_with("validate_"), source_kind("remote")) {
            (true, Some(kind)) => vec![(None, self.source(unit, node, 1, kind))],
            _ => Vec::new(),
        };
        let value = self.invoke(&function, arguments, None, None);
        checked.fields.insert(field.into(), value);
    }

    /// Whether a class of Python is an enumeration: its instances are those that it lists.
    pub(super) fn is_enumeration(&self, class: &Class<'p>) -> bool {
        let unit = self.unit(class.unit);
        let Some(bases) = unit.module.child(class.node, 0).filter(|_| self.is_python(class.unit)) else { return false };
        let written = unit.written(bases);
        written.starts_with('(')
            && written.trim_matches(['(', ')']).split(',').any(|base| base.trim().ends_with("Enum"))
    }

    /// Whether a class holds what it is made of against the types of its fields: a model of Pydantic.
    pub(super) fn checks_types(&self, class: &Rc<Class<'p>>) -> bool {
        let is_model = |class: Rc<Class<'p>>| {
            let unit = self.unit(class.unit);
            let bases = unit.module.child(class.node, 0).filter(|_| self.is_python(class.unit));
            bases.is_some_and(|bases| {
                let written = unit.written(bases);
                written.starts_with('(')
                    && ["BaseModel", "BaseSettings", "SQLModel"].iter().any(|model| written.contains(model))
            })
        };
        class.line().any(is_model)
    }

    /// Whether a call gives the fields of a model by the names that its class declares: `update.model_dump()`,
    /// `update.dict(exclude_unset=True)`.
    pub(super) fn dumps_fields(&self, receiver: Option<&Value<'p>>, name: &str, given: &[Given<'p>]) -> bool {
        const OPTIONS: &[&str] =
            &["exclude_unset", "exclude_none", "exclude_defaults", "exclude", "include", "by_alias"];
        let is_option = |given: &Given<'p>| given.name.as_deref().is_some_and(|name| OPTIONS.contains(&name));
        let class = || self.objects[receiver?.object? as usize].class.clone();
        match name {
            "model_dump" => true,
            "dict" if receiver.is_some() => {
                given.iter().any(is_option) || class().is_some_and(|class| self.checks_types(&class))
            }
            _ => false,
        }
    }

    /// Whether the names of what a value holds are those that a form, a serializer or a model declares.
    pub(super) fn has_declared_names(&self, unit: u32, value: &Value<'p>) -> bool {
        const PATHS: &[&str] = &[
            "rest_framework.ValidatedData",
            "rest_framework.Serializer.validated_data",
            "django.Form.cleaned_data",
            "pydantic.Fields",
        ];
        self.is_python(unit)
            && value.place.is_some_and(|place| PATHS.iter().any(|path| self.models(unit).find(path) == Some(place)))
    }

    /// Whether a class says of a field that it holds no text: `count: int`.
    pub(super) fn declares_clean(&mut self, class: &Class<'p>, field: &str) -> bool {
        if !self.is_python(class.unit) {
            return false;
        }
        let fields = self.declared_fields(class);
        fields.iter().find(|(name, _)| *name == field).is_some_and(|(_, written)| {
            is_clean_type(written) || self.named_class(class, written).is_some_and(|kind| self.is_enumeration(&kind))
        })
    }

    /// What a class lets through that checks a field itself: `@field_validator("name")`.
    pub(super) fn validated(&mut self, value: &Value<'p>, field: &str, given: &Value<'p>) -> Option<Value<'p>> {
        let class = self.objects[value.object? as usize].class.clone().filter(|class| self.is_python(class.unit))?;
        if given.taints.is_empty() || self.is_spent() {
            return None;
        }
        let (unit, node, frame) = class.line().find_map(|class| {
            let file = self.unit(class.unit);
            let checks = |node: NodeId| {
                let text = with_decorators(file.module, file.text, node);
                let head = text.split("def ").next().unwrap_or_default();
                head.contains("validator(")
                    && ['"', '\''].iter().any(|quote| head.contains(&format!("{quote}{field}{quote}")))
            };
            let mut methods: Vec<NodeId> = class.methods.values().copied().filter(|&node| checks(node)).collect();
            methods.sort_unstable();
            Some((class.unit, *methods.first()?, Rc::clone(&class.frame)))
        })?;
        if self.stack.iter().any(|(own, function, _)| (*own, *function) == (unit, node)) {
            return None;
        }
        let fields = self.object(Object::default());
        let this = Some(Value::callee(Callee::Class(class)));
        let function = Function { unit, node, frame, this, lent: false, fields, given: Vec::new() };
        Some(self.invoke(&Rc::new(function), vec![(None, given.clone())], None, None))
    }

    /// What a field of data from outside holds whose class says that it is an instance of another class of the
    /// program, or a list of those: `owner: Owner`, `owners: list[Owner]`.
    pub(super) fn declared_instance(&mut self, value: &Value<'p>, field: &str) -> Option<ObjectId> {
        let held = &self.objects[value.object? as usize];
        let class = held.class.clone().filter(|class| self.is_python(class.unit))?;
        let mut rest = Value::default();
        rest.taint_with(&value.taints);
        rest.taint_with(&held.rest.taints);
        if rest.taints.is_empty() {
            return None;
        }
        let (_, written) = self.declared_fields(&class).into_iter().find(|(name, _)| *name == field)?;
        let inner = written.trim_matches(['"', '\'']);
        let inner = inner.strip_prefix("Optional[").and_then(|inner| inner.strip_suffix(']')).unwrap_or(inner);
        let inner = inner.split('|').next().unwrap_or(inner).trim();
        let listed = inner.strip_suffix(']').and_then(|list| list.split_once('['));
        let listed = listed.filter(|(holder, _)| HOLDERS.contains(holder)).map(|(_, inner)| inner);
        let class = self.named_class(&class, listed.unwrap_or(inner))?;
        let mut made = self.object(Object { class: Some(class), rest: rest.clone(), ..Object::default() });
        if listed.is_some() {
            rest.object = Some(made);
            made = self.object(Object { is_list: true, rest, ..Object::default() });
        }
        Some(made)
    }

    /// The class of the program that a type of a field names.
    fn named_class(&mut self, class: &Class<'p>, written: &str) -> Option<Rc<Class<'p>>> {
        let value = self.lookup(&class.frame, written)?;
        value.callees.iter().find_map(|callee| match callee {
            Callee::Class(class) => Some(Rc::clone(class)),
            _ => None,
        })
    }

    /// The names of the fields that a class declares, and their types as they are written, in order.
    pub(super) fn declared_fields(&self, class: &Class<'p>) -> Vec<(&'p str, &'p str)> {
        let unit = self.unit(class.unit);
        let module = unit.module;
        let Some(&body) = module.children(class.node).last().filter(|_| self.is_python(class.unit)) else {
            return Vec::new();
        };
        let declared = |&part: &NodeId| {
            let target = module.child(part, 0).filter(|&target| module.kind(target) == Kind::Name)?;
            let declares = matches!(module.kind(part), Kind::Other(_) | Kind::Assign);
            let after = unit.text[module.node(target).span.range().end..].trim_start_matches(' ').strip_prefix(':')?;
            let written = after.split(['\n', '=', '#']).next().unwrap_or(after).trim();
            declares.then(|| (module.text(target, unit.text), written))
        };
        module.children(body).iter().filter_map(declared).collect()
    }
}

/// The text of a function with its decorators.
pub(super) fn with_decorators<'t>(module: &Module, text: &'t str, function: NodeId) -> &'t str {
    let decorates =
        |&parent: &NodeId| module.child(parent, 0).is_some_and(|first| module.kind(first) == Kind::Decorator);
    let whole = module.parent(function).filter(decorates).unwrap_or(function);
    &text[module.node(whole).span.range()]
}

#[cfg(test)]
mod tests {
    use super::{is_clean_type, is_numeric_format, is_open_type};

    #[test]
    fn some_types_hold_no_text() {
        for written in [
            "int",
            "Optional[int]",
            "int | None",
            "List[int]",
            "Annotated[int, Path(gt=0)]",
            "uuid.UUID",
            "Literal['a', 'b']",
            "datetime.date",
            "list[float]",
            "\"int\"",
        ] {
            assert!(is_clean_type(written), "{written}");
        }
        for written in
            ["str", "int | str", "List[str]", "Optional[str]", "dict", "Any", "None", "", "interval", "dict[str, int]"]
        {
            assert!(!is_clean_type(written), "{written}");
        }
    }

    #[test]
    fn some_types_hold_anything() {
        for written in ["dict", "Dict[str, str]", "Optional[dict]", "list[dict]", "Any", "typing.Any", "dict | None"] {
            assert!(is_open_type(written), "{written}");
        }
        for written in ["str", "int", "list[str]", "dictionary", "Item", ""] {
            assert!(!is_open_type(written), "{written}");
        }
    }

    #[test]
    fn some_formats_take_only_numbers() {
        for format in ["%d", "a %5d b", "%(n)d of %(all)i", "%.2f%%", "%x"] {
            assert!(is_numeric_format(format), "{format}");
        }
        for format in ["%s", "%d %s", "100%%", "", "%r", "%"] {
            assert!(!is_numeric_format(format), "{format}");
        }
    }
}
