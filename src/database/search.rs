//! The search for keys in a text.
//!
//! A text is searched in steps of some [`WINDOW`] tokens. A step takes one action on all of its tokens before the next:
//! they are cut, hashed, looked up as words, put together in pairs, and what goes on is followed word by word. The lines
//! of the tables that an action needs are fetched by the one before, so that the waits for memory lie side by side, and
//! there is hardly a branch that depends on a single token, which a processor could not foretell.
//!
//! All indices that are searched together have one seed: a text is cut and hashed once for all.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch};

use super::LONGEST_PHRASE;
use super::blocks::{Cut, Marks, cut};
use super::filter::Filter;
use super::index::{FIRST, GOES_ON, INNER, Index, LAST, SINGLE, WORD_PRINT, step};
use super::lanes::{BLOCK, Lanes};
use super::plural;
use super::table::Bucket;
use super::tokens::{Hash, Kind, Token, Tokens, fold_token};
use super::window::{Asked, ENDING, OTHER, PARTED, Places, Seen, Window, Word, number};

/// Among what a word is good for: it is the plural of a word that ends keys.
const HAS_BASES: u8 = 16;

/// Of a word it is not yet known what it is good for.
const FURTHER: u8 = 1 << 7;

/// A key found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hit {
    /// The first token of the step, and how many follow it.
    place: u32,
    /// The number of the index.
    pub(super) layer: u32,
    /// That of the key.
    pub(super) value: u32,
}

/// The keys of a step. Leftmost first, at each place the shortest first, of one key those of the first index first, exact
/// ones before plurals.
pub(super) struct Found<'s> {
    pub(super) tokens: &'s [Seen],
    /// The numbers of the tokens that are keys of the first index, as they are written.
    pub(super) singles: &'s [u32],
    /// All other keys.
    pub(super) others: &'s [Hit],
}

/// Bits of a place that tell how many tokens follow the first.
const MORE: u32 = LONGEST_PHRASE.next_power_of_two().trailing_zeros();

impl Hit {
    #[inline]
    fn new(place: u32, layer: usize, value: u32) -> Self {
        Hit {
            place,
            layer: layer as u32,
            value: value & !GOES_ON,
        }
    }

    /// That of a token that is a key of the first index.
    #[inline]
    pub(super) fn single(number: u32, token: &Seen) -> Self {
        Hit::new(number << MORE, 0, token.word.value)
    }

    /// Whether it is of the words that begin with a token, or of some behind.
    #[inline]
    pub(super) fn is_behind(&self, number: u32) -> bool {
        self.place > number << MORE
    }

    /// Whether it is of one token.
    #[inline]
    pub(super) fn is_of(&self, number: u32) -> bool {
        self.place == number << MORE
    }

    /// By place, of one place by layer.
    #[inline]
    fn order(&self) -> u64 {
        u64::from(self.place) << u32::BITS | u64::from(self.layer)
    }

    /// The number of its first token.
    #[inline]
    fn first(&self) -> u32 {
        self.place >> MORE
    }

    /// The bytes of the text that it is of.
    #[inline]
    pub(super) fn range(&self, tokens: &[Seen]) -> Range<usize> {
        let first = self.first() as usize;
        let last = first + (self.place & ((1 << MORE) - 1)) as usize;
        match (tokens.get(first), tokens.get(last)) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => 0..0,
        }
    }

    /// Whether both are of the same words of the text.
    #[inline]
    pub(super) fn is_at(&self, other: &Hit) -> bool {
        self.place == other.place
    }

    /// Whether both begin with the same word of the text.
    #[inline]
    pub(super) fn begins_at(&self, other: &Hit) -> bool {
        self.first() == other.first()
    }
}

/// A word that a token may be the plural of.
#[derive(Clone, Copy)]
struct Base {
    word: Asked,
    token: u32,
    /// Whether the token is known to be its plural.
    sure: bool,
}

