//! Words, sentences, stop words, stems: what is known of language without a document.
