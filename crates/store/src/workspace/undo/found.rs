//! Finds out what undoing an import or an ingest would change, and what prevents undoing it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::super::Workspace;
use super::super::facts::{Documents, Fact, Facts};
use super::super::roles;
use super::DOING;
use crate::error::{DatabaseContext, StoreError};

/// A command that the user can undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoable {
    /// An import of documents, with its number in the log.
    Import(i64),
    /// An ingest of answers or decisions, with its number in the log.
    Ingest(i64),
}

/// The consequences of undoing an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportToUndo {
    /// The fact that [`Workspace::undo`] records.
    pub fact: Fact,
    /// The import's number: the number of the first file of its command.
    pub number: i64,
    /// The names of the import's files.
    pub files: Vec<String>,
    /// The numbers of the documents that the import added: the first, and one past the last.
    pub documents: (i64, i64),
    /// How many labels the import added.
    pub labels: u64,
    /// How many documents the import moved out of the pool.
    pub moved: u64,
    /// How many texts the import replaced. The old texts would be current again.
    pub updated: u64,
    /// Later entries that must be undone before this import can be.
    pub in_the_way: InTheWay,
}

/// Entries that came later and refer to an import's documents. As long as there are any, the import
/// cannot be undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InTheWay {
    /// The number of answers to the import's documents.
    pub answers: u64,
    /// The number of experts' decisions about the import's documents.
    pub decisions: u64,
    /// The number of labels that later imports gave to the import's documents.
    pub labels: u64,
    /// The number of the import's documents whose texts later imports replaced.
    pub replaced: u64,
    /// The numbers of the ingests that added those answers and decisions.
    pub ingests: BTreeSet<i64>,
    /// The numbers of the imports that added those labels and texts.
    pub imports: BTreeSet<i64>,
}

/// The consequences of undoing an ingest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestToUndo {
    /// The fact that [`Workspace::undo`] records.
    pub fact: Fact,
    /// The ingest's number: the number of the first file of its command.
    pub number: i64,
    /// The names of the ingest's files.
    pub files: Vec<String>,
    /// How many answers the ingest added.
    pub answers: u64,
    /// How many decisions the ingest added.
    pub decisions: u64,
    /// The files of later ingests. If such a file repeated answers of this ingest, the answers were
    /// not stored a second time, so undoing this ingest removes them too.
    pub later: Vec<String>,
}

/// An import or ingest command, with the numbers of its first and its last file.
struct Command {
    first: i64,
    last: i64,
    files: Vec<String>,
}

impl Workspace {
    /// Returns the last import or ingest that was not undone.
    ///
    /// # Errors
    /// Every import and ingest was undone, or the database cannot be read.
    pub fn last_to_undo(&self) -> Result<Undoable, StoreError> {
        let import = self.last_of("imports")?;
        let ingest = self.last_of("ingests")?;
        match (import, ingest) {
            (Some((import, came)), Some((ingest, answered))) => {
                Ok(if answered > came { Undoable::Ingest(ingest) } else { Undoable::Import(import) })
            }
            (Some((import, _)), None) => Ok(Undoable::Import(import)),
            (None, Some((ingest, _))) => Ok(Undoable::Ingest(ingest)),
            (None, None) => Err(StoreError::NothingToUndo { what: "import" }),
        }
    }

    /// Returns the number of the last ingest that was not undone.
    ///
    /// # Errors
    /// Every ingest was undone, or the database cannot be read.
    pub fn last_ingest_to_undo(&self) -> Result<i64, StoreError> {
        let last = self.last_of("ingests")?.ok_or(StoreError::NothingToUndo { what: "ingest" })?;
        Ok(last.0)
    }

