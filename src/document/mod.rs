//! From bytes to a document: text with pages, blocks and lines, then its structure.
//!
//! [`read`] tells the kind of the input by its content and hands it to the reader of that kind. All readers
//! return the same [`Document`]: one string, and everything else as byte ranges into it. [`structure`] then
//! finds title, abstract and sections, and cuts the text into chunks.

use std::ops::Range;

use serde::Serialize;

use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::{Observer, ParallelFor, Stage, in_sequence};

mod bytes;
mod composer;
mod direction;
mod docx;
mod encoding;
mod html;
pub(crate) mod layout;
mod line_numbers;
mod markup;
mod order;
pub(crate) mod pdf;
pub mod structure;
mod text;

pub(crate) use bytes::{Bytes, SharedBytes};

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
    /// Hypertext Markup Language.
    Html,
    /// Office Open XML, Word's documents.
    Docx,
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

/// An entry of a document's outline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bookmark {
    /// Depth in the outline, from 1.
    pub level: u8,
    /// The name of the part of the document, trimmed.
    pub title: String,
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
    /// A running header or footer, a page number, a badge, a link within the document: no running text.
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
    /// The outline that the file carries for viewers, in order; empty where it has none, and for kinds other than PDF.
    pub bookmarks: Vec<Bookmark>,
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

/// Reads a document of any supported kind, told by its content alone:
///
/// * PDF: the mark `%PDF-` within the first 1,024 bytes, where readers look for it. A mark that is not at
///   the very start counts only when the input has a PDF object in it, so that a text about PDF stays a text.
/// * DOCX: a ZIP archive with a part `word/document.xml`.
/// * Text: UTF-8, UTF-16, or an older encoding where its letters stand in words (a warning names it), with hardly any
///   control characters. It is HTML when it begins as such; Markdown when its markup is there (headings, fences,
///   links, lists: `markup::is_markdown` has the rule); else plain text.
///
/// # Errors
/// `Format` when the input is none of the kinds or damaged beyond reading, `Unsupported` for kinds known and
/// not read (RTF, PostScript, Excel, PowerPoint, older Word…), `Encrypted`, `Limit`, and whatever `observer`
/// returns.
pub fn read(bytes: &[u8], config: &Config, observer: &dyn Observer) -> Result<Document> {
    read_in_parallel(&Bytes::Borrowed(bytes), config, observer, &in_sequence)
}

/// As [`read`]; the pages of a long document are read in the loop handed in.
pub(crate) fn read_in_parallel(
    bytes: &Bytes<'_>,
    config: &Config,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
) -> Result<Document> {
    if bytes.is_empty() {
        return Err(Error::new(ErrorKind::Format, "the input is empty"));
    }
    if bytes.len() as u64 > config.limits_file_bytes {
        return Err(Error::limit(
            "limits.file_bytes",
            bytes.len(),
            config.limits_file_bytes,
            "bytes",
        ));
    }
    observer.check()?;
    if is_pdf(bytes) {
        return pdf::read(bytes, config, observer, parallel);
    }
    let document = if docx::is_zip(bytes) {
        docx::read(bytes, config, observer)?
    } else if docx::is_compound(bytes) {
        return Err(unsupported(
            "an older or an encrypted file of an office program",
        ));
    } else {
        let decoded = encoding::decode(bytes)?;
        let head = head(&decoded.text);
        let mut document = if html::is_html(&head) {
            html::read(&decoded.text, config, observer)?
        } else if let Some(name) = other_markup(&head) {
            return Err(unsupported(name));
        } else {
            read_decoded(decoded.text, config, observer)?
        };
        document.warnings.extend(decoded.warning);
        document
    };
    Ok(finished(document, observer))
}

fn unsupported(name: &'static str) -> Error {
    let message = format!(
        "the input is {name}, which is not supported: give PDF, DOCX, HTML, Markdown or plain text"
    );
    Error::new(ErrorKind::Unsupported, message).with("found", name)
}

/// Reads plain text or Markdown, told apart as [`read`] does; never taken for another kind.
///
/// # Errors
/// `Format` when the text is empty, `Limit`, and whatever `observer` returns.
pub fn read_text(text: &str, config: &Config, observer: &dyn Observer) -> Result<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.is_empty() {
        return Err(Error::new(ErrorKind::Format, "the input is empty"));
    }
    let document = read_decoded(text.to_owned(), config, observer)?;
    Ok(finished(document, observer))
}

