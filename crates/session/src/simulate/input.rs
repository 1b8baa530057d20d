//! Reads labelled documents for a simulation. Each row has a text and a label. Either all rows of a
//! file have ids, or none has.

use std::collections::BTreeMap;

use querist_core::{LabelSet, name_key};
use querist_engine::simulate::{DataSet, Known};
use querist_store::format::documents::{FieldNames, id_of_text};
use querist_store::format::records::{Opened, Reading};
use querist_store::format::rejected::Wording;
use querist_store::format::row::Row;
use querist_store::{FieldOption, InputError, InputProblem, Place};

use crate::error::{Result, SessionError};
use crate::inputs;
use crate::progress::{Progress, Remark};

/// The labelled documents in a file, and the hash of the file.
pub(super) struct Labeled {
    file: String,
    rows: Vec<LabeledRow>,
    /// BLAKE3 hash of the uncompressed content, in hex.
    pub(super) hash: String,
}

/// A row of a file of labelled documents.
struct LabeledRow {
    id: String,
    /// Whether the id was made from the text.
    id_made: bool,
    text: String,
    label: String,
}

/// Layout of a file, names of its fields, and what to do with bad rows.
pub(super) struct Form {
    pub(super) asked: Reading,
    pub(super) fields: FieldNames,
    /// Whether to skip bad rows.
    pub(super) skip: bool,
    /// How a remark words what is wrong with the first skipped row.
    pub(super) wording: Wording,
}

/// Reads a file of labelled documents. If `form` asks for it, bad rows are skipped; a remark then
/// says how many, and what is wrong with the first. If the first row has no id, ids are made from
/// the texts. In this case a row with the text of an earlier row is skipped, whatever its label.
///
/// # Errors
/// The file cannot be read or has no rows, a row is malformed, or two rows have the same id. The
/// error names file and line.
pub(super) fn read(file: &str, form: &Form, progress: &dyn Progress) -> Result<Labeled> {
    let Opened { mut reader, layout, .. } = inputs::open(file, &form.asked, progress)?;
    let usual = FieldNames::default();
    let mut rows = Vec::new();
    let mut first: BTreeMap<String, (String, Place)> = BTreeMap::new();
    let mut skipped: Vec<InputError> = Vec::new();
    let (mut has_ids, mut member, mut repeated) = (None, None::<String>, 0_usize);
    // If the caller names the field with the id, every row must have it.
    let named = form.fields.id != usual.id;
    while let Some(record) = reader.next_record()? {
        let (name, place) = (record.file_name(file), record.place);
        let (fields, named) =
            if record.shape.has_named_fields() { (&form.fields, named) } else { (&usual, false) };
        if record.member != member.as_deref() {
            // The next file in a folder or an archive begins.
            member = record.member.map(str::to_owned);
            has_ids = None;
        }
        let row = record.json.and_then(|json| parse(json, fields, named, &mut has_ids));
        let row = match row.map_err(|problem| fault(name.clone(), Some(place), problem)) {
            Err(error) if form.skip => {
                skipped.push(error);
                continue;
            }
            row => row?,
        };
        if row.id_made && first.contains_key(&row.id) {
            repeated += 1;
            continue;
        }
        if let Some((before, at)) = first.insert(row.id.clone(), (name.clone(), place)) {
            let problem = format!(
                "the id \"{}\" is already in {before}:{}; ids must be unique, so rename one",
                row.id,
                at.number()
            );
            return Err(SessionError::Input { what: format!("{name}:{}: {problem}", place.number()) });
        }
        rows.push(row);
    }
    inputs::at_end(file, reader.as_ref(), progress);
    if let Some(error) = skipped.first() {
        let (n, place, reason) = (skipped.len(), error.whereabouts(), form.wording.0(&error.problem));
        let text = format!("{n} bad rows skipped; the first: {place}: {reason}");
        progress.remark(Remark::Input { text: text.into() });
    }
    if repeated > 0 {
        let text =
            format!("{file}: {repeated} rows without an id skipped because their text was there already");
        progress.remark(Remark::Input { text: text.into() });
    }
    if rows.is_empty() {
        return Err(fault(file.to_owned(), None, layout.no_rows()).into());
    }
    Ok(Labeled { file: file.to_owned(), rows, hash: reader.hash() })
}

fn fault(file: String, place: Option<Place>, problem: InputProblem) -> InputError {
    InputError { file, place, problem }
}

/// Parses a row. Whether it must have an id depends on the first row of its file.
fn parse(
    json: &str,
    fields: &FieldNames,
    named: bool,
    has_ids: &mut Option<bool>,
) -> Result<LabeledRow, InputProblem> {
    let mut row = Row::parse(json)?;
    let has_ids = *has_ids.get_or_insert_with(|| named || row.has(&fields.id));
    let id = if has_ids || row.has(&fields.id) {
        Some(row.name(&fields.id, Some(FieldOption::Id))?)
    } else {
        None
    };
    let text = row.text(&fields.text, Some(FieldOption::Text))?;
    if text.trim().is_empty() {
        return Err(InputProblem::EmptyField { field: fields.text.clone(), expected: "a text to label" });
    }
    let label = name_key(&row.label(&fields.label, Some(FieldOption::Label))?).into_owned();
    let id_made = id.is_none();
    Ok(LabeledRow { id: id.unwrap_or_else(|| id_of_text(&text)), id_made, text, label })
}

/// Makes a data set from a training file and a test file. The classes are the labels in both files,
/// sorted by name.
///
/// # Errors
/// The training file has fewer than two classes, or the labels do not make a valid set of classes.
pub(super) fn data_set(train: Labeled, test: Labeled) -> Result<DataSet> {
    let file = train.file.clone();
    let mut names: Vec<String> = train.rows.iter().chain(&test.rows).map(|row| row.label.clone()).collect();
    names.sort_unstable();
    names.dedup();
    if let Some(one) = train.rows.first().filter(|one| train.rows.iter().all(|row| row.label == one.label)) {
        let what = format!("{file}: all documents are \"{}\"; expected at least two classes", one.label);
        return Err(SessionError::Input { what });
    }
    let labels =
        LabelSet::new(names).map_err(|error| SessionError::Input { what: format!("{file}: {error}") })?;
    let known = |rows: Vec<LabeledRow>| {
        let known = rows
            .into_iter()
            .filter_map(|row| Some(Known { class: labels.class(&row.label)?, id: row.id, text: row.text }));
        known.collect()
    };
    let (pool, test) = (known(train.rows), known(test.rows));
    Ok(DataSet::new(labels, pool, test))
}
