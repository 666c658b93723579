//! What headings are called, and how they are numbered.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::SectionKind;

/// Headings by their whole name. Compared without case, spaces and punctuation, so that letter-spaced ones
/// ("A B S T R A C T") and small capitals torn apart by an extractor ("I NTRODUCTION") are found too.
const WHOLE: &[(SectionKind, &str)] = &[
    (
        SectionKind::Abstract,
        "abstract|abstracts|extended abstract|executive summary|summary|synopsis|structured abstract|zusammenfassung|kurzfassung|\
         abstrakt|résumé|resumen|resumo|riassunto|sommario|samenvatting|sammanfattning",
    ),
    (
        SectionKind::Introduction,
        "introduction|general introduction|introduction and motivation|introduction and background|introduction and overview|\
         motivation|motivation and introduction|overview|prologue|einleitung|einführung|introducción|introdução|introduzione|\
         inleiding|inledning|introduction générale",
    ),
    (
        SectionKind::Background,
        "background|backgrounds|background and motivation|background and context|technical background|theoretical background|\
         theoretical framework|theory|theoretical foundations|preliminaries|preliminary|preliminaries and notation|notation|notations|\
         notation and preliminaries|definitions|basic definitions|basic concepts|definitions and notation|problem statement|\
         problem definition|problem formulation|problem description|the problem|context|fundamentals|conceptual framework|grundlagen|\
         hintergrund|contexte|marco teórico|antecedentes|contexto",
    ),
    (
        SectionKind::LiteratureReview,
        "literature review|review of literature|review of the literature|literature survey|related work|related works|related research|\
         related studies|previous work|previous works|prior work|prior art|previous research|earlier work|state of the art|\
         background and related work|related work and background|background and previous work|background and literature review|\
         comparison with related work|comparison to related work|related literature|literature|\
         survey of related work|verwandte arbeiten|stand der technik|forschungsstand|état de l'art|travaux connexes|\
         estado del arte|revisión de la literatura|trabajos relacionados|revisão da literatura|trabalhos relacionados|stato dell'arte",
    ),
    (
        SectionKind::Methodology,
        "method|methods|the method|our method|methodology|methodologies|research methodology|research method|research methods|\
         materials and methods|material and methods|materials and method|methods and materials|methods and data|data and methods|\
         data and methodology|data|datasets|dataset|data set|data sets|data collection|data analysis|statistical analysis|statistical analyses|\
         patients and methods|subjects and methods|participants|participants and methods|study design|research design|experimental design|\
         experimental setup|experimental set up|experimental settings|experimental setting|experiment setup|experiment design|\
         experimental methodology|experimental method|experimental methods|experimental procedure|experimental procedures|experimental section|\
         experimental|experimental details|simulation setup|evaluation methodology|evaluation setup|procedure|procedures|materials|\
         apparatus|implementation|implementation details|approach|our approach|the approach|proposed approach|proposed method|\
         the proposed method|proposed methodology|proposed model|proposed algorithm|proposed system|proposed framework|proposed scheme|\
         the proposed approach|the proposed algorithm|model|the model|our model|models|system model|model description|algorithm|algorithms|\
         the algorithm|our algorithm|design|system design|design and implementation|system architecture|architecture|\
         system overview|methods summary|online methods|star methods|methoden|methode|methodik|material und methoden|vorgehensweise|\
         méthodes|méthode|méthodologie|matériels et méthodes|matériel et méthodes|métodos|método|metodología|materiales y métodos|\
         metodologia|materiais e métodos|metodi|materiali e metodi|methodologie|umsetzung|implementierung",
    ),
    (
        SectionKind::Results,
        "result|results|our results|main results|main result|the main result|results and discussion|results and discussions|\
         result and discussion|results and analysis|results and evaluation|results and findings|experiment|experiments|\
         experimental results|experiment results|experiments and results|experimental evaluation|experimental analysis|\
         experimental study|experimental studies|experimental validation|experimental results and discussion|experimental results and analysis|\
         numerical results|numerical experiments|numerical examples|numerical example|simulation|simulations|simulation results|\
         simulation study|empirical results|empirical evaluation|empirical study|empirical analysis|computational results|\
         computational experiments|findings|key findings|evaluation|evaluations|evaluation results|evaluation and results|\
         performance|performance evaluation|performance analysis|performance results|experience|experiences|case study|case studies|validation|user study|\
         analysis|analysis of results|analysis and results|ergebnisse|resultate|auswertung|evaluierung|experimente|résultats|résultats et discussion|\
         expériences|resultados|resultados y discusión|resultados e discussão|experimentos|risultati|resultaten|resultat",
    ),
    (
        SectionKind::Discussion,
        "discussion|discussions|general discussion|discussion and analysis|discussion and limitations|discussion and implications|\
         discussion of results|discussion of the results|limitations|limitations and discussion|limitation|threats to validity|implications|\
         lessons learned|interpretation|diskussion|discusión|discussão|discussione|discussie",
    ),
    (
        SectionKind::Conclusion,
        "conclusion|conclusions|general conclusion|general conclusions|concluding remarks|concluding remark|conclusion remarks|\
         final remarks|closing remarks|closing|conclusion and future work|conclusions and future work|conclusion and future works|\
         conclusions and future works|conclusion and further work|conclusions and further work|conclusion and outlook|conclusions and outlook|\
         conclusion and perspectives|conclusion and future directions|conclusions and future directions|conclusions and future research|\
         conclusion and future research|conclusions and recommendations|conclusion and recommendations|conclusion and discussion|\
         conclusions and discussion|discussion and conclusion|discussion and conclusions|discussions and conclusion|discussions and conclusions|\
         discussion and future work|discussion and concluding remarks|summary and conclusion|\
         summary and conclusions|summary and future work|summary and discussion|summary and outlook|future work|future works|further work|\
         future directions|future research|future research directions|future plans|outlook|directions for future work|\
         fazit|schlussfolgerung|schlussfolgerungen|schluss|zusammenfassung und ausblick|fazit und ausblick|ausblick|schlussbemerkungen|\
         conclusion générale|conclusiones|conclusión|conclusão|conclusões|considerações finais|conclusioni|conclusie|conclusies|slutsatser",
    ),
    (
        SectionKind::References,
        "references|reference|bibliography|references and notes|references cited|literature cited|works cited|cited literature|\
         bibliographic references|selected bibliography|selected references|list of references|bibliographical references|\
         references and further reading|further reading|literatur|literaturverzeichnis|quellenverzeichnis|quellen|références|\
         bibliographie|références bibliographiques|referencias|bibliografía|referencias bibliográficas|referências|bibliografia|\
         referências bibliográficas|riferimenti bibliografici|literatuur|referenties|referenser",
    ),
    (
        SectionKind::Acknowledgments,
        "acknowledgment|acknowledgments|acknowledgement|acknowledgements|acknowledgment s|author acknowledgments|acknowlegements|acknowlegments|\
         acknowledgments and disclosure of funding|acknowledgements and funding|funding|funding sources|danksagung|danksagungen|remerciements|\
         agradecimientos|agradecimentos|ringraziamenti|dankwoord",
    ),
    (
        SectionKind::Appendix,
        "appendix|appendices|appendixes|annex|annexes|supplementary material|supplementary materials|supplemental material|\
         supplementary information|supporting information|supplementary data|anhang|annexe|apéndice|apêndice|anexo|anexos|appendice|bijlage",
    ),
    (
        SectionKind::Body,
        "keywords|key words|keyword|author keywords|index terms|general terms|categories and subject descriptors|categories subject descriptors|\
         categories|subject descriptors|ccs concepts|acm classification keywords|additional key words and phrases|key words and phrases|\
         acm reference format|jel classification|subject terms|subject classification|mathematics subject classification|\
         contents|table of contents|list of figures|list of tables|highlights|nomenclature|abbreviations|list of abbreviations|glossary|index|\
         preface|foreword|about the author|about the authors|biographies|biography|author biographies|author contributions|authors contributions|\
         conflict of interest|conflicts of interest|competing interests|declaration of competing interest|data availability|\
         data availability statement|code availability|ethics statement|ethical approval|notes|copyright|license|licence|schlüsselwörter|stichwörter|\
         mots clés|palabras clave|palavras chave|parole chiave|inhaltsverzeichnis|inhalt|table des matières|índice|sommaire|vorwort",
    ),
];

