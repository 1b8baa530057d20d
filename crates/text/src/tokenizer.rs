//! Splits a text into words or word pieces by a Hugging Face `tokenizer.json`.
//!
//! This is the only file that uses the `tokenizers` crate. [`WordTokenizer`] reads two parts of
//! such a file: the normaliser and the pre-tokeniser. It ignores the model, the vocabulary and the
//! added tokens, because word n-grams are hashed; so a file works whatever its model is.
//! [`PieceTokenizer`] reads the whole file, because a static embedding has a vector for each piece.
//!
//! Invariants: no I/O and no downloads. A word is never empty and never only white space. The same
//! bytes give the same words and pieces everywhere.

use querist_core::caught;
use serde::Deserialize;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{
    NormalizedString, Normalizer, NormalizerWrapper, OffsetReferential, OffsetType, PreTokenizedString,
    PreTokenizer, PreTokenizerWrapper, Tokenizer,
};

use crate::error::TextError;
use crate::growth::{self, Growth};

/// The presets: the name and the content of a file under `models/`.
const PRESETS: [(&str, &str); 1] = [("words", include_str!("../models/words/tokenizer.json"))];

/// The names in [`PRESETS`], for messages.
const PRESET_NAMES: [&str; 1] = [PRESETS[0].0];

/// A text that every tokenizer must be able to read.
const PROBE: &str = "Two words";

/// The parts of a `tokenizer.json` that decide what a word is.
#[derive(Deserialize)]
struct Parts {
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: Option<PreTokenizerWrapper>,
}

/// Splits texts into words.
#[derive(Debug, Clone)]
pub struct WordTokenizer {
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: PreTokenizerWrapper,
    growth: Growth,
    hash: blake3::Hash,
    /// The path or name of the file, for messages.
    origin: String,
}

impl WordTokenizer {
    /// Returns the preset with this name; the only one is `words`.
    ///
    /// # Errors
    /// No preset has this name.
    pub fn preset(name: &str) -> Result<Self, TextError> {
        match PRESETS.iter().find(|(known, _)| *known == name) {
            Some((known, json)) => Self::from_json(json.as_bytes(), known),
            None => Err(TextError::UnknownPreset { name: name.to_owned(), known: &PRESET_NAMES }),
        }
    }

    /// Returns the names of all presets.
    pub fn preset_names() -> &'static [&'static str] {
        &PRESET_NAMES
    }

    /// Builds a tokenizer from the bytes of a `tokenizer.json`. `origin`, such as a path, is only
    /// used in messages.
    ///
    /// # Errors
    /// The bytes are not JSON, a part is unknown, the file has no pre-tokeniser, or its steps could
    /// make a text too long.
    pub fn from_json(bytes: &[u8], origin: &str) -> Result<Self, TextError> {
        let parsed = caught(|| serde_json::from_slice::<Parts>(bytes)).ok_or_else(|| unusable(origin))?;
        let parts = parsed.map_err(|error| malformed(&error, origin))?;
        let Some(pre_tokenizer) = parts.pre_tokenizer else {
            return Err(TextError::NoPreTokenizer { origin: origin.to_owned() });
        };
        let growth = bounded(bytes, origin)?;
        let (normalizer, hash) = (parts.normalizer, blake3::hash(bytes));
        let tokenizer = Self { normalizer, pre_tokenizer, growth, hash, origin: origin.to_owned() };
        // A file that fails even on the plainest text is refused now, before anything is counted.
        caught(|| tokenizer.split(PROBE, &mut |_| ())).ok_or_else(|| unusable(origin))?.map(|()| tokenizer)
    }

    /// Returns the same tokenizer with another origin, for messages about a text that it cannot
    /// read.
    #[must_use]
    pub fn named_at(mut self, place: String) -> Self {
        self.origin = place;
        self
    }

    /// Returns the BLAKE3 hash of the file's bytes, in hex.
    pub fn fingerprint(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Calls `visit` with each word of `text`, in order.
    ///
    /// # Errors
    /// [`TextError::Untokenizable`] with document 0 if the normaliser or the pre-tokeniser fails. A
    /// caller that reads a corpus replaces the 0 by the document's index.
    pub fn for_each_word(&self, text: &str, visit: &mut dyn FnMut(&str)) -> Result<(), TextError> {
        let gave_up = || TextError::Untokenizable {
            document: 0,
            problem: format!("{}: its steps fail on this text; use another tokenizer", self.origin),
        };
        caught(|| self.split(text, visit)).ok_or_else(gave_up)?
    }

    fn split(&self, text: &str, visit: &mut dyn FnMut(&str)) -> Result<(), TextError> {
        let refused =
            |error: tokenizers::Error| TextError::Untokenizable { document: 0, problem: error.to_string() };
        if !self
            .growth
            .has_room(text, |part| normalized_length(self.normalizer.as_ref(), part))
            .map_err(refused)?
        {
            return Err(no_room(text));
        }
        let mut normalized = NormalizedString::from(text);
        if let Some(normalizer) = &self.normalizer {
            normalizer.normalize(&mut normalized).map_err(refused)?;
        }
        let mut splits = PreTokenizedString::from(normalized);
        self.pre_tokenizer.pre_tokenize(&mut splits).map_err(refused)?;
        for (word, _, _) in splits.get_splits(OffsetReferential::Normalized, OffsetType::None) {
            if !word.trim().is_empty() {
                visit(word);
            }
        }
        Ok(())
    }

    /// Returns the words of `text`, in order.
    ///
    /// # Errors
    /// The same as for [`WordTokenizer::for_each_word`].
    pub fn words(&self, text: &str) -> Result<Vec<String>, TextError> {
        let mut words = Vec::new();
        self.for_each_word(text, &mut |word| words.push(word.to_owned()))?;
        Ok(words)
    }
}

