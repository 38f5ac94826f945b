//! The text that the contents of a page show, in lines as a reader sees them (ISO 32000, 8.4 and 9.4).

use super::font::Font;
use super::syntax::{Dict, Lexer, Value, is_blank};
use crate::limits::{MAX_PDF_FORMS, MAX_PDF_NESTING};
use std::collections::HashMap;
use std::rc::Rc;

/// What contents name.
pub(super) trait Resources {
    /// The font of a name.
    fn font(&self, resources: &Dict, name: &str) -> Rc<Font>;
    /// The contents and resources of a form of a name.
    fn form(&self, resources: &Dict, name: &str) -> Option<(Vec<u8>, Rc<Dict>)>;
    /// Whether so many bytes of text may still be shown.
    fn may_show(&self, bytes: usize) -> bool;
    /// Takes note of a part that was too large to be read.
    fn cut(&self);
}

/// A matrix as PDF writes it: a point (x, y) becomes (ax + cy + e, bx + dy + f).
#[derive(Debug, Clone, Copy)]
struct Matrix([f64; 6]);

impl Matrix {
    const SAME: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// This one, then another.
    fn then(self, other: Matrix) -> Matrix {
        let (Matrix([a, b, c, d, e, f]), Matrix([oa, ob, oc, od, oe, of])) = (self, other);
        Matrix([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }

    fn moved(self, x: f64, y: f64) -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(self)
    }

    /// How much longer or shorter it makes what is upright.
    fn height(self) -> f64 {
        self.0[2].hypot(self.0[3])
    }
}

/// Shows contents, one after the other.
pub(super) struct Writer<'r> {
    resources: &'r dyn Resources,
    out: String,
    /// Where the last letter ended, and how tall it was.
    pen: Option<(f64, f64, f64)>,
    /// Forms inside each other.
    depth: usize,
}

/// What operators set.
#[derive(Clone)]
struct State {
    page: Matrix,
    font: Rc<Font>,
    size: f64,
    leading: f64,
    /// Added to each letter, and to each blank.
    spacing: (f64, f64),
}

