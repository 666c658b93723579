//! How common an English word is, and which class it usually has.
//!
//! The table is `data/english_words.txt`, 30,000 words made by `data/english_words.py` (sources and licences
//! there): sorted lines of a word, a letter for its class and a letter for its rarity. It is searched as it
//! stands, so that nothing has to be built before the first word is looked up.

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
    let (mut low, mut high) = (0, bytes.len());
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
