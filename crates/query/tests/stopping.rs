//! The contract that every stopping rule must pass.

use proptest::prelude::*;
use querist_core::{Advice, Agreement, History, PastRound, StoppingRule, Trials};
use querist_query::stopping::{
    Budget, ClassificationChange, KappaAverage, OverallUncertainty, Plateau, Unit,
};

fn rules() -> Vec<Box<dyn StoppingRule>> {
    vec![
        Box::new(KappaAverage::default()),
        Box::new(ClassificationChange::default()),
        Box::new(OverallUncertainty::default()),
        Box::new(Plateau::default()),
        Box::new(Budget { most: 100, unit: Unit::Answers }),
    ]
}

fn rounds() -> impl Strategy<Value = Vec<PastRound>> {
    let trials =
        (0usize..60).prop_flat_map(|n| (Just(n), 0..=n)).prop_map(|(n, correct)| Trials { n, correct });
    let agreement = prop::option::of(
        (1usize..3_000, prop::option::of(-1.0f64..=1.0))
            .prop_flat_map(|(n, kappa)| (0..=n).prop_map(move |changed| Agreement { n, changed, kappa })),
    );
    let round = (agreement, prop::option::of(0.0f64..=1.0), trials);
    prop::collection::vec(round, 0..12).prop_map(|all| {
        let past = |(place, (agreement, mean_entropy, audit)): (usize, (_, _, Trials))| PastRound {
            round: place as u32 + 1,
            labeled: 10 * (place + 1),
            counts: true,
            new_labels: 10,
            agreement,
            mean_entropy,
            audit,
            test: Trials::default(),
        };
        all.into_iter().enumerate().map(past).collect()
    })
}

#[test]
fn names_differ() {
    let mut names: Vec<&str> = rules().iter().map(|rule| rule.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), rules().len());
}

#[test]
fn no_rounds_tell_nothing_but_of_cost() {
    let history = History { rounds: &[], pool: 100, labeled: 0, answers: 0 };
    for rule in rules() {
        let expected = if rule.name() == "budget" { Advice::GoOn } else { Advice::CannotTell };
        assert_eq!(rule.judge(&history).advice, expected, "{}", rule.name());
    }
}

#[test]
fn perfect_rounds_without_any_change_stop_every_rule() {
    let round = |round| PastRound {
        round,
        labeled: 10,
        counts: true,
        new_labels: 10,
        agreement: Some(Agreement { n: 2_000, changed: 0, kappa: Some(1.0) }),
        mean_entropy: Some(0.0),
        audit: Trials { n: 500, correct: 500 },
        test: Trials::default(),
    };
    let rounds: Vec<PastRound> = (1..=6).map(round).collect();
    let history = History { rounds: &rounds, pool: 9_000, labeled: 100, answers: 100 };
    for rule in rules() {
        assert_eq!(rule.judge(&history).advice, Advice::Stop, "{}", rule.name());
    }
}

#[test]
fn rounds_without_new_labels_change_no_advice() {
    // Six rounds with the same model: every figure says that nothing changes, but none of them is
    // evidence.
    let round = |round| PastRound {
        round,
        labeled: 100,
        counts: round == 1,
        new_labels: if round == 1 { 100 } else { 0 },
        agreement: (round > 1).then_some(Agreement { n: 2_000, changed: 0, kappa: Some(1.0) }),
        mean_entropy: Some(0.0),
        audit: Trials { n: 500, correct: 500 },
        test: Trials::default(),
    };
    let rounds: Vec<PastRound> = (1..=6).map(round).collect();
    let history = History { rounds: &rounds, pool: 9_000, labeled: 100, answers: 10 };
    for rule in rules().iter().filter(|rule| rule.name() != "budget") {
        let judged = rule.judge(&history);
        assert_eq!(judged.advice, Advice::CannotTell, "{}", rule.name());
        assert!(judged.reason.ends_with("came in since the previous model"), "{}", judged.reason);
    }
}

proptest! {
    #[test]
    fn judgments_are_pure_finite_and_give_a_reason(rounds in rounds(), answers in 0usize..200) {
        let history = History { rounds: &rounds, pool: 3_000, labeled: 50, answers };
        for rule in rules() {
            let judged = rule.judge(&history);
            prop_assert_eq!(&judged, &rule.judge(&history));
            prop_assert!(!judged.reason.is_empty() && !judged.reason.ends_with('.'), "{:?}", judged);
            prop_assert!(judged.numbers.iter().all(|(_, value)| value.is_finite()), "{:?}", judged);
        }
    }

    #[test]
    fn what_is_long_past_changes_no_rule_that_looks_at_the_last_rounds(rounds in rounds()) {
        // Entropy is compared with all earlier rounds; the other rules have a window of at most six
        // rounds.
        let audited: Vec<PastRound> = rounds.iter().filter(|round| round.audit.n > 0).copied().collect();
        for rule in rules().into_iter().filter(|rule| rule.name() != "uncertainty") {
            let whole = History { rounds: &audited, pool: 3_000, labeled: 50, answers: 7 };
            let cut = History { rounds: &audited[audited.len().saturating_sub(6)..], ..whole };
            prop_assert_eq!(rule.judge(&whole), rule.judge(&cut), "{}", rule.name());
        }
    }
}
