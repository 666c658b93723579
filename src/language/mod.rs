//! Words, sentences, stop words, stems, word classes: what is known of language without a document.
//!
//! [`tokens`] cuts text into words, numbers and symbols with their byte offsets. [`Language`] tells function
//! words from content words and stems them; [`english`] knows how common an English word is and what class
//! it usually has, [`background`] how common those of other languages are, [`tagger`] decides the class from the sentence. Everything is linear in the text and
//! allocates nothing per token.

pub mod background;
pub mod casing;
pub mod classes;
pub mod english;
mod fnv;
mod function_words;
mod languages;
mod short;
pub mod tagger;
pub mod tokens;
mod verbs;

pub use fnv::fnv1a;
pub use function_words::english_function_word;
pub(crate) use languages::Begun;
pub use languages::{Language, Stemmer};
pub(crate) use short::short;
