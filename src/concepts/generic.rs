//! Words that name nothing by themselves in a paper or report.

use std::sync::OnceLock;

use super::HashMap;
use crate::language::Language;
use crate::language::background::{Background, Kind};

/// How a word is generic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generic {
    /// It is not.
    No,
    /// It says nothing alone, but can with another word: "information", "system".
    Weak,
    /// It says nothing alone, and with another word what any word would: "file", "parameter".
    Alone,
    /// A term made of such words alone says nothing: "method", "results".
    Empty,
    /// An evaluating or comparing adjective or adverb; no term begins with it: "new", "proposed".
    Modifier,
    /// An adjective that evaluates in one term and distinguishes in another: "simple", "high".
    Soft,
    /// It numbers a part of the document, or belongs to its apparatus: "figure", "section".
    Label,
}

impl Generic {
    /// Whether it takes something away from what the words beside it say.
    pub(super) fn in_company(self) -> bool {
        !matches!(self, Generic::No | Generic::Alone)
    }
}

/// How `word` of a language, in lower case, is generic.
pub(super) fn generic(language: Language, word: &str) -> Generic {
    match language {
        Language::English | Language::Other => english(word),
        listed => match Background::built_in().kind(listed, word) {
            Some(Kind::Modifier) => Generic::Modifier,
            Some(Kind::Empty) => Generic::Empty,
            Some(Kind::Weak) => Generic::Weak,
            Some(Kind::Label) => Generic::Label,
            Some(Kind::Function | Kind::Verb) | None => Generic::No,
        },
    }
}

fn english(word: &str) -> Generic {
    static WORDS: OnceLock<HashMap<&str, Generic>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let mut words = HashMap::default();
        // A word of several lists is of the first.
        for &(list, generic) in &LISTS {
            for &word in list {
                words.entry(word).or_insert(generic);
            }
        }
        words
    });
    words.get(word).copied().unwrap_or(Generic::No)
}

static LISTS: [(&[&str], Generic); 6] = [
    (MODIFIERS, Generic::Modifier),
    (SOFT, Generic::Soft),
    (WEAK, Generic::Weak),
    (EMPTY, Generic::Empty),
    (LABELS, Generic::Label),
    (ALONE, Generic::Alone),
];

#[rustfmt::skip]
static MODIFIERS: &[&str] = &[
    "able", "additional", "aforementioned", "alternative", "appropriate", "available", "best", "better", "big",
    "brief", "certain", "clear", "compared", "considerable", "considered", "corresponding", "currently", "described",
    "desirable", "desired", "detailed", "developed", "different", "discussed", "entire", "extensive", "famous",
    "former", "great", "greater", "illustrative", "important", "improved", "increasing", "interesting", "introduced",
    "known", "latest", "little", "main", "mentioned", "natural-looking", "necessary", "new", "newer", "newly",
    "notable", "novel", "numerous", "obtained", "obvious", "old", "older", "own", "particular", "possible",
    "presented", "previous", "promising", "proposed", "published", "recent", "reported", "required", "resulting",
    "satisfactory", "so-called", "specified", "substantial", "suggested", "suitable", "upcoming", "used", "useful",
    "usual", "valuable", "various", "vast", "well-known",
];

#[rustfmt::skip]
static SOFT: &[&str] = &[
    "adequate", "basic", "close", "common", "comparable", "complete", "current", "difficult", "distinct", "easy",
    "effective", "essential", "existing", "final", "full", "fundamental", "future", "general", "good", "high",
    "higher", "highest", "individual", "initial", "innovative", "key", "large", "larger", "largest", "late", "long",
    "longer", "low", "lower", "lowest", "major", "maximum", "minimum", "minor", "modern", "non-trivial", "original",
    "overall", "popular", "potential", "powerful", "practical", "preliminary", "primary", "prior", "proper", "real",
    "relevant", "rich", "short", "shorter", "significant", "similar", "simple", "simpler", "single", "small",
    "smaller", "specific", "standard", "straightforward", "strong", "successful", "superior", "traditional", "true",
    "typical", "underlying", "unique", "unknown", "whole", "wide", "widespread",
];

