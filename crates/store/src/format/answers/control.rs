//! Which of a tool's controls has the class: the only one that asks for one, or the one that the
//! user names.
//!
//! Label Studio calls them controls, Argilla questions; their names are the user's. All records of
//! a file must be answers to the same one: two questions that were never asked together are two
//! questions all the same.

use std::collections::BTreeSet;

use querist_core::{Class, nearest_name};
use serde_json::value::RawValue;

use super::{Labels, class, list, object, one_class};
use crate::error::{AnswerProblem, InputProblem};

/// How many names are kept for messages.
const KEPT: usize = 50;

/// The control whose answers count, as far as a file has said.
#[derive(Debug, Clone, Default)]
pub struct Control {
    /// The one that the user named.
    pub named: Option<String>,
    /// The one that the records had so far.
    found: Option<String>,
    /// All that records have answers to.
    pub known: BTreeSet<String>,
    /// Whether a record had an answer to the named one.
    pub seen: bool,
}

impl Control {
    /// Of records whose class is in the control that the user named, or in the only one.
    pub fn new(named: Option<&str>) -> Self {
        Self { named: named.map(str::to_owned), ..Self::default() }
    }

    /// Forgets what the records of the last file had.
    pub fn next_file(&mut self) {
        self.found = None;
    }

    /// What is wrong if no record had an answer to the control that the user named, once all are
    /// read.
    pub fn unseen(&self) -> Option<AnswerProblem> {
        let Self { named: Some(control), known, seen: false, .. } = self else { return None };
        let nearest = nearest_name(control, known.iter().map(String::as_str)).map(str::to_owned);
        let (control, known) = (control.clone(), known.iter().cloned().collect());
        Some(AnswerProblem::NoSuchControl { control, nearest, known })
    }

    /// Whether the control is settled, so that a record without an answer to it has none.
    pub(super) fn is_settled(&self) -> bool {
        self.named.is_some() || self.found.is_some()
    }

    /// The one whose answers count, as far as that is known.
    pub(super) fn counts(&self) -> Option<String> {
        self.named.clone().or_else(|| self.found.clone())
    }

    /// Notes what a record has answers to.
    pub(super) fn note(&mut self, name: &str) {
        self.seen |= self.named.as_deref() == Some(name);
        if self.known.len() < KEPT {
            self.known.insert(name.to_owned());
        }
    }

    /// The one that counts, of those in a record that ask for a class; `None`: the record has no
    /// answer to it.
    ///
    /// # Errors
    /// There are several.
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

/// The class in the value of a control: a name, a list of one, or an object with `choices` or a
/// `taxonomy`. `None`: nothing is chosen.
///
/// # Errors
/// Several classes, an unknown one, or an answer that is no class.
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
