//! Reads files with documents' vectors, row by row: one vector for each id.
//!
//! Three layouts have vectors:
//! - Rows `{"id": "t-1", "vector": [0.1, …]}`, in JSON Lines and in any other layout that can have
//!   lists.
//! - Parquet with a column of lists of floats, half floats or bytes (`cells.rs`).
//! - `.npy` (`npy.rs`) with a file that has the id of each row (`ids.rs`).
//!
//! The reader checks each vector by itself and against the width of the first. Whether ids repeat
//! or belong to a document is checked by the caller, who knows the documents.

#[cfg(feature = "parquet")]
mod cells;
mod file;
mod ids;
pub mod npy;

use querist_core::WIDEST_VECTOR;
use serde_json::value::RawValue;

use self::file::VectorFile;
use self::ids::Ids;
use super::row::Row;
use crate::error::{FieldOption, InputError, InputProblem, Place, VectorProblem};
use crate::source::Encoding;

/// How the numbers of a vector are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// 32-bit floats.
    Float32,
    /// 16-bit floats.
    Float16,
    /// Signed whole numbers of 8 bits, in multiples of a step that all vectors share.
    Int8,
}

impl Element {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Float32, Self::Float16, Self::Int8];

    /// Returns the type's name in messages and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Float32 => "float32",
            Self::Float16 => "float16",
            Self::Int8 => "int8",
        }
    }

    /// Returns the number of bytes of a number.
    pub fn bytes(self) -> usize {
        match self {
            Self::Float32 => 4,
            Self::Float16 => 2,
            Self::Int8 => 1,
        }
    }

    /// Whether numbers of both types can be in one workspace. Whole numbers are in steps of unknown
    /// size, so they do not fit fractions.
    pub fn goes_with(self, other: Self) -> bool {
        (self == Self::Int8) == (other == Self::Int8)
    }
}

/// Which files to read, and how.
#[derive(Debug, Clone)]
pub struct VectorFiles {
    /// The names of the files.
    pub files: Vec<String>,
    /// The name of the file with the ids of the rows of all `.npy` files, in their order.
    pub ids: Option<String>,
    /// The field with the id.
    pub id: String,
    /// The field with the vector.
    pub vector: String,
    /// The encoding of text files.
    pub encoding: Encoding,
}

impl VectorFiles {
    /// The usual name of the field with the vector.
    pub const FIELD: &str = "vector";
}

/// A row of a file of vectors.
#[derive(Debug)]
pub struct VectorRow<'a> {
    /// The document's id.
    pub id: &'a str,
    /// The vector: finite numbers, not all 0, as many as in every other row.
    pub values: &'a [f32],
    /// The file that contains the row.
    pub file: &'a str,
    /// The row's line or number in the file.
    pub place: Place,
    /// The type of the numbers in the file.
    pub element: Element,
}

/// Reads all rows of all files, one after the other.
pub struct VectorReader {
    sources: VectorFiles,
    /// The number of files that were opened.
    opened: usize,
    /// The file that is being read; `None` before the first and after the last.
    file: Option<VectorFile>,
    ids: Option<Ids>,
    /// The number of rows of `.npy` files so far.
    npy_rows: u64,
    /// The width of the first row, and the words that name its place.
    first: Option<(usize, String)>,
    /// The type of the numbers, and the first file.
    element: Option<(Element, String)>,
    /// The hash of the content of each file that was read to its end.
    hash: blake3::Hasher,
    id: String,
    values: Vec<f32>,
}

impl VectorReader {
    /// Opens the file of ids, if there is one. The files of vectors are opened one after the other
    /// as they are read.
    ///
    /// # Errors
    /// The file of ids cannot be read.
    pub fn open(sources: VectorFiles) -> Result<Self, InputError> {
        let ids = sources.ids.as_ref();
        let ids = ids.map(|file| Ids::open(file, &sources.id, sources.encoding)).transpose()?;
        Ok(Self {
            sources,
            opened: 0,
            file: None,
            ids,
            npy_rows: 0,
            first: None,
            element: None,
            hash: blake3::Hasher::new(),
            id: String::new(),
            values: Vec::new(),
        })
    }

    /// Returns the BLAKE3 hash of the files' content, in hexadecimal. Call this only after the last
    /// row was read.
    pub fn hash(&self) -> String {
        self.hash.finalize().to_hex().to_string()
    }

