//! Files as the user names them: patterns, layouts and encodings by name.

use std::collections::BTreeMap;
use std::path::Path;

use clap::builder::{OsStringValueParser, TypedValueParser};
use querist_store::format::columns::AnswerColumns as Columns;
use querist_store::format::records::{self, Layout, Opened, PassedOver, Reading, RecordReader, guessed_as};
use querist_store::os_name::{path_of, text_of};
use querist_store::source::Encoding;
use querist_store::{InputError, InputProblem, StoreError};

use crate::args::{AnswerColumns, FileLayout};
use crate::failure::Mend;
use crate::output::{Talk, shown};

/// Reads the name of a file from the command line: it need not be UTF-8.
pub fn name() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(|name| text_of(&name))
}

/// The files that the user named. A name that is no file and has `*`, `?` or `[` in it is a pattern; what fits it comes in the
/// order of the names.
///
/// # Errors
/// A malformed pattern, or one that nothing fits.
pub fn expanded(names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut files = Vec::new();
    for name in names {
        if name == "-" || path_of(name).exists() || !name.contains(['*', '?', '[']) {
            files.push(name.clone());
            continue;
        }
        let found = records::matching(name).map_err(StoreError::from)?;
        if found.is_empty() {
            return Err(StoreError::from(InputError::of_file(name, InputProblem::NoMatch)).into());
        }
        files.extend(found);
    }
    Ok(files)
}

/// How files are to be read; `fields` are the names that will be asked for.
///
/// # Errors
/// There is no layout or no encoding of that name.
pub fn asked(files: &FileLayout, fields: &[&str]) -> anyhow::Result<Reading> {
    Ok(Reading {
        layout: layout(files.format.as_deref())?,
        encoding: encoding(&files.encoding)?,
        sheet: files.sheet.clone(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    })
}

/// Opens a file of rows, and says what was guessed of it and what is passed over.
///
/// # Errors
/// It cannot be read, or is not laid out as asked.
pub fn open(file: &str, reading: &Reading, talk: &Talk) -> anyhow::Result<Opened> {
    let opened = records::open(file, reading).map_err(StoreError::from)?;
    if let Some(by) = opened.guessed {
        talk.remark(&guessed_as(file, opened.layout.description(), by));
    }
    for remark in opened.told.iter().cloned().chain(told(opened.reader.passed_over())) {
        talk.remark(&remark);
    }
    Ok(opened)
}

/// Says what there is to say of how a file was read, once its last row is.
pub fn at_end(file: &str, reader: &dyn RecordReader, talk: &Talk) {
    for remark in of_reader(file, reader) {
        talk.remark(&remark);
    }
}

/// What there is to say of how a file was read, once its last row is.
pub fn of_reader(file: &str, reader: &dyn RecordReader) -> Vec<String> {
    reader.remarks().iter().map(|remark| format!("{}: {remark}", shown(Path::new(file)))).collect()
}

/// How many files a remark names.
const EXAMPLES: usize = 5;

/// What to say of files that were not read: a remark for each reason.
pub fn told(passed_over: &[PassedOver]) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for PassedOver { file, why } in passed_over {
        by_reason.entry(why).or_default().push(file);
    }
    let told = |(why, files): (&str, Vec<&str>)| {
        let named: Vec<String> = files.iter().take(EXAMPLES).map(|file| shown(Path::new(file))).collect();
        let more = if files.len() > EXAMPLES { ", …" } else { "" };
        let n = match files.len() {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        };
        format!("{n} passed over ({why}): {}{more}", named.join(", "))
    };
    by_reason.into_iter().map(told).collect()
}

/// The columns of answers that the user named.
pub fn columns(named: &AnswerColumns) -> Columns {
    let AnswerColumns { item_field, annotator_field, label_field } = named.clone();
    Columns { item: item_field, annotator: annotator_field, label: label_field }
}

/// The layout of that name.
fn layout(name: Option<&str>) -> anyhow::Result<Option<Layout>> {
    let Some(name) = name else { return Ok(None) };
    let found = Layout::NAMES.iter().find(|(known, _)| *known == name);
    let Some((_, layout)) = found else {
        let known: Vec<&str> = Layout::NAMES.iter().map(|(known, _)| *known).collect();
        return Err(Mend(format!("unknown format \"{name}\"; expected one of: {}", known.join(", "))).into());
    };
    Ok(Some(*layout))
}

/// The encoding of that name.
///
/// # Errors
/// There is none.
pub fn encoding(name: &str) -> anyhow::Result<Encoding> {
    Encoding::of_name(name).map_err(|problem| Mend(problem.to_string()).into())
}
