//! Database files: JSON in, concepts out, and every damaged entry named.
//!
//! The file is read in one pass without building a tree of values. Fields are read as whatever they are, so
//! that a wrong type damages one entry and not the file.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::build::{Builder, Refusal};
use super::image::Image;
use super::{Concept, Content, Database, LONGEST_KEY};
use crate::error::Error;

/// Most warnings kept; the rest are counted.
pub(super) const WARNINGS: usize = 100;

/// Most items of a list in an entry: a list is in memory before its entry is judged.
const LONGEST_LIST: usize = 10_000;

/// The version of the file format this library reads.
const VERSION: f64 = 1.0;

/// What an entry has that does not say.
pub(super) const CATEGORY: &str = "general";
pub(super) const PRIORITY: f64 = 0.5;
pub(super) const BOOST: f64 = 1.0;

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
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
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
    pub(super) bad_exact: u64,
    pub(super) bad_relations: u64,
    /// Keys that belong to two concepts.
    pub(super) ambiguous: u64,
    /// Aliases left out: without a word, or too long.
    pub(super) dropped_aliases: u64,
    pub(super) aliases: u64,
    /// Relations left out: the other concept is not there.
    pub(super) dropped_relations: u64,
}

impl Counts {
    /// Names and aliases, given the number of concepts.
    pub(super) fn keys(&self, concepts: u32) -> u64 {
        self.aliases + u64::from(concepts)
    }
}

/// A field of an entry, whatever it is.
#[derive(Default)]
pub(super) enum Field<'de> {
    #[default]
    Absent,
    Text(Cow<'de, str>),
    Number(f64),
    List(Vec<Field<'de>>),
    Flag(bool),
    Other(&'static str),
    /// What could not be read, and why.
    Broken(String),
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
            Field::Flag(_) => "a boolean".into(),
            Field::Other(what) => (*what).into(),
            Field::Broken(why) => format!("what cannot be read: {why}"),
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

    fn visit_bool<E>(self, flag: bool) -> Result<Field<'de>, E> {
        Ok(Field::Flag(flag))
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
    Exact,
    Broader,
    Narrower,
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
                    "exact" => Key::Exact,
                    "broader" => Key::Broader,
                    "narrower" => Key::Narrower,
                    _ => Key::Unknown,
                })
            }
        }
        deserializer.deserialize_identifier(Names)
    }
}

/// One entry of the list.
pub(super) enum Entry<'de> {
    Fields(Box<Fields<'de>>),
    Damaged(Field<'de>),
}

/// The fields of an entry that this library reads.
#[derive(Default)]
pub(super) struct Fields<'de> {
    pub(super) name: Field<'de>,
    pub(super) aliases: Field<'de>,
    pub(super) category: Field<'de>,
    pub(super) priority: Field<'de>,
    pub(super) boost: Field<'de>,
    pub(super) exact: Field<'de>,
    pub(super) broader: Field<'de>,
    pub(super) narrower: Field<'de>,
}

/// The columns of a table, in the order that [`Entry::of_cells`] takes them.
pub(super) const COLUMNS: [&str; 8] = [
    "name",
    "aliases",
    "category",
    "priority",
    "boost_multiplier",
    "exact",
    "broader",
    "narrower",
];

impl<'de> Entry<'de> {
    /// An entry from the cells of a table, as the [`COLUMNS`] say; empty ones are absent, names in a list are separated by `|`.
    pub(super) fn of_cells(cells: [Option<&'de str>; COLUMNS.len()]) -> Self {
        let [
            name,
            aliases,
            category,
            priority,
            boost,
            exact,
            broader,
            narrower,
        ] = cells;
        let full = |cell: Option<&'de str>| cell.filter(|text| !text.is_empty());
        let text = |cell| full(cell).map_or(Field::Absent, |text| Field::Text(Cow::Borrowed(text)));
        let number = |cell| match full(cell).map(str::parse) {
            Some(Ok(number)) => Field::Number(number),
            _ => text(cell),
        };
        let list = |cell| {
            full(cell).map_or(Field::Absent, |list| {
                let names = list.split('|').map(str::trim);
                let names = names.filter(|name| !name.is_empty());
                Field::List(names.map(|name| Field::Text(Cow::Borrowed(name))).collect())
            })
        };
        Entry::Fields(Box::new(Fields {
            name: text(name),
            aliases: list(aliases),
            category: text(category),
            priority: number(priority),
            boost: number(boost),
            exact: match full(exact) {
                Some("true") => Field::Flag(true),
                Some("false") => Field::Flag(false),
                _ => text(exact),
            },
            broader: list(broader),
            narrower: list(narrower),
        }))
    }
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
        let mut fields = Box::<Fields<'de>>::default();
        while let Some(field) = map.next_key()? {
            match field {
                Key::Name => fields.name = map.next_value()?,
                Key::Aliases => fields.aliases = map.next_value()?,
                Key::Category => fields.category = map.next_value()?,
                Key::Priority => fields.priority = map.next_value()?,
                Key::Boost => fields.boost = map.next_value()?,
                Key::Exact => fields.exact = map.next_value()?,
                Key::Broader => fields.broader = map.next_value()?,
                Key::Narrower => fields.narrower = map.next_value()?,
                Key::Unknown => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Entry::Fields(fields))
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
pub(super) struct Outcome {
    entries: u64,
    taken: u64,
    first_damage: Option<(Place, String)>,
    over_limit: bool,
}

impl Outcome {
    /// The place of the next entry.
    pub(super) fn next(&mut self, line: Option<u64>) -> Place {
        self.entries += 1;
        Place {
            entry: self.entries,
            line,
        }
    }
}

/// Where an entry stands in its file.
#[derive(Clone, Copy)]
pub(super) struct Place {
    entry: u64,
    /// In formats that have lines.
    line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line} (entry {})", self.entry),
            None => write!(f, "entry {}", self.entry),
        }
    }
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
            let place = self.outcome.next(None);
            self.builder.add(entry, place, self.outcome);
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

impl Builder {
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
        self.read_json(&mut serde_json::Deserializer::from_str(text))
    }

