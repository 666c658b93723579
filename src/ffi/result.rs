//! Results.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::Arc;

use once_cell::sync::OnceCell;

use super::guard::{
    Sized32, argument, borrowed, fill, release, shared_again, status, store_len, value,
};
use super::strings::c_string;
use super::tori_status;
use crate::document::Kind;
use crate::document::structure::SectionKind;
use crate::error::Result;
use crate::report::Report;

/// What was found in one document. Never changes; used by any number of threads at once.
pub struct tori_result {
    report: Arc<Report>,
    json: OnceCell<CString>,
    strings: OnceCell<Strings>,
}

/// The report's strings as C takes them, made when first asked for.
struct Strings {
    concepts: Vec<(CString, CString, CString)>,
    /// By concept.
    factors: Vec<Vec<(CString, CString)>>,
    /// By concept.
    acronyms: Vec<Vec<CString>>,
    decisions: Vec<DecisionStrings>,
    warnings: Vec<CString>,
    name: CString,
    sha256: CString,
    title: Option<CString>,
    authors: Vec<CString>,
    keywords: Vec<CString>,
}

fn c_strings(list: &[String]) -> Vec<CString> {
    list.iter().map(|text| c_string(text.as_str())).collect()
}

struct DecisionStrings {
    form: CString,
    reason: CString,
    why: CString,
    better: Option<CString>,
}

impl tori_result {
    pub(super) fn new(report: Arc<Report>) -> Self {
        tori_result {
            report,
            json: OnceCell::new(),
            strings: OnceCell::new(),
        }
    }

    fn strings(&self) -> &Strings {
        self.strings.get_or_init(|| Strings {
            concepts: self
                .report
                .concepts
                .iter()
                .map(|concept| {
                    (
                        c_string(concept.label.as_str()),
                        c_string(concept.category.as_str()),
                        c_string(concept.form.as_str()),
                    )
                })
                .collect(),
            factors: self
                .report
                .concepts
                .iter()
                .map(|concept| {
                    let factors = concept.explanation.iter().flat_map(|why| &why.factors);
                    factors
                        .map(|factor| {
                            (
                                c_string(factor.aspect.name()),
                                c_string(factor.words.as_str()),
                            )
                        })
                        .collect()
                })
                .collect(),
            acronyms: self
                .report
                .concepts
                .iter()
                .map(|concept| c_strings(&concept.acronyms))
                .collect(),
            decisions: self
                .report
                .decisions
                .iter()
                .flatten()
                .map(|decision| DecisionStrings {
                    form: c_string(decision.form.as_str()),
                    reason: c_string(decision.reason.name()),
                    why: c_string(decision.why.as_str()),
                    better: decision.better.as_deref().map(c_string),
                })
                .collect(),
            warnings: c_strings(&self.report.warnings),
            name: c_string(self.report.document.name.as_str()),
            sha256: c_string(self.report.document.sha256.as_str()),
            title: self.report.document.title.as_deref().map(c_string),
            authors: c_strings(&self.report.document.authors),
            keywords: c_strings(&self.report.document.keywords),
        })
    }
}

/// The concept was found by the statistics of the document alone.
pub const TORI_SOURCE_STATISTICAL: u32 = 1;
/// The concept was found as one of the database alone.
pub const TORI_SOURCE_DATABASE: u32 = 2;
/// The concept was found both ways.
pub const TORI_SOURCE_BOTH: u32 = 3;

/// One concept of a result. Pointers in it are borrowed from the result.
#[repr(C)]
pub struct tori_concept {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// Mentions in the text that was read.
    pub occurrences: u32,
    /// The probability that a reader would list it among the document's keyphrases, 0 to 1.
    pub score: f64,
    /// The score with the operators' weights on it, 0 to 1; concepts are in the order of this.
    pub quality: f64,
    /// The database's number for it; 0 for concepts not in the database.
    pub concept_id: u64,
    /// The concept's name, UTF-8, NUL-terminated.
    pub label: *const c_char,
    /// Length of the label in bytes.
    pub label_len: usize,
    /// The database's category; "general" for concepts not in the database.
    pub category: *const c_char,
    /// Name of the section that speaks most for it.
    pub section: *const c_char,
    /// Page of the first mention, from 1.
    pub first_page: u32,
    /// TORI_SOURCE_STATISTICAL, TORI_SOURCE_DATABASE or TORI_SOURCE_BOTH.
    pub source: u32,
    /// The sections it occurs in: bit n stands for section n of tori_section_name.
    pub sections: u32,
    /// 0.
    pub reserved: u32,
    /// Number of mentions tori_result_span knows.
    pub span_count: u64,
    /// The form most used in the document, UTF-8, NUL-terminated: the label, or what the text calls a concept of the
    /// database.
    pub form: *const c_char,
    /// Length of the form in bytes.
    pub form_len: usize,
    /// With the setting report.explain, why it has its score: this and the effects of its factors add up to sum.
    pub base: f64,
    /// The sum that the score is made of; as base, 0 without report.explain.
    pub sum: f64,
    /// Number of factors tori_result_factor knows; 0 without report.explain.
    pub factor_count: u64,
    /// Number of acronyms tori_result_acronym knows: those that the document defines for it.
    pub acronym_count: u64,
}

