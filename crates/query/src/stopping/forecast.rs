//! Forecast: how many labels until the learning curve comes to a level.
//!
//! One fitted curve says too much: early points often fit a curve that levels off soon, and later
//! ones rise past it. So the forecast weighs 2,652 power laws ([`PowerLaw`]) by how well they fit
//! and by a prior, and reads its interval from all of them:
//!
//! - a curve is err(n) = e (ρ + (1 - ρ) (n / n₀)^(-c)), with n₀ the last point, e its error there,
//!   and ρ e the error that stays;
//! - a point of m documents has a normal error with the variance err (1 - err) / m + (τ err)² K of
//!   the curve in question. τ = 0.035 is how far real curves stray from a power law; K = Σ n / n₀
//!   keeps many points from hiding that. A point counts n / n₀ times;
//! - the prior: ln c is normal around ln 0.5 with standard deviation 0.5, and ρ has a density that
//!   falls linearly to next to nothing at 1. Most curves were found to fall as a small power for
//!   long, and few to be flat.
//!
//! The interval are the 2.5 % and 97.5 % quantiles of the labels needed. Its lower end allows for a
//! model that does a point better than its curve, as successive models go up and down. "Out of
//! reach" asks for 99.5 %. τ, the prior and the quantiles were chosen by their coverage on five
//! sets and tried on two more; docs/stopping.md names them, and the command. Weights after Figueroa
//! et al. (2012), "Predicting Sample Size Required for Classification Performance", BMC Medical
//! Informatics and Decision Making.

use querist_core::{CurvePoint, ExpectedAccuracy, PowerLaw};

/// The fewest points that a forecast is made from.
pub const FEWEST: usize = 4;

/// The error that stays, as a share of the error at the last point.
const STAYS: [f64; 13] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98];
/// The exponents: so many from the slowest to the fastest, evenly on a logarithmic scale.
const EXPONENTS: usize = 12;
const SLOWEST: f64 = 0.1;
const FASTEST: f64 = 1.6;
/// The errors at the last point: so many around a weighted mean, evenly on a logarithmic scale.
const ERRORS: usize = 17;
/// How far real curves stray from a power law, as a share of the error.
const STRAYS: f64 = 0.035;
/// How much less than its curve's a model's error may be, as a share of it.
const BETTER: f64 = 0.08;
/// The tail on either side of the interval, and the tail of what is called out of reach.
const TAIL: f64 = 0.025;
const UNLIKELY: f64 = 0.005;

/// Where the curve leads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outlook {
    /// It is at the level already.
    Reached,
    /// It comes there.
    Needs {
        /// At so many labelled documents in all.
        total: usize,
        /// The lower end of the interval.
        low: usize,
        /// The upper end.
        high: usize,
    },
    /// It takes more labels than there are now, and perhaps more than the pool has.
    AtLeast {
        /// The likeliest number in all; `None` if the pool does not have it.
        total: Option<usize>,
        /// The lower end of the interval.
        low: usize,
    },
    /// Not with all of the pool.
    OutOfReach,
    /// Anything from what there is now to more than the pool has.
    Anything,
    /// There are too few points.
    TooFewPoints,
}

/// A forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The likeliest curve; `None` with too few points.
    pub curve: Option<PowerLaw>,
    /// How many points it was fitted to.
    pub points: usize,
    /// Where it leads.
    pub outlook: Outlook,
    /// The accuracy with twice the labels, or with all of the pool where that is less; `None` with
    /// too few points.
    pub expected: Option<ExpectedAccuracy>,
}

/// Forecasts when a curve of points comes to `target`, in (0, 1), from `labeled` documents on, in a
/// pool of `pool`. Deterministic.
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
    // Twice the labels, of those there are; a pool that is used up has no more.
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

fn outlook(curves: &[(PowerLaw, f64)], target: f64, labeled: usize, pool: usize) -> Outlook {
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

/// A point as the curves see it.
struct Seen {
    /// ln(n / n₀): 0 or less.
    log: f64,
    /// n / n₀: how much it counts.
    near: f64,
    /// Its error.
    error: f64,
    /// On how many documents.
    trials: f64,
}

impl Seen {
    /// Minus twice its log likelihood, but for a constant, under a curve that has the error `at`
    /// there; `strays` is the square of how far it strays, as a share of that.
    fn loss(&self, at: f64, strays: f64) -> f64 {
        // Half a document keeps a curve without errors from being infinitely sure.
        let variance = (at * (1.0 - at) + 0.25 / self.trials) / self.trials + strays * at * at;
        self.near * ((self.error - at).powi(2) / variance + variance.ln())
    }
}

/// All curves with their posterior weights, which sum to 1. At least one point.
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
    // The error at the last point, by the points near it, and how far it may be from there.
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

/// e to so many numbers, evenly from one to another.
fn evenly(from: f64, to: f64, n: usize) -> impl Iterator<Item = f64> {
    (0..n).map(move |at| (from + (to - from) * at as f64 / (n - 1) as f64).exp())
}

/// The quantile of a figure over the curves.
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
        // 1 - 1/√n is 0.93 at n = 204.
        let found = forecast(&on(LAW, 2_000, &AT), 0.93, 144, 100_000);
        let Outlook::Needs { total, low, high } = found.outlook else { panic!("{found:?}") };
        assert!(low < 204 && 204 < high && high < 1_000 && low <= total && total <= high, "{found:?}");
        // 1 - 1/√288 = 0.941.
        let expected = found.expected.unwrap();
        assert!(expected.labeled == 288 && expected.low < 0.941 && 0.941 < expected.high, "{found:?}");
        // 0.95 comes at n = 400. With a pool of 500 the upper end lies beyond it, and the lower end
        // still says something.
        let small = forecast(&on(LAW, 2_000, &AT), 0.95, 144, 500).outlook;
        assert!(matches!(small, Outlook::AtLeast { low: 145..400, .. }), "{small:?}");
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let outlook =
            |points: &[CurvePoint], target, labeled, pool| forecast(points, target, labeled, pool).outlook;
        assert_eq!(outlook(&on(LAW, 1_000, &AT[..3]), 0.9, 49, 900), Outlook::TooFewPoints);
        // Four points at three places.
        assert_eq!(outlook(&on(LAW, 1_000, &[16, 25, 49, 49]), 0.9, 49, 900), Outlook::TooFewPoints);
        assert_eq!(outlook(&on(LAW, 200_000, &AT), 0.8, 900, 10_000), Outlook::Reached);
        // Slices of 8 tell nothing of a level that is near.
        assert_eq!(outlook(&on(LAW, 8, &AT), 0.93, 144, 1_000), Outlook::Anything);
    }

    #[test]
    fn out_of_reach_is_said_of_what_is_far_off_alone() {
        // Level at half: 0.99 is out of reach with 1,000 documents.
        let flat = PowerLaw { a: 0.5, b: 1.0, c: 1.0 };
        assert_eq!(forecast(&on(flat, 2_000, &AT), 0.99, 144, 1_000).outlook, Outlook::OutOfReach);
        // Early points that level off at 0.71 are no proof that 0.85 never comes: so began a curve
        // that came there at 725 labels.
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
