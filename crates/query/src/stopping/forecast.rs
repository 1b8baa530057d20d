//! Forecast: the number of labels until the learning curve reaches a level.
//!
//! A single fitted curve would be overconfident: early points often fit a curve that levels off
//! soon, and later points rise above it. So the forecast weights 2,652 power laws ([`PowerLaw`]) by
//! their fit and by a prior, and takes its interval from all of them. The weights follow Figueroa
//! et al. 2012, "Predicting Sample Size Required for Classification Performance", BMC Medical
//! Informatics and Decision Making.
//!
//! All constants were chosen by their coverage on five data sets and tested on two more;
//! docs/stopping.md names the sets and the command.

use querist_core::{CurvePoint, ExpectedAccuracy, PowerLaw};

/// The minimum number of points, at different numbers of labels, that a forecast needs.
pub const FEWEST: usize = 4;

/// The grid of ρ, the error that no number of labels removes, as a share of the error at the last
/// point.
const STAYS: [f64; 13] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];
/// The number of exponents c in the grid, which are evenly spaced on a logarithmic scale.
const EXPONENTS: usize = 12;
/// The smallest exponent in the grid.
const SLOWEST: f64 = 0.1;
/// The largest exponent in the grid.
const FASTEST: f64 = 1.6;
/// The number of values in the grid of errors at the last point. They are evenly spaced on a
/// logarithmic scale, around a weighted mean of the observed errors.
const ERRORS: usize = 17;
/// τ, the typical deviation of real curves from a power law, as a share of the error.
const STRAYS: f64 = 0.035;
/// The share by which the error of a model may be below the error of its curve, because the errors
/// of successive models go up and down.
const BETTER: f64 = 0.08;
/// The probability outside the interval on each side.
const TAIL: f64 = 0.025;
/// The level counts as out of reach if the probability of reaching it is at most this.
const UNLIKELY: f64 = 0.005;

/// When the curve is predicted to reach the level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outlook {
    /// The curve has reached the level already, with 97.5 % probability.
    Reached,
    /// The curve reaches the level within the pool.
    Needs {
        /// The median number of labelled documents in all.
        total: usize,
        /// The lower end of the 95 % interval.
        low: usize,
        /// The upper end of the 95 % interval.
        high: usize,
    },
    /// The curve needs more labels than there are now, and perhaps more than the pool has.
    AtLeast {
        /// The median number of labelled documents in all; `None` if the pool is smaller.
        total: Option<usize>,
        /// The lower end of the 95 % interval, at most the pool.
        low: usize,
    },
    /// Even the whole pool is not enough, with 99.5 % probability.
    OutOfReach,
    /// Anything is possible, from the present number of labels to more than the pool has.
    Anything,
    /// There are too few points.
    TooFewPoints,
}

/// A forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The likeliest curve; `None` if there are too few points.
    pub curve: Option<PowerLaw>,
    /// The number of points that the curve was fitted to.
    pub points: usize,
    /// When the curve is predicted to reach the level.
    pub outlook: Outlook,
    /// The accuracy with twice the labels, or with the whole pool if that is less; `None` if there
    /// are too few points.
    pub expected: Option<ExpectedAccuracy>,
}

