//! Regular plurals of English words.

/// Whether a word whose last byte is this may be a plural.
pub(super) fn may_end_in(last: u8) -> bool {
    matches!(last, b's' | b'S' | b'i' | b'I' | b'a' | b'A' | 0x80..)
}

/// Calls `found` with each word that a folded word may be the plural of; whether it is, [`is_of`] tells. The word is
/// put together in `base`.
pub(super) fn bases(word: &str, base: &mut String, mut found: impl FnMut(&str)) {
    let mut give = |ending: &str, singular: &str| {
        if let Some(stem) = word.strip_suffix(ending) {
            base.clear();
            base.push_str(stem);
            base.push_str(singular);
            found(base);
        }
    };
    match word.as_bytes() {
        [.., b'e', b's'] => {
            give("s", "");
            give("es", "");
            give("ies", "y");
            give("es", "is");
            give("ices", "ix");
            give("ices", "ex");
        }
        [.., b's'] => give("s", ""),
        [.., b'i'] => give("i", "us"),
        [.., b'a'] => give("a", "um"),
        _ => (),
    }
}

/// Whether a folded word is the plural of another.
pub(super) fn is_of(word: &str, base: &str) -> bool {
    let mut is = false;
    each(base, |form| is |= form == word);
    is
}

/// Calls `found` with each form a folded word may have in the plural. Forms that no writer uses do no harm: they
/// occur in no text.
pub(super) fn each(word: &str, mut found: impl FnMut(&str)) {
    let bytes = word.as_bytes();
    let [.., before, last] = bytes else {
        return;
    };
    if !bytes.iter().all(u8::is_ascii_alphanumeric)
        || !(before.is_ascii_alphabetic() || last.is_ascii_alphabetic())
    {
        return;
    }
    let mut form = String::with_capacity(word.len() + 2);
    let mut give = |cut: usize, ending: &str| {
        form.clear();
        form.push_str(&word[..word.len() - cut]);
        form.push_str(ending);
        found(&form);
    };
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
