//! The trees of a ranker in the form they are evaluated in: QuickScorer (Lucchese et al. 2015) for several candidates at
//! once (Lucchese et al. 2016).
//!
//! Each tree has a set of leaves that can still be reached, as the bits of a number. No tree is walked: the splits of all
//! trees are sorted by input and threshold, and those whose input is above their threshold take the leaves on their
//! left out of the set of their tree. The first leaf that is left, from the left, is the one a walk ends in.

use std::ops::Range;
use std::sync::OnceLock;

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*, u32x16};

use super::ranker::{INPUTS, Ranker, Split, Tree};

/// Most leaves of a tree: one bit each.
pub(super) const MOST_LEAVES: usize = u32::BITS as usize;

/// Candidates that are evaluated together.
pub(super) const BLOCK: usize = 16;

/// A value of each candidate of a block.
type Lanes<T> = [T; BLOCK];

/// A split, by what its input does to its tree when it is above the threshold.
#[derive(Clone, Copy, Debug)]
struct Cut {
    tree: u32,
    /// The leaves that stay.
    stay: u32,
}

/// An input that is looked at.
#[derive(Clone, Debug)]
struct Looked {
    input: usize,
    /// The thresholds of its splits among those of the forest, filled up to whole [`Lanes`] with infinity.
    thresholds: Range<usize>,
    /// Its splits among those of the forest.
    cuts: Range<usize>,
}

/// The trees of a [`Ranker`].
#[derive(Clone, Debug, Default)]
pub(super) struct Forest {
    base: f64,
    inputs: Vec<Looked>,
    thresholds: Vec<Lanes<f32>>,
    /// Sorted by input, then by threshold.
    cuts: Vec<Cut>,
    /// Leaves of each tree, from left to right, and zeros behind them.
    leaves: Vec<[f32; MOST_LEAVES]>,
}

/// What is needed to evaluate a block, kept from one to the next.
pub(super) struct Block {
    columns: Box<[Lanes<f32>; INPUTS]>,
    /// The greatest value of each column.
    most: [f32; INPUTS],
    /// Of each tree, the leaves that can be reached.
    reached: Vec<Lanes<u32>>,
}

impl Default for Block {
    fn default() -> Self {
        Block {
            columns: Box::new([[0.0; BLOCK]; INPUTS]),
            most: [0.0; INPUTS],
            reached: Vec::new(),
        }
    }
}

impl Block {
    /// Puts the inputs of up to [`BLOCK`] candidates into the block; what lies behind them is without meaning.
    pub(super) fn fill(&mut self, candidates: impl Iterator<Item = [f32; INPUTS]>) {
        self.most = [f32::NEG_INFINITY; INPUTS];
        for (lane, inputs) in candidates.enumerate().take(BLOCK) {
            for (column, &input) in self.columns.iter_mut().zip(&inputs) {
                column[lane] = input;
            }
            for (most, input) in self.most.iter_mut().zip(inputs) {
                // NaN is above no threshold.
                *most = if input > *most { input } else { *most };
            }
        }
    }
}

impl Forest {
    /// The trees of the ranker of the library.
    pub(super) fn built_in() -> &'static Forest {
        static FOREST: OnceLock<Forest> = OnceLock::new();
        FOREST.get_or_init(|| Forest::of(Ranker::built_in()))
    }

    /// The trees of `ranker`, which must be sound.
    pub(super) fn of(ranker: &Ranker) -> Forest {
        let mut forest = Forest {
            base: f64::from(ranker.base),
            ..Forest::default()
        };
        let mut cuts: Vec<(Split, Cut)> = Vec::new();
        for (number, tree) in ranker.trees.iter().enumerate() {
            let leaves = plant(tree, number as u32, &mut cuts);
            forest.leaves.push(leaves);
        }
        cuts.sort_by(|(split, _), (other, _)| {
            (split.input.cmp(&other.input)).then(split.threshold.total_cmp(&other.threshold))
        });
        for same in cuts.chunk_by(|(split, _), (other, _)| split.input == other.input) {
            let (from, before) = (forest.cuts.len(), forest.thresholds.len());
            forest.cuts.extend(same.iter().map(|&(_, cut)| cut));
            forest.thresholds.extend(same.chunks(BLOCK).map(|part| {
                let mut lanes = [f32::INFINITY; BLOCK];
                for (lane, (split, _)) in lanes.iter_mut().zip(part) {
                    *lane = split.threshold;
                }
                lanes
            }));
            forest.inputs.push(Looked {
                input: usize::from(same[0].0.input),
                thresholds: before..forest.thresholds.len(),
                cuts: from..forest.cuts.len(),
            });
        }
        forest
    }

    /// The sums of the trees of the candidates in the block, the same to the bit as [`Ranker::sum`] of each.
    pub(super) fn sums(&self, block: &mut Block) -> Lanes<f64> {
        dispatch!(Level::new(), simd => self.sums_with(simd, block))
    }

    #[inline(always)]
    fn sums_with<S: Simd>(&self, simd: S, block: &mut Block) -> Lanes<f64> {
        block.reached.clear();
        block.reached.resize(self.leaves.len(), [u32::MAX; BLOCK]);
        for looked in &self.inputs {
            let thresholds = &self.thresholds[looked.thresholds.clone()];
            // Thresholds from the greatest value on cut off nothing.
            let count = below(simd, thresholds, block.most[looked.input]);
            cut_off(
                simd,
                &block.columns[looked.input],
                &thresholds.as_flattened()[..count],
                &self.cuts[looked.cuts.clone()],
                &mut block.reached,
            );
        }
        // As an iterator sums up.
        let mut sums = [-0.0; BLOCK];
        for (reached, leaves) in block.reached.iter().zip(&self.leaves) {
            for (sum, reached) in sums.iter_mut().zip(reached) {
                *sum += f64::from(leaves[reached.trailing_zeros() as usize % MOST_LEAVES]);
            }
        }
        sums.map(|sum| self.base + sum)
    }
}

