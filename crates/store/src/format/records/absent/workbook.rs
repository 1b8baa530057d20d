//! Replaces the reader of workbooks in a build without the feature `xlsx`. Opening such a file
//! fails.

use super::{Layout, Reading, Record, RecordReader, not_in_this_build};
use crate::error::{InputError, Told};

/// A workbook, which cannot exist in this build.
pub(super) enum Workbook {}

impl Workbook {
    /// Fails, because this build cannot read workbooks.
    ///
    /// # Errors
    /// Always.
    pub(super) fn open(file: &str, _: &Reading) -> Result<(Self, Option<Told>), InputError> {
        Err(not_in_this_build(file, Layout::Xlsx, "xlsx"))
    }

    /// Fails, because this build cannot read workbooks.
    ///
    /// # Errors
    /// Always.
    #[cfg(feature = "zip")]
    pub(super) fn of_bytes(
        file: &str,
        _: Vec<u8>,
        reading: &Reading,
    ) -> Result<(Self, Option<Told>), InputError> {
        Self::open(file, reading)
    }
}

impl RecordReader for Workbook {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        match *self {}
    }

    fn hash(&self) -> String {
        match *self {}
    }
}
