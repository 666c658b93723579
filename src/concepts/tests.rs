use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::*;
use crate::config::Diversity;
use crate::error::{Error, ErrorKind};
use crate::progress::Unobserved;

fn structure_of(pieces: &[(SectionKind, &str)]) -> (String, Structure) {
    let mut text = String::new();
    let mut structure = Structure::default();
    for &(section, piece) in pieces {
        let range = text.len()..text.len() + piece.len();
        match section {
            SectionKind::Title => structure.title = Some(range.clone()),
            SectionKind::Abstract => structure.abstract_text = Some(range.clone()),
            _ => {}
        }
        structure.chunks.push(Chunk::new(range, 1, section));
        text.push_str(piece);
        text.push_str("\n\n");
    }
    (text, structure)
}

fn concept(name: &str, category: &str, boost_multiplier: f64) -> Concept {
    Concept {
        category: category.into(),
        boost_multiplier,
        ..Concept::new(name)
    }
}

/// At most 50 concepts, without a database, on this thread.
fn extract_from(
    text: &str,
    structure: &Structure,
    config: &Config,
    observer: &dyn Observer,
) -> Result<Selection> {
    extract(
        text,
        &structure.chunks,
        structure,
        None,
        &[],
        config,
        50,
        &in_sequence,
        observer,
    )
}

/// The same with those concepts of a database that are mentioned.
fn extract_known(
    text: &str,
    structure: &Structure,
    database: &Mentioned,
    mentions: &[Mention],
    config: &Config,
) -> Selection {
    extract_with(
        text,
        &structure.chunks,
        structure,
        database,
        mentions,
        config,
        50,
        &in_sequence,
        &Unobserved,
    )
    .unwrap()
}

/// The first place of a name in the text, as a mention of a concept.
fn mention(text: &str, concept: u32, name: &str) -> Mention {
    let start = text.find(name).unwrap();
    Mention {
        concept,
        range: start..start + name.len(),
    }
}

fn select(pieces: &[(SectionKind, &str)], config: &Config) -> Selection {
    let (text, structure) = structure_of(pieces);
    extract_from(&text, &structure, config, &Unobserved).unwrap()
}

/// Those that hardly a reader would list among them.
fn labels(text: &str) -> Vec<String> {
    let mut config = Config::new();
    config.set("concepts.least_score", "0").unwrap();
    let selection = select(&[(SectionKind::Body, text)], &config);
    selection
        .concepts
        .into_iter()
        .map(|concept| concept.label)
        .collect()
}

fn has(labels: &[String], label: &str) -> bool {
    labels.iter().any(|known| known == label)
}

/// A few pages of made-up text with repeated terms.
fn long_text(sentences: usize) -> String {
    let adjectives = [
        "sparse", "neural", "random", "Bayesian", "quantum", "adaptive", "linear",
    ];
    let nouns = [
        "network",
        "graph",
        "kernel",
        "matrix",
        "decoder",
        "lattice",
        "protein",
        "Markov chain",
    ];
    let mut text = String::new();
    for index in 0..sentences {
        let (a, b) = (adjectives[index % 7], nouns[index * index % 8]);
        let (c, d) = (adjectives[index / 3 % 7], nouns[index / 5 % 8]);
        text.push_str(&format!(
            "The {a} {b} of the {c} {d} is trained in {index} steps. "
        ));
        if index % 9 == 8 {
            text.push_str("\n\n");
        }
    }
    text
}

#[test]
fn a_term_said_often_comes_before_one_said_once() {
    let text = "A neural network learns weights. The neural network has layers. Every neural network needs data. A stray lamp was seen.";
    let selection = select(&[(SectionKind::Body, text)], &Config::new());
    assert_eq!(selection.concepts[0].label, "neural network");
    assert_eq!(selection.concepts[0].occurrences, 3);
    for concept in &selection.concepts {
        assert!((0.0..=1.0).contains(&concept.quality) && (0.0..=1.0).contains(&concept.score));
        assert_eq!(concept.source, Source::Statistical);
    }
}

#[test]
fn inflected_forms_are_one_concept_with_all_their_spans() {
    let text = "Markov chains converge. A Markov chain converges. This Markov chain is slow.";
    let selection = select(&[(SectionKind::Body, text)], &Config::new());
    let chain = &selection.concepts[0];
    assert_eq!(chain.label, "Markov chain");
    let spans: Vec<_> = chain.spans.iter().map(|span| &text[span.clone()]).collect();
    assert_eq!(spans, ["Markov chains", "Markov chain", "Markov chain"]);
}

#[test]
fn a_word_in_capitals_beside_others_in_a_title_keeps_them() {
    let sections = [
        (SectionKind::Title, "UMFPACK Factorization"),
        (
            SectionKind::Body,
            "Call umfpack for each matrix. The umfpack library and umfpack itself are fast.",
        ),
    ];
    let selection = select(&sections, &Config::new());
    let labels: Vec<_> = selection
        .concepts
        .iter()
        .map(|concept| &*concept.label)
        .collect();
    assert!(labels.contains(&"UMFPACK factorization"), "{labels:?}");
}

#[test]
fn labels_keep_names_and_acronyms_and_drop_the_capitals_of_headings_and_sentences() {
    let text = "Spectral clustering is old. We use spectral clustering with the Fourier transform and the FFT.\n\n\
        SPECTRAL CLUSTERING\n\nThe fast FFT computes a Fourier transform. Kernel methods help. We like kernel methods.";
    let labels = labels(text);
    for label in [
        "spectral clustering",
        "Fourier transform",
        "FFT",
        "kernel methods",
    ] {
        assert!(has(&labels, label), "{label} in {labels:?}");
    }
}

