//! Tokens and sentences with byte offsets.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Letters, with digits, inner hyphens, apostrophes, slashes and ampersands: `high-level`, `don't`,
    /// `TCP/IP`, `3D`; also `C++`, `C#`, `.NET`. Scripts written without spaces give a token per character.
    Word,
    /// Digits with inner points, commas and hyphens: `3.14`, `1,000`, `2-3`.
    Number,
    /// One character that is neither letter, digit nor space.
    Symbol,
    /// A URL or an e-mail address, up to the next space.
    Address,
}

/// A token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
    /// Whether it is the first token of a sentence.
    pub opens_sentence: bool,
}

/// The tokens of `text` in order.
pub fn tokens(text: &str) -> Tokens<'_> {
    Tokens {
        text,
        position: 0,
        piece_end: 0,
        addresses: has_marks_of_address(text.as_bytes()),
        sentence_ended: true,
        before: Before::Nothing,
    }
}

/// Whether a text has "@", "://" or "www.": hardly any passage has, and then no word of it can be an address.
fn has_marks_of_address(text: &[u8]) -> bool {
    let ends_www = |stop: usize| {
        let start = stop.saturating_sub(3);
        text[start..stop].eq_ignore_ascii_case(b"www")
    };
    memchr::memchr(b'@', text).is_some()
        || memchr::memmem::find(text, b"://").is_some()
        || memchr::memchr_iter(b'.', text).any(ends_www)
}

/// The sentences of `text` in order: from the first byte of their first token to the last of their last.
///
/// A sentence ends at `.`, `!`, `?` or `…` before a space and anything that does not begin in lower case,
/// unless the stop belongs to an abbreviation or an initial; and at every empty line or form feed.
pub fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut tokens = tokens(text).peekable();
    std::iter::from_fn(move || {
        let first = tokens.next()?;
        let mut end = first.range.end;
        while let Some(token) = tokens.next_if(|token| !token.opens_sentence) {
            end = token.range.end;
        }
        Some(first.range.start..end)
    })
}

/// Iterator over the tokens of a text; see [`tokens`].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    text: &'a str,
    position: usize,
    /// End of the run of non-spaces that has been looked at for an address.
    piece_end: usize,
    addresses: bool,
    sentence_ended: bool,
    before: Before,
}

/// The token before, as far as the end of a sentence depends on it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Nothing,
    /// A word from the one byte to the other, which may be one after which a full stop ends no sentence.
    Word(usize, usize),
    Other,
    /// A mark that ends a sentence if the next token agrees.
    Stop,
}

/// Whether a character is written without spaces between words: Han, Hiragana, Katakana.
pub fn stands_alone(character: char) -> bool {
    character >= '\u{3040}'
        && matches!(character,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

fn continues_word(character: char) -> bool {
    (character.is_alphanumeric() && !stands_alone(character))
        || matches!(
            character,
            '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200c}' | '\u{200d}' | '_'
        )
}

fn joins_words(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{2010}' | '\u{2011}' | '\'' | '\u{2019}' | '/' | '&' | '.' | ','
    )
}

/// Words whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 34] = [
    "al", "approx", "cf", "ch", "co", "corp", "dept", "dr", "e.g", "ed", "eds", "eq", "eqs", "etc",
    "fig", "figs", "i.e", "inc", "jr", "ltd", "mr", "mrs", "ms", "no", "nos", "pp", "prof", "ref",
    "refs", "sec", "st", "vol", "vs", "viz",
];

fn is_abbreviation(word: &str) -> bool {
    // A single capital is an initial: "J. Smith".
    if word.len() == 1 {
        return word.starts_with(|c: char| c.is_ascii_uppercase());
    }
    word.len() <= 6
        && ABBREVIATIONS
            .iter()
            .any(|abbreviation| word.eq_ignore_ascii_case(abbreviation))
}

