//! What is known of a candidate within its document.

use fearless_simd::{Level, Simd, dispatch, f64x8, prelude::*};

use super::candidates::{Candidate, Candidates, Occurrence};
use super::generic::Generic;
use super::prior::{NO_WORD, Prior, Summary, WordPrior, phrase_hash};
use super::words::{BREAK, Word, Words, content};
use crate::document::structure::SectionKind;
use crate::language::casing::Casing;
use crate::language::classes::Class;
use crate::language::english::UNKNOWN_RARITY;

/// The features of a candidate. None of them describes the document as a whole: a ranker that sees the
/// length of a text or whether it has a title learns the collection it was trained on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Occurrences, those in the references left out.
    pub count: u32,
    /// Number of words.
    pub words: u32,
    /// Those that only join others.
    pub joiners: u32,
    /// Bytes of the first occurrence.
    pub bytes: u32,
    /// Words of the text before its first occurrence.
    pub first: u32,
    /// The same as a share of the text's words.
    pub first_share: f64,
    /// Distance between the first and last occurrence as a share of the text.
    pub spread: f64,
    /// Different chunks it occurs in.
    pub chunks: u32,
    /// Whether it occurs in the title.
    pub title: bool,
    /// Whether it occurs in the abstract.
    pub abstract_text: bool,
    /// Whether it occurs in introduction or conclusion.
    pub frame: bool,
    /// Different sections it occurs in, by kind.
    pub sections: u32,
    /// Occurrences that are a whole run of words, or of what joiners part it into.
    pub maximal: u32,
    /// Different candidates one word longer, or one and what joins it, that contain it.
    pub longer_kinds: u32,
    /// Occurrences of all of them.
    pub longer_occurrences: u32,
    /// Occurrences of the most frequent of them.
    pub longer_most: u32,
    /// Occurrences of its rarest word in the document.
    pub word_least: u32,
    /// Occurrences of its commonest word in the document.
    pub word_most: u32,
    /// Occurrences of its last word in the document.
    pub head_count: u32,
    /// Different words before it, as a share of its occurrences.
    pub left_variety: f64,
    /// Different words after it, as a share of its occurrences.
    pub right_variety: f64,
    /// Share of the occurrences with a break (punctuation, end of sentence) on the left.
    pub left_break: f64,
    /// Share of the occurrences with a break on the right.
    pub right_break: f64,
    /// Share of the occurrences outside sentence beginnings with a capital on every word.
    pub capital: f64,
    /// Mean over its words of the share of their occurrences that have a capital, those that open a sentence left out.
    pub named: f64,
    /// Share of the occurrences outside sentence beginnings that are part of a longer name: they begin after or end before
    /// another word with a capital, with one themselves.
    pub cut: f64,
    /// Words with a possessive 's, the last left out.
    pub possessives: u32,
    /// Share of capitals among the twelve words on each side of its occurrences, those that open a sentence left out.
    pub names_around: f64,
    /// Mean rarity of the words without capitals there that can be in a term.
    pub rarity_around: f64,
    /// Whether it is one word in capitals.
    pub acronym: bool,
    /// Background rarity of its commonest word, 0 to 15; see [`crate::language::english`].
    pub rarity_least: f64,
    /// Background rarity of its rarest word.
    pub rarity_most: f64,
    /// Mean background rarity of its words.
    pub rarity_mean: f64,
    /// Background rarity of the last word.
    pub rarity_head: f64,
    /// Words that are not in the background table.
    pub unknown: u32,
    /// Words that name nothing by themselves.
    pub generic: u32,
    /// Those of them that say nothing in company either.
    pub empty: u32,
    /// Whether the first word is an adjective that may only evaluate.
    pub evaluating: bool,
    /// Whether the last word is one of them.
    pub generic_head: bool,
    /// Class of the first word.
    pub first_class: Option<Class>,
    /// Class of the last word.
    pub last_class: Option<Class>,
    /// Participles, gerunds and adverbs inside.
    pub verbal: u32,
    /// Words with a hyphen.
    pub hyphens: u32,
    /// Words with a digit.
    pub digits: u32,
    /// Share of its words that occur in the title.
    pub title_words: f64,
    /// Share of its occurrences in small print, references included.
    pub noise: f64,
    /// Occurrences of the candidates one word longer that are a whole run.
    pub longer_maximal: u32,
    /// Occurrences of what is left without the last word and without the first, and of them the whole runs.
    pub shorter: [(u32, u32); 2],
    /// Sum over its words of ln(1 + occurrences).
    pub word_sum: f64,
    /// Sum over its words of occurrences × (rarity + 1).
    pub weight_sum: f64,
    /// The greatest of them.
    pub weight_most: f64,
    /// Sum over its words of the mean length of the runs they stand in.
    pub degree_sum: f64,
    /// Sum over its words of the length of all the runs they stand in.
    pub company_sum: f64,
    /// Shares of the occurrences that have each kind of neighbour, on the left and on the right.
    pub neighbours: [[f32; NEIGHBOURS]; 2],
    /// Classes of the words of its first occurrence.
    pub classes: [Option<Class>; 5],
    /// Nouns among them.
    pub nouns: u32,
    /// Adjectives among them.
    pub adjectives: u32,
    /// Share of the occurrences that open a sentence.
    pub opens: f64,
    /// What collections of keyphrases say of it, its words and those beside it.
    pub prior: Summary,
    /// For each measure, the share of the document's candidates that are below it.
    pub ranks: [f32; MEASURES],
    /// Each measure as a share of the greatest in the document.
    pub ratios: [f32; MEASURES],
}

