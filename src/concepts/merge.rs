//! Candidates and database concepts become one list with scores and qualities.

use std::ops::Range;

use super::HashMap;
use super::candidates::{Candidate, Candidates, NONE, Occurrence};
use super::features::{self, Document, Features};
use super::forest::{BLOCK, Block, Forest};
use super::prior::Prior;
use super::purity::{self, Reason};
use super::ranker::{Ranker, inputs};
use super::surface;
use super::words::Words;
use super::{Mentioned, Ranked, Source};
use crate::config::Config;
use crate::database::{Concept, Mention};
use crate::document::structure::SectionKind;
use crate::error::Result;
use crate::language::Language;
use crate::progress::Observer;

/// A candidate, a database concept, or both in one.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The candidate; for a concept that no candidate stands for, one made from its mentions.
    pub(super) candidate: u32,
    pub(super) source: Source,
    pub(super) concept: Option<u32>,
    /// Further candidates that are the same concept, and its mentions among [`Entries::by_concept`].
    more: Vec<u32>,
    mentions: Range<u32>,
    pub(super) score: f64,
    /// Quality before clipping.
    pub(super) quality: f64,
    /// The byte it first occurs at.
    pub(super) first: u32,
    /// Which of [`Assessed::measured`] has its score.
    pub(super) measured: u32,
}

/// All candidates and concepts of a document.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) candidates: Candidates,
    pub(super) list: Vec<Entry>,
    /// Candidates of a long text that occur once, inside a longer one, and are not in the list.
    pub(super) passed: Vec<u32>,
    /// Whether there are candidates that were left out.
    pub(super) too_many: bool,
    /// Indices of the mentions, sorted by concept, then by place.
    by_concept: Vec<u32>,
}

/// Concepts of the selection that are one: the best entry first.
pub(super) type Group = Vec<u32>;

/// Texts of more words are long: what they say once and inside something longer is not looked at.
const LONG_TEXT: usize = 1_500;

/// Most candidates that are measured: features take some room. A manual of 3,000 pages has a third of them; what comes
/// later in the text is left out.
const MOST_MEASURED: usize = 131_072;

/// Most entries that there is room for from the beginning.
const MOST_ROOM: usize = 4_096;

/// Whether the candidate occurs once and inside a longer one.
fn is_passing(candidates: &Candidates, index: u32) -> bool {
    let candidate = candidates.candidates.get(index as usize);
    candidate.is_some_and(
        |candidate| matches!(candidates.occurrences_of(candidate), [only] if !only.maximal),
    )
}

/// Unites the candidates with the mentions of concepts in the same places.
pub(super) fn unite(
    words: &Words,
    mut candidates: Candidates,
    mentions: &[Mention],
    observer: &dyn Observer,
) -> Result<Entries> {
    let mut by_concept: Vec<u32> = (0..mentions.len() as u32).collect();
    by_concept.sort_by_key(|&index| {
        let mention = &mentions[index as usize];
        (mention.concept, mention.range.start, mention.range.end)
    });
    observer.check()?;
    let long = words.words.len() > LONG_TEXT;
    let concept_of = concepts_of_candidates(words, &candidates, mentions);
    let mut candidates_of: HashMap<u32, Vec<u32>> = HashMap::default();
    let mut list = Vec::with_capacity(candidates.candidates.len().min(MOST_ROOM));
    let mut passed = Vec::new();
    let mut too_many = candidates.too_many || words.too_many;
    for index in 0..candidates.candidates.len() as u32 {
        match concept_of.get(&index) {
            Some(&concept) => candidates_of.entry(concept).or_default().push(index),
            None if long && is_passing(&candidates, index) => passed.push(index),
            None if list.len() >= MOST_MEASURED => too_many = true,
            None => list.push(Entry {
                candidate: index,
                source: Source::Statistical,
                concept: None,
                more: Vec::new(),
                mentions: 0..0,
                score: 0.0,
                quality: 0.0,
                first: 0,
                measured: 0,
            }),
        }
    }
    observer.check()?;
    let mut start = 0;
    while let Some(&index) = by_concept.get(start) {
        let concept = mentions[index as usize].concept;
        let same = |&&index: &&u32| mentions[index as usize].concept == concept;
        let end = start + by_concept[start..].iter().take_while(same).count();
        let standing = candidates_of.remove(&concept).unwrap_or_default();
        let (source, candidate) = match standing.first() {
            Some(&candidate) => (Source::Both, Some(candidate)),
            None => (
                Source::Database,
                from_mentions(words, &mut candidates, mentions, &by_concept[start..end]),
            ),
        };
        if let Some(candidate) = candidate {
            list.push(Entry {
                candidate,
                source,
                concept: Some(concept),
                more: standing.into_iter().skip(1).collect(),
                mentions: start as u32..end as u32,
                score: 0.0,
                quality: 0.0,
                first: 0,
                measured: 0,
            });
        }
        start = end;
    }
    Ok(Entries {
        candidates,
        list,
        passed,
        too_many,
        by_concept,
    })
}

