//! The page's section that compares each annotator's answers with the accepted labels: one matrix
//! per annotator, and a table of the most frequent mix-ups.

use crate::chart::heat::Heat;
use crate::page::{Table, escape, figure, table};
use crate::section::confusion::{HEAD, RANK_HEAD};
use crate::{Confusion, Confusions, ReportError};

/// Matrices are drawn for at most [`ANNOTATORS`] annotators, and only if there are at most
/// [`CLASSES`] classes.
const ANNOTATORS: usize = 12;
const CLASSES: usize = 10;

/// Returns the section as HTML; empty without answers.
pub(crate) fn confusions(confusions: &Confusions, labels: &[String]) -> Result<String, ReportError> {
    if confusions.annotators.is_empty() {
        return Ok(String::new());
    }
    let mut section = "<h2>Who mixes up what</h2>\n<p>Rows are the accepted labels (known labels, otherwise \
                       the consensus); columns are the annotator's answers, as shares of the row. An \
                       annotator's own answer is part of the consensus, so the diagonal looks too good if \
                       items have few answers.</p>\n"
        .to_owned();
    // Show the annotators with the most answers, sorted by name.
    let mut shown: Vec<(usize, &Confusion)> = confusions.annotators.iter().enumerate().collect();
    shown.sort_by_key(|(place, annotator)| (std::cmp::Reverse(annotator.total()), *place));
    shown.truncate(ANNOTATORS);
    shown.sort_by_key(|(place, _)| *place);
    if labels.len() <= CLASSES {
        section += "<div class=\"charts\">\n";
        for (place, annotator) in &shown {
            section += &figure(&matrix(*place, annotator, labels)?, &annotator.annotator);
        }
        section += "</div>\n";
        if confusions.annotators.len() > ANNOTATORS {
            let all = confusions.annotators.len();
            section += &format!(
                "<p>Only the {ANNOTATORS} of {all} annotators with the most answers are \
                                 shown.</p>\n"
            );
        }
    } else {
        section += &format!(
            "<p>{} classes are too many to draw; the table lists the most frequent mix-ups.</p>\n",
            labels.len()
        );
    }
    let ranks = confusions.rank_rows();
    if !ranks.is_empty() {
        section += &table(&Table::new("How many ranks the answers are off", &RANK_HEAD, ranks));
    }
    let rows = confusions.rows(labels);
    if rows.is_empty() {
        return Ok(section + "<p>No answer differs from an accepted label.</p>\n");
    }
    Ok(section + &table(&Table::new("The most frequent mix-ups", &HEAD, rows)))
}

/// Draws one annotator's matrix as a heat map.
fn matrix(place: usize, annotator: &Confusion, labels: &[String]) -> Result<String, ReportError> {
    let mut cells = vec![vec![None; labels.len()]; labels.len()];
    let mut words = Vec::new();
    for (truth, answer, count) in &annotator.cells {
        let of: usize = annotator.cells.iter().filter(|cell| cell.0 == *truth).map(|cell| cell.2).sum();
        let share = *count as f64 / of.max(1) as f64;
        if let Some(cell) = cells.get_mut(*truth).and_then(|row| row.get_mut(*answer)) {
            *cell = Some((share, count.to_string()));
        }
        let name = |class: usize| labels.get(class).map_or("", String::as_str);
        words.push(format!("{} answered as {}: {count}.", name(*truth), name(*answer)));
    }
    let title = format!("Answers of {} compared with the accepted labels", annotator.annotator);
    let heat = Heat {
        id: &escape(&format!("confusion-{place}")),
        title: &title,
        description: &words.join(" "),
        rows: labels,
        columns: labels,
        cells,
    };
    heat.svg()
}
