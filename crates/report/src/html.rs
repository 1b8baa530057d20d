//! The report of a round as one HTML page. It has the same sections as the Markdown and the JSON,
//! and charts.
//!
//! A section with a chart or cards has its own file here. Every other section is converted from its
//! Markdown ([`prose`]). The page depends only on the report, so equal reports produce equal bytes.

mod agreement;
mod annotators;
mod conflicts;
mod confusion;
mod distribution;
mod head;
mod model;
mod over_time;
pub(crate) mod prose;
mod review;
mod yields;

pub(crate) use agreement::agreement;
pub(crate) use annotators::{Shown, annotators_chart};
pub(crate) use confusion::confusions;
pub(crate) use head::tiles;

use crate::page::page;
use crate::{Remarks, ReportError, RoundReport, Section};
use prose::prose;

/// The foot of the page.
const MADE_BY: &str = "Made by Querist. report.json has everything shown here.";

impl RoundReport {
    /// Renders the report as an HTML page.
    ///
    /// # Errors
    /// A chart cannot be drawn.
    pub fn to_html(&self) -> Result<Vec<u8>, ReportError> {
        let said = |markdown: Option<String>| markdown.map(|markdown| prose(&markdown)).unwrap_or_default();
        let mut body = head::head(self);
        body += &self.annotators.html()?;
        body += &self.over_time.html()?;
        body += &prose(&self.behaviour.markdown());
        body += &agreement(&self.agreement)?;
        body += &self::confusions(&self.confusions, &self.labels)?;
        body += &self.conflicts.html();
        body += &self.review.html();
        body += &said(self.remarks.as_ref().map(Remarks::markdown));
        body += &self.distribution.html(&self.labels)?;
        body += &self.yields.html();
        body += &self.model.html()?;
        body += &prose(&self.stopping.markdown());
        body += &prose(&self.pace.markdown());
        body += &prose(&self.batch.markdown());
        body += &said(self.features.as_ref().map(Section::markdown));
        body += &said(self.rules.as_ref().map(Section::markdown));
        Ok(page(&format!("Round {}", self.round), &body, MADE_BY).into_bytes())
    }
}
