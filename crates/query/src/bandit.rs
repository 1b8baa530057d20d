//! An adaptive mix: a share that was useful in earlier rounds becomes larger in the next batch.
//!
//! This is a bandit whose arms all play at once: every share gets documents in every round and
//! earns a reward in [0, 1]. The reward is for example the fraction of its documents that the model
//! before the round predicted wrongly. The rule is EXP3 (Auer et al. 2002) with two changes:
//!
//! - there are no importance weights, because every arm is seen in every round;
//! - old rounds are discounted (after Garivier and Moulines 2011), because what helps early does
//!   not help late.
//!
//! Invariants: no randomness and no state. The history alone decides, so the mix of any round can
//! be computed again. This file does not define the reward, nor how shares become counts
//! ([`crate::largest_remainder`]).

use serde::Serialize;

use crate::error::QueryError;

/// How fast and how far the mix adapts, over T rounds and K arms.
///
/// - The advantage of arm a in round t is `g = n / (n + n₀) · (r - r̄)`. Here n is the number of
///   its documents, r is their mean reward, and r̄ is the mean reward of all documents of the
///   round. The advantage of an arm without documents is 0.
/// - The weight of an arm is `w = exp(η Σ_t δ^(T-1-t) g)`.
/// - The share of an arm is `(1 - γ) w / Σ w + γ / K`. Shares are at least γ / K and sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bandit {
    /// The learning rate η, at least 0; 0 never adapts.
    pub learning_rate: f64,
    /// The discount δ, in (0, 1]: the weight of a round relative to the round after it.
    pub discount: f64,
    /// The exploration γ, in [0, 1]: the part of a batch that is divided evenly.
    pub exploration: f64,
    /// The number of documents n₀ after which half of a difference is believed, at least 0.
    pub prior_documents: f64,
}

impl Default for Bandit {
    /// Returns parameters with which an arm's weight becomes about 10 times as large if its
    /// advantage is 0.2 in each of ten rounds. A fifth of each batch is divided evenly.
    fn default() -> Self {
        Self { learning_rate: 2.0, discount: 0.9, exploration: 0.2, prior_documents: 10.0 }
    }
}

/// The number of documents and the mean reward of one arm in one round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The number of the arm's documents that were answered; 0 if the arm had no documents.
    pub documents: usize,
    /// The mean reward of these documents, in [0, 1]; ignored if there are none.
    pub reward: f64,
}

/// The row of one arm in the table that explains the shares of the next batch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ArmAccount {
    /// The number of rounds in which the arm had documents.
    pub rounds: usize,
    /// The number of documents of the arm in all rounds.
    pub documents: usize,
    /// The mean reward of these documents, without a discount; `None` if there are none.
    pub mean_reward: Option<f64>,
    /// The weight w divided by the largest weight of any arm, in (0, 1].
    pub weight: f64,
    /// The arm's share of the next batch, in [0, 1].
    pub probability: f64,
}

impl Bandit {
    /// Returns one account for each arm, with the arm's share of the next batch; all shares
    /// together are 1. `history` has one row for each past round, oldest first, and each row has
    /// one outcome for each of the `n_arms` arms.
    ///
    /// # Errors
    /// A parameter or a reward is out of range, or a round does not have `n_arms` outcomes.
    pub fn shares(&self, n_arms: usize, history: &[Vec<Outcome>]) -> Result<Vec<ArmAccount>, QueryError> {
        self.check(n_arms, history)?;
        let mut gains = vec![0.0; n_arms];
        for outcomes in history {
            for (gain, advantage) in gains.iter_mut().zip(self.advantages(outcomes)) {
                *gain = self.discount * *gain + advantage;
            }
        }
        // The largest gain is subtracted from all gains, so that no exponential overflows.
        let most = gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = gains.iter().map(|gain| (self.learning_rate * (gain - most)).exp()).collect();
        let total: f64 = weights.iter().sum();
        let account = |(arm, weight): (usize, f64)| {
            let played = history.iter().map(|outcomes| outcomes[arm]).filter(|one| one.documents > 0);
            let (mut rounds, mut documents, mut sum) = (0, 0, 0.0);
            for one in played {
                rounds += 1;
                documents += one.documents;
                sum += one.reward * one.documents as f64;
            }
            ArmAccount {
                rounds,
                documents,
                mean_reward: (documents > 0).then(|| sum / documents as f64),
                weight,
                probability: (1.0 - self.exploration) * weight / total + self.exploration / n_arms as f64,
            }
        };
        Ok(weights.into_iter().enumerate().map(account).collect())
    }

    /// Returns the advantage g of each arm in one round, from the outcomes of that round.
    fn advantages(&self, outcomes: &[Outcome]) -> Vec<f64> {
        let documents: f64 = outcomes.iter().map(|one| one.documents as f64).sum();
        let played = || outcomes.iter().filter(|one| one.documents > 0);
        let mean = played().map(|one| one.reward * one.documents as f64).sum::<f64>() / documents.max(1.0);
        let advantage = |one: &Outcome| {
            let n = one.documents as f64;
            if one.documents == 0 { 0.0 } else { n / (n + self.prior_documents) * (one.reward - mean) }
        };
        outcomes.iter().map(advantage).collect()
    }

