//! The command line as plain data. Only the form of the arguments is checked here.

mod back;
mod batch;
mod config;
mod documents;
mod environment;
mod formats;
mod groups;
mod import;
mod label;
mod labels;
mod people;
mod predict;
mod quality;
mod reproduce;
mod review;
mod round;
mod shell;
mod simulate;
mod vectors;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use back::{Forget, UndoImport};
pub use batch::BatchOptions;
pub use config::{Config, ConfigChange, ConfigSet, ConfigUnset, Status};
pub use documents::{AskedState, Documents};
pub use environment::place;
pub use formats::{AnswerColumns, DocumentColumns, Export, FileLayout, ScoresText};
pub use groups::command;
pub use import::{Import, ImportKind};
pub use label::{Label, LabelOrder};
pub use labels::{Labels, LabelsCommand};
pub use people::{People, PeopleCommand, Withdraw};
pub use predict::{ModelExport, Predict};
pub use quality::Quality;
pub use reproduce::Reproduce;
pub use review::{Audit, Review, ToExperts};
pub use round::{Round, Select};
pub use shell::{Completions, Man};
pub use simulate::Simulate;
pub use vectors::{GivenVectors, Vectors, VectorsAdd, VectorsMissing};

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::files::name;

/// Choose which documents to label next, and measure how good the labels are.
#[derive(Debug, Parser)]
#[command(name = "querist", version, max_term_width = 100)]
#[command(after_help = "\
The loop:
  querist init --labels spam,ham           create a workspace in this folder
  querist import pool.jsonl                import documents to label, one JSON object per line
  querist round --size 100                 choose the next batch: rounds/0001/batch.jsonl
  querist ingest answers.jsonl             read the annotators' answers
  querist round                            choose the next batch, and so on
To see it work on bundled data: querist demo

Exit codes: 0 done; 1 bug in Querist; 2 something to fix (input, settings, workspace, disk); 3 workspace in use.")]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The workspace's folder [default: the current folder]
    #[arg(short, long, global = true, value_name = "DIR", env = "QUERIST_WORKSPACE", hide_env_values = true)]
    pub workspace: Option<PathBuf>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Number of threads [default: all]; it does not change the result
    #[arg(long, global = true, value_name = "N", env = "QUERIST_THREADS", hide_env_values = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Print nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print what each step does and how long it takes
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// The options that come from environment variables, by their ids.
    #[arg(skip)]
    pub from_environment: BTreeSet<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole loop on bundled data, with simulated annotators
    Demo(Demo),
    /// Create a workspace
    Init(Init),
    /// Import documents
    Import(Import),
    /// Train, score, select, export and report in one step
    Round(Round),
    /// Step 1 of a round: train the model on everything that is labelled
    Train,
    /// Step 2 of a round: score the open pool
    Score,
    /// Step 3 of a round: choose the batch
    Select(Select),
    /// Step 4 of a round: write the batch (or write an earlier round's files again)
    Export(Export),
    /// Label the batch in the terminal
    Label(Label),
    /// Read the annotators' answers
    Ingest(Ingest),
    /// Return unanswered documents to the pool
    Withdraw(Withdraw),
    /// Undo a whole import of documents or a whole ingest of answers
    UndoImport(UndoImport),
    /// Erase documents for good, with everything the workspace stores about them
    Forget(Forget),
    /// Show where things stand and what to do next
    Status(Status),
    /// List the people, or exclude, rename, pause or describe somebody
    People(People),
    /// List the classes, or add, rename, merge, remove or describe one
    Labels(Labels),
    /// Show who did what and when
    Log,
    /// Write the QA report of a round again, with all answers so far
    Report(Report),
    /// List the documents that need another answer or an expert, and who should give it
    Review(Review),
    /// List the labels that the model doubts
    Audit(Audit),
    /// Show the state of the data-ethics checklist (checklist.md, created if missing)
    Checklist,
    /// Run an earlier round again and compare it byte for byte
    Reproduce(Reproduce),
    /// List documents by words in their texts, state, label, round or their own fields
    Documents(Documents),
    /// List every setting with its value and its origin, or change one
    Config(Config),
    /// List the query strategies
    Strategies,
    /// Compare query strategies on documents whose labels are known
    Simulate(Box<Simulate>),
    /// Estimate true labels and annotators' skill from a file of answers (no workspace needed)
    Quality(Quality),
    /// Show the words that pull the model towards each class, or write the model to a file
    #[command(subcommand)]
    Model(Model),
    /// Label new texts with a round's model
    Predict(Predict),
    /// Add vectors of documents that your own encoder computed
    #[command(subcommand)]
    Vectors(Vectors),
    /// Add or list embeddings of words other than the bundled English one
    #[command(subcommand)]
    Embedding(Embedding),
    /// Print the completion script for a shell
    Completions(Completions),
    /// Write manual pages, one per command
    Man(Man),
}

