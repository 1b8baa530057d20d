//! Tables out as Parquet: text, numbers, counts and lists of text, column by column. The
//! counterpart of [`ParquetRows`](super::records::ParquetRows).
//!
//! Rows are kept until there are `GROUP_ROWS` of them or `GROUP_BYTES` bytes of text, then written
//! as a row group, so memory does not grow with the table. Compression is Snappy, which every
//! reader has.

#[cfg(not(feature = "parquet"))]
mod absent;
#[cfg(feature = "parquet")]
mod writer;

#[cfg(not(feature = "parquet"))]
pub use self::absent::ParquetTable;
#[cfg(feature = "parquet")]
pub use self::writer::ParquetTable;

/// What a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text, or nothing.
    Text,
    /// A number, or nothing.
    Number,
    /// A whole number.
    Count,
    /// A list of texts.
    Texts,
}

/// A cell of a row.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Of a column of text.
    Text(Option<&'a str>),
    /// Of a column of numbers.
    Number(Option<f64>),
    /// Of a column of counts.
    Count(i64),
    /// Of a column of lists.
    Texts(&'a [&'a str]),
}
