//! Speed: measures how long each annotator takes, and finds annotators who answer too fast to have
//! read the text.
//!
//! Times are skewed, so their natural logarithms y are used. An annotator's middle is the median of
//! their y. Their spread is the median distance of their y from the middle (MAD). The crowd's
//! centre is the median of the middles. The crowd's scale is the median of the spreads times
//! 1.4826, which makes it the standard deviation of a normal distribution. So each annotator counts
//! once, and nobody moves the threshold by rushing through half of all answers.
//!
//! Longer texts take longer: annotators who were given shorter texts look faster than they are.

use crate::error::QualityError;
use crate::holm::holm;
use crate::tails::binomial;

/// An answer is too fast if its log time is below the crowd's centre by more than this many robust
/// standard deviations.
const DEVIATIONS: f64 = 3.0;
/// The share of log-normal times that are below this threshold by chance, one in 740.
const BY_CHANCE: f64 = 0.001_35;
/// The ratio of the standard deviation of a normal distribution to its median distance from the
/// median.
const NORMAL: f64 = 1.4826;
/// An annotator is flagged only if at least this share of their answers is too fast.
const SHARE: f64 = 0.1;
/// The level of the test, for all annotators together.
const LEVEL: f64 = 0.01;
/// The fewest timed answers with which an annotator counts for the crowd's centre and scale.
pub const MIN_ANSWERS: usize = 5;

/// The speed of all annotators.
#[derive(Debug, Clone, PartialEq)]
pub struct Speed {
    /// The time in seconds below which an answer is too fast; `None` if no annotator has
    /// [`MIN_ANSWERS`] timed answers.
    pub threshold: Option<f64>,
    /// The speed of each annotator, in the order given.
    pub annotators: Vec<AnnotatorSpeed>,
}

/// The speed of one annotator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnotatorSpeed {
    /// The number of answers with a time.
    pub n: usize,
    /// The median time, in seconds; `None` without timed answers.
    pub median: Option<f64>,
    /// The number of answers that were too fast.
    pub too_fast: usize,
    /// The p-value: the probability of at least this many too fast answers by chance, corrected by
    /// Holm's method; 1 without a threshold.
    pub p: f64,
    /// Whether more of the answers are too fast than chance explains, and at least a tenth of them.
    pub flagged: bool,
}

/// Measures the speed of annotators; `seconds` has for each annotator the times of their answers,
/// in seconds. Times below a tenth of a second count as a tenth of a second.
///
/// An answer is **too fast** below `exp(centre - 3 · max(scale, ln 1.25))` seconds: three robust
/// standard deviations (Leys et al. 2013). The scale is at least ln 1.25, for crowds that always
/// take the same time. An annotator is **flagged** if at least a tenth of their answers is too fast
/// and chance does not explain this. The p-value is the binomial tail, corrected by Holm's method
/// for the number of annotators; chance does not explain a value below 0.01.
///
/// # Errors
/// A time is negative or not finite.
pub fn speed(seconds: &[Vec<f64>]) -> Result<Speed, QualityError> {
    let bad = |seconds: &&f64| !(**seconds >= 0.0 && seconds.is_finite());
    if let Some(value) = seconds.iter().flatten().find(bad) {
        return Err(QualityError::NoDuration { value: *value });
    }
    // A time of 0 has no logarithm, so the least time is a tenth of a second.
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

/// Returns the median of `values`, which for an even number of values is the mean of the two middle
/// ones; `None` without values.
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

    /// Draws n log-normal times with this median, in seconds, and this standard deviation of the
    /// logarithm.
    fn times(n: usize, median: f64, spread: f64, rng: &mut impl Rng) -> Vec<f64> {
        // The sum of twelve uniform numbers is close enough to normal.
        let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
        (0..n).map(|_| (median.ln() + spread * normal()).exp()).collect()
    }

    #[test]
    fn the_bar_by_hand() {
        // The middles are ln 10, ln 20 and ln 40. Each median distance is ln 2, so the scale is
        // 1.4826 ln 2.
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
        // The centre is nearly ln 7.95, and the threshold is 3 ln 1.25 below it: about 4.07
        // seconds.
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
