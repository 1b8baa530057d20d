//! Unit rows of a sparse matrix (word counts) for k-means.
//!
//! Columns that occur in no row are dropped, and the others are renumbered. Centres are stored as
//! inverted lists, column → (centre, value), so a row is only compared with centres that have one
//! of its words. A centre keeps its 256 largest terms: the mean of a big cluster has thousands of
//! tiny terms, which cost time and say little (Schütze and Silverstein 1997, "Projections for
//! Efficient Document Clustering").

use querist_core::Csr;
use rayon::prelude::*;

use super::UnitRows;

/// The maximum number of terms that a centre keeps.
const MAX_TERMS: usize = 256;

/// The number of rows in one parallel task. Each task has its own array of sums, with one sum for
/// each centre.
const BLOCK: usize = 64;

/// The rows, scaled to length 1.
pub(super) struct SparseRows {
    rows: Vec<SparseVector>,
    inverted: Inverted,
}

/// A sparse vector; columns ascend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SparseVector {
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl SparseVector {
    /// Returns the vector scaled to length 1; `None` if its length is 0 or not finite.
    fn unit(columns: Vec<u32>, values: &[f64]) -> Option<Self> {
        let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt();
        if norm <= 0.0 || !norm.is_finite() {
            return None;
        }
        Some(Self { columns, values: values.iter().map(|value| (value / norm) as f32).collect() })
    }

    /// Iterates over the (column, value) entries in column order.
    fn entries(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.columns.iter().zip(&self.values).map(|(column, value)| (*column as usize, f64::from(*value)))
    }
}

/// An inverted index of sparse vectors: for each column, the vectors with an entry there, and the
/// entries' values.
struct Inverted {
    n_vectors: usize,
    /// The entries of column c, ordered by vector, are `entries[starts[c]..starts[c + 1]]`.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Inverted {
    /// Indexes the vectors, whose columns are below `n_columns`.
    fn new(vectors: &[SparseVector], n_columns: usize) -> Self {
        // Count the entries of each column, add up the counts to where each column starts, and then
        // write each entry to the next place of its column.
        let mut starts = vec![0; n_columns + 1];
        for column in vectors.iter().flat_map(|vector| &vector.columns) {
            starts[*column as usize + 1] += 1;
        }
        for column in 0..n_columns {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); starts[n_columns]];
        for (number, vector) in vectors.iter().enumerate() {
            for (column, value) in vector.columns.iter().zip(&vector.values) {
                let place = &mut next[*column as usize];
                entries[*place] = (number as u32, *value);
                *place += 1;
            }
        }
        Self { n_vectors: vectors.len(), starts, entries }
    }

    /// Overwrites `sums` with the scalar product of `vector` with each indexed vector. Terms are
    /// added in column order.
    fn products(&self, vector: &SparseVector, sums: &mut Vec<f64>) {
        sums.clear();
        sums.resize(self.n_vectors, 0.0);
        for (column, value) in vector.entries() {
            for (number, other) in &self.entries[self.starts[column]..self.starts[column + 1]] {
                sums[*number as usize] += value * f64::from(*other);
            }
        }
    }
}

impl SparseRows {
    /// Copies the rows of the matrix, renumbers the columns that occur, and scales each row to
    /// length 1.
    pub(super) fn new(matrix: &Csr) -> Self {
        let mut occurring: Vec<u32> =
            (0..matrix.n_rows()).flat_map(|row| matrix.row(row).0).copied().collect();
        occurring.sort_unstable();
        occurring.dedup();
        let renumbered = |row: usize| {
            let (columns, values) = matrix.row(row);
            let columns = columns
                .iter()
                .map(|column| occurring.partition_point(|other| other < column) as u32)
                .collect();
            let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
            SparseVector::unit(columns, &values)
                .unwrap_or(SparseVector { columns: Vec::new(), values: Vec::new() })
        };
        let rows: Vec<SparseVector> = (0..matrix.n_rows()).into_par_iter().map(renumbered).collect();
        let inverted = Inverted::new(&rows, occurring.len());
        Self { rows, inverted }
    }

    /// Returns the number of columns that occur in any row.
    fn n_columns(&self) -> usize {
        self.inverted.starts.len() - 1
    }
}

impl UnitRows for SparseRows {
    type Center = SparseVector;

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn is_zero(&self, row: usize) -> bool {
        self.rows[row].columns.is_empty()
    }

    fn similarities(&self, row: usize) -> Vec<f64> {
        let mut sums = Vec::new();
        self.inverted.products(&self.rows[row], &mut sums);
        sums
    }

    fn center_at(&self, row: usize) -> SparseVector {
        self.rows[row].clone()
    }

