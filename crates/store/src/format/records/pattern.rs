//! Files by a pattern. The only file that names `glob`.

use crate::error::{InputError, InputProblem};

/// The files that fit a pattern of `*`, `**`, `?` and `[…]`, by name.
///
/// # Errors
/// A malformed pattern, a folder that cannot be read, or a name that is not UTF-8.
pub fn matching(pattern: &str) -> Result<Vec<String>, InputError> {
    let unreadable = |detail: String| InputError::of_file(pattern, InputProblem::Unreadable { detail });
    let found = glob::glob(pattern).map_err(|error| unreadable(error.to_string()))?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|error| unreadable(error.to_string()))?;
        if path.is_file() {
            let name = path.to_str().ok_or_else(|| unreadable(format!("{} is not UTF-8", path.display())))?;
            files.push(name.to_owned());
        }
    }
    files.sort_unstable();
    Ok(files)
}