impl<'a> Tokens<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// Skips spaces; an empty line or a form feed ends the sentence. Returns whether there were any.
    fn skip_spaces(&mut self) -> bool {
        let start = self.position;
        let bytes = self.text.as_bytes();
        while bytes.get(self.position) == Some(&b' ') {
            self.position += 1;
        }
        // Most often a word comes next.
        if let Some(b'!'..=b'~') = bytes.get(self.position) {
            return self.position > start;
        }
        let mut lines = 0;
        for character in self.rest().chars() {
            match character {
                '\n' => lines += 1,
                '\x0c' => lines = 2,
                _ if character.is_whitespace() || character == '\u{feff}' => {}
                _ => {
                    self.sentence_ended |= lines > 1;
                    break;
                }
            }
            self.position += character.len_utf8();
        }
        self.position > start
    }

    /// The end of the address that begins here, if one does. Each run of non-spaces is looked at once.
    fn address(&mut self) -> Option<usize> {
        if !self.addresses || self.position < self.piece_end {
            return None;
        }
        let rest = self.rest();
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.piece_end = self.position + length;
        let piece = &rest[..length];
        let trimmed = piece.trim_end_matches(['.', ',', ';', ':', ')', ']', '>', '"', '\'']);
        let is_mail = trimmed
            .find('@')
            .is_some_and(|at| at > 0 && trimmed[at + 1..].contains('.'));
        let is_url = trimmed.contains("://")
            || trimmed
                .get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("www."));
        (length <= 2_048 && (is_mail || is_url)).then(|| self.position + trimmed.len())
    }

    /// The end of the word or number that begins here, and which of them it is.
    fn word(&self) -> (usize, TokenKind) {
        let rest = self.rest();
        let (mut end, kind, last) = ascii_word(rest.as_bytes()).unwrap_or_else(|| any_word(rest));
        let tail = &rest.as_bytes()[end..];
        // C++, C#, F#; the sign must end the word.
        if kind == TokenKind::Word && end == 1 && last.is_ascii_uppercase() {
            let sign = match tail {
                [b'+', b'+', ..] => 2,
                [b'#', ..] => 1,
                _ => 0,
            };
            if !tail.get(sign).is_some_and(u8::is_ascii_alphanumeric) {
                end += sign;
            }
        }
        (end, kind)
    }
}

/// Of each byte that continues a word of ASCII, what it is; of the others, 0.
static CONTINUES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        if byte.is_ascii_alphabetic() {
            table[byte as usize] = LETTER;
        } else if byte.is_ascii_digit() || byte == b'_' {
            table[byte as usize] = NO_LETTER;
        }
        byte += 1;
    }
    table
};
const LETTER: u8 = 1;
const NO_LETTER: u8 = 2;

/// The end of a word or number of ASCII, which of them it is, and its last character; `None` where anything else is
/// part of it or decides where it ends. The same as [`any_word`], many times faster.
fn ascii_word(text: &[u8]) -> Option<(usize, TokenKind, char)> {
    let mut all = 0;
    let mut end = 0;
    loop {
        let mut last = b' ';
        while let Some(&byte) = text.get(end) {
            match CONTINUES[usize::from(byte)] {
                0 => break,
                class => all |= class,
            }
            last = byte;
            end += 1;
        }
        let next = text.get(end + 1).copied().unwrap_or(b' ');
        let joined = match text.get(end) {
            None => false,
            Some(0x80..) => return None,
            Some(b'-' | b'\'' | b'/' | b'&' | b'.' | b',') if !next.is_ascii() => return None,
            Some(b',') => last.is_ascii_digit() && next.is_ascii_digit(),
            Some(b'.') => !(last.is_ascii_lowercase() && next.is_ascii_uppercase()),
            Some(b'-' | b'\'' | b'/' | b'&') => true,
            Some(_) => false,
        };
        if !joined || !next.is_ascii_alphanumeric() {
            let kind = match all & LETTER {
                0 => TokenKind::Number,
                _ => TokenKind::Word,
            };
            return Some((end, kind, char::from(last)));
        }
        end += 1;
    }
}

