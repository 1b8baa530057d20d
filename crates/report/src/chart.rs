//! Charts as SVG. Learning curves are here; other kinds have one file each and draw on a
//! [`Canvas`]. Only this file names the drawing library.
//!
//! The library writes colours as attributes. The page's style sheet replaces them ([`style`]), so
//! that one drawing serves light, dark and paper. Curves also differ by their markers, for readers
//! who cannot tell the colours apart. Every drawing has a title and a description in words, and a
//! table beside it has the numbers.

pub mod bars;
pub mod canvas;
pub mod heat;
pub mod intervals;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use self::canvas::{Anchor, Canvas, Colour, Shape};
use crate::ReportError;
use crate::page::escape;
use crate::simulation::Estimate;

/// Width and height of the drawing, in drawing units; the page scales it.
const SIZE: (u32, u32) = (720, 460);

/// Font size, in drawing units; a phone shows the drawing at half its size.
const LETTERS: u32 = 24;

/// How far intervals are shown beyond the lowest and highest mean.
const BEYOND: f64 = 0.1;

/// Colours of text and axes, and of grid lines; the style sheet replaces them by variables.
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GRID: RGBColor = RGBColor(0xd0, 0xd0, 0xd0);

/// Colours of the curves on light and on dark ground: the colours of Okabe and Ito (2008) that are
/// dark enough, and two more.
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

/// Markers of the curves as characters, for a legend.
pub const MARKERS: [&str; 4] = ["●", "▲", "✕", "○"];

/// Index of a curve's colour, and index of its marker.
pub fn look(curve: usize) -> (usize, usize) {
    // The marker changes with each curve. When the colours repeat, the pairs of colour and marker
    // differ.
    (curve % COLOURS.len(), (curve + curve / COLOURS.len()) % MARKERS.len())
}

/// Curves with their intervals.
pub struct Chart<'a> {
    /// An id that is unique in the page.
    pub id: &'a str,
    /// Title of the chart, which names the vertical axis.
    pub title: &'a str,
    /// What the chart shows, in words, for screen readers.
    pub description: &'a str,
    /// Label of the horizontal axis.
    pub across: &'a str,
    /// Whether values are shown as percentages.
    pub percent: bool,
    /// The points of each curve: the horizontal position, such as the number of answers, and the
    /// mean with its interval.
    pub curves: Vec<Vec<(usize, Estimate)>>,
}

impl Chart<'_> {
    /// Draws the chart as an SVG element.
    ///
    /// # Errors
    /// The library cannot draw the chart.
    pub fn svg(&self) -> Result<String, ReportError> {
        framed(self.id, self.title, self.description, SIZE, |root| self.draw(root))
    }

    fn draw(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let (low, high) = self.range();
        let most = self.curves.iter().flatten().map(|(answers, _)| *answers).max().unwrap_or(1);
        let letters = |size: u32| TextStyle::from(("sans-serif", size).into_font()).color(&INK);
        let mut chart = ChartBuilder::on(root)
            .margin(12)
            .margin_top(20)
            .margin_right(28)
            .x_label_area_size(64)
            .y_label_area_size(84)
            .build_cartesian_2d(0f64..most.max(1) as f64, low..high)
            .map_err(|error| said(&error))?;
        let percent = |value: &f64| format!("{:.0} %", value * 100.0);
        let decimal = |value: &f64| format!("{value:.2}");
        let value: &dyn Fn(&f64) -> String = if self.percent { &percent } else { &decimal };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(6)
            .y_labels(7)
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .label_style(letters(LETTERS))
            .axis_desc_style(letters(LETTERS))
            .x_desc(self.across)
            .x_label_formatter(&|answers| format!("{answers:.0}"))
            .y_label_formatter(value)
            .draw()
            .map_err(|error| said(&error))?;
        // All bands come first, so that no band covers a curve.
        for (place, curve) in self.curves.iter().enumerate() {
            let colour = rgb(COLOURS[look(place).0].0);
            // A band is one polygon: along the upper ends and back along the lower ends.
            let upper = curve.iter().filter_map(|(x, value)| Some((*x as f64, value.high?.min(high))));
            let lower = curve.iter().rev().filter_map(|(x, value)| Some((*x as f64, value.low?.max(low))));
            let band: Vec<(f64, f64)> = upper.chain(lower).collect();
            if band.len() > 2 {
                let band = Polygon::new(band, colour.mix(0.12).filled());
                chart.draw_series([band]).map_err(|error| said(&error))?;
            }
        }
        for (place, curve) in self.curves.iter().enumerate() {
            let points: Vec<(f64, f64)> = curve.iter().map(|(x, value)| (*x as f64, value.mean)).collect();
            draw_curve(&mut chart, place, &points).map_err(|error| said(&error))?;
        }
        Ok(())
    }

    /// The range of values to show: from the lowest to the highest, widened to twentieths, within
    /// [0, 1]. Intervals count only up to [`BEYOND`] outside the means: with few seeds they would
    /// leave the curves no room.
    fn range(&self) -> (f64, f64) {
        let values = || self.curves.iter().flatten().map(|(_, value)| value);
        let lowest = values().map(|value| value.mean).fold(1.0, f64::min);
        let highest = values().map(|value| value.mean).fold(0.0, f64::max);
        let low = values().filter_map(|value| value.low).fold(lowest, f64::min).max(lowest - BEYOND);
        let high = values().filter_map(|value| value.high).fold(highest, f64::max).min(highest + BEYOND);
        let (low, high) = ((low * 20.0).floor().max(0.0) / 20.0, (high * 20.0).ceil().min(20.0) / 20.0);
        // All values are equal: a range without extent cannot be drawn.
        if low < high { (low, high) } else { ((low - 0.05).max(0.0), (low + 0.05).min(1.0)) }
    }
}

