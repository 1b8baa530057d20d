//! Estimates of accuracy against the truth.
//!
//! `QUERIST_DATA=DIR cargo bench --bench estimates -- --table slices|forecast [--sets a,b]`
//!
//! Reads `<set>/train.jsonl[.gz]` and `<set>/test.jsonl[.gz]` (fields id, text, label). Every row
//! says on how many runs it rests.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "../data/mod.rs"]
mod data;
mod forecast;
mod slices;

use data::Arguments;

/// Runs one of the two tables.
///
/// `slices` compares both estimates from a random slice with the truth. The first estimates the
/// accuracy on the documents that were open when the batch was drawn, the second on those that the
/// batch left open. One model for each configuration, `--runs 1000` batches from its pool: bias
/// with standard error, and coverage. `--rows 1,4` selects configurations; `--first-seed 1000`
/// draws other batches.
///
/// `forecast` compares forecast numbers of labels with the ones at which the curve reached the
/// level. It runs `querist simulate` (`--seeds 10`, `--rounds 29`, `--size 25`); `--out DIR` keeps
/// the results and resumes a stopped run. `--results DIR` reads `sim-SET/results.jsonl` instead.
/// Forecasts count from `--from 200` labels on.
fn main() {
    let arguments = Arguments::parse();
    let Some(folder) = data::folder() else { return };
    match arguments.text("table").unwrap_or("slices") {
        "slices" => slices::table(&folder, &arguments),
        "forecast" => forecast::table(&folder, &arguments),
        other => panic!("no table {other}: expected slices or forecast"),
    }
}
