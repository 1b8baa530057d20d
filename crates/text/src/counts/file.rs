//! The feature file on disk: finds its valid leading chunks, appends chunks, and rewrites the
//! file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use querist_core::Corpus;
use querist_core::error::BoxError;
use rayon::prelude::*;

use super::layout::{CHUNK_HEADER, ChunkHeader, FILE_HEADER, FileHeader, checksum, encode_chunk};
use super::map::{self, Mapped};
use super::{MemoryChunk, merge};
use crate::error::TextError;

/// Returns the error that `action` failed for the file at `path`.
fn failed(path: &Path, action: &'static str, error: &io::Error) -> TextError {
    TextError::FeatureFile { path: path.display().to_string(), action, problem: error.to_string() }
}

/// Returns `None` if the action failed because the system does not permit writing here; any other
/// failure is an error.
fn unless_read_only<T>(
    result: io::Result<T>,
    path: &Path,
    action: &'static str,
) -> Result<Option<T>, TextError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::Unsupported => Ok(None),
            _ => Err(failed(path, action, &error)),
        },
    }
}

/// Returns `path` with `suffix` appended to its file name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the options refuse to open a symbolic link, because another user may have created it.
#[cfg(unix)]
fn nofollow(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
}

#[cfg(not(unix))]
fn nofollow(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// A lock on the feature file. While the value exists, no other process examines or writes the
/// file. The system releases the lock if the process ends.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "closing the file ends the lock")] File);

impl Lock {
    /// Waits for the lock and takes it; `None` if the folder may not be written.
    pub(super) fn take(path: &Path) -> Result<Option<Self>, TextError> {
        let lock = || {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let lock = beside(path, ".lock");
            let mut options = OpenOptions::new();
            let file = match nofollow(options.write(true).create(true).truncate(false)).open(&lock) {
                // The lock file may belong to another user. It is then opened for reading, because
                // locking needs no permission to write.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    nofollow(OpenOptions::new().read(true)).open(&lock)?
                }
                opened => opened?,
            };
            file.lock()?;
            Ok(Self(file))
        };
        unless_read_only(lock(), path, "locked")
    }
}

/// The header of a chunk in the file, and the position of its payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    pub(super) header: ChunkHeader,
    /// The offset in the file at which the chunk's payload begins.
    payload: u64,
}

impl Stored {
    pub(super) fn documents(&self) -> Range<usize> {
        self.header.first as usize..(self.header.first + self.header.n_documents) as usize
    }

    /// Returns the range of bytes in the file that the chunk's header and payload occupy.
    fn bytes(&self) -> Range<u64> {
        let length = self.header.payload_length().unwrap_or(0);
        self.payload - CHUNK_HEADER as u64..self.payload + length
    }
}

/// An open feature file and its valid leading chunks.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    file: File,
    pub(super) chunks: Vec<Stored>,
}

impl Reader {
    pub(super) fn map(&self, chunk: &Stored) -> Result<Mapped, TextError> {
        let (n_documents, n_entries) = (chunk.header.n_documents as usize, chunk.header.n_entries as usize);
        Mapped::open(&self.file, chunk.payload, n_documents, n_entries)
            .map_err(|error| failed(&self.path, "mapped", &error))
    }

    /// Returns the offset in the file at which the valid chunks end.
    fn end(&self) -> u64 {
        self.chunks.last().map_or(FILE_HEADER as u64, |chunk| chunk.bytes().end)
    }
}

/// What the file contains after the valid chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing follows.
    End,
    /// Bytes follow that must be cut off, or there is no usable file.
    Bad,
    /// Chunks follow whose documents are beyond the end of this view of the corpus.
    Later,
}

/// The result of [`examine`].
pub(super) struct Found {
    pub(super) reader: Option<Reader>,
    pub(super) tail: Tail,
}

impl Found {
    pub(super) fn n_documents(&self) -> usize {
        let last = self.reader.as_ref().and_then(|reader| reader.chunks.last());
        last.map_or(0, |chunk| chunk.documents().end)
    }
}

