//! Rates with their intervals, one per row. A line runs from the lower to the upper end of the
//! interval, and a dot marks the rate.
//!
//! The scale runs from 0 to 100 %. A threshold is a vertical line. A rate without an interval is
//! only a dot. The row of an undefined rate is empty.

use querist_core::Interval;

use super::canvas::{Anchor, Canvas, Colour};
use crate::ReportError;

/// A chart of rates with intervals.
pub struct Intervals<'a> {
    /// An id that is unique in the page.
    pub id: &'a str,
    /// Title of the chart.
    pub title: &'a str,
    /// What the chart shows, in words, for screen readers.
    pub description: &'a str,
    /// The threshold for all rates, in [0, 1]; `None` if there is none.
    pub threshold: Option<f64>,
    /// The rates, from top to bottom.
    pub rows: Vec<IntervalRow>,
}

/// A rate with its interval.
pub struct IntervalRow {
    /// Name of the row, for example an annotator's name.
    pub name: String,
    /// The rate, in [0, 1]; `None` if it is undefined.
    pub value: Option<f64>,
    /// The interval of the rate; `None` without one.
    pub interval: Option<Interval>,
    /// Whether to highlight the row.
    pub flagged: bool,
}

const WIDTH: i32 = 520;
/// The horizontal positions of 0 and of 100 %, in drawing units.
const SCALE: (i32, i32) = (150, 496);
const ROW: i32 = 26;
const TOP: i32 = 10;
/// A name is cut after this many characters.
const SHOWN: usize = 13;

impl Intervals<'_> {
    /// Draws the chart and returns it as an SVG element.
    ///
    /// # Errors
    /// The library cannot draw the chart.
    pub fn svg(&self) -> Result<String, ReportError> {
        let bottom = TOP + ROW * self.rows.len() as i32;
        let mut canvas = Canvas::new(WIDTH.unsigned_abs(), (bottom + 32).unsigned_abs());
        for percent in [0, 25, 50, 75, 100] {
            let x = place(f64::from(percent) / 100.0);
            canvas.line((x, TOP), (x, bottom), Colour::Grid, 1);
            canvas.words((x, bottom + 18), (20, Anchor::Middle), 6, &format!("{percent} %"));
        }
        if let Some(threshold) = self.threshold {
            let x = place(threshold);
            canvas.line((x, TOP - 6), (x, bottom + 4), Colour::Ink, 2);
        }
        for (row, rate) in self.rows.iter().enumerate() {
            let y = TOP + ROW * row as i32 + ROW / 2;
            let name = if rate.flagged { format!("! {}", rate.name) } else { rate.name.clone() };
            canvas.words((SCALE.0 - 10, y), (22, Anchor::End), SHOWN, &name);
            let colour = Colour::Curve(usize::from(rate.flagged));
            if let Some(Interval { low, high }) = rate.interval {
                canvas.line((place(low), y), (place(high), y), colour, 4);
            }
            if let Some(value) = rate.value {
                canvas.dot((place(value), y), 6, colour);
            }
        }
        canvas.svg(self.id, self.title, self.description)
    }
}

/// Returns the horizontal position of a rate.
fn place(rate: f64) -> i32 {
    let (from, to) = SCALE;
    from + (f64::from(to - from) * rate.clamp(0.0, 1.0)).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_for_each_rate() {
        let row = |name: &str, value, interval, flagged| IntervalRow {
            name: name.to_owned(),
            value,
            interval,
            flagged,
        };
        let rows = vec![
            row("ana", Some(0.5), Some(Interval { low: 0.0, high: 1.0 }), false),
            row("ben", Some(0.75), None, true),
            row("cleo", None, None, false),
        ];
        let chart = Intervals { id: "i", title: "t", description: "d", threshold: Some(0.9), rows };
        let svg = chart.svg().unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        // The scale is 346 units wide, so its middle is at 150 + 173.
        assert!(svg.contains("cx=\"323\""), "{svg}");
        assert!(svg.contains("! ben") && svg.contains("cleo"));
    }
}
