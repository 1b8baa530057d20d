//! Writes labelled documents as JSON Lines, CSV or Parquet, with the fields `id`, `text`, `label`,
//! `source`, `posterior`, `answers`, `annotators`, `remarks` and `meta`.
//!
//! - `source` says who gave the label: `expert`, `imported` or `annotators`.
//! - `posterior` is the probability of the label in the consensus of the annotators. Only labels of
//!   annotators have one.
//! - `remarks` (people's remarks on their answers) and `meta` (the user's own fields) are JSON. CSV
//!   and Parquet contain them as one text each.
//! - CSV joins the annotators' names with `;`, and puts an apostrophe before a cell that a
//!   spreadsheet would read as a formula.

use std::io::Write;

use super::batch::quoted;
use super::parquet_table::{Cell, ColumnKind, ParquetTable};
use super::row::json_string;

/// A document with its final label.
#[derive(Debug, Clone, Copy)]
pub struct LabeledRow<'a> {
    /// The document's id.
    pub id: &'a str,
    /// The document's text.
    pub text: &'a str,
    /// The label's name.
    pub label: &'a str,
    /// Who gave the label: `expert`, `imported` or `annotators`.
    pub source: &'a str,
    /// The consensus's probability of the label, in [0, 1]; `None` unless annotators chose the
    /// label.
    pub posterior: Option<f64>,
    /// The names of all annotators whose current answer to the document is not a skip.
    pub annotators: &'a [&'a str],
    /// The remarks that people wrote with their answers, as one JSON array; `None` if there are
    /// none.
    pub remarks: Option<&'a str>,
    /// The user's own fields, as one JSON object.
    pub meta: Option<&'a str>,
}

/// Writes a file of labelled documents.
pub trait LabeledWriter {
    /// Writes a document as the next row.
    ///
    /// # Errors
    /// The file cannot be written.
    fn row(&mut self, row: &LabeledRow<'_>) -> std::io::Result<()>;

    /// Writes the end of the file.
    ///
    /// # Errors
    /// The file cannot be written.
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

/// The suffixes of files in these formats.
pub const ENDINGS: [&str; 3] = ["jsonl", "csv", "parquet"];

/// Returns a writer of rows to `out`, after it has written the header. `ending` is the suffix of
/// the format's files; if no format has it, returns `None`.
///
/// # Errors
/// `out` cannot be written.
pub fn labeled<'a>(
    ending: &str,
    out: &'a mut (dyn Write + Send),
) -> std::io::Result<Option<Box<dyn LabeledWriter + 'a>>> {
    Ok(Some(match ending {
        "jsonl" => Box::new(Lines(out)),
        "csv" => {
            out.write_all(b"id,text,label,source,posterior,answers,annotators,remarks,meta\r\n")?;
            Box::new(Cells(out))
        }
        "parquet" => {
            use ColumnKind::{Count, Number, Text, Texts};
            let columns = [
                ("id", Text),
                ("text", Text),
                ("label", Text),
                ("source", Text),
                ("posterior", Number),
                ("answers", Count),
                ("annotators", Texts),
                ("remarks", Text),
                ("meta", Text),
            ];
            Box::new(ParquetTable::new(out, &columns.map(|(name, kind)| (name.to_owned(), kind)))?)
        }
        _ => return Ok(None),
    }))
}

struct Lines<'a>(&'a mut (dyn Write + Send));

impl LabeledWriter for Lines<'_> {
    fn row(&mut self, row: &LabeledRow<'_>) -> std::io::Result<()> {
        let annotators: Vec<String> = row.annotators.iter().map(|name| json_string(name)).collect();
        writeln!(
            self.0,
            "{{\"id\":{},\"text\":{},\"label\":{},\"source\":{},\"posterior\":{},\"answers\":{},\"annotators\":[{}],\"remarks\":{},\"meta\":{}}}",
            json_string(row.id),
            json_string(row.text),
            json_string(row.label),
            json_string(row.source),
            serde_json::Value::from(row.posterior),
            row.annotators.len(),
            annotators.join(","),
            row.remarks.unwrap_or("[]"),
            row.meta.unwrap_or("{}"),
        )
    }

    fn finish(self: Box<Self>) -> std::io::Result<()> {
        self.0.flush()
    }
}

struct Cells<'a>(&'a mut (dyn Write + Send));

impl LabeledWriter for Cells<'_> {
    fn row(&mut self, row: &LabeledRow<'_>) -> std::io::Result<()> {
        let posterior = row.posterior.map(|posterior| posterior.to_string()).unwrap_or_default();
        let (answers, annotators) = (row.annotators.len().to_string(), row.annotators.join(";"));
        let (remarks, meta) = (row.remarks.unwrap_or(""), row.meta.unwrap_or(""));
        let cells =
            [row.id, row.text, row.label, row.source, &posterior, &answers, &annotators, remarks, meta];
        write!(self.0, "{}\r\n", cells.map(quoted).join(","))
    }

    fn finish(self: Box<Self>) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write + Send> LabeledWriter for ParquetTable<W> {
    fn row(&mut self, row: &LabeledRow<'_>) -> std::io::Result<()> {
        self.push(&[
            Cell::Text(Some(row.id)),
            Cell::Text(Some(row.text)),
            Cell::Text(Some(row.label)),
            Cell::Text(Some(row.source)),
            Cell::Number(row.posterior),
            Cell::Count(row.annotators.len() as i64),
            Cell::Texts(row.annotators),
            Cell::Text(row.remarks),
            Cell::Text(row.meta),
        ])
    }

    fn finish(self: Box<Self>) -> std::io::Result<()> {
        ParquetTable::finish(*self)
    }
}
