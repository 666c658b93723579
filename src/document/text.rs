//! Plain text: lines, blocks and pages from line ends, empty lines and form feeds.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::{Block, BlockKind, Document, Kind, Line, Metadata};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::progress::Observer;

/// Plain text: lines end in LF, CRLF, CR or form feed; a form feed also ends the page; lines with nothing but
/// white space between them make different blocks. Page numbers and lines that come back at the head or foot
/// of most pages are furniture.
pub(super) fn read(text: String, config: &Config, observer: &dyn Observer) -> Result<Document> {
    let pages = pages(&text);
    if pages.len() as u64 > config.limits_pages {
        return Err(Error::limit(
            "limits.pages",
            pages.len(),
            config.limits_pages,
            "pages",
        ));
    }
    let mut lines = Vec::new();
    let mut blocks = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        if index % 64 == 0 {
            observer.check()?;
        }
        let most = usize::try_from(config.limits_lines).unwrap_or(usize::MAX);
        page_lines(&text, page.clone(), &mut lines, most, |first, last| {
            blocks.push(Block {
                range: 0..0,
                lines: first..last,
                page: index as u32 + 1,
                kind: BlockKind::Paragraph,
            });
        });
        lines_within(&lines, config)?;
    }
    for block in &mut blocks {
        block.range = span(&lines, &block.lines);
    }
    let blocks = part_furniture(&text, &lines, blocks, pages.len());
    let mut warnings = Vec::new();
    if lines.is_empty() {
        warnings.push("the input has no text: nothing but white space".to_owned());
    }
    Ok(Document {
        kind: Kind::Text,
        metadata: Metadata::default(),
        text,
        pages,
        blocks,
        lines,
        bookmarks: Vec::new(),
        warnings,
    })
}

/// The pages of `text`, each with the form feed that ends it; a form feed at the very end begins no page.
fn pages(text: &str) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let mut start = 0;
    for (offset, _) in text.match_indices('\x0c') {
        pages.push(start..offset + 1);
        start = offset + 1;
    }
    if start < text.len() || pages.is_empty() {
        pages.push(start..text.len());
    }
    pages
}

/// Appends the lines of one page that are not blank, until there are more than `most` lines, and calls `block` with
/// the lines of each block.
fn page_lines(
    text: &str,
    page: Range<usize>,
    lines: &mut Vec<Line>,
    most: usize,
    mut block: impl FnMut(usize, usize),
) {
    let mut first = lines.len();
    for line in line_ranges(text, page) {
        if lines.len() > most {
            break;
        }
        if text[line.clone()].trim().is_empty() {
            if first < lines.len() {
                block(first, lines.len());
            }
            first = lines.len();
        } else {
            lines.push(plain_line(line));
        }
    }
    if first < lines.len() {
        block(first, lines.len());
    }
}

/// The limit on lines.
pub(super) fn lines_within(lines: &[Line], config: &Config) -> Result<()> {
    match lines.len() as u64 > config.limits_lines {
        true => Err(Error::limit(
            "limits.lines",
            lines.len(),
            config.limits_lines,
            "lines",
        )),
        false => Ok(()),
    }
}

/// A line without position or size.
pub(super) fn plain_line(range: Range<usize>) -> Line {
    Line {
        range,
        bounds: None,
        size: 0.0,
        bold: false,
    }
}

/// The lines of `text[part]` without their ends, blank ones included.
pub(super) fn line_ranges(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = part.start;
    std::iter::from_fn(move || {
        if start >= part.end {
            return None;
        }
        let rest = &bytes[start..part.end];
        let length = memchr::memchr3(b'\n', b'\r', b'\x0c', rest).unwrap_or(rest.len());
        let line = start..start + length;
        let ending = match rest.get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            _ => 0,
        };
        start = line.end + ending;
        Some(line)
    })
}

fn span(lines: &[Line], part: &Range<usize>) -> Range<usize> {
    match lines.get(part.clone()) {
        Some([first, .., last]) => first.range.start..last.range.end,
        Some([only]) => only.range.clone(),
        _ => 0..0,
    }
}

