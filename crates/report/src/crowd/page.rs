//! The report of a crowd as one HTML page: the same tables as in Markdown, and charts.

use super::Crowd;
use crate::ReportError;
use crate::chart::bars::{Bar, Bars};
use crate::html::{Shown, agreement, annotators_chart, confusions, tiles};
use crate::markdown::{decimal, percent};
use crate::page::{escape, figure, legend, notes, page, table};

/// The foot of the page.
const MADE_BY: &str = "Made by Querist. report.json has everything shown here, consensus.jsonl has every \
                       item, and annotators.csv has every annotator.";

/// Labels become parts of a bar only if there are at most this many.
const PARTS: usize = 8;

impl Crowd {
    /// Renders the report as an HTML page.
    ///
    /// # Errors
    /// A chart cannot be drawn.
    pub fn to_html(&self) -> Result<Vec<u8>, ReportError> {
        let mut body = self.head() + &notes(&self.headlines);
        body += "<h2>Annotators</h2>\n";
        let shown = self.annotators.iter().map(|annotator| Shown {
            name: annotator.annotator.clone(),
            value: annotator.skill,
            interval: annotator.interval,
            flagged: !annotator.flags.is_empty(),
        });
        let title = "Skill as estimated by the method, with 95 % intervals";
        body += &annotators_chart("annotators", title, shown.collect(), Some(self.min_accuracy))?;
        body += &table(&self.annotators_table());
        body += &format!("<p>{}</p>\n", escape(&self.annotators_words()));
        body += "<h2>Labels</h2>\n";
        body += &self.bar()?;
        body += &table(&self.labels_table());
        body += &agreement(&self.agreement)?;
        body += &confusions(&self.confusions, &self.labels)?;
        if !self.review.is_empty() {
            body += "<h2>Items to check</h2>\n";
            body += &table(&self.review_table());
        }
        body += "<h2>Input</h2>\n";
        body += &table(&self.input_table());
        Ok(page("Quality of crowd answers", &body, MADE_BY).into_bytes())
    }

    /// Renders the most important figures as tiles.
    fn head(&self) -> String {
        let consensus = &self.consensus;
        let labeled: usize = consensus.labeled.iter().sum();
        let mut shown = vec![
            (format!("{labeled} of {}", self.input.items), "items with a label".to_owned()),
            (consensus.ties.to_string(), "ties".to_owned()),
        ];
        if let Some(accuracy) = &consensus.accuracy {
            shown.push((percent(accuracy.value), format!("accuracy on {} true labels", accuracy.n)));
        }
        shown.push((
            format!("{} of {}", self.flagged, self.input.annotators),
            "annotators flagged".to_owned(),
        ));
        if let Some(first) = self.agreement.measures.first() {
            shown.push((decimal(first.value), first.name.clone()));
        }
        tiles(&shown)
    }

    /// Draws one bar, whose parts are the shares of the labels, and a legend. Returns an empty
    /// string if there are too many labels, or if no item has a label.
    fn bar(&self) -> Result<String, ReportError> {
        let all: usize = self.consensus.labeled.iter().sum();
        if self.labels.len() > PARTS || all == 0 {
            return Ok(String::new());
        }
        let shares: Vec<f64> =
            self.consensus.labeled.iter().map(|count| *count as f64 / all as f64).collect();
        let words =
            self.labels.iter().zip(&shares).map(|(label, share)| format!("{label}: {:.1} %.", share * 100.0));
        let description = words.collect::<Vec<_>>().join(" ");
        let title = "Share of each label";
        let rows = vec![Bar { name: "items".to_owned(), shares, target: None }];
        let bars = Bars { id: "labels", title, description: &description, rows };
        Ok(legend(&self.labels) + &figure(&bars.svg()?, "Share of each label, in the order of the legend."))
    }
}
