//! How good a model is after few labels, for each kind of features.
//!
//! `cargo bench --bench label_efficiency -- --sets trec,r8 --kinds ngram,lsa,auto --sizes 50,100,200,500,2000 --seeds 10`
//!
//! A size is a number of labels or a share of the training file, such as `30%`. `--c` lists
//! penalties: numbers, or `auto` as in a workspace. `--predictions DIR` writes the rows that each
//! run learned from, and the labels that it predicted, for comparisons in pairs.
//!
//! Each run labels random documents of the training file, trains, and evaluates on the test file.
//! All kinds of features get the same documents for the same seed. The embedding is learned from
//! the training texts without their labels. Reads `<set>/train.jsonl[.gz]` and
//! `<set>/test.jsonl[.gz]` (fields text, label) below `QUERIST_DATA`. `lsa/characters` and
//! `auto/both` say what n-grams consist of; without a slash it is words, and for `auto` the texts
//! decide. Prints one JSON object for each set, kind and size, then a table of means.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod data;

use std::path::Path;
use std::sync::Arc;

use data::{Arguments, file, lines};
use querist_core::{
    Class, Classifier, Examples, Featurizer, FittedFeaturizer, Learn, Named, Rows, Seed, Start,
};
use querist_model::{Calibration, LogisticRegression, Penalty};
use querist_text::space::{Sizes, auto};
use querist_text::{
    Buckets, FeatureKind, NgramCounter, NgramRange, Normalization, Scales, StaticEmbedding, TextFeaturizer,
    UnitChoice, Units, WordSource, WordSplitter,
};
use rand::seq::index::sample;
use rayon::prelude::*;
use serde_json::{Value, json};

/// The results of one run on the test file.
struct Scores {
    /// In [0, 1].
    accuracy: f64,
    /// In [0, 1].
    macro_f1: f64,
    /// Mean log-loss of the calibrated probabilities, in nats.
    log_loss: f64,
    /// The documents learned from, by their place in the training file.
    rows: Vec<usize>,
    /// The predicted class of each document of the test file.
    predicted: Vec<Class>,
}

/// `--embedding DIR` names a static embedding to use instead of the bundled one. `none` uses no
/// embedding and leaves out the kinds that need one.
fn main() {
    let arguments = Arguments::parse();
    let Some(folder) = data::folder() else { return };
    let embedding = match arguments.text("embedding") {
        Some("none") => None,
        Some(folder) => Some(StaticEmbedding::from_folder(Path::new(folder)).expect("a static embedding")),
        None => Some(StaticEmbedding::english().expect("the words that come along")),
    };
    let embedding = embedding.map(Arc::new);
    let seeds = arguments.number("seeds", 10);
    let penalties = arguments.list("c", "10");
    let mut rows = Vec::new();
    for name in arguments.list("sets", "trec,r8,sms_spam,ag_news,sst2,mr,clinc150,imdb") {
        let set = Set::read(&folder, &name);
        for kind in arguments
            .list("kinds", "ngram,lsa,ngram+lsa,static,ngram+static,lsa+static,ngram+lsa+static,auto")
        {
            if kind.contains("static") && embedding.is_none() {
                continue;
            }
            let sizes = arguments.list("sizes", "50,100,200,500,2000");
            let sizes: Vec<usize> = sizes.iter().map(|size| set.size(size)).collect();
            for (size, c, scores) in run(&set, &kind, embedding.as_ref(), (&sizes, &penalties), seeds) {
                if let Some(folder) = arguments.text("predictions") {
                    set.write(Path::new(folder), &format!("{name}-{kind}-{c}-{size}"), &scores);
                }
                let [accuracy, f1, loss] =
                    [|s: &Scores| s.accuracy, |s: &Scores| s.macro_f1, |s: &Scores| s.log_loss]
                        .map(|of| summary(&scores, of));
                println!(
                    "{}",
                    json!({"set": name, "kind": kind, "c": c, "labelled": size, "seeds": scores.len(),
                        "accuracy": accuracy.0, "accuracy_sd": accuracy.1, "macro_f1": f1.0, "macro_f1_sd": f1.1,
                        "log_loss": loss.0, "log_loss_sd": loss.1})
                );
                rows.push(format!(
                    "| {name} | {kind} | {c} | {size} | {:.3} ± {:.3} | {:.3} ± {:.3} | {:.3} ± {:.3} |",
                    accuracy.0, accuracy.1, f1.0, f1.1, loss.0, loss.1
                ));
            }
        }
    }
    println!(
        "\n| set | features | C | labelled | accuracy | macro-F1 | log-loss |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n{}",
        rows.join("\n")
    );
}

