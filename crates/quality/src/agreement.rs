//! Computes all measures of agreement between annotators in one call.
//!
//! | measure | file | annotators | answers missing | interval |
//! |---|---|---|---|---|
//! | raw agreement, specific agreement | [`raw`] | any | yes | bootstrap |
//! | Cohen's kappa | [`cohen`], [`weighted_kappa`], [`pairwise`] | every two | yes | large sample |
//! | Fleiss' kappa | [`fleiss`] | any | items with equally many answers | bootstrap |
//! | Krippendorff's alpha | [`krippendorff`] | any | yes | bootstrap |
//! | Gwet's AC1 and AC2 | [`gwet`] | any | yes | bootstrap |
//!
//! All measures but Cohen's kappa depend only on how many annotators chose each class for an item.
//! These counts are the item's pattern ([`patterns`]). So the time and memory of these measures are
//! linear in the number of answers, and the bootstrap (`bootstrap.rs`) draws patterns. Cohen's
//! kappa compares pairs of annotators. Its time is quadratic in the annotators of an item, so the
//! number of annotators has a limit.
//!
//! Invariants: the result depends neither on the order nor on the names of items and annotators,
//! except for the last bits of means over pairs. A value is at most 1 and never NaN; a measure
//! without a value has an [`Undefined`] as the reason. Agreement does not show who is right.

pub(crate) mod bootstrap;
pub mod cohen;
pub mod distance;
pub mod fleiss;
pub mod gwet;
mod intervals;
pub mod krippendorff;
pub mod measure;
mod observed;
mod pairs;
pub mod pairwise;
pub mod patterns;
pub mod raw;
pub mod undefined;
pub mod weighted_kappa;

use querist_core::{AnnotationSet, Class, Seed};
use serde::Serialize;

pub use distance::Weights;
pub use measure::{ClassAgreement, Measure, Measured};
pub use pairwise::PairLimits;
pub use patterns::AnswerPatterns;
pub use undefined::Undefined;

use crate::error::QualityError;
use fleiss::Fleiss;
use gwet::Gwet;
use intervals::{Named, measure_all};
use krippendorff::{Krippendorff, Level};
use pairwise::{MeanKappa, mean_pairwise_kappa};
use raw::OverPairs;

/// What the order of the classes means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// The order means nothing: all disagreements weigh the same.
    #[default]
    Nominal,
    /// The classes are ordered from low to high. Measures with quadratic weights and ordinal alpha
    /// are computed in addition.
    Ordinal,
}

/// The settings of [`agreement()`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgreementOptions {
    /// What the order of the classes means.
    pub scale: Scale,
    /// The pairs of annotators that Cohen's kappa compares. With `max_annotators` 0 it is not
    /// computed.
    pub pairs: PairLimits,
    /// The number of resamples that the bootstrap draws; 0 for no intervals.
    pub resamples: usize,
    /// The seed of the resamples.
    pub seed: Seed,
}

impl Default for AgreementOptions {
    /// Returns the nominal scale, 1,000 resamples with seed 0, and the default limits on pairs.
    fn default() -> Self {
        Self { scale: Scale::default(), pairs: PairLimits::default(), resamples: 1000, seed: Seed(0) }
    }
}

/// The agreement between the annotators of an annotation set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementSummary {
    /// The number of annotators who answered.
    pub annotators: usize,
    /// The number of items with answers.
    pub items: usize,
    /// The number of items with at least two answers.
    pub overlapping_items: usize,
    /// The number of answers.
    pub answers: usize,
    /// The number of resamples behind the intervals.
    pub resamples: usize,
    /// The result of each measure, in the order of [`Measure`].
    pub measures: Vec<Measured>,
    /// The agreement on each class against all other classes, in label order, including classes
    /// that nobody chose.
    pub classes: Vec<ClassAgreement>,
}

impl AgreementSummary {
    /// Returns the result of `measure` over all classes; `None` if it was not computed.
    pub fn row(&self, measure: Measure) -> Option<&Measured> {
        self.measures.iter().find(|row| row.measure == measure)
    }
}

