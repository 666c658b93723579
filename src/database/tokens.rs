//! Cutting text into tokens that compare by a hash of their folded form.
//!
//! Names of concepts and the texts they are looked for in go through the same cutting, so that two spellings
//! are equal exactly when their tokens are:
//!
//! * A word is a run of letters, digits and combining marks. It is compared by its NFKC form, case-folded: `ﬁ`
//!   is `fi`, `ß` is `ss`, final `ς` is `σ`, and all four of `I`, `i`, `İ`, `ı` are one letter, because upper
//!   case does not tell a Turkish word from an English one.
//! * A Chinese, Japanese or Korean character is a word of its own, since those scripts do not mark words.
//! * `+` and `#` at the end of a word belong to it: `C` is not found in `C++` or `C#`.
//! * White space, a hyphen, an underscore, an en dash between two words, and characters that are not shown
//!   are gaps: they separate words and compare equal, even to nothing. An empty line is a token that equals
//!   no other: no concept runs from one paragraph into the next.
//! * Every other character is a token: `apples, oranges` is not `apples oranges`. Sentence punctuation before
//!   a gap differs from the same character inside a name: `the end. Net income` does not contain `.NET`.
//!
//! Only words with a byte beyond ASCII pay for Unicode, and nothing is copied, so offsets need no map.

use unicode_normalization::UnicodeNormalization;

use super::characters::{
    continues_word, fold_alone, is_alphanumeric, is_attached, is_ignorable, is_unspaced,
};
use super::plural;

/// The version of these rules. A compiled database holds hashes of folded words, so it is of one version: raise this
/// when a word is cut, folded or hashed in another way.
pub(super) const VERSION: u32 = 3;

/// A token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// First byte in the text.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// Hash of the folded form.
    pub(super) hash: u64,
    pub(super) kind: Kind,
    /// Whether the word was cut by a hyphen at a line's end or by a soft hyphen, and goes on in the next token.
    pub(super) cut: bool,
    /// Whether it is known to be no plural: a mark, or a word beyond ASCII whose folded form is none.
    pub(super) no_plural: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// A word right after an apostrophe: the `s` of `Moore's`.
    AfterApostrophe,
    Apostrophe,
    Mark,
    /// The end of a paragraph.
    Break,
}

/// A 64-bit hash of bytes fed one at a time. The seed is chosen anew for every database, so that no text can be
/// prepared whose words are taken for others.
#[derive(Clone, Copy)]
pub(super) struct Hash {
    state: u64,
    block: u64,
    len: u64,
}

/// Multiplies to 128 bits and folds the halves: every bit of the result depends on every bit of both factors.
#[inline]
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// Odd and without pattern: the fraction of the golden ratio.
pub(super) const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hash {
    #[inline]
    pub(super) fn new(seed: u64) -> Self {
        Hash {
            state: seed,
            block: 0,
            len: 0,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, byte: u8) {
        self.block |= u64::from(byte) << (8 * (self.len & 7));
        self.len += 1;
        if self.len & 7 == 0 {
            self.state = mix(self.state ^ self.block, FACTOR);
            self.block = 0;
        }
    }

    #[inline]
    pub(super) fn finish(self) -> u64 {
        // No byte is zero but in a mark, of which one is never the beginning of the other.
        let state = match self.len & 7 {
            0 if self.len > 0 => self.state,
            _ => mix(self.state ^ self.block, FACTOR),
        };
        match self.len {
            0..=8 => mix(state, FACTOR),
            _ => state,
        }
    }

    /// The hash of at most sixteen bytes, given as two blocks with zeros behind them, without a branch on their number.
    #[inline]
    pub(super) fn of_blocks(seed: u64, first: u64, second: u64) -> u64 {
        mix(mix(seed ^ first, FACTOR) ^ second, FACTOR)
    }

    /// Pushes the lowest `count` bytes of `block`, the others being zero; before anything but whole blocks.
    #[inline]
    fn push_block(&mut self, count: usize, block: u64) {
        self.block = block;
        self.len += count as u64;
        if count == 8 {
            self.state = mix(self.state ^ block, FACTOR);
            self.block = 0;
        }
    }

    /// The hash of bytes, which can go on.
    #[inline]
    pub(super) fn of(seed: u64, bytes: &[u8]) -> Self {
        let mut hash = Hash::new(seed);
        let (blocks, rest) = bytes.as_chunks();
        for block in blocks {
            hash.push_block(8, u64::from_le_bytes(*block));
        }
        // Two loads that overlap are faster than a loop over the bytes.
        let block = match (rest.first_chunk(), rest.last_chunk()) {
            (Some(first), Some(last)) => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                u64::from(first) | u64::from(last) << (8 * (rest.len() - 4))
            }
            _ => rest
                .iter()
                .rev()
                .fold(0, |block, byte| block << 8 | u64::from(*byte)),
        };
        hash.push_block(rest.len(), block);
        hash
    }
}

