//! Parts of words: short runs of characters, which words of one family share.
//!
//! `Haustür` and `Haustüren` are two words, but they share most of their parts. So a model learns
//! about words that it has never seen, which matters most in languages with many forms or
//! compounds (after the subwords of Bojanowski et al., "Enriching Word Vectors with Subword
//! Information", 2017, and the analyser `char_wb` of scikit-learn).
//!
//! A word gets a blank on either side and is cut into all runs of n characters; a word of fewer
//! characters is one part. n depends on the script, because a character does not carry the same
//! amount of information in each ([`length`]). In a script without spaces, each character is a
//! word, and its parts are the word itself and its pair with the word before.
//!
//! One length costs a quarter of the parts of the lengths 2 to 5, and was as accurate on the sets
//! of `docs/features.md`.

use super::characters::{self, Padded};
use super::{CharacterRange, Units, character_hash, ngram_hash, word_hash};
use crate::splitter::is_without_spaces;

/// The lengths of the parts of a run of symbols. A run of symbols is short, and `:)` at the end of
/// `!!:)` must be found.
const OF_SYMBOLS: CharacterRange = CharacterRange { min: 2, max: 4 };

/// Cuts the words of one text into parts, in the order of the text. The memory is reused from one
/// text to the next.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    padded: Padded,
    run: String,
    /// The hash of the word before, if it is a character of a script without spaces.
    before: Option<u64>,
}

impl Parts {
    /// Begins a new text.
    pub(super) fn clear(&mut self) {
        self.before = None;
    }

    /// Calls `visit` with the hash of each part of the next word of the text. Beside words (`units`
    /// is [`Units::Both`]), the characters of scripts without spaces have no parts, because they
    /// are counted as words.
    #[inline]
    pub(super) fn of_word(&mut self, word: &str, units: Units, mut visit: impl FnMut(u64)) {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let (run, after) = rest.split_at(end_of_run(rest));
            rest = after;
            if !is_without_spaces(first) {
                self.before = None;
                let n = length(first);
                let range = CharacterRange { min: n, max: n };
                characters::for_each(run, range, &mut self.padded, |part| visit(character_hash(part)));
            } else if units != Units::Both || run.len() < word.len() {
                let hash = word_hash(run);
                visit(hash);
                if let Some(before) = self.before.replace(hash) {
                    visit(ngram_hash(&[before, hash]));
                }
            }
        }
    }

    /// Calls `visit` with each run of symbols of `text` and the hash of one of its parts, for all
    /// parts.
    pub(super) fn of_symbols(&mut self, text: &str, mut visit: impl FnMut(&str, u64)) {
        let Self { padded, run, .. } = self;
        let mut finish = |run: &mut String| {
            if !run.is_empty() {
                characters::for_each(run, OF_SYMBOLS, padded, |part| visit(run, character_hash(part)));
                run.clear();
            }
        };
        run.clear();
        for character in text.chars() {
            match kind(character) {
                Kind::Symbol => run.push(character),
                Kind::Invisible => {}
                Kind::Other => finish(run),
            }
        }
        finish(run);
    }
}

/// Returns the length in bytes of the first run of a text that is not empty: one character of a
/// script without spaces, with its marks, or all characters before the next such character. The
/// built-in splitter makes a word of each run; a tokenizer may leave a sentence whole.
fn end_of_run(text: &str) -> usize {
    let alone = text.chars().next().is_some_and(is_without_spaces);
    let mut rest = text.char_indices().skip(1);
    let end = rest.find(|(_, character)| {
        is_without_spaces(*character) && !unicode_normalization::char::is_combining_mark(*character)
            || alone && !unicode_normalization::char::is_combining_mark(*character)
    });
    end.map_or(text.len(), |(place, _)| place)
}

/// Returns the number of characters of the parts of a word that begins with this character.
fn length(first: char) -> usize {
    match first {
        // A Hangul syllable stands for two or three letters.
        '\u{ac00}'..='\u{d7a3}' => 2,
        // Hebrew, Arabic and Syriac leave most vowels out, so three letters say as much as four or
        // five of an alphabet.
        '\u{590}'..='\u{77f}' | '\u{860}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
            3
        }
        _ => 4,
    }
}

