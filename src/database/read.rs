//! Database files: JSON in, concepts out, and every damaged entry named.
//!
//! The file is read in one pass without building a tree of values. Fields are read as whatever they are, so
//! that a wrong type damages one entry and not the file.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value, json};

use super::tokens::{self, Token};
use super::trie::{Insertion, Table, Trie};
use super::{Concept, Content, Database, LONGEST_KEY, LONGEST_PHRASE};
use crate::error::Error;

/// Most warnings kept; the rest are counted.
const WARNINGS: usize = 100;

/// Most items of a list in an entry: a list is in memory before its entry is judged.
const LONGEST_LIST: usize = 10_000;

/// The version of the file format this library reads.
const VERSION: f64 = 1.0;

/// Why a file was not taken.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// `missing`, `permission`, `not a file`, `limit`, `not JSON`, `wrong shape`, `unreadable`.
    pub(super) reason: &'static str,
    /// The same at length, for people.
    pub(super) message: String,
    /// `line`, `column`, `entry`, `os_error`, where they are known.
    pub(super) fields: Map<String, Value>,
}

impl Failure {
    pub(super) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Failure {
            reason,
            message: message.into(),
            fields: Map::new(),
        }
    }

    pub(super) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    fn at(reason: &'static str, message: &str, line: usize, column: usize) -> Self {
        Failure::new(
            reason,
            format!("{reason} at line {line}, column {column}: {message}"),
        )
        .with("line", line)
        .with("column", column)
    }

    pub(super) fn to_json(&self) -> Map<String, Value> {
        let mut object = self.fields.clone();
        object.insert("reason".into(), self.reason.into());
        object.insert("message".into(), self.message.clone().into());
        object
    }
}

/// Which of the two files of a database a concept is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Main,
    Seed,
}

/// Numbers of what was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) from_main: u64,
    pub(super) from_seed: u64,
    /// Entries whose name was there already.
    pub(super) merged: u64,
    pub(super) not_an_object: u64,
    pub(super) bad_name: u64,
    pub(super) bad_aliases: u64,
    pub(super) bad_category: u64,
    pub(super) bad_priority: u64,
    pub(super) bad_boost: u64,
    /// Keys that belong to two concepts.
    pub(super) ambiguous: u64,
    /// Aliases left out: without a word, or too long.
    pub(super) dropped_aliases: u64,
    pub(super) aliases: u64,
}

impl Counts {
    /// Names and aliases, given the number of concepts.
    pub(super) fn keys(&self, concepts: usize) -> u64 {
        self.aliases + concepts as u64
    }
}

/// Gathers concepts from one or more files into a database.
pub(super) struct Builder {
    concepts: Vec<Concept>,
    ids: Vec<u64>,
    by_id: Table,
    trie: Trie,
    /// The tokens and the folded form of the name at hand.
    tokens: Vec<Token>,
    folded: String,
    keys: u64,
    keys_limit: u64,
    counts: Counts,
    warnings: Vec<String>,
    warned: u64,
    file: String,
    part: Part,
}

/// A field of an entry, whatever it is.
enum Field<'de> {
    Absent,
    Text(Cow<'de, str>),
    Number(f64),
    List(Vec<Field<'de>>),
    Other(&'static str),
}

impl Field<'_> {
    fn found(&self) -> String {
        match self {
            Field::Absent => "nothing".into(),
            Field::Text(text) => {
                let mut short: String = text.chars().take(40).collect();
                if short.len() < text.len() {
                    short.push('…');
                }
                format!("{short:?}")
            }
            Field::Number(number) => number.to_string(),
            Field::List(_) => "a list".into(),
            Field::Other(what) => (*what).into(),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Field<'de>, E> {
        Ok(Field::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field<'de>, E> {
        Ok(Field::Other("a boolean"))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field<'de>, E> {
        Ok(Field::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field<'de>, E> {
        Ok(Field::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Field<'de>, E> {
        Ok(Field::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Field<'de>, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Field<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = list.next_element()? {
            fields.push(field);
            if fields.len() > LONGEST_LIST {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Field::Other("a list of more than 10000 items"));
            }
        }
        Ok(Field::List(fields))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Field<'de>, A::Error> {
        skip(map)?;
        Ok(Field::Other("an object"))
    }
}

fn skip<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The names of the fields this library reads.
enum Key {
    Name,
    Aliases,
    Category,
    Priority,
    Boost,
    Unknown,
}

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl Visitor<'_> for Names {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "name" => Key::Name,
                    "aliases" => Key::Aliases,
                    "category" => Key::Category,
                    "priority" => Key::Priority,
                    "boost_multiplier" => Key::Boost,
                    _ => Key::Unknown,
                })
            }
        }
        deserializer.deserialize_identifier(Names)
    }
}

