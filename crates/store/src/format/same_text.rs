//! Tells whether a text that a file has for a document is the stored text of that document, even if
//! tools have changed it.
//!
//! Tools change the encoding of accents (normal forms C and D), and remove or replace white space.
//! Spreadsheets put an apostrophe before a text that they would read as a formula, and cut a cell
//! after 32,767 characters. After such changes, the text still counts as the same.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The largest length of a cell in a spreadsheet, in UTF-16 units.
const CELL: usize = 32_767;

/// Returns the form of a text in which texts are compared. It differs from the text in these ways:
///
/// - Apostrophes at the start, and white space at both ends, are removed.
/// - Each other run of white space is replaced by one space.
/// - The text is in Unicode normal form C, without zero-width characters.
pub fn text_key(text: &str) -> String {
    let text = text.trim().trim_start_matches('\'');
    let normal = if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { text.nfc().collect() };
    let visible = |c: &char| !matches!(c, '\u{feff}' | '\u{200b}');
    let mut key = String::with_capacity(normal.len());
    for word in normal.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.extend(word.chars().filter(visible));
    }
    key
}

/// Whether `came`, the text in a file, is the same as `stored`, the stored text of its document. A
/// text that a spreadsheet cut counts as the same.
pub fn same_text(came: &str, stored: &str) -> bool {
    if came == stored {
        return true;
    }
    let (came_key, stored_key) = (text_key(came), text_key(stored));
    let cut = || came.encode_utf16().count() >= CELL - 1 && stored_key.starts_with(&came_key);
    came_key == stored_key || cut()
}

#[cfg(test)]
mod tests {
    use super::same_text;

    #[test]
    fn what_tools_do_to_a_text_makes_no_other_one() {
        for (came, stored) in [
            ("caf\u{e9} au lait", "cafe\u{301} au lait"),
            ("two\r\nlines ", "two\nlines"),
            ("a\u{a0}b", "a b"),
            ("'=1+1", "=1+1"),
            ("=1+1", "'=1+1"),
            ("\u{feff}x", "x"),
        ] {
            assert!(same_text(came, stored) && same_text(stored, came), "{came:?} and {stored:?}");
        }
        for (came, stored) in
            [("a b", "ab"), ("A", "a"), ("refund 25", "refund 116"), ("", "x"), ("re", "refund")]
        {
            assert!(!same_text(came, stored), "{came:?} and {stored:?}");
        }
        let long = "word ".repeat(10_000);
        assert!(same_text(&long[..32_767], &long));
        assert!(!same_text(&long[..20_000], &long));
    }
}
