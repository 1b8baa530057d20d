//! `querist quality`: computes a consensus and a report from plain files of answers, without a
//! workspace.

use std::path::Path;

use querist_session::inputs;
use querist_session::quality::{Measured, QualityOptions, Ranks, quality};
use querist_session::reports::markdown::decimal;
use querist_session::store::format::crowd::CrowdReading;
use serde_json::json;

use crate::args::Quality;
use crate::files;
use crate::output::{Outcome, Talk, columns, shown, written};
use crate::paste::quoted;
use crate::words::{count, input};

/// Runs `querist quality`: aggregates the answers in the files, and writes a consensus and a
/// report.
///
/// # Errors
/// A row is unusable (the error names file and line), the method does not exist, or a file cannot
/// be written.
pub fn run(args: &Quality, talk: &Talk) -> anyhow::Result<Outcome> {
    let options = QualityOptions {
        answers: args.answers.clone(),
        gold: args.gold.clone(),
        use_gold: args.use_gold,
        reading: CrowdReading {
            columns: files::columns(&args.columns),
            encoding: inputs::encoding(&args.encoding)?,
            sheet: args.sheet.clone(),
            control: args.control.clone(),
        },
        method: args.method.clone(),
        ranks: args.ordered.then(|| match &args.labels[..] {
            [] => Ranks::ByNumber,
            labels => Ranks::Listed(labels.to_vec()),
        }),
        min_accuracy: args.min_accuracy,
        out: args.out.clone(),
    };
    Ok(outcome(&quality(&options, talk)?, &args.out))
}

/// Returns the outcome: the most important figures, and the written files.
fn outcome(measured: &Measured, out: &Path) -> Outcome {
    let Measured { report, files, refused, .. } = measured;
    let (input, consensus) = (&report.input, &report.consensus);
    let labeled: usize = consensus.labeled.iter().sum();
    let mut rows = vec![
        (
            "answers",
            format!(
                "{} by {} for {}",
                input.answers,
                count(input.annotators, "annotator", "annotators"),
                count(input.items, "item", "items")
            ),
        ),
        ("replaced", format!("{} (by a later answer of the same annotator)", input.replaced)),
        ("skips", format!("{} without a label", count(input.skips as usize, "row", "rows"))),
        ("left out", format!("{} from rejected assignments", count(*refused as usize, "row", "rows"))),
        ("method", report.method.clone()),
        ("labels", format!("{labeled}, {} ties, {} uncertain", consensus.ties, consensus.unsure)),
    ];
    rows.retain(|(name, _)| {
        (*name != "replaced" || input.replaced > 0)
            && (*name != "skips" || input.skips > 0)
            && (*name != "left out" || *refused > 0)
    });
    if let Some(accuracy) = &consensus.accuracy {
        rows.push(("accuracy", format!("{} on the true labels", accuracy.text())));
    }
    let measures = report.agreement.measures.iter().filter(|measure| measure.value.is_some());
    rows.extend(
        measures.take(1).map(|measure| ("agreement", format!("{} {}", measure.name, decimal(measure.value)))),
    );
    rows.push((
        "flagged",
        format!("{} of {}", report.flagged, count(input.annotators, "annotator", "annotators")),
    ));
    let listed = files.iter().map(|path| format!("  {}\n", shown(path)));
    let text = columns(&rows) + "\n" + &listed.collect::<String>();
    let mut value = json!(report);
    value["files"] = json!(files.iter().map(|path| written(path)).collect::<Vec<_>>());
    // Only files from crowd platforms have rejected answers (which do not count) and test
    // questions.
    value["refused"] = json!(refused);
    value["golden"] = json!(measured.golden);
    value["remarks"] = json!(input::all(&measured.remarks));
    value["warnings"] = json!(measured.warnings);
    let next = format!("open {} in a browser", quoted(&out.join("report.html")));
    Outcome { json: value, text, next: Some(next) }
}
