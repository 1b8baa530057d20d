//! The estimated skill against the true one, and how often the interval contains the true one.

use querist_core::{Edition, Known};
use querist_quality::aggregator;

use crate::METHODS;
use crate::data::Arguments;
use crate::simulated::{Crowd, WORLDS};

/// Prints one row for each kind of crowd, number of answers (three or ten an item) and method: 40
/// annotators, 600 items, four classes.
pub(crate) fn table(arguments: &Arguments) {
    let seeds = arguments.number("seeds", 20);
    println!(
        "| crowd | answers an item | method | bias | root mean square error | coverage of 95 % intervals | mean width |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (name, world) in WORLDS {
        for each in [3, 10] {
            let crowds: Vec<_> = (0..seeds)
                .map(|seed| Crowd { world, items: 600, annotators: 40, classes: 4, each, seed }.play())
                .collect();
            for method in arguments.list("methods", METHODS) {
                let aggregator =
                    aggregator(&method, Edition::CURRENT).unwrap_or_else(|| panic!("no method {method}"));
                let (mut n, mut bias, mut squares, mut held, mut width) = (0.0, 0.0, 0.0, 0.0, 0.0);
                for (annotations, truth) in &crowds {
                    let result =
                        aggregator.aggregate(annotations, &Known::default()).expect("an aggregation");
                    for (skill, truth) in result.skills.iter().zip(truth) {
                        let (Some(accuracy), Some(interval)) = (skill.accuracy, skill.interval) else {
                            continue;
                        };
                        n += 1.0;
                        bias += accuracy - truth;
                        squares += (accuracy - truth) * (accuracy - truth);
                        held += f64::from(u8::from((interval.low..=interval.high).contains(truth)));
                        width += interval.high - interval.low;
                    }
                }
                println!(
                    "| {name} | {each} | {method} | {:+.3} | {:.3} | {:.3} | {:.3} |",
                    bias / n,
                    f64::sqrt(squares / n),
                    held / n,
                    width / n
                );
            }
        }
    }
}