type Names = HashMap<String, SectionKind, foldhash::fast::RandomState>;

static BY_NAME: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    for &(kind, list) in WHOLE {
        for name in list.split('|') {
            names.entry(squeezed(name)).or_insert(kind);
        }
    }
    names
});

/// Words that settle the kind of a main heading when it begins or ends with them: "Related Work in Vision",
/// "Performance Results", in the order they are tried.
const EDGES: &[(SectionKind, &str)] = &[
    (SectionKind::Conclusion, "conclusion|conclusions|concluding"),
    (
        SectionKind::LiteratureReview,
        "related work|related works|previous work|prior work|literature review|literature",
    ),
    (SectionKind::Introduction, "introduction"),
    (
        SectionKind::Results,
        "results|experiments|experimental results|evaluation|findings|experimental evaluation|simulation results|experimental",
    ),
    (
        SectionKind::Methodology,
        "method|methods|methodology|materials|implementation|experimental setup|proposed",
    ),
    (
        SectionKind::Discussion,
        "discussion|discussions|limitations",
    ),
    (SectionKind::Background, "background|preliminaries"),
];

/// Longest name looked at, in bytes.
const LONGEST: usize = 100;

/// Whether a line that is nothing but this name is a heading wherever it stands; "Data" or "Results" may as well be
/// a cell of a table.
pub(super) fn unmistakable(name: &str, kind: SectionKind) -> bool {
    let several = name.split_whitespace().nth(1).is_some();
    several
        || matches!(
            kind,
            SectionKind::Abstract
                | SectionKind::Introduction
                | SectionKind::References
                | SectionKind::Acknowledgments
                | SectionKind::Appendix
                | SectionKind::Conclusion
        ) && ![
            "literatur",
            "literature",
            "overview",
            "context",
            "outlook",
            "summary",
            "closing",
            "funding",
            "motivation",
        ]
        .contains(&squeezed(name).as_str())
}

