//! Arguments of `querist simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{FileLayout, GivenVectors};
use crate::files::name;

/// Compare query strategies on documents whose label is known.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Runs the loop once for each strategy and seed. A run starts with a few labels. In each round the \
strategy chooses documents, the training file supplies their labels, and the model is measured on the \
test file. No workspace is needed. Run the same command again to continue where it was stopped.

Strategies:
  default                   the mix of `querist round`
  random                    a uniform sample, the baseline for the others
  entropy, margin, …        any name from `querist strategies`, on its own; epsilon:NAME
                            picks a tenth at random
  plain-entropy, plain-margin, plain-least-confidence, plain-ratio-of-confidence
                            the least certain documents, not spread over different texts
  ratio:balance             class quotas, larger for classes with fewer labels
  ratio:fraud=0.8+other=0.2 quotas by weight
  ratio:balance:likeliest   which documents fill a quota: random (default), likeliest,
                            least-likely, uncertain or diverse
  adaptive                  shares that follow the model's errors
  mix:balance               half the least certain documents, half by quota
  NAME/FLAG=VALUE           any of these with a flag of `querist round` (mix, ratio, measure,
                            strategy, within, near-duplicates), as in
                            default/strategy=badge/mix=uncertainty=0.5+ratio=0.5

Examples:
  querist simulate --train a.jsonl --test b.jsonl --strategies random,entropy,default --out curves
  querist simulate --train a.jsonl.gz --test b.jsonl --strategies random,ratio:balance \\
      --imbalance fraud=0.01 --out rare
  querist simulate --train a.jsonl --test b.jsonl --strategies entropy --noise 0.2 \\
      --answers-per-item 1,3 --out overlap

Writes OUT/results.jsonl (one line per round, as it runs), then summary.html, .md and .json.")]
pub struct Simulate {
    /// Documents to choose from, with labels: any file that `querist import` reads (id, text,
    /// label), gzip or plain
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub train: String,
    /// Documents to measure on, in the same form
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub test: String,
    /// Strategies to compare, separated by commas
    #[arg(long, value_delimiter = ',', required = true, value_name = "A,B,…")]
    pub strategies: Vec<String>,
    /// Folder to write to; created if missing
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Answers before the first round, on a stratified sample
    #[arg(long, value_name = "N", default_value_t = 25, allow_negative_numbers = true)]
    pub initial: usize,
    /// Number of rounds
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true)]
    pub rounds: u32,
    /// Answers per round
    #[arg(long, value_name = "N", default_value_t = 25, allow_negative_numbers = true)]
    pub size: usize,
    /// Number of seeds: 0, 1, …
    #[arg(long, value_name = "N", default_value_t = 10, allow_negative_numbers = true)]
    pub seeds: u64,
    /// Probability of a wrong answer; several values go to the annotators in turn
    #[arg(
        long,
        value_name = "P,…",
        value_delimiter = ',',
        default_value = "0",
        allow_negative_numbers = true
    )]
    pub noise: Vec<f64>,
    /// Number of simulated annotators [default: the number of answers per document]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub annotators: Option<usize>,
    /// Answers per document, by different annotators; with several values, each strategy runs with
    /// each of them at the same cost [default: the number of annotators, else 1]
    #[arg(long, value_delimiter = ',', value_name = "M,…")]
    pub answers_per_item: Vec<usize>,
    /// Method that turns answers into labels: mv (majority vote), wawa, ds, onecoin, glad or mace;
    /// with several, each strategy runs with each of them
    #[arg(long, value_delimiter = ',', value_name = "NAME,…", default_value = "mv")]
    pub aggregator: Vec<String>,
    /// How labels count in training: hard (1 each) or weighted (each class by its posterior); with
    /// several, each strategy runs with each of them
    #[arg(long, value_delimiter = ',', value_name = "NAME,…", default_value = "hard")]
    pub training: Vec<String>,
    /// Thin out the training documents until these classes have these shares
    #[arg(long, value_name = "CLASS=SHARE,…", allow_hyphen_values = true)]
    pub imbalance: Option<String>,
    /// Features of the documents: auto, ngram, lsa, static, vectors or sums such as ngram+lsa
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub features: String,
    /// What the n-grams of the features consist of: words, characters (parts of words), both, or
    /// auto, which chooses by the texts if the features are auto too, and otherwise means words
    #[arg(long, value_name = "UNITS", default_value = "auto")]
    pub units: String,
    /// Calibration of probabilities: temperature, vector or none
    #[arg(long, value_name = "METHOD", default_value = "temperature")]
    pub calibration: String,
    /// Inverse strength of the L2 penalty: a number above 0, auto or cross-validated
    #[arg(long, value_name = "C", default_value = "auto", allow_negative_numbers = true)]
    pub c: String,
    /// Static embedding: english (bundled), none, or a folder with one [default: english]
    #[arg(long, value_name = "DIR")]
    pub embedding: Option<PathBuf>,
    /// The vectors of the documents of both files.
    #[command(flatten)]
    pub vectors: GivenVectors,
    /// Skip rows that cannot be used, such as those without a text, and report how many
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// How the files are laid out.
    #[command(flatten)]
    pub layout: FileLayout,
    /// Field with the id, in files that have one
    #[arg(long, value_name = "FIELD", default_value = "id")]
    pub id: String,
    /// Field with the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    pub text: String,
    /// Field with the label
    #[arg(long, value_name = "FIELD", default_value = "label")]
    pub label: String,
}
