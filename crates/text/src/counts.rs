//! Counts of a whole corpus: one row of [`Entry`] for each document, in a file that is mapped one
//! chunk at a time.
//!
//! Counting is the expensive part of turning text into numbers, and a row of counts depends only on
//! its text and the [`Counter`]. So each document is counted once, and its row is kept in the
//! **feature file** (see [`layout`] for its bytes, and [`Counts::open`] for its rules).
//!
//! Invariants: rows do not depend on threads, on chunks or on whether there is a file. Memory is
//! bounded by two chunks, each of at most 4,096 documents or 4 MiB of text. Leaves out compression:
//! a row is read many times, by processors that already wait for memory.

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

/// Turns a text into a row of counts, the same on every machine.
pub trait Counter: Send + Sync {
    /// The number of columns, at most 2^24.
    fn n_columns(&self) -> usize;

    /// Everything that changes a row, as text.
    fn fingerprint(&self) -> String;

    /// Appends the row of `text` to `row`: its columns strictly ascending, each with its count.
    ///
    /// # Errors
    /// A text that the tokenizer refuses; [`TextError::Untokenizable`] then says document 0.
    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError>;

    /// Calls `visit` with the column and the readable form of every term of `text`, in the order in
    /// which the terms occur, repetitions included.
    ///
    /// # Errors
    /// As [`Counter::count`].
    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError>;
}

/// Memory that counters keep from one text to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) hits: Hits,
    pub(crate) split: SplitBuffer,
    pub(crate) ngram: NgramScratch,
}

/// Rows of consecutive documents.
#[derive(Debug, Clone, Default, PartialEq)]
struct MemoryChunk {
    /// Where each row begins in `entries`, and the end of the last row.
    starts: Vec<u32>,
    entries: Vec<Entry>,
}

/// Where a chunk's rows are.
#[derive(Debug)]
enum Place {
    /// In a file: the chunk with that index.
    File(Arc<file::Reader>, usize),
    Memory(MemoryChunk),
}

#[derive(Debug)]
struct ChunkPlace {
    documents: Range<usize>,
    n_entries: usize,
    place: Place,
}

/// The counts of a corpus, (n, d).
#[derive(Debug)]
pub struct Counts {
    n_columns: usize,
    n_entries: usize,
    chunks: Vec<ChunkPlace>,
}

impl Counts {
    /// Reads and checks the file, counts the new documents and appends their rows. Without a
    /// `path`, everything stays in memory. `progress` is called now and then with the number of
    /// documents counted so far and the number in all.
    ///
    /// The file is derived data. Every checksum is verified, and the digest of every chunk's
    /// documents is compared with the corpus. The first chunk that is torn, damaged or stale, and
    /// all after it, are cut off and counted again; another counter or layout version starts the
    /// file anew. None of this is an error.
    ///
    /// One process at a time is in `open`, by an exclusive lock on `<file>.lock`; a second one
    /// waits. A file only grows at its end. To cut or merge, a new file is written beside it and
    /// renamed over it, so what another process has mapped never changes. A killed process leaves a
    /// torn chunk at the end, or `<file>.new`, which the next process overwrites. Nothing waits for
    /// the disk: what a power cut loses fails its checksum. Two tasks of one thread pool must not
    /// open the same file at once.
    ///
    /// If the folder is read-only, the file's rows are used and the rest is counted into memory.
    /// The same holds for a corpus that ends before the file does: an older view of a grown pool.
    ///
    /// # Errors
    /// A corpus that cannot be read, a text that the counter refuses, or a disk that fails. A
    /// read-only folder is no error.
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

    /// The counts of no documents, in `n_columns` columns.
    pub(crate) fn of_nothing(n_columns: usize) -> Self {
        Self { n_columns, n_entries: 0, chunks: vec![] }
    }

    /// Takes over the good part of the file. Returns a writer and its lock if there is something to
    /// write and writing is allowed.
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

    /// Replaces all chunks by those of this file.
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

    /// The number of documents, n.
    pub fn n_documents(&self) -> usize {
        self.chunks.last().map_or(0, |chunk| chunk.documents.end)
    }

    /// The number of columns, d.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// The number of entries of all rows.
    pub fn n_entries(&self) -> usize {
        self.n_entries
    }

    /// The number of chunks.
    pub fn n_chunks(&self) -> usize {
        self.chunks.len()
    }

    /// The digest of the texts of a chunk in the file; `None` for a chunk in memory. `index` must
    /// be below [`Counts::n_chunks`].
    pub fn digest(&self, index: usize) -> Option<[u8; 32]> {
        match &self.chunks[index].place {
            Place::File(reader, place) => Some(reader.chunks[*place].header.digest),
            Place::Memory(_) => None,
        }
    }

    /// The documents of a chunk. `index` must be below [`Counts::n_chunks`].
    pub fn documents(&self, index: usize) -> Range<usize> {
        self.chunks[index].documents.clone()
    }

    /// The chunk that holds a document. `document` must be below [`Counts::n_documents`].
    pub fn chunk_of(&self, document: usize) -> usize {
        self.chunks.partition_point(|chunk| chunk.documents.end <= document)
    }

    /// Maps a chunk; dropping it frees the memory. `index` must be below [`Counts::n_chunks`].
    ///
    /// # Errors
    /// The system cannot map it.
    pub fn chunk(&self, index: usize) -> Result<Chunk<'_>, TextError> {
        let chunk = &self.chunks[index];
        let source = match &chunk.place {
            Place::Memory(rows) => Source::Memory(rows),
            Place::File(reader, place) => Source::File(reader.map(&reader.chunks[*place])?),
        };
        Ok(Chunk { first: chunk.documents.start, source })
    }
}

/// The only digest, for a corpus that was asked for one range.
fn single(digests: &[[u8; 32]]) -> Result<[u8; 32], BoxError> {
    digests.first().copied().ok_or_else(|| "the corpus gave no digest".into())
}

#[derive(Debug)]
enum Source<'a> {
    File(map::Mapped),
    Memory(&'a MemoryChunk),
}

/// The rows of consecutive documents.
#[derive(Debug)]
pub struct Chunk<'a> {
    first: usize,
    source: Source<'a>,
}

impl Chunk<'_> {
    /// The place of its first document in the corpus.
    pub fn first(&self) -> usize {
        self.first
    }

    /// The number of its documents, at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a chunk is never empty")]
    pub fn len(&self) -> usize {
        self.starts().len() - 1
    }

    /// The number of entries in its rows.
    pub fn n_entries(&self) -> usize {
        self.entries().len()
    }

    /// The row of document `i` of the chunk, from 0: columns strictly ascending.
    #[inline]
    pub fn row(&self, i: usize) -> &[Entry] {
        let starts = self.starts();
        &self.entries()[starts[i] as usize..starts[i + 1] as usize]
    }

    /// Where each row begins in [`Chunk::entries`], and the end of the last row.
    #[inline]
    pub fn starts(&self) -> &[u32] {
        match &self.source {
            Source::File(mapped) => mapped.starts(),
            Source::Memory(rows) => &rows.starts,
        }
    }

    /// All rows, one after the other.
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