/// The role of a character between words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Symbol,
    Invisible,
    Other,
}

fn kind(character: char) -> Kind {
    if character.is_ascii() {
        // Ordinary text is decided here, without a look-up in Unicode's tables.
        return if character.is_ascii_punctuation() { Kind::Symbol } else { Kind::Other };
    }
    if super::symbols::is_left_out(character) {
        Kind::Invisible
    } else if character.is_alphanumeric()
        || character.is_whitespace()
        || character.is_control()
        || unicode_normalization::char::is_combining_mark(character)
    {
        Kind::Other
    } else {
        Kind::Symbol
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::splitter::WordSplitter;

    fn of_words(words: &[&str]) -> Vec<u64> {
        let (mut parts, mut found) = (Parts::default(), Vec::new());
        for word in words {
            parts.of_word(word, Units::Characters, |hash| found.push(hash));
        }
        found
    }

    fn runs(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        Parts::default().of_symbols(text, |run, _| found.push(run.to_owned()));
        found.dedup();
        found
    }

    fn hashes(parts: &[&str]) -> Vec<u64> {
        parts.iter().map(|part| character_hash(part)).collect()
    }

    #[test]
    fn words_are_cut_by_their_script() {
        assert_eq!(of_words(&["haus", "ab"]), hashes(&[" hau", "haus", "aus ", " ab "]));
        assert_eq!(of_words(&["كتب"]), hashes(&[" كت", "كتب", "تب "]));
        assert_eq!(of_words(&["שלום"]), hashes(&[" של", "שלו", "לום", "ום "]));
        assert_eq!(of_words(&["한국"]), hashes(&[" 한", "한국", "국 "]));
        assert_eq!(of_words(&["привет"]).len(), 5);
    }

    #[test]
    fn characters_of_scripts_without_spaces_are_paired() {
        let [one, two] = ["北", "京"].map(word_hash);
        let mut expected = vec![one, two, ngram_hash(&[one, two])];
        // A word in between separates the characters.
        expected.extend([character_hash(" a "), one]);
        assert_eq!(of_words(&["北", "京", "a", "北"]), expected);
        let mut parts = Parts::default();
        parts.of_word("北", Units::Characters, |_| ());
        parts.clear();
        let mut found = Vec::new();
        parts.of_word("京", Units::Characters, |hash| found.push(hash));
        assert_eq!(found, [two]);
    }

    #[test]
    fn a_sentence_that_a_tokenizer_leaves_whole_is_cut() {
        assert_eq!(of_words(&["北京"]), of_words(&["北", "京"]));
        assert_eq!(of_words(&["北京abc京"]), of_words(&["北", "京", "abc", "京"]));
        // Thai, with marks above and below.
        let whole = "ที่นี่";
        let cut = WordSplitter::default().words(whole);
        assert!(cut.len() > 1);
        assert_eq!(of_words(&[whole]), of_words(&cut.iter().map(String::as_str).collect::<Vec<_>>()));
        // Beside words, only what is a word already has no parts.
        let (mut parts, mut found) = (Parts::default(), Vec::new());
        parts.of_word("北", Units::Both, |hash| found.push(hash));
        assert!(found.is_empty());
        parts.of_word("北京", Units::Both, |hash| found.push(hash));
        assert_eq!(found, of_words(&["北", "京"]));
    }

    #[test]
    fn runs_of_symbols_end_at_words_and_white_space() {
        assert_eq!(runs("Essen :) gut!! ok"), [":)", "!!"]);
        assert_eq!(runs("a👍\u{1f3fd}\u{fe0f}👍 b…"), ["👍👍", "…"]);
        assert_eq!(runs("e\u{301}t\u{e9} 北京"), Vec::<String>::new());
        assert_eq!(runs("don't_do"), ["'", "_"]);
        let mut found = Vec::new();
        Parts::default().of_symbols("!:)", |_, hash| found.push(hash));
        assert_eq!(found, hashes(&[" !", "!:", ":)", ") ", " !:", "!:)", ":) ", " !:)", "!:) "]));
        found.clear();
        Parts::default().of_symbols("!", |_, hash| found.push(hash));
        assert_eq!(found, hashes(&[" !", "! ", " ! "]));
    }
}
