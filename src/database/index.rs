//! The index of a database.
//!
//! A key is the token sequence of a name or an alias; its path is a hash of its tokens that grows token by token. The
//! index has no trie in memory but the paths of one, in two [tables](super::table) and beside them:
//!
//! * words: every word of a key, with what it is good for ([`FIRST`], [`SINGLE`], [`INNER`], [`LAST`]) in the lower half
//!   of the tag; the value is that of the word as a key. It stays in the cache.
//! * nodes: every key of at least two tokens, and every beginning of one that has as many, by their paths.
//! * pairs: a bit for each path of two words, which [tells](super::filter) of most others that they are no node.
//! * postings: the concepts of keys that several have, or that must be in capitals or as they are written: strict ones.
//!
//! Since a path depends on the text alone, the lines that a [search](super::search) will need are known before it begins,
//! and fetched together. A search from one word goes no deeper than [`LONGEST_PHRASE`](super::LONGEST_PHRASE) words: time
//! is linear in the text.
//!
//! Plurals are not in the index: a word that looks like one is tried as what it may be the plural of, at the end of a
//! key. An exact key beats a plural of the same length, and a longer key beats a shorter one.

use super::filter::Pairs;
use super::image::Image;
use super::table::Table;
use super::tokens::{FACTOR, Kind, Tokens, mix};

/// The word begins a key of several words.
pub(super) const FIRST: u8 = 1;
/// The word is a key.
pub(super) const SINGLE: u8 = 2;
/// The word stands in a key behind another.
pub(super) const INNER: u8 = 4;
/// The word ends a key, and may be in the plural there.
pub(super) const LAST: u8 = 8;

/// The bits of a word's tag that are of its hash, those of what it is good for being the others.
pub(super) const WORD_PRINT: u8 = 0xf0;

/// Set in the value of a path that goes on.
pub(super) const GOES_ON: u32 = 1 << 31;

/// Most concepts of one key.
pub(super) const NAMESAKES: usize = 1_000;

/// The path of a key that goes on from `path` with a word.
#[inline]
pub(super) fn step(path: u64, word: u64) -> u64 {
    mix(path.rotate_left(29).wrapping_add(word) ^ FACTOR, FACTOR)
}

/// The index in an image.
#[derive(Clone, Copy)]
pub(super) struct Index<'i> {
    pub(super) image: &'i Image,
    pub(super) seed: u64,
    pub(super) concepts: u32,
    pub(super) words: Table<'i, WORD_PRINT>,
    pub(super) nodes: Table<'i, 0xff>,
    pub(super) pairs: Pairs<'i>,
    pub(super) postings: &'i [[u8; 4]],
}

/// The concepts of a key.
#[derive(Clone, Copy, Default)]
struct Ends<'i> {
    one: u32,
    any: &'i [[u8; 4]],
    strict: &'i [[u8; 4]],
}

impl Index<'_> {
    /// What a word is good for.
    #[inline]
    pub(super) fn word(&self, hash: u64) -> u8 {
        self.words.get(hash).tag & !WORD_PRINT
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
        let ([any, strict], list) = list.split_first_chunk()?;
        let (any, list) = list.split_at_checked(u32::from_le_bytes(*any) as usize)?;
        let strict = list.get(..u32::from_le_bytes(*strict) as usize)?;
        let few = any.len() + strict.len() <= 2 * NAMESAKES;
        few.then_some(Ends {
            one: 0,
            any,
            strict,
        })
    }

    /// Calls `found` with the concepts of a value whose key is in a text as it must be, strict ones first.
    #[inline]
    pub(super) fn each<'t>(
        &self,
        value: u32,
        written: impl Fn() -> &'t str,
        mut found: impl FnMut(u32),
    ) {
        let ends = self.ends(value);
        if ends.one != 0 {
            return found(ends.one - 1);
        }
        for concept in ends.strict {
            let concept = u32::from_le_bytes(*concept);
            if concept < self.concepts && self.image.confirms(concept, written()) {
                found(concept);
            }
        }
        for concept in ends.any {
            let concept = u32::from_le_bytes(*concept);
            if concept < self.concepts {
                found(concept);
            }
        }
    }

    /// What is wrong, if something is.
    pub(super) fn verify(&self) -> Result<(), &'static str> {
        for item in self.words.items().chain(self.nodes.items()) {
            let value = item.value & !GOES_ON;
            if value <= self.concepts {
                continue;
            }
            let ends = self.posted(value).ok_or("a path")?;
            let inside = |concept: &[u8; 4]| u32::from_le_bytes(*concept) < self.concepts;
            if !ends.any.iter().chain(ends.strict).all(inside) {
                return Err("a posting");
            }
        }
        Ok(())
    }

    /// The concepts that have `name` as a key, in any letter case; those of a key in the same case first.
    pub(super) fn find(&self, name: &str) -> Vec<u32> {
        let tokens = Tokens::new(name, self.seed).filter(|token| token.kind != Kind::Break);
        let mut words = tokens.map(|token| token.hash);
        let value = words.next().map_or(0, |first| match words.next() {
            None => self.words.get(first).value,
            Some(second) => self.nodes.get(words.fold(step(first, second), step)).value,
        });
        let Ends { one, any, strict } = self.ends(value);
        let (first, second) = match is_acronym(name) {
            true => (strict, any),
            false => (any, strict),
        };
        let listed = first.iter().chain(second);
        let mut found: Vec<u32> = listed.map(|concept| u32::from_le_bytes(*concept)).collect();
        found.extend(one.checked_sub(1));
        found.retain(|concept| *concept < self.concepts);
        let mut seen = std::collections::HashSet::new();
        found.retain(|concept| seen.insert(*concept));
        found
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
