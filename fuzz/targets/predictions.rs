//! Predictions of a model that the user brings, one row.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_core::LabelSet;
use querist_store::format::predictions;

fuzz_target!(|row: &str| {
    let labels = LabelSet::new(["a", "b"]).expect("two labels");
    let _ = predictions::parse(row, &labels);
});