/// One entry of the list.
enum Entry<'de> {
    Fields {
        name: Field<'de>,
        aliases: Field<'de>,
        category: Field<'de>,
        priority: Field<'de>,
        boost: Field<'de>,
    },
    Damaged(Field<'de>),
}

struct EntryVisitor;

impl<'de> serde::Deserialize<'de> for Entry<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a concept")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry<'de>, A::Error> {
        let [mut name, mut aliases, mut category, mut priority, mut boost] =
            [const { Field::Absent }; 5];
        while let Some(field) = map.next_key()? {
            match field {
                Key::Name => name = map.next_value()?,
                Key::Aliases => aliases = map.next_value()?,
                Key::Category => category = map.next_value()?,
                Key::Priority => priority = map.next_value()?,
                Key::Boost => boost = map.next_value()?,
                Key::Unknown => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Entry::Fields {
            name,
            aliases,
            category,
            priority,
            boost,
        })
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Entry<'de>, E> {
        Ok(Entry::Damaged(Field::Other("null")))
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Entry<'de>, E> {
        FieldVisitor.visit_bool(value).map(Entry::Damaged)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Entry<'de>, E> {
        FieldVisitor.visit_i64(value).map(Entry::Damaged)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Entry<'de>, E> {
        FieldVisitor.visit_u64(value).map(Entry::Damaged)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Entry<'de>, E> {
        FieldVisitor.visit_f64(value).map(Entry::Damaged)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, value: &'de str) -> Result<Entry<'de>, E> {
        FieldVisitor.visit_borrowed_str(value).map(Entry::Damaged)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Entry<'de>, E> {
        FieldVisitor.visit_str(value).map(Entry::Damaged)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Entry<'de>, A::Error> {
        FieldVisitor.visit_seq(list).map(Entry::Damaged)
    }
}

/// What a whole file amounted to.
#[derive(Default)]
struct Outcome {
    entries: u64,
    taken: u64,
    first_damage: Option<(u64, String)>,
    over_limit: bool,
}

/// The list of entries.
struct List<'b> {
    builder: &'b mut Builder,
    outcome: &'b mut Outcome,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of concepts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Entry<'de>>()? {
            self.outcome.entries += 1;
            let number = self.outcome.entries;
            if self.outcome.over_limit {
                continue;
            }
            match self.builder.add(entry, number) {
                Ok(()) => self.outcome.taken += 1,
                Err(Refusal::Damaged(what)) => {
                    self.outcome.first_damage.get_or_insert((number, what));
                }
                Err(Refusal::Limit) => self.outcome.over_limit = true,
            }
        }
        Ok(())
    }
}

/// The whole file: an object with a list under `concepts`, or the list alone.
struct File<'b>(List<'b>);

impl<'de> Visitor<'de> for File<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a list \"concepts\", or a list of concepts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        self.0.visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let List { builder, outcome } = self.0;
        let mut found = false;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match &*key {
                "concepts" if found => return Err(A::Error::custom("a second list \"concepts\"")),
                "concepts" => {
                    found = true;
                    map.next_value_seed(List {
                        builder: &mut *builder,
                        outcome: &mut *outcome,
                    })?;
                }
                "version" => {
                    let version: Field<'de> = map.next_value()?;
                    if !matches!(version, Field::Number(number) if number == VERSION) {
                        let found = version.found();
                        return Err(A::Error::custom(format!(
                            "version is {found}, this library reads version 1"
                        )));
                    }
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match found {
            true => Ok(()),
            false => Err(A::Error::custom("an object without a list \"concepts\"")),
        }
    }
}

enum Refusal {
    Damaged(String),
    Limit,
}

