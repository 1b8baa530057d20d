//! Checks the sizes that a Parquet file claims for its own pages, before any page is unpacked.
//!
//! A page's header says how much memory the page needs, and the library allocates that much. So a
//! page may claim at most 16 MiB or 400 times its size in the file, and all pages together at most
//! as much as the limit for all compressed files allows. Nulls and repeated values need memory but
//! no bytes in a page: a list of millions of nulls fits into 1 KB. So the number of values is
//! limited too. The sizes in the footer are not used, because some writers set them to 0.
//!
//! If a header cannot be read, the library refuses the file later.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use crate::error::InputProblem;
use crate::lines::LINE_LIMIT;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// How deeply structures in a header may be nested; the format nests them three levels deep.
const DEEPEST: usize = 8;

/// The least memory, in bytes, that a row needs when it is read, checked, and perhaps stored as a
/// skipped row.
const ROW_COST: u64 = 64;
/// The memory, in bytes, for a value of which a row has only one.
const VALUE_COST: u64 = 8;
/// The memory, in bytes, for a value of which a row may have many, in a list or a map: all values
/// of the row are in memory at once, each with its type.
const REPEATED_COST: u64 = 128;

/// The memory, in bytes, for a value while its page is open: for some texts, the library keeps the
/// lengths.
const OPEN_COST: u64 = 8;
/// The memory, in bytes, for an entry of a dictionary, in addition to the entry's own bytes.
const ENTRY_COST: u64 = 40;

/// A dictionary and one page of each column of a row group are in memory at once. The largest of
/// them may need at most this many bytes together, plus `AT_ONCE_RATIO` times the file's length.
const AT_ONCE: u64 = 128 << 20;
const AT_ONCE_RATIO: u64 = 8;

/// The number, in the format, of the encoding in which a text repeats the beginning of the previous
/// text.
const DELTA_BYTE_ARRAY: i64 = 7;

/// The sizes of the pages of a row group, in memory.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GroupSizes {
    /// The sizes of all pages and values of the group, summed, in bytes.
    pub(super) all: u64,
    /// The sizes of each column's largest page, summed, in bytes.
    pub(super) largest: u64,
    /// Whether the group has lists, so that the values of a row may be on several pages.
    pub(super) has_lists: bool,
    /// Whether a column has the encoding that repeats beginnings, so that many texts may each be
    /// nearly as long as their page.
    pub(super) repeats_texts: bool,
}

/// Checks the sizes of all pages of a file. Returns the sizes of each row group.
///
/// # Errors
/// A page or the whole file would unpack to far more than its length allows, or the file cannot be
/// read.
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
    unpacked: u64,
    values: u64,
    /// The memory for the largest page of values and for the largest dictionary, in bytes.
    largest: u64,
    dictionary: u64,
    repeats_texts: bool,
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

/// The header of a page: sizes in bytes, the number of values or dictionary entries, and the number
/// of their encoding in the format.
struct Page {
    header: u64,
    packed: u64,
    unpacked: u64,
    values: u64,
    encoding: i64,
    is_dictionary: bool,
}

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

fn damaged(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}

/// Reads the header of a page and counts its bytes. The header is in Thrift's compact protocol
/// (`PageHeader` in the format's parquet.thrift). The sizes are fields 2 and 3. The number of
/// values is the first field of field 5, 7 or 8, according to the kind of page.
struct Header<R> {
    source: R,
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
    /// Reads the sizes in the header. If the header contains the number of values several times,
    /// the largest counts.
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

    /// Skips a structure and returns its numbers in field 1 and in field `other`; 0 for a missing
    /// field.
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
        // The upper half of the byte is the difference from the last field's number. If it is 0,
        // the whole number follows.
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

    /// Skips a value of this type, which may contain structures nested `deepest` levels deep.
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
                // A boolean in a list takes a byte. As a field of a structure, it is part of the
                // field's type.
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
