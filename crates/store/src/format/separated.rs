//! Reads records of values that are separated by commas, semicolons or tabs, each with the number
//! of the line on which it begins. All text tables are read with this reader. Memory is bounded,
//! because a record must not be longer than [`LINE_LIMIT`]. The header shows the separator
//! ([`dialect`]).
//!
//! The reader never repairs a record, because a repaired record may silently contain the rest of a
//! file. A quoted cell ends at its next single quote, and a separator or the end of the line must
//! follow. A quote that is never closed is an error at the line of the quote. A quote within an
//! unquoted cell is an ordinary character, as in `5" disk`. Blank lines and records are skipped.

mod dialect;

use std::io::BufRead;

use memchr::{memchr, memchr_iter, memchr2};

pub(super) use self::dialect::Usual;
use crate::error::{InputError, InputProblem, Place, TableProblem};
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// A file that is read record by record. The header is read like any other record.
pub(super) struct Separated {
    source: Source,
    separator: u8,
    /// The byte that ends a line: a line feed, or a carriage return in very old files.
    line_break: u8,
    /// The current record's lines, as they are in the file.
    raw: Vec<u8>,
    /// The cells of the current record, without quotes, if the record has quotes.
    unquoted: Vec<u8>,
    /// The offset in `raw` at which the last line ends, before its line break.
    end: usize,
    /// Whether the line that was read last contains a quote.
    has_quote: bool,
    /// Whether the first line of the current record contains a quote, so that its cells are in
    /// `unquoted`.
    is_quoted: bool,
    /// The start and the end of each cell, as offsets in `unquoted` if the record has quotes, and
    /// otherwise in `raw`.
    cells: Vec<(usize, usize)>,
    /// The number of the line that was read last, from 1.
    line: u64,
    /// The number of the line on which the current record begins.
    begun: u64,
    /// The current record's fault, if the next record can be read in spite of it.
    fault: Option<InputProblem>,
    /// Whether `raw` contains a line that was read but not yet split into cells.
    looked_at: bool,
    /// The records over several lines of which each line could be a record: their number, and the
    /// line number and the number of lines of the first of them.
    doubtful: (u64, Option<(u64, u64)>),
}

impl Separated {
    /// Returns a reader of a source's records. Reads the header's line to find the separator.
    ///
    /// # Errors
    /// The source cannot be read.
    pub(super) fn of(source: Source, usual: Usual) -> Result<Self, InputError> {
        let mut records = Self {
            source,
            separator: usual.separator(),
            line_break: b'\n',
            raw: Vec::new(),
            unquoted: Vec::new(),
            end: 0,
            has_quote: false,
            is_quoted: false,
            cells: Vec::new(),
            line: 0,
            begun: 0,
            fault: None,
            looked_at: false,
            doubtful: (0, None),
        };
        let mut is_there = records.read_first_line()?;
        while is_there {
            if records.line == 1 && records.raw.starts_with(dialect::MARK) {
                records.raw.drain(..dialect::MARK.len());
                records.end = records.end.saturating_sub(dialect::MARK.len());
            }
            let line = &records.raw[..records.end];
            if let Some(separator) = dialect::named(line).filter(|_| records.line == 1) {
                records.separator = separator;
                records.raw.clear();
                records.looked_at = records.read_line(None)?;
                return Ok(records);
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                records.separator = dialect::separator(line, usual);
                records.looked_at = true;
                return Ok(records);
            }
            records.raw.clear();
            is_there = records.read_line(None)?;
        }
        Ok(records)
    }

    /// Returns the source of the records.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// Returns how many cells the current record has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Returns the cell at this position of the current record, without its quotes.
    pub(super) fn cell(&self, at: usize) -> &[u8] {
        let (from, to) = self.cells[at];
        &self.bytes()[from..to]
    }

    fn bytes(&self) -> &[u8] {
        if self.is_quoted { &self.unquoted } else { &self.raw }
    }

