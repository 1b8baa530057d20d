//! Exports what a space learned, and builds a space without a corpus from it. A portable model uses
//! this.
//!
//! A static embedding is exported completely: its table and what the pooling learned. The tokenizer
//! of its pieces, or the list of its words, is a separate file and not included.

use std::sync::Arc;

use super::block::{FeatureColumns, Weighing};
use super::fitted::FittedSpace;
use super::kind::Block;
use super::source::Source;
use super::table::Table;
use super::tfidf::{Damping, linear, sublinear};
use super::unit_choice::{UnitChoice, block_of_parts};
use super::vector_block::{learned_mean, vector_block};
use super::vectors::{Precision, Vectors};
use crate::counts::{Counter, Counts};
use crate::error::TextError;
use crate::ngram::Units;

/// The maximum width of a vector, several times that of the largest language models.
const WIDEST: usize = 1 << 14;

/// What a block of features learned.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedBlock {
    /// The kind of block.
    pub block: Block,
    /// The number of documents that the block was learned from; 0 if from none.
    pub learned_from: usize,
    /// The factor, above 0, that the block's rows of length 1 are multiplied by.
    pub scale: f64,
    /// The v columns of the counts that the block uses, ascending.
    pub columns: Vec<u32>,
    /// The factors of the counts, v of them: the inverse document frequencies, above 0; for a
    /// static embedding the weights of its pieces, finite.
    pub factors: Vec<f32>,
    /// The vectors of the columns; only embeddings have them.
    pub vectors: Option<LearnedVectors>,
}

/// The vectors of a block's columns: (v, r), or (rows, r) if several columns share a row.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedVectors {
    /// The width r, above 0 if there are columns.
    pub width: usize,
    /// How each value is stored.
    pub precision: Precision,
    /// The values, row by row, little-endian, finite.
    pub values: Vec<u8>,
    /// The row of each of the v columns; `None` if row i belongs to column i.
    pub rows: Option<Vec<u32>>,
    /// The r finite values that are subtracted from each vector; `None` if nothing is subtracted.
    pub offset: Option<Vec<f32>>,
}

impl FittedSpace {
    /// Returns what each block learned, in the order of the blocks.
    pub fn learned(&self) -> Vec<LearnedBlock> {
        let blocks = self.sources.iter().flat_map(|source| &source.blocks).map(learned);
        blocks.chain(self.vectors.as_ref().map(learned_mean)).collect()
    }

    /// Builds a space from learned blocks. `counter` counts n-grams of words, `units` says where
    /// parts of words are counted instead, and `pieces` counts the words or word pieces of a static
    /// embedding. The space has no documents, but it can transform any text.
    ///
    /// # Errors
    /// A static embedding is given without `pieces`, columns do not ascend or are not below the
    /// counter's number of columns, or numbers do not fit together.
    pub fn of_learned(
        counter: &Arc<dyn Counter>,
        units: &UnitChoice,
        pieces: Option<&Arc<dyn Counter>>,
        blocks: Vec<LearnedBlock>,
    ) -> Result<Self, TextError> {
        let ascending = blocks.is_sorted_by(|one, next| one.block < next.block);
        if let (false, Some(first)) = (ascending, blocks.first()) {
            return Err(
                first.fault("there is one block of each kind, in the order ngram, lsa, static, vectors")
            );
        }
        // A file has no text that could decide, so a choice by text means words here.
        let (units, parts) = match units {
            UnitChoice::Fixed(units, counter) => (*units, Some(counter)),
            UnitChoice::Words | UnitChoice::ByText { .. } => (Units::Words, None),
        };
        let with_parts = block_of_parts(blocks.iter().map(|block| block.block));
        let counter_of = |block: Block| match (block, parts) {
            (Block::Static, _) => pieces,
            (block, Some(parts)) if block == with_parts => Some(parts),
            _ => Some(counter),
        };
        let mut start = 0;
        let mut sources: Vec<Source> = Vec::new();
        let mut vectors = None;
        for block in blocks {
            if block.block == Block::Vectors {
                vectors = Some(vector_block(block, start)?);
                continue;
            }
            let counter = counter_of(block.block);
            let counter = counter.ok_or_else(|| block.fault("there is no tokenizer for its pieces"))?;
            let n_columns = counter.n_columns();
            let columns = columns_of(block, n_columns, start)?;
            start += columns.n_columns();
            match sources.last_mut() {
                Some(source) if Arc::ptr_eq(&source.counter, counter) => source.blocks.push(columns),
                _ => sources.push(Source {
                    counter: Arc::clone(counter),
                    counts: Counts::of_nothing(n_columns),
                    blocks: vec![columns],
                }),
            }
        }
        Ok(Self::new(sources, None).with_units(units).with_vectors(vectors))
    }
}

