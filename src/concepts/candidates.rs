//! Candidates: every sub-n-gram of the runs that begins and ends like a term.

use std::collections::hash_map::Entry;
use std::ops::Range;

use super::HashMap;
use super::words::{BREAK, Word, Words, begins_term, ends_term};
use crate::error::Result;
use crate::language::classes::Class;
use crate::progress::Observer;

/// One place where a candidate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// Index of its first word in [`Words::words`].
    pub(super) word: u32,
    /// Whether it is the whole of its run, or of what a possessive or joiners part it into.
    pub(super) maximal: bool,
}

/// A candidate: a sequence of stems.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Number of words.
    pub(super) length: u32,
    /// Its occurrences in [`Candidates::occurrences`], in the order of the text.
    pub(super) occurrences: Range<u32>,
    /// Those of them that are a whole run.
    pub(super) maximal: u32,
    /// Occurrences of all candidates that contain it and are one word longer, or one and what joins it, and how many such
    /// there are.
    pub(super) longer_occurrences: u32,
    pub(super) longer_kinds: u32,
    /// Occurrences of the most frequent of them.
    pub(super) longer_most: u32,
    /// Occurrences of them that are a whole run.
    pub(super) longer_maximal: u32,
    /// The candidates without its last and without its first word, and what joins it, [`NONE`] where there are none.
    pub(super) shorter: [u32; 2],
}

/// No candidate.
pub(super) const NONE: u32 = u32::MAX;

/// All candidates of a document, in the order of their first occurrence; of two that begin together the
/// shorter first.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub(super) candidates: Vec<Candidate>,
    pub(super) occurrences: Vec<Occurrence>,
    /// Whether there are sequences or occurrences that were left out.
    pub(super) too_many: bool,
}

impl Candidates {
    /// The occurrences of one candidate.
    pub(super) fn occurrences_of(&self, candidate: &Candidate) -> &[Occurrence] {
        let range = candidate.occurrences.start as usize..candidate.occurrences.end as usize;
        self.occurrences.get(range).unwrap_or_default()
    }
}

/// A node of the trie of stem sequences; the node of a candidate's last stem stands for the candidate.
#[derive(Clone, Copy, Default)]
struct Node {
    parent: u32,
    /// The node of the sequence without its first stem, 0 when it was never met.
    suffix: u32,
    length: u32,
    count: u32,
    maximal: u32,
    /// Whether its first and its last stem only join others.
    joins: [bool; 2],
}

/// Most sequences of stems that are told apart, and most occurrences that are held: a manual of 3,000 pages has a third
/// and a tenth of them. What comes later in the text is left out.
const MOST_SEQUENCES: usize = 524_288;
const MOST_OCCURRENCES: usize = 1 << 22;

/// Most sequences that there is room for from the beginning.
const MOST_ROOM: usize = 1 << 16;

struct Trie {
    edges: HashMap<u64, u32>,
    nodes: Vec<Node>,
    full: bool,
}

impl Trie {
    /// The node of a sequence with one stem more, which joins others or not; `None` when it is a new one and there is no
    /// room for it.
    fn step(&mut self, parent: u32, stem: u32, joins: bool) -> Option<u32> {
        let next = self.nodes.len() as u32;
        match self.edges.entry(u64::from(parent) << 32 | u64::from(stem)) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(_) if next as usize >= MOST_SEQUENCES => {
                self.full = true;
                None
            }
            Entry::Vacant(new) => {
                new.insert(next);
                let length = self.nodes[parent as usize].length + 1;
                let first = match length {
                    1 => joins,
                    _ => self.nodes[parent as usize].joins[0],
                };
                self.nodes.push(Node {
                    parent,
                    length,
                    joins: [first, joins],
                    ..Node::default()
                });
                Some(next)
            }
        }
    }

    /// The node without the last stem, and without what joined it.
    fn without_last(&self, node: &Node) -> u32 {
        let mut parent = node.parent;
        while let Some(before) = self.nodes.get(parent as usize).filter(|node| node.joins[1]) {
            parent = before.parent;
        }
        parent
    }

    /// The node without the first stem, and without what it was joined with; 0 when it was never met.
    fn without_first(&self, node: &Node) -> u32 {
        let mut suffix = node.suffix;
        while let Some(after) = self.nodes.get(suffix as usize).filter(|node| node.joins[0]) {
            suffix = after.suffix;
        }
        suffix
    }
}

