//! Short pieces of text as numbers, which are hashed and compared where they stand, many times faster than as strings.

use std::ops::Range;

/// Bytes of the longest piece that is short.
const LONGEST: usize = 16;

/// The bytes at `at`, the first one the lowest, with zeros above them; `None` for more than [`LONGEST`].
pub(crate) fn short(text: &str, at: Range<usize>) -> Option<u128> {
    let above = LONGEST.checked_sub(at.len())?;
    let rest = text.as_bytes().get(at.start..)?;
    // What follows is read with it and left out.
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; LONGEST];
        let all = bytes.iter_mut().zip(rest);
        all.for_each(|(byte, &of_text)| *byte = of_text);
        bytes
    });
    let all = u128::MAX.checked_shr(8 * above as u32).unwrap_or(0);
    Some(u128::from_le_bytes(bytes) & all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_piece_is_its_own_bytes_whatever_stands_around_it() {
        let long = "x".repeat(LONGEST);
        for piece in ["", "a", "é", "of the", &long] {
            let mut bytes = [0; LONGEST];
            bytes[..piece.len()].copy_from_slice(piece.as_bytes());
            for after in ["", " ", "\0", " and more than a short piece has"] {
                let text = format!("(é {piece}{after}");
                let found = short(&text, 4..4 + piece.len());
                assert_eq!(found, Some(u128::from_le_bytes(bytes)), "{text}");
            }
        }
        assert_eq!(short(&(long + "x"), 0..LONGEST + 1), None);
        assert_eq!(short("a", 2..3), None);
    }
}
