//! The feature file: what is stale or torn is counted again, whatever the bytes are. A sound one
//! with some bytes replaced, too: what is read of it must be what was counted.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use querist_fuzz::{damaged, in_file, in_folder};
use querist_text::{Buckets, Counts, NgramCounter, NgramRange, WordSource, WordSplitter};

const TEXTS: [&str; 3] = ["one two", "two three", "three four five"];

fn counts(path: &Path) -> Counts {
    let words = WordSource::Splitter(WordSplitter::default());
    let counter = NgramCounter::new(words, NgramRange::default(), None, Buckets::default());
    Counts::open(Some(path), &counter, &TEXTS.to_vec(), &|_, _| ()).expect("counts")
}

/// The file of those texts.
fn sound() -> &'static [u8] {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    SOUND.get_or_init(|| {
        in_folder(|folder| {
            let path = folder.join("ngram.counts");
            drop(counts(&path));
            std::fs::read(&path).expect("a feature file")
        })
    })
}

fuzz_target!(|bytes: &[u8]| {
    in_file("ngram.counts", &damaged(sound(), bytes), |path| {
        assert_eq!(counts(path).n_documents(), 3);
    });
});
