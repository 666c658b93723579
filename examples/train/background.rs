//! Makes the table of words of the languages without a tagger out of lists (`data/background.sh`).

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use tori::language::background::{Background, Kind, Known};
use tori::language::casing::lower_into;
use tori::language::{Language, Stemmer};

/// Stems of a language that are kept: the commonest.
const STEMS: usize = 20_000;

/// Reads LANGUAGE.tsv of `counts`, lines of a word and its number in running text, and of `kinds`, lines of a letter and
/// the words of that kind, and writes the table to `out`.
pub(crate) fn make(counts: &Path, kinds: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut all: [Known; Language::LISTED.len()] = Default::default();
    for (known, language) in all.iter_mut().zip(Language::LISTED) {
        *known = Known {
            rarities: read(counts, language, |list| rarities(language, list))?,
            kinds: read(kinds, language, kinds_of)?,
        };
    }
    fs::write(out, Background::write(&all))?;
    Ok(())
}

/// What `parse` makes of the list of a language.
fn read<T>(
    folder: &Path,
    language: Language,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Box<dyn Error>> {
    let path = folder.join(format!("{language:?}.tsv").to_lowercase());
    let list = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let parsed = parse(&list);
    Ok(parsed.ok_or_else(|| format!("{}: a line is not what it should be", path.display()))?)
}

/// The commonest stems of a list with their rarities.
fn rarities(language: Language, list: &str) -> Option<Vec<(String, u8)>> {
    let stemmer = Stemmer::new(language);
    let mut counts: HashMap<String, u64> = HashMap::new();
    for line in list.lines() {
        let (word, count) = line.split_once('\t')?;
        let word = &word[language.elided(word)..];
        *counts.entry(stemmer.stem(word).into_owned()).or_default() += count.parse::<u64>().ok()?;
    }
    let all = counts.values().sum::<u64>() as f64;
    let mut stems: Vec<(String, u64)> = counts.into_iter().collect();
    stems.sort_unstable_by(|(stem, count), (other, of_other)| {
        of_other.cmp(count).then(stem.cmp(other))
    });
    stems.truncate(STEMS);
    let rarity = |count: u64| ((all / count as f64).log2() - 6.0).clamp(0.0, 14.0) as u8;
    let stems = stems.into_iter();
    Some(stems.map(|(stem, count)| (stem, rarity(count))).collect())
}

fn kinds_of(list: &str) -> Option<Vec<(String, Kind)>> {
    let mut kinds = Vec::new();
    for line in list.lines() {
        let (letter, words) = line.split_once('\t')?;
        let kind = Kind::of_letter(letter)?;
        for word in words.split(' ') {
            let mut lower = String::new();
            lower_into(word, &mut lower);
            kinds.push((lower, kind));
        }
    }
    Some(kinds)
}
