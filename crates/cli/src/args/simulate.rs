//! What the user typed for `querist simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

/// Compare query strategies on documents whose label is known.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Plays the loop with each strategy and seed: initial labels, then rounds chosen by the strategy and answered from the labels of
the training file; after each round the model is measured on the test file. No workspace is needed. Run again with the same
settings, it goes on where it was stopped.

Strategies:
  default                    the mix of `querist round`
  random                     a uniform sample: what the others are to be compared with
  entropy, least-confidence, margin
                             the highest uncertainty, spread over different texts by k-means; plain-entropy and so on without that
  ratio:balance              class quotas from the deficits of the labelled set; ratio:fraud=0.8+other=0.2 for others.
                             A third part says which members fill a quota: ratio:balance:likeliest (or uncertain, diverse, random)
  mix:balance                half uncertainty, half quotas

Examples:
  querist simulate --train train.jsonl --test test.jsonl --strategies random,entropy,default --out curves
  querist simulate --train train.jsonl.gz --test test.jsonl.gz --strategies random,ratio:balance --imbalance fraud=0.01 --out rare
  querist simulate --train train.jsonl --test test.jsonl --strategies entropy --noise 0.2 --annotators 3 --answers-per-item 1,3 --out noisy

Writes OUT/results.jsonl (a line a round, as it goes), then summary.html, summary.md and summary.json.")]
pub struct Simulate {
    /// Documents to choose from, with their labels: JSON Lines (id, text, label), gzip or plain
    #[arg(long, value_name = "FILE")]
    pub train: String,
    /// Documents to measure on, in the same form
    #[arg(long, value_name = "FILE")]
    pub test: String,
    /// The strategies to compare, separated by commas
    #[arg(long, value_delimiter = ',', required = true, value_name = "A,B,…")]
    pub strategies: Vec<String>,
    /// The folder to write to; made if it does not exist
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Answers before the first round, a stratified sample
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub initial: usize,
    /// Rounds
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rounds: u32,
    /// Answers a round
    #[arg(long, value_name = "N", default_value_t = 25)]
    pub size: usize,
    /// How many seeds: 0, 1, …
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub seeds: u64,
    /// The probability of a wrong answer
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    pub noise: f64,
    /// How many simulated annotators there are [default: as many as a document gets answers]
    #[arg(long, value_name = "N")]
    pub annotators: Option<usize>,
    /// Answers a document, by different annotators, put together by majority vote; with several, each strategy is played with each
    /// of them at the same cost [default: the number of annotators, else 1]
    #[arg(long, value_delimiter = ',', value_name = "M,…")]
    pub answers_per_item: Vec<usize>,
    /// Thin the training documents until these classes have these shares
    #[arg(long, value_name = "CLASS=SHARE,…", allow_hyphen_values = true)]
    pub imbalance: Option<String>,
    /// What documents are described by: auto, ngram, lsa, static or sums such as ngram+lsa
    #[arg(long, value_name = "KIND", default_value = "auto")]
    pub features: String,
    /// The folder of a static embedding, for the kinds that have one
    #[arg(long, value_name = "DIR")]
    pub embedding: Option<PathBuf>,
    /// The field that holds the identifier
    #[arg(long, value_name = "FIELD", default_value = "id")]
    pub id: String,
    /// The field that holds the text
    #[arg(long, value_name = "FIELD", default_value = "text")]
    pub text: String,
    /// The field that holds the label
    #[arg(long, value_name = "FIELD", default_value = "label")]
    pub label: String,
}
