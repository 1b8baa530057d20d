//! Chooses by the pool's text what n-grams consist of: words, parts of words, or both.
//!
//! No language is detected. The choice depends on the share of the basis's words that have a vector
//! in the static embedding, and on the number of classes. The evidence is in `docs/features.md`.

use std::sync::Arc;

use super::embedding::StaticEmbedding;
use super::fading::Texture;
use super::kind::{Block, FeatureKind};
use super::lsa::{self, MANY_CLASSES};
use crate::counts::Counter;
use crate::ngram::Units;

/// The version of the rule; it goes up when any choice changes.
const RULE: u32 = 1;

/// Below this share of words with a vector, words are taken to be in another language than the
/// embedding. On tweets in three languages, parts of words alone were then as accurate as parts
/// beside words, with two thirds of the counts.
const OTHER_LANGUAGE: f32 = 0.6;

/// From this share of words with a vector on, all of the pool is taken to be in the language of the
/// embedding. Words alone are then as good or better, except with [`MANY_CLASSES`]: each class has
/// then so few labels that its words are seldom among them.
const SAME_LANGUAGE: f32 = 0.8;

/// How a featurizer decides what n-grams consist of.
///
/// Parts of words are counted in one block: `lsa` if there is one, otherwise `ngram`. Beside `lsa`,
/// the block `ngram` always has words. With parts it was as accurate on five sets, and training
/// took twice as long on one: a column that only one document has costs the solver nothing, and
/// most pairs of words are in one document.
#[derive(Clone, Default)]
pub enum UnitChoice {
    /// All n-grams consist of words.
    #[default]
    Words,
    /// These units, counted by this counter.
    Fixed(Units, Arc<dyn Counter>),
    /// The text of the basis decides.
    ByText {
        /// Counts parts of words.
        characters: Arc<dyn Counter>,
        /// Counts words and parts of words.
        both: Arc<dyn Counter>,
    },
}

impl UnitChoice {
    /// Returns the units, and their counter unless it counts words. The arguments are those of
    /// [`units`].
    pub(super) fn decide(
        &self,
        known: Option<(&StaticEmbedding, Texture)>,
        n_classes: usize,
        kind: FeatureKind,
    ) -> (Units, Option<&Arc<dyn Counter>>) {
        match self {
            Self::Words => (Units::Words, None),
            Self::Fixed(units, counter) => (*units, Some(counter)),
            Self::ByText { characters, both } => match units(known, n_classes, kind) {
                Units::Characters => (Units::Characters, Some(characters)),
                Units::Both => (Units::Both, Some(both)),
                Units::Auto | Units::Words => (Units::Words, None),
            },
        }
    }

    /// Returns all parameters that change the choice, as text; empty for words.
    pub(super) fn fingerprint(&self, n_classes: usize) -> String {
        match self {
            Self::Words => String::new(),
            Self::Fixed(units, counter) => {
                format!(" units=({} iterations={})", counter.fingerprint(), lsa::iterations(*units))
            }
            Self::ByText { characters, both } => format!(
                " units=(by-text rule={RULE} many={} iterations={} characters=({}) both=({}))",
                n_classes >= MANY_CLASSES,
                lsa::iterations(Units::Both),
                characters.fingerprint(),
                both.fingerprint()
            ),
        }
    }
}

/// Returns the block in which parts of words are counted, given the blocks of the features.
pub(super) fn block_of_parts(mut blocks: impl Iterator<Item = Block>) -> Block {
    if blocks.any(|block| block == Block::Lsa) { Block::Lsa } else { Block::Ngram }
}

/// Returns the units for features of a kind, for a pool with `n_classes` classes. `known` is the
/// static embedding, and the texture of the basis as it counted it. Without an embedding, or with
/// one of word pieces, which knows every word, nothing is known of the language. Then `lsa` gets
/// words and their parts, and `ngram` words.
fn units(known: Option<(&StaticEmbedding, Texture)>, n_classes: usize, kind: FeatureKind) -> Units {
    match known {
        Some((embedding, texture)) if embedding.counter().n_columns() > embedding.n_pieces() => {
            of(texture.known, n_classes)
        }
        _ if kind.has(Block::Lsa) => Units::Both,
        _ => Units::Words,
    }
}

fn of(known: f32, n_classes: usize) -> Units {
    if known < OTHER_LANGUAGE {
        Units::Characters
    } else if known < SAME_LANGUAGE || n_classes >= MANY_CLASSES {
        Units::Both
    } else {
        Units::Words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_follows_known_words_and_classes() {
        assert_eq!(of(0.54, 3), Units::Characters);
        assert_eq!(of(0.4, 150), Units::Characters);
        // A pool in two languages.
        assert_eq!(of(0.7, 3), Units::Both);
        assert_eq!(of(0.86, 8), Units::Words);
        assert_eq!(of(0.97, 150), Units::Both);
        assert_eq!(units(None, 2, FeatureKind::NGRAM.and(FeatureKind::LSA)), Units::Both);
        assert_eq!(units(None, 2, FeatureKind::NGRAM), Units::Words);
    }
}
