//! Drift: a good annotator gets worse. A CUSUM of right and wrong answers finds it.
//!
//! It uses the answers to items with a known label, in order. The first [`DriftSettings::baseline`]
//! answers show the annotator's usual accuracy; the later ones are watched. **If an annotator's
//! error rate does not change, the chance of a flag within the horizon is at most α.** A test
//! simulates this.
//!
//! Gradual improvement is not detected. Items that become harder look like drift; control items all
//! come from one set, so they do not.

use crate::error::QualityError;
use crate::tails::binomial;

/// The tail probabilities τ of the baseline's interval to try, as multiples of α, the boldest
/// first.
const TAILS: [f64; 8] = [10.0, 8.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
/// The largest τ to try.
const BOLDEST: f64 = 0.45;
/// The share of α to use; the rest is for the error rates between the computed ones.
const MARGIN: f64 = 0.9;
/// The number of error rates at which the chance of a false alarm is computed.
const RATES: usize = 32;
/// The longest horizon, which bounds the time of this computation.
const LONGEST: usize = 2_000;

/// The fall of accuracy to find, and the accepted chance of a false alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DriftSettings {
    alpha: f64,
    horizon: usize,
    drop: f64,
    baseline: usize,
}

impl DriftSettings {
    /// Checks settings. `alpha`, in (0, 1), is the chance of a false alarm for one annotator;
    /// `horizon`, 1 to 2,000, is the number of watched answers that it holds for. `drop`, in (0,
    /// 1), is the fall of accuracy to find; `baseline`, 1 to 200, is the number of first answers
    /// that show the usual accuracy.
    ///
    /// # Errors
    /// A value is out of its range, or NaN.
    pub fn new(alpha: f64, horizon: usize, drop: f64, baseline: usize) -> Result<Self, QualityError> {
        let open = [("drift_alpha", alpha), ("drift_drop", drop)];
        for (name, value) in open {
            if !(value > 0.0 && value < 1.0) {
                return Err(QualityError::ThresholdOutOfRange { name, value, low: 0.0, high: 1.0 });
            }
        }
        for (name, value, most) in [("drift_horizon", horizon, LONGEST), ("drift_baseline", baseline, 200)] {
            if !(1..=most).contains(&value) {
                let (value, high) = (value as f64, most as f64);
                return Err(QualityError::ThresholdOutOfRange { name, value, low: 1.0, high });
            }
        }
        Ok(Self { alpha, horizon, drop, baseline })
    }

    /// Returns the chance of a false alarm for one annotator, in (0, 1).
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// Returns the number of watched answers for which `alpha` holds, 1 to 2,000.
    pub fn horizon(&self) -> usize {
        self.horizon
    }

    /// Returns the fall of accuracy that the CUSUM is tuned to find, in (0, 1).
    pub fn drop_of_accuracy(&self) -> f64 {
        self.drop
    }

    /// Returns the number of first answers that are the baseline, 1 to 200.
    pub fn baseline(&self) -> usize {
        self.baseline
    }
}

impl Default for DriftSettings {
    /// A false alarm for at most 5 % of annotators within 500 watched answers, a fall by 0.2, and a
    /// baseline of 20 answers.
    fn default() -> Self {
        Self { alpha: 0.05, horizon: 500, drop: 0.2, baseline: 20 }
    }
}

/// The result of watching one annotator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// The number of answers, baseline included.
    pub n: usize,
    /// The number of wrong answers in the baseline.
    pub baseline_wrong: usize,
    /// The usual error rate p0, in (0, 1]; `None` without answers after the baseline.
    pub usual: Option<f64>,
    /// The score after the last watched answer, divided by the limit H; 1 or more is an alarm.
    /// `None` without answers after the baseline.
    pub score: Option<f64>,
    /// The answer that raised the alarm, counted from 0 at the first answer of the baseline.
    pub alarm: Option<usize>,
    /// The answer at which the fall seems to have begun: the first after the score was last 0
    /// before the alarm.
    pub since: Option<usize>,
}

/// Watches annotators with limits that are computed once.
#[derive(Debug, Clone)]
pub struct DriftMonitor {
    settings: DriftSettings,
    /// The usual error rate p0 and the plan, by the number of wrong answers in the baseline.
    plans: Vec<(f64, Option<Plan>)>,
}

