//! How common the words of the languages without a tagger are, and which of them name nothing.
//!
//! The tables are `data/background.model`, made by the example `train` out of lists of words with their numbers in running
//! text and lists of kinds of words; `data/SOURCES.md` says which. For each language of [`Language::LISTED`] there are two
//! tables of sorted numbers of 32 bits: the FNV-1a hash of a stem, its lowest four bits given up for the rarity, and the
//! hash of a word, those given up for its kind.

use std::sync::OnceLock;

use super::english::UNKNOWN_RARITY;
use super::{Language, fnv1a};
use crate::error::Result;
use crate::model;

const KIND: model::Kind = model::Kind {
    magic: b"TORIBACK",
    version: 1,
    name: "table of words",
};

static BUILT_IN: &[u8] = include_bytes!("../../data/background.model");

/// The bits of an entry that are its value.
const VALUE: u32 = 15;

/// What a word is that names nothing by itself, or nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An article, pronoun, preposition, conjunction, adverb, number or the like.
    Function,
    /// A verb in a form that is no noun or adjective.
    Verb,
    /// An adjective that only evaluates, compares or orders: no term begins with it.
    Modifier,
    /// A noun that says nothing beside others of its kind either.
    Empty,
    /// A noun that says nothing alone, but can with another word.
    Weak,
    /// A part of a document.
    Label,
}

impl Kind {
    /// Every kind, by its number in the table.
    const ALL: [Kind; 6] = [
        Kind::Function,
        Kind::Verb,
        Kind::Modifier,
        Kind::Empty,
        Kind::Weak,
        Kind::Label,
    ];

    /// The kind that the lists name with this letter: `F`, `V`, `M`, `E`, `W`, `L`.
    pub fn of_letter(letter: &str) -> Option<Kind> {
        let at = "FVMEWL".find(letter).filter(|_| letter.len() == 1)?;
        Kind::ALL.get(at).copied()
    }
}

type Table<'a> = &'a [[u8; 4]];

