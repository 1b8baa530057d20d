//! The events of a use case: steps with their progress, and remarks. They are data; each front end
//! shows them in its own way.

use std::path::PathBuf;

use querist_store::Told;
use serde::Serialize;

/// A step of a use case that may take a while.
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
    /// Read documents' vectors from files.
    Vectors,
    /// Turn texts into features.
    Texts,
    /// Match the rules against the texts.
    Rules,
    /// Read the predictions of the user's own model.
    Scores,
    /// Fit the classifier.
    Training,
    /// Evaluate the model.
    Evaluating,
    /// Predict the probabilities of open documents.
    Scoring,
    /// Compose the batch.
    Choosing,
    /// Rank documents for review.
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

/// Something that the user should know, although nothing failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "remark", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Remark {
    /// The database was converted to a newer layout; `file` is a copy of the old one.
    BackedUp {
        /// Path of the backup.
        file: PathBuf,
    },
    /// Files of a round were missing or had other contents than recorded, so they were written
    /// again.
    FilesMadeAgain {
        /// Number of the round.
        round: u32,
    },
    /// The training of the model did not converge.
    NotConverged,
    /// Training starts from scratch, because the last model cannot be read.
    ColdStart {
        /// Why it cannot be read.
        why: String,
    },
    /// An embedding added by an earlier version has no hashes, so damage to its files would go
    /// unnoticed.
    UnsealedEmbedding {
        /// Path of the embedding's folder.
        folder: PathBuf,
    },
    /// The features leave out the documents' vectors, because some documents lack one.
    VectorsLeftOut {
        /// Number of documents without a vector.
        missing: usize,
        /// Number of all documents.
        documents: usize,
    },
    /// A portable model from an earlier version has no hash of its header.
    UnsealedModel {
        /// Path of the model.
        file: PathBuf,
    },
    /// Some rows of probabilities did not sum to 1, so they were divided by their sum.
    ScoresScaled {
        /// Number of these rows.
        scaled: usize,
        /// Number of all rows.
        rows: usize,
    },
    /// Answers wait in an annotator's own file, so the round does not know them.
    AnswersWaiting {
        /// Path of the file.
        file: PathBuf,
        /// Number of answers in it.
        answers: usize,
    },
    /// Rows had no ids, so ids were made from their texts.
    IdsMade {
        /// Number of ids.
        ids: u64,
    },
    /// Some of the user's fields show annotators which documents are control items.
    ControlsMarked {
        /// Names of the fields.
        fields: Vec<String>,
    },
    /// A format cannot express something, so it is left out.
    LeftOut {
        /// Name of the format.
        format: &'static str,
        /// What is left out.
        what: &'static str,
    },
    /// A simulation continues after the rounds that an earlier run finished.
    GoesOn {
        /// Number of finished rounds.
        rounds: usize,
        /// Path of the file with the results of these rounds.
        file: PathBuf,
    },
    /// The demo begins to make its workspace.
    DemoBegins {
        /// Path of the workspace.
        folder: PathBuf,
    },
    /// The demo begins a round.
    DemoRound {
        /// Number of the round, from 1.
        round: u32,
        /// Number of rounds that the demo makes.
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
    /// Returns whether a front end must show the remark even if it is told to be quiet.
    pub fn is_notice(&self) -> bool {
        matches!(self, Self::BackedUp { .. } | Self::FilesMadeAgain { .. })
    }
}

/// Receives the events of a use case. Several threads may call its methods at the same time.
pub trait Progress: Send + Sync {
    /// Begins a step. The step ends when the returned value is dropped.
    fn begin(&self, step: Step) -> Box<dyn Running + '_>;
    /// Receives a remark.
    fn remark(&self, remark: Remark);
}

/// A step that is running.
pub trait Running: Send + Sync {
    /// Reports that `done` of `all` are finished. An import counts rows and does not know how many
    /// there are, so `all` is `None`. Work on texts counts documents. Calls may come from several
    /// threads, and so out of order.
    fn at(&self, done: u64, all: Option<u64>);
}

impl dyn Progress + '_ {
    /// Runs `work` as one step and returns its result.
    pub fn step<T>(&self, step: Step, work: impl FnOnce() -> T) -> T {
        let _running = self.begin(step);
        work()
    }

    /// Runs `work` as one step and returns its result. `work` reports its progress by a function
    /// that takes the number of finished documents and the number of all documents.
    pub fn counted<T>(&self, step: Step, work: impl FnOnce(&(dyn Fn(usize, usize) + Sync)) -> T) -> T {
        let running = self.begin(step);
        work(&|done, all| running.at(done as u64, Some(all as u64)))
    }

    /// Sends each of the texts as a [`Remark::Warning`].
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
