//! How somebody stands to a threshold, as reports show it.

use serde::Serialize;

/// How somebody stands to a threshold, with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// `below`, `not below` or `too few to tell`.
    pub verdict: String,
    /// The threshold.
    pub threshold: f64,
    /// How many answers were judged.
    pub n: usize,
    /// What was measured; `None` without answers.
    pub value: Option<f64>,
    /// The lower end of its 95 % interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The p-value, corrected for everybody who was judged; `None` of somebody who was not.
    pub p: Option<f64>,
    /// Why, and what would change it; a clause without a full stop.
    pub why: String,
}

impl Standing {
    /// Whether somebody is below the threshold, beyond chance.
    pub fn below(&self) -> bool {
        self.verdict == "below"
    }

    /// Whether there are too few answers to tell.
    pub fn too_few(&self) -> bool {
        self.verdict == "too few to tell"
    }

    /// Whether nothing is said, as the share is not to be trusted.
    pub fn withheld(&self) -> bool {
        self.verdict == "withheld"
    }
}
