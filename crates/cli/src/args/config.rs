//! What the user typed to see the workspace and its settings, or to change them.

use clap::Args as ClapArgs;

use super::BatchOptions;

/// Say where things stand.
#[derive(Debug, ClapArgs)]
pub struct Status {
    /// Also read the whole database and say whether it is sound; of a large workspace that takes a while
    #[arg(long)]
    pub check: bool,
}

/// List every setting, or change some in querist.toml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist config                          what the next `querist round` goes by
  querist config --size 50 --json         … with these flags; \"from\" is default, FILE:LINE, a variable or a flag
  querist config --set batch.size=50 --set stop.budget=2000
                                          written into querist.toml, whose comments stay
  querist config --unset stop.budget      the default counts again")]
pub struct Config {
    /// Change a setting in querist.toml: TABLE.KEY=VALUE, the value as querist.toml has it; quotes around a text may be left out
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Take a setting out of querist.toml
    #[arg(long = "unset", value_name = "KEY")]
    pub unset: Vec<String>,
    /// Flags as they would be given to `querist round`.
    #[command(flatten)]
    pub batch: BatchOptions,
}
