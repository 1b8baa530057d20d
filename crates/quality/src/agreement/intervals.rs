//! Computes the measures that depend on answer patterns alone, with bootstrap intervals. All
//! measures use the same resamples.

use querist_core::{Interval, Seed};

use super::bootstrap::{percentile_interval, resample};
use super::measure::{Measure, Measured};
use super::observed::Statistic;
use super::patterns::AnswerPatterns;
use super::undefined::Undefined;
use super::weighted_kappa::MIN_ITEMS;

/// A measure has an interval only if its value is defined in at least this share of the resamples.
const DEFINED_SHARE: f64 = 0.95;

/// A measure and the function that computes it.
pub(crate) struct Named<'a> {
    pub(crate) measure: Measure,
    pub(crate) statistic: Box<dyn Statistic + 'a>,
    /// Whether the measure is computed for each class too.
    pub(crate) by_class: bool,
}

impl<'a> Named<'a> {
    /// Makes a measure that is computed over all classes and for each class.
    pub(crate) fn by_class(measure: Measure, statistic: impl Statistic + 'a) -> Self {
        Self { measure, statistic: Box::new(statistic), by_class: true }
    }

    /// Makes a measure that is computed over all classes only.
    pub(crate) fn overall(measure: Measure, statistic: impl Statistic + 'a) -> Self {
        Self { measure, statistic: Box::new(statistic), by_class: false }
    }
}

/// The results of some measures, in the order of the measures.
pub(crate) struct Rows {
    pub(crate) overall: Vec<Measured>,
    /// For each of the K classes, the results of the measures that are computed for each class.
    pub(crate) by_class: Vec<Vec<Measured>>,
}

/// The values of one measure in those resamples in which it is defined.
struct Drawn {
    overall: Vec<f64>,
    /// For each class, the values in the resamples; empty for a class without a value in the
    /// original answers.
    by_class: Vec<Vec<f64>>,
}

/// Computes the measures `named` on the answers and on `resamples` resamples of the items, and
/// returns the values with their intervals.
pub(crate) fn measure_all(
    patterns: &AnswerPatterns,
    named: &[Named<'_>],
    resamples: usize,
    seed: Seed,
) -> Rows {
    let times = patterns.times();
    let values: Vec<_> = named.iter().map(|named| named.statistic.overall(&times)).collect();
    let of_classes =
        |named: &Named<'_>| if named.by_class { named.statistic.by_class(&times) } else { Vec::new() };
    let class_values: Vec<_> = named.iter().map(of_classes).collect();
    let mut drawn: Vec<Drawn> = class_values
        .iter()
        .map(|values| Drawn { overall: Vec::new(), by_class: vec![Vec::new(); values.len()] })
        .collect();
    resample(patterns, resamples, seed, |times| {
        for ((named, drawn), values) in named.iter().zip(&mut drawn).zip(&class_values) {
            drawn.overall.extend(named.statistic.overall(times));
            if named.by_class {
                let again = named.statistic.by_class(times);
                for ((kept, value), again) in drawn.by_class.iter_mut().zip(values).zip(again) {
                    // A class without a value in the original answers keeps no resampled values.
                    kept.extend(value.and(again));
                }
            }
        }
    });
    let mut rows = Rows { overall: Vec::new(), by_class: vec![Vec::new(); patterns.n_classes()] };
    for ((named, (value, class_values)), drawn) in
        named.iter().zip(values.into_iter().zip(class_values)).zip(&mut drawn)
    {
        let extent = Extent::of(patterns, named);
        rows.overall.push(extent.row(value, &mut drawn.overall, resamples));
        for ((rows, value), drawn) in rows.by_class.iter_mut().zip(class_values).zip(&mut drawn.by_class) {
            rows.push(extent.row(value, drawn, resamples));
        }
    }
    rows
}

/// The numbers of items and answers that a measure uses.
struct Extent {
    measure: Measure,
    items: usize,
    answers: usize,
    /// The number of these items that have at least two answers.
    paired: usize,
}

impl Extent {
    /// Counts the items and answers that the measure `named` uses.
    fn of(patterns: &AnswerPatterns, named: &Named<'_>) -> Self {
        let mut extent = Self { measure: named.measure, items: 0, answers: 0, paired: 0 };
        for (pattern, items) in patterns.items().iter().map(|items| *items as usize).enumerate() {
            let size = patterns.size(pattern);
            if named.statistic.items().hold(size) {
                extent.items += items;
                extent.answers += items * size;
                extent.paired += if size >= 2 { items } else { 0 };
            }
        }
        extent
    }

    /// Joins the value of the measure with the interval that follows from its resampled values
    /// `drawn`.
    fn row(&self, value: Result<f64, Undefined>, drawn: &mut [f64], resamples: usize) -> Measured {
        let interval = value.and_then(|_| self.interval(drawn, resamples));
        Measured {
            measure: self.measure,
            value: value.ok(),
            undefined: value.err(),
            interval: interval.ok(),
            no_interval: interval.err().filter(|_| value.is_ok()),
            items: self.items,
            answers: self.answers,
            pairs: None,
        }
    }

    /// Returns the 95 % interval of the resampled values `drawn`.
    ///
    /// # Errors
    /// Too few items have two answers, nothing was resampled, or too few resamples have a value.
    fn interval(&self, drawn: &mut [f64], resamples: usize) -> Result<Interval, Undefined> {
        if self.paired < MIN_ITEMS {
            return Err(Undefined::TooFewItems);
        }
        if resamples == 0 {
            return Err(Undefined::NoResamples);
        }
        if (drawn.len() as f64) < DEFINED_SHARE * resamples as f64 {
            return Err(Undefined::UnstableResamples);
        }
        percentile_interval(drawn).ok_or(Undefined::UnstableResamples)
    }
}
