//! What people did, in order, apart from imports, ingests and rounds, which have tables of their
//! own.
//!
//! A fact is never changed or taken out: a way back is a new fact. The state of now is all facts
//! folded in their order ([`Facts`]); the state that a round was made of is those before it, whose
//! last one the round's row names. A fact that this version does not know was written by a newer
//! one, and is an error.

mod documents;
mod labels;
mod log;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use querist_core::name_key;
use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

pub use self::documents::Run;
pub(super) use self::documents::{Documents, runs};
use self::labels::FormerLabels;
pub use self::log::{Deed, LogEntry};
use super::Workspace;
use super::stored::unknown;
use crate::error::{DatabaseContext, StoreError};

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// The workspace was made.
    Created,
    /// An embedding was brought in.
    EmbeddingAdded {
        /// Its name.
        name: String,
    },
    /// Documents went back to the pool unanswered.
    Withdrawn {
        /// The round and the document's number of each pick that is no longer out by its round.
        picks: Vec<(u32, i64)>,
        /// Whose assignments ended, with round and document's number.
        assignments: Vec<(u32, i64, String)>,
    },
    /// The documents of a round's batch went to people.
    HandedOut {
        /// The round.
        round: u32,
        /// How many documents each person got.
        documents: BTreeMap<String, usize>,
    },
    /// A person's answers and decisions stopped counting.
    Excluded {
        /// The person.
        name: String,
        /// Why.
        why: String,
    },
    /// A person's answers and decisions count again.
    Included {
        /// The person.
        name: String,
    },
    /// A person got another name, or turned out to be somebody who is known already.
    Renamed {
        /// The name until then.
        old: String,
        /// The name from then on.
        new: String,
        /// Whether the new name was somebody's already, so that two became one person. Earlier
        /// versions did not note it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        merged: bool,
    },
    /// A person gets no new documents.
    Paused {
        /// The person.
        name: String,
    },
    /// A person gets new documents again.
    Resumed {
        /// The person.
        name: String,
    },
    /// A person's attribute was set, or taken away.
    Described {
        /// The person.
        name: String,
        /// The attribute.
        key: String,
        /// Its value; `None`: it has none any more.
        value: Option<String>,
    },
    /// Classes came, got other names, became one, or were taken out.
    LabelsChanged {
        /// What classes are called from then on; `None`: taken out, and answers with it are skips.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        to: BTreeMap<String, Option<String>>,
        /// Classes that came.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<String>,
    },
    /// A setting was changed.
    Configured {
        /// The settings, with the value of each; `None`: the default again.
        settings: BTreeMap<String, Option<String>>,
    },
    /// An import of documents was taken back.
    ImportUndone {
        /// Its number: that of the first file of its command.
        import: i64,
        /// The number of the last file.
        last: i64,
        /// The numbers of the documents that came with it: the first one, and the one after the
        /// last.
        documents: (i64, i64),
        /// How many labels came with it.
        labels: u64,
    },
    /// An ingest of answers or decisions was taken back.
    IngestUndone {
        /// Its number: that of the first file of its command.
        ingest: i64,
        /// The number of the last file.
        last: i64,
        /// How many answers and decisions came with it.
        answers: u64,
    },
    /// Documents got another text.
    Updated {
        /// Which documents took the place of which.
        documents: Vec<Run>,
        /// The new ones that are test documents or control items because the old ones were.
        held_out: Vec<i64>,
        /// Whether answers to the old text count for the new one.
        keep_answers: bool,
    },
    /// Documents were erased, with everything that was known of them.
    Forgotten {
        /// Their numbers: of every text that a document ever had.
        documents: Vec<i64>,
        /// How many documents they were. Earlier versions did not note it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ids: Option<u64>,
    },
}

impl Fact {
    /// Whether it changes which documents and answers there are.
    pub(super) fn is_of_documents(&self) -> bool {
        matches!(
            self,
            Self::ImportUndone { .. }
                | Self::IngestUndone { .. }
                | Self::Updated { .. }
                | Self::Forgotten { .. }
        )
    }
}

/// What is known of a person beside the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) excluded: Option<String>,
    /// The number of the fact that excluded this person last.
    pub(super) since: i64,
    pub(super) paused: bool,
    pub(super) attributes: BTreeMap<String, String>,
}

/// What the facts come to.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Names that people were given, in order: until then, from then on.
    pub(super) names: Vec<(String, String)>,
    /// By the key of a name.
    people: BTreeMap<String, Standing>,
    /// What classes were called.
    pub(super) labels: FormerLabels,
    /// Picks that went back, by round and document's number.
    pub(super) withdrawn: BTreeSet<(u32, i64)>,
    /// Assignments that ended, by round, document's number and the key of a name.
    pub(super) ended: BTreeSet<(u32, i64, String)>,
    /// Of documents.
    pub(super) documents: Documents,
}

impl Facts {
    /// All facts until the one with that number. Nothing brings back what was forgotten, so that
    /// counts whenever it was.
    ///
    /// # Errors
    /// The database cannot be read, or has a fact that this version does not know.
    pub(super) fn until(database: &Connection, last: i64) -> Result<Self, StoreError> {
        let doing = "read what was done";
        let mut facts = Self::default();
        let mut select = database
            .prepare(
                "SELECT number, fact FROM facts WHERE number <= ?1 OR json_extract(fact, '$.kind') = 'forgotten'
                 ORDER BY number",
            )
            .doing(doing)?;
        let mut rows = select.query([last]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let (number, fact): (i64, String) = (row.get(0).doing(doing)?, row.get(1).doing(doing)?);
            facts.take(number, parsed(number, &fact).doing(doing)?);
        }
        Ok(facts)
    }

