//! Gradient-boosted regression trees for ranking: LambdaMART (Burges 2010) over histograms, grown leaf by leaf. Each leaf is
//! offered a few thresholds of each input, drawn at random (extremely randomized trees, Geurts et al. 2006): what is learnt
//! on some sources fits others better than with the best of all thresholds.

use tori::concepts::{INPUTS, Split, Tree};

const TREES: usize = 250;
const LEAVES: usize = 31;
const RATE: f64 = 0.05;
/// Thresholds of an input that a leaf is offered.
const THRESHOLDS: usize = 3;
/// Added to the sum of second derivatives of a leaf.
const PENALTY: f64 = 5.0;
const FEWEST_ROWS: u32 = 40;
const BINS: usize = 64;
/// Share of the inputs that one tree may split on, in tenths.
const INPUTS_IN_TEN: u64 = 6;
/// Pairs of candidates are compared when one of them is among so many at the top of its document.
const TOP: usize = 30;

/// Candidates as the trees learn them; those of one document stand together.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) inputs: Vec<[f32; INPUTS]>,
    pub(crate) listed: Vec<bool>,
    /// Rows of each document, and what the document weighs.
    pub(crate) documents: Vec<(std::ops::Range<usize>, f64)>,
}

/// What may differ between fits to the same rows.
pub(crate) struct Choices {
    /// Of the inputs each tree may split on, and of the thresholds.
    pub(crate) seed: u64,
    /// Inputs that no tree may split on.
    pub(crate) off: [bool; INPUTS],
}

/// Fits the trees to the order of the candidates in their documents.
pub(crate) fn fit(rows: &Rows, choices: &Choices) -> Vec<Tree> {
    let bins = Bins::of(&rows.inputs);
    let binned: Vec<[u8; INPUTS]> = rows.inputs.iter().map(|inputs| bins.bin(inputs)).collect();
    let mut scores = vec![0.0_f64; rows.inputs.len()];
    let mut slopes = vec![Slope::default(); rows.inputs.len()];
    let mut random = Random(0x2545_f491_4f6c_dd1d_u64.wrapping_mul(2 * choices.seed + 1));
    let mut trees = Vec::with_capacity(TREES);
    for _ in 0..TREES {
        for (range, weight) in &rows.documents {
            lambdas(
                &scores[range.clone()],
                &rows.listed[range.clone()],
                *weight,
                &mut slopes[range.clone()],
            );
        }
        let chosen: Vec<usize> = (0..INPUTS)
            .filter(|_| random.next() % 10 < INPUTS_IN_TEN)
            .filter(|&input| !choices.off[input])
            .collect();
        let tree = grow(&binned, &bins, &slopes, &chosen, &mut random, &mut scores);
        trees.push(tree);
    }
    trees
}

/// The numbers of xorshift64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// First and second derivative of the loss, and rows.
#[derive(Clone, Copy, Default)]
struct Slope {
    first: f64,
    second: f64,
}

/// The derivatives of LambdaMART with NDCG, normalised in the manner of LightGBM: pairs by the distance of their
/// scores, documents by the logarithm of their sum.
fn lambdas(scores: &[f64], listed: &[bool], weight: f64, slopes: &mut [Slope]) {
    slopes.fill(Slope::default());
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let discount = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let positives = listed.iter().filter(|&&listed| listed).count();
    let ideal: f64 = (0..positives.min(TOP)).map(discount).sum();
    let spread = order
        .first()
        .zip(order.last())
        .is_some_and(|(&first, &last)| scores[first] != scores[last]);
    let mut total = 0.0;
    for upper in 0..order.len().min(TOP) {
        for lower in upper + 1..order.len() {
            let (a, b) = (order[upper], order[lower]);
            if listed[a] == listed[b] {
                continue;
            }
            let (good, bad) = if listed[a] { (a, b) } else { (b, a) };
            let distance = scores[good] - scores[bad];
            let mut change = (discount(upper) - discount(lower)) / ideal;
            if spread {
                change /= 0.01 + distance.abs();
            }
            let wrong = 1.0 / (1.0 + distance.exp());
            let (first, second) = (wrong * change, wrong * (1.0 - wrong) * change);
            slopes[good].first -= first;
            slopes[good].second += second;
            slopes[bad].first += first;
            slopes[bad].second += second;
            total += 2.0 * first;
        }
    }
    let factor = weight
        * if total > 0.0 {
            (1.0 + total).log2() / total
        } else {
            1.0
        };
    for slope in slopes {
        slope.first *= factor;
        slope.second *= factor;
    }
}

