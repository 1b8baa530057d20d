//! The sections of a report. Each file here has the data of a section, and its Markdown.

/// A section whose data types belong to the core crate, so that its Markdown cannot be a method
/// there.
pub trait Section {
    /// Renders the section as Markdown.
    fn markdown(&self) -> String;

    /// Returns a headline for the report, if the section has something important to say.
    fn headline(&self) -> Option<String> {
        None
    }
}

/// Something that is shown as a row of a Markdown table.
pub(crate) trait Row {
    /// Returns the cells of the row, escaped.
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
