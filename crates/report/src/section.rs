//! The sections of a report, one a file: its data and its Markdown.

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
pub mod reliability;
pub mod remarks;
pub mod review;
pub mod rules;
pub mod standing;
pub mod stopping;
pub mod yields;
