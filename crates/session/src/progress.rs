//! Events during a use case: steps with their progress, and remarks. They are data, and each front
//! end shows them in its own way.

use std::path::PathBuf;

use querist_store::Told;
use serde::Serialize;

/// A step that can take a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// Import documents.
    Importing,
    /// Read answers.
    Answers,
    /// Read documents from files.
    Documents,
    /// Turn texts into features.
    Texts,
    /// Match the rules against the texts.
    Rules,
    /// Read the probabilities of a model that the user brought.
    Scores,
    /// Fit the classifier.
    Training,
    /// Evaluate the model.
    Evaluating,
    /// Predict the probabilities of open documents.
    Scoring,
    /// Compose the batch.
    Choosing,
    /// Rank answers for review.
    Weighing,
    /// Combine answers into labels.
    Aggregating,
    /// Measure agreement, skills and posteriors.
    Measuring,
    /// Write files.
    Writing,
    /// Run the strategies of a simulation.
    Simulating,
}

/// Something that the user should know, though nothing failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remark {
    /// The database was migrated; `file` is a backup of the old one.
    BackedUp {
        /// Path of the backup.
        file: PathBuf,
    },
    /// The files of a round differed from the workspace's record, and were written again.
    FilesMadeAgain {
        /// Number of the round.
        round: u32,
    },
    /// The fit did not converge.
    NotConverged,
    /// Training starts from scratch, because the last model cannot be read.
    ColdStart {
        /// Why it cannot be read.
        why: String,
    },
    /// An embedding from an earlier version has no hashes, so damage to it would go unnoticed.
    UnsealedEmbedding {
        /// Path of the embedding's folder.
        folder: PathBuf,
    },
    /// A portable model from an earlier version has no hash over its header.
    UnsealedModel {
        /// Path of the model.
        file: PathBuf,
    },
    /// Some rows of probabilities did not sum to 1, and were divided by their sum.
    ScoresScaled {
        /// Number of rows that were divided.
        scaled: usize,
        /// Number of all rows.
        rows: usize,
    },
    /// Answers wait in an annotator's own file, and are not part of the round.
    AnswersWaiting {
        /// Path of the file.
        file: PathBuf,
        /// Number of answers in it.
        answers: usize,
    },
    /// Ids were made from the texts.
    IdsMade {
        /// Number of ids.
        ids: u64,
    },
    /// Some fields let annotators recognise control items.
    ControlsMarked {
        /// Names of the fields.
        fields: Vec<String>,
    },
    /// A format has no place for something.
    LeftOut {
        /// Name of the format.
        format: &'static str,
        /// What the format leaves out.
        what: &'static str,
    },
    /// A simulation continues after rounds that an earlier run has finished.
    GoesOn {
        /// Number of finished rounds.
        rounds: usize,
        /// Path of the file that holds them.
        file: PathBuf,
    },
    /// The demo makes its workspace.
    DemoBegins {
        /// Path of the workspace.
        folder: PathBuf,
    },
    /// The demo makes a round.
    DemoRound {
        /// Number of the round, from 1.
        round: u32,
        /// Number of all rounds.
        of: u32,
        /// Number of simulated annotators who answer.
        annotators: usize,
    },
    /// How a file was read: what was guessed, and what was skipped.
    Input {
        /// The reader's remark.
        text: Told,
    },
    /// Something in the data is odd.
    Warning {
        /// What is odd.
        text: String,
    },
}

impl Remark {
    /// Returns whether the user must see the remark even if the front end is quiet.
    pub fn is_notice(&self) -> bool {
        matches!(self, Self::BackedUp { .. } | Self::FilesMadeAgain { .. })
    }
}

/// Receives the events of a use case. Several threads may call the methods at once.
pub trait Progress: Send + Sync {
    /// Begins a step. The step ends when the returned value is dropped.
    fn begin(&self, step: Step) -> Box<dyn Running + '_>;
    /// Receives a remark.
    fn remark(&self, remark: Remark);
}

/// A step that is running.
pub trait Running: Send + Sync {
    /// Reports that `done` of `all` is finished; `all` is `None` if unknown. An import counts rows
    /// and has no `all`; work on texts counts documents. Several threads may call this, so calls
    /// may come out of order.
    fn at(&self, done: u64, all: Option<u64>);
}

impl dyn Progress + '_ {
    /// Runs `work` as one step and returns its result.
    pub fn step<T>(&self, step: Step, work: impl FnOnce() -> T) -> T {
        let _running = self.begin(step);
        work()
    }

    /// Runs `work` as one step and returns its result. `work` receives a function to report
    /// progress, which takes the number of finished documents and the number of all documents.
    pub fn counted<T>(&self, step: Step, work: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> T) -> T {
        let running = self.begin(step);
        work(&|done, all| running.at(done as u64, Some(all as u64)))
    }

    /// Sends each text as a warning.
    pub(crate) fn warn(&self, warnings: &[String]) {
        for text in warnings {
            self.remark(Remark::Warning { text: text.clone() });
        }
    }
}

/// Ignores all events.
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
