//! The index of a database: a trie over words, and the search for the longest keys in a text.
//!
//! A key is the token sequence of a name or an alias. Edges of all nodes live in one hash table under
//! (node, word), so a step costs one probe whatever the size of the database; a text word that occurs in no key
//! is known for it after one probe and can neither begin nor continue a match. A search from one word goes no
//! deeper than [`LONGEST_PHRASE`] words: time is linear in the text.
//!
//! Plurals are words of their own that know the words they are plurals of; they are followed only to the end of
//! a key. An exact key beats a plural of the same length, and a longer key beats a shorter one.

use super::compiled::Reader;
use super::plural;
use super::tokens::{FACTOR, Hash, Kind, Token, Tokens, fold_token};
use super::{LONGEST_PHRASE, Mention};

/// No concept, no word, no node.
const NONE: u32 = u32::MAX;

/// Set in the number of a word that begins no key: most words of a text are passed over by this bit alone.
const INNER: u32 = 1 << 31;

/// A hash table from 64-bit keys to indices; open addressing, never more than half full.
#[derive(Debug)]
pub(super) struct Table {
    slots: Vec<(u64, u32)>,
    len: usize,
    seed: u64,
}

impl Table {
    /// A table with room for `capacity` keys; it grows when there are more.
    pub(super) fn new(seed: u64, capacity: usize) -> Self {
        let slots = capacity.saturating_mul(2).next_power_of_two().max(16);
        Table {
            slots: vec![(0, NONE); slots],
            len: 0,
            seed,
        }
    }