/// The unknown piece of a `tokenizer.json`, by its text or its number, depending on the model.
#[derive(Deserialize)]
struct Unknown {
    unk_token: Option<String>,
    unk_id: Option<u32>,
}

/// The part of a `tokenizer.json` that names the unknown piece.
#[derive(Deserialize)]
struct Model {
    model: Unknown,
}

/// Splits texts into pieces of a vocabulary. It adds no special tokens, drops the unknown piece,
/// and never truncates or pads, whatever the file says.
#[derive(Debug, Clone)]
pub struct PieceTokenizer {
    tokenizer: Tokenizer,
    unknown: Option<u32>,
    n_pieces: usize,
    growth: Growth,
    hash: blake3::Hash,
}

impl PieceTokenizer {
    /// Builds a tokenizer from the bytes of a `tokenizer.json`. `origin`, such as a path, is only
    /// used in messages.
    ///
    /// # Errors
    /// The bytes are not JSON, a part is unknown, the vocabulary is empty, or the steps could make
    /// a text too long.
    pub fn from_json(bytes: &[u8], origin: &str) -> Result<Self, TextError> {
        let Model { model } = serde_json::from_slice(bytes).map_err(|error| malformed(&error, origin))?;
        let refused = |problem: String| refused(origin, problem);
        let growth = bounded(bytes, origin)?;
        let parsed = caught(|| serde_json::from_slice::<Tokenizer>(bytes));
        let mut tokenizer =
            parsed.ok_or_else(|| unusable(origin))?.map_err(|error| malformed(&error, origin))?;
        tokenizer.with_padding(None);
        // The post-processor would add special pieces around the text, which do not belong in a
        // mean.
        tokenizer.with_post_processor(None::<PostProcessorWrapper>);
        tokenizer.with_truncation(None).map_err(|error| refused(error.to_string()))?;
        // The numbers of pieces may have gaps, so the largest one determines the number of
        // columns.
        let Some(last) = tokenizer.get_vocab(true).into_values().max() else {
            return Err(refused("its vocabulary is empty".to_owned()));
        };
        let unknown = model.unk_id.or_else(|| tokenizer.token_to_id(&model.unk_token?));
        Ok(Self { tokenizer, unknown, n_pieces: last as usize + 1, growth, hash: blake3::hash(bytes) })
    }

    /// Returns the highest number of a piece, plus 1.
    pub fn n_pieces(&self) -> usize {
        self.n_pieces
    }

    /// Returns the BLAKE3 hash of the file's bytes, in hex.
    pub fn fingerprint(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Calls `visit` with the number of each known piece of `text`, in order.
    ///
    /// # Errors
    /// [`TextError::Untokenizable`] with document 0 if the tokenizer fails.
    pub fn for_each_piece(&self, text: &str, visit: &mut dyn FnMut(u32)) -> Result<(), TextError> {
        let refused = |problem: String| TextError::Untokenizable { document: 0, problem };
        let measured = caught(|| {
            self.growth.has_room(text, |part| normalized_length(self.tokenizer.get_normalizer(), part))
        });
        let gave_up = || refused("the tokenizer gave up on it".to_owned());
        if !measured.ok_or_else(gave_up)?.map_err(|error| refused(error.to_string()))? {
            return Err(no_room(text));
        }
        let encoding = caught(|| self.tokenizer.encode_fast(text, false))
            .ok_or_else(gave_up)?
            .map_err(|error| refused(error.to_string()))?;
        encoding
            .get_ids()
            .iter()
            .filter(|piece| Some(**piece) != self.unknown)
            .for_each(|piece| visit(*piece));
        Ok(())
    }

    /// Returns the spelling of a piece in the vocabulary; `None` if no piece has this number.
    pub fn spelling(&self, piece: u32) -> Option<String> {
        self.tokenizer.id_to_token(piece)
    }
}

/// Returns the growth of a file's steps, or an error if they could make a text too long.
fn bounded(bytes: &[u8], origin: &str) -> Result<Growth, TextError> {
    let growth = Growth::of_json(bytes);
    if growth.all() <= growth::MOST {
        return Ok(growth);
    }
    let (times, most) = (growth.all(), growth::MOST);
    Err(TextError::UnboundedTokenizer { origin: origin.to_owned(), times, most })
}

/// Returns the length of a part of a text after normalisation, in bytes.
fn normalized_length(normalizer: Option<&NormalizerWrapper>, part: &str) -> Result<usize, tokenizers::Error> {
    let mut normalized = NormalizedString::from(part);
    normalizer.map_or(Ok(()), |normalizer| normalizer.normalize(&mut normalized))?;
    Ok(normalized.len())
}

/// Returns the error for a text that a tokenizer would make too long.
fn no_room(text: &str) -> TextError {
    let problem = format!("its {} bytes would become far more in the tokenizer's steps", text.len());
    TextError::Untokenizable { document: 0, problem }
}

/// Returns the error for a file that makes the library panic.
fn unusable(origin: &str) -> TextError {
    refused(origin, "its parts do not fit together".to_owned())
}

fn refused(origin: &str, problem: String) -> TextError {
    TextError::MalformedTokenizer { origin: origin.to_owned(), line: 0, column: 0, problem }
}

/// Returns the error for a file that is not valid. The position at the end of `serde_json`'s
/// message is removed, because the error has it in separate fields.
fn malformed(error: &serde_json::Error, origin: &str) -> TextError {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    TextError::MalformedTokenizer {
        origin: origin.to_owned(),
        line: error.line(),
        column: error.column(),
        problem: message.strip_suffix(&place).unwrap_or(&message).to_owned(),
    }
}

#[cfg(test)]
mod tests;