/// What two and more hyphens stand for.
pub(super) const DASH: char = '\u{2014}';

/// The hash of a mark, which may be `open`: no word follows directly.
pub(super) fn mark_hash(seed: u64, mark: char, open: bool) -> u64 {
    let mut hash = Hash::new(seed);
    for byte in mark.encode_utf8(&mut [0; 4]).bytes() {
        hash.push(byte);
    }
    if is_punctuation(mark) {
        hash.push(u8::from(open));
    }
    hash.finish()
}

/// Whether a mark is another one before a gap than inside a name.
fn is_punctuation(mark: char) -> bool {
    matches!(mark, '.' | ',' | ';' | ':' | '!' | '?')
}

/// One byte in each of the eight of a word.
const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Of eight bytes, the letters and digits of ASCII they begin with: how many, and in lower case, zero behind.
#[inline]
fn word_bytes(bytes: [u8; 8]) -> (usize, u64) {
    let raw = u64::from_le_bytes(bytes);
    let low = raw & eight(0x7f);
    // Lower case; the digits have this bit already.
    let lower = low | eight(0x20);
    // The top bit of each byte becomes "at least": no sum of seven-bit numbers carries into the next byte.
    let at_least = |value: u64, bound: u8| value + eight(0x80 - bound);
    let letter = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
    let digit = at_least(low, b'0') & !at_least(low, b'9' + 1);
    let other = (!(letter | digit) | raw) & eight(0x80);
    match other {
        0 => (8, lower),
        _ => {
            let count = other.trailing_zeros() as usize / 8;
            (count, lower & ((1 << (8 * count)) - 1))
        }
    }
}

/// Words beyond ASCII of more bytes than this are not folded but taken for the empty word: no key is as long.
const LONGEST_WORD: usize = 4 * super::LONGEST_KEY;

