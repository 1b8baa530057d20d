//! Speed: how long each annotator takes, and who answers too fast to have read.
//!
//! Times of answers are skewed, so everything is done to their natural logarithms y. Each
//! annotator's middle is the median of their y, their spread the median distance of their y from it
//! (MAD). The crowd's centre is the median of the annotators' middles and its scale the median of
//! their spreads, times 1.4826, which makes it the standard deviation of a normal distribution: so
//! an annotator has one voice however many answers they give, and one who rushes through half of
//! all answers does not move the bar. An answer is **too fast** below
//!
//! `exp(centre - 3 · max(scale, ln 1.25))`
//!
//! seconds: three robust standard deviations (Leys et al. 2013), of which a crowd that takes equal
//! times for everything has at least a quarter. Of log-normal times one answer in 740 is that fast.
//! An annotator is **flagged** when too fast answers are both at least a tenth of theirs and more
//! than such chance explains (binomial tail below 0.01, corrected by Holm's method for the number
//! of annotators).
//!
//! What this leaves out: longer texts take longer, so annotators who were handed shorter ones look
//! faster.

use crate::error::QualityError;
use crate::holm::holm;
use crate::tails::binomial;

/// How many robust standard deviations below the centre is too fast.
const DEVIATIONS: f64 = 3.0;
/// The share of log-normal times below that.
const BY_CHANCE: f64 = 0.001_35;
/// From a median distance to a standard deviation.
const NORMAL: f64 = 1.4826;
/// The least share of too fast answers that is flagged.
const SHARE: f64 = 0.1;
/// The level of the test.
const LEVEL: f64 = 0.01;
/// How many timed answers of an annotator are needed before they have a voice.
pub const MIN_ANSWERS: usize = 5;

/// The speed of a crowd.
#[derive(Debug, Clone, PartialEq)]
pub struct Speed {
    /// Seconds below which an answer is too fast; `None` when no annotator has [`MIN_ANSWERS`]
    /// timed answers.
    pub threshold: Option<f64>,
    /// Each annotator, in the order given.
    pub annotators: Vec<AnnotatorSpeed>,
}

/// The speed of one annotator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnotatorSpeed {
    /// How many answers have a time.
    pub n: usize,
    /// The median of their seconds; `None` without any.
    pub median: Option<f64>,
    /// How many were too fast.
    pub too_fast: usize,
    /// The corrected p-value of as many being too fast by chance; 1 without a threshold.
    pub p: f64,
    /// Whether they answer too fast too often.
    pub flagged: bool,
}

/// The speed of annotators; `seconds` has the times of each one's answers, in seconds. Times of 0
/// count as a tenth of a second.
///
/// # Errors
/// A time that is negative or no number.
pub fn speed(seconds: &[Vec<f64>]) -> Result<Speed, QualityError> {
    let bad = |seconds: &&f64| !(**seconds >= 0.0 && seconds.is_finite());
    if let Some(value) = seconds.iter().flatten().find(bad) {
        return Err(QualityError::NoDuration { value: *value });
    }
    let logs: Vec<Vec<f64>> =
        seconds.iter().map(|times| times.iter().map(|seconds| seconds.max(0.1).ln()).collect()).collect();
    let voices = logs.iter().filter(|logs| logs.len() >= MIN_ANSWERS);
    let (mut middles, mut spreads) = (Vec::new(), Vec::new());
    for logs in voices {
        if let Some(middle) = median(logs) {
            let distances: Vec<f64> = logs.iter().map(|log| (log - middle).abs()).collect();
            spreads.extend(median(&distances));
            middles.push(middle);
        }
    }
    let bar = median(&middles)
        .zip(median(&spreads))
        .map(|(centre, spread)| centre - DEVIATIONS * (NORMAL * spread).max(1.25f64.ln()));
    let too_fast: Vec<usize> =
        logs.iter().map(|logs| bar.map_or(0, |bar| logs.iter().filter(|log| **log < bar).count())).collect();
    let p: Vec<f64> = logs
        .iter()
        .zip(&too_fast)
        .map(|(logs, too_fast)| binomial(*too_fast as u64, logs.len() as u64, BY_CHANCE))
        .collect();
    let p = holm(&p, p.len());
    let annotators = seconds.iter().zip(too_fast).zip(p).map(|((times, too_fast), p)| AnnotatorSpeed {
        n: times.len(),
        median: median(times),
        too_fast,
        p,
        flagged: too_fast as f64 >= SHARE * times.len() as f64 && p < LEVEL,
    });
    Ok(Speed { threshold: bar.map(f64::exp), annotators: annotators.collect() })
}

