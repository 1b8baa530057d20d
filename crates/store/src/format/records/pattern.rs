//! Finds the files whose names match a pattern. Only this file uses the library `glob`.

use crate::error::{InputError, InputProblem};
use crate::os_name::text_of;

/// Returns the names of the files that match a pattern with `*`, `**`, `?` and `[…]`, sorted.
///
/// # Errors
/// The pattern is malformed, or a folder cannot be read.
pub fn matching(pattern: &str) -> Result<Vec<String>, InputError> {
    let unreadable = |detail: String| InputError::of_file(pattern, InputProblem::Unreadable { detail });
    let found = glob::glob(pattern).map_err(|error| unreadable(error.to_string()))?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|error| unreadable(error.to_string()))?;
        if path.is_file() {
            files.push(text_of(path.as_os_str()));
        }
    }
    files.sort_unstable();
    Ok(files)
}