/// The thresholds that cut each input into bins of about as many rows.
struct Bins(Vec<Vec<f32>>);

impl Bins {
    fn of(inputs: &[[f32; INPUTS]]) -> Self {
        let cuts = (0..INPUTS).map(|input| {
            let mut values: Vec<f32> = inputs.iter().map(|row| row[input]).collect();
            values.sort_unstable_by(f32::total_cmp);
            let mut cuts: Vec<f32> = Vec::new();
            let mut counted = 0;
            let mut room = (values.len() / BINS).max(1);
            for run in values.chunk_by(|a, b| a == b) {
                counted += run.len();
                if counted >= room && cuts.len() + 1 < BINS {
                    cuts.push(run[0]);
                    room = counted + ((values.len() - counted) / (BINS - cuts.len())).max(1);
                }
            }
            cuts
        });
        Bins(cuts.collect())
    }

    fn bin(&self, inputs: &[f32; INPUTS]) -> [u8; INPUTS] {
        let mut bins = [0; INPUTS];
        for ((bin, value), cuts) in bins.iter_mut().zip(inputs).zip(&self.0) {
            *bin = cuts.partition_point(|cut| cut < value) as u8;
        }
        bins
    }
}

#[derive(Clone, Copy, Default)]
struct Bin {
    slope: Slope,
    rows: u32,
}

impl Bin {
    fn add(&mut self, other: Bin) {
        self.slope.first += other.slope.first;
        self.slope.second += other.slope.second;
        self.rows += other.rows;
    }

    fn without(self, other: Bin) -> Bin {
        Bin {
            slope: Slope {
                first: self.slope.first - other.slope.first,
                second: self.slope.second - other.slope.second,
            },
            rows: self.rows - other.rows,
        }
    }

    fn gain(self) -> f64 {
        self.slope.first * self.slope.first / (self.slope.second + PENALTY)
    }

    fn value(self) -> f64 {
        -self.slope.first / (self.slope.second + PENALTY) * RATE
    }
}

struct Best {
    gain: f64,
    input: usize,
    bin: usize,
}

struct Leaf {
    rows: Vec<u32>,
    histogram: Vec<[Bin; BINS]>,
    sum: Bin,
    best: Option<Best>,
    /// The split and side it hangs from.
    parent: Option<(usize, usize)>,
}

impl Leaf {
    fn new(
        rows: Vec<u32>,
        histogram: Vec<[Bin; BINS]>,
        chosen: &[usize],
        random: &mut Random,
        parent: Option<(usize, usize)>,
    ) -> Self {
        let mut sum = Bin::default();
        for &bin in histogram.first().into_iter().flatten() {
            sum.add(bin);
        }
        let mut best: Option<Best> = None;
        for (bins, &input) in histogram.iter().zip(chosen) {
            for bin in thresholds(bins, random) {
                let mut left = Bin::default();
                for &bin in &bins[..=bin] {
                    left.add(bin);
                }
                let right = sum.without(left);
                if left.rows.min(right.rows) < FEWEST_ROWS {
                    continue;
                }
                let gain = left.gain() + right.gain() - sum.gain();
                if gain > best.as_ref().map_or(1e-9, |best| best.gain) {
                    best = Some(Best { gain, input, bin });
                }
            }
        }
        Leaf {
            rows,
            histogram,
            sum,
            best,
            parent,
        }
    }
}

