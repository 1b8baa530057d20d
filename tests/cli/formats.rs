//! Formats of annotation tools through the binary: importing documents, exporting batches,
//! ingesting answers, exporting results.

mod answers;
mod batches;
mod documents;
mod fields;
mod identity;
mod members;
mod options;
mod rejections;
mod remarks;
mod results;
mod skips;
mod unknown_answers;
