//! The straight line from an input to a [`Report`]. Every stage is a plain function from owned input to owned
//! output; between any two units of work the observer is asked whether to go on.

use std::borrow::Cow;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use once_cell::sync::OnceCell;
use sha2::{Digest, Sha256};

use crate::concepts::{self, Ranked};
use crate::config::Config;
use crate::database::context::{self, Acronym};
use crate::database::{Database, Mention};
use crate::document::structure::{self, Chunk, Structure};
use crate::document::{self, Bytes, Document, SharedBytes};
use crate::error::{Error, ErrorKind, Result};
use crate::language::Language;
use crate::progress::{Observer, ParallelFor, Stage};
use crate::report::{
    self, ConceptReport, ConceptSource, Counts, DatabaseInfo, DiversityInfo, DocumentInfo,
    OutlineEntry, Report, Timings,
};

/// Where a document comes from.
#[derive(Clone)]
pub(crate) enum Input<'a> {
    Path(PathBuf),
    Bytes {
        name: Option<String>,
        bytes: Cow<'a, [u8]>,
    },
    Shared {
        name: Option<String>,
        bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    },
    SharedText {
        name: Option<String>,
        text: Arc<str>,
    },
    Text {
        name: Option<String>,
        text: Cow<'a, str>,
    },
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::Path(path) => write!(f, "Path({path:?})"),
            Input::Bytes { bytes, .. } => write!(f, "Bytes({} bytes)", bytes.len()),
            Input::Shared { bytes, .. } => write!(f, "Shared({} bytes)", (**bytes).as_ref().len()),
            Input::Text { text, .. } => write!(f, "Text({} bytes)", text.len()),
            Input::SharedText { text, .. } => write!(f, "SharedText({} bytes)", text.len()),
        }
    }
}

impl Input<'_> {
    /// What errors and the report call the input.
    pub(crate) fn name(&self) -> String {
        match self {
            Input::Path(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
            Input::Bytes { name, .. } | Input::Shared { name, .. } => {
                name.clone().unwrap_or_else(|| "bytes".to_owned())
            }
            Input::Text { name, .. } | Input::SharedText { name, .. } => {
                name.clone().unwrap_or_else(|| "text".to_owned())
            }
        }
    }

    /// Puts the input's name before an error's message; the path as given, so that it can be found.
    fn explain(&self, error: Error) -> Error {
        match self {
            Input::Path(path) if error.field("path").is_none() => {
                let shown = path.to_string_lossy().into_owned();
                error
                    .prefixed(format_args!("\"{shown}\""))
                    .with("path", shown)
            }
            Input::Bytes {
                name: Some(name), ..
            }
            | Input::Shared {
                name: Some(name), ..
            }
            | Input::SharedText {
                name: Some(name), ..
            }
            | Input::Text {
                name: Some(name), ..
            } => error
                .prefixed(format_args!("\"{name}\""))
                .with("input", name.clone()),
            _ => error,
        }
    }

    fn bytes(&self, config: &Config) -> Result<Bytes<'_>> {
        let bytes = match self {
            Input::Path(path) => {
                let bytes = read_file(path, config.limits_file_bytes)?;
                Bytes::Shared(SharedBytes(Arc::new(bytes)))
            }
            Input::Bytes { bytes, .. } => Bytes::Borrowed(bytes.as_ref()),
            Input::Shared { bytes, .. } => Bytes::Shared(SharedBytes(bytes.clone())),
            Input::Text { text, .. } => Bytes::Borrowed(text.as_bytes()),
            Input::SharedText { text, .. } => Bytes::Borrowed(text.as_bytes()),
        };
        if bytes.len() as u64 > config.limits_file_bytes {
            return Err(Error::limit(
                "limits.file_bytes",
                bytes.len(),
                config.limits_file_bytes,
                "bytes",
            ));
        }
        Ok(bytes)
    }
}

/// Reads a regular file of at most `limit` bytes. Anything else (a directory, a pipe that would block, a
/// device without end) is refused.
fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let file = open(path).map_err(|error| Error::io("open", path, &error))?;
    let metadata = file
        .metadata()
        .map_err(|error| Error::io("read", path, &error))?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() {
            "a directory"
        } else {
            "not a regular file"
        };
        let message = format!("cannot read \"{}\": it is {what}", path.display());
        return Err(Error::new(ErrorKind::Io, message).with("path", path.to_string_lossy()));
    }
    if metadata.len() > limit {
        return Err(Error::limit(
            "limits.file_bytes",
            metadata.len(),
            limit,
            "bytes",
        ));
    }
    let mut bytes = Vec::new();
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    bytes
        .try_reserve_exact(size.saturating_add(1))
        .map_err(|_| out_of_memory(path, metadata.len()))?;
    // A file that grows meanwhile is found out by the byte above the limit.
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io("read", path, &error))?;
    Ok(bytes)
}

