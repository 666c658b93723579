//! Word's documents (Office Open XML), read with `zip` and `quick-xml`.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zip::ZipArchive;

use super::composer::Composer;
use super::{BlockKind, Document, Kind, Metadata};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::progress::Observer;

/// Most entries of an archive: Word writes some dozen, and each picture is one.
const MOST_ENTRIES: usize = 20_000;
/// How much is unpacked between two looks at the clock, in bytes.
const BYTES_PER_CHECK: u64 = 1 << 20;
/// How many pieces of XML come between two looks at the clock.
const EVENTS_PER_CHECK: usize = 1024;
/// Deepest list of styles that stand on each other.
const DEEPEST_STYLE: usize = 16;

/// Whether the input is an archive of the kind that office programs write.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Whether the input is a container of older office programs, which encrypted documents are put into, too.
pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
}

/// Reads a document of Word: paragraphs, headings by their styles, rows of tables, footnotes at the end; pages where
/// the file says that they broke when it was last laid out. Heads and feet of pages and deleted text are left out.
///
/// # Errors
/// `Unsupported` for other archives, `Format` naming the part and its byte offset, `Limit` when the parts unpack to
/// more than `limits.decoded_bytes` or `limits.decoded_ratio` allow, and whatever `observer` returns.
pub(super) fn read(bytes: &[u8], config: &Config, observer: &dyn Observer) -> Result<Document> {
    let mut parts = Parts::open(bytes, config, observer)?;
    let Some(body) = parts.read("word/document.xml")? else {
        return Err(parts.unsupported());
    };
    let styles = match parts.read("word/styles.xml")? {
        Some(styles) => Styles::read(&styles, observer)?,
        None => Styles::default(),
    };
    let metadata = match parts.read("docProps/core.xml")? {
        Some(core) => properties(&core, observer)?,
        None => Metadata::default(),
    };
    let mut composer = Composer::new(config);
    paragraphs("word/document.xml", &body, &styles, &mut composer, observer)?;
    drop(body);
    for notes in ["word/footnotes.xml", "word/endnotes.xml"] {
        if let Some(text) = parts.read(notes)? {
            paragraphs(notes, &text, &styles, &mut composer, observer)?;
        }
    }
    composer.finish(Kind::Docx, metadata)
}

/// The parts of the archive, unpacked within the limits.
struct Parts<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    observer: &'a dyn Observer,
    /// How many bytes may still be unpacked, and what says so.
    left: u64,
    limit: (&'static str, u64),
}

impl<'a> Parts<'a> {
    fn open(bytes: &'a [u8], config: &Config, observer: &'a dyn Observer) -> Result<Self> {
        // Each entry is kept when the archive is opened.
        let entries = bytes
            .windows(4)
            .filter(|window| *window == b"PK\x01\x02")
            .count();
        if entries > MOST_ENTRIES {
            return Err(Error::limit(
                "entries",
                entries,
                MOST_ENTRIES as u64,
                "entries",
            ));
        }
        observer.check()?;
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
            let message = format!("damaged archive (DOCX and its like are ZIP archives): {error}");
            Error::new(ErrorKind::Format, message)
        })?;
        // A small file may unpack to a megabyte whatever the ratio is.
        let by_ratio = (bytes.len() as u64)
            .saturating_mul(config.limits_decoded_ratio)
            .max(1 << 20);
        let limit = match by_ratio < config.limits_decoded_bytes {
            true => ("limits.decoded_ratio", by_ratio),
            false => ("limits.decoded_bytes", config.limits_decoded_bytes),
        };
        Ok(Parts {
            archive,
            observer,
            left: limit.1,
            limit,
        })
    }

    /// The text of a part; `None` where there is none of this name.
    fn read(&mut self, name: &str) -> Result<Option<String>> {
        let damaged = |why: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Format, format!("damaged part {name}: {why}")).with("part", name)
        };
        let mut file = match self.archive.by_name(name) {
            Ok(file) => file,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(damaged(&error)),
        };
        let mut unpacked = Vec::new();
        loop {
            self.observer.check()?;
            let piece = BYTES_PER_CHECK.min(self.left + 1);
            let taken = (&mut file)
                .take(piece)
                .read_to_end(&mut unpacked)
                .map_err(|error| damaged(&error))? as u64;
            if taken > self.left {
                let (limit, allowed) = self.limit;
                return Err(Error::limit(limit, allowed + 1, allowed, "bytes").with("part", name));
            }
            self.left -= taken;
            if taken < piece {
                break;
            }
        }
        drop(file);
        // UTF-16 is allowed and never written.
        String::from_utf8(unpacked).map(Some).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            damaged(&format!("invalid UTF-8 at byte offset {at}")).with("offset", at)
        })
    }

    fn unsupported(&self) -> Error {
        let has = |start: &str| {
            let mut names = self.archive.file_names();
            names.any(|name| name.is_ok_and(|name| name.starts_with(start)))
        };
        let name = match () {
            () if has("xl/") => "an Excel workbook",
            () if has("ppt/") => "a PowerPoint presentation",
            () if has("META-INF/container.xml") => "an EPUB",
            () if has("content.xml") => "an OpenDocument file",
            () => "a ZIP archive",
        };
        super::unsupported(name)
    }
}

