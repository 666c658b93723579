//! What collections of keyphrases say of phrases, of single words and of the words beside a phrase: whether they are
//! listed more often than others.

use super::HashMap;
use crate::language::fnv1a;

/// The log-odds, in eighths, of what has to do with one stem; see [`Prior`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordPrior {
    /// Of a phrase with the word anywhere in it.
    pub word: i8,
    /// Of a phrase with it as the last word.
    pub head: i8,
    /// Of a phrase right after it.
    pub before: i8,
    /// Of a phrase right before it.
    pub after: i8,
}

/// How much more often than others phrases are listed that have something to do with a word, and whole phrases; what is
/// not in it has zeros.
#[derive(Clone, Debug, Default)]
pub struct Prior {
    /// By [`hash`] of the stem, or [`NO_WORD`].
    pub words: HashMap<u32, WordPrior>,
    /// Log-odds in eighths by [`phrase_hash`].
    pub phrases: HashMap<u32, i8>,
}

impl Prior {
    /// The prior of the stem with this hash.
    pub fn of(&self, stem: u32) -> WordPrior {
        self.words.get(&stem).copied().unwrap_or_default()
    }

    /// The prior of the phrase with this hash.
    pub fn of_phrase(&self, phrase: u32) -> i8 {
        self.phrases.get(&phrase).copied().unwrap_or_default()
    }
}

/// Stands for the hash of the stem where a phrase has no word beside it.
pub const NO_WORD: u32 = 0;

/// FNV-1a of a stem.
pub fn hash(stem: &str) -> u32 {
    fnv1a(stem.bytes().map(u32::from))
}

/// FNV-1a of the hashes of a phrase's stems.
pub fn phrase_hash(stems: impl Iterator<Item = u32>) -> u32 {
    fnv1a(stems)
}

/// What a prior says of a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Mean, least and most of its words.
    pub words: [f32; 3],
    /// Of its last word as such.
    pub head: f32,
    /// Of the whole phrase.
    pub phrase: f32,
    /// Means over its occurrences, of the word before and of the word after.
    pub around: [f32; 2],
}

impl Summary {
    /// From the words of a candidate, in order.
    pub fn of(words: impl Iterator<Item = WordPrior>) -> Self {
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
            true => Summary {
                words: [sum / count, f32::from(least), f32::from(most)],
                head: f32::from(head),
                ..Summary::default()
            },
            false => Summary::default(),
        }
    }

    /// As the trees see it.
    pub(super) fn inputs(self) -> [f32; 7] {
        let Summary {
            words,
            head,
            phrase,
            around,
        } = self;
        let ([first, second, third], [before, after]) = (words, around);
        [first, second, third, head, phrase, before, after]
    }
}