/// Draws, and adds what screen readers need.
fn framed(
    id: &str,
    title: &str,
    description: &str,
    (width, height): (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), String>,
) -> Result<String, ReportError> {
    let mut drawing = String::new();
    let root = SVGBackend::with_string(&mut drawing, (width, height)).into_drawing_area();
    let drawn = draw(&root).and_then(|()| root.present().map_err(|error| error.to_string()));
    drop(root);
    drawn.map_err(|detail| ReportError::Chart { chart: title.to_owned(), detail })?;
    // The library's opening tag fixes the size and tells a screen reader nothing, so it is
    // replaced.
    let inside = drawing.split_once('>').map_or("", |(_, inside)| inside);
    let (title, description) = (escape(title), escape(description));
    // On a wide page, a small drawing scaled up would be all letters.
    let widest = width * 5 / 4;
    Ok(format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\" \
         style=\"max-width:{widest}px\">\
         <title id=\"{id}-title\">{title}</title><desc id=\"{id}-text\">{description}</desc>{inside}"
    ))
}

impl Canvas {
    /// Draws the shapes as an SVG element; `id` must be unique in the page.
    ///
    /// # Errors
    /// The library cannot draw a shape.
    pub fn svg(&self, id: &str, title: &str, description: &str) -> Result<String, ReportError> {
        framed(id, title, description, (self.width, self.height), |root| {
            let drawn = self.shapes.iter().try_for_each(|shape| draw_shape(root, shape));
            drawn.map_err(|error| error.to_string())
        })
    }
}

fn draw_shape(root: &DrawingArea<SVGBackend<'_>, Shift>, shape: &Shape) -> Result<(), Refused> {
    let paint = |colour: Colour, opacity: f64| match colour {
        Colour::Ink => INK.mix(opacity),
        Colour::Grid => GRID.mix(opacity),
        Colour::Curve(place) => rgb(COLOURS[place % COLOURS.len()].0).mix(opacity),
    };
    match shape {
        Shape::Box { from, to, colour, opacity } => {
            root.draw(&Rectangle::new([*from, *to], paint(*colour, *opacity).filled()))
        }
        Shape::Line { from, to, colour, width } => {
            root.draw(&PathElement::new(vec![*from, *to], paint(*colour, 1.0).stroke_width(*width)))
        }
        Shape::Dot { at, radius, colour } => {
            root.draw(&Circle::new(*at, *radius, paint(*colour, 1.0).filled()))
        }
        Shape::Words { at, text, size, anchor } => {
            let side = match anchor {
                Anchor::Start | Anchor::Upwards => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let font = ("sans-serif", *size).into_font();
            let font =
                if *anchor == Anchor::Upwards { font.transform(FontTransform::Rotate270) } else { font };
            let style = TextStyle::from(font).color(&INK).pos(Pos::new(side, VPos::Center));
            root.draw(&Text::new(text.as_str(), *at, style))
        }
    }
}

/// The drawing area with its axes.
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The library's error.
type Refused = DrawingAreaErrorKind<std::io::Error>;

/// Draws a line through the points, with the curve's marker at each point.
fn draw_curve(plot: &mut Plot<'_, '_>, curve: usize, points: &[(f64, f64)]) -> Result<(), Refused> {
    let (colour, marker) = look(curve);
    let colour = rgb(COLOURS[colour].0);
    let points = || points.iter().copied();
    plot.draw_series(LineSeries::new(points(), colour.stroke_width(3)))?;
    match marker {
        0 => plot.draw_series(points().map(|at| Circle::new(at, 5, colour.filled()))).map(drop),
        1 => plot.draw_series(points().map(|at| TriangleMarker::new(at, 7, colour.filled()))).map(drop),
        2 => plot.draw_series(points().map(|at| Cross::new(at, 5, colour.stroke_width(2)))).map(drop),
        _ => plot.draw_series(points().map(|at| Circle::new(at, 6, colour.stroke_width(2)))).map(drop),
    }
}

/// The part of the style sheet that replaces the drawings' colours by variables.
pub fn style() -> String {
    let mut style = String::new();
    let hex = |colour: RGBColor| format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
    let named = [(hex(INK), "ink".to_owned()), (hex(GRID), "grid".to_owned())];
    let curves =
        COLOURS.iter().enumerate().map(|(place, (light, _))| ((*light).to_owned(), format!("c{place}")));
    for (drawn, name) in named.into_iter().chain(curves) {
        style += &format!(
            ".chart [stroke=\"{drawn}\"]{{stroke:var(--{name})}}.chart [fill=\"{drawn}\"]{{fill:var(--{name})}}\n"
        );
    }
    style
}

/// Parses a colour in hexadecimal notation.
fn rgb(hex: &str) -> RGBColor {
    let part =
        |at: usize| hex.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).unwrap_or(0);
    RGBColor(part(1), part(3), part(5))
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
