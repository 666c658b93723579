//! The compiled form of a database: one run of bytes that is searched as it lies, be it mapped from a file, read into
//! memory or part of the library.
//!
//! Numbers are little-endian. The first page is the header; each section begins on a page of its own:
//!
//! | section | content |
//! |---|---|
//! | meta | JSON: numbers of what was read, and the files it was read from |
//! | classes | priority `f64`, boost `f64`, category (an offset into the text, `u64`; the top bit set for exact ones), of concepts that share them |
//! | records | a concept: identity `u64`, name (an offset into the text, `u64`), class `u32`, number of aliases `u32` |
//! | text | names, each followed by its aliases, and categories: length `u16`, UTF-8 |
//! | by id | the concepts in the order of their identities, `u32` |
//! | words, nodes, pairs, postings | see [`index`](super::index) |
//! | relations | concept `u32`, [relation](Relation) `u32` (0 broader, 1 narrower), identity of the other `u64`; in that order, each once |
//! | related | the numbers of the relations in the order of the other's identity, `u32` |
//!
//! Nothing in an image is believed: what points outside finds nothing. So a damaged image has wrong answers at worst,
//! and [`Image::verify`] tells it from a whole one.

#![allow(unsafe_code)]

use std::fs::File;
use std::io::Read as _;
use std::ops::Range;

use memmap2::Mmap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use super::filter::Pairs;
use super::index::{Index, is_capitals};
use super::read::{Counts, Failure};
use super::relations::{Relation, Stated};
use super::table::{Bucket, Table};
use super::{Concept, LONGEST_PHRASE, tokens};

/// What a compiled database begins with. Not text: the high bit and the line break tell of a transfer that changes bytes.
pub(super) const MAGIC: [u8; 8] = *b"\x89TORIDB\n";

/// Reads as another number when the bytes of numbers are in another order.
const BYTE_ORDER: u32 = 0x0102_0304;

/// The version of the layout.
const FORMAT: u32 = 6;

/// Set in the category of a class whose concepts are found only as they are written.
pub(super) const EXACT: u64 = 1 << 63;

pub(super) const PAGE: usize = 4096;

const CACHE_LINE: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Meta,
    Classes,
    Records,
    Text,
    ById,
    Words,
    Nodes,
    Pairs,
    Postings,
    Relations,
    Related,
}

impl Section {
    const ALL: [Section; 11] = [
        Section::Meta,
        Section::Classes,
        Section::Records,
        Section::Text,
        Section::ById,
        Section::Words,
        Section::Nodes,
        Section::Pairs,
        Section::Postings,
        Section::Relations,
        Section::Related,
    ];

    /// Bytes of one item.
    const fn item(self) -> usize {
        match self {
            Section::Meta | Section::Text | Section::Pairs => 1,
            Section::Classes | Section::Records => 24,
            Section::ById | Section::Postings | Section::Related => 4,
            Section::Relations => 16,
            Section::Words | Section::Nodes => size_of::<Bucket>(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Section::Meta => "meta",
            Section::Classes => "classes",
            Section::Records => "records",
            Section::Text => "text",
            Section::ById => "by id",
            Section::Words => "words",
            Section::Nodes => "nodes",
            Section::Pairs => "pairs",
            Section::Postings => "postings",
            Section::Relations => "relations",
            Section::Related => "related",
        }
    }
}

const SECTIONS: usize = Section::ALL.len();

/// Bytes of the header before its table of sections.
const FIXED: usize = 48;

/// Bytes of the header that its checksum is of.
const CHECKED: usize = FIXED + SECTIONS * 24;

/// What an image says about its making.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Meta {
    /// Whether names are found without their diacritics, too.
    pub(super) diacritics: bool,
    pub(super) counts: Counts,
    pub(super) sources: Vec<SourceFile>,
}

/// A file that an image was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SourceFile {
    /// Its name without the folder.
    pub(super) file: String,
    pub(super) bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub(super) sha256: String,
    /// XXH3 of 128 bits, in as many digits, which tells a file from others in a tenth of the time.
    pub(super) xxh128: String,
}

