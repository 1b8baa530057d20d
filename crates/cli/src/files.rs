//! Files as the user names them: patterns, layouts and encodings by name.

use clap::builder::{OsStringValueParser, TypedValueParser};
use querist_store::format::records::{self, Layout, Opened, guessed_as};
use querist_store::os_name::{path_of, text_of};
use querist_store::source::Encoding;
use querist_store::{InputError, InputProblem, StoreError};

use crate::args::FileLayout;
use crate::failure::Mend;
use crate::output::Talk;

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

/// The layout, if one was named, and the encoding.
///
/// # Errors
/// There is none of that name.
pub fn asked(files: &FileLayout) -> anyhow::Result<(Option<Layout>, Encoding)> {
    Ok((layout(files.format.as_deref())?, encoding(&files.encoding)?))
}

/// Opens a file of rows, and says what was guessed of it.
///
/// # Errors
/// It cannot be read, or is not laid out as asked.
pub fn open(
    file: &str,
    (layout, encoding): (Option<Layout>, Encoding),
    talk: &Talk,
) -> anyhow::Result<Opened> {
    let opened = records::open(file, layout, encoding).map_err(StoreError::from)?;
    if let Some(by) = opened.guessed {
        talk.remark(&guessed_as(file, opened.layout.description(), by));
    }
    Ok(opened)
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
