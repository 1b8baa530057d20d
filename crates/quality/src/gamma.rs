//! The logarithm of the gamma function and its derivative, for arguments above 0.
//!
//! Both by the recurrence up to 10 and Stirling's asymptotic series from there (Abramowitz and
//! Stegun 1964, 6.1.41 and 6.3.18); the first term left out is below 1e-16.

/// The argument from which the series are used.
const LARGE: f64 = 10.0;

/// `ln Γ(x)`, x above 0.
pub(crate) fn ln_gamma(mut x: f64) -> f64 {
    let mut product = 1.0;
    while x < LARGE {
        product *= x;
        x += 1.0;
    }
    let half_log_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    let y = 1.0 / (x * x);
    let series = 1.0 / 12.0
        + y * (-1.0 / 360.0
            + y * (1.0 / 1260.0
                + y * (-1.0 / 1680.0 + y * (1.0 / 1188.0 + y * (-691.0 / 360_360.0 + y / 156.0)))));
    (x - 0.5) * x.ln() - x + half_log_two_pi + series / x - f64::ln(product)
}

/// `ψ(x) = d ln Γ(x) / dx`, x above 0.
pub(crate) fn digamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < LARGE {
        sum += 1.0 / x;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = y
        * (1.0 / 12.0
            + y * (-1.0 / 120.0
                + y * (1.0 / 252.0
                    + y * (-1.0 / 240.0 + y * (1.0 / 132.0 + y * (-691.0 / 32_760.0 + y / 12.0))))));
    x.ln() - 0.5 / x - series - sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-13 * b.abs().max(1.0), "{a} {b}");
        // Γ(1/2) = sqrt π, Γ(n) = (n - 1)!.
        close(ln_gamma(0.5), 0.5 * std::f64::consts::PI.ln());
        close(ln_gamma(1.0), 0.0);
        close(ln_gamma(5.0), 24f64.ln());
        close(ln_gamma(21.0), (1..=20).map(|n| f64::from(n).ln()).sum());
        // ψ(1) = -γ, ψ(1/2) = -γ - 2 ln 2, ψ(n) = -γ + sum_{m < n} 1/m.
        let gamma = 0.577_215_664_901_532_9;
        close(digamma(1.0), -gamma);
        close(digamma(0.5), -gamma - 2.0 * 2f64.ln());
        close(digamma(31.0), (1..=30).map(|n| 1.0 / f64::from(n)).sum::<f64>() - gamma);
    }

    #[test]
    fn the_recurrences_hold() {
        for x in [1e-3, 0.3, 2.5, 9.99, 10.0, 123.4, 1e6] {
            assert!(
                (ln_gamma(x + 1.0) - ln_gamma(x) - f64::ln(x)).abs()
                    < 1e-15 * ln_gamma(x + 1.0).abs().max(100.0),
                "{x}"
            );
            assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() < 1e-12 / x.min(1.0), "{x}");
        }
    }
}
