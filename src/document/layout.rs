//! Positioned glyphs to lines, blocks and the text of a document.
//!
//! [`PageBuilder`] takes the glyphs of one page in the order they are drawn and cuts them into lines. The drawing
//! order is the reading order: programs that set two columns draw one after the other, and re-ordering by position
//! made two-column papers worse when it was measured. Only pages that jump about are put in order. [`assemble`] sees all pages at once: it tells running
//! headers and page numbers apart, joins hyphenated words, cuts lines into blocks and writes the one text.
//!
//! Coordinates are points from the top left corner of the page as it is read; y grows downwards.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use super::direction::{is_right_to_left, is_unspaced, letters_of_shapes, logical_order};
use super::line_numbers::{Beside, Number, line_numbers};
use super::order::reading_order;
use super::{Block, BlockKind, Line, Rect};

/// One glyph as it stands on the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glyph {
    /// Origin: the left end of its piece of the baseline.
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// From its origin to where the next one of its word would stand.
    pub(crate) advance: (f32, f32),
    /// Height of the font's em in points.
    pub(crate) size: f32,
    pub(crate) bold: bool,
}

/// The lines of one page.
#[derive(Debug, Default)]
pub(crate) struct PageLines {
    width: f32,
    height: f32,
    text: String,
    lines: Vec<PageLine>,
    /// Lines at the end that are the numbers of other lines.
    numbers: usize,
}

/// How much text there is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extent {
    pub(crate) bytes: u64,
    pub(crate) lines: u64,
}

impl PageLines {
    /// How much text is on the page.
    pub(crate) fn extent(&self) -> Extent {
        Extent {
            bytes: self.text.len() as u64,
            lines: self.lines.len() as u64,
        }
    }

    fn line_text(&self, line: &PageLine) -> &str {
        self.text.get(line.range.clone()).unwrap_or_default()
    }

    /// Takes the numbers of lines out of the page.
    fn take_line_numbers(&mut self) -> Vec<PageLine> {
        let besides: Vec<Beside> = self.lines.iter().map(|line| self.beside(line)).collect();
        let found = line_numbers(&besides);
        if !found.contains(&true) {
            return Vec::new();
        }
        let mut numbers = Vec::new();
        let mut kept = Vec::with_capacity(self.lines.len());
        for (mut line, found) in std::mem::take(&mut self.lines).into_iter().zip(found) {
            match line.leading {
                _ if !found => kept.push(line),
                None => numbers.push(line),
                Some(leading) => {
                    let mut number = line.clone();
                    number.range.end = number.range.start + leading.length;
                    number.bounds.right = leading.right;
                    numbers.push(number);
                    line.range.start += leading.length + 1;
                    line.bounds.left = leading.rest;
                    line.leading = None;
                    kept.push(line);
                }
            }
        }
        self.lines = kept;
        numbers
    }

    fn beside(&self, line: &PageLine) -> Beside {
        let text = self.line_text(line);
        let digits = match line.leading {
            Some(leading) => text.get(..leading.length).unwrap_or_default(),
            None => text,
        };
        let is_number = line.upright
            && digits.len() <= LINE_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let value = digits.parse().ok().filter(|_| is_number);
        Beside {
            bounds: line.bounds,
            size: line.size,
            number: value.map(|value| Number {
                value,
                right: line
                    .leading
                    .map_or(line.bounds.right, |leading| leading.right),
                alone: line.leading.is_none(),
            }),
        }
    }
}

#[derive(Clone, Debug)]
struct PageLine {
    range: Range<usize>,
    bounds: Rect,
    baseline: f32,
    size: f32,
    bold: bool,
    /// Not one letter of it is in the other weight, as in a heading; a paragraph may begin with bold words.
    one_weight: bool,
    /// Reads from left to right on a horizontal baseline.
    upright: bool,
    leading: Option<Leading>,
}

/// The digits that a line begins with, parted by a gap from what follows.
#[derive(Clone, Copy, Debug)]
struct Leading {
    /// Bytes of them, and where they end on the page.
    length: usize,
    right: f32,
    /// Where the rest begins.
    rest: f32,
}

/// A line's number has no more digits.
const LINE_DIGITS: usize = 4;

/// A gap from this on, in ems, is a space between words.
const WORD_GAP: f32 = 0.15;
/// A gap from this on, in ems, ends the line: a table's column or a gutter.
const LINE_GAP: f32 = 2.0;
/// A step back beyond this, in ems, ends the line.
const BACK_STEP: f32 = -0.8;
/// Glyphs this far off the baseline, in ems of the larger of both sizes, are superscripts and subscripts; those
/// farther off start a line.
const BASELINE_STEP: f32 = 0.65;
/// Cosine of the largest angle between the glyphs of one line.
const SAME_DIRECTION: f32 = 0.97;
/// The same character drawn again within this distance, in ems, is a poor man's bold.
const OVERPRINT: f32 = 0.1;
/// Extent of letters above and below the baseline, in ems, where fonts are not asked.
const ASCENT: f32 = 0.8;
const DESCENT: f32 = 0.2;

/// The line being built.
struct OpenLine {
    start: usize,
    bounds: Rect,
    /// The origin and direction of its first glyph.
    baseline: f32,
    direction: (f32, f32),
    /// Where the next glyph of the word would stand.
    pen: (f32, f32),
    /// Where the last glyph stands.
    origin: (f32, f32),
    size: f32,
    last: Option<(char, f32, f32)>,
    /// Letters by size, to find the size of most.
    sizes: Vec<(f32, u32)>,
    letters: u32,
    bold_letters: u32,
    leading: Option<Leading>,
    from_right: Option<Box<FromRight>>,
}

