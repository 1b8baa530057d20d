//! Defines the faults in the packing of a file: what is wrong, and what to do.

use thiserror::Error;

/// The fault of a packed file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackingProblem {
    /// The file is compressed with a method that is not supported.
    #[error(
        "the compression {name} is not supported; unpack the file, or compress it with gzip or zstd \
         (Parquet: snappy)"
    )]
    Compression {
        /// The method's name.
        name: String,
    },
    /// The archive contains a packed file that can only be read outside an archive.
    #[error(
        "this is {layout} in an archive, which is not supported; unpack the archive and name the file or \
         the folder"
    )]
    PackedTwice {
        /// The description of the packed file's layout.
        layout: &'static str,
    },
    /// The archive has more files or bytes than any export has.
    #[error("the archive {what}, so it is refused; unpack it yourself if you trust it")]
    ArchiveTooLarge {
        /// The words that say which limit the archive exceeds.
        what: String,
    },
}
