//! Title, abstract, sections and chunks.
//!
//! [`find`] looks at the lines of a document: `title` finds the title, `headings` which lines are headings and
//! how deep they stand, `names` what their names say, `front` the authors and their keywords, and `chunks` cuts the
//! text between them into whole sentences. Everything is linear in the length of the text but for sorting the
//! numbered lines.

use std::ops::Range;

use serde::Serialize;

use self::headings::Heading;
use self::rows::{Body, Row, prose};
use super::{Block, Document};
use crate::config::Config;
use crate::error::Result;
use crate::progress::{Observer, Stage};

mod chunks;
mod contents;
mod front;
mod headings;
mod names;
mod outline;
mod rows;
mod title;

/// The usual sections of a paper or report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SectionKind {
    Title,
    Abstract,
    Introduction,
    Background,
    LiteratureReview,
    Methodology,
    Results,
    Discussion,
    Conclusion,
    References,
    Acknowledgments,
    Appendix,
    Body,
}

impl SectionKind {
    /// Every kind, in the usual order of a paper.
    pub const ALL: [SectionKind; 13] = [
        SectionKind::Title,
        SectionKind::Abstract,
        SectionKind::Introduction,
        SectionKind::Background,
        SectionKind::LiteratureReview,
        SectionKind::Methodology,
        SectionKind::Results,
        SectionKind::Discussion,
        SectionKind::Conclusion,
        SectionKind::References,
        SectionKind::Acknowledgments,
        SectionKind::Appendix,
        SectionKind::Body,
    ];

    /// The name in reports and settings: `literature_review`.
    pub const fn name(self) -> &'static str {
        match self {
            SectionKind::Title => "title",
            SectionKind::Abstract => "abstract",
            SectionKind::Introduction => "introduction",
            SectionKind::Background => "background",
            SectionKind::LiteratureReview => "literature_review",
            SectionKind::Methodology => "methodology",
            SectionKind::Results => "results",
            SectionKind::Discussion => "discussion",
            SectionKind::Conclusion => "conclusion",
            SectionKind::References => "references",
            SectionKind::Acknowledgments => "acknowledgments",
            SectionKind::Appendix => "appendix",
            SectionKind::Body => "body",
        }
    }
}

/// A section: its kind, its heading and its text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Section {
    /// What the section is.
    pub kind: SectionKind,
    /// The heading's bytes in the document's text; empty for text before any heading.
    pub heading: Range<usize>,
    /// The section's bytes, heading included, up to the next section.
    pub range: Range<usize>,
    /// The page it begins on, from 1.
    pub page: u32,
    /// Depth in the tree of sections, from 1.
    pub level: u8,
}

/// A piece of running text: whole sentences of one section.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Chunk {
    /// Bytes of the document's text.
    pub range: Range<usize>,
    /// The page it begins on, from 1.
    pub page: u32,
    /// The kind of its section.
    pub section: SectionKind,
}

impl Chunk {
    /// A chunk of the bytes `range` of a text, beginning on `page`, from 1.
    pub const fn new(range: Range<usize>, page: u32, section: SectionKind) -> Self {
        Chunk {
            range,
            page,
            section,
        }
    }
}

/// The structure of a document.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Structure {
    /// The title's bytes in the text, when one was found.
    pub title: Option<Range<usize>>,
    /// The names of the authors that stand below the title, in order.
    pub authors: Vec<Range<usize>>,
    /// The phrases of the authors' list of keywords, in order.
    pub keywords: Vec<Range<usize>>,
    /// The abstract's bytes, heading excluded.
    pub abstract_text: Option<Range<usize>>,
    /// Sections in order; together they cover the text.
    pub sections: Vec<Section>,
    /// The bytes of tables of contents, lists of figures and indexes, in order; headings not included.
    pub lists: Vec<Range<usize>>,
    /// Chunks in order, not overlapping. Title and abstract are chunks of their own; running headers, page
    /// numbers, code and [`Structure::lists`] are in none.
    pub chunks: Vec<Chunk>,
}

