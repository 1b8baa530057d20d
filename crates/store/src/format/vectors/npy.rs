//! Reads `.npy`, the file format of `NumPy` arrays, row by row: two dimensions, little-endian, in C
//! order, of 32-bit, 16-bit or 64-bit floats or of signed bytes.
//!
//! 64-bit floats are read in single precision. The reader trusts no length in the header: memory
//! grows only with the width of a row, which has a limit.

use std::io::{ErrorKind, Read};

use half::f16;
use querist_core::WIDEST_VECTOR;

use super::Element;
use crate::error::VectorProblem;

/// The first bytes of every file of this format.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The largest header that is read, in bytes. `NumPy` writes 118 for two dimensions.
const LONGEST_HEADER: usize = 1 << 16;

/// The type of the numbers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    Single,
    Half,
    Double,
    Byte,
}

/// The header of a file of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    stored: Stored,
    /// The number of rows.
    pub rows: u64,
    /// The number of values of each row, 1 to 4,096.
    pub width: usize,
}

impl Header {
    /// Reads the header, up to the first row.
    ///
    /// # Errors
    /// The file is not a `.npy` file, or its array is not one that this reader reads. An error of
    /// `from` is returned as it is.
    pub fn read(from: &mut dyn Read) -> std::io::Result<Result<Self, VectorProblem>> {
        let text = match header_text(from) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Ok(Err(wrong("it ends within its header")));
            }
            text => text?,
        };
        Ok(text.and_then(|text| Self::parse(&text)))
    }

    /// Parses the header's text, a Python dictionary such as `{'descr': '<f4', 'fortran_order':
    /// False, 'shape': (500, 384), }`.
    fn parse(text: &str) -> Result<Self, VectorProblem> {
        let mut rest = text.trim();
        rest = rest.strip_prefix('{').ok_or_else(|| wrong("its header is not a dictionary"))?;
        let (mut stored, mut fortran, mut shape) = (None, None, None);
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = rest.strip_prefix('}') {
                if after.trim().is_empty() {
                    break;
                }
                return Err(wrong("its header goes on after the dictionary"));
            }
            let (key, after) = quoted(rest)?;
            let after = after.trim_start().strip_prefix(':').ok_or_else(|| wrong("a key has no value"))?;
            let after = after.trim_start();
            rest = match key {
                "descr" => {
                    if after.starts_with('[') {
                        return Err(wrong("it has a record of several fields; expected numbers"));
                    }
                    let (name, after) = quoted(after)?;
                    stored = Some(stored_as(name)?);
                    after
                }
                "fortran_order" => {
                    let end = after.find([',', '}']).unwrap_or(after.len());
                    fortran = Some(match after[..end].trim() {
                        "False" => false,
                        "True" => true,
                        _ => return Err(wrong("fortran_order is neither True nor False")),
                    });
                    &after[end..]
                }
                "shape" => {
                    let (dimensions, after) = dimensions_of(after)?;
                    shape = Some(dimensions);
                    after
                }
                other => return Err(wrong(&format!("its header has the unknown key '{other}'"))),
            };
        }
        let (Some(stored), Some(fortran), Some(shape)) = (stored, fortran, shape) else {
            return Err(wrong("its header lacks descr, fortran_order or shape"));
        };
        Self::checked(stored, fortran, &shape)
    }

    fn checked(stored: Stored, fortran: bool, shape: &[u64]) -> Result<Self, VectorProblem> {
        let [rows, width] = *shape else {
            let n = shape.len();
            return Err(wrong(&format!("it has {n} dimensions; expected two: rows and numbers of a vector")));
        };
        // With one row or column, both orders are the same.
        if fortran && rows > 1 && width > 1 {
            return Err(wrong(
                "it is in Fortran order (column by column); save numpy.ascontiguousarray(array)",
            ));
        }
        match usize::try_from(width) {
            Ok(width) if (1..=WIDEST_VECTOR).contains(&width) => Ok(Self { stored, rows, width }),
            found => Err(VectorProblem::WidthLimit { found: found.unwrap_or(usize::MAX) }),
        }
    }

    /// Returns the type in which the numbers are kept.
    pub fn element(&self) -> Element {
        match self.stored {
            Stored::Single | Stored::Double => Element::Float32,
            Stored::Half => Element::Float16,
            Stored::Byte => Element::Int8,
        }
    }

    /// Returns the number of bytes of a row in the file.
    fn row_bytes(&self) -> usize {
        self.width
            * match self.stored {
                Stored::Single => 4,
                Stored::Half => 2,
                Stored::Double => 8,
                Stored::Byte => 1,
            }
    }

    /// Converts the bytes of a row to numbers.
    fn decode(&self, bytes: &[u8], values: &mut Vec<f32>) {
        values.clear();
        match self.stored {
            Stored::Single => {
                values.extend(bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)));
            }
            Stored::Half => {
                values.extend(bytes.as_chunks().0.iter().map(|value| f16::from_le_bytes(*value).to_f32()));
            }
            Stored::Double => {
                values.extend(bytes.as_chunks().0.iter().map(|value| f64::from_le_bytes(*value) as f32));
            }
            Stored::Byte => values.extend(bytes.iter().map(|value| f32::from(value.cast_signed()))),
        }
    }
}

