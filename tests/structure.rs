//! Title, abstract and sections against what a reader wrote down; skipped where the documents are absent.
//!
//! `structure/truth.json` has, for each document, the title, the first words of the abstract and the names of the
//! sections in order, empty where the document has none. Headed theorems, exercises and captions are no sections.

#[path = "common/corpus.rs"]
mod corpus;

use std::fs;

use serde::Deserialize;
use tori::config::Config;
use tori::document;
use tori::document::structure;
use tori::progress::Unobserved;

/// What the code reaches now, in percent. A change may raise them, never lower them.
const TITLES: f64 = 95.0;
const ABSTRACTS: f64 = 100.0;
const SECTIONS_F1: f64 = 93.9;

#[derive(Deserialize)]
struct Truth {
    file: String,
    title: String,
    #[serde(rename = "abstract")]
    abstract_begins: String,
    sections: Vec<String>,
}

#[test]
fn structure_is_what_a_reader_sees() {
    let Some(folder) = corpus::folder() else {
        eprintln!("skipped: no corpus beside the repository");
        return;
    };
    let truth: Vec<Truth> = serde_json::from_str(include_str!("structure/truth.json")).unwrap();
    let config = Config::new();
    let (mut titles, mut abstracts) = (0, 0);
    let (mut right, mut found, mut wanted) = (0, 0, 0);
    for reader in &truth {
        let bytes = fs::read(folder.join(&reader.file))
            .unwrap_or_else(|error| panic!("cannot read {} of the corpus: {error}", reader.file));
        let document = document::read(&bytes, &config, &Unobserved)
            .unwrap_or_else(|error| panic!("{}: {error}", reader.file));
        let structure = structure::find(&document, &config, &Unobserved).unwrap();
        let one_line = |range| spaced(&document.text[range]);

        let title = structure.title.clone().map_or(String::new(), one_line);
        titles += usize::from(title == spaced(&reader.title));
        if title != spaced(&reader.title) {
            println!("{}: title {title:?}, not {:?}", reader.file, reader.title);
        }

        let text = structure
            .abstract_text
            .clone()
            .map_or(String::new(), one_line);
        let same = text.is_empty() == reader.abstract_begins.is_empty()
            && text.starts_with(&reader.abstract_begins);
        abstracts += usize::from(same);
        if !same {
            let begin: String = text.chars().take(60).collect();
            println!(
                "{}: abstract {begin:?}, not {:?}",
                reader.file, reader.abstract_begins
            );
        }

        let sections: Vec<String> = structure
            .sections
            .iter()
            .filter(|section| !section.heading.is_empty())
            .map(|section| name(&document.text[section.heading.clone()]))
            .filter(|name| !FRONT_MATTER.contains(&name.as_str()))
            .collect();
        let expected: Vec<String> = reader
            .sections
            .iter()
            .map(|section| name(section))
            .collect();
        let same = in_order(&sections, &expected);
        if same < sections.len().max(expected.len()) {
            println!("{}: sections {sections:?}, not {expected:?}", reader.file);
        }
        right += same;
        found += sections.len();
        wanted += expected.len();
    }
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    let (titles, abstracts) = (
        percent(titles, truth.len()),
        percent(abstracts, truth.len()),
    );
    let f1 = percent(2 * right, found + wanted);
    println!(
        "{} documents: title exact {titles:.1} %, abstract {abstracts:.1} %; \
         sections: precision {:.1} %, recall {:.1} %, F1 {f1:.1} % of {wanted}",
        truth.len(),
        percent(right, found),
        percent(right, wanted),
    );
    assert!(titles >= TITLES, "title exact {titles:.1} %");
    assert!(abstracts >= ABSTRACTS, "abstract {abstracts:.1} %");
    assert!(f1 >= SECTIONS_F1, "section F1 {f1:.1} %");
}

/// Labels of front matter, which are no sections: the abstract is counted by itself.
const FRONT_MATTER: &[&str] = &[
    "abstract",
    "keywords",
    "general terms",
    "categories and subject descriptors",
    "contents",
    "inhaltsverzeichnis",
];

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A section's name without its number, in lower case, words only.
fn name(heading: &str) -> String {
    let heading = heading.trim_start_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ')') || c.is_whitespace()
    });
    heading
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join(" ")
}

/// How many of `found` are in `wanted`, in the same order.
fn in_order(found: &[String], wanted: &[String]) -> usize {
    let mut above = vec![0; wanted.len() + 1];
    for name in found {
        let mut row = vec![0; wanted.len() + 1];
        for (at, other) in wanted.iter().enumerate() {
            row[at + 1] = match name == other {
                true => above[at] + 1,
                false => row[at].max(above[at + 1]),
            };
        }
        above = row;
    }
    above[wanted.len()]
}
