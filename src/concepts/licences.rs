//! The texts of well-known licences, which manuals carry along and which are not what a manual is about.
//!
//! A passage is told by fingerprints: hashes of five words in a row, one of eight ("0 mod p", Manber: Finding similar
//! files in a large file system, 1994). `data/licences.py` made those of the licences.

use std::ops::Range;

use crate::document::structure::Chunk;
use crate::language::fnv1a;

/// Words in a row that make one fingerprint.
const WORDS: usize = 5;
/// Fingerprints from here on are not kept: one of eight is below.
const KEPT_BELOW: u32 = 1 << 29;

static FINGERPRINTS: &[u8] = include_bytes!("../../data/licences.fingerprints");

/// The chunks without what is the text of a licence, and how many bytes that is; all of them when licences are what
/// the document is about: more than half of it.
pub fn without_licences(text: &str, chunks: &[Chunk]) -> (Vec<Chunk>, usize) {
    let bytes = |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.range.len()).sum::<usize>();
    let rest: Vec<Chunk> = chunks
        .iter()
        .flat_map(|chunk| {
            let passage = text.get(chunk.range.clone()).unwrap_or_default();
            let start = chunk.range.start;
            let licence = licence(passage).unwrap_or(0..0);
            [0..licence.start, licence.end..passage.len()]
                .into_iter()
                .filter(|part| passage[part.clone()].contains(char::is_alphanumeric))
                .map(move |part| Chunk {
                    range: start + part.start..start + part.end,
                    ..chunk.clone()
                })
        })
        .collect();
    let (all, left) = (bytes(chunks), bytes(&rest));
    if left * 2 < all {
        (chunks.to_vec(), 0)
    } else {
        (rest, all - left)
    }
}

/// The sentences from the first to the last fingerprint of a licence, when half of all between, and more than one, are
/// such.
fn licence(passage: &str) -> Option<Range<usize>> {
    let mut window = [(0, 0); WORDS];
    let mut found: Option<Range<usize>> = None;
    let (mut known, mut unknown, mut unknown_since) = (0, 0, 0);
    for (index, (word, hash)) in words(passage).enumerate() {
        window.rotate_left(1);
        window[WORDS - 1] = (word.start, hash);
        let fingerprint = fnv1a(window.map(|(_, hash)| hash));
        if index + 1 < WORDS || fingerprint >= KEPT_BELOW {
            continue;
        }
        if is_known(fingerprint) {
            let first = found.map_or(window[0].0, |found| found.start);
            found = Some(first..word.end);
            known += 1;
            unknown += std::mem::take(&mut unknown_since);
        } else if found.is_some() {
            unknown_since += 1;
        }
    }
    let found = found.filter(|_| known > 1 && known >= unknown)?;
    let ends_sentence =
        |&(at, _): &(usize, &str)| passage[at + 1..].starts_with(char::is_whitespace);
    let before = passage[..found.start]
        .rmatch_indices('.')
        .find(ends_sentence);
    let after = passage
        .match_indices('.')
        .filter(|&(at, _)| at >= found.end)
        .find(ends_sentence);
    let start = before.map_or(0, |(stop, _)| stop + 1);
    let end = after.map_or(passage.len(), |(stop, _)| stop + 1);
    Some(start..end)
}

/// Runs of ASCII letters and digits, and their hashes in lower case.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, u32)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let lower = |&byte: &u8| LOWER[usize::from(byte)];
        let start = at + bytes[at..].iter().position(|byte| lower(byte) != 0)?;
        at = start;
        let word = bytes[start..]
            .iter()
            .map(lower)
            .take_while(|&byte| byte != 0);
        let hash = fnv1a(word.map(|byte| {
            at += 1;
            u32::from(byte)
        }));
        Some((start..at, hash))
    })
}

/// The letters and digits of ASCII in lower case; 0 for everything else.
static LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

fn is_known(fingerprint: u32) -> bool {
    let (known, _) = FINGERPRINTS.as_chunks();
    known
        .binary_search_by_key(&fingerprint, |bytes| u32::from_le_bytes(*bytes))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::structure::SectionKind;

    const APACHE: &str = include_str!("../../LICENSE-APACHE");
    const MIT: &str = include_str!("../../LICENSE-MIT");
    const MANUAL: &str = include_str!("../../README.md");

    /// Pieces of so many bytes of all texts.
    fn pieces(texts: &[&str], size: usize) -> (String, Vec<Chunk>) {
        let text = texts.concat();
        let mut chunks = Vec::new();
        let mut start = 0;
        for part in texts {
            let end = start + part.len();
            while start < end {
                let mut stop = (start + size).min(end);
                while !text.is_char_boundary(stop) {
                    stop -= 1;
                }
                chunks.push(Chunk::new(start..stop, 1, SectionKind::Body));
                start = stop;
            }
        }
        (text, chunks)
    }

    #[test]
    fn licences_are_left_out_and_nothing_else() {
        let (text, chunks) = pieces(&[MANUAL, MIT, APACHE], 2000);
        let licences = MANUAL.len();
        let (kept, out) = without_licences(&text, &chunks);
        assert!(out > 0);
        let (manual, rest) = kept.split_at(
            chunks
                .iter()
                .position(|chunk| chunk.range.end > licences)
                .unwrap(),
        );
        assert_eq!(manual, &chunks[..manual.len()]);
        let rest: usize = rest.iter().map(|chunk| chunk.range.len()).sum();
        assert!(
            rest < (text.len() - licences) / 10,
            "{rest} bytes of licences are left"
        );
    }

    #[test]
    fn a_notice_within_a_chunk_is_cut_out() {
        let (_, notice) = MIT.split_once("\n\n").unwrap();
        let before = "This manual is about cantilever bridges.";
        let after = "Cantilever bridges have spans. ".repeat(60);
        let text = format!("{before}\n{notice} {after}");
        let (kept, _) = without_licences(&text, &[Chunk::new(0..text.len(), 1, SectionKind::Body)]);
        let kept: Vec<&str> = kept
            .iter()
            .map(|chunk| text[chunk.range.clone()].trim())
            .collect();
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert_eq!(kept[0], before);
        assert!(
            kept[1].len() + 60 >= after.len() && kept[1].len() <= after.len(),
            "{kept:?}"
        );
    }

    #[test]
    fn line_breaks_and_case_make_no_difference() {
        let shouted = MIT.to_uppercase().replace(' ', "\n ");
        assert!(licence(MIT).is_some());
        assert!(licence(&shouted).is_some());
        assert_eq!(licence(MANUAL), None);
        assert_eq!(licence(""), None);
    }

    #[test]
    fn a_licence_that_is_the_whole_document_is_read() {
        let (text, chunks) = pieces(&[APACHE, MIT], 2000);
        assert_eq!(without_licences(&text, &chunks), (chunks.clone(), 0));
    }
}
