//! What a Parquet file says of its own sizes, before anything is unpacked: a page's header says how much memory to make ready for
//! it, and the library believes it. A page may claim 16 MiB, or 400 times what it has in the file, and all pages together what the limit
//! for every compressed file allows. What the footer says of sizes is not asked: some writers leave it at 0.
//!
//! Headers are in Thrift's compact protocol; the sizes are fields 2 and 3 (`PageHeader` in the format's parquet.thrift). Nothing else of
//! them is looked at, and a header that cannot be read is left to the library to refuse.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use crate::error::InputProblem;
use crate::lines::LINE_LIMIT;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// Structures in structures in a header; the format has three.
const DEEPEST: usize = 8;

/// Checks the sizes of all pages of a file.
///
/// # Errors
/// A page, or all of them, would unpack to far more than is there.
pub(super) fn check(file: &File, metadata: &ParquetMetaData) -> Result<(), InputProblem> {
    let unreadable = |error: Error| InputProblem::BrokenParquet { detail: error.to_string() };
    let length = file.metadata().map_err(unreadable)?.len();
    let mut all: u64 = 0;
    for chunk in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        let (start, length) = chunk.byte_range();
        let (mut at, end) = (start, start.saturating_add(length));
        while at < end {
            let Ok(page) = page(file, at) else { break };
            if page.unpacked > (LINE_LIMIT as u64).max(page.packed.saturating_mul(RATIO_LIMIT)) {
                let detail = "a page claims far more memory than it has in the file".to_owned();
                return Err(InputProblem::BrokenParquet { detail });
            }
            all = all.saturating_add(page.unpacked);
            at = at.saturating_add(page.header).saturating_add(page.packed);
        }
    }
    if all > RATIO_FROM && all / RATIO_LIMIT > length {
        return Err(InputProblem::Bomb { ratio: RATIO_LIMIT });
    }
    Ok(())
}

/// The sizes of a page in bytes.
struct Page {
    header: u64,
    packed: u64,
    unpacked: u64,
}

fn page(mut file: &File, at: u64) -> std::io::Result<Page> {
    file.seek(SeekFrom::Start(at))?;
    let mut header = Header { source: BufReader::with_capacity(256, file), read: 0 };
    let (unpacked, packed) = header.sizes()?;
    let size = |size: i64| u64::try_from(size).map_err(|_| damaged("a page has a size below 0"));
    Ok(Page { packed: size(packed)?, unpacked: size(unpacked)?, header: header.read })
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
