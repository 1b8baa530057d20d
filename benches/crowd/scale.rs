//! Simulated answers from a hundred thousand to ten million, each size in a process of its own.

use std::process::Command;
use std::time::Instant;

use querist_core::{Edition, Known};
use querist_quality::aggregator;
use serde_json::{Value, json};

use crate::data::Arguments;
use crate::simulated::{Crowd, World};

/// Each size is repeated until its runs together have aggregated this many answers, so that the
/// time can be measured.
const WORTH: usize = 30_000_000;

/// Prints one row for each size: ten answers an item, a thousand an annotator, five classes.
pub(crate) fn table(arguments: &Arguments) {
    println!(
        "| answers | items | annotators | method | iterations | simulate and build, s | aggregate, s | of the processor, s | processor seconds a million answers | the same, an iteration | peak memory, MB |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for method in arguments.list("methods", "ds") {
        for answers in arguments.list("answers", "100000,300000,1000000,3000000,10000000") {
            let own = std::env::current_exe().expect("this program");
            let mut command = Command::new(own);
            command.args(["--table", "one-scale", "--answers", &answers, "--methods", &method]);
            let done = command.output().expect("this program again");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            let line: Value = serde_json::from_slice(&done.stdout).expect("JSON");
            let number = |field: &str| line[field].as_f64().unwrap_or(f64::NAN);
            let million = number("processor") / (number("answers") / 1e6);
            println!(
                "| {answers} | {} | {} | {method} | {} | {:.2} | {:.4} | {:.4} | {million:.3} | {:.4} | {:.0} |",
                line["items"],
                line["annotators"],
                line["iterations"],
                number("build"),
                number("aggregate"),
                number("processor"),
                million / number("iterations"),
                number("peak") / 1e6
            );
        }
    }
}

/// Measures one size and prints it as JSON for [`table`].
pub(crate) fn one(arguments: &Arguments) {
    let answers = arguments.number("answers", 100_000) as usize;
    let method = aggregator(arguments.text("methods").unwrap_or("ds"), Edition::CURRENT).expect("a method");
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
    // Linux counts processor time in hundredths of a second, so small crowds are aggregated many
    // times.
    let runs = (WORTH / answers.max(1)).max(1);
    let (start, processor_before) = (Instant::now(), processor());
    let mut iterations = 1;
    for _ in 0..runs {
        let result = method.aggregate(&annotations, &Known::default()).expect("an aggregation");
        iterations = result.fit.map_or(1, |fit| fit.iterations);
    }
    let seconds = start.elapsed().as_secs_f64() / runs as f64;
    let processor = processor().zip(processor_before).map(|(after, before)| (after - before) / runs as f64);
    println!(
        "{}",
        json!({
            "answers": annotations.entries().len(),
            "items": annotations.items().len(),
            "annotators": annotations.annotators().len(),
            "iterations": iterations,
            "build": build,
            "aggregate": seconds,
            "processor": processor,
            "peak": peak(),
        })
    );
}

/// The processor time of all threads of this process, in seconds; `None` except on Linux. Other
/// programs do not affect it.
fn processor() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name in brackets may contain spaces, so count from the bracket: the first field
    // after it is the third, and fields 14 and 15 hold ticks of 1/100 s.
    let (_, fields) = status.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().ok());
    Some(ticks.sum::<Option<f64>>()? / 100.0)
}

/// The peak memory of this process in bytes; `None` except on Linux.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? * 1024.0)
}
