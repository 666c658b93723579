//! The result of one call: typed, immutable, and the same as JSON.
//!
//! The JSON is described field by field in `README.md`; [`VERSION`] is its version, raised when a field changes
//! its meaning or goes.

use std::collections::BTreeMap;

use once_cell::sync::OnceCell;
use serde::Serialize;

use crate::concepts::{Decision, Explanation};
use crate::document::structure::SectionKind;
use crate::document::{Kind, Metadata};

/// Version of the JSON form.
pub const VERSION: u32 = 1;

/// What was found in one document.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// The library's version.
    pub library: &'static str,
    /// `"ok"`; a call that fails returns an error and no report.
    pub status: &'static str,
    /// What was read.
    pub document: DocumentInfo,
    /// How many were left after each stage.
    pub counts: Counts,
    /// How many of the reported concepts have their best mention in each kind of section.
    pub sections: BTreeMap<&'static str, u64>,
    /// How mixed the selection is.
    pub diversity: DiversityInfo,
    /// The database that was used.
    pub database: DatabaseInfo,
    /// What was passed over or looks wrong, for people.
    pub warnings: Vec<String>,
    /// The concepts, best first.
    pub concepts: Vec<ConceptReport>,
    /// Why others were dropped, when `report.explain` is set: first those that name something, best first, then those
    /// that name nothing, in the order of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<Vec<Decision>>,
    /// The document's text, when `report.text` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Wall time in milliseconds by stage; absent when `report.timings` is off, which makes equal inputs give
    /// equal bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings_ms: Option<Timings>,
    #[serde(skip)]
    pub(crate) json: OnceCell<String>,
}

/// What was read.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct DocumentInfo {
    /// The file's name without folders, or the name given with the request; `"bytes"` or `"text"` else.
    pub name: String,
    /// The path as it was given; absent for bytes and text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Kind of the input, told by its content.
    pub kind: Kind,
    /// Size of the input in bytes.
    pub bytes: u64,
    /// SHA-256 of the input, in lower-case hexadecimal.
    pub sha256: String,
    /// Number of pages; 1 for inputs without pages.
    pub pages: u64,
    /// Bytes of UTF-8 text; spans count in them.
    pub text_bytes: u64,
    /// The title found in the text, in one line; the metadata's when none was.
    pub title: Option<String>,
    /// Whether the title was found in the text.
    pub title_found: bool,
    /// The names of the authors found below the title, in order; empty when none were.
    pub authors: Vec<String>,
    /// The phrases of the authors' list of keywords, in order; empty when there is none.
    pub keywords: Vec<String>,
    /// Whether an abstract was found.
    pub abstract_found: bool,
    /// What the file says of itself.
    pub metadata: Metadata,
    /// The headings with the kind, page and depth of their sections.
    pub outline: Vec<OutlineEntry>,
}

/// One section of the document.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct OutlineEntry {
    /// The heading in one line.
    pub heading: String,
    /// Its kind.
    pub kind: SectionKind,
    /// The page it begins on, from 1.
    pub page: u32,
    /// Depth, from 1.
    pub level: u8,
}

/// How many were left after each stage.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Sections found.
    pub sections: u64,
    /// Chunks the text was cut into, the texts of licences left out.
    pub chunks: u64,
    /// Chunks read; fewer than `chunks` where the limit by file size cut them.
    pub chunks_read: u64,
    /// Mentions of database concepts.
    pub mentions: u64,
    /// Candidates and database concepts before any filter.
    pub raw: u64,
    /// Left after the purity filter.
    pub pure: u64,
    /// Reported.
    #[serde(rename = "final")]
    pub kept: u64,
    /// Dropped, by reason.
    pub dropped: BTreeMap<&'static str, u64>,
}

/// How mixed the selection is.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct DiversityInfo {
    /// Shannon entropy, in bits, of the categories of the reported concepts.
    pub entropy_bits: f64,
}

/// The database that was used.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct DatabaseInfo {
    /// The tier of the search order it came from: `config`, `environment`, `library`, `working_directory` or
    /// `builtin`; `file` or `memory` when it was opened without a search.
    pub origin: &'static str,
    /// Its number of concepts.
    pub concepts: u64,
}

/// Where a concept comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[repr(u32)]
#[allow(missing_docs)]
pub enum ConceptSource {
    Statistical = 1,
    Database = 2,
    Both = 3,
}

/// One concept of the report.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ConceptReport {
    /// The concept's name: the database's, or the form most used in the document.
    pub label: String,
    /// The form most used in the document.
    pub form: String,
    /// The acronyms that the document defines for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acronyms: Vec<String>,
    /// The probability that a reader would list it among the document's keyphrases, 0 to 1.
    pub score: f64,
    /// The score with the operators' weights on it, 0 to 1; the list is in the order of this.
    pub quality: f64,
    /// The database's category; `"general"` for concepts not in it.
    pub category: String,
    /// Where it comes from.
    pub source: ConceptSource,
    /// The database's number for it; 0 for concepts not in it.
    pub id: u64,
    /// The section that speaks most for it.
    pub section: SectionKind,
    /// All sections it occurs in.
    pub sections: Vec<SectionKind>,
    /// Mentions in the text that was read.
    pub occurrences: u32,
    /// Page of the first mention, from 1.
    pub first_page: u32,
    /// Byte ranges of mentions in the text, `[start, end)`, in order; at most `report.spans`.
    pub spans: Vec<(u64, u64)>,
    /// Why it has its score, when `report.explain` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// Wall time by stage, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Timings {
    pub input: f64,
    pub document: f64,
    pub structure: f64,
    pub database: f64,
    pub concepts: f64,
    pub finalize: f64,
    pub total: f64,
}

impl Report {
    /// The report as JSON, rendered on the first call and kept.
    pub fn json(&self) -> &str {
        // Nothing in a report can fail to serialise: its keys are strings and its numbers finite.
        self.json
            .get_or_init(|| serde_json::to_string(self).unwrap_or_default())
    }
}
