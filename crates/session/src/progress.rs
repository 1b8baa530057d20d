//! What happens during a use case: steps with their progress, and remarks. Facts, which a door
//! shows as it likes.

use std::path::PathBuf;

use querist_store::Told;
use serde::Serialize;

/// A step of some length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// Documents are imported.
    Importing,
    /// Answers are read.
    Answers,
    /// Documents are read from files.
    Documents,
    /// Texts become features.
    Texts,
    /// The rules are held against the texts.
    Rules,
    /// Probabilities of a model that the user brought are read.
    Scores,
    /// The classifier is fitted.
    Training,
    /// The model is evaluated.
    Evaluating,
    /// The open documents get their probabilities.
    Scoring,
    /// The batch is composed.
    Choosing,
    /// Answers are weighed for review.
    Weighing,
    /// Answers are put together.
    Aggregating,
    /// Agreement, skills and posteriors are measured.
    Measuring,
    /// Files are written.
    Writing,
    /// Strategies are played.
    Simulating,
}

/// Something that the user should know, though nothing failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remark {
    /// The database was brought up to date; `file` is the one of before.
    BackedUp {
        /// The copy.
        file: PathBuf,
    },
    /// The files of a round were not those that the workspace has of it, and were written again.
    FilesMadeAgain {
        /// The round.
        round: u32,
    },
    /// The fit did not converge.
    NotConverged,
    /// Training starts from nothing, because the last model cannot be read.
    ColdStart {
        /// Why it cannot be read.
        why: String,
    },
    /// An embedding of an earlier version has no hashes, so damage to it would go unnoticed.
    UnsealedEmbedding {
        /// Its folder.
        folder: PathBuf,
    },
    /// A portable model of an earlier version does not cover its header by a hash.
    UnsealedModel {
        /// The file.
        file: PathBuf,
    },
    /// Rows of probabilities did not sum to 1 and were divided by their sum.
    ScoresScaled {
        /// How many rows.
        scaled: usize,
        /// Of how many.
        rows: usize,
    },
    /// Answers wait in an annotator's own file and are no part of the round.
    AnswersWaiting {
        /// The file.
        file: PathBuf,
        /// How many answers.
        answers: usize,
    },
    /// Ids were made from the texts.
    IdsMade {
        /// How many.
        ids: u64,
    },
    /// Fields by which annotators can tell control items.
    ControlsMarked {
        /// The fields.
        fields: Vec<String>,
    },
    /// A format has no place for something.
    LeftOut {
        /// The format.
        format: &'static str,
        /// What is left out.
        what: &'static str,
    },
    /// A simulation goes on after rounds that were played before.
    GoesOn {
        /// How many rounds.
        rounds: usize,
        /// The file that has them.
        file: PathBuf,
    },
    /// The demonstration makes its workspace.
    DemoBegins {
        /// The folder.
        folder: PathBuf,
    },
    /// The demonstration makes a round.
    DemoRound {
        /// The round.
        round: u32,
        /// Of how many.
        of: u32,
        /// How many simulated annotators answer.
        annotators: usize,
    },
    /// How a file was read: what was guessed of it, and what was passed over.
    Input {
        /// What a reader says.
        text: Told,
    },
    /// Something in the data is odd.
    Warning {
        /// What is odd.
        text: String,
    },
}

impl Remark {
    /// Whether the user must know, however quiet the door is to be.
    pub fn is_notice(&self) -> bool {
        matches!(self, Self::BackedUp { .. } | Self::FilesMadeAgain { .. })
    }
}

/// A door's ear. All methods may be called from several threads.
pub trait Progress: Sync {
    /// A step begins; it ends when the returned value is dropped.
    fn begin(&self, step: Step) -> Box<dyn Running + '_>;
    /// There is something to say.
    fn remark(&self, remark: Remark);
}

/// A step at work.
pub trait Running: Sync {
    /// How far the step is: `done` of `all`, where `all` is known. An import counts rows, which
    /// have no `all`; work on texts counts documents. May come from several threads, and so out of
    /// order.
    fn at(&self, done: u64, all: Option<u64>);
}

impl dyn Progress + '_ {
    /// Does a step.
    pub fn step<T>(&self, step: Step, work: impl FnOnce() -> T) -> T {
        let _running = self.begin(step);
        work()
    }

    /// Does a step that tells how many of how many documents are done.
    pub fn counted<T>(&self, step: Step, work: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> T) -> T {
        let running = self.begin(step);
        work(&|done, all| running.at(done as u64, Some(all as u64)))
    }

    /// A warning for each text.
    pub(crate) fn warn(&self, warnings: &[String]) {
        for text in warnings {
            self.remark(Remark::Warning { text: text.clone() });
        }
    }
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: Step) -> Box<dyn Running + '_> {
        Box::new(Self)
    }

    fn remark(&self, _: Remark) {}
}

impl Running for Silent {
    fn at(&self, _: u64, _: Option<u64>) {}
}
