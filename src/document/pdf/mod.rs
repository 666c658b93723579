//! PDF to text.
//!
//! hayro-syntax reads the file and its objects, hayro-font the fonts; [`content`] runs the operators that place
//! text, and [`layout`](super::layout) makes lines of it. Nothing is drawn.

mod content;
mod font;
mod fuel;
mod layers;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use hayro_syntax::budget::Budget;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Rect, Stream};
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use self::content::{Interpreter, Matrix};
use self::font::Fonts;
use self::fuel::{Fuel, within};
use self::layers::Layers;
use super::layout::{PageBuilder, PageLines, assemble};
use super::{Document, Kind, Metadata};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::panics;
use crate::progress::{Observer, Stage};

/// Readers accept a header anywhere in the first 1,024 bytes (ISO 32000-1, annex H, note 13).
const HEADER_WITHIN: usize = 1_024;

/// Whether `bytes` are a PDF file, whole or damaged. A text that begins with something else and mentions the
/// header is none.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    let head = bytes.get(..HEADER_WITHIN).unwrap_or(bytes);
    match memmem(head, b"%PDF-") {
        None => false,
        Some(0) => true,
        Some(at) => {
            head[..at].iter().all(u8::is_ascii_whitespace)
                || (memmem(bytes, b" obj").is_some() && memmem(bytes, b"endobj").is_some())
        }
    }
}

/// Reads a PDF file.
///
/// # Errors
/// `Format` when the file is damaged beyond reading, `Encrypted` when neither the empty password nor
/// `document.password` opens it, `Limit` naming the limit, and whatever `observer` returns.
pub(crate) fn read(bytes: &[u8], config: &Config, observer: &dyn Observer) -> Result<Document> {
    observer.check()?;
    let stop = || observer.check().is_err();
    let budget = Budget::new(config.limits_decoded_bytes, &stop);
    budget.run(|| {
        let mut fuel = Fuel::new(config, observer, &budget);
        let opened = open(bytes, config);
        // A file that cannot be opened within the limits is not a damaged one.
        fuel.check(0)?;
        let (pdf, rescued) = opened?;
        let mut warnings = Vec::new();
        let (pdf, rescued) = match pdf.pages().is_empty() {
            true => (
                unless_panicked(|| rescue(bytes))
                    .flatten()
                    .ok_or_else(|| damaged(bytes, "there is no page"))?,
                true,
            ),
            false => (pdf, rescued),
        };
        if rescued {
            warnings.push(format!(
                "the page tree is missing: {} pages were found without it, their order may be wrong",
                pdf.pages().len()
            ));
        } else if !has_end_mark(bytes) {
            warnings.push(format!(
                "the end of the file is missing (no %%EOF in its last bytes): {} pages were recovered",
                pdf.pages().len()
            ));
        }
        within(
            "limits.pages",
            pdf.pages().len() as u64,
            config.limits_pages,
            "pages",
        )?;
        let pages = read_pages(&pdf, &mut fuel, observer, &mut warnings)?;
        let text = assemble(&pages, config.document_dehyphenate);
        Ok(Document {
            kind: Kind::Pdf,
            metadata: metadata(&pdf),
            text: text.text,
            pages: text.pages,
            blocks: text.blocks,
            lines: text.lines,
            warnings,
        })
    })
}

/// Opens the file; also tells whether its page tree had to be made anew.
fn open(bytes: &[u8], config: &Config) -> Result<(Pdf, bool)> {
    let data = Arc::new(bytes.to_vec());
    let password = &config.document_password;
    let opened = open_with(data.clone(), "").or_else(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) if !password.is_empty() => {
            open_with(data, password)
        }
        error => Err(error),
    });
    let opened = match opened {
        Ok(pdf) => Ok((pdf, false)),
        Err(LoadPdfError::Invalid) => unless_panicked(|| rescue(bytes))
            .flatten()
            .map(|pdf| (pdf, true))
            .ok_or(LoadPdfError::Invalid),
        Err(error) => Err(error),
    };
    opened.map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Error::new(
            ErrorKind::Encrypted,
            match password.is_empty() {
                true => "the document is encrypted and needs a password: set document.password",
                false => "the document is encrypted and document.password does not open it",
            },
        )
        .with("key", "document.password"),
        LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => Error::new(
            ErrorKind::Encrypted,
            "the document is encrypted with an algorithm that is not supported",
        ),
        LoadPdfError::Decryption(
            DecryptionError::InvalidEncryption | DecryptionError::MissingIDEntry,
        ) => Error::new(
            ErrorKind::Encrypted,
            "the document is encrypted and its encryption dictionary is damaged",
        ),
        LoadPdfError::Invalid => damaged(bytes, "no page tree can be reached"),
    })
}

