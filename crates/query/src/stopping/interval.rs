//! Intervals of shares and of the difference of two shares.
//!
//! For a share, the interval is Wilson's ([`wilson`]). For the difference d = p₂ - p₁ of two
//! independent shares with intervals (l₁, u₁) and (l₂, u₂), the interval is Newcombe's hybrid score
//! interval (1998, method 10): `d - √((p₂-l₂)² + (u₁-p₁)²)` to `d + √((u₂-p₂)² + (p₁-l₁)²)`. Both
//! intervals are within the possible range for any number of trials.

use querist_core::{Trials, wilson};

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Returns the share of right answers with its 95 % interval; `None` if there are no trials.
pub fn score(trials: Trials) -> Option<Estimate> {
    let interval = wilson(trials.correct, trials.n)?;
    let value = trials.correct as f64 / trials.n as f64;
    Some(Estimate { value, low: interval.low, high: interval.high })
}

/// Returns the share of right answers in `after` minus the share in `before`, with Newcombe's 95 %
/// interval; `None` if one of the two has no trials.
pub fn difference(before: Trials, after: Trials) -> Option<Estimate> {
    let (first, second) = (score(before)?, score(after)?);
    let value = second.value - first.value;
    let low = value - (second.value - second.low).hypot(first.high - first.value);
    let high = value + (second.high - second.value).hypot(first.value - first.low);
    Some(Estimate { value, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_source() {
        // Newcombe 1998, table II, method 10: the difference 56/70 - 48/80 is 0.2, with the
        // interval 0.0524 to 0.3339.
        let found = difference(Trials { n: 80, correct: 48 }, Trials { n: 70, correct: 56 }).unwrap();
        assert!((found.value - 0.2).abs() < 1e-12);
        assert!((found.low - 0.0524).abs() < 5e-5, "{found:?}");
        assert!((found.high - 0.3339).abs() < 5e-5, "{found:?}");
    }

    #[test]
    fn the_ends_of_the_scale() {
        // z² / (n + z²) with n = 10.
        let none = score(Trials { n: 10, correct: 0 }).unwrap();
        assert!(none.low.abs() < 1e-15 && (none.high - 3.8415 / 13.8415).abs() < 1e-4, "{none:?}");
        assert_eq!(score(Trials::default()), None);
        assert_eq!(difference(Trials::default(), Trials { n: 1, correct: 1 }), None);
    }
}
