//! Markup in code: what attributes do with data, and components, which are given theirs as one object.

use super::callback::is_function;
use super::engine::{Engine, Run};
use super::model::kinds;
use super::value::{Callee, Object, Value};
use crate::ir::{Kind, NodeId};

impl<'p> Engine<'p> {
    /// `<div {...attributes}>{children}</div>`, `<Note text={text} />`
    pub(super) fn element_shown(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let file = self.unit(run.unit);
        let module = file.module;
        if let Some(component) = self.component(run, module.text(node, file.text)) {
            return self.component_shown(run, node, &component);
        }
        let mut last = Value::default();
        for &child in module.children(node) {
            last = self.eval(run, child);
            if module.kind(child) == Kind::Spread {
                self.spread_over(run, child, &last);
            }
        }
        last
    }

    /// The same, of a component of the program: what it does with its attributes is seen there.
    fn component_shown(&mut self, run: &mut Run<'p>, node: NodeId, component: &Value<'p>) -> Value<'p> {
        let file = self.unit(run.unit);
        let module = file.module;
        let props = Value::object(self.object(Object::default()));
        let (mut inside, mut last) = (Value::default(), Value::default());
        for &child in module.children(node) {
            match module.kind(child) {
                Kind::JsxAttribute => {
                    last = self.attribute_given(run, child);
                    self.set_field(&props, module.text(child, file.text), last.clone());
                }
                Kind::Spread => {
                    last = self.eval(run, child);
                    self.copy_into(&props, &last);
                }
                _ => {
                    last = self.eval(run, child);
                    inside.join(&last);
                }
            }
        }
        self.set_field(&props, "children", inside);
        self.show(run, node, component, &props);
        last
    }

    /// Attributes that are given as an object.
    fn spread_over(&mut self, run: &Run<'p>, spread: NodeId, attributes: &Value<'p>) {
        let Some(object) = attributes.object else { return };
        let fields = self.objects[object as usize].fields.clone();
        for (name, value) in &fields {
            if let Some(&kinds) = self.models(run.unit).any_assigned.get(&**name) {
                let taints = self.all_taints(value);
                self.report_all(run.unit, spread, kinds, &taints, false);
            }
        }
    }

    /// What shows an element that is none of the page's own: those have small letters.
    fn component(&mut self, run: &Run<'p>, name: &'p str) -> Option<Value<'p>> {
        if !name.starts_with(|first: char| first.is_uppercase()) && !name.contains('.') {
            return None;
        }
        let (first, rest) = name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)));
        let mut value = self.lookup(&run.frame, first).unwrap_or_else(|| self.global(run.unit, first));
        for member in rest.into_iter().flat_map(|rest| rest.split('.')) {
            value = self.member(run.unit, &value, member);
        }
        // `import Note from "./Note"`
        if let [Callee::Unit(unit)] = *value.callees {
            value = self.default_of(unit)?;
        }
        Some(value).filter(|value| !value.callees.is_empty())
    }

    /// Runs a component, if data is in what it is given: others are run by themselves.
    fn show(&mut self, run: &Run<'p>, node: NodeId, component: &Value<'p>, props: &Value<'p>) {
        if self.all_taints(props).is_empty() {
            return;
        }
        let at = Some((run.unit, self.span(run, node)));
        for callee in &component.callees {
            match callee {
                Callee::Function(function) => {
                    self.invoke(function, vec![(None, props.clone())], at, None);
                }
                Callee::Class(class) => {
                    let this = self.instance(class, vec![(None, props.clone())], at);
                    self.set_field(&this, "props", props.clone());
                    if let Some(render) = self.method(&this, class, "render") {
                        self.invoke(&render, Vec::new(), at, None);
                    }
                }
                Callee::Unit(_) | Callee::Package(..) => {}
            }
        }
    }

    /// `name={value}` of an element.
    pub(super) fn attribute(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let value = self.attribute_given(run, node);
        let unit = self.unit(run.unit);
        let name = unit.module.text(node, unit.text);
        let by_name = self.models(run.unit).any_assigned.get(name).copied();
        if let Some(sinks) = by_name.or_else(|| loads(self.tag_of(run, node), name).then(|| kinds(&["link"]))) {
            let taints = self.all_taints(&value);
            self.report_all(run.unit, node, sinks, &taints, false);
        }
        value
    }

    /// The name of the element that an attribute stands in.
    fn tag_of(&self, run: &Run<'p>, attribute: NodeId) -> &'p str {
        let unit = self.unit(run.unit);
        let element = unit.module.parent(attribute).filter(|&parent| unit.module.kind(parent) == Kind::Jsx);
        element.map_or("", |element| unit.module.text(element, unit.text))
    }

    /// Its value; what events call is called.
    fn attribute_given(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let value = self.eval_child(run, node, 0);
        let name = unit.module.text(node, unit.text);
        // `onChange={(event) => ..}`
        let rest = name.strip_prefix("on").filter(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()));
        if rest.is_some() && is_function(&value) {
            let models = self.models(run.unit);
            let handler =
                models.find("react.EventHandler").and_then(|place| models.known(place).calls().parameters.as_ref());
            if let Some(parameters) = handler {
                self.register(&value, parameters, None, None);
            }
        }
        value
    }
}

/// Whether an attribute names a page or a script that is run in its place: `<iframe src={x}>`.
fn loads(tag: &str, attribute: &str) -> bool {
    match attribute {
        "src" => matches!(tag, "iframe" | "frame" | "embed" | "script"),
        "data" => tag == "object",
        _ => false,
    }
}
