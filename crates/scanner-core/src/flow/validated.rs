//! Fields of classes that decorators of class-validator check before a handler is given an instance.

use super::admitted::{cleared_by_pattern, cleared_by_source};
use super::engine::Engine;
use super::model::{SinkSet, kinds};
use super::program::Unit;
use super::typed::is_clean_type;
use super::value::{Class, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::regex_cost::{Dialect, Regex};
use std::rc::Rc;

/// Decorators that let only numbers, times, identifiers and listed values through.
#[rustfmt::skip] // a word a line would be a page
const CLEAN: &[&str] = &[
    "IsInt", "IsNumber", "IsPositive", "IsNegative", "IsNumberString", "IsUUID", "IsULID", "IsMongoId", "IsIn", "IsEnum", "IsBoolean",
    "IsBooleanString", "IsDate", "IsDateString", "IsISO8601", "IsRFC3339", "IsMilitaryTime", "IsAlpha", "IsAlphanumeric", "IsHexadecimal",
    "IsHexColor", "IsIP", "IsPort", "IsMD5", "IsHash", "IsSemVer", "IsISO31661Alpha2", "IsISO31661Alpha3", "IsISO4217CurrencyCode", "Equals",
];
/// What stands between decorators and the name of a field.
const MODIFIERS: &[&str] = &["public", "private", "protected", "readonly", "declare", "override", "static"];

impl<'p> Engine<'p> {
    /// Gives an instance that a framework makes of data the fields that its class checks.
    pub(super) fn check_fields(&self, class: &Rc<Class<'p>>, data: &Value<'p>, object: &mut Object<'p>) {
        if data.taints.is_empty() || self.is_python(class.unit) {
            return;
        }
        for class in class.line() {
            let text = self.unit(class.unit).written(class.node);
            if !text.contains("@Is") && !text.contains("@Matches(") && !text.contains("@Equals(") {
                continue;
            }
            for (name, cleared) in checked_fields(text).into_iter().filter(|(_, cleared)| *cleared != 0) {
                let mut value = Value { taints: data.taints.clone(), ..Value::default() };
                value.clear(cleared);
                object.fields.entry(name.into()).or_insert(value);
            }
        }
    }

    /// Kinds of sink that a field is clean for whose class says which regex it matches:
    /// `name: str = Field(pattern=r"^[a-z]+$")`, `name: constr(regex=r"^[a-z]+$")`.
    pub(super) fn cleared_by_field(&self, class: &Rc<Class<'p>>, field: &str) -> SinkSet {
        let declared = class.line().find_map(|class| self.declaration_of(&class, field));
        declared.map_or(0, |(unit, part)| cleared_as_written(unit.written(part)))
    }

    /// The same, of a parameter: `name: str = Query(pattern="^[a-z]+$")`.
    pub(super) fn cleared_by_parameter(&self, unit: UnitId, function: NodeId, at: usize) -> SinkSet {
        let parameter = self.unit(unit).module.child(function, at).filter(|_| self.is_python(unit));
        parameter.map_or(0, |parameter| cleared_as_written(self.unit(unit).written(parameter)))
    }

    /// Whether what a class says of a field of a form or a schema lets no text through that does harm:
    /// `name = serializers.RegexField(r"^[a-z]+$")`, `kind = fields.Str(validate=validate.OneOf(["a", "b"]))`. Blanks
    /// around what a regex is held against are gone by then.
    pub(super) fn is_bound_by_class(&self, class: &Rc<Class<'p>>, field: &str) -> bool {
        let declared = class.line().find_map(|class| self.declaration_of(&class, field));
        declared.is_some_and(|(unit, part)| is_bound(unit.written(part)))
    }

    /// Whether a class makes something else of what a field is given that holds no text: `attr.ib(converter=int)`.
    pub(super) fn is_converted_field(&self, class: &Rc<Class<'p>>, field: &str) -> bool {
        let said = self.said_of_field(class, field, &["converter"]);
        said.is_some_and(|(unit, converter)| is_clean_type(unit.written(converter)))
    }

    /// What a class says of a field under the first of some names.
    fn said_of_field(&self, class: &Rc<Class<'p>>, field: &str, names: &[&str]) -> Option<(&'p Unit<'p>, NodeId)> {
        let (unit, part) = class.line().find_map(|class| self.declaration_of(&class, field))?;
        let module = unit.module;
        let says = |&node: &NodeId| module.kind(node) == Kind::Keyword && names.contains(&module.text(node, unit.text));
        let named = module.subtree(part).find(says)?;
        Some((unit, module.child(named, 0)?))
    }

    /// Where a class of Python declares a field.
    fn declaration_of(&self, class: &Class<'p>, field: &str) -> Option<(&'p Unit<'p>, NodeId)> {
        let unit = self.unit(class.unit);
        let module = unit.module;
        let &body = module.children(class.node).last().filter(|_| self.is_python(class.unit))?;
        let is_it = |&&part: &&NodeId| {
            let target = module.child(part, 0).filter(|&target| module.kind(target) == Kind::Name);
            target.is_some_and(|target| module.text(target, unit.text) == field)
        };
        Some((unit, *module.children(body).iter().find(is_it)?))
    }
}

/// Kinds of sink that a text is clean for of whose field or parameter is written which regex it matches.
fn cleared_as_written(written: &str) -> SinkSet {
    // What newer versions call `pattern` knows no line's end before the text's end.
    const NAMES: [(&str, Dialect); 2] = [("pattern=", Dialect::JavaScript), ("regex=", Dialect::Python)];
    let said = NAMES.into_iter().find_map(|(name, dialect)| {
        let (before, after) = written.split_once(name)?;
        before.ends_with(['(', ' ', ',', '\n']).then_some((literal(after)?, dialect))
    });
    said.map_or(0, |(source, dialect)| cleared_by_source(source, dialect))
}

/// Whether a field, as it is written, lets only some known texts or harmless ones through.
pub(super) fn is_bound(written: &str) -> bool {
    let harm = kinds(&["sql", "command", "html", "path", "code", "redirect", "header"]);
    let given_to = |maker: &str| written.split_once(maker).map(|(_, given)| given.trim_start());
    let regex = given_to("RegexField(").or_else(|| given_to("validate.Regexp("));
    let source = regex.map(|given| given.strip_prefix("regex=").unwrap_or(given)).and_then(literal);
    given_to("validate.OneOf(").is_some()
        || source.is_some_and(|source| cleared_by_source(source, Dialect::JavaScript) & harm == harm)
}

/// The text of a literal of Python that a regex is written as, which stands at the start: annotations are kept as text,
/// of which no node says what it means.
fn literal(text: &str) -> Option<&str> {
    let bare = text.strip_prefix('r').unwrap_or(text);
    let quote = bare.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (source, _) = bare[1..].split_once(quote)?;
    // What ends in the middle of an escape, or has some of its own.
    let is_plain = !source.ends_with('\\') && (bare.len() < text.len() || !source.contains('\\'));
    (is_plain && !source.is_empty()).then_some(source)
}

/// The fields of a class under decorators, and the kinds of sink that these clean them for.
fn checked_fields(text: &str) -> Vec<(&str, SinkSet)> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        rest = &rest[at..];
        let mut cleared = 0;
        while let Some(after) = rest.strip_prefix('@') {
            let end = after.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(after.len());
            let (name, after) = after.split_at(end);
            let (given, after) = in_brackets(after);
            cleared |= match name {
                "Matches" => cleared_by_literal(given),
                _ if CLEAN.contains(&name) => SinkSet::MAX,
                _ => 0,
            };
            rest = after.trim_start();
        }
        let name = loop {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            rest = after.trim_start();
            if !MODIFIERS.contains(&word) {
                break word;
            }
        };
        if !name.is_empty() && rest.starts_with([':', '?', '!', ';', '=']) {
            fields.push((name, cleared));
        }
    }
    fields
}

