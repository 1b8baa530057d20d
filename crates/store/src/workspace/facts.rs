//! The log of facts. A fact records an action of a person, such as excluding an annotator or
//! renaming a class. Imports, ingests and rounds are not facts; each has a table of its own.
//!
//! No fact is ever changed or removed: undoing an action adds another fact. The current state
//! follows from applying all facts in order ([`Facts`]). Each round is stored with the number of
//! the last fact before it. So the state from which the round was made can be computed too.
//!
//! A fact of an unknown kind is an error, because only a newer version can have written it.

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

/// Something that a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fact {
    /// The workspace was made.
    Created,
    /// An embedding was added.
    EmbeddingAdded {
        /// The embedding's name.
        name: String,
    },
    /// Vectors of documents were added.
    VectorsAdded {
        /// The number of the part with the vectors, from 1.
        part: u32,
        /// The names of the files from which the vectors came.
        files: Vec<String>,
        /// How many vectors were added.
        vectors: u64,
        /// The width of the vectors.
        width: usize,
        /// The type of the numbers, such as float32.
        element: String,
        /// The encoder that computed the vectors, as the user named it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encoder: Option<String>,
    },
    /// Documents were taken back from annotators who had not answered them, and went back to the
    /// pool.
    Withdrawn {
        /// The documents that went back to the pool, each as the round's number and the document's
        /// number.
        picks: Vec<(u32, i64)>,
        /// Assignments that ended, each as the round's number, the document's number and the
        /// annotator.
        assignments: Vec<(u32, i64, String)>,
    },
    /// The documents of a round's batch were assigned to people.
    HandedOut {
        /// The round's number.
        round: u32,
        /// How many documents each person was assigned, by name.
        documents: BTreeMap<String, usize>,
    },
    /// A person's answers and decisions no longer count.
    Excluded {
        /// The person's name.
        name: String,
        /// The reason that the user gave.
        why: String,
    },
    /// A person's answers and decisions count again.
    Included {
        /// The person's name.
        name: String,
    },
    /// A person got another name, or two people turned out to be one.
    Renamed {
        /// The person's name before this fact.
        old: String,
        /// The person's name after this fact.
        new: String,
        /// Whether the new name already belonged to a person, so that two people became one.
        /// Earlier versions did not record this.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        merged: bool,
    },
    /// A person was paused and gets no new documents.
    Paused {
        /// The person's name.
        name: String,
    },
    /// A person was resumed and gets new documents again.
    Resumed {
        /// The person's name.
        name: String,
    },
    /// A person's attribute was set or removed.
    Described {
        /// The person's name.
        name: String,
        /// The attribute's name.
        key: String,
        /// The attribute's value; `None` if the attribute was removed.
        value: Option<String>,
    },
    /// Classes were added, renamed, merged or removed.
    LabelsChanged {
        /// The new name of each changed class, by its old name; `None` if the class was removed,
        /// which turns its answers into skips.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        to: BTreeMap<String, Option<String>>,
        /// Classes that were added.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<String>,
    },
    /// Settings were changed.
    Configured {
        /// The new value of each setting, by name; `None` if the setting returned to its default.
        settings: BTreeMap<String, Option<String>>,
    },
    /// An import of documents was undone.
    ImportUndone {
        /// The import's number: the number of the first file of its command.
        import: i64,
        /// The number of the command's last file.
        last: i64,
        /// The numbers of the documents that the import added: the first, and one past the last.
        documents: (i64, i64),
        /// How many labels the import added.
        labels: u64,
    },
    /// An ingest of answers or decisions was undone.
    IngestUndone {
        /// The ingest's number: the number of the first file of its command.
        ingest: i64,
        /// The number of the command's last file.
        last: i64,
        /// How many answers and decisions the ingest added.
        answers: u64,
    },
    /// Documents got new texts. Each new text is a new document with its own number.
    Updated {
        /// The replaced documents and their replacements, as runs of consecutive numbers.
        documents: Vec<Run>,
        /// The numbers of the new documents that replaced test documents or control items and
        /// therefore are held out too.
        held_out: Vec<i64>,
        /// Whether answers to the old text count as answers to the new text.
        keep_answers: bool,
    },
    /// Documents were erased, with everything that was stored about them.
    Forgotten {
        /// The numbers of the erased documents, one for each text that a document ever had.
        documents: Vec<i64>,
        /// How many ids were erased. Earlier versions did not record this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ids: Option<u64>,
    },
}

impl Fact {
    /// Whether the fact changes which documents and answers exist.
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

/// What the facts say about one person: exclusion, pause and attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// The reason for which the person is excluded; `None` if the person's answers count.
    pub(super) excluded: Option<String>,
    /// The number of the fact that excluded this person; 0 if the person is not excluded.
    pub(super) since: i64,
    /// Whether the person gets no new documents.
    pub(super) paused: bool,
    /// The person's attributes, by name.
    pub(super) attributes: BTreeMap<String, String>,
}

