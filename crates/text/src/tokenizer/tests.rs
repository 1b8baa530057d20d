//! Words and pieces by files of every kind, and files that must be refused.

use proptest::prelude::*;

use super::*;

fn words(text: &str) -> Vec<String> {
    WordTokenizer::preset("words").unwrap().words(text).unwrap()
}

#[test]
fn the_preset_gives_lower_case_words() {
    assert_eq!(
        words("Don't PANIC -- it's 42, isn't it?"),
        ["don", "'", "t", "panic", "--", "it", "'", "s", "42", ",", "isn", "'", "t", "it", "?"]
    );
    // The example in the preset's README.
    assert_eq!(words("Café #1: it's GREAT!!"), ["café", "#", "1", ":", "it", "'", "s", "great", "!!"]);
    assert_eq!(words("  snake_case\t3.14\n"), ["snake_case", "3", ".", "14"]);
    assert!(words("").is_empty());
    assert!(words(" \u{a0}\t\u{3000} ").is_empty());
    assert_eq!(words("really?!!1"), ["really", "?!!", "1"]);
}

#[test]
fn the_preset_reads_every_script() {
    assert_eq!(words("Straße CAFÉ"), ["straße", "café"]);
    // Composed and decomposed, full width and ligature: one word each, however it was typed.
    assert_eq!(words("cafe\u{301}"), words("caf\u{e9}"));
    assert_eq!(words("ＡＢＣ ﬁne"), ["abc", "fine"]);
    // Chinese and Japanese have no spaces: each character is a word, so bigrams are pairs of
    // characters.
    assert_eq!(words("我爱Rust编程"), ["我", "爱", "rust", "编", "程"]);
    assert_eq!(words("すし bar"), ["す", "し", "bar"]);
    // Vowel signs are marks and belong to their word.
    assert_eq!(words("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
    assert_eq!(words("great 👍🏽 job"), ["great", "👍🏽", "job"]);
}

#[test]
fn the_preset_is_a_whole_tokenizer_file() {
    let json = PRESETS[0].1;
    let whole: Tokenizer = json.parse().unwrap();
    let encoding = whole.encode("Two words", false).unwrap();
    assert_eq!(encoding.get_tokens(), ["[UNK]", "[UNK]"]);
    assert_eq!(encoding.get_offsets(), [(0, 3), (4, 9)]);
}

#[test]
fn the_users_own_file_decides() {
    let json =
        br#"{"version":"1.0","normalizer":null,"pre_tokenizer":{"type":"Whitespace"},"model":{"type":"?"}}"#;
    let own = WordTokenizer::from_json(json, "own.json").unwrap();
    assert_eq!(own.words("Who, me?").unwrap(), ["Who", ",", "me", "?"]);
    assert_ne!(own.fingerprint(), WordTokenizer::preset("words").unwrap().fingerprint());
    // Punctuation keeps the white space around it, which is no word.
    let json = br#"{"pre_tokenizer":{"type":"Punctuation","behavior":"Isolated"}}"#;
    let own = WordTokenizer::from_json(json, "own.json").unwrap();
    assert_eq!(own.words("a b!  ?").unwrap(), ["a b", "!", "?"]);
}

#[test]
fn bad_files_are_refused_with_the_place() {
    let broken = b"{\n  \"normalizer\": null,\n  \"pre_tokenizer\": {\"type\": }\n}";
    let Err(TextError::MalformedTokenizer { origin, line, column, problem }) =
        WordTokenizer::from_json(broken, "mine.json")
    else {
        panic!("broken JSON was read");
    };
    assert_eq!((origin.as_str(), line, column), ("mine.json", 3, 29));
    assert_eq!(problem, "expected value");

    let unknown = br#"{"pre_tokenizer": {"type": "Mystery"}}"#;
    let error = WordTokenizer::from_json(unknown, "mine.json").unwrap_err();
    assert!(matches!(error, TextError::MalformedTokenizer { line: 1, .. }), "{error}");
    let bad_pattern =
        br#"{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"("},"behavior":"Removed","invert":true}}"#;
    assert!(WordTokenizer::from_json(bad_pattern, "mine.json").is_err());
    assert!(WordTokenizer::from_json(b"", "mine.json").is_err());
    assert!(WordTokenizer::from_json(b"\xff\xfe", "mine.json").is_err());

    for silent in [&b"{}"[..], br#"{"pre_tokenizer": null, "normalizer": {"type": "NFC"}}"#] {
        let error = WordTokenizer::from_json(silent, "mine.json").unwrap_err();
        assert_eq!(error, TextError::NoPreTokenizer { origin: "mine.json".into() });
        assert!(error.to_string().contains("add one"), "{error}");
    }
    let error = WordTokenizer::preset("word").unwrap_err().to_string();
    assert_eq!(error, "there is no tokenizer preset \"word\"; the presets are: words");
}

/// A `tokenizer.json` of word pieces, with the truncation and padding that real ones have.
fn pieces() -> PieceTokenizer {
    let json = br###"{
        "version": "1.0",
        "truncation": {"max_length": 2, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                    "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [], "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": null, "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {"[PAD]": 0, "[UNK]": 1, "bank": 2, "##ing": 3, "loan": 7}}
    }"###;
    PieceTokenizer::from_json(json, "own.json").unwrap()
}

#[test]
fn pieces_are_not_cut_off_padded_or_unknown() {
    let mut found = Vec::new();
    pieces().for_each_piece("Banking a loan bank", &mut |piece| found.push(piece)).unwrap();
    assert_eq!(found, [2, 3, 7, 2]);
    assert_eq!((pieces().spelling(3), pieces().spelling(6)), (Some("##ing".to_owned()), None));
    assert_eq!(pieces().n_pieces(), 8);
}

#[test]
fn a_file_without_a_vocabulary_gives_no_pieces() {
    let words = PRESETS[0].1.as_bytes();
    assert!(PieceTokenizer::from_json(words, "words").unwrap().n_pieces() > 0);
    let error = PieceTokenizer::from_json(b"{}", "mine.json").unwrap_err();
    assert!(matches!(error, TextError::MalformedTokenizer { .. }), "{error}");
    // The library panics on a merge that is longer than every piece, and on a template for a second
    // text.
    let bpe = br#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":null,"post_processor":null,"decoder":null,
        "model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}"#;
    let error = PieceTokenizer::from_json(bpe, "mine.json").unwrap_err();
    assert!(matches!(error, TextError::MalformedTokenizer { .. }), "{error}");
    let template = br#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":{"type":"Whitespace"},"decoder":null,
        "post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[],
                          "special_tokens":{}},
        "model":{"type":"WordLevel","vocab":{"?":0,"a":1},"unk_token":"?"}}"#;
    let pieces = PieceTokenizer::from_json(template, "mine.json").unwrap();
    let mut found = Vec::new();
    pieces.for_each_piece("a b a", &mut |piece| found.push(piece)).unwrap();
    assert_eq!(found, [1, 1]);
    let error = PieceTokenizer::from_json(b"{\"model\": 3}", "mine.json").unwrap_err();
    assert!(error.to_string().starts_with("mine.json:1:"), "{error}");
}