    /// Returns the number and the time of the last command in `table` that was not undone. All
    /// times have the same form, so callers may compare them as text.
    fn last_of(&self, table: &str) -> Result<Option<(i64, String)>, StoreError> {
        let facts = Facts::now(&self.database)?.documents;
        let read = || -> Result<Option<(i64, String)>, rusqlite::Error> {
            let select = format!("SELECT coalesce(command, number), at FROM {table} ORDER BY number DESC");
            let mut select = self.database.prepare(&select)?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                let (number, at): (i64, String) = row?;
                if !is_undone(&facts, table, number) {
                    return Ok(Some((number, at)));
                }
            }
            Ok(None)
        };
        read().doing(DOING)
    }

    /// Returns what undoing an import would change. `number` is the import's number in the log.
    ///
    /// # Errors
    /// No import has this number, or the import was undone already. Or the number belongs to the
    /// second or a later file of a command, or the database cannot be read.
    pub fn import_to_undo(&self, number: i64) -> Result<ImportToUndo, StoreError> {
        let facts = Facts::now(&self.database)?.documents;
        let command = self.command_of("imports", number, &facts)?;
        let (first, last) = (command.first, command.last);
        let documents = self.documents_of(&command).doing(DOING)?;
        let count = |select: &str| -> Result<u64, StoreError> {
            let n: i64 = self.database.query_row(select, [first, last], |row| row.get(0)).doing(DOING)?;
            Ok(n.unsigned_abs())
        };
        let labels = count("SELECT count(*) FROM gold WHERE import BETWEEN ?1 AND ?2")?;
        let fact = Fact::ImportUndone { import: first, last, documents, labels };
        let mut after = Facts::now(&self.database)?;
        after.take_all(std::slice::from_ref(&fact));
        let roles = |facts: &Documents| roles::of_moved(&self.database, i64::MAX, facts).doing(DOING);
        let (before, then) = (roles(&facts)?, roles(&after.documents)?);
        Ok(ImportToUndo {
            fact,
            number: first,
            documents,
            labels,
            moved: before.iter().filter(|(number, role)| then.get(number) != Some(role)).count() as u64,
            updated: facts.replaced_by(documents).len() as u64,
            in_the_way: in_the_way(&self.database, documents, last, &facts).doing(DOING)?,
            files: command.files,
        })
    }

    /// Returns what undoing an ingest would change. `number` is the ingest's number in the log.
    ///
    /// # Errors
    /// No ingest has this number, or the ingest was undone already. Or the number belongs to the
    /// second or a later file of a command, or the database cannot be read.
    pub fn ingest_to_undo(&self, number: i64) -> Result<IngestToUndo, StoreError> {
        let facts = Facts::now(&self.database)?.documents;
        let Command { first, last, files } = self.command_of("ingests", number, &facts)?;
        let count = |table: &str| -> Result<u64, StoreError> {
            let select = format!("SELECT count(*) FROM {table} WHERE ingest BETWEEN ?1 AND ?2");
            let n: i64 = self.database.query_row(&select, [first, last], |row| row.get(0)).doing(DOING)?;
            Ok(n.unsigned_abs())
        };
        let (answers, decisions) = (count("annotations")?, count("settled")?);
        let fact = Fact::IngestUndone { ingest: first, last, answers: answers + decisions };
        let mut later = Vec::new();
        let mut select = self
            .database
            .prepare("SELECT number, file FROM ingests WHERE number > ?1 ORDER BY number")
            .doing(DOING)?;
        let mut rows = select.query([last]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let file: String = row.get(1).doing(DOING)?;
            if !facts.has_no_ingest(row.get(0).doing(DOING)?) && !later.contains(&file) {
                later.push(file);
            }
        }
        Ok(IngestToUndo { fact, number: first, files, answers, decisions, later })
    }

    /// Returns the documents with numbers from `documents.0` up to, but not including,
    /// `documents.1` that exported rounds picked. Each pick is returned as (round's number,
    /// document's number).
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn picks_of(&self, documents: (i64, i64)) -> Result<Vec<(u32, i64)>, StoreError> {
        let read = || -> Result<Vec<(u32, i64)>, rusqlite::Error> {
            let mut select = self.database.prepare(
                "SELECT p.round, p.document FROM picks p JOIN rounds r ON r.number = p.round
                 WHERE p.document >= ?1 AND p.document < ?2 AND r.stage = 'exported'",
            )?;
            let rows =
                select.query_map(params![documents.0, documents.1], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().doing(DOING)
    }

    /// Returns the command whose first file has this number in `table` (`imports` or `ingests`).
    /// Fails if there is no such command or if it was undone.
    fn command_of(&self, table: &str, number: i64, facts: &Documents) -> Result<Command, StoreError> {
        let what = if table == "imports" { "import" } else { "ingest" };
        let select = format!(
            "SELECT min(number), max(number), json_group_array(file) FROM {table}
             WHERE coalesce(command, number) = (SELECT coalesce(command, number) FROM {table} WHERE number = ?1)"
        );
        let found = self
            .database
            .query_row(&select, [number], |row| {
                let first: Option<i64> = row.get(0)?;
                let files: String = row.get(2)?;
                let files = serde_json::from_str(&files).unwrap_or_else(|_| vec![files]);
                Ok(first.zip(row.get(1)?).map(|(first, last)| Command { first, last, files }))
            })
            .optional()
            .doing(DOING)?
            .flatten();
        let Some(command) = found else {
            let last = format!("SELECT max(coalesce(command, number)) FROM {table}");
            let last = self.database.query_row(&last, [], |row| row.get(0)).doing(DOING)?;
            return Err(StoreError::NoSuchCommand { what, number, last });
        };
        if number != command.first {
            return Err(StoreError::PartOfCommand { what, number, first: command.first });
        }
        if is_undone(facts, table, command.first) {
            return Err(StoreError::UndoneAlready { what, number: command.first });
        }
        Ok(command)
    }

    /// Returns the numbers of the documents that a command added: the first, and one past the last.
    /// Both are 0 if it added none.
    fn documents_of(&self, command: &Command) -> Result<(i64, i64), rusqlite::Error> {
        let select = "SELECT min(number), max(number) + 1 FROM documents WHERE import BETWEEN ?1 AND ?2";
        let found: (Option<i64>, Option<i64>) =
            self.database
                .query_row(select, [command.first, command.last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(found.0.zip(found.1).unwrap_or((0, 0)))
    }
}

/// Whether the command with this number in `table` (`imports` or `ingests`) was undone.
fn is_undone(facts: &Documents, table: &str, number: i64) -> bool {
    if table == "imports" { facts.has_no_import(number) } else { facts.has_no_ingest(number) }
}

/// Returns what prevents undoing an import. The import added the documents with numbers from
/// `documents.0` up to, but not including, `documents.1`; `last` is the number of its last file.
fn in_the_way(
    database: &Connection,
    documents: (i64, i64),
    last: i64,
    facts: &Documents,
) -> Result<InTheWay, rusqlite::Error> {
    let mut found = InTheWay::default();
    let of = |table: &str, by: &str| -> Result<Vec<(i64, i64)>, rusqlite::Error> {
        let select = format!(
            "SELECT {by}, count(*) FROM {table} WHERE document >= ?1 AND document < ?2 GROUP BY {by}"
        );
        let mut select = database.prepare(&select)?;
        let rows =
            select.query_map(params![documents.0, documents.1], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let command = |table: &str, number: i64| -> Result<i64, rusqlite::Error> {
        let select = format!("SELECT coalesce(command, number) FROM {table} WHERE number = ?1");
        database.query_row(&select, [number], |row| row.get(0))
    };
    for (table, counted) in [("annotations", &mut found.answers), ("settled", &mut found.decisions)] {
        for (ingest, n) in of(table, "ingest")? {
            if !facts.has_no_ingest(ingest) {
                *counted += n.unsigned_abs();
                found.ingests.insert(command("ingests", ingest)?);
            }
        }
    }
    for (import, n) in of("gold", "import")? {
        if import > last && !facts.has_no_import(import) {
            found.labels += n.unsigned_abs();
            found.imports.insert(command("imports", import)?);
        }
    }
    let within = |number: i64| (documents.0..documents.1).contains(&number);
    for (_, new, _) in facts.replaced().filter(|(old, new, _)| within(*old) && !within(*new)) {
        found.replaced += 1;
        let import =
            database.query_row("SELECT import FROM documents WHERE number = ?1", [new], |row| row.get(0))?;
        found.imports.insert(command("imports", import)?);
    }
    Ok(found)
}

impl InTheWay {
    /// Whether nothing prevents undoing the import.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
