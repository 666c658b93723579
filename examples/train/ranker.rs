//! Trains the ranker: the prior of phrases and words, the trees, the calibration.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use tori::concepts::{
    Aspect, Classes, Described, INPUTS, Prior, Ranker, Summary, WordPrior, crowd, inputs,
    phrase_hash,
};

use crate::collections::{self, Collection, Document, Silver};
use crate::trees::{self, Choices, Rows};

/// The weight of a source whose keys are the authors' few; chosen by leaving out each source in turn.
const AUTHOR_KEYS: f64 = 0.3;
/// Sources whose documents have fewer keys than this on average have authors' keys only.
const FEW_KEYS: f64 = 3.0;
/// The weight of a source of short texts with all keyphrases: what is not listed there is no keyphrase. Chosen as
/// [`AUTHOR_KEYS`].
const SHORT_TEXTS: f64 = 2.0;
/// The weight of news, which are read for other things than papers are: more of it takes from the papers left out. Chosen
/// as [`AUTHOR_KEYS`], and by what halves of the news gain from each other.
const NEWS: f64 = 0.3;
/// The weight of all texts in which we marked every process, task and material, and of all that we indexed. Chosen as
/// [`AUTHOR_KEYS`].
const MARKED: f64 = 3.0;
const INDEXED: f64 = 0.5;
/// The weight of the texts of a kind that we wrote in another language. Chosen by leaving out each language in turn.
const WRITTEN: f64 = 1.0;
/// The weight of a source of long documents, of which there are few. Chosen as [`AUTHOR_KEYS`].
const LONG: f64 = 1.5;
/// One document in so many is not learnt from while the calibration is made.
const HELD_OUT: u32 = 5;
/// The words of a document have the prior of the other documents, of all but one part in so many.
const PARTS: usize = 5;
/// Longer documents have too many candidates for those not listed to say anything of their words.
const SHORT: usize = 400;
/// Points of the calibration.
const POINTS: usize = 16;

/// Whether a document belongs to a set.
type Which<'a> = &'a dyn Fn(&Document) -> bool;

/// Trains on the collections of a folder, those of the source `without` left out, and writes the model. For languages
/// without a tagger on those of the folder `languages` as well.
pub(crate) fn train(
    folder: &Path,
    out: &Path,
    languages: Option<&Path>,
    without: Option<&str>,
    seed: u64,
    off: &[String],
) -> Result<(), Box<dyn Error>> {
    let choices = Choices {
        seed,
        off: switched_off(off)?,
    };
    let collections = match languages {
        None => collections::learnt(folder, without, Classes::Tagged)?,
        Some(languages) => {
            let mut all = collections::learnt(folder, without, Classes::Listed)?;
            all.extend(collections::languages(languages, without)?);
            all
        }
    };
    let names: Vec<&str> = collections
        .iter()
        .map(|collection| collection.name.as_str())
        .collect();
    eprintln!("fitting on {}", names.join(", "));
    let (crowd, calibration) = calibrate(&collections, &choices);
    let ranker = Ranker {
        crowd,
        calibration,
        ..fit(&collections, &choices)
    };
    fs::write(out, ranker.write())?;
    Ok(())
}

/// The inputs that measure one of these aspects.
fn switched_off(aspects: &[String]) -> Result<[bool; INPUTS], String> {
    if let Some(unknown) = aspects
        .iter()
        .find(|name| Aspect::ALL.iter().all(|aspect| aspect.name() != **name))
    {
        return Err(format!("no aspect is called {unknown}"));
    }
    let is_off = |aspect: Aspect| aspects.iter().any(|name| name == aspect.name());
    Ok(Aspect::of_inputs().map(is_off))
}

