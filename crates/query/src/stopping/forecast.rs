//! Forecast: how many labels until the learning curve comes to a level.
//!
//! The curve is a power law ([`super::power_law`]). How sure that is shows a parametric bootstrap (Efron and Tibshirani 1993): 400
//! times each point is drawn anew from the binomial distribution that the fitted curve gives it, and the fit is made again; the
//! 2.5 % and 97.5 % quantiles of the labels needed are the interval. It says how far chance in the measurements carries, not
//! whether a power law is the right curve, so extrapolation beyond a few times the labels at hand deserves little belief.
//!
//! Where there are fewer than four points, or the interval reaches beyond the pool, it says that it cannot tell.

use querist_core::{Seed, Trials};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

pub use super::power_law::CurvePoint;
use super::power_law::PowerLaw;

/// The fewest points that a curve of three parameters is fitted to.
pub const FEWEST: usize = 4;

/// How often the points are drawn anew.
const DRAWS: usize = 400;

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
    /// Not with all of the pool.
    OutOfReach,
    /// Somewhere from so many labelled documents to more than the pool has.
    BeyondThePool {
        /// The lower end of the interval.
        low: usize,
    },
    /// There are too few points.
    TooFewPoints,
}

/// A forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// The curve; `None` without points.
    pub curve: Option<PowerLaw>,
    /// How many points it was fitted to.
    pub points: usize,
    /// Where it leads.
    pub outlook: Outlook,
}

/// Forecasts when a curve of points comes to `target`, in (0, 1), from `labeled` documents on, in a pool of `pool`. The same seed
/// gives the same interval.
pub fn forecast(points: &[CurvePoint], target: f64, labeled: usize, pool: usize, seed: Seed) -> Forecast {
    let usable = points.iter().filter(|point| point.labeled > 0 && point.trials.n > 0);
    let usable: Vec<CurvePoint> = usable.copied().collect();
    let mut places: Vec<usize> = usable.iter().map(|point| point.labeled).collect();
    places.sort_unstable();
    places.dedup();
    let Some(curve) = PowerLaw::fit(&usable).filter(|_| places.len() >= FEWEST) else {
        return Forecast { curve: None, points: places.len(), outlook: Outlook::TooFewPoints };
    };
    let mut rng = seed.rng(0, "forecast");
    let mut needs: Vec<f64> = (0..DRAWS)
        .filter_map(|_| {
            let drawn: Vec<CurvePoint> = usable.iter().map(|point| redraw(point, curve, &mut rng)).collect();
            Some(PowerLaw::fit(&drawn)?.reaches(target))
        })
        .collect();
    needs.sort_by(f64::total_cmp);
    let (low, high) = (needs[DRAWS / 40], needs[DRAWS - 1 - DRAWS / 40]);
    let whole = |n: f64| n.ceil() as usize;
    let outlook = if high <= labeled as f64 {
        Outlook::Reached
    } else if low > pool as f64 {
        Outlook::OutOfReach
    } else if high > pool as f64 {
        Outlook::BeyondThePool { low: whole(low) }
    } else {
        let total = curve.reaches(target).clamp(low, high);
        Outlook::Needs { total: whole(total), low: whole(low), high: whole(high) }
    };
    Forecast { curve: Some(curve), points: usable.len(), outlook }
}

/// The point with its successes drawn from the curve.
fn redraw(point: &CurvePoint, curve: PowerLaw, rng: &mut ChaCha8Rng) -> CurvePoint {
    let correct = binomial(point.trials.n, curve.at(point.labeled as f64), rng);
    CurvePoint { trials: Trials { n: point.trials.n, correct }, ..*point }
}