/// Reads and checks the file at `path`. Returns its leading chunks that are undamaged and belong to
/// this corpus, and what follows them.
pub(super) fn examine(path: &Path, identity: &FileHeader, corpus: &dyn Corpus) -> Result<Found, BoxError> {
    let failure = |error: io::Error| failed(path, "read", &error);
    let mut file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Found { reader: None, tail: Tail::Bad });
        }
        file => file.map_err(failure)?,
    };
    let length = file.metadata().map_err(failure)?.len();
    let mut head = [0; FILE_HEADER];
    if length < FILE_HEADER as u64 || file.read_exact(&mut head).is_err() || head != identity.to_bytes() {
        return Ok(Found { reader: None, tail: Tail::Bad });
    }
    let chunks = read_headers(&mut file, length).map_err(failure)?;
    let mut reader = Reader { path: path.to_owned(), file, chunks };
    let mut tail = if reader.end() == length { Tail::End } else { Tail::Bad };

    let n_documents = corpus.n_documents();
    // Chunks beyond this view of the corpus are neither checked nor cut off, because a larger view
    // needs them.
    let visible = reader.chunks.partition_point(|chunk| chunk.documents().end <= n_documents);
    if visible < reader.chunks.len() {
        (tail, reader.chunks) = (Tail::Later, reader.chunks[..visible].to_vec());
    }
    let ranges: Vec<Range<usize>> = reader.chunks.iter().map(Stored::documents).collect();
    let digests = corpus.digests(&ranges)?;
    let whole = reader.chunks.par_iter().map(|chunk| is_whole(&reader, chunk, identity));
    let whole: Vec<bool> = whole.collect::<Result<_, _>>()?;
    let good = (0..ranges.len()).take_while(|&i| whole[i] && digests[i] == reader.chunks[i].header.digest);
    let good = good.count();
    if good < reader.chunks.len() {
        tail = Tail::Bad;
        reader.chunks.truncate(good);
    }
    Ok(Found { reader: Some(reader), tail })
}

/// Returns the leading chunks of the file that have a valid header and fit into its `length`
/// bytes.
fn read_headers(file: &mut File, length: u64) -> io::Result<Vec<Stored>> {
    let mut chunks = Vec::new();
    let (mut place, mut first) = (FILE_HEADER as u64, 0);
    while place + CHUNK_HEADER as u64 <= length {
        let mut head = [0; CHUNK_HEADER];
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(&mut head)?;
        let Some(header) = ChunkHeader::from_bytes(&head).filter(|header| header.first == first) else {
            break;
        };
        let payload = place + CHUNK_HEADER as u64;
        let end = header.payload_length().and_then(|bytes| payload.checked_add(bytes));
        let Some(end) = end.filter(|end| *end <= length) else { break };
        chunks.push(Stored { header, payload });
        first += header.n_documents;
        place = end;
    }
    Ok(chunks)
}

/// Returns whether the chunk's payload has the right checksum, and all its starts and columns are
/// within bounds.
fn is_whole(reader: &Reader, chunk: &Stored, identity: &FileHeader) -> Result<bool, TextError> {
    let Range { start: payload, end } = chunk.payload..chunk.bytes().end;
    let bytes = map::map(&reader.file, payload, (end - payload) as usize);
    if checksum(&bytes.map_err(|error| failed(&reader.path, "mapped", &error))?) != chunk.header.checksum {
        return Ok(false);
    }
    let mapped = reader.map(chunk)?;
    let (starts, entries) = (mapped.starts(), mapped.entries());
    Ok(starts.is_sorted()
        && starts.first() == Some(&0)
        && starts.last().is_some_and(|last| *last as usize == entries.len())
        && entries.iter().max().is_none_or(|highest| highest.column() < identity.n_columns))
}

/// A writer that appends chunks to a file that has only valid chunks.
#[derive(Debug)]
pub(super) struct Writer {
    identity: FileHeader,
    reader: Reader,
    buffer: Vec<u8>,
}

impl Writer {
    /// Opens the file for appending after its valid chunks, and rewrites it if something follows
    /// them. Returns `None` if the file may not be written.
    pub(super) fn start(path: &Path, identity: FileHeader, found: &Found) -> Result<Option<Self>, TextError> {
        let whole = found.reader.as_ref().filter(|_| found.tail == Tail::End);
        let goes_on = whole.and_then(|reader| {
            // A file that cannot be opened belongs to another user, or is a link. It is replaced by
            // a new file.
            let file = nofollow(OpenOptions::new().read(true).write(true)).open(path).ok()?;
            Some(Reader { path: path.to_owned(), file, chunks: reader.chunks.clone() })
        });
        let opened = match (goes_on, &found.reader) {
            (Some(reader), _) => Ok(reader),
            (None, good) => write_anew(path, identity, |file| {
                let Some(good) = good else { return Ok(vec![]) };
                copy(&good.file, FILE_HEADER as u64..good.end(), file)?;
                Ok(good.chunks.clone())
            }),
        };
        let reader = unless_read_only(opened, path, "written")?;
        Ok(reader.map(|reader| Self { identity, reader, buffer: Vec::new() }))
    }

