//! Keeps the former names of classes, and which class each former name means now.
//!
//! An answer or a round is stored with the class names of its time, and a later renaming does not
//! change it. No other class may ever take a former name, so a stored name always means the same
//! class. If a removed class is added again, all its former names mean that class again.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::{Former, LabelSet, name_key};

/// The class that a former name means now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Now {
    /// A current class, by its current name.
    Name(String),
    /// A class that was removed, by its last name.
    TakenOut(String),
}

/// The former names of all classes.
#[derive(Debug, Clone, Default)]
pub(in crate::workspace) struct FormerLabels {
    /// The class that each former name means now. The key is `name_key` of the former name.
    now: BTreeMap<String, Now>,
}

impl FormerLabels {
    /// Applies a change of classes. `to` maps old names to new names, or to `None` for removed
    /// classes. `added` lists the classes that were added; they may have been removed earlier.
    pub(super) fn take(&mut self, to: BTreeMap<String, Option<String>>, added: &[String]) {
        let of = |(old, new): (String, Option<String>)| {
            let key = name_key(&old).into_owned();
            (key, new.map_or(Now::TakenOut(old), Now::Name))
        };
        let to: BTreeMap<String, Now> = to.into_iter().map(of).collect();
        for now in self.now.values_mut() {
            if let Now::Name(name) = now
                && let Some(changed) = to.get(name_key(name).as_ref())
            {
                now.clone_from(changed);
            }
        }
        let mut back = BTreeSet::new();
        for name in added {
            for now in self.now.values_mut() {
                if matches!(now, Now::TakenOut(last) if name_key(last) == name_key(name)) {
                    *now = Now::Name(name.clone());
                    back.insert(name_key(name).into_owned());
                }
            }
        }
        let named = to.values().filter_map(|now| match now {
            Now::Name(name) => Some(name),
            Now::TakenOut(_) => None,
        });
        let names: Vec<String> = named.chain(added).map(|name| name_key(name).into_owned()).collect();
        self.now.extend(to);
        // A label set finds a class by its current name, so only former names are kept here. The
        // exception is a class that was removed and added again. Its position among the classes
        // changed, so its current name is kept too and means the class itself.
        for name in names.into_iter().filter(|name| !back.contains(name)) {
            self.now.remove(&name);
        }
    }

    /// Returns the label set with the former names of its classes added, so that it finds a class
    /// by any of its names.
    pub(in crate::workspace) fn of(&self, labels: LabelSet) -> LabelSet {
        labels.with_former(self.now.iter().map(|(old, now)| {
            let now = match now {
                Now::Name(name) => Former::Name(name),
                Now::TakenOut(last) => Former::TakenOut(last),
            };
            (old.as_str(), now)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(labels: &mut FormerLabels, to: &[(&str, Option<&str>)], added: &[&str]) {
        let to = to.iter().map(|(old, new)| ((*old).to_owned(), new.map(str::to_owned))).collect();
        labels.take(to, &added.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    }

    fn name_or_last(now: &Now) -> Result<&str, &str> {
        match now {
            Now::Name(name) => Ok(name),
            Now::TakenOut(last) => Err(last),
        }
    }

    fn now(labels: &FormerLabels) -> Vec<(&str, Result<&str, &str>)> {
        labels.now.iter().map(|(old, now)| (old.as_str(), name_or_last(now))).collect()
    }

    #[test]
    fn names_are_followed_to_what_they_mean_now() {
        let mut labels = FormerLabels::default();
        change(&mut labels, &[("a", Some("b"))], &[]);
        change(&mut labels, &[("b", Some("c")), ("d", Some("c"))], &[]);
        assert_eq!(now(&labels), [("a", Ok("c")), ("b", Ok("c")), ("d", Ok("c"))]);
        // The class gets a former name again.
        change(&mut labels, &[("c", Some("a"))], &[]);
        assert_eq!(now(&labels), [("b", Ok("a")), ("c", Ok("a")), ("d", Ok("a"))]);
        // The class is removed, and then added again with all its names.
        change(&mut labels, &[("a", None)], &[]);
        assert!(now(&labels).iter().all(|(_, now)| *now == Err("a")) && now(&labels).len() == 4);
        change(&mut labels, &[], &["a"]);
        assert_eq!(now(&labels), [("a", Ok("a")), ("b", Ok("a")), ("c", Ok("a")), ("d", Ok("a"))]);
        // `a` came back, so it has an entry; `e` is new, so it has none. Another class may be
        // merged into `a` by the same change that adds `a` again.
        change(&mut labels, &[], &["e"]);
        assert_eq!(now(&labels).len(), 4);
        change(&mut labels, &[("a", None)], &[]);
        change(&mut labels, &[("e", Some("a"))], &["a"]);
        assert!(now(&labels).iter().all(|(_, now)| *now == Ok("a")) && now(&labels).len() == 5);
        change(&mut labels, &[("a", Some("f"))], &[]);
        assert!(now(&labels).iter().all(|(_, now)| *now == Ok("f")) && now(&labels).len() == 5);
    }
}
