//! Batches as a whole: exact counts, no document twice, honest accounts.

#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod pool;

use std::collections::BTreeSet;

use ndarray::Array2;
use pool::{Pool, on_threads};
use proptest::prelude::*;
use querist_core::{Class, Features, LabelSet, Probabilities, Seed, Share};
use querist_query::{
    BatchSettings, Composition, Fractions, MixSetting, Mode, NearDuplicates, Needs, Order, PoolView,
    QueryError, QueryStrategy, RatioSetting, Selected, Source, Stock, StrategySetting, Within, compose,
};
use rand::Rng;

const CLASSES: usize = 4;
const COUNTS: [usize; CLASSES] = [12, 5, 1, 0];

fn labels() -> LabelSet {
    LabelSet::new(["a", "b", "c", "d"]).unwrap()
}

fn order(size: usize, fractions: [f64; 4]) -> BatchSettings {
    let [uncertainty, ratio, random, control] = fractions;
    BatchSettings {
        size,
        mix: MixSetting::Shares(Fractions { uncertainty, ratio, random, control }),
        diversity: 3,
        strategy: StrategySetting::Measure,
        near_duplicates: NearDuplicates::Off,
        ..BatchSettings::default()
    }
}

/// Weights of the classes in label order.
fn weighted(labels: &LabelSet, weights: &[f64]) -> RatioSetting {
    RatioSetting::Weights(labels.names().iter().cloned().zip(weights.iter().copied()).collect())
}

fn try_compose(
    batch: &BatchSettings,
    stock: Stock<'_>,
    seed: u64,
    round: u32,
) -> Result<Composition, QueryError> {
    let order = Order { batch, mix: batch.mix.shares().unwrap(), strategy: None };
    compose(order, stock, Seed(seed), round)
}

fn composed(batch: &BatchSettings, view: PoolView<'_>, open_controls: usize) -> Composition {
    let labels = labels();
    let stock =
        Stock { pool: view, labels: &labels, open_controls, again_controls: 0, labeled_counts: &COUNTS };
    try_compose(batch, stock, 7, 2).unwrap()
}

fn given(batch: &Composition) -> [usize; 4] {
    Share::ALL.map(|share| batch.picks.iter().filter(|pick| pick.share == share).count())
}

/// Checks what holds for every batch.
fn assert_sound(batch: &Composition, view: PoolView<'_>, open_controls: usize) {
    let sources: BTreeSet<Source> = batch.picks.iter().map(|pick| pick.document).collect();
    assert_eq!(sources.len(), batch.picks.len(), "an item twice");
    for pick in &batch.picks {
        match pick.document {
            Source::Pool(row) => assert!(view.open.contains(&row) && pick.share != Share::Control),
            Source::Control(index) => assert!(index < open_controls && pick.share == Share::Control),
        }
        assert!(!pick.fallback || pick.share == Share::Ratio);
    }
    assert_eq!(batch.shares.iter().map(|account| account.share).collect::<Vec<_>>(), Share::ALL);
    assert_eq!(batch.shares.iter().map(|account| account.given).collect::<Vec<_>>(), given(batch));
    for account in &batch.shares {
        assert!(account.given == account.asked || account.note.is_some(), "{account:?} without a note");
    }
    let labels = labels();
    for account in &batch.quotas {
        let reason = format!("ratio:{}", labels.name(account.class));
        let count =
            |fallback| batch.picks.iter().filter(|p| p.reason == reason && p.fallback == fallback).count();
        assert_eq!((count(false), count(true)), (account.by_prediction, account.by_fallback), "{account:?}");
    }
}