/// What one aspect of a concept does to its score. Pointers in it are borrowed from the result.
#[repr(C)]
pub struct tori_factor {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// What it adds to the sum: above 0 it lifts the score, below it sinks it.
    pub effect: f64,
    /// Name of the aspect, such as "title" or "count".
    pub aspect: *const c_char,
    /// How the concept is in it, for people: "in the title", "named 14 times".
    pub words: *const c_char,
}

/// Why a candidate is not among the concepts. Pointers in it are borrowed from the result.
#[repr(C)]
pub struct tori_decision {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Its score; -1 when it names nothing and so has none.
    pub score: f64,
    /// Its quality; -1 when it has no score.
    pub quality: f64,
    /// Its usual form in the text, UTF-8, NUL-terminated.
    pub form: *const c_char,
    /// Name of the reason, as in counts.dropped of the JSON.
    pub reason: *const c_char,
    /// The reason for people, with what decided it.
    pub why: *const c_char,
    /// The label of the concept it was dropped for; NULL where there is none.
    pub better: *const c_char,
}

/// Bytes of a document's text, start included, end not.
#[repr(C)]
pub struct tori_span {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// First byte, from 0.
    pub start: u64,
    /// The byte after the last one.
    pub end: u64,
}

/// The document is a PDF.
pub const TORI_KIND_PDF: u32 = 1;
/// The document is Markdown.
pub const TORI_KIND_MARKDOWN: u32 = 2;
/// The document is plain text.
pub const TORI_KIND_TEXT: u32 = 3;
/// The document is HTML.
pub const TORI_KIND_HTML: u32 = 4;
/// The document is DOCX, of Word.
pub const TORI_KIND_DOCX: u32 = 5;

/// What was read, and how many concepts were left after each stage. Pointers in it are borrowed from the result.
#[repr(C)]
pub struct tori_document {
    /// Size of this struct, set by the caller before the call; later versions append fields.
    pub struct_size: u32,
    /// One of TORI_KIND_PDF and its like; told by the content.
    pub kind: u32,
    /// The file's name without folders; that of tori_request_name for documents in memory, or else "bytes" or "text".
    pub name: *const c_char,
    /// SHA-256 of the input in lower-case hexadecimal.
    pub sha256: *const c_char,
    /// The title in one line; NULL when there is none.
    pub title: *const c_char,
    /// Size of the input in bytes.
    pub bytes: u64,
    /// Bytes of text; spans count in them.
    pub text_bytes: u64,
    /// Number of pages; 1 for inputs without pages.
    pub pages: u64,
    /// 1 when an abstract was found, else 0.
    pub abstract_found: u32,
    /// Number of warnings tori_result_warning knows.
    pub warning_count: u32,
    /// Candidates and database concepts before any filter.
    pub raw_count: u64,
    /// Left after the purity filter.
    pub pure_count: u64,
    /// Reported: tori_result_count.
    pub final_count: u64,
    /// Number of authors tori_result_author knows.
    pub author_count: u32,
    /// Number of keywords tori_result_keyword knows.
    pub keyword_count: u32,
    /// Number of decisions tori_result_decision knows; 0 without the setting report.explain.
    pub decision_count: u64,
}

// SAFETY: repr(C), struct_size is the first field, and all fields are numbers and pointers.
unsafe impl Sized32 for tori_concept {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

// SAFETY: as above.
unsafe impl Sized32 for tori_span {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

// SAFETY: as above.
unsafe impl Sized32 for tori_factor {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

// SAFETY: as above.
unsafe impl Sized32 for tori_decision {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

// SAFETY: as above.
unsafe impl Sized32 for tori_document {
    fn set_struct_size(&mut self, size: u32) {
        self.struct_size = size;
    }
}

const fn section_name(kind: SectionKind) -> &'static std::ffi::CStr {
    match kind {
        SectionKind::Title => c"title",
        SectionKind::Abstract => c"abstract",
        SectionKind::Introduction => c"introduction",
        SectionKind::Background => c"background",
        SectionKind::LiteratureReview => c"literature_review",
        SectionKind::Methodology => c"methodology",
        SectionKind::Results => c"results",
        SectionKind::Discussion => c"discussion",
        SectionKind::Conclusion => c"conclusion",
        SectionKind::References => c"references",
        SectionKind::Acknowledgments => c"acknowledgments",
        SectionKind::Appendix => c"appendix",
        SectionKind::Body => c"body",
    }
}

/// The element `index` of `list`, or an error that tells how many there are.
fn element<'a, T>(list: &'a [T], index: usize, what: &str) -> Result<&'a T> {
    list.get(index).ok_or_else(|| {
        argument(format!(
            "{what} {index} is out of range: there are {}",
            list.len()
        ))
    })
}

/// Number of concepts; 0 for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_count(r: *const tori_result) -> usize {
    // SAFETY: the caller hands in NULL or a live result.
    value(0, || {
        Ok(unsafe { borrowed(r, "result") }?.report.concepts.len())
    })
}

