//! Says what was being done when the database or the disk failed.

use super::StoreError;

/// Attaches what was tried to SQLite's errors.
pub(crate) trait DatabaseContext<T> {
    /// Names the action, as in "failed to {action}".
    fn doing(self, action: &'static str) -> Result<T, StoreError>;
}

impl<T> DatabaseContext<T> for Result<T, rusqlite::Error> {
    fn doing(self, action: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { action, source })
    }
}

/// Attaches action and path to the system's errors.
pub(crate) trait IoContext<T> {
    /// Names action and path, as in "failed to {action} {path}".
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError>;
}

impl<T> IoContext<T> for Result<T, std::io::Error> {
    fn doing(self, action: &'static str, path: &std::path::Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Io { action, path: path.to_owned(), source })
    }
}
