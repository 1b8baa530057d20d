//! A standing against a threshold, as reports show it.

use serde::Serialize;

/// A standing against a threshold, with the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// `below`, `not below`, `too few to tell` or `withheld`.
    pub verdict: String,
    /// The threshold, in the unit of `value`.
    pub threshold: f64,
    /// Number of answers that were judged.
    pub n: usize,
    /// The measured value; `None` without answers.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end of its 95 % interval.
    pub high: Option<f64>,
    /// The p-value, corrected for everybody who was judged; `None` if this person was not judged.
    pub p: Option<f64>,
    /// Why, and what would change the verdict; a clause without a full stop.
    pub why: String,
}

impl Standing {
    /// Whether the person is below the threshold, beyond chance.
    pub fn below(&self) -> bool {
        self.verdict == "below"
    }

    /// Whether there are too few answers to tell.
    pub fn too_few(&self) -> bool {
        self.verdict == "too few to tell"
    }

    /// Whether no verdict is given, because the value cannot be trusted.
    pub fn withheld(&self) -> bool {
        self.verdict == "withheld"
    }
}
