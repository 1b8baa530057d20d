//! What the user typed of making a round again.

use clap::Args as ClapArgs;

use super::ScoresText;
use crate::files::name;

/// Make an earlier round again and compare it.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist reproduce rounds/0007               a folder of a round, or its number
  querist reproduce 7 --json

The state of then is taken from the database, the configuration from the round's manifest, and model, batch and picks are
compared with the manifest's hashes. Exit code 0: identical; 2: not, and standard output says what and why.")]
pub struct Reproduce {
    /// The round: its number or its folder
    #[arg(value_name = "ROUND")]
    pub round: String,
    /// The predictions that the round was chosen by, where it was made with --scores
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub scores: Option<String>,
    /// Pass over rows of --scores whose id is of no document of the workspace
    #[arg(long, requires = "scores")]
    pub ignore_foreign: bool,
    /// How the file of --scores is written.
    #[command(flatten)]
    pub scores_text: ScoresText,
}
