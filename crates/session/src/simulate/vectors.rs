//! Joins files of vectors with the documents of a simulation, by id.

use std::collections::BTreeMap;
use std::sync::Arc;

use querist_core::DocumentVectors;
use querist_engine::simulate::DataSet;
use querist_store::format::vectors::VectorFiles;
use querist_store::vectors::{SpooledVectors, VectorsByPlace};

use crate::error::{Result, VectorsError};

/// An error names at most this many ids.
const EXAMPLES: usize = 3;

/// Reads the files, and returns the vectors in the order of [`DataSet::texts`], with the hash of
/// the files' content. Vectors of other documents are allowed: the files may be of a whole data
/// set.
///
/// # Errors
/// A file cannot be read, a document has no vector, or an id stands for two texts.
pub(super) fn of(files: &VectorFiles, set: &DataSet) -> Result<(Arc<dyn DocumentVectors>, String)> {
    let pool: BTreeMap<&str, &str> =
        set.pool.iter().map(|document| (document.id.as_str(), document.text.as_str())).collect();
    let is_other = |id: &str, text: &str| pool.get(id).is_some_and(|known| *known != text);
    if let Some(other) = set.test.iter().find(|document| is_other(&document.id, &document.text)) {
        return Err(VectorsError::Ambiguous { id: other.id.clone() }.into());
    }
    let spooled = SpooledVectors::read(files.clone())?;
    let ids: Vec<&str> = set.pool.iter().chain(&set.test).map(|document| document.id.as_str()).collect();
    let missing: Vec<&str> = ids.iter().copied().filter(|id| spooled.row(id).is_none()).collect();
    if !missing.is_empty() {
        let mut examples: Vec<&str> = missing.iter().copied().take(EXAMPLES).collect();
        if missing.len() > EXAMPLES {
            examples.push("…");
        }
        let (examples, documents) = (examples.join(", "), ids.len());
        return Err(VectorsError::MissingForSimulation { missing: missing.len(), documents, examples }.into());
    }
    let rows: Vec<u32> = ids.iter().filter_map(|id| spooled.row(id)).collect();
    let hash = spooled.hash().to_owned();
    Ok((Arc::new(VectorsByPlace::of_rows(spooled.into_part(), rows.into_iter())), hash))
}