/// Finds title, abstract and sections, and cuts the text into chunks of at most `document.chunk_bytes` bytes.
///
/// Sections follow each other without a gap and cover the text. Every letter of a paragraph stands in exactly
/// one chunk, heading or list of entries with their pages. A document without any structure is one section of kind `body`.
///
/// # Errors
/// Only what `observer` returns.
pub fn find(document: &Document, config: &Config, observer: &dyn Observer) -> Result<Structure> {
    observer.check()?;
    observer.progress(Stage::Structure, 0, 0, "finding sections");
    let rows = rows::rows(document);
    let body = Body::of(document, &rows);
    let title_rows = title::find(document, &rows, &body);
    observer.check()?;
    let contents = contents::find(&rows, &body);
    observer.check()?;
    let headings = headings::find(
        &rows,
        &body,
        title_rows.as_ref(),
        &contents,
        &document.bookmarks,
        observer,
    )?;
    observer.check()?;
    let title = title_rows
        .as_ref()
        .and_then(|title| span(rows.get(title.clone())?))
        .map(|title| without_mark(&document.text, title));
    let mut marks = marks(&rows, &headings);
    mark_front_matter(&rows, &mut marks);
    let abstract_text = mark_abstract(document, &rows, title_rows.as_ref(), &mut marks);
    let headings = marks.iter().map(|mark| mark.heading.start);
    let keywords = front::keywords(document, &rows, front_end(&marks), headings);
    let authors = match &title_rows {
        Some(title) => front::authors(
            document,
            &rows,
            &body,
            title,
            text_begins(&rows, title, &marks),
        ),
        None => Vec::new(),
    };
    if let Some(title) = &title {
        mark_title(title, &mut marks);
    }
    let sections = sections(document, marks);
    let headings: Vec<Range<usize>> = sections
        .iter()
        .map(|section| section.heading.clone())
        .filter(|heading| !heading.is_empty())
        .collect();
    let lists: Vec<Range<usize>> = contents
        .ranges
        .into_iter()
        .flat_map(|list| chunks::outside(list, &headings))
        .collect();
    let chunks = chunks::cut(
        document,
        &sections,
        title.as_ref(),
        &lists,
        config,
        observer,
    )?;
    Ok(Structure {
        title,
        authors,
        keywords,
        abstract_text,
        sections,
        lists,
        chunks,
    })
}

/// Where a section begins.
#[derive(Clone, Debug)]
struct Mark {
    heading: Range<usize>,
    own: Option<SectionKind>,
    name: String,
    rank: u8,
    part: Option<u16>,
}

impl Mark {
    /// A section without a heading.
    fn bare(at: usize, kind: SectionKind) -> Self {
        Mark {
            heading: at..at,
            own: Some(kind),
            name: String::new(),
            rank: 1,
            part: None,
        }
    }
}

