//! One file of vectors, in any layout.

use std::path::Path;

#[cfg(feature = "parquet")]
use super::cells::of_cells;
use super::npy::{self, Header, Rows};
use super::{Element, VectorFiles, parse};
use crate::error::{InputError, Place, VectorProblem};
use crate::format::records::{self, Layout, Opened, Reading, RecordReader};
#[cfg(feature = "parquet")]
use crate::format::records::{ParquetRows, Taken};
use crate::os_name::path_of;
use crate::source::{Encoding, Source};

/// A file of vectors that is read row by row.
pub(super) struct VectorFile {
    name: String,
    fields: (String, String),
    element: Element,
    from: From,
}

enum From {
    Npy(Box<Source>, Rows),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetRows>),
    Rows(Box<dyn RecordReader>),
}

impl VectorFile {
    /// Opens a file. Its first bytes tell its layout.
    ///
    /// # Errors
    /// The file cannot be read, or its layout cannot have vectors.
    pub(super) fn open(name: &str, sources: &VectorFiles) -> Result<Self, InputError> {
        let fields = (sources.id.clone(), sources.vector.clone());
        let made = |element, from| Self { name: name.to_owned(), fields: fields.clone(), element, from };
        let path = path_of(name);
        if name != "-" && path.is_file() {
            let mut source = Source::open(name, Encoding::default())?;
            let is_named_so = Path::new(name.trim_end_matches(".gz").trim_end_matches(".zst"))
                .extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("npy"));
            if is_named_so || source.first_bytes()?.starts_with(npy::MAGIC) {
                let header = Header::read(&mut source).map_err(|error| source.fault(&error, None))?;
                let header = header.map_err(|problem| InputError::of_file(name, problem.into()))?;
                return Ok(made(header.element(), From::Npy(Box::new(source), Rows::new(header))));
            }
            #[cfg(feature = "parquet")]
            if let Some(rows) = ParquetRows::open(name, &[fields.0.clone(), fields.1.clone()])? {
                return Ok(made(Element::Float32, From::Parquet(Box::new(rows))));
            }
        }
        let reading = Reading {
            encoding: sources.encoding,
            fields: vec![fields.0.clone(), fields.1.clone()],
            ..Reading::default()
        };
        let Opened { reader, layout, .. } = records::open(name, &reading)?;
        if !layout.has_named_fields() || layout == Layout::Zip {
            let problem = VectorProblem::Layout { layout: layout.description() };
            return Err(InputError::of_file(name, problem.into()));
        }
        Ok(made(Element::Float32, From::Rows(reader)))
    }

    /// Returns the name of the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the rows have no ids.
    pub(super) fn is_npy(&self) -> bool {
        matches!(self.from, From::Npy(..))
    }

    /// Returns the type of the numbers. For Parquet, it is known only after the first row.
    pub(super) fn element(&self) -> Element {
        self.element
    }

    /// Returns the BLAKE3 hash of the content, in hexadecimal. Call this only after the last row
    /// was read.
    pub(super) fn hash(&self) -> String {
        match &self.from {
            From::Npy(source, _) => source.hash(),
            #[cfg(feature = "parquet")]
            From::Parquet(rows) => rows.hash().to_owned(),
            From::Rows(reader) => reader.hash(),
        }
    }

    /// Reads the next vector into `values` and, unless the file is a `.npy` file, its id into `id`.
    /// Returns the row's place; `None` at the end.
    pub(super) fn next_vector(
        &mut self,
        id: &mut String,
        values: &mut Vec<f32>,
    ) -> Result<Option<Place>, InputError> {
        let fields = (self.fields.0.as_str(), self.fields.1.as_str());
        let (place, problem) = match &mut self.from {
            From::Npy(source, rows) => {
                let next = rows.next_row(source.as_mut(), values);
                let next = next.map_err(|error| source.fault(&error, Some(Place::Row(rows.read()))))?;
                match next {
                    Ok(true) => return Ok(Some(Place::Row(rows.read()))),
                    Ok(false) => return Ok(None),
                    Err(problem) => return Err(InputError::of_file(&self.name, problem.into())),
                }
            }
            #[cfg(feature = "parquet")]
            From::Parquet(rows) => {
                let taken = rows.next_taken(|cells| of_cells(cells, fields, id, values))?;
                let Some((number, taken)) = taken else { return Ok(None) };
                let parsed: Result<(), crate::error::InputProblem> = taken.and_then(|taken| match taken {
                    Taken::Row(element) => {
                        self.element = element;
                        Ok(())
                    }
                    Taken::Json(json) => parse(&json, fields, id, values),
                });
                (Place::Row(number), parsed)
            }
            From::Rows(reader) => {
                let Some(record) = reader.next_record()? else { return Ok(None) };
                let (place, json) = (record.place, record.json);
                (place, json.and_then(|json| parse(json, fields, id, values)))
            }
        };
        problem.map_err(|problem| InputError::at(&self.name, place, problem))?;
        Ok(Some(place))
    }
}
