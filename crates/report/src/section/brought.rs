//! A model that the user brought, as the report tells of it.

use serde::{Deserialize, Serialize};

/// Where the probabilities of a round came from, if not from a model of Querist's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brought {
    /// BLAKE3 of the file's uncompressed content, in hex.
    pub file: String,
    /// How many rows it has.
    pub rows: usize,
    /// How many open documents they cover: all of them.
    pub open: usize,
    /// How many rows were divided by their sum, because it was not quite 1.
    pub normalized: usize,
    /// How many rows were of no document of the workspace.
    pub foreign: usize,
    /// How many numbers an embedding has; `None` where not every row had one.
    pub embedding: Option<usize>,
    /// How many labelled documents strategies could not compare with, because the file has no embedding for them.
    pub unplaced: usize,
}

impl Brought {
    /// What the report says, as one paragraph without markup.
    pub fn text(&self) -> String {
        let Self { rows, open, .. } = self;
        let mut text = format!(
            "The model was brought: the probabilities of {open} open documents are those of a file of {rows} rows (BLAKE3 \
             {}); nothing was trained.",
            self.file
        );
        if self.normalized > 0 {
            text +=
                &format!(" {} rows did not sum to 1 exactly and were divided by their sum.", self.normalized);
        }
        if self.foreign > 0 {
            text += &format!(" {} rows of other documents were passed over.", self.foreign);
        }
        if let Some(width) = self.embedding {
            text += &format!(" Embeddings of {width} numbers from the file stood for the features.");
        }
        if self.unplaced > 0 {
            text += &format!(" {} labelled documents have none and were not compared with.", self.unplaced);
        }
        text
    }
}