impl DriftMonitor {
    /// Computes the limits that [`Self::watch`] uses.
    ///
    /// The usual error rate p0 can only be estimated, and too low an estimate would raise false
    /// alarms. So p0 is the upper end of the exact one-sided interval of the baseline at confidence
    /// 1 - τ (Clopper and Pearson 1934). τ is the largest of `TAILS` · α with which, at each of
    /// `RATES` error rates p from 0.5 % to 95 %, the chance of a false alarm is at most `MARGIN` ·
    /// α. This chance, `Σ_w Bin(w; baseline, p) · P(alarm | p, plan for w wrong answers)`, is
    /// computed exactly.
    ///
    /// Without such a τ, α / 2 is used, which needs no check. With at most this probability the
    /// interval misses p. If it contains p, an alarm is no likelier than at p0, because another
    /// wrong answer only raises the score.
    pub fn new(settings: DriftSettings) -> Self {
        let tails = TAILS.iter().map(|times| times * settings.alpha).filter(|tail| *tail <= BOLDEST);
        let plans = tails
            .map(|tail| plans(&settings, tail))
            .find(|plans| passes(&settings, plans))
            .unwrap_or_else(|| plans(&settings, settings.alpha / 2.0));
        Self { settings, plans }
    }

    /// Watches one annotator. `right` says for each of the annotator's answers, in the order in
    /// which they were given, whether it is right. Answers beyond the horizon are not watched.
    pub fn watch(&self, right: &[bool]) -> Drift {
        let n = right.len();
        let baseline = self.settings.baseline.min(n);
        let baseline_wrong = right[..baseline].iter().filter(|right| !**right).count();
        let mut found = Drift { n, baseline_wrong, usual: None, score: None, alarm: None, since: None };
        if n <= self.settings.baseline {
            return found;
        }
        let (usual, plan) = self.plans[baseline_wrong];
        found.usual = Some(usual);
        // With an error rate this high, accuracy cannot fall by `drop`.
        let Some(plan) = plan else {
            found.score = Some(0.0);
            return found;
        };
        let (mut score, mut since) = (0usize, baseline);
        for (at, right) in right.iter().enumerate().skip(baseline).take(self.settings.horizon) {
            score = if *right { score.saturating_sub(1) } else { score + plan.step };
            if score == 0 {
                since = at + 1;
            }
            if score >= plan.limit && found.alarm.is_none() {
                (found.alarm, found.since) = (Some(at), Some(since));
            }
        }
        found.score = Some(score as f64 / plan.limit as f64);
        found
    }
}

/// Returns p0 at tail probability `tail` and the plan for each number of wrong baseline answers.
fn plans(settings: &DriftSettings, tail: f64) -> Vec<(f64, Option<Plan>)> {
    let of = |wrong| {
        let usual = upper_end(wrong, settings.baseline, tail);
        (usual, Plan::new(usual, settings))
    };
    (0..=settings.baseline).map(of).collect()
}

/// Returns whether the chance of a false alarm is at most `MARGIN` · α at all `RATES` rates.
fn passes(settings: &DriftSettings, plans: &[(f64, Option<Plan>)]) -> bool {
    let n = settings.baseline as u64;
    (0..RATES).all(|place| {
        // Use more of the low error rates, which good annotators have.
        let p = 0.005 + 0.945 * (place as f64 / (RATES - 1) as f64).powi(2);
        let mut chance = 0.0;
        for (wrong, (_, plan)) in plans.iter().enumerate() {
            let weight = binomial(wrong as u64, n, p) - binomial(wrong as u64 + 1, n, p);
            // The skipped terms add at most 201 · 1e-7 to the chance, far below any useful α.
            if let (Some(plan), true) = (plan, weight > 1e-7) {
                chance += weight * alarm_probability(p, plan.step, plan.limit, settings.horizon);
            }
        }
        chance <= MARGIN * settings.alpha
    })
}

