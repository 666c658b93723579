//! How common an English word is, and which class it usually has.
//!
//! The table is `data/english_words.txt`, 30,000 words made by `data/english_words.py` (sources and licences
//! there): sorted lines of a word, a letter for its class and a letter for its rarity. It is searched as it
//! stands, with a table of where each line begins by the hash of its word.

use std::sync::OnceLock;

use super::fnv::fnv1a;

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
    let starts = starts();
    let mut place = place(word.as_bytes());
    while starts[place] != NOWHERE {
        if let Some(&[class, rarity]) = codes(starts[place], word.as_bytes()) {
            return Some(Entry {
                class,
                rarity: rarity.saturating_sub(b'a').min(UNKNOWN_RARITY - 1),
            });
        }
        place = (place + 1) % PLACES;
    }
    None
}

/// The letters for class and rarity in the line that begins at `start`, when it is the one of `word`.
fn codes(start: u32, word: &[u8]) -> Option<&'static [u8; 2]> {
    let line = WORDS.as_bytes().get(start as usize..)?;
    let (codes, rest) = line.strip_prefix(word)?.split_first_chunk()?;
    let whole = rest.first() == Some(&b'\n') && !word.contains(&b'\n');
    whole.then_some(codes)
}

/// Places of the table: twice as many as there are words, so that few are looked at for one.
const PLACES: usize = 1 << 16;

/// A place without a line.
const NOWHERE: u32 = u32::MAX;

/// Where a word is looked for first.
fn place(word: &[u8]) -> usize {
    let hash = fnv1a(word.iter().map(|&byte| u32::from(byte)));
    (hash ^ hash >> 16) as usize % PLACES
}

/// Where the lines begin, each in the first free place from that of its word on.
fn starts() -> &'static [u32] {
    static STARTS: OnceLock<Vec<u32>> = OnceLock::new();
    STARTS.get_or_init(|| {
        let mut starts = vec![NOWHERE; PLACES];
        let mut start = 0;
        for line in WORDS.as_bytes().split_inclusive(|&byte| byte == b'\n') {
            let (word, _) = line.split_at(line.len().saturating_sub(3));
            let mut place = place(word);
            while starts[place] != NOWHERE {
                place = (place + 1) % PLACES;
            }
            starts[place] = start;
            start += line.len() as u32;
        }
        starts
    })
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
