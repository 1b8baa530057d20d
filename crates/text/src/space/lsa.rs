//! Latent semantic analysis: an embedding learned from the pool (Deerwester, Dumais, Furnas,
//! Landauer and Harshman, "Indexing by latent semantic analysis", 1990).
//!
//! The rows of tf-idf of the basis documents, restricted to the most frequent columns and of unit
//! length, make a matrix X with singular values s and right singular vectors V, the first r of
//! each. The row of a document x, be it of the basis or new, is √s Vᵀ x, made unit length. df and
//! idf are those of the basis and stay as they are while the pool grows, as V does.
//!
//! The factor √s is ours, a damping of power 1/2; with many classes (`MANY_CLASSES`) there is none.
//! Vᵀ x has variance s² / n in each direction; with few labels the many weak directions drown the
//! few strong ones, and damping them was worth up to 7 points of accuracy at 50 labels and nothing
//! at 2,000 (AG News .575 → .646 and unchanged; r8 .818 → .840; trec .522 → .536; logistic
//! regression with C = 10, five draws). A factor of s is better still at 50 labels and worse from
//! 200 on. That was measured with 4 to 8 classes. With 150 (CLINC150) the strong directions are too
//! few to tell the classes apart: there the factor cost 3 points of accuracy after 525 labels,
//! whoever chose them.
//!
//! Limits, all part of the result: columns with df of at least 2, at most 50,000 of them, the most
//! frequent; above 50,000 documents V comes from that many drawn from the basis (df from them all).
//! The draw and the start of the iteration come from a fixed seed, so that every workspace with the
//! same documents has the same embedding.

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

/// Which formula the values follow; a change of any value changes it.
const FORMULA: u32 = 1;

/// Columns with a smaller document frequency are left out.
const LEAST_DOCUMENTS: u32 = 2;

/// The most columns.
const VOCABULARY: usize = 50_000;

/// The most documents that V is computed from.
const SAMPLE: usize = 50_000;

/// Passes over the matrix and back.
const ITERATIONS: usize = 4;

/// The power of the singular values that directions are multiplied with, where classes are few.
const DAMPING: f64 = 0.5;

/// From this many classes on directions are not damped. Measured with 8 classes at most and with
/// 150; nothing between.
const MANY_CLASSES: usize = 50;

/// The seed of every draw.
const SEED: Seed = Seed(0);

/// How many dimensions an embedding of that many documents gets.
pub fn rank(n_documents: usize) -> usize {
    match n_documents {
        0..2_000 => 100,
        2_000..4_000 => 200,
        _ => 300,
    }
}

/// The power of the singular values that directions are multiplied with, for so many classes.
pub fn damping(n_classes: usize) -> f64 {
    if n_classes < MANY_CLASSES { DAMPING } else { 0.0 }
}

/// What an embedding is besides its documents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    /// The most dimensions.
    pub(super) rank: usize,
    /// The power of the singular values.
    pub(super) damping: f64,
}

/// All that changes an embedding but its rank and the documents.
pub(super) fn fingerprint(damping: f64) -> String {
    format!(
        "formula={FORMULA} df={LEAST_DOCUMENTS} vocabulary={VOCABULARY} sample={SAMPLE} iterations={ITERATIONS} power={damping} seed={}",
        SEED.0
    )
}

/// A fitted embedding.
#[derive(Debug, Clone)]
pub(super) struct Lsa {
    /// The columns of the counts that it knows, ascending: v of them.
    pub(super) columns: Vec<u32>,
    /// Their idf in the basis.
    pub(super) idf: Vec<f32>,
    /// V √s, (v, r), s being divided by its first; V itself with many classes.
    pub(super) vectors: Vectors,
    /// s, r of them, descending.
    pub(super) singular_values: Vec<f32>,
}

impl Lsa {
    /// The embedding of that shape, of fewer dimensions where there are no more, of the documents
    /// of `basis`.
    ///
    /// # Errors
    /// Counts that cannot be read, or a decomposition without a solution.
    pub(super) fn fit(counts: &Counts, basis: &[u32], shape: Shape) -> Result<Self, TextError> {
        let frequencies = document_frequencies(counts, &Order::new(basis.to_vec()))?;
        let columns = vocabulary(&frequencies);
        let idf = inverse_document_frequencies(&frequencies, basis.len());
        let matrix = matrix(counts, &sample(basis), &columns, &idf)?;
        let Svd { singular_values, mut vectors } = Svd::new(&matrix, shape.rank, ITERATIONS, SEED)?;
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

    /// The embedding as [`Lsa::fit`] gives it, from the file at that path if it is of the same
    /// documents; or fitted, and kept there. The key says all that changes it but the texts. With
    /// it comes a digest of its values.
    ///
    /// # Errors
    /// As [`Lsa::fit`], or a disk that fails.
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
            // Chunks may have been put together, their texts still being the same.
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

    /// The embedding as a table for counts of `n_columns` columns.
    pub(super) fn table(self, n_columns: usize) -> Table {
        Table::new(n_columns, (self.columns, None), self.idf, (self.vectors, None), &sublinear())
    }
}

/// The columns that are kept, ascending.
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

/// At most [`SAMPLE`] of the basis, in its order: each document with the same chance (Knuth, "The
/// Art of Computer Programming", volume 2, algorithm 3.4.2 S).
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

/// The tf-idf of those documents, in that order, in those columns: (n, v), rows of unit length.
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
        assert_ne!(fingerprint(damping(2)), fingerprint(damping(MANY_CLASSES)));
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
        // Half of them, give or take five standard deviations of a hypergeometric distribution.
        assert!((early - SAMPLE as f64 / 2.0).abs() < 5.0 * (SAMPLE as f64 / 8.0).sqrt());
        assert_eq!(chosen, sample(&basis));
    }
}
