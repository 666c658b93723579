//! Word classes: the usual class of a word, then a few rules that correct it from its neighbours.
//!
//! This is the part of a tagger that telling terms from clauses needs: it keeps nouns, adjectives,
//! participles and verbs apart, not tenses or persons. The rules are in the manner of Brill's (1992) and
//! read one word to each side.

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

/// Corrects the classes of a sentence's words in place. `usual` has one entry per word, and symbols between
/// the words as [`Class::Symbol`]; `classes` as many, filled by this function.
pub fn decide(usual: &[Usual], classes: &mut Vec<Class>) {
    classes.clear();
    classes.extend(usual.iter().map(|word| word.class));
    for at in 0..classes.len() {
        let before = at.checked_sub(1).map_or(Class::Symbol, |at| classes[at]);
        let before_plural = at.checked_sub(1).is_some_and(|at| usual[at].plural);
        let second_before = at.checked_sub(2).map_or(Class::Symbol, |at| classes[at]);
        let after = usual.get(at + 1).map_or(Class::Symbol, |word| word.class);
        let word = usual[at];
        classes[at] = match word.class {
            Class::Noun if word.ambiguous => {
                noun_or_verb(word, before, before_plural, second_before, after)
            }
            Class::Verb => verb_or_noun(word, before, before_plural, after),
            Class::Participle => participle_or_verb(before, second_before, after),
            Class::Gerund => gerund_or_verb(before, after),
            class => class,
        };
    }
}

fn noun_or_verb(
    word: Usual,
    before: Class,
    before_plural: bool,
    second_before: Class,
    after: Class,
) -> Class {
    let object_follows = matches!(after, Class::Determiner | Class::Pronoun | Class::To);
    match before {
        Class::Modal | Class::Pronoun => Class::Verb,
        // "to test the", "to test", but "to test cases".
        Class::To if !word.plural && after != Class::Noun => Class::Verb,
        Class::To
            if !word.plural && matches!(second_before, Class::Auxiliary | Class::Adjective) =>
        {
            Class::Verb
        }
        Class::Adverb if matches!(second_before, Class::To | Class::Modal | Class::Pronoun) => {
            Class::Verb
        }
        Class::Connector if matches!(second_before, Class::To | Class::Modal | Class::Pronoun) => {
            Class::Verb
        }
        // "methods use a"
        Class::Noun if before_plural && !word.plural && object_follows => Class::Verb,
        // "the method uses a"
        Class::Noun if !before_plural && word.plural && object_follows => Class::Verb,
        _ => Class::Noun,
    }
}

fn verb_or_noun(word: Usual, before: Class, before_plural: bool, after: Class) -> Class {
    let object_follows = matches!(
        after,
        Class::Determiner | Class::Pronoun | Class::To | Class::Conjunction
    );
    match before {
        Class::Determiner | Class::Adjective => Class::Noun,
        Class::Preposition if word.ambiguous => Class::Noun,
        // "Fourier transform of", but "the systems transform images".
        Class::Noun if !before_plural && !word.plural && !object_follows => Class::Noun,
        Class::Participle | Class::Gerund if word.ambiguous => Class::Noun,
        _ => Class::Verb,
    }
}

fn participle_or_verb(before: Class, second_before: Class, after: Class) -> Class {
    let modifies = matches!(
        after,
        Class::Noun | Class::Adjective | Class::Gerund | Class::Participle | Class::Verb
    );
    let after_auxiliary = before == Class::Auxiliary
        || (before == Class::Adverb && second_before == Class::Auxiliary);
    match modifies && !after_auxiliary && before != Class::Pronoun {
        true => Class::Participle,
        false => Class::Verb,
    }
}

fn gerund_or_verb(before: Class, after: Class) -> Class {
    let object_follows = matches!(after, Class::Determiner | Class::Pronoun);
    match before == Class::Auxiliary && after != Class::Noun || object_follows {
        true => Class::Verb,
        false => Class::Gerund,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(sentence: &str) -> Vec<Class> {
        let usual: Vec<_> = sentence.split(' ').map(Usual::of_english).collect();
        let mut classes = Vec::new();
        decide(&usual, &mut classes);
        classes
    }

    #[test]
    fn neighbours_tell_nouns_from_verbs() {
        use Class::*;
        assert_eq!(
            classes("we use the model"),
            [Pronoun, Verb, Determiner, Noun]
        );
        assert_eq!(
            classes("the use of models"),
            [Determiner, Noun, Preposition, Noun]
        );
        assert_eq!(
            classes("discrete fourier transform of"),
            [Adjective, Noun, Noun, Preposition]
        );
        assert_eq!(
            classes("they transform the images"),
            [Pronoun, Verb, Determiner, Noun]
        );
        assert_eq!(classes("distributed systems"), [Participle, Noun]);
        assert_eq!(
            classes("it is distributed widely"),
            [Pronoun, Auxiliary, Verb, Adverb]
        );
        assert_eq!(classes("machine learning in"), [Noun, Gerund, Preposition]);
    }

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
