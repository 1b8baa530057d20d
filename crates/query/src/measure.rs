//! Uncertainty measures: how unsure a model is about one document, computed from the document's
//! class probabilities.
//!
//! For every measure, a document with a higher value is picked sooner, so the same code ranks by
//! any of them. With two classes all measures rank alike; with more they differ in how they treat
//! the classes after the first.
//!
//! Sources: entropy, Shannon (1948), "A Mathematical Theory of Communication"; least confidence,
//! Lewis and Gale (1994), "A Sequential Algorithm for Training Text Classifiers"; margin, Scheffer,
//! Decomain and Wrobel (2001), "Active Hidden Markov Models for Information Extraction"; ratio of
//! confidence, Monarch (2021), "Human-in-the-Loop Machine Learning".

use ndarray::ArrayView1;
use querist_core::{Named, Probabilities};
use rayon::prelude::*;
use serde::Serialize;

/// An uncertainty measure of a document with class probabilities p over K classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// `H(p) = -Σ p ln p`, in nats, in [0, ln K].
    Entropy,
    /// `1 - max p`, in [0, 1 - 1/K].
    LeastConfidence,
    /// `1 - (p1 - p2)` of the two largest probabilities, in [0, 1].
    Margin,
    /// `p2 / p1` of the two largest probabilities, in [0, 1].
    RatioOfConfidence,
}

impl Named for Measure {
    const ALL: &'static [Self] =
        &[Self::Entropy, Self::LeastConfidence, Self::Margin, Self::RatioOfConfidence];

    fn name(self) -> &'static str {
        match self {
            Self::Entropy => "entropy",
            Self::LeastConfidence => "least-confidence",
            Self::Margin => "margin",
            Self::RatioOfConfidence => "ratio-of-confidence",
        }
    }
}

impl Measure {
    /// Returns the score of one document from its class probabilities; a document with a higher
    /// score is picked sooner.
    pub fn score(self, row: ArrayView1<'_, f64>) -> f64 {
        match self {
            Self::Entropy => entropy(row),
            Self::LeastConfidence => 1.0 - two_largest(row).0,
            Self::Margin => {
                let (first, second) = two_largest(row);
                1.0 - (first - second)
            }
            Self::RatioOfConfidence => {
                let (first, second) = two_largest(row);
                second / first
            }
        }
    }

    /// Returns the score divided by the highest score that is possible with this number of classes,
    /// in [0, 1]; 0 for a single class. Strategies use it if they add the score to a score of
    /// another kind.
    pub fn normalized_score(self, row: ArrayView1<'_, f64>) -> f64 {
        let k = row.len() as f64;
        let most = match self {
            Self::Entropy => k.ln(),
            Self::LeastConfidence => 1.0 - 1.0 / k,
            Self::Margin | Self::RatioOfConfidence => 1.0,
        };
        if row.len() < 2 { 0.0 } else { (self.score(row) / most).clamp(0.0, 1.0) }
    }

    /// Returns the score of each row of probabilities. Each score depends on its row alone, so the
    /// number of threads does not change the result.
    pub fn scores(self, probabilities: &Probabilities) -> Vec<f64> {
        (0..probabilities.len()).into_par_iter().map(|row| self.score(probabilities.row(row))).collect()
    }
}

/// Returns the Shannon entropy `-Σ p ln p` of one row of probabilities over K classes, in nats, in
/// [0, ln K]; `0 ln 0` is 0.
pub fn entropy(row: ArrayView1<'_, f64>) -> f64 {
    let terms = row.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln());
    // If one class has probability 1, the sum is -0; the maximum makes it 0.
    terms.sum::<f64>().max(0.0)
}

/// Returns the entropy of one row of probabilities over K classes, divided by the highest possible
/// entropy ln K, in [0, 1]; 0 for a single class.
pub fn normalized_entropy(row: ArrayView1<'_, f64>) -> f64 {
    if row.len() < 2 {
        return 0.0;
    }
    (entropy(row) / (row.len() as f64).ln()).min(1.0)
}

