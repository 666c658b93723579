//! Finite verbs of the languages without a tagger: they end a term where it would run on into its clause.
//!
//! Endings that hardly any noun has, and the commonest forms that no ending tells. Forms that are usual nouns as well
//! ("montre", "muestra", "mostra") are left out: a term that is lost is worse than one that is too long.

use super::Language;

/// Of each language, endings of finite verbs and their commonest other forms, the forms sorted.
#[rustfmt::skip]
static VERBS: [(Language, &[&str], &[&str]); Language::LISTED.len()] = [
    (Language::German, &[], &[
        "befindet", "beginnt", "beruht", "bestehen", "besteht", "betrifft", "bietet", "bleibt", "brachte", "bringt",
        "darf", "ergab", "ergibt", "erhielt", "erhält", "erklärt", "erklärte", "erlaubt", "ermöglicht", "findet",
        "folgt", "fordert", "forderte", "führt", "führte", "gab", "geht", "gehört", "gelten", "gibt", "gilt", "ging",
        "hält", "kam", "kommt", "lag", "liegt", "lässt", "macht", "machte", "nimmt", "nutzt", "sagt", "sagte", "sah",
        "scheint", "sieht", "sorgt", "stammt", "steht", "steigt", "stellt", "stieg", "teilte", "tritt", "trägt",
        "umfasst", "untersucht", "verlangt", "versagen", "versagt", "verwendet", "weist", "will", "wirkt", "zeigen",
        "zeigt", "zeigte",
    ]),
    (Language::French, &["aient", "èrent", "issent", "eront"], &[
        "affirme", "ajoute", "annonce", "apparaît", "atteint", "avait", "comprend", "concerne", "consiste",
        "constitue", "contient", "devait", "devient", "devraient", "devrait", "dit", "doit", "doivent", "existe",
        "explique", "faut", "indique", "montrent", "obtient", "offre", "permet", "permettent", "pourrait", "propose",
        "présentent", "reste", "semble", "souligne", "suit", "utilise", "utilisent", "va", "vient", "vont",
    ]),
    (Language::Spanish, &["aron", "ieron", "iendo", "aban", "arían", "erían"], &[
        "afirma", "afirmó", "anunció", "aumentó", "comienza", "consiste", "contiene", "debe", "deben", "dice", "dijo",
        "existe", "existen", "explicó", "hace", "hacen", "hizo", "incluye", "muestran", "ofrece", "ofrecen", "permite",
        "permiten", "podría", "presentan", "presentó", "proponen", "quiere", "señaló", "sigue", "utiliza", "utilizan",
        "va", "van",
    ]),
    (Language::Portuguese, &[
        "aram", "eram", "iram", "avam", "ariam", "ará", "eriam", "bou", "dou", "eceu", "erá", "gou", "irá", "lou", "nou", "rou",
        "sou", "tou", "çou",
    ], &[
        "abriu", "acontece", "afirma", "afirmou", "anunciou", "aplicou", "apresenta", "apresentam", "atacou",
        "atingiu", "caiu", "caíram", "colocou", "começa", "começou", "conseguiu", "consiste", "continua", "contém",
        "criticou", "decidiu", "defendeu", "deve", "devem", "disse", "diz", "existe", "existem", "explicou", "faz",
        "fazem", "fez", "garante", "inclui", "indicou", "marcou", "morreu", "mostram", "nasceu", "oferece", "pediu",
        "perdeu", "permite", "permitem", "poderá", "prometeu", "propõe", "provocou", "publicou", "quer", "recebeu",
        "referiu", "revelou", "saiu", "segue", "sofreu", "subiu", "utiliza", "utilizam", "vai", "venceu", "vendeu",
        "vão",
    ]),
    (Language::Italian, &["arono", "erono", "irono", "avano", "evano", "ivano", "ranno"], &[
        "afferma", "annuncia", "appare", "avviene", "comprende", "consente", "consentono", "consiste", "contiene",
        "deve", "devono", "dice", "diventa", "esiste", "esistono", "fa", "fanno", "hanno", "include", "indica",
        "mostrano", "offre", "permette", "permettono", "possono", "presentano", "propone", "resta", "riguarda",
        "rimane", "risulta", "spiega", "utilizza", "utilizzano", "va", "vanno", "vengono", "vuole",
    ]),
    (Language::Dutch, &[], &[
        "bestaat", "betekent", "bevat", "biedt", "blijft", "blijken", "blijkt", "brengt", "denkt", "gaan", "gaat",
        "geeft", "gelden", "geldt", "ging", "houdt", "komen", "komt", "krijgt", "kwam", "laat", "laten", "ligt",
        "lijkt", "maakt", "maakte", "mag", "neemt", "staat", "stelt", "toont", "verklaart", "verwacht", "vindt",
        "volgt", "vraagt", "werkt", "wil", "wilde", "willen", "zegt", "zei", "ziet", "zorgt",
    ]),
    (Language::Polish, &["ować", "ował", "owała", "owały", "owali", "uje", "ują"], &[
        "chce", "daje", "dotyczy", "istnieje", "jest", "mówi", "należy", "obejmuje", "opisuje", "oznacza", "podał",
        "polega", "powiedział", "powiedziała", "pozwala", "pozwalają", "składa", "stanowi", "stanowią", "umożliwia",
        "wymaga", "wynika", "zawiera", "znajduje",
    ]),
];

/// Shortest word, in characters, whose ending is looked at.
const SHORTEST: usize = 6;

/// Whether `word`, in lower case, is a finite verb of the language. Knows none of English, which has a tagger.
pub(super) fn is_finite_verb(language: Language, word: &str) -> bool {
    let known = VERBS.iter().find(|(of, _, _)| *of == language);
    known.is_some_and(|(_, endings, forms)| {
        forms.binary_search(&word).is_ok()
            || word.chars().count() >= SHORTEST
                && endings.iter().any(|ending| word.ends_with(ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_sorted_so_that_every_one_is_found() {
        for (language, _, forms) in &VERBS {
            for pair in forms.windows(2) {
                assert!(pair[0] < pair[1], "{language:?}: {pair:?}");
            }
        }
    }

    #[test]
    fn verbs_are_told_from_nouns_with_similar_endings() {
        use Language::*;
        for (language, verb, noun) in [
            (German, "gilt", "gestalt"),
            (French, "montrent", "document"),
            (French, "étudiaient", "patient"),
            (Spanish, "mostraron", "varón"),
            (Portuguese, "mostraram", "programa"),
            (Portuguese, "aumentou", "moscou"),
            (Portuguese, "reconheceu", "museu"),
            (Italian, "mostrarono", "trono"),
            (Dutch, "blijkt", "markt"),
            (Polish, "wskazuje", "analiza"),
        ] {
            assert!(is_finite_verb(language, verb), "{verb}");
            assert!(!is_finite_verb(language, noun), "{noun}");
        }
    }
}
