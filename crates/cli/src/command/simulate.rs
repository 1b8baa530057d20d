//! `querist simulate`: strategies compared on documents whose label is known.
//!
//! The engine plays the runs; here are their inputs, the files that they are kept in, and the talk. Lines are kept as rounds end
//! ([`LineLog`]), so a run that was killed goes on; when all are there the file is written again in order, and summed up.

mod input;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use querist_core::setting::by_class;
use querist_core::{Classifier, Edition, LabelSet, Named, SettingError};
use querist_engine::simulate::{
    About, Arm, Crew, DataSet, Described, Imbalance, Protocol, Results, SharedFeatures, SimulationError,
    Stage, play, summarise,
};
use querist_engine::{Consensus, RoundSettings, Situation, Training};
use querist_model::{Calibration, LogisticRegression, Purpose};
use querist_query::settings::pairs;
use querist_report::markdown::{decimal, percent};
use querist_report::simulation::{Estimate, Simulation};
use querist_store::format::documents::FieldNames;
use querist_store::{LineLog, write_atomically, write_together};
use querist_text::StaticEmbedding;
use querist_text::space::Block;
use serde_json::{Value, json};

use crate::args::Simulate;
use crate::embeddings::Origin;
use crate::failure::Mend;
use crate::files;
use crate::output::{Outcome, Talk, columns, shown};
use crate::settings::{self, Features, Settings, legacy};
use crate::steps::MODEL_SEED;

/// The file of results in the folder.
const RESULTS: &str = "results.jsonl";

/// The layout of the results; grows when a line changes its meaning.
const FORMAT: u32 = 3;

/// What is to be simulated, checked.
struct Plan {
    set: DataSet,
    protocol: Protocol,
    arms: Vec<Arm>,
    features: Features,
    embedding: Option<Arc<StaticEmbedding>>,
    classifier: LogisticRegression,
    members: Arc<dyn Classifier + Send + Sync>,
    header: Value,
}

/// Plays a simulation, or goes on with one.
///
/// # Errors
/// Input or settings that make no sense, results of another configuration in the folder, or a disk that cannot be written.
pub fn run(simulate: &Simulate, talk: &Talk) -> anyhow::Result<Outcome> {
    let plan = plan(simulate, talk)?;
    let out = &simulate.out;
    std::fs::create_dir_all(out).with_context(|| format!("make the folder {}", out.display()))?;
    let path = out.join(RESULTS);
    let (mut log, lines) = LineLog::open(&path)?;
    let results = Results::parse(&lines, &plan.header, &plan.arms);
    let mut results = results.map_err(|error| Mend(format!("{}: {error}", path.display())))?;
    log.keep(&lines)?;
    if lines.is_empty() {
        log.append(&plan.header.to_string())?;
    } else if !results.is_empty() {
        talk.remark(&format!("going on after {} rounds that are in {}", results.len(), shown(&path)));
    }
    play_all(&plan, &mut results, &mut log, talk)?;
    let mut sorted = plan.header.to_string() + "\n";
    for line in results.sorted() {
        sorted += &(serde_json::to_string(line)? + "\n");
    }
    write_atomically(&path, sorted.as_bytes())?;
    let about = About::of(&plan.set, plan.header.clone());
    let summary = summarise(about, &plan.protocol, &plan.arms, &results);
    let files = [
        ("summary.html", summary.to_html()?),
        ("summary.md", summary.to_markdown()),
        ("summary.json", summary.to_json()?),
    ];
    write_together(files.iter().map(|(name, bytes)| (out.join(name), bytes.as_slice())))?;
    outcome(&summary, out)
}