/// Opens the file; a panic in the parser makes it invalid.
fn open_with(data: Arc<Vec<u8>>, password: &str) -> Result<Pdf, LoadPdfError> {
    unless_panicked(|| Pdf::new_with_password(data, password)).unwrap_or(Err(LoadPdfError::Invalid))
}

/// Runs a piece of the parser that damaged input may make panic; `None` when it did.
fn unless_panicked<R>(run: impl FnOnce() -> R) -> Option<R> {
    // What a panic leaves half done is dropped with the page or the file, but for the fonts and the fuel, and
    // those only grow.
    panics::guard(|| Ok(run())).ok()
}

/// Numbers of the two objects put in by [`with_page_tree`]; files number theirs from 1.
const CATALOG: u32 = 8_388_606;
const PAGE_TREE: u32 = 8_388_607;

/// Opens a file whose catalog or page tree is lost, as at the end of a file cut off: with a page tree of all
/// the pages that are left.
fn rescue(bytes: &[u8]) -> Option<Pdf> {
    let without_pages = open_with(Arc::new(with_page_tree(bytes, &[])), "").ok()?;
    let pages: Vec<ObjectIdentifier> = without_pages
        .objects()
        .into_iter()
        .filter_map(|object| {
            let dict = object.into_dict()?;
            let is_page = dict
                .get::<Name<'_>>(keys::TYPE)
                .is_some_and(|name| &*name == b"Page");
            dict.obj_id().filter(|_| is_page)
        })
        .collect();
    if pages.is_empty() {
        return None;
    }
    let rescued = open_with(Arc::new(with_page_tree(bytes, &pages)), "").ok()?;
    (!rescued.pages().is_empty()).then_some(rescued)
}

/// The file with a catalog and a page tree after its end. The offset 0 makes the parser look for all objects.
fn with_page_tree(bytes: &[u8], pages: &[ObjectIdentifier]) -> Vec<u8> {
    let mut kids = String::new();
    for page in pages {
        kids.push_str(&format!("{} {} R ", page.obj_number, page.gen_number));
    }
    let tree = format!(
        "\n{CATALOG} 0 obj\n<</Type/Catalog/Pages {PAGE_TREE} 0 R>>\nendobj\n\
         {PAGE_TREE} 0 obj\n<</Type/Pages/Count {}/Kids[{kids}]>>\nendobj\n\
         trailer\n<</Root {CATALOG} 0 R>>\nstartxref\n0\n%%EOF\n",
        pages.len()
    );
    [bytes, tree.as_bytes()].concat()
}

/// The parts a reader needs to find its way, with what they are.
const LANDMARKS: [(&[u8], &str); 4] = [
    (b"%PDF-", "the header %PDF-"),
    (b" obj", "objects"),
    (b"startxref", "the cross-reference table (startxref)"),
    (b"%%EOF", "the end mark %%EOF"),
];

fn damaged(bytes: &[u8], found: &str) -> Error {
    let missing: Vec<&str> = LANDMARKS
        .iter()
        .filter(|(mark, _)| memmem(bytes, mark).is_none())
        .map(|(_, name)| *name)
        .collect();
    let missing = match missing.is_empty() {
        true => String::new(),
        false => format!("; missing: {}", missing.join(", ")),
    };
    let message = format!(
        "the pdf file is damaged beyond reading: {found} in its {} bytes{missing}",
        bytes.len()
    );
    Error::new(ErrorKind::Format, message)
}

