//! What the lead says of a person.

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

/// What the lead says of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleAct<'a> {
    /// This person's answers and decisions do not count.
    Exclude {
        /// Why; not empty.
        why: &'a str,
    },
    /// They count again.
    Include,
    /// This person has another name, or is somebody who is known already.
    Rename {
        /// The name.
        new: &'a str,
    },
    /// This person gets no new documents.
    Pause,
    /// This person gets new documents again.
    Resume,
    /// This person has an attribute.
    Set {
        /// Its name; not empty.
        key: &'a str,
        /// Its value; `None`: none any more.
        value: Option<&'a str>,
    },
}

/// Of whom the lead says what.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// The person.
    pub name: &'a str,
    /// What.
    pub act: PeopleAct<'a>,
    /// Only says what would change.
    pub dry_run: bool,
}

/// What changed, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonChanged {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// The person's name now.
    pub name: String,
    /// Whether it was said before, so that nothing changes.
    pub already: bool,
    /// Whether the new name was somebody's, so that two became one person.
    pub merged: bool,
    /// Why the answers of the person do not count, if they do not.
    pub excluded: Option<String>,
    /// How many answers count, before and after, of everybody: skips included.
    pub answers: [usize; 2],
    /// How many decisions of experts count, before and after.
    pub decisions: [usize; 2],
    /// How many documents may be picked again that could not before.
    pub reopened: usize,
    /// How many documents may no longer be picked, because they have an answer that counts again.
    pub closed: usize,
}

impl Session {
    /// Notes what the lead says of a person.
    ///
    /// # Errors
    /// Nobody has that name, what is said makes no sense, or the workspace cannot be written; then
    /// nothing was changed.
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

/// Two become one person only if the answers of both count, or of neither.
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
         person; include the first or exclude the second before"
    );
    Err(SessionError::Input { what })
}

/// The fact, and whether it changes nothing.
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
            // Names become names of files, when a batch is divided among people.
            check_names(std::slice::from_ref(&new)).map_err(|error| match error {
                SessionError::Option { problem, .. } => SessionError::option("new name", problem),
                other => other,
            })?;
            // Another spelling of the name is worth noting; the name as it is, is not.
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

/// A word of the lead's: not empty, and without what nobody sees.
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
