//! Chooses the features if the configuration says `auto`.
//!
//! The choice of blocks depends only on sizes, so it is the same for every run of a workspace, and
//! a report can state it. The weight of a static embedding also depends on the pool's words
//! (`fading.rs`). The evidence is in `docs/features.md`. With few labels, an embedding learned
//! without labels (from the pool, or a static one) is most informative, and n-grams only add noise.
//! With many labels, n-grams have been seen often enough to add information that the embedding
//! lacks. In between, n-grams help at half the weight.

use super::kind::{FeatureKind, Scales};

/// The minimum number of documents in a pool from which an embedding is learned.
pub const SMALLEST_POOL: usize = 200;

/// The number of labels from which on n-grams are added to the embedding, at half its weight.
pub const SOME_LABELS: usize = 350;

/// The number of labels from which on n-grams have the same weight as the embedding.
pub const MANY_LABELS: usize = 1_500;

/// Returns the kind of features for a pool of `pool_size` documents with `n_labeled` labels, and
/// the scale of each block. `has_embedding` is true if there is a static embedding, `has_vectors` if
/// every document has a vector.
pub fn auto(
    pool_size: usize,
    n_labeled: usize,
    has_embedding: bool,
    has_vectors: bool,
) -> (FeatureKind, Scales) {
    let some = n_labeled >= SOME_LABELS;
    let kind = match (pool_size >= SMALLEST_POOL, has_embedding) {
        (false, false) => FeatureKind::NGRAM,
        (false, true) => FeatureKind::NGRAM.and(FeatureKind::STATIC),
        (true, false) if some => FeatureKind::NGRAM.and(FeatureKind::LSA),
        (true, false) => FeatureKind::LSA,
        (true, true) if some => FeatureKind::NGRAM.and(FeatureKind::LSA).and(FeatureKind::STATIC),
        (true, true) => FeatureKind::LSA.and(FeatureKind::STATIC),
    };
    let kind = if has_vectors { kind.and(FeatureKind::VECTORS) } else { kind };
    let half = pool_size >= SMALLEST_POOL && some && n_labeled < MANY_LABELS;
    (kind, Scales { ngram: if half { 0.5 } else { 1.0 }, fading: true, ..Scales::default() })
}

#[cfg(test)]
mod tests {
    use super::super::kind::Block;
    use super::*;

    #[test]
    fn what_is_not_there_is_not_chosen() {
        for (pool, labels) in [(10, 5), (199, 100), (200, 20), (1_000_000, 1_999), (1_000_000, 50_000)] {
            let (without, _) = auto(pool, labels, false, false);
            assert!(!without.has(Block::Static), "{without}");
            assert!(auto(pool, labels, true, false).0.has(Block::Static));
        }
    }

    #[test]
    fn n_grams_come_in_as_labels_arrive() {
        let of = |pool, labels| {
            let (kind, scales) = auto(pool, labels, false, false);
            (kind, scales.ngram)
        };
        assert_eq!(of(199, 50), (FeatureKind::NGRAM, 1.0));
        assert_eq!(of(200, 349), (FeatureKind::LSA, 1.0));
        assert_eq!(of(200, 350), (FeatureKind::NGRAM.and(FeatureKind::LSA), 0.5));
        assert_eq!(of(200, 1_500), (FeatureKind::NGRAM.and(FeatureKind::LSA), 1.0));
    }
}
