//! Which lines are headings, and how deep they stand.
//!
//! Three sorts of evidence, in this order. Names: a line that says "Related Work" and nothing else. Numbers: among
//! all lines that begin with a number, the heaviest run of strictly increasing section numbers, which leaves
//! numbered lists and table cells out. Looks: lines set as the headings already found are set.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::SectionKind;
use super::chunks::sentence_end;
use super::contents::Contents;
use super::names::{self, Number, Numbered};
use super::outline;
use super::rows::{
    Body, Row, SMALL_WORDS, capitals, caption, figure, half_points, letters, title_case, trails_off,
};
use crate::document::{Bookmark, Kind};
use crate::error::Result;
use crate::progress::Observer;

/// A heading.
#[derive(Clone, Debug)]
pub(super) struct Heading {
    /// Its rows.
    pub(super) rows: Range<usize>,
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    /// What its own name says.
    pub(super) own: Option<SectionKind>,
    /// Its name without number, for the words at its edges.
    pub(super) name: String,
    /// 1 for main headings; compared, not counted.
    pub(super) rank: u8,
    /// The first part of an Arabic number: 3 for "3.1".
    pub(super) part: Option<u16>,
}

impl Heading {
    /// A heading that begins with the line `first`, and stands nowhere yet; `name` is without its number.
    pub(super) fn new(first: &str, number: Option<&Number>, name: String, rank: u8) -> Self {
        let lettered = matches!(number, Some(Number::Letter(path)) if path.len() == 1);
        let own = match (lettered && rank == 1) || names::appendix(first) {
            true => Some(SectionKind::Appendix),
            false => names::whole(&name),
        };
        let part = match number {
            Some(Number::Arabic(path)) => path.first().copied(),
            _ => None,
        };
        Heading {
            rows: 0..0,
            range: 0..0,
            own,
            name,
            rank,
            part,
        }
    }
}

/// Longest heading, in bytes and words.
pub(super) const LONGEST: usize = 130;
const MOST_WORDS: usize = 16;
/// Most lines of a heading.
pub(super) const MOST_LINES: usize = 3;

struct Candidate<'r> {
    row: usize,
    number: Option<Numbered>,
    name: &'r str,
    known: Option<SectionKind>,
    capitals: bool,
    /// Larger than running text, or bold where it is not.
    larger: bool,
    bolder: bool,
    /// What comes before ends a sentence or a block, so that a heading may begin here.
    fresh: bool,
    /// What comes after can be the text of a section.
    followed: bool,
}

impl Candidate<'_> {
    fn distinct(&self) -> bool {
        self.larger || self.bolder
    }
}

/// Finds the headings of a document; `title` are the rows of its title, `contents` its tables of contents, `bookmarks`
/// the outline that came with it.
///
/// # Errors
/// Only what `observer` returns.
pub(super) fn find(
    rows: &[Row<'_>],
    body: &Body,
    title: Option<&Range<usize>>,
    contents: &Contents,
    bookmarks: &[Bookmark],
    observer: &dyn Observer,
) -> Result<Vec<Heading>> {
    let after_title = title.map_or(0, |title| title.end);
    if body.marked {
        return Ok(marked(rows, title));
    }
    let candidates = candidates(rows, body, title, &contents.listed, observer)?;
    let mut accepted: Vec<Option<u8>> = vec![None; candidates.len()];
    accept_numbered(rows, body, &candidates, &mut accepted);
    observer.check()?;
    accept_named(rows, body, &candidates, &mut accepted);
    observer.check()?;
    let looks = Looks::of(rows, &candidates, &accepted);
    observer.check()?;
    let sure = accepted.clone();
    accept_alike(rows, body, &candidates, &looks, after_title, &mut accepted);
    observer.check()?;
    drop_labels(rows, body, &candidates, &sure, &mut accepted);
    observer.check()?;
    end_references(rows, body, &candidates, &looks, &mut accepted);
    observer.check()?;
    let found: Vec<(&Candidate<'_>, u8)> = candidates
        .iter()
        .zip(&accepted)
        .filter_map(|(candidate, rank)| Some((candidate, (*rank)?)))
        .collect();
    let mut headings: Vec<Heading> = Vec::with_capacity(found.len());
    for (index, &(candidate, rank)) in found.iter().enumerate() {
        if index % ROWS_PER_CHECK == 0 {
            observer.check()?;
        }
        if headings
            .last()
            .is_some_and(|before| before.rows.end > candidate.row)
        {
            continue;
        }
        let next = |ahead: usize| found.get(index + ahead).map(|(next, _)| next.row);
        // "Chapter 3" and its name in the next line are one heading.
        let limit = match next(1) {
            Some(row) if candidate.name.is_empty() && row == candidate.row + 1 => next(2),
            limit => limit,
        };
        headings.push(heading(
            rows,
            body,
            candidate,
            rank,
            limit.unwrap_or(rows.len()),
        ));
    }
    observer.check()?;
    let confirm =
        |names: &[Bookmark]| outline::find(rows, body, title, &contents.listed, names, observer);
    let listed = match confirm(bookmarks)? {
        Some(listed) => Some(listed),
        None => confirm(&contents.entries)?,
    };
    Ok(match listed {
        Some(listed) => outline::merge(rows, body, listed, headings),
        None => headings,
    })
}

/// Rows between two questions to the observer.
pub(super) const ROWS_PER_CHECK: usize = 1024;

/// Markdown says itself what is a heading.
fn marked(rows: &[Row<'_>], title: Option<&Range<usize>>) -> Vec<Heading> {
    let heading = |(index, row): (usize, &Row<'_>)| {
        let rank = row.marked?;
        if title.is_some_and(|title| title.contains(&index)) {
            return None;
        }
        let name = names::without_number(row.text);
        Some(Heading {
            rows: index..index + 1,
            range: row.range.clone(),
            own: names::whole(name),
            name: name.to_owned(),
            rank,
            part: None,
        })
    };
    let mut headings: Vec<Heading> = rows.iter().enumerate().filter_map(heading).collect();
    // Below a title of the first level all sections are of the second: they are the main ones.
    let highest = headings
        .iter()
        .map(|heading| heading.rank)
        .min()
        .unwrap_or(1);
    for heading in &mut headings {
        heading.rank -= highest - 1;
    }
    headings
}

fn candidates<'r>(
    rows: &'r [Row<'_>],
    body: &Body,
    title: Option<&Range<usize>>,
    listed: &[bool],
    observer: &dyn Observer,
) -> Result<Vec<Candidate<'r>>> {
    let repeated = repeated(rows);
    let mut candidates = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if index % ROWS_PER_CHECK == 0 {
            observer.check()?;
        }
        if title.is_some_and(|title| title.contains(&index))
            || listed[index]
            || row.text.len() > LONGEST
            || (row.text.starts_with(char::is_lowercase) && !body.larger(row) && !body.bolder(row))
            || row.words() > MOST_WORDS
            || beside_another(rows, index)
        {
            continue;
        }
        let Some(mut candidate) = candidate(rows, index, body) else {
            continue;
        };
        // A heading may follow a heading.
        candidate.fresh |= candidate.number.is_some()
            && candidates.last().is_some_and(|above: &Candidate<'_>| {
                let dressed = above.known.is_some() || above.capitals || above.distinct();
                above.row + 1 == index && above.fresh && dressed
            });
        // "Exercises" heads a section of each chapter; what is set small is left over from running headers.
        let again = repeated.get(row.text).is_some_and(|&count| count >= 3);
        if !again || candidate.number.is_some() || set_large(row, body) {
            candidates.push(candidate);
        }
    }
    Ok(candidates)
}

