//! Tables of contents, lists of figures and indexes: which lines they are, and what they say of the sections.
//!
//! Such lists repeat the headings and the terms of the text beside page numbers. Nothing in them is running text, and
//! a table of contents names the sections as well as the outline that a file carries for viewers does.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::names::{self, Number};
use super::rows::{Body, Row, leader, prose};
use crate::document::Bookmark;

/// What the lists of a document say.
pub(super) struct Contents {
    /// Of each row, whether it can be one of a list; no heading is.
    pub(super) listed: Vec<bool>,
    /// The bytes of the lists, in order: no running text.
    pub(super) ranges: Vec<Range<usize>>,
    /// The entries of the tables of contents, in order and with their numbers.
    pub(super) entries: Vec<Bookmark>,
}

/// Rows in a row that may be no entries: a part's name, the first line of a long entry.
const MOST_MISSES: usize = 2;

/// Finds the lists among the rows of a document.
pub(super) fn find(rows: &[Row<'_>], body: &Body) -> Contents {
    let mut listed = vec![false; rows.len()];
    let mut sure = vec![false; rows.len()];
    let mut entries: Vec<Entry<'_>> = Vec::new();
    // Which list the row stands in, the rows since its last entry, and the page that entry named.
    let mut list: Option<List> = None;
    let mut misses = 0;
    let mut page = 0;
    for (index, row) in rows.iter().enumerate() {
        if let Some(name) = list_name(row.text) {
            (list, misses, page) = (Some(name), 0, 0);
            continue;
        }
        let led = leader(row.text);
        let paged = list.is_some().then(|| page_named(rows, index)).flatten();
        let ascending = paged.is_some_and(|named| named == 0 || named >= page)
            && (misses == 0 || !prose(row.text));
        if !led && !ascending {
            misses += 1;
            list = list.filter(|_| misses <= MOST_MISSES);
            continue;
        }
        page = paged.filter(|&named| named > 0).unwrap_or(page);
        listed[index] = true;
        sure[index] = list.is_some() || page_named(rows, index).is_some();
        let missed = index - misses.min(index)..index;
        misses = 0;
        if list.is_some() {
            // The first line of a long entry may read as a sentence.
            let begins =
                |at: usize| led && at + 1 == index && names::numbered(rows[at].text).is_some();
            let of_list =
                |&at: &usize| rows[at].page == row.page && (!prose(rows[at].text) || begins(at));
            for at in missed.clone().filter(of_list) {
                listed[at] = list_name(rows[at].text).is_none();
                sure[at] |= listed[at];
            }
        }
        if list != Some(List::Other) {
            entries.extend(entry(rows, index, missed));
        }
    }
    let indexes = indexes(rows, body);
    for index in &indexes {
        listed[index.clone()].fill(true);
        sure[index.clone()].fill(true);
    }
    Contents {
        entries: bookmarks(&entries),
        ranges: ranges(rows, sure),
        listed,
    }
}

/// Rows of a list at least; a single row with dots may be one of a form.
const FEWEST: usize = 3;

/// The bytes of the rows that stand in lists: runs of sure ones, with the first lines of long entries between them.
fn ranges(rows: &[Row<'_>], mut sure: Vec<bool>) -> Vec<Range<usize>> {
    let mut last = None;
    for at in (0..rows.len()).filter(|&at| sure[at]).collect::<Vec<_>>() {
        let between = last.map_or(at, |last| last + 1)..at;
        if between.len() <= MOST_MISSES && rows[between.clone()].iter().all(|row| !prose(row.text))
        {
            sure[between].fill(true);
        }
        last = Some(at);
    }
    let mut ranges = Vec::new();
    let mut start = 0;
    for run in sure.chunk_by(|a, b| a == b) {
        let end = start + run.len();
        if run[0] && run.len() >= FEWEST {
            ranges.push(rows[start].range.start..rows[end - 1].range.end);
        }
        start = end;
    }
    ranges
}

/// What a list lists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Sections,
    Other,
}

fn list_name(line: &str) -> Option<List> {
    // Most lines begin otherwise, whatever their length.
    let mut letters = line.chars().filter(|c| c.is_alphabetic());
    let mut letter = || letters.next().and_then(|c| c.to_lowercase().next());
    let may_name = matches!(
        (letter()?, letter()?),
        ('a', 'b')
            | ('b', 'r')
            | ('c', 'o')
            | ('d', 'e')
            | ('i' | 'í', 'n')
            | ('l', 'i')
            | ('s', 'o' | 'h')
            | ('t', 'a')
    );
    match may_name && names::can_be_name(line) {
        true => names::with_squeezed(line, list_named),
        false => None,
    }
}

fn list_named(squeezed: &str) -> Option<List> {
    match squeezed {
        "contents" | "tableofcontents" | "inhaltsverzeichnis" | "inhalt" | "tabledesmatières"
        | "índice" | "sommaire" | "shortcontents" | "briefcontents" | "detailedcontents" => {
            Some(List::Sections)
        }
        "listoffigures"
        | "listoftables"
        | "listofalgorithms"
        | "listoflistings"
        | "listofexamples"
        | "abbildungsverzeichnis"
        | "tabellenverzeichnis"
        | "tabledesfigures"
        | "listedesfigures"
        | "listedestableaux" => Some(List::Other),
        _ => None,
    }
}

/// The page that an entry names at its end, or that stands behind it on its baseline; 0 for one in Roman numerals.
fn page_named(rows: &[Row<'_>], index: usize) -> Option<u32> {
    let row = &rows[index];
    let beside = rows.get(index + 1).filter(|next| {
        row.level_with(next)
            .is_some_and(|(left, right)| left.right <= right.left)
    });
    let last = |text: &str| page_number(text.rsplit(char::is_whitespace).next()?);
    last(row.text).or_else(|| page_number(beside?.text))
}

fn page_number(token: &str) -> Option<u32> {
    const LONGEST: usize = 6;
    if token.is_empty() || token.len() > LONGEST {
        return None;
    }
    let roman = token.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'));
    match roman {
        true => Some(0),
        false => token
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| token.parse().ok())
            .flatten(),
    }
}

/// An entry of a table of contents.
struct Entry<'r> {
    name: String,
    number: Option<Number>,
    row: &'r Row<'r>,
}

