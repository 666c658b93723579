//! Which mentions of short names stand, by what else a document says.
//!
//! * A document that defines an acronym, `support vector machine (SVM)` or `SVM (support vector machine)`, says what it
//!   means: every `SVM` and `SVMs` of the document counts as a mention of the long form, and none is one of another concept
//!   that has the acronym as a name. The setting `concepts.acronyms` turns this off. The mentions are counted when the
//!   concepts are ranked: readers list a concept under its long form, however often it is called by the short one.
//! * With the setting `concepts.context`, a mention that may well mean something else stands only where the document
//!   mentions the concept in another way, too, or defines the acronym. Such are a word in lower case that is common in
//!   English (`concepts.common_words` says how common), and an acronym of at most four capitals. Exact concepts are always
//!   meant.
//!
//! The definitions are found by the algorithm of Schwartz and Hearst (2003), "A simple algorithm for identifying
//! abbreviation definitions in biomedical text": the letters of the short form are looked for from the end of the words
//! before it, the first of them at the beginning of a word.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::RandomState;
use unicode_normalization::UnicodeNormalization;

use super::index::is_acronym;
use super::{Database, Mention, tokens};
use crate::config::Config;
use crate::language::english;

/// Characters of a short form.
const SHORT: std::ops::RangeInclusive<usize> = 2..=10;

/// Most bytes before a short form that its long form is looked for in.
const REACH: usize = 300;

/// An acronym that a document defines.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Acronym {
    /// `SVM`.
    pub short: String,
    /// `support vector machine`, as the document has it.
    pub long: String,
    /// Index of the concept that the long form is a mention of.
    pub concept: Option<u32>,
    /// Where the long form is defined, in bytes.
    pub range: Range<usize>,
    /// Where the short form stands, in order.
    pub spans: Vec<Range<usize>>,
    folded: String,
}

/// The acronyms that mean a concept, by its index in the database or by one of its names.
pub fn of<'a>(
    acronyms: &'a [Acronym],
    concept: Option<u32>,
    names: [&str; 2],
) -> impl Iterator<Item = &'a Acronym> {
    let name = |name: &str| match acronyms {
        [] => String::new(),
        _ => tokens::fold(name),
    };
    let label = name(names[0]);
    // Most often they are one.
    let form = (names[0] != names[1]).then(|| name(names[1]));
    let means = move |acronym: &&Acronym| {
        (concept.is_some() && concept == acronym.concept)
            || label == acronym.folded
            || form.as_ref() == Some(&acronym.folded)
    };
    acronyms.iter().filter(means)
}

/// The mentions that stand, in order, and the acronyms that the text defines in `ranges`, each once.
pub fn settle(
    text: &str,
    ranges: &[Range<usize>],
    mentions: Vec<Mention>,
    database: &Database,
    config: &Config,
) -> (Vec<Mention>, Vec<Acronym>) {
    if !config.concepts_acronyms {
        return (
            in_context(text, mentions, &[], database, config),
            Vec::new(),
        );
    }
    let mut acronyms = definitions(text, ranges);
    for acronym in &mut acronyms {
        // Mentions are in order and do not overlap.
        let at = mentions.partition_point(|mention| mention.range.start < acronym.range.start);
        let mention = mentions.get(at);
        let mention = mention.filter(|mention| mention.range == acronym.range);
        acronym.concept = mention.map(|mention| mention.concept);
    }
    let mentions = as_defined(text, ranges, mentions, &mut acronyms, database);
    let mentions = in_context(text, mentions, &acronyms, database, config);
    (mentions, acronyms)
}

/// The acronyms defined in a text; of two definitions the first.
fn definitions(text: &str, ranges: &[Range<usize>]) -> Vec<Acronym> {
    let mut found = Vec::new();
    let mut seen: HashSet<&str, RandomState> = HashSet::default();
    for range in ranges {
        let Some(part) = text.get(range.clone()) else {
            continue;
        };
        for (open, _) in part.match_indices('(') {
            let Some((short, long)) = definition(part, open) else {
                continue;
            };
            if seen.insert(&part[short.clone()]) {
                found.push(Acronym {
                    short: part[short].to_owned(),
                    long: part[long.clone()].to_owned(),
                    spans: Vec::new(),
                    folded: tokens::fold(&part[long.clone()]),
                    concept: None,
                    range: range.start + long.start..range.start + long.end,
                });
            }
        }
    }
    found
}

