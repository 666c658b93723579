use super::*;
use crate::document::{BlockKind, Bookmark, Kind, Line, Metadata, Rect, read};
use crate::progress::Unobserved;

fn structure_of(text: &str) -> (Document, Structure) {
    let config = Config::new();
    let document = read(text.as_bytes(), &config, &Unobserved).unwrap();
    let structure = find(&document, &config, &Unobserved).unwrap();
    hold(&document, &structure, &config);
    (document, structure)
}

fn outline(text: &str) -> Vec<(SectionKind, u8, String)> {
    let (document, structure) = structure_of(text);
    structure
        .sections
        .iter()
        .map(|section| {
            let heading = document.text[section.heading.clone()].replace('\n', " ");
            (section.kind, section.level, heading)
        })
        .collect()
}

/// What is true of every structure: sections cover the text, chunks are in order, and every letter of running
/// text that is not in a list of entries is in one chunk or heading.
fn hold(document: &Document, structure: &Structure, config: &Config) {
    let text = &document.text;
    let mut at = 0;
    for section in &structure.sections {
        assert_eq!(section.range.start, at, "a gap before {section:?}");
        assert!(
            section.heading.start >= section.range.start
                && section.heading.end <= section.range.end
        );
        assert!(
            text.is_char_boundary(section.heading.start)
                && text.is_char_boundary(section.heading.end)
        );
        assert!(section.level >= 1 && section.page >= 1);
        at = section.range.end;
    }
    assert_eq!(at, text.len());
    let mut covered = vec![0u8; text.len()];
    let mut before = 0;
    for chunk in &structure.chunks {
        assert!(
            chunk.range.start >= before && !chunk.range.is_empty(),
            "{chunk:?}"
        );
        assert!(chunk.range.len() as u64 <= config.document_chunk_bytes);
        assert!(text.get(chunk.range.clone()).is_some());
        let home = structure.sections.iter().find(|section| {
            section.range.start <= chunk.range.start && chunk.range.end <= section.range.end
        });
        assert_eq!(
            home.map(|section| section.kind),
            Some(chunk.section),
            "{chunk:?}"
        );
        before = chunk.range.end;
        covered[chunk.range.clone()]
            .iter_mut()
            .for_each(|byte| *byte += 1);
    }
    for section in &structure.sections {
        covered[section.heading.clone()]
            .iter_mut()
            .for_each(|byte| *byte += 1);
    }
    let listed = |at: usize| structure.lists.iter().any(|list| list.contains(&at));
    for block in &document.blocks {
        let running = !matches!(block.kind, BlockKind::Code | BlockKind::Furniture);
        for (offset, c) in text[block.range.clone()].char_indices() {
            if c.is_alphanumeric() {
                let at = block.range.start + offset;
                assert_eq!(
                    covered[at],
                    u8::from(running && !listed(at)),
                    "{c:?} at {at} of {:?}",
                    &text[block.range.clone()]
                );
            }
        }
    }
    if let Some(title) = &structure.title {
        assert!(
            text.get(title.clone())
                .is_some_and(|title| !title.trim().is_empty())
        );
    }
}

const PARAGRAPH: &str = "We measure how often the recorders miss a call and compare the counts\n\
with those of trained observers. The difference is small in open country\n\
and grows with the density of the forest. We discuss why this is so.\n";

#[test]
fn a_paper_as_text_has_its_usual_sections() {
    let text = format!(
        "Counting Bats with Cheap Recorders in\nOpen Country\nJane Smith and Joe Miller\nUniversity of Nowhere\n\
         ABSTRACT\n{PARAGRAPH}Keywords: bats, recorders\n1. INTRODUCTION\n{PARAGRAPH}2. RELATED WORK\n{PARAGRAPH}\
         3. MATERIALS AND METHODS\n{PARAGRAPH}3.1 Recorders in the Field\n{PARAGRAPH}1. Place the recorder\n2. Press the button\n\
         3.2 Results of the Pilot\n{PARAGRAPH}4. RESULTS AND DISCUSSION\n{PARAGRAPH}5. CONCLUDING REMARKS\n{PARAGRAPH}\
         6. ACKNOWLEDGMENTS\n{PARAGRAPH}7. REFERENCES\n[1] A. Author. A Title of Some Length. Journal, 2001.\n\
         8. Smith, J. Counting\nBats in Caves\nAPPENDIX\n{PARAGRAPH}"
    );
    use SectionKind::*;
    let found = outline(&text);
    let found: Vec<_> = found
        .iter()
        .map(|(kind, level, heading)| (*kind, *level, heading.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Title, 1, ""),
            (Body, 1, ""),
            (Abstract, 1, "ABSTRACT"),
            (Body, 1, "Keywords: "),
            (Introduction, 1, "1. INTRODUCTION"),
            (LiteratureReview, 1, "2. RELATED WORK"),
            (Methodology, 1, "3. MATERIALS AND METHODS"),
            (Methodology, 2, "3.1 Recorders in the Field"),
            (Methodology, 2, "3.2 Results of the Pilot"),
            (Results, 1, "4. RESULTS AND DISCUSSION"),
            (Conclusion, 1, "5. CONCLUDING REMARKS"),
            (Acknowledgments, 1, "6. ACKNOWLEDGMENTS"),
            (References, 1, "7. REFERENCES"),
            (Appendix, 1, "APPENDIX"),
        ]
    );
    let (document, structure) = structure_of(&text);
    let title = structure.title.unwrap();
    assert_eq!(
        &document.text[title.clone()],
        "Counting Bats with Cheap Recorders in\nOpen Country"
    );
    assert_eq!(
        &document.text[structure.abstract_text.unwrap()],
        PARAGRAPH.trim()
    );
    assert!(
        structure
            .chunks
            .iter()
            .any(|chunk| chunk.range == title && chunk.section == Title)
    );
}