/// For each candidate that stands where a concept is mentioned, the concept; of several the one mentioned
/// there first, then the one with the lowest index.
fn concepts_of_candidates(
    words: &Words,
    candidates: &Candidates,
    mentions: &[Mention],
) -> HashMap<u32, u32> {
    let mut found = HashMap::default();
    if mentions.is_empty() {
        return found;
    }
    let mut places: HashMap<(usize, usize), u32> =
        HashMap::with_capacity_and_hasher(mentions.len(), Default::default());
    for mention in mentions {
        let concept = places
            .entry((mention.range.start, mention.range.end))
            .or_insert(mention.concept);
        *concept = (*concept).min(mention.concept);
    }
    for (index, candidate) in candidates.candidates.iter().enumerate() {
        for occurrence in candidates.occurrences_of(candidate) {
            let place = bytes(words, occurrence.word, candidate.length);
            if let Some(&concept) = places.get(&(place.start, place.end)) {
                found.insert(index as u32, concept);
                break;
            }
        }
    }
    found
}

/// Adds a candidate that stands where the concept is mentioned; `None` when no mention is in a chunk.
fn from_mentions(
    words: &Words,
    candidates: &mut Candidates,
    mentions: &[Mention],
    of_concept: &[u32],
) -> Option<u32> {
    let start = candidates.occurrences.len() as u32;
    let mut length = 0;
    for &index in of_concept {
        let range = &mentions[index as usize].range;
        let first = words
            .words
            .partition_point(|word| (word.start as usize) < range.start);
        let last = words
            .words
            .partition_point(|word| (word.start as usize) < range.end);
        let here = words.words.get(first..last).unwrap_or_default();
        if here
            .first()
            .is_some_and(|word| word.start as usize == range.start)
        {
            // The first mention decides the length; it is one name in nearly all documents.
            length = if length == 0 {
                here.len() as u32
            } else {
                length
            };
            candidates.occurrences.push(Occurrence {
                word: first as u32,
                maximal: false,
            });
        }
    }
    let end = candidates.occurrences.len() as u32;
    if start == end {
        return None;
    }
    candidates.candidates.push(Candidate {
        length,
        occurrences: start..end,
        maximal: 0,
        longer_occurrences: 0,
        longer_kinds: 0,
        longer_most: 0,
        longer_maximal: 0,
        shorter: [NONE; 2],
    });
    Some(candidates.candidates.len() as u32 - 1)
}

/// The bytes of `length` words from `word` on.
fn bytes(words: &Words, word: u32, length: u32) -> Range<usize> {
    let at = |index: u32| words.words.get(index as usize);
    let start = at(word).map_or(0, |word| word.start);
    let end = at(word + length.saturating_sub(1)).map_or(start, |word| word.end);
    start as usize..end as usize
}

/// What [`assess`] found.
pub(super) struct Assessed {
    /// The pure entries, best first.
    pub(super) order: Vec<u32>,
    /// The candidates of the pure entries.
    pub(super) measured: Vec<Measured>,
    pub(super) impure: Vec<(u32, Reason)>,
}

