use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::super::tests::{Folder, Random, killed, naive, naive_all};
use super::*;

const WORDS: [&str; 16] = [
    "a", "bus", "Bus", "buses", "IT", "it", "ITs", "cell", "cells", "base", "basis", "bases", "é",
    "bus's", "bus'", "net",
];
const GAPS: [&str; 4] = [" ", "-", "\n", "_"];

/// A list of entries.
fn json_of(concepts: &[Concept]) -> String {
    let entry = |concept: &Concept| {
        json!({
            "name": concept.name, "aliases": concept.aliases, "category": concept.category,
            "priority": concept.priority, "boost_multiplier": concept.boost_multiplier,
            "exact": concept.exact, "broader": concept.broader, "narrower": concept.narrower,
        })
    };
    Value::from_iter(concepts.iter().map(entry)).to_string()
}

fn compiled(concepts: &[Concept]) -> Database {
    Database::from_json(json_of(concepts), "test").unwrap()
}

fn concepts(database: &Database) -> Vec<Concept> {
    let concept = |index| database.concept(index).unwrap();
    database.indices().map(concept).collect()
}

/// Names and places in a text.
fn told(database: &Database, mentions: Vec<Mention>) -> Vec<(String, std::ops::Range<usize>)> {
    let name = |mention: Mention| (database.name(mention.concept).unwrap(), mention.range);
    mentions.into_iter().map(name).collect()
}

/// A database, and the list of concepts that it ought to be.
struct Pair {
    database: Database,
    model: Vec<Concept>,
}

impl Pair {
    fn upsert(&mut self, random: &mut Random, aliases: usize) {
        let mut coming: Vec<Concept> = Vec::new();
        for _ in 0..random.below(4) {
            let mut concept = Concept::new(random.phrase(&WORDS, &GAPS, 3));
            concept.priority = random.below(100) as f64 / 100.0;
            concept.exact = random.below(4) == 0;
            concept.category = format!("category {}", random.below(5));
            for _ in 0..random.below(aliases + 1) {
                concept.aliases.push(random.phrase(&WORDS, &GAPS, 3));
            }
            coming.push(concept);
        }
        let (changed, first) = match random.below(2) {
            0 => self.database.with(&coming).unwrap(),
            _ => self.database.with_json(json_of(&coming)).unwrap(),
        };
        // What one call brings is united as one source is.
        let coming = concepts(&compiled(&coming));
        let index = first.map(|id| changed.by_id(id).unwrap());
        assert_eq!(
            index.and_then(|index| changed.concept(index)).as_ref(),
            coming.first()
        );
        self.database = changed;
        for concept in coming {
            let folded = tokens::fold(&concept.name);
            let known = self
                .model
                .iter_mut()
                .find(|known| tokens::fold(&known.name) == folded);
            match known {
                Some(known) => *known = concept,
                None => self.model.push(concept),
            }
        }
    }

    fn remove(&mut self, random: &mut Random) {
        if self.model.is_empty() {
            return;
        }
        let gone = self.model.remove(random.below(self.model.len()));
        let index = self.database.named(&gone.name.to_uppercase()).unwrap();
        self.database = self.database.without(index).unwrap();
        assert_eq!(self.database.named(&gone.name), None);
        self.database.without(u32::MAX).unwrap_err();
    }

    fn check(&self, random: &mut Random) {
        let (database, model) = (&self.database, &self.model);
        assert_eq!(concepts(database), *model);
        let whole = compiled(model);
        assert_eq!(database.len(), model.len());
        let counts = |database: &Database| database.describe()["counts"]["aliases"].clone();
        assert_eq!(counts(database), counts(&whole));
        for index in database.indices() {
            let id = database.concept_id(index).unwrap();
            assert_eq!(database.by_id(id), Some(index));
            assert!(whole.by_id(id).is_some());
        }
        let names = |database: &Database, found: Vec<u32>| -> Vec<String> {
            let name = |index| database.name(index).unwrap();
            found.into_iter().map(name).collect()
        };
        for _ in 0..4 {
            let key = random.phrase(&WORDS, &GAPS, 3);
            assert_eq!(
                names(database, database.find_all(&key)),
                names(&whole, whole.find_all(&key)),
                "{key:?} of {model:#?}"
            );
            let text = random.phrase(&WORDS, &GAPS, 60);
            assert_eq!(
                told(database, database.tag(&text)),
                told(&whole, whole.tag(&text)),
                "{text:?} of {model:#?}"
            );
            assert_eq!(
                told(database, database.tag_all(&text)),
                told(&whole, whole.tag_all(&text)),
                "all in {text:?} of {model:#?}"
            );
        }
        database.verify().unwrap();
    }
}