/// Reads the rows after a header.
pub struct Rows {
    header: Header,
    /// The number of rows that were read.
    read: u64,
    bytes: Vec<u8>,
}

impl Rows {
    /// Returns a reader of the rows after this header.
    pub fn new(header: Header) -> Self {
        Self { bytes: vec![0; header.row_bytes()], header, read: 0 }
    }

    /// Returns the header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Returns the number of rows that were read.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Reads the next row into `values`. Returns whether there was one.
    ///
    /// # Errors
    /// The file ends too early or too late. An error of `from` is returned as it is.
    pub fn next_row(
        &mut self,
        from: &mut dyn Read,
        values: &mut Vec<f32>,
    ) -> std::io::Result<Result<bool, VectorProblem>> {
        if self.read == self.header.rows {
            let more = match from.read(&mut [0]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => from.read(&mut [0]),
                more => more,
            };
            let rows = self.header.rows;
            return Ok(if more? == 0 { Ok(false) } else { Err(VectorProblem::Longer { rows }) });
        }
        self.read += 1;
        match from.read_exact(&mut self.bytes) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Ok(Err(VectorProblem::Truncated { row: self.read, rows: self.header.rows }));
            }
            read => read?,
        }
        self.header.decode(&self.bytes, values);
        Ok(Ok(true))
    }
}

fn wrong(detail: &str) -> VectorProblem {
    VectorProblem::Npy { detail: detail.to_owned() }
}

/// Reads the text of the header, up to the first row.
fn header_text(from: &mut dyn Read) -> std::io::Result<Result<String, VectorProblem>> {
    let mut start = [0; 8];
    from.read_exact(&mut start)?;
    if &start[..6] != MAGIC {
        return Ok(Err(wrong("it does not begin like one")));
    }
    let length = match start[6] {
        1 => {
            let mut length = [0; 2];
            from.read_exact(&mut length)?;
            usize::from(u16::from_le_bytes(length))
        }
        2 | 3 => {
            let mut length = [0; 4];
            from.read_exact(&mut length)?;
            u32::from_le_bytes(length) as usize
        }
        version => return Ok(Err(wrong(&format!("its format has the unknown version {version}")))),
    };
    if length > LONGEST_HEADER {
        return Ok(Err(wrong(&format!("its header has {length} bytes"))));
    }
    let mut text = vec![0; length];
    from.read_exact(&mut text)?;
    Ok(String::from_utf8(text).map_err(|_| wrong("its header is not text")))
}

/// Returns the text between quotes at the beginning of `rest`, and what follows it.
fn quoted(rest: &str) -> Result<(&str, &str), VectorProblem> {
    let not_quoted = || wrong("its header has a name without quotes");
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"')).ok_or_else(not_quoted)?;
    rest[1..].split_once(quote).ok_or_else(not_quoted)
}

/// Returns the dimensions in the tuple at the beginning of `rest`, and what follows it.
fn dimensions_of(rest: &str) -> Result<(Vec<u64>, &str), VectorProblem> {
    let fault = || wrong("its shape is not a tuple of whole numbers");
    let (inside, after) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(fault)?;
    let numbers = inside.split(',').map(str::trim).filter(|number| !number.is_empty());
    // Python 2 wrote whole numbers with an L.
    let number = |text: &str| text.strip_suffix('L').unwrap_or(text).parse().map_err(|_| fault());
    Ok((numbers.map(number).collect::<Result<_, _>>()?, after))
}

/// Returns the type of the numbers, given `NumPy`'s name for it.
fn stored_as(name: &str) -> Result<Stored, VectorProblem> {
    match name {
        "<f4" => Ok(Stored::Single),
        "<f2" => Ok(Stored::Half),
        "<f8" => Ok(Stored::Double),
        "|i1" | "<i1" => Ok(Stored::Byte),
        _ if name.starts_with('>') => Err(wrong(&format!(
            "its numbers ({name}) are big-endian; save array.astype(array.dtype.newbyteorder(\"<\"))"
        ))),
        _ => Err(wrong(&format!(
            "its numbers are of type {name}; expected float32 (<f4), float16 (<f2), float64 (<f8) or int8 (|i1)"
        ))),
    }
}
