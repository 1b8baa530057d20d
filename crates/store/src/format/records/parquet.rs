//! Rows of a Parquet file as JSON objects, so that every reader of JSON Lines reads Parquet too, with the same checks.
//!
//! Structs and maps become objects, lists become lists; [`values`] says what becomes of the rest. Rows are read one at a time,
//! whatever the file holds; their numbers, from 1, stand where a text file has line numbers. Left out: writing.

mod pages;
mod values;

use std::fs::File;
use std::io::{ErrorKind, Read};

use parquet::errors::ParquetError;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::reader::RowIter;

use self::values::Columns;
use super::{Record, RecordReader, Shape};
use crate::error::{InputError, InputProblem, Place};
use crate::os_name::path_of;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// What every Parquet file begins with.
const MAGIC: &[u8; 4] = b"PAR1";

/// A file read row by row.
pub struct ParquetRows {
    file: String,
    rows: RowIter<'static>,
    columns: Columns,
    number: u64,
    hash: String,
    json: String,
    /// How long the file is, and how long the rows so far are as JSON, in bytes.
    length: u64,
    produced: u64,
    /// Whether reading has failed, after which the reader must not be asked again.
    broken: bool,
}

impl ParquetRows {
    /// Opens a file; `None` if it is something else, known by its first four bytes, or standard input. `fields` are the names that will
    /// be asked for; none: all.
    ///
    /// # Errors
    /// The file cannot be read, is a damaged Parquet file, has two columns of one name, or is compressed in a way that is not read.
    pub fn open(file: &str, fields: &[String]) -> Result<Option<Self>, InputError> {
        let fault = |problem| InputError::of_file(file, problem);
        let unreadable =
            |error: std::io::Error| fault(InputProblem::Unreadable { detail: error.to_string() });
        let path = path_of(file);
        if file == "-" || path.is_dir() {
            return Ok(None);
        }
        let mut source = File::open(&path).map_err(unreadable)?;
        let mut magic = [0; MAGIC.len()];
        match source.read_exact(&mut magic) {
            Ok(()) if &magic == MAGIC => {}
            Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(unreadable(error)),
            _ => return Ok(None),
        }
        let mut hash = blake3::Hasher::new();
        hash.update_reader(File::open(&path).map_err(unreadable)?).map_err(unreadable)?;
        let length = source.metadata().map_err(unreadable)?.len();
        let sizes = source.try_clone().map_err(unreadable)?;
        let reader = caught(|| SerializedFileReader::new(source)).map_err(fault)?;
        let reader = reader.map_err(|error| fault(broken(&error)))?;
        caught(|| pages::check(&sizes, reader.metadata())).and_then(|checked| checked).map_err(fault)?;
        let columns = caught(|| Columns::of(reader.metadata(), fields));
        let columns = columns.and_then(|columns| columns).map_err(fault)?;
        let rows = caught(|| reader.into_iter()).map_err(fault)?;
        Ok(Some(Self {
            file: file.to_owned(),
            rows,
            columns,
            number: 0,
            hash: hash.finalize().to_hex().to_string(),
            json: String::new(),
            length,
            produced: 0,
            broken: false,
        }))
    }

    /// Opens a file that should be one.
    ///
    /// # Errors
    /// As [`Self::open`]; and it is something else.
    pub fn open_surely(file: &str, fields: &[String]) -> Result<Self, InputError> {
        let detail = "it does not begin as one".to_owned();
        Self::open(file, fields)?
            .ok_or_else(|| InputError::of_file(file, InputProblem::BrokenParquet { detail }))
    }

    /// The next row with its number, as a JSON object; `None` at the end.
    ///
    /// # Errors
    /// The file is damaged, or the row holds what is no text.
    pub fn next_row(&mut self) -> Result<Option<(u64, String)>, InputError> {
        let Some(row) = self.read_row()? else { return Ok(None) };
        let row = row.map_err(|problem| InputError::at(&self.file, Place::Row(self.number), problem));
        row.map(|row| Some((self.number, row)))
    }

    /// The next row or what is wrong with it; an error if there is no reading on.
    fn read_row(&mut self) -> Result<Option<Result<String, InputProblem>>, InputError> {
        if self.broken {
            return Ok(None);
        }
        self.number += 1;
        let (rows, columns) = (&mut self.rows, &self.columns);
        let row = caught(|| rows.next().map(|row| row.map(|row| columns.object(row))));
        let row = row.and_then(|row| row.transpose().map_err(|error| broken(&error)));
        row.and_then(|row| self.within_limit(row)).map_err(|problem| {
            self.broken = true;
            InputError::at(&self.file, Place::Row(self.number), problem)
        })
    }

    /// The row, unless the rows so far are too long for the file: six million empty ones fit into 11 KB, and so does a long
    /// text that thousands of rows have.
    fn within_limit<R>(
        &mut self,
        row: Option<Result<String, R>>,
    ) -> Result<Option<Result<String, R>>, InputProblem> {
        self.produced += row.iter().flatten().map(|row| row.len() as u64).sum::<u64>();
        if self.produced > RATIO_FROM && self.produced / RATIO_LIMIT > self.length {
            return Err(InputProblem::Bomb { ratio: RATIO_LIMIT });
        }
        Ok(row)
    }

