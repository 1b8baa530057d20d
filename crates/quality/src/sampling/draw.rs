//! Draws from the gamma distribution, and with their help from the Beta and the Dirichlet
//! distribution.

use rand::{Rng, RngExt as _};

/// Returns the logarithm of a draw from Gamma(`shape`, 1), with shape above 0 (Marsaglia and Tsang
/// 2000). For a shape below 1, a draw for shape + 1 is multiplied by U^(1/shape) with a uniform U.
/// The product is computed as a logarithm, so that small shapes do not underflow to 0.
pub(crate) fn ln_gamma(shape: f64, rng: &mut impl Rng) -> f64 {
    if shape < 1.0 {
        return ln_gamma(shape + 1.0, rng) + (1.0 - rng.random::<f64>()).ln() / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        let u = 1.0 - rng.random::<f64>();
        if u < 1.0 - 0.0331 * x * x * x * x || u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
            return (d * v).ln();
        }
    }
}

/// Returns `ln p` and `ln (1 - p)` for a draw p from Beta(`a`, `b`).
pub(crate) fn ln_beta(a: f64, b: f64, rng: &mut impl Rng) -> (f64, f64) {
    let (x, y) = (ln_gamma(a, rng), ln_gamma(b, rng));
    let sum = ln_sum(x, y);
    (x - sum, y - sum)
}

/// Replaces the Dirichlet parameters in `row` by the logarithms of a draw from this distribution.
pub(crate) fn ln_dirichlet(row: &mut [f64], rng: &mut impl Rng) {
    let mut sum = f64::NEG_INFINITY;
    for value in row.iter_mut() {
        *value = ln_gamma(*value, rng);
        sum = ln_sum(sum, *value);
    }
    for value in row.iter_mut() {
        *value -= sum;
    }
}

/// Returns `ln (e^x + e^y)` without overflow.
pub(crate) fn ln_sum(x: f64, y: f64) -> f64 {
    let (most, least) = if x > y { (x, y) } else { (y, x) };
    if least == f64::NEG_INFINITY { most } else { most + (least - most).exp().ln_1p() }
}

/// Draws a standard normal number by the polar method (Marsaglia and Bray 1964). The method makes
/// two numbers, of which one is used.
fn normal(rng: &mut impl Rng) -> f64 {
    loop {
        let (x, y) = (2.0 * rng.random::<f64>() - 1.0, 2.0 * rng.random::<f64>() - 1.0);
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;

    use super::*;

    #[test]
    fn means_and_variances_are_those_of_the_distributions() {
        let mut rng = Seed(5).rng(0, "test");
        for shape in [0.2, 1.0, 3.5, 40.0] {
            let draws: Vec<f64> = (0..20_000).map(|_| ln_gamma(shape, &mut rng).exp()).collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20_000.0;
            // Allow a deviation of five standard errors.
            assert!((mean - shape).abs() < 5.0 * (shape / 20_000.0).sqrt(), "{shape}: {mean}");
            assert!((variance / shape - 1.0).abs() < 0.15 / shape.min(1.0), "{shape}: {variance}");
        }
        let mean = (0..20_000).map(|_| ln_beta(2.0, 6.0, &mut rng).0.exp()).sum::<f64>() / 20_000.0;
        assert!((mean - 0.25).abs() < 0.006, "{mean}");
    }

    #[test]
    fn a_dirichlet_draw_sums_to_one() {
        let mut rng = Seed(6).rng(0, "test");
        for _ in 0..100 {
            let mut row = [0.01, 2.0, 300.0, 0.5];
            ln_dirichlet(&mut row, &mut rng);
            assert!((row.iter().map(|log| log.exp()).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
