//! Reads the answer or the true label in a row, after the columns of the row are known ([`Roles`]).
//! Both `quality` and `ingest` use this code, for rows of tables and for records with fields.

use std::borrow::Cow;

use super::super::answers::{Findings, Remarks, is_skip};
use super::super::cells::Cells;
use super::label::Labelled;
use super::{Purpose, Roles};
use crate::error::{AnswerProblem, InputProblem};

/// The answer or the true label in one row.
#[derive(Debug)]
pub(in crate::format) struct Given<'a> {
    /// The item; `None` if its cell is blank, which is allowed only for answers to documents.
    pub(in crate::format) item: Option<Cow<'a, str>>,
    /// The annotator; `None` in a file of true labels, or if the cell is blank, which is allowed
    /// only for answers to documents.
    pub(in crate::format) annotator: Option<Cow<'a, str>>,
    /// The label; `None` for a skip, or if nothing was chosen.
    pub(in crate::format) label: Option<Cow<'a, str>>,
    /// The remarks that the annotator wrote in the cell of the label.
    pub(in crate::format) remarks: Remarks,
    /// Whether the item is a test question of the platform.
    pub(in crate::format) is_golden: bool,
}

/// What a row contains.
#[derive(Debug)]
pub(in crate::format) enum Outcome<'a> {
    /// An answer, a true label or a skip.
    Given(Given<'a>),
    /// An answer that does not count, because the platform marks it as rejected or tainted.
    Refused,
    /// An item without a true label.
    NoTruth,
}

impl Roles {
    /// Reads the answer or the true label in a row. Adds the names of questions that are not read
    /// to `findings`.
    ///
    /// # Errors
    /// A required cell is blank, a cell has an invalid value, or the row has a label and is marked
    /// as a skip.
    pub(in crate::format) fn read<'a>(
        &'a self,
        cells: &'a impl Cells,
        findings: &mut Findings,
    ) -> Result<Outcome<'a>, InputProblem> {
        let raw = |at: usize| cells.raw(at);
        if self.telling.refuses(raw) {
            return Ok(Outcome::Refused);
        }
        let is_blank = |at: usize| cells.text(at).is_ok_and(|text| text.is_none());
        if self.telling.some_gold && self.label.column().is_some_and(is_blank) {
            return Ok(Outcome::NoTruth);
        }
        let name = |at: usize, expected| {
            if self.purpose == Purpose::Documents && is_blank(at) {
                return Ok(None);
            }
            cells.named(at, expected).map(Some)
        };
        let item =
            if self.is_text { cells.text(self.item)? } else { name(self.item, "the name of an item")? };
        let annotator = self.annotator.map_or(Ok(None), |at| name(at, "the name of an annotator"))?;
        let Labelled { label, remarks, passed_over } = self.label.read(cells, &mut findings.control)?;
        findings.passed_over.extend(passed_over);
        if let (Some(skip), Some(label)) = (self.skip, &label) {
            let word = cells.text(skip)?.unwrap_or_default();
            let marked = is_skip(&word);
            if if cells.has_fields_of_the_users() { matches!(marked, Ok(true)) } else { marked? } {
                return Err(AnswerProblem::SkipWithLabel { label: label.clone().into_owned() }.into());
            }
        }
        if label.is_none() && self.purpose == Purpose::Gold {
            if self.telling.some_gold {
                return Ok(Outcome::NoTruth);
            }
            let field = self.label.column().map_or("label", |at| cells.name(at)).to_owned();
            return Err(InputProblem::EmptyField { field, expected: "a label" });
        }
        let is_golden = label.is_some() && self.telling.is_golden(raw);
        Ok(Outcome::Given(Given { item, annotator, label, remarks, is_golden }))
    }
}
