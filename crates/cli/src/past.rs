//! A round as it was made: the state of the workspace of then, and the configuration that its manifest has.
//!
//! The manifest has the settings of the batch in full, and of features, model and rules the tables of querist.toml
//! ([`recorded_tables`]). Rounds from before those were recorded take them from today's querist.toml. Whether everything is what
//! it was, the hashes in the manifest tell ([`Past::other_inputs`]).

use std::path::Path;

use anyhow::Context;
use querist_core::{Edition, LabelSet};
use querist_engine::Inputs;
use querist_store::workspace::{Draft, Stage};
use querist_text::space::english;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::args::BatchOptions;
use crate::configuration::ConfigurationFile;
use crate::embeddings::{Origin, was_brought};
use crate::failure::{Mend, changed_by_hand};
use crate::session::{Bench, Session};
use crate::settings::listing::defaults;

/// The tables of querist.toml that reach the manifest's hashes only as fingerprints.
const RECORDED: [&str; 3] = ["features", "model", "rules"];

/// The word for a share that `strategy` leaves to the measure.
const MEASURE: &str = "measure";

/// A round and what it was made of.
pub struct Past {
    /// The workspace, with the configuration of then.
    pub session: Session,
    /// The state of then.
    pub bench: Bench,
    /// The round as the database has it.
    pub round: Draft,
    /// Its manifest.
    pub manifest: Value,
}

/// The tables whose values reach a manifest only as fingerprints, as they are written, as JSON.
///
/// # Errors
/// The file is no TOML, which parsing it has ruled out.
pub fn recorded_tables(file: &ConfigurationFile) -> anyhow::Result<Value> {
    let values: toml::Table = file.text().parse()?;
    let tables = RECORDED.iter().filter_map(|name| Some((*name, values.get(*name)?)));
    let tables = tables.map(|(name, table)| Ok((name.to_owned(), serde_json::to_value(table)?)));
    Ok(Value::Object(tables.collect::<anyhow::Result<_>>()?))
}

impl Past {
    /// An exported round of the workspace in `root`.
    ///
    /// # Errors
    /// There is no such round, or its state cannot be read.
    pub fn of(root: &Path, number: u32) -> anyhow::Result<Self> {
        let Session { workspace, file, .. } = Session::read(root)?;
        let round = workspace.round(number)?;
        let (Some(manifest), Stage::Exported) = (&round.manifest, round.stage) else {
            return Err(Mend(format!("round {number} is not exported yet; run `querist export`")).into());
        };
        let manifest: Value = serde_json::from_str(manifest).map_err(|error| {
            changed_by_hand(format!("the column manifest of round {number} cannot be read: {error}"))
        })?;
        let text = configuration_of(&manifest, &file)?;
        let path = workspace.round_path(number, "manifest.json");
        let file = ConfigurationFile::parse(&path, text)?;
        let labels = file.labels()?;
        let edition = edition_of(&manifest)?;
        let snapshot = workspace.snapshot_before(number, &labels, edition)?;
        let session = Session { workspace, file, labels, edition };
        // A seed need not fit into a number of TOML.
        let flags = BatchOptions { seed: Some(round.seed.0), ..BatchOptions::default() };
        let bench = session.bench_of(snapshot, number, &flags)?;
        Ok(Self { session, bench, round, manifest })
    }

    /// What is not as it was, with why that may be; empty when the round can be made again.
    ///
    /// # Errors
    /// The manifest is not one of ours.
    pub fn other_inputs(&self) -> anyhow::Result<Vec<(String, &'static str)>> {
        let mut now = self.bench.inputs.clone();
        let settings = self.bench.settings.to_json(&self.session.labels).to_string();
        now.configuration = Inputs::configuration_hash(&settings);
        let now = serde_json::to_value(&now)?;
        let then = self.manifest["inputs"].as_object().context("read the inputs of the manifest")?;
        let differs = then.iter().filter(|(name, hash)| now[name.as_str()] != **hash);
        Ok(differs.map(|(name, _)| (name.clone(), self.why(name))).collect())
    }

    fn why(&self, input: &str) -> &'static str {
        let recorded = self.manifest["tables"].is_object();
        match input {
            "documents" => {
                "the documents of then cannot be told from those imported since: the clock was set back, or the database was changed by hand"
            }
            "labels" => {
                "the labels that came with documents are not those of then: the clock was set back, or the database was changed by hand"
            }
            "annotations" => {
                "the answers of then cannot be told from those ingested since: the clock was set back, or the database was changed by hand"
            }
            "rounds" => "an earlier round is not the one of then: the database was changed by hand",
            "featurizer" if recorded => {
                "the tokenizer's file or a static embedding is another one, or this version of Querist computes features otherwise"
            }
            "classifier" if recorded => "this version of Querist trains otherwise",
            "rules" if recorded => "this version of Querist reads rules otherwise",
            "featurizer" | "classifier" | "rules" => {
                "the round's manifest does not record this table yet, and querist.toml has another one than then: take the querist.toml of then out of version control"
            }
            _ => "this version of Querist has other settings",
        }
    }
}

