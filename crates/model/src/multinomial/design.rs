//! The rows that are learned from, with the columns that they do not have left out.
//!
//! A column that no row has gets weight 0 under the penalty, so leaving it out changes nothing. A part of the rows (a
//! fold of a cross-validation) keeps the columns of the whole, so that parameters of one fit another.

use std::sync::{Arc, OnceLock};

use ndarray::Array2;
use querist_core::Features;

use super::compressed::Compressed;
use super::split::Split;
use crate::error::ModelError;

/// Rows X of (n, d').
#[derive(Debug, Clone)]
pub(crate) struct Design {
    columns: Arc<[u32]>,
    rows: Compressed,
    split: OnceLock<Arc<Split>>,
}

impl Design {
    /// The rows of `features` and the columns that occur in them.
    ///
    /// # Errors
    /// A value that is not finite.
    pub(crate) fn new(features: &Features) -> Result<Self, ModelError> {
        let (columns, rows) = match features {
            Features::Sparse(matrix) => {
                let mut seen = Seen::none(matrix.n_columns());
                let mut count = 0;
                for row in 0..matrix.n_rows() {
                    let (columns, values) = matrix.row(row);
                    if !values.iter().all(|value| value.is_finite()) {
                        return Err(ModelError::NotFinite { row });
                    }
                    for column in columns {
                        seen.insert(*column);
                    }
                    count += columns.len();
                }
                let columns = seen.rank();
                let mut starts = Vec::with_capacity(matrix.n_rows() + 1);
                let mut entries = Vec::with_capacity(count);
                starts.push(0);
                for row in 0..matrix.n_rows() {
                    let (columns, values) = matrix.row(row);
                    entries.extend(
                        columns.iter().zip(values).map(|(column, value)| (seen.place(*column), *value)),
                    );
                    starts.push(entries.len());
                }
                (columns, Compressed { starts, entries })
            }
            Features::Dense(matrix) => {
                let (n, d) = matrix.dim();
                for (row, values) in matrix.outer_iter().enumerate() {
                    if !values.iter().all(|value| value.is_finite()) {
                        return Err(ModelError::NotFinite { row });
                    }
                }
                let entries = matrix.outer_iter().flat_map(|row| (0_u32..).zip(row.to_vec())).collect();
                (
                    (0..d as u32).collect(),
                    Compressed { starts: (0..=n).map(|row| row * d).collect(), entries },
                )
            }
        };
        Ok(Self { columns: columns.into(), rows, split: OnceLock::new() })
    }

    /// The columns of the features that each column here is, ascending: d' of them.
    pub(crate) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// n.
    pub(crate) fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    /// d'.
    pub(crate) fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The rows of those indices, in that order, with the same columns.
    pub(crate) fn select(&self, rows: &[usize]) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        starts.push(0);
        let mut entries = Vec::with_capacity(rows.iter().map(|row| self.rows.row(*row).len()).sum());
        for row in rows {
            entries.extend_from_slice(self.rows.row(*row));
            starts.push(entries.len());
        }
        Self {
            columns: Arc::clone(&self.columns),
            rows: Compressed { starts, entries },
            split: OnceLock::new(),
        }
    }

    /// X W + b, (n, K), of parameters (d' + 1, K) whose last row is b.
    pub(crate) fn logits(&self, parameters: &Array2<f64>) -> Array2<f64> {
        let intercept = parameters.row(self.n_columns());
        let mut out = Array2::zeros((self.n_rows(), parameters.ncols()));
        for (row, mut out) in out.outer_iter_mut().enumerate() {
            out.assign(&intercept);
            for (place, value) in self.rows.row(row) {
                out.scaled_add(f64::from(*value), &parameters.row(*place as usize));
            }
        }
        out
    }

    pub(super) fn rows(&self) -> &Compressed {
        &self.rows
    }

    /// The rows as the solver wants them; made once.
    pub(super) fn split(&self) -> &Split {
        self.split.get_or_init(|| Arc::new(Split::new(&self.rows, self.n_columns())))
    }
}

/// A set of columns, and the place of each among them: one bit a column, which stays in the nearest cache.
struct Seen {
    bits: Vec<u64>,
    /// How many columns are in the words before each.
    before: Vec<u32>,
}

impl Seen {
    fn none(n_columns: usize) -> Self {
        Self { bits: vec![0; n_columns.div_ceil(64)], before: Vec::new() }
    }

    fn insert(&mut self, column: u32) {
        self.bits[column as usize / 64] |= 1 << (column % 64);
    }

    /// Counts, and gives the columns, ascending.
    fn rank(&mut self) -> Vec<u32> {
        let mut columns = Vec::new();
        for (word, bits) in (0_u32..).zip(&self.bits) {
            self.before.push(columns.len() as u32);
            let mut left = *bits;
            while left != 0 {
                columns.push(word * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
        columns
    }

    fn place(&self, column: u32) -> u32 {
        let word = column as usize / 64;
        self.before[word] + (self.bits[word] & ((1 << (column % 64)) - 1)).count_ones()
    }
}
