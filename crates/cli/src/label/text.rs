//! Texts in a form that a terminal can show: nothing in them can move the cursor, and their width
//! is known.
//!
//! A document's author must not be able to control the annotator's terminal: an escape sequence in
//! a text could change its title, its colours or its clipboard. So every control character is
//! replaced by a symbol, and so are invisible characters that reverse the direction of text. Plain
//! direction marks stay, because right-to-left text needs them.
//!
//! Right-to-left text is not shaped here. The terminal does this, one row at a time.

use querist_session::core::visible::symbol;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The mark at the end of a text that was cut.
const CUT: &str = "…";

/// Returns a text on one line. A symbol replaces each character that is invisible or controls the
/// terminal. Plain direction marks stay.
pub fn visible(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match symbol(character) {
            Some(symbol) => out += &symbol,
            None => out.push(character),
        }
        out
    })
}

/// Returns the number of columns that a text without control characters takes up.
pub fn width(text: &str) -> usize {
    // Count by grapheme clusters, because a family of emoji is as wide as one emoji.
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Returns a text on one line, made visible. If it is wider than `columns` columns, it is cut and
/// ends with "…".
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let next = cluster.width();
        if used + next + CUT.width() > columns {
            break;
        }
        used += next;
        out += cluster;
    }
    if columns == 0 { String::new() } else { out + CUT }
}

/// Splits a text into visible rows of at most `columns` columns. Words stay whole if they fit.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut rows = Vec::new();
    for line in text.replace("\r\n", "\n").split(['\n', '\u{2028}', '\u{2029}']) {
        wrap_line(&visible(line), columns, &mut rows);
    }
    rows
}

/// Splits one line of visible text into rows of at most `columns` columns, and appends them to
/// `rows`.
fn wrap_line(line: &str, columns: usize, rows: &mut Vec<String>) {
    let mut row = String::new();
    let mut used = 0;
    // Each piece is a word, together with the space after it.
    for piece in line.split_inclusive(' ') {
        let word = width(piece.trim_end_matches(' '));
        if used + word > columns && word <= columns && used > 0 {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        for part in piece.graphemes(true).flat_map(|cluster| characters(cluster, columns)) {
            let next = part.width();
            if used + next > columns {
                // If a row is full, the space at its end is left out.
                if part == " " {
                    continue;
                }
                rows.push(std::mem::take(&mut row));
                used = 0;
            }
            row += part;
            used += next;
        }
    }
    rows.push(row);
}

/// Returns a grapheme cluster in one piece or, if it is wider than `columns`, character by
/// character. For example, a wide character with a spacing mark takes three columns.
fn characters(cluster: &str, columns: usize) -> impl Iterator<Item = &str> {
    let is_too_wide = cluster.width() > columns;
    cluster.split_inclusive(move |_: char| is_too_wide)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_become_symbols() {
        assert_eq!(visible("a\u{1b}]0;title\u{7}b"), "a␛]0;title␇b");
        assert_eq!(visible("\t\r\u{7f}\u{9b}2J"), "␉␍␡⟨9B⟩2J");
        assert_eq!(visible("abc\u{202e}def"), "abc⟨202E⟩def");
        assert_eq!(visible("שלום é 世界 👩‍👩‍👧"), "שלום é 世界 👩‍👩‍👧");
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("世界"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(fit("世界世界", 5), "世界…");
        assert_eq!(fit("世界世界", 4), "世…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("one two", 7), ["one two"]);
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\r\n\nb", 4), ["a", "", "b"]);
        assert_eq!(wrap("世界世界", 5), ["世界", "世界"]);
        // A wide character and a spacing mark are one cluster of three columns.
        assert_eq!(wrap("🉐𑍋", 3), ["🉐𑍋"]);
        assert_eq!(wrap("🉐𑍋", 2), ["🉐", "𑍋"]);
    }

    proptest! {
        #[test]
        fn no_row_is_wider_or_holds_a_control_character(text in any::<String>(), columns in 2_usize..80) {
            for row in wrap(&text, columns) {
                prop_assert!(width(&row) <= columns, "{row:?}");
                prop_assert!(!row.chars().any(char::is_control), "{row:?}");
            }
        }

        #[test]
        fn nothing_but_spaces_and_breaks_is_lost(text in "[a-z 世é]{0,200}", columns in 2_usize..40) {
            let letters = |text: &str| text.replace(' ', "");
            prop_assert_eq!(letters(&wrap(&text, columns).concat()), letters(&text));
        }
    }
}
