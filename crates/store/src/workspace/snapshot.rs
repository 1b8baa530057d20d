//! Reads a snapshot, which is the current state of a workspace without the texts, in one
//! transaction.
//!
//! Documents are read from the sheets in the order of their numbers, and returned in the order of
//! their ids. Besides the returned records, reading needs four bytes of memory per document. If the
//! two orders differ, sorting and hashing need about fifty more bytes per document for a while.

use jiff::Timestamp;
use querist_core::{Answer, Assignment, Class, DocumentRecord, LabelSet, Names, Settled, Snapshot};

use super::Workspace;
use super::facts::{Documents, Fact, Facts};
use super::indices::{Indices, with_number};
use super::ledger::answer_of;
use super::order::{order, rearrange};
use super::past::Until;
use super::people::{Known, People};
use super::returned::Read;
use super::rounds::Exported;
use super::sheets::{self, Entry};
use super::stored::time_at;
use crate::error::{DatabaseContext, StoreError};

/// Sorts the annotators by name, and the answers by document and annotator. Each answer refers to
/// its annotator by position, so the positions in the answers are updated.
pub(super) fn in_order(names: Names, mut answers: Vec<Answer>) -> (Vec<String>, Vec<Answer>) {
    let (names, place_of) = names.sorted();
    for answer in &mut answers {
        answer.annotator = place_of[answer.annotator as usize];
    }
    answers.sort_unstable_by_key(|answer| (answer.document, answer.annotator));
    (names, answers)
}

impl Workspace {
    /// Returns the current state of everything that a round depends on, except the texts.
    ///
    /// # Errors
    /// The database cannot be read or contradicts itself. Or a user changed the labels in
    /// querist.toml by hand, so that `labels` lacks a stored label or lists the labels in another
    /// order.
    pub fn snapshot(&self, labels: &LabelSet) -> Result<Snapshot, StoreError> {
        self.snapshot_as_if(labels, &[])
    }

    /// Returns the snapshot that [`Self::snapshot`] would return if `facts` were recorded too.
    ///
    /// # Errors
    /// The errors of [`Self::snapshot`].
    pub fn snapshot_as_if(&self, labels: &LabelSet, facts: &[Fact]) -> Result<Snapshot, StoreError> {
        let more = facts;
        let transaction = self.database.unchecked_transaction().doing("read the workspace")?;
        let mut facts = Facts::now(&self.database)?;
        facts.take_all(more);
        let labels = &facts.labels.of(labels.clone());
        // The column `current` marks the entries that are current without the hypothetical facts.
        // If these facts change documents or answers, the current entries must be found from the
        // histories instead.
        let as_if = more.iter().any(Fact::is_of_documents);
        let (documents, documents_hash) = if as_if {
            let documents = self.documents_until(Until::NOW, labels, &facts.documents)?;
            let hash = self.digest(&documents)?.hex();
            (documents, hash)
        } else {
            self.documents(labels, &facts.documents)?
        };
        let n = sheets::n_documents(&self.database)?;
        let indices = Indices::of_documents(n, &documents, &facts.documents);
        let history = as_if || facts.documents.keeps_answers();
        let people = People::of(&self.database, Known::ALL, &facts.names).doing("read the workspace")?;
        let (annotators, answers) = if history || people.has_several_names() {
            // If a person has several names, only the whole history shows which answer is current.
            self.answers_until(Until::NOW, labels, &indices, (&people, &facts))?
        } else {
            self.answers(labels, &indices, &people)?
        };
        let (settled, decisions_left_out) = if history || facts.excludes() {
            self.settled_until(Until::NOW, labels, &indices, (&people, &facts))?
        } else {
            (self.settled(labels, &indices, &people)?, Vec::new())
        };
        let assignments = self.assignments_before(u32::MAX, &indices, &people)?;
        let Exported { rounds, known_by } = self.exported_rounds(labels, &indices, None)?;
        transaction.finish().doing("read the workspace")?;
        let mut snapshot = Snapshot {
            labels: labels.clone(),
            documents,
            documents_hash,
            annotators,
            answers,
            settled,
            assignments,
            rounds,
            people: Vec::new(),
        };
        let (facts, people, indices) = (&facts, &people, &indices);
        let (database, last_ingest) = (&self.database, Until::NOW.ingest);
        Read { database, last_ingest, facts, people, indices, decisions_left_out, known_by }
            .lay_over(&mut snapshot)?;
        Ok(snapshot)
    }

