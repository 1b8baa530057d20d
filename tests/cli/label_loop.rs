//! The loop as a user goes round it: documents in, a batch out, answers back, a report, and again.

mod answers;
mod batches;
mod demo;
mod imports;
mod reports;
mod rounds;
mod snapshots;