/// Number of measures by which the candidates of a document are compared with each other.
pub(super) const MEASURES: usize = 7;

/// Kinds of neighbours: words of terms, adverbs and numbers, verbs, auxiliaries and pronouns, determiners,
/// prepositions, conjunctions, and none.
pub(super) const NEIGHBOURS: usize = 8;

fn neighbour(class: Class) -> usize {
    match class {
        Class::Noun | Class::Gerund | Class::Adjective | Class::Participle => 0,
        Class::Adverb | Class::Number => 1,
        Class::Verb | Class::To => 2,
        Class::Modal | Class::Auxiliary | Class::Pronoun => 3,
        Class::Determiner => 4,
        Class::Preposition | Class::Joiner => 5,
        Class::Conjunction | Class::Connector => 6,
        Class::Symbol => 7,
    }
}

impl Features {
    /// Number of words without those that only join others.
    pub(super) fn content_words(&self) -> u32 {
        self.words - self.joiners
    }

    /// The C-value (Frantzi, Ananiadou and Mima 2000), with log₂(n + 1) so that single words have one.
    pub fn c_value(&self) -> f64 {
        let kinds = f64::from(self.longer_kinds.max(1));
        let free = f64::from(self.count.max(1)) - f64::from(self.longer_occurrences) / kinds;
        (f64::from(self.words) + 1.0).log2() * free.max(0.0)
    }

    /// Its occurrences as a share of the most of any candidate, and how near to the beginning of the text it is first
    /// named, both above 0 and up to 1. Their product is the score in languages the ranker was not trained for.
    pub fn frequency_and_place(&self) -> [f64; 2] {
        let frequency = f64::from(self.ratios[0]).max(1e-6);
        let place = (1.0 - self.first_share).max(1e-6);
        [frequency, place]
    }

    fn measures(&self) -> [f64; MEASURES] {
        [
            f64::from(self.count),
            self.c_value(),
            self.weight_sum,
            self.company_sum,
            -f64::from(self.first),
            f64::from(self.maximal) + f64::from(self.words) * 1e-3,
            self.word_sum / f64::from(self.content_words().max(1)),
        ]
    }
}