/// Runs all seeds with each of these sizes and penalties; returns their scores by both.
fn run(
    set: &Set,
    kind: &str,
    embedding: Option<&Arc<StaticEmbedding>>,
    (sizes, penalties): (&[usize], &[String]),
    seeds: u64,
) -> Vec<(usize, String, Vec<Scores>)> {
    let mut fitted: Vec<((FeatureKind, Scales), Box<dyn FittedFeaturizer>)> = Vec::new();
    let mut out = Vec::new();
    let (kind, units) = kind.split_once('/').map_or((kind, None), |(kind, units)| (kind, Some(units)));
    let units = match units {
        Some(units) => Units::named(units).expect("words, characters or both"),
        None if kind == "auto" => Units::Auto,
        None => Units::Words,
    };
    for &size in sizes.iter().filter(|size| **size <= set.n_train) {
        let kind = kind_of(kind, (set.n_train, size, set.labels.len()), embedding.is_some());
        if !fitted.iter().any(|(known, _)| *known == kind) {
            fitted.push((kind, fit(set, kind, units, embedding)));
        }
        let features = &fitted.iter().find(|(known, _)| *known == kind).expect("fitted just now").1;
        let (train, test): (Vec<u32>, Vec<u32>) = set.places();
        let (train, test) = (features.rows(&train), features.rows(&test));
        for c in penalties {
            let classifier = classifier(c);
            // All documents are the same documents for every seed.
            let seeds = if size == set.n_train { 1 } else { seeds };
            let scores = (0..seeds)
                .into_par_iter()
                .map(|seed| score(set, (train.as_ref(), test.as_ref()), &classifier, size, seed));
            out.push((size, c.clone(), scores.collect()));
        }
    }
    out
}

/// Parses the name of a kind, without its units. Numbers after `@` replace the default scales of
/// the n-gram and the static block: `ngram+lsa@0.5`, `lsa+static@1:0.5`.
fn kind_of(
    name: &str,
    (pool, labeled, classes): (usize, usize, usize),
    has_embedding: bool,
) -> (FeatureKind, Scales) {
    let (name, scales) = name.split_once('@').map_or((name, None), |(name, scales)| (name, Some(scales)));
    let (kind, by_rule) = match name {
        "auto" => auto(Sizes { pool, labeled, classes }, has_embedding, false),
        kind => (kind.parse().expect("a kind of features"), Scales::default()),
    };
    let scales = scales.map(|scales| {
        let mut scales = scales.split(':').map(|scale| scale.parse().expect("a scale"));
        Scales { ngram: scales.next().unwrap_or(1.0), statics: scales.next().unwrap_or(1.0), ..by_rule }
    });
    (kind, scales.unwrap_or(by_rule))
}

fn fit(
    set: &Set,
    (kind, scales): (FeatureKind, Scales),
    units: Units,
    embedding: Option<&Arc<StaticEmbedding>>,
) -> Box<dyn FittedFeaturizer> {
    let texts: Vec<&str> = set.texts.iter().map(String::as_str).collect();
    let (train, _) = set.places();
    let words = WordSource::Splitter(WordSplitter::new(Normalization::default()));
    let counter = NgramCounter::new(words, NgramRange::default(), None, Buckets::default());
    let of = |units| Arc::new(counter.clone().with_units(units));
    let choice = match units {
        Units::Words => UnitChoice::Words,
        Units::Auto => UnitChoice::ByText { characters: of(Units::Characters), both: of(Units::Both) },
        units => UnitChoice::Fixed(units, of(units)),
    };
    let featurizer = TextFeaturizer::new(of(Units::Words), kind).with_scales(scales).with_units(choice);
    let mut featurizer = featurizer.with_classes(set.labels.len());
    if let Some(embedding) = embedding {
        featurizer = featurizer.with_embedding(Arc::clone(embedding));
    }
    let learn = Learn { pool: &train, basis: &train, progress: &|_, _| () };
    featurizer.fit(&texts, learn).expect("features of the set")
}

/// The classifier of a workspace, with this penalty.
fn classifier(c: &str) -> LogisticRegression {
    let penalty = match c {
        "auto" => Penalty::Auto,
        "cross-validated" => Penalty::cross_validated(),
        c => Penalty::Fixed(c.parse().expect("auto, cross-validated or a number")),
    };
    let parameters = LogisticRegression::parameters().penalty(penalty);
    parameters.calibration(Calibration::Temperature).check().expect("a penalty above 0")
}

