//! The catalog: every query strategy by name, with one line that says which documents it picks, and
//! the parts that strategies are built from.
//!
//! A new strategy is one file and one [`Entry`] here. The contract suite, the error for an unknown
//! name and every list for people follow from this table. `epsilon:NAME` wraps any other strategy.

mod entries;

use std::sync::Arc;

use querist_core::{Classifier, FittedClassifier, LabelSet};

use crate::candidates::Limits;
use crate::epsilon::Epsilon;
use crate::error::QueryError;
use crate::settings::BatchSettings;
use crate::strategy::QueryStrategy;
use entries::ENTRIES;

/// A strategy of the catalog, ready to use.
pub type Strategy = Box<dyn QueryStrategy>;

/// The prefix that gives another strategy a share of uniform random picks. The name of that
/// strategy follows the prefix.
const EPSILON_PREFIX: &str = "epsilon:";

/// The entry of a strategy.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The name in files and on the command line.
    pub name: &'static str,
    /// The documents that the strategy picks, in one line for people.
    pub description: &'static str,
    build: fn(&Ingredients) -> Result<Strategy, QueryError>,
}

/// The parts that strategies are built from. Each strategy takes what it needs;
/// [`Ingredients::new`] has the defaults.
#[derive(Clone)]
pub struct Ingredients {
    /// The classes of the workspace.
    pub labels: LabelSet,
    /// The number of labelled documents of each class, in label order.
    pub labeled_counts: Vec<usize>,
    /// The user's settings: measure, diversity, class quotas and the rule that fills them.
    pub batch: BatchSettings,
    /// The maximum numbers of candidates and references.
    pub limits: Limits,
    /// The classifier for strategies that train models of their own; these strategies cannot be
    /// built without it.
    pub classifier: Option<Arc<dyn Classifier>>,
    /// The model of the round, for strategies that need its predictions of labelled documents.
    /// Without it, they use the labels.
    pub model: Option<Arc<dyn FittedClassifier>>,
}

impl Ingredients {
    /// Returns the default parts for these classes: no labelled documents, no classifier, no
    /// model.
    pub fn new(labels: LabelSet) -> Self {
        Self {
            labeled_counts: vec![0; labels.len()],
            labels,
            batch: BatchSettings::default(),
            limits: Limits::default(),
            classifier: None,
            model: None,
        }
    }

    /// Returns the classifier for a strategy that trains models; `strategy` is its name in the
    /// error.
    ///
    /// # Errors
    /// The ingredients have no classifier.
    fn classifier(&self, strategy: &str) -> Result<Arc<dyn Classifier>, QueryError> {
        self.classifier.clone().ok_or_else(|| QueryError::NoClassifier { strategy: strategy.to_owned() })
    }
}

/// Returns all strategies, in the order in which lists show them.
pub fn entries() -> &'static [Entry] {
    ENTRIES
}

/// Returns the names of all strategies, in the order of [`entries`].
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.name)
}

/// Builds the strategy with this name, which may begin with `epsilon:`.
///
/// # Errors
/// [`QueryError::UnknownStrategy`], which lists all names, if no strategy has this name. Otherwise
/// an error if the strategy trains a classifier and the ingredients have none, or if a setting is
/// out of the strategy's range.
pub fn by_name(name: &str, ingredients: &Ingredients) -> Result<Strategy, QueryError> {
    if let Some(inner) = name.strip_prefix(EPSILON_PREFIX) {
        return Ok(Box::new(Epsilon::new(by_name(inner, ingredients)?, Epsilon::SHARE)?));
    }
    (entry(name)?.build)(ingredients)
}

/// Checks that a strategy has this name, which may begin with `epsilon:`.
///
/// # Errors
/// [`QueryError::UnknownStrategy`], which lists all names, if no strategy has this name.
pub fn check(name: &str) -> Result<(), QueryError> {
    match name.strip_prefix(EPSILON_PREFIX) {
        Some(inner) => check(inner),
        None => entry(name).map(|_| ()),
    }
}

/// Returns the entry with exactly this name.
fn entry(name: &str) -> Result<&'static Entry, QueryError> {
    ENTRIES.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let known = names().collect::<Vec<_>>().join(", ");
        QueryError::UnknownStrategy { name: name.to_owned(), known }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ingredients() -> Ingredients {
        Ingredients::new(LabelSet::new(["a", "b"]).unwrap())
    }

    #[test]
    fn names_are_in_kebab_case_and_each_there_once() {
        let mut seen: Vec<&str> = names().collect();
        seen.sort_unstable();
        let count = seen.len();
        seen.dedup();
        assert_eq!(seen.len(), count);
        for entry in entries() {
            assert!(entry.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", entry.name);
            assert!(!entry.description.is_empty() && !entry.description.contains('\n'), "{}", entry.name);
        }
    }

    #[test]
    fn an_unknown_name_gives_all_names() {
        let message = by_name("entrpy", &ingredients()).err().unwrap().to_string();
        assert!(message.starts_with("unknown strategy \"entrpy\": expected one of entropy, "), "{message}");
        for name in names() {
            assert!(message.contains(name), "{message}");
        }
        assert!(
            matches!(by_name("epsilon:x", &ingredients()), Err(QueryError::UnknownStrategy { name, .. }) if name == "x")
        );
    }

    #[test]
    fn epsilon_wraps_any_strategy() {
        assert_eq!(by_name("epsilon:core-set", &ingredients()).unwrap().name(), "epsilon:core-set");
        let inner = by_name("core-set", &ingredients()).unwrap();
        assert!(matches!(Epsilon::new(inner, 2.0), Err(QueryError::InvalidNumber { .. })));
        assert!(check("epsilon:core-set").is_ok() && check("epsilon:x").is_err());
    }
}
