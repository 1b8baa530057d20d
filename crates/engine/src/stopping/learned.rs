//! The training set of a model, in a small form that can be compared: one mark for each distinct
//! text with its label.
//!
//! A mark is the first 32 bits of a hash. Of a large set, only marks that are multiples of a power
//! of two are kept, at most about [`MOST`], so that a round's summary stays small. The number of
//! new labels is then an estimate.

use serde::{Deserialize, Serialize};

/// About this many marks are kept at most. A set with fewer texts keeps all its marks, so its
/// comparison is exact.
const MOST: usize = 4_096;

/// The marks of a training set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// Only multiples of this divisor are kept; a power of two.
    one_in: u32,
    /// The marks as text, ascending, with eight hexadecimal digits each.
    marks: String,
}

impl Learned {
    /// Makes the marks of a training set; each text comes as its hash, together with its label.
    pub fn of<'a>(texts: impl Iterator<Item = ([u8; 32], &'a str)>) -> Self {
        let mut marks: Vec<u32> = texts.map(|(text, label)| mark(&text, label)).collect();
        marks.sort_unstable();
        marks.dedup();
        // A power of two, so that two sets can be compared by the multiples of the larger divisor.
        let one_in = marks.len().div_ceil(MOST).max(1).next_power_of_two() as u32;
        marks.retain(|mark| mark.is_multiple_of(one_in));
        let marks = marks.iter().fold(String::new(), |marks, mark| marks + &format!("{mark:08x}"));
        Self { one_in, marks }
    }

    /// Returns the number of labels by which this set differs from an earlier one: the number of
    /// added labels or the number of removed labels, whichever is larger. A changed label is one of
    /// each.
    pub(super) fn differs_by(&self, before: &Self) -> usize {
        // Compare only multiples of the larger divisor, because one of the sets has no other marks.
        let one_in = self.one_in.max(before.one_in).max(1);
        let (now, then) = (self.marks(one_in), before.marks(one_in));
        let missing =
            |from: &[u32], of: &[u32]| of.iter().filter(|mark| from.binary_search(mark).is_err()).count();
        missing(&then, &now).max(missing(&now, &then)) * one_in as usize
    }

    /// Returns the marks that are multiples of `one_in`, ascending.
    fn marks(&self, one_in: u32) -> Vec<u32> {
        let digits = self.marks.as_bytes().chunks(8);
        let marks =
            digits.filter_map(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        let mut marks: Vec<u32> = marks.filter(|mark| mark.is_multiple_of(one_in)).collect();
        marks.sort_unstable();
        marks
    }
}

/// Returns the mark of a text with its label; `text` is the hash of the text.
fn mark(text: &[u8; 32], label: &str) -> u32 {
    let mut hash = blake3::Hasher::new_derive_key("querist training set 1");
    hash.update(text);
    hash.update(label.as_bytes());
    let mut first = [0; 4];
    hash.finalize_xof().fill(&mut first);
    u32::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: std::ops::Range<u32>) -> Learned {
        Learned::of(numbers.map(|n| (*blake3::hash(&n.to_le_bytes()).as_bytes(), "a")))
    }

    #[test]
    fn small_sets_are_compared_exactly_and_large_ones_nearly() {
        assert_eq!(set(0..1_000).differs_by(&set(0..990)), 10);
        assert_eq!(set(10..1_000).differs_by(&set(0..990)), 10);
        assert_eq!(set(0..0).differs_by(&set(0..0)), 0);
        let large = set(0..100_000);
        assert!(large.marks.len() <= 8 * (MOST + MOST / 4), "{}", large.marks.len());
        assert_eq!(large.differs_by(&large.clone()), 0);
        let more = set(0..104_000).differs_by(&large);
        assert!((3_000..5_000).contains(&more), "{more}");
    }
}
