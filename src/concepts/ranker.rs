//! From features to a score: gradient-boosted trees, then a calibration.
//!
//! The model is `data/ranker.model`, made by the example `train`; what it was trained on and how it does is in
//! `data/MODEL_CARD.md`.

use std::sync::OnceLock;

use super::HashMap;
use super::features::Features;
use super::forest::MOST_LEAVES;
use super::prior::{Prior, WordPrior};
use super::words::Classes;
use crate::error::Result;
use crate::language::classes::Class;
use crate::model;

/// Number of inputs of the trees.
pub const INPUTS: usize = 113;

fn flag(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

/// What the trees see of a candidate. The order is part of the model.
#[rustfmt::skip]
pub fn inputs(f: &Features) -> [f32; INPUTS] {
    let count = f64::from(f.count.max(1));
    let content = f.content_words();
    let length = f64::from(content.max(1));
    let class = |class: Option<Class>| class.map_or(-1.0, |class| f64::from(class as u8));
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole.max(1));
    let head = [
        f64::from(f.count), f64::from(f.words), f64::from(f.bytes),
        f64::from(f.first), f.first_share, f.spread, f64::from(f.chunks), f64::from(f.sections), f.title_words, f.noise,
        f64::from(f.maximal), f64::from(f.maximal) / count,
        f64::from(f.longer_kinds), f64::from(f.longer_occurrences), f64::from(f.longer_most) / count,
        f64::from(f.longer_maximal), f64::from(f.longer_maximal) / count,
        f64::from(f.count.saturating_sub(f.longer_most)), f.c_value(),
        f64::from(f.word_least), f64::from(f.word_most), f64::from(f.head_count),
        count / f64::from(f.word_least.max(1)), count / f64::from(f.word_most.max(1)),
        f.left_variety, f.right_variety, f.left_break, f.right_break, f.capital, f.named, f.cut, f64::from(f.possessives), f.names_around, f.rarity_around,
        f.rarity_least, f.rarity_most, f.rarity_mean, f.rarity_head, share(f.unknown, content),
        f64::from(f.generic), f64::from(f.empty), f64::from(f.verbal), f64::from(f.hyphens), f64::from(f.digits),
        f64::from(f.shorter[0].0), f64::from(f.shorter[0].1), share(f.shorter[0].1, f.shorter[0].0), share(f.count, f.shorter[0].0),
        f64::from(f.shorter[1].0), f64::from(f.shorter[1].1), share(f.shorter[1].1, f.shorter[1].0), share(f.count, f.shorter[1].0),
        f.word_sum, f.word_sum / length, f.weight_sum, f.weight_most,
        f.degree_sum, f.degree_sum / length, f.company_sum,
        class(f.classes[0]), class(f.classes[1]), class(f.classes[2]), class(f.classes[3]), class(f.classes[4]),
        class(f.last_class), f64::from(f.nouns), f64::from(f.adjectives), f64::from(f.nouns) / length, f.opens,
    ];
    let flags = [f.title, f.abstract_text, f.frame, f.acronym, f.generic_head, f.evaluating, f.generic >= content];
    let mut all = [0.0; INPUTS];
    let rest = put(&mut all, &head.map(|value| value as f32));
    let rest = put(rest, &flags.map(flag));
    let rest = put(rest, f.neighbours.as_flattened());
    let rest = put(rest, &f.ranks);
    let rest = put(rest, &f.ratios);
    put(rest, &f.prior.inputs());
    all
}

/// Fills the first of the slots and returns the others.
fn put<'s>(slots: &'s mut [f32], values: &[f32]) -> &'s mut [f32] {
    let (here, rest) = slots.split_at_mut(values.len());
    here.copy_from_slice(values);
    rest
}

/// A split of a tree, as it is trained and stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// The input that is looked at.
    pub input: u8,
    /// Values up to this one go left.
    pub threshold: f32,
    /// Where left and right lead: a later split of the tree, or the leaf `-1 - n`.
    pub next: [i8; 2],
    /// The mean of the leaves below, weighted by what reached them in training.
    pub mean: f32,
}

