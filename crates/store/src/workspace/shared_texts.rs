//! Texts that are held out and in the pool at once: a model that learned from a text is no measure on it, and an annotator who meets
//! a control item twice knows it.
//!
//! Texts are compared in NFC with one space for all white space, so a download that went through another tool is still the same
//! text. The held-out texts are few and make a sorted list of hashes; the pool is read once, and only if there are any.

use std::collections::BTreeMap;

use querist_core::Role;
use rusqlite::Connection;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::Workspace;
use super::sheets::{self, TextCheck};
use crate::error::{DatabaseContext, StoreError};

/// How many held-out documents have a text that the pool has too, under another id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SharedTexts {
    /// Test documents whose text is in the pool.
    pub test: u64,
    /// Test documents.
    pub of_test: u64,
    /// Control items whose text is in the pool.
    pub control: u64,
    /// Control items.
    pub of_control: u64,
}

impl SharedTexts {
    /// What is wrong, in a sentence for each kind.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.test > 0 {
            warnings.push(format!(
                "{} of {} test texts are in the pool too, under other ids: accuracy on the test set is no measure of new texts; take them out of one of the two files",
                self.test, self.of_test
            ));
        }
        if self.control > 0 {
            warnings.push(format!(
                "{} of {} control texts are in the pool too, under other ids: annotators who meet a text twice know it; take them out of one of the two files",
                self.control, self.of_control
            ));
        }
        warnings
    }
}

impl Workspace {
    /// The texts that are held out and in the pool.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn shared_texts(&self) -> Result<SharedTexts, StoreError> {
        shared_texts(&self.database, 0)
    }

    /// What texts are the same by, for the documents at these places: BLAKE3 of the text in NFC with one space for all white space.
    ///
    /// # Errors
    /// The database cannot be read, or a text is not what was imported.
    pub fn text_keys(&self, places: &[u32]) -> Result<Vec<[u8; 32]>, StoreError> {
        let doing = "read the labelled texts";
        // In the order of the file; a sheet of hashes is read once for all of its texts.
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

/// The texts that are held out and in the pool at a number above `after`.
pub(super) fn shared_texts(database: &Connection, after: i64) -> Result<SharedTexts, StoreError> {
    let doing = "compare held-out texts with the pool";
    let mut held_out: Vec<(i64, Role)> = Vec::new();
    let mut number = 0;
    sheets::for_each(database, |entry| {
        number += 1;
        if entry.role != Role::Pool {
            held_out.push((number, entry.role));
        }
        Ok(())
    })?;
    let mut shared = SharedTexts::default();
    if held_out.is_empty() {
        return Ok(shared);
    }
    // For each text: the held-out documents that have it, and whether the pool has it.
    let mut texts: BTreeMap<[u8; 32], (Vec<Role>, bool)> = BTreeMap::new();
    let mut select = database.prepare("SELECT text FROM documents WHERE number = ?1").doing(doing)?;
    for (number, role) in held_out {
        *if role == Role::Test { &mut shared.of_test } else { &mut shared.of_control } += 1;
        let hash = select.query_row([number], |row| Ok(text_hash(row.get_ref(0)?.as_str()?))).doing(doing)?;
        texts.entry(hash).or_default().0.push(role);
    }
    let mut select = database
        .prepare("SELECT text FROM documents WHERE number > ?1 AND role = 'pool' ORDER BY number")
        .doing(doing)?;
    let mut rows = select.query([after]).doing(doing)?;
    while let Some(row) = rows.next().doing(doing)? {
        let text = row.get_ref(0).doing(doing)?;
        let text = text.as_str().map_err(rusqlite::Error::from).doing(doing)?;
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

/// BLAKE3 of a text in NFC, with one space for all white space.
fn text_hash(text: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut words = |text: &str| {
        for word in text.split_whitespace() {
            hasher.update(word.as_bytes());
            hasher.update(b" ");
        }
    };
    if text.is_ascii() || is_nfc(text) {
        words(text);
    } else {
        words(&text.nfc().collect::<String>());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_composition_make_no_other_text() {
        assert_eq!(text_hash("a  b\r\n"), text_hash("a\u{a0}b"));
        assert_eq!(text_hash("caf\u{e9}"), text_hash("cafe\u{301}"));
        assert_ne!(text_hash("a b"), text_hash("ab"));
        assert_ne!(text_hash("A"), text_hash("a"));
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
