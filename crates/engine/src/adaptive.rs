//! The adaptive mix: how large the shares of the next batch are, from what the earlier ones taught.
//!
//! The shares uncertainty, ratio and random are the arms of a bandit ([`Bandit`]). What an arm
//! earned in a round is the part of its picks, of those that have a label by now, that the model of
//! that round had classified wrongly before it was trained on them: a batch of documents that the
//! model knows teaches it nothing. The error counts, not the log loss, because it stays in [0, 1]
//! and one confident blunder does not outweigh a whole round.
//!
//! Invariants: a function of the stored rounds and of the labels alone, so it can be computed
//! again; random never falls below a twentieth of the batch, because an honest accuracy hangs on it
//! (the bandit explores with a fifth, a third of which is its own); control items keep the share of
//! the mix that the first round has, while there are any. Left out: rounds without a model or
//! without labels, which say nothing.

use querist_core::round::{Adaptive, ArmRow};
use querist_core::{Pick, RoundRecord, Share};
use querist_query::{Bandit, Fractions, Mix, Outcome};

use crate::error::EngineError;
use crate::situation::Situation;

/// The shares that adapt.
const ARMS: [Share; 3] = [Share::Uncertainty, Share::Ratio, Share::Random];

/// The mix of the next batch, with what explains it. `start` is the mix as long as nothing is
/// known.
///
/// # Errors
/// None that stored rounds can cause.
pub fn adapt(
    rounds: &[RoundRecord],
    situation: &Situation,
    start: Mix,
) -> Result<(Mix, Adaptive), EngineError> {
    let bandit = Bandit::default();
    let history: Vec<Vec<Outcome>> = rounds
        .iter()
        .map(|round| ARMS.iter().map(|share| outcome(&round.picks, *share, situation)).collect())
        .filter(|outcomes: &Vec<Outcome>| outcomes.iter().any(|one| one.documents > 0))
        .collect();
    let accounts = bandit.shares(ARMS.len(), &history)?;
    let control = if situation.open_controls.is_empty() { 0.0 } else { start.fraction(Share::Control) };
    let mix = if history.is_empty() {
        start
    } else {
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

/// How many picks of a share were answered, and which part of them the model was wrong about.
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

    /// A situation with those labels of documents, and that many open control items.
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
        // No model in the first, no label in the second.
        let rounds = [round(&[(0, Share::Random, None)]), round(&[(1, Share::Uncertainty, Some(0))])];
        let (mix, explained) = adapt(&rounds, &known, start()).unwrap();
        assert_eq!((mix, explained.rounds), (start(), 0));
        assert!((explained.arms[2].fraction - 0.15).abs() < 1e-12);
    }

    #[test]
    fn a_round_by_hand() {
        // Uncertainty: wrong about both of 2; ratio: about none of 2; random: nothing answered;
        // control counts for none.
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
        // Advantages ±2/12 · 0.5, so weights exp(2 · g) of 1/6, -1/6 and 0; a fifth is shared out
        // evenly.
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
