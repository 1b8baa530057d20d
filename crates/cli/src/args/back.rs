//! Arguments of the commands that take something back or erase it.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Take a whole import of documents or a whole ingest of answers back.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Undoing an import removes its documents and frees their ids, so that a corrected file can be imported. Undoing an ingest means \
that its answers no longer count and its file can be ingested again. An import cannot be undone while its documents are out with \
a round or have answers; the message then says what is in the way. Earlier rounds can still be reproduced.

Examples:
  querist undo-import                                 the last import or ingest
  querist undo-import 3                               import 3, as numbered by `querist log`
  querist undo-import --answers 5                     ingest 5
  querist undo-import 3 --dry-run                     show what would change")]
pub struct UndoImport {
    /// Number of the import or ingest in `querist log` [default: the last one]
    #[arg(value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub number: Option<i64>,
    /// Undo an ingest of answers or decisions, not an import of documents
    #[arg(long)]
    pub answers: bool,
    /// Only show what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// Erase documents for good, with everything that the workspace has of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Use this when somebody's data must be deleted. It erases the documents' texts, fields, labels, answers and comments from the \
database, from the rounds' files and from everything derived from them. The documents cannot be imported again. This cannot be \
undone, and rounds that knew the documents can no longer be reproduced. Models, exports and backups outside the workspace stay as \
they are; their names are printed.

Examples:
  querist forget t-17 t-42                            show what would be erased (exit code 2)
  querist forget t-17 t-42 --yes
  querist forget --file ids.txt --yes                 one id per line")]
pub struct Forget {
    /// Ids of the documents
    #[arg(value_name = "ID", required_unless_present = "file")]
    pub ids: Vec<String>,
    /// File with one id per line
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Really erase them
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Only show what would be erased
    #[arg(long)]
    pub dry_run: bool,
}
