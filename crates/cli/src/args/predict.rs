//! Arguments of the commands that label new texts.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{FileLayout, GivenVectors};
use crate::files::name;

/// Label new texts with a round's model.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Reads any file that `querist import` reads; the id is optional. Prints one JSON object per line:
  in   {\"id\": \"t-1\", \"text\": \"I was charged twice\"}
  out  {\"id\":\"t-1\",\"label\":\"billing\",\"probability\":0.93}

Examples:
  querist predict new.jsonl                             with the last model of this workspace
  querist predict new.jsonl --all --out labelled.jsonl  every class's probability, to a file
  querist predict new.jsonl --model tickets.model       no workspace needed (`querist model export`)
  querist predict new.csv --text body
  querist predict new.jsonl --vectors new.npy --ids new.jsonl
                                                        for a model that was trained with vectors
  zcat dump.gz | querist predict - --format text        one text per line")]
pub struct Predict {
    /// Files, folders or quoted patterns ("new/*.jsonl.gz"); - is standard input
    #[arg(required = true, value_name = "FILE", value_parser = name())]
    pub files: Vec<String>,
    /// Round whose model to use [default: the last one that has a model]
    #[arg(long, value_name = "N", conflicts_with = "model")]
    pub round: Option<u32>,
    /// Model file written by `querist model export`
    #[arg(long, value_name = "MODEL")]
    pub model: Option<PathBuf>,
    /// Write to this file, completely or not at all [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The vectors of the texts.
    #[command(flatten)]
    pub vectors: GivenVectors,
    /// Print the probability of every class
    #[arg(long)]
    pub all: bool,
    /// How the files are laid out.
    #[command(flatten)]
    pub layout: FileLayout,
    /// Field with the id [default: id, if a row has it]
    #[arg(long, value_name = "FIELD")]
    pub id: Option<String>,
    /// Field with the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    pub text: String,
}

/// Write a round's model to a file that predicts without the workspace.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Example:
  querist model export tickets.model          then: querist predict new.jsonl --model tickets.model

docs/model-file.md describes the layout and has a reader in Python.")]
pub struct ModelExport {
    /// File to write
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Round whose model to use [default: the last one that has a model]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
}
