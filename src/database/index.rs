//! The index of a database, and the search for keys in a text.
//!
//! A key is the token sequence of a name or an alias; its path is a hash of its tokens that grows token by token. The
//! index has no trie in memory but the paths of one:
//!
//! * words: every word of a key, with what it is good for ([`FIRST`], [`SINGLE`], [`INNER`], [`LAST`]). Most words of a
//!   text are passed over here, in a table that stays in the cache. A slot is 27 bits of the word's hash and those
//!   flags; a shelf is eight slots, filled from the first, and what does not fit stands on the next.
//! * nodes: every key, and every beginning of one that has at least two tokens. A bucket is a cache line of six slots:
//!   the lower 48 bits of six paths, six values, and whether the next bucket holds what did not fit here. The upper bits
//!   of the path are the bucket's number.
//! * postings: the concepts of keys that several have, or that must be in capitals.
//!
//! Since a path depends on the text alone, the lines that a search will need are known before it begins, and fetched
//! together. A search from one word goes no deeper than [`LONGEST_PHRASE`] words: time is linear in the text.
//!
//! Plurals are not in the index: a word that looks like one is tried as what it may be the plural of, at the end of a
//! key. An exact key beats a plural of the same length, and a longer key beats a shorter one.

#![allow(unsafe_code)]

use super::plural;
use super::tokens::{FACTOR, Hash, Kind, Token, Tokens, fold_token, mix};
use super::{LONGEST_PHRASE, Mention};

/// The word begins a key of several words.
pub(super) const FIRST: u8 = 1;
/// The word is a key.
pub(super) const SINGLE: u8 = 2;
/// The word stands in a key behind another.
pub(super) const INNER: u8 = 4;
/// The word ends a key, and may be in the plural there.
pub(super) const LAST: u8 = 8;

const FLAGS: u32 = 0x1f;

/// Most buckets or shelves looked at for one hash.
pub(super) const PROBES: usize = 32;

/// Slots of a bucket.
pub(super) const SLOTS: usize = 6;

/// Slots of a shelf.
pub(super) const SHELF_SLOTS: usize = 8;

/// Set in the value of a path that goes on.
pub(super) const GOES_ON: u32 = 1 << 31;

/// Most concepts of one key.
pub(super) const NAMESAKES: usize = 1_000;

pub(super) type Bucket = [u8; 64];

pub(super) type Shelf = [u8; 4 * SHELF_SLOTS];

/// Where a hash stands in a table of `slots` slots (Lemire 2019, "Fast random integer generation").
#[inline]
pub(super) fn home(hash: u64, slots: usize) -> usize {
    (((hash >> 32) * slots as u64) >> 32) as usize
}

/// The bits of a word's hash that its slot holds.
#[inline]
fn word_print(hash: u64) -> u32 {
    (hash as u32) & !FLAGS
}

/// The path of a key that goes on from `path` with a word.
#[inline]
pub(super) fn step(path: u64, word: u64) -> u64 {
    mix(path.rotate_left(29).wrapping_add(word) ^ FACTOR, FACTOR)
}

/// Fields of a bucket: the lower halves of the prints, the values, the upper quarters of the prints.
#[inline]
fn field(bucket: &Bucket, at: usize) -> u32 {
    let bytes = bucket.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

#[inline]
fn print(bucket: &Bucket, slot: usize) -> u64 {
    let high = bucket.get(48 + 2 * slot..).and_then(|b| b.first_chunk());
    let high = high.map_or(0, |bytes| u16::from_le_bytes(*bytes));
    u64::from(high) << 32 | u64::from(field(bucket, 4 * slot))
}

#[inline]
fn value(bucket: &Bucket, slot: usize) -> u32 {
    field(bucket, 24 + 4 * slot)
}

/// Whether words that did not fit onto a shelf may stand on the next.
#[inline]
fn is_full(shelf: &Shelf) -> bool {
    shelf.last_chunk::<4>() != Some(&[0; 4])
}

/// Puts a word onto a shelf; whether there was room.
pub(super) fn shelve(shelf: &mut Shelf, hash: u64, flags: u8) -> bool {
    let mut slots = shelf.as_chunks_mut::<4>().0.iter_mut();
    let free = slots.find(|slot| **slot == [0; 4]);
    let slot = (word_print(hash) | u32::from(flags)).to_le_bytes();
    free.map(|free| *free = slot).is_some()
}

/// Puts a path into a bucket; whether there was room.
pub(super) fn put(bucket: &mut Bucket, path: u64, value: u32) -> bool {
    let free = (0..SLOTS).find(|slot| self::value(bucket, *slot) == 0);
    let Some(slot) = free else {
        bucket[60] = 1;
        return false;
    };
    bucket[4 * slot..][..4].copy_from_slice(&(path as u32).to_le_bytes());
    bucket[24 + 4 * slot..][..4].copy_from_slice(&value.to_le_bytes());
    bucket[48 + 2 * slot..][..2].copy_from_slice(&((path >> 32) as u16).to_le_bytes());
    true
}

/// The index in an image.
#[derive(Clone, Copy)]
pub(super) struct Index<'i> {
    pub(super) seed: u64,
    pub(super) concepts: u32,
    pub(super) words: &'i [Shelf],
    pub(super) nodes: &'i [Bucket],
    pub(super) postings: &'i [[u8; 4]],
}

