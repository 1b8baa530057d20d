//! How the rows of a screen are shared out, and whether they are enough: nobody judges a text, or
//! chooses a class, that is not seen.
//!
//! One row of the text, every class (of classes that are typed, the marked one) and, at an expert's
//! desk, what everybody said must be there. Why a document is here, what people wrote, and more of
//! the text come where there is room.

use super::{Row, classes};
use crate::label::deciding::Read;
use crate::label::desk::Desk;
use crate::label::text::wrap;

/// The smallest screen that anything is judged on, in columns and rows.
pub(super) const SMALLEST: (usize, usize) = (20, 9);

/// The rows that every screen has: two of the header, two rules, the notice and the keys.
const FIXED: usize = 6;

/// The rows that a text has where they are enough, and those that it must have.
const TEXT: [usize; 2] = [3, 1];

/// The most rows of what lies beside a document, but for a long list of who said what.
const BESIDE: usize = 4;

/// The rows of a screen.
pub(super) struct Layout {
    /// What lies beside the document.
    pub(super) beside: Vec<String>,
    /// How many rows the text has, at least 1.
    pub(super) text: usize,
    /// The classes.
    pub(super) classes: Vec<Row>,
    /// Whether the model's view has a row of its own. Without one it replaces a ruled line.
    pub(super) model: bool,
}

impl Layout {
    /// Of a screen of that size; else how many rows would be enough.
    pub(super) fn of(desk: &Desk, columns: usize, height: usize) -> Result<Self, usize> {
        let read = desk.deciding.as_ref().and_then(|deciding| deciding.read.get(desk.at));
        // With the names as long as they fit, even where the text has but one row.
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

    /// Shares out the rows that are free for the text and what is read besides.
    fn with(read: Option<&Read>, said: &[String], classes: Vec<Row>, free: usize, model_shown: bool) -> Self {
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
