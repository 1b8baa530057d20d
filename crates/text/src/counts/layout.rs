//! The bytes of the feature file.
//!
//! Numbers are little-endian, and everything begins at a multiple of 4 bytes. The file has a header
//! of 64 bytes, then chunks, each right after the previous one, to the end of the file.
//! `FileHeader` and `ChunkHeader` list the bytes.
//!
//! The checksums find accidents (torn writes, bad disks), not forgeries.

use twox_hash::XxHash3_64;

use super::{Counter, MemoryChunk};

/// The version of the layout. It must also change if the meaning of a column changes and the
/// counter's fingerprint does not.
const VERSION: u32 = 1;

const FILE_MAGIC: &[u8; 8] = b"QCOUNTS\n";
const CHUNK_MAGIC: &[u8; 8] = b"QCHUNK \n";

/// The length of the file's header, in bytes.
pub(super) const FILE_HEADER: usize = 64;

/// The length of a chunk's header, in bytes.
pub(super) const CHUNK_HEADER: usize = 80;

/// The header of the file. A file is used only if its header is equal to the expected one.
///
/// | bytes | what |
/// |---|---|
/// | 0..8 | `QCOUNTS\n` |
/// | 8..12 | version of the layout, u32: 1 |
/// | 12..16 | number of columns, u32 |
/// | 16..48 | BLAKE3 of the fingerprint of the counter |
/// | 48..56 | 0 |
/// | 56..64 | XXH3-64 of bytes 0..56, u64 |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileHeader {
    pub(super) n_columns: u32,
    fingerprint: [u8; 32],
}

impl FileHeader {
    /// Returns the header of a file with rows of this counter.
    pub(super) fn of(counter: &dyn Counter) -> Self {
        Self {
            n_columns: counter.n_columns() as u32,
            fingerprint: *blake3::hash(counter.fingerprint().as_bytes()).as_bytes(),
        }
    }

    pub(super) fn to_bytes(self) -> [u8; FILE_HEADER] {
        let mut bytes = [0; FILE_HEADER];
        bytes[..8].copy_from_slice(FILE_MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.n_columns.to_le_bytes());
        bytes[16..48].copy_from_slice(&self.fingerprint);
        let checksum = checksum(&bytes[..56]);
        bytes[56..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }
}

/// The header of a chunk of n documents with m entries. The payload follows the header.
///
/// | bytes | what |
/// |---|---|
/// | 0..8 | `QCHUNK \n` |
/// | 8..16 | place of its first document in the corpus, u64: where the chunk before it ended |
/// | 16..24 | n, u64, at least 1 |
/// | 24..32 | m, u64 |
/// | 32..64 | digest of its documents, as `Corpus::digests` returns it |
/// | 64..72 | XXH3-64 of bytes 80..84 + 4n + 4m, u64 |
/// | 72..80 | XXH3-64 of bytes 0..72, u64 |
/// | 80..84 + 4n | n + 1 places where the rows begin among the entries, u32: first 0, last m |
/// | 84 + 4n..84 + 4n + 4m | m entries, u32: column in the upper 24 bits, count in the lower 8 |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkHeader {
    pub(super) first: u64,
    pub(super) n_documents: u64,
    pub(super) n_entries: u64,
    pub(super) digest: [u8; 32],
    pub(super) checksum: u64,
}

