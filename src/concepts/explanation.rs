//! Why a concept has its score, and why others are not in the list, in words.
//!
//! What each input adds to the sum of the trees is told by [`Ranker::trace`]. Inputs that measure one thing are added up
//! into an [`Aspect`] of the candidate; the words say how the candidate is in it, the sign whether that speaks for it.

use std::cmp::Ordering;

use serde::Serialize;

use super::features::{Features, MEASURES, NEIGHBOURS};
use super::merge::{Assessed, Entries, label};
use super::pruning::{Kept, Why, explained};
use super::purity::Reason;
use super::ranker::{INPUTS, Ranker, inputs};
use super::words::Words;
use super::{Mentioned, Ranked};
use crate::config::Config;
use crate::language::Language;
use crate::language::classes::Class;

/// Why a concept has its score: `base` and the effects of the factors add up to `sum`, on whose curve the score is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The sum of the trees of a candidate of which nothing is known.
    pub base: f64,
    /// The sum of the trees of this one.
    pub sum: f64,
    /// What makes the difference, the greatest effect first.
    pub factors: Vec<Factor>,
}

/// What one aspect of a candidate does to its score.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Factor {
    /// The aspect.
    pub aspect: Aspect,
    /// How the candidate is in it: "in the title", "named 14 times".
    pub words: String,
    /// What it adds to the sum: above 0 it lifts the score, below it sinks it.
    pub effect: f64,
}

/// Inputs of the ranker that measure one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Aspect {
    /// Whether it, or words of it, stand in the title.
    Title,
    /// Whether it stands in the abstract.
    Abstract,
    /// How early it is first named.
    Place,
    /// Over how much of the text and how many sections it is named.
    Spread,
    /// How often it is named.
    Count,
    /// How often its words are named, in it and elsewhere.
    Words,
    /// How often it is a whole run of words.
    Whole,
    /// The longer candidates around it.
    Longer,
    /// The shorter candidates inside it.
    Shorter,
    /// How rare its words are in general language.
    Rarity,
    /// Words of it that name nothing by themselves.
    Generic,
    /// The classes of its words.
    Grammar,
    /// What stands before and after it.
    Neighbours,
    /// Its length, hyphens and digits.
    Form,
    /// Whether it is written with capitals.
    Capitals,
    /// Whether it stands in small print or references.
    SmallPrint,
    /// How often collections of keyphrases list its words.
    Listed,
}

impl Aspect {
    /// Every aspect.
    pub const ALL: [Aspect; 17] = [
        Aspect::Title,
        Aspect::Abstract,
        Aspect::Place,
        Aspect::Spread,
        Aspect::Count,
        Aspect::Words,
        Aspect::Whole,
        Aspect::Longer,
        Aspect::Shorter,
        Aspect::Rarity,
        Aspect::Generic,
        Aspect::Grammar,
        Aspect::Neighbours,
        Aspect::Form,
        Aspect::Capitals,
        Aspect::SmallPrint,
        Aspect::Listed,
    ];

    /// The name in reports: `small_print`.
    pub const fn name(self) -> &'static str {
        match self {
            Aspect::Title => "title",
            Aspect::Abstract => "abstract",
            Aspect::Place => "place",
            Aspect::Spread => "spread",
            Aspect::Count => "count",
            Aspect::Words => "words",
            Aspect::Whole => "whole",
            Aspect::Longer => "longer",
            Aspect::Shorter => "shorter",
            Aspect::Rarity => "rarity",
            Aspect::Generic => "generic",
            Aspect::Grammar => "grammar",
            Aspect::Neighbours => "neighbours",
            Aspect::Form => "form",
            Aspect::Capitals => "capitals",
            Aspect::SmallPrint => "small_print",
            Aspect::Listed => "listed",
        }
    }

    /// What each of the [`inputs`] measures, in their order.
    #[rustfmt::skip]
    pub fn of_inputs() -> [Aspect; INPUTS] {
        use Aspect::*;
        let head = [
            (Count, 1), (Form, 2), (Place, 2), (Spread, 3), (Title, 1), (SmallPrint, 1),
            (Whole, 2), (Longer, 7), (Words, 5), (Neighbours, 4), (Capitals, 3), (Grammar, 1), (Neighbours, 2),
            (Rarity, 5), (Generic, 2), (Grammar, 1), (Form, 2), (Shorter, 8), (Words, 7), (Grammar, 9), (Neighbours, 1),
            (Title, 1), (Abstract, 1), (Spread, 1), (Capitals, 1), (Generic, 3), (Neighbours, 2 * NEIGHBOURS),
        ];
        let measures: [Aspect; MEASURES] = [Count, Longer, Words, Words, Place, Whole, Words];
        let mut all = [Listed; INPUTS];
        let known = head.iter().flat_map(|&(aspect, inputs)| std::iter::repeat_n(aspect, inputs))
            .chain(measures)
            .chain(measures)
            .chain([Listed; 5])
            .chain([Neighbours; 2]);
        for (slot, aspect) in all.iter_mut().zip(known) {
            *slot = aspect;
        }
        all
    }
}

