//! What the session says, in words for people at a terminal: with the commands that help.

pub mod error;
pub mod input;
pub mod next;
pub mod progress;

/// "1 document", "3 documents".
pub fn count(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// What is, or what would be.
pub fn would<'a>(dry_run: bool, is: &'a str, would_be: &'a str) -> &'a str {
    if dry_run { would_be } else { is }
}
