//! Reads and writes exchange formats, with one file of code per format. A format turns bytes into
//! documents, answers and predictions, or the other way round. It knows nothing about the
//! workspace.

pub mod answers;
pub mod batch;
mod cells;
pub mod columns;
pub mod crowd;
mod crowd_records;
pub mod documents;
pub mod fields;
pub(crate) mod file_name;
mod header;
pub mod parquet_table;
pub mod picks;
pub mod predictions;
pub mod records;
pub mod rejected;
pub mod results;
pub mod row;
pub mod same_text;
pub mod scores;
mod separated;
pub mod texts;
pub mod vectors;
