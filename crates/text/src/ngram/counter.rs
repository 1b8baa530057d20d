//! Counts the n-grams of a text.

use std::ops::RangeInclusive;

use querist_core::Named;

use super::characters::{self, Padded};
use super::parts::Parts;
use super::symbols::Symbols;
use super::{Buckets, CharacterRange, NgramRange, Units, character_hash, ngram_hash, whole_hash, word_hash};
use crate::counts::{Counter, Scratch};
use crate::entry::Entry;
use crate::error::TextError;
use crate::legacy::Wordless;
use crate::splitter::{SplitBuffer, WordSplitter};
use crate::tokenizer::WordTokenizer;

/// The method that splits texts into words.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one a counter")]
pub enum WordSource {
    /// The fast splitter.
    Splitter(WordSplitter),
    /// The normaliser and the pre-tokeniser of a `tokenizer.json`.
    Tokenizer(WordTokenizer),
}

impl WordSource {
    #[inline]
    fn for_each_word(
        &self,
        text: &str,
        buffer: &mut SplitBuffer,
        mut visit: impl FnMut(&str),
    ) -> Result<(), TextError> {
        match self {
            Self::Splitter(splitter) => {
                splitter.for_each_word(text, buffer, visit);
                Ok(())
            }
            Self::Tokenizer(tokenizer) => tokenizer.for_each_word(text, &mut visit),
        }
    }

    fn fingerprint(&self) -> String {
        match self {
            Self::Splitter(splitter) => splitter.fingerprint(),
            Self::Tokenizer(tokenizer) => format!("tokenizer {}", tokenizer.fingerprint()),
        }
    }
}

/// Memory that is reused from one text to the next.
#[derive(Debug, Default)]
pub(crate) struct NgramScratch {
    words: Vec<u64>,
    padded: Padded,
    symbols: Symbols,
    parts: Parts,
}

/// Counts hashed n-grams of words and, if requested, of characters or parts of words.
#[derive(Debug, Clone)]
pub struct NgramCounter {
    words: WordSource,
    ngrams: NgramRange,
    characters: Option<CharacterRange>,
    buckets: Buckets,
    units: Units,
    wordless: Wordless,
}

impl NgramCounter {
    /// Returns a counter of the n-grams of words and, if `characters` is set, of the characters of
    /// each word.
    pub fn new(
        words: WordSource,
        ngrams: NgramRange,
        characters: Option<CharacterRange>,
        buckets: Buckets,
    ) -> Self {
        Self { words, ngrams, characters, buckets, units: Units::Words, wordless: Wordless::Symbols }
    }

    /// Returns the same counter, whose n-grams consist of other units. [`Units::Auto`] means
    /// words.
    #[must_use]
    pub fn with_units(self, units: Units) -> Self {
        Self { units: if units == Units::Auto { Units::Words } else { units }, ..self }
    }

    /// Returns the same counter with another rule for texts without a word.
    pub(crate) fn with_wordless(self, wordless: Wordless) -> Self {
        Self { wordless, ..self }
    }

    /// Returns the lengths of the n-grams that are counted. For symbols, the range begins at 1;
    /// otherwise a text of one symbol could have no n-gram.
    fn range(&self, of_symbols: bool) -> RangeInclusive<usize> {
        if of_symbols { 1..=self.ngrams.max } else { self.ngrams.min..=self.ngrams.max }
    }
}

impl NgramCounter {
    /// Does what [`Counter::for_each_term`] does, for parts alone. A part is shown as its word or
    /// its run of symbols, so all parts of a word are explained together. Returns whether there is
    /// a part.
    fn for_each_part(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<bool, TextError> {
        let (mut parts, mut any) = (Parts::default(), false);
        let mut visit = |hash, term: &str| {
            any = true;
            visit(self.buckets.of(hash), term);
        };
        self.words.for_each_word(text, &mut SplitBuffer::default(), |word| {
            parts.of_word(word, self.units, |hash| visit(hash, word));
        })?;
        parts.of_symbols(text, |run, hash| visit(hash, run));
        Ok(any)
    }
}

impl Default for NgramCounter {
    /// Returns a counter of words and pairs of words, split by the built-in splitter, in 2^20
    /// columns.
    fn default() -> Self {
        let words = WordSource::Splitter(WordSplitter::default());
        Self::new(words, NgramRange::default(), None, Buckets::default())
    }
}

impl Counter for NgramCounter {
    fn n_columns(&self) -> usize {
        self.buckets.count()
    }

