//! A fitted space: the features of a corpus, and of any other text.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{Array2, s};
use querist_core::error::BoxError;
use querist_core::{
    ColumnWeights, Contribution, Csr, FeatureBlock, Features, FittedFeaturizer, Named, Rows, Shingles,
};

use super::block::FeatureColumns;
use super::contributions::Contributions;
use super::kind::Block;
use super::pass::Pass;
use super::rows::SpaceRows;
use super::shingles::{ShingleCounts, SpaceShingles};
use super::source::{Source, SourceRows};
use super::texts::{Input, TextRows};
use super::unit_choice::block_of_parts;
use super::vector_block::VectorBlock;
use crate::counts::Scratch;
use crate::error::TextError;
use crate::ngram::Units;

/// The name of a document's vector among the terms that explain a prediction. No counter makes a
/// term with these brackets.
pub const VECTOR: &str = "[vector]";

/// For each source, the weights converted to weights of its counts; `None` for a source without
/// blocks.
pub(super) type Passes = Vec<Option<Pass>>;

/// The features of a corpus, and of any other text.
pub struct FittedSpace {
    pub(super) sources: Vec<Source>,
    /// The block of documents' vectors, whose columns are the last; `None` without such a block.
    pub(super) vectors: Option<VectorBlock>,
    /// The counts that shingles are read from; `None` if no shingles were requested.
    pub(super) shingles: Option<ShingleCounts>,
    /// What the n-grams consist of.
    units: Units,
    n_columns: usize,
    /// The weights that were converted last, as many as there are threads. A model is applied more
    /// than once (to the pool, to the test documents), and simulations apply several models at
    /// once.
    last: Mutex<VecDeque<(ColumnWeights, Arc<Passes>)>>,
}

impl FittedSpace {
    /// Returns the space of these sources. The columns of their blocks follow each other.
    pub(super) fn new(sources: Vec<Source>, shingles: Option<ShingleCounts>) -> Self {
        let n_columns = sources.iter().flat_map(|source| &source.blocks).map(FeatureColumns::n_columns).sum();
        Self { sources, vectors: None, shingles, units: Units::Words, n_columns, last: Mutex::default() }
    }

    /// Returns the same space with a block of vectors, whose columns must begin after those of the
    /// sources.
    pub(super) fn with_vectors(self, vectors: Option<VectorBlock>) -> Self {
        let width = vectors.as_ref().map_or(0, VectorBlock::width);
        Self { n_columns: self.n_columns + width, vectors, ..self }
    }

    /// Returns the width of the vectors that each text needs; `None` if texts need none.
    pub fn vector_width(&self) -> Option<usize> {
        self.vectors.as_ref().map(VectorBlock::width)
    }

    /// Returns the rows of texts that are not in the corpus, like
    /// [`FittedFeaturizer::rows_of`], but with the vectors that they need.
    ///
    /// # Errors
    /// The featurizer cannot read a text, or a text lacks a vector or has one of another width.
    pub fn rows_of_inputs(&self, inputs: &[Input<'_>]) -> Result<Box<dyn Rows + '_>, TextError> {
        Ok(Box::new(TextRows::new(self, inputs)?))
    }

    /// Returns how much each word of a text, and its vector as the term [`VECTOR`], adds to the
    /// product of the text's features with `weights`, like [`FittedFeaturizer::contributions`].
    ///
    /// # Errors
    /// The same as for [`Self::rows_of_inputs`]; or the weights are for another number of columns.
    pub fn contributions_of(
        &self,
        input: Input<'_>,
        weights: &ColumnWeights,
    ) -> Result<Vec<Contribution>, TextError> {
        let passes = self.passes(weights)?;
        let mut contributions = Contributions::new(weights.n_outputs());
        let mut scratch = Scratch::default();
        for (source, pass) in self.sources.iter().zip(passes.iter()) {
            if let Some(pass) = pass {
                let row = source.count(0, input.text, &mut scratch)?;
                contributions.add(source, pass, input.text, &row)?;
            }
        }
        let mut found = contributions.finish();
        if let Some(block) = &self.vectors {
            let row = block.rows_of(std::iter::once(input.vector))?;
            let mut values = vec![0.0; weights.n_outputs()];
            VectorBlock::add_product_of(&row, &block.fold(weights), &mut values);
            found.push(Contribution { term: VECTOR.to_owned(), values });
        }
        Ok(found)
    }

    /// Returns the same space, whose n-grams consist of these units. Without n-grams, it stays at
    /// words.
    pub(super) fn with_units(self, units: Units) -> Self {
        let mut blocks = self.sources.iter().flat_map(|source| &source.blocks);
        let has_ngrams = blocks.any(|block| block.block != Block::Static);
        Self { units: if has_ngrams { units } else { Units::Words }, ..self }
    }

    /// Returns what the n-grams consist of: those of the block `lsa` if there is one, otherwise
    /// those of `ngram`.
    pub fn units(&self) -> Units {
        self.units
    }

    /// Returns whether parts of words are counted in a block.
    fn has_parts(&self, block: Block) -> bool {
        let blocks = self.sources.iter().flat_map(|source| &source.blocks);
        self.units != Units::Words && block == block_of_parts(blocks.map(|block| block.block))
    }

    /// Converts the weights to weights of the counts of each source, or returns those that were
    /// converted recently.
    ///
    /// # Errors
    /// The weights are for another number of columns.
    pub(super) fn passes(&self, weights: &ColumnWeights) -> Result<Arc<Passes>, TextError> {
        if weights.n_columns() != self.n_columns {
            return Err(TextError::OtherWidth { found: weights.n_columns(), expected: self.n_columns });
        }
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, passes)) = last().iter().find(|(known, _)| known == weights) {
            return Ok(Arc::clone(passes));
        }
        // The weights are converted without holding the lock, so that threads with different models
        // do not wait for each other.
        let passes = Arc::new(self.sources.iter().map(|source| source.pass(weights)).collect::<Passes>());
        // Another thread may have converted the same weights meanwhile; a second copy does no
        // harm.
        let mut last = last();
        last.truncate(rayon::current_num_threads().saturating_sub(1));
        last.push_front((weights.clone(), Arc::clone(&passes)));
        Ok(passes)
    }

