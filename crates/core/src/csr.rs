//! Sparse matrices in compressed rows.

use crate::error::CoreError;

/// A sparse matrix in compressed rows. Columns ascend within a row; values are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Csr {
    n_columns: usize,
    /// The entries of row i have the indices `starts[i]..starts[i + 1]` in `columns` and `values`.
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Csr {
    /// Returns a matrix with `n_columns` columns and no rows.
    pub fn empty(n_columns: usize) -> Self {
        Self { n_columns, starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    /// Appends a row to the matrix. `columns` are the columns of the row's `values`, ascending.
    ///
    /// # Errors
    /// The columns do not strictly ascend, a column is outside the matrix, a value is not finite,
    /// or the two slices have different lengths.
    pub fn push_row(&mut self, columns: &[u32], values: &[f32]) -> Result<(), CoreError> {
        let fault = |problem: &str| CoreError::MalformedMatrix { problem: problem.to_owned() };
        if columns.len() != values.len() {
            return Err(fault("a row has more columns than values, or fewer"));
        }
        if columns.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(fault("the columns of a row do not ascend"));
        }
        if columns.last().is_some_and(|last| *last as usize >= self.n_columns) {
            return Err(fault("a column lies outside the matrix"));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(fault("a value is not finite"));
        }
        self.columns.extend_from_slice(columns);
        self.values.extend_from_slice(values);
        self.starts.push(self.columns.len());
        Ok(())
    }

    /// Appends the rows of another matrix, which must have the same number of columns.
    ///
    /// # Errors
    /// The numbers of columns differ.
    pub fn append(&mut self, other: &Self) -> Result<(), CoreError> {
        if self.n_columns != other.n_columns {
            let problem = format!("{} columns appended to {}", other.n_columns, self.n_columns);
            return Err(CoreError::MalformedMatrix { problem });
        }
        let offset = self.columns.len();
        self.columns.extend_from_slice(&other.columns);
        self.values.extend_from_slice(&other.values);
        self.starts.extend(other.starts[1..].iter().map(|start| start + offset));
        Ok(())
    }

    /// Returns the number of rows.
    pub fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Returns the number of stored values.
    pub fn n_nonzeros(&self) -> usize {
        self.columns.len()
    }

    /// Returns one row as (columns, values). `row` must be below [`Self::n_rows`].
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.columns[range.clone()], &self.values[range])
    }

    /// Returns one row as (columns, values), whose values can be changed. `row` must be below
    /// [`Self::n_rows`].
    pub fn row_mut(&mut self, row: usize) -> (&[u32], &mut [f32]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.columns[range.clone()], &mut self.values[range])
    }

    /// Returns a matrix of the rows with these indices, in that order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut out = Self::empty(self.n_columns);
        for &row in rows {
            let (columns, values) = self.row(row);
            out.columns.extend_from_slice(columns);
            out.values.extend_from_slice(values);
            out.starts.push(out.columns.len());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Csr {
        let mut csr = Csr::empty(5);
        csr.push_row(&[0, 3], &[1.0, 2.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        csr.push_row(&[3, 4], &[0.5, 9.0]).unwrap();
        csr
    }
    #[test]
    fn rows_come_back_and_can_be_chosen() {
        let csr = sample();
        assert_eq!((csr.n_rows(), csr.n_columns(), csr.n_nonzeros()), (3, 5, 4));
        assert_eq!(csr.row(1), (&[][..], &[][..]));
        let chosen = csr.select(&[2, 0]);
        assert_eq!(chosen.row(0), csr.row(2));
        assert_eq!(chosen.row(1), csr.row(0));
        let mut twice = csr.clone();
        twice.append(&csr).unwrap();
        assert_eq!(twice.row(5), csr.row(2));
        assert!(twice.append(&Csr::empty(4)).is_err());
    }

    #[test]
    fn refuses_rows_that_break_the_invariants() {
        let mut csr = Csr::empty(3);
        assert!(csr.push_row(&[1, 1], &[1.0, 1.0]).is_err());
        assert!(csr.push_row(&[2, 1], &[1.0, 1.0]).is_err());
        assert!(csr.push_row(&[3], &[1.0]).is_err());
        assert!(csr.push_row(&[0], &[f32::NAN]).is_err());
        assert!(csr.push_row(&[0, 1], &[1.0]).is_err());
        assert_eq!(csr.n_rows(), 0);
    }
}
