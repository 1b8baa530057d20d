//! Reads the bytes of a file in the form that text readers need: from disk or standard input,
//! decompressed, and decoded to UTF-8.
//!
//! Gzip and zstd are recognized by their first bytes, not by the file's name. From [`RATIO_FROM`]
//! bytes on, data must not unpack to more than [`RATIO_LIMIT`] times its size, so a decompression
//! bomb soon ends with an error. At the end, the hash of the uncompressed bytes is known, so a file
//! is recognized again even if it is then compressed in another way.

mod decoding;
mod faults;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use self::decoding::Decoding;
pub use self::decoding::Encoding;
use self::faults::{Cause, Packing};
use crate::error::{InputError, InputProblem, Place};
use crate::os_name::path_of;

/// The largest allowed ratio of uncompressed to compressed size. Ordinary texts reach 30; a file
/// that repeats one row reaches 1,000.
pub const RATIO_LIMIT: u64 = 400;
/// How many uncompressed bytes are allowed whatever their ratio, because so few do no harm.
pub const RATIO_FROM: u64 = 64 << 20;

/// The first bytes of compressed formats that cannot be read, with the formats' names.
const UNREAD: [(&[u8], &str); 6] = [
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\x1f\x9d", "compress (.Z)"),
];

/// How many bytes are read from the file at once.
const BLOCK: usize = 1 << 16;

/// The text of a file, as UTF-8, through [`Read`] and [`BufRead`]. [`Source::fault`] turns their
/// errors into an [`InputError`].
pub struct Source {
    file: String,
    packing: Packing,
    reader: BufReader<Unpacked>,
}

/// Reads uncompressed bytes, compares their number with the limit, hashes them, and decodes them.
struct Unpacked {
    from: Box<dyn Read + Send>,
    /// How many bytes of the compressed file were read; `None` if the file is not compressed.
    packed: Option<Arc<AtomicU64>>,
    bytes: u64,
    hash: blake3::Hasher,
    decoding: Option<Decoding>,
    /// Whether the first bytes were examined, which may be a byte-order mark.
    begun: bool,
}

/// A reader that counts the bytes that pass through it.
pub(crate) struct Counted<R> {
    from: R,
    count: Arc<AtomicU64>,
}

impl Source {
    /// Opens a file, or standard input for `-`, whose text has this encoding.
    ///
    /// # Errors
    /// The file cannot be opened, or is a folder.
    pub fn open(file: &str, encoding: Encoding) -> Result<Self, InputError> {
        let unreadable = |error: std::io::Error| {
            InputError::of_file(file, InputProblem::Unreadable { detail: error.to_string() })
        };
        let plain: Box<dyn Read + Send> = if file == "-" {
            Box::new(std::io::stdin())
        } else {
            let path = path_of(file);
            if path.is_dir() {
                return Err(InputError::of_file(file, InputProblem::Folder));
            }
            Box::new(File::open(path).map_err(unreadable)?)
        };
        Self::of_stream(file, plain, encoding)
    }

    /// Opens a stream; `file` is its name in messages.
    ///
    /// # Errors
    /// The first bytes cannot be read, or their compression is not supported.
    pub fn of_stream(
        file: &str,
        plain: Box<dyn Read + Send>,
        encoding: Encoding,
    ) -> Result<Self, InputError> {
        Self::of(file, plain, encoding)
            .map_err(|error| InputError::of_file(file, faults::problem(&error, Packing::None)))
    }

    /// Does the same as [`Self::of_stream`], but returns the system's error.
    ///
    /// # Errors
    /// The errors of [`Self::of_stream`].
    pub fn of(file: &str, plain: Box<dyn Read + Send>, encoding: Encoding) -> std::io::Result<Self> {
        let count = Arc::new(AtomicU64::new(0));
        let (from, packing) = unpacking(Counted::new(plain, Arc::clone(&count)))?;
        Ok(Self::unpacked(file, from, packing, (packing != Packing::None).then_some(count), encoding))
    }

    /// Opens a file of an archive, which may be compressed once more. `packed` counts the bytes of
    /// the file that were read from the archive.
    ///
    /// # Errors
    /// The first bytes cannot be read, or their compression is not supported.
    #[cfg(feature = "zip")]
    pub(crate) fn of_member(
        file: &str,
        from: Box<dyn Read + Send>,
        packed: Arc<AtomicU64>,
        encoding: Encoding,
    ) -> Result<Self, InputError> {
        let (from, packing) = unpacking(from)
            .map_err(|error| InputError::of_file(file, faults::problem(&error, Packing::Zip)))?;
        let packing = if packing == Packing::None { Packing::Zip } else { packing };
        Ok(Self::unpacked(file, from, packing, Some(packed), encoding))
    }