/// The concepts of a key.
#[derive(Clone, Copy, Default)]
struct Ends<'i> {
    one: u32,
    any: &'i [[u8; 4]],
    capitals: &'i [[u8; 4]],
}

impl Index<'_> {
    /// What a word is good for.
    #[inline]
    fn word(&self, hash: u64) -> u8 {
        let print = word_print(hash);
        let mut at = home(hash, self.words.len());
        for _ in 0..PROBES {
            let Some(shelf) = self.words.get(at) else {
                return 0;
            };
            // All slots without a branch: which of them it is cannot be foretold.
            let mut found = 0;
            for slot in shelf.as_chunks().0 {
                let slot = u32::from_le_bytes(*slot);
                found |= if slot & !FLAGS == print { slot } else { 0 };
            }
            if found & FLAGS != 0 || !is_full(shelf) {
                return (found & FLAGS) as u8;
            }
            at = if at + 1 < self.words.len() { at + 1 } else { 0 };
        }
        0
    }

    /// The value of a path; 0 when it leads nowhere.
    #[inline]
    fn node(&self, path: u64) -> u32 {
        let wanted = path & 0xffff_ffff_ffff;
        let mut at = home(path, self.nodes.len());
        for _ in 0..PROBES {
            let Some(bucket) = self.nodes.get(at) else {
                return 0;
            };
            let mut found = 0;
            for slot in 0..SLOTS {
                let same = print(bucket, slot) == wanted;
                found |= if same { value(bucket, slot) } else { 0 };
            }
            if found != 0 || bucket[60] == 0 {
                return found;
            }
            at = if at + 1 < self.nodes.len() { at + 1 } else { 0 };
        }
        0
    }

    /// Has the line of a path fetched.
    #[inline]
    fn fetch(&self, path: u64) {
        #[cfg(target_arch = "x86_64")]
        if let Some(bucket) = self.nodes.get(home(path, self.nodes.len())) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: fetching a line reads nothing that the program sees, and every x86-64 has the instruction.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(bucket.as_ptr().cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = path;
    }

    /// The concepts that a value tells of.
    #[inline]
    fn ends(&self, value: u32) -> Ends<'_> {
        let value = value & !GOES_ON;
        if value <= self.concepts {
            return Ends {
                one: value,
                ..Ends::default()
            };
        }
        self.posted(value).unwrap_or_default()
    }

    fn posted(&self, value: u32) -> Option<Ends<'_>> {
        let at = (value - self.concepts - 1) as usize;
        let list = self.postings.get(at..)?;
        let ([any, capitals], list) = list.split_first_chunk()?;
        let (any, list) = list.split_at_checked(u32::from_le_bytes(*any) as usize)?;
        let capitals = list.get(..u32::from_le_bytes(*capitals) as usize)?;
        let few = any.len() + capitals.len() <= 2 * NAMESAKES;
        few.then_some(Ends {
            one: 0,
            any,
            capitals,
        })
    }

    /// Calls `found` with the concepts of a value, those of keys in capitals first if those may be.
    #[inline]
    pub(super) fn each(&self, value: u32, capitals: impl Fn() -> bool, mut found: impl FnMut(u32)) {
        let ends = self.ends(value);
        if ends.one != 0 {
            return found(ends.one - 1);
        }
        let strict = match ends.capitals {
            [] => &[],
            strict if capitals() => strict,
            _ => &[],
        };
        for concept in strict.iter().chain(ends.any) {
            let concept = u32::from_le_bytes(*concept);
            if concept < self.concepts {
                found(concept);
            }
        }
    }

    /// The first concept of a value.
    #[inline]
    fn first(&self, value: u32, capitals: impl Fn() -> bool) -> Option<u32> {
        let mut first = None;
        self.each(value, capitals, |concept| {
            first.get_or_insert(concept);
        });
        first
    }

    /// What is wrong, if something is.
    pub(super) fn verify(&self) -> Result<(), &'static str> {
        for bucket in self.nodes {
            for slot in 0..SLOTS {
                let value = value(bucket, slot) & !GOES_ON;
                if value <= self.concepts {
                    continue;
                }
                let ends = self.posted(value).ok_or("a path")?;
                let inside = |concept: &[u8; 4]| u32::from_le_bytes(*concept) < self.concepts;
                if !ends.any.iter().chain(ends.capitals).all(inside) {
                    return Err("a posting");
                }
            }
        }
        Ok(())
    }

    /// The concepts that have `name` as a key, in any letter case; those of a key in the same case first.
    pub(super) fn find(&self, name: &str) -> Vec<u32> {
        let mut path = None;
        for token in Tokens::new(name, self.seed) {
            if token.kind != Kind::Break {
                path = Some(path.map_or(token.hash, |path| step(path, token.hash)));
            }
        }
        let value = path.map_or(0, |path| self.node(path));
        let Ends { one, any, capitals } = self.ends(value);
        let (first, second) = match is_acronym(name) {
            true => (capitals, any),
            false => (any, capitals),
        };
        let listed = first.iter().chain(second);
        let mut found: Vec<u32> = listed.map(|concept| u32::from_le_bytes(*concept)).collect();
        found.extend(one.checked_sub(1));
        found.retain(|concept| *concept < self.concepts);
        let mut seen = std::collections::HashSet::new();
        found.retain(|concept| seen.insert(*concept));
        found
    }

    /// Calls `found` with the place and the value of every key in `text`, leftmost first, at each place the shortest first,
    /// exact ones before plurals. `all` are the indices that a text is searched in: a word that is cut is put together
    /// where any of them has the whole.
    pub(super) fn keys_in(
        &self,
        all: &[Index<'_>],
        text: &str,
        mut found: impl FnMut(std::ops::Range<usize>, u32),
    ) {
        let mut window = Window::new(*self, text);
        window.all = all;
        while window.fill() {
            self.walk(&window, |range, value, _| found(range, value));
            window.at += 1;
        }
    }

    /// Appends the mentions in `text`, leftmost first, at each place the longest, not overlapping.
    pub(super) fn tag_into(&self, text: &str, mentions: &mut Vec<Mention>) {
        let mut window = Window::new(*self, text);
        while window.fill() {
            match self.longest(&window) {
                Some((count, mention)) => {
                    mentions.push(mention);
                    window.at += count;
                }
                None => window.at += 1,
            }
        }
    }

    /// Appends every key in `text` with every concept that has it, leftmost first, at each place the shortest first.
    pub(super) fn tag_all_into(&self, text: &str, mentions: &mut Vec<Mention>) {
        let mut window = Window::new(*self, text);
        while window.fill() {
            let here = mentions.len();
            self.walk(&window, |range, value, _| {
                let same = mentions[here..]
                    .iter()
                    .rev()
                    .take_while(|mention| mention.range == range)
                    .count();
                let same = mentions.len() - same;
                self.each(
                    value,
                    || is_capitals(&text[range.clone()]),
                    |concept| {
                        if !mentions[same..]
                            .iter()
                            .any(|known| known.concept == concept)
                        {
                            mentions.push(Mention {
                                concept,
                                range: range.clone(),
                            });
                        }
                    },
                );
            });
            window.at += 1;
        }
    }

    /// The mention of the longest key that begins with the present token, and its number of tokens.
    #[inline]
    fn longest(&self, window: &Window<'_>) -> Option<(usize, Mention)> {
        let mut best = None;
        self.walk(window, |range, value, count| {
            let capitals = || is_capitals(&window.text[range.clone()]);
            if let Some(concept) = self.first(value, capitals) {
                // A plural comes behind the exact key of its length.
                if best.as_ref().is_none_or(|(known, _)| *known < count) {
                    best = Some((count, Mention { concept, range }));
                }
            }
        });
        best
    }

    /// Calls `found` with the place, the value and the number of tokens of every key that begins with the present
    /// token, the shortest first, exact ones before plurals.
    #[inline]
    fn walk(&self, window: &Window<'_>, mut found: impl FnMut(std::ops::Range<usize>, u32, usize)) {
        let tokens = &window.tokens[window.at..];
        let Some(first) = tokens.first() else {
            return;
        };
        if first.kind == Kind::AfterApostrophe && first.end - first.start == 1 {
            return;
        }
        let mut before = None;
        for (token, count) in tokens.iter().take(LONGEST_PHRASE).zip(1..) {
            let path = |word| before.map_or(word, |before| step(before, word));
            let mut goes_on = false;
            let here = path(token.hash);
            let may_be = if before.is_none() { SINGLE } else { INNER };
            if token.flags & may_be != 0 {
                let value = self.node(here);
                goes_on = value & GOES_ON != 0;
                if value & !GOES_ON != 0 {
                    found(first.start..token.end, value, count);
                }
            }
            for base in window.bases(token) {
                let value = self.node(path(*base));
                if value & !GOES_ON != 0 {
                    found(first.start..token.end, value, count);
                }
            }
            if before.is_none() {
                goes_on = token.flags & FIRST != 0;
            }
            if !goes_on {
                return;
            }
            before = Some(here);
        }
    }
}

