//! Which crowds a method declares trustworthy: real sets with gold labels, and simulated crowds
//! that fit the method's model.

use querist_core::{Aggregation, AnnotationSet, Class, Edition, Known, Verdict};
use querist_engine::crowd::CrowdAnswers;
use querist_quality::{Scale, aggregator, fit_check};
use rayon::prelude::*;

use crate::data::Arguments;
use crate::set::Set;
use crate::simulated::{Crowd, World};
use crate::team::Team;
use crate::{METHODS, data, set};

/// From this posterior probability on, an item counts as sure.
const SURE: f64 = 0.99;

/// How many true labels the method receives in the second half of a row.
const GIVEN: usize = 30;

/// Prints the table of the real sets, then the share of simulated crowds that are trusted.
pub(crate) fn table(arguments: &Arguments) {
    let methods = arguments.list("methods", METHODS);
    if let Some(folder) = data::folder() {
        println!(
            "| set | method | coverage of the accuracy on gold | annotators | intervals trusted | right where the posterior is .99 | items | posteriors trusted, all gold beside | {GIVEN} gold given: right where it is .99 | items | posteriors trusted |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for name in arguments.list("sets", &set::names(&folder).join(",")) {
            for method in &methods {
                println!("| {name} | {method} | {} |", real(&Set::read(&folder, &name), method));
            }
        }
    }
    let seeds = arguments.number("seeds", 40);
    println!(
        "\n{seeds} simulated crowds a cell that fit the model: trusted\n\n| crowd | method | trusted |\n| --- | --- | --- |"
    );
    for method in &methods {
        for (name, crowd) in crowds(method) {
            let trusted = (0..seeds).into_par_iter().filter(|seed| {
                let annotations = crowd(*seed);
                let result = run(method, &annotations, &Known::default());
                fit_check(&annotations, &Known::default(), method, &result).expect("a check").misfit.is_none()
            });
            println!("| {name} | {method} | {} of {seeds} |", trusted.count());
        }
    }
}

/// The cells of one row: a real set and a method.
fn real(set: &Set, method: &str) -> String {
    let annotations = set.annotations();
    let gold = set.gold(&annotations);
    let labels: Vec<String> = (0..annotations.n_classes()).map(|class| class.to_string()).collect();
    let verdicts = |result: &Aggregation, gold: &[Option<Class>], given: bool| {
        let scale = Scale::Nominal;
        let crowd =
            CrowdAnswers { annotations: &annotations, labels: &labels, aggregation: result, gold, scale };
        let method = aggregator(method, Edition::CURRENT).expect("a method");
        let trusted = crowd.trusted(method.as_ref(), given).expect("a verdict");
        (trusted.skill_intervals.trusted, trusted.posteriors.trusted)
    };
    let result = run(method, &annotations, &Known::default());
    let (held, people) = coverage(&annotations, &result, &gold);
    let (right, n) = sure(&result, &gold);
    let (intervals, posteriors) = verdicts(&result, &gold, false);
    // The method receives gold items at even distances; the other gold items measure it.
    let usable: Vec<usize> = (0..gold.len())
        .filter(|item| gold[*item].is_some_and(|class| class.index() < annotations.n_classes()))
        .collect();
    let (mut given, mut rest) = (vec![None; gold.len()], gold.clone());
    for item in usable.iter().step_by((usable.len() / GIVEN).max(1)).take(GIVEN) {
        given[*item] = gold[*item];
        rest[*item] = None;
    }
    let told = run(method, &annotations, &Known { labels: given.clone(), skills: Vec::new() });
    let (told_right, told_n) = sure(&told, &rest);
    let share = |right: usize, n: usize| right as f64 / n.max(1) as f64;
    format!(
        "{:.2} | {people} | {intervals} | {:.3} | {n} | {posteriors} | {:.3} | {told_n} | {}",
        share(held, people),
        share(right, n),
        share(told_right, told_n),
        verdicts(&told, &given, true).1
    )
}

/// Simulates a crowd from its seed.
type Play = fn(u64) -> AnnotationSet;

/// The simulated crowds that fit a method's model.
fn crowds(method: &str) -> Vec<(&'static str, Play)> {
    let mut crowds: Vec<(&'static str, Play)> = vec![
        ("one-coin, 6 people, 50 items", |seed| team(50, 2, 6, 6, seed)),
        ("one-coin, 6 people, 200 items, 3 answers", |seed| team(200, 4, 6, 3, seed)),
        ("one-coin, 40 people, 600 items, 5 answers", |seed| team(600, 4, 40, 5, seed)),
    ];
    if ["ds", "mace"].contains(&method) {
        if method == "ds" {
            crowds
                .push(("confusion, 40 people, 600 items, 10 answers", |seed| large(World::Confusion, seed)));
        }
        crowds.push(("habit, 40 people, 600 items, 10 answers", |seed| large(World::Habit, seed)));
    }
    crowds
}

