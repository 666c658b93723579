//! The trees of a ranker in the form they are evaluated in: for 64 candidates at once, a set of whom is the bits of a number
//! (after QuickScorer, Lucchese et al. 2015, which has a set of leaves for each candidate).
//!
//! Each threshold that an input is compared with anywhere is looked at once: which candidates are above it. Then each
//! split, from the root on, parts the set of those who reach it into two with that set, whatever the tree looks like and
//! without a branch, until there is a set for each leaf.

use std::ops::Range;
use std::sync::OnceLock;

use fearless_simd::{Level, Simd, dispatch, f32x16, mask8x64, prelude::*, u8x64, u64x8};

use super::ranker::{INPUTS, Ranker, Split, Tree};
use super::words::Classes;

/// Most leaves of a tree.
pub(super) const MOST_LEAVES: usize = 1 << NUMBER_BITS;

/// Bits of the number of a leaf.
const NUMBER_BITS: usize = 5;

/// Candidates that are evaluated together.
pub(super) const BLOCK: usize = u64::BITS as usize;

/// A value of each candidate of a block.
type Lanes<T> = [T; BLOCK];

/// Candidates whose inputs are compared at once.
const PART: usize = 16;

/// A split. What is parted and what stays on the left have the same number, that of the first leaf below.
#[derive(Clone, Copy, Debug)]
struct Parting {
    /// Which threshold of the forest decides.
    question: u32,
    left: u8,
    right: u8,
}

/// An input that is looked at.
#[derive(Clone, Debug)]
struct Looked {
    input: usize,
    /// What it is compared with, among the thresholds of the forest.
    questions: Range<usize>,
}

/// One of the trees.
#[derive(Clone, Debug)]
struct Planted {
    /// Its splits among those of the forest, each before those below it.
    partings: Range<usize>,
    /// From left to right, and zeros behind them.
    leaves: [f64; MOST_LEAVES],
}

/// The trees of a [`Ranker`].
#[derive(Clone, Debug, Default)]
pub(super) struct Forest {
    base: f64,
    inputs: Vec<Looked>,
    thresholds: Vec<f32>,
    partings: Vec<Parting>,
    trees: Vec<Planted>,
}

/// What is needed to evaluate a block, kept from one to the next.
#[derive(Default)]
pub(super) struct Block {
    candidates: Vec<[f32; INPUTS]>,
    /// Of each threshold, which candidates are above it.
    above: Vec<u64>,
}

impl Block {
    /// Puts the inputs of up to [`BLOCK`] candidates into the block.
    pub(super) fn fill(&mut self, candidates: impl Iterator<Item = [f32; INPUTS]>) {
        self.candidates.clear();
        self.candidates.extend(candidates.take(BLOCK));
    }
}