    fn fingerprint(&self) -> String {
        let characters =
            self.characters.map_or("none".to_owned(), |range| format!("{}-{}", range.min, range.max));
        // The counter of words alone has no name for its units, as before there were others.
        let units = match self.units {
            Units::Auto | Units::Words => String::new(),
            units => format!(" units={}", units.name()),
        };
        format!(
            "ngram {} words={} ngrams={}-{} characters={characters} buckets={}{units}",
            self.wordless.version(),
            self.words.fingerprint(),
            self.ngrams.min,
            self.ngrams.max,
            self.buckets.count()
        )
    }

    fn count(&self, text: &str, scratch: &mut Scratch, row: &mut Vec<Entry>) -> Result<(), TextError> {
        let Scratch { ngram: NgramScratch { words, padded, symbols, parts }, split, hits } = scratch;
        hits.clear();
        words.clear();
        parts.clear();
        self.words.for_each_word(text, split, |word| {
            if self.units != Units::Characters {
                words.push(word_hash(word));
            }
            if self.units != Units::Words {
                parts.of_word(word, self.units, |hash| hits.push(self.buckets.of(hash)));
            }
            if let Some(range) = self.characters {
                characters::for_each(word, range, padded, |characters| {
                    hits.push(self.buckets.of(character_hash(characters)));
                });
            }
        })?;
        if self.units == Units::Characters {
            parts.of_symbols(text, |_, hash| hits.push(self.buckets.of(hash)));
            // Digits that the settings drop are neither words nor symbols; they are counted below.
            if !hits.is_empty() {
                hits.append_to(row);
                return Ok(());
            }
        }
        let of_symbols = words.is_empty() && self.wordless == Wordless::Symbols;
        if of_symbols {
            let whole = symbols.for_each(text, |symbol| words.push(word_hash(symbol)));
            if !whole.is_empty() {
                hits.push(self.buckets.of(whole_hash(whole)));
            }
        }
        for n in self.range(of_symbols) {
            match n {
                1 => hits.extend(words.iter().map(|word| self.buckets.of(*word))),
                // This is the most frequent length. A constant length lets the compiler generate
                // faster code.
                2 => {
                    let pair_hash = |pair: &[u64]| self.buckets.of(ngram_hash(&[pair[0], pair[1]]));
                    hits.extend(words.windows(2).map(pair_hash));
                }
                _ => hits.extend(words.windows(n).map(|words| self.buckets.of(ngram_hash(words)))),
            }
        }
        hits.append_to(row);
        Ok(())
    }

