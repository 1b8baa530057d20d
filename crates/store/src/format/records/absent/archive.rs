//! Replaces the reader of archives in a build without the feature `zip`. Opening such a file fails.

use super::{Layout, Reading, Record, RecordReader, not_in_this_build};
use crate::error::InputError;

/// An archive, which cannot exist in this build.
pub(super) enum Archive {}

impl Archive {
    /// Fails, because this build cannot read archives.
    ///
    /// # Errors
    /// Always.
    pub(super) fn open(file: &str, _: &Reading) -> Result<Self, InputError> {
        Err(not_in_this_build(file, Layout::Zip, "zip"))
    }
}

impl RecordReader for Archive {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        match *self {}
    }

    fn hash(&self) -> String {
        match *self {}
    }
}
