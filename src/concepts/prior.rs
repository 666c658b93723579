//! What collections of keyphrases say of single words: whether phrases with them are listed more often than
//! others.

use super::HashMap;
use crate::language::fnv1a;

/// The log-odds, in eighths, of a word being in a listed phrase, and of being its last word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordPrior {
    /// Anywhere in the phrase.
    pub word: i8,
    /// As its last word.
    pub head: i8,
}

/// The priors by [`hash`] of the stem; all other words have zeros.
#[derive(Clone, Debug, Default)]
pub struct Prior(pub HashMap<u32, WordPrior>);

impl Prior {
    /// The prior of the stem with this hash.
    pub fn of(&self, stem: u32) -> WordPrior {
        self.0.get(&stem).copied().unwrap_or_default()
    }
}

/// FNV-1a of a stem.
pub fn hash(stem: &str) -> u32 {
    fnv1a(stem.bytes().map(u32::from))
}

/// Mean, least and most of the words, and the prior of the last as a head.
pub fn summary(words: impl Iterator<Item = WordPrior>) -> [f32; 4] {
    let (mut sum, mut count) = (0.0, 0.0);
    let (mut least, mut most) = (i8::MAX, i8::MIN);
    let mut head = 0;
    for prior in words {
        sum += f32::from(prior.word);
        count += 1.0;
        least = least.min(prior.word);
        most = most.max(prior.word);
        head = prior.head;
    }
    match count > 0.0 {
        true => [
            sum / count,
            f32::from(least),
            f32::from(most),
            f32::from(head),
        ],
        false => [0.0; 4],
    }
}