/// What a line with letters of a script that runs from right to left keeps.
#[derive(Default)]
struct FromRight {
    /// How often such letters were drawn to the left of the one before, as they are read, and to the right of it.
    to_left: u32,
    to_right: u32,
    /// Glyphs of several letters: where they stand in the text.
    ligatures: Vec<Range<usize>>,
}

/// Builds the lines of one page from glyphs in drawing order.
pub(crate) struct PageBuilder {
    page: PageLines,
    open: Option<OpenLine>,
    /// Glyphs whose characters are not known.
    pub(crate) unknown: u64,
}

impl PageBuilder {
    /// For a page of this size in points.
    pub(crate) fn new(width: f32, height: f32) -> Self {
        PageBuilder {
            page: PageLines {
                width,
                height,
                ..PageLines::default()
            },
            open: None,
            unknown: 0,
        }
    }

    /// How much text there is so far.
    pub(crate) fn extent(&self) -> Extent {
        self.page.extent()
    }

    /// Whether any of the glyph is on the page; printers' marks and leftovers of imposition are not.
    pub(crate) fn shows(&self, glyph: &Glyph) -> bool {
        let x = glyph.x + glyph.advance.0 / 2.0;
        let y = glyph.y + glyph.advance.1 / 2.0;
        (-glyph.size..=self.page.width + glyph.size).contains(&x)
            && (-glyph.size..=self.page.height + glyph.size).contains(&y)
    }

    /// Adds a glyph that shows `c`.
    pub(crate) fn push_char(&mut self, c: char, glyph: &Glyph) {
        match c {
            'ﬀ' => self.push_run("ff", glyph),
            'ﬁ' => self.push_run("fi", glyph),
            'ﬂ' => self.push_run("fl", glyph),
            'ﬃ' => self.push_run("ffi", glyph),
            'ﬄ' => self.push_run("ffl", glyph),
            'ﬅ' | 'ﬆ' => self.push_run("st", glyph),
            _ if c.is_whitespace() || c.is_control() => self.push_space(glyph),
            _ => self.push_run(c.encode_utf8(&mut [0; 4]), glyph),
        }
    }

