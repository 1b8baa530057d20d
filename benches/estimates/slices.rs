//! Random slices: bias and coverage of both estimates, and of the first estimate if it is mistaken
//! for the second.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use querist_core::{
    Class, Classifier, Examples, Featurizer, FittedFeaturizer, LabelSet, Learn, Probabilities, Seed, Share,
    Start,
};
use querist_engine::slice::{Accuracy, Picks, accuracies};
use querist_model::LogisticRegression;
use querist_query::{
    BatchSettings, DEFAULT_RESEMBLANCE, Fractions, Measure, MixSetting, NearDuplicates, Order, PoolView,
    Source, Stock, compose,
};
use querist_text::{
    Buckets, FeatureKind, NgramCounter, NgramRange, Normalization, TextFeaturizer, WordSource, WordSplitter,
};
use rand::seq::index::sample;
use serde_json::Value;

use crate::data::{Arguments, file, lines};

/// For each row: labels that the model is trained on, batch size, share of the slice, share of the
/// quotas.
const CONFIGURATIONS: [(usize, usize, f64, f64); 4] =
    [(100, 100, 0.1, 0.0), (100, 200, 0.25, 0.25), (400, 200, 0.25, 0.0), (400, 1_000, 0.1, 0.2)];

/// Prints the table.
pub(crate) fn table(folder: &Path, arguments: &Arguments) {
    let first = arguments.number("first-seed", 0);
    let seeds = first..first + arguments.number("runs", 1_000);
    let chosen = arguments.list("rows", "1,2,3,4");
    println!(
        "| set | labels | batch | slice | near-duplicates | estimate | documents | bias, points | standard error | coverage | runs |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for name in arguments.list("sets", "r8,trec") {
        let set = Set::read(folder, &name);
        for (row, configuration) in (1..).zip(CONFIGURATIONS) {
            if !chosen.contains(&format!("{row}")) {
                continue;
            }
            for resemblance in [None, Some(DEFAULT_RESEMBLANCE)] {
                set.measure(&name, configuration, resemblance, seeds.clone());
            }
        }
    }
}

/// A pool with its labels and features.
struct Set {
    truth: Vec<Class>,
    labels: LabelSet,
    features: Box<dyn FittedFeaturizer>,
    pool: Vec<u32>,
}

/// The errors of one estimate over all batches.
#[derive(Default)]
struct Tally {
    errors: Vec<f64>,
    held: usize,
    documents: usize,
}

impl Tally {
    fn take(&mut self, found: Option<Accuracy>, truth: f64, documents: usize) {
        let found = found.expect("a labelled slice");
        self.errors.push(found.value - truth);
        self.held += usize::from(found.low <= truth && truth <= found.high);
        self.documents = documents;
    }

    /// The bias with its standard error in points, and the coverage in per cent.
    fn cells(&self) -> String {
        let n = self.errors.len() as f64;
        let mean = self.errors.iter().sum::<f64>() / n;
        let squares: f64 = self.errors.iter().map(|error| (error - mean).powi(2)).sum();
        let error = (squares / (n - 1.0) / n).sqrt();
        format!(
            "{} | {:+.2} | {:.2} | {:.1} % | {n}",
            self.documents,
            100.0 * mean,
            100.0 * error,
            100.0 * self.held as f64 / n
        )
    }
}

impl Set {
    fn read(folder: &Path, name: &str) -> Self {
        let rows = lines(&file(folder, name, "train")).into_iter().map(|line| {
            let row: Value = serde_json::from_str(&line).expect("JSON");
            let text = |field: &str| row[field].as_str().expect("a string").to_owned();
            (text("text"), text("label"))
        });
        let (texts, names): (Vec<String>, Vec<String>) = rows.unzip();
        let mut known = names.clone();
        known.sort();
        known.dedup();
        let labels = LabelSet::new(known).expect("labels");
        let truth = names.iter().map(|name| labels.class(name).expect("a known label")).collect();
        let counter = || {
            let words = WordSource::Splitter(WordSplitter::new(Normalization::default()));
            Arc::new(NgramCounter::new(words, NgramRange::default(), None, Buckets::default()))
        };
        let featurizer = TextFeaturizer::new(counter(), FeatureKind::NGRAM).with_shingles(counter());
        let pool: Vec<u32> = (0..texts.len() as u32).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let learn = Learn { pool: &pool, basis: &pool, progress: &|_, _| () };
        let features = featurizer.fit(&texts, learn).expect("features of the set");
        Self { truth, labels, features, pool }
    }

