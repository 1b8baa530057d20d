//! The catalog: every query strategy by its name, with a line on what it is for, and what each is
//! built of.
//!
//! A new strategy is one file and one [`Entry`] here; the contract suite, the error about an
//! unknown name and every list that people read follow from this table. `epsilon:NAME` wraps any
//! other one.

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

/// How the name of a strategy with a share of chance begins.
const EPSILON_PREFIX: &str = "epsilon:";

/// A strategy's line in the catalog.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Its name in files and on the command line.
    pub name: &'static str,
    /// What it asks for, in one line for people.
    pub description: &'static str,
    build: fn(&Ingredients) -> Result<Strategy, QueryError>,
}

/// What strategies are built of. Each takes what it needs; [`Ingredients::new`] has the defaults.
#[derive(Clone)]
pub struct Ingredients {
    /// The classes.
    pub labels: LabelSet,
    /// How many documents of each class are labelled (K).
    pub labeled_counts: Vec<usize>,
    /// What the user sets: measure, diversity, class quotas and who fills them.
    pub batch: BatchSettings,
    /// How much of a pool is looked at closely.
    pub limits: Limits,
    /// What strategies train that have models of their own; `None` leaves those out.
    pub classifier: Option<Arc<dyn Classifier + Send + Sync>>,
    /// The model of the round, for strategies that ask it about labelled documents; `None` does
    /// without.
    pub model: Option<Arc<dyn FittedClassifier>>,
}

impl Ingredients {
    /// The defaults, for those classes, none of them labelled.
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

    /// The classifier that a strategy trains.
    ///
    /// # Errors
    /// There is none.
    fn classifier(&self, strategy: &str) -> Result<Arc<dyn Classifier + Send + Sync>, QueryError> {
        self.classifier.clone().ok_or_else(|| QueryError::NoClassifier { strategy: strategy.to_owned() })
    }
}

/// All strategies, in the order in which people should read of them.
pub fn entries() -> &'static [Entry] {
    ENTRIES
}

/// The names of all strategies, in the order of [`entries`].
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.name)
}

/// Builds the strategy of that name.
///
/// # Errors
/// [`QueryError::UnknownStrategy`], with all names; no classifier for a strategy that trains one; a
/// number that the strategy refuses.
pub fn by_name(name: &str, ingredients: &Ingredients) -> Result<Strategy, QueryError> {
    if let Some(inner) = name.strip_prefix(EPSILON_PREFIX) {
        return Ok(Box::new(Epsilon::new(by_name(inner, ingredients)?, Epsilon::SHARE)?));
    }
    (entry(name)?.build)(ingredients)
}

/// Whether there is a strategy of that name.
///
/// # Errors
/// [`QueryError::UnknownStrategy`], with all names.
pub fn check(name: &str) -> Result<(), QueryError> {
    match name.strip_prefix(EPSILON_PREFIX) {
        Some(inner) => check(inner),
        None => entry(name).map(|_| ()),
    }
}

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