/// Computes the measures of agreement over all answers: over all classes together, and for each
/// class against all other classes.
///
/// # Errors
/// An answer's class is not below the set's number of classes.
pub fn agreement(
    annotations: &AnnotationSet,
    options: &AgreementOptions,
) -> Result<AgreementSummary, QualityError> {
    let patterns = AnswerPatterns::of(annotations)?;
    let named = statistics(&patterns, options.scale);
    let mut rows = measure_all(&patterns, &named, options.resamples, options.seed);
    // Cohen's kappa depends on who answered, so it follows from the annotations and not from the
    // patterns.
    for (measure, weights) in kappas(options.scale) {
        let mean = mean_pairwise_kappa(annotations, *weights, options.pairs);
        rows.overall.push(mean_row(*measure, mean)?);
    }
    let answers_of_classes = patterns.answers_of_classes();
    // The kappas were added last; restore the order of `Measure`.
    for rows in rows.by_class.iter_mut().chain([&mut rows.overall]) {
        rows.sort_by_key(|row| row.measure);
        for row in rows {
            row.undefined = refined(row.undefined, annotations);
        }
    }
    let class_rows = rows.by_class.into_iter().zip(answers_of_classes).enumerate();
    let class_rows = class_rows.map(|(class, (measures, answers))| ClassAgreement {
        class: Class::from_index(class),
        answers,
        measures,
    });
    let overlapping = (0..annotations.items().len()).filter(|item| annotations.of_item(*item).len() >= 2);
    Ok(AgreementSummary {
        annotators: annotations.annotators().len(),
        items: annotations.items().len(),
        overlapping_items: overlapping.count(),
        answers: annotations.entries().len(),
        resamples: options.resamples,
        measures: rows.overall,
        classes: class_rows.collect(),
    })
}

/// Returns the measures for this scale that depend on the patterns of answers alone, all except
/// Cohen's kappa.
fn statistics(patterns: &AnswerPatterns, scale: Scale) -> Vec<Named<'_>> {
    let mut named = vec![
        Named::by_class(Measure::PairAgreement, OverPairs(patterns)),
        Named::overall(Measure::FleissKappa, Fleiss::new(patterns)),
        Named::by_class(Measure::KrippendorffAlpha, Krippendorff::new(patterns, Level::Nominal)),
        Named::by_class(Measure::GwetAc1, Gwet::new(patterns, Weights::Unweighted)),
    ];
    if scale == Scale::Ordinal {
        let alpha = Krippendorff::new(patterns, Level::Ordinal);
        named.push(Named::overall(Measure::KrippendorffAlphaOrdinal, alpha));
        let ac2 = Gwet::new(patterns, Weights::Quadratic);
        named.push(Named::overall(Measure::GwetAc2Quadratic, ac2));
    }
    named
}

/// Returns the variants of Cohen's kappa for a scale, each with its weights.
fn kappas(scale: Scale) -> &'static [(Measure, Weights)] {
    const ALL: [(Measure, Weights); 2] =
        [(Measure::CohenKappa, Weights::Unweighted), (Measure::CohenKappaQuadratic, Weights::Quadratic)];
    match scale {
        Scale::Nominal => &ALL[..1],
        Scale::Ordinal => &ALL,
    }
}

/// Turns a mean kappa over pairs of annotators into the result of `measure`. If the set has too
/// many annotators, the measure is undefined; this is not an error.
fn mean_row(measure: Measure, mean: Result<MeanKappa, QualityError>) -> Result<Measured, QualityError> {
    match mean {
        Ok(mean) => Ok(Measured {
            measure,
            value: mean.kappa,
            undefined: mean.undefined,
            interval: mean.interval,
            no_interval: (mean.kappa.is_some() && mean.interval.is_none()).then_some(Undefined::TooFewItems),
            items: mean.items,
            answers: mean.answers,
            pairs: Some(mean.pairs - mean.undefined_pairs),
        }),
        Err(QualityError::TooManyAnnotators { .. }) => {
            Ok(Measured::none(measure, Undefined::TooManyAnnotators))
        }
        Err(error) => Err(error),
    }
}

/// Returns the reason why a measure is undefined, if it is. If the set has no annotator or only
/// one, this is returned as the reason, because it is more precise.
fn refined(undefined: Option<Undefined>, annotations: &AnnotationSet) -> Option<Undefined> {
    undefined.map(|reason| match annotations.annotators().len() {
        0 => Undefined::NoAnswers,
        1 => Undefined::OneAnnotator,
        _ => reason,
    })
}
