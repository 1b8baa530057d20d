//! Candidates: the open documents, at most a fixed number, that a strategy compares with others.
//!
//! A strategy that compares documents with each other costs candidates × picks, or candidates ×
//! references, never pool × pool:
//!
//! - Strategies that score predictions take the most uncertain documents as candidates, since
//!   others would hardly be picked.
//! - Strategies that cover the pool take a uniform sample, which shows what the pool consists of.
//! - *References* are the labelled documents that candidates are compared with: a uniform sample if
//!   there are too many.
//!
//! Here a *place* is an index into the open rows of the pool. Invariants: a pool within the limit
//! is taken whole, without a random draw. Places ascend, so ties go to the smaller row. If the
//! candidates are fewer than the requested picks, the other picks are chosen by the rule that chose
//! the candidates.

use querist_core::Class;
use rand::Rng;

use crate::random::sample;
use crate::top_k::top_k;
use crate::view::PoolView;

/// The maximum numbers of documents that a strategy compares with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of candidates, which are open documents.
    pub candidates: usize,
    /// The maximum number of references, which are labelled documents.
    pub references: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { candidates: 10_000, references: 1_000 }
    }
}

/// Returns the indices of the `limit` highest scores, or of all if there are fewer, ascending. The
/// time is linear in the number of scores.
pub(crate) fn highest(scores: &[f64], limit: usize) -> Vec<usize> {
    if scores.len() <= limit {
        return (0..scores.len()).collect();
    }
    let mut places = top_k(scores, limit);
    places.sort_unstable();
    places
}

/// Returns a uniform sample of `limit` of the numbers below `count`, or all if there are fewer,
/// ascending. The time is linear in `count`.
pub(crate) fn uniform(count: usize, limit: usize, rng: &mut dyn Rng) -> Vec<usize> {
    let places: Vec<usize> = (0..count).collect();
    if count <= limit {
        return places;
    }
    let mut places = sample(&places, limit, rng);
    places.sort_unstable();
    places
}

/// Returns a uniform sample of `limit` labelled rows with their classes, or all if there are fewer,
/// in the order of `pool.labeled`. The time is linear in the number of labelled rows.
pub(crate) fn references(pool: &PoolView<'_>, limit: usize, rng: &mut dyn Rng) -> Vec<(usize, Class)> {
    uniform(pool.labeled.len(), limit, rng).into_iter().map(|place| pool.labeled[place]).collect()
}

/// Returns n places: the picked ones, then the others with the highest scores. Returns all places
/// if there are fewer than n.
pub(crate) fn fill_by_score(picks: Vec<usize>, scores: &[f64], n: usize) -> Vec<usize> {
    let missing = n.saturating_sub(picks.len());
    let rest = others(&picks, scores.len(), missing);
    let of_rest: Vec<f64> = rest.iter().map(|place| scores[*place]).collect();
    let more = top_k(&of_rest, missing).into_iter().map(|at| rest[at]);
    picks.into_iter().chain(more).collect()
}

/// Returns n places: the picked ones, then a uniform sample of the other places below `count`.
/// Returns all places if there are fewer than n.
pub(crate) fn fill_uniformly(picks: Vec<usize>, count: usize, n: usize, rng: &mut dyn Rng) -> Vec<usize> {
    let missing = n.saturating_sub(picks.len());
    let rest = others(&picks, count, missing);
    let more = if rest.is_empty() { Vec::new() } else { sample(&rest, missing, rng) };
    picks.into_iter().chain(more).collect()
}

/// Returns the places below `count` that are not picked, ascending. If `missing` is 0, returns
/// none, because the caller needs none.
fn others(picks: &[usize], count: usize, missing: usize) -> Vec<usize> {
    if missing == 0 {
        return Vec::new();
    }
    let mut free = vec![true; count];
    for &place in picks {
        free[place] = false;
    }
    (0..count).filter(|place| free[*place]).collect()
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;
    use rand::Rng;

    use super::*;

    #[test]
    fn a_pool_within_the_limit_is_taken_whole_without_a_draw() {
        let (mut used, mut fresh) = (Seed(1).rng(1, "test"), Seed(1).rng(1, "test"));
        assert_eq!(uniform(3, 3, &mut used), [0, 1, 2]);
        assert_eq!(highest(&[0.1, 0.3, 0.2], 3), [0, 1, 2]);
        assert_eq!(fill_uniformly(vec![2, 0], 3, 2, &mut used), [2, 0]);
        assert_eq!(used.next_u64(), fresh.next_u64());
    }

    #[test]
    fn a_larger_pool_is_cut_by_score_or_evenly() {
        assert_eq!(highest(&[0.1, 0.3, 0.2, 0.3], 2), [1, 3]);
        let mut rng = Seed(1).rng(1, "test");
        let mut counts = [0; 4];
        for _ in 0..1_000 {
            let places = uniform(4, 2, &mut rng);
            assert!(places.len() == 2 && places[0] < places[1]);
            for place in places {
                counts[place] += 1;
            }
        }
        assert!(counts.iter().all(|count| (430..570).contains(count)), "{counts:?}");
    }

    #[test]
    fn what_is_missing_is_filled() {
        assert_eq!(fill_by_score(vec![3], &[0.1, 0.3, 0.2, 0.0], 3), [3, 1, 2]);
        assert_eq!(fill_by_score(vec![3], &[0.1, 0.3, 0.2, 0.0], 9), [3, 1, 2, 0]);
        let mut all = fill_uniformly(vec![3], 4, 9, &mut Seed(1).rng(1, "test"));
        assert_eq!(all.remove(0), 3);
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2]);
    }
}
