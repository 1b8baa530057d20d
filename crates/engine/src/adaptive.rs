//! The adaptive mix: the shares of the next batch follow from the outcomes of earlier batches.
//!
//! A mix says which share of a batch each way to pick documents fills. The shares uncertainty,
//! ratio and random compete as the arms of a bandit ([`Bandit`]). An arm's reward in a round is the
//! error rate of that round's model on the arm's picks, because picks that the model predicts well
//! teach it nothing. Unlike log loss, the error rate cannot let a single blunder outweigh a round.
//!
//! Invariants: the mix depends only on stored rounds and labels, so it can be recomputed. Random
//! keeps at least a twentieth of the batch, because an unbiased accuracy needs random picks.
//! Control items, while they last, keep their share of the starting mix.

use querist_core::round::{Adaptive, ArmRow};
use querist_core::{Pick, RoundRecord, Share};
use querist_query::{Bandit, Fractions, Mix, Outcome};

use crate::error::EngineError;
use crate::situation::Situation;

/// The shares that adapt; the control share does not.
const ARMS: [Share; 3] = [Share::Uncertainty, Share::Ratio, Share::Random];

/// Returns the shares of the next batch, and the figures that explain them. While no pick of any
/// round has a label, the shares equal the shares in `start`. The control share always equals the
/// share in `start`, or 0 if no control items are left.
///
/// # Errors
/// The outcomes or the shares are out of range; with stored rounds, this would be a bug.
pub fn adapt(
    rounds: &[RoundRecord],
    situation: &Situation,
    start: Mix,
) -> Result<(Mix, Adaptive), EngineError> {
    let bandit = Bandit::default();
    let history: Vec<Vec<Outcome>> = rounds
        .iter()
        .map(|round| ARMS.iter().map(|share| outcome(&round.picks, *share, situation)).collect())
        // A round without any labelled pick says nothing about the shares.
        .filter(|outcomes: &Vec<Outcome>| outcomes.iter().any(|one| one.documents > 0))
        .collect();
    let accounts = bandit.shares(ARMS.len(), &history)?;
    let control = if situation.open_controls.is_empty() { 0.0 } else { start.fraction(Share::Control) };
    let mix = if history.is_empty() {
        start
    } else {
        // Control items are no arm of the bandit, so the arms divide the rest of the batch.
        let of = |arm: usize| (1.0 - control) * accounts[arm].probability;
        Mix::new(Fractions { uncertainty: of(0), ratio: of(1), random: of(2), control })?
    };
    let arms = ARMS.iter().zip(&accounts).map(|(share, account)| ArmRow {
        share: share.name().to_owned(),
        rounds: account.rounds,
        answered: account.documents,
        wrong: account.mean_reward,
        weight: account.weight,
        fraction: mix.fraction(*share),
    });
    let explained = Adaptive {
        rounds: history.len(),
        learning_rate: bandit.learning_rate,
        discount: bandit.discount,
        exploration: bandit.exploration,
        prior_documents: bandit.prior_documents,
        arms: arms.collect(),
    };
    Ok((mix, explained))
}