    fn unpacked(
        file: &str,
        from: Box<dyn Read + Send>,
        packing: Packing,
        packed: Option<Arc<AtomicU64>>,
        encoding: Encoding,
    ) -> Self {
        let hash = blake3::Hasher::new();
        let unpacked = Unpacked { from, packed, bytes: 0, hash, decoding: encoding.decoding(), begun: false };
        Self { file: file.to_owned(), packing, reader: BufReader::with_capacity(BLOCK, unpacked) }
    }

    /// Returns the name of the file, as the user wrote it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the bytes that were read from the file but not consumed yet.
    pub(crate) fn at_hand(&self) -> &[u8] {
        self.reader.buffer()
    }

    /// Returns the first bytes of the text without consuming them: as many as one read returns, and
    /// none only if the file is empty.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn first_bytes(&mut self) -> Result<&[u8], InputError> {
        // `fill_buf` is not returned directly, because the borrow checker would extend its borrow
        // to the error case.
        if let Err(error) = self.reader.fill_buf() {
            return Err(self.fault(&error, None));
        }
        Ok(self.reader.buffer())
    }

    /// Returns the BLAKE3 hash of the uncompressed content, in hexadecimal. Complete only after the
    /// file was read to its end.
    pub fn hash(&self) -> String {
        self.reader.get_ref().hash.finalize().to_hex().to_string()
    }

    /// Returns the error for a read that failed at `place`. If a character is malformed, the error
    /// names the decoder's line instead, because the reader has not reached that line yet.
    pub fn fault(&self, error: &std::io::Error, place: Option<Place>) -> InputError {
        let place = faults::line(error).map(Place::Line).or(place);
        InputError { file: self.file.clone(), place, problem: faults::problem(error, self.packing) }
    }
}

/// Returns a reader that decompresses `from` if its first bytes say that it is compressed.
fn unpacking(from: impl Read + Send + 'static) -> std::io::Result<(Box<dyn Read + Send>, Packing)> {
    let mut plain = BufReader::with_capacity(BLOCK, from);
    let first = plain.fill_buf()?;
    if let Some((_, name)) = UNREAD.iter().find(|(magic, _)| first.starts_with(magic)) {
        return Err(Cause::Compression { name }.into());
    }
    Ok(if first.starts_with(&[0x1f, 0x8b]) {
        (Box::new(MultiGzDecoder::new(plain)), Packing::Gzip)
    } else if first.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        (Box::new(zstd::stream::read::Decoder::with_buffer(plain)?), Packing::Zstd)
    } else {
        (Box::new(plain), Packing::None)
    })
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.reader.read(into)
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
    }
}

impl Unpacked {
    /// Reads uncompressed bytes before decoding, hashes them, and checks the limit.
    fn read_raw(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.from.read(into)?;
        // The hash is computed here because it is the hash of the content before decoding.
        self.hash.update(&into[..length]);
        self.bytes += length as u64;
        if let Some(packed) = &self.packed
            && self.bytes > RATIO_FROM
            && self.bytes / RATIO_LIMIT > packed.load(Ordering::Relaxed)
        {
            return Err(Cause::Bomb.into());
        }
        Ok(length)
    }
}

impl Unpacked {
    /// Reads the first bytes of a file that should be UTF-8. If they begin with the byte-order mark
    /// of another encoding, sets up its decoding.
    fn begin(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.begun = true;
        let mut length = self.read_raw(into)?;
        // A byte-order mark has two bytes, and a pipe may return them one at a time.
        while length == 1 && into.len() > 1 && matches!(into[0], 0xfe | 0xff) {
            match self.read_raw(&mut into[length..])? {
                0 => break,
                more => length += more,
            }
        }
        if let Some(encoding) = decoding::wide(&into[..length]) {
            return Err(Cause::Wide { encoding }.into());
        }
        self.decoding = decoding::by_mark(&into[..length]);
        if self.decoding.is_some() { self.read(into) } else { Ok(length) }
    }
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.decoding.take() {
            None if !self.begun => self.begin(into),
            None => self.read_raw(into),
            Some(mut decoding) => {
                let result = decoding.read(into, |raw| self.read_raw(raw));
                self.decoding = Some(decoding);
                result
            }
        }
    }
}

impl<R: Read> Counted<R> {
    /// Returns a reader that counts the bytes that it reads in `count`.
    pub(crate) fn new(from: R, count: Arc<AtomicU64>) -> Self {
        Self { from, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.from.read(into)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
