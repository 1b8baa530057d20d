//! Reads the rows of all files in a ZIP archive, one file after the other. A text file is one
//! document, as in a folder. Files that a folder would skip are skipped.
//!
//! Archives may be malicious. So nothing is written to disk, and the name of a file in the archive
//! is never used as a path. It is an error if a file is encrypted, is itself an archive, has a
//! wrong checksum, or unpacks to far more than its size ([`crate::source`]). An archive may have at
//! most [`MEMBERS_LIMIT`] files and [`SIZE_LIMIT`] bytes. The library `zip` reads only the
//! archive's directory. A workbook is read into memory.

use std::fs::File;
use std::io::{Cursor, Error, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use flate2::CrcReader;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::guess::{self, Guess};
use super::text_file::TextFile;
use super::{Layout, PassedOver, Reading, Record, RecordReader, folder, of_text, packed, workbook};
use crate::error::{InputError, InputProblem, PackingProblem, TableProblem, Told, shown};
use crate::os_name::path_of;
use crate::source::{Counted, Encoding, Source};

/// The largest number of files in an archive.
pub(super) const MEMBERS_LIMIT: usize = 10_000;
/// The largest total size of an archive's files after unpacking, in bytes (8 GiB).
pub(super) const SIZE_LIMIT: u64 = 8 << 30;

/// The largest size of a workbook in an archive, in bytes (256 MiB), because it is read into
/// memory.
const WORKBOOK_LIMIT: u64 = 256 << 20;

/// A ZIP archive that is read file by file.
pub(super) struct Archive {
    file: String,
    reading: Reading,
    /// The files that are not read yet, in reverse order.
    left: Vec<Member>,
    passed_over: Vec<PassedOver>,
    /// Remarks on the files that were read so far.
    told: Vec<Told>,
    /// The name of the file that is being read, and its reader.
    current: Option<(String, Box<dyn RecordReader>)>,
    /// Whether no row of the current file has been read yet.
    is_empty: bool,
    /// The number of text files that were opened. Each of them is one document.
    texts: u64,
    /// The name of the current record's file in the archive, and of the sheet within it, if any.
    member: String,
    bytes: Vec<u8>,
    json: String,
    hash: String,
}

/// Whether the name of a file shows its layout. If no file of an archive has such a name, all files
/// are read.
fn is_known(name: &str) -> bool {
    folder::is_text_file(name) || guess::is_rows(name)
}

/// A file in an archive, as the archive's directory describes it.
struct Member {
    name: String,
    /// The position of the file's data in the archive.
    start: u64,
    /// The size of the file's data in the archive, in bytes.
    packed: u64,
    /// The size of the unpacked file, in bytes.
    size: u64,
    /// Whether the file is compressed.
    deflated: bool,
    /// The checksum (CRC-32) of the unpacked file.
    crc: u32,
}

/// Reads the unpacked content of a file. Fails if the length or the checksum is not the one in the
/// archive's directory.
struct Checked<R> {
    from: CrcReader<R>,
    crc: u32,
    /// The number of bytes that must still follow.
    left: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.from.read(into)?;
        if length as u64 > self.left {
            return Err(Error::other("a file in it is longer than the directory says"));
        }
        self.left -= length as u64;
        let ended = length == 0 && !into.is_empty();
        if ended && (self.left > 0 || self.from.crc().sum() != self.crc) {
            return Err(Error::other("a file in it is cut off or its checksum is wrong"));
        }
        Ok(length)
    }
}