#[test]
fn clauses_and_document_talk_are_no_concepts() {
    let text = "In this paper we propose a new method. The results are shown in Figure 3 and Table 2. Smith et al. use the \
        proposed approach. The experimental results outperform previous work by 12%. Section 4 concludes.";
    let labels = labels(text);
    for label in &labels {
        for part in [
            "et al",
            "figure",
            "paper",
            "propose",
            "section",
            "Table",
            "12",
            "outperform",
            "shown",
        ] {
            assert!(
                !label.to_lowercase().contains(&part.to_lowercase()),
                "{label}"
            );
        }
    }
}

#[test]
fn news_is_named_by_its_places_people_and_subjects_not_by_clauses() {
    let news = [
        (
            "Flooding hits northern Italy after record rainfall.\n\nHeavy rain caused severe flooding across northern \
            Italy on Tuesday, forcing thousands of people to leave their homes. Rivers burst their banks in \
            Emilia-Romagna, and farmers fear the loss of this year's harvest. The government in Rome promised emergency \
            aid for the region.",
            &[
                "northern Italy",
                "severe flooding",
                "record rainfall",
                "Emilia-Romagna",
            ][..],
            &["hits", "burst", "fear", "Tuesday", "forcing", "thousands"][..],
        ),
        (
            "Central bank raises interest rates as inflation climbs.\n\nThe Bank of England raised interest rates to \
            5.25 per cent on Thursday. Governor Andrew Bailey said inflation remains too high. Mortgage lenders warned \
            that homeowners face higher payments.",
            &[
                "interest rates",
                "inflation",
                "central bank",
                "mortgage lenders",
            ][..],
            &["raises", "climbs", "remains", "face", "Thursday", "cent"][..],
        ),
        (
            "Coral reefs bleach as sea temperatures rise.\n\nThe corals of the Pacific are lost where sea temperatures rise \
            with greenhouse gas emissions, scientists said on Monday.",
            &["coral reefs", "sea temperatures"],
            &["rise", "Monday"],
        ),
    ];
    for (text, named, no_part) in news {
        let mut labels = labels(text);
        labels.truncate(10);
        for label in named {
            assert!(has(&labels, label), "{label}: {labels:?}");
        }
        for label in &labels {
            let of_clause = |word: &str| no_part.contains(&word);
            assert!(!label.split(' ').any(of_clause), "{label}");
        }
    }
}

#[test]
fn a_word_that_only_compares_is_part_of_the_name_it_opens() {
    let labels = labels(
        "Crews fight a new fire in New South Wales. The fire came to New South Wales from Victoria, said the Great \
        Barrier Reef Authority. New pumps are on the way.",
    );
    assert!(has(&labels, "New South Wales"), "{labels:?}");
    let compares =
        |label: &String| ["new fire", "New pumps", "new pumps"].contains(&label.as_str());
    assert!(!labels.iter().any(compares), "{labels:?}");
}

/// The features of the candidate with this label.
fn features_of(text: &str, label: &str) -> Features {
    let (text, structure) = structure_of(&[(SectionKind::Body, text)]);
    let described = describe(
        &text,
        &structure.chunks,
        &structure,
        Classes::Tagged,
        &Config::new(),
        &Unobserved,
    );
    let found = described
        .unwrap()
        .into_iter()
        .find(|candidate| candidate.label == label);
    found.unwrap_or_else(|| panic!("no {label}")).features
}

#[test]
fn a_possessive_parts_what_has_from_what_is_had() {
    let text = "The crowd waited for Peru's President Alejandro Toledo. It was late.";
    let had = features_of(text, "President Alejandro Toledo");
    assert_eq!((had.maximal, had.possessives), (1, 0));
    assert_eq!(features_of(text, "Peru").maximal, 1);
    let both = features_of(text, "Peru's President Alejandro Toledo");
    assert_eq!((both.maximal, both.possessives), (1, 1));
    assert_eq!(features_of(text, "President Alejandro").maximal, 0);
}

#[test]
fn a_part_of_a_name_is_told_from_the_name() {
    let text = "The team of Monica Seles won. Fans of Monica Seles came, and the coach of Seles.";
    let name = features_of(text, "Monica Seles");
    assert_eq!((name.named, name.cut), (1.0, 0.0));
    assert!((features_of(text, "Seles").cut - 2.0 / 3.0).abs() < 1e-9);
    let coach = features_of(text, "coach");
    assert_eq!((coach.named, coach.cut), (0.0, 0.0));
}

#[test]
fn the_words_around_a_candidate_are_counted_without_it_and_without_sentence_beginnings() {
    let text = "Yesterday the ambassador met Pervez Musharraf and Colin Powell.";
    // "met", "the", and four names.
    let around = features_of(text, "ambassador").names_around;
    assert!((around - 4.0 / 7.0).abs() < 1e-9, "{around}");
    let rare = features_of("The wavelet met the eigenvalue.", "wavelet").rarity_around;
    let common = features_of("The wavelet met the house.", "wavelet").rarity_around;
    assert!(rare > common && common > 0.0, "{rare} {common}");
}

#[test]
fn affiliations_notices_and_addresses_are_noise() {
    let (text, mut structure) = structure_of(&[
        (SectionKind::Title, "Lattice decoding"),
        (
            SectionKind::Body,
            "Jane Roe, Example University, jane@roe.example",
        ),
        (
            SectionKind::Abstract,
            "Lattice decoding finds points of a lattice.",
        ),
        (
            SectionKind::Body,
            "Permission to make digital or hard copies of all or part of this work for personal or classroom use is granted without fee. \
            Dept. of Widgets, University of Nowhere, http://nowhere.example/widgets. Copyright 2001 Gadget Press.",
        ),
        (
            SectionKind::References,
            "[1] Quux, A. Gadget theory. Journal of Gadgets.",
        ),
    ]);
    structure.sections.clear();
    let config = Config::new();
    let selection = extract_from(&text, &structure, &config, &Unobserved).unwrap();
    let labels: Vec<_> = selection
        .concepts
        .iter()
        .map(|concept| concept.label.to_lowercase())
        .collect();
    assert!(
        labels.contains(&"lattice decoding".to_owned()),
        "{labels:?}"
    );
    for label in &labels {
        for part in [
            "roe",
            "university",
            "hard cop",
            "classroom",
            "nowhere",
            "gadget",
            "journal",
        ] {
            assert!(!label.contains(part), "{label}");
        }
    }
    let reasons: Vec<_> = selection
        .dropped
        .iter()
        .map(|&(reason, _)| reason)
        .collect();
    assert!(
        reasons.contains(&Reason::Noise) && reasons.contains(&Reason::References),
        "{reasons:?}"
    );
}