    /// Returns the documents, in the order of their ids, and the hash of all of them.
    fn documents(
        &self,
        labels: &LabelSet,
        facts: &Documents,
    ) -> Result<(Vec<DocumentRecord>, String), StoreError> {
        let mut documents: Vec<DocumentRecord> = Vec::with_capacity(sheets::room(&self.database)?);
        // `Some` as long as the ids ascend. If all ids ascend, which is common, the hash needs no
        // second pass over the documents.
        let mut digest = Some(DocumentsDigest::default());
        let mut next = 0;
        sheets::for_each(&self.database, |entry| {
            let place = next;
            next += 1;
            if facts.is_absent(i64::from(next)) {
                return Ok(());
            }
            match &mut digest {
                Some(digest) if documents.last().is_none_or(|last| last.id.as_str() < entry.id) => {
                    digest.push(&entry);
                }
                _ => digest = None,
            }
            documents.push(DocumentRecord { id: entry.id.into(), place, role: entry.role, label: None });
            Ok(())
        })?;
        self.label(&mut documents, labels)?;
        if let Some(digest) = digest {
            return Ok((documents, digest.hex()));
        }
        if let Some(order) = order(documents.len(), |place| documents[place].id.as_bytes()) {
            rearrange(&mut documents, order);
        }
        let digest = self.digest(&documents)?;
        Ok((documents, digest.hex()))
    }

    /// Sets each document's current imported label. The documents must be sorted by number.
    fn label(&self, documents: &mut [DocumentRecord], labels: &LabelSet) -> Result<(), StoreError> {
        let doing = "read the labels";
        let mut select =
            self.database.prepare("SELECT document, label FROM gold WHERE current = 1").doing(doing)?;
        let mut rows = select.query([]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let number: i64 = row.get(0).doing(doing)?;
            let label = row.get_ref(1).and_then(|label| Ok(label.as_str()?)).doing(doing)?;
            if let Some(document) = with_number(documents, number) {
                document.label = class(labels, label)?;
            }
        }
        Ok(())
    }

    /// Returns the hash of the documents, in the given order.
    pub(super) fn digest(&self, documents: &[DocumentRecord]) -> Result<DocumentsDigest, StoreError> {
        let mut text_hashes = Vec::with_capacity(documents.len());
        let mut meta_hashes = Vec::new();
        // For each document, the position in `meta_hashes` of the hash of its fields, or `u32::MAX`
        // if it has no fields. If the last documents have no fields, they have no entry here.
        let mut metas: Vec<u32> = Vec::new();
        sheets::for_each(&self.database, |entry| {
            if let Some(meta_hash) = entry.meta_hash {
                metas.resize(text_hashes.len(), u32::MAX);
                metas.push(meta_hashes.len() as u32);
                meta_hashes.push(*meta_hash);
            }
            text_hashes.push(*entry.text_hash);
            Ok(())
        })?;
        let mut digest = DocumentsDigest::default();
        for document in documents {
            let place = document.place as usize;
            digest.push(&Entry {
                id: &document.id,
                role: document.role,
                text_hash: text_hashes.get(place).ok_or_else(sheets::damaged)?,
                meta_hash: metas.get(place).and_then(|at| meta_hashes.get(*at as usize)),
            });
        }
        Ok(digest)
    }

    /// Returns the names of the annotators, and the current answers, sorted by document and
    /// annotator.
    fn answers(
        &self,
        labels: &LabelSet,
        indices: &Indices,
        people: &People,
    ) -> Result<(Vec<String>, Vec<Answer>), StoreError> {
        let doing = "read the answers";
        let mut select = self
            .database
            .prepare("SELECT document, annotator, label, time, seconds FROM annotations WHERE current = 1")
            .doing(doing)?;
        let mut rows = select.query([]).doing(doing)?;
        let (mut names, mut answers) = (Names::default(), Vec::new());
        while let Some(row) = rows.next().doing(doing)? {
            let number = row.get(0).doing(doing)?;
            let Some(document) = indices.of(number)? else { continue };
            let annotator = names.number(&people.shown(row.get(1).doing(doing)?));
            let label = row.get_ref(2).and_then(|label| Ok(label.as_str_or_null()?)).doing(doing)?;
            let label = label.map(|label| class(labels, label)).transpose()?.flatten();
            let time = time_at(row, 3, &answer_of(number)).doing(doing)?.map(Timestamp::as_microsecond);
            let seconds = row.get(4).doing(doing)?;
            answers.push(Answer { document, annotator, label, seconds, time });
        }
        Ok(in_order(names, answers))
    }

