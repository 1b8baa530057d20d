//! What n-grams consist of: words, characters, or both.

use querist_core::Named;

/// What the n-grams of a text consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Units {
    /// Querist chooses: by the pool's text if it also chooses the kind of features, otherwise
    /// words.
    #[default]
    Auto,
    /// Words, and characters within words if the settings ask for them.
    Words,
    /// The parts of words and of runs of symbols (`parts.rs`).
    Characters,
    /// Words, and the parts of words.
    Both,
}

/// The names in settings, fingerprints and reports.
impl Named for Units {
    const ALL: &'static [Self] = &[Self::Auto, Self::Words, Self::Characters, Self::Both];

    fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Words => "words",
            Self::Characters => "characters",
            Self::Both => "both",
        }
    }
}