impl ChunkHeader {
    fn to_bytes(self) -> [u8; CHUNK_HEADER] {
        let mut bytes = [0; CHUNK_HEADER];
        bytes[..8].copy_from_slice(CHUNK_MAGIC);
        bytes[8..16].copy_from_slice(&self.first.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.n_documents.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.n_entries.to_le_bytes());
        bytes[32..64].copy_from_slice(&self.digest);
        bytes[64..72].copy_from_slice(&self.checksum.to_le_bytes());
        let checksum = checksum(&bytes[..72]);
        bytes[72..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Decodes the header of a chunk; `None` if the bytes are not a valid header.
    pub(super) fn from_bytes(bytes: &[u8; CHUNK_HEADER]) -> Option<Self> {
        let number = |place: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[place..place + 8]);
            u64::from_le_bytes(eight)
        };
        if &bytes[..8] != CHUNK_MAGIC || number(72) != checksum(&bytes[..72]) {
            return None;
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(&bytes[32..64]);
        let header = Self {
            first: number(8),
            n_documents: number(16),
            n_entries: number(24),
            digest,
            checksum: number(64),
        };
        (header.n_documents > 0).then_some(header)
    }

    /// Returns the length of the payload that follows the header, in bytes; `None` if the number
    /// overflows, which happens only for a wrong header.
    pub(super) fn payload_length(&self) -> Option<u64> {
        self.n_documents.checked_add(1)?.checked_add(self.n_entries)?.checked_mul(4)
    }
}

/// Returns the XXH3 hash (64 bits) of the bytes.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}

/// Replaces `bytes` by the bytes of a chunk, header and payload, and returns the header.
pub(super) fn encode_chunk(
    first: usize,
    chunk: &MemoryChunk,
    digest: [u8; 32],
    bytes: &mut Vec<u8>,
) -> ChunkHeader {
    bytes.clear();
    bytes.resize(CHUNK_HEADER + 4 * (chunk.starts.len() + chunk.entries.len()), 0);
    let (head, payload) = bytes.split_at_mut(CHUNK_HEADER);
    let (starts, entries) = payload.split_at_mut(4 * chunk.starts.len());
    for (slot, start) in starts.as_chunks_mut::<4>().0.iter_mut().zip(&chunk.starts) {
        *slot = start.to_le_bytes();
    }
    for (slot, entry) in entries.as_chunks_mut::<4>().0.iter_mut().zip(&chunk.entries) {
        *slot = entry.bits().to_le_bytes();
    }
    let header = ChunkHeader {
        first: first as u64,
        n_documents: chunk.n_documents() as u64,
        n_entries: chunk.entries.len() as u64,
        digest,
        checksum: checksum(payload),
    };
    head.copy_from_slice(&header.to_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;

    #[test]
    fn a_chunk_byte_by_byte() {
        let chunk = MemoryChunk { starts: vec![0, 1, 1], entries: vec![Entry::new(0x01_02_03, 4)] };
        let mut bytes = vec![];
        let header = encode_chunk(7, &chunk, [9; 32], &mut bytes);
        assert_eq!(bytes.len(), 80 + 12 + 4);
        assert_eq!(bytes[..32], *b"QCHUNK \n\x07\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0");
        assert_eq!(bytes[32..64], [9; 32]);
        assert_eq!(bytes[80..], [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 4, 3, 2, 1]);
        let head: [u8; CHUNK_HEADER] = bytes[..80].try_into().unwrap();
        assert_eq!(ChunkHeader::from_bytes(&head), Some(header));
        assert_eq!(header.payload_length(), Some(16));
        for place in 0..CHUNK_HEADER {
            let mut damaged = head;
            damaged[place] ^= 0x10;
            assert_eq!(ChunkHeader::from_bytes(&damaged), None, "{place}");
        }
    }

    #[test]
    fn a_file_header_byte_by_byte() {
        let bytes = FileHeader { n_columns: 0x0100_0000, fingerprint: [5; 32] }.to_bytes();
        assert_eq!(bytes[..16], *b"QCOUNTS\n\x01\0\0\0\0\0\0\x01");
        assert_eq!((&bytes[16..48], &bytes[48..56]), (&[5; 32][..], &[0; 8][..]));
    }

    #[test]
    fn lengths_that_no_file_has() {
        let header =
            ChunkHeader { first: 0, n_documents: 1, n_entries: u64::MAX, digest: [0; 32], checksum: 0 };
        assert_eq!(header.payload_length(), None);
        assert_eq!(ChunkHeader { n_entries: u64::MAX / 4, ..header }.payload_length(), None);
    }
}