#[test]
fn roman_sections_have_lettered_parts_that_begin_anew() {
    let text = format!(
        "A Study of Something Large\n\nAbstract\u{2014}{PARAGRAPH}\nI. INTRODUCTION\n{PARAGRAPH}II. RELATED WORK\n\
         A. Early Attempts\n{PARAGRAPH}B. Later Attempts\n{PARAGRAPH}III. EXPERIMENTS\nA. Setup of All Parts\n{PARAGRAPH}\
         IV. CONCLUSION\n{PARAGRAPH}REFERENCES\n[1] Nobody. Nothing. 1999.\n"
    );
    let found: Vec<_> = outline(&text)
        .into_iter()
        .map(|(kind, level, _)| (kind.name(), level))
        .collect();
    assert_eq!(
        found,
        [
            ("title", 1),
            ("abstract", 1),
            ("introduction", 1),
            ("literature_review", 1),
            ("literature_review", 2),
            ("literature_review", 2),
            ("results", 1),
            ("results", 2),
            ("conclusion", 1),
            ("references", 1),
        ]
    );
}

#[test]
fn titles_of_texts_end_where_sentences_or_names_begin() {
    for (head, title) in [
        (
            "Selective representing and world-making\nWe discuss the thesis of selective recorders in open country\n",
            "Selective representing and world-making",
        ),
        (
            "Does classicism explain universality? Arguments against\n\ta pure component of mind\nOne of the hallmarks\n",
            "Does classicism explain universality? Arguments against\n\ta pure component of mind",
        ),
        (
            "Counting the Calls of Small Bats in\nOpen Country\nOpen Country University\n",
            "Counting the Calls of Small Bats in\nOpen Country",
        ),
        (
            "Observing and Counting of Calls in Dense\nForest Country\u{2217}\nJane Smith\nsmith@forest.example\n",
            // The mark leads to a footnote and is no part of the title.
            "Observing and Counting of Calls in Dense\nForest Country",
        ),
        (
            "Searching for Bats in Open Country with A*\n\nJane Smith\n",
            "Searching for Bats in Open Country with A*",
        ),
    ] {
        let (document, structure) = structure_of(&format!("{head}{PARAGRAPH}"));
        let found = structure.title.map(|title| &document.text[title]);
        assert_eq!(found, Some(title));
    }
}

#[test]
fn headings_that_run_into_their_text_end_with_their_sentence() {
    let text = format!(
        "A Study of Something Large\n\n1. Introduction\n\n{PARAGRAPH}\n1.1. Networks. We train one network for each of\n\
         the species and give details in the\nAppendix.\nIt is done once a year, as in all other years of the\nstudy.\n\n2. Results\n\n{PARAGRAPH}"
    );
    let headings: Vec<String> = outline(&text)
        .into_iter()
        .map(|(_, _, heading)| heading)
        .filter(|heading| !heading.is_empty())
        .collect();
    assert_eq!(
        headings,
        ["1. Introduction", "1.1. Networks.", "2. Results"]
    );
}

#[test]
fn a_lost_main_heading_does_not_lend_its_parts_to_the_one_before() {
    let text = format!(
        "A Study of Something Large\nABSTRACT\n{PARAGRAPH}INTRODUCTION\n{PARAGRAPH}2.1 Recorders in the Field\n{PARAGRAPH}\
         2.2 Recorders in the Forest\n{PARAGRAPH}REFERENCES\n[1] Nobody. Nothing.\n"
    );
    let kinds: Vec<_> = outline(&text)
        .into_iter()
        .map(|(kind, _, _)| kind.name())
        .collect();
    assert_eq!(
        kinds,
        [
            "title",
            "abstract",
            "introduction",
            "body",
            "body",
            "references"
        ]
    );
}

