//! The rules of earlier editions, by which their rounds and their model files come out as they did.

use querist_core::Edition;

use crate::ngram::NgramCounter;

/// What becomes of a text that has no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wordless {
    /// It has no n-gram, so all such texts are the same.
    Nothing,
    /// Its n-grams are those of its symbols.
    Symbols,
}

impl Wordless {
    /// The rule of an edition.
    fn of(edition: Edition) -> Self {
        match edition {
            Edition::First => Self::Nothing,
            Edition::Second | Edition::Third => Self::Symbols,
        }
    }

    /// The version of the counter that its fingerprint names.
    pub(crate) fn version(self) -> u32 {
        match self {
            Self::Nothing => 1,
            Self::Symbols => 2,
        }
    }
}

impl NgramCounter {
    /// The same counter by the rules of an edition: in the first, a text without a word has an
    /// empty row. Rows of texts with a word are the same in all editions.
    #[must_use]
    pub fn of_edition(self, edition: Edition) -> Self {
        self.with_wordless(Wordless::of(edition))
    }
}