/// What a decorator is given, and what stands after it.
fn in_brackets(text: &str) -> (&str, &str) {
    if !text.starts_with('(') {
        return ("", text);
    }
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        depth = match letter {
            '(' => depth + 1,
            ')' => depth.saturating_sub(1),
            _ => depth,
        };
        if depth == 0 {
            return (&text[1..at], &text[at + 1..]);
        }
    }
    ("", "")
}

/// `/^[a-z]+$/, { message: '..' }`: what a regex lets through.
fn cleared_by_literal(given: &str) -> SinkSet {
    let Some((source, _)) = given.trim_start().strip_prefix('/').and_then(|literal| literal.rsplit_once('/')) else {
        return 0;
    };
    cleared_by_pattern(&Regex { source: source.into(), flags: "".into(), dialect: Dialect::JavaScript })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_their_decorators_are_read() {
        let text = "class A {\n  @IsUUID('4') id: string;\n  @IsString()\n  @MaxLength(10)\n  name!: string;\n  @IsOptional() @IsIn(['a', f(b)]) readonly sort?: string;\n  @Get() run() {}\n  plain: string;\n}";
        let read: Vec<(&str, bool)> =
            checked_fields(text).into_iter().map(|(name, cleared)| (name, cleared == SinkSet::MAX)).collect();
        assert_eq!(read, [("id", true), ("name", false), ("sort", true)]);
        assert!(checked_fields("class A { @Matches(/^[a-z]+$/) x: string }")[0].1 != 0);
        assert_eq!(checked_fields("class A { @IsIn(").len(), 0);
    }
}