    /// Adds a glyph that shows several characters.
    pub(crate) fn push_str(&mut self, text: &str, glyph: &Glyph) {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => self.push_char(c, glyph),
            (Some(_), Some(_)) => {
                let mut words = text.split(|c: char| c.is_whitespace() || c.is_control());
                self.push_words(words.next().unwrap_or_default(), words, glyph);
            }
            (None, _) => {}
        }
    }

    fn push_words<'t>(
        &mut self,
        first: &str,
        others: impl Iterator<Item = &'t str>,
        glyph: &Glyph,
    ) {
        self.push_run(first, glyph);
        for word in others {
            self.put_space();
            self.page.text.push_str(word);
        }
    }

    /// Moves over a glyph whose characters are not known. It parts words: most often it is the space of a
    /// font that does not name its glyphs.
    pub(crate) fn push_unknown(&mut self, glyph: &Glyph) {
        self.unknown += 1;
        self.push_space(glyph);
    }

    /// Moves over a glyph that is part of what was pushed before.
    pub(crate) fn push_covered(&mut self, glyph: &Glyph) {
        self.push_run("", glyph);
    }

    /// The page; ends the line under way.
    pub(crate) fn finish(mut self) -> PageLines {
        self.end_line();
        let numbers = self.page.take_line_numbers();
        let lines = &self.page.lines;
        if lines.iter().all(|line| line.upright) {
            let bounds: Vec<Rect> = lines.iter().map(|line| line.bounds).collect();
            if let Some(order) = reading_order(&bounds) {
                self.page.lines = order
                    .into_iter()
                    .filter_map(|at| lines.get(at).cloned())
                    .collect();
            }
        }
        self.page.numbers = numbers.len();
        self.page.lines.extend(numbers);
        self.page
    }

    fn push_space(&mut self, glyph: &Glyph) {
        if !self.continues(glyph) {
            self.end_line();
            return;
        }
        if let Some(line) = &mut self.open {
            line.pen = (glyph.x + glyph.advance.0, glyph.y + glyph.advance.1);
            line.origin = (glyph.x, glyph.y);
            self.put_space();
        }
    }

    fn put_space(&mut self) {
        if let Some(line) = &self.open
            && self.page.text.len() > line.start
            && !self.page.text.ends_with(' ')
        {
            self.page.text.push(' ');
        }
    }

    fn push_run(&mut self, text: &str, glyph: &Glyph) {
        let first = text.chars().next();
        if self.overprints(first, glyph) {
            return;
        }
        if !self.continues(glyph) {
            self.end_line();
            self.begin_line(glyph);
        }
        let Some(line) = &self.open else { return };
        if let (Some(c), Some((last, ..))) = (first, line.last)
            && along(line, glyph) < ACCENT_OVERLAP
            && self.page.text.ends_with(last)
            && let Some(accented) = compose(last, c)
        {
            self.page.text.pop();
            self.page.text.push(accented);
            if let Some(line) = &mut self.open {
                let end = (glyph.x + glyph.advance.0, glyph.y + glyph.advance.1);
                // An accent drawn after its letter leaves the pen where the letter ends.
                if is_letter(c) {
                    line.pen = end;
                }
                line.last = Some((accented, glyph.x, glyph.y));
                extend(&mut line.bounds, glyph, line.direction);
            }
            return;
        }
        let (gap, side) = step(line, glyph);
        let parts_words = !(first.is_some_and(is_unspaced)
            && line.last.is_some_and(|(last, ..)| is_unspaced(last)));
        if gap >= WORD_GAP && parts_words {
            self.put_space();
        }
        let start = self.page.text.len();
        self.page.text.push_str(text);
        let Some(line) = &mut self.open else { return };
        if start - line.start <= LINE_DIGITS + 1
            && let Some(digits) = self.page.text[line.start..start].strip_suffix(' ')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            line.leading = Some(Leading {
                length: digits.len(),
                right: line.bounds.right,
                rest: glyph.x,
            });
        }
        if first.is_some_and(is_right_to_left) {
            let follows = line.last.is_some_and(|(last, ..)| is_right_to_left(last));
            let from_right = line.from_right.get_or_insert_default();
            match side {
                _ if !follows => {}
                Side::Left => from_right.to_left += 1,
                Side::Right => from_right.to_right += 1,
            }
            if text.chars().nth(1).is_some() {
                from_right.ligatures.push(start..start + text.len());
            }
        }
        line.pen = (glyph.x + glyph.advance.0, glyph.y + glyph.advance.1);
        line.origin = (glyph.x, glyph.y);
        line.last = first.map(|c| (c, glyph.x, glyph.y));
        line.size = glyph.size;
        if !text.is_empty() {
            extend(&mut line.bounds, glyph, line.direction);
            count(line, glyph, text.chars().count() as u32);
        }
    }

    /// Whether the last character is drawn again at its place.
    fn overprints(&self, first: Option<char>, glyph: &Glyph) -> bool {
        let last = self.open.as_ref().and_then(|line| line.last);
        last.is_some_and(|(last, x, y)| {
            first == Some(last) && (glyph.x - x).hypot(glyph.y - y) < OVERPRINT * glyph.size
        })
    }

    /// Whether the glyph stands on the line under way.
    fn continues(&self, glyph: &Glyph) -> bool {
        let Some(line) = &self.open else { return false };
        if !same_direction(glyph, line.direction) {
            return false;
        }
        let (gap, _) = step(line, glyph);
        let em = glyph.size.max(line.size).max(f32::MIN_POSITIVE);
        let across = ((glyph.y - line.pen.1) * line.direction.0
            - (glyph.x - line.pen.0) * line.direction.1)
            / em;
        (BACK_STEP..LINE_GAP).contains(&gap) && across.abs() < BASELINE_STEP
    }

    fn begin_line(&mut self, glyph: &Glyph) {
        self.open = Some(OpenLine {
            start: self.page.text.len(),
            bounds: Rect {
                left: f32::INFINITY,
                top: f32::INFINITY,
                right: f32::NEG_INFINITY,
                bottom: f32::NEG_INFINITY,
            },
            baseline: glyph.y,
            direction: direction_of(glyph, (1.0, 0.0)),
            pen: (glyph.x, glyph.y),
            origin: (glyph.x, glyph.y),
            size: glyph.size,
            last: None,
            sizes: Vec::new(),
            letters: 0,
            bold_letters: 0,
            leading: None,
            from_right: None,
        });
    }

    /// Ends the line under way: what follows stands elsewhere.
    pub(crate) fn end_line(&mut self) {
        let Some(line) = self.open.take() else { return };
        if let Some(from_right) = &line.from_right {
            self.put_in_order(line.start, from_right);
        }
        let end = self.page.text.trim_end_matches(' ').len().max(line.start);
        self.page.text.truncate(end);
        if end == line.start {
            return;
        }
        let size = line
            .sizes
            .iter()
            .max_by_key(|(_, letters)| *letters)
            .map_or(line.size, |(size, _)| *size);
        let finished = PageLine {
            range: line.start..end,
            bounds: line.bounds,
            baseline: line.baseline,
            size,
            bold: line.bold_letters > line.letters / 2,
            one_weight: line.bold_letters == 0 || line.bold_letters == line.letters,
            upright: line.direction.0 > SAME_DIRECTION,
            leading: line.leading,
        };
        if self.is_overprint(&finished) {
            self.page.text.truncate(line.start);
        } else {
            self.page.lines.push(finished);
        }
    }

    /// Brings the line from `start` into the order in which it is read, and its letters into their plain form.
    fn put_in_order(&mut self, start: usize, from_right: &FromRight) {
        let mut text = self.page.text.split_off(start);
        if from_right.to_left < from_right.to_right.max(1) {
            // They are read from the right, too, and will be turned round with the rest.
            for ligature in &from_right.ligatures {
                let ligature = ligature.start - start..ligature.end - start;
                if let Some(letters) = text.get(ligature.clone()) {
                    let turned: String = letters.chars().rev().collect();
                    text.replace_range(ligature, &turned);
                }
            }
            text = logical_order(text.trim_end());
        }
        self.page.text.push_str(&letters_of_shapes(&text));
    }

    /// Whether the line was just drawn at the same place: a shadow, or bold by drawing twice.
    fn is_overprint(&self, line: &PageLine) -> bool {
        self.page.lines.iter().rev().take(2).any(|before| {
            (before.bounds.left - line.bounds.left).abs() < OVERPRINT * line.size
                && (before.baseline - line.baseline).abs() < OVERPRINT * line.size
                && self.page.line_text(before) == self.page.line_text(line)
        })
    }
}