#[test]
fn an_abstract_needs_no_name() {
    let text = format!(
        "A Study of Something Large\n\nJane Smith\n\n{PARAGRAPH}{PARAGRAPH}\nIntroduction\n\n{PARAGRAPH}"
    );
    let (document, structure) = structure_of(&text);
    assert_eq!(
        &document.text[structure.abstract_text.unwrap()],
        PARAGRAPH.repeat(2).trim()
    );
}

#[test]
fn an_abstract_that_never_ends_is_cut() {
    let text = format!(
        "A Study of Something Large\n\nAbstract\n\n{}",
        PARAGRAPH.repeat(100)
    );
    let (_, structure) = structure_of(&text);
    assert!(structure.abstract_text.unwrap().len() < LONGEST_ABSTRACT);
}

#[test]
fn markdown_sections_follow_its_headings() {
    let text = "---\ntitle: Other\n---\n\n# The Handbook\n\nSome words.\n\n## Install\n\nRun it:\n\n```sh\nmake all\n```\n\n### From source\n\n\
                - one item\n- another item\n\n## License\n\nMIT.\n";
    let (document, structure) = structure_of(text);
    assert_eq!(document.kind, Kind::Markdown);
    assert_eq!(document.text, text);
    assert_eq!(
        &document.text[structure.title.clone().unwrap()],
        "The Handbook"
    );
    let levels: Vec<_> = structure
        .sections
        .iter()
        .filter(|section| !section.heading.is_empty())
        .map(|section| (&document.text[section.heading.clone()], section.level))
        .collect();
    assert_eq!(levels, [("Install", 1), ("From source", 2), ("License", 1)]);
    assert!(
        structure
            .chunks
            .iter()
            .all(|chunk| !document.text[chunk.range.clone()].contains("make all"))
    );
}

#[test]
fn a_text_without_structure_is_one_body() {
    for text in [
        "word",
        "no heading at all, only words that go on and on.",
        "   \n\n ",
        "\x0c",
    ] {
        let (_, structure) = structure_of(text);
        assert_eq!(structure.sections.len(), 1, "{text:?}");
        assert_eq!(structure.sections[0].kind, SectionKind::Body);
        assert_eq!(structure.title, None, "{text:?}");
    }
}

#[test]
fn megabytes_without_a_space_become_chunks() {
    let (document, structure) = structure_of(&"ß".repeat(1_000_000));
    assert!(structure.chunks.len() >= 1_000);
    let all: usize = structure.chunks.iter().map(|chunk| chunk.range.len()).sum();
    assert_eq!(all, document.text.len());
}

