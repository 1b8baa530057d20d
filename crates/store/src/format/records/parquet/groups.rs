//! Reads the row groups of a Parquet file in order, and examines each page before the library turns
//! it into values.
//!
//! The library reads rows in batches, and a row always as a whole, however large it is. So this
//! file bounds two things. It chooses the number of rows in a batch from the sizes of the pages, so
//! that all columns together read at most [`BATCH`] bytes ahead. And it counts the values in a
//! row's lists from the page's levels: they may need at most [`ROW`] bytes of memory, including
//! texts that a dictionary stores once and the row has many times.

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

/// How many rows a batch has if rows are small.
const ROWS: u64 = 1024;
/// How many bytes all columns together may read ahead of the current row.
const BATCH: u64 = 32 << 20;
/// How many bytes of memory the lists of a row may need.
pub(super) const ROW: u64 = 128 << 20;
/// How many bytes of memory a value in a list needs: its levels, its cell with spare capacity, and
/// its JSON.
const VALUE: u64 = 128;
/// How many bytes of memory each byte of a text in a list needs: the text is in a cell and in JSON.
const TEXT: u64 = 4;

/// The error for a row whose lists are too long.
#[derive(Debug, thiserror::Error)]
#[error("its lists would take more than {} MiB in memory", ROW >> 20)]
pub(super) struct LongRow {
    /// The row's number in the file, from 1.
    pub(super) row: u64,
}

impl LongRow {
    /// Returns the [`LongRow`] in an error from reading, if it contains one.
    pub(super) fn of(error: &ParquetError) -> Option<&Self> {
        let ParquetError::External(error) = error else { return None };
        error.downcast_ref()
    }
}

/// The rows of a Parquet file, read group by group.
pub(super) struct Groups {
    file: SerializedFileReader<std::fs::File>,
    sizes: Vec<GroupSizes>,
    next: usize,
    /// How many rows are in the groups before the next one.
    before: u64,
    rows: Option<ReaderIter>,
}

impl Groups {
    /// Returns the reader of a file's rows. `sizes` has the sizes of the file's groups, in order.
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
            // The pages of the last group are freed before the next group is opened.
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
    /// Returns how many rows are read at a time: 1,024 if the group is small and does not repeat
    /// texts. Otherwise 1 if the group has lists, or else so many that they fit into [`BATCH`] even
    /// if each row needs as much as the largest pages.
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
    /// How many rows are in the groups before this one.
    before: u64,
    /// How many bytes of memory the longest row of each column needs, summed over the columns.
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

/// The properties of a column that are needed to count the values on its pages.
pub(super) struct Column {
    most_repeated: i16,
    pub(super) most_present: i16,
    pub(super) has_texts: bool,
    /// How many bytes of memory a value needs, including the lists and structs that contain it.
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

/// The pages of a column, whose values are counted before the library reads a page.
struct Pages {
    inner: Box<dyn PageReader>,
    column: Column,
    /// The length of each entry of the dictionary, in bytes, if rows may repeat entries; otherwise
    /// empty.
    dictionary: Vec<u32>,
    /// The number of the current row, from 1; how many bytes of memory it needs so far; and how
    /// many bytes the longest row needs.
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
                // The levels of a page without lists are needed only if its encoding stores
                // lengths.
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

    /// Counts how many bytes of memory the rows on a page need, and fails if a row needs too many.
    fn count(&mut self, parts: &Parts<'_>) -> Result<()> {
        let mut repeated = Hybrid::new(parts.repeated, level_width(self.column.most_repeated));
        let dictionary = std::mem::take(&mut self.dictionary);
        let mut texts = Texts::of(parts, &self.column, &dictionary);
        let mut left = parts.values;
        while left > 0 {
            // If the levels break off, the library will refuse the page.
            let Some((count, level)) = repeated.next_run(left) else { break };
            left -= count;
            if level == 0 {
                // A value of level 0 begins a row, so each value of this run begins one. The last
                // of these rows may continue after the run.
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

    /// Adds values to the current row; `texts` is the total length of their texts in bytes. Fails
    /// if the row becomes too long.
    fn add(&mut self, values: u64, texts: u64) -> Result<()> {
        self.current = self
            .current
            .saturating_add(values.saturating_mul(self.column.value))
            .saturating_add(texts.saturating_mul(TEXT));
        // No row needs more than the longest rows of all columns together.
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
