//! Trains the tagger on text whose words were tagged by another one (`data/silver_tags.sh`).

use std::error::Error;
use std::fs;
use std::path::Path;

use tori::language::casing::{casing, lower_into};
use tori::language::classes::{Class, Usual};
use tori::language::english;
use tori::language::tagger::{CLASSES, FEATURES, Lexeme, Seen, Tagger, features};
use tori::language::tokens::{TokenKind, tokens};

const ROWS: usize = 1 << 16;
const EPOCHS: usize = 6;
/// One paragraph in so many is kept for measuring, and one in so many is learnt a second time as a heading.
const HELD_OUT: usize = 20;
const HEADINGS: usize = 10;
/// One in so many is learnt a second time with its rarer words made unknown.
const UNKNOWN: usize = 3;

/// A sentence with the class of each word, where it is known and not that of the list of function words.
struct Sentence {
    words: Vec<Seen>,
    classes: Vec<Option<Class>>,
}

/// Trains on the tagged text at `silver` and writes the model to `out`.
pub(crate) fn train(silver: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let paragraphs = fs::read_to_string(silver)?;
    let mut learnt = Vec::new();
    let mut held_out = Vec::new();
    for (index, paragraph) in paragraphs.split("\n\n").enumerate() {
        let tagged = Tagged::read(paragraph);
        if index % HELD_OUT == 0 {
            tagged.sentences(&mut held_out);
        } else {
            tagged.sentences(&mut learnt);
            if index % UNKNOWN == 2 {
                tagged.strange().sentences(&mut learnt);
            }
            if index % HEADINGS == 1 {
                tagged.heading().sentences(&mut learnt);
            }
        }
    }
    let model = learn(&learnt);
    fs::write(out, &model)?;
    let tagger = Tagger::read(&model)?;
    eprintln!("{} sentences learnt", learnt.len());
    report(&tagger, &held_out);
    Ok(())
}

/// Prints the share of words that `tagger` gives the class they have in `silver`.
pub(crate) fn measure(tagger: &Tagger, silver: &Path) -> Result<(), Box<dyn Error>> {
    let mut sentences = Vec::new();
    for paragraph in fs::read_to_string(silver)?.split("\n\n") {
        Tagged::read(paragraph).sentences(&mut sentences);
    }
    report(tagger, &sentences);
    Ok(())
}

