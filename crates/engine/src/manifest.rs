//! The manifest records all inputs of a round, so that anyone can check whether it can be
//! reproduced.
//!
//! Hashes are BLAKE3 in hex. The manifest contains no time and no path, so the same inputs produce
//! the same bytes.

use querist_core::{Classifier, Digest, Edition, Featurizer, LabelSet, Named, Snapshot};
use querist_report::Adaptive;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::EngineError;
use crate::settings::RoundSettings;

/// Hashes of all inputs of a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inputs {
    /// All documents: id, role, text, and the user's own fields.
    pub documents: String,
    /// The classes in their order, and the labels that came with documents.
    pub labels: String,
    /// Current answers (document, annotator and label, without time or speed), and experts'
    /// decisions.
    pub annotations: String,
    /// The batches of earlier rounds: documents, shares, and whether a document was returned.
    pub rounds: String,
    /// The featurizer's parameters and the files that it uses, such as the tokenizer.
    pub featurizer: String,
    /// The documents' vectors: the id and the numbers of each; `None` if the features have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vectors: Option<String>,
    /// The classifier's parameters.
    pub classifier: String,
    /// The rules that give weak labels.
    pub rules: String,
    /// The aggregator, and the weight of its labels in training.
    pub consensus: String,
    /// The configuration in effect.
    pub configuration: String,
}

/// The manifest of a round.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// Version of the manifest's layout.
    pub format: u32,
    /// The version of Querist's rules by which the round was made; not written for the first
    /// edition.
    pub edition: Edition,
    /// Version of Querist.
    pub querist: String,
    /// Number of the round.
    pub round: u32,
    /// The seed of the round.
    pub seed: u64,
    /// The labels and all settings that the round depends on. With them the round can be repeated
    /// even if querist.toml has changed since.
    pub settings: Value,
    /// The figures from which an adaptive mix computed the shares of the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adaptive: Option<Adaptive>,
    /// The featurizer's parameters, including the tokenizer's hash.
    pub featurizer: String,
    /// The classifier's parameters.
    pub classifier: String,
    /// Name of the function that computed the hashes below.
    pub hash: &'static str,
    /// Hashes of the inputs.
    pub inputs: Inputs,
    /// Hash of the model that training started from; `None` if it started from scratch.
    pub start: Option<String>,
    /// Hash of the user's file of predictions, if these chose the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scores: Option<String>,
    /// Hash of the model; the model's file under `models/` has this name. `None` without a model.
    pub model: Option<String>,
    /// Hashes of the batch and of the picks. Reports have no hash, because they change with new
    /// answers.
    pub outputs: Map<String, Value>,
}

impl Inputs {
    /// Hashes the inputs of a round, except the vectors ([`Self::vectors`]). `rules` identifies the
    /// rules for weak labels; it is empty without rules. The configuration is hashed as JSON,
    /// together with the labels.
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
        // The third part of an entry tells decisions from answers. Without decisions, the hash
        // covers only answers, so it stays the same as in versions that did not know decisions.
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
                // Only a returned pick has this fourth part. Rounds without returned picks thus
                // have the same hash as in earlier versions.
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
            vectors: None,
            classifier: hash_of([classifier.fingerprint().into_bytes()]),
            rules: hash_of([rules.as_bytes().to_vec()]),
            consensus: hash_of(
                [settings.quality.aggregator.as_str(), settings.quality.training.name()]
                    .map(|name| name.as_bytes().to_vec())
                    .into_iter()
                    // The first edition is not hashed, so its rounds have the same hash as before
                    // there was a second edition.
                    .chain((edition > Edition::First).then(|| edition.number().to_le_bytes().to_vec())),
            ),
            configuration: settings.hash(&snapshot.labels),
        }
    }

    /// Returns one hash of all inputs of a model and its scores. The batch settings are not
    /// included, because only the selection uses them. The commands that run a single step compare
    /// this hash to notice that the workspace has changed since the previous step.
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
        hash_of(parts.into_iter().chain(&self.vectors).map(|part| part.as_bytes().to_vec()))
    }
}

impl Manifest {
    /// The layout that this program writes. Layout 1 had `configuration` and `tables` instead of
    /// `settings`.
    pub const FORMAT: u32 = 2;

    /// Name of the hash function.
    pub const HASH: &'static str = "BLAKE3";

    /// Returns the manifest as indented JSON.
    ///
    /// # Errors
    /// The manifest contains something that JSON cannot express.
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
    /// Returns the hash of the labels and of these settings, both as JSON.
    pub fn hash(&self, labels: &LabelSet) -> String {
        let json = json!({"labels": labels.names(), "settings": self});
        hash_of([json.to_string().into_bytes()])
    }
}

/// Returns the BLAKE3 hash of a list of byte strings, in hexadecimal.
pub fn hash_of(parts: impl IntoIterator<Item = Vec<u8>>) -> String {
    let mut digest = Digest::default();
    digest.extend(parts);
    digest.hex()
}