/// Returns the largest and the second largest value of the row.
fn two_largest(row: ArrayView1<'_, f64>) -> (f64, f64) {
    row.iter().fold((0.0, 0.0), |(first, second), &p| {
        if p > first { (p, first) } else { (first, if p > second { p } else { second }) }
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{array, aview1};
    use proptest::prelude::*;

    use super::*;

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
    }

    #[test]
    fn entropy_by_hand() {
        // The entropy of (1/2, 1/2) is ln 2. The entropy of (1/2, 1/4, 1/4) is 1/2 ln 2 + 2 · 1/4 ·
        // 2 ln 2 = 3/2 ln 2.
        assert_near(entropy(aview1(&[0.5, 0.5])), std::f64::consts::LN_2);
        assert_near(entropy(aview1(&[0.5, 0.25, 0.25])), 1.5 * std::f64::consts::LN_2);
        assert_near(normalized_entropy(aview1(&[0.25; 4])), 1.0);
        assert_near(normalized_entropy(aview1(&[0.5, 0.5, 0.0, 0.0])), 0.5);
        assert_near(normalized_entropy(aview1(&[1.0])), 0.0);
        let certain = entropy(aview1(&[0.0, 1.0, 0.0]));
        assert_eq!(certain.to_bits(), 0f64.to_bits());
    }

    #[test]
    fn least_confidence_and_margin_by_hand() {
        let row = aview1(&[0.25, 0.125, 0.625]);
        assert_near(Measure::LeastConfidence.score(row), 0.375);
        assert_near(Measure::Margin.score(row), 1.0 - (0.625 - 0.25));
        assert_near(Measure::Margin.score(aview1(&[0.5, 0.5])), 1.0);
        assert_near(Measure::Margin.score(aview1(&[1.0, 0.0])), 0.0);
        assert_near(Measure::RatioOfConfidence.score(row), 0.4);
        assert_near(Measure::RatioOfConfidence.score(aview1(&[1.0, 0.0])), 0.0);
        assert_near(Measure::LeastConfidence.normalized_score(aview1(&[0.25, 0.75])), 0.5);
        for measure in Measure::ALL.iter().copied() {
            assert_near(measure.normalized_score(aview1(&[0.25; 4])), 1.0);
            assert_near(measure.normalized_score(aview1(&[1.0])), 0.0);
        }
    }

    #[test]
    fn the_measures_disagree_where_they_should() {
        // In the first row two classes are equally likely; the second row spreads over all classes.
        // Measures that compare only the two likeliest classes prefer the first row; the others
        // prefer the second.
        let rows = Probabilities::new(array![[0.5, 0.5, 0.0, 0.0], [0.4, 0.2, 0.2, 0.2]]).unwrap();
        let prefers_first = |measure: Measure| {
            let scores = measure.scores(&rows);
            scores[0] > scores[1]
        };
        let prefer: Vec<bool> = Measure::ALL.iter().copied().map(prefers_first).collect();
        assert_eq!(prefer, [false, false, true, true]);
    }

    proptest! {
        #[test]
        fn every_score_is_in_its_range_and_blind_to_order(mut weights in prop::collection::vec(0.0f64..1.0, 2..8)) {
            weights[0] += 0.1;
            let sum: f64 = weights.iter().sum();
            let row: Vec<f64> = weights.iter().map(|w| w / sum).collect();
            let reversed: Vec<f64> = row.iter().rev().copied().collect();
            let k = row.len() as f64;
            for (measure, most) in Measure::ALL.iter().copied().zip([k.ln(), 1.0 - 1.0 / k, 1.0, 1.0]) {
                let score = measure.score(aview1(&row));
                prop_assert!((0.0..=most + 1e-12).contains(&score), "{measure:?} {score}");
                prop_assert!((score - measure.score(aview1(&reversed))).abs() < 1e-12);
            }
        }
    }
}
