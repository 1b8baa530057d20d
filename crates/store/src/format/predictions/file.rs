//! Reads a file of predictions, in any layout, row by row.
//!
//! A row of Parquet is read directly from its cells if they are clearly valid. All other rows are
//! read as JSON, so that a single parser reports all errors.

use querist_core::LabelSet;

#[cfg(feature = "parquet")]
use super::cells::of_cells;
use super::{FLAT, PredictionRow, VECTOR, parse};
use crate::error::{InputError, InputProblem, Place, Told};
use crate::format::records::{self, Layout, Opened, Reading, RecordReader};
#[cfg(feature = "parquet")]
use crate::format::records::{ParquetRows, Taken};
use crate::source::Encoding;

/// A file of predictions that is read row by row.
pub struct PredictionFile<'a> {
    file: String,
    labels: &'a LabelSet,
    rows: Rows,
    /// Remarks that were made when the file was opened.
    told: Vec<Told>,
}

/// Reads the rows of a file.
enum Rows {
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetRows>),
    Other(Box<dyn RecordReader>, Layout),
}

/// A row of a file of predictions.
#[derive(Debug)]
pub struct Prediction {
    /// The name of the file that contains the row: the opened file, or a file within a folder or an
    /// archive.
    pub file: String,
    /// The row's line or number in its file.
    pub place: Place,
    /// The prediction, or the row's error.
    pub row: Result<PredictionRow, InputProblem>,
}

impl<'a> PredictionFile<'a> {
    /// Opens a file, or standard input for `-`. `sheet` names the sheet to read in a workbook;
    /// `None` for the first sheet.
    ///
    /// # Errors
    /// The file cannot be read, is a folder, or has no known layout.
    pub fn open(
        file: &str,
        labels: &'a LabelSet,
        encoding: Encoding,
        sheet: Option<String>,
    ) -> Result<Self, InputError> {
        let mut fields = ["id", "probabilities"].map(str::to_owned).to_vec();
        fields.extend(VECTOR.map(str::to_owned));
        fields.extend(labels.names().iter().map(|label| format!("{FLAT}{label}")));
        // Try to open the file as Parquet. A pipe can be opened only once, so try this only with
        // regular files. If it fails, the general reader below opens the file again and reports
        // what is wrong.
        #[cfg(feature = "parquet")]
        if file != "-"
            && sheet.is_none()
            && crate::os_name::path_of(file).is_file()
            && let Ok(Some(rows)) = ParquetRows::open(file, &fields)
        {
            let rows = Rows::Parquet(Box::new(rows));
            return Ok(Self { file: file.to_owned(), labels, rows, told: Vec::new() });
        }
        let reading = Reading { layout: None, encoding, sheet, fields };
        let Opened { reader, layout, told, .. } = records::open(file, &reading)?;
        if layout == Layout::Folder {
            return Err(InputError::of_file(file, InputProblem::Folder));
        }
        let rows = Rows::Other(reader, layout);
        Ok(Self { file: file.to_owned(), labels, rows, told })
    }

    /// Returns the next row; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read any further. A bad row is no error here: [`Prediction::row`]
    /// contains the row's error.
    pub fn next_row(&mut self) -> Result<Option<Prediction>, InputError> {
        let labels = self.labels;
        match &mut self.rows {
            #[cfg(feature = "parquet")]
            Rows::Parquet(rows) => {
                let Some((number, taken)) = rows.next_taken(|cells| of_cells(cells, labels))? else {
                    return Ok(None);
                };
                let row = taken.and_then(|taken| match taken {
                    Taken::Row(row) => Ok(row),
                    Taken::Json(json) => parse(&json, labels),
                });
                Ok(Some(Prediction { file: self.file.clone(), place: Place::Row(number), row }))
            }
            Rows::Other(reader, _) => {
                let Some(record) = reader.next_record()? else { return Ok(None) };
                let (file, place) = (record.file_name(&self.file), record.place);
                let row = record.json.and_then(|json| parse(json, labels));
                Ok(Some(Prediction { file, place, row }))
            }
        }
    }

    /// Returns the BLAKE3 hash of the content, in hexadecimal. Call this only after the last row
    /// was read.
    pub fn hash(&self) -> String {
        match &self.rows {
            #[cfg(feature = "parquet")]
            Rows::Parquet(rows) => rows.hash().to_owned(),
            Rows::Other(reader, _) => reader.hash(),
        }
    }

    /// Returns the remarks that were made when the file was opened.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// Returns the reader, which may have remarks after the last row; `None` for a Parquet file.
    pub fn reader(&self) -> Option<&dyn RecordReader> {
        match &self.rows {
            #[cfg(feature = "parquet")]
            Rows::Parquet(_) => None,
            Rows::Other(reader, _) => Some(reader.as_ref()),
        }
    }

