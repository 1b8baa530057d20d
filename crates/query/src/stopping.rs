//! Stopping: whether more labels are worth asking for.
//!
//! Each file has one [`StoppingRule`](querist_core::StoppingRule), a function of the history of
//! rounds: stable predictions ([`kappa`], [`change`]), a sure model ([`uncertainty`]), no gain in
//! accuracy ([`plateau`], with [`interval`]), cost ([`budget`]). `tests/stopping.rs` checks them
//! all. [`mod@combine`] makes one verdict of several, and [`mod@forecast`] extends the learning
//! curve to a level.
//!
//! Invariants: rules are pure and without randomness; if they cannot tell, they say so.

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

/// A judgment that it is too early to tell.
fn cannot_tell(reason: String, numbers: Vec<(&'static str, f64)>) -> Judgment {
    Judgment { advice: Advice::CannotTell, reason, numbers }
}

/// A share in per cent, with one decimal.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