impl LearnedBlock {
    pub(super) fn fault(&self, problem: &str) -> TextError {
        TextError::MalformedBlock { block: self.block.name(), problem: problem.to_owned() }
    }

    /// Checks the columns, factors and scale of the block, for counts of `n_columns` columns.
    pub(super) fn check(&self, n_columns: usize) -> Result<(), TextError> {
        let ascend = self.columns.is_sorted_by(|a, b| a < b);
        if !ascend || self.columns.last().is_some_and(|last| *last as usize >= n_columns) {
            return Err(self.fault("its columns do not ascend below those of the counts"));
        }
        let fits = |factor: &f32| factor.is_finite() && (self.block == Block::Static || *factor > 0.0);
        if self.columns.len() != self.factors.len() || !self.factors.iter().all(fits) {
            return Err(self.fault("it needs an idf above 0, or a finite weight of a piece, for each column"));
        }
        if !(self.scale.is_finite() && self.scale > 0.0) {
            return Err(self.fault("its scale is not above 0"));
        }
        Ok(())
    }
}

impl LearnedVectors {
    /// Builds the table for counts of `n_columns` columns; `None` if the numbers do not fit
    /// together.
    fn table(self, n_columns: usize, columns: Vec<u32>, factors: Vec<f32>, tf: &Damping) -> Option<Table> {
        let Self { width, precision, values, rows, offset } = self;
        // The width is bounded, because an array of this width is made even if there are few
        // columns.
        if width > WIDEST {
            return None;
        }
        let row_bytes = width * precision.bytes();
        let n_rows = if values.is_empty() { 0 } else { values.len().checked_div(row_bytes)? };
        let have_rows = match &rows {
            Some(rows) => rows.len() == columns.len() && rows.iter().all(|row| (*row as usize) < n_rows),
            None => n_rows == columns.len(),
        };
        let whole = n_rows * row_bytes == values.len();
        let of_width =
            |offset: &Vec<f32>| offset.len() == width && offset.iter().all(|value| value.is_finite());
        let vectors = Vectors::owned(width, precision, values);
        if !(whole && have_rows && offset.as_ref().is_none_or(of_width) && vectors.are_finite(n_rows)) {
            return None;
        }
        Some(Table::new(n_columns, (columns, rows), factors, (vectors, offset), tf))
    }
}

/// Returns what a block learned.
fn learned(block: &FeatureColumns) -> LearnedBlock {
    let (columns, factors, vectors) = match &block.weighing {
        Weighing::Idf { idf, .. } => {
            let known: Vec<u32> =
                (0..idf.len() as u32).filter(|column| idf[*column as usize] > 0.0).collect();
            let values = known.iter().map(|column| idf[*column as usize]).collect();
            (known, values, None)
        }
        Weighing::Table(table) => {
            (table.columns().to_vec(), table.scales().to_vec(), Some(table.learned_vectors()))
        }
    };
    let (block, learned_from, scale) = (block.block, block.learned_from, block.scale);
    LearnedBlock { block, learned_from, scale, columns, factors, vectors }
}

