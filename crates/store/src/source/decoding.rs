//! Text in another encoding than UTF-8, decoded as it is read. The only file that names
//! `encoding_rs`.
//!
//! Names are those of the WHATWG Encoding Standard, where `latin1` and `iso-8859-1` mean
//! windows-1252. A malformed character is an error, never a replacement character. A byte-order
//! mark of UTF-8 or UTF-16 says more than a name, so it decides.

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr_iter;

use super::faults::Cause;
use crate::error::InputProblem;

/// How many bytes are decoded at once.
const BLOCK: usize = 1 << 14;

/// How a file's text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Default for Encoding {
    fn default() -> Self {
        Self(UTF_8)
    }
}

impl Encoding {
    /// The encoding of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn of_name(name: &str) -> Result<Self, InputProblem> {
        encoding_rs::Encoding::for_label(name.as_bytes())
            .map(Self)
            .ok_or_else(|| InputProblem::UnknownEncoding { name: name.to_owned() })
    }

    /// What decodes it; `None` for UTF-8, which readers check themselves, cell by cell. A
    /// byte-order mark stands above the name.
    pub(super) fn decoding(self) -> Option<Decoding> {
        (self.0 != UTF_8).then(|| Decoding::of(self.0, vec![0; BLOCK], 0))
    }
}

/// What decodes a file that begins so, if it begins with the byte-order mark of UTF-16.
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

/// The encoding of a file that looks like UTF-16 without a byte-order mark: of its first characters
/// every other byte is 0.
pub(super) fn wide(beginning: &[u8]) -> Option<&'static str> {
    let &[a, b, c, d, ..] = beginning else { return None };
    match [a == 0, b == 0, c == 0, d == 0] {
        [false, true, false, true] => Some("utf-16le"),
        [true, false, true, false] => Some("utf-16be"),
        _ => None,
    }
}

/// A decoder with what it has not decoded yet.
pub(super) struct Decoding {
    decoder: Decoder,
    name: &'static str,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes were decoded.
    passed: u64,
    /// How many line feeds, and how many carriage returns, are in the text so far.
    line_breaks: (u64, u64),
    ended: bool,
    /// Decoded text that did not fit.
    ready: Vec<u8>,
    ready_from: usize,
}

impl Decoding {
    /// Decodes what is read already, the first `end` bytes of `raw`, and then what is to come.
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

    /// What to say of a malformed character behind the text so far. Lines end as those before it
    /// did.
    fn malformed(&self) -> std::io::Error {
        let (encoding, byte) = (self.name, self.passed);
        let line = if self.line_breaks.0 > 0 { self.line_breaks.0 } else { self.line_breaks.1 } + 1;
        Cause::Encoding { encoding, byte, line }.into()
    }

    /// Decodes some bytes. 0 only at the end.
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
            // Three bytes of UTF-8 for each byte are enough for every encoding, and some for what
            // the decoder holds.
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
