//! What the user typed for `querist review` and `querist audit`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Where documents for experts go.
#[derive(Debug, ClapArgs)]
pub struct ToExperts {
    /// Write the documents to this file, one JSON object a line, as a batch has them: without
    /// reasons, votes, labels and guesses; with --format, the folder for the files
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write them for this annotation tool
    #[arg(long, value_name = "FORMAT", requires = "out")]
    pub format: Option<String>,
    /// Share them out among these experts, a file for each
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', requires = "format")]
    pub annotators: Vec<String>,
}

/// List what somebody should look at, and who.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Documents come to review when their answers tie or leave too much doubt, when their label rests on annotators below a threshold alone,
when they were only skipped, and when a known label is contradicted. Those come first that one more answer is expected to help most.

Examples:
  querist review                               the first 20, with reasons, votes and who should answer
  querist review --out review.jsonl            all of them, to be labelled as a batch is
  querist review --format label-studio --annotators eva,max --out review
                                               for two experts, in a tool of theirs
  querist label --review                       to decide here, in the terminal
  querist ingest --as expert reviewed.jsonl    what an expert made of them settles them")]
pub struct Review {
    /// How many to list; also to write, where it is given [default: list 20, write all]
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Where the documents go.
    #[command(flatten)]
    pub to: ToExperts,
}

/// List the labels that are probably wrong, and estimate how many are.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Trains on the labelled documents as a round would, and asks of each one a model that has not seen it. A suspect is a label that is more
likely wrong than right, and not the model's first class. Suspects are ranked by the probability of the given label. The number of
wrong labels is estimated with a 95 % interval, under the assumption that a wrong label may be on any document; errors that
follow the text are not counted. What an expert has settled is neither suspected nor counted.

Examples:
  querist audit                                the 20 likeliest errors
  querist audit --top 100 --out suspects.jsonl to be labelled again; then querist ingest --as expert
  querist audit --all --json                   every label, ranked, with the probability that it is wrong")]
pub struct Audit {
    /// How many to list, and to write [default: list 20; all in --json and --out]
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// Rank every label, not only the suspects
    #[arg(long)]
    pub all: bool,
    /// Where the documents go.
    #[command(flatten)]
    pub to: ToExperts,
}
