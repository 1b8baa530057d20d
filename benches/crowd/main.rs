//! Aggregation of crowd labels measured:
//! `QUERIST_DATA=DIR cargo bench --features peers --bench crowd -- --table NAME`.
//!
//! - `accuracy`: every method on every set `crowd_*` under the folder that `QUERIST_DATA` names,
//!   beside crowd-kit in the same run;
//! - `speed`: seconds of Querist and crowd-kit in one run, and how often the one goes into the
//!   other;
//! - `scale`: simulated answers, from 0.1 to 10 million: seconds a million, peak memory of the
//!   process;
//! - `verdicts`: how often people are called below a threshold, innocent ones and others;
//! - `copies`: how often copies are found, and people who have nothing to do with it accused;
//! - `skill`: simulated crowds of known skill: how far the skill that comes out is from it, how
//!   often its interval holds it;
//! - `coverage`: how often the interval holds a skill, by skill and number of items; `swapped`: who
//!   has swapped keys is flagged;
//! - `sparse`: many classes and few answers, `ds` beside the majority;
//! - `posteriors`: how often items that are given .99 are right; `fit`: which real and simulated
//!   crowds are trusted.
//!
//! `--python FILE` is an interpreter with crowd-kit; without it the first two tables have Querist
//! alone. `--sets a,b` and `--methods a,b` take fewer. The tables from `scale` on need, but for the
//! first half of `fit`, neither data nor Python.
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
