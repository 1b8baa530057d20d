//! A drawing that consists of plain shapes, for charts without numeric axes.
//!
//! Coordinates are whole drawing units from the upper left corner. The page scales the drawing. A
//! colour is named after its purpose, so that the style sheet decides how it looks on light
//! screens, on dark screens and on paper.

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

/// A colour, named after its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The colour of text.
    Ink,
    /// The colour of grid lines.
    Grid,
    /// The colour of the curve with this index. There are fewer colours than curves, so they
    /// repeat.
    Curve(usize),
}

/// Which point of a text lies at the position given for the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The beginning of the text.
    Start,
    /// The middle of the text.
    Middle,
    /// The end of the text.
    End,
    /// The beginning of the text, which runs upwards.
    Upwards,
}

/// A shape. Positions are (x, y), in drawing units.
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
    /// A text; its middle line runs through its position.
    Words {
        /// The position of the text.
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

    /// Adds a text at the position `at`. The text is cut after `limit` characters.
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
