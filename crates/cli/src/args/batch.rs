//! Arguments that say how a batch is composed.

use std::collections::BTreeSet;

use clap::Args as ClapArgs;
use querist_session::query::{MixSetting, NearDuplicates, RatioSetting};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Mend;
use querist_session::Override;

/// How a batch is composed; what is not given comes from querist.toml.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct BatchOptions {
    /// Number of documents in the batch
    #[arg(
        long,
        value_name = "N",
        env = "QUERIST_SIZE",
        hide_env_values = true,
        allow_negative_numbers = true
    )]
    pub size: Option<usize>,
    /// Seed; the same seed gives the same batch
    #[arg(
        long,
        value_name = "S",
        env = "QUERIST_SEED",
        hide_env_values = true,
        allow_negative_numbers = true
    )]
    pub seed: Option<u64>,
    /// Shares of the batch: uncertainty, ratio, random, control; if they sum to less than 1, the
    /// rest goes to uncertainty. With "adaptive", Querist sets the first three itself: a share
    /// grows if the model was often wrong on its picks in earlier rounds
    #[arg(
        long,
        value_name = "SHARE=P,…|adaptive",
        env = "QUERIST_MIX",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub mix: Option<String>,
    /// Class quotas of the ratio share: "balance", or weights by class
    #[arg(
        long,
        value_name = "CLASS=W,…|balance",
        env = "QUERIST_RATIO",
        hide_env_values = true,
        allow_hyphen_values = true
    )]
    pub ratio: Option<String>,
    /// Measure of uncertainty: entropy, least-confidence, margin or ratio-of-confidence; needs
    /// --strategy measure
    #[arg(long, value_name = "NAME", env = "QUERIST_MEASURE", hide_env_values = true)]
    pub measure: Option<String>,
    /// With --strategy measure: pick n diverse documents among the M times n highest; 1 picks the n
    /// highest
    #[arg(
        long,
        value_name = "M",
        env = "QUERIST_DIVERSITY",
        hide_env_values = true,
        allow_negative_numbers = true
    )]
    pub diversity: Option<usize>,
    /// Strategy that fills the uncertainty share: a name from `querist strategies`, or "measure"
    /// for --measure and --diversity
    #[arg(long, value_name = "NAME", env = "QUERIST_STRATEGY", hide_env_values = true)]
    pub strategy: Option<String>,
    /// Which documents predicted to be in a class fill its quota: random, likeliest, uncertain,
    /// diverse or least-likely
    #[arg(long, value_name = "NAME", env = "QUERIST_WITHIN", hide_env_values = true)]
    pub within: Option<String>,
    /// Similarity (Jaccard index of words and pairs of words) from which a document is a
    /// near-duplicate of a labelled or picked one and is never picked; "off" allows near-duplicates
    #[arg(
        long,
        value_name = "R|off",
        env = "QUERIST_NEAR_DUPLICATES",
        hide_env_values = true,
        allow_negative_numbers = true
    )]
    pub near_duplicates: Option<String>,
    /// Show annotators the model's guess; --suggest=false turns it off if querist.toml turns it on
    #[arg(long, value_name = "BOOL", env = "QUERIST_SUGGEST", hide_env_values = true)]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub suggest: Option<bool>,
    /// Choose only documents whose own field has this value (FIELD=VALUE) or does not have it
    /// (FIELD!=VALUE); may be repeated, and all conditions must hold. All labels still train the
    /// model
    #[arg(long = "where", value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    pub conditions: Vec<String>,
    /// The options that come from environment variables, by their ids.
    #[arg(skip)]
    pub from_environment: BTreeSet<String>,
}

impl BatchOptions {
    /// What was typed, as settings to lay over querist.toml.
    ///
    /// # Errors
    /// A value that cannot be read.
    pub fn overrides(&self) -> anyhow::Result<Vec<Override>> {
        let mut all = Vec::new();
        let mut add = |key: &'static str, value: Option<Result<Value, String>>| -> anyhow::Result<()> {
            let Some(value) = value else { return Ok(()) };
            let (table, place) = (if key == "seed" { "" } else { "batch" }, self.place(key));
            let value = value.map_err(|error| Mend(format!("{place}: {error}")))?;
            all.push(Override { table, key, value, place });
            Ok(())
        };
        add("size", self.size.map(|size| Ok(json!(size))))?;
        add("seed", self.seed.map(|seed| Ok(json!(seed))))?;
        add("mix", self.mix.as_deref().map(read::<MixSetting>))?;
        add("ratio", self.ratio.as_deref().map(read::<RatioSetting>))?;
        add("measure", self.measure.as_deref().map(|name| Ok(json!(name))))?;
        add("diversity", self.diversity.map(|diversity| Ok(json!(diversity))))?;
        add("strategy", self.strategy.as_deref().map(|name| Ok(json!(name))))?;
        add("within", self.within.as_deref().map(|name| Ok(json!(name))))?;
        add("near_duplicates", self.near_duplicates.as_deref().map(read::<NearDuplicates>))?;
        add("suggest", self.suggest.map(|suggest| Ok(json!(suggest))))?;
        let conditions = (!self.conditions.is_empty()).then(|| Ok(json!(self.conditions)));
        add("where", conditions)?;
        Ok(all)
    }

    /// The flag, or the environment variable that stands for it.
    fn place(&self, key: &str) -> String {
        super::place(key, self.from_environment.contains(key))
    }
}

/// A value in the form of a command line.
fn read<T: std::str::FromStr<Err = String> + Serialize>(text: &str) -> Result<Value, String> {
    serde_json::to_value(text.parse::<T>()?).map_err(|error| error.to_string())
}
