//! The report of a round as one page, beside its Markdown and its JSON: the same sections, with charts where a picture says it faster.
//!
//! One section a file. What has no file here is shown as its Markdown ([`prose`]). The page is a function of the report alone, so it has
//! the same bytes whenever the report has.

mod agreement;
mod annotators;
mod confusion;
mod conflicts;
mod distribution;
mod head;
mod model;
pub(crate) mod prose;
mod yields;

pub(crate) use agreement::agreement;
pub(crate) use annotators::{Shown, annotators_chart};
pub(crate) use confusion::confusions;
pub(crate) use head::tiles;

use crate::page::page;
use crate::{Features, ReportError, RoundReport, Rules, Stopping};
use prose::prose;

/// The foot of the page.
const MADE_BY: &str = "Made by querist report. Everything shown here is in report.json too.";

impl RoundReport {
    /// The report as a page.
    ///
    /// # Errors
    /// A chart that cannot be drawn.
    pub fn to_html(&self) -> Result<Vec<u8>, ReportError> {
        let mut body = head::head(self);
        body += &self.annotators.html()?;
        body += &agreement(&self.agreement)?;
        if let Some(confusions) = &self.confusions {
            body += &self::confusions(confusions, &self.labels)?;
        }
        body += &self.conflicts.html();
        body += &self.distribution.html(&self.labels)?;
        body += &self.yields.html();
        body += &self.model.html()?;
        body += &self.stopping.as_ref().map(|stopping| prose(&Stopping::markdown(stopping))).unwrap_or_default();
        body += &prose(&self.batch.markdown());
        body += &self.features.as_ref().map(|features| prose(&Features::markdown(features))).unwrap_or_default();
        body += &self.rules.as_ref().map(|rules| prose(&Rules::markdown(rules))).unwrap_or_default();
        Ok(page(&format!("Round {}", self.round), &body, MADE_BY).into_bytes())
    }
}