/// Why a candidate with these features has its score.
fn explain(ranker: &Ranker, features: &Features) -> Explanation {
    let inputs = inputs(features);
    let (base, effects) = ranker.trace(&inputs);
    let aspects = Aspect::of_inputs();
    let effect_of = |aspect: Aspect| -> f64 {
        let same = effects.iter().zip(aspects).filter(|&(_, of)| of == aspect);
        same.map(|(effect, _)| effect).sum()
    };
    let mut factors: Vec<Factor> = Aspect::ALL
        .into_iter()
        .map(|aspect| Factor {
            aspect,
            words: describe(aspect, features),
            effect: effect_of(aspect),
        })
        .filter(|factor| factor.effect != 0.0)
        .collect();
    factors.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
    Explanation {
        base,
        sum: ranker.sum(&inputs),
        factors,
    }
}

/// As [`explain`], where the score is frequency times place: the sum is its logarithm.
fn explain_product(features: &Features) -> Explanation {
    let effects = features.frequency_and_place().map(f64::ln);
    let mut factors: Vec<Factor> = [Aspect::Count, Aspect::Place]
        .into_iter()
        .zip(effects)
        .filter(|&(_, effect)| effect != 0.0)
        .map(|(aspect, effect)| Factor {
            aspect,
            words: describe(aspect, features),
            effect,
        })
        .collect();
    factors.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
    Explanation {
        base: 0.0,
        sum: effects.iter().sum(),
        factors,
    }
}

/// Rarities from which all words are rare, and below which they are common: one word in 65,000, one in 4,000.
const RARE: f64 = 10.0;
const COMMON: f64 = 6.0;