/// The kind a heading's whole name stands for; the heading without its number.
pub(super) fn whole(name: &str) -> Option<SectionKind> {
    if name.len() > LONGEST || (has_many_letters(name) && !appendix(name)) {
        return None;
    }
    let known = match name.contains('&') {
        true => with_squeezed(&name.replace('&', "and"), kind_named),
        false => with_squeezed(name, kind_named),
    };
    let known = known.filter(|_| !name.contains(|c: char| c.is_ascii_digit()));
    if known.is_none() && !appendix(name) {
        return None;
    }
    // No name has more words, unless it is letter-spaced.
    let long = name.split_whitespace().nth(9).is_some();
    if long && name.split_whitespace().any(|word| word.len() > 2) {
        return None;
    }
    known.or_else(|| (words(name).len() <= 8).then_some(SectionKind::Appendix))
}

fn kind_named(squeezed: &str) -> Option<SectionKind> {
    BY_NAME.get(squeezed).copied()
}

/// Whether a heading begins with the word for an appendix.
pub(super) fn appendix(heading: &str) -> bool {
    ["appendix", "annex", "anhang"].iter().any(|word| {
        heading
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    })
}

/// The kind a main heading stands for by the words at its edges, when its whole name is not a usual one.
pub(super) fn edge(name: &str) -> Option<SectionKind> {
    if name.len() > LONGEST {
        return None;
    }
    let heading = format!(" {} ", words(name).join(" "));
    EDGES.iter().find_map(|&(kind, list)| {
        list.split('|')
            .any(|name| {
                let name = format!(" {name} ");
                heading.starts_with(&name) || heading.ends_with(&name)
            })
            .then_some(kind)
    })
}