/// Collects the candidates of up to `max_words` words.
pub(super) fn collect(
    words: &Words,
    max_words: usize,
    observer: &dyn Observer,
) -> Result<Candidates> {
    let in_runs = words.runs.iter().map(ExactSizeIterator::len);
    let room = in_runs.sum::<usize>().min(MOST_ROOM);
    let mut trie = Trie {
        edges: HashMap::with_capacity_and_hasher(room, Default::default()),
        nodes: Vec::with_capacity(room),
        full: false,
    };
    trie.nodes.push(Node::default());
    let mut found: Vec<(u32, Occurrence)> = Vec::with_capacity(room);
    let mut met = Met::default();
    for (index, run) in words.runs.iter().enumerate() {
        if index % 256 == 0 {
            observer.check()?;
        }
        collect_run(
            words,
            run.clone(),
            max_words,
            &mut trie,
            &mut met,
            &mut found,
        );
    }
    observer.check()?;
    Ok(gather(trie, &found))
}

/// The nodes met from one word of a run and from the word before it, shortest first.
#[derive(Default)]
struct Met {
    before: Vec<u32>,
    here: Vec<u32>,
}

fn collect_run(
    words: &Words,
    run: Range<u32>,
    max_words: usize,
    trie: &mut Trie,
    Met { before, here }: &mut Met,
    found: &mut Vec<(u32, Occurrence)>,
) {
    let Some(run_words) = words.words.get(run.start as usize..run.end as usize) else {
        return;
    };
    before.clear();
    for start in 0..run_words.len() {
        if found.len() >= MOST_OCCURRENCES {
            trie.full = true;
            return;
        }
        here.clear();
        let opens = begins_term(&run_words[start]);
        let previous = start.checked_sub(1).and_then(|at| run_words.get(at));
        let begins_part = parts(previous, run_words.get(start));
        let mut node = 0;
        for (at, word) in run_words.iter().enumerate().skip(start).take(max_words) {
            if word.stem == BREAK {
                break;
            }
            let joins = word.class == Class::Joiner;
            let Some(next) = trie.step(node, word.stem, joins) else {
                break;
            };
            node = next;
            here.push(node);
            if opens && ends_term(word.class) {
                let occurrence = Occurrence {
                    word: run.start + start as u32,
                    maximal: begins_part && parts(Some(word), run_words.get(at + 1)),
                };
                trie.nodes[node as usize].count += 1;
                trie.nodes[node as usize].maximal += u32::from(occurrence.maximal);
                found.push((node, occurrence));
            }
        }
        // Each node met from the word before is one longer than its suffix met from here.
        for (&longer, &suffix) in before.iter().skip(1).zip(here.iter()) {
            trie.nodes[longer as usize].suffix = suffix;
        }
        std::mem::swap(before, here);
    }
}

/// Whether a part of a run ends between two words of it: what has parts from what is had, one noun from what it is joined
/// to.
fn parts(before: Option<&Word>, after: Option<&Word>) -> bool {
    let joins = |word: &Word| word.class == Class::Joiner;
    let (Some(before), Some(after)) = (before, after) else {
        return true;
    };
    before.possessive || joins(before) || joins(after)
}

/// Sorts the occurrences by candidate, and tells each candidate of the longer ones around it.
fn gather(mut trie: Trie, found: &[(u32, Occurrence)]) -> Candidates {
    trie.edges = HashMap::default();
    let mut candidate_of = vec![NONE; trie.nodes.len()];
    let mut candidates: Vec<Candidate> = Vec::with_capacity(trie.nodes.len());
    let mut end = 0;
    for &(node, _) in found {
        let slot = &mut candidate_of[node as usize];
        if *slot == NONE {
            *slot = candidates.len() as u32;
            let node = trie.nodes[node as usize];
            candidates.push(Candidate {
                length: node.length,
                occurrences: end..end,
                maximal: node.maximal,
                longer_occurrences: 0,
                longer_kinds: 0,
                longer_most: 0,
                longer_maximal: 0,
                shorter: [NONE; 2],
            });
            end += node.count;
        }
    }
    let mut occurrences = vec![
        Occurrence {
            word: 0,
            maximal: false
        };
        found.len()
    ];
    for &(node, occurrence) in found {
        let range = &mut candidates[candidate_of[node as usize] as usize].occurrences;
        occurrences[range.end as usize] = occurrence;
        range.end += 1;
    }
    for (node, &longer) in trie.nodes.iter().zip(&candidate_of) {
        if node.count == 0 {
            continue;
        }
        let shorter = [trie.without_last(node), trie.without_first(node)];
        let shorter = shorter.map(|node| candidate_of[node as usize]);
        if let Some(longer) = candidates.get_mut(longer as usize) {
            longer.shorter = shorter;
        }
        for shorter in shorter {
            if let Some(shorter) = candidates.get_mut(shorter as usize) {
                shorter.longer_maximal += node.maximal;
                shorter.longer_occurrences += node.count;
                shorter.longer_kinds += 1;
                shorter.longer_most = shorter.longer_most.max(node.count);
            }
        }
    }
    Candidates {
        candidates,
        occurrences,
        too_many: trie.full,
    }
}