fn report(tagger: &Tagger, sentences: &[Sentence]) {
    let (mut right, mut all) = (0_u32, 0_u32);
    let mut found = Vec::new();
    let started = std::time::Instant::now();
    let mut words = 0;
    let mut confused = std::collections::BTreeMap::<(Class, Class), u32>::new();
    for sentence in sentences {
        tagger.tag(&sentence.words, &mut found);
        words += found.len();
        for ((class, found), word) in sentence.classes.iter().zip(&found).zip(&sentence.words) {
            if let (Some(class), None) = (class, word.lexeme.given()) {
                all += 1;
                right += u32::from(class == found);
                if class != found {
                    *confused.entry((*class, *found)).or_default() += 1;
                }
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    eprintln!(
        "{:.2} % of {all} content words; {:.1} million words a second",
        100.0 * f64::from(right) / f64::from(all),
        words as f64 / seconds / 1e6
    );
    let mut confused: Vec<_> = confused.into_iter().collect();
    confused.sort_by_key(|entry| std::cmp::Reverse(entry.1));
    for ((class, found), count) in confused.iter().take(14) {
        eprintln!("{class:?} called {found:?}: {count}");
    }
}

/// A paragraph and the universal tag of each piece of it.
struct Tagged {
    text: String,
    /// End of the piece in the text, and its tag.
    pieces: Vec<(usize, String)>,
}

impl Tagged {
    /// Lines of: whether a space comes before, the piece, its tag.
    fn read(paragraph: &str) -> Self {
        let mut tagged = Tagged {
            text: String::new(),
            pieces: Vec::new(),
        };
        for line in paragraph.lines() {
            let mut parts = line.split('\t');
            let (Some(space), Some(piece), Some(tag)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            if space == "1" {
                tagged.text.push(' ');
            }
            tagged.text.push_str(piece);
            tagged.pieces.push((tagged.text.len(), tag.to_owned()));
        }
        tagged
    }

    /// The same with capitals on all longer words.
    fn heading(&self) -> Tagged {
        let mut text = String::new();
        let mut inside = false;
        for (at, character) in self.text.char_indices() {
            let long = self.text[at..]
                .split(|c: char| !c.is_alphabetic())
                .next()
                .unwrap_or("")
                .len()
                > 3;
            match character {
                'a'..='z' if !inside && long => text.push(character.to_ascii_uppercase()),
                _ => text.push(character),
            }
            inside = character.is_alphanumeric() || character == '-' || character == '\'';
        }
        Tagged {
            text,
            pieces: self.pieces.clone(),
        }
    }

    /// The same with a letter before every second of the rarer words, so that no table knows them.
    fn strange(&self) -> Tagged {
        let mut text = String::new();
        let mut pieces = Vec::new();
        let mut start = 0;
        for (index, (end, tag)) in self.pieces.iter().enumerate() {
            let piece = &self.text[start..*end];
            let word = piece.trim_start();
            let rare = english::look_up(word).is_some_and(|entry| entry.rarity > 7);
            text.push_str(&piece[..piece.len() - word.len()]);
            if rare && index % 2 == 0 {
                text.push('q');
            }
            text.push_str(word);
            pieces.push((text.len(), tag.clone()));
            start = *end;
        }
        Tagged { text, pieces }
    }

    fn sentences(&self, sentences: &mut Vec<Sentence>) {
        let mut words: Vec<Seen> = Vec::new();
        let mut tags: Vec<(String, String)> = Vec::new();
        let mut lower = String::new();
        let mut piece = 0;
        for token in tokens(&self.text) {
            if token.opens_sentence && !words.is_empty() {
                sentences.push(sentence(
                    std::mem::take(&mut words),
                    std::mem::take(&mut tags),
                ));
            }
            let surface = &self.text[token.range.clone()];
            lower_into(surface, &mut lower);
            let lexeme = match token.kind {
                TokenKind::Word => Lexeme::word(&lower, Usual::of_english(&lower)),
                TokenKind::Number => Lexeme::mark(surface, Class::Number),
                TokenKind::Symbol | TokenKind::Address => Lexeme::mark(surface, Class::Symbol),
            };
            // A compound has the tag of its last piece.
            while self
                .pieces
                .get(piece)
                .is_some_and(|(end, _)| *end < token.range.end)
            {
                piece += 1;
            }
            let mut tag = self.pieces.get(piece).map_or("X", |(_, tag)| tag.as_str());
            if tag == "PART" && lower.ends_with("'s") {
                tag = "NOUN";
            }
            if tag == "VERB" && lower.contains('-') {
                tag = "ADJ";
            }
            words.push(Seen {
                lexeme,
                casing: casing(surface) as u8,
            });
            tags.push((lower.clone(), tag.to_owned()));
        }
        if !words.is_empty() {
            sentences.push(sentence(words, tags));
        }
    }
}

/// The tags as classes.
fn sentence(words: Vec<Seen>, mut tags: Vec<(String, String)>) -> Sentence {
    correct(&mut tags);
    let tag = |at: usize| tags.get(at).map_or("", |(_, tag)| tag.as_str());
    let classes = (0..tags.len()).map(|at| {
        let (word, tag_here) = &tags[at];
        let before = at.checked_sub(1).map_or("", tag);
        let second_before = at.checked_sub(2).map_or("", tag);
        Some(match tag_here.as_str() {
            "NOUN" | "PROPN" if word.ends_with("ing") && word.len() > 5 => Class::Gerund,
            "NOUN" | "PROPN" => Class::Noun,
            "ADJ" => Class::Adjective,
            "ADV" => Class::Adverb,
            "ADP" | "SCONJ" => Class::Preposition,
            "PRON" | "DET" | "CCONJ" | "AUX" | "PART" | "INTJ" => Class::Connector,
            "VERB" => verb(word, before, second_before, tag(at + 1)),
            _ => return None,
        })
    });
    Sentence {
        classes: classes.collect(),
        words,
    }
}

/// Puts right what the other tagger gets wrong in compounds, where grammar leaves no choice.
fn correct(tags: &mut [(String, String)]) {
    for at in 1..tags.len() {
        let after = tags.get(at + 1).map_or("", |(_, tag)| tag.as_str());
        let ends_phrase = !matches!(after, "NOUN" | "PROPN" | "ADJ" | "NUM" | "VERB");
        let (before_word, before) = (&tags[at - 1].0, tags[at - 1].1.as_str());
        let (word, tag) = (&tags[at].0, tags[at].1.as_str());
        let bare = ["s", "ed", "ing"]
            .iter()
            .all(|ending| !word.ends_with(ending))
            && english::look_up(word).is_some_and(|entry| b"NnVv".contains(&entry.class));
        // A bare verb has a plural subject: "heat transfer model".
        let singular_before = matches!(before, "NOUN" | "PROPN") && !before_word.ends_with('s');
        let noun = match tag {
            "VERB" => bare && (singular_before || matches!(before, "DET" | "ADJ")),
            // "simplicial complex"
            "ADJ" => {
                ends_phrase
                    && matches!(before, "DET" | "ADJ" | "NOUN" | "PROPN")
                    && may_be_noun(word)
            }
            _ => false,
        };
        if noun {
            tags[at].1 = "NOUN".to_owned();
        }
    }
}

fn may_be_noun(word: &str) -> bool {
    let noun =
        |word: &str| english::look_up(word).is_some_and(|entry| b"Nn".contains(&entry.class));
    noun(word) || noun(&format!("{word}s")) || noun(&format!("{word}es"))
}

/// Universal tags do not tell a participle that stands before a noun like an adjective from a verb.
fn verb(word: &str, before: &str, second_before: &str, after: &str) -> Class {
    let modifies = matches!(after, "NOUN" | "PROPN" | "ADJ");
    let before = if before == "ADV" {
        second_before
    } else {
        before
    };
    let participle =
        word.ends_with("ed") || english::look_up(word).is_some_and(|entry| entry.class == b'D');
    if word.ends_with("ing") && word.len() > 5 {
        let object_follows = matches!(after, "DET" | "PRON");
        match object_follows || before == "AUX" && !modifies {
            true => Class::Verb,
            false => Class::Gerund,
        }
    } else if participle
        && modifies
        && matches!(
            before,
            "DET" | "ADJ" | "NUM" | "ADP" | "CCONJ" | "PUNCT" | ""
        )
    {
        Class::Participle
    } else {
        Class::Verb
    }
}

/// The averaged perceptron. Sums and averages are whole numbers, so that every machine learns the same.
fn learn(sentences: &[Sentence]) -> Vec<u8> {
    let mut weights = vec![[0_i32; CLASSES.len()]; ROWS];
    let mut totals = vec![[0_i64; CLASSES.len()]; ROWS];
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut step = 0_i64;
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            order.swap(at, (state % (at as u64 + 1)) as usize);
        }
        for &index in &order {
            let sentence = &sentences[index];
            let mut before = Vec::with_capacity(sentence.words.len());
            for at in 0..sentence.words.len() {
                before.push(
                    match (sentence.words[at].lexeme.given(), sentence.classes[at]) {
                        (Some(given), _) => given,
                        (None, right) => {
                            let rows = features(&sentence.words, &before, at)
                                .map(|feature| feature as usize & (ROWS - 1));
                            let guess = best(&weights, &rows);
                            if let Some(right) = right
                                .and_then(|right| CLASSES.iter().position(|&class| class == right))
                            {
                                step += 1;
                                if guess != right {
                                    for row in rows {
                                        weights[row][right] += 1;
                                        weights[row][guess] -= 1;
                                        totals[row][right] += step;
                                        totals[row][guess] -= step;
                                    }
                                }
                            }
                            CLASSES[guess]
                        }
                    },
                );
            }
        }
    }
    // The average of a weight over all steps is the weight minus what each change missed.
    let averages: Vec<[i64; CLASSES.len()]> = weights
        .iter()
        .zip(&totals)
        .map(|(weights, totals)| {
            std::array::from_fn(|class| i64::from(weights[class]) * step - totals[class])
        })
        .collect();
    let mut sizes: Vec<i64> = averages
        .as_flattened()
        .iter()
        .map(|average| average.abs())
        .filter(|&size| size > 0)
        .collect();
    sizes.sort_unstable();
    // Few weights are larger than what the largest byte stands for.
    let unit = (sizes[sizes.len() - 1 - sizes.len() / 1_000] / 127).max(1);
    let rows: Vec<[i8; CLASSES.len()]> = averages
        .iter()
        .map(|row| {
            row.map(|average| {
                ((average * 2 + unit * average.signum()) / (unit * 2)).clamp(-127, 127) as i8
            })
        })
        .collect();
    Tagger::write(&rows)
}

fn best(weights: &[[i32; CLASSES.len()]], rows: &[usize; FEATURES]) -> usize {
    let mut sums = [0; CLASSES.len()];
    for &row in rows {
        for (sum, weight) in sums.iter_mut().zip(weights[row]) {
            *sum += weight;
        }
    }
    (1..sums.len()).fold(0, |best, class| {
        if sums[class] > sums[best] {
            class
        } else {
            best
        }
    })
}
