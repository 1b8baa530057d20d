//! Adds the action that failed to errors of the database and the disk.

use super::StoreError;

/// Adds the action that failed to SQLite's errors.
pub(crate) trait DatabaseContext<T> {
    /// Names the action, as in "failed to {action}".
    fn doing(self, action: &'static str) -> Result<T, StoreError>;
}

impl<T> DatabaseContext<T> for Result<T, rusqlite::Error> {
    fn doing(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { action, source })
    }
}

/// Adds the action and the path to the operating system's errors.
pub(crate) trait IoContext<T> {
    /// Names the action and the path, as in "failed to {action} {path}".
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> IoContext<T> for Result<T, std::io::Error> {
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
    }
}
