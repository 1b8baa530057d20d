//! What a Parquet file says of its own sizes, before anything is unpacked: a page's header says how much memory to make ready for
//! it, and the library believes it. A page may not be larger than its column chunk, nor all chunks together than the limit that
//! holds for every compressed file.
//!
//! Headers are in Thrift's compact protocol; the sizes are fields 2 and 3 (`PageHeader` in the format's parquet.thrift). Nothing else of
//! them is looked at.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

use crate::error::InputProblem;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// Structures in structures in a header; the format has three.
const DEEPEST: usize = 8;

/// Checks the sizes of all pages of a file.
///
/// # Errors
/// A damaged header, a page that is larger than its column chunk, or a file that unpacks to far more than it has.
pub(super) fn check(file: &File, metadata: &ParquetMetaData) -> Result<(), InputProblem> {
    let broken = |error: Error| InputProblem::BrokenParquet { detail: error.to_string() };
    let length = file.metadata().map_err(broken)?.len();
    let chunks = || metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let unpacked: u64 =
        chunks().map(|chunk| chunk.uncompressed_size().max(0).cast_unsigned()).fold(0, u64::saturating_add);
    if unpacked > RATIO_FROM && unpacked / RATIO_LIMIT > length {
        return Err(InputProblem::Bomb { ratio: RATIO_LIMIT });
    }
    chunks().try_for_each(|chunk| check_chunk(file, chunk).map_err(broken))
}

fn check_chunk(mut file: &File, chunk: &ColumnChunkMetaData) -> std::io::Result<()> {
    let (start, length) = chunk.byte_range();
    let most = chunk.uncompressed_size();
    let (mut at, end) = (start, start.saturating_add(length));
    while at < end {
        file.seek(SeekFrom::Start(at))?;
        let mut header = Header { source: BufReader::with_capacity(256, file), read: 0 };
        let (unpacked, packed) = header.sizes()?;
        if !(0..=most).contains(&unpacked) || packed < 0 {
            return Err(damaged("a page is larger than its column"));
        }
        at = at.saturating_add(header.read).saturating_add(packed.cast_unsigned());
    }
    Ok(())
}

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}

/// A page's header as it is read.
struct Header<R> {
    source: R,
    read: u64,
}

impl<R: Read> Header<R> {
    /// The sizes of the page, unpacked and as it stands.
    fn sizes(&mut self) -> std::io::Result<(i64, i64)> {
        let (mut unpacked, mut packed) = (None, None);
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, 5) => unpacked = Some(self.signed()?),
                (3, 5) => packed = Some(self.signed()?),
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        unpacked.zip(packed).ok_or_else(|| damaged("a page has no size"))
    }

    /// The kind of the next field, and its number; `None` at the end of the structure.
    fn field(&mut self, number: &mut i64) -> std::io::Result<Option<u8>> {
        let byte = self.byte()?;
        let (step, kind) = (byte >> 4, byte & 0x0f);
        if kind == 0 {
            return Ok(None);
        }
        *number = if step == 0 { self.signed()? } else { number.saturating_add(i64::from(step)) };
        Ok(Some(kind))
    }

    fn byte(&mut self) -> std::io::Result<u8> {
        let mut byte = [0];
        self.source.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    fn varint(&mut self) -> std::io::Result<u64> {
        let mut value = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(damaged("a number in a page's header does not end"))
    }

    fn signed(&mut self) -> std::io::Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn bytes(&mut self, count: u64) -> std::io::Result<()> {
        let passed = std::io::copy(&mut self.source.by_ref().take(count), &mut std::io::sink())?;
        self.read += passed;
        if passed == count { Ok(()) } else { Err(damaged("a page's header ends early")) }
    }

    /// Passes over a value.
    fn skip(&mut self, kind: u8, deepest: usize) -> std::io::Result<()> {
        let deeper = deepest.checked_sub(1).ok_or_else(|| damaged("a page's header is too deep"))?;
        match kind {
            1 | 2 => Ok(()),
            3 => self.bytes(1),
            4..=6 => self.varint().map(drop),
            7 => self.bytes(8),
            8 => {
                let length = self.varint()?;
                self.bytes(length)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                // A truth value in a list has a byte of its own.
                let kind = if matches!(head & 0x0f, 1 | 2) { 3 } else { head & 0x0f };
                (0..count).try_for_each(|_| self.skip(kind, deeper))
            }
            12 => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip(kind, deeper)?;
                }
                Ok(())
            }
            _ => Err(damaged("a page's header has an unknown kind of field")),
        }
    }
}