    fn for_each_term(&self, text: &str, visit: &mut dyn FnMut(u32, &str)) -> Result<(), TextError> {
        if self.units == Units::Characters && self.for_each_part(text, visit)? {
            return Ok(());
        }
        let mut words = Vec::new();
        self.words.for_each_word(text, &mut SplitBuffer::default(), |word| words.push(word.to_owned()))?;
        let of_symbols = words.is_empty() && self.wordless == Wordless::Symbols;
        if of_symbols {
            let mut symbols = Symbols::default();
            let whole = symbols.for_each(text, |symbol| words.push(symbol.to_owned()));
            if !whole.is_empty() {
                visit(self.buckets.of(whole_hash(whole)), whole);
            }
        }
        let range = self.range(of_symbols);
        let hashes: Vec<u64> = words.iter().map(|word| word_hash(word)).collect();
        let (mut padded, mut term, mut parts) = (Padded::default(), String::new(), Parts::default());
        for first in 0..words.len() {
            for n in *range.start()..=(*range.end()).min(words.len() - first) {
                let place = first..first + n;
                visit(self.buckets.of(ngram_hash(&hashes[place.clone()])), &words[place].join(" "));
            }
            if let Some(range) = self.characters.filter(|_| !of_symbols) {
                characters::for_each(&words[first], range, &mut padded, |characters| {
                    characters::readable(characters, &mut term);
                    visit(self.buckets.of(character_hash(characters)), &term);
                });
            }
            if self.units == Units::Both && !of_symbols {
                let word = &words[first];
                parts.of_word(word, self.units, |hash| visit(self.buckets.of(hash), word));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn counter(ngrams: (usize, usize), characters: Option<(usize, usize)>, buckets: usize) -> NgramCounter {
        NgramCounter::new(
            WordSource::Splitter(WordSplitter::default()),
            NgramRange::new(ngrams.0, ngrams.1).unwrap(),
            characters.map(|(min, max)| CharacterRange::new(min, max).unwrap()),
            Buckets::new(buckets).unwrap(),
        )
    }

    fn row(counter: &NgramCounter, text: &str) -> Vec<Entry> {
        let mut row = vec![];
        counter.count(text, &mut Scratch::default(), &mut row).unwrap();
        row
    }

    fn terms(counter: &NgramCounter, text: &str) -> Vec<(u32, String)> {
        let mut terms = vec![];
        counter.for_each_term(text, &mut |column, term| terms.push((column, term.to_owned()))).unwrap();
        terms
    }

    #[test]
    fn counts_words_and_pairs() {
        let column = |words: &[&str]| {
            let hashes: Vec<u64> = words.iter().map(|word| word_hash(word)).collect();
            (ngram_hash(&hashes) % (1 << 20)) as u32
        };
        let mut expected = [
            Entry::new(column(&["a"]), 2),
            Entry::new(column(&["b"]), 2),
            Entry::new(column(&["a", "b"]), 2),
            Entry::new(column(&["b", "a"]), 1),
        ];
        expected.sort();
        assert_eq!(row(&counter((1, 2), None, 1 << 20), "A b, a B"), expected);
    }

    #[test]
    fn parts_are_counted_alone_or_beside_words() {
        let words = counter((1, 2), None, 1 << 24);
        let characters = words.clone().with_units(Units::Characters);
        let both = words.clone().with_units(Units::Both);
        assert_eq!(words.clone().with_units(Units::Auto).fingerprint(), words.fingerprint());
        assert_eq!(row(&characters, "Haus").len(), 3);
        assert_eq!(row(&both, "Haus").len(), 4);
        assert_eq!(row(&both, "Haus :)").len(), 4);
        assert_eq!(row(&characters, "Haus :)").len(), 3 + 6);
        // Characters of scripts without spaces are words already.
        assert_eq!(row(&both, "北京"), row(&words, "北京"));
        assert_eq!(row(&characters, "北京"), row(&words, "北京"));
        let prints = [&words, &characters, &both].map(Counter::fingerprint);
        assert!(prints[0] != prints[1] && prints[1] != prints[2] && prints[0] != prints[2]);
        assert!(terms(&characters, "Haus").iter().all(|(_, term)| term == "haus"));
    }

    #[test]
    fn short_documents_have_fewer_n_grams() {
        assert!(row(&counter((1, 3), None, 16), "").is_empty());
        assert_eq!(row(&counter((1, 3), None, 16), "a").len(), 1);
        assert!(row(&counter((2, 3), None, 16), "a").is_empty());
        assert_eq!(row(&counter((1, 3), None, 1 << 24), "a b c").len(), 6);
        assert_eq!(row(&counter((3, 3), None, 16), "a b c").len(), 1);
    }

    #[test]
    fn texts_without_a_word_are_told_apart_and_those_with_one_are_as_they_were() {
        use querist_core::Edition;
        let counter = counter((1, 2), Some((2, 3)), 1 << 20);
        let first = counter.clone().of_edition(Edition::First);
        let second = counter.clone().of_edition(Edition::Second);
        assert_eq!(second.fingerprint(), counter.fingerprint());
        assert!(first.fingerprint().starts_with("ngram 1 ") && counter.fingerprint().starts_with("ngram 2 "));
        let wordless =
            ["👍", "👎", "👍👍", "👍👎", "👎👍", "!", "!!", "!?", "❤️", "👍🏽", "🇫🇷", "🇩🇪", "...", "…"];
        let rows: std::collections::BTreeSet<Vec<Entry>> =
            wordless.iter().map(|text| row(&counter, text)).collect();
        assert_eq!(rows.len(), wordless.len());
        for text in wordless {
            assert!(row(&first, text).is_empty(), "{text}");
        }
        for text in ["a 👍", "don't!", "我 …", "7 👍👍", "", " ", "\u{200b}"] {
            assert_eq!(row(&counter, text), row(&first, text), "{text}");
        }
        // Even if words do not count singly, symbols do.
        assert_eq!(row(&self::counter((2, 2), None, 1 << 20), "👍").len(), 2);
        let terms: Vec<String> = terms(&counter, "👍 👎").into_iter().map(|(_, term)| term).collect();
        assert_eq!(terms, ["👍👎", "👍", "👍 👎", "👎"]);
    }

    #[test]
    fn a_scratch_forgets_the_last_document() {
        let (counter, mut scratch) = (counter((1, 2), Some((2, 3)), 1 << 20), Scratch::default());
        let mut rows = vec![];
        counter.count("one two", &mut scratch, &mut rows).unwrap();
        rows.clear();
        counter.count("three", &mut scratch, &mut rows).unwrap();
        assert_eq!(rows, row(&counter, "three"));
    }

    #[test]
    fn terms_come_in_the_order_of_their_words() {
        let found: Vec<String> = terms(&counter((1, 2), Some((3, 3)), 1 << 20), "Big cat")
            .into_iter()
            .map(|(_, term)| term)
            .collect();
        assert_eq!(found, ["big", "big cat", "bi*", "*big*", "*ig", "cat", "ca*", "*cat*", "*at"]);
    }

    #[test]
    fn a_tokenizer_can_give_the_words() {
        let words = WordSource::Tokenizer(WordTokenizer::preset("words").unwrap());
        let own = NgramCounter::new(words, NgramRange::default(), None, Buckets::default());
        let found: Vec<String> = terms(&own, "Wow !").into_iter().map(|(_, term)| term).collect();
        assert_eq!(found, ["wow", "wow !", "!"]);
        assert_eq!(row(&own, "Wow !").len(), 3);
        assert_ne!(own.fingerprint(), counter((1, 2), None, 1 << 20).fingerprint());
    }

    #[test]
    fn the_fingerprint_names_all_that_changes_a_column() {
        let counters = [
            counter((1, 2), None, 1024),
            counter((1, 1), None, 1024),
            counter((2, 2), None, 1024),
            counter((1, 2), None, 2048),
            counter((1, 2), Some((3, 5)), 1024),
            counter((1, 2), Some((3, 4)), 1024),
        ];
        let prints: std::collections::BTreeSet<String> = counters.iter().map(Counter::fingerprint).collect();
        assert_eq!(prints.len(), counters.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn rows_ascend_and_count_the_terms(
            text in "([a-d é我]{0,40}|[!?👍👎 ]{0,12})", max in 1..4_usize, characters in any::<bool>(), small in any::<bool>(), units in 0..3_usize,
        ) {
            let buckets = if small { 8 } else { 1 << 24 };
            let units = [Units::Words, Units::Characters, Units::Both][units];
            let characters = (characters && units == Units::Words).then_some((2, 4));
            let counter = counter((1, max), characters, buckets).with_units(units);
            let row = row(&counter, &text);
            prop_assert!(row.is_sorted_by(|a, b| a.column() < b.column()));
            let mut counts = BTreeMap::new();
            for (column, _) in terms(&counter, &text) {
                *counts.entry(column).or_insert(0) += 1;
            }
            let expected: Vec<Entry> = counts.into_iter().map(|(column, n)| Entry::new(column, n)).collect();
            prop_assert_eq!(row, expected);
        }
    }
}
