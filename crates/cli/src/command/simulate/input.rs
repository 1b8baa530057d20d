//! Labelled documents for a simulation: JSON Lines with an id, a text and a label on every row.

use std::collections::BTreeMap;

use querist_core::LabelSet;
use querist_engine::simulate::{DataSet, Known};
use querist_store::format::documents::FieldNames;
use querist_store::format::row::Row;
use querist_store::lines::Lines;
use querist_store::{InputError, InputProblem, Place, StoreError};

use crate::failure::Mend;
use crate::output::Talk;

/// A file of labelled documents.
pub(super) struct Labeled {
    file: String,
    rows: Vec<LabeledRow>,
    /// BLAKE3 of the uncompressed content.
    pub(super) hash: String,
}

/// A row of it.
struct LabeledRow {
    id: String,
    text: String,
    label: String,
}

/// Reads a file. With `skip`, malformed rows are passed over, and a remark says how many and why the first was.
///
/// # Errors
/// It cannot be read, a row is malformed, an id stands twice, or there are no rows: with file and line.
pub(super) fn read(file: &str, fields: &FieldNames, skip: bool, talk: &Talk) -> anyhow::Result<Labeled> {
    let mut lines = Lines::open(file).map_err(StoreError::from)?;
    let mut rows = Vec::new();
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    let mut skipped: Vec<StoreError> = Vec::new();
    while let Some(line) = lines.next_line().map_err(StoreError::from)? {
        let number = line.number;
        let row = line.text.and_then(|text| parse(text, fields));
        let row = match row.map_err(|problem| fault(file, Some(number), problem)) {
            Err(error) if skip => {
                skipped.push(error);
                continue;
            }
            row => row?,
        };
        if let Some(before) = first.insert(row.id.clone(), number) {
            return Err(Mend(format!(
                "{file}:{number}: the id \"{}\" stands on line {before} already; expected ids to be unique, rename one",
                row.id
            ))
            .into());
        }
        rows.push(row);
    }
    if let Some(error) = skipped.first() {
        talk.remark(&format!("{} bad rows passed over; the first: {error}", skipped.len()));
    }
    if rows.is_empty() {
        return Err(fault(file, None, InputProblem::NoRows).into());
    }
    Ok(Labeled { file: file.to_owned(), rows, hash: lines.hash() })
}

fn fault(file: &str, line: Option<u64>, problem: InputProblem) -> StoreError {
    InputError { file: file.to_owned(), place: line.map(Place::Line), problem }.into()
}

fn parse(text: &str, fields: &FieldNames) -> Result<LabeledRow, InputProblem> {
    let mut row = Row::parse(text)?;
    let id = row.name(&fields.id, Some("--id"))?;
    let text = row.text(&fields.text, Some("--text"))?;
    if text.trim().is_empty() {
        return Err(InputProblem::EmptyField { field: fields.text.clone(), expected: "a text to label" });
    }
    let label = row.name(&fields.label, Some("--label"))?;
    Ok(LabeledRow { id, text, label })
}

/// The data set of a training and a test file. The classes are those of both, by name.
///
/// # Errors
/// The training file has fewer than two classes, or a label that cannot be one.
pub(super) fn data_set(train: Labeled, test: Labeled) -> anyhow::Result<DataSet> {
    let file = train.file.clone();
    let mut names: Vec<String> = train.rows.iter().chain(&test.rows).map(|row| row.label.clone()).collect();
    names.sort_unstable();
    names.dedup();
    if let Some(one) = train.rows.first().filter(|one| train.rows.iter().all(|row| row.label == one.label)) {
        let what = format!("{file}: all documents are \"{}\"; expected two classes or more", one.label);
        return Err(Mend(what).into());
    }
    let labels = LabelSet::new(names).map_err(|error| Mend(format!("{file}: {error}")))?;
    let known = |rows: Vec<LabeledRow>| {
        let known = rows
            .into_iter()
            .filter_map(|row| Some(Known { class: labels.class(&row.label)?, id: row.id, text: row.text }));
        known.collect()
    };
    let (pool, test) = (known(train.rows), known(test.rows));
    Ok(DataSet::new(labels, pool, test))
}