    /// Joins the rows of all sources to the features of `n` documents. Each of `parts` has the rows
    /// of one source.
    pub(super) fn assemble(&self, n: usize, parts: Vec<SourceRows>) -> Result<Features, BoxError> {
        let blocks = || self.sources.iter().flat_map(|source| &source.blocks);
        if !blocks().any(FeatureColumns::is_sparse) {
            let mut dense = Array2::zeros((n, self.n_columns));
            for (start, width, values) in parts.into_iter().flat_map(|part| part.dense) {
                let values = Array2::from_shape_vec((n, width), values)?;
                dense.slice_mut(s![.., start..start + width]).assign(&values);
            }
            return Ok(Features::Dense(dense));
        }
        let mut csr = Csr::empty(self.n_columns);
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for row in 0..n {
            columns.clear();
            values.clear();
            for part in &parts {
                columns.extend(part.sparse[row].iter().map(|(column, _)| *column));
                values.extend(part.sparse[row].iter().map(|(_, value)| *value));
                for (start, width, dense) in &part.dense {
                    let dense = &dense[row * width..][..*width];
                    // A row of zeros needs no entries.
                    if dense.iter().any(|value| *value != 0.0) {
                        columns.extend(*start as u32..(start + width) as u32);
                        values.extend_from_slice(dense);
                    }
                }
            }
            csr.push_row(&columns, &values)?;
        }
        Ok(Features::Sparse(csr))
    }
}

impl FittedFeaturizer for FittedSpace {
    fn rows<'a>(&'a self, documents: &'a [u32]) -> Box<dyn Rows + 'a> {
        Box::new(SpaceRows::new(self, documents))
    }

    fn shingles<'a>(&'a self, documents: &'a [u32]) -> Option<Box<dyn Shingles + 'a>> {
        Some(Box::new(SpaceShingles::new(self, documents)?))
    }

    fn transform(&self, texts: &[&str]) -> Result<Features, BoxError> {
        let rows: Vec<usize> = (0..texts.len()).collect();
        self.rows_of(texts)?.gather(&rows)
    }

    fn rows_of<'a>(&'a self, texts: &[&str]) -> Result<Box<dyn Rows + 'a>, BoxError> {
        let inputs: Vec<Input<'_>> = texts.iter().map(|text| Input::of(text)).collect();
        Ok(self.rows_of_inputs(&inputs)?)
    }

    fn n_columns(&self) -> usize {
        self.n_columns
    }

    fn contributions(&self, text: &str, weights: &ColumnWeights) -> Result<Vec<Contribution>, BoxError> {
        Ok(self.contributions_of(Input::of(text), weights)?)
    }

    fn blocks(&self) -> Vec<FeatureBlock> {
        let blocks = self.sources.iter().flat_map(|source| &source.blocks);
        let of_vectors = self.vectors.iter().map(|block| FeatureBlock {
            name: Block::Vectors.name().to_owned(),
            columns: block.width(),
            weight: block.scale,
            learned_from: block.learned_from,
            units: None,
        });
        blocks
            .map(|block| FeatureBlock {
                name: block.block.name().to_owned(),
                columns: block.n_columns(),
                weight: block.scale,
                learned_from: block.learned_from,
                units: self.has_parts(block.block).then(|| self.units.name().to_owned()),
            })
            .chain(of_vectors)
            .collect()
    }
}
