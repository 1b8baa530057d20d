//! Writes tables in groups of rows. Only this file uses the library that writes Parquet.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::{Cell, ColumnKind};

/// The largest number of rows in a row group.
const GROUP_ROWS: usize = 1 << 16;
/// A row group is written as soon as it has this many bytes of text (32 MiB).
const GROUP_BYTES: usize = 32 << 20;

/// The cells of a column in the current row group, as Parquet stores them:
///
/// - `values` has the values that are not missing.
/// - `present` has a 0 for each missing value or empty list, and a 1 for each other value.
/// - `repeated` has a 0 for each value that begins a list, and a 1 for each value that continues
///   it.
enum Column {
    Text { values: Vec<ByteArray>, present: Vec<i16> },
    Number { values: Vec<f64>, present: Vec<i16> },
    Count { values: Vec<i64> },
    Texts { values: Vec<ByteArray>, present: Vec<i16>, repeated: Vec<i16> },
}

/// A table that is being written.
pub struct ParquetTable<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Column>,
    /// The number of rows in the current row group.
    rows: usize,
    /// The number of bytes of text in the current row group.
    bytes: usize,
}

impl<W: Write + Send> ParquetTable<W> {
    /// Starts a table with these columns in `out`.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn new(out: W, columns: &[(String, ColumnKind)]) -> std::io::Result<Self> {
        let fields =
            columns.iter().map(|(name, kind)| field(name, *kind)).collect::<Result<_, _>>().map_err(io)?;
        let schema = Type::group_type_builder("rows").with_fields(fields).build().map_err(io)?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(io)?;
        let columns = columns.iter().map(|(_, kind)| Column::of(*kind)).collect();
        Ok(Self { writer, columns, rows: 0, bytes: 0 })
    }

    /// Adds a row with one cell for each column, of the column's type. Writes a row group when it
    /// is full.
    ///
    /// # Errors
    /// The file cannot be written.
    ///
    /// # Panics
    /// In debug builds, if the cells do not fit the columns, which is the caller's bug.
    pub fn push(&mut self, cells: &[Cell<'_>]) -> std::io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns.len());
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(*cell);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES { self.write_group() } else { Ok(()) }
    }

    /// Writes the remaining rows and the file's footer.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> std::io::Result<()> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.close().map(|_| ()).map_err(io)
    }

    /// Writes the current row group to the file, and starts the next one.
    fn write_group(&mut self) -> std::io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(io)?;
        for column in &mut self.columns {
            let Some(mut out) = group.next_column().map_err(io)? else { break };
            column.write(&mut out).map_err(io)?;
            out.close().map_err(io)?;
            column.clear();
        }
        group.close().map_err(io)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Column {
    /// Returns an empty column of this kind.
    fn of(kind: ColumnKind) -> Self {
        let (values, present) = (Vec::new(), Vec::new());
        match kind {
            ColumnKind::Text => Self::Text { values, present },
            ColumnKind::Number => Self::Number { values: Vec::new(), present },
            ColumnKind::Count => Self::Count { values: Vec::new() },
            ColumnKind::Texts => Self::Texts { values, present, repeated: Vec::new() },
        }
    }

    /// Adds a cell of the column's type. Returns how many bytes of text the cell has.
    fn push(&mut self, cell: Cell<'_>) -> usize {
        match (self, cell) {
            (Self::Text { values, present }, Cell::Text(text)) => {
                present.push(i16::from(text.is_some()));
                values.extend(text.map(ByteArray::from));
                text.map_or(0, str::len)
            }
            (Self::Number { values, present }, Cell::Number(number)) => {
                present.push(i16::from(number.is_some()));
                values.extend(number);
                0
            }
            (Self::Count { values }, Cell::Count(count)) => {
                values.push(count);
                0
            }
            (Self::Texts { values, present, repeated }, Cell::Texts(texts)) => {
                // In Parquet, an empty list is one entry in the levels, without a value.
                for at in 0..texts.len().max(1) {
                    repeated.push(i16::from(at > 0));
                    present.push(i16::from(!texts.is_empty()));
                }
                values.extend(texts.iter().map(|text| ByteArray::from(*text)));
                texts.iter().map(|text| text.len()).sum()
            }
            _ => {
                debug_assert!(false, "a cell of another kind than its column");
                0
            }
        }
    }

    /// Writes the column's cells to the file.
    fn write(&self, out: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Text { values, present } => {
                out.typed::<ByteArrayType>().write_batch(values, Some(present), None)?
            }
            Self::Number { values, present } => {
                out.typed::<DoubleType>().write_batch(values, Some(present), None)?
            }
            Self::Count { values } => out.typed::<Int64Type>().write_batch(values, None, None)?,
            Self::Texts { values, present, repeated } => {
                out.typed::<ByteArrayType>().write_batch(values, Some(present), Some(repeated))?
            }
        };
        Ok(())
    }

    /// Removes all cells.
    fn clear(&mut self) {
        match self {
            Self::Text { values, present } => {
                values.clear();
                present.clear();
            }
            Self::Number { values, present } => {
                values.clear();
                present.clear();
            }
            Self::Count { values } => values.clear(),
            Self::Texts { values, present, repeated } => {
                values.clear();
                present.clear();
                repeated.clear();
            }
        }
    }
}

