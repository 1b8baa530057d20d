//! The console blocks in README.md and in the book are true: the tests run them and compare the
//! output.
//!
//! Each page runs in its own folder, with a copy of the bundled tickets. A command begins with "$ "
//! and may go on in lines that begin with "> ". The lines after it are its standard output. With
//! `QUERIST_UPDATE_DOCS=1`, the tests write the actual output into the pages.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workbench::{BINARY, Workbench};

/// The pages with console blocks, and the name of the test of each.
macro_rules! pages {
    ($($test:ident: $page:literal,)*) => {
        const PAGES: &[&str] = &[$($page),*];

        $(
            #[test]
            fn $test() {
                check($page);
            }
        )*
    };
}

pages! {
    readme: "README.md",
    guide_to_comparing_strategies: "docs/guides/compare-strategies.md",
    guide_to_a_crowds_file: "docs/guides/crowd-file.md",
    guide_to_a_rare_class: "docs/guides/rare-class.md",
    guide_for_three_people: "docs/guides/three-people.md",
    guide_to_a_model_of_your_own: "docs/guides/your-model.md",
    making_a_round_again: "docs/reproduce.md",
    settings: "docs/settings.md",
}

/// A piece of a page.
#[derive(Debug, PartialEq)]
enum Part {
    /// A line that is not part of a command.
    Text(String),
    /// A command of a console block with the output that the page shows.
    Example { command: Vec<String>, shown: Vec<String> },
}

/// Splits a page into pieces, in their order.
fn parts(page: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            parts.push(Part::Example { command: vec![command.to_owned()], shown: Vec::new() });
            continue;
        } else if let (true, Some(Part::Example { command, shown })) = (inside, parts.last_mut()) {
            match line.strip_prefix("> ") {
                Some(more) if shown.is_empty() => command.push(more.to_owned()),
                _ => shown.push(line.to_owned()),
            }
            continue;
        }
        parts.push(Part::Text(line.to_owned()));
    }
    parts
}

/// Puts a page together again.
fn page(parts: &[Part]) -> String {
    let lines = parts.iter().flat_map(|part| match part {
        Part::Text(line) => vec![line.clone()],
        Part::Example { command, shown } => {
            let typed = format!("$ {}", command.join("\n> "));
            [&[typed][..], shown].concat()
        }
    });
    lines.map(|line| line + "\n").collect()
}

/// A folder with the bundled tickets in the place where a clone of the repository has them.
fn clone() -> Workbench {
    let bench = Workbench::new();
    let data = bench.path("data/support_tickets");
    fs::create_dir_all(&data).unwrap();
    for entry in fs::read_dir(root().join("data/support_tickets")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
    }
    bench
}

/// The project's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Runs a command, which must succeed. Returns the lines that it prints, without blank ones at the
/// end.
fn printed(bench: &Workbench, command: &str) -> Vec<String> {
    let folder = Path::new(BINARY).parent().unwrap();
    let path = format!("{}:{}", folder.display(), env::var("PATH").unwrap());
    let mut shell: Command = bench.program("sh");
    // Without the C locale sort, awk and sed depend on the machine's language.
    let output = shell.args(["-c", command]).env("PATH", path).env("LC_ALL", "C").output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "$ {command}\n{stdout}{}", String::from_utf8_lossy(&output.stderr));
    stdout.trim_end().lines().map(str::to_owned).collect()
}

/// Runs the commands of a page, and compares their output with the page or writes it there.
fn check(name: &str) {
    let path = root().join(name);
    let written = fs::read_to_string(&path).unwrap();
    let before = parts(&written);
    assert_eq!(page(&before), written, "{name}: a page must come out of its parts as it was");
    let bench = clone();
    let mut differences = Vec::new();
    let run = |part| match part {
        Part::Example { command, mut shown } => {
            // The page may have blank lines at the end of a block.
            let blank = shown.iter().rev().take_while(|line| line.is_empty()).count();
            shown.truncate(shown.len() - blank);
            let typed = command.join("\n");
            let printed = printed(&bench, &typed);
            let lost = printed.is_empty() && !shown.is_empty();
            assert!(!lost, "{name}: this prints nothing any more, so mend the command\n$ {typed}");
            if printed != shown {
                let (shown, printed) = (shown.join("\n"), printed.join("\n"));
                differences.push(format!("$ {typed}\nshown:\n{shown}\nprinted:\n{printed}\n"));
            }
            Part::Example { command, shown: printed }
        }
        text @ Part::Text(_) => text,
    };
    let after: Vec<Part> = before.into_iter().map(run).collect();
    if env::var_os("QUERIST_UPDATE_DOCS").is_some_and(|value| value == "1") {
        if !differences.is_empty() {
            fs::write(&path, page(&after)).unwrap();
        }
        return;
    }
    let again = "QUERIST_UPDATE_DOCS=1 cargo test --locked --test cli -- readme";
    assert!(differences.is_empty(), "{name}: {again} writes what is printed\n{}", differences.join("\n"));
}

/// The Markdown files below a folder, named from the project's folder.
fn pages_below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let name = format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap());
        if root().join(&name).is_dir() {
            found.extend(pages_below(&name));
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            found.push(name);
        }
    }
    found
}

#[test]
fn every_page_with_a_console_block_is_run() {
    let mut found = pages_below("docs");
    found.push("README.md".to_owned());
    found.retain(|name| fs::read_to_string(root().join(name)).unwrap().contains("\n```console\n"));
    found.sort();
    assert_eq!(found, PAGES, "each needs a line in pages!");
}

#[test]
fn a_page_is_read_command_by_command() {
    let text = "Before\n```console\n$ for x in 1; do\n> echo $x; done\n1\n\n2\n$ true\n```\n$ not run\n";
    let example = |command: &[&str], shown: &[&str]| Part::Example {
        command: command.iter().map(|line| (*line).to_owned()).collect(),
        shown: shown.iter().map(|line| (*line).to_owned()).collect(),
    };
    let line = |text: &str| Part::Text(text.to_owned());
    let expected = [
        line("Before"),
        line("```console"),
        example(&["for x in 1; do", "echo $x; done"], &["1", "", "2"]),
        example(&["true"], &[]),
        line("```"),
        line("$ not run"),
    ];
    assert_eq!(parts(text), expected);
    assert_eq!(page(&expected), text);
}