impl Base {
    fn new(hash: u64, token: usize, sure: bool) -> Self {
        let word = Asked {
            hash,
            value: 0,
            is: !LAST,
        };
        Base {
            word,
            token: token as u32,
            sure,
        }
    }
}

/// The beginning of a key, or a whole one whose last word is in the plural.
#[derive(Clone, Copy, Default)]
struct Path {
    path: u64,
    /// As that of a [`Hit`], and [`IN_PLURAL`].
    place: u32,
    /// What the index says of it.
    value: u32,
}

/// Set in the place of a path whose last word is in the plural.
const IN_PLURAL: u32 = 1 << 31;

/// Tokens of a step, but for those of a text's end and those that the longest key may need behind them.
const WINDOW: usize = 2_048;

/// Lines of a table that are in the cache anyway.
const CACHED: usize = (1 << 19) / size_of::<Bucket>();

/// Most pieces a word is put together from again.
const PIECES: usize = 8;

/// The search of a text; the memory it takes does not grow with the text.
pub(super) struct Search<'t> {
    text: &'t str,
    indices: &'t [Index<'t>],
    seed: u64,
    marks: &'t Marks,
    filter: Option<&'t Filter>,
    source: Tokens<'t>,
    done: bool,
    /// Whether no key goes on from the last token.
    parted: bool,
    /// Tokens of a word that was cut, until it is known how it goes on.
    pieces: Vec<Token>,
    window: Window,
    /// How many of the tokens are searched from in this step.
    passed: usize,
    /// Of the tokens, the words that they may be plurals of; and those of them that end keys of the index at hand.
    may_be: Vec<Base>,
    bases: Vec<Base>,
    paths: Places<Path>,
    longer: Places<Path>,
    /// What the index at hand says that the tokens are good for where they stand.
    good_for: Places<u8>,
    /// As it says of the words that the tokens may be plurals of.
    ending: Places<u8>,
    /// The numbers of the tokens that are keys of it.
    keys: Places<u32>,
    /// The numbers of the tokens with which a pair ends.
    pairs: Places<u32>,
    /// The numbers of what is to be looked for further in a table.
    further: Places<u32>,
    /// As those of [`Found`], and both in one list.
    singles: Places<u32>,
    others: Places<Hit>,
    hits: Places<Hit>,
    folded: String,
    base: String,
}

