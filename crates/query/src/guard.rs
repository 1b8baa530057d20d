//! The near-duplicate guard: no two documents of a batch are nearly the same text, and none is
//! nearly the same as a labelled or given-out document.
//!
//! Two documents are near-duplicates if the resemblance of their sets of shingles, the Jaccard
//! index `|A ∩ B| / |A ∪ B|`, reaches a threshold (Broder 1997, "On the Resemblance and Containment
//! of Documents"). The test is exact. All texts without a shingle count as the same text.
//!
//! Cost: linear in the number of shingles of labelled, given-out and offered documents.
//! [`Shingles`] reads the shingles.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use querist_core::Shingles;
use rand::Rng;

use crate::error::QueryError;
use crate::random::sample;
use crate::strategy::Selected;

/// The default threshold: two documents with at least this resemblance are near-duplicates.
pub const DEFAULT_RESEMBLANCE: f64 = 0.8;

/// The maximum number of calls of the strategy. After them, the rest of the pool is tried in random
/// order.
const MAX_ASKS: u32 = 10;

/// The maximum number of documents requested in one call of the strategy, unless more are missing.
/// The time of a strategy may grow faster than the number of requested documents.
const MAX_ASKED: usize = 2_048;

/// The number of rows whose shingles are read at once.
const CHUNK: usize = 4_096;

/// A tolerance, so that rounding of `threshold · size` does not lose a pair of documents that
/// reaches the threshold exactly.
const SLACK: f64 = 1e-9;

/// The documents taken so far, and the test whether a document is nearly the same as one of them.
///
/// An inverted index finds the sets of shingles to compare with. Let the shingles of all sets be
/// sorted by one total order, and let two sets A and B have at least the resemblance t. Then one of
/// the first `|A| - ⌈t |A|⌉ + 1` shingles of A is also one of the first `|B| - ⌈t |B|⌉ + 1`
/// shingles of B (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007). So only these
/// shingles are indexed and looked up. Any order gives the right result; with rare shingles first,
/// the lists of the index are short.
pub struct Guard<'a> {
    shingles: &'a dyn Shingles,
    threshold: f64,
    /// For each shingle, the number of labelled or given-out documents that contain it. The map is
    /// looked up, never iterated, so its order does not matter.
    frequency: HashMap<u32, u32>,
    /// The sets of shingles of the documents taken so far, each ascending.
    sets: Vec<Vec<u32>>,
    /// For each shingle, the sets that have it among their first shingles. The map is looked up,
    /// never iterated, so its order does not matter.
    index: HashMap<u32, Vec<usize>>,
    /// Whether one of the documents taken so far has no shingle.
    wordless: bool,
    /// The rows refused so far, each once, in the order of the refusals.
    refused: Vec<usize>,
    /// The same refused rows as a set, for fast look-up.
    known: HashSet<usize>,
}

/// A function that chooses the given number of rows among the remaining ones, the best first.
pub(crate) type Ask<'a> = dyn FnMut(&[usize], usize, &mut dyn Rng) -> Result<Vec<Selected>, QueryError> + 'a;

impl<'a> Guard<'a> {
    /// Returns a guard that knows only the rows `taken`, which are labelled or given out.
    /// `threshold` is the resemblance of near-duplicates, in (0, 1].
    ///
    /// # Errors
    /// The threshold is out of range, or the shingles cannot be read.
    pub fn new(shingles: &'a dyn Shingles, threshold: f64, taken: &[usize]) -> Result<Self, QueryError> {
        if !(threshold > 0.0 && threshold <= 1.0) {
            let what = "the resemblance of near-duplicates";
            return Err(QueryError::InvalidNumber {
                what,
                value: threshold,
                expected: "above 0 and at most 1",
            });
        }
        let mut guard = Self {
            shingles,
            threshold,
            frequency: HashMap::new(),
            sets: Vec::new(),
            index: HashMap::new(),
            wordless: false,
            refused: Vec::new(),
            known: HashSet::new(),
        };
        let mut sets = Vec::new();
        for rows in taken.chunks(CHUNK) {
            sets.extend(guard.read(rows)?);
        }
        // Only one of several equal sets is kept: a new set resembles either all of them or none,
        // and long lists of equal sets would cost time.
        sets.sort_unstable();
        sets.dedup();
        for shingle in sets.iter().flatten() {
            *guard.frequency.entry(*shingle).or_default() += 1;
        }
        for set in sets {
            guard.insert(set);
        }
        Ok(guard)
    }

