//! Arguments of `querist people` and `querist withdraw`.

use clap::{Args as ClapArgs, Subcommand};

/// Who the people are, and what the lead says of them.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  querist people                                      list everybody: answers, accuracy, verdict, pace
  querist people exclude ben --why 'clicked at random'
  querist people rename ana@mail.example 'Ana Maria'
  querist people pause ana

Nothing is ever deleted: for each of these commands, another one undoes it. Earlier rounds can still be reproduced.")]
pub struct People {
    /// What to say of somebody; nothing lists everybody.
    #[command(subcommand)]
    pub command: Option<PeopleCommand>,
}

/// What the lead says of somebody.
#[derive(Debug, Subcommand)]
pub enum PeopleCommand {
    /// Stop counting somebody's answers and decisions; they stay in the workspace
    #[command(after_help = "\
Documents that only this person answered become open again, and the next round may pick them.

Example:
  querist people exclude ben --why 'clicked at random' --dry-run")]
    Exclude {
        /// Name of the person
        name: String,
        /// Reason, which every report shows
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Count somebody's answers and decisions again
    Include {
        /// Name of the person
        name: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Rename somebody, or declare two names to be one person
    #[command(after_help = "\
If somebody has the new name already, the two become one person: where both answered a document, the later answer counts. Files \
may keep using either name.

Example:
  querist people rename ana@mail.example 'Ana Maria'")]
    Rename {
        /// Current name
        old: String,
        /// New name
        new: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Give somebody no new documents
    Pause {
        /// Name of the person
        name: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Give somebody new documents again
    Resume {
        /// Name of the person
        name: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Set an attribute of somebody, such as a group
    #[command(after_help = "\
Reports compare the groups of each attribute.

Examples:
  querist people set ana group=experts
  querist people set ana group=                       remove the attribute")]
    Set {
        /// Name of the person
        name: String,
        /// Attribute and its value
        #[arg(value_name = "KEY=VALUE")]
        attribute: String,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
}

/// Take documents back that nobody has answered.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Documents that were handed out but not answered become open again. A late answer still counts.

Examples:
  querist withdraw --round 3
  querist withdraw --all --from ben                   everything handed to somebody who has left
  querist withdraw --all --dry-run                    show what would be withdrawn")]
#[command(group(clap::ArgGroup::new("which").required(true)))]
pub struct Withdraw {
    /// Withdraw documents of this round
    #[arg(long, value_name = "N", group = "which")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub round: Option<u32>,
    /// Withdraw documents of every round
    #[arg(long, group = "which")]
    pub all: bool,
    /// Withdraw only the documents handed to this person
    #[arg(long, value_name = "NAME")]
    pub from: Option<String>,
    /// Only show what would be withdrawn
    #[arg(long)]
    pub dry_run: bool,
}
