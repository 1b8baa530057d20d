//! Tests of a benchmark so small that all results can be computed by hand: two strategies, six
//! seeds, two rounds.

use querist_core::LabelSet;
use querist_report::simulation::Simulation;
use serde_json::json;

use super::super::oracle::Crew;
use super::super::stopped::StopFigures;
use super::*;
use crate::settings::RoundSettings;

const SEEDS: u64 = 6;

fn arms() -> Vec<Arm> {
    let settings = RoundSettings::of_random_sample();
    ["random", "better"].map(|name| Arm::new(name, 1, settings.clone())).into()
}

/// Accuracy of `random` is 0.5, 0.7 and 0.8; the other strategy is 0.1 higher from round 1 on. Each
/// seed adds a hundredth.
fn line(arm: &str, seed: u64, round: u32) -> RoundLine {
    let ahead = if arm == "better" && round > 0 { 0.1 } else { 0.0 };
    let accuracy = [0.5, 0.7, 0.8][round as usize] + ahead + 0.01 * seed as f64;
    RoundLine {
        arm: arm.into(),
        seed,
        round,
        answers: 10 + 10 * round as usize,
        asked: 10,
        chosen: vec![],
        labeled: vec![7, 2, 0],
        wrong: 3,
        undecided: 1,
        features: "lsa".into(),
        converged: Some(true),
        accuracy: Some(accuracy),
        macro_f1: Some(0.5),
        recall: vec![Some(0.9), Some(0.25), None],
        stop: StopFigures::default(),
        seconds: if round == 0 { 50.0 } else { f64::from(round) },
    }
}

fn summary() -> Simulation {
    let crew = Crew { annotators: 1, noise: vec![0.3] };
    let protocol = Protocol { initial: 10, rounds: 2, size: 10, seeds: SEEDS, crew };
    let arms = arms();
    let mut results = Results::default();
    for arm in &arms {
        for seed in 0..SEEDS {
            (0..=2).for_each(|round| results.add(line(&arm.name, seed, round), &arms));
        }
    }
    let labels = LabelSet::new(["a", "b", "c"]).unwrap();
    // Of 100 documents, fewer than 100 / 6 are rare: class b. Class c is not in the pool.
    let classes = classes(&labels, &[90, 10, 0], &[30, 25, 5]);
    let about = About { configuration: json!({}), classes, test_texts_in_pool: 2 };
    summarise(about, &protocol, &arms, &results)
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn curves_and_their_ends() {
    let summary = summary();
    let [random, better] = &summary.strategies[..] else { panic!("two strategies") };
    assert_eq!(random.points.iter().map(|point| point.answers).collect::<Vec<_>>(), [10, 20, 30]);
    // The seeds add 0.025 on average.
    assert_near(random.final_accuracy.mean, 0.825);
    assert_near(better.final_accuracy.mean, 0.925);
    assert_near(random.mean_accuracy.mean, 2.0 / 3.0 + 0.025);
    assert_near(random.points[0].rare_recall.mean, 0.25);
    assert_eq!(random.recall, [Some(0.9), Some(0.25), None]);
    assert_near(random.wrong, 3.0 / 9.0);
    // Round 0 only trains; rounds 1 and 2 take 1 and 2 seconds.
    assert_near(summary.seconds[0].mean, 1.5);
    assert_near(summary.seconds[0].most, 2.0);
}

#[test]
fn answers_needed_for_levels_and_for_the_end_of_random() {
    let summary = summary();
    let target = |of: Option<&str>, level: f64| {
        let found = |target: &&Target| {
            target.measure == "accuracy" && target.of.as_deref() == of && (target.level - level).abs() < 1e-9
        };
        &summary.targets.iter().find(found).unwrap().reached
    };
    // 0.8 + s / 100 is each seed's own last point for `random`; the other strategy reaches it
    // at 20.
    let end = target(Some("random"), 0.825);
    assert_eq!((end[0].answers, end[0].seeds), (Some(30.0), 6));
    // The other strategy rises from 0.5 + s to 0.8 + s, then to 0.9: it reaches the level at 20 for
    // each seed.
    assert_near(end[1].answers.unwrap(), 20.0);
    // With seed s, `random` rises from 0.7 to 0.8 and reaches 0.8 after 30 - s answers; the median
    // of 30, 29, … 25 is 27.5.
    assert_near(target(None, 0.8)[0].answers.unwrap(), 27.5);
    // Only the last seed reaches 0.85.
    let high = &target(None, 0.85)[0];
    assert_eq!((high.answers, high.seeds), (None, 1));
}

#[test]
fn wins_over_all_seeds_are_beyond_chance() {
    let summary = summary();
    let comparison = |measure: &str| {
        let found = summary.comparisons.iter().find(|comparison| comparison.measure == measure);
        found.unwrap().clone()
    };
    let accuracy = comparison("final accuracy");
    let pair = &accuracy.pairs[0];
    assert_eq!((pair.wins, pair.ties, pair.losses), (0, 0, 6));
    assert_near(pair.difference.mean, -0.1);
    // Six seeds with one sign: 2 of 64. There is one pair, so nothing to correct.
    assert_near(pair.p_corrected, 2.0 / 64.0);
    assert_near(accuracy.smallest_p, 2.0 / 64.0);
    let standings: Vec<_> = accuracy.standings.iter().map(|one| (one.better, one.worse)).collect();
    assert_eq!(standings, [(0, 1), (1, 0)]);
    let same = comparison("final macro-F1");
    assert_eq!((same.pairs[0].ties, same.standings[1].better), (6, 0));
    assert_near(same.pairs[0].p, 1.0);
}

#[test]
fn notes_say_what_spoils_the_figures() {
    let notes = summary().notes.join(" ");
    for words in ["2 test texts are in the training file", "Only the test file has \"c\""] {
        assert!(notes.contains(words), "{notes}");
    }
    // Enough seeds, enough documents of the rare class, a model in every round.
    for words in ["seeds", "coarse", "had no model", "converge"] {
        assert!(!notes.contains(words), "{notes}");
    }
}
