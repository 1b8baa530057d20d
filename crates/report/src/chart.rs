//! Charts as SVG. This file draws learning curves. Each other kind of chart has its own file and is
//! drawn on a [`Canvas`](canvas::Canvas). Only `drawing` uses the drawing library; in a build
//! without the feature `charts`, `absent` replaces it.
//!
//! The library writes colours as attributes. The page's style sheet overrides them ([`style`]), so
//! that the same drawing suits light screens, dark screens and paper. Curves also differ in their
//! markers, for readers who cannot tell the colours apart. Every drawing has a title and a
//! description in words, and a table next to it has the numbers.

#[cfg(not(feature = "charts"))]
mod absent;
pub mod bars;
pub mod canvas;
#[cfg(feature = "charts")]
mod drawing;
pub mod heat;
pub mod intervals;

use crate::simulation::Estimate;

/// The vertical axis reaches at most this far below the lowest mean and above the highest mean.
const BEYOND: f64 = 0.1;

/// The colour of text and axes, and the colour of grid lines. The style sheet overrides them.
const INK: &str = "#222222";
const GRID: &str = "#D0D0D0";

/// The colours of the curves, each on light and on dark ground: the colours of Okabe and Ito (2008)
/// that are dark enough, and two more.
pub const COLOURS: [(&str, &str); 8] = [
    ("#0072B2", "#56B4E9"),
    ("#D55E00", "#FF9248"),
    ("#00795A", "#3DDBAE"),
    ("#B0568B", "#F0A5D0"),
    ("#8A6A00", "#F0C13C"),
    ("#5B3FA8", "#B49CFF"),
    ("#4D4D4D", "#D0D0D0"),
    ("#A02020", "#FF8A8A"),
];

/// The markers of the curves, as characters for a legend.
pub const MARKERS: [&str; 4] = ["●", "▲", "✕", "○"];

/// Returns how the curve with index `curve` looks: the index of its colour in [`COLOURS`], and of
/// its marker in [`MARKERS`].
pub fn look(curve: usize) -> (usize, usize) {
    // The marker changes with each curve. When the colours begin again, a colour meets another
    // marker.
    (curve % COLOURS.len(), (curve + curve / COLOURS.len()) % MARKERS.len())
}

/// A chart of curves, with the intervals of their points.
pub struct Chart<'a> {
    /// An id that is unique in the page.
    pub id: &'a str,
    /// Title of the chart, which names the vertical axis.
    pub title: &'a str,
    /// What the chart shows, in words, for readers who use a screen reader.
    pub description: &'a str,
    /// Label of the horizontal axis.
    pub across: &'a str,
    /// Whether values are shown as percentages.
    pub percent: bool,
    /// The points of each curve: a horizontal position, such as a number of answers, and a mean
    /// with its interval.
    pub curves: Vec<Vec<(usize, Estimate)>>,
}

impl Chart<'_> {
    /// Returns the lowest and the highest value of the vertical axis, multiples of 0.05 in [0, 1].
    /// Intervals count only up to [`BEYOND`] outside the means. With few seeds they are so wide
    /// that the curves would look flat.
    #[cfg_attr(not(feature = "charts"), expect(dead_code, reason = "nothing is drawn"))]
    fn range(&self) -> (f64, f64) {
        let values = || self.curves.iter().flatten().map(|(_, value)| value);
        let lowest = values().map(|value| value.mean).fold(1.0, f64::min);
        let highest = values().map(|value| value.mean).fold(0.0, f64::max);
        let low = values().filter_map(|value| value.low).fold(lowest, f64::min).max(lowest - BEYOND);
        let high = values().filter_map(|value| value.high).fold(highest, f64::max).min(highest + BEYOND);
        let (low, high) = ((low * 20.0).floor().max(0.0) / 20.0, (high * 20.0).ceil().min(20.0) / 20.0);
        // An axis of length 0 cannot be drawn, so make it longer if all values are equal.
        if low < high { (low, high) } else { ((low - 0.05).max(0.0), (low + 0.05).min(1.0)) }
    }
}

/// Returns the part of the style sheet that overrides the colours in drawings.
pub fn style() -> String {
    let mut style = String::new();
    let named = [(INK, "ink".to_owned()), (GRID, "grid".to_owned())];
    let curves = COLOURS.iter().enumerate().map(|(place, (light, _))| (*light, format!("c{place}")));
    for (drawn, name) in named.into_iter().chain(curves) {
        style += &format!(
            ".chart [stroke=\"{drawn}\"]{{stroke:var(--{name})}}.chart [fill=\"{drawn}\"]{{fill:var(--{name})}}\n"
        );
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mean: f64) -> Estimate {
        Estimate { mean, low: Some(mean - 0.02), high: Some(mean + 0.02) }
    }

    fn chart(curves: Vec<Vec<(usize, Estimate)>>) -> Chart<'static> {
        Chart {
            id: "a",
            title: "Accuracy <1>",
            description: "up \"and\" up",
            across: "answers",
            percent: true,
            curves,
        }
    }

    #[cfg(feature = "charts")]
    #[test]
    fn a_drawing_has_its_words_and_no_size_of_its_own() {
        let svg = chart(vec![vec![(25, at(0.5)), (50, at(0.7))], vec![(25, at(0.5)), (50, at(0.8))]])
            .svg()
            .unwrap();
        assert!(svg.starts_with("<svg class=\"chart\" viewBox=\"0 0 720 460\" role=\"img\""), "{svg}");
        assert!(svg.contains("<title id=\"a-title\">Accuracy &lt;1&gt;</title>"));
        assert!(svg.contains("up &quot;and&quot; up</desc>"));
        assert!(svg.trim_end().ends_with("</svg>") && svg.matches("<svg").count() == 1);
        assert!(!svg.contains("http"), "{svg}");
        // Two bands and two curves, and a variable for every colour.
        assert_eq!(svg.matches("<polygon opacity=\"0.12\"").count(), 2);
        let style = style();
        for colour in svg.split(['"']).filter(|part| part.starts_with('#')) {
            assert!(style.contains(colour), "{colour}");
        }
    }

    #[test]
    fn the_range_holds_the_intervals() {
        let range = |curves| chart(curves).range();
        assert_eq!(range(vec![vec![(1, at(0.52)), (2, at(0.78))]]), (0.5, 0.8));
        assert_eq!(range(vec![vec![(1, at(0.99))]]).1.to_bits(), 1f64.to_bits());
        let wide = Estimate { mean: 0.5, low: Some(0.0), high: Some(1.0) };
        assert_eq!(range(vec![vec![(1, wide), (2, wide)]]), (0.4, 0.6));
        let flat = Estimate { mean: 0.0, low: None, high: None };
        assert_eq!(range(vec![vec![(1, flat)]]), (0.0, 0.05));
        assert!(chart(vec![vec![(1, flat)]]).svg().is_ok() && chart(vec![]).svg().is_ok());
    }

    #[test]
    fn no_two_of_the_first_curves_look_alike() {
        let looks: std::collections::BTreeSet<_> = (0..32).map(look).collect();
        assert_eq!(looks.len(), 32);
    }
}
