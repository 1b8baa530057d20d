//! Counts the held-out documents (test documents and control items) whose texts are also in the
//! pool. If a test text is in the pool, the model may have learned from it, so the accuracy on this
//! text says nothing about new texts. If a control text is in the pool, an annotator may see it
//! twice and recognize it.
//!
//! Texts are compared word by word, in Unicode normal form C and lower case, because other tools
//! may change white space, accents and case. The hashes of the few held-out texts are kept in
//! memory, and the pool is read once. Most texts of the pool need no hash, because their first 32
//! bytes differ from the first 32 bytes of every held-out text.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use querist_core::Role;
use rusqlite::{Connection, Row};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Workspace;
use super::facts::Facts;
use super::sheets::{self, TextCheck};
use crate::error::{DatabaseContext, StoreError};

/// How many held-out documents have a text that is also in the pool, under another id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SharedTexts {
    /// The number of test documents whose text is also in the pool.
    pub test: u64,
    /// The number of all test documents.
    pub of_test: u64,
    /// The number of control items whose text is also in the pool.
    pub control: u64,
    /// The number of all control items.
    pub of_control: u64,
}

impl SharedTexts {
    /// Returns the warnings: one sentence for test documents and one for control items, if any are
    /// in the pool.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.test > 0 {
            warnings.push(format!(
                "{} of {} test texts are also in the pool, under other ids, so accuracy on the test set \
                 says nothing about new texts; remove them from one of the two files",
                self.test, self.of_test
            ));
        }
        if self.control > 0 {
            warnings.push(format!(
                "{} of {} control texts are also in the pool, under other ids, so annotators may \
                 recognise a text they meet twice; remove them from one of the two files",
                self.control, self.of_control
            ));
        }
        warnings
    }
}

impl Workspace {
    /// Counts the held-out documents whose texts are also in the pool.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn shared_texts(&self) -> Result<SharedTexts, StoreError> {
        shared_texts(&self.database, 0)
    }

    /// Returns a comparison key for each document, in the order of `places`, which holds the
    /// documents' numbers minus 1. Two texts have the same key if they are equal in Unicode normal
    /// form C and lower case, whatever their white space.
    ///
    /// # Errors
    /// The database cannot be read, or a text is no longer the one that was imported.
    pub fn text_keys(&self, places: &[u32]) -> Result<Vec<[u8; 32]>, StoreError> {
        let doing = "read the labelled texts";
        // Texts are read in the order of their numbers, so that each sheet of hashes is read only
        // once.
        let mut order: Vec<usize> = (0..places.len()).collect();
        order.sort_unstable_by_key(|at| places[*at]);
        let mut keys = vec![[0; 32]; places.len()];
        let mut check = TextCheck::default();
        let mut select =
            self.database.prepare_cached("SELECT text FROM documents WHERE number = ?1").doing(doing)?;
        for at in order {
            let place = places[at];
            let mut rows = select.query([i64::from(place) + 1]).doing(doing)?;
            let row = rows.next().doing(doing)?.ok_or_else(sheets::damaged)?;
            let text = row.get_ref(0).and_then(|text| Ok(text.as_str()?)).doing(doing)?;
            check.check(&self.database, place as usize, text)?;
            keys[at] = text_hash(text);
        }
        Ok(keys)
    }
}

