//! The rows of some documents of the corpus that a space was fitted to.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{ColumnWeights, Features, Rows};
use rayon::prelude::*;

use super::fitted::FittedSpace;
use super::order::Order;

/// The rows of some documents of the corpus, which are given by their indices.
pub(super) struct SpaceRows<'a> {
    space: &'a FittedSpace,
    documents: &'a [u32],
}

impl<'a> SpaceRows<'a> {
    /// Returns the rows of `documents`, in that order.
    pub(super) fn new(space: &'a FittedSpace, documents: &'a [u32]) -> Self {
        Self { space, documents }
    }

    /// Returns the places of these rows in the corpus.
    fn places(&self, rows: &[usize]) -> Vec<u32> {
        rows.iter().map(|row| self.documents[*row]).collect()
    }

    fn order(&self, rows: &[usize]) -> Order {
        Order::new(self.places(rows))
    }
}

impl Rows for SpaceRows<'_> {
    fn n_rows(&self) -> usize {
        self.documents.len()
    }

    fn n_columns(&self) -> usize {
        use querist_core::FittedFeaturizer;
        self.space.n_columns()
    }

    fn gather(&self, rows: &[usize]) -> Result<Features, BoxError> {
        let order = self.order(rows);
        let parts = self.space.sources.iter().map(|source| source.gather(&order));
        let mut parts = parts.collect::<Result<Vec<_>, _>>()?;
        if let Some(block) = &self.space.vectors {
            parts.push(block.gather(&self.places(rows))?);
        }
        self.space.assemble(rows.len(), parts)
    }

    fn product(&self, rows: &[usize], weights: &ColumnWeights) -> Result<Array2<f64>, BoxError> {
        let passes = self.space.passes(weights)?;
        let order = self.order(rows);
        let k = weights.n_outputs();
        let mut out = vec![0.0; rows.len() * k];
        for (source, pass) in self.space.sources.iter().zip(passes.iter()) {
            if let Some(pass) = pass {
                source.add_product(&order, pass, k, &mut out)?;
            }
        }
        if let Some(block) = &self.space.vectors {
            block.add_product(order.places(), &block.fold(weights), k, &mut out)?;
        }
        Ok(Array2::from_shape_vec((rows.len(), k), order.restored(k, out))?)
    }

    fn norms(&self, rows: &[usize]) -> Result<Vec<f64>, BoxError> {
        let blocks: Vec<_> = self.space.sources.iter().flat_map(|source| &source.blocks).collect();
        // Before the block's scale, a row of a block has length 1, or 0 if the block knows none of
        // the document's columns.
        let of_vectors = match &self.space.vectors {
            Some(block) => {
                let known = block.are_known(&self.places(rows))?.into_iter();
                known.map(|known| if known { block.scale * block.scale } else { 0.0 }).collect()
            }
            None => vec![0.0; rows.len()],
        };
        let norm = |(row, of_vector): (&usize, &f64)| {
            let place = self.documents[*row] as usize;
            let known = blocks.iter().filter(|block| block.lengths[place] > 0.0);
            (known.map(|block| block.scale * block.scale).sum::<f64>() + of_vector).sqrt()
        };
        Ok(rows.par_iter().zip(&of_vectors).with_min_len(4096).map(norm).collect())
    }
}
