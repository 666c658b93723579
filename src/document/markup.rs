//! Markdown, CommonMark with tables and footnotes, read with `pulldown-cmark` for its source offsets.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::text::{line_ranges, lines_within, plain_line};
use super::{Block, BlockKind, Document, Kind, Line, Metadata};
use crate::config::Config;
use crate::error::Result;
use crate::progress::Observer;

/// Whether `text` is Markdown: its lines carry enough of the markup.
///
/// Points are given once for each sort of mark: 2 for a `#` heading with an empty line (or the text's edge) on
/// both sides, a closed code fence, an inline link, a heading underlined with `=`, and front matter; 1 for a
/// heading underlined with `-`, a list, strong emphasis and a block quote. Text with 2 points or more is
/// Markdown, unless it is long and the marks are rare: one heading, fence, link or underline in 1,000 lines at
/// the least, so that a stray mark does not turn a long plain text into Markdown.
pub(super) fn is_markdown(text: &str) -> bool {
    let mut marks = Marks::default();
    if front_matter(text).is_some() {
        marks.front_matter = true;
    }
    let mut before = "";
    let mut lines = 0usize;
    let mut rest = line_ranges(text, 0..text.len())
        .map(|line| &text[line])
        .peekable();
    while let Some(line) = rest.next() {
        lines += 1;
        let after = rest.peek().copied().unwrap_or("");
        marks.see(before, line, after);
        before = line;
    }
    marks.points() >= 2 && (marks.strong + 1) * 1000 >= lines
}

#[derive(Default)]
struct Marks {
    front_matter: bool,
    heading: bool,
    fence: bool,
    open_fence: Option<char>,
    link: bool,
    underline: bool,
    dashes: bool,
    list: bool,
    emphasis: bool,
    quote: bool,
    strong: usize,
}

impl Marks {
    fn see(&mut self, before: &str, line: &str, after: &str) {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let body = body.trim_end();
        if indent > 3 || body.is_empty() {
            return;
        }
        for mark in ['`', '~'] {
            if body.starts_with(mark) && body.chars().take_while(|&c| c == mark).count() >= 3 {
                self.fence_line(mark);
                return;
            }
        }
        if self.open_fence.is_some() {
            return;
        }
        // Most lines are words and nothing else.
        let worded = body.starts_with(|c: char| c.is_ascii_alphanumeric());
        if worded && memchr::memchr2(b'[', b'*', body.as_bytes()).is_none() {
            return;
        }
        let hashes = body.chars().take_while(|&c| c == '#').count();
        let blank_around = || before.trim().is_empty() && after.trim().is_empty();
        if (1..=6).contains(&hashes) && body[hashes..].starts_with([' ', '\t']) && blank_around() {
            self.heading = true;
            self.strong += 1;
        }
        if has_link(body) {
            self.link = true;
            self.strong += 1;
        }
        let underlines = |mark: char| {
            body.len() >= 3
                && body.chars().all(|c| c == mark)
                && !before.trim().is_empty()
                && before.len() <= 120
                && after.trim().is_empty()
        };
        if underlines('=') {
            self.underline = true;
            self.strong += 1;
        }
        self.dashes |= underlines('-');
        self.list |= ["- ", "* ", "+ "].iter().any(|mark| body.starts_with(mark));
        self.quote |= body.starts_with("> ");
        self.emphasis |= memchr::memmem::find(body.as_bytes(), b"**")
            .and_then(|at| body[at..].split_once("**"))
            .and_then(|(_, rest)| rest.split_once("**"))
            .is_some_and(|(strong, _)| !strong.trim().is_empty());
    }

    fn fence_line(&mut self, mark: char) {
        match self.open_fence {
            None => self.open_fence = Some(mark),
            Some(open) if open == mark => {
                self.open_fence = None;
                self.fence = true;
                self.strong += 1;
            }
            Some(_) => {}
        }
    }

    fn points(&self) -> usize {
        let two = [
            self.heading,
            self.fence,
            self.link,
            self.underline,
            self.front_matter,
        ];
        let one = [self.dashes, self.list, self.emphasis, self.quote];
        two.iter().filter(|&&mark| mark).count() * 2 + one.iter().filter(|&&mark| mark).count()
    }
}

