//! The portable model: one file with everything needed to label texts without the workspace.
//!
//! It is a safetensors file; docs/model-file.md describes its layout. The classifier is stored as
//! in the workspace, byte for byte, so there is only one layout and one reader for classifiers.
//!
//! Invariants: exporting the same round always yields the same bytes. Nothing in a file is trusted:
//! its lengths, seal, columns and shapes are checked before anything is predicted.

mod intake;
mod seal;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use querist_core::{Edition, LabelSet, SettingError};
use querist_model::LinearModel;
use querist_text::space::Block;
use querist_text::{
    Counter, FeatureKind, FeatureSettings, FittedSpace, LearnedBlock, LearnedVectors, PieceCounter,
    PieceTokenizer, Precision, UnitChoice, WordCounter, WordTokenizer,
};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{PredictError, ensure};
use crate::{Encoded, Predictor};

/// The newest layout version. Version 1 had no one-byte values and no word lists; in 1 and 2, the
/// seal covered only the tensors. Files without documents' vectors stay at version 3.
const VERSION: u32 = 4;
const FORMAT: &str = "querist-portable-model";
/// The only metadata key, because the safetensors library writes several keys in random order.
const KEY: &str = "querist";
/// Name of the user's tokenizer.json: the tensor's, and in the file's `[features]` settings.
const TOKENIZER: &str = "tokenizer.json";
/// Name of the tensor with the tokenizer.json of a static embedding of word pieces.
const PIECES: &str = "static.tokenizer.json";
/// Name of the tensor with the word list of a static embedding of words: UTF-8, one word per line.
const WORDS: &str = "static.words";
/// The tensor type for each precision with which vectors can be stored.
const PRECISIONS: [(Precision, Dtype); 4] = [
    (Precision::Single, Dtype::F32),
    (Precision::Half, Dtype::F16),
    (Precision::Brain, Dtype::BF16),
    (Precision::Byte, Dtype::I8),
];

/// The metadata of a portable model.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    querist: String,
    labels: Vec<String>,
    /// The settings under `[features]` in querist.toml: how texts are split and hashed.
    features: BTreeMap<String, Value>,
    /// The version of Querist's rules by which n-grams are counted. A file without this field uses
    /// the first version.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    edition: Edition,
    blocks: Vec<BlockHeader>,
    /// What is known of the vectors that each text needs, if the blocks have any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vectors: Option<Encoded>,
    /// The [`seal`] of the file, in hexadecimal.
    blake3: String,
}

/// Returns the edition of a header without this field. Serde calls it.
fn first() -> Edition {
    Edition::First
}

/// Returns whether to leave out the field, because it is the first edition. Serde calls it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_first(edition: &Edition) -> bool {
    *edition == Edition::First
}

/// The single numbers of a [`LearnedBlock`]. Its arrays are stored as tensors.
#[derive(Debug, Serialize, Deserialize)]
struct BlockHeader {
    name: String,
    learned_from: usize,
    scale: f64,
}

impl BlockHeader {
    /// Returns the block of features whose name this header has.
    ///
    /// # Errors
    /// No block has this name.
    fn block(&self) -> Result<Block, PredictError> {
        let block = FeatureKind::all().flat_map(FeatureKind::blocks).find(|block| block.name() == self.name);
        block.ok_or_else(|| PredictError::malformed(format!("it has unknown features \"{}\"", self.name)))
    }
}

/// A tensor that is to be written: its name, element type, shape and bytes.
struct Tensor {
    name: String,
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    /// Returns the properties of this tensor that the seal covers.
    fn part(&self) -> seal::Part<'_> {
        seal::Part { name: &self.name, kind: self.kind, shape: &self.shape, bytes: &self.bytes }
    }

    /// Makes a one-dimensional tensor whose elements are bytes.
    fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), kind: Dtype::U8, shape: vec![bytes.len()], bytes }
    }
}

/// How a static embedding splits texts: into words or into word pieces.
pub enum Embedding {
    /// Into words. The bytes are the word list in UTF-8, one word per line.
    Words(Vec<u8>),
    /// Into word pieces. The bytes are the content of a tokenizer.json.
    Tokenizer(Vec<u8>),
}