/// Forecasts at how many labels the learning curve through `points` reaches the accuracy `target`,
/// in (0, 1). `labeled` documents are labelled now, and the pool has `pool` documents. The same
/// arguments always give the same forecast.
pub fn forecast(points: &[CurvePoint], target: f64, labeled: usize, pool: usize) -> Forecast {
    let usable = points.iter().filter(|point| point.labeled > 0 && point.trials.n > 0);
    let mut usable: Vec<CurvePoint> = usable.copied().collect();
    usable.sort_by_key(|point| point.labeled);
    let mut places: Vec<usize> = usable.iter().map(|point| point.labeled).collect();
    places.dedup();
    if places.len() < FEWEST {
        let outlook = Outlook::TooFewPoints;
        return Forecast { curve: None, points: places.len(), outlook, expected: None };
    }
    let curves = weighed(&usable);
    let likeliest = curves.iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
    // The prediction is for twice the labels, but at most for the whole pool, and never for fewer
    // labels than now.
    let ahead = (2 * labeled.max(1)).min(pool).max(labeled);
    let accuracy = |tail: f64| quantile(&curves, tail, &|curve| curve.at(ahead as f64));
    let [low, value, high] = [TAIL, 0.5, 1.0 - TAIL].map(accuracy);
    let expected = ExpectedAccuracy {
        labeled: ahead,
        value,
        low: (1.0 - (1.0 - low) * (1.0 + BETTER)).max(0.0),
        high: 1.0 - (1.0 - high) * (1.0 - BETTER),
    };
    Forecast {
        curve: likeliest.map(|(curve, _)| *curve),
        points: usable.len(),
        outlook: outlook(&curves, target, labeled, pool),
        expected: Some(expected),
    }
}

/// Returns when the weighted curves reach `target`, given the present number of labels and the size
/// of the pool.
fn outlook(curves: &[(PowerLaw, f64)], target: f64, labeled: usize, pool: usize) -> Outlook {
    // A model may be better than its curve, so it may reach the target when its curve reaches only
    // this level.
    let sooner = target - BETTER * (1.0 - target);
    let reaches = |tail: f64, level: f64| quantile(curves, tail, &|curve| curve.reaches(level));
    let (low, high) = (reaches(TAIL, sooner), reaches(1.0 - TAIL, target));
    let (now, all) = (labeled as f64, pool as f64);
    let whole = |n: f64| n.ceil() as usize;
    if high <= now {
        Outlook::Reached
    } else if reaches(UNLIKELY, sooner) > all {
        Outlook::OutOfReach
    } else if high <= all {
        let total = reaches(0.5, target).clamp(low, high);
        Outlook::Needs { total: whole(total), low: whole(low), high: whole(high) }
    } else if low > now {
        let total = reaches(0.5, target).max(low);
        Outlook::AtLeast { total: (total <= all).then(|| whole(total)), low: whole(low.min(all)) }
    } else {
        Outlook::Anything
    }
}

/// A point of the learning curve, in the form that the likelihood needs.
struct Seen {
    /// ln(n / n₀), at most 0. Here n is the number of labels at this point, and n₀ the number at
    /// the last point.
    log: f64,
    /// n / n₀, the weight of the point, in (0, 1].
    near: f64,
    /// The observed error, in [0, 1].
    error: f64,
    /// The number of documents that the error was observed on.
    trials: f64,
}

impl Seen {
    /// Returns the weighted log likelihood of the point times -2, up to a constant, under a curve
    /// whose error here is `at`. `strays` is the variance of real curves around the power law, as a
    /// share of `at`².
    fn loss(&self, at: f64, strays: f64) -> f64 {
        // The term 0.25 / trials keeps the variance above 0 for a curve with error 0.
        let variance = (at * (1.0 - at) + 0.25 / self.trials) / self.trials + strays * at * at;
        self.near * ((self.error - at).powi(2) / variance + variance.ln())
    }
}

