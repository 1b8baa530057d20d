//! The built binary, tried as a user would: one module for each thing that it promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adaptive;
mod audit;
mod bad_input;
mod brought;
mod cold_start;
mod determinism;
#[cfg(unix)]
mod disk;
mod expert;
mod features;
mod formats;
#[cfg(unix)]
mod kill;
mod label_loop;
mod lock;
mod near_duplicates;
mod quality;
mod quotas;
mod readme;
mod review;
mod simulate;
mod stopping;
mod strategies;
mod workbench;
