//! Gathering concepts, and building the image of a database from them.
//!
//! Names are kept as one run of bytes and keys as hashes, so that ten million concepts fit into memory; the tables are
//! made at the end, from the sorted hashes.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use xxhash_rust::xxh3::xxh3_64;

use super::filter::Pairs;
use super::image::{EXACT, Image, Meta, Parts, SourceFile};
use super::index::{FIRST, GOES_ON, INNER, LAST, NAMESAKES, SINGLE, WORD_PRINT, is_acronym, step};
use super::read::{Counts, Failure, Part, WARNINGS};
use super::relations::{Relation, Relations, Stated};
use super::table::{self, Item, PROBES, SLOTS};
use super::tokens::{self, Kind, Token, Tokens};
use super::{Concept, Content, LONGEST_KEY, LONGEST_PHRASE};
use crate::error::Error;

/// The seed of the hashes of compiled files. It is no secret, so that the same sources give the same file.
pub(super) const SEED: u64 = 0x0074_6f72_6964_6231;

/// Why an entry was not taken.
pub(super) enum Refusal {
    Damaged(String),
    Limit,
}

/// A concept as it was read.
struct Draft {
    id: u64,
    /// Its name and aliases in [`Builder::text`].
    text: u64,
    aliases: u32,
    class: u32,
}

/// One name or alias of a concept, on its way into the index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    path: u64,
    /// Names come before aliases, and those before spellings derived from them: who comes first is found first.
    origin: Origin,
    concept: u32,
    /// Number of the alias, from 1; 0 for the name.
    number: u32,
    /// Whether it must be in capitals, or as it is written.
    strict: bool,
    goes_on: bool,
    /// Whether it has two words.
    pair: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Name,
    Alias,
    Derived,
    /// No key but the beginning of one.
    Beginning,
}

/// What became of a key.
enum Insertion {
    Added,
    /// The concept has the key already.
    Known,
    /// The key has no words.
    Empty,
    /// The key has more than [`LONGEST_PHRASE`] words or [`LONGEST_KEY`] bytes.
    Long,
}

/// Gathers concepts from one or more files into a database.
pub(super) struct Builder {
    seed: u64,
    text: Vec<u8>,
    drafts: Vec<Draft>,
    /// Aliases of entries whose name was there already: the concept, and where they are in the text.
    later: Vec<(u32, u64, u32)>,
    pub(super) relations: Relations,
    by_id: HashMap<u64, u32, RandomState>,
    classes: HashMap<(String, u64, u64, bool), u32, RandomState>,
    /// The tokens and the folded form of the name at hand.
    tokens: Vec<Token>,
    folded: String,
    keys: u64,
    pub(super) keys_limit: u64,
    pub(super) counts: Counts,
    pub(super) sources: Vec<SourceFile>,
    warnings: Vec<String>,
    warned: u64,
    pub(super) file: String,
    pub(super) part: Part,
    /// Whether damage of one entry is that of all, and nothing is logged: for what a caller is told of.
    pub(super) all_or_nothing: bool,
    /// Whether names are found without their diacritics, too.
    pub(super) diacritics: bool,
    /// The language of the labels that are taken from SKOS; empty for all.
    pub(super) language: String,
}

impl Builder {
    /// A builder whose hashes are seeded with what nobody can foresee.
    pub(super) fn new(keys_limit: u64) -> Self {
        use std::hash::{BuildHasher, Hasher};
        let seed = std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish();
        Self::seeded(seed, keys_limit)
    }

    pub(super) fn seeded(seed: u64, keys_limit: u64) -> Self {
        Builder {
            seed,
            text: Vec::new(),
            drafts: Vec::new(),
            later: Vec::new(),
            relations: Relations::default(),
            by_id: HashMap::default(),
            classes: HashMap::default(),
            tokens: Vec::new(),
            folded: String::new(),
            keys: 0,
            keys_limit,
            counts: Counts::default(),
            sources: Vec::new(),
            warnings: Vec::new(),
            warned: 0,
            file: String::new(),
            part: Part::Main,
            all_or_nothing: false,
            diacritics: false,
            language: String::new(),
        }
    }

    /// A builder that takes all or nothing.
    pub(super) fn whole(seed: u64, keys_limit: u64) -> Self {
        Builder {
            all_or_nothing: true,
            ..Self::seeded(seed, keys_limit)
        }
    }