    /// Appends a chunk, whose first document is `first` and whose texts have this digest, to the
    /// file.
    pub(super) fn append(
        &mut self,
        first: usize,
        chunk: &MemoryChunk,
        digest: [u8; 32],
    ) -> Result<(), TextError> {
        let place = self.reader.end();
        let header = encode_chunk(first, chunk, digest, &mut self.buffer);
        let mut file = &self.reader.file;
        file.seek(SeekFrom::Start(place))
            .and_then(|_| file.write_all(&self.buffer))
            .map_err(|error| failed(&self.reader.path, "written", &error))?;
        self.reader.chunks.push(Stored { header, payload: place + CHUNK_HEADER as u64 });
        Ok(())
    }

    /// Merges small chunks if there are too many of them ([`merge::plan`]).
    pub(super) fn merge(&mut self, corpus: &dyn Corpus) -> Result<(), BoxError> {
        let old = &self.reader;
        let size = |chunk: &Stored| (chunk.header.n_documents as usize, chunk.header.n_entries as usize);
        let Some(groups) = merge::plan(&old.chunks.iter().map(size).collect::<Vec<_>>()) else {
            return Ok(());
        };
        let documents = |group: &Range<usize>| {
            old.chunks[group.start].documents().start..old.chunks[group.end - 1].documents().end
        };
        let digests = corpus.digests(&groups.iter().map(documents).collect::<Vec<_>>())?;
        let buffer = &mut self.buffer;
        let new = write_anew(&old.path, self.identity, |file| {
            let mut place = FILE_HEADER as u64;
            let mut chunks = Vec::new();
            for (group, digest) in groups.iter().zip(digests) {
                let header = if let [chunk] = &old.chunks[group.clone()] {
                    copy(&old.file, chunk.bytes(), file)?;
                    chunk.header
                } else {
                    let rows = concatenate(old, &old.chunks[group.clone()])?;
                    let header = encode_chunk(documents(group).start, &rows, digest, buffer);
                    file.write_all(buffer)?;
                    header
                };
                let chunk = Stored { header, payload: place + CHUNK_HEADER as u64 };
                place = chunk.bytes().end;
                chunks.push(chunk);
            }
            Ok(chunks)
        });
        self.reader = new.map_err(|error| failed(&self.reader.path, "written", &error))?;
        Ok(())
    }

    /// Returns the file for reading.
    pub(super) fn finish(self) -> Reader {
        self.reader
    }
}

/// Returns the rows of consecutive chunks as one chunk in memory.
fn concatenate(reader: &Reader, chunks: &[Stored]) -> io::Result<MemoryChunk> {
    let mut rows = MemoryChunk { starts: vec![0], entries: vec![] };
    for chunk in chunks {
        let mapped = reader.map(chunk).map_err(io::Error::other)?;
        let before = rows.entries.len() as u32;
        rows.starts.extend(mapped.starts()[1..].iter().map(|start| before + start));
        rows.entries.extend_from_slice(mapped.entries());
    }
    Ok(rows)
}

/// Writes a new file in the folder of `path`: a header, then what `fill` writes. Renames it to
/// `path` and returns it.
fn write_anew(
    path: &Path,
    identity: FileHeader,
    fill: impl FnOnce(&mut File) -> io::Result<Vec<Stored>>,
) -> io::Result<Reader> {
    let new = beside(path, ".new");
    // A file that a killed process left is removed first, because it may belong to another user or
    // be a link.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&new)?;
    file.write_all(&identity.to_bytes())?;
    let chunks = fill(&mut file)?;
    fs::rename(&new, path)?;
    Ok(Reader { path: path.to_owned(), file, chunks })
}

/// Copies a range of bytes of `from` to the current position of `to`.
fn copy(mut from: &File, bytes: Range<u64>, to: &mut File) -> io::Result<()> {
    from.seek(SeekFrom::Start(bytes.start))?;
    let length = bytes.end - bytes.start;
    if io::copy(&mut from.take(length), to)? == length {
        Ok(())
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_written_is_no_error() {
        let path = Path::new("features/x");
        for kind in [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem, ErrorKind::Unsupported] {
            assert_eq!(unless_read_only::<()>(Err(kind.into()), path, "written"), Ok(None));
        }
        assert_eq!(unless_read_only(Ok(1), path, "written"), Ok(Some(1)));
        let full = unless_read_only::<()>(Err(ErrorKind::StorageFull.into()), path, "written").unwrap_err();
        assert_eq!(full.to_string(), "features/x: the feature file cannot be written: no storage space");
    }
}
