//! The digamma function for arguments above 0: the recurrence up to 10, then the asymptotic series
//! (Abramowitz and Stegun 1964, 6.3.18), whose first omitted term is below 1e-16.
//!
//! `statrs` has a digamma function too, but its last bits differ. MACE computes its weights with
//! this one, so rounds whose labels MACE aggregated reproduce to the byte only if these bits stay.

/// The series is used for arguments of at least this size.
const LARGE: f64 = 10.0;

/// Returns the digamma function `ψ(x) = d ln Γ(x) / dx` for x above 0.
pub(crate) fn digamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < LARGE {
        // ψ(x) = ψ(x + 1) - 1 / x.
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
        // Known values: ψ(1) = -γ, ψ(1/2) = -γ - 2 ln 2, and ψ(n) = -γ + sum_{m < n} 1/m for whole
        // n.
        let gamma = 0.577_215_664_901_532_9;
        close(digamma(1.0), -gamma);
        close(digamma(0.5), -gamma - 2.0 * 2f64.ln());
        close(digamma(31.0), (1..=30).map(|n| 1.0 / f64::from(n)).sum::<f64>() - gamma);
    }

    #[test]
    fn the_recurrence_holds() {
        for x in [1e-3, 0.3, 2.5, 9.99, 10.0, 123.4, 1e6] {
            assert!((digamma(x + 1.0) - digamma(x) - 1.0 / x).abs() < 1e-12 / x.min(1.0), "{x}");
            let theirs = statrs::function::gamma::digamma(x);
            assert!((digamma(x) - theirs).abs() < 1e-12 * theirs.abs().max(1.0), "{x}");
        }
    }
}
