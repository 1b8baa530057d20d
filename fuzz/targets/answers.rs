//! Answers as every annotation tool writes them, JSON Lines. The first byte says which tool.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_core::LabelSet;
use querist_store::format::answers::{Context, FORMATS, Findings};
use querist_store::format::row::Row;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let format = FORMATS[usize::from(*first) % FORMATS.len()];
    let labels = LabelSet::new(["a", "b"]).expect("two labels");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        let Ok(row) = Row::parse(line) else { continue };
        let _ = format.recognises(&row);
        let context = Context { labels: (&labels).into(), unnamed: None, otherwise: None, stem: Some("ana") };
        let _ = format.answers(row, &context, &mut Findings::default());
    }
});
