//! A .npy file with vectors: its header, and its rows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_store::format::vectors::npy::{Header, Rows};

fuzz_target!(|bytes: &[u8]| {
    let mut from = bytes;
    let Ok(Ok(header)) = Header::read(&mut from) else { return };
    let mut rows = Rows::new(header);
    let mut values = Vec::new();
    while let Ok(Ok(true)) = rows.next_row(&mut from, &mut values) {
        assert_eq!(values.len(), header.width);
    }
    assert!(rows.read() <= header.rows);
});