/// The short form and the long form that stand at a bracket, if they do.
fn definition(text: &str, open: usize) -> Option<(Range<usize>, Range<usize>)> {
    let reach = text.ceil_char_boundary(open.saturating_sub(REACH));
    let before = text[reach..open].trim_end();
    let before = before.rsplit(['.', ';', '(', ')', '\u{c}']).next()?;
    let before = before.rsplit("\n\n").next()?;
    let end = reach + text[reach..open].trim_end().len();
    let inside = &text[open + 1..text.floor_char_boundary((open + REACH).min(text.len()))];
    let inside = inside.split_once(')')?.0;
    let at = open + 1 + (inside.len() - inside.trim_start().len());
    let inside = inside.trim();
    // `machine (SVM)` and `machine (SVM, for short)`.
    let first = inside
        .split([',', ';'])
        .next()
        .unwrap_or_default()
        .trim_end();
    if is_short(first)
        && let Some(start) = long_form(before, first)
    {
        return Some((at..at + stem(first).len(), end - before.len() + start..end));
    }
    // `SVM (support vector machine)`.
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next()?;
    let start = long_form(inside, word).filter(|start| *start == 0 && is_short(word))?;
    let short = end - word.len();
    Some((
        short..short + stem(word).len(),
        at + start..at + inside.len(),
    ))
}

/// Whether a word may be an acronym.
fn is_short(word: &str) -> bool {
    let word = stem(word);
    word.chars().all(char::is_alphanumeric)
        && SHORT.contains(&word.chars().count())
        && word.chars().filter(|c| c.is_uppercase()).count() * 2 > word.chars().count()
}

/// An acronym without the plural's s.
fn stem(word: &str) -> &str {
    let stem = word.strip_suffix('s');
    stem.filter(|stem| stem.ends_with(char::is_uppercase))
        .unwrap_or(word)
}

/// Where the long form of an acronym begins in the words it ends.
fn long_form(words: &str, short: &str) -> Option<usize> {
    let mut letters = stem(short)
        .chars()
        .flat_map(char::to_lowercase)
        .rev()
        .peekable();
    let mut chars = words.char_indices().rev().peekable();
    let mut start = None;
    while let Some(letter) = letters.next() {
        loop {
            let (at, found) = chars.next()?;
            let begins = chars
                .peek()
                .is_none_or(|(_, before)| !before.is_alphanumeric());
            // `É` stands for the E of an acronym.
            let plain = std::iter::once(found).nfd().take(1);
            let same = plain.flat_map(char::to_lowercase).eq([letter]);
            if same && (begins || letters.peek().is_some()) {
                start = Some(at);
                break;
            }
        }
    }
    let start = start?;
    let count = stem(short).chars().count();
    let long = words[start..].split(|c: char| !c.is_alphanumeric());
    let long: Vec<&str> = long.filter(|word| !word.is_empty()).collect();
    let fits =
        long.len() <= (count + 5).min(2 * count) && words[start..].chars().count() > 2 * count;
    (fits && !long.iter().any(|word| stem(word) == stem(short))).then_some(start)
}

/// The mentions without those of acronyms that the document means otherwise; notes where the acronyms stand.
fn as_defined(
    text: &str,
    ranges: &[Range<usize>],
    mut mentions: Vec<Mention>,
    acronyms: &mut [Acronym],
    database: &Database,
) -> Vec<Mention> {
    let shorts = acronyms.iter().enumerate();
    let numbers: HashMap<String, usize, RandomState> = shorts
        .map(|(number, acronym)| (acronym.short.clone(), number))
        .collect();
    if numbers.is_empty() {
        return mentions;
    }
    let number = |range: &Range<usize>| numbers.get(stem(text.get(range.clone())?)).copied();
    let mut begins = [false; 256];
    for first in acronyms
        .iter()
        .filter_map(|acronym| acronym.short.bytes().next())
    {
        begins[usize::from(first)] = true;
    }
    mentions.retain(|mention| {
        let acronym = number(&mention.range).and_then(|number| acronyms.get(number));
        acronym.is_none_or(|acronym| match acronym.concept {
            Some(concept) => mention.concept == concept,
            None => database.find_all(&acronym.long).contains(&mention.concept),
        })
    });
    let mut next = 0;
    for range in ranges {
        let part = text.get(range.clone()).unwrap_or_default();
        for word in words_beginning(part, &begins) {
            let here = range.start + word.start..range.start + word.end;
            let Some(number) = number(&here) else {
                continue;
            };
            let before = |mention: &Mention| mention.range.end <= here.start;
            while mentions.get(next).is_some_and(before) {
                next += 1;
            }
            // In a longer name it is a part of that.
            let apart =
                |mention: &Mention| mention.range.start >= here.end || mention.range == here;
            if mentions.get(next).is_none_or(apart) {
                acronyms[number].spans.push(here);
            }
        }
    }
    mentions
}

