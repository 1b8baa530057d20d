//! Tests of stop sets and of agreement between models, with values computed by hand.

use compact_str::format_compact;
use querist_core::{DocumentRecord, LabelSet, Role};

use super::*;

fn snapshot(n: usize) -> Snapshot {
    let document = |number: usize| DocumentRecord {
        id: format_compact!("d{number:06}"),
        place: number as u32,
        role: Role::Pool,
        label: None,
    };
    Snapshot {
        labels: LabelSet::new(["a", "b"]).unwrap(),
        documents: (0..n).map(document).collect(),
        documents_hash: String::new(),
        annotators: Vec::new(),
        answers: Vec::new(),
        settled: Vec::new(),
        assignments: Vec::new(),
        rounds: Vec::new(),
        people: Vec::new(),
    }
}

fn predicted(labels: &[&str], places: &[u32], classes: &[u16]) -> Predicted {
    Predicted {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        places: places.to_vec(),
        classes: classes.to_vec(),
        mean_entropy: 0.5,
    }
}

#[test]
fn a_growing_pool_changes_little_of_the_stop_set() {
    let small = snapshot(5_000);
    let pool: Vec<usize> = (0..5_000).collect();
    let before = stop_set(&small, &pool);
    assert_eq!(before.len(), STOP_SET);
    assert!(before.windows(2).all(|pair| pair[0] < pair[1]));
    // Each tenth has 200 on average, with a standard deviation of about 11.
    for tenth in 0..10 {
        let there = before.iter().filter(|row| **row / 500 == tenth).count();
        assert!(there.abs_diff(200) < 55, "{tenth}: {there}");
    }
    let large = snapshot(6_000);
    let after = stop_set(&large, &(0..6_000).collect::<Vec<_>>());
    let kept = before.iter().filter(|row| after.binary_search(row).is_ok()).count();
    // On average 5 of 6 stay.
    assert!(kept > 1_550, "{kept}");
    assert_eq!(stop_set(&snapshot(7), &(0..7).collect::<Vec<_>>()), (0..7).collect::<Vec<_>>());
}

#[test]
fn agreement_is_over_shared_documents_and_by_the_names_of_classes() {
    let before = predicted(&["a", "b"], &[1, 3, 5, 7], &[0, 0, 1, 1]);
    // Labels were added and reordered; document 1 is gone and 9 is new. The shared documents are a,
    // b, b against a, b, c.
    let after = predicted(&["c", "b", "a"], &[3, 5, 7, 9], &[2, 1, 0, 0]);
    let found = after.agreement(&before).unwrap();
    assert_eq!((found.n, found.changed), (3, 1));
    // r = (1, 2, 0), c = (1, 1, 1): (3 · 2 - 3) / (9 - 3).
    assert_eq!(found.kappa, Some(0.5));
    let same = after.agreement(&after).unwrap();
    assert_eq!((same.changed, same.kappa), (0, Some(1.0)));
    assert_eq!(before.agreement(&predicted(&["a"], &[2], &[0])).unwrap().kappa, None);
}

#[test]
fn the_curve_is_of_the_test_set_where_there_is_one() {
    let round = |labeled, audit, test| PastRound {
        round: 1,
        labeled,
        counts: true,
        new_labels: 10,
        agreement: None,
        mean_entropy: None,
        audit: Trials { n: audit, correct: 0 },
        test: Trials { n: test, correct: 0 },
    };
    let curve = |rounds: &[PastRound]| curve(&History { rounds, pool: 90, labeled: 30, answers: 30 });
    let (on, points) = curve(&[round(10, 5, 0), round(20, 5, 50), round(0, 5, 50)]);
    assert_eq!((on, points.len(), points[0].labeled), ("test set", 1, 20));
    let (on, points) = curve(&[round(10, 5, 0), round(20, 0, 0), round(30, 5, 0)]);
    assert_eq!((on, points.len()), ("random slices", 2));
    // A model that was measured twice is one point: its slices are added up, its test set is the
    // same.
    let stale = |audit, test| PastRound { counts: false, ..round(30, audit, test) };
    let (_, points) = curve(&[round(10, 5, 0), round(20, 6, 0), stale(4, 0)]);
    assert_eq!((points.len(), points[1].trials.n), (2, 10));
    let (_, points) = curve(&[round(10, 5, 50), round(20, 6, 50), stale(4, 50)]);
    assert_eq!((points.len(), points[1].trials.n), (2, 50));
}

#[test]
fn the_default_is_that_kappa_decides_and_the_plateau_may_object() {
    let settings = StopRules::default();
    let names: Vec<&str> = settings.rules().iter().map(|rule| rule.name()).collect();
    assert_eq!(names, RULES);
    assert_eq!(
        RULES.map(|name| settings.role(name)),
        ["decides", "for information", "for information", "may object"]
    );
    let history = History { rounds: &[], pool: 10, labeled: 0, answers: 0 };
    let (verdict, judged) = settings.judge(&history);
    assert_eq!((verdict.advice.name(), judged.len()), ("cannot tell yet", 4));
}
