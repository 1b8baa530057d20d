//! How much a static embedding weighs in a pool of that kind.
//!
//! The mean of many words says less than the mean of few, and an embedding says nothing of words
//! that it does not know. So its block weighs less in a pool of long texts, and next to nothing in
//! one of another language:
//!
//!   weight = min(1, 64 / words) · clamp((known - 0.55) / 0.25, 0.05, 1)
//!
//! with `words` the mean number of words of a document of the basis and `known` the share of them
//! that have a vector. The evidence is in `docs/features.md`.

/// Which formula that is; a change of any weight changes it.
pub(super) const FORMULA: u32 = 1;

/// Documents of so many words on the mean are short.
const SHORT: f64 = 64.0;

/// The share of words with a vector from which on the language is the embedding's, and that below
/// which it is another one.
const KNOWN: (f64, f64) = (0.55, 0.8);

/// What is left of the weight in another language: not 0, which would be no block.
const LEAST: f64 = 0.05;

/// What the words of a basis are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Texture {
    /// The mean number of words, or word pieces, of a document.
    pub(super) words: f32,
    /// The share of them that have a vector, 0 to 1.
    pub(super) known: f32,
}

impl Texture {
    /// That of a basis of `documents` documents with so many words, so many of them known.
    pub(super) fn new(documents: usize, words: u64, known: u64) -> Self {
        let share = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        Self { words: share(words, documents as u64) as f32, known: share(known, words) as f32 }
    }

    /// What the block is multiplied with, 0.05 times the first factor to 1.
    pub(super) fn weight(self) -> f64 {
        let of_length = (SHORT / f64::from(self.words)).min(1.0);
        let (none, all) = KNOWN;
        let of_language = ((f64::from(self.known) - none) / (all - none)).clamp(LEAST, 1.0);
        of_length * of_language
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_by_hand() {
        let weight = |documents, words, known| Texture::new(documents, words, known).weight();
        // Short and known: 10 words a document, 19 of 20 known.
        assert!((weight(10, 100, 95) - 1.0).abs() < 1e-12);
        // 256 words a document: a quarter.
        assert!((weight(10, 2_560, 2_560) - 0.25).abs() < 1e-12);
        // Half of the words of German are spelt as English ones are.
        assert!((weight(10, 100, 48) - 0.05).abs() < 1e-12);
        assert!((weight(10, 1_280, 864) - 0.5 * 0.5).abs() < 1e-6);
        // Nothing to judge by.
        assert!((weight(10, 0, 0) - 1.0).abs() < 1e-12);
        assert!(weight(0, 0, 0).is_finite());
    }
}
