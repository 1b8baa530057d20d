//! Records of comma-, semicolon- or tab-separated values, each with the line on which it begins.
//! Every text table is read through this file. Memory is bounded: a record may not be longer than
//! [`LINE_LIMIT`]. The header decides on the separator ([`dialect`]).
//!
//! The reader never repairs a record, because a repaired record may silently swallow the rest of a
//! file. A quoted cell ends at its next single quote, and a separator or the end of the line must
//! follow. An unclosed quote is an error at the line where it opened. A quote within an unquoted
//! cell is an ordinary character, as in `5" disk`. Blank lines and records are skipped.

mod dialect;

use std::io::BufRead;

use memchr::{memchr, memchr_iter, memchr2};

pub(super) use self::dialect::Usual;
use crate::error::{InputError, InputProblem, Place, TableProblem};
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// A file that is read record by record. The header is a record like any other.
pub(super) struct Separated {
    source: Source,
    separator: u8,
    /// The byte that ends a line: a line feed, or a carriage return in very old files.
    line_break: u8,
    /// The current record's lines as they stand.
    raw: Vec<u8>,
    /// The cells of a record with quotes, without the quotes.
    unquoted: Vec<u8>,
    /// The end of the last line in `raw`, without its line break.
    end: usize,
    /// Whether the last line has a quote.
    has_quote: bool,
    /// Whether the current record has a quote.
    is_quoted: bool,
    /// The start and the end of each cell: in `unquoted` if the record has quotes, otherwise in
    /// `raw`.
    cells: Vec<(usize, usize)>,
    /// The number of the line that was read last, from 1.
    line: u64,
    /// The number of the line on which the record begins.
    begun: u64,
    /// The record's fault, if reading can go on after the record.
    fault: Option<InputProblem>,
    /// Whether `raw` holds a line that was read but not split yet.
    looked_at: bool,
    /// Records over several lines, each of which could be a record of its own: how many there are,
    /// and the first one's line number and length in lines.
    doubtful: (u64, Option<(u64, u64)>),
}

impl Separated {
    /// Opens the records of a source. Reads the header's line to find the separator.
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

    /// The source that is read.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// How many cells the current record has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell of the current record, without its quotes.
    pub(super) fn cell(&self, at: usize) -> &[u8] {
        let (from, to) = self.cells[at];
        &self.bytes()[from..to]
    }

    fn bytes(&self) -> &[u8] {
        if self.is_quoted { &self.unquoted } else { &self.raw }
    }

    /// All cells of the current record, without their quotes.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.bytes();
        self.cells.iter().map(|(from, to)| &bytes[*from..*to])
    }

    /// The number of the line on which the current record begins.
    pub(super) fn begins_on(&self) -> u64 {
        self.begun
    }

    /// The current record as it stands in the file.
    pub(super) fn as_it_stands(&self) -> &[u8] {
        &self.raw[..self.end]
    }

    /// Takes the current record's fault. If there is one, the record's cells are meaningless; the
    /// next record is not affected.
    pub(super) fn take_fault(&mut self) -> Option<InputProblem> {
        self.fault.take()
    }

    /// Reads the next record. Returns `false` at the end.
    ///
    /// # Errors
    /// The file cannot be read, a quote is never closed, or a record is longer than the limit.
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
    /// file. `opened` is the line and the cell in which a quote is open.
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
            // After the first quote of a line, only the line break matters.
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

    /// Reads the first line byte by byte, and finds out which byte ends lines. This is the carriage
    /// return if the first line ends with one that no line feed follows. A carriage return within
    /// quotes is part of a cell.
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

    /// The next byte, without consuming it.
    fn next_byte(&mut self) -> Result<Option<u8>, InputError> {
        loop {
            match self.source.fill_buf() {
                Ok(block) => return Ok(block.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.source.fault(&error, Some(Place::Line(self.line)))),
            }
        }
    }

    /// Splits a line without quotes.
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

    /// Splits a record with quotes, and reads the further lines that belong to it.
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

    /// Counts a record over several lines if each line has as many separators as the record. This
    /// may be a missing quote that another row happens to close. It may also be a text, so it is no
    /// error.
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

    /// What a user should know about the records so far, in words.
    pub(super) fn remarks(&self) -> Vec<String> {
        let (count, Some((line, lines))) = self.doubtful else { return Vec::new() };
        let more = if count > 1 { format!(" ({count} records are like this)") } else { String::new() };
        vec![format!(
            "the record that begins on line {line} continues over {lines} lines inside quotes, and each \
             of them could be a record; there may be a quote missing or one too many{more}"
        )]
    }

    /// Copies a quoted cell, whose first character is at `at`. Returns the position after its
    /// closing quote.
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
            // Two quotes within a quoted cell stand for one.
            self.unquoted.push(b'"');
            at += 1;
        }
    }

    /// Handles text between a closing quote and the next separator. In a record on one line, the
    /// next line is the next record. Over several lines, nobody can tell which quote is wrong, so
    /// reading stops.
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
