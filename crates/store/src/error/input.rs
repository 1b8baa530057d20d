//! A fault in a file that a user brings: which file, where in it, and what is wrong.

use std::borrow::Cow;
use std::fmt;

use querist_core::visible::visible;

use super::problem::InputProblem;
use crate::os_name::readable;

/// A row or a file that cannot be taken in.
#[derive(Debug)]
pub struct InputError {
    /// The file as the user named it; `-` is standard input. A file in a folder or an archive stands behind a slash.
    pub file: String,
    /// Where in it; `None` when the whole file is meant.
    pub place: Option<Place>,
    /// What is wrong with it.
    pub problem: InputProblem,
}

impl InputError {
    /// What is wrong with a file as a whole.
    pub fn of_file(file: &str, problem: InputProblem) -> Self {
        Self { file: file.to_owned(), place: None, problem }
    }

    /// What is wrong at a place of a file.
    pub fn at(file: &str, place: Place, problem: InputProblem) -> Self {
        Self { file: file.to_owned(), place: Some(place), problem }
    }
}

/// A place in a file, as its format counts; all from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line of text: where the record begins, if it has several.
    Line(u64),
    /// An element of a JSON array.
    Item(u64),
    /// A row of a table without lines, or a file of a folder.
    Row(u64),
}

impl Place {
    /// The number alone.
    pub fn number(self) -> u64 {
        match self {
            Self::Line(number) | Self::Item(number) | Self::Row(number) => number,
        }
    }

    /// What is counted.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Line(_) => "line",
            Self::Item(_) => "item",
            Self::Row(_) => "row",
        }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = shown(&self.file);
        match self.place {
            Some(Place::Line(line)) => write!(out, "{file}:{line}: {}", self.problem),
            Some(place) => write!(out, "{file}: {} {}: {}", place.unit(), place.number(), self.problem),
            None => write!(out, "{file}: {}", self.problem),
        }
    }
}

impl std::error::Error for InputError {}

/// A file as messages name it: on one line.
pub(crate) fn shown(file: &str) -> Cow<'_, str> {
    if file == "-" {
        return "<stdin>".into();
    }
    match readable(file) {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) => visible(&text).into_owned().into(),
    }
}
