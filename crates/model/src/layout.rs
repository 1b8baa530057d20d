//! The bytes of a linear model: a safetensors file.
//!
//! | tensor | type | shape | meaning |
//! |---|---|---|---|
//! | `columns` | U32 | d' | the columns seen in training, strictly ascending |
//! | `weights` | F64 | d', K | W, row by row |
//! | `intercept` | F64 | K | b |
//! | `scales` | F64 | K | what calibration multiplies each logit by: 1 for none |
//! | `offsets` | F64 | K | what it then adds: 0 for none |
//! | `seen` | U8 | K | 1 where training saw the class, else 0 |
//!
//! Its metadata has one key, `querist`, whose value is a JSON object. One key, because the format's
//! library writes several in the order of a hash map, and the same model must give the same bytes.
//!
//! | field | meaning |
//! |---|---|
//! | `format` | `querist-linear-model` |
//! | `version` | 2 |
//! | `n_columns` | d, the width of the features |
//! | `c` | the inverse strength of the penalty, or `null` |
//! | `calibration` | `none`, `temperature` or `vector` |
//! | `blake3` | BLAKE3 of the whole file, with 64 zeros in the place of these 64 digits |
//!
//! The file holds no class names: class k is label k in the workspace's manifest, counted from 0.
//!
//! | version | since | what it lacks |
//! |---|---|---|
//! | 1 | 0.1.0 | `scales`, `offsets`, `c`, `calibration`, `blake3`: read as an uncalibrated model of unknown C, its bytes unchecked |
//! | 2 | 0.1.0 | |
//!
//! A later layout raises the version; a reader refuses a version that it does not know.

use std::collections::HashMap;

use ndarray::Array2;
use querist_core::{ColumnWeights, Named};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use crate::calibration::{Calibration, Scaling};
use crate::error::ModelError;
use crate::linear::Parts;

/// The layout version that is written.
const VERSION: u64 = 2;

const FORMAT: &str = "querist-linear-model";

/// The only metadata key.
const KEY: &str = "querist";

/// The bytes before the digits of the hash in the file: JSON inside a JSON string.
const BEFORE_HASH: &[u8] = br#"\"blake3\":\""#;

/// The placeholder for the digits while the hash is computed.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u64,
    n_columns: usize,
    #[serde(default)]
    c: Option<f64>,
    #[serde(default)]
    calibration: Option<String>,
    #[serde(default)]
    blake3: Option<String>,
}

fn malformed(problem: impl std::fmt::Display) -> ModelError {
    ModelError::MalformedModel { problem: problem.to_string() }
}

