//! Writes tables as Parquet files, with columns of texts, numbers, counts and lists of texts.
//! [`ParquetRows`](super::records::ParquetRows) reads such files.
//!
//! A Parquet file consists of groups of rows. A group is written when it has `GROUP_ROWS` rows or
//! `GROUP_BYTES` bytes of text, so memory does not grow with the table. Compression is Snappy,
//! which all common readers support.

#[cfg(not(feature = "parquet"))]
mod absent;
#[cfg(feature = "parquet")]
mod writer;

#[cfg(not(feature = "parquet"))]
pub use self::absent::ParquetTable;
#[cfg(feature = "parquet")]
pub use self::writer::ParquetTable;

/// The type of a column's values.
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

/// The value of a cell, of its column's type.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// A value of a column of texts.
    Text(Option<&'a str>),
    /// A value of a column of numbers.
    Number(Option<f64>),
    /// A value of a column of counts.
    Count(i64),
    /// A value of a column of lists of texts.
    Texts(&'a [&'a str]),
}
