//! Cutting ASCII into tokens 64 bytes at a time, as [`Tokens`](super::tokens::Tokens) does one by one.
//!
//! The bytes of a block become bits, one number for each class of bytes, and the words are runs of bits. What needs more
//! than a block of ASCII to be understood (words with a character beyond ASCII, with signs, cut by a hyphen, or long) is
//! left to [`Tokens`](super::tokens::Tokens), which goes on where the block ends and hands over where it ended itself.

use wide::u8x16;

use super::tokens::{DASH, Hash, mark_hash};

/// Bytes of a block.
const BLOCK: usize = 64;

/// Longest word that is cut here.
const LONGEST: usize = 16;

/// A block, and as many bytes behind it as a word at its end may have.
type Bytes = [u8; BLOCK + LONGEST];

/// A word or a mark of a text.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hash: u64,
    /// Whether no key goes on from before: a paragraph ended there, or a mark stands there that is in no key.
    pub(super) parted: bool,
    /// Whether it is a word of one letter behind an apostrophe.
    pub(super) ending: bool,
}

/// The marks of ASCII that stand in keys.
pub(super) struct Marks {
    /// For each character its hash as it stands before a word, and as it stands before a gap; 0 where it is in no key.
    hashes: [[u64; 2]; 128],
    any: bool,
    dash: bool,
}

impl Marks {
    /// Those whose hash is `known`.
    pub(super) fn new(seed: u64, known: impl Fn(u64) -> bool) -> Self {
        let hash = |mark, open| Some(mark_hash(seed, mark, open)).filter(|hash| known(*hash));
        let mut marks = Marks {
            hashes: [[0; 2]; 128],
            any: false,
            dash: hash(DASH, true).is_some(),
        };
        for (byte, hashes) in (0..).zip(&mut marks.hashes) {
            let mark = char::from(byte);
            if !mark.is_ascii_alphanumeric() {
                *hashes = [false, true].map(|open| hash(mark, open).unwrap_or(0));
                marks.any |= *hashes != [0; 2];
            }
        }
        marks
    }

    #[inline]
    fn hash(&self, mark: u8, open: bool) -> u64 {
        let hashes = self.hashes.get(usize::from(mark));
        hashes.map_or(0, |hashes| hashes[usize::from(open)])
    }
}

/// The bytes of a block by their class, the first as the lowest bit.
#[derive(Default)]
struct Classes {
    word: u64,
    gap: u64,
    hyphen: u64,
    newline: u64,
    page: u64,
    apostrophe: u64,
    sign: u64,
    beyond: u64,
}

impl Classes {
    #[inline(always)]
    fn new(bytes: &Bytes) -> Self {
        let mut classes = Classes::default();
        for (part, shift) in bytes.as_chunks().0.iter().zip([0, 16, 32, 48]) {
            let raw = u8x16::new(*part);
            let is = |byte| raw.simd_eq(u8x16::splat(byte));
            let within = |bytes: u8x16, first: u8, last: u8| {
                let above = bytes - u8x16::splat(first);
                above.min(u8x16::splat(last - first)).simd_eq(above)
            };
            let add = |class: &mut u64, bytes: u8x16| {
                *class |= u64::from(bytes.to_bitmask()) << shift;
            };
            let letter = within(raw | u8x16::splat(0x20), b'a', b'z');
            add(&mut classes.word, letter | within(raw, b'0', b'9'));
            add(
                &mut classes.gap,
                within(raw, b'\t', b'\r') | is(b' ') | is(b'_'),
            );
            add(&mut classes.hyphen, is(b'-'));
            add(&mut classes.newline, is(b'\n'));
            add(&mut classes.page, is(b'\x0c'));
            add(&mut classes.apostrophe, is(b'\''));
            // They differ in one bit.
            add(
                &mut classes.sign,
                (raw | u8x16::splat(b'+' ^ b'#')).simd_eq(u8x16::splat(b'+')),
            );
            add(&mut classes.beyond, raw);
        }
        classes
    }

    /// The line breaks that end a paragraph: behind another in the same gap, where no page ends.
    #[inline(always)]
    fn paragraphs(&self) -> u64 {
        let gap = self.gap | self.hyphen;
        let second = self.newline << 1 & gap;
        // The carry of the sum runs through the gap behind each.
        let behind = (second.wrapping_add(gap) ^ gap | second) & gap;
        let ends = behind & self.newline;
        match self.page {
            0 => ends,
            _ => self.without_pages(ends, gap),
        }
    }

