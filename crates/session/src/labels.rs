//! The classes of a workspace: lists them with their uses, and adds, renames, merges or removes
//! them.
//!
//! Stored answers and rounds keep the class names of their time. A fact in the database says which
//! class each old name means now. querist.toml and this fact change together or not at all.

use std::collections::{BTreeMap, BTreeSet};

use querist_core::visible::{NameFault, visible};
use querist_core::{Class, LabelSet, Role, Snapshot, name_key};
use querist_store::workspace::{CONFIGURATION, Fact};
use serde::Serialize;

use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::progress::Progress;
use crate::session::Session;
use crate::settings::Configuration;
use crate::settings::classes::{Renames, with_classes, with_description};
use crate::withdraw::newly_open;

/// A class, with its description and its uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelRow {
    /// Name of the class.
    pub label: String,
    /// Says in words for annotators which documents belong to the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Number of pool documents whose label is this class.
    pub documents: usize,
    /// Number of answers with this class; answers that do not count are left out.
    pub answers: usize,
    /// Number of documents, in the pool or not, that were imported with this label.
    pub imported: usize,
    /// How many of these documents are test documents or control items.
    pub held_out: usize,
    /// Number of experts' decisions in force that chose this class.
    pub decisions: usize,
}

/// All classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Labels {
    /// The classes, in the order of every table.
    pub labels: Vec<LabelRow>,
}

/// A change of the classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelAct<'a> {
    /// Adds a class after the others. If it was removed earlier, it comes back with its answers.
    Add {
        /// Name of the class.
        name: &'a str,
    },
    /// Renames a class. If a removed class had the new name, it comes back, and the two become one.
    Rename {
        /// The name so far.
        old: &'a str,
        /// The new name.
        new: &'a str,
    },
    /// Merges classes into one.
    Merge {
        /// Names of the classes to merge.
        labels: &'a [String],
        /// Name of the merged class: one of `labels`, another class, a removed class, or a new
        /// name.
        into: &'a str,
    },
    /// Removes a class.
    Remove {
        /// Name of the class.
        name: &'a str,
        /// Whether answers with this class become skips. Without this, a class that is used is an
        /// error.
        to_skip: bool,
    },
    /// Sets or removes the description of a class.
    Describe {
        /// Name of the class.
        name: &'a str,
        /// The description; `None` removes it.
        text: Option<&'a str>,
    },
}

/// What a change did, or would do in a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelsChanged {
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// Names of the classes after the change.
    pub labels: Vec<String>,
    /// Whether the classes are ranks, from the first to the last.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
    /// The changed classes, with their names and uses before the change.
    pub changed: Vec<LabelRow>,
    /// Number of pool documents that become open by the change.
    pub reopened: usize,
    /// Number of pool documents that lose their label by the change.
    pub unlabeled: usize,
}

impl Session {
    /// Returns all classes with their descriptions and uses.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn labels(&self, progress: &dyn Progress) -> Result<Labels> {
        let opened = self.read(progress)?;
        let snapshot = opened.snapshot()?;
        Ok(Labels { labels: rows(&opened, &snapshot)? })
    }

    /// Adds, renames, merges, removes or describes classes, in the workspace and in querist.toml. A
    /// dry run changes nothing and returns what would change.
    ///
    /// # Errors
    /// The change is not possible, or the workspace cannot be written. In both cases nothing was
    /// changed.
    pub fn change_labels(
        &self,
        act: LabelAct<'_>,
        dry_run: bool,
        progress: &dyn Progress,
    ) -> Result<LabelsChanged> {
        let mut opened = self.read_or_write("labels", dry_run, progress)?;
        let before = opened.snapshot()?;
        let text = opened.workspace.configuration()?;
        let rows = rows(&opened, &before)?;
        let plan = plan(&opened, &rows, &text, act)?;
        let path = self.root().join(CONFIGURATION);
        let configuration = Configuration::read(&path, &plan.text).map_err(|error| unfit(&error))?;
        let after = opened.workspace.snapshot_as_if(&configuration.labels, &plan.facts)?;
        let situation = opened.situation(&before)?;
        let then: Vec<bool> = situation.label_of.iter().map(Option::is_some).collect();
        let now = opened.situation(&after)?.label_of;
        let lost = situation.pool.iter().filter(|document| then[**document] && now[**document].is_none());
        let changed = LabelsChanged {
            dry_run,
            labels: configuration.labels.names().to_vec(),
            ordered: configuration.settings.classes.ordered,
            unlabeled: lost.count(),
            reopened: newly_open(&opened, &before, &after)?,
            changed: rows.into_iter().filter(|row| plan.of.contains(&row.label)).collect(),
        };
        if !dry_run {
            opened.workspace.note_and_configure(&plan.facts, &plan.text)?;
        }
        Ok(changed)
    }
}

