//! Who is who among annotators: whose names differ only in white space at the ends or in the form of their accents is one person.
//!
//! A name is kept as it first came, and later spellings of it are stored under that one. Workspaces of earlier versions may hold several
//! spellings: they are brought together when they are read, and stay in the database as they are.

use std::collections::BTreeMap;

use querist_core::name_key;
use rusqlite::Connection;

use super::Workspace;
use crate::error::{DatabaseContext, StoreError};

impl Workspace {
    /// Whether a label is one that the workspace has used: a document, an answer, a decision or a round has it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn has_used_label(&self, label: &str) -> Result<bool, StoreError> {
        self.database
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM gold WHERE label = ?1)
                 OR EXISTS (SELECT 1 FROM annotations WHERE label = ?1 OR rejects = ?1)
                 OR EXISTS (SELECT 1 FROM settled WHERE label = ?1)
                 OR EXISTS (SELECT 1 FROM rounds r, json_each(r.settings, '$.labels') j
                            WHERE json_valid(r.settings) AND j.value = ?1)",
                [label],
                |row| row.get(0),
            )
            .doing("read the labels")
    }
}

/// The spellings of names that are stored.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    /// By key: the spellings, the first that came first.
    spellings: BTreeMap<String, Vec<String>>,
    /// What a stored spelling is shown as, where that is another one.
    shown: BTreeMap<String, String>,
}

/// Until when names are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The last ingest that counts.
    pub(super) ingest: i64,
    /// The first round whose assignments no longer count.
    pub(super) round: u32,
}

impl Known {
    /// All names that there are.
    pub(super) const ALL: Self = Self { ingest: i64::MAX, round: u32::MAX };
}

impl People {
    /// Everybody whom answers, batches and experts' decisions name.
    pub(super) fn of(database: &Connection, known: Known) -> Result<Self, rusqlite::Error> {
        let mut people = Self::default();
        for (select, until) in [
            (
                "SELECT annotator FROM annotations WHERE ingest <= ?1 GROUP BY annotator ORDER BY min(number)",
                known.ingest,
            ),
            (
                "SELECT annotator FROM assignments WHERE round < ?1 GROUP BY annotator ORDER BY min(round), annotator",
                i64::from(known.round),
            ),
            (
                "SELECT expert FROM settled WHERE ingest <= ?1 GROUP BY expert ORDER BY min(number)",
                known.ingest,
            ),
        ] {
            let mut select = database.prepare(select)?;
            let mut rows = select.query([until])?;
            while let Some(row) = rows.next()? {
                people.add(row.get(0)?);
            }
        }
        Ok(people)
    }

    fn add(&mut self, name: String) {
        let spellings = self.spellings.entry(name_key(&name).into_owned()).or_default();
        if spellings.contains(&name) {
            return;
        }
        let first = spellings.first().unwrap_or(&name).trim().to_owned();
        if first != name {
            self.shown.insert(name.clone(), first);
        }
        spellings.push(name);
    }

    /// The name under which a person's answers are stored; a new name is noted.
    pub(super) fn stored(&mut self, name: &str) -> String {
        if let Some(first) =
            self.spellings.get(name_key(name).as_ref()).and_then(|spellings| spellings.first())
        {
            return first.clone();
        }
        self.add(name.to_owned());
        name.to_owned()
    }

    /// All spellings under which a person's answers are stored.
    pub(super) fn spellings<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.spellings.get(name_key(name).as_ref()) {
            Some(spellings) => spellings.iter().map(String::as_str).collect(),
            None => vec![name],
        }
    }

    /// A stored name as it is shown.
    pub(super) fn shown(&self, name: String) -> String {
        if self.shown.is_empty() { name } else { self.shown.get(&name).cloned().unwrap_or(name) }
    }

    /// Whether somebody's answers are stored under several names.
    pub(super) fn has_several_names(&self) -> bool {
        self.spellings.values().any(|spellings| spellings.len() > 1)
    }
}
