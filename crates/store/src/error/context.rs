//! Turns errors of the database and of the operating system into a [`StoreError`] that says which
//! action failed.

use super::StoreError;

/// Turns SQLite's errors into a [`StoreError`].
pub(crate) trait DatabaseContext<T> {
    /// Adds the action that failed to the error. `action` is worded to follow "failed to".
    fn doing(self, action: &'static str) -> Result<T, StoreError>;
}

impl<T> DatabaseContext<T> for Result<T, rusqlite::Error> {
    fn doing(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { action, source })
    }
}

/// Turns the operating system's errors into a [`StoreError`].
pub(crate) trait IoContext<T> {
    /// Adds the action that failed, and its path, to the error. `action` is worded to follow
    /// "failed to" and to be followed by the path.
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> IoContext<T> for Result<T, std::io::Error> {
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
    }
}
