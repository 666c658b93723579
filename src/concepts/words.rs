//! The words of a document's chunks: stems, classes, casing, and the runs that candidates come from.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::HashMap;
use super::forms::{Form, Forms, Sign, Stem, StemText};
use super::generic::Generic;
use super::purity::Shape;
use crate::document::structure::{Chunk, SectionKind};
use crate::error::{Error, Result};
use crate::language::casing::{Casing, casing};
use crate::language::classes::Class;
use crate::language::tagger::{Lexeme, Seen, Tagger};
use crate::language::tokens::{Token, TokenKind};
use crate::language::{Begun, Language};
use crate::progress::{Observer, ParallelFor, Stage};

/// A word of the text, or a break between two runs of words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Index into [`Words::vocabulary`], or [`BREAK`].
    pub(super) stem: u32,
    pub(super) chunk: u32,
    pub(super) class: Class,
    pub(super) casing: Casing,
    pub(super) generic: Generic,
    pub(super) section: SectionKind,
    pub(super) opens_sentence: bool,
    /// Whether it ends in 's, which parts what has from what is had.
    pub(super) possessive: bool,
    /// Whether it stands in a sentence that is no running text: an affiliation, a copyright notice.
    pub(super) noise: bool,
}

impl Word {
    /// Whether it stands in the references or in what is no running text.
    pub(super) fn in_small_print(&self) -> bool {
        self.section == SectionKind::References || self.noise
    }
}

/// [`Word::stem`] of what is not a word: a symbol, an address, the end of a sentence or chunk.
pub(super) const BREAK: u32 = u32::MAX;

/// What is known of a stem, over all its words.
#[derive(Clone, Debug)]
pub(super) struct StemFacts {
    pub(super) stem: StemText,
    /// Its [hash](super::hash).
    pub(super) hash: u32,
    /// That of the first word with the stem.
    pub(super) shape: Shape,
    pub(super) rarity: u8,
    /// Occurrences outside the references.
    pub(super) count: u32,
    /// Occurrences by [`Casing`], those at the beginning of a sentence, in titles and references left out.
    pub(super) casings: [u32; 4],
}

/// What the classes of the words of a language with a tagger go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classes {
    /// Their sentence.
    Tagged,
    /// Lists of words alone, as in languages without a tagger: for training a ranker of these.
    Listed,
}

/// The words of a document.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Words and breaks in the order of the text.
    pub(super) words: Vec<Word>,
    pub(super) vocabulary: Vec<StemFacts>,
    /// Ranges of `words` that terms can be cut from, in order.
    pub(super) runs: Vec<Range<u32>>,
    pub(super) language: Language,
    /// Whether there are stems that were left out.
    pub(super) too_many: bool,
}

/// The words of one chunk, with a vocabulary of its own.
#[derive(Default)]
struct ChunkWords {
    words: Vec<Word>,
    vocabulary: Vec<StemFacts>,
    runs: Vec<Range<u32>>,
}

impl ChunkWords {
    /// What the chunk of this number knows of the stem of a form.
    fn facts(&mut self, chunk: u32, form: Form, stem: &mut Stem) -> &mut StemFacts {
        if stem.chunk != chunk {
            stem.chunk = chunk;
            stem.index = self.vocabulary.len() as u32;
            self.vocabulary.push(StemFacts {
                stem: stem.text.clone(),
                hash: stem.hash,
                shape: form.shape,
                rarity: form.rarity,
                count: 0,
                casings: [0; 4],
            });
        }
        let facts = &mut self.vocabulary[stem.index as usize];
        facts.rarity = facts.rarity.min(form.rarity);
        facts
    }
}

/// Chunks that are read before they are joined, so that there are never the words of all of them twice.
const BATCH: usize = 256;

/// Most stems that are told apart; a word whose stem comes later is in no term. A long book has some 20,000.
const MOST_STEMS: usize = 131_072;

/// Most stems that there is room for before they are met: chunks have most of them in common.
const ROOM_FOR_STEMS: usize = 1_024;

/// Words of a usual sentence, bytes of a usual word, space included, and of a usual chunk for each of its stems.
const SENTENCE: usize = 64;
const BYTES_A_WORD: usize = 5;
const BYTES_A_STEM: usize = 12;

/// Longest word that can be part of a term, in bytes.
const LONGEST_WORD: usize = 48;

