//! What a failed read means: how the file was packed says who complained, and limits of our own
//! have causes of their own.

use std::fmt;
use std::io::{Error, ErrorKind};

use super::RATIO_LIMIT;
use crate::error::{InputProblem, PackingProblem};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    None,
    Gzip,
    Zstd,
    /// A member of an archive.
    #[cfg_attr(not(feature = "zip"), expect(dead_code, reason = "only the reader of archives makes it"))]
    Zip,
}

/// A failure that is not the system's.
#[derive(Debug)]
pub(super) enum Cause {
    /// More bytes than the ratio allows.
    Bomb,
    /// A compression that is not read.
    Compression { name: &'static str },
    /// UTF-16, and nothing says so.
    Wide { encoding: &'static str },
    /// A malformed character; its line is from 1.
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

/// The line of a malformed character.
pub(super) fn line(error: &Error) -> Option<u64> {
    match error.get_ref()?.downcast_ref::<Cause>()? {
        Cause::Encoding { line, .. } => Some(*line),
        _ => None,
    }
}

/// What to tell the user.
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