/// The version of the rules that a round was made by: the first, where its manifest names none.
///
/// # Errors
/// This program does not know the edition.
pub fn edition_of(manifest: &Value) -> anyhow::Result<Edition> {
    match manifest.get("edition") {
        None => Ok(Edition::First),
        Some(edition) => Deserialize::deserialize(edition)
            .map_err(|error| changed_by_hand(format!("the manifest of a round: {error}")).into()),
    }
}

/// The text of a querist.toml that says what the manifest says; what that does not record comes from `file`.
fn configuration_of(manifest: &Value, file: &ConfigurationFile) -> anyhow::Result<String> {
    let settings = manifest["configuration"].as_object().context("read the configuration of the manifest")?;
    let names: Vec<String> =
        Deserialize::deserialize(&manifest["configuration"]["labels"]).context("read the round's labels")?;
    let labels = LabelSet::new(names).context("read the round's labels")?;
    let mut tables: Map<String, Value> = Map::new();
    tables.insert("labels".to_owned(), json!(labels.names()));
    // Batch before quality: both may have a key of one name.
    let known = defaults(&labels)?;
    for (key, value) in settings.iter().filter(|(key, _)| *key != "labels" && *key != "seed") {
        let Some(setting) = known.iter().find(|setting| setting.key == *key && setting.table != "stop")
        else {
            let what = format!("the round was made with the setting {key}, which this version does not know");
            return Err(Mend(what).into());
        };
        let table = tables.entry(setting.table.clone()).or_insert_with(|| json!({}));
        table[key] = value.clone();
    }
    if !settings.contains_key("strategy") {
        tables.entry("batch").or_insert_with(|| json!({}))["strategy"] = json!(MEASURE);
    }
    let recorded = match manifest.get("tables") {
        Some(tables) => tables.clone(),
        None => recorded_tables(file)?,
    };
    let recorded = recorded.as_object().context("read the tables of the manifest")?;
    for (name, table) in recorded {
        tables.insert(name.clone(), table.clone());
    }
    if let Some(embedding) = manifest["featurizer"].as_str().and_then(embedding_of) {
        let features = tables.entry("features").or_insert_with(|| json!({}));
        if features["embedding"].is_null() {
            features["embedding"] = json!(embedding);
        }
    }
    Ok(toml::to_string(&tables)?)
}

/// The embedding of a round whose querist.toml named none: what such a file means has changed since, and changes when one is
/// brought. `None` for the one that had been brought.
fn embedding_of(featurizer: &str) -> Option<&'static str> {
    if was_brought(featurizer) {
        return None;
    }
    Some(if featurizer.contains(" static=(") { english::NAME } else { Origin::NONE })
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;

    use super::*;
    use crate::configuration::template;
    use crate::settings;

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

    #[test]
    fn a_manifest_says_what_querist_toml_and_flags_said() {
        let labels = LabelSet::new(["fraud", "other \"one\""]).unwrap();
        let path = Path::new("q.toml");
        let text = template(&labels) + "\n[rules]\nfraud = ['\\bstolen\\b']\n";
        let file = ConfigurationFile::parse(path, text).unwrap();
        for flags in [
            BatchOptions::default(),
            BatchOptions { mix: Some("adaptive".into()), seed: Some(u64::MAX), ..BatchOptions::default() },
            BatchOptions {
                mix: Some("ratio=0.3,random=0.1".into()),
                ratio: Some("fraud=0.8,other \"one\"=0.2".into()),
                measure: Some("margin".into()),
                near_duplicates: Some("off".into()),
                suggest: Some(true),
                size: Some(7),
                ..BatchOptions::default()
            },
        ] {
            let then = settings::of_round(&file, &labels, &flags).unwrap();
            let manifest =
                json!({"configuration": then.to_json(&labels), "tables": recorded_tables(&file).unwrap()});
            let other = ConfigurationFile::parse(path, "labels = [\"a\", \"b\"]\n".to_owned()).unwrap();
            let rebuilt = configuration_of(&manifest, &other).unwrap();
            let rebuilt = ConfigurationFile::parse(path, rebuilt).unwrap();
            assert_eq!(rebuilt.labels().unwrap(), labels);
            let Seed(seed) = then.seed;
            let flags = BatchOptions { seed: Some(seed), ..BatchOptions::default() };
            assert_eq!(settings::of_round(&rebuilt, &labels, &flags).unwrap(), then);
            let fingerprint = |file: &ConfigurationFile| {
                settings::rules(file, &labels).unwrap().map(|rules| rules.fingerprint())
            };
            assert_eq!(fingerprint(&rebuilt), fingerprint(&file));
        }
    }
}
