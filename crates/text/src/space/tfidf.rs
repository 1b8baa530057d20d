//! tf-idf: counts of n-grams, weighed by how rare each n-gram is in the pool.
//!
//! A document's row is tf(t) idf(t) for each n-gram t, divided by its Euclidean length
//! ([`sublinear`], [`inverse_document_frequencies`]).
//!
//! Invariants: a row has unit length, or no entries if its text has no words. Two n-grams that
//! share a column count as one. An n-gram whose column does not occur in the pool is dropped, as
//! scikit-learn drops an unknown word. For a document, only its length is stored. There are no stop
//! words and no limits on the document frequency df: idf lowers the weight of frequent words, and
//! an L2 penalty gives rare ones little influence.

use std::path::Path;

use rayon::prelude::*;

use super::cache::{Cached, Draft};
use super::order::Order;
use crate::counts::Counts;
use crate::entry::Entry;
use crate::error::TextError;

/// The version of the formula; it goes up when any value changes.
pub(super) const FORMULA: u32 = 1;

/// A damping tf: the value of each count from 0 to 255.
pub(super) type Damping = [f32; 256];

/// Returns the damping tf(c) = 1 + ln c, with tf(0) = 0 (`sublinear_tf` of scikit-learn; Manning,
/// Raghavan and Schütze, "Introduction to Information Retrieval", 2008, section 6.4.1).
pub(super) fn sublinear() -> Damping {
    std::array::from_fn(|count| if count == 0 { 0.0 } else { (1.0 + (count as f64).ln()) as f32 })
}

/// Returns the damping tf(c) = c, which leaves counts as they are.
pub(super) fn linear() -> Damping {
    std::array::from_fn(|count| count as f32)
}

/// Returns, for each column, the number of the given documents that have it.
pub(super) fn document_frequencies(counts: &Counts, documents: &Order) -> Result<Vec<u32>, TextError> {
    let count = |part: Order| {
        let mut frequencies = vec![0_u32; counts.n_columns()];
        part.for_each(counts, |_, _, row| {
            for entry in row {
                frequencies[entry.column() as usize] += 1;
            }
        })?;
        Ok(frequencies)
    };
    // The frequencies are whole numbers, so their sum does not depend on how the documents were
    // split.
    let parts: Vec<Vec<u32>> =
        documents.split().into_par_iter().map(count).collect::<Result<_, TextError>>()?;
    let mut parts = parts.into_iter();
    let mut sum = parts.next().unwrap_or_else(|| vec![0; counts.n_columns()]);
    for part in parts {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    Ok(sum)
}

/// Returns the idf of each column: ln((1 + n) / (1 + df)) + 1 if df > 0, otherwise 0. Here n is the
/// number of documents, and df the number of documents with the column (the smoothed idf of
/// scikit-learn, `smooth_idf`).
pub(super) fn inverse_document_frequencies(frequencies: &[u32], n_documents: usize) -> Vec<f32> {
    let total = 1.0 + n_documents as f64;
    let idf = |df: &u32| if *df == 0 { 0.0 } else { ((total / (1.0 + f64::from(*df))).ln() + 1.0) as f32 };
    frequencies.par_iter().with_min_len(1 << 14).map(idf).collect()
}

/// Returns the idf of each column in a pool. `kept` is the path of a file and its key. The idf is
/// read from the file if it has this key, otherwise it is computed and written there. The key must
/// contain everything that changes the idf, including the texts of the pool.
///
/// # Errors
/// The counts cannot be read, or the file cannot be written.
pub(super) fn cached(
    kept: Option<(&Path, &str)>,
    counts: &Counts,
    pool: &[u32],
) -> Result<Vec<f32>, TextError> {
    let known = kept.and_then(|(path, key)| Cached::open(path, key)?.f32s("idf"));
    if let Some(idf) = known.filter(|idf| idf.len() == counts.n_columns()) {
        return Ok(idf);
    }
    let frequencies = document_frequencies(counts, &Order::new(pool.to_vec()))?;
    let idf = inverse_document_frequencies(&frequencies, pool.len());
    if let Some((path, key)) = kept {
        Draft::new(key.to_owned()).f32s("idf", vec![idf.len()], &idf).write(path)?;
    }
    Ok(idf)
}

/// Returns the length √Σ (tf idf)² of the row of these counts, before the row is divided by it.
pub(super) fn length(row: &[Entry], idf: &[f32], tf: &Damping) -> f32 {
    let weight = |entry: &Entry| f64::from(tf[entry.count() as usize] * idf[entry.column() as usize]);
    row.iter().map(|entry| weight(entry).powi(2)).sum::<f64>().sqrt() as f32
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use super::*;

    #[test]
    fn weights_worked_by_hand() {
        // n = 2; df: 2, 1, 0. idf = ln(3/3) + 1 = 1 and ln(3/2) + 1 = 1.405465; a column that no
        // document has gets none.
        let idf = inverse_document_frequencies(&[2, 1, 0], 2);
        assert_eq!(idf, [1.0, 1.405_465_1, 0.0]);
        // Counts 2 and 1: tf = 1 + ln 2 = 1.693147 and 1; weights 1.693147 and 1.405465; length
        // 2.200473.
        let row = [Entry::new(0, 2), Entry::new(1, 1), Entry::new(2, 5)];
        assert!((length(&row, &idf, &sublinear()) - 2.200_473).abs() < 1e-6);
        assert_eq!(length(&row[2..], &idf, &sublinear()), 0.0);
        assert_eq!(linear()[255], 255.0);
    }
}