/// The median: the mean of the two in the middle where their number is even; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[half]),
        _ => Some(f64::midpoint(sorted[half - 1], sorted[half])),
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;
    use rand::{Rng, RngExt};

    use super::*;

    /// Log-normal times with this median and this spread of the logarithm.
    fn times(n: usize, median: f64, spread: f64, rng: &mut impl Rng) -> Vec<f64> {
        // The sum of twelve uniform numbers is close enough to normal.
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        (0..n).map(|_| (median.ln() + spread * normal()).exp()).collect()
    }

    #[test]
    fn the_bar_by_hand() {
        // Middles ln 10, ln 20, ln 40; each one's median distance is ln 2, so the scale is 1.4826
        // ln 2.
        let of = |middle: f64| vec![middle / 2.0, middle / 2.0, middle, middle * 2.0, middle * 2.0];
        let found = speed(&[of(10.0), of(20.0), of(40.0)]).unwrap();
        let bar = (20f64.ln() - 3.0 * 1.4826 * 2f64.ln()).exp();
        assert!((found.threshold.unwrap() - bar).abs() < 1e-12);
        assert_eq!(found.annotators[0].median, Some(10.0));
    }

    #[test]
    fn equal_times_are_not_too_fast() {
        let found = speed(&[vec![8.0; 30], vec![7.9; 30]]).unwrap();
        assert!(found.annotators.iter().all(|annotator| annotator.too_fast == 0 && !annotator.flagged));
        // Centre ln 7.95 (nearly), less 3 ln 1.25: about 4.07 seconds.
        assert!((found.threshold.unwrap() - (8.0f64 * 7.9).sqrt() / 1.25f64.powi(3)).abs() < 1e-12);
    }

    #[test]
    fn one_who_rushes_is_found_however_much_they_do() {
        let mut rng = Seed(1).rng(0, "speed");
        let mut all: Vec<Vec<f64>> = (0..6).map(|_| times(100, 12.0, 0.5, &mut rng)).collect();
        all.push(times(5_000, 0.8, 0.3, &mut rng));
        let found = speed(&all).unwrap();
        let flagged: Vec<bool> = found.annotators.iter().map(|annotator| annotator.flagged).collect();
        assert_eq!(flagged, [false, false, false, false, false, false, true]);
    }

    #[test]
    fn a_crowd_of_equals_is_rarely_flagged() {
        let mut rng = Seed(2).rng(0, "speed");
        let flagged = (0..300)
            .filter(|_| {
                let all: Vec<Vec<f64>> = (0..8).map(|_| times(60, 10.0, 0.6, &mut rng)).collect();
                speed(&all).unwrap().annotators.iter().any(|annotator| annotator.flagged)
            })
            .count();
        assert!(flagged <= 6, "{flagged} of 300 crowds");
    }

    #[test]
    fn nothing_is_said_of_too_few_and_nonsense_is_refused() {
        let found = speed(&[vec![3.0; 4], Vec::new()]).unwrap();
        assert_eq!(found.threshold, None);
        assert_eq!((found.annotators[1].median, found.annotators[1].flagged), (None, false));
        assert!(speed(&[vec![-1.0]]).is_err() && speed(&[vec![f64::NAN]]).is_err());
    }
}
