//! Shingles: the features by which the near-duplicate guard compares texts.
//!
//! A shingle is a run of neighbouring words, as a hash. The resemblance of two documents is the
//! Jaccard index of their sets of shingles (Broder 1997). The crate that counts words decides how
//! many words a run has, and how it is cut and hashed.

use crate::error::BoxError;

/// Documents as sets of shingles.
pub trait Shingles: Send + Sync {
    /// Returns the set of shingles of each row with one of these indices, in that order. A set has
    /// ascending hashes, each once. A set is empty only if the text has no word; all such texts
    /// count as the same.
    ///
    /// # Errors
    /// The rows cannot be read.
    fn shingles(&self, rows: &[usize]) -> Result<Vec<Vec<u32>>, BoxError>;
}

impl Shingles for Vec<Vec<u32>> {
    /// Returns the sets stored for these rows; an error if a row has none.
    fn shingles(&self, rows: &[usize]) -> Result<Vec<Vec<u32>>, BoxError> {
        let set = |row: &usize| {
            self.get(*row).cloned().ok_or_else(|| format!("there are no shingles of row {row}").into())
        };
        rows.iter().map(set).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_in_memory_come_back_in_the_order_asked_for() {
        let sets = vec![vec![1, 5], vec![], vec![2]];
        assert_eq!(sets.shingles(&[2, 0, 1]).unwrap(), [vec![2], vec![1, 5], vec![]]);
        assert_eq!(sets.shingles(&[3]).unwrap_err().to_string(), "there are no shingles of row 3");
    }
}