    /// Returns the error for a file without rows.
    pub fn no_rows(&self) -> InputProblem {
        match &self.rows {
            #[cfg(feature = "parquet")]
            Rows::Parquet(_) => Layout::Parquet.no_rows(),
            Rows::Other(_, layout) => layout.no_rows(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int64Type};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// Difficult numbers: without a short decimal form, halfway between two single-precision
    /// numbers, tiny, and negative zero.
    const NUMBERS: [f64; 8] = [
        0.1,
        1.000_000_059_604_644_8,
        -1.000_000_178_813_934_3,
        1e-40,
        -0.0,
        1.0 / 3.0,
        123_456_789.123_456_78,
        -7.5,
    ];

    fn column<T: DataType>(
        group: &mut SerializedRowGroupWriter<'_, File>,
        values: &[T::T],
        levels: Option<(&[i16], &[i16])>,
    ) {
        let mut column = group.next_column().unwrap().unwrap();
        let (definition, repetition) = (levels.map(|levels| levels.0), levels.map(|levels| levels.1));
        column.typed::<T>().write_batch(values, definition, repetition).unwrap();
        column.close().unwrap();
    }

    /// Writes a Parquet file whose columns `fill` writes.
    fn write(
        schema: &str,
        fill: impl FnOnce(&mut SerializedRowGroupWriter<'_, File>),
    ) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        let schema = Arc::new(parse_message_type(&format!("message rows {{ {schema} }}")).unwrap());
        let properties = Arc::new(WriterProperties::builder().build());
        let mut writer =
            SerializedFileWriter::new(File::create(file.path()).unwrap(), schema, properties).unwrap();
        let mut group = writer.next_row_group().unwrap();
        fill(&mut group);
        group.close().unwrap();
        writer.close().unwrap();
        file
    }

    /// Reads all rows both as cells and as JSON, which must agree to the bit. Returns the rows, and
    /// how many of them were read as cells.
    fn both(
        file: &tempfile::NamedTempFile,
        labels: &LabelSet,
    ) -> (Vec<Result<PredictionRow, String>>, usize) {
        let path = file.path().to_str().unwrap();
        let bits = |row: &Result<PredictionRow, String>| {
            row.clone().map(|row| {
                let probabilities: Vec<u64> = row.probabilities.iter().map(|p| p.to_bits()).collect();
                let vector = row.vector.map(|all| all.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
                (row.id, probabilities, row.normalized, vector)
            })
        };
        let mut found = PredictionFile::open(path, labels, Encoding::default(), None).unwrap();
        assert!(matches!(found.rows, Rows::Parquet(_)));
        let mut read = ParquetRows::open(path, &[]).unwrap().unwrap();
        let mut taken = ParquetRows::open(path, &[]).unwrap().unwrap();
        let (mut rows, mut as_cells) = (Vec::new(), 0);
        while let Some(Prediction { place, row, .. }) = found.next_row().unwrap() {
            let (number, json) = read.next_row().unwrap().unwrap();
            assert_eq!(place, Place::Row(number));
            let row = row.map_err(|problem| problem.to_string());
            let other = parse(&json, labels).map_err(|problem| problem.to_string());
            assert_eq!(bits(&row), bits(&other), "{json}");
            let kind = taken.next_taken(|cells| of_cells(cells, labels)).unwrap().unwrap().1;
            as_cells += usize::from(matches!(kind, Ok(Taken::Row(_))));
            rows.push(row);
        }
        assert!(read.next_row().unwrap().is_none());
        (rows, as_cells)
    }

    #[test]
    fn cells_and_json_say_the_same_to_the_bit() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let ids = ["a", "b"].map(ByteArray::from);
        // Two rows of four numbers.
        let levels = (&[1_i16; 8][..], &[0_i16, 1, 1, 1, 0, 1, 1, 1][..]);
        let list = "required group vector (LIST) { repeated group list { required TYPE element; } }";
        let doubles = list.replace("TYPE", "double");
        let schema =
            format!("required binary id (UTF8); required double p_spam; required float p_ham; {doubles}");
        let file = write(&schema, |group| {
            column::<ByteArrayType>(group, &ids, None);
            column::<DoubleType>(group, &[0.7, 1.0 / 3.0], None);
            column::<FloatType>(group, &[0.3, 2.0 / 3.0], None);
            column::<DoubleType>(group, &NUMBERS, Some(levels));
        });
        let (rows, as_cells) = both(&file, &labels);
        assert_eq!((rows.len(), as_cells), (2, 2));
        assert_eq!(rows[1].as_ref().unwrap().vector.as_ref().unwrap().len(), 4);

        let singles = list.replace("TYPE", "float").replace("vector", "embedding");
        let group = "required group probabilities { required double ham; required double spam; }";
        let file = write(&format!("required int64 id; {group} {singles}"), |group| {
            column::<Int64Type>(group, &[7, -8], None);
            column::<DoubleType>(group, &[0.25, 0.1], None);
            column::<DoubleType>(group, &[0.75, 0.9], None);
            column::<FloatType>(group, &NUMBERS.map(|number| number as f32), Some(levels));
        });
        let (rows, as_cells) = both(&file, &labels);
        assert_eq!((as_cells, rows[0].as_ref().unwrap().id.as_str()), (2, "7"));
        assert_eq!(rows[0].as_ref().unwrap().probabilities, [0.75, 0.25]);
    }

    #[test]
    fn what_is_wrong_with_cells_is_said_as_of_json() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let list = "required group probabilities (LIST) { repeated group list { required double element; } }";
        let file = write(&format!("required binary id (UTF8); {list}"), |group| {
            column::<ByteArrayType>(group, &["a", "b", " ", "d", "e"].map(ByteArray::from), None);
            let values = [0.5, 0.5, f64::NAN, 0.5, 0.5, 0.5, 0.5, 0.6, 1.5, -0.5];
            column::<DoubleType>(group, &values, Some((&[1; 10], &[0, 1, 0, 1, 0, 1, 0, 1, 0, 1])));
        });
        let (rows, as_cells) = both(&file, &labels);
        assert_eq!((rows.len(), as_cells), (5, 1));
        for (row, words) in [
            (1, "the probability of \"spam\" is missing"),
            (2, "the field \"id\" is empty"),
            (3, "sum to 1.1"),
            (4, "the probability of \"spam\" is 1.5"),
        ] {
            let message = rows[row].as_ref().unwrap_err();
            assert!(message.contains(words), "{message}");
        }
    }
}