impl Forest {
    /// The trees of the library's ranker.
    pub(super) fn built_in(classes: Classes) -> &'static Forest {
        static FORESTS: [OnceLock<Forest>; 2] = [const { OnceLock::new() }; 2];
        let [tagged, listed] = &FORESTS;
        let forest = match classes {
            Classes::Tagged => tagged,
            Classes::Listed => listed,
        };
        forest.get_or_init(|| Forest::of(Ranker::built_in(classes)))
    }

    /// The trees of `ranker`, which must be sound.
    pub(super) fn of(ranker: &Ranker) -> Forest {
        let order = |split: &Split, other: &Split| {
            (split.input.cmp(&other.input)).then(split.threshold.total_cmp(&other.threshold))
        };
        let splits = ranker.trees.iter().flat_map(|tree| &tree.splits);
        let mut questions: Vec<Split> = splits.copied().collect();
        questions.sort_unstable_by(order);
        questions.dedup_by(|split, other| order(split, other).is_eq());
        let mut forest = Forest {
            base: f64::from(ranker.base),
            thresholds: questions.iter().map(|split| split.threshold).collect(),
            ..Forest::default()
        };
        let mut end = 0;
        for same in questions.chunk_by(|split, other| split.input == other.input) {
            let start = end;
            end += same.len();
            forest.inputs.push(Looked {
                input: usize::from(same[0].input),
                questions: start..end,
            });
        }
        for tree in &ranker.trees {
            let start = forest.partings.len();
            let leaves = plant(tree, &mut forest.partings, |split| {
                questions.partition_point(|question| order(question, split).is_lt()) as u32
            });
            forest.trees.push(Planted {
                partings: start..forest.partings.len(),
                leaves,
            });
        }
        forest
    }

    /// The sums of the trees of the candidates in the block, the same to the bit as [`Ranker::sum`] of each; what lies
    /// behind them is without meaning.
    pub(super) fn sums(&self, block: &mut Block) -> Lanes<f64> {
        dispatch!(Level::new(), simd => self.sums_with(simd, block))
    }

    #[inline(always)]
    fn sums_with<S: Simd>(&self, simd: S, block: &mut Block) -> Lanes<f64> {
        let parts = block.candidates.len().div_ceil(PART);
        block.above.clear();
        block.above.reserve(self.thresholds.len());
        // What is left in it from another input, or was never filled, is of no candidate.
        let mut column = [0.0; BLOCK];
        for looked in &self.inputs {
            for (value, inputs) in column.iter_mut().zip(&block.candidates) {
                *value = inputs[looked.input];
            }
            let thresholds = &self.thresholds[looked.questions.clone()];
            match parts {
                1 => ask::<_, 1>(simd, &column, thresholds, &mut block.above),
                2 => ask::<_, 2>(simd, &column, thresholds, &mut block.above),
                3 => ask::<_, 3>(simd, &column, thresholds, &mut block.above),
                _ => ask::<_, 4>(simd, &column, thresholds, &mut block.above),
            }
        }
        // As an iterator sums up.
        let mut sums = [-0.0; BLOCK];
        // There is one of every number that a parting can have: none has to be checked.
        let mut sets = [0; 1 << u8::BITS];
        for tree in &self.trees {
            sets[..MOST_LEAVES].fill(0);
            sets[0] = u64::MAX;
            let mut part = |parting: &Parting| {
                let set = sets[usize::from(parting.left)];
                let above = block.above[parting.question as usize];
                sets[usize::from(parting.right)] = set & above;
                sets[usize::from(parting.left)] = set & !above;
            };
            let (pairs, last) = self.partings[tree.partings.clone()].as_chunks();
            for [parting, next] in pairs {
                part(parting);
                part(next);
            }
            last.iter().for_each(part);
            let (sets, _) = sets.as_chunks();
            let numbers = numbers(simd, &sets[0]);
            let lanes = sums.as_chunks_mut::<PART>().0.iter_mut();
            for (sums, numbers) in lanes.zip(numbers.as_chunks::<PART>().0).take(parts) {
                for (sum, &number) in sums.iter_mut().zip(numbers) {
                    *sum += tree.leaves[usize::from(number) % MOST_LEAVES];
                }
            }
        }
        sums.map(|sum| self.base + sum)
    }
}

/// The leaves of a tree from left to right; adds its splits to the others.
fn plant(
    tree: &Tree,
    partings: &mut Vec<Parting>,
    question: impl Fn(&Split) -> u32,
) -> [f64; MOST_LEAVES] {
    let mut leaves = [0.0; MOST_LEAVES];
    let mut found = 0_u8;
    // What is still to be visited: a split or leaf, and the parting that it is on the right of.
    let mut ahead: Vec<(i8, Option<usize>)> = vec![(0, None)];
    while let Some((at, right_of)) = ahead.pop() {
        if let Some(parting) = right_of.and_then(|parting| partings.get_mut(parting)) {
            parting.right = found;
        }
        let leaf = match usize::try_from(at) {
            Ok(at) => match tree.splits.get(at) {
                Some(split) => {
                    ahead.push((split.next[1], Some(partings.len())));
                    ahead.push((split.next[0], None));
                    partings.push(Parting {
                        question: question(split),
                        left: found,
                        right: 0,
                    });
                    continue;
                }
                // The root of a tree without splits.
                None => 0.0,
            },
            Err(_) => {
                let leaf = (-1 - isize::from(at)) as usize;
                tree.leaves.get(leaf).copied().unwrap_or(0.0)
            }
        };
        if let Some(slot) = leaves.get_mut(usize::from(found)) {
            *slot = f64::from(leaf);
        }
        found = found.saturating_add(1);
    }
    leaves
}

/// Adds, for each threshold, which values of the first `PARTS` parts of the column are above it.
#[inline(always)]
fn ask<S: Simd, const PARTS: usize>(
    simd: S,
    column: &Lanes<f32>,
    thresholds: &[f32],
    above: &mut Vec<u64>,
) {
    let (parts, _) = column.as_chunks::<PART>();
    let values: [_; PARTS] = std::array::from_fn(|part| f32x16::from_slice(simd, &parts[part]));
    above.extend(thresholds.iter().map(|&threshold| {
        let threshold = f32x16::splat(simd, threshold);
        let parts = (0..).step_by(PART).zip(values);
        parts.fold(0, |bits, (at, values)| {
            bits | values.simd_gt(threshold).to_bitmask() << at
        })
    }));
}

