//! Every program in `examples/` runs and prints the expected output.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The built program of an example: cargo puts them beside the tests.
fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap().join("examples");
    let program = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    // `cargo test --test examples` builds this test alone, and an older program would pass or fail
    // for its own source.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).with_extension("rs");
    let changed = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    let is_new = changed(&program).is_ok_and(|built| built >= changed(&source).unwrap());
    assert!(is_new, "{} is not built or is old; run `cargo build --examples` first", program.display());
    program
}

fn output_of(name: &str) -> String {
    let output = Command::new(built(name)).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{name}: {}: {said}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_example_prints_what_it_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> =
        files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    assert!(names.len() >= 5, "{names:?}");
    for name in names {
        insta::assert_snapshot!(name.clone(), output_of(&name));
    }
}
