//! The report's section about the user's own model.

use querist_core::round::Brought;

use super::Section;

impl Section for Brought {
    /// Renders the section as one paragraph without markup.
    fn markdown(&self) -> String {
        let Self { rows, open, .. } = self;
        let mut text = format!(
            "The round used your own model: the probabilities of {open} open documents come from a file \
             with {rows} rows (BLAKE3 {}). Nothing was trained.",
            self.file
        );
        if self.normalized > 0 {
            text +=
                &format!(" {} rows did not sum to 1 exactly and were divided by their sum.", self.normalized);
        }
        if self.foreign > 0 {
            text += &format!(" {} rows about other documents were skipped.", self.foreign);
        }
        if let Some(width) = self.vector {
            text += &format!(" The file's vectors, with {width} numbers each, replaced the features.");
        }
        if self.unplaced > 0 {
            text += &format!(
                " {} labelled documents have no vector in the file, so strategies that compare documents \
                 with labelled ones left them out.",
                self.unplaced
            );
        }
        text
    }
}
