//! From bytes to a document: text with pages, blocks and lines, then its structure.
//!
//! [`read`] tells the kind of the input by its content and hands it to the reader of that kind. All readers
//! return the same [`Document`]: one string, and everything else as byte ranges into it. [`structure`] then
//! finds title, abstract and sections, and cuts the text into chunks.

use std::ops::Range;

use serde::Serialize;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::progress::Observer;

pub(crate) mod layout;
mod markup;
pub(crate) mod pdf;
pub mod structure;
mod text;

/// What kind of input a document was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Portable Document Format.
    Pdf,
    /// Markdown.
    Markdown,
    /// Plain text.
    Text,
}

/// What the document says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The title in the file's metadata, trimmed; absent when empty.
    pub title: Option<String>,
    /// The author in the file's metadata.
    pub author: Option<String>,
    /// The subject in the file's metadata.
    pub subject: Option<String>,
    /// The keywords in the file's metadata, as one string.
    pub keywords: Option<String>,
}

/// A rectangle on a page, in points (1/72 inch) from the top left corner of the page as it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Rect {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

/// What a block of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BlockKind {
    /// Running text, and everything not told apart.
    Paragraph,
    /// A heading; the level, from 1, where the input marks it (Markdown).
    Heading(u8),
    /// Program text or other preformatted matter.
    Code,
    /// A running header or footer, or a page number.
    Furniture,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// Bytes of [`Document::text`], without the line's end.
    pub range: Range<usize>,
    /// Where the line stands on its page; absent where the input has no positions.
    pub bounds: Option<Rect>,
    /// Size of most of its letters in points; 0 where the input has no sizes.
    pub size: f32,
    /// Whether most of its letters are bold.
    pub bold: bool,
}

/// A block: lines that belong together, a paragraph or a heading.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Block {
    /// Bytes of [`Document::text`].
    pub range: Range<usize>,
    /// The block's lines in [`Document::lines`].
    pub lines: Range<usize>,
    /// The page it stands on, from 1.
    pub page: u32,
    /// What it is.
    pub kind: BlockKind,
}

/// A document as text. Byte ranges are into `text` and lie on character boundaries.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Document {
    /// What it was read from.
    pub kind: Kind,
    /// What it says of itself.
    pub metadata: Metadata,
    /// The whole text in reading order: lines end in `\n`, blocks in an empty line, pages in `\x0c`. For plain
    /// text and Markdown it is the input itself, byte for byte (without a byte order mark).
    pub text: String,
    /// The text of each page, in order; never empty.
    pub pages: Vec<Range<usize>>,
    /// Blocks in reading order, not overlapping.
    pub blocks: Vec<Block>,
    /// Lines in reading order, not overlapping.
    pub lines: Vec<Line>,
    /// What could not be read and was passed over, for people.
    pub warnings: Vec<String>,
}

impl Document {
    /// The page, from 1, that byte `offset` of the text stands on.
    pub fn page_of(&self, offset: usize) -> u32 {
        self.pages
            .partition_point(|page| page.start <= offset)
            .max(1) as u32
    }
}

/// Reads a document of any supported kind. `name` is what errors call it: a path, or `"the input"`.
///
/// # Errors
/// `Format` when the input is none of the kinds or damaged beyond reading, `Encrypted`, `Limit`, and whatever
/// `observer` returns.
pub fn read(bytes: &[u8], config: &Config, observer: &dyn Observer) -> Result<Document> {
    let _ = (bytes, config, observer);
    Err(Error::new(
        crate::error::ErrorKind::Unsupported,
        "not written yet",
    ))
}
