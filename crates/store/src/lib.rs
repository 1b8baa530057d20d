//! Stores a labelling project: its documents, answers and rounds, and the files that other tools
//! read and write.
//!
//! - [`workspace`]: the SQLite database of a project and the files around it.
//! - [`format`](mod@format): one file of code for each exchange format.
//! - [`line_log`]: a text file to which lines are only appended.
//!
//! A write is a database transaction or replaces a whole file at once, so a killed process leaves a
//! whole workspace. Other crates choose the documents to label, train the models and judge the
//! labels.
#![doc = include_str!("../README.md")]

pub mod error;
pub mod format;
pub mod line_log;
pub mod lines;
pub mod os_name;
pub mod source;
pub mod vectors;
pub mod workspace;

pub use error::{
    AnswerProblem, Choice, CrowdProblem, FieldOption, InputError, InputProblem, Place, PredictionProblem,
    StoreError, TableProblem, Told, VectorProblem,
};
pub use line_log::LineLog;
pub use workspace::{Workspace, write_atomically, write_together};