    /// As [`whole`](Self::whole), of concepts that come beside others.
    pub(super) fn partial(seed: u64, keys_limit: u64) -> Self {
        let mut builder = Self::whole(seed, keys_limit);
        builder.relations.partial = true;
        builder
    }

    pub(super) fn warn(&mut self, warning: impl FnOnce() -> String) {
        self.warned += 1;
        if self.warnings.len() < WARNINGS {
            let warning = warning();
            if !self.all_or_nothing {
                tracing::warn!("{warning}");
            }
            self.warnings.push(warning);
        }
    }

    /// Adds a concept, or its aliases and relations to the concept of the same folded name; the index of it.
    pub(super) fn take(&mut self, concept: Concept) -> Result<u32, Refusal> {
        self.keys += 1 + concept.aliases.len() as u64;
        if self.keys > self.keys_limit {
            return Err(Refusal::Limit);
        }
        cut(&concept.name, self.seed, &mut self.tokens);
        if let Err(what) = countable(&self.tokens) {
            self.counts.bad_name += 1;
            return Err(Refusal::Damaged(what));
        }
        self.folded.clear();
        tokens::fold_tokens(&concept.name, &self.tokens, &mut self.folded);
        let next = self.drafts.len() as u32;
        let (index, id) = self.place(identity_of(&concept.name, None), next);
        self.draft(concept, index, id);
        Ok(index)
    }

    /// Adds a concept of another name than all others, under an identity that none of them has, with its relations to
    /// the concepts of other identities.
    pub(super) fn take_as(&mut self, concept: Concept, id: u64, related: Vec<(Relation, u64)>) {
        let index = self.drafts.len() as u32;
        self.relations.add_identities(index, related);
        self.draft(concept, index, id);
    }

    /// Notes a concept under an index; its aliases alone when there is one.
    fn draft(&mut self, concept: Concept, index: u32, id: u64) {
        self.relations.add(index, &concept);
        let next = self.drafts.len() as u32;
        let text = self.text.len() as u64;
        if index == next {
            push_text(&mut self.text, &concept.name);
        }
        let mut aliases = 0;
        for alias in &concept.aliases {
            if alias.len() > LONGEST_KEY {
                self.refuse(&Insertion::Long, alias, &concept.name);
            } else {
                aliases += 1;
                push_text(&mut self.text, alias);
            }
        }
        if index != next {
            self.counts.merged += 1;
            if aliases > 0 {
                self.later.push((index, text, aliases));
            }
            return;
        }
        match self.part {
            Part::Main => self.counts.from_main += 1,
            Part::Seed => self.counts.from_seed += 1,
        }
        let class = (
            concept.category,
            concept.priority.to_bits(),
            concept.boost_multiplier.to_bits(),
            concept.exact,
        );
        let classes = self.classes.len() as u32;
        self.drafts.push(Draft {
            id,
            text,
            aliases,
            class: *self.classes.entry(class).or_insert(classes),
        });
    }

    /// The index under `id`, or of the concept of the same folded name; and the identity it has. Should two
    /// different names have one identity, the later one's is hashed again until it is free.
    fn place(&mut self, id: u64, next: u32) -> (u32, u64) {
        let mut id = id;
        loop {
            let index = *self.by_id.entry(id).or_insert(next);
            let known = self.drafts.get(index as usize);
            if known
                .is_none_or(|known| tokens::fold(text_at(&self.text, known.text)) == self.folded)
            {
                return (index, id);
            }
            id = identity_of(&self.folded, Some(id));
        }
    }

    /// Warns of an alias that is left out.
    fn refuse(&mut self, insertion: &Insertion, alias: &str, name: &str) {
        self.counts.dropped_aliases += 1;
        self.warn(|| match insertion {
            Insertion::Long => {
                let short: String = alias.chars().take(40).collect();
                format!(
                    "alias {short:?}… of {name:?} is left out: longer than {LONGEST_PHRASE} words or {LONGEST_KEY} bytes"
                )
            }
            _ => format!("alias {alias:?} of {name:?} is left out: it has no words"),
        });
    }

    /// The database of what was read.
    pub(super) fn finish(self) -> Result<Content, Failure> {
        let (parts, warnings, warned) = self.parts()?;
        Ok(Content {
            image: Image::build(&parts)?,
            warnings,
            warned,
        })
    }

