//! What is in no key of a dictionary, told before it is looked up: by a bit for each hash (Bloom 1970, with one hash).
//!
//! Most words of a text are in no key of a dictionary of some thousand names; the bits that tell of nearly all of them stay
//! in the nearest cache. In a larger one most words are in keys, but of two words of keys that follow each other few begin
//! a key together, and where those are does not fit into a cache. The bits that tell of the others are made with the
//! database.

use super::index::Index;
use super::table::{SLOTS, fetch};

/// Bits are kept in so many numbers: in all 16 KiB.
const NUMBERS: usize = 1 << 11;

/// Words that may be in one filter: with more it would pass too many others.
const WORDS: usize = 20_000;

/// Bits of words that are in keys.
#[derive(Debug)]
pub(super) struct Filter(Box<[u64; NUMBERS]>);

impl Filter {
    /// Of the words of all indices; `None` where they are too many.
    pub(super) fn of(indices: &[Index<'_>]) -> Option<Self> {
        let lines = indices.iter().map(|index| index.words.0.len());
        if lines.sum::<usize>() > WORDS / SLOTS {
            return None;
        }
        let mut filter = Filter(Box::new([0; NUMBERS]));
        for index in indices {
            for hash in index.words.hashes() {
                filter.add(hash);
            }
        }
        Some(filter)
    }

    fn add(&mut self, hash: u32) {
        let (at, bit) = place(hash);
        if let Some(bits) = self.0.get_mut(at) {
            *bits |= 1 << bit;
        }
    }

    /// Whether a word of some key may have a hash: no is certain.
    #[inline(always)]
    pub(super) fn may_have(&self, hash: u64) -> bool {
        let (at, bit) = place(hash as u32);
        self.0[at] >> bit & 1 != 0
    }
}

/// The number and the bit of a hash.
#[inline(always)]
fn place(hash: u32) -> (usize, u32) {
    let numbers = const { NUMBERS as u32 };
    ((hash / u64::BITS % numbers) as usize, hash % u64::BITS)
}

/// Bits of the paths of two words that keys begin with.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'i>(pub(super) &'i [u8]);

impl Pairs<'_> {
    /// Those of some paths, a byte for each: of eight others, seven are told.
    pub(super) fn of(paths: &[u64]) -> Vec<u8> {
        let mut bits = vec![0; paths.len().min(MOST_BYTES)];
        for path in paths {
            let (at, bit) = pair(*path, bits.len());
            if let Some(bits) = bits.get_mut(at) {
                *bits |= 1 << bit;
            }
        }
        bits
    }

    /// Has the bit of a path fetched.
    #[inline(always)]
    pub(super) fn fetch(&self, path: u64) {
        let (at, _) = pair(path, self.0.len());
        if let Some(bits) = self.0.get(at) {
            fetch(bits);
        }
    }

    /// Whether a key may begin with a path of two words: no is certain.
    #[inline(always)]
    pub(super) fn may_have(&self, path: u64) -> bool {
        let (at, bit) = pair(path, self.0.len());
        self.0.get(at).is_some_and(|bits| bits >> bit & 1 != 0)
    }
}

/// Most bytes: the numbers of the bits have 32.
const MOST_BYTES: usize = 1 << 29;

/// The byte and the bit of a path; as [tables](super::table) are addressed.
#[inline(always)]
fn pair(path: u64, bytes: usize) -> (usize, u32) {
    let bit = (path >> 32).wrapping_mul(8 * bytes as u64) >> 32;
    ((bit / 8) as usize, (bit % 8) as u32)
}
