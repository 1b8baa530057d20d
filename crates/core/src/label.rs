//! Labels: the names of the classes and their numbering.
//!
//! A [`LabelSet`] keeps the user's order, which is also the order of every row of probabilities,
//! every table and every tie between classes. A [`Class`] is an index into one label set and means
//! nothing without it. Names are compared by [`name_key`]: white space at the ends and the spelling
//! of accents make no difference.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::CoreError;
use crate::name::{name_key, nearest_name};

/// A class, as its index into the workspace's [`LabelSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Class(pub u16);

impl Class {
    /// Returns the class as an index into rows of probabilities and tables of counts.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Returns the class with this index. `index` must be below the size of a label set, which
    /// always fits a `u16`.
    pub fn from_index(index: usize) -> Self {
        Self(u16::try_from(index).unwrap_or(u16::MAX))
    }
}

/// What happened to a class that once had a certain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Former<'a> {
    /// The class has this name now.
    Name(&'a str),
    /// The class was removed, and this was its last name.
    TakenOut(&'a str),
}

/// The classes of a workspace, in the user's order: at least two, all different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSet {
    names: Vec<String>,
    /// The class of each name, by [`name_key`] of the name.
    by_name: BTreeMap<String, Class>,
    /// For each former name, by [`name_key`]: the class that once had the name, or the last name of
    /// that class if the class was removed.
    former: BTreeMap<String, Result<Class, String>>,
}

impl LabelSet {
    /// Builds a label set from the names in this order, without white space at their ends.
    ///
    /// # Errors
    /// There are fewer than two labels or more than 65,535, a label is repeated (in any spelling),
    /// or a label is empty or contains a control character.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Result<Self, CoreError> {
        let names: Vec<String> = names.into_iter().map(|name| trimmed(name.into())).collect();
        let limit = usize::from(u16::MAX);
        if names.len() > limit {
            return Err(CoreError::TooManyLabels { found: names.len(), limit });
        }
        let mut by_name = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            if let Some(problem) = malformed(name) {
                return Err(CoreError::MalformedLabel { label: name.clone(), problem });
            }
            let before = by_name.insert(name_key(name).into_owned(), Class::from_index(index));
            if let Some(before) = before {
                let (first, label) = (names[before.index()].clone(), name.clone());
                return Err(CoreError::DuplicateLabel { first, label });
            }
        }
        if names.len() < 2 {
            return Err(CoreError::TooFewLabels { found: names.len() });
        }
        Ok(Self { names, by_name, former: BTreeMap::new() })
    }

    /// Returns the same set, in which classes can also be found by their former names. `former`
    /// lists each former name with what happened to its class:
    ///
    /// - A former name of a removed class is kept, with the last name of that class. If the set
    ///   again has a class with this former name, the name means the class in the set.
    /// - Any other former name is ignored if its class is not in this set, or if another class now
    ///   has the name.
    #[must_use]
    pub fn with_former<'a>(mut self, former: impl IntoIterator<Item = (&'a str, Former<'a>)>) -> Self {
        for (old, now) in former {
            let key = name_key(old);
            let own = self.by_name.get(key.as_ref()).copied();
            let now = match now {
                Former::Name(now) => self.by_name.get(name_key(now).as_ref()).map(|class| Ok(*class)),
                Former::TakenOut(last) => Some(own.ok_or_else(|| last.to_owned())),
            };
            if let Some(now) = now.filter(|now| own.is_none_or(|own| *now == Ok(own))) {
                self.former.insert(key.into_owned(), now);
            }
        }
        self
    }

    /// Returns whether `name` is a former name, or the name of a class that once had another name
    /// or that was removed and added again.
    pub fn has_former(&self, name: &str) -> bool {
        let key = name_key(name);
        let own = self.by_name.get(key.as_ref());
        self.former.contains_key(key.as_ref())
            || own.is_some_and(|own| self.former.values().any(|class| *class == Ok(*own)))
    }

    /// Returns whether a class with this name was removed.
    pub fn was_taken_out(&self, name: &str) -> bool {
        self.taken_out_as(name).is_some()
    }

    /// Returns the last name of the class that once had this name, if the class was removed.
    pub fn taken_out_as(&self, name: &str) -> Option<&str> {
        match self.former.get(name_key(name).as_ref()) {
            Some(Err(last)) => Some(last),
            _ => None,
        }
    }

    /// Returns the number of classes, which is K in all formulas.
    #[expect(clippy::len_without_is_empty, reason = "a label set is never empty")]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns the names of the classes, in label order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the name of a class of this set.
    ///
    /// # Panics
    /// The class belongs to another, larger set, which is a bug of the caller.
    pub fn name(&self, class: Class) -> &str {
        &self.names[class.index()]
    }

    /// Returns the class with this name or former name, compared by [`name_key`].
    pub fn class(&self, name: &str) -> Option<Class> {
        let key = name_key(name);
        let former = || self.former.get(key.as_ref()).and_then(|class| class.as_ref().ok().copied());
        self.by_name.get(key.as_ref()).copied().or_else(former)
    }

    /// Iterates over all classes, in label order.
    pub fn classes(&self) -> impl Iterator<Item = Class> + '_ {
        (0..self.names.len()).map(Class::from_index)
    }

    /// Returns the label most similar to `name` (ignoring case, by Jaro-Winkler similarity), for a
    /// "did you mean" hint; `None` if none is similar.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest_name(name, self.names.iter().map(String::as_str))
    }
}

