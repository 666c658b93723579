//! The tokens of a text that are looked at together.

use super::index::{FIRST, INNER, SINGLE};
use super::tokens::Hash;

/// Behind what no key goes over; as that which it is not good for then.
pub(super) const PARTED: u8 = INNER;
/// The single letter behind an apostrophe, which begins no key; as that which it is not good for then.
pub(super) const ENDING: u8 = FIRST | SINGLE;
/// Not a [`Word`].
pub(super) const OTHER: u8 = 1 << 4;

/// A token of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) word: Asked,
}

/// A word that an index is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    pub(super) hash: u64,
    /// The value of the word in the index at hand.
    pub(super) value: u32,
    /// What it is where it stands, as what it is not good for: [`PARTED`] and so on.
    pub(super) is: u8,
}

/// A list whose places are made once, to be filled without a branch on which of them are kept.
#[derive(Default)]
pub(super) struct Places<T> {
    places: Vec<T>,
    len: usize,
}

impl<T: Copy + Default> Places<T> {
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(super) fn get(&self) -> &[T] {
        self.places.get(..self.len).unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn get_mut(&mut self) -> &mut [T] {
        self.places.get_mut(..self.len).unwrap_or_default()
    }

    #[inline(always)]
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Places behind the list, of which [`add`](Self::add) takes the first in.
    #[inline(always)]
    pub(super) fn room(&mut self, count: usize) -> &mut [T] {
        let end = self.len + count;
        if self.places.len() < end {
            self.grow(end);
        }
        self.places.get_mut(self.len..end).unwrap_or_default()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        self.places.resize((2 * len).max(64), T::default());
    }

    /// The list with as many default items behind it as make it a multiple of some length.
    #[inline(always)]
    pub(super) fn padded(&mut self, of: usize) -> &[T] {
        let len = self.len.next_multiple_of(of);
        self.room(len - self.len).fill(T::default());
        self.places.get(..len).unwrap_or_default()
    }

    /// Takes in what was put into the room.
    #[inline(always)]
    pub(super) fn add(&mut self, count: usize) {
        self.len = (self.len + count).min(self.places.len());
    }

    /// Leaves the items that are not to be kept out, without a branch.
    #[inline(always)]
    pub(super) fn keep(&mut self, is_kept: impl Fn(&T) -> bool) {
        let items = self.get_mut();
        let mut kept = 0;
        for at in 0..items.len() {
            let item = items[at];
            items[kept] = item;
            kept += usize::from(is_kept(&item));
        }
        self.len = kept;
    }

    #[inline(always)]
    pub(super) fn push(&mut self, item: T) {
        self.room(1).fill(item);
        self.add(1);
    }

    /// Takes the first items away.
    fn pass(&mut self, count: usize) {
        let count = count.min(self.len);
        self.places.copy_within(count..self.len, 0);
        self.len -= count;
    }
}

/// Tokens one behind the other.
#[derive(Default)]
pub(super) struct Window {
    pub(super) tokens: Places<Seen>,
    /// The numbers of those that may be plurals, in order.
    pub(super) plurals: Places<u32>,
    /// The numbers of the marks among them that are not settled yet, and their hashes.
    pub(super) marks: Places<(u32, u64)>,
}

/// Appends the numbers of the bits that are set, the lowest being `first`.
#[inline(always)]
pub(super) fn number(mut bits: u64, first: u32, numbers: &mut Places<u32>) {
    let count = bits.count_ones() as usize;
    for number in numbers.room(count) {
        *number = first + bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
    }
    numbers.add(count);
}

/// Appends what there is of each bit that is set, which is told the bit and the bits below it: without a branch on how many
/// they are as long as they are no more than `FEW`.
#[inline(always)]
pub(super) fn note_few<const FEW: usize, T: Copy + Default>(
    mut bits: u64,
    notes: &mut Places<T>,
    note: impl Fn(u32, u64) -> T,
) {
    let count = bits.count_ones() as usize;
    let room = notes.room(count.max(FEW));
    let (few, others) = room.split_at_mut(FEW);
    let mut fill = |place: &mut T| {
        let lowest = bits & bits.wrapping_neg();
        *place = note(bits.trailing_zeros(), lowest.wrapping_sub(1));
        bits &= bits.wrapping_sub(1);
    };
    few.iter_mut().for_each(&mut fill);
    if !others.is_empty() {
        others.iter_mut().for_each(fill);
    }
    notes.add(count);
}

impl Window {
    /// Gives the marks their hashes.
    #[inline(always)]
    pub(super) fn settle_marks(&mut self) {
        let tokens = self.tokens.get_mut();
        for (number, hash) in self.marks.get() {
            if let Some(token) = tokens.get_mut(*number as usize) {
                token.word.hash = *hash;
            }
        }
        self.marks.truncate(0);
    }