/// The end of a word or number, which of them it is, and its last character.
fn any_word(text: &str) -> (usize, TokenKind, char) {
    let mut characters = text.char_indices().peekable();
    let mut kind = TokenKind::Number;
    let mut end = 0;
    let mut last = ' ';
    while let Some((offset, character)) = characters.next() {
        if continues_word(character) {
            if character.is_alphabetic() {
                kind = TokenKind::Word;
            }
            end = offset + character.len_utf8();
            last = character;
            continue;
        }
        let next = characters.peek().map_or(' ', |&(_, next)| next);
        if !joins_words(character) || !next.is_alphanumeric() || stands_alone(next) {
            break;
        }
        let joined = match character {
            ',' => last.is_numeric() && next.is_numeric(),
            // "e.g", "3.14", "node.js", but not "end.The".
            '.' => !(last.is_lowercase() && next.is_uppercase()),
            _ => true,
        };
        if !joined {
            break;
        }
    }
    (end, kind, last)
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start_of_text = self.position == 0;
        let spaced = self.skip_spaces() || start_of_text;
        let rest = self.rest();
        let first = rest.chars().next()?;
        let start = self.position;
        if self.before == Before::Stop && spaced && !first.is_lowercase() {
            self.sentence_ended = true;
        }
        let dotted_name =
            first == '.' && spaced && rest[1..].starts_with(|next: char| next.is_ascii_uppercase());
        let (end, kind) = if let Some(end) = self.address() {
            self.before = Before::Other;
            (end.max(start + first.len_utf8()), TokenKind::Address)
        } else if stands_alone(first) {
            self.before = Before::Other;
            (start + first.len_utf8(), TokenKind::Word)
        } else if first.is_alphanumeric() {
            let (length, kind) = self.word();
            self.before = Before::Word(start, start + length);
            (start + length, kind)
        } else if dotted_name {
            self.position += 1;
            let (length, _) = self.word();
            self.before = Before::Other;
            (start + 1 + length, TokenKind::Word)
        } else {
            self.before = match (first, self.before) {
                ('.', Before::Word(from, to)) if is_abbreviation(&self.text[from..to]) => {
                    Before::Other
                }
                ('.' | '!' | '?' | '…' | '。' | '！' | '？', _) => Before::Stop,
                // Quotes and brackets close after the stop.
                ('"' | '\'' | '”' | '’' | ')' | ']', Before::Stop) if !spaced => Before::Stop,
                _ => Before::Other,
            };
            (start + first.len_utf8(), TokenKind::Symbol)
        };
        self.position = end;
        let closes = kind == TokenKind::Symbol && self.before == Before::Stop;
        let opens_sentence = self.sentence_ended && !closes;
        self.sentence_ended &= closes;
        Some(Token {
            range: start..end,
            kind,
            opens_sentence,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text)
            .map(|token| &text[token.range])
            .collect::<Vec<_>>()
    }

    #[test]
    fn inner_marks_join_and_outer_marks_do_not() {
        assert_eq!(
            words("The high-level (TCP/IP) method's R&D, it's 'fine'."),
            [
                "The",
                "high-level",
                "(",
                "TCP/IP",
                ")",
                "method's",
                "R&D",
                ",",
                "it's",
                "'",
                "fine",
                "'",
                "."
            ]
        );
    }

    #[test]
    fn names_with_signs_are_words() {
        assert_eq!(
            words("C++, C# and .NET 4.5; a+b"),
            ["C++", ",", "C#", "and", ".NET", "4.5", ";", "a", "+", "b"]
        );
    }

    #[test]
    fn numbers_are_told_from_words() {
        let kinds: Vec<_> = tokens("3.14 1,000 3D 802.11b 2-3")
            .map(|token| token.kind)
            .collect();
        use TokenKind::*;
        assert_eq!(kinds, [Number, Number, Word, Word, Number]);
    }

    #[test]
    fn addresses_are_one_token() {
        let text = "See http://a.example/b?c=d, or mail <jo@site.example>.";
        let found: Vec<_> = tokens(text)
            .filter(|token| token.kind == TokenKind::Address)
            .map(|token| &text[token.range])
            .collect();
        assert_eq!(found, ["http://a.example/b?c=d", "<jo@site.example"]);
    }

    #[test]
    fn han_characters_are_tokens_of_their_own() {
        assert_eq!(words("机器学习ABC"), ["机", "器", "学", "习", "ABC"]);
    }

    #[test]
    fn abbreviations_and_initials_end_no_sentence() {
        let text =
            "J. Smith et al. Found it, e.g. There. See Fig. 3 now! Is it? \"Yes.\" So\n\nnew one";
        let found: Vec<_> = sentences(text).map(|range| &text[range]).collect();
        assert_eq!(
            found,
            [
                "J. Smith et al. Found it, e.g. There.",
                "See Fig. 3 now!",
                "Is it?",
                "\"Yes.\"",
                "So",
                "new one"
            ]
        );
    }

    /// Texts of so many characters of the alphabet, at random.
    fn random(alphabet: &str, length: usize) -> impl Iterator<Item = String> {
        let mut state = 88_172_645_463_325_252_u64;
        let alphabet: Vec<char> = alphabet.chars().collect();
        std::iter::repeat_with(move || {
            (0..length)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    alphabet[(state % alphabet.len() as u64) as usize]
                })
                .collect()
        })
    }

    #[test]
    fn words_of_ascii_end_where_they_end_among_all_characters() {
        let mut known = 0;
        for text in random("aZb3_.,-'/&+#é学 \u{ad}", 9).take(20_000) {
            let quick = ascii_word(text.as_bytes());
            known += usize::from(quick.is_some());
            assert!(
                quick.is_none_or(|quick| quick == any_word(&text)),
                "{text:?}"
            );
        }
        assert!(known > 5_000);
    }

    #[test]
    fn no_address_is_passed_over_for_want_of_a_mark() {
        let mut without = 0;
        for text in random("wwW.@:/aé \u{a0}", 8).take(20_000) {
            let marked = has_marks_of_address(text.as_bytes());
            without += usize::from(!marked);
            let all = Tokens {
                addresses: true,
                ..tokens(&text)
            };
            assert!(all.eq(tokens(&text)), "{text:?}");
        }
        assert!(without > 5_000);
    }

    #[test]
    fn tokens_cover_every_character_that_is_not_space() {
        for text in random("aB3 .,-'/&@:+#\n\x0c\u{ad}é\u{301}学ß€😀\u{feff}.", 40).take(2_000)
        {
            let mut end = 0;
            for token in tokens(&text) {
                assert!(token.range.start >= end && token.range.end > token.range.start);
                let gap = &text[end..token.range.start];
                assert!(
                    gap.chars().all(|c| c.is_whitespace() || c == '\u{feff}'),
                    "{text:?}"
                );
                end = token.range.end;
            }
        }
    }
}
