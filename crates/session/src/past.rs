//! An earlier round as it was made: the state of the workspace at that time, and the settings in
//! the round's manifest.
//!
//! The manifest records every setting that the round depends on. The hashes in it show whether all
//! inputs are still the same ([`Past::other_inputs`]).

use std::collections::BTreeMap;
use std::path::Path;

use querist_core::Edition;
use querist_store::workspace::{Draft, Stage};
use querist_text::space::english;
use serde::Deserialize;
use serde_json::Value;

use crate::bench::Bench;
use crate::embeddings::{Origin, Used, used_by};
use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::progress::Progress;
use crate::settings::{Configuration, Settings, legacy};

/// Why an earlier round cannot be made again after documents were forgotten.
const FORGOTTEN: &str = "documents that the round knew have since been forgotten for good";

/// An earlier round with its inputs.
pub(crate) struct Past {
    /// The workspace, with the configuration of that round.
    pub(crate) opened: Opened,
    /// The inputs of the round, from the state when it was made.
    pub(crate) bench: Bench,
    /// The round as stored in the database.
    pub(crate) round: Draft,
    /// The round's manifest.
    pub(crate) manifest: Value,
}

impl Past {
    /// Loads the exported round `number` of the workspace in `root`.
    ///
    /// # Errors
    /// The round does not exist, is not exported, or its manifest or state cannot be read.
    pub(crate) fn of(root: &Path, number: u32, progress: &dyn Progress) -> Result<Self> {
        let Opened { workspace, configuration, .. } = Opened::read(root, progress)?;
        let round = workspace.round(number)?;
        let (Some(manifest), Stage::Exported) = (&round.manifest, round.stage) else {
            return Err(SessionError::NotExported { round: number });
        };
        let manifest: Value = serde_json::from_str(manifest).map_err(|error| {
            SessionError::changed_by_hand(format!(
                "the manifest column of round {number} cannot be read: {error}"
            ))
        })?;
        let mut settings =
            settings_of(&manifest, &configuration.settings).map_err(SessionError::changed_by_hand)?;
        settings.seed = round.record.seed;
        let configuration = Configuration::of(settings, &workspace.round_path(number, "manifest.json"))?;
        let labels = configuration.labels.clone();
        let edition = edition_of(&manifest)?;
        let snapshot = workspace.snapshot_before(number, &labels, edition)?;
        let opened = Opened { workspace, configuration, labels, edition };
        let bench = opened.bench_of(snapshot, number, &[])?;
        Ok(Self { opened, bench, round, manifest })
    }

    /// Compares the current inputs with the manifest, and returns the names of the inputs that
    /// differ, each with a possible reason. If the list is empty, the round can be made again.
    ///
    /// # Errors
    /// The manifest has no inputs, so Querist did not write it.
    pub(crate) fn other_inputs(&self) -> Result<Vec<(String, &'static str)>> {
        let mut now = self.bench.inputs.clone();
        if is_first_format(&self.manifest) {
            now.configuration =
                legacy::hash(&self.bench.settings, &self.opened.labels, &self.manifest["configuration"])?;
        }
        let now = serde_json::to_value(&now)?;
        let then = self.manifest["inputs"].as_object().ok_or_else(|| {
            SessionError::changed_by_hand(format!(
                "the manifest of round {} has no inputs",
                self.bench.number
            ))
        })?;
        let differs = then.iter().filter(|(name, hash)| now[name.as_str()] != **hash);
        let forgotten = self.opened.workspace.has_forgotten()?;
        let why = |name: &str| match name {
            "documents" | "labels" | "annotations" | "rounds" if forgotten => FORGOTTEN,
            _ => self.why(name),
        };
        Ok(differs.map(|(name, _)| (name.clone(), why(name))).collect())
    }

