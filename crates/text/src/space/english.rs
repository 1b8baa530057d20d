//! The static embedding that is included in Querist: vectors of 22,716 English words. They are
//! compiled in with the feature `english`, which is on by default.
//!
//! `models/english/README.md` describes their sources, their computation and their licence.

#[cfg(feature = "english")]
use std::sync::Arc;

use super::embedding::StaticEmbedding;
#[cfg(feature = "english")]
use super::{
    embedding::Pooling,
    vectors::{Precision, Vectors},
    words::WordCounter,
};
use crate::error::TextError;

/// The name of the embedding.
pub const NAME: &str = "english";

/// The words of the embedding, one on each line.
#[cfg(feature = "english")]
pub const WORDS: &str = include_str!("../../models/english/words.txt");
/// The words of the embedding; empty without the feature `english`.
#[cfg(not(feature = "english"))]
pub const WORDS: &str = "";

/// The words' vectors, in the order of the words.
#[cfg(feature = "english")]
const VECTORS: &[u8] = include_bytes!("../../models/english/vectors.i8");

/// The number of values in a vector.
#[cfg(feature = "english")]
const WIDTH: usize = 128;

impl StaticEmbedding {
    /// Returns the embedding of English words that is included in Querist.
    ///
    /// # Errors
    /// The crate was built without the feature `english`.
    #[cfg(not(feature = "english"))]
    pub fn english() -> Result<Self, TextError> {
        let problem = "this build of Querist has no vectors of English words; build it with the feature english, \
                       or choose another embedding or none";
        Err(TextError::EmbeddingFile { path: NAME.to_owned(), problem: problem.to_owned() })
    }

    /// Returns the embedding of English words that is included in Querist.
    ///
    /// # Errors
    /// The compiled-in files do not belong together, which is a mistake of the build.
    #[cfg(feature = "english")]
    pub fn english() -> Result<Self, TextError> {
        let counter = WordCounter::new(WORDS)?;
        let n_words = counter.n_words();
        if n_words * WIDTH != VECTORS.len() {
            let problem = format!("{n_words} words have {} bytes of vectors", VECTORS.len());
            return Err(TextError::EmbeddingFile { path: NAME.to_owned(), problem });
        }
        let vectors = Vectors::compiled(WIDTH, Precision::Byte, VECTORS);
        let pooling = Pooling { smoothing: None, centered: true };
        Ok(Self::new(Arc::new(counter), n_words, vectors, pooling, blake3::hash(VECTORS)))
    }
}

#[cfg(test)]
#[cfg(feature = "english")]
mod tests {
    use super::*;
    use crate::counts::Scratch;

    /// The cosine of the angle between the vectors of two words.
    fn cosine(embedding: &StaticEmbedding, words: [&str; 2]) -> f64 {
        let vectors = words.map(|word| {
            let mut row = Vec::new();
            embedding.counter().count(word, &mut Scratch::default(), &mut row).unwrap();
            let mut vector = vec![0.0; WIDTH];
            embedding.add(row[0].column() as usize, &mut vector);
            vector.into_iter().map(f64::from).collect::<Vec<_>>()
        });
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let [a, b] = &vectors;
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    #[test]
    fn each_word_has_the_vector_of_its_line() {
        let embedding = StaticEmbedding::english().unwrap();
        assert_eq!((embedding.n_pieces(), embedding.width()), (22_716, WIDTH));
        assert!(WORDS.lines().is_sorted_by(|one, next| one < next));
        assert!(VECTORS.chunks(WIDTH).all(|vector| vector.iter().any(|value| *value != 0)));
        // If one side lacked a line, these words would not be near each other.
        let near = [["awful", "terrible"], ["bank", "banking"], ["zoo", "zoological"]];
        assert!(near.iter().all(|pair| cosine(&embedding, *pair) > 0.4));
        let far = [["awful", "bank"], ["bank", "zoo"], ["zoo", "terrible"]];
        assert!(far.iter().all(|pair| cosine(&embedding, *pair) < 0.2));
    }
}
