//! A fast splitter of texts into words, in any script ([`WordSplitter`] has the rules).
//!
//! Runs of ASCII take a faster path (`ascii.rs`): 64 bytes at a time, without a branch for each
//! byte. The result is the same.
//!
//! Invariants: a word is never empty and never contains white space. No word costs an allocation.
//!
//! Full-width letters and ligatures are not changed. There are no dictionaries, and so no real
//! Chinese word boundaries, stems or stop words.

mod ascii;
mod unicode;

use querist_core::Named;
pub(crate) use unicode::is_without_spaces;

/// The treatment of numbers. A digit is a character of Unicode's category N: `7`, `²`, `½`, `٣`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numbers {
    /// Numbers are treated like any other words.
    #[default]
    Keep,
    /// Every digit becomes `0`, in words such as `b2b` as well: `1999` and `2024` are the same
    /// word.
    Mask,
    /// Words that consist only of digits are left out; their neighbours become neighbours.
    Drop,
}

/// The names in settings and fingerprints.
impl Named for Numbers {
    const ALL: &'static [Self] = &[Self::Keep, Self::Mask, Self::Drop];

    fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mask => "mask",
            Self::Drop => "drop",
        }
    }
}

/// The changes to the letters and digits of a text that make different spellings the same word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normalization {
    /// Whether upper case becomes lower case, letter by letter, and a final sigma becomes a sigma.
    pub lowercase: bool,
    /// Whether letters lose the accents of Latin, Greek and Cyrillic (U+0300 to U+036F): `é`
    /// becomes `e`, `й` becomes `и`. Letters such as `ł` and `ø` have no accent in Unicode and
    /// stay; no other script loses its vowels.
    pub strip_accents: bool,
    /// The treatment of numbers.
    pub numbers: Numbers,
}

impl Default for Normalization {
    fn default() -> Self {
        Self { lowercase: true, strip_accents: false, numbers: Numbers::Keep }
    }
}

/// The memory of a splitter, which is reused from one text to the next.
#[derive(Debug, Default)]
pub struct SplitBuffer {
    /// The text with its ASCII normalised, padded to whole blocks.
    bytes: Vec<u8>,
    /// One bit for each byte of the text: whether it belongs to a run of ASCII letters, digits and
    /// bytes outside ASCII.
    runs: Vec<u64>,
    unicode: unicode::WordBuffer,
}

/// Splits texts into words.
///
/// A word is a maximal run of letters and numbers (Unicode's Alphabetic or N), with these rules:
///
/// - Marks (accents, vowel signs) belong to the character before them; at the start of a word they
///   are left out. A word with marks is composed (NFC), so that an accent typed after its letter
///   makes no other word.
/// - Soft hyphens, zero-width joiners and variation selectors are invisible: they are left out and
///   do not end a word.
/// - Apostrophes, hyphens and underscores separate words, like all punctuation: `don't` is `don`,
///   `t`. Pairs of words join such parts again, and `company's` still contains `company`.
/// - In scripts written without spaces (Han, kana, Thai, Lao, Khmer, Burmese), each character with
///   its marks is a word, so pairs of words are pairs of characters. Hangul has spaces.
/// - Symbols and emoji are no words. They only count in a text without a word (`ngram/symbols.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WordSplitter {
    normalization: Normalization,
}

impl WordSplitter {
    /// Returns a splitter with this normalisation.
    pub fn new(normalization: Normalization) -> Self {
        Self { normalization }
    }

    /// Returns the normalisation.
    pub fn normalization(&self) -> Normalization {
        self.normalization
    }

    /// Returns all parameters that change a word, as text.
    pub fn fingerprint(&self) -> String {
        let Normalization { lowercase, strip_accents, numbers } = self.normalization;
        format!("splitter 1 lowercase={lowercase} strip_accents={strip_accents} numbers={}", numbers.name())
    }

    /// Calls `visit` with each word of `text`, in order.
    #[inline]
    pub fn for_each_word(&self, text: &str, buffer: &mut SplitBuffer, mut visit: impl FnMut(&str)) {
        let SplitBuffer { bytes, runs, unicode } = buffer;
        ascii::normalise(text, self.normalization, bytes, runs);
        // Only ASCII letters and digits were changed, so the bytes are still UTF-8.
        let Ok(normal) = std::str::from_utf8(&bytes[..text.len()]) else { return };
        let drop_numbers = self.normalization.numbers == Numbers::Drop;
        let mut visit_ascii = |word: &str| {
            if !(drop_numbers && word.bytes().all(|byte| byte.is_ascii_digit())) {
                visit(word);
            }
        };
        if text.is_ascii() {
            ascii::for_each_run(normal, runs, &mut visit_ascii);
        } else {
            ascii::for_each_run(normal, runs, |run| {
                if run.is_ascii() {
                    visit_ascii(run);
                } else {
                    unicode::for_each_word(run, self.normalization, unicode, &mut visit_ascii);
                }
            });
        }
    }

    /// Returns the words of `text`, in order.
    pub fn words(&self, text: &str) -> Vec<String> {
        let mut words = Vec::new();
        self.for_each_word(text, &mut SplitBuffer::default(), |word| words.push(word.to_owned()));
        words
    }
}

#[cfg(test)]
mod tests;
