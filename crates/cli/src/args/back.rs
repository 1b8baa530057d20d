//! What the user typed for commands that take something back for good.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Take a whole import of documents or a whole ingest of answers back.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The documents of the import are gone, their ids are free, and a mended file can be imported. Answers of an ingest no longer count, and
its file can be ingested again. An import stays if its documents went out with a round and are still out or answered; what stands in
the way is said. Earlier rounds still come out the same.

Examples:
  querist undo-import                                 what came last, documents or answers
  querist undo-import 3                               import 3, as `querist log` numbers it
  querist undo-import --answers 5                     ingest 5
  querist undo-import 3 --dry-run                     what would change")]
pub struct UndoImport {
    /// Its number in `querist log` [default: the last one]
    #[arg(value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    pub number: Option<i64>,
    /// An ingest of answers or decisions, not an import of documents
    #[arg(long)]
    pub answers: bool,
    /// Only say what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// Erase documents for good, with everything that the workspace has of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
For when somebody's data must go. Their texts, fields, labels, answers and comments are erased from the database, from the rounds' files
and from everything that is derived from them, and they may not be imported again. This cannot be taken back, and rounds that knew them
can no longer be made again. Models, exports and backups outside stay as they are; their names are printed.

Examples:
  querist forget t-17 t-42                            what would be erased (exit code 2)
  querist forget t-17 t-42 --yes
  querist forget --file ids.txt --yes                 an id a line")]
pub struct Forget {
    /// The documents' ids
    #[arg(value_name = "ID", required_unless_present = "file")]
    pub ids: Vec<String>,
    /// A file with an id a line
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Really erase them
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// Only say what would be erased
    #[arg(long)]
    pub dry_run: bool,
}