fn memmem(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// Files may carry this much after their end mark.
const END_WITHIN: usize = 4_096;

fn has_end_mark(bytes: &[u8]) -> bool {
    let tail = bytes.len().saturating_sub(END_WITHIN);
    memmem(&bytes[tail..], b"%%EOF").is_some()
}

fn read_pages(
    pdf: &Pdf,
    fuel: &mut Fuel<'_>,
    observer: &dyn Observer,
    warnings: &mut Vec<String>,
) -> Result<Vec<PageLines>> {
    let pages = pdf.pages();
    let total = pages.len() as u64;
    let layers = unless_panicked(|| Layers::of(pdf)).unwrap_or_default();
    let mut fonts = Fonts::new();
    let (mut images, mut unknown, mut text) = (0, 0, 0);
    let mut lines = Vec::with_capacity(pages.len());
    for (number, page) in (1..).zip(pages.iter()) {
        let page = match unless_panicked(|| read_page(page, &mut fonts, &layers, fuel)) {
            Some(page) => page?,
            None => {
                warnings.push(format!("page {number} was skipped: reading it failed"));
                ReadPage::default()
            }
        };
        if page.unreadable > 0 {
            warnings.push(format!(
                "page {number}: {} damaged content streams were passed over",
                page.unreadable
            ));
        }
        images += page.images;
        unknown += page.unknown;
        fuel.page(page.lines.len())?;
        text += page.lines.len() as u64;
        lines.push(page.lines);
        observer.progress(Stage::Document, number, total, "reading pages");
    }
    // One glyph in four is lost: the text is not the document's.
    if unknown > 3 && unknown * 4 > text {
        warnings.push(format!(
            "{unknown} glyphs have no Unicode characters in their fonts: the text is incomplete"
        ));
    } else if text == 0 {
        warnings.push(match images {
            0 => "no text: the pages are blank".to_owned(),
            _ => format!("no text layer: the pages hold {images} images and no text; run text recognition on it first"),
        });
    }
    Ok(lines)
}

#[derive(Default)]
struct ReadPage {
    lines: PageLines,
    images: u64,
    unreadable: u64,
    /// Glyphs whose characters are not known.
    unknown: u64,
}

fn read_page<'a>(
    page: &Page<'a>,
    fonts: &mut Fonts<'a>,
    layers: &Layers,
    fuel: &mut Fuel<'_>,
) -> Result<ReadPage> {
    let (width, height) = page.render_dimensions();
    let mut builder = PageBuilder::new(width, height);
    let to_page = Matrix::new(page.initial_transform(true).as_coeffs());
    let mut interpreter = Interpreter {
        fonts,
        fuel,
        layers,
        page: &mut builder,
        images: 0,
        unreadable: 0,
    };
    let content = page_content(page, &mut interpreter.unreadable);
    interpreter.fuel.check(0)?;
    interpreter.run_page(&content, page.resources(), to_page)?;
    run_annotations(page, &mut interpreter, to_page)?;
    let (images, unreadable) = (interpreter.images, interpreter.unreadable);
    Ok(ReadPage {
        unknown: builder.unknown,
        lines: builder.finish(),
        images,
        unreadable,
    })
}

/// The entries of an array; those that lead nowhere are left out, where an iterator of the array would end.
fn entries<'a>(page: &Page<'a>, array: &Array<'a>) -> impl Iterator<Item = Object<'a>> {
    let xref = page.xref();
    array.raw_iter().filter_map(move |entry| match entry {
        MaybeRef::Ref(reference) => xref.get::<Object<'_>>(reference.into()),
        MaybeRef::NotRef(object) => Some(object),
    })
}

