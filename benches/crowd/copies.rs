//! How often copies are found, and how often people who have nothing to do with it are accused.

use querist_quality::copies;

use crate::copiers::{Copying, HARDNESS};
use crate::data::Arguments;

/// Prints the table: crowds in which nobody copies, and crowds in which one of two copies nine answers of ten, or all.
pub(crate) fn table(arguments: &Arguments) {
    let runs = arguments.number("runs", 100);
    let numbers = |name: &str, default: &str| -> Vec<usize> {
        arguments.list(name, default).iter().map(|number| number.parse().expect("a number")).collect()
    };
    println!(
        "| classes | annotators | items | runs | nobody copies: accused | 9 of 10 copied: found | innocents accused | all copied: found | innocents accused | items it needs, by the median run |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for classes in numbers("classes", "2,5,10") {
        for annotators in numbers("annotators", "4,6,12,20") {
            for items in numbers("items", "20,50,100,200,600,2000") {
                let (mut needs, mut counts) = (Vec::new(), [0; 5]);
                for run in 0..runs {
                    let hardness = HARDNESS[run as usize % HARDNESS.len()].1;
                    for (place, copied) in [0.0, 0.9, 1.0].into_iter().enumerate() {
                        let set = Copying {
                            hardness,
                            items,
                            annotators,
                            classes,
                            copied,
                            seed: run * 3 + place as u64,
                        }
                        .play();
                        let found = copies(&set, &vec![None; items]).expect("copies");
                        let pair = found.pairs.iter().any(|pair| (pair.a, pair.b) == (0, 1));
                        let innocent = found.pairs.iter().any(|pair| pair.b > 1);
                        if place == 0 {
                            counts[0] += usize::from(!found.pairs.is_empty());
                            needs.push(found.needs.unwrap_or(usize::MAX));
                        } else {
                            counts[2 * place - 1] += usize::from(pair);
                            counts[2 * place] += usize::from(innocent);
                        }
                    }
                }
                needs.sort_unstable();
                let [none, found, with, all, with_all] = counts;
                let needs = match needs[needs.len() / 2] {
                    usize::MAX => "–".to_owned(),
                    needs => needs.to_string(),
                };
                println!(
                    "| {classes} | {annotators} | {items} | {runs} | {none} | {found} | {with} | {all} | {with_all} | {needs} |"
                );
            }
        }
    }
}
