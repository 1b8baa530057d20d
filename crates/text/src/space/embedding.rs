//! Static embeddings: a vector for each word, or for each word piece if the user brought a table in
//! safetensors and a `tokenizer.json`. The table stays in the file and is mapped.
//!
//! A document's vector is the mean of its known pieces' vectors, less the mean over all pieces of
//! the basis documents, made unit length ([`Pooling`]).
//!
//! Nothing is ever downloaded. `config.json` is not read: rows have unit length whatever it says.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::cache::{Cached, Draft};
use super::fading::Texture;
use super::order::Order;
use super::pieces::PieceCounter;
use super::table::Table;
use super::tfidf::linear;
use super::vectors::{Precision, Vectors};
use crate::counts::map::map;
use crate::counts::{Counter, Counts};
use crate::error::TextError;
use crate::tokenizer::PieceTokenizer;
use crate::tokenizer_file;

/// The version of the formula; it goes up when any value changes.
const FORMULA: u32 = 1;

/// The name of model2vec's table.
const MODEL2VEC: &str = "embeddings";

/// How the names of other tables end (BERT, sentence-transformers); the first found is taken.
const WORD_EMBEDDINGS: [&str; 2] = ["word_embeddings.weight", "embedding.weight"];

/// How the vectors of pieces become the vector of a document.
///
/// Taking off the mean costs nothing and lets a strong penalty work: with logistic regression at 50
/// labels it was worth 14 points of accuracy on AG News and 3 on trec for C = 1, and nothing for
/// C = 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooling {
    /// a of the weights a / (a + p), above 0, with p a piece's share of all pieces of the basis
    /// (Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence embeddings", 2017).
    /// `None`, the default, weighs pieces alike: at 50 labels a = 0.01 gained 2 points on AG News
    /// and cost 10 on trec, where the frequent words matter.
    pub smoothing: Option<f64>,
    /// Whether the weighted mean over the basis is subtracted.
    pub centered: bool,
}

/// A table of vectors and the counter of its words or pieces.
pub struct StaticEmbedding {
    /// Columns without a vector come after the columns with one.
    counter: Arc<dyn Counter>,
    n_pieces: usize,
    vectors: Vectors,
    /// The row of each piece; `None` if row i belongs to piece i.
    rows: Option<Vec<u32>>,
    /// The factor of each piece's vector; `None` stands for 1.
    weights: Option<Vec<f32>>,
    pooling: Pooling,
    hash: blake3::Hash,
}

/// What the pooling learns from the basis.
pub(super) struct Learned {
    /// The factor of each piece's vector.
    scales: Vec<f32>,
    /// The r values that are subtracted from every vector; empty if none are.
    offset: Vec<f32>,
    /// The length and the known words of the basis documents.
    pub(super) texture: Texture,
}

impl StaticEmbedding {
    /// Reads `model.safetensors` and `tokenizer.json` in a folder.
    ///
    /// # Errors
    /// The same as for [`StaticEmbedding::from_files`].
    pub fn from_folder(folder: &Path) -> Result<Self, TextError> {
        Self::from_files(&folder.join("model.safetensors"), &folder.join("tokenizer.json"))
    }

    /// The table in a safetensors file, which stays mapped, and the pieces of a `tokenizer.json`.
    /// Two layouts are read: model2vec (tensor `embeddings`, (rows, r); optionally `weights`, one
    /// for each piece, and `mapping`, the row of each piece) and a transformer's word embeddings.
    ///
    /// # Errors
    /// A file cannot be read or has another format, the table is missing or of another type, or
    /// shapes do not fit the tokenizer's vocabulary or each other.
    pub fn from_files(table: &Path, tokenizer: &Path) -> Result<Self, TextError> {
        let unreadable = |path: &Path, error: &io::Error| TextError::EmbeddingFile {
            path: path.display().to_string(),
            problem: error.to_string(),
        };
        let json = tokenizer_file::bytes_of(tokenizer).map_err(|error| unreadable(tokenizer, &error))?;
        let pieces = PieceTokenizer::from_json(&json, &tokenizer.display().to_string())?;
        let open = || {
            let file = File::open(table)?;
            let length = file.metadata()?.len();
            map(&file, 0, usize::try_from(length).map_err(io::Error::other)?)
        };
        let map = open().map_err(|error| unreadable(table, &error))?;
        let file = TableFile::new(Arc::new(map), table.display().to_string())?;
        file.embedding(pieces)
    }