impl Builder {
    /// A builder for files of `bytes` bytes; its hashes are seeded with what nobody can foresee.
    pub(super) fn new(keys_limit: u64, bytes: usize) -> Self {
        use std::hash::{BuildHasher, Hasher};
        let seed = std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish();
        Self::seeded(seed, keys_limit, bytes)
    }

    pub(super) fn seeded(seed: u64, keys_limit: u64, bytes: usize) -> Self {
        // An entry takes about 130 bytes of a file.
        let expected = (bytes / 130).min(1 << 20);
        Builder {
            concepts: Vec::with_capacity(expected),
            ids: Vec::with_capacity(expected),
            by_id: Table::new(seed, expected),
            trie: Trie::new(seed, expected.saturating_mul(3) / 2),
            tokens: Vec::new(),
            folded: String::new(),
            keys: 0,
            keys_limit,
            counts: Counts::default(),
            warnings: Vec::new(),
            warned: 0,
            file: String::new(),
            part: Part::Main,
        }
    }

    pub(super) fn warn(&mut self, warning: String) {
        self.warned += 1;
        if self.warnings.len() < WARNINGS {
            tracing::warn!("{warning}");
            self.warnings.push(warning);
        }
    }

    /// Adds the concepts of one file, called `file` in warnings; how many entries were taken.
    pub(super) fn read(&mut self, bytes: &[u8], file: &str, part: Part) -> Result<u64, Failure> {
        file.clone_into(&mut self.file);
        self.part = part;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = valid
                .iter()
                .rev()
                .take_while(|byte| **byte != b'\n')
                .count()
                + 1;
            Failure::at("not JSON", "invalid UTF-8", line, column)
        })?;
        let mut outcome = Outcome::default();
        let mut json = serde_json::Deserializer::from_str(text);
        let file = File(List {
            builder: self,
            outcome: &mut outcome,
        });
        json.deserialize_any(file)
            .and_then(|()| json.end())
            .map_err(|error| syntax(&error))?;
        self.judge(outcome)
    }

    fn judge(&mut self, outcome: Outcome) -> Result<u64, Failure> {
        if outcome.over_limit {
            let limit = Error::limit(
                "database.keys",
                self.keys_limit.saturating_add(1),
                self.keys_limit,
                "names and aliases",
            );
            return Err(Failure::new("limit", limit.message()).with("limit", "database.keys"));
        }
        if outcome.entries == 0 {
            self.warn(format!("{}: the list of concepts is empty", self.file));
        }
        match outcome.first_damage {
            Some((entry, what)) if outcome.taken == 0 => {
                let message = format!(
                    "wrong shape at entry {entry}: {what}; no other of the {} entries is usable",
                    outcome.entries
                );
                Err(Failure::new("wrong shape", message).with("entry", entry))
            }
            _ => Ok(outcome.taken),
        }
    }

    fn damaged(&mut self, entry: u64, what: String) -> Refusal {
        self.warn(format!("{}: entry {entry} is skipped: {what}", self.file));
        Refusal::Damaged(what)
    }

    fn add(&mut self, entry: Entry<'_>, number: u64) -> Result<(), Refusal> {
        let concept = match concept(entry, &mut self.counts) {
            Ok(concept) => concept,
            Err(what) => return Err(self.damaged(number, what)),
        };
        self.keys += 1 + concept.aliases.len() as u64;
        if self.keys > self.keys_limit {
            return Err(Refusal::Limit);
        }
        self.trie.cut(&concept.name, &mut self.tokens);
        if let Err(what) = countable(&self.tokens) {
            self.counts.bad_name += 1;
            return Err(self.damaged(number, what));
        }
        self.folded.clear();
        tokens::fold_tokens(&concept.name, &self.tokens, &mut self.folded);
        let next = self.concepts.len() as u32;
        let (index, id) = self.place(identity(FNV_OFFSET, self.folded.as_bytes()), next);
        if index != next {
            self.merge(index, concept);
            return Ok(());
        }
        match self.part {
            Part::Main => self.counts.from_main += 1,
            Part::Seed => self.counts.from_seed += 1,
        }
        let inserted = self.trie.insert_tokens(&concept.name, &self.tokens, index);
        self.ids.push(id);
        self.concepts.push(concept);
        self.note(inserted, None, index);
        Ok(())
    }

    /// The index under `id`, or of the concept of the same folded name; and the identity it has. Should two
    /// different names have one identity, the later one's is hashed again until it is free.
    fn place(&mut self, id: u64, next: u32) -> (u32, u64) {
        let mut id = id;
        loop {
            let index = self.by_id.get_or_insert(id, next);
            let known = self.concepts.get(index as usize);
            if known.is_none_or(|known| tokens::fold(&known.name) == self.folded) {
                return (index, id);
            }
            id = identity(id, b"again");
        }
    }

    fn merge(&mut self, index: u32, other: Concept) {
        self.counts.merged += 1;
        if let Some(concept) = self.concepts.get_mut(index as usize) {
            // Those it has already are dropped when the index is completed.
            concept.aliases.extend(other.aliases);
        }
    }

    /// Completes the index over what was read.
    pub(super) fn finish(mut self) -> Content {
        let count = self.concepts.len() as u32;
        for index in 0..count {
            self.insert_aliases(index);
        }
        // Last, so that a spelling somebody wrote down wins over one derived here.
        for (index, concept) in self.concepts.iter().enumerate() {
            for key in std::iter::once(&concept.name).chain(&concept.aliases) {
                for variant in possessive_variants(key).into_iter().flatten() {
                    self.trie.insert(&variant, index as u32);
                }
            }
        }
        self.trie.finish();
        Content {
            concepts: self.concepts,
            ids: self.ids,
            by_id: self.by_id,
            trie: self.trie,
            counts: self.counts,
            warnings: self.warnings,
            warned: self.warned,
        }
    }

    /// Adds the aliases of a concept to the index, and drops those that cannot be and those it has twice.
    fn insert_aliases(&mut self, index: u32) {
        let Some(concept) = self.concepts.get_mut(index as usize) else {
            return;
        };
        let mut aliases = std::mem::take(&mut concept.aliases);
        aliases.retain(|alias| {
            let inserted = match alias.len() {
                0..=LONGEST_KEY => self.trie.insert(alias, index),
                _ => Insertion::Long,
            };
            self.note(inserted, Some(alias), index);
            matches!(inserted, Insertion::Added | Insertion::Taken(_))
        });
        self.counts.aliases += aliases.len() as u64;
        if let Some(concept) = self.concepts.get_mut(index as usize) {
            concept.aliases = aliases;
        }
    }

    /// Warns of a key that was not added: an alias of a concept, or its name.
    fn note(&mut self, inserted: Insertion, alias: Option<&str>, index: u32) {
        if matches!(inserted, Insertion::Added | Insertion::Known) {
            return;
        }
        let name = |index: u32| {
            let concept = self.concepts.get(index as usize);
            concept.map_or("", |concept| &concept.name)
        };
        let (what, key) = match alias {
            Some(alias) => ("alias", alias),
            None => ("name", name(index)),
        };
        let warning = match inserted {
            Insertion::Taken(other) => {
                self.counts.ambiguous += 1;
                format!(
                    "{what} {key:?} of {:?} finds {:?}, which has it already",
                    name(index),
                    name(other)
                )
            }
            Insertion::Long => {
                self.counts.dropped_aliases += 1;
                let short: String = key.chars().take(40).collect();
                format!(
                    "{what} {short:?}… of {:?} is left out: longer than {LONGEST_PHRASE} words or {LONGEST_KEY} bytes",
                    name(index)
                )
            }
            _ => {
                self.counts.dropped_aliases += 1;
                format!(
                    "{what} {key:?} of {:?} is left out: it has no words",
                    name(index)
                )
            }
        };
        self.warn(warning);
    }
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

