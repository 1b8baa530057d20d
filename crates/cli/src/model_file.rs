//! The portable model: one file with everything that it takes to label texts without the workspace.
//!
//! A safetensors file; docs/model-file.md has its layout. The model itself is in it as the bytes of its file in the workspace,
//! which a tensor holds, so there is one layout of models and one reader.
//!
//! Invariants: the same round gives the same bytes. Nothing is believed: lengths, checksum, columns and shapes are checked
//! before anything is predicted.

mod intake;
mod seal;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use querist_core::{Edition, LabelSet};
use querist_model::LinearModel;
use querist_text::space::{Block, english};
use querist_text::{
    Counter, FeatureSettings, FittedSpace, LearnedBlock, LearnedVectors, PieceCounter, PieceTokenizer,
    Precision, WordCounter, WordTokenizer,
};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::embeddings::{self, Origin};
use crate::failure::Mend;
use crate::output::{Talk, shown};
use crate::past::Past;
use crate::predictor::Predictor;

/// The layout that is written. The first had no values of a byte, and no lists of words; until the second the hash was of the
/// tensors alone.
const VERSION: u32 = seal::WHOLE;
const FORMAT: &str = "querist-portable-model";
/// The only metadata key: the format's library writes several in the order of a hash map.
const KEY: &str = "querist";
/// What a tokenizer of the user's is called in the file, and where the settings find it.
const TOKENIZER: &str = "tokenizer.json";
/// What that of a static embedding is called.
const PIECES: &str = "static.tokenizer.json";
/// What the list of the words of one is called that is of words: one a line.
const WORDS: &str = "static.words";
/// How values are stored.
const PRECISIONS: [(Precision, Dtype); 4] = [
    (Precision::Single, Dtype::F32),
    (Precision::Half, Dtype::F16),
    (Precision::Brain, Dtype::BF16),
    (Precision::Byte, Dtype::I8),
];

/// What the metadata say.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    querist: String,
    labels: Vec<String>,
    /// `[features]` of querist.toml: how texts are split and hashed.
    features: BTreeMap<String, Value>,
    /// The version of the rules by which they are. A file that names none is of the first.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    edition: Edition,
    blocks: Vec<BlockHeader>,
    /// The [`seal`].
    blake3: String,
}

fn first() -> Edition {
    Edition::First
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_first(edition: &Edition) -> bool {
    *edition == Edition::First
}

#[derive(Debug, Serialize, Deserialize)]
struct BlockHeader {
    name: String,
    learned_from: usize,
    scale: f64,
}

impl BlockHeader {
    fn block(&self) -> anyhow::Result<Block> {
        let block =
            [Block::Ngram, Block::Lsa, Block::Static].into_iter().find(|block| block.name() == self.name);
        block.with_context(|| format!("it has unknown features \"{}\"", self.name))
    }
}

/// A tensor to be written.
struct Tensor {
    name: String,
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    fn part(&self) -> seal::Part<'_> {
        seal::Part { name: &self.name, kind: self.kind, shape: &self.shape, bytes: &self.bytes }
    }

    fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), kind: Dtype::U8, shape: vec![bytes.len()], bytes }
    }

    fn of_file(name: &str, path: &Path) -> anyhow::Result<Self> {
        let bytes = querist_text::tokenizer_file::bytes_of(path)
            .with_context(|| format!("read {}", path.display()))?;
        Ok(Self::of_bytes(name, bytes))
    }
}

/// The bytes of a portable model: that of a round, whose model has those bytes in the workspace.
///
/// # Errors
/// A tokenizer that cannot be read, or what [`read`] would refuse, such as vectors that are not finite.
pub fn write(predictor: &Predictor, model: &[u8], past: &Past) -> anyhow::Result<Vec<u8>> {
    let bytes = written(predictor, model, past)?;
    if bytes.len() as u64 > intake::MOST {
        let (length, most) = (bytes.len(), intake::MOST);
        let what = format!(
            "this model does not go into a file: it would have {length} bytes, and {most} is the most"
        );
        return Err(Mend(what).into());
    }
    // Here whoever wrote it can still do something about it.
    predictor_of(&bytes, Path::new("the file"))
        .map_err(|error| Mend(format!("this model does not go into a file: {error:#}")))?;
    Ok(bytes)
}

