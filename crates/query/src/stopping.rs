//! Stopping: whether more labels are worth asking for.
//!
//! Each file has one [`StoppingRule`](querist_core::StoppingRule), a function of the history of
//! rounds: stable predictions ([`kappa`], [`change`]), a sure model ([`uncertainty`]), no gain in
//! accuracy ([`plateau`], with [`interval`]), cost ([`budget`]). `tests/stopping.rs` checks them
//! all. [`mod@combine`] combines several judgments into one, and [`mod@forecast`] predicts when
//! the learning curve reaches a level.
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

/// Returns the phrase "3 more rounds are needed" for n = 3, and "1 more round is needed" for n =
/// 1.
fn more_rounds(n: usize) -> String {
    if n == 1 { "1 more round is needed".to_owned() } else { format!("{n} more rounds are needed") }
}

/// Returns a judgment that it is too early to tell, with this reason.
fn cannot_tell(reason: String, numbers: Vec<(&'static str, f64)>) -> Judgment {
    Judgment { advice: Advice::CannotTell, reason, numbers }
}

/// Returns a share as per cent with one decimal, such as "12.5 %".
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
