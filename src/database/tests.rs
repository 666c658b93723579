use std::path::{Path, PathBuf};
use std::sync::Arc;

use fearless_simd::{Level, dispatch};
use serde_json::{Value, json};

use super::blocks::{self, Cut, Marks};
use super::build::Builder;
use super::filter::{Filter, Pairs};
use super::image::{Image, SourceFile};
use super::index::Index;
use super::lanes::Lanes;
use super::places::Tier;
use super::read::Part;
use super::search::Search;
use super::tokens::{Kind, Tokens};
use super::window::Window;
use super::*;
use crate::config::Config;
use crate::error::{Error, ErrorKind};

/// A database of names, with aliases after a `|`.
fn database(names: &[&str]) -> Database {
    let concepts: Vec<Value> = names
        .iter()
        .map(|line| {
            let mut keys = line.split('|');
            json!({"name": keys.next(), "aliases": keys.collect::<Vec<_>>()})
        })
        .collect();
    Database::from_json(Value::from(concepts).to_string(), "test").unwrap()
}

/// The mentions in a text as (name of the concept, what stands in the text).
fn tagged<'t>(database: &Database, text: &'t str) -> Vec<(String, &'t str)> {
    let mentions = database.tag(text);
    let pair = |m: &Mention| {
        (
            database.concept(m.concept).unwrap().name.clone(),
            &text[m.range.clone()],
        )
    };
    mentions.iter().map(pair).collect()
}

/// What stands in the text where a database of one concept finds it.
fn found<'t>(name: &str, text: &'t str) -> Vec<&'t str> {
    tagged(&database(&[name]), text)
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}

// -- what is found ---------------------------------------------------------------------------------------------

#[test]
fn gaps_between_words_compare_equal() {
    for text in [
        "support vector machine",
        "Support-Vector Machine",
        "support\nvector\r\n  machine",
        "support_vector_machine",
        "SUPPORT\u{a0}VECTOR\u{2011}MACHINE",
        "support\u{ad}vector\u{200b}machine",
        "support\tvector\u{2003}machine",
        "support–vector machine",
        "support\x0cvector machine",
        "support\n\x0cvector machine",
    ] {
        for key in ["support vector machine", "Support-vector machine"] {
            assert_eq!(found(key, text), [text], "{key:?} in {text:?}");
        }
    }
}

#[test]
fn words_are_whole() {
    assert!(found("ion", "motion ions2 ionic pension").is_empty());
    assert!(found("art", "artery start party 3art art4").is_empty());
    assert_eq!(found("art", "art, (art) \"art\" art."), ["art"; 4]);
}

#[test]
fn punctuation_between_words_is_not_a_gap() {
    for text in [
        "apples, oranges",
        "apples. Oranges",
        "apples (oranges)",
        "apples/oranges",
        "apples -- oranges",
        "apples — oranges",
    ] {
        assert!(found("apples oranges", text).is_empty(), "{text:?}");
    }
}

#[test]
fn a_concept_does_not_run_over_an_empty_line() {
    for text in [
        "data\n\nmining",
        "data\r\n\r\nmining",
        "data\n  \nmining",
        "data\u{2029}mining",
    ] {
        assert!(found("data mining", text).is_empty(), "{text:?}");
    }
}

#[test]
fn signs_at_the_end_of_a_word_belong_to_it() {
    let languages = database(&["C", "C++", "C#", "F#", ".NET", "Node.js"]);
    let text = "C, C++, C++17, C#, F#; .NET and Node.js. Net C. C-like a+C";
    let names: Vec<String> = tagged(&languages, text)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        names,
        [
            "C", "C++", "C++", "C#", "F#", ".NET", "Node.js", "C", "C", "C"
        ]
    );
    assert!(found("C", "C++ C# C++11 c").is_empty());
}

#[test]
fn at_each_place_the_longest_wins_and_none_overlap() {
    let nets = database(&[
        "neural network",
        "deep neural network",
        "network",
        "network analysis",
        "deep",
    ]);
    let names = |text| -> Vec<String> {
        tagged(&nets, text)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    };
    assert_eq!(
        names("deep neural network analysis"),
        ["deep neural network"]
    );
    assert_eq!(
        names("deep neural nets; neural network analysis"),
        ["deep", "neural network"]
    );
    assert_eq!(names("deep network analysis"), ["deep", "network analysis"]);
}

#[test]
fn a_match_is_not_lost_after_a_longer_one_fails() {
    let keys = database(&["a b c d", "b c", "c d e"]);
    assert_eq!(tagged(&keys, "a b c e"), [("b c".to_owned(), "b c")]);
    assert_eq!(
        tagged(&keys, "a b a b c d e"),
        [("a b c d".to_owned(), "a b c d")]
    );
}

#[test]
fn plurals_and_possessives_of_the_last_word_are_found() {
    for (key, text) in [
        ("support vector machine", "support vector machines"),
        ("battery", "Batteries"),
        ("gas", "gases"),
        ("hash", "hashes"),
        ("box", "boxes"),
        ("day", "days"),
        ("photo", "photos"),
        ("potato", "potatoes"),
        ("factor analysis", "factor analyses"),
        ("confusion matrix", "confusion matrices"),
        ("cell nucleus", "cell nuclei"),
        ("bacterium", "bacteria"),
        ("SVM", "SVMs"),
    ] {
        assert_eq!(found(key, text), [text], "{key}");
    }
    assert_eq!(
        found(
            "neural network",
            "the neural network's weights, neural networks’ depth"
        ),
        ["neural network", "neural networks"]
    );
    assert!(found("neural network", "neurals network").is_empty());
    assert_eq!(
        tagged(&database(&["glass", "glasses"]), "glasses"),
        [("glasses".to_owned(), "glasses")]
    );
}

#[test]
fn possessive_names_are_found_without_the_apostrophe() {
    for text in ["Moore's law", "Moore’s law", "Moore law", "moores laws"] {
        assert_eq!(found("Moore's law", text), [text]);
    }
    for text in [
        "Bayes' theorem",
        "Bayes’ theorem",
        "Bayes theorem",
        "Bayes's theorem",
    ] {
        assert_eq!(found("Bayes' theorem", text), [text]);
    }
    assert!(
        found("S", "it's IT'S").is_empty(),
        "an ending is not a word"
    );
}

#[test]
fn short_capitals_are_found_only_in_capitals() {
    assert_eq!(found("IT", "it is IT, its It"), ["IT"]);
    assert_eq!(found("AIDS", "hearing aids, AIDS"), ["AIDS"]);
    assert_eq!(found("CO2", "co2 CO2"), ["CO2"]);
    let both = database(&["AIDS", "aid"]);
    assert_eq!(
        tagged(&both, "AIDS aids"),
        [("AIDS".to_owned(), "AIDS"), ("aid".to_owned(), "aids")]
    );
    assert_eq!(
        found("support vector machine|SVM", "SVM svm SVMs"),
        ["SVM", "SVMs"]
    );
    assert_eq!(
        found("NAFTA", "nafta"),
        ["nafta"],
        "five letters are a name like any other"
    );
}

/// A database of the entries in a list.
fn entries(json: &str) -> Database {
    Database::from_json(json, "test").unwrap()
}

#[test]
fn exact_entries_are_found_only_as_they_are_written() {
    let go = entries(
        r#"[{"name": "Go", "aliases": ["Golang", "GoLang", "Go's Tool"], "exact": true},
            {"name": "naïve Bayes", "exact": true}, {"name": "GO term", "exact": true}]"#,
    );
    let text = "Go, go, GO, Gos, Go's; golang Golang GoLang, Go's Tool, Gos Tool, Go\nTool; naive Bayes, \
                na\u{ef}ve\nBayes, na\u{ef}ve-Bayes, Naïve Bayes; go term, GO terms, GO term.";
    let found: Vec<&str> = tagged(&go, text)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(
        found,
        [
            "Go",
            "Go",
            "Golang",
            "GoLang",
            "Go's Tool",
            "Go",
            "naïve\nBayes",
            "naïve-Bayes",
            "GO term"
        ]
    );
    assert_eq!(go.find("GOLANG"), Some(0), "a look-up is in any case");
    let concept = go.concept(0).unwrap();
    assert!(concept.exact && concept.aliases.len() == 3);
}

#[test]
fn exact_entries_do_not_hide_others_of_the_same_letters() {
    let both = entries(
        r#"[{"name": "US", "exact": true}, {"name": "pronoun", "aliases": ["us"]}, {"name": "Us", "aliases": ["the film"], "exact": true}]"#,
    );
    assert_eq!(both.len(), 2, "names that differ in case are one concept");
    let names: Vec<String> = tagged(&both, "US us Us")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["US", "pronoun", "pronoun"]);
    let all: Vec<u32> = both
        .tag_all("US us")
        .into_iter()
        .map(|m| m.concept)
        .collect();
    assert_eq!(all, [0, 1, 1]);
    assert!(
        tagged(
            &entries(r#"[{"name": "cell", "exact": true}]"#),
            "cells Cell CELL"
        )
        .is_empty()
    );
}