/// Whether a key is matched only in capitals: all its letters are, and they are at most four.
pub(super) fn is_acronym(key: &str) -> bool {
    let mut letters = 0;
    for char in key.chars() {
        if char.is_lowercase() {
            return false;
        }
        letters += u32::from(char.is_uppercase());
    }
    (1..=4).contains(&letters)
}

/// Whether the letters of a text are capitals, but for an `s` or `es` at its end.
pub(super) fn is_capitals(text: &str) -> bool {
    let stem = text.strip_suffix("es").filter(|stem| stem.len() > 1);
    let stem = stem.or_else(|| text.strip_suffix('s')).unwrap_or(text);
    !stem.contains(char::is_lowercase) && stem.contains(char::is_uppercase)
}

/// A token of a text as the index sees it.
#[derive(Clone, Copy)]
struct Seen {
    start: usize,
    end: usize,
    hash: u64,
    /// First of the words it may be the plural of, in [`Window::bases`].
    base: u32,
    bases: u8,
    flags: u8,
    kind: Kind,
    /// Whether a key may begin here.
    begins: bool,
}

/// The tokens from the present one on, as many as the longest key may need; memory does not grow with the text.
struct Window<'t> {
    index: Index<'t>,
    /// Where the words are looked up that cut ones are put together to, besides the index.
    all: &'t [Index<'t>],
    text: &'t str,
    source: Tokens<'t>,
    tokens: Vec<Seen>,
    bases: Vec<u64>,
    at: usize,
    done: bool,
    /// Tokens of a word that was cut, until it is known how it goes on.
    pieces: Vec<Token>,
    folded: String,
}

