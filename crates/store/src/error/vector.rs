//! Defines the errors of files with documents' vectors. Each message says what is wrong and what to
//! do.

use querist_core::WIDEST_VECTOR;
use querist_core::visible::visible;
use thiserror::Error;

/// What is wrong with a file of vectors, or with a vector in it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VectorProblem {
    /// The vector has another width than the vectors before.
    #[error(
        "the vector has {found} numbers, but {before} has {expected}; all vectors must come from one encoder"
    )]
    Width {
        /// How many numbers the vector has.
        found: usize,
        /// How many numbers are expected.
        expected: usize,
        /// The words that name the place of the earlier vector.
        before: String,
    },
    /// The vector has too many numbers, or none.
    #[error("the vector has {found} numbers; expected 1 to {WIDEST_VECTOR}")]
    WidthLimit {
        /// How many numbers the vector has.
        found: usize,
    },
    /// A number of the vector is NaN, infinite, or too large for single precision.
    #[error(
        "number {number} of the vector is NaN, infinite or too large for 32 bits; encode this text again"
    )]
    NotFinite {
        /// The position of the number in the vector, from 1.
        number: usize,
    },
    /// All numbers of the vector are 0.
    #[error(
        "all numbers of the vector are 0, so it says nothing about the text; encode this text again, or \
         remove the row"
    )]
    Zero,
    /// Another row has the same id.
    #[error("the id \"{}\" is already at {before}; keep one vector for each document", visible(id))]
    Repeated {
        /// The id.
        id: String,
        /// The words that name the place of the earlier row.
        before: String,
    },
    /// A file of vectors has another type of numbers than the file before.
    #[error("this file has {found}, but {before} has {expected}; add them in separate commands")]
    Element {
        /// The type of the file's numbers.
        found: &'static str,
        /// The type of the earlier file's numbers.
        expected: &'static str,
        /// The earlier file.
        before: String,
    },
    /// The workspace has whole numbers and the file fractions, or the other way round. Their sizes
    /// cannot be compared.
    #[error(
        "this file has {found}, but the workspace's vectors are {expected}, and the two cannot be mixed; \
         convert the file"
    )]
    Mixed {
        /// The type of the file's numbers.
        found: &'static str,
        /// The type of the workspace's numbers.
        expected: &'static str,
    },
    /// The user names another encoder than before.
    #[error(
        "these vectors are by the encoder \"{}\", but the workspace's are by \"{}\"; all vectors must come \
         from one encoder",
        visible(found),
        visible(expected)
    )]
    Encoder {
        /// The encoder that the user names now.
        found: String,
        /// The encoder that the user named before.
        expected: String,
    },
    /// The document has a different vector already.
    #[error(
        "the document \"{}\" already has a different vector, which was added on {added} from {from}; a \
         document keeps its vector, so remove the row, or import a changed text first",
        visible(id)
    )]
    Different {
        /// The document's id.
        id: String,
        /// The day on which the earlier vector was added.
        added: String,
        /// The files from which it was added.
        from: String,
    },
    /// Ids that belong to no document.
    #[error(
        "{rows} of {all} rows have ids that the workspace does not have: {examples}; import these documents \
         first, or remove the rows"
    )]
    Foreign {
        /// Number of such rows.
        rows: u64,
        /// Number of all rows.
        all: u64,
        /// Some of the ids, separated by commas.
        examples: String,
    },
    /// The layout has no place for a vector.
    #[error(
        "this is read as {layout}, which cannot have vectors; expected .npy, JSON Lines \
         {{\"id\": \"t-1\", \"vector\": [0.1, …]}}, or Parquet with a column of lists"
    )]
    Layout {
        /// The layout, in words.
        layout: &'static str,
    },
    /// A .npy file is given without a file of ids.
    #[error("a .npy file has no ids; name a file with the id of each row")]
    NoIds,
    /// A file of ids is given, but no .npy file that needs it.
    #[error("no file needs these ids: rows of JSON Lines and Parquet have their own")]
    IdsUnused,
    /// There are fewer ids than rows of vectors.
    #[error("row {row} has no id: {ids} has only {found}; the file of ids must have one id for each row")]
    TooFewIds {
        /// The number of the first row without an id.
        row: u64,
        /// The file of ids.
        ids: String,
        /// How many ids it has.
        found: u64,
    },
    /// There are more ids than rows of vectors.
    #[error(
        "there are more ids than the {rows} rows of the .npy files; the file of ids must have one id for \
         each row"
    )]
    TooManyIds {
        /// How many rows of vectors there are.
        rows: u64,
    },
    /// The header of a .npy file cannot be read.
    #[error("this is no .npy file that can be read: {detail}")]
    Npy {
        /// What is wrong.
        detail: String,
    },
    /// A .npy file ends before its last row.
    #[error("the .npy file ends in row {row} of {rows}; it was not written or copied completely")]
    Truncated {
        /// The number of the row in which the file ends.
        row: u64,
        /// How many rows the file should have.
        rows: u64,
    },
    /// A .npy file goes on after its last row.
    #[error("the .npy file goes on after its {rows} rows; it is damaged, or two files were joined")]
    Longer {
        /// How many rows the file should have.
        rows: u64,
    },
}
