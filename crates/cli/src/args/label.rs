//! What the user typed of labelling in the terminal.

use clap::{Args as ClapArgs, ValueEnum};

/// Answer a batch in the terminal.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_help = "\
Examples:
  querist label                               the last batch, under your system's user name
  querist label --annotator ana --round 3     an earlier one, under another name
  querist label --skipped                     what you skipped is asked again
  querist label --review                      decide what is up for review; your decision stands above all answers
  querist label --annotator eve --any         all of a batch that was handed out to others

Every answer is kept at once, with the seconds that it took; leave with Esc and go on later. Keys: one a class, space skips,
Backspace or Ctrl-Z undoes (Ctrl-Z alone where classes are typed), ← → browse, / searches, : goes to a number or an id, ? shows what the model predicts (never before).")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that may be given or not")]
pub struct Label {
    /// The round whose batch it is [default: the last one]
    #[arg(long, value_name = "N")]
    pub round: Option<u32>,
    /// The name that answers are kept under [default: the system's user name]
    #[arg(long, value_name = "NAME", env = "QUERIST_ANNOTATOR", hide_env_values = true)]
    pub annotator: Option<String>,
    /// Label the whole batch, even if it was handed out to others [default: your own part]
    #[arg(long)]
    pub any: bool,
    /// The order of the documents
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = LabelOrder::Rank)]
    pub order: LabelOrder,
    /// Decide, as an expert, what is up for review: with everybody's answers, a reason and a
    /// comment
    #[arg(long, conflicts_with_all = ["round", "skipped"])]
    pub review: bool,
    /// Decide, as an expert, about the labels that the model does not believe
    #[arg(long, conflicts_with_all = ["round", "skipped", "review"])]
    pub audit: bool,
    /// Ask again what this annotator skipped or took back
    #[arg(long)]
    pub skipped: bool,
}

/// The order of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LabelOrder {
    /// That of the batch
    Rank,
    /// Short texts first
    Short,
    /// An order of the annotator's own, the same every time
    Shuffled,
}
