//! The sections of a report, one a file: its data and its Markdown.

/// A part of a report whose figures are core's: what it says.
pub trait Section {
    /// As Markdown.
    fn markdown(&self) -> String;

    /// What to say of it at the head of a report; `None` when there is nothing.
    fn headline(&self) -> Option<String> {
        None
    }
}

/// A row of a table, as Markdown.
pub(crate) trait Row {
    /// Its cells.
    fn cells(&self) -> Vec<String>;
}

pub mod adaptive;
pub mod agreement;
pub mod annotators;
pub mod batch;
pub mod behaviour;
pub mod brought;
pub mod checklist;
pub mod conflicts;
pub mod confusion;
pub mod distribution;
pub mod features;
pub mod fit;
pub mod model;
pub mod over_time;
pub mod pace;
pub mod reliability;
pub mod remarks;
pub mod review;
pub mod rules;
pub mod standing;
pub mod stopping;
pub mod yields;
