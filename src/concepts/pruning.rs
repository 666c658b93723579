//! Which of the good concepts make a good list.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::merge::{Entries, Entry, Group, first_section, stems};
use super::purity::Reason;
use super::words::Words;
use super::{HashMap, Mentioned, Ranked};
use crate::config::{Config, Diversity};
use crate::error::Result;
use crate::language::Language;
use crate::progress::Observer;

/// What was kept.
pub(super) struct Kept {
    pub(super) groups: Vec<Group>,
    pub(super) dropped: Vec<(Reason, u64)>,
    /// The first entries that were not, best first, when the report is to explain them.
    pub(super) decisions: Vec<(u32, Why)>,
}

/// Why an entry is not kept, with what decided it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Why {
    /// It is another spelling of a group, and counts there.
    Spelling {
        group: usize,
    },
    /// It is inside a group's phrase.
    Part {
        group: usize,
    },
    /// Its score is too small.
    Unlikely,
    /// It has this share of words in common with a group.
    Similar {
        group: usize,
        share: f64,
    },
    /// As many of its category, or with its last stem, are listed as may be.
    Category,
    /// It would change the entropy of the selection by so many bits.
    Entropy {
        gain: f64,
    },
    Limit,
}

impl Why {
    pub(super) fn reason(self) -> Reason {
        match self {
            Why::Spelling { .. } => Reason::Spelling,
            Why::Part { .. } => Reason::Part,
            Why::Unlikely => Reason::Unlikely,
            Why::Similar { .. } => Reason::Similar,
            Why::Category => Reason::Category,
            Why::Entropy { .. } => Reason::Entropy,
            Why::Limit => Reason::Limit,
        }
    }
}

/// Takes the entries in `order`, best first, unless they are too much like one taken before, until there are
/// `limit`.
pub(super) fn select(
    words: &Words,
    entries: &Entries,
    order: &[u32],
    database: &Mentioned,
    config: &Config,
    limit: usize,
    observer: &dyn Observer,
) -> Result<Kept> {
    let mut dropped = [0_u64; Reason::ALL.len()];
    let mut decisions = Vec::new();
    let explained = explained(config);
    let room = order.len().min(limit).min(MOST_ROOM);
    let mut list = List::new(words, entries, database, config, room);
    for (done, &index) in order.iter().enumerate() {
        if done % 64 == 0 {
            observer.check()?;
        }
        if list.groups.len() >= limit {
            let rest = &order[done..];
            dropped[Reason::Limit as usize] += rest.len() as u64;
            let room = explained.saturating_sub(decisions.len());
            decisions.extend(rest.iter().take(room).map(|&index| (index, Why::Limit)));
            break;
        }
        if let Some(why) = list.offer(index) {
            dropped[why.reason() as usize] += 1;
            if decisions.len() < explained {
                decisions.push((index, why));
            }
        }
    }
    Ok(Kept {
        groups: list.groups,
        dropped: Reason::ALL.into_iter().zip(dropped).collect(),
        decisions,
    })
}

/// How many decisions the report tells.
pub(super) fn explained(config: &Config) -> usize {
    match config.report_explain {
        true => usize::try_from(config.report_decisions).unwrap_or(usize::MAX),
        false => 0,
    }
}

/// Most groups that there is room for from the beginning.
const MOST_ROOM: usize = 256;

/// Parts of a usual phrase.
const PARTS: usize = 5;

/// Longest part of a phrase that is told from others, in words.
const LONGEST_PART: usize = 8;

/// The parts of the phrases of groups, as a trie of their stems.
#[derive(Default)]
struct Parts {
    /// The numbers of parts, by that of the part without the last stem, and that stem.
    longer: HashMap<u64, u32>,
    /// The best group of each.
    groups: Vec<usize>,
}

/// Stands for the part without stems.
const EMPTY: u32 = u32::MAX;

impl Parts {
    /// With room for so many parts.
    fn with_room(parts: usize) -> Self {
        Parts {
            longer: HashMap::with_capacity_and_hasher(parts, Default::default()),
            groups: Vec::with_capacity(parts),
        }
    }

    /// The best group with the stems side by side in its phrase.
    fn group(&self, stems: &[u32]) -> Option<usize> {
        let part = stems.iter().try_fold(EMPTY, |part, &stem| {
            self.longer.get(&longer(part, stem)).copied()
        })?;
        self.groups.get(part as usize).copied()
    }

    /// Adds all parts of a phrase.
    fn add(&mut self, stems: &[u32], group: usize) {
        for start in 0..stems.len() {
            let mut part = EMPTY;
            for &stem in stems[start..].iter().take(LONGEST_PART) {
                part = *self.longer.entry(longer(part, stem)).or_insert_with(|| {
                    self.groups.push(group);
                    self.groups.len() as u32 - 1
                });
            }
        }
    }
}

/// Where the part is kept that has one stem more.
fn longer(part: u32, stem: u32) -> u64 {
    u64::from(part) << 32 | u64::from(stem)
}

