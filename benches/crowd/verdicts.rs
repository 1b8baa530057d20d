//! How often annotators are called below a threshold of 0.90: innocent annotators and bad ones.

use querist_core::{AnnotationSet, AnnotationSetBuilder, Class, Seed};
use querist_quality::{Standing, Thresholds, control};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::data::Arguments;

/// The number of annotators of a crowd.
const PEOPLE: usize = 6;

/// Prints the table: six annotators answer control items of two balanced classes and are held to
/// the default thresholds (accuracy 0.90, kappa 0.80).
pub(crate) fn table(arguments: &Arguments) {
    let runs = arguments.number("runs", 2000) as usize;
    println!(
        "| control items | crowds | all right at .95: somebody accused | all exactly at .90 | one at .50 found | one at .70 found | one at .80 found | points below .90 before: accused at .95 |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for items in [5, 10, 20, 30, 50, 100] {
        let mut random = Seed(items as u64).rng(0, "verdicts");
        let (mut accused, mut at, mut found, mut points) = (0, 0, [0; 3], 0);
        for _ in 0..runs {
            let (below, point) = play([0.95; PEOPLE], items, &mut random);
            accused += usize::from(below.contains(&true));
            points += usize::from(point);
            at += usize::from(play([0.90; PEOPLE], items, &mut random).0.contains(&true));
            for (found, bad) in found.iter_mut().zip([0.5, 0.7, 0.8]) {
                let mut crowd = [0.95; PEOPLE];
                crowd[0] = bad;
                *found += usize::from(play(crowd, items, &mut random).0[0]);
            }
        }
        let percent = |count: usize| format!("{:.2} %", 100.0 * count as f64 / runs as f64);
        let [half, seventy, eighty] = found.map(percent);
        println!(
            "| {items} | {runs} | {} | {} | {half} | {seventy} | {eighty} | {} |",
            percent(accused),
            percent(at),
            percent(points)
        );
    }
}

/// Returns who is called below a threshold if annotators are right with these probabilities; and
/// whether any measured accuracy is below 0.90, which alone is no evidence.
fn play(right: [f64; PEOPLE], items: usize, random: &mut ChaCha8Rng) -> (Vec<bool>, bool) {
    let truth: Vec<Option<Class>> = (0..items).map(|item| Some(Class::from_index(item % 2))).collect();
    let set = answers(right, items, random);
    let found = control(&set, &truth, Thresholds::default()).expect("control items");
    let below = found.iter().map(|one| one.standing() == Standing::Below).collect();
    (below, found.iter().any(|one| one.accuracy.is_some_and(|accuracy| accuracy < 0.9)))
}

fn answers(right: [f64; PEOPLE], items: usize, random: &mut ChaCha8Rng) -> AnnotationSet {
    let mut builder = AnnotationSetBuilder::new();
    for item in 0..items {
        for (who, right) in right.iter().enumerate() {
            let wrong = usize::from(random.random::<f64>() >= *right);
            builder.push(&format!("{item:04}"), &format!("a{who}"), Class::from_index((item + wrong) % 2));
        }
    }
    builder.build(2)
}
