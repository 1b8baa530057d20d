//! The measures of agreement by name, and a row of results.

use querist_core::{Class, Interval};
use serde::Serialize;

use super::undefined::Undefined;

/// A measure, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// [`super::raw`]; of a class, specific agreement.
    PairAgreement,
    /// [`super::pairwise`], the mean over pairs of annotators.
    CohenKappa,
    /// The same with quadratic weights.
    CohenKappaQuadratic,
    /// [`super::fleiss`].
    FleissKappa,
    /// [`super::krippendorff`], nominal.
    KrippendorffAlpha,
    /// The same, ordinal.
    KrippendorffAlphaOrdinal,
    /// [`super::gwet`], unweighted.
    GwetAc1,
    /// AC2: the same with quadratic weights.
    GwetAc2Quadratic,
}

impl Measure {
    /// The name for people.
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
    /// Its value: at most 1; agreement by chance is 0, but for raw agreement.
    pub value: Option<f64>,
    /// Why there is no value; `None` if there is one.
    pub undefined: Option<Undefined>,
    /// The 95 % interval of the value.
    pub interval: Option<Interval>,
    /// Why there is a value without an interval; `None` where there are both or neither.
    pub no_interval: Option<Undefined>,
    /// The number of items behind the value.
    pub items: usize,
    /// The number of answers to these items.
    pub answers: usize,
    /// The number of pairs of annotators, for a mean over pairs.
    pub pairs: Option<usize>,
}

impl Measured {
    /// A row without a value, made of nothing.
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

/// The measures of one class against the rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassAgreement {
    /// The class.
    pub class: Class,
    /// The number of answers that chose the class.
    pub answers: usize,
    /// What the measures that are shown class by class came to, in the order of [`Measure`].
    pub measures: Vec<Measured>,
}
