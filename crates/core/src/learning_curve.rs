//! Learning curves: points, a power law through them, and the accuracy that it predicts.
//!
//! The law is acc(n) = a - b n^(-c), with 0 ≤ a ≤ 1, b ≥ 0 and c > 0. n is the number of labelled
//! documents and a the accuracy at which the curve levels off. Source: Cortes et al. (1994),
//! "Learning Curves: Asymptotic Values and Rate of Convergence", NIPS.

use serde::Serialize;

use crate::stopping::Trials;

/// A point of a learning curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// The number of documents that the model learned from, at least 1.
    pub labeled: usize,
    /// The number of checked predictions of the model, and how many of them were right.
    pub trials: Trials,
}

/// The curve acc(n) = a - b n^(-c).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PowerLaw {
    /// The accuracy at which the curve levels off, in [0, 1].
    pub a: f64,
    /// The distance of the curve below `a` at one labelled document, at least 0.
    pub b: f64,
    /// The exponent, above 0; a larger one makes the curve level off sooner.
    pub c: f64,
}

impl PowerLaw {
    /// Returns the accuracy acc(n) for n ≥ 1 labelled documents, in [0, 1].
    pub fn at(&self, n: f64) -> f64 {
        (self.a - self.b * n.powf(-self.c)).clamp(0.0, 1.0)
    }

    /// Returns the number of labelled documents at which the curve reaches the accuracy `level`,
    /// `(b / (a - level))^(1/c)`, but at least 1. The result is infinite if the curve never reaches
    /// `level`.
    pub fn reaches(&self, level: f64) -> f64 {
        if self.a <= level {
            return if self.b > 0.0 || self.a < level { f64::INFINITY } else { 1.0 };
        }
        (self.b / (self.a - level)).powf(1.0 / self.c).max(1.0)
    }
}

/// The accuracy that the curve predicts for more labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExpectedAccuracy {
    /// The number of labelled documents that the prediction is for: twice as many as now, or the
    /// whole pool if that is less.
    pub labeled: usize,
    /// The median accuracy, in [0, 1].
    pub value: f64,
    /// The lower end of the 95 % interval, in [0, 1].
    pub low: f64,
    /// The upper end of the 95 % interval, in [0, 1].
    pub high: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_reached_where_the_curve_has_it() {
        let law = PowerLaw { a: 0.9, b: 1.0, c: 0.5 };
        // The curve 0.9 - 1/√n reaches 0.85 at n = 400. It never reaches 0.9 or more.
        assert!((law.reaches(0.85) - 400.0).abs() < 1e-6);
        assert!(law.reaches(0.9).is_infinite() && law.reaches(0.95).is_infinite());
        assert!((law.at(100.0) - 0.8).abs() < 1e-12);
        let flat = PowerLaw { a: 0.9, b: 0.0, c: 0.5 };
        assert!((flat.reaches(0.9) - 1.0).abs() < 1e-12 && (flat.reaches(0.8) - 1.0).abs() < 1e-12);
    }
}