#[test]
fn changes_saves_and_reopenings_in_any_order_leave_what_a_list_would() {
    let folder = Folder::new("changes");
    let file = folder.0.join("changed.toridb");
    let mut random = Random(0xc4a6e);
    for round in 0..60 {
        let aliases = round % 4;
        let mut pair = Pair {
            database: compiled(&[]),
            model: Vec::new(),
        };
        for _ in 0..random.below(60) {
            match random.below(8) {
                0..=3 => pair.upsert(&mut random, aliases),
                4..=6 => pair.remove(&mut random),
                _ => {
                    pair.database.save(&file).unwrap();
                    pair.database = Database::open_path(&file).unwrap();
                    assert_eq!(pair.database.changes(), 0);
                }
            }
            pair.check(&mut random);
        }
    }
}

/// What each concept, called by a number, states of others.
type Stated = BTreeMap<usize, BTreeSet<(Relation, usize)>>;

/// The concepts that are `relation` to one.
fn naively_related(model: &Stated, one: usize, relation: Relation) -> Vec<usize> {
    let is_related = |(other, stated): (&usize, &BTreeSet<(Relation, usize)>)| {
        let by_one = model[&one].contains(&(relation, *other));
        let by_other = stated.contains(&(relation.inverse(), one));
        (*other != one && (by_one || by_other)).then_some(*other)
    };
    model.iter().filter_map(is_related).collect()
}

#[test]
fn relations_are_known_from_both_ends_whatever_comes_and_goes() {
    const CONCEPTS: usize = 12;
    let folder = Folder::new("relations");
    let file = folder.0.join("related.toridb");
    let mut random = Random(0x4e1a7e);
    let both = [Relation::Broader, Relation::Narrower];
    let mut told = 0;
    for _ in 0..60 {
        let mut database = compiled(&[]);
        let mut model = Stated::new();
        for _ in 0..random.below(40) {
            let one = random.below(CONCEPTS);
            match random.below(6) {
                0..=3 => {
                    let mut concept = Concept::new(format!("concept {one}"));
                    let mut stated = BTreeSet::new();
                    for _ in 0..random.below(5) {
                        let (relation, other) = (both[random.below(2)], random.below(CONCEPTS));
                        match relation {
                            Relation::Broader => &mut concept.broader,
                            Relation::Narrower => &mut concept.narrower,
                        }
                        .push(format!("CONCEPT-{other}"));
                        if other != one {
                            stated.insert((relation, other));
                        }
                    }
                    model.insert(one, stated);
                    (database, _) = match random.below(2) {
                        0 => database.with(&[concept]).unwrap(),
                        _ => database.with_json(json_of(&[concept])).unwrap(),
                    };
                }
                4 if model.remove(&one).is_some() => {
                    let index = database.named(&format!("concept {one}")).unwrap();
                    database = database.without(index).unwrap();
                }
                _ => {
                    // Of what is read together, what names nothing is left out, and what is stated twice is the narrower one's.
                    let before = model.clone();
                    for (one, stated) in &mut model {
                        stated.retain(|(relation, other)| {
                            let broader = (Relation::Broader, *one);
                            before.get(other).is_some_and(|other| {
                                *relation == Relation::Broader || !other.contains(&broader)
                            })
                        });
                    }
                    database.save(&file).unwrap();
                    database = Database::open_path(&file).unwrap();
                }
            }
            database.verify().unwrap();
            let stated: usize = model.values().map(BTreeSet::len).sum();
            assert_eq!(database.describe()["counts"]["relations"], stated);
            for database in [&database, &compiled(&concepts(&database))] {
                for one in model.keys() {
                    let index = database.named(&format!("concept {one}")).unwrap();
                    for relation in both {
                        let related = database.related(index, relation);
                        assert!(related.is_sorted_by_key(|index| database.layers.place(*index)));
                        let mut related: Vec<usize> = related
                            .into_iter()
                            .map(|index| {
                                database.name(index).unwrap()["concept ".len()..]
                                    .parse()
                                    .unwrap()
                            })
                            .collect();
                        related.sort_unstable();
                        assert_eq!(
                            related,
                            naively_related(&model, *one, relation),
                            "{model:?}"
                        );
                        told += related.len();
                    }
                }
            }
        }
    }
    assert!(told > 1_000, "{told}: hardly anything was related");
}