/// Text, size and weight of a line; `None` ends a block. Spaces before the text move it to the right.
type Set = Option<(&'static str, f32, bool)>;

fn page(lines: &[Set]) -> Document {
    pages(&[lines])
}

/// Pages set by hand.
fn pages(pages: &[&[Set]]) -> Document {
    let mut document = Document {
        kind: Kind::Pdf,
        metadata: Metadata::default(),
        text: String::new(),
        pages: Vec::new(),
        blocks: Vec::new(),
        lines: Vec::new(),
        bookmarks: Vec::new(),
        warnings: Vec::new(),
    };
    let mut first = 0;
    let close = |document: &mut Document, first: &mut usize| {
        if *first < document.lines.len() {
            document.blocks.push(Block {
                range: document.lines[*first].range.start..document.text.len() - 1,
                lines: *first..document.lines.len(),
                page: document.pages.len() as u32 + 1,
                kind: BlockKind::Paragraph,
            });
            document.text.push('\n');
            *first = document.lines.len();
        }
    };
    for lines in pages {
        let page_start = document.text.len();
        let mut top = 40.0;
        for line in *lines {
            let Some((text, size, bold)) = line else {
                close(&mut document, &mut first);
                top += 12.0;
                continue;
            };
            let start = document.text.len();
            let shown = text.trim_start();
            let left = 50.0 + 5.0 * (text.len() - shown.len()) as f32;
            document.text.push_str(shown);
            document.lines.push(Line {
                range: start..document.text.len(),
                bounds: Some(Rect {
                    left,
                    top,
                    right: left + shown.len() as f32 * size * 0.5,
                    bottom: top + size,
                }),
                size: *size,
                bold: *bold,
            });
            document.text.push('\n');
            top += size * 1.2;
        }
        close(&mut document, &mut first);
        document.pages.push(page_start..document.text.len());
    }
    document
}

const PROSE: Set = Some((
    "and this is a line of running text that goes on for a while",
    10.0,
    false,
));

fn paper() -> Vec<Set> {
    let mut lines = vec![
        Some(("arXiv:2101.00001v1 [cs.DB] 1 Jan 2021", 20.0, false)),
        None,
        Some(("Journal of Improbable Results, Vol. 3", 11.0, false)),
        None,
        Some(("On the Placement of", 18.0, false)),
        Some(("Recorders", 18.0, false)),
        None,
        Some(("Jane Smith", 12.0, true)),
        None,
        Some(("Abstract", 10.0, true)),
        None,
    ];
    lines.extend([PROSE; 6]);
    for heading in [
        "1 Introduction",
        "2 Placement",
        "3 Conclusions",
        "References",
    ] {
        lines.extend([None, Some((heading, 12.0, true)), None]);
        lines.extend([PROSE; 12]);
        if heading == "2 Placement" {
            // Labels of a figure, then a heading without a number.
            lines.extend([
                None,
                Some(("Trunk", 12.0, true)),
                None,
                Some(("Branch", 12.0, true)),
                None,
            ]);
            lines.extend([
                Some(("Figure 1: Trunk and branch.", 9.0, false)),
                None,
                Some(("Height above Ground", 11.0, true)),
                None,
            ]);
            lines.extend([PROSE; 12]);
        }
    }
    lines
}

#[test]
fn size_and_place_tell_title_and_headings() {
    let document = page(&paper());
    let config = Config::new();
    let structure = find(&document, &config, &Unobserved).unwrap();
    hold(&document, &structure, &config);
    assert_eq!(
        &document.text[structure.title.unwrap()],
        "On the Placement of\nRecorders"
    );
    let headings: Vec<_> = structure
        .sections
        .iter()
        .filter(|section| !section.heading.is_empty())
        .map(|section| {
            (
                &document.text[section.heading.clone()],
                section.kind.name(),
                section.level,
            )
        })
        .collect();
    assert_eq!(
        headings,
        [
            ("Abstract", "abstract", 1),
            ("1 Introduction", "introduction", 1),
            ("2 Placement", "body", 1),
            ("Height above Ground", "body", 2),
            ("3 Conclusions", "conclusion", 1),
            ("References", "references", 1),
        ]
    );
}

#[test]
fn a_metadata_title_counts_when_the_page_shows_it() {
    let config = Config::new();
    for (title, expected) in [
        (
            "Journal of improbable results, vol. 3",
            "Journal of Improbable Results, Vol. 3",
        ),
        ("Something Else Entirely", "On the Placement of\nRecorders"),
        ("paper-final.doc", "On the Placement of\nRecorders"),
    ] {
        let mut document = page(&paper());
        document.metadata.title = Some(title.to_owned());
        let structure = find(&document, &config, &Unobserved).unwrap();
        assert_eq!(
            &document.text[structure.title.unwrap()],
            expected,
            "{title}"
        );
    }
}

/// The title and the headings of a document set by hand.
fn seen(document: &Document) -> (Option<&str>, Vec<&str>) {
    let config = Config::new();
    let structure = find(document, &config, &Unobserved).unwrap();
    hold(document, &structure, &config);
    let headings = structure
        .sections
        .iter()
        .filter(|section| !section.heading.is_empty())
        .map(|section| &document.text[section.heading.clone()])
        .collect();
    (structure.title.map(|title| &document.text[title]), headings)
}

const GAP: Set = None;

#[test]
fn labels_are_neither_titles_nor_headings() {
    let form = page(&[
        Some(("Field with border", 12.0, false)),
        GAP,
        Some(("Hello World", 18.0, false)),
        GAP,
        Some(("Field with colour", 12.0, false)),
        GAP,
        Some(("Hello World again", 26.0, false)),
        GAP,
        Some(("2 Shades of the Field", 12.0, false)),
        GAP,
        Some(("Sent by the form", 8.0, false)),
    ]);
    assert_eq!(seen(&form), (None, vec![]));
    // One line of its own look over labels is a title; those that come back head their pages.
    let poster = [
        Some(("Bats of Europe", 24.0, true)),
        GAP,
        Some(("the wing of a bat seen from below", 9.0, false)),
        GAP,
        Some(("the ear of a bat seen from the side", 9.0, false)),
    ];
    assert_eq!(seen(&page(&poster)).0, Some("Bats of Europe"));
    assert_eq!(seen(&pages(&[&poster, &poster])).0, None);
}

#[test]
fn a_heading_stands_over_its_text() {
    let mut first = vec![Some(("A Study of Bats", 20.0, true)), GAP];
    first.extend([PROSE; 8]);
    first.extend([GAP, Some(("Calls", 12.0, true)), GAP]);
    first.extend([PROSE; 8]);
    first.extend([GAP, Some(("Left at the Foot", 12.0, true)), GAP]);
    let mut second = vec![PROSE; 8];
    second.extend([GAP, Some(("Wings", 12.0, true)), GAP]);
    second.extend([PROSE; 8]);
    // The head of a paragraph is indented as its first line is; a heading that ends in a stop is not.
    second.extend([
        GAP,
        Some(("  Type of wing.", 10.0, true)),
        GAP,
        Some((
            "  We tell apart the types of wings by their length and by their width,",
            10.0,
            false,
        )),
    ]);
    second.extend([PROSE; 8]);
    second.extend([
        GAP,
        Some(("Matters not arising.", 10.0, true)),
        GAP,
        Some((
            "There are more matters than these, and none of them is looked at",
            10.0,
            false,
        )),
    ]);
    second.extend([PROSE; 8]);
    assert_eq!(
        seen(&pages(&[&first, &second])),
        (
            Some("A Study of Bats"),
            vec!["Calls", "Wings", "Matters not arising."]
        )
    );
}

#[test]
fn headings_stand_over_the_heads_of_exercises_but_not_over_captions() {
    let mut lines = vec![Some(("A Course on Bats", 24.0, true)), GAP];
    for heading in ["1 Wings", "2 Calls"] {
        lines.extend([GAP, Some((heading, 18.0, false)), GAP]);
        lines.extend([PROSE; 8]);
    }
    lines.extend([GAP, Some(("Answers to the Exercises", 18.0, false)), GAP]);
    lines.extend([Some(("Answer to Exercise 1", 12.0, false)), GAP, PROSE, GAP]);
    lines.extend([Some(("Wing", 18.0, false)), GAP]);
    lines.extend([Some(("Figure 3: Wing of a bat.", 9.0, false)), GAP]);
    assert_eq!(
        seen(&page(&lines)).1,
        ["1 Wings", "2 Calls", "Answers to the Exercises"]
    );
}

#[test]
fn lines_of_a_title_share_an_axis() {
    let mut lines = vec![
        Some(("          Counting the Bats of", 18.0, false)),
        Some(("             Many Countries", 18.0, false)),
        Some(("SPECIAL ISSUE", 18.0, false)),
        GAP,
    ];
    lines.extend([PROSE; 12]);
    assert_eq!(
        seen(&page(&lines)).0,
        Some("Counting the Bats of\nMany Countries")
    );
}

#[test]
fn the_title_of_a_cover_towers_above_the_rest_of_it() {
    let cover = |size| {
        [
            Some(("The Press of the Bats", 12.0, false)),
            GAP,
            Some(("The Handbook of Bats", size, true)),
            GAP,
            Some(("Seventh Edition", 12.0, false)),
        ]
    };
    let text = [PROSE; 12];
    let large = pages(&[&cover(30.0), &text]);
    assert_eq!(seen(&large).0, Some("The Handbook of Bats"));
    assert_eq!(seen(&pages(&[&cover(14.0), &text])).0, None);
}

#[test]
fn text_in_a_script_without_case_is_running_text() {
    let chapter = [
        Some(("蝙蝠的种类", 20.0, false)),
        GAP,
        Some((
            "我们在开阔的野外和森林里用便宜的录音机记录蝙蝠的叫声",
            10.0,
            false,
        )),
        Some((
            "然后把记录与观察者的计数相比较并讨论其中的差别和原因",
            10.0,
            false,
        )),
    ];
    assert_eq!(seen(&pages(&[&chapter, &chapter])).0, Some("蝙蝠的种类"));
}

#[test]
fn what_is_no_title() {
    let mut waiting = vec![Some(("Please wait...", 24.0, false)), GAP];
    waiting.extend([PROSE; 4]);
    assert_eq!(seen(&page(&waiting)).0, None);
    // The parties of a decision.
    let mut parties = vec![Some(("THE HIGH COURT", 10.0, true)), GAP];
    for party in [
        "Smith J.",
        "Miller J.",
        "Jones J.",
        "Between",
        "THE BATS",
        "and",
        "THE MINISTER",
    ] {
        parties.extend([Some((party, 10.0, true)), GAP]);
    }
    parties.extend([PROSE; 12]);
    assert_eq!(seen(&page(&parties)).0, None);
    // Set as the text is, and where the text begins; capitals or the middle of the line would tell it.
    let mut plain = vec![
        Some(("Field one takes the name of a bat", 10.0, false)),
        GAP,
    ];
    plain.extend([PROSE; 4]);
    assert_eq!(seen(&page(&plain)).0, None);
    plain[0] = Some(("                Field one takes the name", 10.0, false));
    assert_eq!(seen(&page(&plain)).0, Some("Field one takes the name"));
    plain[0] = Some(("The Names of Bats", 10.0, false));
    assert_eq!(seen(&page(&plain)).0, Some("The Names of Bats"));
}

fn front(document: &Document) -> (Vec<String>, Vec<String>) {
    let structure = find(document, &Config::new(), &Unobserved).unwrap();
    let texts = |ranges: &[Range<usize>]| -> Vec<String> {
        let text = |range: &Range<usize>| document.text[range.clone()].replace('\n', " ");
        ranges.iter().map(text).collect()
    };
    (texts(&structure.authors), texts(&structure.keywords))
}

#[test]
fn authors_stand_below_the_title_and_keywords_below_the_abstract() {
    for (head, authors) in [
        (
            "Jane Smith and Joe Miller\nUniversity of Nowhere\nNew Hope\n",
            &["Jane Smith", "Joe Miller"][..],
        ),
        (
            "Jane Smith\u{2217}, J.-P. de la Tour\u{2020},1 & Zoë O’Neil\u{2021}\njane@nowhere.example\n",
            &["Jane Smith", "J.-P. de la Tour", "Zoë O’Neil"],
        ),
        (
            "By Prof. Dr. Jane Smith, PhD; JOE MILLER a,b\n",
            &["Jane Smith", "JOE MILLER"],
        ),
        ("Jane Smith, Department of Bats\n", &["Jane Smith"]),
        (
            "Jane Smith, https://nowhere.example/jane\n",
            &["Jane Smith"],
        ),
        // The letters of their affiliations, raised in print.
        (
            "Jane Smitha and Joe Millerb\naUniversity of Nowhere\nbhttp://nowhere.example\n",
            &["Jane Smith", "Joe Miller"],
        ),
        ("Jane Almada\nadding machines\n", &["Jane Almada"]),
        // Templates and forms.
        ("Your Name\nFirst Author\nHome Page:\n", &[]),
        (
            "JANE Y SMITH AND JOE MILLER\n",
            &["JANE Y SMITH", "JOE MILLER"],
        ),
        // Words of the text, places and journals are no names.
        (
            "Open Country\nVolume 3\nJournal of Bats\nJune 2001\nThe Bat Project\n",
            &[],
        ),
        ("", &[]),
    ] {
        let text = format!(
            "Counting Bats with Cheap Recorders in\nOpen Country\n{head}\nABSTRACT\n{PARAGRAPH}\
             Keywords: bats, cheap recorders, open\ncountry.\n\n1. INTRODUCTION\n{PARAGRAPH}The bat project is new.\n"
        );
        let (document, _) = structure_of(&text);
        let (found, keywords) = front(&document);
        assert_eq!(found, authors, "{head}");
        assert_eq!(keywords, ["bats", "cheap recorders", "open country"]);
    }
}

#[test]
fn a_notice_of_licence_is_no_abstract() {
    let text = |notice: &str| {
        format!(
            "The Bat Recorder\n\nJane Smith\n\n{notice}{PARAGRAPH}{PARAGRAPH}\n1. INTRODUCTION\n{PARAGRAPH}2. USE\n{PARAGRAPH}"
        )
    };
    let (_, structure) = structure_of(&text(""));
    assert!(structure.abstract_text.is_some());
    for notice in [
        "Copyright 2001 Jane Smith\n\n",
        "Permission is granted to copy this manual.\n\n",
        "(c) 2001-2003 Jane Smith\n\n",
    ] {
        let (_, structure) = structure_of(&text(notice));
        assert_eq!(structure.abstract_text, None, "{notice}");
    }
}

#[test]
fn lists_of_keywords_have_many_forms() {
    for (list, expected) in [
        (
            "Keywords\nbats; open country, dense forest\n",
            &["bats", "open country, dense forest"][..],
        ),
        (
            "Index Terms\u{2014}Bats \u{2022} Recorders\n",
            &["Bats", "Recorders"],
        ),
        (
            "KEYWORDS\nbats\ncheap recorders\n",
            &["bats", "cheap recorders"],
        ),
        (
            "Key words and phrases. Bats,\n\nrecorders.\n",
            &["Bats", "recorders"],
        ),
        (
            "Categories and Subject Descriptors: H.1 Bats, H.2 Birds\n",
            &[],
        ),
    ] {
        let text = format!(
            "Counting Bats with Cheap Recorders\n\nABSTRACT\n{PARAGRAPH}\n{list}\n1. INTRODUCTION\n{PARAGRAPH}"
        );
        let (document, _) = structure_of(&text);
        assert_eq!(front(&document).1, expected, "{list}");
    }
}

#[test]
fn authors_set_larger_are_told_from_their_affiliations() {
    let mut lines = vec![Some(("Slack and its Uses", 18.0, true)), GAP];
    for author in ["Ingrid Halvorsen", "Rafael Duarte"] {
        lines.extend([
            Some((author, 12.0, false)),
            Some(("Department of Slack", 10.0, false)),
            Some(("New Bergen", 10.0, false)),
            GAP,
        ]);
    }
    lines.extend([Some(("Abstract", 10.0, true)), GAP]);
    lines.extend([PROSE; 12]);
    assert_eq!(
        front(&page(&lines)).0,
        ["Ingrid Halvorsen", "Rafael Duarte"]
    );
    // A form asks for names.
    let form = page(&[
        Some(("Example for a Form", 28.0, true)),
        GAP,
        Some(("First Name", 11.0, false)),
        GAP,
        Some(("Name of the Place of Birth", 11.0, false)),
    ]);
    assert_eq!(seen(&form).0, Some("Example for a Form"));
    assert!(front(&form).0.is_empty());
}

/// A generator of texts out of pieces that matter to the rules: Marsaglia's xorshift.
struct Pieces(u64);

impl Pieces {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    fn text(&mut self) -> String {
        const PIECES: &[&str] = &[
            "Abstract",
            "ABSTRACT\n",
            "Abstract\u{2014}",
            "1 Introduction\n",
            "2.1 Setup\n",
            "II. RELATED WORK\n",
            "References\n",
            "[1] A. B. Title.\n",
            "Appendix A\n",
            "A.1 More\n",
            "Keywords: a, b\n",
            "# Heading\n",
            "\n## Deep\n\n",
            "```\ncode\n```\n",
            "> quote\n",
            "- item\n",
            "| a | b |\n|---|---|\n| c | d |\n",
            "\n\n",
            "\n",
            "\x0c",
            "\r\n",
            " ",
            "\t",
            ". ",
            "e.g. ",
            "Fig. 3 ",
            "ü",
            "漢字。",
            "\u{301}",
            "word ",
            "Word ",
            "WORDS IN CAPITALS\n",
            "A sentence of some length that ends here. ",
            "and more of it, up to the end of the line\n",
            "7\n",
            "Title of a Paper\n",
            "[link](http://a.b)",
            "<div>\n",
            "Contents\n",
            "1 Introduction ........ 3\n",
            "Summary\n",
            "---\n",
            "===\n",
            "    indented\n",
            "\u{2028}",
            "*",
            "**",
            "`",
            "\\",
            "&amp;",
        ];
        let count = self.next(120);
        (0..count)
            .map(|_| PIECES[self.next(PIECES.len())])
            .collect()
    }
}

#[test]
fn sections_and_chunks_hold_for_generated_texts() {
    let mut pieces = Pieces(0x2545_F491_4F6C_DD1D);
    let mut config = Config::new();
    config.set("document.chunk_bytes", "200").unwrap();
    for _ in 0..3_000 {
        let text = pieces.text();
        if let Ok(document) = read(text.as_bytes(), &config, &Unobserved) {
            assert_eq!(document.text, text);
            let structure = find(&document, &config, &Unobserved).unwrap();
            hold(&document, &structure, &config);
        }
    }
}

/// The names of the sections of a page with this outline, and their levels.
fn outlined(lines: &[Set], outline: &[(u8, &str)]) -> Vec<(u8, String)> {
    let mut document = page(lines);
    document.bookmarks = outline
        .iter()
        .map(|&(level, title)| Bookmark {
            level,
            title: title.to_owned(),
        })
        .collect();
    let structure = find(&document, &Config::new(), &Unobserved).unwrap();
    structure
        .sections
        .iter()
        .filter(|section| !section.heading.is_empty())
        .map(|section| {
            (
                section.level,
                document.text[section.heading.clone()].to_owned(),
            )
        })
        .collect()
}

#[test]
fn an_outline_that_the_text_confirms_names_the_sections() {
    let mut lines: Vec<Set> = vec![Some(("Recorders of Bats", 18.0, true)), None];
    for heading in [
        "Wings and how they beat in",
        "the night",
        "Ears",
        "Note",
        "The outer ear",
        "Tails",
    ] {
        lines.push(Some((heading, 10.0, heading == "Note")));
        if heading != "Wings and how they beat in" {
            lines.push(None);
            lines.extend([PROSE; 5]);
            lines.push(None);
        }
    }
    let outline = [
        (1, "Recorders of Bats"),
        (2, "Wings and how they beat in the night"),
        (2, "Ears"),
        (3, "1.1 The outer ear"),
        (2, "Tails"),
    ];
    let expected = [
        (1, "Wings and how they beat in\nthe night"),
        (1, "Ears"),
        (2, "The outer ear"),
        (1, "Tails"),
    ];
    let found = outlined(&lines, &outline);
    let found: Vec<(u8, &str)> = found
        .iter()
        .map(|(level, name)| (*level, name.as_str()))
        .collect();
    assert_eq!(found, expected);
    // One of another document is not believed.
    let other = [
        (1, "Preface"),
        (1, "Ears"),
        (1, "Noses"),
        (1, "Feet"),
        (1, "Eyes"),
    ];
    assert!(
        outlined(&lines, &other)
            .iter()
            .all(|(_, name)| name != "Ears")
    );
}

/// Pages of a manual: its contents, chapters with text, and an index.
fn manual() -> Document {
    let mut text: Vec<Set> = Vec::new();
    for (heading, size, bold) in [
        ("1 Bats", 16.0, true),
        ("1.1 fly", 12.0, true),
        ("1.2 echo/2", 10.0, false),
        ("also", 10.0, false),
        ("2 Caves, where bats spend the days and", 16.0, true),
        ("2.1 fly", 12.0, true),
    ] {
        text.push(Some((heading, size, bold)));
        if heading.starts_with("2 ") {
            text.push(Some(("the winters", size, bold)));
        }
        text.push(None);
        text.extend([PROSE; 5]);
        text.push(None);
    }
    text.extend([
        Some(("where n is one of 1, . . . , 9", 10.0, false)),
        None,
        Some(("4.1 times as many as in the year before", 10.0, false)),
    ]);
    let plain = |line| Some((line, 10.0, false));
    pages(&[
        &[
            Some(("Contents", 16.0, true)),
            None,
            plain("1 Bats . . . . . . . . . . . . 3"),
            plain("1.1 fly . . . . . . . . . . . . 3"),
            plain("1.2 echo/2 . . . . . . . . . . . 3"),
            plain("2 Caves, where bats spend the days and"),
            plain("the winters . . . . . . . . . . 4"),
            plain("2.1 fly . . . . . . . . . . . . 4"),
        ],
        &text,
        &[
            Some(("Index", 16.0, true)),
            None,
            plain("bats, 3, 4\u{2013}5"),
            plain("  of the forest, 3"),
            plain("C"),
            plain("caves, see holes"),
            plain("holes, 4"),
            plain("recorders, 3"),
        ],
    ])
}

#[test]
fn a_table_of_contents_names_the_sections() {
    let document = manual();
    let structure = find(&document, &Config::new(), &Unobserved).unwrap();
    hold(&document, &structure, &Config::new());
    let found: Vec<(u8, &str)> = structure
        .sections
        .iter()
        .filter(|section| !section.heading.is_empty())
        .map(|section| (section.level, &document.text[section.heading.clone()]))
        .collect();
    let expected = [
        (1, "Contents"),
        (1, "1 Bats"),
        (2, "1.1 fly"),
        (2, "1.2 echo/2"),
        (1, "2 Caves, where bats spend the days and\nthe winters"),
        (2, "2.1 fly"),
        (1, "Index"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn contents_and_indexes_are_in_no_chunk() {
    let document = manual();
    let structure = find(&document, &Config::new(), &Unobserved).unwrap();
    let shown = |range: &Range<usize>| document.text[range.clone()].trim().to_owned();
    let lists: Vec<String> = structure.lists.iter().map(shown).collect();
    assert_eq!(lists.len(), 2, "{lists:?}");
    assert!(
        lists[0].starts_with("1 Bats") && lists[0].ends_with(". 4"),
        "{lists:?}"
    );
    assert!(
        lists[1].starts_with("bats, 3") && lists[1].ends_with("recorders, 3"),
        "{lists:?}"
    );
    let chunks = structure.chunks.iter().map(|chunk| shown(&chunk.range));
    let chunks = chunks.collect::<Vec<_>>().join("\n");
    for kept in ["1, . . . , 9", "also", "4.1 times"] {
        assert!(chunks.contains(kept), "{kept:?} in {chunks}");
    }
    for left_out in [". . . . .", "winters", "recorders, 3", "see holes"] {
        assert!(!chunks.contains(left_out), "{left_out:?} in {chunks}");
    }
}

#[test]
fn a_form_with_dots_and_a_variable_called_index_are_no_lists() {
    let text = format!(
        "{PARAGRAPH}\nName . . . . . . . . . . . . 1\n\n{PARAGRAPH}\n\
         index\n\na = 1\nb = 2\nc = 3\nd = 4\ne = 5\n\n{PARAGRAPH}"
    );
    let (_, structure) = structure_of(&text);
    assert_eq!(structure.lists, []);
}

#[test]
fn lines_of_a_look_that_always_stand_alone_are_headings() {
    let mut lines: Vec<Set> = vec![
        Some(("Counting Bats at Night", 18.0, true)),
        None,
        Some(("1. Introduction", 14.0, true)),
        None,
        PROSE,
        PROSE,
        None,
    ];
    let below = [
        "The recorders we used",
        "Where they hung",
        "How long they ran",
    ];
    for heading in below {
        lines.extend([Some((heading, 10.8, false)), None]);
        lines.extend([PROSE; 4]);
        lines.push(None);
    }
    for item in [
        "\u{2022} A bold item of a list",
        "# reboot the recorder",
        "--help",
    ] {
        lines.extend([Some((item, 10.0, true)), None]);
        lines.extend([PROSE; 4]);
        lines.push(None);
    }
    let document = page(&lines);
    let (_, headings) = seen(&document);
    assert_eq!(headings, [&["1. Introduction"], &below[..]].concat());
}

#[test]
fn versions_belong_to_titles_and_dates_do_not() {
    for (first, second, title) in [
        ("Bats V.4.03.03", "28 June 2017", "Bats V.4.03.03"),
        (
            "Release Notes of Bats",
            "April 2022",
            "Release Notes of Bats",
        ),
        ("Bats as of", "April 2022", "Bats as of\nApril 2022"),
        (
            "Release Notes of",
            "May Bats 2022",
            "Release Notes of\nMay Bats 2022",
        ),
    ] {
        let mut lines: Vec<Set> = vec![Some((first, 20.0, true)), Some((second, 20.0, true)), None];
        lines.extend([PROSE; 12]);
        let document = page(&lines);
        assert_eq!(seen(&document).0, Some(title));
    }
}
