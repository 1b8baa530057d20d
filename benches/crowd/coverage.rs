//! How often the interval of a skill contains the true skill, by skill and crowd size; and whether
//! an annotator who swapped two keys is flagged.

use querist_core::{Edition, Known};
use querist_quality::aggregator;
use rayon::prelude::*;

use crate::METHODS;
use crate::data::Arguments;
use crate::team::Team;

/// The skills of the five other annotators.
const OTHERS: [f64; 5] = [0.7, 0.75, 0.8, 0.85, 0.9];
/// The skills of the sixth annotator, whose interval is tested.
const SKILLS: [f64; 7] = [0.05, 0.3, 0.6, 0.8, 0.9, 0.95, 0.995];

/// Prints, for teams of six, how often the sixth annotator's interval contains their skill: one row
/// for each number of items, one column for each skill.
pub(crate) fn table(arguments: &Arguments) {
    let seeds = arguments.number("seeds", 200);
    let sizes = arguments.list("items", "20,50,200,1000");
    println!(
        "{seeds} crowds a cell; five others right at .70 to .90; the last column is the mean over all cells of a row"
    );
    println!("| method | classes | items | {} | mean |", SKILLS.map(|skill| skill.to_string()).join(" | "));
    println!("| --- | --- | --- |{} --- |", " --- |".repeat(SKILLS.len()));
    for method in arguments.list("methods", METHODS) {
        let (mut all, mut least) = (Vec::new(), f64::INFINITY);
        for classes in arguments.list("classes", "2,4") {
            let classes: usize = classes.parse().expect("a number of classes");
            for items in &sizes {
                let items: usize = items.parse().expect("a number of items");
                let cells: Vec<f64> =
                    SKILLS.iter().map(|skill| coverage(&method, classes, items, *skill, seeds)).collect();
                let mean = cells.iter().sum::<f64>() / cells.len() as f64;
                least = cells.iter().copied().fold(least, f64::min);
                let shown: Vec<String> = cells.iter().map(|cell| format!("{cell:.3}")).collect();
                println!("| {method} | {classes} | {items} | {} | {mean:.3} |", shown.join(" | "));
                all.push(mean);
            }
        }
        println!("{method}: mean {:.3}, least {least:.3}", all.iter().sum::<f64>() / all.len() as f64);
    }
}

fn coverage(method: &str, classes: usize, items: usize, skill: f64, seeds: u64) -> f64 {
    let method = aggregator(method, Edition::CURRENT).expect("a method");
    let held = (0..seeds).into_par_iter().filter(|seed| {
        let skills: Vec<f64> = OTHERS.into_iter().chain([skill]).collect();
        let each = skills.len();
        let (answers, _) = Team { items, classes, skills, each, seed: *seed }.play();
        let result = method.aggregate(&answers, &Known::default()).expect("an aggregation");
        let interval = result.skills[5].interval.expect("an interval");
        (interval.low..=interval.high).contains(&skill)
    });
    held.count() as f64 / seeds as f64
}

/// Prints how often an annotator with swapped keys is flagged, and how often one of the others is.
/// Five annotators share one skill; the sixth has it too, but swaps the keys of the two classes.
pub(crate) fn swapped(arguments: &Arguments) {
    let seeds = arguments.number("seeds", 15);
    println!("{seeds} crowds a cell, two classes; flagged is who is below 0.75 with the whole interval");
    println!("| method | skill | items | swapped flagged | crowds with another flagged |");
    println!("| --- | --- | --- | --- | --- |");
    for name in arguments.list("methods", METHODS) {
        let method = aggregator(&name, Edition::CURRENT).expect("a method");
        for skill in [0.8, 0.85, 0.9, 0.95, 0.98, 1.0] {
            for items in [50, 200] {
                let (mut found, mut innocent) = (0, 0);
                for seed in 0..seeds {
                    let mut skills = vec![skill; 5];
                    skills.push(1.0 - skill);
                    let (answers, _) = Team { items, classes: 2, skills, each: 6, seed }.play();
                    let result = method.aggregate(&answers, &Known::default()).expect("an aggregation");
                    let low =
                        |place: usize| result.skills[place].interval.is_some_and(|ends| ends.high < 0.75);
                    found += usize::from(low(5));
                    innocent += usize::from((0..5).any(low));
                }
                println!("| {name} | {skill} | {items} | {found} of {seeds} | {innocent} |");
            }
        }
    }
}