/// Longest number that can be part of a term, in bytes.
const LONGEST_NUMBER: usize = 12;

/// Reads the chunks in parallel and joins what they hold in the order of the chunks, so that the result does
/// not depend on the threads.
pub(super) fn read(
    text: &str,
    chunks: &[Chunk],
    front_matter: Option<Range<usize>>,
    classes: Classes,
    parallel: ParallelFor<'_>,
    observer: &dyn Observer,
) -> Result<Words> {
    // Offsets are kept in 32 bits, and one of them marks maximal occurrences.
    if text.len() >= i32::MAX as usize {
        return Err(Error::limit(
            "limits.text_bytes",
            text.len(),
            i32::MAX,
            "bytes",
        ));
    }
    let (language, begun) =
        Language::of_begun(text, chunks.iter().map(|chunk| chunk.range.clone()));
    let total = chunks.len() as u64;
    let done = AtomicU64::new(0);
    let mut joined = Joined::default();
    for (batch, of_batch) in chunks.chunks(BATCH).enumerate() {
        let read: Vec<OnceLock<Result<ChunkWords>>> =
            of_batch.iter().map(|_| OnceLock::new()).collect();
        parallel(of_batch.len(), &|index| {
            let (Some(chunk), Some(slot)) = (of_batch.get(index), read.get(index)) else {
                return;
            };
            slot.get_or_init(|| {
                observer.check()?;
                let number = (batch * BATCH + index) as u32;
                let begun = begun.get(number as usize);
                let reader = ChunkReader::new(text, language, classes);
                let words = reader.read(chunk, number, begun, front_matter.as_ref());
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                observer.progress(Stage::Concepts, done, total, "candidates");
                Ok(words)
            });
        });
        observer.check()?;
        if total > 1 {
            joined.make_room(&read);
        }
        for slot in read {
            // A chunk that was never called has no words.
            let words = slot
                .into_inner()
                .unwrap_or_else(|| Ok(ChunkWords::default()));
            let words = words?;
            match total == 1 && words.vocabulary.len() <= MOST_STEMS {
                true => joined.take(words),
                false => joined.add(words),
            }
        }
    }
    joined.words.language = language;
    joined.words.name_of_one_word();
    Ok(joined.words)
}

impl Words {
    /// A text that is one word names it, whatever its class would be in a sentence.
    fn name_of_one_word(&mut self) {
        let mut words = (0..)
            .zip(&mut self.words)
            .filter(|(_, word)| word.stem != BREAK);
        if let (Some((at, word)), None) = (words.next(), words.next()) {
            let is_name = word.class.in_term() || word.class == Class::Verb;
            if self.runs.is_empty() && is_name {
                word.class = Class::Noun;
                self.runs.push(at..at + 1);
            }
        }
    }
}

#[derive(Default)]
struct Joined {
    words: Words,
    stems: HashMap<StemText, u32>,
    local: Vec<u32>,
}

impl Joined {
    /// Makes room for the words that were read.
    fn make_room(&mut self, read: &[OnceLock<Result<ChunkWords>>]) {
        let chunks = || read.iter().filter_map(|slot| slot.get()?.as_ref().ok());
        let words = &mut self.words;
        words
            .words
            .reserve(chunks().map(|chunk| chunk.words.len()).sum());
        words
            .runs
            .reserve(chunks().map(|chunk| chunk.runs.len()).sum());
        let stems = chunks().map(|chunk| chunk.vocabulary.len()).sum::<usize>();
        self.stems.reserve(stems.min(ROOM_FOR_STEMS));
    }

    /// Takes the words of the only chunk as they are.
    fn take(&mut self, chunk: ChunkWords) {
        self.words.words = chunk.words;
        self.words.vocabulary = chunk.vocabulary;
        self.words.runs = chunk.runs;
    }