    /// Adds the entry in JSON, or those of a list or a file.
    pub(super) fn read_entries(&mut self, json: &[u8], file: &str) -> Result<u64, Failure> {
        /// Whether an object is an entry: a file has a list.
        #[derive(Deserialize)]
        struct Probe {
            concepts: Option<IgnoredAny>,
        }
        let is_entry = json.trim_ascii_start().starts_with(b"{")
            && serde_json::from_slice(json).is_ok_and(|probe: Probe| probe.concepts.is_none());
        if !is_entry {
            return self.read(json, file, Part::Main);
        }
        let entry = serde_json::from_slice(json).map_err(|error| syntax(&error))?;
        self.add_all([entry])
    }

    /// Adds concepts that are there already, checked like those of files.
    pub(super) fn read_concepts(&mut self, concepts: &[Concept]) -> Result<u64, Failure> {
        let text = |text: &'_ str| Field::Text(Cow::Owned(text.to_owned()));
        let list = |names: &[String]| Field::List(names.iter().map(|name| text(name)).collect());
        self.add_all(concepts.iter().map(|concept| {
            Entry::Fields(Box::new(Fields {
                name: text(&concept.name),
                aliases: list(&concept.aliases),
                category: text(&concept.category),
                priority: Field::Number(concept.priority),
                boost: Field::Number(concept.boost_multiplier),
                exact: Field::Flag(concept.exact),
                broader: list(&concept.broader),
                narrower: list(&concept.narrower),
            }))
        }))
    }

    fn add_all<'e>(
        &mut self,
        entries: impl IntoIterator<Item = Entry<'e>>,
    ) -> Result<u64, Failure> {
        let mut outcome = Outcome::default();
        for entry in entries {
            let place = outcome.next(None);
            self.add(entry, place, &mut outcome);
        }
        self.judge(outcome)
    }

    pub(super) fn read_json<'de, R: serde_json::de::Read<'de>>(
        &mut self,
        json: &mut serde_json::Deserializer<R>,
    ) -> Result<u64, Failure> {
        let mut outcome = Outcome::default();
        let file = List {
            builder: self,
            outcome: &mut outcome,
        };
        json.deserialize_any(File(file))
            .and_then(|()| json.end())
            .map_err(|error| syntax(&error))?;
        self.judge(outcome)
    }

    pub(super) fn judge(&mut self, outcome: Outcome) -> Result<u64, Failure> {
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
            let file = self.file.clone();
            self.warn(|| format!("{file}: the list of concepts is empty"));
        }
        match outcome.first_damage {
            Some((place, what)) if outcome.taken == 0 || self.all_or_nothing => {
                let mut message = format!("wrong shape at {place}: {what}");
                if outcome.taken == 0 && outcome.entries > 1 {
                    message += &format!("; no other of the {} entries is usable", outcome.entries);
                }
                let failure = Failure::new("wrong shape", message).with("entry", place.entry);
                Err(match place.line {
                    Some(line) => failure.with("line", line),
                    None => failure,
                })
            }
            _ => Ok(outcome.taken),
        }
    }

    /// Adds an entry, unless there are too many already; the index of its concept.
    pub(super) fn add(
        &mut self,
        entry: Entry<'_>,
        place: Place,
        outcome: &mut Outcome,
    ) -> Option<u32> {
        if outcome.over_limit {
            return None;
        }
        let taken = concept(entry, &mut self.counts).map_err(Refusal::Damaged);
        match taken.and_then(|concept| self.take(concept)) {
            Ok(index) => {
                outcome.taken += 1;
                return Some(index);
            }
            Err(Refusal::Limit) => outcome.over_limit = true,
            Err(Refusal::Damaged(what)) => {
                let file = self.file.clone();
                self.warn(|| format!("{file}: {place} is skipped: {what}"));
                outcome.first_damage.get_or_insert((place, what));
            }
        }
        None
    }
}

