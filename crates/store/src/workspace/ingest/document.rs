//! Finds the document to which an answer belongs, by its id or by its text. If a row's text
//! contradicts its id, the row is bad.

use querist_core::visible::NameFault;
use querist_core::{Role, name_key};
use rusqlite::OptionalExtension;
use unicode_normalization::UnicodeNormalization;

use super::{IngestAs, Ingester};
use crate::error::{AnswerProblem, DatabaseContext, InputProblem, StoreError};
use crate::format::answers::{AnswerRow, DocumentReference};
use crate::format::same_text::{same_text, text_key};
use crate::workspace::ids::entered;
use crate::workspace::import::RowFault;
use crate::workspace::sheets::role_at;
use crate::workspace::text_index::TextIndex;

/// The largest number of characters of a text that a message quotes.
const SHOWN: usize = 40;

impl Ingester<'_> {
    /// Checks an answer and finds its document. Returns the document's number and the answer.
    pub(super) fn known(&mut self, row: AnswerRow) -> Result<(i64, AnswerRow), RowFault> {
        if let Some(fault) = NameFault::of(&row.annotator) {
            let (what, name) = ("annotator", row.annotator);
            return Err(InputProblem::MisleadingName { what, name, fault }.into());
        }
        if self.options.kind == IngestAs::Expert && row.rejects.is_some() && row.label.is_none() {
            return Err(InputProblem::RejectionByExpert.into());
        }
        let number = match self.number_of(&row) {
            Err(RowFault::Bad(_)) if self.was_forgotten(&row) => return Err(InputProblem::Forgotten.into()),
            found => found?,
        };
        let mut find = self
            .transaction
            .prepare_cached("SELECT role, id, text FROM documents WHERE number = ?1")
            .doing("ingest")?;
        let (role, id, contradicts) = find
            .query_row([number], |found| {
                let stored = found.get_ref(2)?.as_str()?;
                let contradicts = row.text.as_ref().is_some_and(|text| !same_text(text, stored));
                Ok((role_at(found, 0, 1)?, found.get::<_, String>(1)?, contradicts))
            })
            .doing("ingest")?;
        // If the table `ids` were damaged, the answer would be stored for another document. So
        // compare the document's own id with the id in the row.
        if let DocumentReference::Id(asked) = &row.document
            && !row.may_be_foreign
            && name_key(&id) != name_key(asked)
        {
            let (what, id) = ("entry", asked.clone());
            return Err(RowFault::Store(StoreError::NotAsImported { what, id }));
        }
        if let Some(text) = row.text.as_deref().filter(|_| contradicts) {
            return Err(InputProblem::from(self.contradiction(id, text)?).into());
        }
        if role == Role::Test {
            return Err(InputProblem::AnswerForTest { id }.into());
        }
        Ok((number, row))
    }

    /// Returns the number of the document to which a row refers.
    fn number_of(&mut self, row: &AnswerRow) -> Result<i64, RowFault> {
        match (&row.document, &row.text) {
            (DocumentReference::Text(text), _) => self.by_text(text),
            // The tool may have made up the id. If no document has the id, the text decides.
            (DocumentReference::Id(id), Some(text)) if row.may_be_foreign => match self.entered(id)? {
                Some(number) => Ok(number),
                None => self.by_text(text),
            },
            (DocumentReference::Id(id), _) => self.by_id(id),
        }
    }

    /// Whether a row refers to a forgotten document.
    fn was_forgotten(&self, row: &AnswerRow) -> bool {
        let (id, text) = match &row.document {
            DocumentReference::Text(text) => ("", text),
            DocumentReference::Id(id) => (id.as_str(), row.text.as_ref().unwrap_or(id)),
        };
        self.tombstones.has(id, text)
    }

    /// Returns the problem of a row whose text is not the text of the document `id`. The problem
    /// names the document that does have the row's text, if there is one.
    fn contradiction(&mut self, id: String, text: &str) -> Result<AnswerProblem, RowFault> {
        let number = self.with_text(text)?.first().copied();
        let mut find =
            self.transaction.prepare_cached("SELECT id FROM documents WHERE number = ?1").doing("ingest")?;
        let found =
            number.map(|number| find.query_row([number], |row| row.get(0))).transpose().doing("ingest")?;
        let owner = found.map_or_else(
            || "and no document has it".to_owned(),
            |owner: String| format!("but to \"{owner}\""),
        );
        Ok(AnswerProblem::TextContradicts { id, start: text.chars().take(SHOWN).collect(), owner })
    }

    /// Returns the number of the document with this id, if there is one. Tools may have changed the
    /// encoding of accents in the id, so both encodings (Unicode normal forms C and D) are tried.
    fn entered(&self, id: &str) -> Result<Option<i64>, RowFault> {
        let found = entered(self.transaction, id).doing("ingest")?;
        if found.is_some() || id.is_ascii() {
            return Ok(found);
        }
        for other in [id.nfc().collect::<String>(), id.nfd().collect()] {
            if let Some(number) = entered(self.transaction, &other).doing("ingest")? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// Returns the number of the document with this id. Fails if there is none.
    fn by_id(&self, id: &str) -> Result<i64, RowFault> {
        if let Some(number) = self.entered(id)? {
            return Ok(number);
        }
        // Searching for a similar id reads every id. That is acceptable once, before the ingest
        // fails, but not for every skipped row.
        let nearest = if self.options.skip_bad_rows { None } else { self.near(id).doing("ingest")? };
        Err(InputProblem::UnknownDocument { id: id.to_owned(), nearest }.into())
    }

    /// Returns the number of the document with this text. If several documents have the text,
    /// returns the one that was in a batch. Fails if there is none, or more than one.
    fn by_text(&mut self, text: &str) -> Result<i64, RowFault> {
        let found = self.with_text(text)?;
        if let [number] = found[..] {
            return Ok(number);
        }
        let mut asked = Vec::new();
        for number in &found {
            if self.asked(*number).doing("ingest")? {
                asked.push(*number);
            }
        }
        match (asked[..].as_ref(), found.len()) {
            ([number], _) => Ok(*number),
            (_, 0) => Err(InputProblem::UnknownText { start: text.chars().take(SHOWN).collect() }.into()),
            (_, found) => Err(InputProblem::AmbiguousText { found }.into()),
        }
    }

    /// Returns the numbers of the documents with exactly this text. If there are none, returns the
    /// documents whose text differs only in ways in which tools change texts ([`text_key`]).
    fn with_text(&mut self, text: &str) -> Result<Vec<i64>, RowFault> {
        let texts = match self.texts.take() {
            Some(texts) => texts,
            None => TextIndex::of(self.transaction, self.ledger.facts).doing("ingest")?,
        };
        let found = texts.find(self.transaction, text);
        self.texts = Some(texts);
        let found = found.doing("ingest")?;
        if !found.is_empty() {
            return Ok(found);
        }
        let keys = match self.text_keys.take() {
            Some(keys) => keys,
            None => TextIndex::of_keys(self.transaction, self.ledger.facts).doing("ingest")?,
        };
        let found = keys.find_key(self.transaction, &text_key(text));
        self.text_keys = Some(keys);
        Ok(found.doing("ingest")?)
    }

    /// Returns a known id that differs from `id` only in upper and lower case or in white space at
    /// the ends. Spreadsheets cause such differences.
    fn near(&self, id: &str) -> Result<Option<String>, rusqlite::Error> {
        self.transaction
            .prepare_cached("SELECT id FROM ids WHERE lower(id) = lower(trim(?1)) ORDER BY id LIMIT 1")?
            .query_row([id], |row| row.get(0))
            .optional()
    }
}
