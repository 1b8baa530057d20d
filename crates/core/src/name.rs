//! Names of labels and annotators: when two names are the same.
//!
//! The same name can be encoded in several ways: with or without white space at an end, and with an
//! accent as a separate character (NFD, as on macOS) or as part of its letter (NFC). Names are
//! compared by [`name_key`] and shown in the spelling that came first.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns the form of a name for comparisons: in NFC, without white space at the ends.
pub fn name_key(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    if name.is_ascii() || is_nfc(name) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.nfc().collect())
}

/// Returns the known name most similar to `name`, for a "did you mean" hint. Case is ignored;
/// `None` if no known name has a Jaro-Winkler similarity of at least 0.6.
pub fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&wanted, &known.to_lowercase()), known))
        .filter(|(similarity, _)| *similarity >= 0.6)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::name_key;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for name in ["caf\u{e9}", "cafe\u{301}", " cafe\u{301}\t", "\u{a0}caf\u{e9}\u{3000}"] {
            assert_eq!(name_key(name), "caf\u{e9}", "{name:?}");
        }
        // Names may differ only in case, or only in white space inside.
        assert_ne!(name_key("Ana Maria"), name_key("ana maria"));
        assert_ne!(name_key("Ana Maria"), name_key("AnaMaria"));
        // Compatibility forms are other names: NFC does not fold them.
        assert_ne!(name_key("\u{fb01}n"), name_key("fin"));
    }
}
