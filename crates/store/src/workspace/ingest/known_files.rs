//! Recognizes files that were ingested before, and stores what is new in such a file.

use jiff::Timestamp;
use rusqlite::params;

use super::{Entry, IngestAs, Ingester, Reading};
use crate::error::{DatabaseContext, StoreError};
use crate::format::file_name::stem;
use crate::workspace::known_hash::{self, WITHOUT};

impl Ingester<'_> {
    /// Returns the key by which a file is recognized later. It consists of the hash of its content,
    /// whether it contains decisions, and the annotator's name if the records do not name the
    /// annotator.
    ///
    /// `hash` is the hash of the content. `is_named_by_file` says whether the annotator's name is
    /// the file's name.
    pub(super) fn content_hash(&self, file: &str, mut hash: String, is_named_by_file: bool) -> String {
        if let Some(annotator) = &self.options.annotator {
            hash = format!("{hash} by {annotator}");
        } else if is_named_by_file {
            hash = format!("{hash} by {}", stem(file));
        }
        if self.options.kind == IngestAs::Expert { format!("expert {hash}") } else { hash }
    }

    /// Stores the new answers of a file. `hash` is the file's key ([`Self::content_hash`]).
    pub(super) fn store(&mut self, file: &str, mut hash: String, reading: Reading) -> Result<(), StoreError> {
        let Reading { pairs, passed_over, .. } = reading;
        let seen_before = known_hash::was_seen(self.transaction, &hash).doing("ingest")?;
        if passed_over.count() > 0 {
            hash = format!("{hash}{WITHOUT}{}", passed_over.finalize().to_hex());
        }
        let Some(ingest) = self.note_file(file, &hash).doing("ingest")? else {
            self.counts.known_files += 1;
            for ((document, annotator), entries) in pairs {
                self.known_pair(document, &annotator, &entries).doing("ingest")?;
            }
            return Ok(());
        };
        for ((document, annotator), entries) in pairs {
            // If a file is ingested again because rows were skipped, only these rows add answers.
            // The other rows of the file must not replace answers that arrived in between.
            let known =
                |names: &[&str]| self.ledger.history(document, names).map(|history| !history.is_empty());
            if seen_before && known(&self.people.spellings(&annotator)).doing("ingest")? {
                self.known_pair(document, &annotator, &entries).doing("ingest")?;
                continue;
            }
            self.pair(document, &annotator, entries, ingest).doing("ingest")?;
        }
        Ok(())
    }

    /// Stores the remarks on answers that were ingested before. Apart from remarks, nothing about
    /// these answers can be new.
    fn known_pair(
        &mut self,
        document: i64,
        annotator: &str,
        entries: &[Entry],
    ) -> Result<(), rusqlite::Error> {
        self.counts.unchanged += entries.len() as u64;
        for entry in entries.iter().filter(|entry| !entry.remarks.is_empty()) {
            let who = self.people.spellings(annotator);
            self.counts.remarked += u64::from(self.ledger.add_remarks(document, &who, entry)?);
        }
        Ok(())
    }

    /// Adds a row for a file to the table `ingests`. Returns the row's number; `None` if a file
    /// with the same key has a row already.
    fn note_file(&mut self, file: &str, hash: &str) -> Result<Option<i64>, rusqlite::Error> {
        let inserted = self.transaction.execute(
            "INSERT INTO ingests (file, hash, at, who, command) VALUES (?1, ?2, ?3, ?4,
                 coalesce(?5, (SELECT coalesce(max(number), 0) + 1 FROM ingests))) ON CONFLICT (hash) DO NOTHING",
            params![file, hash, Timestamp::now().to_string(), self.who, self.command],
        )?;
        let ingest = (inserted == 1).then(|| self.transaction.last_insert_rowid());
        self.command = self.command.or(ingest);
        Ok(ingest)
    }
}