fn span(rows: &[Row<'_>]) -> Option<Range<usize>> {
    Some(rows.first()?.range.start..rows.last()?.range.end)
}

/// The title without the mark of a footnote at its end. The star of "A*" is no such mark.
fn without_mark(text: &str, title: Range<usize>) -> Range<usize> {
    let words = text.get(title.clone()).unwrap_or_default();
    let plain = words.trim_end_matches(['∗', '*', '†', '‡', '§', '¶', '⋆', ' ', '\n']);
    let named =
        plain.ends_with(char::is_uppercase) && !words[plain.len()..].starts_with([' ', '\n']);
    match named || plain.is_empty() {
        true => title,
        false => title.start..title.start + plain.len(),
    }
}

fn marks(rows: &[Row<'_>], headings: &[Heading]) -> Vec<Mark> {
    let (mut named, mut begun) = (false, false);
    headings
        .iter()
        .filter(|heading| heading.rows.end <= rows.len())
        .map(|heading| {
            let mut own = heading.own;
            // A summary at the end is no abstract, and an overview in the middle no introduction.
            if named && own == Some(SectionKind::Abstract) && summary(&heading.name) {
                own = Some(SectionKind::Conclusion);
            } else if begun && own == Some(SectionKind::Introduction) && overview(&heading.name) {
                own = Some(SectionKind::Body);
            }
            named |= own != Some(SectionKind::Body) && (own.is_some() || heading.rank == 1);
            begun |= !matches!(own, Some(SectionKind::Body | SectionKind::Abstract));
            Mark {
                heading: heading.range.clone(),
                own,
                name: heading.name.clone(),
                rank: heading.rank,
                part: heading.part,
            }
        })
        .collect()
}

fn summary(name: &str) -> bool {
    !names::squeezed(name).contains("abstract")
}

fn overview(name: &str) -> bool {
    matches!(
        names::squeezed(name).as_str(),
        "overview" | "motivation" | "prologue"
    )
}

/// Puts `mark` in its place; one that is already there at the same byte stays.
fn insert(marks: &mut Vec<Mark>, mark: Mark) {
    let at = marks.partition_point(|other| other.heading.start < mark.heading.start);
    let inside = at
        .checked_sub(1)
        .and_then(|before| marks.get(before))
        .is_some_and(|before| before.heading.end > mark.heading.start);
    let taken = marks
        .get(at)
        .is_some_and(|other| other.heading.start < mark.heading.end.max(mark.heading.start + 1));
    if !inside && !taken {
        marks.insert(at, mark);
    }
}

fn mark_title(title: &Range<usize>, marks: &mut Vec<Mark>) {
    insert(marks, Mark::bare(title.start, SectionKind::Title));
    let next = marks
        .iter()
        .position(|mark| mark.heading.start >= title.end)
        .unwrap_or(marks.len());
    if marks
        .get(next)
        .is_none_or(|mark| mark.heading.start > title.end)
    {
        marks.insert(next, Mark::bare(title.end, SectionKind::Body));
    }
}

// -- abstract --------------------------------------------------------------------------------------------

/// Rows looked at for an abstract.
const FRONT_ROWS: usize = 300;
/// An abstract longer than this has run into something else; it is cut at the paragraph before
/// [`CUT_ABSTRACT`] bytes.
const LONGEST_ABSTRACT: usize = 6_000;
const CUT_ABSTRACT: usize = 4_000;
/// A first paragraph shorter than this, in bytes, is no abstract.
const SHORTEST_UNNAMED: usize = 250;

/// Finds the abstract, marks it as a section and returns its bytes: under its heading, after "Abstract—" in
/// its own paragraph, or, unnamed, the first paragraph worth the name between title and first heading.
fn mark_abstract(
    document: &Document,
    rows: &[Row<'_>],
    title: Option<&Range<usize>>,
    marks: &mut Vec<Mark>,
) -> Option<Range<usize>> {
    let named = marks
        .iter()
        .find(|mark| mark.own == Some(SectionKind::Abstract))
        .map(|mark| mark.heading.end);
    let from = title.map_or(0, |title| title.end);
    let start = match named {
        Some(start) => start,
        None => match run_in_abstract(rows, from, marks) {
            Some(heading) => {
                let start = heading.end;
                insert(
                    marks,
                    Mark {
                        heading,
                        own: Some(SectionKind::Abstract),
                        name: String::new(),
                        rank: 1,
                        part: None,
                    },
                );
                start
            }
            None => {
                let found = unnamed_abstract(rows, from, marks)?;
                insert(marks, Mark::bare(found.start, SectionKind::Abstract));
                close_abstract(found.end, marks);
                return Some(found);
            }
        },
    };
    let end = abstract_end(document, rows, start, marks);
    close_abstract(end, marks);
    let text = document.text.get(start..end)?;
    let trimmed = text.trim();
    let start = start + (text.len() - text.trim_start().len());
    (!trimmed.is_empty()).then(|| start..start + trimmed.len())
}

/// The text after the abstract is a section of its own unless a heading comes next.
fn close_abstract(end: usize, marks: &mut Vec<Mark>) {
    insert(marks, Mark::bare(end, SectionKind::Body));
}

/// "Abstract—" and its like at the start of a row, before the first heading.
fn run_in_abstract(rows: &[Row<'_>], from: usize, marks: &[Mark]) -> Option<Range<usize>> {
    let limit = marks
        .iter()
        .find(|mark| mark.own != Some(SectionKind::Body))
        .map_or(usize::MAX, |mark| mark.heading.start);
    let mut fresh = true;
    for row in rows.iter().skip(from).take(FRONT_ROWS) {
        if row.range.start >= limit {
            return None;
        }
        if let Some(length) = names::abstract_run_in(row.text).filter(|_| fresh || row.first) {
            return Some(row.range.start..row.range.start + length);
        }
        fresh = row.last || row.ends_sentence() || row.text.len() < 60;
    }
    None
}

/// Where the abstract ends: at the next heading, at its keywords, or, when that is too far, with a paragraph.
fn abstract_end(document: &Document, rows: &[Row<'_>], start: usize, marks: &[Mark]) -> usize {
    let heading = marks
        .iter()
        .find(|mark| mark.heading.start >= start)
        .map_or(document.text.len(), |mark| mark.heading.start);
    let first = rows.partition_point(|row| row.range.end <= start);
    let mut end = heading;
    for row in rows.iter().skip(first) {
        if row.range.start >= heading {
            break;
        }
        if row.range.start > start && names::front_run_in(row.text).is_some() {
            end = row.range.start;
            break;
        }
    }
    if end - start <= LONGEST_ABSTRACT {
        return end;
    }
    let mut cut = None;
    for row in rows.iter().skip(first) {
        if row.range.end > start + CUT_ABSTRACT {
            break;
        }
        if row.last {
            cut = Some(row.range.end);
        }
    }
    // Without a paragraph's end: the last line that ends a sentence.
    cut.or_else(|| {
        rows.iter()
            .skip(first)
            .take_while(|row| row.range.end <= start + CUT_ABSTRACT)
            .filter(|row| row.ends_sentence())
            .last()
            .map(|row| row.range.end)
    })
    .unwrap_or_else(|| floor_boundary(&document.text, end.min(start + CUT_ABSTRACT)))
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The first run of prose lines between the title and the first heading.
fn unnamed_abstract(rows: &[Row<'_>], from: usize, marks: &[Mark]) -> Option<Range<usize>> {
    let limit = marks.first()?.heading.start;
    let front = rows
        .iter()
        .skip(from)
        .take(FRONT_ROWS)
        .take_while(|row| row.range.start < limit && row.page <= 3);
    let mut run: Option<Range<usize>> = None;
    for row in front {
        // What follows a notice of copyright is one of licence.
        if names::front_run_in(row.text).is_some() || legal(row.text) {
            break;
        }
        match &mut run {
            Some(open) => {
                open.end = row.range.end;
                if row.last && open.len() >= SHORTEST_UNNAMED {
                    break;
                }
                if row.last {
                    run = None;
                }
            }
            None if prose(row.text) && !row.text.starts_with(char::is_lowercase) => {
                run = Some(row.range.clone());
                if row.last && row.text.len() >= SHORTEST_UNNAMED {
                    break;
                }
                if row.last {
                    run = None;
                }
            }
            None => {}
        }
    }
    run.filter(|run| run.len() >= SHORTEST_UNNAMED && run.len() <= LONGEST_ABSTRACT)
}

/// Whether the line is one of a notice of copyright or licence.
fn legal(line: &str) -> bool {
    let lower = line.to_lowercase();
    let year = lower.contains(|c: char| c.is_ascii_digit());
    lower.contains("copyright")
        || lower.contains("all rights reserved")
        || lower.contains("permission is ")
        || (lower.contains('©') || lower.contains("(c)")) && year
}

/// Keywords and subject classes between the abstract and the first section, run into their text.
fn mark_front_matter(rows: &[Row<'_>], marks: &mut Vec<Mark>) {
    let limit = front_end(marks);
    for row in rows.iter().take(FRONT_ROWS) {
        if row.range.start >= limit {
            break;
        }
        if let Some(length) = names::front_run_in(row.text) {
            let start = row.range.start;
            insert(
                marks,
                Mark {
                    heading: start..start + length,
                    own: Some(SectionKind::Body),
                    name: String::new(),
                    rank: 1,
                    part: None,
                },
            );
        }
    }
}

/// Where the first section that is no front matter begins.
fn front_end(marks: &[Mark]) -> usize {
    marks
        .iter()
        .find(|mark| {
            !matches!(
                mark.own,
                Some(SectionKind::Body | SectionKind::Abstract | SectionKind::Title)
            )
        })
        .map_or(usize::MAX, |mark| mark.heading.start)
}

/// Where the first section below the title begins.
fn text_begins(rows: &[Row<'_>], title: &Range<usize>, marks: &[Mark]) -> usize {
    let end = rows
        .get(title.end)
        .map_or(usize::MAX, |row| row.range.start);
    marks
        .iter()
        .map(|mark| mark.heading.start)
        .find(|start| *start >= end)
        .unwrap_or(usize::MAX)
}

// -- sections --------------------------------------------------------------------------------------------

/// Sections from their marks: depth from the ranks, kind from the name, the words at its edges or the parent.
fn sections(document: &Document, mut marks: Vec<Mark>) -> Vec<Section> {
    let text = &document.text;
    drop_blank(text, &mut marks);
    let blank_head = marks.first().is_none_or(|mark| {
        text.get(..mark.heading.start)
            .is_some_and(|head| head.contains(char::is_alphanumeric))
    });
    if blank_head {
        marks.insert(0, Mark::bare(0, SectionKind::Body));
    }
    let mut sections: Vec<Section> = Vec::with_capacity(marks.len());
    let mut parents: Vec<Parent> = Vec::new();
    for (index, mark) in marks.iter().enumerate() {
        let start = if index == 0 { 0 } else { mark.heading.start };
        let end = marks
            .get(index + 1)
            .map_or(text.len(), |next| next.heading.start);
        if end <= start && !text.is_empty() {
            continue;
        }
        while parents
            .last()
            .is_some_and(|parent| parent.rank >= mark.rank)
        {
            parents.pop();
        }
        let kind = kind_of(mark, parents.last());
        parents.push(Parent {
            rank: mark.rank,
            kind,
            part: mark.part,
        });
        let level = parents.len();
        // Nothing stands below a title, an abstract or keywords.
        if mark.heading.is_empty()
            || kind == SectionKind::Abstract
            || mark.own == Some(SectionKind::Body)
        {
            parents.pop();
        }
        sections.push(Section {
            kind,
            heading: mark.heading.clone(),
            range: start..end,
            page: document.page_of(mark.heading.start),
            level: level.min(usize::from(u8::MAX)) as u8,
        });
    }
    sections
}

/// Drops sections without a heading that would hold nothing but white space and marks.
fn drop_blank(text: &str, marks: &mut Vec<Mark>) {
    let mut end = text.len();
    let mut kept: Vec<Mark> = Vec::with_capacity(marks.len());
    for mark in marks.drain(..).rev() {
        let blank = mark.heading.is_empty()
            && text
                .get(mark.heading.start..end)
                .is_none_or(|content| !content.contains(char::is_alphanumeric));
        if !blank && mark.heading.end <= text.len() {
            end = mark.heading.start;
            kept.push(mark);
        }
    }
    kept.reverse();
    *marks = kept;
}

/// Names that say little below another section: "3.2 Model" under "3 Results" is about results.
fn weak(name: &str) -> bool {
    const WEAK: &[&str] = &[
        "model",
        "models",
        "data",
        "dataset",
        "datasets",
        "design",
        "architecture",
        "algorithm",
        "algorithms",
        "theory",
        "notation",
        "context",
        "analysis",
        "performance",
        "procedure",
        "materials",
        "implementation",
        "approach",
        "method",
        "validation",
        "evaluation",
        "notes",
        "interpretation",
        "simulation",
        "definitions",
        "literature",
        "fundamentals",
        "index",
        "implications",
        "copyright",
        "categories",
    ];
    WEAK.contains(&names::squeezed(name).as_str())
}

struct Parent {
    rank: u8,
    kind: SectionKind,
    part: Option<u16>,
}

fn kind_of(mark: &Mark, parent: Option<&Parent>) -> SectionKind {
    let by_name = || {
        mark.own
            .or_else(|| names::edge(&mark.name))
            .unwrap_or(SectionKind::Body)
    };
    let Some(parent) = parent else {
        return by_name();
    };
    // "3.1" below "INTRODUCTION": the heading of part 3 was lost.
    let lost = match (mark.part, parent.part) {
        (Some(part), Some(of)) => part != of,
        (Some(part), None) => part > 1 && parent.kind == SectionKind::Introduction,
        _ => false,
    };
    if lost {
        return by_name();
    }
    match mark.own {
        Some(SectionKind::Introduction | SectionKind::Body) | None => parent.kind,
        Some(_) if weak(&mark.name) && parent.kind != SectionKind::Body => parent.kind,
        Some(_) if matches!(parent.kind, SectionKind::References | SectionKind::Appendix) => {
            parent.kind
        }
        Some(own) => own,
    }
}

#[cfg(test)]
mod tests;
