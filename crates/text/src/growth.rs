//! Bounds on how much longer the steps of a `tokenizer.json` can make a text. Steps replace and
//! insert characters, and the factors of successive steps multiply.
//!
//! Eight steps that write ten letters for one turn a kilobyte into a hundred gigabytes. So loading
//! refuses a file whose steps together could make a text more than [`MOST`] times as long. If a
//! text could still grow beyond [`ROOM`], its length after the normaliser is first measured piece
//! by piece, and the text is refused if it is too long. The growth is a bound computed from the
//! JSON, not a measurement; the bounds of real tokenizers are 1 to 400. The time of a step is not
//! bounded, nor the library's own memory of about twenty bytes for each byte of text.

use serde_json::Value;

/// The maximum factor by which the steps of a file may make a text longer.
pub(crate) const MOST: f64 = 1024.0;

/// The result of a text may have this many bytes plus four times the length of the text.
const ROOM: usize = 16 << 20;

/// The length, in bytes, of the pieces of text that are measured. With [`MOST`], a piece grows to
/// at most 4 MiB.
const PIECE: usize = 4096;

/// Bounds on the factors by which a text becomes longer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Growth {
    /// The factor of the normaliser, at least 1.
    normalizer: f64,
    /// The factor of the pre-tokeniser, at least 1.
    pre_tokenizer: f64,
}

impl Growth {
    /// Computes the bounds for a `tokenizer.json`, given as bytes. For bytes that are not JSON,
    /// both factors are 1.
    pub(crate) fn of_json(bytes: &[u8]) -> Self {
        let file: Value = serde_json::from_slice(bytes).unwrap_or_default();
        Self { normalizer: of_step(&file["normalizer"]), pre_tokenizer: of_step(&file["pre_tokenizer"]) }
    }

    /// Returns the factor of the normaliser and the pre-tokeniser together.
    pub(crate) fn all(self) -> f64 {
        self.normalizer * self.pre_tokenizer
    }

    /// Returns whether the result of a text is short enough. `normalized` returns the length, in
    /// bytes, of a part of the text after the normaliser.
    ///
    /// # Errors
    /// `normalized` fails.
    pub(crate) fn has_room<E>(
        self,
        text: &str,
        mut normalized: impl FnMut(&str) -> Result<usize, E>,
    ) -> Result<bool, E> {
        let room = (ROOM + 4 * text.len()) as f64;
        if text.len() as f64 * self.all() <= room {
            return Ok(true);
        }
        let (mut rest, mut length) = (text, 0.0);
        while !rest.is_empty() {
            let end = (0..=PIECE.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end));
            let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
            length += normalized(piece)? as f64 * self.pre_tokenizer;
            if length > room {
                return Ok(false);
            }
            rest = after;
        }
        Ok(true)
    }
}

/// Returns a bound on the factor by which a step makes a text of at least one byte longer.
fn of_step(step: &Value) -> f64 {
    let length = |name: &str| step[name].as_str().unwrap_or_default().len() as f64;
    let steps = ["normalizers", "pretokenizers"].into_iter().filter_map(|name| step[name].as_array());
    match step["type"].as_str().unwrap_or_default() {
        "Sequence" => steps.flatten().map(of_step).product(),
        "Replace" => match step["pattern"]["String"].as_str() {
            Some(pattern) if !pattern.is_empty() => (length("content") / pattern.len() as f64).max(1.0),
            // A regular expression may match the empty text before every byte.
            _ => 1.0 + length("content"),
        },
        "Prepend" => 1.0 + length("prepend"),
        "Precompiled" => longest_replacement(step["precompiled_charsmap"].as_str().unwrap_or_default()),
        // One ligature of three bytes becomes 33 bytes.
        "NFKC" | "NFKD" => 11.0,
        // Accents become separate characters (NFC, NFD), or every byte becomes a character of two
        // bytes after a space (ByteLevel).
        "NFC" | "NFD" | "ByteLevel" => 4.0,
        "Lowercase" => 1.5,
        // This step inserts spaces around ideographs, separates accents and lowers case.
        "BertNormalizer" => 6.0,
        // A character of up to four bytes is inserted before every word.
        "Metaspace" => 5.0,
        _ => 1.0,
    }
}

/// Returns the length of the longest replacement in a map of characters, in bytes, at least 1. The
/// map consists of the length of an index, the index, and the replacements, each ended by a zero
/// byte.
fn longest_replacement(base64: &str) -> f64 {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64).unwrap_or_default();
    let index = bytes.first_chunk().map_or(0, |length| u32::from_le_bytes(*length) as usize);
    let texts = bytes.get(4..).and_then(|rest| rest.get(index..)).unwrap_or_default();
    texts.split(|byte| *byte == 0).map(<[u8]>::len).max().unwrap_or_default().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(json: &str) -> f64 {
        Growth::of_json(json.as_bytes()).all()
    }

    #[test]
    fn bounds_by_hand() {
        let replace = |pattern: &str, content: &str| {
            format!(r#"{{"normalizer":{{"type":"Replace","pattern":{pattern},"content":"{content}"}}}}"#)
        };
        assert!((growth(&replace(r#"{"String":"ab"}"#, "xxxxxx")) - 3.0).abs() < 1e-12);
        assert!((growth(&replace(r#"{"String":"abc"}"#, "")) - 1.0).abs() < 1e-12);
        assert!((growth(&replace(r#"{"String":""}"#, "xx")) - 3.0).abs() < 1e-12);
        assert!((growth(&replace(r#"{"Regex":" {2,}"}"#, " ")) - 2.0).abs() < 1e-12);
        // An index of length 2, the index, and two texts of 1 and 5 bytes.
        let map = r#"{"normalizer":{"type":"Precompiled","precompiled_charsmap":"AgAAAAEBYQBhYmNkZQA="}}"#;
        assert!((growth(map) - 5.0).abs() < 1e-12);
        assert!((growth("{}") - 1.0).abs() < 1e-12 && (growth("nonsense") - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_chain_multiplies_and_the_pre_tokenizer_counts() {
        let step = r#"{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaa"}"#;
        let chain = [step; 8].join(",");
        let json = format!(r#"{{"normalizer":{{"type":"Sequence","normalizers":[{chain}]}}}}"#);
        assert!((growth(&json) - 1e8).abs() < 1.0);
        let bytes = [r#"{"type":"ByteLevel"}"#; 3].join(",");
        let json = format!(r#"{{"pre_tokenizer":{{"type":"Sequence","pretokenizers":[{bytes}]}}}}"#);
        assert!((growth(&json) - 64.0).abs() < 1e-12);
    }

    #[test]
    fn a_long_text_is_measured_before_it_grows() {
        let growth = Growth { normalizer: 100.0, pre_tokenizer: 2.0 };
        let text = "ä".repeat(1 << 20);
        let mut seen = 0;
        let mut counted = |piece: &str| {
            seen += piece.len();
            Ok::<_, ()>(piece.len())
        };
        assert_eq!(growth.has_room(&text, &mut counted), Ok(true));
        assert_eq!(seen, text.len(), "every byte is measured once");
        // 2 MiB become 20 MiB normalised and 40 MiB in all, more than the room of 24 MiB.
        assert_eq!(growth.has_room(&text, |piece| Ok::<_, ()>(10 * piece.len())), Ok(false));
        // A short text is not measured at all.
        assert_eq!(growth.has_room("short", |_| Err(())), Ok(true));
    }
}
