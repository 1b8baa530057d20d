//! What people read of a benchmark of strategies: learning curves, labels needed, wins, rare
//! classes, seconds.
//!
//! As with the report of a round the JSON is the truth; [`markdown`] and the page of [`html`] show
//! the same: the tables of [`tables`], and on the page the curves of [`crate::chart`]. Everything
//! but `seconds` is the same whenever the same simulation is played again.

pub mod html;
pub mod markdown;
pub mod tables;

use serde::Serialize;
use serde_json::Value;

use crate::ReportError;

/// A benchmark of strategies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulation {
    /// Which layout this is; grows when a field changes its meaning.
    pub format: u32,
    /// What was simulated: protocol, strategies, hashes of the inputs.
    pub configuration: Value,
    /// The classes, in the order of every list by class.
    pub classes: Vec<SimulatedClass>,
    /// What to know before reading anything off, as sentences.
    pub notes: Vec<String>,
    /// The strategies, in the order in which they were named.
    pub strategies: Vec<Strategy>,
    /// What it costs to reach a level.
    pub targets: Vec<Target>,
    /// The strategies against one another, by measure.
    pub comparisons: Vec<Comparison>,
    /// Where stopping rules would have ended the runs: by strategy, then by rule.
    pub stopped: Vec<Stopped>,
    /// How long rounds took, in the order of `strategies`. Not reproducible.
    pub seconds: Vec<Seconds>,
}

/// A mean over seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The lower end of its 95 % interval; null with a single seed.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// A class of the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimulatedClass {
    /// Its name.
    pub label: String,
    /// How many pool documents have it.
    pub pool: usize,
    /// How many test documents have it.
    pub test: usize,
    /// Whether it is rare: fewer than half as many pool documents as were there of each if all were
    /// as frequent, or the rarest.
    pub rare: bool,
}

/// What a strategy came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strategy {
    /// Its name, with the answers that a document gets if that is not one.
    pub name: String,
    /// The learning curve.
    pub points: Vec<Point>,
    /// Accuracy of the last round.
    pub final_accuracy: Estimate,
    /// Mean accuracy over the points of the curve.
    pub mean_accuracy: Estimate,
    /// Macro-F1 of the last round.
    pub final_macro_f1: Estimate,
    /// Mean macro-F1 over the points of the curve.
    pub mean_macro_f1: Estimate,
    /// Mean recall of the rare classes, in the last round.
    pub final_rare_recall: Estimate,
    /// Recall of each class in the last round; null for classes that the test set does not have.
    pub recall: Vec<Option<f64>>,
    /// Documents of each class that were labelled at the end, by the label that they got; means
    /// over seeds.
    pub labeled: Vec<f64>,
    /// The share of labels at the end that are wrong.
    pub wrong: f64,
    /// Documents at the end whose annotators' votes are tied; mean over seeds.
    pub undecided: f64,
}

/// A point of a learning curve.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// Answers so far.
    pub answers: usize,
    /// Accuracy.
    pub accuracy: Estimate,
    /// Macro-F1.
    pub macro_f1: Estimate,
    /// Mean recall of the rare classes.
    pub rare_recall: Estimate,
}

/// A level, and how many answers each strategy needs for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// `accuracy` or `macro-F1`.
    pub measure: String,
    /// The level; where it is a strategy's final value, which is another for each seed, their mean.
    pub level: f64,
    /// Whose final value on the same seed it is; null for a level that is the same for all.
    pub of: Option<String>,
    /// Each strategy, in their order.
    pub reached: Vec<Reached>,
}

/// How a strategy comes to a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reached {
    /// Its name.
    pub strategy: String,
    /// Median over seeds of the answers needed; null when half of the seeds or more never come
    /// there.
    pub answers: Option<f64>,
    /// How many seeds come there.
    pub seeds: usize,
}

/// Strategies against one another by one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The measure, for example `mean macro-F1`.
    pub measure: String,
    /// Below this a corrected p counts as a difference.
    pub level: f64,
    /// The smallest corrected p that so many seeds can give.
    pub smallest_p: f64,
    /// Each strategy, in their order.
    pub standings: Vec<Standing>,
    /// All pairs.
    pub pairs: Vec<Pair>,
}

/// How a strategy stands among the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Its name.
    pub strategy: String,
    /// How many others it beats beyond chance.
    pub better: usize,
    /// How many beat it beyond chance.
    pub worse: usize,
}

/// Two strategies on the same seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// The first.
    pub first: String,
    /// The second.
    pub second: String,
    /// Seeds on which the first is higher.
    pub wins: usize,
    /// Seeds on which both are the same.
    pub ties: usize,
    /// Seeds on which the second is higher.
    pub losses: usize,
    /// First minus second.
    pub difference: Estimate,
    /// p of the paired test, two-sided.
    pub p: f64,
    /// p corrected for the number of pairs.
    pub p_corrected: f64,
}

/// Where a stopping rule would have ended a strategy's runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stopped {
    /// The strategy.
    pub strategy: String,
    /// The rule; `defaults` is the verdict of a workspace that sets nothing.
    pub rule: String,
    /// On how many seeds it said stop.
    pub seeds: usize,
    /// Median of the answers at the stop, over these seeds; null where it never stopped.
    pub answers: Option<f64>,
    /// Accuracy at the stop.
    pub accuracy: Option<Estimate>,
    /// Accuracy after the last round, of the same seeds.
    pub final_accuracy: Option<Estimate>,
    /// The second less the first: what going on would have gained.
    pub lost: Option<Estimate>,
    /// The most of it on one seed.
    pub most_lost: Option<f64>,
}

/// How long a round took: training, scoring and choosing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seconds {
    /// The strategy.
    pub strategy: String,
    /// Mean over rounds and seeds.
    pub mean: f64,
    /// The longest.
    pub most: f64,
}

impl Simulation {
    /// The layout that this version writes.
    pub const FORMAT: u32 = 1;

    /// The benchmark as JSON, indented, with a line break at the end.
    ///
    /// # Errors
    /// A number that JSON cannot hold, which would be a bug.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let json = serde_json::to_string_pretty(self);
        let json = json.map_err(|error| ReportError::Json { detail: error.to_string() })?;
        Ok((json + "\n").into_bytes())
    }
}
