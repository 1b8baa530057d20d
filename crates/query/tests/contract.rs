//! The contract that every query strategy must pass. It runs over the catalog, so a new strategy is
//! included at once.

#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

#[path = "pool/centroid.rs"]
mod centroid;
mod pool;

use std::sync::Arc;

use centroid::Centroid;
use ndarray::Array2;
use pool::{Pool, on_threads};
use querist_core::{
    Class, Classifier, Examples, Features, FittedClassifier, LabelSet, Named, Probabilities, Rows, Seed,
    Start,
};
use querist_query::{
    BatchSettings, Ingredients, Limits, Measure, PoolView, QueryStrategy, Random, Selected, Strategy,
    Uncertainty, Within, catalog,
};

const CLASSES: usize = 3;

fn ingredients() -> Ingredients {
    let labels = LabelSet::new(["a", "b", "c"]).unwrap();
    Ingredients {
        labeled_counts: vec![9, 2, 0],
        classifier: Some(Arc::new(Centroid)),
        ..Ingredients::new(labels)
    }
}

/// The same, with `diversity` candidates for each pick.
fn diverse(diversity: usize) -> Ingredients {
    let batch = BatchSettings { diversity, ..BatchSettings::default() };
    Ingredients { batch, ..ingredients() }
}

/// The whole catalog: with the plain top and diversified, looking at everything and at a part, and
/// with strategies that wrap others.
fn strategies() -> Vec<(String, Strategy)> {
    let plain = diverse(1);
    let few = Ingredients { limits: Limits { candidates: 20, references: 5 }, ..diverse(2) };
    let mut all = Vec::new();
    for (how, with) in [("plain", &plain), ("diversified", &ingredients()), ("few candidates", &few)] {
        for name in catalog::names() {
            all.push((format!("{name}, {how}"), catalog::by_name(name, with).unwrap()));
        }
    }
    for within in Within::ALL.iter().copied() {
        for ratio in ["a=0.7,b=0.2,c=0.1", "c=1"] {
            let (ratio, measure) = (ratio.parse().unwrap(), Measure::Margin);
            let batch = BatchSettings { within, ratio, measure, ..BatchSettings::default() };
            let with = Ingredients { batch, ..ingredients() };
            all.push((format!("ratio {within:?}"), catalog::by_name("ratio", &with).unwrap()));
        }
    }
    all.push(("epsilon:badge".to_owned(), catalog::by_name("epsilon:badge", &plain).unwrap()));
    all
}

fn query(strategy: &dyn QueryStrategy, view: PoolView<'_>, n: usize, seed: u64) -> Vec<Selected> {
    strategy.select(view.check().unwrap(), n, &mut Seed(seed).rng(3, "contract")).unwrap()
}

/// The picked rows, after a check that they are `n` different open rows, each with a reason.
fn sound(name: &str, strategy: &dyn QueryStrategy, view: PoolView<'_>, n: usize) -> Vec<usize> {
    let picks = query(strategy, view, n, 1);
    let picked: Vec<usize> = picks.iter().map(|pick| pick.row).collect();
    assert_eq!(picked.len(), n.min(view.open.len()), "{name}: of {n}");
    let mut rows = picked.clone();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows.len(), picked.len(), "{name}: a row twice");
    assert!(rows.iter().all(|row| view.open.contains(row)), "{name}: a row that is not open");
    assert!(picks.iter().all(|pick| !pick.reason.is_empty()), "{name}: no reason");
    picked
}

/// Calls `check` with each strategy on a sparse and on a dense pool of 120 documents.
fn for_each(check: impl Fn(&str, &dyn QueryStrategy, &Pool)) {
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
            sound(name, strategy, pool.view(), n);
        }
    });
}