#[test]
fn diacritics_may_be_left_out_where_that_was_asked_for() {
    let folder = Folder::new("diacritics");
    let source = folder.file(
        "a.json",
        r#"[{"name": "Poincaré's map"}, {"name": "Ångström", "exact": true}, {"name": "ガス"}, {"name": "cafe"}, {"name": "café au lait"}]"#,
    );
    let target = folder.0.join("a.toridb");
    let text = "Poincare maps, Poincaré's map, Angstrom, カス, cafe au lait, café";
    let mut config = Config::new();
    for (setting, expected) in [
        ("false", &["Poincaré's map", "cafe"][..]),
        (
            "true",
            &["Poincare maps", "Poincaré's map", "cafe au lait"][..],
        ),
    ] {
        config.set("database.diacritics", setting).unwrap();
        let compiled = Database::compile_with(&config, &[&source], &target, &mut |_| ()).unwrap();
        config
            .set("database.path", source.to_str().unwrap())
            .unwrap();
        let (changed, _) = compiled.with_json(r#"{"name": "coup d'état"}"#).unwrap();
        changed.save(&target).unwrap();
        for database in [
            &compiled,
            &open(&config, None, &[]).unwrap(),
            &Database::open_path(&target).unwrap(),
        ] {
            let found: Vec<&str> = tagged(database, text)
                .into_iter()
                .map(|(_, text)| text)
                .collect();
            assert_eq!(found, expected, "{setting}");
        }
        let plain = usize::from(setting == "true");
        assert_eq!(changed.tag("coup d'etat").len(), plain);
        assert_eq!(
            Database::open_path(&target)
                .unwrap()
                .tag("Coups d'etat, coup d'etat")
                .len(),
            plain
        );
    }
}

#[test]
fn letters_are_folded_as_unicode_does() {
    for (key, text) in [
        ("istanbul", "İSTANBUL"),
        ("istanbul", "I\u{307}stanbul"),
        ("ışık", "IŞIK"),
        ("DİLEK", "dilek"),
        ("Straße", "STRASSE"),
        ("strasse", "Straße"),
        ("finite field", "ﬁnite ﬁeld"),
        ("café", "cafe\u{301}"),
        ("cafe\u{301}", "CAFÉ"),
        ("ΛΟΓΙΣΜΟΣ", "λογισμος"),
        ("οδός", "ΟΔΌΣ"),
        ("svmx", "ＳＶＭＸ"),
        ("Ångström", "A\u{30a}ngstro\u{308}m"),
        ("Нейронная сеть", "НЕЙРОННАЯ\nСЕТЬ"),
        ("x2y", "x²y"),
    ] {
        assert_eq!(found(key, text), [text], "{key:?} in {text:?}");
    }
    assert!(
        found("cafe", "café cafe\u{301}").is_empty(),
        "an accent makes another word"
    );
}

#[test]
fn a_character_without_word_spaces_is_a_word() {
    assert_eq!(found("機械学習", "新しい機械学習の手法"), ["機械学習"]);
    assert_eq!(found("데이터", "데이터는"), ["데이터"]);
    assert_eq!(found("データ", "ﾃﾞｰﾀ"), ["ﾃﾞｰﾀ"]);
    assert_eq!(found("机器\n学习", "机器学习"), ["机器学习"]);
    assert_eq!(found("Python", "用Python写"), ["Python"]);
}

#[test]
fn a_word_cut_at_the_end_of_a_line_is_found_whole() {
    for text in [
        "cryp-\ntography",
        "cryp-\r\n  tography",
        "cryp\u{ad}\ntography",
        "cryp\u{ad}to\u{ad}gra\u{ad}phy",
        "Cryp‐\ntography",
    ] {
        assert_eq!(found("cryptography", text), [text], "{text:?}");
    }
    let both = database(&["support vector machine", "machine learning"]);
    assert_eq!(
        tagged(&both, "sup-\nport vector ma-\nchines")[0].0,
        "support vector machine"
    );
    assert_eq!(
        found("support-vector machine", "support-\nvector machine").len(),
        1,
        "a hyphen may be a hyphen"
    );
    let endless = "a\u{ad}".repeat(10_000);
    assert!(found("b", &endless).is_empty());
}

#[test]
fn offsets_are_bytes_of_the_text_as_it_is() {
    let text = "Über ﬁnite—İ: Finite Fields’ ordnung \u{feff}finite\u{ad} field";
    assert_eq!(
        found("finite field", text),
        ["Finite Fields", "finite\u{ad} field"]
    );
}

#[test]
fn hostile_texts_are_tagged_in_linear_time() {
    let deep: Vec<String> = (1..=LONGEST_PHRASE)
        .map(|n| format!("{}b", "a ".repeat(n - 1)))
        .collect();
    let names: Vec<&str> = deep.iter().map(String::as_str).collect();
    let keys = database(&names);
    for text in [
        "a ".repeat(200_000),
        "\u{301}".repeat(200_000),
        format!("a{}", "\u{301}".repeat(200_000)),
        "-\n".repeat(200_000),
        "'s+#".repeat(100_000),
        "a-   ".repeat(100_000),
        "\0\u{200d}".repeat(100_000),
    ] {
        assert!(keys.tag(&text).is_empty());
    }
}

#[test]
fn every_concept_of_the_database_is_found_in_its_own_name() {
    let builtin = Database::builtin();
    for index in 0..builtin.len() as u32 {
        let concept = builtin.concept(index).unwrap();
        for key in std::iter::once(&concept.name).chain(&concept.aliases) {
            let mentions = builtin.tag(key);
            assert_eq!(mentions.len(), 1, "{key}: {mentions:?}");
            assert_eq!(mentions[0].concept, index, "{key}");
            assert_eq!(mentions[0].range, 0..key.len(), "{key}");
        }
    }
}

// -- against a reference ---------------------------------------------------------------------------------------

/// xorshift64*, Marsaglia 2003 and Vigna 2016.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    pub(super) fn phrase(&mut self, words: &[&str], gaps: &[&str], most: usize) -> String {
        let mut phrase = self.pick(words).to_owned();
        for _ in 0..self.below(most) {
            phrase += self.pick(gaps);
            phrase += self.pick(words);
        }
        phrase
    }
}

/// Tokens of a text in words, without a hash or a trie.
fn spelled(text: &str) -> Vec<(String, Range<usize>)> {
    let mut tokens: Vec<(String, Range<usize>)> = Vec::new();
    for (at, char) in text.char_indices() {
        let end = at + char.len_utf8();
        match tokens.last_mut() {
            Some((word, range))
                if char.is_alphanumeric() && range.end == at && !word.contains(',') =>
            {
                word.push(char);
                range.end = end;
            }
            _ if char.is_alphanumeric() || char == ',' => tokens.push((char.to_string(), at..end)),
            _ => (),
        }
    }
    tokens
}

/// Leftmost-longest by trying every key at every token.
pub(super) fn naive(keys: &[String], text: &str) -> Vec<(u32, Range<usize>)> {
    let tokens = spelled(text);
    let keys: Vec<Vec<String>> = keys
        .iter()
        .map(|key| spelled(key).into_iter().map(|(word, _)| word).collect())
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let mut best: Option<(usize, bool, bool, usize)> = None;
        for (index, key) in keys.iter().enumerate() {
            let Some(seen) = tokens.get(at..at + key.len()) else {
                continue;
            };
            let Some((exact, acronym)) = naive_match(key, seen) else {
                continue;
            };
            let better =
                best.is_none_or(|(len, e, a, _)| (key.len(), exact, acronym) > (len, e, a));
            if better {
                best = Some((key.len(), exact, acronym, index));
            }
        }
        match best {
            Some((len, _, _, index)) => {
                found.push((index as u32, tokens[at].1.start..tokens[at + len - 1].1.end));
                at += len;
            }
            None => at += 1,
        }
    }
    found
}

/// Every key at every token, by place and number.
pub(super) fn naive_all(keys: &[String], text: &str) -> Vec<(u32, Range<usize>)> {
    let tokens = spelled(text);
    let mut found = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let key: Vec<String> = spelled(key).into_iter().map(|(word, _)| word).collect();
        for seen in tokens.windows(key.len()) {
            if naive_match(&key, seen).is_some() {
                let end = seen.last().unwrap().1.end;
                found.push((index as u32, seen[0].1.start..end));
            }
        }
    }
    found.sort_by_key(|(concept, range)| (range.start, range.end, *concept));
    found
}

#[test]
fn every_plural_leads_back_to_its_word() {
    let letters: Vec<char> = ('a'..='z').chain(['7']).collect();
    let endings = [
        "", "s", "sis", "xis", "ix", "ex", "us", "ium", "trum", "ch", "sh", "y", "o",
    ];
    let starts = letters
        .iter()
        .flat_map(|a| letters.iter().map(move |b| format!("{a}{b}")));
    for start in starts.flat_map(|start| [start.clone(), format!("mole{start}")]) {
        for word in endings.map(|ending| start.clone() + ending) {
            let takes_s = plural::is_of(&format!("{word}s"), &word);
            assert_eq!(
                plural::takes_s(word.len(), *word.as_bytes().last_chunk().unwrap()),
                takes_s,
                "{word}"
            );
            plural::each(&word, |form| {
                let mut back = false;
                plural::bases(form, |stem, singular| {
                    back |= word == [stem, singular].concat();
                });
                assert!(back, "{form} of {word}");
                for text in [form.to_owned(), form.to_uppercase()] {
                    assert!(plural::may_be(text.as_bytes()), "{text} of {word}");
                }
            });
        }
    }
}

#[test]
fn plurals_in_es_lead_to_the_same_words_letter_by_letter() {
    let letters: Vec<char> = ('a'..='z').chain(['7']).collect();
    let stems = letters.iter().flat_map(|a| {
        let second = letters.iter();
        second.flat_map(move |b| ["", "c", "mole", "matri"].map(|start| format!("{start}{a}{b}")))
    });
    for word in stems.flat_map(|stem| ["s", "es"].map(|ending| stem.clone() + ending)) {
        let mut bases = Vec::new();
        plural::bases(&word, |stem, singular| {
            let base = format!("{stem}{singular}");
            if plural::is_of(&word, &base) && format!("{base}s") != word {
                bases.push(base);
            }
        });
        let Some(last) = word.as_bytes().last_chunk() else {
            assert_eq!(bases, [""; 0], "{word}");
            continue;
        };
        let found = plural::by_es(word.len(), *last).into_iter().flatten();
        let found = found.map(|(len, last)| {
            let stem = &word[..word.len() - last.len()];
            let base = format!("{stem}{}", String::from_utf8_lossy(&last));
            base[..len].to_owned()
        });
        assert_eq!(found.collect::<Vec<_>>(), bases, "{word}");
        let [.., before, e, s] = *last;
        assert!(
            !bases.is_empty() <= !plural::by_s_alone([before, e, s]),
            "{word}"
        );
    }
}