    /// Checks that the parameters and rewards are in range and that each round has `n_arms`
    /// outcomes.
    fn check(&self, n_arms: usize, history: &[Vec<Outcome>]) -> Result<(), QueryError> {
        let at_least_0 = "a finite number, 0 or more";
        let invalid = |what, value, expected| Err(QueryError::InvalidNumber { what, value, expected });
        for (what, value) in [
            ("the learning rate of the adaptive mix", self.learning_rate),
            ("the prior documents of the adaptive mix", self.prior_documents),
        ] {
            if !value.is_finite() || value < 0.0 {
                return invalid(what, value, at_least_0);
            }
        }
        if !(self.discount > 0.0 && self.discount <= 1.0) {
            return invalid("the discount of the adaptive mix", self.discount, "above 0 and at most 1");
        }
        if !(0.0..=1.0).contains(&self.exploration) {
            return invalid("the exploration of the adaptive mix", self.exploration, "between 0 and 1");
        }
        for outcomes in history {
            if outcomes.len() != n_arms {
                return Err(QueryError::ArmCount { expected: n_arms, found: outcomes.len() });
            }
            // The reward of an arm without documents has no meaning, so it is not checked.
            let bad = outcomes.iter().find(|one| one.documents > 0 && !(0.0..=1.0).contains(&one.reward));
            if let Some(bad) = bad {
                return invalid("a reward of the adaptive mix", bad.reward, "between 0 and 1");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outcome(documents: usize, reward: f64) -> Outcome {
        Outcome { documents, reward }
    }

    #[test]
    fn two_rounds_by_hand() {
        let bandit = Bandit { learning_rate: 2.0, discount: 0.5, exploration: 0.2, prior_documents: 10.0 };
        // In round 1 the arms have means of 0.6 and 0.2 with 10 documents each. The mean of all is
        // 0.4, so the advantages are ±1/2 · 0.2. In round 2 only the first arm plays.
        let history =
            [vec![outcome(10, 0.6), outcome(10, 0.2)], vec![outcome(30, 0.9), outcome(0, f64::NAN)]];
        let accounts = bandit.shares(2, &history).unwrap();
        // After one discount the sums are ±0.05, because an arm that plays alone has no advantage.
        // So the weights are 1 and exp(-2 · 0.1).
        let second = (-0.2f64).exp();
        assert!((accounts[0].weight - 1.0).abs() < 1e-12 && (accounts[1].weight - second).abs() < 1e-12);
        assert!((accounts[0].probability - (0.8 / (1.0 + second) + 0.1)).abs() < 1e-12);
        assert_eq!((accounts[0].rounds, accounts[0].documents), (2, 40));
        assert_eq!((accounts[1].rounds, accounts[1].documents, accounts[1].mean_reward), (1, 10, Some(0.2)));
        assert!((accounts[0].mean_reward.unwrap() - 33.0 / 40.0).abs() < 1e-12);
    }

    #[test]
    fn without_history_all_get_the_same() {
        let accounts = Bandit::default().shares(4, &[]).unwrap();
        assert!(accounts.iter().all(|account| (account.probability - 0.25).abs() < 1e-15));
        assert!(accounts.iter().all(|account| account.mean_reward.is_none()));
        assert_eq!(Bandit::default().shares(0, &[]).unwrap(), []);
    }

    #[test]
    fn it_follows_when_the_better_arm_changes() {
        let first = vec![vec![outcome(20, 0.5), outcome(20, 0.1)]; 12];
        let mut turned = first.clone();
        turned.extend(vec![vec![outcome(20, 0.1), outcome(20, 0.5)]; 12]);
        let share = |history: &[Vec<Outcome>]| Bandit::default().shares(2, history).unwrap()[0].probability;
        assert!(share(&first) > 0.8, "{}", share(&first));
        assert!(share(&turned) < 0.3, "{}", share(&turned));
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        let bandit = Bandit::default();
        let wrong = bandit.shares(2, &[vec![outcome(1, 0.5)]]);
        assert_eq!(wrong, Err(QueryError::ArmCount { expected: 2, found: 1 }));
        assert!(bandit.shares(1, &[vec![outcome(1, 1.5)]]).is_err());
        for bad in [
            Bandit { discount: 0.0, ..bandit },
            Bandit { exploration: 1.1, ..bandit },
            Bandit { learning_rate: f64::NAN, ..bandit },
            Bandit { prior_documents: -1.0, ..bandit },
        ] {
            assert!(matches!(bad.shares(1, &[]), Err(QueryError::InvalidNumber { .. })), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn shares_sum_to_one_and_none_starves(
            rewards in prop::collection::vec(prop::array::uniform3((0usize..50, 0.0f64..=1.0)), 0..40),
        ) {
            let history: Vec<Vec<Outcome>> =
                rewards.iter().map(|round| round.map(|(n, reward)| outcome(n, reward)).to_vec()).collect();
            let accounts = Bandit::default().shares(3, &history).unwrap();
            let sum: f64 = accounts.iter().map(|account| account.probability).sum();
            prop_assert!((sum - 1.0).abs() < 1e-12);
            prop_assert!(accounts.iter().all(|account| account.probability >= 0.2 / 3.0 - 1e-12));
        }
    }
}
