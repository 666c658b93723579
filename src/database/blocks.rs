//! Cutting ASCII into tokens 64 bytes at a time, as [`Tokens`](super::tokens::Tokens) does one by one.
//!
//! The bytes of a block become bits, one number for each class of bytes, and the words are runs of bits. What needs more
//! than a block of ASCII to be understood (words with a character beyond ASCII, with signs, cut by a hyphen, or long) is
//! left to [`Tokens`](super::tokens::Tokens), which goes on where the block ends and hands over where it ended itself.

use fearless_simd::Simd;

use super::filter::Filter;
use super::index::Index;
use super::lanes::{BLOCK, Lanes};
use super::plural;
use super::tokens::{DASH, mark_hash};
use super::window::{ENDING, LONGEST_WORD, PARTED, Window, Word, note_few};

/// A block, and as many bytes behind it as a word at its end may have.
type Bytes = [u8; BLOCK + LONGEST_WORD];

/// Most marks that are told apart from those of no key.
const KNOWN: usize = 8;

/// The marks of ASCII that stand in keys.
#[derive(Debug)]
pub(super) struct Marks {
    /// For each character its hash as it stands before a word, and as it stands before a gap.
    hashes: [[u64; 2]; 128],
    /// Those that are in keys; all are taken for it when they are more than these.
    known: Option<([u8; KNOWN], usize)>,
    dash: bool,
}

