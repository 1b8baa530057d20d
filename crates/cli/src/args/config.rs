//! Arguments of the commands that show the workspace or its settings, or change settings.

use clap::{Args as ClapArgs, Subcommand};

use super::BatchOptions;

/// Say where things stand.
#[derive(Debug, ClapArgs)]
pub struct Status {
    /// Also check the whole database for damage; this takes a while in a large workspace
    #[arg(long)]
    pub check: bool,
}

/// List every setting, or change one in querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist config                          the settings of the next `querist round`
  querist config --size 50 --json         the same with this flag, and where each comes from
  querist config set batch.size 50        write a value to querist.toml; comments stay
  querist config unset stop.budget        go back to the default

With --json, \"from\" says where a value comes from: default, FILE:LINE, a variable or a flag.")]
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
    /// Remove a value from querist.toml, so that the default applies again
    Unset(ConfigUnset),
}

/// Set a value in querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Write the value as it would stand in querist.toml; quotes around text are optional. An unknown key or an invalid value is refused, \
and the file stays as it is.

Examples:
  querist config set batch.size 50
  querist config set batch.mix '{ uncertainty = 0.8, random = 0.2 }'
  querist config set batch.where '[\"lang=de\"]'
  querist config set cost.hourly_rate 24.50 --dry-run")]
pub struct ConfigSet {
    /// Setting, as TABLE.KEY; just KEY if it belongs to no table, such as seed
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    pub value: String,
    /// Check the change and show its effect, but write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Take a value out of querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  querist config unset stop.budget")]
pub struct ConfigUnset {
    /// Setting, as TABLE.KEY
    #[arg(value_name = "KEY")]
    pub key: String,
    /// Check the change and show its effect, but write nothing
    #[arg(long)]
    pub dry_run: bool,
}
