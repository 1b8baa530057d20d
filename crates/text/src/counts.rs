//! Counts of a whole corpus: one row of [`Entry`] for each document, in a file that is mapped into
//! memory one chunk at a time.
//!
//! Counting is the expensive part of turning text into numbers, and a row of counts depends only on
//! its text and the [`Counter`]. So each document is counted once, and its row is kept in the
//! **feature file** (see [`layout`] for its bytes, and [`Counts::open`] for its rules).
//!
//! Invariants: rows do not depend on threads, on chunks or on whether there is a file. Memory is
//! bounded by two chunks, each of at most 4,096 documents or 4 MiB of text. Rows are not
//! compressed, because they are read many times and reading is already limited by memory.

mod build;
mod file;
pub mod layout;
pub(crate) mod map;
mod merge;

use std::ops::Range;
use std::path::Path;
use std::slice;
use std::sync::Arc;

use querist_core::Corpus;
use querist_core::error::BoxError;

use crate::entry::Entry;
use crate::error::TextError;
use crate::hits::Hits;
use crate::ngram::NgramScratch;
use crate::splitter::SplitBuffer;

/// A method that turns a text into a row of counts, the same on every machine.
pub trait Counter: Send + Sync {
    /// Returns the number of columns, at most 2^24.
    fn n_columns(&self) -> usize;

    /// Returns all parameters that change a row, as text.
    fn fingerprint(&self) -> String;

    /// Appends the row of `text` to `row`: its columns strictly ascending, each with its count.
    ///
    /// # Errors
    /// The tokenizer refuses the text; the error is [`TextError::Untokenizable`] with document 0.
    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError>;

    /// Calls `visit` with the column and the readable form of every term of `text`, in the order in
    /// which the terms occur, repetitions included.
    ///
    /// # Errors
    /// The same as for [`Counter::count`].
    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError>;
}

/// Memory that counters keep from one text to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) hits: Hits,
    pub(crate) split: SplitBuffer,
    pub(crate) ngram: NgramScratch,
}