/// Returns all curves of the grid with their posterior weights, which sum to 1. There must be at
/// least one point.
///
/// - A curve is err(n) = e (ρ + (1 - ρ) (n / n₀)^(-c)). Here n₀ is the number of labels of the last
///   point, e is the error there, and ρ e is the error that no number of labels removes.
/// - The error of a point with m documents is normal, with variance err (1 - err) / m + (τ err)² K.
///   With K = Σ n / n₀, the weights do not become overconfident if there are many points. The log
///   likelihood of a point is multiplied by n / n₀.
/// - Prior: ln c is normal around ln 0.5 with standard deviation 0.5, and the density of ρ falls
///   linearly to almost 0 at 1. Most curves fall as a small power for long; few are flat.
fn weighed(points: &[CurvePoint]) -> Vec<(PowerLaw, f64)> {
    let last = points.iter().map(|point| point.labeled).max().unwrap_or(1) as f64;
    let seen: Vec<Seen> = points
        .iter()
        .map(|point| {
            let (n, correct) = (point.trials.n as f64, point.trials.correct as f64);
            let near = point.labeled as f64 / last;
            Seen { log: near.ln(), near, error: 1.0 - correct / n, trials: n }
        })
        .collect();
    let strays = STRAYS * STRAYS * seen.iter().map(|point| point.near).sum::<f64>();
    // The range of e is centred on a mean error of the points, in which late points weigh more. It
    // extends by a factor that depends on how uncertain this mean is.
    let [mut wrong, mut trials, mut sum, mut total] = [0.0; 4];
    for point in &seen {
        let share = point.near.powi(2) * point.trials;
        let weight = point.near.powi(3) / (0.25 / point.trials + strays);
        (wrong, trials) = (wrong + share * point.error, trials + share);
        (sum, total) = (sum + weight * point.error, total + weight);
    }
    let centre = (sum / total).max(1.0 / trials).min(1.0);
    let reach = (1.0 + 4.0 / (wrong + 1.0).sqrt()).max(2.0);
    let (lowest, highest) = ((centre / reach).ln(), (centre * reach).min(1.0).ln());
    let mut curves: Vec<(PowerLaw, f64)> = Vec::with_capacity(ERRORS * STAYS.len() * EXPONENTS);
    for c in evenly(SLOWEST.ln(), FASTEST.ln(), EXPONENTS) {
        let powers: Vec<f64> = seen.iter().map(|point| (-c * point.log).exp()).collect();
        let prior = -0.5 * ((c.ln() - 0.5f64.ln()) / 0.5).powi(2);
        for error in evenly(lowest, highest, ERRORS) {
            for stays in STAYS {
                let at = |power: &f64| (error * (stays + (1.0 - stays) * power)).min(1.0);
                let loss: f64 =
                    seen.iter().zip(&powers).map(|(point, power)| point.loss(at(power), strays)).sum();
                let curve = PowerLaw { a: 1.0 - error * stays, b: error * (1.0 - stays) * last.powf(c), c };
                // The prior uses 1.02 instead of 1, so that the largest ρ of the grid, 0.98, keeps
                // some probability.
                curves.push((curve, prior + (1.02 - stays).ln() - 0.5 * loss));
            }
        }
    }
    let most = curves.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
    for (_, weight) in &mut curves {
        *weight = (*weight - most).exp();
    }
    let total: f64 = curves.iter().map(|(_, weight)| weight).sum();
    for (_, weight) in &mut curves {
        *weight /= total;
    }
    curves
}

/// Iterates over n values from e^`from` to e^`to`, evenly spaced on a logarithmic scale.
fn evenly(from: f64, to: f64, n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |at| (from + (to - from) * at as f64 / (n - 1) as f64).exp())
}

