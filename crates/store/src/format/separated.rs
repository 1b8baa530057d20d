//! Reads text tables: records of cells that are separated by commas, semicolons or tabs. The header
//! shows the separator ([`dialect`]). A record is at most [`LINE_LIMIT`] bytes long, so memory is
//! bounded.
//!
//! The reader never repairs a faulty record, because the repaired record could silently swallow the
//! rest of the file. A quoted cell ends at its next single quote; a separator or the end of the
//! line must follow. If a quote is never closed, that is an error at the line of the quote. In an
//! unquoted cell, a quote is an ordinary character, as in `5" disk`. Blank lines and blank records
//! are skipped.

mod dialect;

use std::io::BufRead;

use memchr::{memchr, memchr_iter, memchr2};

pub(super) use self::dialect::Usual;
use crate::error::{InputError, InputProblem, Place, TableProblem};
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// A text table that is read record by record. The header is the first record.
pub(super) struct Separated {
    source: Source,
    separator: u8,
    /// The byte that ends a line: a line feed, or a carriage return in very old files.
    line_break: u8,
    /// The bytes of the current record in the file; it may have several lines.
    raw: Vec<u8>,
    /// The cells of the current record, without quotes, if the record has quotes.
    unquoted: Vec<u8>,
    /// The offset in `raw` of the end of the record, before its last line break.
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
    /// The current record's error, if the next record can still be read.
    fault: Option<InputProblem>,
    /// Whether `raw` contains a line that was only read to find the separator, and is not split
    /// into cells yet.
    looked_at: bool,
    /// Counts suspicious records: a record with several lines, of which each could be a record.
    /// Holds the number of such records and, for the first of them, its line number and its number
    /// of lines.
    doubtful: (u64, Option<(u64, u64)>),
}

impl Separated {
    /// Returns a reader of a source's records. Reads the first line to find the separator.
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

    /// Returns the buffer to which the offsets in `cells` refer.
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

    /// Returns the current record's error, if it has one, and clears it. If a record has an error,
    /// its cells are not usable. The next record is not affected.
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
    /// file. If the line continues a quoted cell, `opened` is the line and the cell of the opening
    /// quote, for an error message.
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
            // After the first quote in the line, search only for the line break.
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

    /// Reads the first line, byte by byte, to find out which byte ends lines. Lines end with a
    /// carriage return if the first line break outside quotes is a carriage return without a line
    /// feed after it. Returns `false` if the file is empty.
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

    /// Splits the current record into cells. It has one line and no quotes.
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

    /// Splits the current record into cells. It contains quotes. If a quoted cell continues on the
    /// next lines, reads these lines too.
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

    /// Counts the current record as suspicious if it has several lines and each line has as many
    /// cells as the whole record. Then a closing quote may be missing, and a quote in a later row
    /// closed the cell instead. But the lines may also be one text, so this is no error.
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

    /// Copies a quoted cell, without its quotes, to `unquoted`. `at` is the position after the
    /// opening quote; `opened` is the line and the cell of that quote. Returns the position after
    /// the closing quote.
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

    /// Handles text between a closing quote and the next separator, which is an error. `line` and
    /// `cell` say where the quote was opened. If the record has one line, only this record is
    /// faulty. If it has several lines, nobody knows which quote is wrong, so reading ends with an
    /// error.
    fn behind_quote(&mut self, (line, cell): (u64, usize)) -> Result<(), InputError> {
        let problem: InputProblem = TableProblem::BehindQuote { cell }.into();
        if line == self.line && line == self.begun {
            self.fault = Some(problem);
            return Ok(());
        }
        Err(InputError::at(self.source.file(), Place::Line(line), problem))
    }

    /// Returns the error for a quote that is never closed.
    fn unclosed(&self, (line, cell): (u64, usize)) -> InputError {
        InputError::at(self.source.file(), Place::Line(line), TableProblem::UnclosedQuote { cell }.into())
    }

    /// Returns the error for a record that is too long. If a quote is open, the missing closing
    /// quote is the likely cause.
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
