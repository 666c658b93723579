//! What is known of a word wherever it stands, kept from one chunk and document to the next.
//!
//! A word is written in few ways, and texts share most of their words: stem, class, rarity and the rest are found once
//! for each form. Every thread has a table of its own, so that there is no lock that a fork could find taken; it is
//! bounded, and freed when its thread ends. What it holds depends on the form and the language
//! alone: no list depends on what was read before.

use std::cell::Cell;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};

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
    /// In lower case.
    pub(super) shape: Shape,
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

/// A hash of a stem that differs from process to process, so that no text can be made whose stems have one.
fn key(stem: &str) -> u64 {
    static SEED: OnceLock<foldhash::fast::RandomState> = OnceLock::new();
    SEED.get_or_init(Default::default).hash_one(stem)
}

/// A stem of the table.
#[derive(Clone, Debug)]
pub(super) struct Stem {
    pub(super) text: Arc<str>,
    /// Its [`key`].
    pub(super) key: u64,
    /// Its [`hash`].
    pub(super) hash: u32,
    /// The chunk it was last met in, by [`Forms::begin`], and its index in the vocabulary of that chunk.
    pub(super) chunk: u32,
    pub(super) index: u32,
}

/// A short form as it stands in the text, with its length in the last byte. As three numbers it is hashed and compared
/// where it stands, many times faster than as a string elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Short([u64; 3]);

impl Short {
    const LONGEST: usize = 23;

    /// `None` for a longer one.
    fn of(surface: &str) -> Option<Short> {
        let mut bytes = [0; Short::LONGEST + 1];
        bytes
            .get_mut(..surface.len())?
            .copy_from_slice(surface.as_bytes());
        if surface.len() > Short::LONGEST {
            return None;
        }
        bytes[Short::LONGEST] = surface.len() as u8;
        let (parts, _) = bytes.as_chunks();
        Some(Short([0, 1, 2].map(|part| u64::from_le_bytes(parts[part]))))
    }
}

impl Hash for Short {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|&part| state.write_u64(part));
    }
}

/// The numbers of forms by how they stand in the text.
#[derive(Default)]
struct Known {
    short: HashMap<Short, u32>,
    long: HashMap<Box<str>, u32>,
}

impl Known {
    fn get(&self, surface: &str) -> Option<u32> {
        match Short::of(surface) {
            Some(short) => self.short.get(&short).copied(),
            None => self.long.get(surface).copied(),
        }
    }

    fn insert(&mut self, surface: &str, index: u32) {
        match Short::of(surface) {
            Some(short) => self.short.insert(short, index),
            None => self.long.insert(surface.into(), index),
        };
    }

    fn clear(&mut self) {
        self.short.clear();
        self.long.clear();
    }
}

/// Forms and their stems.
#[derive(Default)]
struct Table {
    known: Known,
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
                    key: key(&text),
                    hash: hash(&text),
                    text,
                    chunk: 0,
                    index: 0,
                });
                stem
            }
        };
        let index = self.forms.len();
        self.known.insert(surface, index as u32);
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
            Some(index) => index as usize,
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
            Some(index) => {
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
                (known, form.sign, form.shape, stem.text.clone(), stem.hash)
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
    fn every_form_has_its_own_place() {
        let long = "x".repeat(Short::LONGEST);
        let longer = long.clone() + "x";
        let mut known = Known::default();
        let forms = ["", "a", "A", "ab", "a\0", "é", &long, &longer, &longer[1..]];
        for (index, form) in (0..).zip(&forms[..8]) {
            assert_eq!(known.get(form), None);
            known.insert(form, index);
        }
        for (index, form) in (0..).zip(&forms[..8]) {
            assert_eq!(known.get(form), Some(index));
        }
        assert_eq!(known.get(forms[8]), Some(6));
        known.clear();
        assert!(forms.iter().all(|form| known.get(form).is_none()));
    }

    #[test]
    fn forms_without_end_are_not_kept_but_the_commonest_are() {
        for chunk in 0..30 {
            let mut forms = Forms::begin(Language::English);
            let knows = |table: &Table| table.known.get("common").is_some();
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
