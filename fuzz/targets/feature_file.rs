//! The feature file: what is stale or torn is counted again, whatever the bytes are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_fuzz::in_file;
use querist_text::{Buckets, Counts, NgramCounter, NgramRange, WordSource, WordSplitter};

fuzz_target!(|bytes: &[u8]| {
    let corpus = vec!["one two", "two three", "three four five"];
    let words = WordSource::Splitter(WordSplitter::default());
    let counter = NgramCounter::new(words, NgramRange::default(), None, Buckets::default());
    in_file("ngram.counts", bytes, |path| {
        let counts = Counts::open(Some(path), &counter, &corpus, &|_, _| ()).expect("counts");
        assert_eq!(counts.n_documents(), 3);
    });
});
