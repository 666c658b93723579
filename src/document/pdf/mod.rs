//! PDF to text.
//!
//! hayro-syntax reads the file and its objects, hayro-font the fonts; [`content`] runs the operators that place
//! text, and [`layout`](super::layout) makes lines of it. Nothing is drawn.

mod annotation;
mod content;
mod font;
mod form;
mod fuel;
mod layers;
mod outline;
mod program;
mod tex;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hayro_syntax::budget::Budget;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, MaybeRef, Object, Stream};
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use self::content::{Interpreter, Matrix};
use self::font::{Charged, Fonts};
use self::form::Forms;
use self::fuel::{Fuel, Used, within};
use self::layers::Layers;
use super::layout::{Extent, PageBuilder, PageLines, assemble};
use super::{Bytes, Document, Kind, Metadata, SharedBytes};
use crate::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::panics;
use crate::progress::{Observer, ParallelFor, Stage};

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

/// Reads a PDF file; the pages of a long one in the loop handed in.
///
/// # Errors
/// `Format` when the file is damaged beyond reading, `Encrypted` when neither the empty password nor
/// `document.password` opens it, `Limit` naming the limit, and whatever `observer` returns.
pub(crate) fn read(
    bytes: &Bytes<'_>,
    config: &Config,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
) -> Result<Document> {
    observer.check()?;
    let stop = || observer.check().is_err();
    let budget = Budget::new(
        fuel::decoded_allowed(bytes.len(), config),
        config.limits_stream_bytes,
        config.limits_pages,
        &stop,
    );
    let used = Used::new(bytes.len(), config, observer, &budget);
    let data = Arc::new(bytes.share()?);
    budget.run(|| {
        let opened = open(&data, config);
        // A file that cannot be opened within the limits is not a damaged one.
        used.check(Extent::default())?;
        let (pdf, rescued) = opened?;
        let mut warnings = Vec::new();
        let (pdf, rescued) = match pdf.pages().is_empty() {
            true => {
                let rescued = rescue(&data);
                used.check(Extent::default())?;
                (
                    rescued.ok_or_else(|| damaged(bytes, "there is no page"))?,
                    true,
                )
            }
            false => (pdf, rescued),
        };
        let count = pdf.pages().len() as u64;
        within(
            "limits.pages",
            count.saturating_add(budget.pages_left_out()),
            config.limits_pages,
            "pages",
        )?;
        if rescued {
            warnings.push(format!(
                "the page tree is missing: {count} pages were found without it, their order may be wrong"
            ));
        } else if !has_end_mark(bytes) {
            warnings.push(format!(
                "the end of the file is missing (no %%EOF in its last bytes): {count} pages were recovered"
            ));
        }
        let pages = read_pages(&pdf, config, &used, observer, parallel, &mut warnings)?;
        let bookmarks = unless_panicked(|| outline::read(&pdf)).unwrap_or_default();
        used.check(Extent::default())?;
        let text = assemble(&pages, config.document_dehyphenate);
        Ok(Document {
            kind: Kind::Pdf,
            metadata: metadata(&pdf),
            text: text.text,
            pages: text.pages,
            blocks: text.blocks,
            lines: text.lines,
            bookmarks,
            warnings,
        })
    })
}

/// Opens the file; also tells whether its page tree had to be made anew.
fn open(data: &Arc<SharedBytes>, config: &Config) -> Result<(Pdf, bool)> {
    let password = &config.document_password;
    let opened = open_with(data, "").or_else(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) if !password.is_empty() => {
            open_with(data, password)
        }
        error => Err(error),
    });
    let opened = match opened {
        Ok(pdf) => Ok((pdf, false)),
        Err(LoadPdfError::Invalid) => rescue(data)
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
        LoadPdfError::Invalid => damaged(data.as_ref().as_ref(), "no page tree can be reached"),
    })
}

/// Opens the file; a panic in the parser makes it invalid.
fn open_with(data: &Arc<SharedBytes>, password: &str) -> Result<Pdf, LoadPdfError> {
    unless_panicked(|| Pdf::new_with_password(data.clone(), password))
        .unwrap_or(Err(LoadPdfError::Invalid))
}