/// Names of front matter: they end an abstract, and their text may follow on the same line.
const FRONT: &[&str] = &[
    "key words and phrases",
    "additional key words and phrases",
    "author keywords",
    "acm classification keywords",
    "keywords",
    "keyword",
    "key words",
    "key-words",
    "index terms",
    "index term",
    "general terms",
    "categories and subject descriptors",
    "categories & subject descriptors",
    "categories",
    "subject descriptors",
    "ccs concepts",
    "jel classification",
    "jel codes",
    "pacs numbers",
    "pacs",
    "acm reference format",
    "mathematics subject classification",
    "schlüsselwörter",
    "mots-clés",
    "mots clés",
    "palabras clave",
    "palavras-chave",
    "parole chiave",
];

const ABSTRACT: &[&str] = &[
    "abstract",
    "summary",
    "zusammenfassung",
    "résumé",
    "resumen",
    "resumo",
];

static BEGINS_FRONT: [bool; 256] = begins(FRONT);
static BEGINS_ABSTRACT: [bool; 256] = begins(ABSTRACT);

/// Of each byte, whether a line that it begins may run in one of the names: most lines begin otherwise.
const fn begins(names: &[&str]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0x80;
    while byte < table.len() {
        table[byte] = true;
        byte += 1;
    }
    let mut name = 0;
    while name < names.len() {
        table[names[name].as_bytes()[0].to_ascii_uppercase() as usize] = true;
        name += 1;
    }
    table
}

/// Bytes of a front-matter name that runs into its text: "Keywords: bats, caves", "Index Terms—…".
pub(super) fn front_run_in(line: &str) -> Option<usize> {
    if !BEGINS_FRONT[usize::from(*line.as_bytes().first()?)] {
        return None;
    }
    FRONT
        .iter()
        .find_map(|name| run_in(line, name, name.contains(' ') && *name != "key words"))
}

/// Bytes of "Abstract—", "ABSTRACT:", "Abstract. " at the start of a line that goes on, with the mark. Without
/// a mark only an upper-case letter after "Abstract" will do.
pub(super) fn abstract_run_in(line: &str) -> Option<usize> {
    if !BEGINS_ABSTRACT[usize::from(*line.as_bytes().first()?)] {
        return None;
    }
    ABSTRACT
        .iter()
        .find_map(|name| run_in(line, name, *name == "abstract"))
}

fn run_in(line: &str, name: &str, unmarked: bool) -> Option<usize> {
    // Most lines begin with another letter.
    let another = |first: &u8| {
        first.is_ascii() && Some(&first.to_ascii_lowercase()) != name.as_bytes().first()
    };
    if line.as_bytes().first().is_some_and(another) {
        return None;
    }
    let mut rest = line.char_indices();
    for wanted in name.chars() {
        let (_, found) = rest.next()?;
        if found.to_lowercase().next() != Some(wanted) {
            return None;
        }
    }
    if line.starts_with(char::is_lowercase) {
        return None;
    }
    let after = rest.as_str();
    let at = line.len() - after.len();
    let spaced = after.trim_start_matches([' ', '\u{a0}']);
    let mark = spaced.chars().next().filter(|c| {
        matches!(
            c,
            ':' | '.' | '—' | '–' | '-' | '―' | '‒' | '\u{2010}' | '\u{ad}'
        )
    });
    match mark {
        // "Keywords-based" is a word.
        Some('-') if spaced.len() == after.len() && after[1..].starts_with(char::is_lowercase) => {
            None
        }
        Some(mark) => {
            let end = line.len() - spaced.len() + mark.len_utf8();
            let rest = line[end..].trim_start_matches(['-', '—', '–', ':', '.', ' ']);
            Some(line.len() - rest.len())
        }
        None if unmarked
            && spaced.len() < after.len()
            && spaced.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) =>
        {
            Some(at)
        }
        None => None,
    }
}

