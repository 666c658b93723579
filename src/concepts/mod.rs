//! Candidates, their scores, and which of them are kept.
//!
//! 1. Candidates: the words of each chunk are read in parallel and joined in order; every
//!    sub-n-gram of a run of nouns, adjectives and participles that ends in a noun is a candidate. Candidates
//!    are sequences of stems: inflected forms are one candidate.
//! 2. Mentions of database concepts are united with the candidates that stand in the same place.
//! 3. [`Features`] of each candidate within the document go through a [`Ranker`]; purity drops what
//!    names nothing; quality is the score times the factors of sections, frequency and database.
//! 4. Pruning drops what is too much like something better, up to the limit.
//!
//! The same input gives the same [`Selection`] whatever the number of threads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde::Serialize;

use crate::config::Config;
use crate::database::{Concept, Database, Mention};
use crate::document::structure::{Chunk, SectionKind, Structure};
use crate::error::{Error, Result};
use crate::language::Language;
use crate::progress::{Observer, ParallelFor, Stage, in_sequence};

mod candidates;
mod explanation;
mod features;
mod forest;
mod forms;
mod generic;
mod licences;
mod merge;
mod prior;
mod pruning;
mod purity;
mod ranker;
mod surface;
mod words;

/// Maps with a hasher several times faster than the standard one on short keys, seeded at random like it.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

pub use explanation::{Aspect, Decision, Explanation, Factor};
pub use features::Features;
use forest::Forest;
pub use licences::without_licences;
pub use prior::{NO_WORD, Prior, Summary, WordPrior, hash, phrase_hash};
pub use purity::Reason;
pub use ranker::{INPUTS, Ranker, Split, Tree, crowd, inputs};
pub use words::Classes;

/// How a concept was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// It stands out in the text.
    Statistical,
    /// It is in the database.
    Database,
    /// Both.
    Both,
}

/// A concept of a document.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Ranked {
    /// The database's name, or the usual form in the text.
    pub label: String,
    /// The usual form in the text.
    pub form: String,
    /// The ranker's score, 0 to 1.
    pub score: f64,
    /// Score times section, frequency and database factors, clipped to 1.
    pub quality: f64,
    /// The database's category.
    pub category: Option<String>,
    /// How it was found.
    pub source: Source,
    /// The kinds of sections it occurs in, in the usual order of a paper.
    pub sections: Vec<SectionKind>,
    /// Number of `spans`.
    pub occurrences: u32,
    /// Bytes of the text, in order, without repetition; spans of different forms of a concept may overlap.
    pub spans: Vec<Range<usize>>,
    /// Index of the concept in the database.
    pub concept: Option<u32>,
    /// Why it has its score, when `report.explain` is set.
    pub explanation: Option<Explanation>,
}

/// The concepts of a document, best first, and what became of the others.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// The concepts kept: by quality before clipping, then by first occurrence.
    pub concepts: Vec<Ranked>,
    /// Candidates and database concepts found.
    pub raw: u64,
    /// Those that name something.
    pub pure: u64,
    /// How many were dropped for which reason; reasons that dropped nothing are left out.
    pub dropped: Vec<(Reason, u64)>,
    /// Whether the text has more different words or sequences of words than are told apart; those it names last were
    /// left out.
    pub too_many: bool,
    /// The language the text was read in.
    pub language: Language,
    /// Shannon entropy of the selection, in bits, over the categories of its concepts; a concept without a
    /// category counts for the section of its first occurrence. 0 when all are of one kind.
    pub entropy: f64,
    /// Why others were dropped, when `report.explain` is set: first those that name something, best first, then those
    /// that name nothing, in the order of the text. At most `report.decisions`.
    pub decisions: Vec<Decision>,
}

/// Finds the concepts of a document and keeps at most `limit` of them.
///
/// `chunks` are those of `structure` that are to be read, in order; `mentions` are those of `database` in
/// `text`, sorted or not. Ranges that do not lie in the text are passed over.
///
/// # Errors
/// What `observer` returns when it stops the call; `Limit` for texts of 2 GiB and more.
#[allow(clippy::too_many_arguments)]
pub fn extract(
    text: &str,
    chunks: &[Chunk],
    structure: &Structure,
    database: Option<&Database>,
    mentions: &[Mention],
    config: &Config,
    limit: usize,
    parallel: ParallelFor<'_>,
    observer: &dyn Observer,
) -> Result<Selection> {
    let mut concepts = BTreeMap::new();
    for mention in mentions {
        if let Some(concept) = database.and_then(|database| database.fields(mention.concept)) {
            concepts
                .entry(mention.concept)
                .or_insert_with(|| concept.clone());
        }
    }
    extract_with(
        text, chunks, structure, &concepts, mentions, config, limit, parallel, observer,
    )
}

/// The concepts that are mentioned in a document, by their index in the database.
type Mentioned = BTreeMap<u32, Concept>;