/// Looks at the picks of one share that have a label and were predicted by a model. Returns their
/// number, and the fraction that the model predicted wrongly (0 without such picks).
fn outcome(picks: &[Pick], share: Share, situation: &Situation) -> Outcome {
    let (mut documents, mut wrong) = (0, 0);
    for pick in picks.iter().filter(|pick| pick.share == share) {
        if let (Some(label), Some(predicted)) = (situation.label_of[pick.document], pick.predicted()) {
            documents += 1;
            wrong += usize::from(label != predicted);
        }
    }
    Outcome { documents, reward: if documents == 0 { 0.0 } else { wrong as f64 / documents as f64 } }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use querist_core::{AnnotationSet, Class, Posteriors, Probabilities, Seed};

    use super::*;

    fn start() -> Mix {
        Mix::new(Fractions { uncertainty: 0.5, ratio: 0.3, random: 0.15, control: 0.05 }).unwrap()
    }

    /// A situation with the given labels by document, and a number of open control items.
    fn situation(label_of: Vec<Option<Class>>, open_controls: usize) -> Situation {
        Situation {
            pool: vec![],
            open: vec![],
            part: None,
            outside: Vec::new(),
            labeled: vec![],
            control: (0..open_controls).collect(),
            open_controls: (0..open_controls).collect(),
            again_controls: 0,
            test: vec![],
            annotations: AnnotationSet::new([], 2),
            documents: vec![],
            annotators: vec![],
            verdicts: vec![],
            posteriors: Probabilities::new(Array2::zeros((0, 2))).unwrap(),
            voted: vec![],
            aggregator: "mv",
            posteriors_are: Posteriors::VoteShares,
            instead: None,
            skills: vec![],
            label_of,
            labeled_counts: vec![0, 0],
            scale: querist_quality::Scale::Nominal,
        }
    }

    fn round(picks: &[(usize, Share, Option<usize>)]) -> RoundRecord {
        let pick = |(document, share, predicted): &(usize, Share, Option<usize>)| Pick {
            document: *document,
            rank: 1,
            share: *share,
            quota: None,
            reason: String::new(),
            fallback: false,
            score: None,
            probabilities: predicted.map(|class| if class == 0 { vec![0.9, 0.1] } else { vec![0.1, 0.9] }),
        };
        RoundRecord {
            number: 1,
            seed: Seed(0),
            picks: picks.iter().map(pick).collect(),
            returned: Vec::new(),
            lacking: Vec::new(),
            asked_again: Vec::new(),
            classes: Vec::new(),
            target: None,
            summary: String::new(),
            model: None,
            basis: 0,
        }
    }

    #[test]
    fn the_start_stands_until_something_is_known() {
        let known = situation(vec![Some(Class(0)), None], 3);
        // The first round has no model, the second no label.
        let rounds = [round(&[(0, Share::Random, None)]), round(&[(1, Share::Uncertainty, Some(0))])];
        let (mix, explained) = adapt(&rounds, &known, start()).unwrap();
        assert_eq!((mix, explained.rounds), (start(), 0));
        assert!((explained.arms[2].fraction - 0.15).abs() < 1e-12);
    }

    #[test]
    fn a_round_by_hand() {
        // Uncertainty: both of 2 predicted wrongly. Ratio: none of 2. Random: nothing answered. The
        // control item counts for no arm.
        let label = |class| Some(Class(class));
        let known = situation(vec![label(0), label(1), label(0), label(0), None, label(1)], 0);
        let rounds = [round(&[
            (0, Share::Uncertainty, Some(1)),
            (1, Share::Uncertainty, Some(0)),
            (2, Share::Ratio, Some(0)),
            (3, Share::Ratio, Some(0)),
            (4, Share::Random, Some(0)),
            (5, Share::Control, Some(0)),
        ])];
        let (mix, explained) = adapt(&rounds, &known, start()).unwrap();
        let [uncertainty, ratio, random] = [0, 1, 2].map(|arm: usize| &explained.arms[arm]);
        assert_eq!((uncertainty.answered, uncertainty.wrong), (2, Some(1.0)));
        assert_eq!((ratio.answered, ratio.wrong), (2, Some(0.0)));
        assert_eq!((random.answered, random.wrong, random.rounds), (0, None, 0));
        // Advantages are ±2/12 · 0.5, so the weights are exp(2 · g) with g = 1/6, -1/6 and 0. A
        // fifth is shared evenly.
        let weights = [1.0 / 6.0, -1.0 / 6.0, 0.0f64].map(f64::exp);
        for (arm, weight) in explained.arms.iter().zip(weights) {
            let expected = 0.8 * weight / weights.iter().sum::<f64>() + 0.2 / 3.0;
            assert!((arm.fraction - expected).abs() < 1e-12, "{arm:?} is not {expected}");
        }
        // There are no control items, so they have no share.
        assert!(mix.fraction(Share::Control) < 1e-12);
        let (with_controls, _) =
            adapt(&rounds, &Situation { open_controls: vec![0], ..known }, start()).unwrap();
        assert!((with_controls.fraction(Share::Control) - 0.05).abs() < 1e-12);
    }

    #[test]
    fn random_keeps_a_twentieth_whatever_the_others_earn() {
        let n = 60;
        let known = situation(vec![Some(Class(0)); 2 * n], 9);
        let picks: Vec<(usize, Share, Option<usize>)> = (0..n)
            .flat_map(|i| [(i, Share::Uncertainty, Some(1)), (n + i, Share::Random, Some(0))])
            .collect();
        let (mix, _) = adapt(&vec![round(&picks); 40], &known, start()).unwrap();
        assert!(mix.fraction(Share::Random) >= 0.05, "{mix:?}");
        assert!(mix.fraction(Share::Uncertainty) > 0.7, "{mix:?}");
    }
}