/// A draw from the binomial distribution: by inversion where the variance is small (Kachitvichyanukul and Schmeiser 1988, BINV),
/// else from the normal distribution (Box and Muller 1958), rounded.
fn binomial(n: usize, p: f64, rng: &mut ChaCha8Rng) -> usize {
    let rare = p.min(1.0 - p);
    let variance = n as f64 * rare * (1.0 - rare);
    let uniform = |rng: &mut ChaCha8Rng| rng.random_range(0.0..1.0f64);
    let count = if variance > 25.0 {
        let radius = (-2.0 * (1.0 - uniform(rng)).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * uniform(rng)).cos();
        (n as f64 * rare + normal * variance.sqrt()).round().clamp(0.0, n as f64) as usize
    } else {
        let odds = rare / (1.0 - rare);
        let mut mass = (n as f64 * (-rare).ln_1p()).exp();
        let mut left = uniform(rng);
        let mut count = 0;
        while left > mass && count < n {
            left -= mass;
            count += 1;
            mass *= odds * (n - count + 1) as f64 / count as f64;
        }
        count
    };
    if p > 0.5 { n - count } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(law: PowerLaw, n: usize, at: &[usize]) -> Vec<CurvePoint> {
        let point = |labeled: &usize| {
            let correct = (law.at(*labeled as f64) * n as f64).round() as usize;
            CurvePoint { labeled: *labeled, trials: Trials { n, correct } }
        };
        at.iter().map(point).collect()
    }

    const LAW: PowerLaw = PowerLaw { a: 1.0, b: 1.0, c: 0.5 };

    #[test]
    fn the_labels_that_are_needed_lie_in_the_interval() {
        // 1 - 1/√n is 0.95 at n = 400.
        let points = on(LAW, 200_000, &[16, 25, 49, 64, 100, 144]);
        let found = forecast(&points, 0.95, 144, 10_000, Seed(1));
        let Outlook::Needs { total, low, high } = found.outlook else { panic!("{found:?}") };
        assert!(low < 400 && 400 < high && high < 800, "{found:?}");
        assert!(total.abs_diff(400) < 40, "{found:?}");
        assert_eq!(found, forecast(&points, 0.95, 144, 10_000, Seed(1)), "the same seed");
        assert_ne!(found, forecast(&points, 0.95, 144, 10_000, Seed(2)));
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let at = [16, 25, 49, 64, 100, 144];
        let outlook = |points: &[CurvePoint], target, labeled, pool| {
            forecast(points, target, labeled, pool, Seed(1)).outlook
        };
        assert_eq!(outlook(&on(LAW, 1_000, &at[..3]), 0.9, 49, 900), Outlook::TooFewPoints);
        // Four points at three places.
        assert_eq!(outlook(&on(LAW, 1_000, &[16, 25, 49, 49]), 0.9, 49, 900), Outlook::TooFewPoints);
        assert_eq!(outlook(&on(LAW, 200_000, &at), 0.95, 900, 10_000), Outlook::Reached);
        // Slices of 20 tell nothing of a level that far off.
        assert!(matches!(outlook(&on(LAW, 20, &at), 0.95, 144, 1_000), Outlook::BeyondThePool { .. }));
        let low = PowerLaw { a: 0.8, ..LAW };
        assert_eq!(outlook(&on(low, 200_000, &at), 0.95, 144, 10_000), Outlook::OutOfReach);
    }

    #[test]
    fn draws_have_the_mean_and_the_variance_of_the_distribution() {
        let mut rng = Seed(3).rng(0, "test");
        for (n, p) in [(20, 0.3), (20, 0.95), (1_000, 0.4), (1_000_000, 1e-6), (7, 0.0), (7, 1.0)] {
            let draws: Vec<f64> = (0..20_000).map(|_| binomial(n, p, &mut rng) as f64).collect();
            let mean = draws.iter().sum::<f64>() / 20_000.0;
            let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / 20_000.0;
            let (expected, spread) = (n as f64 * p, n as f64 * p * (1.0 - p));
            // Five standard errors of the mean; a variance within a tenth.
            assert!((mean - expected).abs() <= 5.0 * (spread / 20_000.0).sqrt(), "{n} {p}: {mean}");
            assert!((variance - spread).abs() <= 0.1 * spread + 1e-12, "{n} {p}: {variance} {spread}");
        }
    }
}
