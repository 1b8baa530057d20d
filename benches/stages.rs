//! The stages of a round one by one, on the bundled support tickets: `cargo bench --bench stages`.
//!
//! Counting, idf and lengths, the embedding (on 5,000 documents), gathering, scoring, training at
//! 500 labels, and the diverse selection. The data is small on purpose: it shows which stage became
//! slower, not how fast Querist is.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use querist_core::{
    Class, Classifier, Examples, FittedClassifier, FittedFeaturizer, Learn, Probabilities, Seed, Start,
};
use querist_model::LogisticRegression;
use querist_query::{Diverse, Measure, PoolView, QueryStrategy, Uncertainty};
use querist_text::{
    Buckets, Counter, Counts, FeatureKind, FittedSpace, NgramCounter, NgramRange, Normalization,
    TextFeaturizer, WordSource, WordSplitter,
};
use serde_json::Value;

/// How many documents the embedding is learned from.
const BASIS: usize = 5_000;

/// How many labels the model is trained on.
const LABELED: usize = 500;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let tickets = Tickets::read();
    text(&mut criterion, &tickets);
    model(&mut criterion, &tickets);
    criterion.final_summary();
}

/// The stages from texts to features.
fn text(criterion: &mut Criterion, tickets: &Tickets) {
    let texts = tickets.texts();
    let counter = counter();
    let count = || Counts::open(None, &*counter, &texts, &|_, _| ()).expect("counts");
    criterion.bench_function("count", |bencher| bencher.iter(count));
    for (name, kind) in [("idf and lengths", FeatureKind::NGRAM), ("lsa fit", FeatureKind::LSA)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        tickets.fit(kind, Some(folder.path()));
        // The counts stay; everything learned from them is learned again.
        criterion.bench_function(name, |bencher| {
            let forget = || forget_learned(folder.path());
            bencher.iter_batched(
                forget,
                |()| tickets.fit(kind, Some(folder.path())),
                BatchSize::PerIteration,
            );
        });
    }
}

/// The stages from features to a batch, for each kind of rows.
fn model(criterion: &mut Criterion, tickets: &Tickets) {
    let (labeled, open): (Vec<usize>, Vec<usize>) = (0..tickets.texts.len()).partition(|row| row % 13 == 0);
    let labeled = &labeled[..LABELED];
    let targets: Vec<Class> = labeled.iter().map(|row| tickets.truth[*row]).collect();
    for kind in [FeatureKind::NGRAM, FeatureKind::LSA] {
        let space = tickets.fit(kind, None);
        let places = tickets.places();
        let rows = space.rows(&places);
        let mut group = criterion.benchmark_group(kind.name());
        group.bench_function("gather", |bencher| bencher.iter(|| rows.gather(labeled).expect("rows")));
        let features = rows.gather(labeled).expect("rows");
        let examples =
            Examples { features: &features, targets: &targets, weights: None, n_classes: tickets.n_classes };
        let fit = || -> Box<dyn FittedClassifier> {
            let start = Start { warm: None, seed: Seed(0) };
            LogisticRegression::default().fit(examples, start).expect("a fit").model
        };
        group.bench_function("train", |bencher| bencher.iter(fit));
        let model = fit();
        let score = || -> Probabilities { model.predict(rows.as_ref(), &open).expect("scores") };
        group.bench_function("score", |bencher| bencher.iter(score));
        let probabilities = score();
        let view = PoolView::new(rows.as_ref(), &open).with_probabilities(&probabilities);
        let pool = view.check().expect("a pool");
        let uncertainty = Uncertainty { measure: Measure::Entropy, diversity: 10 };
        group.bench_function("select uncertain", |bencher| {
            bencher.iter(|| uncertainty.select(pool, 100, &mut Seed(0).rng(1, "stages")).expect("a batch"));
        });
        group.bench_function("select diverse", |bencher| {
            bencher.iter(|| Diverse.select(pool, 100, &mut Seed(0).rng(1, "stages")).expect("a batch"));
        });
        group.finish();
    }
}

/// The bundled pool, with the true class of each document.
struct Tickets {
    texts: Vec<String>,
    truth: Vec<Class>,
    n_classes: usize,
}

impl Tickets {
    fn read() -> Self {
        let texts = column("pool.jsonl.gz", "text");
        let truth = column("truth.jsonl.gz", "label");
        let mut labels = truth.clone();
        labels.sort();
        labels.dedup();
        let class = |label: &String| Class::from_index(labels.binary_search(label).expect("a known label"));
        Self { truth: truth.iter().map(class).collect(), texts, n_classes: labels.len() }
    }

    fn texts(&self) -> Vec<&str> {
        self.texts.iter().map(String::as_str).collect()
    }

    fn places(&self) -> Vec<u32> {
        (0..self.texts.len() as u32).collect()
    }

    fn fit(&self, kind: FeatureKind, folder: Option<&Path>) -> FittedSpace {
        let pool = self.places();
        let mut featurizer = TextFeaturizer::new(counter(), kind);
        if let Some(folder) = folder {
            featurizer = featurizer.with_folder(folder);
        }
        let learn = Learn { pool: &pool, basis: &pool[..BASIS], progress: &|_, _| () };
        featurizer.fit_space(&self.texts(), learn).expect("features of the pool")
    }
}

fn counter() -> Arc<dyn Counter> {
    let words = WordSource::Splitter(WordSplitter::new(Normalization::default()));
    Arc::new(NgramCounter::new(words, NgramRange::default(), None, Buckets::default()))
}

/// The values of one field in all rows of a bundled file.
fn column(file: &str, field: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets").join(file);
    let mut text = String::new();
    let bytes = fs::File::open(path).expect("a bundled file");
    flate2::read::MultiGzDecoder::new(bytes).read_to_string(&mut text).expect("text");
    let value =
        |line: &str| serde_json::from_str::<Value>(line).expect("JSON")[field].as_str().map(str::to_owned);
    text.lines().map(|line| value(line).expect("a string")).collect()
}

/// Removes all derived files except counts from a folder.
fn forget_learned(folder: &Path) {
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let learned: Vec<PathBuf> = files
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "safetensors" || extension == "lengths")
        })
        .collect();
    for path in &learned {
        fs::remove_file(path).expect("a file");
    }
}
