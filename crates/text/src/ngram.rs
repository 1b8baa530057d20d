//! n-grams of words and of characters, hashed into a fixed number of columns.
//!
//! The column is a hash modulo the number of buckets, a power of two. There is no vocabulary, so
//! columns do not depend on the machine or on the order of the texts (after Weinberger et al.,
//! "Feature Hashing for Large Scale Multitask Learning", 2009, without its sign). A text without a
//! word has n-grams of its symbols instead (`symbols.rs`).
//!
//! [`NgramCounter`] counts n-grams. Words are not stored, so a column cannot be turned back into
//! its n-gram.

use twox_hash::XxHash3_64;

use crate::entry::MOST_COLUMNS;
use crate::error::TextError;

mod characters;
mod counter;
mod parts;
mod symbols;
mod units;

pub(crate) use counter::NgramScratch;
pub use counter::{NgramCounter, WordSource};
pub use units::Units;

/// The maximum length of an n-gram of words.
const LONGEST: usize = 8;

/// The maximum length of an n-gram of characters.
const MOST_CHARACTERS: usize = 16;

/// The seed of the hashes of character n-grams. With it, `art` inside `party` has another hash than
/// the word `art`.
const CHARACTER_SEED: u64 = 0x6368_6172_6163_7465;

/// The seed of the hash of a whole text without a word.
const WHOLE_SEED: u64 = 0x7768_6f6c_6520_7478;

/// The lengths of the n-grams that are counted: all n from `min` to `max`, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NgramRange {
    min: usize,
    max: usize,
}

impl NgramRange {
    /// Returns the range of n-grams of `min` to `max` words, inclusive.
    ///
    /// # Errors
    /// `min` is 0 or above `max`, or `max` is above 8.
    pub fn new(min: usize, max: usize) -> Result<Self, TextError> {
        if min == 0 || min > max || max > LONGEST {
            return Err(TextError::NgramRange { min, max, limit: LONGEST });
        }
        Ok(Self { min, max })
    }

    /// Returns the length of the shortest n-gram, in words.
    pub fn min(self) -> usize {
        self.min
    }

    /// Returns the length of the longest n-gram, in words.
    pub fn max(self) -> usize {
        self.max
    }
}

impl Default for NgramRange {
    /// Returns the range 1 to 2: words and pairs of neighbouring words.
    fn default() -> Self {
        Self { min: 1, max: 2 }
    }
}

/// The lengths of the character n-grams that are counted: all n from `min` to `max`, within a word
/// and the blanks around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CharacterRange {
    min: usize,
    max: usize,
}

impl CharacterRange {
    /// Returns the range of n-grams of `min` to `max` characters, inclusive.
    ///
    /// # Errors
    /// `min` is 0 or above `max`, or `max` is above 16.
    pub fn new(min: usize, max: usize) -> Result<Self, TextError> {
        if min == 0 || min > max || max > MOST_CHARACTERS {
            return Err(TextError::CharacterRange { min, max, limit: MOST_CHARACTERS });
        }
        Ok(Self { min, max })
    }

    /// Returns the length of the shortest n-gram, in characters.
    pub fn min(self) -> usize {
        self.min
    }

    /// Returns the length of the longest n-gram, in characters.
    pub fn max(self) -> usize {
        self.max
    }
}

/// The number of columns that hashes fall into: a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buckets(usize);

impl Buckets {
    /// Checks a number of columns and wraps it.
    ///
    /// # Errors
    /// The number is not a power of two, is below 2 or is above 2^24.
    pub fn new(buckets: usize) -> Result<Self, TextError> {
        if !buckets.is_power_of_two() || !(2..=MOST_COLUMNS).contains(&buckets) {
            return Err(TextError::Buckets { found: buckets, limit: MOST_COLUMNS });
        }
        Ok(Self(buckets))
    }

    /// Returns the number of columns.
    pub fn count(self) -> usize {
        self.0
    }

    /// Returns the column of a hash, which is its lowest bits.
    fn of(self, hash: u64) -> u32 {
        (hash & (self.0 as u64 - 1)) as u32
    }
}

impl Default for Buckets {
    /// Returns 2^20 columns.
    fn default() -> Self {
        Self(1 << 20)
    }
}

/// Returns the hash of a word: XXH3 (64 bits, seed 0) of its UTF-8 bytes.
#[inline]
pub fn word_hash(word: &str) -> u64 {
    XxHash3_64::oneshot(word.as_bytes())
}

/// Returns the hash of an n-gram of at most 8 words, given the words' hashes. For one word, this is
/// its hash; otherwise it is XXH3 of the hashes, each as 8 little-endian bytes. Words after the
/// eighth are ignored.
#[inline]
pub fn ngram_hash(words: &[u64]) -> u64 {
    match words {
        [word] => *word,
        [first, second] => {
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&first.to_le_bytes());
            bytes[8..].copy_from_slice(&second.to_le_bytes());
            XxHash3_64::oneshot(&bytes)
        }
        _ => {
            let mut bytes = [0; 8 * LONGEST];
            let mut end = 0;
            for (slot, hash) in bytes.chunks_exact_mut(8).zip(words) {
                slot.copy_from_slice(&hash.to_le_bytes());
                end += 8;
            }
            XxHash3_64::oneshot(&bytes[..end])
        }
    }
}

/// Returns the hash of an n-gram of characters: XXH3 of its UTF-8 bytes with another seed than for
/// words.
#[inline]
pub fn character_hash(characters: &str) -> u64 {
    XxHash3_64::oneshot_with_seed(CHARACTER_SEED, characters.as_bytes())
}

/// Returns the hash of a whole text that has no word.
#[inline]
fn whole_hash(text: &str) -> u64 {
    XxHash3_64::oneshot_with_seed(WHOLE_SEED, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_xxh3() {
        // XXH3 of the empty text and of "a", from the reference implementation (xxhsum 0.8, -H3).
        assert_eq!(word_hash(""), 0x2d06_8005_38d3_94c2);
        assert_eq!(word_hash("a"), 0xe6c6_32b6_1e96_4e1f);
        for n in 2..=8_u64 {
            let words: Vec<u64> = (0..n).map(|word| word_hash(&word.to_string())).collect();
            let bytes: Vec<u8> = words.iter().flat_map(|hash| hash.to_le_bytes()).collect();
            assert_eq!(ngram_hash(&words), XxHash3_64::oneshot(&bytes));
        }
        assert_ne!(ngram_hash(&[1, 2]), ngram_hash(&[2, 1]));
        assert_ne!(character_hash("art"), word_hash("art"));
    }

    #[test]
    fn refuses_what_cannot_be_counted() {
        for (min, max) in [(0, 1), (2, 1), (1, 9)] {
            assert_eq!(NgramRange::new(min, max), Err(TextError::NgramRange { min, max, limit: 8 }));
        }
        assert_eq!(NgramRange::new(1, 2), Ok(NgramRange::default()));
        for (min, max) in [(0, 1), (4, 3), (1, 17)] {
            assert_eq!(CharacterRange::new(min, max), Err(TextError::CharacterRange { min, max, limit: 16 }));
        }
        for found in [0, 1, 3, 1000, 1 << 25] {
            assert_eq!(Buckets::new(found), Err(TextError::Buckets { found, limit: 1 << 24 }));
        }
        assert_eq!(Buckets::new(1 << 20), Ok(Buckets::default()));
        assert_eq!(Buckets::new(1 << 24).unwrap().of(u64::MAX), (1 << 24) - 1);
    }
}