    /// Returns the rows refused so far, each once, in the order of the refusals.
    pub fn refused(&self) -> &[usize] {
        &self.refused
    }

    /// Adds the row to the documents taken, unless it is a near-duplicate of one of them. Returns
    /// whether the row was added.
    ///
    /// # Errors
    /// The shingles of the row cannot be read.
    pub fn admit(&mut self, row: usize) -> Result<bool, QueryError> {
        let sets = self.read(&[row])?;
        Ok(sets.into_iter().all(|set| self.admit_set(row, set)))
    }

    /// Lets `ask` choose `n` of the rows `open`, and refuses near-duplicates. Returns fewer than
    /// `n` rows if all others are refused. `open` must ascend.
    ///
    /// Refused documents are replaced: `ask` is called again with the rows that it has not offered
    /// yet. The first call requests one document for each missing document, and every later call
    /// requests twice as many for each missing document as the call before. So a handful of calls
    /// suffices even for a pool in which every text occurs ten times. After [`MAX_ASKS`] calls, the
    /// remaining rows are tried in random order.
    pub(crate) fn choose(
        &mut self,
        open: &[usize],
        n: usize,
        rng: &mut dyn Rng,
        ask: &mut Ask<'_>,
    ) -> Result<Vec<Selected>, QueryError> {
        // Rows that were refused before would be refused again, because they still resemble a taken
        // row.
        let mut left = if self.known.is_empty() {
            Cow::Borrowed(open)
        } else {
            open.iter().copied().filter(|row| !self.known.contains(row)).collect()
        };
        let mut kept = Vec::new();
        for round in 0..MAX_ASKS {
            let missing = n - kept.len();
            if missing == 0 || left.is_empty() {
                return Ok(kept);
            }
            let asked = missing.saturating_mul(1 << round).min(MAX_ASKED).max(missing);
            let offered = ask(&left, asked, rng)?;
            if offered.is_empty() {
                break;
            }
            let mut seen: Vec<usize> = self.keep(offered, n, &mut kept)?;
            seen.sort_unstable();
            if kept.len() < n {
                left.to_mut().retain(|row| seen.binary_search(row).is_err());
            }
        }
        if kept.len() < n {
            let rest = sample(&left, left.len(), rng).into_iter();
            let rest = rest.map(|row| Selected { row, reason: "distinct".to_owned(), fallback: false });
            self.keep(rest.collect(), n, &mut kept)?;
        }
        Ok(kept)
    }

    /// Tests the offered rows in order and moves those that are not near-duplicates to `kept`,
    /// until `kept` has n rows. Returns the rows that were tested.
    fn keep(
        &mut self,
        offered: Vec<Selected>,
        n: usize,
        kept: &mut Vec<Selected>,
    ) -> Result<Vec<usize>, QueryError> {
        let mut seen = Vec::new();
        let mut offered = offered.into_iter().peekable();
        while kept.len() < n && offered.peek().is_some() {
            // Shingles are read in chunks, because the end of a long offer is rarely needed.
            let chunk: Vec<Selected> = offered.by_ref().take(CHUNK).collect();
            let rows: Vec<usize> = chunk.iter().map(|pick| pick.row).collect();
            for (pick, set) in chunk.into_iter().zip(self.read(&rows)?) {
                if kept.len() == n {
                    break;
                }
                seen.push(pick.row);
                if self.admit_set(pick.row, set) {
                    kept.push(pick);
                }
            }
        }
        Ok(seen)
    }