/// A CUSUM (Page 1954): the step of the score, and the limit at which it raises the alarm.
///
/// With p0 the usual error rate and p1 = p0 + `drop`, each answer moves the score to
/// `S_t = max(0, S_{t-1} + x_t)`. Here `x_t` is m for a wrong answer and -1 for a right one. The
/// alarm is at `S_t >= H`. This is the log-likelihood ratio in the units of Reynolds and Stoumbos
/// (1999): `m = ln(p1 / p0) / ln((1 - p0) / (1 - p1))`, rounded, at least 1. So the score is a
/// whole number, and its distribution is an exact Markov chain over 0 … H. H is the smallest limit
/// at which this chain, with error rate p0, raises an alarm within the horizon with at most the
/// probability α / 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    /// The amount m by which a wrong answer raises the score.
    step: usize,
    /// The limit H of the score.
    limit: usize,
}

impl Plan {
    /// Returns the plan for an error rate `p0`; `None` if p0 + `drop` is not below 1.
    fn new(p0: f64, settings: &DriftSettings) -> Option<Self> {
        let p1 = p0 + settings.drop;
        if p1 >= 1.0 {
            return None;
        }
        let step = ((p1 / p0).ln() / ((1.0 - p0) / (1.0 - p1)).ln()).round().max(1.0) as usize;
        let passes =
            |limit: usize| alarm_probability(p0, step, limit, settings.horizon) <= settings.alpha / 2.0;
        // Wrong answers throughout the horizon do not reach this score.
        let (mut low, mut high) = (0, step * settings.horizon + 1);
        // Most limits are small: doubling finds the range without the cost of a long chain.
        let mut probe = step;
        while probe < high {
            if passes(probe) {
                high = probe;
            } else {
                low = probe;
                probe *= 2;
            }
        }
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if passes(middle) { high = middle } else { low = middle }
        }
        Some(Self { step, limit: high })
    }
}

/// Returns the exact probability that the score reaches `limit` within `horizon` answers, each
/// wrong with probability `p`.
fn alarm_probability(p: f64, step: usize, limit: usize, horizon: usize) -> f64 {
    let mut chance = vec![0.0; limit];
    let mut next = vec![0.0; limit];
    chance[0] = 1.0;
    let mut alarm = 0.0;
    // The highest score that is possible so far.
    let mut reached = 0;
    for _ in 0..horizon {
        next[..(reached + step + 1).min(limit)].fill(0.0);
        for (score, mass) in chance[..=reached].iter().enumerate() {
            next[score.saturating_sub(1)] += mass * (1.0 - p);
            match next.get_mut(score + step) {
                Some(next) => *next += mass * p,
                None => alarm += mass * p,
            }
        }
        std::mem::swap(&mut chance, &mut next);
        reached = (reached + step).min(limit - 1);
    }
    alarm
}

