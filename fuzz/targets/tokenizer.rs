//! A `tokenizer.json`, and the words and pieces that it cuts a text into.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_text::{PieceTokenizer, WordTokenizer};

const TEXT: &str = "The tracking says \"in transit\" 3.14 times… 我爱 naïve café 👍🏽";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tokenizer) = WordTokenizer::from_json(bytes, "fuzzed") {
        let _ = tokenizer.words(TEXT);
    }
    if let Ok(tokenizer) = PieceTokenizer::from_json(bytes, "fuzzed") {
        let _ = tokenizer.for_each_piece(TEXT, &mut |piece| assert!((piece as usize) < tokenizer.n_pieces()));
    }
});
