//! Files as the user names them: patterns, layouts and encodings by name.

use std::path::Path;

use querist_store::format::records::Layout;
use querist_store::source::Encoding;
use querist_store::{InputError, InputProblem, StoreError};

use crate::failure::Mend;

/// The files that the user named. A name that is no file and has `*`, `?` or `[` in it is a pattern; what fits it comes in the
/// order of the names.
///
/// # Errors
/// A malformed pattern, one that nothing fits, or a name that is not UTF-8.
pub fn expanded(names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for name in names {
        if name == "-" || Path::new(name).exists() || !name.contains(['*', '?', '[']) {
            files.push(name.clone());
            continue;
        }
        let found = querist_store::format::records::matching(name).map_err(StoreError::from)?;
        if found.is_empty() {
            return Err(StoreError::from(InputError::of_file(name, InputProblem::NoMatch)).into());
        }
        files.extend(found);
    }
    Ok(files)
}

/// The layout of that name.
///
/// # Errors
/// There is none.
pub fn layout(name: Option<&str>) -> anyhow::Result<Option<Layout>> {
    let Some(name) = name else { return Ok(None) };
    let found = Layout::NAMES.iter().find(|(known, _)| *known == name);
    let Some((_, layout)) = found else {
        let known: Vec<&str> = Layout::NAMES.iter().map(|(known, _)| *known).collect();
        return Err(Mend(format!("unknown format \"{name}\"; expected one of: {}", known.join(", "))).into());
    };
    Ok(Some(*layout))
}

/// The encoding of that name.
///
/// # Errors
/// There is none.
pub fn encoding(name: &str) -> anyhow::Result<Encoding> {
    Encoding::of_name(name).map_err(|problem| Mend(problem.to_string()).into())
}