/// A checked change of the classes.
struct Plan {
    /// The new text of querist.toml.
    text: String,
    /// The facts to store in the database.
    facts: Vec<Fact>,
    /// Names of the classes that change.
    of: BTreeSet<String>,
}

/// Checks a change of the classes. Returns the new text of querist.toml, and the facts to store.
fn plan(opened: &Opened, rows: &[LabelRow], text: &str, act: LabelAct<'_>) -> Result<Plan> {
    let labels = &opened.labels;
    let mut to = Renames::new();
    let mut added = Vec::new();
    match act {
        LabelAct::Describe { name, text: description } => {
            return described(known(labels, name)?, description, text);
        }
        LabelAct::Add { name } => {
            added.push(fresh(labels, name, &BTreeSet::new())?);
        }
        LabelAct::Rename { old, new } => {
            let old = known(labels, old)?;
            let own = BTreeSet::from([old.to_owned()]);
            let new = fresh(labels, new, &own)?;
            if labels.names().contains(&new) {
                return Err(wrong(format!("the class is already called \"{}\"", visible(&new))));
            }
            added.extend(labels.was_taken_out(&new).then(|| new.clone()));
            to.insert(key(old), Some(new));
        }
        LabelAct::Merge { labels: merged, into } => {
            let mut of: BTreeSet<String> =
                merged.iter().map(|name| known(labels, name).map(str::to_owned)).collect::<Result<_>>()?;
            if of.len() < merged.len() {
                return Err(wrong("a class is named twice; name each once".to_owned()));
            }
            let target = labels.names().iter().find(|name| name_key(name) == name_key(into));
            let into = match target {
                Some(target) => target.clone(),
                None => fresh(labels, into, &of)?,
            };
            of.remove(&into);
            // If the target is a removed class, it comes back.
            added.extend(labels.was_taken_out(&into).then(|| into.clone()));
            if of.len() < 2 && target.is_none() && added.is_empty() || of.is_empty() {
                return Err(wrong("a merge needs two classes or more".to_owned()));
            }
            to.extend(of.iter().map(|name| (key(name), Some(into.clone()))));
        }
        LabelAct::Remove { name, to_skip } => {
            let name = known(labels, name)?;
            let row = rows.iter().find(|row| row.label == name);
            let uses = row.map_or(0, |row| row.answers + row.imported + row.decisions);
            if let Some(row) = row.filter(|_| uses > 0 && !to_skip) {
                return Err(SessionError::LabelInUse { row: Box::new(row.clone()) });
            }
            to.insert(key(name), None);
        }
    }
    let of = labels.names().iter().filter(|name| to.contains_key(&key(name))).cloned().collect();
    let by_name = |(old, new): (&String, &Option<String>)| {
        let name = labels.class(old).map_or(old.as_str(), |class| labels.name(class));
        (name.to_owned(), new.clone())
    };
    let facts = vec![Fact::LabelsChanged { to: to.iter().map(by_name).collect(), added: added.clone() }];
    Ok(Plan { text: with_classes(text, &to, &added)?, facts, of })
}

/// Returns the plan that sets or removes the description of a class. `text` is the text of
/// querist.toml.
fn described(name: &str, description: Option<&str>, text: &str) -> Result<Plan> {
    let description = description.map(str::trim).filter(|text| !text.is_empty());
    let text = with_description(text, name, description)?;
    let value = description.map(str::to_owned);
    let settings = BTreeMap::from([(format!("classes.descriptions.{name}"), value)]);
    Ok(Plan { text, facts: vec![Fact::Configured { settings }], of: BTreeSet::from([name.to_owned()]) })
}

