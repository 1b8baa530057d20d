//! What classes were called, and what each of these names means now.
//!
//! Answers and rounds keep the names of their time. A name that a class has had belongs to that class for good, so that no other
//! class can take it: what is stored under it always means the same.

use std::collections::BTreeMap;

use querist_core::{LabelSet, name_key};

/// The names that classes had.
#[derive(Debug, Clone, Default)]
pub(in crate::workspace) struct FormerLabels {
    /// By key: the name now; `None`: taken out.
    now: BTreeMap<String, Option<String>>,
}

impl FormerLabels {
    /// Takes a change: `to` has the new name of each old one, `added` what came, which may be what was taken out before.
    pub(super) fn take(&mut self, to: BTreeMap<String, Option<String>>, added: &[String]) {
        let to: BTreeMap<String, Option<String>> =
            to.into_iter().map(|(old, new)| (name_key(&old).into_owned(), new)).collect();
        for now in self.now.values_mut() {
            let changed = now.as_ref().and_then(|name| to.get(name_key(name).as_ref()));
            if let Some(changed) = changed {
                now.clone_from(changed);
            }
        }
        let has = |name: &String| name_key(name).into_owned();
        let names: Vec<String> = to.values().flatten().chain(added).map(has).collect();
        self.now.extend(to);
        // A class is found by the name that it has; only what it had is kept.
        for name in names {
            self.now.remove(&name);
        }
    }

    /// The classes, by these names too.
    pub(in crate::workspace) fn of(&self, labels: LabelSet) -> LabelSet {
        labels.with_former(self.now.iter().map(|(old, now)| (old.as_str(), now.as_deref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(labels: &mut FormerLabels, to: &[(&str, Option<&str>)], added: &[&str]) {
        let to = to.iter().map(|(old, new)| ((*old).to_owned(), new.map(str::to_owned))).collect();
        labels.take(to, &added.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    }

    fn now(labels: &FormerLabels) -> Vec<(&str, Option<&str>)> {
        labels.now.iter().map(|(old, now)| (old.as_str(), now.as_deref())).collect()
    }

    #[test]
    fn names_are_followed_to_what_they_mean_now() {
        let mut labels = FormerLabels::default();
        change(&mut labels, &[("a", Some("b"))], &[]);
        change(&mut labels, &[("b", Some("c")), ("d", Some("c"))], &[]);
        assert_eq!(now(&labels), [("a", Some("c")), ("b", Some("c")), ("d", Some("c"))]);
        // Back to a name that it had; and out, and in again.
        change(&mut labels, &[("c", Some("a"))], &[]);
        change(&mut labels, &[("e", None)], &[]);
        assert_eq!(now(&labels), [("b", Some("a")), ("c", Some("a")), ("d", Some("a")), ("e", None)]);
        change(&mut labels, &[], &["e"]);
        assert!(now(&labels).iter().all(|(old, _)| *old != "e"));
    }
}