fn fit(collections: &[Collection], choices: &Choices) -> Ranker {
    let part = |document: &Document| document.drawn as usize % PARTS;
    let priors: Vec<Prior> = (0..PARTS)
        .map(|out| prior(collections, &|document| part(document) != out))
        .collect();
    let mut rows = Rows::default();
    let mut weights = 0.0;
    for collection in collections {
        let weight = weight(collection, collections);
        weights += weight;
        let roots: f64 = collection.documents.iter().map(root).sum();
        for document in &collection.documents {
            let start = rows.inputs.len();
            rows.inputs.extend(
                document
                    .candidates
                    .iter()
                    .map(|candidate| seen(candidate, &priors[part(document)])),
            );
            rows.listed.extend(&document.listed);
            // The more candidates, the more pairs.
            rows.documents
                .push((start..rows.inputs.len(), weight / (roots * root(document))));
        }
    }
    // So that a row weighs 1 on average.
    let scale = rows.inputs.len() as f64 / weights;
    for (_, weight) in &mut rows.documents {
        *weight *= scale;
    }
    let aspects = Aspect::of_inputs();
    let looked_at = |(aspect, &off): (&Aspect, &bool)| *aspect == Aspect::Listed && !off;
    Ranker {
        trees: trees::fit(&rows, choices),
        prior: match aspects.iter().zip(&choices.off).any(looked_at) {
            true => prior(collections, &|_| true),
            false => Prior::default(),
        },
        ..Ranker::default()
    }
}

/// Candidates weigh by the root of their number in the document.
fn root(document: &Document) -> f64 {
    (document.candidates.len() as f64).sqrt()
}

/// What a collection weighs beside the others.
fn weight(collection: &Collection, collections: &[Collection]) -> f64 {
    if let Some(silver) = collection.silver() {
        let alike = collections.iter();
        let alike = alike.filter(|other| other.silver() == Some(silver));
        let documents: usize = alike.map(|other| other.documents.len()).sum();
        let all = match silver {
            Silver::Marked => MARKED,
            Silver::Indexed => INDEXED,
        };
        return all * collection.documents.len() as f64 / documents.max(1) as f64;
    }
    if collection.written {
        return WRITTEN;
    }
    let documents = &collection.documents;
    let candidates = documents.iter().map(|document| document.candidates.len());
    let short = candidates.sum::<usize>() < SHORT * documents.len();
    match has_few_keys(collection) {
        _ if collection.is_news() => NEWS,
        true => AUTHOR_KEYS,
        false if short => SHORT_TEXTS,
        false => LONG,
    }
}

/// Whether a collection has the authors' keys only.
fn has_few_keys(collection: &Collection) -> bool {
    let documents = &collection.documents;
    let listed: usize = documents
        .iter()
        .map(|document| document.listed().count())
        .sum();
    (listed as f64) < FEW_KEYS * documents.len() as f64
}

/// What the trees see of a candidate with this prior.
fn seen(candidate: &Described, prior: &Prior) -> [f32; INPUTS] {
    let mut features = candidate.features.clone();
    let mut around = [0.0; 2];
    let share = 1.0 / candidate.around.len().max(1) as f32;
    for [before, after] in &candidate.around {
        around[0] += f32::from(prior.of(*before).before) * share;
        around[1] += f32::from(prior.of(*after).after) * share;
    }
    let phrase = phrase_hash(candidate.stems.iter().copied());
    features.prior = Summary {
        phrase: f32::from(prior.of_phrase(phrase)),
        around,
        ..Summary::of(candidate.stems.iter().map(|&stem| prior.of(stem)))
    };
    inputs(&features)
}

/// In how many documents something has to do with a listed phrase, and in how many only with others that stand alone.
#[derive(Clone, Copy, Default)]
struct Counts {
    listed: u32,
    other: u32,
}

/// What is counted of a phrase.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Word,
    Head,
    Phrase,
    Before,
    After,
}

/// All that is counted of a candidate, with the hash it goes by.
fn counted(candidate: &Described) -> impl Iterator<Item = (Kind, u32)> {
    let stems = candidate.stems.iter();
    let words = stems.clone().map(|&stem| (Kind::Word, stem));
    let head = stems.clone().last().map(|&stem| (Kind::Head, stem));
    let phrase = (Kind::Phrase, phrase_hash(stems.copied()));
    let around = candidate.around.iter();
    let around = around.flat_map(|&[before, after]| [(Kind::Before, before), (Kind::After, after)]);
    words.chain(head).chain([phrase]).chain(around)
}

