//! Reads a file or standard input line by line, decompressing it if needed.
//!
//! A line ends with a line feed; in very old files, it ends with a carriage return. A line that is
//! longer than [`LINE_LIMIT`] is an error, so even a malformed file cannot fill the memory. Line
//! numbers count the lines of the uncompressed text. After the last line, the reader knows the hash
//! of the content, by which the file can be recognized later.

use std::io::{BufRead, Read};

use crate::error::{InputError, InputProblem, Place};
use crate::source::{Encoding, Source};

/// The largest allowed length of a line, in bytes (16 MiB). No document that a person would label
/// is nearly as long.
pub const LINE_LIMIT: usize = 16 << 20;

/// A file that is read line by line.
pub struct Lines {
    source: Source,
    number: u64,
    /// The byte that ends lines: a line feed, or a carriage return in very old files. `None` until
    /// the first line is read.
    line_break: Option<u8>,
    buffer: Vec<u8>,
}

/// One line without its line break.
pub struct Line<'a> {
    /// The line number, from 1.
    pub number: u64,
    /// The line's bytes; only the first [`LINE_LIMIT`] if the line is longer.
    pub bytes: &'a [u8],
    /// The line's text, or the reason why it is not usable: the line is too long or not UTF-8.
    pub text: Result<&'a str, InputProblem>,
}

impl Lines {
    /// Opens a UTF-8 file, or standard input for `-`. Gzip and zstd are decompressed.
    ///
    /// # Errors
    /// The file cannot be opened, or is a folder.
    pub fn open(file: &str) -> Result<Self, InputError> {
        Ok(Self::of(Source::open(file, Encoding::default())?))
    }

    /// Returns a reader of the lines of a source.
    pub fn of(source: Source) -> Self {
        Self { source, number: 0, line_break: None, buffer: Vec::new() }
    }

