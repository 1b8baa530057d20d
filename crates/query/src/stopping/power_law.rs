//! A power law through a learning curve: acc(n) = a - b n^(-c), with 0 ≤ a ≤ 1, b ≥ 0 and c > 0.
//!
//! a is the accuracy that the curve levels off at, n the number of labelled documents. The fit minimises
//! Σ `w_i` (`y_i` - a + b n_i^(-c))² with the inverse of the binomial variance as weight, `w_i` = `m_i` / (`p_i` (1 - `p_i`)) for `y_i` measured on
//! `m_i` documents; `p_i` = (correct + 1) / (`m_i` + 2) keeps it finite. For a given c it is a least squares problem in a and b, solved
//! exactly with its bounds; c is found on a grid over [0.02, 5] and by golden section around the best. Sources: Cortes et al.
//! (1994), "Learning Curves: Asymptotic Values and Rate of Convergence", NIPS; weights after Figueroa et al. (2012), "Predicting
//! Sample Size Required for Classification Performance", BMC Medical Informatics and Decision Making.

use querist_core::Trials;

/// A point of a learning curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// Documents that the model learned from, from 1.
    pub labeled: usize,
    /// How well it did.
    pub trials: Trials,
}

/// A fitted curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    /// The accuracy that it levels off at, in [0, 1].
    pub a: f64,
    /// How far below that it would be at one label, 0 or more.
    pub b: f64,
    /// How fast it rises.
    pub c: f64,
}

const SLOWEST: f64 = 0.02;
const FASTEST: f64 = 5.0;
const GRID: usize = 48;
const SECTIONS: usize = 24;

/// A point as the fit sees it.
struct Weighted {
    /// ln(n / n₀), with n₀ the smallest n: powers of it stay in [0, 1].
    log: f64,
    y: f64,
    weight: f64,
}

impl PowerLaw {
    /// Fits to points (m), of which those without documents or trials do not count; `None` where fewer than two are left.
    /// O(m), with some hundred passes.
    pub fn fit(points: &[CurvePoint]) -> Option<Self> {
        let usable = points.iter().filter(|point| point.labeled > 0 && point.trials.n > 0);
        let usable: Vec<&CurvePoint> = usable.collect();
        let least = usable.iter().map(|point| point.labeled).min()? as f64;
        if usable.len() < 2 {
            return None;
        }
        let weighted = usable.iter().map(|point| {
            let (n, correct) = (point.trials.n as f64, point.trials.correct as f64);
            let p = (correct + 1.0) / (n + 2.0);
            let log = (point.labeled as f64 / least).ln();
            Weighted { log, y: correct / n, weight: n / (p * (1.0 - p)) }
        });
        let weighted: Vec<Weighted> = weighted.collect();
        let loss = |log_c: f64| least_squares(&weighted, log_c.exp()).2;
        let step = (FASTEST / SLOWEST).ln() / (GRID - 1) as f64;
        let at = |place: usize| SLOWEST.ln() + step * place as f64;
        let mut best = 0;
        let mut lowest = f64::INFINITY;
        for place in 0..GRID {
            let found = loss(at(place));
            if found < lowest {
                (best, lowest) = (place, found);
            }
        }
        let (low, high) = (at(best.saturating_sub(1)), at((best + 1).min(GRID - 1)));
        let c = golden_section(low, high, &loss).exp();
        let (a, scaled, _) = least_squares(&weighted, c);
        Some(Self { a, b: scaled * least.powf(c), c })
    }

    /// acc(n) for n from 1, in [0, 1].
    pub fn at(&self, n: f64) -> f64 {
        (self.a - self.b * n.powf(-self.c)).clamp(0.0, 1.0)
    }

    /// The n at which it comes to a level: (b / (a - level))^(1/c), and 1 at the least; infinite where it never does.
    pub fn reaches(&self, level: f64) -> f64 {
        if self.a <= level {
            return if self.b > 0.0 || self.a < level { f64::INFINITY } else { 1.0 };
        }
        (self.b / (self.a - level)).powf(1.0 / self.c).max(1.0)
    }
}

