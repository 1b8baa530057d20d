//! Whether two texts are one document's, whatever the tools on the way have done to it.
//!
//! Tools write accents in another form (NFC or NFD), cut white space off or turn it into other
//! white space, and put an apostrophe before what a spreadsheet would compute. A spreadsheet cuts a
//! cell after 32,767 characters. None of this makes another text.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The most characters (UTF-16 units) of a cell in a spreadsheet.
const CELL: usize = 32_767;

/// The form of a text that comparisons use: without the guard against formulas, in NFC, with one
/// space for all white space.
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

/// Whether a text that came with an id is that of the document.
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