fn written(predictor: &Predictor, model: &[u8], past: &Past) -> anyhow::Result<Vec<u8>> {
    let blocks = predictor.space.learned();
    let (workspace, configuration) = (&past.session.workspace, &past.session.configuration);
    let mut features = past.features()?;
    let mut tensors = vec![Tensor::of_bytes("model", model.to_vec())];
    if let Some(name) = configuration.settings.features.tokenizer_file() {
        tensors.push(Tensor::of_file(TOKENIZER, &workspace.root().join(name))?);
        features.insert("tokenizer".to_owned(), TOKENIZER.into());
    }
    if blocks.iter().any(|block| block.block == Block::Static) {
        tensors.push(match embeddings::chosen(workspace, configuration)? {
            Origin::Folder(folder) => Tensor::of_file(PIECES, &folder.join(embeddings::TOKENIZER))?,
            _ => Tensor::of_bytes(WORDS, english::WORDS.into()),
        });
    }
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
        version: VERSION,
        querist: env!("CARGO_PKG_VERSION").to_owned(),
        labels: predictor.labels.names().to_vec(),
        features,
        edition: past.session.edition,
        blocks: headers,
        blake3: String::new(),
    };
    header.blake3 = seal::of(&serde_json::to_string(&header)?, tensors.iter().map(Tensor::part));
    let views = tensors.iter().map(|tensor| {
        Ok((tensor.name.as_str(), TensorView::new(tensor.kind, tensor.shape.clone(), &tensor.bytes)?))
    });
    let views = views.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(serialize(views, Some(HashMap::from([(KEY.to_owned(), serde_json::to_string(&header)?)])))?)
}

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

/// What the factors of a block's columns are called.
fn factors_of(block: Block) -> &'static str {
    if block == Block::Static { "weights" } else { "idf" }
}

/// The model in a portable file.
///
/// # Errors
/// The file is none, is damaged, or is of a later version.
pub fn read(path: &Path, talk: &Talk) -> anyhow::Result<Predictor> {
    let read = intake::bytes_of(path).and_then(|bytes| predictor_of(&bytes, path));
    let (predictor, version) = read.map_err(|error| {
        Mend(format!("{}: no portable model that this version reads: {error:#}", path.display()))
    })?;
    if version < seal::WHOLE {
        talk.remark(&format!(
            "{} was written by an earlier Querist: damage to its labels or scales would go unnoticed; export it again",
            shown(path)
        ));
    }
    Ok(predictor)
}

/// The model in the bytes of a portable file, and the version of its layout.
fn predictor_of(bytes: &[u8], path: &Path) -> anyhow::Result<(Predictor, u32)> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let text = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let text = text.context("it has no header of Querist's")?;
    let header: Header = serde_json::from_str(text)?;
    anyhow::ensure!(header.format == FORMAT, "its format is \"{}\", not \"{FORMAT}\"", header.format);
    let known = 1..=VERSION;
    anyhow::ensure!(
        known.contains(&header.version),
        "its layout has version {}, and 1 to {VERSION} are read",
        header.version
    );
    let file = SafeTensors::deserialize(bytes)?;
    check_seal(&file, &header, text)?;
    // Before anything is read: a table could be named a thousand times.
    let named: Vec<Block> = header.blocks.iter().map(BlockHeader::block).collect::<anyhow::Result<_>>()?;
    anyhow::ensure!(
        named.is_sorted_by(|one, next| one < next),
        "its features are not ngram, lsa, static in this order"
    );
    let blocks: Vec<LearnedBlock> =
        header.blocks.iter().map(|block| learned(&file, block)).collect::<anyhow::Result<_>>()?;
    let model = LinearModel::from_bytes(tensor(&file, "model", Dtype::U8)?.data())?;
    let labels = LabelSet::new(header.labels.clone())?;
    anyhow::ensure!(model.n_classes() == labels.len(), "its model has other classes than its labels");
    let counter = counter(&file, &header)?;
    let pieces = match blocks.last() {
        Some(last) if last.block == Block::Static => pieces(&file, last)?,
        _ => None,
    };
    let space = FittedSpace::of_learned(counter, pieces, blocks)?;
    let (found, expected) =
        (querist_core::FittedFeaturizer::n_columns(&space), model.parts().weights.n_columns());
    anyhow::ensure!(found == expected, "its model is for {expected} columns, its features have {found}");
    Ok((Predictor { labels, space, model, origin: path.display().to_string() }, header.version))
}