    /// Returns an embedding of the first `n_pieces` columns of a counter.
    pub(super) fn new(
        counter: Arc<dyn Counter>,
        n_pieces: usize,
        vectors: Vectors,
        pooling: Pooling,
        hash: blake3::Hash,
    ) -> Self {
        Self { counter, n_pieces, vectors, rows: None, weights: None, pooling, hash }
    }

    /// Replaces the default pooling, which is the centred mean for a transformer and the plain mean
    /// for model2vec.
    #[must_use]
    pub fn with_pooling(self, pooling: Pooling) -> Self {
        Self { pooling, ..self }
    }

    /// Returns the width r of a vector.
    pub fn width(&self) -> usize {
        self.vectors.width()
    }

    /// Returns the number of pieces that have a vector.
    pub fn n_pieces(&self) -> usize {
        self.n_pieces
    }

    /// Returns the BLAKE3 hash of the table and its weights and mapping, in hex.
    pub fn table_hash(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Returns the counter of the embedding's words or pieces.
    pub fn counter(&self) -> &Arc<dyn Counter> {
        &self.counter
    }

    /// Returns all parameters that change a row, except the basis, as text.
    pub fn fingerprint(&self) -> String {
        let Pooling { smoothing, centered } = self.pooling;
        let smoothing = smoothing.map_or("none".to_owned(), |a| a.to_string());
        format!(
            "formula={FORMULA} table=blake3:{} smoothing={smoothing} centered={centered} {}",
            self.hash.to_hex(),
            self.counter.fingerprint()
        )
    }

    /// What the pooling learns from the basis: from the file at `kept` if it has that key, else
    /// computed and written there.
    ///
    /// # Errors
    /// The counts cannot be read, or the file cannot be written.
    pub(super) fn learn(
        &self,
        kept: Option<(&Path, &str)>,
        counts: &Counts,
        basis: &[u32],
    ) -> Result<Learned, TextError> {
        let known = kept.and_then(|(path, key)| {
            let cached = Cached::open(path, key)?;
            let [words, known] = cached.f32s("texture")?[..] else { return None };
            let texture = Texture { words, known };
            Some(Learned { scales: cached.f32s("scales")?, offset: cached.f32s("offset")?, texture })
        });
        if let Some(learned) = known.filter(|known| self.fits(known)) {
            return Ok(learned);
        }
        let mut totals = vec![0_u64; self.counter.n_columns()];
        Order::new(basis.to_vec()).for_each(counts, |_, _, row| {
            for entry in row {
                totals[entry.column() as usize] += u64::from(entry.count());
            }
        })?;
        let sum = |totals: &[u64]| totals.iter().sum::<u64>();
        let texture = Texture::new(basis.len(), sum(&totals), sum(&totals[..self.n_pieces]));
        totals.truncate(self.n_pieces);
        let scales = self.scales(Some(&totals));
        let offset = if self.pooling.centered { self.mean(&totals, &scales) } else { Vec::new() };
        if let Some((path, key)) = kept {
            let draft = Draft::new(key.to_owned()).f32s("scales", vec![scales.len()], &scales);
            let draft = draft.f32s("offset", vec![offset.len()], &offset);
            draft.f32s("texture", vec![2], &[texture.words, texture.known]).write(path)?;
        }
        Ok(Learned { scales, offset, texture })
    }

    fn fits(&self, learned: &Learned) -> bool {
        let offset = if self.pooling.centered { self.width() } else { 0 };
        learned.scales.len() == self.n_pieces() && learned.offset.len() == offset
    }

    /// The factor of each piece's vector.
    fn scales(&self, totals: Option<&[u64]>) -> Vec<f32> {
        let all = totals.map_or(0, |totals| totals.iter().sum::<u64>()).max(1) as f64;
        let smooth = |piece: usize| match (self.pooling.smoothing, totals) {
            (Some(a), Some(totals)) => a / (a + totals[piece] as f64 / all),
            _ => 1.0,
        };
        let weight = |piece: usize| self.weights.as_ref().map_or(1.0, |weights| weights[piece]);
        (0..self.n_pieces()).map(|piece| (smooth(piece) * f64::from(weight(piece))) as f32).collect()
    }

    /// Returns the weighted mean of the vectors of all pieces of the basis.
    fn mean(&self, totals: &[u64], scales: &[f32]) -> Vec<f32> {
        let mut sum = vec![0.0_f64; self.width()];
        let mut mass = 0.0;
        let mut vector = vec![0.0; self.width()];
        for (piece, total) in totals.iter().enumerate().filter(|(_, total)| **total > 0) {
            let weight = *total as f64 * f64::from(scales[piece]);
            vector.fill(0.0);
            self.add(piece, &mut vector);
            sum.iter_mut().zip(&vector).for_each(|(sum, value)| *sum += weight * f64::from(*value));
            mass += weight;
        }
        sum.iter().map(|sum| if mass > 0.0 { (sum / mass) as f32 } else { 0.0 }).collect()
    }

    /// Adds the vector of a piece to the r values of `sum`.
    pub(super) fn add(&self, piece: usize, sum: &mut [f32]) {
        self.vectors.add_scaled(self.row(piece), 1.0, sum);
    }

    fn row(&self, piece: usize) -> usize {
        self.rows.as_ref().map_or(piece, |rows| rows[piece] as usize)
    }

    /// Returns the embedding as a table for the counts of its pieces.
    pub(super) fn table(&self, learned: Learned) -> Table {
        let columns = (0..self.n_pieces() as u32).collect();
        let offset = Some(learned.offset).filter(|offset| !offset.is_empty());
        let vectors = (self.vectors.clone(), offset);
        Table::new(self.counter.n_columns(), (columns, self.rows.clone()), learned.scales, vectors, &linear())
    }
}

impl Learned {
    /// Returns a digest of all values that change a row's direction or length.
    pub(super) fn digest(&self) -> String {
        let mut hash = blake3::Hasher::new();
        for value in self.scales.iter().chain(&self.offset) {
            hash.update(&value.to_le_bytes());
        }
        hash.finalize().to_hex().to_string()
    }
}

/// A safetensors file with a table in it.
struct TableFile {
    map: Arc<Mmap>,
    metadata: Metadata,
    /// The offset in the file at which the tensors' bytes begin.
    start: usize,
    path: String,
}

impl TableFile {
    fn new(map: Arc<Mmap>, path: String) -> Result<Self, TextError> {
        let malformed = |error: safetensors::SafeTensorError| TextError::EmbeddingFile {
            path: path.clone(),
            problem: format!("it is not in the safetensors format: {error}"),
        };
        // This checks that the tensors fill the file, each as long as its shape says.
        SafeTensors::deserialize(&map).map_err(malformed)?;
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(malformed)?;
        Ok(Self { map, metadata, start: header + 8, path })
    }