#[test]
fn what_is_dropped_and_what_is_kept_add_up() {
    for diversity in ["off", "gentle", "strong"] {
        let mut config = Config::new();
        config.set("concepts.diversity", diversity).unwrap();
        let (text, structure) = structure_of(&[(SectionKind::Body, &long_text(60))]);
        let selection = extract(
            &text,
            &structure.chunks,
            &structure,
            None,
            &[],
            &config,
            20,
            &in_sequence,
            &Unobserved,
        )
        .unwrap();
        let dropped: u64 = selection.dropped.iter().map(|&(_, count)| count).sum();
        assert_eq!(selection.raw, dropped + selection.concepts.len() as u64);
        assert!(selection.concepts.len() <= 20 && selection.pure <= selection.raw);
    }
}

#[test]
fn stronger_diversity_keeps_less_that_is_alike() {
    let text = "The fast sparse graph kernel is used. The slow sparse graph kernel is used. The graph-kernel is used. \
        The graph kernel is used. The graph kernel is used.";
    let count = |diversity: &str| {
        let mut config = Config::new();
        config.set("concepts.diversity", diversity).unwrap();
        // In a short text the order decides how many parts are left to be alike, and the order is the model's.
        config.set("concepts.short_text", "0").unwrap();
        select(&[(SectionKind::Body, text)], &config).concepts.len()
    };
    assert!(count("off") > count("gentle"));
    assert!(count("gentle") > count("strong"));
    assert_eq!(Config::new().concepts_diversity, Diversity::Gentle);
}

/// A short text of some sentences with terms inside terms.
const NESTED: &str = "A support vector machine with a radial kernel function was trained on gene expression data. The support \
    vector machine uses the kernel function of the data. Gene expression of the yeast and vector machine kernels were compared \
    with decision trees, random forests and nearest neighbour classifiers for the early diagnosis of breast cancer.";

#[test]
fn a_part_is_listed_beside_its_whole_when_its_score_comes_near() {
    let select = |share: &str| {
        let settings = [
            ("concepts.part_share", share),
            ("concepts.least_score", "0"),
            ("report.decisions", "1000"),
        ];
        explained(&[(SectionKind::Body, NESTED)], &settings)
    };
    for share in [0.0, 0.5, 0.8, 1.0] {
        let selection = select(&share.to_string());
        let parts = { selection.decisions.iter() }.filter(|part| part.reason == Reason::Part);
        let mut dropped = 0;
        for part in parts {
            let whole = part.better.as_ref().unwrap();
            let whole = { selection.concepts.iter() }.find(|concept| concept.label == *whole);
            assert!(
                part.score.unwrap() < share * whole.unwrap().score,
                "{share}: {part:?}"
            );
            dropped += 1;
        }
        assert_eq!(dropped > 0, share > 0.0, "{share}: {dropped}");
    }
    let listed = |share: &str| select(share).concepts.len();
    assert!(listed("0") > listed("1") && listed("0.5") >= listed("1"));
}

#[test]
fn what_hardly_a_reader_would_list_is_left_out_of_short_texts() {
    let select = |least: &str, short: &str, diversity: &str| {
        let settings = [
            ("concepts.least_score", least),
            ("concepts.short_text", short),
            ("concepts.diversity", diversity),
            ("report.decisions", "1000"),
        ];
        explained(&[(SectionKind::Body, NESTED)], &settings)
    };
    for diversity in ["off", "gentle", "strong"] {
        for least in [0.1, 0.3, 0.5] {
            let selection = select(&least.to_string(), "1000", diversity);
            for concept in &selection.concepts[3..] {
                assert!(concept.score >= least, "{diversity} {least}: {concept:?}");
            }
            for decision in &selection.decisions {
                if decision.reason == Reason::Unlikely {
                    assert!(decision.score.unwrap() < least, "{decision:?}");
                }
            }
        }
        let all_but_three = select("1", "1000", diversity);
        assert_eq!(all_but_three.concepts.len(), 3, "{diversity}");
        let reasons = |selection: &Selection| -> Vec<Reason> {
            selection
                .dropped
                .iter()
                .map(|&(reason, _)| reason)
                .collect()
        };
        assert!(reasons(&all_but_three).contains(&Reason::Unlikely));
        // A longer text is not cut.
        let long = select("1", "0", diversity);
        assert!(long.concepts.len() > 3 && !reasons(&long).contains(&Reason::Unlikely));
    }
}

#[test]
fn where_there_is_no_ranker_scores_drop_nothing_and_keep_no_part() {
    let text = "Aineiston tulokset esitetään seuraavassa luvussa. Kaikki tulokset ovat uusia, mutta aineiston mallit eivät \
        ole vielä valmiita. Tulokset julkaistaan myöhemmin muualla, jota tutkijat odottavat.";
    let select = |share: &str, least: &str| {
        let settings = [
            ("concepts.part_share", share),
            ("concepts.least_score", least),
        ];
        explained(&[(SectionKind::Body, text)], &settings)
    };
    let usual = select("1", "0");
    assert_eq!(usual.language, Language::Other);
    let parts = { usual.dropped.iter() }.any(|&(reason, _)| reason == Reason::Part);
    assert!(parts, "{:?}", usual.concepts);
    assert_eq!(select("0", "1"), usual);
}

