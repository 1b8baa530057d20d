//! Defines the errors of files that a user brings. Each message says what is wrong and what to do.

use querist_core::visible::{NameFault, visible};
use thiserror::Error;

use super::answer::AnswerProblem;
use super::choice::FieldOption;
use super::crowd::CrowdProblem;
use super::packing::PackingProblem;
use super::prediction::PredictionProblem;
use super::table::TableProblem;
use super::vector::VectorProblem;
use super::words::{did_you_mean, if_missing, on_every_row, owned_by};

/// What is wrong with a row or a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// The line is not JSON.
    #[error("malformed JSON: {detail}; expected one JSON object per line")]
    MalformedJson {
        /// The parser's error, with the column.
        detail: String,
    },
    /// The row is JSON, but not an object.
    #[error(
        "this is {found}, expected an object with a name for each value, such as {{\"id\": \"1\", \"text\": \"…\"}}"
    )]
    NoObject {
        /// A description of the row.
        found: &'static str,
    },
    /// The row lacks a field that it must have.
    #[error("the field \"{field}\" is missing{}", on_every_row(field, *option))]
    MissingField {
        /// The field's name in the file.
        field: String,
        /// The option with which the user can name another field, if there is one.
        option: Option<FieldOption>,
    },
    /// An object contains a field twice.
    #[error("the field \"{field}\" appears twice in this object; keep one of them")]
    RepeatedField {
        /// The field's name in the file.
        field: String,
    },
    /// A field has another JSON type than expected.
    #[error("the field \"{field}\" is {found}, expected {expected}")]
    WrongType {
        /// The field's name in the file.
        field: String,
        /// The type that it has.
        found: &'static str,
        /// The type that it should have.
        expected: &'static str,
    },
    /// A field is empty or has only white space.
    #[error("the field \"{field}\" is empty; expected {expected}")]
    EmptyField {
        /// The field's name in the file.
        field: String,
        /// A description of what belongs there.
        expected: &'static str,
    },
    /// The row has bytes that are not UTF-8.
    #[error("invalid UTF-8 at byte {byte}; expected UTF-8")]
    InvalidUtf8 {
        /// The first bad byte of the line or cell, from 1.
        byte: usize,
    },
    /// The row has a NUL character, raw or escaped.
    #[error("there is a NUL character in {place}; remove it")]
    Nul {
        /// A description of the place.
        place: String,
    },
    /// A name contains characters that make it look like another name or make it invisible.
    #[error("the {what} \"{}\" {fault}; write the name without it", visible(name))]
    MisleadingName {
        /// The kind of thing that has the name, such as "annotator".
        what: &'static str,
        /// The name in the row.
        name: String,
        /// What is wrong with the name.
        fault: NameFault,
    },
    /// A name has a control character.
    #[error("the field \"{field}\" has a control character; expected printable text")]
    ControlCharacter {
        /// The field's name in the file.
        field: String,
    },
    /// A line is longer than the limit.
    #[error(
        "the line is longer than {limit_mib} MiB; expected one document per line, so a line break may be \
         missing"
    )]
    LineTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A record of several lines is longer than the limit.
    #[error(
        "the record is longer than {limit_mib} MiB, too long for one document; perhaps a closing quote or \
         bracket is missing"
    )]
    RecordTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// The file is one document, such as a text file in a folder, and is longer than the limit.
    #[error("the text is longer than {limit_mib} MiB, too long for one document; split the file")]
    TextTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A row of a table with typed columns is longer than the limit.
    #[error("the row is longer than {limit_mib} MiB as JSON; expected one document: leave long columns out")]
    RowTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// The lists in a row of a table with typed columns have too many values, or too much text.
    #[error(
        "the lists in the row would take more than {limit_mib} MiB of memory; expected one document: \
         leave long columns out"
    )]
    RowListsTooLong {
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// The file has no rows. Its layout is not JSON Lines, so the message says what is expected.
    #[error("the file has no rows; expected {expected}")]
    NoRecords {
        /// A description of what the file should contain.
        expected: &'static str,
    },
    /// The file has no rows.
    #[error("the file has no rows; expected one JSON object per line")]
    NoRows,
    /// An answer is faulty.
    #[error(transparent)]
    Answer(#[from] AnswerProblem),
    /// A file with a crowd's answers is faulty.
    #[error(transparent)]
    Crowd(#[from] CrowdProblem),
    /// A text table or a workbook is faulty.
    #[error(transparent)]
    Table(#[from] TableProblem),
    /// A compressed or archived file cannot be read.
    #[error(transparent)]
    Packing(#[from] PackingProblem),
    /// A row of predictions is faulty.
    #[error(transparent)]
    Prediction(#[from] PredictionProblem),
    /// A vector is faulty.
    #[error(transparent)]
    Vector(#[from] VectorProblem),
    /// The file is not in the encoding that the user named.
    #[error("the file is not in the encoding {encoding}: a character before byte {byte} is malformed")]
    BrokenEncoding {
        /// The encoding's name.
        encoding: &'static str,
        /// A position slightly after the malformed character, in bytes of the uncompressed file.
        byte: u64,
    },
    /// Every other byte at the beginning of the file is 0, as in UTF-16, but the file has no
    /// byte-order mark.
    #[error("the file looks like UTF-16 without a byte-order mark")]
    LooksWide {
        /// The name of the encoding that the file seems to have.
        encoding: &'static str,
    },
    /// No encoding has the name that the user gave.
    #[error(
        "unknown encoding \"{name}\"; expected a name such as utf-8, utf-16le, windows-1252, iso-8859-15, shift_jis or gb18030"
    )]
    UnknownEncoding {
        /// The name that the user gave.
        name: String,
    },
    /// Compressed data unpacks to many times its size, so the file is probably an attack.
    #[error(
        "the compressed data unpacks to more than {ratio} times its size, so it is refused as a \
         decompression bomb; unpack it yourself if you trust it"
    )]
    Bomb {
        /// The largest allowed ratio of unpacked to packed size.
        ratio: u64,
    },
    /// A ZIP archive is cut off or damaged.
    #[error("this ZIP archive is damaged ({detail}); fetch it again")]
    BrokenZip {
        /// The reader's error.
        detail: String,
    },
    /// A zstd stream ends early or is damaged.
    #[error("the zstd data is cut off or damaged ({detail}); download the file again, or compress it again")]
    BrokenZstd {
        /// The decompressor's error.
        detail: String,
    },
    /// The file is not a JSON array.
    #[error("{detail}; expected one JSON array of objects, [{{…}}, {{…}}]")]
    BrokenArray {
        /// A description of the fault.
        detail: &'static str,
    },
    /// A record of CSV has more or fewer cells than the header has.
    #[error(
        "the record has {found} cells, but the header has {expected}; a quote or a separator may be \
             missing"
    )]
    CellCount {
        /// How many cells the record has.
        found: usize,
        /// How many cells the header has.
        expected: usize,
    },
    /// The header of a table cannot be read, or names a column twice.
    #[error("the header cannot be used: {detail}; expected one name per column")]
    BadHeader {
        /// A description of the fault.
        detail: String,
    },
    /// A record has several labels, but may have only one.
    #[error("{found} labels; expected one, because a document has only one label")]
    SeveralLabels {
        /// How many labels the record has.
        found: usize,
    },
    /// A folder contains no files that can be read.
    #[error(
        "this is a folder without documents; expected files named *.txt, *.text, *.md, *.jsonl, *.json, *.csv, *.tsv, *.parquet or *.xlsx, \
         or name other files yourself"
    )]
    EmptyFolder,
    /// A pattern matches no file.
    #[error("no file matches the pattern; expected at least one")]
    NoMatch,
    /// A record does not say which annotator answered.
    #[error("the file does not say who answered")]
    NoAnnotator,
    /// The answers are in no known format.
    #[error("the answers are not in a known format ({known})")]
    UnknownAnswers {
        /// The names of the known formats.
        known: String,
    },
    /// No document has this text.
    #[error(
        "no document has this text (\"{start}…\"), and the row has no querist_id; import the document first"
    )]
    UnknownText {
        /// The beginning of the text.
        start: String,
    },
    /// Several documents have this text.
    #[error("{found} documents have this text, and the row has no querist_id to tell them apart; add one")]
    AmbiguousText {
        /// How many documents have the text.
        found: usize,
    },
    /// An expert's row only says which class is wrong, not which is right.
    #[error(
        "the answer only says which class is wrong, which does not settle the document; expected a label"
    )]
    RejectionByExpert,
    /// A part of a record, such as one of its annotations, is faulty.
    #[error("{part}: {problem}")]
    Inside {
        /// The name of the part.
        part: String,
        /// What is wrong with the part.
        problem: Box<InputProblem>,
    },
    /// A file is faulty, but perhaps only because its format was guessed wrongly.
    #[error("{problem} (read as {format}, which is a guess)")]
    Guessed {
        /// The format that was guessed.
        format: &'static str,
        /// What is wrong with the file.
        problem: Box<InputProblem>,
    },
    /// A gzip stream ends early or is damaged.
    #[error("the gzip data is cut off or damaged ({detail}); download the file again, or compress it again")]
    BrokenGzip {
        /// The decompressor's error.
        detail: String,
    },
    /// A Parquet file is cut off or damaged.
    #[error("this Parquet file is damaged ({detail}); fetch it or write it again")]
    BrokenParquet {
        /// The reader's error.
        detail: String,
    },
    /// The user named a folder, but only a file can be read.
    #[error("this is a folder; expected a file: name the files in it")]
    Folder,
    /// The file cannot be read.
    #[error("cannot be read: {detail}")]
    Unreadable {
        /// The operating system's error.
        detail: String,
    },
    /// The row's id belongs to a document with another text.
    #[error(
        "the id \"{id}\" already belongs to another text (from {first}){}; ids must be unique, so rename one",
        owned_by(owner.as_deref())
    )]
    IdTaken {
        /// The repeated id.
        id: String,
        /// The file and line from which the document with this id was imported.
        first: String,
        /// The id of the document that has this row's text, if any has it.
        owner: Option<String>,
    },
    /// The row's document was erased for good. The message does not show its id.
    #[error(
        "a document with this id or text was forgotten for good and cannot be imported again; remove the row"
    )]
    Forgotten,
    /// A label is not in querist.toml.
    #[error(
        "unknown label \"{label}\"{}; expected one of: {known}{}",
        did_you_mean(nearest.as_deref()),
        if_missing(label)
    )]
    UnknownLabel {
        /// The label in the row.
        label: String,
        /// The known label that is most similar, if any is.
        nearest: Option<String>,
        /// The known labels, joined by commas.
        known: String,
    },
    /// The label differs from the stored label.
    #[error("\"{id}\" is already labelled \"{stored}\" (from {first}), not \"{label}\"")]
    LabelDiffers {
        /// The document's id.
        id: String,
        /// The stored label.
        stored: String,
        /// The file and line from which the stored label was imported.
        first: String,
        /// The label of this row.
        label: String,
    },
    /// The row would give a document another role, such as test document, which is not allowed.
    #[error("\"{id}\" cannot become a {wanted} document: {why}")]
    RoleTaken {
        /// The document's id.
        id: String,
        /// The requested role.
        wanted: &'static str,
        /// The words that say why the role must not change.
        why: String,
    },
    /// No document has the id to which an answer refers.
    #[error(
        "no document has the id \"{id}\"{}; import the document first, or correct the id",
        did_you_mean(nearest.as_deref())
    )]
    UnknownDocument {
        /// The id in the row.
        id: String,
        /// A similar known id, if there is one.
        nearest: Option<String>,
    },
    /// An answer refers to a test document.
    #[error("\"{id}\" belongs to the test set, so answers to it cannot count; remove the row")]
    AnswerForTest {
        /// The document's id.
        id: String,
    },
    /// An earlier line of the same file has the same id.
    #[error("the id \"{id}\" is already on line {line}; ids must be unique, so remove one of the rows")]
    RepeatedId {
        /// The id.
        id: String,
        /// The number of the earlier line.
        line: u64,
    },
    /// A time has none of the accepted formats.
    #[error(
        "the time \"{time}\" cannot be read; expected RFC 3339 (2026-05-01T12:00:00Z), a date or seconds \
         since 1970"
    )]
    MalformedTime {
        /// The time in the row.
        time: String,
    },
    /// A duration is not a number of seconds of at least 0.
    #[error("the field \"seconds\" is {seconds}; expected the time the answer took, a number of 0 or more")]
    MalformedSeconds {
        /// The value in the row.
        seconds: String,
    },
}