/// Everything that a portable model contains.
pub struct Parts<'a> {
    /// The classes, in the order of the model's probabilities.
    pub labels: &'a LabelSet,
    /// The settings under `[features]` in querist.toml. If they name a tokenizer file, `tokenizer`
    /// holds the bytes of that file.
    pub features: BTreeMap<String, Value>,
    /// The version of Querist's rules by which n-grams are counted.
    pub edition: Edition,
    /// What each block of features has learned from the pool.
    pub blocks: Vec<LearnedBlock>,
    /// The bytes of the classifier, as
    /// [`FittedClassifier::to_bytes`](querist_core::FittedClassifier::to_bytes) returned them.
    pub model: &'a [u8],
    /// The bytes of the user's tokenizer.json, if the features use one.
    pub tokenizer: Option<Vec<u8>>,
    /// How the static embedding splits texts, if there is one.
    pub embedding: Option<Embedding>,
    /// What is known of the vectors that texts need, if there is a block of vectors.
    pub vectors: Option<Encoded>,
}

/// Returns the bytes of a portable model with these parts.
///
/// # Errors
/// The file would be too large; or [`read`] could not read it, for example because a vector has a
/// value that is not finite.
pub fn write(parts: Parts<'_>) -> Result<Vec<u8>, PredictError> {
    let bytes = written(parts)?;
    if bytes.len() as u64 > intake::MOST {
        return Err(PredictError::TooLarge { bytes: bytes.len(), most: intake::MOST });
    }
    // Read the bytes back. A fault that is found now can be corrected; somebody who only has the
    // file cannot correct it.
    predictor_of(&bytes)?;
    Ok(bytes)
}