#[test]
fn a_thousand_at_80_to_20_is_800_and_200() {
    // 3,000 documents, of which 1,100 are predicted to be of the first class.
    let n = 3_000;
    let features = Features::Dense(Array2::ones((n, 1)));
    let first = |row: usize| if row % 30 < 11 { 0.9 } else { 0.3 };
    let rows =
        Array2::from_shape_fn((n, 2), |(row, class)| if class == 0 { first(row) } else { 1.0 - first(row) });
    let probabilities = Probabilities::new(rows).unwrap();
    let open: Vec<usize> = (0..n).collect();
    let view = PoolView::new(&features, &open).with_probabilities(&probabilities);
    let labels = LabelSet::new(["fraud", "other"]).unwrap();
    for weights in [vec![0.8, 0.2], vec![80.0, 20.0]] {
        let mut order = order(1_000, [0.0, 1.0, 0.0, 0.0]);
        order.ratio = weighted(&labels, &weights);
        let stock = Stock {
            pool: view,
            labels: &labels,
            open_controls: 0,
            again_controls: 0,
            labeled_counts: &[0, 0],
        };
        let batch = try_compose(&order, stock, 1, 1).unwrap();
        let count = |reason: &str| batch.picks.iter().filter(|pick| pick.reason == reason).count();
        assert_eq!((count("ratio:fraud"), count("ratio:other"), batch.picks.len()), (800, 200, 1_000));
        assert!(batch.picks.iter().all(|pick| !pick.fallback));
        for pick in &batch.picks {
            let Source::Pool(row) = pick.document else { panic!("a control item") };
            assert_eq!(probabilities.likeliest(row) == Class(0), pick.reason == "ratio:fraud");
        }
        assert_eq!((batch.quotas[0].predicted, batch.quotas[1].predicted), (1_100, 1_900));
    }
}

#[test]
fn a_quota_too_large_for_its_class_is_reported() {
    let pool = Pool::new(400, CLASSES, true, 1);
    let mut order = order(200, [0.0, 1.0, 0.0, 0.0]);
    order.ratio = weighted(&labels(), &[1.0]);
    let batch = composed(&order, pool.view(), 0);
    assert_sound(&batch, pool.view(), 0);
    let account = batch.quotas[0];
    assert!(account.predicted < 200, "{account:?}");
    assert_eq!(account.by_prediction, account.predicted);
    assert_eq!(account.by_fallback, 200 - account.predicted);
    assert!(batch.quotas[1..].iter().all(|other| other.quota == 0 && other.by_prediction == 0));
}

#[test]
fn the_random_slice_ignores_every_other_share() {
    let pool = Pool::new(400, CLASSES, true, 1);
    let slice = |order: &BatchSettings, view: PoolView<'_>| {
        let batch = composed(order, view, 5);
        batch.picks.iter().filter(|p| p.share == Share::Random).map(|p| p.document).collect::<BTreeSet<_>>()
    };
    let mixed = slice(&order(100, [0.3, 0.4, 0.2, 0.1]), pool.view());
    assert_eq!(mixed.len(), 20);
    assert_eq!(slice(&order(100, [0.8, 0.0, 0.2, 0.0]), pool.view()), mixed);
    // Not even the model changes it, because it is drawn from the whole open pool.
    let without = PoolView { probabilities: None, labeled: &[], ..pool.view() };
    assert_eq!(slice(&order(100, [0.8, 0.0, 0.2, 0.0]), without), mixed);
}

#[test]
fn quotas_balance_the_labelled_set() {
    let pool = Pool::new(400, CLASSES, true, 1);
    let batch = composed(&order(22, [0.0, 1.0, 0.0, 0.0]), pool.view(), 0);
    assert_eq!(batch.quotas.iter().map(|account| account.quota).collect::<Vec<_>>(), [0, 5, 8, 9]);
    assert_eq!(batch.mode, Mode::Model);
}

#[test]
fn a_cold_start_is_diverse_and_says_so() {
    let pool = Pool::new(400, CLASSES, true, 1);
    let view = PoolView { probabilities: None, labeled: &[], ..pool.view() };
    let batch = composed(&order(50, [0.4, 0.3, 0.2, 0.1]), view, 9);
    assert_sound(&batch, view, 9);
    assert_eq!((batch.mode, given(&batch)), (Mode::NoLabels, [35, 0, 10, 5]));
    assert!(batch.picks.iter().all(|p| (p.share == Share::Uncertainty) == (p.reason == "diverse")));
    assert!(batch.shares[0].note.as_ref().is_some_and(|note| note.contains("nothing is labelled")));
    assert_eq!(batch.quotas, []);
}

