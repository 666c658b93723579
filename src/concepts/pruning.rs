//! Which of the good concepts make a good list.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::merge::{Entries, Entry, Group, stems};
use super::purity::Reason;
use super::words::Words;
use super::{HashMap, HashSet};
use super::{Mentioned, Ranked};
use crate::config::{Config, Diversity};
use crate::error::Result;
use crate::progress::Observer;

/// What was kept.
pub(super) struct Kept {
    pub(super) groups: Vec<Group>,
    pub(super) dropped: Vec<(Reason, u64)>,
}

/// Takes the entries in `order`, best first, unless they are too much like one taken before, until there are
/// `limit`.
pub(super) fn select(
    words: &Words,
    entries: &Entries,
    order: Vec<u32>,
    database: &Mentioned,
    config: &Config,
    limit: usize,
    observer: &dyn Observer,
) -> Result<Kept> {
    let mut dropped = [0_u64; Reason::ALL.len()];
    let mut list = List::new(words, entries, database, config);
    for (done, &index) in order.iter().enumerate() {
        if done % 64 == 0 {
            observer.check()?;
        }
        if list.groups.len() >= limit {
            dropped[Reason::Limit as usize] += (order.len() - done) as u64;
            break;
        }
        if let Some(reason) = list.offer(index) {
            dropped[reason as usize] += 1;
        }
    }
    Ok(Kept {
        groups: list.groups,
        dropped: Reason::ALL.into_iter().zip(dropped).collect(),
    })
}

struct List<'a> {
    words: &'a Words,
    entries: &'a Entries,
    database: &'a Mentioned,
    config: &'a Config,
    short: bool,
    groups: Vec<Group>,
    /// Spelling keys of the groups.
    spellings: HashMap<String, usize>,
    /// Stem sequences inside the groups' phrases.
    parts: HashSet<Vec<u32>>,
    /// Groups that a stem occurs in, with the number of stems of each group.
    with_stem: HashMap<u32, Vec<usize>>,
    lengths: Vec<usize>,
    in_category: HashMap<(Option<String>, u32), u64>,
}

/// Groups with one stem that a phrase is compared with: bounds the work when one word is in all phrases.
const COMPARED: usize = 64;

impl<'a> List<'a> {
    fn new(
        words: &'a Words,
        entries: &'a Entries,
        database: &'a Mentioned,
        config: &'a Config,
    ) -> Self {
        List {
            words,
            entries,
            database,
            config,
            short: words.words.len() as u64 <= config.concepts_short_text,
            groups: Vec::new(),
            spellings: HashMap::default(),
            parts: HashSet::default(),
            with_stem: HashMap::default(),
            lengths: Vec::new(),
            in_category: HashMap::default(),
        }
    }

    /// Takes the entry, or tells why not.
    fn offer(&mut self, index: u32) -> Option<Reason> {
        let entry = self.entries.list.get(index as usize)?;
        if self.config.concepts_diversity == Diversity::Off {
            self.groups.push(vec![index]);
            return None;
        }
        let stems: Vec<u32> = stems(self.words, self.entries, entry).collect();
        let spelling = spelling(self.words, &stems);
        if let Some(&group) = self.spellings.get(&spelling) {
            return self.join(index, group);
        }
        if self.short && self.parts.contains(&stems) {
            return Some(Reason::Part);
        }
        if self.config.concepts_diversity == Diversity::Strong {
            if self.is_like_another(&stems) {
                return Some(Reason::Similar);
            }
            if self.category_is_full(entry, &stems) {
                return Some(Reason::Category);
            }
        }
        self.take(index, spelling, &stems);
        None
    }

    /// Another spelling of a group: its occurrences count there. Two concepts of the database stay two.
    fn join(&mut self, index: u32, group: usize) -> Option<Reason> {
        let concept = |index: u32| {
            self.entries
                .list
                .get(index as usize)
                .and_then(|entry| entry.concept)
        };
        let members = &self.groups[group];
        if concept(index).is_some() && members.iter().any(|&member| concept(member).is_some()) {
            self.groups.push(vec![index]);
            return None;
        }
        self.groups[group].push(index);
        Some(Reason::Spelling)
    }

    fn take(&mut self, index: u32, spelling: String, stems: &[u32]) {
        let group = self.groups.len();
        self.groups.push(vec![index]);
        self.spellings.insert(spelling, group);
        if self.short {
            for start in 0..stems.len() {
                for end in start + 1..=stems.len().min(start + 8) {
                    self.parts.insert(stems[start..end].to_vec());
                }
            }
        }
        if self.config.concepts_diversity == Diversity::Strong {
            self.lengths.resize(group + 1, 0);
            self.lengths[group] = stems.len();
            for &stem in stems {
                let groups = self.with_stem.entry(stem).or_default();
                if groups.len() < COMPARED && groups.last() != Some(&group) {
                    groups.push(group);
                }
            }
        }
    }

    /// Whether the share of common stems (Jaccard) with a group reaches the threshold.
    fn is_like_another(&self, stems: &[u32]) -> bool {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for stem in stems {
            for &group in self.with_stem.get(stem).map_or(&[][..], Vec::as_slice) {
                *common.entry(group).or_default() += 1;
            }
        }
        common.into_iter().any(|(group, common)| {
            let all = (stems.len() + self.lengths.get(group).copied().unwrap_or(0))
                .saturating_sub(common);
            common as f64 >= self.config.concepts_similarity * all.max(1) as f64
        })
    }

    fn category_is_full(&mut self, entry: &Entry, stems: &[u32]) -> bool {
        let concept = entry.concept.and_then(|index| self.database.get(&index));
        let key = match concept {
            Some(concept) => (Some(concept.category.clone()), 0),
            None => (None, stems.last().copied().unwrap_or(0)),
        };
        let count = self.in_category.entry(key).or_default();
        *count += 1;
        *count > self.config.concepts_category_limit
    }
}

/// What spellings of one phrase have in common: stems without hyphens, spaces and diacritics, British as
/// American, double letters as single ones.
fn spelling(words: &Words, stems: &[u32]) -> String {
    let mut folded = String::new();
    let texts = stems
        .iter()
        .filter_map(|&stem| words.vocabulary.get(stem as usize));
    for facts in texts {
        let letters = facts
            .stem
            .nfd()
            .filter(|&c| !is_combining_mark(c) && c.is_alphanumeric() || c == '+' || c == '#');
        for letter in letters {
            if !folded.ends_with(letter) || letter.is_ascii_digit() {
                folded.push(letter);
            }
        }
    }
    let american = [
        ("our", "or"),
        ("ys", "yz"),
        ("is", "iz"),
        ("ae", "e"),
        ("oe", "e"),
    ];
    american.iter().fold(folded, |text, (from, to)| {
        if text.contains(from) {
            text.replace(from, to)
        } else {
            text
        }
    })
}

/// The Shannon entropy, in bits, of the concepts over their categories, or first sections where they have
/// none.
pub(super) fn entropy(concepts: &[Ranked]) -> f64 {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for concept in concepts {
        let section = concept
            .sections
            .first()
            .map_or("", |section| section.name());
        *counts
            .entry(concept.category.as_deref().unwrap_or(section))
            .or_default() += 1;
    }
    let total = concepts.len().max(1) as f64;
    let entropy: f64 = counts
        .values()
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum();
    entropy.max(0.0)
}
