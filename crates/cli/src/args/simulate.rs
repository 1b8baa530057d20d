//! What the user typed for `querist simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::FileLayout;
use crate::files::name;

/// Compare query strategies on documents whose label is known.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Plays the loop with each strategy and seed: initial labels, then rounds chosen by the strategy and
answered from the labels of the training file; after each round the model is measured on the test
file. No workspace is needed. The same command again goes on where it was stopped.

Strategies:
  default                   the mix of `querist round`
  random                    a uniform sample: what the others are to be compared with
  entropy, margin, …        any name that `querist strategies` lists, alone; epsilon:NAME
                            leaves a tenth to chance
  plain-entropy, plain-margin, plain-least-confidence, plain-ratio-of-confidence
                            the least certain, not spread over different texts
  ratio:balance             class quotas from the deficits of the labelled set
  ratio:fraud=0.8+other=0.2 quotas by weight
  ratio:balance:likeliest   who fills a quota: random (else), likeliest, least-likely,
                            uncertain or diverse
  adaptive                  shares that follow what the model was wrong about
  mix:balance               half the least certain, half by quota
  NAME/FLAG=VALUE           any of them with a flag of `querist round` (mix, ratio, measure,
                            strategy, within, near-duplicates), as in
                            default/strategy=badge/mix=uncertainty=0.5+ratio=0.5

Examples:
  querist simulate --train a.jsonl --test b.jsonl --strategies random,entropy,default --out curves
  querist simulate --train a.jsonl.gz --test b.jsonl --strategies random,ratio:balance \\
      --imbalance fraud=0.01 --out rare
  querist simulate --train a.jsonl --test b.jsonl --strategies entropy --noise 0.2 \\
      --answers-per-item 1,3 --out overlap

Writes OUT/results.jsonl (a line a round, as it goes), then summary.html, .md and .json.")]
pub struct Simulate {
    /// Documents to choose from, with their labels: any file that `querist import` reads (id, text,
    /// label), gzip or plain
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub train: String,
    /// Documents to measure on, in the same form
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub test: String,
    /// The strategies to compare, separated by commas
    #[arg(long, value_delimiter = ',', required = true, value_name = "A,B,…")]
    pub strategies: Vec<String>,
    /// The folder to write to; made if it does not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Answers before the first round, a stratified sample
    #[arg(long, value_name = "N", default_value_t = 25, allow_negative_numbers = true)]
    pub initial: usize,
    /// Rounds
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true)]
    pub rounds: u32,
    /// Answers a round
    #[arg(long, value_name = "N", default_value_t = 25, allow_negative_numbers = true)]
    pub size: usize,
    /// How many seeds: 0, 1, …
    #[arg(long, value_name = "N", default_value_t = 10, allow_negative_numbers = true)]
    pub seeds: u64,
    /// The probability of a wrong answer; several are taken by the annotators in turn
    #[arg(
        long,
        value_name = "P,…",
        value_delimiter = ',',
        default_value = "0",
        allow_negative_numbers = true
    )]
    pub noise: Vec<f64>,
    /// How many simulated annotators there are [default: as many as a document gets answers]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub annotators: Option<usize>,
    /// Answers a document, by different annotators; with several, each strategy is played with each
    /// of them at the same cost [default: the number of annotators, else 1]
    #[arg(long, value_delimiter = ',', value_name = "M,…")]
    pub answers_per_item: Vec<usize>,
    /// How answers become labels: mv (majority vote), wawa, ds, onecoin, glad or mace; with
    /// several, each strategy is played with each of them
    #[arg(long, value_delimiter = ',', value_name = "NAME,…", default_value = "mv")]
    pub aggregator: Vec<String>,
    /// What labels count in training: hard (1 each) or weighted (each class by its posterior); with
    /// several, each strategy is played with each of them
    #[arg(long, value_delimiter = ',', value_name = "NAME,…", default_value = "hard")]
    pub training: Vec<String>,
    /// Thin the training documents until these classes have these shares
    #[arg(long, value_name = "CLASS=SHARE,…", allow_hyphen_values = true)]
    pub imbalance: Option<String>,
    /// What documents are described by: auto, ngram, lsa, static or sums such as ngram+lsa
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub features: String,
    /// How probabilities are calibrated: temperature, vector or none
    #[arg(long, value_name = "METHOD", default_value = "temperature")]
    pub calibration: String,
    /// Inverse strength of the L2 penalty: a number above 0, auto or cross-validated
    #[arg(long, value_name = "C", default_value = "auto", allow_negative_numbers = true)]
    pub c: String,
    /// The static embedding: english (the one that comes along), none, or a folder with one
    /// [default: english]
    #[arg(long, value_name = "DIR")]
    pub embedding: Option<PathBuf>,
    /// Pass over rows that cannot be used, such as those without a text, and say how many
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// How the files are laid out.
    #[command(flatten)]
    pub layout: FileLayout,
    /// The field that holds the identifier, in files that have one
    #[arg(long, value_name = "FIELD", default_value = "id")]
    pub id: String,
    /// The field that holds the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    pub text: String,
    /// The field that holds the label
    #[arg(long, value_name = "FIELD", default_value = "label")]
    pub label: String,
}