impl Marks {
    /// Those in keys of the indices, which have one seed.
    pub(super) fn of(indices: &[Index<'_>]) -> Self {
        let seed = indices.first().map_or(0, |index| index.seed);
        Marks::new(seed, |hash| {
            indices.iter().any(|index| index.word(hash) != 0)
        })
    }

    /// Those whose hash is `known`.
    pub(super) fn new(seed: u64, known: impl Fn(u64) -> bool) -> Self {
        let mut marks = Marks {
            hashes: [[0; 2]; 128],
            known: Some(([0; KNOWN], 0)),
            dash: known(mark_hash(seed, DASH, true)),
        };
        for (byte, hashes) in (0..).zip(&mut marks.hashes) {
            let mark = char::from(byte);
            if mark.is_ascii_alphanumeric() || is_gap(byte) {
                continue;
            }
            *hashes = [false, true].map(|open| mark_hash(seed, mark, open));
            if hashes.iter().any(|hash| known(*hash)) {
                marks.known = marks.known.and_then(|(mut bytes, count)| {
                    *bytes.get_mut(count)? = byte;
                    Some((bytes, count + 1))
                });
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

/// Whether a character of ASCII is no mark but a gap.
fn is_gap(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | b'_' | b'-')
}

/// The bytes of a block by their class.
struct Classes {
    word: u64,
    gap: u64,
    hyphen: u64,
    newline: u64,
    page: u64,
    apostrophe: u64,
    sign: u64,
    beyond: u64,
    /// The last letters of what may be a plural.
    plural: u64,
}

impl Classes {
    #[inline(always)]
    fn new(raw: Lanes<impl Simd>) -> Self {
        let lower = raw.lower();
        let word = lower.within(b'a', b'z') | raw.within(b'0', b'9');
        // As `plural::may_be` has it.
        let (second, third) = (word << 1, word << 1 & word << 2);
        let (s, i) = (lower.equal(b's'), lower.equal(b'i'));
        let um = lower.equal(b'a') & (i | lower.equal(b'r')) << 1;
        let plural = s & third | i & third & word << 3 | um & second;
        Classes {
            word,
            gap: raw.within(b'\t', b'\r') | raw.equal(b' ') | raw.equal(b'_'),
            hyphen: raw.equal(b'-'),
            newline: raw.equal(b'\n'),
            page: raw.equal(b'\x0c'),
            apostrophe: raw.equal(b'\''),
            sign: raw.equal(b'+') | raw.equal(b'#'),
            beyond: raw.beyond(),
            plural,
        }
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

/// Appends the tokens of a block of text behind those that are cut already to a window that has room for [`BLOCK`]. How far
/// it came, and whether the next token is one that is not cut here.
#[inline(always)]
pub(super) fn cut<S: Simd>(
    simd: S,
    text: &str,
    seed: u64,
    (marks, filter): (&Marks, Option<&Filter>),
    from: Cut,
    window: &mut Window,
) -> (Cut, bool) {
    let rest = text.as_bytes().get(from.at..).unwrap_or_default();
    let mut end_of_text;
    let bytes: &Bytes = match rest.first_chunk() {
        Some(bytes) => bytes,
        None => {
            end_of_text = [b' '; BLOCK + LONGEST_WORD];
            for (to, byte) in end_of_text.iter_mut().zip(rest) {
                *to = *byte;
            }
            &end_of_text
        }
    };
    let Some(block) = bytes.first_chunk() else {
        return (from, true);
    };
    let raw = Lanes::new(simd, block);
    let classes = Classes::new(raw);
    let Classes {
        word,
        hyphen,
        beyond,
        ..
    } = classes;

    // What follows the last byte is not known.
    let inside = u64::MAX >> 1;
    let mark = !(word | classes.gap | hyphen | beyond) & inside;
    let known = match &marks.known {
        Some((bytes, count)) => mark & raw.any(bytes.get(..*count).unwrap_or_default()),
        None => mark,
    };
    let dash = hyphen & (hyphen << 1 | hyphen >> 1) & inside;
    let (dash, dead) = match marks.dash {
        true => (dash, mark & !known),
        false => (0, mark & !known | dash),
    };
    let other_start = beyond | dash;
    let other_end = beyond | classes.sign | hyphen & !((word | hyphen) >> 1);

    // A token of one byte is its first and its last.
    let mut starts = (word & !(word << 1) | known | other_start) & inside;
    let all_lasts = word & !(word >> 1) | known;
    let limit = (other_start | all_lasts & other_end >> 1 | long(word)).trailing_zeros();
    let end = (inside.count_ones() - 1).min(limit);
    let below_end = (1 << end) - 1;
    let mut lasts = all_lasts & below_end;
    let known = known & lasts;

    // No key goes over the words that are in none.
    let strange = filter.map_or(0, |filter| {
        let bounds = (starts & word, lasts & word);
        strange(simd, bytes, bounds, classes.plural, seed, filter)
    });
    starts &= !strange;
    let all_lasts = all_lasts & !strange;
    lasts &= !strange;
    let dead = dead | strange;

    let between = !(word | known | other_start) | strange;
    let parting = dead | classes.paragraphs();
    // The carry of the sum runs through the gap behind what parts.
    let parted = between.wrapping_add(parting & between) & !between;
    let parted = parted | u64::from(from.parted) << (starts.trailing_zeros() & 63);
    let letter = word & !(word << 1) & !(word >> 1);
    let ending = letter & (classes.apostrophe << 1 | u64::from(from.after_apostrophe));

    let first_token = window.tokens.len();
    let count = lasts.count_ones() as usize;
    let tokens = window.tokens.room(count);
    let mut done = 0;
    for token in tokens {
        let (first, last) = (starts.trailing_zeros(), lasts.trailing_zeros());
        starts &= starts.wrapping_sub(1);
        lasts &= lasts.wrapping_sub(1);
        done = last + 1;
        let letters = Word::of(bytes[first as usize & 63..].first_chunk());
        token.start = from.at + first as usize;
        token.end = from.at + done as usize;
        token.word.hash = letters.hash(seed, (done - first) as usize);
        token.word.is = ((parted >> (first & 63)) as u8 & 1) * PARTED;
    }
    window.tokens.add(count);
    let all_below = match starts {
        0 => inside,
        _ => (starts & starts.wrapping_neg()) - 1,
    };
    let number = |below: u64| (first_token + (all_lasts & below).count_ones() as usize) as u32;
    note_few::<2, _>(known, &mut window.marks, |at, below| {
        let is_open = word >> 1 & below.wrapping_add(1) == 0;
        let mark = bytes[at as usize % BLOCK];
        (number(below), marks.hash(mark, is_open))
    });
    let plurals = classes.plural & all_lasts & below_end;
    note_few::<3, _>(plurals, &mut window.plurals, |_, below| number(below));
    let mut ending = ending & all_lasts & below_end;
    while ending != 0 {
        let below = (1 << ending.trailing_zeros()) - 1;
        window.mark(number(below) as usize, ENDING);
        ending &= ending - 1;
    }
    let mut parted = from.parted && count == 0;
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
    (cut, limit < inside.count_ones() - 1)
}

/// The words of a block that are in no key, and are no plurals of some that are: all of their bytes.
#[inline(never)]
fn strange<S: Simd>(
    simd: S,
    bytes: &Bytes,
    (starts, lasts): (u64, u64),
    plural: u64,
    seed: u64,
    filter: &Filter,
) -> u64 {
    simd.vectorize(
        #[inline(always)]
        || strange_by(bytes, (starts, lasts), plural, seed, filter),
    )
}

#[inline(always)]
fn strange_by(
    bytes: &Bytes,
    (starts, lasts): (u64, u64),
    plural: u64,
    seed: u64,
    filter: &Filter,
) -> u64 {
    let may_have = |first: u32, end: u32| {
        let word = Word::of(bytes[first as usize & 63..].first_chunk());
        filter.may_have(word.hash(seed, (end - first) as usize))
    };
    let (mut strange_starts, mut strange_lasts) = (0, 0);
    let (mut ahead, mut lasts_ahead) = (starts, lasts);
    for _ in 0..lasts.count_ones() {
        let (first, last) = (ahead.trailing_zeros(), lasts_ahead.trailing_zeros());
        ahead &= ahead.wrapping_sub(1);
        lasts_ahead &= lasts_ahead.wrapping_sub(1);
        let is_strange = u64::from(!may_have(first, last + 1));
        strange_starts |= is_strange << (first & 63);
        strange_lasts |= is_strange << (last & 63);
    }
    let mut plurals = strange_lasts & plural;
    while plurals != 0 {
        let last = plurals.trailing_zeros();
        plurals &= plurals - 1;
        let before = starts & ((1 << last) - 1);
        let first = 63_u32.saturating_sub(before.leading_zeros());
        let ending = [2, 1, 0].map(|back| bytes[last.wrapping_sub(back) as usize & 63] | 0x20);
        let is_plural = may_have(first, last) | !plural::by_s_alone(ending);
        let is_plural = u64::from(is_plural);
        strange_starts &= !(is_plural << first);
        strange_lasts &= !(is_plural << last);
    }
    // The difference of the bits behind a word and of its first are those of the word.
    (strange_lasts << 1).wrapping_sub(strange_starts)
}

/// Of words of more than [`LONGEST_WORD`] bytes, the first byte that is too many and those behind it.
#[inline(always)]
fn long(word: u64) -> u64 {
    const { assert!(LONGEST_WORD == 16) };
    let two = word & word << 1;
    let four = two & two << 2;
    let eight = four & four << 4;
    let sixteen = eight & eight << 8;
    sixteen << 1 & word
}
