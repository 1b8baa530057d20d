//! The near-duplicate guard for every strategy of the catalog and for whole batches, on a pool
//! where every text occurs ten times.

#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

#[path = "pool/centroid.rs"]
mod centroid;

use std::collections::BTreeSet;
use std::sync::Arc;

use centroid::Centroid;
use ndarray::Array2;
use querist_core::{Class, Features, LabelSet, Probabilities, Seed, Share};
use querist_query::{
    BatchSettings, Composition, Fractions, Ingredients, Measure, MixSetting, NearDuplicates, Order, PoolView,
    Source, Stock, StrategySetting, Within, catalog, compose,
};

const CLASSES: usize = 3;
const TEXTS: usize = 40;
const COPIES: usize = 10;

/// The number of labelled documents of each class.
const COUNTS: [usize; CLASSES] = [1, 1, 0];

/// Row r is a copy of text r mod 40. Rows 0 and 1 are labelled and row 2 is given out, so their
/// texts are taken.
struct Repeated {
    features: Features,
    shingles: Vec<Vec<u32>>,
    open: Vec<usize>,
    probabilities: Probabilities,
    labeled: Vec<(usize, Class)>,
}

impl Repeated {
    fn new() -> Self {
        let rows = TEXTS * COPIES;
        let text = |row: usize| row % TEXTS;
        let open: Vec<usize> = (3..rows).collect();
        let probabilities = Array2::from_shape_fn((open.len(), CLASSES), |(at, class)| {
            let first = (text(open[at]) as f64 + 1.0) / (TEXTS as f64 + 2.0);
            [first, (1.0 - first) * 0.7, (1.0 - first) * 0.3][class]
        });
        Self {
            features: Features::Dense(Array2::from_shape_fn((rows, 4), |(row, column)| {
                ((text(row) * (column + 3) * 7) % 11) as f32
            })),
            // Each text has ten shingles of its own, and a copy may lack one. So copies have 9 of
            // 10 or 8 of 10 in common.
            shingles: (0..rows)
                .map(|row| {
                    (0..10).filter(|at| *at != row / TEXTS).map(|at| (text(row) * 10 + at) as u32).collect()
                })
                .collect(),
            open,
            probabilities: Probabilities::new(probabilities).unwrap(),
            labeled: vec![(0, Class(0)), (1, Class(1))],
        }
    }

    fn view(&self) -> PoolView<'_> {
        PoolView {
            features: &self.features,
            open: &self.open,
            outside: &[],
            probabilities: Some(&self.probabilities),
            labeled: &self.labeled,
            shingles: Some(&self.shingles),
        }
    }
}

fn ingredients() -> Ingredients {
    Ingredients {
        labeled_counts: COUNTS.to_vec(),
        classifier: Some(Arc::new(Centroid)),
        ..Ingredients::new(LabelSet::new(["a", "b", "c"]).unwrap())
    }
}

/// The number of texts of the rows, after a check that they all differ and that none is taken.
fn texts(name: &str, rows: impl Iterator<Item = usize>) -> usize {
    let rows: Vec<usize> = rows.collect();
    let texts: BTreeSet<usize> = rows.iter().map(|row| row % TEXTS).collect();
    assert_eq!(texts.len(), rows.len(), "{name}: a text twice");
    assert!(texts.iter().all(|text| *text > 2), "{name}: a text that is labelled or out");
    texts.len()
}

#[test]
fn no_strategy_picks_a_text_twice() {
    let pool = Repeated::new();
    for name in catalog::names() {
        for n in [1, 5, 20, TEXTS - 3] {
            // A copy lacks one of ten shingles, so two copies share 8 of 10, or 0.8: the default.
            let batch = composed(&filled_by(name, n), pool.view());
            assert_eq!(texts(name, rows(&batch)), n, "{name}");
        }
        // A batch is smaller only if nothing else is left.
        let batch = composed(&filled_by(name, 100), pool.view());
        assert_eq!(texts(name, rows(&batch)), TEXTS - 3, "{name}");
        assert_eq!(batch.picks.len() + batch.near_duplicates, pool.open.len(), "{name}");
    }
}

#[test]
fn where_nothing_is_refused_nothing_changes() {
    let pool = Repeated::new();
    let distinct: Vec<Vec<u32>> = (0..(TEXTS * COPIES) as u32).map(|row| vec![row]).collect();
    let view = PoolView { shingles: Some(&distinct), ..pool.view() };
    for name in catalog::names() {
        let guarded = composed(&filled_by(name, 20), view);
        let off = BatchSettings { near_duplicates: NearDuplicates::Off, ..filled_by(name, 20) };
        assert_eq!(guarded, composed(&off, view), "{name}");
        // Without shingles nothing is left out either.
        assert_eq!(guarded, composed(&filled_by(name, 20), PoolView { shingles: None, ..view }), "{name}");
    }
}

/// A batch that one strategy fills alone.
fn filled_by(strategy: &str, size: usize) -> BatchSettings {
    BatchSettings { strategy: strategy.into(), ..order(size, [1.0, 0.0, 0.0, 0.0]) }
}

fn order(size: usize, fractions: [f64; 4]) -> BatchSettings {
    let [uncertainty, ratio, random, control] = fractions;
    let mix = MixSetting::Shares(Fractions { uncertainty, ratio, random, control });
    BatchSettings { size, mix, diversity: 3, strategy: StrategySetting::Measure, ..BatchSettings::default() }
}

