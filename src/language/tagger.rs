//! Word classes in their sentence: an averaged perceptron over hashed features (Collins 2002), read from left
//! to right.
//!
//! Function words have the class their list gives them; only content words are decided. The weights are
//! `data/tagger.model`, made by the example `train`; [`features`] is what both share.

use std::sync::OnceLock;

use fearless_simd::{Level, dispatch};

use super::classes::{Class, Usual};
use super::english;
use super::fnv::fnv1a;
use super::function_words::english_function_word;
use crate::error::Result;
use crate::model;

/// The classes that are decided between, in the order of a row of weights.
pub const CLASSES: [Class; 8] = [
    Class::Noun,
    Class::Adjective,
    Class::Participle,
    Class::Gerund,
    Class::Adverb,
    Class::Verb,
    Class::Preposition,
    Class::Connector,
];

const KIND: model::Kind = model::Kind {
    magic: b"TORITAGS",
    version: 1,
    name: "tagger model",
};

static BUILT_IN: &[u8] = include_bytes!("../../data/tagger.model");

/// The bit of [`Lexeme::usual`] for a noun that may be a verb, or a verb that may be a noun.
const AMBIGUOUS: u8 = 1 << 4;

/// The bit of [`Lexeme::usual`] for a plural or a verb in the third person.
const PLURAL: u8 = 1 << 5;

/// A word without its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexeme {
    word: u32,
    ending: u32,
    short_ending: u32,
    usual: u8,
    /// The class of a function word or a mark.
    given: Option<Class>,
    /// How it could be a finite verb, if the table of words knows it as one.
    finite: Option<Finite>,
}

/// A finite verb in the present, by what its subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finite {
    /// "rain hits"
    Singular,
    /// "storms hit"
    Plural,
    /// "prices fall": takes no object.
    PluralAlone,
}

/// Verbs of news that say what becomes of their subject, in the plural.
const BECOMING: [&str; 18] = [
    "climb", "collapse", "decline", "drop", "emerge", "fall", "flee", "gather", "grow", "loom",
    "mount", "plunge", "rise", "shrink", "slump", "soar", "surge", "tumble",
];

impl Finite {
    fn of(word: &str, usual: Usual) -> Option<Self> {
        let verb =
            |word: &str| english::look_up(word).is_some_and(|entry| b"nVvD".contains(&entry.class));
        match word.strip_suffix('s') {
            Some(base) if usual.plural => verb(base).then_some(Finite::Singular),
            _ if BECOMING.contains(&word) => Some(Finite::PluralAlone),
            _ if usual.is_unknown() || word.ends_with("ed") => None,
            _ => verb(word).then_some(Finite::Plural),
        }
    }
}

impl Lexeme {
    /// An English word in lower case, with what the table of words says of it.
    pub fn word(word: &str, usual: Usual) -> Self {
        let last = |count: usize| {
            if word.is_ascii() {
                return hash(&word[word.len().saturating_sub(count)..]);
            }
            let from = word.char_indices().rev().take(count).last();
            hash(word.get(from.map_or(0, |(at, _)| at)..).unwrap_or(word))
        };
        Lexeme {
            word: hash(word),
            ending: last(3),
            short_ending: last(2),
            usual: usual.class as u8
                | (u8::from(usual.ambiguous) * AMBIGUOUS)
                | (u8::from(usual.plural) * PLURAL)
                | u8::from(usual.is_unknown()) << 6,
            given: english_function_word(word),
            finite: Finite::of(word, usual),
        }
    }

    /// The class of the word when it is not to be decided.
    pub fn given(&self) -> Option<Class> {
        self.given
    }

    fn is_participle(&self) -> bool {
        self.usual & 15 == Class::Participle as u8
    }

    fn is_plural(&self) -> bool {
        self.usual & PLURAL != 0
    }

    /// Whether the table of words has it as a noun, be it beside a verb.
    fn can_be_noun(&self) -> bool {
        self.usual & AMBIGUOUS != 0 || self.usual & 15 == Class::Noun as u8
    }