fn out_of_memory(path: &Path, bytes: u64) -> Error {
    let message = format!(
        "cannot read \"{}\": there is no memory for its {bytes} bytes",
        path.display()
    );
    Error::new(ErrorKind::Io, message).with("path", path.to_string_lossy())
}

#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Opening a pipe without a writer must not block.
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Input to document.
pub(crate) fn read(
    input: &Input<'_>,
    config: &Config,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
) -> Result<Document> {
    input
        .bytes(config)
        .and_then(|bytes| parse(input, &bytes, config, observer, parallel))
        .map_err(|error| input.explain(error))
}

fn parse(
    input: &Input<'_>,
    bytes: &Bytes<'_>,
    config: &Config,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
) -> Result<Document> {
    match input {
        Input::Text { text, .. } => document::read_text(text, config, observer),
        Input::SharedText { text, .. } => document::read_text(text, config, observer),
        _ => document::read_in_parallel(bytes, config, observer, parallel),
    }
}

/// Input to report.
pub(crate) fn run(
    input: &Input<'_>,
    config: &Config,
    database: &Database,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
) -> Result<Report> {
    stages(input, config, database, observer, parallel).map_err(|error| input.explain(error))
}

/// Milliseconds since the last call.
struct Lap(Instant);

impl Lap {
    fn next(&mut self) -> f64 {
        let now = Instant::now();
        let elapsed = now - std::mem::replace(&mut self.0, now);
        elapsed.as_secs_f64() * 1e3
    }
}

fn stages(
    input: &Input<'_>,
    config: &Config,
    database: &Database,
    observer: &dyn Observer,
    parallel: ParallelFor<'_>,
) -> Result<Report> {
    let started = Instant::now();
    let mut lap = Lap(started);
    let mut timings = Timings::default();

    observer.progress(Stage::Init, 0, 0, "reading the input");
    observer.check()?;
    let bytes = input.bytes(config)?;
    let sha256 = hexadecimal(&Sha256::digest(&*bytes));
    timings.input = lap.next();

    let document = parse(input, &bytes, config, observer, parallel)?;
    timings.document = lap.next();

    observer.check()?;
    observer.progress(
        Stage::Structure,
        0,
        0,
        "finding title, abstract and sections",
    );
    let structure = structure::find(&document, config, observer)?;
    timings.structure = lap.next();

    let limits = Limits::of(bytes.len() as u64, config);
    let (running, licences) = concepts::without_licences(&document.text, &structure.chunks);
    let chunks = &running[..running.len().min(limits.chunks)];
    let mut warnings = document.warnings.clone();
    warnings.extend(database.warnings().map(str::to_owned));
    if licences > 0 {
        warnings.push(format!(
            "{licences} bytes are the texts of well-known licences and were not read"
        ));
    }
    warnings.extend(limits.warnings(running.len(), config));

    let mentions = mentions(&document.text, chunks, database, parallel, observer)?;
    let ranges: Vec<_> = chunks.iter().map(|chunk| chunk.range.clone()).collect();
    let (mentions, acronyms) = context::settle(&document.text, &ranges, mentions, database, config);
    timings.database = lap.next();

    let mut selection = concepts::extract(
        &document.text,
        chunks,
        &structure,
        Some(database),
        &mentions,
        config,
        limits.concepts,
        parallel,
        observer,
    )?;
    timings.concepts = lap.next();
    if selection.language == Language::Other {
        warnings.push(language_warning(&document.text));
    }
    if selection.too_many {
        warnings.push(
            "the text has more different words and phrases than are told apart: what it names late only is left out"
                .to_owned(),
        );
    }

    observer.check()?;
    observer.progress(Stage::Finalize, 0, 0, "building the report");
    let concepts: Vec<ConceptReport> = std::mem::take(&mut selection.concepts)
        .into_iter()
        .map(|concept| describe(concept, &document, database, &acronyms, config))
        .collect();
    if concepts.is_empty() && warnings.is_empty() {
        warnings.push(nothing_named(selection.raw).to_owned());
    }
    let mut sections = std::collections::BTreeMap::new();
    for concept in &concepts {
        *sections.entry(concept.section.name()).or_insert(0) += 1;
    }
    let counts = Counts {
        sections: structure.sections.len() as u64,
        chunks: running.len() as u64,
        chunks_read: chunks.len() as u64,
        mentions: mentions.len() as u64,
        raw: selection.raw,
        pure: selection.pure,
        kept: concepts.len() as u64,
        dropped: selection
            .dropped
            .iter()
            .map(|(reason, count)| (reason.name(), *count))
            .collect(),
    };
    let info = document_info(input, bytes.len() as u64, sha256, &document, &structure);
    timings.finalize = lap.next();
    timings.total = started.elapsed().as_secs_f64() * 1e3;
    Ok(Report {
        version: report::VERSION,
        library: env!("CARGO_PKG_VERSION"),
        status: "ok",
        document: info,
        counts,
        sections,
        diversity: DiversityInfo {
            entropy_bits: selection.entropy,
        },
        database: DatabaseInfo {
            origin: database.origin(),
            concepts: database.len() as u64,
        },
        warnings,
        concepts,
        decisions: config.report_explain.then_some(selection.decisions),
        text: config.report_text.then_some(document.text),
        timings_ms: config.report_timings.then_some(timings),
        json: OnceCell::new(),
    })
}

