//! Word classes, and the usual class of a word out of its sentence.
//!
//! They are what telling terms from clauses needs: nouns, adjectives, participles and verbs are kept apart,
//! tenses and persons are not.

use super::english::{self, UNKNOWN_RARITY};
use super::function_words::english_function_word;

/// The class of a word in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
#[repr(u8)]
pub enum Class {
    Noun,
    Adjective,
    /// Past participle or past form.
    Participle,
    /// A form in -ing.
    Gerund,
    Adverb,
    /// Infinitive or present.
    Verb,
    Number,
    Determiner,
    /// The word "to".
    To,
    Modal,
    /// Forms of be, have and do.
    Auxiliary,
    Pronoun,
    Preposition,
    Conjunction,
    /// Adverbs and other words that only connect.
    Connector,
    /// Anything that is not a word.
    Symbol,
    /// A preposition, and an article after it, that joins two nouns to one term: "taxa de desemprego".
    Joiner,
}

impl Class {
    /// Whether a word of the class can stand inside a term.
    pub const fn in_term(self) -> bool {
        matches!(
            self,
            Class::Noun | Class::Adjective | Class::Participle | Class::Gerund | Class::Adverb
        )
    }
}

/// A word without its context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// The usual class.
    pub class: Class,
    /// A noun that may be a verb, or a verb that may be a noun.
    pub ambiguous: bool,
    /// A form that is a verb in the third person or a plural.
    pub plural: bool,
    /// As in [`english::Entry::rarity`]; [`UNKNOWN_RARITY`] for words not in the table.
    pub rarity: u8,
}

impl Usual {
    /// A word of `class` about which nothing else is known.
    pub const fn plain(class: Class) -> Self {
        Usual {
            class,
            ambiguous: false,
            plural: false,
            rarity: UNKNOWN_RARITY,
        }
    }

    /// Whether the table of words does not have it.
    pub const fn is_unknown(self) -> bool {
        self.rarity == UNKNOWN_RARITY
    }

    /// What English usually makes of `word`, in lower case.
    pub fn of_english(word: &str) -> Self {
        let entry = english::look_up(word);
        let rarity = entry.map_or(UNKNOWN_RARITY, |entry| entry.rarity);
        if let Some(class) = english_function_word(word) {
            return Usual {
                rarity,
                ..Usual::plain(class)
            };
        }
        let plural = word.ends_with('s')
            && !word.ends_with("ss")
            && !word.ends_with("us")
            && !word.ends_with("is");
        let (class, ambiguous) = match entry.map_or(b'?', |entry| entry.class) {
            b'N' => (Class::Noun, false),
            b'n' => (Class::Noun, true),
            b'J' => (Class::Adjective, false),
            b'V' => (Class::Verb, false),
            b'v' => (Class::Verb, true),
            b'Z' => (Class::Verb, false),
            b'z' => (Class::Verb, true),
            b'D' => (Class::Participle, false),
            b'G' => (Class::Gerund, false),
            b'R' => (Class::Adverb, false),
            _ if plural && is_verb(&word[..word.len() - 1]) => (Class::Verb, false),
            _ => (by_ending(word), false),
        };
        Usual {
            class,
            ambiguous,
            plural,
            rarity,
        }
    }
}

/// Whether the table calls the word a verb and nothing else.
fn is_verb(word: &str) -> bool {
    english::look_up(word).is_some_and(|entry| entry.class == b'V')
}

/// The class that the ending of an unknown word suggests.
fn by_ending(word: &str) -> Class {
    let last = match word.rsplit_once(['-', '\u{2010}', '\u{2011}']) {
        Some((_, last)) => return by_last_part(last),
        None => word,
    };
    let ends = |endings: &[&str]| endings.iter().any(|ending| last.ends_with(ending));
    if last.len() < 5 {
        Class::Noun
    } else if ends(&["ing"]) {
        Class::Gerund
    } else if ends(&["ed"]) {
        Class::Participle
    } else if ends(&["ly"]) {
        Class::Adverb
    } else if ends(&["ize", "ise", "ify"]) {
        Class::Verb
    } else if ends(&["al", "ous", "ive", "ic", "ble", "ful", "less", "ary", "ish"]) {
        Class::Adjective
    } else {
        Class::Noun
    }
}

/// A compound with a hyphen is a noun only when its last part is one: "cross-validation", "graph-based".
fn by_last_part(last: &str) -> Class {
    let usual = match english::look_up(last).map(|entry| entry.class) {
        Some(b'N' | b'n') => Class::Noun,
        Some(_) => Class::Adjective,
        None => by_ending(last),
    };
    match english_function_word(last) {
        None if usual == Class::Noun => Class::Noun,
        _ => Class::Adjective,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_are_judged_by_their_ending() {
        let class = |word| Usual::of_english(word).class;
        assert_eq!(class("graph-based"), Class::Adjective);
        assert_eq!(class("cross-validation"), Class::Noun);
        assert_eq!(class("hyperspectral"), Class::Adjective);
        assert_eq!(class("outperforms"), Class::Verb);
        assert_eq!(class("tokamak"), Class::Noun);
        assert_eq!(class("virtualizing"), Class::Gerund);
    }
}
