//! Import: documents into the workspace, one transaction for the whole command.
//!
//! The same document may come again: the same id with the same text is counted and passed over, or brings the label that
//! was missing. The same id with another text is an error, because one of the two would be lost.

use std::path::PathBuf;

use jiff::Timestamp;
use querist_core::{Document, LabelSet, Role};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::Workspace;
use super::artifacts::write_rejected;
use crate::error::{DatabaseContext, InputError, InputProblem, StoreError, shown};
use crate::format::documents::{self, FieldNames};
use crate::format::rejected::Rejected;
use crate::lines::Lines;

/// What the documents are imported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportAs {
    /// A row with a label trains the model, a row without one joins the pool.
    Guess,
    /// To be chosen from. Labels in the file are left out.
    Pool,
    /// Training examples; every row needs its label.
    Labeled,
    /// Held out; every row needs its label.
    Test,
    /// Control items; every row needs its label.
    Control,
}

impl ImportAs {
    fn name(self) -> &'static str {
        match self {
            Self::Guess => "auto",
            Self::Pool => "pool",
            Self::Labeled => "labeled",
            Self::Test => "test",
            Self::Control => "control",
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Guess | Self::Pool | Self::Labeled => Role::Pool,
            Self::Test => Role::Test,
            Self::Control => Role::Control,
        }
    }
}

/// How to import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// As what.
    pub kind: ImportAs,
    /// Which fields hold what.
    pub fields: FieldNames,
    /// Whether a label other than the stored one replaces it.
    pub relabel: bool,
    /// Whether bad rows are collected instead of ending the import.
    pub skip_bad_rows: bool,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// New documents in the pool, without a label.
    pub pool: u64,
    /// New documents with a training label.
    pub labeled: u64,
    /// New test documents.
    pub test: u64,
    /// New control items.
    pub control: u64,
    /// Documents that were there and now have a label.
    pub newly_labeled: u64,
    /// Documents that were there and have another label now.
    pub relabeled: u64,
    /// Documents that moved from the pool to the test set or the control items.
    pub moved: u64,
    /// Rows that were there already, with the same text and nothing new.
    pub duplicates: u64,
    /// Labels that `--as pool` left out.
    pub labels_left_out: u64,
    /// Rows passed over because they were bad.
    pub rejected: u64,
}

/// A document that is there already.
struct Known {
    number: i64,
    text_hash: Vec<u8>,
    role: Role,
    label: Option<Gold>,
    from: String,
}

/// The standing label that came with a document.
struct Gold {
    number: i64,
    label: String,
    from: String,
}

impl Workspace {
    /// Imports files. `progress` is called with the number of rows so far, now and then. Also gives the file of the rows
    /// that were passed over, if any were.
    ///
    /// # Errors
    /// The first bad row (unless they are skipped), or a failing disk; then nothing was changed.
    pub fn import(
        &mut self,
        files: &[String],
        labels: &LabelSet,
        options: &ImportOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(ImportCounts, Option<PathBuf>), StoreError> {
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("begin the import")?;
        let mut importer = Importer {
            transaction: &transaction,
            labels,
            options,
            counts: ImportCounts::default(),
            rejected: Rejected::default(),
            import: 0,
        };
        let mut rows = 0;
        for file in files {
            importer.file(file, &mut rows, progress)?;
        }
        let Importer { mut counts, rejected, .. } = importer;
        counts.rejected = rejected.len() as u64;
        let rejected = write_rejected(&self.root, "import", &rejected)?;
        transaction.commit().doing("commit the import")?;
        Ok((counts, rejected))
    }
}

struct Importer<'a> {
    transaction: &'a Transaction<'a>,
    labels: &'a LabelSet,
    options: &'a ImportOptions,
    counts: ImportCounts,
    rejected: Rejected,
    import: i64,
}

