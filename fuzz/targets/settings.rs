//! querist.toml.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use querist_cli::args::BatchOptions;
use querist_cli::configuration::ConfigurationFile;
use querist_cli::settings;

fuzz_target!(|text: &str| {
    let Ok(file) = ConfigurationFile::parse(Path::new("querist.toml"), text.to_owned()) else { return };
    let Ok(labels) = file.labels() else { return };
    let _ = settings::of_round(&file, &labels, &BatchOptions::default());
    let _ = settings::classifier(&file, &labels);
    let _ = settings::rules(&file, &labels);
});
