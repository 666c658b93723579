//! The table of settings.

use serde_json::Value;

use super::{Diversity, Key, Setting};

macro_rules! schema {
    ($($(#[doc = $doc:literal])+ $name:literal $field:ident: $kind:ty = $default:expr, $range:expr, $unit:literal;)*) => {
        /// The values of all settings, one field each; the names are those of [`SCHEMA`] with `_` for `.`.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $field: $kind,)*
        }

        impl Default for Settings {
            fn default() -> Self {
                Settings { $($field: $default,)* }
            }
        }

        /// Every setting: name, type, default, range, unit and meaning.
        pub static SCHEMA: &[Key] = &[
            $(Key {
                name: $name,
                kind: <$kind as Setting>::KIND,
                unit: $unit,
                doc: concat!($($doc),+).trim_ascii(),
                default: || {
                    let value: $kind = $default;
                    value.json()
                },
                range: || <$kind as Setting>::describe(&$range),
                get: |settings: &Settings| -> Value { settings.$field.json() },
                set: |settings: &mut Settings, text: &str| {
                    settings.$field = <$kind as Setting>::parse(text, &$range)?;
                    Ok(())
                },
            },)*
        ];
    };
}

schema! {
    // -- limits ----------------------------------------------------------------------------------------
    /// Largest input accepted.
    "limits.file_bytes" limits_file_bytes: u64 = 100_000_000, 1..=u64::MAX, "bytes";
    /// Most pages of one document.
    "limits.pages" limits_pages: u64 = 5_000, 1..=10_000_000, "pages";
    /// Most bytes that the streams of one document may decode to, all together. Content that is drawn again and damaged
    /// parts that are searched count each time; operators, strings and fonts count by the time and memory they take.
    "limits.decoded_bytes" limits_decoded_bytes: u64 = 500_000_000, 1..=u64::MAX, "bytes";
    /// The same for each byte of the file, where it comes to more than 64 million bytes.
    "limits.decoded_ratio" limits_decoded_ratio: u64 = 100, 1..=u64::MAX, "decoded bytes for each byte of the file";
    /// Most bytes that one stream may decode to; also of the contents and of the fonts in use for one page, and of the
    /// object streams of a document.
    "limits.stream_bytes" limits_stream_bytes: u64 = 64_000_000, 1..=u64::MAX, "bytes";
    /// Most bytes of text taken from one document.
    "limits.text_bytes" limits_text_bytes: u64 = 50_000_000, 1..=4_000_000_000, "bytes";
    /// Most lines of text in one document.
    "limits.lines" limits_lines: u64 = 500_000, 1..=4_000_000_000, "lines";
    /// Longest time one call may take; 0 for no limit.
    "limits.wall_ms" limits_wall_ms: u64 = 120_000, 0..=86_400_000, "ms";
    /// Deepest nesting of form XObjects in a page.
    "limits.form_depth" limits_form_depth: u64 = 24, 1..=64, "forms";
    /// Most form XObjects drawn in one document, repeated ones counted each time.
    "limits.forms" limits_forms: u64 = 200_000, 1..=u64::MAX, "forms";
    /// Most content-stream operators run in one document.
    "limits.operators" limits_operators: u64 = 500_000_000, 1..=u64::MAX, "operators";
    /// Files below this size are small.
    "limits.small_bytes" limits_small_bytes: u64 = 1_000_000, 0..=u64::MAX, "bytes";
    /// Files below this size and not small are medium.
    "limits.medium_bytes" limits_medium_bytes: u64 = 5_000_000, 0..=u64::MAX, "bytes";
    /// Files below this size and not medium are large; all others are huge.
    "limits.large_bytes" limits_large_bytes: u64 = 25_000_000, 0..=u64::MAX, "bytes";
    /// Chunks read of a small file.
    "limits.small_chunks" limits_small_chunks: u64 = 3_500, 1..=10_000_000, "chunks";
    /// Concepts reported of a small file.
    "limits.small_concepts" limits_small_concepts: u64 = 250, 1..=10_000_000, "concepts";
    /// Chunks read of a medium file.
    "limits.medium_chunks" limits_medium_chunks: u64 = 3_500, 1..=10_000_000, "chunks";
    /// Concepts reported of a medium file.
    "limits.medium_concepts" limits_medium_concepts: u64 = 700, 1..=10_000_000, "concepts";
    /// Chunks read of a large file.
    "limits.large_chunks" limits_large_chunks: u64 = 3_500, 1..=10_000_000, "chunks";
    /// Concepts reported of a large file.
    "limits.large_concepts" limits_large_concepts: u64 = 1_500, 1..=10_000_000, "concepts";
    /// Chunks read of a huge file.
    "limits.huge_chunks" limits_huge_chunks: u64 = 3_500, 1..=10_000_000, "chunks";
    /// Concepts reported of a huge file.
    "limits.huge_concepts" limits_huge_concepts: u64 = 3_000, 1..=10_000_000, "concepts";
    /// Lifts the limits on chunks and concepts by file size. The limits that protect the host stay.
    "admin_mode" admin_mode: bool = false, (), "";

    // -- document --------------------------------------------------------------------------------------
    /// Password of an encrypted document; the empty one is always tried.
    "document.password" document_password: String = String::new(), (), "";
    /// Joins words that were hyphenated at a line's end.
    "document.dehyphenate" document_dehyphenate: bool = true, (), "";
    /// Read what form fields show.
    "document.form_fields" document_form_fields: bool = true, (), "";
    /// Read what other annotations show: text boxes, stamps.
    "document.annotations" document_annotations: bool = true, (), "";
    /// Longest chunk: whole sentences are gathered up to this length.
    "document.chunk_bytes" document_chunk_bytes: u64 = 2_000, 200..=1_000_000, "bytes";

    // -- database --------------------------------------------------------------------------------------
    /// Concept file, or a folder with concept_file_storage.json and concept_seed_universal.json. Tried first.
    "database.path" database_path: String = String::new(), (), "";
    /// Refuses to fall back on the concepts compiled into the library.
    "database.require_external" database_require_external: bool = false, (), "";
    /// Read and verify compiled database files, where otherwise they are mapped: for files that others may change.
    "database.copy" database_copy: bool = false, (), "";
    /// Largest database file read.
    "database.file_bytes" database_file_bytes: u64 = 1_000_000_000, 1..=u64::MAX, "bytes";
    /// Most names and aliases of one database.
    "database.keys" database_keys: u64 = 10_000_000, 1..=10_000_000, "names and aliases";

    /// Find names without their diacritics, too: café as cafe. For files as they are read or compiled; a compiled one is as
    /// it was made.
    "database.diacritics" database_diacritics: bool = false, (), "";
    /// Language of the labels that are taken from SKOS when it is compiled, as a tag, en for en-GB, too; labels without one are
    /// taken always, and all when it is empty.
    "database.language" database_language: String = "en".to_owned(), (), "";

    // -- concepts --------------------------------------------------------------------------------------
    /// Most concepts reported; 0 leaves it to the limits by file size.
    "concepts.top" concepts_top: u64 = 0, 0..=10_000_000, "concepts";
    /// Longest candidate.
    "concepts.max_words" concepts_max_words: u64 = 5, 1..=8, "words";

    /// File of a trained ranker to use in place of the library's own for English, whose words have classes from a tagger.
    "concepts.ranker" concepts_ranker: String = String::new(), (), "";
    /// File of a trained ranker to use in place of the library's own for the languages whose words have classes from lists.
    "concepts.ranker_listed" concepts_ranker_listed: String = String::new(), (), "";

    /// Takes an acronym that the document defines, "support vector machine (SVM)", for the concept of its long form; and not for
    /// another that has the acronym as a name.
    "concepts.acronyms" concepts_acronyms: bool = true, (), "";
    /// Drops mentions that may well mean something else, common words in lower case and acronyms of at most four capitals, unless
    /// the document mentions the concept in another way, too, or defines the acronym. Exact concepts stay.
    "concepts.context" concepts_context: bool = false, (), "";
    /// With concepts.context: a word is common when at least one word in 2^(n+6) of running English is it.
    "concepts.common_words" concepts_common_words: u64 = 9, 0..=14, "";

    /// How much alike the concepts of one report may be: off takes no notice, gentle drops other spellings of a better
    /// concept and, in short texts, its parts; strong also drops similar phrases and limits each category.
    "concepts.diversity" concepts_diversity: Diversity = Diversity::Gentle, (), "";
    /// Texts up to this length are short.
    "concepts.short_text" concepts_short_text: u64 = 1_000, 0..=u64::MAX, "words";
    /// In short texts of languages that a ranker knows: a part of a better concept is listed beside it when its score is at
    /// least this share of the other's.
    "concepts.part_share" concepts_part_share: f64 = 0.7, 0.0..=1.0, "";
    /// In short texts of languages that a ranker knows: phrases of a smaller score are not listed, but for the first three;
    /// concepts of the database are.
    "concepts.least_score" concepts_least_score: f64 = 0.1, 0.0..=1.0, "";
    /// With strong diversity: least share of common words (Jaccard) at which two phrases are alike.
    "concepts.similarity" concepts_similarity: f64 = 0.6, 0.0..=1.0, "";
    /// With strong diversity: most concepts of one category, or with one head word where there is no category.
    "concepts.category_limit" concepts_category_limit: u64 = 10, 1..=10_000_000, "concepts";
    /// With strong diversity, from the eleventh concept on: least change that one more may make to the entropy of the
    /// selection over categories, or over sections where there is no category.
    "concepts.entropy_gain" concepts_entropy_gain: f64 = -0.02, -1.0..=1.0, "bits";

    // -- quality ---------------------------------------------------------------------------------------
    /// Weight of a concept first found in the title.
    "quality.section.title" quality_section_title: f64 = 2.0, 0.0..=100.0, "";
    /// Weight of a concept whose best section is the abstract.
    "quality.section.abstract" quality_section_abstract: f64 = 1.5, 0.0..=100.0, "";
    /// Weight of the introduction.
    "quality.section.introduction" quality_section_introduction: f64 = 1.2, 0.0..=100.0, "";
    /// Weight of the background section.
    "quality.section.background" quality_section_background: f64 = 1.0, 0.0..=100.0, "";
    /// Weight of the literature review.
    "quality.section.literature_review" quality_section_literature_review: f64 = 1.3, 0.0..=100.0, "";
    /// Weight of the methodology.
    "quality.section.methodology" quality_section_methodology: f64 = 1.1, 0.0..=100.0, "";
    /// Weight of the results.
    "quality.section.results" quality_section_results: f64 = 1.1, 0.0..=100.0, "";
    /// Weight of the discussion.
    "quality.section.discussion" quality_section_discussion: f64 = 1.0, 0.0..=100.0, "";
    /// Weight of the conclusion.
    "quality.section.conclusion" quality_section_conclusion: f64 = 1.2, 0.0..=100.0, "";
    /// Weight of the references.
    "quality.section.references" quality_section_references: f64 = 0.7, 0.0..=100.0, "";
    /// Weight of the acknowledgments.
    "quality.section.acknowledgments" quality_section_acknowledgments: f64 = 1.0, 0.0..=100.0, "";
    /// Weight of an appendix.
    "quality.section.appendix" quality_section_appendix: f64 = 1.0, 0.0..=100.0, "";
    /// Weight of text under no recognised heading.
    "quality.section.body" quality_section_body: f64 = 1.0, 0.0..=100.0, "";
    /// Added to the factor on quality for each occurrence after the first, up to the fifth.
    "quality.frequency_step" quality_frequency_step: f64 = 0.05, 0.0..=10.0, "";
    /// Factor on the quality of a concept that occurs in the title.
    "quality.title_boost" quality_title_boost: f64 = 1.1, 0.0..=100.0, "";
    /// Factor on the quality of a concept that occurs in the abstract.
    "quality.abstract_boost" quality_abstract_boost: f64 = 1.05, 0.0..=100.0, "";
    /// Factor on the quality of a database concept of priority 1; one of priority 0 has the factor 1. The
    /// concept's own boost_multiplier comes on top.
    "quality.database_boost" quality_database_boost: f64 = 1.25, 0.0..=100.0, "";

    // -- jobs ------------------------------------------------------------------------------------------
    /// Most submitted jobs of one engine that wait for a worker; one more is refused.
    "jobs.waiting" jobs_waiting: u64 = 1_024, 1..=1_000_000, "jobs";
    /// How long a submission waits for room before it is refused; 0 does not wait.
    "jobs.patience_ms" jobs_patience_ms: u64 = 0, 0..=86_400_000, "ms";
    /// Longest time from the submission of a job to its end, waiting included; 0 for no limit.
    "jobs.deadline_ms" jobs_deadline_ms: u64 = 0, 0..=86_400_000, "ms";

    // -- report ----------------------------------------------------------------------------------------
    /// Puts the document's text into the report, to which the spans of the concepts refer.
    "report.text" report_text: bool = false, (), "";
    /// Most byte spans reported of one concept.
    "report.spans" report_spans: u64 = 1_000, 0..=1_000_000, "spans";
    /// Puts into the report why each concept has its score and why others were dropped.
    "report.explain" report_explain: bool = false, (), "";
    /// With report.explain: most dropped candidates told of, the better ones first.
    "report.decisions" report_decisions: u64 = 1_000, 0..=1_000_000, "candidates";
    /// Puts wall times into the report. Without them, equal inputs give equal bytes.
    "report.timings" report_timings: bool = true, (), "";
}
