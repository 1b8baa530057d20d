//! Carries out the team lead's decisions about people.

use querist_core::visible::{NameFault, visible};
use querist_core::{Snapshot, name_key};
use querist_store::workspace::Fact;
use serde::Serialize;

use super::known;
use crate::error::{Result, SessionError};
use crate::export::check_names;
use crate::progress::Progress;
use crate::session::Session;
use crate::withdraw::newly_open;

/// A decision of the team lead about a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleAct<'a> {
    /// The person's answers and decisions no longer count.
    Exclude {
        /// The reason; not empty.
        why: &'a str,
    },
    /// The person's answers and decisions count again.
    Include,
    /// The person gets another name. If it is another known person's name, the two become one
    /// person.
    Rename {
        /// The new name.
        new: &'a str,
    },
    /// The person gets no new documents.
    Pause,
    /// The person gets new documents again.
    Resume,
    /// Sets or removes an attribute of the person, such as a team or a language.
    Set {
        /// The attribute's key; not empty.
        key: &'a str,
        /// The attribute's value; `None` removes it.
        value: Option<&'a str>,
    },
}

/// A decision of the lead, and the person whom it concerns.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The person's name.
    pub name: &'a str,
    /// The decision.
    pub act: PeopleAct<'a>,
    /// Whether to change nothing and only return what would change.
    pub dry_run: bool,
}

/// What a decision changed, or would change in a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonChanged {
    /// Whether this was a dry run, which changes nothing.
    pub dry_run: bool,
    /// The person's name after the decision.
    pub name: String,
    /// Whether nothing changes, because the decision was already in force.
    pub already: bool,
    /// Whether the new name was another person's name, so that two people became one.
    pub merged: bool,
    /// Why the person's answers do not count; `None` if they count.
    pub excluded: Option<String>,
    /// Number of all people's answers that count, skips included, before and after the decision.
    pub answers: [usize; 2],
    /// Number of all people's expert decisions that count, before and after the decision.
    pub decisions: [usize; 2],
    /// Number of documents that become open by the decision.
    pub reopened: usize,
    /// Number of documents that are no longer open, because an answer to them counts again.
    pub closed: usize,
}

impl Session {
    /// Stores a decision of the lead about a person, and returns what it changed. A dry run stores
    /// nothing.
    ///
    /// # Errors
    /// Nobody is called `said.name`, the decision is not possible, or the workspace cannot be
    /// written. In each case nothing was changed.
    pub fn say(&self, said: &Said<'_>, progress: &dyn Progress) -> Result<PersonChanged> {
        let mut opened = self.read_or_write("people", said.dry_run, progress)?;
        let before = opened.snapshot()?;
        let name = known(&opened, &before, said.name)?;
        let (mut fact, already) = fact(&before, &name, said.act)?;
        let (mut now, mut merged) = (name.clone(), false);
        if let Fact::Renamed { new, merged: is_merged, .. } = &mut fact {
            let other = known(&opened, &before, new).ok().filter(|other| *other != name);
            merged = other.is_some();
            if let Some(other) = &other {
                check_merge(&before, &name, other)?;
            }
            *is_merged = merged;
            now = other.unwrap_or_else(|| new.clone());
        }
        let n = before.answers.len();
        let mut changed = PersonChanged {
            dry_run: said.dry_run,
            name: now,
            already,
            merged,
            excluded: None,
            answers: [n, n],
            decisions: [before.settled.len(); 2],
            reopened: 0,
            closed: 0,
        };
        if already {
            return Ok(changed);
        }
        // The new state is computed before anything is stored. So a dry run returns the same
        // changes.
        let facts = [fact];
        let after = opened.snapshot_as_if(&facts)?;
        if !said.dry_run {
            opened.workspace.note(&facts)?;
        }
        changed.answers[1] = after.answers.len();
        changed.decisions[1] = after.settled.len();
        changed.excluded = after.person(&changed.name).and_then(|person| person.excluded.clone());
        changed.reopened = newly_open(&opened, &before, &after)?;
        changed.closed = newly_open(&opened, &after, &before)?;
        Ok(changed)
    }
}

