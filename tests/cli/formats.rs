//! The formats of annotation tools: importing documents, exporting batches, ingesting answers and
//! exporting results with the built binary.

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