    /// Returns the current decisions of experts, sorted by document.
    fn settled(
        &self,
        labels: &LabelSet,
        indices: &Indices,
        people: &People,
    ) -> Result<Vec<Settled>, StoreError> {
        let doing = "read the experts' decisions";
        let mut select = self
            .database
            .prepare("SELECT document, label, expert FROM settled WHERE current = 1")
            .doing(doing)?;
        let mut rows = select.query([]).doing(doing)?;
        let mut settled = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let Some(document) = indices.of(row.get(0).doing(doing)?)? else { continue };
            let label = row.get_ref(1).and_then(|label| Ok(label.as_str_or_null()?)).doing(doing)?;
            let Decided::As(label) = Decided::read(labels, label)? else { continue };
            let expert = people.shown(row.get(2).doing(doing)?);
            settled.push(Settled { document, label, expert });
        }
        settled.sort_unstable_by_key(|settled| settled.document);
        Ok(settled)
    }

    /// Returns the assignments of exported rounds with numbers below `before`, sorted by round,
    /// document and annotator.
    pub(super) fn assignments_before(
        &self,
        before: u32,
        indices: &Indices,
        people: &People,
    ) -> Result<Vec<Assignment>, StoreError> {
        let doing = "read who was handed what";
        let mut select = self
            .database
            .prepare(
                "SELECT a.round, a.document, a.annotator FROM assignments a
                 JOIN rounds r ON r.number = a.round WHERE r.stage = 'exported' AND a.round < ?1",
            )
            .doing(doing)?;
        let mut rows = select.query([before]).doing(doing)?;
        let mut assignments = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let round = row.get(0).doing(doing)?;
            let Some(document) = indices.of(row.get(1).doing(doing)?)? else { continue };
            let annotator = people.shown(row.get(2).doing(doing)?);
            assignments.push(Assignment { round, document, annotator });
        }
        assignments.sort_unstable_by(|a, b| {
            (a.round, a.document).cmp(&(b.round, b.document)).then_with(|| a.annotator.cmp(&b.annotator))
        });
        Ok(assignments)
    }
}

/// Computes one [`querist_core::Digest`] of all documents: of each document's id, role, text hash
/// and hash of its fields. These parts are first collected in a long buffer, because BLAKE3 hashes
/// many blocks of a long buffer at once. Hashing them one by one takes five times as long.
#[derive(Default)]
pub(super) struct DocumentsDigest {
    hash: blake3::Hasher,
    pending: Vec<u8>,
}

impl DocumentsDigest {
    /// Adds the next document.
    fn push(&mut self, entry: &Entry<'_>) {
        let meta_hash = entry.meta_hash.map_or(&[][..], |hash| hash);
        for part in [entry.id.as_bytes(), entry.role.name().as_bytes(), entry.text_hash, meta_hash] {
            self.pending.extend_from_slice(&(part.len() as u64).to_le_bytes());
            self.pending.extend_from_slice(part);
        }
        if self.pending.len() >= 1 << 16 {
            self.hash.update(&self.pending);
            self.pending.clear();
        }
    }

    /// Returns the hash of all added documents, in hexadecimal.
    pub(super) fn hex(mut self) -> String {
        self.hash.update(&self.pending);
        self.hash.finalize().to_hex().to_string()
    }
}

/// Returns the class of a stored label; `None` if the class was removed.
pub(super) fn class(labels: &LabelSet, label: &str) -> Result<Option<Class>, StoreError> {
    match labels.class(label) {
        Some(class) => Ok(Some(class)),
        None if labels.was_taken_out(label) => Ok(None),
        None => Err(StoreError::Inconsistent {
            what: format!("the label \"{label}\", which querist.toml does not list"),
            remedy: "add it to `labels` in querist.toml again",
        }),
    }
}

/// What a stored decision means now.
pub(super) enum Decided {
    /// The document belongs to this class; `None` if no class fits.
    As(Option<Class>),
    /// The decision is void, because the class that it names was removed.
    Nothing,
}

impl Decided {
    /// Interprets the label of a stored decision; `None` says that no class fits.
    pub(super) fn read(labels: &LabelSet, label: Option<&str>) -> Result<Self, StoreError> {
        let Some(label) = label else { return Ok(Self::As(None)) };
        Ok(class(labels, label)?.map_or(Self::Nothing, |class| Self::As(Some(class))))
    }
}
