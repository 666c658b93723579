//! What a character is to a word: whether it may stand in one, belongs to whatever is before it, and what it is folded to.
//!
//! Unicode's tables are searched once for a character and process; the answers for the alphabets, signs and symbols
//! that papers are full of are kept.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use unicode_normalization::char::is_combining_mark;

use super::tokens::fold_by_unicode;

/// The first character whose answer is not kept: behind it are scripts whose characters are words of their own.
const END: usize = 0x2e80;

const KNOWN: u8 = 1;
const ALPHANUMERIC: u8 = 2;
const ATTACHED: u8 = 4;

/// By character; zero until it is asked for. Threads that come at the same time write the same.
static CLASSES: [AtomicU8; END] = [const { AtomicU8::new(0) }; END];

#[inline]
fn class(char: char) -> u8 {
    let Some(kept) = CLASSES.get(char as usize) else {
        return class_by_unicode(char);
    };
    match kept.load(Ordering::Relaxed) {
        0 => {
            let class = class_by_unicode(char);
            kept.store(class, Ordering::Relaxed);
            class
        }
        class => class,
    }
}

#[inline(never)]
fn class_by_unicode(char: char) -> u8 {
    let attached = is_combining_mark(char)
        || matches!(
            char,
            '\u{ff9e}' | '\u{ff9f}' | '\u{200c}' | '\u{200d}' | '\u{2060}'
        );
    let mut class = KNOWN;
    if char.is_alphanumeric() {
        class |= ALPHANUMERIC;
    }
    if attached {
        class |= ATTACHED;
    }
    class
}

/// Whether a character is a letter or a digit of any script.
#[inline]
pub(super) fn is_alphanumeric(char: char) -> bool {
    class(char) & ALPHANUMERIC != 0
}

/// Whether a character belongs to the one before it whatever that is.
#[inline]
pub(super) fn is_attached(char: char) -> bool {
    class(char) & ATTACHED != 0
}

/// Whether a character goes on with a word, or begins one.
#[inline]
pub(super) fn continues_word(char: char, first: bool) -> bool {
    let class = class(char);
    if first {
        return class & ALPHANUMERIC != 0;
    }
    class & ALPHANUMERIC != 0 && !is_unspaced(char) || class & ATTACHED != 0
}

/// Whether a character stands for itself as a word: Han, kana, Hangul.
#[inline]
pub(super) fn is_unspaced(char: char) -> bool {
    matches!(char,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}')
}

/// Characters that are not shown and separate nothing but what they stand between.
#[inline]
pub(super) fn is_ignorable(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Letters that Unicode folds and normalises as if they stood alone, whatever letters of these are beside them: none is a
/// mark, or is composed with one before it. Latin, Greek and Cyrillic, letters of formulas, ligatures.
const ALONE: [(u32, u32); 7] = [
    (0x80, 0x300),
    (0x370, 0x483),
    (0x48a, 0x530),
    (0x1e00, 0x2000),
    (0x2100, 0x2150),
    (0xfb00, 0xfb07),
    (0x1d400, 0x1d800),
];

const COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < ALONE.len() {
        count += ALONE[at].1 - ALONE[at].0;
        at += 1;
    }
    count as usize
};

/// What the letters of [`ALONE`] are folded to, at most three characters, the first in the lowest bits; zero until it is
/// asked for.
static FOLDS: [AtomicU64; COUNT] = [const { AtomicU64::new(0) }; COUNT];

/// Bits of a character.
const BITS: u32 = 21;

/// A letter that is folded to nothing, or to more than is kept.
const OTHER: u64 = u64::MAX;

/// Appends what a letter is folded to wherever it stands, if that is known.
#[inline]
pub(super) fn fold_alone(char: char, folded: &mut String) -> bool {
    if char.is_ascii() {
        folded.push(char.to_ascii_lowercase());
        return true;
    }
    if ('\u{4e00}'..='\u{9fff}').contains(&char) {
        folded.push(char);
        return true;
    }
    let mut fold = match kept(char).map(|kept| (kept, kept.load(Ordering::Relaxed))) {
        Some((kept, 0)) => {
            let fold = fold_of(char);
            kept.store(fold, Ordering::Relaxed);
            fold
        }
        Some((_, fold)) => fold,
        None => OTHER,
    };
    if fold == OTHER {
        return false;
    }
    while let Some(char) = char::from_u32(fold as u32 & ((1 << BITS) - 1)).filter(|_| fold != 0) {
        folded.push(char);
        fold >>= BITS;
    }
    true
}

/// Where the fold of a letter is kept.
fn kept(char: char) -> Option<&'static AtomicU64> {
    let char = u32::from(char);
    let mut before = 0;
    for (first, end) in ALONE {
        if char < end {
            return FOLDS.get((before + char.checked_sub(first)?) as usize);
        }
        before += end - first;
    }
    None
}

#[cold]
#[inline(never)]
fn fold_of(char: char) -> u64 {
    let mut folded = String::new();
    fold_by_unicode(char.encode_utf8(&mut [0; 4]), &mut folded);
    let mut fold = 0;
    for (char, at) in folded.chars().zip(0..) {
        if at == 3 {
            return OTHER;
        }
        fold |= u64::from(char) << (at * BITS);
    }
    if fold == 0 { OTHER } else { fold }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_unicode_says() {
        for char in '\0'..=char::MAX {
            for _ in 0..2 {
                assert_eq!(class(char), class_by_unicode(char), "{char:?}");
            }
            assert_eq!(is_alphanumeric(char), char.is_alphanumeric(), "{char:?}");
        }
    }

    #[test]
    fn letters_that_are_folded_alone_are_folded_as_in_a_word() {
        let letters: Vec<char> = ALONE
            .iter()
            .flat_map(|(first, end)| (*first..*end).filter_map(char::from_u32))
            .chain("aAiIsSnz019".chars())
            .chain("\u{4e00}\u{9fff}\u{6f22}".chars())
            .filter(|char| is_alphanumeric(*char))
            .collect();
        let mut state = 1_u64;
        let mut any = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            letters[(state >> 33) as usize % letters.len()]
        };
        let words = letters.iter().flat_map(|letter| {
            let beside = any();
            [
                [*letter, beside, 'i'],
                [beside, *letter, 'S'],
                ['I', *letter, *letter],
            ]
        });
        for word in words.map(String::from_iter) {
            let (mut alone, mut whole) = (String::new(), String::new());
            if word.chars().all(|char| fold_alone(char, &mut alone)) {
                fold_by_unicode(&word, &mut whole);
                assert_eq!(alone, whole, "{word:?}");
            }
        }
    }
}
