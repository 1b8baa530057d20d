//! Latent semantic analysis: an embedding learned from the pool (Deerwester, Dumais, Furnas,
//! Landauer and Harshman, "Indexing by latent semantic analysis", 1990).
//!
//! The matrix X has the tf-idf of the basis documents, restricted to the most frequent columns, in
//! rows of unit length. Let s be its first r singular values and V the corresponding right singular
//! vectors. The row of a document x, in the basis or new, is √s Vᵀ x, scaled to length 1. The
//! factor √s is not in the source ([`damping`]). df, idf and V come from the basis and stay the
//! same while the pool grows.
//!
//! Random draws use a fixed seed, so workspaces with the same documents have the same embedding.

use std::path::Path;

use querist_core::Seed;
use rand::Rng;
use safetensors::tensor::Dtype;

use super::cache::{Cached, Draft};
use super::identity;
use super::order::Order;
use super::sparse::Sparse;
use super::svd::Svd;
use super::table::Table;
use super::tfidf::{document_frequencies, inverse_document_frequencies, sublinear};
use super::vectors::{Precision, Vectors};
use crate::counts::Counts;
use crate::error::TextError;
use crate::ngram::Units;

/// The version of the formula; it goes up when any value changes.
const FORMULA: u32 = 1;

/// The minimum document frequency of a column; columns with a smaller one are left out.
const LEAST_DOCUMENTS: u32 = 2;

/// The maximum number of columns; the most frequent ones are kept.
const VOCABULARY: usize = 50_000;

/// The maximum number of documents that V is computed from, drawn from the basis. Document
/// frequencies are always counted in the whole basis.
const SAMPLE: usize = 50_000;

/// The number of power iterations for words, each a product with the matrix and one with its
/// transpose.
const ITERATIONS: usize = 4;

/// The number of power iterations for parts of words. A document has more than twice as many parts
/// as words, and half the iterations cost no accuracy. With 50, 200 and 525 labels, the means over
/// four sets were 44.9, 54.4 and 58.3 % with four iterations, and 44.9, 54.2 and 58.3 % with two
/// (tweets in German, Spanish and Arabic, and German news; eight draws, the embedding alone, in
/// scikit-learn).
const ITERATIONS_OF_PARTS: usize = 2;

/// The power of the singular values that directions are multiplied by, if there are few classes.
///
/// Vᵀ x has variance s² / n in each direction, so with few labels the many weak directions drown
/// the few strong ones. Damping them was worth up to 7 points of accuracy at 50 labels and nothing
/// at 2,000 (AG News .575 → .646 and unchanged; r8 .818 → .840; trec .522 → .536; logistic
/// regression with C = 10, five draws; 4 to 8 classes). A power of 1 is better still at 50 labels,
/// but worse from 200 on.
const DAMPING: f64 = 0.5;

/// From this many classes on, directions are not damped: the strong directions are too few to tell
/// so many classes apart. With 150 classes (CLINC150), damping cost 3 points of accuracy after 525
/// labels, whatever strategy chose them. No number of classes between 8 and 150 was measured.
pub(super) const MANY_CLASSES: usize = 50;

/// The seed of every draw.
const SEED: Seed = Seed(0);

/// Returns the number of dimensions of an embedding learned from `n_documents` documents.
pub fn rank(n_documents: usize) -> usize {
    match n_documents {
        0..2_000 => 100,
        2_000..4_000 => 200,
        _ => 300,
    }
}

/// Returns the power of the singular values that directions are multiplied by, for `n_classes`
/// classes.
pub fn damping(n_classes: usize) -> f64 {
    if n_classes < MANY_CLASSES { DAMPING } else { 0.0 }
}

/// Returns the number of power iterations for n-grams of these units.
pub(super) fn iterations(units: Units) -> usize {
    match units {
        Units::Auto | Units::Words => ITERATIONS,
        Units::Characters | Units::Both => ITERATIONS_OF_PARTS,
    }
}

/// The parameters of an embedding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// The maximum number of dimensions.
    pub(super) rank: usize,
    /// The power of the singular values that directions are multiplied by.
    pub(super) damping: f64,
    /// The number of power iterations.
    pub(super) iterations: usize,
}

/// Returns all parameters that change an embedding, except its rank and the documents, as text.
pub(super) fn fingerprint(damping: f64, iterations: usize) -> String {
    format!(
        "formula={FORMULA} df={LEAST_DOCUMENTS} vocabulary={VOCABULARY} sample={SAMPLE} iterations={iterations} power={damping} seed={}",
        SEED.0
    )
}

