//! The feature file: what is stale or torn is counted again, whatever the bytes are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_fuzz::in_file;
use querist_text::{Counts, NgramCounter};

fuzz_target!(|bytes: &[u8]| {
    let corpus = vec!["one two", "two three", "three four five"];
    in_file("ngram.counts", bytes, |path| {
        let counts = Counts::open(Some(path), &NgramCounter::default(), &corpus, &|_, _| ()).expect("counts");
        assert_eq!(counts.n_documents(), 3);
    });
});
