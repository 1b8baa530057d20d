//! Leaves the vectors of forgotten documents out of the parts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::{FOLDER, additions, element_of, file_name, open};
use crate::error::{DatabaseContext, IoContext, StoreError};
use crate::format::vectors::Element;
use crate::vectors::PartWriter;
use crate::workspace::atomic::write_atomically_with;

/// Returns the paths of the parts that have vectors of the documents with these numbers.
pub(in crate::workspace) fn with(
    database: &Connection,
    root: &Path,
    numbers: &BTreeSet<i64>,
) -> Result<Vec<PathBuf>, StoreError> {
    let mut found = Vec::new();
    for addition in additions(database, i64::MAX).doing("read what was done")? {
        let part = open(root, &addition)?;
        if part.places().iter().any(|place| numbers.contains(&(i64::from(*place) + 1))) {
            found.push(root.join(FOLDER).join(file_name(addition.part)));
        }
    }
    Ok(found)
}

/// Replaces each part that has vectors of the documents with these numbers by one without them.
pub(in crate::workspace) fn without(
    database: &Connection,
    root: &Path,
    numbers: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    for addition in additions(database, i64::MAX).doing("read what was done")? {
        let part = open(root, &addition)?;
        let forgotten = |place: u32| numbers.contains(&(i64::from(place) + 1));
        if !part.places().iter().any(|place| forgotten(*place)) {
            continue;
        }
        let path = root.join(FOLDER).join(file_name(addition.part));
        let element = element_of(&addition).unwrap_or(Element::Float32);
        let mut values = vec![0.0; part.width()];
        write_atomically_with(&path, |out| -> Result<(), StoreError> {
            let mut writer = PartWriter::new(out, element, part.width()).doing("write", &path)?;
            for (row, place) in part.places().iter().enumerate().filter(|(_, place)| !forgotten(**place)) {
                part.read(row, &mut values).doing("read", &path)?;
                writer.push(*place, &values).doing("write", &path)?;
            }
            writer.finish().doing("write", &path)
        })?;
    }
    Ok(())
}