    fn add(&mut self, chunk: ChunkWords) {
        let vocabulary = &mut self.words.vocabulary;
        self.local.clear();
        for facts in chunk.vocabulary {
            let stem = match self.stems.get(&facts.stem) {
                Some(&stem) => {
                    let known = &mut vocabulary[stem as usize];
                    known.count += facts.count;
                    known.rarity = known.rarity.min(facts.rarity);
                    for (sum, count) in known.casings.iter_mut().zip(facts.casings) {
                        *sum += count;
                    }
                    stem
                }
                None if vocabulary.len() >= MOST_STEMS => {
                    self.words.too_many = true;
                    BREAK
                }
                None => {
                    let stem = vocabulary.len() as u32;
                    self.stems.insert(facts.stem.clone(), stem);
                    vocabulary.push(facts);
                    stem
                }
            };
            self.local.push(stem);
        }
        let offset = self.words.words.len() as u32;
        let local = &self.local;
        self.words
            .words
            .extend(chunk.words.into_iter().map(|word| Word {
                stem: local.get(word.stem as usize).copied().unwrap_or(BREAK),
                ..word
            }));
        let runs = chunk.runs.into_iter();
        self.words
            .runs
            .extend(runs.map(|run| run.start + offset..run.end + offset));
    }
}

/// Reads one chunk, sentence by sentence.
struct ChunkReader<'a> {
    text: &'a str,
    language: Language,
    forms: Box<Forms>,
    chunk: ChunkWords,
    // The sentence under way, one entry per word or break.
    sentence: Vec<Seen>,
    classes: Vec<Class>,
    sentence_start: usize,
    signs: Signs,
}

/// What tells a sentence of a paper from the small print around it.
#[derive(Clone, Copy, Default)]
struct Signs {
    words: u32,
    capitals: u32,
    addresses: u32,
    places: u32,
    notice: u32,
    numbers: u32,
}

impl Signs {
    fn see(&mut self, word: &Form) {
        self.words += 1;
        self.capitals += u32::from(word.casing != Casing::Lower);
        self.places += u32::from(word.sign == Sign::Place);
        self.notice += u32::from(word.sign == Sign::Notice);
    }

    /// An affiliation is nearly all names; a notice has two of its words, or one and little else.
    fn is_noise(self) -> bool {
        let names = self.capitals * 10 >= self.words * 6;
        let affiliation = (self.places > 0 || self.addresses > 0) && names && self.words <= 60;
        let notice = self.notice >= 3
            || self.notice >= 1 && (self.notice * 8 >= self.words || self.addresses > 0);
        affiliation || notice && self.words <= 120
    }
}

impl<'a> ChunkReader<'a> {
    fn new(text: &'a str, language: Language, classes: Classes) -> Self {
        ChunkReader {
            text,
            language,
            forms: Forms::begin(language, classes),
            chunk: ChunkWords::default(),
            sentence: Vec::with_capacity(SENTENCE),
            classes: Vec::with_capacity(SENTENCE),
            sentence_start: 0,
            signs: Signs::default(),
        }
    }

    fn read(
        mut self,
        chunk: &Chunk,
        index: u32,
        begun: Option<&Begun<'_>>,
        front_matter: Option<&Range<usize>>,
    ) -> ChunkWords {
        let text = self.text.get(chunk.range.clone()).unwrap_or_default();
        self.chunk.words.reserve(text.len() / BYTES_A_WORD);
        self.chunk.vocabulary.reserve(text.len() / BYTES_A_STEM);
        let offset = chunk.range.start;
        let outside =
            front_matter.is_some_and(|front| front.start <= offset && chunk.range.end <= front.end);
        let anew;
        let begun = match begun {
            Some(begun) => begun,
            None => {
                anew = Begun::of(text, 0);
                &anew
            }
        };
        for token in begun.tokens() {
            if token.opens_sentence {
                self.end_sentence(outside);
            }
            for part in self.language.parts(text, token) {
                self.take(text, part, offset, index, chunk.section);
            }
        }
        self.end_sentence(outside);
        self.forms.keep();
        self.chunk
    }

    fn take(&mut self, text: &str, token: Token, offset: usize, chunk: u32, section: SectionKind) {
        let surface = &text[token.range.clone()];
        let mut word = Word {
            start: (offset + token.range.start) as u32,
            end: (offset + token.range.end) as u32,
            stem: BREAK,
            chunk,
            class: Class::Symbol,
            casing: Casing::Lower,
            generic: Generic::No,
            section,
            opens_sentence: token.opens_sentence,
            possessive: is_possessive(surface),
            noise: false,
        };
        let lexeme = match token.kind {
            TokenKind::Word if surface.len() <= LONGEST_WORD => {
                self.word(text, token.range, &mut word)
            }
            TokenKind::Number => self.number(text, token.range, &mut word),
            TokenKind::Address | TokenKind::Word => {
                self.signs.addresses += u32::from(token.kind == TokenKind::Address);
                word.casing = casing(surface);
                Lexeme::mark(surface, Class::Symbol)
            }
            TokenKind::Symbol => {
                self.signs.notice += u32::from(surface == "©") * 3;
                Lexeme::mark(surface, Class::Symbol)
            }
        };
        self.sentence.push(Seen {
            lexeme,
            casing: word.casing as u8,
        });
        self.chunk.words.push(word);
    }