#[test]
fn labels_of_one_class_ask_for_what_is_unlike_them() {
    let pool = Pool::new(400, CLASSES, false, 1);
    let one: Vec<(usize, Class)> =
        pool.labeled.iter().copied().filter(|(_, class)| *class == Class(1)).collect();
    let view = PoolView { probabilities: None, labeled: &one, ..pool.view() };
    let batch = composed(&order(50, [1.0, 0.0, 0.0, 0.0]), view, 0);
    assert_sound(&batch, view, 0);
    assert_eq!(batch.mode, Mode::OneClass);
    assert!(batch.picks.iter().all(|pick| pick.reason == "novelty"));
    // Every document of the labelled class has most of its words in that class's columns; the picks
    // do not.
    let Features::Dense(words) = &pool.features else { panic!("dense features") };
    for pick in &batch.picks {
        let Source::Pool(row) = pick.document else { panic!("a control item") };
        let of_class: f32 = (8..16).map(|column| words[(row, column)]).sum();
        assert!(of_class <= 0.5, "row {row}");
    }
    let two = PoolView { probabilities: None, ..pool.view() };
    let labels = labels();
    let stock =
        Stock { pool: two, labels: &labels, open_controls: 0, again_controls: 0, labeled_counts: &COUNTS };
    let refused = try_compose(&order(5, [1.0, 0.0, 0.0, 0.0]), stock, 1, 1);
    assert_eq!(refused, Err(QueryError::NoProbabilities { strategy: "uncertainty" }));
}

#[test]
fn bad_ratios_are_refused_even_before_there_is_a_model() {
    let pool = Pool::new(100, CLASSES, true, 1);
    let labels = labels();
    let view = PoolView { probabilities: None, labeled: &[], ..pool.view() };
    let stock =
        Stock { pool: view, labels: &labels, open_controls: 0, again_controls: 0, labeled_counts: &COUNTS };
    let mut order = order(10, [0.5, 0.5, 0.0, 0.0]);
    order.ratio = weighted(&labels, &[1.0, -1.0]);
    let refused = try_compose(&order, stock, 1, 1).unwrap_err().to_string();
    assert_eq!(refused, "ratio: the weight of \"b\" is -1; expected a number of 0 or more");
    order.ratio = "e=1".parse().unwrap();
    let refused = try_compose(&order, stock, 1, 1).unwrap_err().to_string();
    assert!(refused.starts_with("ratio: unknown label \"e\""), "{refused}");
}

#[test]
fn the_order_is_shuffled_and_the_shares_have_streams_of_their_own() {
    let pool = Pool::new(400, CLASSES, true, 1);
    let batch = composed(&order(100, [0.5, 0.0, 0.3, 0.2]), pool.view(), 30);
    let shares: Vec<Share> = batch.picks.iter().map(|pick| pick.share).collect();
    let changes = shares.windows(2).filter(|pair| pair[0] != pair[1]).count();
    // A random order of 50, 30 and 20 changes share about 61 times; blocks would change twice.
    assert!(changes > 40, "{changes}");
    let labels = labels();
    let stock = Stock {
        pool: pool.view(),
        labels: &labels,
        open_controls: 30,
        again_controls: 0,
        labeled_counts: &COUNTS,
    };
    let next = try_compose(&order(100, [0.5, 0.0, 0.3, 0.2]), stock, 7, 3).unwrap();
    assert_ne!(next.picks, batch.picks);
}