/// Whether a heading, run in or not, is that of the list of keywords.
pub(super) fn keywords(heading: &str) -> bool {
    let is_name = |squeezed: &str| {
        matches!(
            squeezed,
            "keyword"
                | "keywords"
                | "authorkeywords"
                | "keywordsandphrases"
                | "additionalkeywordsandphrases"
                | "indexterm"
                | "indexterms"
                | "schlüsselwörter"
                | "stichwörter"
                | "motsclés"
                | "palabrasclave"
                | "palavraschave"
                | "parolechiave"
        )
    };
    can_be_name(heading) && with_squeezed(heading, is_name)
}

/// Letters only, in lower case.
pub(super) fn squeezed(text: &str) -> String {
    with_squeezed(text, str::to_owned)
}

/// What `look` makes of the letters of a text, in lower case.
pub(super) fn with_squeezed<T>(text: &str, look: impl FnOnce(&str) -> T) -> T {
    with_kept(text, char::is_alphabetic, look)
}

/// What `look` makes of the characters of a text that are kept, in lower case. A short text of ASCII takes no room for them.
pub(super) fn with_kept<T>(
    text: &str,
    keep: impl Fn(char) -> bool,
    look: impl FnOnce(&str) -> T,
) -> T {
    let mut kept = [0; LONGEST];
    if text.len() <= kept.len() && text.is_ascii() {
        let mut count = 0;
        for byte in text.bytes() {
            kept[count] = byte.to_ascii_lowercase();
            count += usize::from(keep(char::from(byte)));
        }
        return look(std::str::from_utf8(&kept[..count]).unwrap_or_default());
    }
    let kept = text.chars().filter(|c| keep(*c));
    look(&kept.flat_map(char::to_lowercase).collect::<String>())
}

/// Most letters of a name; those of "acknowledgments and disclosure of funding" are 37.
const MOST_LETTERS: usize = 40;

/// Whether a line has more letters of ASCII than any name: most lines have.
fn has_many_letters(line: &str) -> bool {
    // As many bytes are counted several at once.
    let few = |part: &[u8]| {
        let letters = part.iter().map(|byte| u8::from(byte.is_ascii_alphabetic()));
        usize::from(letters.fold(0, u8::wrapping_add))
    };
    let parts = line.as_bytes().chunks(usize::from(u8::MAX));
    parts.map(few).sum::<usize>() > MOST_LETTERS
}

/// Whether a text is not too long for a name.
pub(super) fn can_be_name(text: &str) -> bool {
    text.len() <= LONGEST && !has_many_letters(text)
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// How a heading is numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// `3`, `3.1`, `3.1.2`.
    Arabic(Vec<u16>),
    /// `IV`; single letters such as `C` and `V` can be either.
    Roman(u16),
    /// `B`, `B.2`: the letter from 1, then numbers.
    Letter(Vec<u16>),
}

/// A number before a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbered {
    pub(super) number: Number,
    /// Where the name begins, in bytes.
    pub(super) name: usize,
    /// Whether a stop, a bracket or a word such as "Chapter" marks it as a number.
    pub(super) marked: bool,
}

impl Numbered {
    /// Whether the number has parts, as those of lists and footnotes have not: "3.1".
    pub(super) fn parted(&self) -> bool {
        matches!(&self.number, Number::Arabic(path) | Number::Letter(path) if path.len() > 1)
    }
}

/// A line without the number that it begins with.
pub(super) fn without_number(line: &str) -> &str {
    numbered(line).map_or(line, |number| &line[number.name..])
}

const PREFIXES: &[&str] = &[
    "chapter",
    "section",
    "part",
    "appendix",
    "annex",
    "kapitel",
    "chapitre",
    "abschnitt",
];

