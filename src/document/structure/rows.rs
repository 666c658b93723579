//! The lines of a document as the search for headings looks at them.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::names;
use crate::document::{BlockKind, Document, Kind, Rect};

/// A line of running text or of a heading; furniture and code are left out.
#[derive(Clone, Debug)]
pub(super) struct Row<'d> {
    /// Bytes of the text, without white space around.
    pub(super) range: Range<usize>,
    pub(super) text: &'d str,
    pub(super) page: u32,
    /// Level of a heading that the input marks as one.
    pub(super) marked: Option<u8>,
    /// First and last of its block.
    pub(super) first: bool,
    pub(super) last: bool,
    /// Whether its block has lines one below the other, and is no mere row of labels.
    pub(super) stacked: bool,
    /// White space before the text of its line, in bytes.
    pub(super) indent: usize,
    pub(super) size: f32,
    pub(super) bold: bool,
    pub(super) bounds: Option<Rect>,
}

impl Row<'_> {
    pub(super) fn own_block(&self) -> bool {
        self.first && self.last
    }

    /// Its words, at most 40.
    pub(super) fn words(&self) -> usize {
        const MOST: usize = 40;
        if !self.text.is_ascii() {
            return self.text.split_whitespace().take(MOST).count();
        }
        let (mut words, mut spaced) = (0_usize, true);
        for byte in self.text.bytes() {
            let space = matches!(byte, b' ' | 0x09..=0x0d);
            words += usize::from(spaced && !space);
            spaced = space;
        }
        words.min(MOST)
    }

    /// Where the two are drawn, when they stand on one baseline.
    pub(super) fn level_with(&self, other: &Row<'_>) -> Option<(Rect, Rect)> {
        let (here, there) = (self.bounds?, other.bounds?);
        let level = self.page == other.page
            && (here.bottom - there.bottom).abs() < 0.3 * self.size.max(1.0);
        level.then_some((here, there))
    }

    /// Whether it ends as a sentence does.
    pub(super) fn ends_sentence(&self) -> bool {
        let end = self.text.trim_end_matches(['"', '\'', '”', '’', ')', ']']);
        end.ends_with(['.', '?', '!', ':', ';', '。', '！', '？']) || end.len() < self.text.len()
    }
}

/// All rows of a document, in order.
pub(super) fn rows(document: &Document) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::with_capacity(document.lines.len());
    for block in &document.blocks {
        match block.kind {
            BlockKind::Furniture | BlockKind::Code => {}
            BlockKind::Heading(level) => {
                rows.extend(
                    row(document, block.range.clone(), block.page).map(|row| Row {
                        marked: Some(level),
                        first: true,
                        last: true,
                        ..row
                    }),
                );
            }
            BlockKind::Paragraph => paragraph(document, block, &mut rows),
        }
    }
    rows
}

fn paragraph<'d>(document: &'d Document, block: &super::Block, rows: &mut Vec<Row<'d>>) {
    let before = rows.len();
    for line in document.lines.get(block.lines.clone()).unwrap_or_default() {
        let Some(row) = row(document, line.range.clone(), block.page) else {
            continue;
        };
        let row = Row {
            size: line.size,
            bold: line.bold,
            bounds: line.bounds,
            ..row
        };
        match rows[before..].last_mut() {
            Some(last) if is_number_of(last, &row) => {
                last.range.end = row.range.end;
                last.text = document.text.get(last.range.clone()).unwrap_or_default();
                last.bold |= row.bold;
                last.size = row.size;
            }
            _ => rows.push(row),
        }
    }
    let stacked = rows[before..]
        .windows(2)
        .any(|pair| !side_by_side(&pair[0], &pair[1]));
    for row in &mut rows[before..] {
        row.stacked = stacked;
    }
    if let Some(first) = rows.get_mut(before) {
        first.first = true;
    }
    if let Some(last) = rows[before..].last_mut() {
        last.last = true;
    }
}

fn side_by_side(row: &Row<'_>, next: &Row<'_>) -> bool {
    match (row.bounds, next.bounds) {
        (Some(a), Some(b)) => (a.bottom - b.bottom).abs() < 0.3 * row.size.max(1.0),
        _ => false,
    }
}

/// Whether `number` is the section number set far to the left of its heading.
fn is_number_of(number: &Row<'_>, name: &Row<'_>) -> bool {
    match (number.bounds, name.bounds) {
        (Some(left), Some(right)) => {
            names::bare_number(number.text)
                && left.right <= right.left
                && (left.bottom - right.bottom).abs() < 0.4 * name.size.max(1.0)
        }
        _ => false,
    }
}

