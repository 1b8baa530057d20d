//! Labels needed: the number of answers at which a run's learning curve first reaches a level.
//!
//! The curve is a straight line between two points. It does not matter whether the curve falls
//! below the level again. The report states the median over seeds. A run that never reaches the
//! level counts as longer than any other run, because leaving it out would flatter the strategy.
//! (This is right-censoring, as in survival analysis; Kaplan and Meier 1958 without intermediate
//! censoring.)

use super::curve::Curve;

/// Returns the number of answers at which a curve first reaches `level`; `None` if it never does.
pub fn answers_needed(curve: &Curve, level: f64) -> Option<f64> {
    let at = curve.values.iter().position(|value| *value >= level)?;
    let here = curve.answers[at] as f64;
    if at == 0 {
        return Some(here);
    }
    let (before, low, high) = (curve.answers[at - 1] as f64, curve.values[at - 1], curve.values[at]);
    Some(before + (here - before) * (level - low) / (high - low))
}

/// Returns the median over runs of the answers needed. With an even number of runs, it is the mean
/// of the middle two. `None` if a run that determines the median never reached the level, or if
/// there are no runs.
pub fn median(needed: &[Option<f64>]) -> Option<f64> {
    let mut sorted: Vec<f64> = needed.iter().map(|needed| needed.unwrap_or(f64::INFINITY)).collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    let median = 0.5 * (lower + upper);
    median.is_finite().then_some(median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_crossing_by_hand() {
        let curve = Curve { answers: vec![25, 50, 75, 100], values: vec![0.5, 0.7, 0.6, 0.9] };
        assert_eq!(answers_needed(&curve, 0.4), Some(25.0));
        assert_eq!(answers_needed(&curve, 0.5), Some(25.0));
        // Half-way from 0.5 to 0.7.
        assert!((answers_needed(&curve, 0.6).unwrap() - 37.5).abs() < 1e-9);
        assert_eq!(answers_needed(&curve, 0.7), Some(50.0));
        // Two thirds of the way from 0.6 to 0.9; the earlier dip does not matter.
        assert!((answers_needed(&curve, 0.8).unwrap() - (75.0 + 25.0 * 2.0 / 3.0)).abs() < 1e-9);
        assert_eq!(answers_needed(&curve, 0.91), None);
    }

    #[test]
    fn runs_that_never_come_there_count_as_longest() {
        assert_eq!(median(&[Some(3.0), None, Some(1.0)]), Some(3.0));
        assert_eq!(median(&[Some(3.0), None, None]), None);
        assert_eq!(median(&[Some(3.0), Some(1.0), None, None]), None);
        assert_eq!(median(&[Some(3.0), Some(1.0), Some(2.0), None]), Some(2.5));
        assert_eq!(median(&[]), None);
    }
}
