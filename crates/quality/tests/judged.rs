//! What the second edition promises: intervals that hold, posteriors that are as right as they are
//! sure, and models that the answers can carry.
//!
//! Small versions of the tables of `cargo bench --features peers --bench crowd`;
//! `docs/quality-measured.md` has the large ones.

use querist_core::{Aggregation, AnnotationSet, AnnotationSetBuilder, Class, Edition, Known, Seed, Verdict};
use querist_quality::{AGGREGATORS, Misfit, aggregator, fit_check};
use rand::RngExt as _;

/// People who answer every item, each right with their own probability; wrong answers are spread
/// evenly. Returns the answers and the true classes.
fn team(items: usize, classes: usize, skills: &[f64], seed: u64) -> (AnnotationSet, Vec<Class>) {
    let mut random = Seed(seed).rng(0, "team");
    let mut builder = AnnotationSetBuilder::new();
    let mut truths = Vec::new();
    for item in 0..items {
        let truth = random.random_range(0..classes);
        truths.push(Class::from_index(truth));
        for (person, skill) in skills.iter().enumerate() {
            let right = random.random::<f64>() < *skill;
            let other = (truth + random.random_range(1..classes)) % classes;
            let label = Class::from_index(if right { truth } else { other });
            builder.push(&format!("i{item:04}"), &format!("a{person:02}"), label);
        }
    }
    (builder.build(classes), truths)
}

fn run(name: &str, answers: &AnnotationSet, known: &Known) -> Aggregation {
    let method = aggregator(name, Edition::CURRENT).expect("a method");
    method.aggregate(answers, known).expect("an aggregation")
}

fn names() -> impl Iterator<Item = &'static str> {
    AGGREGATORS.iter().map(|(name, _)| *name)
}

fn ends(result: &Aggregation, annotator: usize) -> (f64, f64) {
    let interval = result.skills[annotator].interval.expect("an interval");
    (interval.low, interval.high)
}

#[test]
fn three_perfect_people_are_known_to_be_good() {
    let (answers, _) = team(30, 3, &[1.0; 3], 1);
    for name in names() {
        let result = run(name, &answers, &Known::default());
        for annotator in 0..3 {
            let (low, high) = ends(&result, annotator);
            assert!(low > 0.75 && high > 0.999, "{name}: {low} {high}");
        }
    }
}

#[test]
fn somebody_who_is_always_wrong_is_known_to_be() {
    let (answers, _) = team(1_000, 2, &[0.9, 0.9, 0.9, 0.9, 0.0], 2);
    for name in names() {
        let (low, high) = ends(&run(name, &answers, &Known::default()), 4);
        assert!(low < 0.001 && high < 0.05, "{name}: {low} {high}");
    }
}

#[test]
fn swapped_keys_are_seen_by_every_method() {
    for skill in [0.8, 0.98, 1.0] {
        for (items, crowds) in [(50, 5), (200, 2)] {
            for seed in 0..crowds {
                let skills = [skill, skill, skill, skill, skill, 1.0 - skill];
                let (answers, _) = team(items, 2, &skills, seed);
                for name in names() {
                    let result = run(name, &answers, &Known::default());
                    let (_, high) = ends(&result, 5);
                    assert!(high < 0.75, "{name} at {skill}, {items} items, crowd {seed}: {high}");
                }
            }
        }
    }
}

#[test]
fn intervals_hold_the_skill_at_the_ends_and_between() {
    // There are 60 intervals for each case, and 57 should hold. 49 or fewer have a probability of
    // 0.0002.
    let others = [0.7, 0.75, 0.8, 0.85, 0.9];
    for name in ["mv", "ds", "glad"] {
        for skill in [0.05, 0.6, 0.95] {
            let held = (0..60).filter(|seed| {
                let skills = [&others[..], &[skill]].concat();
                let (answers, _) = team(40, 3, &skills, *seed);
                let (low, high) = ends(&run(name, &answers, &Known::default()), 5);
                low <= skill && skill <= high
            });
            let held = held.count();
            assert!(held > 49, "{name} at {skill}: {held} of 60");
        }
    }
}