/// Returns the parts of a model as the bytes of a safetensors file that contains its own hash.
pub(crate) fn write(parts: &Parts) -> Result<Vec<u8>, ModelError> {
    let header = Header {
        format: FORMAT.to_owned(),
        version: VERSION,
        n_columns: parts.weights.n_columns(),
        c: parts.c,
        calibration: Some(parts.scaling.calibration.name().to_owned()),
        blake3: Some(NO_HASH.to_owned()),
    };
    let header = serde_json::to_string(&header).map_err(malformed)?;
    let (d, k) = parts.weights.values().dim();
    let columns: Vec<u8> = parts.weights.columns().iter().flat_map(|column| column.to_le_bytes()).collect();
    let weights: Vec<u8> = parts.weights.values().iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let [intercept, scales, offsets] =
        [&parts.intercept, &parts.scaling.scales, &parts.scaling.offsets].map(|row| bytes_of(row));
    let seen: Vec<u8> = parts.seen.iter().map(|seen| u8::from(*seen)).collect();
    let tensors = [
        ("columns", TensorView::new(Dtype::U32, vec![d], &columns)),
        ("weights", TensorView::new(Dtype::F64, vec![d, k], &weights)),
        ("intercept", TensorView::new(Dtype::F64, vec![k], &intercept)),
        ("scales", TensorView::new(Dtype::F64, vec![k], &scales)),
        ("offsets", TensorView::new(Dtype::F64, vec![k], &offsets)),
        ("seen", TensorView::new(Dtype::U8, vec![k], &seen)),
    ];
    let tensors = tensors.into_iter().map(|(name, view)| Ok((name, view.map_err(malformed)?)));
    let tensors: Vec<(&str, TensorView<'_>)> = tensors.collect::<Result<_, ModelError>>()?;
    let mut bytes = serialize(tensors, Some(HashMap::from([(KEY.to_owned(), header)]))).map_err(malformed)?;
    let place = hash_place(&bytes).ok_or_else(|| malformed("its metadata has no place for a hash"))?;
    let hash = hash_around(&bytes, place);
    bytes[place..place + NO_HASH.len()].copy_from_slice(hash.as_bytes());
    Ok(bytes)
}

/// Reads the parts of a model from the bytes of its file; the caller checks that the parts fit
/// together.
///
/// # Errors
/// The bytes are not a linear model, are damaged, or have an unknown layout version.
pub(crate) fn read(bytes: &[u8]) -> Result<Parts, ModelError> {
    let header = read_header(bytes)?;
    let file = SafeTensors::deserialize(bytes).map_err(malformed)?;
    let columns = tensor(&file, "columns", Dtype::U32, 1)?;
    let weights = tensor(&file, "weights", Dtype::F64, 2)?;
    let intercept = doubles(&tensor(&file, "intercept", Dtype::F64, 1)?);
    let seen = tensor(&file, "seen", Dtype::U8, 1)?;
    if seen.data().iter().any(|byte| *byte > 1) {
        return Err(malformed("a value of \"seen\" is neither 0 nor 1"));
    }
    let scaling = match &header.calibration {
        None => Scaling::identity(intercept.len()),
        Some(name) => Scaling {
            calibration: Calibration::named(name)
                .ok_or_else(|| malformed(format!("\"{name}\" is no calibration")))?,
            scales: doubles(&tensor(&file, "scales", Dtype::F64, 1)?),
            offsets: doubles(&tensor(&file, "offsets", Dtype::F64, 1)?),
        },
    };
    let shape = (weights.shape()[0], weights.shape()[1]);
    let values = Array2::from_shape_vec(shape, doubles(&weights)).map_err(malformed)?;
    let columns = columns.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    Ok(Parts {
        weights: ColumnWeights::new(header.n_columns, columns, values).map_err(malformed)?,
        intercept,
        seen: seen.data().iter().map(|byte| *byte == 1).collect(),
        scaling,
        c: header.c,
    })
}

/// Reads the header of a model's file and, from layout version 2 on, checks that the hash in it is
/// the hash of the bytes.
fn read_header(bytes: &[u8]) -> Result<Header, ModelError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let header = header.ok_or_else(|| malformed("its metadata has no key \"querist\""))?;
    let header: Header = serde_json::from_str(header).map_err(malformed)?;
    if header.format != FORMAT {
        return Err(malformed(format!("its format is \"{}\", not \"{FORMAT}\"", header.format)));
    }
    match header.version {
        // Version 1 had none of these fields: ignore any that a file contains.
        1 => Ok(Header { c: None, calibration: None, blake3: None, ..header }),
        VERSION => {
            let expected = header.blake3.clone().unwrap_or_default();
            let place = hash_place(bytes).ok_or_else(|| malformed("its metadata has no hash"))?;
            let found = hash_around(bytes, place);
            if found != expected {
                return Err(ModelError::Damaged { expected, found });
            }
            if header.calibration.is_none() {
                return Err(malformed("its metadata has no calibration"));
            }
            Ok(header)
        }
        found => Err(ModelError::UnknownVersion { found, known: VERSION }),
    }
}

