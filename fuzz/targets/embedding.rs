//! The table of a static embedding, with a tokenizer of four words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_fuzz::in_file;
use querist_text::StaticEmbedding;

const TOKENIZER: &str = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
    "pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,
    "model":{"type":"WordLevel","vocab":{"[UNK]":0,"one":1,"two":2,"three":3},"unk_token":"[UNK]"}}"#;

fuzz_target!(|bytes: &[u8]| {
    in_file("model.safetensors", bytes, |table| {
        let tokenizer = table.with_file_name("tokenizer.json");
        std::fs::write(&tokenizer, TOKENIZER).expect("a temporary file");
        if let Ok(embedding) = StaticEmbedding::from_files(table, &tokenizer) {
            assert!(embedding.width() > 0 && embedding.n_pieces() > 0);
        }
    });
});