/// A letter that begins this far before its accent ends, in ems, is drawn under it.
const ACCENT_OVERLAP: f32 = -0.15;

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && combining(c).is_none()
}

/// The combining form of an accent that stands for itself. TeX's older fonts have no accented letters and draw
/// the two over each other.
fn combining(accent: char) -> Option<char> {
    Some(match accent {
        '`' => '\u{300}',
        '´' => '\u{301}',
        'ˆ' | '^' => '\u{302}',
        '˜' | '~' => '\u{303}',
        '¯' => '\u{304}',
        '˘' => '\u{306}',
        '˙' => '\u{307}',
        '¨' => '\u{308}',
        '˚' => '\u{30a}',
        '˝' => '\u{30b}',
        'ˇ' => '\u{30c}',
        '¸' => '\u{327}',
        '˛' => '\u{328}',
        _ => return None,
    })
}

/// The accented letter of an accent and a letter, in either order.
fn compose(first: char, second: char) -> Option<char> {
    let (accent, letter) = match (combining(first), combining(second)) {
        (Some(accent), None) => (accent, second),
        (None, Some(accent)) => (accent, first),
        _ => return None,
    };
    let letter = match letter {
        'ı' => 'i',
        'ȷ' => 'j',
        letter => letter,
    };
    unicode_normalization::char::compose(letter, accent)
}

/// The distance from the pen to the glyph along the line, in ems.
fn along(line: &OpenLine, glyph: &Glyph) -> f32 {
    let em = glyph.size.max(f32::MIN_POSITIVE);
    ((glyph.x - line.pen.0) * line.direction.0 + (glyph.y - line.pen.1) * line.direction.1) / em
}

/// The side of the last glyph on which the next one stands.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// The distance to the glyph from where the line ends, in ems. A line with letters that are read from right to left may
/// grow on either side.
fn step(line: &OpenLine, glyph: &Glyph) -> (f32, Side) {
    let gap = along(line, glyph);
    if line.from_right.is_none() {
        return (gap, Side::Right);
    }
    let em = glyph.size.max(f32::MIN_POSITIVE);
    let end = (glyph.x + glyph.advance.0, glyph.y + glyph.advance.1);
    let to_left = ((line.origin.0 - end.0) * line.direction.0
        + (line.origin.1 - end.1) * line.direction.1)
        / em;
    match to_left.abs() < gap.abs() {
        true => (to_left, Side::Left),
        false => (gap, Side::Right),
    }
}

/// Whether the glyph's advance points along `direction`, a unit vector, or has no direction of its own.
fn same_direction(glyph: &Glyph, direction: (f32, f32)) -> bool {
    let (dx, dy) = glyph.advance;
    let along = dx * direction.0 + dy * direction.1;
    let length = dx * dx + dy * dy;
    length <= f32::EPSILON
        || (along > 0.0 && along * along > SAME_DIRECTION * SAME_DIRECTION * length)
}

/// The unit vector of the glyph's advance; `otherwise` when it has none.
fn direction_of(glyph: &Glyph, otherwise: (f32, f32)) -> (f32, f32) {
    let (dx, dy) = glyph.advance;
    let length = dx.hypot(dy);
    if length > f32::EPSILON && length.is_finite() {
        (dx / length, dy / length)
    } else {
        otherwise
    }
}

fn extend(bounds: &mut Rect, glyph: &Glyph, direction: (f32, f32)) {
    let up = (direction.1 * glyph.size, -direction.0 * glyph.size);
    for along in [0.0, 1.0] {
        for height in [ASCENT, -DESCENT] {
            let x = glyph.x + glyph.advance.0 * along + up.0 * height;
            let y = glyph.y + glyph.advance.1 * along + up.1 * height;
            bounds.left = bounds.left.min(x);
            bounds.right = bounds.right.max(x);
            bounds.top = bounds.top.min(y);
            bounds.bottom = bounds.bottom.max(y);
        }
    }
}

/// Sizes told apart in one line; a line with more is counted under the first ones.
const SIZES_PER_LINE: usize = 8;

fn count(line: &mut OpenLine, glyph: &Glyph, letters: u32) {
    line.letters = line.letters.saturating_add(letters);
    if glyph.bold {
        line.bold_letters = line.bold_letters.saturating_add(letters);
    }
    let same = |(size, _): &&mut (f32, u32)| (*size - glyph.size).abs() < 0.05;
    if let Some((_, count)) = line.sizes.iter_mut().find(same) {
        *count = count.saturating_add(letters);
    } else if line.sizes.len() < SIZES_PER_LINE {
        line.sizes.push((glyph.size, letters));
    }
}

/// The text of a document and the ranges into it.
#[derive(Debug, Default)]
pub(crate) struct Assembled {
    pub(crate) text: String,
    pub(crate) pages: Vec<Range<usize>>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) lines: Vec<Line>,
}

/// Writes the text of all pages. Joins words hyphenated at a line's end when `dehyphenate` is set.
pub(crate) fn assemble(pages: &[PageLines], dehyphenate: bool) -> Assembled {
    let furniture = find_furniture(pages);
    let mut flow = Flow::new(pages, &furniture);
    if dehyphenate {
        flow.decide_joins();
    }
    flow.write()
}

