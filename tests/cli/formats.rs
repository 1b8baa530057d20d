//! Formats of annotation tools through the binary: documents in, batches out, answers in, results out.

mod answers;
mod batches;
mod documents;
mod fields;
mod identity;
mod remarks;
mod results;
mod skips;