/// Opens a file whose catalog or page tree is lost, as at the end of a file cut off: with all the pages that
/// are left.
fn rescue(data: &Arc<SharedBytes>) -> Option<Pdf> {
    unless_panicked(|| Pdf::new_from_loose_pages(data.clone())).flatten()
}

/// Runs a piece of the parser that damaged input may make panic; `None` when it did.
fn unless_panicked<R>(run: impl FnOnce() -> R) -> Option<R> {
    // What a panic leaves half done is dropped with the page or the file, but for the fonts, the forms and the
    // fuel, and those only grow.
    panics::guard(|| Ok(run())).ok()
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

/// Documents of at least this many pages are read by several threads.
const MANY_PAGES: usize = 32;
/// Threads that read the pages of one document, at most.
const READERS: usize = 16;
/// Pages that a thread takes at a time.
const PAGES_AT_A_TIME: usize = 4;

fn read_pages(
    pdf: &Pdf,
    config: &Config,
    used: &Used<'_>,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<PageLines>> {
    let pages = pdf.pages();
    let readers = match pages.len() {
        0..MANY_PAGES => 1,
        many => READERS.min(many / PAGES_AT_A_TIME),
    };
    let layers = unless_panicked(|| Layers::of(pdf)).unwrap_or_default();
    let reading = Reading {
        pages,
        layers,
        config,
        used,
        observer,
        charged: Charged::default(),
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        failed: Mutex::new(None),
    };
    let read: Vec<OnceLock<Vec<(usize, ReadPage)>>> =
        (0..readers).map(|_| OnceLock::new()).collect();
    parallel(readers, &|reader| {
        // Each index is called once, so the cell is empty.
        let _ = read[reader].set(used.budget.run(|| reading.take_pages()));
    });
    if let Some((_, error)) = reading
        .failed
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
    {
        return Err(error);
    }
    let mut read: Vec<_> = read
        .into_iter()
        .filter_map(OnceLock::into_inner)
        .flatten()
        .collect();
    read.sort_unstable_by_key(|(index, _)| *index);
    let (mut images, mut unknown, mut text) = (0, 0, 0);
    let mut lines = Vec::with_capacity(read.len());
    for (index, page) in read {
        let number = index + 1;
        if page.skipped {
            warnings.push(format!("page {number} was skipped: reading it failed"));
        }
        if page.unreadable > 0 {
            warnings.push(format!(
                "page {number}: {} damaged content streams were passed over",
                page.unreadable
            ));
        }
        images += page.images;
        unknown += page.unknown;
        text += page.lines.extent().bytes;
        lines.push(page.lines);
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

/// The pages of a document while several threads read them.
struct Reading<'a, 'o> {
    pages: &'a [Page<'a>],
    layers: Layers,
    config: &'o Config,
    used: &'o Used<'o>,
    observer: &'o dyn Observer,
    charged: Charged,
    /// The first page that nobody has taken.
    next: AtomicUsize,
    done: AtomicU64,
    /// The first page that could not be read within the limits, and why.
    failed: Mutex<Option<(usize, Error)>>,
}

impl Reading<'_, '_> {
    /// Reads pages until none is left, or one has failed. Pages and their indexes.
    fn take_pages(&self) -> Vec<(usize, ReadPage)> {
        let mut read = Vec::new();
        let mut fuel = Fuel::new(self.used);
        // Loaded with the first page: not every reader finds one.
        let mut fonts = None;
        let mut forms = Forms::default();
        loop {
            let first = self.next.fetch_add(PAGES_AT_A_TIME, Ordering::Relaxed);
            let some = self.pages.iter().enumerate().skip(first);
            let mut some = some.take(PAGES_AT_A_TIME).peekable();
            if some.peek().is_none() {
                return read;
            }
            for (index, page) in some {
                if self.failure().is_some() {
                    return read;
                }
                let fonts = fonts.get_or_insert_with(|| Fonts::new(&self.charged, self.used));
                match self.read_page(page, fonts, &mut forms, &mut fuel) {
                    Ok(page) => read.push((index, page)),
                    Err(error) => {
                        let mut failure = self.failure();
                        if failure.as_ref().is_none_or(|(other, _)| *other > index) {
                            *failure = Some((index, error));
                        }
                        return read;
                    }
                }
                let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
                let total = self.pages.len() as u64;
                self.observer
                    .progress(Stage::Document, done, total, "reading pages");
            }
        }
    }

    fn failure(&self) -> MutexGuard<'_, Option<(usize, Error)>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct ReadPage {
    lines: PageLines,
    images: u64,
    unreadable: u64,
    /// Glyphs whose characters are not known.
    unknown: u64,
    /// Reading it made the parser panic.
    skipped: bool,
}

impl<'a> Reading<'a, '_> {
    fn read_page(
        &self,
        page: &Page<'a>,
        fonts: &mut Fonts<'a, '_>,
        forms: &mut Forms<'a>,
        fuel: &mut Fuel<'_>,
    ) -> Result<ReadPage> {
        let read =
            unless_panicked(|| read_page(page, fonts, forms, &self.layers, fuel, self.config));
        let read = read.unwrap_or_else(|| {
            Ok(ReadPage {
                skipped: true,
                ..ReadPage::default()
            })
        })?;
        fuel.page(read.lines.extent())?;
        Ok(read)
    }
}

fn read_page<'a>(
    page: &Page<'a>,
    fonts: &mut Fonts<'a, '_>,
    forms: &mut Forms<'a>,
    layers: &Layers,
    fuel: &mut Fuel<'_>,
    config: &Config,
) -> Result<ReadPage> {
    fonts.turn_page();
    let (width, height) = page.render_dimensions();
    let mut builder = PageBuilder::new(width, height);
    let to_page = Matrix::new(page.initial_transform(true).as_coeffs());
    let mut interpreter = Interpreter::new(fonts, forms, fuel, layers, &mut builder);
    let content = page_content(page, &mut interpreter)?;
    interpreter.run_page(&content, page.resources(), to_page)?;
    drop(content);
    annotation::run(page, &mut interpreter, to_page, config)?;
    let (images, unreadable) = (interpreter.images, interpreter.unreadable);
    Ok(ReadPage {
        unknown: builder.unknown,
        lines: builder.finish(),
        images,
        unreadable,
        skipped: false,
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
fn page_content<'a>(
    page: &Page<'a>,
    interpreter: &mut Interpreter<'a, '_, '_, '_>,
) -> Result<Cow<'a, [u8]>> {
    let dict = page.raw();
    let decode = |stream: &Stream<'a>, interpreter: &mut Interpreter<'a, '_, '_, '_>| {
        let data = stream.decoded_data().ok();
        interpreter.unreadable += u64::from(data.is_none());
        interpreter.fuel.check(Extent::default())?;
        Ok(data)
    };
    if let Some(stream) = dict.get::<Stream<'_>>(keys::CONTENTS) {
        return Ok(decode(&stream, interpreter)?.unwrap_or_default());
    }
    let mut content: Option<Cow<'_, [u8]>> = None;
    let mut streams = 0;
    if let Some(array) = dict.get::<Array<'_>>(keys::CONTENTS) {
        for stream in entries(page, &array).filter_map(Object::into_stream) {
            streams += 1;
            let Some(more) = decode(&stream, interpreter)? else {
                continue;
            };
            let Some(content) = &mut content else {
                content = Some(more);
                continue;
            };
            interpreter
                .fuel
                .contents((content.len() + more.len()) as u64)?;
            let content = content.to_mut();
            // A token does not go on in the next stream.
            content.push(b' ');
            content.extend_from_slice(&more);
        }
    }
    interpreter.unreadable += u64::from(streams == 0 && dict.contains_key(keys::CONTENTS));
    interpreter.fuel.check(Extent::default())?;
    Ok(content.unwrap_or_default())
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
