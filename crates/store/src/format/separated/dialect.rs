//! Finds the character that separates the cells of a text table, from its first line.
//!
//! In many countries, spreadsheets separate cells by semicolons and still call the file CSV. So the
//! separator is the one that the header shows; the file's name decides only if the header shows
//! none. Separators within quotes do not count. If the first line is `sep=;` or the like, as Excel
//! writes it, this line names the separator.

/// The byte-order mark of UTF-8.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The separator to use if the header shows none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) enum Usual {
    /// A comma.
    Comma,
    /// A tab. If the header contains a tab, the tab is the separator, even if another separator is
    /// more frequent.
    Tab,
}

impl Usual {
    /// Returns the separator as a byte.
    pub(super) fn separator(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

/// Returns the separator that is most frequent in the header outside quotes, or the usual one if
/// the header contains none.
pub(super) fn separator(header: &[u8], usual: Usual) -> u8 {
    let mut counts = [(b'|', 0_usize), (b';', 0), (b'\t', 0), (b',', 0)];
    let mut within = false;
    for byte in header {
        within ^= *byte == b'"';
        for (separator, count) in &mut counts {
            *count += usize::from(byte == separator && !within);
        }
    }
    if usual == Usual::Tab && counts[2].1 > 0 {
        return b'\t';
    }
    // If several separators are equally frequent, `max_by_key` returns the last of them. So
    // `counts` lists the most common separator last.
    match counts.into_iter().max_by_key(|(_, count)| *count) {
        Some((separator, 1..)) => separator,
        _ => usual.separator(),
    }
}

/// Returns the separator that a first line such as `sep=;` names; `None` for any other line.
pub(super) fn named(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line.split_at_checked(4) {
        Some((name, &[separator])) if name.eq_ignore_ascii_case(b"sep=") && separator != b'"' => {
            Some(separator)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_the_separator() {
        for (header, comma, tab) in [
            ("id;text;label", b';', b';'),
            ("id,text,label", b',', b','),
            ("id\ttext\tlabel", b'\t', b'\t'),
            ("id;\"text, or comment, or note\";label", b';', b';'),
            ("id\ttext, or so", b',', b'\t'),
            ("id|text|label", b'|', b'|'),
            ("id|x,text", b',', b','),
            ("text", b',', b'\t'),
        ] {
            let found =
                (separator(header.as_bytes(), Usual::Comma), separator(header.as_bytes(), Usual::Tab));
            assert_eq!(found, (comma, tab), "{header}");
        }
        assert_eq!(
            (named(b"sep=;"), named(b"SEP=\t"), named(b"\"sep=|\"")),
            (Some(b';'), Some(b'\t'), Some(b'|'))
        );
        assert_eq!((named(b"sep="), named(b"sep=;;"), named(b"id;sep")), (None, None, None));
    }
}
