//! Counts of the words of a list: what an embedding of whole words is a sum over.

use std::collections::HashMap;

use crate::counts::{Counter, Scratch};
use crate::entry::{Entry, MOST_COLUMNS};
use crate::error::TextError;
use crate::splitter::{Normalization, Numbers, SplitBuffer, WordSplitter};

/// The words of the list: lower case without accents, as the splitter gives them.
const NORMALIZATION: Normalization =
    Normalization { lowercase: true, strip_accents: true, numbers: Numbers::Keep };

/// Counts the words of a list, a column each, and in a last column all words that are not on it.
pub struct WordCounter {
    columns: HashMap<Box<str>, u32>,
    hash: blake3::Hash,
}

impl WordCounter {
    /// Counts the words of a list that has one a line.
    ///
    /// # Errors
    /// More than 2^24 words, or one that is there twice.
    pub fn new(list: &str) -> Result<Self, TextError> {
        let n_words = list.lines().count();
        if n_words >= MOST_COLUMNS {
            return Err(TextError::Vocabulary { found: n_words, limit: MOST_COLUMNS - 1 });
        }
        let columns: HashMap<Box<str>, u32> = list.lines().map(Box::from).zip(0..).collect();
        if columns.len() < n_words {
            return Err(TextError::RepeatedWord { found: columns.len(), lines: n_words });
        }
        Ok(Self { columns, hash: blake3::hash(list.as_bytes()) })
    }

    /// How many words it has: the column of all others.
    pub fn n_words(&self) -> usize {
        self.columns.len()
    }

    fn for_each(&self, text: &str, buffer: &mut SplitBuffer, mut visit: impl FnMut(u32, &str)) {
        let other = self.columns.len() as u32;
        WordSplitter::new(NORMALIZATION).for_each_word(text, buffer, |word| {
            visit(self.columns.get(word).copied().unwrap_or(other), word);
        });
    }
}

impl Counter for WordCounter {
    fn n_columns(&self) -> usize {
        self.columns.len() + 1
    }

    fn fingerprint(&self) -> String {
        let splitter = WordSplitter::new(NORMALIZATION).fingerprint();
        format!("words 1 list={} {splitter}", self.hash.to_hex())
    }

    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError> {
        let Scratch { split, hits, .. } = scratch;
        hits.clear();
        self.for_each(text, split, |column, _| hits.push(column));
        hits.append_to(row);
        Ok(())
    }

    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError> {
        self.for_each(text, &mut SplitBuffer::default(), |column, word| visit(column, word));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_list_and_one_column_for_all_others() {
        let counter = WordCounter::new("bank\ncafe\n42\n").unwrap();
        assert_eq!((counter.n_words(), counter.n_columns()), (3, 4));
        let mut row = Vec::new();
        counter.count("Café, BANK bank: 42 euros no", &mut Scratch::default(), &mut row).unwrap();
        assert_eq!(row, [Entry::new(0, 2), Entry::new(1, 1), Entry::new(2, 1), Entry::new(3, 2)]);
        let mut terms = Vec::new();
        counter.for_each_term("A café", &mut |column, term| terms.push((column, term.to_owned()))).unwrap();
        assert_eq!(terms, [(3, "a".to_owned()), (1, "cafe".to_owned())]);
        assert_ne!(counter.fingerprint(), WordCounter::new("bank\ncafe\n").unwrap().fingerprint());
    }

    #[test]
    fn a_word_twice_is_refused() {
        let error = WordCounter::new("a\nb\na\n").err().unwrap();
        assert_eq!(error.to_string(), "a list of 3 words has only 2 different ones");
    }
}