/// `[text](target)` with a target that is an address, a path or an anchor.
fn has_link(line: &str) -> bool {
    let Some(opened) = line.find('[') else {
        return false;
    };
    line[opened..].match_indices("](").any(|(at, _)| {
        let target = line[opened + at + 2..]
            .bytes()
            .take(500)
            .take_while(|byte| !matches!(byte, b')' | b' '));
        let (mut length, mut address) = (0, false);
        for byte in target {
            length += 1;
            address |= matches!(byte, b'/' | b'#' | b'.');
        }
        let closed = line.as_bytes().get(opened + at + 2 + length) == Some(&b')');
        address && closed
    })
}

/// YAML front matter at the very start: its bytes, both fences included, and what it says of title and author.
fn front_matter(text: &str) -> Option<(Range<usize>, Metadata)> {
    let mut lines = line_ranges(text, 0..text.len()).take(200);
    if text[lines.next()?].trim_end() != "---" {
        return None;
    }
    let mut metadata = Metadata::default();
    let mut keys = 0;
    for line in lines {
        let content = text[line.clone()].trim_end();
        if content == "---" || content == "..." {
            return (keys > 0).then_some((0..line.end, metadata));
        }
        if content.is_empty() || content.starts_with([' ', '\t', '-', '#']) {
            continue;
        }
        let (key, value) = content.split_once(':')?;
        if key.contains(' ') {
            return None;
        }
        keys += 1;
        let value = value.trim().trim_matches(['"', '\'']).trim();
        let value = (!value.is_empty()).then(|| value.to_owned());
        match key {
            "title" => metadata.title = value,
            "author" => metadata.author = value,
            "subject" | "subtitle" => metadata.subject = value,
            "keywords" => metadata.keywords = value,
            _ => {}
        }
    }
    None
}

/// Reads Markdown. The text stays as it is; headings, paragraphs, list items and table rows become blocks. Those of
/// nothing but images or links within the document, badges and tables of contents, are [`BlockKind::Furniture`].
/// Front matter, fenced and indented code and HTML blocks are [`BlockKind::Code`].
pub(super) fn read(text: String, config: &Config, observer: &dyn Observer) -> Result<Document> {
    let (front, metadata) = front_matter(&text).unwrap_or((0..0, Metadata::default()));
    let mut leaves = Leaves {
        text: &text,
        blocks: Vec::new(),
        lines: Vec::new(),
        kind: BlockKind::Paragraph,
        open: None,
        aside: 0,
        aside_seen: false,
        worded: false,
    };
    if !front.is_empty() {
        leaves.kind = BlockKind::Code;
        leaves.extend(front.clone());
        leaves.close(BlockKind::Paragraph);
    }
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    for piece in pieces(&text, front.end) {
        observer.check()?;
        if piece.len() >= LONGEST_PIECE {
            leaves.extend(piece);
            leaves.close(BlockKind::Paragraph);
            continue;
        }
        let parser = Parser::new_ext(&text[piece.clone()], options).into_offset_iter();
        for (count, (event, range)) in parser.enumerate() {
            if count % 1024 == 0 {
                observer.check()?;
                lines_within(&leaves.lines, config)?;
            }
            leaves.see(event, piece.start + range.start..piece.start + range.end);
        }
        leaves.close(BlockKind::Paragraph);
    }
    lines_within(&leaves.lines, config)?;
    let (blocks, lines) = (leaves.blocks, leaves.lines);
    let mut warnings = Vec::new();
    if blocks.is_empty() {
        warnings.push("the input has no text: nothing but markup".to_owned());
    }
    let pages = std::iter::once(0..text.len()).collect();
    Ok(Document {
        kind: Kind::Markdown,
        metadata,
        pages,
        blocks,
        lines,
        bookmarks: Vec::new(),
        warnings,
        text,
    })
}

/// A text longer than this is parsed in pieces: the parser keeps all it has seen, ten to eighty bytes for each byte
/// of text, and begins with all block structure at once.
const PIECE: usize = 256 * 1024;
/// Where no block ends for so long, a piece ends with a line, or in one, and its marks are not looked for.
const LONGEST_PIECE: usize = 4 * PIECE;