impl<'t> Search<'t> {
    /// Of a text in indices that have one seed, with their marks, and a filter of their words where there is one.
    pub(super) fn new(
        text: &'t str,
        indices: &'t [Index<'t>],
        marks: &'t Marks,
        filter: Option<&'t Filter>,
    ) -> Self {
        let seed = indices.first().map_or(0, |index| index.seed);
        Search {
            text,
            indices,
            seed,
            marks,
            filter,
            source: Tokens::new(text, seed),
            done: false,
            parted: false,
            pieces: Vec::new(),
            window: Window::default(),
            passed: 0,
            may_be: Vec::new(),
            bases: Vec::new(),
            paths: Places::default(),
            longer: Places::default(),
            good_for: Places::default(),
            ending: Places::default(),
            keys: Places::default(),
            pairs: Places::default(),
            further: Places::default(),
            singles: Places::default(),
            others: Places::default(),
            hits: Places::default(),
            folded: String::new(),
            base: String::new(),
        }
    }

    /// The keys of the present step.
    pub(super) fn found(&self) -> Found<'_> {
        Found {
            tokens: self.window.tokens.get(),
            singles: self.singles.get(),
            others: self.others.get(),
        }
    }

    /// The same in one list, and the tokens that they are of.
    pub(super) fn hits(&mut self) -> (&[Hit], &[Seen]) {
        self.merge();
        (self.hits.get(), self.window.tokens.get())
    }

    /// Goes to the next step; whether there is one.
    pub(super) fn step(&mut self) -> bool {
        dispatch!(Level::new(), simd => self.step_by(simd));
        self.window.tokens.len() > 0
    }

    #[inline(always)]
    fn step_by<S: Simd>(&mut self, simd: S) {
        self.window.pass(self.passed);
        while self.window.tokens.len() < WINDOW && !self.done {
            if !self.pieces.is_empty() || self.cut_block(simd) {
                self.cut_one();
            }
        }
        self.window.settle_marks();
        self.passed = match self.done {
            true => self.window.tokens.len(),
            false => self.window.tokens.len() - (LONGEST_PHRASE - 1),
        };
        self.find_bases();
        self.fetch();
        self.others.truncate(0);
        // The first last: its values of the tokens are asked for again.
        for (layer, index) in self.indices.iter().enumerate().rev() {
            self.look_up(simd, layer, index);
            self.find_plurals(simd, layer, index);
            self.pair(simd, index);
            self.follow(simd, layer, index);
        }
        self.others.get_mut().sort_by_key(Hit::order);
    }

    /// Takes the tokens of a block; whether the next is not one of a block.
    #[inline(always)]
    fn cut_block<S: Simd>(&mut self, simd: S) -> bool {
        let from = Cut {
            at: self.source.at(),
            after_apostrophe: self.source.after_apostrophe(),
            parted: self.parted,
        };
        let (cut, other) = cut(
            simd,
            self.text,
            self.seed,
            (self.marks, self.filter),
            from,
            &mut self.window,
        );
        self.source.resume(cut.at, cut.after_apostrophe);
        self.parted = cut.parted;
        other
    }

    /// Takes one token, whatever it is.
    #[inline(never)]
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
        let word = self.text.as_bytes().get(token.start..end);
        let whole = end == token.end;
        let may_be_plural = word.is_some_and(plural::may_be) && !(whole && token.no_plural);
        let mut is = OTHER;
        if std::mem::take(&mut self.parted) {
            is |= PARTED;
        }
        if token.kind == Kind::AfterApostrophe && token.end - token.start == 1 {
            is |= ENDING;
        }
        let seen = Seen {
            start: token.start,
            end,
            word: Asked { hash, value: 0, is },
        };
        self.window.push(seen, may_be_plural);
    }

    /// Has what the first index says of the words fetched, where they are too many for the cache.
    #[inline(always)]
    fn fetch(&self) {
        let words = self.indices.first().map(|index| index.words);
        if let Some(words) = words.filter(|words| words.0.len() > CACHED) {
            for token in self.window.tokens.get() {
                words.fetch(token.word.hash);
            }
            for base in &self.may_be {
                words.fetch(base.word.hash);
            }
        }
    }

    /// Notes the words that the tokens may be plurals of.
    #[inline(always)]
    fn find_bases(&mut self) {
        let bytes = self.text.as_bytes();
        self.may_be.clear();
        for number in 0..self.window.plurals.get().len() {
            let at = self.window.plurals.get()[number] as usize;
            let Some(token) = self.window.tokens.get().get(at).copied() else {
                continue;
            };
            let ending = last_letters(bytes, token.end);
            let [_, _, s] = ending;
            if token.word.is & OTHER != 0 || s != b's' {
                self.find_bases_of(at);
                continue;
            }
            let (word, len) = (Word::at(bytes, token.start), token.end - token.start);
            let mut note = |hash, sure| {
                if self.filter.is_none_or(|filter| filter.may_have(hash)) {
                    self.may_be.push(Base::new(hash, at, sure));
                }
            };
            note(word.hash(self.seed, len - 1), false);
            if !plural::by_s_alone(ending) {
                let last = last_letters(bytes, token.end);
                for (shorter, last) in plural::by_es(len, last).into_iter().flatten() {
                    note(word.ending_in(len, last).hash(self.seed, shorter), true);
                }
            }
        }
    }

    /// Notes the words that a token may be the plural of.
    #[inline(never)]
    fn find_bases_of(&mut self, at: usize) {
        let Some(token) = self.window.tokens.get().get(at) else {
            return;
        };
        if let Some(word) = self.text.get(token.start..token.end) {
            self.each_base(at, word);
        }
    }

    /// Notes the words that a word may be the plural of.
    fn each_base(&mut self, token: usize, word: &str) {
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
        let (may_be, base, seed) = (&mut self.may_be, &mut self.base, self.seed);
        let filter = self.filter;
        plural::bases(word, |stem, singular| {
            base.clear();
            base.push_str(stem);
            base.push_str(singular);
            let hash = Hash::of(seed, base.as_bytes()).finish();
            let may_have = filter.is_none_or(|filter| filter.may_have(hash));
            if may_have && plural::is_of(word, base) {
                may_be.push(Base::new(hash, token, true));
            }
        });
    }

    /// Looks the words up. Notes the keys of one word, and which words begin keys and have one behind them that goes on.
    #[inline(always)]
    fn look_up<S: Simd>(&mut self, simd: S, layer: usize, index: &Index<'_>) {
        let tokens = self.window.tokens.get_mut();
        let lists = (&mut self.good_for, &mut self.further);
        look_up(simd, index, tokens, |token| &mut token.word, lists);
        self.pairs.truncate(0);
        self.keys.truncate(0);
        let mut begins_before = 0;
        for (good_for, first) in blocks(simd, &mut self.good_for) {
            let begins = good_for.have(FIRST);
            let behind = begins << 1 | begins_before;
            number(good_for.have(SINGLE), first, &mut self.keys);
            number(good_for.have(INNER) & behind, first, &mut self.pairs);
            begins_before = begins >> (u64::BITS - 1);
        }
        let keys = self.keys.get();
        let passed = keys.partition_point(|number| (*number as usize) < self.passed);
        if layer == 0 {
            self.keys.truncate(passed);
            std::mem::swap(&mut self.keys, &mut self.singles);
            return;
        }
        for number in &keys[..passed] {
            if let Some(token) = tokens.get(*number as usize) {
                self.others
                    .push(Hit::new(number << MORE, layer, token.word.value));
            }
        }
    }

    /// Notes which words are plurals of those that end keys.
    #[inline(always)]
    fn find_plurals<S: Simd>(&mut self, simd: S, layer: usize, index: &Index<'_>) {
        let lists = (&mut self.ending, &mut self.further);
        look_up(simd, index, &mut self.may_be, |base| &mut base.word, lists);
        self.further.truncate(0);
        for (ending, first) in blocks(simd, &mut self.ending) {
            number(ending.have(LAST), first, &mut self.further);
        }
        self.bases.clear();
        let bytes = self.text.as_bytes();
        let (tokens, good_for) = (self.window.tokens.get(), self.good_for.get_mut());
        for number in self.further.get() {
            let Some(base) = self.may_be.get(*number as usize) else {
                continue;
            };
            let at = base.token as usize;
            let (Some(token), Some(good_for)) = (tokens.get(at), good_for.get_mut(at)) else {
                continue;
            };
            let (len, end) = (token.end - 1 - token.start, token.end - 1);
            if !base.sure && !plural::takes_s(len, last_letters(bytes, end)) {
                continue;
            }
            *good_for |= HAS_BASES;
            let value = base.word.value & !GOES_ON;
            self.bases.push(*base);
            if value != 0 && at < self.passed && token.word.is & ENDING != ENDING {
                self.others.push(Hit::new(base.token << MORE, layer, value));
            }
        }
    }

    /// Notes the paths that keys of several words may begin with.
    #[inline(never)]
    fn pair<S: Simd>(&mut self, simd: S, index: &Index<'_>) {
        simd.vectorize(
            #[inline(always)]
            || self.pair_by(index),
        );
    }

    #[inline(always)]
    fn pair_by(&mut self, index: &Index<'_>) {
        let tokens = self.window.tokens.get();
        self.paths.truncate(0);
        let pairs = self.pairs.get();
        let passed = pairs.partition_point(|second| (*second as usize) <= self.passed);
        let pairs = pairs.get(..passed).unwrap_or_default();
        for (path, second) in self.paths.room(pairs.len()).iter_mut().zip(pairs) {
            let at = *second as usize;
            if let (Some(first), Some(second)) = (tokens.get(at.wrapping_sub(1)), tokens.get(at)) {
                path.path = step(first.word.hash, second.word.hash);
                index.pairs.fetch(path.path);
            }
            path.place = (second - 1) << MORE | 1;
        }
        self.paths.add(pairs.len());
        let good_for = self.good_for.get();
        let room = self.paths.room(self.bases.len());
        let mut count = 0;
        for base in &self.bases {
            let at = base.token as usize;
            let Some(before) = at.checked_sub(1).filter(|first| *first < self.passed) else {
                continue;
            };
            let (Some([first, token, ..]), Some(path), Some(good_for)) = (
                tokens.get(before..),
                room.get_mut(count),
                good_for.get(before),
            ) else {
                continue;
            };
            path.path = step(first.word.hash, base.word.hash);
            path.place = (base.token - 1) << MORE | 1 | IN_PLURAL;
            index.pairs.fetch(path.path);
            count += usize::from((good_for & FIRST != 0) & (token.word.is & PARTED == 0));
        }
        self.paths.add(count);
        self.paths.keep(|path| index.pairs.may_have(path.path));
        for path in self.paths.get() {
            index.nodes.fetch(path.path);
        }
    }

    /// Follows the paths word by word; notes the keys.
    #[inline(always)]
    fn follow<S: Simd>(&mut self, simd: S, layer: usize, index: &Index<'_>) {
        let nodes = index.nodes;
        while self.paths.len() > 0 {
            self.further.truncate(0);
            let further_room = self.further.room(self.paths.len());
            let mut further = 0;
            for (path, number) in self.paths.get_mut().iter_mut().zip(0..) {
                let probe = nodes.at_home(simd, path.path);
                path.value = probe.value();
                if let Some(noted) = further_room.get_mut(further) {
                    *noted = number;
                }
                further += usize::from(probe.more);
            }
            self.further.add(further);
            let paths = self.paths.get_mut();
            for number in self.further.get() {
                if let Some(path) = paths.get_mut(*number as usize) {
                    path.value = nodes.get_further(path.path).value;
                }
            }
            let room = self.others.room(paths.len());
            let mut found = 0;
            self.longer.truncate(0);
            for path in self.paths.get() {
                if let Some(hit) = room.get_mut(found) {
                    *hit = Hit::new(path.place & !IN_PLURAL, layer, path.value);
                }
                found += usize::from(path.value & !GOES_ON != 0);
                if (path.value & GOES_ON != 0) & (path.place & IN_PLURAL == 0) {
                    let tokens = (self.window.tokens.get(), self.good_for.get());
                    longer(tokens, &self.bases, index, path, &mut self.longer);
                }
            }
            self.others.add(found);
            std::mem::swap(&mut self.paths, &mut self.longer);
        }
    }

    /// Makes one list of the keys.
    fn merge(&mut self) {
        let tokens = self.window.tokens.get();
        let count = self.singles.len() + self.others.len();
        self.hits.truncate(0);
        let mut room = self.hits.room(count).iter_mut();
        let mut put = |hit| {
            if let Some(place) = room.next() {
                *place = hit;
            }
        };
        let mut others = self.others.get().iter();
        let mut other = others.next();
        for number in self.singles.get() {
            while let Some(hit) = other.filter(|hit| hit.place < number << MORE) {
                put(*hit);
                other = others.next();
            }
            let token = tokens.get(*number as usize);
            put(token.map_or_else(Hit::default, |token| Hit::single(*number, token)));
        }
        while let Some(hit) = other {
            put(*hit);
            other = others.next();
        }
        self.hits.add(count);
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
        let mut tokens = Tokens::new(&joined, self.seed);
        let token = tokens.next()?;
        if tokens.next().is_some() {
            return None;
        }
        self.may_be.clear();
        self.each_base(0, &joined);
        let known = self.indices.iter().any(|index| {
            let ends = |base: &Base| index.word(base.word.hash) & LAST != 0;
            index.word(token.hash) != 0 || self.may_be.iter().any(ends)
        });
        known.then_some(token.hash)
    }
}

