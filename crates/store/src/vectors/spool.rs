//! The vectors of files that are not part of a workspace, in a temporary part, by id.

use std::collections::HashMap;
use std::io::BufWriter;

use super::part::{Part, PartWriter};
use crate::error::{InputError, InputProblem, VectorProblem};
use crate::format::vectors::{Element, VectorFiles, VectorReader, VectorRow};

/// Vectors by id. Only the ids are in memory.
#[derive(Debug)]
pub struct SpooledVectors {
    /// The row of the vector of each id. It is only looked up, never iterated.
    rows: HashMap<Box<str>, u32>,
    part: Part,
    hash: String,
}

impl SpooledVectors {
    /// Reads all rows of the files.
    ///
    /// # Errors
    /// A file cannot be read, has a malformed row or no rows; two rows have the same id; or the
    /// temporary file cannot be written.
    pub fn read(files: VectorFiles) -> Result<Self, InputError> {
        let name = files.files.first().cloned().unwrap_or_default();
        let failed = |error: std::io::Error| {
            let detail = format!("its vectors cannot be kept in a temporary file: {error}");
            InputError::of_file(&name, InputProblem::Unreadable { detail })
        };
        let mut reader = VectorReader::open(files)?;
        let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(failed)?);
        let mut rows: HashMap<Box<str>, u32> = HashMap::new();
        let (mut unused, mut writer) = (Some(&mut out), None::<PartWriter<'_>>);
        while let Some(VectorRow { id, values, file, place, .. }) = reader.next_row()? {
            let row = rows.len() as u32;
            if let Some(before) = rows.insert(id.into(), row) {
                let before = format!("vector {} of these files", before + 1);
                let problem = VectorProblem::Repeated { id: id.to_owned(), before };
                return Err(InputError::at(file, place, problem.into()));
            }
            // The first row tells the width. All types of numbers are exact in single precision.
            if let Some(out) = unused.take() {
                writer = Some(PartWriter::new(out, Element::Float32, values.len()).map_err(failed)?);
            }
            if let Some(writer) = &mut writer {
                writer.push(row, values).map_err(failed)?;
            }
        }
        let Some(writer) = writer else {
            return Err(InputError::of_file(&name, InputProblem::NoRows));
        };
        writer.finish().map_err(failed)?;
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        let part = Part::open(file, "the temporary file of vectors").map_err(failed)?;
        Ok(Self { rows, part, hash: reader.hash() })
    }

    /// Returns the width of the vectors.
    pub fn width(&self) -> usize {
        self.part.width()
    }

    /// Returns the number of vectors.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no vectors.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the BLAKE3 hash of the files' content, in hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Returns the row of the vector with this id.
    pub fn row(&self, id: &str) -> Option<u32> {
        self.rows.get(id).copied()
    }

    /// Reads the vector in a row into `out`, which must have its width.
    ///
    /// # Errors
    /// The temporary file cannot be read.
    pub fn read_row(&self, row: u32, out: &mut [f32]) -> std::io::Result<()> {
        self.part.read(row as usize, out)
    }

    /// Gives the part away, in which the vectors have the rows that [`Self::row`] returns.
    pub fn into_part(self) -> Part {
        self.part
    }
}
