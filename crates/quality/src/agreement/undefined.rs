//! The reasons why a measure of agreement, or its interval, has no value.
//!
//! A coefficient that would be 0 / 0 is neither a number nor an error: the answers do not determine
//! it. Each reason has a name here, so that a report can give it.

use serde::Serialize;

/// The reason why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Undefined {
    /// There are no answers at all.
    NoAnswers,
    /// All answers are by one annotator.
    OneAnnotator,
    /// No item has two answers.
    NoOverlap,
    /// The two annotators have no item in common.
    NoSharedItems,
    /// No two annotators have enough items in common.
    NoPairs,
    /// Every pair of annotators has an undefined kappa.
    UndefinedPairs,
    /// All answers have the same label, so agreement by chance is certain and the coefficient is 0
    /// / 0.
    OneLabelOnly,
    /// Nobody chose the class.
    ClassNotUsed,
    /// There are more annotators than the caller's limit for comparing all pairs.
    TooManyAnnotators,
    /// There are too few items for an interval.
    TooFewItems,
    /// The value is undefined in too many resamples for an interval.
    UnstableResamples,
    /// The caller asked for no resamples, and so for no interval.
    NoResamples,
}

impl Undefined {
    /// Returns the reason as a fragment for reports.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoAnswers => "no answers",
            Self::OneAnnotator => "only one annotator",
            Self::NoOverlap => "no item has two answers",
            Self::NoSharedItems => "no items in common",
            Self::NoPairs => "no two annotators have enough items in common",
            Self::UndefinedPairs => "kappa is undefined for every pair",
            Self::OneLabelOnly => "all answers are the same label",
            Self::ClassNotUsed => "nobody chose this class",
            Self::TooManyAnnotators => "too many annotators for a matrix of pairs",
            Self::TooFewItems => "too few items",
            Self::UnstableResamples => "undefined in too many resamples",
            Self::NoResamples => "no resamples asked for",
        }
    }
}