/// Whether the hash in the header is that of the file; `text` is the header as it stands.
fn check_seal(file: &SafeTensors<'_>, header: &Header, text: &str) -> anyhow::Result<()> {
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
    anyhow::ensure!(found == header.blake3, "its bytes are damaged");
    Ok(())
}

/// What counts the words, or the word pieces, of a static embedding, if the file has it.
fn pieces(file: &SafeTensors<'_>, block: &LearnedBlock) -> anyhow::Result<Option<Arc<dyn Counter>>> {
    if let Ok(words) = file.tensor(WORDS) {
        let words = std::str::from_utf8(words.data())?;
        let (found, expected) = (words.lines().count(), block.columns.len());
        anyhow::ensure!(found == expected, "its list of {found} words is for {expected} columns");
        return Ok(Some(Arc::new(WordCounter::new(words)?)));
    }
    let Ok(json) = file.tensor(PIECES) else { return Ok(None) };
    Ok(Some(Arc::new(PieceCounter::new(PieceTokenizer::from_json(json.data(), PIECES)?)?)))
}

/// What counts n-grams, by the settings in the header.
fn counter(file: &SafeTensors<'_>, header: &Header) -> anyhow::Result<Arc<dyn querist_text::Counter>> {
    let settings: FeatureSettings = serde_json::from_value(serde_json::to_value(&header.features)?)
        .context("its settings of features make no sense")?;
    // Of the reader's machine nothing is read.
    let words = settings.words(&|name| {
        let inside = file.tensor(TOKENIZER).ok().filter(|_| name == TOKENIZER);
        let inside = inside.ok_or_else(|| format!("its tokenizer is no part of it: \"{name}\""))?;
        WordTokenizer::from_json(inside.data(), TOKENIZER).map_err(|error| error.to_string())
    })?;
    let (counter, _) = settings.counters(words, header.edition)?;
    Ok(Arc::new(counter))
}

fn learned(file: &SafeTensors<'_>, header: &BlockHeader) -> anyhow::Result<LearnedBlock> {
    let (name, block) = (&header.name, header.block()?);
    let named = |part: &str| format!("{name}.{part}");
    let whole = |part: &str| -> anyhow::Result<Vec<u32>> {
        let tensor = tensor(file, &named(part), Dtype::U32)?;
        Ok(tensor.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    };
    let singles = |part: &str| -> anyhow::Result<Vec<f32>> {
        let tensor = tensor(file, &named(part), Dtype::F32)?;
        Ok(tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    };
    let there = |part: &str| file.tensor(&named(part)).is_ok();
    let vectors = || -> anyhow::Result<LearnedVectors> {
        let tensor = file.tensor(&named("vectors"))?;
        let kind = PRECISIONS.iter().find(|(_, kind)| *kind == tensor.dtype());
        let (precision, _) = kind.with_context(|| format!("its vectors are {:?}", tensor.dtype()))?;
        let [_, width] = tensor.shape() else { anyhow::bail!("its vectors are no matrix") };
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

fn tensor<'a>(file: &SafeTensors<'a>, name: &str, kind: Dtype) -> anyhow::Result<TensorView<'a>> {
    let tensor = file.tensor(name)?;
    let (found, shape) = (tensor.dtype(), tensor.shape());
    anyhow::ensure!(
        found == kind && shape.len() == 1,
        "\"{name}\" is {found:?} {shape:?}, not a list of {kind:?}"
    );
    Ok(tensor)
}
