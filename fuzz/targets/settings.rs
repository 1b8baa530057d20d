//! querist.toml.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use querist_session::Configuration;

fuzz_target!(|text: &str| {
    let Ok(file) = Configuration::read(Path::new("querist.toml"), text) else { return };
    let recorded = file.settings.recorded().expect("checked settings are JSON");
    let again = serde_json::from_value(recorded).expect("what was recorded is settings");
    assert!(Configuration::of(again, Path::new("manifest.json")).is_ok());
});
