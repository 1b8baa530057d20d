//! Counts of one kind (n-grams, words, word pieces), and the blocks of features made from them.

use std::sync::Arc;

use querist_core::ColumnWeights;

use super::block::FeatureColumns;
use super::order::Order;
use super::pass::Pass;
use crate::counts::{Counter, Counts, Scratch};
use crate::entry::Entry;
use crate::error::TextError;

/// The counts of a corpus, their counter, and the blocks made from them.
pub(super) struct Source {
    pub(super) counter: Arc<dyn Counter>,
    pub(super) counts: Counts,
    /// The blocks, which all use the same tf.
    pub(super) blocks: Vec<FeatureColumns>,
}

/// The rows of some documents in the blocks of a source.
pub(super) struct SourceRows {
    /// The (column, value) pairs of each document in the sparse blocks.
    pub(super) sparse: Vec<Vec<(u32, f32)>>,
    /// For each dense block, in order: its first column, its width, and its values row by row.
    pub(super) dense: Vec<(usize, usize, Vec<f32>)>,
}

impl Source {
    /// Returns the pass that multiplies the rows of this source's blocks by their part of
    /// `weights`; `None` if the source has no blocks.
    pub(super) fn pass(&self, weights: &ColumnWeights) -> Option<Pass> {
        let folded: Vec<_> = self.blocks.iter().map(|block| block.fold(weights)).collect();
        let tf = self.blocks.first()?.tf();
        Some(Pass::new(self.counts.n_columns(), &folded, weights.n_outputs(), tf))
    }

    /// Adds the product of the documents' rows with the folded weights to `out`, which has `k`
    /// values for each document, in corpus order.
    pub(super) fn add_product(
        &self,
        documents: &Order,
        pass: &Pass,
        k: usize,
        out: &mut [f64],
    ) -> Result<(), TextError> {
        for tile in pass.tiles() {
            let start = (tile.first() / k, tile.first() % k);
            documents.update(&self.counts, k, out, |place, row, out| {
                let length = |block: usize| self.blocks[block].lengths[place as usize];
                pass.sum(tile, row, |sums| self.add_sums(sums, start, k, &length, out));
            })?;
        }
        Ok(())
    }

    /// Adds the product of one row of counts with the folded weights to the `k` values of `out`.
    /// The result is exactly, to the last digit, what [`Self::add_product`] adds for a document
    /// with these counts.
    pub(super) fn add_product_of(
        &self,
        row: &[Entry],
        pass: &Pass,
        k: usize,
        scratch: &mut Vec<f32>,
        out: &mut [f64],
    ) {
        let lengths: Vec<f32> = self.blocks.iter().map(|block| block.length(row, scratch)).collect();
        for tile in pass.tiles() {
            let start = (tile.first() / k, tile.first() % k);
            pass.sum(tile, row, |sums| self.add_sums(sums, start, k, &|block| lengths[block], out));
        }
    }

    /// Adds the sums of a tile to the outputs `out`, each divided by the row's length in its block.
    /// The tile begins at output `output` of block `block`.
    fn add_sums(
        &self,
        sums: &[f32],
        (mut block, mut output): (usize, usize),
        k: usize,
        length: &dyn Fn(usize) -> f32,
        out: &mut [f64],
    ) {
        let mut rest = sums;
        // The outputs of a tile may begin and end within a block.
        while !rest.is_empty() {
            let (own, others) = rest.split_at(rest.len().min(k - output));
            let factor = self.blocks[block].factor(length(block));
            for (out, sum) in out[output..].iter_mut().zip(own) {
                *out += factor * f64::from(*sum);
            }
            (rest, block, output) = (others, block + 1, 0);
        }
    }

    /// Returns the rows of documents of the corpus, in the order of the list.
    pub(super) fn gather(&self, documents: &Order) -> Result<SourceRows, TextError> {
        let mut rows = SourceRows { sparse: vec![Vec::new(); documents.len()], dense: Vec::new() };
        for block in &self.blocks {
            if block.is_sparse() {
                documents.for_each(&self.counts, |index, place, row| {
                    block.push_row(row, block.lengths[place as usize], &mut rows.sparse[index]);
                })?;
            } else {
                let width = block.n_columns();
                let values = documents.map(&self.counts, width, |place, row, out: &mut [f32]| {
                    block.write_row(row, block.lengths[place as usize], out);
                })?;
                rows.dense.push((block.start, width, values));
            }
        }
        Ok(rows)
    }

    /// Returns the rows of texts, which are given by their counts.
    pub(super) fn rows_of(&self, counted: &[&[Entry]]) -> SourceRows {
        let mut rows = SourceRows { sparse: vec![Vec::new(); counted.len()], dense: Vec::new() };
        let mut scratch = Vec::new();
        for block in &self.blocks {
            let width = if block.is_sparse() { 0 } else { block.n_columns() };
            let mut values = vec![0.0; width * counted.len()];
            for (index, row) in counted.iter().enumerate() {
                let length = block.length(row, &mut scratch);
                block.push_row(row, length, &mut rows.sparse[index]);
                block.write_row(row, length, &mut values[index * width..][..width]);
            }
            if width > 0 {
                rows.dense.push((block.start, width, values));
            }
        }
        rows
    }

    /// Returns the counts of a text; `index` is only used in the error message.
    pub(super) fn count(
        &self,
        index: usize,
        text: &str,
        scratch: &mut Scratch,
    ) -> Result<Vec<Entry>, TextError> {
        let mut row = Vec::new();
        self.counter.count(text, scratch, &mut row).map_err(|error| match error {
            TextError::Untokenizable { problem, .. } => TextError::Untokenizable { document: index, problem },
            other => other,
        })?;
        Ok(row)
    }
}
