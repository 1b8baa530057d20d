//! Distributes the rows of a screen, and decides whether there are enough: an annotator must see
//! the text and the classes before choosing.
//!
//! One row of the text and all classes must fit (with a filter, the marked class) and, for an
//! expert, everybody's answers. The reason for a decision, remarks and more of the text appear if
//! there is room.

use super::{Row, classes};
use crate::label::deciding::Read;
use crate::label::desk::Desk;
use crate::label::text::wrap;

/// The smallest screen on which documents can be judged, in columns and rows.
pub(super) const SMALLEST: (usize, usize) = (20, 9);

/// Number of rows on every screen: two of the header, two rules, the notice and the keys.
const FIXED: usize = 6;

/// Number of rows for the text: the preferred number, and the minimum.
const TEXT: [usize; 2] = [3, 1];

/// Number of rows for what an expert reads, at most; a long list of answers may need more.
const BESIDE: usize = 4;

/// The distribution of a screen's rows.
pub(super) struct Layout {
    /// The lines that an expert reads.
    pub(super) beside: Vec<String>,
    /// Number of rows for the text, at least 1.
    pub(super) text: usize,
    /// The rows with the classes.
    pub(super) classes: Vec<Row>,
    /// Whether the model's prediction has its own row. Otherwise it replaces a ruled line.
    pub(super) model: bool,
}

impl Layout {
    /// Computes the layout of a screen of this size. The error is the number of rows that the
    /// screen needs.
    pub(super) fn of(desk: &Desk, columns: usize, height: usize) -> Result<Self, usize> {
        let read = desk.deciding.as_ref().and_then(|deciding| deciding.read.get(desk.at));
        // Try the annotators' full names first, even if this leaves only one row for the text.
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

    /// Distributes the free rows between the text, the model's prediction and what an expert reads.
    fn with(read: Option<&Read>, said: &[String], classes: Vec<Row>, free: usize, model_shown: bool) -> Self {
        // With a single free row, the text needs it.
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
