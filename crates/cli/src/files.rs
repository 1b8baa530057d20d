//! Files that the user names on the command line, and how to read them.

use clap::builder::{OsStringValueParser, TypedValueParser};
use querist_session::inputs;
use querist_session::store::format::columns::AnswerColumns as Columns;
use querist_session::store::format::records::{Input, Reading};
use querist_session::store::os_name::text_of;

use crate::args::{AnswerColumns, FileLayout};

/// Returns a parser for file names on the command line. They need not be UTF-8.
pub fn name() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(|name| text_of(&name))
}

/// Returns the inputs that these names stand for. `-` is standard input.
pub fn inputs(names: &[String]) -> Vec<Input> {
    let input = |name: &String| match name.as_str() {
        "-" => Input::Stream { name: name.clone(), bytes: Box::new(std::io::stdin()) },
        _ => Input::File(name.clone()),
    };
    names.iter().map(input).collect()
}

/// Returns how to read files, according to the options. `fields` are the names of the fields that
/// will be read.
///
/// # Errors
/// No layout or encoding has the given name.
pub fn asked(files: &FileLayout, fields: &[&str]) -> anyhow::Result<Reading> {
    Ok(Reading {
        layout: files.format.as_deref().map(inputs::layout).transpose()?,
        encoding: inputs::encoding(&files.encoding)?,
        sheet: files.sheet.clone(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
    })
}

/// Converts the command line's names of the columns with items, annotators and labels to the names
/// that the reader of files takes.
pub fn columns(named: &AnswerColumns) -> Columns {
    let AnswerColumns { item_field, annotator_field, label_field } = named.clone();
    Columns { item: item_field, annotator: annotator_field, label: label_field }
}
