//! What a space learned, taken out of it and put into one that has no corpus: for a model that predicts elsewhere.
//!
//! A static embedding was learned elsewhere and is a file of its own, so a space with one is not taken apart.

use std::sync::Arc;

use super::block::{FeatureColumns, Weighing};
use super::fitted::FittedSpace;
use super::kind::Block;
use super::source::Source;
use super::table::Table;
use super::tfidf::sublinear;
use super::vectors::Vectors;
use crate::counts::{Counter, Counts};
use crate::error::TextError;

/// What a block learned.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedBlock {
    /// Which block.
    pub block: Block,
    /// How many documents it was learned from.
    pub learned_from: usize,
    /// What its rows, of length 1, are multiplied with.
    pub scale: f64,
    /// The columns of counts that it knows, ascending: v of them.
    pub columns: Vec<u32>,
    /// Their inverse document frequency, above 0: v of them.
    pub idf: Vec<f32>,
    /// Of an embedding, the vector of each column, one after the other: (v, r).
    pub vectors: Option<Vec<f32>>,
}

impl FittedSpace {
    /// What its blocks learned, in their order.
    ///
    /// # Errors
    /// It has a static embedding.
    pub fn learned(&self) -> Result<Vec<LearnedBlock>, TextError> {
        self.sources.iter().flat_map(|source| &source.blocks).map(learned).collect()
    }

    /// The space of counts by `counter` that learned those blocks. It has no documents, and features for any text.
    ///
    /// # Errors
    /// A static embedding, columns that do not ascend below the counter's, or numbers that do not fit together.
    pub fn of_learned(counter: Arc<dyn Counter>, blocks: Vec<LearnedBlock>) -> Result<Self, TextError> {
        let n_columns = counter.n_columns();
        let mut start = 0;
        let mut columns = Vec::with_capacity(blocks.len());
        for block in blocks {
            let block = columns_of(block, n_columns, start)?;
            start += block.n_columns();
            columns.push(block);
        }
        let source = Source { counter, counts: Counts::of_nothing(n_columns), blocks: columns };
        Ok(Self::new(vec![source], None))
    }
}

fn learned(block: &FeatureColumns) -> Result<LearnedBlock, TextError> {
    let (columns, idf, vectors) = match (&block.weighing, block.block) {
        (_, Block::Static) => return Err(TextError::NotPortable),
        (Weighing::Idf { idf, .. }, _) => {
            let known: Vec<u32> =
                (0..idf.len() as u32).filter(|column| idf[*column as usize] > 0.0).collect();
            let values = known.iter().map(|column| idf[*column as usize]).collect();
            (known, values, None)
        }
        (Weighing::Table(table), _) => {
            let bytes = table.vectors().bytes().as_chunks().0;
            let vectors = bytes.iter().map(|value| f32::from_le_bytes(*value)).collect();
            (table.columns().to_vec(), table.scales().to_vec(), Some(vectors))
        }
    };
    let (block, learned_from, scale) = (block.block, block.learned_from, block.scale);
    Ok(LearnedBlock { block, learned_from, scale, columns, idf, vectors })
}

