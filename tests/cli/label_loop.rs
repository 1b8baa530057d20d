//! The loop as a user runs it: import documents, make a batch, ingest answers, read the report, and
//! so on.

mod answers;
mod batches;
mod demo;
mod imports;
mod reports;
mod rounds;
mod snapshots;
