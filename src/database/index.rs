//! The index of a database, and the search for keys in a text.
//!
//! A key is the token sequence of a name or an alias; its path is a hash of its tokens that grows token by token. The
//! index has no trie in memory but the paths of one, in two [tables](super::table):
//!
//! * words: every word of a key, with what it is good for ([`FIRST`], [`SINGLE`], [`INNER`], [`LAST`]) in the lower half
//!   of the tag; the value is that of the word as a key. It stays in the cache.
//! * nodes: every key of at least two tokens, and every beginning of one that has as many, by their paths.
//! * postings: the concepts of keys that several have, or that must be in capitals or as they are written: strict ones.
//!
//! Since a path depends on the text alone, the lines that a search will need are known before it begins, and fetched
//! together. A search from one word goes no deeper than [`LONGEST_PHRASE`] words: time is linear in the text.
//!
//! Plurals are not in the index: a word that looks like one is tried as what it may be the plural of, at the end of a
//! key. An exact key beats a plural of the same length, and a longer key beats a shorter one.

use super::blocks::{Cut, Marks, Piece, cut};
use super::image::Image;
use super::plural;
use super::table::{Item, Table};
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
    fn word(&self, hash: u64) -> u8 {
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

    /// The first concept of a value.
    #[inline]
    fn first<'t>(&self, value: u32, written: impl Fn() -> &'t str) -> Option<u32> {
        let mut first = None;
        self.each(value, written, |concept| {
            first.get_or_insert(concept);
        });
        first
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
                    || &text[range.clone()],
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
            if let Some(concept) = self.first(value, || &window.text[range.clone()]) {
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
        let Some((first, others)) = window.tokens[window.at..].split_first() else {
            return;
        };
        let mut found = |token: &Seen, value: u32, count| {
            if value & !GOES_ON != 0 {
                found(first.start..token.end, value, count);
            }
        };
        found(first, first.value, 1);
        for base in window.bases(first) {
            found(first, base.value, 1);
        }
        let mut before = first.hash;
        let mut goes_on = first.is(FIRST);
        for (token, count) in others.iter().take(LONGEST_PHRASE - 1).zip(2..) {
            if !goes_on || token.is(PARTED) {
                return;
            }
            let here = step(before, token.hash);
            goes_on = false;
            if token.is(INNER) {
                let value = self.nodes.get(here).value;
                goes_on = value & GOES_ON != 0;
                found(token, value, count);
            }
            for base in window.bases(token) {
                found(token, self.nodes.get(step(before, base.hash)).value, count);
            }
            before = here;
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

/// Behind what no key goes over.
const PARTED: u8 = 16;

/// A token of a text as the index sees it.
#[derive(Clone, Copy)]
struct Seen {
    start: usize,
    end: usize,
    hash: u64,
    /// Of the word as a key.
    value: u32,
    /// First of the words it may be the plural of, in [`Window::bases`].
    base: u32,
    bases: u8,
    /// What it is good for, and [`PARTED`].
    flags: u8,
    /// Whether it is the single letter behind an apostrophe, which begins no key.
    ending: bool,
    /// Whether a key may begin here.
    begins: bool,
}

impl Seen {
    #[inline]
    fn new(piece: &Piece) -> Self {
        Seen {
            start: piece.start,
            end: piece.end,
            hash: piece.hash,
            value: 0,
            base: 0,
            bases: 0,
            flags: if piece.parted { PARTED } else { 0 },
            ending: piece.ending,
            begins: false,
        }
    }

    #[inline]
    fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A word that another may be the plural of.
#[derive(Clone, Copy)]
struct Base {
    hash: u64,
    /// Of the word as a key.
    value: u32,
}

/// The tokens from the present one on, as many as the longest key may need; memory does not grow with the text.
struct Window<'t> {
    index: Index<'t>,
    /// Where the words are looked up that cut ones are put together to, besides the index.
    all: &'t [Index<'t>],
    text: &'t str,
    marks: Marks,
    source: Tokens<'t>,
    tokens: Vec<Seen>,
    bases: Vec<Base>,
    /// Which tokens look like a plural.
    plurals: Vec<usize>,
    at: usize,
    done: bool,
    /// Whether no key goes on from the last token.
    parted: bool,
    /// Tokens of a word that was cut, until it is known how it goes on.
    pieces: Vec<Token>,
    folded: String,
    base: String,
}

/// Tokens looked up together.
const WINDOW: usize = 256;

/// Most pieces a word is put together from again.
const PIECES: usize = 8;

impl<'t> Window<'t> {
    fn new(index: Index<'t>, text: &'t str) -> Self {
        Window {
            index,
            all: &[],
            text,
            marks: Marks::new(index.seed, |hash| index.word(hash) != 0),
            source: Tokens::new(text, index.seed),
            tokens: Vec::with_capacity(2 * WINDOW),
            bases: Vec::new(),
            plurals: Vec::new(),
            at: 0,
            done: false,
            parted: false,
            pieces: Vec::new(),
            folded: String::new(),
            base: String::new(),
        }
    }

    fn bases(&self, token: &Seen) -> &[Base] {
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
        let first = self.tokens.iter().find(|token| token.bases != 0);
        let passed = first.map_or(self.bases.len(), |first| first.base as usize);
        self.bases.drain(..passed);
        for token in &mut self.tokens {
            token.base = token.base.saturating_sub(passed as u32);
        }
        self.at = 0;
        let known = self.tokens.len();
        while self.tokens.len() < WINDOW && !self.done {
            if !self.pieces.is_empty() || self.cut_block() {
                self.cut_one();
            }
        }
        self.look_up(known);
    }

    /// Takes the tokens of a block; whether the next is not one of a block.
    fn cut_block(&mut self) -> bool {
        let from = Cut {
            at: self.source.at(),
            after_apostrophe: self.source.after_apostrophe(),
            parted: self.parted,
        };
        let (index, tokens) = (self.index, &mut self.tokens);
        let (cut, other) = cut(self.text, index.seed, &self.marks, from, |piece| {
            index.words.fetch(piece.hash);
            tokens.push(Seen::new(&piece));
        });
        self.source.resume(cut.at, cut.after_apostrophe);
        self.parted = cut.parted;
        other
    }

    /// Takes one token, whatever it is.
    fn cut_one(&mut self) {
        match self.source.next() {
            Some(token) if token.kind == Kind::Break => {
                self.join();
                self.parted = true;
            }
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

    fn see(&mut self, token: &Token, end: usize, hash: u64) {
        self.tokens.push(Seen::new(&Piece {
            start: token.start,
            end,
            hash,
            parted: std::mem::take(&mut self.parted),
            ending: token.kind == Kind::AfterApostrophe && token.end - token.start == 1,
        }));
    }

    /// Looks the words up from one token on, and has the lines fetched that a search from them begins with.
    fn look_up(&mut self, from: usize) {
        for token in &mut self.tokens[from..] {
            let Item { tag, value } = self.index.words.get(token.hash);
            token.flags |= tag & !WORD_PRINT;
            token.value = value;
            token.begins = token.is(FIRST | SINGLE);
        }
        let mut plurals = std::mem::take(&mut self.plurals);
        plurals.resize(self.tokens.len() - from, 0);
        let mut count = 0;
        for (token, at) in self.tokens[from..].iter().zip(from..) {
            let last = self.text.as_bytes().get(token.end.wrapping_sub(1));
            let last = last.copied().unwrap_or_default();
            plurals[count] = at;
            count += usize::from(plural::may_end(last));
        }
        for at in &plurals[..count] {
            let token = self.tokens[*at];
            let base = self.bases.len();
            let single = self.find_bases(&token);
            let token = &mut self.tokens[*at];
            token.base = base as u32;
            token.bases = (self.bases.len() - base) as u8;
            token.begins |= single;
        }
        self.plurals = plurals;
        for pair in self.tokens[from.saturating_sub(1)..].windows(2) {
            if let [token, next] = pair {
                // Without a branch: where no key goes on, the same line is fetched again and again.
                let goes_on = token.is(FIRST) & (next.flags & (INNER | PARTED) == INNER);
                let path = step(token.hash, next.hash) & u64::from(goes_on).wrapping_neg();
                self.index.nodes.fetch(path);
            }
        }
        for token in &mut self.tokens[from..] {
            token.begins &= !token.ending;
        }
    }

    /// Notes the words at the end of keys that a word may be the plural of; whether one is a key by itself.
    #[inline]
    fn find_bases(&mut self, token: &Seen) -> bool {
        let Some(word) = self.text.get(token.start..token.end) else {
            return false;
        };
        plural::may_be(word.as_bytes()) && self.each_base(self.index, word) & SINGLE != 0
    }

    /// Notes the words at the end of keys that a word may be the plural of; what they are good for.
    fn each_base(&mut self, index: Index<'_>, word: &str) -> u8 {
        let is_folded = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let word = match word.bytes().all(is_folded) {
            true => word,
            false => {
                self.folded.clear();
                for token in Tokens::new(word, 0) {
                    fold_token(word, &token, &mut self.folded);
                }
                &self.folded
            }
        };
        let (bases, whole) = (&mut self.bases, &mut self.base);
        let mut all = 0;
        plural::bases(word, |stem, singular| {
            let base = match singular {
                "" => stem,
                _ => {
                    whole.clear();
                    whole.push_str(stem);
                    whole.push_str(singular);
                    whole.as_str()
                }
            };
            let hash = Hash::of(index.seed, base.as_bytes()).finish();
            let Item { tag, value } = index.words.get(hash);
            if tag & LAST != 0 && plural::is_of(word, base) {
                all |= tag & !WORD_PRINT;
                bases.push(Base { hash, value });
            }
        });
        all
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