impl Archive {
    /// Opens an archive and reads its directory.
    ///
    /// # Errors
    /// The archive cannot be read, is damaged, or exceeds a limit.
    pub(super) fn open(file: &str, reading: &Reading) -> Result<Self, InputError> {
        let fault = |problem| InputError::of_file(file, problem);
        let unreadable = |error: Error| fault(InputProblem::Unreadable { detail: error.to_string() });
        let mut hash = blake3::Hasher::new();
        hash.update_reader(File::open(path_of(file)).map_err(unreadable)?).map_err(unreadable)?;
        let broken = |detail: String| fault(InputProblem::BrokenZip { detail });
        let mut archive = ZipArchive::new(File::open(path_of(file)).map_err(unreadable)?)
            .map_err(|error| broken(error.to_string()))?;
        let too_large = |what: String| fault(PackingProblem::ArchiveTooLarge { what }.into());
        if archive.len() > MEMBERS_LIMIT {
            return Err(too_large(format!("has {} files, more than {MEMBERS_LIMIT}", archive.len())));
        }
        let (mut left, mut passed_over) = (Vec::new(), Vec::new());
        let mut size = 0_u64;
        for index in 0..archive.len() {
            let member = archive.by_index_raw(index).map_err(|error| broken(error.to_string()))?;
            let name = member.name().map_err(|error| broken(error.to_string()))?.into_owned();
            let last = name.rsplit('/').next().unwrap_or_default();
            if member.is_dir() || last.is_empty() {
                continue;
            }
            if last.starts_with('.') || name.starts_with("__MACOSX/") {
                passed_over.push(PassedOver { file: format!("{file}/{name}"), why: "hidden" });
                continue;
            }
            if member.encrypted() {
                return Err(broken(format!("{name:?} is encrypted")));
            }
            let deflated = match member.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                other => return Err(broken(format!("{name:?} is compressed by {other}, not by deflate"))),
            };
            size = size.saturating_add(member.size());
            let start =
                member.data_start().ok_or_else(|| broken(format!("the data of {name:?} cannot be found")))?;
            let (packed, own, crc) = (member.compressed_size(), member.size(), member.crc32());
            left.push(Member { name, start, packed, size: own, deflated, crc });
        }
        if size > SIZE_LIMIT {
            return Err(too_large(format!("unpacks to {} GiB, more than {}", size >> 30, SIZE_LIMIT >> 30)));
        }
        let has_known = left.iter().any(|member| is_known(&member.name));
        for member in left.extract_if(.., |member| has_known && !is_known(&member.name)) {
            passed_over.push(PassedOver { file: format!("{file}/{}", member.name), why: folder::UNKNOWN });
        }
        left.reverse();
        let hash = hash.finalize().to_hex().to_string();
        Ok(Self {
            file: file.to_owned(),
            reading: reading.clone(),
            left,
            passed_over,
            told: Vec::new(),
            current: None,
            is_empty: true,
            texts: 0,
            member: String::new(),
            bytes: Vec::new(),
            json: String::new(),
            hash,
        })
    }

    /// Returns a reader of the rows of one file in the archive.
    fn open_member(&mut self, member: &Member) -> Result<Box<dyn RecordReader>, InputError> {
        let name = format!("{}/{}", self.file, member.name);
        let unreadable =
            |error: Error| InputError::of_file(&name, InputProblem::Unreadable { detail: error.to_string() });
        let mut archive = File::open(path_of(&self.file)).map_err(unreadable)?;
        archive.seek(SeekFrom::Start(member.start)).map_err(unreadable)?;
        let count = Arc::new(AtomicU64::new(0));
        let packed = Counted::new(archive.take(member.packed), Arc::clone(&count));
        let plain: Box<dyn Read + Send> =
            if member.deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
        let checked = Checked { from: CrcReader::new(plain), crc: member.crc, left: member.size };
        let is_workbook = guess::is_workbook(&member.name);
        // A workbook is not text, so the encoding that the user named does not apply to it.
        let encoding = if is_workbook { Encoding::default() } else { self.reading.encoding };
        let mut source = Source::of_member(&name, Box::new(checked), count, encoding)?;
        if folder::is_text_file(&member.name) {
            self.texts += 1;
            return Ok(Box::new(TextFile::of(source, &member.name, self.texts)));
        }
        let Guess { layout, .. } = guess::guess(&member.name, source.first_bytes()?);
        match layout {
            Layout::Zip => self.open_workbook(&name, source, member),
            Layout::Parquet | Layout::Xlsx => {
                let problem = PackingProblem::PackedTwice { layout: layout.description() }.into();
                Err(InputError::of_file(&name, problem))
            }
            _ => of_text(source, layout, &self.reading.fields),
        }
    }

    /// Reads a workbook in the archive into memory, and returns a reader of its rows.
    fn open_workbook(
        &mut self,
        name: &str,
        mut source: Source,
        member: &Member,
    ) -> Result<Box<dyn RecordReader>, InputError> {
        if member.size > WORKBOOK_LIMIT {
            let what = format!("has a workbook of more than {} MiB", WORKBOOK_LIMIT >> 20);
            return Err(InputError::of_file(name, PackingProblem::ArchiveTooLarge { what }.into()));
        }
        let mut bytes = Vec::new();
        if let Err(error) = source.read_to_end(&mut bytes) {
            return Err(source.fault(&error, None));
        }
        match packed::kind(Cursor::new(&bytes)) {
            packed::Kind::Workbook => {
                let (workbook, told) = workbook::Workbook::of_bytes(name, bytes, &self.reading)?;
                self.told.extend(told.map(|told| told.of_file(&shown(&member.name))));
                Ok(Box::new(workbook))
            }
            packed::Kind::Other(kind) => {
                Err(InputError::of_file(name, TableProblem::OfficeFile { kind }.into()))
            }
            packed::Kind::Archive => {
                let layout = Layout::Zip.description();
                Err(InputError::of_file(name, PackingProblem::PackedTwice { layout }.into()))
            }
        }
    }
}

impl RecordReader for Archive {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        loop {
            if self.current.is_none() {
                let Some(member) = self.left.pop() else { return Ok(None) };
                let reader = self.open_member(&member)?;
                self.current = Some((member.name, reader));
                self.is_empty = true;
            }
            // Copy the record, because the borrow checker does not allow a borrowed record to be
            // returned from within a loop.
            let Some((name, reader)) = &mut self.current else { return Ok(None) };
            let Some(record) = reader.next_record()? else {
                let name = shown(name);
                self.told.extend(reader.remarks().into_iter().map(|remark| remark.of_file(&name)));
                if self.is_empty {
                    self.told.push(format!("{name} {}", folder::EMPTY).into());
                }
                self.current = None;
                continue;
            };
            self.is_empty = false;
            self.member.clone_from(name);
            if let Some(within) = record.member {
                self.member = format!("{name}/{within}");
            }
            self.bytes.clear();
            self.bytes.extend_from_slice(record.bytes);
            self.json.clear();
            let shape = record.shape;
            let (place, json) = (record.place, record.json.map(|json| self.json.push_str(json)));
            return Ok(Some(Record {
                place,
                shape,
                member: Some(&self.member),
                bytes: &self.bytes,
                json: json.map(|()| self.json.as_str()),
                line: None,
            }));
        }
    }

    fn hash(&self) -> String {
        self.hash.clone()
    }

    fn remarks(&self) -> Vec<Told> {
        self.told.clone()
    }

    fn passed_over(&self) -> &[PassedOver] {
        &self.passed_over
    }
}
