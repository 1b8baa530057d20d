//! Compares query strategies on documents whose labels are known.
//!
//! The engine runs the simulation. This module reads the inputs, writes the files and reports
//! progress. It appends a line to the results after each round of a run ([`LineLog`]), so a killed
//! simulation can continue. Then it sorts and summarises them.

mod arms;
mod input;
mod vectors;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use querist_core::setting::by_class;
use querist_core::{Classifier, DocumentVectors, Edition, LabelSet, SettingError};
use querist_engine::simulate::{
    About, Arm, Crew, DataSet, Described, Imbalance, Protocol, Results, SharedFeatures, SimulationError,
    Stage, play, summarise,
};
use querist_engine::{Consensus, RoundSettings, Situation};
use querist_model::{LogisticRegression, Purpose};
use querist_query::settings::pairs;
use querist_report::simulation::Simulation;
use querist_store::format::documents::FieldNames;
use querist_store::format::records::Reading;
use querist_store::format::rejected::Wording;
use querist_store::format::vectors::VectorFiles;
use querist_store::{LineLog, write_atomically, write_together};
use querist_text::space::Block;
use querist_text::{FeatureKind, Scales, StaticEmbedding};
use serde::Serialize;
use serde_json::{Value, json};

use crate::embeddings::Origin;
use crate::error::{Doing, EmbeddingError, Result, SessionError, VectorsError};
use crate::progress::{Progress, Remark, Step};
use crate::round::MODEL_SEED;
use crate::settings::{Features, legacy};

/// Name of the results file in the output folder.
const RESULTS: &str = "results.jsonl";

/// Version of the results' format. It increases when the meaning of a line changes.
const FORMAT: u32 = 3;

/// The checked inputs of a simulation.
struct Plan {
    set: DataSet,
    protocol: Protocol,
    arms: Vec<Arm>,
    features: Features,
    embedding: Option<Arc<StaticEmbedding>>,
    /// The documents' vectors, and the hash of their files.
    vectors: Option<(Arc<dyn DocumentVectors>, String)>,
    classifier: LogisticRegression,
    members: Arc<dyn Classifier>,
    header: Value,
}

/// What to simulate.
#[derive(Debug, Clone)]
pub struct SimulateOptions {
    /// Path of the file with the documents to choose from, with labels.
    pub train: String,
    /// Path of the file with the documents to measure on, with labels.
    pub test: String,
    /// Layout and encoding of both files.
    pub reading: Reading,
    /// Names of the fields with id, text and label.
    pub fields: FieldNames,
    /// Whether to skip bad rows instead of failing.
    pub skip_bad_rows: bool,
    /// How a remark words what is wrong with the first skipped row.
    pub wording: Wording,
    /// Names of the strategies to compare.
    pub strategies: Vec<String>,
    /// The folder for the results.
    pub out: PathBuf,
    /// Number of answers before the first round.
    pub initial: usize,
    /// Number of rounds.
    pub rounds: u32,
    /// Number of answers per round.
    pub size: usize,
    /// Number of seeds; the seeds are 0, 1, 2 and so on.
    pub seeds: u64,
    /// Each annotator's probability of a wrong answer, in [0, 1]. Too few values are repeated.
    pub noise: Vec<f64>,
    /// Number of annotators; `None`: the largest number of answers per document.
    pub annotators: Option<usize>,
    /// Numbers of answers per document; each strategy is run with each number.
    pub answers_per_item: Vec<usize>,
    /// Names of the aggregators.
    pub aggregator: Vec<String>,
    /// How much labels weigh in training, by name; each way is simulated.
    pub training: Vec<String>,
    /// Shares that some classes get in the pool, as "CLASS=SHARE,…".
    pub imbalance: Option<String>,
    /// Name of the kind of features, as in querist.toml.
    pub features: String,
    /// What n-grams consist of, by its name in querist.toml.
    pub units: String,
    /// Name of the way to calibrate probabilities.
    pub calibration: String,
    /// The inverse of the strength of regularisation: "auto" or a number.
    pub c: String,
    /// The static embedding to use.
    pub embedding: Origin,
    /// The files with the vectors of the documents of both files, if there are any.
    pub vectors: Option<VectorFiles>,
}

/// A finished simulation.
#[derive(Debug, Clone, Serialize)]
pub struct Simulated {
    /// Learning curves, final values and comparisons of the strategies.
    #[serde(flatten)]
    pub summary: Simulation,
    /// Paths of summary.html, summary.md, summary.json and results.jsonl.
    #[serde(skip)]
    pub files: [PathBuf; 4],
}

