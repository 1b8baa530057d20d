//! What `cargo package` would publish: each crate contains the files that it embeds, its README and
//! its licences.
//!
//! If a crate embeds a file from another folder of the repository, the crate has a symbolic link to
//! it, which cargo follows.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files that the package of a crate would have.
fn packed(manifest: &Path) -> BTreeSet<String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["package", "--list", "--allow-dirty", "--offline", "--manifest-path"]).arg(manifest);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.replace('\\', "/")).collect()
}

/// The files that a source file embeds, from its crate's folder; those that climb out of it begin
/// with `..`.
fn embedded(crate_folder: &Path, source: &str) -> Vec<String> {
    let text = fs::read_to_string(crate_folder.join(source)).unwrap();
    let calls = ["include_str!(\"", "include_bytes!(\""];
    let paths =
        calls.iter().flat_map(|call| text.split(call).skip(1)).filter_map(|rest| rest.split('"').next());
    let folder = Path::new(source).parent().unwrap();
    paths
        .map(|path| {
            let mut resolved = PathBuf::new();
            for part in folder.join(path).components() {
                let climbs = part == Component::ParentDir && resolved.pop();
                if !climbs {
                    resolved.push(part);
                }
            }
            resolved.to_str().unwrap().replace('\\', "/")
        })
        .collect()
}

#[test]
fn packages_have_what_they_embed() {
    let mut missing = Vec::new();
    let mut n_embedded = 0;
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let files = packed(&folder.join("Cargo.toml"));
        for wanted in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"] {
            if !files.contains(wanted) {
                missing.push(format!("{name}: {wanted}"));
            }
        }
        for source in files.iter().filter(|file| Path::new(file).extension().is_some_and(|it| it == "rs")) {
            // What tests embed stays in the repository with them.
            let own = embedded(&folder, source).into_iter().filter(|file| !file.starts_with("tests/"));
            for file in own {
                n_embedded += 1;
                if !files.contains(&file) {
                    missing.push(format!("{name}: {source} embeds {file}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "packages lack files:\n  {}", missing.join("\n  "));
    // The search finds them: models, the bundled set, and a README for each library.
    assert!(n_embedded >= 20, "{n_embedded}");
}

#[test]
fn links_into_crates_lead_to_the_one_truth() {
    for (link, truth) in [
        ("crates/text/models", "models"),
        ("crates/session/data/support_tickets", "data/support_tickets"),
        ("crates/core/LICENSE-MIT", "LICENSE-MIT"),
    ] {
        let [link, truth] = [link, truth].map(|path| root().join(path).canonicalize().unwrap());
        assert_eq!(link, truth);
    }
}