#[test]
fn a_concept_of_the_database_is_listed_whatever_its_score() {
    let (text, structure) = structure_of(&[(SectionKind::Body, NESTED)]);
    let mut config = Config::new();
    config.set("concepts.least_score", "1").unwrap();
    let mentions = [
        mention(&text, 3, "yeast"),
        mention(&text, 5, "early diagnosis"),
    ];
    let database = BTreeMap::from([
        (3, concept("yeast", "biology", 1.0)),
        (5, concept("early diagnosis", "medicine", 1.0)),
    ]);
    let selection = extract_known(&text, &structure, &database, &mentions, &config);
    let known = { selection.concepts.iter() }.filter(|concept| concept.concept.is_some());
    assert_eq!(known.count(), 2, "{:?}", selection.concepts);
}

#[test]
fn other_spellings_count_for_the_better_one() {
    let text = "The multi-agent planner is used. A multiagent planner is used. The multi-agent planner is used.";
    let selection = select(&[(SectionKind::Body, text)], &Config::new());
    let found: Vec<_> = selection
        .concepts
        .iter()
        .filter(|concept| concept.label.contains("planner"))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].occurrences, 3);
}

#[test]
fn database_concepts_are_united_with_candidates_in_the_same_place() {
    let text = "Neural nets learn. A neural net learns well. Quality of service matters here. Sparse codes are found by neural nets.";
    let (text, structure) = structure_of(&[(SectionKind::Body, text)]);
    let mentions = [
        mention(&text, 7, "Neural nets"),
        mention(&text, 9, "Quality of service"),
        mention(&text, 7, "neural net"),
        Mention {
            concept: 11,
            range: 5_000..6_000,
        },
        Mention {
            concept: 12,
            range: 0..0,
        },
    ];
    let database = BTreeMap::from([
        (7, concept("Artificial neural network", "computing", 1.5)),
        (9, concept("Quality of service", "networks", 1.0)),
    ]);
    let config = Config::new();
    let selection = extract_known(&text, &structure, &database, &mentions, &config);
    let find = |label: &str| {
        selection
            .concepts
            .iter()
            .find(|concept| concept.label == label)
    };
    let net = find("Artificial neural network").unwrap();
    assert_eq!(
        (net.source, net.concept, net.occurrences),
        (Source::Both, Some(7), 3)
    );
    assert_eq!(net.category.as_deref(), Some("computing"));
    let service = find("Quality of service").unwrap();
    assert_eq!((service.source, service.occurrences), (Source::Database, 1));
    assert_eq!(&text[service.spans[0].clone()], "Quality of service");
    assert!(find("neural nets").is_none() && find("neural net").is_none());
    assert!(selection.entropy > 0.0);
}

#[test]
fn a_boost_raises_the_quality_of_a_database_concept() {
    let (text, structure) = structure_of(&[(
        SectionKind::Body,
        "The sparse code is short. A dense lattice is long.",
    )]);
    let mentions = [mention(&text, 0, "dense lattice")];
    let quality = |boost| {
        let database = BTreeMap::from([(0, concept("dense lattice", "mathematics", boost))]);
        let config = Config::new();
        let selection = extract_known(&text, &structure, &database, &mentions, &config);
        selection
            .concepts
            .iter()
            .find(|concept| concept.concept == Some(0))
            .unwrap()
            .quality
    };
    assert!(quality(0.5) < quality(1.0) && quality(1.0) < quality(2.0));
}

#[test]
fn section_weights_are_factors_of_quality() {
    let mut config = Config::new();
    let pieces = [
        (SectionKind::Introduction, "A sparse code is used."),
        (SectionKind::Results, "A dense lattice is used."),
    ];
    let quality = |config: &Config, label: &str| {
        let selection = select(&pieces, config);
        selection
            .concepts
            .iter()
            .find(|concept| concept.label == label)
            .unwrap()
            .quality
    };
    let before = quality(&config, "dense lattice");
    config.set("quality.section.results", "0.55").unwrap();
    let after = quality(&config, "dense lattice");
    assert!((after / before - 0.5).abs() < 1e-9, "{before} {after}");
    assert_eq!(
        quality(&config, "sparse code"),
        quality(&Config::new(), "sparse code")
    );
}

#[test]
fn the_threads_do_not_show_in_the_result() {
    let text = long_text(400);
    let mut structure = Structure::default();
    let mut start = 0;
    for (at, _) in text.match_indices("\n\n") {
        structure.chunks.push(Chunk::new(
            start..at,
            1,
            SectionKind::ALL[structure.chunks.len() % 13],
        ));
        start = at;
    }
    let run = |parallel: ParallelFor<'_>| {
        let config = Config::new();
        extract(
            &text,
            &structure.chunks,
            &structure,
            None,
            &[],
            &config,
            100,
            parallel,
            &Unobserved,
        )
        .unwrap()
    };
    let expected = run(&in_sequence);
    assert!(expected.concepts.len() > 20);
    for threads in [1, 2, 3, 8] {
        let on_threads = move |count: usize, call: &(dyn Fn(usize) + Sync)| {
            let next = AtomicUsize::new(0);
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        loop {
                            // From the back: the order of the calls must not matter either.
                            let taken = next.fetch_add(1, Ordering::Relaxed);
                            let Some(index) = count.checked_sub(taken + 1) else {
                                break;
                            };
                            call(index);
                        }
                    });
                }
            });
        };
        assert_eq!(run(&on_threads), expected, "{threads} threads");
    }
}

#[test]
fn what_was_read_before_does_not_show_in_the_result() {
    let text = long_text(60);
    let list = move || labels(&text);
    let first = std::thread::spawn(list.clone()).join().unwrap();
    let later = std::thread::spawn(move || {
        labels("Die Netze der Knoten sind neu, und die Graphen mit den Kernen werden gelernt.");
        labels(
            "The TRAINED graphs of Networks IN sparse MATRICES, Kernels' decoders and 12 steps.",
        );
        list()
    });
    assert_eq!(later.join().unwrap(), first);
}