    fn word(&mut self, text: &str, at: Range<usize>, word: &mut Word) -> Lexeme {
        let chunk = self.forms.chunk();
        let (form, stem) = self.forms.of(text, at);
        self.signs.see(&form);
        word.casing = form.casing;
        word.generic = form.generic;
        let facts = self.chunk.facts(chunk, form, stem);
        word.stem = stem.index;
        if word.section != SectionKind::References {
            facts.count += 1;
            if !word.opens_sentence && word.section != SectionKind::Title {
                facts.casings[word.casing as usize] += 1;
            }
        }
        form.lexeme
    }

    /// Numbers have stems, so that "ISO 9000" can be a term, and do not count as words.
    fn number(&mut self, text: &str, at: Range<usize>, word: &mut Word) -> Lexeme {
        self.signs.numbers += 1;
        let surface = &text[at.clone()];
        if surface.len() <= LONGEST_NUMBER {
            let chunk = self.forms.chunk();
            let (form, stem) = self.forms.of(text, at);
            word.generic = form.generic;
            self.chunk.facts(chunk, form, stem);
            word.stem = stem.index;
        }
        Lexeme::mark(surface, Class::Number)
    }

    fn end_sentence(&mut self, outside: bool) {
        Tagger::built_in().tag(&self.sentence, &mut self.classes);
        let noise = outside || self.signs.is_noise();
        let words = &mut self.chunk.words;
        let sentence = words.get_mut(self.sentence_start..).unwrap_or_default();
        for (word, &class) in sentence.iter_mut().zip(&self.classes) {
            word.class = match self.language {
                Language::German => {
                    let surface = self.text.get(word.start as usize..word.end as usize);
                    let capital = word.casing != Casing::Lower;
                    let any_capital = self.signs.capitals > 0;
                    let surface = surface.unwrap_or_default();
                    (self.language).class_by_case(
                        surface,
                        class,
                        capital,
                        word.opens_sentence,
                        any_capital,
                    )
                }
                _ => class,
            };
            word.noise = noise;
        }
        name_modifiers(sentence);
        // Capitals that English gives to titles and headings say little, and in German every noun has one.
        if !matches!(self.language, Language::English | Language::German) {
            name_function_words(sentence);
        }
        settle_joiners(self.text, self.language, sentence);
        if sentence
            .first()
            .is_some_and(|word| word.section == SectionKind::Title)
        {
            note_capitals(sentence, &mut self.chunk.vocabulary);
        }
        self.find_runs();
        self.sentence.clear();
        self.signs = Signs::default();
        if !self.chunk.words.is_empty() {
            // Runs and neighbours do not reach over the end of a sentence.
            let last = self.chunk.words[self.chunk.words.len() - 1];
            self.chunk.words.push(Word {
                start: last.end,
                stem: BREAK,
                class: Class::Symbol,
                casing: Casing::Lower,
                generic: Generic::No,
                opens_sentence: false,
                possessive: false,
                ..last
            });
        }
        self.sentence_start = self.chunk.words.len();
    }

    /// The longest stretches of words that can stand in a term, cut back to a beginning and an end that a
    /// term can have.
    fn find_runs(&mut self) {
        let words = &self.chunk.words;
        let mut start = self.sentence_start;
        while start < words.len() {
            let mut end = start;
            while let Some(word) = words.get(end) {
                let before = (end > start).then(|| &words[end - 1]);
                if !self.in_term(word, before) {
                    break;
                }
                end += 1;
            }
            let mut run = start..end;
            while run.start < run.end && !begins_term(&words[run.start]) {
                run.start += 1;
            }
            while run.start < run.end && !ends_term(words[run.end - 1].class) {
                run.end -= 1;
            }
            if !run.is_empty() {
                self.chunk.runs.push(run.start as u32..run.end as u32);
            }
            // What ended it may begin the next.
            start = end.max(start + 1);
        }
    }

