//! The portable model: one file with everything that it takes to label texts without the workspace.
//!
//! A safetensors file; docs/model-file.md has its layout. The model itself is in it as the bytes of its file in the workspace,
//! which a tensor holds, so there is one layout of models and one reader.
//!
//! Invariants: the same round gives the same bytes. Nothing is believed: lengths, checksum, columns and shapes are checked
//! before anything is predicted.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use querist_core::LabelSet;
use querist_model::LinearModel;
use querist_text::space::Block;
use querist_text::{FittedSpace, LearnedBlock, WordTokenizer};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::configuration::ConfigurationFile;
use crate::failure::Mend;
use crate::predictor::Predictor;
use crate::settings;

/// The layout that is written.
const VERSION: u32 = 1;
const FORMAT: &str = "querist-portable-model";
/// The only metadata key: the format's library writes several in the order of a hash map.
const KEY: &str = "querist";
/// What a tokenizer of the user's is called in the file, and where the settings find it.
const TOKENIZER: &str = "tokenizer.json";

/// What the metadata say.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    querist: String,
    labels: Vec<String>,
    /// `[features]` of querist.toml: how texts are split and hashed.
    features: Value,
    blocks: Vec<BlockHeader>,
    /// BLAKE3 of the tensors' bytes, one after the other in the order of their names.
    blake3: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct BlockHeader {
    name: String,
    learned_from: usize,
    scale: f64,
}

/// A tensor to be written.
struct Tensor {
    name: String,
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// The bytes of a portable model; `file` is the configuration that its features come from, `root` what its paths are seen from.
///
/// # Errors
/// Features with a static embedding, or a tokenizer that cannot be read.
pub fn write(
    predictor: &Predictor,
    model: &[u8],
    file: &ConfigurationFile,
    root: &Path,
) -> anyhow::Result<Vec<u8>> {
    let blocks = predictor.space.learned().map_err(|error| Mend(error.to_string()))?;
    let values: toml::Table = file.text().parse()?;
    let mut features = match values.get("features") {
        Some(table) => serde_json::to_value(table)?,
        None => Value::Object(serde_json::Map::new()),
    };
    let mut tensors = vec![Tensor {
        name: "model".to_owned(),
        kind: Dtype::U8,
        shape: vec![model.len()],
        bytes: model.to_vec(),
    }];
    let of_the_user = |name: &&str| *name != settings::WORDS && !WordTokenizer::preset_names().contains(name);
    let tokenizer = features["tokenizer"].as_str().filter(of_the_user).map(|name| root.join(name));
    if let Some(path) = tokenizer {
        let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        tensors.push(Tensor { name: TOKENIZER.to_owned(), kind: Dtype::U8, shape: vec![bytes.len()], bytes });
        features["tokenizer"] = TOKENIZER.into();
    }
    let headers = blocks
        .iter()
        .map(|block| BlockHeader {
            name: block.block.name().to_owned(),
            learned_from: block.learned_from,
            scale: block.scale,
        })
        .collect();
    tensors.extend(blocks.iter().flat_map(tensors_of));
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = blake3::Hasher::new();
    for tensor in &tensors {
        hash.update(&tensor.bytes);
    }
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        querist: env!("CARGO_PKG_VERSION").to_owned(),
        labels: predictor.labels.names().to_vec(),
        features,
        blocks: headers,
        blake3: hash.finalize().to_hex().to_string(),
    };
    let views = tensors.iter().map(|tensor| {
        Ok((tensor.name.as_str(), TensorView::new(tensor.kind, tensor.shape.clone(), &tensor.bytes)?))
    });
    let views = views.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(serialize(views, Some(HashMap::from([(KEY.to_owned(), serde_json::to_string(&header)?)])))?)
}

fn tensors_of(block: &LearnedBlock) -> Vec<Tensor> {
    let name = block.block.name();
    let n = block.columns.len();
    let floats = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let tensor = |part: &str, kind: Dtype, shape: Vec<usize>, bytes: Vec<u8>| Tensor {
        name: format!("{name}.{part}"),
        kind,
        shape,
        bytes,
    };
    let columns = block.columns.iter().flat_map(|column| column.to_le_bytes()).collect();
    let mut tensors = vec![
        tensor("columns", Dtype::U32, vec![n], columns),
        tensor("idf", Dtype::F32, vec![n], floats(&block.idf)),
    ];
    if let Some(vectors) = &block.vectors {
        let width = vectors.len().checked_div(n).unwrap_or_default();
        tensors.push(tensor("vectors", Dtype::F32, vec![n, width], floats(vectors)));
    }
    tensors
}