/// Run the whole loop on bundled data.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  querist demo            creates ./querist-demo, runs three rounds in it, \
                  and prints where each result is"
)]
pub struct Demo {
    /// Folder for the workspace; it must be empty or not exist yet [default: querist-demo, or the
    /// first free querist-demo-N]
    pub dir: Option<PathBuf>,
    /// Seed for the batches and the simulated annotators
    #[arg(
        long,
        value_name = "S",
        env = "QUERIST_SEED",
        allow_negative_numbers = true,
        hide_env_values = true,
        allow_negative_numbers = true
    )]
    pub seed: Option<u64>,
}

/// Make a workspace.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist init tickets --labels billing,technical,fraud
  querist init tickets --label 'billing, refunds' --label technical
                                                          names with commas")]
pub struct Init {
    /// Folder for the workspace; created if missing [default: the workspace of -w, else the current
    /// folder]
    pub dir: Option<PathBuf>,
    /// Classes, separated by commas; every table lists them in this order
    #[arg(long, value_delimiter = ',', required_unless_present = "label", value_name = "A,B,…")]
    pub labels: Vec<String>,
    /// One class, whose name may contain commas; may be repeated; added after those of --labels
    #[arg(long, value_name = "NAME")]
    pub label: Vec<String>,
}

/// Take the annotators' answers back.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Reads unchanged exports of Label Studio, Prodigy, doccano and Argilla, CSV, or one JSON object per line; gzip, zstd or plain:
  {\"id\": \"t-1\", \"label\": \"billing\", \"annotator\": \"ana\", \"time\": \"2026-05-01T12:00:00Z\"}
A null label is a skip. Two fields are optional: time, and seconds (how long the answer took). Reading the same file twice \
changes nothing; a changed answer keeps its history.

An expert's answer settles its document, whatever the annotators answered and whatever label was imported. Its annotator is \
optional. A null label means that no class fits, and leaves the document out.

Examples:
  querist ingest answers-ana.jsonl answers-ben.jsonl.gz
  querist ingest doccano-export.zip                       its files are named after the annotators
  querist ingest --as expert reviewed.jsonl               answers to `querist review --out`")]
pub struct Ingest {
    /// Files or quoted patterns; - is standard input
    #[arg(required = true, value_name = "FILE", value_parser = name())]
    pub files: Vec<String>,
    /// Tool that wrote the files: jsonl, label-studio, label-studio-min, prodigy, doccano, argilla,
    /// csv or crowd-kit [default: recognised by the first record, and reported]
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// Encoding of the files, by its name in the WHATWG standard
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub encoding: String,
    /// Sheet to read in Excel workbooks [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Which columns hold what.
    #[command(flatten)]
    pub columns: AnswerColumns,
    /// Annotator, if a file does not name one
    #[arg(long, value_name = "NAME")]
    pub annotator: Option<String>,
    /// Control (Label Studio) or question (Argilla) that asks for the class [default: the only one
    /// that does]
    #[arg(long, value_name = "NAME")]
    pub control: Option<String>,
    /// Whose answers these are [default: annotators', who have one vote each]
    #[arg(long = "as", value_enum, value_name = "WHO")]
    pub kind: Option<IngestKind>,
    /// Read the good rows, and write the bad ones with the reasons to a file in rejected/
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// Whose answers are ingested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IngestKind {
    /// An expert's answers, which settle their documents
    Expert,
}

/// Write the QA report of a round again.
#[derive(Debug, ClapArgs)]
pub struct Report {
    /// Round [default: the last one]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
}

/// Look into the model, or take it elsewhere.
#[derive(Debug, Subcommand)]
pub enum Model {
    /// Print the top terms of each class, or why a document is classified as it is
    Show(ModelShow),
    /// Write a round's model to a file that predicts without the workspace
    Export(ModelExport),
}

/// Print the top terms of each class.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist model show                          the terms that pull hardest towards each class
  querist model show --document t-1           the words of a document, and what each adds
  querist model show --text \"I was charged twice\"")]
pub struct ModelShow {
    /// Round whose model to show [default: the last one]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// Document of the workspace to explain, by its id
    #[arg(long, value_name = "ID", conflicts_with = "text")]
    pub document: Option<String>,
    /// Text to explain
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<String>,
    /// Number of terms per class
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub terms: usize,
}

/// Static embeddings that you bring.
#[derive(Debug, Subcommand)]
pub enum Embedding {
    /// Copy a static embedding into the workspace from a folder with a table (*.safetensors) and
    /// its tokenizer.json
    Add(EmbeddingAdd),
    /// List the embeddings of the workspace
    List,
}

/// Copy a static embedding into the workspace.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The folder must have tokenizer.json and one *.safetensors file with the table: either in model2vec's layout (tensor \
\"embeddings\"), or a BERT model, whose word-embedding table is used. Nothing is ever downloaded. Until you add an embedding, \
Querist uses the bundled vectors of English words.

Example:
  querist embedding add ~/models/potion-base-8M       then kind = \"auto\" uses it")]
pub struct EmbeddingAdd {
    /// Folder with the embedding
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Name of the embedding in querist.toml [default: the folder's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        super::Args::command().debug_assert();
    }
}