/// Returns the name without white space at its ends.
fn trimmed(name: String) -> String {
    if name.trim().len() == name.len() { name } else { name.trim().to_owned() }
}

/// Returns the problem with a name, as the end of a sentence; `None` if the name may be a label.
fn malformed(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("is empty")
    } else if name.chars().any(char::is_control) {
        Some("has a control character")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_users_order_and_finds_by_name() {
        let labels = LabelSet::new(["spam", "ham", "eggs"]).unwrap();
        assert_eq!(labels.len(), 3);
        assert_eq!(labels.class("ham"), Some(Class(1)));
        assert_eq!(labels.class("Ham"), None);
        assert_eq!(labels.name(Class(2)), "eggs");
        assert_eq!(labels.classes().map(Class::index).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn a_class_goes_by_the_names_that_it_had() {
        let labels = LabelSet::new(["spam", "ham"]).unwrap();
        let labels = labels.with_former([
            ("junk", Former::Name("spam")),
            ("eggs", Former::TakenOut("eggs")),
            ("ham", Former::Name("spam")),
            ("x", Former::Name("y")),
        ]);
        assert_eq!([labels.class("junk"), labels.class("ham")], [Some(Class(0)), Some(Class(1))]);
        assert_eq!([labels.class("eggs"), labels.class("x")], [None, None]);
        assert!(labels.was_taken_out("eggs") && !labels.was_taken_out("x") && !labels.was_taken_out("junk"));
        assert_eq!((labels.len(), labels.names()), (2, &["spam".to_owned(), "ham".to_owned()][..]));
        assert!(labels.has_former("spam") && !labels.has_former("ham"));
    }

    #[test]
    fn a_class_that_has_come_back_is_there_and_known_for_it() {
        for now in [Former::Name("ham"), Former::TakenOut("ham")] {
            let labels = LabelSet::new(["spam", "ham"]).unwrap().with_former([("ham", now)]);
            assert_eq!(labels.class("ham"), Some(Class(1)), "{now:?}");
            assert!(labels.has_former("ham") && !labels.has_former("spam"), "{now:?}");
            assert!(!labels.was_taken_out("ham"), "{now:?}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_told_apart() {
        assert_eq!(LabelSet::new(["a"]), Err(CoreError::TooFewLabels { found: 1 }));
        assert_eq!(
            LabelSet::new(["a", "a"]),
            Err(CoreError::DuplicateLabel { first: "a".into(), label: "a".into() })
        );
        let twice = LabelSet::new(["caf\u{e9}", "cafe\u{301}"]);
        let message = twice.map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("(4 and 5 characters); keep one of them"), "{message}");
        for bad in ["", " ", "a\nb"] {
            assert!(matches!(LabelSet::new([bad, "x"]), Err(CoreError::MalformedLabel { .. })), "{bad:?}");
        }
    }

    #[test]
    fn a_label_is_known_in_every_spelling_and_shown_in_the_user_s() {
        let labels = LabelSet::new([" cafe\u{301} ", "tea\t"]).unwrap();
        assert_eq!(labels.names(), ["cafe\u{301}", "tea"]);
        for spelling in ["cafe\u{301}", "caf\u{e9}", "\u{a0}caf\u{e9} "] {
            assert_eq!(labels.class(spelling), Some(Class(0)), "{spelling:?}");
        }
        assert_eq!(labels.class("cafe"), None);
    }

    #[test]
    fn names_the_nearest_label() {
        let labels = LabelSet::new(["billing", "technical", "account"]).unwrap();
        assert_eq!(labels.nearest("Biling"), Some("billing"));
        assert_eq!(labels.nearest("acount"), Some("account"));
        assert_eq!(labels.nearest("zzz"), None);
    }
}
