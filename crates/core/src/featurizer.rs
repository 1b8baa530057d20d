//! From texts to features: the traits of what learns from a corpus and of what it has become.
//!
//! A [`Featurizer`] is parameters; fitting it to a corpus gives a [`FittedFeaturizer`], which is
//! the only thing that can transform a text (an unfitted one cannot, by type).

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::BoxError;
use crate::features::{ColumnWeights, Features, Rows};
use crate::shingles::Shingles;

/// Texts in the order in which they came. New ones are only ever added at the end, so what was
/// derived from the first n stays true of them.
pub trait Corpus {
    /// n.
    fn n_documents(&self) -> usize;

    /// Calls `visit` with the texts of those documents in chunks, in order.
    ///
    /// # Errors
    /// What reading or `visit` brings up; reading stops there.
    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError>;

    /// A digest of the texts of each of those ranges, which ascend and do not overlap: the same
    /// texts, the same digest. What was derived from a range is known to be stale by it.
    ///
    /// # Errors
    /// The texts cannot be read.
    fn digests(&self, ranges: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError>;
}

/// BLAKE3 of the texts' own BLAKE3 hashes, one after the other: the digest of a range of a
/// [`Corpus`].
#[derive(Debug, Default)]
pub struct CorpusDigest(blake3::Hasher);

impl CorpusDigest {
    /// Takes in the BLAKE3 hash of the next text.
    pub fn push(&mut self, text_hash: &[u8; 32]) {
        self.0.update(text_hash);
    }

    /// The digest.
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

/// What a featurizer may learn from: places in the corpus.
#[derive(Clone, Copy)]
pub struct Learn<'a> {
    /// The pool, in the order of its documents' ids: what document frequencies are counted in.
    pub pool: &'a [u32],
    /// The part of the pool that an embedding is learned from, in the same order: the pool as it
    /// was when the embedding was learned first, until the pool has grown enough.
    pub basis: &'a [u32],
    /// Called now and then with how many documents of how many are done.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// Parameters of a way to turn text into features.
pub trait Featurizer: Sync {
    /// Reads what is new in the corpus and learns what there is to learn (document frequencies, an
    /// embedding).
    ///
    /// # Errors
    /// A text that cannot be read, a corpus that the featurizer cannot learn from, or a disk that
    /// fails.
    fn fit(&self, corpus: &dyn Corpus, learn: Learn<'_>) -> Result<Box<dyn FittedFeaturizer>, BoxError>;

    /// Everything that changes the result, as text: the manifest hashes it.
    fn fingerprint(&self) -> String;
}

/// A fitted featurizer, and with it the features of the corpus that it was fitted to.
pub trait FittedFeaturizer: Send + Sync {
    /// The features of those documents of the corpus, by their places, in that order.
    fn rows<'a>(&'a self, documents: &'a [u32]) -> Box<dyn Rows + 'a>;

    /// The shingles of those documents of the corpus, by their places, in that order; `None` if it
    /// was fitted without.
    fn shingles<'a>(&'a self, documents: &'a [u32]) -> Option<Box<dyn Shingles + 'a>>;

    /// Features of texts, (n, d), each independently of the others.
    ///
    /// # Errors
    /// A text that the featurizer cannot read.
    fn transform(&self, texts: &[&str]) -> Result<Features, BoxError>;

    /// The rows of texts that are not in the corpus, with the products that they would have if they
    /// were: a featurizer that multiplies a corpus by other means than its features overrides it.
    ///
    /// # Errors
    /// A text that the featurizer cannot read.
    fn rows_of<'a>(&'a self, texts: &[&str]) -> Result<Box<dyn Rows + 'a>, BoxError> {
        Ok(Box::new(self.transform(texts)?))
    }

    /// d.
    fn n_columns(&self) -> usize;

    /// What the words of a text (n-grams, word pieces) add to the product of its features with
    /// `weights`, in the order in which they first occur; they sum to the product, up to a constant
    /// that no word is the cause of.
    ///
    /// # Errors
    /// Weights of another width, or a text that the featurizer cannot read.
    fn contributions(&self, text: &str, weights: &ColumnWeights) -> Result<Vec<Contribution>, BoxError>;

    /// What the features are made of.
    fn blocks(&self) -> Vec<FeatureBlock>;
}

/// What a word adds to each of m outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// The n-gram as it is counted, or the word piece.
    pub term: String,
    /// What it adds, m of them.
    pub values: Vec<f64>,
}

/// One part of the columns of the features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureBlock {
    /// Its kind: `ngram`, `lsa`, `static`.
    pub name: String,
    /// How many columns it has.
    pub columns: usize,
    /// What its rows, of length 1, are multiplied with; above 0.
    pub weight: f64,
    /// How many documents it was learned from; 0 for what was learned elsewhere.
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