/// The model in a portable file.
///
/// # Errors
/// The file is none, is damaged, or is of a later version.
pub fn read(path: &Path) -> anyhow::Result<Predictor> {
    let bytes = std::fs::read(path).with_context(|| format!("read {}", path.display()))?;
    predictor_of(&bytes, path).map_err(|error| {
        Mend(format!("{}: no portable model that this version reads: {error:#}", path.display())).into()
    })
}

fn predictor_of(bytes: &[u8], path: &Path) -> anyhow::Result<Predictor> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let header: Header = serde_json::from_str(header.context("it has no header of Querist's")?)?;
    anyhow::ensure!(header.format == FORMAT, "its format is \"{}\", not \"{FORMAT}\"", header.format);
    anyhow::ensure!(header.version == VERSION, "its layout has version {}, not {VERSION}", header.version);
    let file = SafeTensors::deserialize(bytes)?;
    let mut tensors: Vec<(&str, TensorView<'_>)> = file.iter().collect();
    tensors.sort_by_key(|(name, _)| *name);
    let mut hash = blake3::Hasher::new();
    for (_, view) in &tensors {
        hash.update(view.data());
    }
    anyhow::ensure!(hash.finalize().to_hex().as_str() == header.blake3, "its bytes are damaged");
    let blocks = header.blocks.iter().map(|block| learned(&file, block)).collect::<anyhow::Result<_>>()?;
    let model = LinearModel::from_bytes(tensor(&file, "model", Dtype::U8)?.data())?;
    let labels = LabelSet::new(header.labels.clone())?;
    anyhow::ensure!(model.n_classes() == labels.len(), "its model has other classes than its labels");
    let counter = counter(&file, &header)?;
    let space = FittedSpace::of_learned(counter, blocks)?;
    let (found, expected) =
        (querist_core::FittedFeaturizer::n_columns(&space), model.parts().weights.n_columns());
    anyhow::ensure!(found == expected, "its model is for {expected} columns, its features have {found}");
    Ok(Predictor { labels, space, model, origin: path.display().to_string() })
}

/// What counts n-grams, by the settings in the header.
fn counter(file: &SafeTensors<'_>, header: &Header) -> anyhow::Result<Arc<dyn querist_text::Counter>> {
    // Settings name a tokenizer by its path, so that of the file gets one for as long as it takes to read it.
    let folder = tempfile::tempdir()?;
    if let Ok(tokenizer) = file.tensor(TOKENIZER) {
        std::fs::write(folder.path().join(TOKENIZER), tokenizer.data())?;
    }
    let text = toml::to_string(&serde_json::json!({"labels": header.labels, "features": header.features}))?;
    let file = ConfigurationFile::parse(Path::new("the header"), text)?;
    Ok(settings::features(&file, folder.path())?.counter())
}

fn learned(file: &SafeTensors<'_>, header: &BlockHeader) -> anyhow::Result<LearnedBlock> {
    let name = &header.name;
    let block = [Block::Ngram, Block::Lsa].into_iter().find(|block| block.name() == name);
    let block = block.with_context(|| format!("it has unknown features \"{name}\""))?;
    let singles = |part: &str| -> anyhow::Result<Vec<f32>> {
        let tensor = tensor(file, &format!("{name}.{part}"), Dtype::F32)?;
        Ok(tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    };
    let columns = tensor(file, &format!("{name}.columns"), Dtype::U32)?;
    Ok(LearnedBlock {
        block,
        learned_from: header.learned_from,
        scale: header.scale,
        columns: columns.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect(),
        idf: singles("idf")?,
        vectors: if block == Block::Lsa { Some(singles("vectors")?) } else { None },
    })
}

fn tensor<'a>(file: &SafeTensors<'a>, name: &str, kind: Dtype) -> anyhow::Result<TensorView<'a>> {
    let tensor = file.tensor(name)?;
    anyhow::ensure!(tensor.dtype() == kind, "\"{name}\" is {:?}, not {kind:?}", tensor.dtype());
    Ok(tensor)
}
