//! Makes the contents of two output files: consensus.jsonl and annotators.csv.
//!
//! A spreadsheet program takes a cell that begins with one of [`FORMULA`] for a formula, and may
//! run it (OWASP, CSV injection). In annotators.csv such a cell gets an apostrophe in front, which
//! these programs hide. They do not open consensus.jsonl, so it has all names unchanged.

use querist_core::Verdict;
use querist_engine::crowd::CrowdAnswers;
use querist_report::Crowd;
use querist_report::crowd::CrowdAnnotator;
use serde_json::{Map, Value, json};

use crate::error::{Result, SessionError};

/// A cell that begins with one of these is a formula. Tab and carriage return also begin one, but
/// no name contains them.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// Returns the content of consensus.jsonl: one object per item, sorted by item.
pub(super) fn consensus(crowd: &CrowdAnswers<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let name = |class: querist_core::Class| crowd.labels[class.index()].as_str();
    let posteriors = crowd.aggregation.posteriors.view();
    for (item, id) in crowd.annotations.items().iter().enumerate() {
        let mut row = Map::new();
        row.insert("item".to_owned(), json!(id));
        row.insert("label".to_owned(), json!(crowd.label(item).map(name)));
        if let Verdict::Tie(classes) = &crowd.aggregation.verdicts[item] {
            row.insert("tied".to_owned(), classes.iter().map(|class| json!(name(*class))).collect());
        }
        let shares = posteriors.row(item);
        let posterior = crowd.labels.iter().cloned().zip(shares.iter().map(|p| json!(p)));
        row.insert("posterior".to_owned(), Value::Object(posterior.collect()));
        row.insert("answers".to_owned(), json!(crowd.annotations.of_item(item).len()));
        out.extend_from_slice(Value::Object(row).to_string().as_bytes());
        out.push(b'\n');
    }
    out
}

/// Returns the content of annotators.csv: one row per annotator, sorted by name. Undefined values
/// are empty cells.
pub(super) fn annotators(annotators: &[CrowdAnnotator], report: &Crowd) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |_: csv::Error| SessionError::bug("write annotators.csv")();
    let mut head = vec!["annotator", "answers", "skill", "skill_low", "skill_high"];
    let gold = report.input.gold.is_some();
    if gold {
        head.extend(["gold_answers", "gold_right", "gold_accuracy", "gold_low", "gold_high"]);
    }
    head.push("flags");
    writer.write_record(&head).map_err(failed)?;
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    for annotator in annotators {
        let (low, high) = annotator.interval.map(<(f64, f64)>::from).unzip();
        let mut row = vec![safe(&annotator.annotator), annotator.answers.to_string()];
        row.extend([annotator.skill, low, high].map(number));
        if gold {
            let on = annotator.gold;
            row.push(on.map_or(0, |on| on.n).to_string());
            row.push(on.map_or(0, |on| on.correct).to_string());
            let rate = [on.and_then(|on| on.value), on.and_then(|on| on.low), on.and_then(|on| on.high)];
            row.extend(rate.map(number));
        }
        row.push(safe(&annotator.flags.join("; ")));
        writer.write_record(&row).map_err(failed)?;
    }
    writer.into_inner().map_err(|_| SessionError::bug("write annotators.csv")())
}

/// Returns the cell with an apostrophe in front if a spreadsheet program would take it for a
/// formula.
fn safe(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)"] {
            assert_eq!(safe(cell), format!("'{cell}"));
        }
        assert_eq!(safe("ana=ben"), "ana=ben");
        assert_eq!(safe(""), "");
    }
}
