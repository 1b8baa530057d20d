//! Defines the errors of compressed and archived files. Each message says what is wrong and what to
//! do.

use thiserror::Error;

/// The error of a compressed or archived file.
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
    /// The archive contains another packed file, such as a workbook, that can only be read outside
    /// an archive.
    #[error(
        "this is {layout} in an archive, which is not supported; unpack the archive and name the file or \
         the folder"
    )]
    PackedTwice {
        /// The description of the packed file's layout.
        layout: &'static str,
    },
    /// The archive has too many files or too many bytes to be a real export.
    #[error("the archive {what}, so it is refused; unpack it yourself if you trust it")]
    ArchiveTooLarge {
        /// The words that say which limit the archive exceeds.
        what: String,
    },
}
