//! The text interpreter: the operators of a content stream that place text, and nothing else.
//!
//! Operator numbers and their meaning: ISO 32000-1, sections 8.4 (graphics state), 8.10 (form XObjects),
//! 9 (text) and 14.9.4 (replacement text).

use std::collections::HashMap;
use std::rc::Rc;

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Rect, Stream};
use hayro_syntax::page::Resources;

use super::font::{Fonts, Text};
use super::form::{Form, Forms, XObject};
use super::fuel::Fuel;
use super::layers::Layers;
use crate::document::layout::{Glyph, PageBuilder};
use crate::error::Result;

/// `[a b c d e f]` of ISO 32000-1, 8.3.4: x' = a·x + c·y + e, y' = b·x + d·y + f.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix([f64; 6]);

impl Matrix {
    const IDENTITY: Matrix = Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn new(coefficients: [f64; 6]) -> Self {
        Matrix(coefficients)
    }

    /// The smallest upright rectangle around the image of `rect`.
    fn bounds_of(&self, rect: Rect) -> Rect {
        let [a, b, c, d, e, f] = self.0;
        let corners = [
            (rect.x0, rect.y0),
            (rect.x0, rect.y1),
            (rect.x1, rect.y0),
            (rect.x1, rect.y1),
        ]
        .map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
        let fold = |pick: fn(f64, f64) -> f64, start: f64, of: fn(&(f64, f64)) -> f64| {
            corners.iter().map(of).fold(start, pick)
        };
        Rect::new(
            fold(f64::min, f64::INFINITY, |corner| corner.0),
            fold(f64::min, f64::INFINITY, |corner| corner.1),
            fold(f64::max, f64::NEG_INFINITY, |corner| corner.0),
            fold(f64::max, f64::NEG_INFINITY, |corner| corner.1),
        )
    }

