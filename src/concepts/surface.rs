//! The form a concept is shown in.

use super::candidates::Occurrence;
use super::words::{Word, Words, content};
use crate::document::structure::SectionKind;
use crate::language::casing::Casing;
use crate::language::classes::Class;
use crate::language::english;

/// Occurrences that are looked at for the usual form.
const FORMS: usize = 256;

/// The usual form of the candidate: the most frequent among its occurrences in running text, in the case that
/// its words have away from sentence beginnings and headings. Spaces and line breaks become one space.
pub(super) fn label(text: &str, words: &Words, occurrences: &[Occurrence], length: u32) -> String {
    let mut forms: Vec<(String, u32)> = Vec::new();
    let mut written = String::new();
    for occurrence in occurrences.iter().take(FORMS) {
        let start = occurrence.word as usize;
        let Some(form) = words.words.get(start..start + length as usize) else {
            continue;
        };
        write(text, words, form, &mut written);
        if occurrences.len() == 1 {
            return written;
        }
        let small_print = form.iter().any(Word::in_small_print);
        let weight = if small_print { 1 } else { 4 };
        // There are few forms of one term.
        match forms.iter_mut().find(|(known, _)| *known == written) {
            Some((_, weights)) => *weights += weight,
            None => forms.push((std::mem::take(&mut written), weight)),
        }
    }
    // Of equal ones the first.
    forms
        .into_iter()
        .rev()
        .max_by_key(|&(_, weight)| weight)
        .map(|(form, _)| form)
        .unwrap_or_default()
}

/// The words as they stand, each in its usual case where this place does not tell.
fn write(text: &str, words: &Words, form: &[Word], written: &mut String) {
    written.clear();
    if let (Some(first), Some(last)) = (form.first(), form.last()) {
        written.reserve(last.end.saturating_sub(first.start) as usize);
    }
    let keeps_capital = |word: &Word| word.casing == Casing::Capital && is_name(words, word);
    // "Perceived Usefulness": where a later word of a form in capitals is a name, the whole form is.
    let content = || content(form);
    let whole_name = form.len() > 1
        && content().all(|word| word.casing == Casing::Capital)
        && content().skip(1).any(keeps_capital);
    let shouted = form.len() > 1 && form.iter().all(|word| word.casing == Casing::Upper);
    let mut end = None;
    for word in form {
        // What stands between two words of one run is spaces, or nothing in scripts without them and after an elision.
        if end.is_some_and(|end| end < word.start) {
            written.push(' ');
        }
        end = Some(word.end);
        let surface = text
            .get(word.start as usize..word.end as usize)
            .unwrap_or("");
        let surface = surface
            .strip_suffix("'s")
            .or(surface.strip_suffix("’s"))
            .filter(|_| form.len() == 1)
            .unwrap_or(surface);
        let lower = match word.casing {
            Casing::Lower | Casing::Mixed => false,
            // Beside words that are not, capitals are no heading's habit.
            Casing::Upper => {
                (shouted || form.len() == 1 && in_heading(word)) && !is_acronym(words, word)
            }
            Casing::Capital => {
                !whole_name
                    && (word.opens_sentence || in_heading(word) || title_case(form))
                    && !is_name(words, word)
            }
        };
        let from = written.len();
        match (lower, surface.is_ascii()) {
            (lower, true) => {
                written.push_str(surface);
                if lower {
                    written[from..].make_ascii_lowercase();
                }
            }
            (true, false) => written.extend(
                surface
                    .chars()
                    .flat_map(char::to_lowercase)
                    .filter(|&c| c != '\u{ad}'),
            ),
            (false, false) => written.extend(surface.chars().filter(|&c| c != '\u{ad}')),
        }
    }
}

fn in_heading(word: &Word) -> bool {
    word.section == SectionKind::Title
}

/// Whether every word has a capital, as in headings.
fn title_case(form: &[Word]) -> bool {
    let has_capital = |word: &Word| word.casing != Casing::Lower || word.class == Class::Joiner;
    form.iter().all(has_capital)
}

/// Whether the word is written with a capital where nothing asks for one.
fn is_name(words: &Words, word: &Word) -> bool {
    let Some(facts) = words.vocabulary.get(word.stem as usize) else {
        return true;
    };
    let [lower, capital, upper, mixed] = facts.casings;
    match lower + capital + upper + mixed {
        0 => {
            facts.rarity >= english::UNKNOWN_RARITY
                && word.class == Class::Noun
                && word.section != SectionKind::Title
        }
        _ => capital + upper + mixed > lower,
    }
}

fn is_acronym(words: &Words, word: &Word) -> bool {
    let Some(facts) = words.vocabulary.get(word.stem as usize) else {
        return true;
    };
    let [lower, capital, upper, _] = facts.casings;
    match lower + capital {
        0 => facts.shape.bytes <= 5 && (upper > 0 || facts.rarity >= english::UNKNOWN_RARITY),
        other => upper > other,
    }
}
