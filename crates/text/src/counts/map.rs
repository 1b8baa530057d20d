//! The only file with an `unsafe` block: files as bytes, and a chunk of the feature file as slices
//! of numbers.
//!
//! On a big-endian machine, where the bytes of the file are not the machine's numbers, a chunk is
//! read and decoded instead.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use memmap2::{Mmap, MmapOptions};

use super::MemoryChunk;
use crate::entry::Entry;

/// The payload of a chunk: the starts of its rows, then its entries.
#[derive(Debug)]
pub(super) struct Mapped {
    n_starts: usize,
    n_entries: usize,
    payload: Payload,
}

#[derive(Debug)]
enum Payload {
    Mapped(Mmap),
    Decoded(MemoryChunk),
}

impl Mapped {
    /// Maps the payload of a chunk, or decodes it on a big-endian machine. `payload` is its offset
    /// in the file, a multiple of 4.
    pub(super) fn open(file: &File, payload: u64, n_documents: usize, n_entries: usize) -> io::Result<Self> {
        let n_starts = n_documents + 1;
        let payload = if cfg!(target_endian = "little") {
            Payload::Mapped(map(file, payload, 4 * (n_starts + n_entries))?)
        } else {
            Payload::Decoded(decode(file, payload, n_starts, n_entries)?)
        };
        Ok(Self { n_starts, n_entries, payload })
    }

    /// Returns the index of the entry at which each row begins, and then the end of the last row. A
    /// map begins at a page, and each part of a chunk at a multiple of 4 bytes, so the numbers are
    /// aligned.
    #[inline]
    pub(super) fn starts(&self) -> &[u32] {
        match &self.payload {
            Payload::Mapped(map) => bytemuck::cast_slice(&map[..4 * self.n_starts]),
            Payload::Decoded(chunk) => &chunk.starts,
        }
    }

    /// Returns the entries of all rows, one row after the other.
    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.payload {
            Payload::Mapped(map) => {
                bytemuck::cast_slice(&map[4 * self.n_starts..4 * (self.n_starts + self.n_entries)])
            }
            Payload::Decoded(chunk) => &chunk.entries,
        }
    }
}

/// Maps `length` bytes of the file, starting at `offset`, into memory.
#[expect(unsafe_code, reason = "a file cannot be mapped without it")]
pub(crate) fn map(file: &File, offset: u64, length: usize) -> io::Result<Mmap> {
    // The system would map bytes beyond the end of a file, but reading them would kill the
    // process.
    if file.metadata()?.len() < offset + length as u64 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // SAFETY: the bytes do not change and do not go away while they are mapped. This crate only
    // ever appends to a feature file, past the chunks that anybody maps; it replaces a feature file
    // or a cache only by renaming another over it, which leaves the mapped one as it was; and it
    // never writes a table of embeddings. Another program that shortens or overwrites a mapped file
    // is outside of what the type system can hold off, as with every map.
    unsafe { MmapOptions::new().offset(offset).len(length).map(file) }
}

/// Reads and decodes the payload of a chunk, on machines whose byte order forbids mapping it.
fn decode(mut file: &File, payload: u64, n_starts: usize, n_entries: usize) -> io::Result<MemoryChunk> {
    let mut bytes = vec![0; 4 * (n_starts + n_entries)];
    file.seek(SeekFrom::Start(payload))?;
    file.read_exact(&mut bytes)?;
    let numbers = bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four));
    Ok(MemoryChunk {
        starts: numbers.clone().take(n_starts).collect(),
        entries: numbers.skip(n_starts).map(Entry::from_bits).collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn mapped_and_decoded_are_the_same() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"skip").unwrap();
        for number in [0_u32, 1, 3, 0x0a01, 0x0b02, u32::MAX] {
            file.write_all(&number.to_le_bytes()).unwrap();
        }
        let decoded = decode(&file, 4, 3, 3).unwrap();
        assert_eq!(decoded.starts, [0, 1, 3]);
        assert_eq!(decoded.entries, [Entry::new(10, 1), Entry::new(11, 2), Entry::new(0x00ff_ffff, 255)]);
        let mapped = Mapped::open(&file, 4, 2, 3).unwrap();
        assert_eq!((mapped.starts(), mapped.entries()), (&decoded.starts[..], &decoded.entries[..]));
        assert!(Mapped::open(&file, 4, 2, 4).is_err());
        let decoded = Mapped { n_starts: 3, n_entries: 3, payload: Payload::Decoded(decoded) };
        assert_eq!((mapped.starts(), mapped.entries()), (decoded.starts(), decoded.entries()));
    }
}