    #[inline]
    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        // Multiplying spreads the keys over the high bits (Knuth 1973, 6.4).
        let spread = (key ^ self.seed).wrapping_mul(FACTOR);
        let mut at = (spread >> 32 ^ spread >> 12) as usize & mask;
        loop {
            let (found, value) = self.slots[at];
            if value == NONE || found == key {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<u32> {
        let (_, value) = self.slots[self.slot(key)];
        (value != NONE).then_some(value)
    }

    /// The value under `key`, which becomes `value` when there was none.
    #[inline]
    pub(super) fn get_or_insert(&mut self, key: u64, value: u32) -> u32 {
        let slot = self.slot(key);
        let (_, found) = self.slots[slot];
        if found != NONE {
            return found;
        }
        self.slots[slot] = (key, value);
        self.len += 1;
        if self.len * 2 > self.slots.len() {
            self.grow();
        }
        value
    }

    fn grow(&mut self) {
        let empty = vec![(0, NONE); self.slots.len() * 2];
        for (key, value) in std::mem::replace(&mut self.slots, empty) {
            if value != NONE {
                let slot = self.slot(key);
                self.slots[slot] = (key, value);
            }
        }
    }
}

/// A word of the keys, or a plural of one.
#[derive(Clone, Copy, Debug)]
struct Word {
    /// The node reached by this word from the root.
    first: u32,
    /// Head of the list in [`Trie::plurals`].
    plural_of: u32,
    /// Whether its plurals have been added.
    inflected: bool,
}

/// What ends at a node.
#[derive(Clone, Copy, Debug)]
struct End {
    /// The concept of a key in any letter case.
    any: u32,
    /// The concept of a key that must be in capitals.
    capitals: u32,
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Insertion {
    Added,
    /// The key is this concept's already.
    Known,
    /// The key is another concept's.
    Taken(u32),
    /// The key has no words.
    Empty,
    /// The key has more than [`LONGEST_PHRASE`] words.
    Long,
}

#[derive(Debug)]
pub(super) struct Trie {
    seed: u64,
    words: Table,
    word: Vec<Word>,
    /// (word, next entry of the list).
    plurals: Vec<(u32, u32)>,
    edges: Table,
    ends: Vec<End>,
    /// Room for the tokens of a key, while the trie is built.
    tokens: Vec<Token>,
}

impl Trie {
    pub(super) fn new(seed: u64, keys: usize) -> Self {
        let end = End {
            any: NONE,
            capitals: NONE,
        };
        let mut ends = Vec::with_capacity(keys * 2 + 1);
        ends.push(end);
        Trie {
            seed,
            words: Table::new(seed, keys),
            word: Vec::with_capacity(keys),
            plurals: Vec::with_capacity(keys / 2),
            edges: Table::new(seed.rotate_left(32), keys),
            ends,
            tokens: Vec::new(),
        }
    }

    fn add_word(&mut self, hash: u64) -> u32 {
        let next = self.word.len() as u32;
        let id = self.words.get_or_insert(hash, next);
        if id == next {
            self.word.push(Word {
                first: NONE,
                plural_of: NONE,
                inflected: false,
            });
        }
        id
    }

    fn step(&self, node: u32, word: u32) -> Option<u32> {
        match node {
            0 => Some(self.word[word as usize].first).filter(|first| *first != NONE),
            _ => self.edges.get(u64::from(node) << 32 | u64::from(word)),
        }
    }

    fn add_step(&mut self, node: u32, word: u32) -> u32 {
        let next = self.ends.len() as u32;
        let child = if node == 0 {
            let first = &mut self.word[word as usize].first;
            if *first == NONE {
                *first = next;
            }
            *first
        } else {
            self.edges
                .get_or_insert(u64::from(node) << 32 | u64::from(word), next)
        };
        if child == next {
            self.ends.push(End {
                any: NONE,
                capitals: NONE,
            });
        }
        child
    }

    /// The tokens of a key, at the end of which `concept` is put; the first concept to have a key keeps it.
    pub(super) fn insert(&mut self, key: &str, concept: u32) -> Insertion {
        let mut tokens = std::mem::take(&mut self.tokens);
        self.cut(key, &mut tokens);
        let inserted = self.insert_tokens(key, &tokens, concept);
        self.tokens = tokens;
        inserted
    }

    /// Cuts a key into the tokens that count.
    pub(super) fn cut(&self, key: &str, tokens: &mut Vec<Token>) {
        tokens.clear();
        tokens.extend(Tokens::new(key, self.seed).filter(|token| token.kind != Kind::Break));
    }

    /// Like [`insert`](Self::insert), for a key that is [cut](Self::cut) already.
    pub(super) fn insert_tokens(&mut self, key: &str, tokens: &[Token], concept: u32) -> Insertion {
        let Some(last) = tokens.last() else {
            return Insertion::Empty;
        };
        if tokens.len() > LONGEST_PHRASE {
            return Insertion::Long;
        }
        let (mut node, mut word) = (0, NONE);
        for token in tokens {
            word = self.add_word(token.hash);
            node = self.add_step(node, word);
        }
        if last.kind == Kind::Word {
            self.inflect(key, last, word);
        }
        let end = &mut self.ends[node as usize];
        let slot = match is_acronym(key) {
            true => &mut end.capitals,
            false => &mut end.any,
        };
        match *slot {
            NONE => {
                *slot = concept;
                Insertion::Added
            }
            taken if taken == concept => Insertion::Known,
            taken => Insertion::Taken(taken),
        }
    }

    /// Readies the trie for searching; no key is added afterwards.
    pub(super) fn finish(&mut self) {
        for (_, value) in &mut self.words.slots {
            let Some(word) = self.word.get(*value as usize) else {
                continue;
            };
            let mut begins = word.first != NONE;
            let mut plural = word.plural_of;
            while let Some((base, next)) = self.plurals.get(plural as usize) {
                begins |= self.word[*base as usize].first != NONE;
                plural = *next;
            }
            if !begins {
                *value |= INNER;
            }
        }
        self.tokens = Vec::new();
    }

    /// The trie in an image of the compiled-in database.
    pub(super) fn read(seed: u64, image: &mut Reader<'_>) -> Option<Self> {
        let hashed = image.list(16, |image| {
            let hash = image.u64()?;
            let word = Word {
                first: image.u32()?,
                plural_of: image.u32()?,
                inflected: true,
            };
            Some((hash, word))
        })?;
        let plurals = image.list(8, |image| Some((image.u32()?, image.u32()?)))?;
        let steps = image.list(12, |image| Some((image.u64()?, image.u32()?)))?;
        let ends = image.list(8, |image| {
            Some(End {
                any: image.u32()?,
                capitals: image.u32()?,
            })
        })?;
        let mut words = Table::new(seed, hashed.len());
        for ((hash, _), id) in hashed.iter().zip(0..) {
            words.get_or_insert(*hash, id);
        }
        let mut edges = Table::new(seed.rotate_left(32), steps.len());
        for (key, child) in steps {
            edges.get_or_insert(key, child);
        }
        let mut trie = Trie {
            seed,
            words,
            word: hashed.into_iter().map(|(_, word)| word).collect(),
            plurals,
            edges,
            ends,
            tokens: Vec::new(),
        };
        trie.finish();
        Some(trie)
    }

    #[cfg(test)]
    pub(super) fn write(&self, image: &mut super::compiled::Writer) {
        let mut hashes = vec![0; self.word.len()];
        for (hash, id) in self.words.slots.iter().filter(|(_, id)| *id != NONE) {
            hashes[(id & !INNER) as usize] = *hash;
        }
        let words: Vec<(u64, &Word)> = hashes.into_iter().zip(&self.word).collect();
        image.list(&words, |image, (hash, word)| {
            image.u64(*hash);
            image.u32(word.first);
            image.u32(word.plural_of);
        });
        image.list(&self.plurals, |image, (base, next)| {
            image.u32(*base);
            image.u32(*next);
        });
        let mut edges = self.edges.slots.clone();
        edges.retain(|(_, child)| *child != NONE);
        edges.sort_unstable();
        image.list(&edges, |image, (key, child)| {
            image.u64(*key);
            image.u32(*child);
        });
        image.list(&self.ends, |image, end| {
            image.u32(end.any);
            image.u32(end.capitals);
        });
    }

    /// The number of a text's word; [`NONE`] when it is in no key.
    #[inline]
    fn known(&self, hash: u64) -> u32 {
        self.words.get(hash).unwrap_or(NONE)
    }

    /// Adds the plurals of a word.
    fn inflect(&mut self, key: &str, token: &Token, base: u32) {
        if std::mem::replace(&mut self.word[base as usize].inflected, true) {
            return;
        }
        let mut folded = String::new();
        fold_token(key, token, &mut folded);
        let seed = self.seed;
        plural::each(&folded, |plural| {
            let id = self.add_word(Hash::of(seed, plural.as_bytes()));
            let next = self.word[id as usize].plural_of;
            self.word[id as usize].plural_of = self.plurals.len() as u32;
            self.plurals.push((base, next));
        });
    }

    /// The concept that has `name` as a key, in any letter case; one in the same case is preferred.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let mut node = 0;
        for token in Tokens::new(name, self.seed) {
            if token.kind != Kind::Break {
                node = self.step(node, self.words.get(token.hash)? & !INNER)?;
            }
        }
        let end = self.ends[node as usize];
        let (first, second) = match is_acronym(name) {
            true => (end.capitals, end.any),
            false => (end.any, end.capitals),
        };
        [first, second].into_iter().find(|concept| *concept != NONE)
    }

    /// Appends the mentions in `text`, leftmost first, at each place the longest, not overlapping.
    pub(super) fn tag_into(&self, text: &str, mentions: &mut Vec<Mention>) {
        let mut window = Window::new(self, text);
        while window.fill() {
            let rest = &window.tokens[window.at..];
            let Some(skipped) = rest.iter().position(|token| token.word & INNER == 0) else {
                window.at = window.tokens.len();
                continue;
            };
            // What was skipped may leave too few tokens behind the next one.
            if skipped > 0 {
                window.at += skipped;
                continue;
            }
            window.at += self.take(text, rest, mentions);
        }
    }

    /// Adds the mention that begins with the first token, if one does; by how many tokens to go on.
    #[inline]
    fn take(&self, text: &str, tokens: &[Seen], mentions: &mut Vec<Mention>) -> usize {
        let Some(first) = tokens.first() else {
            return 1;
        };
        if first.kind == Kind::AfterApostrophe && first.end - first.start == 1 {
            return 1;
        }
        let Some((count, concept)) = self.longest(text, tokens) else {
            return 1;
        };
        mentions.push(Mention {
            concept,
            range: first.start..tokens[count - 1].end,
        });
        count
    }

    /// The longest key that begins with the first token: its number of tokens, and its concept.
    #[inline]
    fn longest(&self, text: &str, tokens: &[Seen]) -> Option<(usize, u32)> {
        let start = tokens.first()?.start;
        let mut best = None;
        let mut node = 0;
        for (index, token) in tokens.iter().take(LONGEST_PHRASE).enumerate() {
            if token.word == NONE {
                break;
            }
            let word = token.word & !INNER;
            let mut plural = self.word[word as usize].plural_of;
            while plural != NONE {
                let (base, next) = self.plurals[plural as usize];
                if let Some(concept) = self
                    .step(node, base)
                    .and_then(|child| self.end(child, text, start, token.end))
                {
                    best = Some((index + 1, concept));
                    break;
                }
                plural = next;
            }
            let Some(child) = self.step(node, word) else {
                break;
            };
            if let Some(concept) = self.end(child, text, start, token.end) {
                best = Some((index + 1, concept));
            }
            node = child;
        }
        best
    }

    #[inline]
    fn end(&self, node: u32, text: &str, start: usize, end: usize) -> Option<u32> {
        let ends = self.ends[node as usize];
        if ends.capitals != NONE && text.get(start..end).is_some_and(is_capitals) {
            return Some(ends.capitals);
        }
        (ends.any != NONE).then_some(ends.any)
    }
}

/// Whether a key is matched only in capitals: all its letters are, and they are at most four.
fn is_acronym(key: &str) -> bool {
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
fn is_capitals(text: &str) -> bool {
    let stem = text.strip_suffix("es").filter(|stem| stem.len() > 1);
    let stem = stem.or_else(|| text.strip_suffix('s')).unwrap_or(text);
    !stem.contains(char::is_lowercase) && stem.contains(char::is_uppercase)
}

/// A token of a text as the trie sees it.
#[derive(Clone, Copy)]
struct Seen {
    start: usize,
    end: usize,
    word: u32,
    kind: Kind,
}

/// The tokens from the present one on, as many as the longest key may need; memory does not grow with the text.
struct Window<'t> {
    trie: &'t Trie,
    text: &'t str,
    source: Tokens<'t>,
    tokens: Vec<Seen>,
    at: usize,
    done: bool,
    /// Tokens of a word that was cut, until it is known how it goes on.
    pieces: Vec<Token>,
    joined: String,
}

const WINDOW: usize = 1024;

/// Most pieces a word is put together from again.
const PIECES: usize = 8;

impl<'t> Window<'t> {
    fn new(trie: &'t Trie, text: &'t str) -> Self {
        Window {
            trie,
            text,
            source: Tokens::new(text, trie.seed),
            tokens: Vec::with_capacity(WINDOW + PIECES),
            at: 0,
            done: false,
            pieces: Vec::new(),
            joined: String::new(),
        }
    }

    /// Makes sure that the longest key fits behind the present token; whether there is a present token.
    #[inline]
    fn fill(&mut self) -> bool {
        if self.tokens.len() - self.at < LONGEST_PHRASE && !self.done {
            self.refill();
        }
        self.at < self.tokens.len()
    }

    #[cold]
    fn refill(&mut self) {
        self.tokens.drain(..self.at);
        self.at = 0;
        while self.tokens.len() < WINDOW {
            let Some(token) = self.source.next() else {
                self.done = true;
                self.join();
                return;
            };
            if token.cut && self.pieces.len() + 1 < PIECES {
                self.pieces.push(token);
            } else if self.pieces.is_empty() {
                let word = self.trie.known(token.hash);
                self.see(&token, token.end, word);
            } else {
                self.pieces.push(token);
                self.join();
            }
        }
    }

    fn see(&mut self, token: &Token, end: usize, word: u32) {
        self.tokens.push(Seen {
            start: token.start,
            end,
            word: if token.kind == Kind::Break {
                NONE
            } else {
                word
            },
            kind: token.kind,
        });
    }

    /// Puts the pieces of a cut word together where the whole is a word of some key, as many as possible.
    fn join(&mut self) {
        let pieces = std::mem::take(&mut self.pieces);
        let mut rest = pieces.as_slice();
        while let Some(first) = rest.first() {
            let whole = (2..=rest.len())
                .rev()
                .find_map(|count| self.whole(&rest[..count]).map(|word| (count, word)));
            let (count, word) = whole.unwrap_or_else(|| (1, self.trie.known(first.hash)));
            self.see(first, rest[count - 1].end, word);
            rest = &rest[count..];
        }
        self.pieces = pieces;
        self.pieces.clear();
    }

    fn whole(&mut self, pieces: &[Token]) -> Option<u32> {
        self.joined.clear();
        for piece in pieces {
            self.joined.push_str(self.text.get(piece.start..piece.end)?);
        }
        let mut tokens = Tokens::new(&self.joined, self.trie.seed);
        let token = tokens.next()?;
        if tokens.next().is_some() {
            return None;
        }
        self.trie.words.get(token.hash)
    }
}