/// The decoded content of a page. The page would keep what it decodes for the life of the file.
fn page_content<'a>(page: &Page<'a>, unreadable: &mut u64) -> Cow<'a, [u8]> {
    let dict = page.raw();
    let streams: Vec<Stream<'a>> = match dict.get::<Stream<'_>>(keys::CONTENTS) {
        Some(stream) => vec![stream],
        None => match dict.get::<Array<'_>>(keys::CONTENTS) {
            Some(array) => entries(page, &array)
                .filter_map(Object::into_stream)
                .collect(),
            None => Vec::new(),
        },
    };
    *unreadable += u64::from(streams.is_empty() && dict.contains_key(keys::CONTENTS));
    let mut decoded = streams.iter().filter_map(|stream| {
        let data = stream.decoded_data().ok();
        *unreadable += u64::from(data.is_none());
        data
    });
    let mut content = decoded.next().unwrap_or_default();
    for more in decoded {
        let content = content.to_mut();
        // A token does not go on in the next stream.
        content.push(b' ');
        content.extend_from_slice(&more);
    }
    content
}

/// Bits of an annotation's flags: hidden, and not shown on the screen (ISO 32000-1, table 165).
const INVISIBLE: u32 = 1 << 1 | 1 << 5;

/// Reads what the page's annotations show: form fields, text boxes, stamps.
fn run_annotations<'a>(
    page: &Page<'a>,
    interpreter: &mut Interpreter<'a, '_, '_>,
    to_page: Matrix,
) -> Result<()> {
    let Some(annotations) = page.raw().get::<Array<'_>>(keys::ANNOTS) else {
        return Ok(());
    };
    for annotation in entries(page, &annotations).filter_map(Object::into_dict) {
        interpreter.fuel.check(interpreter.page.len())?;
        let popup = annotation
            .get::<Name<'_>>(keys::SUBTYPE)
            .is_some_and(|subtype| &*subtype == b"Popup");
        let flags = annotation.get::<u32>(keys::F).unwrap_or(0);
        if popup || flags & INVISIBLE != 0 {
            continue;
        }
        let layer = annotation.get::<Dict<'_>>(keys::OC);
        if layer.is_some_and(|layer| interpreter.layers.hides(&layer)) {
            continue;
        }
        if let Some(appearance) = appearance(&annotation)
            && let Some(rect) = annotation.get::<Rect>(keys::RECT)
        {
            interpreter.page.end_line();
            interpreter.run_appearance(&appearance, rect, to_page)?;
        }
    }
    Ok(())
}

/// The normal appearance in the annotation's present state.
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    let all = annotation.get::<Dict<'_>>(keys::AP)?;
    if let Some(stream) = all.get::<Stream<'_>>(keys::N) {
        return Some(stream);
    }
    let state = annotation.get::<Name<'_>>(keys::AS)?;
    all.get::<Dict<'_>>(keys::N)?.get::<Stream<'_>>(&*state)
}

fn metadata(pdf: &Pdf) -> Metadata {
    let info = pdf.metadata();
    let text = |bytes: &Option<Box<[u8]>>| {
        // Programs that get it as a C string or put it in a database cannot take a NUL.
        let text = text_string(bytes.as_deref()?).replace(char::is_control, " ");
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    Metadata {
        title: text(&info.title),
        author: text(&info.author),
        subject: text(&info.subject),
        keywords: text(&info.keywords),
    }
}

/// A text string of ISO 32000-1, 7.9.2.2: UTF-16 or UTF-8 with a byte order mark, or PDFDocEncoding.
fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&byte| pdf_doc_char(byte)).collect(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// PDFDocEncoding, ISO 32000-1, annex D.3: Latin 1 but for these two runs.
fn pdf_doc_char(byte: u8) -> char {
    const ACCENTS: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const SIGNS: [char; 33] = [
        '•',
        '†',
        '‡',
        '…',
        '—',
        '–',
        'ƒ',
        '⁄',
        '‹',
        '›',
        '−',
        '‰',
        '„',
        '“',
        '”',
        '‘',
        '’',
        '‚',
        '™',
        'ﬁ',
        'ﬂ',
        'Ł',
        'Œ',
        'Š',
        'Ÿ',
        'Ž',
        'ı',
        'ł',
        'œ',
        'š',
        'ž',
        char::REPLACEMENT_CHARACTER,
        '€',
    ];
    match byte {
        0x18..=0x1f => ACCENTS[usize::from(byte - 0x18)],
        0x80..=0xa0 => SIGNS[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}
