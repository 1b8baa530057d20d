//! One count of a row: a column and how often it occurs in a text, in 32 bits.
//!
//! A row of counts is a run of entries with strictly ascending columns. The column is in the upper
//! 24 bits, so entries sort by column. Counts above 255 are stored as 255, so a row takes half the
//! memory. Counts are damped by a logarithm later, so the loss does not matter.
//!
//! An entry is a raw count, without a weight.

/// The maximum number of columns, 2^24.
pub const MOST_COLUMNS: usize = 1 << 24;

/// A column and how often it occurs in a text.
#[repr(transparent)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, bytemuck::Zeroable, bytemuck::Pod)]
pub struct Entry(u32);

impl Entry {
    /// The highest count; higher counts are stored as this one.
    pub const HIGHEST_COUNT: u32 = 255;

    /// Returns an entry for `column`, which must be below 2^24 (higher bits are lost). The count is
    /// clamped to 1..=255.
    pub const fn new(column: u32, count: u32) -> Self {
        let count = if count > Self::HIGHEST_COUNT { Self::HIGHEST_COUNT } else { count };
        Self(column << 8 | if count == 0 { 1 } else { count })
    }

    /// Returns the column.
    pub const fn column(self) -> u32 {
        self.0 >> 8
    }

    /// Returns how often the column occurs, 1 to 255; 255 also stands for higher counts.
    pub const fn count(self) -> u32 {
        self.0 & 0xff
    }

    /// Returns column and count as the number that the feature file stores.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// Returns the entry whose [`Entry::bits`] are `bits`.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_and_a_count_come_back() {
        let entry = Entry::new(0x00ab_cdef, 7);
        assert_eq!((entry.column(), entry.count(), entry.bits()), (0x00ab_cdef, 7, 0xabcd_ef07));
        assert_eq!(Entry::from_bits(entry.bits()), entry);
        assert_eq!(Entry::new(MOST_COLUMNS as u32 - 1, 1).column(), 0x00ff_ffff);
        assert_eq!((Entry::new(3, 256).count(), Entry::new(3, 0).count()), (255, 1));
        assert!(Entry::new(2, 255) < Entry::new(3, 1));
    }
}
