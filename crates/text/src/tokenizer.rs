//! Words and word pieces of a text, by a Hugging Face `tokenizer.json`.
//!
//! The only file that names the `tokenizers` crate. [`WordTokenizer`] reads two parts of such a file: the normaliser (case,
//! Unicode forms, accents) and the pre-tokeniser (where words begin and end). The model, its vocabulary and its added
//! tokens are left out on purpose: word n-grams are hashed, so nothing needs a vocabulary, and a file works whatever its
//! model is. [`PieceTokenizer`] reads the whole file, because a static embedding has a vector for each piece of the
//! vocabulary; it adds no special tokens, drops the unknown piece, and never truncates or pads, whatever the file says.
//!
//! Invariants: no I/O and no downloads. A word is never empty and never only white space. The same bytes give the same
//! words and pieces everywhere.

use querist_core::caught;
use serde::Deserialize;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{
    NormalizedString, Normalizer, NormalizerWrapper, OffsetReferential, OffsetType, PreTokenizedString,
    PreTokenizer, PreTokenizerWrapper, Tokenizer,
};

use crate::error::TextError;
use crate::growth::{self, Growth};

/// The presets: name and content of the file under `models/`.
const PRESETS: [(&str, &str); 1] = [("words", include_str!("../../../models/words/tokenizer.json"))];

/// The names in [`PRESETS`], for messages.
const PRESET_NAMES: [&str; 1] = [PRESETS[0].0];

/// The parts of a `tokenizer.json` that decide what a word is.
#[derive(Deserialize)]
struct Parts {
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: Option<PreTokenizerWrapper>,
}

/// Turns a text into words.
#[derive(Debug, Clone)]
pub struct WordTokenizer {
    normalizer: Option<NormalizerWrapper>,
    pre_tokenizer: PreTokenizerWrapper,
    growth: Growth,
    hash: blake3::Hash,
}

impl WordTokenizer {
    /// The preset of that name: `words`.
    ///
    /// # Errors
    /// No preset has that name.
    pub fn preset(name: &str) -> Result<Self, TextError> {
        match PRESETS.iter().find(|(known, _)| *known == name) {
            Some((known, json)) => Self::from_json(json.as_bytes(), known),
            None => Err(TextError::UnknownPreset { name: name.to_owned(), known: &PRESET_NAMES }),
        }
    }

    /// The names that [`WordTokenizer::preset`] knows.
    pub fn preset_names() -> &'static [&'static str] {
        &PRESET_NAMES
    }

    /// A tokenizer from the bytes of a `tokenizer.json`; `origin` (a path, say) only appears in messages.
    ///
    /// # Errors
    /// Bytes that are not JSON, a part that is not known, or a file without a pre-tokeniser.
    pub fn from_json(bytes: &[u8], origin: &str) -> Result<Self, TextError> {
        let parts: Parts = serde_json::from_slice(bytes).map_err(|error| malformed(&error, origin))?;
        let Some(pre_tokenizer) = parts.pre_tokenizer else {
            return Err(TextError::NoPreTokenizer { origin: origin.to_owned() });
        };
        let growth = bounded(bytes, origin)?;
        Ok(Self { normalizer: parts.normalizer, pre_tokenizer, growth, hash: blake3::hash(bytes) })
    }

    /// BLAKE3 of the file's bytes, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Calls `visit` with each word of `text`, in order.
    ///
    /// # Errors
    /// [`TextError::Untokenizable`] with document 0 when the normaliser or the pre-tokeniser gives up; a caller that
    /// reads a corpus puts the document's place in.
    pub fn for_each_word(&self, text: &str, visit: &mut dyn FnMut(&str)) -> Result<(), TextError> {
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

    /// The words of `text`, in order.
    ///
    /// # Errors
    /// As [`WordTokenizer::for_each_word`].
    pub fn words(&self, text: &str) -> Result<Vec<String>, TextError> {
        let mut words = Vec::new();
        self.for_each_word(text, &mut |word| words.push(word.to_owned()))?;
        Ok(words)
    }
}

/// The unknown piece of a `tokenizer.json`: by its text or by its number, as its model has it.
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

/// Turns a text into pieces of a vocabulary.
#[derive(Debug, Clone)]
pub struct PieceTokenizer {
    tokenizer: Tokenizer,
    unknown: Option<u32>,
    n_pieces: usize,
    growth: Growth,
    hash: blake3::Hash,
}