/// Reads the inputs and checks everything that can be checked before anything is written.
fn plan(simulate: &Simulate, talk: &Talk) -> anyhow::Result<Plan> {
    let (id, text, label) = (simulate.id.clone(), simulate.text.clone(), simulate.label.clone());
    let form = input::Form {
        asked: files::asked(&simulate.layout, &[&id, &text, &label])?,
        fields: FieldNames { id, text, label, meta: None },
        skip: simulate.skip_bad_rows,
    };
    let (train, test) = talk.step("reading the documents", || -> anyhow::Result<_> {
        let read = |file| input::read(file, &form, talk);
        Ok((read(&simulate.train)?, read(&simulate.test)?))
    })?;
    let hashes = json!({"train": train.hash, "test": test.hash});
    let mut set = input::data_set(train, test)?;
    let labels = set.labels.clone();
    let imbalance = simulate.imbalance.as_ref().map(|text| shares(text, &labels)).transpose()?;
    if let Some(imbalance) = &imbalance {
        imbalance.thin(&mut set).map_err(SimulationError::from)?;
    }

    let base = settings(simulate, &labels)?;
    let several = &simulate.answers_per_item;
    let annotators = simulate.annotators.or_else(|| several.iter().copied().max()).unwrap_or(1);
    let answers = if several.is_empty() { vec![annotators] } else { several.clone() };
    let mut arms = Vec::new();
    let consensus = consensus(simulate)?;
    for name in &simulate.strategies {
        let batch = settings::strategy(name.trim(), &base.batch, &labels);
        let batch = batch.map_err(|error| Mend(format!("--strategies: {error}")))?;
        let settings = RoundSettings { batch, ..base.round() };
        for m in &answers {
            let arm = Arm::new(name.trim(), *m, settings.clone());
            let named = consensus.len() > 1;
            arms.extend(
                consensus.iter().map(|consensus| arm.clone().with_consensus(consensus.clone(), named)),
            );
        }
    }
    let crew = Crew { annotators, noise: simulate.noise.clone() };
    let Simulate { initial, rounds, size, seeds, .. } = *simulate;
    let protocol = Protocol { initial, rounds, size, seeds, crew };
    protocol.check(&arms, set.pool.len()).map_err(SimulationError::from)?;

    let wrong = |error: SettingError| Mend(format!("--{error}"));
    let features =
        Features::of(&base.features, &simulate.out, Edition::CURRENT, labels.len(), "the defaults");
    let features = features.map_err(wrong)?;
    let embedding = Origin::of(simulate.embedding.as_deref()).open()?;
    let classifier = base.model.classifier(&labels, Purpose::Round).map_err(wrong)?;
    let members = Arc::new(base.model.classifier(&labels, Purpose::Members).map_err(wrong)?);
    let header = Value::Null;
    let mut plan = Plan { set, protocol, arms, features, embedding, classifier, members, header };
    plan.header = plan.header(simulate, &hashes, imbalance.as_ref())?;
    Ok(plan)
}

/// The defaults of a workspace with those labels, that kind of features, that calibration and that penalty.
fn settings(simulate: &Simulate, labels: &LabelSet) -> anyhow::Result<Settings> {
    let mut settings = Settings::of_labels(labels);
    settings.features.kind =
        simulate.features.parse().map_err(|error| Mend(format!("--features: {error}")))?;
    let calibration = &simulate.calibration;
    settings.model.calibration = Calibration::named(calibration).ok_or_else(|| {
        Mend(format!("--calibration: \"{calibration}\"; expected one of {}", Calibration::names()))
    })?;
    settings.model.c = simulate.c.parse().map_err(|error| Mend(format!("--c: {error}")))?;
    settings.model.check(labels).map_err(|error| Mend(format!("--{error}")))?;
    Ok(settings)
}

/// Every way of putting answers together that `--aggregator` and `--training` name.
fn consensus(simulate: &Simulate) -> anyhow::Result<Vec<Consensus>> {
    let mut ways = Vec::new();
    for aggregator in &simulate.aggregator {
        for training in &simulate.training {
            let training = Training::named(training.trim()).ok_or_else(|| {
                Mend(format!("--training: \"{training}\"; expected one of {}", Training::names()))
            })?;
            let consensus = Consensus { aggregator: aggregator.trim().to_owned(), training };
            consensus.aggregator(Edition::CURRENT).map_err(|error| Mend(format!("--aggregator: {error}")))?;
            ways.push(consensus);
        }
    }
    Ok(ways)
}

/// `--imbalance`, checked.
fn shares(text: &str, labels: &LabelSet) -> anyhow::Result<Imbalance> {
    let wrong = |error: String| Mend(format!("--imbalance: {error}"));
    let shares = pairs(text, "fraud=0.01").map_err(wrong)?;
    let shares = by_class(shares.iter().map(|(name, share)| (name, share)), labels).map_err(wrong)?;
    Ok(Imbalance::new(shares).map_err(SimulationError::from)?)
}

impl Plan {
    /// The featurizer for so many labelled documents.
    fn describe(&self, labeled: usize) -> Described {
        let (kind, scales) = self.features.kind(self.set.pool.len(), labeled, self.embedding.is_some());
        let featurizer = self.features.featurizer((kind, scales), self.embedding.clone());
        let featurizer = featurizer.with_shingles(self.features.shingles());
        Described { kind: kind.name().to_owned(), featurizer: Box::new(featurizer) }
    }