/// A line in the flow of the document.
struct FlowLine<'p> {
    page: usize,
    line: &'p PageLine,
    text: &'p str,
    /// Bytes of `text` that moved up to the line before.
    moved: usize,
    furniture: bool,
}

/// All lines of the document in reading order.
struct Flow<'p> {
    pages: &'p [PageLines],
    lines: Vec<FlowLine<'p>>,
    /// For every line, the next one that is not furniture.
    next: Vec<Option<usize>>,
    joins: HashMap<usize, Join>,
}

/// How a line that ends in a hyphen goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Join {
    /// The hyphen was put in by the typesetter.
    Drop,
    /// The hyphen is the word's own.
    Keep,
}

impl<'p> Flow<'p> {
    fn new(pages: &'p [PageLines], furniture: &[Vec<bool>]) -> Self {
        let mut lines = Vec::new();
        for (number, (page, marks)) in pages.iter().zip(furniture).enumerate() {
            for (line, &furniture) in page.lines.iter().zip(marks) {
                lines.push(FlowLine {
                    page: number,
                    line,
                    text: page.line_text(line),
                    moved: 0,
                    furniture,
                });
            }
        }
        let mut next = vec![None; lines.len()];
        let mut following = None;
        for (index, line) in lines.iter().enumerate().rev() {
            next[index] = following;
            if !line.furniture {
                following = Some(index);
            }
        }
        Flow {
            pages,
            lines,
            next,
            joins: HashMap::new(),
        }
    }

    /// Decides for every line that ends in a hyphen what becomes of it.
    fn decide_joins(&mut self) {
        let mut breaks = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            if let Some(next) = self.next[index].and_then(|next| self.lines.get(next))
                && !line.furniture
                && let Some(found) = Break::find(line, next)
            {
                breaks.push((index, found));
            }
        }
        if breaks.is_empty() {
            return;
        }
        let mut vocabulary = Vocabulary::asked_of(breaks.iter().map(|(_, found)| found));
        self.count_words(&breaks, &mut vocabulary);
        for (index, found) in breaks {
            self.joins.insert(index, vocabulary.decide(&found));
        }
    }

    /// Counts all whole words. The pieces of broken ones are none.
    fn count_words(&self, breaks: &[(usize, Break<'_>)], vocabulary: &mut Vocabulary) {
        let heads: HashSet<usize> = breaks.iter().map(|(index, _)| *index).collect();
        let tails: HashSet<usize> = heads.iter().filter_map(|index| self.next[*index]).collect();
        for (index, line) in self.lines.iter().enumerate() {
            let mut text = line.text;
            if tails.contains(&index) {
                text = text.split_once(' ').map_or("", |(_, rest)| rest);
            }
            if heads.contains(&index) {
                text = text.rsplit_once(' ').map_or("", |(rest, _)| rest);
            }
            text.split(' ').for_each(|word| vocabulary.count_word(word));
        }
    }

    fn write(mut self) -> Assembled {
        let mut out = Assembled::default();
        let mut index = 0;
        let pages = self.pages;
        for (number, page) in pages.iter().enumerate() {
            let page_start = out.text.len();
            let first = index;
            while self
                .lines
                .get(index)
                .is_some_and(|line| line.page == number)
            {
                index += 1;
            }
            let starts = block_starts(page, &self.lines[first..index]);
            let mut open: Option<Block> = None;
            for (at, starts_block) in (first..index).zip(starts) {
                if starts_block && let Some(block) = open.take() {
                    close_block(&mut out, block);
                }
                let start = out.text.len();
                if !self.write_line(at, &mut out.text) {
                    continue;
                }
                let line = &self.lines[at];
                let number = out.lines.len();
                let block = open.get_or_insert_with(|| Block {
                    range: start..start,
                    lines: number..number,
                    page: line.page as u32 + 1,
                    kind: match line.furniture {
                        true => BlockKind::Furniture,
                        false => BlockKind::Paragraph,
                    },
                });
                block.range.end = out.text.len();
                block.lines.end = number + 1;
                out.lines.push(Line {
                    range: start..out.text.len(),
                    bounds: Some(line.line.bounds),
                    size: line.line.size,
                    bold: line.line.bold,
                });
                out.text.push('\n');
            }
            if let Some(block) = open.take() {
                close_block(&mut out, block);
            }
            out.pages.push(page_start..out.text.len());
            out.text.push('\x0c');
        }
        out
    }

    /// Writes line `at` with what moves up to it from the lines below; false when nothing is left of it.
    fn write_line(&mut self, at: usize, out: &mut String) -> bool {
        let Some(line) = self.lines.get(at) else {
            return false;
        };
        let rest = line.text.get(line.moved..).unwrap_or_default();
        if rest.is_empty() {
            return false;
        }
        push_visible(out, rest);
        let mut last = at;
        while let Some(join) = self.joins.get(&last).copied()
            && let Some(next) = self.next[last]
            && let Some(below) = self.lines.get_mut(next)
        {
            if join == Join::Drop {
                out.pop();
            }
            let rest = below.text.get(below.moved..).unwrap_or_default();
            let word = rest.find(' ').unwrap_or(rest.len());
            push_visible(out, &rest[..word]);
            below.moved += word + usize::from(word < rest.len());
            if word < rest.len() {
                break;
            }
            last = next;
        }
        true
    }
}

fn close_block(out: &mut Assembled, block: Block) {
    out.text.push('\n');
    out.blocks.push(block);
}

/// A soft hyphen that was drawn is a hyphen, wherever it is not dropped.
fn push_visible(out: &mut String, text: &str) {
    for (part, piece) in text.split(SOFT_HYPHEN).enumerate() {
        if part > 0 {
            out.push('-');
        }
        out.push_str(piece);
    }
}

const SOFT_HYPHEN: char = '\u{ad}';

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | SOFT_HYPHEN | '\u{2010}')
}

