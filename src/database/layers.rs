//! Concepts that came and went since a database was opened.
//!
//! A database is a list of layers. The first is what was opened, and is never built again; each of the others is a small
//! image of concepts that came later. A concept that goes, or is replaced, is marked in its layer. A change makes a
//! new list, which shares the layers that it leaves alone; who reads the old one goes on with it.
//!
//! A new layer takes in those below it that are not [`RATIO`] times as large, but for the first: a change costs time with
//! the number of concepts changed before, not with the size of the database, `n` changes one by one cost
//! `n log n`, and there are never many layers to search. The logarithmic method (Bentley and Saxe 1980).
//!
//! All layers have one seed, so that a key has the same path in all. A text is searched in all layers together, and
//! what is found is ordered as one image would order it. One thing differs from a database that is compiled anew: a word
//! cut at a line's end is put together also where only concepts that have gone have the whole word.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::blocks::Marks;
use super::build::{Builder, identity_of, variants};
use super::filter::Filter;
use super::image::Image;
use super::index::{Index, is_acronym, is_capitals};
use super::read::Failure;
use super::relations::Relation;
use super::search::{Found, Hit, Search};
use super::window::Seen;
use super::{Concept, Content, Database, Mention, plural, tokens};
use crate::error::{Error, ErrorKind, Result};

#[cfg(test)]
mod tests;

/// How many times as large a layer is, at the least, as the one above it.
const RATIO: usize = 8;

/// Most names and aliases of one change.
const KEYS: u64 = 10_000_000;

/// An image, and what has gone of it.
#[derive(Clone, Debug)]
struct Layer {
    content: Arc<Content>,
    /// The index in the database of its first concept.
    first: u32,
    /// A bit for each concept that has gone; empty while none has.
    gone: Arc<[u64]>,
    /// Where the concepts stand in the order; empty in the first layer, where that is their index.
    places: Arc<[u64]>,
    live: u32,
    aliases: u64,
    relations: u64,
}

impl Layer {
    fn new(content: Arc<Content>, first: u32, places: Vec<u64>) -> Self {
        Layer {
            first,
            gone: Arc::default(),
            places: places.into(),
            live: content.image.concepts(),
            aliases: content.image.meta().counts.aliases,
            relations: content.image.relations() as u64,
            content,
        }
    }

    fn image(&self) -> &Image {
        &self.content.image
    }

    fn is_live(&self, concept: u32) -> bool {
        let bits = self.gone.get(concept as usize / 64).copied();
        concept < self.image().concepts() && bits.unwrap_or(0) >> (concept % 64) & 1 == 0
    }

    fn live(&self) -> impl Iterator<Item = u32> {
        (0..self.image().concepts()).filter(|concept| self.is_live(*concept))
    }

    fn place(&self, concept: u32) -> u64 {
        let place = self.places.get(concept as usize);
        place.copied().unwrap_or(concept.into())
    }

    fn mark_gone(&mut self, concept: u32) {
        if self.gone.is_empty() {
            self.gone = vec![0; self.image().concepts().div_ceil(64) as usize].into();
        }
        if let Some(bits) = Arc::make_mut(&mut self.gone).get_mut(concept as usize / 64) {
            *bits |= 1 << (concept % 64);
        }
        self.live -= 1;
        let aliases = self.image().aliases(concept).unwrap_or(0);
        self.aliases = self.aliases.saturating_sub(aliases.into());
        let relations = self.image().stated_by(concept).count() as u64;
        self.relations = self.relations.saturating_sub(relations);
    }
}

/// The concepts of a layer, at hand for a search.
struct Span<'l> {
    first: u32,
    concepts: u32,
    gone: &'l [u64],
}

/// The concept of a hit, when it is clear that it is the only one, and there: most are.
#[inline]
fn only_bearer(hit: &Hit, spans: &[Span<'_>]) -> Option<u32> {
    if let [
        Span {
            concepts, gone: [], ..
        },
    ] = spans
    {
        return hit.value.checked_sub(1).filter(|at| at < concepts);
    }
    let span = spans.get(hit.layer as usize)?;
    let concept = hit.value.checked_sub(1)?;
    let is_there = || {
        let bits = span.gone.get(concept as usize / 64).copied().unwrap_or(0);
        bits >> (concept % 64) & 1 == 0
    };
    (concept < span.concepts && is_there()).then(|| span.first + concept)
}

/// Appends the mentions of all keys that are found, step by step.
struct Telling<'t> {
    layers: &'t Layers,
    text: &'t str,
    spans: &'t [Span<'t>],
    /// The concepts of the only image, of which none has gone: a value up to that tells of one.
    plain: u32,
    bearers: Vec<u32>,
    mentions: &'t mut Vec<Mention>,
}

