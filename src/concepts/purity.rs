//! Which candidates name nothing.

use serde::Serialize;

use super::candidates::Occurrence;
use super::generic::Generic;
use super::words::{Word, Words, content};
use crate::language::casing::Casing;
use crate::language::classes::Class;

/// Why a candidate was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// All its words are generic: "proposed method", "results".
    Generic,
    /// It numbers a part of the document: "figure 3".
    Label,
    /// It is no word: a single letter, letters with digits between, a word far too long.
    Fragment,
    /// It stands only in affiliations, notices and other small print.
    Noise,
    /// It stands only in the list of references.
    References,
    /// A long text says it once, and only inside something longer.
    Passing,
    /// It is another spelling of a better one.
    Spelling,
    /// It is part of a better one, in a short text.
    Part,
    /// Few readers would list it, in a short text.
    Unlikely,
    /// It is much like a better one.
    Similar,
    /// Its category is full.
    Category,
    /// It would make the selection too uneven.
    Entropy,
    /// The list is full.
    Limit,
}

impl Reason {
    /// Every reason, in the order they are asked for.
    pub const ALL: [Reason; 13] = [
        Reason::Generic,
        Reason::Label,
        Reason::Fragment,
        Reason::Noise,
        Reason::References,
        Reason::Passing,
        Reason::Spelling,
        Reason::Part,
        Reason::Unlikely,
        Reason::Similar,
        Reason::Category,
        Reason::Entropy,
        Reason::Limit,
    ];

    /// The name in reports: `references`.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Generic => "generic",
            Reason::Label => "label",
            Reason::Fragment => "fragment",
            Reason::Noise => "noise",
            Reason::References => "references",
            Reason::Passing => "passing",
            Reason::Spelling => "spelling",
            Reason::Part => "part",
            Reason::Unlikely => "unlikely",
            Reason::Similar => "similar",
            Reason::Category => "category",
            Reason::Entropy => "entropy",
            Reason::Limit => "limit",
        }
    }

    /// Why a candidate names nothing, in words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Reason::Generic => "all its words are general ones",
            Reason::Label => "numbers a part of the document",
            Reason::Fragment => "is no word",
            Reason::Noise => "stands only in affiliations, notices and other small print",
            Reason::References => "stands only in the list of references",
            Reason::Passing => "said once, and only inside something longer",
            // Told with what decided them.
            Reason::Spelling
            | Reason::Part
            | Reason::Unlikely
            | Reason::Similar
            | Reason::Category
            | Reason::Entropy
            | Reason::Limit => self.name(),
        }
    }
}

/// What a word, in lower case, looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bytes, of a very long word not all.
    pub(super) bytes: u8,
    pub(super) hyphen: bool,
    pub(super) digit: bool,
    /// Letters, those of a very long word not all.
    letters: u8,
    /// Whether it is nothing but a character of ASCII, or two at the most.
    letter: bool,
    short: bool,
    /// A number, a Roman numeral or a single letter.
    number_like: bool,
    /// See [`is_mangled`].
    mangled: bool,
}

impl Shape {
    pub(super) fn of(word: &str) -> Shape {
        let (characters, letters) = match word.is_ascii() {
            // Most words.
            true => {
                let letters = word.bytes().filter(u8::is_ascii_alphabetic);
                (word.len(), letters.count())
            }
            false => {
                let letters = word.chars().filter(|c| c.is_alphabetic());
                (word.chars().count(), letters.count())
            }
        };
        let digit = word.bytes().any(|byte| byte.is_ascii_digit());
        Shape {
            bytes: u8::try_from(word.len()).unwrap_or(u8::MAX),
            hyphen: word.contains('-'),
            digit,
            letters: u8::try_from(letters).unwrap_or(u8::MAX),
            letter: characters < 2 && word.is_ascii(),
            short: word.len() < 3 && word.is_ascii(),
            number_like: characters == 1
                || digit
                || word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x')),
            mangled: digit && is_mangled(word),
        }
    }
}

/// Why the candidate is to be dropped, if it is.
pub(super) fn judge(words: &Words, occurrences: &[Occurrence], length: u32) -> Option<Reason> {
    let start = occurrences.first()?.word as usize;
    let form = words.words.get(start..start + length as usize)?;
    let in_small_print = |occurrence: &Occurrence| {
        let word = words.words.get(occurrence.word as usize);
        word.is_none_or(Word::in_small_print)
    };
    if occurrences.iter().all(in_small_print) {
        return Some(only_in_small_print(words, occurrences));
    }
    let says_nothing = |word: &Word| match word.generic {
        Generic::No => word.class == Class::Joiner,
        Generic::Weak | Generic::Alone => form.len() == 1,
        Generic::Empty | Generic::Modifier | Generic::Soft | Generic::Label => true,
    };
    if form.iter().all(says_nothing) {
        let numbered = form.iter().any(|word| word.generic == Generic::Label);
        return Some(if numbered {
            Reason::Label
        } else {
            Reason::Generic
        });
    }
    let is_label = |word: &Word| word.generic == Generic::Label;
    if form.first().is_some_and(is_label)
        && form.get(1).is_some_and(|word| is_number_like(words, word))
    {
        return Some(Reason::Label);
    }
    is_fragment(words, form).then_some(Reason::Fragment)
}

fn only_in_small_print(words: &Words, occurrences: &[Occurrence]) -> Reason {
    let noise = occurrences.iter().any(|occurrence| {
        words
            .words
            .get(occurrence.word as usize)
            .is_some_and(|word| word.noise)
    });
    if noise {
        Reason::Noise
    } else {
        Reason::References
    }
}

fn is_number_like(words: &Words, word: &Word) -> bool {
    word.class == Class::Number || shape(words, word).number_like
}

fn shape(words: &Words, word: &Word) -> Shape {
    let facts = words.vocabulary.get(word.stem as usize);
    facts.map_or_else(|| Shape::of(""), |facts| facts.shape)
}

fn is_fragment(words: &Words, form: &[Word]) -> bool {
    let content = || content(form);
    let is_letter = |word: &Word| word.class != Class::Joiner && shape(words, word).letter;
    let letters = form
        .iter()
        .map(|word| usize::from(shape(words, word).letters));
    let (Some(first), Some(last)) = (form.first(), form.last()) else {
        return true;
    };
    let one_short = form.len() == 1
        && (is_letter(first) || first.casing == Casing::Lower && shape(words, first).short);
    one_short
        || is_letter(first)
        || is_letter(last) && (last.casing == Casing::Lower || form.len() > 2)
        // Half of it is single letters: what is left of a formula.
        || form.iter().filter(|word| is_letter(word)).count() * 2 >= form.len()
        || letters.sum::<usize>() < 2
        || form.iter().any(|word| shape(words, word).mangled)
        // The same word twice is a broken line, not a term.
        || content().zip(content().skip(1)).any(|(word, next)| word.stem == next.stem)
}

/// Letters and digits in turns, as in keys, hashes and mangled encodings: "x1y2z3".
fn is_mangled(word: &str) -> bool {
    let turns = word
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .filter(|pair| pair.iter().all(u8::is_ascii_alphanumeric))
        .count();
    turns > 3
}