/// A word broken at a line's end: `inter-` and `national`.
struct Break<'p> {
    head: &'p str,
    tail: &'p str,
    soft: bool,
}

impl<'p> Break<'p> {
    fn find(line: &FlowLine<'p>, next: &FlowLine<'p>) -> Option<Self> {
        let hyphen = line.text.chars().next_back().filter(|c| is_hyphen(*c))?;
        let body = &line.text[..line.text.len() - hyphen.len_utf8()];
        let head = &body[body.rfind(' ').map_or(0, |space| space + 1)..];
        let word = &next.text[..next.text.find(' ').unwrap_or(next.text.len())];
        let soft = hyphen == SOFT_HYPHEN;
        let fits = head.chars().next_back().is_some_and(char::is_alphabetic)
            && word.chars().next().is_some_and(|c| match soft {
                true => c.is_alphabetic(),
                false => c.is_lowercase(),
            })
            && (line.line.size - next.line.size).abs() <= 0.15 * line.line.size;
        fits.then_some(Break {
            head: head.trim_start_matches(|c: char| !c.is_alphanumeric()),
            tail: word.trim_end_matches(|c: char| !c.is_alphanumeric()),
            soft,
        })
    }
}

/// Which of the forms in question occur elsewhere in the document.
struct Vocabulary {
    hasher: RandomState,
    seen: HashMap<u64, u32>,
}

impl Vocabulary {
    /// A vocabulary that counts the forms these breaks ask about.
    fn asked_of<'p: 'f, 'f>(breaks: impl Iterator<Item = &'f Break<'p>>) -> Self {
        let mut vocabulary = Vocabulary {
            hasher: RandomState::new(),
            seen: HashMap::new(),
        };
        for found in breaks {
            let (head, tail) = vocabulary.parts(found);
            let joined = vocabulary.joined(found);
            let hyphenated = vocabulary.hyphenated(found);
            for form in [joined, hyphenated, head, tail] {
                vocabulary.seen.insert(form, 0);
            }
        }
        vocabulary
    }

    fn count_word(&mut self, word: &str) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let form = self.hash(word.chars());
        if let Some(seen) = self.seen.get_mut(&form) {
            *seen += 1;
        }
    }

    fn hash(&self, word: impl Iterator<Item = char>) -> u64 {
        let folded: String = word
            .flat_map(|c| if is_hyphen(c) { '-' } else { c }.to_lowercase())
            .collect();
        self.hasher.hash_one(folded)
    }

    fn joined(&self, found: &Break<'_>) -> u64 {
        self.hash(found.head.chars().chain(found.tail.chars()))
    }

    fn hyphenated(&self, found: &Break<'_>) -> u64 {
        self.hash(
            found
                .head
                .chars()
                .chain(std::iter::once('-'))
                .chain(found.tail.chars()),
        )
    }

    /// The words before and after the hyphen, each by itself.
    fn parts(&self, found: &Break<'_>) -> (u64, u64) {
        (self.hash(found.head.chars()), self.hash(found.tail.chars()))
    }

    fn count(&self, form: u64) -> u32 {
        self.seen.get(&form).copied().unwrap_or(0)
    }

    fn decide(&self, found: &Break<'_>) -> Join {
        let joined = self.count(self.joined(found));
        let hyphenated = self.count(self.hyphenated(found));
        let (head, tail) = self.parts(found);
        let long = |part: &str| part.chars().count() >= COMPOUND_PART;
        // `mixed-mode`: both are words of the document, and `mixedmode` is not.
        let compound = joined == 0
            && long(found.head)
            && long(found.tail)
            && self.count(head) > 0
            && self.count(tail) > 0;
        // Nobody breaks a word after one letter.
        let letter = found.head.chars().nth(1).is_none();
        let chain = found.head.contains(is_hyphen)
            || (found.tail.contains(is_hyphen) && self.count(head) > 0);
        let own_hyphen =
            !found.soft && joined <= hyphenated && (hyphenated > 0 || compound || letter || chain);
        match own_hyphen {
            true => Join::Keep,
            false => Join::Drop,
        }
    }
}

/// Letters that each part of a compound has at least; shorter ones are syllables more often than words.
const COMPOUND_PART: usize = 4;

/// Share of the page's height at its top and at its bottom where furniture stands.
const MARGIN: f32 = 0.12;
/// The same where nothing stands in that margin: pages with wide margins have their running headers lower.
const WIDE_MARGIN: f32 = 0.18;
/// Furniture stands at the same height on all its pages, within this many points.
const SAME_HEIGHT: f32 = 8.0;
/// Lines whose baselines are no farther apart, in points, are one row.
const SAME_ROW: f32 = 1.0;
/// Outermost lines of a page looked at, at the top and at the bottom each.
const MARGIN_LINES: usize = 4;
/// Lines this much larger than running text are headings and titles, which stand at a page's head too.
const CLEARLY_LARGER: f32 = 1.15;
/// Pages in which furniture that large stands three times: on all of them, or on those of one side.
const SOON: usize = 4;