/// The number of the set that each candidate is in.
#[inline(always)]
fn numbers<S: Simd>(simd: S, sets: &[u64; MOST_LEAVES]) -> Lanes<u8> {
    // Those in a set whose number has the bit.
    let with_bit: [u64; NUMBER_BITS] = {
        let (eights, _) = sets.as_chunks::<8>();
        let [a, b, c, d]: [u64x8<S>; 4] =
            std::array::from_fn(|eight| u64x8::from_slice(simd, &eights[eight]));
        let all = |[a, b, c, d, e, f, g, h]: [u64; 8]| (a | b | c | d) | (e | f | g | h);
        let [_, b1, b2, b3, b4, b5, b6, b7]: [u64; 8] = ((a | b) | (c | d)).into();
        [
            b1 | b3 | b5 | b7,
            b2 | b3 | b6 | b7,
            b4 | b5 | b6 | b7,
            all((b | d).into()),
            all((c | d).into()),
        ]
    };
    let none = u8x64::splat(simd, 0);
    let mut numbers = none;
    for (bit, set) in with_bit.into_iter().enumerate() {
        let has_bit = mask8x64::from_bitmask(simd, set);
        numbers |= has_bit.select(u8x64::splat(simd, 1 << bit), none);
    }
    numbers.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of xorshift64.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % bound as u64) as usize
        }

        /// Of few values, so that many are equal to a threshold.
        fn value(&mut self) -> f32 {
            (self.below(17) as f32 - 8.0) / 4.0
        }

        /// A tree that grows by splitting any of its leaves.
        fn tree(&mut self, leaves: usize) -> Tree {
            let mut splits: Vec<Split> = Vec::new();
            // Where the leaves hang.
            let mut ends: Vec<Option<(usize, usize)>> = vec![None];
            while ends.len() < leaves {
                let end = self.below(ends.len());
                let at = splits.len();
                if let Some((above, side)) = ends.swap_remove(end) {
                    splits[above].next[side] = at as i8;
                }
                ends.extend([Some((at, 0)), Some((at, 1))]);
                splits.push(Split {
                    input: self.below(INPUTS) as u8,
                    threshold: self.value(),
                    next: [0; 2],
                    mean: 0.0,
                });
            }
            for (leaf, end) in ends.into_iter().enumerate() {
                if let Some((above, side)) = end {
                    splits[above].next[side] = -1 - leaf as i8;
                }
            }
            let leaves = (0..leaves).map(|_| self.below(1_000_000) as f32 * 1e-7 - 0.05);
            Tree {
                splits,
                leaves: leaves.collect(),
            }
        }

        fn inputs(&mut self) -> [f32; INPUTS] {
            std::array::from_fn(|_| match self.below(40) {
                0 => f32::NAN,
                1 => f32::INFINITY,
                2 => f32::NEG_INFINITY,
                3 => -0.0,
                _ => self.value(),
            })
        }
    }

    fn assert_sums_are_those_of_the_walk(ranker: &Ranker, random: &mut Random) {
        let forest = Forest::of(ranker);
        let mut block = Block::default();
        for _ in 0..4 {
            let count = 1 + random.below(BLOCK);
            let candidates: Vec<_> = (0..count).map(|_| random.inputs()).collect();
            block.fill(candidates.iter().copied());
            let sums = forest.sums(&mut block);
            for (inputs, sum) in candidates.iter().zip(sums) {
                assert_eq!(ranker.sum(inputs).to_bits(), sum.to_bits());
            }
        }
    }

    #[test]
    fn the_sums_are_to_the_bit_those_of_walking_the_trees() {
        let mut random = Random(88_172_645_463_325_252);
        for _ in 0..200 {
            let count = random.below(40);
            let trees = (0..count).map(|_| {
                let leaves = 1 + random.below(MOST_LEAVES);
                random.tree(leaves)
            });
            let ranker = Ranker {
                trees: trees.collect(),
                base: random.value(),
                ..Ranker::default()
            };
            let ranker = Ranker::read(&ranker.write()).expect("the trees are sound");
            assert_sums_are_those_of_the_walk(&ranker, &mut random);
        }
        for classes in [Classes::Tagged, Classes::Listed] {
            assert_sums_are_those_of_the_walk(Ranker::built_in(classes), &mut random);
        }
    }
}
