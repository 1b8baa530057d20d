//! Turns a failed read into an error that a user understands. If a decompressor failed, the file's
//! compression tells which one. For failures that this crate detects itself, [`Cause`] says what
//! failed.

use std::fmt;
use std::io::{Error, ErrorKind};

use super::RATIO_LIMIT;
use crate::error::{InputProblem, PackingProblem};

/// How a file is compressed or archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// The file is not compressed.
    None,
    /// The file is compressed with gzip.
    Gzip,
    /// The file is compressed with zstd.
    Zstd,
    /// The file is in a ZIP archive.
    #[cfg_attr(not(feature = "zip"), expect(dead_code, reason = "only the reader of archives makes it"))]
    Zip,
}

/// The cause of a failure that this crate detects itself. An [`Error`] carries it to [`problem`].
#[derive(Debug)]
pub(super) enum Cause {
    /// The file unpacks to more bytes than [`RATIO_LIMIT`] allows.
    Bomb,
    /// The compression is not supported.
    Compression { name: &'static str },
    /// The file seems to be UTF-16 without a byte-order mark.
    Wide { encoding: &'static str },
    /// A character before byte `byte` is malformed. `line` is its line, counted from 1.
    Encoding { encoding: &'static str, byte: u64, line: u64 },
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

impl std::error::Error for Cause {}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self::new(ErrorKind::InvalidData, cause)
    }
}

/// Returns the line of a malformed character, from 1; `None` for any other error.
pub(super) fn line(error: &Error) -> Option<u64> {
    match error.get_ref()?.downcast_ref::<Cause>()? {
        Cause::Encoding { line, .. } => Some(*line),
        _ => None,
    }
}

/// Returns the error to report to the user for a failed read of a file with this packing.
pub(super) fn problem(error: &Error, packing: Packing) -> InputProblem {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Cause>()) {
        Some(Cause::Bomb) => return InputProblem::Bomb { ratio: RATIO_LIMIT },
        Some(Cause::Compression { name }) => {
            return PackingProblem::Compression { name: (*name).to_owned() }.into();
        }
        Some(Cause::Wide { encoding }) => return InputProblem::LooksWide { encoding },
        Some(Cause::Encoding { encoding, byte, .. }) => {
            return InputProblem::BrokenEncoding { encoding, byte: *byte };
        }
        None => {}
    }
    let detail = error.to_string();
    match packing {
        Packing::None => InputProblem::Unreadable { detail },
        Packing::Gzip => InputProblem::BrokenGzip { detail },
        Packing::Zstd => InputProblem::BrokenZstd { detail },
        Packing::Zip => InputProblem::BrokenZip { detail },
    }
}
