//! A drawing of plain shapes, for charts without numeric axes.
//!
//! Coordinates are whole drawing units from the upper left corner; the page scales them. Colours
//! are names, so that the style sheet decides how they look on light ground, on dark ground and on
//! paper.

use crate::page::plain;

/// A drawing.
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
    /// The colour of a curve by index; after the last colour they repeat.
    Curve(usize),
}

/// Which point of a text lies at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The beginning.
    Start,
    /// The middle.
    Middle,
    /// The end.
    End,
    /// The beginning; the text runs upwards.
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
        /// Its colour.
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
        /// Its colour.
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
        /// Its colour.
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
    /// An empty drawing.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds text, cut to at most `limit` characters.
    pub fn words(&mut self, at: (i32, i32), (size, anchor): (u32, Anchor), limit: usize, text: &str) {
        let text = crate::markdown::excerpt(&plain(text), limit);
        self.shapes.push(Shape::Words { at, text, size, anchor });
    }

    /// Adds a filled box.
    pub fn fill(&mut self, from: (i32, i32), to: (i32, i32), colour: Colour, opacity: f64) {
        self.shapes.push(Shape::Box { from, to, colour, opacity });
    }

    /// Adds a line.
    pub fn line(&mut self, from: (i32, i32), to: (i32, i32), colour: Colour, width: u32) {
        self.shapes.push(Shape::Line { from, to, colour, width });
    }

    /// Adds a filled circle.
    pub fn dot(&mut self, at: (i32, i32), radius: i32, colour: Colour) {
        self.shapes.push(Shape::Dot { at, radius, colour });
    }
}
