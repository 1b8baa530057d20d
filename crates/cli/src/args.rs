//! What the user typed, as plain data. Nothing here is checked beyond its form.

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

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::files::name;

/// Choose which documents to label next, and know how good the labels are.
#[derive(Debug, Parser)]
#[command(name = "querist", version, max_term_width = 100)]
#[command(after_help = "\
The loop:
  querist init --labels spam,ham           make a workspace in this folder
  querist import pool.jsonl                documents to label, one JSON object a line
  querist round --size 100                 choose the next batch: rounds/0001/batch.jsonl
  querist ingest answers.jsonl             take the annotators' answers back
  querist round                            … and again
See it work on bundled data: querist demo

Exit codes: 0 done; 2 something to mend (input, settings, workspace, disk); 3 the workspace is in use; 1 a bug.")]
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
    /// How many threads to use [default: all]; the result is the same with any number
    #[arg(long, global = true, value_name = "N", env = "QUERIST_THREADS", hide_env_values = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what each step does and how long it takes
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// The options that come from environment variables, by their ids.
    #[arg(skip)]
    pub from_environment: BTreeSet<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole loop on bundled data, answered by simulated annotators
    Demo(Demo),
    /// Make a workspace
    Init(Init),
    /// Bring documents in
    Import(Import),
    /// Train, score, select, export and report in one step
    Round(Round),
    /// Step 1 of a round: train the model on everything that is labelled
    Train,
    /// Step 2 of a round: score the open pool
    Score,
    /// Step 3 of a round: choose the batch
    Select(Select),
    /// Step 4 of a round: write the batch out (or write an earlier round's files again)
    Export(Export),
    /// Answer the batch here, in the terminal
    Label(Label),
    /// Take the annotators' answers back
    Ingest(Ingest),
    /// Take documents back that nobody has answered
    Withdraw(Withdraw),
    /// Take a whole import of documents or a whole ingest of answers back
    UndoImport(UndoImport),
    /// Erase documents for good, with everything that the workspace has of them
    Forget(Forget),
    /// Say where things stand and what to do next
    Status(Status),
    /// Say who the people are; exclude, rename, pause or describe somebody
    People(People),
    /// List the classes; add, rename, merge, remove or describe one
    Labels(Labels),
    /// Say who did what when
    Log,
    /// Write the QA report of a round again, with all answers so far
    Report(Report),
    /// List the documents that need another answer or an expert, and who should give it
    Review(Review),
    /// List the labels that the model does not believe
    Audit(Audit),
    /// Say how far the data-ethics checklist is (checklist.md, made if there is none)
    Checklist,
    /// Make an earlier round again and compare it, to the byte
    Reproduce(Reproduce),
    /// List the documents: by words in their texts, by state, label, round or their own fields
    Documents(Documents),
    /// List every setting with its value and where it came from, or change one
    Config(Config),
    /// List the query strategies
    Strategies,
    /// Compare query strategies on documents whose label is known
    Simulate(Box<Simulate>),
    /// Say whose answers to believe, of a plain file of answers: no workspace needed
    Quality(Quality),
    /// Look into the model (the words that pull towards each class), or write it to a file
    #[command(subcommand)]
    Model(Model),
    /// Label new texts with a round's model
    Predict(Predict),
    /// Vectors of words: bring others than the English ones that come along
    #[command(subcommand)]
    Embedding(Embedding),
    /// Print the completion script of a shell
    Completions(Completions),
    /// Write manual pages, one a command
    Man(Man),
}

/// Run the whole loop on bundled data.
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  querist demo            makes ./querist-demo, three rounds in it, and prints where each result is"
)]
pub struct Demo {
    /// Where to make the workspace; must not exist, or be empty [default: querist-demo, or the
    /// first free querist-demo-N]
    pub dir: Option<PathBuf>,
    /// The seed of batches and of the simulated annotators
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
    /// Where; made if it does not exist [default: the workspace of -w, else the current folder]
    pub dir: Option<PathBuf>,
    /// The classes, separated by commas; their order is the order of every table
    #[arg(long, value_delimiter = ',', required_unless_present = "label", value_name = "A,B,…")]
    pub labels: Vec<String>,
    /// One class, whose name may have commas; once for each, after those of --labels
    #[arg(long, value_name = "NAME")]
    pub label: Vec<String>,
}