/// The entry that ends in row `index`; one without a number goes on from the numbered row before it.
fn entry<'r>(rows: &'r [Row<'r>], index: usize, missed: Range<usize>) -> Option<Entry<'r>> {
    let mut row = &rows[index];
    let mut name = without_page(row.text).to_owned();
    let mut number = names::numbered(row.text).map(|number| number.number);
    let begun = missed.last().map(|at| &rows[at]);
    if let Some(begun) = begun.filter(|begun| number.is_none() && begun.page == row.page)
        && let Some(of) = names::numbered(begun.text)
    {
        name = format!("{} {name}", begun.text);
        number = Some(of.number);
        row = begun;
    }
    let named = name.contains(char::is_alphabetic) && page_number(rows[index].text).is_none();
    named.then_some(Entry { name, number, row })
}

/// An entry without its page and the dots before it.
fn without_page(line: &str) -> &str {
    let is_dot = |c: char| c.is_whitespace() || matches!(c, '.' | '·' | '…');
    let last = line.rsplit(char::is_whitespace).next().unwrap_or("");
    let name = match page_number(last) {
        Some(_) if last.len() < line.len() => &line[..line.len() - last.len()],
        _ => line,
    };
    let bare = name.trim_end_matches(is_dot);
    // A page may be glued to its dots.
    let digits = bare.trim_end_matches(|c: char| c.is_ascii_digit());
    match leader(bare) {
        true => digits.trim_end_matches(is_dot),
        false => bare,
    }
}

/// The entries with their levels: by their numbers, and those without one by how far they are set in.
fn bookmarks(entries: &[Entry<'_>]) -> Vec<Bookmark> {
    let indents = indents(entries);
    let mut levels: HashMap<u32, u8> = HashMap::new();
    for (entry, indent) in entries.iter().zip(&indents) {
        if let Some(depth) = entry.number.as_ref().map(depth) {
            levels.entry(*indent).or_insert(depth);
        }
    }
    let mut all: Vec<u32> = indents.clone();
    all.sort_unstable();
    all.dedup();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (entry, indent) in entries.iter().zip(&indents) {
        // The contents in short and in full name the same chapters.
        if entry.number.is_some() && !seen.insert(&entry.name) {
            continue;
        }
        let by_place = || all.partition_point(|other| other < indent).min(5) as u8 + 1;
        let level = match &entry.number {
            Some(number) => depth(number),
            None => levels.get(indent).copied().unwrap_or_else(by_place),
        };
        found.push(Bookmark {
            level,
            title: entry.name.clone(),
        });
    }
    found
}

fn depth(number: &Number) -> u8 {
    match number {
        Number::Arabic(path) | Number::Letter(path) => path.len().min(6) as u8,
        Number::Roman(_) => 1,
    }
}

/// How far each entry is set in from the leftmost one of its page, in halves of its size.
fn indents(entries: &[Entry<'_>]) -> Vec<u32> {
    let left = |entry: &Entry<'_>| {
        entry
            .row
            .bounds
            .map_or(entry.row.indent as f32, |bounds| bounds.left)
    };
    let mut margins: HashMap<u32, f32> = HashMap::new();
    for entry in entries {
        let margin = margins.entry(entry.row.page).or_insert(f32::MAX);
        *margin = margin.min(left(entry));
    }
    let indent = |entry: &Entry<'_>| {
        let margin = margins.get(&entry.row.page).copied().unwrap_or(0.0);
        ((left(entry) - margin) / (entry.row.size.max(2.0) / 2.0)).round() as u32
    };
    entries.iter().map(indent).collect()
}

// -- indexes ---------------------------------------------------------------------------------------------

/// Rows below the name of an index looked at before it is believed, and how many of them name pages.
const INDEX_HEAD: usize = 12;
const INDEX_ENTRIES: usize = 4;
/// Rows in a row of an index that name no page: letters between its parts, main entries over others.
const INDEX_MISSES: usize = 6;

/// The rows of the entries of indexes: terms, each with the pages on which it stands.
fn indexes(rows: &[Row<'_>], body: &Body) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < rows.len() {
        index += 1;
        if !names_index(rows, index - 1, body) {
            continue;
        }
        let head = &rows[index..rows.len().min(index + INDEX_HEAD)];
        if head.iter().filter(|row| names_pages(row.text)).count() < INDEX_ENTRIES {
            continue;
        }
        let mut end = index;
        let mut at = index;
        while at < rows.len() && at - end < INDEX_MISSES && !names_index(rows, at, body) {
            let row = &rows[at];
            at += 1;
            if names_pages(row.text) {
                end = at;
            } else if prose(row.text) && row.stacked && row.text.len() >= LONG_LINE {
                break;
            }
        }
        found.push(index..end);
        index = end;
    }
    found
}

/// A line of running text over the width of a page, in bytes; an index has columns.
const LONG_LINE: usize = 80;

/// Whether a row names an index, and is set as a heading or begins its page: "Index", "Concept Index".
fn names_index(rows: &[Row<'_>], at: usize, body: &Body) -> bool {
    const MOST_WORDS: usize = 6;
    const LONGEST: usize = 60;
    let row = &rows[at];
    // Every name of one has an x or ends so.
    let may_name = memchr::memchr2(b'x', b'X', row.text.as_bytes()).is_some()
        || row.text.ends_with(['s', 'S', 'r', 'R', 'o', 'O', '-']);
    if !may_name || row.text.len() > LONGEST || row.words() > MOST_WORDS {
        return false;
    }
    let name = names::without_number(row.text);
    let worded = name.starts_with(char::is_uppercase)
        && name
            .chars()
            .all(|c| c.is_alphabetic() || c.is_whitespace() || c == '-');
    let key = names::squeezed(name);
    let usual = key.ends_with("index")
        || key.starts_with("indexof")
        || matches!(
            key.as_str(),
            "stichwortverzeichnis" | "sachverzeichnis" | "sachregister" | "índicealfabético"
        );
    let begins_page = |at: usize| at == 0 || rows[at - 1].page != rows[at].page;
    let apart = body.size == 0.0 || body.larger(row) || body.bolder(row) || begins_page(at);
    worded && usual && apart
}

/// Whether a line ends with the pages of an entry: "abort, 12", "abort, 3, 12–15", "abort, see cancel".
fn names_pages(line: &str) -> bool {
    let mut words = line.rsplit(|c: char| c.is_whitespace() || c == ',');
    let Some(last) = words.find(|word| !word.is_empty()) else {
        return false;
    };
    let of_pages =
        |c: char| c.is_ascii_digit() || matches!(c, '-' | '–' | '.' | 'f' | 'i' | 'v' | 'x');
    let paged = last.starts_with(|c: char| c.is_ascii_digit()) && last.chars().all(of_pages);
    paged || line.contains(", see ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_list_is_missed_by_its_first_letters() {
        for name in [
            "Contents",
            "Table of Contents",
            "INHALTSVERZEICHNIS",
            "Inhalt",
            "Table des matières",
            "Índice",
            "Sommaire",
            "Short Contents",
            "Brief Contents",
            "Detailed Contents",
        ] {
            assert!(list_name(name) == Some(List::Sections), "{name}");
        }
        for name in [
            "List of Figures",
            "L I S T  O F  T A B L E S",
            "List of Algorithms",
            "List of Listings",
            "List of Examples",
            "Abbildungsverzeichnis",
            "Tabellenverzeichnis",
            "Table des figures",
            "Liste des figures",
            "Liste des tableaux",
        ] {
            assert!(list_name(name) == Some(List::Other), "{name}");
        }
        assert!(list_name("Contentment").is_none());
    }
}
