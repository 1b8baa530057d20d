//! Writes tables as Parquet: text, numbers, counts and lists of texts, column by column. The
//! counterpart of [`ParquetRows`](super::records::ParquetRows).
//!
//! Rows are kept until they are `GROUP_ROWS` rows or `GROUP_BYTES` bytes of text, then written as a
//! row group. So memory does not grow with the table. Compression is Snappy, which every reader
//! supports.

#[cfg(not(feature = "parquet"))]
mod absent;
#[cfg(feature = "parquet")]
mod writer;

#[cfg(not(feature = "parquet"))]
pub use self::absent::ParquetTable;
#[cfg(feature = "parquet")]
pub use self::writer::ParquetTable;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, or null.
    Text,
    /// A number, or null.
    Number,
    /// A whole number, never null.
    Count,
    /// A list of texts, never null.
    Texts,
}

/// A cell of a row.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// For a column of texts.
    Text(Option<&'a str>),
    /// For a column of numbers.
    Number(Option<f64>),
    /// For a column of counts.
    Count(i64),
    /// For a column of lists.
    Texts(&'a [&'a str]),
}
