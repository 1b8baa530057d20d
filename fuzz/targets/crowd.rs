//! A plain file of answers, as `querist quality` reads it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_fuzz::in_file;
use querist_store::format::crowd::{self, CrowdKind, CrowdReading};

fuzz_target!(|bytes: &[u8]| {
    in_file("answers", bytes, |path| {
        let (file, reading) = (path.to_str().expect("a plain path"), CrowdReading::default());
        let _ = crowd::read(file, CrowdKind::Answers, &reading, &mut |_, _| Ok(()));
    });
});