/// Whether a key is in the tokens: exactly or in the plural, and whether it is an acronym.
fn naive_match(key: &[String], seen: &[(String, Range<usize>)]) -> Option<(bool, bool)> {
    let (last, init) = key.split_last()?;
    let (seen_last, seen_init) = seen.split_last()?;
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    if !init.iter().zip(seen_init).all(|(a, (b, _))| same(a, b)) {
        return None;
    }
    let exact = same(last, &seen_last.0);
    let mut plural = false;
    plural::each(&last.to_lowercase(), |form| {
        plural |= same(form, &seen_last.0)
    });
    let letters: String = key.concat();
    let acronym = letters.chars().filter(char::is_ascii_alphabetic).count() <= 4
        && letters.contains(char::is_uppercase)
        && !letters.contains(char::is_lowercase);
    let text: String = seen.iter().map(|(word, _)| word.as_str()).collect();
    let stem = text
        .strip_suffix("es")
        .filter(|stem| stem.len() > 1)
        .or(text.strip_suffix('s'))
        .unwrap_or(&text);
    let capitals = stem.contains(char::is_uppercase) && !stem.contains(char::is_lowercase);
    ((exact || plural) && (!acronym || capitals)).then_some((exact, acronym))
}

#[test]
fn tagging_agrees_with_trying_every_key_everywhere() {
    let words = [
        "a", "bus", "Bus", "buses", "IT", "it", "ITs", "cell", "cells", "x", "y", "ys", "axe",
        "axis", "axes", "é", "net", ",",
    ];
    let gaps = [" ", "-", "\n", "_", " - "];
    let mut random = Random(0x5eed);
    for round in 0..400 {
        let mut keys: Vec<String> = Vec::new();
        for _ in 0..random.below(40) + 1 {
            let key = random.phrase(&words, &gaps, 4);
            let folded = |key: &String| {
                spelled(key)
                    .into_iter()
                    .map(|(word, _)| word.to_lowercase())
                    .collect::<Vec<_>>()
            };
            if !keys.iter().any(|known| folded(known) == folded(&key)) {
                keys.push(key);
            }
        }
        let list: Vec<Value> = keys.iter().map(|key| json!({"name": key})).collect();
        let database = Database::from_json(Value::from(list).to_string(), "test").unwrap();
        assert_eq!(database.len(), keys.len());
        for _ in 0..5 {
            let text = random.phrase(&words, &gaps, 60);
            let got: Vec<(u32, Range<usize>)> = database
                .tag(&text)
                .into_iter()
                .map(|m| (m.concept, m.range))
                .collect();
            assert_eq!(
                got,
                naive(&keys, &text),
                "round {round}: {keys:?} in {text:?}"
            );
            let mut all: Vec<(u32, Range<usize>)> = database
                .tag_all(&text)
                .into_iter()
                .map(|m| (m.concept, m.range))
                .collect();
            all.sort_by_key(|(concept, range)| (range.start, range.end, *concept));
            assert_eq!(
                all,
                naive_all(&keys, &text),
                "round {round}: all of {keys:?} in {text:?}"
            );
        }
    }
}

#[test]
fn words_that_are_in_no_key_are_left_out_without_any_difference() {
    let words = [
        "net",
        "nets",
        "axis",
        "axes",
        "axe",
        "x",
        "y",
        "IT",
        "s",
        "C++",
        "naïve",
        "the",
        "of",
        "The",
        "otherwise",
        "bases",
        "otherwises",
        "deoxyribonucleic",
        "counterrevolutionaries",
        "漢字",
        "a",
    ];
    let gaps = [
        " ", " ", " ", "-", "\n", "\n\n", "\n\x0c\n", "-\n", "'", "’", ", ", ". ", " -- ", "(",
        "\u{ad}",
    ];
    let mut random = Random(0xf117);
    for round in 0..400 {
        let mut keys = vec![random.phrase(&words, &gaps, 3)];
        for _ in 0..random.below(4) {
            keys.push(random.phrase(&words, &gaps, 3));
        }
        let list: Vec<Value> = keys.iter().map(|key| json!({"name": key})).collect();
        let database = Database::from_json(Value::from(list).to_string(), "test").unwrap();
        let index = [database.layers.opened().image.index()];
        let filter = Filter::of(&index);
        assert!(filter.is_some());
        let text = random.phrase(&words, &gaps, 600);
        assert_eq!(
            hits(&text, &index, filter.as_ref()),
            hits(&text, &index, None),
            "round {round}: {keys:?} in {text:?}"
        );
        let passing_all = [Index {
            pairs: Pairs(&[0xff]),
            ..index[0]
        }];
        assert_eq!(
            hits(&text, &index, None),
            hits(&text, &passing_all, None),
            "round {round}: pairs of {keys:?} in {text:?}"
        );
    }
}

/// The keys in a text: their bytes and values.
fn hits(text: &str, index: &[Index<'_>], filter: Option<&Filter>) -> Vec<(Range<usize>, u32)> {
    let marks = Marks::of(index);
    let mut search = Search::new(text, index, &marks, filter);
    let mut found = Vec::new();
    while search.step() {
        let (hits, tokens) = search.hits();
        found.extend(hits.iter().map(|hit| (hit.range(tokens), hit.value)));
    }
    found
}

#[test]
fn a_hundred_thousand_concepts_are_all_found() {
    let mut random = Random(7);
    let syllables = [
        "ba", "ke", "ri", "to", "mu", "lan", "dor", "vex", "sil", "qua",
    ];
    let word =
        |random: &mut Random| -> String { (0..3).map(|_| random.pick(&syllables)).collect() };
    let mut names: Vec<String> = (0..100_000)
        .map(|n| format!("{} {} {n}", word(&mut random), word(&mut random)))
        .collect();
    names.sort();
    let list: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    let database = Database::from_json(Value::from(list).to_string(), "test").unwrap();
    let text = names.join(" and\n");
    let mentions = database.tag(&text);
    assert_eq!(mentions.len(), names.len());
    for (index, mention) in mentions.iter().enumerate() {
        assert_eq!(
            (mention.concept as usize, &text[mention.range.clone()]),
            (index, names[index].as_str())
        );
    }
}

#[test]
fn tagging_the_pieces_of_a_text_finds_what_the_whole_has() {
    let builtin = Database::builtin();
    let text: String = (0..builtin.len() as u32)
        .step_by(7)
        .map(|i| format!("{}.\n\n", builtin.concept(i).unwrap().name))
        .collect();
    let mut pieces = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive("\n\n") {
        let before = pieces.len();
        builtin.tag_into(piece, &mut pieces);
        for mention in &mut pieces[before..] {
            mention.range = mention.range.start + start..mention.range.end + start;
        }
        start += piece.len();
    }
    assert_eq!(pieces, builtin.tag(&text));
}

#[test]
fn tokens_cover_a_text_in_order() {
    let mut random = Random(99);
    let pieces = [
        "a", "É", "\u{301}", "-", "\n", "\u{ad}", "'", "’", "漢", "ﾞ", "+", "#", ".", "\u{200d}",
        "–", "İ", " ", "\0", "🦀", "\x0c", "\u{2029}",
    ];
    for _ in 0..2_000 {
        let text: String = (0..random.below(30))
            .map(|_| random.pick(&pieces))
            .collect();
        let mut end = 0;
        for token in Tokens::new(&text, 1) {
            assert!(token.start >= end && token.end >= token.start, "{text:?}");
            assert!(
                token.kind == Kind::Break || token.end > token.start,
                "{text:?}"
            );
            assert!(text.get(token.start..token.end).is_some(), "{text:?}");
            end = token.end;
        }
    }
}

/// Place, hash, whether no key goes on from before, whether it is one letter behind an apostrophe, and whether it may be
/// a plural.
type Piece = (Range<usize>, u64, [bool; 3]);

/// The marks that are in keys.
#[derive(Clone, Copy, PartialEq)]
enum Known {
    None,
    Few,
    All,
}

impl Known {
    fn has(self, hash: u64) -> bool {
        let few = ['.', '\'', tokens::DASH];
        let mut few = few
            .iter()
            .flat_map(|mark| [false, true].map(|open| tokens::mark_hash(3, *mark, open)));
        self == Known::All || self == Known::Few && few.any(|known| known == hash)
    }
}

/// What the processor can do, and some of what others can.
fn levels() -> Vec<Level> {
    let level = Level::new();
    let mut levels = vec![level, Level::baseline()];
    #[cfg(target_arch = "x86_64")]
    levels.extend(
        [
            level.as_sse4_2().map(Level::Sse4_2),
            level.as_avx2().map(Level::Avx2),
        ]
        .into_iter()
        .flatten(),
    );
    levels
}

/// The tokens of a text, cut by blocks where there is a level for it; those are left out that a key cannot go over.
fn pieces(text: &str, blocks: Option<Level>, known: Known) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut parted = false;
    let mut source = Tokens::new(text, 3);
    let marks = Marks::new(3, |hash| known.has(hash));
    loop {
        if let Some(level) = blocks {
            let from = Cut {
                at: source.at(),
                after_apostrophe: source.after_apostrophe(),
                parted,
            };
            let mut window = Window::default();
            let (cut, other) = dispatch!(level, simd => {
                blocks::cut(simd, text, 3, (&marks, None), from, &mut window)
            });
            window.settle_marks();
            let mut plurals = window.plurals.get().iter().copied().peekable();
            for (token, number) in window.tokens.get().iter().zip(0..) {
                let [parted, ending] =
                    [window::PARTED, window::ENDING].map(|flag| token.word.is & flag == flag);
                let plural = plurals.next_if_eq(&number).is_some();
                let range = token.start..token.end;
                found.push((range, token.word.hash, [parted, ending, plural]));
            }
            source.resume(cut.at, cut.after_apostrophe);
            parted = cut.parted;
            if !other {
                continue;
            }
        }
        let Some(token) = source.next() else {
            return found;
        };
        match token.kind {
            Kind::Break => parted = true,
            Kind::Mark | Kind::Apostrophe if !known.has(token.hash) => parted = true,
            _ => {
                let letter = token.kind == Kind::AfterApostrophe && token.end - token.start == 1;
                let range = token.start..token.end;
                let plural = plural::may_be(text[range.clone()].as_bytes());
                let flags = [std::mem::take(&mut parted), letter, plural];
                found.push((range, token.hash, flags));
            }
        }
    }
}

