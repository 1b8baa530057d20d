//! Reads core types from disk and writes them to disk.
//!
//! [`workspace`] is the SQLite database, which is authoritative, and the files around it;
//! [`format`](mod@format) has one file for each exchange format; [`line_log`] is a file of lines
//! that only grows. Writes are transactions or atomic replacements, so a workspace stays whole even
//! if a process is killed at any point.
//!
//! This crate never decides which document is asked next, never trains a model, and never judges a
//! label.
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
