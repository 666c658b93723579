//! The concept database: where it is found, what is in it, and tagging text with it.

use std::ops::Range;

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

/// A concept database: an immutable snapshot, shared by threads.
#[derive(Debug)]
pub struct Database {
    concepts: Vec<Concept>,
}

impl Database {
    /// The concept with an index, from 0 to [`len`](Self::len).
    pub fn concept(&self, index: u32) -> Option<&Concept> {
        self.concepts.get(index as usize)
    }

    /// The number of concepts.
    pub fn len(&self) -> usize {
        self.concepts.len()
    }

    /// Whether it has no concepts.
    pub fn is_empty(&self) -> bool {
        self.concepts.is_empty()
    }
}
