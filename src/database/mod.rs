//! The concept database: where it is found, what is in it, and tagging text with it.
//!
//! # File format
//! ```json
//! {"version": 1, "concepts": [
//! {"name": "support vector machine", "aliases": ["SVM"], "category": "artificial_intelligence", "priority": 0.7, "boost_multiplier": 1.2},
//! {"name": "photosynthesis"}
//! ]}
//! ```
//! The list alone is accepted too. Only `name` is required: without the others the aliases are none, the category
//! is `general`, the priority 0.5 (of 0 to 1), the boost 1.0 (of 0.1 to 10) and `exact` false. `broader` and `narrower` list the
//! names of other concepts: see [`related`](Database::related). Unknown fields are ignored. An entry
//! with a field of the wrong type or range is skipped with a warning that names file, entry (from 1) and field.
//! Names and aliases have at most 64 words and 1,000 bytes, a concept at most 10,000 aliases. UTF-8, with or without a byte order mark.
//!
//! [`compile`](Database::compile) makes one file of such files, which opens without being read.
//!
//! Entries whose names are equal but for letter case, hyphens and spaces are one concept: the first keeps its fields
//! and gets the aliases of the later ones. A key that belongs to two concepts finds the one whose name it is, or else
//! the first.
//!
//! # What is found
//! Whole words, case-folded, across line breaks, with or without hyphens, at each place the longest key, not
//! overlapping: `Support-vector\nmachines’` has `support vector machine`. Regular plurals of the last word are found;
//! a possessive `'s` is not part of the mention. A key whose letters are all capitals and at most four (`IT`, `AIDS`,
//! `C`) is found only in capitals, but for a plural `s` (`SVMs`). A word cut by a hyphen at a line's end or by soft
//! hyphens is found whole. The names and aliases of an entry with `"exact": true` are found only as they are written,
//! letter by letter, in no other case, plural or possessive; gaps are gaps there, too. When the setting
//! `database.diacritics` was on as the entries were read, names are found without their diacritics, too. A concept runs over the end of a line or a page, not over an empty line.

mod beside;
mod blocks;
mod build;
mod characters;
mod compile;
pub mod context;
mod filter;
mod image;
mod index;
mod lanes;
mod layers;
mod places;
mod plural;
mod read;
mod relations;
mod search;
#[cfg(feature = "skos")]
mod skos;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod window;

use std::ops::Range;

use serde_json::Value;

pub use self::relations::Relation;

use self::image::Image;
use self::layers::Layers;
use crate::error::{Error, ErrorKind, Result};

/// The file of a folder that has the concepts.
const MAIN_FILE: &str = "concept_file_storage.json";

/// The file of a folder whose concepts are added to those.
const SEED_FILE: &str = "concept_seed_universal.json";

/// Most words of a name or an alias; also the furthest a search goes from one word.
const LONGEST_PHRASE: usize = 64;

/// Most bytes of a name or an alias.
const LONGEST_KEY: usize = 1_000;

/// A concept of the database.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Concept {
    /// The name it is reported under.
    pub name: String,
    /// Other names it is found by.
    pub aliases: Vec<String>,
    /// The field it belongs to: `medicine`.
    pub category: String,
    /// How much it matters, 0 to 1.
    pub priority: f64,
    /// Factor on the quality of a concept found in the database, 0.1 to 10.
    pub boost_multiplier: f64,
    /// Whether it is found only as it is written: in the same letter case, and in no other form.
    pub exact: bool,
    /// Names of the concepts that it says are broader. Those that say it is narrower are not among them: see
    /// [`Database::related`].
    pub broader: Vec<String>,
    /// Names of the concepts that it says are narrower.
    pub narrower: Vec<String>,
}

impl Concept {
    /// A concept that has a name, and all else as an entry that says nothing of it.
    pub fn new(name: impl Into<String>) -> Self {
        Concept {
            name: name.into(),
            aliases: Vec::new(),
            category: read::CATEGORY.to_owned(),
            priority: read::PRIORITY,
            boost_multiplier: read::BOOST,
            exact: false,
            broader: Vec::new(),
            narrower: Vec::new(),
        }
    }
}

/// One mention of a database concept in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mention {
    /// Index of the concept in its database.
    pub concept: u32,
    /// Bytes of the text.
    pub range: Range<usize>,
}

/// A concept database: an immutable snapshot, shared by threads. A clone shares the content.
#[derive(Clone, Debug)]
pub struct Database {
    layers: Layers,
    origin: &'static str,
    places: Vec<Value>,
    notes: Vec<String>,
}

/// What was opened.
#[derive(Debug)]
struct Content {
    image: image::Image,
    warnings: Vec<String>,
    warned: u64,
}

impl Content {
    /// What is in an image that was compiled before: its warnings were given then.
    fn of(image: image::Image) -> Self {
        Content {
            image,
            warnings: Vec::new(),
            warned: 0,
        }
    }
}

