//! Decides which question of an annotation tool has the labels as its answers. Label Studio calls
//! its questions controls, and so does this code.
//!
//! If a project asks only one question whose answer is a class, that question counts. If records of
//! one file answer different such questions, the user must name one, even if no record answers
//! several.

use std::collections::BTreeSet;

use querist_core::{Class, nearest_name};
use serde_json::value::RawValue;

use super::{Labels, class, list, object, one_class};
use crate::error::{AnswerProblem, InputProblem};

/// The largest number of names of controls that are kept for messages.
const KEPT: usize = 50;

/// The choice of the control whose answers are the labels, which the records may still have to
/// show.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// The control that the user named, if any.
    pub named: Option<String>,
    /// The control that the records of the current file have answered so far.
    found: Option<String>,
    /// The names of the controls that records answered; at most 50.
    pub known: BTreeSet<String>,
    /// Whether any record answered the control that the user named.
    pub seen: bool,
}

impl Control {
    /// Returns the choice of the control that the user named. If `named` is `None`, it is the only
    /// control that asks for a class.
    pub fn new(named: Option<&str>) -> Self {
        Self { named: named.map(str::to_owned), ..Self::default() }
    }

    /// Starts another file, whose records may answer another control.
    pub fn next_file(&mut self) {
        self.found = None;
    }

    /// Returns an error if the user named a control that no record answered. Call this after all
    /// records have been read.
    pub fn unseen(&self) -> Option<AnswerProblem> {
        let Self { named: Some(control), known, seen: false, .. } = self else { return None };
        let nearest = nearest_name(control, known.iter().map(String::as_str)).map(str::to_owned);
        let (control, known) = (control.clone(), known.iter().cloned().collect());
        Some(AnswerProblem::NoSuchControl { control, nearest, known })
    }

    /// Whether the control is known. If it is, a record that does not answer this control has no
    /// answer.
    pub(super) fn is_settled(&self) -> bool {
        self.named.is_some() || self.found.is_some()
    }

    /// Returns the control whose answers are the labels, if it is known.
    pub(super) fn counts(&self) -> Option<String> {
        self.named.clone().or_else(|| self.found.clone())
    }

    /// Records that a record answered the control `name`.
    pub(super) fn note(&mut self, name: &str) {
        self.seen |= self.named.as_deref() == Some(name);
        if self.known.len() < KEPT {
            self.known.insert(name.to_owned());
        }
    }

    /// Returns the control whose answer is the record's label. Returns `None` if the record does
    /// not answer this control. `classes` are the controls in the record that ask for a class.
    ///
    /// # Errors
    /// Several controls ask for a class, and the user named none.
    pub(super) fn choose(&mut self, classes: &BTreeSet<String>) -> Result<Option<String>, InputProblem> {
        for name in classes {
            self.note(name);
        }
        if let Some(named) = &self.named {
            return Ok(classes.get(named).cloned());
        }
        let mut all = classes.clone();
        all.extend(self.found.clone());
        if all.len() > 1 {
            return Err(AnswerProblem::SeveralControls { names: all.into_iter().collect() }.into());
        }
        self.found = all.into_iter().next();
        Ok(classes.first().cloned())
    }
}

/// Returns the class in the answer to a control; `None` if nothing is chosen. `value` is a name, a
/// list with one name, or an object with `choices` or a `taxonomy`.
///
/// # Errors
/// The value has several classes, an unknown class, or something that is no class.
pub(super) fn class_in(
    labels: Labels<'_>,
    control: &str,
    value: &RawValue,
) -> Result<Option<Class>, InputProblem> {
    let other = |kind: &str| {
        let (control, kind) = (control.to_owned(), kind.to_owned());
        Err(InputProblem::from(AnswerProblem::NotAClass { control, kind }))
    };
    match value.get().as_bytes().first() {
        Some(b'{') => {
            let mut fields = object(control, value)?;
            for field in ["choices", "taxonomy"] {
                if let Some(inner) = fields.take(field)? {
                    return class_in(labels, control, inner);
                }
            }
            let names: Vec<&str> = fields.names().collect();
            other(&format!("an object with {}", names.join(", ")))
        }
        Some(b'[') => {
            let values = list(control, value)?;
            match values[..] {
                [only] if only.get().starts_with('[') => {
                    let path = list(control, only)?;
                    if path.len() > 1 {
                        return other("a path of a taxonomy with several levels");
                    }
                    one_class(labels, control, only)
                }
                [first, ..] if first.get().starts_with('{') => other("a list of marks, such as spans"),
                [first, ..] if first.get().starts_with('[') => {
                    Err(InputProblem::SeveralLabels { found: values.len() })
                }
                _ => one_class(labels, control, value),
            }
        }
        _ => class(labels, control, value).map(Some),
    }
}
