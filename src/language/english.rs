//! How common an English word is, and which class it usually has.
//!
//! The table is `data/english_words.txt`, 30,000 words made by `data/english_words.py` (sources and licences
//! there): sorted lines of a word, a letter for its class and a letter for its rarity. It is searched as it
//! stands, but for an index of where the words with the same two first letters begin.

use std::sync::OnceLock;

/// What the table says of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The usual class: `N` noun, `J` adjective, `V` verb, `Z` verb in the third person, `D` past form or
    /// participle, `G` -ing form, `R` adverb, `?` not known. Small `n`, `v`, `z`: a noun that may be a verb, a
    /// verb that may be a noun, a third person that may be a plural.
    pub class: u8,
    /// How rare it is: n for one word in about 2^(n+6) of running text, 0 to 14.
    pub rarity: u8,
}

/// [`Entry::rarity`] of the words that are not in the table.
pub const UNKNOWN_RARITY: u8 = 15;

static WORDS: &str = include_str!("../../data/english_words.txt");

/// The entry of `word`, in lower case.
pub fn look_up(word: &str) -> Option<Entry> {
    let bytes = WORDS.as_bytes();
    let word = word.as_bytes();
    let (mut low, mut high) = lines_with(word);
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[..middle]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let length = bytes[start..].iter().position(|&byte| byte == b'\n')?;
        let (known, codes) =
            bytes[start..start + length].split_at_checked(length.checked_sub(2)?)?;
        match known.cmp(word) {
            std::cmp::Ordering::Less => low = start + length + 1,
            std::cmp::Ordering::Greater => high = start,
            std::cmp::Ordering::Equal => {
                let &[class, rarity] = codes else { return None };
                return Some(Entry {
                    class,
                    rarity: rarity.saturating_sub(b'a').min(UNKNOWN_RARITY - 1),
                });
            }
        }
    }
    None
}

/// Numbers of what a word can begin with, in their order: nothing or what stands before the letters, the letters, and
/// what stands behind them.
const BEGINNINGS: usize = 28;

fn beginning(byte: Option<&u8>) -> usize {
    match byte {
        Some(&letter @ b'a'..=b'z') => usize::from(letter - b'a') + 1,
        Some(b'{'..) => BEGINNINGS - 1,
        _ => 0,
    }
}

/// The number of the first two bytes of a word, which no later word has a smaller one than.
fn first_two(word: &[u8]) -> usize {
    let first = beginning(word.first());
    let second = match first {
        // Not one first byte, but many.
        0 | 27 => 0,
        _ => beginning(word.get(1)),
    };
    first * BEGINNINGS + second
}

/// The bytes of the lines among which a word must be.
fn lines_with(word: &[u8]) -> (usize, usize) {
    /// Where the lines begin whose words have at least this number.
    static STARTS: OnceLock<Vec<u32>> = OnceLock::new();
    let starts = STARTS.get_or_init(|| {
        let mut starts = Vec::with_capacity(BEGINNINGS * BEGINNINGS + 1);
        let mut start = 0;
        for line in WORDS.as_bytes().split_inclusive(|&byte| byte == b'\n') {
            let (word, _) = line.split_at(line.len().saturating_sub(3));
            starts.resize(starts.len().max(first_two(word) + 1), start);
            start += line.len() as u32;
        }
        starts.resize(BEGINNINGS * BEGINNINGS + 1, start);
        starts
    });
    let number = first_two(word);
    (starts[number] as usize, starts[number + 1] as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_nothing_else() {
        let mut before = "";
        for line in WORDS.lines() {
            let (word, codes) = line.split_at(line.len() - 2);
            assert!(before < word);
            before = word;
            let entry = look_up(word).unwrap();
            assert!(b"NnJVvZzDGR?".contains(&entry.class), "{line}");
            assert_eq!(codes.as_bytes()[1] - b'a', entry.rarity);
        }
        for word in ["", "a-b", "zzzz", "Method", "methodNg", "é"] {
            assert_eq!(look_up(word), None, "{word}");
        }
    }

    #[test]
    fn common_words_are_less_rare_than_technical_ones() {
        let rarity = |word| look_up(word).unwrap().rarity;
        assert!(rarity("time") < rarity("algorithm"));
        assert!(rarity("algorithm") < rarity("entropy"));
    }
}