/// Runs a simulation, or continues one. Writes results and summaries into a folder.
///
/// # Errors
/// An input or a setting is invalid, the folder holds results of another configuration, or a file
/// cannot be written.
pub fn simulate(options: &SimulateOptions, progress: &dyn Progress) -> Result<Simulated> {
    let plan = plan(options, progress)?;
    let out = &options.out;
    std::fs::create_dir_all(out).doing("make the folder", out)?;
    let path = out.join(RESULTS);
    let (mut log, lines) = LineLog::open(&path)?;
    let results = Results::parse(&lines, &plan.header, &plan.arms);
    let mut results =
        results.map_err(|error| SessionError::Input { what: format!("{}: {error}", path.display()) })?;
    log.keep(&lines)?;
    if lines.is_empty() {
        log.append(&plan.header.to_string())?;
    } else if !results.is_empty() {
        progress.remark(Remark::GoesOn { rounds: results.len(), file: path.clone() });
    }
    play_all(&plan, &mut results, &mut log, progress)?;
    let mut sorted = plan.header.to_string() + "\n";
    for line in results.sorted() {
        sorted += &(serde_json::to_string(line)? + "\n");
    }
    write_atomically(&path, sorted.as_bytes())?;
    let about = About::of(&plan.set, plan.header.clone());
    let summary = summarise(about, &plan.protocol, &plan.arms, &results);
    let written = [
        ("summary.html", summary.to_html()?),
        ("summary.md", summary.to_markdown()),
        ("summary.json", summary.to_json()?),
    ];
    write_together(written.iter().map(|(name, bytes)| (out.join(name), bytes.as_slice())))?;
    let [page, text, json] = written.map(|(name, _)| out.join(name));
    Ok(Simulated { summary, files: [page, text, json, path] })
}

/// Reads the inputs, and checks as much as possible before any file is written.
fn plan(options: &SimulateOptions, progress: &dyn Progress) -> Result<Plan> {
    let form = input::Form {
        asked: options.reading.clone(),
        fields: options.fields.clone(),
        skip: options.skip_bad_rows,
        wording: options.wording,
    };
    let (train, test) = progress.step(Step::Documents, || -> Result<_> {
        let read = |file| input::read(file, &form, progress);
        Ok((read(&options.train)?, read(&options.test)?))
    })?;
    let hashes = json!({"train": train.hash, "test": test.hash});
    let mut set = input::data_set(train, test)?;
    let labels = set.labels.clone();
    let imbalance = options.imbalance.as_ref().map(|text| shares(text, &labels)).transpose()?;
    if let Some(imbalance) = &imbalance {
        imbalance.thin(&mut set).map_err(SimulationError::from)?;
    }

    let base = arms::settings(options, &labels)?;
    let several = &options.answers_per_item;
    let annotators = options.annotators.or_else(|| several.iter().copied().max()).unwrap_or(1);
    let arms = arms::arms(options, &base, annotators, &labels)?;
    let crew = Crew { annotators, noise: options.noise.clone() };
    let SimulateOptions { initial, rounds, size, seeds, .. } = *options;
    let protocol = Protocol { initial, rounds, size, seeds, crew };
    protocol.check(&arms, set.pool.len()).map_err(SimulationError::from)?;
    let features = Features::of(&base.features, &options.out, Edition::CURRENT, labels.len(), "the defaults");
    let features = features.map_err(|error| of_setting(&error))?;
    let embedding = options.embedding.open()?;
    let vectors = match &options.vectors {
        Some(files) => Some(progress.step(Step::Vectors, || vectors::of(files, &set))?),
        None => None,
    };
    let classifier = |purpose| {
        base.model.classifier(&labels, purpose, Edition::CURRENT).map_err(|error| of_setting(&error))
    };
    let (classifier, members) = (classifier(Purpose::Round)?, Arc::new(classifier(Purpose::Members)?));
    let header = Value::Null;
    let mut plan = Plan { set, protocol, arms, features, embedding, vectors, classifier, members, header };
    plan.header = plan.header(options, &hashes, imbalance.as_ref())?;
    Ok(plan)
}

/// Returns the error that an option of the command has an invalid value.
fn of_setting(error: &SettingError) -> SessionError {
    SessionError::Input { what: format!("--{error}") }
}

/// Parses and checks the class shares that the option `imbalance` names.
fn shares(text: &str, labels: &LabelSet) -> Result<Imbalance> {
    let wrong = |error: String| SessionError::option("imbalance", error);
    let shares = pairs(text, "fraud=0.01").map_err(wrong)?;
    let shares = by_class(shares.iter().map(|(name, share)| (name, share)), labels)
        .map_err(|problem| wrong(problem.to_string()))?;
    Ok(Imbalance::new(shares).map_err(SimulationError::from)?)
}

impl Plan {
    /// Returns the kind of features when `labeled` documents are labelled, and the weights of their
    /// blocks.
    fn kind(&self, labeled: usize) -> (FeatureKind, Scales) {
        let sizes = (self.set.pool.len(), labeled);
        self.features.kind(sizes, self.embedding.is_some(), self.vectors.is_some())
    }

    /// Returns the featurizer that Querist uses when `labeled` documents are labelled.
    fn describe(&self, labeled: usize) -> Described {
        let (kind, scales) = self.kind(labeled);
        let vectors = self.vectors.as_ref().map(|(vectors, _)| Arc::clone(vectors));
        let featurizer = self.features.featurizer((kind, scales), self.embedding.clone(), vectors);
        let featurizer = featurizer.with_shingles(self.features.shingles());
        Described { kind: kind.name().to_owned(), featurizer: Box::new(featurizer) }
    }