/// The mentions of database concepts in the chunks, in order.
fn mentions(
    text: &str,
    chunks: &[Chunk],
    database: &Database,
    parallel: ParallelFor<'_>,
    observer: &dyn Observer,
) -> Result<Vec<Mention>> {
    let found: Vec<OnceCell<Vec<Mention>>> = chunks.iter().map(|_| OnceCell::new()).collect();
    parallel(chunks.len(), &|index| {
        if observer.check().is_ok() {
            let range = chunks[index].range.clone();
            let mut mentions = database.tag(&text[range.clone()]);
            for mention in &mut mentions {
                mention.range.start += range.start;
                mention.range.end += range.start;
            }
            // Each index is called once, so the cell is empty.
            let _ = found[index].set(mentions);
        }
    });
    observer.check()?;
    Ok(found
        .into_iter()
        .filter_map(OnceCell::into_inner)
        .flatten()
        .collect())
}

fn describe(
    concept: Ranked,
    document: &Document,
    database: &Database,
    acronyms: &[Acronym],
    config: &Config,
) -> ConceptReport {
    let most = usize::try_from(config.report_spans).unwrap_or(usize::MAX);
    let names = [concept.label.as_str(), &concept.form];
    let acronyms: Vec<&Acronym> = context::of(acronyms, concept.concept, names).collect();
    let section = concepts::best_section(&concept.sections, config);
    let mut spans = concept.spans;
    spans.extend(
        acronyms
            .iter()
            .flat_map(|found| found.spans.iter().cloned()),
    );
    spans.sort_by_key(|span| (span.start, span.end));
    spans.dedup();
    ConceptReport {
        label: concept.label,
        form: concept.form,
        acronyms: acronyms.iter().map(|found| found.short.clone()).collect(),
        score: concept.score,
        quality: concept.quality,
        category: concept.category.unwrap_or_else(|| "general".to_owned()),
        source: match concept.source {
            concepts::Source::Statistical => ConceptSource::Statistical,
            concepts::Source::Database => ConceptSource::Database,
            concepts::Source::Both => ConceptSource::Both,
        },
        id: concept
            .concept
            .and_then(|index| database.concept_id(index))
            .unwrap_or(0),
        section,
        sections: concept.sections,
        occurrences: u32::try_from(spans.len()).unwrap_or(u32::MAX),
        first_page: spans.first().map_or(1, |span| document.page_of(span.start)),
        spans: spans
            .iter()
            .take(most)
            .map(|span| (span.start as u64, span.end as u64))
            .collect(),
        explanation: concept.explanation,
    }
}

fn nothing_named(candidates: u64) -> &'static str {
    match candidates {
        0 => "no concept is listed: no words of the text can name something",
        _ => {
            "no concept is listed: all candidates were dropped, for the reasons that counts.dropped tells"
        }
    }
}

