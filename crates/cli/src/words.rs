//! Words what the session returns, for people at a terminal, with the commands that help.

pub mod error;
pub mod input;
pub mod next;
pub mod progress;

/// A count such as "1 document" or "3 documents".
pub fn count(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// Chooses between what is and what would be.
pub fn would<'a>(dry_run: bool, is: &'a str, would_be: &'a str) -> &'a str {
    if dry_run { would_be } else { is }
}
