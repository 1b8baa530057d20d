//! Arguments of the commands that choose a batch.

use clap::Args as ClapArgs;

use super::{BatchOptions, ScoresText};
use crate::files::name;

/// Train, score, select, export and report in one step.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist round --size 50
  querist round --mix uncertainty=0.5,ratio=0.4,random=0.1 --ratio fraud=0.8,other=0.2
  querist round --mix random=1                            only random picks, as a baseline
  querist round --where lang=de --where source!=mail      choose only these documents
  querist round --size 200 --dry-run                      show the batch, and store nothing
  querist round --strategy badge                          another query strategy
  querist round --scores predictions.jsonl                your own model's scores of open documents:
    {\"id\": \"t-1\", \"probabilities\": {\"fraud\": 0.9, \"other\": 0.1}, \"embedding\": [0.3, …]}
    (or \"probabilities\": [0.9, 0.1] in label order; embeddings are optional)

Writes rounds/NNNN/: batch.jsonl for annotators, picks.jsonl (why each document was picked), report.md, report.html, \
report.json and manifest.json.")]
pub struct Round {
    /// How the batch is composed.
    #[command(flatten)]
    pub batch: BatchOptions,
    /// Show which batch this would make, by share and class, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Choose by the probabilities of your own model instead of training one; the file (JSON, a
    /// table or Parquet) has one row per open document
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub scores: Option<String>,
    /// Skip rows of --scores whose id is not in the workspace
    #[arg(long, requires = "scores")]
    pub ignore_foreign: bool,
    /// How the file of --scores is written.
    #[command(flatten)]
    pub scores_text: ScoresText,
}

/// Choose the batch.
#[derive(Debug, ClapArgs)]
pub struct Select {
    /// How the batch is composed.
    #[command(flatten)]
    pub batch: BatchOptions,
}
