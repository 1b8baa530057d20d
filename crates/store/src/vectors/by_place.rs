//! The vectors of a corpus, read from several parts.

use querist_core::DocumentVectors;
use querist_core::error::BoxError;

use super::part::{Digest, Part};

/// The vectors of the documents of a corpus.
#[derive(Debug)]
pub struct VectorsByPlace {
    width: usize,
    parts: Vec<Part>,
    /// For each place in the corpus, 1 + the number of the document's vector, counted over all
    /// parts; 0 for a document without a vector.
    rows: Vec<u32>,
    /// The number of the first vector of each part, ascending.
    starts: Vec<u32>,
}

impl VectorsByPlace {
    /// Returns the vectors in these parts for a corpus of `n_documents`. All parts must have the
    /// same width. `place` returns the place of a vector's document, given the place in the part;
    /// `None` leaves the vector out.
    pub fn new(parts: Vec<Part>, n_documents: usize, place: impl Fn(u32) -> Option<u32>) -> Self {
        let width = parts.first().map_or(1, Part::width);
        let mut rows = vec![0; n_documents];
        let (mut starts, mut start) = (Vec::new(), 0_u32);
        for part in &parts {
            starts.push(start);
            for (row, stored) in (start + 1..).zip(part.places()) {
                if let Some(own) = place(*stored).and_then(|place| rows.get_mut(place as usize)) {
                    *own = row;
                }
            }
            start += part.len() as u32;
        }
        Self { width, parts, rows, starts }
    }

    /// Returns the vectors at given rows of one part: `rows` has for each place in the corpus the
    /// row of the document's vector.
    pub fn of_rows(part: Part, rows: impl Iterator<Item = u32>) -> Self {
        let rows = rows.map(|row| row + 1).collect();
        Self { width: part.width(), parts: vec![part], rows, starts: vec![0] }
    }

    /// Returns whether the document at this place has a vector.
    pub fn has(&self, place: u32) -> bool {
        self.rows.get(place as usize).is_some_and(|row| *row > 0)
    }

    /// Returns the digest of the vector of the document at this place; `None` without a vector.
    pub fn digest(&self, place: u32) -> Option<&Digest> {
        let (part, row) = self.find(place)?;
        self.parts[part].digests().get(row)
    }

    /// Returns the index of the part that has the vector of the document at this place.
    pub fn part_of(&self, place: u32) -> Option<usize> {
        self.find(place).map(|(part, _)| part)
    }

    /// Returns the part and the row in it of a document's vector.
    fn find(&self, place: u32) -> Option<(usize, usize)> {
        let row = self.rows.get(place as usize)?.checked_sub(1)?;
        let part = self.starts.partition_point(|start| *start <= row).checked_sub(1)?;
        Some((part, (row - self.starts[part]) as usize))
    }
}

impl DocumentVectors for VectorsByPlace {
    fn width(&self) -> usize {
        self.width
    }

    /// Reads neighbouring vectors of a part at once.
    fn read(&self, documents: &[u32], out: &mut [f32]) -> Result<(), BoxError> {
        let found = |document: &u32| {
            self.find(*document).ok_or_else(|| format!("document {document} of the corpus has no vector"))
        };
        let mut rest = documents;
        let mut out = out;
        while let Some(first) = rest.first() {
            let (part, row) = found(first)?;
            let mut n = 1;
            while rest.get(n).is_some_and(|next| self.find(*next) == Some((part, row + n))) {
                n += 1;
            }
            let (own, others) = out.split_at_mut(n * self.width);
            self.parts[part].read(row, own)?;
            (rest, out) = (&rest[n..], others);
        }
        Ok(())
    }
}