const WINDOW: usize = 512;

/// Most pieces a word is put together from again.
const PIECES: usize = 8;

impl<'t> Window<'t> {
    fn new(index: Index<'t>, text: &'t str) -> Self {
        Window {
            index,
            all: &[],
            text,
            source: Tokens::new(text, index.seed),
            tokens: Vec::with_capacity(WINDOW + PIECES),
            bases: Vec::new(),
            at: 0,
            done: false,
            pieces: Vec::new(),
            folded: String::new(),
        }
    }

    fn bases(&self, token: &Seen) -> &[u64] {
        let first = token.base as usize;
        self.bases
            .get(first..first + usize::from(token.bases))
            .unwrap_or_default()
    }

    /// Goes to the next token that may begin a key, with room for the longest behind it; whether there is one.
    #[inline]
    fn fill(&mut self) -> bool {
        loop {
            let rest = self.tokens.get(self.at..).unwrap_or_default();
            let next = rest.iter().position(|token| token.begins);
            self.at += next.unwrap_or(rest.len());
            if self.done || self.tokens.len() - self.at >= LONGEST_PHRASE {
                return next.is_some();
            }
            self.refill();
        }
    }

    #[cold]
    fn refill(&mut self) {
        self.tokens.drain(..self.at);
        let passed = self
            .tokens
            .first()
            .map_or(self.bases.len(), |first| first.base as usize);
        self.bases.drain(..passed);
        for token in &mut self.tokens {
            token.base -= passed as u32;
        }
        self.at = 0;
        let known = self.tokens.len();
        while self.tokens.len() < WINDOW && !self.done {
            match self.source.next() {
                Some(token) if token.cut && self.pieces.len() + 1 < PIECES => {
                    self.pieces.push(token);
                }
                Some(token) if self.pieces.is_empty() => self.see(&token, token.end, token.hash),
                Some(token) => {
                    self.pieces.push(token);
                    self.join();
                }
                None => {
                    self.done = true;
                    self.join();
                }
            }
        }
        self.look_up(known);
    }