    /// How many documents will be labelled after each round, if no vote is tied.
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

    /// Everything that decides what comes out: the first line of the results.
    fn header(
        &self,
        simulate: &Simulate,
        hashes: &Value,
        imbalance: Option<&Imbalance>,
    ) -> anyhow::Result<Value> {
        let labels = &self.set.labels;
        let arms: Vec<Value> = self
            .arms
            .iter()
            .map(|arm| {
                let (strategy, m) = (&arm.strategy, arm.answers_per_item);
                Ok(json!({"name": arm.name, "strategy": strategy, "answers_per_item": m,
                    "settings": strategy_settings(&arm.settings, labels)?}))
            })
            .collect::<anyhow::Result<_>>()?;
        let mut featurizers: Vec<String> = Vec::new();
        for labeled in self.labeled() {
            let (kind, _) = self.features.kind(self.set.pool.len(), labeled, self.embedding.is_some());
            if kind.has(Block::Static) && self.embedding.is_none() {
                let what = "the kind needs a static embedding, and --embedding says none; leave that out, or name a folder";
                return Err(Mend(format!("--features: {what}")).into());
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
        Ok(json!({
            "format": FORMAT,
            "querist": env!("CARGO_PKG_VERSION"),
            "inputs": hashes,
            "labels": labels.names(),
            "pool": self.set.pool.len(),
            "test": self.set.test.len(),
            "protocol": self.protocol,
            "imbalance": shares,
            "strategies": arms,
            "features": simulate.features,
            "featurizers": featurizers,
            "classifier": self.classifier.fingerprint(),
        }))
    }
}

/// What of a strategy's settings a run does not set itself.
fn strategy_settings(settings: &RoundSettings, labels: &LabelSet) -> anyhow::Result<Value> {
    let mut value = legacy::flat(settings, labels).map_err(querist_engine::EngineError::from)?;
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

/// Plays every run that the results do not have.
fn play_all(plan: &Plan, results: &mut Results, log: &mut LineLog, talk: &Talk) -> anyhow::Result<()> {
    let snapshot = plan.set.snapshot();
    // Nobody has answered yet, so any aggregator will do.
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
        // With all threads, before the runs, which have one each.
        talk.progress("reading the texts", |progress| {
            plan.labeled()
                .into_iter()
                .try_for_each(|labeled| stage.features.of(labeled, progress).map(|_| ()))
        })?;
    }
    let mut record = |line: &querist_engine::simulate::RoundLine| {
        let line = serde_json::to_string(line)?;
        Ok(log.append(&line)?)
    };
    talk.progress("simulating", |progress| play(&stage, results, &mut record, progress))?;
    Ok(())
}

fn outcome(summary: &Simulation, out: &Path) -> anyhow::Result<Outcome> {
    let value = serde_json::to_value(summary)?;
    let shown_mean = |estimate: &Estimate| percent(Some(estimate.mean));
    let width = summary.strategies.iter().map(|strategy| strategy.name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>14} {:>13} {:>14} {:>13} {:>7}\n",
        "strategy", "final accuracy", "mean accuracy", "final macro-F1", "mean macro-F1", "seconds"
    );
    for (strategy, seconds) in summary.strategies.iter().zip(&summary.seconds) {
        text += &format!(
            "{:width$}  {:>14} {:>13} {:>14} {:>13} {:>7.2}\n",
            strategy.name,
            shown_mean(&strategy.final_accuracy),
            shown_mean(&strategy.mean_accuracy),
            decimal(Some(strategy.final_macro_f1.mean)),
            decimal(Some(strategy.mean_macro_f1.mean)),
            seconds.mean,
        );
    }
    text.push('\n');
    for note in &summary.notes {
        text += &format!("  {note}\n");
    }
    let paths: Vec<(&str, PathBuf)> = vec![
        ("page", out.join("summary.html")),
        ("text", out.join("summary.md")),
        ("json", out.join("summary.json")),
        ("rounds", out.join(RESULTS)),
    ];
    let paths: Vec<(&str, String)> = paths.iter().map(|(what, path)| (*what, shown(path))).collect();
    text += &columns(&paths);
    Ok(Outcome { json: value, text, next: None })
}