impl SourceFile {
    #[cfg(test)]
    pub(super) fn of(file: &str, content: &[u8]) -> Self {
        let mut digest = Digest::default();
        digest.update(content);
        digest.of(file)
    }

    /// Whether this is a file, as far as is known without reading it.
    pub(super) fn may_be(&self, file: &File) -> bool {
        file.metadata().is_ok_and(|found| found.len() == self.bytes)
    }

    /// Whether a file has this content.
    pub(super) fn is(&self, file: &mut File) -> bool {
        let mut hash = Box::new(Xxh3Default::new());
        let mut buffer = vec![0; 1 << 17];
        let mut bytes = 0;
        while bytes <= self.bytes {
            match file.read(&mut buffer) {
                Ok(0) => return bytes == self.bytes && digits(hash.digest128()) == self.xxh128,
                Ok(count) => {
                    hash.update(buffer.get(..count).unwrap_or_default());
                    bytes += count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => (),
                Err(_) => return false,
            }
        }
        false
    }
}

fn digits(hash: u128) -> String {
    format!("{hash:032x}")
}

/// What tells a file from others, of what was read of it so far.
#[derive(Default)]
pub(super) struct Digest {
    bytes: u64,
    sha256: Sha256,
    xxh3: Box<Xxh3Default>,
}

impl Digest {
    pub(super) fn update(&mut self, content: &[u8]) {
        self.bytes += content.len() as u64;
        self.sha256.update(content);
        self.xxh3.update(content);
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn of(self, file: &str) -> SourceFile {
        let sha256 = self.sha256.finalize().into_iter();
        SourceFile {
            file: file.to_owned(),
            bytes: self.bytes,
            sha256: sha256.map(|byte| format!("{byte:02x}")).collect(),
            xxh128: digits(self.xxh3.digest128()),
        }
    }
}

/// The sections of an image, before they are put into one.
pub(super) struct Parts {
    pub(super) seed: u64,
    pub(super) concepts: u32,
    pub(super) sections: [Vec<u8>; SECTIONS],
}

impl Parts {
    /// The header, whose page is filled with zeros.
    pub(super) fn header(&self) -> [u8; PAGE] {
        let mut header = Vec::with_capacity(PAGE);
        header.extend(MAGIC);
        for number in [BYTE_ORDER, FORMAT, tokens::VERSION, LONGEST_PHRASE as u32] {
            header.extend(number.to_le_bytes());
        }
        header.extend(self.seed.to_le_bytes());
        header.extend(u64::from(self.concepts).to_le_bytes());
        header.extend((self.len() as u64).to_le_bytes());
        let mut offset = PAGE;
        for section in &self.sections {
            for number in [offset as u64, section.len() as u64, xxh3_64(section)] {
                header.extend(number.to_le_bytes());
            }
            offset += section.len().next_multiple_of(PAGE);
        }
        let checksum = xxh3_64(&header);
        header.extend(checksum.to_le_bytes());
        let mut page = [0; PAGE];
        for (to, from) in page.iter_mut().zip(header) {
            *to = from;
        }
        page
    }

    /// Bytes of the whole image.
    pub(super) fn len(&self) -> usize {
        let sections = self.sections.iter().map(Vec::len);
        PAGE + sections
            .map(|len| len.next_multiple_of(PAGE))
            .sum::<usize>()
    }

    /// Calls `write` with the image from beginning to end.
    pub(super) fn write<E>(&self, mut write: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        write(&self.header())?;
        for section in &self.sections {
            write(section)?;
            write(&[0; PAGE][..section.len().next_multiple_of(PAGE) - section.len()])?;
        }
        Ok(())
    }
}

/// Where the bytes of an image are.
enum Bytes {
    Static(&'static [u8]),
    /// From the first number on, so that the index lies on cache lines.
    Owned(Vec<u8>, usize),
    Mapped(Mmap),
}

impl Bytes {
    fn new(len: usize, fill: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut bytes: Vec<u8> = Vec::with_capacity(len + CACHE_LINE);
        let start = bytes.as_ptr().align_offset(CACHE_LINE).min(CACHE_LINE);
        bytes.resize(start, 0);
        fill(&mut bytes);
        Bytes::Owned(bytes, start)
    }