#[test]
fn thirty_known_answers_decide_alone() {
    // Everybody else errs alike, so only the known labels show who is right.
    let (answers, truths) = team(40, 2, &[1.0, 0.0, 0.0, 0.0], 3);
    let labels = truths.iter().enumerate().map(|(item, class)| (item < 30).then_some(*class)).collect();
    let known = Known { labels, ..Known::default() };
    for name in names() {
        let result = run(name, &answers, &known);
        assert_eq!(result.skills[0].accuracy, Some(1.0), "{name}");
        let evidence = result.skills[0].evidence.unwrap();
        assert!((evidence.right - 30.0).abs() < 1e-12 && evidence.wrong.abs() < 1e-12, "{name}");
        assert!(result.skills[1].at_least(0.5).unwrap() < 1e-6, "{name}");
    }
}

#[test]
fn what_is_said_to_be_sure_is_right() {
    for name in ["ds", "onecoin", "glad", "mace"] {
        for items in [20, 50] {
            let (mut sure, mut right) = (0, 0);
            for seed in 0..40 {
                let (answers, truths) = team(items, 2, &[0.55, 0.65, 0.75, 0.85], seed);
                let result = run(name, &answers, &Known::default());
                for (item, truth) in truths.iter().enumerate() {
                    if result.posteriors.row(item).iter().any(|p| *p >= 0.99) {
                        sure += 1;
                        right += usize::from(result.verdicts[item] == Verdict::Label(*truth));
                    }
                }
            }
            // 0.97, minus what chance may take off so few items.
            assert!(right as f64 >= 0.97 * f64::from(sure) - 3.0, "{name}, {items} items: {right} of {sure}");
        }
    }
}

#[test]
fn known_labels_start_every_model_where_most_are_wrong() {
    let (answers, truths) = team(300, 2, &[0.92, 0.92, 0.08, 0.08, 0.08], 4);
    let labels = truths.iter().enumerate().map(|(item, class)| (item % 10 == 0).then_some(*class)).collect();
    let known = Known { labels, ..Known::default() };
    // Known labels cannot help a vote in which all count the same.
    for name in names().filter(|name| *name != "mv") {
        let result = run(name, &answers, &known);
        let right = (0..300).filter(|item| result.verdicts[*item] == Verdict::Label(truths[*item])).count();
        assert!(right > 255, "{name}: {right} of 300");
    }
}

#[test]
fn known_labels_recalibrate() {
    // All four people make the same mistake on a quarter of the items, which no model can see
    // without true labels.
    let (answers, truths) = {
        let mut random = Seed(7).rng(0, "hard items");
        let mut builder = AnnotationSetBuilder::new();
        let mut truths = Vec::new();
        for item in 0..400 {
            let truth = random.random_range(0..2);
            truths.push(Class(truth));
            let shown = if item % 4 == 0 { 1 - truth } else { truth };
            for person in 0..4 {
                let label = if random.random::<f64>() < 0.95 { shown } else { 1 - shown };
                builder.push(&format!("i{item:04}"), &format!("a{person}"), Class(label));
            }
        }
        (builder.build(2), truths)
    };
    let labels = truths.iter().enumerate().map(|(item, class)| (item % 5 == 0).then_some(*class)).collect();
    let known = Known { labels, ..Known::default() };
    for name in ["ds", "onecoin", "glad", "mace"] {
        let sure = |known: &Known| {
            let result = run(name, &answers, known);
            let sure = |item: &usize| result.posteriors.row(*item).iter().any(|p| *p >= 0.99);
            (0..400).filter(|item| item % 5 != 0).filter(sure).count()
        };
        assert!(sure(&Known::default()) > 200, "{name}");
        assert_eq!(sure(&known), 0, "{name}");
    }
}

#[test]
fn a_model_too_large_for_its_answers_gives_way() {
    // 146 classes and 10 people: 2,000 answers for 10 * 146 rows of confusion matrices.
    let skills: Vec<f64> = (0..10).map(|person| 0.1 + 0.03 * f64::from(person)).collect();
    let (answers, truths) = team(200, 146, &skills, 5);
    let right = |name: &str, edition: Edition| {
        let result = aggregator(name, edition).unwrap().aggregate(&answers, &Known::default()).unwrap();
        let right = truths.iter().zip(&result.verdicts);
        (right.filter(|(truth, found)| **found == Verdict::Label(**truth)).count(), result.instead)
    };
    let (ds, instead) = right("ds", Edition::Second);
    assert_eq!(instead, Some("onecoin"));
    let (old, instead) = right("ds", Edition::First);
    assert_eq!(instead, None);
    let (majority, _) = right("mv", Edition::Second);
    assert!(ds >= majority && ds >= old, "{ds}, majority {majority}, whole matrices {old}");
    // With enough answers the method stays as it is.
    let (enough, _) = team(200, 4, &[0.7; 5], 6);
    assert_eq!(run("ds", &enough, &Known::default()).instead, None);
}