    /// A mark, a number or an address: anything whose class is known.
    pub fn mark(text: &str, class: Class) -> Self {
        let word = match class {
            Class::Symbol => hash(text),
            _ => hash("0"),
        };
        Lexeme {
            word,
            ending: word,
            short_ending: word,
            usual: match class {
                Class::Joiner => Class::Preposition as u8,
                class => class as u8,
            },
            given: Some(class),
            finite: None,
        }
    }
}

/// A word in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The word.
    pub lexeme: Lexeme,
    /// How it is written: any number below 8, the same in training and use.
    pub casing: u8,
}

/// FNV-1a with the final mix of MurmurHash3.
fn hash(text: &str) -> u32 {
    let fnv = fnv1a(text.bytes().map(u32::from));
    mix(fnv)
}

#[inline(always)]
fn mix(mut hash: u32) -> u32 {
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

/// Number of features of a word.
pub const FEATURES: usize = 21;

/// The hashed features of the word at `at`; `before` are the classes of the words before it.
#[inline(always)]
pub fn features(sentence: &[Seen], before: &[Class], at: usize) -> [u32; FEATURES] {
    const NOWHERE: Seen = Seen {
        lexeme: Lexeme {
            word: 1,
            ending: 1,
            short_ending: 1,
            usual: 0x7f,
            given: None,
            finite: None,
        },
        casing: 0,
    };
    let seen = |at: Option<usize>| at.and_then(|at| sentence.get(at)).unwrap_or(&NOWHERE);
    let class = |back: usize| {
        let class = at.checked_sub(back).and_then(|at| before.get(at));
        class.map_or(16, |&class| class as u32)
    };
    let here = seen(Some(at));
    let word = here.lexeme;
    let left = seen(at.checked_sub(1)).lexeme;
    let second_left = seen(at.checked_sub(2)).lexeme;
    let right = seen(Some(at + 1));
    let second_right = seen(Some(at + 2)).lexeme;
    let usual = u32::from(word.usual);
    let right_usual = u32::from(right.lexeme.usual);
    let (first, second) = (class(1), class(2));
    let start = u32::from(at == 0);
    let casing = u32::from(here.casing) << 1 | start;
    let values = [
        usual,
        word.word,
        word.ending,
        word.short_ending ^ casing << 8,
        casing << 8 | usual,
        first << 8 | usual,
        first << 16 | second << 8 | usual,
        word.word ^ first << 8,
        left.word ^ usual,
        left.word ^ word.ending.rotate_left(7),
        right.lexeme.word ^ usual,
        right.lexeme.ending ^ usual << 8,
        usual << 8 | right_usual,
        usual << 16 | right_usual << 8 | first,
        usual << 16 | right_usual << 8 | u32::from(second_right.usual),
        word.word ^ right_usual << 8,
        second_left.word ^ usual << 4,
        u32::from(left.usual) << 16 | usual << 8 | right_usual,
        u32::from(left.usual) << 16 | first << 8 | usual,
        word.ending ^ first << 8 ^ right_usual << 16,
        u32::from(right.casing) << 24 | casing << 16 | usual << 8 | right_usual,
    ];
    let mut hashes = values;
    for (number, hash) in (1..).zip(&mut hashes) {
        *hash = mix(hash.wrapping_mul(0x9e37_79b1).wrapping_add(number));
    }
    hashes
}

/// Weights, and the way from a sentence to its classes.
pub struct Tagger {
    /// A power of two of rows; the lowest bits of a feature choose its row.
    rows: Vec<Row>,
}

/// A weight for each class, each 128 more than it is, as the bytes of one number: the first is the lowest. So all of
/// them are added up at once.
#[derive(Clone, Copy)]
struct Row(u64);

impl Row {
    /// Of 21 features in all, the sums of the weights fit into 16 bits: as many numbers hold every second weight.
    const EVERY_SECOND: u64 = 0x00ff_00ff_00ff_00ff;

    fn new(weights: [i8; CLASSES.len()]) -> Row {
        Row(u64::from_le_bytes(
            weights.map(|weight| weight as u8 ^ 0x80),
        ))
    }

    /// The sums of the weights of some rows, each 128 more for each row.
    #[inline(always)]
    fn sums(rows: impl Iterator<Item = Row>) -> [u16; CLASSES.len()] {
        let (mut even, mut odd) = (0_u64, 0_u64);
        for Row(weights) in rows {
            even += weights & Row::EVERY_SECOND;
            odd += weights >> 8 & Row::EVERY_SECOND;
        }
        std::array::from_fn(|at| ([even, odd][at % 2] >> (at / 2 * 16)) as u16)
    }
}

impl Tagger {
    /// The tagger of the library.
    pub fn built_in() -> &'static Tagger {
        static TAGGER: OnceLock<Tagger> = OnceLock::new();
        // A test opens the file that is compiled in. A tagger without weights calls every word a noun.
        TAGGER.get_or_init(|| {
            Tagger::read(BUILT_IN).unwrap_or(Tagger {
                rows: vec![Row::new([0; CLASSES.len()])],
            })
        })
    }

    /// The tagger in the bytes of a model file.
    ///
    /// # Errors
    /// `Format` when they are no such file, of another version or damaged.
    pub fn read(file: &[u8]) -> Result<Tagger> {
        let model = KIND.open(file)?;
        let (rows, rest) = model.as_chunks::<{ CLASSES.len() }>();
        if !rest.is_empty() || !rows.len().is_power_of_two() {
            return Err(KIND.refuse("its number of weights is not a power of two"));
        }
        let rows = rows
            .iter()
            .map(|row| Row::new(row.map(|weight| weight as i8)));
        Ok(Tagger {
            rows: rows.collect(),
        })
    }

    /// The model file that holds `rows`; their number must be a power of two.
    pub fn write(rows: &[[i8; CLASSES.len()]]) -> Vec<u8> {
        let bytes: Vec<u8> = rows
            .as_flattened()
            .iter()
            .map(|&weight| weight as u8)
            .collect();
        KIND.seal(&bytes)
    }

    /// Fills `classes` with the class of each word of the sentence.
    pub fn tag(&self, sentence: &[Seen], classes: &mut Vec<Class>) {
        classes.clear();
        // All features of a word are hashed at once, where there are registers for it.
        dispatch!(Level::new(), simd => {
            let _ = simd;
            self.decide_all(sentence, classes);
        });
        for at in 0..sentence.len() {
            if is_no_verb(sentence, classes, at) {
                classes[at] = match sentence[at].lexeme.is_participle() {
                    true => Class::Participle,
                    false => Class::Noun,
                };
            }
        }
        for at in 0..sentence.len() {
            if at > 0 && is_predicate(sentence, classes, at)
                || has_counted_object(sentence, classes, at)
            {
                classes[at] = Class::Verb;
            }
        }
    }

    #[inline(always)]
    fn decide_all(&self, sentence: &[Seen], classes: &mut Vec<Class>) {
        for (at, seen) in sentence.iter().enumerate() {
            let class = match seen.lexeme.given {
                Some(class) => class,
                None => self.decide(&features(sentence, classes, at)),
            };
            classes.push(class);
        }
    }

    #[inline(always)]
    fn decide(&self, features: &[u32; FEATURES]) -> Class {
        let mask = self.rows.len() - 1;
        let rows = features
            .iter()
            .map(|&feature| self.rows[feature as usize & mask]);
        let sums = Row::sums(rows);
        let mut best = 0;
        for (index, sum) in sums.iter().enumerate() {
            if *sum > sums[best] {
                best = index;
            }
        }
        CLASSES[best]
    }
}