/// A number that stands among those of other values as the value does among them; there is no NaN.
fn ordered(value: f64) -> i64 {
    // 0 and -0 are equal.
    let bits = (value + 0.0).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// Most values that are compared with each other one by one: of more, sorting them is faster.
const FEW: usize = 96;

/// Adds how many of the values are below each of them. They are filled up with what is below none, to be compared eight
/// at a time.
#[inline(always)]
fn below<S: Simd>(simd: S, values: &mut Vec<f64>, counts: &mut Vec<u32>) {
    let all = values.len();
    values.resize(all.next_multiple_of(8), f64::INFINITY);
    let (eights, _) = values.as_chunks::<8>();
    counts.extend(values.iter().take(all).map(|&value| {
        let value = f64x8::splat(simd, value);
        let below = eights.iter().map(|eight| {
            let below = f64x8::from_slice(simd, eight).simd_lt(value);
            below.to_bitmask().count_ones()
        });
        below.sum::<u32>()
    }));
    values.truncate(all);
}

/// Fills in what can only be said when all candidates of a document are known.
pub(super) fn compare<'f>(all: impl Iterator<Item = &'f mut Features>) {
    let mut all: Vec<_> = all
        .map(|features| (features.measures(), features))
        .collect();
    let mut values: Vec<f64> = Vec::with_capacity(all.len());
    let mut sorted: Vec<i64> = Vec::new();
    let mut counts: Vec<u32> = Vec::with_capacity(all.len());
    for measure in 0..MEASURES {
        values.clear();
        values.extend(all.iter().map(|(measures, _)| measures[measure]));
        counts.clear();
        if values.len() > FEW {
            sorted.clear();
            sorted.extend(values.iter().copied().map(ordered));
            sorted.sort_unstable();
            counts.extend(
                values
                    .iter()
                    .map(|&value| sorted.partition_point(|&other| other < ordered(value)) as u32),
            );
        } else {
            dispatch!(Level::new(), simd => below(simd, &mut values, &mut counts));
        }
        let most = values.iter().copied().fold(1e-9, f64::max);
        for ((&value, &below), (_, features)) in values.iter().zip(&counts).zip(&mut all) {
            features.ranks[measure] = below as f32 / values.len() as f32;
            features.ratios[measure] = (value / most) as f32;
        }
    }
}

/// What the features of all candidates need of the document.
pub(super) struct Document<'a> {
    pub(super) words: &'a Words,
    title_stems: Vec<bool>,
    chunks_seen: Vec<u32>,
    /// By stem, the length of the runs it stands in, and how many there are.
    company: Vec<(u32, u32)>,
    prior: &'a Prior,
    /// By stem, its hash and what the prior says of it.
    stems: Vec<(u32, WordPrior)>,
    no_word: WordPrior,
    sums: Sums,
}

/// Words on each side that are around an occurrence.
const AROUND: usize = 12;

/// What is counted of words that open no sentence.
#[derive(Clone, Copy, Default)]
struct Surroundings<T> {
    words: T,
    /// Those with a capital.
    names: T,
    /// Those without that can be in a term, and the sum of their rarities.
    common: T,
    rarity: T,
}

impl Surroundings<u8> {
    /// With one word more. What does not fit is dropped: of [`AROUND`] words the difference of two sums does.
    fn add(&mut self, word: &Word, words: &Words) {
        let facts = words.vocabulary.get(word.stem as usize);
        if let Some(facts) = facts.filter(|_| !word.opens_sentence) {
            let lower = word.casing == Casing::Lower;
            let common = u8::from(lower && word.class.in_term());
            self.words = self.words.wrapping_add(1);
            self.names = self.names.wrapping_add(u8::from(!lower));
            self.common = self.common.wrapping_add(common);
            self.rarity = self.rarity.wrapping_add(common * facts.rarity);
        }
    }
}

impl Surroundings<u32> {
    fn add_between(&mut self, from: Surroundings<u8>, to: Surroundings<u8>) {
        self.words += u32::from(to.words.wrapping_sub(from.words));
        self.names += u32::from(to.names.wrapping_sub(from.names));
        self.common += u32::from(to.common.wrapping_sub(from.common));
        self.rarity += u32::from(to.rarity.wrapping_sub(from.rarity));
    }
}

/// The sums of all words before a word, kept for every one of a usual text and for every fourth one of a long text,
/// which has millions.
struct Sums {
    kept: Vec<Surroundings<u8>>,
    every: usize,
}

impl Sums {
    /// Words of a text whose sums are all kept.
    const ALL: usize = 1 << 16;

    fn of(words: &Words) -> Self {
        let count = words.words.len();
        let every = if count < Self::ALL { 1 } else { 4 };
        let mut sum = Surroundings::default();
        let mut kept = Vec::with_capacity(count / every + 1);
        for part in words.words.chunks(every) {
            kept.push(sum);
            part.iter().for_each(|word| sum.add(word, words));
        }
        // That of all words, where no part begins behind them.
        kept.resize(count / every + 1, sum);
        Sums { kept, every }
    }

    /// The sum of the words before one; of all there are when there are fewer.
    #[inline]
    fn before(&self, at: usize, words: &Words) -> Surroundings<u8> {
        let at = at.min(words.words.len());
        let kept = at / self.every;
        let mut sum = self.kept.get(kept).copied().unwrap_or_default();
        for word in &words.words[kept * self.every..at] {
            sum.add(word, words);
        }
        sum
    }
}

