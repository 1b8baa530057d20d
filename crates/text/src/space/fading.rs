//! The weight of a static embedding in a pool, computed from the pool's words.
//!
//! The mean vector of many words is less informative than the mean of few, and words without a
//! vector add no information. So the block has less weight in a pool of long texts, and almost none
//! in a pool in another language:
//!
//!   weight = min(1, 64 / words) · clamp((known - 0.55) / 0.25, 0.05, 1)
//!
//! `words` is the mean number of words of a basis document and `known` the share of words that have
//! a vector, 0 to 1. The evidence is in `docs/features.md`.

/// The version of the formula; it goes up when any weight changes.
pub(super) const FORMULA: u32 = 1;

/// If documents have at most this many words on average, their length does not lower the weight.
const SHORT: f64 = 64.0;

/// The shares of words with a vector at which the language factor begins to rise and reaches 1.
/// Below the first share the pool is taken to be in another language than the embedding.
const KNOWN: (f64, f64) = (0.55, 0.8);

/// The language factor for another language. It is above 0, because the scale of a block must be
/// above 0.
const LEAST: f64 = 0.05;

/// The length and the known words of the basis documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Texture {
    /// The mean number of words, or word pieces, of a document.
    pub(super) words: f32,
    /// The share of these words that have a vector, 0 to 1.
    pub(super) known: f32,
}

impl Texture {
    /// Returns the texture of a basis with `documents` documents and `words` words in total, of
    /// which `known` have a vector. If there are no documents or no words, the quotient is taken to
    /// be 1.
    pub(super) fn new(documents: usize, words: u64, known: u64) -> Self {
        let share = |part: u64, whole: u64| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
        Self { words: share(words, documents as u64) as f32, known: share(known, words) as f32 }
    }

    /// Returns the factor of the block's rows, between 0.05 · min(1, 64 / words) and 1.
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
        // About half of the words of a German text are also spelt like English words.
        assert!((weight(10, 100, 48) - 0.05).abs() < 1e-12);
        assert!((weight(10, 1_280, 864) - 0.5 * 0.5).abs() < 1e-6);
        // No words to judge by.
        assert!((weight(10, 0, 0) - 1.0).abs() < 1e-12);
        assert!(weight(0, 0, 0).is_finite());
    }
}