    /// BLAKE3 of the file.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

impl RecordReader for ParquetRows {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        let Some(row) = self.read_row()? else { return Ok(None) };
        self.json.clear();
        let json = row.map(|row| self.json = row).map(|()| self.json.as_str());
        let place = Place::Row(self.number);
        let bytes = json.as_ref().map_or(&b""[..], |json| json.as_bytes());
        Ok(Some(Record { place, shape: Shape::Cells, member: None, bytes, json }))
    }

    fn hash(&self) -> String {
        self.hash.clone()
    }
}

/// Calls into the library, which panics over some damaged files where it should fail.
fn caught<T>(work: impl FnOnce() -> T) -> Result<T, InputProblem> {
    let gave_up = || InputProblem::BrokenParquet { detail: "the reader gave up on it".to_owned() };
    querist_core::caught(work).ok_or_else(gave_up)
}

fn broken(error: &ParquetError) -> InputProblem {
    InputProblem::BrokenParquet { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// Two rows: an id, probabilities as a struct and an embedding as a list.
    fn write(path: &std::path::Path) {
        let schema = "message rows {
            required binary id (UTF8);
            required group probabilities { required double spam; required double ham; }
            required group embedding (LIST) { repeated group list { required float element; } }
        }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let ids = [ByteArray::from("a"), ByteArray::from("b")];
        column.typed::<ByteArrayType>().write_batch(&ids, None, None).unwrap();
        column.close().unwrap();
        for values in [[0.75, 0.5], [0.25, 0.5]] {
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<DoubleType>().write_batch(&values, None, None).unwrap();
            column.close().unwrap();
        }
        let mut column = group.next_column().unwrap().unwrap();
        let levels = (Some(&[1i16, 1, 1][..]), Some(&[0i16, 1, 0][..]));
        column.typed::<FloatType>().write_batch(&[1.0, -2.5, 3.0], levels.0, levels.1).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
    }

    #[test]
    fn rows_are_objects() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.parquet");
        write(&path);
        let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
        assert_eq!(rows.hash(), blake3::hash(&std::fs::read(&path).unwrap()).to_hex().to_string());
        let mut next =
            || rows.next_row().unwrap().map(|(number, row)| (number, serde_json::from_str(&row).unwrap()));
        let first = serde_json::json!({"id": "a", "probabilities": {"spam": 0.75, "ham": 0.25}, "embedding": [1.0, -2.5]});
        let second =
            serde_json::json!({"id": "b", "probabilities": {"spam": 0.5, "ham": 0.5}, "embedding": [3.0]});
        assert_eq!(
            (next(), next(), next()),
            (Some((1, first)), Some((2, second)), None::<(u64, serde_json::Value)>)
        );
    }

    #[test]
    fn a_text_that_thousands_of_rows_have_is_no_file_of_gigabytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.parquet");
        let schema = Arc::new(parse_message_type("message rows { required binary text (UTF8); }").unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer = SerializedFileWriter::new(File::create(&path).unwrap(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        // The dictionary has it once.
        let text = ByteArray::from("x".repeat(200_000).as_str());
        column.typed::<ByteArrayType>().write_batch(&vec![text; 3_000], None, None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
        writer.close().unwrap();
        let length = std::fs::metadata(&path).unwrap().len();
        assert!(length < 1_000_000, "{length}");
        let mut rows = ParquetRows::open(path.to_str().unwrap(), &[]).unwrap().unwrap();
        let mut read = 0;
        let error = loop {
            match rows.next_row() {
                Ok(row) => read += row.expect("an end before the limit").1.len() as u64,
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("400 times"), "{error}");
        assert!(read <= RATIO_FROM.max(length * (RATIO_LIMIT + 1)) + 1_000_000, "{read}");
    }

    #[test]
    fn a_page_that_claims_much_memory_is_refused_before_it_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.parquet");
        write(&path);
        let mut bytes = std::fs::read(&path).unwrap();
        // The header of the first page: field 1 is its kind, field 2 its size, here half a gigabyte.
        assert_eq!((bytes[4], bytes[6]), (0x15, 0x15));
        let end = 7 + bytes[7..].iter().position(|byte| *byte < 0x80).unwrap();
        bytes.splice(7..=end, [0x80, 0x80, 0x80, 0x80, 0x04]);
        std::fs::write(&path, bytes).unwrap();
        let error = ParquetRows::open(path.to_str().unwrap(), &[]).err().unwrap().to_string();
        assert!(error.contains("a page claims far more memory"), "{error}");
    }

    #[test]
    fn other_files_are_none_and_damage_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.parquet");
        let path = path.to_str().unwrap();
        let open = |bytes: &[u8]| {
            std::fs::write(path, bytes).unwrap();
            ParquetRows::open(path, &[])
        };
        for bytes in [&b""[..], b"PA", b"{\"id\": 1}"] {
            assert!(open(bytes).unwrap().is_none());
        }
        assert!(ParquetRows::open("-", &[]).unwrap().is_none());
        let message = open(b"PAR1 and then nothing of the kind").err().unwrap().to_string();
        assert!(message.contains("damaged Parquet"), "{message}");
        write(std::path::Path::new(path));
        let whole = std::fs::read(path).unwrap();
        for length in [8, whole.len() / 2, whole.len() - 1] {
            assert!(open(&whole[..length]).is_err(), "{length}");
        }
    }
}
