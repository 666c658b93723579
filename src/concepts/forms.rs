//! What is known of a word wherever it stands, kept from one chunk and document to the next.
//!
//! A word is written in few ways, and texts share most of their words: stem, class, rarity and the rest are found once
//! for each form. Every thread has a table of its own, so that there is no lock that a fork could find taken; it is
//! bounded, and freed when its thread ends. What it holds depends on the form and the language
//! alone: no list depends on what was read before.

use std::cell::Cell;
use std::sync::Arc;

use super::HashMap;
use super::generic::{Generic, generic};
use super::prior::hash;
use super::purity::Shape;
use crate::language::casing::{Casing, casing, lower_into};
use crate::language::classes::Usual;
use crate::language::english::UNKNOWN_RARITY;
use crate::language::tagger::Lexeme;
use crate::language::{Language, Stemmer};

/// Most forms that are kept for the next chunk, 8,192 in all: those of a dozen papers, and some two megabytes.
const MOST_YOUNG: usize = 3_584;
const MOST_OLD: usize = 4_608;

/// A word as it is written.
#[derive(Clone, Debug)]
pub(super) struct Form {
    stem: u32,
    pub(super) lexeme: Lexeme,
    pub(super) generic: Generic,
    pub(super) casing: Casing,
    pub(super) rarity: u8,
    pub(super) sign: Sign,
    pub(super) shape: Shape,
    /// In lower case.
    pub(super) word: Arc<str>,
}

/// What a word says of its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Nothing,
    /// It stands in affiliations.
    Place,
    /// It stands in notices of rights and the like.
    Notice,
}

impl Sign {
    fn of(lower: &str, casing: Casing) -> Sign {
        match lower {
            "university" | "department" | "dept" | "institute" | "laboratory" | "laboratories"
            | "faculty" | "inc" | "corporation" | "college" | "school" | "centre"
                if casing == Casing::Capital =>
            {
                Sign::Place
            }
            "copyright" | "isbn" | "issn" | "doi" | "reserved" | "rights" | "permission"
            | "permissions" | "copies" | "redistribute" | "classroom" | "fee" | "republish"
            | "e-mail" | "email" | "preprint" | "reprint" | "licensed" | "noncommercial" => {
                Sign::Notice
            }
            _ => Sign::Nothing,
        }
    }
}

/// A stem of the table.
#[derive(Clone, Debug)]
pub(super) struct Stem {
    pub(super) text: Arc<str>,
    /// Its [`hash`].
    pub(super) hash: u32,
    /// The chunk it was last met in, by [`Forms::begin`], and its index in the vocabulary of that chunk.
    pub(super) chunk: u32,
    pub(super) index: u32,
}

/// Forms and their stems.
#[derive(Default)]
struct Table {
    /// By the form as it stands in the text.
    known: HashMap<Box<str>, u32>,
    forms: Vec<Form>,
    by_stem: HashMap<Arc<str>, u32>,
    stems: Vec<Stem>,
}

impl Table {
    /// Takes everything out, and keeps the room for as much.
    fn clear(&mut self) {
        self.known.clear();
        self.forms.clear();
        self.by_stem.clear();
        self.stems.clear();
    }

    /// Adds a form that is not in the table, and its stem where that is not; returns its index.
    fn add(&mut self, surface: &str, mut form: Form, text: &str) -> usize {
        form.stem = match self.by_stem.get(text) {
            Some(&stem) => stem,
            None => {
                let text: Arc<str> = text.into();
                let stem = self.stems.len() as u32;
                self.by_stem.insert(text.clone(), stem);
                self.stems.push(Stem {
                    hash: hash(&text),
                    text,
                    chunk: 0,
                    index: 0,
                });
                stem
            }
        };
        let index = self.forms.len();
        self.known.insert(surface.into(), index as u32);
        self.forms.push(form);
        index
    }
}

/// The forms of one language that a thread has met: those that were met since the table was last full, and those of the
/// table before it. So the commonest are always there.
pub(super) struct Forms {
    language: Language,
    stemmer: Stemmer,
    young: Table,
    old: Table,
    chunk: u32,
    lower: String,
}

thread_local! {
    static KEPT: Cell<Option<Box<Forms>>> = const { Cell::new(None) };
}

