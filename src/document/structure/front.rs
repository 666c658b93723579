//! The authors below the title, and the keywords that the authors chose.
//!
//! Authors are found by their form: lines between title and text whose parts, without footnote marks, are all names of
//! two words or more. Affiliations, addresses and words that the document uses in lower case are none.

use std::ops::Range;

use super::FRONT_ROWS;
use super::names;
use super::rows::{Body, Row, half_points};
use super::title::{Vocabulary, banner, institution};
use crate::document::Document;

/// Rows below the title looked at for authors.
const AUTHOR_ROWS: usize = 40;
/// Most authors and most keywords taken.
const MOST: usize = 200;
/// Longest name and longest keyword, in bytes.
const LONGEST_NAME: usize = 60;
const LONGEST_KEYWORD: usize = 100;
/// The last page on which a list of keywords is looked for.
const LAST_PAGE: u32 = 3;
/// Longest list of keywords, in bytes.
const LONGEST_LIST: usize = 2_000;

// -- authors ---------------------------------------------------------------------------------------------

/// The names of the authors, between the title's rows and `end`, a byte of the text.
pub(super) fn authors(
    document: &Document,
    rows: &[Row<'_>],
    body: &Body,
    title: &Range<usize>,
    end: usize,
) -> Vec<Range<usize>> {
    let Some(page) = title.end.checked_sub(1).and_then(|last| rows.get(last)) else {
        return Vec::new();
    };
    // A form asks for names.
    if body.size > 0.0 && !body.running {
        return Vec::new();
    }
    // One line of running text may be the rest of a title; two are the text.
    let runs = |at: usize| rows.get(at).is_some_and(|row| body.runs(row));
    let below = rows
        .iter()
        .enumerate()
        .skip(title.end)
        .take(AUTHOR_ROWS)
        .take_while(|(at, row)| {
            row.range.start < end && row.page == page.page && !(runs(*at) && runs(at + 1))
        })
        .map(|(_, row)| row)
        .filter(|row| !body.runs(row));
    let vocabulary = Vocabulary::of(&document.text);
    let mut found: Vec<Range<usize>> = Vec::new();
    // How the first line of authors is set, and whether their affiliations have begun.
    let mut look = None;
    let mut affiliations = false;
    for row in below {
        let set_alike = look.is_none_or(|look| look == (half_points(row.size), row.bold));
        if affiliated(row.text) && leading_names(row.text).is_none() {
            affiliations |= look.is_some();
            continue;
        }
        // "Home Page:" asks for something, and "Jane Smith, jane@nowhere.org" is no banner.
        let asks = row.text.ends_with(':');
        let addressed = row.text.contains(',') && row.text.contains(['@', '/']);
        let other = (banner(row.text) && !addressed) || asks || !set_alike;
        if other || (affiliations && !row.first) {
            continue;
        }
        let Some(names) = leading_names(row.text).or_else(|| all_names(row.text)) else {
            continue;
        };
        if names
            .iter()
            .any(|name| !unusual(&row.text[name.clone()], &vocabulary))
        {
            continue;
        }
        look.get_or_insert((half_points(row.size), row.bold));
        found.extend(
            names
                .into_iter()
                .map(|name| row.range.start + name.start..row.range.start + name.end),
        );
        if found.len() >= MOST {
            break;
        }
    }
    if found.is_empty() {
        return found;
    }
    found.truncate(MOST);
    let marks = affiliation_marks(rows, title.end, end);
    without_marks(&document.text, found, &marks)
}

/// The letters that stand before the affiliations below the title: the a of "aUniversity of Nowhere".
fn affiliation_marks(rows: &[Row<'_>], from: usize, end: usize) -> String {
    rows.iter()
        .skip(from)
        .take(AUTHOR_ROWS)
        .take_while(|row| row.range.start < end)
        .flat_map(|row| row.text.split("; "))
        .filter_map(|part| {
            let mut chars = part.chars();
            let mark = chars.next().filter(|mark| ('a'..='h').contains(mark))?;
            let rest = chars.as_str();
            let begins = rest.starts_with(char::is_uppercase) || rest.starts_with("http");
            begins.then_some(mark)
        })
        .collect()
}

/// The names without such letters, when every one of them ends in one.
fn without_marks(text: &str, names: Vec<Range<usize>>, marks: &str) -> Vec<Range<usize>> {
    let marked = |name: &Range<usize>| {
        let name = text.get(name.clone()).unwrap_or_default();
        name.ends_with(|c| marks.contains(c)) && name.len() > 2
    };
    if !marks.starts_with('a') || !names.iter().all(marked) {
        return names;
    }
    // The mark is one byte.
    names
        .into_iter()
        .map(|name| name.start..name.end - 1)
        .collect()
}

/// Whether a part of a line names an institution, or one of its parts.
fn affiliated(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "research",
        "hospital",
        "ministry",
        "group",
        "division",
        "press",
        "publishers",
        "publishing",
        "verlag",
        "foundation",
        "company",
        "society",
        "association",
        "technologies",
        "software",
        "solutions",
        "project",
        "science",
        "sciences",
        "engineering",
        "systems",
        "team",
        "committee",
        "council",
    ];
    institution(text)
        || text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| WORDS.contains(&word.to_lowercase().as_str()))
}

