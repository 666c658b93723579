//! The trees of a ranker in the form they are evaluated in: QuickScorer (Lucchese et al. 2015) for several candidates at
//! once (Lucchese et al. 2016).
//!
//! Each tree has a set of leaves that can still be reached, as the bits of a number. No tree is walked: the splits of all
//! trees are sorted by input and threshold, and those whose input is above their threshold take the leaves on their
//! left out of the set of their tree. The first leaf that is left, from the left, is the one a walk ends in.

use std::sync::OnceLock;

use fearless_simd::{Level, Simd, dispatch, f32x16, prelude::*, u32x16};

use super::ranker::{INPUTS, Ranker, Tree};

/// Most leaves of a tree: one bit each.
pub(super) const MOST_LEAVES: usize = u32::BITS as usize;

/// Candidates that are evaluated together.
pub(super) const BLOCK: usize = 16;

/// Candidates whose sums are added up together.
const PART: usize = 8;

/// More than the first leaf that can be reached is behind the first of a tree, even where there is none.
const LEAVES_AHEAD: usize = 64;

/// A value of each candidate of a block.
type Lanes<T> = [T; BLOCK];

/// A split, by what its input does to its tree when it is above the threshold.
#[derive(Clone, Copy, Debug)]
struct Cut {
    threshold: f32,
    tree: u32,
    /// The leaves that stay.
    stay: u32,
}

/// The trees of a [`Ranker`].
#[derive(Clone, Debug, Default)]
pub(super) struct Forest {
    base: f64,
    /// Each input that is looked at, and how many of `cuts` are its own.
    inputs: Vec<(usize, usize)>,
    /// Sorted by input, then by threshold.
    cuts: Vec<Cut>,
    /// Leaves of each tree, from left to right, and behind them enough zeros that none is too near to the end.
    leaves: Vec<f64>,
    /// Where the leaves of each tree begin.
    starts: Vec<usize>,
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
        let mut cuts: Vec<(usize, Cut)> = Vec::new();
        for (number, tree) in ranker.trees.iter().enumerate() {
            forest.starts.push(forest.leaves.len());
            forest.plant(tree, number as u32, &mut cuts);
        }
        forest.leaves.extend([0.0; LEAVES_AHEAD]);
        cuts.sort_by(|(input, cut), (other_input, other)| {
            (input.cmp(other_input)).then(cut.threshold.total_cmp(&other.threshold))
        });
        for same in cuts.chunk_by(|(input, _), (other, _)| input == other) {
            forest.inputs.push((same[0].0, same.len()));
        }
        forest.cuts = cuts.into_iter().map(|(_, cut)| cut).collect();
        forest
    }

    /// Adds the leaves of a tree from left to right, and its splits.
    fn plant(&mut self, tree: &Tree, number: u32, cuts: &mut Vec<(usize, Cut)>) {
        let start = self.leaves.len();
        // What is still to be visited: a split or leaf, and a split on whose left the leaves before it stand.
        let mut ahead: Vec<(i8, Option<usize>)> = vec![(0, None)];
        // The leaves that stand to the left of each split.
        let mut before = vec![0; tree.splits.len()];
        while let Some((at, right_of)) = ahead.pop() {
            let found = self.leaves.len() - start;
            if let Some(split) = right_of {
                let (first, split) = (before[split], &tree.splits[split]);
                let left = bits(found) & !bits(first);
                let cut = Cut {
                    threshold: split.threshold,
                    tree: number,
                    stay: !left,
                };
                cuts.push((usize::from(split.input), cut));
            }
            match usize::try_from(at) {
                Ok(at) => {
                    // The root of a tree without splits.
                    let Some(split) = tree.splits.get(at) else {
                        self.leaves.push(0.0);
                        continue;
                    };
                    before[at] = found;
                    ahead.push((split.next[1], Some(at)));
                    ahead.push((split.next[0], None));
                }
                Err(_) => {
                    let leaf = (-1 - isize::from(at)) as usize;
                    let leaf = tree.leaves.get(leaf).copied().unwrap_or(0.0);
                    self.leaves.push(f64::from(leaf));
                }
            }
        }
    }

    /// The sums of the trees of the candidates in the block, the same to the bit as [`Ranker::sum`] of each.
    pub(super) fn sums(&self, block: &mut Block) -> Lanes<f64> {
        dispatch!(Level::new(), simd => self.sums_with(simd, block))
    }

    #[inline(always)]
    fn sums_with<S: Simd>(&self, simd: S, block: &mut Block) -> Lanes<f64> {
        block.reached.clear();
        block.reached.resize(self.starts.len(), [u32::MAX; BLOCK]);
        let mut rest = &self.cuts[..];
        for &(input, count) in &self.inputs {
            let (cuts, others) = rest.split_at(count);
            rest = others;
            // Thresholds from the greatest value on cut off nothing.
            let count = cuts.partition_point(|cut| cut.threshold < block.most[input]);
            cut_off(
                simd,
                &block.columns[input],
                &cuts[..count],
                &mut block.reached,
            );
        }
        let mut sums = [0.0; BLOCK];
        for (part, sums) in sums.as_chunks_mut().0.iter_mut().enumerate() {
            *sums = self.sums_of_part(part, &block.reached);
        }
        sums
    }

    /// The sums of some of the candidates: as many as there are registers for.
    #[inline(always)]
    fn sums_of_part(&self, part: usize, reached: &[Lanes<u32>]) -> [f64; PART] {
        // As an iterator sums up.
        let mut sums = [-0.0; PART];
        for (reached, &start) in reached.iter().zip(&self.starts) {
            let parts: &[[u32; PART]] = reached.as_chunks().0;
            let (Some(reached), Some(leaves)) = (
                parts.get(part),
                self.leaves[start..].first_chunk::<LEAVES_AHEAD>(),
            ) else {
                break;
            };
            for (sum, reached) in sums.iter_mut().zip(reached) {
                *sum += leaves[reached.trailing_zeros() as usize % LEAVES_AHEAD];
            }
        }
        sums.map(|sum| self.base + sum)
    }
}

/// The lowest `count` bits.
fn bits(count: usize) -> u32 {
    1_u32
        .checked_shl(count as u32)
        .map_or(u32::MAX, |bit| bit - 1)
}

/// Takes the leaves that the splits on one input cut off out of the sets of their trees.
#[inline(always)]
fn cut_off<S: Simd>(simd: S, values: &Lanes<f32>, cuts: &[Cut], reached: &mut [Lanes<u32>]) {
    let values = f32x16::from_slice(simd, values);
    let all = u32x16::splat(simd, u32::MAX);
    for cut in cuts {
        let reached = &mut reached[cut.tree as usize];
        let above = values.simd_gt(f32x16::splat(simd, cut.threshold));
        let stay = above.select(u32x16::splat(simd, cut.stay), all);
        (u32x16::from_slice(simd, reached) & stay).store_slice(reached);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concepts::ranker::Split;

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