    /// Returns the next row; `None` after the last row of the last file.
    ///
    /// # Errors
    /// A file cannot be read, a row has no id or no vector, or the vector has another width than
    /// the first one, a number that is not finite, or only zeros.
    pub fn next_row(&mut self) -> Result<Option<VectorRow<'_>>, InputError> {
        let place = loop {
            if self.file.is_none() {
                let Some(name) = self.sources.files.get(self.opened).cloned() else {
                    self.finish()?;
                    return Ok(None);
                };
                self.opened += 1;
                self.file = Some(VectorFile::open(&name, &self.sources)?);
            }
            let Some(file) = &mut self.file else { continue };
            if let Some(place) = file.next_vector(&mut self.id, &mut self.values)? {
                break place;
            }
            self.hash.update(file.hash().as_bytes());
            self.file = None;
        };
        let (is_npy, file) = match &self.file {
            Some(file) => (file.is_npy(), file.name().to_owned()),
            None => (false, String::new()),
        };
        self.check_element(&file)?;
        if is_npy {
            self.npy_rows += 1;
            self.take_id(&file, place)?;
        }
        self.check_vector().map_err(|problem| InputError::at(&file, place, problem.into()))?;
        if self.first.is_none() {
            let at = InputError::at(&file, place, InputProblem::NoRows).whereabouts();
            self.first = Some((self.values.len(), at));
        }
        let file = self.file.as_ref().map_or("", VectorFile::name);
        let element = self.file.as_ref().map_or(Element::Float32, VectorFile::element);
        Ok(Some(VectorRow { id: &self.id, values: &self.values, file, place, element }))
    }

    /// Reads the id of a row of a `.npy` file.
    fn take_id(&mut self, file: &str, place: Place) -> Result<(), InputError> {
        let fault = |problem: VectorProblem| InputError::of_file(file, problem.into());
        let Some(ids) = &mut self.ids else { return Err(fault(VectorProblem::NoIds)) };
        if ids.next_id(&mut self.id)? {
            return Ok(());
        }
        let (ids, found) = (ids.file().to_owned(), self.npy_rows - 1);
        Err(fault(VectorProblem::TooFewIds { row: place.number(), ids, found }))
    }

    /// Checks that a file has the same type of numbers as the first one.
    fn check_element(&mut self, file: &str) -> Result<(), InputError> {
        let Some(found) = self.file.as_ref().map(VectorFile::element) else { return Ok(()) };
        match &self.element {
            Some((expected, before)) if *expected != found => {
                let (found, expected, before) = (found.name(), expected.name(), before.clone());
                let problem = VectorProblem::Element { found, expected, before };
                Err(InputError::of_file(file, problem.into()))
            }
            Some(_) => Ok(()),
            None => {
                self.element = Some((found, file.to_owned()));
                Ok(())
            }
        }
    }

    /// Checks the vector that was read last.
    fn check_vector(&self) -> Result<(), VectorProblem> {
        let found = self.values.len();
        if !(1..=WIDEST_VECTOR).contains(&found) {
            return Err(VectorProblem::WidthLimit { found });
        }
        if let Some((expected, before)) = self.first.as_ref().filter(|(width, _)| *width != found) {
            return Err(VectorProblem::Width { found, expected: *expected, before: before.clone() });
        }
        check_numbers(&self.values)
    }

    /// Checks after the last row that all ids were needed.
    fn finish(&mut self) -> Result<(), InputError> {
        let (rows, Some(ids)) = (self.npy_rows, &mut self.ids) else { return Ok(()) };
        let file = ids.file().to_owned();
        let problem = match rows {
            0 if self.first.is_some() => VectorProblem::IdsUnused,
            _ if ids.next_id(&mut self.id)? => VectorProblem::TooManyIds { rows },
            _ => {
                self.hash.update(ids.hash().as_bytes());
                return Ok(());
            }
        };
        Err(InputError::of_file(&file, problem.into()))
    }
}

/// Checks that all numbers are finite and not all of them are 0.
///
/// # Errors
/// They are not.
pub fn check_numbers(values: &[f32]) -> Result<(), VectorProblem> {
    if let Some(at) = values.iter().position(|value| !value.is_finite()) {
        return Err(VectorProblem::NotFinite { number: at + 1 });
    }
    if values.iter().all(|value| *value == 0.0) { Err(VectorProblem::Zero) } else { Ok(()) }
}

/// Parses a row with an id and a vector. Writes them to `id` and `values`.
///
/// # Errors
/// The row is malformed, or a field is missing or has the wrong type.
pub fn parse(
    line: &str,
    fields: (&str, &str),
    id: &mut String,
    values: &mut Vec<f32>,
) -> Result<(), InputProblem> {
    let mut row = Row::parse(line)?;
    *id = row.name(fields.0, Some(FieldOption::Id))?;
    let missing =
        || InputProblem::MissingField { field: fields.1.to_owned(), option: Some(FieldOption::Vector) };
    let value = row.take(fields.1)?.ok_or_else(missing)?;
    numbers(fields.1, value, values)
}

/// Parses a list of numbers. In a table, it is a text with such a list.
fn numbers(field: &str, value: &RawValue, values: &mut Vec<f32>) -> Result<(), InputProblem> {
    let text: Option<String> = serde_json::from_str(value.get()).ok();
    let numbers: Option<Vec<f32>> = serde_json::from_str(text.as_deref().unwrap_or(value.get())).ok();
    *values = numbers.ok_or_else(|| InputProblem::WrongType {
        field: field.to_owned(),
        found: "something else",
        expected: "a list of numbers, the vector of the document",
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
