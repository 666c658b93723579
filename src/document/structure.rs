//! Title, abstract, sections and chunks.

use std::ops::Range;

use serde::Serialize;

/// The usual sections of a paper or report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum SectionKind {
    Title,
    Abstract,
    Introduction,
    Background,
    LiteratureReview,
    Methodology,
    Results,
    Discussion,
    Conclusion,
    References,
    Acknowledgments,
    Appendix,
    Body,
}

impl SectionKind {
    /// Every kind, in the usual order of a paper.
    pub const ALL: [SectionKind; 13] = [
        SectionKind::Title,
        SectionKind::Abstract,
        SectionKind::Introduction,
        SectionKind::Background,
        SectionKind::LiteratureReview,
        SectionKind::Methodology,
        SectionKind::Results,
        SectionKind::Discussion,
        SectionKind::Conclusion,
        SectionKind::References,
        SectionKind::Acknowledgments,
        SectionKind::Appendix,
        SectionKind::Body,
    ];

    /// The name in reports and settings: `literature_review`.
    pub const fn name(self) -> &'static str {
        match self {
            SectionKind::Title => "title",
            SectionKind::Abstract => "abstract",
            SectionKind::Introduction => "introduction",
            SectionKind::Background => "background",
            SectionKind::LiteratureReview => "literature_review",
            SectionKind::Methodology => "methodology",
            SectionKind::Results => "results",
            SectionKind::Discussion => "discussion",
            SectionKind::Conclusion => "conclusion",
            SectionKind::References => "references",
            SectionKind::Acknowledgments => "acknowledgments",
            SectionKind::Appendix => "appendix",
            SectionKind::Body => "body",
        }
    }
}

/// A section: its kind, its heading and its text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Section {
    /// What the section is.
    pub kind: SectionKind,
    /// The heading's bytes in the document's text; empty for text before any heading.
    pub heading: Range<usize>,
    /// The section's bytes, heading included, up to the next section.
    pub range: Range<usize>,
    /// The page it begins on, from 1.
    pub page: u32,
    /// Depth in the tree of sections, from 1.
    pub level: u8,
}

/// A piece of running text: whole sentences of one section.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Chunk {
    /// Bytes of the document's text.
    pub range: Range<usize>,
    /// The page it begins on, from 1.
    pub page: u32,
    /// The kind of its section.
    pub section: SectionKind,
}

/// The structure of a document.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Structure {
    /// The title's bytes in the text, when one was found.
    pub title: Option<Range<usize>>,
    /// The abstract's bytes, heading excluded.
    pub abstract_text: Option<Range<usize>>,
    /// Sections in order; together they cover the text.
    pub sections: Vec<Section>,
    /// Chunks in order, not overlapping. Title and abstract are chunks of their own; running headers, page
    /// numbers and code are in none.
    pub chunks: Vec<Chunk>,
}