#[test]
fn changed_databases_find_what_trying_every_key_everywhere_does() {
    // Without plurals of two words, of which either may be meant, and possessives.
    let words: Vec<&str> = WORDS
        .into_iter()
        .filter(|word| *word != "basis" && !word.contains('\''))
        .collect();
    let mut random = Random(0x7e57);
    for round in 0..150 {
        let mut database = compiled(&[]);
        let mut names: Vec<String> = Vec::new();
        for _ in 0..random.below(40) + 1 {
            let name = random.phrase(&words, &GAPS, 3);
            match database.named(&name) {
                Some(index) if random.below(2) == 0 => {
                    names.retain(|known| tokens::fold(known) != tokens::fold(&name));
                    database = database.without(index).unwrap();
                }
                Some(_) => (),
                None => {
                    names.push(name.clone());
                    (database, _) = database.with(&[Concept::new(name)]).unwrap();
                }
            }
        }
        let text = random.phrase(&words, &GAPS, 60);
        let place = |name: &String| names.iter().position(|known| known == name).unwrap() as u32;
        let placed = |mentions| -> Vec<(u32, std::ops::Range<usize>)> {
            let mentions = told(&database, mentions).into_iter();
            mentions
                .map(|(name, range)| (place(&name), range))
                .collect()
        };
        assert_eq!(
            placed(database.tag(&text)),
            naive(&names, &text),
            "round {round}: {names:?} in {text:?}"
        );
        let mut all = placed(database.tag_all(&text));
        all.sort_by_key(|(concept, range)| (range.start, range.end, *concept));
        assert_eq!(
            all,
            naive_all(&names, &text),
            "round {round}: {names:?} in {text:?}"
        );
    }
}

#[test]
fn a_change_builds_no_layer_but_those_that_are_not_much_larger() {
    let mut concepts: Vec<Concept> = (0..20_000)
        .map(|n| Concept::new(format!("concept {n}")))
        .collect();
    let mut database = compiled(&concepts);
    let opened = Arc::clone(database.layers.opened());
    for concept in concepts.iter_mut().step_by(7) {
        concept.priority = 0.75;
        (database, _) = database.with(std::slice::from_ref(concept)).unwrap();
        assert!(Arc::ptr_eq(&opened, database.layers.opened()));
        let sizes: Vec<u32> = database.layers.layers[1..]
            .iter()
            .map(|layer| layer.live)
            .collect();
        assert!(
            sizes.windows(2).all(|two| two[0] >= two[1] * RATIO as u32),
            "{sizes:?}"
        );
    }
    assert_eq!(super::tests::concepts(&database), concepts);
    let changes = &database.describe()["changes"];
    assert_eq!(
        *changes,
        json!({"calls": 2858, "concepts": 2858, "gone": 2858})
    );
}

#[test]
fn a_cut_word_is_put_together_where_any_layer_has_the_whole() {
    let (database, _) = compiled(&[Concept::new("applied cryptography")])
        .with(&[Concept::new("tography")])
        .unwrap();
    let whole = compiled(&concepts(&database));
    let text = "cryp-\ntography, tography, applied cryp\u{ad}tography";
    assert_eq!(
        told(&database, database.tag(text)),
        told(&whole, whole.tag(text))
    );
    assert_eq!(database.tag(text).len(), 2);
}