/// How a candidate is in an aspect.
fn describe(aspect: Aspect, f: &Features) -> String {
    let percent = |share: f64| (share * 100.0).round();
    let mentions = |count: u32| match count {
        0 => "nowhere".to_owned(),
        1 => "once".to_owned(),
        _ => format!("{count} times"),
    };
    let words = match aspect {
        Aspect::Title if f.title => "in the title",
        Aspect::Title if f.title_words > 0.0 => "some of its words are in the title",
        Aspect::Title => "not in the title",
        Aspect::Abstract if f.abstract_text => "in the abstract",
        Aspect::Abstract => "not in the abstract",
        Aspect::Place if percent(f.first_share) < 1.0 => "first named at the start",
        Aspect::Place => {
            let after = percent(f.first_share);
            return format!("first named after {after} % of the text");
        }
        Aspect::Spread if f.count < 2 => "in one place only",
        Aspect::Spread => {
            let spread = percent(f.spread);
            return format!("its mentions reach over {spread} % of the text");
        }
        Aspect::Count => return format!("named {}", mentions(f.count)),
        Aspect::Words if f.words < 2 => {
            return format!("its word is named {}", mentions(f.word_most));
        }
        Aspect::Words => {
            let (least, most) = (mentions(f.word_least), mentions(f.word_most));
            return format!("its rarest word is named {least}, its commonest {most}");
        }
        Aspect::Whole if f.maximal == 0 => "never stands by itself",
        Aspect::Whole if f.maximal >= f.count => "always stands by itself",
        Aspect::Whole => return format!("stands by itself {} of {}", mentions(f.maximal), f.count),
        Aspect::Longer => match f.longer_kinds {
            0 => "inside no longer candidate",
            1 => "inside a longer candidate",
            kinds => return format!("inside {kinds} longer candidates"),
        },
        Aspect::Shorter => match f.shorter[0].0.max(f.shorter[1].0) {
            0 => "no part of it is a candidate",
            most => return format!("a part of it is named {}", mentions(most)),
        },
        Aspect::Rarity if f.rarity_mean >= RARE => "rare in general language",
        Aspect::Rarity if f.rarity_mean < COMMON => "common in general language",
        Aspect::Rarity => "neither rare nor common in general language",
        Aspect::Generic if f.generic >= f.words => "all its words are general ones",
        Aspect::Generic if f.generic_head => "its last word is a general one",
        Aspect::Generic if f.evaluating => "its first word may only evaluate",
        Aspect::Generic if f.generic > 0 => "has general words",
        Aspect::Generic => "has no general words",
        Aspect::Grammar => {
            let classes: Vec<_> = f.classes.into_iter().flatten().map(class).collect();
            return classes.join(" + ");
        }
        Aspect::Neighbours => {
            let [before, after] = f.neighbours.map(|shares| usual_neighbour(&shares));
            return format!("mostly after {before} and before {after}");
        }
        Aspect::Form => return form(f),
        Aspect::Capitals if f.acronym => "an acronym",
        Aspect::Capitals if f.capital > 0.5 => "written with capitals",
        Aspect::Capitals => "written without capitals",
        Aspect::SmallPrint if f.noise > 0.0 => "also in small print or references",
        Aspect::SmallPrint => "not in small print or references",
        Aspect::Listed => match f.prior.words[0].partial_cmp(&0.0) {
            Some(Ordering::Greater) => "readers list its words more often than others",
            Some(Ordering::Less) => "readers list its words less often than others",
            _ => "nothing is known of how often readers list its words",
        },
    };
    words.to_owned()
}

fn form(f: &Features) -> String {
    let counted = |count: u32, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let mut form = counted(f.words, "word");
    for (count, what) in [(f.hyphens, "a hyphen"), (f.digits, "digits")] {
        if count > 0 {
            form += &format!(", {count} with {what}");
        }
    }
    format!("{form}, {}", counted(f.bytes, "byte"))
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Noun => "noun",
        Class::Adjective => "adjective",
        Class::Participle => "participle",
        Class::Gerund => "form in -ing",
        Class::Adverb => "adverb",
        Class::Verb => "verb",
        Class::Number => "number",
        Class::Determiner => "determiner",
        Class::To => "\"to\"",
        Class::Modal | Class::Auxiliary => "auxiliary",
        Class::Pronoun => "pronoun",
        Class::Preposition | Class::Joiner => "preposition",
        Class::Conjunction => "conjunction",
        Class::Connector => "function word",
        Class::Symbol => "symbol",
    }
}

/// The kind of neighbour with the greatest share.
fn usual_neighbour(shares: &[f32; NEIGHBOURS]) -> &'static str {
    const KINDS: [&str; NEIGHBOURS] = [
        "words of terms",
        "adverbs and numbers",
        "verbs",
        "auxiliaries and pronouns",
        "determiners",
        "prepositions",
        "conjunctions",
        "a break",
    ];
    let most = shares.iter().zip(KINDS).max_by(|a, b| a.0.total_cmp(b.0));
    most.map_or("a break", |(_, kind)| kind)
}

/// Why a candidate is not in the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// Its usual form in the text.
    pub form: String,
    /// The reason.
    pub reason: Reason,
    /// The reason in words, with what decided it: "part of \"support vector machine\"".
    pub why: String,
    /// The label of the concept it was dropped for, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
    /// Its score and quality; what names nothing has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The quality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality: Option<f64>,
}

/// A document whose list is made.
pub(super) struct Decided<'a> {
    pub(super) text: &'a str,
    pub(super) words: &'a Words,
    pub(super) entries: &'a Entries,
    pub(super) assessed: &'a Assessed,
    pub(super) kept: &'a Kept,
    pub(super) database: &'a Mentioned,
    pub(super) config: &'a Config,
}