    /// The image of what was read in parts, the warnings, and how many there were.
    pub(super) fn parts(mut self) -> Result<(Parts, Vec<String>, u64), Failure> {
        let drafts = std::mem::take(&mut self.drafts);
        let read = std::mem::take(&mut self.text);
        let by_id = std::mem::take(&mut self.by_id);
        let relations = std::mem::take(&mut self.relations).resolve(
            &by_id,
            |index| drafts[index as usize].id,
            |concept, relation, other| {
                let name = text_at(&read, drafts[concept as usize].text);
                self.refuse_relation(name, relation, other);
            },
        );
        drop(by_id);
        let (relations, related) = relation_sections(&relations)?;
        let mut later = std::mem::take(&mut self.later);
        later.sort_by_key(|(concept, _, _)| *concept);
        let mut later = later.into_iter().peekable();

        let mut text = Vec::with_capacity(read.len());
        let mut records = Vec::with_capacity(drafts.len() * 24);
        let mut classes: Vec<_> = std::mem::take(&mut self.classes).into_iter().collect();
        classes.sort_unstable_by_key(|(_, number)| *number);
        let mut keys = Keys::new(self.seed, self.diacritics);
        let mut known = HashSet::new();
        for (draft, concept) in drafts.iter().zip(0..) {
            let start = text.len() as u64;
            let name = text_at(&read, draft.text);
            push_text(&mut text, name);
            known.clear();
            let (_, _, _, exact) = classes[draft.class as usize].0;
            keys.insert(name, Origin::Name, (concept, exact), 0, &mut known);
            let mut number = 0;
            let own = (draft.text + 2 + name.len() as u64, draft.aliases);
            let mut runs = vec![own];
            while let Some((_, at, count)) = later.next_if(|(other, _, _)| *other == concept) {
                runs.push((at, count));
            }
            for (mut at, count) in runs {
                for _ in 0..count {
                    let alias = text_at(&read, at);
                    at += 2 + alias.len() as u64;
                    match keys.insert(
                        alias,
                        Origin::Alias,
                        (concept, exact),
                        number + 1,
                        &mut known,
                    ) {
                        Insertion::Added => {
                            number += 1;
                            push_text(&mut text, alias);
                        }
                        Insertion::Known => (),
                        refused => self.refuse(&refused, alias, name),
                    }
                }
            }
            self.counts.aliases += u64::from(number);
            for number in [draft.id, start] {
                records.extend(number.to_le_bytes());
            }
            for number in [draft.class, number] {
                records.extend(number.to_le_bytes());
            }
        }
        drop(read);

        let mut ranked: Vec<u32> = (0..drafts.len() as u32).collect();
        ranked.sort_unstable_by_key(|index| drafts[*index as usize].id);
        let by_id = ranked.into_iter().flat_map(u32::to_le_bytes).collect();

        let mut class_bytes = Vec::with_capacity(classes.len() * 24);
        for ((category, priority, boost, exact), _) in classes {
            let exact = if exact { EXACT } else { 0 };
            for number in [priority, boost, text.len() as u64 | exact] {
                class_bytes.extend(number.to_le_bytes());
            }
            push_text(&mut text, &category);
        }

        let concepts = drafts.len() as u32;
        let mut values = Values::default();
        let singles = values.of(keys.singles, concepts);
        let paths = values.of(keys.keys, concepts);
        let Values {
            postings,
            mut ambiguous,
            pairs,
        } = values;
        let most = postings.len() as u64 + u64::from(concepts) + 1;
        if most > u64::from(GOES_ON) {
            return Err(too_many("values", most, GOES_ON.into()));
        }
        let words = word_table(&keys.words, &singles)?;
        let nodes = node_table(&paths)?;
        let pairs = Pairs::of(&pairs);
        let postings = postings.into_iter().flat_map(u32::to_le_bytes).collect();
        ambiguous.sort_unstable_by_key(|(key, _)| (key.concept, key.number));
        self.counts.ambiguous = ambiguous.len() as u64;
        for (key, first) in ambiguous {
            let of = |concept: u32| drafts_text(&records, &text, concept, 0);
            let what = if key.number == 0 { "name" } else { "alias" };
            self.warn(|| {
                format!(
                    "{what} {:?} of {:?} finds {:?}, which has it already",
                    drafts_text(&records, &text, key.concept, key.number),
                    of(key.concept),
                    of(first)
                )
            });
        }
        let meta = Meta {
            diacritics: self.diacritics,
            counts: self.counts,
            sources: self.sources,
        };
        let meta = serde_json::to_vec(&meta).unwrap_or_default();
        let parts = Parts {
            seed: self.seed,
            concepts: drafts.len() as u32,
            sections: [
                meta,
                class_bytes,
                records,
                text,
                by_id,
                words,
                nodes,
                pairs,
                postings,
                relations,
                related,
            ],
        };
        Ok((parts, self.warnings, self.warned))
    }
}