/// The log-odds of having to do with listed phrases and not only with others that stand alone, each document counting
/// once.
fn prior(collections: &[Collection], learnt: Which) -> Prior {
    let mut counts: BTreeMap<(Kind, u32), Counts> = BTreeMap::new();
    let documents = collections
        .iter()
        .flat_map(|collection| &collection.documents);
    for document in documents.filter(|document| learnt(document)) {
        let mut found: BTreeMap<(Kind, u32), bool> = BTreeMap::new();
        for (candidate, &listed) in document.candidates.iter().zip(&document.listed) {
            if !listed && (candidate.features.maximal == 0 || document.candidates.len() > SHORT) {
                continue;
            }
            for key in counted(candidate) {
                *found.entry(key).or_default() |= listed;
            }
        }
        for (key, listed) in found {
            let counts = counts.entry(key).or_default();
            counts.listed += u32::from(listed);
            counts.other += u32::from(!listed);
        }
    }
    let mut prior = Prior::default();
    for same in [
        Kind::Word,
        Kind::Head,
        Kind::Phrase,
        Kind::Before,
        Kind::After,
    ] {
        let of_kind = || counts.range((same, 0)..=(same, u32::MAX));
        let total = |of: fn(&Counts) -> u32| of_kind().map(|(_, counts)| of(counts)).sum::<u32>();
        let usual = f64::from(total(|counts| counts.listed))
            / f64::from(total(|counts| counts.other).max(1));
        for (&(kind, hash), counts) in of_kind() {
            if counts.listed + counts.other < 2 {
                continue;
            }
            let odds = log_odds(counts, usual);
            if kind == Kind::Phrase {
                prior.phrases.insert(hash, odds);
                continue;
            }
            let word: &mut WordPrior = prior.words.entry(hash).or_default();
            match kind {
                Kind::Word => word.word = odds,
                Kind::Head => word.head = odds,
                Kind::Before => word.before = odds,
                Kind::After => word.after = odds,
                Kind::Phrase => {}
            }
        }
    }
    prior
}

/// The log-odds in eighths, beside those that are usual.
fn log_odds(counts: &Counts, usual: f64) -> i8 {
    let odds = (f64::from(counts.listed) + usual) / (f64::from(counts.other) + 1.0);
    let log_odds = (odds / usual.max(1e-9)).ln() * 8.0;
    log_odds.round().clamp(-127.0, 127.0) as i8
}

/// A candidate the ranker has not seen.
struct Scored {
    sum: f64,
    crowd: f64,
    listed: bool,
    weight: f64,
}

/// What the number of candidates adds, and the curve from sums to probabilities, on documents the ranker has not seen.
/// Each collection counts the same, those with the authors' few keys not at all, for what they leave out a reader may list,
/// nor news, of whose candidates readers list a third, nor silver keys and texts of ours, which are no reader's.
fn calibrate(collections: &[Collection], choices: &Choices) -> (f32, Vec<(f32, f32)>) {
    let part = |held_out: bool| -> Vec<Collection> {
        let collections = collections.iter();
        collections
            .map(|collection| {
                let drawn = |document: &Document| document.drawn / PARTS as u32;
                collection.only(&|document| drawn(document).is_multiple_of(HELD_OUT) == held_out)
            })
            .collect()
    };
    let ranker = fit(&part(false), choices);
    let mut scored = Vec::new();
    for collection in &part(true) {
        let has_all_keys =
            !has_few_keys(collection) && !collection.is_news() && !collection.written;
        if has_all_keys && collection.silver().is_none() {
            score(&ranker, collection, &mut scored);
        }
    }
    let slope = crowd_slope(&scored);
    for scored in &mut scored {
        scored.sum += slope * scored.crowd;
    }
    scored.sort_by(|a, b| a.sum.total_cmp(&b.sum));
    (slope as f32, rising(&scored))
}

fn score(ranker: &Ranker, collection: &Collection, scored: &mut Vec<Scored>) {
    let roots: f64 = collection.documents.iter().map(root).sum();
    for document in &collection.documents {
        for (candidate, &listed) in document.candidates.iter().zip(&document.listed) {
            scored.push(Scored {
                sum: ranker.sum(&seen(candidate, &ranker.prior)),
                crowd: crowd(document.candidates.len()),
                listed,
                weight: 1.0 / (roots * root(document)),
            });
        }
    }
}

