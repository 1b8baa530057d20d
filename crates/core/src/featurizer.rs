//! From texts to features: one trait for methods that learn from a corpus, and one for the fitted
//! result.
//!
//! A [`Featurizer`] is a set of parameters. Fitting it to a corpus gives a [`FittedFeaturizer`],
//! and only the fitted type can transform a text.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::features::{ColumnWeights, Features, Rows};
use crate::shingles::Shingles;

/// Texts in the order of their import. New texts are only added at the end, so results derived from
/// the first n texts remain valid.
pub trait Corpus {
    /// Returns the number of documents.
    fn n_documents(&self) -> usize;

    /// Reads the texts of these documents in order, and calls `visit` with each chunk of texts.
    ///
    /// # Errors
    /// A text cannot be read, or `visit` fails; reading stops at the first error.
    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError>;

    /// Returns a digest of the texts in each of these ranges, which must ascend and not overlap.
    /// The same texts have the same digest, so a changed digest shows that results derived from the
    /// range are out of date.
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

    /// Returns the digest of all texts added so far.
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

impl Corpus for [&str] {
    fn n_documents(&self) -> usize {
        self.len()
    }

    /// Reads chunks of 1,024 texts.
    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        self[documents].chunks(1024).try_for_each(visit)
    }

    /// Hashes each text, and then the hashes of the texts of each range.
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

/// The documents that a featurizer may learn from, as indices into the corpus.
#[derive(Clone, Copy)]
pub struct Learn<'a> {
    /// The documents of the pool, in the order of their ids. Document frequencies are counted in
    /// them.
    pub pool: &'a [u32],
    /// The part of the pool that an embedding is learned from, in the same order. At first it is
    /// the pool at the time when the embedding was learned. Once the pool has grown enough, the
    /// embedding is learned again, and the part is the larger pool.
    pub basis: &'a [u32],
    /// A function that is called from time to time with the number of documents done and the
    /// total.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// The parameters of a method that turns text into features.
pub trait Featurizer: Send + Sync {
    /// Reads the new part of the corpus and learns what the features need (document frequencies, an
    /// embedding).
    ///
    /// # Errors
    /// A text cannot be read, the featurizer cannot learn from the corpus, or a file cannot be
    /// written.
    fn fit(&self, corpus: &dyn Corpus, learn: Learn<'_>) -> Result<Box<dyn FittedFeaturizer>, BoxError>;

    /// Returns all parameters that change the result, as text, for the hash in the manifest.
    fn fingerprint(&self) -> String;
}

/// A fitted featurizer, which also has the features of the corpus that it was fitted to.
pub trait FittedFeaturizer: Send + Sync {
    /// Returns the features of the documents with these indices in the corpus, in the order of
    /// `documents`.
    fn rows<'a>(&'a self, documents: &'a [u32]) -> Box<dyn Rows + 'a>;

    /// Returns the shingles of the documents with these indices in the corpus, in the order of
    /// `documents`; `None` if the featurizer was fitted without shingles.
    fn shingles<'a>(&'a self, documents: &'a [u32]) -> Option<Box<dyn Shingles + 'a>>;

    /// Returns the features of texts, one row each. A row does not depend on the other texts.
    ///
    /// # Errors
    /// The featurizer cannot read a text.
    fn transform(&self, texts: &[&str]) -> Result<Features, BoxError>;

    /// Returns the rows of texts that are not in the corpus. Their products with weights are the
    /// same as if the texts were in the corpus. A featurizer that computes the products of its
    /// corpus without its features overrides this method.
    ///
    /// # Errors
    /// The featurizer cannot read a text.
    fn rows_of<'a>(&'a self, texts: &[&str]) -> Result<Box<dyn Rows + 'a>, BoxError> {
        Ok(Box::new(self.transform(texts)?))
    }

    /// Returns the number of columns.
    fn n_columns(&self) -> usize;

    /// Returns how much each word of a text adds to the product of the text's features with
    /// `weights`; a word is an n-gram or a word piece. Words come in the order in which they first
    /// occur. Their values sum to the product, except for a constant that no word causes.
    ///
    /// # Errors
    /// The weights are for another number of columns, or the featurizer cannot read the text.
    fn contributions(&self, text: &str, weights: &ColumnWeights) -> Result<Vec<Contribution>, BoxError>;

    /// Returns the blocks that the columns consist of, in column order.
    fn blocks(&self) -> Vec<FeatureBlock>;
}

/// How much a word adds to each output of the weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The n-gram as counted, or the word piece.
    pub term: String,
    /// The number that the word adds to each output.
    pub values: Vec<f64>,
}

/// One part of the columns of the features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureBlock {
    /// The kind: `ngram`, `lsa`, `static` or `vectors`.
    pub name: String,
    /// The number of columns.
    pub columns: usize,
    /// The factor, above 0, by which the block's rows are multiplied after they are scaled to
    /// length 1.
    pub weight: f64,
    /// The number of documents that the block was learned from; 0 if it was not learned from the
    /// workspace's documents.
    pub learned_from: usize,
    /// What its n-grams consist of, if the pool's text decided it: `words`, `characters` (parts of
    /// words) or `both`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
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
