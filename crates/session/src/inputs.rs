//! Helps to read the files that a user names: expands patterns of paths, finds formats by name, and
//! passes on remarks about the reading.

use std::collections::BTreeMap;
use std::path::Path;

use querist_core::visible::visible;
use querist_store::format::records::{
    self, Input, Layout, Opened, PassedOver, Reading, RecordReader, guessed_as,
};
use querist_store::os_name::path_of;
use querist_store::source::Encoding;
use querist_store::{InputError, InputProblem, Told};

use crate::error::{Result, SessionError};
use crate::progress::{Progress, Remark};

/// Returns the row layout with this name.
///
/// # Errors
/// No layout has this name.
pub fn layout(name: &str) -> Result<Layout> {
    let found = Layout::NAMES.iter().find(|(known, _)| *known == name);
    found.map(|(_, layout)| *layout).ok_or_else(|| {
        let known: Vec<&str> = Layout::NAMES.iter().map(|(known, _)| *known).collect();
        unknown_format(name, &known)
    })
}

/// Returns the error that no format has this name; `known` lists the formats.
pub(crate) fn unknown_format(name: &str, known: &[&str]) -> SessionError {
    let what = format!("unknown format \"{name}\"; expected one of: {}", known.join(", "));
    SessionError::Input { what }
}

/// Returns the encoding with this name in the WHATWG standard.
///
/// # Errors
/// No encoding has this name.
pub fn encoding(name: &str) -> Result<Encoding> {
    Encoding::of_name(name).map_err(|problem| SessionError::Input { what: problem.to_string() })
}

/// Returns the name of `file` as messages show it: without a leading "./", and with control
/// characters escaped.
pub(crate) fn shown(file: &str) -> String {
    let path = Path::new(file);
    visible(&path.strip_prefix(".").unwrap_or(path).to_string_lossy()).into_owned()
}

/// Sends two kinds of remarks to `progress`: the readers' remarks, and remarks about skipped files.
pub(crate) fn tell(remarks: &[Told], passed_over: &[PassedOver], progress: &dyn Progress) {
    for told in remarks.iter().cloned().chain(told(passed_over)) {
        progress.remark(Remark::Input { text: told });
    }
}

/// Replaces each pattern of paths among `names` by the files that match it, sorted. A name is a
/// pattern if no file has this name and it contains `*`, `?` or `[`.
///
/// # Errors
/// A pattern is malformed, or no file matches it.
pub fn expanded(names: &[String]) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for name in names {
        if name == "-" || path_of(name).exists() || !name.contains(['*', '?', '[']) {
            files.push(name.clone());
            continue;
        }
        let found = records::matching(name)?;
        if found.is_empty() {
            return Err(InputError::of_file(name, InputProblem::NoMatch).into());
        }
        files.extend(found);
    }
    Ok(files)
}

/// Opens a file of rows for reading. Sends remarks to `progress` about a layout that was guessed,
/// and about files that were skipped.
///
/// # Errors
/// The file cannot be read, or does not have the requested layout.
pub(crate) fn open(file: &str, reading: &Reading, progress: &dyn Progress) -> Result<Opened> {
    let opened = records::open(file, reading)?;
    if let Some(by) = opened.guessed {
        progress.remark(Remark::Input { text: guessed_as(file, opened.layout.description(), by).into() });
    }
    tell(&opened.told, opened.reader.passed_over(), progress);
    Ok(opened)
}

/// Sends the reader's remarks about a file to `progress`. Call it after the last row.
pub(crate) fn at_end(file: &str, reader: &dyn RecordReader, progress: &dyn Progress) {
    tell(&of_reader(file, reader), &[], progress);
}

/// Returns the reader's remarks about a file. They are complete only after the last row.
pub(crate) fn of_reader(file: &str, reader: &dyn RecordReader) -> Vec<Told> {
    reader.remarks().into_iter().map(|told| told.of_file(&shown(file))).collect()
}

/// Does the same as [`expanded`] for inputs. Streams stay as they are.
///
/// # Errors
/// As for [`expanded`].
pub(crate) fn expanded_inputs(inputs: Vec<Input>) -> Result<Vec<Input>> {
    let mut all = Vec::new();
    for input in inputs {
        match input {
            // A front end passes standard input as a stream. So "-" here is the name of a file.
            Input::File(name) if name == "-" => all.push(Input::File("./-".to_owned())),
            Input::File(name) => all.extend(expanded(&[name])?.into_iter().map(Input::File)),
            stream @ Input::Stream { .. } => all.push(stream),
        }
    }
    Ok(all)
}

/// A remark names at most this many files.
const EXAMPLES: usize = 5;

/// Returns remarks about skipped files, one for each reason.
pub(crate) fn told(passed_over: &[PassedOver]) -> Vec<Told> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for PassedOver { file, why } in passed_over {
        by_reason.entry(why).or_default().push(file);
    }
    let told = |(why, files): (&str, Vec<&str>)| {
        let named: Vec<String> = files.iter().take(EXAMPLES).map(|file| shown(file)).collect();
        let more = if files.len() > EXAMPLES { ", …" } else { "" };
        let n = match files.len() {
            1 => "1 file".to_owned(),
            n => format!("{n} files"),
        };
        format!("{n} skipped ({why}): {}{more}", named.join(", ")).into()
    };
    by_reason.into_iter().map(told).collect()
}
