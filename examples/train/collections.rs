//! Collections of documents with keyphrases: `docsutf8/<id>.txt` beside `keys/<id>.key`, one phrase a line.

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use tori::concepts::{Classes, Described, describe, hash};
use tori::config::Config;
use tori::document::{self, structure};
use tori::language::casing::lower_into;
use tori::language::tokens::{TokenKind, tokens};
use tori::language::{Language, Stemmer};
use tori::progress::Unobserved;

/// The candidates of a document, and which of them its readers listed.
#[derive(Clone)]
pub(crate) struct Document {
    /// A number drawn from the document's name, by which documents are parted: those of one name, which are one text or
    /// parts of it, stay together.
    pub(crate) drawn: u32,
    pub(crate) candidates: Vec<Described>,
    pub(crate) listed: Vec<bool>,
}

impl Document {
    /// The candidates its readers listed.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &Described> {
        let pairs = self.candidates.iter().zip(&self.listed);
        pairs
            .filter(|(_, listed)| **listed)
            .map(|(candidate, _)| candidate)
    }
}

/// A collection that is fitted on.
pub(crate) struct Collection {
    pub(crate) name: String,
    /// Whether not only the keys are ours, but the texts too.
    pub(crate) written: bool,
    pub(crate) documents: Vec<Document>,
}

/// Kinds of silver keys of abstracts and paragraphs. `data/silver.py` makes their collections, one for each source of texts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silver {
    /// Every process, task and material that a text mentions.
    Marked,
    /// What an indexer would list.
    Indexed,
}

impl Silver {
    const ALL: [Silver; 2] = [Silver::Marked, Silver::Indexed];

    /// The kind that a collection of this name has.
    fn of(name: &str) -> Option<Silver> {
        Silver::ALL
            .into_iter()
            .find(|kind| name.ends_with(kind.ending()))
    }

    /// How the names of its collections end.
    fn ending(self) -> &'static str {
        match self {
            Silver::Marked => "-marked",
            Silver::Indexed => "-indexed",
        }
    }
}

impl Collection {
    /// Whether its texts are news.
    pub(crate) fn is_news(&self) -> bool {
        self.name.ends_with("-news")
    }

    /// The kind of silver keys that it has, of our own making in the manner of annotators or of indexers.
    pub(crate) fn silver(&self) -> Option<Silver> {
        Silver::of(&self.name)
    }

    /// The collection with those documents only that are `wanted`.
    pub(crate) fn only(&self, wanted: &dyn Fn(&Document) -> bool) -> Collection {
        let documents = self.documents.iter();
        Collection {
            name: self.name.clone(),
            written: self.written,
            documents: documents
                .filter(|document| wanted(document))
                .cloned()
                .collect(),
        }
    }
}

/// Parts of one source share the letters before the first hyphen.
fn source(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

/// Collections for tuning and testing, which are never fitted on.
fn is_held_out(name: &str) -> bool {
    name.ends_with("-validation") || name.ends_with("-test")
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let listed = fs::read_dir(folder)
        .map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
    let mut paths = listed
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    let bytes =
        fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    // Collections hold stray bytes.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Copies the collections from `from` to `to` without the lines in which authors name their keywords, and each
/// document that occurs in several collections only into the first; held-out collections come first.
pub(crate) fn clean(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let mut folders = sorted(from)?;
    folders.sort_by_key(|folder| !is_held_out(&name(folder)));
    let mut seen = HashSet::new();
    for folder in folders {
        let target = to.join(name(&folder));
        fs::create_dir_all(target.join("docsutf8"))?;
        fs::create_dir_all(target.join("keys"))?;
        let (mut kept, mut repeated, mut blanked) = (0, 0, 0);
        for path in sorted(&folder.join("docsutf8"))? {
            let text = read(&path)?;
            let letters = text
                .chars()
                .filter(|c| c.is_alphabetic())
                .flat_map(char::to_lowercase);
            if !seen.insert(letters.take(45).collect::<String>()) {
                repeated += 1;
                continue;
            }
            let (text, lines) = without_keyword_lines(&text);
            kept += 1;
            blanked += usize::from(lines > 0);
            let id = name(&path);
            fs::write(target.join("docsutf8").join(format!("{id}.txt")), text)?;
            fs::copy(
                folder.join("keys").join(format!("{id}.key")),
                target.join("keys").join(format!("{id}.key")),
            )?;
        }
        eprintln!(
            "{}: {kept} documents, {repeated} repeated ones left out, keywords blanked in {blanked}",
            name(&folder)
        );
    }
    Ok(())
}

/// The text with each author's line of keywords emptied, and how many lines that were.
fn without_keyword_lines(text: &str) -> (String, usize) {
    let mut cleaned = String::with_capacity(text.len());
    let mut inside = false;
    let mut blanked = 0;
    for line in text.lines() {
        let words = line.trim();
        let rest = [
            "Keywords",
            "KEYWORDS",
            "Key words",
            "Index Terms",
            "INDEX TERMS",
            "Index terms",
        ]
        .iter()
        .find_map(|heading| words.strip_prefix(heading));
        let opens = rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with([':', '-', '\u{2013}', '\u{2014}', '.'])
        });
        let continues = inside && !words.is_empty();
        if opens || continues {
            blanked += 1;
            inside = opens && rest == Some("") || words.ends_with([',', ';', '-']);
        } else {
            inside = false;
            cleaned.push_str(line);
        }
        cleaned.push('\n');
    }
    (cleaned, blanked)
}

