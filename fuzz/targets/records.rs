//! Rows of every layout (CSV, TSV, JSON Lines, JSON, fastText, archives, Parquet …), as documents.
//! The first byte says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_core::LabelSet;
use querist_fuzz::in_file;
use querist_store::format::documents::{self, FieldNames, IdSource};
use querist_store::format::records::{self, Layout, Reading};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let layout =
        Layout::NAMES.get(usize::from(*first) % (Layout::NAMES.len() + 1)).map(|(_, layout)| *layout);
    let reading = Reading { layout, ..Reading::default() };
    let labels = LabelSet::new(["a", "b"]).expect("two labels");
    in_file("input", bytes, |path| {
        let Ok(mut opened) = records::open(path.to_str().expect("a plain path"), &reading) else {
            return;
        };
        while let Ok(Some(record)) = opened.reader.next_record() {
            if let Ok(row) = record.json {
                let _ = documents::parse(row, &FieldNames::default(), &labels, false, IdSource::FieldOrText);
            }
        }
    });
});
