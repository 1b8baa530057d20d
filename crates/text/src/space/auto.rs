//! Which features to use, when the configuration leaves it to us.
//!
//! The rule looks at nothing but sizes, so it is the same for every run of a workspace and can be read off a report.

use super::kind::FeatureKind;

/// With fewer documents than this there is no embedding to learn from a pool.
pub const SMALLEST_POOL: usize = 200;

/// From this many labels on the n-grams themselves have been seen often enough to say more than any embedding.
pub const MANY_LABELS: usize = 2_000;

/// The features for a pool of that size with that many labels, and whether there is a static embedding.
pub fn auto(pool_size: usize, n_labeled: usize, has_embedding: bool) -> FeatureKind {
    match (pool_size >= SMALLEST_POOL, has_embedding) {
        (false, false) => FeatureKind::Ngram,
        (false, true) => FeatureKind::NgramStatic,
        (true, false) if n_labeled < MANY_LABELS => FeatureKind::Lsa,
        (true, false) => FeatureKind::NgramLsa,
        (true, true) if n_labeled < MANY_LABELS => FeatureKind::LsaStatic,
        (true, true) => FeatureKind::NgramLsaStatic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_chosen() {
        for (pool, labels) in [(10, 5), (199, 100), (200, 20), (1_000_000, 1_999), (1_000_000, 50_000)] {
            let without = auto(pool, labels, false);
            assert!(!without.has(super::super::kind::Block::Static), "{without}");
            assert!(auto(pool, labels, true).has(super::super::kind::Block::Static));
        }
        assert_eq!(auto(199, 50, false), FeatureKind::Ngram);
        assert_eq!(auto(200, 50, false), FeatureKind::Lsa);
        assert_eq!(auto(200, 2_000, false), FeatureKind::NgramLsa);
    }
}
