//! Verdicts worked by hand, and how often chance alone puts somebody below.

use proptest::prelude::*;
use querist_core::{Class, Seed, wilson_rate};
use rand::RngExt;

use super::*;
use crate::agreement::cohen::cohen_kappa;

fn counts(right: usize, n: usize) -> Record {
    Record::Counts { right, n }
}

fn one(right: usize, n: usize, threshold: f64) -> Judgement {
    judge(&[(counts(right, n), threshold)])[0]
}

#[test]
fn by_hand() {
    // With 5 answers and a true share of 0.9, P(X <= 1) is 0.1^5 + 5 · 0.9 · 0.1^4 = 0.00046. P(X
    // <= 2) is 0.00856, and P(X <= 3) is 0.08146.
    let found = one(1, 5, 0.9);
    assert_eq!(found.standing, Standing::Below);
    assert!((found.p.unwrap() - 0.000_46).abs() < 1e-12);
    assert_eq!(one(2, 5, 0.9).standing, Standing::Below);
    let unsure = one(3, 5, 0.9);
    assert_eq!(unsure.standing, Standing::TooFew);
    // With 60 % right, 9 items are needed: at 8 items the tail probability is above 0.02, at 9
    // below.
    assert!(lower_tail(4.8, 8.0, 0.9) > LEVEL && lower_tail(5.4, 9.0, 0.9) < LEVEL);
    assert_eq!(unsure.change, Some(Change::Items(9)));
    assert_eq!(one(0, 4, 0.9).standing, Standing::TooFew);
    assert_eq!((one(0, 4, 0.9).p, one(0, 4, 0.9).change), (None, Some(Change::Items(5))));
    assert_eq!(one(9, 10, 0.9).standing, Standing::NotBelow);
}

#[test]
fn what_would_change_it_does() {
    for (right, n) in [(1, 5), (20, 40), (3, 30), (19, 20), (5, 5), (400, 420)] {
        let found = one(right, n, 0.9);
        let after = |standing| move |more: (usize, usize)| one(more.0, more.1, 0.9).standing == standing;
        match found.change.unwrap() {
            Change::Right(more) => {
                assert!(
                    found.standing == Standing::Below && !after(Standing::Below)((right + more, n + more))
                );
                assert!(after(Standing::Below)((right + more - 1, n + more - 1)));
            }
            Change::Wrong(more) => {
                assert!(found.standing == Standing::NotBelow && after(Standing::Below)((right, n + more)));
                assert!(!after(Standing::Below)((right, n + more - 1)));
            }
            Change::Items(_) => panic!("{right} of {n} is clear"),
        }
    }
}

#[test]
fn everybody_who_is_judged_counts() {
    // Somebody with two of five right is below the threshold if judged alone or with one other
    // person, but not with two others. Somebody with four items is not judged and does not count.
    let three = judge(&[(counts(2, 5), 0.9), (counts(5, 5), 0.9), (counts(5, 5), 0.9), (counts(4, 4), 0.9)]);
    assert_eq!((three[0].standing, three[0].people), (Standing::TooFew, 3));
    let two = judge(&[(counts(2, 5), 0.9), (counts(5, 5), 0.9), (counts(4, 4), 0.9)]);
    assert_eq!((two[0].standing, two[0].people), (Standing::Below, 2));
}

#[test]
fn an_estimate_with_the_interval_of_counts_is_judged_as_they_are() {
    let mut differ = 0;
    for n in [5usize, 10, 20, 50, 200] {
        for right in 0..=n {
            let share = right as f64 / n as f64;
            let interval = wilson_rate(share, n as f64).unwrap();
            let estimate = Record::Estimate { share, interval, n, tail: None };
            let (a, b) = (judge(&[(estimate, 0.8)])[0], one(right, n, 0.8));
            differ += usize::from(a.standing != b.standing);
        }
    }
    assert_eq!(differ, 0);
    let given =
        Record::Estimate { share: 0.5, interval: Interval { low: 0.4, high: 0.6 }, n: 90, tail: Some(0.5) };
    assert_eq!(judge(&[(given, 0.8)])[0].standing, Standing::TooFew);
}

#[test]
fn kappa_is_an_accuracy() {
    // With balanced classes a kappa of 0.8 leaves room for errors of 0.2 · 0.5. With one class
    // kappa is undefined.
    assert!((accuracy_for_kappa(0.8, &[10, 10]).unwrap() - 0.9).abs() < 1e-12);
    assert_eq!(accuracy_for_kappa(0.8, &[10, 0]), None);
    // With t = (0.9, 0.1), the room for errors is 0.2 · 0.18 / (1 - 0.2 · 0.8).
    assert!((accuracy_for_kappa(0.8, &[18, 2]).unwrap() - (1.0 - 0.036 / 0.84)).abs() < 1e-12);
    assert_eq!(accuracy_for_kappa(-1.0, &[18, 2]), Some(0.0));
}

proptest! {
    #[test]
    fn the_bounds_of_kappa_hold(labels in prop::collection::vec((0u16..3, 0u16..3), 4..40), least in -0.5f64..0.99) {
        let pairs: Vec<(Class, Class)> = labels.iter().map(|(a, b)| (Class(*a), Class(*b))).collect();
        let mut truth = [0; 3];
        for (_, known) in &labels {
            truth[usize::from(*known)] += 1;
        }
        let measured = cohen_kappa(&pairs, 3).unwrap();
        if let (Some(kappa), Some(needed)) = (measured.kappa, accuracy_for_kappa(least, &truth)) {
            let accuracy = measured.raw_agreement.unwrap();
            prop_assert!(kappa < least || accuracy >= needed - 1e-9, "{kappa} {accuracy} {needed}");
            let exact = kappa_interval(Interval { low: accuracy, high: accuracy }, &truth).unwrap();
            prop_assert!(exact.low - 1e-9 <= kappa && kappa <= exact.high + 1e-9, "{kappa} {exact:?}");
        }
    }
}

#[test]
fn a_crowd_of_innocents_is_rarely_accused() {
    let mut rng = Seed(16).rng(0, "verdicts");
    for (accuracy, n) in [(0.95, 5), (0.95, 10), (0.95, 20), (0.95, 50), (0.90, 5), (0.90, 20), (0.90, 50)] {
        let crowds = 2000;
        let accused = (0..crowds)
            .filter(|_| {
                let people: Vec<(Record, f64)> = (0..6)
                    .map(|_| ((0..n).filter(|_| rng.random::<f64>() < accuracy).count(), n))
                    .map(|(right, n)| (counts(right, n), 0.9))
                    .collect();
                judge(&people).iter().any(|one| one.standing == Standing::Below)
            })
            .count();
        // At most 2 % of the crowds, plus three standard errors.
        assert!(accused as f64 <= 40.0 + 3.0 * 6.3, "{accuracy} {n}: {accused} of {crowds}");
    }
}

#[test]
fn who_is_far_below_is_found() {
    let mut rng = Seed(17).rng(0, "verdicts");
    for (accuracy, n, least) in [(0.5, 20, 0.9), (0.5, 50, 0.999), (0.7, 50, 0.75)] {
        let found = (0..1000)
            .filter(|_| {
                let mut people = vec![(counts(n, n), 0.9); 5];
                let right = (0..n).filter(|_| rng.random::<f64>() < accuracy).count();
                people.push((counts(right, n), 0.9));
                judge(&people)[5].standing == Standing::Below
            })
            .count();
        assert!(found as f64 >= 1000.0 * least, "{accuracy} {n}: {found} of 1000");
    }
}
