//! What the session says, in words for people at a terminal: with the commands that help.

pub mod error;
pub mod next;
pub mod progress;
