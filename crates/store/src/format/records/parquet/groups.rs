//! The row groups of a file one after the other, each page looked at before the library makes
//! values of it.
//!
//! The library reads rows in batches, and a row whole, whatever it holds. So two things are bounded
//! here. A batch has as many rows as keeps what all columns have read in [`BATCH`] bytes, by the
//! sizes of the pages. And a row's lists are counted in the page's levels: their values may take
//! [`ROW`] bytes in memory, with the texts that a dictionary has once and the row many times.

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

/// The rows of a batch where they are small.
const ROWS: u64 = 1024;
/// What the columns may have read ahead of the row, in bytes.
const BATCH: u64 = 32 << 20;
/// What the lists of a row may take in memory, in bytes.
pub(super) const ROW: u64 = 128 << 20;
/// What a value of a list takes: its levels, its cell with room to grow, and its JSON.
const VALUE: u64 = 128;
/// How many times a text of a list is in memory: as a cell, and as JSON.
const TEXT: u64 = 4;

/// A row whose lists are too long.
#[derive(Debug, thiserror::Error)]
#[error("its lists would take more than {} MiB in memory", ROW >> 20)]
pub(super) struct LongRow {
    /// The row's number in the file, from 1.
    pub(super) row: u64,
}

impl LongRow {
    /// What an error of reading says of such a row.
    pub(super) fn of(error: &ParquetError) -> Option<&Self> {
        let ParquetError::External(error) = error else { return None };
        error.downcast_ref()
    }
}

/// The rows of a file.
pub(super) struct Groups {
    file: SerializedFileReader<std::fs::File>,
    sizes: Vec<GroupSizes>,
    next: usize,
    /// Rows of the groups before the next one.
    before: u64,
    rows: Option<ReaderIter>,
}

impl Groups {
    /// The rows of a file whose groups have these sizes.
    pub(super) fn new(file: SerializedFileReader<std::fs::File>, sizes: Vec<GroupSizes>) -> Self {
        Self { file, sizes, next: 0, before: 0, rows: None }
    }

    /// The next row.
    ///
    /// # Errors
    /// The file is damaged, or holds a row that is too long, as a [`LongRow`].
    pub(super) fn next_row(&mut self) -> Result<Option<Row>> {
        loop {
            if let Some(row) = self.rows.as_mut().and_then(Iterator::next) {
                return row.map(Some);
            }
            if self.next >= self.file.num_row_groups() {
                return Ok(None);
            }
            // The pages of the last group make room first.
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
    /// How many rows are read at a time: many of a small group, else as many as fit if each had the
    /// largest page to itself, and lists one by one.
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

/// A row group whose pages are looked at.
struct Guarded<'a> {
    inner: Box<dyn RowGroupReader + 'a>,
    /// Rows of the groups before this one.
    before: u64,
    /// What the longest row of each column takes, together.
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

/// What a column's pages are read by.
pub(super) struct Column {
    most_repeated: i16,
    pub(super) most_present: i16,
    pub(super) has_texts: bool,
    /// What a value takes, with the lists and structs around it.
    value: u64,
}

impl Column {
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

/// The pages of a column.
struct Pages {
    inner: Box<dyn PageReader>,
    column: Column,
    /// How long each entry of the dictionary is, where rows may repeat them.
    dictionary: Vec<u32>,
    /// The row that was begun last, from 1; what it takes so far, and what the longest one takes.
    row: u64,
    current: u64,
    longest: u64,
    spent: Arc<AtomicU64>,
}

impl Pages {
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
                // Nothing is asked of what flat pages hold.
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

    /// Counts what the records of a page take.
    fn count(&mut self, parts: &Parts<'_>) -> Result<()> {
        let mut repeated = Hybrid::new(parts.repeated, level_width(self.column.most_repeated));
        let dictionary = std::mem::take(&mut self.dictionary);
        let mut texts = Texts::of(parts, &self.column, &dictionary);
        let mut left = parts.values;
        while left > 0 {
            // A run that breaks off is the library's to refuse.
            let Some((count, level)) = repeated.next_run(left) else { break };
            left -= count;
            if level == 0 {
                // Each of the run is a record of its own; the last may go on.
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

    /// Adds values to the current row, and what their texts take.
    fn add(&mut self, values: u64, texts: u64) -> Result<()> {
        self.current = self
            .current
            .saturating_add(values.saturating_mul(self.column.value))
            .saturating_add(texts.saturating_mul(TEXT));
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