    /// Returns the settings under `[features]` as a portable model stores them, with keys in
    /// alphabetical order. For a manifest of format 1, they have only the keys that querist.toml
    /// had.
    ///
    /// # Errors
    /// A setting is a number that JSON cannot express.
    pub(crate) fn features(&self) -> Result<BTreeMap<String, Value>> {
        let settings = &self.opened.configuration.settings.features;
        let mut all: BTreeMap<String, Value> = serde_json::from_value(serde_json::to_value(settings)?)?;
        if is_first_format(&self.manifest) {
            let written = self.manifest["tables"]["features"].as_object();
            all.retain(|key, _| key == "embedding" || written.is_some_and(|table| table.contains_key(key)));
        }
        Ok(all)
    }

    /// Returns a possible reason why an input has changed.
    fn why(&self, input: &str) -> &'static str {
        let recorded = !is_first_format(&self.manifest) || self.manifest["tables"].is_object();
        match input {
            "documents" => {
                "the documents of that time cannot be told from later imports: the clock was set back, or \
                 the database was changed by hand"
            }
            "labels" => {
                "the imported labels differ from those of that time: the clock was set back, or the \
                 database was changed by hand"
            }
            "annotations" => {
                "the answers of that time cannot be told from later ones: the clock was set back, or the \
                 database was changed by hand"
            }
            "rounds" => {
                "an earlier round differs from the one of that time: the database was changed by hand"
            }
            "featurizer" if recorded => {
                "the tokenizer's file or a static embedding has changed, or this version of Querist \
                 computes features differently"
            }
            "classifier" if recorded => "this version of Querist trains differently",
            "rules" if recorded => "this version of Querist reads rules differently",
            "featurizer" | "classifier" | "rules" => {
                "the round's manifest does not record this table, and the table in querist.toml has \
                 changed since: restore the old querist.toml from version control"
            }
            _ => "this version of Querist has different settings",
        }
    }
}

/// Reads from a manifest the version of the rules that made the round. A manifest without a version
/// means the first.
///
/// # Errors
/// This program does not know the version.
pub(crate) fn edition_of(manifest: &Value) -> Result<Edition> {
    match manifest.get("edition") {
        None => Ok(Edition::First),
        Some(edition) => Deserialize::deserialize(edition)
            .map_err(|error| SessionError::changed_by_hand(format!("the manifest of a round: {error}"))),
    }
}

/// Returns whether a manifest has format 1, in which the settings are flat.
fn is_first_format(manifest: &Value) -> bool {
    manifest["settings"].is_null()
}

/// Reads the settings of the round from its manifest. Early manifests do not record all settings;
/// missing settings are taken from `now`, the current ones.
fn settings_of(manifest: &Value, now: &Settings) -> Result<Settings, String> {
    let mut settings: Settings = if is_first_format(manifest) {
        legacy::settings_of(&manifest["configuration"], manifest.get("tables"), now)?
    } else {
        serde_json::from_value(manifest["settings"].clone()).map_err(|error| {
            format!("the round was made with settings that this version does not know: {error}")
        })?
    };
    if settings.features.embedding.is_none() {
        settings.features.embedding =
            manifest["featurizer"].as_str().and_then(embedding_of).map(str::to_owned);
    }
    Ok(settings)
}

/// Decides from a featurizer's fingerprint which embedding a round used whose settings named none.
/// Once the user brings an embedding, such settings mean another embedding, and the default has
/// changed since early versions, so it must be named. `None` if the round used an embedding that
/// the user brought.
fn embedding_of(featurizer: &str) -> Option<&'static str> {
    match used_by(featurizer) {
        Some(Used::Brought) => None,
        Some(Used::English) => Some(english::NAME),
        None => Some(Origin::NONE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_keeps_its_embedding_whatever_is_brought_later() {
        assert_eq!(embedding_of("space formula=2 features=lsa lsa-scale=1"), Some("none"));
        let english = querist_text::StaticEmbedding::english().unwrap().fingerprint();
        assert_eq!(embedding_of(&format!("features=static static=({english}) fading=1")), Some("english"));
        assert_eq!(
            embedding_of("features=static static=(formula=1 table=blake3:00 pieces 1 tokenizer=0)"),
            None
        );
    }
}
