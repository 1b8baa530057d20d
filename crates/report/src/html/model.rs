//! The page's section on the model: its learning curve as a chart, and the rest as Markdown.

use super::prose::{prose, without_heading};
use crate::chart::{Chart, MARKERS, look};
use crate::page::{escape, figure};
use crate::simulation::Estimate;
use crate::{Model, ReportError};

/// A learning curve. Each point has a number of labelled documents, and the accuracy of the model
/// that was trained on them.
type Curve = Vec<(usize, Estimate)>;

impl Model {
    /// Returns the section as HTML.
    pub(super) fn html(&self) -> Result<String, ReportError> {
        let mut section = "<h2>Model</h2>\n".to_owned();
        // Accuracies on slices from different parts of the pool cannot be compared, so each part
        // has its own curve.
        let mut slices: Vec<(Option<&String>, Curve)> = Vec::new();
        for round in &self.rounds {
            let (rate, part) = (round.random_slice, round.slice_of.as_ref());
            let Some(mean) = rate.value else { continue };
            let point = (round.labeled, Estimate { mean, low: rate.low, high: rate.high });
            match slices.iter_mut().find(|(known, _)| *known == part) {
                Some((_, points)) => points.push(point),
                None => slices.push((part, vec![point])),
            }
        }
        let test: Curve = self
            .rounds
            .iter()
            .filter_map(|round| {
                Some((round.labeled, Estimate { mean: round.test_accuracy?, low: None, high: None }))
            })
            .collect();
        let slices = slices.into_iter().map(|(part, points)| {
            (part.map_or_else(|| "random slice".to_owned(), |part| format!("random slice of {part}")), points)
        });
        let curves: Vec<(String, Curve)> = std::iter::once(("test set".to_owned(), test))
            .chain(slices)
            .filter(|(_, curve)| curve.len() > 1)
            .collect();
        if !curves.is_empty() {
            let names = curves.iter().enumerate().map(|(place, (name, _))| {
                let (colour, marker) = look(place);
                let marker = MARKERS[marker];
                format!(
                    "<li><span style=\"color:var(--c{colour})\" aria-hidden=\"true\">{marker}</span> {}</li>",
                    escape(name)
                )
            });
            section += &format!("<ul class=\"legend\">{}</ul>\n", names.collect::<String>());
            let words = curves.iter().map(|(name, curve)| {
                let points = curve
                    .iter()
                    .map(|(labeled, value)| format!("{:.1} % with {labeled}", value.mean * 100.0));
                format!("{name}: {}.", points.collect::<Vec<_>>().join(", "))
            });
            let description = words.collect::<Vec<_>>().join(" ");
            let chart = Chart {
                id: "learning",
                title: "Accuracy by number of labelled documents",
                description: &description,
                across: "labelled documents",
                percent: true,
                curves: curves.into_iter().map(|(_, curve)| curve).collect(),
            };
            section += &figure(
                &chart.svg()?,
                "Accuracy by number of labelled documents; bands are 95 % \
                                               intervals.",
            );
        }
        Ok(section + &prose(without_heading(&self.markdown())))
    }
}
