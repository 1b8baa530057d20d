//! Counts the words on a list, for an embedding of whole words.

use std::collections::HashMap;

use twox_hash::XxHash3_64;

use crate::counts::{Counter, Scratch};
use crate::entry::{Entry, MOST_COLUMNS};
use crate::error::TextError;
use crate::splitter::{Normalization, Numbers, SplitBuffer, WordSplitter};

/// The normalisation of text before the look-up. The words on the list are in lower case, without
/// accents.
const NORMALIZATION: Normalization =
    Normalization { lowercase: true, strip_accents: true, numbers: Numbers::Keep };

/// The number of columns that all other words share. In a single shared column, a long text in
/// another language would exceed the maximum count of 255.
const OTHERS: usize = 256;

/// A counter of the words on a list, with one column for each word. All other words share the
/// columns after these.
pub struct WordCounter {
    columns: HashMap<Box<str>, u32>,
    hash: blake3::Hash,
}

impl WordCounter {
    /// Returns a counter of the words of `list`, which has one word on each line.
    ///
    /// # Errors
    /// The list has more words than columns can be counted (2^24, less the shared ones), or it has
    /// a word twice.
    pub fn new(list: &str) -> Result<Self, TextError> {
        let n_words = list.lines().count();
        if n_words > MOST_COLUMNS - OTHERS {
            return Err(TextError::Vocabulary { found: n_words, limit: MOST_COLUMNS - OTHERS });
        }
        let columns: HashMap<Box<str>, u32> = list.lines().map(Box::from).zip(0..).collect();
        if columns.len() < n_words {
            return Err(TextError::RepeatedWord { found: columns.len(), lines: n_words });
        }
        Ok(Self { columns, hash: blake3::hash(list.as_bytes()) })
    }

    /// Returns the number of words on the list, which is also the first shared column.
    pub fn n_words(&self) -> usize {
        self.columns.len()
    }

    /// Returns the column of a word; `None` if it is not on the list.
    fn column(&self, word: &str) -> Option<u32> {
        self.columns.get(word).copied()
    }

    /// Returns the shared column of a word that is not on the list.
    fn shared(&self, word: &str) -> u32 {
        (self.n_words() + XxHash3_64::oneshot(word.as_bytes()) as usize % OTHERS) as u32
    }
}

impl Counter for WordCounter {
    fn n_columns(&self) -> usize {
        self.n_words() + OTHERS
    }

    fn fingerprint(&self) -> String {
        let splitter = WordSplitter::new(NORMALIZATION).fingerprint();
        format!("words 1 others={OTHERS} list={} {splitter}", self.hash.to_hex())
    }

    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError> {
        let Scratch { split, hits, .. } = scratch;
        hits.clear();
        WordSplitter::new(NORMALIZATION).for_each_word(text, split, |word| {
            hits.push(self.column(word).unwrap_or_else(|| self.shared(word)));
        });
        hits.append_to(row);
        Ok(())
    }

    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError> {
        // A word without a vector adds nothing to a product, so it is not visited.
        WordSplitter::new(NORMALIZATION).for_each_word(text, &mut SplitBuffer::default(), |word| {
            if let Some(column) = self.column(word) {
                visit(column, word);
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_list_and_columns_that_others_share() {
        let counter = WordCounter::new("bank\ncafe\n42\n").unwrap();
        assert_eq!((counter.n_words(), counter.n_columns()), (3, 3 + OTHERS));
        let mut row = Vec::new();
        counter.count("Café, BANK bank: 42 euros euros", &mut Scratch::default(), &mut row).unwrap();
        let euros = Entry::new(counter.shared("euros"), 2);
        assert_eq!(row, [Entry::new(0, 2), Entry::new(1, 1), Entry::new(2, 1), euros]);
        assert!((3..3 + OTHERS).contains(&(euros.column() as usize)));
        let mut terms = Vec::new();
        counter.for_each_term("A café", &mut |column, term| terms.push((column, term.to_owned()))).unwrap();
        assert_eq!(terms, [(1, "cafe".to_owned())]);
        assert_ne!(counter.fingerprint(), WordCounter::new("bank\ncafe\n").unwrap().fingerprint());
    }

    #[test]
    fn many_other_words_are_counted_as_many() {
        let text = (0..2_000).map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ");
        let mut row = Vec::new();
        WordCounter::new("bank\n").unwrap().count(&text, &mut Scratch::default(), &mut row).unwrap();
        assert_eq!(row.iter().map(|entry| u64::from(entry.count())).sum::<u64>(), 2_000);
    }

    #[test]
    fn a_word_twice_is_refused() {
        let error = WordCounter::new("a\nb\na\n").err().unwrap();
        assert_eq!(error.to_string(), "a list of 3 words has only 2 different ones");
    }
}