/// The best (a, b) for a given c with their weighted sum of squares; b is that of the scaled n.
fn least_squares(points: &[Weighted], c: f64) -> (f64, f64, f64) {
    let [mut s, mut sx, mut sy, mut sxx, mut sxy] = [0.0; 5];
    for point in points {
        let x = (-c * point.log).exp();
        s += point.weight;
        sx += point.weight * x;
        sy += point.weight * point.y;
        sxx += point.weight * x * x;
        sxy += point.weight * x * point.y;
    }
    let loss = |a: f64, b: f64| {
        let square = |point: &Weighted| {
            let residual = point.y - a + b * (-c * point.log).exp();
            point.weight * residual * residual
        };
        points.iter().map(square).sum::<f64>()
    };
    let spread = s * sxx - sx * sx;
    if spread > 1e-12 * s * sxx {
        let b = (sx * sy - s * sxy) / spread;
        let a = (sy + b * sx) / s;
        if b >= 0.0 && (0.0..=1.0).contains(&a) {
            return (a, b, loss(a, b));
        }
    }
    // The optimum of a convex function lies on a bound where it does not lie inside: no rise, or a ceiling of 1.
    let flat = ((sy / s).clamp(0.0, 1.0), 0.0);
    let full = (1.0, if sxx > 0.0 { ((sx - sxy) / sxx).max(0.0) } else { 0.0 });
    let [flat, full] = [flat, full].map(|(a, b)| (a, b, loss(a, b)));
    if full.2 < flat.2 { full } else { flat }
}

/// The place of the lowest value of a function with one valley between two ends (Kiefer 1953).
fn golden_section(mut low: f64, mut high: f64, of: &dyn Fn(f64) -> f64) -> f64 {
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (of(left), of(right));
    for _ in 0..SECTIONS {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = of(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = of(right);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Points on a curve, as exactly as so many trials can show it.
    fn points(law: PowerLaw, at: &[usize]) -> Vec<CurvePoint> {
        let n = 1_000_000_000;
        let point = |labeled: &usize| {
            let correct = (law.at(*labeled as f64) * n as f64).round() as usize;
            CurvePoint { labeled: *labeled, trials: Trials { n, correct } }
        };
        at.iter().map(point).collect()
    }

    #[test]
    fn a_curve_is_found_again() {
        let law = PowerLaw { a: 0.9, b: 1.0, c: 0.5 };
        let found = PowerLaw::fit(&points(law, &[25, 50, 100, 200, 400])).unwrap();
        assert!((found.a - 0.9).abs() < 1e-4 && (found.b - 1.0).abs() < 1e-2 && (found.c - 0.5).abs() < 1e-2);
        // 0.9 - 1/√n = 0.85 at n = 400; a level above the ceiling is never reached.
        assert!((law.reaches(0.85) - 400.0).abs() < 1e-6);
        assert!(law.reaches(0.9).is_infinite() && law.reaches(0.95).is_infinite());
        assert!((law.at(100.0) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn a_falling_curve_is_flat_and_a_ceiling_is_1() {
        let falling = [(10, 80), (20, 75), (40, 70), (80, 65)];
        let point =
            |(labeled, correct): (usize, usize)| CurvePoint { labeled, trials: Trials { n: 100, correct } };
        let flat = PowerLaw::fit(&falling.map(point)).unwrap();
        assert!(flat.b.abs() < 1e-12 && flat.a > 0.65 && flat.a < 0.8, "{flat:?}");
        // A straight line upwards would level off beyond 1.
        let steep = PowerLaw::fit(&[(10, 10), (20, 40), (30, 70), (40, 99)].map(point)).unwrap();
        assert!((steep.a - 1.0).abs() < 1e-12, "{steep:?}");
        assert_eq!(PowerLaw::fit(&[point((10, 5))]), None);
    }

    proptest! {
        #[test]
        fn whatever_the_points_the_bounds_hold(
            counts in prop::collection::vec((1usize..5_000, 1usize..300, 0.0f64..=1.0), 2..12),
        ) {
            let point = |(labeled, n, share): &(usize, usize, f64)| {
                let correct = (share * *n as f64).floor() as usize;
                CurvePoint { labeled: *labeled, trials: Trials { n: *n, correct } }
            };
            let points: Vec<CurvePoint> = counts.iter().map(point).collect();
            let law = PowerLaw::fit(&points).unwrap();
            prop_assert!((0.0..=1.0).contains(&law.a) && law.b >= 0.0 && law.c > 0.0, "{law:?}");
            prop_assert!(law.b.is_finite());
            // It never falls.
            prop_assert!(law.at(10.0) <= law.at(1_000.0) + 1e-12);
            prop_assert!(law.reaches(0.5) >= 1.0);
        }
    }
}
