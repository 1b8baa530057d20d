//! Rules of earlier editions, kept so that their rounds and model files give the same results as
//! before.

use querist_core::Edition;

use crate::ngram::NgramCounter;

/// What to count in a text that has no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wordless {
    /// Nothing: the text has no n-gram, so all such texts look the same.
    Nothing,
    /// The n-grams of its symbols.
    Symbols,
}

impl Wordless {
    /// The rule that an edition uses.
    fn of(edition: Edition) -> Self {
        match edition {
            Edition::First => Self::Nothing,
            Edition::Second | Edition::Third => Self::Symbols,
        }
    }

    /// The counter's version, as its fingerprint names it.
    pub(crate) fn version(self) -> u32 {
        match self {
            Self::Nothing => 1,
            Self::Symbols => 2,
        }
    }
}

impl NgramCounter {
    /// The same counter by the rules of an edition. In the first edition, a text without a word has
    /// an empty row. Rows of texts with a word are the same in all editions.
    #[must_use]
    pub fn of_edition(self, edition: Edition) -> Self {
        self.with_wordless(Wordless::of(edition))
    }
}