impl<'t> Telling<'t> {
    fn new(
        layers: &'t Layers,
        text: &'t str,
        spans: &'t [Span<'t>],
        mentions: &'t mut Vec<Mention>,
    ) -> Self {
        let plain = match spans {
            [span] if span.gone.is_empty() => span.concepts,
            _ => 0,
        };
        Telling {
            layers,
            text,
            spans,
            plain,
            bearers: Vec::new(),
            mentions,
        }
    }

    /// Tells of the keys of a step.
    fn tell_all(&mut self, found: &Found<'_>) {
        let tokens = found.tokens;
        let mut singles = found.singles;
        self.mentions.reserve(singles.len() + found.others.len());
        for same in found.others.chunk_by(Hit::is_at) {
            let first = &same[0];
            singles = self.tell_singles(singles, tokens, |number| first.is_behind(number));
            match singles.split_first().filter(|(at, _)| first.is_of(**at)) {
                Some((at, rest)) => {
                    singles = rest;
                    let token = tokens.get(*at as usize);
                    let written = token.map(|token| Hit::single(*at, token));
                    let key: Vec<Hit> = written.into_iter().chain(same.iter().copied()).collect();
                    self.tell(&key, first.range(tokens));
                }
                None => self.tell(same, first.range(tokens)),
            }
        }
        self.tell_singles(singles, tokens, |_| true);
    }

    /// Tells of the first tokens that are keys, by their numbers, as long as they are `before` something; those that are
    /// not.
    #[inline(always)]
    fn tell_singles<'n>(
        &mut self,
        numbers: &'n [u32],
        tokens: &[Seen],
        before: impl Fn(u32) -> bool,
    ) -> &'n [u32] {
        let mut rest = numbers;
        while let Some((number, behind)) = rest.split_first().filter(|(at, _)| before(**at)) {
            rest = behind;
            let Some(token) = tokens.get(*number as usize) else {
                continue;
            };
            let range = token.start..token.end;
            let hit = Hit::single(*number, token);
            match hit.value.wrapping_sub(1) {
                concept if concept < self.plain => self.mentions.push(Mention { concept, range }),
                _ => self.tell(&[hit], range),
            }
        }
        rest
    }

    /// Tells of a key.
    #[inline(never)]
    fn tell(&mut self, hits: &[Hit], range: Range<usize>) {
        if let [hit] = hits
            && let Some(concept) = only_bearer(hit, self.spans)
        {
            self.mentions.push(Mention { concept, range });
            return;
        }
        self.layers
            .bearers(self.text, &range, hits, usize::MAX, &mut self.bearers);
        self.mentions
            .extend(self.bearers.iter().map(|concept| Mention {
                concept: *concept,
                range: range.clone(),
            }));
    }
}

/// What a concept of an image states of the concepts that have identities.
fn stated_by(image: &Image, concept: u32) -> Vec<(Relation, u64)> {
    let stated = image.stated_by(concept);
    stated
        .map(|stated| (stated.relation, stated.other))
        .collect()
}

/// A concept on its way into a layer.
struct Coming {
    place: u64,
    id: u64,
    concept: Concept,
    related: Vec<(Relation, u64)>,
}

/// The concepts of a database.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    layers: Vec<Layer>,
    /// The place of the next concept that is new.
    next: u64,
    /// The number of changes.
    pub(super) changes: u64,
    /// The words of all layers, if they are few. Made with the list: what is made by the first who needs it would be
    /// waited for in vain in a process that was forked meanwhile.
    filter: Option<Arc<Filter>>,
    /// The marks in the keys of all layers, made with them as well.
    marks: Arc<Marks>,
}

/// What tells of most of a text that it is in no key of the layers, before it is looked up.
fn told_early(layers: &[Layer]) -> (Option<Arc<Filter>>, Arc<Marks>) {
    let images = layers.iter().map(Layer::image);
    let indices: Vec<_> = images.map(Image::index).collect();
    let filter = Filter::of(&indices).map(Arc::new);
    (filter, Arc::new(Marks::of(&indices)))
}