/// A fitted embedding.
#[derive(Debug, Clone)]
pub(super) struct Lsa {
    /// The v columns of the counts that the embedding uses, ascending.
    pub(super) columns: Vec<u32>,
    /// The idf of these columns in the basis.
    pub(super) idf: Vec<f32>,
    /// V √s, (v, r), with s divided by its first value; V itself if there are many classes.
    pub(super) vectors: Vectors,
    /// The singular values s, r of them, descending.
    pub(super) singular_values: Vec<f32>,
}

impl Lsa {
    /// Fits an embedding of this shape to the documents of `basis`. It has fewer dimensions if the
    /// matrix has a lower rank.
    ///
    /// # Errors
    /// The counts cannot be read, or the decomposition has no solution.
    pub(super) fn fit(counts: &Counts, basis: &[u32], shape: Shape) -> Result<Self, TextError> {
        let frequencies = document_frequencies(counts, &Order::new(basis.to_vec()))?;
        let columns = vocabulary(&frequencies);
        let idf = inverse_document_frequencies(&frequencies, basis.len());
        let matrix = matrix(counts, &sample(basis), &columns, &idf)?;
        let Svd { singular_values, mut vectors } = Svd::new(&matrix, shape.rank, shape.iterations, SEED)?;
        for (mut column, value) in vectors.columns_mut().into_iter().zip(&singular_values) {
            let damping = (value / singular_values[0]).powf(shape.damping) as f32;
            column.mapv_inplace(|value| value * damping);
        }
        let width = vectors.ncols();
        Ok(Self {
            idf: columns.iter().map(|column| idf[*column as usize]).collect(),
            columns,
            vectors: Vectors::new(width, &vectors.into_raw_vec_and_offset().0),
            singular_values: singular_values.iter().map(|value| *value as f32).collect(),
        })
    }

    /// Returns the embedding that [`Lsa::fit`] returns, and a digest of its vectors. It is read
    /// from the file at `path` if the file has this key and was made from the same documents;
    /// otherwise it is fitted and written there. The key must contain all parameters that change
    /// the embedding.
    ///
    /// # Errors
    /// The same as for [`Lsa::fit`]; also if the file cannot be written.
    pub(super) fn cached(
        path: &Path,
        key: &str,
        counts: &Counts,
        basis: &[u32],
        shape: Shape,
    ) -> Result<(Self, String), TextError> {
        let chunks = identity::of_chunks(counts, basis);
        let kept = Cached::open(path, key);
        if let Some(kept) = &kept {
            // Chunks may have been merged although their texts are the same. So if the chunks
            // differ, the rows are compared, which costs more.
            let same_chunks = chunks.is_some() && kept.note("chunks") == chunks.as_deref();
            if (same_chunks || kept.note("rows") == Some(&identity::of_rows(counts, basis)?))
                && let Some(found) = Self::read(kept)
            {
                return Ok(found);
            }
        }
        let lsa = Self::fit(counts, basis, shape)?;
        let width = lsa.vectors.width();
        let digest = blake3::hash(lsa.vectors.bytes()).to_hex().to_string();
        let mut draft = Draft::new(key.to_owned()).note("digest", digest.clone());
        draft = draft.note("rows", identity::of_rows(counts, basis)?);
        if let Some(chunks) = chunks {
            draft = draft.note("chunks", chunks);
        }
        draft
            .u32s("columns", &lsa.columns)
            .f32s("idf", vec![lsa.idf.len()], &lsa.idf)
            .f32s("singular_values", vec![width], &lsa.singular_values)
            .bytes("vectors", Dtype::F32, vec![lsa.columns.len(), width], lsa.vectors.bytes().to_vec())
            .write(path)?;
        Ok((lsa, digest))
    }

    fn read(kept: &Cached) -> Option<(Self, String)> {
        let (columns, idf) = (kept.u32s("columns")?, kept.f32s("idf")?);
        let singular_values = kept.f32s("singular_values")?;
        let (shape, bytes) = kept.tensor("vectors", Dtype::F32)?;
        let fits = shape == [columns.len(), singular_values.len()] && idf.len() == columns.len();
        let vectors = Vectors::mapped(singular_values.len(), Precision::Single, kept.map(), bytes);
        let digest = kept.note("digest")?.to_owned();
        fits.then_some((Self { columns, idf, vectors, singular_values }, digest))
    }

