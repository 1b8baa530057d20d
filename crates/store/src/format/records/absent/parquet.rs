//! Replaces the reader of Parquet files in a build without the feature `parquet`. Opening such a
//! file fails.

use super::{Layout, Record, RecordReader, not_in_this_build};
use crate::error::InputError;

/// The rows of a Parquet file, which cannot exist in this build.
pub enum ParquetRows {}

impl ParquetRows {
    /// Fails, because this build cannot read Parquet files.
    ///
    /// # Errors
    /// Always.
    pub fn open_surely(file: &str, _: &[String]) -> Result<Self, InputError> {
        Err(not_in_this_build(file, Layout::Parquet, "parquet"))
    }
}

impl RecordReader for ParquetRows {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        match *self {}
    }

    fn hash(&self) -> String {
        match *self {}
    }
}
