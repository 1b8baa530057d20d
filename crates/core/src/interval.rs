//! The Wilson score interval: the range in which the true rate may lie after k successes in n
//! trials.
//!
//! With z the normal quantile of the confidence, the ends are
//! `(k + z²/2 ± z sqrt(k (n - k) / n + z²/4)) / (n + z²)`. Unlike the normal approximation, the
//! interval stays inside [0, 1] and is reliable for small n and for rates near 0 or 1. Source:
//! Wilson, Probable inference, the law of succession, and statistical inference, Journal of the
//! American Statistical Association 22(158):209-212, 1927. There is no continuity correction, and
//! the confidence is always 95 %.

use serde::{Deserialize, Serialize};

/// The 0.975 quantile of the standard normal distribution: 95 % confidence, two-sided.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// A closed interval, `low <= high`; in JSON it is a list of the two. For rates it is within [0,
/// 1]; coefficients of agreement may be below 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(into = "(f64, f64)")]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<Interval> for (f64, f64) {
    fn from(Interval { low, high }: Interval) -> Self {
        (low, high)
    }
}

/// A share of successes with its 95 % Wilson interval. Share and interval are `None` if n is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Proportion {
    /// The number of trials.
    pub n: usize,
    /// The number of successes.
    pub correct: usize,
    /// The share of successes, in [0, 1].
    pub value: Option<f64>,
    /// The interval's lower end.
    pub low: Option<f64>,
    /// The interval's upper end.
    pub high: Option<f64>,
}

impl Proportion {
    /// Returns the proportion of `correct` successes in `n` trials, with its interval.
    pub fn of(correct: usize, n: usize) -> Self {
        let (low, high) = wilson(correct, n).map(|interval| (interval.low, interval.high)).unzip();
        Self { n, correct, value: (n > 0).then(|| correct as f64 / n as f64), low, high }
    }

    /// Returns the interval; `None` if there are no trials.
    pub fn interval(&self) -> Option<Interval> {
        Some(Interval { low: self.low?, high: self.high? })
    }

    /// Returns the proportion as text, such as "61.5 % (55.0–67.6, n = 200)", or a dash if there
    /// are no trials.
    pub fn text(&self) -> String {
        match (self.value, self.low, self.high) {
            (Some(value), Some(low), Some(high)) => {
                let [value, low, high] = [value, low, high].map(|share| share * 100.0);
                format!("{value:.1} % ({low:.1}–{high:.1}, n = {})", self.n)
            }
            _ => "–".to_owned(),
        }
    }
}

/// Returns the 95 % Wilson interval of `successes` in `n` trials. The lower end is exactly 0 if no
/// trial succeeded, and the upper end exactly 1 if all did. Returns `None` if there are no trials,
/// or more successes than trials.
pub fn wilson(successes: usize, n: usize) -> Option<Interval> {
    if n == 0 || successes > n {
        return None;
    }
    let (k, trials, z2) = (successes as f64, n as f64, Z_95 * Z_95);
    let failures = (n - successes) as f64;
    let centre = k + z2 / 2.0;
    let half_width = Z_95 * (k * (failures / trials) + z2 / 4.0).sqrt();
    let low = if successes == 0 { 0.0 } else { (centre - half_width) / (trials + z2) };
    let high = if successes == n { 1.0 } else { (centre + half_width) / (trials + z2) };
    Some(Interval { low: low.clamp(0.0, 1.0), high: high.clamp(0.0, 1.0) })
}

/// Returns the 95 % Wilson interval of a rate in [0, 1]. The rate was estimated from as much
/// information as `n` independent trials have; `n` need not be whole. The interval equals
/// [`wilson`] with rate · n successes. With `n` = 0 it is [0, 1], since nothing is known. Returns
/// `None` if the rate is outside [0, 1], or if `n` is negative or not finite.
pub fn wilson_rate(rate: f64, n: f64) -> Option<Interval> {
    if !(0.0..=1.0).contains(&rate) || !n.is_finite() || n < 0.0 {
        return None;
    }
    let z2 = Z_95 * Z_95;
    let centre = rate * n + z2 / 2.0;
    let half_width = Z_95 * (rate * (1.0 - rate) * n + z2 / 4.0).sqrt();
    let end = |value: f64| (value / (n + z2)).clamp(0.0, 1.0);
    Some(Interval { low: end(centre - half_width).min(rate), high: end(centre + half_width).max(rate) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_of_ten_by_hand() {
        // With k = n/2 the centre is 1/2, and the half-width is z sqrt(n + z²) / (2 (n + z²)) = z /
        // (2 sqrt(n + z²)).
        let half_width = Z_95 / (2.0 * (10.0 + Z_95 * Z_95).sqrt());
        let interval = wilson(5, 10).unwrap();
        assert!((interval.low - (0.5 - half_width)).abs() < 1e-15);
        assert!((interval.high - (0.5 + half_width)).abs() < 1e-15);
    }

    #[test]
    fn the_ends_are_exact() {
        // With k = 0 the upper end is z² / (n + z²).
        let none = wilson(0, 10).unwrap();
        assert_eq!(none.low.to_bits(), 0f64.to_bits());
        assert!((none.high - Z_95 * Z_95 / (10.0 + Z_95 * Z_95)).abs() < 1e-15);
        let all = wilson(10, 10).unwrap();
        assert_eq!(all.high.to_bits(), 1f64.to_bits());
        assert!((all.low - 10.0 / (10.0 + Z_95 * Z_95)).abs() < 1e-15);
    }

    #[test]
    fn undefined_without_trials() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(3, 2), None);
    }

    #[test]
    fn a_rate_of_no_trials_may_be_anything() {
        assert_eq!(wilson_rate(0.7, 0.0), Some(Interval { low: 0.0, high: 1.0 }));
        assert_eq!(wilson_rate(f64::NAN, 3.0), None);
        assert_eq!(wilson_rate(0.5, -1.0), None);
        assert_eq!(wilson_rate(0.5, f64::INFINITY), None);
    }

    proptest! {
        #[test]
        fn a_rate_of_whole_counts_has_their_interval(n in 1usize..10_000, part in 0.0..=1.0) {
            let k = (n as f64 * part) as usize;
            let (counted, rated) = (wilson(k, n).unwrap(), wilson_rate(k as f64 / n as f64, n as f64).unwrap());
            prop_assert!((counted.low - rated.low).abs() < 1e-9 && (counted.high - rated.high).abs() < 1e-9);
        }

        #[test]
        fn holds_the_rate_and_mirrors(n in 1usize..100_000, part in 0.0..=1.0) {
            let k = (n as f64 * part) as usize;
            let interval = wilson(k, n).unwrap();
            let rate = k as f64 / n as f64;
            prop_assert!(0.0 <= interval.low && interval.low <= rate);
            prop_assert!(rate <= interval.high && interval.high <= 1.0);
            let mirrored = wilson(n - k, n).unwrap();
            prop_assert!((interval.low - (1.0 - mirrored.high)).abs() < 1e-12);
        }
    }
}
