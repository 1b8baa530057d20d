//! Puts the session's results into words for people at a terminal, and names the commands that
//! help.

pub mod error;
pub mod input;
pub mod next;
pub mod progress;

/// Returns a count such as "1 document" or "3 documents".
pub fn count(n: usize, one: &str, more: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { more })
}

/// Returns `would_be` for a dry run, otherwise `is`.
pub fn would<'a>(dry_run: bool, is: &'a str, would_be: &'a str) -> &'a str {
    if dry_run { would_be } else { is }
}
