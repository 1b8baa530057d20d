//! Reads matrices that the peers wrote: raw little-endian numbers in `<prefix>.starts` (u64),
//! `.columns` (u32), `.values` (f32) and `.targets` (u16).

use std::fs;
use std::path::{Path, PathBuf};

use querist_core::{Class, Csr, Features, FittedClassifier};

/// The rows of features and their classes.
pub(crate) struct Matrix {
    pub(crate) features: Features,
    pub(crate) targets: Vec<Class>,
}

impl Matrix {
    /// Reads the files with this prefix; the matrix has `n_columns` columns.
    pub(crate) fn read(prefix: &Path, n_columns: usize) -> Self {
        let file = |extension| prefix.with_extension(extension);
        let starts = places(&file("starts"));
        let columns = numbers(&file("columns"), u32::from_le_bytes);
        let values = numbers(&file("values"), f32::from_le_bytes);
        let targets = numbers(&file("targets"), u16::from_le_bytes).into_iter().map(Class).collect();
        let mut csr = Csr::empty(n_columns);
        for pair in starts.windows(2) {
            csr.push_row(&columns[pair[0]..pair[1]], &values[pair[0]..pair[1]]).expect("rows in order");
        }
        Self { features: Features::Sparse(csr), targets }
    }

    /// The share of rows that the model classifies correctly.
    pub(crate) fn accuracy(&self, model: &dyn FittedClassifier) -> f64 {
        let rows: Vec<usize> = (0..self.targets.len()).collect();
        let probabilities = model.predict(&self.features, &rows).expect("predictions");
        let right = rows.iter().filter(|row| probabilities.likeliest(**row) == self.targets[**row]);
        right.count() as f64 / rows.len() as f64
    }
}

/// Reads places that were written as u64.
pub(crate) fn places(path: &PathBuf) -> Vec<usize> {
    numbers(path, u64::from_le_bytes).into_iter().map(|place| place as usize).collect()
}

fn numbers<T, const N: usize>(path: &PathBuf, from: fn([u8; N]) -> T) -> Vec<T> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    bytes.as_chunks::<N>().0.iter().map(|chunk| from(*chunk)).collect()
}
