//! Editions: the version of the rules that made a round.
//!
//! Some rules decide what is picked or learned: how answers become labels, how texts are split,
//! what counts as a near-duplicate. Such a rule may have to change, but an old round must still
//! give the same result. So the manifest of a round names its edition. The code of an earlier
//! edition stays in one module `legacy` of the crate that owns the rule. New rounds always use
//! [`Edition::CURRENT`].

use serde::{Deserialize, Serialize};

/// A version of the rules for rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub enum Edition {
    /// The rules of all rounds whose manifest names no edition.
    First,
    /// Changes since the first edition:
    ///
    /// - Posteriors and skills are means over random draws of the true labels, recalibrated if
    ///   labels are known. Every fit starts from the known labels.
    /// - A model with too many parameters for the number of answers is replaced by a smaller one.
    /// - Texts without a word are compared and classified by their symbols. A round that would pick
    ///   nothing is refused.
    /// - Annotators are one person if their names differ only in white space at the ends or in the
    ///   form of their accents.
    /// - A label that no annotator gave to an item becomes its consensus only if it leads clearly:
    ///   its posterior must exceed the posteriors of the given labels by more than the method's
    ///   numerical accuracy.
    Second,
    /// Once every control item was in a batch, control items are given again to people who have not
    /// seen them.
    Third,
    /// If Querist chooses the kind of features, the pool's text decides what n-grams consist of:
    /// words, parts of words, or both.
    Fourth,
    /// - If Querist chooses the kind of features, it also looks at the number of classes: n-grams
    ///   need ten labels per class, and labels times classes are limited. With 5,000 labels and
    ///   more, n-grams have twice the weight of an embedding.
    /// - With more than 1,500 examples, a fit stops when its objective is as low as matters.
    Fifth,
}

impl Edition {
    /// The edition that new rounds use.
    pub const CURRENT: Self = Self::Fifth;

    /// Returns the edition's number in a manifest.
    pub fn number(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
            Self::Fifth => 5,
        }
    }
}

impl Default for Edition {
    fn default() -> Self {
        Self::CURRENT
    }
}

impl From<Edition> for u32 {
    fn from(edition: Edition) -> Self {
        edition.number()
    }
}

impl TryFrom<u32> for Edition {
    type Error = String;

    /// Returns the edition with this number in a manifest; an error for a number that no edition
    /// has.
    fn try_from(number: u32) -> Result<Self, String> {
        [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Fifth]
            .into_iter()
            .find(|edition| edition.number() == number)
            .ok_or_else(|| format!("edition {number} of the rules is unknown; a newer Querist may know it"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_and_unknown_ones_are_refused() {
        let first = [Edition::First, Edition::Second, Edition::Third, Edition::Fourth];
        for edition in first.into_iter().chain([Edition::Fifth]) {
            assert_eq!(Edition::try_from(edition.number()), Ok(edition));
        }
        assert!(Edition::try_from(6).unwrap_err().contains("edition 6 of the rules is unknown"));
    }
}
