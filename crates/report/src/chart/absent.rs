//! Stands for the drawing library in a build without the feature `charts`: a chart is its title and
//! its description in words; the numbers are in the table beside it.

use super::Chart;
use super::canvas::Canvas;
use crate::ReportError;
use crate::page::escape;

impl Chart<'_> {
    /// Writes the chart's title and description.
    ///
    /// # Errors
    /// None; a build that draws has some.
    pub fn svg(&self) -> Result<String, ReportError> {
        Ok(in_words(self.id, self.title, self.description))
    }
}

impl Canvas {
    /// Writes the drawing's title and description.
    ///
    /// # Errors
    /// None; a build that draws has some.
    pub fn svg(&self, id: &str, title: &str, description: &str) -> Result<String, ReportError> {
        Ok(in_words(id, title, description))
    }
}

fn in_words(id: &str, title: &str, description: &str) -> String {
    let (title, description) = (escape(title), escape(description));
    format!("<p class=\"chart\" id=\"{id}-text\"><strong>{title}</strong>: {description}</p>")
}