/// A candidate that is no noise, and the entry it belongs to.
pub(super) struct Measured {
    pub(super) entry: u32,
    pub(super) candidate: u32,
    pub(super) features: Features,
}

/// An entry that names nothing, and why.
type Impure = (u32, Reason);

/// The features of all candidates that name something, and the entries that do not.
pub(super) fn measure(
    words: &Words,
    entries: &Entries,
    prior: &Prior,
    observer: &dyn Observer,
) -> Result<(Vec<Measured>, Vec<Impure>)> {
    let mut document = Document::new(words, prior);
    let mut impure = Vec::new();
    let mut measured = Vec::with_capacity(entries.list.len());
    for (index, entry) in entries.list.iter().enumerate() {
        if index % 256 == 0 {
            observer.check()?;
        }
        let before = measured.len();
        for &candidate in std::iter::once(&entry.candidate).chain(&entry.more) {
            let Some(of_words) = entries.candidates.candidates.get(candidate as usize) else {
                continue;
            };
            let occurrences = entries.candidates.occurrences_of(of_words);
            let reason = purity::judge(words, occurrences, of_words.length);
            // The database vouches for its concepts, but not where nothing is said of them.
            if let Some(reason) =
                reason.filter(|&reason| entry.concept.is_none() || reason == Reason::Noise)
            {
                impure.push((index as u32, reason));
                measured.truncate(before);
                break;
            }
            measured.push(Measured {
                entry: index as u32,
                candidate,
                features: document.features(of_words, &entries.candidates),
            });
        }
    }
    observer.check()?;
    features::compare(measured.iter_mut().map(|measured| &mut measured.features));
    Ok((measured, impure))
}

/// Scores every entry, drops the impure ones and sorts the others by quality.
pub(super) fn assess(
    words: &Words,
    entries: &mut Entries,
    database: &Mentioned,
    config: &Config,
    ranker: &Ranker,
    forest: &Forest,
    observer: &dyn Observer,
) -> Result<Assessed> {
    let (measured, impure) = measure(words, entries, &ranker.prior, observer)?;
    let scores = match words.language {
        Language::Other => by_frequency_and_place(&measured),
        _ => by_trees(&measured, ranker, forest, observer)?,
    };
    let mut order = Vec::with_capacity(entries.list.len());
    let mut before = 0;
    for (done, same) in measured.chunk_by(|a, b| a.entry == b.entry).enumerate() {
        if done % 256 == 0 {
            observer.check()?;
        }
        let index = same[0].entry;
        let mut score = 0.0_f64;
        let mut best = before;
        let mut input = QualityInput::default();
        for (at, of_entry) in same.iter().enumerate() {
            let of_candidate = scores.get(before + at).copied().unwrap_or(0.0);
            if of_candidate > score {
                score = of_candidate;
                best = before + at;
            }
            if let Some(candidate) = entries
                .candidates
                .candidates
                .get(of_entry.candidate as usize)
            {
                let occurrences = entries.candidates.occurrences_of(candidate);
                input.add(words, occurrences, &of_entry.features);
            }
        }
        before += same.len();
        let Some(entry) = entries.list.get_mut(index as usize) else {
            continue;
        };
        let concept = entry.concept.and_then(|index| database.get(&index));
        entry.score = score;
        entry.first = input.first;
        entry.measured = best as u32;
        entry.quality = quality(score, &input, concept, config);
        order.push(index);
    }
    observer.check()?;
    let list = &entries.list;
    order.sort_unstable_by(|&a, &b| {
        let (left, right) = (&list[a as usize], &list[b as usize]);
        (right.quality.total_cmp(&left.quality))
            .then(left.first.cmp(&right.first))
            .then(a.cmp(&b))
    });
    Ok(Assessed {
        order,
        measured,
        impure,
    })
}

