//! Folds text for searches, so that neither case nor the encoding of accents makes a difference.

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Appends the folded form of `text` to `out`. It is in NFC, and each character is converted to
/// upper case and then to lower case. So "ß" becomes "ss", and both small sigmas become one.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.chars().map(|character| character.to_ascii_lowercase()));
    } else if is_nfc(text) {
        fold(text.chars(), out);
    } else {
        fold(text.nfc(), out);
    }
}

/// Returns the folded text (see [`fold_into`]).
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Converts each character to upper case and then to lower case, and appends the result to `out`.
fn fold(characters: impl Iterator<Item = char>, out: &mut String) {
    out.extend(characters.flat_map(char::to_uppercase).flat_map(char::to_lowercase));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_text_fold_to_one() {
        for (one, other) in [
            ("Ärger", "a\u{308}RGER"),
            ("STRASSE", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("plain", "PLAIN"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("Ärger"), folded("Arger"));
        let mut out = "a".to_owned();
        fold_into("B", &mut out);
        assert_eq!(out, "ab");
    }
}
