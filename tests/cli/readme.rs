//! README.md is true: the test runs its console blocks and compares their output.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::workbench::Workbench;

/// A command of the README, with the output that the README shows.
struct Example {
    command: String,
    shown: String,
}

/// The commands of all console blocks: each line that begins with "$ ", with the lines that follow.
fn examples(readme: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            examples.push(Example { command: command.to_owned(), shown: String::new() });
        } else if let (true, Some(example)) = (inside, examples.last_mut()) {
            example.shown += &format!("{line}\n");
        }
    }
    examples
}

#[test]
fn the_walk_through_prints_what_the_readme_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let bench = Workbench::new();
    let data = bench.path("data/support_tickets");
    fs::create_dir_all(&data).unwrap();
    for entry in fs::read_dir(root.join("data/support_tickets")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_querist")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let examples = examples(&fs::read_to_string(root.join("README.md")).unwrap());
    assert!(examples.len() > 8, "the README has lost its walk-through");
    for Example { command, shown } in examples {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(bench.root())
            .env("PATH", &path)
            .env_remove("QUERIST_WORKSPACE")
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "$ {command}\n{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(printed.trim_end(), shown.trim_end(), "$ {command}");
    }
}