#[test]
fn the_bytes_that_have_a_bit_are_told_by_all_lanes() {
    let check = |bytes: &[u8; lanes::BLOCK]| {
        for bit in [1, 2, 4, 8, 16, 128] {
            let bits = bytes.iter().rev();
            let expected = bits.fold(0, |bits, byte| bits << 1 | u64::from(byte & bit != 0));
            for level in levels() {
                let have = dispatch!(level, simd => Lanes::new(simd, bytes).have(bit));
                assert_eq!(have, expected, "{level:?} {bytes:?}");
            }
            let mut numbers = window::Places::default();
            window::number(expected, 5, &mut numbers);
            let has = |number: &u32| bytes[*number as usize - 5] & bit != 0;
            let each: Vec<u32> = (5..).take(lanes::BLOCK).filter(has).collect();
            assert_eq!(numbers.get(), each);
            let mut few = window::Places::default();
            window::note_few::<3, _>(expected, &mut few, |at, below| {
                assert_eq!(below.count_ones(), at);
                at + 5
            });
            assert_eq!(few.get(), each);
        }
    };
    let mut state = 1_u64;
    for _ in 0..1_000 {
        check(&std::array::from_fn(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as u8
        }));
    }
}

#[test]
fn blocks_are_cut_as_tokens_are() {
    let check = |text: &str| {
        for known in [Known::None, Known::Few, Known::All] {
            let expected = pieces(text, None, known);
            for level in levels() {
                let cut = pieces(text, Some(level), known);
                assert_eq!(cut, expected, "{level:?} {text:?}");
            }
        }
    };
    let odd = [
        "C++",
        "c#",
        "AT&T",
        ".NET",
        "Node.js",
        "it's s",
        "don’t",
        "a\u{ad}b",
        "cryp-\r\ntography",
        "x\r\n\r\ny",
        "x\n\n\x0cy",
        "x\x0c\n\ny",
        "x -- y",
        "x--y",
        "x---",
        "--x",
        "naïve",
        "é",
        "漢字",
        "a–b",
        "a\u{a0}b",
        "’s s",
        "''s",
        "a_-b",
        "e.g.é",
        "\0",
        "\u{7f}\u{80}",
        "3.14",
        "a+b",
        "'",
        "-",
        "-\n",
        "\n",
        ".",
    ];
    // Wherever a block ends, and where the text does.
    for before in 0..150 {
        for text in odd {
            check(&format!("{}{text}", "x".repeat(before)));
            check(&format!("{} {text} z", "x ".repeat(before / 2)));
            check(&format!(
                "{}{text}{}",
                " ".repeat(before),
                "-".repeat(before)
            ));
        }
    }
    let words = [1, 2, 7, 8, 9, 15, 16, 17, 62, 63, 64, 65, 130]
        .map(|len| "Az9".repeat(50)[..len].to_owned());
    let gaps = [
        " ", "\n", "-", "_", "\t", ", ", ". ", "(", ") ", "'", "\"", "=", "\n\n", " \n \n ", "--",
        "\x0c", "…", "·",
    ];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut random = Random(64);
    for _ in 0..3_000 {
        let text: String = (0..random.below(60))
            .map(|_| match random.below(9) {
                0 => odd[random.below(odd.len())],
                1..5 => words[random.below(words.len())],
                _ => gaps[random.below(gaps.len())],
            })
            .collect();
        check(&text);
    }
}

// -- finding by name -------------------------------------------------------------------------------------------

#[test]
fn names_and_aliases_are_looked_up_in_any_case() {
    let database = database(&[
        "support vector machine|SVM",
        "information technology|IT",
        "it",
    ]);
    assert_eq!(database.find("Support-Vector  MACHINE"), Some(0));
    assert_eq!(database.find("svm"), Some(0));
    assert_eq!(database.find("IT"), Some(1));
    assert_eq!(database.find("it"), Some(2));
    assert_eq!(database.find("support vector"), None);
    assert_eq!(database.find(""), None);
    assert_eq!(
        database.find("support vector machines"),
        None,
        "a plural is not a name"
    );
}

#[test]
fn search_puts_the_nearest_first() {
    let database = database(&[
        "deep neural network",
        "neural network",
        "neural",
        "convolution|neural kernel",
        "aneural",
        "other",
    ]);
    assert_eq!(database.search("NEURAL", 10), [2, 1, 3, 0, 4]);
    assert_eq!(database.search("neural", 2), [2, 1]);
    assert!(database.search("", 10).is_empty() && database.search("zzz", 10).is_empty());
}

#[test]
fn identities_depend_on_the_name_alone() {
    let one = database(&["alpha", "Support-vector machine"]);
    let other = database(&["support vector machine|svm", "beta"]);
    assert_eq!(one.concept_id(1), other.concept_id(0));
    assert_eq!(one.by_id(one.concept_id(1).unwrap()), Some(1));
    assert_eq!(one.concept_id(2), None);
    // FNV-1a of "alpha", 0x8ac6_25bb_85ed_202b, folded; pinned: stored results refer to it.
    assert_eq!(one.concept_id(0), Some(0x0006_25bb_85ed_247d));
}

#[test]
fn identities_of_the_compiled_in_concepts_are_distinct() {
    let builtin = Database::builtin();
    for index in 0..builtin.len() as u32 {
        let id = builtin.concept_id(index).unwrap();
        assert_eq!(builtin.by_id(id), Some(index));
        assert!(id < 1 << 53, "a number of JavaScript keeps 53 bits");
    }
}

#[test]
fn the_database_can_be_shared_by_threads() {
    fn shared<T: Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>() {}
    shared::<Database>();
}

// -- reading ---------------------------------------------------------------------------------------------------

fn warnings(database: &Database) -> Vec<String> {
    let described = database.describe();
    described["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w.as_str().unwrap().to_owned())
        .collect()
}

fn refused(json: &[u8]) -> (Error, Value) {
    let error = Database::from_json(json, "bad.json").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    let place = error.field("places").unwrap()[0].clone();
    (error, place)
}

#[test]
fn only_the_name_is_required_and_unknown_fields_are_ignored() {
    let json = r#"{"made by": {"any": [1]}, "concepts": [{"name": " alpha ", "x": {"y": [null]}}, {"name":"b","priority":1,"aliases":null}], "version": 1}"#;
    let database = Database::from_json(json, "test").unwrap();
    let concept = database.concept(0).unwrap();
    assert_eq!(
        (concept.name.as_str(), concept.category.as_str()),
        ("alpha", "general")
    );
    assert_eq!(
        (
            concept.priority,
            concept.boost_multiplier,
            concept.aliases.len()
        ),
        (0.5, 1.0, 0)
    );
    assert_eq!(database.concept(1).unwrap().priority, 1.0);
    assert!(warnings(&database).is_empty(), "{:?}", warnings(&database));
}

#[test]
fn every_damaged_entry_is_named_and_the_others_are_kept() {
    let json = r#"[
        {"name": "good"}, 7, null, "text", ["list"], true, 1.5, {}, {"name": ""}, {"name": " - "}, {"name": 3},
        {"name": "p", "priority": 1.01}, {"name": "q", "priority": "high"}, {"name": "b", "boost_multiplier": 0.01},
        {"name": "c", "category": 5}, {"name": "a", "aliases": ["x", 1]}, {"name": "l", "aliases": "x"},
        {"name": "r", "priority": -0.1}, {"name": {"n": 1}},
        {"name": "x", "exact": "yes"}, {"name": "s", "narrower": ["x", 1]}, {"name": "t", "broader": "x"}, {"name": "last"}]"#;
    let database = Database::from_json(json, "some.json").unwrap();
    assert_eq!(database.len(), 2);
    let warnings = warnings(&database);
    assert_eq!(warnings.len(), 21);
    for (index, field) in [
        (2, "object"),
        (8, "name"),
        (12, "priority"),
        (14, "boost_multiplier"),
        (15, "category"),
        (16, "aliases"),
        (20, "exact"),
        (21, "narrower"),
        (22, "broader"),
    ] {
        let start = format!("some.json: entry {index} is skipped: ");
        assert!(
            warnings
                .iter()
                .any(|w| w.starts_with(&start) && w.contains(field)),
            "{index} {field}: {warnings:#?}"
        );
    }
    let skipped = &database.describe()["counts"]["skipped"];
    assert_eq!(
        *skipped,
        json!({"not_an_object": 6, "name": 5, "aliases": 2, "category": 1, "priority": 3, "boost_multiplier": 1, "exact": 1, "relations": 2})
    );
}

#[test]
fn warnings_are_counted_beyond_those_listed() {
    let json = format!("[{}{{\"name\": \"x\"}}]", "0,".repeat(1_000));
    let described = Database::from_json(json, "test").unwrap().describe();
    assert_eq!(described["warnings"].as_array().unwrap().len(), 100);
    assert_eq!(described["warnings_total"], 1_000);
}

