//! Reads the row groups of a Parquet file in order. Examines a page before the library decodes it.
//!
//! The library reads rows in batches, and a row always as a whole. To bound the memory, this file
//! limits two things:
//!
//! - The size of a batch: the number of its rows is chosen so that all columns together read at
//!   most [`BATCH`] bytes ahead.
//! - The size of a row: its lists may need at most [`ROW`] bytes of memory. The levels on a page
//!   show how many values a row has. A text that a dictionary stores once counts as often as the
//!   row has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::basic::Type;
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, RowGroupReader};
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Row;
use parquet::record::reader::{ReaderIter, RowIter, TreeBuilder};
use parquet::schema::types::{ColumnDescriptor, Type as SchemaType};

use super::levels::{Hybrid, level_width, levels};
use super::pages::GroupSizes;
use super::texts::{self, Parts, Texts};

/// The largest number of rows in a batch.
const ROWS: u64 = 1024;
/// The largest number of bytes that all columns together read ahead of the current row (32 MiB).
const BATCH: u64 = 32 << 20;
/// The largest amount of memory, in bytes, that the lists of a row may need (128 MiB).
pub(super) const ROW: u64 = 128 << 20;
/// The memory, in bytes, that a value in a list needs for its levels, its cell (with spare
/// capacity) and its JSON.
const VALUE: u64 = 128;
/// The memory, in bytes, that each byte of a text in a list needs. The text is stored in a cell and
/// again as JSON.
const TEXT: u64 = 4;

/// The error for a row whose lists are too long.
#[derive(Debug, thiserror::Error)]
#[error("its lists would take more than {} MiB in memory", ROW >> 20)]
pub(super) struct LongRow {
    /// The row's number in the file, from 1.
    pub(super) row: u64,
}

impl LongRow {
    /// Returns the [`LongRow`] inside an error of the library, if the error contains one.
    pub(super) fn of(error: &ParquetError) -> Option<&Self> {
        let ParquetError::External(error) = error else { return None };
        error.downcast_ref()
    }
}

/// Reads the rows of a Parquet file, one row group after another.
pub(super) struct Groups {
    file: SerializedFileReader<std::fs::File>,
    /// The sizes of the row groups, in order.
    sizes: Vec<GroupSizes>,
    /// The position of the row group to read next.
    next: usize,
    /// The number of rows in the groups before the group to read next.
    before: u64,
    /// The reader of the current group's rows.
    rows: Option<ReaderIter>,
}

impl Groups {
    /// Returns a reader of a file's rows. `sizes` has the sizes of the file's row groups, in order.
    pub(super) fn new(file: SerializedFileReader<std::fs::File>, sizes: Vec<GroupSizes>) -> Self {
        Self { file, sizes, next: 0, before: 0, rows: None }
    }

    /// Returns the next row; `None` at the end.
    ///
    /// # Errors
    /// The file is damaged, or a row is too long (a [`LongRow`]).
    pub(super) fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            if let Some(row) = self.rows.as_mut().and_then(Iterator::next) {
                return row.map(Some);
            }
            if self.next >= self.file.num_row_groups() {
                return Ok(None);
            }
            // Free the pages of the last group before opening the next one.
            self.rows = None;
            let inner = self.file.get_row_group(self.next)?;
            let batch = self.sizes.get(self.next).map_or(1, GroupSizes::batch);
            let descr = self.file.metadata().file_metadata().schema_descr_ptr();
            let rows = u64::try_from(inner.metadata().num_rows()).unwrap_or_default();
            let group = Guarded { inner, before: self.before, spent: Arc::default() };
            self.rows = Some(TreeBuilder::new().with_batch_size(batch).as_iter(descr, &group)?);
            (self.next, self.before) = (self.next + 1, self.before.saturating_add(rows));
        }
    }
}

impl GroupSizes {
    /// Returns the number of rows in a batch:
    ///
    /// - 1,024 if the group is small and no column has the encoding in which texts repeat
    ///   beginnings.
    /// - Otherwise, 1 if the group has lists.
    /// - Otherwise, as many rows as fit into [`BATCH`], even if each row is as large as the
    ///   columns' largest pages together.
    fn batch(&self) -> usize {
        let is_small = self.all <= BATCH;
        let rows = match self {
            Self { repeats_texts: false, .. } if is_small => ROWS,
            Self { has_lists: true, .. } => 1,
            Self { largest, .. } => BATCH / (*largest).max(1),
        };
        rows.clamp(1, ROWS) as usize
    }
}

/// A row group whose pages are examined before the library reads them.
struct Guarded<'a> {
    inner: Box<dyn RowGroupReader + 'a>,
    /// The number of rows in the groups before this one.
    before: u64,
    /// The memory, in bytes, that the longest row of each column needs, summed over all columns.
    spent: Arc<AtomicU64>,
}

impl RowGroupReader for Guarded<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.inner.metadata()
    }

    fn num_columns(&self) -> usize {
        self.inner.num_columns()
    }

    fn get_column_page_reader(&self, i: usize) -> Result<Box<dyn PageReader>> {
        let descr = self.metadata().column(i).column_descr();
        Ok(Box::new(Pages {
            inner: self.inner.get_column_page_reader(i)?,
            column: Column::of(descr),
            dictionary: Vec::new(),
            row: self.before,
            current: 0,
            longest: 0,
            spent: Arc::clone(&self.spent),
        }))
    }

    fn get_column_bloom_filter(&self, i: usize) -> Option<&Sbbf> {
        self.inner.get_column_bloom_filter(i)
    }

    fn get_row_iter(&self, projection: Option<SchemaType>) -> Result<RowIter<'_>> {
        RowIter::from_row_group(projection, self)
    }
}