/// The number at the start of `line`. A name must follow, except after "Chapter" and its like.
pub(super) fn numbered(line: &str) -> Option<Numbered> {
    let (start, prefixed) = prefix(line);
    let token = line[start..].split(char::is_whitespace).next()?;
    if token.len() > 24 || token.is_empty() {
        return None;
    }
    let core = token.trim_end_matches(['.', ')', ':', '—', '–', '-']);
    let marked = prefixed || core.len() < token.len();
    let mut number = parse(core)?;
    if prefixed
        && let Number::Roman(_) = number
        && core.len() == 1
        && line.to_lowercase().starts_with("app")
    {
        number = letter(core, "")?;
    }
    let after = start + token.len();
    let name = line.len()
        - line[after..]
            .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '—' | '–' | '-' | ':'))
            .len();
    let letters = line[name..].chars().any(char::is_alphabetic);
    (letters || prefixed).then_some(Numbered {
        number,
        name,
        marked,
    })
}

/// Whether `line` is a number and nothing else.
pub(super) fn bare_number(line: &str) -> bool {
    let core = line.trim().trim_end_matches('.');
    !core.is_empty() && core.len() <= 12 && parse(core).is_some()
}

fn prefix(line: &str) -> (usize, bool) {
    let first = line.bytes().next().map(|byte| byte.to_ascii_lowercase());
    let may_begin = matches!(first, Some(b'a' | b'c' | b'k' | b'p' | b's'));
    for word in PREFIXES.iter().filter(|_| may_begin) {
        if let Some(head) = line.get(..word.len())
            && head.eq_ignore_ascii_case(word)
            && line[word.len()..].starts_with(' ')
        {
            let rest = line[word.len()..].trim_start();
            return (line.len() - rest.len(), true);
        }
    }
    // The paragraph sign of "§ 3 Scope".
    let rest = line.trim_start_matches(['§', ' ']);
    (line.len() - rest.len(), false)
}

fn parse(token: &str) -> Option<Number> {
    let first = token.chars().next()?;
    if first.is_ascii_digit() {
        return arabic(token).map(Number::Arabic);
    }
    if !first.is_ascii_uppercase() {
        return None;
    }
    if let Some(value) = roman(token) {
        return Some(Number::Roman(value));
    }
    let (head, rest) = token.split_once('.').unwrap_or((token, ""));
    letter(head, rest)
}

fn letter(head: &str, rest: &str) -> Option<Number> {
    let &[byte] = head.as_bytes() else {
        return None;
    };
    if !byte.is_ascii_uppercase() {
        return None;
    }
    let mut path = vec![u16::from(byte - b'A') + 1];
    if !rest.is_empty() {
        path.extend(arabic(rest)?);
    }
    Some(Number::Letter(path))
}

fn arabic(token: &str) -> Option<Vec<u16>> {
    let mut path = Vec::new();
    for part in token.split('.') {
        if part.is_empty() || part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        path.push(part.parse().ok()?);
    }
    // Years, page numbers and fractions are no section numbers.
    let plausible =
        path.len() <= 5 && path.first() != Some(&0) && path.iter().all(|&part| part <= 99);
    plausible.then_some(path)
}

