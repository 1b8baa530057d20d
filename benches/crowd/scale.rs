//! From a hundred thousand simulated answers to ten million, each in a process of its own.

use std::process::Command;
use std::time::Instant;

use querist_core::Known;
use querist_quality::aggregator;
use serde_json::{Value, json};

use crate::data::Arguments;
use crate::simulated::{Crowd, World};

/// Prints the table: ten answers an item, a thousand an annotator, five classes.
pub(crate) fn table(arguments: &Arguments) {
    println!(
        "| answers | items | annotators | method | iterations | simulate and build, s | aggregate, s | s a million answers | the same, an iteration | peak memory, MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for method in arguments.list("methods", "ds") {
        for answers in arguments.list("answers", "100000,300000,1000000,3000000,10000000") {
            let own = std::env::current_exe().expect("this program");
            let mut command = Command::new(own);
            command.args(["--table", "one-scale", "--answers", &answers, "--methods", &method]);
            let done = command.output().expect("this program again");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let line: Value = serde_json::from_slice(&done.stdout).expect("JSON");
            let number = |field: &str| line[field].as_f64().unwrap_or(f64::NAN);
            let million = number("aggregate") / (number("answers") / 1e6);
            println!(
                "| {answers} | {} | {} | {method} | {} | {:.2} | {:.3} | {million:.3} | {:.4} | {:.0} |",
                line["items"],
                line["annotators"],
                line["iterations"],
                number("build"),
                number("aggregate"),
                million / number("iterations"),
                number("peak") / 1e6
            );
        }
    }
}

/// One size, printed as JSON for [`table`].
pub(crate) fn one(arguments: &Arguments) {
    let answers = arguments.number("answers", 100_000) as usize;
    let method = aggregator(arguments.text("methods").unwrap_or("ds")).expect("a method");
    let start = Instant::now();
    let crowd = Crowd {
        world: World::Confusion,
        items: answers / 10,
        annotators: answers / 1000,
        classes: 5,
        each: 10,
        seed: 1,
    };
    let (annotations, _) = crowd.play();
    let build = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let result = method.aggregate(&annotations, &Known::default()).expect("an aggregation");
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({
            "answers": annotations.entries().len(),
            "items": annotations.items().len(),
            "annotators": annotations.annotators().len(),
            "iterations": result.fit.map_or(1, |fit| fit.iterations),
            "build": build,
            "aggregate": seconds,
            "peak": peak(),
        })
    );
}

/// The peak memory of this process in bytes, where the system tells (Linux).
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? * 1024.0)
}