/// Builds a block from what it learned, for counts of `n_columns` columns. Its feature columns
/// begin at `start`.
fn columns_of(block: LearnedBlock, n_columns: usize, start: usize) -> Result<FeatureColumns, TextError> {
    block.check(n_columns)?;
    let no_vectors = block.fault("it needs a finite vector of one width for each column");
    let no_block =
        block.fault("it is no block of n-grams without vectors, and none of an embedding with them");
    let LearnedBlock { block, learned_from, scale, columns, factors, vectors } = block;
    let tf = if block == Block::Static { linear() } else { sublinear() };
    let weighing = match (block, vectors) {
        (Block::Ngram, None) => {
            let mut idf = vec![0.0; n_columns];
            columns.iter().zip(factors).for_each(|(column, factor)| idf[*column as usize] = factor);
            Weighing::Idf { idf, tf }
        }
        (Block::Lsa | Block::Static, Some(vectors)) => {
            Weighing::Table(vectors.table(n_columns, columns, factors, &tf).ok_or(no_vectors)?)
        }
        _ => return Err(no_block),
    };
    Ok(FeatureColumns { block, learned_from, start, scale, weighing, lengths: Vec::new() })
}

#[cfg(test)]
mod tests {
    use querist_core::{FittedFeaturizer, Rows};

    use super::super::tests::{bert, counter, english, featurizer, fit_to, model2vec, texts, weights};
    use super::super::{FeatureKind, FittedSpace};
    use super::*;

    fn words(max: usize) -> Arc<dyn Counter> {
        counter(max)
    }

    /// The products of texts with weights, as bits.
    fn bits(rows: &dyn Rows, outputs: usize) -> Vec<u64> {
        let all: Vec<usize> = (0..rows.n_rows()).collect();
        let product = rows.product(&all, &weights(rows.n_columns(), outputs)).unwrap();
        product.iter().map(|value| value.to_bits()).collect()
    }

    /// Words everywhere, parts of words, and both.
    fn choices() -> [UnitChoice; 3] {
        let fixed = |units| UnitChoice::Fixed(units, Arc::new((*counter(2)).clone().with_units(units)));
        [UnitChoice::Words, fixed(Units::Characters), fixed(Units::Both)]
    }

    #[test]
    fn texts_have_the_products_that_they_have_as_documents() {
        let texts = texts(90);
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let pool: Vec<u32> = (0..90).collect();
        for (kind, units) in FeatureKind::all().flat_map(|kind| choices().map(|units| (kind, units))) {
            let space = fit_to(&featurizer(kind).with_units(units), &texts, &pool, &pool[..60]);
            let (known, new) = (space.rows(&pool), space.rows_of(&borrowed).unwrap());
            let all: Vec<usize> = (0..90).collect();
            // Part of a tile, and several tiles with part of another.
            for outputs in [1, 3, 20] {
                assert_eq!(bits(&*known, outputs), bits(&*new, outputs), "{kind} {outputs}");
            }
            assert_eq!(known.gather(&all).unwrap(), new.gather(&all).unwrap(), "{kind}");
            assert_eq!(known.norms(&all).unwrap(), new.norms(&all).unwrap(), "{kind}");
        }
    }

    #[test]
    fn a_space_without_its_corpus_gives_the_same_to_the_bit() {
        let texts = texts(90);
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let pool: Vec<u32> = (0..90).collect();
        for embedding in [bert(), model2vec(), english()] {
            for (kind, units) in FeatureKind::all().flat_map(|kind| choices().map(|units| (kind, units))) {
                let featurizer = featurizer(kind).with_embedding(Arc::clone(&embedding));
                let space = fit_to(&featurizer.with_units(units.clone()), &texts, &pool, &pool[..60]);
                let learned = space.learned();
                let pieces = Some(embedding.counter());
                let again = FittedSpace::of_learned(&words(2), &units, pieces, learned.clone()).unwrap();
                assert_eq!(again.learned(), learned);
                assert_eq!((again.units(), again.blocks()), (space.units(), space.blocks()));
                let rows = |space: &FittedSpace| bits(&*space.rows_of(&borrowed).unwrap(), 4);
                assert_eq!(rows(&space), rows(&again), "{kind}");
            }
        }
    }