/// Whether the form in -ing at `at` has an object that is a round number: "forcing thousands to leave". Other objects say
/// less: "mining" is a term in "mining the web", too.
fn has_counted_object(sentence: &[Seen], classes: &[Class], at: usize) -> bool {
    let Some(next) = sentence.get(at + 1) else {
        return false;
    };
    classes[at] == Class::Gerund
        && next.lexeme.given == Some(Class::Determiner)
        && ["dozens", "hundreds", "thousands", "millions", "billions"]
            .iter()
            .any(|word| next.lexeme.word == hash(word))
}

/// Whether the noun at `at` can only be the verb of the nouns before it, their subject: "flooding hits northern Italy",
/// "rivers burst their banks". The prose the weights are learnt from has few such clauses; news is full of them.
fn is_predicate(sentence: &[Seen], classes: &[Class], at: usize) -> bool {
    let class = |at: usize| classes.get(at).copied().unwrap_or(Class::Symbol);
    let is_subject_head = |at: usize| matches!(class(at), Class::Noun | Class::Gerund);
    let (Some(finite), true) = (sentence[at].lexeme.finite, class(at) == Class::Noun) else {
        return false;
    };
    let head = sentence[at - 1].lexeme;
    let agrees = head.is_plural() != (finite == Finite::Singular);
    let object = match class(at + 1) {
        _ if finite == Finite::PluralAlone => true,
        Class::Determiner | Class::Pronoun => true,
        Class::Adjective => class(at + 2) == Class::Noun,
        _ => false,
    };
    if !agrees || !object || !is_subject_head(at - 1) {
        return false;
    }
    opens_clause(sentence, classes, at)
}