/// Most occurrences that are looked at for contexts.
const CONTEXTS: usize = 64;

/// What stands before and after an occurrence of so many words.
fn beside<'a>(words: &'a Words, occurrence: &Occurrence, length: u32) -> [Option<&'a Word>; 2] {
    let sides = [
        occurrence.word.checked_sub(1),
        Some(occurrence.word + length),
    ];
    sides.map(|index| words.words.get(index? as usize))
}

/// The hashes of the stems before and after the occurrences that are looked at.
pub(super) fn stems_around(
    words: &Words,
    occurrences: &[Occurrence],
    length: u32,
) -> Vec<[u32; 2]> {
    let hash_of = |word: Option<&Word>| {
        let facts = word.and_then(|word| words.vocabulary.get(word.stem as usize));
        facts.map_or(NO_WORD, |facts| facts.hash)
    };
    let looked_at = occurrences.iter().take(CONTEXTS);
    looked_at
        .map(|occurrence| beside(words, occurrence, length).map(hash_of))
        .collect()
}

/// Whether two words that stand side by side are of one name.
fn joins_name(word: &Word, next: &Word) -> bool {
    let capital = |word: &Word| word.casing != Casing::Lower && word.class.in_term();
    capital(word) && capital(next) && !word.possessive
}

impl<'a> Document<'a> {
    pub(super) fn new(words: &'a Words, prior: &'a Prior) -> Self {
        let mut title_stems = vec![false; words.vocabulary.len()];
        for word in words
            .words
            .iter()
            .filter(|word| word.section == SectionKind::Title)
        {
            if let Some(seen) = title_stems.get_mut(word.stem as usize) {
                *seen = true;
            }
        }
        let mut company = vec![(0, 0); words.vocabulary.len()];
        for run in &words.runs {
            let range = run.start as usize..run.end as usize;
            for word in words.words.get(range).unwrap_or_default() {
                if let Some((length, runs)) = company.get_mut(word.stem as usize) {
                    *length += run.end - run.start;
                    *runs += 1;
                }
            }
        }
        Document {
            words,
            sums: Sums::of(words),
            title_stems,
            company,
            prior,
            stems: words
                .vocabulary
                .iter()
                .map(|facts| (facts.hash, prior.of(facts.hash)))
                .collect(),
            no_word: prior.of(NO_WORD),
            chunks_seen: Vec::new(),
        }
    }

