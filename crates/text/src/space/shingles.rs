//! Documents of the corpus as sets of shingles: the columns of the n-grams that they contain.
//!
//! If the features use the same counter, its counts are used. Otherwise (for example for a static
//! embedding alone, or n-grams of at least two words) the corpus is counted separately. The
//! counter must count single words, so that a row is empty only for a text without visible
//! characters. Columns stand for n-grams as in features, so there may be collisions, and n-grams of
//! characters are included. How often an n-gram occurs does not matter.

use querist_core::Shingles;
use querist_core::error::BoxError;

use super::fitted::FittedSpace;
use super::order::Order;
use crate::counts::Counts;

/// The counts that shingles are read from.
pub(super) enum ShingleCounts {
    /// The counts of the source with this index.
    Shared(usize),
    /// Counts made for shingles alone.
    Own(Counts),
}

/// The sets of some documents of the corpus, which are given by their indices.
pub(super) struct SpaceShingles<'a> {
    counts: &'a Counts,
    documents: &'a [u32],
}

impl<'a> SpaceShingles<'a> {
    /// Returns the sets of `documents`, in that order; `None` if the space has no shingles.
    pub(super) fn new(space: &'a FittedSpace, documents: &'a [u32]) -> Option<Self> {
        let counts = match space.shingles.as_ref()? {
            ShingleCounts::Shared(source) => &space.sources.get(*source)?.counts,
            ShingleCounts::Own(counts) => counts,
        };
        Some(Self { counts, documents })
    }
}

impl Shingles for SpaceShingles<'_> {
    fn shingles(&self, rows: &[usize]) -> Result<Vec<Vec<u32>>, BoxError> {
        let place = |row: &usize| {
            let place = self.documents.get(*row).copied();
            place.ok_or_else(|| format!("there are no shingles of row {row}").into())
        };
        let order = Order::new(rows.iter().map(place).collect::<Result<_, BoxError>>()?);
        let mut sets = vec![Vec::new(); rows.len()];
        order.for_each(self.counts, |index, _, row| {
            sets[index] = row.iter().map(|entry| entry.column()).collect();
        })?;
        Ok(sets)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use querist_core::{Featurizer, Learn};

    use crate::{Buckets, FeatureKind, NgramCounter, NgramRange, TextFeaturizer, WordSource, WordSplitter};

    fn counter(min: usize) -> Arc<NgramCounter> {
        let words = WordSource::Splitter(WordSplitter::default());
        Arc::new(NgramCounter::new(words, NgramRange::new(min, 2).unwrap(), None, Buckets::default()))
    }

    fn sets(features: usize, shingles: Option<usize>) -> Option<Vec<Vec<u32>>> {
        let texts = vec!["b a", "one", "b a", "a b", " \u{200b}", "b a b a"];
        let featurizer = TextFeaturizer::new(counter(features), FeatureKind::NGRAM);
        let featurizer = match shingles {
            Some(min) => featurizer.with_shingles(counter(min)),
            None => featurizer,
        };
        let learn = Learn { pool: &[0, 1, 2, 3], basis: &[0, 1, 2, 3], progress: &|_, _| () };
        let fitted = featurizer.fit(&texts, learn).unwrap();
        // The documents are not in the order of the corpus, and the rows are in a third order.
        let shingles = fitted.shingles(&[5, 4, 3, 2, 1, 0])?;
        assert!(shingles.shingles(&[6]).is_err());
        Some(shingles.shingles(&[5, 4, 3, 2, 1, 0]).unwrap())
    }

    #[test]
    fn a_set_has_each_word_and_pair_once() {
        assert!(sets(1, None).is_none());
        let shared = sets(1, Some(1)).unwrap();
        assert_eq!(shared.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1, 3, 3, 0, 4]);
        assert!(shared.iter().all(|set| set.is_sorted()));
        assert!(shared[0] == shared[2] && shared[0] != shared[3]);
        assert!(shared[3].iter().all(|column| shared[5].contains(column)));
    }

    #[test]
    fn counts_that_lack_single_words_are_not_used() {
        // Features of word pairs alone know nothing about the text "one".
        assert!(sets(2, Some(2)).unwrap()[1].is_empty());
        assert_eq!(sets(2, Some(1)), sets(1, Some(1)));
    }
}
