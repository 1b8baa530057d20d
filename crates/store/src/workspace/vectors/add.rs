//! Adds vectors: reads the files row by row, checks each row against the workspace, and writes the
//! new vectors to one part.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;

use querist_core::DocumentVectors;
use rusqlite::{OptionalExtension, TransactionBehavior};
use serde::Serialize;

use super::{FOLDER, VectorAddition, element_of};
use crate::error::{DatabaseContext, InputError, InputProblem, IoContext, Place, StoreError, VectorProblem};
use crate::format::vectors::{Element, VectorFiles, VectorReader, VectorRow};
use crate::vectors::{PartWriter, VectorsByPlace};
use crate::workspace::atomic::Staged;
use crate::workspace::facts::{self, Fact};
use crate::workspace::places::make_folder;
use crate::workspace::{Workspace, sheets};

const DOING: &str = "add vectors";
/// An error names at most this many ids.
const EXAMPLES: usize = 3;

/// What to add.
#[derive(Debug, Clone)]
pub struct VectorsToAdd {
    /// The files.
    pub files: VectorFiles,
    /// The encoder that computed the vectors, as the user names it.
    pub encoder: Option<String>,
}

/// What was added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AddedVectors {
    /// How many documents got a vector.
    pub added: u64,
    /// How many rows had a vector that the workspace has already.
    pub known: u64,
    /// The width of the vectors.
    pub width: usize,
    /// The type of the numbers.
    pub element: String,
}

/// What is known while files are read.
struct Adding<'a> {
    workspace: &'a Workspace,
    earlier: Option<VectorsByPlace>,
    additions: Vec<VectorAddition>,
    /// For each place, 1 + the index in `seen` of the file, and the line or row of its vector; 0
    /// before it is read.
    lines: Vec<(u16, u64)>,
    /// The names of the files in the order of reading, with the unit of their places.
    seen: Vec<(String, Place)>,
    counts: AddedVectors,
    rows: u64,
    foreign: u64,
    examples: Vec<String>,
    buffer: Vec<f32>,
}

impl Workspace {
    /// Adds vectors of documents. Either all new vectors are added or none.
    ///
    /// # Errors
    /// - A file cannot be read, or a row is malformed; the error names file and row.
    /// - A row has an id that no document has, or two rows have the same id.
    /// - A document has a different vector, or the vectors have another width than those before.
    /// - The disk or the database cannot be written.
    pub fn add_vectors(&mut self, to_add: &VectorsToAdd) -> Result<AddedVectors, StoreError> {
        let additions = self.vector_additions()?;
        let part = additions.last().map_or(0, |addition| addition.part) + 1;
        let folder = self.root.join(FOLDER);
        make_folder(&folder)?;
        let path = self.part_path(part);
        let mut adding = Adding::new(self, additions)?;
        let staged = Staged::new(&path, |out| adding.read(to_add, out));
        let counts = adding.counts;
        let staged = match staged {
            Ok(staged) if counts.added > 0 => staged,
            nothing => {
                let done = nothing.map(drop);
                // This removes the folder only if it is empty.
                let _ = std::fs::remove_dir(&folder);
                return done.map(|()| counts);
            }
        };
        let fact = Fact::VectorsAdded {
            part,
            files: to_add.files.files.clone(),
            vectors: counts.added,
            width: counts.width,
            element: counts.element.clone(),
            encoder: to_add.encoder.clone(),
        };
        let who = self.who.clone();
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(DOING)?;
        facts::add(&transaction, &fact, who.as_deref()).doing(DOING)?;
        crate::workspace::undo::drop_draft(&transaction).doing(DOING)?;
        staged.publish()?;
        if let Err(error) = transaction.commit().doing(DOING) {
            // If this fails, the next writer removes the file.
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
        Ok(counts)
    }
}

impl<'a> Adding<'a> {
    fn new(workspace: &'a Workspace, additions: Vec<VectorAddition>) -> Result<Self, StoreError> {
        let n_documents = sheets::n_documents(&workspace.database)?;
        Ok(Self {
            workspace,
            earlier: workspace.vectors(None)?,
            additions,
            lines: vec![(0, 0); n_documents],
            seen: Vec::new(),
            counts: AddedVectors::default(),
            rows: 0,
            foreign: 0,
            examples: Vec::new(),
            buffer: Vec::new(),
        })
    }