impl Layers {
    pub(super) fn new(content: Arc<Content>) -> Self {
        let next = content.image.concepts().into();
        let layers = vec![Layer::new(content, 0, Vec::new())];
        let (filter, marks) = told_early(&layers);
        Layers {
            next,
            layers,
            changes: 0,
            filter,
            marks,
        }
    }

    /// What was opened.
    pub(super) fn opened(&self) -> &Arc<Content> {
        &self.layers[0].content
    }

    pub(super) fn images(&self) -> impl Iterator<Item = &Image> {
        self.layers.iter().map(Layer::image)
    }

    /// The number of concepts.
    pub(super) fn concepts(&self) -> usize {
        self.layers.iter().map(|layer| layer.live as usize).sum()
    }

    /// The number of concepts that came since it was opened.
    pub(super) fn came(&self) -> usize {
        self.concepts() - self.layers[0].live as usize
    }

    /// The number of concepts that it was opened with and has no more as they were.
    pub(super) fn gone(&self) -> u32 {
        self.layers[0].image().concepts() - self.layers[0].live
    }

    pub(super) fn aliases(&self) -> u64 {
        self.layers.iter().map(|layer| layer.aliases).sum()
    }

    /// The number of relations that are stated.
    pub(super) fn relations(&self) -> u64 {
        self.layers.iter().map(|layer| layer.relations).sum()
    }

    /// The identities of the concepts that one says are related to it.
    pub(super) fn stated(&self, index: u32, relation: Relation) -> Vec<u64> {
        let Some((layer, concept)) = self.locate(index) else {
            return Vec::new();
        };
        let stated = layer.image().stated_by(concept);
        stated
            .filter(|stated| stated.relation == relation)
            .map(|stated| stated.other)
            .collect()
    }

    /// The concepts that one says are related to it, and those that say it of it, in their order.
    pub(super) fn related(&self, index: u32, relation: Relation) -> Vec<u32> {
        let Some(id) = self.of(index, Image::id) else {
            return Vec::new();
        };
        let stated = self.stated(index, relation);
        let mut related: Vec<u32> = stated
            .into_iter()
            .filter_map(|other| self.by_id(other))
            .collect();
        for layer in &self.layers {
            let of_it = layer.image().stated_of(id);
            let live = of_it.filter(|stated| {
                stated.relation == relation.inverse() && layer.is_live(stated.concept)
            });
            related.extend(live.map(|stated| layer.first + stated.concept));
        }
        related.retain(|other| *other != index);
        related.sort_by_cached_key(|index| self.place(*index));
        related.dedup();
        related
    }

    /// The layer of a concept and its index there.
    fn locate(&self, index: u32) -> Option<(&Layer, u32)> {
        let layer = self
            .layers
            .iter()
            .rev()
            .find(|layer| layer.first <= index)?;
        let concept = index - layer.first;
        layer.is_live(concept).then_some((layer, concept))
    }

    /// What an image says of a concept.
    pub(super) fn of<T>(&self, index: u32, what: impl Fn(&Image, u32) -> Option<T>) -> Option<T> {
        let (layer, concept) = self.locate(index)?;
        what(layer.image(), concept)
    }

    fn place(&self, index: u32) -> u64 {
        let place = self
            .locate(index)
            .map(|(layer, concept)| layer.place(concept));
        place.unwrap_or(u64::MAX)
    }

    /// The indices of the concepts, in their order: one that was replaced stands where it stood.
    pub(super) fn indices(&self) -> impl Iterator<Item = u32> {
        let later = self.layers.iter().skip(1);
        let mut later: Vec<(u64, u32)> = later
            .flat_map(|layer| layer.live().map(|at| (layer.place(at), layer.first + at)))
            .collect();
        later.sort_unstable();
        let mut later = later.into_iter().peekable();
        let mut first = self.layers[0].live().peekable();
        std::iter::from_fn(move || match (first.peek(), later.peek()) {
            (Some(at), Some((place, _))) if u64::from(*at) < *place => first.next(),
            (_, Some(_)) => later.next().map(|(_, index)| index),
            _ => first.next(),
        })
    }

    pub(super) fn by_id(&self, id: u64) -> Option<u32> {
        self.layers.iter().rev().find_map(|layer| {
            let concept = layer.image().by_id(id)?;
            layer.is_live(concept).then_some(layer.first + concept)
        })
    }