#[test]
fn odd_texts_give_a_list_and_no_panic() {
    let long_word = "x".repeat(200_000);
    let numbers = "12 3.4 5,6 ".repeat(10_000);
    let one_word = "network ".repeat(50_000);
    let marks = "-'/.,&()@:".repeat(10_000);
    let nouns = (0..20_000)
        .map(|index| format!("noun{index} "))
        .collect::<String>();
    for text in [
        "",
        " ",
        "\n\n\x0c",
        ".",
        "a",
        &long_word,
        &numbers,
        &one_word,
        &marks,
        &nouns,
        "\u{feff}\u{301}\u{ad}",
    ] {
        let selection = select(
            &[(SectionKind::Body, text), (SectionKind::Abstract, "")],
            &Config::new(),
        );
        assert!(selection.concepts.len() <= 50);
    }
    assert!(
        labels(&numbers).is_empty() && labels(&long_word).is_empty() && labels(&marks).is_empty()
    );
}

/// Counts the questions that long work asks, one for so much of it.
#[derive(Default)]
struct Counting(AtomicU64);

impl Observer for Counting {
    fn progress(&self, _: Stage, _: u64, _: u64, _: &str) {}

    fn check(&self) -> Result<()> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[test]
fn the_work_grows_with_the_text_and_no_faster() {
    type Text = fn(usize) -> String;
    let kinds: [(&str, Text); 6] = [
        ("prose", long_text),
        ("one word", |size| "network ".repeat(size * 6)),
        ("no space", |size| "x".repeat(size * 50)),
        ("numbers", |size| "12 3.4 5,6 ".repeat(size * 5)),
        ("new words", |size| {
            (0..size * 5).map(|n| format!("noun{n} ")).collect()
        }),
        ("scripts", |size| {
            "network 神经网络 сеть شبكة नेटवर्क ".repeat(size)
        }),
    ];
    let work = |text: &str| {
        let pieces = chunked(text);
        let (text, structure) = structure_of(&pieces);
        let counting = Counting::default();
        let selection = extract_from(&text, &structure, &Config::new(), &counting);
        (counting.0.into_inner() + selection.unwrap().raw, text.len())
    };
    for (kind, text) in kinds {
        let (small, small_bytes) = work(&text(2_000));
        let (large, large_bytes) = work(&text(20_000));
        let growth = large as f64 / small as f64;
        let allowed = 1.5 * large_bytes as f64 / small_bytes as f64;
        assert!(
            growth <= allowed,
            "{kind}: {small} for {small_bytes} bytes, {large} for {large_bytes}"
        );
    }
}

/// Pieces of at most 2,000 bytes, as the structure cuts texts.
fn chunked(text: &str) -> Vec<(SectionKind, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.len().min(2_000);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        pieces.push((SectionKind::Body, piece));
        rest = after;
    }
    pieces
}

#[test]
#[allow(clippy::reversed_empty_ranges)]
fn ranges_outside_the_text_are_passed_over() {
    let mut structure = Structure::default();
    for range in [5..3, 1..2, 0..99, 90..99, usize::MAX - 1..usize::MAX] {
        structure
            .chunks
            .push(Chunk::new(range, 1, SectionKind::Body));
    }
    structure.title = Some(7..3);
    structure.abstract_text = Some(50..2);
    let config = Config::new();
    let selection = extract(
        "é lattice",
        &structure.chunks,
        &structure,
        None,
        &[],
        &config,
        5,
        &in_sequence,
        &Unobserved,
    );
    assert!(selection.is_ok());
}

#[test]
fn random_text_never_panics_and_spans_lie_on_characters() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let pieces = [
        "network",
        "Neural",
        "FFT",
        "of",
        "the",
        "'s",
        "’s",
        "-",
        ".",
        " ",
        "\n",
        "\n\n",
        "\x0c",
        "é",
        "ß",
        "İ",
        "ǆ",
        "學",
        "の",
        "😀",
        "\u{301}",
        "\u{ad}",
        "C++",
        "@",
        "http://",
        "3.14",
        "et al.",
        "Figure 3",
        "ing",
        "\u{2010}",
        "/",
        "₂",
        "ﬁ",
        "\u{202e}",
        "\0",
        "©",
        "university",
    ];
    for _ in 0..300 {
        let mut text = String::new();
        for _ in 0..random(120) {
            text.push_str(pieces[random(pieces.len())]);
            if random(2) == 0 {
                text.push(' ');
            }
            if random(20) == 0 {
                text.push(char::from_u32(random(0x11_0000) as u32).unwrap_or('?'));
            }
        }
        let mut structure = Structure::default();
        let cut = random(text.len() + 1);
        structure
            .chunks
            .push(Chunk::new(0..cut, 1, SectionKind::ALL[random(13)]));
        structure
            .chunks
            .push(Chunk::new(cut..text.len(), 1, SectionKind::ALL[random(13)]));
        let mentions: Vec<_> = (0..random(6))
            .map(|index| Mention {
                concept: index as u32 / 2,
                range: random(90)..random(90),
            })
            .collect();
        let database = BTreeMap::from([
            (0, concept("Zero", "a", 1.0)),
            (1, concept("One", "b", f64::NAN)),
        ]);
        let config = Config::new();
        let selection = extract_known(&text, &structure, &database, &mentions, &config);
        for concept in &selection.concepts {
            assert!(
                !concept.label.is_empty() && (0.0..=1.0).contains(&concept.quality),
                "{concept:?} in {text:?}"
            );
            if concept.source == Source::Statistical {
                assert!(
                    concept
                        .spans
                        .iter()
                        .all(|span| text.get(span.clone()).is_some())
                );
            }
        }
    }
}

/// Stops at the n-th question.
struct StopsAt(AtomicU64);

