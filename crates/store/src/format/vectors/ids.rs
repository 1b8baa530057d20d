//! Reads the ids that belong to the rows of a `.npy` file: one id on each line, or the field with
//! the id of a file of rows. So the file of documents that was encoded can be named too.

use std::path::Path;

use crate::error::FieldOption;
use crate::error::{InputError, InputProblem, Place};
use crate::format::records::{self, Layout, Opened, Reading, RecordReader};
use crate::format::row::Row;
use crate::lines::Lines;
use crate::source::{Encoding, Source};

/// A file of ids.
pub(super) struct Ids {
    file: String,
    id: String,
    from: From,
}

enum From {
    Lines(Box<Lines>),
    Rows(Box<dyn RecordReader>),
}

impl Ids {
    /// Opens a file of ids. `id` is the field with the id, if the file has rows with named fields.
    pub(super) fn open(file: &str, id: &str, encoding: Encoding) -> Result<Self, InputError> {
        let reading = Reading { encoding, fields: vec![id.to_owned()], ..Reading::default() };
        let from = if has_rows(file)? {
            let Opened { reader, layout, .. } = records::open(file, &reading)?;
            if layout == Layout::Folder {
                return Err(InputError::of_file(file, InputProblem::Folder));
            }
            From::Rows(reader)
        } else {
            From::Lines(Box::new(Lines::of(Source::open(file, encoding)?)))
        };
        Ok(Self { file: file.to_owned(), id: id.to_owned(), from })
    }

    /// Returns the name of the file.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Returns the BLAKE3 hash of the file's content, in hexadecimal. Call this only after the last
    /// id was read.
    pub(super) fn hash(&self) -> String {
        match &self.from {
            From::Lines(lines) => lines.hash(),
            From::Rows(rows) => rows.hash(),
        }
    }

    /// Reads the next id into `into`. Returns whether there was one.
    pub(super) fn next_id(&mut self, into: &mut String) -> Result<bool, InputError> {
        let (place, id) = match &mut self.from {
            From::Lines(lines) => {
                let Some(line) = lines.next_line()? else { return Ok(false) };
                let id = line.text.and_then(|text| {
                    let text = text.trim();
                    match text.chars().find(|c| c.is_control()) {
                        Some('\0') => Err(InputProblem::Nul { place: "this line".to_owned() }),
                        Some(_) => Err(InputProblem::WrongType {
                            field: "id".to_owned(),
                            found: "a text with a control character",
                            expected: "one id on each line",
                        }),
                        None => Ok(text.to_owned()),
                    }
                });
                (Place::Line(line.number), id)
            }
            From::Rows(rows) => {
                let Some(record) = rows.next_record()? else { return Ok(false) };
                let id = record.json.and_then(|json| Row::parse(json)?.name(&self.id, Some(FieldOption::Id)));
                (record.place, id)
            }
        };
        *into = id.map_err(|problem| InputError::at(&self.file, place, problem))?;
        Ok(true)
    }
}

/// Whether a file has rows with named fields, by its name or (JSON, Parquet) its first bytes.
fn has_rows(file: &str) -> Result<bool, InputError> {
    let path = Path::new(file);
    let ending = |path: &Path| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let ending = match ending(path).as_deref() {
        Some("gz" | "zst" | "zstd") => path.file_stem().and_then(|stem| ending(Path::new(stem))),
        other => other.map(str::to_owned),
    };
    if let Some("csv" | "tsv" | "tab" | "xlsx" | "parquet" | "jsonl" | "ndjson" | "json") = ending.as_deref()
    {
        return Ok(true);
    }
    if file == "-" {
        return Ok(false);
    }
    let mut source = Source::open(file, Encoding::default())?;
    let first = source.first_bytes()?;
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
    Ok(first.starts_with(b"{") || first.starts_with(b"[") || first.starts_with(b"PAR1"))
}
