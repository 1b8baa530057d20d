//! Every aggregation method on every set, beside crowd-kit.

use std::collections::BTreeMap;

use querist_core::{Edition, Known};
use querist_quality::aggregator;

use crate::data::Arguments;
use crate::set::Set;
use crate::{METHODS, crowd_kit, data, set};

/// Prints one row for each set and method.
pub(crate) fn table(arguments: &Arguments) {
    let Some(folder) = data::folder() else { return };
    let methods = arguments.list("methods", METHODS);
    println!(
        "| set | method | items | accuracy | crowd-kit, ties as 1/k | crowd-kit as it is | difference in points | iterations |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut means: BTreeMap<String, Vec<[f64; 3]>> = BTreeMap::new();
    for name in arguments.list("sets", &set::names(&folder).join(",")) {
        let set = Set::read(&folder, &name);
        let peers = crowd_kit::run(arguments, &set, &methods);
        let annotations = set.annotations();
        for method in &methods {
            let aggregator =
                aggregator(method, Edition::CURRENT).unwrap_or_else(|| panic!("no method {method}"));
            let result = aggregator.aggregate(&annotations, &Known::default()).expect("an aggregation");
            let (items, accuracy) = set.accuracy(&annotations, &result);
            let iterations = result.fit.map_or_else(String::new, |fit| {
                format!("{}{}", fit.iterations, if fit.converged { "" } else { " (limit)" })
            });
            let theirs = peers.get(method).map_or([f64::NAN; 2], |peer| [peer.shared, peer.accuracy]);
            row(&format!("{name} | {method} | {items}"), [accuracy, theirs[0], theirs[1]], &iterations);
            means.entry(method.clone()).or_default().push([accuracy, theirs[0], theirs[1]]);
        }
    }
    for method in &methods {
        let of_sets = &means[method];
        let mean = |at: usize| of_sets.iter().map(|row| row[at]).sum::<f64>() / of_sets.len() as f64;
        row(&format!("mean of {} sets | {method} | ", of_sets.len()), [mean(0), mean(1), mean(2)], "");
    }
}

fn row(first: &str, [ours, shared, theirs]: [f64; 3], last: &str) {
    let cell = |value: f64| if value.is_nan() { "-".to_owned() } else { format!("{value:.4}") };
    let difference = 100.0 * (ours - shared);
    let difference = if difference.is_nan() { "-".to_owned() } else { format!("{difference:+.2}") };
    println!("| {first} | {} | {} | {} | {difference} | {last} |", cell(ours), cell(shared), cell(theirs));
}
