//! Replaces the writer of Parquet files in a build without the feature `parquet`. Making a table
//! fails.

use std::convert::Infallible;
use std::io::{Error, ErrorKind, Result, Write};
use std::marker::PhantomData;

use super::{Cell, ColumnKind};

/// A table that cannot exist in this build.
pub struct ParquetTable<W>(Infallible, PhantomData<W>);

impl<W: Write + Send> ParquetTable<W> {
    /// Fails, because this build cannot write Parquet files.
    ///
    /// # Errors
    /// Always.
    pub fn new(_: W, _: &[(String, ColumnKind)]) -> Result<Self> {
        let problem = "this build of Querist does not write Parquet; build it with the feature parquet";
        Err(Error::new(ErrorKind::Unsupported, problem))
    }

    /// Cannot be called, because no table exists in this build.
    ///
    /// # Errors
    /// None.
    pub fn push(&mut self, _: &[Cell<'_>]) -> Result<()> {
        match self.0 {}
    }

    /// Cannot be called, because no table exists in this build.
    ///
    /// # Errors
    /// None.
    pub fn finish(self) -> Result<()> {
        match self.0 {}
    }
}
