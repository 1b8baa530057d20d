//! Reads what is on disk into core types, and writes core types to disk.
//!
//! [`workspace`] is the SQLite database, the only truth, and the files around it;
//! [`format`](mod@format) has one file for each exchange format; [`line_log`] is a file of lines
//! that only grows. Writes are transactions or atomic replacements: a process killed anywhere
//! leaves a workspace that opens whole.
//!
//! What this crate leaves out: it never decides which document is asked next, never trains and
//! never judges a label.
#![doc = include_str!("../README.md")]

pub mod error;
pub mod format;
pub mod line_log;
pub mod lines;
pub mod os_name;
pub mod source;
pub mod workspace;

pub use error::{
    AnswerProblem, Choice, CrowdProblem, FieldOption, InputError, InputProblem, Place, PredictionProblem,
    StoreError, TableProblem, Told,
};
pub use line_log::LineLog;
pub use workspace::{Workspace, write_atomically, write_together};
