//! Finds the documents that meet conditions on the users' own fields, in one pass over all
//! documents. Checks the fields of each document against the hash that the import stored. The
//! result takes one byte of memory per document, however large the fields are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use querist_core::Condition;
use rusqlite::Rows;
use serde_json::value::RawValue;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Workspace;
use super::sheets;
use super::stored::unknown;
use crate::error::{DatabaseContext, StoreError};
use crate::format::row::Row as Fields;

/// The largest number of field names that are collected for messages.
const MOST_FIELDS: usize = 1_000;
/// The largest number of values of a field that are collected for messages.
const MOST_VALUES: usize = 20;

/// The documents that meet some conditions. Also lists fields and values that exist, for messages
/// about a condition that no document meets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// For each document, in the order of their numbers, whether it meets all conditions.
    pub documents: Vec<bool>,
    /// The names of all fields in use, in Unicode normal form C; at most 1,000.
    pub fields: BTreeSet<String>,
    /// For each condition, up to 20 values of its field; empty if no document has the field.
    pub values: Vec<BTreeSet<String>>,
    /// For each condition, whether its field has more values than `values` lists.
    pub more: Vec<bool>,
}

impl Workspace {
    /// Finds the documents that meet all conditions, whatever their role.
    ///
    /// # Errors
    /// The database cannot be read, or a document's fields are no longer those that were imported.
    pub fn meeting(&self, conditions: &[Condition]) -> Result<Met, StoreError> {
        let doing = "read the fields";
        let mut select = self
            .database
            .prepare("SELECT id, meta FROM documents WHERE meta IS NOT NULL ORDER BY number")
            .doing(doing)?;
        let mut rows = select.query([]).doing(doing)?;
        let mut met = Met {
            values: vec![BTreeSet::new(); conditions.len()],
            more: vec![false; conditions.len()],
            ..Met::default()
        };
        sheets::for_each(&self.database, |entry| {
            let all = match entry.meta_hash {
                None => conditions.iter().all(|condition| condition.is_met(None)),
                Some(hash) => met.take(conditions, entry.id, hash, &mut rows)?,
            };
            met.documents.push(all);
            Ok(())
        })?;
        Ok(met)
    }
}

impl Met {
    /// Reads the fields of the document `id` from the next row, checks them against `hash`, and
    /// collects names and values for messages. Returns whether the document meets all conditions.
    fn take(
        &mut self,
        conditions: &[Condition],
        id: &str,
        hash: &[u8; 32],
        rows: &mut Rows<'_>,
    ) -> Result<bool, StoreError> {
        let doing = "read the fields";
        let row = rows.next().doing(doing)?.ok_or_else(sheets::damaged)?;
        let text = |column| row.get_ref(column).and_then(|text| Ok(text.as_str()?)).doing(doing);
        let (found, meta) = (text(0)?, text(1)?);
        if found != id || blake3::hash(meta.as_bytes()).as_bytes() != hash {
            return Err(StoreError::NotAsImported { what: "fields", id: id.to_owned() });
        }
        let fields =
            Fields::parse(meta).map_err(|_| unknown(&format!("the document \"{id}\""), "meta", meta));
        let fields = fields.doing(doing)?;
        let mut values: Vec<Option<Cow<'_, str>>> = vec![None; conditions.len()];
        for (name, value) in fields.fields() {
            let name = composed(Cow::Borrowed(name));
            for (at, condition) in conditions.iter().enumerate() {
                if condition.field == name {
                    values[at] = Some(text_of(value));
                }
            }
            if self.fields.len() < MOST_FIELDS && !self.fields.contains(name.as_ref()) {
                self.fields.insert(name.into_owned());
            }
        }
        for (at, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            let known = &mut self.values[at];
            if !known.contains(value.as_ref()) {
                if known.len() < MOST_VALUES {
                    known.insert(value.clone().into_owned());
                } else {
                    self.more[at] = true;
                }
            }
        }
        Ok(conditions.iter().zip(&values).all(|(condition, value)| condition.is_met(value.as_deref())))
    }
}

/// Returns a JSON value as text: a string without its quotes and in normal form C, any other value
/// as its JSON.
fn text_of(value: &RawValue) -> Cow<'_, str> {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => composed(Cow::Owned(text)),
        Err(_) => Cow::Borrowed(value.get()),
    }
}

/// Returns the text in Unicode normal form C.
fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(&text) { text } else { Cow::Owned(text.nfc().collect()) }
}
