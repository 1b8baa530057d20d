//! Replaces the drawing library in a build without the feature `charts`. Instead of a chart there
//! are its title and its description in words. The table next to it has the numbers.

use super::Chart;
use super::canvas::Canvas;
use crate::ReportError;
use crate::page::escape;

impl Chart<'_> {
    /// Returns the chart's title and description as a paragraph.
    ///
    /// # Errors
    /// Never fails; a build with the feature `charts` can.
    pub fn svg(&self) -> Result<String, ReportError> {
        Ok(in_words(self.id, self.title, self.description))
    }
}

impl Canvas {
    /// Returns the drawing's title and description as a paragraph.
    ///
    /// # Errors
    /// Never fails; a build with the feature `charts` can.
    pub fn svg(&self, id: &str, title: &str, description: &str) -> Result<String, ReportError> {
        Ok(in_words(id, title, description))
    }
}

/// Returns title and description as a paragraph.
fn in_words(id: &str, title: &str, description: &str) -> String {
    let (title, description) = (escape(title), escape(description));
    format!("<p class=\"chart\" id=\"{id}-text\"><strong>{title}</strong>: {description}</p>")
}