impl Observer for StopsAt {
    fn check(&self) -> Result<()> {
        match self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            }) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::new(ErrorKind::Cancelled, "cancelled")),
        }
    }

    fn progress(&self, _stage: Stage, _done: u64, _total: u64, _message: &str) {}
}

#[test]
fn a_stop_at_any_moment_is_an_error_at_once() {
    let (text, structure) = structure_of(&[
        (SectionKind::Body, &long_text(50)),
        (SectionKind::Results, &long_text(50)),
    ]);
    let config = Config::new();
    let mut stops = 0;
    for allowed in 0.. {
        let observer = StopsAt(AtomicU64::new(allowed));
        match extract(
            &text,
            &structure.chunks,
            &structure,
            None,
            &[],
            &config,
            9,
            &in_sequence,
            &observer,
        ) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Cancelled),
        }
        stops += 1;
    }
    assert!(stops > 6, "{stops}");
}

#[test]
fn other_languages_lose_their_stop_words() {
    let text = "Die Analyse der neuronalen Netze wird mit den Daten der Klinik durchgeführt. Die neuronalen Netze werden für \
        die Diagnose verwendet, und sie sind nicht mit der Klinik verbunden.";
    let labels = labels(text);
    assert!(has(&labels, "neuronalen Netze"), "{labels:?}");
    for label in &labels {
        assert!(
            !label
                .split(' ')
                .any(|word| ["die", "der", "mit", "und", "wird"].contains(&word)),
            "{label}"
        );
    }
}

#[test]
fn verbs_end_a_term_in_other_languages_too() {
    for (text, named, verbs) in [
        (
            "Das neue Gesetz gilt ab Januar. Wenn Bauteile versagen, zeigt die Prüfung der Maschine große Risse. Die \
            Prüfung der Bauteile ist streng.",
            &["Gesetz", "Bauteile", "Risse"][..],
            &["gilt", "versagen", "zeigt", "streng"][..],
        ),
        (
            "Les chercheurs montrent que le réseau neuronal permet une détection rapide des erreurs. Le réseau neuronal \
            contient des couches.",
            &["réseau neuronal", "détection rapide", "couches"],
            &["montrent", "permet", "contient"],
        ),
        (
            "Os investigadores mostraram que a rede neural permite a deteção de erros. A rede neural contém camadas.",
            &["rede neural", "deteção de erros", "camadas"],
            &["mostraram", "permite", "contém"],
        ),
        (
            "O banco aumentou nesta segunda-feira a taxa de juros. O ministro reconheceu que a inflação continuará alta \
            e que a taxa de juros deverá subir deste nível.",
            &["taxa de juros", "inflação"],
            &[
                "aumentou",
                "reconheceu",
                "continuará",
                "deverá",
                "nesta",
                "deste",
            ],
        ),
    ] {
        let labels = labels(text);
        for name in named {
            assert!(has(&labels, name), "{name}: {labels:?}");
        }
        let has_verb = |label: &String| label.split(' ').any(|word| verbs.contains(&word));
        assert!(!labels.iter().any(has_verb), "{labels:?}");
    }
}

#[test]
fn nouns_that_a_preposition_joins_are_one_term() {
    for (text, named) in [
        (
            "Le taux de chômage a baissé en France. Le taux de chômage des jeunes reste élevé. Selon le ministère de la \
            Santé, la qualité de l'eau s'améliore, et la qualité de l’eau est suivie.",
            &[
                "taux de chômage",
                "ministère de la Santé",
                "qualité de l'eau",
            ][..],
        ),
        (
            "A taxa de desemprego desceu em Portugal. O ministro falou da taxa de desemprego na Assembleia da República.",
            &["taxa de desemprego", "Assembleia da República"],
        ),
        (
            "La tasa de desempleo bajó en España. El ministro habló de la tasa de desempleo y del precio de la luz.",
            &["tasa de desempleo", "precio de la luz"],
        ),
        (
            "Il tasso di disoccupazione è sceso in Italia. Il ministro ha parlato del tasso di disoccupazione e della \
            qualità dell'aria.",
            &["tasso di disoccupazione", "qualità dell'aria"],
        ),
    ] {
        let labels = labels(text);
        for name in named {
            assert!(has(&labels, name), "{name}: {labels:?}");
        }
        let ends_open = |label: &String| {
            let words: Vec<&str> = label.split([' ', '\'']).collect();
            let joins = |word: &&str| ["de", "da", "di", "la", "l", "dell"].contains(word);
            words.first().is_some_and(joins) || words.last().is_some_and(joins)
        };
        assert!(!labels.iter().any(ends_open), "{labels:?}");
    }
}

#[test]
fn an_article_that_lost_its_vowel_is_no_part_of_the_word_after_it() {
    let text = "L'intelligence artificielle est dans l'industrie. L’intelligence artificielle apprend avec les données.";
    let selection = select(&[(SectionKind::Body, text)], &Config::new());
    let concept = &selection.concepts[0];
    assert_eq!(concept.form, "intelligence artificielle");
    assert_eq!(concept.occurrences, 2);
    for span in &concept.spans {
        assert_eq!(&text[span.clone()], "intelligence artificielle");
    }
    let text = "L'arte dell'incisione è antica. Nell'arte dell'incisione l'acqua non serve più agli artisti.";
    let labels = labels(text);
    assert!(has(&labels, "arte dell'incisione"), "{labels:?}");
}

