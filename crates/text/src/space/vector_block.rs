//! The block of documents' vectors: numbers that an encoder of the user's own computed.
//!
//! A row is u / |u| with u = v / |v| - m, where v is the document's vector and m the mean of
//! v / |v| over the basis. Many encoders give all texts a large part in common. It tells no classes
//! apart, and without it distances between documents are wider. The evidence is in
//! `docs/features.md`.
//!
//! Invariants: a row depends only on its own vector and on m. Sums have a fixed order.

use std::sync::Arc;

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{ColumnWeights, DocumentVectors, Learn, WIDEST_VECTOR};
use rayon::prelude::*;

use super::kind::Block;
use super::learned::{LearnedBlock, LearnedVectors};
use super::source::SourceRows;
use super::vectors::Precision;
use crate::error::TextError;

/// The version of the formula; it goes up when any value changes.
pub(super) const FORMULA: u32 = 1;

/// The number of vectors that are read at once.
const CHUNK: usize = 256;

/// Each sum over a row runs in this many parts, which a processor can add at once.
const LANES: usize = 8;

/// A row whose length before scaling is at most this counts as 0: only rounding tells it from the
/// mean.
const NOTHING: f64 = 1e-6;

/// The vectors of a corpus as a block of features.
pub(super) struct VectorBlock {
    /// The vectors of the corpus; `None` in a space without documents.
    vectors: Option<Arc<dyn DocumentVectors>>,
    /// The mean m of the basis; its length is the width of the vectors.
    mean: Vec<f32>,
    /// The number of documents in the basis.
    pub(super) learned_from: usize,
    /// The factor, above 0, of rows of length 1.
    pub(super) scale: f64,
    /// The index of the block's first column among the columns of all blocks.
    pub(super) start: usize,
}

