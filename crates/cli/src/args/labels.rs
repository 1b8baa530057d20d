//! What the user typed for `querist labels`.

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

querist.toml changes too: labels, quotas, weights and rules; its comments stay. Earlier rounds still come out the same.")]
pub struct Labels {
    /// What to change; nothing lists the classes.
    #[command(subcommand)]
    pub command: Option<LabelsCommand>,
}

/// What is to become of classes.
#[derive(Debug, Subcommand)]
pub enum LabelsCommand {
    /// Add a class, after the others; one that was taken out comes back with its answers
    Add {
        /// Its name
        name: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Give a class another name; files may go on using the old one
    Rename {
        /// The name until now
        old: String,
        /// The name from now on
        new: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Make one class of several
    Merge {
        /// The classes
        #[arg(required = true, value_name = "NAME")]
        labels: Vec<String>,
        /// The class that they become: one of them, another one, or a new one
        #[arg(long, value_name = "NAME")]
        into: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Take a class out
    Remove {
        /// Its name
        name: String,
        /// Make skips of its answers, and open documents of its labels; without this it must be
        /// unused
        #[arg(long)]
        to_skip: bool,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Say in words what belongs to a class; without words, take the description away
    Describe {
        /// Its name
        name: String,
        /// The description
        text: Option<String>,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
}
