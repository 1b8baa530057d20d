//! The report of a benchmark of query strategies: learning curves, answers needed, comparisons,
//! rare classes and seconds.
//!
//! As in a round's report, the JSON is authoritative. [`markdown`] and [`html`] show the same
//! content: the tables in [`tables`] and, on the page, the curves of [`crate::chart`]. If the same
//! simulation runs again, everything is reproduced except `seconds`.

pub mod html;
pub mod markdown;
pub mod tables;

use serde::Serialize;
use serde_json::Value;

use crate::ReportError;

/// The results of a benchmark of strategies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// Version of the layout; it increases when a field changes its meaning.
    pub format: u32,
    /// What was simulated: the protocol, the strategies, and the hashes of the inputs.
    pub configuration: Value,
    /// The classes. Every list by class has this order.
    pub classes: Vec<SimulatedClass>,
    /// What a reader must know before using the figures, as sentences.
    pub notes: Vec<String>,
    /// The results of each strategy, in the order in which the user named them.
    pub strategies: Vec<Strategy>,
    /// How many answers each strategy needs to reach some levels of accuracy and macro-F1.
    pub targets: Vec<Target>,
    /// Comparisons of the strategies, by measure.
    pub comparisons: Vec<Comparison>,
    /// When each stopping rule would have ended the runs, by strategy, then by rule.
    pub stopped: Vec<Stopped>,
    /// How long rounds took, in the order of `strategies`. It differs each time.
    pub seconds: Vec<Seconds>,
}

/// A mean over seeds, with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Lower end of the 95 % interval of the mean; null with a single seed.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval of the mean; null with a single seed.
    pub high: Option<f64>,
}

/// A class of the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedClass {
    /// Name of the class.
    pub label: String,
    /// Number of pool documents of the class.
    pub pool: usize,
    /// Number of test documents of the class.
    pub test: usize,
    /// Whether the class is rare. With K classes, it is rare if it has less than 1 / (2 K) of the
    /// pool, or if it is the smallest class.
    pub rare: bool,
}

/// The results of a strategy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strategy {
    /// Name of the strategy; it includes the number of answers per document unless this is 1.
    pub name: String,
    /// The points of the learning curve, ordered by number of answers.
    pub points: Vec<Point>,
    /// Accuracy after the last round.
    pub final_accuracy: Estimate,
    /// Mean accuracy over the points of the curve.
    pub mean_accuracy: Estimate,
    /// Macro-F1 after the last round.
    pub final_macro_f1: Estimate,
    /// Mean macro-F1 over the points of the curve.
    pub mean_macro_f1: Estimate,
    /// Mean recall of the rare classes after the last round.
    pub final_rare_recall: Estimate,
    /// Recall of each class after the last round; null for classes that the test set lacks.
    pub recall: Vec<Option<f64>>,
    /// Number of documents with each class as label at the end; means over seeds.
    pub labeled: Vec<f64>,
    /// Share of the labels that are wrong at the end, in [0, 1]; mean over seeds.
    pub wrong: f64,
    /// Number of documents with tied votes at the end; mean over seeds.
    pub undecided: f64,
}

/// A point of a learning curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// Number of answers so far.
    pub answers: usize,
    /// Accuracy on the test set.
    pub accuracy: Estimate,
    /// Macro-F1 on the test set.
    pub macro_f1: Estimate,
    /// Mean recall of the rare classes on the test set.
    pub rare_recall: Estimate,
}

/// A level of a measure, and how many answers each strategy needs to reach it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// Name of the measure: `accuracy` or `macro-F1`.
    pub measure: String,
    /// The level. If the level is another strategy's final value, which differs between seeds, this
    /// is its mean over seeds.
    pub level: f64,
    /// If the level is a strategy's final value with the same seed: name of this strategy. Null for
    /// a fixed level.
    pub of: Option<String>,
    /// How many answers each strategy needs, in the order of `strategies`.
    pub reached: Vec<Reached>,
}

/// How many answers a strategy needs to reach a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    /// Name of the strategy.
    pub strategy: String,
    /// Median over seeds of the number of answers; null if half of the seeds or more never reach
    /// the level.
    pub answers: Option<f64>,
    /// Number of seeds with which the strategy reaches the level.
    pub seeds: usize,
}

/// A comparison of the strategies on one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the measure, for example `mean macro-F1`.
    pub measure: String,
    /// Two strategies differ beyond chance if their corrected p is below this value.
    pub level: f64,
    /// The smallest corrected p that is possible with this number of seeds.
    pub smallest_p: f64,
    /// How many other strategies each strategy beats, in the order of `strategies`.
    pub standings: Vec<Standing>,
    /// The comparison of every two strategies.
    pub pairs: Vec<Pair>,
}

/// How many other strategies a strategy beats, and how many beat it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Name of the strategy.
    pub strategy: String,
    /// Number of strategies that it beats beyond chance.
    pub better: usize,
    /// Number of strategies that beat it beyond chance.
    pub worse: usize,
}

/// A comparison of two strategies on the same seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Name of the first strategy.
    pub first: String,
    /// Name of the second strategy.
    pub second: String,
    /// Number of seeds with which the first strategy has the higher value.
    pub wins: usize,
    /// Number of seeds with which both have the same value.
    pub ties: usize,
    /// Number of seeds with which the second strategy has the higher value.
    pub losses: usize,
    /// The first strategy's value minus the second strategy's.
    pub difference: Estimate,
    /// p of the paired two-sided test.
    pub p: f64,
    /// p of the test, corrected for the number of pairs of strategies.
    pub p_corrected: f64,
}

/// When a stopping rule would have ended a strategy's runs, and how much accuracy this would have
/// cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stopped {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the rule; `defaults` is the combined verdict of the rules with default settings.
    pub rule: String,
    /// Number of seeds with which the rule would have ended the run.
    pub seeds: usize,
    /// Median number of answers at the stop, over these seeds; null if the rule never stopped.
    pub answers: Option<f64>,
    /// Mean accuracy at the stop, over these seeds; null if the rule never stopped.
    pub accuracy: Option<Estimate>,
    /// Mean accuracy after the last round, over the same seeds; null if the rule never stopped.
    pub final_accuracy: Option<Estimate>,
    /// Accuracy after the last round minus accuracy at the stop, over these seeds: what going on
    /// gains.
    pub lost: Option<Estimate>,
    /// The largest such gain with any of these seeds.
    pub most_lost: Option<f64>,
}

/// How long a round takes: training, scoring and choosing, in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seconds {
    /// Name of the strategy.
    pub strategy: String,
    /// Mean over rounds and seeds, in seconds.
    pub mean: f64,
    /// The longest round, in seconds.
    pub most: f64,
}

impl Simulation {
    /// Version of the layout that this program writes.
    pub const FORMAT: u32 = 1;

    /// Returns the benchmark as indented JSON that ends with a line break.
    ///
    /// # Errors
    /// A number cannot be expressed in JSON, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }
}