/// Returns the offset of the 64 digits of the hash in the file; `None` if the file has no hash.
fn hash_place(bytes: &[u8]) -> Option<usize> {
    let before = bytes.windows(BEFORE_HASH.len()).position(|window| window == BEFORE_HASH)?;
    let place = before + BEFORE_HASH.len();
    (place + NO_HASH.len() <= bytes.len()).then_some(place)
}

/// Returns the BLAKE3 hash of the bytes, in hexadecimal, with zeros in place of the 64 digits from
/// the offset `place` on, which are the hash itself.
fn hash_around(bytes: &[u8], place: usize) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(&bytes[..place]).update(NO_HASH.as_bytes()).update(&bytes[place + NO_HASH.len()..]);
    hash.finalize().to_hex().to_string()
}

/// Returns the numbers as bytes, each in little-endian order.
fn bytes_of(row: &[f64]) -> Vec<u8> {
    row.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Returns the numbers of a tensor of type F64.
fn doubles(tensor: &TensorView<'_>) -> Vec<f64> {
    tensor.data().as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

/// Returns the tensor `name` of a model's file.
///
/// # Errors
/// The file has no such tensor, or the tensor has another type or another number of dimensions.
fn tensor<'a>(
    file: &SafeTensors<'a>,
    name: &str,
    kind: Dtype,
    dimensions: usize,
) -> Result<TensorView<'a>, ModelError> {
    let tensor = file.tensor(name).map_err(malformed)?;
    if tensor.dtype() != kind || tensor.shape().len() != dimensions {
        let (found, shape) = (tensor.dtype(), tensor.shape());
        return Err(malformed(format!(
            "\"{name}\" is {found:?} of {shape:?}, not {kind:?} of {dimensions} dimensions"
        )));
    }
    Ok(tensor)
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;
    use crate::linear::LinearModel;

    /// A model of layout version 1, without a hash: written by version 0.1.0.
    const VERSION_1: &[u8] = include_bytes!("../tests/fixtures/linear-v1.safetensors");

    fn parts() -> Parts {
        let values = array![[0.1, -1.0 / 3.0, 0.0], [f64::MIN_POSITIVE, 2.5e300, 0.0]];
        Parts {
            weights: ColumnWeights::new(1 << 20, vec![3, 70_000], values).unwrap(),
            intercept: vec![-0.0, 1e-17, 0.0],
            seen: vec![true, true, false],
            scaling: Scaling {
                calibration: Calibration::Vector,
                scales: vec![0.1, 7.0, 1.0],
                offsets: vec![1.0 / 3.0, -0.0, 0.0],
            },
            c: Some(0.3),
        }
    }

    /// A model read from the bytes after a change to their header; `mended` recomputes the hash.
    fn edited(bytes: &[u8], from: &str, to: &str, mended: bool) -> Result<LinearModel, ModelError> {
        let header_end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = std::str::from_utf8(&bytes[8..header_end]).unwrap();
        assert!(header.contains(from), "{header}");
        let header = header.replace(from, to);
        let mut out = (header.len() as u64).to_le_bytes().to_vec();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(&bytes[header_end..]);
        if let Some(place) = hash_place(&out).filter(|_| mended) {
            let hash = hash_around(&out, place);
            out[place..place + 64].copy_from_slice(hash.as_bytes());
        }
        LinearModel::from_bytes(&out)
    }

    #[test]
    fn a_model_comes_back_bit_for_bit_and_always_as_the_same_bytes() {
        let bytes = write(&parts()).unwrap();
        let back = read(&bytes).unwrap();
        assert_eq!(back, parts());
        assert_eq!(back.intercept[0].to_bits(), (-0.0_f64).to_bits());
        for _ in 0..20 {
            assert_eq!(write(&parts()).unwrap(), bytes);
        }
        let header = String::from_utf8_lossy(&bytes[8..]);
        let start = r#"{"__metadata__":{"querist":"{\"format\":\"querist-linear-model\",\"version\":2,\"n_columns\":1048576,\"c\":0.3,\"calibration\":\"vector\",\"blake3\":\""#;
        assert!(header.starts_with(start), "{header}");
    }

    #[test]
    fn a_model_without_columns_is_still_a_model() {
        let weights = ColumnWeights::new(5, Vec::new(), Array2::zeros((0, 3))).unwrap();
        let parts = Parts { weights, c: None, ..parts() };
        assert_eq!(read(&write(&parts).unwrap()).unwrap(), parts);
    }

    #[test]
    fn version_1_is_still_read() {
        let expected = Parts {
            weights: ColumnWeights::new(
                1000,
                vec![3, 70, 999],
                array![[0.1, -1.0 / 3.0, 0.0], [f64::MIN_POSITIVE, 2.5, 0.0], [-1.5, 0.75, 0.0]],
            )
            .unwrap(),
            intercept: vec![-0.0, 1e-17, 0.0],
            seen: vec![true, true, false],
            scaling: Scaling::identity(3),
            c: None,
        };
        assert_eq!(LinearModel::from_bytes(VERSION_1).unwrap().parts(), &expected);
        let later = edited(VERSION_1, "\\\"version\\\":1", "\\\"version\\\":3", false);
        assert_eq!(later, Err(ModelError::UnknownVersion { found: 3, known: 2 }));
        // Bytes without a hash cannot pass for a version that has one.
        let risen = edited(VERSION_1, "\\\"version\\\":1", "\\\"version\\\":2", false);
        assert!(matches!(risen, Err(ModelError::MalformedModel { .. })), "{risen:?}");
    }

    #[test]
    fn other_files_are_refused() {
        let bytes = write(&parts()).unwrap();
        assert!(edited(&bytes, "\\\"c\\\":0.3", "\\\"c\\\":0.5", true).is_ok());
        for (from, to) in [
            ("querist-linear-model", "querist-forest"),
            ("\"querist\":", "\"somebody\":"),
            ("\"seen\"", "\"unseen\""),
            ("\"scales\"", "\"scale\""),
            ("vector", "isotonic"),
            ("\\\"calibration\\\":", "\\\"calibrated\\\":"),
            ("\"dtype\":\"U32\"", "\"dtype\":\"F32\""),
            ("\"shape\":[2,3]", "\"shape\":[3,2]"),
            ("\"shape\":[2,3]", "\"shape\":[6]"),
            ("\\\"n_columns\\\":1048576", "\\\"n_columns\\\":7"),
            ("\\\"n_columns\\\":1048576", "\\\"n_columns\\\":18446744073709551615"),
        ] {
            let found = edited(&bytes, from, to, true);
            assert!(matches!(found, Err(ModelError::MalformedModel { .. })), "{from} as {to}: {found:?}");
        }
        assert!(LinearModel::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(LinearModel::from_bytes(b"").is_err());
    }

    #[test]
    fn damage_is_found_wherever_it_is() {
        let bytes = write(&parts()).unwrap();
        let expected = read_header(&bytes).unwrap().blake3.unwrap();
        let unmended = edited(&bytes, "\\\"c\\\":0.3", "\\\"c\\\":0.5", false);
        assert!(matches!(unmended, Err(ModelError::Damaged { expected: e, .. }) if e == expected));
        let mut last = bytes.clone();
        *last.last_mut().unwrap() ^= 1;
        assert!(matches!(LinearModel::from_bytes(&last), Err(ModelError::Damaged { .. })));
        for place in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[place] ^= 4;
            assert!(LinearModel::from_bytes(&bytes).is_err(), "byte {place}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            for original in [VERSION_1.to_vec(), write(&parts()).unwrap()] {
                let mut bytes = original.clone();
                let place = place.index(bytes.len());
                bytes[place] = byte;
                let _ = LinearModel::from_bytes(&bytes);
                let _ = LinearModel::from_bytes(&bytes[..cut.index(bytes.len())]);
            }
        }
    }
}