/// The names of a line that holds nothing else.
fn all_names(line: &str) -> Option<Vec<Range<usize>>> {
    let mut names = Vec::new();
    for part in parts(line) {
        match name(line, part.clone()) {
            Some(name) => names.push(name),
            // A footnote's mark or a degree after its comma: "Jane Smith,1,2", "Jane Smith, PhD".
            None if !line[part.clone()].contains(char::is_uppercase)
                || is_degree(&line[part.clone()])
                || is_address(&line[part]) => {}
            None => return None,
        }
    }
    (!names.is_empty()).then_some(names)
}

/// The names before the affiliation in one line: "Jane Smith, University of Nowhere".
fn leading_names(line: &str) -> Option<Vec<Range<usize>>> {
    let mut names = Vec::new();
    for part in parts(line) {
        if affiliated(&line[part.clone()]) {
            return (!names.is_empty()).then_some(names);
        }
        names.push(name(line, part)?);
    }
    None
}

/// Cuts a line of names at commas, semicolons, dots between words, and "and".
fn parts(line: &str) -> Vec<Range<usize>> {
    const AND: &[&str] = &["and", "und", "et", "y", "e", "&"];
    let mut parts = Vec::new();
    let mut start = 0;
    let mut cut = |from: usize, to: usize| {
        let part = &line[from..to];
        let trimmed = part.trim_start();
        let from = to - trimmed.len();
        if !trimmed.trim_end().is_empty() {
            parts.push(from..from + trimmed.trim_end().len());
        }
    };
    for (at, word) in words(line) {
        // A capital "E" or "Y" is an initial.
        let is_and =
            AND.contains(&word) || word.len() > 1 && AND.contains(&word.to_lowercase().as_str());
        if is_and || matches!(word, "·" | "•" | "|") {
            cut(start, at);
            start = at + word.len();
            continue;
        }
        for (mark, _) in word.match_indices([',', ';', '•', '·']) {
            cut(start, at + mark);
            start = at + mark + word[mark..].chars().next().map_or(1, char::len_utf8);
        }
    }
    cut(start, line.len());
    parts
}

/// The words of a line with where each begins.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = 0;
    line.split_inclusive(char::is_whitespace)
        .map(move |word| {
            let at = next;
            next += word.len();
            (at, word.trim_end())
        })
        .filter(|(_, word)| !word.is_empty())
}

/// The bytes of the name that a part of a line is, without "By", titles and footnote marks.
fn name(line: &str, part: Range<usize>) -> Option<Range<usize>> {
    const BEFORE: &[&str] = &[
        "by",
        "von",
        "author",
        "authors",
        "dr",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
    ];
    // Of forms and templates.
    const NOBODY: &[&str] = &["your", "name", "author", "firstname", "lastname", "surname"];
    const PARTICLES: &[&str] = &[
        "de", "del", "della", "di", "da", "das", "do", "dos", "du", "la", "le", "van", "von",
        "der", "den", "ter", "ten", "zu", "zur", "al", "el", "bin", "ibn", "af", "av",
    ];
    let mut words: Vec<(usize, &str)> = words(&line[part.clone()]).collect();
    while words
        .first()
        .is_some_and(|(_, word)| BEFORE.contains(&names::squeezed(word).as_str()))
    {
        words.remove(0);
    }
    while words
        .last()
        .is_some_and(|(_, word)| is_degree(word) || !word.contains(char::is_uppercase))
    {
        words.pop();
    }
    if !(2..=6).contains(&words.len()) {
        return None;
    }
    let last = words.len() - 1;
    let mut whole = 0;
    for (at, (_, word)) in words.iter_mut().enumerate() {
        if at == last {
            *word = word.trim_end_matches(|c: char| !c.is_alphabetic() && c != '.');
        }
        let core = word.trim_matches('.');
        let spelled = core
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '‐' | '\'' | '’'));
        let is_nobody = |letters: &str| NOBODY.contains(&letters);
        if names::can_be_name(core) && names::with_squeezed(core, is_nobody) {
            return None;
        }
        let capital = core.starts_with(char::is_uppercase);
        if !spelled || !(capital || PARTICLES.contains(&core)) {
            return None;
        }
        whole += usize::from(capital && core.chars().nth(1).is_some_and(char::is_alphabetic));
    }
    let (from, (to, tail)) = (words[0].0, words[last]);
    let found = part.start + from..part.start + to + tail.len();
    (whole >= 1 && found.len() <= LONGEST_NAME).then_some(found)
}

