//! The page's section on annotators over time: curves of their accuracy on control items by round,
//! and the rest as Markdown.

use super::prose::{prose, without_heading};
use crate::chart::{COLOURS, Chart, MARKERS, look};
use crate::page::{figure, isolated};
use crate::section::over_time::AnnotatorOverTime;
use crate::simulation::Estimate;
use crate::{OverTime, ReportError};

/// A curve: an annotator's name, and the accuracy in each round.
type Curve<'a> = (&'a str, Vec<(usize, Estimate)>);

impl OverTime {
    /// Returns the section as HTML; empty if there is nothing to show.
    pub(super) fn html(&self) -> Result<String, ReportError> {
        let markdown = self.markdown();
        if markdown.is_empty() {
            return Ok(String::new());
        }
        let mut curves: Vec<Curve<'_>> = self.annotators.iter().map(curve).collect();
        // A line needs two points. If there were more lines than colours, nobody could tell them
        // apart.
        curves.retain(|(_, points)| points.len() > 1);
        curves.truncate(COLOURS.len());
        let heading = markdown.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']);
        let mut section = format!("<h2>{}</h2>\n", isolated(heading));
        if !curves.is_empty() {
            let entry = |(place, (name, _)): (usize, &Curve<'_>)| {
                let (colour, marker) = look(place);
                let (marker, name) = (MARKERS[marker], isolated(name));
                format!(
                    "<li><span style=\"color:var(--c{colour})\" aria-hidden=\"true\">{marker}</span> {name}</li>"
                )
            };
            let entries: String = curves.iter().enumerate().map(entry).collect();
            section += &format!("<ul class=\"legend\">{entries}</ul>\n");
            let words = curves.iter().map(|(name, points)| {
                let points =
                    points.iter().map(|(round, rate)| format!("round {round} {:.1} %", rate.mean * 100.0));
                format!("{name}: {}.", points.collect::<Vec<_>>().join(", "))
            });
            let description = words.collect::<Vec<_>>().join(" ");
            let title = "Accuracy on control items by round";
            let chart = Chart {
                id: "over-time",
                title,
                description: &description,
                across: "round",
                percent: true,
                curves: curves.into_iter().map(|(_, points)| points).collect(),
            };
            section += &figure(
                &chart.svg()?,
                "Accuracy on control items by round; the table shows how many answers each point rests on.",
            );
        }
        Ok(section + &prose(without_heading(&markdown)))
    }
}

/// Returns an annotator's accuracy on control items by round, as a curve.
fn curve(annotator: &AnnotatorOverTime) -> Curve<'_> {
    let points = annotator.rounds.iter().filter_map(|round| {
        let rate = round.control;
        // The intervals are not drawn: with few answers per annotator, their bands would overlap.
        // The table has the counts.
        Some((round.round as usize, Estimate { mean: rate.value?, low: None, high: None }))
    });
    (annotator.annotator.as_str(), points.collect())
}
