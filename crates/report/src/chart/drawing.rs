//! Draws charts with the library `plotters`. No other file uses the library.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{Anchor, Canvas, Colour, Shape};
use super::{COLOURS, Chart, GRID, INK, look};
use crate::ReportError;
use crate::page::escape;

/// Width and height of the drawing, in drawing units. The page scales the drawing.
const SIZE: (u32, u32) = (720, 460);

/// Size of letters, in drawing units. A phone shows the drawing at about half its size.
const LETTERS: u32 = 24;

impl Chart<'_> {
    /// Draws the chart and returns it as an SVG element.
    ///
    /// # Errors
    /// The library cannot draw the chart.
    pub fn svg(&self) -> Result<String, ReportError> {
        framed(self.id, self.title, self.description, SIZE, |root| self.draw(root))
    }

    /// Draws the axes, the bands of intervals, and the curves.
    fn draw(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), String> {
        let said = |error: &dyn std::fmt::Display| error.to_string();
        let (low, high) = self.range();
        let most = self.curves.iter().flatten().map(|(answers, _)| *answers).max().unwrap_or(1);
        let ink = rgb(INK);
        let letters = |size: u32| TextStyle::from(("sans-serif", size).into_font()).color(&ink);
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
            .bold_line_style(rgb(GRID))
            .light_line_style(TRANSPARENT)
            .axis_style(ink)
            .label_style(letters(LETTERS))
            .axis_desc_style(letters(LETTERS))
            .x_desc(self.across)
            .x_label_formatter(&|answers| format!("{answers:.0}"))
            .y_label_formatter(value)
            .draw()
            .map_err(|error| said(&error))?;
        // Draw all bands before the curves, so that no band covers a curve.
        for (place, curve) in self.curves.iter().enumerate() {
            let colour = rgb(COLOURS[look(place).0].0);
            // A band is a polygon that runs along the upper ends of the intervals and back along
            // the lower ends.
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
}

/// Lets `draw` fill an empty drawing. Returns the drawing as an SVG element with a title and a
/// description for screen readers.
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
    // The library's opening tag has a fixed size and nothing for screen readers, so another
    // replaces it.
    let inside = drawing.split_once('>').map_or("", |(_, inside)| inside);
    let (title, description) = (escape(title), escape(description));
    // On a wide page a small drawing would be enlarged until its letters are huge, so limit its
    // width.
    let widest = width * 5 / 4;
    Ok(format!(
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-title {id}-text\" \
         style=\"max-width:{widest}px\">\
         <title id=\"{id}-title\">{title}</title><desc id=\"{id}-text\">{description}</desc>{inside}"
    ))
}

impl Canvas {
    /// Draws all shapes. Returns the drawing as an SVG element; `id` must be unique in the page.
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

/// Draws one shape.
fn draw_shape(root: &DrawingArea<SVGBackend<'_>, Shift>, shape: &Shape) -> Result<(), Refused> {
    let paint = |colour: Colour, opacity: f64| match colour {
        Colour::Ink => rgb(INK).mix(opacity),
        Colour::Grid => rgb(GRID).mix(opacity),
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
            let ink = rgb(INK);
            let style = TextStyle::from(font).color(&ink).pos(Pos::new(side, VPos::Center));
            root.draw(&Text::new(text.as_str(), *at, style))
        }
    }
}

/// The drawing area of a chart with its two axes.
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The library's error.
type Refused = DrawingAreaErrorKind<std::io::Error>;

/// Draws one curve: a line through the points, and the curve's marker at each point.
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

/// Parses a colour written as `#RRGGBB`.
fn rgb(hex: &str) -> RGBColor {
    let part =
        |at: usize| hex.get(at..at + 2).and_then(|part| u8::from_str_radix(part, 16).ok()).unwrap_or(0);
    RGBColor(part(1), part(3), part(5))
}