/// Counts the held-out documents whose texts are also in the pool. Of the pool, only documents with
/// numbers above `after` count.
pub(super) fn shared_texts(database: &Connection, after: i64) -> Result<SharedTexts, StoreError> {
    let doing = "compare held-out texts with the pool";
    let facts = Facts::now(database)?.documents;
    let mut held_out: Vec<(i64, Role)> = Vec::new();
    let mut number = 0;
    sheets::for_each(database, |entry| {
        number += 1;
        if entry.role != Role::Pool && !facts.is_absent(number) {
            held_out.push((number, entry.role));
        }
        Ok(())
    })?;
    let mut shared = SharedTexts::default();
    if held_out.is_empty() {
        return Ok(shared);
    }
    // For each held-out text, the roles of its documents, and whether the pool has the text.
    let mut texts: BTreeMap<[u8; 32], (Vec<Role>, bool)> = BTreeMap::new();
    let mut beginnings: BTreeSet<[u8; BEGINNING]> = BTreeSet::new();
    let mut select = database.prepare("SELECT text FROM documents WHERE number = ?1").doing(doing)?;
    for (number, role) in held_out {
        *if role == Role::Test { &mut shared.of_test } else { &mut shared.of_control } += 1;
        let hashed = |row: &Row<'_>| {
            let text = row.get_ref(0)?.as_str()?;
            Ok((beginning(text), text_hash(text)))
        };
        let (beginning, hash) = select.query_row([number], hashed).doing(doing)?;
        beginnings.insert(beginning);
        texts.entry(hash).or_default().0.push(role);
    }
    let mut select = database
        .prepare("SELECT text, number FROM documents WHERE number > ?1 AND role = 'pool' ORDER BY number")
        .doing(doing)?;
    let mut rows = select.query([after]).doing(doing)?;
    while let Some(row) = rows.next().doing(doing)? {
        let text = row.get_ref(0).doing(doing)?;
        let text = text.as_str().map_err(rusqlite::Error::from).doing(doing)?;
        if !beginnings.contains(&beginning(text)) || facts.is_absent(row.get(1).doing(doing)?) {
            continue;
        }
        if let Some((_, found)) = texts.get_mut(&text_hash(text)) {
            *found = true;
        }
    }
    for (roles, _) in texts.values().filter(|(_, found)| *found) {
        let tests = roles.iter().filter(|role| **role == Role::Test).count() as u64;
        shared.test += tests;
        shared.control += roles.len() as u64 - tests;
    }
    Ok(shared)
}

/// The number of bytes of a text that are compared before its hash is computed.
const BEGINNING: usize = 32;

/// Returns the words of a text in Unicode normal form C and lower case.
fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split_whitespace().map(|word| {
        if word.is_ascii() {
            let upper = word.bytes().any(|byte| byte.is_ascii_uppercase());
            if upper { Cow::Owned(word.to_ascii_lowercase()) } else { Cow::Borrowed(word) }
        } else if is_nfc(word) {
            Cow::Owned(word.to_lowercase())
        } else {
            Cow::Owned(word.nfc().collect::<String>().to_lowercase())
        }
    })
}

/// Returns the first bytes of a text in its comparison form (its words, each followed by a space),
/// padded with zeros.
fn beginning(text: &str) -> [u8; BEGINNING] {
    let mut bytes = [0; BEGINNING];
    let mut at = 0;
    for word in words(text) {
        for byte in word.bytes().chain([b' ']) {
            bytes[at] = byte;
            at += 1;
            if at == BEGINNING {
                return bytes;
            }
        }
    }
    bytes
}

/// Returns the BLAKE3 hash of a text in its comparison form (its words, each followed by a space).
fn text_hash(text: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for word in words(text) {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_composition_and_case_make_no_other_text() {
        let long = "more than thirty-two bytes of it";
        for (one, other) in [("a  b\r\n", "a\u{a0}b"), ("CAF\u{c9}", "cafe\u{301}"), (" A\u{2003}b", "a B")] {
            for end in ["", " ", long] {
                let [one, other] = [one, other].map(|text| format!("{text} {end}"));
                assert_eq!(text_hash(&one), text_hash(&other));
                assert_eq!(beginning(&one), beginning(&other));
            }
        }
        for (one, other) in [("a b", "ab"), ("a", "b"), ("", "a")] {
            assert_ne!(text_hash(one), text_hash(other));
            assert_ne!(beginning(one), beginning(other));
        }
        assert_eq!(beginning(long), beginning(&format!("{long}, and of another")));
    }

    #[test]
    fn a_warning_names_the_counts() {
        assert!(SharedTexts { of_test: 4, of_control: 4, ..SharedTexts::default() }.warnings().is_empty());
        let both = SharedTexts { test: 3, of_test: 4, control: 1, of_control: 2 };
        let warnings = both.warnings();
        assert!(
            warnings[0].starts_with("3 of 4 test texts") && warnings[1].starts_with("1 of 2 control texts")
        );
    }
}
