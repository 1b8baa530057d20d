//! What became of a class that a setting names by a name that it no longer has.

use querist_core::LabelSet;
use querist_core::visible::visible;
use querist_store::Workspace;
use toml::Value;

use super::SettingsError;

/// How the error of a setting begins that names a class that there is not, up to the name (`class_named` in core).
const UNKNOWN: &str = "unknown label \"";

impl SettingsError {
    /// The error, with what became of the class that it does not know.
    pub(crate) fn with_former(mut self, labels: &LabelSet) -> Self {
        let said = |now: &LabelSet, name: &str| match (now.class(name), now.taken_out_as(name)) {
            (Some(class), _) => Some(format!(" (it is called \"{}\" now)", visible(now.name(class)))),
            (None, Some(last)) => {
                let last = visible(last);
                Some(format!(" (the class was taken out; adding the class \"{last}\" brings it back)"))
            }
            (None, None) => None,
        };
        let Some(from) = self.problem.strip_prefix(UNKNOWN) else { return self };
        // A name may have a quotation mark within: the longest one that is known.
        let ends: Vec<usize> = from.match_indices('"').map(|(at, _)| at).collect();
        let found = ends.iter().rev().find_map(|end| Some((*end, said(labels, from.get(..*end)?)?)));
        if let Some((end, said)) = found {
            let from = UNKNOWN.len() + end + 1;
            // What it became says more than what it is like.
            let rest = &self.problem[from..];
            let likeness = rest.strip_prefix(" (did you mean").and_then(|rest| rest.split_once("?)"));
            let rest = likeness.map_or(rest, |(_, rest)| rest).to_owned();
            self.problem.truncate(from);
            self.problem += &(said + &rest);
        }
        self
    }

    /// As [`Self::with_former`], where the error kept querist.toml from being read.
    pub(crate) fn with_former_of(self, text: &str, workspace: &Workspace) -> Self {
        let table: Option<toml::Table> = toml::from_str(text).ok();
        let labels = table.as_ref().and_then(|table| table.get("labels")).and_then(Value::as_array);
        let names = labels.map(|labels| labels.iter().filter_map(Value::as_str));
        let labels = names.and_then(|names| LabelSet::new(names).ok());
        match labels.and_then(|labels| workspace.with_former(labels).ok()) {
            Some(labels) => self.with_former(&labels),
            None => self,
        }
    }
}
