//! From features to a score.

use super::features::Features;
use crate::language::classes::Class;

/// A way to score candidates. Scores lie in 0 to 1 and depend on nothing but the features.
pub trait Ranker: Sync {
    /// The score of a candidate with `features`.
    fn score(&self, features: &Features) -> f64;
}

/// Logistic regression over [`terms`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Logistic;

impl Ranker for Logistic {
    fn score(&self, features: &Features) -> f64 {
        let sum: f64 = terms(features)
            .iter()
            .zip(&WEIGHTS)
            .map(|(term, (_, weight))| term * weight)
            .sum();
        1.0 / (1.0 + (-sum).exp())
    }
}

fn flag(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

/// ln(1 + n)
fn log(count: u32) -> f64 {
    f64::from(count).ln_1p()
}

/// The terms of the regression: the features on scales where a weight each is enough. Their names are those
/// of [`WEIGHTS`].
#[rustfmt::skip]
pub fn terms(f: &Features) -> [f64; TERMS] {
    let count = f64::from(f.count.max(1));
    let multi = flag(f.words > 1);
    let free = f.count.saturating_sub(f.longer_most);
    let c_value = (f64::from(f.words) + 1.0).log2()
        * (count - f64::from(f.longer_occurrences) / f64::from(f.longer_kinds.max(1))).max(0.0);
    let first = |class| flag(f.first_class == Some(class));
    [
        1.0,
        log(f.count), flag(f.count > 1), flag(f.count > 2), flag(f.count > 4),
        log(f.count) * multi,
        flag(f.words == 1), flag(f.words == 3), flag(f.words == 4), flag(f.words > 4),
        log(f.bytes),
        log(f.first), log(f.first) * flag(f.first > 200), f.first_share, flag(f.first < 30),
        f.spread, log(f.chunks), log(f.sections),
        flag(f.title), flag(f.title) * multi, flag(f.abstract_text), flag(f.frame), f.title_words, flag(f.title_words == 1.0),
        f64::from(f.maximal) / count, flag(f.maximal > 0), log(f.maximal), flag(f.maximal == 0) * flag(f.words == 1),
        log(f.longer_kinds), log(f.longer_occurrences), f64::from(f.longer_most) / count, flag(f.longer_most >= f.count),
        log(free), c_value.ln_1p(),
        f64::from(f.longer_kinds) / count * multi,
        (count / f64::from(f.word_least.max(1))).min(1.0) * multi, (count / f64::from(f.word_most.max(1))).min(1.0) * multi,
        log(f.word_least), log(f.word_most), log(f.head_count),
        f.left_variety, f.right_variety, f.left_break, f.right_break,
        f.capital, f.capital * multi, flag(f.acronym),
        f.rarity_least, f.rarity_most, f.rarity_mean, f.rarity_head, f.rarity_mean * (1.0 - multi),
        f64::from(f.unknown) / f64::from(f.words.max(1)),
        f64::from(f.generic), flag(f.generic_head), flag(f.generic >= f.words), flag(f.generic >= f.words) * multi,
        log(f.empty), flag(f.evaluating),
        first(Class::Adjective), first(Class::Participle), first(Class::Gerund), first(Class::Adverb),
        flag(f.last_class == Some(Class::Gerund)), flag(f.last_class == Some(Class::Number)), log(f.verbal),
        log(f.hyphens), log(f.digits),
    ]
}

/// Number of terms.
pub const TERMS: usize = 68;

/// Names and weights of the terms.
///
/// Fitted on 2,527 documents of six public keyphrase collections (Inspec training part, SemEval-2010 and
/// SemEval-2017 training parts, NUS, KDD, WWW; each collection counts the same): the maximum of the softmax
/// likelihood of the keyphrases among the candidates of their document, with an L2 penalty of 1e-4, and the
/// logarithm of [`super::Described::factor`] at the default settings added to the sum. That keeps quality,
/// not the bare score, in the best order. The constant only sets the level of the scores. Made by
/// `python3 data/fit_ranker.py KEYPHRASES`, which says what it needs.
#[rustfmt::skip]
pub static WEIGHTS: [(&str, f64); TERMS] = [
    ("one", -5.000),
    ("count", -0.514), ("twice", 0.725), ("thrice", 0.138), ("five times", 0.174),
    ("count, phrase", 0.118),
    ("one word", -2.237), ("three words", -0.331), ("four words", -0.788), ("five words", -1.350),
    ("bytes", 0.626),
    ("first", -0.304), ("first, late", -0.078), ("first share", 0.456), ("first words", 0.024),
    ("spread", -0.115), ("chunks", 0.218), ("sections", -0.637),
    ("title", -1.575), ("title, phrase", 0.205), ("abstract", 0.063), ("frame", 0.768), ("title words", 0.303), ("all title words", 0.223),
    ("maximal share", 0.194), ("maximal", 0.711), ("maximal count", 0.121), ("never alone", 0.125),
    ("longer kinds", 0.456), ("longer occurrences", -0.097), ("longer share", 0.220), ("inside one", 0.098),
    ("free", 0.204), ("c-value", 0.372),
    ("longer kinds share", -0.018),
    ("cohesion", 0.061), ("cohesion, least", -0.385),
    ("rarest word's count", 0.185), ("commonest word's count", -0.053), ("head's count", 0.037),
    ("left variety", 0.475), ("right variety", 0.216), ("left break", 0.023), ("right break", 0.522),
    ("capital", 0.459), ("capital, phrase", 0.172), ("acronym", 0.614),
    ("rarity, least", -0.022), ("rarity, most", 0.006), ("rarity, mean", 0.062), ("rarity, head", -0.024), ("rarity, one word", 0.148),
    ("unknown", -0.592),
    ("generic", -0.107), ("generic head", -0.148), ("all generic", -0.477), ("all generic, phrase", -0.477),
    ("empty", -0.727), ("evaluating", -0.829),
    ("adjective first", -0.029), ("participle first", 0.097), ("gerund first", -0.389), ("adverb first", -0.709),
    ("gerund last", 0.942), ("number last", 0.049), ("verbal", -0.745),
    ("hyphens", -0.004), ("digits", -0.322),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_lie_between_zero_and_one_even_for_odd_features() {
        let most = Features {
            count: u32::MAX,
            words: u32::MAX,
            bytes: u32::MAX,
            first: u32::MAX,
            longer_kinds: u32::MAX,
            longer_occurrences: u32::MAX,
            longer_most: u32::MAX,
            ..Features::default()
        };
        for features in [Features::default(), most] {
            let score = Logistic.score(&features);
            assert!((0.0..=1.0).contains(&score), "{score}");
        }
    }
}
