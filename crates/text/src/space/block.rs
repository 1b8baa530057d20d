//! A block of columns: turns counts into features, and weights of features into weights of counts.

use ndarray::Array2;
use querist_core::ColumnWeights;

use super::kind::Block;
use super::pass::Folded;
use super::table::Table;
use super::tfidf::{self, Damping};
use crate::entry::Entry;

/// What the counts are multiplied by.
#[derive(Debug)]
pub(super) enum Weighing {
    /// tf-idf: an idf for each column, 0 if no document of the pool has it.
    Idf {
        /// idf, for each column.
        idf: Vec<f32>,
        /// tf, for each count.
        tf: Damping,
    },
    /// A sum of vectors.
    Table(Table),
}

/// One block of features.
#[derive(Debug)]
pub(super) struct FeatureColumns {
    /// Which block it is.
    pub(super) block: Block,
    /// The number of documents that it was learned from; 0 if from none.
    pub(super) learned_from: usize,
    /// The first of its columns, counted over all blocks.
    pub(super) start: usize,
    /// The factor of its rows, which have length 1 before; above 0.
    pub(super) scale: f64,
    /// How counts become its columns.
    pub(super) weighing: Weighing,
    /// The length of each document's row before it is divided by that length, for all documents of
    /// the corpus; 0 for a row of zeros.
    pub(super) lengths: Vec<f32>,
}

impl FeatureColumns {
    /// The number of its columns.
    pub(super) fn n_columns(&self) -> usize {
        match &self.weighing {
            Weighing::Idf { idf, .. } => idf.len(),
            Weighing::Table(table) => table.width(),
        }
    }

    /// Whether few values in its rows differ from 0.
    pub(super) fn is_sparse(&self) -> bool {
        matches!(self.weighing, Weighing::Idf { .. })
    }

    /// tf: what each count is worth.
    pub(super) fn tf(&self) -> &Damping {
        match &self.weighing {
            Weighing::Idf { tf, .. } => tf,
            Weighing::Table(table) => table.tf(),
        }
    }

    /// The factor that turns the sums of a row of this length into features: scale / length, or 0.
    pub(super) fn factor(&self, length: f32) -> f64 {
        if length > 0.0 { self.scale / f64::from(length) } else { 0.0 }
    }

    /// The length of the row of these counts, before it is divided by that length.
    pub(super) fn length(&self, row: &[Entry], scratch: &mut Vec<f32>) -> f32 {
        match &self.weighing {
            Weighing::Idf { idf, tf } => tfidf::length(row, idf, tf),
            Weighing::Table(table) => table.length(row, scratch),
        }
    }

    /// Folds this block's part of `weights` to weights of counts, without [`Self::factor`], which
    /// differs for each row.
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

    /// Appends the row of these counts to `out` as (column, value), columns counted over all
    /// blocks. Does nothing for a dense block.
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

    /// Writes the row of these counts to `out`, which is 0 and as wide as the block. Does nothing
    /// for a sparse block.
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
