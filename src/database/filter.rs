//! Which words are in no key of a small dictionary, told before they are looked up.
//!
//! Most words of a text are in no key of a dictionary of some thousand names. A bit for each hash tells of nearly all of
//! them (Bloom 1970, with one hash), and the bits stay in the nearest cache.

use super::index::Index;
use super::table::SLOTS;

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
