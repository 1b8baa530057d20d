//! A drawing of plain shapes, for charts without numeric axes.
//!
//! Coordinates are whole drawing units from the upper left corner; the page scales the drawing.
//! Colours are named by their role, so that the style sheet decides how they look on light screens,
//! on dark screens and on paper.

use crate::page::plain;

/// A drawing, as a list of shapes.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    /// Width, in drawing units.
    pub width: u32,
    /// Height, in drawing units.
    pub height: u32,
    /// The shapes, from the bottom layer to the top.
    pub shapes: Vec<Shape>,
}

/// A colour by its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The colour of text.
    Ink,
    /// The colour of grid lines.
    Grid,
    /// The colour of the curve with this index. After the last colour, the colours repeat.
    Curve(usize),
}

/// The point of a text that lies at the text's position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The beginning.
    Start,
    /// The middle.
    Middle,
    /// The end.
    End,
    /// The beginning, with the text running upwards.
    Upwards,
}

/// A shape, with positions as (x, y).
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A filled box.
    Box {
        /// Upper left corner.
        from: (i32, i32),
        /// Lower right corner.
        to: (i32, i32),
        /// Colour of the box.
        colour: Colour,
        /// Opacity, in [0, 1].
        opacity: f64,
    },
    /// A line.
    Line {
        /// Start point.
        from: (i32, i32),
        /// End point.
        to: (i32, i32),
        /// Colour of the line.
        colour: Colour,
        /// Width, in drawing units.
        width: u32,
    },
    /// A filled circle.
    Dot {
        /// Centre.
        at: (i32, i32),
        /// Radius, in drawing units.
        radius: i32,
        /// Colour of the circle.
        colour: Colour,
    },
    /// Text, vertically centred on its position.
    Words {
        /// Position of the anchor.
        at: (i32, i32),
        /// The text.
        text: String,
        /// Font size, in drawing units.
        size: u32,
        /// Which point of the text lies at `at`.
        anchor: Anchor,
    },
}

impl Canvas {
    /// Makes an empty drawing of this size.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds text whose anchor lies at `at`, cut to at most `limit` characters.
    pub fn words(&mut self, at: (i32, i32), (size, anchor): (u32, Anchor), limit: usize, text: &str) {
        let text = crate::markdown::excerpt(&plain(text), limit);
        self.shapes.push(Shape::Words { at, text, size, anchor });
    }

    /// Adds a filled box from the upper left to the lower right corner.
    pub fn fill(&mut self, from: (i32, i32), to: (i32, i32), colour: Colour, opacity: f64) {
        self.shapes.push(Shape::Box { from, to, colour, opacity });
    }

    /// Adds a line of the given width.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), colour: Colour, width: u32) {
        self.shapes.push(Shape::Line { from, to, colour, width });
    }

    /// Adds a filled circle around `at`.
    pub fn dot(&mut self, at: (i32, i32), radius: i32, colour: Colour) {
        self.shapes.push(Shape::Dot { at, radius, colour });
    }
}
