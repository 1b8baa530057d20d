//! Reads a JSON array of objects, element by element.
//!
//! A scanner finds only where an element ends, by counting brackets outside strings. A JSON parser
//! then parses the element. So deep nesting needs no memory, and an element that is too long can be
//! skipped, like a line that is too long.

use std::io::BufRead;

use super::{Record, RecordReader, Shape};
use crate::error::{InputError, InputProblem, Place};
use crate::lines::LINE_LIMIT;
use crate::source::Source;

/// A JSON array that is read element by element.
pub(super) struct JsonArray {
    source: Source,
    number: u64,
    state: State,
    element: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The `[` that begins the array was not read yet.
    Before,
    /// The `[` was read; an element or the `]` must follow.
    First,
    /// An element was read; a comma or the `]` must follow.
    Between,
    /// A comma was read; an element must follow.
    Next,
    /// The `]` that ends the array was read.
    After,
}

/// Finds the end of an element, byte by byte.
#[derive(Default)]
struct Scan {
    /// The number of brackets that are open.
    depth: u64,
    /// Whether the next byte is within a string.
    in_string: bool,
    /// Whether the last byte was a backslash in a string, which escapes the next byte.
    escaped: bool,
}

impl Scan {
    /// Scans the next byte. Returns whether the element ended before this byte.
    fn ends_before(&mut self, byte: u8) -> bool {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth == 0 => return true,
            b'}' | b']' => self.depth -= 1,
            b',' => return self.depth == 0,
            _ => {}
        }
        false
    }
}

impl JsonArray {
    /// Returns a reader of the array in a source.
    pub(super) fn of(source: Source) -> Self {
        Self { source, number: 0, state: State::Before, element: Vec::new() }
    }

    /// Returns the next byte without consuming it; `None` at the end of the file.
    fn peek(&mut self) -> Result<Option<u8>, InputError> {
        match self.source.fill_buf() {
            Ok(bytes) => Ok(bytes.first().copied()),
            Err(error) => Err(self.source.fault(&error, Some(Place::Item(self.number.max(1))))),
        }
    }

    /// Returns the error that the file is not a valid array.
    fn broken(&self, detail: &'static str) -> InputError {
        let place = (self.number > 0).then_some(Place::Item(self.number));
        InputError {
            file: self.source.file().to_owned(),
            place,
            problem: InputProblem::BrokenArray { detail },
        }
    }

    /// Moves to the beginning of the next element. Returns `false` at the end of the array.
    fn advance(&mut self) -> Result<bool, InputError> {
        loop {
            let byte = self.peek()?;
            let state = match (self.state, byte) {
                (_, Some(byte)) if byte.is_ascii_whitespace() => self.state,
                // A byte-order mark of UTF-8 consists of these three bytes.
                (State::Before, Some(0xef | 0xbb | 0xbf)) => State::Before,
                (State::Before, Some(b'[')) => State::First,
                (State::Before, _) => return Err(self.broken("this does not begin with \"[\"")),
                (State::After, None) => return Ok(false),
                (State::After, Some(_)) => {
                    return Err(self.broken("there is more text after the end of the array"));
                }
                (_, None) => return Err(self.broken("the array is cut off")),
                (State::First | State::Between, Some(b']')) => State::After,
                (State::Between, Some(b',')) => State::Next,
                (State::Between, Some(_)) => return Err(self.broken("a comma is missing after this item")),
                (State::First | State::Next, Some(b',' | b']')) => {
                    return Err(self.broken("the comma after this item is not followed by another item"));
                }
                (State::First | State::Next, Some(_)) => return Ok(true),
            };
            self.state = state;
            self.source.consume(1);
        }
    }

    /// Reads an element into `element`. Returns whether the element is longer than [`LINE_LIMIT`];
    /// if so, the bytes after the limit are dropped.
    fn read_element(&mut self) -> Result<bool, InputError> {
        let mut scan = Scan::default();
        let mut too_long = false;
        loop {
            let bytes = match self.source.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) => return Err(self.source.fault(&error, Some(Place::Item(self.number)))),
            };
            if bytes.is_empty() {
                return Err(self.broken("the array is cut off"));
            }
            let end = bytes.iter().position(|byte| scan.ends_before(*byte));
            let length = end.unwrap_or(bytes.len());
            let kept = length.min(LINE_LIMIT - self.element.len());
            self.element.extend_from_slice(&bytes[..kept]);
            too_long |= kept < length;
            self.source.consume(length);
            if end.is_some() {
                return Ok(too_long);
            }
        }
    }
}

impl RecordReader for JsonArray {
    fn next_record(&mut self) -> Result<Option<Record<'_>>, InputError> {
        if !self.advance()? {
            return Ok(None);
        }
        self.number += 1;
        self.element.clear();
        let too_long = self.read_element()?;
        self.state = State::Between;
        let json = if too_long {
            Err(InputProblem::RecordTooLong { limit_mib: LINE_LIMIT >> 20 })
        } else {
            std::str::from_utf8(self.element.trim_ascii_end())
                .map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })
        };
        Ok(Some(Record {
            place: Place::Item(self.number),
            shape: Shape::Object,
            member: None,
            bytes: &self.element,
            json,
            line: None,
        }))
    }

    fn is_at_hand(&self) -> bool {
        !self.source.at_hand().is_empty()
    }

    fn hash(&self) -> String {
        self.source.hash()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, String> {
        let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
        let mut array =
            JsonArray::of(Source::of("f", Box::new(bytes), crate::source::Encoding::default()).unwrap());
        let mut out = Vec::new();
        while let Some(record) = array.next_record().map_err(|error| error.to_string())? {
            out.push(record.json.unwrap().to_owned());
        }
        Ok(out)
    }

    #[test]
    fn finds_the_elements() {
        let text = "\u{feff} [ {\"a\":\"],}\\\"\"} , {\"b\":[1,{}]},3\n]\n";
        assert_eq!(read(text).unwrap(), [r#"{"a":"],}\""}"#, r#"{"b":[1,{}]}"#, "3"]);
        assert!(read("[]").unwrap().is_empty());
        let deep = format!("[{}{}]", "[".repeat(1 << 20), "]".repeat(1 << 20));
        assert_eq!(read(&deep).unwrap()[0].len(), 2 << 20);
    }

    #[test]
    fn says_what_is_no_array() {
        for (text, words) in [
            ("{}", "f: this does not begin with \"[\""),
            ("[{}", "f: item 1: the array is cut off"),
            ("[{},", "f: item 1: the array is cut off"),
            ("[{\"", "f: item 1: the array is cut off"),
            ("[{},]", "f: item 1: the comma after this item is not followed by"),
            ("[,]", "f: the comma after this item is not followed by"),
            ("[{}] x", "f: item 1: there is more text after"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.starts_with(words), "{text}: {message}");
        }
        assert_eq!(read("[{} {}]").unwrap(), ["{} {}"], "the parser's matter");
    }
}