/// Returns the schema of a column.
fn field(name: &str, kind: ColumnKind) -> Result<TypePtr, ParquetError> {
    let text = |name: &str, repetition| {
        Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_repetition(repetition)
            .build()
    };
    let field = match kind {
        ColumnKind::Text => text(name, Repetition::OPTIONAL)?,
        ColumnKind::Number => Type::primitive_type_builder(name, Physical::DOUBLE)
            .with_repetition(Repetition::OPTIONAL)
            .build()?,
        ColumnKind::Count => Type::primitive_type_builder(name, Physical::INT64)
            .with_repetition(Repetition::REQUIRED)
            .build()?,
        ColumnKind::Texts => {
            let element = text("element", Repetition::REQUIRED)?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(name)
                .with_logical_type(Some(LogicalType::List))
                .with_repetition(Repetition::REQUIRED)
                .with_fields(vec![Arc::new(list)])
                .build()?
        }
    };
    Ok(Arc::new(field))
}

/// Returns the library's error as an I/O error.
fn io(error: ParquetError) -> std::io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(other) => std::io::Error::other(other),
        },
        other => std::io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::records::ParquetRows;

    #[test]
    fn rows_are_read_back_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        let columns = [
            ("id".to_owned(), ColumnKind::Text),
            ("p of a".to_owned(), ColumnKind::Number),
            ("n".to_owned(), ColumnKind::Count),
            ("who".to_owned(), ColumnKind::Texts),
        ];
        let n = GROUP_ROWS + 3;
        let mut table = ParquetTable::new(std::fs::File::create(&path).unwrap(), &columns).unwrap();
        let who: [&[&str]; 3] = [&[], &["ana"], &["ana", "ben"]];
        for at in 0..n {
            let id = at.to_string();
            let number = (at % 2 == 0).then_some(at as f64 / 4.0);
            let text = (at % 5 != 0).then_some(id.as_str());
            let cells =
                [Cell::Text(text), Cell::Number(number), Cell::Count(at as i64), Cell::Texts(who[at % 3])];
            table.push(&cells).unwrap();
        }
        table.finish().unwrap();
        let mut rows = ParquetRows::open_surely(path.to_str().unwrap(), &[]).unwrap();
        let mut read = 0;
        while let Some((_, row)) = rows.next_row().unwrap() {
            let number = (read % 2 == 0).then_some(read as f64 / 4.0);
            let text = (read % 5 != 0).then_some(read.to_string());
            let expected = serde_json::json!({"id": text, "p of a": number, "n": read, "who": who[read % 3]});
            assert_eq!(serde_json::from_str::<serde_json::Value>(&row).unwrap(), expected);
            read += 1;
        }
        assert_eq!(read, n);
    }
}
