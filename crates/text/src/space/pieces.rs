//! Counts word pieces, for a static embedding, in which a document is a sum over its pieces.

use std::sync::Arc;

use crate::counts::{Counter, Scratch};
use crate::entry::{Entry, MOST_COLUMNS};
use crate::error::TextError;
use crate::tokenizer::PieceTokenizer;

/// A counter of the pieces of a tokenizer's vocabulary, with one column for each piece.
#[derive(Debug, Clone)]
pub struct PieceCounter {
    tokenizer: Arc<PieceTokenizer>,
}

impl PieceCounter {
    /// Returns a counter of the pieces of `tokenizer`.
    ///
    /// # Errors
    /// The vocabulary has more than 2^24 pieces.
    pub fn new(tokenizer: PieceTokenizer) -> Result<Self, TextError> {
        if tokenizer.n_pieces() > MOST_COLUMNS {
            return Err(TextError::Vocabulary { found: tokenizer.n_pieces(), limit: MOST_COLUMNS });
        }
        Ok(Self { tokenizer: Arc::new(tokenizer) })
    }
}

impl Counter for PieceCounter {
    fn n_columns(&self) -> usize {
        self.tokenizer.n_pieces()
    }

    fn fingerprint(&self) -> String {
        format!("pieces 1 tokenizer={}", self.tokenizer.fingerprint())
    }

    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError> {
        let hits = &mut scratch.hits;
        hits.clear();
        self.tokenizer.for_each_piece(text, &mut |piece| hits.push(piece))?;
        hits.append_to(row);
        Ok(())
    }

    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError> {
        self.tokenizer.for_each_piece(text, &mut |piece| {
            visit(piece, &self.tokenizer.spelling(piece).unwrap_or_default());
        })
    }
}
