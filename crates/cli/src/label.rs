//! Labelling in the terminal, divided into parts that can be tested one by one:
//! - [`desk`] holds the documents and answers, and says what each key does;
//! - [`deciding`] adds what an expert reads and remarks;
//! - [`choice`] says how a class is chosen;
//! - [`frame`] makes the screen;
//! - [`text`] makes texts harmless for a terminal;
//! - [`terminal`] controls the terminal.
//!
//! `command/label.rs` connects them. The session's journal stores the answers.

pub mod choice;
pub mod deciding;
pub mod desk;
pub mod frame;
pub mod terminal;
pub mod text;