/// Fills out with concept number index, from 0, best first. The caller sets out->struct_size before.
/// TORI_E_ARGUMENT when there is no such concept, TORI_E_ABI when struct_size is not set. Any thread. Since
/// 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_concept(
    r: *const tori_result,
    index: usize,
    out: *mut tori_concept,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let concept = element(&r.report.concepts, index, "concept")?;
        let (label, category, form) = element(&r.strings().concepts, index, "concept")?;
        let sections = concept
            .sections
            .iter()
            .fold(0, |bits, kind| bits | 1 << (*kind as u32));
        let filled = tori_concept {
            struct_size: 0,
            occurrences: concept.occurrences,
            score: concept.score,
            quality: concept.quality,
            concept_id: concept.id,
            label: label.as_ptr(),
            label_len: label.count_bytes(),
            category: category.as_ptr(),
            section: section_name(concept.section).as_ptr(),
            first_page: concept.first_page,
            source: concept.source as u32,
            sections,
            reserved: 0,
            span_count: concept.spans.len() as u64,
            form: form.as_ptr(),
            form_len: form.count_bytes(),
            base: concept.explanation.as_ref().map_or(0.0, |why| why.base),
            sum: concept.explanation.as_ref().map_or(0.0, |why| why.sum),
            factor_count: concept
                .explanation
                .as_ref()
                .map_or(0, |why| why.factors.len() as u64),
            acronym_count: concept.acronyms.len() as u64,
        };
        // SAFETY: the caller hands in NULL or a struct of the size it says.
        unsafe { fill(out, filled) }
    })
}

/// Fills out with mention number span, from 0, of concept number index. The caller sets out->struct_size
/// before. Statuses as tori_result_concept. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_span(
    r: *const tori_result,
    index: usize,
    span: usize,
    out: *mut tori_span,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let concept = element(&r.report.concepts, index, "concept")?;
        let (start, end) = *element(&concept.spans, span, "span")?;
        // SAFETY: the caller hands in NULL or a struct of the size it says.
        unsafe {
            fill(
                out,
                tori_span {
                    struct_size: 0,
                    reserved: 0,
                    start,
                    end,
                },
            )
        }
    })
}

/// Fills out with factor number factor, from 0, of why concept number index has its score, the greatest effect first;
/// there are factors with the setting report.explain. The caller sets out->struct_size before. Statuses as
/// tori_result_concept. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_factor(
    r: *const tori_result,
    index: usize,
    factor: usize,
    out: *mut tori_factor,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let concept = element(&r.report.concepts, index, "concept")?;
        let factors = concept.explanation.as_ref().map(|why| &*why.factors);
        let known = element(factors.unwrap_or_default(), factor, "factor")?;
        let strings = element(&r.strings().factors, index, "concept")?;
        let (aspect, words) = element(strings, factor, "factor")?;
        let filled = tori_factor {
            struct_size: 0,
            reserved: 0,
            effect: known.effect,
            aspect: aspect.as_ptr(),
            words: words.as_ptr(),
        };
        // SAFETY: the caller hands in NULL or a struct of the size it says.
        unsafe { fill(out, filled) }
    })
}

/// Acronym number acronym, from 0, that the document defines for concept number index, as "SVM" in "support vector machine
/// (SVM)"; its mentions are the concept's. UTF-8; borrowed from the result; NULL when there is no such concept or acronym.
/// Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_acronym(
    r: *const tori_result,
    index: usize,
    acronym: usize,
) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let acronyms = element(&r.strings().acronyms, index, "concept")?;
        Ok(element(acronyms, acronym, "acronym")?.as_ptr())
    })
}

