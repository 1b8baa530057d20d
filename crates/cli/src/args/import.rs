//! Arguments of `querist import`.

use clap::{Args as ClapArgs, ValueEnum};

use super::DocumentColumns;
use crate::files::name;

/// Bring documents in.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Reads JSON Lines, a JSON array, CSV, TSV, Excel, Parquet, fastText lines, plain text (one document per line), a folder of text \
files, or a ZIP of these; gzip, zstd or plain. All other fields are kept and written with the batch. In JSON Lines:
  {\"id\": \"t-1\", \"text\": \"I was charged twice\", \"label\": \"billing\", \"channel\": \"mail\"}

Examples:
  querist import tickets.jsonl.gz                         labelled rows train, the others join the pool
  querist import gold.jsonl --as control                  known answers, mixed into batches unmarked
  querist import test.jsonl --as test                     held out, to measure the model
  querist import 'mails/*.csv.zst' --text body --id key   several files, other column names
  querist import tickets.jsonl.gz --update                known ids may have a new text
  curl -s URL | querist import - --format csv             from standard input")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Import {
    /// Files, folders or quoted patterns ("data/*.csv"); - is standard input
    #[arg(required = true, value_name = "FILE", value_parser = name())]
    pub files: Vec<String>,
    /// What the documents are for [default: labeled if a row has a label, else pool]
    #[arg(long = "as", value_enum, value_name = "KIND")]
    pub kind: Option<ImportKind>,
    /// Where the files have what.
    #[command(flatten)]
    pub columns: DocumentColumns,
    /// Let a different label replace the stored one, which is kept as history
    #[arg(long)]
    pub relabel: bool,
    /// Let a different text or different fields of a known id replace the stored ones, which are
    /// kept as history; answers to the old text no longer count
    #[arg(long)]
    pub update: bool,
    /// With --update, let answers and labels of the old text count for the new one
    #[arg(long, requires = "update")]
    pub keep_answers: bool,
    /// Only show what would change
    #[arg(long)]
    pub dry_run: bool,
    /// Import the good rows, and write the bad ones with the reasons to a file in rejected/
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// What imported documents are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    /// Documents to choose from; labels in the file are ignored
    Pool,
    /// Training examples
    Labeled,
    /// Documents held out to measure the model
    Test,
    /// Documents with known answers, mixed into batches unmarked
    Control,
}