struct List<'a> {
    words: &'a Words,
    entries: &'a Entries,
    database: &'a Mentioned,
    config: &'a Config,
    short: bool,
    /// Whether scores come from a ranker; else they do not tell what readers list.
    ranked: bool,
    groups: Vec<Group>,
    /// Spelling keys of the groups.
    spellings: HashMap<Vec<u8>, usize>,
    parts: Parts,
    /// Groups that a stem occurs in, with the number of stems of each group.
    with_stem: HashMap<u32, Vec<usize>>,
    lengths: Vec<usize>,
    in_category: HashMap<(Option<String>, u32), u64>,
    spread: Spread,
    /// Those of the entry that is looked at, and its spelling key.
    stems: Vec<u32>,
    spelling: Vec<u8>,
}

/// The groups over what [`entropy`] tells apart: categories, or first sections where they have none.
#[derive(Default)]
struct Spread {
    counts: HashMap<(Option<String>, u32), u32>,
    groups: u32,
    /// Sum of n log₂ n over the counts n.
    sum: f64,
}

impl Spread {
    /// What one more group would change of the entropy, in bits.
    fn gain(&self, kind: &(Option<String>, u32)) -> f64 {
        let count = self.counts.get(kind).copied().unwrap_or(0);
        let entropy = |groups: u32, sum: f64| match groups {
            0 => 0.0,
            groups => f64::from(groups).log2() - sum / f64::from(groups),
        };
        entropy(self.groups + 1, self.sum + step(count)) - entropy(self.groups, self.sum)
    }

    fn add(&mut self, kind: (Option<String>, u32)) {
        let count = self.counts.entry(kind).or_default();
        self.sum += step(*count);
        *count += 1;
        self.groups += 1;
    }
}

/// (n + 1) log₂ (n + 1) - n log₂ n.
fn step(count: u32) -> f64 {
    let term = |count: f64| count * count.max(1.0).log2();
    term(f64::from(count) + 1.0) - term(f64::from(count))
}

/// Groups that are taken however small their score is: a list of one sentence is not to be empty.
const LIKELY: usize = 3;

/// Groups that are taken whatever they do to the entropy: of a few, one more changes it much.
const FEW: usize = 10;

/// Groups with one stem that a phrase is compared with: bounds the work when one word is in all phrases.
const COMPARED: usize = 64;

impl<'a> List<'a> {
    fn new(
        words: &'a Words,
        entries: &'a Entries,
        database: &'a Mentioned,
        config: &'a Config,
        room: usize,
    ) -> Self {
        let short = words.words.len() as u64 <= config.concepts_short_text;
        let parts = if short { PARTS * room } else { 0 };
        List {
            words,
            entries,
            database,
            config,
            short,
            ranked: words.language != Language::Other,
            groups: Vec::with_capacity(room),
            spellings: HashMap::with_capacity_and_hasher(room, Default::default()),
            parts: Parts::with_room(parts),
            with_stem: HashMap::default(),
            lengths: Vec::new(),
            in_category: HashMap::default(),
            spread: Spread::default(),
            stems: Vec::new(),
            spelling: Vec::new(),
        }
    }

    /// Takes the entry, or tells why not.
    fn offer(&mut self, index: u32) -> Option<Why> {
        let entry = self.entries.list.get(index as usize)?;
        if self.config.concepts_diversity == Diversity::Off {
            if self.is_unlikely(entry) {
                return Some(Why::Unlikely);
            }
            self.groups.push(vec![index]);
            return None;
        }
        let mut stems_of_entry = std::mem::take(&mut self.stems);
        stems_of_entry.clear();
        stems_of_entry.extend(stems(self.words, self.entries, entry));
        let why = self.offer_stems(index, entry, &stems_of_entry);
        self.stems = stems_of_entry;
        why
    }

    fn offer_stems(&mut self, index: u32, entry: &Entry, stems: &[u32]) -> Option<Why> {
        spell(self.words, stems, &mut self.spelling);
        if let Some(&group) = self.spellings.get(&self.spelling) {
            return self.join(index, group);
        }
        if self.short
            && let Some(group) = self.parts.group(stems)
            && !(self.ranked && entry.score >= self.config.concepts_part_share * self.score(group))
        {
            return Some(Why::Part { group });
        }
        if self.is_unlikely(entry) {
            return Some(Why::Unlikely);
        }
        if self.config.concepts_diversity == Diversity::Strong {
            let why = self.adds_too_little(entry, stems);
            if why.is_some() {
                return why;
            }
        }
        self.take(index, stems);
        None
    }

    /// Whether hardly a reader of a short text would list it.
    fn is_unlikely(&self, entry: &Entry) -> bool {
        self.short
            && self.ranked
            && self.groups.len() >= LIKELY
            && entry.concept.is_none()
            && entry.score < self.config.concepts_least_score
    }

    /// The score of the best of a group.
    fn score(&self, group: usize) -> f64 {
        let best = self.groups.get(group).and_then(|group| group.first());
        let entry = best.and_then(|&best| self.entries.list.get(best as usize));
        entry.map_or(0.0, |entry| entry.score)
    }

