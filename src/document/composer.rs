//! Text put together block by block, for inputs whose text is not the input itself.

use super::text::{lines_within, plain_line};
use super::{Block, BlockKind, Document, Kind, Line, Metadata};
use crate::config::Config;
use crate::error::{Error, Result};

/// How many lines are added between two looks at the limit on them.
const LINES_PER_LOOK: usize = 1024;

/// Builds a [`Document`]: lines end in `\n`, blocks in an empty line, pages in `\x0c`.
pub(super) struct Composer<'c> {
    config: &'c Config,
    text: String,
    pages: Vec<std::ops::Range<usize>>,
    page_start: usize,
    blocks: Vec<Block>,
    lines: Vec<Line>,
    /// What the open block is.
    kind: BlockKind,
    first_line: usize,
    line_start: usize,
    /// White space that becomes a space when the line goes on.
    space: bool,
}

impl<'c> Composer<'c> {
    pub(super) fn new(config: &'c Config) -> Self {
        Composer {
            config,
            text: String::new(),
            pages: Vec::new(),
            page_start: 0,
            blocks: Vec::new(),
            lines: Vec::new(),
            kind: BlockKind::Paragraph,
            first_line: 0,
            line_start: 0,
            space: false,
        }
    }

    /// Whether the open block has text.
    pub(super) fn begun(&self) -> bool {
        self.lines.len() > self.first_line || self.text.len() > self.line_start
    }

    /// Adds running text: white space of any length and kind is one space, and none at the ends of a line.
    pub(super) fn flow(&mut self, text: &str) -> Result<()> {
        for piece in text.split_inclusive(|c: char| c.is_whitespace() && c != '\u{a0}') {
            let word = piece.trim_end_matches(|c: char| c.is_whitespace() && c != '\u{a0}');
            if !word.is_empty() {
                self.add(word);
            }
            self.space |= word.len() < piece.len();
        }
        self.within_limit()
    }

    /// Adds text whose line ends and spaces count.
    pub(super) fn verbatim(&mut self, text: &str) -> Result<()> {
        for piece in text.split_inclusive('\n') {
            let line = piece.trim_end_matches(['\n', '\r']);
            let words = line.trim_end();
            if !words.is_empty() {
                self.space = false;
                self.text.extend(words.chars().map(printable));
            }
            if line.len() < piece.len() {
                self.end_line();
            }
        }
        self.within_limit()
    }

    /// Begins the next cell of a row.
    pub(super) fn cell(&mut self) {
        if self.begun() {
            self.space = true;
            self.add("|");
            self.space = true;
        }
    }

    fn add(&mut self, word: &str) {
        if std::mem::take(&mut self.space) && self.text.len() > self.line_start {
            self.text.push(' ');
        }
        self.text.extend(word.chars().map(printable));
    }

    fn within_limit(&self) -> Result<()> {
        match self.text.len() as u64 > self.config.limits_text_bytes {
            true => Err(Error::limit(
                "limits.text_bytes",
                self.text.len(),
                self.config.limits_text_bytes,
                "bytes",
            )),
            false => Ok(()),
        }
    }

    /// Ends the line; an empty one leaves no trace.
    pub(super) fn end_line(&mut self) {
        self.space = false;
        if self.text.len() > self.line_start {
            self.lines
                .push(plain_line(self.line_start..self.text.len()));
            self.text.push('\n');
        }
        self.line_start = self.text.len();
    }

    /// Ends the open block, when it has text, and says what the next one is. Whether there was one.
    pub(super) fn close(&mut self, next: BlockKind) -> Result<bool> {
        self.end_line();
        let kind = std::mem::replace(&mut self.kind, next);
        let lines = self.first_line..self.lines.len();
        self.first_line = lines.end;
        let Some([first, ..]) = self.lines.get(lines.clone()) else {
            return Ok(false);
        };
        let end = self.lines.last().map_or(0, |line| line.range.end);
        self.blocks.push(Block {
            range: first.range.start..end,
            lines: lines.clone(),
            page: self.pages.len() as u32 + 1,
            kind,
        });
        self.text.push('\n');
        self.line_start = self.text.len();
        if lines.start / LINES_PER_LOOK != lines.end / LINES_PER_LOOK {
            lines_within(&self.lines, self.config)?;
        }
        Ok(true)
    }

    /// Ends the open block and the page.
    pub(super) fn end_page(&mut self) -> Result<()> {
        self.close(self.kind)?;
        self.text.push('\x0c');
        self.pages.push(self.page_start..self.text.len());
        self.page_start = self.text.len();
        self.line_start = self.text.len();
        match self.pages.len() as u64 >= self.config.limits_pages {
            true => Err(Error::limit(
                "limits.pages",
                self.pages.len() + 1,
                self.config.limits_pages,
                "pages",
            )),
            false => Ok(()),
        }
    }

    /// The blocks that have ended.
    pub(super) fn blocks(&mut self) -> &mut [Block] {
        &mut self.blocks
    }

    /// The document, of which no block is open.
    pub(super) fn finish(mut self, kind: Kind, metadata: Metadata) -> Result<Document> {
        self.close(BlockKind::Paragraph)?;
        lines_within(&self.lines, self.config)?;
        let mut warnings = Vec::new();
        if self.blocks.is_empty() {
            warnings.push("the input has no text: nothing but markup".to_owned());
        }
        if self.text.len() > self.page_start || self.pages.is_empty() {
            self.pages.push(self.page_start..self.text.len());
        }
        Ok(Document {
            kind,
            metadata,
            text: self.text,
            pages: self.pages,
            blocks: self.blocks,
            lines: self.lines,
            bookmarks: Vec::new(),
            warnings,
        })
    }
}

/// Control characters, form feeds and line ends among them, would be taken for ends of lines and pages.
fn printable(character: char) -> char {
    match character.is_control() {
        true => ' ',
        false => character,
    }
}
