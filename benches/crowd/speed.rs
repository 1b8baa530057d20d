//! Seconds of Querist and of crowd-kit for the same answers, in one run.

use std::time::Instant;

use querist_core::{Edition, Known};
use querist_quality::aggregator;

use crate::data::Arguments;
use crate::set::Set;
use crate::{crowd_kit, data};

/// One run of Querist is short, so the table shows the median of this number of runs.
const RUNS: usize = 15;

/// Prints the table. `build` makes the set from names; `aggregate` does the work of crowd-kit's
/// `fit_predict`.
pub(crate) fn table(arguments: &Arguments) {
    let Some(folder) = data::folder() else { return };
    let methods = arguments.list("methods", "ds,onecoin,glad,mace");
    println!(
        "| set | method | iterations | build, s | aggregate, s | crowd-kit, s | times, aggregate | times, build and aggregate |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for name in arguments.list("sets", "crowd_s_adult,crowd_d_product") {
        let set = Set::read(&folder, &name);
        for method in &methods {
            let aggregator =
                aggregator(method, Edition::CURRENT).unwrap_or_else(|| panic!("no method {method}"));
            let build = median(|| drop(std::hint::black_box(set.annotations())));
            let annotations = set.annotations();
            let mut iterations = 0;
            let seconds = median(|| {
                let result = aggregator.aggregate(&annotations, &Known::default()).expect("an aggregation");
                iterations = result.fit.map_or(0, |fit| fit.iterations);
            });
            // crowd-kit's Dawid-Skene stops as soon as its objective falls, so it also runs for the
            // number of iterations that ours took.
            let as_long = (method == "ds").then(|| format!("ds:{iterations}"));
            for theirs in std::iter::once(method.clone()).chain(as_long) {
                let peers = crowd_kit::run(arguments, &set, std::slice::from_ref(&theirs));
                let peer = peers.get(&theirs).map_or(f64::NAN, |peer| peer.seconds);
                println!(
                    "| {name} | {theirs} | {iterations} | {build:.4} | {seconds:.4} | {peer:.2} | {:.0} | {:.0} |",
                    peer / seconds,
                    peer / (build + seconds)
                );
            }
        }
    }
}

/// The median seconds of [`RUNS`] runs.
fn median(mut run: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[RUNS / 2]
}