    /// What strong diversity asks; counts the entry when there is nothing against it.
    fn adds_too_little(&mut self, entry: &Entry, stems: &[u32]) -> Option<Why> {
        if let Some((group, share)) = self.like(stems) {
            return Some(Why::Similar { group, share });
        }
        let category = self.category(entry);
        let head = stems.last().copied().unwrap_or(0);
        let full = (category.clone(), if category.is_some() { 0 } else { head });
        let listed = self.in_category.get(&full).copied().unwrap_or(0);
        if listed >= self.config.concepts_category_limit {
            return Some(Why::Category);
        }
        let section = match category {
            Some(_) => 0,
            None => first_section(self.words, self.entries, entry),
        };
        let kind = (category, section);
        let gain = self.spread.gain(&kind);
        if self.groups.len() >= FEW && gain < self.config.concepts_entropy_gain {
            return Some(Why::Entropy { gain });
        }
        *self.in_category.entry(full).or_default() += 1;
        self.spread.add(kind);
        None
    }

    fn category(&self, entry: &Entry) -> Option<String> {
        let concept = entry.concept.and_then(|index| self.database.get(&index))?;
        Some(concept.category.clone())
    }

    /// Another spelling of a group: its occurrences count there. Two concepts of the database stay two.
    fn join(&mut self, index: u32, group: usize) -> Option<Why> {
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
        Some(Why::Spelling { group })
    }

    fn take(&mut self, index: u32, stems: &[u32]) {
        let group = self.groups.len();
        self.groups.push(vec![index]);
        self.spellings.insert(self.spelling.clone(), group);
        if self.short {
            self.parts.add(stems, group);
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

    /// The first group whose share of common stems (Jaccard) reaches the threshold, and the share.
    fn like(&self, stems: &[u32]) -> Option<(usize, f64)> {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for stem in stems {
            for &group in self.with_stem.get(stem).map_or(&[][..], Vec::as_slice) {
                *common.entry(group).or_default() += 1;
            }
        }
        common.into_iter().find_map(|(group, common)| {
            let all = (stems.len() + self.lengths.get(group).copied().unwrap_or(0))
                .saturating_sub(common)
                .max(1) as f64;
            (common as f64 >= self.config.concepts_similarity * all)
                .then(|| (group, common as f64 / all))
        })
    }
}

/// What spellings of one phrase have in common: stems without hyphens, spaces and diacritics, British as
/// American, double letters as single ones.
fn spell(words: &Words, stems: &[u32], folded: &mut Vec<u8>) {
    folded.clear();
    let mut last = None;
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '+' | '#');
    let mut doubles = |letter: char| {
        let doubles = last == Some(letter) && !letter.is_ascii_digit();
        last = Some(letter);
        doubles
    };
    for &stem in stems {
        let Some(facts) = words.vocabulary.get(stem as usize) else {
            continue;
        };
        let stem = &*facts.stem.text;
        match stem.is_ascii() {
            // Nearly all.
            true => folded.extend(stem.bytes().filter(|&byte| {
                let letter = char::from(byte);
                (byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#')) && !doubles(letter)
            })),
            false => {
                let letters = stem.nfd().filter(|&c| !is_combining_mark(c));
                for letter in letters.filter(|&c| is_letter(c)) {
                    if !doubles(letter) {
                        folded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            }
        }
    }
    write_american(folded);
}

/// In American spelling: "our" as "or", "ys" and "is" as "yz" and "iz", "ae" and "oe" as "e".
fn write_american(letters: &mut Vec<u8>) {
    // What is written is never longer than what is read.
    let mut written = 0_usize;
    let mut before = 0;
    for read in 0..letters.len() {
        let letter = letters[read];
        let next = letters.get(read + 1).copied();
        let new = match (before, letter) {
            (b'o', b'u') if next == Some(b'r') => None,
            (b'y' | b'i', b's') => Some(b'z'),
            (_, b'e') => {
                if before == b'a' {
                    written -= 1;
                }
                // Also the one before an "ae", which is an e by now.
                if written > 0 && letters[written - 1] == b'o' {
                    written -= 1;
                }
                Some(b'e')
            }
            _ => Some(letter),
        };
        if let Some(new) = new {
            letters[written] = new;
            written += 1;
        }
        before = letter;
    }
    letters.truncate(written);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn american_spelling_is_that_of_one_replacement_after_the_other() {
        let pairs = [
            ("our", "or"),
            ("ys", "yz"),
            ("is", "iz"),
            ("ae", "e"),
            ("oe", "e"),
        ];
        let letters = b"aeiouyrs";
        for number in 0..8_usize.pow(6) {
            let word = (0..6).map(|at| letters[(number >> (3 * at)) % 8]);
            let mut word: Vec<u8> = word.collect();
            let mut expected = String::from_utf8(word.clone()).unwrap();
            for (british, american) in pairs {
                expected = expected.replace(british, american);
            }
            write_american(&mut word);
            assert_eq!(String::from_utf8(word).unwrap(), expected, "{number}");
        }
    }
}
