//! The commands, one a file. Each gives an [`crate::output::Outcome`] and prints nothing itself.

pub mod audit;
pub mod checklist;
pub mod config;
pub mod demo;
pub mod documents;
pub mod embedding;
pub mod export;
pub mod import;
pub mod ingest;
pub mod init;
pub mod label;
pub mod model;
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
