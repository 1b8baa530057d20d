//! Finds out which options were set by environment variables, so that messages can name the
//! variable.

use std::collections::BTreeSet;

use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches};

use super::{Args, Command};

impl Args {
    /// Reads the command line; what came from environment variables is noted.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn of(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut args = Self::from_arg_matches(matches)?;
        args.global.from_environment = from_environment(matches);
        let batch = match &mut args.command {
            Command::Round(round) => Some(&mut round.batch),
            Command::Select(select) => Some(&mut select.batch),
            Command::Config(config) => Some(&mut config.batch),
            _ => None,
        };
        if let (Some(batch), Some((_, matches))) = (batch, matches.subcommand()) {
            batch.from_environment = from_environment(matches);
        }
        Ok(args)
    }
}

/// The ids of the options that come from environment variables.
fn from_environment(matches: &ArgMatches) -> BTreeSet<String> {
    let ids = matches.ids().map(clap::Id::as_str);
    let variable = |id: &&str| matches.value_source(id) == Some(ValueSource::EnvVariable);
    ids.filter(variable).map(str::to_owned).collect()
}

/// What messages call an option: the flag, or the environment variable that stands for it.
pub fn place(id: &str, from_environment: bool) -> String {
    if from_environment {
        format!("QUERIST_{}", id.to_uppercase())
    } else {
        format!("--{}", id.replace('_', "-"))
    }
}