impl Decided<'_> {
    /// Tells each of the concepts, which are those of the groups kept, why it has its score.
    pub(super) fn explain(&self, ranker: &Ranker, concepts: &mut [Ranked]) {
        for (concept, group) in concepts.iter_mut().zip(&self.kept.groups) {
            let entry = group
                .first()
                .and_then(|&index| self.entries.list.get(index as usize));
            let measured =
                entry.and_then(|entry| self.assessed.measured.get(entry.measured as usize));
            concept.explanation = measured.map(|measured| match self.words.language {
                Language::Other => explain_product(&measured.features),
                _ => explain(ranker, &measured.features),
            });
        }
    }

    /// Why others are not among the concepts.
    pub(super) fn decisions(&self, concepts: &[Ranked]) -> Vec<Decision> {
        let most = explained(self.config);
        let pruned = self.kept.decisions.iter();
        let impure = self.assessed.impure.iter();
        let passed = self.entries.passed.iter();
        pruned
            .filter_map(|&(index, why)| self.pruned(index, why, concepts))
            .chain(impure.filter_map(|&(index, reason)| {
                let entry = self.entries.list.get(index as usize)?;
                Some(self.impure(entry.candidate, reason))
            }))
            .chain(passed.map(|&candidate| self.impure(candidate, Reason::Passing)))
            .take(most)
            .collect()
    }

    fn form(&self, candidate: u32) -> String {
        label(self.text, self.words, self.entries, candidate)
    }

    fn impure(&self, candidate: u32, reason: Reason) -> Decision {
        Decision {
            form: self.form(candidate),
            reason,
            why: reason.words().to_owned(),
            better: None,
            score: None,
            quality: None,
        }
    }

    fn pruned(&self, index: u32, why: Why, concepts: &[Ranked]) -> Option<Decision> {
        let entry = self.entries.list.get(index as usize)?;
        let config = self.config;
        let label = |group: usize| concepts.get(group).map(|concept| concept.label.clone());
        let percent = |share: f64| (share * 100.0).round();
        let (why_words, better) = match why {
            Why::Spelling { group } => {
                let better = label(group)?;
                (format!("another spelling of \"{better}\""), Some(better))
            }
            Why::Part { group } => {
                let better = label(group)?;
                (format!("part of \"{better}\""), Some(better))
            }
            Why::Similar { group, share } => {
                let better = label(group)?;
                let (share, least) = (percent(share), percent(config.concepts_similarity));
                let words = format!(
                    "has {share} % of the words in common with \"{better}\": {least} % is the threshold"
                );
                (words, Some(better))
            }
            Why::Unlikely => {
                let least = config.concepts_least_score;
                let score = entry.score;
                (
                    format!("a score of {score:.3}: {least:.3} is the least in a short text"),
                    None,
                )
            }
            Why::Category => {
                let most = config.concepts_category_limit;
                let concept = entry.concept.and_then(|index| self.database.get(&index));
                let of = match concept {
                    Some(concept) => format!("of the category \"{}\"", concept.category),
                    None => format!("that end in \"{}\"", self.head(entry.candidate)),
                };
                (
                    format!("{most} concepts {of} are listed, which is the limit"),
                    None,
                )
            }
            Why::Entropy { gain } => {
                let least = config.concepts_entropy_gain;
                let words = format!(
                    "would change the entropy of the list by {gain:.3} bits: {least:.3} is the bound"
                );
                (words, None)
            }
            Why::Limit => {
                let listed = concepts.len();
                (
                    format!("{listed} concepts are listed, which is the limit"),
                    None,
                )
            }
        };
        Some(Decision {
            form: self.form(entry.candidate),
            reason: why.reason(),
            why: why_words,
            better,
            score: Some(entry.score),
            quality: Some(entry.quality.min(1.0)),
        })
    }

    /// The last word of a candidate.
    fn head(&self, candidate: u32) -> String {
        let form = self.form(candidate);
        let head = form.rsplit(' ').next().unwrap_or_default();
        head.to_owned()
    }
}