fn score(
    set: &Set,
    (train, test): (&dyn Rows, &dyn Rows),
    classifier: &LogisticRegression,
    size: usize,
    seed: u64,
) -> Scores {
    let seed = Seed(seed);
    let rows = sample(&mut seed.rng(0, "label-efficiency"), set.n_train, size).into_vec();
    let targets: Vec<Class> = rows.iter().map(|row| set.truth[*row]).collect();
    let features = train.gather(&rows).expect("features of the labelled documents");
    let examples =
        Examples { features: &features, targets: &targets, weights: None, n_classes: set.labels.len() };
    let fitted = classifier.fit(examples, Start { warm: None, seed }).expect("labels of two classes");
    let probabilities =
        fitted.model.predict(test, &(0..test.n_rows()).collect::<Vec<_>>()).expect("predictions");
    let predicted: Vec<Class> = (0..probabilities.len()).map(|row| probabilities.likeliest(row)).collect();
    let truth = &set.truth[set.n_train..];
    let result = querist_quality::classification(truth, &predicted, set.labels.len())
        .expect("as many predictions as labels");
    // A class without an example has probability 0, and its log-loss would be infinite.
    let loss = |(row, class): (usize, &Class)| -probabilities.view()[[row, class.index()]].max(1e-15).ln();
    Scores {
        accuracy: result.correct as f64 / result.n as f64,
        macro_f1: result.macro_f1.unwrap_or_default(),
        log_loss: truth.iter().enumerate().map(loss).sum::<f64>() / truth.len() as f64,
        rows,
        predicted,
    }
}

/// Mean and standard deviation over seeds.
fn summary(scores: &[Scores], of: fn(&Scores) -> f64) -> (f64, f64) {
    let n = scores.len() as f64;
    let mean = scores.iter().map(of).sum::<f64>() / n;
    let squares: f64 = scores.iter().map(|scores| (of(scores) - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0).max(1.0)).sqrt())
}

/// A set in memory: first the training texts, then the test texts.
struct Set {
    texts: Vec<String>,
    truth: Vec<Class>,
    n_train: usize,
    labels: Vec<String>,
}

impl Set {
    fn read(folder: &Path, name: &str) -> Self {
        let rows = |part| {
            let lines = lines(&file(folder, name, part)).into_iter();
            lines.map(|line| {
                let row: Value = serde_json::from_str(&line).expect("JSON");
                let text = |field: &str| row[field].as_str().expect("a string").to_owned();
                (text("text"), text("label"))
            })
        };
        let mut all: Vec<(String, String)> = rows("train").collect();
        let n_train = all.len();
        let mut labels: Vec<String> = all.iter().map(|row| row.1.clone()).collect();
        labels.sort();
        labels.dedup();
        all.extend(rows("test").filter(|row| labels.binary_search(&row.1).is_ok()));
        let class = |label: &String| Class::from_index(labels.binary_search(label).expect("a known label"));
        let truth = all.iter().map(|row| class(&row.1)).collect();
        Self { texts: all.into_iter().map(|row| row.0).collect(), truth, n_train, labels }
    }

    /// Returns the number of labels that `size` stands for: a number, or a share of the training
    /// file in per cent.
    fn size(&self, size: &str) -> usize {
        match size.strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.parse().expect("a share in per cent");
                (self.n_train as f64 * share / 100.0).round() as usize
            }
            None => size.parse().expect("a number of labels"),
        }
    }

    /// Writes one line of JSON for each run to the file `name` in a folder.
    fn write(&self, folder: &Path, name: &str, scores: &[Scores]) {
        std::fs::create_dir_all(folder).expect("a folder for predictions");
        let line = |scores: &Scores| {
            let predicted: Vec<&str> =
                scores.predicted.iter().map(|class| self.labels[class.index()].as_str()).collect();
            format!("{}\n", json!({"rows": scores.rows, "predicted": predicted}))
        };
        let lines: String = scores.iter().map(line).collect();
        let path = folder.join(format!("{}.jsonl", name.replace('/', "_")));
        std::fs::write(path, lines).expect("predictions can be written");
    }

    /// The row numbers of the training and of the test documents.
    fn places(&self) -> (Vec<u32>, Vec<u32>) {
        ((0..self.n_train as u32).collect(), (self.n_train as u32..self.texts.len() as u32).collect())
    }
}
