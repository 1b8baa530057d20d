//! A drawing of plain shapes, for the charts that have no axes of numbers.
//!
//! Coordinates are whole units of the drawing, from its upper left corner; the page scales it.
//! Colours are names, so that the style sheet decides what they look like on light ground, on dark
//! ground and on paper.

use crate::page::plain;

/// A drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    /// Units across.
    pub width: u32,
    /// Units down.
    pub height: u32,
    /// What is drawn, the lowest first.
    pub shapes: Vec<Shape>,
}

/// A colour by its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// That of text.
    Ink,
    /// That of grid lines.
    Grid,
    /// One of the curves' colours; beyond the last they begin again.
    Curve(usize),
}

/// Where text is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
    /// At its beginning, and it runs upwards.
    Upwards,
}

/// One shape.
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
        /// In [0, 1].
        opacity: f64,
    },
    /// A line.
    Line {
        /// One end.
        from: (i32, i32),
        /// The other.
        to: (i32, i32),
        /// Its colour.
        colour: Colour,
        /// Its width.
        width: u32,
    },
    /// A filled circle.
    Dot {
        /// Its middle.
        at: (i32, i32),
        /// Its radius.
        radius: i32,
        /// Its colour.
        colour: Colour,
    },
    /// Text, vertically in the middle.
    Words {
        /// Where it is held.
        at: (i32, i32),
        /// The text.
        text: String,
        /// The size of its letters.
        size: u32,
        /// What of it is held there.
        anchor: Anchor,
    },
}

impl Canvas {
    /// An empty drawing.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds text, cut to so many characters.
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