/// The last letters and digits of a word that ends somewhere in a text, in lower case.
#[inline(always)]
fn last_letters<const COUNT: usize>(text: &[u8], end: usize) -> [u8; COUNT] {
    let last = text.get(..end).and_then(|text| text.last_chunk());
    last.map_or([0; COUNT], |last| last.map(|byte: u8| byte | 0x20))
}

/// Looks words up: what they are good for where they stand, and their values.
#[inline(always)]
fn look_up<S: Simd, T>(
    simd: S,
    index: &Index<'_>,
    asked: &mut [T],
    word: impl Fn(&mut T) -> &mut Asked,
    (all, further): (&mut Places<u8>, &mut Places<u32>),
) {
    let words = index.words;
    all.truncate(0);
    let room = all.room(asked.len());
    for (asked, good_for) in asked.iter_mut().zip(room) {
        let word = word(asked);
        let probe = words.at_home(simd, word.hash);
        *good_for = probe.tag & !WORD_PRINT & !word.is;
        *good_for |= u8::from(probe.more) * FURTHER;
        word.value = probe.any_value;
    }
    all.add(asked.len());
    further.truncate(0);
    for (good_for, first) in blocks(simd, all) {
        number(good_for.have(FURTHER), first, further);
    }
    for number in further.get() {
        let at = *number as usize;
        if let (Some(asked), Some(good_for)) = (asked.get_mut(at), all.get_mut().get_mut(at)) {
            let word = word(asked);
            let item = words.get_further(word.hash);
            *good_for = item.tag & !WORD_PRINT & !word.is;
            word.value = item.value;
        }
    }
}

