//! Arguments of `querist reproduce`.

use clap::Args as ClapArgs;

use super::ScoresText;
use crate::files::name;

/// Make an earlier round again and compare it.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist reproduce rounds/0007               a round's folder, or its number
  querist reproduce 7 --json

The documents and answers of that time come from the database, and the configuration comes from the round's manifest. Model, \
batch and picks are compared with the hashes in the manifest. Exit code 0: identical; 2: different, and standard output says \
what differs and why.")]
pub struct Reproduce {
    /// Round, by its number or its folder
    #[arg(value_name = "ROUND")]
    pub round: String,
    /// Predictions that chose the round, if it was made with --scores
    #[arg(long, value_name = "FILE", value_parser = name())]
    pub scores: Option<String>,
    /// Skip rows of --scores whose id is not in the workspace
    #[arg(long, requires = "scores")]
    pub ignore_foreign: bool,
    /// How the file of --scores is written.
    #[command(flatten)]
    pub scores_text: ScoresText,
}