/// The leaves of a tree from left to right; adds its splits to the others.
fn plant(tree: &Tree, number: u32, cuts: &mut Vec<(Split, Cut)>) -> [f32; MOST_LEAVES] {
    let mut leaves = [0.0; MOST_LEAVES];
    let mut found = 0;
    // What is still to be visited: a split or leaf, and a split on whose left the leaves before it stand.
    let mut ahead: Vec<(i8, Option<usize>)> = vec![(0, None)];
    // The leaves that stand to the left of each split.
    let mut before = vec![0; tree.splits.len()];
    while let Some((at, right_of)) = ahead.pop() {
        if let Some(split) = right_of {
            let (first, split) = (before[split], tree.splits[split]);
            let left = bits(found) & !bits(first);
            let cut = Cut {
                tree: number,
                stay: !left,
            };
            cuts.push((split, cut));
        }
        let mut add = |leaf: f32| {
            if let Some(slot) = leaves.get_mut(found) {
                *slot = leaf;
            }
            found += 1;
        };
        match usize::try_from(at) {
            Ok(at) => {
                // The root of a tree without splits.
                let Some(split) = tree.splits.get(at) else {
                    add(0.0);
                    continue;
                };
                before[at] = found;
                ahead.push((split.next[1], Some(at)));
                ahead.push((split.next[0], None));
            }
            Err(_) => {
                let leaf = (-1 - isize::from(at)) as usize;
                add(tree.leaves.get(leaf).copied().unwrap_or(0.0));
            }
        }
    }
    leaves
}

/// The lowest `count` bits.
fn bits(count: usize) -> u32 {
    1_u32
        .checked_shl(count as u32)
        .map_or(u32::MAX, |bit| bit - 1)
}

/// How many thresholds are below a value.
#[inline(always)]
fn below<S: Simd>(simd: S, thresholds: &[Lanes<f32>], value: f32) -> usize {
    let value = f32x16::splat(simd, value);
    let (none, one) = (u32x16::splat(simd, 0), u32x16::splat(simd, 1));
    let mut counts = none;
    for thresholds in thresholds {
        let below = f32x16::from_slice(simd, thresholds).simd_lt(value);
        counts += below.select(one, none);
    }
    let mut lanes = [0; BLOCK];
    counts.store_slice(&mut lanes);
    lanes.iter().sum::<u32>() as usize
}

/// Takes the leaves that the splits on one input cut off out of the sets of their trees.
#[inline(always)]
fn cut_off<S: Simd>(
    simd: S,
    values: &Lanes<f32>,
    thresholds: &[f32],
    cuts: &[Cut],
    reached: &mut [Lanes<u32>],
) {
    let values = f32x16::from_slice(simd, values);
    let all = u32x16::splat(simd, u32::MAX);
    for (&threshold, cut) in thresholds.iter().zip(cuts) {
        let reached = &mut reached[cut.tree as usize];
        let above = values.simd_gt(f32x16::splat(simd, threshold));
        let stay = above.select(u32x16::splat(simd, cut.stay), all);
        (u32x16::from_slice(simd, reached) & stay).store_slice(reached);
    }
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
        for _ in 0..8 {
            let candidates: Lanes<_> = std::array::from_fn(|_| random.inputs());
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
        assert_sums_are_those_of_the_walk(Ranker::built_in(), &mut random);
    }
}