    /// Trains on a random sample. Returns its rows with their classes, the open rows, and the open
    /// rows' probabilities.
    fn model(&self, labels: usize) -> (Vec<(usize, Class)>, Vec<usize>, Probabilities) {
        let mut rows = sample(&mut Seed(0).rng(0, "labels"), self.truth.len(), labels).into_vec();
        rows.sort_unstable();
        let open = (0..self.truth.len()).filter(|row| rows.binary_search(row).is_err()).collect::<Vec<_>>();
        let all = self.features.rows(&self.pool);
        let features = all.gather(&rows).expect("features of the labelled documents");
        let targets: Vec<Class> = rows.iter().map(|row| self.truth[*row]).collect();
        let examples =
            Examples { features: &features, targets: &targets, weights: None, n_classes: self.labels.len() };
        let start = Start { warm: None, seed: Seed(0) };
        let fitted = LogisticRegression::default().fit(examples, start).expect("a model");
        let probabilities = fitted.model.predict(all.as_ref(), &open).expect("predictions");
        (rows.into_iter().zip(targets).collect(), open, probabilities)
    }

    fn measure(
        &self,
        name: &str,
        (labels, size, random, ratio): (usize, usize, f64, f64),
        resemblance: Option<f64>,
        seeds: Range<u64>,
    ) {
        let (labeled, open, probabilities) = self.model(labels);
        let mut counts = vec![0; self.labels.len()];
        for (_, class) in &labeled {
            counts[class.index()] += 1;
        }
        let shingles = resemblance.and_then(|_| self.features.shingles(&self.pool));
        let all = self.features.rows(&self.pool);
        let pool = PoolView {
            features: all.as_ref(),
            open: &open,
            outside: &[],
            probabilities: Some(&probabilities),
            labeled: &labeled,
            shingles: shingles.as_deref(),
        };
        let stock = Stock {
            pool,
            labels: &self.labels,
            open_controls: 0,
            again_controls: 0,
            labeled_counts: &counts,
        };
        let fractions = Fractions { uncertainty: 1.0 - random - ratio, ratio, random, control: 0.0 };
        let batch = BatchSettings {
            size,
            mix: MixSetting::Shares(fractions),
            measure: Measure::Margin,
            diversity: 1,
            near_duplicates: resemblance.map_or(NearDuplicates::Off, NearDuplicates::From),
            ..BatchSettings::default()
        };
        let order =
            Order { batch: &batch, mix: batch.mix.shares().expect("shares that sum to 1"), strategy: None };
        let right: Vec<bool> = open
            .iter()
            .enumerate()
            .map(|(at, row)| probabilities.likeliest(at) == self.truth[*row])
            .collect();
        let total = right.iter().filter(|right| **right).count();
        let [mut drawn, mut left, mut taken] = [Tally::default(), Tally::default(), Tally::default()];
        for seed in seeds {
            let batch = compose(order, stock, Seed(seed), 1).expect("a batch");
            let (mut slice, mut others) = (Picks::default(), Picks::default());
            for chosen in &batch.picks {
                let Source::Pool(row) = chosen.document else { continue };
                let picks = if chosen.share == Share::Random { &mut slice } else { &mut others };
                picks.labeled += 1;
                picks.right += usize::from(right[open.binary_search(&row).expect("an open row")]);
            }
            let rest = open.len() - slice.labeled - others.labeled;
            let truth = (total - slice.right - others.right) as f64 / rest as f64;
            let (first, second) = accuracies(open.len(), slice, others);
            drawn.take(first, total as f64 / open.len() as f64, open.len());
            left.take(second, truth, rest);
            taken.take(first, truth, rest);
        }
        let guard = if resemblance.is_some() { "left out" } else { "kept" };
        let slice = (size as f64 * random).round();
        for (of, tally) in
            [("when drawn", &drawn), ("left open", &left), ("when drawn, taken for left open", &taken)]
        {
            println!("| {name} | {labels} | {size} | {slice} | {guard} | {of} | {} |", tally.cells());
        }
    }
}