/// A list in blocks, each with the number of its first item; behind the last item there are zeros.
#[inline(always)]
fn blocks<S: Simd>(simd: S, list: &mut Places<u8>) -> impl Iterator<Item = (Lanes<S>, u32)> {
    let blocks = list.padded(BLOCK).as_chunks().0.iter();
    blocks
        .map(move |block| Lanes::new(simd, block))
        .zip((0..).step_by(BLOCK))
}

/// Notes the paths that go on from one.
#[inline]
fn longer(
    (tokens, good_for): (&[Seen], &[u8]),
    bases: &[Base],
    index: &Index<'_>,
    from: &Path,
    to: &mut Places<Path>,
) {
    let (first, more) = (from.place >> MORE, from.place & ((1 << MORE) - 1));
    let at = (first + more + 1) as usize;
    let Some(token) = tokens.get(at).filter(|token| token.word.is & PARTED == 0) else {
        return;
    };
    if more as usize + 2 > LONGEST_PHRASE {
        return;
    }
    let mut note = |word: u64, plural: u32| {
        let path = step(from.path, word);
        index.nodes.fetch(path);
        to.push(Path {
            path,
            place: (from.place + 1) | plural,
            value: 0,
        });
    };
    let good_for = good_for.get(at).copied().unwrap_or(0);
    if good_for & INNER != 0 {
        note(token.word.hash, 0);
    }
    if good_for & HAS_BASES != 0 {
        let first = bases.partition_point(|base| (base.token as usize) < at);
        let of_it = bases[first..].iter();
        for base in of_it.take_while(|base| base.token as usize == at) {
            note(base.word.hash, IN_PLURAL);
        }
    }
}