/// The scores of the candidates in a language that the ranker was not trained for.
fn by_frequency_and_place(measured: &[Measured]) -> Vec<f64> {
    let product = |of: &Measured| of.features.frequency_and_place().iter().product();
    measured.iter().map(product).collect()
}

/// The [scores](Ranker::score) of the candidates.
fn by_trees(
    measured: &[Measured],
    ranker: &Ranker,
    forest: &Forest,
    observer: &dyn Observer,
) -> Result<Vec<f64>> {
    let mut block = Block::default();
    let mut scores = Vec::with_capacity(measured.len());
    for (done, together) in measured.chunks(BLOCK).enumerate() {
        if done % 4 == 0 {
            observer.check()?;
        }
        block.fill(together.iter().map(|measured| inputs(&measured.features)));
        let sums = forest.sums(&mut block);
        let probability = |&sum: &f64| ranker.probability(sum, measured.len());
        scores.extend(sums.iter().take(together.len()).map(probability));
    }
    Ok(scores)
}

/// What quality depends on besides the score.
#[derive(Default)]
struct QualityInput {
    count: u32,
    sections: u32,
    first: u32,
    title: bool,
    abstract_text: bool,
}

impl QualityInput {
    fn add(&mut self, words: &Words, occurrences: &[Occurrence], features: &Features) {
        let first = occurrences
            .first()
            .and_then(|first| words.words.get(first.word as usize));
        let start = first.map_or(0, |word| word.start);
        self.first = if self.sections == 0 {
            start
        } else {
            self.first.min(start)
        };
        for occurrence in occurrences {
            if let Some(word) = words.words.get(occurrence.word as usize) {
                self.sections |= 1 << word.section as u32;
            }
        }
        self.count = self.count.saturating_add(features.count);
        self.title |= features.title;
        self.abstract_text |= features.abstract_text;
    }
}

/// score × weight of the best section × frequency boost, which grows with each occurrence up to the fifth, ×
/// boosts of title, abstract and database. Not clipped.
fn quality(score: f64, input: &QualityInput, concept: Option<&Concept>, config: &Config) -> f64 {
    let section = SectionKind::ALL
        .into_iter()
        .filter(|&kind| input.sections >> kind as u32 & 1 == 1)
        .map(|kind| section_weight(kind, config))
        .fold(0.0, f64::max);
    let frequency = 1.0 + config.quality_frequency_step * f64::from(input.count.clamp(1, 5) - 1);
    let title = if input.title {
        config.quality_title_boost
    } else {
        1.0
    };
    let abstract_text = if input.abstract_text {
        config.quality_abstract_boost
    } else {
        1.0
    };
    let database = concept.map_or(1.0, |concept| {
        let priority = concept.priority.clamp(0.0, 1.0);
        (1.0 + (config.quality_database_boost - 1.0) * priority)
            * concept.boost_multiplier.clamp(0.1, 10.0)
    });
    let product = score * section * frequency * title * abstract_text * database;
    if product.is_finite() {
        product.max(0.0)
    } else {
        0.0
    }
}

pub(super) fn section_weight(kind: SectionKind, config: &Config) -> f64 {
    match kind {
        SectionKind::Title => config.quality_section_title,
        SectionKind::Abstract => config.quality_section_abstract,
        SectionKind::Introduction => config.quality_section_introduction,
        SectionKind::Background => config.quality_section_background,
        SectionKind::LiteratureReview => config.quality_section_literature_review,
        SectionKind::Methodology => config.quality_section_methodology,
        SectionKind::Results => config.quality_section_results,
        SectionKind::Discussion => config.quality_section_discussion,
        SectionKind::Conclusion => config.quality_section_conclusion,
        SectionKind::References => config.quality_section_references,
        SectionKind::Acknowledgments => config.quality_section_acknowledgments,
        SectionKind::Appendix => config.quality_section_appendix,
        SectionKind::Body => config.quality_section_body,
    }
}

