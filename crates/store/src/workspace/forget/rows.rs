//! Finds and erases the database rows of documents that are to be forgotten.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Transaction, params};

use super::{DOING, ToForget};
use crate::error::{DatabaseContext, StoreError};
use crate::format::same_text::text_key;
use crate::workspace::facts::Facts;
use crate::workspace::sheets;

/// Returns what the database contains about the documents with these ids, including all texts that
/// they ever had.
pub(super) fn find(database: &Connection, ids: &BTreeSet<String>) -> Result<ToForget, StoreError> {
    let mut found = ToForget::default();
    let mut there = BTreeSet::new();
    let mut sources = BTreeSet::new();
    {
        let mut select = database
            .prepare(
                "SELECT d.number, d.id, d.text, i.file FROM documents d JOIN imports i ON i.number = d.import
                 ORDER BY d.number",
            )
            .doing(DOING)?;
        let mut rows = select.query([]).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let id = row.get_ref(1).and_then(|id| Ok(id.as_str()?)).doing(DOING)?;
            if id.is_empty() || !ids.contains(id) {
                continue;
            }
            there.insert(id.to_owned());
            found.numbers.insert(row.get(0).doing(DOING)?);
            found.texts.insert(row.get(2).doing(DOING)?);
            sources.insert(row.get::<_, String>(3).doing(DOING)?);
        }
    }
    found.ids = there.into_iter().collect();
    found.sources = sources.into_iter().collect();
    if !found.numbers.is_empty() {
        found.same_text = same_text(database, &found)?;
        count(database, &mut found).doing(DOING)?;
    }
    Ok(found)
}

/// Returns the ids of other existing documents that have one of the texts in `found`; differences
/// in white space and accents do not matter ([`text_key`]).
fn same_text(database: &Connection, found: &ToForget) -> Result<Vec<String>, StoreError> {
    let facts = Facts::now(database)?.documents;
    let keys: BTreeSet<String> = found.texts.iter().map(|text| text_key(text)).collect();
    let mut select = database.prepare("SELECT number, id, text FROM documents ORDER BY id").doing(DOING)?;
    let mut rows = select.query([]).doing(DOING)?;
    let mut same = Vec::new();
    while let Some(row) = rows.next().doing(DOING)? {
        let number = row.get(0).doing(DOING)?;
        if found.numbers.contains(&number) || facts.is_absent(number) {
            continue;
        }
        let text = row.get_ref(2).and_then(|text| Ok(text.as_str()?)).doing(DOING)?;
        if keys.contains(&text_key(text)) {
            same.push(row.get(1).doing(DOING)?);
        }
    }
    Ok(same)
}

/// Fills in the numbers of labels, answers and decisions of the documents, and the rounds that
/// picked them.
fn count(database: &Connection, found: &mut ToForget) -> Result<(), rusqlite::Error> {
    let of_documents = |table: &str| -> Result<u64, rusqlite::Error> {
        let mut select = database.prepare(&format!("SELECT document FROM {table}"))?;
        let mut rows = select.query([])?;
        let mut n = 0;
        while let Some(row) = rows.next()? {
            n += u64::from(found.numbers.contains(&row.get(0)?));
        }
        Ok(n)
    };
    let (labels, answers, decisions) =
        (of_documents("gold")?, of_documents("annotations")?, of_documents("settled")?);
    (found.labels, found.answers, found.decisions) = (labels, answers, decisions);
    let mut rounds = BTreeSet::new();
    let mut select = database.prepare(
        "SELECT p.round FROM picks p JOIN rounds r ON r.number = p.round
         WHERE p.document = ?1 AND r.stage = 'exported'",
    )?;
    for number in &found.numbers {
        for round in select.query_map([number], |row| row.get::<_, u32>(0))? {
            rounds.insert(round?);
        }
    }
    found.rounds = rounds.into_iter().collect();
    Ok(())
}

/// Returns the hashes of the models that may have learned from these documents. These are the
/// models of all rounds since the first of the documents was imported.
pub(super) fn models(database: &Connection, numbers: &BTreeSet<i64>) -> Result<Vec<String>, rusqlite::Error> {
    // Documents are numbered in the order of their import, so the document with the smallest number
    // was imported first.
    let Some(first) = numbers.first() else { return Ok(Vec::new()) };
    let mut select = database.prepare(
        "SELECT model FROM rounds WHERE model IS NOT NULL AND at >=
             (SELECT i.at FROM documents d JOIN imports i ON i.number = d.import WHERE d.number = ?1)
         ORDER BY number",
    )?;
    let mut models: Vec<String> = select.query_map([first], |row| row.get(0))?.collect::<Result<_, _>>()?;
    models.dedup();
    Ok(models)
}

/// Erases everything that the database contains about these documents, except their numbers and
/// roles. Their picks keep the round, the rank and the share.
pub(super) fn erase(transaction: &Transaction<'_>, numbers: &BTreeSet<i64>) -> Result<(), StoreError> {
    let erase = || -> Result<(), rusqlite::Error> {
        let ids: BTreeMap<i64, String> = {
            let mut select = transaction.prepare("SELECT id FROM documents WHERE number = ?1")?;
            let id = |number: &i64| Ok((*number, select.query_row([number], |row| row.get(0))?));
            numbers.iter().map(id).collect::<Result<_, rusqlite::Error>>()?
        };
        let mut delete = transaction.prepare("DELETE FROM ids WHERE id = ?1 AND document = ?2")?;
        for (number, id) in &ids {
            delete.execute(params![id, number])?;
        }
        for table in ["gold", "annotations", "settled", "assignments"] {
            let mut delete = transaction.prepare(&format!("DELETE FROM {table} WHERE document = ?1"))?;
            for number in numbers {
                delete.execute([number])?;
            }
        }
        let mut picks = transaction.prepare(
            "UPDATE picks SET reason = '', score = NULL, probabilities = NULL, quota = NULL WHERE document = ?1",
        )?;
        let mut documents = transaction
            .prepare("UPDATE documents SET id = '', text = '', meta = NULL, line = 0 WHERE number = ?1")?;
        for number in numbers {
            picks.execute([number])?;
            documents.execute([number])?;
        }
        Ok(())
    };
    erase().doing(DOING)?;
    sheets::erase(transaction, numbers)
}
