//! What the user typed to see the workspace and its settings, or to change them.

use clap::{Args as ClapArgs, Subcommand};

use super::BatchOptions;

/// Say where things stand.
#[derive(Debug, ClapArgs)]
pub struct Status {
    /// Also read the whole database and say whether it is sound; of a large workspace that takes a
    /// while
    #[arg(long)]
    pub check: bool,
}

/// List every setting, or change one in querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist config                          what the next `querist round` goes by
  querist config --size 50 --json         … with these flags; \"from\" is default, FILE:LINE, a variable or a flag
  querist config set batch.size 50        written into querist.toml, whose comments stay
  querist config unset stop.budget        the default counts again")]
pub struct Config {
    /// What to change.
    #[command(subcommand)]
    pub change: Option<ConfigChange>,
    /// Flags as they would be given to `querist round`.
    #[command(flatten)]
    pub batch: BatchOptions,
}

/// A change of querist.toml.
#[derive(Debug, Subcommand)]
pub enum ConfigChange {
    /// Set a value in querist.toml; comments stay
    Set(ConfigSet),
    /// Take a value out of querist.toml, so that the default counts again
    Unset(ConfigUnset),
}

/// Set a value in querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The value is written as querist.toml has it; quotes around a text may be left out. A key that there is not, or a value that makes
no sense, is refused, and the file stays as it is.

Examples:
  querist config set batch.size 50
  querist config set batch.mix '{ uncertainty = 0.8, random = 0.2 }'
  querist config set batch.where '[\"lang=de\"]'
  querist config set cost.hourly_rate 24.50 --dry-run")]
pub struct ConfigSet {
    /// The setting, as TABLE.KEY; a key before any table, such as seed, by itself
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Its value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub value: String,
    /// Check the change and say what it does, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Take a value out of querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  querist config unset stop.budget")]
pub struct ConfigUnset {
    /// The setting, as TABLE.KEY
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Check the change and say what it does, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}