/// A tree: at least one split, and one leaf more than splits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The first split is the root.
    pub splits: Vec<Split>,
    /// What the leaves add to the sum. A model whose trees have more than 32 cannot be read.
    pub leaves: Vec<f32>,
}

impl Tree {
    /// The leaf's value for these inputs. Splits lead forward only, so this ends.
    pub fn value(&self, inputs: &[f32; INPUTS]) -> f32 {
        let mut at = 0;
        while let Some(split) = self.splits.get(at) {
            let right = inputs
                .get(split.input as usize)
                .is_some_and(|&value| value > split.threshold);
            match usize::try_from(split.next[usize::from(right)]) {
                Ok(next) => at = next,
                Err(_) => {
                    let leaf = -1 - isize::from(split.next[usize::from(right)]);
                    return self.leaves.get(leaf as usize).copied().unwrap_or(0.0);
                }
            }
        }
        0.0
    }

    /// Adds to each input what the splits on it add to the value: the mean below the side taken, less the mean below
    /// both. Returns the mean of the whole tree; with it, these are the value (Saabas 2014, path contributions).
    fn trace(&self, inputs: &[f32; INPUTS], effects: &mut [f64; INPUTS]) -> f64 {
        let mean = |at: i8| match usize::try_from(at) {
            Ok(split) => self.splits.get(split).map(|split| split.mean),
            Err(_) => self.leaves.get((-1 - isize::from(at)) as usize).copied(),
        };
        let mut at = 0;
        while let Some(split) = usize::try_from(at).ok().and_then(|at| self.splits.get(at)) {
            let input = split.input as usize;
            let right = inputs
                .get(input)
                .is_some_and(|&value| value > split.threshold);
            at = split.next[usize::from(right)];
            if let (Some(effect), Some(mean)) = (effects.get_mut(input), mean(at)) {
                *effect += f64::from(mean) - f64::from(split.mean);
            }
        }
        mean(0).map_or(0.0, f64::from)
    }

    /// Whether the splits and leaves are one tree: every split leads to later splits or to leaves there are, to each of
    /// them but the root there is one way, and there are no more leaves than a [`Forest`](super::forest::Forest) takes.
    fn is_sound(&self) -> bool {
        let (splits, leaves) = (self.splits.len(), self.leaves.len());
        // Where all ways lead, splits before leaves.
        let mut led: Vec<usize> = vec![0];
        for (at, split) in self.splits.iter().enumerate() {
            led.extend(split.next.iter().map(|&next| match usize::try_from(next) {
                Ok(next) if next > at && next < splits => next,
                Ok(_) => usize::MAX,
                Err(_) => splits + (-1 - isize::from(next)) as usize,
            }));
        }
        led.sort_unstable();
        leaves == splits + 1
            && leaves <= MOST_LEAVES
            && led.iter().enumerate().all(|(at, &to)| at == to)
            && self.splits.iter().all(|split| {
                usize::from(split.input) < INPUTS
                    && split.threshold.is_finite()
                    && split.mean.is_finite()
            })
            && self.leaves.iter().all(|leaf| leaf.is_finite())
    }
}

const KIND: model::Kind = model::Kind {
    magic: b"TORIRANK",
    version: 3,
    name: "ranker model",
};

static TAGGED: &[u8] = include_bytes!("../../data/ranker.model");
static LISTED: &[u8] = include_bytes!("../../data/ranker_listed.model");

/// A trained ranker.
#[derive(Clone, Debug, Default)]
pub struct Ranker {
    /// Where the sum of the trees begins.
    pub base: f32,
    /// Their values are added up.
    pub trees: Vec<Tree>,
    /// Of phrases and words.
    pub prior: Prior,
    /// What the logarithm of the number of candidates adds to the sum before the calibration: a reader lists a smaller
    /// share of many. It is the same for all candidates of a document, and so changes no order.
    pub crowd: f32,
    /// Points of the curve from the sum to the probability, both rising; straight lines between them.
    pub calibration: Vec<(f32, f32)>,
}

