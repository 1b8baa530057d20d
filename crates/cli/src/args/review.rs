//! Arguments of `querist review` and `querist audit`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Where documents for experts go.
#[derive(Debug, ClapArgs)]
pub struct ToExperts {
    /// Write the documents to this file like a batch, one JSON object per line, without reasons,
    /// votes, labels and guesses; with --format, the folder to write to
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Annotation tool to write the documents for
    #[arg(long, value_name = "FORMAT", requires = "out")]
    pub format: Option<String>,
    /// Share the documents out among these experts, one file each
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', requires = "format")]
    pub annotators: Vec<String>,
}

/// List what somebody should look at, and who.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A document is up for review if its answers tie or leave too much doubt, if its label rests only on annotators below a threshold, \
if it was only skipped, or if answers contradict its known label. The documents for which one more answer is expected to help most \
come first.

Examples:
  querist review                               the first 20: reasons, votes, who should answer
  querist review --out review.jsonl            all of them, in a file to label like a batch
  querist review --format label-studio --annotators eva,max --out review
                                               for two experts, in their tool
  querist label --review                       decide here, in the terminal
  querist ingest --as expert reviewed.jsonl    settle them with an expert's answers")]
pub struct Review {
    /// Documents to list, and to write if given [default: list 20, write all]
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Where the documents go.
    #[command(flatten)]
    pub to: ToExperts,
}

/// List the labels that are probably wrong, and estimate how many are.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Trains on the labelled documents like a round, and checks each label with a model that has not seen the document. A label is a \
suspect if it is more likely wrong than right and is not the model's first class. Suspects are ranked by the probability of the \
given label. The number of wrong labels is estimated with a 95 % interval, assuming that every document is equally likely to have \
a wrong label; errors that depend on the text are not counted. Documents that an expert has settled are neither suspected nor counted.

Examples:
  querist audit                                the 20 most likely errors
  querist audit --top 100 --out suspects.jsonl to label again; then run querist ingest --as expert
  querist audit --all --json                   every label, ranked, with its error probability")]
pub struct Audit {
    /// Labels to list and to write [default: list 20; all in --json and --out]
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Rank every label, not only the suspects
    #[arg(long)]
    pub all: bool,
    /// Where the documents go.
    #[command(flatten)]
    pub to: ToExperts,
}
