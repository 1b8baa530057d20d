//! The names of the measures of agreement, and the result of one measure.

use querist_core::{Class, Interval};
use serde::Serialize;

use super::undefined::Undefined;

/// A measure of agreement. The variants are in the order in which reports show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Raw agreement ([`super::raw`]); for a single class, specific agreement.
    PairAgreement,
    /// The mean of Cohen's kappa over pairs of annotators ([`super::pairwise`]).
    CohenKappa,
    /// The mean of Cohen's kappa with quadratic weights.
    CohenKappaQuadratic,
    /// Fleiss' kappa ([`super::fleiss`]).
    FleissKappa,
    /// Krippendorff's alpha for nominal classes ([`super::krippendorff`]).
    KrippendorffAlpha,
    /// Krippendorff's alpha for ordinal classes.
    KrippendorffAlphaOrdinal,
    /// Gwet's AC1, without weights ([`super::gwet`]).
    GwetAc1,
    /// Gwet's AC2 with quadratic weights.
    GwetAc2Quadratic,
}

impl Measure {
    /// Returns the name of the measure in reports.
    pub fn title(self) -> &'static str {
        match self {
            Self::PairAgreement => "raw agreement over pairs of answers",
            Self::CohenKappa => "mean pairwise Cohen's kappa",
            Self::CohenKappaQuadratic => "mean pairwise Cohen's kappa, quadratic weights",
            Self::FleissKappa => "Fleiss' kappa",
            Self::KrippendorffAlpha => "Krippendorff's alpha",
            Self::KrippendorffAlphaOrdinal => "Krippendorff's alpha, ordinal",
            Self::GwetAc1 => "Gwet's AC1",
            Self::GwetAc2Quadratic => "Gwet's AC2, quadratic weights",
        }
    }
}

/// The result of one measure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The measure.
    pub measure: Measure,
    /// The value of the measure, at most 1; `None` if it is undefined. Except for raw agreement, 0
    /// means agreement by chance.
    pub value: Option<f64>,
    /// The reason why there is no value; `None` if there is one.
    pub undefined: Option<Undefined>,
    /// The 95 % interval of the value.
    pub interval: Option<Interval>,
    /// The reason why a value has no interval; `None` if there are both or neither.
    pub no_interval: Option<Undefined>,
    /// The number of items behind the value.
    pub items: usize,
    /// The number of answers to these items.
    pub answers: usize,
    /// The number of pairs of annotators, if the value is a mean over pairs.
    pub pairs: Option<usize>,
}

impl Measured {
    /// Makes a result without a value, with the reason for this, and with no items or answers.
    pub(crate) fn none(measure: Measure, reason: Undefined) -> Self {
        Self {
            measure,
            value: None,
            undefined: Some(reason),
            interval: None,
            no_interval: None,
            items: 0,
            answers: 0,
            pairs: None,
        }
    }
}

/// The measures of agreement for one class against all other classes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassAgreement {
    /// The class.
    pub class: Class,
    /// The number of answers that chose the class.
    pub answers: usize,
    /// The results of the measures that are computed for each class, in the order of [`Measure`].
    pub measures: Vec<Measured>,
}