#[test]
fn asked_for_more_than_there_is_it_gives_all() {
    for_each(|name, strategy, pool| {
        for n in [pool.open.len(), pool.open.len() + 1, 100_000] {
            let mut rows = sound(name, strategy, pool.view(), n);
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
fn one_open_row_is_picked() {
    let even = Probabilities::new(Array2::from_elem((1, CLASSES), 1.0 / CLASSES as f64)).unwrap();
    for_each(|name, strategy, pool| {
        let one = PoolView { open: &pool.open[7..8], probabilities: Some(&even), ..pool.view() };
        assert_eq!(sound(name, strategy, one, 5), [pool.open[7]], "{name}");
    });
}

#[test]
fn rows_that_cannot_be_told_apart_are_picked_all_the_same() {
    for value in [0.0f32, 1.0] {
        for_each(|name, strategy, pool| {
            let n_rows = pool.features.n_rows();
            let dense = Features::Dense(Array2::from_elem((n_rows, 3), value));
            let even =
                Probabilities::new(Array2::from_elem((pool.open.len(), CLASSES), 1.0 / CLASSES as f64))
                    .unwrap();
            let mut sure = Array2::zeros((pool.open.len(), CLASSES));
            sure.column_mut(1).fill(1.0);
            let sure = Probabilities::new(sure).unwrap();
            for probabilities in [&even, &sure] {
                let view = PoolView { features: &dense, probabilities: Some(probabilities), ..pool.view() };
                sound(&format!("{name}, all {value}"), strategy, view, 5);
                sound(&format!("{name}, all {value}"), strategy, view, 100);
            }
        });
    }
}

#[test]
fn it_works_as_soon_as_its_needs_are_met_and_says_so_before() {
    for_each(|name, strategy, pool| {
        let one_class: Vec<(usize, Class)> = pool.labeled.iter().map(|(row, _)| (*row, Class(1))).collect();
        let two_classes: Vec<(usize, Class)> =
            pool.labeled.iter().filter(|(_, class)| *class != Class(2)).copied().collect();
        for labeled in [&[][..], &one_class[..1], &one_class, &two_classes] {
            for probabilities in [None, Some(&pool.probabilities)] {
                let view = PoolView { labeled, probabilities, ..pool.view() };
                let what = format!("{name}, {} labels, {}", labeled.len(), probabilities.is_some());
                if strategy.needs().met_by(&view) {
                    sound(&what, strategy, view, 5);
                    sound(&what, strategy, view, 100);
                } else {
                    let result = strategy.select(view.check().unwrap(), 5, &mut Seed(1).rng(1, "contract"));
                    assert!(result.is_err(), "{what}");
                }
            }
        }
    });
}

#[test]
fn a_class_without_a_label_disturbs_nobody() {
    for_each(|name, strategy, pool| {
        // The model knows nothing of class 2, and no document is labelled with it.
        let two: Vec<(usize, Class)> =
            pool.labeled.iter().filter(|(_, class)| *class != Class(2)).copied().collect();
        let rows = Array2::from_shape_fn((pool.open.len(), CLASSES), |(at, class)| match class {
            0 => (at as f64 + 0.5) / pool.open.len() as f64,
            1 => 1.0 - (at as f64 + 0.5) / pool.open.len() as f64,
            _ => 0.0,
        });
        let probabilities = Probabilities::new(rows).unwrap();
        let view = PoolView { probabilities: Some(&probabilities), labeled: &two, ..pool.view() };
        sound(name, strategy, view, 30);
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
fn dense_and_sparse_rows_of_the_same_numbers_give_the_same_picks() {
    let (sparse, dense) = (Pool::new(300, CLASSES, true, 5), Pool::new(300, CLASSES, false, 5));
    let plain = diverse(1);
    // k-means compares dense rows in single precision, sparse ones in double.
    let clustered = ["diverse", "typiclust", "prob-cover"];
    for name in catalog::names().filter(|name| !clustered.contains(name)) {
        let strategy = catalog::by_name(name, &plain).unwrap();
        let picks = |pool: &Pool| query(strategy.as_ref(), pool.view(), 30, 4);
        assert_eq!(picks(&sparse), picks(&dense), "{name}");
    }
}

#[test]
fn a_malformed_view_is_an_error() {
    // Strategies take only what has been checked, so they cannot be asked about it.
    let pool = Pool::new(120, CLASSES, true, 5);
    let outside = [0, pool.features.n_rows()];
    let even = Probabilities::new(Array2::from_elem((2, CLASSES), 1.0 / CLASSES as f64)).unwrap();
    let labeled = [(1, Class(0))];
    for open in [outside, [1, 0], [1, 1], [0, 1]] {
        let view = PoolView { open: &open, probabilities: Some(&even), labeled: &labeled, ..pool.view() };
        assert!(view.check().is_err(), "{open:?}");
    }
}

#[test]
fn chance_depends_on_the_generator_and_on_nothing_else() {
    let pool = Pool::new(120, CLASSES, true, 5);
    assert_ne!(query(&Random, pool.view(), 20, 1), query(&Random, pool.view(), 20, 2));
    let plain = Uncertainty { measure: Measure::Entropy, diversity: 1 };
    assert_eq!(query(&plain, pool.view(), 20, 1), query(&plain, pool.view(), 20, 2));
    let with = ingredients();
    for name in ["lightweight-core-set", "power-entropy", "badge", "epsilon", "vote-entropy"] {
        let strategy = catalog::by_name(name, &with).unwrap();
        let picks = |seed| query(strategy.as_ref(), pool.view(), 20, seed);
        assert_eq!(picks(1), picks(1), "{name}");
        assert_ne!(picks(1), picks(2), "{name}");
    }
}

#[test]
fn strategies_that_train_say_that_they_lack_a_classifier() {
    let without = Ingredients { classifier: None, ..ingredients() };
    let lacking: Vec<&str> =
        catalog::names().filter(|name| catalog::by_name(name, &without).is_err()).collect();
    assert_eq!(lacking, ["vote-entropy", "consensus-entropy", "kl-divergence", "discriminative"]);
    for name in lacking {
        let message = catalog::by_name(name, &without).err().unwrap().to_string();
        assert!(message.contains(name) && message.contains("classifier"), "{message}");
    }
}

#[test]
fn every_strategy_goes_by_the_name_of_its_entry() {
    for name in catalog::names() {
        let strategy = catalog::by_name(name, &ingredients()).unwrap();
        let expected = if name == "epsilon" { "epsilon:entropy" } else { name };
        assert_eq!(strategy.name(), expected);
    }
}

#[test]
fn every_strategy_is_in_the_documentation() {
    let page = include_str!("../../../docs/strategies.md");
    for name in catalog::names() {
        assert!(page.contains(&format!("`{name}`")), "docs/strategies.md does not have {name}");
    }
}

/// A classifier whose fit always fails.
struct Failing;

impl Classifier for Failing {
    fn fit(
        &self,
        _: Examples<'_>,
        _: Start<'_>,
    ) -> Result<querist_core::Fitted, querist_core::error::BoxError> {
        Err("no memory left".into())
    }

    fn fingerprint(&self) -> String {
        "failing".to_owned()
    }
}

#[test]
fn a_fit_that_fails_is_an_error_that_names_the_strategy() {
    let pool = Pool::new(120, CLASSES, true, 5);
    let with = Ingredients { classifier: Some(Arc::new(Failing)), ..ingredients() };
    for name in ["vote-entropy", "discriminative"] {
        let strategy = catalog::by_name(name, &with).unwrap();
        let error =
            strategy.select(pool.view().check().unwrap(), 5, &mut Seed(1).rng(1, "contract")).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the strategy \"{name}\" cannot use its model: no memory left")
        );
    }
}

/// A model that is sure of class 0, whatever it sees.
struct Certain;

impl FittedClassifier for Certain {
    fn predict(&self, _: &dyn Rows, rows: &[usize]) -> Result<Probabilities, querist_core::error::BoxError> {
        let of_class = |(_, class): (usize, usize)| f64::from(u8::from(class == 0));
        Ok(Probabilities::new(Array2::from_shape_fn((rows.len(), CLASSES), of_class))?)
    }

    fn linear(&self) -> Option<querist_core::Linear<'_>> {
        None
    }

    fn to_bytes(&self) -> Result<Vec<u8>, querist_core::error::BoxError> {
        Err("it is never kept".into())
    }
}

#[test]
fn contrastive_asks_the_model_about_labelled_neighbours_if_it_has_one() {
    let pool = Pool::new(120, CLASSES, true, 5);
    let with = Ingredients { model: Some(Arc::new(Certain)), ..diverse(1) };
    let picks = query(catalog::by_name("contrastive", &with).unwrap().as_ref(), pool.view(), 5, 1);
    // All neighbours predict class 0, so the contrast is -ln p(0): the five smallest p(0) win.
    let mut places: Vec<usize> = (0..pool.open.len()).collect();
    places
        .sort_by(|a, b| pool.probabilities.of(*a, Class(0)).total_cmp(&pool.probabilities.of(*b, Class(0))));
    let expected: Vec<usize> = places[..5].iter().map(|place| pool.open[*place]).collect();
    assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), expected);
}
