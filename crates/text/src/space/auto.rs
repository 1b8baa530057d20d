//! Chooses the features if the configuration says `auto`.
//!
//! The choice of blocks depends only on sizes, so it is the same for every run of a workspace, and
//! a report can state it. The weight of a static embedding also depends on the pool's words
//! (`fading.rs`). The evidence is in `docs/features.md`. With few labels, an embedding learned
//! without labels (from the pool, or a static one) is most informative, and n-grams only add noise.
//! With many labels, n-grams have been seen often enough to add information that the embedding
//! lacks. In between, n-grams help at half the weight. With very many labels, they say the most.

use super::kind::{FeatureKind, Scales};

/// The minimum number of documents in a pool from which an embedding is learned.
pub const SMALLEST_POOL: usize = 200;

/// The number of labels from which on n-grams are added to the embedding, at half its weight.
pub const SOME_LABELS: usize = 350;

/// The number of labels from which on n-grams have the same weight as the embedding.
pub const MANY_LABELS: usize = 1_500;

/// The number of labels from which on n-grams have twice the weight of the embedding.
pub const PLENTY_OF_LABELS: usize = 5_000;

/// The number of labels per class from which on n-grams are added to the embedding.
pub const LABELS_PER_CLASS: usize = 10;

/// The largest product of the numbers of labels and of classes with which n-grams are added. A
/// model has a weight for each n-gram and each class, so with 2,000 classes the n-grams of 6,000
/// documents would take gigabytes.
pub const MOST_LABELS_TIMES_CLASSES: usize = 4_000_000;

/// The sizes by which `auto` chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The number of documents in the pool.
    pub pool: usize,
    /// The number of labelled documents.
    pub labeled: usize,
    /// The number of classes.
    pub classes: usize,
}

impl Sizes {
    /// Returns whether there are enough labels for n-grams beside an embedding.
    fn ngrams_help(self) -> bool {
        self.labeled >= SOME_LABELS
            && self.labeled >= LABELS_PER_CLASS * self.classes
            && self.labeled.saturating_mul(self.classes) <= MOST_LABELS_TIMES_CLASSES
    }
}

/// Returns the kind of features for a workspace of these sizes, and the scale of each block.
/// `has_embedding` is true if there is a static embedding, `has_vectors` if every document has a
/// vector.
pub fn auto(sizes: Sizes, has_embedding: bool, has_vectors: bool) -> (FeatureKind, Scales) {
    let some = sizes.ngrams_help();
    let kind = match (sizes.pool >= SMALLEST_POOL, has_embedding) {
        (false, false) => FeatureKind::NGRAM,
        (false, true) => FeatureKind::NGRAM.and(FeatureKind::STATIC),
        (true, false) if some => FeatureKind::NGRAM.and(FeatureKind::LSA),
        (true, false) => FeatureKind::LSA,
        (true, true) if some => FeatureKind::NGRAM.and(FeatureKind::LSA).and(FeatureKind::STATIC),
        (true, true) => FeatureKind::LSA.and(FeatureKind::STATIC),
    };
    let kind = if has_vectors { kind.and(FeatureKind::VECTORS) } else { kind };
    let ngram = match sizes.labeled {
        _ if sizes.pool < SMALLEST_POOL || !some => 1.0,
        ..MANY_LABELS => 0.5,
        MANY_LABELS..PLENTY_OF_LABELS => 1.0,
        PLENTY_OF_LABELS.. => 2.0,
    };
    (kind, Scales { ngram, fading: true, ..Scales::default() })
}

#[cfg(test)]
mod tests {
    use querist_core::Edition;

    use super::super::kind::Block;
    use super::*;

    #[test]
    fn what_is_not_there_is_not_chosen() {
        for (pool, labeled) in [(10, 5), (199, 100), (200, 20), (1_000_000, 1_999), (1_000_000, 50_000)] {
            let sizes = Sizes { pool, labeled, classes: 2 };
            let (without, _) = auto(sizes, false, false);
            assert!(!without.has(Block::Static), "{without}");
            assert!(auto(sizes, true, false).0.has(Block::Static));
        }
    }

    #[test]
    fn n_grams_come_in_as_labels_arrive() {
        let of = |pool, labeled| {
            let (kind, scales) = auto(Sizes { pool, labeled, classes: 4 }, false, false);
            (kind, scales.ngram)
        };
        assert_eq!(of(199, 50), (FeatureKind::NGRAM, 1.0));
        assert_eq!(of(200, 349), (FeatureKind::LSA, 1.0));
        assert_eq!(of(200, 350), (FeatureKind::NGRAM.and(FeatureKind::LSA), 0.5));
        assert_eq!(of(200, 1_500), (FeatureKind::NGRAM.and(FeatureKind::LSA), 1.0));
        assert_eq!(of(200, 4_999), (FeatureKind::NGRAM.and(FeatureKind::LSA), 1.0));
        assert_eq!(of(200, 5_000), (FeatureKind::NGRAM.and(FeatureKind::LSA), 2.0));
    }

    #[test]
    fn many_classes_need_more_labels_and_very_many_get_no_n_grams() {
        let of = |labeled, classes| auto(Sizes { pool: 90_000, labeled, classes }, false, false).0;
        assert_eq!(
            (of(1_499, 150), of(1_500, 150)),
            (FeatureKind::LSA, FeatureKind::NGRAM.and(FeatureKind::LSA))
        );
        assert_eq!((of(350, 35), of(350, 36)), (FeatureKind::NGRAM.and(FeatureKind::LSA), FeatureKind::LSA));
        assert_eq!(
            (of(20_000, 200), of(20_001, 200)),
            (FeatureKind::NGRAM.and(FeatureKind::LSA), FeatureKind::LSA)
        );
        // The rules of earlier editions look neither at the classes nor beyond 5,000 labels.
        let old = Sizes { pool: 90_000, labeled: 6_000, classes: 2_000 }.of_edition(Edition::Fourth);
        let (kind, scales) = auto(old, false, false);
        assert_eq!((kind, scales.ngram), (FeatureKind::NGRAM.and(FeatureKind::LSA), 1.0));
    }
}