    /// Returns the set of shingles of each row.
    fn read(&self, rows: &[usize]) -> Result<Vec<Vec<u32>>, QueryError> {
        let unreadable = |problem: String| QueryError::UnreadableShingles { problem };
        let mut sets = self.shingles.shingles(rows).map_err(|error| unreadable(error.to_string()))?;
        // Sets are compared by merging. A caller's sets may be unsorted, and would seem to differ.
        for set in sets.iter_mut().filter(|set| !set.is_sorted_by(|one, next| one < next)) {
            set.sort_unstable();
            set.dedup();
        }
        if sets.len() != rows.len() {
            return Err(unreadable(format!("{} sets for {} rows", sets.len(), rows.len())));
        }
        Ok(sets)
    }

    /// Adds the set of a row to the sets taken so far. If the set is a near-duplicate of one of
    /// them, records the row as refused instead. Returns whether the set was added.
    fn admit_set(&mut self, row: usize, set: Vec<u32>) -> bool {
        let free = !self.resembles(&set);
        if free {
            self.insert(set);
        } else if self.known.insert(row) {
            self.refused.push(row);
        }
        free
    }

    /// Adds a set to the sets taken and to the index.
    fn insert(&mut self, set: Vec<u32>) {
        let number = self.sets.len();
        self.wordless |= set.is_empty();
        for shingle in self.prefix(&set) {
            self.index.entry(shingle).or_default().push(number);
        }
        self.sets.push(set);
    }

    /// Returns whether a taken set reaches the threshold of resemblance with `set`.
    fn resembles(&self, set: &[u32]) -> bool {
        if set.is_empty() {
            return self.wordless;
        }
        let prefix = self.prefix(set);
        let met = prefix.iter().filter_map(|shingle| self.index.get(shingle)).flatten();
        let mut met: Vec<usize> = met.copied().collect();
        met.sort_unstable();
        met.dedup();
        met.into_iter().any(|number| resemblance(&self.sets[number], set) + SLACK >= self.threshold)
    }

    /// Returns the first shingles of the set, in the order that puts rare ones first. Their number
    /// is such that two sets that reach the threshold have one of these shingles in common.
    fn prefix(&self, set: &[u32]) -> Vec<u32> {
        let shared = (self.threshold * set.len() as f64 - SLACK).ceil().max(1.0) as usize;
        let mut ordered: Vec<(u32, u32)> = set
            .iter()
            .map(|shingle| (self.frequency.get(shingle).copied().unwrap_or_default(), *shingle))
            .collect();
        ordered.sort_unstable();
        ordered.truncate((set.len() + 1).saturating_sub(shared));
        ordered.into_iter().map(|(_, shingle)| shingle).collect()
    }
}