impl PieceTokenizer {
    /// A tokenizer from the bytes of a `tokenizer.json`; `origin` (a path, say) only appears in messages.
    ///
    /// # Errors
    /// Bytes that are not JSON, a part that is not known, or a vocabulary that is empty.
    pub fn from_json(bytes: &[u8], origin: &str) -> Result<Self, TextError> {
        let Model { model } = serde_json::from_slice(bytes).map_err(|error| malformed(&error, origin))?;
        let refused = |problem: String| TextError::MalformedTokenizer {
            origin: origin.to_owned(),
            line: 0,
            column: 0,
            problem,
        };
        let growth = bounded(bytes, origin)?;
        let parsed = caught(|| serde_json::from_slice::<Tokenizer>(bytes));
        let mut tokenizer = parsed
            .ok_or_else(|| refused("its parts do not fit together".to_owned()))?
            .map_err(|error| malformed(&error, origin))?;
        tokenizer.with_padding(None);
        // It adds pieces around the text, none of which is wanted.
        tokenizer.with_post_processor(None::<PostProcessorWrapper>);
        tokenizer.with_truncation(None).map_err(|error| refused(error.to_string()))?;
        // The numbers need not be without gaps; only the largest counts, whatever the order of the map.
        let Some(last) = tokenizer.get_vocab(true).into_values().max() else {
            return Err(refused("its vocabulary is empty".to_owned()));
        };
        let unknown = model.unk_id.or_else(|| tokenizer.token_to_id(&model.unk_token?));
        Ok(Self { tokenizer, unknown, n_pieces: last as usize + 1, growth, hash: blake3::hash(bytes) })
    }

    /// One more than the highest number of a piece.
    pub fn n_pieces(&self) -> usize {
        self.n_pieces
    }

    /// BLAKE3 of the file's bytes, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.hash.to_hex().to_string()
    }

    /// Calls `visit` with the number of each known piece of `text`, in order.
    ///
    /// # Errors
    /// [`TextError::Untokenizable`] with document 0 when the tokenizer gives up.
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

    /// How the vocabulary spells a piece; `None` for a number that is none.
    pub fn spelling(&self, piece: u32) -> Option<String> {
        self.tokenizer.id_to_token(piece)
    }
}

/// The growth of the steps of a file, if it is bounded.
fn bounded(bytes: &[u8], origin: &str) -> Result<Growth, TextError> {
    let growth = Growth::of_json(bytes);
    if growth.all() <= growth::MOST {
        return Ok(growth);
    }
    let (times, most) = (growth.all(), growth::MOST);
    Err(TextError::UnboundedTokenizer { origin: origin.to_owned(), times, most })
}

/// How long a part of a text is once normalised, in bytes.
fn normalized_length(normalizer: Option<&NormalizerWrapper>, part: &str) -> Result<usize, tokenizers::Error> {
    let mut normalized = NormalizedString::from(part);
    normalizer.map_or(Ok(()), |normalizer| normalizer.normalize(&mut normalized))?;
    Ok(normalized.len())
}

/// A text that a tokenizer would make too long.
fn no_room(text: &str) -> TextError {
    let problem = format!("its {} bytes would become far more in the tokenizer's steps", text.len());
    TextError::Untokenizable { document: 0, problem }
}

