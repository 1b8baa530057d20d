//! A matrix as a heat map. Each cell contains its value as text, and has a stronger colour if the
//! value is larger.
//!
//! Values below 0 have another colour. A cell whose value is undefined contains "–" and has no
//! colour. All colours are pale enough for the text to be readable. Long names are cut; the table
//! next to the drawing has them in full.

use super::canvas::{Anchor, Canvas, Colour};
use crate::ReportError;

/// A heat map.
pub struct Heat<'a> {
    /// An id that is unique in the page.
    pub id: &'a str,
    /// Title of the chart.
    pub title: &'a str,
    /// What the chart shows, in words, for screen readers.
    pub description: &'a str,
    /// Names of the rows, from top to bottom.
    pub rows: &'a [String],
    /// Names of the columns, from left to right.
    pub columns: &'a [String],
    /// The cells by row and column: the strength of the colour in [-1, 1], and the text. `None` if
    /// the value is undefined.
    pub cells: Vec<Vec<Option<(f64, String)>>>,
}

/// A name is cut after this many characters. The second constant is the width of a character.
const SHOWN: usize = 12;
const LETTER: i32 = 9;

/// Width and height of a cell, in drawing units.
const CELL: (i32, i32) = (56, 34);

/// Opacity of a cell with strength 1.
const STRONGEST: f64 = 0.6;

impl Heat<'_> {
    /// Draws the chart and returns it as an SVG element.
    ///
    /// # Errors
    /// The library cannot draw the chart.
    pub fn svg(&self) -> Result<String, ReportError> {
        let (across, down) = CELL;
        let names = self.rows.iter().chain(self.columns).map(|name| name.chars().count()).max().unwrap_or(0);
        let names = 16 + LETTER * names.clamp(3, SHOWN) as i32;
        let width = names + across * self.columns.len() as i32 + 8;
        let height = names + down * self.rows.len() as i32 + 8;
        let mut canvas = Canvas::new(width.unsigned_abs().max(320), height.unsigned_abs());
        for (column, name) in self.columns.iter().enumerate() {
            let x = names + across * column as i32 + across / 2;
            canvas.words((x, names - 8), (20, Anchor::Upwards), SHOWN, name);
        }
        for (row, name) in self.rows.iter().enumerate() {
            let y = names + down * row as i32;
            canvas.words((names - 8, y + down / 2), (20, Anchor::End), SHOWN, name);
            for (column, cell) in self.cells[row].iter().enumerate() {
                let x = names + across * column as i32;
                let (from, to) = ((x + 1, y + 1), (x + across - 1, y + down - 1));
                let middle = (x + across / 2, y + down / 2);
                match cell {
                    Some((strength, text)) => {
                        let colour = Colour::Curve(usize::from(*strength < 0.0));
                        canvas.fill(from, to, Colour::Grid, 0.15);
                        canvas.fill(from, to, colour, STRONGEST * strength.abs().min(1.0));
                        canvas.words(middle, (20, Anchor::Middle), 7, text);
                    }
                    None => canvas.words(middle, (20, Anchor::Middle), 1, "–"),
                }
            }
        }
        canvas.svg(self.id, self.title, self.description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_for_each_pair_and_no_way_out_of_it() {
        let names = ["<script>alert(1)</script>".to_owned(), "b&\"\u{202e}x".to_owned()];
        let heat = Heat {
            id: "k",
            title: "Kappa",
            description: "words",
            rows: &names,
            columns: &names,
            cells: vec![
                vec![None, Some((0.5, "0.50".to_owned()))],
                vec![Some((-0.25, "-0.25".to_owned())), None],
            ],
        };
        let svg = heat.svg().unwrap();
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}'), "{svg}");
        assert!(svg.contains("&lt;script&gt;aler…") && svg.contains("b&amp;"), "{svg}");
        // A pale background and a colour for each defined cell; the opacity is 0.6 times the
        // strength.
        assert_eq!(svg.matches("<rect").count(), 4);
        assert!(svg.contains("opacity=\"0.3\"") && svg.contains("opacity=\"0.15\""), "{svg}");
        assert_eq!(svg.matches('–').count(), 2);
    }
}