#[allow(clippy::too_many_arguments)]
fn extract_with(
    text: &str,
    chunks: &[Chunk],
    structure: &Structure,
    database: &Mentioned,
    mentions: &[Mention],
    config: &Config,
    limit: usize,
    parallel: ParallelFor<'_>,
    observer: &dyn Observer,
) -> Result<Selection> {
    let front_matter = front_matter(structure);
    let words = words::read(
        text,
        chunks,
        front_matter,
        Classes::Tagged,
        parallel,
        observer,
    )?;
    let (ranker, forest) = ranker(config, words.language)?;
    let max_words = config.concepts_max_words.min(8) as usize;
    let candidates = candidates::collect(&words, max_words, observer)?;
    observer.progress(Stage::Database, 0, 0, "database");
    let mut entries = merge::unite(&words, candidates, mentions, observer)?;
    observer.progress(Stage::Analysis, 0, 0, "scores");
    let assessed = merge::assess(
        &words,
        &mut entries,
        database,
        config,
        &ranker,
        &forest,
        observer,
    )?;
    observer.progress(Stage::Pruning, 0, 0, "selection");
    observer.check()?;
    let kept = pruning::select(
        &words,
        &entries,
        &assessed.order,
        database,
        config,
        limit,
        observer,
    )?;
    let mut concepts: Vec<Ranked> = kept
        .groups
        .iter()
        .map(|group| merge::report(text, &words, &entries, group, mentions, database))
        .collect();
    let mut decisions = Vec::new();
    if config.report_explain {
        let decided = explanation::Decided {
            text,
            words: &words,
            entries: &entries,
            assessed: &assessed,
            kept: &kept,
            database,
            config,
        };
        decided.explain(&ranker, &mut concepts);
        decisions = decided.decisions(&concepts);
    }
    let mut dropped = kept.dropped;
    dropped[Reason::Passing as usize].1 = entries.passed.len() as u64;
    for &(_, reason) in &assessed.impure {
        dropped[reason as usize].1 += 1;
    }
    dropped.retain(|&(_, count)| count > 0);
    Ok(Selection {
        entropy: pruning::entropy(&concepts),
        raw: (entries.list.len() + entries.passed.len()) as u64,
        pure: assessed.order.len() as u64,
        dropped,
        too_many: entries.too_many,
        language: words.language,
        concepts,
        decisions,
    })
}

/// The ranker of the settings for a language, or the library's own, and its trees.
fn ranker(
    config: &Config,
    language: Language,
) -> Result<(Cow<'static, Ranker>, Cow<'static, Forest>)> {
    let (classes, path) = match language {
        Language::English => (Classes::Tagged, &config.concepts_ranker),
        _ => (Classes::Listed, &config.concepts_ranker_listed),
    };
    // Other languages are ranked without one.
    if path.is_empty() || language == Language::Other {
        return Ok((
            Cow::Borrowed(Ranker::built_in(classes)),
            Cow::Borrowed(Forest::built_in(classes)),
        ));
    }
    let path = Path::new(path);
    let file = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
    let ranker = Ranker::read(&file).map_err(|error| {
        let shown = path.to_string_lossy();
        error
            .prefixed(format_args!("\"{shown}\""))
            .with("path", shown.as_ref())
    });
    let ranker = ranker?;
    let forest = Forest::of(&ranker);
    Ok((Cow::Owned(ranker), Cow::Owned(forest)))
}

/// The section with the greatest weight, of equal ones the first in the usual order of a paper; the body when
/// there is none.
pub fn best_section(sections: &[SectionKind], config: &Config) -> SectionKind {
    let weight = |kind: SectionKind| merge::section_weight(kind, config);
    let best = sections.iter().copied().reduce(|best, kind| {
        if weight(kind) > weight(best) {
            kind
        } else {
            best
        }
    });
    best.unwrap_or(SectionKind::Body)
}

/// A candidate as a ranker is trained on it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Described {
    /// Its usual form in the text.
    pub label: String,
    /// Its features, without what a prior says of it.
    pub features: Features,
    /// The [hashes](hash) of its stems.
    pub stems: Vec<u32>,
    /// The hashes of the stems before and after its occurrences, [`NO_WORD`] where there is none.
    pub around: Vec<[u32; 2]>,
}

/// Every candidate of a text that names something, in the order of their first occurrences, with the classes of words
/// that a tagger gives or not.
///
/// # Errors
/// As [`extract`].
pub fn describe(
    text: &str,
    chunks: &[Chunk],
    structure: &Structure,
    classes: Classes,
    config: &Config,
    observer: &dyn Observer,
) -> Result<Vec<Described>> {
    let front_matter = front_matter(structure);
    let words = words::read(text, chunks, front_matter, classes, &in_sequence, observer)?;
    let max_words = config.concepts_max_words.min(8) as usize;
    let candidates = candidates::collect(&words, max_words, observer)?;
    let entries = merge::unite(&words, candidates, &[], observer)?;
    let (measured, _) = merge::measure(&words, &entries, &Prior::default(), observer)?;
    Ok(measured
        .into_iter()
        .filter_map(|measured| {
            let entry = entries.list.get(measured.entry as usize)?;
            let facts = |stem: u32| words.vocabulary.get(stem as usize);
            let candidate = entries
                .candidates
                .candidates
                .get(entry.candidate as usize)?;
            let occurrences = entries.candidates.occurrences_of(candidate);
            Some(Described {
                label: merge::label(text, &words, &entries, entry.candidate),
                features: measured.features,
                stems: merge::stems(&words, &entries, entry)
                    .filter_map(|stem| Some(facts(stem)?.hash))
                    .collect(),
                around: features::stems_around(&words, occurrences, candidate.length),
            })
        })
        .collect())
}

/// Authors and affiliations: what stands between the title and the abstract, unless it is too long for that.
fn front_matter(structure: &Structure) -> Option<Range<usize>> {
    let from = structure.title.as_ref()?.end;
    let to = structure.abstract_text.as_ref()?.start;
    (from < to && to - from < 6_000).then_some(from..to)
}

#[cfg(test)]
mod tests;