fn syntax(error: &serde_json::Error) -> Failure {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let reason = match error.classify() {
        serde_json::error::Category::Data => "wrong shape",
        _ => "not JSON",
    };
    Failure::at(reason, message, error.line(), error.column())
}

/// Checks the fields of an entry.
fn concept(entry: Entry<'_>, counts: &mut Counts) -> Result<Concept, String> {
    let (name, aliases, category, priority, boost) = match entry {
        Entry::Fields {
            name,
            aliases,
            category,
            priority,
            boost,
        } => (name, aliases, category, priority, boost),
        Entry::Damaged(found) => {
            counts.not_an_object += 1;
            return Err(format!("expected an object, found {}", found.found()));
        }
    };
    let name = self::name(name).inspect_err(|_| counts.bad_name += 1)?;
    let aliases = self::aliases(aliases).inspect_err(|_| counts.bad_aliases += 1)?;
    let category = match category {
        Field::Absent => None,
        Field::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        other => {
            counts.bad_category += 1;
            return Err(format!("category must be a text, found {}", other.found()));
        }
    };
    let priority =
        number(priority, "priority", 0.5, 0.0, 1.0).inspect_err(|_| counts.bad_priority += 1)?;
    let boost_multiplier =
        number(boost, "boost_multiplier", 1.0, 0.1, 10.0).inspect_err(|_| counts.bad_boost += 1)?;
    Ok(Concept {
        name,
        aliases,
        category: category.unwrap_or_else(|| "general".to_owned()),
        priority,
        boost_multiplier,
    })
}

