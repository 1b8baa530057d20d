//! Checks the sizes that the pages of a Parquet file claim in their headers, before any page is
//! unpacked. The library allocates as much memory as a page claims. If a header cannot be read, the
//! library refuses the file later.
//!
//! - A page may claim at most 16 MiB, or 400 times its size in the file if that is more.
//! - All pages together may claim 64 MiB, or 400 times the length of the file if that is more.
//! - The number of values is limited too, because nulls and repeated values take no bytes. A list
//!   of millions of nulls fits into 1 KB.
//!
//! The sizes in the file's footer are not used, because some writers set them to 0.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use crate::error::InputProblem;
use crate::lines::LINE_LIMIT;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// The largest depth of nested structures in a header. The format itself uses three levels.
const DEEPEST: usize = 8;

/// The memory, in bytes, that even an empty row needs while it is read, checked, and perhaps stored
/// as a skipped row.
const ROW_COST: u64 = 64;
/// The memory, in bytes, for a value in a column without lists.
const VALUE_COST: u64 = 8;
/// The memory, in bytes, for a value in a list or a map. It is larger, because all values of a row
/// are in memory at once, each with its type.
const REPEATED_COST: u64 = 128;

/// The memory, in bytes, for each value of the page that is being read, because the library may
/// keep the length of each text.
const OPEN_COST: u64 = 8;
/// The memory, in bytes, for an entry of a dictionary, in addition to the entry's own bytes.
const ENTRY_COST: u64 = 40;

/// For each column of a row group, a dictionary and one page are in memory at once. For all columns
/// together, they may need at most this many bytes (128 MiB), plus [`AT_ONCE_RATIO`] times the
/// length of the file.
const AT_ONCE: u64 = 128 << 20;
/// See [`AT_ONCE`].
const AT_ONCE_RATIO: u64 = 8;

/// The format's number for the encoding in which a text repeats the beginning of the previous text.
const DELTA_BYTE_ARRAY: i64 = 7;

/// The memory that the pages of a row group need.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GroupSizes {
    /// The memory for all pages and all values of the group, in bytes.
    pub(super) all: u64,
    /// The memory for the largest page of each column, summed over the columns, in bytes.
    pub(super) largest: u64,
    /// Whether the group has lists, so that the values of a row may be on several pages.
    pub(super) has_lists: bool,
    /// Whether a column has the encoding in which texts repeat beginnings. Then each of many texts
    /// may be nearly as long as its page.
    pub(super) repeats_texts: bool,
}

/// Checks the sizes of all pages of a file. Returns the sizes of each row group.
///
/// # Errors
/// A page, a row group or the whole file would need far more memory than its size allows, or the
/// file cannot be read.
pub(super) fn check(file: &File, metadata: &ParquetMetaData) -> Result<Vec<GroupSizes>, InputProblem> {
    let unreadable = |error: Error| InputProblem::BrokenParquet { detail: error.to_string() };
    let length = file.metadata().map_err(unreadable)?.len();
    let (mut unpacked, mut rows_cost) = (0_u64, 0_u64);
    let mut groups = Vec::new();
    for group in metadata.row_groups() {
        let (mut rows, mut found, mut open) = (0, GroupSizes::default(), 0_u64);
        for chunk in group.columns() {
            let sizes = of_chunk(file, chunk)?;
            let repeats = chunk.column_descr().max_rep_level() > 0;
            rows = if repeats { rows } else { sizes.values.max(rows) };
            let cost = sizes.values.saturating_mul(if repeats { REPEATED_COST } else { VALUE_COST });
            (unpacked, rows_cost) = (unpacked.saturating_add(sizes.unpacked), rows_cost.saturating_add(cost));
            found.all = found.all.saturating_add(sizes.unpacked).saturating_add(cost);
            found.largest = found.largest.saturating_add(sizes.largest);
            found.has_lists |= repeats;
            found.repeats_texts |= sizes.repeats_texts;
            open = open.saturating_add(sizes.dictionary).saturating_add(sizes.largest);
        }
        rows_cost = rows_cost.saturating_add(rows.saturating_mul(ROW_COST));
        if open > length.saturating_mul(AT_ONCE_RATIO).saturating_add(AT_ONCE) {
            let detail = "the pages of a row group claim far more memory than the file has bytes".to_owned();
            return Err(InputProblem::BrokenParquet { detail });
        }
        groups.push(found);
    }
    let all = unpacked.max(rows_cost);
    if all > RATIO_FROM && all / RATIO_LIMIT > length {
        return Err(InputProblem::Bomb { ratio: RATIO_LIMIT });
    }
    Ok(groups)
}

/// The sizes of the pages of one column in a row group.
#[derive(Default)]
struct Sizes {
    /// The total size of all pages after unpacking, in bytes.
    unpacked: u64,
    /// The number of values, including nulls.
    values: u64,
    /// The memory for the largest page of values, in bytes.
    largest: u64,
    /// The memory for the largest dictionary, in bytes.
    dictionary: u64,
    /// Whether a page has the encoding in which texts repeat beginnings.
    repeats_texts: bool,
}

