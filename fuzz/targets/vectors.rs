//! A row with an id and a vector.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_store::format::vectors::{check_numbers, parse};

fuzz_target!(|row: &str| {
    let (mut id, mut values) = (String::new(), Vec::new());
    if parse(row, ("id", "vector"), &mut id, &mut values).is_ok() {
        assert!(!id.trim().is_empty());
        let _ = check_numbers(&values);
    }
});
