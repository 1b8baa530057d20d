//! What can be wrong with a file that a user brings, and what to do about it.

use querist_core::visible::{NameFault, visible};
use thiserror::Error;

use super::answer::AnswerProblem;
use super::choice::FieldOption;
use super::crowd::CrowdProblem;
use super::packing::PackingProblem;
use super::prediction::PredictionProblem;
use super::table::TableProblem;
use super::words::{did_you_mean, if_missing, on_every_row, owned_by};

/// What is wrong with a row or a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputProblem {
    /// Not JSON, or not an object.
    #[error("malformed JSON: {detail}; expected one JSON object per line")]
    MalformedJson {
        /// The parser's words and the column.
        detail: String,
    },
    /// JSON, and no object.
    #[error(
        "this is {found}, expected an object with a name for each value, such as {{\"id\": \"1\", \"text\": \"…\"}}"
    )]
    NoObject {
        /// What it is.
        found: &'static str,
    },
    /// A field that must be there is not.
    #[error("the field \"{field}\" is missing{}", on_every_row(field, *option))]
    MissingField {
        /// The field's name in the file.
        field: String,
        /// The option that names another, if there is one.
        option: Option<FieldOption>,
    },
    /// A field that stands twice in one object.
    #[error("the field \"{field}\" appears twice in this object; keep one of them")]
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
    #[error("invalid UTF-8 at byte {byte}; expected UTF-8")]
    InvalidUtf8 {
        /// The first bad byte of the line or cell, from 1.
        byte: usize,
    },
    /// A NUL character, raw or escaped.
    #[error("a NUL character in {place}; expected text without NUL, remove it")]
    Nul {
        /// Where it is.
        place: String,
    },
    /// A name that would show as another one, or not at all.
    #[error("the {what} \"{}\" {fault}; write the name without it", visible(name))]
    MisleadingName {
        /// Whose name it is.
        what: &'static str,
        /// The name as it is.
        name: String,
        /// What is wrong with it.
        fault: NameFault,
    },
    /// A control character in an identifier.
    #[error("the field \"{field}\" has a control character; expected printable text")]
    ControlCharacter {
        /// The field's name in the file.
        field: String,
    },
    /// A line over the limit.
    #[error(
        "the line is longer than {limit_mib} MiB; expected one document per line, so a line break may be \
         missing"
    )]
    LineTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A record other than a line, over the limit.
    #[error(
        "the record is longer than {limit_mib} MiB; expected one document, so a quote or a bracket may be \
         missing"
    )]
    RecordTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A row of a table with kinds, over the limit.
    #[error("the row is longer than {limit_mib} MiB as JSON; expected one document: leave long columns out")]
    RowTooLong {
        /// The limit in MiB.
        limit_mib: usize,
    },
    /// A row of a table with kinds whose lists have too many values, or too much text.
    #[error(
        "the lists in the row would take more than {limit_mib} MiB of memory; expected one document: \
         leave long columns out"
    )]
    RowListsTooLong {
        /// The limit in MiB.
        limit_mib: u64,
    },
    /// Nothing in a file whose rows are not lines.
    #[error("the file has no rows; expected {expected}")]
    NoRecords {
        /// What should be there.
        expected: &'static str,
    },
    /// Nothing in it.
    #[error("the file has no rows; expected one JSON object per line")]
    NoRows,
    /// An answer that a format cannot make out, or that contradicts its document.
    #[error(transparent)]
    Answer(#[from] AnswerProblem),
    /// A file of a crowd's answers.
    #[error(transparent)]
    Crowd(#[from] CrowdProblem),
    /// A table of text or a workbook.
    #[error(transparent)]
    Table(#[from] TableProblem),
    /// How a file is packed.
    #[error(transparent)]
    Packing(#[from] PackingProblem),
    /// What is wrong with a row of predictions.
    #[error(transparent)]
    Prediction(#[from] PredictionProblem),
    /// Not in the encoding that the user named.
    #[error("the file is not in the encoding {encoding}: a character before byte {byte} is malformed")]
    BrokenEncoding {
        /// The encoding's name.
        encoding: &'static str,
        /// Where, in bytes of the uncompressed file: not far behind the character.
        byte: u64,
    },
    /// Every other byte is 0, and no byte-order mark says why.
    #[error("the file looks like UTF-16 without a byte-order mark")]
    LooksWide {
        /// The encoding's name.
        encoding: &'static str,
    },
    /// An encoding that nobody knows.
    #[error(
        "unknown encoding \"{name}\"; expected a name such as utf-8, utf-16le, windows-1252, iso-8859-15, shift_jis or gb18030"
    )]
    UnknownEncoding {
        /// The name as given.
        name: String,
    },
    /// Compressed data that grows beyond all reason.
    #[error(
        "the compressed data unpacks to more than {ratio} times its size, so it is refused as a \
         decompression bomb; unpack it yourself if you trust it"
    )]
    Bomb {
        /// The limit.
        ratio: u64,
    },
    /// An archive that breaks off or is none inside.
    #[error("this ZIP archive is damaged ({detail}); fetch it again")]
    BrokenZip {
        /// The reader's words.
        detail: String,
    },
    /// A zstd stream that ends early or is damaged.
    #[error("the zstd data is cut off or damaged ({detail}); fetch the file or compress it again")]
    BrokenZstd {
        /// The decompressor's words.
        detail: String,
    },
    /// A JSON array that is not one.
    #[error("{detail}; expected one JSON array of objects, [{{…}}, {{…}}]")]
    BrokenArray {
        /// What is wrong.
        detail: &'static str,
    },
    /// A record of CSV with more or fewer cells than the header.
    #[error(
        "the record has {found} cells, but the header has {expected}; a quote or a separator may be \
             missing"
    )]
    CellCount {
        /// How many it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A header of CSV that names a column twice or not at all.
    #[error("the header cannot be used: {detail}; expected one name per column")]
    BadHeader {
        /// What is wrong.
        detail: String,
    },
    /// A record with several labels where one is wanted.
    #[error("there are {found} labels; expected one, because a document has only one label")]
    SeveralLabels {
        /// How many.
        found: usize,
    },
    /// A folder without files that are read.
    #[error(
        "this is a folder without documents; expected files named *.txt, *.text, *.md, *.jsonl, *.json, *.csv, *.tsv, *.parquet or *.xlsx, \
         or name other files yourself"
    )]
    EmptyFolder,
    /// A pattern that fits no file.
    #[error("no file matches the pattern; expected at least one")]
    NoMatch,
    /// Answers without anybody who gave them.
    #[error("the file does not say who answered")]
    NoAnnotator,
    /// Answers in a form that no format has.
    #[error("the answers are not in a known format ({known})")]
    UnknownAnswers {
        /// The known formats.
        known: String,
    },
    /// A text that no document has.
    #[error(
        "no document has this text (\"{start}…\"), and the row has no querist_id; import the document first"
    )]
    UnknownText {
        /// How the text begins.
        start: String,
    },
    /// A text that several documents have.
    #[error("{found} documents have this text, and the row has no querist_id to tell them apart; add one")]
    AmbiguousText {
        /// How many.
        found: usize,
    },
    /// A rejection where a decision is wanted.
    #[error(
        "the answer only says which class is wrong, which does not settle the document; expected a label"
    )]
    RejectionByExpert,
    /// Something that a record holds.
    #[error("{part}: {problem}")]
    Inside {
        /// Which part.
        part: String,
        /// What is wrong with it.
        problem: Box<InputProblem>,
    },
    /// A problem of a file whose format was guessed.
    #[error("{problem} (read as {format}, which is a guess)")]
    Guessed {
        /// The format.
        format: &'static str,
        /// What is wrong.
        problem: Box<InputProblem>,
    },
    /// A gzip stream that ends early or is damaged.
    #[error("the gzip data is cut off or damaged ({detail}); fetch the file or compress it again")]
    BrokenGzip {
        /// The decompressor's words.
        detail: String,
    },
    /// A Parquet file that breaks off or is no Parquet file inside.
    #[error("this Parquet file is damaged ({detail}); fetch it or write it again")]
    BrokenParquet {
        /// The reader's words.
        detail: String,
    },
    /// A folder where a file was expected.
    #[error("this is a folder; expected a file: name the files in it")]
    Folder,
    /// The file cannot be read.
    #[error("cannot be read: {detail}")]
    Unreadable {
        /// The system's words.
        detail: String,
    },
    /// An id seen before with another text.
    #[error(
        "the id \"{id}\" already belongs to another text (from {first}){}; ids must be unique, so rename one",
        owned_by(owner.as_deref())
    )]
    IdTaken {
        /// The repeated id.
        id: String,
        /// Where it came from first.
        first: String,
        /// The document that has the text of this row.
        owner: Option<String>,
    },
    /// A document that was forgotten. Its id is no part of the sentence.
    #[error(
        "a document with this id or text was forgotten for good and cannot be imported again; remove the row"
    )]
    Forgotten,
    /// A label that is not in querist.toml.
    #[error(
        "unknown label \"{label}\"{}; expected one of: {known}{}",
        did_you_mean(nearest.as_deref()),
        if_missing(label)
    )]
    UnknownLabel {
        /// The label as given.
        label: String,
        /// The known label most like it.
        nearest: Option<String>,
        /// All known labels.
        known: String,
    },
    /// A label other than the one stored before.
    #[error("\"{id}\" is already labelled \"{stored}\" (from {first}), not \"{label}\"")]
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
        "no document has the id \"{id}\"{}; import the document first, or correct the id",
        did_you_mean(nearest.as_deref())
    )]
    UnknownDocument {
        /// The id as given.
        id: String,
        /// A known id most like it, if one is near.
        nearest: Option<String>,
    },
    /// An answer for a held-out document.
    #[error("\"{id}\" belongs to the test set, so answers to it cannot count; remove the row")]
    AnswerForTest {
        /// The document.
        id: String,
    },
    /// An id that stands on an earlier line of the same file.
    #[error("the id \"{id}\" is already on line {line}; ids must be unique, so remove one of the rows")]
    RepeatedId {
        /// The id.
        id: String,
        /// The earlier line.
        line: u64,
    },
    /// A time that is neither of the two accepted forms.
    #[error(
        "the time \"{time}\" cannot be read; expected RFC 3339 (2026-05-01T12:00:00Z), a date or seconds \
         since 1970"
    )]
    MalformedTime {
        /// The time as given.
        time: String,
    },
    /// A duration that is none.
    #[error("the field \"seconds\" is {seconds}; expected the time the answer took, a number of 0 or more")]
    MalformedSeconds {
        /// The value as given.
        seconds: String,
    },
}