#[rustfmt::skip]
static WEAK: &[&str] = &[
    "ability", "account", "action", "activity", "analyses", "analysis", "application", "applications", "area",
    "author", "behavior", "behaviour", "benefit", "capability", "case", "category", "change", "class", "classes",
    "combination", "component", "components", "concept", "concepts", "condition", "conditions", "construction",
    "content", "contents", "context", "copy", "day", "decade", "decision", "definition", "description", "detail",
    "details", "development", "effect", "effects", "element", "elements", "entry", "evaluation", "event",
    "experience", "extension", "factor", "factors", "feature", "features", "field", "fields", "form", "forms",
    "framework", "function", "functions", "group", "groups", "growth", "impact", "information", "input", "inputs",
    "instance", "instances", "interest", "introduction", "item", "items", "knowledge", "level", "levels", "limit",
    "limitation", "literature", "material", "materials", "measure", "measures", "model", "models", "month", "need",
    "needs", "notion", "number", "numbers", "operation", "operations", "opinion", "option", "order", "outcome",
    "output", "outputs", "people", "performance", "period", "person", "perspective", "phase", "phases", "place",
    "point", "points", "practice", "practices", "principle", "procedure", "procedures", "process", "processes",
    "program", "project", "projects", "proof", "properties", "property", "quality", "quantity", "question",
    "questions", "range", "rate", "rates", "relation", "relations", "relationship", "relationships", "requirement",
    "requirements", "research", "researcher", "researchers", "resource", "respect", "response", "review", "right",
    "rights", "role", "roles", "sample", "scale", "scenario", "scenarios", "scheme", "schemes", "science", "service",
    "services", "set", "sets", "setting", "side", "size", "source", "sources", "stage", "stages", "state",
    "statement", "statements", "states", "step", "strategies", "strategy", "structure", "structures", "studies",
    "study", "subject", "success", "support", "survey", "system", "systems", "target", "task", "tasks",
    "technologies", "technology", "test", "tests", "theory", "time", "times", "tool", "tools", "topic", "topics",
    "treatment", "type", "types", "understanding", "unit", "units", "usage", "use", "user", "users", "validity",
    "value", "values", "variation", "version", "view", "views", "word", "words", "work", "world", "year", "years",
];

#[rustfmt::skip]
static EMPTY: &[&str] = &[
    "abstract", "abstracts", "addition", "advance", "advances", "advantage", "advantages", "aim", "aims", "amount",
    "amounts", "answer", "answers", "approach", "approaches", "april", "areas", "aspect", "aspects", "assumption",
    "assumptions", "attempt", "attempts", "attention", "august", "authors", "background", "basis", "benefits",
    "billions", "cases", "cause", "causes", "cent", "challenge", "challenges", "changes", "characteristic",
    "characteristics", "choice", "choices", "circumstances", "claim", "claims", "comment", "comments", "comparison",
    "comparisons", "conclusion", "conclusions", "consequence", "consequences", "consideration", "considerations",
    "contact", "contrary", "contrast", "contribution", "contributions", "copies", "couple", "date", "days", "decades",
    "december", "definitions", "degree", "degrees", "descriptions", "developments", "difference", "differences",
    "difficulties", "difficulty", "direction", "directions", "discussion", "dozens", "effort", "efforts", "emphasis",
    "end", "evaluations", "evidence", "example", "examples", "existence", "experiences", "experiment", "experiments",
    "explanation", "extensions", "extent", "fact", "facts", "february", "finding", "findings", "focus", "friday",
    "front", "future", "general", "goal", "goals", "half", "hand", "help", "hundreds", "idea", "ideas", "implication",
    "implications", "importance", "improvement", "improvements", "increase", "interests", "investigation", "issue",
    "issues", "january", "july", "june", "kind", "kinds", "lack", "limitations", "lot", "majority", "manner",
    "matter", "means", "method", "methodology", "methods", "millions", "minute", "minutes", "moment", "monday",
    "months", "motivation", "nature", "note", "notes", "november", "objective", "objectives", "observation",
    "observations", "october", "one", "opportunity", "options", "outcomes", "overview", "paper", "papers", "part",
    "parts", "past", "percent", "places", "portion", "possibilities", "possibility", "potential", "presence",
    "present", "presentation", "principles", "problem", "problems", "progress", "proposal", "purpose", "purposes",
    "reader", "readers", "reason", "reasons", "regard", "report", "reports", "rest", "result", "results", "saturday",
    "scope", "sense", "september", "series", "settings", "sides", "significance", "situation", "situations", "sizes",
    "solution", "solutions", "sort", "steps", "subjects", "suggestion", "suggestions", "summary", "sunday",
    "technique", "techniques", "tendency", "term", "terms", "thing", "things", "thought", "thoughts", "thousands",
    "thursday", "top", "total", "trend", "trends", "tuesday", "uses", "variations", "variety", "versions", "way",
    "ways", "wednesday", "week", "weeks", "works",
];