    fn translation(x: f64, y: f64) -> Self {
        Matrix([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// First `self`, then `outer`.
    fn then(&self, outer: &Matrix) -> Matrix {
        let [a, b, c, d, e, f] = self.0;
        let [oa, ob, oc, od, oe, of] = outer.0;
        Matrix([
            a * oa + b * oc,
            a * ob + b * od,
            c * oa + d * oc,
            c * ob + d * od,
            e * oa + f * oc + oe,
            e * ob + f * od + of,
        ])
    }
}

/// The part of the graphics state that `q` saves and text depends on.
#[derive(Clone, Copy, Debug)]
struct State {
    ctm: Matrix,
    font: Option<usize>,
    size: f64,
    char_space: f64,
    word_space: f64,
    /// Horizontal scaling as a factor: 1 is 100 %.
    scale: f64,
    leading: f64,
    rise: f64,
}

impl State {
    fn new(ctm: Matrix) -> Self {
        State {
            ctm,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

/// Saved states kept; deeper `q` are counted, so that their `Q` match, and change nothing.
const SAVED_STATES: usize = 1_024;
/// Marked-content sequences kept open; deeper ones only counted.
const MARKED_DEPTH: usize = 1_024;

/// Text that is filled into a field: its size, the distance of its lines and the width of its letters, in sizes.
const FILLED_SIZE: f64 = 10.0;
const FILLED_LEADING: f64 = 1.2;
const FILLED_ADVANCE: f64 = 0.5;

/// Glyphs of one string between two checks of the limits.
const GLYPHS_PER_CHECK: usize = 1_024;

/// Runs content streams of one page and hands their glyphs to the layout.
pub(super) struct Interpreter<'a, 'r, 'o, 'c> {
    fonts: &'r mut Fonts<'a, 'c>,
    forms: &'r mut Forms<'a>,
    pub(super) fuel: &'r mut Fuel<'o>,
    pub(super) layers: &'r Layers,
    pub(super) page: &'r mut PageBuilder,
    /// Images drawn so far.
    pub(super) images: u64,
    /// Streams that could not be decoded so far.
    pub(super) unreadable: u64,
    /// Strings shown so far.
    shown: u64,
    /// XObjects drawn so far.
    drawn: u64,
    /// Bytes of the contents that are being run, each inside the one before.
    running: u64,
}

/// What one content stream keeps while it runs.
struct Run<'a> {
    state: State,
    saved: Vec<State>,
    unsaved: usize,
    text: Matrix,
    line: Matrix,
    marked: Vec<Marked>,
    unmarked: usize,
    /// Open sequences that belong to a layer switched off.
    hidden: usize,
    /// The fonts selected so far by their names in the resources.
    fonts: HashMap<Vec<u8>, Option<usize>>,
    /// The XObjects drawn so far by their names in the resources.
    x_objects: HashMap<Vec<u8>, XObject<'a>>,
}

/// An open marked-content sequence.
enum Marked {
    Plain,
    /// Its glyphs stand for this text, which is written with the first of them.
    Replaced(Option<String>),
    /// Its layer is switched off.
    Hidden,
}

impl<'a, 'r, 'o, 'c> Interpreter<'a, 'r, 'o, 'c> {
    pub(super) fn new(
        fonts: &'r mut Fonts<'a, 'c>,
        forms: &'r mut Forms<'a>,
        fuel: &'r mut Fuel<'o>,
        layers: &'r Layers,
        page: &'r mut PageBuilder,
    ) -> Self {
        Interpreter {
            fonts,
            forms,
            fuel,
            layers,
            page,
            images: 0,
            unreadable: 0,
            shown: 0,
            drawn: 0,
            running: 0,
        }
    }

    /// Runs the content stream of a page whose user space `to_page` brings to page coordinates.
    pub(super) fn run_page(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        to_page: Matrix,
    ) -> Result<()> {
        self.run(content, resources, State::new(to_page), 0)
    }

    /// Runs what an annotation shows: `appearance` brought into the annotation's rectangle (ISO 32000-1, 12.5.5).
    pub(super) fn run_appearance(
        &mut self,
        appearance: &Stream<'a>,
        rect: Rect,
        to_page: Matrix,
    ) -> Result<()> {
        let form = match self.forms.look_up(appearance, self.layers) {
            XObject::Form(form) => form,
            // Its subtype is not asked for: an appearance is a form.
            _ => Rc::new(Form::new(appearance)),
        };
        let matrix = form.matrix.map_or(Matrix::IDENTITY, Matrix);
        let Some(bounds) = appearance.dict().get::<Rect>(keys::BBOX) else {
            return Ok(());
        };
        let bounds = matrix.bounds_of(bounds);
        let factor = |wanted: f64, present: f64| match present > 0.0 {
            true => wanted / present,
            false => 1.0,
        };
        let sx = factor(rect.x1 - rect.x0, bounds.x1 - bounds.x0);
        let sy = factor(rect.y1 - rect.y0, bounds.y1 - bounds.y0);
        let into_rect = Matrix([
            sx,
            0.0,
            0.0,
            sy,
            rect.x0 - bounds.x0 * sx,
            rect.y0 - bounds.y0 * sy,
        ]);
        self.fuel.form(1)?;
        let state = State::new(into_rect.then(&to_page));
        self.run_form(&form, &Resources::new(Dict::empty()), &state, 1)
    }

    /// Strings shown so far.
    pub(super) fn shown(&self) -> u64 {
        self.shown
    }

    /// Shows a text that nothing was drawn for, as a viewer would fill it into `rect`.
    pub(super) fn show_text(&mut self, text: &str, rect: Rect, to_page: Matrix) -> Result<()> {
        let Matrix([a, b, c, d, e, f]) = to_page;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        for (number, line) in lines.enumerate() {
            let below = FILLED_LEADING * FILLED_SIZE * (number + 1) as f64;
            let (x, y) = (rect.x0, rect.y1 - below);
            let advance = FILLED_ADVANCE * FILLED_SIZE * line.chars().count() as f64;
            let placed = Glyph {
                x: (x * a + y * c + e) as f32,
                y: (x * b + y * d + f) as f32,
                advance: ((advance * a) as f32, (advance * b) as f32),
                size: (FILLED_SIZE * c.hypot(d)) as f32,
                bold: false,
            };
            if placed.size.is_finite() && self.page.shows(&placed) {
                self.page.push_str(line, &placed);
            }
            self.fuel.shown(line.len());
            self.page.end_line();
            self.fuel.check(self.page.extent())?;
        }
        Ok(())
    }

    fn run(
        &mut self,
        content: &[u8],
        resources: &Resources<'a>,
        state: State,
        depth: u64,
    ) -> Result<()> {
        self.running += content.len() as u64;
        self.fuel.contents(self.running)?;
        let mut run = Run {
            state,
            saved: Vec::new(),
            unsaved: 0,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
            marked: Vec::new(),
            unmarked: 0,
            hidden: 0,
            fonts: HashMap::new(),
            x_objects: HashMap::new(),
        };
        let mut operators = UntypedIter::new(content);
        while let Some(instruction) = operators.next() {
            self.fuel.operator(self.page.extent())?;
            let operator: &[u8] = instruction.operator;
            match operator {
                b"Do" => {
                    if run.hidden == 0
                        && let Some(Object::Name(name)) = instruction.operands().next()
                    {
                        self.draw(name, resources, &mut run, depth)?;
                    }
                }
                b"BI" => self.images += 1,
                _ if is_of_interest(operator) => {
                    let operands = Operands::new(instruction.operands());
                    self.step(operator, &operands, resources, &mut run)?;
                }
                _ => {}
            }
        }
        self.running -= content.len() as u64;
        Ok(())
    }

    fn step(
        &mut self,
        operator: &[u8],
        operands: &Operands<'_, '_>,
        resources: &Resources<'a>,
        run: &mut Run<'a>,
    ) -> Result<()> {
        match operator {
            b"q" => run.save(),
            b"Q" => run.restore(),
            b"cm" => {
                if let Some(matrix) = operands.matrix() {
                    run.state.ctm = matrix.then(&run.state.ctm);
                }
            }
            b"BT" => run.set_text_matrix(Matrix::IDENTITY),
            b"Tm" => {
                if let Some(matrix) = operands.matrix() {
                    run.set_text_matrix(matrix);
                }
            }
            b"Tf" => {
                if let (Some(Object::Name(name)), Some(size)) =
                    (operands.first(), operands.get(1).and_then(as_number))
                {
                    run.state.font = self.select_font(name, resources, run)?;
                    run.state.size = size;
                }
            }
            b"gs" => {
                if let Some(Object::Name(name)) = operands.first()
                    && let Some(dict) = resources.get_ext_g_state(name)
                {
                    self.set_font_of(&dict, &mut run.state);
                    self.fuel.check(self.page.extent())?;
                    self.fuel.contents(self.fonts.on_page())?;
                }
            }
            b"Td" => run.next_line(operands.number(0), operands.number(1)),
            b"TD" => {
                run.state.leading = -operands.number(1);
                run.next_line(operands.number(0), operands.number(1));
            }
            b"T*" => run.next_line(0.0, -run.state.leading),
            b"Tc" => run.state.char_space = operands.number(0),
            b"Tw" => run.state.word_space = operands.number(0),
            b"Tz" => run.state.scale = operands.number(0) / 100.0,
            b"TL" => run.state.leading = operands.number(0),
            b"Ts" => run.state.rise = operands.number(0),
            b"Tj" => {
                if let Some(Object::String(string)) = operands.first() {
                    self.show(string, run)?;
                }
            }
            b"'" => {
                run.next_line(0.0, -run.state.leading);
                if let Some(Object::String(string)) = operands.first() {
                    self.show(string, run)?;
                }
            }
            b"\"" => {
                run.state.word_space = operands.number(0);
                run.state.char_space = operands.number(1);
                run.next_line(0.0, -run.state.leading);
                if let Some(Object::String(string)) = operands.get(2) {
                    self.show(string, run)?;
                }
            }
            b"TJ" => {
                if let Some(Object::Array(array)) = operands.first() {
                    self.show_adjusted(array, run)?;
                }
            }
            b"BMC" => run.open_marked(Marked::Plain),
            b"BDC" => {
                let marked = self.marked(operands, resources);
                run.open_marked(marked);
                // A name may lead to much.
                self.fuel.check(self.page.extent())?;
            }
            b"EMC" => run.close_marked(),
            _ => {}
        }
        Ok(())
    }

    fn select_font(
        &mut self,
        name: &Name<'_>,
        resources: &Resources<'a>,
        run: &mut Run<'a>,
    ) -> Result<Option<usize>> {
        if let Some(known) = run.fonts.get::<[u8]>(name) {
            return Ok(*known);
        }
        let font = resources.get_font(name).map(|dict| self.fonts.load(&dict));
        run.fonts.insert(name.to_vec(), font);
        self.fuel.check(self.page.extent())?;
        self.fuel.contents(self.fonts.on_page())?;
        Ok(font)
    }

    /// What a marked-content sequence with these operands is.
    fn marked(&self, operands: &Operands<'_, '_>, resources: &Resources<'a>) -> Marked {
        let named;
        let properties = match operands.get(1) {
            Some(Object::Dict(dict)) => dict,
            Some(Object::Name(name)) => match resources.properties.get::<Dict<'_>>(name) {
                Some(dict) => {
                    named = dict;
                    &named
                }
                None => return Marked::Plain,
            },
            _ => return Marked::Plain,
        };
        if let Some(Object::Name(tag)) = operands.first()
            && &**tag == b"OC"
        {
            return match self.layers.hides(properties) {
                true => Marked::Hidden,
                false => Marked::Plain,
            };
        }
        match properties.get::<hayro_syntax::object::String<'_>>(keys::ACTUAL_TEXT) {
            Some(text) => Marked::Replaced(Some(super::text_string(&text))),
            None => Marked::Plain,
        }
    }

    /// `Font` of an extended graphics state: `[reference size]`.
    fn set_font_of(&mut self, state: &Dict<'a>, into: &mut State) {
        let Some(font) = state.get::<Array<'_>>(keys::FONT) else {
            return;
        };
        let mut entries = font.flex_iter();
        if let (Some(dict), Some(size)) = (entries.next::<Dict<'_>>(), entries.next::<Number>()) {
            into.font = Some(self.fonts.load(&dict));
            into.size = size.as_f64();
        }
    }

    fn show_adjusted(&mut self, array: &Array<'_>, run: &mut Run<'a>) -> Result<()> {
        let vertical = self.is_vertical(&run.state);
        for element in array.iter::<Object<'_>>() {
            // One array may hold as many elements as a page has operators.
            self.fuel.operator(self.page.extent())?;
            match element {
                Object::String(string) => self.show(&string, run)?,
                Object::Number(number) => {
                    let shift = -number.as_f64() / 1000.0 * run.state.size;
                    let (x, y) = match vertical {
                        true => (0.0, shift),
                        false => (shift * run.state.scale, 0.0),
                    };
                    run.text = Matrix::translation(x, y).then(&run.text);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn is_vertical(&mut self, state: &State) -> bool {
        state
            .font
            .and_then(|font| self.fonts.get(font))
            .is_some_and(|font| font.vertical)
    }

    /// Shows a string: hands its glyphs to the layout and moves the text matrix.
    fn show(&mut self, string: &[u8], run: &mut Run<'a>) -> Result<()> {
        self.shown += 1;
        let Some(font) = run.state.font.and_then(|font| self.fonts.get(font)) else {
            return Ok(());
        };
        let state = &run.state;
        let Matrix([a, b, c, d, e, f]) = run.text.then(&state.ctm);
        let up = (c * state.rise, d * state.rise);
        let size = state.size.abs() * font.em * c.hypot(d);
        let bold = font.bold;
        let vertical = font.vertical;
        let mut replacement = run.marked.iter_mut().rev().find_map(|marked| match marked {
            Marked::Replaced(text) => Some(text),
            Marked::Plain | Marked::Hidden => None,
        });
        let (mut x, mut y) = (0.0, 0.0);
        let mut rest = string;
        let mut glyphs = 0_usize;
        while !rest.is_empty() {
            glyphs += 1;
            if glyphs.is_multiple_of(GLYPHS_PER_CHECK) {
                self.fuel.shown(GLYPHS_PER_CHECK);
                self.fuel.check(self.page.extent())?;
            }
            let (code, length) = font.next_code(rest);
            rest = rest.get(length..).unwrap_or_default();
            let glyph = font.glyph(code);
            let mut advance = f64::from(glyph.advance) / 1000.0 * state.size;
            let mut spacing = state.char_space;
            if length == 1 && code == 32 {
                spacing += state.word_space;
            }
            let mut placed = Glyph {
                x: (x * a + y * c + e + up.0) as f32,
                y: (x * b + y * d + f + up.1) as f32,
                advance: (0.0, 0.0),
                size: size as f32,
                bold,
            };
            if vertical {
                placed.advance = ((advance * c) as f32, (advance * d) as f32);
                y += advance + spacing;
            } else {
                advance *= state.scale;
                placed.advance = ((advance * a) as f32, (advance * b) as f32);
                x += advance + spacing * state.scale;
            }
            // Not a number is not on the page either.
            if run.hidden > 0 || !placed.size.is_finite() || !self.page.shows(&placed) {
                continue;
            }
            match (&mut replacement, &glyph.text) {
                (Some(text), _) => match text.take() {
                    Some(text) => {
                        self.page.push_str(&text, &placed);
                        self.fuel.check(self.page.extent())?;
                    }
                    None => self.page.push_covered(&placed),
                },
                (None, Some(Text::Char(c))) => self.page.push_char(*c, &placed),
                (None, Some(Text::String(s))) => self.page.push_str(s, &placed),
                (None, None) => self.page.push_unknown(&placed),
            }
        }
        self.fuel.shown(glyphs % GLYPHS_PER_CHECK);
        run.text = Matrix::translation(x, y).then(&run.text);
        Ok(())
    }

    /// Draws an XObject: runs a form, counts an image.
    fn draw(
        &mut self,
        name: &Name<'_>,
        resources: &Resources<'a>,
        run: &mut Run<'a>,
        depth: u64,
    ) -> Result<()> {
        self.drawn += 1;
        let known = run.x_objects.get::<[u8]>(name).cloned();
        let x_object = known.unwrap_or_else(|| {
            let found = resources
                .get_x_object(name)
                .map_or(XObject::Unseen, |stream| {
                    self.forms.look_up(&stream, self.layers)
                });
            run.x_objects.insert(name.to_vec(), found.clone());
            found
        });
        match x_object {
            XObject::Image => self.images += 1,
            XObject::Unseen => {}
            XObject::Form(form) => {
                self.fuel.form(depth + 1)?;
                self.run_form(&form, resources, &run.state, depth + 1)?;
            }
        }
        Ok(())
    }

    fn run_form(
        &mut self,
        form: &Form<'a>,
        outer: &Resources<'a>,
        state: &State,
        depth: u64,
    ) -> Result<()> {
        if let Some(images) = form.textless.get() {
            self.images += images;
            return Ok(());
        }
        let content = form.stream.decoded_data().ok();
        self.fuel.check(self.page.extent())?;
        let Some(content) = content else {
            self.unreadable += 1;
            return Ok(());
        };
        let mut state = *state;
        if let Some(matrix) = form.matrix {
            state.ctm = Matrix(matrix).then(&state.ctm);
        }
        let (shown, drawn, images) = (self.shown, self.drawn, self.images);
        let resources = form.resources.as_ref();
        self.run(&content, resources.unwrap_or(outer), state, depth)?;
        // What it draws by name may be something else the next time, unless the names are its own.
        if self.shown == shown && (resources.is_some() || self.drawn == drawn) {
            form.textless.set(Some(self.images - images));
        }
        Ok(())
    }
}

impl Run<'_> {
    fn save(&mut self) {
        if self.saved.len() < SAVED_STATES {
            self.saved.push(self.state);
        } else {
            self.unsaved += 1;
        }
    }

    fn restore(&mut self) {
        if self.unsaved > 0 {
            self.unsaved -= 1;
        } else if let Some(state) = self.saved.pop() {
            self.state = state;
        }
    }

    fn set_text_matrix(&mut self, matrix: Matrix) {
        self.text = matrix;
        self.line = matrix;
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.set_text_matrix(Matrix::translation(x, y).then(&self.line));
    }

    fn open_marked(&mut self, marked: Marked) {
        if self.marked.len() < MARKED_DEPTH {
            self.hidden += usize::from(matches!(marked, Marked::Hidden));
            self.marked.push(marked);
        } else {
            self.unmarked += 1;
        }
    }

    fn close_marked(&mut self) {
        if self.unmarked > 0 {
            self.unmarked -= 1;
        } else if let Some(Marked::Hidden) = self.marked.pop() {
            self.hidden -= 1;
        }
    }
}

/// Whether [`Interpreter::step`] does anything for the operator. Most operators draw paths.
fn is_of_interest(operator: &[u8]) -> bool {
    matches!(
        operator,
        [b'q' | b'Q' | b'\'' | b'"'] | [b'T', _] | b"cm" | b"BT" | b"gs" | b"BMC" | b"BDC" | b"EMC"
    )
}

/// Operands kept of one operator: no text operator has more.
const OPERANDS: usize = 6;

/// The operands of one operator.
struct Operands<'b, 'c> {
    objects: [Option<&'b Object<'c>>; OPERANDS],
}

impl<'b, 'c> Operands<'b, 'c> {
    fn new(mut operands: impl Iterator<Item = &'b Object<'c>>) -> Self {
        Operands {
            objects: std::array::from_fn(|_| operands.next()),
        }
    }

    fn get(&self, index: usize) -> Option<&'b Object<'c>> {
        self.objects.get(index).copied().flatten()
    }

    fn first(&self) -> Option<&'b Object<'c>> {
        self.get(0)
    }

    /// The number at `index`; 0 when there is none.
    fn number(&self, index: usize) -> f64 {
        self.get(index).and_then(as_number).unwrap_or(0.0)
    }

    fn matrix(&self) -> Option<Matrix> {
        let mut matrix = [0.0; 6];
        for (index, value) in matrix.iter_mut().enumerate() {
            *value = self.get(index).and_then(as_number)?;
        }
        Some(Matrix(matrix))
    }
}

fn as_number(object: &Object<'_>) -> Option<f64> {
    match object {
        Object::Number(number) => Some(number.as_f64()),
        _ => None,
    }
}
