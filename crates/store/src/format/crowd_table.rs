//! Answers of a crowd as a table: comma-, semicolon- or tab-separated values, with a header that names the columns in any order.
//!
//! The separator is the one of the three that the header has most of; quotes are as in RFC 4180. What a row must have is said in [`super::crowd`]. Records come from [`super::separated`].

use csv::{ByteRecord, Trim};

use super::crowd::{ANNOTATOR, CrowdFile, CrowdKind, CrowdRow, ITEM, LABEL, Take};
use super::separated::Separated;
use crate::error::{CrowdProblem, InputError, InputProblem, Place};
use crate::source::Source;

/// Where the columns are.
struct Columns {
    item: usize,
    annotator: Option<usize>,
    label: usize,
    /// Their names, for messages.
    names: Vec<String>,
}

/// Reads the rows.
pub(super) fn read(
    mut source: Source,
    kind: CrowdKind,
    take: &mut Take<'_>,
) -> Result<CrowdFile, InputError> {
    let file = source.file().to_owned();
    let at = |line: u64, problem| InputError::at(&file, Place::Line(line), problem);
    let delimiter = delimiter(source.first_bytes()?);
    let mut records = Separated::of(source, delimiter, Trim::All);
    let (mut columns, mut rows): (Option<Columns>, u64) = (None, 0);
    while records.read()? {
        let line = records.line();
        match &columns {
            None => columns = Some(header(records.record(), kind).map_err(|problem| at(line, problem))?),
            Some(columns) => {
                rows += 1;
                row(records.record(), columns, kind, line, take).map_err(|problem| at(line, problem))?;
            }
        }
    }
    Ok(CrowdFile { hash: records.source().hash(), rows })
}

/// The separator that the first line has most of; a comma where it has none.
fn delimiter(beginning: &[u8]) -> u8 {
    let trimmed = beginning.trim_ascii_start();
    let line = trimmed.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| line.split(|byte| *byte == separator).count();
    [b';', b'\t', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn header(record: &ByteRecord, kind: CrowdKind) -> Result<Columns, InputProblem> {
    let mut names = Vec::with_capacity(record.len());
    for (place, cell) in record.iter().enumerate() {
        let cell = if place == 0 { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
        names.push(text(cell)?.trim().trim_matches('"').to_lowercase());
    }
    let find = |what: &'static str, known: &[&str]| {
        let mut found = (0..names.len()).filter(|column| known.contains(&names[*column].as_str()));
        let first = found.next();
        if let (Some(first), Some(second)) = (first, found.next()) {
            let (first, second) = (names[first].clone(), names[second].clone());
            return Err(InputProblem::from(CrowdProblem::TwoColumns { what, first, second }));
        }
        Ok(first)
    };
    let needed = |what, known: &[&str]| {
        let missing = || InputProblem::from(CrowdProblem::MissingColumn { what, known: known.join(", ") });
        find(what, known)?.ok_or_else(missing)
    };
    let item = needed("the item", &ITEM)?;
    let annotator = match kind {
        CrowdKind::Answers => Some(needed("the annotator", &ANNOTATOR)?),
        CrowdKind::Gold => None,
    };
    let label = needed("the label", &LABEL)?;
    Ok(Columns { item, annotator, label, names })
}

fn row(
    record: &ByteRecord,
    columns: &Columns,
    kind: CrowdKind,
    line: u64,
    take: &mut Take<'_>,
) -> Result<(), InputProblem> {
    if record.len() != columns.names.len() {
        let (found, expected) = (record.len(), columns.names.len());
        return Err(CrowdProblem::CellCount { found, expected }.into());
    }
    let cell = |column: usize| checked(&record[column], &columns.names[column]);
    let filled = |column: usize, expected| {
        let text = cell(column)?;
        if text.is_empty() {
            return Err(InputProblem::EmptyField { field: columns.names[column].clone(), expected });
        }
        Ok(text)
    };
    let item = filled(columns.item, "the name of an item")?;
    let annotator = columns.annotator.map_or(Ok(""), |column| filled(column, "the name of an annotator"))?;
    let label = match kind {
        CrowdKind::Answers => Some(cell(columns.label)?).filter(|label| !label.is_empty()),
        CrowdKind::Gold => Some(filled(columns.label, "a label")?),
    };
    take(CrowdRow { item, annotator, label }, line)
}

/// A cell as text without control characters.
fn checked<'a>(cell: &'a [u8], name: &str) -> Result<&'a str, InputProblem> {
    let text = text(cell)?;
    if text.contains('\0') {
        return Err(InputProblem::Nul { place: format!("the field \"{name}\"") });
    }
    if text.chars().any(char::is_control) {
        return Err(InputProblem::ControlCharacter { field: name.to_owned() });
    }
    Ok(text.trim())
}

fn text(cell: &[u8]) -> Result<&str, InputProblem> {
    std::str::from_utf8(cell).map_err(|error| InputProblem::InvalidUtf8 { byte: error.valid_up_to() + 1 })
}
