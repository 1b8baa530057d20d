//! How long a `tokenizer.json` can make a text: its steps replace, prepend and spell out, and a
//! chain of them multiplies.
//!
//! Eight steps that write ten letters for one turn a kilobyte into a hundred gigabytes. So a file
//! whose steps could together make a text more than [`MOST`] times as long is refused when it is
//! loaded. Below that, a text which could grow beyond [`ROOM`] is measured first, in pieces that
//! are small enough to grow as far as they like, and refused if it does.
//!
//! The growth is a bound worked out of the JSON, not a measurement: real tokenizers have 1 to 400.
//! Leaves out how long a step takes, and the memory that the library needs for each byte of a text,
//! about twenty bytes.

use serde_json::Value;

/// The most times that the steps of a file may make a text as long as it was.
pub(crate) const MOST: f64 = 1024.0;

/// How long a text may become whatever it was, in bytes; a text may always become four times as
/// long.
const ROOM: usize = 16 << 20;

/// How much of a text is measured at once, in bytes: it grows to four mebibytes at the most.
const PIECE: usize = 4096;

/// Bounds on how many times as long a text becomes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Growth {
    /// In the normaliser, at least 1.
    normalizer: f64,
    /// In the pre-tokeniser, at least 1.
    pre_tokenizer: f64,
}

impl Growth {
    /// The bounds for the bytes of a `tokenizer.json`; those of no growth for bytes that are not
    /// JSON.
    pub(crate) fn of_json(bytes: &[u8]) -> Self {
        let file: Value = serde_json::from_slice(bytes).unwrap_or_default();
        Self { normalizer: of_step(&file["normalizer"]), pre_tokenizer: of_step(&file["pre_tokenizer"]) }
    }

    /// Both together.
    pub(crate) fn all(self) -> f64 {
        self.normalizer * self.pre_tokenizer
    }

    /// Whether there is room for what becomes of a text; `normalized` gives the length of what the
    /// normaliser makes of a part of it, in bytes.
    ///
    /// # Errors
    /// Whatever `normalized` fails with.
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

/// A bound on how many times as long a step makes a text that has at least a byte.
fn of_step(step: &Value) -> f64 {
    let length = |name: &str| step[name].as_str().unwrap_or_default().len() as f64;
    let steps = ["normalizers", "pretokenizers"].into_iter().filter_map(|name| step[name].as_array());
    match step["type"].as_str().unwrap_or_default() {
        "Sequence" => steps.flatten().map(of_step).product(),
        "Replace" => match step["pattern"]["String"].as_str() {
            Some(pattern) if !pattern.is_empty() => (length("content") / pattern.len() as f64).max(1.0),
            // It may match before every byte, and match nothing.
            _ => 1.0 + length("content"),
        },
        "Prepend" => 1.0 + length("prepend"),
        "Precompiled" => longest_replacement(step["precompiled_charsmap"].as_str().unwrap_or_default()),
        // One ligature of three bytes becomes 33.
        "NFKC" | "NFKD" => 11.0,
        // Accents taken apart; or every byte becomes a character of two, behind a space.
        "NFC" | "NFD" | "ByteLevel" => 4.0,
        "Lowercase" => 1.5,
        // Spaces around ideographs, accents taken apart, lower case.
        "BertNormalizer" => 6.0,
        // A character of up to four bytes in front of every word.
        "Metaspace" => 5.0,
        _ => 1.0,
    }
}

/// The longest text that a map of characters has for one of them, at least 1. Its bytes are the
/// length of an index, the index, and the texts, each ended by a zero.
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
        // Length of the index 2, the index, and two texts of 1 and 5 bytes.
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
        // 2 MiB that become 40 fit into no 24.
        assert_eq!(growth.has_room(&text, |piece| Ok::<_, ()>(10 * piece.len())), Ok(false));
        // A short text is not measured at all.
        assert_eq!(growth.has_room("short", |_| Err(())), Ok(true));
    }
}