    /// Sums the weighted values of each column and keeps the largest terms.
    fn center_of(&self, members: &[usize], weights: &[f64]) -> Option<SparseVector> {
        let weighted = members.iter().flat_map(|member| {
            self.rows[*member].entries().map(|(column, value)| (column as u32, weights[*member] * value))
        });
        let mut terms: Vec<(u32, f64)> = weighted.collect();
        // The sort is stable, so the values of each column stay in the order of the members.
        terms.sort_by_key(|(column, _)| *column);
        let mut sums: Vec<(u32, f64)> = Vec::new();
        for (column, value) in terms {
            match sums.last_mut() {
                Some((last, sum)) if *last == column => *sum += value,
                _ => sums.push((column, value)),
            }
        }
        let (columns, values): (Vec<u32>, Vec<f64>) = largest_terms(sums).into_iter().unzip();
        SparseVector::unit(columns, &values)
    }

    /// Compares each row through an inverted index of the centres.
    fn nearest(&self, centers: &[SparseVector]) -> Vec<(usize, f64)> {
        let inverted = Inverted::new(centers, self.n_columns());
        let of_block = |rows: &[SparseVector]| {
            let mut sums = Vec::new();
            let mut nearest = Vec::with_capacity(rows.len());
            for row in rows {
                inverted.products(row, &mut sums);
                nearest.push(first_largest(&sums));
            }
            nearest
        };
        self.rows.par_chunks(BLOCK).flat_map_iter(of_block).collect()
    }
}

/// Returns the [`MAX_TERMS`] terms with the largest absolute values, or all if there are fewer, in
/// column order. Ties go to the smaller column.
fn largest_terms(mut terms: Vec<(u32, f64)>) -> Vec<(u32, f64)> {
    if terms.len() > MAX_TERMS {
        terms.select_nth_unstable_by(MAX_TERMS - 1, |a, b| {
            b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0))
        });
        terms.truncate(MAX_TERMS);
        terms.sort_unstable_by_key(|(column, _)| *column);
    }
    terms
}

/// Returns the index of the largest value, and the value. If several values are the largest, the
/// smallest of their indices is returned.
fn first_largest(values: &[f64]) -> (usize, f64) {
    values.iter().enumerate().fold((0, f64::NEG_INFINITY), |best, (place, value)| {
        if *value > best.1 { (place, *value) } else { best }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> SparseRows {
        let mut csr = Csr::empty(1000);
        csr.push_row(&[7, 900], &[3.0, 4.0]).unwrap();
        csr.push_row(&[1], &[9.0]).unwrap();
        csr.push_row(&[900, 999], &[2.0, 0.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        SparseRows::new(&csr.select(&[0, 2, 3]))
    }

    #[test]
    fn rows_are_renumbered_and_scaled() {
        let rows = sample();
        assert_eq!(rows.n_columns(), 3);
        assert_eq!(rows.rows[0], SparseVector { columns: vec![0, 1], values: vec![0.6, 0.8] });
        assert_eq!(rows.rows[1], SparseVector { columns: vec![1, 2], values: vec![1.0, 0.0] });
        assert_eq!([0, 1, 2].map(|row| rows.is_zero(row)), [false, false, true]);
        let cosines = rows.similarities(1);
        assert!((cosines[0] - 0.8).abs() < 1e-7 && (cosines[1] - 1.0).abs() < 1e-7);
        assert_eq!(cosines[2].to_bits(), 0f64.to_bits());
    }

    #[test]
    fn a_weighted_mean_by_hand() {
        let rows = sample();
        // The sum 1 (0.6, 0.8, 0) + 0.2 (0, 1, 0) is (0.6, 1, 0), whose length is √1.36.
        let center = rows.center_of(&[0, 1], &[1.0, 0.2, 1.0]).unwrap();
        assert_eq!(center.columns, [0, 1, 2]);
        let length = 1.36f32.sqrt();
        for (found, expected) in center.values.iter().zip([0.6 / length, 1.0 / length, 0.0]) {
            assert!((found - expected).abs() < 1e-6, "{center:?}");
        }
        assert_eq!(rows.center_of(&[2], &[1.0; 3]), None);
        assert_eq!(rows.center_of(&[0], &[0.0; 3]), None);
    }

    #[test]
    fn ties_go_to_the_smaller_centre() {
        let rows = sample();
        let (far, near) = (rows.center_at(1), rows.center_at(0));
        assert_eq!(rows.nearest(&[far, near.clone(), near])[0].0, 1);
    }

    #[test]
    fn a_centre_keeps_its_largest_terms() {
        // There are 300 terms of sizes 1 to 300, with alternating signs. The 44 smallest are
        // dropped.
        let terms: Vec<(u32, f64)> =
            (1..=300u32).map(|at| (at, f64::from(at) * [1.0, -1.0][at as usize % 2])).collect();
        let kept = largest_terms(terms.clone());
        assert_eq!(kept, terms[44..]);
        // Among equal terms, the first columns stay.
        let equal: Vec<(u32, f64)> = (0..300).map(|at| (at, 1.0)).collect();
        assert_eq!(largest_terms(equal.clone()), equal[..256]);
    }
}