    /// Every concept that has `name` as a key; those of a key in the same case first.
    pub(super) fn find(&self, name: &str) -> Vec<u32> {
        let mut found = Vec::new();
        let mut layers = 0;
        for layer in &self.layers {
            let before = found.len();
            let concepts = layer.image().index().find(name).into_iter();
            found.extend(
                concepts
                    .filter(|concept| layer.is_live(*concept))
                    .map(|concept| layer.first + concept),
            );
            layers += usize::from(found.len() > before);
        }
        if layers > 1 {
            self.sort(&mut found, &Spelling::of_name(name));
        }
        found
    }

    /// The concept of a name, which it has not only as an alias.
    pub(super) fn named(&self, name: &str) -> Option<u32> {
        let folded = tokens::fold(name);
        let is_named = |index: &u32| {
            let name = self.of(*index, Image::name);
            name.is_some_and(|name| tokens::fold(&name) == folded)
        };
        self.find(name).into_iter().find(is_named)
    }

    /// Appends the mentions in `text`, leftmost first, at each place the longest, not overlapping.
    pub(super) fn tag_into(&self, text: &str, mentions: &mut Vec<Mention>) {
        let (indices, spans) = self.searched();
        let mut search = Search::new(text, &indices, &self.marks, self.filter.as_deref());
        let mut bearers = Vec::new();
        let mut end = 0;
        while search.step() {
            let (mut hits, tokens) = search.hits();
            while let Some(first) = hits.first() {
                let count = hits.iter().take_while(|hit| hit.begins_at(first)).count();
                let (here, others) = hits.split_at(count);
                hits = others;
                if first.range(tokens).start < end {
                    continue;
                }
                for key in here.chunk_by(Hit::is_at).rev() {
                    let range = key[0].range(tokens);
                    let alone = (key.len() == 1).then_some(&key[0]);
                    let only = alone.and_then(|hit| only_bearer(hit, &spans));
                    let concept = only.or_else(|| {
                        self.bearers(text, &range, key, 1, &mut bearers);
                        bearers.first().copied()
                    });
                    if let Some(concept) = concept {
                        end = range.end;
                        mentions.push(Mention { concept, range });
                        break;
                    }
                }
            }
        }
    }

    /// Appends every key in `text` with every concept that has it, leftmost first, at each place the shortest first.
    pub(super) fn tag_all_into(&self, text: &str, mentions: &mut Vec<Mention>) {
        let (indices, spans) = self.searched();
        let mut search = Search::new(text, &indices, &self.marks, self.filter.as_deref());
        let mut telling = Telling::new(self, text, &spans, mentions);
        while search.step() {
            telling.tell_all(&search.found());
        }
    }

    /// What is searched in, and where the concepts of each index stand.
    fn searched(&self) -> (Vec<Index<'_>>, Vec<Span<'_>>) {
        let indices = self.images().map(Image::index).collect();
        let spans = self.layers.iter().map(|layer| Span {
            first: layer.first,
            concepts: layer.image().concepts(),
            gone: &layer.gone,
        });
        (indices, spans.collect())
    }

    /// The concepts that have the key which all of `hits` are of, in the order that one image has; at least the first `most`.
    #[inline(never)]
    fn bearers(
        &self,
        text: &str,
        range: &Range<usize>,
        hits: &[Hit],
        most: usize,
        found: &mut Vec<u32>,
    ) {
        found.clear();
        let written = text.get(range.clone()).unwrap_or_default();
        let mut layers = 0;
        for same in hits.chunk_by(|a, b| a.layer == b.layer) {
            let layer = &self.layers[same[0].layer as usize];
            let (index, before) = (layer.image().index(), found.len());
            for hit in same {
                index.each(
                    hit.value,
                    || written,
                    |concept| {
                        let place = layer.first + concept;
                        let enough = found.len() - before >= most;
                        if !enough && layer.is_live(concept) && !found[before..].contains(&place) {
                            found.push(place);
                        }
                    },
                );
            }
            layers += usize::from(found.len() > before);
        }
        if layers > 1 {
            self.sort(found, &Spelling::of_text(written));
        }
    }

