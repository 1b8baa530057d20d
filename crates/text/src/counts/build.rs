//! Counts new documents: the calling thread reads them, the thread pool counts them.
//!
//! While the pool counts one chunk, the calling thread reads the next chunk and then keeps the
//! previous one. So reading, counting and writing overlap, and at most two chunks are in memory.
//! The end of a chunk depends only on the texts: a chunk has at most 4,096 documents and ends with
//! the document that brings its text to 4 MiB.

use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::Duration;

use querist_core::Corpus;
use querist_core::error::BoxError;
use rayon::{Scope, Yield};

use super::merge::MOST_DOCUMENTS;
use super::{Counter, MemoryChunk, Scratch};
use crate::error::TextError;

/// The number of bytes of text at which a chunk is full. A byte yields at most about 20 entries, so
/// the start of a row in a chunk's entries always fits into 32 bits.
const MOST_BYTES: usize = 4 << 20;

/// The maximum number of documents that one task of the thread pool counts. A task also ends with
/// the document that brings its texts to [`UNIT_BYTES`].
const UNIT_DOCUMENTS: usize = 256;
const UNIT_BYTES: usize = 128 << 10;

/// The texts that one task will count, in one string, and the end of each.
#[derive(Default)]
struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    fn is_full(&self) -> bool {
        self.ends.len() >= UNIT_DOCUMENTS || self.bytes.len() >= UNIT_BYTES
    }

    fn count(&self, counter: &dyn Counter, first: usize) -> Result<MemoryChunk, TextError> {
        let (mut scratch, mut start) = (Scratch::default(), 0);
        let mut rows = MemoryChunk { starts: Vec::with_capacity(self.ends.len() + 1), entries: Vec::new() };
        // An ordinary text has about this many n-grams, so this is usually the only allocation.
        rows.entries.reserve(self.bytes.len() / 2);
        rows.starts.push(0);
        for (offset, &end) in self.ends.iter().enumerate() {
            let text = &self.bytes[start..end];
            counter.count(text, &mut scratch, &mut rows.entries).map_err(|error| match error {
                TextError::Untokenizable { problem, .. } => {
                    TextError::Untokenizable { document: first + offset, problem }
                }
                other => other,
            })?;
            rows.starts.push(rows.entries.len() as u32);
            start = end;
        }
        Ok(rows)
    }
}

/// A chunk whose texts are being counted by tasks of the thread pool.
struct Pending {
    first: usize,
    n_documents: usize,
    units: Vec<Receiver<Result<MemoryChunk, TextError>>>,
}

impl Pending {
    fn spawn<'scope>(&mut self, scope: &Scope<'scope>, counter: &'scope dyn Counter, texts: Texts) {
        let (sender, receiver) = sync_channel(1);
        let first = self.first + self.n_documents;
        self.n_documents += texts.ends.len();
        self.units.push(receiver);
        scope.spawn(move |_| {
            // Sending fails only if the receiver was dropped after an error elsewhere; the rows are
            // then not needed.
            let _ = sender.send(texts.count(counter, first));
        });
    }

    /// Waits for all tasks of the chunk and returns their rows as one chunk.
    fn finish(self) -> Result<MemoryChunk, BoxError> {
        let mut chunk = MemoryChunk { starts: Vec::with_capacity(self.n_documents + 1), entries: vec![] };
        chunk.starts.push(0);
        for unit in &self.units {
            let rows = wait(unit)??;
            let before = chunk.entries.len() as u32;
            chunk.entries.extend_from_slice(&rows.entries);
            chunk.starts.extend(rows.starts[1..].iter().map(|start| before + start));
        }
        Ok(chunk)
    }
}

/// Waits for a task and returns its result. If the caller is a thread of the pool, it runs other
/// tasks meanwhile, because the awaited task may be queued behind it.
fn wait<T>(receiver: &Receiver<T>) -> Result<T, BoxError> {
    let stopped = || "a thread stopped while it counted".into();
    loop {
        match receiver.try_recv() {
            Ok(done) => return Ok(done),
            Err(TryRecvError::Disconnected) => return Err(stopped()),
            Err(TryRecvError::Empty) => {}
        }
        match rayon::yield_now() {
            Some(Yield::Executed) => {}
            Some(Yield::Idle) => match receiver.recv_timeout(Duration::from_millis(1)) {
                Ok(done) => return Ok(done),
                Err(RecvTimeoutError::Disconnected) => return Err(stopped()),
                Err(RecvTimeoutError::Timeout) => {}
            },
            None => return receiver.recv().map_err(|_| stopped()),
        }
    }
}

/// Counts all documents from index `first` on. Calls `keep` for each chunk in order, with the index
/// of its first document and the chunk, and `progress` with the number of documents done and the
/// total.
pub(super) fn count(
    counter: &dyn Counter,
    corpus: &dyn Corpus,
    first: usize,
    progress: &(dyn Fn(usize, usize) + Sync),
    keep: &mut dyn FnMut(usize, MemoryChunk) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let n = corpus.n_documents();
    let mut finish = |pending: Pending| {
        let (first, end) = (pending.first, pending.first + pending.n_documents);
        keep(first, pending.finish()?)?;
        progress(end, n);
        Ok::<_, BoxError>(())
    };
    rayon::in_place_scope(|scope| {
        let (mut next, mut previous) = (first, None);
        while next < n {
            let current = read(scope, counter, corpus, next)?;
            next += current.n_documents;
            if let Some(previous) = previous.replace(current) {
                finish(previous)?;
            }
        }
        previous.map_or(Ok(()), finish)
    })
}

/// Reads the texts of the chunk that begins at document `first` and starts tasks that count them.
fn read<'scope>(
    scope: &Scope<'scope>,
    counter: &'scope dyn Counter,
    corpus: &dyn Corpus,
    first: usize,
) -> Result<Pending, BoxError> {
    let end = corpus.n_documents().min(first + MOST_DOCUMENTS);
    let mut pending = Pending { first, n_documents: 0, units: Vec::new() };
    let (mut texts, mut n_bytes, mut full) = (Texts::default(), 0, false);
    let read = corpus.for_each_chunk(first..end, &mut |chunk| {
        for text in chunk {
            if n_bytes >= MOST_BYTES {
                // This error only ends the reading. `full` distinguishes it from a real error.
                full = true;
                return Err("this chunk has enough".into());
            }
            n_bytes += text.len();
            texts.push(text);
            if texts.is_full() {
                pending.spawn(scope, counter, mem::take(&mut texts));
            }
        }
        Ok(())
    });
    if !texts.ends.is_empty() {
        pending.spawn(scope, counter, texts);
    }
    if !full {
        read?;
        if pending.n_documents != end - first {
            return Err(format!("{} documents were read of {}", pending.n_documents, end - first).into());
        }
    }
    Ok(pending)
}