/// For every line of every page whether it is a running header, a running footer or a page number.
fn find_furniture(pages: &[PageLines]) -> Vec<Vec<bool>> {
    let mut places: HashMap<String, Vec<(usize, usize, f32)>> = HashMap::new();
    let mut marks: Vec<Vec<bool>> = pages
        .iter()
        .map(|page| vec![false; page.lines.len()])
        .collect();
    let margins: Vec<Vec<usize>> = pages.iter().map(margin_lines).collect();
    for (number, (page, margin)) in pages.iter().zip(&margins).enumerate() {
        for &index in margin {
            let line = &page.lines[index];
            let key = furniture_key(page.line_text(line));
            if is_page_number(&key) && is_in_margin(page, line, MARGIN) {
                marks[number][index] = true;
            }
            places
                .entry(key)
                .or_default()
                .push((number, index, line.baseline));
        }
    }
    let enough = if pages.len() < 5 { 2 } else { 3 };
    let large = CLEARLY_LARGER * running_size(pages);
    let is_large = |page: usize, index: usize| pages[page].lines[index].size >= large;
    for mut same in places.into_values() {
        same.sort_by(|a, b| a.2.total_cmp(&b.2));
        for group in same.chunk_by(|a, b| b.2 - a.2 < SAME_HEIGHT) {
            let mut on: Vec<usize> = group.iter().map(|(page, ..)| *page).collect();
            on.sort_unstable();
            on.dedup();
            // "Exercises" heads a section of each chapter; a running header comes back at once.
            let runs = on.windows(3).any(|on| on[2] - on[0] <= SOON);
            for &(page, index, _) in group.iter().filter(|_| on.len() >= enough) {
                marks[page][index] |= runs || !is_large(page, index);
            }
        }
    }
    mark_heights(pages, &margins, enough, is_large, &mut marks);
    for (page, marks) in pages.iter().zip(&mut marks) {
        let first = marks.len() - page.numbers.min(marks.len());
        marks[first..].fill(true);
    }
    marks
}

/// The size of most letters, to half a point.
fn running_size(pages: &[PageLines]) -> f32 {
    let mut sizes: HashMap<u32, usize> = HashMap::new();
    for line in pages.iter().flat_map(|page| &page.lines) {
        *sizes.entry((line.size * 2.0).round() as u32).or_default() += line.range.len();
    }
    let most = sizes
        .into_iter()
        .max_by_key(|&(size, letters)| (letters, size));
    most.map_or(0.0, |(size, _)| size as f32 / 2.0)
}

/// Marks the lines that stand where furniture stands on most pages: the names of short chapters, the words that a page
/// of a dictionary begins with.
fn mark_heights(
    pages: &[PageLines],
    margins: &[Vec<usize>],
    enough: usize,
    is_large: impl Fn(usize, usize) -> bool,
    marks: &mut [Vec<bool>],
) {
    // One of each row of a page.
    let mut heights: Vec<f32> = Vec::new();
    for (number, (page, margin)) in pages.iter().zip(margins).enumerate() {
        let first = heights.len();
        for &index in margin.iter().filter(|&&index| marks[number][index]) {
            let height = page.lines[index].baseline;
            let same = |other: &f32| (other - height).abs() <= SAME_ROW;
            if !heights[first..].iter().any(same) {
                heights.push(height);
            }
        }
    }
    heights.sort_by(f32::total_cmp);
    for (number, (page, margin)) in pages.iter().zip(margins).enumerate() {
        for &index in margin.iter().filter(|&&index| !is_large(number, index)) {
            let height = page.lines[index].baseline;
            let first = heights.partition_point(|other| *other < height - SAME_ROW);
            let last = heights.partition_point(|other| *other <= height + SAME_ROW);
            let often = last - first;
            if often >= enough && often * 2 >= pages.len() {
                marks[number][index] = true;
            }
        }
    }
}

fn middle(line: &PageLine) -> f32 {
    (line.bounds.top + line.bounds.bottom) / 2.0
}

/// Whether the line stands in the share of the page's height at its top or at its bottom.
fn is_in_margin(page: &PageLines, line: &PageLine, share: f32) -> bool {
    let middle = middle(line);
    middle < page.height * share || middle > page.height * (1.0 - share)
}

/// The outermost lines in the margins of a page; where one is empty, the outermost row if it is not far from there.
fn margin_lines(page: &PageLines) -> Vec<usize> {
    let mut top: Vec<usize> = Vec::new();
    let mut bottom: Vec<usize> = Vec::new();
    let (mut highest, mut lowest) = (f32::MAX, f32::MIN);
    let lines = page.lines.len() - page.numbers.min(page.lines.len());
    let lines = &page.lines[..lines];
    for (index, line) in lines.iter().enumerate() {
        if middle(line) < page.height * MARGIN {
            top.push(index);
        } else if middle(line) > page.height * (1.0 - MARGIN) {
            bottom.push(index);
        }
        highest = highest.min(line.baseline);
        lowest = lowest.max(line.baseline);
    }
    for (margin, outermost) in [(&mut top, highest), (&mut bottom, lowest)] {
        if margin.is_empty() {
            let row = lines.iter().enumerate().filter(|(_, line)| {
                (line.baseline - outermost).abs() <= SAME_ROW
                    && is_in_margin(page, line, WIDE_MARGIN)
            });
            margin.extend(row.map(|(index, _)| index));
        }
    }
    let height = |index: &usize| page.lines.get(*index).map_or(0.0, middle);
    top.sort_by(|a, b| height(a).total_cmp(&height(b)));
    bottom.sort_by(|a, b| height(b).total_cmp(&height(a)));
    top.truncate(MARGIN_LINES);
    bottom.truncate(MARGIN_LINES);
    top.extend(bottom);
    top
}

