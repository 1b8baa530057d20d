//! A file of predictions, of any layout of rows, row by row.
//!
//! The numbers of a Parquet file are taken as numbers; every other row is read as JSON. A row of Parquet that is not plainly right is read
//! as JSON too, so that what is wrong with it is said in one place.

use querist_core::LabelSet;

use super::{FLAT, PredictionRow, of_cells, parse};
use crate::error::{InputError, InputProblem, Place};
use crate::format::records::{self, Layout, Opened, ParquetRows, Reading, RecordReader, Taken};
use crate::os_name::path_of;
use crate::source::Encoding;

/// A file that is open.
pub struct PredictionFile<'a> {
    file: String,
    labels: &'a LabelSet,
    rows: Rows,
    told: Vec<String>,
}

enum Rows {
    Parquet(Box<ParquetRows>),
    Other(Box<dyn RecordReader>, Layout),
}

/// A row of the file, with the place that an error names.
#[derive(Debug)]
pub struct Prediction {
    /// The file, or the one in a folder or an archive.
    pub file: String,
    /// The row's place in it.
    pub place: Place,
    /// What it says, or what is wrong with it.
    pub row: Result<PredictionRow, InputProblem>,
}

impl<'a> PredictionFile<'a> {
    /// Opens a file, or standard input for `-`. `sheet` is the sheet of a workbook; `None`: the first.
    ///
    /// # Errors
    /// The file cannot be read, is a folder, or is no file of rows.
    pub fn open(
        file: &str,
        labels: &'a LabelSet,
        encoding: Encoding,
        sheet: Option<String>,
    ) -> Result<Self, InputError> {
        let mut fields = ["id", "probabilities", "embedding"].map(str::to_owned).to_vec();
        fields.extend(labels.names().iter().map(|label| format!("{FLAT}{label}")));
        // A pipe can be opened only once; whatever is wrong with a file, the general reader says.
        let is_file = file != "-" && sheet.is_none() && path_of(file).is_file();
        let mut told = Vec::new();
        let rows = match is_file.then(|| ParquetRows::open(file, &fields)) {
            Some(Ok(Some(rows))) => Rows::Parquet(Box::new(rows)),
            _ => {
                let reading = Reading { layout: None, encoding, sheet, fields };
                let Opened { reader, layout, told: said, .. } = records::open(file, &reading)?;
                if layout == Layout::Folder {
                    return Err(InputError::of_file(file, InputProblem::Folder));
                }
                told = said;
                Rows::Other(reader, layout)
            }
        };
        Ok(Self { file: file.to_owned(), labels, rows, told })
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// There is no reading on. A bad row is not an error here; it comes with its problem.
    pub fn next_row(&mut self) -> Result<Option<Prediction>, InputError> {
        let labels = self.labels;
        match &mut self.rows {
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

    /// BLAKE3 of the content, in hex, once the last row is read.
    pub fn hash(&self) -> String {
        match &self.rows {
            Rows::Parquet(rows) => rows.hash().to_owned(),
            Rows::Other(reader, _) => reader.hash(),
        }
    }

    /// What there is to say of how the file was opened.
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// The reader, where it may have something to say once the last row is read.
    pub fn reader(&self) -> Option<&dyn RecordReader> {
        match &self.rows {
            Rows::Parquet(_) => None,
            Rows::Other(reader, _) => Some(reader.as_ref()),
        }
    }

    /// What to say if the file has no rows.
    pub fn no_rows(&self) -> InputProblem {
        match &self.rows {
            Rows::Parquet(_) => Layout::Parquet.no_rows(),
            Rows::Other(_, layout) => layout.no_rows(),
        }
    }
}