/// The pieces of `text` from `start` on. They end where all blocks do: before a line that begins with a letter, a digit
/// or `#` after an empty one, outside of fences.
fn pieces(text: &str, start: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut piece = start..start;
    let mut fence: Option<&str> = None;
    let mut after_blank = false;
    for line in line_ranges(text, start..text.len()) {
        let content = &text[line.clone()];
        let ends = fence.is_none()
            && after_blank
            && content.starts_with(|c: char| c.is_alphanumeric() || c == '#');
        if (ends && line.start - piece.start >= PIECE) || line.start - piece.start >= LONGEST_PIECE
        {
            piece.end = line.start;
            pieces.push(piece);
            piece = line.start..line.start;
        }
        while line.end - piece.start > LONGEST_PIECE {
            let end = text.floor_char_boundary(piece.start + LONGEST_PIECE);
            pieces.push(piece.start..end);
            piece = end..end;
        }
        let body = content.trim_start();
        fence = match fence {
            Some(mark) => Some(mark).filter(|mark| !body.starts_with(mark)),
            None => ["```", "~~~"]
                .into_iter()
                .find(|mark| body.starts_with(mark)),
        };
        after_blank = body.is_empty();
    }
    piece.end = text.len();
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Gathers inline events into leaf blocks.
struct Leaves<'t> {
    text: &'t str,
    blocks: Vec<Block>,
    lines: Vec<Line>,
    kind: BlockKind,
    open: Option<Range<usize>>,
    /// How many images and links within the document are open.
    aside: usize,
    /// Whether the open block has any, and words outside of them.
    aside_seen: bool,
    worded: bool,
}

impl Leaves<'_> {
    fn see(&mut self, event: Event<'_>, range: Range<usize>) {
        match &event {
            Event::Start(tag) if self.aside > 0 || is_aside(tag) => {
                self.aside += 1;
                self.aside_seen = true;
            }
            Event::End(_) if self.aside > 0 => self.aside -= 1,
            Event::Text(text) | Event::Code(text) if self.aside == 0 => {
                self.worded |= text.contains(char::is_alphanumeric);
            }
            _ => {}
        }
        match event {
            Event::Start(tag) if is_inline(&tag) => self.extend(range),
            Event::Start(Tag::Heading { level, .. }) => {
                self.close(BlockKind::Heading(depth(level)));
            }
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::MetadataBlock(_)) => {
                self.close(BlockKind::Code);
            }
            Event::Start(_) => self.close(BlockKind::Paragraph),
            Event::End(tag) if is_inline_end(tag) => {}
            Event::End(_) | Event::Rule => self.close(BlockKind::Paragraph),
            _ => self.extend(range),
        }
    }

    fn extend(&mut self, range: Range<usize>) {
        match &mut self.open {
            Some(open) => open.end = open.end.max(range.end),
            None => self.open = Some(range),
        }
    }

    /// Ends the open block and says what the next one is.
    fn close(&mut self, next: BlockKind) {
        let kind = match std::mem::replace(&mut self.kind, next) {
            BlockKind::Paragraph if self.aside_seen && !self.worded => BlockKind::Furniture,
            kind => kind,
        };
        (self.aside, self.aside_seen, self.worded) = (0, false, false);
        let Some(open) = self.open.take() else {
            return;
        };
        let from = self.blocks.last().map_or(0, |block| block.range.end);
        let first = self.lines.len();
        let lines = line_ranges(self.text, open.start.max(from)..open.end)
            .filter(|line| !self.text[line.clone()].trim().is_empty());
        self.lines.extend(lines.map(plain_line));
        if let [first_line, ..] = &self.lines[first..] {
            let end = self.lines.last().map_or(0, |line| line.range.end);
            self.blocks.push(Block {
                range: first_line.range.start..end,
                lines: first..self.lines.len(),
                page: 1,
                kind,
            });
        }
    }
}

fn depth(level: HeadingLevel) -> u8 {
    level as usize as u8
}

/// Images, and links within the document: they say nothing of themselves.
fn is_aside(tag: &Tag<'_>) -> bool {
    match tag {
        Tag::Image { .. } => true,
        Tag::Link { dest_url, .. } => dest_url.starts_with('#'),
        _ => false,
    }
}