fn row(document: &Document, range: Range<usize>, page: u32) -> Option<Row<'_>> {
    let line = document.text.get(range.clone())?;
    let text = line.trim();
    let indent = line.len() - line.trim_start().len();
    let start = range.start + indent;
    (!text.is_empty()).then(|| Row {
        range: start..start + text.len(),
        text,
        page,
        marked: None,
        first: false,
        last: false,
        stacked: false,
        indent,
        size: 0.0,
        bold: false,
        bounds: None,
    })
}

/// What running text looks like in this document.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) kind: Kind,
    /// Whether the input marks its headings.
    pub(super) marked: bool,
    /// Size of most letters, in points; 0 where there are no sizes.
    pub(super) size: f32,
    /// Whether most letters are bold.
    pub(super) bold: bool,
    /// Whether there is running text at all, and not only labels.
    pub(super) running: bool,
}

impl Body {
    pub(super) fn of(document: &Document, rows: &[Row<'_>]) -> Self {
        let mut sizes: HashMap<u32, usize, RandomState> = HashMap::default();
        let (mut bold, mut all) = (0, 0);
        for row in rows {
            *sizes.entry(half_points(row.size)).or_default() += row.text.len();
            all += row.text.len();
            bold += if row.bold { row.text.len() } else { 0 };
        }
        let most = sizes
            .into_iter()
            .max_by_key(|&(size, letters)| (letters, size));
        let mut body = Body {
            kind: document.kind,
            marked: document.kind == Kind::Markdown || rows.iter().any(|row| row.marked.is_some()),
            size: most.map_or(0.0, |(size, _)| size as f32 / 2.0),
            bold: bold * 2 > all,
            running: false,
        };
        body.running = rows.iter().any(|row| body.runs(row));
        body
    }

    /// Whether the row is set larger than running text.
    pub(super) fn larger(&self, row: &Row<'_>) -> bool {
        self.size > 0.0 && row.size >= self.size * 1.07 && row.size >= self.size + 0.6
    }

    /// Whether the row is bold where running text is not.
    pub(super) fn bolder(&self, row: &Row<'_>) -> bool {
        row.bold && !self.bold
    }

    /// Whether the row is one of running text: it reads so, and is set so, in a paragraph or as a sentence.
    pub(super) fn runs(&self, row: &Row<'_>) -> bool {
        const LABEL: usize = 60;
        let label =
            !row.stacked && row.text.len() < LABEL && !row.text.ends_with(['.', '?', '!', ':']);
        !label && !self.larger(row) && !self.bolder(row) && (prose(row.text) || caseless(row.text))
    }
}

/// Whether a line reads like running text: enough words, most of them in lower case.
pub(super) fn prose(line: &str) -> bool {
    if line.len() < 30 {
        return false;
    }
    let (mut words, mut lower) = (0_usize, 0_usize);
    for word in line.split_whitespace().take(60) {
        words += 1;
        lower += usize::from(word.starts_with(char::is_lowercase) && !word.contains('@'));
    }
    words >= 5 && lower * 2 > words && !leader(line)
}

/// Whether a line in a script without case, such as Han or Arabic, is as long as one of running text.
fn caseless(line: &str) -> bool {
    const LEAST: usize = 15;
    let without_case =
        |c: &char| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase() && !c.is_ascii();
    line.chars().filter(without_case).nth(LEAST).is_some()
}

/// A size in half points, so that sizes that differ by rounding are equal.
pub(super) fn half_points(size: f32) -> u32 {
    (size.clamp(0.0, 2000.0) * 2.0).round() as u32
}

/// Whether every letter is a capital, and there are at least three.
pub(super) fn capitals(text: &str) -> bool {
    let mut letters = 0;
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if c.is_lowercase() {
            return false;
        }
        letters += 1;
    }
    letters >= 3
}

/// Words that titles leave in lower case, and that never end a title's line for good.
pub(super) const SMALL_WORDS: &[&str] = &[
    "a", "an", "the", "of", "for", "and", "or", "in", "on", "at", "to", "with", "by", "from", "as",
    "into", "via", "vs", "versus", "over", "under", "through", "using", "its", "their", "is",
    "are", "de", "la", "le", "les", "des", "du", "et", "en", "und", "der", "die", "das", "für",
    "von", "mit", "zu", "zur", "zum", "im", "y", "el", "los", "las", "del", "e", "do", "da",
    "between", "towards", "toward", "based", "that", "when", "without", "within", "&", "nor",
    "but", "per",
];

/// Whether most content words begin with a capital: "Dynamic Content Generation".
pub(super) fn title_case(text: &str) -> bool {
    capital_share(text) >= 0.7
}

/// The share of content words that begin with a capital.
pub(super) fn capital_share(text: &str) -> f32 {
    let (mut capital, mut all) = (0usize, 0usize);
    for word in text.split_whitespace().take(40) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let Some(first) = word.chars().next() else {
            continue;
        };
        if !first.is_alphabetic() || SMALL_WORDS.contains(&word) {
            continue;
        }
        all += 1;
        capital += usize::from(first.is_uppercase());
    }
    capital as f32 / all.max(1) as f32
}