fn columns_of(block: LearnedBlock, n_columns: usize, start: usize) -> Result<FeatureColumns, TextError> {
    let LearnedBlock { block, learned_from, scale, columns, idf, vectors } = block;
    let fault =
        |problem: &str| Err(TextError::MalformedBlock { block: block.name(), problem: problem.to_owned() });
    if !columns.is_sorted_by(|a, b| a < b) || columns.last().is_some_and(|last| *last as usize >= n_columns) {
        return fault("its columns do not ascend below those of the counts");
    }
    if columns.len() != idf.len() || !idf.iter().all(|idf| idf.is_finite() && *idf > 0.0) {
        return fault("it needs an idf above 0 for each column");
    }
    if !(scale.is_finite() && scale > 0.0) {
        return fault("its scale is not above 0");
    }
    let weighing = match (block, vectors) {
        (Block::Ngram, None) => {
            let mut by_column = vec![0.0; n_columns];
            columns.iter().zip(idf).for_each(|(column, idf)| by_column[*column as usize] = idf);
            Weighing::Idf { idf: by_column, tf: sublinear() }
        }
        (Block::Lsa, Some(vectors)) => {
            let width = vectors.len().checked_div(columns.len()).unwrap_or_default();
            if width * columns.len() != vectors.len() || !vectors.iter().all(|value| value.is_finite()) {
                return fault("it needs a finite vector of one width for each column");
            }
            let vectors = (Vectors::new(width, &vectors), None);
            Weighing::Table(Table::new(n_columns, (columns, None), idf, vectors, &sublinear()))
        }
        _ => return fault("it is no block of n-grams without vectors, and none of an embedding with them"),
    };
    Ok(FeatureColumns { block, learned_from, start, scale, weighing, lengths: Vec::new() })
}

#[cfg(test)]
mod tests {
    use querist_core::{FittedFeaturizer, Rows};

    use super::super::tests::{counter, featurizer, fit_to, texts, weights};
    use super::super::{FeatureKind, FittedSpace};
    use super::*;

    /// The products of texts with weights, to the bit.
    fn bits(rows: &dyn Rows, outputs: usize) -> Vec<u64> {
        let all: Vec<usize> = (0..rows.n_rows()).collect();
        let product = rows.product(&all, &weights(rows.n_columns(), outputs)).unwrap();
        product.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn texts_have_the_products_that_they_have_as_documents() {
        let texts = texts(90);
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let pool: Vec<u32> = (0..90).collect();
        for kind in FeatureKind::all() {
            let space = fit_to(&featurizer(kind), &texts, &pool, &pool[..60]);
            let (known, new) = (space.rows(&pool), space.rows_of(&borrowed).unwrap());
            let all: Vec<usize> = (0..90).collect();
            // One tile, part of one, and several.
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
        for kind in [FeatureKind::Ngram, FeatureKind::Lsa, FeatureKind::NgramLsa] {
            let space = fit_to(&featurizer(kind), &texts, &pool, &pool[..60]);
            let learned = space.learned().unwrap();
            let again = FittedSpace::of_learned(counter(2), learned.clone()).unwrap();
            assert_eq!(again.learned().unwrap(), learned);
            let rows = |space: &FittedSpace| bits(&*space.rows_of(&borrowed).unwrap(), 4);
            assert_eq!(rows(&space), rows(&again), "{kind}");
        }
        let space = fit_to(&featurizer(FeatureKind::LsaStatic), &texts, &pool, &pool);
        assert!(matches!(space.learned(), Err(TextError::NotPortable)));
    }

    #[test]
    fn what_cannot_have_been_learned_is_refused() {
        let good = LearnedBlock {
            block: Block::Lsa,
            learned_from: 3,
            scale: 1.0,
            columns: vec![2, 5],
            idf: vec![1.0, 2.0],
            vectors: Some(vec![0.5, 1.0, 1.5, 2.0]),
        };
        let refused = |change: &dyn Fn(&mut LearnedBlock)| {
            let mut block = good.clone();
            change(&mut block);
            let found = FittedSpace::of_learned(counter(1), vec![block]);
            matches!(found, Err(TextError::MalformedBlock { .. }))
        };
        assert!(!refused(&|_| ()));
        assert!(refused(&|block| block.columns = vec![5, 2]));
        assert!(refused(&|block| block.columns = vec![2, 1 << 20]));
        assert!(refused(&|block| block.idf = vec![1.0]));
        assert!(refused(&|block| block.idf[0] = f32::NAN));
        assert!(refused(&|block| block.scale = 0.0));
        assert!(refused(&|block| block.vectors = Some(vec![0.5, 1.0, 1.5])));
        assert!(refused(&|block| block.vectors = None));
        assert!(refused(&|block| block.block = Block::Static));
    }
}
