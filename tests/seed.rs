//! What `data/concept_seed_universal.json` promises.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    concepts: Vec<Concept>,
}

#[derive(Deserialize)]
struct Concept {
    name: String,
    aliases: Vec<String>,
    category: String,
    priority: f64,
    boost_multiplier: f64,
    #[serde(default)]
    broader: Vec<String>,
    #[serde(default)]
    narrower: Vec<String>,
}

fn read(name: &str) -> Vec<Concept> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data")
        .join(name);
    let text = fs::read_to_string(path).unwrap();
    serde_json::from_str::<File>(&text).unwrap().concepts
}

fn seed() -> Vec<Concept> {
    read("concept_seed_universal.json")
}

/// Names that are words, too, and written with a capital where they are names.
const PROPER: [&str; 3] = ["Internet", "Renaissance", "Romanticism"];

/// Case and gaps do not tell names apart.
fn fold(name: &str) -> String {
    let gap = |c: char| c.is_whitespace() || c == '-' || c == '_';
    let words: Vec<_> = name.split(gap).filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}

/// The names and aliases of a concept.
fn keys(concept: &Concept) -> impl Iterator<Item = &str> {
    std::iter::once(&concept.name)
        .chain(&concept.aliases)
        .map(String::as_str)
}

#[test]
fn the_seed_has_twenty_thousand_concepts() {
    assert!(seed().len() >= 20_000);
}

#[test]
fn no_name_or_alias_is_there_twice() {
    let concepts: Vec<_> = read("concept_file_storage.json")
        .into_iter()
        .chain(seed())
        .collect();
    let mut owner = HashMap::new();
    let mut twice = Vec::new();
    for concept in &concepts {
        for key in keys(concept) {
            if let Some(other) = owner.insert(fold(key), &concept.name) {
                twice.push(format!("{key:?} of {other:?} and {:?}", concept.name));
            }
        }
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn names_are_written_as_in_a_sentence() {
    let words = include_str!("../data/english_words.txt").lines();
    // A word that has a class is none that is only a name; the class stands before the last letter.
    let words: HashSet<_> = words
        .filter(|line| line.bytes().rev().nth(1) != Some(b'?'))
        .map(|line| &line[..line.len() - 2])
        .collect();
    let mut stray = Vec::new();
    for concept in seed() {
        for key in keys(&concept) {
            let tidy = key.split(' ').all(|part| !part.is_empty())
                && !key.contains(|c: char| c == '_' || c != ' ' && c.is_whitespace());
            let shouts = key.contains(' ')
                && key.chars().any(char::is_alphabetic)
                && key.split(' ').all(|word| {
                    word.len() > 1
                        && words.contains(&*word.to_lowercase())
                        && word == word.to_uppercase()
                });
            let mut letters = key.chars();
            let capital = letters.next().is_some_and(char::is_uppercase)
                && letters.all(char::is_lowercase)
                && words.contains(&*key.to_lowercase())
                && !PROPER.contains(&key);
            if !tidy || shouts || capital {
                stray.push(key.to_owned());
            }
        }
    }
    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn no_category_is_empty_or_nearly_so() {
    let mut sizes = BTreeMap::<_, usize>::new();
    for concept in seed().into_iter().chain(read("concept_file_storage.json")) {
        let snake = |c: char| c.is_ascii_lowercase() || c == '_';
        let category = &concept.category;
        assert!(
            !category.is_empty() && category.chars().all(snake),
            "{:?} has the category {category:?}",
            concept.name
        );
        *sizes.entry(concept.category).or_default() += 1;
    }
    let small: Vec<_> = sizes.iter().filter(|(_, size)| **size < 10).collect();
    assert!(small.is_empty(), "{small:?}");
}

#[test]
fn weights_are_in_range() {
    for concept in seed() {
        let ok = (0.0..=1.0).contains(&concept.priority)
            && (1.0..=1.5).contains(&concept.boost_multiplier);
        assert!(ok, "{:?}", concept.name);
    }
}

#[test]
fn relations_are_mutual_and_lead_up() {
    let concepts = seed();
    let by_name: HashMap<_, _> = concepts
        .iter()
        .map(|concept| (&*concept.name, concept))
        .collect();
    for concept in &concepts {
        let name = &concept.name;
        for (there, back) in [(true, "narrower"), (false, "broader")] {
            let others = if there {
                &concept.broader
            } else {
                &concept.narrower
            };
            let distinct: BTreeSet<_> = others.iter().collect();
            assert_eq!(distinct.len(), others.len(), "{name:?} names one twice");
            for other in others {
                let Some(related) = by_name.get(&**other) else {
                    panic!("{name:?} is related to {other:?}, which is not there");
                };
                let list = if there {
                    &related.narrower
                } else {
                    &related.broader
                };
                assert!(list.contains(name), "{other:?} lacks {name:?} as {back}");
            }
        }
    }
    // Taking away whatever has nothing broader left must take all away, or there is a circle.
    let mut above: HashMap<_, _> = concepts
        .iter()
        .map(|concept| (&*concept.name, concept.broader.len()))
        .collect();
    let mut free: Vec<_> = concepts
        .iter()
        .filter(|concept| concept.broader.is_empty())
        .collect();
    let mut taken = 0;
    while let Some(concept) = free.pop() {
        taken += 1;
        for below in &concept.narrower {
            let left = above.get_mut(&**below).unwrap();
            *left -= 1;
            if *left == 0 {
                free.push(by_name[&**below]);
            }
        }
    }
    assert_eq!(
        taken,
        concepts.len(),
        "broader concepts go round in a circle"
    );
}
