//! Agreement between annotators, as reports show it: over all answers, by class, and for each pair
//! of annotators.

use querist_core::AnnotationSet;
use querist_quality::agreement::Measured;
use querist_quality::agreement::pairwise::{WeightedPair, pairwise_weighted_kappa};
use querist_quality::{
    AgreementOptions, AgreementSummary, Measure, PairLimits, Scale, Undefined, Weights, agreement,
    pairwise_kappa,
};
use querist_report as report;

use crate::error::EngineError;

/// The measures that are shown for each class.
const OF_CLASS: [Measure; 3] = [Measure::KrippendorffAlpha, Measure::GwetAc1, Measure::PairAgreement];
/// The measures over all classes, in the order of the report. The first three exist only if the
/// classes are ranks, because they use the order of the ranks. Krippendorff's alpha leads each
/// group, because it accepts any number of annotators and missing answers.
const OVERALL: [Measure; 8] = [
    Measure::KrippendorffAlphaOrdinal,
    Measure::GwetAc2Quadratic,
    Measure::CohenKappaQuadratic,
    Measure::KrippendorffAlpha,
    Measure::GwetAc1,
    Measure::FleissKappa,
    Measure::CohenKappa,
    Measure::PairAgreement,
];
/// Number of bootstrap resamples for an interval; few enough to be fast with a hundred classes.
const RESAMPLES: usize = 200;

/// Measures how well the annotators agree: over all classes, for each class, and for pairs of
/// annotators. All figures but the list of pairs use the answers in `all`. The list has only the
/// pairs in `paired`, which may hold the answers of only some annotators.
pub(crate) fn measured(
    all: &AnnotationSet,
    paired: &AnnotationSet,
    labels: &[String],
    scale: Scale,
) -> Result<report::Agreement, EngineError> {
    let options = AgreementOptions { scale, resamples: RESAMPLES, ..AgreementOptions::default() };
    let summary = agreement(all, &options)?;
    let mean = summary.row(Measure::CohenKappa);
    let few = options.pairs.min_shared;
    let undefined = mean.and_then(|mean| mean.undefined).map(|reason| match reason {
        Undefined::NoPairs => format!("no two annotators have {few} or more documents in common"),
        other => other.reason().to_owned(),
    });
    let chosen = summary.classes.iter().filter(|class| class.answers > 0);
    let classes = chosen.map(|class| report::ClassAgreement {
        class: labels[class.class.index()].clone(),
        answers: class.answers,
        measures: rows(&class.measures, &OF_CLASS, |measure| match measure {
            Measure::PairAgreement => "specific agreement",
            other => other.title(),
        }),
    });
    Ok(report::Agreement {
        overlap: summary.overlapping_items,
        mean_kappa: mean.and_then(|mean| mean.value),
        mean_kappa_interval: mean.and_then(|mean| mean.interval),
        mean_kappa_undefined: undefined,
        mean_kappa_pairs: mean.and_then(|mean| mean.pairs).unwrap_or_default(),
        min_shared: options.pairs.min_shared,
        weighted: weighted(&summary),
        annotators: all.annotators().len(),
        listed_annotators: (paired.annotators().len() < all.annotators().len())
            .then(|| paired.annotators().len()),
        measures: rows(&summary.measures, &OVERALL, Measure::title),
        classes: classes.collect(),
        pairs: pairs(paired, scale)?,
    })
}

/// Returns the weighted kappa, averaged over pairs of annotators; `None` if the classes are not
/// ranks.
fn weighted(summary: &AgreementSummary) -> Option<report::WeightedKappa> {
    let mean = summary.row(Measure::CohenKappaQuadratic)?;
    Some(report::WeightedKappa {
        weights: "quadratic".to_owned(),
        mean_kappa: mean.value,
        mean_kappa_interval: mean.interval,
    })
}

/// Measures the agreement of each pair of annotators who share at least one item. If the classes
/// are ranks, each pair also has a weighted kappa.
fn pairs(paired: &AnnotationSet, scale: Scale) -> Result<Vec<report::Pair>, EngineError> {
    let plain = pairwise_kappa(paired, 1)?;
    let weighted: Vec<Option<WeightedPair>> = match scale {
        Scale::Nominal => vec![None; plain.len()],
        Scale::Ordinal => {
            let limits = PairLimits { min_shared: 1, max_annotators: usize::MAX };
            // Both functions list the same pairs in the same order, so the results can be zipped.
            pairwise_weighted_kappa(paired, Weights::Quadratic, limits)?.into_iter().map(Some).collect()
        }
    };
    debug_assert_eq!(plain.len(), weighted.len(), "both measures have the same pairs, in the same order");
    let row = |(pair, weighted): (querist_quality::PairKappa, Option<WeightedPair>)| {
        let agreement = &pair.agreement;
        let weighted = weighted.map(|weighted| weighted.agreement);
        report::Pair {
            a: paired.annotators()[pair.a].clone(),
            b: paired.annotators()[pair.b].clone(),
            shared: agreement.n,
            agreement: agreement.raw_agreement.unwrap_or_default(),
            kappa: agreement.kappa,
            weighted_kappa: weighted.and_then(|weighted| weighted.kappa),
            weighted_kappa_interval: weighted.and_then(|weighted| weighted.interval),
            undefined: agreement.undefined.map(|undefined| undefined.reason().to_owned()),
        }
    };
    Ok(plain.into_iter().zip(weighted).map(row).collect())
}

/// Returns one report row for each measure in `shown` that `measured` contains, in the order of
/// `shown`. `name` returns the measure's name in the report.
fn rows(
    measured: &[Measured],
    shown: &[Measure],
    name: impl Fn(Measure) -> &'static str,
) -> Vec<report::AgreementMeasure> {
    let found = shown.iter().filter_map(|measure| measured.iter().find(|row| row.measure == *measure));
    let row = |row: &Measured| report::AgreementMeasure {
        name: name(row.measure).to_owned(),
        value: row.value,
        interval: row.interval,
        undefined: row.undefined.map(|reason| reason.reason().to_owned()),
    };
    found.map(row).collect()
}
