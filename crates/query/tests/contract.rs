//! The contract that every query strategy must pass. A new strategy is one line in [`strategies`].

#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod pool;

use ndarray::Array2;
use pool::{Pool, on_threads};
use querist_core::{Class, LabelSet, PoolView, Probabilities, QueryStrategy, Seed, Selected};
use querist_query::{Diverse, Measure, Novelty, Random, Ratio, RatioQuota, Uncertainty, Within};

const CLASSES: usize = 3;

fn strategies() -> Vec<(String, Box<dyn QueryStrategy + Sync>)> {
    let mut all: Vec<(String, Box<dyn QueryStrategy + Sync>)> =
        vec![("random".to_owned(), Box::new(Random)), ("diverse".to_owned(), Box::new(Diverse))];
    for diversity in [0, 1, 10] {
        all.push((format!("novelty × {diversity}"), Box::new(Novelty { diversity })));
        for measure in Measure::ALL {
            all.push((format!("{measure:?} × {diversity}"), Box::new(Uncertainty { measure, diversity })));
        }
    }
    let withins = [Within::Random, Within::Likeliest, Within::Uncertain(Measure::Entropy), Within::Diverse];
    for within in withins {
        for ratio in
            [Ratio::Balance, Ratio::Weights(vec![0.7, 0.2, 0.1]), Ratio::Weights(vec![0.0, 0.0, 1.0])]
        {
            let strategy = RatioQuota {
                labels: LabelSet::new(["a", "b", "c"]).unwrap(),
                ratio,
                labeled_counts: vec![9, 2, 0],
                within,
            };
            all.push((format!("{:?} {within:?}", strategy.ratio), Box::new(strategy)));
        }
    }
    all
}

fn query(strategy: &dyn QueryStrategy, view: PoolView<'_>, n: usize, seed: u64) -> Vec<Selected> {
    strategy.query(view, n, &mut Seed(seed).rng(3, "contract")).unwrap()
}

/// Calls `check` with each strategy on a sparse and on a dense pool of 120 documents.
fn for_each(check: impl Fn(&str, &(dyn QueryStrategy + Sync), &Pool)) {
    for sparse in [true, false] {
        let pool = Pool::new(120, CLASSES, sparse, 5);
        for (name, strategy) in strategies() {
            check(&format!("{name}, sparse: {sparse}"), strategy.as_ref(), &pool);
        }
    }
}

#[test]
fn asked_for_n_it_gives_n_different_open_rows() {
    for_each(|name, strategy, pool| {
        for n in [1, 5, 40, pool.open.len() - 1] {
            let picks = query(strategy, pool.view(), n, 1);
            assert_eq!(picks.len(), n, "{name}");
            let mut rows: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
            rows.sort_unstable();
            rows.dedup();
            assert_eq!(rows.len(), n, "{name}: a row twice");
            assert!(rows.iter().all(|row| pool.open.contains(row)), "{name}: a row that is not open");
            assert!(picks.iter().all(|pick| !pick.reason.is_empty()), "{name}: no reason");
        }
    });
}

#[test]
fn asked_for_more_than_there_is_it_gives_all() {
    for_each(|name, strategy, pool| {
        for n in [pool.open.len(), pool.open.len() + 1, 100_000] {
            let mut rows: Vec<usize> =
                query(strategy, pool.view(), n, 1).iter().map(|pick| pick.row).collect();
            rows.sort_unstable();
            assert_eq!(rows, pool.open, "{name}");
        }
    });
}

#[test]
fn asked_for_none_or_with_nothing_open_it_gives_none() {
    let nothing = Probabilities::new(Array2::zeros((0, CLASSES))).unwrap();
    for_each(|name, strategy, pool| {
        assert_eq!(query(strategy, pool.view(), 0, 1), [], "{name}");
        let empty = PoolView { open: &[], probabilities: Some(&nothing), ..pool.view() };
        assert_eq!(query(strategy, empty, 5, 1), [], "{name}");
    });
}

#[test]
fn the_same_state_gives_the_same_rows_on_any_number_of_threads() {
    for_each(|name, strategy, pool| {
        let run = || [5, 25].map(|n| query(strategy, pool.view(), n, 2));
        let once = on_threads(1, run);
        for threads in [1, 2, 8] {
            assert_eq!(on_threads(threads, run), once, "{name} on {threads} threads");
        }
    });
}

#[test]
fn a_malformed_view_is_an_error() {
    for_each(|name, strategy, pool| {
        let outside = [0, pool.features.n_rows()];
        let even = Probabilities::new(Array2::from_elem((2, CLASSES), 1.0 / CLASSES as f64)).unwrap();
        let labeled = [(1, Class(0))];
        for open in [outside, [1, 0], [1, 1], [0, 1]] {
            let view = PoolView { open: &open, probabilities: Some(&even), labeled: &labeled, ..pool.view() };
            let result = strategy.query(view, 1, &mut Seed(1).rng(1, "contract"));
            assert!(result.is_err(), "{name} {open:?}");
        }
    });
}

#[test]
fn strategies_that_score_predictions_need_a_model() {
    for_each(|name, strategy, pool| {
        let view = PoolView { probabilities: None, ..pool.view() };
        let result = strategy.query(view, 5, &mut Seed(1).rng(1, "contract"));
        let needs_none = ["random", "diverse", "novelty"].contains(&strategy.name());
        assert_eq!(result.is_ok(), needs_none, "{name}");
    });
}

#[test]
fn chance_depends_on_the_generator_and_on_nothing_else() {
    let pool = Pool::new(120, CLASSES, true, 5);
    assert_ne!(query(&Random, pool.view(), 20, 1), query(&Random, pool.view(), 20, 2));
    let plain = Uncertainty { measure: Measure::Entropy, diversity: 1 };
    assert_eq!(query(&plain, pool.view(), 20, 1), query(&plain, pool.view(), 20, 2));
}