    /// A well-formed block, and one of a static embedding whose two columns share its only row.
    fn good() -> [LearnedBlock; 2] {
        let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let vectors = LearnedVectors {
            width: 2,
            precision: Precision::Single,
            values: bytes(&[0.5, 1.0, 1.5, 2.0]),
            rows: None,
            offset: None,
        };
        let lsa = LearnedBlock {
            block: Block::Lsa,
            learned_from: 3,
            scale: 1.0,
            columns: vec![2, 5],
            factors: vec![1.0, 2.0],
            vectors: Some(vectors.clone()),
        };
        let shared = LearnedVectors {
            precision: Precision::Brain,
            values: vec![0xc0, 0x3f, 0x00, 0xc0],
            rows: Some(vec![0, 0]),
            offset: Some(vec![0.5, 0.5]),
            ..vectors
        };
        let statics = LearnedBlock {
            block: Block::Static,
            factors: vec![0.0, -1.0],
            vectors: Some(shared),
            ..lsa.clone()
        };
        [lsa, statics]
    }

    type Change = fn(&mut LearnedVectors);

    #[test]
    fn what_cannot_have_been_learned_is_refused() {
        let refused = |which: usize, change: &dyn Fn(&mut LearnedBlock)| {
            let mut block = good()[which].clone();
            change(&mut block);
            let bert = bert();
            let pieces = bert.counter();
            let found = FittedSpace::of_learned(&words(1), &UnitChoice::Words, Some(pieces), vec![block]);
            matches!(found, Err(TextError::MalformedBlock { .. }))
        };
        let of_vectors =
            |which: usize, change: Change| refused(which, &|block| change(block.vectors.as_mut().unwrap()));
        for which in [0, 1] {
            assert!(!refused(which, &|_| ()));
            assert!(refused(which, &|block| block.columns = vec![5, 2]));
            assert!(refused(which, &|block| block.columns = vec![2, 1 << 20]));
            assert!(refused(which, &|block| block.factors = vec![1.0]));
            assert!(refused(which, &|block| block.factors[0] = f32::NAN));
            assert!(refused(which, &|block| block.scale = 0.0));
            assert!(refused(which, &|block| block.vectors = None));
            assert!(refused(which, &|block| block.block = Block::Ngram));
            let changes: [Change; 5] = [
                |vectors| vectors.values.truncate(3),
                |vectors| vectors.width = 0,
                |vectors| vectors.rows = Some(vec![0, 9]),
                |vectors| vectors.offset = Some(vec![0.5]),
                // Not a number, in each precision.
                |vectors| vectors.values[..4].fill(0xff),
            ];
            assert!(changes.iter().all(|change| of_vectors(which, *change)));
        }
        // An inverse document frequency must be above 0, and without rows each column needs a
        // vector.
        assert!(refused(0, &|block| block.factors[0] = 0.0));
        // An empty table still costs its width.
        let empty = |width: usize| LearnedBlock {
            columns: Vec::new(),
            factors: Vec::new(),
            vectors: Some(LearnedVectors {
                width,
                precision: Precision::Brain,
                values: Vec::new(),
                rows: None,
                offset: None,
            }),
            ..good()[0].clone()
        };
        assert!(refused(0, &|block| *block = empty(usize::MAX / 2)));
        assert!(!refused(0, &|block| *block = empty(300)));
        assert!(of_vectors(1, |vectors| vectors.rows = None));
        let [lsa, statics] = good();
        for blocks in [vec![statics.clone(), lsa.clone()], vec![lsa.clone(), lsa]] {
            let bert = bert();
            let pieces = bert.counter();
            let found = FittedSpace::of_learned(&words(1), &UnitChoice::Words, Some(pieces), blocks);
            assert!(matches!(found, Err(TextError::MalformedBlock { .. })));
        }
        let found = FittedSpace::of_learned(&words(1), &UnitChoice::Words, None, vec![statics]);
        assert!(matches!(found, Err(TextError::MalformedBlock { .. })));
    }
}
