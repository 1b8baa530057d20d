//! Identifies people (annotators and experts) by their names. Two names belong to one person if
//! they differ only in white space at the ends or in the encoding of accents.
//!
//! All answers of a person are stored under the spelling of the name that arrived first. Databases
//! of earlier versions may contain several spellings of a name. Reading treats them as one person;
//! the database itself is not changed.

use std::collections::BTreeMap;

use querist_core::{LabelSet, name_key};
use rusqlite::Connection;

use super::Workspace;
use super::facts::Facts;
use crate::error::{DatabaseContext, StoreError};

impl Workspace {
    /// Returns the current name of the person who has or once had the name `name`. Returns `name`
    /// itself if nobody had it.
    ///
    /// # Errors
    /// The database cannot be read, or contains a fact that this version does not know.
    pub fn called(&self, name: &str) -> Result<String, StoreError> {
        let names = Facts::now(&self.database)?.names;
        let people = People::of(&self.database, Known::ALL, &names).doing("read the people")?;
        Ok(people.shown(name.to_owned()))
    }

    /// Returns the current names of all people who have answers, assignments or decisions.
    ///
    /// # Errors
    /// The errors of [`Self::called`].
    pub fn people_named(&self) -> Result<Vec<String>, StoreError> {
        let names = Facts::now(&self.database)?.names;
        let people = People::of(&self.database, Known::ALL, &names).doing("read the people")?;
        Ok(people.everybody().map(str::to_owned).collect())
    }

    /// Returns the label set with the former names of its classes added, so that it finds a class
    /// by any of its names.
    ///
    /// # Errors
    /// The database cannot be read, or contains a fact that this version does not know.
    pub fn with_former(&self, labels: LabelSet) -> Result<LabelSet, StoreError> {
        Ok(Facts::now(&self.database)?.labels.of(labels))
    }

    /// Whether this label is in use: as the label of a document, in an answer or a decision, or
    /// among the labels of a round.
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

/// A person and the person's names.
#[derive(Debug, Clone)]
struct Person {
    /// The name that users see.
    shown: String,
    /// The names under which the person's answers are stored, the first to arrive first.
    spellings: Vec<String>,
}

/// All people. Each can be found by any of the names that the person has or had.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    people: Vec<Person>,
    /// The position in `people` of the person with a name. The key is `name_key` of the name.
    by_key: BTreeMap<String, usize>,
}

/// How much of the database to read names from: everything, or only what came before a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The number of the last ingest whose names are read.
    pub(super) ingest: i64,
    /// The number of the first round whose assignments are not read.
    pub(super) round: u32,
}

impl Known {
    /// Reads all names.
    pub(super) const ALL: Self = Self { ingest: i64::MAX, round: u32::MAX };
}

impl People {
    /// Reads the people who have answers, assignments or decisions within the limits of `known`.
    /// Then renames people as `names` says, in order; each entry is (old name, new name).
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

    /// Returns the position in `people` of the person with this name, if known.
    fn place(&self, name: &str) -> Option<usize> {
        self.by_key.get(name_key(name).as_ref()).copied()
    }

    /// Adds a name under which answers are stored. If the name belongs to a known person, it is
    /// added to the person's spellings; otherwise, a new person is added.
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

    /// Renames the person `old` to `new`. From then on, both names lead to this person. If another
    /// person has the name `new` already, the two become one person.
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

    /// Returns the name under which the answers of the person `name` are stored. Adds the person if
    /// the name is new.
    pub(super) fn stored(&mut self, name: &str) -> String {
        if self.place(name).is_none() {
            self.add(name.to_owned());
        }
        let place = self.place(name).and_then(|place| self.people.get(place));
        place.and_then(|person| person.spellings.first()).map_or_else(|| name.to_owned(), Clone::clone)
    }

    /// Returns all names under which answers of the person `name` are stored.
    pub(super) fn spellings<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        match self.place(name) {
            Some(place) => self.people[place].spellings.iter().map(String::as_str).collect(),
            None => vec![name],
        }
    }

    /// Returns the name that users see for the person with the stored name `name`.
    pub(super) fn shown(&self, name: String) -> String {
        self.place(&name).map_or(name, |place| self.people[place].shown.clone())
    }

    /// Whether any person's answers are stored under several names.
    pub(super) fn has_several_names(&self) -> bool {
        self.people.iter().any(|person| person.spellings.len() > 1)
    }

    /// Returns the names that users see, for all people who have a stored name.
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
        // The person gets the old name again. Then two other people are merged into this person.
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
