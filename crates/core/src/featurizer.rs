//! From texts to features: the traits for what learns from a corpus, and for the fitted result.
//!
//! A [`Featurizer`] is a set of parameters. Fitting it to a corpus gives a [`FittedFeaturizer`],
//! and only that can transform a text: by type, an unfitted one cannot.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::features::{ColumnWeights, Features, Rows};
use crate::shingles::Shingles;

/// Texts in the order of their import. New texts are only ever added at the end, so what was
/// derived from the first n texts stays right.
pub trait Corpus {
    /// The number of documents, n.
    fn n_documents(&self) -> usize;

    /// Calls `visit` with the texts of these documents in chunks, in order.
    ///
    /// # Errors
    /// Errors of reading or of `visit`; reading stops at the first.
    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError>;

    /// A digest of the texts in each of these ranges, which ascend and do not overlap. The same
    /// texts have the same digest, so a new digest shows that results derived from a range are
    /// stale.
    ///
    /// # Errors
    /// The texts cannot be read.
    fn digests(&self, ranges: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError>;
}

/// The digest of a range of a [`Corpus`]: BLAKE3 of the BLAKE3 hashes of its texts, one after the
/// other.
#[derive(Debug, Default)]
pub struct CorpusDigest(blake3::Hasher);

impl CorpusDigest {
    /// Adds the BLAKE3 hash of the next text.
    pub fn push(&mut self, text_hash: &[u8; 32]) {
        self.0.update(text_hash);
    }

    /// The digest of all texts so far.
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

impl Corpus for [&str] {
    fn n_documents(&self) -> usize {
        self.len()
    }

    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        self[documents].chunks(1024).try_for_each(visit)
    }

    fn digests(&self, ranges: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError> {
        let digest = |range: &Range<usize>| {
            let mut digest = CorpusDigest::default();
            for text in &self[range.clone()] {
                digest.push(blake3::hash(text.as_bytes()).as_bytes());
            }
            digest.finish()
        };
        Ok(ranges.iter().map(digest).collect())
    }
}

impl Corpus for Vec<&str> {
    fn n_documents(&self) -> usize {
        self.len()
    }

    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        self.as_slice().for_each_chunk(documents, visit)
    }

    fn digests(&self, ranges: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError> {
        self.as_slice().digests(ranges)
    }
}

/// The documents that a featurizer may learn from, as places in the corpus.
#[derive(Clone, Copy)]
pub struct Learn<'a> {
    /// The pool, in the order of its documents' ids; document frequencies are counted in it.
    pub pool: &'a [u32],
    /// The part of the pool that an embedding is learned from, in the same order. It is the pool at
    /// the time when the embedding was first learned, until the pool has grown enough.
    pub basis: &'a [u32],
    /// Called now and then with the number of documents done and the number in all.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// The parameters of a way to turn text into features.
pub trait Featurizer: Send + Sync {
    /// Reads the new part of the corpus and learns what the features need (document frequencies, an
    /// embedding).
    ///
    /// # Errors
    /// A text that cannot be read, a corpus that the featurizer cannot learn from, or a disk that
    /// fails.
    fn fit(&self, corpus: &dyn Corpus, learn: Learn<'_>) -> Result<Box<dyn FittedFeaturizer>, BoxError>;

    /// Everything that changes the result, as text, for the hash in the manifest.
    fn fingerprint(&self) -> String;
}

/// A fitted featurizer, which also has the features of the corpus that it was fitted to.
pub trait FittedFeaturizer: Send + Sync {
    /// The features of documents of the corpus, given by their places, in that order.
    fn rows<'a>(&'a self, documents: &'a [u32]) -> Box<dyn Rows + 'a>;

    /// The shingles of documents of the corpus, given by their places, in that order; `None` if it
    /// was fitted without shingles.
    fn shingles<'a>(&'a self, documents: &'a [u32]) -> Option<Box<dyn Shingles + 'a>>;

    /// The features of texts, (n, d), each independent of the others.
    ///
    /// # Errors
    /// A text that the featurizer cannot read.
    fn transform(&self, texts: &[&str]) -> Result<Features, BoxError>;

    /// The rows of texts that are not in the corpus, with the products that they would have if they
    /// were in it. A featurizer that multiplies a corpus in another way than by its features
    /// overrides this.
    ///
    /// # Errors
    /// A text that the featurizer cannot read.
    fn rows_of<'a>(&'a self, texts: &[&str]) -> Result<Box<dyn Rows + 'a>, BoxError> {
        Ok(Box::new(self.transform(texts)?))
    }

    /// The number of columns, d.
    fn n_columns(&self) -> usize;

    /// How much each word of a text (n-gram, word piece) adds to the product of the text's features
    /// with `weights`. Words come in the order in which they first occur. Their values sum to the
    /// product, except for a constant that no word causes.
    ///
    /// # Errors
    /// Weights of another width, or a text that the featurizer cannot read.
    fn contributions(&self, text: &str, weights: &ColumnWeights) -> Result<Vec<Contribution>, BoxError>;

    /// The parts of the columns, in order.
    fn blocks(&self) -> Vec<FeatureBlock>;
}

/// How much a word adds to each of m outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The n-gram as counted, or the word piece.
    pub term: String,
    /// What it adds to each output, m values.
    pub values: Vec<f64>,
}

/// One part of the columns of the features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureBlock {
    /// The kind: `ngram`, `lsa` or `static`.
    pub name: String,
    /// The number of columns.
    pub columns: usize,
    /// The factor of its rows, which have length 1 before; above 0.
    pub weight: f64,
    /// The number of documents that it was learned from; 0 if it was learned elsewhere.
    pub learned_from: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_tell_texts_and_their_order_apart() {
        let texts: &[&str] = &["a", "b", "ab", "a", "b"];
        let [first, middle, same] = texts.digests(&[0..2, 2..3, 3..5]).unwrap().try_into().unwrap();
        assert_eq!(first, same);
        assert_ne!(first, middle);
        let swapped = ["b", "a"][..].digests(&[0..1, 0..2]).unwrap();
        assert_ne!(swapped[1], first);
    }

    #[test]
    fn chunks_cover_a_range_once() {
        let texts = vec!["x"; 3_000];
        let mut sizes = Vec::new();
        let visit = &mut |chunk: &[&str]| {
            sizes.push(chunk.len());
            Ok(())
        };
        texts[..].for_each_chunk(10..2_500, visit).unwrap();
        assert_eq!(sizes.iter().sum::<usize>(), 2_490);
    }
}
