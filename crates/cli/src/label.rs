//! Labelling in the terminal, in parts that can be tested separately.
//!
//! [`desk`] holds the documents and answers and defines the keys; [`deciding`] adds what an expert
//! reads and remarks; [`choice`] defines how a class is chosen; [`frame`] makes the screen;
//! [`text`] makes texts harmless for a terminal; [`terminal`] controls the terminal.
//! `command/label.rs` connects them; the session's journal stores the answers.

pub mod choice;
pub mod deciding;
pub mod desk;
pub mod frame;
pub mod terminal;
pub mod text;
