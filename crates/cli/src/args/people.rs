//! What the user typed for `querist people` and `querist withdraw`.

use clap::{Args as ClapArgs, Subcommand};

/// Who the people are, and what the lead says of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist people                                      everybody: answers, accuracy with interval, verdict, pace
  querist people exclude ben --why 'clicked at random'
  querist people rename ana@mail.example 'Ana Maria'
  querist people pause ana

Nothing is ever deleted: what one command says, another one takes back. Earlier rounds still come out the same.")]
pub struct People {
    /// What to say of somebody; nothing lists everybody.
    #[command(subcommand)]
    pub command: Option<PeopleCommand>,
}

/// What the lead says of somebody.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Let somebody's answers and decisions no longer count; they stay in the workspace
    #[command(after_help = "\
Documents that only this person answered are open again, and may be picked by the next round.

Example:
  querist people exclude ben --why 'clicked at random' --dry-run")]
    Exclude {
        /// The person
        name: String,
        /// Why; every report says so
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Let somebody's answers and decisions count again
    Include {
        /// The person
        name: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Give somebody another name, or say that two names are one person
    #[command(after_help = "\
Where the new name is somebody's already, the two are one person from here on: of documents that both answered, the later answer
stands. Files may go on using either name.

Example:
  querist people rename ana@mail.example 'Ana Maria'")]
    Rename {
        /// The name until now
        old: String,
        /// The name from now on
        new: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Give somebody no new documents
    Pause {
        /// The person
        name: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Give somebody new documents again
    Resume {
        /// The person
        name: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Set an attribute of somebody, such as a group
    #[command(after_help = "\
Reports compare the groups of each attribute.

Examples:
  querist people set ana group=experts
  querist people set ana group=                       takes it away")]
    Set {
        /// The person
        name: String,
        /// The attribute and its value
        #[arg(value_name = "KEY=VALUE")]
        attribute: String,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
}

/// Take documents back that nobody has answered.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Documents that were handed out and not answered are open again. A late answer to one of them still counts.

Examples:
  querist withdraw --round 3
  querist withdraw --all --from ben                   what waits for somebody who has left
  querist withdraw --all --dry-run                    what would go back")]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub struct Withdraw {
    /// Of this round
    #[arg(long, value_name = "N", group = "which")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub round: Option<u32>,
    /// Of every round
    #[arg(long, group = "which")]
    pub all: bool,
    /// Only what this person was to answer
    #[arg(long, value_name = "NAME")]
    pub from: Option<String>,
    /// Only say what would go back
    #[arg(long)]
    pub dry_run: bool,
}