/// The state that follows from the facts.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Renames of people in order, each as the old name and the new name.
    pub(super) names: Vec<(String, String)>,
    /// What the facts say about each person. The key is `name_key` of the person's name, which
    /// ignores differences in spaces and accent encoding.
    people: BTreeMap<String, Standing>,
    /// The former names of the classes.
    pub(super) labels: FormerLabels,
    /// Picks that went back to the pool, each as the round's number and the document's number.
    pub(super) withdrawn: BTreeSet<(u32, i64)>,
    /// Assignments that ended without an answer, each as the round's number, the document's number
    /// and the key of the annotator's name.
    pub(super) ended: BTreeSet<(u32, i64, String)>,
    /// What the facts say about documents and answers.
    pub(super) documents: Documents,
}

impl Facts {
    /// Returns the state after the fact with number `last`. An erased document is missing from
    /// every state, even from states before it was erased, because its text no longer exists.
    ///
    /// # Errors
    /// The database cannot be read, or contains a fact that this version does not know.
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

    /// Returns the state after all facts.
    ///
    /// # Errors
    /// The errors of [`Self::until`].
    pub(super) fn now(database: &Connection) -> Result<Self, StoreError> {
        Self::until(database, i64::MAX)
    }

    /// Applies facts that are not recorded, to find out what would follow from them.
    pub(super) fn take_all(&mut self, facts: &[Fact]) {
        facts.iter().cloned().for_each(|fact| self.take(i64::MAX, fact));
    }

    /// Applies one fact. `number` is the fact's number.
    fn take(&mut self, number: i64, fact: Fact) {
        match fact {
            Fact::Withdrawn { picks, assignments } => {
                self.withdrawn.extend(picks);
                let key = |(round, document, name): (u32, i64, String)| (round, document, key(&name));
                self.ended.extend(assignments.into_iter().map(key));
            }
            // Handing out a round replaces all its assignments, so none of them has ended.
            Fact::HandedOut { round, .. } => self.ended.retain(|(ended, ..)| *ended != round),
            Fact::Created
            | Fact::EmbeddingAdded { .. }
            | Fact::VectorsAdded { .. }
            | Fact::Configured { .. } => {}
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

    /// Returns what is known about the person with this name; adds the person if new.
    fn standing(&mut self, name: &str) -> &mut Standing {
        self.people.entry(key(name)).or_default()
    }

    /// Renames a person. If the new name already belongs to a person, the two become one person,
    /// who is excluded or paused if either was. If both have a value for the same attribute, the
    /// value of the person who had the new name stays.
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
        // Assignments are looked up by the current name. So an ended assignment of the old name
        // must also be listed under the new name.
        let (from, to) = (key(&old), key(&new));
        let ended = self.ended.iter().filter(|(_, _, name)| *name == from);
        let ended: Vec<_> = ended.map(|(round, document, _)| (*round, *document, to.clone())).collect();
        self.ended.extend(ended);
        self.names.push((old, new));
    }

    /// Returns what the facts say about a person; `None` if they say nothing. `shown` is the name
    /// that users see.
    pub(super) fn of_person(&self, shown: &str) -> Option<&Standing> {
        self.people.get(name_key(shown).as_ref())
    }

    /// Whether a person is excluded, so that the person's answers and decisions do not count.
    /// `shown` is the name that users see.
    pub(super) fn is_excluded(&self, shown: &str) -> bool {
        self.of_person(shown).is_some_and(|standing| standing.excluded.is_some())
    }

    /// Whether any person is excluded.
    pub(super) fn excludes(&self) -> bool {
        self.people.values().any(|standing| standing.excluded.is_some())
    }

    /// Returns each person who is excluded or paused or has attributes, by the key of the person's
    /// name.
    pub(super) fn people(&self) -> impl Iterator<Item = (&String, &Standing)> {
        self.people.iter().filter(|(_, standing)| **standing != Standing::default())
    }
}

/// Returns the key under which a person's name is looked up.
fn key(name: &str) -> String {
    name_key(name).into_owned()
}

/// Parses a stored fact. `number` is the fact's number, which an error names.
pub(super) fn parsed(number: i64, fact: &str) -> Result<Fact, rusqlite::Error> {
    serde_json::from_str(fact).map_err(|_| unknown(&format!("fact {number}"), "fact", fact))
}

/// Returns all facts, in order.
pub(super) fn every(database: &Connection) -> Result<Vec<Fact>, rusqlite::Error> {
    let mut select = database.prepare("SELECT number, fact FROM facts ORDER BY number")?;
    let mut rows = select.query([])?;
    let mut facts = Vec::new();
    while let Some(row) = rows.next()? {
        facts.push(parsed(row.get(0)?, &row.get::<_, String>(1)?)?);
    }
    Ok(facts)
}

/// Returns the number of the last fact; 0 if there is none.
pub(super) fn last(database: &Connection) -> Result<i64, rusqlite::Error> {
    database.query_row("SELECT coalesce(max(number), 0) FROM facts", [], |row| row.get(0))
}

/// Appends a fact to the log, within the caller's transaction. `who` is the person who caused it.
pub(super) fn add(database: &Connection, fact: &Fact, who: Option<&str>) -> Result<(), rusqlite::Error> {
    let fact =
        serde_json::to_string(fact).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    let at = Timestamp::now().to_string();
    database.execute("INSERT INTO facts (at, who, fact) VALUES (?1, ?2, ?3)", params![at, who, fact])?;
    Ok(())
}

impl Workspace {
    /// Appends facts to the log in one transaction.
    ///
    /// # Errors
    /// The database cannot be written; then no fact was recorded.
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