proptest! {
    #[test]
    fn no_text_makes_it_fail_and_no_word_is_blank(text in any::<String>()) {
        for word in words(&text) {
            prop_assert!(!word.trim().is_empty());
        }
    }
}

#[test]
fn a_file_over_which_the_library_panics_is_refused() {
    let files = [
        r#"{"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"},"pre_tokenizer":{"type":"Whitespace"}}"#,
        r#"{"pre_tokenizer":{"type":"FixedLength","length":0}}"#,
    ];
    for file in files {
        let error = WordTokenizer::from_json(file.as_bytes(), "mine.json").unwrap_err();
        assert!(matches!(error, TextError::MalformedTokenizer { .. }), "{error}");
        let error = PieceTokenizer::from_json(file.as_bytes(), "mine.json").unwrap_err();
        assert!(error.to_string().starts_with("mine.json:"), "{error}");
    }
}

#[test]
fn a_panic_over_a_text_is_an_error_of_that_text() {
    let mut own = WordTokenizer::preset("words").unwrap().named_at("querist.toml:3".to_owned());
    let json = r#"{"type":"FixedLength","length":0}"#;
    own.pre_tokenizer = serde_json::from_str(json).unwrap();
    let error = own.words("a text").unwrap_err();
    assert!(matches!(error, TextError::Untokenizable { .. }), "{error}");
    assert!(error.to_string().contains("querist.toml:3"), "{error}");
}