#[test]
fn damaged_files_are_refused_with_line_and_column() {
    for (json, line, column) in [
        (&b"[\n{\"name\": }]"[..], 2, 10),
        (b"[{\"name\": \"a\"},\n\n{\"name\": \"b", 3, 11),
        (b"", 1, 0),
        (b"[{\"name\": NaN}]", 1, 11),
        (b"[{\"name\": \"a\xff\"}]", 1, 13),
        (b"[]\n x", 2, 2),
        (b"\xff\xfe[\0]\0", 1, 1),
        (b"[{\"name\":\"a\", \"priority\": 1e999}]", 1, 31),
    ] {
        let (error, place) = refused(json);
        let text = String::from_utf8_lossy(json);
        assert_eq!(place["reason"], "not JSON", "{text}: {error}");
        assert_eq!(
            (&place["line"], &place["column"]),
            (&json!(line), &json!(column)),
            "{text}: {error}"
        );
        assert!(
            error
                .message()
                .contains(&format!("line {line}, column {column}")),
            "{error}"
        );
        assert!(error.message().contains("\"bad.json\""), "{error}");
    }
}

#[test]
fn deep_nesting_is_refused_not_followed() {
    for open in [
        "[",
        "{\"concepts\":",
        "[{\"name\":",
        "[{\"name\":\"a\",\"x\":",
        "{\"x\":",
    ] {
        for repeated in ["[", "{\"a\":"] {
            let (_, place) = refused(format!("{open}{}", repeated.repeat(100_000)).as_bytes());
            assert!(
                ["not JSON", "wrong shape"].contains(&place["reason"].as_str().unwrap()),
                "{place}"
            );
        }
    }
}

#[test]
fn wrong_shapes_are_refused_and_say_where() {
    for json in [
        "{}",
        "7",
        "\"text\"",
        "null",
        "{\"concepts\": {}}",
        "{\"concepts\": [], \"version\": 2}",
        "{\"concepts\": [], \"concepts\": []}",
    ] {
        let (error, place) = refused(json.as_bytes());
        assert_eq!(place["reason"], "wrong shape", "{json}: {error}");
        assert_eq!(place["line"], 1, "{json}");
    }
    let (error, place) = refused(b"[{\"nom\": \"a\"}, 7]");
    assert_eq!(
        (&place["reason"], &place["entry"]),
        (&json!("wrong shape"), &json!(1))
    );
    assert!(
        error
            .message()
            .contains("wrong shape at entry 1: name must be a text, found nothing"),
        "{error}"
    );
}

#[test]
fn an_empty_list_is_a_database_and_a_warning() {
    let database = Database::from_json("\u{feff}[]", "test").unwrap();
    assert!(database.is_empty() && database.tag("anything").is_empty());
    assert_eq!(warnings(&database).len(), 1);
}

#[test]
fn names_that_differ_in_case_or_hyphens_are_one_concept() {
    let json = r#"[{"name": "Support-Vector Machine", "aliases": ["SVM"], "priority": 0.9},
                   {"name": "support vector machine", "aliases": ["SVM", "support vector machine", "SV machine"], "priority": 0.1}]"#;
    let database = Database::from_json(json, "test").unwrap();
    assert_eq!(database.len(), 1);
    let concept = database.concept(0).unwrap();
    assert_eq!(
        (concept.name.as_str(), concept.priority),
        ("Support-Vector Machine", 0.9)
    );
    assert_eq!(concept.aliases, ["SVM", "SV machine"]);
    assert_eq!(database.describe()["counts"]["merged"], 1);
}

#[test]
fn endless_lists_and_repeated_names_take_linear_time() {
    let list = format!(
        "[{{\"name\": \"b\"}}, {{\"name\": \"a\", \"aliases\": [{}\"\"]}}]",
        "\"\",".repeat(1_000_000)
    );
    let database = Database::from_json(list, "test").unwrap();
    assert_eq!((database.len(), warnings(&database).len()), (1, 1));
    let same: Vec<Value> = (0..50_000)
        .map(|n| json!({"name": "alpha", "aliases": [format!("alias {n}")]}))
        .collect();
    let database = Database::from_json(Value::from(same).to_string(), "test").unwrap();
    assert_eq!(
        (database.len(), database.concept(0).unwrap().aliases.len()),
        (1, 50_000)
    );
}

#[test]
fn a_key_of_two_concepts_finds_the_one_named_so_or_the_first() {
    let database = database(&["alpha|shared|beta", "beta", "gamma|shared"]);
    assert_eq!(database.find("shared"), Some(0));
    assert_eq!(database.find("beta"), Some(1));
    let warnings = warnings(&database);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings.iter().all(|w| w.contains("\"alpha\"") && (w.contains("\"beta\"") || w.contains("\"gamma\""))));
    assert_eq!(database.describe()["counts"]["ambiguous"], 2);
}

#[test]
fn names_too_long_are_refused_and_aliases_left_out() {
    let words = "w ".repeat(LONGEST_PHRASE + 1);
    let bytes = "x".repeat(LONGEST_KEY + 1);
    let list = json!([{"name": words}, {"name": bytes}, {"name": "ok", "aliases": [words, bytes, "", "fine"]}]);
    let database = Database::from_json(list.to_string(), "test").unwrap();
    assert_eq!(database.len(), 1);
    assert_eq!(database.concept(0).unwrap().aliases, ["fine"]);
    assert_eq!(warnings(&database).len(), 5);
}

#[test]
fn all_concepts_of_a_key_are_told_and_all_keys_that_overlap() {
    let database = database(&[
        "mercury (planet)|Mercury",
        "mercury (element)|Mercury|quicksilver",
        "Mercury",
        "Mercury transit",
        "transit",
    ]);
    assert_eq!(
        database.find("mercury"),
        Some(2),
        "who is named so comes first"
    );
    assert_eq!(database.find_all("mercury"), [2, 0, 1]);
    assert!(database.find_all("venus").is_empty());
    let text = "Mercury transits";
    assert_eq!(
        tagged(&database, text),
        [("Mercury transit".to_owned(), text)]
    );
    let all: Vec<(u32, &str)> = database
        .tag_all(text)
        .into_iter()
        .map(|m| (m.concept, &text[m.range]))
        .collect();
    assert_eq!(
        all,
        [
            (2, "Mercury"),
            (0, "Mercury"),
            (1, "Mercury"),
            (3, text),
            (4, "transits")
        ]
    );
}

// -- compiled files --------------------------------------------------------------------------------------------

fn compile(sources: &[&Path], target: &Path) -> Result<Database, Error> {
    Database::compile(sources, target, &mut |_| ())
}

/// What a database says of itself and of a text, all of it.
fn answers(database: &Database, text: &str) -> (Vec<Option<Concept>>, Vec<Mention>, Vec<Mention>) {
    let concepts = (0..database.len().min(1_000) as u32 + 1)
        .map(|index| database.concept(index))
        .collect();
    database.search("al", 3);
    for index in 0..5 {
        let id = database.concept_id(index).unwrap_or(7);
        database.by_id(id);
        database.related(index, Relation::Broader);
        database.related(index, Relation::Narrower);
    }
    database.find_all("beta gamma");
    database.describe();
    (concepts, database.tag(text), database.tag_all(text))
}

const SMALL_TEXT: &str =
    "Alphas, beta-gamma deltas, BGs and Bayes theorem: first aids, AIDS. ΓΆΜΜΑ beta gamma first";

fn small_json() -> String {
    let names = [
        "alpha|AL|first",
        "beta gamma|BG",
        "beta gamma delta|bgd",
        "Bayes' theorem",
        "first aid|aid",
        "AIDS",
        "γάμμα",
        "first",
    ];
    let concept = |line: &str| {
        let mut keys = line.split('|');
        json!({
            "name": keys.next(), "aliases": keys.collect::<Vec<_>>(),
            "category": line.len().to_string(), "priority": 0.25,
            "broader": ["first"], "narrower": ["Alpha", "γάμμα", "not there"],
        })
    };
    Value::from_iter(names.map(concept)).to_string()
}

#[test]
fn a_compiled_file_answers_as_its_sources_do() {
    let folder = Folder::new("compiled");
    let source = folder.file("small.json", &small_json());
    let target = folder.0.join("small.toridb");
    let compiled = compile(&[&source], &target).unwrap();
    let plain = Database::open_path(&source).unwrap();
    let expected = answers(&plain, SMALL_TEXT);
    assert!(expected.1.len() >= 8, "{:?}", expected.1);
    assert_eq!(answers(&compiled, SMALL_TEXT), expected);
    assert_eq!(
        compiled.describe()["warnings_total"],
        plain.describe()["warnings_total"]
    );
    let mapped = Database::open_path(&target).unwrap();
    assert_eq!(answers(&mapped, SMALL_TEXT), expected);
    assert_eq!(mapped.describe()["counts"], plain.describe()["counts"]);
    assert_eq!(mapped.describe()["sources"][0]["file"], "small.json");
    mapped.verify().unwrap();
    let mut by_copy = config(&target, true);
    by_copy.set("database.copy", "true").unwrap();
    let copied = open(&by_copy, None, &[]).unwrap();
    assert_eq!(answers(&copied, SMALL_TEXT), expected);
    let bytes = std::fs::read(&target).unwrap();
    let in_memory = Database::from_bytes(&bytes, "memory").unwrap();
    assert_eq!(answers(&in_memory, SMALL_TEXT), expected);
    compile(&[&source], &target).unwrap();
    assert!(
        bytes == std::fs::read(&target).unwrap(),
        "the same sources gave another file"
    );
    assert!(!folder.0.join("small.toridb.tmp").exists());
}

