//! The error of a setting that makes no sense: its key, and why. The reader of the settings adds the place where it was set.

use std::fmt::Display;

use thiserror::Error;

use crate::label::{Class, LabelSet};

/// The error of a check of settings.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {problem}", path.first().map_or("settings", String::as_str))]
pub struct SettingError {
    /// The key, and what inside its value is wrong: the key of a table, or the place in a list, from 0.
    pub path: Vec<String>,
    /// What is wrong, as a fragment that fits behind the key.
    pub problem: String,
}

impl SettingError {
    /// The error of a key.
    pub fn new(key: &str, problem: impl Display) -> Self {
        Self { path: vec![key.to_owned()], problem: problem.to_string() }
    }

    /// The error of a part of the key's value.
    #[must_use]
    pub fn inside(mut self, part: impl Display) -> Self {
        self.path.push(part.to_string());
        self
    }
}

/// The class that a setting names.
///
/// # Errors
/// No label has that name; the error has the nearest, and all.
pub fn class_named(name: &str, labels: &LabelSet) -> Result<Class, String> {
    labels.class(name).ok_or_else(|| {
        let nearest = labels.nearest(name);
        let nearest = nearest.map(|near| format!(" (did you mean \"{near}\"?)")).unwrap_or_default();
        let known = labels.names().join(", ");
        format!("unknown label \"{name}\"{nearest}; expected labels out of: {known}")
    })
}

/// Numbers by class, each class once: two spellings of a name are one class.
///
/// # Errors
/// A name that no label has, or two names of one class.
pub fn by_class<'a>(
    numbers: impl IntoIterator<Item = (&'a String, &'a f64)>,
    labels: &LabelSet,
) -> Result<Vec<(Class, f64)>, String> {
    let mut by_class: Vec<(Class, f64)> = Vec::new();
    for (name, number) in numbers {
        let class = class_named(name, labels)?;
        if by_class.iter().any(|(known, _)| *known == class) {
            return Err(format!("\"{}\" is given twice", labels.name(class)));
        }
        by_class.push((class, *number));
    }
    Ok(by_class)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn numbers_by_class_know_their_labels() {
        let labels = LabelSet::new(["fraud", "other"]).unwrap();
        let of = |names: &[&str]| {
            let numbers: BTreeMap<String, f64> = names.iter().map(|name| ((*name).to_owned(), 1.0)).collect();
            by_class(&numbers, &labels)
        };
        assert_eq!(of(&["other"]).unwrap(), [(Class(1), 1.0)]);
        assert!(of(&["frued"]).unwrap_err().starts_with("unknown label \"frued\" (did you mean \"fraud\"?)"));
        assert_eq!(of(&["fraud", " fraud"]).unwrap_err(), "\"fraud\" is given twice");
        let error = SettingError::new("rules", "no").inside(2);
        assert_eq!((error.to_string().as_str(), error.path.len()), ("rules: no", 2));
    }
}
