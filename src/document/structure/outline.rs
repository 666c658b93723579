//! Headings by the outline that a file carries for viewers, or by the document's own table of contents, where lines of
//! the text have their names in their order.
//!
//! An outline is believed as far as the text confirms it: some are left over from another document, some list no more
//! than the chapters. Where nearly all of it is found, what only looks like a heading is none.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::RandomState;

use super::headings::{Heading, LONGEST, MOST_LINES, ROWS_PER_CHECK, beside_another, heaviest};
use super::names::{self, Number};
use super::rows::{Body, Row, half_points};
use crate::document::Bookmark;
use crate::error::Result;
use crate::progress::Observer;

/// The headings that an outline names.
pub(super) struct Listed {
    headings: Vec<Heading>,
    /// How they are set.
    looks: HashSet<(u32, bool)>,
    /// Whether nearly all of the outline was found.
    complete: bool,
}

/// An outline names at least so many headings.
const FEWEST: usize = 3;
/// Entries of the same name that a line is tried as, and lines tried as entries in all: no document has so many.
const MOST_SAME: usize = 64;
const MOST_PLACES: usize = 500_000;

/// A line that has the name of an entry.
struct Place {
    rows: Range<usize>,
    bookmark: usize,
    weight: u32,
}

/// Finds the headings that the outline names; `None` when the text does not confirm it. Of `listed` rows none is one.
///
/// # Errors
/// Only what `observer` returns.
pub(super) fn find(
    rows: &[Row<'_>],
    body: &Body,
    title: Option<&Range<usize>>,
    listed: &[bool],
    bookmarks: &[Bookmark],
    observer: &dyn Observer,
) -> Result<Option<Listed>> {
    if bookmarks.len() < FEWEST {
        return Ok(None);
    }
    let places = places(rows, body, title, listed, bookmarks, observer)?;
    let weights: Vec<(usize, u32)> = places
        .iter()
        .map(|place| (place.bookmark, place.weight))
        .collect();
    let mut found: Vec<&Place> = Vec::new();
    for place in heaviest(&weights, bookmarks.len()) {
        let place = &places[place];
        if found
            .last()
            .is_none_or(|before| before.rows.end <= place.rows.start)
        {
            found.push(place);
        }
    }
    let wanted = bookmarks.len();
    if found.len() < FEWEST || found.len() * 2 < wanted {
        return Ok(None);
    }
    let level = |place: &Place| bookmarks[place.bookmark].level;
    let highest = found.iter().map(|place| level(place)).min().unwrap_or(1);
    let headings = found
        .iter()
        .map(|place| heading(rows, place, level(place) - highest + 1));
    let first_rows = found.iter().map(|place| &rows[place.rows.start]);
    Ok(Some(Listed {
        looks: first_rows.map(look).collect(),
        complete: found.len() * 5 >= wanted * 4,
        headings: headings.collect(),
    }))
}

/// All lines that have the name of an entry, in order; for each the entries from the last to the first.
fn places(
    rows: &[Row<'_>],
    body: &Body,
    title: Option<&Range<usize>>,
    listed: &[bool],
    bookmarks: &[Bookmark],
    observer: &dyn Observer,
) -> Result<Vec<Place>> {
    let mut by_name: HashMap<String, Vec<(usize, Option<Number>)>, RandomState> =
        HashMap::default();
    for (index, bookmark) in bookmarks.iter().enumerate() {
        let number = names::numbered(&bookmark.title).map(|number| number.number);
        let mut name = String::new();
        spell(&bookmark.title, &mut name);
        by_name.entry(name).or_default().push((index, number));
    }
    by_name.remove("");
    let longest = by_name.keys().map(String::len).max().unwrap_or(0);
    let mut name = String::new();
    let mut places = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if index % ROWS_PER_CHECK == 0 {
            observer.check()?;
        }
        if places.len() >= MOST_PLACES {
            break;
        }
        if listed[index]
            || row.text.len() > LONGEST
            || title.is_some_and(|title| title.contains(&index))
            || beside_another(rows, index)
        {
            continue;
        }
        spell(row.text, &mut name);
        for end in index + 1..=index + MOST_LINES {
            if name.len() > longest {
                break;
            }
            if let Some(found) = by_name.get(&name) {
                let set_apart = body.larger(row) || body.bolder(row);
                let number = names::numbered(row.text).map(|number| number.number);
                let alike = |of: &&(usize, Option<Number>)| {
                    number.is_none() || of.1.is_none() || of.1 == number
                };
                let same = found.iter().rev().filter(alike).take(MOST_SAME);
                places.extend(same.map(|(bookmark, of)| {
                    let numbered = of.is_some() && *of == number;
                    Place {
                        rows: index..end,
                        bookmark: *bookmark,
                        weight: 1
                            + 2 * u32::from(set_apart)
                            + u32::from(row.first)
                            + 2 * u32::from(numbered),
                    }
                }));
                break;
            }
            match rows.get(end) {
                Some(next) if next.page == row.page && next.text.len() <= LONGEST => {
                    push_letters(next.text, &mut name);
                }
                _ => break,
            }
        }
    }
    Ok(places)
}

/// Puts the letters and digits of a name without its number into `name`.
fn spell(line: &str, name: &mut String) {
    name.clear();
    push_letters(names::without_number(line), name);
}

fn push_letters(text: &str, name: &mut String) {
    names::with_kept(text, char::is_alphanumeric, |letters| {
        name.push_str(letters)
    });
}

fn heading(rows: &[Row<'_>], place: &Place, rank: u8) -> Heading {
    let lines = &rows[place.rows.clone()];
    let range = lines[0].range.start..lines[lines.len() - 1].range.end;
    let number = names::numbered(lines[0].text);
    let mut name = lines[0].text[number.as_ref().map_or(0, |number| number.name)..].to_owned();
    for line in &lines[1..] {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(line.text);
    }
    let number = number.as_ref().map(|number| &number.number);
    Heading {
        rows: place.rows.clone(),
        range,
        ..Heading::new(lines[0].text, number, name, rank)
    }
}

/// Size in half points, and weight.
fn look(row: &Row<'_>) -> (u32, bool) {
    (half_points(row.size), row.bold)
}

/// Puts the headings of the outline and those found without it together. Beside a complete outline only names that nobody
/// mistakes, numbers of a deeper level and large lines set as the headings of the outline are headings.
pub(super) fn merge(
    rows: &[Row<'_>],
    body: &Body,
    listed: Listed,
    others: Vec<Heading>,
) -> Vec<Heading> {
    let Listed {
        mut headings,
        looks,
        complete,
    } = listed;
    let deepest = headings.iter().map(|heading| heading.rank).max();
    let Some(deepest) = deepest else {
        return others;
    };
    let beside = |other: &Heading| {
        let named = other
            .own
            .is_some_and(|kind| names::unmistakable(&other.name, kind));
        let row = &rows[other.rows.start];
        let alike = body.larger(row) && looks.contains(&look(row));
        !complete || named || alike || (other.part.is_some() && other.rank > deepest)
    };
    let free = |other: &Heading| {
        let next = headings.partition_point(|heading| heading.rows.end <= other.rows.start);
        headings
            .get(next)
            .is_none_or(|heading| heading.rows.start >= other.rows.end)
    };
    let others: Vec<Heading> = others
        .into_iter()
        .filter(|other| free(other) && beside(other))
        .collect();
    headings.extend(others);
    headings.sort_by_key(|heading| heading.rows.start);
    headings
}