    fn fault(&self, problem: String) -> TextError {
        TextError::EmbeddingFile { path: self.path.clone(), problem }
    }

    /// Returns the name of the tensor that is the table of vectors.
    fn table_name(&self) -> Result<String, TextError> {
        if self.metadata.info(MODEL2VEC).is_some() {
            return Ok(MODEL2VEC.to_owned());
        }
        let mut names = self.metadata.offset_keys();
        names.sort();
        let of = |ending: &str| names.iter().find(|name| name.ends_with(ending)).cloned();
        WORD_EMBEDDINGS.iter().find_map(|ending| of(ending)).ok_or_else(|| {
            let shown = names.iter().take(5).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
            let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
            self.fault(format!(
                "there is no tensor \"{MODEL2VEC}\" (model2vec) and none that ends with \"{}\" (BERT) or \"{}\"; it has \
                 {shown}{more}",
                WORD_EMBEDDINGS[0], WORD_EMBEDDINGS[1]
            ))
        })
    }

    fn bytes(&self, info: &TensorInfo) -> &[u8] {
        &self.map[self.start + info.data_offsets.0..self.start + info.data_offsets.1]
    }

    /// Returns a tensor's values, one for each piece; `None` if there is no such tensor.
    fn numbers(&self, name: &str, n_pieces: usize) -> Result<Option<Vec<f64>>, TextError> {
        let Some(info) = self.metadata.info(name) else { return Ok(None) };
        let bytes = self.bytes(info);
        let values: Vec<f64> = match info.dtype {
            Dtype::F64 => bytes.as_chunks().0.iter().map(|value| f64::from_le_bytes(*value)).collect(),
            Dtype::F32 => bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value).into()).collect(),
            Dtype::F16 => {
                bytes.as_chunks().0.iter().map(|value| half::f16::from_le_bytes(*value).into()).collect()
            }
            Dtype::I64 => bytes.as_chunks().0.iter().map(|value| i64::from_le_bytes(*value) as f64).collect(),
            Dtype::I32 => bytes.as_chunks().0.iter().map(|value| i32::from_le_bytes(*value).into()).collect(),
            other => {
                return Err(
                    self.fault(format!("the tensor \"{name}\" is of type {other:?}, which is not supported"))
                );
            }
        };
        if values.len() < n_pieces {
            let problem = format!(
                "the tensor \"{name}\" has {} values for {n_pieces} pieces of the tokenizer",
                values.len()
            );
            return Err(self.fault(problem));
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(self.fault(format!("the tensor \"{name}\" has a value that is not finite")));
        }
        Ok(Some(values[..n_pieces].to_vec()))
    }

    fn embedding(self, pieces: PieceTokenizer) -> Result<StaticEmbedding, TextError> {
        let counter = PieceCounter::new(pieces)?;
        let n_pieces = counter.n_columns();
        let name = self.table_name()?;
        let Some(info) = self.metadata.info(&name) else {
            return Err(self.fault("it has changed".to_owned()));
        };
        let [n_rows, width] = info.shape[..] else {
            return Err(self.fault(format!(
                "the tensor \"{name}\" has the shape {:?}, not (pieces, width)",
                info.shape
            )));
        };
        if width == 0 {
            return Err(self.fault(format!("the vectors of the tensor \"{name}\" have no values")));
        }
        let precision = match info.dtype {
            Dtype::F32 => Precision::Single,
            Dtype::F16 => Precision::Half,
            Dtype::BF16 => Precision::Brain,
            other => {
                return Err(self.fault(format!(
                    "the tensor \"{name}\" is of type {other:?}; expected F32, F16 or BF16"
                )));
            }
        };
        let model2vec = name == MODEL2VEC;
        let extra = |tensor| if model2vec { self.numbers(tensor, n_pieces) } else { Ok(None) };
        let weights = extra("weights")?;
        let rows = extra("mapping")?;
        if rows.is_none() && n_rows < n_pieces {
            let problem = format!(
                "the tensor \"{name}\" has {n_rows} vectors for {n_pieces} pieces of the tokenizer; the two files do not \
                 belong together"
            );
            return Err(self.fault(problem));
        }
        if let Some(row) = rows.iter().flatten().find(|row| !(0.0..n_rows as f64).contains(*row)) {
            return Err(self.fault(format!("the mapping leads to row {row} of {n_rows}")));
        }
        let mut hash = blake3::Hasher::new();
        hash.update(name.as_bytes()).update(self.bytes(info));
        for value in weights.iter().chain(&rows).flatten() {
            hash.update(&value.to_le_bytes());
        }
        let plain = Pooling { smoothing: None, centered: false };
        let centered = Pooling { centered: true, ..plain };
        let bytes = self.start + info.data_offsets.0..self.start + info.data_offsets.1;
        let vectors = Vectors::mapped(width, precision, &self.map, bytes);
        let pooling = if model2vec { plain } else { centered };
        let embedding = StaticEmbedding::new(Arc::new(counter), n_pieces, vectors, pooling, hash.finalize());
        Ok(StaticEmbedding {
            rows: rows.map(|rows| rows.iter().map(|row| *row as u32).collect()),
            weights: weights.map(|weights| weights.iter().map(|weight| *weight as f32).collect()),
            ..embedding
        })
    }
}

#[cfg(test)]
pub(super) mod tests;