    /// Returns all cells of the current record, without their quotes.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.bytes();
        self.cells.iter().map(|(from, to)| &bytes[*from..*to])
    }

    /// Returns the number of the line on which the current record begins.
    pub(super) fn begins_on(&self) -> u64 {
        self.begun
    }

    /// Returns the current record as it is in the file.
    pub(super) fn as_it_stands(&self) -> &[u8] {
        &self.raw[..self.end]
    }

    /// Returns the current record's fault and clears it. A record with a fault has no usable cells;
    /// the next record is not affected.
    pub(super) fn take_fault(&mut self) -> Option<InputProblem> {
        self.fault.take()
    }

    /// Reads the next record that is not blank. Returns `false` at the end of the file.
    ///
    /// # Errors
    /// The file cannot be read, a quote is never closed, or a record is longer than [`LINE_LIMIT`].
    pub(super) fn read(&mut self) -> Result<bool, InputError> {
        loop {
            if !std::mem::take(&mut self.looked_at) {
                self.raw.clear();
                if !self.read_line(None)? {
                    return Ok(false);
                }
            }
            self.begun = self.line;
            self.cells.clear();
            self.fault = None;
            self.is_quoted = self.has_quote;
            if self.is_quoted {
                self.split_quoted()?;
            } else {
                self.split_plain();
            }
            if self.fault.is_some() || self.cells().any(|cell| !cell.trim_ascii().is_empty()) {
                return Ok(true);
            }
        }
    }

    /// Appends the next line, with its line break, to `raw`. Returns `false` at the end of the
    /// file. If a quote is open, `opened` is the line and the cell where it opened, for errors.
    fn read_line(&mut self, opened: Option<(u64, usize)>) -> Result<bool, InputError> {
        let start = self.raw.len();
        self.line += 1;
        self.has_quote = false;
        loop {
            let block = match self.source.fill_buf() {
                Ok(block) => block,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.source.fault(&error, Some(Place::Line(self.line)))),
            };
            // After the first quote in a line, only the line break must be found.
            let quote_or_break = if self.has_quote {
                memchr(self.line_break, block)
            } else {
                memchr2(b'"', self.line_break, block)
            };
            let found = match quote_or_break {
                Some(at) if block[at] == b'"' => {
                    self.has_quote = true;
                    memchr(self.line_break, &block[at..]).map(|behind| at + behind)
                }
                found => found,
            };
            let length = found.map_or(block.len(), |at| at + 1);
            self.raw.extend_from_slice(&block[..length]);
            self.source.consume(length);
            if self.raw.len() > LINE_LIMIT {
                return Err(self.too_long(opened));
            }
            if found.is_some() {
                self.end = self.raw.len() - 1;
                break;
            }
            if length == 0 {
                self.end = self.raw.len();
                break;
            }
        }
        if self.end > start && self.line_break == b'\n' && self.raw[self.end - 1] == b'\r' {
            self.end -= 1;
        }
        Ok(self.raw.len() > start)
    }

    /// Reads the first line byte by byte to find out which byte ends lines. If a carriage return
    /// outside quotes comes before the first line feed and is not followed by one, it is the
    /// carriage return. Returns `false` if the file is empty.
    fn read_first_line(&mut self) -> Result<bool, InputError> {
        self.line = 1;
        let mut within = false;
        loop {
            let byte = self.next_byte()?;
            self.end = self.raw.len();
            let Some(byte) = byte else { break };
            self.raw.push(byte);
            self.source.consume(1);
            within ^= byte == b'"';
            self.has_quote |= byte == b'"';
            if self.raw.len() > LINE_LIMIT {
                return Err(self.too_long(None));
            }
            if byte == b'\n' {
                break;
            }
            if byte == b'\r' {
                match self.next_byte()? {
                    Some(b'\n') => {
                        self.raw.push(b'\n');
                        self.source.consume(1);
                        break;
                    }
                    _ if within => {}
                    _ => {
                        self.line_break = b'\r';
                        break;
                    }
                }
            }
        }
        Ok(!self.raw.is_empty())
    }

    /// Returns the next byte without consuming it; `None` at the end of the file.
    fn next_byte(&mut self) -> Result<Option<u8>, InputError> {
        loop {
            match self.source.fill_buf() {
                Ok(block) => return Ok(block.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.source.fault(&error, Some(Place::Line(self.line)))),
            }
        }
    }

    /// Splits a record on one line without quotes into cells.
    fn split_plain(&mut self) {
        let mut from = 0;
        for (at, byte) in self.raw[..self.end].iter().enumerate() {
            if *byte == self.separator {
                self.cells.push((from, at));
                from = at + 1;
            }
        }
        self.cells.push((from, self.end));
    }

    /// Splits a record with quotes into cells, and reads further lines if a quoted cell continues
    /// there.
    fn split_quoted(&mut self) -> Result<(), InputError> {
        self.unquoted.clear();
        let mut at = 0;
        loop {
            let start = self.unquoted.len();
            if at < self.end && self.raw[at] == b'"' {
                let opened = (self.line, self.cells.len() + 1);
                at = self.unquote(at + 1, opened)?;
                if at < self.end && self.raw[at] != self.separator {
                    return self.behind_quote(opened);
                }
            } else {
                let rest = &self.raw[at..self.end];
                let length = memchr(self.separator, rest).unwrap_or(rest.len());
                self.unquoted.extend_from_slice(&rest[..length]);
                at += length;
            }
            self.cells.push((start, self.unquoted.len()));
            if at == self.end {
                self.doubt();
                return Ok(());
            }
            at += 1;
        }
    }

    /// Counts the current record if it has several lines and each line has as many separators as
    /// the record. A quote may be missing that another row happens to close. But the lines may also
    /// be one text, so this is no error.
    fn doubt(&mut self) {
        if self.line == self.begun || self.cells.len() == 1 {
            return;
        }
        let separators = |line: &[u8]| memchr_iter(self.separator, line).count() + 1;
        let mut lines = self.raw[..self.end].split(|byte| *byte == self.line_break);
        if lines.all(|line| separators(line) == self.cells.len()) {
            self.doubtful.0 += 1;
            self.doubtful.1.get_or_insert((self.begun, self.line - self.begun + 1));
        }
    }

    /// Returns remarks for the user on the records so far.
    pub(super) fn remarks(&self) -> Vec<String> {
        let (count, Some((line, lines))) = self.doubtful else { return Vec::new() };
        let more = if count > 1 { format!(" ({count} records are like this)") } else { String::new() };
        vec![format!(
            "the record that begins on line {line} continues over {lines} lines inside quotes, and each of \
             these lines could be a record of its own; there may be a quote missing or one too many{more}"
        )]
    }

    /// Copies a quoted cell without its quotes to `unquoted`. Its first character is at `at`, and
    /// its quote opened at `opened` (line, cell). Returns the position after the closing quote.
    fn unquote(&mut self, mut at: usize, opened: (u64, usize)) -> Result<usize, InputError> {
        loop {
            let rest = &self.raw[at..];
            let Some(length) = memchr(b'"', rest) else {
                self.unquoted.extend_from_slice(rest);
                at = self.raw.len();
                if !self.read_line(Some(opened))? {
                    return Err(self.unclosed(opened));
                }
                continue;
            };
            self.unquoted.extend_from_slice(&rest[..length]);
            at += length + 1;
            if self.raw.get(at) != Some(&b'"') {
                return Ok(at);
            }
            // Two quotes in a quoted cell stand for one.
            self.unquoted.push(b'"');
            at += 1;
        }
    }

    /// Records the fault of text between a closing quote and the next separator. If the record has
    /// one line, the next record can still be read. If it has several lines, the wrong quote cannot
    /// be found, so reading ends with an error.
    fn behind_quote(&mut self, (line, cell): (u64, usize)) -> Result<(), InputError> {
        let problem: InputProblem = TableProblem::BehindQuote { cell }.into();
        if line == self.line && line == self.begun {
            self.fault = Some(problem);
            return Ok(());
        }
        Err(InputError::at(self.source.file(), Place::Line(line), problem))
    }

    fn unclosed(&self, (line, cell): (u64, usize)) -> InputError {
        InputError::at(self.source.file(), Place::Line(line), TableProblem::UnclosedQuote { cell }.into())
    }

    fn too_long(&self, opened: Option<(u64, usize)>) -> InputError {
        if let Some(opened) = opened {
            return self.unclosed(opened);
        }
        let problem = InputProblem::RecordTooLong { limit_mib: LINE_LIMIT >> 20 };
        InputError::at(self.source.file(), Place::Line(self.line), problem)
    }
}

#[cfg(test)]
mod tests;
