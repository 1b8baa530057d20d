//! A portable model. Its seal is made to fit, or nothing behind it would ever be reached.
#![no_main]

use std::collections::HashMap;

use libfuzzer_sys::fuzz_target;
use querist_fuzz::in_file;
use safetensors::{SafeTensors, serialize};
use serde_json::Value;

/// The file with the seal of layout 2, which is of the tensors' bytes; `None` for bytes without a
/// header.
fn sealed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).ok()?;
    let mut header: Value = serde_json::from_str(metadata.metadata().as_ref()?.get("querist")?).ok()?;
    let file = SafeTensors::deserialize(bytes).ok()?;
    let mut tensors: Vec<_> = file.iter().collect();
    tensors.sort_by_key(|(name, _)| *name);
    let mut hash = blake3::Hasher::new();
    for (_, view) in &tensors {
        hash.update(view.data());
    }
    let fields = header.as_object_mut()?;
    fields.insert("version".to_owned(), 2.into());
    fields.insert("blake3".to_owned(), hash.finalize().to_hex().to_string().into());
    serialize(tensors, Some(HashMap::from([("querist".to_owned(), header.to_string())]))).ok()
}

fuzz_target!(|bytes: &[u8]| {
    let sealed = sealed(bytes);
    in_file("a.model", sealed.as_deref().unwrap_or(bytes), |path| {
        if let Ok((predictor, _)) = querist_predict::read(path) {
            let _ = predictor.predict(&["the tracking says in transit", "", "👍"]);
        }
    });
});
