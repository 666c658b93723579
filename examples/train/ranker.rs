//! Trains the ranker: the prior of words, the trees, the calibration.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use tori::concepts::{Described, INPUTS, Prior, Ranker, WordPrior, crowd, inputs, summary};

use crate::collections::{self, Collection, Document};
use crate::trees::{self, Rows};

/// The weight of a source whose keys are the authors' few, beside 1 for those with all keyphrases; chosen by
/// leaving out each source in turn.
const AUTHOR_KEYS: f64 = 0.3;
/// Sources whose documents have fewer keys than this on average have authors' keys only.
const FEW_KEYS: f64 = 3.0;
/// One document in so many is not learnt from while the calibration is made.
const HELD_OUT: usize = 5;
/// The words of a document have the prior of the other documents, of all but one part in so many.
const PARTS: usize = 5;
/// Longer documents have too many candidates for those not listed to say anything of their words.
const SHORT: usize = 400;
/// Points of the calibration.
const POINTS: usize = 16;

/// Whether the document at `index` of its collection belongs to a set.
type Which<'a> = &'a dyn Fn(usize) -> bool;

/// Trains on the collections of a folder, those of the source `without` left out, and writes the model.
pub(crate) fn train(
    folder: &Path,
    out: &Path,
    without: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let collections = collections::learnt(folder, without)?;
    let names: Vec<&str> = collections
        .iter()
        .map(|collection| collection.name.as_str())
        .collect();
    eprintln!("fitting on {}", names.join(", "));
    let (crowd, calibration) = calibrate(&collections);
    let ranker = Ranker {
        crowd,
        calibration,
        ..fit(&collections)
    };
    fs::write(out, ranker.write())?;
    Ok(())
}

fn fit(collections: &[Collection]) -> Ranker {
    let part = |index: usize| index % PARTS;
    let priors: Vec<Prior> = (0..PARTS)
        .map(|out| prior(collections, &|index| part(index) != out))
        .collect();
    let mut rows = Rows::default();
    let mut weights = 0.0;
    for collection in collections {
        let few = has_few_keys(collection);
        let weight = if few { AUTHOR_KEYS } else { 1.0 };
        weights += weight;
        let roots: f64 = collection.documents.iter().map(root).sum();
        for (index, document) in collection.documents.iter().enumerate() {
            let start = rows.inputs.len();
            rows.inputs.extend(
                document
                    .candidates
                    .iter()
                    .map(|candidate| seen(candidate, &priors[part(index)])),
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
    Ranker {
        trees: trees::fit(&rows),
        prior: prior(collections, &|_| true),
        ..Ranker::default()
    }
}

/// Candidates weigh by the root of their number in the document.
fn root(document: &Document) -> f64 {
    (document.candidates.len() as f64).sqrt()
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

/// What the trees see of a candidate whose words have this prior.
fn seen(candidate: &Described, prior: &Prior) -> [f32; INPUTS] {
    let mut features = candidate.features.clone();
    features.prior = summary(candidate.stems.iter().map(|&stem| prior.of(stem)));
    inputs(&features)
}

/// The log-odds of words being in listed phrases and not only in others that stand alone, each document
/// counting once.
fn prior(collections: &[Collection], learnt: Which) -> Prior {
    // In listed phrases, in others; as their last words.
    let mut counts: BTreeMap<u32, [u32; 4]> = BTreeMap::new();
    let documents = collections
        .iter()
        .flat_map(|collection| collection.documents.iter().enumerate());
    for (_, document) in documents.filter(|(index, _)| learnt(*index)) {
        let mut found: BTreeMap<u32, [bool; 4]> = BTreeMap::new();
        for (candidate, &listed) in document.candidates.iter().zip(&document.listed) {
            if !listed && (candidate.features.maximal == 0 || document.candidates.len() > SHORT) {
                continue;
            }
            let kind = usize::from(!listed);
            for &stem in &candidate.stems {
                found.entry(stem).or_default()[kind] = true;
            }
            if let Some(&head) = candidate.stems.last() {
                found.entry(head).or_default()[2 + kind] = true;
            }
        }
        for (stem, [listed, other, listed_head, other_head]) in found {
            let counts = counts.entry(stem).or_default();
            let once = [
                listed,
                other && !listed,
                listed_head,
                other_head && !listed_head,
            ];
            for (count, once) in counts.iter_mut().zip(once) {
                *count += u32::from(once);
            }
        }
    }
    let mut totals = [0_u32; 4];
    for counts in counts.values() {
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
    }
    let log_odds = |listed: u32, other: u32, totals: &[u32]| {
        let usual = f64::from(totals[0]) / f64::from(totals[1].max(1));
        let odds = (f64::from(listed) + usual) / (f64::from(other) + 1.0) / usual.max(1e-9);
        (odds.ln() * 8.0).round().clamp(-127.0, 127.0) as i8
    };
    let words = counts
        .into_iter()
        .filter(|(_, [listed, other, ..])| listed + other > 1);
    Prior(
        words
            .map(|(stem, counts)| {
                let prior = WordPrior {
                    word: log_odds(counts[0], counts[1], &totals[..2]),
                    head: log_odds(counts[2], counts[3], &totals[2..]),
                };
                (stem, prior)
            })
            .collect(),
    )
}

/// A candidate the ranker has not seen.
struct Scored {
    sum: f64,
    crowd: f64,
    listed: bool,
    weight: f64,
}

/// What the number of candidates adds, and the curve from sums to probabilities, on documents the ranker has not seen.
/// Each collection counts the same, those with the authors' few keys not at all: what they leave out a reader may list.
fn calibrate(collections: &[Collection]) -> (f32, Vec<(f32, f32)>) {
    let part = |held_out: bool| -> Vec<Collection> {
        let collections = collections.iter();
        collections
            .map(|collection| collection.only(&|index| index.is_multiple_of(HELD_OUT) == held_out))
            .collect()
    };
    let ranker = fit(&part(false));
    let mut scored = Vec::new();
    for collection in part(true).iter().filter(|held_out| !has_few_keys(held_out)) {
        score(&ranker, collection, &mut scored);
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