fn language_warning(text: &str) -> String {
    let language = Language::unknown(text).unwrap_or("another language");
    let limits = match language {
        // Each character of them is taken for a word.
        "Mandarin" | "Japanese" => {
            "which is unsupported: its words cannot be told apart, and what is listed are pieces of text that are repeated"
        }
        _ => {
            "of which this library knows no function words and stems: the list is by frequency and first place alone"
        }
    };
    format!("the text seems to be in {language}, {limits}")
}

/// How much of an input is read and reported, by its size.
struct Limits {
    bytes: u64,
    chunks: usize,
    concepts: usize,
    /// The size classes' limit on concepts.
    most: u64,
}

impl Limits {
    fn of(bytes: u64, config: &Config) -> Self {
        let (chunks, most) = if config.admin_mode {
            (u64::MAX, u64::MAX)
        } else if bytes < config.limits_small_bytes {
            (config.limits_small_chunks, config.limits_small_concepts)
        } else if bytes < config.limits_medium_bytes {
            (config.limits_medium_chunks, config.limits_medium_concepts)
        } else if bytes < config.limits_large_bytes {
            (config.limits_large_chunks, config.limits_large_concepts)
        } else {
            (config.limits_huge_chunks, config.limits_huge_concepts)
        };
        let concepts = match config.concepts_top {
            0 => most,
            top => most.min(top),
        };
        let whole = |limit| usize::try_from(limit).unwrap_or(usize::MAX);
        Limits {
            bytes,
            chunks: whole(chunks),
            concepts: whole(concepts),
            most,
        }
    }

    /// What the limits keep the caller from.
    fn warnings(&self, chunks: usize, config: &Config) -> Vec<String> {
        let mut warnings = Vec::new();
        if chunks > self.chunks {
            warnings.push(format!(
                "only the first {} of {chunks} chunks were read: that is the limit for an input of {} bytes; \
                 raise the limit of its size class or set admin_mode",
                self.chunks, self.bytes
            ));
        }
        if config.concepts_top > self.most {
            warnings.push(format!(
                "{} concepts were asked for, at most {} are reported of an input of {} bytes; raise the limit \
                 of its size class or set admin_mode",
                config.concepts_top, self.most, self.bytes
            ));
        }
        warnings
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// A text in one line, without what would command a terminal or end a C string.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn document_info(
    input: &Input<'_>,
    bytes: u64,
    sha256: String,
    document: &Document,
    structure: &Structure,
) -> DocumentInfo {
    let shown = |range: &Range<usize>| one_line(&document.text[range.clone()]);
    let title = structure.title.as_ref().map(shown);
    DocumentInfo {
        name: input.name(),
        path: match input {
            Input::Path(path) => Some(path.to_string_lossy().into_owned()),
            _ => None,
        },
        kind: document.kind,
        bytes,
        sha256,
        pages: document.pages.len() as u64,
        text_bytes: document.text.len() as u64,
        title_found: title.is_some(),
        title: title.or_else(|| document.metadata.title.clone()),
        authors: structure.authors.iter().map(shown).collect(),
        keywords: structure.keywords.iter().map(shown).collect(),
        abstract_found: structure.abstract_text.is_some(),
        metadata: document.metadata.clone(),
        outline: structure
            .sections
            .iter()
            .filter(|section| !section.heading.is_empty())
            .map(|section| OutlineEntry {
                heading: shown(&section.heading),
                kind: section.kind,
                page: section.page,
                level: section.level,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(bytes: u64, settings: &[(&str, &str)]) -> (usize, usize) {
        let mut config = Config::new();
        for (key, value) in settings {
            config.set(key, value).unwrap();
        }
        let limits = Limits::of(bytes, &config);
        (limits.chunks, limits.concepts)
    }

    #[test]
    fn limits_grow_with_the_input() {
        assert_eq!(limits(999_999, &[]), (3_500, 250));
        assert_eq!(limits(1_000_000, &[]), (3_500, 700));
        assert_eq!(limits(5_000_000, &[]), (3_500, 1500));
        assert_eq!(limits(25_000_000, &[]), (3_500, 3000));
    }

    #[test]
    fn admin_mode_lifts_limits_but_not_the_number_asked_for() {
        assert_eq!(
            limits(10, &[("admin_mode", "true")]),
            (usize::MAX, usize::MAX)
        );
        assert_eq!(
            limits(10, &[("admin_mode", "true"), ("concepts.top", "7")]).1,
            7
        );
        assert_eq!(limits(10, &[("concepts.top", "10000")]).1, 250);
    }
}