/// The batch; the strategy in the settings fills its uncertainty share.
fn composed(batch: &BatchSettings, view: PoolView<'_>) -> Composition {
    let labels = ingredients().labels;
    let stock =
        Stock { pool: view, labels: &labels, open_controls: 9, again_controls: 0, labeled_counts: &COUNTS };
    let strategy = batch.strategy.name().map(|name| catalog::by_name(name, &ingredients()).unwrap());
    let order = Order { batch, mix: batch.mix.shares().unwrap(), strategy: strategy.as_deref() };
    compose(order, stock, Seed(7), 2).unwrap()
}

fn rows(batch: &Composition) -> impl Iterator<Item = usize> {
    batch.picks.iter().filter_map(|pick| match pick.document {
        Source::Pool(row) => Some(row),
        Source::Control(_) => None,
    })
}

#[test]
fn a_batch_has_no_text_twice_whatever_fills_it() {
    let pool = Repeated::new();
    let withins = [Within::Random, Within::Likeliest, Within::LeastLikely, Within::Diverse];
    for (name, within) in catalog::names().zip(withins.into_iter().cycle()) {
        let order = BatchSettings { within, strategy: name.into(), ..order(30, [0.4, 0.3, 0.2, 0.1]) };
        let batch = composed(&order, pool.view());
        assert_eq!(texts(name, rows(&batch)), 27, "{name}");
        let given = Share::ALL.map(|share| batch.picks.iter().filter(|pick| pick.share == share).count());
        assert_eq!(given, [12, 9, 6, 3], "{name}");
        let left_out: usize = batch.shares.iter().map(|account| account.near_duplicates).sum();
        assert_eq!(left_out, batch.near_duplicates, "{name}");
    }
}

#[test]
fn the_order_of_a_set_s_shingles_changes_nothing() {
    let pool = Repeated::new();
    let turned: Vec<Vec<u32>> =
        pool.shingles.iter().map(|set| set.iter().rev().chain(set.last()).copied().collect()).collect();
    let order = order(30, [0.4, 0.3, 0.3, 0.0]);
    assert_eq!(composed(&order, pool.view().with_shingles(&turned)), composed(&order, pool.view()));
}

#[test]
fn a_batch_too_large_for_the_texts_is_smaller_and_says_why() {
    let pool = Repeated::new();
    let batch = composed(&order(100, [0.4, 0.3, 0.3, 0.0]), pool.view());
    assert_eq!(texts("batch", rows(&batch)), TEXTS - 3);
    assert_eq!(batch.picks.len() + batch.near_duplicates, pool.open.len());
    for account in &batch.shares {
        assert!(account.given == account.asked || account.note.is_some(), "{account:?}");
    }
    let note = batch.shares[0].note.as_deref().unwrap();
    assert!(note.contains("only 0 documents are left that are not near-duplicates"), "{note}");
    // Without shingles, or without a threshold, the batch is as large as requested.
    let unguarded = PoolView { shingles: None, ..pool.view() };
    assert_eq!(composed(&order(100, [0.4, 0.3, 0.3, 0.0]), unguarded).picks.len(), 100);
    let lax = BatchSettings { near_duplicates: NearDuplicates::Off, ..order(100, [0.4, 0.3, 0.3, 0.0]) };
    let batch = composed(&lax, pool.view());
    assert_eq!((batch.picks.len(), batch.near_duplicates), (100, 0));
}

#[test]
fn a_batch_in_which_nothing_is_refused_is_the_same_with_and_without_the_guard() {
    let pool = Repeated::new();
    let distinct: Vec<Vec<u32>> = (0..(TEXTS * COPIES) as u32).map(|row| vec![row]).collect();
    for within in [Within::Random, Within::Uncertain, Within::Diverse] {
        let measure = Measure::Margin;
        let order = BatchSettings { within, measure, ..order(60, [0.4, 0.3, 0.2, 0.1]) };
        let guarded = composed(&order, PoolView { shingles: Some(&distinct), ..pool.view() });
        assert_eq!(guarded, composed(&order, PoolView { shingles: None, ..pool.view() }));
    }
}

#[test]
fn any_strategy_can_fill_the_uncertainty_share_and_another_stands_in_where_it_cannot() {
    let pool = Repeated::new();
    let filled = |name: &str, view: PoolView<'_>| {
        let order = BatchSettings {
            strategy: name.into(),
            near_duplicates: NearDuplicates::Off,
            ..order(10, [1.0, 0.0, 0.0, 0.0])
        };
        let batch = composed(&order, view);
        let reasons: BTreeSet<String> = batch.picks.iter().map(|pick| pick.reason.clone()).collect();
        (reasons.into_iter().collect::<Vec<_>>().join(" "), batch.shares[0].note.clone())
    };
    assert_eq!(filled("badge", pool.view()), ("badge".to_owned(), None));
    let cold = PoolView { probabilities: None, labeled: &[], ..pool.view() };
    let (reasons, note) = filled("core-set", cold);
    assert_eq!(reasons, "core-set");
    assert_eq!(
        note.as_deref(),
        Some("no model yet, because nothing is labelled yet; picked instead: core-set")
    );
    let (reasons, note) = filled("vote-entropy", cold);
    assert_eq!(reasons, "diverse");
    let note = note.unwrap();
    assert!(
        note.ends_with(
            "vote-entropy needs a model and labels of at least 2 classes, so diverse was used \
                        instead"
        ),
        "{note}"
    );
    let unlabelled = PoolView { labeled: &[], ..pool.view() };
    assert_eq!(
        filled("anchors", unlabelled),
        (
            "entropy".to_owned(),
            Some("anchors needs labels of at least 1 classes, so entropy was used instead".to_owned())
        )
    );
}