impl Importer<'_> {
    fn file(&mut self, file: &str, rows: &mut u64, progress: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
        let mut lines = Lines::open(file)?;
        self.transaction
            .execute(
                "INSERT INTO imports (file, kind, hash, at) VALUES (?1, ?2, '', ?3)",
                params![file, self.options.kind.name(), Timestamp::now().to_string()],
            )
            .doing("import")?;
        self.import = self.transaction.last_insert_rowid();
        let before = *rows;
        while let Some(line) = lines.next_line()? {
            *rows += 1;
            if rows.is_multiple_of(1_000) {
                progress(*rows);
            }
            let number = line.number;
            let taken = line.text.map_err(RowFault::Bad).and_then(|text| self.row(text, number));
            match taken {
                Ok(()) => {}
                Err(RowFault::Store(error)) => return Err(error),
                Err(RowFault::Bad(problem)) => {
                    let error = InputError { file: file.to_owned(), line: Some(number), problem };
                    if !self.options.skip_bad_rows {
                        return Err(error.into());
                    }
                    self.rejected.push(&error, line.bytes);
                }
            }
        }
        if *rows == before {
            return Err(
                InputError { file: file.to_owned(), line: None, problem: InputProblem::NoRows }.into()
            );
        }
        self.transaction
            .execute("UPDATE imports SET hash = ?1 WHERE number = ?2", params![lines.hash(), self.import])
            .doing("import")?;
        Ok(())
    }

    fn row(&mut self, text: &str, line: u64) -> Result<(), RowFault> {
        let ImportOptions { kind, fields, .. } = self.options;
        let row = documents::parse(text, fields, self.labels, *kind == ImportAs::Pool)?;
        let document = row.document;
        self.counts.labels_left_out += u64::from(row.label_left_out);
        let needs_label = matches!(kind, ImportAs::Labeled | ImportAs::Test | ImportAs::Control);
        if needs_label && document.label.is_none() {
            return Err(
                InputProblem::MissingField { field: fields.label.clone(), flag: Some("--label") }.into()
            );
        }
        match known(self.transaction, &document.id).doing("import")? {
            None => self.insert(&document, line),
            Some(known) => self.again(&document, known, line),
        }
    }

    fn insert(&mut self, document: &Document, line: u64) -> Result<(), RowFault> {
        let role = self.options.kind.role();
        self.transaction
            .prepare_cached(
                "INSERT INTO documents (id, text, text_hash, meta, role, import, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    document.id,
                    document.text,
                    blake3::hash(document.text.as_bytes()).as_bytes().as_slice(),
                    document.meta,
                    role.name(),
                    self.import,
                    line as i64
                ])
            })
            .doing("import")?;
        let number = self.transaction.last_insert_rowid();
        if let Some(class) = document.label {
            self.label(number, self.labels.name(class), line)?;
        }
        *match (role, document.label) {
            (Role::Test, _) => &mut self.counts.test,
            (Role::Control, _) => &mut self.counts.control,
            (Role::Pool, Some(_)) => &mut self.counts.labeled,
            (Role::Pool, None) => &mut self.counts.pool,
        } += 1;
        Ok(())
    }

    /// A row whose id is known.
    fn again(&mut self, document: &Document, known: Known, line: u64) -> Result<(), RowFault> {
        if known.text_hash != blake3::hash(document.text.as_bytes()).as_bytes() {
            return Err(InputProblem::IdTaken { id: document.id.clone(), first: known.from }.into());
        }
        let role = self.options.kind.role();
        let Some(label) = document.label.map(|class| self.labels.name(class)) else {
            self.counts.duplicates += 1;
            return Ok(());
        };
        if role != known.role {
            self.change_role(document, &known, role)?;
        }
        match known.label {
            Some(gold) if gold.label == label => self.counts.duplicates += u64::from(role == known.role),
            Some(Gold { number, label: stored, from: first }) => {
                if !self.options.relabel {
                    let (id, label) = (document.id.clone(), label.to_owned());
                    return Err(InputProblem::LabelDiffers { id, stored, first, label }.into());
                }
                self.transaction
                    .execute("UPDATE gold SET current = 0 WHERE number = ?1", [number])
                    .doing("replace a label")?;
                self.label(known.number, label, line)?;
                self.counts.relabeled += 1;
            }
            None => {
                self.label(known.number, label, line)?;
                self.counts.newly_labeled += u64::from(role == known.role);
            }
        }
        Ok(())
    }

    /// Only a document that nothing has been done with may leave the pool, and nothing may enter it from a held-out set.
    fn change_role(&mut self, document: &Document, known: &Known, role: Role) -> Result<(), RowFault> {
        let refuse = |why: String| {
            let (id, wanted) =
                (document.id.clone(), if role == Role::Pool { "labeled" } else { role.name() });
            Err(InputProblem::RoleTaken { id, wanted, why }.into())
        };
        if known.role != Role::Pool {
            return refuse(format!(
                "it is a {} document (from {}); remove the row",
                known.role.name(),
                known.from
            ));
        }
        if let Some(gold) = &known.label {
            return refuse(format!("it trains the model (labelled, from {}); remove the row", gold.from));
        }
        let used: bool = self
            .transaction
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM picks JOIN rounds ON rounds.number = round
                     WHERE document = ?1 AND stage = 'exported')
                 OR EXISTS (SELECT 1 FROM annotations WHERE document = ?1)",
                [known.number],
                |row| row.get(0),
            )
            .doing("import")?;
        if used {
            return refuse("it has already been sent to annotators; remove the row".to_owned());
        }
        self.transaction
            .execute("UPDATE documents SET role = ?1 WHERE number = ?2", params![role.name(), known.number])
            .doing("change a role")?;
        self.counts.moved += 1;
        Ok(())
    }

    fn label(&self, document: i64, label: &str, line: u64) -> Result<(), RowFault> {
        self.transaction
            .prepare_cached(
                "INSERT INTO gold (document, label, import, line, current) VALUES (?1, ?2, ?3, ?4, 1)",
            )
            .and_then(|mut insert| insert.execute(params![document, label, self.import, line as i64]))
            .doing("store a label")?;
        Ok(())
    }
}

fn known(database: &Connection, id: &str) -> Result<Option<Known>, rusqlite::Error> {
    let mut find = database.prepare_cached(
        "SELECT d.number, d.text_hash, d.role, i.file, d.line, g.number, g.label, j.file, g.line
         FROM documents d JOIN imports i ON i.number = d.import
         LEFT JOIN gold g ON g.document = d.number AND g.current = 1
         LEFT JOIN imports j ON j.number = g.import WHERE d.id = ?1",
    )?;
    find.query_row([id], |row| {
        let gold = match row.get(5)? {
            Some(number) => {
                Some(Gold { number, label: row.get(6)?, from: place(&row.get::<_, String>(7)?, row.get(8)?) })
            }
            None => None,
        };
        Ok(Known {
            number: row.get(0)?,
            text_hash: row.get(1)?,
            role: Role::from_name(&row.get::<_, String>(2)?).unwrap_or(Role::Pool),
            label: gold,
            from: place(&row.get::<_, String>(3)?, row.get(4)?),
        })
    })
    .optional()
}

fn place(file: &str, line: i64) -> String {
    format!("{}:{line}", shown(file))
}

/// Why a row was not taken: it is bad, or storing it failed.
pub(super) enum RowFault {
    /// The row is bad; the next one may be good.
    Bad(InputProblem),
    /// The database or the disk failed; there is no going on.
    Store(StoreError),
}

impl From<InputProblem> for RowFault {
    fn from(problem: InputProblem) -> Self {
        Self::Bad(problem)
    }
}

impl From<StoreError> for RowFault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