    /// Reads all files, and writes the new vectors to a part.
    fn read(&mut self, to_add: &VectorsToAdd, out: &mut BufWriter<File>) -> Result<(), StoreError> {
        let workspace = self.workspace;
        let find = "SELECT document FROM ids WHERE id = ?1";
        let mut find = workspace.database.prepare_cached(find).doing(DOING)?;
        let (folder, first) = (workspace.root.join(FOLDER), to_add.files.files.first());
        let first = first.map_or("", String::as_str);
        let mut reader = VectorReader::open(to_add.files.clone())?;
        let (mut unused, mut writer) = (Some(out), None::<PartWriter<'_>>);
        while let Some(row) = reader.next_row()? {
            self.rows += 1;
            let number: Option<i64> = find.query_row([row.id], |row| row.get(0)).optional().doing(DOING)?;
            let Some(place) = number.and_then(|number| u32::try_from(number - 1).ok()) else {
                self.foreign += 1;
                if self.examples.len() < EXAMPLES {
                    self.examples.push(row.id.to_owned());
                }
                continue;
            };
            let is_new = self.check(place, &row)?;
            let VectorRow { values, element, .. } = row;
            if let Some(out) = unused.take() {
                self.check_element(element, first)?;
                self.check_encoder(to_add, first)?;
                self.counts.width = values.len();
                element.name().clone_into(&mut self.counts.element);
                writer = Some(PartWriter::new(out, element, values.len()).doing("write into", &folder)?);
            }
            if let (true, Some(writer)) = (is_new, &mut writer) {
                writer.push(place, values).doing("write into", &folder)?;
                self.counts.added += 1;
            }
        }
        self.check_foreign(to_add)?;
        match writer {
            Some(writer) => writer.finish().doing("write into", &folder),
            None => Err(InputError::of_file(first, InputProblem::NoRows).into()),
        }
    }

    /// Checks a vector against the rows before and the workspace's vectors. Returns whether the
    /// document has no vector yet.
    fn check(&mut self, place: u32, row: &VectorRow<'_>) -> Result<bool, StoreError> {
        let fault =
            |problem: VectorProblem| StoreError::from(InputError::at(row.file, row.place, problem.into()));
        if self.seen.last().is_none_or(|(file, _)| file != row.file) {
            self.seen.push((row.file.to_owned(), row.place));
        }
        let at = &mut self.lines[place as usize];
        if at.0 > 0 {
            let (file, unit) = &self.seen[usize::from(at.0) - 1];
            let before = match unit {
                Place::Line(_) => Place::Line(at.1),
                Place::Item(_) => Place::Item(at.1),
                Place::Row(_) | Place::Cells { .. } => Place::Row(at.1),
            };
            let before = InputError::at(file, before, InputProblem::NoRows).whereabouts();
            return Err(fault(VectorProblem::Repeated { id: row.id.to_owned(), before }));
        }
        *at = (self.seen.len() as u16, row.place.number());
        let Some(earlier) = &self.earlier else { return Ok(true) };
        let (found, expected) = (row.values.len(), earlier.width());
        if found != expected {
            let before = "each vector of the workspace".to_owned();
            return Err(fault(VectorProblem::Width { found, expected, before }));
        }
        if !earlier.has(place) {
            return Ok(true);
        }
        self.buffer.resize(expected, 0.0);
        earlier.read(&[place], &mut self.buffer).map_err(|error| StoreError::Io {
            action: "read",
            path: self.workspace.root.join(FOLDER),
            source: std::io::Error::other(error),
        })?;
        if self.buffer == row.values {
            self.counts.known += 1;
            return Ok(false);
        }
        let (added, from) = self.origin(place);
        Err(fault(VectorProblem::Different { id: row.id.to_owned(), added, from }))
    }

    /// Returns the day on which the document at this place got its vector, and from which files.
    fn origin(&self, place: u32) -> (String, String) {
        let part = self.earlier.as_ref().and_then(|earlier| earlier.part_of(place)).unwrap_or_default();
        self.additions.get(part).map_or_else(Default::default, |addition| {
            let day = addition.at.get(..10).unwrap_or(&addition.at).to_owned();
            let files: Vec<String> =
                addition.files.iter().map(|file| crate::error::shown(file).into_owned()).collect();
            (day, files.join(", "))
        })
    }

    /// Checks that whole numbers and fractions are not mixed.
    fn check_element(&self, found: Element, file: &str) -> Result<(), StoreError> {
        match self.additions.iter().find_map(element_of).filter(|known| !known.goes_with(found)) {
            None => Ok(()),
            Some(expected) => {
                let problem = VectorProblem::Mixed { found: found.name(), expected: expected.name() };
                Err(InputError::of_file(file, problem.into()).into())
            }
        }
    }

    /// Checks that the user names the same encoder as before.
    fn check_encoder(&self, to_add: &VectorsToAdd, file: &str) -> Result<(), StoreError> {
        let known: BTreeMap<&String, &VectorAddition> = self
            .additions
            .iter()
            .filter_map(|addition| Some((addition.encoder.as_ref()?, addition)))
            .collect();
        match (&to_add.encoder, known.keys().next()) {
            (Some(found), Some(expected)) if found != *expected => {
                let (found, expected) = (found.clone(), (*expected).clone());
                Err(InputError::of_file(file, VectorProblem::Encoder { found, expected }.into()).into())
            }
            _ => Ok(()),
        }
    }

    /// Fails if ids belong to no document.
    fn check_foreign(&mut self, to_add: &VectorsToAdd) -> Result<(), StoreError> {
        if self.foreign == 0 {
            return Ok(());
        }
        if self.foreign > self.examples.len() as u64 {
            self.examples.push("…".to_owned());
        }
        let examples = self.examples.join(", ");
        let problem = VectorProblem::Foreign { rows: self.foreign, all: self.rows, examples };
        let file = to_add.files.files.join(", ");
        Err(InputError::of_file(&file, problem.into()).into())
    }
}