fn key(name: &str) -> String {
    name_key(name).into_owned()
}

fn wrong(what: String) -> SessionError {
    SessionError::Input { what }
}

/// Returns the current class called `name`. If the class was renamed, the error says its current
/// name.
fn known<'a>(labels: &'a LabelSet, name: &str) -> Result<&'a str> {
    if let Some(class) = labels.class(name) {
        let now = labels.name(class);
        if name_key(now) == name_key(name) {
            return Ok(now);
        }
        return Err(wrong(format!("\"{}\" is now called \"{}\"", visible(name), visible(now))));
    }
    let nearest = labels.nearest(name).map(|nearest| format!("; did you mean \"{}\"?", visible(nearest)));
    let all = labels.names().join(", ");
    Err(wrong(format!(
        "\"{}\" is not one of the labels{}; they are: {}",
        visible(name),
        nearest.unwrap_or_default(),
        visible(&all)
    )))
}

/// Checks that a class may get the name `name`, and returns the name trimmed. Fails if another
/// class has the name or once had it. Two exceptions: a removed class of this name comes back, and
/// the classes in `own` may lend their names.
fn fresh(labels: &LabelSet, name: &str, own: &BTreeSet<String>) -> Result<String> {
    let name = name.trim().to_owned();
    if let Some(fault) = NameFault::of(&name) {
        return Err(wrong(format!("the label \"{}\" {fault}; write the label without it", visible(&name))));
    }
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(wrong(format!("the label \"{}\" is empty or has a control character", visible(&name))));
    }
    let Some(class) = labels.class(&name) else {
        let last = labels.taken_out_as(&name).filter(|last| name_key(last) != name_key(&name));
        return last.map_or(Ok(name.clone()), |last| {
            let (name, last) = (visible(&name), visible(last));
            let what = format!("was the name of a class that was removed as \"{last}\"; use that name");
            Err(wrong(format!("\"{name}\" {what}")))
        });
    };
    let now = labels.name(class);
    if own.contains(now) {
        return Ok(name);
    }
    let is_it = name_key(now) == name_key(&name);
    let what = if is_it {
        "is already a class"
    } else {
        "was the name of another class, and its answers are still stored under that name"
    };
    let which = if is_it { String::new() } else { format!(" (\"{}\")", visible(now)) };
    Err(wrong(format!("\"{}\" {what}{which}; choose another name", visible(&name))))
}

/// Returns the error that a change would make querist.toml invalid.
fn unfit(error: &crate::settings::SettingsError) -> SessionError {
    let key = error.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
    wrong(format!("{CONFIGURATION} would become invalid: {key}{}; change that first", error.problem))
}

/// Returns all classes with their descriptions and uses.
fn rows(opened: &Opened, snapshot: &Snapshot) -> Result<Vec<LabelRow>> {
    let situation = opened.situation(snapshot)?;
    let descriptions = &opened.configuration.settings.classes.descriptions;
    let description = |name: &str| {
        let own = descriptions.iter().find(|(key, _)| name_key(key) == name_key(name));
        own.map(|(_, text)| text.clone())
    };
    let answers = counted(snapshot, snapshot.answers.iter().map(|answer| answer.label));
    let imported = counted(snapshot, snapshot.documents.iter().map(|document| document.label));
    let held_out = snapshot.documents.iter().filter(|document| document.role != Role::Pool);
    let held_out = counted(snapshot, held_out.map(|document| document.label));
    let decisions = counted(snapshot, snapshot.settled.iter().map(|settled| settled.label));
    let row = |class: Class| {
        let label = snapshot.labels.name(class).to_owned();
        LabelRow {
            description: description(&label),
            label,
            documents: situation.labeled_counts[class.index()],
            answers: answers[class.index()],
            imported: imported[class.index()],
            held_out: held_out[class.index()],
            decisions: decisions[class.index()],
        }
    };
    Ok(snapshot.labels.classes().map(row).collect())
}

/// Counts how often each class occurs in `labels`; `None` does not count.
fn counted(snapshot: &Snapshot, labels: impl Iterator<Item = Option<Class>>) -> Vec<usize> {
    let mut counts = vec![0; snapshot.labels.len()];
    for class in labels.flatten() {
        counts[class.index()] += 1;
    }
    counts
}
