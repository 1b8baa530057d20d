//! Replaces the writer of Parquet files in a build without the feature `parquet`. Making a table
//! fails.

use std::convert::Infallible;
use std::io::{Error, ErrorKind, Result, Write};
use std::marker::PhantomData;

use super::{Cell, ColumnKind};

/// A table that cannot exist in this build.
pub struct ParquetTable<W>(Infallible, PhantomData<W>);

impl<W: Write + Send> ParquetTable<W> {
    /// # Errors
    /// Always.
    pub fn new(_: W, _: &[(String, ColumnKind)]) -> Result<Self> {
        let problem = "this build of Querist does not write Parquet; build it with the feature parquet";
        Err(Error::new(ErrorKind::Unsupported, problem))
    }

    /// # Errors
    /// None: there is no table.
    pub fn push(&mut self, _: &[Cell<'_>]) -> Result<()> {
        match self.0 {}
    }

    /// # Errors
    /// None: there is no table.
    pub fn finish(self) -> Result<()> {
        match self.0 {}
    }
}
