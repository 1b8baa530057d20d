//! An open workspace, and everything that a user can do with it.
//!
//! A front end, such as the command line, makes a [`Session`] and calls its use cases with typed
//! settings. It turns the typed results into words, JSON or objects. Results are `Serialize`,
//! except the objects that a front end works with ([`settings::listing::Setting`],
//! [`label::Sitting`], [`journal::Journal`], `Predictor`). Every failure is a [`SessionError`] with
//! a [`Kind`], fields and a source. Events go to a [`Progress`].
//!
//! Invariants: no argument parser, no terminal, no sentence that names a command. A [`Session`] is
//! `Send + Sync` and cheap to clone. A call that writes locks the workspace, and waits for the lock
//! as long as the session's patience lasts.
#![doc = include_str!("../README.md")]

pub mod audit;
mod bench;
pub mod brought;
pub mod checklist;
mod conditions;
pub mod demo;
pub mod documents;
pub mod embeddings;
pub mod error;
pub mod export;
mod final_model;
pub mod forget;
pub mod import;
pub mod ingest;
pub mod init;
pub mod inputs;
pub mod journal;
pub mod label;
pub mod labels;
pub mod log;
pub mod model;
pub mod next;
mod opened;
mod past;
pub mod people;
pub mod predict;
pub mod progress;
pub mod quality;
mod remarks;
pub mod report;
pub mod reproduce;
pub mod review;
pub mod round;
mod scored;
mod session;
pub mod settings;
pub mod simulate;
pub mod status;
pub mod undo;
pub mod vectors;
mod weak;
pub mod withdraw;

// Re-exports all crates whose types occur in signatures here, so that a front end needs only this
// crate. The module `report` is the use case; `reports` is the crate.
pub use querist_core as core;
pub use querist_engine as engine;
pub use querist_query as query;
pub use querist_report as reports;
pub use querist_store as store;
pub use querist_text as text;
pub use serde_json;

pub use error::{Kind, Result, SessionError};
pub use next::Next;
pub use progress::{Progress, Remark, Running, Silent, Step};
pub use round::RoundOptions;
pub use session::Session;
pub use settings::{Configuration, Override, Settings, SettingsError};
