//! Arguments of `querist label`.

use clap::{Args as ClapArgs, ValueEnum};

/// Answer a batch in the terminal.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_help = "\
Examples:
  querist label                               the last batch, under your system user name
  querist label --annotator ana --round 3     an earlier one, under another name
  querist label --skipped                     the documents you skipped, again
  querist label --review                      decide about documents for review, as an expert
  querist label --annotator eve --any         a whole batch that was handed out to others

Every answer is saved at once, with the seconds that it took; leave with Esc and continue later. Keys: one per class; space skips; \
Backspace or Ctrl-Z undoes (only Ctrl-Z if you type the names of classes); ← → browse; / searches; : goes to a number or an id; \
? shows what the model predicts (hidden until then).")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that may be given or not")]
pub struct Label {
    /// Round whose batch to label [default: the last one]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// Name to store the answers under [default: your system user name]
    #[arg(long, value_name = "NAME", env = "QUERIST_ANNOTATOR", hide_env_values = true)]
    pub annotator: Option<String>,
    /// Label the whole batch, even if it was handed out to others [default: your own part]
    #[arg(long)]
    pub any: bool,
    /// Order of the documents
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = LabelOrder::Rank)]
    pub order: LabelOrder,
    /// Decide as an expert about the documents for review, seeing everybody's answers, with a
    /// reason and a comment; your decision overrides all answers
    #[arg(long, conflicts_with_all = ["round", "skipped"])]
    pub review: bool,
    /// Decide as an expert about the labels that the model doubts
    #[arg(long, conflicts_with_all = ["round", "skipped", "review"])]
    pub audit: bool,
    /// Ask again about documents that this annotator skipped or undid
    #[arg(long)]
    pub skipped: bool,
}

/// The order of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LabelOrder {
    /// Order of the batch
    Rank,
    /// Short texts first
    Short,
    /// Random order, different for each annotator and the same every time
    Shuffled,
}
