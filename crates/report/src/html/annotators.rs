//! The page's section on annotators: their accuracy with intervals and flags, as a chart and a
//! table.

use querist_core::Interval;

use super::prose::{prose, without_heading};
use crate::chart::intervals::{IntervalRow, Intervals};
use crate::markdown::percent;
use crate::page::figure;
use crate::{Annotators, ReportError};

/// The chart shows at most this many annotators. The table of a round shows all.
pub(crate) const DRAWN: usize = 40;

/// An annotator, as the chart shows them.
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) value: Option<f64>,
    pub(crate) interval: Option<Interval>,
    pub(crate) flagged: bool,
}

impl Annotators {
    /// Returns the section as HTML.
    pub(super) fn html(&self) -> Result<String, ReportError> {
        let mut section = "<h2>Annotators</h2>\n".to_owned();
        let shown = self.annotators.iter().filter(|annotator| annotator.control_accuracy.n > 0);
        let shown: Vec<Shown> = shown
            .map(|annotator| Shown {
                name: annotator.annotator.clone(),
                value: annotator.control_accuracy.value,
                interval: annotator.control_accuracy.interval(),
                flagged: annotator.below(),
            })
            .collect();
        section += &annotators_chart(
            "annotators",
            "Accuracy on control items, with 95 % intervals",
            shown,
            Some(self.thresholds.min_accuracy),
        )?;
        Ok(section + &prose(without_heading(&self.markdown())))
    }
}

/// Draws a chart with one rate per annotator. Returns an empty string without annotators.
pub(crate) fn annotators_chart(
    id: &str,
    title: &str,
    mut shown: Vec<Shown>,
    threshold: Option<f64>,
) -> Result<String, ReportError> {
    if shown.is_empty() {
        return Ok(String::new());
    }
    let all = shown.len();
    shown.truncate(DRAWN);
    let words = shown.iter().map(|row| {
        let interval =
            row.interval.map(|Interval { low, high }| format!(" ({:.1}–{:.1})", low * 100.0, high * 100.0));
        let flag = if row.flagged { ", flagged" } else { "" };
        format!("{}: {}{}{flag}.", row.name, percent(row.value), interval.unwrap_or_default())
    });
    let description = words.collect::<Vec<_>>().join(" ");
    let rows = shown.into_iter().map(|row| IntervalRow {
        name: row.name,
        value: row.value,
        interval: row.interval,
        flagged: row.flagged,
    });
    let chart = Intervals { id, title, description: &description, threshold, rows: rows.collect() };
    let mut caption = title.to_owned();
    if let Some(threshold) = threshold {
        caption += &format!("; the line marks the threshold of {}", percent(Some(threshold)));
    }
    caption += "; \"!\" marks flagged annotators.";
    if all > DRAWN {
        caption += &format!(" Only the first {DRAWN} of {all} are shown.");
    }
    Ok(figure(&chart.svg()?, &caption))
}