/// Returns the upper end of the exact one-sided interval of an error rate after `wrong` of `n`: by
/// bisection the largest p with `P(X <= wrong) >= tail` (Clopper and Pearson 1934); 1 if all are
/// wrong.
fn upper_end(wrong: usize, n: usize, tail: f64) -> f64 {
    if wrong == n {
        return 1.0;
    }
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for _ in 0..60 {
        let p = f64::midpoint(low, high);
        let at_most = 1.0 - binomial(wrong as u64 + 1, n as u64, p);
        if at_most >= tail { low = p } else { high = p }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use querist_core::Seed;
    use rand::RngExt;

    use super::*;

    #[test]
    fn the_exact_interval_by_hand() {
        // Without a wrong answer among 20, the upper end p solves (1 - p)^20 = 0.025.
        assert!((upper_end(0, 20, 0.025) - (1.0 - 0.025f64.powf(1.0 / 20.0))).abs() < 1e-12);
        assert!((upper_end(20, 20, 0.025) - 1.0).abs() < 1e-15);
        // Tables of the two-sided 95 % Clopper-Pearson interval have 0.6525 for 3 of 10.
        assert!((upper_end(3, 10, 0.025) - 0.6525).abs() < 5e-5);
    }

    #[test]
    fn the_chain_by_enumeration() {
        // Enumerate all 2^9 sequences of nine answers.
        let (p, step, limit, horizon) = (0.3f64, 2, 5, 9);
        let mut alarm = 0.0;
        for run in 0u32..1 << horizon {
            let mut score = 0usize;
            let mut raised = false;
            for at in 0..horizon {
                score = if run >> at & 1 == 1 { score + step } else { score.saturating_sub(1) };
                raised |= score >= limit;
            }
            let wrong = run.count_ones() as i32;
            if raised {
                alarm += p.powi(wrong) * (1.0 - p).powi(horizon - wrong);
            }
        }
        assert!((alarm_probability(p, step, limit, horizon as usize) - alarm).abs() < 1e-12);
    }

    #[test]
    fn the_limit_is_the_smallest_that_passes() {
        for (p0, horizon) in [(0.05, 100), (0.17, 500), (0.4, 500), (0.7, 50)] {
            let settings = DriftSettings::new(0.05, horizon, 0.2, 20).unwrap();
            let plan = Plan::new(p0, &settings).unwrap();
            let chance = |limit| alarm_probability(p0, plan.step, limit, horizon);
            assert!(chance(plan.limit) <= 0.025, "{p0} {plan:?}");
            assert!(plan.limit == 1 || chance(plan.limit - 1) > 0.025, "{p0} {plan:?}");
        }
    }

    #[test]
    fn a_fall_is_dated() {
        let settings = DriftSettings::new(0.05, 200, 0.2, 20).unwrap();
        let right: Vec<bool> = (0..80).map(|at| at < 50).collect();
        let monitor = DriftMonitor::new(settings);
        let found = monitor.watch(&right);
        assert_eq!((found.n, found.baseline_wrong, found.since), (80, 0, Some(50)));
        let alarm = found.alarm.unwrap();
        assert!((51..60).contains(&alarm), "{alarm}");
        assert!(found.score.unwrap() >= 1.0);
        let (few, all) = (monitor.watch(&right[..20]), monitor.watch(&[true; 21]));
        assert_eq!((few.usual, few.alarm), (None, None));
        assert_eq!((all.score, all.alarm), (Some(0.0), None));
    }

    const RUNS: usize = 4_000;

    /// Returns the share of flagged runs if accuracy is `before` for `at` answers and `after` from
    /// then on.
    fn flagged(before: f64, after: f64, at: usize, n: usize, monitor: &DriftMonitor) -> f64 {
        let mut rng = Seed(7).rng(at as u32, "drift");
        let flagged = (0..RUNS)
            .filter(|_| {
                let right: Vec<bool> =
                    (0..n).map(|i| rng.random::<f64>() < if i < at { before } else { after }).collect();
                monitor.watch(&right).alarm.is_some()
            })
            .count();
        flagged as f64 / RUNS as f64
    }

    #[test]
    fn false_alarms_stay_below_the_level_that_the_user_set() {
        for alpha in [0.05, 0.2] {
            let monitor = DriftMonitor::new(DriftSettings::new(alpha, 300, 0.2, 20).unwrap());
            for accuracy in [0.99, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5] {
                let rate = flagged(accuracy, accuracy, 0, 320, &monitor);
                println!("alpha {alpha}, accuracy {accuracy} throughout: {rate} flagged");
                assert!(rate <= alpha, "alpha {alpha}, accuracy {accuracy}: {rate}");
            }
        }
    }

    #[test]
    fn a_real_fall_is_found() {
        let monitor = DriftMonitor::new(DriftSettings::new(0.05, 300, 0.2, 20).unwrap());
        for (before, after, n, least) in
            [(0.95, 0.6, 160, 0.9), (0.9, 0.5, 160, 0.85), (0.95, 0.6, 260, 0.95), (0.9, 0.5, 260, 0.95)]
        {
            let rate = flagged(before, after, 60, n, &monitor);
            println!("from {before} to {after} after 60 of {n} answers: {rate} flagged");
            assert!(rate >= least, "from {before} to {after}: {rate}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_answer_more_never_takes_an_alarm_back(
            right in prop::collection::vec(any::<bool>(), 25..60),
            at in 20usize..60,
        ) {
            let monitor = DriftMonitor::new(DriftSettings::new(0.2, 20, 0.2, 20).unwrap());
            let mut worse = right.clone();
            if at < worse.len() {
                worse[at] = false;
            }
            prop_assert!(monitor.watch(&right).alarm.is_none() || monitor.watch(&worse).alarm.is_some());
        }
    }
}