/// The longest runs of letters and digits, of those that begin with one of some bytes.
fn words_beginning<'t>(
    text: &'t str,
    begins: &'t [bool; 256],
) -> impl Iterator<Item = Range<usize>> + 't {
    let length_at = |at: usize| match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => usize::from(byte.is_ascii_alphanumeric()),
        _ => {
            let character = text.get(at..).and_then(|rest| rest.chars().next());
            character
                .filter(|c| c.is_alphanumeric())
                .map_or(0, char::len_utf8)
        }
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < text.len() {
            let start = at;
            while let length @ 1.. = length_at(at) {
                at += length;
            }
            let word = start..at;
            at += 1;
            if !word.is_empty() && begins[usize::from(text.as_bytes()[start])] {
                return Some(word);
            }
        }
        None
    })
}

/// The mentions that the document gives reason to believe.
fn in_context(
    text: &str,
    mut mentions: Vec<Mention>,
    acronyms: &[Acronym],
    database: &Database,
    config: &Config,
) -> Vec<Mention> {
    if !config.concepts_context {
        return mentions;
    }
    let mut meant: HashSet<u32, RandomState> = acronyms
        .iter()
        .filter_map(|acronym| acronym.concept)
        .collect();
    let ambiguous: Vec<bool> = mentions
        .iter()
        .map(|mention| {
            let written = text.get(mention.range.clone()).unwrap_or_default();
            let ambiguous = is_ambiguous(written, config.concepts_common_words)
                && !database.is_exact(mention.concept);
            if !ambiguous {
                meant.insert(mention.concept);
            }
            ambiguous
        })
        .collect();
    let mut ambiguous = ambiguous.into_iter();
    mentions
        .retain(|mention| !ambiguous.next().unwrap_or(false) || meant.contains(&mention.concept));
    mentions
}