    fn see(&mut self, token: &Token, end: usize, hash: u64) {
        self.tokens.push(Seen {
            start: token.start,
            end,
            hash,
            base: 0,
            bases: 0,
            flags: 0,
            kind: token.kind,
            begins: false,
        });
    }

    /// Looks the words up from one token on, and has the lines fetched that a search from them begins with.
    fn look_up(&mut self, from: usize) {
        for at in from..self.tokens.len() {
            let token = self.tokens[at];
            let flags = match token.kind {
                Kind::Break => 0,
                _ => self.index.word(token.hash),
            };
            let base = self.bases.len();
            let single = self.find_bases(&token);
            self.tokens[at] = Seen {
                base: base as u32,
                bases: (self.bases.len() - base) as u8,
                flags,
                begins: single || flags & (FIRST | SINGLE) != 0,
                ..token
            };
        }
        for (at, token) in self.tokens.iter().enumerate().skip(from.saturating_sub(1)) {
            if token.flags & SINGLE != 0 {
                self.index.fetch(token.hash);
            }
            let next = self.tokens.get(at + 1).filter(|_| token.flags & FIRST != 0);
            if let Some(next) = next.filter(|next| next.flags & INNER != 0) {
                self.index.fetch(step(token.hash, next.hash));
            }
        }
    }

    /// Notes the words at the end of keys that a word may be the plural of; whether one is a key by itself.
    #[inline]
    fn find_bases(&mut self, token: &Seen) -> bool {
        let Some(word) = self.text.get(token.start..token.end) else {
            return false;
        };
        if !plural::may_be(word.as_bytes()) || token.kind == Kind::Break {
            return false;
        }
        self.each_base(self.index, word) & SINGLE != 0
    }

    /// Notes the words at the end of keys that a word may be the plural of; what they are good for.
    fn each_base(&mut self, index: Index<'_>, word: &str) -> u8 {
        self.folded.clear();
        self.folded_word(word);
        let (word, bases) = (&self.folded, &mut self.bases);
        let mut all = 0;
        plural::bases(word, |stem, singular| {
            let mut hash = Hash::of(index.seed, stem.as_bytes());
            for byte in singular.bytes() {
                hash.push(byte);
            }
            let hash = hash.finish();
            let flags = index.word(hash);
            if flags & LAST != 0 && plural::is_of(word, &[stem, singular].concat()) {
                all |= flags;
                bases.push(hash);
            }
        });
        all
    }

    /// Folds a word that may be in pieces.
    fn folded_word(&mut self, word: &str) {
        if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.folded.push_str(word);
            self.folded.make_ascii_lowercase();
            return;
        }
        for token in Tokens::new(word, 0) {
            fold_token(word, &token, &mut self.folded);
        }
    }

    /// Puts the pieces of a cut word together where the whole is a word of some key, as many as possible.
    fn join(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        let mut rest = pieces.as_slice();
        while let Some(first) = rest.first() {
            let whole = (2..=rest.len())
                .rev()
                .find_map(|count| self.whole(&rest[..count]).map(|hash| (count, hash)));
            let (count, hash) = whole.unwrap_or((1, first.hash));
            self.see(first, rest[count - 1].end, hash);
            rest = &rest[count..];
        }
        self.pieces = pieces;
        self.pieces.clear();
    }

    /// The hash of the word that pieces are of, if it is a word of some key.
    fn whole(&mut self, pieces: &[Token]) -> Option<u64> {
        let mut joined = String::new();
        for piece in pieces {
            joined.push_str(self.text.get(piece.start..piece.end)?);
        }
        let mut tokens = Tokens::new(&joined, self.index.seed);
        let token = tokens.next()?;
        if tokens.next().is_some() {
            return None;
        }
        let bases = self.bases.len();
        let known = std::iter::once(self.index)
            .chain(self.all.iter().copied())
            .any(|index| index.word(token.hash) != 0 || self.each_base(index, &joined) != 0);
        self.bases.truncate(bases);
        known.then_some(token.hash)
    }
}
