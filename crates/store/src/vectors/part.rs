//! A part: a file with vectors of one width, and the place of the document of each.
//!
//! The file has the layout of safetensors: the length of a header, the header in JSON, and the
//! bytes of the tensors `vectors` (n, width), `digests` (n, 16) and `places` (n). So Python can
//! read it too. The header has a fixed length, because the number of vectors is known only at the
//! end.
//!
//! Nothing damaged is read silently. A digest is the beginning of the BLAKE3 hash of a vector's
//! numbers in single precision, so it does not depend on how they are stored; each vector is
//! compared with its digest when it is read. The header has a hash of the digests and places.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};

use half::f16;
use querist_core::WIDEST_VECTOR;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::format::vectors::Element;

/// The beginning of the BLAKE3 hash of a vector's numbers.
pub type Digest = [u8; 16];

/// The length of the file before the tensors, in bytes: 8 for the header's length, and the header.
const START: usize = 1 << 10;
const FORMAT: &str = "querist-vectors";
const VERSION: u32 = 1;

/// The metadata of a part.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    element: String,
    /// The number of vectors.
    vectors: u32,
    /// The number of values of each vector.
    width: usize,
    /// The BLAKE3 hash of the digests and of the places, in hexadecimal.
    blake3: String,
}

/// Returns the digest of a vector.
pub fn digest(values: &[f32]) -> Digest {
    let mut hash = blake3::Hasher::new();
    let mut bytes = [0; 256];
    for values in values.chunks(bytes.len() / 4) {
        for (value, bytes) in values.iter().zip(bytes.chunks_exact_mut(4)) {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
        hash.update(&bytes[..values.len() * 4]);
    }
    let mut digest = Digest::default();
    hash.finalize_xof().fill(&mut digest);
    digest
}

/// Writes a part. Vectors go to the file as they come; the digests and places are kept in memory.
pub struct PartWriter<'a> {
    out: &'a mut BufWriter<File>,
    element: Element,
    width: usize,
    digests: Vec<Digest>,
    places: Vec<u32>,
    bytes: Vec<u8>,
}

impl<'a> PartWriter<'a> {
    /// Begins a part with vectors of this width at the beginning of `out`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn new(out: &'a mut BufWriter<File>, element: Element, width: usize) -> std::io::Result<Self> {
        out.write_all(&[0; START])?;
        Ok(Self { out, element, width, digests: Vec::new(), places: Vec::new(), bytes: Vec::new() })
    }

    /// Returns the number of vectors so far.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns whether there is no vector yet.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Adds the vector of the document at `place`. The numbers must be exact in the part's type.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn push(&mut self, place: u32, values: &[f32]) -> std::io::Result<()> {
        self.bytes.clear();
        match self.element {
            Element::Float32 => self.bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Element::Float16 => {
                self.bytes.extend(values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()));
            }
            Element::Int8 => self.bytes.extend(values.iter().map(|value| (*value as i8).cast_unsigned())),
        }
        self.out.write_all(&self.bytes)?;
        self.digests.push(digest(values));
        self.places.push(place);
        Ok(())
    }

    /// Writes the rest of the file. The file is complete afterwards, but not safe on disk yet.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> std::io::Result<()> {
        let Self { out, element, width, digests, places, .. } = self;
        let mut seal = blake3::Hasher::new();
        for digest in &digests {
            seal.update(digest);
            out.write_all(digest)?;
        }
        for place in &places {
            seal.update(&place.to_le_bytes());
            out.write_all(&place.to_le_bytes())?;
        }
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            element: element.name().to_owned(),
            vectors: places.len() as u32,
            width,
            blake3: seal.finalize().to_hex().to_string(),
        };
        let header = header_text(&header, element)?;
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&((START - 8) as u64).to_le_bytes())?;
        out.write_all(header.as_bytes())?;
        out.flush()
    }
}

/// Returns the header in JSON, filled with spaces to its fixed length.
fn header_text(header: &Header, element: Element) -> std::io::Result<String> {
    let n = header.vectors as usize;
    let vectors = n * header.width * element.bytes();
    let (digests, places) = (vectors + n * 16, vectors + n * 20);
    let kind = match element {
        Element::Float32 => "F32",
        Element::Float16 => "F16",
        Element::Int8 => "I8",
    };
    let text = json!({
        "__metadata__": {"querist": serde_json::to_string(header)?},
        "vectors": {"dtype": kind, "shape": [n, header.width], "data_offsets": [0, vectors]},
        "digests": {"dtype": "U8", "shape": [n, 16], "data_offsets": [vectors, digests]},
        "places": {"dtype": "U32", "shape": [n], "data_offsets": [digests, places]},
    });
    Ok(format!("{:1$}", text.to_string(), START - 8))
}

