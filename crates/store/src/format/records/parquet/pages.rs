//! What a Parquet file says of its own sizes, before anything is unpacked: a page's header says how much memory to make ready for
//! it, and the library believes it. A page may claim 16 MiB, or 400 times what it has in the file, and all pages together what the limit
//! for every compressed file allows. What the footer says of sizes is not asked: some writers leave it at 0.
//!
//! Values that are nothing or repeat need no bytes in a page, and memory once they are read: a list of millions of nulls fits into
//! 1 KB. So a page's values count too, by what a row makes of them.
//!
//! Headers are in Thrift's compact protocol; the sizes are fields 2 and 3 (`PageHeader` in the format's parquet.thrift), and the number of
//! values is the first field of 5 or 8, by the kind of the page. Nothing else of them is looked at, and a header that cannot be read is
//! left to the library to refuse.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use crate::error::InputProblem;
use crate::lines::LINE_LIMIT;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// Structures in structures in a header; the format has three.
const DEEPEST: usize = 8;

/// What a row costs at the least, in bytes: it is read, checked, and perhaps written down as rejected.
const ROW_COST: u64 = 64;
/// What a value costs that a row has once.
const VALUE_COST: u64 = 8;
/// What a value costs that a row may have many times, in a list or a map: all of them are in memory at once, each with its kind.
const REPEATED_COST: u64 = 128;

/// Checks the sizes of all pages of a file.
///
/// # Errors
/// A page, or all of them, would unpack to far more than is there.
pub(super) fn check(file: &File, metadata: &ParquetMetaData) -> Result<(), InputProblem> {
    let unreadable = |error: Error| InputProblem::BrokenParquet { detail: error.to_string() };
    let length = file.metadata().map_err(unreadable)?.len();
    let (mut unpacked, mut rows_cost) = (0_u64, 0_u64);
    for group in metadata.row_groups() {
        let mut rows = 0;
        for chunk in group.columns() {
            let sizes = of_chunk(file, chunk)?;
            let repeats = chunk.column_descr().max_rep_level() > 0;
            rows = if repeats { rows } else { sizes.values.max(rows) };
            let cost = sizes.values.saturating_mul(if repeats { REPEATED_COST } else { VALUE_COST });
            (unpacked, rows_cost) = (unpacked.saturating_add(sizes.unpacked), rows_cost.saturating_add(cost));
        }
        rows_cost = rows_cost.saturating_add(rows.saturating_mul(ROW_COST));
    }
    let all = unpacked.max(rows_cost);
    if all > RATIO_FROM && all / RATIO_LIMIT > length {
        return Err(InputProblem::Bomb { ratio: RATIO_LIMIT });
    }
    Ok(())
}

/// What the pages of a column of a row group come to.
#[derive(Default)]
struct Sizes {
    unpacked: u64,
    values: u64,
}

fn of_chunk(file: &File, chunk: &ColumnChunkMetaData) -> Result<Sizes, InputProblem> {
    let mut sizes = Sizes::default();
    let (start, length) = chunk.byte_range();
    let (mut at, end) = (start, start.saturating_add(length));
    while at < end {
        let Ok(page) = page(file, at) else { break };
        if page.unpacked > (LINE_LIMIT as u64).max(page.packed.saturating_mul(RATIO_LIMIT)) {
            let detail = "a page claims far more memory than it has in the file".to_owned();
            return Err(InputProblem::BrokenParquet { detail });
        }
        sizes.unpacked = sizes.unpacked.saturating_add(page.unpacked);
        sizes.values = sizes.values.saturating_add(page.values);
        at = at.saturating_add(page.header).saturating_add(page.packed);
    }
    Ok(sizes)
}

/// The sizes of a page in bytes, and how many values it has; a dictionary has none of its own.
struct Page {
    header: u64,
    packed: u64,
    unpacked: u64,
    values: u64,
}

fn page(mut file: &File, at: u64) -> std::io::Result<Page> {
    file.seek(SeekFrom::Start(at))?;
    let mut header = Header { source: BufReader::with_capacity(256, file), read: 0 };
    let (unpacked, packed, values) = header.sizes()?;
    let size = |size: i64| u64::try_from(size).map_err(|_| damaged("a page has a size below 0"));
    let (packed, unpacked, values) = (size(packed)?, size(unpacked)?, size(values)?);
    Ok(Page { packed, unpacked, values, header: header.read })
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
    /// The sizes of the page, unpacked and as it stands, and how many values it has.
    fn sizes(&mut self) -> std::io::Result<(i64, i64, i64)> {
        let (mut unpacked, mut packed, mut values) = (None, None, 0);
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, 5) => unpacked = Some(self.signed()?),
                (3, 5) => packed = Some(self.signed()?),
                (5 | 8, 12) => values = self.first_number()?,
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        let (unpacked, packed) = unpacked.zip(packed).ok_or_else(|| damaged("a page has no size"))?;
        Ok((unpacked, packed, values))
    }

    /// Passes over a structure. Gives its field 1, a number, or 0 if it has none.
    fn first_number(&mut self) -> std::io::Result<i64> {
        let (mut first, mut field) = (0, 0);
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (1, 5) => first = self.signed()?,
                _ => self.skip(kind, DEEPEST - 1)?,
            }
        }
        Ok(first)
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
