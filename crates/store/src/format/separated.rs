//! Records of comma-separated values and the like, in bounded memory, each with the line that it begins on.
//!
//! A record may not be longer than [`LINE_LIMIT`], so that a quote that is never closed does not fill the memory; a record that is
//! ends the reading, because nobody can tell where the next one would begin.

use std::io::Read;

use csv::{ByteRecord, ReaderBuilder, Trim};

use crate::error::{InputError, InputProblem, Place};
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// How much is read at once, in bytes.
const BLOCK: usize = 1 << 16;

/// A file read record by record, its header like any other.
pub(super) struct Separated {
    reader: csv::Reader<Fence>,
    record: ByteRecord,
}

/// Lets so many bytes through and then fails. Remembers the last block, because `csv` counts line breaks and does not say
/// whether it has passed that at the end of a record yet.
struct Fence {
    source: Source,
    left: usize,
    /// The last byte before the last block, and that block.
    last: Vec<u8>,
    /// How many bytes came before the last block.
    before: u64,
}

impl Fence {
    /// Whether the byte before this place of the file is a line break.
    fn is_behind_line_break(&self, place: u64) -> bool {
        let at = place.checked_sub(self.before).and_then(|at| self.last.get(at as usize));
        at == Some(&b'\n')
    }
}

impl Read for Fence {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let length = self.source.read(into)?;
        self.left = self.left.saturating_sub(length);
        if length > 0 {
            self.before += self.last.len().saturating_sub(1) as u64;
            let end = self.last.last().copied().unwrap_or_default();
            self.last.clear();
            self.last.push(end);
            self.last.extend_from_slice(&into[..length]);
        }
        Ok(length)
    }
}

impl Separated {
    /// The records of a source whose cells are parted by a byte; quotes are as in RFC 4180.
    pub(super) fn of(source: Source, separator: u8, trim: Trim) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .trim(trim)
            .buffer_capacity(BLOCK)
            .from_reader(Fence { source, left: LINE_LIMIT, last: Vec::new(), before: 0 });
        Self { reader, record: ByteRecord::new() }
    }

    /// What is read.
    pub(super) fn source(&self) -> &Source {
        &self.reader.get_ref().source
    }

    /// The record read last.
    pub(super) fn record(&self) -> &ByteRecord {
        &self.record
    }

    /// Reads the next record. `false` at the end.
    pub(super) fn read(&mut self) -> Result<bool, InputError> {
        self.reader.get_mut().left = LINE_LIMIT;
        self.reader.read_byte_record(&mut self.record).map_err(|error| {
            let source = &self.reader.get_ref().source;
            let place = Some(Place::Line(self.reader.position().line()));
            match error.into_kind() {
                csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                    let problem = InputProblem::RecordTooLong { limit_mib: LINE_LIMIT >> 20 };
                    InputError { file: source.file().to_owned(), place, problem }
                }
                csv::ErrorKind::Io(error) => source.fault(&error, place),
                other => {
                    let problem = InputProblem::Unreadable { detail: format!("{other:?}") };
                    InputError { file: source.file().to_owned(), place, problem }
                }
            }
        })
    }

    /// The line that the record just read begins on.
    pub(super) fn line(&self) -> u64 {
        let (position, fence) = (self.reader.position(), self.reader.get_ref());
        let within: usize =
            self.record.iter().map(|cell| cell.split(|byte| *byte == b'\n').count() - 1).sum();
        let behind = u64::from(fence.is_behind_line_break(position.byte()));
        position.line().saturating_sub(within as u64 + behind).max(1)
    }
}
