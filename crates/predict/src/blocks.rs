//! Divides a stream of texts into blocks, large enough to keep all threads busy and small enough
//! for the memory.

/// A block has at most this many texts.
const TEXTS: usize = 1_024;
/// A block is full when its texts have at least this many bytes.
const BYTES: usize = 8 << 20;

/// Collects rows, one for each text, until they make a full block.
#[derive(Debug)]
pub struct Blocks<T> {
    /// The rows since the last full block.
    rows: Vec<T>,
    /// Number of bytes of their texts.
    bytes: usize,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), bytes: 0 }
    }
}

impl<T> Blocks<T> {
    /// Adds a row whose text has `bytes` bytes. If this fills the block, returns all its rows and
    /// begins an empty block; otherwise returns `None`.
    pub fn add(&mut self, row: T, bytes: usize) -> Option<Vec<T>> {
        self.rows.push(row);
        self.bytes += bytes;
        (self.rows.len() == TEXTS || self.bytes >= BYTES).then(|| self.take())
    }

    /// Returns the rows that were added since the last full block, and begins an empty block.
    pub fn take(&mut self) -> Vec<T> {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_full_by_texts_or_by_bytes() {
        let mut blocks = Blocks::default();
        let full = (0..=TEXTS).filter_map(|row| blocks.add(row, 1)).collect::<Vec<_>>();
        assert_eq!((full.len(), full[0].len(), blocks.take()), (1, TEXTS, vec![TEXTS]));
        assert_eq!(blocks.add(0, BYTES), Some(vec![0]));
        assert_eq!(blocks.add(1, 1), None);
    }
}
