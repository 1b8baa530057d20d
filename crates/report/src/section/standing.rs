//! Whether a person reaches a threshold, in the form that reports show.

use serde::Serialize;

/// Whether a person reaches a threshold, and the evidence for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// `below`, `not below`, `too few to tell` or `withheld`.
    pub verdict: String,
    /// The threshold that `value` must reach.
    pub threshold: f64,
    /// Number of answers from which the value was measured.
    pub n: usize,
    /// The measured value; `None` without answers.
    pub value: Option<f64>,
    /// Lower end of the value's 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the value's 95 % interval.
    pub high: Option<f64>,
    /// p-value, corrected for the number of people who were judged; `None` if this person was not.
    pub p: Option<f64>,
    /// The reason for the verdict, and what would change it; a clause without a full stop.
    pub why: String,
}

impl Standing {
    /// Returns whether the person is below the threshold, beyond chance.
    pub fn below(&self) -> bool {
        self.verdict == "below"
    }

    /// Returns whether there are too few answers for a verdict.
    pub fn too_few(&self) -> bool {
        self.verdict == "too few to tell"
    }

    /// Returns whether there is no verdict because the value cannot be trusted.
    pub fn withheld(&self) -> bool {
        self.verdict == "withheld"
    }
}