    #[cold]
    fn without_pages(&self, ends: u64, gap: u64) -> u64 {
        let mut ends = ends;
        let mut pages = self.page;
        while pages != 0 {
            let page = pages.trailing_zeros();
            pages &= pages - 1;
            let behind = page + (!gap >> page).trailing_zeros();
            let before = 64 - (!gap & ((1 << page) - 1)).leading_zeros();
            let from = |bit| u64::MAX.checked_shl(bit).unwrap_or(0);
            ends &= !from(before) | from(behind);
        }
        ends
    }
}

/// How far a text is cut.
#[derive(Clone, Copy)]
pub(super) struct Cut {
    /// End of the last token.
    pub(super) at: usize,
    /// Whether that token is an apostrophe.
    pub(super) after_apostrophe: bool,
    /// Whether no key goes on from before `at`.
    pub(super) parted: bool,
}

/// Calls `found` with the tokens of a block of text behind those that are cut already. How far it came, and whether the
/// next token is one that is not cut here.
#[inline(always)]
pub(super) fn cut(
    text: &str,
    seed: u64,
    marks: &Marks,
    from: Cut,
    mut found: impl FnMut(Piece),
) -> (Cut, bool) {
    let rest = text.as_bytes().get(from.at..).unwrap_or_default();
    let mut end_of_text;
    let bytes: &Bytes = match rest.first_chunk() {
        Some(bytes) => bytes,
        None => {
            end_of_text = [b' '; BLOCK + LONGEST];
            for (to, byte) in end_of_text.iter_mut().zip(rest) {
                *to = *byte;
            }
            &end_of_text
        }
    };
    let classes = Classes::new(bytes);
    let Classes {
        word,
        hyphen,
        beyond,
        ..
    } = classes;
    let load = |at: usize| {
        let eight = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
        eight.map_or(0, |eight| u64::from_le_bytes(*eight))
    };

    // What follows the last byte is not known.
    let inside = u64::MAX >> 1;
    let mark = !(word | classes.gap | hyphen | beyond) & inside;
    let hash_of_mark = |at: u32| marks.hash(bytes[at as usize & 63], word >> (at + 1) & 1 == 0);
    let mut known = 0;
    if marks.any {
        let mut rest = mark;
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            known |= u64::from(hash_of_mark(at) != 0) << at;
        }
    }
    let dash = hyphen & (hyphen << 1 | hyphen >> 1) & inside;
    let (dash, dead) = match marks.dash {
        true => (dash, mark & !known),
        false => (0, mark & !known | dash),
    };
    let mut parting = dead | classes.paragraphs();
    let other_start = beyond | dash;
    let other_end = beyond | classes.sign | hyphen & !((word | hyphen) >> 1);
    let endings = classes.apostrophe << 1 | u64::from(from.after_apostrophe);

    let mut starts = (word & !(word << 1) | known | other_start) & inside;
    let mut parted = from.parted;
    let mut done = 0;
    let mut all_below = inside;
    let mut other = false;
    while starts != 0 {
        let at = starts.trailing_zeros();
        let below = (starts & starts.wrapping_neg()) - 1;
        starts &= starts - 1;
        let len = (!(word >> at)).trailing_zeros().max(1);
        let end = at + len;
        if end >= inside.count_ones() {
            all_below = below;
            break;
        }
        if (other_start >> at | other_end >> end) & 1 != 0 || len > LONGEST as u32 {
            all_below = below;
            other = true;
            break;
        }
        let is_word = word >> at & 1 != 0;
        let hash = match is_word {
            true => {
                // Lower case; the digits have this bit already.
                let lower = 0x2020_2020_2020_2020;
                let first = (load(at as usize) | lower) & u64::MAX >> (64 - 8 * len.min(8));
                let second = (load(at as usize + 8) | lower) & u64::MAX >> ((128 - 8 * len) & 63);
                Hash::of_blocks(seed, first, second, len as usize)
            }
            false => hash_of_mark(at),
        };
        found(Piece {
            start: from.at + at as usize,
            end: from.at + end as usize,
            hash,
            parted: parted | (parting & below != 0),
            ending: is_word && len == 1 && endings >> at & 1 != 0,
        });
        parting &= !below;
        parted = false;
        done = end;
    }
    let passed = dead & all_below & u64::MAX << done;
    if passed != 0 {
        done = 64 - passed.leading_zeros();
        parted = true;
    }
    let Some(last) = (done as usize).checked_sub(1) else {
        return (from, true);
    };
    let cut = Cut {
        at: from.at + done as usize,
        after_apostrophe: bytes[last & 63] == b'\'',
        parted,
    };
    (cut, other)
}
