//! Parameters that a framework makes by calling a function of the program: `Depends(current_user)`.

use super::engine::{Engine, Run};
use super::entry::Entry;
use super::model::{Parameter, Parameters};
use super::typed::is_clean_type;
use super::value::{Callee, Function, UnitId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// Parameters that are made for each other in a row.
const MAX_INJECTIONS: u32 = 8;

impl<'p> Engine<'p> {
    /// What a parameter is given that is made by another function, which is given what `parameters` say.
    pub(super) fn injected(
        &mut self,
        function: &Rc<Function<'p>>,
        parameter: NodeId,
        parameters: &Parameters,
    ) -> Option<Value<'p>> {
        if self.injections >= MAX_INJECTIONS {
            return None;
        }
        let maker = self.maker(function, parameter)?;
        self.injections += 1;
        let mut made = Value::default();
        for callee in maker.callees {
            let value = match callee {
                Callee::Function(function) => {
                    let parameters = parameters.clone();
                    let own = self.unit(function.unit);
                    let yields = own.written(function.node).contains("yield ");
                    let made = self.enter(&Entry { function, parameters, route: None, returns: None, guessed: false });
                    // One that waits until the parameter is done with gives it by `yield`.
                    if yields { self.elements(&made) } else { made }
                }
                Callee::Class(class) => {
                    let object = self.instance(&class, Vec::new(), None);
                    let parameters = parameters.clone();
                    match (self.constructor(&object, &class), parameters.at(0), object.object) {
                        (Some(function), ..) => {
                            self.enter(&Entry { function, parameters, route: None, returns: None, guessed: false });
                        }
                        // A model of the query: each of its fields is sent.
                        (None, Parameter::Source(kind), Some(held)) => {
                            let module = self.unit(function.unit).module;
                            let taint = self.fresh(function.unit, module.node(parameter).span, kind);
                            self.objects[held as usize].rest.taint_with(&[taint]);
                        }
                        _ => {}
                    }
                    object
                }
                Callee::Unit(_) | Callee::Package(..) => continue,
            };
            made.join(&value);
        }
        self.injections -= 1;
        Some(made)
    }

    /// The function that makes a parameter: as its default, or in its type.
    fn maker(&mut self, function: &Rc<Function<'p>>, parameter: NodeId) -> Option<Value<'p>> {
        let unit = self.unit(function.unit);
        let module = unit.module;
        let mut run = Run::new(function.unit, Rc::clone(&function.frame), None, None);
        if let Some(default) = module.child(parameter, 1).filter(|&default| module.kind(default) == Kind::Call) {
            let place = module.child(default, 0).and_then(|callee| self.eval(&mut run, callee).place);
            let injects = place.is_some_and(|place| self.models(function.unit).known(place).injects);
            let given = module.child(default, 1);
            // `filters: Filters = Depends()`: its type makes it.
            return match given {
                _ if !injects => None,
                Some(given) => Some(self.eval(&mut run, given)),
                None => self.type_of(function.unit, &function.frame, parameter),
            };
        }
        // `Annotated[User, Depends(current_user)]`
        let annotation = self.annotation(function.unit, parameter)?;
        let named = |engine: &mut Self, path: &str| {
            let mut names = path.trim().split('.');
            let first = names.next()?;
            let start = engine.lookup(&function.frame, first).unwrap_or_else(|| engine.global(function.unit, first));
            Some(names.fold(start, |value, name| engine.member(function.unit, &value, name)))
        };
        let Some((before, rest)) = annotation.split_once('(') else {
            let alias = named(self, annotation)?;
            return self.injects(function.unit, &alias).then_some(alias);
        };
        let last = before.rsplit([',', '[', ' ']).next()?;
        let maker = named(self, last)?;
        let given = rest.split([')', ',']).next()?.trim();
        match self.injects(function.unit, &maker) {
            false => None,
            true if given.is_empty() => self.type_of(function.unit, &function.frame, parameter),
            true => named(self, given),
        }
    }

    fn injects(&self, unit: UnitId, value: &Value<'p>) -> bool {
        value.place.is_some_and(|place| self.models(unit).known(place).injects)
    }

    /// What a name of a type stands for: `CurrentUser = Annotated[User, Depends(current_user)]` for the function that makes
    /// it, `Order = Literal["asc", "desc"]` for what holds no text of a sender's choice.
    pub(super) fn alias_of_type(&mut self, run: &mut Run<'p>, assigned: NodeId) -> Option<Value<'p>> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let holder = module.child(assigned, 0).map_or("", |holder| module.text(holder, unit.text));
        if !matches!(holder, "Literal" | "Annotated" | "Optional") {
            return None;
        }
        if is_clean_type(unit.written(assigned)) {
            return Some(Value::at(self.models(run.unit).find("forms.CleanField")));
        }
        let noted = module.child(assigned, 0).filter(|&name| module.text(name, unit.text) == "Annotated")?;
        for call in module.subtree(assigned).filter(|&id| id > noted && module.kind(id) == Kind::Call) {
            let maker = self.eval_child(run, call, 0);
            if let Some(given) = module.child(call, 1).filter(|_| self.injects(run.unit, &maker)) {
                return Some(Value { place: maker.place, ..self.eval(run, given) });
            }
        }
        None
    }
}
