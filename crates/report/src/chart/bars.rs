//! Shares of a whole as horizontal bars, one bar per row. For example, a row is a round, and the
//! parts of its bar are the classes.
//!
//! A row may have a target, which is a thinner bar below. A part that is wide enough contains its
//! share as text. The parts have the order of the legend, so readers need not tell them apart by
//! colour alone.

use super::canvas::{Anchor, Canvas, Colour};
use crate::ReportError;

/// A chart of bars.
pub struct Bars<'a> {
    /// An id that is unique in the page.
    pub id: &'a str,
    /// Title of the chart.
    pub title: &'a str,
    /// What the chart shows, in words, for screen readers.
    pub description: &'a str,
    /// The bars, from top to bottom.
    pub rows: Vec<Bar>,
}

/// One row of the chart.
pub struct Bar {
    /// Name of the row.
    pub name: String,
    /// The share of each part. The shares sum to 1, or to 0 if there is nothing to show.
    pub shares: Vec<f64>,
    /// The target for the share of each part; `None` without a target.
    pub target: Option<Vec<f64>>,
}

const WIDTH: i32 = 520;
/// The horizontal positions of a share of 0 and a share of 1, in drawing units.
const SCALE: (i32, i32) = (104, 512);
/// A name is cut after this many characters.
const SHOWN: usize = 10;

impl Bars<'_> {
    /// Draws the chart and returns it as an SVG element.
    ///
    /// # Errors
    /// The library cannot draw the chart.
    pub fn svg(&self) -> Result<String, ReportError> {
        let height: i32 = self.rows.iter().map(|row| if row.target.is_some() { 50 } else { 34 }).sum();
        let mut canvas = Canvas::new(WIDTH.unsigned_abs(), (height + 8).unsigned_abs());
        let mut y = 4;
        for row in &self.rows {
            canvas.words((SCALE.0 - 10, y + 13), (22, Anchor::End), SHOWN, &row.name);
            parts(&mut canvas, &row.shares, (y, y + 26), 0.55, true);
            y += 28;
            if let Some(target) = &row.target {
                parts(&mut canvas, target, (y, y + 14), 0.3, false);
                canvas.words((SCALE.0 - 10, y + 7), (17, Anchor::End), SHOWN, "target");
                y += 16;
            }
            y += 6;
        }
        canvas.svg(self.id, self.title, self.description)
    }
}

/// Draws the parts of one bar. If `written`, a part that is wide enough contains its share as text.
fn parts(canvas: &mut Canvas, shares: &[f64], (top, bottom): (i32, i32), opacity: f64, written: bool) {
    let place = |share: f64| SCALE.0 + (f64::from(SCALE.1 - SCALE.0) * share).round() as i32;
    canvas.fill((SCALE.0, top), (SCALE.1, bottom), Colour::Grid, 0.15);
    let mut sum = 0.0;
    for (part, share) in shares.iter().enumerate() {
        let (from, to) = (place(sum), place((sum + share).min(1.0)));
        sum += share;
        if to - from < 1 {
            continue;
        }
        canvas.fill((from, top), ((to - 1).max(from + 1), bottom), Colour::Curve(part), opacity);
        if written && to - from > 54 {
            let text = format!("{:.0} %", share * 100.0);
            canvas.words((from.midpoint(to), top.midpoint(bottom)), (20, Anchor::Middle), 6, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar() {
        let rows = vec![
            Bar { name: "1".to_owned(), shares: vec![0.25, 0.75, 0.0], target: Some(vec![0.5, 0.5, 0.0]) },
            Bar { name: "2".to_owned(), shares: vec![0.0, 0.0, 0.0], target: None },
        ];
        let svg = Bars { id: "b", title: "t", description: "d", rows }.svg().unwrap();
        // Three backgrounds, and two parts in each of the two bars that have parts.
        assert_eq!(svg.matches("<rect").count(), 7, "{svg}");
        assert!(svg.contains("25 %") && svg.contains("75 %") && !svg.contains("0 %<"), "{svg}");
    }
}
