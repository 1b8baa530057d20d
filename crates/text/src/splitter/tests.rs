//! Compares the splitter with words worked by hand and with a plain implementation that uses
//! regular expressions.

use proptest::prelude::*;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::*;

fn words(text: &str) -> Vec<String> {
    WordSplitter::default().words(text)
}

fn words_with(text: &str, normalization: Normalization) -> Vec<String> {
    WordSplitter::new(normalization).words(text)
}

#[test]
fn english() {
    assert_eq!(words("Don't PANIC -- it's 42!"), ["don", "t", "panic", "it", "s", "42"]);
    assert_eq!(words("snake_case, e-mail; b2b\t3.14\n"), ["snake", "case", "e", "mail", "b2b", "3", "14"]);
    assert!(words("").is_empty() && words(" .,-_!?\0\u{7f}").is_empty());
    assert_eq!(words("[x`{z@"), ["x", "z"]);
    assert_eq!(words("AZaz/09:"), ["azaz", "09"]);
}

#[test]
fn words_that_cross_blocks_of_64_bytes() {
    for before in 50..70 {
        for length in [1, 2, 63, 64, 65, 130] {
            let (blank, word) = (" ".repeat(before), "w".repeat(length));
            assert_eq!(words(&format!("{blank}{word}")), [&*word], "{before} {length}");
            assert_eq!(words(&format!("{blank}{word}.é")), [&*word, "é"], "{before} {length}");
        }
    }
}

#[test]
fn every_script() {
    assert_eq!(words("Straße CAFÉ ΟΔΟΣ οδος Ёлка"), ["straße", "café", "οδοσ", "οδοσ", "ёлка"]);
    assert_eq!(words("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
    assert_eq!(words("العربية ١٢٣ שלום"), ["العربية", "١٢٣", "שלום"]);
    assert_eq!(words("我爱Rust编程。すし bar"), ["我", "爱", "rust", "编", "程", "す", "し", "bar"]);
    assert_eq!(words("ラーメン"), ["ラ", "ー", "メ", "ン"]);
    assert_eq!(words("ที่นี่ 25"), ["ที่", "นี่", "25"]);
    assert_eq!(words("한국어 텍스트"), ["한국어", "텍스트"]);
    assert_eq!(words("great 👍🏽 job“quoted”…"), ["great", "job", "quoted"]);
}

#[test]
fn marks_and_what_cannot_be_seen() {
    assert_eq!(words("cafe\u{301}s cafés"), ["cafés", "cafés"]);
    assert_eq!(words("\u{301}a"), ["a"]);
    assert_eq!(words("か\u{3099}"), ["が"]);
    assert_eq!(words("\u{1112}\u{1161}\u{11ab}"), ["한"]);
    assert_eq!(words("co\u{ad}operate \u{200d}\u{ad} a\u{fe0f}"), ["cooperate", "a"]);
}

#[test]
fn case_and_accents() {
    let strip = Normalization { strip_accents: true, ..Normalization::default() };
    assert_eq!(words_with("Élève Ångström naïve cafe\u{301}", strip), ["eleve", "angstrom", "naive", "cafe"]);
    assert_eq!(words_with("İstanbul łódź ё", strip), ["istanbul", "łodz", "е"]);
    // Other scripts keep their vowels and their voicing.
    assert_eq!(words_with("हिन्दी が 한", strip), ["हिन्दी", "が", "한"]);
    let keep = Normalization { lowercase: false, ..Normalization::default() };
    assert_eq!(words_with("New ÉTÉ ΟΔΟΣ ος", keep), ["New", "ÉTÉ", "ΟΔΟΣ", "ος"]);
    let both = Normalization { strip_accents: true, ..keep };
    assert_eq!(words_with("ÉTÉ", both), ["ETE"]);
}

#[test]
fn numbers() {
    let with = |numbers| Normalization { numbers, ..Normalization::default() };
    let text = "In 1999 b2b ١٢ x² é9 7";
    assert_eq!(words_with(text, with(Numbers::Keep)), ["in", "1999", "b2b", "١٢", "x²", "é9", "7"]);
    assert_eq!(words_with(text, with(Numbers::Mask)), ["in", "0000", "b0b", "00", "x0", "é0", "0"]);
    assert_eq!(words_with(text, with(Numbers::Drop)), ["in", "b2b", "x²", "é9"]);
}

#[test]
fn the_fingerprint_names_every_option() {
    let mut prints = vec![];
    for lowercase in [false, true] {
        for strip_accents in [false, true] {
            for numbers in [Numbers::Keep, Numbers::Mask, Numbers::Drop] {
                let splitter = WordSplitter::new(Normalization { lowercase, strip_accents, numbers });
                prints.push(splitter.fingerprint());
            }
        }
    }
    let n = prints.len();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), n);
}

/// The words as regular expressions and whole strings find them.
fn reference(text: &str, normalization: Normalization) -> Vec<String> {
    let alone = r"[[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}ー]--[\p{M}\p{Nd}]&&[\p{Alphabetic}\p{N}]]";
    let pattern = format!(
        r"{alone}\p{{M}}*|[[\p{{Alphabetic}}\p{{N}}]--\p{{M}}--{alone}](?:[[\p{{Alphabetic}}\p{{N}}]--{alone}]|\p{{M}})*"
    );
    let visible: String = text.chars().filter(|c| !"\u{ad}\u{200c}\u{200d}\u{fe0f}".contains(*c)).collect();
    let digit = Regex::new(r"\p{N}").unwrap();
    let number = Regex::new(r"^[\p{N}\p{M}]+$").unwrap();
    let mut words = vec![];
    for found in Regex::new(&pattern).unwrap().find_iter(&visible) {
        let mut word = found.as_str().to_owned();
        // A digit with a mark is still a digit.
        if normalization.numbers == Numbers::Drop && number.is_match(&word) {
            continue;
        }
        if normalization.lowercase {
            word = word.chars().flat_map(char::to_lowercase).collect::<String>().replace('ς', "σ");
        }
        if normalization.strip_accents {
            word = word.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect();
        }
        if normalization.numbers == Numbers::Mask {
            word = digit.replace_all(&word, "0").into_owned();
        }
        words.push(word.nfc().collect());
    }
    words
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn agrees_with_the_reference(
        text in r"([ -~]{0,9}|[ a-zA-Z0-9éÉßΣςσа-яЁ.]{0,9}|[我爱すカーทีนि\u{301}\u{ad}\u{200d}\u{fe0f}한\u{1112}\u{1161}²١“👍 a7]{0,9}){0,9}",
        lowercase in any::<bool>(), strip_accents in any::<bool>(), numbers in 0..3_usize,
    ) {
        let numbers = [Numbers::Keep, Numbers::Mask, Numbers::Drop][numbers];
        let normalization = Normalization { lowercase, strip_accents, numbers };
        prop_assert_eq!(words_with(&text, normalization), reference(&text, normalization));
    }

    #[test]
    fn no_word_is_empty_or_has_a_blank(text in any::<String>()) {
        for word in words(&text) {
            prop_assert!(!word.is_empty() && !word.contains(char::is_whitespace));
        }
    }
}