/// What is stated, and the order of it by what it is stated of.
fn relation_sections(stated: &[Stated]) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let most = u64::from(u32::MAX);
    if stated.len() as u64 > most {
        return Err(too_many("relations", stated.len() as u64, most));
    }
    let mut order: Vec<u32> = (0..stated.len() as u32).collect();
    order.sort_unstable_by_key(|number| (stated[*number as usize].other, *number));
    let mut items = Vec::with_capacity(stated.len() * 16);
    for stated in stated {
        items.extend(stated.concept.to_le_bytes());
        items.extend((stated.relation as u32).to_le_bytes());
        items.extend(stated.other.to_le_bytes());
    }
    Ok((
        items,
        order.into_iter().flat_map(u32::to_le_bytes).collect(),
    ))
}

/// Cuts a key into the tokens that count.
fn cut(key: &str, seed: u64, tokens: &mut Vec<Token>) {
    tokens.clear();
    tokens.extend(Tokens::new(key, seed).filter(|token| token.kind != Kind::Break));
}

/// Whether a name has words, and not too many.
fn countable(tokens: &[Token]) -> Result<(), String> {
    match tokens.len() {
        0 => Err("name is empty".into()),
        1..=LONGEST_PHRASE => Ok(()),
        words => Err(format!(
            "name has {words} words, at most {LONGEST_PHRASE} are allowed"
        )),
    }
}

/// Appends a text of at most [`u16::MAX`] bytes behind its length.
pub(super) fn push_text(to: &mut Vec<u8>, text: &str) {
    let text = &text[..text.floor_char_boundary(u16::MAX.into())];
    to.extend((text.len() as u16).to_le_bytes());
    to.extend(text.bytes());
}

pub(super) fn text_at(section: &[u8], at: u64) -> &str {
    let rest = section.get(at as usize..).unwrap_or_default();
    let text = rest.split_first_chunk().and_then(|(len, rest)| {
        let text = rest.get(..u16::from_le_bytes(*len).into())?;
        std::str::from_utf8(text).ok()
    });
    text.unwrap_or_default()
}

/// The name of a concept or one of its aliases, from its record.
fn drafts_text<'t>(records: &[u8], text: &'t [u8], concept: u32, number: u32) -> &'t str {
    let record = records.get(24 * concept as usize + 8..);
    let at = record.and_then(|record| record.first_chunk());
    let mut at = at.map_or(u64::MAX, |at| u64::from_le_bytes(*at));
    for _ in 0..number {
        at += 2 + text_at(text, at).len() as u64;
    }
    text_at(text, at)
}

/// A word of keys.
#[derive(Clone, Copy, Default)]
struct Word {
    good_for: u8,
    /// How often it stands in keys.
    uses: u32,
}

/// The keys of all concepts and their words.
struct Keys {
    seed: u64,
    diacritics: bool,
    /// Those of several words, and their beginnings.
    keys: Vec<Key>,
    /// Those of one word.
    singles: Vec<Key>,
    words: HashMap<u64, Word, RandomState>,
    tokens: Vec<Token>,
}

impl Keys {
    fn new(seed: u64, diacritics: bool) -> Self {
        Keys {
            seed,
            diacritics,
            keys: Vec::new(),
            singles: Vec::new(),
            words: HashMap::default(),
            tokens: Vec::new(),
        }
    }