#[rustfmt::skip]
static LABELS: &[&str] = &[
    "algorithm", "appendix", "chapter", "conference", "copyright", "corollary", "dept", "doi", "ed", "eds", "eq",
    "eqn", "eqs", "equation", "equations", "fig", "figs", "figure", "figures", "footnote", "isbn", "issn", "issue",
    "journal", "lemma", "page", "pages", "paragraph", "pp", "press", "proceedings", "proposition", "publisher", "ref",
    "reference", "references", "refs", "sec", "section", "sections", "step", "subsection", "symposium", "tab",
    "table", "tables", "theorem", "transactions", "vol", "volume", "workshop",
];

/// In the collections of `MODEL_CARD.md`, hardly one in a hundred of the documents that say such a word lists it.
#[rustfmt::skip]
static ALONE: &[&str] = &[
    "adding", "array", "arrays", "average", "averages", "baseline", "beginning", "calculation", "calculations", "call",
    "calls", "capabilities", "categories", "code", "codes", "coefficient", "coefficients", "collection", "collections",
    "column", "columns", "command", "commands", "concern", "concerns", "configuration", "configurations", "constant",
    "constants", "creation", "criteria", "criterion", "data", "default", "defaults", "device", "devices", "dimension",
    "dimensions", "distance", "edges", "effectiveness", "entities", "entity", "error", "errors", "expression",
    "expressions", "feasibility", "file", "files", "format", "formation", "formats", "formulation", "fraction",
    "generality", "handling", "interval", "intervals", "intuition", "label", "labels", "length", "lengths", "line",
    "lines", "link", "links", "list", "lists", "location", "locations", "machine", "machines", "max", "mean",
    "meaning", "message", "messages", "metric", "million", "min", "mode", "modes", "modification", "modifications",
    "name", "names", "notation", "notations", "object", "objects", "occurrence", "occurrences", "opportunities",
    "ordering", "pair", "pairs", "paradigm", "parameter", "parameters", "path", "paths", "pattern", "patterns",
    "percentage", "phenomena", "phenomenon", "position", "positions", "request", "requests", "restriction",
    "restrictions", "row", "rows", "rule", "rules", "run", "runs", "second", "seconds", "selection", "specification",
    "specifications", "start", "strength", "string", "strings", "subset", "subsets", "sum", "turn", "update",
    "updates", "variable", "variables", "variant", "variants", "weights", "yields", "zero",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_every_word_of_them_is_found() {
        for (words, _) in &LISTS {
            for pair in words.windows(2) {
                assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            }
            for word in *words {
                let first = LISTS.iter().find(|(words, _)| words.contains(word));
                assert_eq!(first.map(|&(_, kind)| kind), Some(english(word)), "{word}");
            }
        }
        assert_eq!(english("wavelet"), Generic::No);
    }
}