/// The candidates of the collections of texts that we wrote in other languages, one of which, named by its code, may be
/// left out.
pub(crate) fn languages(
    folder: &Path,
    without: Option<&str>,
) -> Result<Vec<Collection>, Box<dyn Error>> {
    let mut collections = learnt(folder, without, Classes::Listed)?;
    for collection in &mut collections {
        collection.written = true;
    }
    Ok(collections)
}

/// The candidates of those collections of a folder that are fitted on when the source `without` is left out.
pub(crate) fn learnt(
    folder: &Path,
    without: Option<&str>,
    classes: Classes,
) -> Result<Vec<Collection>, Box<dyn Error>> {
    load(folder, classes, &|name| {
        !is_held_out(name) && without != Some(source(name))
    })
}

/// The candidates of the collections of one source that have keys of readers, or are news.
pub(crate) fn of_source(folder: &Path, only: &str) -> Result<Vec<Collection>, Box<dyn Error>> {
    load(folder, Classes::Tagged, &|name| {
        source(name) == only && Silver::of(name).is_none()
    })
}

fn load(
    folder: &Path,
    classes: Classes,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Collection>, Box<dyn Error>> {
    let mut collections = Vec::new();
    for folder in sorted(folder)? {
        let collection = name(&folder);
        if !wanted(&collection) {
            continue;
        }
        let mut documents = Vec::new();
        for path in sorted(&folder.join("docsutf8"))? {
            let keys = read(&folder.join("keys").join(format!("{}.key", name(&path))))?;
            let drawn = hash(&name(&path));
            documents.push(load_document(drawn, &read(&path)?, &keys, classes)?);
        }
        collections.push(Collection {
            name: collection,
            written: false,
            documents,
        });
    }
    Ok(collections)
}

fn load_document(
    drawn: u32,
    text: &str,
    keys: &str,
    classes: Classes,
) -> Result<Document, Box<dyn Error>> {
    let language = Language::of(text, std::iter::once(0..text.len()));
    let listed: HashSet<Vec<u32>> = keys.lines().map(|phrase| stems(phrase, language)).collect();
    let config = Config::new();
    let document = document::read_text(text, &config, &Unobserved)?;
    let structure = structure::find(&document, &config, &Unobserved)?;
    let candidates = describe(
        &document.text,
        &structure.chunks,
        &structure,
        classes,
        &config,
        &Unobserved,
    )?;
    let listed = candidates
        .iter()
        .map(|candidate| listed.contains(&candidate.stems))
        .collect();
    Ok(Document {
        drawn,
        candidates,
        listed,
    })
}

/// The hashes of the stems of a phrase, cut as the words of a text are.
fn stems(phrase: &str, language: Language) -> Vec<u32> {
    let stemmer = Stemmer::new(language);
    let mut lower = String::new();
    let mut stems = Vec::new();
    for token in tokens(phrase).flat_map(|token| language.parts(phrase, token)) {
        lower_into(&phrase[token.range], &mut lower);
        stems.push(match token.kind {
            TokenKind::Word | TokenKind::Number => hash(&stemmer.stem(&lower)),
            // No candidate has such a stem.
            TokenKind::Symbol | TokenKind::Address => 0,
        });
    }
    stems
}
