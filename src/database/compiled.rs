//! The compiled-in database as it leaves the compiler: concepts and index in one image, so that nothing is parsed when
//! the library starts (from JSON it takes five times as long).
//!
//! The image is made from the JSON files by a test, `TORI_BLESS=1 cargo test --lib of_the_files`, and the same test fails
//! when image and files differ. Numbers are little-endian; a list is its length, 32 bits, and its items.

use sha2::{Digest, Sha256};

use super::read::Counts;
use super::trie::{Table, Trie};
use super::{Concept, Content};

/// The seed of the image's hashes. Its words are no secret: whoever wants them found can write them out.
pub(super) const SEED: u64 = 0x0074_6f72_6964_6231;

pub(super) static IMAGE: &[u8] = include_bytes!("../../data/concepts.compiled");

/// Reads the image from its beginning.
pub(super) struct Reader<'i>(pub(super) &'i [u8]);

impl<'i> Reader<'i> {
    fn bytes(&mut self, count: usize) -> Option<&'i [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    #[inline]
    pub(super) fn u32(&mut self) -> Option<u32> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*taken))
    }

    #[inline]
    pub(super) fn u64(&mut self) -> Option<u64> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*taken))
    }

    fn text(&mut self) -> Option<&'i str> {
        let len = self.u32()? as usize;
        std::str::from_utf8(self.bytes(len)?).ok()
    }

    /// A list of items of at least `size` bytes each.
    pub(super) fn list<T>(
        &mut self,
        size: usize,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.u32()? as usize;
        let mut list = Vec::with_capacity(count.min(self.0.len() / size.max(1)));
        for _ in 0..count {
            list.push(item(self)?);
        }
        Some(list)
    }
}

/// Bytes of the image before the database: the digests of the two files it was made from.
const DIGESTS: usize = 2 * (8 + 32);

/// Length and SHA-256 of a file.
fn digest(file: &[u8]) -> [u8; DIGESTS / 2] {
    let mut digest = [0; DIGESTS / 2];
    let (len, hash) = digest.split_at_mut(8);
    len.copy_from_slice(&(file.len() as u64).to_le_bytes());
    hash.copy_from_slice(&Sha256::digest(file));
    digest
}

/// Whether the compiled-in database was made from two files with this content.
pub(super) fn is_made_from(main: &[u8], seed: &[u8]) -> bool {
    let Some(digests) = IMAGE.get(..DIGESTS) else {
        return false;
    };
    let (of_main, of_seed) = digests.split_at(DIGESTS / 2);
    [(main, of_main), (seed, of_seed)]
        .iter()
        .all(|(file, digests)| {
            digests.starts_with(&(file.len() as u64).to_le_bytes()) && *digests == digest(file)
        })
}

/// The database in the image; `None` when the image is damaged.
pub(super) fn read(image: &[u8]) -> Option<Content> {
    let reader = &mut Reader(image.get(DIGESTS..)?);
    let mut counts = Counts {
        from_main: reader.u64()?,
        from_seed: reader.u64()?,
        ..Counts::default()
    };
    let categories = reader.list(4, |reader| reader.text())?;
    let concepts = reader.list(28, |reader| {
        let category = *categories.get(reader.u32()? as usize)?;
        Some(Concept {
            priority: f64::from_bits(reader.u64()?),
            boost_multiplier: f64::from_bits(reader.u64()?),
            category: category.to_owned(),
            name: reader.text()?.to_owned(),
            aliases: reader.list(4, |reader| Some(reader.text()?.to_owned()))?,
        })
    })?;
    counts.aliases = concepts
        .iter()
        .map(|concept| concept.aliases.len() as u64)
        .sum();
    let ids = reader.list(8, Reader::u64)?;
    let mut by_id = Table::new(SEED, ids.len());
    for (id, index) in ids.iter().zip(0..) {
        by_id.get_or_insert(*id, index);
    }
    let trie = Trie::read(SEED, reader)?;
    (reader.0.is_empty() && ids.len() == concepts.len()).then_some(Content {
        concepts,
        ids,
        by_id,
        trie,
        counts,
        warnings: Vec::new(),
        warned: 0,
    })
}

#[cfg(test)]
pub(super) struct Writer(pub(super) Vec<u8>);

#[cfg(test)]
impl Writer {
    pub(super) fn u32(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend(text.bytes());
    }

    pub(super) fn list<T>(&mut self, list: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.u32(list.len() as u32);
        for each in list {
            item(self, each);
        }
    }
}

/// The image of a database whose seed is [`SEED`], and the files it was read from.
#[cfg(test)]
pub(super) fn write(content: &Content, main: &[u8], seed: &[u8]) -> Vec<u8> {
    let mut categories: Vec<&str> = content
        .concepts
        .iter()
        .map(|c| c.category.as_str())
        .collect();
    categories.sort_unstable();
    categories.dedup();
    let mut writer = Writer([digest(main), digest(seed)].concat());
    writer.u64(content.counts.from_main);
    writer.u64(content.counts.from_seed);
    writer.list(&categories, |writer, category| writer.text(category));
    writer.list(&content.concepts, |writer, concept| {
        writer.u32(
            categories
                .binary_search(&concept.category.as_str())
                .unwrap() as u32,
        );
        writer.u64(concept.priority.to_bits());
        writer.u64(concept.boost_multiplier.to_bits());
        writer.text(&concept.name);
        writer.list(&concept.aliases, |writer, alias| writer.text(alias));
    });
    writer.list(&content.ids, |writer, id| writer.u64(*id));
    content.trie.write(&mut writer);
    writer.0
}
