//! The rows of texts that are not in the corpus. Their products are exactly those of documents in
//! the corpus.
//!
//! For a product over a pool, the weights are converted to weights of counts, in single precision.
//! For a product of gathered features they are not, so the last digits differ. A text that is
//! scored later must get exactly the probabilities that it would have had in the pool, so the same
//! pass computes its product.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{ColumnWeights, Features, Rows};
use rayon::prelude::*;

use super::fitted::FittedSpace;
use crate::counts::Scratch;
use crate::entry::Entry;
use crate::error::TextError;

/// The rows of texts, as counts by each source of a space.
pub(super) struct TextRows<'a> {
    space: &'a FittedSpace,
    /// The counts of each text, for each source.
    counted: Vec<Vec<Vec<Entry>>>,
    n_rows: usize,
}

impl<'a> TextRows<'a> {
    /// Counts `texts` and returns their rows, in that order.
    ///
    /// # Errors
    /// The tokenizer cannot read a text.
    pub(super) fn new(space: &'a FittedSpace, texts: &[&str]) -> Result<Self, TextError> {
        let count = |source: &super::source::Source| {
            texts
                .par_iter()
                .enumerate()
                .map_init(Scratch::default, |scratch, (index, text)| source.count(index, text, scratch))
                .collect::<Result<Vec<_>, _>>()
        };
        let counted = space.sources.iter().map(count).collect::<Result<_, _>>()?;
        Ok(Self { space, counted, n_rows: texts.len() })
    }
}

impl Rows for TextRows<'_> {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn n_columns(&self) -> usize {
        use querist_core::FittedFeaturizer;
        self.space.n_columns()
    }

    fn gather(&self, rows: &[usize]) -> Result<Features, BoxError> {
        let parts = self.space.sources.iter().zip(&self.counted).map(|(source, counted)| {
            let chosen: Vec<&[Entry]> = rows.iter().map(|row| counted[*row].as_slice()).collect();
            source.rows_of(&chosen)
        });
        self.space.assemble(rows.len(), parts.collect())
    }

    fn product(&self, rows: &[usize], weights: &ColumnWeights) -> Result<Array2<f64>, BoxError> {
        let passes = self.space.passes(weights)?;
        let k = weights.n_outputs();
        let mut out = vec![0.0; rows.len() * k];
        if k > 0 {
            out.par_chunks_mut(k).zip(rows).for_each_init(Vec::new, |scratch, (out, row)| {
                for ((source, counted), pass) in
                    self.space.sources.iter().zip(&self.counted).zip(passes.iter())
                {
                    if let Some(pass) = pass {
                        source.add_product_of(&counted[*row], pass, k, scratch, out);
                    }
                }
            });
        }
        Ok(Array2::from_shape_vec((rows.len(), k), out)?)
    }

    fn norms(&self, rows: &[usize]) -> Result<Vec<f64>, BoxError> {
        let norm = |row: &usize| {
            let mut scratch = Vec::new();
            let sources = self.space.sources.iter().zip(&self.counted);
            let known = sources
                .flat_map(|(source, counted)| source.blocks.iter().map(move |block| (block, &counted[*row])));
            let known = known.filter(|(block, row)| block.length(row, &mut scratch) > 0.0);
            known.map(|(block, _)| block.scale * block.scale).sum::<f64>().sqrt()
        };
        Ok(rows.par_iter().map(norm).collect())
    }
}
