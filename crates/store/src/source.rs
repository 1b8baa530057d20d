//! Reads a file or standard input as UTF-8 text: decompresses it and decodes other encodings.
//!
//! The first bytes of a file, not its name, tell whether it is compressed with gzip or zstd.
//!
//! A decompression bomb is a small file that unpacks to an enormous one. Against such files,
//! unpacked data that is longer than [`RATIO_FROM`] bytes must be at most [`RATIO_LIMIT`] times as
//! long as its compressed form.
//!
//! The hash is the hash of the uncompressed bytes. So a file is recognized later even if it is then
//! compressed in another way.

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

/// The largest allowed ratio of the uncompressed size to the compressed size. Ordinary texts have
/// ratios up to 30; a file that repeats one row reaches 1,000.
pub const RATIO_LIMIT: u64 = 400;
/// Up to this many uncompressed bytes (64 MiB), the ratio is not checked, because so few bytes do
/// no harm.
pub const RATIO_FROM: u64 = 64 << 20;

/// Compressed formats that Querist cannot read: the first bytes of such a file, and the format's
/// name.
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

/// A file that is read as UTF-8 text, through [`Read`] and [`BufRead`]. [`Source::fault`] turns an
/// error of these traits into an [`InputError`].
pub struct Source {
    file: String,
    packing: Packing,
    reader: BufReader<Unpacked>,
}

/// The stages behind a [`Source`]: decompresses bytes, stops at a decompression bomb, hashes the
/// bytes, and decodes them.
struct Unpacked {
    from: Box<dyn Read + Send>,
    /// How many bytes of the compressed file were read; `None` if the file is not compressed.
    packed: Option<Arc<AtomicU64>>,
    bytes: u64,
    hash: blake3::Hasher,
    decoding: Option<Decoding>,
    /// Whether the first bytes were checked for a byte-order mark.
    begun: bool,
}

/// A reader that counts the bytes that pass through it.
pub(crate) struct Counted<R> {
    from: R,
    count: Arc<AtomicU64>,
}

impl Source {
    /// Opens the file with the name `file`, or standard input if the name is `-`. `encoding` is the
    /// encoding of its text.
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

    /// Opens a stream like [`Self::of_stream`], but returns a failure as an [`std::io::Error`].
    ///
    /// # Errors
    /// The errors of [`Self::of_stream`].
    pub fn of(file: &str, plain: Box<dyn Read + Send>, encoding: Encoding) -> std::io::Result<Self> {
        let count = Arc::new(AtomicU64::new(0));
        let (from, packing) = unpacking(Counted::new(plain, Arc::clone(&count)))?;
        Ok(Self::unpacked(file, from, packing, (packing != Packing::None).then_some(count), encoding))
    }

    /// Opens a file inside an archive; the file itself may be compressed too. `packed` must count
    /// the compressed bytes that `from` has read from the archive.
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

    /// Returns a source that reads `from`, a stream that is decompressed already. `packed` counts
    /// the compressed bytes, if there are any.
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

    /// Returns the first bytes of the text without consuming them, as many as one read returns. The
    /// result is empty only if the file is empty.
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

    /// Returns the BLAKE3 hash of the uncompressed content, in hexadecimal. Call this only after
    /// the file was read to its end.
    pub fn hash(&self) -> String {
        self.reader.get_ref().hash.finalize().to_hex().to_string()
    }

    /// Returns the error for a read that failed at `place`. If the decoder met a malformed
    /// character, the error names the line of that character instead of `place`: the decoder works
    /// ahead of the reader.
    pub fn fault(&self, error: &std::io::Error, place: Option<Place>) -> InputError {
        let place = faults::line(error).map(Place::Line).or(place);
        InputError { file: self.file.clone(), place, problem: faults::problem(error, self.packing) }
    }
}

/// Returns a reader that decompresses `from`. If the first bytes do not show a compressed format,
/// the reader returns the content as it is. Also returns the compression that was found.
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
    /// Reads uncompressed bytes that are not decoded yet. Hashes them and compares their number
    /// with the limits.
    fn read_raw(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.from.read(into)?;
        // The hash covers the content as it is before decoding.
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
    /// Returns a reader that adds to `count` the number of bytes that it reads.
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