    /// Turns the embedding into a table for counts of `n_columns` columns.
    pub(super) fn table(self, n_columns: usize) -> Table {
        Table::new(n_columns, (self.columns, None), self.idf, (self.vectors, None), &sublinear())
    }
}

/// Returns the columns that the embedding uses, ascending: the most frequent ones, at most
/// [`VOCABULARY`].
fn vocabulary(frequencies: &[u32]) -> Vec<u32> {
    let at_least = |least: u32| -> Vec<u32> {
        (0..frequencies.len() as u32).filter(|column| frequencies[*column as usize] >= least).collect()
    };
    let mut columns = at_least(LEAST_DOCUMENTS);
    if columns.is_empty() {
        columns = at_least(1);
    }
    if columns.len() > VOCABULARY {
        columns.sort_by_key(|column| (std::cmp::Reverse(frequencies[*column as usize]), *column));
        columns.truncate(VOCABULARY);
        columns.sort_unstable();
    }
    columns
}

/// Returns at most [`SAMPLE`] documents of the basis, in its order. Each is chosen with the same
/// probability (Knuth, "The Art of Computer Programming", volume 2, algorithm 3.4.2 S).
fn sample(basis: &[u32]) -> Vec<u32> {
    if basis.len() <= SAMPLE {
        return basis.to_vec();
    }
    let mut rng = SEED.rng(0, "lsa sample");
    let mut chosen = Vec::with_capacity(SAMPLE);
    for (index, place) in basis.iter().enumerate() {
        let (left, needed) = ((basis.len() - index) as u64, (SAMPLE - chosen.len()) as u64);
        if rng.next_u64() % left < needed {
            chosen.push(*place);
        }
    }
    chosen
}

/// Returns the tf-idf matrix of these documents, in that order, restricted to these columns. Its
/// rows have length 1.
fn matrix(counts: &Counts, documents: &[u32], columns: &[u32], idf: &[f32]) -> Result<Sparse, TextError> {
    let mut places = vec![0_u32; counts.n_columns()];
    for (place, column) in columns.iter().enumerate() {
        places[*column as usize] = place as u32 + 1;
    }
    let tf = sublinear();
    let mut rows = vec![Vec::new(); documents.len()];
    Order::new(documents.to_vec()).for_each(counts, |index, _, row| {
        let known = row.iter().filter_map(|entry| {
            let place = places[entry.column() as usize].checked_sub(1)?;
            Some((place, tf[entry.count() as usize] * idf[entry.column() as usize]))
        });
        let mut weights: Vec<(u32, f32)> = known.collect();
        let squares: f64 = weights.iter().map(|(_, weight)| f64::from(*weight).powi(2)).sum();
        let length = squares.sqrt() as f32;
        for (_, weight) in &mut weights {
            *weight /= length;
        }
        rows[index] = weights;
    })?;
    Ok(Sparse::from_rows(columns.len(), &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_damped_while_classes_are_few() {
        assert!(damping(2) > 0.0 && damping(MANY_CLASSES - 1) > 0.0);
        assert!(damping(MANY_CLASSES) == 0.0);
        assert_ne!(fingerprint(damping(2), 4), fingerprint(damping(MANY_CLASSES), 4));
    }

    #[test]
    fn the_vocabulary_is_the_most_frequent_columns() {
        assert_eq!(vocabulary(&[0, 2, 1, 5]), [1, 3]);
        assert_eq!(vocabulary(&[0, 1, 1]), [1, 2]);
        let mut many = vec![2; VOCABULARY + 3];
        many[VOCABULARY + 1] = 3;
        let columns = vocabulary(&many);
        assert_eq!(columns.len(), VOCABULARY);
        assert_eq!(columns[VOCABULARY - 2..], [VOCABULARY as u32 - 2, VOCABULARY as u32 + 1]);
    }

    #[test]
    fn a_sample_keeps_the_order_and_its_size() {
        assert_eq!(sample(&[5, 3, 9]), [5, 3, 9]);
        let basis: Vec<u32> = (0..SAMPLE as u32 * 2).rev().collect();
        let chosen = sample(&basis);
        assert_eq!(chosen.len(), SAMPLE);
        assert!(chosen.is_sorted_by(|a, b| a > b));
        let early = chosen.iter().filter(|place| **place >= SAMPLE as u32).count() as f64;
        // About half of them: within five standard deviations of a hypergeometric distribution.
        assert!((early - SAMPLE as f64 / 2.0).abs() < 5.0 * (SAMPLE as f64 / 8.0).sqrt());
        assert_eq!(chosen, sample(&basis));
    }
}
