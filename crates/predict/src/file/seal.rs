//! The seal of a portable model: a hash of everything in it, including the header.
//!
//! The seal detects damage and a header that was edited by hand. It is not a signature, because
//! anyone who writes a file can seal it. Up to layout version 2 the seal covered only the tensors'
//! bytes, so swapped labels or a changed scale went unnoticed.

use safetensors::tensor::{Dtype, SafeTensors};

use crate::error::PredictError;

/// The first layout version whose seal covers the header too.
pub(super) const WHOLE: u32 = 3;

/// What the seal covers of a tensor: its name, type, shape and bytes.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Dtype,
    pub(super) shape: &'a [usize],
    pub(super) bytes: &'a [u8],
}

/// The tensors of a file, sorted by name.
pub(super) fn parts<'a>(file: &'a SafeTensors<'a>) -> Vec<(String, safetensors::tensor::TensorView<'a>)> {
    let mut tensors: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view)).collect();
    tensors.sort_by(|one, next| one.0.cmp(&next.0));
    tensors
}

/// The seal, in hexadecimal. In `header` the place of the seal is empty; the tensors are sorted by
/// name.
pub(super) fn of<'a>(header: &str, parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut hash = blake3::Hasher::new();
    // The length comes before each part, so that no byte can move from one part to the next.
    let mut add = |bytes: &[u8]| {
        hash.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
    };
    add(header.as_bytes());
    for part in parts {
        add(part.name.as_bytes());
        add(format!("{:?} {:?}", part.kind, part.shape).as_bytes());
        add(part.bytes);
    }
    hash.finalize().to_hex().to_string()
}

/// The seal of layout versions 1 and 2, in hexadecimal: a hash of the tensors' bytes alone.
pub(super) fn of_bytes<'a>(parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut hash = blake3::Hasher::new();
    for part in parts {
        hash.update(part.bytes);
    }
    hash.finalize().to_hex().to_string()
}

/// The header as it was before `seal` was written into it.
///
/// # Errors
/// The seal does not occur exactly once.
pub(super) fn unsealed(header: &str, seal: &str) -> Result<String, PredictError> {
    let mut around = header.split(seal);
    match (around.next(), around.next(), around.next()) {
        (Some(before), Some(after), None) if !seal.is_empty() => Ok(format!("{before}{after}")),
        _ => Err(PredictError::malformed("its header has no seal")),
    }
}