/// Cuts a text into tokens, in order.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    seed: u64,
    after_apostrophe: bool,
    scratch: String,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str, seed: u64) -> Self {
        Tokens {
            text,
            at: 0,
            seed,
            after_apostrophe: false,
            scratch: String::new(),
        }
    }

    /// Where the last token ended.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes on behind a token that another has cut.
    pub(super) fn resume(&mut self, at: usize, after_apostrophe: bool) {
        self.at = at;
        self.after_apostrophe = after_apostrophe;
    }

    /// Whether the last token was an apostrophe, with no gap behind it yet.
    pub(super) fn after_apostrophe(&self) -> bool {
        self.after_apostrophe
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    /// Passes over a gap; whether it ended a paragraph.
    fn skip_gap(&mut self) -> bool {
        let start = self.at;
        let mut newlines = 0u32;
        let mut page = false;
        while let Some(byte) = self.byte(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | 0x0b | b'_' => self.at += 1,
                b'\n' => {
                    newlines = newlines.saturating_add(1);
                    self.at += 1;
                }
                0x0c => {
                    page = true;
                    self.at += 1;
                }
                // Two hyphens are a dash, which is a mark.
                b'-' if self.byte(self.at + 1) != Some(b'-') => self.at += 1,
                0x80.. => match self.gap_char(start) {
                    Some(len) => self.at += len,
                    None => break,
                },
                _ => break,
            }
        }
        newlines > 1 && !page
    }

    /// The length of the gap character beyond ASCII that stands here.
    fn gap_char(&self, start: usize) -> Option<usize> {
        let char = self.char_at(self.at)?;
        let soft = match char {
            '\u{2013}' => {
                let next = self.char_at(self.at + char.len_utf8());
                start == self.at && next.is_some_and(|next| !next.is_whitespace())
            }
            '\u{2029}' => false,
            '\u{2010}' | '\u{2011}' | '\u{2012}' => true,
            _ => char.is_whitespace() || is_ignorable(char),
        };
        soft.then_some(char.len_utf8())
    }

    /// The eight bytes from `at` on, with zeros behind the end.
    #[inline]
    fn eight(&self, at: usize) -> [u8; 8] {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.first_chunk().copied().unwrap_or_else(|| {
            let mut bytes = [0; 8];
            for (to, from) in bytes.iter_mut().zip(rest) {
                *to = *from;
            }
            bytes
        })
    }

    #[inline(always)]
    fn word(&mut self) -> Option<Token> {
        let start = self.at;
        let mut hash = Hash::new(self.seed);
        let mut end = start;
        loop {
            let (count, block) = word_bytes(self.eight(end));
            hash.push_block(count, block);
            end += count;
            if count < 8 {
                break;
            }
        }
        let beyond = self.byte(end).is_some_and(|byte| byte >= 0x80);
        if beyond
            && self
                .char_at(end)
                .is_some_and(|char| continues_word(char, start == end))
        {
            return self.unicode_word(start);
        }
        (end > start).then(|| self.close_word(start, end, hash))
    }

    #[cold]
    fn unicode_word(&mut self, start: usize) -> Option<Token> {
        let rest = self.text.get(start..)?;
        let first = rest.chars().next()?;
        let len = if is_unspaced(first) {
            let marks = rest.chars().skip(1).take_while(|c| is_attached(*c));
            first.len_utf8() + marks.map(char::len_utf8).sum::<usize>()
        } else {
            let mut chars = rest.char_indices();
            let end = chars.find(|(at, char)| !continues_word(*char, *at == 0));
            end.map_or(rest.len(), |(at, _)| at)
        };
        let word = rest.get(..len)?;
        self.scratch.clear();
        let mut no_plural = false;
        if len <= LONGEST_WORD {
            fold_word(word, &mut self.scratch);
            no_plural = true;
            plural::bases(&self.scratch, |_, _| no_plural = false);
        }
        let hash = Hash::of(self.seed, self.scratch.as_bytes());
        let token = self.close_word(start, start + len, hash);
        Some(Token { no_plural, ..token })
    }

    /// Adds the signs that belong to the end of a word, and looks whether it goes on after a hyphen.
    #[inline(always)]
    fn close_word(&mut self, start: usize, end: usize, mut hash: Hash) -> Token {
        let mut end = end;
        let mut cut = false;
        match self.byte(end) {
            Some(b'+' | b'#') => {
                for byte in &self.text.as_bytes()[end..end + self.signs(end)] {
                    hash.push(*byte);
                    end += 1;
                }
            }
            Some(b'-' | 0xc2 | 0xe2) => cut = self.is_cut(end),
            _ => (),
        }
        self.at = end;
        let kind = match self.after_apostrophe {
            true => Kind::AfterApostrophe,
            false => Kind::Word,
        };
        Token {
            start,
            end,
            hash: hash.finish(),
            kind,
            cut,
            no_plural: false,
        }
    }

    /// How many `+` and `#` here belong to the word before: not the plus of `a+b`, nor the number sign of
    /// `page#section`.
    fn signs(&self, at: usize) -> usize {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        let count = rest
            .iter()
            .take(4)
            .take_while(|b| matches!(b, b'+' | b'#'))
            .count();
        let next = rest.get(count).copied().unwrap_or(b' ');
        let ends = match rest.get(..count) {
            Some(b"+") => !next.is_ascii_alphanumeric(),
            Some(b"#") => !next.is_ascii_alphabetic(),
            _ => next != b'+' && next != b'#',
        };
        if ends { count } else { 0 }
    }

    /// Whether a hyphen at a line's end or a soft hyphen stands here, and a letter after it.
    fn is_cut(&self, at: usize) -> bool {
        let Some(rest) = self.text.get(at..) else {
            return false;
        };
        let after = match rest.strip_prefix('\u{ad}') {
            Some(after) => after.trim_start_matches(['\n', '\r']),
            None => {
                let Some(after) = rest.strip_prefix(['-', '\u{2010}']) else {
                    return false;
                };
                let margin = [' ', '\t', '\r', '\x0c'];
                let Some(line) = after.trim_start_matches(margin).strip_prefix('\n') else {
                    return false;
                };
                line.trim_start_matches(margin)
            }
        };
        after.starts_with(char::is_alphabetic)
    }

    #[inline(never)]
    fn mark(&mut self) -> Option<Token> {
        let start = self.at;
        let char = self.char_at(start)?;
        let mut end = start + char.len_utf8();
        let folded = match char {
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{ff07}' => '\'',
            '-' => {
                while self.byte(end) == Some(b'-') {
                    end += 1;
                }
                DASH
            }
            other => other,
        };
        self.at = end;
        Some(Token {
            start,
            end,
            hash: mark_hash(self.seed, folded, self.is_open(end)),
            kind: if folded == '\'' {
                Kind::Apostrophe
            } else {
                Kind::Mark
            },
            cut: false,
            no_plural: true,
        })
    }

    /// Whether no word follows directly.
    fn is_open(&self, at: usize) -> bool {
        match self.byte(at) {
            Some(byte @ ..0x80) => !byte.is_ascii_alphanumeric(),
            _ => !self.char_at(at).is_some_and(is_alphanumeric),
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    #[inline(always)]
    fn next(&mut self) -> Option<Token> {
        let before = self.at;
        // Between most words is one space.
        let breaks = match (self.byte(before), self.byte(before + 1)) {
            (Some(b' '), Some(b'a'..=b'z')) => {
                self.at += 1;
                false
            }
            _ => self.skip_gap(),
        };
        if self.at != before {
            self.after_apostrophe = false;
        }
        if self.at >= self.text.len() {
            return None;
        }
        if breaks {
            return Some(Token {
                start: self.at,
                end: self.at,
                hash: 0,
                kind: Kind::Break,
                cut: false,
                no_plural: false,
            });
        }
        let token = match self.word() {
            Some(token) => token,
            None => self.mark()?,
        };
        self.after_apostrophe = token.kind == Kind::Apostrophe;
        Some(token)
    }
}

/// Appends the folded form of a word: NFKC, then upper case and lower case again (which takes `ß` to `ss`, `ſ` to
/// `s`, `ς` to `σ` and `ı` to `i`), then NFKC, since folding can undo it.
fn fold_word(word: &str, folded: &mut String) {
    let start = folded.len();
    let alone = word.chars().all(|char| fold_alone(char, folded));
    if !alone {
        folded.truncate(start);
        fold_by_unicode(word, folded);
    }
}

/// [`fold_word`] of any characters, which may change each other.
pub(super) fn fold_by_unicode(word: &str, folded: &mut String) {
    let start = folded.len();
    let mut dotted = false;
    let lower = word
        .nfkc()
        .filter(|c| !is_ignorable(*c))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| {
            // İ folds to i and a dot above.
            let drop = dotted && *c == '\u{307}';
            dotted = *c == 'i';
            !drop
        });
    folded.extend(lower);
    if !folded.is_char_boundary(start) || folded[start..].is_ascii() {
        return;
    }
    let again: String = folded[start..].nfkc().collect();
    folded.truncate(start);
    folded.push_str(&again);
}