    fn get(&self) -> &[u8] {
        match self {
            Bytes::Static(bytes) => bytes,
            Bytes::Owned(bytes, start) => bytes.get(*start..).unwrap_or_default(),
            Bytes::Mapped(map) => map,
        }
    }
}

/// A compiled database.
pub(super) struct Image {
    bytes: Bytes,
    ranges: [Range<usize>; SECTIONS],
    checksums: [u64; SECTIONS],
    seed: u64,
    concepts: u32,
    meta: Meta,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({} concepts)", self.concepts)
    }
}

fn damaged(what: impl Into<String>) -> Failure {
    Failure::new("damaged", format!("damaged: {}", what.into()))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl Image {
    /// The image in a file, shared with all processes that open it. Only the header is read.
    ///
    /// The file must stay as it is: when it is truncated, the process gets SIGBUS at the next use of what is gone.
    pub(super) fn map(file: &File) -> Result<Self, Failure> {
        // SAFETY: the bytes may change under the map when somebody writes to the file. They are only read as numbers,
        // each checked where it is used, and copied before they are taken for text; no reference into the map leaves
        // this module's callers in this room.
        let map = unsafe { Mmap::map(file) };
        let map = map.map_err(|error| {
            Failure::new("unreadable", format!("unreadable: {error}"))
                .with("os_error", error.raw_os_error().unwrap_or(0))
        })?;
        Self::new(Bytes::Mapped(map))
    }

    /// An image that is part of the program.
    pub(super) fn of_static(image: &'static [u8]) -> Result<Self, Failure> {
        Self::new(Bytes::Static(image))
    }

    /// A copy of an image, verified.
    pub(super) fn copy(image: &[u8]) -> Result<Self, Failure> {
        let copy = Self::new(Bytes::new(image.len(), |bytes| bytes.extend(image)))?;
        copy.verify()?;
        Ok(copy)
    }

    /// The image of what was built.
    pub(super) fn build(parts: &Parts) -> Result<Self, Failure> {
        Self::new(Bytes::new(parts.len(), |bytes| {
            let Ok::<(), std::convert::Infallible>(()) = parts.write(|part| {
                bytes.extend(part);
                Ok(())
            });
        }))
    }

    /// An image of no concepts.
    pub(super) fn empty() -> Self {
        Image {
            bytes: Bytes::Static(&[]),
            ranges: [const { 0..0 }; SECTIONS],
            checksums: [0; SECTIONS],
            seed: 0,
            concepts: 0,
            meta: Meta::default(),
        }
    }

    fn new(bytes: Bytes) -> Result<Self, Failure> {
        let image = bytes.get();
        if !image.starts_with(&MAGIC) {
            return Err(damaged("it does not begin as a compiled database does"));
        }
        let number = |at| u32_at(image, at).ok_or_else(|| damaged("the header is cut off"));
        let long = |at| u64_at(image, at).ok_or_else(|| damaged("the header is cut off"));
        if number(8)? != BYTE_ORDER {
            return Err(damaged("the order of bytes is not little-endian"));
        }
        for (at, what, known) in [
            (12, "format", FORMAT),
            (16, "normaliser", tokens::VERSION),
            (20, "longest phrase", LONGEST_PHRASE as u32),
        ] {
            let found = number(at)?;
            if found != known {
                return Err(Failure::new(
                    "version",
                    format!(
                        "version: {what} {found}, this library reads {what} {known}; compile it anew"
                    ),
                ));
            }
        }
        let checked = image
            .get(..CHECKED)
            .ok_or_else(|| damaged("the header is cut off"))?;
        if long(CHECKED)? != xxh3_64(checked) {
            return Err(damaged("the checksum of the header is wrong"));
        }
        let (seed, concepts, len) = (long(24)?, long(32)?, long(40)?);
        if len != image.len() as u64 {
            return Err(damaged(format!(
                "it has {} bytes, its header says {len}",
                image.len()
            )));
        }
        let mut ranges = [const { 0..0 }; SECTIONS];
        let mut checksums = [0; SECTIONS];
        for section in Section::ALL {
            let at = FIXED + 24 * section as usize;
            let (offset, size) = (long(at)?, long(at + 8)?);
            let end = offset.checked_add(size).filter(|end| *end <= len);
            let whole =
                size.is_multiple_of(section.item() as u64) && offset.is_multiple_of(PAGE as u64);
            let end = end.filter(|_| whole).ok_or_else(|| {
                damaged(format!("the section \"{}\" lies outside", section.name()))
            })?;
            ranges[section as usize] = offset as usize..end as usize;
            checksums[section as usize] = long(at + 16)?;
        }
        let concepts = u32::try_from(concepts).map_err(|_| damaged("too many concepts"))?;
        for section in [Section::Records, Section::ById] {
            if ranges[section as usize].len() != concepts as usize * section.item() {
                return Err(damaged(format!(
                    "the section \"{}\" is not of {concepts} concepts",
                    section.name()
                )));
            }
        }
        let relations = ranges[Section::Relations as usize].len() / Section::Relations.item();
        if ranges[Section::Related as usize].len() != relations * Section::Related.item() {
            return Err(damaged(format!(
                "the section \"related\" is not of {relations} relations"
            )));
        }
        let meta = image
            .get(ranges[Section::Meta as usize].clone())
            .unwrap_or_default();
        let meta = serde_json::from_slice(meta)
            .map_err(|_| damaged("the section \"meta\" is not what it should be"))?;
        Ok(Image {
            ranges,
            checksums,
            seed,
            concepts,
            meta,
            bytes,
        })
    }

    /// Checks everything that opening does not: the checksum of every section, and that all that points somewhere
    /// points to what it should.
    pub(super) fn verify(&self) -> Result<(), Failure> {
        for section in Section::ALL {
            if xxh3_64(self.section(section)) != self.checksums[section as usize] {
                return Err(damaged(format!(
                    "the checksum of the section \"{}\" is wrong",
                    section.name()
                )));
            }
        }
        let mut before = None;
        // No two concepts share their names, or a small file would stand for a large one.
        let mut unclaimed = self.section(Section::Text).len();
        for rank in 0..self.concepts {
            let sound = self
                .record(rank)
                .and_then(|record| {
                    let mut texts = Texts::new(self.section(Section::Text), record.text);
                    for _ in 0..=record.aliases {
                        let text = std::str::from_utf8(texts.next()?).ok()?;
                        unclaimed = unclaimed.checked_sub(2 + text.len())?;
                    }
                    let category = self.class(record.class)?.category;
                    let mut texts = Texts::new(self.section(Section::Text), category);
                    std::str::from_utf8(texts.next()?).ok()
                })
                .is_some();
            if !sound {
                return Err(damaged(format!("concept {rank} is not what it should be")));
            }
            let id = self
                .ranked(rank)
                .and_then(|index| self.record(index))
                .map(|record| record.id);
            if id.is_none() || (rank > 0 && id <= before) {
                return Err(damaged("the order of the identities is wrong"));
            }
            before = id;
        }
        self.verify_relations()?;
        self.index()
            .verify()
            .map_err(|what| damaged(format!("{what} points nowhere")))
    }

    fn verify_relations(&self) -> Result<(), Failure> {
        let wrong = || damaged("the order of the relations is wrong");
        let mut before = None;
        for number in 0..self.relations() {
            let stated = self.stated(number as u32).ok_or_else(wrong)?;
            if before >= Some(stated) || stated.concept >= self.concepts {
                return Err(wrong());
            }
            before = Some(stated);
        }
        // As many numbers as relations, no two the same: each is there.
        let mut before = None;
        for place in 0..self.relations() {
            let other = |(number, stated): (u32, Stated)| (stated.other, number);
            let other = self.stated_at(place).map(other);
            if other.is_none() || before >= other {
                return Err(wrong());
            }
            before = other;
        }
        Ok(())
    }

    pub(super) fn section(&self, section: Section) -> &[u8] {
        let range = self.ranges[section as usize].clone();
        self.bytes.get().get(range).unwrap_or_default()
    }

    pub(super) fn index(&self) -> Index<'_> {
        Index {
            image: self,
            seed: self.seed,
            concepts: self.concepts,
            words: Table(self.section(Section::Words).as_chunks().0),
            nodes: Table(self.section(Section::Nodes).as_chunks().0),
            pairs: Pairs(self.section(Section::Pairs)),
            postings: self.section(Section::Postings).as_chunks().0,
        }
    }

    /// Bytes of what finds concepts by name and by identity.
    pub(super) fn index_bytes(&self) -> usize {
        let index = [
            Section::ById,
            Section::Words,
            Section::Nodes,
            Section::Pairs,
            Section::Postings,
        ];
        index
            .map(|section| self.section(section).len())
            .iter()
            .sum()
    }

    /// Bytes of the concepts themselves.
    pub(super) fn record_bytes(&self) -> usize {
        let records = [
            Section::Classes,
            Section::Records,
            Section::Text,
            Section::Relations,
            Section::Related,
        ];
        records
            .map(|section| self.section(section).len())
            .iter()
            .sum()
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The number of concepts.
    pub(super) fn concepts(&self) -> u32 {
        self.concepts
    }

    fn record(&self, index: u32) -> Option<Record> {
        let at = index as usize * Section::Records.item();
        let records = self.section(Section::Records);
        Some(Record {
            id: u64_at(records, at)?,
            text: u64_at(records, at + 8)?,
            class: u32_at(records, at + 16)?,
            aliases: u32_at(records, at + 20)?,
        })
    }

    fn class(&self, class: u32) -> Option<Class> {
        let at = class as usize * Section::Classes.item();
        let classes = self.section(Section::Classes);
        Some(Class {
            priority: f64::from_bits(u64_at(classes, at)?),
            boost_multiplier: f64::from_bits(u64_at(classes, at + 8)?),
            category: u64_at(classes, at + 16)? & !EXACT,
            exact: u64_at(classes, at + 16)? & EXACT != 0,
        })
    }

    pub(super) fn id(&self, index: u32) -> Option<u64> {
        Some(self.record(index)?.id)
    }

    /// The concept with a rank in the order of identities.
    fn ranked(&self, rank: u32) -> Option<u32> {
        u32_at(self.section(Section::ById), rank as usize * 4)
            .filter(|index| *index < self.concepts)
    }

    pub(super) fn by_id(&self, id: u64) -> Option<u32> {
        let at = |rank: usize| self.id(self.ranked(rank as u32)?);
        let rank = lower_bound(self.concepts as usize, |rank| at(rank) < Some(id));
        let index = self.ranked(u32::try_from(rank).ok()?)?;
        (self.id(index)? == id).then_some(index)
    }

    /// The number of relations that are stated.
    pub(super) fn relations(&self) -> usize {
        self.section(Section::Relations).len() / Section::Relations.item()
    }

    fn stated(&self, number: u32) -> Option<Stated> {
        let at = number as usize * Section::Relations.item();
        let relations = self.section(Section::Relations);
        Some(Stated {
            concept: u32_at(relations, at)?,
            relation: match u32_at(relations, at + 4)? {
                0 => Relation::Broader,
                1 => Relation::Narrower,
                _ => return None,
            },
            other: u64_at(relations, at + 8)?,
        })
    }

    /// A relation and its number, by its place in the order of the others' identities.
    fn stated_at(&self, place: usize) -> Option<(u32, Stated)> {
        let number = u32_at(
            self.section(Section::Related),
            place * Section::Related.item(),
        )?;
        Some((number, self.stated(number)?))
    }

    /// What a concept states.
    pub(super) fn stated_by(&self, concept: u32) -> impl Iterator<Item = Stated> {
        let stated = move |number: usize| self.stated(number as u32);
        let is_before = |number| stated(number).is_some_and(|stated| stated.concept < concept);
        let first = lower_bound(self.relations(), is_before);
        let all = (first..self.relations()).map_while(stated);
        all.take_while(move |stated| stated.concept == concept)
    }

    /// What is stated of the concept with an identity, which need not be in this image.
    pub(super) fn stated_of(&self, other: u64) -> impl Iterator<Item = Stated> {
        let stated = move |place: usize| Some(self.stated_at(place)?.1);
        let is_before = |place| stated(place).is_some_and(|stated| stated.other < other);
        let first = lower_bound(self.relations(), is_before);
        let all = (first..self.relations()).map_while(stated);
        all.take_while(move |stated| stated.other == other)
    }

    /// The name of a concept and its aliases, as bytes that ought to be UTF-8.
    pub(super) fn keys(&self, index: u32) -> impl Iterator<Item = &[u8]> {
        let record = self.record(index);
        let (text, count) = record.map_or((u64::MAX, 0), |record| (record.text, record.aliases));
        Texts::new(self.section(Section::Text), text).take((count as usize).saturating_add(1))
    }

    /// The number of aliases of a concept.
    pub(super) fn aliases(&self, index: u32) -> Option<u32> {
        Some(self.record(index)?.aliases)
    }

    pub(super) fn priority(&self, index: u32) -> Option<f64> {
        Some(self.class(self.record(index)?.class)?.priority)
    }

    /// Whether a concept is found only as it is written.
    pub(super) fn is_exact(&self, index: u32) -> bool {
        let class = self
            .record(index)
            .and_then(|record| self.class(record.class));
        class.is_some_and(|class| class.exact)
    }

    /// Whether a concept that must be in capitals or as it is written is so in a text.
    pub(super) fn confirms(&self, index: u32, written: &str) -> bool {
        if !self.is_exact(index) {
            return is_capitals(written);
        }
        let key = |key: &[u8]| tokens::is_spelled(&String::from_utf8_lossy(key), written);
        self.keys(index).any(key)
    }

    pub(super) fn name(&self, index: u32) -> Option<String> {
        text(self.keys(index).next()?)
    }

    /// A concept without its relations, which may be to concepts elsewhere.
    pub(super) fn concept(&self, index: u32) -> Option<Concept> {
        let class = self.class(self.record(index)?.class)?;
        let mut keys = self.keys(index);
        let mut categories = Texts::new(self.section(Section::Text), class.category);
        Some(Concept {
            name: text(keys.next()?)?,
            aliases: keys.map(text).collect::<Option<_>>()?,
            category: text(categories.next()?)?,
            priority: class.priority,
            boost_multiplier: class.boost_multiplier,
            exact: class.exact,
            broader: Vec::new(),
            narrower: Vec::new(),
        })
    }
}

/// The first of `count` places that is not before what is looked for, those before it being the first ones.
fn lower_bound(count: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match is_before(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

/// Copied first, since a mapped file may change between being checked and being used.
fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

struct Record {
    id: u64,
    text: u64,
    class: u32,
    aliases: u32,
}

struct Class {
    priority: f64,
    boost_multiplier: f64,
    category: u64,
    exact: bool,
}

/// Texts one behind the other, each with its length before it.
struct Texts<'i>(&'i [u8]);

impl<'i> Texts<'i> {
    fn new(section: &'i [u8], offset: u64) -> Self {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        Texts(section.get(offset..).unwrap_or_default())
    }
}

impl<'i> Iterator for Texts<'i> {
    type Item = &'i [u8];

    fn next(&mut self) -> Option<&'i [u8]> {
        let (len, rest) = self.0.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u16::from_le_bytes(*len).into())?;
        self.0 = rest;
        Some(text)
    }
}
