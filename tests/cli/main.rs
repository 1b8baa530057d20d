//! Tests of the built binary, as a user runs it. There is a module for each promise that Querist
//! makes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adaptive;
mod aggregator;
#[cfg(unix)]
mod attack;
mod audit;
mod back;
mod bad_input;
mod bounds;
mod brought;
mod checklist;
mod cold_start;
mod config;
mod determinism;
#[cfg(unix)]
mod disk;
mod documents;
mod expert;
mod features;
mod final_model;
mod forget;
mod formats;
mod hand_edited;
mod hand_out;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod label;
mod label_loop;
mod labels;
mod lock;
mod names;
mod near_duplicates;
mod ordered;
mod pace;
mod part;
mod predict;
mod quality;
mod quotas;
mod readme;
mod reproduce;
mod review;
mod shell;
mod simulate;
mod states;
mod stopping;
mod strategies;
mod suggestions;
mod tables;
mod team;
mod units;
mod vectors;
mod warnings;
mod wordless;
mod workbench;