    /// Puts concepts that have one key into the order that one image has them in.
    fn sort(&self, concepts: &mut [u32], spelling: &Spelling<'_>) {
        concepts.sort_by_cached_key(|index| {
            let keys = self.of(*index, |image, concept| {
                let (exact, diacritics) = (image.is_exact(concept), image.meta().diacritics);
                let keys = image.keys(concept).map(String::from_utf8_lossy);
                keys.enumerate()
                    .filter_map(|(number, key)| {
                        let derived = if exact {
                            Vec::new()
                        } else {
                            variants(&key, diacritics)
                        };
                        let derived = derived.iter().map(|key| (key.as_str(), 2));
                        std::iter::once((&*key, usize::from(number > 0)))
                            .chain(derived)
                            .filter_map(|(key, origin)| spelling.rank(key, exact, origin))
                            .min()
                    })
                    .min()
            });
            (keys, self.place(*index))
        });
    }

    /// With the concepts of a builder, each in the place of the one of its name.
    fn with(&self, builder: Builder) -> Result<(Self, Option<u64>), Failure> {
        let incoming = builder.finish()?;
        if incoming.image.meta().counts.dropped_aliases > 0 {
            let what = incoming.warnings.into_iter().next().unwrap_or_default();
            return Err(Failure::new("aliases", what));
        }
        let mut layers = self.clone();
        let mut coming = Vec::new();
        let mut ids = HashSet::new();
        for at in 0..incoming.image.concepts() {
            let Some(concept) = incoming.image.concept(at) else {
                continue;
            };
            let known = self.named(&concept.name);
            let known = known.and_then(|index| Some((index, self.of(index, Image::id)?)));
            let (place, id) = match known {
                Some((index, id)) => (self.place(index), id),
                None => {
                    let mut id = identity_of(&concept.name, None);
                    while self.by_id(id).is_some() || ids.contains(&id) {
                        id = identity_of(&concept.name, Some(id));
                    }
                    layers.next += 1;
                    (layers.next - 1, id)
                }
            };
            if let Some((index, _)) = known {
                layers.mark_gone(index);
            }
            ids.insert(id);
            coming.push(Coming {
                place,
                id,
                concept,
                related: stated_by(&incoming.image, at),
            });
        }
        let first = coming.first().map(|coming| coming.id);
        layers.push(coming)?;
        Ok((layers, first))
    }

    /// Without some concepts.
    fn without(&self, concepts: &[u32]) -> Result<Self, Failure> {
        let mut layers = self.clone();
        for index in concepts {
            layers.mark_gone(*index);
        }
        layers.push(Vec::new())?;
        Ok(layers)
    }

    fn mark_gone(&mut self, index: u32) {
        let mut newest = self.layers.iter_mut().rev();
        let layer = newest.find(|layer| layer.first <= index);
        if let Some(layer) = layer.filter(|layer| layer.is_live(index - layer.first)) {
            layer.mark_gone(index - layer.first);
        }
    }

    /// Adds a layer of concepts, which takes in those that are not much larger.
    fn push(&mut self, mut coming: Vec<Coming>) -> Result<(), Failure> {
        self.changes += 1;
        while let [_, .., last] = self.layers.as_slice() {
            if last.live as usize >= RATIO * coming.len().max(1) {
                break;
            }
            for concept in last.live() {
                let image = last.image();
                coming.extend(
                    image
                        .concept(concept)
                        .zip(image.id(concept))
                        .map(|(found, id)| Coming {
                            place: last.place(concept),
                            id,
                            concept: found,
                            related: stated_by(image, concept),
                        }),
                );
            }
            self.layers.pop();
        }
        if coming.is_empty() {
            return Ok(());
        }
        // Concepts of one key are found in the order of their indices.
        coming.sort_unstable_by_key(|coming| coming.place);
        let below = self.layers.last();
        let first = below.and_then(|layer| layer.first.checked_add(layer.image().concepts()));
        let room = first.and_then(|first| first.checked_add(coming.len() as u32));
        let first = first.filter(|_| room.is_some());
        let first = first.ok_or_else(|| Failure::new("limit", "too many concepts"))?;
        let opened = self.layers[0].image();
        let mut builder = Builder::partial(opened.seed(), u64::MAX);
        builder.diacritics = opened.meta().diacritics;
        let places = coming.iter().map(|coming| coming.place).collect();
        for coming in coming {
            builder.take_as(coming.concept, coming.id, coming.related);
        }
        let content = Arc::new(builder.finish()?);
        self.layers.push(Layer::new(content, first, places));
        (self.filter, self.marks) = told_early(&self.layers);
        Ok(())
    }
}