impl Forms {
    /// The forms this thread has kept, if they are of the language; to be given back by [`keep`](Self::keep). Meanwhile
    /// the thread has none: a document that is read inside the reading of another begins anew.
    pub(super) fn begin(language: Language) -> Box<Forms> {
        // A thread that is ending has no such place any more.
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        let fits = |forms: &Forms| forms.language == language && forms.chunk < u32::MAX;
        let mut forms = kept.filter(|forms| fits(forms)).unwrap_or_else(|| {
            Box::new(Forms {
                language,
                stemmer: Stemmer::new(language),
                young: Table::default(),
                old: Table::default(),
                chunk: 0,
                lower: String::new(),
            })
        });
        forms.chunk += 1;
        forms
    }

    /// Keeps the forms for the thread's next chunk.
    pub(super) fn keep(mut self: Box<Forms>) {
        if self.young.forms.len() >= MOST_YOUNG {
            std::mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
            if self.old.forms.len() > MOST_OLD {
                self.old = Table::default();
            }
        }
        let _ = KEPT.try_with(|kept| kept.set(Some(self)));
    }

    /// The word or number that is written so, and its stem.
    pub(super) fn of(&mut self, surface: &str) -> (&Form, &mut Stem) {
        let index = match self.young.known.get(surface) {
            Some(&index) => index as usize,
            None => self.remember(surface),
        };
        let form = &self.young.forms[index];
        (form, &mut self.young.stems[form.stem as usize])
    }

    /// The number of the chunk that is read, for [`Stem::chunk`].
    pub(super) fn chunk(&self) -> u32 {
        self.chunk
    }

    fn remember(&mut self, surface: &str) -> usize {
        match self.old.known.get(surface) {
            Some(&index) => {
                let form = self.old.forms[index as usize].clone();
                let stem = &self.old.stems[form.stem as usize].text;
                self.young.add(surface, form, stem)
            }
            None => self.learn(surface),
        }
    }

    fn learn(&mut self, surface: &str) -> usize {
        lower_into(surface, &mut self.lower);
        if is_plural_acronym(surface) {
            // "VMs" is "VM"; the stemmers leave an s behind consonants alone.
            self.lower.pop();
        }
        let lower = self.lower.as_str();
        let (lexeme, rarity) = match self.language {
            Language::English => {
                let usual = Usual::of_english(lower);
                (Lexeme::word(lower, usual), usual.rarity)
            }
            language => (Lexeme::mark(lower, language.class(lower)), UNKNOWN_RARITY),
        };
        let casing = casing(surface);
        let form = Form {
            stem: 0,
            lexeme,
            generic: generic(lower),
            casing,
            rarity,
            sign: Sign::of(lower, casing),
            shape: Shape::of(lower),
            word: lower.into(),
        };
        let stem = self.stemmer.stem(lower);
        self.young.add(surface, form, &stem)
    }
}

/// Two capitals or more, and an s.
fn is_plural_acronym(surface: &str) -> bool {
    surface.strip_suffix('s').is_some_and(|acronym| {
        acronym.len() >= 2 && acronym.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> usize {
        let kept = KEPT.take();
        let count = |forms: &Forms| forms.young.forms.len() + forms.old.forms.len();
        let all = kept.as_deref().map_or(0, count);
        KEPT.set(kept);
        all
    }

    #[test]
    fn a_form_that_was_kept_is_the_same_as_one_that_is_new() {
        let words = [
            "Networks", "networks", "network", "VMs", "3.14", "naïve", "Dept",
        ];
        let all = |language| {
            let mut forms = Forms::begin(language);
            let all = words.map(|word| {
                let (form, stem) = forms.of(word);
                let known = (form.lexeme, form.generic, form.casing, form.rarity);
                (
                    known,
                    form.sign,
                    form.word.clone(),
                    stem.text.clone(),
                    stem.hash,
                )
            });
            forms.keep();
            all
        };
        let new = all(Language::English);
        assert_eq!(all(Language::English), new);
        assert_ne!(all(Language::German), new);
        assert_eq!(all(Language::English), new);
        assert_eq!(kept(), words.len());
    }

    #[test]
    fn forms_without_end_are_not_kept_but_the_commonest_are() {
        for chunk in 0..30 {
            let mut forms = Forms::begin(Language::English);
            let knows = |table: &Table| table.known.contains_key("common");
            assert_eq!(knows(&forms.young) || knows(&forms.old), chunk > 0);
            forms.of("common");
            for word in 0..1_000 {
                forms.of(&format!("w{chunk}x{word}"));
            }
            forms.keep();
            assert!(kept() <= MOST_YOUNG + MOST_OLD);
            assert!(kept() > 1_000);
        }
        let mut forms = Forms::begin(Language::English);
        for word in 0..10_000 {
            forms.of(&format!("w{word}"));
        }
        forms.keep();
        assert_eq!(kept(), 0);
    }
}
