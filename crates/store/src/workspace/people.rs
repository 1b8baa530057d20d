//! Who is who among annotators: whose names differ only in white space at the ends or in the form
//! of their accents is one person.
//!
//! A name is kept as it first came, and later spellings of it are stored under that one. Workspaces
//! of earlier versions may hold several spellings: they are brought together when they are read,
//! and stay in the database as they are.

use std::collections::BTreeMap;

use querist_core::{LabelSet, name_key};
use rusqlite::Connection;

use super::Workspace;
use super::facts::Facts;
use crate::error::{DatabaseContext, StoreError};

impl Workspace {
    /// What somebody is called now, by any name that this person has had; an unknown name as it is.
    ///
    /// # Errors
    /// The database cannot be read, or has a fact that this version does not know.
    pub fn called(&self, name: &str) -> Result<String, StoreError> {
        let names = Facts::now(&self.database)?.names;
        let people = People::of(&self.database, Known::ALL, &names).doing("read the people")?;
        Ok(people.shown(name.to_owned()))
    }

    /// Everybody whom answers, batches or decisions name, under the names of now.
    ///
    /// # Errors
    /// As [`Self::called`].
    pub fn people_named(&self) -> Result<Vec<String>, StoreError> {
        let names = Facts::now(&self.database)?.names;
        let people = People::of(&self.database, Known::ALL, &names).doing("read the people")?;
        Ok(people.everybody().map(str::to_owned).collect())
    }

    /// The classes, by names that they had too.
    ///
    /// # Errors
    /// The database cannot be read, or has a fact that this version does not know.
    pub fn with_former(&self, labels: LabelSet) -> Result<LabelSet, StoreError> {
        Ok(Facts::now(&self.database)?.labels.of(labels))
    }

    /// Whether a label is one that the workspace has used: a document, an answer, a decision or a
    /// round has it.
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

/// Somebody by all names.
#[derive(Debug, Clone)]
struct Person {
    /// The name that is shown.
    shown: String,
    /// The names that answers are stored under, the first that came first.
    spellings: Vec<String>,
}

/// Who is called what.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    people: Vec<Person>,
    /// The place in `people` of each key of a name.
    by_key: BTreeMap<String, usize>,
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
    /// Everybody whom answers, batches and experts' decisions name; and the `names` that people
    /// were given, in order: the one until then and the one from then on.
    pub(super) fn of(
        database: &Connection,
        known: Known,
        names: &[(String, String)],
    ) -> Result<Self, rusqlite::Error> {
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
        for (old, new) in names {
            people.rename(old, new);
        }
        Ok(people)
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.by_key.get(name_key(name).as_ref()).copied()
    }

    fn add(&mut self, name: String) {
        if let Some(place) = self.place(&name) {
            let spellings = &mut self.people[place].spellings;
            if !spellings.contains(&name) {
                spellings.push(name);
            }
            return;
        }
        self.by_key.insert(name_key(&name).into_owned(), self.people.len());
        let shown = name.trim().to_owned();
        self.people.push(Person { shown, spellings: vec![name] });
    }

    /// A person is known by the old name and the new one. Where the new one is somebody's already,
    /// the two are one person.
    fn rename(&mut self, old: &str, new: &str) {
        if self.place(old).is_none() {
            self.add(old.to_owned());
        }
        let Some(from) = self.place(old) else { return };
        if let Some(to) = self.place(new).filter(|to| *to != from) {
            let moved = std::mem::take(&mut self.people[from].spellings);
            self.people[to].spellings.extend(moved);
            for place in self.by_key.values_mut().filter(|place| **place == from) {
                *place = to;
            }
            return;
        }
        new.trim().clone_into(&mut self.people[from].shown);
        self.by_key.insert(name_key(new).into_owned(), from);
    }

    /// The name under which a person's answers are stored; a new name is noted.
    pub(super) fn stored(&mut self, name: &str) -> String {
        if self.place(name).is_none() {
            self.add(name.to_owned());
        }
        let place = self.place(name).and_then(|place| self.people.get(place));
        place.and_then(|person| person.spellings.first()).map_or_else(|| name.to_owned(), Clone::clone)
    }

    /// All names under which a person's answers are stored.
    pub(super) fn spellings<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.place(name) {
            Some(place) => self.people[place].spellings.iter().map(String::as_str).collect(),
            None => vec![name],
        }
    }

    /// A stored name as it is shown.
    pub(super) fn shown(&self, name: String) -> String {
        self.place(&name).map_or(name, |place| self.people[place].shown.clone())
    }

    /// Whether somebody's answers are stored under several names.
    pub(super) fn has_several_names(&self) -> bool {
        self.people.iter().any(|person| person.spellings.len() > 1)
    }

    /// Everybody, as shown.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &str> {
        let people = self.people.iter().filter(|person| !person.spellings.is_empty());
        people.map(|person| person.shown.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_by_all_names() {
        let mut people = People::default();
        for name in ["ana", "ben", " ana", "Ben"] {
            people.add(name.to_owned());
        }
        let shown = |people: &People, name: &str| people.shown(name.to_owned());
        people.rename("ana", "Ana Maria");
        assert_eq!(people.everybody().collect::<Vec<_>>(), ["Ana Maria", "ben", "Ben"]);
        assert_eq!([shown(&people, " ana"), shown(&people, "Ana Maria")], ["Ana Maria", "Ana Maria"]);
        assert_eq!(people.spellings("Ana Maria"), ["ana", " ana"]);
        assert_eq!(people.stored("Ana Maria"), "ana");
        // Back again, and then into somebody who is known.
        people.rename("Ana Maria", "ana");
        assert_eq!(shown(&people, " ana"), "ana");
        assert_eq!(shown(&people, "Ana Maria"), "ana");
        people.rename("Ben", "ben");
        people.rename("ben", "ana");
        assert_eq!(people.everybody().collect::<Vec<_>>(), ["ana"]);
        assert_eq!(people.spellings("Ben"), ["ana", " ana", "ben", "Ben"]);
        assert_eq!(people.stored("somebody"), "somebody");
    }
}
