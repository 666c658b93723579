//! Regular plurals of English words.

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
