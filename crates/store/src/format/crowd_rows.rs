//! What a row of a crowd's answers comes to: the one rule for the cells of a table of text and for the fields of a record.
//!
//! Which columns hold what is said in [`super::columns`]; what a row must have, in [`super::crowd`].

use std::borrow::Cow;

use super::answers::{Findings, is_skip, read_task_answers};
use super::columns::Roles;
use super::crowd::{CrowdFile, CrowdKind, CrowdRow};
use crate::error::{AnswerProblem, InputProblem};

/// A row, of a table or of anything else.
pub(super) trait Cells {
    /// What a column is called.
    fn name(&self, at: usize) -> &str;

    /// A cell as it stands, without quotes, for what platforms say in it.
    fn raw(&self, at: usize) -> &[u8];

    /// The name of an item or an annotator, which must be there.
    fn named(&self, at: usize, expected: &'static str) -> Result<Cow<'_, str>, InputProblem>;

    /// A cell as text; `None` if it holds nothing.
    fn text(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem>;

    /// The label of a cell that holds something; `None`: a list of none.
    fn label(&self, at: usize) -> Result<Option<Cow<'_, str>>, InputProblem>;

    /// Whether the user may have a column of any name here, so that a word that marks no skip is no error.
    fn has_fields_of_the_users(&self) -> bool;
}

/// What a file has come to so far.
#[derive(Default)]
pub(super) struct Progress {
    /// The counts.
    pub(super) read: CrowdFile,
    /// The control that has the label, and what was passed over.
    pub(super) findings: Findings,
}

/// Takes a row.
pub(super) fn take(
    cells: &impl Cells,
    roles: &Roles,
    kind: CrowdKind,
    Progress { read, findings }: &mut Progress,
    take: &mut dyn FnMut(CrowdRow<'_>) -> Result<(), InputProblem>,
) -> Result<(), InputProblem> {
    let raw = |at: usize| cells.raw(at);
    if roles.telling.refuses(raw) {
        read.refused += 1;
        return Ok(());
    }
    if roles.telling.some_gold && cells.text(roles.label).is_ok_and(|text| text.is_none()) {
        return Ok(());
    }
    let item = cells.named(roles.item, "the name of an item")?;
    let annotator = roles.annotator.map(|at| cells.named(at, "the name of an annotator")).transpose()?;
    // An empty label is one that was not given.
    let label = match cells.text(roles.label)? {
        None => None,
        Some(cell) if roles.is_packed => {
            let chosen = read_task_answers(&cell, &mut findings.control)?;
            findings.passed_over.extend(chosen.passed_over);
            chosen.label.map(Cow::Owned)
        }
        Some(_) => cells.label(roles.label)?,
    };
    if let (Some(skip), Some(label)) = (roles.skip, &label) {
        let word = cells.text(skip)?.unwrap_or_default();
        let marked = is_skip(&word);
        if if cells.has_fields_of_the_users() { matches!(marked, Ok(true)) } else { marked? } {
            return Err(AnswerProblem::SkipWithLabel { label: label.clone().into_owned() }.into());
        }
    }
    if label.is_none() && kind == CrowdKind::Gold {
        if roles.telling.some_gold {
            return Ok(());
        }
        let field = cells.name(roles.label).to_owned();
        return Err(InputProblem::EmptyField { field, expected: "a label" });
    }
    read.golden += u64::from(label.is_some() && roles.telling.is_golden(raw));
    let annotator = annotator.unwrap_or_default();
    take(CrowdRow { item: item.trim(), annotator: annotator.trim(), label: label.as_deref().map(str::trim) })
}