/// Fills out with decision number index, from 0: why a candidate is not among the concepts. First come those that name
/// something, best first, then those that name nothing, in the order of the text; there are decisions with the setting
/// report.explain, at most report.decisions. The caller sets out->struct_size before. Statuses as tori_result_concept.
/// Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_decision(
    r: *const tori_result,
    index: usize,
    out: *mut tori_decision,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let decisions = r.report.decisions.as_deref().unwrap_or_default();
        let decision = element(decisions, index, "decision")?;
        let strings = element(&r.strings().decisions, index, "decision")?;
        let better = strings.better.as_ref();
        let filled = tori_decision {
            struct_size: 0,
            reserved: 0,
            score: decision.score.unwrap_or(-1.0),
            quality: decision.quality.unwrap_or(-1.0),
            form: strings.form.as_ptr(),
            reason: strings.reason.as_ptr(),
            why: strings.why.as_ptr(),
            better: better.map_or(ptr::null(), |better| better.as_ptr()),
        };
        // SAFETY: the caller hands in NULL or a struct of the size it says.
        unsafe { fill(out, filled) }
    })
}

/// Fills out with what was read. The caller sets out->struct_size before. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_document(
    r: *const tori_result,
    out: *mut tori_document,
) -> tori_status {
    status(|| {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let (document, counts, strings) = (&r.report.document, &r.report.counts, r.strings());
        let filled = tori_document {
            struct_size: 0,
            kind: match document.kind {
                Kind::Pdf => TORI_KIND_PDF,
                Kind::Markdown => TORI_KIND_MARKDOWN,
                Kind::Text => TORI_KIND_TEXT,
                Kind::Html => TORI_KIND_HTML,
                Kind::Docx => TORI_KIND_DOCX,
            },
            name: strings.name.as_ptr(),
            sha256: strings.sha256.as_ptr(),
            title: strings
                .title
                .as_ref()
                .map_or(ptr::null(), |title| title.as_ptr()),
            bytes: document.bytes,
            text_bytes: document.text_bytes,
            pages: document.pages,
            abstract_found: document.abstract_found.into(),
            warning_count: strings.warnings.len() as u32,
            raw_count: counts.raw,
            pure_count: counts.pure,
            final_count: counts.kept,
            author_count: strings.authors.len() as u32,
            keyword_count: strings.keywords.len() as u32,
            decision_count: strings.decisions.len() as u64,
        };
        // SAFETY: the caller hands in NULL or a struct of the size it says.
        unsafe { fill(out, filled) }
    })
}

/// The name of author number index, from 0, of those found below the title. UTF-8; borrowed from the result; NULL
/// when there is no such author. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_author(r: *const tori_result, index: usize) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        Ok(element(&r.strings().authors, index, "author")?.as_ptr())
    })
}

/// Keyword number index, from 0, of the list that the authors give in the document. UTF-8; borrowed from the result;
/// NULL when there is no such keyword. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_keyword(r: *const tori_result, index: usize) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        Ok(element(&r.strings().keywords, index, "keyword")?.as_ptr())
    })
}

/// Warning number index, from 0: what was passed over or looks wrong, for people. UTF-8; borrowed from the
/// result; NULL when there is no such warning. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_warning(r: *const tori_result, index: usize) -> *const c_char {
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        Ok(element(&r.strings().warnings, index, "warning")?.as_ptr())
    })
}

/// The whole result as JSON, described in README.md; rendered on the first call. len (may be NULL) receives the
/// length in bytes. UTF-8; borrowed from the result; NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_json(r: *const tori_result, len: *mut usize) -> *const c_char {
    // SAFETY: the caller hands in NULL or a valid place for the length.
    unsafe { store_len(len, 0) };
    value(ptr::null(), || {
        // SAFETY: the caller hands in NULL or a live result.
        let r = unsafe { borrowed(r, "result") }?;
        let json = r.json.get_or_init(|| c_string(r.report.json()));
        // SAFETY: as above.
        unsafe { store_len(len, json.count_bytes()) };
        Ok(json.as_ptr())
    })
}

/// The name of section number section, from 0: title, abstract, introduction, background, literature_review,
/// methodology, results, discussion, conclusion, references, acknowledgments, appendix, body. NULL for another
/// number. Valid for ever. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn tori_section_name(section: u32) -> *const c_char {
    SectionKind::ALL
        .into_iter()
        .find(|kind| *kind as u32 == section)
        .map_or(ptr::null(), |kind| section_name(kind).as_ptr())
}

/// One more reference to the same result, to be freed on its own. NULL for NULL. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_ref(r: *mut tori_result) -> *mut tori_result {
    // SAFETY: the caller hands in NULL or a live result.
    unsafe { shared_again(r) }
}

/// Frees one reference to a result; NULL is fine. Any thread. Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tori_result_free(r: *mut tori_result) {
    // SAFETY: the caller hands in NULL or its own reference, and does not use it again.
    unsafe { release(r) };
}