/// `serde_json` ends its message with the place, which the error carries on its own.
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        WordTokenizer::preset("words").unwrap().words(text).unwrap()
    }

    #[test]
    fn the_preset_gives_lower_case_words() {
        assert_eq!(
            words("Don't PANIC -- it's 42, isn't it?"),
            ["don", "'", "t", "panic", "--", "it", "'", "s", "42", ",", "isn", "'", "t", "it", "?"]
        );
        // The example of the preset's card.
        assert_eq!(words("Café #1: it's GREAT!!"), ["café", "#", "1", ":", "it", "'", "s", "great", "!!"]);
        assert_eq!(words("  snake_case\t3.14\n"), ["snake_case", "3", ".", "14"]);
        assert!(words("").is_empty());
        assert!(words(" \u{a0}\t\u{3000} ").is_empty());
        assert_eq!(words("really?!!1"), ["really", "?!!", "1"]);
    }

    #[test]
    fn the_preset_reads_every_script() {
        assert_eq!(words("Straße CAFÉ"), ["straße", "café"]);
        // Composed and decomposed, full width and ligature: one word each, whatever the writer's keyboard.
        assert_eq!(words("cafe\u{301}"), words("caf\u{e9}"));
        assert_eq!(words("ＡＢＣ ﬁne"), ["abc", "fine"]);
        // Chinese and Japanese have no spaces: a word a character, so that bigrams are pairs of characters.
        assert_eq!(words("我爱Rust编程"), ["我", "爱", "rust", "编", "程"]);
        assert_eq!(words("すし bar"), ["す", "し", "bar"]);
        // Vowel signs are marks and belong to their word.
        assert_eq!(words("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
        assert_eq!(words("great 👍🏽 job"), ["great", "👍🏽", "job"]);
    }

    #[test]
    fn the_preset_is_a_whole_tokenizer_file() {
        let json = PRESETS[0].1;
        let whole: tokenizers::Tokenizer = json.parse().unwrap();
        let encoding = whole.encode("Two words", false).unwrap();
        assert_eq!(encoding.get_tokens(), ["[UNK]", "[UNK]"]);
        assert_eq!(encoding.get_offsets(), [(0, 3), (4, 9)]);
    }

    #[test]
    fn the_users_own_file_decides() {
        let json = br#"{"version":"1.0","normalizer":null,"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"?"}}"#;
        let own = WordTokenizer::from_json(json, "own.json").unwrap();
        assert_eq!(own.words("Who, me?").unwrap(), ["Who", ",", "me", "?"]);
        assert_ne!(own.fingerprint(), WordTokenizer::preset("words").unwrap().fingerprint());
        // Punctuation keeps the white space around it; that is no word.
        let json = br#"{"pre_tokenizer":{"type":"Punctuation","behavior":"Isolated"}}"#;
        let own = WordTokenizer::from_json(json, "own.json").unwrap();
        assert_eq!(own.words("a b!  ?").unwrap(), ["a b", "!", "?"]);
    }

    #[test]
    fn bad_files_are_refused_with_the_place() {
        let broken = b"{\n  \"normalizer\": null,\n  \"pre_tokenizer\": {\"type\": }\n}";
        let Err(TextError::MalformedTokenizer { origin, line, column, problem }) =
            WordTokenizer::from_json(broken, "mine.json")
        else {
            panic!("broken JSON was read");
        };
        assert_eq!((origin.as_str(), line, column), ("mine.json", 3, 29));
        assert_eq!(problem, "expected value");

        let unknown = br#"{"pre_tokenizer": {"type": "Mystery"}}"#;
        let error = WordTokenizer::from_json(unknown, "mine.json").unwrap_err();
        assert!(matches!(error, TextError::MalformedTokenizer { line: 1, .. }), "{error}");
        let bad_pattern =
            br#"{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"("},"behavior":"Removed","invert":true}}"#;
        assert!(WordTokenizer::from_json(bad_pattern, "mine.json").is_err());
        assert!(WordTokenizer::from_json(b"", "mine.json").is_err());
        assert!(WordTokenizer::from_json(b"\xff\xfe", "mine.json").is_err());

        for silent in [&b"{}"[..], br#"{"pre_tokenizer": null, "normalizer": {"type": "NFC"}}"#] {
            let error = WordTokenizer::from_json(silent, "mine.json").unwrap_err();
            assert_eq!(error, TextError::NoPreTokenizer { origin: "mine.json".into() });
            assert!(error.to_string().contains("add one"), "{error}");
        }
        let error = WordTokenizer::preset("word").unwrap_err().to_string();
        assert_eq!(error, "there is no tokenizer preset \"word\"; the presets are: words");
    }

    /// A `tokenizer.json` of word pieces, with the truncation and padding that real ones have.
    fn pieces() -> PieceTokenizer {
        let json = br###"{
            "version": "1.0",
            "truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
            "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                        "pad_type_id": 0, "pad_token": "[PAD]"},
            "added_tokens": [], "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
            "post_processor": null, "decoder": null,
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100,
                      "vocab": {"[PAD]": 0, "[UNK]": 1, "bank": 2, "##ing": 3, "loan": 7}}
        }"###;
        PieceTokenizer::from_json(json, "own.json").unwrap()
    }

    #[test]
    fn pieces_are_not_cut_off_padded_or_unknown() {
        let mut found = Vec::new();
        pieces().for_each_piece("Banking a loan bank", &mut |piece| found.push(piece)).unwrap();
        assert_eq!(found, [2, 3, 7, 2]);
        assert_eq!((pieces().spelling(3), pieces().spelling(6)), (Some("##ing".to_owned()), None));
        assert_eq!(pieces().n_pieces(), 8);
    }

    #[test]
    fn a_file_without_a_vocabulary_gives_no_pieces() {
        let words = PRESETS[0].1.as_bytes();
        assert!(PieceTokenizer::from_json(words, "words").unwrap().n_pieces() > 0);
        let error = PieceTokenizer::from_json(b"{}", "mine.json").unwrap_err();
        assert!(matches!(error, TextError::MalformedTokenizer { .. }), "{error}");
        // The library panics over a merge that is longer than every piece, and over a template of a second text.
        let bpe = br#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
            "pre_tokenizer":null,"post_processor":null,"decoder":null,
            "model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}"#;
        let error = PieceTokenizer::from_json(bpe, "mine.json").unwrap_err();
        assert!(matches!(error, TextError::MalformedTokenizer { .. }), "{error}");
        let template = br#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
            "pre_tokenizer":{"type":"Whitespace"},"decoder":null,
            "post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[],
                              "special_tokens":{}},
            "model":{"type":"WordLevel","vocab":{"?":0,"a":1},"unk_token":"?"}}"#;
        let pieces = PieceTokenizer::from_json(template, "mine.json").unwrap();
        let mut found = Vec::new();
        pieces.for_each_piece("a b a", &mut |piece| found.push(piece)).unwrap();
        assert_eq!(found, [1, 1]);
        let error = PieceTokenizer::from_json(b"{\"model\": 3}", "mine.json").unwrap_err();
        assert!(error.to_string().starts_with("mine.json:1:"), "{error}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail_and_no_word_is_blank(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(!word.trim().is_empty());
            }
        }
    }
}