#[test]
fn a_batch_is_the_same_on_any_number_of_threads() {
    for sparse in [true, false] {
        let pool = Pool::new(600, CLASSES, sparse, 1);
        let mut order = order(120, [0.4, 0.3, 0.2, 0.1]);
        order.within = Within::Diverse;
        let once = on_threads(1, || composed(&order, pool.view(), 9));
        for threads in [1, 2, 8] {
            assert_eq!(on_threads(threads, || composed(&order, pool.view(), 9)), once);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_batch_has_the_counts_of_its_mix(
        size in 1usize..300,
        parts in prop::array::uniform4(prop_oneof![Just(0.0), 0.01f64..1.0]),
        open_controls in 0usize..60,
        weights in prop_oneof![Just(None), prop::array::uniform4(0.0f64..1.0).prop_map(Some)],
        within in prop::sample::select(vec![
            Within::Random, Within::Likeliest, Within::Uncertain, Within::Diverse,
        ]),
        mode in prop::sample::select(vec![Mode::Model, Mode::NoLabels, Mode::OneClass]),
        n_rows in prop_oneof![Just(1_000usize), 0usize..300],
        sparse in any::<bool>(),
    ) {
        let sum: f64 = parts.iter().sum();
        prop_assume!(sum > 0.0);
        let pool = Pool::new(n_rows, CLASSES, sparse, 3);
        let mut order = order(size, parts.map(|part| part / sum));
        order.within = within;
        if let Some(weights) = weights {
            prop_assume!(weights.iter().sum::<f64>() > 0.0);
            order.ratio = weighted(&labels(), &weights);
        }
        let one: Vec<(usize, Class)> = pool.labeled.iter().map(|(row, _)| (*row, Class(2))).collect();
        let view = match mode {
            Mode::Model => pool.view(),
            Mode::NoLabels => PoolView { probabilities: None, labeled: &[], ..pool.view() },
            Mode::OneClass => PoolView { probabilities: None, labeled: &one, ..pool.view() },
        };
        let batch = composed(&order, view, open_controls);
        assert_sound(&batch, view, open_controls);

        let asked = order.mix.shares().unwrap().counts(size);
        prop_assert_eq!(batch.shares.iter().map(|account| account.asked).collect::<Vec<_>>(), asked);
        let controls = asked[3].min(open_controls);
        prop_assert_eq!(given(&batch)[3], controls);
        prop_assert_eq!(batch.picks.len(), controls + (size - controls).min(view.open.len()));
        if size - controls <= view.open.len() {
            prop_assert_eq!(given(&batch)[2], asked[2]);
            if mode == Mode::Model {
                prop_assert_eq!(given(&batch)[1], asked[1]);
            }
        }
        if let Some(account) = batch.quotas.first() {
            let quotas = order.ratio.by_class(&labels()).unwrap().quotas(given(&batch)[1], &COUNTS).unwrap();
            prop_assert_eq!(account.quota, quotas[0]);
            for account in &batch.quotas {
                prop_assert_eq!(account.by_prediction + account.by_fallback, account.quota);
                prop_assert_eq!(account.by_prediction, account.quota.min(account.predicted));
            }
        }
    }
}

/// A strategy from outside the crate: it returns the first open rows, or the first row `twice`, or
/// an error of its own.
struct Outsider {
    twice: bool,
    fails: bool,
}

impl QueryStrategy for Outsider {
    fn name(&self) -> &'static str {
        "mine"
    }

    fn needs(&self) -> Needs {
        Needs::NOTHING
    }

    fn select(
        &self,
        pool: querist_query::Pool<'_>,
        n: usize,
        _: &mut dyn Rng,
    ) -> Result<Vec<Selected>, QueryError> {
        if self.fails {
            let problem = "the oracle is silent".to_owned();
            return Err(QueryError::Strategy { strategy: self.name().to_owned(), problem });
        }
        let pick = |at: usize| Selected {
            row: pool.open[if self.twice { 0 } else { at }],
            reason: "mine".to_owned(),
            fallback: false,
        };
        Ok((0..n.min(pool.open.len())).map(pick).collect())
    }
}

#[test]
fn a_strategy_from_outside_fills_a_batch_and_its_faults_are_named() {
    let pool = Pool::new(120, CLASSES, true, 5);
    let labels = labels();
    let stock = Stock {
        pool: pool.view(),
        labels: &labels,
        open_controls: 0,
        again_controls: 0,
        labeled_counts: &COUNTS,
    };
    let batch = order(5, [1.0, 0.0, 0.0, 0.0]);
    let outcome = |twice: bool, fails: bool| {
        let order = Order {
            batch: &batch,
            mix: batch.mix.shares().unwrap(),
            strategy: Some(&Outsider { twice, fails }),
        };
        compose(order, stock, Seed(7), 2).map_err(|error| error.to_string())
    };
    let mut sources: Vec<Source> =
        outcome(false, false).unwrap().picks.into_iter().map(|pick| pick.document).collect();
    sources.sort_unstable();
    let expected: Vec<Source> = pool.open[..5].iter().map(|row| Source::Pool(*row)).collect();
    assert_eq!(sources, expected);
    let first = pool.open[0];
    assert_eq!(
        outcome(true, false),
        Err(format!("the strategy \"mine\" failed: it returned row {first} twice"))
    );
    assert_eq!(outcome(false, true), Err("the strategy \"mine\" failed: the oracle is silent".to_owned()));
}
