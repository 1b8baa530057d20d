//! What can be wrong with a file that a user brings: what, where (`file:line`), and what to do.

use std::fmt;

use thiserror::Error;

/// A row or a file that cannot be taken in.
#[derive(Debug)]
pub struct InputError {
    /// The file as the user named it; `-` is standard input.
    pub file: String,
    /// The line, from 1; `None` when the whole file is meant.
    pub line: Option<u64>,
    /// What is wrong with it.
    pub problem: InputProblem,
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = shown(&self.file);
        match self.line {
            Some(line) => write!(out, "{file}:{line}: {}", self.problem),
            None => write!(out, "{file}: {}", self.problem),
        }
    }
}

impl std::error::Error for InputError {}

/// A file as messages name it.
pub(crate) fn shown(file: &str) -> &str {
    if file == "-" { "<stdin>" } else { file }
}

/// What is wrong with a row or a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// Not JSON, or not an object.
    #[error("malformed JSON: {detail}; expected one JSON object on each line")]
    MalformedJson {
        /// The parser's words and the column.
        detail: String,
    },
    /// A field that must be there is not.
    #[error("the field \"{field}\" is missing{}", renaming(field, *flag))]
    MissingField {
        /// The field's name in the file.
        field: String,
        /// The flag that renames it, if there is one.
        flag: Option<&'static str>,
    },
    /// A field that stands twice in one object.
    #[error("the field \"{field}\" stands twice in this object; keep one of them")]
    RepeatedField {
        /// The field's name in the file.
        field: String,
    },
    /// A field of another JSON type than expected.
    #[error("the field \"{field}\" is {found}, expected {expected}")]
    WrongType {
        /// The field's name in the file.
        field: String,
        /// The type that it has.
        found: &'static str,
        /// The type that it should have.
        expected: &'static str,
    },
    /// A field whose text is empty or only white space.
    #[error("the field \"{field}\" is empty; expected {expected}")]
    EmptyField {
        /// The field's name in the file.
        field: String,
        /// What should be there.
        expected: &'static str,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "invalid UTF-8 at byte {byte} of the line; expected UTF-8, convert the file (for example with iconv)"
    )]
    InvalidUtf8 {
        /// The first bad byte of the line, from 1.
        byte: usize,
    },
    /// A NUL character, raw or escaped.
    #[error("a NUL character in {place}; expected text without NUL, remove it")]
    Nul {
        /// Where it is.
        place: String,
    },
    /// A control character in an identifier.
    #[error("the field \"{field}\" holds a control character; expected printable text")]
    ControlCharacter {
        /// The field's name in the file.
        field: String,
    },
    /// A line over the limit.
    #[error(
        "the line is longer than {limit_mib} MiB; expected one document a line, is a line break missing?"
    )]
    LineTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// Nothing in it.
    #[error("the file has no rows; expected one JSON object on each line")]
    NoRows,
    /// No answers in it.
    #[error("the file has no rows; expected answers, as JSON Lines or as a table with a header")]
    NoAnswers,
    /// A table without a column that it must have.
    #[error("the header has no column for {what}; expected one of {known}")]
    MissingColumn {
        /// What the column would be for.
        what: &'static str,
        /// The names that are understood.
        known: String,
    },
    /// A table with two columns for the same.
    #[error("the header has two columns for {what}, \"{first}\" and \"{second}\"; keep one of them, or rename the other")]
    TwoColumns {
        /// What they are for.
        what: &'static str,
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// A row with two fields for the same.
    #[error("the row has both \"{first}\" and \"{second}\"; keep one of them")]
    TwoNames {
        /// One name.
        first: String,
        /// The other.
        second: String,
    },
    /// A row of a table with more or fewer cells than the header.
    #[error("the row has {found} cells and the header {expected}; expected as many, is a quote or a separator missing?")]
    CellCount {
        /// How many it has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// More different labels than a set of answers can sensibly have.
    #[error("the label \"{label}\" is number {found} of different labels; expected {limit} at most, is this the right column?")]
    TooManyLabels {
        /// The label.
        label: String,
        /// How many there are with it.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A true label that differs from an earlier one.
    #[error("the true label of \"{item}\" is \"{label}\" here and \"{stored}\" on line {first}; keep one of them")]
    GoldDiffers {
        /// The item.
        item: String,
        /// The label here.
        label: String,
        /// The label before.
        stored: String,
        /// The line of that.
        first: u64,
    },
    /// A gzip stream that ends early or is damaged.
    #[error(
        "the gzip data is cut off or damaged ({detail}); expected a whole file, fetch or compress it again"
    )]
    BrokenGzip {
        /// The decompressor's words.
        detail: String,
    },
    /// A Parquet file that breaks off or is no Parquet file inside.
    #[error("this is a damaged Parquet file ({detail}); expected a whole one, fetch or write it again")]
    BrokenParquet {
        /// The reader's words.
        detail: String,
    },
    /// A folder where a file was expected.
    #[error("this is a folder; expected a file, name the files in it")]
    Folder,
    /// The file cannot be read.
    #[error("cannot be read: {detail}")]
    Unreadable {
        /// The system's words.
        detail: String,
    },
    /// An id seen before with another text.
    #[error(
        "the id \"{id}\" is already taken by another text (from {first}); expected ids to be unique, rename one"
    )]
    IdTaken {
        /// The repeated id.
        id: String,
        /// Where it came from first.
        first: String,
    },
    /// A label that is not in querist.toml.
    #[error("unknown label \"{label}\"{}; expected one of: {known}", did_you_mean(nearest.as_deref()))]
    UnknownLabel {
        /// The label as given.
        label: String,
        /// The known label most like it.
        nearest: Option<String>,
        /// All known labels.
        known: String,
    },
    /// A label other than the one stored before.
    #[error(
        "\"{id}\" is already labelled \"{stored}\" (from {first}), not \"{label}\"; pass --relabel to replace it"
    )]
    LabelDiffers {
        /// The document.
        id: String,
        /// Its label so far.
        stored: String,
        /// Where that came from.
        first: String,
        /// The label of this row.
        label: String,
    },
    /// A document that has another role already, and that role must not change.
    #[error("\"{id}\" cannot become a {wanted} document: {why}")]
    RoleTaken {
        /// The document.
        id: String,
        /// The role asked for.
        wanted: &'static str,
        /// Why not.
        why: String,
    },
    /// An answer for a document that the workspace does not have.
    #[error(
        "no document has the id \"{id}\"{}; expected the id of a document of this workspace, import it first",
        did_you_mean(nearest.as_deref())
    )]
    UnknownDocument {
        /// The id as given.
        id: String,
        /// A known id most like it, if one is near.
        nearest: Option<String>,
    },
    /// An answer for a held-out document.
    #[error("\"{id}\" belongs to the test set; its answers cannot count, remove the row")]
    AnswerForTest {
        /// The document.
        id: String,
    },
    /// A class without a probability.
    #[error("the probability of \"{label}\" is missing; expected one number for each class")]
    MissingProbability {
        /// The class.
        label: String,
    },
    /// A list of probabilities of another length than that of the labels.
    #[error("{found} probabilities for {expected} classes; expected one for each, in label order")]
    ProbabilityCount {
        /// How many there are.
        found: usize,
        /// How many classes there are.
        expected: usize,
    },
    /// A number that cannot be a probability.
    #[error("the probability of \"{label}\" is {value}; expected a number from 0 to 1")]
    NotAProbability {
        /// The class.
        label: String,
        /// The number.
        value: f64,
    },
    /// Probabilities that do not make a distribution.
    #[error("the probabilities sum to {sum}; expected 1, within 0.001")]
    ProbabilitySum {
        /// What they sum to.
        sum: f64,
    },
    /// An embedding of another width than those before.
    #[error("the embedding has {found} numbers, those before have {expected}; expected one width throughout")]
    EmbeddingWidth {
        /// How many numbers it has.
        found: usize,
        /// How many those before have.
        expected: usize,
    },
    /// An id that stands on an earlier line of the same file.
    #[error("the id \"{id}\" stands on line {line} already; expected ids to be unique, remove one")]
    RepeatedId {
        /// The id.
        id: String,
        /// The earlier line.
        line: u64,
    },
    /// A time that is neither of the two accepted forms.
    #[error(
        "the time \"{time}\" is not understood; expected RFC 3339 (2026-05-01T12:00:00Z) or seconds since 1970"
    )]
    MalformedTime {
        /// The time as given.
        time: String,
    },
    /// A duration that is none.
    #[error("the field \"seconds\" is {seconds}; expected how long the answer took, a number from 0")]
    MalformedSeconds {
        /// The value as given.
        seconds: String,
    },
}

fn renaming(field: &str, flag: Option<&'static str>) -> String {
    match flag {
        Some(flag) => format!("; expected it on every row, name another field with {flag} NAME"),
        None => format!("; expected {{\"{field}\": …}} on every row"),
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean \"{nearest}\"?)")).unwrap_or_default()
}
