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
use super::vector_block::{VectorBlock, is_known};
use crate::counts::Scratch;
use crate::entry::Entry;
use crate::error::TextError;

/// A text, and its vector if the features have a block of vectors.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The text.
    pub text: &'a str,
    /// The text's vector; ignored by features without vectors.
    pub vector: Option<&'a [f32]>,
}

impl<'a> Input<'a> {
    /// Returns a text without a vector.
    pub fn of(text: &'a str) -> Self {
        Self { text, vector: None }
    }
}

/// The rows of texts, as counts by each source of a space.
pub(super) struct TextRows<'a> {
    space: &'a FittedSpace,
    /// The counts of each text, for each source.
    counted: Vec<Vec<Vec<Entry>>>,
    /// The rows of the vectors, one after the other; empty without a block of vectors.
    vectors: Vec<f32>,
    n_rows: usize,
}

impl<'a> TextRows<'a> {
    /// Counts the texts and returns their rows, in that order.
    ///
    /// # Errors
    /// The tokenizer cannot read a text, or a text lacks the vector that the features need.
    pub(super) fn new(space: &'a FittedSpace, inputs: &[Input<'_>]) -> Result<Self, TextError> {
        let count = |source: &super::source::Source| {
            inputs
                .par_iter()
                .enumerate()
                .map_init(Scratch::default, |scratch, (index, input)| {
                    source.count(index, input.text, scratch)
                })
                .collect::<Result<Vec<_>, _>>()
        };
        let counted = space.sources.iter().map(count).collect::<Result<_, _>>()?;
        let vectors = match &space.vectors {
            Some(block) => block.rows_of(inputs.iter().map(|input| input.vector))?,
            None => Vec::new(),
        };
        Ok(Self { space, counted, vectors, n_rows: inputs.len() })
    }

    /// Returns the row of a text in the block of vectors, whose width is given.
    fn vector(&self, row: usize, width: usize) -> &[f32] {
        &self.vectors[row * width..][..width]
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
        let mut parts: Vec<_> = parts.collect();
        if let Some(block) = &self.space.vectors {
            let own = rows.iter().flat_map(|row| self.vector(*row, block.width())).copied().collect();
            parts.push(block.as_part(rows.len(), own));
        }
        self.space.assemble(rows.len(), parts)
    }

    fn product(&self, rows: &[usize], weights: &ColumnWeights) -> Result<Array2<f64>, BoxError> {
        let passes = self.space.passes(weights)?;
        let k = weights.n_outputs();
        let folded = self.space.vectors.as_ref().map(|block| (block.width(), block.fold(weights)));
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
                if let Some((width, folded)) = &folded {
                    VectorBlock::add_product_of(self.vector(*row, *width), folded, out);
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
            let squares = known.map(|(block, _)| block.scale * block.scale).sum::<f64>();
            let of_vector =
                self.space.vectors.as_ref().filter(|block| is_known(self.vector(*row, block.width())));
            (squares + of_vector.map_or(0.0, |block| block.scale * block.scale)).sqrt()
        };
        Ok(rows.par_iter().map(norm).collect())
    }
}