#[test]
fn no_changed_byte_does_harm() {
    use std::os::unix::fs::FileExt;
    let folder = Folder::new("flipped");
    let source = folder.file("small.json", &small_json());
    let target = folder.0.join("small.toridb");
    let expected = answers(&compile(&[&source], &target).unwrap(), SMALL_TEXT);
    let bytes = std::fs::read(&target).unwrap();
    let file = std::fs::File::options().write(true).open(&target).unwrap();
    let mut refused = 0;
    for at in 0..bytes.len() {
        let flipped = bytes[at] ^ (1 << (at % 8));
        file.write_all_at(&[flipped], at as u64).unwrap();
        let mut copy = bytes.clone();
        copy[at] = flipped;
        match Database::from_bytes(&copy, "memory") {
            // Nothing reads what fills a page.
            Ok(database) if bytes[at] == 0 => assert_eq!(answers(&database, SMALL_TEXT), expected),
            Ok(_) => panic!("byte {at} may change unnoticed"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Database);
                refused += 1;
            }
        }
        if let Ok(mapped) = Database::open_path(&target) {
            let same = answers(&mapped, SMALL_TEXT) == expected;
            assert!(same || mapped.verify().is_err(), "byte {at}");
        }
        file.write_all_at(&bytes[at..=at], at as u64).unwrap();
    }
    assert!(refused > 1_000, "{refused}");
}

/// `Rss`, `Pss` and `Shared_Clean` of a file's map in this process, in kilobytes, where the system tells them.
fn pages(file: &Path) -> Option<[u64; 3]> {
    let maps = std::fs::read_to_string("/proc/self/smaps").ok()?;
    let (_, map) = maps.split_once(file.to_str()?)?;
    let figure = |name: &str| {
        let (_, rest) = map.split_once(&format!("\n{name}:"))?;
        rest.split_whitespace().next()?.parse().ok()
    };
    Some([figure("Rss")?, figure("Pss")?, figure("Shared_Clean")?])
}