/// Sets running heads and feet and page numbers apart as blocks of their own.
fn part_furniture(text: &str, lines: &[Line], blocks: Vec<Block>, page_count: usize) -> Vec<Block> {
    if page_count < 3 {
        return blocks;
    }
    let edges = page_edges(&blocks);
    let mut counts = HashMap::new();
    for &line in &edges {
        if let Some(line) = lines.get(line) {
            *counts
                .entry(shape(&text[line.range.clone()]))
                .or_insert(0usize) += 1;
        }
    }
    let furniture: HashSet<usize> = edges
        .into_iter()
        .filter(|&line| {
            lines.get(line).is_some_and(|line| {
                let shape = shape(&text[line.range.clone()]);
                let often = counts.get(&shape).copied().unwrap_or(0);
                (shape.len() <= 120 && often >= 3 && often * 3 >= page_count)
                    || (page_number(&shape) && often >= 2)
            })
        })
        .collect();
    let mut parted = Vec::with_capacity(blocks.len());
    for block in blocks {
        part_block(block, &furniture, lines, &mut parted);
    }
    parted
}

/// The first and the last line of each page.
fn page_edges(blocks: &[Block]) -> Vec<usize> {
    let mut edges: Vec<usize> = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let opens = index == 0 || blocks[index - 1].page != block.page;
        let closes = blocks
            .get(index + 1)
            .is_none_or(|next| next.page != block.page);
        if opens {
            edges.push(block.lines.start);
        }
        if closes && !(opens && block.lines.len() == 1) {
            edges.push(block.lines.end - 1);
        }
    }
    edges
}

/// A line with its digits made equal and its white space made single, so that running heads compare equal.
fn shape(line: &str) -> String {
    let mut shape = String::with_capacity(line.len().min(256));
    for word in line.split_whitespace() {
        if shape.len() > 200 {
            break;
        }
        if !shape.is_empty() {
            shape.push(' ');
        }
        let mut digits = false;
        for character in word.chars() {
            let digit = character.is_ascii_digit();
            if !(digit && digits) {
                shape.push(if digit { '0' } else { character });
            }
            digits = digit;
        }
    }
    shape
}

fn page_number(shape: &str) -> bool {
    matches!(shape, "0" | "- 0 -" | "-0-" | "Page 0" | "page 0")
}

fn part_block(block: Block, furniture: &HashSet<usize>, lines: &[Line], parted: &mut Vec<Block>) {
    let mut first = block.lines.start;
    let mut push = |part: Range<usize>, kind: BlockKind| {
        if !part.is_empty() {
            parted.push(Block {
                range: span(lines, &part),
                lines: part,
                page: block.page,
                kind,
            });
        }
    };
    for line in block.lines.clone() {
        if furniture.contains(&line) {
            push(first..line, block.kind);
            push(line..line + 1, BlockKind::Furniture);
            first = line + 1;
        }
    }
    push(first..block.lines.end, block.kind);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unobserved;

    fn document(text: &str) -> Document {
        read(text.to_owned(), &Config::new(), &Unobserved).unwrap()
    }

    fn blocks(document: &Document) -> Vec<(&str, u32, BlockKind)> {
        document
            .blocks
            .iter()
            .map(|block| (&document.text[block.range.clone()], block.page, block.kind))
            .collect()
    }

    #[test]
    fn empty_lines_part_blocks_and_form_feeds_part_pages() {
        let document = document("a\r\nb\n \n\nc\x0cd\re\x0c");
        assert_eq!(
            blocks(&document),
            [
                ("a\r\nb", 1, BlockKind::Paragraph),
                ("c", 1, BlockKind::Paragraph),
                ("d\re", 2, BlockKind::Paragraph),
            ]
        );
        assert_eq!(document.pages, [0..10, 10..14]);
        assert_eq!(document.lines.len(), 5);
        assert_eq!(document.page_of(9), 1);
        assert_eq!(document.page_of(10), 2);
    }

    #[test]
    fn running_heads_and_page_numbers_are_furniture() {
        let pages: Vec<String> = (1..=4)
            .map(|page| {
                format!("The Journal, page {page}\ntext of page {page} begins\nand ends\n{page}\n")
            })
            .collect();
        let document = document(&pages.join("\x0c"));
        let furniture = blocks(&document)
            .into_iter()
            .filter(|(_, _, kind)| *kind == BlockKind::Furniture)
            .count();
        assert_eq!(furniture, 8);
        assert!(blocks(&document).contains(&(
            "text of page 3 begins\nand ends",
            3,
            BlockKind::Paragraph
        )));
    }

    #[test]
    fn white_space_alone_is_a_document_with_a_warning() {
        let document = document(" \n\x0c\t");
        assert!(document.blocks.is_empty());
        assert_eq!(document.warnings.len(), 1);
    }
}