/// Checks that two people may become one: both must be excluded, or neither.
fn check_merge(snapshot: &Snapshot, one: &str, other: &str) -> Result<()> {
    let is_out = |name: &str| snapshot.person(name).is_some_and(|person| person.excluded.is_some());
    let (out, counts) = match (is_out(one), is_out(other)) {
        (true, false) => (one, other),
        (false, true) => (other, one),
        _ => return Ok(()),
    };
    let (out, counts) = (visible(out), visible(counts));
    let what = format!(
        "answers by \"{out}\" do not count but answers by \"{counts}\" do, so the two cannot become one \
         person; include \"{out}\" or exclude \"{counts}\" first"
    );
    Err(SessionError::Input { what })
}

/// Returns the [`Fact`] that records a decision about a person. Also returns whether the decision
/// is already in force, so that nothing would change.
fn fact(snapshot: &Snapshot, name: &str, act: PeopleAct<'_>) -> Result<(Fact, bool)> {
    let person = snapshot.person(name).cloned().unwrap_or_default();
    let owned = || name.to_owned();
    Ok(match act {
        PeopleAct::Exclude { why } => {
            let why = checked("why", why)?;
            let already = person.excluded.as_ref() == Some(&why);
            (Fact::Excluded { name: owned(), why }, already)
        }
        PeopleAct::Include => (Fact::Included { name: owned() }, person.excluded.is_none()),
        PeopleAct::Pause => (Fact::Paused { name: owned() }, person.paused),
        PeopleAct::Resume => (Fact::Resumed { name: owned() }, !person.paused),
        PeopleAct::Rename { new } => {
            let new = checked("name", new)?;
            if let Some(fault) = NameFault::of(&new) {
                let what = format!("the name \"{}\" {fault}; write the name without it", visible(&new));
                return Err(SessionError::option("new name", what));
            }
            if new.contains(',') {
                let what =
                    format!("the name \"{}\" has a comma, which separates names in lists", visible(&new));
                return Err(SessionError::option("new name", what));
            }
            // If a batch is divided among annotators, their names become part of file names, so a
            // new name must be valid there.
            check_names(std::slice::from_ref(&new)).map_err(|error| match error {
                SessionError::Option { problem, .. } => SessionError::option("new name", problem),
                other => other,
            })?;
            // Another spelling of the same name is stored. Only the identical spelling changes
            // nothing.
            let already = name == new;
            (Fact::Renamed { old: owned(), new, merged: false }, already)
        }
        PeopleAct::Set { key, value } => {
            let key = checked("key", key)?;
            let value = value.map(|value| checked("value", value)).transpose()?;
            for (what, said) in [("key", Some(&key)), ("value", value.as_ref())] {
                if let Some((said, fault)) = said.and_then(|said| Some((said, NameFault::of(said)?))) {
                    let what =
                        format!("the {what} \"{}\" {fault}; write the {what} without it", visible(said));
                    return Err(SessionError::Input { what });
                }
            }
            let already = person.attributes.get(&key) == value.as_ref();
            (Fact::Described { name: owned(), key, value }, already)
        }
    })
}

/// Checks a text from the lead, and returns it in normal form. It must not be empty or contain
/// invisible characters.
fn checked(what: &'static str, text: &str) -> Result<String> {
    let text = name_key(text).into_owned();
    let seen = |c: char| !c.is_control() && !querist_core::visible::conceals(c);
    if text.is_empty() {
        return Err(SessionError::Input { what: format!("the {what} is empty") });
    }
    if !text.chars().all(seen) {
        let what =
            format!("the {what} \"{}\" has invisible characters; write it without them", visible(&text));
        return Err(SessionError::Input { what });
    }
    Ok(text)
}
