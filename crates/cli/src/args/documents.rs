//! What the user typed to find documents.

use clap::{Args as ClapArgs, ValueEnum};
use querist_session::documents::DocumentState;
use querist_session::engine::State;

/// List the documents of the workspace.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Documents are listed by id. Everything that is given must hold. The states of the pool are those that `querist status` counts.

Examples:
  querist documents --search refund                the documents whose text has the word, whatever its case
  querist documents --state tied --json            with texts and fields, for programs
  querist documents --class fraud --where lang=de --limit 200
  querist documents --round 3 --state out          what of a batch nobody has answered
  querist documents --state open --limit 0         how many there are")]
pub struct Documents {
    /// Words that the text has, whatever their case
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub search: Option<String>,
    /// The document's own field has this value (FIELD=VALUE), or has not (FIELD!=VALUE); may be
    /// given several times
    #[arg(long = "where", value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    pub conditions: Vec<String>,
    /// The standing label
    #[arg(long, value_name = "NAME")]
    pub class: Option<String>,
    /// What the document is
    #[arg(long, value_enum, value_name = "STATE")]
    pub state: Option<AskedState>,
    /// The batch of this round has it
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// How many to list, at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// How many of those found to pass over first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskedState {
    /// May be picked
    Open,
    /// A batch has it, and nobody has answered
    Out,
    /// Has a label
    #[value(alias = "labeled")]
    Labelled,
    /// Its answers come to no label
    Tied,
    /// Everybody who answered skipped it
    Skipped,
    /// An expert found that no class fits
    #[value(alias = "left_out")]
    LeftOut,
    /// A control item
    Control,
    /// Of the test set
    Test,
}

impl AskedState {
    /// In the session's words.
    pub fn state(self) -> DocumentState {
        match self {
            Self::Open => DocumentState::Pool(State::Open),
            Self::Out => DocumentState::Pool(State::Out),
            Self::Labelled => DocumentState::Pool(State::Labeled),
            Self::Tied => DocumentState::Pool(State::Tied),
            Self::Skipped => DocumentState::Pool(State::Skipped),
            Self::LeftOut => DocumentState::Pool(State::LeftOut),
            Self::Control => DocumentState::Control,
            Self::Test => DocumentState::Test,
        }
    }
}