/// Upper-case Roman numerals up to XXXIX in their canonical form.
fn roman(token: &str) -> Option<u16> {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let tens = token.bytes().take_while(|&byte| byte == b'X').count();
    let ones = ONES.iter().position(|ones| *ones == &token[tens..])?;
    let value = tens * 10 + ones;
    (1..40).contains(&value).then_some(value as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_known_in_every_dress() {
        for (name, kind) in [
            ("ABSTRACT", SectionKind::Abstract),
            ("A B S T R A C T", SectionKind::Abstract),
            ("I NTRODUCTION", SectionKind::Introduction),
            ("Related Work", SectionKind::LiteratureReview),
            ("Materials and Methods", SectionKind::Methodology),
            ("Experimental Set-up", SectionKind::Methodology),
            ("Results & Discussion:", SectionKind::Results),
            ("Concluding Remarks", SectionKind::Conclusion),
            ("DISCUSSIONS AND CONCLUSION", SectionKind::Conclusion),
            ("Bibliography", SectionKind::References),
            ("Acknowledgements", SectionKind::Acknowledgments),
            ("Appendix A: Proofs", SectionKind::Appendix),
            ("Keywords", SectionKind::Body),
            ("Zusammenfassung", SectionKind::Abstract),
        ] {
            assert_eq!(whole(name), Some(kind), "{name}");
        }
        assert_eq!(whole("The Dynamics of Viral Marketing"), None);
    }

    #[test]
    fn no_name_has_more_letters_than_are_looked_at() {
        for name in BY_NAME.keys() {
            assert!(name.chars().count() <= MOST_LETTERS, "{name}");
        }
    }

    #[test]
    fn no_name_is_missed_by_its_first_letter() {
        for word in PREFIXES {
            assert!(numbered(&format!("{word} 4 Bats")).is_some(), "{word}");
        }
        for name in FRONT {
            let mut letters = name.chars();
            let first = letters.next().unwrap().to_uppercase();
            let line = first.chain(letters).collect::<String>() + ": bats";
            assert!(front_run_in(&line).is_some(), "{line}");
        }
    }

    #[test]
    fn letters_are_the_same_on_both_ways() {
        for line in ["", "A B S T R A C T", "3.1 I NTRODUCTION", "_Set-up_"] {
            let long = format!("{line}é");
            assert_eq!(squeezed(&long), squeezed(line) + "é");
        }
        assert_eq!(squeezed("3.1 I NTRODUCTION"), "introduction");
        let name = "x".repeat(LONGEST);
        assert_eq!(squeezed(&name), name);
        assert_eq!(squeezed(&format!("{name}X")), format!("{name}x"));
    }

    #[test]
    fn edges_settle_main_headings() {
        assert_eq!(edge("Performance Results and Analysis"), None);
        assert_eq!(
            edge("Results on the Second Corpus"),
            Some(SectionKind::Results)
        );
        assert_eq!(
            edge("Related Work in Vision"),
            Some(SectionKind::LiteratureReview)
        );
        assert_eq!(edge("Evaluation of Caching"), Some(SectionKind::Results));
        assert_eq!(edge("Methodical Doubts"), None);
    }

    #[test]
    fn numbers_are_read_with_their_names() {
        let number =
            |line: &str| numbered(line).map(|found| (found.number, line[found.name..].to_owned()));
        assert_eq!(
            number("1 Introduction"),
            Some((Number::Arabic(vec![1]), "Introduction".into()))
        );
        assert_eq!(
            number("3.1. Setup"),
            Some((Number::Arabic(vec![3, 1]), "Setup".into()))
        );
        assert_eq!(
            number("II. RELATED WORK"),
            Some((Number::Roman(2), "RELATED WORK".into()))
        );
        assert_eq!(
            number("B.2 Proofs"),
            Some((Number::Letter(vec![2, 2]), "Proofs".into()))
        );
        assert_eq!(
            number("Appendix C Proofs"),
            Some((Number::Letter(vec![3]), "Proofs".into()))
        );
        assert_eq!(
            number("Chapter 4"),
            Some((Number::Arabic(vec![4]), String::new()))
        );
        for line in [
            "2001 was a year",
            "1,000 apples",
            "12",
            "3.14.15.92.65.35 x",
            "(1) first",
            "IIII. Bad",
        ] {
            assert_eq!(number(line), None, "{line}");
        }
    }

    #[test]
    fn run_in_names_end_before_their_text() {
        let rest = |line: &str| abstract_run_in(line).map(|at| line[at..].trim_start().to_owned());
        assert_eq!(rest("Abstract—We show").as_deref(), Some("We show"));
        assert_eq!(rest("ABSTRACT: We show").as_deref(), Some("We show"));
        assert_eq!(rest("Abstract. - We show").as_deref(), Some("We show"));
        assert_eq!(rest("Abstract We show").as_deref(), Some("We show"));
        assert_eq!(rest("Abstract machines are"), None);
        assert_eq!(rest("Summary We show"), None);
        assert_eq!(front_run_in("Keywords-based search"), None);
        assert_eq!(front_run_in("Index Terms—bats"), Some("Index Terms—".len()));
    }
}