/// Computes `of` for each curve and returns the quantile `tail` of the results, under the weights
/// of the curves.
fn quantile(curves: &[(PowerLaw, f64)], tail: f64, of: &dyn Fn(&PowerLaw) -> f64) -> f64 {
    let mut values: Vec<(f64, f64)> = curves.iter().map(|(curve, weight)| (of(curve), *weight)).collect();
    values.sort_by(|left, right| left.0.total_cmp(&right.0));
    let mut below = 0.0;
    let found = values.iter().find(|(_, weight)| {
        below += weight;
        below >= tail
    });
    found.or(values.last()).map_or(f64::INFINITY, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use querist_core::Trials;

    use super::*;

    fn on(law: PowerLaw, n: usize, at: &[usize]) -> Vec<CurvePoint> {
        let point = |labeled: &usize| {
            let correct = (law.at(*labeled as f64) * n as f64).round() as usize;
            CurvePoint { labeled: *labeled, trials: Trials { n, correct } }
        };
        at.iter().map(point).collect()
    }

    const LAW: PowerLaw = PowerLaw { a: 1.0, b: 1.0, c: 0.5 };
    const AT: [usize; 6] = [16, 25, 49, 64, 100, 144];

    #[test]
    fn the_labels_that_are_needed_lie_in_the_interval() {
        // The true curve, 1 - 1/√n, reaches 0.93 at n = 204.
        let found = forecast(&on(LAW, 2_000, &AT), 0.93, 144, 100_000);
        let Outlook::Needs { total, low, high } = found.outlook else { panic!("{found:?}") };
        assert!(low < 204 && 204 < high && high < 1_000 && low <= total && total <= high, "{found:?}");
        // At twice the labels, the true accuracy is 1 - 1/√288 = 0.941.
        let expected = found.expected.unwrap();
        assert!(expected.labeled == 288 && expected.low < 0.941 && 0.941 < expected.high, "{found:?}");
        // The true curve reaches 0.95 at n = 400. With a pool of 500 documents, the upper end of
        // the interval is above the pool, but the lower end is not.
        let small = forecast(&on(LAW, 2_000, &AT), 0.95, 144, 500).outlook;
        assert!(matches!(small, Outlook::AtLeast { low: 145..400, .. }), "{small:?}");
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let outlook =
            |points: &[CurvePoint], target, labeled, pool| forecast(points, target, labeled, pool).outlook;
        assert_eq!(outlook(&on(LAW, 1_000, &AT[..3]), 0.9, 49, 900), Outlook::TooFewPoints);
        // There are four points, but only three different numbers of labels.
        assert_eq!(outlook(&on(LAW, 1_000, &[16, 25, 49, 49]), 0.9, 49, 900), Outlook::TooFewPoints);
        assert_eq!(outlook(&on(LAW, 200_000, &AT), 0.8, 900, 10_000), Outlook::Reached);
        // Slices of 8 documents are too small to say when a near level is reached.
        assert_eq!(outlook(&on(LAW, 8, &AT), 0.93, 144, 1_000), Outlook::Anything);
    }

    #[test]
    fn out_of_reach_is_said_of_what_is_far_off_alone() {
        // The curve levels off at 0.5, so 0.99 is out of reach with 1,000 documents.
        let flat = PowerLaw { a: 0.5, b: 1.0, c: 1.0 };
        assert_eq!(forecast(&on(flat, 2_000, &AT), 0.99, 144, 1_000).outlook, Outlook::OutOfReach);
        // Early points that level off at 0.71 do not prove that 0.85 is never reached: a real curve
        // began like this and reached it at 725 labels.
        let early: Vec<CurvePoint> =
            [(25, 250), (50, 300), (75, 330), (100, 345), (125, 350), (150, 352), (175, 355)]
                .map(|(labeled, correct)| CurvePoint { labeled, trials: Trials { n: 500, correct } })
                .to_vec();
        let found = forecast(&early, 0.85, 175, 5_452);
        assert!(
            matches!(found.outlook, Outlook::AtLeast { low: 175..725, .. } | Outlook::Anything),
            "{found:?}"
        );
    }

    #[test]
    fn weights_are_a_distribution_whatever_the_points() {
        for points in
            [on(LAW, 1, &AT), on(PowerLaw { b: 0.0, ..LAW }, 50, &AT), on(PowerLaw { a: 0.0, ..LAW }, 9, &AT)]
        {
            let curves = weighed(&points);
            assert_eq!(curves.len(), 2_652);
            let total: f64 = curves.iter().map(|(_, weight)| weight).sum();
            assert!((total - 1.0).abs() < 1e-9, "{total}");
            assert!(
                curves.iter().all(|(curve, weight)| weight.is_finite() && (0.0..=1.0).contains(&curve.a))
            );
        }
    }
}
