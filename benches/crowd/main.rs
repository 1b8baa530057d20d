//! Aggregation of crowd labels: accuracy, speed, intervals, and the search for bad annotators.
//!
//! `QUERIST_DATA=DIR cargo bench --features peers --bench crowd -- --table NAME [--sets a,b] [--methods a,b]`
//!
//! Real sets are the folders `crowd_*` below `QUERIST_DATA`; all other crowds are simulated. With
//! `--python FILE`, an interpreter that has crowd-kit, the tables `accuracy` and `speed` also show
//! crowd-kit in the same run. The other tables need neither data nor Python, except for the first
//! half of `fit`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod accuracy;
mod copiers;
mod copies;
mod coverage;
mod crowd_kit;
#[path = "../data/mod.rs"]
mod data;
mod fit;
mod scale;
mod set;
mod simulated;
mod skill;
mod sparse;
mod speed;
mod team;
mod verdicts;

use data::Arguments;

/// All methods, in the order of the tables.
const METHODS: &str = "mv,wawa,ds,onecoin,glad,mace";

/// The tables:
/// - `accuracy`: every method on every real set.
/// - `speed`: seconds of Querist and of crowd-kit, and the ratio of the two.
/// - `scale`: 0.1 to 10 million simulated answers; seconds for a million answers, and peak memory.
/// - `verdicts`: how often annotators are called below a threshold, justly and unjustly.
/// - `copies`: how often copies are found, and how often innocent annotators are accused.
/// - `skill`: bias of the estimated skill, and coverage of its interval.
/// - `coverage`: coverage by skill and number of items. `swapped`: whether swapped keys are
///   flagged.
/// - `sparse`: many classes and few answers; `ds` beside the majority vote.
/// - `posteriors`: how often items with a posterior of 0.99 are right. `fit`: which crowds are
///   trusted.
fn main() {
    let arguments = Arguments::parse();
    match arguments.text("table").unwrap_or("accuracy") {
        "accuracy" => accuracy::table(&arguments),
        "speed" => speed::table(&arguments),
        "scale" => scale::table(&arguments),
        "one-scale" => scale::one(&arguments),
        "skill" => skill::table(&arguments),
        "verdicts" => verdicts::table(&arguments),
        "copies" => copies::table(&arguments),
        "coverage" => coverage::table(&arguments),
        "fit" => fit::table(&arguments),
        "posteriors" => fit::posteriors(&arguments),
        "sparse" => sparse::table(&arguments),
        "swapped" => coverage::swapped(&arguments),
        other => panic!(
            "no table {other}: expected accuracy, speed, scale, skill, verdicts, copies, coverage, fit, posteriors, sparse or swapped"
        ),
    }
}