#[test]
fn what_cannot_be_used_changes_nothing_and_is_named() {
    let database = compiled(&[Concept::new("alpha")]);
    let long = format!(
        r#"{{"name": "a", "aliases": ["b", "{}"]}}"#,
        "x".repeat(1_001)
    );
    for (json, field, message) in [
        (
            r#"[{"name": "b"}, {"name": "c", "priority": 2}]"#,
            "entry",
            "at entry 2: priority must be",
        ),
        (
            r#"{"name": "b", "boost_multiplier": "x"}"#,
            "entry",
            "at entry 1: boost_multiplier",
        ),
        (
            r#"{"aliases": ["b"]}"#,
            "entry",
            "name must be a text, found nothing",
        ),
        (
            r#"{"name": "b", "aliases": ["b c", "-"]}"#,
            "reason",
            "alias \"-\" of \"b\" is left out: it has no words",
        ),
        (
            long.as_str(),
            "reason",
            "longer than 64 words or 1000 bytes",
        ),
        (r#"{"name": "b""#, "column", "not JSON at line 1, column 12"),
        ("7", "reason", "wrong shape"),
        (
            r#"{"version": 2, "concepts": []}"#,
            "reason",
            "this library reads version 1",
        ),
    ] {
        let error = database.with_json(json).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
        assert!(error.message().contains(message), "{error}");
        assert!(
            error.message().ends_with("; nothing was changed"),
            "{error}"
        );
        assert!(error.field(field).is_some(), "{error}");
    }
    let mut odd = Concept::new("b");
    odd.priority = f64::NAN;
    let error = database.with(&[odd]).unwrap_err();
    assert!(error.message().contains("priority"), "{error}");
    for nothing in ["[]", r#"{"concepts": []}"#] {
        let (same, first) = database.with_json(nothing).unwrap();
        assert_eq!((same.changes(), first), (0, None));
    }
}

#[test]
fn names_of_one_identity_keep_theirs_while_they_are_there() {
    let mut database = compiled(&[Concept::new("alpha"), Concept::new("beta")]);
    let ids = ["alpha", "beta"].map(|name| database.concept_id(database.named(name).unwrap()));
    (database, _) = database
        .with_json(r#"[{"name": "BETA"}, {"name": "gamma", "aliases": ["alpha"]}]"#)
        .unwrap();
    let now = ["alpha", "beta"].map(|name| database.concept_id(database.named(name).unwrap()));
    assert_eq!(now, ids);
    assert_eq!(database.find("alpha"), database.named("alpha"));
    assert_eq!(database.find_all("alpha").len(), 2);
}

/// Not a test: the writer that the next one kills.
#[test]
#[ignore = "runs until it is killed"]
fn changes_and_saves_without_end() {
    let Some(file) = std::env::var_os("TORI_TEST_WRITER") else {
        return;
    };
    let file = Path::new(&file);
    let mut database = Database::open_path(file).unwrap();
    loop {
        let number = database.len();
        let json = json!([{"name": format!("concept {number}")}, {"name": "last", "category": number.to_string()}]);
        (database, _) = database.with_json(json.to_string()).unwrap();
        database.save(file).unwrap();
        // Not by println, which is kept back.
        writeln!(std::io::stdout(), "saved {number}").unwrap();
    }
}

#[test]
fn a_process_killed_at_any_moment_has_lost_nothing_that_it_saved() {
    let folder = Folder::new("saves");
    let file = folder.0.join("target.toridb");
    compiled(&[Concept::new("last")]).save(&file).unwrap();
    let mut random = Random(100);
    let mut seen = 1;
    for _ in 0..100 {
        let told = killed(
            "database::layers::tests::changes_and_saves_without_end",
            &file,
            &mut random,
        );
        let mut saved = told
            .iter()
            .filter_map(|line| line.split_once("saved ")?.1.parse::<usize>().ok());
        let saved = saved.next_back().unwrap_or(seen - 1);
        let database = Database::open_path(&file).unwrap();
        database.verify().unwrap();
        // The last one may have been saved and not have been told.
        let all = database.len();
        assert!(
            [saved + 1, saved + 2].contains(&all),
            "{saved} saved, {all} there"
        );
        let last = database.concept(database.named("last").unwrap()).unwrap();
        if all > 1 {
            assert_eq!(last.category, (all - 1).to_string());
        }
        assert!((1..all).all(|n| database.named(&format!("concept {n}")).is_some()));
        seen = all;
    }
    assert!(seen > 50, "{seen}: hardly anything was written");
}
