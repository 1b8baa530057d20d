//! How much time a warm start saves as labels come in: rounds of uncertainty sampling, each fitted
//! from nothing and from the model of the round before.
//!
//! Both fits stop at an equally small gradient, so both models are the same except for rounding;
//! the note shows how far their probabilities differ. The gradient includes the new labels, so a
//! warm start cannot ignore them.

use querist_core::{
    Class, Classifier, Examples, Fitted, FittedClassifier, FittedFeaturizer, Learn, Linear, Rows, Seed, Start,
};
use querist_model::{Calibration, LogisticRegression};
use querist_query::{Measure, top_k};
use querist_text::{FeatureKind, TextFeaturizer};
use rand::seq::index::sample;

use crate::set::counter;
use crate::{Bench, Row, said, timed};

/// The number of labels at the start, and of new labels in every round.
const STEP: usize = 100;

/// The rounds that the table shows.
const SHOWN: [usize; 4] = [1, 5, 10, 20];

/// Measures the rows: the fit from nothing beside the warm fit.
pub(crate) fn rows(bench: &Bench) -> Vec<Row> {
    [FeatureKind::NGRAM, FeatureKind::LSA].into_iter().flat_map(|kind| of_kind(bench, kind)).collect()
}

fn of_kind(bench: &Bench, kind: FeatureKind) -> Vec<Row> {
    let n = bench.set.documents.len();
    let pool: Vec<u32> = (0..n as u32).collect();
    let learn = Learn { pool: &pool, basis: &pool, progress: &|_, _| () };
    let space = TextFeaturizer::new(counter(), kind).fit_space(&bench.set.texts(1), learn);
    let space = space.expect("features of the set");
    let features = space.rows(&pool);
    let mut labeled = sample(&mut Seed(7).rng(0, "labels of the rounds"), n, STEP).into_vec();
    let mut earlier: Option<Box<dyn FittedClassifier>> = None;
    let mut rows = Vec::new();
    for round in 0..=SHOWN[SHOWN.len() - 1] {
        let warm = earlier.as_ref().and_then(|model| model.linear());
        let (cold, seconds_cold) = fit(bench, features.as_ref(), &labeled, None);
        let (fitted, seconds) = fit(bench, features.as_ref(), &labeled, warm);
        let open: Vec<usize> = (0..n).filter(|row| !labeled.contains(row)).collect();
        let of_pool = |fitted: &Fitted| fitted.model.predict(features.as_ref(), &open).expect("predictions");
        let probabilities = of_pool(&fitted);
        if SHOWN.contains(&round) {
            let differences = &of_pool(&cold).view() - &probabilities.view();
            let largest = differences.iter().fold(0.0, |most: f64, difference| most.max(difference.abs()));
            let what = format!("fit of round {round}, {} labels, {}: warm", labeled.len(), kind.name());
            let note = format!(
                "beside a fit from nothing; passes {} and {}, probabilities differ by at most {largest:.0e}",
                fitted.report.iterations.unwrap_or_default(),
                cold.report.iterations.unwrap_or_default()
            );
            rows.push(said(Row::time(what, seconds, seconds_cold).note(note)));
        }
        let picks = top_k(&Measure::Entropy.scores(&probabilities), STEP);
        labeled.extend(picks.into_iter().map(|place| open[place]));
        earlier = Some(fitted.model);
    }
    rows
}

/// The best of some fits, and its seconds.
fn fit(bench: &Bench, features: &dyn Rows, labeled: &[usize], warm: Option<Linear<'_>>) -> (Fitted, f64) {
    let targets: Vec<Class> = labeled.iter().map(|row| bench.set.class(*row)).collect();
    let features = features.gather(labeled).expect("features of the labelled documents");
    let n_classes = bench.set.labels.len();
    let examples = Examples { features: &features, targets: &targets, weights: None, n_classes };
    let classifier = LogisticRegression::parameters().calibration(Calibration::None).check();
    let classifier = classifier.expect("parameters in range");
    let run = || timed(|| classifier.fit(examples, Start { warm, seed: Seed(0) }).expect("a fit"));
    let (fitted, mut seconds) = run();
    for _ in 1..bench.runs {
        seconds = seconds.min(run().1);
    }
    (fitted, seconds)
}
