//! Records of comma-, semicolon- or tab-separated values, in bounded memory, each with the line
//! that it begins on. Every table of text is read through this file.
//!
//! The reader is strict. It never mends a record, because a mended record may swallow the rest of a
//! file without a word. A cell that begins with a quote ends at the next single quote, and a
//! separator or the end of the line must follow. A quote that is never closed is an error at the
//! line where it opened. A quote inside a cell that does not begin with one is a character like any
//! other, as in `5" disk`. Records whose cells are all blank are passed over, like blank lines.
//!
//! The header decides on the separator ([`dialect`]). A record may not be longer than
//! [`LINE_LIMIT`].

mod dialect;

use std::io::BufRead;

use memchr::{memchr, memchr_iter, memchr2};

pub(super) use self::dialect::Usual;
use crate::error::{InputError, InputProblem, Place, TableProblem};
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// A file read record by record, its header like any other.
pub(super) struct Separated {
    source: Source,
    separator: u8,
    /// What ends a line: a line feed, or a carriage return in files of old.
    line_break: u8,
    /// The record's lines as they stand.
    raw: Vec<u8>,
    /// The cells of a record that has quotes, freed of them.
    unquoted: Vec<u8>,
    /// Where the last line ends in `raw`, without its line break.
    end: usize,
    /// Whether the last line has a quote.
    has_quote: bool,
    /// Whether the record has a quote.
    is_quoted: bool,
    /// Where the cells are, in `unquoted` if the record has quotes, else in `raw`.
    cells: Vec<(usize, usize)>,
    /// The line read last, from 1.
    line: u64,
    /// The line that the record begins on.
    begun: u64,
    /// What is wrong with the record, if one can read on behind it.
    fault: Option<InputProblem>,
    /// Whether `raw` holds a line that was looked at and not split yet.
    looked_at: bool,
    /// Records over several lines each of which could be a record: how many, and the first line and
    /// the length of the first.
    doubtful: (u64, Option<(u64, u64)>),
}

impl Separated {
    /// The records of a source. The header's line is read to find out the separator.
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

    /// What is read.
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// How many cells the record has.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell of the record, without its quotes.
    pub(super) fn cell(&self, at: usize) -> &[u8] {
        let (from, to) = self.cells[at];
        &self.bytes()[from..to]
    }

    fn bytes(&self) -> &[u8] {
        if self.is_quoted { &self.unquoted } else { &self.raw }
    }

    /// All cells of the record.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let bytes = self.bytes();
        self.cells.iter().map(|(from, to)| &bytes[*from..*to])
    }

    /// The line that the record begins on.
    pub(super) fn begins_on(&self) -> u64 {
        self.begun
    }

    /// The record as it stands in the file.
    pub(super) fn as_it_stands(&self) -> &[u8] {
        &self.raw[..self.end]
    }

    /// Takes what is wrong with the record. Then its cells mean nothing; the next record is sound.
    pub(super) fn take_fault(&mut self) -> Option<InputProblem> {
        self.fault.take()
    }

    /// Reads the next record. `false` at the end.
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

    /// Appends the next line, with its line break. `false` at the end of the file. `opened` is the
    /// line and the cell in which a quote is open.
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

    /// Reads the first line byte by byte, and finds out what ends lines: a carriage return, if the
    /// first line ends with one that no line feed follows. A carriage return within quotes is part
    /// of a cell.
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

    /// The next byte, which stays where it is.
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

    /// Splits a record that has quotes, and reads the lines that it goes on over.
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

    /// Notes a record over several lines if each of them has as many separators as the record: a
    /// quote that another row has closed by chance looks like that. So may a text, so this is no
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

    /// What a user should know of the records so far, in words.
    pub(super) fn remarks(&self) -> Vec<String> {
        let (count, Some((line, lines))) = self.doubtful else { return Vec::new() };
        let more = if count > 1 { format!(" ({count} records are like this)") } else { String::new() };
        vec![format!(
            "the record that begins on line {line} continues over {lines} lines inside quotes, and each \
             of them could be a record; there may be a quote missing or one too many{more}"
        )]
    }

    /// Copies a quoted cell, whose first character is at `at`. Gives the place behind its closing
    /// quote.
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
            self.unquoted.push(b'"');
            at += 1;
        }
    }

    /// Something other than a separator follows a closing quote. In a record of one line the next
    /// line is the next record; over several lines nobody can tell which quote is one too many.
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
