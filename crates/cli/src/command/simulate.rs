//! `querist simulate`: compares query strategies on documents whose labels are known.

use querist_session::embeddings::Origin;
use querist_session::reports::markdown::{decimal, percent};
use querist_session::reports::simulation::Estimate;
use querist_session::simulate::{SimulateOptions, Simulated, simulate};
use querist_session::store::format::documents::FieldNames;
use serde_json::json;

use crate::args::Simulate;
use crate::files;
use crate::output::{Outcome, Talk, columns, shown};
use crate::words::input::WORDING;

/// Runs `querist simulate`: runs a simulation, or continues one. Shows a table of the strategies.
///
/// # Errors
/// An input or a setting is invalid, the folder holds results of another configuration, or a file
/// cannot be written.
pub fn run(args: &Simulate, talk: &Talk) -> anyhow::Result<Outcome> {
    let (id, text, label) = (args.id.clone(), args.text.clone(), args.label.clone());
    let options = SimulateOptions {
        train: args.train.clone(),
        test: args.test.clone(),
        reading: files::asked(&args.layout, &[&id, &text, &label])?,
        fields: FieldNames { id, text, label, meta: None },
        skip_bad_rows: args.skip_bad_rows,
        wording: WORDING,
        strategies: args.strategies.clone(),
        out: args.out.clone(),
        initial: args.initial,
        rounds: args.rounds,
        size: args.size,
        seeds: args.seeds,
        noise: args.noise.clone(),
        annotators: args.annotators,
        answers_per_item: args.answers_per_item.clone(),
        aggregator: args.aggregator.clone(),
        training: args.training.clone(),
        imbalance: args.imbalance.clone(),
        features: args.features.clone(),
        units: args.units.clone(),
        calibration: args.calibration.clone(),
        c: args.c.clone(),
        embedding: Origin::of(args.embedding.as_deref()),
        vectors: args.vectors.files(),
    };
    Ok(outcome(&simulate(&options, talk)?))
}

/// Returns the outcome: a table of the strategies, the notes, and the written files.
fn outcome(Simulated { summary, files }: &Simulated) -> Outcome {
    let shown_mean = |estimate: &Estimate| percent(Some(estimate.mean));
    let width = summary.strategies.iter().map(|strategy| strategy.name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>14} {:>13} {:>14} {:>13} {:>7}\n",
        "strategy", "final accuracy", "mean accuracy", "final macro-F1", "mean macro-F1", "seconds"
    );
    for (strategy, seconds) in summary.strategies.iter().zip(&summary.seconds) {
        text += &format!(
            "{:width$}  {:>14} {:>13} {:>14} {:>13} {:>7.2}\n",
            strategy.name,
            shown_mean(&strategy.final_accuracy),
            shown_mean(&strategy.mean_accuracy),
            decimal(Some(strategy.final_macro_f1.mean)),
            decimal(Some(strategy.mean_macro_f1.mean)),
            seconds.mean,
        );
    }
    text.push('\n');
    for note in &summary.notes {
        text += &format!("  {note}\n");
    }
    let names = ["page", "text", "json", "rounds"].into_iter();
    let paths: Vec<(&str, String)> = names.zip(files).map(|(what, path)| (what, shown(path))).collect();
    text += &columns(&paths);
    Outcome { json: json!(summary), text, next: None }
}