/// The slope of the crowd beside that of the sum, which is 1, in a logistic regression on both (Newton's method).
fn crowd_slope(scored: &[Scored]) -> f64 {
    let mut factors = [0.0; 3];
    for _ in 0..50 {
        let mut gradient = [0.0; 3];
        // So that a crowd that does not vary leaves a solution.
        let mut curvature = [[1e-9, 0.0, 0.0], [0.0, 1e-9, 0.0], [0.0, 0.0, 1e-9]];
        for scored in scored {
            let inputs = [1.0, scored.sum, scored.crowd];
            let sum: f64 = inputs
                .iter()
                .zip(factors)
                .map(|(input, factor)| input * factor)
                .sum();
            let probability = 1.0 / (1.0 + (-sum).exp());
            let left = f64::from(u8::from(scored.listed)) - probability;
            let bend = scored.weight * probability * (1.0 - probability);
            for row in 0..3 {
                gradient[row] += scored.weight * left * inputs[row];
                for column in 0..3 {
                    curvature[row][column] += bend * inputs[row] * inputs[column];
                }
            }
        }
        for (factor, step) in factors.iter_mut().zip(solve(curvature, gradient)) {
            *factor += step;
        }
    }
    let slope = factors[2] / factors[1];
    if slope.is_finite() { slope } else { 0.0 }
}

/// The solution of three linear equations with a positive definite matrix (Gauss).
fn solve(mut matrix: [[f64; 3]; 3], mut right: [f64; 3]) -> [f64; 3] {
    for pivot in 0..3 {
        for row in (0..3).filter(|&row| row != pivot) {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot];
            for (value, above) in matrix[row].iter_mut().zip(above) {
                *value -= factor * above;
            }
            right[row] -= factor * right[pivot];
        }
    }
    std::array::from_fn(|row| right[row] / matrix[row][row])
}

/// The points of the curve through candidates in the order of their sums: means of groups with as many listed
/// candidates each, made rising by joining groups (isotonic regression).
fn rising(scored: &[Scored]) -> Vec<(f32, f32)> {
    let listed = scored.iter().filter(|scored| scored.listed).count();
    let mut groups: Vec<Group> = Vec::new();
    let mut open = Group::default();
    let mut counted = 0;
    for candidate in scored {
        open.weight += candidate.weight;
        open.sums += candidate.weight * candidate.sum;
        if candidate.listed {
            open.listed += candidate.weight;
            counted += 1;
            if counted * POINTS >= listed * (groups.len() + 1) {
                groups.push(std::mem::take(&mut open));
            }
        }
    }
    let mut rising: Vec<Group> = Vec::new();
    for mut group in groups {
        while let Some(last) =
            rising.pop_if(|last| last.listed / last.weight >= group.listed / group.weight)
        {
            group.weight += last.weight;
            group.sums += last.sums;
            group.listed += last.listed;
        }
        rising.push(group);
    }
    rising
        .iter()
        .map(|group| {
            (
                (group.sums / group.weight) as f32,
                (group.listed / group.weight) as f32,
            )
        })
        .collect()
}

/// Prints how far scores and shares of listed candidates are apart on a source that `model` was not fitted on: in
/// tenths of the score, and on average over the candidates (expected calibration error).
pub(crate) fn reliability(folder: &Path, model: &Path, source: &str) -> Result<(), Box<dyn Error>> {
    let ranker = Ranker::read(&fs::read(model)?)?;
    // Candidates, their scores, those listed.
    let mut tenths = [(0_u32, 0.0, 0_u32); 10];
    for collection in collections::of_source(folder, source)? {
        for document in &collection.documents {
            for (candidate, &listed) in document.candidates.iter().zip(&document.listed) {
                let sum = ranker.sum(&seen(candidate, &ranker.prior));
                let score = ranker.probability(sum, document.candidates.len());
                let tenth = &mut tenths[((score * 10.0) as usize).min(9)];
                tenth.0 += 1;
                tenth.1 += score;
                tenth.2 += u32::from(listed);
            }
        }
    }
    let (mut all, mut apart) = (0_u32, 0.0);
    println!("source,from,candidates,mean_score,share_listed");
    for (index, &(candidates, scores, listed)) in tenths.iter().enumerate() {
        let share = |part: f64| part / f64::from(candidates.max(1));
        let (score, listed) = (share(scores), share(f64::from(listed)));
        println!("{source},0.{index},{candidates},{score:.3},{listed:.3}");
        all += candidates;
        apart += (score - listed).abs() * f64::from(candidates);
    }
    eprintln!(
        "{source}: calibration error {:.3}",
        apart / f64::from(all.max(1))
    );
    Ok(())
}

/// Candidates of neighbouring sums, all weighted.
#[derive(Default)]
struct Group {
    weight: f64,
    sums: f64,
    listed: f64,
}
