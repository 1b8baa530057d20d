//! Splits a text without a word into symbols: emoji, punctuation and signs.
//!
//! Each symbol counts like a word, so that such texts differ from each other. A symbol is a
//! grapheme cluster, which a reader takes for one character (`👩‍👩‍👧`, `🇫🇷`, `:`). White space and
//! invisible characters are not symbols. Variation selectors and skin tones are removed, just as
//! words are lower-cased: `❤` and `❤️` are one symbol, and so are `👍` and `👍🏽`.
//!
//! The text as a whole is counted in addition, with its skin tones, because short texts have few
//! symbols: `!` and `!!` are not the same text, nor are two flags in another order.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Splits texts without a word into symbols; the memory is reused from one text to the next.
#[derive(Debug, Default)]
pub(crate) struct Symbols {
    symbol: String,
    whole: String,
}

impl Symbols {
    /// Calls `visit` with each symbol of `text`, in order. Returns the text without blanks and
    /// selectors, which is empty if the text has no symbols.
    pub(super) fn for_each(&mut self, text: &str, mut visit: impl FnMut(&str)) -> &str {
        self.whole.clear();
        for cluster in text.graphemes(true) {
            self.symbol.clear();
            self.symbol.extend(cluster.chars().nfc().filter(|c| !is_selector(*c) && !is_tone(*c)));
            if self.symbol.is_empty() {
                // A tone that stands alone is a symbol; a lone selector is not.
                self.symbol.extend(cluster.chars().filter(|c| is_tone(*c)));
            }
            if self.symbol.chars().all(is_blank) {
                continue;
            }
            visit(&self.symbol);
            self.whole.extend(cluster.chars().nfc().filter(|c| !is_selector(*c)));
        }
        &self.whole
    }
}

/// Returns whether a character is neither white space nor a symbol, and does not end a run of
/// symbols: an invisible character, a selector or a skin tone.
pub(super) fn is_left_out(character: char) -> bool {
    let is_invisible = is_blank(character) && !character.is_whitespace() && !character.is_control();
    is_invisible || is_selector(character) || is_tone(character)
}

/// Returns whether a character selects a form of the character before it, such as text or emoji.
fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns whether a character is a skin tone, which colours the emoji before it.
fn is_tone(character: char) -> bool {
    matches!(character, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Returns whether a character is invisible: white space, a control or a similar character.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(text: &str) -> (Vec<String>, String) {
        let (mut found, mut symbols) = (Vec::new(), Symbols::default());
        let whole = symbols.for_each(text, |symbol| found.push(symbol.to_owned())).to_owned();
        (found, whole)
    }

    #[test]
    fn a_symbol_is_what_a_reader_takes_for_one() {
        for (text, expected) in [
            ("👍👎", &["👍", "👎"][..]),
            ("👩\u{200d}👩\u{200d}👧🏳\u{fe0f}\u{200d}🌈", &["👩\u{200d}👩\u{200d}👧", "🏳\u{200d}🌈"]),
            ("🇫🇷 🇩🇪", &["🇫🇷", "🇩🇪"]),
            ("❤\u{fe0f}❤", &["❤", "❤"]),
            ("👍🏽", &["👍"]),
            (" :-) \t\n", &[":", "-", ")"]),
            ("=\u{338}", &["≠"]),
            ("\u{200b} \u{feff}\u{202e}", &[]),
            ("", &[]),
        ] {
            assert_eq!(symbols(text).0, expected, "{text:?}");
        }
    }

    #[test]
    fn the_whole_has_tones_and_no_white_space() {
        assert_eq!(symbols(" ! !\n").1, "!!");
        assert_eq!(symbols("❤\u{fe0f}").1, symbols("❤").1);
        assert_ne!(symbols("👍🏽").1, symbols("👍").1);
        assert_eq!(symbols("🏽").0, ["🏽"]);
        assert_eq!(symbols(" \u{200b}").1, "");
    }
}
