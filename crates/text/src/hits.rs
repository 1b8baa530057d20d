//! Turns the columns of a text's terms into its row of counts.

use crate::entry::Entry;

/// Lists with fewer columns are sorted by comparison, longer ones digit by digit. In a measurement,
/// both methods took equally long at about a hundred columns.
const FEW: usize = 128;

/// The columns of a text's terms, in any order, with repetitions. The memory is reused for the next
/// text.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    columns: Vec<u32>,
    spare: Vec<u32>,
}

impl Hits {
    pub(crate) fn clear(&mut self) {
        self.columns.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Adds a column, which must be below 2^24.
    #[inline]
    pub(crate) fn push(&mut self, column: u32) {
        self.columns.push(column);
    }

    #[inline]
    pub(crate) fn extend(&mut self, columns: impl Iterator<Item = u32>) {
        self.columns.extend(columns);
    }

    /// Appends an entry for each different column to `row`, in ascending order, with the number of
    /// its occurrences.
    pub(crate) fn append_to(&mut self, row: &mut Vec<Entry>) {
        if self.columns.len() < FEW {
            self.columns.sort_unstable();
        } else {
            self.sort_by_digits();
        }
        append_sorted(&self.columns, row);
    }

    /// Sorts the columns by a radix sort with three digits of 8 bits, the least significant first,
    /// since columns have 24 bits.
    fn sort_by_digits(&mut self) {
        let Self { columns, spare } = self;
        spare.resize(columns.len(), 0);
        let mut places = [[0_u32; 256]; 3];
        for column in &*columns {
            for (places, digit) in places.iter_mut().zip(column.to_le_bytes()) {
                places[digit as usize] += 1;
            }
        }
        // The count of each digit is replaced by the index of the first column with that digit.
        for places in &mut places {
            let mut next = 0;
            for place in places {
                next += std::mem::replace(place, next);
            }
        }
        for (digit, places) in places.iter_mut().enumerate() {
            for column in &*columns {
                let place = &mut places[column.to_le_bytes()[digit] as usize];
                spare[*place as usize] = *column;
                *place += 1;
            }
            std::mem::swap(columns, spare);
        }
    }
}

/// Appends an entry for each different column of a sorted list to `row`. A processor cannot predict
/// whether a column repeats the one before it, so the loop has no branch for it. Every occurrence
/// writes an entry, which overwrites the last entry if the column is the same.
fn append_sorted(columns: &[u32], row: &mut Vec<Entry>) {
    let Some(&first) = columns.first() else { return };
    let start = row.len();
    row.resize(start + columns.len(), Entry::new(first, 1));
    let out = &mut row[start..];
    let (mut place, mut last, mut count) = (0, first, 0);
    for &column in columns {
        let same = column == last;
        place += usize::from(!same);
        count = if same { count + 1 } else { 1 };
        last = column;
        out[place] = Entry::new(column, count);
    }
    row.truncate(start + place + 1);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn row(columns: &[u32]) -> Vec<Entry> {
        let (mut hits, mut row) = (Hits::default(), vec![Entry::new(9, 1)]);
        hits.extend(columns.iter().copied());
        hits.append_to(&mut row);
        assert_eq!(row.remove(0), Entry::new(9, 1));
        row
    }

    #[test]
    fn hits_become_one_entry_a_column() {
        assert_eq!(row(&[5, 0, 5, 7, 5, 0]), [Entry::new(0, 2), Entry::new(5, 3), Entry::new(7, 1)]);
        assert_eq!(row(&[]), []);
        assert_eq!(row(&[4; 300]), [Entry::new(4, 255)]);
    }

    proptest! {
        #[test]
        fn few_and_many_hits_are_counted_alike(
            columns in proptest::collection::vec(prop_oneof![0..20_u32, 0..1_u32 << 24], 0..400),
        ) {
            let mut counts = BTreeMap::new();
            for column in &columns {
                *counts.entry(*column).or_insert(0) += 1;
            }
            let expected: Vec<Entry> = counts.into_iter().map(|(column, n)| Entry::new(column, n)).collect();
            prop_assert_eq!(row(&columns), expected);
        }
    }
}