fn finished(mut document: Document, observer: &dyn Observer) -> Document {
    let metadata = &mut document.metadata;
    for value in [
        &mut metadata.title,
        &mut metadata.author,
        &mut metadata.subject,
        &mut metadata.keywords,
    ] {
        // What they say is shown on terminals, which control characters command.
        *value = value
            .take()
            .map(|value| value.replace(char::is_control, " ").trim().to_owned())
            .filter(|value| !value.is_empty());
    }
    let pages = document.pages.len() as u64;
    observer.progress(Stage::Document, pages, pages, "text read");
    document
}

fn read_decoded(text: String, config: &Config, observer: &dyn Observer) -> Result<Document> {
    if text.len() as u64 > config.limits_text_bytes {
        return Err(Error::limit(
            "limits.text_bytes",
            text.len(),
            config.limits_text_bytes,
            "bytes",
        ));
    }
    observer.check()?;
    match markup::is_markdown(&text) {
        true => markup::read(text, config, observer),
        false => text::read(text, config, observer),
    }
}

/// A mark behind other bytes needs an object to go with it: a text may speak of `%PDF-`.
fn is_pdf(bytes: &[u8]) -> bool {
    pdf::is_pdf(bytes)
        && (bytes.starts_with(b"%PDF-") || bytes.windows(4).any(|window| window == b" obj"))
}

/// The beginning of a text in lower case.
fn head(text: &str) -> String {
    let start = text.trim_start().chars().take(1024);
    start.map(|c| c.to_ascii_lowercase()).collect()
}

/// The name of a textual format that would pass for plain text and read as noise.
fn other_markup(head: &str) -> Option<&'static str> {
    match () {
        () if head.starts_with("{\\rtf") => Some("RTF"),
        () if head.starts_with("%!ps") => Some("PostScript"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Unobserved;

    fn kind(bytes: &[u8]) -> Result<Kind> {
        read(bytes, &Config::new(), &Unobserved).map(|document| document.kind)
    }

    #[test]
    fn the_kind_is_told_by_content() {
        assert_eq!(kind(b"words and more words").unwrap(), Kind::Text);
        assert_eq!(kind(b"# Words\n\nand more").unwrap(), Kind::Markdown);
        for page in [
            "<!DOCTYPE html>\n<html>",
            "\n <HTML><body>404</body>",
            "<?xml version=\"1.0\"?><html xmlns=\"x\">",
        ] {
            assert_eq!(kind(page.as_bytes()).unwrap(), Kind::Html);
        }
        assert_eq!(
            kind("a file that begins with %PDF-1.7 is a PDF".as_bytes()).unwrap(),
            Kind::Text
        );
        assert_eq!(
            kind(b"%PDF-1.7 and nothing else").unwrap_err().kind(),
            ErrorKind::Format
        );
    }

    #[test]
    fn metadata_holds_no_control_characters() {
        let text = "---\ntitle: A \u{1b}[2J title\nauthor: \u{7}\n---\n\n# Text\n\nof it";
        let document = read_text(text, &Config::new(), &Unobserved).unwrap();
        assert_eq!(document.metadata.title.as_deref(), Some("A  [2J title"));
        assert_eq!(document.metadata.author, None);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let error = kind(b"").unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::Format, "the input is empty")
        );
        for (input, name) in [("{\\rtf1 text}", "RTF"), ("%!PS-Adobe-3.0\n", "PostScript")] {
            let error = kind(input.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert_eq!(error.field("found").unwrap(), name);
        }
    }

    #[test]
    fn limits_name_themselves() {
        let mut config = Config::new();
        for (key, value, input) in [
            ("limits.file_bytes", "4", "12345"),
            ("limits.text_bytes", "4", "12345"),
            ("limits.pages", "2", "a\x0cb\x0cc"),
        ] {
            let before = config.clone();
            config.set(key, value).unwrap();
            let error = read(input.as_bytes(), &config, &Unobserved).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
            assert_eq!(error.field("limit").unwrap(), key);
            config = before;
        }
    }
}
