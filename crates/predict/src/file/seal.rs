//! The seal of a portable model: a hash of everything in the file, including the header.
//!
//! The seal reveals damage, and a header that was edited by hand. It is not a signature, because
//! anyone who writes a file can seal it. Up to layout version 2, the seal covered only the tensors'
//! bytes. Swapped labels or a changed scale went unnoticed then.

use safetensors::tensor::{Dtype, SafeTensors};

use crate::error::PredictError;

/// The first layout version whose seal covers the header too.
pub(super) const WHOLE: u32 = 3;

/// The properties of a tensor that the seal covers: its name, element type, shape and bytes.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Dtype,
    pub(super) shape: &'a [usize],
    pub(super) bytes: &'a [u8],
}

/// Returns the names and contents of a file's tensors, sorted by name.
pub(super) fn parts<'a>(file: &'a SafeTensors<'a>) -> Vec<(String, safetensors::tensor::TensorView<'a>)> {
    let mut tensors: Vec<_> = file.iter().map(|(name, view)| (name.to_owned(), view)).collect();
    tensors.sort_by(|one, next| one.0.cmp(&next.0));
    tensors
}

/// Returns the seal, a BLAKE3 hash in hexadecimal. `header` is the header's JSON, with an empty
/// text in place of the seal. `parts` are the tensors, sorted by name.
pub(super) fn of<'a>(header: &str, parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut hash = blake3::Hasher::new();
    // The length before each part is hashed too. Otherwise, moving a byte from the end of one part
    // to the start of the next would not change the seal.
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

/// Returns the seal of layout versions 1 and 2: a BLAKE3 hash of the tensors' bytes alone, in
/// hexadecimal.
pub(super) fn of_bytes<'a>(parts: impl Iterator<Item = Part<'a>>) -> String {
    let mut hash = blake3::Hasher::new();
    for part in parts {
        hash.update(part.bytes);
    }
    hash.finalize().to_hex().to_string()
}

/// Returns the header's JSON as it was before `seal` was written into it: with an empty text in
/// place of the seal.
///
/// # Errors
/// `seal` is empty, or does not occur exactly once in the header.
pub(super) fn unsealed(header: &str, seal: &str) -> Result<String, PredictError> {
    let mut around = header.split(seal);
    match (around.next(), around.next(), around.next()) {
        (Some(before), Some(after), None) if !seal.is_empty() => Ok(format!("{before}{after}")),
        _ => Err(PredictError::malformed("its header has no seal")),
    }
}