/// A part that is read.
#[derive(Debug)]
pub struct Part {
    file: File,
    /// The name of the file in messages.
    name: String,
    element: Element,
    width: usize,
    digests: Vec<Digest>,
    places: Vec<u32>,
}

impl Part {
    /// Opens a part; `name` is its name in messages.
    ///
    /// # Errors
    /// The file cannot be read, is no part, is damaged, or has a later layout. The error says so.
    pub fn open(file: File, name: &str) -> std::io::Result<Self> {
        let fault = |what: &str| std::io::Error::other(format!("{name} {what}"));
        let damaged = || fault("is damaged; restore it from a backup");
        let mut start = [0; START];
        read_at(&file, &mut start, 0).map_err(|_| damaged())?;
        let (length, text) = start.split_at(8);
        if length != ((START - 8) as u64).to_le_bytes() {
            return Err(damaged());
        }
        let text: Value = serde_json::from_slice(text).map_err(|_| damaged())?;
        let header: Option<Header> =
            text["__metadata__"]["querist"].as_str().and_then(|text| serde_json::from_str(text).ok());
        let header = header.filter(|header| header.format == FORMAT).ok_or_else(damaged)?;
        if header.version != VERSION {
            return Err(fault("was written by a newer Querist; use a newer Querist"));
        }
        let element = Element::ALL.into_iter().find(|element| element.name() == header.element);
        let element = element.ok_or_else(damaged)?;
        let (n, width) = (header.vectors as usize, header.width);
        if !(1..=WIDEST_VECTOR).contains(&width) {
            return Err(damaged());
        }
        let row = width * element.bytes();
        let expected = (START + n * (row + 20)) as u64;
        if file.metadata()?.len() != expected {
            return Err(damaged());
        }
        let mut rest = vec![0; n * 20];
        read_at(&file, &mut rest, (START + n * row) as u64).map_err(|_| damaged())?;
        if blake3::hash(&rest).to_hex().as_str() != header.blake3 {
            return Err(damaged());
        }
        let (digests, places) = rest.split_at(n * 16);
        Ok(Self {
            name: name.to_owned(),
            element,
            width,
            digests: digests.as_chunks().0.to_vec(),
            places: places.as_chunks().0.iter().map(|place| u32::from_le_bytes(*place)).collect(),
            file,
        })
    }

    /// Returns the number of vectors.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns whether there are no vectors.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the width of the vectors.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns the type of the numbers.
    pub fn element(&self) -> Element {
        self.element
    }

    /// Returns the place of the document of each vector.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// Returns the digest of each vector.
    pub fn digests(&self) -> &[Digest] {
        &self.digests
    }

    /// Reads neighbouring vectors into `out`, beginning with the vector `row`, as many as fit.
    ///
    /// # Errors
    /// The file cannot be read, or a vector is not as it was written.
    pub fn read(&self, row: usize, out: &mut [f32]) -> std::io::Result<()> {
        let n = out.len() / self.width;
        let row_bytes = self.width * self.element.bytes();
        let mut bytes = vec![0; n * row_bytes];
        read_at(&self.file, &mut bytes, (START + row * row_bytes) as u64)?;
        for (at, (bytes, out)) in
            bytes.chunks_exact(row_bytes).zip(out.chunks_exact_mut(self.width)).enumerate()
        {
            self.decode(bytes, out);
            if self.digests.get(row + at) != Some(&digest(out)) {
                let what = format!("{} is damaged; restore it from a backup", self.name);
                return Err(std::io::Error::other(what));
            }
        }
        Ok(())
    }

    fn decode(&self, bytes: &[u8], out: &mut [f32]) {
        match self.element {
            Element::Float32 => {
                let values = bytes.as_chunks().0.iter();
                out.iter_mut().zip(values).for_each(|(out, value)| *out = f32::from_le_bytes(*value));
            }
            Element::Float16 => {
                let values = bytes.as_chunks().0.iter();
                out.iter_mut()
                    .zip(values)
                    .for_each(|(out, value)| *out = f16::from_le_bytes(*value).to_f32());
            }
            Element::Int8 => {
                out.iter_mut().zip(bytes).for_each(|(out, value)| *out = f32::from(value.cast_signed()));
            }
        }
    }
}

/// Reads bytes at a position of a file, and leaves the file's own position alone.
#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

/// Reads bytes at a position of a file. The file's own position changes, but nobody uses it.
#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut at: u64) -> std::io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !into.is_empty() {
        match file.seek_read(into, at)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => (into, at) = (&mut into[n..], at + n as u64),
        }
    }
    Ok(())
}