    /// Returns the name of the file, as the user wrote it.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// Returns the next line that is not blank; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read any further, for example because its compressed data is damaged. A
    /// line that is too long or not UTF-8 is no error here: [`Line::text`] reports it.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>, InputError> {
        loop {
            self.buffer.clear();
            self.number += 1;
            let Some(too_long) = self.read_line()? else { return Ok(None) };
            let mut end = self.buffer.len();
            if !too_long && self.buffer.last() == Some(&b'\r') {
                end -= 1;
            }
            // A byte-order mark is not part of the first line.
            let start = if self.number == 1 && self.buffer.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            if self.buffer[start..end].iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let bytes = &self.buffer[start..end];
            let text = if too_long {
                Err(InputProblem::LineTooLong { limit_mib: LINE_LIMIT >> 20 })
            } else {
                std::str::from_utf8(bytes)
                    .map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })
            };
            return Ok(Some(Line { number: self.number, bytes, text }));
        }
    }

    /// Whether the next line is in memory already. Then [`Self::next_line`] need not wait for the
    /// disk or for a process that writes into a pipe.
    pub(crate) fn has_line_at_hand(&self) -> bool {
        self.source.at_hand().contains(&self.line_break.unwrap_or(b'\n'))
    }

    /// Returns the BLAKE3 hash of the uncompressed content, in hexadecimal. Call this only after
    /// the last line was read.
    pub fn hash(&self) -> String {
        self.source.hash()
    }

    /// Reads a line into `buffer`. Returns whether the line is longer than [`LINE_LIMIT`]; the
    /// bytes after the limit are then dropped. Returns `None` at the end of the file.
    fn read_line(&mut self) -> Result<Option<bool>, InputError> {
        let line_break = self.line_break()?;
        // Read one byte more than the limit, to tell a line of exactly that length from a longer
        // one.
        let mut limited = (&mut self.source).take(LINE_LIMIT as u64 + 1);
        let length = limited.read_until(line_break, &mut self.buffer).map_err(|error| self.fault(&error))?;
        if length == 0 {
            return Ok(None);
        }
        if self.buffer.last() == Some(&line_break) {
            self.buffer.pop();
        } else if length > LINE_LIMIT {
            self.buffer.truncate(LINE_LIMIT);
            self.source.skip_until(line_break).map_err(|error| self.fault(&error))?;
            return Ok(Some(true));
        }
        Ok(Some(false))
    }

    /// Returns the byte that ends lines: a carriage return if the first bytes contain one and no
    /// line feed, and otherwise a line feed.
    fn line_break(&mut self) -> Result<u8, InputError> {
        if let Some(known) = self.line_break {
            return Ok(known);
        }
        let first = self.source.first_bytes()?;
        // If the last byte is a carriage return, a line feed may follow it, so the byte is ignored.
        let whole = &first[..first.len().saturating_sub(1)];
        let line_break = if whole.contains(&b'\r') && !first.contains(&b'\n') { b'\r' } else { b'\n' };
        self.line_break = Some(line_break);
        Ok(line_break)
    }

    /// Returns the error for a read that failed at the current line.
    fn fault(&self, error: &std::io::Error) -> InputError {
        self.source.fault(error, Some(Place::Line(self.number)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(u64, String)>, InputError> {
        let file = file(bytes);
        let mut lines = Lines::open(file.path().to_str().unwrap())?;
        let mut out = Vec::new();
        while let Some(line) = lines.next_line()? {
            out.push((line.number, line.text.map_or_else(|problem| problem.to_string(), str::to_owned)));
        }
        Ok(out)
    }

    #[test]
    fn numbers_lines_and_passes_over_blank_ones() {
        let expected = vec![(1, "a".to_owned()), (3, "b".to_owned())];
        assert_eq!(read(b"a\n\nb").unwrap(), expected);
        assert_eq!(read(b"\xef\xbb\xbfa\r\n \t\r\nb\n\n").unwrap(), expected);
        assert_eq!(read(&gzip(b"a\n\nb\n")).unwrap(), expected);
        let two_members = [gzip(b"a\n\n"), gzip(b"b\n")].concat();
        assert_eq!(read(&two_members).unwrap(), expected);
        assert!(read(b"").unwrap().is_empty());
        let old = vec![(1, "a".to_owned()), (3, "b c".to_owned())];
        assert_eq!(read(b"a\r\rb c\r").unwrap(), old);
        assert_eq!(read(b"a\r").unwrap(), [(1, "a".to_owned())]);
        assert_eq!(read(b"a\rb\nc\n").unwrap(), [(1, "a\rb".to_owned()), (2, "c".to_owned())]);
    }

    #[test]
    fn names_the_first_bad_byte() {
        let lines = read(b"ok\nab\xffc\n").unwrap();
        assert!(lines[1].1.contains("byte 3"), "{}", lines[1].1);
    }

    #[test]
    fn a_long_line_is_a_problem_of_that_line_only() {
        let mut bytes = vec![b'x'; LINE_LIMIT + 1];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = read(&bytes).unwrap();
        assert!(lines[0].1.contains("longer than 16 MiB"));
        assert_eq!(lines[1], (2, "next".to_owned()));
        assert_eq!(read(&vec![b'x'; LINE_LIMIT]).unwrap()[0].1.len(), LINE_LIMIT);
    }

    #[test]
    fn a_cut_gzip_is_an_error_wherever_it_is_cut() {
        let whole = gzip("some text\n".repeat(5_000).as_bytes());
        for cut in [11, whole.len() / 2, whole.len() - 1] {
            let error = read(&whole[..cut]).unwrap_err();
            assert!(matches!(error.problem, InputProblem::BrokenGzip { .. }), "cut at {cut}: {error}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_content() {
        let (plain, packed) = (file(b"a\nb\n"), file(&gzip(b"a\nb\n")));
        let hash = |file: &tempfile::NamedTempFile| {
            let mut lines = Lines::open(file.path().to_str().unwrap()).unwrap();
            while lines.next_line().unwrap().is_some() {}
            lines.hash()
        };
        assert_eq!(hash(&plain), hash(&packed));
        assert_eq!(hash(&plain), blake3::hash(b"a\nb\n").to_hex().to_string());
    }
}
