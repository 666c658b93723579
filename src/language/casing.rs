//! How words are written: case and its folding.

use super::tokens::stands_alone;

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Casing {
    /// `transform`; also scripts without case.
    Lower,
    /// `Fourier`
    Capital,
    /// `FFT`
    Upper,
    /// `LaTeX`
    Mixed,
}

/// Puts `surface` into `lower` in lower case, with plain hyphens and apostrophes and without soft hyphens.
pub fn lower_into(surface: &str, lower: &mut String) {
    lower.clear();
    if surface.is_ascii() {
        lower.push_str(surface);
        lower.make_ascii_lowercase();
        return;
    }
    for character in surface.chars() {
        match character {
            '\u{ad}' => {}
            '\u{2010}' | '\u{2011}' => lower.push('-'),
            '\u{2019}' => lower.push('\''),
            _ => lower.extend(character.to_lowercase()),
        }
    }
}

/// How `surface` is written.
pub fn casing(surface: &str) -> Casing {
    // Most words.
    if surface.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Casing::Lower;
    }
    let mut letters = surface
        .chars()
        .filter(|character| character.is_alphabetic() && !stands_alone(*character));
    let Some(first) = letters.next() else {
        return Casing::Lower;
    };
    let (mut upper, mut lower) = (0_usize, 0_usize);
    for letter in letters {
        upper += usize::from(letter.is_uppercase());
        lower += usize::from(letter.is_lowercase());
    }
    match (first.is_uppercase(), upper, lower) {
        (false, 0, _) => Casing::Lower,
        (true, 0, _) => Casing::Capital,
        (true, _, 0) => Casing::Upper,
        // FFTs, PCs
        (true, _, 1) if surface.ends_with('s') => Casing::Upper,
        // Gauss-Newton
        (true, _, _) if upper == surface.matches(['-', '\u{2010}', '/']).count() => Casing::Capital,
        _ => Casing::Mixed,
    }
}