fn large(world: World, seed: u64) -> AnnotationSet {
    Crowd { world, items: 600, annotators: 40, classes: 4, each: 10, seed }.play().0
}

fn team(items: usize, classes: usize, people: usize, each: usize, seed: u64) -> AnnotationSet {
    let skills = (0..people).map(|person| 0.6 + 0.35 * person as f64 / people as f64).collect();
    Team { items, classes, skills, each, seed }.play().0
}

fn run(method: &str, annotations: &AnnotationSet, known: &Known) -> Aggregation {
    let method = aggregator(method, Edition::CURRENT).unwrap_or_else(|| panic!("no method {method}"));
    method.aggregate(annotations, known).expect("an aggregation")
}

/// Returns for how many annotators the interval contains their share of correct answers to gold
/// items, and how many annotators have both an interval and a gold item.
fn coverage(annotations: &AnnotationSet, result: &Aggregation, gold: &[Option<Class>]) -> (usize, usize) {
    let (mut held, mut people) = (0, 0);
    for (annotator, skill) in result.skills.iter().enumerate() {
        let on_gold = annotations.of_annotator(annotator);
        let right: Vec<bool> =
            on_gold.filter_map(|(item, label)| Some(gold[item as usize]? == label)).collect();
        if let Some(interval) = skill.interval.filter(|_| !right.is_empty()) {
            let share = right.iter().filter(|right| **right).count() as f64 / right.len() as f64;
            people += 1;
            held += usize::from((interval.low..=interval.high).contains(&share));
        }
    }
    (held, people)
}

/// Returns how many of the sure items have the right label, and how many sure items there are.
pub(crate) fn sure(result: &Aggregation, gold: &[Option<Class>]) -> (usize, usize) {
    let (mut right, mut sure) = (0, 0);
    for (item, gold) in gold.iter().enumerate() {
        let most = result.posteriors.row(item).iter().copied().fold(0.0, f64::max);
        if let (Some(gold), true) = (gold, most >= SURE) {
            sure += 1;
            right += usize::from(result.verdicts[item] == Verdict::Label(*gold));
        }
    }
    (right, sure)
}

/// Prints how often items with a posterior of 0.99 or more are right, in simulated crowds.
pub(crate) fn posteriors(arguments: &Arguments) {
    let seeds = arguments.number("seeds", 100);
    let numbers = |name: &str, default: &str| -> Vec<usize> {
        arguments.list(name, default).iter().map(|number| number.parse().expect("a number")).collect()
    };
    let sizes = numbers("items", "20,50,200");
    println!("{seeds} crowds a cell; right of the items given .99 or more, and how many there are\n");
    println!(
        "| method | classes | people right at | answers an item |{} |",
        sizes.iter().map(|items| format!(" {items} items")).collect::<Vec<_>>().join(" |")
    );
    println!("| --- | --- | --- | --- |{}", " --- |".repeat(sizes.len()));
    for method in arguments.list("methods", "ds,onecoin,glad,mace") {
        for classes in numbers("classes", "2,4") {
            for range in arguments.list("people", ".55-.85,.7-.95,.9-.99") {
                let (low, high) = range.split_once('-').expect("two skills");
                let ends = [low, high].map(|end| end.parse::<f64>().expect("a skill"));
                for each in numbers("each", "3,5") {
                    let cells: Vec<String> = sizes
                        .iter()
                        .map(|items| cell(&method, (*items, classes, each), ends, seeds))
                        .collect();
                    println!("| {method} | {classes} | {low} to {high} | {each} | {} |", cells.join(" | "));
                }
            }
        }
    }
}

/// One cell, from crowds of six annotators whose skills are spread evenly from `low` to `high`.
fn cell(
    method: &str,
    (items, classes, each): (usize, usize, usize),
    [low, high]: [f64; 2],
    seeds: u64,
) -> String {
    let counts = (0..seeds).into_par_iter().map(|seed| {
        let skills = (0..6).map(|person| low + (high - low) * f64::from(person) / 5.0).collect();
        let (answers, truths) = Team { items, classes, skills, each, seed }.play();
        let gold: Vec<Option<Class>> = truths.into_iter().map(Some).collect();
        sure(&run(method, &answers, &Known::default()), &gold)
    });
    let (right, n) = counts.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    if n == 0 { "none".to_owned() } else { format!("{:.3} of {n}", right as f64 / n as f64) }
}