/// What must be known of a column to compute the memory that its values need.
pub(super) struct Column {
    /// The largest repetition level; 0 if the column has no lists.
    most_repeated: i16,
    /// The largest definition level, which means "not null"; 0 if no value can be null.
    pub(super) most_present: i16,
    /// Whether the values are texts or bytes of any length.
    pub(super) has_texts: bool,
    /// The memory, in bytes, that a value needs, including the lists and structs that contain it.
    value: u64,
}

impl Column {
    /// Returns the properties of a column, from its schema.
    fn of(descr: &ColumnDescriptor) -> Self {
        let fixed = match descr.physical_type() {
            Type::FIXED_LEN_BYTE_ARRAY => u64::try_from(descr.type_length()).unwrap_or_default(),
            _ => 0,
        };
        let parts = descr.path().parts();
        let names: usize = parts.iter().map(String::len).sum();
        let around = parts.len().saturating_sub(2).max(1);
        Self {
            most_repeated: descr.max_rep_level(),
            most_present: descr.max_def_level(),
            has_texts: descr.physical_type() == Type::BYTE_ARRAY,
            value: VALUE * around as u64 + names as u64 + fixed,
        }
    }
}

/// Reads the pages of a column, and computes the memory for each page's rows before the library
/// decodes the page.
struct Pages {
    inner: Box<dyn PageReader>,
    column: Column,
    /// The length of each text in the dictionary, in bytes; empty if the column has no lists of
    /// texts.
    dictionary: Vec<u32>,
    /// The number of the current row, from 1.
    row: u64,
    /// The memory, in bytes, that the current row needs so far.
    current: u64,
    /// The memory, in bytes, that the longest row so far needs.
    longest: u64,
    /// The sum of `longest` over all columns of the group.
    spent: Arc<AtomicU64>,
}

impl Pages {
    /// Examines a page. Fails if a row on it needs too much memory.
    fn look(&mut self, page: &Page) -> Result<()> {
        let parts = match page {
            Page::DictionaryPage { buf, num_values, .. } => {
                if self.column.most_repeated > 0 && self.column.has_texts {
                    self.dictionary = texts::lengths(buf, *num_values as usize);
                }
                return Ok(());
            }
            Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, .. } => {
                let mut rest = &buf[..];
                let repeated = levels(&mut rest, self.column.most_repeated, *rep_level_encoding)?;
                // If the column has no lists, the levels are needed only if the page stores lengths
                // of texts.
                let is_asked = self.column.most_repeated > 0 || texts::has_lengths(*encoding);
                let present = if is_asked {
                    levels(&mut rest, self.column.most_present, *def_level_encoding)?
                } else {
                    &[]
                };
                Parts { values: u64::from(*num_values), encoding: *encoding, repeated, present, rest }
            }
            Page::DataPageV2 {
                buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, ..
            } => {
                let early = || ParquetError::EOF("the levels of a page end early".to_owned());
                let (repeated, rest) =
                    buf.split_at_checked(*rep_levels_byte_len as usize).ok_or_else(early)?;
                let (present, rest) =
                    rest.split_at_checked(*def_levels_byte_len as usize).ok_or_else(early)?;
                Parts { values: u64::from(*num_values), encoding: *encoding, repeated, present, rest }
            }
        };
        parts.check()?;
        if self.column.most_repeated > 0 { self.count(&parts) } else { Ok(()) }
    }

    /// Computes the memory that each row on a page needs, and fails if a row needs too much.
    fn count(&mut self, parts: &Parts<'_>) -> Result<()> {
        let mut repeated = Hybrid::new(parts.repeated, level_width(self.column.most_repeated));
        let dictionary = std::mem::take(&mut self.dictionary);
        let mut texts = Texts::of(parts, &self.column, &dictionary);
        let mut left = parts.values;
        while left > 0 {
            // If the levels end too early, the library refuses the page later.
            let Some((count, level)) = repeated.next_run(left) else { break };
            left -= count;
            if level == 0 {
                // A value with the level 0 begins a new row. So each value of this run begins a
                // row, and the last of these rows may continue after the run.
                for _ in 0..count {
                    self.row += 1;
                    self.current = 0;
                    self.add(1, texts.as_mut().map_or(0, |texts| texts.length(1)))?;
                }
            } else {
                self.add(count, texts.as_mut().map_or(0, |texts| texts.length(count)))?;
            }
        }
        self.dictionary = dictionary;
        Ok(())
    }

    /// Adds values to the current row. `texts` is the total length of their texts, in bytes. Fails
    /// if the row needs too much memory.
    fn add(&mut self, values: u64, texts: u64) -> Result<()> {
        self.current = self
            .current
            .saturating_add(values.saturating_mul(self.column.value))
            .saturating_add(texts.saturating_mul(TEXT));
        // A row needs at most as much as the longest rows of all columns together, so only this sum
        // is compared with the limit.
        if self.current <= self.longest {
            return Ok(());
        }
        let more = self.current - self.longest;
        self.longest = self.current;
        if self.spent.fetch_add(more, Ordering::Relaxed).saturating_add(more) > ROW {
            return Err(ParquetError::External(Box::new(LongRow { row: self.row })));
        }
        Ok(())
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.inner.get_next_page()?;
        if let Some(page) = &page {
            self.look(page)?;
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.inner.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.inner.at_record_boundary()
    }
}
