//! Lines of scripts that run from right to left, and scripts that part no words.

use unicode_bidi::{BidiInfo, Level};
use unicode_normalization::UnicodeNormalization;

/// Whether the letter belongs to a script that runs from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Whether the character belongs to a script that writes its words without space: Chinese, Japanese.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{30ff}' | '\u{31f0}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// A line as it is read, from one as it is seen from left to right.
///
/// Ordering by the bidirectional algorithm (Unicode Standard Annex #9) undoes itself: runs are turned round, and turned
/// round again.
pub(super) fn logical_order(seen: &str) -> String {
    let (to_left, letters) = seen
        .chars()
        .filter(|c| c.is_alphabetic())
        .fold((0_usize, 0_usize), |(to_left, letters), c| {
            (to_left + usize::from(is_right_to_left(c)), letters + 1)
        });
    let base = match 2 * to_left > letters {
        true => Level::rtl(),
        false => Level::ltr(),
    };
    let bidi = BidiInfo::new(seen, Some(base));
    let mut read = String::with_capacity(seen.len());
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let turned = levels.get(run.start).is_some_and(Level::is_rtl);
            let text = seen.get(run).unwrap_or_default();
            match turned {
                true => read.extend(text.chars().rev().map(mirrored)),
                false => read.push_str(text),
            }
        }
    }
    read
}

/// The bracket that looks like this one in a run from right to left.
fn mirrored(c: char) -> char {
    match c {
        '(' => ')',
        ')' => '(',
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        '<' => '>',
        '>' => '<',
        '«' => '»',
        '»' => '«',
        c => c,
    }
}

/// The text with the letters themselves in place of the shapes that they take in a word.
pub(super) fn letters_of_shapes(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' => {
                // Marks by themselves decompose into a space and the mark.
                letters.extend([c].into_iter().nfkc().filter(|c| *c != ' '));
            }
            c => letters.push(c),
        }
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_read_from_the_right() {
        assert_eq!(logical_order("םולש"), "שלום");
        // A number within keeps its order, brackets go on opening towards the text they hold.
        assert_eq!(logical_order("(12 דומע) רפס"), "ספר (עמוד 12)");
        assert_eq!(logical_order("the word םולש here"), "the word שלום here");
    }

    #[test]
    fn shapes_of_letters_are_letters() {
        assert_eq!(letters_of_shapes("ﺳﻼﻡ"), "سلام");
        assert_eq!(letters_of_shapes("a ﹰb"), "a \u{64b}b");
    }
}