/// Whether the nouns before `at` can be the subject of what stands there. After a preposition or a verb they are its
/// object: "we apply the wavelet transform the authors propose".
fn opens_clause(sentence: &[Seen], classes: &[Class], at: usize) -> bool {
    let class = |at: usize| classes.get(at).copied().unwrap_or(Class::Symbol);
    let in_subject = |&before: &usize| class(before).in_term() || class(before) == Class::Number;
    let start = (0..at).rev().take_while(in_subject).last().unwrap_or(at);
    let before = start - usize::from(start > 0 && class(start - 1) == Class::Determiner);
    before == 0
        || matches!(
            class(before - 1),
            Class::Symbol | Class::Conjunction | Class::Connector
        )
        || sentence[before - 1].lexeme.word == hash("as")
}

/// Whether the verb at `at` stands where none can: between a preposition or an adjective and a noun, or after nouns that
/// are no subject: "of object oriented software".
fn is_no_verb(sentence: &[Seen], classes: &[Class], at: usize) -> bool {
    let word = sentence[at].lexeme;
    if classes[at] != Class::Verb || word.given.is_some() {
        return false;
    }
    let class = |at: Option<usize>| {
        let class = at.and_then(|at| classes.get(at));
        class.copied().unwrap_or(Class::Symbol)
    };
    let (before, after) = (class(at.checked_sub(1)), class(Some(at + 1)));
    let modifies = matches!(after, Class::Noun | Class::Adjective);
    let ends = matches!(after, Class::Symbol | Class::Conjunction | Class::Verb);
    let third_person = word.is_plural();
    match before {
        Class::Preposition | Class::Adjective | Class::Participle | Class::Gerund => match () {
            () if word.is_participle() => modifies,
            () if third_person => after == Class::Symbol,
            () => modifies || after == Class::Symbol,
        },
        Class::Determiner | Class::Symbol => {
            after == Class::Noun && !third_person && !word.is_participle()
        }
        Class::Noun if !opens_clause(sentence, classes, at) => match () {
            () if word.is_participle() => modifies,
            () if third_person => ends && word.can_be_noun(),
            () => after == Class::Noun,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::casing::{casing, lower_into};

    fn classes(sentence: &str) -> Vec<Class> {
        let mut lower = String::new();
        let sentence: Vec<Seen> = sentence
            .split(' ')
            .map(|word| {
                lower_into(word, &mut lower);
                Seen {
                    lexeme: Lexeme::word(&lower, Usual::of_english(&lower)),
                    casing: casing(word) as u8,
                }
            })
            .collect();
        let mut classes = Vec::new();
        Tagger::built_in().tag(&sentence, &mut classes);
        classes
    }

    #[test]
    fn weights_are_added_up_at_once_as_one_by_one() {
        let least = [i8::MIN, i8::MAX, 0, -1, 1, -100, 100, 7];
        let mut rows = [least; FEATURES];
        rows[3].reverse();
        let sums = Row::sums(rows.iter().map(|&row| Row::new(row)));
        for (class, sum) in sums.into_iter().enumerate() {
            let one_by_one: i32 = rows.iter().map(|row| i32::from(row[class])).sum();
            assert_eq!(i32::from(sum), one_by_one + 128 * FEATURES as i32);
        }
    }

    #[test]
    fn the_tagger_that_is_compiled_in_can_be_read_and_written_unchanged() {
        let tagger = Tagger::read(BUILT_IN).unwrap();
        let weights = |row: &Row| row.0.to_le_bytes().map(|byte| (byte ^ 0x80) as i8);
        let rows: Vec<_> = tagger.rows.iter().map(weights).collect();
        assert_eq!(Tagger::write(&rows), BUILT_IN);
    }

    #[test]
    fn a_model_with_a_wrong_number_of_weights_is_refused() {
        for bytes in [0, 7, 8 * 3] {
            assert!(
                Tagger::read(&KIND.seal(&vec![0; bytes])).is_err(),
                "{bytes}"
            );
        }
    }

    #[test]
    fn the_sentence_decides_between_nouns_and_verbs() {
        use Class::*;
        assert_eq!(
            classes("We use the model"),
            [Pronoun, Verb, Determiner, Noun]
        );
        assert_eq!(
            classes("the use of models"),
            [Determiner, Noun, Preposition, Noun]
        );
        assert_eq!(
            classes("they transform the images"),
            [Pronoun, Verb, Determiner, Noun]
        );
        assert_eq!(
            classes("for sparse distributed systems"),
            [Preposition, Adjective, Participle, Noun]
        );
        assert_eq!(
            classes("the discrete Fourier transform of"),
            [Determiner, Adjective, Noun, Noun, Preposition]
        );
    }

    #[test]
    fn no_verb_stands_between_a_preposition_or_an_object_and_a_noun() {
        for (sentence, at, class) in [
            (
                "an analysis of object oriented software",
                4,
                Class::Participle,
            ),
            ("the approximation of subdivision surfaces", 4, Class::Noun),
            ("a survey of robot control", 3, Class::Noun),
        ] {
            assert_eq!(classes(sentence)[at], class, "{sentence}");
        }
        for (sentence, verb) in [
            ("to control systems", 1),
            ("The authors used trees", 2),
            ("the model the authors propose", 4),
        ] {
            assert_eq!(classes(sentence)[verb], Class::Verb, "{sentence}");
        }
    }

    #[test]
    fn the_verb_of_a_headline_is_no_noun_of_its_subject() {
        for (sentence, verb) in [
            ("Flooding hits northern Italy after record rainfall", 1),
            ("Rivers burst their banks in Emilia-Romagna", 1),
            ("and farmers fear the loss of their harvest", 2),
            (
                "Mortgage lenders warned that homeowners face higher payments",
                5,
            ),
            ("Reefs bleach as sea temperatures rise", 5),
            ("and prices fall", 2),
            ("rivers rose , forcing thousands to leave", 3),
        ] {
            assert_eq!(classes(sentence)[verb], Class::Verb, "{sentence}");
        }
        for (sentence, noun) in [
            ("Operations research in practice", 1),
            ("of the discrete wavelet transform the authors use", 4),
            ("rate changes and price changes", 1),
            ("the rise of prices and the price drop", 1),
            ("the rise of prices and the price drop", 7),
            ("Clustering algorithms for sparse data", 1),
        ] {
            assert_eq!(classes(sentence)[noun], Class::Noun, "{sentence}");
        }
    }

    #[test]
    fn every_string_is_a_word_that_can_be_tagged() {
        for word in ["", "é", "学", "a\u{301}", "'s", "\u{ad}"] {
            assert_eq!(classes(word).len(), 1, "{word:?}");
        }
    }
}