/// Some of the bins behind which rows can be parted; none when all are in one bin.
fn thresholds(bins: &[Bin; BINS], random: &mut Random) -> impl Iterator<Item = usize> {
    let first = bins.iter().position(|bin| bin.rows > 0).unwrap_or(0);
    let last = bins.iter().rposition(|bin| bin.rows > 0).unwrap_or(0);
    let choices = last.saturating_sub(first);
    let drawn = if choices > 0 { THRESHOLDS } else { 0 };
    (0..drawn).map(move |_| first + (random.next() % choices.max(1) as u64) as usize)
}

fn histogram(
    rows: &[u32],
    binned: &[[u8; INPUTS]],
    slopes: &[Slope],
    chosen: &[usize],
) -> Vec<[Bin; BINS]> {
    let mut histogram = vec![[Bin::default(); BINS]; chosen.len()];
    for &row in rows {
        let bins = &binned[row as usize];
        let one = Bin {
            slope: slopes[row as usize],
            rows: 1,
        };
        for (column, &input) in histogram.iter_mut().zip(chosen) {
            column[usize::from(bins[input]) % BINS].add(one);
        }
    }
    histogram
}

/// Grows a tree by splitting the leaf that gains most, and adds its values to the scores.
fn grow(
    binned: &[[u8; INPUTS]],
    bins: &Bins,
    slopes: &[Slope],
    chosen: &[usize],
    random: &mut Random,
    scores: &mut [f64],
) -> Tree {
    let all: Vec<u32> = (0..binned.len() as u32).collect();
    let root = histogram(&all, binned, slopes, chosen);
    let mut leaves = vec![Leaf::new(all, root, chosen, random, None)];
    let mut tree = Tree::default();
    while leaves.len() < LEAVES {
        let gain = |leaf: &Leaf| leaf.best.as_ref().map_or(0.0, |best| best.gain);
        let Some(at) = (0..leaves.len()).reduce(|a, b| {
            if gain(&leaves[b]) > gain(&leaves[a]) {
                b
            } else {
                a
            }
        }) else {
            break;
        };
        let Some(Best { input, bin, .. }) = leaves[at].best else {
            break;
        };
        let leaf = leaves.swap_remove(at);
        let split = tree.splits.len();
        tree.splits.push(Split {
            input: input as u8,
            threshold: bins.0[input][bin],
            next: [0, 0],
            mean: leaf.sum.value() as f32,
        });
        if let Some((above, side)) = leaf.parent {
            tree.splits[above].next[side] = split as i8;
        }
        let (left, right): (Vec<u32>, Vec<u32>) = leaf
            .rows
            .iter()
            .partition(|&&row| usize::from(binned[row as usize][input]) <= bin);
        let (fewer, side) = if left.len() <= right.len() {
            (&left, 0)
        } else {
            (&right, 1)
        };
        let counted = histogram(fewer, binned, slopes, chosen);
        let others = leaf
            .histogram
            .iter()
            .zip(&counted)
            .map(|(all, counted)| std::array::from_fn(|at| all[at].without(counted[at])))
            .collect();
        let (left_bins, right_bins) = if side == 0 {
            (counted, others)
        } else {
            (others, counted)
        };
        leaves.push(Leaf::new(left, left_bins, chosen, random, Some((split, 0))));
        leaves.push(Leaf::new(
            right,
            right_bins,
            chosen,
            random,
            Some((split, 1)),
        ));
    }
    for (index, leaf) in leaves.iter().enumerate() {
        let value = leaf.sum.value() as f32;
        tree.leaves.push(value);
        if let Some((above, side)) = leaf.parent {
            tree.splits[above].next[side] = -1 - index as i8;
        }
        for &row in &leaf.rows {
            scores[row as usize] += f64::from(value);
        }
    }
    tree
}