    fn in_term(&self, word: &Word, before: Option<&Word>) -> bool {
        let after_noun = before.is_some_and(|before| before.class == Class::Noun);
        word.stem != BREAK
            && match word.class {
                // "Web 2.0", "ISO 9000"
                Class::Number => {
                    after_noun && before.is_some_and(|before| before.casing != Casing::Lower)
                }
                // German has its adjectives before their noun: one after a noun belongs to the next.
                Class::Adjective => !(after_noun && self.language == Language::German),
                Class::Joiner => before.is_some(),
                class => class.in_term(),
            }
    }
}

/// A title in which a word of content has no capital is written as sentences are: its capitals are those of names.
fn note_capitals(title: &[Word], vocabulary: &mut [StemFacts]) {
    let inner = || {
        title
            .iter()
            .filter(|word| word.stem != BREAK && !word.opens_sentence)
    };
    if inner().any(|word| word.class.in_term() && word.casing == Casing::Lower) {
        for word in inner() {
            if let Some(facts) = vocabulary.get_mut(word.stem as usize) {
                facts.casings[word.casing as usize] += 1;
            }
        }
    }
}

/// "New South Wales", "Great Barrier Reef": a word that only compares elsewhere is part of the name that it opens.
fn name_modifiers(sentence: &mut [Word]) {
    for at in 1..sentence.len() {
        let [word, next] = &mut sentence[at - 1..=at] else {
            continue;
        };
        let title = word.section == SectionKind::Title;
        if word.generic == Generic::Modifier
            && word.casing == Casing::Capital
            && next.casing == Casing::Capital
            && !word.opens_sentence
            && !title
        {
            word.generic = Generic::No;
        }
    }
}

/// "São Paulo", "La Paz": what is a function word or a verb elsewhere opens a name after another word.
fn name_function_words(sentence: &mut [Word]) {
    for at in 2..sentence.len() {
        let [before, word, next] = &mut sentence[at - 2..=at] else {
            continue;
        };
        if matches!(word.class, Class::Connector | Class::Verb)
            && word.casing == Casing::Capital
            && next.casing == Casing::Capital
            && next.class.in_term()
            && before.stem != BREAK
            && word.section != SectionKind::Title
        {
            word.class = Class::Noun;
        }
    }
}

fn is_possessive(surface: &str) -> bool {
    surface.ends_with("'s") || surface.ends_with("’s")
}

/// What may join two nouns does where they stand beside it; elsewhere it is a preposition. So no more than two joiners, a
/// preposition and its article, follow each other.
fn settle_joiners(text: &str, language: Language, sentence: &mut [Word]) {
    let in_term = |word: &Word| word.stem != BREAK && word.class.in_term();
    for at in 0..sentence.len() {
        if sentence[at].class != Class::Joiner {
            continue;
        }
        let is_article = |word: &Word| {
            // "La Paz" is a name.
            if word.class == Class::Noun {
                return false;
            }
            let surface = text.get(word.start as usize..word.end as usize);
            surface.is_some_and(|surface| language.is_article_of_joiner(surface))
        };
        let article = sentence.get(at + 1).is_some_and(is_article);
        let end = at + 1 + usize::from(article);
        let before = at.checked_sub(1).and_then(|before| sentence.get(before));
        // The article of one that joins.
        let joined = before.is_some_and(|before| before.class == Class::Joiner);
        let joins = before.is_some_and(in_term)
            && (sentence.get(end)).is_some_and(|after| in_term(after) && begins_term(after));
        if joins {
            sentence[at..end]
                .iter_mut()
                .for_each(|word| word.class = Class::Joiner);
        } else if !joined {
            sentence[at].class = Class::Preposition;
        }
    }
}

/// The words of a term, without what only joins them.
pub(super) fn content(term: &[Word]) -> impl Iterator<Item = &Word> + Clone {
    term.iter().filter(|word| word.class != Class::Joiner)
}

/// Whether a word can be the first of a term.
pub(super) fn begins_term(word: &Word) -> bool {
    !matches!(word.class, Class::Number | Class::Joiner) && word.generic != Generic::Modifier
}

/// Whether a word of the class can be the last of a term.
pub(super) fn ends_term(class: Class) -> bool {
    matches!(class, Class::Noun | Class::Gerund | Class::Number)
}