/// Not a test: the process that the next one shares pages with.
#[test]
#[ignore = "waits for the other process"]
fn maps_a_file_and_waits() {
    use std::io::{Read, Write};
    let Some(file) = std::env::var_os("TORI_TEST_FILE") else {
        return;
    };
    let database = Database::open_path(Path::new(&file)).unwrap();
    database.verify().unwrap();
    let figures = pages(Path::new(&file)).unwrap();
    writeln!(std::io::stdout(), "pages {figures:?}").unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

#[test]
fn processes_share_the_pages_of_a_compiled_file() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let folder = Folder::new("pages");
    let names: Vec<String> = (0..20_000).map(|n| format!("concept number {n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let source = folder.concepts("many.json", &names);
    let target = folder.0.join("many.toridb");
    let database = compile(&[&source], &target).unwrap();
    database.verify().unwrap();
    if pages(&target).is_none() {
        eprintln!("skipped: the system does not tell of a process's pages");
        return;
    }
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "database::tests::maps_a_file_and_waits",
        ])
        .env("TORI_TEST_FILE", &target)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(other.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let told = lines.find_map(|line| {
        let figures = line.split_once("pages ")?.1.to_owned();
        serde_json::from_str(&figures).ok()
    });
    let here = pages(&target).unwrap();
    drop(other.stdin.take());
    lines.for_each(drop);
    assert!(other.wait().unwrap().success());
    let there: [u64; 3] = told.unwrap();
    for [rss, pss, shared] in [here, there] {
        assert!(rss >= 1_000, "{rss} kB are in memory");
        assert!(shared * 10 >= rss * 9, "{shared} of {rss} kB are shared");
        assert!(
            pss * 10 <= rss * 6,
            "{pss} of {rss} kB are this process's part"
        );
    }
}

/// Makes the checksums of an image right again.
fn checksummed(image: &mut [u8]) {
    let long = |image: &[u8], at: usize| u64::from_le_bytes(*image[at..].first_chunk().unwrap());
    for section in (48..312).step_by(24) {
        let (offset, len) = (long(image, section), long(image, section + 8));
        let Some(bytes) = image.get(offset as usize..offset.saturating_add(len) as usize) else {
            continue;
        };
        let sum = xxhash_rust::xxh3::xxh3_64(bytes);
        image[section + 16..section + 24].copy_from_slice(&sum.to_le_bytes());
    }
    let sum = xxhash_rust::xxh3::xxh3_64(&image[..312]);
    image[312..320].copy_from_slice(&sum.to_le_bytes());
}

#[test]
fn forged_files_are_refused_or_do_no_harm() {
    let folder = Folder::new("forged");
    let source = folder.file("small.json", &small_json());
    let target = folder.0.join("small.toridb");
    compile(&[&source], &target).unwrap();
    let bytes = std::fs::read(&target).unwrap();
    let used: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    let odd = [0, 1, 0x7f, 0x80, 0xff];
    let mut random = Random(0xbad);
    let (mut opened, mut verified) = (0, 0);
    for _ in 0..10_000 {
        let mut forged = bytes.clone();
        for _ in 0..random.below(4) + 1 {
            let at = used[random.below(used.len())];
            for byte in forged.iter_mut().skip(at).take(1 << random.below(4)) {
                *byte = match random.below(3) {
                    0 => odd[random.below(odd.len())],
                    1 => random.below(256) as u8,
                    _ => byte.wrapping_add(1),
                };
            }
        }
        checksummed(&mut forged);
        if let Ok(database) = Database::from_bytes(&forged, "memory") {
            answers(&database, SMALL_TEXT);
            verified += 1;
        }
        std::fs::write(&target, &forged).unwrap();
        if let Ok(mapped) = Database::open_path(&target) {
            answers(&mapped, SMALL_TEXT);
            opened += 1;
        }
    }
    assert!(opened > verified && verified > 0, "{opened} {verified}");
}

#[test]
fn files_cut_off_or_of_another_version_say_so() {
    let folder = Folder::new("versions");
    let source = folder.file("small.json", &small_json());
    let target = folder.0.join("small.toridb");
    compile(&[&source], &target).unwrap();
    let bytes = std::fs::read(&target).unwrap();
    for len in (8..bytes.len()).step_by(509).chain([bytes.len() - 1]) {
        std::fs::write(&target, &bytes[..len]).unwrap();
        let error = Database::open_path(&target).unwrap_err();
        let place = &error.field("places").unwrap()[0];
        assert_eq!(place["reason"], "damaged", "{error}");
        assert!(error.message().contains("small.toridb"), "{error}");
    }
    for (at, what) in [(12, "format"), (16, "normaliser")] {
        let mut other = bytes.clone();
        other[at] = 9;
        checksummed(&mut other);
        let error = Database::from_bytes(&other, "memory").unwrap_err();
        assert!(
            error.message().contains(&format!("version: {what} 9")),
            "{error}"
        );
    }
}

/// Not a test: the writer that the next one kills.
#[test]
#[ignore = "runs until it is killed"]
fn writes_without_end() {
    use std::io::Write;
    let Some(folder) = std::env::var_os("TORI_TEST_WRITER") else {
        return;
    };
    let folder = Path::new(&folder);
    for source in ["one.json", "two.json"].iter().cycle() {
        compile(&[&folder.join(source)], &folder.join("target.toridb")).unwrap();
        // Not by println, which is kept back.
        writeln!(std::io::stdout(), "written").unwrap();
    }
}

/// Runs an ignored test of this program until it has told of its work up to three times and some while longer, which may
/// be at any moment of what it does next; kills it then. What it told, all in all.
pub(super) fn killed(test: &str, file: &Path, random: &mut Random) -> Vec<String> {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", test])
        .env("TORI_TEST_WRITER", file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let mut lines = lines.map_while(Result::ok);
    let is_told = |line: &String| line.contains("written") || line.contains("saved");
    let mut told = Vec::new();
    let most = random.below(4);
    told.extend(lines.by_ref().filter(is_told).take(most));
    // From the beginning of the process or from the end of a work: neither takes as long when nothing else runs.
    let micros = if most == 0 { 20_000 } else { 5_000 };
    std::thread::sleep(std::time::Duration::from_micros(random.below(micros) as u64));
    writer.kill().unwrap();
    assert!(!writer.wait().unwrap().success());
    told.extend(lines.filter(is_told));
    told
}

#[test]
fn a_writer_killed_at_any_moment_leaves_a_whole_file() {
    let folder = Folder::new("killed");
    for (name, count) in [("one.json", 300), ("two.json", 900)] {
        let names: Vec<String> = (0..count).map(|n| format!("concept number {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        folder.concepts(name, &names);
    }
    let target = folder.0.join("target.toridb");
    compile(&[&folder.0.join("one.json")], &target).unwrap();
    let mut random = Random(200);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        killed(
            "database::tests::writes_without_end",
            &folder.0,
            &mut random,
        );
        let database = Database::open_path(&target).unwrap();
        database.verify().unwrap();
        assert!([300, 900].contains(&database.len()));
        seen.insert(database.len());
    }
    assert_eq!(seen.len(), 2, "nothing was written");
}

#[test]
fn two_writers_of_one_file_do_not_mix() {
    let folder = Folder::new("writers");
    let source = folder.concepts("one.json", &["alpha"]);
    let target = folder.0.join("target.toridb");
    let held = std::fs::File::create(folder.0.join("target.toridb.tmp")).unwrap();
    held.lock().unwrap();
    let error = compile(&[&source], &target).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy, "{error}");
    assert!(error.message().contains("target.toridb.tmp"), "{error}");
    drop(held);
    assert_eq!(compile(&[&source], &target).unwrap().len(), 1);
    let nowhere = folder.0.join("absent/target.toridb");
    let error = compile(&[&source], &nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
}

// -- streamed sources ------------------------------------------------------------------------------------------

#[test]
fn every_format_of_source_gives_the_same_concepts() {
    let folder = Folder::new("formats");
    let first = r#"{"name": "alpha", "aliases": ["al", "\"q\""], "category": "x", "priority": 0.75, "boost_multiplier": 2,
        "narrower": ["gamma", "beta"]}"#.replace('\n', "");
    let second = r#"{"name": "beta"}"#;
    let third = r#"{"name": "gamma"}"#;
    let sources = [
        folder.file("a.json", &format!("[{first},\n{second}, {third}]")),
        folder.file("a.jsonl", &format!("\u{feff}{first}\r\n\n{second}\n{third}")),
        folder.file(
            "a.csv",
            "category,name,note,aliases,priority,boost_multiplier,narrower\nx,alpha,\"a\nb\",\"al|\"\"q\"\"\",0.75,2,gamma | beta\n,beta,,,,,\n,gamma,,,,,\n",
        ),
        folder.file(
            "a.tsv",
            "name\taliases\tcategory\tpriority\tboost_multiplier\tbroader\nalpha\tal | \"q\"\tx\t0.75\t2\t\nbeta\t\t\t\t\tALPHA\ngamma\t\t\t\t\talpha\n",
        ),
    ];
    let target = folder.0.join("a.toridb");
    let mut concepts = Vec::new();
    for source in &sources {
        let mut read = 0;
        let database = Database::compile(&[source], &target, &mut |bytes| read = bytes).unwrap();
        assert_eq!(read, std::fs::metadata(source).unwrap().len());
        assert_eq!(warnings(&database), [""; 0]);
        assert_eq!(database.related(0, Relation::Narrower), [1, 2]);
        assert_eq!(database.related(2, Relation::Broader), [0]);
        concepts.push([0, 1, 2].map(|index| database.fields(index)));
    }
    assert_eq!(concepts[0][0].as_ref().unwrap().aliases, ["al", "\"q\""]);
    assert!(
        concepts.iter().all(|same| *same == concepts[0]),
        "{concepts:#?}"
    );
    let all = Database::compile(&sources, &target, &mut |_| ()).unwrap();
    let counts = &all.describe()["counts"];
    assert_eq!(
        (&counts["concepts"], &counts["merged"]),
        (&json!(3), &json!(9))
    );
    assert_eq!(counts["relations"], 2);
    assert_eq!(all.describe()["sources"].as_array().unwrap().len(), 4);
}

#[test]
fn damage_in_streams_is_named_by_file_line_entry_and_field() {
    let folder = Folder::new("streams");
    let target = folder.0.join("a.toridb");
    let lines = folder.file("a.jsonl", "{\"name\": \"ok\"}\n\n{\"name\": 5}\n{oops\n7\n");
    let csv = folder.file(
        "b.csv",
        "name,priority\nok,0.5\nalpha,high\nbeta\n\"x\ny\",2\n",
    );
    let database = compile(&[&lines, &csv], &target).unwrap();
    let expected = [
        "a.jsonl: line 3 (entry 2) is skipped: name must be a text, found 5",
        "a.jsonl: line 4 (entry 3) is skipped: expected an object, found what cannot be read: key must be",
        "a.jsonl: line 5 (entry 4) is skipped: expected an object, found 7",
        "b.csv: line 3 (entry 2) is skipped: priority must be a number from 0 to 1, found \"high\"",
        "b.csv: line 4 (entry 3) is skipped: expected an object, found what cannot be read: ",
        "b.csv: line 5 (entry 4) is skipped: priority must be a number from 0 to 1, found 2",
    ];
    let warnings = warnings(&database);
    assert_eq!(warnings.len(), expected.len(), "{warnings:#?}");
    for (warning, expected) in warnings.iter().zip(expected) {
        assert!(warning.contains(expected), "{warning}\n{expected}");
    }
    for (name, content, reason, line) in [
        ("c.csv", "title\nx\n", "wrong shape", Some(1)),
        ("c.jsonl", "\n7\n", "wrong shape", Some(2)),
        ("c.json", "[\n\n{]", "not JSON", Some(3)),
        #[cfg(feature = "skos")]
        (
            "c.xml",
            "<r:RDF xmlns:r=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n</b>",
            "not RDF/XML",
            Some(2),
        ),
        (
            "c.ttl",
            "<a:b> <a:c> <a:d> .\n\n<a:b> oops",
            "not Turtle",
            Some(3),
        ),
        ("c.txt", "", "unknown format", None),
    ] {
        let path = folder.file(name, content);
        let error = compile(&[&path], &target).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Database);
        assert_eq!(error.field("reason").unwrap(), reason, "{error}");
        assert_eq!(error.field("line").and_then(Value::as_u64), line, "{error}");
        assert!(error.message().contains(name), "{error}");
    }
    assert_eq!(
        Database::open_path(&target).unwrap().len(),
        1,
        "what could not be compiled has not replaced what was"
    );
}

#[cfg(feature = "skos")]
mod skos {
    use super::*;

    const TURTLE: &str = r#"@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <http://vocabulary.example/things/> .
<http://vocabulary.example/birds> a skos:ConceptScheme ; skos:hasTopConcept v:owl .
v:owl a skos:Concept ; skos:prefLabel "owl"@en, "Eule"@de ;
  skos:altLabel "strix"@en-GB, "hibou"@fr, "Strigiformes" ; skos:inScheme <http://vocabulary.example/birds> .
v:wren skos:prefLabel "wren" ; skos:broader v:bird .
v:owl skos:narrower v:kauz ; skos:broader v:wren .
v:owl skos:hiddenLabel "owll"@EN .
v:kauz a skos:Concept ; skos:prefLabel "Kauz"@de .
"#;

    const RDF_XML: &str = r#"<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="http://vocabulary.example/things/owl">
    <skos:prefLabel xml:lang="en">owl</skos:prefLabel><skos:prefLabel xml:lang="de">Eule</skos:prefLabel>
    <skos:altLabel xml:lang="en-GB">strix</skos:altLabel><skos:altLabel xml:lang="fr">hibou</skos:altLabel>
    <skos:related><skos:Concept rdf:about="http://vocabulary.example/things/wren"><skos:prefLabel>wren</skos:prefLabel>
      <skos:narrower rdf:resource="http://vocabulary.example/things/owl"/><skos:broader rdf:resource="http://vocabulary.example/things/bird"/></skos:Concept></skos:related>
    <skos:altLabel>Strigiformes</skos:altLabel><skos:hiddenLabel xml:lang="en">owll</skos:hiddenLabel>
    <skos:inScheme rdf:resource="http://vocabulary.example/birds"/>
    <skos:narrower rdf:resource="http://vocabulary.example/things/kauz"/>
  </skos:Concept>
  <skos:Concept rdf:about="http://vocabulary.example/things/kauz"><skos:prefLabel xml:lang="de">Kauz</skos:prefLabel></skos:Concept>
</rdf:RDF>
"#;

    #[test]
    fn concepts_of_skos_have_their_labels_in_one_language() {
        let folder = Folder::new("skos");
        let target = folder.0.join("a.toridb");
        for (source, line) in [
            (folder.file("a.ttl", TURTLE), 9),
            (folder.file("a.rdf", RDF_XML), 12),
        ] {
            let english = compile(&[&source], &target).unwrap();
            assert_eq!(english.len(), 2);
            let owl = english.concept(english.find("owll").unwrap()).unwrap();
            assert_eq!((owl.name.as_str(), owl.category.as_str()), ("owl", "birds"));
            assert_eq!(owl.aliases, ["strix", "Strigiformes", "owll"]);
            let told = warnings(&english);
            let expected = format!("line {line} (entry 3) is skipped: name must be a text");
            assert!(told.len() == 3 && told[0].contains(&expected), "{told:?}");
            for (told, expected) in told[1..].iter().zip(["narrower", "broader"]) {
                assert!(told.contains(expected) && told.contains("IRI"), "{told}");
            }
            let [owl, wren] = ["owl", "wren"].map(|name| english.find(name).unwrap());
            assert_eq!(english.related(owl, Relation::Broader), [wren]);
            assert_eq!(english.related(wren, Relation::Narrower), [owl]);
            assert_eq!(english.related(owl, Relation::Narrower), [0; 0]);
            assert!(
                told[0].contains("things/kauz") && told[0].contains("\"en\""),
                "{told:?}"
            );

            let mut config = Config::new();
            config.set("database.language", "de").unwrap();
            let german = Database::compile_with(&config, &[&source], &target, &mut |_| ()).unwrap();
            let names: Vec<String> = german
                .indices()
                .filter_map(|index| german.name(index))
                .collect();
            assert_eq!(names, ["Eule", "wren", "Kauz"]);
            let kauz = german.find("Kauz").unwrap();
            assert_eq!(german.related(kauz, Relation::Broader), [0]);
        }
    }

    #[test]
    fn skos_streams_in_the_order_of_its_concepts() {
        let folder = Folder::new("skos_stream");
        let concept = |n: u32| {
            let skos = "http://www.w3.org/2004/02/skos/core#";
            let broader = (n + 3_000) % 5_000;
            format!(
                "<c:{n}> <{skos}prefLabel> \"concept {n}\" .\n<c:{n}> <{skos}broader> <c:{broader}> .\n"
            )
        };
        let source = folder.file("a.nt", &(0..5_000).map(concept).collect::<String>());
        let database = compile(&[&source], &folder.0.join("a.toridb")).unwrap();
        assert_eq!(database.len(), 5_000);
        assert_eq!(database.name(4_999).unwrap(), "concept 4999");
        for index in [0, 1_999, 2_000, 4_999] {
            let broader = database.related(index, Relation::Broader);
            assert_eq!(broader, [(index + 3_000) % 5_000]);
        }
    }
}

// -- where it is looked for ------------------------------------------------------------------------------------

/// A folder that is removed when the test is over.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("tori-database-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    fn concepts(&self, name: &str, concepts: &[&str]) -> PathBuf {
        let list: Vec<Value> = concepts.iter().map(|name| json!({"name": name})).collect();
        self.file(name, &json!({"version": 1, "concepts": list}).to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn config(path: &Path, external: bool) -> Config {
    let mut config = Config::new();
    config.set("database.path", path.to_str().unwrap()).unwrap();
    config
        .set(
            "database.require_external",
            if external { "true" } else { "false" },
        )
        .unwrap();
    config
}

fn open(
    config: &Config,
    variable: Option<&Path>,
    folders: &[(Tier, &Path)],
) -> Result<Database, Error> {
    let folders = folders
        .iter()
        .map(|(tier, path)| (*tier, path.to_path_buf()))
        .collect();
    Database::open_in(
        config,
        variable.map(|path| path.as_os_str().to_owned()),
        folders,
    )
}

#[test]
fn the_first_place_of_the_order_that_has_a_database_wins() {
    let folder = Folder::new("order");
    for name in ["config", "variable", "library", "working"] {
        folder.concepts(&format!("{name}/{MAIN_FILE}"), &[name]);
    }
    let [named, variable, library, working] =
        ["config", "variable", "library", "working"].map(|name| folder.0.join(name));
    let tiers = [
        (Tier::Library, library.as_path()),
        (Tier::WorkingDirectory, working.as_path()),
    ];
    let mut origins = Vec::new();
    for gone in [
        None,
        Some(&named),
        Some(&variable),
        Some(&library),
        Some(&working),
    ] {
        if let Some(gone) = gone {
            std::fs::remove_dir_all(gone).unwrap();
        }
        let database = open(&config(&named, false), Some(&variable), &tiers).unwrap();
        origins.push(database.describe()["origin"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        origins,
        [
            "config",
            "environment",
            "library",
            "working_directory",
            "builtin"
        ]
    );
}

#[test]
fn seeds_are_merged_into_the_main_file_and_either_may_be_missing() {
    let folder = Folder::new("seeds");
    folder.concepts(MAIN_FILE, &["alpha", "Beta"]);
    let seed = folder.concepts(SEED_FILE, &["beta", "gamma"]);
    let both = Database::open_path(&folder.0).unwrap();
    let names: Vec<String> = (0..3).map(|i| both.name(i).unwrap()).collect();
    assert_eq!(names, ["alpha", "Beta", "gamma"]);
    let counts = &both.describe()["counts"];
    assert_eq!(
        (
            &counts["from_main"],
            &counts["from_seed"],
            &counts["merged"]
        ),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(
        Database::open_path(&folder.0.join(MAIN_FILE))
            .unwrap()
            .len(),
        3
    );
    assert_eq!(Database::open_path(&seed).unwrap().len(), 2);
    std::fs::remove_file(folder.0.join(MAIN_FILE)).unwrap();
    let alone = Database::open_path(&folder.0).unwrap();
    assert_eq!((alone.len(), warnings(&alone).len()), (2, 0));
    assert_eq!(alone.describe()["places"][1]["reason"], "missing");
}

#[test]
fn when_nothing_loads_every_path_is_listed_with_its_reason() {
    let folder = Folder::new("nothing");
    let broken = folder.file("broken.json", "[\n  {]");
    let shape = folder.file("shape/concept_file_storage.json", "[{\"nom\": 1}]");
    let absent = folder.0.join("absent");
    let error = open(
        &config(&broken, true),
        Some(shape.parent().unwrap()),
        &[(Tier::Library, &absent)],
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    let places = error.field("places").unwrap().as_array().unwrap();
    let paths: Vec<&str> = places
        .iter()
        .map(|place| place["path"].as_str().unwrap())
        .collect();
    let expected = [
        broken,
        shape.clone(),
        shape.with_file_name(SEED_FILE),
        absent.join(MAIN_FILE),
        absent.join(SEED_FILE),
    ];
    assert_eq!(
        paths,
        expected
            .iter()
            .map(|path| path.to_str().unwrap())
            .collect::<Vec<_>>()
    );
    for (index, path) in paths.iter().enumerate() {
        assert!(
            error
                .message()
                .contains(&format!("{}. \"{path}\": ", index + 1)),
            "{error}"
        );
    }
    assert_eq!(
        (&places[0]["line"], &places[0]["column"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(places[1]["entry"], 1);
    assert!(
        error.message().contains("not JSON at line 2, column 4"),
        "{error}"
    );
    assert!(
        error.message().contains("wrong shape at entry 1"),
        "{error}"
    );
    assert!(
        error.message().contains("database.require_external"),
        "{error}"
    );
}

#[test]
fn a_named_place_that_fails_is_passed_over_with_a_warning() {
    let folder = Folder::new("named");
    let database = open(&config(&folder.0.join("absent.json"), false), None, &[]).unwrap();
    assert_eq!(database.len(), Database::builtin().len());
    let warnings = warnings(&database);
    assert!(
        warnings[0].contains("absent.json")
            && warnings[0].contains("database.path")
            && warnings[0].contains("missing"),
        "{warnings:?}"
    );
    assert_eq!(database.describe()["origin"], "builtin");
    let quiet = open(&Config::new(), None, &[(Tier::Library, &folder.0)]).unwrap();
    assert!(
        !quiet.describe()["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|w| w.as_str().unwrap().contains("not used"))
    );
}

#[test]
fn a_damaged_seed_spoils_its_place() {
    let folder = Folder::new("spoilt");
    folder.concepts(MAIN_FILE, &["alpha"]);
    folder.file(SEED_FILE, "oops");
    let error = Database::open_path(&folder.0).unwrap_err();
    assert_eq!(error.field("places").unwrap()[0]["outcome"], "not used");
    assert_eq!(error.field("places").unwrap()[1]["reason"], "not JSON");
}

#[test]
fn what_is_not_a_file_is_refused_without_waiting_for_it() {
    let folder = Folder::new("devices");
    let pipe = folder.0.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    for path in [
        Some(PathBuf::from("/dev/zero")),
        made.is_ok_and(|status| status.success()).then_some(pipe),
    ]
    .into_iter()
    .flatten()
    {
        let error = Database::open_path(&path).unwrap_err();
        assert_eq!(
            error.field("places").unwrap()[0]["reason"],
            "not a file",
            "{error}"
        );
    }
    let odd = Database::open_path(Path::new("a\0b")).unwrap_err();
    assert_eq!(odd.field("places").unwrap()[0]["reason"], "unreadable");
}

#[test]
fn limits_on_bytes_and_keys_are_kept() {
    let folder = Folder::new("limits");
    let path = folder.concepts("many.json", &["alpha", "beta", "gamma"]);
    for (key, value) in [("database.file_bytes", "20"), ("database.keys", "2")] {
        let mut config = config(&path, true);
        config.set(key, value).unwrap();
        let error = open(&config, None, &[]).unwrap_err();
        assert_eq!(error.field("places").unwrap()[0]["limit"], key, "{error}");
        assert!(error.message().contains(key), "{error}");
    }
}

#[test]
fn a_file_that_may_not_be_read_says_permission() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("permission");
    let path = folder.concepts("secret.json", &["alpha"]);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        eprintln!("skipped: this user may read every file");
        return;
    }
    let error = Database::open_path(&path).unwrap_err();
    assert_eq!(error.field("places").unwrap()[0]["reason"], "permission");
}

/// The bytes of the image of a builder.
fn image(builder: Builder) -> Vec<u8> {
    let mut image = Vec::new();
    let (parts, _, _) = builder.parts().unwrap();
    parts
        .write(|part| {
            image.extend(part);
            Ok::<(), ()>(())
        })
        .unwrap();
    image
}

#[test]
fn the_compiled_in_database_is_that_of_the_files() {
    let mut builder = Builder::seeded(build::SEED, u64::MAX);
    let mut taken = 0;
    for (name, part) in [(MAIN_FILE, Part::Main), (SEED_FILE, Part::Seed)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("data")
            .join(name);
        let bytes = std::fs::read(path).unwrap();
        taken += builder.read(&bytes, name, part).unwrap();
        builder.sources.push(SourceFile::of(name, &bytes));
    }
    let image = image(builder);
    let copy = Image::copy(&image).unwrap();
    assert_eq!(u64::from(copy.concepts()), taken, "no name is there twice");
    assert_eq!(copy.meta().counts.ambiguous, 0);
    assert_eq!(copy.meta().counts.dropped_aliases, 0);
    assert!(taken >= 3_000);
    let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/concepts.toridb");
    if std::env::var_os("TORI_BLESS").is_some() {
        std::fs::write(compiled, &image).unwrap();
        return;
    }
    assert!(
        image == std::fs::read(compiled).unwrap(),
        "the data has changed: run TORI_BLESS=1 cargo test --lib of_the_files, then the tests"
    );
    assert!(super::places::compiled_in().is_ok_and(|image| image.verify().is_ok()));
}

#[test]
fn files_equal_to_those_compiled_in_are_not_parsed_again() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let opened = Database::open_path(&data).unwrap();
    let builtin = Database::builtin();
    assert!(Arc::ptr_eq(opened.layers.opened(), builtin.layers.opened()));
    assert_eq!(opened.describe()["origin"], "file");
    let folder = Folder::new("edited");
    for name in [MAIN_FILE, SEED_FILE] {
        let text = std::fs::read_to_string(data.join(name)).unwrap();
        folder.file(name, &text.replace("Bluetooth", "Redtooths"));
    }
    let edited = Database::open_path(&folder.0).unwrap();
    assert_eq!(edited.len(), builtin.len());
    assert!(edited.find("Redtooths").is_some() && edited.find("Bluetooth").is_none());
}

#[test]
fn the_compiled_in_database_is_shared() {
    let builtin = Database::builtin();
    assert!(Arc::ptr_eq(&builtin, &Database::builtin()));
    assert_eq!(builtin.describe()["warnings_total"], 0);
}

#[test]
fn the_place_of_this_program_is_known() {
    let folder = super::beside::folder().unwrap();
    assert!(
        folder.is_absolute() && folder.is_dir(),
        "{}",
        folder.display()
    );
}