    fn word(&self, index: u32) -> Option<&'a Word> {
        self.words.words.get(index as usize)
    }

    /// The features of `candidate`.
    pub(super) fn features(&mut self, candidate: &Candidate, candidates: &Candidates) -> Features {
        let occurrences = candidates.occurrences_of(candidate);
        let mut features = Features {
            words: candidate.length,
            longer_kinds: candidate.longer_kinds,
            longer_occurrences: candidate.longer_occurrences,
            longer_most: candidate.longer_most,
            longer_maximal: candidate.longer_maximal,
            ..Features::default()
        };
        for (slot, &shorter) in features.shorter.iter_mut().zip(&candidate.shorter) {
            if let Some(shorter) = candidates.candidates.get(shorter as usize) {
                // Not counted here: one word may be in all candidates.
                let occurrences = candidates.occurrences_of(shorter);
                *slot = (occurrences.len() as u32, shorter.maximal);
            }
        }
        self.places(occurrences, &mut features);
        self.contexts(occurrences, candidate.length, &mut features);
        if let Some(first) = occurrences.first() {
            self.form(first.word, candidate.length, &mut features);
        }
        features
    }

    /// Where it occurs.
    fn places(&mut self, occurrences: &[Occurrence], features: &mut Features) {
        self.chunks_seen.clear();
        let (mut first, mut last) = (u32::MAX, 0);
        let mut sections = 0_u32;
        let mut noise = 0_u32;
        for occurrence in occurrences {
            let Some(word) = self.word(occurrence.word) else {
                continue;
            };
            if word.in_small_print() {
                noise += 1;
                continue;
            }
            features.count += 1;
            features.maximal += u32::from(occurrence.maximal);
            first = first.min(occurrence.word);
            last = occurrence.word;
            sections |= 1 << word.section as u32;
            if self.chunks_seen.last() != Some(&word.chunk) {
                self.chunks_seen.push(word.chunk);
            }
        }
        let has = |kind: SectionKind| sections >> kind as u32 & 1 == 1;
        let total = self.words.words.len().max(1) as f64;
        features.first = if first == u32::MAX {
            self.words.words.len() as u32
        } else {
            first
        };
        features.first_share = f64::from(features.first) / total;
        features.spread = f64::from(last.saturating_sub(features.first)) / total;
        features.chunks = self.chunks_seen.len() as u32;
        features.title = has(SectionKind::Title);
        features.abstract_text = has(SectionKind::Abstract);
        features.frame = has(SectionKind::Introduction) || has(SectionKind::Conclusion);
        features.sections = sections.count_ones();
        features.noise = f64::from(noise) / occurrences.len().max(1) as f64;
    }

    /// What stands beside it. Only the first occurrences are looked at, which settles the shares.
    fn contexts(&self, occurrences: &[Occurrence], length: u32, features: &mut Features) {
        let occurrences = &occurrences[..occurrences.len().min(CONTEXTS)];
        let mut neighbours = [0_u32; CONTEXTS];
        let mut look = |left: bool| {
            let mut kinds = 0;
            let mut breaks = 0_u32;
            for occurrence in occurrences {
                let index = match left {
                    true => occurrence.word.checked_sub(1),
                    false => Some(occurrence.word + length),
                };
                match index
                    .and_then(|index| self.word(index))
                    .map_or(BREAK, |word| word.stem)
                {
                    BREAK => breaks += 1,
                    stem => {
                        neighbours[kinds] = stem;
                        kinds += 1;
                    }
                }
            }
            neighbours[..kinds].sort_unstable();
            let different = 1 + neighbours[..kinds]
                .windows(2)
                .filter(|pair| pair[0] != pair[1])
                .count();
            let different = if kinds == 0 { 0 } else { different };
            let all = occurrences.len().max(1) as f64;
            (different as f64 / all, f64::from(breaks) / all)
        };
        (features.left_variety, features.left_break) = look(true);
        (features.right_variety, features.right_break) = look(false);
        let share = 1.0 / occurrences.len().max(1) as f32;
        for occurrence in occurrences {
            for (side, word) in beside(self.words, occurrence, length)
                .into_iter()
                .enumerate()
            {
                let class = word.map_or(Class::Symbol, |word| word.class);
                features.neighbours[side][neighbour(class)] += share;
                let stem = word.and_then(|word| self.stems.get(word.stem as usize));
                let prior = stem.map_or(self.no_word, |&(_, prior)| prior);
                let prior = [prior.before, prior.after][side];
                features.prior.around[side] += f32::from(prior) * share;
            }
            let opens = self
                .word(occurrence.word)
                .is_some_and(|word| word.opens_sentence);
            features.opens += f64::from(u8::from(opens)) * f64::from(share);
        }
        let (mut inner, mut capital, mut cut) = (0_u32, 0_u32, 0_u32);
        for occurrence in occurrences {
            let start = occurrence.word as usize;
            let Some(words) = self.words.words.get(start..start + length as usize) else {
                continue;
            };
            if words[0].opens_sentence || words[0].section == SectionKind::Title {
                continue;
            }
            inner += 1;
            let has_capital =
                |word: &Word| word.casing != Casing::Lower || word.class == Class::Joiner;
            capital += u32::from(words.iter().all(has_capital));
            let [before, after] = self.beside_joiners(occurrence, length);
            let cut_here = before.is_some_and(|before| joins_name(before, &words[0]))
                || (words.last().zip(after)).is_some_and(|(last, after)| joins_name(last, after));
            cut += u32::from(cut_here);
        }
        features.cut = f64::from(cut) / f64::from(inner.max(1));
        self.surroundings(occurrences, length, features);
        features.capital = f64::from(capital) / f64::from(inner.max(1));
    }

    /// What stands before and after an occurrence, or where that only joins it to something, on the other side of that.
    fn beside_joiners(&self, occurrence: &Occurrence, length: u32) -> [Option<&'a Word>; 2] {
        let joins = |word: &&Word| word.class == Class::Joiner;
        let words = self.words.words.as_slice();
        let start = (occurrence.word as usize).min(words.len());
        let end = (start + length as usize).min(words.len());
        let mut before = words[..start].iter().rev().skip_while(joins);
        let mut after = words[end..].iter().skip_while(joins);
        [before.next(), after.next()]
    }

    /// What the words around it are like: news has names and common words there, a paper its own rare ones.
    fn surroundings(&self, occurrences: &[Occurrence], length: u32, features: &mut Features) {
        let mut around = Surroundings::default();
        let sum = |at: usize| self.sums.before(at, self.words);
        for occurrence in occurrences {
            let start = occurrence.word as usize;
            let end = start + length as usize;
            around.add_between(sum(start.saturating_sub(AROUND)), sum(start));
            around.add_between(sum(end), sum(end + AROUND));
        }
        features.names_around = f64::from(around.names) / f64::from(around.words.max(1));
        features.rarity_around = f64::from(around.rarity) / f64::from(around.common.max(1));
    }

    /// What it looks like, read off its first occurrence.
    fn form(&self, start: u32, length: u32, features: &mut Features) {
        let start = start as usize;
        let Some(words) = self.words.words.get(start..start + length as usize) else {
            return;
        };
        let (Some(first), Some(last)) = (words.first(), words.last()) else {
            return;
        };
        features.bytes = last.end - first.start;
        features.first_class = Some(first.class);
        features.last_class = Some(last.class);
        features.acronym = length == 1 && matches!(first.casing, Casing::Upper | Casing::Mixed);
        features.rarity_least = f64::from(UNKNOWN_RARITY);
        features.word_least = u32::MAX;
        let mut in_title = 0_u32;
        for (slot, word) in features.classes.iter_mut().zip(words) {
            *slot = Some(word.class);
        }
        let content = content(words);
        features.joiners = length - content.clone().count() as u32;
        let length = length - features.joiners;
        for word in content {
            features.nouns += u32::from(matches!(word.class, Class::Noun));
            features.adjectives += u32::from(word.class == Class::Adjective);
            features.verbal += u32::from(matches!(
                word.class,
                Class::Participle | Class::Gerund | Class::Adverb
            ));
            let Some(facts) = self.words.vocabulary.get(word.stem as usize) else {
                continue;
            };
            let rarity = f64::from(facts.rarity);
            features.rarity_least = features.rarity_least.min(rarity);
            features.rarity_most = features.rarity_most.max(rarity);
            features.rarity_mean += rarity / f64::from(length.max(1));
            features.rarity_head = rarity;
            features.unknown += u32::from(facts.rarity == UNKNOWN_RARITY);
            let [lower, names @ ..] = facts.casings;
            let names: u32 = names.iter().sum();
            features.named +=
                f64::from(names) / f64::from((names + lower).max(1)) / f64::from(length.max(1));
            features.empty += u32::from(matches!(word.generic, Generic::Empty | Generic::Label));
            features.generic_head = word.generic.in_company();
            features.generic += u32::from(features.generic_head);
            features.word_sum += f64::from(facts.count).ln_1p();
            let weight = f64::from(facts.count) * (rarity + 1.0);
            features.weight_sum += weight;
            features.weight_most = features.weight_most.max(weight);
            let (length, runs) = self
                .company
                .get(word.stem as usize)
                .copied()
                .unwrap_or_default();
            features.company_sum += f64::from(length);
            features.degree_sum += f64::from(length) / f64::from(runs.max(1));
            features.word_least = features.word_least.min(facts.count);
            features.word_most = features.word_most.max(facts.count);
            features.head_count = facts.count;
            features.hyphens += u32::from(facts.shape.hyphen);
            features.digits += u32::from(facts.shape.digit);
            in_title += u32::from(self.title_stems.get(word.stem as usize) == Some(&true));
        }
        let stems = || {
            let stems = words.iter().map(|word| word.stem as usize);
            stems.filter_map(|stem| self.stems.get(stem))
        };
        let phrase = phrase_hash(stems().map(|&(hash, _)| hash));
        features.prior = Summary {
            phrase: f32::from(self.prior.of_phrase(phrase)),
            around: features.prior.around,
            ..Summary::of(stems().map(|&(_, prior)| prior))
        };
        let inner = words.split_last().map_or(&[][..], |(_, inner)| inner);
        features.possessives = inner.iter().filter(|word| word.possessive).count() as u32;
        features.evaluating = first.generic == Generic::Soft;
        features.title_words = f64::from(in_title) / f64::from(length.max(1));
    }
}
