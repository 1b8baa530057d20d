//! An earlier round as it was made: the workspace at that time, with the settings in the round's
//! manifest.
//!
//! The manifest records every setting on which the round depends. It also holds the hashes of all
//! inputs, which show whether they are still the same ([`Past::other_inputs`]).

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

/// Said about a round that cannot be reproduced because documents were forgotten.
const FORGOTTEN: &str = "documents that the round knew have since been forgotten for good";

/// An earlier round with its inputs.
pub(crate) struct Past {
    /// The workspace, with the settings of that round.
    pub(crate) opened: Opened,
    /// The inputs of the round, from the workspace at that time.
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

    /// Compares the inputs with the hashes in the manifest. Returns the names of the inputs that
    /// differ, each with a possible reason. If there are none, the round can be reproduced.
    ///
    /// # Errors
    /// The manifest has no hashes of inputs, so Querist did not write it.
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
            "documents" | "labels" | "annotations" | "rounds" | "vectors" if forgotten => FORGOTTEN,
            _ => self.why(name),
        };
        Ok(differs.map(|(name, _)| (name.clone(), why(name))).collect())
    }

    /// Returns the settings under `[features]` in the form that a portable model stores, with keys
    /// in alphabetical order. A manifest of format 1 has only the keys that querist.toml had.
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

    /// Returns a possible reason why the input with this name has changed.
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
            "vectors" => {
                "vectors of that time are no longer in the workspace, or the database was changed by hand"
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

/// Returns the version of Querist's rules that made the round with this manifest. A manifest
/// without a version is from the first.
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

/// Returns whether the manifest has format 1, which stores settings in another form.
fn is_first_format(manifest: &Value) -> bool {
    manifest["settings"].is_null()
}

/// Reads the settings of a round from its manifest. Manifests of early versions lack some settings;
/// these are taken from `now`, the current settings.
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

/// Returns the name of the embedding with which a round was made, if its settings name none. The
/// featurizer's fingerprint reveals it. The name must be filled in, because settings without a name
/// may mean another embedding today. The user may have added one, or the default may have changed
/// since. `None` if the round used an embedding of the user's own.
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
