//! Stopping: whether more labels are worth asking for.
//!
//! One rule a file, each a [`StoppingRule`](querist_core::StoppingRule) over the history of rounds;
//! `tests/stopping.rs` holds for all of them. [`mod@combine`] makes one verdict of several;
//! [`mod@forecast`] extends the learning curve.
//!
//! - stable predictions: [`kappa`], [`change`]
//! - a sure model: [`uncertainty`]
//! - no gain in accuracy: [`plateau`] (with [`interval`])
//! - cost: [`budget`]
//! - how far the curve is from a level: [`mod@forecast`]
//!
//! Invariants: pure, without randomness; what cannot be told is said.

pub mod budget;
pub mod change;
pub mod combine;
pub mod forecast;
pub mod interval;
pub mod kappa;
pub mod plateau;
pub mod uncertainty;

pub use budget::{Budget, Unit};
pub use change::ClassificationChange;
pub use combine::{Combination, When, combine};
pub use forecast::{Forecast, Outlook, forecast};
pub use kappa::KappaAverage;
pub use plateau::Plateau;
pub use uncertainty::OverallUncertainty;

use querist_core::{Advice, Judgment};

/// "3 more rounds are needed" or "1 more round is needed".
fn more_rounds(n: usize) -> String {
    if n == 1 { "1 more round is needed".to_owned() } else { format!("{n} more rounds are needed") }
}

/// A judgment that tells nothing yet.
fn cannot_tell(reason: String, numbers: Vec<(&'static str, f64)>) -> Judgment {
    Judgment { advice: Advice::CannotTell, reason, numbers }
}

/// A share in per cent with one decimal.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
