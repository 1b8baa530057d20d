//! How often copies are found, and innocent people accused, in simulated crowds.
//! `cargo bench --features peers --bench crowd -- --table copies` has the whole table.

#[path = "../../../benches/crowd/copiers.rs"]
mod copiers;

use copiers::{Copying, HARDNESS, PEOPLE, People};
use querist_quality::{Copies, copies};

const RUNS: u64 = 40;

/// The copies found in [`RUNS`] simulated crowds in which everybody answers `items` items.
fn crowds(people: People, annotators: usize, items: usize, classes: usize, copied: f64) -> Vec<Copies> {
    let of = |seed: u64| {
        let hardness = HARDNESS[seed as usize % 2].1;
        let set = Copying { people, hardness, items, annotators, classes, copied, seed }.play();
        copies(&set, &vec![None; items]).expect("a checked crowd")
    };
    (0..RUNS).map(of).collect()
}

#[test]
fn nobody_is_accused_where_nobody_copies() {
    for (world, people) in PEOPLE {
        for (items, classes) in [(40, 2), (100, 2), (100, 5), (300, 3)] {
            let found = crowds(people, 6, items, classes, 0.0);
            let accused = found.iter().filter(|found| !found.pairs.is_empty()).count();
            assert!(accused <= 1, "{world}, {items} items, {classes} classes: {accused} of {RUNS} crowds");
        }
    }
}

#[test]
fn copiers_are_found_and_nobody_with_them() {
    for (items, classes, copied, least) in
        [(100, 2, 1.0, 28), (200, 2, 0.9, 28), (200, 5, 0.9, 28), (300, 2, 1.0, 34)]
    {
        let found = crowds(People::Mixed, 12, items, classes, copied);
        let right =
            found.iter().filter(|found| found.pairs.iter().any(|pair| (pair.a, pair.b) == (0, 1))).count();
        let innocent = found.iter().filter(|found| found.pairs.iter().any(|pair| pair.b > 1)).count();
        assert!(right >= least, "{items} items, {classes} classes, {copied}: found in {right} of {RUNS}");
        assert!(
            innocent <= 1,
            "{items} items, {classes} classes, {copied}: innocents in {innocent} of {RUNS}"
        );
    }
}

#[test]
fn too_few_items_say_how_many_it_takes() {
    let found = crowds(People::Mixed, 6, 20, 2, 1.0);
    assert!(found.iter().all(|found| found.pairs.is_empty()));
    assert!(found.iter().all(|found| found.needs.is_none_or(|needs| needs > found.most_shared)));
}