fn syntax(error: &serde_json::Error) -> Failure {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let reason = match error.classify() {
        serde_json::error::Category::Io => "unreadable",
        serde_json::error::Category::Data => "wrong shape",
        _ => "not JSON",
    };
    Failure::at(reason, message, error.line(), error.column())
}

/// Checks the fields of an entry.
fn concept(entry: Entry<'_>, counts: &mut Counts) -> Result<Concept, String> {
    let fields = match entry {
        Entry::Fields(fields) => *fields,
        Entry::Damaged(found) => {
            counts.not_an_object += 1;
            return Err(format!("expected an object, found {}", found.found()));
        }
    };
    let name = self::name(fields.name).inspect_err(|_| counts.bad_name += 1)?;
    let aliases = names(fields.aliases, "aliases").inspect_err(|_| counts.bad_aliases += 1)?;
    let category = match fields.category {
        Field::Absent => None,
        Field::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        other => {
            counts.bad_category += 1;
            return Err(format!("category must be a text, found {}", other.found()));
        }
    };
    let priority = number(fields.priority, "priority", PRIORITY, 0.0, 1.0)
        .inspect_err(|_| counts.bad_priority += 1)?;
    let boost_multiplier = number(fields.boost, "boost_multiplier", BOOST, 0.1, 10.0)
        .inspect_err(|_| counts.bad_boost += 1)?;
    let exact = match fields.exact {
        Field::Absent => false,
        Field::Flag(exact) => exact,
        other => {
            counts.bad_exact += 1;
            return Err(format!(
                "exact must be true or false, found {}",
                other.found()
            ));
        }
    };
    let mut relation = |field, what| {
        let mut names = names(field, what).inspect_err(|_| counts.bad_relations += 1)?;
        names.retain(|name| !name.is_empty() && name.len() <= LONGEST_KEY);
        Ok::<_, String>(names)
    };
    Ok(Concept {
        name,
        aliases,
        category: category.unwrap_or_else(|| CATEGORY.to_owned()),
        priority,
        boost_multiplier,
        exact,
        broader: relation(fields.broader, "broader")?,
        narrower: relation(fields.narrower, "narrower")?,
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

fn names(field: Field<'_>, what: &str) -> Result<Vec<String>, String> {
    let list = match field {
        Field::Absent => return Ok(Vec::new()),
        Field::List(list) => list,
        other => {
            return Err(format!(
                "{what} must be a list of texts, found {}",
                other.found()
            ));
        }
    };
    let mut names = Vec::with_capacity(list.len());
    for (index, name) in list.into_iter().enumerate() {
        match name {
            Field::Text(text) => names.push(text.trim().to_owned()),
            other => {
                return Err(format!(
                    "{what} must be a list of texts, found {} at {}",
                    other.found(),
                    index + 1
                ));
            }
        }
    }
    Ok(names)
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

impl Database {
    /// Where the database came from and what is in it:
    /// `{"origin", "places": [{"tier", "path", "outcome", …}], "counts": {…}, "changes": {…}, "bytes": {"index", "records"}, "sources": [{"file", "bytes", "sha256", "xxh128"}], "warnings": […], "warnings_total"}`.
    ///
    /// `origin` is the tier of the search order that was taken: `config`, `environment`, `library`,
    /// `working_directory`, `builtin`; or `file` and `memory` for databases opened without a search. At most 100
    /// warnings are listed, `warnings_total` counts all. `sources` are the files a compiled database was made from.
    /// `changes` tells what became of it since it was opened: the number of changes, of the concepts that came with them
    /// and are there, and of those it was opened with that are gone or replaced; `skipped` and what stands beside it in
    /// `counts` are of the opening.
    pub fn describe(&self) -> Value {
        let Content {
            image,
            warnings,
            warned,
        } = &**self.layers.opened();
        let bytes = |of: fn(&Image) -> usize| self.layers.images().map(of).sum::<usize>();
        let counts = &image.meta().counts;
        let listed: Vec<&String> = self.notes.iter().chain(warnings).take(WARNINGS).collect();
        json!({
            "origin": self.origin,
            "places": self.places,
            "counts": {
                "concepts": self.len(),
                "aliases": self.layers.aliases(),
                "from_main": counts.from_main,
                "from_seed": counts.from_seed,
                "merged": counts.merged,
                "ambiguous": counts.ambiguous,
                "dropped_aliases": counts.dropped_aliases,
                "relations": self.layers.relations(),
                "dropped_relations": counts.dropped_relations,
                "skipped": {
                    "not_an_object": counts.not_an_object,
                    "name": counts.bad_name,
                    "aliases": counts.bad_aliases,
                    "category": counts.bad_category,
                    "priority": counts.bad_priority,
                    "boost_multiplier": counts.bad_boost,
                    "exact": counts.bad_exact,
                    "relations": counts.bad_relations,
                },
            },
            "changes": {"calls": self.layers.changes, "concepts": self.layers.came(), "gone": self.layers.gone()},
            "bytes": {"index": bytes(Image::index_bytes), "records": bytes(Image::record_bytes)},
            "sources": image.meta().sources,
            "warnings": listed,
            "warnings_total": self.notes.len() as u64 + warned,
        })
    }
}