    /// Returns the numbers of labelled documents that rounds may have, ascending. It assumes that
    /// no vote is tied.
    fn labeled(&self) -> Vec<usize> {
        let rounds = 0..=self.protocol.rounds;
        let after = |round| {
            self.arms.iter().map(move |arm| self.protocol.documents_after(round, arm.answers_per_item))
        };
        let mut labeled: Vec<usize> = rounds.flat_map(after).collect();
        labeled.sort_unstable();
        labeled.dedup();
        labeled
    }

    /// Returns the first line of the results file: everything on which the results depend.
    fn header(
        &self,
        options: &SimulateOptions,
        hashes: &Value,
        imbalance: Option<&Imbalance>,
    ) -> Result<Value> {
        let labels = &self.set.labels;
        let arms: Vec<Value> = self
            .arms
            .iter()
            .map(|arm| {
                let (strategy, m) = (&arm.strategy, arm.answers_per_item);
                Ok(json!({"name": arm.name, "strategy": strategy, "answers_per_item": m,
                    "settings": strategy_settings(&arm.settings, labels)?}))
            })
            .collect::<Result<_>>()?;
        let mut featurizers: Vec<String> = Vec::new();
        for labeled in self.labeled() {
            let (kind, _) = self.kind(labeled);
            if kind.has(Block::Vectors) && self.vectors.is_none() {
                return Err(VectorsError::NoneForSimulation { kind: kind.name().to_owned() }.into());
            }
            if kind.has(Block::Static) && self.embedding.is_none() {
                return Err(EmbeddingError::NoneForKind.into());
            }
            let fingerprint = self.describe(labeled).featurizer.fingerprint();
            if !featurizers.contains(&fingerprint) {
                featurizers.push(fingerprint);
            }
        }
        let shares = imbalance.map(|imbalance| -> serde_json::Map<String, Value> {
            let shares = imbalance.shares().iter();
            shares.map(|(class, share)| (labels.name(*class).to_owned(), json!(share))).collect()
        });
        let mut header = json!({
            "format": FORMAT,
            "querist": env!("CARGO_PKG_VERSION"),
            "inputs": hashes,
            "labels": labels.names(),
            "pool": self.set.pool.len(),
            "test": self.set.test.len(),
            "protocol": self.protocol,
            "imbalance": shares,
            "strategies": arms,
            "features": options.features,
            "units": options.units,
            "featurizers": featurizers,
            "classifier": self.classifier.fingerprint(),
        });
        // Without vectors, the header is as before there were any.
        if let Some((_, hash)) = &self.vectors {
            header["vectors"] = json!(hash);
        }
        Ok(header)
    }
}

/// Returns the settings of a strategy, except the ones that the simulation sets for all strategies.
fn strategy_settings(settings: &RoundSettings, labels: &LabelSet) -> Result<Value> {
    let mut value = legacy::flat(settings, labels)?;
    if let Some(object) = value.as_object_mut() {
        object.retain(|key, _| {
            [
                "mix",
                "ratio",
                "measure",
                "diversity",
                "within",
                "near_duplicates",
                "strategy",
                "aggregator",
                "training",
            ]
            .contains(&key.as_str())
        });
    }
    Ok(value)
}

/// Plays every run that is not complete in `results`, and appends its lines to `log`.
fn play_all(plan: &Plan, results: &mut Results, log: &mut LineLog, progress: &dyn Progress) -> Result<()> {
    let snapshot = plan.set.snapshot();
    // Without answers, the choice of the aggregator does not matter.
    let situation = Situation::of(&snapshot, Consensus::default().aggregator(Edition::CURRENT)?.as_ref())?;
    let texts = plan.set.texts();
    let choose = |labeled| plan.describe(labeled);
    let start = Instant::now();
    let stage = Stage {
        protocol: plan.protocol.clone(),
        arms: &plan.arms,
        snapshot: &snapshot,
        truth: plan.set.pool.iter().map(|document| document.class).collect(),
        ids: plan.set.pool.iter().map(|document| document.id.clone()).collect(),
        features: SharedFeatures::new(&choose, &texts, &snapshot, &situation),
        classifier: &plan.classifier,
        members: &plan.members,
        model_seed: MODEL_SEED,
        clock: &|| start.elapsed(),
    };
    let rounds = plan.protocol.rounds as usize + 1;
    if results.len() < plan.arms.len() * plan.protocol.seeds as usize * rounds {
        // Compute all features here, with all threads. A run has only one thread, so it would take
        // longer.
        progress.counted(Step::Texts, |progress| {
            plan.labeled()
                .into_iter()
                .try_for_each(|labeled| stage.features.of(labeled, progress).map(|_| ()))
        })?;
    }
    let mut record = |line: &querist_engine::simulate::RoundLine| {
        let line = serde_json::to_string(line)?;
        Ok(log.append(&line)?)
    };
    progress.counted(Step::Simulating, |progress| play(&stage, results, &mut record, progress))?;
    Ok(())
}
