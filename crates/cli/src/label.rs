//! Labelling in the terminal, in parts that can each be tried alone.
//!
//! [`desk`] is what is answered and what keys do, [`deciding`] what an expert sees and says
//! besides, [`choice`] how a class is chosen, [`frame`] what is seen, [`text`] how a text becomes
//! rows that cannot harm a terminal, [`terminal`] the terminal itself. The command in
//! `command/label.rs` puts them together; answers are kept by the session's journal.

pub mod choice;
pub mod deciding;
pub mod desk;
pub mod frame;
pub mod terminal;
pub mod text;