impl<'r> Writer<'r> {
    pub(super) fn new(resources: &'r dyn Resources) -> Writer<'r> {
        Writer { resources, out: String::new(), pen: None, depth: 0 }
    }

    /// The text so far.
    pub(super) fn text(self) -> String {
        self.out
    }

    /// Adds the text of contents.
    pub(super) fn show(&mut self, contents: &[u8], resources: &Dict) {
        self.show_in(contents, resources, Matrix::SAME);
    }

    fn show_in(&mut self, contents: &[u8], resources: &Dict, page: Matrix) {
        let font = Rc::new(Font::default());
        let mut lexer = Lexer::new(contents, 0);
        let mut state = State { page, font, size: 1.0, leading: 0.0, spacing: (0.0, 0.0) };
        let mut kept: Vec<State> = Vec::new();
        let mut fonts: HashMap<String, Rc<Font>> = HashMap::new();
        let (mut line, mut at) = (Matrix::SAME, Matrix::SAME);
        let mut given: Vec<Value> = Vec::new();
        while let Some(value) = lexer.next() {
            let Value::Word(operator) = value else {
                // Operators take six at the most; what is more is damage.
                if given.len() < 64 {
                    given.push(value);
                }
                continue;
            };
            let number = |at: usize| given.get(at).and_then(Value::number).unwrap_or(0.0);
            match operator.as_str() {
                "q" if kept.len() < MAX_PDF_NESTING => kept.push(state.clone()),
                "Q" => state = kept.pop().unwrap_or(state),
                "cm" => state.page = matrix(&given).then(state.page),
                "BT" => (line, at) = (Matrix::SAME, Matrix::SAME),
                "Tc" => state.spacing.0 = number(0),
                "Tw" => state.spacing.1 = number(0),
                "TL" => state.leading = number(0),
                "Tf" => {
                    let name = given.first().and_then(Value::name).unwrap_or_default();
                    let read = || self.resources.font(resources, name);
                    state.font = Rc::clone(fonts.entry(name.to_owned()).or_insert_with(read));
                    state.size = number(1);
                }
                "Td" | "TD" | "T*" => {
                    let (x, y) = if operator == "T*" { (0.0, -state.leading) } else { (number(0), number(1)) };
                    if operator == "TD" {
                        state.leading = -y;
                    }
                    line = line.moved(x, y);
                    at = line;
                }
                "Tm" => {
                    line = matrix(&given);
                    at = line;
                }
                "'" | "\"" => {
                    if operator == "\"" {
                        state.spacing = (number(1), number(0));
                    }
                    line = line.moved(0.0, -state.leading);
                    at = self.letters(given.last(), &state, line);
                }
                "Tj" | "TJ" => at = self.letters(given.last(), &state, at),
                "Do" => self.form(given.first().and_then(Value::name), resources, state.page),
                "ID" => lexer.at = after_image(contents, lexer.at),
                _ => {}
            }
            given.clear();
        }
        if lexer.cut {
            self.resources.cut();
        }
    }

    /// Shows a text, or a list of texts and moves between them; gives where it ends.
    fn letters(&mut self, what: Option<&Value>, state: &State, mut at: Matrix) -> Matrix {
        match what {
            Some(Value::Text(codes)) => self.run(codes, state, at),
            Some(Value::List(parts)) => {
                for part in parts {
                    at = match part {
                        Value::Number(back) => at.moved(-back / 1000.0 * state.size, 0.0),
                        part => self.letters(Some(part).filter(|part| matches!(part, Value::Text(_))), state, at),
                    };
                }
                at
            }
            _ => at,
        }
    }

    fn run(&mut self, codes: &[u8], state: &State, at: Matrix) -> Matrix {
        let whole = at.then(state.page);
        self.go_to(whole.0[4], whole.0[5], state.size.abs() * whole.height());
        let mut advance = 0.0;
        let before = self.out.len();
        state.font.read(codes, |letters, code, width| {
            self.out.extend(letters.chars().filter(|letter| !letter.is_control()));
            let blank = if code == 32 { state.spacing.1 } else { 0.0 };
            advance += width * state.size + state.spacing.0 + blank;
        });
        if !self.resources.may_show(self.out.len() - before) {
            self.out.truncate(before);
        }
        let at = at.moved(advance, 0.0);
        let end = at.then(state.page);
        self.pen = Some((end.0[4], end.0[5], state.size.abs() * whole.height()));
        at
    }

    /// Puts what a reader sees between two letters: nothing, a blank, or the end of a line.
    fn go_to(&mut self, x: f64, y: f64, height: f64) {
        /// Of the height: a blank is a quarter, letters are moved closer or apart by a tenth.
        const BLANK: f64 = 0.18;
        let Some((pen, base, last)) = self.pen else { return };
        let tall = height.max(last);
        if (y - base).abs() > tall * 0.5 || x < pen - tall * 2.0 {
            self.out.push('\n');
        } else if x - pen > tall * BLANK && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    fn form(&mut self, name: Option<&str>, resources: &Dict, page: Matrix) {
        if self.depth < MAX_PDF_FORMS
            && let Some((contents, own)) = name.and_then(|name| self.resources.form(resources, name))
        {
            self.depth += 1;
            self.show_in(&contents, if own.is_empty() { resources } else { &own }, page);
            self.depth -= 1;
        }
    }
}

fn matrix(given: &[Value]) -> Matrix {
    let number = |at: usize| given.get(at).and_then(Value::number).unwrap_or(0.0);
    Matrix(std::array::from_fn(number))
}

/// Where contents go on after the bytes of an image that stands among them.
fn after_image(contents: &[u8], from: usize) -> usize {
    let rest = &contents[from..];
    let ends = |&at: &usize| {
        let blank = |at: Option<usize>| at.and_then(|at| rest.get(at)).is_none_or(|&byte| is_blank(byte));
        blank(at.checked_sub(1)) && blank(Some(at + 2))
    };
    memchr::memmem::find_iter(rest, "EI").find(ends).map_or(contents.len(), |at| from + at + 2)
}