fn name(field: Field<'_>) -> Result<String, String> {
    let Field::Text(name) = &field else {
        return Err(format!("name must be a text, found {}", field.found()));
    };
    let name = name.trim();
    if name.len() > LONGEST_KEY {
        return Err(format!(
            "name has {} bytes, at most {LONGEST_KEY} are allowed",
            name.len()
        ));
    }
    Ok(name.to_owned())
}

fn aliases(field: Field<'_>) -> Result<Vec<String>, String> {
    let list = match field {
        Field::Absent => return Ok(Vec::new()),
        Field::List(list) => list,
        other => {
            return Err(format!(
                "aliases must be a list of texts, found {}",
                other.found()
            ));
        }
    };
    let mut aliases = Vec::with_capacity(list.len());
    for (index, alias) in list.into_iter().enumerate() {
        match alias {
            Field::Text(text) => aliases.push(text.trim().to_owned()),
            other => {
                return Err(format!(
                    "aliases must be a list of texts, found {} at {}",
                    other.found(),
                    index + 1
                ));
            }
        }
    }
    Ok(aliases)
}

fn number(
    field: Field<'_>,
    what: &str,
    default: f64,
    least: f64,
    most: f64,
) -> Result<f64, String> {
    match field {
        Field::Absent => Ok(default),
        Field::Number(number) if (least..=most).contains(&number) => Ok(number),
        other => Err(format!(
            "{what} must be a number from {least} to {most}, found {}",
            other.found()
        )),
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a, 64 bits (draft-eastlake-fnv), of `bytes`, going on from `hash`; folded to the 53 bits that a number in
/// JSON keeps in every language.
fn identity(hash: u64, bytes: &[u8]) -> u64 {
    let hash = fnv(hash, bytes);
    (hash >> 53) ^ (hash & ((1 << 53) - 1))
}

/// FNV-1a, 64 bits (draft-eastlake-fnv), going on from `hash`.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
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

impl Database {
    /// Where the database came from and what is in it:
    /// `{"origin", "places": [{"tier", "path", "outcome", …}], "counts": {…}, "warnings": […], "warnings_total"}`.
    ///
    /// `origin` is the tier of the search order that was taken: `config`, `environment`, `library`,
    /// `working_directory`, `builtin`; or `file` and `memory` for databases opened without a search. At most 100
    /// warnings are listed, `warnings_total` counts all.
    pub fn describe(&self) -> Value {
        let Content {
            counts,
            concepts,
            warnings,
            warned,
            ..
        } = &*self.content;
        let listed: Vec<&String> = self.notes.iter().chain(warnings).take(WARNINGS).collect();
        json!({
            "origin": self.origin,
            "places": self.places,
            "counts": {
                "concepts": concepts.len(),
                "aliases": counts.aliases,
                "from_main": counts.from_main,
                "from_seed": counts.from_seed,
                "merged": counts.merged,
                "ambiguous": counts.ambiguous,
                "dropped_aliases": counts.dropped_aliases,
                "skipped": {
                    "not_an_object": counts.not_an_object,
                    "name": counts.bad_name,
                    "aliases": counts.bad_aliases,
                    "category": counts.bad_category,
                    "priority": counts.bad_priority,
                    "boost_multiplier": counts.bad_boost,
                },
            },
            "warnings": listed,
            "warnings_total": self.notes.len() as u64 + warned,
        })
    }
}