/// Returns the Jaccard index of two ascending sets, in [0, 1]; 1 if both are empty.
fn resemblance(a: &[u32], b: &[u32]) -> f64 {
    let (mut at, mut shared) = (0, 0);
    for shingle in a {
        while at < b.len() && b[at] < *shingle {
            at += 1;
        }
        shared += usize::from(b.get(at) == Some(shingle));
    }
    let all = a.len() + b.len() - shared;
    if all == 0 { 1.0 } else { shared as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;
    use querist_core::Seed;

    use super::*;

    #[test]
    fn the_threshold_by_hand() {
        // {1, 2, 3, 4} and {1, 2, 3, 5} share 3 of 5; {1, 2, 3, 4} and {1, 2, 3, 4, 5} share 4
        // of 5.
        let sets = vec![vec![1, 2, 3, 4], vec![1, 2, 3, 5], vec![1, 2, 3, 4, 5], vec![], vec![], vec![9]];
        let mut guard = Guard::new(&sets, 0.8, &[0]).unwrap();
        assert_eq!([1, 2, 3, 4, 5].map(|row| guard.admit(row).unwrap()), [true, false, true, false, true]);
        assert_eq!(guard.refused(), [2, 4]);
        let mut loose = Guard::new(&sets, 0.6, &[0]).unwrap();
        assert!(!loose.admit(1).unwrap());
        for threshold in [0.0, 1.1, f64::NAN] {
            assert!(matches!(Guard::new(&sets, threshold, &[]), Err(QueryError::InvalidNumber { .. })));
        }
        assert!(matches!(Guard::new(&sets, 0.8, &[99]), Err(QueryError::UnreadableShingles { .. })));
    }

    #[test]
    fn what_is_refused_is_replaced_in_a_few_asks() {
        // Rows 10 t to 10 t + 9 have the same text t. The strategy offers the smallest rows, so
        // duplicates come one after the other.
        let sets: Vec<Vec<u32>> =
            (0..1_000u32).map(|row| (0..5).map(|at| row / 10 * 10 + at).collect()).collect();
        let mut guard = Guard::new(&sets, 0.8, &[]).unwrap();
        let asks = Cell::new(0);
        let mut smallest = |left: &[usize], n: usize, _: &mut dyn Rng| {
            asks.set(asks.get() + 1);
            let pick = |row: &usize| Selected { row: *row, reason: "x".to_owned(), fallback: false };
            Ok(left.iter().take(n).map(pick).collect())
        };
        let rng = &mut Seed(1).rng(1, "test");
        let picks = guard.choose(&(0..1_000).collect::<Vec<_>>(), 40, rng, &mut smallest).unwrap();
        let rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
        assert_eq!(rows, (0..40).map(|text| text * 10).collect::<Vec<_>>());
        assert!(asks.get() <= 6, "{asks:?}");
        // Asked for more texts than there are, it returns one row of each, whatever was refused
        // before.
        let rest = guard.choose(&(400..1_000).collect::<Vec<_>>(), 500, rng, &mut smallest).unwrap();
        assert_eq!(rest.len(), 60);
    }

    #[test]
    fn a_batch_is_smaller_only_when_nothing_else_is_left() {
        // The copies of one text come before the only other text, and the strategy never offers the
        // other text.
        let mut sets = vec![vec![1, 2, 3]; 60_000];
        sets.push(vec![7, 8, 9]);
        let mut guard = Guard::new(&sets, 0.8, &[]).unwrap();
        let mut first = |left: &[usize], n: usize, _: &mut dyn Rng| {
            let pick = |row: &usize| Selected { row: *row, reason: "x".to_owned(), fallback: false };
            Ok(left.iter().take(n).map(pick).collect())
        };
        let rows: Vec<usize> = (0..sets.len()).collect();
        let picks = guard.choose(&rows, 3, &mut Seed(1).rng(1, "test"), &mut first).unwrap();
        assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), [0, 60_000]);
    }

    proptest! {
        #[test]
        fn it_admits_what_comparing_all_pairs_admits(
            sets in prop::collection::vec(prop::collection::btree_set(0u32..12, 0..9), 1..40),
            threshold in prop::sample::select(vec![0.1, 0.3, 0.5, 0.6, 0.8, 1.0]),
            taken in 0usize..10,
        ) {
            let sets: Vec<Vec<u32>> = sets.into_iter().map(|set| set.into_iter().collect()).collect();
            let taken = taken.min(sets.len());
            let mut guard = Guard::new(&sets, threshold, &(0..taken).collect::<Vec<_>>()).unwrap();
            let mut kept: Vec<usize> = (0..taken).collect();
            for row in taken..sets.len() {
                let free = kept.iter().all(|other| {
                    let (a, b) = (&sets[*other], &sets[row]);
                    let shared = a.iter().filter(|shingle| b.contains(shingle)).count();
                    let all = a.len() + b.len() - shared;
                    let resemblance = if all == 0 { 1.0 } else { shared as f64 / all as f64 };
                    resemblance + SLACK < threshold
                });
                prop_assert_eq!(guard.admit(row).unwrap(), free);
                if free {
                    kept.push(row);
                }
            }
        }
    }
}
