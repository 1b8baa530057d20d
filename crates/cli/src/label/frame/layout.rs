//! Divides the rows of a screen among its parts, and decides whether there are enough.
//!
//! Before they choose, annotators must see at least one row of the text, and all classes (in a
//! filter, the marked class). An expert must also see all answers. If there are more rows, they
//! show the reason for a decision, remarks and more of the text.

use super::{Row, classes};
use crate::label::deciding::Read;
use crate::label::desk::Desk;
use crate::label::text::wrap;

/// On a smaller screen, in columns and rows, nobody can judge a document.
pub(super) const SMALLEST: (usize, usize) = (20, 9);

/// Rows that every screen has: two header rows, two lines, the notice and the keys.
const FIXED: usize = 6;

/// Number of rows for the text: the number to aim at, and the smallest number.
const TEXT: [usize; 2] = [3, 1];

/// What an expert reads gets at most this many rows, or more if the list of answers is longer.
const BESIDE: usize = 4;

/// How the rows of a screen are divided among its parts.
pub(super) struct Layout {
    /// What an expert reads besides the document, line by line.
    pub(super) beside: Vec<String>,
    /// Number of rows for the text, at least 1.
    pub(super) text: usize,
    /// The rows with the classes.
    pub(super) classes: Vec<Row>,
    /// Whether the model's prediction has a row of its own. If not, it replaces a horizontal line.
    pub(super) model: bool,
}

impl Layout {
    /// Divides the rows of a screen of this size. If they are too few, the error is the number of
    /// rows that the screen needs.
    pub(super) fn of(desk: &Desk, columns: usize, height: usize) -> Result<Self, usize> {
        let read = desk.deciding.as_ref().and_then(|deciding| deciding.read.get(desk.at));
        // Full names of annotators come first, even if they leave only one row for the text.
        let said: Vec<Vec<String>> = match read {
            Some(read) => [&read.said, &read.counts].map(|line| wrap(line, columns)).into(),
            None => vec![Vec::new()],
        };
        let fewest = said.iter().map(Vec::len).min().unwrap_or_default();
        let needed = (FIXED + TEXT[1] + fewest + classes::fewest(desk, columns)).max(SMALLEST.1);
        if columns < SMALLEST.0 || height < needed {
            return Err(needed);
        }
        for said in said {
            for text in TEXT {
                let most = height.saturating_sub(FIXED + text + said.len());
                if let Some(classes) = classes::rows(desk, columns, most) {
                    let free = height - FIXED - said.len() - classes.len();
                    return Ok(Self::with(read, &said, classes, free, desk.model_shown));
                }
            }
        }
        Err(needed)
    }

    /// Divides the `free` rows among the text, the model's prediction and what an expert reads.
    fn with(read: Option<&Read>, said: &[String], classes: Vec<Row>, free: usize, model_shown: bool) -> Self {
        // If only one row is free, the text gets it.
        let model = model_shown && free > 1;
        let free = free - usize::from(model);
        let most = BESIDE.saturating_sub(said.len()).max(1).min(free.saturating_sub(TEXT[0]));
        let mut beside: Vec<String> = read.iter().filter(|_| most > 0).map(|read| read.why.clone()).collect();
        let remarks = read.iter().flat_map(|read| &read.remarks).take(most.saturating_sub(1));
        let remarks: Vec<String> = remarks.cloned().collect();
        beside.extend(said.iter().cloned());
        let text = free - (beside.len() - said.len()) - remarks.len();
        beside.extend(remarks);
        Self { beside, text, classes, model }
    }
}
