//! Regular plurals of English words.

/// Whether a word of a text may be a plural, from its last bytes: no is certain. The word need not be folded, and may
/// have a hyphen or a mark inside.
pub(super) fn may_be(word: &[u8]) -> bool {
    match word {
        [.., 0x80..=0xff] => true,
        [_, _, .., b's' | b'S'] | [_, _, _, .., b'i' | b'I'] => true,
        [.., before, b'a' | b'A'] => {
            !before.is_ascii_alphanumeric() || matches!(before, b'i' | b'I' | b'r' | b'R')
        }
        _ => false,
    }
}

/// Whether a folded word may be a plural by the `s` at its end and in no other way, from its last three letters.
#[inline(always)]
pub(super) fn by_s_alone([before, e, s]: [u8; 3]) -> bool {
    (s == b's') & !((e == b'e') & is_among(before, b"sxzhoic"))
}

/// Whether a byte is one of some lower-case letters, without a branch.
#[inline(always)]
fn is_among(byte: u8, letters: &[u8]) -> bool {
    let mut bits = 0_u32;
    for letter in letters {
        bits |= 1 << (letter & 31);
    }
    (byte >= b'`') & (bits >> (byte & 31) & 1 != 0)
}

/// The words that a folded word of letters and digits of ASCII is the plural of in another way than by an `s` alone, where
/// it ends in `es`, from its length and last letters: the length of each, and what those letters are to be before it is cut
/// to that; [`bases`] gives them as well.
#[inline]
pub(super) fn by_es(len: usize, last: [u8; 4]) -> [Option<(usize, [u8; 4])>; 2] {
    let [first, second, e, s] = last;
    if len < 4 || [e, s] != *b"es" {
        return [None; 2];
    }
    let cut = len - 2;
    match second {
        b's' | b'x' => [
            Some((cut, last)),
            (len > 4).then_some((len, [first, second, b'i', b's'])),
        ],
        b'z' | b'o' => [Some((cut, last)), None],
        b'h' if cut > 3 && matches!(first, b'c' | b's') => [Some((cut, last)), None],
        b'i' if !b"aeiou".contains(&first) => [Some((cut, [first, b'y', e, s])), None],
        b'c' if first == b'i' && cut > 3 => {
            [b'i', b'e'].map(|vowel| Some((cut, [vowel, b'x', e, s])))
        }
        _ => [None; 2],
    }
}

/// Calls `found` with each word that a folded word may be the plural of, in two parts; whether it is, [`is_of`] tells.
#[inline]
pub(super) fn bases(word: &str, mut found: impl FnMut(&str, &str)) {
    let mut give = |ending: &str, singular: &str| {
        if let Some(stem) = word.strip_suffix(ending) {
            found(stem, singular);
        }
    };
    match word.as_bytes() {
        [.., before, b'e', b's'] => {
            give("s", "");
            match before {
                b's' | b'x' => {
                    give("es", "");
                    give("es", "is");
                }
                b'z' | b'h' | b'o' => give("es", ""),
                b'i' => give("ies", "y"),
                b'c' => {
                    give("ices", "ix");
                    give("ices", "ex");
                }
                _ => (),
            }
        }
        [.., b's'] => give("s", ""),
        [.., b'i'] => give("i", "us"),
        [.., b'a'] => give("a", "um"),
        _ => (),
    }
}

/// Whether a folded word is the plural of another.
#[inline]
pub(super) fn is_of(word: &str, base: &str) -> bool {
    let mut is = false;
    endings(base, |kept, ending| {
        is |= word.strip_prefix(kept) == Some(ending);
    });
    is
}

/// Whether a folded word of letters and digits of ASCII has a plural with nothing but an `s`: what [`is_of`] tells of it.
/// Of its length and last letters; it has two at the least.
#[inline]
pub(super) fn takes_s(len: usize, [before, last]: [u8; 2]) -> bool {
    let other = is_among(last, b"sxz")
        | (last == b'h') & (len > 3) & is_among(before, b"cs")
        | (last == b'y') & !is_among(before, b"aeiou");
    !other & (before.is_ascii_alphabetic() | last.is_ascii_alphabetic())
}

/// Calls `found` with each form a folded word may have in the plural.
#[cfg(test)]
pub(super) fn each(word: &str, mut found: impl FnMut(&str)) {
    endings(word, |kept, ending| found(&[kept, ending].concat()));
}

/// Calls `found` with what each form a folded word may have in the plural keeps of the word, and its ending. Forms that
/// no writer uses do no harm: they occur in no text.
#[inline]
fn endings(word: &str, mut found: impl FnMut(&str, &str)) {
    let bytes = word.as_bytes();
    let [.., before, last] = bytes else {
        return;
    };
    if !bytes.iter().all(u8::is_ascii_alphanumeric)
        || !(before.is_ascii_alphabetic() || last.is_ascii_alphabetic())
    {
        return;
    }
    let mut give = |cut: usize, ending: &str| found(&word[..word.len() - cut], ending);
    let ends = |ending: &str| word.len() > ending.len() + 1 && word.ends_with(ending);
    match last {
        b's' | b'x' | b'z' => give(0, "es"),
        b'h' if ends("ch") || ends("sh") => give(0, "es"),
        b'y' if !b"aeiou".contains(before) => give(1, "ies"),
        b'o' => {
            give(0, "s");
            give(0, "es");
        }
        _ => give(0, "s"),
    }
    // The regular plurals of learned words: analyses, axes, matrices, vertices, nuclei, bacteria, spectra.
    if ends("sis") || ends("xis") {
        give(2, "es");
    } else if ends("ix") || ends("ex") {
        give(2, "ices");
    } else if ends("us") && word.len() > 5 {
        give(2, "i");
    } else if ends("ium") || ends("trum") {
        give(2, "a");
    }
}