/// Clearly larger than running text.
fn set_large(row: &Row<'_>, body: &Body) -> bool {
    body.size > 0.0 && row.size >= body.size * 1.15
}

fn candidate<'r>(rows: &'r [Row<'_>], index: usize, body: &Body) -> Option<Candidate<'r>> {
    let row = &rows[index];
    // "A B S T R A C T" is a name, not part A.
    let whole = names::whole(row.text);
    let number = match whole {
        Some(_) => None,
        None => names::numbered(row.text)
            .filter(|number| body.size == 0.0 || !is_article(row.text, number)),
    };
    let name = number
        .as_ref()
        .map_or(row.text, |number| &row.text[number.name..]);
    let known = match &number {
        Some(_) if names::appendix(row.text) => Some(SectionKind::Appendix),
        Some(_) => names::whole(name),
        None => whole,
    };
    let (count, share) = letters(name);
    let (larger, bolder) = (body.larger(row), body.bolder(row));
    let chapter = number.is_some() && name.is_empty();
    // "8.24 firstbracket": a name of any kind, where its number and its dress tell it.
    let counted = number.as_ref().is_some_and(Numbered::parted) && (larger || bolder);
    let upper = name.starts_with(|c: char| {
        c.is_uppercase() || c.is_numeric() || matches!(c, '“' | '"' | '¿' | '‘' | '\'')
    }) || !name.starts_with(|c: char| c.is_lowercase()) && (larger || bolder);
    let lower_numbered =
        counted || number.as_ref().is_some_and(|number| number.marked) && (larger || bolder);
    let worded = chapter
        || known.is_some()
        || (counted && count >= 1)
        || (count >= 2 && caseless(name))
        || (count >= 3 && share >= 0.6 && has_word(name));
    let before = index.checked_sub(1).and_then(|index| rows.get(index));
    let after = rows.get(index + 1);
    // "5. VERIFICATION OF PLAUSIBILITY," goes on in the next line.
    let goes_on =
        name.ends_with(',') && capitals(name) && after.is_some_and(|after| capitals(after.text));
    let waits = (larger || bolder) && trails_off(name);
    let stops = name.ends_with([',', ';', '.', ':', '-', '=']) && known.is_none() && !goes_on;
    let dotted = stops && !(name.ends_with(['.', ':']) && (larger || bolder));
    let front = known.is_none() && names::front_run_in(row.text).is_some();
    let plain_line = number.is_none() && known.is_none() && !larger;
    if caption(row.text)
        || plain_line && (item(name) || code(name))
        || waits
        || front
        || !worded
        || dotted
        || !(upper || lower_numbered || chapter)
    {
        return None;
    }
    Some(Candidate {
        row: index,
        known,
        capitals: capitals(name),
        larger,
        bolder,
        fresh: row.first || before.is_none_or(|before| before.ends_sentence()),
        followed: after.is_some_and(|after| follows(row, after)),
        name,
        number,
    })
}

/// Whether the letter before a name is a word of it: "A successful year".
fn is_article(line: &str, number: &Numbered) -> bool {
    let letter = matches!(&number.number, Number::Letter(path) if path.len() == 1);
    letter && !number.marked && line[number.name..].starts_with(char::is_lowercase)
}

/// Whether a line is an item of a list.
fn item(line: &str) -> bool {
    line.starts_with(['•', '◦', '▪', '‣', '●', '○', '■', '–'])
}

/// Whether a line is a name out of program text or what is typed at a prompt, as manuals set them in bold.
fn code(line: &str) -> bool {
    let option = line
        .strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|c: char| c == '-' || c.is_ascii_alphanumeric()));
    let typed = ["# ", "% ", "$ ", "> "]
        .iter()
        .any(|prompt| line.starts_with(prompt));
    let one_word = !line.contains(char::is_whitespace);
    option
        || typed
        || one_word && line.contains(['_', '=', '<', '(', '{', '[', '\\', '/', '$', '#', '@'])
}

