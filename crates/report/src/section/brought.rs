//! The report's section about a model that the user brought.

use querist_core::round::Brought;

use super::Section;

impl Section for Brought {
    /// One paragraph without markup.
    fn markdown(&self) -> String {
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
