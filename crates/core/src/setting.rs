//! The error for a setting with a wrong value, which names the key and the reason. The code that
//! reads the settings adds where the value was set (file, variable or flag).

use std::fmt::{self, Display};

use thiserror::Error;

use crate::label::{Class, LabelSet};
use crate::visible::visible;

/// The error that a check of settings returns.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", path.first().map_or("settings", String::as_str))]
pub struct SettingError {
    /// The key. If only a part of the key's value is wrong, the part follows: a key of the table,
    /// or an index of the list, from 0.
    pub path: Vec<String>,
    /// What is wrong, as a fragment that fits after the key.
    pub problem: String,
    /// The unknown label, if the value names a label that no class has.
    pub unknown_label: Option<Box<UnknownLabel>>,
}

/// What is wrong with the classes that a setting names.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LabelProblem {
    /// No class has that name.
    #[error("{0}")]
    Unknown(Box<UnknownLabel>),
    /// A class is named twice.
    #[error("\"{0}\" is given twice")]
    Twice(String),
}

/// A name that no class has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLabel {
    /// The unknown name.
    pub name: String,
    /// The name of the most similar class, if one is similar.
    pub nearest: Option<String>,
    /// The names of all classes.
    pub known: Vec<String>,
    /// What happened to the class that once had the name, if there was one.
    pub became: Option<Became>,
}

/// What happened to the class that once had an unknown name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// The class has this name now.
    Renamed(String),
    /// The class was removed, and this was its last name.
    TakenOut(String),
}

impl UnknownLabel {
    /// Looks up in `labels` what happened to the class that once had this name, and stores it in
    /// `became`. Returns whether a class once had this name.
    pub fn look_up(&mut self, labels: &LabelSet) -> bool {
        let renamed = labels.class(&self.name).map(|class| Became::Renamed(labels.name(class).to_owned()));
        let taken_out = || labels.taken_out_as(&self.name).map(|last| Became::TakenOut(last.to_owned()));
        self.became = renamed.or_else(taken_out);
        self.became.is_some()
    }
}

impl Display for UnknownLabel {
    /// Names the unknown label, says what became of it or which label is similar, and lists all
    /// labels.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "unknown label \"{}\"", self.name)?;
        // A rename or removal explains more than a similar name.
        match (&self.became, &self.nearest) {
            (Some(Became::Renamed(now)), _) => write!(out, " (it is now called \"{}\")", visible(now))?,
            (Some(Became::TakenOut(last)), _) => {
                let last = visible(last);
                write!(out, " (the class was removed; adding the class \"{last}\" brings it back)")?;
            }
            (None, Some(nearest)) => write!(out, " (did you mean \"{nearest}\"?)")?,
            (None, None) => {}
        }
        write!(out, "; expected labels among: {}", self.known.join(", "))
    }
}

impl SettingError {
    /// Returns the error that the value of `key` is wrong.
    pub fn new(key: &str, problem: impl Display) -> Self {
        Self { path: vec![key.to_owned()], problem: problem.to_string(), unknown_label: None }
    }

    /// Returns the error that the value of `key` names wrong classes.
    pub fn of_labels(key: &str, problem: LabelProblem) -> Self {
        let error = Self::new(key, &problem);
        match problem {
            LabelProblem::Unknown(unknown) => Self { unknown_label: Some(unknown), ..error },
            LabelProblem::Twice(_) => error,
        }
    }

    /// Returns the same error with `part` appended to its path, to say which part of the value is
    /// wrong.
    #[must_use]
    pub fn inside(mut self, part: impl Display) -> Self {
        self.path.push(part.to_string());
        self
    }
}

/// Returns the class that a setting names.
///
/// # Errors
/// No class has this name; the error contains the most similar label and all labels.
pub fn class_named(name: &str, labels: &LabelSet) -> Result<Class, LabelProblem> {
    labels.class(name).ok_or_else(|| {
        let nearest = labels.nearest(name).map(str::to_owned);
        let (name, known) = (name.to_owned(), labels.names().to_vec());
        LabelProblem::Unknown(Box::new(UnknownLabel { name, nearest, known, became: None }))
    })
}

/// Replaces the names in (name, number) pairs by the classes that they stand for, and returns the
/// pairs in the same order. Two spellings of a name are the same class, which may occur only once.
///
/// # Errors
/// No class has one of the names, or two names stand for the same class.
pub fn by_class<'a>(
    numbers: impl IntoIterator<Item = (&'a String, &'a f64)>,
    labels: &LabelSet,
) -> Result<Vec<(Class, f64)>, LabelProblem> {
    let mut by_class: Vec<(Class, f64)> = Vec::new();
    for (name, number) in numbers {
        let class = class_named(name, labels)?;
        if by_class.iter().any(|(known, _)| *known == class) {
            return Err(LabelProblem::Twice(labels.name(class).to_owned()));
        }
        by_class.push((class, *number));
    }
    Ok(by_class)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::label::Former;

    #[test]
    fn numbers_by_class_know_their_labels() {
        let labels = LabelSet::new(["fraud", "other"]).unwrap();
        let of = |names: &[&str]| {
            let numbers: BTreeMap<String, f64> = names.iter().map(|name| ((*name).to_owned(), 1.0)).collect();
            by_class(&numbers, &labels)
        };
        assert_eq!(of(&["other"]).unwrap(), [(Class(1), 1.0)]);
        assert!(
            of(&["frued"])
                .unwrap_err()
                .to_string()
                .starts_with("unknown label \"frued\" (did you mean \"fraud\"?)")
        );
        assert_eq!(of(&["fraud", " fraud"]).unwrap_err().to_string(), "\"fraud\" is given twice");
        let LabelProblem::Unknown(mut unknown) = of(&["scam"]).unwrap_err() else { panic!("it is unknown") };
        assert!(!unknown.look_up(&labels));
        let former =
            labels.clone().with_former([("scam", Former::Name("fraud")), ("spam", Former::TakenOut("junk"))]);
        assert!(unknown.look_up(&former));
        assert!(unknown.to_string().starts_with("unknown label \"scam\" (it is now called \"fraud\"); "));
        unknown.name = "spam".to_owned();
        assert!(unknown.look_up(&former) && unknown.to_string().contains("adding the class \"junk\" brings"));
        let error = SettingError::new("rules", "no").inside(2);
        assert_eq!((error.to_string().as_str(), error.path.len()), ("rules: no", 2));
    }
}