/// Numbers of candidates that a calibration tells apart: there is too little to learn from beyond.
const CROWDS: (usize, usize) = (16, 1_024);

/// The measure of the number of candidates that [`Ranker::crowd`] is a factor of.
pub fn crowd(candidates: usize) -> f64 {
    (candidates.clamp(CROWDS.0, CROWDS.1) as f64).ln()
}

impl Ranker {
    /// The library's ranker of texts whose words have their classes from a tagger or from lists.
    pub fn built_in(classes: Classes) -> &'static Ranker {
        static RANKERS: [OnceLock<Ranker>; 2] = [const { OnceLock::new() }; 2];
        let [tagged, listed] = &RANKERS;
        let (ranker, file) = match classes {
            Classes::Tagged => (tagged, TAGGED),
            Classes::Listed => (listed, LISTED),
        };
        // A test opens the files that are compiled in. A ranker without trees scores all candidates alike.
        ranker.get_or_init(|| Ranker::read(file).unwrap_or_default())
    }

    /// The probability, 0 to 1, that a reader would list a candidate with these features, one of so many.
    pub fn score(&self, features: &Features, candidates: usize) -> f64 {
        self.probability(self.sum(&inputs(features)), candidates)
    }

    /// The sum of the trees.
    pub fn sum(&self, inputs: &[f32; INPUTS]) -> f64 {
        let values = self.trees.iter().map(|tree| f64::from(tree.value(inputs)));
        f64::from(self.base) + values.sum::<f64>()
    }

    /// Where the [sum](Self::sum) begins when nothing is known of a candidate, and what each input adds to that.
    pub fn trace(&self, inputs: &[f32; INPUTS]) -> (f64, [f64; INPUTS]) {
        let mut effects = [0.0; INPUTS];
        let means = self
            .trees
            .iter()
            .map(|tree| tree.trace(inputs, &mut effects));
        let base = f64::from(self.base) + means.sum::<f64>();
        (base, effects)
    }

    /// The sum on the curve of the calibration; beyond its ends, and without one, the logistic function.
    pub fn probability(&self, sum: f64, candidates: usize) -> f64 {
        let sum = sum + f64::from(self.crowd) * crowd(candidates);
        let points = &self.calibration;
        let after = points.partition_point(|&(x, _)| f64::from(x) <= sum);
        let logistic = |sum: f64| 1.0 / (1.0 + (-sum).exp());
        let point = |at: usize| points.get(at).map(|&(x, y)| (f64::from(x), f64::from(y)));
        match (after.checked_sub(1).and_then(point), point(after)) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (sum - x0) / (x1 - x0),
            // The logistic function, shrunk to meet the curve's end.
            (None, Some((x, y))) => y * logistic(sum) / logistic(x),
            (Some((x, y)), None) => 1.0 - (1.0 - y) * logistic(-sum) / logistic(-x),
            (None, None) => logistic(sum),
        }
    }

    /// The ranker in the bytes of a model file.
    ///
    /// # Errors
    /// `Format` when they are no such file, of another version or damaged.
    pub fn read(file: &[u8]) -> Result<Ranker> {
        let mut bytes = Reader(KIND.open(file)?);
        let ranker = bytes.ranker().filter(|_| bytes.0.is_empty());
        ranker.ok_or_else(|| KIND.refuse("its parts do not fit together"))
    }

    /// The ranker as the bytes of a model file.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.push(INPUTS as u8);
        bytes.extend(self.base.to_le_bytes());
        bytes.extend((self.trees.len() as u32).to_le_bytes());
        for tree in &self.trees {
            bytes.push(tree.splits.len() as u8);
            for split in &tree.splits {
                bytes.push(split.input);
                bytes.extend(split.threshold.to_le_bytes());
                bytes.extend(split.next.map(|next| next as u8));
                bytes.extend(split.mean.to_le_bytes());
            }
            bytes.extend(tree.leaves.iter().flat_map(|leaf| leaf.to_le_bytes()));
        }
        write_sorted(&self.prior.words, &mut bytes, |prior: WordPrior| {
            [prior.word, prior.head, prior.before, prior.after]
        });
        write_sorted(&self.prior.phrases, &mut bytes, |prior| [prior]);
        bytes.extend(self.crowd.to_le_bytes());
        bytes.extend((self.calibration.len() as u32).to_le_bytes());
        for (x, y) in &self.calibration {
            bytes.extend(x.to_le_bytes());
            bytes.extend(y.to_le_bytes());
        }
        KIND.seal(&bytes)
    }
}

