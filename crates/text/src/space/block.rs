//! A block of feature columns: turns counts into features, and weights of features into weights of
//! counts.

use ndarray::Array2;
use querist_core::ColumnWeights;

use super::kind::Block;
use super::pass::Folded;
use super::table::Table;
use super::tfidf::{self, Damping};
use crate::entry::Entry;

/// How the counts of a document become the sums of a block.
#[derive(Debug)]
pub(super) enum Weighing {
    /// tf-idf: an idf for each column, 0 if no document of the pool has it.
    Idf {
        /// idf, for each column.
        idf: Vec<f32>,
        /// tf, for each count.
        tf: Damping,
    },
    /// A sum of the vectors of the counted columns.
    Table(Table),
}

/// One block of features.
#[derive(Debug)]
pub(super) struct FeatureColumns {
    /// The kind of block.
    pub(super) block: Block,
    /// The number of documents that the block was learned from; 0 if from none.
    pub(super) learned_from: usize,
    /// The index of the block's first column among the columns of all blocks.
    pub(super) start: usize,
    /// The factor, above 0, that the block's rows of length 1 are multiplied by.
    pub(super) scale: f64,
    /// How counts become its columns.
    pub(super) weighing: Weighing,
    /// The length of each document's row before it is divided by that length, for all documents of
    /// the corpus; 0 for a row of zeros.
    pub(super) lengths: Vec<f32>,
}

impl FeatureColumns {
    /// Returns the number of columns of the block.
    pub(super) fn n_columns(&self) -> usize {
        match &self.weighing {
            Weighing::Idf { idf, .. } => idf.len(),
            Weighing::Table(table) => table.width(),
        }
    }

    /// Returns whether most values in the block's rows are 0.
    pub(super) fn is_sparse(&self) -> bool {
        matches!(self.weighing, Weighing::Idf { .. })
    }

    /// Returns the damping tf: the value of each possible count.
    pub(super) fn tf(&self) -> &Damping {
        match &self.weighing {
            Weighing::Idf { tf, .. } => tf,
            Weighing::Table(table) => table.tf(),
        }
    }

    /// Returns the factor that turns the sums of a row of this length into features: scale /
    /// length, or 0 for a row of length 0.
    pub(super) fn factor(&self, length: f32) -> f64 {
        if length > 0.0 { self.scale / f64::from(length) } else { 0.0 }
    }

    /// Returns the length of the row of these counts, before the row is divided by it.
    pub(super) fn length(&self, row: &[Entry], scratch: &mut Vec<f32>) -> f32 {
        match &self.weighing {
            Weighing::Idf { idf, tf } => tfidf::length(row, idf, tf),
            Weighing::Table(table) => table.length(row, scratch),
        }
    }

    /// Converts this block's part of `weights` to weights of counts, and returns them. They do not
    /// include [`Self::factor`], which is different for each row.
    pub(super) fn fold(&self, weights: &ColumnWeights) -> Folded<'_> {
        let (start, end) = (self.start as u32, (self.start + self.n_columns()) as u32);
        let first = weights.columns().partition_point(|column| *column < start);
        let last = weights.columns().partition_point(|column| *column < end);
        let (columns, values) = (&weights.columns()[first..last], weights.values());
        match &self.weighing {
            Weighing::Idf { idf, .. } => {
                let mut folded = Vec::with_capacity(columns.len() * values.ncols());
                let mut own = Vec::with_capacity(columns.len());
                for (row, column) in (first..last).zip(columns) {
                    let idf = f64::from(idf[(column - start) as usize]);
                    if idf > 0.0 {
                        own.push(column - start);
                        folded.extend(values.row(row).iter().map(|weight| (idf * weight) as f32));
                    }
                }
                Folded { columns: own.into(), values: folded }
            }
            Weighing::Table(table) => {
                let mut dense = Array2::zeros((table.width(), values.ncols()));
                for (row, column) in (first..last).zip(columns) {
                    let to = dense.row_mut((column - start) as usize);
                    values.row(row).mapv(|weight| weight as f32).assign_to(to);
                }
                Folded { columns: table.columns().into(), values: table.fold(&dense) }
            }
        }
    }

    /// Appends the features of these counts to `out` as (column, value), where the column is
    /// counted over all blocks. Does nothing for a dense block. `length` is the length of the row.
    pub(super) fn push_row(&self, row: &[Entry], length: f32, out: &mut Vec<(u32, f32)>) {
        let factor = self.factor(length);
        match &self.weighing {
            Weighing::Idf { idf, tf } if factor > 0.0 => {
                for entry in row {
                    let idf = idf[entry.column() as usize];
                    if idf > 0.0 {
                        let weight = f64::from(tf[entry.count() as usize] * idf);
                        out.push((self.start as u32 + entry.column(), (weight * factor) as f32));
                    }
                }
            }
            _ => {}
        }
    }

    /// Writes the features of these counts to `out`, which must be zeros and as wide as the block.
    /// Does nothing for a sparse block. `length` is the length of the row.
    pub(super) fn write_row(&self, row: &[Entry], length: f32, out: &mut [f32]) {
        if let Weighing::Table(table) = &self.weighing {
            table.add(row, out);
            let factor = self.factor(length);
            for value in out {
                *value = (f64::from(*value) * factor) as f32;
            }
        }
    }
}