#[test]
fn crowds_that_fit_are_trusted() {
    for name in ["mv", "ds", "onecoin", "glad", "mace"] {
        let trusted = (0..20).filter(|seed| {
            let (answers, _) = team(100, 3, &[0.6, 0.7, 0.8, 0.85, 0.9], *seed);
            let result = run(name, &answers, &Known::default());
            fit_check(&answers, &Known::default(), name, &result).unwrap().misfit.is_none()
        });
        let trusted = trusted.count();
        // Of 20 crowds at 0.95 each, 16 or fewer have a probability of 0.016.
        assert!(trusted > 16, "{name}: {trusted} of 20");
    }
}

#[test]
fn hard_items_are_seen() {
    // Everybody guesses on a third of the items.
    let mut random = Seed(8).rng(0, "hard items");
    let mut builder = AnnotationSetBuilder::new();
    for item in 0..300 {
        let truth = random.random_range(0..3);
        for person in 0..6 {
            let skill = if item % 3 == 0 { 1.0 / 3.0 } else { 0.95 };
            let right = random.random::<f64>() < skill;
            let label = if right { truth } else { (truth + random.random_range(1..3)) % 3 };
            builder.push(&format!("i{item:04}"), &format!("a{person}"), Class(label));
        }
    }
    let answers = builder.build(3);
    for name in ["mv", "ds", "onecoin", "glad", "mace"] {
        let result = run(name, &answers, &Known::default());
        let check = fit_check(&answers, &Known::default(), name, &result).unwrap();
        assert_eq!(check.misfit, Some(Misfit::Items), "{name}: {:?}", check.deviations);
    }
}

#[test]
fn three_people_are_too_few_to_check_matrices() {
    let (answers, _) = team(100, 3, &[0.9; 3], 9);
    for (name, misfit) in [
        ("ds", Some(Misfit::TooFew { enough: 4 })),
        ("mace", Some(Misfit::TooFew { enough: 4 })),
        ("onecoin", None),
    ] {
        let result = run(name, &answers, &Known::default());
        assert_eq!(fit_check(&answers, &Known::default(), name, &result).unwrap().misfit, misfit, "{name}");
    }
}

#[test]
fn where_nothing_can_be_seen_nothing_counts_as_fitting() {
    let alone = |people: usize, items: usize| {
        let mut builder = AnnotationSetBuilder::new();
        for item in 0..items {
            builder.push(&format!("i{item}"), &format!("a{}", item % people), Class::from_index(item % 2));
        }
        builder.build(2)
    };
    let (two, _) = team(100, 2, &[0.9; 2], 9);
    let few = Some(Misfit::TooFew { enough: 3 });
    for (answers, misfit) in [(alone(1, 40), few), (alone(40, 40), Some(Misfit::TooFewPairs)), (two, few)] {
        for name in ["mv", "wawa", "onecoin", "glad"] {
            let result = run(name, &answers, &Known::default());
            assert_eq!(
                fit_check(&answers, &Known::default(), name, &result).unwrap().misfit,
                misfit,
                "{name}"
            );
        }
    }
    // With enough true labels the check is made on them.
    let labels = (0..40).map(|item| Some(Class(item % 2))).collect();
    let known = Known { labels, skills: Vec::new() };
    let answers = alone(1, 40);
    let result = run("mv", &answers, &known);
    assert_eq!(fit_check(&answers, &known, "mv", &result).unwrap().misfit, None);
}

#[test]
fn the_first_edition_is_as_it_was() {
    let (answers, _) = team(20, 2, &[1.0; 3], 10);
    for name in names() {
        let result =
            aggregator(name, Edition::First).unwrap().aggregate(&answers, &Known::default()).unwrap();
        assert!(result.skills.iter().all(|skill| skill.evidence.is_none()), "{name}");
    }
}
