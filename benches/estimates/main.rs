//! Estimates of accuracy held against what comes true:
//! `QUERIST_DATA=DIR cargo bench --bench estimates -- --table slices|forecast`.
//!
//! - `slices`: what a random slice says of the documents open when its batch was drawn, and of
//!   those that the batch left open. One model a configuration, `--runs 1000` batches drawn from
//!   its pool by the composer of batches: bias with its standard error, coverage. `--rows 1,4`
//!   takes some of the configurations, `--first-seed 1000` other batches.
//! - `forecast`: the labels that a forecast says a level needs, and where the curve came there.
//!   Plays `querist simulate` (`--seeds 10`, `--rounds 29`, `--size 25`; `--out DIR` keeps the
//!   results and goes on where they stop), or reads `--results DIR`, which holds
//!   `sim-SET/results.jsonl`. Forecasts from `--from 200` labels on count.
//!
//! `--sets a,b` takes other sets: `<set>/train.jsonl[.gz]` and `<set>/test.jsonl[.gz]` (fields id,
//! text, label) under the folder that `QUERIST_DATA` names. Every row says how many runs it rests
//! on.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../data/mod.rs"]
mod data;
mod forecast;
mod slices;

use data::Arguments;

fn main() {
    let arguments = Arguments::parse();
    let Some(folder) = data::folder() else { return };
    match arguments.text("table").unwrap_or("slices") {
        "slices" => slices::table(&folder, &arguments),
        "forecast" => forecast::table(&folder, &arguments),
        other => panic!("no table {other}: expected slices or forecast"),
    }
}