/// Take the annotators' answers back.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Exports of Label Studio, Prodigy, doccano and Argilla as they are, CSV, or one JSON object a line; gzip, zstd or plain:
  {\"id\": \"t-1\", \"label\": \"billing\", \"annotator\": \"ana\", \"time\": \"2026-05-01T12:00:00Z\"}
A null label is a skip; time may be left out, and so may seconds, how long the answer took. The same file twice changes
nothing; a changed answer keeps its history.

An expert's answer settles its document, whatever the annotators said and whatever label it was imported with. Its annotator
may be left out; a null label means that no class fits, and leaves the document out.

Examples:
  querist ingest answers-ana.jsonl answers-ben.jsonl.gz
  querist ingest doccano-export.zip                       the files in it are named after the annotators
  querist ingest --as expert reviewed.jsonl               what `querist review --out` gave, answered")]
pub struct Ingest {
    /// Files or quoted patterns; - is standard input
    #[arg(required = true, value_name = "FILE", value_parser = name())]
    pub files: Vec<String>,
    /// Which tool wrote them: jsonl, label-studio, label-studio-min, prodigy, doccano, argilla, csv
    /// or crowd-kit [default: recognised, and said, by the first record]
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    /// The files' encoding, by its name in the WHATWG standard
    #[arg(long, value_name = "NAME", default_value = "utf-8")]
    pub encoding: String,
    /// The sheet of Excel workbooks [default: the first one]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Which columns hold what.
    #[command(flatten)]
    pub columns: AnswerColumns,
    /// Who answered, where a file does not say
    #[arg(long, value_name = "NAME")]
    pub annotator: Option<String>,
    /// The control (Label Studio) or question (Argilla) that has the class [default: the only one
    /// that asks for one]
    #[arg(long, value_name = "NAME")]
    pub control: Option<String>,
    /// Whose answers they are [default: annotators', each of whom has a vote]
    #[arg(long = "as", value_enum, value_name = "WHO")]
    pub kind: Option<IngestKind>,
    /// Take the good rows and write the bad ones, with the reason, to a file in rejected/
    #[arg(long)]
    pub skip_bad_rows: bool,
}

/// Whose answers are ingested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IngestKind {
    /// An expert's, which settle their documents
    Expert,
}

/// Write the QA report of a round again.
#[derive(Debug, ClapArgs)]
pub struct Report {
    /// The round [default: the last one]
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
  querist model show --document t-1           the words of a document of the workspace, and what each adds
  querist model show --text \"I was charged twice\"")]
pub struct ModelShow {
    /// The round whose model it is [default: the last one]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// A document of the workspace, by its id
    #[arg(long, value_name = "ID", conflicts_with = "text")]
    pub document: Option<String>,
    /// Any text
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub text: Option<String>,
    /// How many terms a class
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub terms: usize,
}

/// Static embeddings that you bring.
#[derive(Debug, Subcommand)]
pub enum Embedding {
    /// Copy a static embedding into the workspace: a folder with a table (*.safetensors) and its
    /// tokenizer.json
    Add(EmbeddingAdd),
    /// List the embeddings of the workspace
    List,
}

/// Copy a static embedding into the workspace.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The folder has tokenizer.json and one *.safetensors with the table: model2vec's layout (tensor \"embeddings\"), or a BERT model,
of which only the word-embedding table is taken. Nothing is ever downloaded. Until one is added, the vectors of English words
that come with Querist are used.

Example:
  querist embedding add ~/models/potion-base-8M       then kind = \"auto\" uses it")]
pub struct EmbeddingAdd {
    /// The folder
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// What it is called in querist.toml [default: the folder's name]
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
