//! Rates with their intervals, one row each: a line from the lower to the upper end, a dot at the
//! value.
//!
//! The scale is 0 to 100 %; a threshold is a line from top to bottom. A rate without an interval is
//! a dot alone, one that is not defined an empty row.

use querist_core::Interval;

use super::canvas::{Anchor, Canvas, Colour};
use crate::ReportError;

/// Rates with their intervals.
pub struct Intervals<'a> {
    /// A name that no other chart of the page has.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What there is to see, in words.
    pub description: &'a str,
    /// What is not to be missed, in [0, 1].
    pub threshold: Option<f64>,
    /// Each row.
    pub rows: Vec<IntervalRow>,
}

/// One rate.
pub struct IntervalRow {
    /// Whose.
    pub name: String,
    /// In [0, 1]; `None`: not defined.
    pub value: Option<f64>,
    /// Lower and upper end.
    pub interval: Option<Interval>,
    /// Whether it is to stand out.
    pub flagged: bool,
}

const WIDTH: i32 = 520;
/// Where the scale begins and ends.
const SCALE: (i32, i32) = (150, 496);
const ROW: i32 = 26;
const TOP: i32 = 10;
/// How many characters of a name are shown.
const SHOWN: usize = 13;

impl Intervals<'_> {
    /// The chart as an element of a page.
    ///
    /// # Errors
    /// The library refuses.
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
        // The scale is 346 units wide: half of it is at 150 + 173.
        assert!(svg.contains("cx=\"323\""), "{svg}");
        assert!(svg.contains("! ben") && svg.contains("cleo"));
    }
}