/// Returns the sizes of the pages of one column in a row group. Fails if a page claims too much.
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
        if page.is_dictionary {
            let entries = page.values.saturating_mul(ENTRY_COST);
            sizes.dictionary = sizes.dictionary.max(entries.saturating_add(page.unpacked));
        } else {
            let open = page.values.saturating_mul(OPEN_COST).saturating_add(page.unpacked);
            sizes.largest = sizes.largest.max(open);
            sizes.values = sizes.values.saturating_add(page.values);
            sizes.repeats_texts |= page.encoding == DELTA_BYTE_ARRAY;
        }
        at = at.saturating_add(page.header).saturating_add(page.packed);
    }
    Ok(sizes)
}

/// The header of a page.
struct Page {
    /// The size of the header itself, in bytes.
    header: u64,
    /// The size of the page in the file, in bytes.
    packed: u64,
    /// The size of the page after unpacking, in bytes.
    unpacked: u64,
    /// The number of values or, in a dictionary, of entries.
    values: u64,
    /// The format's number for the encoding of the values.
    encoding: i64,
    /// Whether the page is a dictionary.
    is_dictionary: bool,
}

/// Reads the header of the page that begins at byte `at` of the file.
fn page(mut file: &File, at: u64) -> std::io::Result<Page> {
    file.seek(SeekFrom::Start(at))?;
    let mut header = Header { source: BufReader::with_capacity(256, file), read: 0 };
    let found = header.sizes()?;
    let size = |size: i64| u64::try_from(size).map_err(|_| damaged("a page has a size below 0"));
    Ok(Page {
        packed: size(found.packed)?,
        unpacked: size(found.unpacked)?,
        values: size(found.values)?,
        encoding: found.encoding,
        is_dictionary: found.is_dictionary,
        header: header.read,
    })
}

/// Returns the error for a damaged header.
fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}

/// Reads the header of a page and counts its bytes. The header is a structure `PageHeader` (in the
/// format's parquet.thrift), in Thrift's compact protocol. Its fields 2 and 3 are the sizes. One of
/// its fields 5, 7 and 8, according to the kind of page, is a structure whose field 1 is the number
/// of values.
struct Header<R> {
    source: R,
    /// The number of bytes that were read.
    read: u64,
}

/// The fields of a page's header that are used.
#[derive(Default)]
struct Said {
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    is_dictionary: bool,
}

impl<R: Read> Header<R> {
    /// Reads the header of a page and returns the fields that the limits need. If the header states
    /// the number of values several times, the largest number is returned.
    fn sizes(&mut self) -> std::io::Result<Said> {
        let (mut unpacked, mut packed, mut said) = (None, None, Said::default());
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, 5) => unpacked = Some(self.signed()?),
                (3, 5) => packed = Some(self.signed()?),
                // The encoding is field 2 for a dictionary and for a page of version 1, and field 4
                // for a page of version 2.
                (5 | 7 | 8, 12) => {
                    let (values, encoding) = self.numbers(if field == 8 { 4 } else { 2 })?;
                    said.is_dictionary |= field == 7;
                    if values >= said.values {
                        (said.values, said.encoding) = (values, encoding);
                    }
                }
                _ => self.skip(kind, DEEPEST)?,
            }
        }
        (said.unpacked, said.packed) = unpacked.zip(packed).ok_or_else(|| damaged("a page has no size"))?;
        Ok(said)
    }

    /// Reads a structure and returns the numbers in its field 1 and its field `other`; 0 for a
    /// missing field.
    fn numbers(&mut self, other: i64) -> std::io::Result<(i64, i64)> {
        let (mut first, mut second, mut field) = (0, 0, 0);
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (1, 5) => first = self.signed()?,
                (at, 5) if at == other => second = self.signed()?,
                _ => self.skip(kind, DEEPEST - 1)?,
            }
        }
        Ok((first, second))
    }

    /// Returns the type of the next field and stores the field's number in `number`; `None` at the
    /// end of the structure.
    fn field(&mut self, number: &mut i64) -> std::io::Result<Option<u8>> {
        let byte = self.byte()?;
        // The upper four bits are the difference from the number of the previous field. If they are
        // 0, the field's number follows.
        let (step, kind) = (byte >> 4, byte & 0x0f);
        if kind == 0 {
            return Ok(None);
        }
        *number = if step == 0 { self.signed()? } else { number.saturating_add(i64::from(step)) };
        Ok(Some(kind))
    }

    /// Reads a byte.
    fn byte(&mut self) -> std::io::Result<u8> {
        let mut byte = [0];
        self.source.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    /// Reads a number that is stored with seven bits in each byte, the lowest bits first.
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

    /// Reads a number with a sign. The lowest bit holds the sign (zigzag encoding).
    fn signed(&mut self) -> std::io::Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Skips this many bytes.
    fn bytes(&mut self, count: u64) -> std::io::Result<()> {
        let passed = std::io::copy(&mut self.source.by_ref().take(count), &mut std::io::sink())?;
        self.read += passed;
        if passed == count { Ok(()) } else { Err(damaged("a page's header ends early")) }
    }

    /// Skips a value. `kind` is the number of its type in the protocol. Fails if the value contains
    /// structures that are nested more than `deepest` levels deep.
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
                // A boolean in a list takes one byte. As a field of a structure, it takes none,
                // because it is part of the field's type.
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