/// The line without what changes from page to page: numbers become `#`.
fn furniture_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            _ if c.is_numeric() => {
                if !key.ends_with('#') {
                    key.push('#');
                }
            }
            _ if c.is_whitespace() => {
                if !key.ends_with(' ') {
                    key.push(' ');
                }
            }
            _ => key.push(c),
        }
    }
    key
}

/// `12`, `- 12 -`, `page 3 of 7`, `xiv`.
fn is_page_number(key: &str) -> bool {
    let bare = key.trim_matches(|c: char| !c.is_alphanumeric() && c != '#');
    matches!(
        bare,
        "#" | "page #" | "p. #" | "#/#" | "# / #" | "page # of #" | "# of #" | "page #/#"
    ) || (!bare.is_empty() && bare.len() <= 6 && bare.chars().all(|c| "ivxl".contains(c)))
}

/// For every line of a page whether a block begins with it.
fn block_starts(page: &PageLines, lines: &[FlowLine<'_>]) -> Vec<bool> {
    let leading = usual_leading(page);
    let mut starts = Vec::with_capacity(lines.len());
    let mut block = BlockShape::default();
    for (index, line) in lines.iter().enumerate() {
        let begins = match index.checked_sub(1).and_then(|before| lines.get(before)) {
            None => true,
            Some(before) => {
                before.furniture != line.furniture || begins_block(&block, before, line, leading)
            }
        };
        if begins {
            block = BlockShape::default();
        }
        block.add(line.line);
        starts.push(begins);
    }
    starts
}

/// The block under way.
#[derive(Default)]
struct BlockShape {
    lines: usize,
    right: f32,
}

impl BlockShape {
    fn add(&mut self, line: &PageLine) {
        self.right = match self.lines {
            0 => line.bounds.right,
            _ => self.right.max(line.bounds.right),
        };
        self.lines += 1;
    }
}

/// The distance between baselines most lines of the page keep, in ems.
fn usual_leading(page: &PageLines) -> f32 {
    let mut steps: Vec<f32> = page
        .lines
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] if a.upright && b.upright && a.size > 0.0 => {
                Some((b.baseline - a.baseline) / a.size)
            }
            _ => None,
        })
        .filter(|step| (0.8..3.0).contains(step))
        .collect();
    let middle = steps.len() / 2;
    if steps.is_empty() {
        return 1.2;
    }
    let (_, median, _) = steps.select_nth_unstable_by(middle, f32::total_cmp);
    *median
}

fn begins_block(
    block: &BlockShape,
    above: &FlowLine<'_>,
    below: &FlowLine<'_>,
    leading: f32,
) -> bool {
    let (a, b) = (above.line, below.line);
    let em = a.size.max(b.size).max(f32::MIN_POSITIVE);
    if a.upright != b.upright {
        return true;
    }
    if !a.upright {
        return false;
    }
    let step = (b.baseline - a.baseline) / em;
    if step.abs() < 0.5 {
        return false;
    }
    let apart = b.bounds.left > a.bounds.right.max(block.right) || b.bounds.right < a.bounds.left;
    step < 0.0
        || step > leading * 1.3
        || apart
        || (a.size - b.size).abs() > 0.08 * em
        || (a.bold != b.bold && a.one_weight && b.one_weight)
        || begins_item(below.text)
        || begins_paragraph(block, above, below, em)
}

/// A bullet, a bracketed reference number or the number of a caption.
fn begins_item(text: &str) -> bool {
    begins_caption(text)
        || text.starts_with(['•', '◦', '▪', '‣', '∙', '●', '■'])
        || text
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'))
            .is_some_and(|(number, _)| {
                !number.is_empty()
                    && number.len() <= 4
                    && number.bytes().all(|b| b.is_ascii_digit())
            })
}

/// `Figure 3:`, `Table II.`; a sentence that begins with the same words goes on without a stop.
fn begins_caption(text: &str) -> bool {
    let mut words = text.split(' ');
    let name = words.next().unwrap_or_default();
    matches!(
        name,
        "Figure" | "FIGURE" | "Fig." | "FIG." | "Table" | "TABLE" | "Algorithm" | "Listing"
    ) && words
        .next()
        .and_then(|number| number.strip_suffix([':', '.']))
        .is_some_and(|number| {
            !number.is_empty()
                && number.len() <= 6
                && number
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b == b'.' || b"IVX".contains(&b))
        })
}

/// Whether an indent or the end of a hanging indent begins a paragraph.
fn begins_paragraph(
    block: &BlockShape,
    above: &FlowLine<'_>,
    below: &FlowLine<'_>,
    em: f32,
) -> bool {
    let (a, b) = (above.line.bounds, below.line.bounds);
    let centred = ((a.left + a.right) - (b.left + b.right)).abs() < em;
    if centred {
        return false;
    }
    let indent = (b.left - a.left) / em;
    let short = a.right < block.right.max(b.right) - 1.5 * em;
    let finished = above
        .text
        .trim_end_matches(['"', '”', '’', ')', ']'])
        .ends_with(['.', '?', '!', ':']);
    if indent > 0.7 {
        finished || short
    } else if indent < -0.7 {
        block.lines > 1
    } else {
        short && finished
    }
}