impl Database {
    /// The tier of the search order it came from; see [`describe`](Self::describe).
    pub fn origin(&self) -> &'static str {
        self.origin
    }

    /// What was passed over when it was loaded, for people; at most 100 of the entries.
    pub fn warnings(&self) -> impl Iterator<Item = &str> {
        self.notes
            .iter()
            .chain(&self.layers.opened().warnings)
            .map(String::as_str)
    }

    /// The concept with an index. In a database as it was opened the indices go from 0 to [`len`](Self::len); of one that
    /// was changed, [`indices`](Self::indices) tells them; they are of that one alone.
    pub fn concept(&self, index: u32) -> Option<Concept> {
        let concept = self.fields(index)?;
        Some(Concept {
            broader: self.stated(index, Relation::Broader),
            narrower: self.stated(index, Relation::Narrower),
            ..concept
        })
    }

    /// The concept with an index, without its relations.
    pub(crate) fn fields(&self, index: u32) -> Option<Concept> {
        self.layers.of(index, Image::concept)
    }

    /// The name of the concept with an index.
    pub fn name(&self, index: u32) -> Option<String> {
        self.layers.of(index, Image::name)
    }

    /// Whether the concept with an index is found only as it is written.
    pub fn is_exact(&self, index: u32) -> bool {
        let exact = |image: &Image, concept| Some(image.is_exact(concept));
        self.layers.of(index, exact).unwrap_or(false)
    }

    /// The number of concepts.
    pub fn len(&self) -> usize {
        self.layers.concepts()
    }

    /// Whether it has no concepts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An identity of a concept that is the same in every file and every version: FNV-1a of the folded name, folded
    /// to 53 bits. `None` when `index` is out of range.
    pub fn concept_id(&self, index: u32) -> Option<u64> {
        self.layers.of(index, Image::id)
    }

    /// The index of the concept with an [identity](Self::concept_id).
    pub fn by_id(&self, id: u64) -> Option<u32> {
        self.layers.by_id(id)
    }

    /// The concept that has `name` as its name or alias, whatever the letter case, hyphens and spaces.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.find_all(name).first().copied()
    }

    /// Every concept that has `name` as its name or alias, the one that [`find`](Self::find) gives first; at most
    /// 1,000.
    pub fn find_all(&self, name: &str) -> Vec<u32> {
        self.layers.find(name)
    }

    /// Concepts that people may mean by a part of a name, at most `limit`: first those called so, then those that
    /// begin with it, those with a word that does, and those that contain it; among equals the more important ones.
    /// Takes time linear in the size of the database.
    pub fn search(&self, text: &str, limit: usize) -> Vec<u32> {
        let wanted = tokens::fold(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let near = |index| {
            let likeness = |image: &Image, concept: u32| likeness(image.keys(concept), &wanted);
            Some((self.layers.of(index, likeness)?, index))
        };
        let mut found: Vec<(u8, u32)> = self.indices().filter_map(near).collect();
        let priority = |index| self.layers.of(index, Image::priority).unwrap_or(0.0);
        found.sort_by(|a, b| a.0.cmp(&b.0).then(priority(b.1).total_cmp(&priority(a.1))));
        found
            .into_iter()
            .take(limit)
            .map(|(_, index)| index)
            .collect()
    }

    /// Every mention of a concept in `text`: leftmost first, at each place the longest, not overlapping. See the
    /// [module](self) for what counts as one. A pure function of the text, in time linear in its length: a long text
    /// may be tagged piece by piece, cut where no mention can be lost.
    pub fn tag(&self, text: &str) -> Vec<Mention> {
        let mut mentions = Vec::new();
        self.tag_into(text, &mut mentions);
        mentions
    }

    /// Like [`tag`](Self::tag), appending to `mentions`.
    pub fn tag_into(&self, text: &str, mentions: &mut Vec<Mention>) {
        self.layers.tag_into(text, mentions);
    }

    /// Every place in `text` where a key of the database stands, overlapping or not, and every concept that has it;
    /// by their beginnings, the shorter first. Otherwise as [`tag`](Self::tag).
    pub fn tag_all(&self, text: &str) -> Vec<Mention> {
        let mut mentions = Vec::new();
        self.layers.tag_all_into(text, &mut mentions);
        mentions
    }

    /// Checks the whole of a database that was opened from a compiled file, of which opening reads the header alone.
    ///
    /// # Errors
    /// [`Database`](crate::error::ErrorKind::Database) when the file is damaged. Such a file may find too much or too
    /// little; it does no other harm.
    pub fn verify(&self) -> Result<()> {
        let mut images = self.layers.images();
        images.try_for_each(Image::verify).map_err(|failure| {
            Error::new(ErrorKind::Database, failure.message).with("reason", failure.reason)
        })
    }
}

/// How near a concept's name and aliases are to what is wanted, 0 nearest.
fn likeness<'k>(keys: impl Iterator<Item = &'k [u8]>, wanted: &str) -> Option<u8> {
    keys.enumerate()
        .filter_map(|(number, key)| {
            let key = String::from_utf8_lossy(key).into_owned();
            Some(likeness_of(&key, wanted)? + u8::from(number > 0))
        })
        .min()
}

fn likeness_of(key: &str, wanted: &str) -> Option<u8> {
    let folded = tokens::fold(key);
    let at = folded.find(wanted)?;
    Some(match at {
        0 if folded.len() == wanted.len() => 0,
        0 => 2,
        _ if folded
            .match_indices(wanted)
            .any(|(at, _)| folded[..at].ends_with(' ')) =>
        {
            4
        }
        _ => 6,
    })
}
