//! The manifest: what a round was made of, so that anyone can check that it can be made again.
//!
//! Hashes are BLAKE3 in hex. There is no time and no path in it: the same inputs give the same
//! bytes.

use querist_core::{Classifier, Digest, Edition, Featurizer, LabelSet, Named, Snapshot};
use querist_report::Adaptive;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::EngineError;
use crate::settings::RoundSettings;

/// Hashes of everything that goes into a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// Every document: id, role, text, the user's own fields.
    pub documents: String,
    /// The classes in their order, and the labels that came with documents.
    pub labels: String,
    /// Standing answers (who, what; not when, nor how long it took), and what experts decided.
    pub annotations: String,
    /// Batches of the rounds before.
    pub rounds: String,
    /// The featurizer and everything that it depends on, the tokenizer's file among it.
    pub featurizer: String,
    /// The classifier's parameters.
    pub classifier: String,
    /// The rules that give weak labels.
    pub rules: String,
    /// How answers become labels, and what these count in training.
    pub consensus: String,
    /// The configuration in effect.
    pub configuration: String,
}

/// The manifest of a round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// Which layout this is.
    pub format: u32,
    /// The version of the rules; absent in a manifest of the first edition.
    pub edition: Edition,
    /// Querist's version.
    pub querist: String,
    /// The round.
    pub round: u32,
    /// The seed.
    pub seed: u64,
    /// The labels and every table of settings that the round depends on: with them it can be made
    /// again after querist.toml has changed.
    pub settings: Value,
    /// What the shares of an adaptive mix follow from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
    /// The featurizer's parameters, the tokenizer's hash among them.
    pub featurizer: String,
    /// The classifier's parameters.
    pub classifier: String,
    /// How everything below is hashed.
    pub hash: &'static str,
    /// What goes in.
    pub inputs: Inputs,
    /// The hash of the model that training started from; `None` when it started from nothing.
    pub start: Option<String>,
    /// The hash of the file of a model that the user brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<String>,
    /// The model's hash, which is its file's name under `models/`; `None` without a model.
    pub model: Option<String>,
    /// What comes out for good: the hashes of batch and picks. Reports change as answers come in.
    pub outputs: Map<String, Value>,
}

impl Inputs {
    /// Hashes what goes into a round; `rules` are the rules' fingerprint, empty without rules. The
    /// hash of the configuration is the hash of the labels and the settings, as JSON.
    pub fn of(
        snapshot: &Snapshot,
        settings: &RoundSettings,
        featurizer: &dyn Featurizer,
        classifier: &dyn Classifier,
        rules: &str,
        edition: Edition,
    ) -> Self {
        let label =
            |class: Option<querist_core::Class>| class.map_or("", |class| snapshot.labels.name(class));
        let labels = snapshot.documents.iter().filter(|document| document.label.is_some());
        let labels =
            labels.flat_map(|document| [document.id.as_bytes().to_vec(), label(document.label).into()]);
        let names = snapshot.labels.names().iter().map(|name| name.as_bytes().to_vec());
        let annotations = snapshot.answers.iter().flat_map(|answer| {
            let id = &snapshot.documents[answer.document].id;
            let skip = if answer.label.is_none() { "skip" } else { "label" };
            [
                id.as_bytes().to_vec(),
                snapshot.annotators[answer.annotator as usize].as_bytes().to_vec(),
                skip.into(),
                label(answer.label).into(),
            ]
        });
        // Decisions differ from answers in their third part; without any, the hash is that of the
        // answers alone.
        let settled = snapshot.settled.iter().flat_map(|settled| {
            let id = &snapshot.documents[settled.document].id;
            let kind = if settled.label.is_none() { "left out" } else { "settled" };
            [
                id.as_bytes().to_vec(),
                settled.expert.as_bytes().to_vec(),
                kind.into(),
                label(settled.label).into(),
            ]
        });
        let rounds = snapshot.rounds.iter().flat_map(|round| {
            let number = round.number.to_le_bytes().to_vec();
            round.picks.iter().flat_map(move |pick| {
                // A pick that went back has a part more, so that all others are hashed as ever.
                let returned = round.has_returned(pick.document).then(|| b"returned".to_vec());
                let id = snapshot.documents[pick.document].id.as_bytes().to_vec();
                [number.clone(), id, pick.share.name().into()].into_iter().chain(returned)
            })
        });
        Self {
            documents: snapshot.documents_hash.clone(),
            labels: hash_of(names.chain(labels)),
            annotations: hash_of(annotations.chain(settled)),
            rounds: hash_of(rounds),
            featurizer: hash_of([featurizer.fingerprint().into_bytes()]),
            classifier: hash_of([classifier.fingerprint().into_bytes()]),
            rules: hash_of([rules.as_bytes().to_vec()]),
            consensus: hash_of(
                [settings.quality.aggregator.as_str(), settings.quality.training.name()]
                    .map(|name| name.as_bytes().to_vec())
                    .into_iter()
                    // The first edition was hashed before there was a second.
                    .chain((edition > Edition::First).then(|| edition.number().to_le_bytes().to_vec())),
            ),
            configuration: settings.hash(&snapshot.labels),
        }
    }

    /// One hash of what a model and its scores depend on: not the configuration of the batch, which
    /// only selecting looks at. Steps that are run one at a time compare it, to notice that the
    /// workspace has moved on in between.
    pub fn digest(&self) -> String {
        let parts = [
            &self.documents,
            &self.labels,
            &self.annotations,
            &self.rounds,
            &self.featurizer,
            &self.classifier,
            &self.rules,
            &self.consensus,
        ];
        hash_of(parts.map(|part| part.as_bytes().to_vec()))
    }
}

impl Manifest {
    /// Which layout this version writes. The first had `configuration` and `tables` in place of
    /// `settings`.
    pub const FORMAT: u32 = 2;

    /// The hash of everything in it.
    pub const HASH: &'static str = "BLAKE3";

    /// The manifest as JSON, indented.
    ///
    /// # Errors
    /// It holds something that JSON has no form for.
    pub fn to_json(&self) -> Result<String, EngineError> {
        let json = serde_json::to_string_pretty(self);
        let failed = |error: serde_json::Error| EngineError::Step {
            step: "write the round's manifest",
            source: error.into(),
        };
        Ok(json.map_err(failed)? + "\n")
    }
}

impl RoundSettings {
    /// The hash of the labels and these settings, as JSON.
    pub fn hash(&self, labels: &LabelSet) -> String {
        let json = json!({"labels": labels.names(), "settings": self});
        hash_of([json.to_string().into_bytes()])
    }
}

/// BLAKE3 of a list of parts, in hex.
pub fn hash_of(parts: impl IntoIterator<Item = Vec<u8>>) -> String {
    let mut digest = Digest::default();
    digest.extend(parts);
    digest.hex()
}
