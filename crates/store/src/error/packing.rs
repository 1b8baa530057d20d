//! What can be wrong with how a file is packed: what, and what to do.

use thiserror::Error;

/// What is wrong with a packed file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackingProblem {
    /// Compressed in a way that is not read.
    #[error(
        "the compression {name} is not supported; unpack the file, or compress it with gzip or zstd \
         (Parquet: snappy)"
    )]
    Compression {
        /// What it is called.
        name: String,
    },
    /// A packed file in an archive that only a file of its own can be.
    #[error(
        "this is {layout} in an archive, which is not supported; unpack the archive and name the file or \
         the folder"
    )]
    PackedTwice {
        /// What it is.
        layout: &'static str,
    },
    /// An archive that unpacks to more than any export holds.
    #[error("the archive {what}, so it is refused; unpack it yourself if you trust it")]
    ArchiveTooLarge {
        /// Which limit it breaks.
        what: String,
    },
}