#[test]
fn joiners_and_apostrophes_without_end_leave_no_open_term() {
    let many = |piece: &str| piece.repeat(20_000 / piece.len());
    let start = "La tasa de la luz en España y en el mundo es de los hombres. ";
    for (language, text) in [
        (Language::Spanish, start.to_owned() + &many("de ")),
        (Language::Spanish, start.to_owned() + &many("casa de la ")),
        (
            Language::Spanish,
            start.to_owned() + &many("casa de de la la "),
        ),
        (
            Language::Spanish,
            start.to_owned() + &many("de la. casa del "),
        ),
        (
            Language::French,
            "Le taux des banques est dans la ville pour les gens. ".to_owned() + &many("l'l'd’d'"),
        ),
        (
            Language::French,
            "Le taux des banques est dans la ville pour les gens. ".to_owned() + &many("d'l'eau "),
        ),
    ] {
        let selection = select(&[(SectionKind::Body, &text)], &Config::new());
        assert_eq!(selection.language, language, "{}", &text[..80]);
        for concept in &selection.concepts {
            let words: Vec<&str> = concept.form.split(' ').collect();
            for end in [words[0], words[words.len() - 1]] {
                let open = ["de", "la", "del", "d'", "d’", "l'"].contains(&end);
                assert!(!open, "{:?}", concept.form);
            }
        }
    }
}

#[test]
fn a_number_after_an_elision_is_a_number() {
    let text = "L'11 settembre il governo ha parlato della crisi. Nell'anno della crisi il governo è caduto l'11 settembre.";
    let labels = labels(text);
    assert!(has(&labels, "governo"), "{labels:?}");
    assert!(
        !labels.iter().any(|label| label.starts_with("11")),
        "{labels:?}"
    );
}

#[test]
fn a_name_may_begin_with_what_is_a_function_word_or_a_modifier_elsewhere() {
    let text = "O voo partiu de São Paulo para Nova Iorque. As companhias de São Paulo e de Nova Iorque são rivais.";
    let labels = labels(text);
    for name in ["São Paulo", "Nova Iorque"] {
        assert!(has(&labels, name), "{labels:?}");
    }
    let joined = "O reitor da Universidade de São Paulo falou. A Universidade de São Paulo fica no Brasil, disse ele.";
    let labels = self::labels(joined);
    assert!(has(&labels, "Universidade de São Paulo"), "{labels:?}");
}

#[test]
fn a_text_of_one_word_names_it() {
    for word in ["Größe", "entropy", "rapidly", "SVM"] {
        assert_eq!(labels(word), [word], "{word}");
        assert_eq!(labels(&format!(" {word}.\n")), [word]);
    }
    for none in ["the", "12"] {
        assert!(labels(none).is_empty(), "{none}");
    }
}

#[test]
fn other_languages_are_ranked_by_frequency_and_place() {
    let text = "Aineiston tulokset esitetään seuraavassa luvussa. Kaikki tulokset ovat uusia, mutta aineiston mallit eivät \
        ole vielä valmiita. Tulokset julkaistaan myöhemmin muualla, jota tutkijat odottavat.";
    let selection = explained(&[(SectionKind::Body, text)], &[]);
    assert_eq!(selection.language, Language::Other);
    assert_eq!(selection.concepts[0].label.to_lowercase(), "tulokset");
    for concept in &selection.concepts {
        let why = concept.explanation.as_ref().unwrap();
        let effects: f64 = why.factors.iter().map(|factor| factor.effect).sum();
        assert!((why.base + effects - why.sum).abs() < 1e-9);
        assert!((why.sum.exp() - concept.score).abs() < 1e-9, "{concept:?}");
    }
}

#[test]
fn names_keep_the_capitals_they_have_in_a_title_that_is_written_as_a_sentence() {
    let body = "Heavy rain fell on the region. Rivers burst their banks.";
    let titled = |title: &str| -> Vec<String> {
        let selection = select(
            &[(SectionKind::Title, title), (SectionKind::Body, body)],
            &Config::new(),
        );
        selection
            .concepts
            .into_iter()
            .map(|concept| concept.form)
            .collect()
    };
    let sentence = titled("Flooding hits Northern Italy after record rainfall");
    assert!(has(&sentence, "Northern Italy"), "{sentence:?}");
    let headline = titled("Sparse Graph Kernels for Neural Decoders");
    assert!(has(&headline, "sparse graph kernels"), "{headline:?}");
}

/// The settings with which quality is the score.
fn neutral() -> Config {
    let mut config = Config::new();
    for key in crate::config::SCHEMA {
        if key.name.starts_with("quality.") {
            let neutral = if key.name == "quality.frequency_step" {
                "0"
            } else {
                "1"
            };
            config.set(key.name, neutral).unwrap();
        }
    }
    config
}

#[test]
fn without_weights_the_order_is_that_of_the_scores() {
    let text = long_text(40);
    let pieces = [
        (SectionKind::Title, "Sparse kernels for Markov chains"),
        (
            SectionKind::Abstract,
            "A Bayesian network decodes the quantum lattice.",
        ),
        (SectionKind::Body, text.as_str()),
    ];
    let selection = select(&pieces, &neutral());
    assert!(selection.concepts.len() > 10);
    for concept in &selection.concepts {
        assert_eq!(concept.quality, concept.score, "{}", concept.label);
    }
    assert!(selection.concepts.is_sorted_by(|a, b| a.score >= b.score));
}

#[test]
fn a_ranker_of_the_settings_that_cannot_be_read_is_an_error_that_names_it() {
    let rank = |path: &str| {
        let mut config = Config::new();
        config.set("concepts.ranker", path).unwrap();
        let (text, structure) = structure_of(&[(SectionKind::Body, "Kernels are sparse.")]);
        extract_from(&text, &structure, &config, &Unobserved)
    };
    let missing = rank("no/such.model").unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/data/tagger.model");
    let other = rank(model).unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Format);
    assert_eq!(other.field("path").unwrap(), model);
    assert!(rank(concat!(env!("CARGO_MANIFEST_DIR"), "/data/ranker.model")).is_ok());
}

fn explained(pieces: &[(SectionKind, &str)], settings: &[(&str, &str)]) -> Selection {
    let mut config = Config::new();
    for (key, value) in [("report.explain", "true")].iter().chain(settings) {
        config.set(key, value).unwrap();
    }
    select(pieces, &config)
}