/// Returns the bytes of the file, without checking whether [`read`] accepts them.
fn written(parts: Parts<'_>) -> Result<Vec<u8>, PredictError> {
    let Parts { labels, mut features, edition, blocks, model, tokenizer, embedding, vectors } = parts;
    let has_vectors = blocks.iter().any(|block| block.block == Block::Vectors);
    let mut tensors = vec![Tensor::of_bytes("model", model.to_vec())];
    if let Some(tokenizer) = tokenizer {
        tensors.push(Tensor::of_bytes(TOKENIZER, tokenizer));
        features.insert("tokenizer".to_owned(), TOKENIZER.into());
    }
    tensors.extend(embedding.map(|embedding| match embedding {
        Embedding::Words(words) => Tensor::of_bytes(WORDS, words),
        Embedding::Tokenizer(tokenizer) => Tensor::of_bytes(PIECES, tokenizer),
    }));
    let headers = blocks
        .iter()
        .map(|block| BlockHeader {
            name: block.block.name().to_owned(),
            learned_from: block.learned_from,
            scale: block.scale,
        })
        .collect();
    tensors.extend(blocks.into_iter().flat_map(tensors_of));
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut header = Header {
        format: FORMAT.to_owned(),
        version: if has_vectors { VERSION } else { seal::WHOLE },
        querist: env!("CARGO_PKG_VERSION").to_owned(),
        labels: labels.names().to_vec(),
        features,
        edition,
        blocks: headers,
        vectors: vectors.filter(|_| has_vectors),
        blake3: String::new(),
    };
    header.blake3 = seal::of(&serde_json::to_string(&header)?, tensors.iter().map(Tensor::part));
    let views = tensors.iter().map(|tensor| {
        Ok((tensor.name.as_str(), TensorView::new(tensor.kind, tensor.shape.clone(), &tensor.bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, PredictError>>()?;
    Ok(serialize(views, Some(HashMap::from([(KEY.to_owned(), serde_json::to_string(&header)?)])))?)
}

/// Converts the arrays of a block to tensors. Their names consist of the block's and the array's
/// name.
fn tensors_of(block: LearnedBlock) -> Vec<Tensor> {
    let tensor = |part: &str, kind: Dtype, shape: Vec<usize>, bytes: Vec<u8>| Tensor {
        name: format!("{}.{part}", block.block.name()),
        kind,
        shape,
        bytes,
    };
    let whole = |part: &str, values: &[u32]| {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensor(part, Dtype::U32, vec![values.len()], bytes)
    };
    let singles = |part: &str, values: &[f32]| {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensor(part, Dtype::F32, vec![values.len()], bytes)
    };
    let mut tensors =
        vec![whole("columns", &block.columns), singles(factors_of(block.block), &block.factors)];
    if let Some(vectors) = block.vectors {
        let kind = PRECISIONS.iter().find(|(precision, _)| *precision == vectors.precision);
        let kind = kind.map_or(Dtype::F32, |(_, kind)| *kind);
        let n_rows = vectors.values.len().checked_div(vectors.width * vectors.precision.bytes());
        let shape = vec![n_rows.unwrap_or_default(), vectors.width];
        tensors.extend(vectors.rows.as_ref().map(|rows| whole("rows", rows)));
        tensors.extend(vectors.offset.as_ref().map(|offset| singles("offset", offset)));
        tensors.push(tensor("vectors", kind, shape, vectors.values));
    }
    tensors
}

/// Returns the second part of a tensor's name, for the tensor with the factors of a block's
/// columns. It is `weights` for a static embedding, otherwise `idf`.
fn factors_of(block: Block) -> &'static str {
    if block == Block::Static { "weights" } else { "idf" }
}

/// Reads the portable model at `path`. Returns the model and the layout version of the file.
///
/// # Errors
/// The file cannot be read, is not a portable model, is damaged, or has a later layout version.
pub fn read(path: &Path) -> Result<(Predictor, u32), PredictError> {
    predictor_of(&intake::bytes_of(path)?)
}

/// Returns whether the seal of this layout version covers the header too. In files of earlier
/// versions, changed labels or scales go unnoticed.
pub fn is_sealed_whole(version: u32) -> bool {
    version >= seal::WHOLE
}

/// Reads a portable model from the bytes of its file. Returns the model and the layout version.
fn predictor_of(bytes: &[u8]) -> Result<(Predictor, u32), PredictError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let text = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let text = text.ok_or_else(|| PredictError::malformed("it has no Querist header"))?;
    let header: Header = serde_json::from_str(text)?;
    ensure(header.format == FORMAT, || format!("its format is \"{}\", not \"{FORMAT}\"", header.format))?;
    if !(1..=VERSION).contains(&header.version) {
        return Err(PredictError::Later { found: header.version, known: VERSION });
    }
    let file = SafeTensors::deserialize(bytes)?;
    check_seal(&file, &header, text)?;
    // Check the names before any table is read. Otherwise a file that names the same table a
    // thousand times would fill the memory.
    let named: Vec<Block> =
        header.blocks.iter().map(BlockHeader::block).collect::<Result<_, PredictError>>()?;
    ensure(named.is_sorted_by(|one, next| one < next), || {
        "its features are not ngram, lsa, static, vectors in this order".to_owned()
    })?;
    let blocks: Vec<LearnedBlock> =
        header.blocks.iter().map(|block| learned(&file, block)).collect::<Result<_, PredictError>>()?;
    let model = LinearModel::from_bytes(tensor(&file, "model", Dtype::U8)?.data())?;
    let labels = LabelSet::new(header.labels.clone())?;
    let (counter, units) = counter(&file, &header)?;
    let pieces = match blocks.iter().find(|block| block.block == Block::Static) {
        Some(block) => pieces(&file, block)?,
        None => None,
    };
    let space = FittedSpace::of_learned(&counter, &units, pieces.as_ref(), blocks)?;
    Ok((Predictor::new(labels, space, model)?.with_encoded(header.vectors), header.version))
}

/// Computes the seal of `file`, and compares it with the seal in `header`. `text` is the header's
/// JSON as it is in the file.
///
/// # Errors
/// The seals differ.
fn check_seal(file: &SafeTensors<'_>, header: &Header, text: &str) -> Result<(), PredictError> {
    let tensors = seal::parts(file);
    let parts = tensors.iter().map(|(name, view)| seal::Part {
        name,
        kind: view.dtype(),
        shape: view.shape(),
        bytes: view.data(),
    });
    let found = if header.version < seal::WHOLE {
        seal::of_bytes(parts)
    } else {
        seal::of(&seal::unsealed(text, &header.blake3)?, parts)
    };
    ensure(found == header.blake3, || "its bytes are damaged".to_owned())
}

/// Returns what counts the words or word pieces of a text, for the static embedding `block`. `None`
/// if the file has neither a word list nor a tokenizer for it.
fn pieces(file: &SafeTensors<'_>, block: &LearnedBlock) -> Result<Option<Arc<dyn Counter>>, PredictError> {
    if let Ok(words) = file.tensor(WORDS) {
        let words = std::str::from_utf8(words.data())
            .map_err(|_| PredictError::malformed("its list of words is not UTF-8"))?;
        let (found, expected) = (words.lines().count(), block.columns.len());
        ensure(found == expected, || format!("its list of {found} words is for {expected} columns"))?;
        return Ok(Some(Arc::new(WordCounter::new(words)?)));
    }
    let Ok(json) = file.tensor(PIECES) else { return Ok(None) };
    Ok(Some(Arc::new(PieceCounter::new(PieceTokenizer::from_json(json.data(), PIECES)?)?)))
}

/// Returns the counter of words that the settings in the header describe, and where parts of words
/// are counted instead.
fn counter(file: &SafeTensors<'_>, header: &Header) -> Result<(Arc<dyn Counter>, UnitChoice), PredictError> {
    let settings: FeatureSettings = serde_json::from_value(serde_json::to_value(&header.features)?)
        .map_err(|error| PredictError::malformed(format!("its feature settings are invalid: {error}")))?;
    let wrong = |error: SettingError| PredictError::malformed(error.problem);
    // Refuse any other name. Otherwise the settings could make this program read any file of the
    // computer on which it runs.
    let outside = settings.tokenizer_file().filter(|name| *name != TOKENIZER);
    ensure(outside.is_none(), || {
        format!("it does not contain its tokenizer \"{}\"", outside.unwrap_or_default())
    })?;
    let words = settings.words(&|name| {
        let inside = file.tensor(TOKENIZER).ok().filter(|_| name == TOKENIZER);
        let inside = inside.ok_or_else(|| format!("it does not contain its tokenizer \"{name}\""))?;
        WordTokenizer::from_json(inside.data(), TOKENIZER).map_err(|error| error.to_string())
    });
    let (counter, _) = settings.counters(words.map_err(wrong)?, header.edition).map_err(wrong)?;
    let units = settings.unit_choice(&counter, header.edition);
    Ok((Arc::new(counter), units))
}

/// Reads what a block of features has learned from its pool, from the tensors of `file`.
fn learned(file: &SafeTensors<'_>, header: &BlockHeader) -> Result<LearnedBlock, PredictError> {
    let (name, block) = (&header.name, header.block()?);
    let named = |part: &str| format!("{name}.{part}");
    let whole = |part: &str| -> Result<Vec<u32>, PredictError> {
        let tensor = tensor(file, &named(part), Dtype::U32)?;
        Ok(tensor.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    };
    let singles = |part: &str| -> Result<Vec<f32>, PredictError> {
        let tensor = tensor(file, &named(part), Dtype::F32)?;
        Ok(tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    };
    let there = |part: &str| file.tensor(&named(part)).is_ok();
    let vectors = || -> Result<LearnedVectors, PredictError> {
        let tensor = file.tensor(&named("vectors"))?;
        let kind = PRECISIONS.iter().find(|(_, kind)| *kind == tensor.dtype());
        let (precision, _) =
            kind.ok_or_else(|| PredictError::malformed(format!("its vectors are {:?}", tensor.dtype())))?;
        let [_, width] = tensor.shape() else {
            return Err(PredictError::malformed("its vectors are not a matrix"));
        };
        Ok(LearnedVectors {
            width: *width,
            precision: *precision,
            values: tensor.data().to_vec(),
            rows: there("rows").then(|| whole("rows")).transpose()?,
            offset: there("offset").then(|| singles("offset")).transpose()?,
        })
    };
    Ok(LearnedBlock {
        block,
        learned_from: header.learned_from,
        scale: header.scale,
        columns: whole("columns")?,
        factors: singles(factors_of(block))?,
        vectors: if block == Block::Ngram { None } else { Some(vectors()?) },
    })
}

/// Returns the tensor `name` of the file.
///
/// # Errors
/// The file has no such tensor, or the tensor has another type than `kind` or more than one
/// dimension.
fn tensor<'a>(file: &SafeTensors<'a>, name: &str, kind: Dtype) -> Result<TensorView<'a>, PredictError> {
    let tensor = file.tensor(name)?;
    let (found, shape) = (tensor.dtype(), tensor.shape());
    ensure(found == kind && shape.len() == 1, || {
        format!("\"{name}\" is {found:?} {shape:?}, not a list of {kind:?}")
    })?;
    Ok(tensor)
}