/// What is written in a text or asked for, to tell how a concept comes by it.
struct Spelling<'t> {
    folded: String,
    /// What keys must be in capitals or as they are written in; none do for what is asked for.
    text: Option<&'t str>,
    /// Whether such keys come first.
    strict: bool,
}

impl<'t> Spelling<'t> {
    fn of_text(text: &'t str) -> Self {
        Spelling {
            folded: without_gaps(&tokens::fold(text)),
            text: Some(text),
            strict: true,
        }
    }

    fn of_name(name: &str) -> Self {
        Spelling {
            folded: without_gaps(&tokens::fold(name)),
            text: None,
            strict: is_acronym(name),
        }
    }

    /// How a key comes by what is written: the number of the plural, whether it is among the keys that come second, and
    /// its origin; the least comes first.
    fn rank(&self, key: &str, exact: bool, origin: usize) -> Option<(usize, bool, usize)> {
        let strict = exact || is_acronym(key);
        let is_as_it_must_be = |text| match exact {
            true => tokens::is_spelled(key, text),
            false => is_capitals(text),
        };
        if strict && !self.text.is_none_or(is_as_it_must_be) {
            return None;
        }
        let folded = tokens::fold(key);
        let (init, last) = folded.rsplit_once(' ').unwrap_or(("", &folded));
        let rest = self.folded.strip_prefix(&without_gaps(init))?;
        let mut number = usize::from(rest != last);
        if number > 0 {
            let mut bases = 0;
            number = 0;
            plural::bases(rest, |stem, singular| {
                bases += 1;
                let base = [stem, singular].concat();
                if number == 0 && base == last && plural::is_of(rest, last) {
                    number = bases;
                }
            });
            if number == 0 {
                return None;
            }
        }
        Some((number, strict != self.strict, origin))
    }
}

fn without_gaps(folded: &str) -> String {
    folded.replace(' ', "")
}

fn refused(failure: &Failure) -> Error {
    let message = format!("{}; nothing was changed", failure.message);
    let mut error = Error::new(ErrorKind::Argument, message).with("reason", failure.reason);
    for (field, value) in &failure.fields {
        error = error.with(field, value.clone());
    }
    error
}

impl Database {
    /// This database with other concepts: each takes the place of the one of the same name, whole, or comes behind all
    /// others; and the identity of the first of them. Takes time with their number and with the number changed before, not with the size of the database.
    ///
    /// # Errors
    /// [`Argument`](ErrorKind::Argument) names the concept and the field that cannot be used.
    pub fn with(&self, concepts: &[Concept]) -> Result<(Database, Option<u64>)> {
        self.with_all(|builder| builder.read_concepts(concepts))
    }

    /// As [`with`](Self::with), of concepts in JSON: one entry as in the [module](super), a list, or a file's object.
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn with_json(&self, json: impl AsRef<[u8]>) -> Result<(Database, Option<u64>)> {
        self.with_all(|builder| builder.read_entries(json.as_ref(), "concepts"))
    }

    fn with_all(
        &self,
        read: impl FnOnce(&mut Builder) -> Result<u64, Failure>,
    ) -> Result<(Database, Option<u64>)> {
        let mut builder = Builder::partial(0, KEYS);
        let taken = read(&mut builder).map_err(|failure| refused(&failure))?;
        let mut changed = self.clone();
        if taken == 0 {
            return Ok((changed, None));
        }
        let (layers, first) = self
            .layers
            .with(builder)
            .map_err(|failure| refused(&failure))?;
        changed.layers = layers;
        Ok((changed, first))
    }

    /// This database without the concept with an index.
    ///
    /// # Errors
    /// [`Argument`](ErrorKind::Argument) when there is none.
    pub fn without(&self, index: u32) -> Result<Database> {
        if self.concept_id(index).is_none() {
            let message = format!("the database has no concept with index {index}");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let mut changed = self.clone();
        let layers = self.layers.without(&[index]);
        changed.layers = layers.map_err(|failure| refused(&failure))?;
        Ok(changed)
    }

    /// The concept that has `name` as its name, whatever the letter case, hyphens and spaces; not those that have it as
    /// an alias.
    pub fn named(&self, name: &str) -> Option<u32> {
        self.layers.named(name)
    }

    /// The indices of the concepts, in their order.
    pub fn indices(&self) -> impl Iterator<Item = u32> {
        self.layers.indices()
    }

    /// The number of changes since it was opened.
    pub fn changes(&self) -> u64 {
        self.layers.changes
    }
}