#[test]
fn what_the_factors_add_to_the_base_is_the_sum_the_score_is_made_of() {
    let selection = explained(
        &[
            (SectionKind::Title, "Sparse graph kernels"),
            (SectionKind::Body, &long_text(40)),
        ],
        &[],
    );
    assert!(selection.concepts.len() > 10);
    for concept in &selection.concepts {
        let why = concept.explanation.as_ref().unwrap();
        let effects: f64 = why.factors.iter().map(|factor| factor.effect).sum();
        assert!((why.base + effects - why.sum).abs() < 1e-9, "{concept:?}");
        let score = Ranker::built_in(Classes::Tagged).probability(why.sum, selection.pure as usize);
        assert_eq!(score, concept.score, "{concept:?}");
        assert!(why.factors.len() > 5 && why.factors.iter().all(|factor| !factor.words.is_empty()));
        let effects = why
            .factors
            .windows(2)
            .map(|pair| (pair[0].effect, pair[1].effect));
        assert!({ effects }.all(|(more, less)| more.abs() >= less.abs()));
    }
}

#[test]
fn the_words_tell_where_and_how_often_a_concept_stands() {
    let selection = explained(
        &[
            (SectionKind::Title, "Sparse graph kernels"),
            (
                SectionKind::Body,
                "A graph kernel compares graphs. We train the decoder. The graph kernel is slow.",
            ),
        ],
        &[("concepts.diversity", "off")],
    );
    let said = |form: &str| -> Vec<&str> {
        let concept = { selection.concepts.iter() }.find(|concept| concept.form == form);
        let why = concept.unwrap().explanation.as_ref().unwrap();
        why.factors
            .iter()
            .map(|factor| factor.words.as_str())
            .collect()
    };
    let kernel = said("graph kernel");
    for words in [
        "in the title",
        "named 3 times",
        "first named after 4 % of the text",
        "inside a longer candidate",
    ] {
        assert!(kernel.contains(&words), "{words}: {kernel:?}");
    }
    let decoder = said("decoder");
    assert!(
        decoder.contains(&"not in the title") && decoder.contains(&"named once"),
        "{decoder:?}"
    );
}

#[test]
fn nothing_is_explained_unless_it_is_asked_for() {
    let text = [(
        SectionKind::Body,
        "A graph kernel compares graphs. Figure 3 shows results.",
    )];
    let silent = select(&text, &Config::new());
    assert!(silent.decisions.is_empty());
    assert!(
        silent
            .concepts
            .iter()
            .all(|concept| concept.explanation.is_none())
    );
    let mut told = explained(&text, &[]);
    assert!(!told.decisions.is_empty());
    told.decisions.clear();
    for concept in &mut told.concepts {
        concept.explanation = None;
    }
    assert_eq!(told, silent);
}

#[test]
fn every_mode_of_diversity_decides_on_every_candidate_that_is_not_listed() {
    for diversity in ["off", "gentle", "strong"] {
        let settings = [
            ("concepts.diversity", diversity),
            ("report.decisions", "1000000"),
        ];
        let selection = explained(&[(SectionKind::Body, &long_text(200))], &settings);
        let counted: u64 = selection.dropped.iter().map(|&(_, count)| count).sum();
        assert_eq!(selection.decisions.len() as u64, counted, "{diversity}");
        for &(reason, count) in &selection.dropped {
            let told = { selection.decisions.iter() }.filter(|decision| decision.reason == reason);
            assert_eq!(told.count() as u64, count, "{diversity}: {reason:?}");
        }
        let bounded = [("concepts.diversity", diversity), ("report.decisions", "7")];
        let bounded = explained(&[(SectionKind::Body, &long_text(200))], &bounded);
        assert_eq!(bounded.decisions, selection.decisions[..7], "{diversity}");
    }
}

#[test]
fn decisions_tell_what_decided_them() {
    let text = "The fast sparse graph kernel is used. The slow sparse graph kernel is used. The graph-kernel is used. \
        The graph kernel is used. The graph kernel is used. The multi-agent planner and the multiagent planner are used. \
        The multiagent planner is used. Results are given.";
    let why = |settings: &[(&str, &str)], form: &str| {
        let selection = explained(&[(SectionKind::Body, text)], settings);
        let decision = { selection.decisions.iter() }.find(|decision| decision.form == form);
        let decision = decision.unwrap_or_else(|| panic!("{form}: {:?}", selection.decisions));
        decision.why.clone()
    };
    assert_eq!(why(&[], "planner"), "part of \"multiagent planner\"");
    assert_eq!(
        why(&[], "multi-agent planner"),
        "another spelling of \"multiagent planner\""
    );
    assert_eq!(why(&[], "results"), "all its words are general ones");
    let strong = ("concepts.diversity", "strong");
    let alike = why(
        &[strong, ("concepts.short_text", "0")],
        "sparse graph kernel",
    );
    assert!(alike.ends_with("60 % is the threshold"), "{alike}");
}

#[test]
fn strong_diversity_stops_what_makes_the_selection_too_uneven() {
    let mut pieces = vec![(
        SectionKind::Introduction,
        "The tokamak and the stellarator confine plasma.",
    )];
    let many = long_text(60);
    pieces.push((SectionKind::Body, &many));
    let reasons = |bound: &str| {
        let settings = [
            ("concepts.diversity", "strong"),
            ("concepts.entropy_gain", bound),
        ];
        let selection = explained(&pieces, &settings);
        let uneven = { selection.decisions.into_iter() }
            .filter(|decision| decision.reason == Reason::Entropy);
        (
            uneven.map(|decision| decision.why).collect::<Vec<_>>(),
            selection.entropy,
        )
    };
    let (none, uneven) = reasons("-1");
    let (some, even) = reasons("-0.01");
    assert!(none.is_empty() && !some.is_empty());
    assert!(even > uneven, "{even} {uneven}");
    assert!(some[0].contains("-0.010 is the bound"), "{some:?}");
}
