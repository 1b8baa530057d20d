//! Decodes a text that is not UTF-8 while it is read.
//!
//! Encodings have the names of the WHATWG Encoding Standard, in which `latin1` and `iso-8859-1`
//! mean windows-1252. A malformed character is an error; it is never replaced. If a text begins
//! with a byte-order mark of UTF-8 or UTF-16, the mark decides the encoding, whatever the user
//! named.

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;

use super::faults::Cause;
use crate::error::InputProblem;

/// The number of bytes that are decoded at once.
const BLOCK: usize = 1 << 14;

/// The encoding of a file's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Default for Encoding {
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl Encoding {
    /// Returns the encoding with this name.
    ///
    /// # Errors
    /// No encoding has this name.
    pub fn of_name(name: &str) -> Result<Self, InputProblem> {
        encoding_rs::Encoding::for_label(name.as_bytes())
            .map(Self)
            .ok_or_else(|| InputProblem::UnknownEncoding { name: name.to_owned() })
    }

    /// Returns a decoder for this encoding. A byte-order mark in the text overrides the encoding.
    /// Returns `None` for UTF-8, which need not be decoded; the readers of lines and cells check
    /// it.
    pub(super) fn decoding(self) -> Option<Decoding> {
        (self.0 != UTF_8).then(|| Decoding::of(self.0, vec![0; BLOCK], 0))
    }
}

/// Returns a decoder for a file that begins with a byte-order mark of UTF-16; `None` for any other
/// file.
pub(super) fn by_mark(beginning: &[u8]) -> Option<Decoding> {
    let encoding = match beginning {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        _ => return None,
    };
    let mut raw = beginning.to_vec();
    raw.resize(beginning.len().max(BLOCK), 0);
    Some(Decoding::of(encoding, raw, beginning.len()))
}

/// Returns the name of the encoding if a file looks like UTF-16 without a byte-order mark, because
/// two of its first four bytes, in alternation, are 0.
pub(super) fn wide(beginning: &[u8]) -> Option<&'static str> {
    let &[a, b, c, d, ..] = beginning else { return None };
    match [a == 0, b == 0, c == 0, d == 0] {
        [false, true, false, true] => Some("utf-16le"),
        [true, false, true, false] => Some("utf-16be"),
        _ => None,
    }
}

/// A decoder, with the bytes that are not decoded yet and the text that the reader has not taken
/// yet.
pub(super) struct Decoding {
    decoder: Decoder,
    name: &'static str,
    /// Bytes that were read. Those from `start` to `end` are not decoded yet.
    raw: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes have been decoded.
    passed: u64,
    /// The numbers of line feeds and of carriage returns in the text so far.
    line_breaks: (u64, u64),
    ended: bool,
    /// Decoded text, of which the reader has taken the first `ready_from` bytes.
    ready: Vec<u8>,
    ready_from: usize,
}

impl Decoding {
    /// Returns a decoder that first decodes the first `end` bytes of `raw`, which were read
    /// already.
    fn of(encoding: &'static encoding_rs::Encoding, raw: Vec<u8>, end: usize) -> Self {
        Self {
            decoder: encoding.new_decoder(),
            name: encoding.name(),
            raw,
            start: 0,
            end,
            passed: 0,
            line_breaks: (0, 0),
            ended: false,
            ready: Vec::new(),
            ready_from: 0,
        }
    }

    /// Returns the error for a malformed character after the text that was decoded so far. Its line
    /// is found by counting line feeds or, if the text has none, carriage returns.
    fn malformed(&self) -> std::io::Error {
        let (encoding, byte) = (self.name, self.passed);
        let line = if self.line_breaks.0 > 0 { self.line_breaks.0 } else { self.line_breaks.1 } + 1;
        Cause::Encoding { encoding, byte, line }.into()
    }

    /// Fills `into` with decoded text. Returns the text's length in bytes, which is 0 only at the
    /// end. Calls `read_raw` to read more bytes to decode.
    pub(super) fn read(
        &mut self,
        into: &mut [u8],
        mut read_raw: impl FnMut(&mut [u8]) -> std::io::Result<usize>,
    ) -> std::io::Result<usize> {
        while self.ready_from == self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            if self.start == self.end {
                self.end = read_raw(&mut self.raw)?;
                self.start = 0;
                self.ended = self.end == 0;
            }
            // In every encoding, one byte becomes at most three bytes of UTF-8. The 64 further
            // bytes leave room for text that the decoder has held back.
            self.ready.resize(3 * BLOCK + 64, 0);
            let raw = &self.raw[self.start..self.end];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(raw, &mut self.ready, self.ended);
            self.start += read;
            self.passed += read as u64;
            self.ready.truncate(written);
            self.ready_from = 0;
            self.line_breaks.0 += memchr_iter(b'\n', &self.ready).count() as u64;
            self.line_breaks.1 += memchr_iter(b'\r', &self.ready).count() as u64;
            match result {
                DecoderResult::Malformed(..) => {
                    return Err(self.malformed());
                }
                // The decoder has more text than fits into `ready`, so it must be called once more.
                DecoderResult::OutputFull => self.ended = false,
                DecoderResult::InputEmpty => {}
            }
        }
        let length = into.len().min(self.ready.len() - self.ready_from);
        into[..length].copy_from_slice(&self.ready[self.ready_from..self.ready_from + length]);
        self.ready_from += length;
        Ok(length)
    }
}
