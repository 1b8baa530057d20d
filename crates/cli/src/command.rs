//! The commands, one per file. A command prints nothing itself; it returns an
//! [`crate::output::Outcome`], which the caller prints.

pub mod audit;
pub mod checklist;
pub mod config;
pub mod demo;
pub mod documents;
pub mod embedding;
pub mod export;
pub mod forget;
pub mod import;
pub mod ingest;
pub mod init;
pub mod label;
pub mod labels;
pub mod log;
pub mod model;
pub mod people;
pub mod predict;
pub mod quality;
pub mod report;
pub mod reproduce;
pub mod review;
pub mod round;
pub mod score;
pub mod select;
pub mod shell;
pub mod simulate;
pub mod status;
pub mod strategies;
pub mod train;
pub mod undo;
pub mod vectors;
pub mod withdraw;
