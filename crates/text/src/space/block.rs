//! A block of columns: how counts become its features, and its weights become weights of counts.

use ndarray::Array2;
use querist_core::ColumnWeights;

use super::kind::Block;
use super::pass::Folded;
use super::table::Table;
use super::tfidf::{self, Damping};
use crate::entry::Entry;

/// What the counts are multiplied with.
#[derive(Debug)]
pub(super) enum Weighing {
    /// tf-idf: one idf a column, 0 for a column that the pool never hit.
    Idf {
        /// idf by column.
        idf: Vec<f32>,
        /// tf by count.
        tf: Damping,
    },
    /// A sum of vectors.
    Table(Table),
}

/// One block.
#[derive(Debug)]
pub(super) struct FeatureColumns {
    /// Which it is.
    pub(super) block: Block,
    /// How many documents it was learned from.
    pub(super) learned_from: usize,
    /// Where its columns begin among those of all blocks.
    pub(super) start: usize,
    /// What its rows, of length 1, are multiplied with.
    pub(super) scale: f64,
    /// How it weighs counts.
    pub(super) weighing: Weighing,
    /// By document of the corpus, the length of its row before it is divided by it; 0 for a row of
    /// zeros.
    pub(super) lengths: Vec<f32>,
}

impl FeatureColumns {
    /// How many columns it has.
    pub(super) fn n_columns(&self) -> usize {
        match &self.weighing {
            Weighing::Idf { idf, .. } => idf.len(),
            Weighing::Table(table) => table.width(),
        }
    }

    /// Whether its rows have few values other than 0.
    pub(super) fn is_sparse(&self) -> bool {
        matches!(self.weighing, Weighing::Idf { .. })
    }

    /// What a count is worth.
    pub(super) fn tf(&self) -> &Damping {
        match &self.weighing {
            Weighing::Idf { tf, .. } => tf,
            Weighing::Table(table) => table.tf(),
        }
    }

    /// What the sums of a row of that length are multiplied with.
    pub(super) fn factor(&self, length: f32) -> f64 {
        if length > 0.0 { self.scale / f64::from(length) } else { 0.0 }
    }

    /// The length of a row of counts before it is divided by it.
    pub(super) fn length(&self, row: &[Entry], scratch: &mut Vec<f32>) -> f32 {
        match &self.weighing {
            Weighing::Idf { idf, tf } => tfidf::length(row, idf, tf),
            Weighing::Table(table) => table.length(row, scratch),
        }
    }

    /// The block's weights among `weights`, folded to weights of counts; `factor` is left to the
    /// rows.
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

    /// Appends the row of those counts as (column, value) among the columns of all blocks; only for
    /// a sparse block.
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

    /// Writes the row of those counts to `out`, which is 0 and as wide as the block; only for a
    /// dense block.
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