/// What is known of the words of each language of [`Language::LISTED`].
#[derive(Clone, Debug, Default)]
pub struct Background<'a> {
    /// Sorted little-endian entries: rarities of stems, kinds of words.
    tables: [[Table<'a>; 2]; Language::LISTED.len()],
}

impl<'a> Background<'a> {
    /// The table of the library.
    pub fn built_in() -> &'static Background<'static> {
        static BACKGROUND: OnceLock<Background<'static>> = OnceLock::new();
        // A test opens the file that is compiled in. Without it all words are unknown.
        BACKGROUND.get_or_init(|| Background::read(BUILT_IN).unwrap_or_default())
    }

    /// How rare a stem is: n for one word in about 2^(n+6) of running text, 0 to 14;
    /// [`UNKNOWN_RARITY`] for one that is not in the table and in languages without one. Of stems that share 28 bits of
    /// their hash, one in some ten thousand, one answers for all.
    pub fn rarity(&self, language: Language, stem: &str) -> u8 {
        self.look_up(language, 0, stem).unwrap_or(UNKNOWN_RARITY)
    }

    /// What a word, in lower case, is when it is known to name nothing by itself.
    pub fn kind(&self, language: Language, word: &str) -> Option<Kind> {
        let kind = self.look_up(language, 1, word)?;
        Kind::ALL.get(usize::from(kind)).copied()
    }

    fn look_up(&self, language: Language, of: usize, word: &str) -> Option<u8> {
        let place = Language::LISTED.iter().position(|&of| of == language)?;
        let table = self.tables[place][of];
        let wanted = key(word);
        let at = table.partition_point(|&entry| u32::from_le_bytes(entry) < wanted);
        let entry = table.get(at).map(|&entry| u32::from_le_bytes(entry))?;
        (entry & !VALUE == wanted).then_some((entry & VALUE) as u8)
    }

    /// The table in the bytes of a model file.
    ///
    /// # Errors
    /// `Format` when they are no such file, of another version or damaged.
    pub fn read(file: &'a [u8]) -> Result<Background<'a>> {
        let mut rest = KIND.open(file)?;
        let mut background = Background::default();
        for table in background.tables.as_flattened_mut() {
            *table = take(&mut rest).ok_or_else(|| KIND.refuse("its parts do not fit together"))?;
        }
        match rest {
            [] => Ok(background),
            _ => Err(KIND.refuse("something follows its last part")),
        }
    }

    /// The bytes of a model file with what is known of each language of [`Language::LISTED`]; a rarity above 14 is written
    /// as 14.
    pub fn write(known: &[Known; Language::LISTED.len()]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |mut entries: Vec<u32>| {
            entries.sort_unstable();
            // Of words that cannot be told apart the first.
            entries.dedup_by_key(|entry| *entry & !VALUE);
            bytes.extend((entries.len() as u32).to_le_bytes());
            bytes.extend(entries.iter().flat_map(|entry| entry.to_le_bytes()));
        };
        for known in known {
            let rarities = known.rarities.iter();
            put(rarities
                .map(|(stem, rarity)| key(stem) | u32::from(*rarity).min(VALUE - 1))
                .collect());
            let kinds = known.kinds.iter();
            put(kinds.map(|(word, kind)| key(word) | *kind as u32).collect());
        }
        KIND.seal(&bytes)
    }
}

/// What the table is made of for one language.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Stems and how rare they are.
    pub rarities: Vec<(String, u8)>,
    /// Words and what they are.
    pub kinds: Vec<(String, Kind)>,
}

/// The entry of a word or stem without its value.
fn key(stem: &str) -> u32 {
    fnv1a(stem.bytes().map(u32::from)) & !VALUE
}

/// Takes a number of entries and so many of them; `None` when there are fewer or they are not sorted.
fn take<'a>(bytes: &mut &'a [u8]) -> Option<&'a [[u8; 4]]> {
    let (count, rest) = bytes.split_first_chunk()?;
    let length = (u32::from_le_bytes(*count) as usize).checked_mul(4)?;
    let (table, rest) = rest.split_at_checked(length)?;
    let (table, _) = table.as_chunks();
    *bytes = rest;
    let of = |entry: &[u8; 4]| u32::from_le_bytes(*entry) & !VALUE;
    table
        .is_sorted_by(|before, after| of(before) < of(after))
        .then_some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(stems: &[(&str, u8)]) -> Vec<u8> {
        let rarities = stems
            .iter()
            .map(|&(stem, rarity)| (stem.to_owned(), rarity));
        let known = Known {
            rarities: rarities.collect(),
            kinds: vec![("und".to_owned(), Kind::Function)],
        };
        Background::write(&Language::LISTED.map(|_| known.clone()))
    }

    #[test]
    fn the_built_in_table_knows_common_words_from_rare_ones_in_every_language() {
        let background = Background::read(BUILT_IN).unwrap();
        for (language, common, rare) in [
            (Language::German, "zeit", "regierung"),
            (Language::French, "temps", "algorithme"),
            (Language::Spanish, "tiempo", "parlamento"),
            (Language::Portuguese, "tempo", "parlamento"),
            (Language::Italian, "tempo", "algoritmo"),
            (Language::Dutch, "tijd", "parlement"),
            (Language::Polish, "czas", "prezydent"),
        ] {
            let stemmer = crate::language::Stemmer::new(language);
            let rarity = |word| background.rarity(language, &stemmer.stem(word));
            assert!(rarity(common) < rarity(rare), "{language:?}");
            assert!(rarity(rare) < UNKNOWN_RARITY, "{language:?}");
            assert_eq!(rarity("zzyzx"), UNKNOWN_RARITY, "{language:?}");
        }
        assert_eq!(background.rarity(Language::Other, "tempo"), UNKNOWN_RARITY);
    }

    #[test]
    fn what_is_written_is_read_and_the_commonest_of_a_stem_counts() {
        let file = with(&[("haus", 4), ("baum", 200), ("haus", 9)]);
        let background = Background::read(&file).unwrap();
        for language in Language::LISTED {
            let rarity = |stem| background.rarity(language, stem);
            assert_eq!(
                [rarity("haus"), rarity("baum"), rarity("hau")],
                [4, 14, UNKNOWN_RARITY]
            );
            assert_eq!(background.kind(language, "und"), Some(Kind::Function));
            assert_eq!(background.kind(language, "haus"), None);
        }
    }

    #[test]
    fn a_table_that_is_cut_short_or_not_sorted_is_refused_although_its_checksum_fits() {
        let file = with(&[("haus", 4), ("baum", 7)]);
        let model = KIND.open(&file).unwrap();
        for length in 0..model.len() {
            assert!(Background::read(&KIND.seal(&model[..length])).is_err());
        }
        let mut longer = model.to_vec();
        longer.push(0);
        assert!(Background::read(&KIND.seal(&longer)).is_err());
        let mut swapped = model.to_vec();
        swapped[4..12].rotate_left(4);
        assert!(Background::read(&KIND.seal(&swapped)).is_err());
    }
}
