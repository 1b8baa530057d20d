//! The bytes of a linear model: a safetensors file.
//!
//! | tensor | type | shape | meaning |
//! |---|---|---|---|
//! | `columns` | U32 | d' | the columns seen in training, strictly ascending |
//! | `weights` | F64 | d', K | W, row by row |
//! | `intercept` | F64 | K | b |
//! | `seen` | U8 | K | 1 where training saw the class, else 0 |
//!
//! Its metadata has one key, `querist`, whose value is the JSON object
//! `{"format":"querist-linear-model","version":1,"n_columns":d}`. One key, because the format's library writes several
//! in the order of a hash map, and the same model must give the same bytes. Class names are not in here: class k is the
//! k-th label of the workspace, whose manifest names them.
//!
//! A later layout raises the version; a reader refuses a version that it does not know.

use std::collections::HashMap;

use ndarray::Array2;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use crate::error::ModelError;
use crate::linear::Parts;

/// The layout that is written.
const VERSION: u64 = 1;

const FORMAT: &str = "querist-linear-model";

/// The only metadata key.
const KEY: &str = "querist";

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u64,
    n_columns: usize,
}

fn malformed(problem: impl std::fmt::Display) -> ModelError {
    ModelError::MalformedModel { problem: problem.to_string() }
}

/// The bytes of a model.
pub(crate) fn write(parts: &Parts) -> Result<Vec<u8>, ModelError> {
    let header = Header { format: FORMAT.to_owned(), version: VERSION, n_columns: parts.n_columns };
    let header = serde_json::to_string(&header).map_err(malformed)?;
    let (d, k) = parts.weights.dim();
    let columns: Vec<u8> = parts.columns.iter().flat_map(|column| column.to_le_bytes()).collect();
    let weights: Vec<u8> = parts.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let intercept: Vec<u8> = parts.intercept.iter().flat_map(|value| value.to_le_bytes()).collect();
    let seen: Vec<u8> = parts.seen.iter().map(|seen| u8::from(*seen)).collect();
    let tensors = [
        ("columns", TensorView::new(Dtype::U32, vec![d], &columns)),
        ("weights", TensorView::new(Dtype::F64, vec![d, k], &weights)),
        ("intercept", TensorView::new(Dtype::F64, vec![k], &intercept)),
        ("seen", TensorView::new(Dtype::U8, vec![k], &seen)),
    ];
    let tensors = tensors.into_iter().map(|(name, view)| Ok((name, view.map_err(malformed)?)));
    let tensors: Vec<(&str, TensorView<'_>)> = tensors.collect::<Result<_, ModelError>>()?;
    serialize(tensors, Some(HashMap::from([(KEY.to_owned(), header)]))).map_err(malformed)
}

/// The parts in the bytes; whether they fit together is checked by whoever builds a model of them.
pub(crate) fn read(bytes: &[u8]) -> Result<Parts, ModelError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(malformed)?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
    let header = header.ok_or_else(|| malformed("its metadata has no key \"querist\""))?;
    let header: Header = serde_json::from_str(header).map_err(malformed)?;
    if header.format != FORMAT {
        return Err(malformed(format!("its format is \"{}\", not \"{FORMAT}\"", header.format)));
    }
    if header.version != VERSION {
        return Err(ModelError::UnknownVersion { found: header.version, known: VERSION });
    }
    let file = SafeTensors::deserialize(bytes).map_err(malformed)?;
    let columns = tensor(&file, "columns", Dtype::U32, 1)?;
    let weights = tensor(&file, "weights", Dtype::F64, 2)?;
    let intercept = tensor(&file, "intercept", Dtype::F64, 1)?;
    let seen = tensor(&file, "seen", Dtype::U8, 1)?;
    if seen.data().iter().any(|byte| *byte > 1) {
        return Err(malformed("a value of \"seen\" is neither 0 nor 1"));
    }
    let shape = (weights.shape()[0], weights.shape()[1]);
    Ok(Parts {
        n_columns: header.n_columns,
        columns: columns.data().as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect(),
        weights: Array2::from_shape_vec(shape, doubles(&weights)).map_err(malformed)?,
        intercept: doubles(&intercept),
        seen: seen.data().iter().map(|byte| *byte == 1).collect(),
    })
}

fn doubles(tensor: &TensorView<'_>) -> Vec<f64> {
    tensor.data().as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
}

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

    fn parts() -> Parts {
        Parts {
            n_columns: 1 << 20,
            columns: vec![3, 70_000],
            weights: array![[0.1, -1.0 / 3.0, 0.0], [f64::MIN_POSITIVE, 2.5e300, 0.0]],
            intercept: vec![-0.0, 1e-17, 0.0],
            seen: vec![true, true, false],
        }
    }

    fn edited(from: &str, to: &str) -> Result<LinearModel, ModelError> {
        let bytes = write(&parts()).unwrap();
        let header_end = 8 + usize::from(bytes[0]) + 256 * usize::from(bytes[1]);
        let header = std::str::from_utf8(&bytes[8..header_end]).unwrap();
        assert!(header.contains(from), "{header}");
        let header = header.replace(from, to);
        let mut out = (header.len() as u64).to_le_bytes().to_vec();
        out.extend_from_slice(header.as_bytes());
        out.extend_from_slice(&bytes[header_end..]);
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
        let start = r#"{"__metadata__":{"querist":"{\"format\":\"querist-linear-model\",\"version\":1,\"n_columns\":1048576}"},"#;
        assert!(header.starts_with(start), "{header}");
    }

    #[test]
    fn a_model_without_columns_is_still_a_model() {
        let parts = Parts { columns: Vec::new(), weights: Array2::zeros((0, 3)), ..parts() };
        assert_eq!(read(&write(&parts).unwrap()).unwrap(), parts);
    }

    #[test]
    fn other_files_are_refused() {
        assert!(edited("\\\"version\\\":1", "\\\"version\\\":1").is_ok());
        let later = edited("\\\"version\\\":1", "\\\"version\\\":2");
        assert_eq!(later, Err(ModelError::UnknownVersion { found: 2, known: 1 }));
        for (from, to) in [
            ("querist-linear-model", "querist-forest"),
            ("\"querist\":", "\"somebody\":"),
            ("\"seen\"", "\"unseen\""),
            ("\"dtype\":\"U32\"", "\"dtype\":\"F32\""),
            ("\"shape\":[2,3]", "\"shape\":[3,2]"),
            ("\"shape\":[2,3]", "\"shape\":[6]"),
            ("\\\"n_columns\\\":1048576", "\\\"n_columns\\\":7"),
            ("\\\"n_columns\\\":1048576", "\\\"n_columns\\\":18446744073709551615"),
        ] {
            assert!(matches!(edited(from, to), Err(ModelError::MalformedModel { .. })), "{from} as {to}");
        }
        let bytes = write(&parts()).unwrap();
        assert!(LinearModel::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        assert!(LinearModel::from_bytes(b"").is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fail(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = write(&parts()).unwrap();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            let _ = LinearModel::from_bytes(&bytes);
            let _ = LinearModel::from_bytes(&bytes[..cut.index(bytes.len())]);
        }
    }
}
