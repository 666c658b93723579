//! Which of the good concepts make a good list.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::merge::{Entries, Entry, Group, first_section, stems};
use super::purity::Reason;
use super::words::Words;
use super::{HashMap, Mentioned, Ranked};
use crate::config::{Config, Diversity};
use crate::error::Result;
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

/// The stems of a part of a phrase, filled up with [`NO_STEM`].
#[derive(Clone, Copy, PartialEq, Eq)]
struct Part([u32; LONGEST_PART]);

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Several times faster than the bytes one after the other.
        let (pairs, _) = self.0.as_chunks();
        for &[first, second] in pairs {
            state.write_u64(u64::from(first) << 32 | u64::from(second));
        }
    }
}

/// Neither a stem nor a [`BREAK`](super::words::BREAK).
const NO_STEM: u32 = u32::MAX - 1;

/// `None` for what is too long.
fn part(stems: &[u32]) -> Option<Part> {
    let mut part = [NO_STEM; LONGEST_PART];
    part.get_mut(..stems.len())?.copy_from_slice(stems);
    Some(Part(part))
}

struct List<'a> {
    words: &'a Words,
    entries: &'a Entries,
    database: &'a Mentioned,
    config: &'a Config,
    short: bool,
    groups: Vec<Group>,
    /// Spelling keys of the groups.
    spellings: HashMap<Vec<u8>, usize>,
    /// Stem sequences inside the groups' phrases, with the best group of each.
    parts: HashMap<Part, usize>,
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
            groups: Vec::with_capacity(room),
            spellings: HashMap::with_capacity_and_hasher(room, Default::default()),
            parts: HashMap::with_capacity_and_hasher(parts, Default::default()),
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
            && let Some(&group) = part(stems).and_then(|part| self.parts.get(&part))
        {
            return Some(Why::Part { group });
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
            for start in 0..stems.len() {
                for end in start + 1..=stems.len().min(start + LONGEST_PART) {
                    if let Some(part) = part(&stems[start..end]) {
                        self.parts.entry(part).or_insert(group);
                    }
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
    let mut add = |letter: char| {
        if letter.is_alphanumeric() || matches!(letter, '+' | '#') {
            if last != Some(letter) || letter.is_ascii_digit() {
                folded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            last = Some(letter);
        }
    };
    for &stem in stems {
        let Some(facts) = words.vocabulary.get(stem as usize) else {
            continue;
        };
        let stem = &*facts.stem.text;
        match stem.is_ascii() {
            true => stem.chars().for_each(&mut add),
            false => stem
                .nfd()
                .filter(|&c| !is_combining_mark(c))
                .for_each(&mut add),
        }
    }
    // Most have none of what is written otherwise in America.
    let british = |pair: &[u8]| matches!(pair, b"ou" | b"ys" | b"is" | b"ae" | b"oe");
    if folded.windows(2).any(british) {
        write_american(folded);
    }
}

/// In American spelling, one pair of letters after the other.
fn write_american(letters: &mut Vec<u8>) {
    let pairs: [(&[u8], &[u8]); 5] = [
        (b"our", b"or"),
        (b"ys", b"yz"),
        (b"is", b"iz"),
        (b"ae", b"e"),
        (b"oe", b"e"),
    ];
    for (british, american) in pairs {
        // What is written is never longer than what is read.
        let (mut read, mut written) = (0, 0);
        while read < letters.len() {
            if letters[read..].starts_with(british) {
                letters[written..written + american.len()].copy_from_slice(american);
                written += american.len();
                read += british.len();
            } else {
                letters[written] = letters[read];
                written += 1;
                read += 1;
            }
        }
        letters.truncate(written);
    }
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
