//! A benchmark as Markdown.

use super::Simulation;
use crate::markdown::{bullets, escape, table};
use crate::page::Table;

impl Simulation {
    /// Renders the benchmark as Markdown: all tables except the curves', which are in the JSON.
    pub fn to_markdown(&self) -> Vec<u8> {
        let mut parts = vec!["# Strategies compared".to_owned()];
        let notes: Vec<String> = self.notes.iter().map(|note| escape(note)).collect();
        parts.push(bullets(&notes));
        parts.push(section(&self.strategies_table()));
        parts.extend(self.targets_tables().iter().filter(|table| table.head.len() > 1).map(section));
        if !self.comparisons.is_empty() {
            parts.push(section(&self.standings_table()));
            parts.extend(self.pairs_tables().iter().map(section));
        }
        if !self.rare().is_empty() {
            parts.push(section(&self.rare_table()));
        }
        if !self.stopped.is_empty() {
            parts.push(section(&self.stopped_table()));
        }
        parts.push(section(&self.seconds_table()));
        parts.push(section(&self.classes_table()));
        parts.push(section(&self.configuration_table()));
        parts.retain(|part| !part.is_empty());
        (parts.join("\n\n") + "\n").into_bytes()
    }
}

/// Renders a table under a heading.
fn section(shown: &Table) -> String {
    let head: Vec<&str> = shown.head.iter().map(String::as_str).collect();
    let rows: Vec<Vec<String>> =
        shown.rows.iter().map(|row| row.iter().map(|cell| escape(cell)).collect()).collect();
    format!("## {}\n\n{}", escape(&shown.caption), table(&head, &rows))
}
