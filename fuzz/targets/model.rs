//! A model's file of the workspace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use querist_model::LinearModel;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = LinearModel::from_bytes(bytes) {
        assert!(model.n_classes() > 0);
    }
});