    /// All facts that there are.
    ///
    /// # Errors
    /// As [`Self::until`].
    pub(super) fn now(database: &Connection) -> Result<Self, StoreError> {
        Self::until(database, i64::MAX)
    }

    /// As if these came next.
    pub(super) fn take_all(&mut self, facts: &[Fact]) {
        facts.iter().cloned().for_each(|fact| self.take(i64::MAX, fact));
    }

    fn take(&mut self, number: i64, fact: Fact) {
        match fact {
            Fact::Withdrawn { picks, assignments } => {
                self.withdrawn.extend(picks);
                let key = |(round, document, name): (u32, i64, String)| (round, document, key(&name));
                self.ended.extend(assignments.into_iter().map(key));
            }
            // Who got a document anew has it.
            Fact::HandedOut { round, .. } => self.ended.retain(|(ended, ..)| *ended != round),
            Fact::Created | Fact::EmbeddingAdded { .. } | Fact::Configured { .. } => {}
            Fact::LabelsChanged { to, added } => self.labels.take(to, &added),
            Fact::ImportUndone { .. }
            | Fact::IngestUndone { .. }
            | Fact::Updated { .. }
            | Fact::Forgotten { .. } => self.documents.take(&fact),
            Fact::Excluded { name, why } => {
                let standing = self.standing(&name);
                (standing.excluded, standing.since) = (Some(why), number);
            }
            Fact::Included { name } => {
                let standing = self.standing(&name);
                (standing.excluded, standing.since) = (None, 0);
            }
            Fact::Paused { name } => self.standing(&name).paused = true,
            Fact::Resumed { name } => self.standing(&name).paused = false,
            Fact::Described { name, key, value: Some(value) } => {
                self.standing(&name).attributes.insert(key, value);
            }
            Fact::Described { name, key, value: None } => {
                self.standing(&name).attributes.remove(&key);
            }
            Fact::Renamed { old, new, .. } => self.rename(old, new),
        }
    }

    fn standing(&mut self, name: &str) -> &mut Standing {
        self.people.entry(key(name)).or_default()
    }

    /// What is known of somebody goes along to a new name. Two who are one person are excluded or
    /// paused if either was, and of an attribute what the other name has stands.
    fn rename(&mut self, old: String, new: String) {
        if let Some(old) = self.people.remove(&key(&old)) {
            let standing = self.people.entry(key(&new)).or_default();
            if standing.excluded.is_none() {
                (standing.excluded, standing.since) = (old.excluded, old.since);
            }
            standing.paused |= old.paused;
            for (attribute, value) in old.attributes {
                standing.attributes.entry(attribute).or_insert(value);
            }
        }
        // What ended for the old name has ended for the new one.
        let (from, to) = (key(&old), key(&new));
        let ended = self.ended.iter().filter(|(_, _, name)| *name == from);
        let ended: Vec<_> = ended.map(|(round, document, _)| (*round, *document, to.clone())).collect();
        self.ended.extend(ended);
        self.names.push((old, new));
    }

    /// What is known of the person with that name, as it is shown.
    pub(super) fn of_person(&self, shown: &str) -> Option<&Standing> {
        self.people.get(name_key(shown).as_ref())
    }

    /// Whether somebody's answers and decisions do not count.
    pub(super) fn is_excluded(&self, shown: &str) -> bool {
        self.of_person(shown).is_some_and(|standing| standing.excluded.is_some())
    }

    /// Whether anybody's answers and decisions do not count.
    pub(super) fn excludes(&self) -> bool {
        self.people.values().any(|standing| standing.excluded.is_some())
    }

    /// Everybody of whom something is known, by the key of the name.
    pub(super) fn people(&self) -> impl Iterator<Item = (&String, &Standing)> {
        self.people.iter().filter(|(_, standing)| **standing != Standing::default())
    }
}

fn key(name: &str) -> String {
    name_key(name).into_owned()
}

fn parsed(number: i64, fact: &str) -> Result<Fact, rusqlite::Error> {
    serde_json::from_str(fact).map_err(|_| unknown(&format!("fact {number}"), "fact", fact))
}

/// All facts, in order.
pub(super) fn every(database: &Connection) -> Result<Vec<Fact>, rusqlite::Error> {
    let mut select = database.prepare("SELECT number, fact FROM facts ORDER BY number")?;
    let mut rows = select.query([])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        facts.push(parsed(row.get(0)?, &row.get::<_, String>(1)?)?);
    }
    Ok(facts)
}

/// The number of the last fact; 0 without any.
pub(super) fn last(database: &Connection) -> Result<i64, rusqlite::Error> {
    database.query_row("SELECT coalesce(max(number), 0) FROM facts", [], |row| row.get(0))
}

/// Adds a fact, within a transaction.
pub(super) fn add(database: &Connection, fact: &Fact, who: Option<&str>) -> Result<(), rusqlite::Error> {
    let fact =
        serde_json::to_string(fact).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let at = Timestamp::now().to_string();
    database.execute("INSERT INTO facts (at, who, fact) VALUES (?1, ?2, ?3)", params![at, who, fact])?;
    Ok(())
}

impl Workspace {
    /// Notes facts; one transaction.
    ///
    /// # Errors
    /// The database cannot be written; then nothing was noted.
    pub fn note(&mut self, facts: &[Fact]) -> Result<(), StoreError> {
        let doing = "note what was done";
        let who = self.who.clone();
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
        for fact in facts {
            add(&transaction, fact, who.as_deref()).doing(doing)?;
        }
        transaction.commit().doing(doing)
    }
}

#[cfg(test)]
mod tests;
