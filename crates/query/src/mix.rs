//! The mix: the fraction of a batch that each share gets.
//!
//! The user sets [`Fractions`]; a [`Mix`] has been checked. If the fractions sum to less than 1,
//! the rest goes to uncertainty, which is the main purpose of the tool.

use querist_core::Share;
use serde::{Deserialize, Serialize};

use crate::error::QueryError;
use crate::quota::apportion;

/// The maximum difference between the sum of the fractions and 1 that counts as rounding.
const TOLERANCE: f64 = 1e-9;

/// The fraction of a batch that the user sets for each share; each is 0 if not set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fractions {
    /// The fraction for documents that the model is least sure about, in [0, 1].
    pub uncertainty: f64,
    /// The fraction for documents that fill class quotas, in [0, 1].
    pub ratio: f64,
    /// The fraction for a uniform sample of the open pool, in [0, 1].
    pub random: f64,
    /// The fraction for control items, in [0, 1].
    pub control: f64,
}

/// Fractions of a whole batch: each is finite and not negative, and they sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Mix(Fractions);

impl Mix {
    /// Checks the fractions and returns them as a mix. If they sum to less than 1, the rest is
    /// added to uncertainty.
    ///
    /// # Errors
    /// A fraction is negative or not finite, or the sum is 0 or exceeds 1 by more than 1e-9.
    pub fn new(fractions: Fractions) -> Result<Self, QueryError> {
        let mut mix = Self(fractions);
        for share in Share::ALL {
            let value = mix.fraction(share);
            if !value.is_finite() || value < 0.0 {
                return Err(QueryError::InvalidFraction { share, value });
            }
        }
        let sum: f64 = Share::ALL.into_iter().map(|share| mix.fraction(share)).sum();
        if sum > 1.0 + TOLERANCE {
            return Err(QueryError::MixOverOne { sum });
        }
        if sum <= 0.0 {
            return Err(QueryError::EmptyMix);
        }
        // A difference that comes from rounding, for example of ten tenths, is not added.
        if sum < 1.0 - TOLERANCE {
            mix.0.uncertainty += 1.0 - sum;
        }
        Ok(mix)
    }

    /// Returns the fraction of the batch for a share, in [0, 1].
    pub fn fraction(&self, share: Share) -> f64 {
        match share {
            Share::Uncertainty => self.0.uncertainty,
            Share::Ratio => self.0.ratio,
            Share::Random => self.0.random,
            Share::Control => self.0.control,
        }
    }

    /// Returns the number of documents of each share in a batch of `size`, in the order of
    /// [`Share::ALL`]. The numbers are rounded by largest remainders and sum to `size`.
    pub fn counts(&self, size: usize) -> [usize; 4] {
        let counts = apportion(size, &Share::ALL.map(|share| self.fraction(share)));
        [counts[0], counts[1], counts[2], counts[3]]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mix(uncertainty: f64, ratio: f64, random: f64, control: f64) -> Result<Mix, QueryError> {
        Mix::new(Fractions { uncertainty, ratio, random, control })
    }

    #[test]
    fn what_is_left_goes_to_uncertainty() {
        assert_eq!(mix(0.0, 0.3, 0.1, 0.1).unwrap().counts(100), [50, 30, 10, 10]);
        assert_eq!(mix(0.7, 0.1, 0.1, 0.1).unwrap().counts(10), [7, 1, 1, 1]);
        assert_eq!(mix(0.0, 0.0, 1.0, 0.0).unwrap().counts(7), [0, 0, 7, 0]);
        // 0.1 + 0.2 + 0.7 is not quite 1 in binary. The shares are still exact, and uncertainty
        // gets nothing.
        assert_eq!(mix(0.0, 0.1, 0.2, 0.7).unwrap().counts(1000), [0, 100, 200, 700]);
        // Of 3 documents, the exact shares are 1.2, 0.9, 0.6 and 0.3. The whole parts sum to 1, so
        // the shares with the parts .9 and .6 get one more document each.
        assert_eq!(mix(0.4, 0.3, 0.2, 0.1).unwrap().counts(3), [1, 1, 1, 0]);
    }

    #[test]
    fn refuses_what_is_not_a_mix() {
        let negative = QueryError::InvalidFraction { share: Share::Random, value: -0.1 };
        assert_eq!(mix(0.5, 0.5, -0.1, 0.0), Err(negative));
        assert!(matches!(mix(f64::NAN, 0.0, 0.0, 0.0), Err(QueryError::InvalidFraction { .. })));
        assert_eq!(mix(0.5, 0.5, 0.25, 0.0), Err(QueryError::MixOverOne { sum: 1.25 }));
        assert_eq!(mix(0.0, 0.0, 0.0, 0.0), Err(QueryError::EmptyMix));
        let message = mix(0.5, 0.0, 0.0, f64::INFINITY).unwrap_err().to_string();
        assert_eq!(message, "the control share of the mix is inf: it must be a finite number, 0 or more");
    }

    proptest! {
        #[test]
        fn counts_sum_to_the_size(parts in prop::array::uniform4(0.0f64..0.25), size in 0usize..3000) {
            prop_assume!(parts.iter().sum::<f64>() > 0.0);
            let mix = mix(parts[0], parts[1], parts[2], parts[3]).unwrap();
            let counts = mix.counts(size);
            prop_assert_eq!(counts.iter().sum::<usize>(), size);
            for (share, count) in Share::ALL.into_iter().zip(counts) {
                prop_assert!((count as f64 - size as f64 * mix.fraction(share)).abs() < 1.0 + 1e-6);
            }
        }
    }
}
