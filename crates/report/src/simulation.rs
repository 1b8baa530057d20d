//! The report of a benchmark of strategies: learning curves, answers needed, wins, rare classes and
//! seconds.
//!
//! As in a round's report, the JSON is authoritative. [`markdown`] and [`html`] show the same
//! content: the tables of [`tables`] and, on the page, the curves of [`crate::chart`]. Running the
//! same simulation again reproduces everything except `seconds`.

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
    /// What was simulated: protocol, strategies, hashes of the inputs.
    pub configuration: Value,
    /// The classes, in the order of every list by class.
    pub classes: Vec<SimulatedClass>,
    /// Sentences about what a reader should know before using the figures.
    pub notes: Vec<String>,
    /// The strategies, in the order in which they were named.
    pub strategies: Vec<Strategy>,
    /// The number of answers that strategies need to reach given levels.
    pub targets: Vec<Target>,
    /// Comparisons of the strategies, by measure.
    pub comparisons: Vec<Comparison>,
    /// When stopping rules would have ended the runs, by strategy, then by rule.
    pub stopped: Vec<Stopped>,
    /// Duration of rounds, in the order of `strategies`. Not reproducible.
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
    /// Whether the class is rare: the pool has less than half of the documents of this class that
    /// it would have if all classes were equally frequent, or it is the smallest class.
    pub rare: bool,
}

/// The results of a strategy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strategy {
    /// Name of the strategy; it includes the number of answers per document unless this is 1.
    pub name: String,
    /// The points of the learning curve, by number of answers.
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
    /// Number of documents labelled as each class at the end; each a mean over seeds.
    pub labeled: Vec<f64>,
    /// Share of wrong labels at the end, in [0, 1]; mean over seeds.
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

/// A level of a measure, and the number of answers that each strategy needs to reach it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// Name of the measure: `accuracy` or `macro-F1`.
    pub measure: String,
    /// The level. If it is the final value of a strategy, which differs between seeds, this is the
    /// mean over seeds.
    pub level: f64,
    /// Name of the strategy whose final value with the same seed is the level; null for a fixed
    /// level.
    pub of: Option<String>,
    /// Each strategy's result, in the order of `strategies`.
    pub reached: Vec<Reached>,
}

/// How many answers a strategy needs to reach a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    /// Name of the strategy.
    pub strategy: String,
    /// Median over seeds of the answers needed; null if half of the seeds or more never reach the
    /// level.
    pub answers: Option<f64>,
    /// Number of seeds that reach the level.
    pub seeds: usize,
}

/// A comparison of the strategies on one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the measure, for example `mean macro-F1`.
    pub measure: String,
    /// A corrected p below this value counts as a difference.
    pub level: f64,
    /// The smallest corrected p that this number of seeds can yield.
    pub smallest_p: f64,
    /// Each strategy's standing, in the order of `strategies`.
    pub standings: Vec<Standing>,
    /// Every two strategies, compared.
    pub pairs: Vec<Pair>,
}

/// A strategy's standing compared with the other strategies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Name of the strategy.
    pub strategy: String,
    /// Number of strategies that it beats beyond chance.
    pub better: usize,
    /// Number of strategies that beat it beyond chance.
    pub worse: usize,
}

/// Two strategies, compared on the same seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Name of the first strategy.
    pub first: String,
    /// Name of the second strategy.
    pub second: String,
    /// Number of seeds on which the first is higher.
    pub wins: usize,
    /// Number of seeds on which both are equal.
    pub ties: usize,
    /// Number of seeds on which the second is higher.
    pub losses: usize,
    /// The first strategy's value minus the second's.
    pub difference: Estimate,
    /// p of the paired two-sided test.
    pub p: f64,
    /// p of the test, corrected for the number of pairs of strategies.
    pub p_corrected: f64,
}

/// When a stopping rule would have ended a strategy's runs, and at what cost in accuracy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stopped {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the rule; `defaults` is the verdict of a workspace with default settings.
    pub rule: String,
    /// Number of seeds with which the rule stopped.
    pub seeds: usize,
    /// Median number of answers at the stop, over these seeds; null if the rule never stopped.
    pub answers: Option<f64>,
    /// Mean accuracy at the stop, over these seeds; null if the rule never stopped.
    pub accuracy: Option<Estimate>,
    /// Mean accuracy after the last round, over the same seeds; null if the rule never stopped.
    pub final_accuracy: Option<Estimate>,
    /// Final accuracy minus accuracy at the stop, over these seeds: the gain from not stopping.
    pub lost: Option<Estimate>,
    /// The largest such gain with one seed.
    pub most_lost: Option<f64>,
}

/// The time that a round takes, in seconds: training, scoring and choosing.
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

    /// Returns the benchmark as indented JSON with a line break at the end.
    ///
    /// # Errors
    /// A number cannot be expressed in JSON, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }
}