    /// Adds a key of a concept, and the spellings derived from it unless the concept is exact; `known` are the keys of the
    /// concept.
    fn insert(
        &mut self,
        key: &str,
        origin: Origin,
        concept: (u32, bool),
        number: u32,
        known: &mut HashSet<(u64, bool)>,
    ) -> Insertion {
        let added = self.insert_one(key, origin, concept, number, known);
        if matches!(added, Insertion::Added) && !concept.1 {
            for variant in variants(key, self.diacritics) {
                // Not known: an alias that says the same in so many words comes before it.
                let mut known = HashSet::new();
                self.insert_one(&variant, Origin::Derived, concept, number, &mut known);
            }
        }
        added
    }

    fn insert_one(
        &mut self,
        key: &str,
        origin: Origin,
        concept: (u32, bool),
        number: u32,
        known: &mut HashSet<(u64, bool)>,
    ) -> Insertion {
        let mut tokens = std::mem::take(&mut self.tokens);
        cut(key, self.seed, &mut tokens);
        let added = self.insert_tokens(key, &tokens, origin, concept, number, known);
        self.tokens = tokens;
        added
    }

    fn insert_tokens(
        &mut self,
        key: &str,
        tokens: &[Token],
        origin: Origin,
        (concept, exact): (u32, bool),
        number: u32,
        known: &mut HashSet<(u64, bool)>,
    ) -> Insertion {
        let Some((first, rest)) = tokens.split_first() else {
            return Insertion::Empty;
        };
        if tokens.len() > LONGEST_PHRASE {
            return Insertion::Long;
        }
        let path = rest
            .iter()
            .fold(first.hash, |path, token| step(path, token.hash));
        let strict = exact || is_acronym(key);
        // Keys of an exact concept that differ in case are two.
        let same = if exact { xxh3_64(key.as_bytes()) } else { path };
        if !known.insert((same, strict)) {
            return Insertion::Known;
        }
        let key = Key {
            path,
            origin,
            concept,
            number,
            strict,
            goes_on: false,
            pair: tokens.len() == 2,
        };
        let mut path = first.hash;
        for (token, words) in rest.iter().take(rest.len().saturating_sub(1)).zip(2..) {
            path = step(path, token.hash);
            self.keys.push(Key {
                path,
                origin: Origin::Beginning,
                goes_on: true,
                pair: words == 2,
                ..key
            });
        }
        match rest {
            [] => self.singles.push(key),
            _ => self.keys.push(key),
        }
        let mut note = |token: &Token, good_for, uses| {
            let word = self.words.entry(token.hash).or_default();
            word.good_for |= good_for;
            word.uses = word.uses.saturating_add(uses);
        };
        note(first, if rest.is_empty() { SINGLE } else { FIRST }, 1);
        for token in rest {
            note(token, INNER, 1);
        }
        if let Some(last) = tokens.last().filter(|last| last.kind == Kind::Word) {
            note(last, LAST, 0);
        }
        Insertion::Added
    }
}

fn too_many(what: &'static str, found: u64, limit: u64) -> Failure {
    Failure::new("limit", Error::limit(what, found, limit, "items").message())
}

/// The words, with the values of those that are keys in the order of their hashes.
fn word_table(
    words: &HashMap<u64, Word, RandomState>,
    values: &[(u64, u32)],
) -> Result<Vec<u8>, Failure> {
    let mut sorted: Vec<(u64, Word)> = words.iter().map(|(hash, word)| (*hash, *word)).collect();
    sorted.sort_unstable_by_key(|(hash, _)| *hash);
    let mut values = values.iter().peekable();
    let valued = sorted.into_iter().map(|(hash, word)| {
        let value = values.next_if(|(key, _)| *key == hash);
        (hash, word, value.map_or(0, |(_, value)| *value))
    });
    let mut valued: Vec<(u64, Word, u32)> = valued.collect();
    // Those that many keys have are frequent in texts as well: the first to come are found in the first place.
    valued.sort_by_key(|(_, word, _)| Reverse(word.uses));
    let items = valued.into_iter().map(|(hash, word, value)| {
        let item = Item {
            tag: table::tag(hash) & WORD_PRINT | word.good_for,
            value,
        };
        (hash, item)
    });
    table(&items.collect::<Vec<_>>())
}

fn node_table(nodes: &[(u64, u32)]) -> Result<Vec<u8>, Failure> {
    let items = nodes.iter().map(|(path, value)| {
        let item = Item {
            tag: table::tag(*path),
            value: *value,
        };
        (*path, item)
    });
    table(&items.collect::<Vec<_>>())
}

