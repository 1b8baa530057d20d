//! What the user typed to have a batch chosen.

use clap::Args as ClapArgs;

use super::{BatchOptions, ScoresText};
use crate::files::name;

/// Train, score, select, export and report in one step.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist round --size 50
  querist round --mix uncertainty=0.5,ratio=0.4,random=0.1 --ratio fraud=0.8,other=0.2
  querist round --mix random=1                            a baseline
  querist round --where lang=de --where source!=mail      choose among these documents; all labels train the model
  querist round --size 200 --dry-run                      the batch that this would make, and nothing is stored
  querist round --strategy badge                          another query strategy (querist strategies)
  querist round --scores predictions.jsonl                your own model's probabilities, a row for each open document:
    {\"id\": \"t-1\", \"probabilities\": {\"fraud\": 0.9, \"other\": 0.1}, \"embedding\": [0.3, …]}
    (or \"probabilities\": [0.9, 0.1] in label order; embeddings may be left out)

Writes rounds/NNNN/: batch.jsonl for annotators, picks.jsonl (why each document is in it), report.md, report.json and
manifest.json.")]
pub struct Round {
    /// How the batch is composed.
    #[command(flatten)]
    pub batch: BatchOptions,
    /// Say which batch this would make, by share and class, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Choose by the probabilities of a model that you bring, instead of training one: JSON, a
    /// table or Parquet
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub scores: Option<String>,
    /// Pass over rows of --scores whose id is of no document of the workspace
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