/// Whether what is written may well mean something else than a concept that has the name.
fn is_ambiguous(written: &str, common: u64) -> bool {
    if !written.chars().all(char::is_alphanumeric) {
        return false;
    }
    if is_acronym(stem(written)) {
        return true;
    }
    written.chars().all(char::is_lowercase)
        && english::look_up(written).is_some_and(|word| u64::from(word.rarity) <= common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(json: &str) -> Database {
        Database::from_json(json, "test").unwrap()
    }

    /// Short form and long form.
    type Defined = (String, String);

    /// What the text defines, and what it mentions: names and words.
    fn settled<'t>(
        json: &str,
        text: &'t str,
        settings: &[(&str, &str)],
    ) -> (Vec<Defined>, Vec<(String, &'t str)>) {
        let database = database(json);
        let mut config = Config::new();
        for (key, value) in settings {
            config.set(key, value).unwrap();
        }
        let whole = 0..text.len();
        let mentions = database.tag(text);
        let (mentions, acronyms) = settle(text, &[whole], mentions, &database, &config);
        assert!(mentions.is_sorted_by_key(|mention| mention.range.start));
        let acronyms = acronyms.into_iter().map(|found| (found.short, found.long));
        let name = |mention: Mention| {
            let name = database.name(mention.concept).unwrap();
            (name, &text[mention.range])
        };
        (acronyms.collect(), mentions.into_iter().map(name).collect())
    }

    fn defined(text: &str) -> Vec<Defined> {
        settled("[]", text, &[]).0
    }

    #[test]
    fn definitions_are_found_whichever_form_comes_first() {
        for (text, short, long) in [
            (
                "a support vector machine (SVM) is",
                "SVM",
                "support vector machine",
            ),
            (
                "using Support-Vector\nMachines ( SVMs ), we",
                "SVM",
                "Support-Vector\nMachines",
            ),
            (
                "An SVM (support vector machine) is",
                "SVM",
                "support vector machine",
            ),
            (
                "magnetic resonance imaging (MRI, for short)",
                "MRI",
                "magnetic resonance imaging",
            ),
            (
                "deoxyribonucleic acid (DNA)",
                "DNA",
                "deoxyribonucleic acid",
            ),
            ("the part-of-speech (POS) tags", "POS", "part-of-speech"),
            (
                "l'École normale supérieure (ENS)",
                "ENS",
                "École normale supérieure",
            ),
        ] {
            assert_eq!(
                defined(text),
                [(short.to_owned(), long.to_owned())],
                "{text}"
            );
        }
        for text in [
            "results (see Table 2) of the SVM (Fig. 3) in the USA (A) (B",
            "the end. Machine (SVM)",
            "SVM (SVM)",
            "as many (THE) others (and more)",
            "(SVM) (",
            "()",
            "(",
            "é(É)",
        ] {
            assert_eq!(defined(text), [], "{text}");
        }
    }

    #[test]
    fn many_brackets_take_linear_time() {
        assert_eq!(defined(&"(".repeat(300_000)), []);
        assert_eq!(defined(&"a (A".repeat(100_000)), []);
    }

    #[test]
    fn an_acronym_that_is_defined_stands_for_its_long_form_and_nothing_else() {
        let json = r#"[{"name": "latent semantic analysis"}, {"name": "local street authority", "aliases": ["LSA"]}]"#;
        let text = "Latent semantic analysis (LSA) is old. LSA, LSAs and lsa; LSA-based.";
        let own = "latent semantic analysis".to_owned();
        let (acronyms, mentions) = settled(json, text, &[]);
        assert_eq!(mentions, [(own, "Latent semantic analysis")]);
        assert_eq!(acronyms.len(), 1);
        let (acronyms, mentions) = settled(json, text, &[("concepts.acronyms", "false")]);
        assert!(acronyms.is_empty());
        assert_eq!(mentions.len(), 5);

        let database = database(json);
        let whole = 0..text.len();
        let (_, acronyms) = settle(
            text,
            &[whole],
            database.tag(text),
            &database,
            &Config::new(),
        );
        let spans = acronyms[0].spans.iter().map(|span| &text[span.clone()]);
        assert_eq!(spans.collect::<Vec<_>>(), ["LSA", "LSA", "LSAs", "LSA"]);
        let meant = |concept, name| of(&acronyms, concept, ["", name]).count();
        assert_eq!(meant(Some(0), ""), 1);
        assert_eq!(meant(None, "Latent-Semantic Analysis"), 1);
        assert_eq!(meant(Some(1), "local street authority"), 0);
    }

    #[test]
    fn a_concept_that_the_document_means_otherwise_is_not_mentioned() {
        let json =
            r#"[{"name": "support vector machine", "aliases": ["SVM"]}, {"name": "SVM light"}]"#;
        let otherwise = settled(
            json,
            "The state variable method (SVM). SVM. SVM light.",
            &[],
        )
        .1;
        assert_eq!(otherwise, [("SVM light".to_owned(), "SVM light")]);
        let unsaid = settled(json, "SVM (Fig. 2)", &[]).1;
        assert_eq!(unsaid.len(), 1);
    }

    #[test]
    fn ambiguous_mentions_stand_where_the_context_bears_them_out() {
        let json = r#"[{"name": "random forest", "aliases": ["forest", "RF"]}, {"name": "Time", "exact": true}, {"name": "entropy"}]"#;
        let on = [("concepts.context", "true")];
        let words = |text: &str, settings: &[(&str, &str)]| -> Vec<String> {
            let mentions = settled(json, text, settings).1.into_iter();
            mentions.map(|(_, words)| words.to_owned()).collect()
        };
        let alone = "In the forest, RF signals; Time and entropy.";
        assert_eq!(words(alone, &on), ["Time", "entropy"]);
        assert_eq!(words(alone, &[]), ["forest", "RF", "Time", "entropy"]);
        assert_eq!(
            words("A random forest: each forest, RF.", &on),
            ["random forest", "forest", "RF"]
        );
        assert_eq!(words("The Forest is a forest.", &on), ["Forest", "forest"]);
        let common = [
            ("concepts.context", "true"),
            ("concepts.common_words", "14"),
        ];
        assert_eq!(words(alone, &common), ["Time"]);
    }
}
