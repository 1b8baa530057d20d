//! Turns the label names in records into classes. A workspace accepts only its own labels; a plain
//! file without a workspace may contain any.

use std::cell::RefCell;
use std::collections::HashMap;

use querist_core::{Class, LabelSet, name_key};

use crate::error::{AnswerProblem, CrowdProblem, InputProblem};
use crate::format::documents::known;

/// The largest number of different labels in a plain file.
const MOST: usize = 10_000;

/// The labels that are accepted in answers.
#[derive(Debug, Clone, Copy)]
pub enum Labels<'a> {
    /// The workspace's labels; any other label is an error.
    Known(&'a LabelSet),
    /// There is no workspace, and every label is accepted.
    AsTheyCome(&'a SeenLabels),
}

/// Labels in the order of their first appearance. Different spellings of a name are one label,
/// which keeps its first spelling.
#[derive(Debug, Default)]
pub struct SeenLabels(RefCell<Seen>);

#[derive(Debug, Default)]
struct Seen {
    names: Vec<String>,
    /// The class of each label, by the key of its name. The map's order is random, so code must not
    /// iterate over it.
    classes: HashMap<String, Class>,
}

impl SeenLabels {
    /// Returns the name of a class. A lookup in this set must have returned the class.
    pub fn name(&self, class: Class) -> String {
        self.0.borrow().names.get(class.index()).cloned().unwrap_or_default()
    }

    /// Returns the class with this label, and adds it if it is new.
    fn class(&self, name: &str) -> Result<Class, InputProblem> {
        let mut seen = self.0.borrow_mut();
        let key = name_key(name).into_owned();
        if let Some(class) = seen.classes.get(&key) {
            return Ok(*class);
        }
        if seen.names.len() == MOST {
            let label = name.to_owned();
            return Err(CrowdProblem::TooManyLabels { label, found: MOST + 1, limit: MOST }.into());
        }
        let class = Class::from_index(seen.names.len());
        seen.names.push(name.to_owned());
        seen.classes.insert(key, class);
        Ok(class)
    }
}

impl<'a> From<&'a LabelSet> for Labels<'a> {
    fn from(labels: &'a LabelSet) -> Self {
        Self::Known(labels)
    }
}

impl Labels<'_> {
    /// Returns the class with this label.
    ///
    /// # Errors
    /// No class has the label; the error suggests the most similar label. Or a plain file contains
    /// too many different labels.
    pub(in crate::format) fn class(self, name: &str) -> Result<Class, InputProblem> {
        match self {
            Self::Known(labels) => known(labels, name),
            Self::AsTheyCome(labels) => labels.class(name),
        }
    }

    /// Whether `name` is the label of a known class.
    pub(super) fn has(self, name: &str) -> bool {
        match self {
            Self::Known(labels) => labels.class(name).is_some(),
            Self::AsTheyCome(_) => false,
        }
    }

    /// Returns the name of a class.
    pub(super) fn name(self, class: Class) -> String {
        match self {
            Self::Known(labels) => labels.name(class).to_owned(),
            Self::AsTheyCome(labels) => labels.name(class),
        }
    }

    /// Returns the class other than `wrong`, if the workspace has exactly two classes.
    pub(super) fn other_of_two(self, wrong: Class) -> Option<Class> {
        let Self::Known(labels) = self else { return None };
        let mut left = labels.classes().filter(|class| *class != wrong);
        left.next().filter(|_| left.next().is_none())
    }

    /// Checks that the label of an answer does not contradict the class that the answer rejects. In
    /// a workspace, an answer may have both only if there are two classes and the label is the
    /// other one.
    pub(super) fn check_consistent(
        self,
        label: Option<Class>,
        rejects: Option<Class>,
    ) -> Result<(), InputProblem> {
        let (Some(label), Some(wrong)) = (label, rejects) else { return Ok(()) };
        let fits = match self {
            Self::Known(_) => self.other_of_two(wrong) == Some(label),
            Self::AsTheyCome(_) => wrong != label,
        };
        if fits {
            return Ok(());
        }
        let (label, rejects) = (self.name(label), self.name(wrong));
        Err(AnswerProblem::RejectsBesideLabel { label, rejects }.into())
    }
}
