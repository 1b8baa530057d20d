//! n-grams of characters within one word.
//!
//! A word gets a blank on either side, so that its beginning and end differ from its middle. Every
//! n consecutive characters are an n-gram. If the word with its blanks has at most n characters, it
//! is itself the last n-gram, and longer lengths are skipped, as in the `char_wb` analyser of
//! scikit-learn.

use super::CharacterRange;

/// A word with a blank on either side; the memory is reused from one word to the next.
#[derive(Debug, Default)]
pub(super) struct Padded {
    text: String,
    /// The byte offset of each character in `text`, and then the length of `text`.
    places: Vec<usize>,
}

/// Calls `visit` with each character n-gram of `word` in the given range of lengths. The shortest
/// come first, and each length goes from left to right.
pub(super) fn for_each(word: &str, range: CharacterRange, padded: &mut Padded, mut visit: impl FnMut(&str)) {
    let Padded { text, places } = padded;
    text.clear();
    text.push(' ');
    text.push_str(word);
    text.push(' ');
    places.clear();
    places.extend(text.char_indices().map(|(place, _)| place));
    let length = places.len();
    places.push(text.len());
    for n in range.min..=range.max {
        if n >= length {
            visit(text);
            return;
        }
        for window in places.windows(n + 1) {
            visit(&text[window[0]..window[n]]);
        }
    }
}

/// Replaces `out` by the readable form of a character n-gram. It has `*` on each side on which the
/// word continues, and nothing on a side on which the word ends.
pub(super) fn readable(characters: &str, out: &mut String) {
    out.clear();
    if !characters.starts_with(' ') {
        out.push('*');
    }
    out.push_str(characters.trim_matches(' '));
    if !characters.ends_with(' ') {
        out.push('*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ngrams(word: &str, min: usize, max: usize) -> Vec<String> {
        let mut found = vec![];
        let range = CharacterRange::new(min, max).unwrap();
        for_each(word, range, &mut Padded::default(), |characters| found.push(characters.to_owned()));
        found
    }

    #[test]
    fn as_scikit_learn_gives_them() {
        // CountVectorizer(analyzer="char_wb", ngram_range=(3, 4)).build_analyzer()("jump a été").
        assert_eq!(ngrams("jump", 3, 4), [" ju", "jum", "ump", "mp ", " jum", "jump", "ump "]);
        assert_eq!(ngrams("a", 3, 4), [" a "]);
        assert_eq!(ngrams("été", 3, 4), [" ét", "été", "té ", " été", "été "]);
        assert_eq!(ngrams("ab", 3, 5), [" ab", "ab ", " ab "]);
        assert_eq!(ngrams("ab", 1, 1), [" ", "a", "b", " "]);
    }

    #[test]
    fn people_read_where_the_word_goes_on() {
        let read = |characters| {
            let mut out = String::from("old");
            readable(characters, &mut out);
            out
        };
        assert_eq!(
            (read(" ju"), read("jum"), read("mp "), read(" a ")),
            ("ju*".into(), "*jum*".into(), "*mp".into(), "a".into())
        );
    }
}
