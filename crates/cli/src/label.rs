//! Labelling in the terminal, in parts that can be tested separately.
//!
//! [`desk`] holds the documents and answers and defines the keys; [`deciding`] adds what an expert
//! sees and says; [`choice`] is how a class is chosen; [`frame`] makes the screen; [`text`] makes a
//! text harmless for a terminal; [`terminal`] is the terminal itself. `command/label.rs` puts them
//! together; the session's journal stores the answers.

pub mod choice;
pub mod deciding;
pub mod desk;
pub mod frame;
pub mod terminal;
pub mod text;