impl VectorBlock {
    /// Learns the mean from the basis. The block's columns begin at `start`.
    ///
    /// # Errors
    /// A document of the basis has no vector, or a vector cannot be read.
    pub(super) fn fit(
        vectors: &Arc<dyn DocumentVectors>,
        learn: Learn<'_>,
        scale: f64,
        start: usize,
    ) -> Result<Self, BoxError> {
        let width = vectors.width();
        let sums = learn.basis.par_chunks(CHUNK).map(|documents| -> Result<Vec<f64>, BoxError> {
            let mut values = vec![0.0; documents.len() * width];
            vectors.read(documents, &mut values)?;
            let mut sum = vec![0.0; width];
            for vector in values.chunks_exact(width) {
                let factor = over(length(vector));
                sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += factor * f64::from(*value));
            }
            Ok(sum)
        });
        let mut total = vec![0.0; width];
        for sum in sums.collect::<Result<Vec<_>, _>>()? {
            total.iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
        }
        let n = learn.basis.len().max(1) as f64;
        let mean = total.into_iter().map(|total| (total / n) as f32).collect();
        let (vectors, learned_from) = (Some(Arc::clone(vectors)), learn.basis.len());
        Ok(Self { vectors, mean, learned_from, scale, start })
    }

    /// Returns the block of a space without documents.
    pub(super) fn of_mean(mean: Vec<f32>, learned_from: usize, scale: f64, start: usize) -> Self {
        Self { vectors: None, mean, learned_from, scale, start }
    }

    /// Returns the width of the vectors, which is the number of columns.
    pub(super) fn width(&self) -> usize {
        self.mean.len()
    }

    /// Returns the mean of the basis.
    pub(super) fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// Turns a vector into its row of features.
    fn make_row(&self, vector: &mut [f32]) {
        let factor = over(length(vector));
        for (value, mean) in vector.iter_mut().zip(&self.mean) {
            *value = (f64::from(*value) * factor - f64::from(*mean)) as f32;
        }
        let length = length(vector);
        let factor = if length > NOTHING { self.scale / length } else { 0.0 };
        for value in vector.iter_mut() {
            *value = (f64::from(*value) * factor) as f32;
        }
    }

    /// Returns the rows of texts, given their vectors, one after the other.
    ///
    /// # Errors
    /// A text has no vector, or one of another width or with a value that is not finite.
    pub(super) fn rows_of<'v>(
        &self,
        vectors: impl Iterator<Item = Option<&'v [f32]>>,
    ) -> Result<Vec<f32>, TextError> {
        let mut rows = Vec::new();
        for (text, vector) in vectors.enumerate() {
            let vector = vector.ok_or(TextError::NoVector { text, width: self.width() })?;
            if vector.len() != self.width() {
                let (found, expected) = (vector.len(), self.width());
                return Err(TextError::VectorWidth { text, found, expected });
            }
            if vector.iter().any(|value| !value.is_finite()) {
                return Err(TextError::VectorNotFinite { text });
            }
            let from = rows.len();
            rows.extend_from_slice(vector);
            self.make_row(&mut rows[from..]);
        }
        Ok(rows)
    }

    /// Returns the rows of documents of the corpus, one after the other.
    ///
    /// # Errors
    /// A document has no vector, or a vector cannot be read.
    fn rows(&self, documents: &[u32]) -> Result<Vec<f32>, BoxError> {
        let vectors = self.vectors.as_ref().ok_or(TextError::NoCorpus)?;
        let mut rows = vec![0.0; documents.len() * self.width()];
        vectors.read(documents, &mut rows)?;
        rows.chunks_exact_mut(self.width()).for_each(|row| self.make_row(row));
        Ok(rows)
    }

    /// Returns the rows of documents of the corpus, as a space joins them with other blocks.
    pub(super) fn gather(&self, documents: &[u32]) -> Result<SourceRows, BoxError> {
        let chunks = documents.par_chunks(CHUNK).map(|documents| self.rows(documents));
        let rows = chunks.collect::<Result<Vec<_>, _>>()?.concat();
        Ok(self.as_part(documents.len(), rows))
    }

    /// Returns rows, given one after the other, as a space joins them with other blocks.
    pub(super) fn as_part(&self, n: usize, rows: Vec<f32>) -> SourceRows {
        SourceRows { sparse: vec![Vec::new(); n], dense: vec![(self.start, self.width(), rows)] }
    }

    /// Returns the part of `weights` for this block: for each output, one value for each column.
    pub(super) fn fold(&self, weights: &ColumnWeights) -> Array2<f64> {
        let width = self.width();
        let mut folded = Array2::zeros((weights.n_outputs(), width));
        let (start, end) = (self.start as u32, (self.start + width) as u32);
        let first = weights.columns().partition_point(|column| *column < start);
        let last = weights.columns().partition_point(|column| *column < end);
        for at in first..last {
            let column = (weights.columns()[at] - start) as usize;
            folded.column_mut(column).assign(&weights.values().row(at));
        }
        folded
    }

    /// Adds the product of a row with folded weights to `out`, which has one value for each output.
    pub(super) fn add_product_of(row: &[f32], folded: &Array2<f64>, out: &mut [f64]) {
        for (out, weights) in out.iter_mut().zip(folded.rows()) {
            *out += weights.as_slice().map_or(0.0, |weights| dot(row, weights));
        }
    }

    /// Adds the product of the documents' rows with folded weights to `out`, which has `k` values
    /// for each document.
    ///
    /// # Errors
    /// A document has no vector, or a vector cannot be read.
    pub(super) fn add_product(
        &self,
        documents: &[u32],
        folded: &Array2<f64>,
        k: usize,
        out: &mut [f64],
    ) -> Result<(), BoxError> {
        if k == 0 {
            return Ok(());
        }
        documents.par_chunks(CHUNK).zip(out.par_chunks_mut(CHUNK * k)).try_for_each(|(documents, out)| {
            let rows = self.rows(documents)?;
            for (row, out) in rows.chunks_exact(self.width()).zip(out.chunks_exact_mut(k)) {
                Self::add_product_of(row, folded, out);
            }
            Ok(())
        })
    }

    /// Returns for each document whether its row is not 0.
    ///
    /// # Errors
    /// A document has no vector, or a vector cannot be read.
    pub(super) fn are_known(&self, documents: &[u32]) -> Result<Vec<bool>, BoxError> {
        let known = documents.par_chunks(CHUNK).map(|documents| -> Result<Vec<bool>, BoxError> {
            Ok(self.rows(documents)?.chunks_exact(self.width()).map(is_known).collect())
        });
        Ok(known.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// Returns what a block of documents' vectors learned: the mean, as an offset. There are no columns
/// of counts, and no table.
pub(super) fn learned_mean(block: &VectorBlock) -> LearnedBlock {
    let vectors = LearnedVectors {
        width: block.width(),
        precision: Precision::Single,
        values: Vec::new(),
        rows: None,
        offset: Some(block.mean().to_vec()),
    };
    LearnedBlock {
        block: Block::Vectors,
        learned_from: block.learned_from,
        scale: block.scale,
        columns: Vec::new(),
        factors: Vec::new(),
        vectors: Some(vectors),
    }
}

/// Builds a block of documents' vectors from what it learned. Its columns begin at `start`.
pub(super) fn vector_block(block: LearnedBlock, start: usize) -> Result<VectorBlock, TextError> {
    block.check(0)?;
    let fault = block.fault("it needs the mean of the vectors, finite and 1 to 4,096 wide, and no table");
    let (scale, learned_from) = (block.scale, block.learned_from);
    match block.vectors {
        Some(LearnedVectors { width, values, rows: None, offset: Some(mean), .. })
            if values.is_empty()
                && mean.len() == width
                && (1..=WIDEST_VECTOR).contains(&width)
                && mean.iter().all(|value| value.is_finite()) =>
        {
            Ok(VectorBlock::of_mean(mean, learned_from, scale, start))
        }
        _ => Err(fault),
    }
}

/// Returns whether a row is not 0.
pub(super) fn is_known(row: &[f32]) -> bool {
    row.iter().any(|value| *value != 0.0)
}

/// Returns 1 / length, or 0 for a length of 0.
fn over(length: f64) -> f64 {
    if length > 0.0 { 1.0 / length } else { 0.0 }
}

/// Returns the Euclidean length of a vector.
fn length(vector: &[f32]) -> f64 {
    let (parts, rest) = vector.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += f64::from(*value) * f64::from(*value));
    }
    let rest: f64 = rest.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
    (sums.iter().sum::<f64>() + rest).sqrt()
}

/// Returns the inner product of a row and weights.
fn dot(row: &[f32], weights: &[f64]) -> f64 {
    let ((parts, rest), (of_parts, of_rest)) = (row.as_chunks::<LANES>(), weights.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (part, weights) in parts.iter().zip(of_parts) {
        for ((sum, value), weight) in sums.iter_mut().zip(part).zip(weights) {
            *sum += f64::from(*value) * weight;
        }
    }
    let rest: f64 = rest.iter().zip(of_rest).map(|(value, weight)| f64::from(*value) * weight).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
pub(super) mod tests;
