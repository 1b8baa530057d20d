//! Shares of a whole as horizontal bars, one bar a row: what each class has of the labels of a
//! round.
//!
//! A row may have a target, drawn as a thinner bar below its own. A part that is wide enough has
//! its share written in it. Parts are told apart by their order and their number in the legend too,
//! not by colour alone.

use super::canvas::{Anchor, Canvas, Colour};
use crate::ReportError;

/// Bars of shares.
pub struct Bars<'a> {
    /// A name that no other chart of the page has.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// What there is to see, in words.
    pub description: &'a str,
    /// Each bar.
    pub rows: Vec<Bar>,
}

/// One bar.
pub struct Bar {
    /// Of what.
    pub name: String,
    /// Shares by part, summing to 1, or to 0 where there is nothing.
    pub shares: Vec<f64>,
    /// What they ought to be.
    pub target: Option<Vec<f64>>,
}

const WIDTH: i32 = 520;
/// Where bars begin and end.
const SCALE: (i32, i32) = (104, 512);
/// How many characters of a name are shown.
const SHOWN: usize = 10;

impl Bars<'_> {
    /// The chart as an element of a page.
    ///
    /// # Errors
    /// The library refuses.
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

/// Draws the parts of one bar; `written`: with their shares where there is room.
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
        // Three grounds, and two parts in each of the two bars that have any.
        assert_eq!(svg.matches("<rect").count(), 7, "{svg}");
        assert!(svg.contains("25 %") && svg.contains("75 %") && !svg.contains("0 %<"), "{svg}");
    }
}