/// The levels of headings by the identities of their styles.
#[derive(Default)]
struct Styles(HashMap<String, u8>);

impl Styles {
    fn read(xml: &str, observer: &dyn Observer) -> Result<Self> {
        let mut level: HashMap<String, u8> = HashMap::new();
        let mut base: HashMap<String, String> = HashMap::new();
        let mut style = String::new();
        each("word/styles.xml", xml, observer, |event| {
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                return Ok(());
            };
            match local(tag.name().as_ref()) {
                "style" => style = attribute(tag, "styleId").unwrap_or_default(),
                // The name stays English when the identity is translated.
                "name" => {
                    let name = attribute(tag, "val").unwrap_or_default().to_lowercase();
                    let found = match name.as_str() {
                        "title" => Some(1),
                        _ => name.strip_prefix("heading ").and_then(|n| n.parse().ok()),
                    };
                    if let Some(found) = found {
                        level.insert(style.clone(), found);
                    }
                }
                "basedOn" => {
                    base.insert(style.clone(), attribute(tag, "val").unwrap_or_default());
                }
                "outlineLvl" => {
                    if let Some(found) = outline(tag) {
                        level.entry(style.clone()).or_insert(found);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let mut inherited = level.clone();
        for style in base.keys() {
            let mut at = style;
            for _ in 0..DEEPEST_STYLE {
                if let Some(&found) = level.get(at) {
                    inherited.insert(style.clone(), found);
                    break;
                }
                match base.get(at) {
                    Some(below) => at = below,
                    None => break,
                }
            }
        }
        Ok(Styles(inherited))
    }
}

/// An outline level: 0 is the highest, 9 is running text.
fn outline(tag: &BytesStart<'_>) -> Option<u8> {
    let level: u8 = attribute(tag, "val")?.parse().ok()?;
    (level < 9).then_some(level + 1)
}

fn paragraphs(
    part: &str,
    xml: &str,
    styles: &Styles,
    composer: &mut Composer<'_>,
    observer: &dyn Observer,
) -> Result<()> {
    let mut shown = false;
    let mut row = 0usize;
    let mut fallback = 0usize;
    let mut level = None;
    let mut page_ends = false;
    each(part, xml, observer, |event| {
        let (tag, begins) = match event {
            Event::Start(tag) => (tag, true),
            Event::Empty(tag) => (tag, false),
            Event::End(tag) => {
                match local(tag.name().as_ref()) {
                    "t" => shown = false,
                    "Fallback" => fallback = fallback.saturating_sub(1),
                    "tr" => {
                        row = row.saturating_sub(1);
                        if row == 0 {
                            composer.close(BlockKind::Paragraph)?;
                        }
                    }
                    "p" if row > 0 => composer.flow(" ")?,
                    "p" => {
                        composer.close(BlockKind::Paragraph)?;
                        if std::mem::take(&mut page_ends) {
                            composer.end_page()?;
                        }
                    }
                    _ => {}
                }
                return Ok(());
            }
            Event::Text(text) if shown && fallback == 0 => return composer.flow(text.as_ref()),
            Event::CData(text) if shown && fallback == 0 => return composer.flow(text.as_ref()),
            Event::GeneralRef(reference) if shown && fallback == 0 => {
                let character = reference.resolve_char_ref().ok().flatten();
                let named = quick_xml::escape::resolve_predefined_entity(reference.as_ref());
                return match (character, named) {
                    (Some(character), _) => composer.flow(character.encode_utf8(&mut [0; 4])),
                    (None, Some(named)) => composer.flow(named),
                    (None, None) => Ok(()),
                };
            }
            _ => return Ok(()),
        };
        match local(tag.name().as_ref()) {
            "t" => shown = begins,
            // Another way to show what was shown already.
            "Fallback" if begins => fallback += 1,
            "tr" if begins => {
                if row == 0 {
                    composer.close(BlockKind::Paragraph)?;
                }
                row += 1;
            }
            "tc" if begins && row == 1 => composer.cell(),
            "p" if begins => level = None,
            "pStyle" => {
                level = attribute(tag, "val").and_then(|style| styles.0.get(&style).copied());
            }
            "outlineLvl" => level = outline(tag).or(level),
            // The first run of a paragraph: all that is known of it has been said.
            "r" if begins && row == 0 && !composer.begun() => {
                composer.close(level.map_or(BlockKind::Paragraph, BlockKind::Heading))?;
            }
            "tab" | "ptab" => composer.flow(" ")?,
            "br" | "cr" => match attribute(tag, "type").as_deref() {
                Some("page") if row == 0 => page_ends = true,
                _ if fallback == 0 && row == 0 => composer.end_line(),
                _ => composer.flow(" ")?,
            },
            "lastRenderedPageBreak" if row == 0 => {
                if composer.begun() {
                    page_ends = true;
                } else {
                    composer.end_page()?;
                    composer.close(level.map_or(BlockKind::Paragraph, BlockKind::Heading))?;
                }
            }
            "noBreakHyphen" => composer.flow("-")?,
            _ => {}
        }
        Ok(())
    })
}

fn properties(xml: &str, observer: &dyn Observer) -> Result<Metadata> {
    let mut metadata = Metadata::default();
    let mut name = String::new();
    let mut text = String::new();
    each("docProps/core.xml", xml, observer, |event| {
        match event {
            Event::Start(tag) => {
                name = local(tag.name().as_ref()).to_owned();
                text.clear();
            }
            Event::Text(more) => text.push_str(more.as_ref()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().ok().flatten();
                text.extend(character);
                text.extend(quick_xml::escape::resolve_predefined_entity(
                    reference.as_ref(),
                ));
            }
            Event::End(_) => {
                let place = match name.as_str() {
                    "title" => &mut metadata.title,
                    "creator" => &mut metadata.author,
                    "subject" => &mut metadata.subject,
                    "keywords" => &mut metadata.keywords,
                    _ => return Ok(()),
                };
                let text = text.trim();
                *place = (!text.is_empty()).then(|| text.to_owned());
                name.clear();
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(metadata)
}

/// Calls `see` with each piece of the XML of a part.
fn each(
    part: &str,
    xml: &str,
    observer: &dyn Observer,
    mut see: impl FnMut(&Event<'_>) -> Result<()>,
) -> Result<()> {
    let mut reader = Reader::from_str(xml);
    // The names of open elements would be kept, however many there are.
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    for count in 0_usize.. {
        if count.is_multiple_of(EVENTS_PER_CHECK) {
            observer.check()?;
        }
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => see(&event)?,
            Err(error) => {
                let at = reader.error_position();
                let message = format!("damaged part {part}, byte offset {at}: {error}");
                return Err(Error::new(ErrorKind::Format, message)
                    .with("part", part)
                    .with("offset", at));
            }
        }
    }
    Ok(())
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    // Duplicates are not looked for: that takes the square of the number of attributes.
    let mut attributes = tag.attributes();
    attributes.with_checks(false);
    let found = attributes
        .flatten()
        .find(|attribute| local(attribute.key.as_ref()) == name)?;
    Some(found.value.into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::progress::Unobserved;

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            let options = SimpleFileOptions::default();
            archive.start_file(*name, options).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn body(paragraphs: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"w\"><w:body>{paragraphs}</w:body></w:document>"
        )
    }

    fn paragraph(style: &str, text: &str) -> String {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>"
        )
    }

    const STYLES: &str = "<w:styles>\
        <w:style w:type=\"paragraph\" w:styleId=\"Titel\"><w:name w:val=\"Title\"/></w:style>\
        <w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>\
        <w:style w:styleId=\"Own\"><w:name w:val=\"Own\"/><w:basedOn w:val=\"berschrift1\"/></w:style>\
        <w:style w:styleId=\"Deep\"><w:name w:val=\"Deep\"/><w:pPr><w:outlineLvl w:val=\"2\"/></w:pPr></w:style>\
        <w:style w:styleId=\"Loop\"><w:basedOn w:val=\"Pool\"/></w:style>\
        <w:style w:styleId=\"Pool\"><w:basedOn w:val=\"Loop\"/></w:style></w:styles>";

    fn read_parts(parts: &[(&str, &[u8])]) -> Result<Document> {
        super::read(&archive(parts), &Config::new(), &Unobserved)
    }

    fn blocks(document: &Document) -> Vec<(&str, u32, BlockKind)> {
        let blocks = document.blocks.iter();
        blocks
            .map(|block| (&document.text[block.range.clone()], block.page, block.kind))
            .collect()
    }

    #[test]
    fn styles_make_headings_and_rows_are_blocks() {
        let xml = body(&[
            paragraph("Titel", "A &amp; B"),
            paragraph("Own", "First"),
            "<w:p><w:r><w:t>One </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>line</w:t>\
             <w:br/><w:t>and</w:t><w:tab/><w:t>another&#x2014;yes</w:t></w:r></w:p>".to_owned(),
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc>\
             <w:tc><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>".to_owned(),
            paragraph("Deep", "Below"),
            "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>".to_owned(),
            "<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>next</w:t></mc:Choice><mc:Fallback><w:t>next</w:t>\
             </mc:Fallback></mc:AlternateContent></w:r></w:p>".to_owned(),
            "<w:p><w:pPr><w:pStyle w:val=\"Own\"/></w:pPr><w:r><w:lastRenderedPageBreak/><w:t>Third</w:t></w:r></w:p>".to_owned(),
        ]
        .concat());
        let core = "<cp:coreProperties><dc:title>T &lt; U</dc:title><dc:creator>Me</dc:creator><cp:keywords/></cp:coreProperties>";
        let notes = "<w:footnotes><w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>";
        let document = read_parts(&[
            ("word/document.xml", xml.as_bytes()),
            ("word/styles.xml", STYLES.as_bytes()),
            ("word/footnotes.xml", notes.as_bytes()),
            ("docProps/core.xml", core.as_bytes()),
        ])
        .unwrap();
        assert_eq!(
            blocks(&document),
            [
                ("A & B", 1, BlockKind::Heading(1)),
                ("First", 1, BlockKind::Heading(1)),
                ("One line\nand another—yes", 1, BlockKind::Paragraph),
                ("a b | c", 1, BlockKind::Paragraph),
                ("Below", 1, BlockKind::Heading(3)),
                ("next", 2, BlockKind::Paragraph),
                ("Third", 3, BlockKind::Heading(1)),
                ("A note.", 3, BlockKind::Paragraph),
            ]
        );
        assert_eq!(document.pages.len(), 3);
        assert_eq!(document.metadata.title.as_deref(), Some("T < U"));
        assert_eq!(document.metadata.author.as_deref(), Some("Me"));
        assert_eq!(document.metadata.keywords, None);
        for block in &document.blocks {
            assert_eq!(document.page_of(block.range.start), block.page);
        }
    }

    #[test]
    fn other_archives_are_named() {
        for (part, name) in [
            ("xl/workbook.xml", "an Excel workbook"),
            ("ppt/presentation.xml", "a PowerPoint presentation"),
            ("any.txt", "a ZIP archive"),
        ] {
            let error = read_parts(&[(part, b"<x/>")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert_eq!(error.field("found").unwrap(), name);
        }
        let error = read_parts(&[("word/document.xml", b"<w:p><w:t x=></w:p")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
        assert_eq!(error.field("part").unwrap(), "word/document.xml");
    }

    #[test]
    fn bombs_are_limit_errors() {
        let zeros = vec![b' '; 64 << 20];
        let error = read_parts(&[("word/document.xml", &zeros)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
        assert_eq!(error.field("limit").unwrap(), "limits.decoded_ratio");
        let names: Vec<String> = (0..=MOST_ENTRIES).map(|n| format!("word/{n}")).collect();
        let parts: Vec<(&str, &[u8])> =
            names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(read_parts(&parts).unwrap_err().kind(), ErrorKind::Limit);
    }

    #[test]
    fn damage_anywhere_is_an_error_or_a_document() {
        let xml = body(&paragraph("Own", "words of a text").repeat(20));
        let whole = archive(&[
            ("word/document.xml", xml.as_bytes()),
            ("word/styles.xml", STYLES.as_bytes()),
        ]);
        let config = Config::new();
        for length in 0..whole.len() {
            let _ = super::read(&whole[..length], &config, &Unobserved);
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let _ = super::read(&damaged, &config, &Unobserved);
        }
        for piece in [
            "<w:tbl><w:tr><w:tc>",
            "<mc:Fallback>",
            "</w:p>",
            "<w:p a='",
            "&x;",
            "<w:r>",
        ] {
            let xml = body(&piece.repeat(50_000));
            let _ = read_parts(&[("word/document.xml", xml.as_bytes())]);
        }
    }
}
