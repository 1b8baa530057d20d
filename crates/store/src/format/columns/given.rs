//! Reads what a row says in its columns: the same rule for `quality` and `ingest`, and for cells of
//! a table and fields of a record.

use std::borrow::Cow;

use super::super::answers::{Findings, Remarks, is_skip};
use super::super::cells::Cells;
use super::label::Labelled;
use super::{Purpose, Roles};
use crate::error::{AnswerProblem, InputProblem};

/// What a row says.
#[derive(Debug)]
pub(in crate::format) struct Given<'a> {
    /// The item; `None` if its cell is blank, which is allowed only for answers about documents.
    pub(in crate::format) item: Option<Cow<'a, str>>,
    /// The annotator; `None` in a file of true labels, or if the cell is blank, as for items.
    pub(in crate::format) annotator: Option<Cow<'a, str>>,
    /// The label; `None` if none was given.
    pub(in crate::format) label: Option<Cow<'a, str>>,
    /// What was written beside the label.
    pub(in crate::format) remarks: Remarks,
    /// Whether the item is a test question of the platform.
    pub(in crate::format) is_golden: bool,
}

/// What happens to a row.
#[derive(Debug)]
pub(in crate::format) enum Outcome<'a> {
    /// The row has an answer, a true label or a skip.
    Given(Given<'a>),
    /// The platform calls the row's assignment rejected or tainted.
    Refused,
    /// The row's item has no true label.
    NoTruth,
}

impl Roles {
    /// Reads a row. Controls that are not read are recorded in `findings`.
    ///
    /// # Errors
    /// A cell is blank or has a value that it must not have, or a skip has a label.
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