/// Letters as a share of all characters that are not white space, and the letters' number.
pub(super) fn letters(text: &str) -> (usize, f32) {
    // As many bytes are counted several at once.
    if text.len() <= usize::from(u8::MAX) && text.is_ascii() {
        let count = |counts: fn(u8) -> bool| {
            let count = text.bytes().map(|byte| u8::from(counts(byte)));
            usize::from(count.fold(0_u8, u8::wrapping_add))
        };
        let letters = count(|byte| byte.is_ascii_alphabetic());
        let all = count(|byte| byte != b' ' && byte.wrapping_sub(9) > 4);
        return (letters, letters as f32 / all.max(1) as f32);
    }
    let (mut letters, mut all) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        all += 1;
        letters += usize::from(c.is_alphabetic());
    }
    (letters, letters as f32 / all.max(1) as f32)
}

/// Whether a line stands for a text that is to come: "Please wait...".
pub(super) fn trails_off(text: &str) -> bool {
    text.ends_with("...") || text.ends_with('…')
}

/// Whether dot leaders run through the line: an entry of a table of contents.
pub(super) fn leader(text: &str) -> bool {
    // Most lines have no such marks.
    let dots = text.bytes().filter(|&byte| byte == b'.').count();
    dots >= 3 && (text.contains("....") || text.contains(". . . "))
        || !text.is_ascii() && text.contains("· · ·")
}

/// Whether the row is the caption of a figure or table, with its number: "Figure 3: …", "Table 2".
pub(super) fn figure(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "figure",
        "fig",
        "table",
        "tab",
        "abbildung",
        "abb",
        "tabelle",
        "tableau",
        "chart",
        "plate",
        "scheme",
    ];
    let mut parts = text
        .split([' ', '\u{a0}', '.', ':'])
        .filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or("").to_lowercase();
    NAMES.contains(&name.as_str()) && parts.next().is_some_and(names::bare_number)
}

/// Whether the row is a caption, or the head of a theorem and its like: "Figure 3: …", "Table 2", "Lemma 4".
pub(super) fn caption(text: &str) -> bool {
    const NAMES: &[&str] = &[
        "figure",
        "fig",
        "table",
        "tab",
        "algorithm",
        "listing",
        "scheme",
        "theorem",
        "lemma",
        "definition",
        "proposition",
        "corollary",
        "proof",
        "example",
        "remark",
        "abbildung",
        "tabelle",
        "tableau",
        "chart",
        "box",
        "plate",
        "equation",
        "step",
        "case",
        "property",
        "claim",
        "observation",
        "assumption",
        "satz",
        "beispiel",
        "bemerkung",
        "aufgabe",
        "folgerung",
        "korollar",
        "beweis",
        "exercise",
        "question",
        "théorème",
        "exemple",
        "remarque",
    ];
    const OF: &[&str] = &["proof", "solution", "answer", "beweis", "lösung", "preuve"];
    const LONGEST: usize = 11;
    let mut parts = text
        .split([' ', '\u{a0}', '.', ':'])
        .filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or("");
    // Letters of other scripts may have fewer bytes in lower case.
    if name.is_ascii() && (name.len() > LONGEST || name.len() < 3) {
        return false;
    }
    let mut name = name.to_lowercase();
    let mut next = parts.next().unwrap_or("");
    // "Proof of Theorem 2", "Solution to Exercise 4".
    if OF.contains(&name.as_str()) && SMALL_WORDS.contains(&next) {
        name = parts.next().unwrap_or("").to_lowercase();
        next = parts.next().unwrap_or("");
    }
    NAMES.contains(&name.as_str())
        && (next.is_empty()
            || next.starts_with(|c: char| c.is_ascii_digit() || c == '(')
            || names::bare_number(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_letters_of_ascii_are_counted_as_those_of_other_texts() {
        let document = |text: &str| {
            crate::document::read(
                text.as_bytes(),
                &crate::config::Config::new(),
                &crate::progress::Unobserved,
            )
        };
        for line in ["a", "Two words", "  tabs\tand\u{b}more: 3.1 (x_y)", "-"] {
            // One letter more, that is none of ASCII.
            let longer = format!("{line}é");
            let [short, long] = [line, longer.as_str()].map(|line| document(line).unwrap());
            let words = |document: &Document| rows(document)[0].words();
            assert_eq!(words(&short), words(&long), "{line}");
            let count = |text: &str| {
                let (count, share) = letters(text);
                (count, (count as f32 / share.max(1e-6)).round() as usize)
            };
            let ((few, all), (more, all_longer)) = (count(line), count(&longer));
            assert_eq!(few + 1, more, "{line}");
            assert!(few == 0 || all + 1 == all_longer, "{line}");
        }
    }
}
