//! Arguments of `querist documents`.

use clap::{Args as ClapArgs, ValueEnum};
use querist_session::documents::DocumentState;
use querist_session::engine::State;

/// List the documents of the workspace.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Documents are listed by id and must meet all conditions given. The states of the pool are the ones that `querist status` counts.

Examples:
  querist documents --search refund                documents with this word, in any case
  querist documents --state tied --json            with texts and fields, for programs
  querist documents --class fraud --where lang=de --limit 200
  querist documents --round 3 --state out          documents of a batch that nobody has answered
  querist documents --state open --limit 0         only the number of documents")]
pub struct Documents {
    /// Words in the text, whatever their case
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub search: Option<String>,
    /// The document's own field has this value (FIELD=VALUE) or does not have it (FIELD!=VALUE);
    /// may be repeated
    #[arg(long = "where", value_name = "FIELD=VALUE", allow_hyphen_values = true)]
    pub conditions: Vec<String>,
    /// Current label
    #[arg(long, value_name = "NAME")]
    pub class: Option<String>,
    /// State of the document
    #[arg(long, value_enum, value_name = "STATE")]
    pub state: Option<AskedState>,
    /// The document is in the batch of this round
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// Documents to list, at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// Documents to skip before the first one listed
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AskedState {
    /// May be picked
    Open,
    /// In a batch, and nobody has answered
    Out,
    /// Has a label
    #[value(alias = "labeled")]
    Labelled,
    /// Its answers tie, so it has no label
    Tied,
    /// Everybody who answered skipped it
    Skipped,
    /// An expert decided that no class fits
    #[value(alias = "left_out")]
    LeftOut,
    /// Control item
    Control,
    /// In the test set
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
