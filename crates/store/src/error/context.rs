//! Adds the failed action to errors of the database and of the operating system.

use super::StoreError;

/// Adds the failed action to SQLite's errors.
pub(crate) trait DatabaseContext<T> {
    /// Turns SQLite's error into one that names the action, as in "failed to {action}".
    fn doing(self, action: &'static str) -> Result<T, StoreError>;
}

impl<T> DatabaseContext<T> for Result<T, rusqlite::Error> {
    fn doing(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { action, source })
    }
}

/// Adds the failed action and its path to the operating system's errors.
pub(crate) trait IoContext<T> {
    /// Turns the system's error into one that names the action and the path, as in "failed to
    /// {action} {path}".
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> IoContext<T> for Result<T, std::io::Error> {
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
    }
}
