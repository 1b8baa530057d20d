//! How often the number of labels that a level of accuracy needed lies in the forecast interval.
//!
//! Each round from 200 labels on makes a forecast from the test accuracies so far. It is compared
//! with the first round of the run that reaches the level. "Needs" holds if that round lies in the
//! interval, "reached" if the round is past, "out of reach" if the run never gets there. In a run
//! that never gets there, an interval holds if it ends after the run. Levels are quantiles of the
//! set's accuracies from 200 labels on, so that they suit the set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use querist_core::CurvePoint;
use querist_core::Trials;
use querist_query::stopping::{Outlook, forecast};
use serde_json::Value;

use crate::data::{Arguments, file, lines};

/// Forecasts count from this number of labels on, unless `--from` says otherwise.
const FROM: u64 = 200;
/// The levels are these quantiles of the accuracies, and one level above all of them: the best
/// accuracy plus a third of the remaining error.
const QUANTILES: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

/// The points of a run: (labels, accuracy).
type Run = Vec<(usize, f64)>;

/// Counts of forecasts: made, with a statement (`said`), and true (`held`). `ahead` counts the
/// statements about levels that the run has not reached yet.
#[derive(Default)]
struct Tally {
    made: usize,
    said: usize,
    held: usize,
    ahead: usize,
    held_ahead: usize,
    two_sided: usize,
    out_of_reach: usize,
    out_of_reach_held: usize,
}

/// Prints one row for each set and strategy.
pub(crate) fn table(folder: &Path, arguments: &Arguments) {
    let kept = tempfile::tempdir().expect("a temporary folder");
    println!(
        "| set | strategy | seeds | forecasts | with an outlook | of these held | about levels ahead | of these held | with both ends | \
         out of reach | of these held |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for name in arguments.list("sets", "trec,r8,ag_news,sms_spam") {
        let results = match arguments.text("results") {
            Some(results) => Path::new(results).join(format!("sim-{name}")).join("results.jsonl"),
            None => simulate(folder, &name, kept.path(), arguments),
        };
        let (pool, n) = sizes(&results);
        let arms = runs(&results);
        let from = arguments.number("from", FROM) as usize;
        let levels = levels(arms.values().flatten(), from);
        for (arm, runs) in &arms {
            let mut tally = Tally::default();
            for run in runs {
                tally.take(run, &levels, from, pool, n);
            }
            println!("| {name} | {arm} | {} | {} |", runs.len(), tally.cells());
        }
    }
}

fn simulate(folder: &Path, name: &str, kept: &Path, arguments: &Arguments) -> PathBuf {
    let out =
        arguments.text("out").map_or_else(|| kept.to_owned(), PathBuf::from).join(format!("sim-{name}"));
    std::fs::create_dir_all(&out).expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_querist"));
    command.args(["simulate", "--quiet", "--skip-bad-rows", "--strategies", "default,random"]);
    for (option, default) in [("seeds", "10"), ("rounds", "29"), ("size", "25")] {
        command.arg(format!("--{option}")).arg(arguments.text(option).unwrap_or(default));
    }
    command.arg("--train").arg(file(folder, name, "train")).arg("--test").arg(file(folder, name, "test"));
    let done = command.arg("--out").arg(&out).output().expect("the binary");
    assert!(done.status.success(), "querist simulate: {}", String::from_utf8_lossy(&done.stderr));
    out.join("results.jsonl")
}

/// The number of documents in the pool and in the test set, from the header of the results.
fn sizes(results: &Path) -> (usize, usize) {
    let header: Value = serde_json::from_str(&lines(results)[0]).expect("a header");
    let of = |name: &str| header[name].as_u64().expect("a count") as usize;
    (of("pool"), of("test"))
}

