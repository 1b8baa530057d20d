//! Rules of earlier editions, kept so that their rounds and model files give the same results as
//! before.

use querist_core::Edition;

use crate::ngram::NgramCounter;
use crate::space::{PLENTY_OF_LABELS, Sizes};

/// The rule for counting a text that has no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wordless {
    /// Nothing is counted, so the rows of all such texts are equal.
    Nothing,
    /// The n-grams of the text's symbols are counted.
    Symbols,
}

impl Wordless {
    /// Returns the rule that an edition uses.
    fn of(edition: Edition) -> Self {
        match edition {
            Edition::First => Self::Nothing,
            _ => Self::Symbols,
        }
    }

    /// Returns the counter's version, which is part of its fingerprint.
    pub(crate) fn version(self) -> u32 {
        match self {
            Self::Nothing => 1,
            Self::Symbols => 2,
        }
    }
}

impl NgramCounter {
    /// Returns the same counter with the rules of an edition. In the first edition, a text without
    /// a word has an empty row. Rows of texts with a word are the same in all editions.
    #[must_use]
    pub fn of_edition(self, edition: Edition) -> Self {
        self.with_wordless(Wordless::of(edition))
    }
}

impl Sizes {
    /// Returns the sizes by which `auto` chooses in an edition. Before the fifth edition, it did
    /// not look at the number of classes, and n-grams never had more weight than an embedding.
    #[must_use]
    pub fn of_edition(self, edition: Edition) -> Self {
        if edition >= Edition::Fifth {
            return self;
        }
        Self { labeled: self.labeled.min(PLENTY_OF_LABELS - 1), classes: 0, ..self }
    }
}
