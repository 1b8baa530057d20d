//! Word n-grams, hashed into a fixed number of columns.
//!
//! A word's hash is XXH3 (64 bits, seed 0) of its UTF-8 bytes. The hash of a longer n-gram is XXH3 of its words'
//! hashes, each as 8 little-endian bytes; no n-gram is ever spelled out. The column is the hash modulo the number of
//! buckets, a power of two. There is no vocabulary: any machine, any chunk and any order give the same columns (after
//! Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009, without its sign).
//!
//! Leaves out the way back from a column to its n-gram: nothing keeps the words.

use twox_hash::XxHash3_64;

use crate::error::TextError;

/// The longest n-gram.
const LONGEST: usize = 8;

/// The most columns: 2^28, whose document frequencies take 1 GiB.
const MOST_BUCKETS: usize = 1 << 28;

/// Which n-grams are counted: all n from `min` to `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NgramRange {
    min: usize,
    max: usize,
}

impl NgramRange {
    /// n-grams of `min` to `max` words, both included.
    ///
    /// # Errors
    /// `min` is 0, above `max`, or `max` is above 8.
    pub fn new(min: usize, max: usize) -> Result<Self, TextError> {
        if min == 0 || min > max || max > LONGEST {
            return Err(TextError::NgramRange { min, max, limit: LONGEST });
        }
        Ok(Self { min, max })
    }

    /// The shortest n-gram, in words.
    pub fn min(self) -> usize {
        self.min
    }

    /// The longest n-gram, in words.
    pub fn max(self) -> usize {
        self.max
    }
}

impl Default for NgramRange {
    /// Words and pairs of words.
    fn default() -> Self {
        Self { min: 1, max: 2 }
    }
}

/// How many columns the hashes fall into: a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets(usize);

impl Buckets {
    /// A number of columns.
    ///
    /// # Errors
    /// Not a power of two, below 2 or above 2^28.
    pub fn new(buckets: usize) -> Result<Self, TextError> {
        if !buckets.is_power_of_two() || !(2..=MOST_BUCKETS).contains(&buckets) {
            return Err(TextError::Buckets { found: buckets, limit: MOST_BUCKETS });
        }
        Ok(Self(buckets))
    }

    /// The number.
    pub fn count(self) -> usize {
        self.0
    }

    fn of(self, hash: u64) -> u32 {
        (hash & (self.0 as u64 - 1)) as u32
    }
}

impl Default for Buckets {
    /// 2^20.
    fn default() -> Self {
        Self(1 << 20)
    }
}

/// The hash of a word.
pub fn word_hash(word: &str) -> u64 {
    XxHash3_64::oneshot(word.as_bytes())
}

/// The hash of an n-gram, from the hashes of its words; at most 8 of them count.
pub fn ngram_hash(words: &[u64]) -> u64 {
    if let [word] = words {
        return *word;
    }
    let mut bytes = [0; 8 * LONGEST];
    let mut end = 0;
    for (slot, hash) in bytes.chunks_exact_mut(8).zip(words) {
        slot.copy_from_slice(&hash.to_le_bytes());
        end += 8;
    }
    XxHash3_64::oneshot(&bytes[..end])
}

/// Counts the n-grams of one document after another, keeping its memory from one to the next.
#[derive(Debug, Default)]
pub struct NgramCounter {
    words: Vec<u64>,
    hits: Vec<u32>,
    columns: Vec<u32>,
    counts: Vec<f32>,
}

impl NgramCounter {
    /// Starts a document.
    pub fn clear(&mut self) {
        self.words.clear();
    }

    /// Adds the document's next word.
    pub fn push(&mut self, word: &str) {
        self.words.push(word_hash(word));
    }

    /// The document's columns, ascending, and how often each was hit.
    pub fn finish(&mut self, range: NgramRange, buckets: Buckets) -> (&[u32], &[f32]) {
        self.hits.clear();
        for n in range.min..=range.max {
            self.hits.extend(self.words.windows(n).map(|words| buckets.of(ngram_hash(words))));
        }
        self.hits.sort_unstable();
        self.columns.clear();
        self.counts.clear();
        for run in self.hits.chunk_by(|a, b| a == b) {
            self.columns.push(run[0]);
            self.counts.push(run.len() as f32);
        }
        (&self.columns, &self.counts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn count(words: &[&str], range: (usize, usize), buckets: usize) -> BTreeMap<u32, f32> {
        let mut counter = NgramCounter::default();
        for word in words {
            counter.push(word);
        }
        let range = NgramRange::new(range.0, range.1).unwrap();
        let (columns, counts) = counter.finish(range, Buckets::new(buckets).unwrap());
        assert!(columns.is_sorted_by(|a, b| a < b));
        columns.iter().copied().zip(counts.iter().copied()).collect()
    }

    #[test]
    fn hashes_are_xxh3() {
        // XXH3 of nothing and of "a", from the reference implementation (xxhsum 0.8, -H3).
        assert_eq!(word_hash(""), 0x2d06_8005_38d3_94c2);
        assert_eq!(word_hash("a"), 0xe6c6_32b6_1e96_4e1f);
        let pair: Vec<u8> = [word_hash("a"), word_hash("b")].iter().flat_map(|h| h.to_le_bytes()).collect();
        assert_eq!(ngram_hash(&[word_hash("a"), word_hash("b")]), XxHash3_64::oneshot(&pair));
        assert_ne!(ngram_hash(&[1, 2]), ngram_hash(&[2, 1]));
    }

    #[test]
    fn counts_words_and_pairs() {
        let counts = count(&["a", "b", "a", "b"], (1, 2), 1 << 20);
        let column = |words: &[&str]| {
            let hashes: Vec<u64> = words.iter().map(|word| word_hash(word)).collect();
            (ngram_hash(&hashes) % (1 << 20)) as u32
        };
        let expected = [
            (column(&["a"]), 2.0),
            (column(&["b"]), 2.0),
            (column(&["a", "b"]), 2.0),
            (column(&["b", "a"]), 1.0),
        ];
        assert_eq!(counts, BTreeMap::from(expected));
    }

    #[test]
    fn short_documents_have_fewer_n_grams() {
        assert!(count(&[], (1, 3), 16).is_empty());
        assert_eq!(count(&["a"], (1, 3), 16).len(), 1);
        assert!(count(&["a"], (2, 3), 16).is_empty());
        assert_eq!(count(&["a", "b", "c"], (1, 3), 1 << 28).len(), 6);
        assert_eq!(count(&["a", "b", "c"], (3, 3), 16).len(), 1);
    }

    #[test]
    fn a_counter_forgets_the_last_document() {
        let mut counter = NgramCounter::default();
        counter.push("a");
        counter.finish(NgramRange::default(), Buckets::default());
        counter.clear();
        assert!(counter.finish(NgramRange::default(), Buckets::default()).0.is_empty());
    }

    #[test]
    fn refuses_what_cannot_be_counted() {
        for (min, max) in [(0, 1), (2, 1), (1, 9)] {
            assert_eq!(NgramRange::new(min, max), Err(TextError::NgramRange { min, max, limit: 8 }));
        }
        assert_eq!(NgramRange::new(1, 2), Ok(NgramRange::default()));
        for found in [0, 1, 3, 1000, 1 << 29] {
            assert_eq!(Buckets::new(found), Err(TextError::Buckets { found, limit: 1 << 28 }));
        }
        assert_eq!(Buckets::new(1 << 20), Ok(Buckets::default()));
    }
}
