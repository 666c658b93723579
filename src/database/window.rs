//! The tokens of a text that are looked at together.

use super::tokens::Hash;

/// Behind what no key goes over.
pub(super) const PARTED: u8 = 1;
/// The single letter behind an apostrophe, which begins no key.
pub(super) const ENDING: u8 = 2;
/// May be a plural.
pub(super) const PLURAL: u8 = 4;
/// Not a [`Word`].
pub(super) const OTHER: u8 = 8;

/// A token of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hash: u64,
    /// Of the word as a key, in the index at hand.
    pub(super) value: u32,
    /// What the index at hand says that the word is good for.
    pub(super) good_for: u8,
    /// What it is: [`PARTED`] and so on.
    pub(super) is: u8,
}

/// Tokens one behind the other. Their places are made once, for what takes their place step by step.
#[derive(Default)]
pub(super) struct Window {
    tokens: Vec<Seen>,
    len: usize,
    /// The numbers of those that may be plurals, in order.
    plurals: Vec<u32>,
    count: usize,
}

impl Window {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn tokens(&self) -> &[Seen] {
        self.tokens.get(..self.len).unwrap_or_default()
    }

    pub(super) fn tokens_mut(&mut self) -> &mut [Seen] {
        self.tokens.get_mut(..self.len).unwrap_or_default()
    }

    pub(super) fn plurals(&self) -> &[u32] {
        self.plurals.get(..self.count).unwrap_or_default()
    }

    /// Places for so many tokens, and for the numbers of those of them that may be plurals; to [`add`](Self::add) then.
    #[inline(always)]
    pub(super) fn room(&mut self, count: usize) -> (&mut [Seen], &mut [u32]) {
        if self.tokens.len() < self.len + count || self.plurals.len() < self.count + count {
            self.grow(count);
        }
        let tokens = self.tokens.get_mut(self.len..self.len + count);
        let plurals = self.plurals.get_mut(self.count..self.count + count);
        (tokens.unwrap_or_default(), plurals.unwrap_or_default())
    }

    #[cold]
    fn grow(&mut self, count: usize) {
        let len = (2 * (self.len + count)).max(256);
        self.tokens.resize(len, Seen::default());
        self.plurals.resize(len, 0);
    }

    /// Adds the tokens that were put into the room, and the numbers of plurals.
    #[inline(always)]
    pub(super) fn add(&mut self, tokens: usize, plurals: usize) {
        self.len += tokens;
        self.count += plurals;
    }

    #[inline(always)]
    pub(super) fn mark(&mut self, number: usize, is: u8) {
        if let Some(token) = self.tokens.get_mut(number) {
            token.is |= is;
        }
    }

    pub(super) fn push(&mut self, token: Seen) {
        let number = self.len as u32;
        let is_plural = token.is & PLURAL != 0;
        let (tokens, plurals) = self.room(1);
        tokens.fill(token);
        plurals.fill(number);
        self.add(1, usize::from(is_plural));
    }

    /// Takes the first tokens away.
    pub(super) fn pass(&mut self, count: usize) {
        let count = count.min(self.len);
        self.tokens.copy_within(count..self.len, 0);
        self.len -= count;
        let passed = self.plurals().partition_point(|at| (*at as usize) < count);
        self.plurals.copy_within(passed..self.count, 0);
        self.count -= passed;
        for number in &mut self.plurals[..self.count] {
            *number -= count as u32;
        }
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

    /// The hash of the word of so many bytes.
    #[inline(always)]
    pub(super) fn hash(self, seed: u64, len: usize) -> u64 {
        let [first, second] = FIRST_BYTES[len % FIRST_BYTES.len()];
        Hash::of_blocks(seed, self.0[0] & first, self.0[1] & second)
    }

    /// The bytes in their order.
    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; LONGEST_WORD] {
        let mut bytes = [0; LONGEST_WORD];
        let (halves, _) = bytes.as_chunks_mut();
        for (to, half) in halves.iter_mut().zip(self.0) {
            *to = half.to_le_bytes();
        }
        bytes
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