/// Cells count as inline: a row of a table is one block.
fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
            | Tag::TableCell
    )
}

fn is_inline_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::TableCell
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unobserved;

    #[test]
    fn markdown_is_told_by_its_marks() {
        for text in [
            "# Title\n\ntext",
            "Title\n=====\n\ntext",
            "see [this](https://example.org)",
            "```\ncode\n```\n",
            "- one\n- two\n\nand **strong** words",
            "---\ntitle: A\n---\ntext",
        ] {
            assert!(is_markdown(text), "{text:?}");
        }
        let long = format!("# Title\n\n{}", "a line of plain text\n".repeat(5_000));
        for text in [
            "plain text\nwith # a mark",
            "# of nodes\nand text right after",
            "- a dash\n- another",
            "a[1](x) and f(a)[b](c d)",
            "1. INTRODUCTION\ntext",
            long.as_str(),
        ] {
            assert!(!is_markdown(text), "{text:?}");
        }
    }

    #[test]
    fn blocks_are_bytes_of_the_unchanged_text() {
        let text = "Title\n=====\n\n> quoted *text*\n> goes on\n\n1. item\n   - inner `code`\n\n| a | b |\n|---|---|\n| c | d |\n\n    indented\n\n<div>x</div>\n";
        let document = read(text.to_owned(), &Config::new(), &Unobserved).unwrap();
        let blocks: Vec<_> = document
            .blocks
            .iter()
            .map(|block| (&text[block.range.clone()], block.kind))
            .collect();
        assert_eq!(
            blocks,
            [
                ("Title", BlockKind::Heading(1)),
                ("quoted *text*\n> goes on", BlockKind::Paragraph),
                ("item", BlockKind::Paragraph),
                ("inner `code`", BlockKind::Paragraph),
                (" a | b ", BlockKind::Paragraph),
                (" c | d ", BlockKind::Paragraph),
                ("indented", BlockKind::Code),
                ("<div>x</div>", BlockKind::Code),
            ]
        );
    }

    #[test]
    fn badges_and_links_within_the_document_are_furniture() {
        let text = "# Bats\n\n[![build](https://a.org/b.svg)](https://a.org) ![docs](d.svg)\n\n- [Wings](#wings)\n  \
            - [`fly`](#fly)\n- [Caves](https://caves.org)\n- of [Ears](#ears)\n\n![An ear](ear.png) that hears\n";
        let document = read(text.to_owned(), &Config::new(), &Unobserved).unwrap();
        let kinds: Vec<_> = document.blocks.iter().map(|block| block.kind).collect();
        use BlockKind::{Furniture, Heading, Paragraph};
        let expected = [
            Heading(1),
            Furniture,
            Furniture,
            Furniture,
            Paragraph,
            Paragraph,
            Paragraph,
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn front_matter_is_metadata() {
        let text = "---\ntitle: \"A Title\"\nauthor: Me\n---\n\n# Other\n";
        let document = read(text.to_owned(), &Config::new(), &Unobserved).unwrap();
        assert_eq!(document.metadata.title.as_deref(), Some("A Title"));
        assert_eq!(document.metadata.author.as_deref(), Some("Me"));
        assert_eq!(document.blocks[0].kind, BlockKind::Code);
        assert!(front_matter("---\nno key here\n---\n").is_none());
    }

    #[test]
    fn hostile_markup_is_read_on_a_small_stack() {
        let read_all = || {
            for piece in [
                "[", "](", "*_", "> ", "- ", "`", "<", "![", "#", "|", "~~~\n", "[a]: b\n", "&",
                "\\", "* a\n ",
            ] {
                let text = format!("# Title\n\n{}", piece.repeat(20_000));
                let document = read(text, &Config::new(), &Unobserved).unwrap();
                let ordered = document
                    .blocks
                    .windows(2)
                    .all(|pair| pair[0].range.end <= pair[1].range.start);
                assert!(ordered, "{piece}");
            }
        };
        std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn(read_all)
            .unwrap()
            .join()
            .unwrap();
    }
}