/// Whether a name is in a script without case, such as Han, whose words are short.
fn caseless(name: &str) -> bool {
    name.chars()
        .any(|c| c.is_alphabetic() && !c.is_ascii() && !c.is_lowercase() && !c.is_uppercase())
}

fn has_word(name: &str) -> bool {
    name.split(|c: char| !c.is_alphabetic())
        .any(|word| word.chars().count() >= 3)
}

/// Whether `after` can be the first line under a heading: running text, or another heading.
fn follows(row: &Row<'_>, after: &Row<'_>) -> bool {
    let text = after
        .text
        .trim_start_matches(['"', '“', '‘', '\'', '(', '[', '•', '-', '–', '*', '·']);
    let begins = !text.starts_with(char::is_lowercase);
    let long = after.text.len() >= 30
        || names::numbered(after.text).is_some()
        || names::whole(after.text).is_some();
    begins && (long || (row.last && after.own_block()))
}

/// How often short lines come back.
fn repeated<'r>(rows: &'r [Row<'_>]) -> HashMap<&'r str, usize, foldhash::fast::RandomState> {
    let mut counts = HashMap::default();
    for row in rows.iter().filter(|row| row.text.len() <= LONGEST) {
        *counts.entry(row.text).or_insert(0) += 1;
    }
    counts
}

/// Whether the line before or after stands on the same baseline: a cell of a table, an entry of the contents.
pub(super) fn beside_another(rows: &[Row<'_>], index: usize) -> bool {
    let row = &rows[index];
    let beside = |other: Option<&Row<'_>>| {
        other.is_some_and(|other| {
            row.level_with(other).is_some_and(|(a, b)| {
                (a.left - b.right).max(b.left - a.right) < 25.0 * row.size.max(1.0)
                    || names::bare_number(other.text)
            })
        })
    };
    beside(rows.get(index + 1)) || beside(index.checked_sub(1).and_then(|before| rows.get(before)))
}

// -- numbers ---------------------------------------------------------------------------------------------

/// Accepts the numbered headings: Arabic ones with letters for appendices, or Roman ones with letters below.
fn accept_numbered(
    rows: &[Row<'_>],
    body: &Body,
    candidates: &[Candidate<'_>],
    accepted: &mut [Option<u8>],
) {
    let paths = |wanted: fn(&Number) -> Option<Vec<u16>>| -> Vec<(usize, Vec<u16>, u32)> {
        let path = |(index, candidate): (usize, &Candidate<'_>)| {
            let number = candidate.number.as_ref()?;
            let path = wanted(&number.number)?;
            let weight = number_weight(rows, body, candidate, number, path.len())?;
            Some((index, path, weight))
        };
        candidates.iter().enumerate().filter_map(path).collect()
    };
    let arabic = chain(&paths(|number| match number {
        Number::Arabic(path) => Some(path.clone()),
        _ => None,
    }));
    let roman = chain(&paths(|number| match number {
        Number::Roman(value) => Some(vec![*value]),
        _ => None,
    }));
    let arabic_main: u32 = arabic
        .iter()
        .filter(|(_, path, _)| path.len() == 1)
        .map(|(_, _, weight)| weight)
        .sum();
    let roman_main: u32 = roman.iter().map(|(_, _, weight)| weight).sum();
    if roman.len() >= 2 && roman_main > arabic_main {
        for (index, _, _) in &roman {
            accepted[*index] = Some(1);
        }
        accept_letters_below(candidates, accepted);
        return;
    }
    for (index, path, _) in &arabic {
        accepted[*index] = Some(path.len().min(6) as u8);
    }
    let looks: Vec<_> = arabic
        .iter()
        .filter(|(_, path, _)| path.len() == 1)
        .filter_map(|(index, _, _)| candidates.get(*index))
        .map(|candidate| look(&rows[candidate.row], candidate))
        .collect();
    if let (Some((last, _, _)), true) = (arabic.last(), looks.len() >= 2) {
        accept_appendices(rows, candidates, *last, &looks, accepted);
    }
}

/// How much a numbered line looks like a heading; `None` when it does not.
fn number_weight(
    rows: &[Row<'_>],
    body: &Body,
    candidate: &Candidate<'_>,
    number: &Numbered,
    depth: usize,
) -> Option<u32> {
    let row = &rows[candidate.row];
    // A footnote's number.
    let small = row.size < body.size * 0.95 && !candidate.distinct() && candidate.known.is_none();
    if small && !(number.parted() && row.own_block()) {
        return None;
    }
    let placed = row.own_block() || (row.first && candidate.followed);
    let titled = title_case(candidate.name);
    let plain = body.size == 0.0;
    if !plain && !body.running && !candidate.distinct() {
        return None;
    }
    let fits = candidate.known.is_some()
        || candidate.capitals
        || candidate.distinct()
        || (depth >= 2
            && candidate.name.starts_with(char::is_uppercase)
            && (number.marked || placed || candidate.fresh || plain))
        || (titled
            && (placed || (plain && (candidate.fresh || candidate.followed && row.words() <= 9))))
        || (row.own_block() && candidate.followed && row.words() <= 10);
    let weight = 1
        + 3 * u32::from(candidate.known.is_some())
        + u32::from(candidate.capitals)
        + 2 * u32::from(candidate.distinct())
        + u32::from(titled)
        + u32::from(placed);
    fits.then_some(weight)
}

/// The heaviest strictly increasing run of numbers, then without jumps: 3 may follow 1, 9 may not.
fn chain(candidates: &[(usize, Vec<u16>, u32)]) -> Vec<(usize, Vec<u16>, u32)> {
    let mut order: Vec<&[u16]> = candidates
        .iter()
        .map(|(_, path, _)| path.as_slice())
        .collect();
    order.sort_unstable();
    order.dedup();
    let ranks: Vec<(usize, u32)> = candidates
        .iter()
        .map(|(_, path, weight)| {
            (
                order.partition_point(|other| *other < path.as_slice()),
                *weight,
            )
        })
        .collect();
    let mut run: Vec<(usize, Vec<u16>, u32)> = heaviest(&ranks, order.len())
        .into_iter()
        .map(|at| candidates[at].clone())
        .collect();
    let mut last: Vec<u16> = Vec::new();
    run.retain(|(_, path, _)| {
        let kept = successor(&last, path);
        if kept {
            last.clone_from(path);
        }
        kept
    });
    run
}

/// The heaviest strictly increasing run of candidates given as rank, below `ranks`, and weight: their indexes.
///
/// Longest increasing subsequence by weights over a Fenwick tree of best predecessors: n log n.
pub(super) fn heaviest(candidates: &[(usize, u32)], ranks: usize) -> Vec<usize> {
    // best[i]: heaviest run that ends in a rank below i, as (weight, candidate).
    let mut best: Vec<(u32, usize)> = vec![(0, usize::MAX); ranks + 1];
    let mut before = vec![usize::MAX; candidates.len()];
    let mut top = (0, usize::MAX);
    for (at, &(rank, weight)) in candidates.iter().enumerate() {
        let mut heaviest = (0, usize::MAX);
        let mut node = rank;
        while node > 0 {
            if best[node].0 > heaviest.0 {
                heaviest = best[node];
            }
            node &= node - 1;
        }
        before[at] = heaviest.1;
        let run = (heaviest.0 + weight, at);
        let mut node = rank + 1;
        while node < best.len() {
            if run.0 > best[node].0 {
                best[node] = run;
            }
            node += node & node.wrapping_neg();
        }
        if run.0 > top.0 {
            top = run;
        }
    }
    let mut run = Vec::new();
    let mut at = top.1;
    while at < candidates.len() {
        run.push(at);
        at = before[at];
    }
    run.reverse();
    run
}

/// Whether `path` can come next after `last` when a heading or two in between were missed.
fn successor(last: &[u16], path: &[u16]) -> bool {
    let common = last.iter().zip(path).take_while(|(a, b)| a == b).count();
    let part = |path: &[u16]| path.get(common).copied().unwrap_or(0);
    let step = part(path).saturating_sub(part(last));
    step <= 3 && path.iter().skip(common + 1).all(|&part| part <= 2)
}

/// Below Roman main headings: "A. Setup", "B. Runs", counted from A again under each, and "1)" below those.
fn accept_letters_below(candidates: &[Candidate<'_>], accepted: &mut [Option<u8>]) {
    let mut expected = 1;
    for (index, candidate) in candidates.iter().enumerate() {
        if accepted[index].is_some() {
            expected = 1;
            continue;
        }
        let Some(number) = candidate.number.as_ref().filter(|number| number.marked) else {
            continue;
        };
        let letter = match &number.number {
            Number::Letter(path) if path.len() == 1 => path[0],
            // I, V and X are letters too.
            Number::Roman(1) => 9,
            Number::Roman(5) => 22,
            Number::Roman(10) => 24,
            _ => continue,
        };
        if (expected..expected + 2).contains(&letter) && (candidate.fresh || candidate.distinct()) {
            accepted[index] = Some(2);
            expected = letter + 1;
        }
    }
}

/// After the numbered sections: "A Proofs", "A.1 Lemmas", "Appendix B". Without a stop behind the letter the line
/// must be set like a numbered main heading, for "A" is also an article.
fn accept_appendices(
    rows: &[Row<'_>],
    candidates: &[Candidate<'_>],
    last: usize,
    looks: &[Look],
    accepted: &mut [Option<u8>],
) {
    let mut before: Vec<u16> = Vec::new();
    for (index, candidate) in candidates.iter().enumerate().skip(last + 1) {
        let Some(number) = &candidate.number else {
            continue;
        };
        let path = match &number.number {
            Number::Letter(path) => path.clone(),
            Number::Roman(1) if before.first() == Some(&8) => vec![9],
            _ => continue,
        };
        let row = &rows[candidate.row];
        let dressed = if number.marked || path.len() > 1 {
            candidate.distinct()
                || candidate.capitals
                || candidate.name.is_empty()
                || (names::appendix(row.text) && candidate.fresh)
        } else {
            candidate.distinct() && looks.contains(&look(row, candidate))
        };
        if dressed && path > before && successor(&before, &path) {
            accepted[index] = Some(path.len().min(6) as u8);
            before = path;
        }
    }
}

// -- names -----------------------------------------------------------------------------------------------

/// Accepts headings by their usual names.
fn accept_named(
    rows: &[Row<'_>],
    body: &Body,
    candidates: &[Candidate<'_>],
    accepted: &mut [Option<u8>],
) {
    let numbered = accepted.iter().flatten().count() >= 3;
    let mut numbered_looks = HashMap::new();
    for (candidate, rank) in candidates.iter().zip(accepted.iter()) {
        if let Some(rank) = *rank {
            numbered_looks
                .entry(look(&rows[candidate.row], candidate))
                .or_insert(rank);
        }
    }
    let mut references = false;
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(kind) = candidate.known else {
            continue;
        };
        if accepted[index].is_some() {
            continue;
        }
        let row = &rows[candidate.row];
        // "Appendix B" and "Chapter 4 Results" carry their name in the prefix; any other number that is not in
        // the run of numbers belongs to a list, unless there is no run.
        if candidate.number.is_some()
            && numbered
            && !candidate.distinct()
            && kind != SectionKind::Appendix
        {
            continue;
        }
        let ends_matter = ends_matter(kind);
        let placed = row.own_block() || candidate.fresh;
        let dressed = candidate.distinct() || candidate.capitals;
        let sure = names::unmistakable(candidate.name, kind);
        // "… is given in the" goes on with "Appendix."
        let ends =
            candidate.name.ends_with('.') && kind != SectionKind::Abstract && !row.own_block();
        let plain =
            !ends && ((placed && candidate.followed) || (sure && (placed || candidate.followed)));
        let fits = match body.kind {
            Kind::Pdf => {
                (candidate.distinct() && (sure || candidate.followed || row.own_block()))
                    || (candidate.capitals && placed && (sure || candidate.followed))
                    || (plain && (row.first || sure) && (sure || !numbered))
            }
            _ => {
                (dressed && sure)
                    || (dressed && placed && (candidate.followed || row.own_block()))
                    || (plain && (sure || !numbered || row.own_block()))
            }
        };
        let cell = references && !ends_matter && !candidate.distinct();
        if fits && !cell {
            accepted[index] = Some(named_rank(rows, candidate, ends_matter, &numbered_looks));
            references |= kind == SectionKind::References;
        }
    }
    rank_names(rows, body, candidates, accepted);
}

/// Names set smaller than the surest main headings, or without their capitals, stand below them: "Data" below
/// "EXPERIMENTS".
fn rank_names(
    rows: &[Row<'_>],
    body: &Body,
    candidates: &[Candidate<'_>],
    accepted: &mut [Option<u8>],
) {
    let sure = |candidate: &Candidate<'_>| {
        candidate.known.is_some_and(|kind| {
            matches!(
                kind,
                SectionKind::Introduction | SectionKind::Conclusion | SectionKind::References
            ) && names::unmistakable(candidate.name, kind)
        })
    };
    let main: Vec<&Candidate<'_>> = candidates
        .iter()
        .zip(accepted.iter())
        .filter(|(candidate, rank)| **rank == Some(1) && sure(candidate))
        .map(|(candidate, _)| candidate)
        .collect();
    let size = main
        .iter()
        .map(|candidate| half_points(rows[candidate.row].size))
        .max();
    let capitals = main.len() >= 2 && main.iter().all(|candidate| candidate.capitals);
    for (candidate, rank) in candidates.iter().zip(accepted) {
        let movable = candidate.number.is_none()
            && candidate
                .known
                .is_some_and(|kind| !ends_matter(kind) && kind != SectionKind::Introduction);
        let below = if body.size > 0.0 {
            size.is_some_and(|size| half_points(rows[candidate.row].size) < size)
        } else {
            capitals && !candidate.capitals
        };
        if movable && below && *rank == Some(1) {
            *rank = Some(2);
        }
    }
}

/// Front and back matter, which is rarely a section's part.
fn ends_matter(kind: SectionKind) -> bool {
    matches!(
        kind,
        SectionKind::Abstract
            | SectionKind::References
            | SectionKind::Acknowledgments
            | SectionKind::Appendix
            | SectionKind::Body
    )
}

/// A main heading, unless numbered headings of a deeper level are set in the same way.
fn named_rank(
    rows: &[Row<'_>],
    candidate: &Candidate<'_>,
    ends_matter: bool,
    numbered: &HashMap<Look, u8>,
) -> u8 {
    if ends_matter || matches!(candidate.known, Some(SectionKind::Introduction)) {
        return 1;
    }
    let row = &rows[candidate.row];
    let rank = numbered.get(&look(row, candidate)).copied();
    rank.filter(|_| row.size > 0.0).unwrap_or(1)
}

// -- looks -----------------------------------------------------------------------------------------------

/// How the headings found so far are set, and the rank that goes with it.
struct Looks {
    ranks: HashMap<Look, u8>,
    /// Size of the smallest main heading, in half points.
    main: u32,
    /// The row of the first heading that is not front matter, or else of the first heading.
    first: Option<usize>,
    deepest: u8,
    capitals: bool,
}

impl Looks {
    fn of(rows: &[Row<'_>], candidates: &[Candidate<'_>], accepted: &[Option<u8>]) -> Self {
        let mut looks = Looks {
            ranks: HashMap::new(),
            main: u32::MAX,
            first: None,
            deepest: 1,
            capitals: false,
        };
        let mut front = None;
        for (candidate, rank) in candidates.iter().zip(accepted) {
            let Some(rank) = *rank else {
                continue;
            };
            let row = &rows[candidate.row];
            match candidate.known {
                Some(SectionKind::Abstract | SectionKind::Body) => {
                    front = front.or(Some(candidate.row))
                }
                _ => looks.first = looks.first.or(Some(candidate.row)),
            }
            looks.capitals |= candidate.capitals;
            // An abstract's heading is often set smaller than all others.
            if candidate.known != Some(SectionKind::Abstract) {
                looks.ranks.entry(look(row, candidate)).or_insert(rank);
                if rank == 1 {
                    looks.main = looks.main.min(half_points(row.size));
                }
            }
        }
        looks.first = looks.first.or(front);
        looks.deepest = looks.ranks.values().copied().max().unwrap_or(1);
        looks
    }
}

/// Size in half points, bold, all capitals.
type Look = (u32, bool, bool);

fn look(row: &Row<'_>, candidate: &Candidate<'_>) -> Look {
    (half_points(row.size), row.bold, candidate.capitals)
}

/// Accepts lines that look as headings do, and gives every unnumbered heading its rank.
fn accept_alike(
    rows: &[Row<'_>],
    body: &Body,
    candidates: &[Candidate<'_>],
    looks: &Looks,
    after_title: usize,
    accepted: &mut [Option<u8>],
) {
    // Before the first sure heading stand authors and affiliations.
    let from = looks
        .first
        .map_or(after_title, |first| first.max(after_title));
    let sizes = heading_sizes(rows, body, candidates);
    let blocks = if body.size == 0.0 {
        spaced(rows)
    } else {
        false
    };
    let mut headed: HashMap<usize, u8> = HashMap::new();
    for (candidate, rank) in candidates.iter().zip(accepted.iter()) {
        headed.extend(rank.map(|rank| (candidate.row, rank)));
    }
    let classes = classes(rows, body, candidates);
    // From the end, because a heading may stand above another one.
    for (index, candidate) in candidates.iter().enumerate().rev() {
        let row = &rows[candidate.row];
        if accepted[index].is_some() || (candidate.row < from && !preface(rows, body, candidate)) {
            continue;
        }
        let rank = rank_by_look(row, candidate, looks, &sizes);
        let fits = if body.size > 0.0 {
            looks_set(rows, candidate, looks, &classes, body)
                && (carries(rows, body, candidate, rank, &headed)
                    || stands_alone(rows, body, candidate, looks))
        } else {
            looks_plain(row, candidate, looks, blocks)
        };
        if fits {
            accepted[index] = Some(rank);
            headed.insert(candidate.row, rank);
        }
    }
}

/// Drops what only looks like a heading on a page without running text, unless a heading of another page is set in the
/// same way: maps, diagrams and forms have labels of every size.
fn drop_labels(
    rows: &[Row<'_>],
    body: &Body,
    candidates: &[Candidate<'_>],
    sure: &[Option<u8>],
    accepted: &mut [Option<u8>],
) {
    if body.size == 0.0 {
        return;
    }
    let running: HashSet<u32> = rows
        .iter()
        .filter(|row| body.runs(row))
        .map(|row| row.page)
        .collect();
    // The pages of the first and the last heading of each look.
    let mut pages: HashMap<Look, (u32, u32)> = HashMap::new();
    for (candidate, _) in candidates
        .iter()
        .zip(accepted.iter())
        .filter(|(_, rank)| rank.is_some())
    {
        let row = &rows[candidate.row];
        pages
            .entry(look(row, candidate))
            .or_insert((row.page, row.page))
            .1 = row.page;
    }
    for ((candidate, rank), sure) in candidates.iter().zip(accepted).zip(sure) {
        let row = &rows[candidate.row];
        let on_one_page = pages
            .get(&look(row, candidate))
            .is_some_and(|(first, last)| first == last);
        if sure.is_none() && on_one_page && !running.contains(&row.page) {
            *rank = None;
        }
    }
}

/// Whether a line before the first sure heading can be one itself: large, and past the first page with its authors.
fn preface(rows: &[Row<'_>], body: &Body, candidate: &Candidate<'_>) -> bool {
    let row = &rows[candidate.row];
    let first = rows.first().map_or(1, |first| first.page);
    row.page > first && set_large(row, body) && row.own_block()
}

/// Whether a large line set as a sure heading is one although no running text comes below, but a list or formulas:
/// labels in figures come in groups or above a caption.
fn stands_alone(rows: &[Row<'_>], body: &Body, candidate: &Candidate<'_>, looks: &Looks) -> bool {
    let row = &rows[candidate.row];
    looks.ranks.contains_key(&look(row, candidate))
        && set_large(row, body)
        && row.own_block()
        && !ends_page(rows, candidate.row, candidate.row + 1)
        && rows
            .get(candidate.row + 1)
            .is_some_and(|below| below.size <= 0.9 * row.size && !figure(below.text))
}

/// Whether running text, or a heading of a deeper level, comes below: labels in figures carry neither.
fn carries(
    rows: &[Row<'_>],
    body: &Body,
    candidate: &Candidate<'_>,
    rank: u8,
    headed: &HashMap<usize, u8>,
) -> bool {
    let mut next = candidate.row + 1;
    while next < candidate.row + MOST_LINES
        && !headed.contains_key(&next)
        && goes_on(rows, body, candidate, next)
    {
        next += 1;
    }
    let Some(below) = rows.get(next) else {
        return false;
    };
    if ends_page(rows, candidate.row, next) {
        return false;
    }
    if let Some(&deeper) = headed.get(&next) {
        return deeper > rank;
    }
    let (_, share) = letters(below.text);
    let words = below.words();
    let large = set_large(&rows[candidate.row], body);
    let text = share >= 0.6 && (below.text.len() >= 35 && words >= 5 || large && words >= 2);
    text && !caption(below.text) && !body.larger(below)
}

/// Whether the rows from `first` to `next` end their page below others: no heading is left at a page's foot without
/// its text.
fn ends_page(rows: &[Row<'_>], first: usize, next: usize) -> bool {
    let page = rows[first].page;
    let Some(bounds) = rows[first].bounds else {
        return false;
    };
    if rows.get(next).is_some_and(|row| row.page == page) {
        return false;
    }
    let mut others = rows[..first]
        .iter()
        .rev()
        .take_while(|row| row.page == page)
        .filter_map(|row| row.bounds)
        .peekable();
    others.peek().is_some() && others.all(|other| other.top < bounds.bottom)
}

/// Where lines have sizes.
fn looks_set(
    rows: &[Row<'_>],
    candidate: &Candidate<'_>,
    looks: &Looks,
    classes: &HashSet<Look>,
    body: &Body,
) -> bool {
    let row = &rows[candidate.row];
    let look = look(row, candidate);
    let seen = looks.ranks.contains_key(&look) || classes.contains(&look) && row.own_block();
    let clear = set_large(row, body) || (candidate.bolder && row.own_block());
    let placed = row.first || (candidate.larger && candidate.fresh);
    candidate.distinct()
        && placed
        && !paragraph_head(rows, candidate)
        && (seen || clear)
        && (candidate.followed || candidate.larger)
        && row.text.len() <= 100
}

/// Lines of one look that make a class of headings, and the share of them in percent that stand alone above text.
const CLASS: usize = 3;
const CLASS_SHARE: usize = 75;

/// The looks larger than running text whose lines stand alone above text, nearly all of them: the headings of one
/// level, little larger than the text as they may be.
fn classes(rows: &[Row<'_>], body: &Body, candidates: &[Candidate<'_>]) -> HashSet<Look> {
    let mut counts: HashMap<Look, (usize, usize)> = HashMap::new();
    for row in rows.iter().filter(|row| body.larger(row)) {
        let look = (half_points(row.size), row.bold, capitals(row.text));
        counts.entry(look).or_default().0 += 1;
    }
    for candidate in candidates.iter().filter(|candidate| candidate.larger) {
        let row = &rows[candidate.row];
        let below = rows.get(candidate.row + 1);
        let heads = row.own_block() && below.is_some_and(|below| body.runs(below));
        if let Some((_, heading)) = counts.get_mut(&look(row, candidate)) {
            *heading += usize::from(heads);
        }
    }
    counts
        .into_iter()
        .filter(|(_, (all, heading))| *heading >= CLASS && heading * 100 >= all * CLASS_SHARE)
        .map(|(look, _)| look)
        .collect()
}

/// Whether a bold line is the head of a paragraph: it ends in a stop, and is indented with the paragraph's first line.
fn paragraph_head(rows: &[Row<'_>], candidate: &Candidate<'_>) -> bool {
    let row = &rows[candidate.row];
    let left = |at: usize| Some(rows.get(at)?.bounds?.left);
    let (Some(head), Some(first), Some(second)) = (
        left(candidate.row),
        left(candidate.row + 1),
        left(candidate.row + 2),
    ) else {
        return false;
    };
    !candidate.larger
        && candidate.name.ends_with('.')
        && (head - first).abs() < 0.5 * row.size
        && head - second > 0.5 * row.size
}

/// Where they have none: capitals like the other headings', or a short line between empty ones.
fn looks_plain(row: &Row<'_>, candidate: &Candidate<'_>, looks: &Looks, spaced: bool) -> bool {
    let words = row.words();
    let capitals = candidate.capitals
        && looks.capitals
        && candidate.fresh
        && candidate.followed
        && words <= 10
        && row.text.len() >= 6;
    let alone = spaced
        && row.own_block()
        && candidate.followed
        && words <= 9
        && candidate.name.starts_with(char::is_uppercase)
        && (title_case(candidate.name) || words <= 4)
        && !candidate.name.ends_with(['.', ',', ';'])
        && candidate.number.is_none();
    (capitals && (words >= 2 || row.own_block() || row.text.len() >= 8)) || alone
}

/// Whether empty lines part the paragraphs of the text: most blocks have several lines or a long one.
fn spaced(rows: &[Row<'_>]) -> bool {
    let blocks = rows.iter().filter(|row| row.first).count();
    let paragraphs = rows
        .iter()
        .filter(|row| row.first && (!row.last || row.text.len() >= 80))
        .count();
    blocks >= 3 && paragraphs * 3 >= blocks
}

/// The sizes of lines set larger than running text, the largest first.
fn heading_sizes(rows: &[Row<'_>], body: &Body, candidates: &[Candidate<'_>]) -> Vec<u32> {
    let mut sizes: Vec<u32> = candidates
        .iter()
        .map(|candidate| &rows[candidate.row])
        .filter(|row| body.larger(row))
        .map(|row| half_points(row.size))
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.dedup();
    sizes
}

fn rank_by_look(row: &Row<'_>, candidate: &Candidate<'_>, looks: &Looks, sizes: &[u32]) -> u8 {
    if let Some(&rank) = looks.ranks.get(&look(row, candidate)) {
        return rank;
    }
    let size = half_points(row.size);
    if looks.main != u32::MAX && row.size > 0.0 {
        return if size > looks.main {
            1
        } else {
            looks.deepest.min(4) + 1
        };
    }
    if row.size > 0.0 {
        let rank = sizes
            .iter()
            .position(|&other| other <= size)
            .unwrap_or(sizes.len());
        return rank.min(4) as u8 + 1;
    }
    if looks.capitals && !candidate.capitals {
        2
    } else {
        1
    }
}

/// A list of references is full of short lines with capitals and numbers: below its heading only what is
/// dressed as the main headings are, or has a usual name, is a heading.
fn end_references(
    rows: &[Row<'_>],
    body: &Body,
    candidates: &[Candidate<'_>],
    looks: &Looks,
    accepted: &mut [Option<u8>],
) {
    let mut inside = false;
    for (index, candidate) in candidates.iter().enumerate() {
        let Some(rank) = accepted[index] else {
            continue;
        };
        if let Some(kind) = candidate.known.filter(|_| rank == 1) {
            inside = kind == SectionKind::References;
            continue;
        }
        if !inside {
            continue;
        }
        let row = &rows[candidate.row];
        let main = looks.ranks.get(&look(row, candidate)) == Some(&1);
        let dressed = match body.kind {
            Kind::Pdf => candidate.distinct() && (main || candidate.larger),
            _ => candidate.capitals && candidate.number.is_some(),
        };
        if dressed && rank == 1 {
            inside = false;
        } else {
            accepted[index] = None;
        }
    }
}

// -- headings --------------------------------------------------------------------------------------------

/// The heading that begins at a candidate, with the lines it goes on in; `limit` is the next heading's row.
fn heading(
    rows: &[Row<'_>],
    body: &Body,
    candidate: &Candidate<'_>,
    rank: u8,
    limit: usize,
) -> Heading {
    let first = &rows[candidate.row];
    let mut end = candidate.row + 1;
    while end < limit.min(candidate.row + MOST_LINES) && goes_on(rows, body, candidate, end) {
        end += 1;
    }
    let mut range = first.range.start..rows[end - 1].range.end;
    let mut name = candidate.name.to_owned();
    if let Some(length) = run_in(candidate, end - candidate.row) {
        name.truncate(length);
        range.end = first.range.end - (candidate.name.len() - length);
    }
    for row in &rows[candidate.row + 1..end] {
        name.push(' ');
        name.push_str(row.text);
    }
    let number = candidate.number.as_ref().map(|number| &number.number);
    let mut heading = Heading::new(first.text, number, name, rank);
    heading.own = heading.own.or(candidate.known);
    Heading {
        rows: candidate.row..end,
        range,
        ..heading
    }
}

/// Whether the line below a heading has a usual name of its own; "PERFORMANCE RESULTS AND" goes on with "ANALYSIS".
fn another(candidate: &Candidate<'_>, below: &Row<'_>) -> bool {
    !candidate.name.is_empty()
        && names::whole(below.text)
            .is_some_and(|kind| candidate.known.is_some() || names::unmistakable(below.text, kind))
}

/// Bytes of a heading's name that its text follows on the same line: "2.2. Networks. We train…".
fn run_in(candidate: &Candidate<'_>, lines: usize) -> Option<usize> {
    if lines > 1 || candidate.larger || candidate.known.is_some() || candidate.number.is_none() {
        return None;
    }
    let end = sentence_end(candidate.name, 0, candidate.name.len());
    let text = candidate.name.get(end..)?;
    (text.split_whitespace().count() >= 2).then_some(end)
}

/// Whether a heading goes on in row `next`.
fn goes_on(rows: &[Row<'_>], body: &Body, candidate: &Candidate<'_>, next: usize) -> bool {
    let (Some(above), Some(below)) = (rows.get(next - 1), rows.get(next)) else {
        return false;
    };
    if above.page != below.page
        || below.text.len() > LONGEST
        || names::numbered(below.text).is_some()
        || beside_another(rows, next)
        || (candidate.known.is_some() && body.size == 0.0)
        || another(candidate, below)
    {
        return false;
    }
    let capitals_go_on = !candidate.capitals || capitals(below.text);
    if body.size > 0.0 {
        let chapter = candidate.name.is_empty() && next == candidate.row + 1 && body.larger(below);
        let alike = half_points(above.size) == half_points(below.size) && above.bold == below.bold;
        let close = match (above.bounds, below.bounds) {
            (Some(above), Some(below)) => {
                below.top - above.bottom < 0.8 * (above.bottom - above.top) && below.top > above.top
            }
            _ => above.bounds.is_none() && !above.last,
        };
        return chapter
            || (candidate.distinct()
                && alike
                && close
                && capitals_go_on
                && !below.ends_sentence());
    }
    if above.last {
        return false;
    }
    let last_word = above
        .text
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or("")
        .to_lowercase();
    let open = SMALL_WORDS.contains(&last_word.as_str());
    let short = below.words() <= 6 && below.text.len() <= 50;
    (candidate.capitals && capitals(below.text) && short)
        || (open && short && !below.ends_sentence())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(paths: &[&[u16]]) -> Vec<Vec<u16>> {
        let candidates: Vec<_> = paths
            .iter()
            .enumerate()
            .map(|(index, path)| (index, path.to_vec(), 1))
            .collect();
        chain(&candidates)
            .into_iter()
            .map(|(_, path, _)| path)
            .collect()
    }

    #[test]
    fn numbered_lists_inside_sections_are_left_out_of_the_run() {
        let found = run(&[&[1], &[2], &[2, 1], &[1], &[2], &[2, 2], &[3], &[4], &[5]]);
        assert_eq!(
            found,
            [
                vec![1],
                vec![2],
                vec![2, 1],
                vec![2, 2],
                vec![3],
                vec![4],
                vec![5]
            ]
        );
    }

    #[test]
    fn runs_do_not_jump() {
        assert_eq!(run(&[&[1], &[2], &[70, 5]]), [vec![1], vec![2]]);
        assert_eq!(run(&[&[1], &[3], &[3, 2]]), [vec![1], vec![3], vec![3, 2]]);
        assert!(run(&[]).is_empty());
    }
}
