//! What is known of a word wherever it stands, kept from one chunk and document to the next.
//!
//! A word is written in few ways, and texts share most of their words: stem, class, rarity and the rest are found once
//! for each form. Every thread has a table of its own, so that there is no lock that a fork could find taken; it is
//! bounded, and freed when its thread ends. What it holds depends on the form, the language
//! and where classes come from alone: no list depends on what was read before.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::HashMap;
use super::generic::{Generic, generic};
use super::prior::hash;
use super::purity::Shape;
use super::words::Classes;
use crate::language::background::Background;
use crate::language::casing::{Casing, casing, lower_into};
use crate::language::classes::Usual;
use crate::language::tagger::Lexeme;
use crate::language::{Language, Stemmer, short};

/// Most forms that are kept for the next chunk, 8,192 in all: those of a dozen papers, and some two megabytes.
const MOST_YOUNG: usize = 3_584;
const MOST_OLD: usize = 4_608;

/// A word as it is written.
#[derive(Clone, Copy, Debug)]
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

/// The text of a stem with a hash of it, which is not found anew for each table.
#[derive(Clone, Debug)]
pub(super) struct StemText {
    pub(super) text: Arc<str>,
    /// Differs from process to process, so that no text can be made whose stems have one.
    key: u64,
}

impl StemText {
    fn new(stem: &str) -> StemText {
        static SEED: OnceLock<foldhash::fast::RandomState> = OnceLock::new();
        StemText {
            text: stem.into(),
            key: SEED.get_or_init(Default::default).hash_one(stem),
        }
    }
}

impl PartialEq for StemText {
    fn eq(&self, other: &Self) -> bool {
        // Those of one thread are one.
        self.key == other.key && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Eq for StemText {}

impl Hash for StemText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.key);
    }
}

/// A stem of the table.
#[derive(Clone, Debug)]
pub(super) struct Stem {
    pub(super) text: StemText,
    /// Its [`hash`].
    pub(super) hash: u32,
    /// The chunk it was last met in, by [`Forms::begin`], and its index in the vocabulary of that chunk.
    pub(super) chunk: u32,
    pub(super) index: u32,
}

/// A short form as it stands in the text, with its length in the last byte. As two numbers it is hashed and compared
/// where it stands, many times faster than as a string elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Short(u128);

impl Short {
    const LONGEST: usize = 15;

    /// The form at `at`; `None` for a longer one.
    fn of(text: &str, at: Range<usize>) -> Option<Short> {
        let length = at.len();
        if length > Short::LONGEST {
            return None;
        }
        let form = short(text, at)?;
        Some(Short(form | (length as u128) << (8 * Short::LONGEST)))
    }
}

impl Hash for Short {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.0);
    }
}

/// Forms by how they stand in the text, and their stems.
#[derive(Default)]
struct Table {
    short: HashMap<Short, Form>,
    long: HashMap<Box<str>, Form>,
    by_text: HashMap<StemText, u32>,
    stems: Vec<Stem>,
}

impl Table {
    /// Number of forms.
    fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    /// The form that is `short`, or where it is not, `surface`.
    fn get(&self, short: Option<Short>, surface: &str) -> Option<Form> {
        match short {
            Some(short) => self.short.get(&short).copied(),
            None => self.long.get(surface).copied(),
        }
    }

    /// Takes everything out, and keeps the room for as much.
    fn clear(&mut self) {
        self.short.clear();
        self.long.clear();
        self.by_text.clear();
        self.stems.clear();
    }

    /// Adds a form that is not in the table, and its stem where that is not; returns it.
    fn add(
        &mut self,
        short: Option<Short>,
        surface: &str,
        form: Form,
        text: StemText,
        hash: u32,
    ) -> Form {
        let stem = match self.by_text.entry(text) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let stem = self.stems.len() as u32;
                self.stems.push(Stem {
                    text: new.key().clone(),
                    hash,
                    chunk: 0,
                    index: 0,
                });
                *new.insert(stem)
            }
        };
        let form = Form { stem, ..form };
        match short {
            Some(short) => self.short.insert(short, form),
            None => self.long.insert(surface.into(), form),
        };
        form
    }
}

