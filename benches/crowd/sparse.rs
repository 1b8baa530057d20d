//! Many classes and few answers: whether `ds` yields to the majority vote before it becomes worse
//! than that vote.

use querist_core::{Aggregation, Edition, Known, Verdict};
use querist_quality::aggregator;
use rayon::prelude::*;

use crate::data::Arguments;
use crate::team::Team;

/// Prints the table: twenty annotators who are right in 10 to 60 % of their answers, ten answers an
/// item. A tie of k labels counts 1/k.
pub(crate) fn table(arguments: &Arguments) {
    let seeds = arguments.number("seeds", 10);
    let numbers = |name: &str, default: &str| -> Vec<usize> {
        arguments.list(name, default).iter().map(|number| number.parse().expect("a number")).collect()
    };
    println!("{seeds} crowds a cell; mean accuracy\n");
    println!("| classes | items | mv | ds | crowds where ds is below mv | crowds where ds gave way |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for classes in numbers("classes", "30,60,146") {
        for items in numbers("items", "50,200,1000,3000") {
            let one = |seed: u64| {
                let skills = (0..20).map(|person| 0.1 + 0.5 * f64::from(person) / 19.0).collect();
                let (answers, truths) = Team { items, classes, skills, each: 10, seed }.play();
                let run = |name: &str| {
                    let method = aggregator(name, Edition::CURRENT).expect("a method");
                    method.aggregate(&answers, &Known::default()).expect("an aggregation")
                };
                let right = |result: &Aggregation| {
                    let of = result.verdicts.iter().zip(&truths).map(|(verdict, truth)| match verdict {
                        Verdict::Label(class) => f64::from(u8::from(class == truth)),
                        Verdict::Tie(classes) if classes.contains(truth) => 1.0 / classes.len() as f64,
                        Verdict::Tie(_) => 0.0,
                    });
                    of.sum::<f64>() / items as f64
                };
                let ds = run("ds");
                (right(&run("mv")), right(&ds), ds.instead.is_some())
            };
            let all: Vec<(f64, f64, bool)> = (0..seeds).into_par_iter().map(one).collect();
            let mean = |of: fn(&(f64, f64, bool)) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
            println!(
                "| {classes} | {items} | {:.3} | {:.3} | {} | {} |",
                mean(|one| one.0),
                mean(|one| one.1),
                all.iter().filter(|one| one.1 < one.0).count(),
                all.iter().filter(|one| one.2).count()
            );
        }
    }
}