fn table(items: &[(u64, Item)]) -> Result<Vec<u8>, Failure> {
    let limit = (PROBES * SLOTS) as u64;
    table::build(items).ok_or_else(|| too_many("keys of one hash", limit + 1, limit))
}

/// What the keys of the same paths lead to.
#[derive(Default)]
struct Values {
    postings: Vec<u32>,
    /// The keys that another concept has too, with the first that has them.
    ambiguous: Vec<(Key, u32)>,
    /// The paths of two words.
    pairs: Vec<u64>,
}

impl Values {
    /// The paths of keys in order, with their values.
    fn of(&mut self, mut keys: Vec<Key>, concepts: u32) -> Vec<(u64, u32)> {
        keys.sort_unstable();
        let paths = keys.chunk_by(|a, b| a.path == b.path);
        let valued = paths.map(|same| {
            let path = same[0].path;
            if same.iter().any(|key| key.pair) {
                self.pairs.push(path);
            }
            (path, self.value(same, concepts))
        });
        valued.collect()
    }

    /// The value of keys of one path.
    fn value(&mut self, same: &[Key], concepts: u32) -> u32 {
        let mut lists = [Vec::new(), Vec::new()];
        let mut goes_on = 0;
        for key in same {
            if key.origin == Origin::Beginning {
                goes_on = GOES_ON;
                continue;
            }
            let list: &mut Vec<u32> = &mut lists[usize::from(key.strict)];
            if list.contains(&key.concept) {
                continue;
            }
            if let Some(first) = list.first().filter(|_| key.origin != Origin::Derived) {
                self.ambiguous.push((*key, *first));
            }
            if list.len() < NAMESAKES {
                list.push(key.concept);
            }
        }
        let value = match &lists {
            [any, strict] if any.is_empty() && strict.is_empty() => 0,
            [any, strict] if any.len() == 1 && strict.is_empty() => any[0] + 1,
            [any, strict] => {
                let at = self.postings.len() as u32;
                self.postings
                    .extend([any.len() as u32, strict.len() as u32]);
                self.postings.extend(any.iter().chain(strict));
                at.saturating_add(concepts).saturating_add(1)
            }
        };
        value | goes_on
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits (draft-eastlake-fnv), of `bytes`, going on from `hash`; folded to the 53 bits that a number in
/// JSON keeps in every language.
fn identity(hash: u64, bytes: &[u8]) -> u64 {
    let hash = fnv(hash, bytes);
    (hash >> 53) ^ (hash & ((1 << 53) - 1))
}

/// The identity of a concept by its name; or the one to try after `taken`, which another has.
pub(super) fn identity_of(name: &str, taken: Option<u64>) -> u64 {
    match taken {
        None => identity(FNV_OFFSET, tokens::fold(name).as_bytes()),
        Some(taken) => identity(taken, b"again"),
    }
}

/// FNV-1a, 64 bits (draft-eastlake-fnv), going on from `hash`.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The spellings that a key is found by besides its own.
pub(super) fn variants(key: &str, diacritics: bool) -> Vec<String> {
    let mut variants = Vec::from_iter(possessive_variants(key).into_iter().flatten());
    if diacritics {
        let own = std::iter::once(key).chain(variants.iter().map(String::as_str));
        let plain: Vec<String> = own.filter_map(tokens::without_diacritics).collect();
        variants.extend(plain);
    }
    variants
}

/// `Moore law` and `Moores law` for `Moore's law`; `Bayes theorem` and `Bayes's theorem` for `Bayes' theorem`.
fn possessive_variants(key: &str) -> Option<[String; 2]> {
    // Both apostrophes, by a byte each: most keys have neither.
    if !key.bytes().any(|byte| matches!(byte, b'\'' | 0xe2)) {
        return None;
    }
    let (owner, rest) = key.split_once(['\'', '\u{2019}'])?;
    if let Some(thing) = rest.strip_prefix("s ").filter(|_| !owner.is_empty()) {
        return Some([format!("{owner} {thing}"), format!("{owner}s {thing}")]);
    }
    let possessive = rest.starts_with(' ') && owner.ends_with('s');
    possessive.then(|| [format!("{owner}{rest}"), format!("{owner}'s{rest}")])
}