    #[inline(always)]
    pub(super) fn mark(&mut self, number: usize, is: u8) {
        if let Some(token) = self.tokens.get_mut().get_mut(number) {
            token.word.is |= is;
        }
    }

    pub(super) fn push(&mut self, token: Seen, may_be_plural: bool) {
        if may_be_plural {
            self.plurals.push(self.tokens.len() as u32);
        }
        self.tokens.push(token);
    }

    /// Takes the first tokens away.
    pub(super) fn pass(&mut self, count: usize) {
        let plurals = self.plurals.get();
        let passed = plurals.partition_point(|at| (*at as usize) < count);
        self.plurals.pass(passed);
        for number in self.plurals.get_mut() {
            *number = number.saturating_sub(count as u32);
        }
        self.tokens.pass(count);
    }
}

/// Most bytes of a [`Word`].
pub(super) const LONGEST_WORD: usize = 16;

/// The first bytes of a word of ASCII, in lower case.
#[derive(Clone, Copy)]
pub(super) struct Word([u64; 2]);

/// For each number of bytes the bits of as many.
const FIRST_BYTES: [[u64; 2]; 32] = {
    let mut bytes = [[u64::MAX; 2]; 32];
    let mut len = 0;
    while len < LONGEST_WORD {
        let bits = (1 << (8 * len)) - 1_u128;
        bytes[len] = [bits as u64, (bits >> 64) as u64];
        len += 1;
    }
    bytes
};

impl Word {
    #[inline(always)]
    pub(super) fn of(bytes: Option<&[u8; LONGEST_WORD]>) -> Self {
        // That of letters; the digits have this bit already.
        let lower = 0x2020_2020_2020_2020;
        let (halves, _) = bytes.map_or([].as_slice(), |bytes| bytes).as_chunks();
        let half = |at: usize| halves.get(at).copied().map_or(0, u64::from_le_bytes);
        Word([half(0) | lower, half(1) | lower])
    }

    #[inline(always)]
    pub(super) fn at(text: &[u8], start: usize) -> Self {
        match text.get(start..).and_then(|text| text.first_chunk()) {
            Some(bytes) => Self::of(Some(bytes)),
            None => Self::of(Some(&at_the_end(text, start))),
        }
    }

    /// The word of so many bytes, at least four, with others at its end.
    #[inline(always)]
    pub(super) fn ending_in(self, len: usize, ending: [u8; 4]) -> Self {
        let [first, second] = self.0.map(u128::from);
        let at = 8 * (len.wrapping_sub(4) % LONGEST_WORD);
        let word = (first | second << 64) & !(u128::from(u32::MAX) << at)
            | u128::from(u32::from_le_bytes(ending)) << at;
        Word([word as u64, (word >> 64) as u64])
    }

    /// The hash of the word of so many bytes.
    #[inline(always)]
    pub(super) fn hash(self, seed: u64, len: usize) -> u64 {
        let [first, second] = FIRST_BYTES[len % FIRST_BYTES.len()];
        Hash::of_blocks(seed, self.0[0] & first, self.0[1] & second)
    }
}

#[cold]
fn at_the_end(text: &[u8], start: usize) -> [u8; LONGEST_WORD] {
    let mut bytes = [0; LONGEST_WORD];
    let rest = text.get(start..).unwrap_or_default();
    for (to, byte) in bytes.iter_mut().zip(rest) {
        *to = *byte;
    }
    bytes
}
