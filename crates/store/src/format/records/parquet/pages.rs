//! What a Parquet file says of its own sizes, before anything is unpacked: a page's header says how
//! much memory to make ready for it, and the library believes it. A page may claim 16 MiB, or 400
//! times what it has in the file, and all pages together what the limit for every compressed file
//! allows. What the footer says of sizes is not asked: some writers leave it at 0.
//!
//! A dictionary and a page of each column of a row group are in memory at once. The largest of them
//! may take [`AT_ONCE`], and [`AT_ONCE_RATIO`] times the length of the file beside it.
//!
//! Values that are nothing or repeat need no bytes in a page, and memory once they are read: a list
//! of millions of nulls fits into 1 KB. So a page's values count too, by what a row makes of them.
//!
//! Headers are in Thrift's compact protocol; the sizes are fields 2 and 3 (`PageHeader` in the
//! format's parquet.thrift), and the number of values is the first field of 5, 7 or 8, by the kind
//! of the page. Nothing else but the encoding is looked at, and a header that cannot be read is
//! left to the library to refuse.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom};

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use crate::error::InputProblem;
use crate::lines::LINE_LIMIT;
use crate::source::{RATIO_FROM, RATIO_LIMIT};

/// Structures in structures in a header; the format has three.
const DEEPEST: usize = 8;

/// What a row costs at the least, in bytes: it is read, checked, and perhaps written down as
/// rejected.
const ROW_COST: u64 = 64;
/// What a value costs that a row has once.
const VALUE_COST: u64 = 8;
/// What a value costs that a row may have many times, in a list or a map: all of them are in memory
/// at once, each with its kind.
const REPEATED_COST: u64 = 128;

/// What a value of a page takes while the page is open: the library keeps the lengths of some
/// texts.
const OPEN_COST: u64 = 8;
/// What an entry of a dictionary takes beside its bytes.
const ENTRY_COST: u64 = 40;

/// What the open pages of a row group may take, in bytes, and how many times the file's length
/// beside that.
const AT_ONCE: u64 = 128 << 20;
const AT_ONCE_RATIO: u64 = 8;

/// The encoding of texts that repeat the beginning of the one before.
const DELTA_BYTE_ARRAY: i64 = 7;

/// What the pages of a row group take.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct GroupSizes {
    /// All pages and values, in bytes.
    pub(super) all: u64,
    /// The largest page of each column, together.
    pub(super) largest: u64,
    /// Whether a row may have more than a page: lists.
    pub(super) has_lists: bool,
    /// Whether a value may have nearly all bytes of its page, as others do.
    pub(super) repeats_texts: bool,
}

/// Checks the sizes of all pages of a file, and gives them by row group.
///
/// # Errors
/// A page, or all of them, would unpack to far more than is there.
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

/// What the pages of a column of a row group come to.
#[derive(Default)]
struct Sizes {
    unpacked: u64,
    values: u64,
    /// The largest page of values, and the dictionary, in memory.
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

/// The sizes of a page in bytes, how many values or entries it has, and their encoding by its
/// number in the format.
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

/// A page's header as it is read.
struct Header<R> {
    source: R,
    read: u64,
}

/// What a header says.
#[derive(Default)]
struct Said {
    unpacked: i64,
    packed: i64,
    values: i64,
    encoding: i64,
    is_dictionary: bool,
}

impl<R: Read> Header<R> {
    /// What the header says of its page. Of a kind of page that is there twice the larger number
    /// counts.
    fn sizes(&mut self) -> std::io::Result<Said> {
        let (mut unpacked, mut packed, mut said) = (None, None, Said::default());
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            match (field, kind) {
                (2, 5) => unpacked = Some(self.signed()?),
                (3, 5) => packed = Some(self.signed()?),
                // The encoding is the second field of a page of the first version, and the fourth
                // of the second.
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

    /// Passes over a structure. Gives its field 1, a number, and another one; 0 for what it does
    /// not have.
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