/// The stems of an entry's first occurrence.
pub(super) fn stems<'a>(
    words: &'a Words,
    entries: &Entries,
    entry: &Entry,
) -> impl Iterator<Item = u32> + 'a {
    let candidate = entries.candidates.candidates.get(entry.candidate as usize);
    let occurrence =
        candidate.and_then(|candidate| entries.candidates.occurrences_of(candidate).first());
    let start = occurrence.map_or(0, |occurrence| occurrence.word as usize);
    let length = candidate.map_or(0, |candidate| candidate.length as usize);
    words
        .words
        .get(start..start + length)
        .unwrap_or_default()
        .iter()
        .map(|word| word.stem)
}

/// The number of the first section, in the usual order of a paper, that an entry's candidate occurs in.
pub(super) fn first_section(words: &Words, entries: &Entries, entry: &Entry) -> u32 {
    let candidate = entries.candidates.candidates.get(entry.candidate as usize);
    let occurrences = candidate.map_or(&[][..], |candidate| {
        entries.candidates.occurrences_of(candidate)
    });
    let sections = occurrences
        .iter()
        .filter_map(|occurrence| words.words.get(occurrence.word as usize))
        .map(|word| word.section as u32);
    sections.min().unwrap_or(0)
}

/// The concept that a group of entries makes.
pub(super) fn report(
    text: &str,
    words: &Words,
    entries: &Entries,
    group: &Group,
    mentions: &[Mention],
    database: &Mentioned,
) -> Ranked {
    let members = || {
        group
            .iter()
            .filter_map(|&index| entries.list.get(index as usize))
    };
    let concept_index = members().find_map(|entry| entry.concept);
    let concept = concept_index.and_then(|index| database.get(&index));
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut sections = 0_u32;
    for entry in members() {
        spans.reserve(entry.mentions.len());
        for &index in std::iter::once(&entry.candidate).chain(&entry.more) {
            let Some(candidate) = entries.candidates.candidates.get(index as usize) else {
                continue;
            };
            let occurrences = entries.candidates.occurrences_of(candidate);
            spans.reserve(occurrences.len());
            for occurrence in occurrences {
                if let Some(word) = words.words.get(occurrence.word as usize) {
                    sections |= 1 << word.section as u32;
                }
                if entry.source != Source::Database {
                    let range = bytes(words, occurrence.word, candidate.length);
                    spans.push((range.start, range.end));
                }
            }
        }
        let of_concept = entries
            .by_concept
            .get(entry.mentions.start as usize..entry.mentions.end as usize);
        for &index in of_concept.unwrap_or_default() {
            if let Some(mention) = mentions
                .get(index as usize)
                .filter(|mention| mention.range.end <= text.len())
            {
                spans.push((mention.range.start, mention.range.end));
            }
        }
    }
    spans.sort_unstable();
    spans.dedup();
    let best = members().next();
    let source = match (
        members().any(|entry| entry.source != Source::Database),
        concept_index,
    ) {
        (true, Some(_)) => Source::Both,
        (false, Some(_)) => Source::Database,
        (_, None) => Source::Statistical,
    };
    let form = best.map_or_else(String::new, |entry| {
        label(text, words, entries, entry.candidate)
    });
    Ranked {
        label: concept.map_or_else(|| form.clone(), |concept| concept.name.clone()),
        form,
        score: best.map_or(0.0, |entry| entry.score),
        quality: best.map_or(0.0, |entry| entry.quality).min(1.0),
        category: concept.map(|concept| concept.category.clone()),
        source,
        sections: SectionKind::ALL
            .into_iter()
            .filter(|&kind| sections >> kind as u32 & 1 == 1)
            .collect(),
        occurrences: spans.len() as u32,
        spans: spans.into_iter().map(|(start, end)| start..end).collect(),
        concept: concept_index,
        explanation: None,
    }
}

pub(super) fn label(text: &str, words: &Words, entries: &Entries, candidate: u32) -> String {
    let Some(candidate) = entries.candidates.candidates.get(candidate as usize) else {
        return String::new();
    };
    surface::label(
        text,
        words,
        entries.candidates.occurrences_of(candidate),
        candidate.length,
    )
}
