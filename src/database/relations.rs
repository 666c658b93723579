//! Which concepts are broader and narrower than which.
//!
//! A relation belongs to the concept whose entry states it, and is known from both ends: whoever states that B is broader
//! than A lets A be found as narrower than B. It goes when the concept that states it goes or is replaced, and sleeps
//! while the other one is not there. Nothing follows from relations: what is broader than something broader is not told,
//! and circles are allowed.
//!
//! Of the concepts read together, what both state is kept once, as of the narrower one; and what names a concept that is not
//! among them is left out with a warning.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use xxhash_rust::xxh3::xxh3_64;

use super::build::{Builder, identity_of, push_text, text_at};
use super::{Concept, Database};

/// How one concept stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// The other one is broader: science to physics.
    Broader,
    /// The other one is narrower: optics to physics.
    Narrower,
}

impl Relation {
    /// How the other concept stands to the one.
    pub fn inverse(self) -> Self {
        match self {
            Relation::Broader => Relation::Narrower,
            Relation::Narrower => Relation::Broader,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Relation::Broader => "broader",
            Relation::Narrower => "narrower",
        }
    }
}

/// A relation of a concept of an image to one that need not be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stated {
    /// The index of the concept that states it.
    pub(super) concept: u32,
    pub(super) relation: Relation,
    /// The identity of the other.
    pub(super) other: u64,
}

/// The other concept, as an entry calls it.
#[derive(Clone, Copy)]
enum Other {
    /// Its identity, and where its name stands in the builder's names.
    Named(u64, Option<u64>),
    /// A hash of its IRI.
    Iri(u64),
}

/// The relations of a builder.
#[derive(Default)]
pub(super) struct Relations {
    stated: Vec<(u32, Relation, Other)>,
    names: Vec<u8>,
    /// The concepts that have an IRI, by its hash.
    iris: HashMap<u64, u32, RandomState>,
    /// Whether the others may be in other images: then all are kept as they are stated.
    pub(super) partial: bool,
}

impl Relations {
    /// What the entry of a concept states.
    pub(super) fn add(&mut self, index: u32, concept: &Concept) {
        for (relation, names) in [
            (Relation::Broader, &concept.broader),
            (Relation::Narrower, &concept.narrower),
        ] {
            for name in names {
                let at = self.names.len() as u64;
                push_text(&mut self.names, name);
                let other = Other::Named(identity_of(name, None), Some(at));
                self.stated.push((index, relation, other));
            }
        }
    }

    /// What a concept states of the concepts that have identities.
    pub(super) fn add_identities(&mut self, index: u32, others: Vec<(Relation, u64)>) {
        let named = |(relation, id)| (index, relation, Other::Named(id, None));
        self.stated.extend(others.into_iter().map(named));
    }

    /// What a concept with an IRI states of others that have one.
    #[cfg_attr(not(feature = "skos"), expect(dead_code))]
    pub(super) fn add_iris(&mut self, index: u32, iri: &str, others: Vec<(Relation, u64)>) {
        self.iris.insert(iri_hash(iri), index);
        let called = |(relation, iri)| (index, relation, Other::Iri(iri));
        self.stated.extend(others.into_iter().map(called));
    }

    /// Puts the concepts' identities for what they were called, sorts what is stated, each once, and hands what names
    /// nothing to `refuse`: the concept, the relation, and the name if there is one.
    pub(super) fn resolve(
        self,
        by_id: &HashMap<u64, u32, RandomState>,
        id: impl Fn(u32) -> u64,
        mut refuse: impl FnMut(u32, Relation, Option<&str>),
    ) -> Vec<Stated> {
        let mut resolved = Vec::with_capacity(self.stated.len());
        for (concept, relation, other) in self.stated {
            let found = match other {
                Other::Named(id, _) if self.partial || by_id.contains_key(&id) => Some(id),
                Other::Named(..) => None,
                Other::Iri(iri) => self.iris.get(&iri).map(|index| id(*index)),
            };
            match (found, other) {
                (Some(other), _) if other == id(concept) => (),
                (Some(other), _) => resolved.push(Stated {
                    concept,
                    relation,
                    other,
                }),
                (None, Other::Named(_, Some(at))) => {
                    refuse(concept, relation, Some(text_at(&self.names, at)));
                }
                (None, _) => refuse(concept, relation, None),
            }
        }
        resolved.sort_unstable();
        resolved.dedup();
        if !self.partial {
            let both = |stated: &Stated| {
                let other = by_id.get(&stated.other);
                let inverse = other.map(|other| Stated {
                    concept: *other,
                    relation: Relation::Broader,
                    other: id(stated.concept),
                });
                inverse.is_some_and(|inverse| resolved.binary_search(&inverse).is_ok())
            };
            let kept = resolved
                .iter()
                .filter(|stated| stated.relation == Relation::Broader || !both(stated));
            return kept.copied().collect();
        }
        resolved
    }
}

/// What an IRI is known by while sources are read.
pub(super) fn iri_hash(iri: &str) -> u64 {
    xxh3_64(iri.as_bytes())
}

impl Builder {
    /// Warns of a relation that is left out.
    pub(super) fn refuse_relation(&mut self, name: &str, relation: Relation, other: Option<&str>) {
        self.counts.dropped_relations += 1;
        let relation = relation.name();
        self.warn(|| match other {
            Some(other) => {
                format!("{relation} {other:?} of {name:?} is left out: no concept has that name")
            }
            None => format!(
                "a {relation} concept of {name:?} is left out: the sources have none of its IRI"
            ),
        });
    }
}

impl Database {
    /// The concepts that are broader or narrower than the one with an index, in the order of the database: those that it
    /// says are, and those that say it of it. One step: not what is broader than those. Empty when `index` is out of
    /// range. Takes time with their number, and the logarithm of the size of the database.
    pub fn related(&self, index: u32, relation: Relation) -> Vec<u32> {
        self.layers.related(index, relation)
    }

    /// The names of the concepts that the one with an index says are related to it.
    pub(super) fn stated(&self, index: u32, relation: Relation) -> Vec<String> {
        let others = self.layers.stated(index, relation);
        others
            .into_iter()
            .filter_map(|other| self.name(self.by_id(other)?))
            .collect()
    }
}