/// The forms of one language that a thread has met: those that were met since the table was last full, and those of the
/// table before it. So the commonest are always there.
pub(super) struct Forms {
    language: Language,
    classes: Classes,
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
    pub(super) fn begin(language: Language, classes: Classes) -> Box<Forms> {
        // A thread that is ending has no such place any more.
        let kept = KEPT.try_with(Cell::take).ok().flatten();
        let fits = |forms: &Forms| {
            (forms.language, forms.classes) == (language, classes) && forms.chunk < u32::MAX
        };
        let mut forms = kept.filter(|forms| fits(forms)).unwrap_or_else(|| {
            Box::new(Forms {
                language,
                classes,
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
        if self.young.len() >= MOST_YOUNG {
            std::mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
            if self.old.len() > MOST_OLD {
                self.old = Table::default();
            }
        }
        let _ = KEPT.try_with(|kept| kept.set(Some(self)));
    }

    /// The word or number at `at`, and its stem.
    pub(super) fn of(&mut self, text: &str, at: Range<usize>) -> (Form, &mut Stem) {
        let surface = text.get(at.clone()).unwrap_or_default();
        let short = Short::of(text, at);
        let form = match self.young.get(short, surface) {
            Some(form) => form,
            None => self.remember(short, surface),
        };
        (form, &mut self.young.stems[form.stem as usize])
    }

    /// The number of the chunk that is read, for [`Stem::chunk`].
    pub(super) fn chunk(&self) -> u32 {
        self.chunk
    }

    #[cold]
    fn remember(&mut self, short: Option<Short>, surface: &str) -> Form {
        match self.old.get(short, surface) {
            Some(form) => {
                let stem = &self.old.stems[form.stem as usize];
                let (text, hash) = (stem.text.clone(), stem.hash);
                self.young.add(short, surface, form, text, hash)
            }
            None => self.learn(short, surface),
        }
    }

    fn learn(&mut self, short: Option<Short>, surface: &str) -> Form {
        lower_into(surface, &mut self.lower);
        if is_plural_acronym(surface) {
            // "VMs" is "VM"; the stemmers leave an s behind consonants alone.
            self.lower.pop();
        }
        let lower = self.lower.as_str();
        let stem = self.stemmer.stem(lower);
        let (lexeme, rarity) = match self.language {
            Language::English => {
                let usual = Usual::of_english(lower);
                let lexeme = match self.classes {
                    Classes::Tagged => Lexeme::word(lower, usual),
                    Classes::Listed => Lexeme::mark(lower, self.language.class(lower)),
                };
                (lexeme, usual.rarity)
            }
            language => {
                let rarity = Background::built_in().rarity(language, &stem);
                (Lexeme::mark(lower, language.class(lower)), rarity)
            }
        };
        let casing = casing(surface);
        let form = Form {
            stem: 0,
            lexeme,
            generic: generic(self.language, lower),
            casing,
            rarity,
            sign: Sign::of(lower, casing),
            shape: Shape::of(lower),
        };
        let (text, hash) = (StemText::new(&stem), hash(&stem));
        self.young.add(short, surface, form, text, hash)
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
        let count = |forms: &Forms| forms.young.len() + forms.old.len();
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
            let mut forms = Forms::begin(language, Classes::Tagged);
            let all = words.map(|word| {
                let (form, stem) = forms.of(word, 0..word.len());
                let known = (form.lexeme, form.generic, form.casing, form.rarity);
                (
                    known,
                    form.sign,
                    form.shape,
                    stem.text.text.clone(),
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
    fn every_form_has_its_own_place_whatever_follows_it() {
        let long = "x".repeat(Short::LONGEST);
        let longer = long.clone() + "x";
        let different = [
            "", "a", "A", "ab", "a\0", "é", &long, &longer, "data", "data-",
        ];
        let mut found = Vec::new();
        for after in ["", " ", "\0", " and more than a short form has"] {
            let mut forms = Forms::begin(Language::English, Classes::Tagged);
            found.clear();
            for form in different {
                let text = format!("(é {form}{after}");
                let short = Short::of(&text, 4..4 + form.len());
                assert_eq!(short.is_some(), form.len() <= Short::LONGEST);
                assert!(short.is_none() || !found.contains(&short), "{form:?}");
                found.push(short);
                assert_eq!(
                    short.map(|short| short.0),
                    Short::of(form, 0..form.len()).map(|short| short.0)
                );
                forms.of(&text, 4..4 + form.len());
            }
            assert_eq!(forms.young.len(), different.len());
        }
    }

    #[test]
    fn forms_without_end_are_not_kept_but_the_commonest_are() {
        for chunk in 0..30 {
            let mut forms = Forms::begin(Language::English, Classes::Tagged);
            let common = || Short::of("common", 0..6);
            let knows = |table: &Table| table.get(common(), "common").is_some();
            assert_eq!(knows(&forms.young) || knows(&forms.old), chunk > 0);
            forms.of("common", 0..6);
            for word in 0..1_000 {
                let word = format!("w{chunk}x{word}");
                forms.of(&word, 0..word.len());
            }
            forms.keep();
            assert!(kept() <= MOST_YOUNG + MOST_OLD);
            assert!(kept() > 1_000);
        }
        let mut forms = Forms::begin(Language::English, Classes::Tagged);
        for word in 0..10_000 {
            let word = format!("w{word}");
            forms.of(&word, 0..word.len());
        }
        forms.keep();
        assert_eq!(kept(), 0);
    }
}