/// The folded form of one token of `text`.
pub(super) fn fold_token(text: &str, token: &Token, folded: &mut String) {
    match token.kind {
        Kind::Break => (),
        Kind::Apostrophe => folded.push('\''),
        Kind::Word | Kind::AfterApostrophe | Kind::Mark => {
            fold_word(text.get(token.start..token.end).unwrap_or_default(), folded);
        }
    }
}

/// Appends the folded form of a text given as its tokens: the tokens', separated by one space. Two names are the
/// same concept when their folded forms are equal.
pub(super) fn fold_tokens(text: &str, tokens: &[Token], folded: &mut String) {
    let start = folded.len();
    for token in tokens {
        if token.kind == Kind::Break {
            continue;
        }
        if folded.len() > start {
            folded.push(' ');
        }
        fold_token(text, token, folded);
    }
}

/// Whether a text has the letters of a key, in the same case, whatever stands in the gaps.
pub(super) fn is_spelled(key: &str, text: &str) -> bool {
    fn letters(of: &str) -> impl Iterator<Item = u8> {
        Tokens::new(of, 0).flat_map(move |token| of[token.start..token.end].bytes())
    }
    letters(key).eq(letters(text))
}

/// A word of letters without the marks on them; `None` when there are none.
pub(super) fn without_diacritics(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let plain: String = text
        .nfd()
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .nfc()
        .collect();
    (plain != text.nfc().collect::<String>()).then_some(plain)
}

/// The folded form of a text.
pub(super) fn fold(text: &str) -> String {
    let tokens: Vec<Token> = Tokens::new(text, 0).collect();
    let mut folded = String::with_capacity(text.len());
    fold_tokens(text, &tokens, &mut folded);
    folded
}
