//! How often copies are found, and how often innocent annotators are accused.

use querist_quality::copies;
use rayon::prelude::*;

use crate::copiers::{Copying, HARDNESS, PEOPLE, People};
use crate::data::Arguments;

/// What [`copies`] found in three crowds of one run, which differ in the share of copied answers.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    /// An annotator was accused in the crowd in which nobody copies.
    accused: bool,
    /// For 90 % and 100 % copied answers: whether the copying pair was found, and whether an
    /// innocent annotator was accused.
    copied: [(bool, bool); 2],
    needs: Option<usize>,
}

/// Prints one row for each kind of crowd. In each run nobody copies at first; then annotator 1
/// copies nine answers of ten; then all.
pub(crate) fn table(arguments: &Arguments) {
    let runs = arguments.number("runs", 100);
    let numbers = |name: &str, default: &str| -> Vec<usize> {
        arguments.list(name, default).iter().map(|number| number.parse().expect("a number")).collect()
    };
    let worlds = arguments.list("worlds", "mixed,two experts");
    println!(
        "| people | classes | annotators | items | runs | nobody copies: accused | 9 of 10 copied: found | innocents accused | all copied: found | innocents accused | items it needs, by the median run |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let (mut crowds, mut accused) = (0, 0);
    for (world, people) in PEOPLE.into_iter().filter(|(world, _)| worlds.iter().any(|name| name == world)) {
        for classes in numbers("classes", "2,5,10") {
            for annotators in numbers("annotators", "3,4,5,6,12,20") {
                for items in numbers("items", "20,50,100,200,600,2000") {
                    if people == People::Experts && annotators < 5 {
                        continue;
                    }
                    let one = |run| seen(people, (classes, annotators, items), run);
                    let all: Vec<Seen> = (0..runs).into_par_iter().map(one).collect();
                    let count = |what: &dyn Fn(&Seen) -> bool| all.iter().filter(|seen| what(seen)).count();
                    let none = count(&|seen| seen.accused);
                    let [nine, whole] = [0, 1].map(|place| {
                        (count(&|seen| seen.copied[place].0), count(&|seen| seen.copied[place].1))
                    });
                    let mut needs: Vec<usize> =
                        all.iter().map(|seen| seen.needs.unwrap_or(usize::MAX)).collect();
                    needs.sort_unstable();
                    let needs = match needs[needs.len() / 2] {
                        usize::MAX => "–".to_owned(),
                        needs => needs.to_string(),
                    };
                    crowds += 3 * all.len();
                    accused += none + nine.1 + whole.1;
                    println!(
                        "| {world} | {classes} | {annotators} | {items} | {runs} | {none} | {} | {} | {} | {} | {needs} |",
                        nine.0, nine.1, whole.0, whole.1
                    );
                }
            }
        }
    }
    println!("\nIn {accused} of {crowds} crowds somebody innocent was accused.");
}

fn seen(people: People, (classes, annotators, items): (usize, usize, usize), run: u64) -> Seen {
    let hardness = HARDNESS[run as usize % HARDNESS.len()].1;
    let mut seen = Seen::default();
    for (place, copied) in [0.0, 0.9, 1.0].into_iter().enumerate() {
        let seed = run * 3 + place as u64;
        let set = Copying { people, hardness, items, annotators, classes, copied, seed }.play();
        let found = copies(&set, &vec![None; items]).expect("copies");
        let pair = found.pairs.iter().any(|pair| (pair.a, pair.b) == (0, 1));
        if place == 0 {
            seen.accused = !found.pairs.is_empty();
            seen.needs = found.needs;
        } else {
            seen.copied[place - 1] = (pair, found.pairs.iter().any(|pair| pair.b > 1));
        }
    }
    seen
}