/// The runs of each strategy, by its name.
fn runs(results: &Path) -> BTreeMap<String, Vec<Run>> {
    let mut all: BTreeMap<String, BTreeMap<u64, Run>> = BTreeMap::new();
    for line in lines(results).iter().skip(1) {
        // A killed simulation may leave its last line torn.
        let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
        let labeled = line["labeled"].as_array().expect("labels of each class").iter();
        let labeled = labeled.map(|count| count.as_u64().expect("a count") as usize).sum();
        let arm = all.entry(line["arm"].as_str().expect("a strategy").to_owned()).or_default();
        let run = arm.entry(line["seed"].as_u64().expect("a seed")).or_default();
        run.extend(line["accuracy"].as_f64().map(|accuracy| (labeled, accuracy)));
    }
    all.into_iter().map(|(arm, runs)| (arm, runs.into_values().collect())).collect()
}

fn levels<'a>(runs: impl Iterator<Item = &'a Run>, from: usize) -> Vec<f64> {
    let late = runs.flatten().filter(|(labeled, _)| *labeled >= from);
    let mut accuracies: Vec<f64> = late.map(|(_, accuracy)| *accuracy).collect();
    accuracies.sort_by(f64::total_cmp);
    let Some(best) = accuracies.last() else { return Vec::new() };
    let at = |share: f64| accuracies[(share * (accuracies.len() - 1) as f64) as usize];
    QUANTILES.iter().map(|share| at(*share)).chain([best + (1.0 - best) / 3.0]).collect()
}

impl Tally {
    fn take(&mut self, run: &Run, levels: &[f64], from: usize, pool: usize, n: usize) {
        let point = |(labeled, accuracy): &(usize, f64)| CurvePoint {
            labeled: *labeled,
            trials: Trials { n, correct: (accuracy * n as f64).round() as usize },
        };
        let points: Vec<CurvePoint> = run.iter().map(point).collect();
        let Some(end) = points.last().map(|point| point.labeled) else { return };
        for level in levels {
            let came =
                run.iter().find(|(_, accuracy)| *accuracy >= level - 1e-9).map(|(labeled, _)| *labeled);
            for (at, point) in points.iter().enumerate().filter(|(_, point)| point.labeled >= from) {
                let now = point.labeled;
                let outlook = forecast(&points[..=at], *level, now, pool).outlook;
                self.made += 1;
                let holds = holds(outlook, came, now, end);
                let Some(holds) = holds else { continue };
                self.said += 1;
                self.held += usize::from(holds);
                let ahead = came.is_none_or(|came| came > now);
                self.ahead += usize::from(ahead);
                self.held_ahead += usize::from(ahead && holds);
                self.two_sided += usize::from(matches!(outlook, Outlook::Needs { .. }));
                self.out_of_reach += usize::from(outlook == Outlook::OutOfReach);
                self.out_of_reach_held += usize::from(outlook == Outlook::OutOfReach && holds);
            }
        }
    }

    fn cells(&self) -> String {
        let share = |part: usize, of: usize| {
            if of == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / of as f64) }
        };
        let Self { made, said, held, ahead, held_ahead, two_sided, out_of_reach, out_of_reach_held } = *self;
        format!(
            "{made} | {} | {} | {ahead} | {} | {} | {out_of_reach} | {}",
            share(said, made),
            share(held, said),
            share(held_ahead, ahead),
            share(two_sided, said),
            share(out_of_reach_held, out_of_reach)
        )
    }
}

/// Whether a forecast made at `now` labels holds. The run reached the level at `came` labels, if
/// ever, and ended at `end`. `None` if the forecast says nothing.
fn holds(outlook: Outlook, came: Option<usize>, now: usize, end: usize) -> Option<bool> {
    // A level that is already reached needs no more labels, so only the low end counts.
    let within = |low: usize, high: usize| match came {
        Some(came) if came <= now => low <= now,
        Some(came) => low <= came && came <= high,
        None => high > end,
    };
    match outlook {
        Outlook::Reached => Some(came.is_some_and(|came| came <= now)),
        Outlook::Needs { low, high, .. } => Some(within(low, high)),
        Outlook::AtLeast { low, .. } => Some(within(low, usize::MAX)),
        Outlook::OutOfReach => Some(came.is_none()),
        Outlook::Anything | Outlook::TooFewPoints => None,
    }
}