/// The rows of consecutive documents, in memory.
#[derive(Debug, Clone, Default, PartialEq)]
struct MemoryChunk {
    /// The index in `entries` at which each row begins, and then the end of the last row.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// The storage of a chunk's rows.
#[derive(Debug)]
enum Place {
    /// The chunk with this index in a file.
    File(Arc<file::Reader>, usize),
    Memory(MemoryChunk),
}

#[derive(Debug)]
struct ChunkPlace {
    documents: Range<usize>,
    n_entries: usize,
    place: Place,
}

/// The counts of a corpus: one row for each document.
#[derive(Debug)]
pub struct Counts {
    n_columns: usize,
    n_entries: usize,
    chunks: Vec<ChunkPlace>,
}

impl Counts {
    /// Reads and checks the file, counts the new documents and appends their rows. Without a
    /// `path`, all rows are kept in memory. `progress` is called from time to time with the number
    /// of documents counted so far and the total.
    ///
    /// The file is derived data. Every checksum is verified, and the digest of every chunk's
    /// documents is compared with the corpus. If a chunk is incomplete, damaged or out of date,
    /// this chunk and all after it are cut off and counted again. If the counter or the layout
    /// version has changed, the whole file is counted again. None of this is an error.
    ///
    /// An exclusive lock on `<file>.lock` makes a second process wait until the first has left
    /// `open`. A file only grows at its end. To cut or merge chunks, a new file is written in the
    /// same folder and renamed to the old name, so bytes that another process has mapped never
    /// change. A killed process leaves an incomplete chunk at the end, or `<file>.new`, which the
    /// next process overwrites. Writes are not synced to the disk: bytes lost in a power failure
    /// are detected by their checksum. Two tasks of one thread pool must not open the same file at
    /// once.
    ///
    /// If the folder is read-only, the file's rows are used and the rest is counted into memory.
    /// The same is done if the corpus has fewer documents than the file, as an older view of a
    /// grown pool has.
    ///
    /// # Errors
    /// The corpus cannot be read, the counter refuses a text, or reading or writing the file fails.
    /// A read-only folder is not an error.
    pub fn open(
        path: Option<&Path>,
        counter: &dyn Counter,
        corpus: &dyn Corpus,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<Self, BoxError> {
        let mut counts = Self { n_columns: counter.n_columns(), n_entries: 0, chunks: vec![] };
        let writer = match path {
            Some(path) => counts.open_file(path, counter, corpus)?,
            None => None,
        };
        let known = counts.n_documents();
        if let Some((mut writer, _lock)) = writer {
            build::count(counter, corpus, known, progress, &mut |first, chunk| {
                let documents = first..first + chunk.n_documents();
                let digest = single(&corpus.digests(slice::from_ref(&documents))?)?;
                Ok(writer.append(first, &chunk, digest)?)
            })?;
            writer.merge(corpus)?;
            counts.use_file(Some(writer.finish()));
        } else {
            build::count(counter, corpus, known, progress, &mut |first, chunk| {
                counts.push_memory(first, chunk);
                Ok(())
            })?;
        }
        Ok(counts)
    }

    /// Returns the counts of no documents, in `n_columns` columns.
    pub(crate) fn of_nothing(n_columns: usize) -> Self {
        Self { n_columns, n_entries: 0, chunks: vec![] }
    }

    /// Uses the valid leading chunks of the file as the counts so far. Returns a writer and its
    /// lock if documents are missing and the file may be written.
    fn open_file(
        &mut self,
        path: &Path,
        counter: &dyn Counter,
        corpus: &dyn Corpus,
    ) -> Result<Option<(file::Writer, file::Lock)>, BoxError> {
        let identity = layout::FileHeader::of(counter);
        let lock = file::Lock::take(path)?;
        let found = file::examine(path, &identity, corpus)?;
        // A file with later chunks belongs to a larger view of the corpus, which still needs them.
        let complete = found.n_documents() == corpus.n_documents() && found.tail == file::Tail::End;
        if let Some(lock) = lock.filter(|_| !complete && found.tail != file::Tail::Later)
            && let Some(writer) = file::Writer::start(path, identity, &found)?
        {
            self.use_file(found.reader);
            return Ok(Some((writer, lock)));
        }
        self.use_file(found.reader);
        Ok(None)
    }

    /// Replaces all chunks by the chunks of this file, or by none without a file.
    fn use_file(&mut self, reader: Option<file::Reader>) {
        self.chunks.clear();
        if let Some(reader) = reader.map(Arc::new) {
            self.chunks.extend(reader.chunks.iter().enumerate().map(|(index, chunk)| ChunkPlace {
                documents: chunk.documents(),
                n_entries: chunk.header.n_entries as usize,
                place: Place::File(reader.clone(), index),
            }));
        }
        self.n_entries = self.chunks.iter().map(|chunk| chunk.n_entries).sum();
    }

    fn push_memory(&mut self, first: usize, chunk: MemoryChunk) {
        self.n_entries += chunk.entries.len();
        self.chunks.push(ChunkPlace {
            documents: first..first + chunk.n_documents(),
            n_entries: chunk.entries.len(),
            place: Place::Memory(chunk),
        });
    }

    /// Returns the number of documents.
    pub fn n_documents(&self) -> usize {
        self.chunks.last().map_or(0, |chunk| chunk.documents.end)
    }

    /// Returns the number of columns.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Returns the number of entries of all rows.
    pub fn n_entries(&self) -> usize {
        self.n_entries
    }

    /// Returns the number of chunks.
    pub fn n_chunks(&self) -> usize {
        self.chunks.len()
    }

    /// Returns the digest of the texts of a chunk in the file; `None` for a chunk in memory.
    /// `index` must be below [`Counts::n_chunks`].
    pub fn digest(&self, index: usize) -> Option<[u8; 32]> {
        match &self.chunks[index].place {
            Place::File(reader, place) => Some(reader.chunks[*place].header.digest),
            Place::Memory(_) => None,
        }
    }

    /// Returns the range of documents in a chunk. `index` must be below [`Counts::n_chunks`].
    pub fn documents(&self, index: usize) -> Range<usize> {
        self.chunks[index].documents.clone()
    }

    /// Returns the index of the chunk that contains a document. `document` must be below
    /// [`Counts::n_documents`].
    pub fn chunk_of(&self, document: usize) -> usize {
        self.chunks.partition_point(|chunk| chunk.documents.end <= document)
    }

    /// Maps a chunk into memory and returns it; dropping it frees the memory. `index` must be
    /// below [`Counts::n_chunks`].
    ///
    /// # Errors
    /// The system cannot map the chunk.
    pub fn chunk(&self, index: usize) -> Result<Chunk<'_>, TextError> {
        let chunk = &self.chunks[index];
        let source = match &chunk.place {
            Place::Memory(rows) => Source::Memory(rows),
            Place::File(reader, place) => Source::File(reader.map(&reader.chunks[*place])?),
        };
        Ok(Chunk { first: chunk.documents.start, source })
    }
}

/// Returns the only digest in the list, which the corpus returned for one range.
fn single(digests: &[[u8; 32]]) -> Result<[u8; 32], BoxError> {
    digests.first().copied().ok_or_else(|| "the corpus gave no digest".into())
}

#[derive(Debug)]
enum Source<'a> {
    File(map::Mapped),
    Memory(&'a MemoryChunk),
}

/// The rows of consecutive documents, in memory or mapped from a file.
#[derive(Debug)]
pub struct Chunk<'a> {
    first: usize,
    source: Source<'a>,
}

impl Chunk<'_> {
    /// Returns the index of the chunk's first document in the corpus.
    pub fn first(&self) -> usize {
        self.first
    }

    /// Returns the number of the chunk's documents, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a chunk is never empty")]
    pub fn len(&self) -> usize {
        self.starts().len() - 1
    }

    /// Returns the number of entries in the chunk's rows.
    pub fn n_entries(&self) -> usize {
        self.entries().len()
    }

    /// Returns the row of document `i` of the chunk, counted from 0. Its columns strictly ascend.
    #[inline]
    pub fn row(&self, i: usize) -> &[Entry] {
        let starts = self.starts();
        &self.entries()[starts[i] as usize..starts[i + 1] as usize]
    }

    /// Returns the index in [`Chunk::entries`] at which each row begins, and then the end of the
    /// last row.
    #[inline]
    pub fn starts(&self) -> &[u32] {
        match &self.source {
            Source::File(mapped) => mapped.starts(),
            Source::Memory(rows) => &rows.starts,
        }
    }

    /// Returns the entries of all rows, one row after the other.
    #[inline]
    pub fn entries(&self) -> &[Entry] {
        match &self.source {
            Source::File(mapped) => mapped.entries(),
            Source::Memory(rows) => &rows.entries,
        }
    }
}

impl MemoryChunk {
    fn n_documents(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests;
