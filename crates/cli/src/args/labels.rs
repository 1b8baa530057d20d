//! Arguments of `querist labels`.

use clap::{Args as ClapArgs, Subcommand};

/// The classes, and what is to become of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist labels                                      every class: documents, answers, description
  querist labels rename acct account
  querist labels merge billing refunds --into money
  querist labels remove misc --to-skip
  querist labels describe fraud 'somebody else used the account'

querist.toml changes too: labels, quotas, weights and rules. Its comments stay. Earlier rounds can still be reproduced.")]
pub struct Labels {
    /// What to change; nothing lists the classes.
    #[command(subcommand)]
    pub command: Option<LabelsCommand>,
}

/// What is to become of classes.
#[derive(Debug, Subcommand)]
pub enum LabelsCommand {
    /// Add a class after the others; a class that was removed comes back with its answers
    Add {
        /// Name of the class
        name: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Rename a class; files may keep using the old name
    Rename {
        /// Current name
        old: String,
        /// New name
        new: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Merge several classes into one
    Merge {
        /// Classes to merge
        #[arg(required = true, value_name = "NAME")]
        labels: Vec<String>,
        /// Class to merge them into: one of them, another class or a new one
        #[arg(long, value_name = "NAME")]
        into: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Remove a class
    Remove {
        /// Name of the class
        name: String,
        /// Turn its answers into skips and reopen its labelled documents; without this flag the
        /// class must be unused
        #[arg(long)]
        to_skip: bool,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Describe what belongs to a class; without words, remove the description
    Describe {
        /// Name of the class
        name: String,
        /// Description
        text: Option<String>,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
}
