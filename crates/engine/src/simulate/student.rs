//! The mean over seeds with a 95 % interval, by Student's t.
//!
//! The interval is mean ± t s / √n, where n is the number of seeds, s the standard deviation with
//! denominator n - 1, and t the 0.975 quantile with n - 1 degrees of freedom (Student 1908). It is
//! an interval for the mean over all possible seeds, on the same pool and test set. It says nothing
//! about other data sets.

use querist_report::simulation::Estimate;
use statrs::function::beta::beta_reg;

/// Returns the mean of the values. With at least two values, it has an interval; without values, it
/// is 0.
pub fn estimate(values: &[f64]) -> Estimate {
    let n = values.len() as f64;
    if values.is_empty() {
        return Estimate { mean: 0.0, low: None, high: None };
    }
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return Estimate { mean, low: None, high: None };
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let half = quantile_975(values.len() - 1) * (squares / (n - 1.0) / n).sqrt();
    Estimate { mean, low: Some(mean - half), high: Some(mean + half) }
}

/// Does the same as [`estimate`] for values in [0, 1]. The interval is cut off at 0 and 1.
pub fn estimate_share(values: &[f64]) -> Estimate {
    let Estimate { mean, low, high } = estimate(values);
    let within = |end: f64| end.clamp(0.0, 1.0);
    Estimate { mean, low: low.map(within), high: high.map(within) }
}

/// Returns the 0.975 quantile of Student's t with `freedom` degrees of freedom, at least 1.
///
/// With ν degrees of freedom, the probability that |T| > t is `I_x(ν/2, 1/2)` with `x = ν / (ν +
/// t²)`, where I is the regularised incomplete beta function. Bisection finds the t for which this
/// probability is 0.05. The quantile function of `statrs` is about 2 % off at one value of its own
/// tests, so it is not used.
pub fn quantile_975(freedom: usize) -> f64 {
    let freedom = freedom.max(1) as f64;
    let beyond = |t: f64| beta_reg(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    let (mut low, mut high) = (1.9, 13.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if beyond(middle) > 0.05 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Abramowitz and Stegun 1964, table 26.10; for many degrees of freedom, the normal
        // quantile.
        for (freedom, expected) in [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (8, 2.306),
            (9, 2.262),
            (30, 2.042),
            (120, 1.980),
        ] {
            let found = quantile_975(freedom);
            assert!((found - expected).abs() < 6e-4, "{freedom}: {found}");
        }
        assert!((quantile_975(100_000) - 1.95999).abs() < 1e-4);
    }

    #[test]
    fn an_interval_by_hand() {
        // Mean 2, s = 1, n = 3: 2 ± 4.303 / √3.
        let found = estimate(&[1.0, 2.0, 3.0]);
        assert!((found.mean - 2.0).abs() < 1e-15);
        assert!((found.high.unwrap() - (2.0 + 4.302_653 / 3f64.sqrt())).abs() < 1e-5);
        assert!((found.low.unwrap() + found.high.unwrap() - 4.0).abs() < 1e-12);
        let share = estimate_share(&[0.0, 0.0, 0.1]);
        assert_eq!((share.low.unwrap().to_bits(), share.high.is_some()), (0f64.to_bits(), true));
        assert_eq!(estimate(&[0.5]), Estimate { mean: 0.5, low: None, high: None });
    }
}