/// Whether a part of a line is an address on the net.
fn is_address(part: &str) -> bool {
    part.contains(['@', '/']) && !part.contains(char::is_whitespace)
}

fn is_degree(word: &str) -> bool {
    let is_named = |letters: &str| matches!(letters, "phd" | "md" | "msc" | "bsc" | "jr" | "sr");
    names::can_be_name(word) && names::with_squeezed(word, is_named)
}

/// Whether a word of the name, initials apart, is nowhere in the document in lower case.
fn unusual(name: &str, vocabulary: &Vocabulary<'_>) -> bool {
    name.split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().nth(1).is_some())
        .any(|word| !vocabulary.contains(&word.to_lowercase()))
}

// -- keywords --------------------------------------------------------------------------------------------

/// The phrases of the first list of keywords before `limit`, the first section; `headings` are where headings begin.
pub(super) fn keywords(
    document: &Document,
    rows: &[Row<'_>],
    limit: usize,
    mut headings: impl Iterator<Item = usize>,
) -> Vec<Range<usize>> {
    let found = rows
        .iter()
        .take(FRONT_ROWS)
        .take_while(|row| row.range.start < limit && row.page <= LAST_PAGE)
        .enumerate()
        .find_map(|(at, row)| Some((at, row.range.start + list_begins(row.text)?)));
    let Some((at, start)) = found else {
        return Vec::new();
    };
    let end = headings
        .find(|heading| *heading >= start)
        .unwrap_or(usize::MAX);
    let mut lines: Vec<Range<usize>> = Vec::new();
    for row in rows
        .iter()
        .skip(at)
        .skip_while(|row| row.range.end <= start)
    {
        let far = row.range.start >= end.min(start + LONGEST_LIST);
        let other = names::front_run_in(row.text).is_some() || banner(row.text);
        if far || (other && row.range.start > start) {
            break;
        }
        lines.push(row.range.start.max(start)..row.range.end);
        if row.last && !row.text.ends_with([',', ';']) {
            break;
        }
    }
    let text = |range: &Range<usize>| document.text.get(range.clone()).unwrap_or_default();
    let mark = [';', '•', '·', '|', ',', '–', '—']
        .into_iter()
        .find(|&mark| lines.iter().any(|line| text(line).contains(mark)));
    let mut phrases: Vec<Range<usize>> = match (mark, lines.as_slice()) {
        (Some(mark), [first, .., last]) => split(document, first.start..last.end, mark),
        (Some(mark), [line]) => split(document, line.clone(), mark),
        // Each has a line of its own.
        _ => lines,
    };
    phrases = phrases
        .into_iter()
        .filter_map(|phrase| trimmed(document, phrase))
        .collect();
    phrases.truncate(MOST);
    phrases
}

/// Where in a line a list of keywords begins: after "Keywords:", or behind "Keywords" alone in its line.
fn list_begins(line: &str) -> Option<usize> {
    let heading = names::front_run_in(line).unwrap_or(line.len());
    line.get(..heading)
        .is_some_and(names::keywords)
        .then_some(heading)
}

fn split(document: &Document, range: Range<usize>, mark: char) -> Vec<Range<usize>> {
    let text = document.text.get(range.clone()).unwrap_or_default();
    let mut start = range.start;
    text.split(mark)
        .map(|part| {
            let piece = start..start + part.len();
            start = piece.end + mark.len_utf8();
            piece
        })
        .collect()
}

/// A phrase without the marks around it; none when nothing is left, or more than a phrase.
fn trimmed(document: &Document, phrase: Range<usize>) -> Option<Range<usize>> {
    let text = document.text.get(phrase.clone())?;
    let begun = text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '•' | '·' | '-' | '–' | '—')
    });
    let start = phrase.end - begun.len();
    let ended = begun.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ';' | ','));
    (ended.contains(char::is_alphabetic) && ended.len() <= LONGEST_KEYWORD)
        .then(|| start..start + ended.len())
}