/// The number of entries, then each with its hash, in the order of the hashes.
fn write_sorted<T: Copy, const N: usize>(
    entries: &HashMap<u32, T>,
    bytes: &mut Vec<u8>,
    values: impl Fn(T) -> [i8; N],
) {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_unstable_by_key(|&(hash, _)| *hash);
    bytes.extend((entries.len() as u32).to_le_bytes());
    for (hash, &entry) in entries {
        bytes.extend(hash.to_le_bytes());
        bytes.extend(values(entry).map(|value| value as u8));
    }
}

/// What is left of a model; every part is `None` when the bytes end too soon.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes::<1>().map(|[byte]| byte)
    }

    fn count(&mut self) -> Option<usize> {
        self.bytes().map(|bytes| u32::from_le_bytes(bytes) as usize)
    }

    fn float(&mut self) -> Option<f32> {
        self.bytes().map(f32::from_le_bytes)
    }

    /// No capacity is reserved: a wrong count ends where the bytes do.
    fn many<T>(
        &mut self,
        count: usize,
        mut one: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }

    fn tree(&mut self) -> Option<Tree> {
        let splits = usize::from(self.byte()?);
        let tree = Tree {
            splits: self.many(splits, |bytes| {
                Some(Split {
                    input: bytes.byte()?,
                    threshold: bytes.float()?,
                    next: bytes.bytes()?.map(|next: u8| next as i8),
                    mean: bytes.float()?,
                })
            })?,
            leaves: self.many(splits + 1, Self::float)?,
        };
        tree.is_sound().then_some(tree)
    }

    fn ranker(&mut self) -> Option<Ranker> {
        if usize::from(self.byte()?) != INPUTS {
            return None;
        }
        let base = self.float().filter(|base| base.is_finite())?;
        let trees = self.count()?;
        let trees = self.many(trees, Self::tree)?;
        let words = self.count()?;
        let words = self.many(words, |bytes| {
            let hash = u32::from_le_bytes(bytes.bytes()?);
            let [word, head, before, after] = bytes.bytes()?.map(|prior: u8| prior as i8);
            let prior = WordPrior {
                word,
                head,
                before,
                after,
            };
            Some((hash, prior))
        })?;
        let phrases = self.count()?;
        let phrases = self.many(phrases, |bytes| {
            let hash = u32::from_le_bytes(bytes.bytes()?);
            Some((hash, bytes.byte()? as i8))
        })?;
        let crowd = self.float().filter(|crowd| crowd.is_finite())?;
        let points = self.count()?;
        let calibration = self.many(points, |bytes| Some((bytes.float()?, bytes.float()?)))?;
        let rising = calibration.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1)
            && calibration
                .iter()
                .all(|(x, y)| x.is_finite() && (0.0..=1.0).contains(y));
        rising.then(|| Ranker {
            base,
            trees,
            prior: Prior {
                words: words.into_iter().collect(),
                phrases: phrases.into_iter().collect(),
            },
            crowd,
            calibration,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::prior::Summary;
    use super::*;

    #[test]
    fn the_rankers_that_are_compiled_in_can_be_read_and_written_unchanged() {
        for file in [TAGGED, LISTED] {
            let ranker = Ranker::read(file).unwrap();
            assert!(!ranker.trees.is_empty() && !ranker.calibration.is_empty());
            assert_eq!(ranker.write(), file);
        }
    }

    #[test]
    fn every_input_of_a_candidate_has_a_place() {
        let marked = Features {
            prior: Summary {
                words: [1.0, 2.0, 3.0],
                head: 4.0,
                phrase: 5.0,
                around: [6.0, 7.0],
            },
            ..Features::default()
        };
        let last = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        assert_eq!(inputs(&marked)[INPUTS - 7..], last);
    }

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
            left_variety: f64::NAN,
            ..Features::default()
        };
        for features in [Features::default(), most] {
            let score = Ranker::built_in(Classes::Tagged).score(&features, usize::MAX);
            assert!((0.0..=1.0).contains(&score), "{score}");
        }
    }

    #[test]
    fn a_higher_sum_has_a_higher_probability() {
        let ranker = Ranker::built_in(Classes::Tagged);
        let mut before = 0.0;
        for step in -2_000..2_000 {
            let probability = ranker.probability(f64::from(step) / 100.0, 50);
            assert!(
                probability > before && probability < 1.0,
                "{step}: {probability}"
            );
            before = probability;
        }
    }

    #[test]
    fn one_of_many_candidates_is_less_probable_than_one_of_few() {
        let ranker = Ranker::built_in(Classes::Tagged);
        let probability = |candidates| ranker.probability(0.0, candidates);
        assert!(probability(30) > probability(300) && probability(300) > probability(900));
        assert_eq!(probability(0), probability(1));
        assert_eq!(probability(usize::MAX), probability(100_000));
    }

    #[test]
    fn trees_that_lead_backwards_nowhere_or_twice_to_one_place_are_refused() {
        let split = |left, right| Split {
            input: 0,
            threshold: 0.5,
            next: [left, right],
            mean: 0.0,
        };
        let with = |splits: Vec<Split>, leaves: Vec<f32>| {
            let trees = vec![Tree { splits, leaves }];
            let ranker = Ranker {
                trees,
                ..Ranker::default()
            };
            Ranker::read(&ranker.write())
        };
        assert!(with(vec![split(-1, -2)], vec![0.0, 1.0]).is_ok());
        assert!(with(vec![split(0, -1)], vec![0.0, 1.0]).is_err());
        assert!(with(vec![split(-3, -1)], vec![0.0, 1.0]).is_err());
        assert!(with(vec![split(1, -1)], vec![0.0, 1.0]).is_err());
        assert!(with(vec![split(-1, -2)], vec![0.0, f32::NAN]).is_err());
        assert!(with(vec![split(-1, -1)], vec![0.0, 1.0]).is_err());
        assert!(with(vec![split(1, 1), split(-1, -2)], vec![0.0, 1.0, 2.0]).is_err());
        let chain = |leaves: i8| {
            let next = |at: i8| if at + 2 < leaves { at + 1 } else { -leaves };
            let splits = (0..leaves - 1).map(|at| split(-1 - at, next(at)));
            with(splits.collect(), vec![0.0; leaves as usize])
        };
        assert!(chain(32).is_ok());
        assert!(chain(33).is_err());
        let mut beyond = split(-1, -2);
        beyond.input = INPUTS as u8;
        assert!(with(vec![beyond], vec![0.0, 1.0]).is_err());
    }

    #[test]
    fn a_model_that_ends_too_soon_is_refused_although_its_checksum_fits() {
        let model = KIND.open(TAGGED).unwrap();
        for length in (0..model.len()).step_by(97) {
            assert!(
                Ranker::read(&KIND.seal(&model[..length])).is_err(),
                "{length} bytes"
            );
        }
    }
}
