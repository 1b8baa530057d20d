//! Rules of the project that no compiler checks: which crate may use which, how a file begins,
//! where a name may occur, which pages the book lists, and where links lead.
//!
//! Each rule is a test whose message lists every violation. Rules that rustfmt, clippy or rustdoc
//! check are not repeated here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// For each crate, the crates of the project on which it may depend: the whole architecture.
const EDGES: [(&str, &[&str]); 11] = [
    ("core", &[]),
    ("text", &["core"]),
    ("model", &["core"]),
    ("query", &["core"]),
    ("quality", &["core"]),
    ("store", &["core"]),
    ("report", &["core"]),
    ("predict", &["core", "text", "model"]),
    ("engine", &["core", "query", "quality", "report"]),
    ("session", &["core", "text", "model", "predict", "query", "quality", "store", "report", "engine"]),
    ("cli", &["session"]),
];

/// The maximum number of lines in a file of a crate.
const LINES: usize = 400;

/// A file of the project.
struct SourceFile {
    /// The path below the project's folder, with slashes.
    name: String,
    text: String,
}

impl SourceFile {
    fn is_rust(&self) -> bool {
        Path::new(&self.name).extension().is_some_and(|extension| extension == "rs")
    }
}

/// All text files below some files and folders, sorted by name, without folders named `target`,
/// which hold build output.
fn files(places: &[&str]) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut open: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
    while let Some(name) = open.pop() {
        let path = root.join(&name);
        if path.is_dir() {
            let entries = fs::read_dir(path).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            open.extend(names.filter(|child| child != "target").map(|child| format!("{name}/{child}")));
        } else if let Ok(text) = fs::read_to_string(path) {
            found.push(SourceFile { name, text });
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(!found.is_empty(), "nothing in {places:?}");
    found
}

/// Every Rust file of the project.
fn rust_files() -> Vec<SourceFile> {
    let mut found = files(&["crates", "src", "tests", "benches", "data", "examples"]);
    found.retain(SourceFile::is_rust);
    found
}

/// The lines of files that contain one of the needles, as `file:line: needle`.
fn mentions(files: &[SourceFile], needles: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in file.text.lines().enumerate() {
            let held = needles.iter().filter(|needle| line.contains(needle.as_str()));
            found.extend(held.map(|needle| format!("{}:{}: {needle}", file.name, number + 1)));
        }
    }
    found
}

/// Joins the pieces of a needle, so that this file does not contain the needle itself.
fn needle(pieces: &[&str]) -> String {
    pieces.concat()
}

fn manifest(path: &str) -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).unwrap().parse().unwrap()
}

/// The manifests of the crates, by the crate's folder.
fn crates() -> BTreeMap<String, toml::Table> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), manifest(&format!("crates/{name}/Cargo.toml")))).collect()
}

/// The crates of the project on which a manifest depends, for any operating system, without
/// dev-dependencies.
fn house_dependencies(manifest: &toml::Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let tables = targets.into_iter().flat_map(|targets| targets.values().filter_map(toml::Value::as_table));
    let tables = tables.chain([manifest]);
    let names = tables.flat_map(|table| {
        ["dependencies", "build-dependencies"]
            .iter()
            .filter_map(|kind| table.get(*kind)?.as_table())
            .flat_map(|dependencies| dependencies.keys())
    });
    names.filter_map(|name| name.strip_prefix("querist-")).map(str::to_owned).collect()
}

fn assert_none(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

#[test]
fn a_crate_sees_only_the_crates_that_the_architecture_lets_it_see() {
    let allowed: BTreeMap<&str, &[&str]> = EDGES.into_iter().collect();
    let crates = crates();
    let known: BTreeSet<&str> = crates.keys().map(String::as_str).collect();
    assert_eq!(known, allowed.keys().copied().collect(), "crates/ and the table of edges name other crates");
    let mut offenders = Vec::new();
    for (name, manifest) in &crates {
        for dependency in house_dependencies(manifest) {
            if !allowed[name.as_str()].contains(&dependency.as_str()) {
                offenders.push(format!("{name} -> {dependency}"));
            }
        }
    }
    for dependency in house_dependencies(&manifest("Cargo.toml")) {
        if dependency != "cli" {
            offenders.push(format!("the binary -> {dependency}"));
        }
    }
    assert_none("edges that the architecture does not have", &offenders);
    // Proof that the manifests are read correctly: these dependencies exist.
    assert!(house_dependencies(&crates["engine"]).contains(&"core".to_owned()));
    assert_eq!(house_dependencies(&manifest("Cargo.toml")), ["cli"]);
}

#[test]
fn every_file_says_what_it_is() {
    let silent = rust_files().into_iter().filter(|file| !file.text.starts_with("//! "));
    assert_none("files that do not open with //!", &silent.map(|file| file.name).collect::<Vec<_>>());
}

#[test]
fn one_file_names_linfa_one_tokenizers_one_plotters_one_the_reader_of_markdown_and_one_crossterm() {
    let manifests = crates();
    for (package, home, file, needles) in [
        ("linfa", "model", "crates/model/src/linfa.rs", vec![needle(&["use linfa", "::"])]),
        ("linfa-logistic", "model", "crates/model/src/linfa.rs", vec![needle(&["linfa_", "logistic"])]),
        (
            "tokenizers",
            "text",
            "crates/text/src/tokenizer.rs",
            vec![needle(&["tokenizers", "::"]), needle(&["use ", "tokenizers"])],
        ),
        ("plotters", "report", "crates/report/src/chart/drawing.rs", vec![needle(&["plotters", "::"])]),
        (
            "pulldown-cmark",
            "report",
            "crates/report/src/html/prose.rs",
            vec![needle(&["pulldown_", "cmark::"])],
        ),
        ("crossterm", "cli", "crates/cli/src/label/terminal.rs", vec![needle(&["crossterm", "::"])]),
    ] {
        let (homes, others): (Vec<_>, Vec<_>) =
            rust_files().into_iter().partition(|source| source.name == file);
        assert!(!mentions(&homes, &needles).is_empty(), "{file} does not name {package}");
        // A program that uses both a crate of ours and another one is what an example is for.
        let others: Vec<_> = others.into_iter().filter(|file| !file.name.starts_with("examples/")).collect();
        let mut offenders = mentions(&others, &needles);
        for (name, manifest) in &manifests {
            let depends = ["dependencies", "dev-dependencies"]
                .iter()
                .any(|kind| manifest.get(*kind).is_some_and(|table| table.get(package).is_some()));
            if depends && name != home {
                offenders.push(format!("crates/{name}/Cargo.toml"));
            }
        }
        assert_none(&format!("only {file} may name {package}"), &offenders);
    }
}

#[test]
fn nothing_is_allowed_and_nothing_is_left_to_do() {
    let needles = [
        needle(&["#[", "allow("]),
        needle(&["#![", "allow("]),
        needle(&["todo", "!("]),
        needle(&["unimplemented", "!("]),
        needle(&["dbg", "!("]),
    ];
    assert_none(
        "expect with a reason instead of allow; nothing unfinished",
        &mentions(&rust_files(), &needles),
    );
}

#[test]
fn files_are_small() {
    let mut sources = files(&["crates"]);
    sources.retain(|file| file.is_rust() && file.name.contains("/src/"));
    let long = sources.iter().map(|file| (file.text.lines().count(), &file.name));
    let long = long.filter(|(lines, _)| *lines > LINES).map(|(lines, name)| format!("{name}: {lines} lines"));
    assert_none(&format!("files of more than {LINES} lines"), &long.collect::<Vec<_>>());
}

#[test]
fn comments_fit_a_hundred_columns() {
    let is_too_long = |line: &&str| {
        let text = line.trim_start().trim_start_matches(['/', '!']).trim_start_matches(' ');
        // Rows of tables, commands and formulas cannot be wrapped; rustfmt wraps the code of
        // examples.
        let unbroken = text.starts_with(['|', '`']) || line.contains("//!     ");
        line.trim_start().starts_with("//") && line.chars().count() > 100 && !unbroken
    };
    let sources = rust_files();
    let long = sources.iter().flat_map(|file| {
        let lines = file.text.lines().zip(1..).filter(|(line, _)| is_too_long(line));
        lines.map(|(line, number)| format!("{}:{number}: {} columns", file.name, line.chars().count()))
    });
    assert_none("comments that do not fit 100 columns", &long.collect::<Vec<_>>());
}

#[test]
fn every_crate_inherits_what_the_workspace_sets() {
    let inherits = |table: &toml::Table, key: &str| {
        table.get(key).and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    let mut offenders = Vec::new();
    let root = ("the root".to_owned(), manifest("Cargo.toml"));
    for (name, manifest) in crates().into_iter().chain([root]) {
        let package = manifest["package"].as_table().unwrap();
        for key in ["version", "edition", "rust-version", "license"] {
            if !inherits(package, key) {
                offenders.push(format!("{name}: {key}"));
            }
        }
        if !manifest
            .get("lints")
            .and_then(toml::Value::as_table)
            .is_some_and(|_| inherits(&manifest, "lints"))
        {
            offenders.push(format!("{name}: lints"));
        }
        let dependencies = ["dependencies", "dev-dependencies", "build-dependencies"];
        for table in dependencies.iter().filter_map(|kind| manifest.get(*kind)?.as_table()) {
            let own = table.keys().filter(|dependency| !inherits(table, dependency));
            offenders.extend(own.map(|dependency| format!("{name}: {dependency}")));
        }
    }
    assert_none("manifests that set for themselves what the workspace sets", &offenders);
}

#[test]
fn no_file_leans_on_a_place_outside_the_project() {
    let places = [
        "crates",
        "docs",
        "src",
        "tests",
        "benches",
        "data",
        "models",
        "examples",
        "README.md",
        "ARCHITECTURE.md",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let there: Vec<&str> = places.into_iter().filter(|place| root.join(place).exists()).collect();
    let needles = [needle(&["..", "/shared"]), needle(&["/wo", "rk/"])];
    assert_none("mentions of places outside the project", &mentions(&files(&there), &needles));
}

#[test]
fn names_say_what_is_in_a_file() {
    let empty_words = ["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"];
    let sources = files(&["crates", "src", "tests", "benches", "data", "examples"]);
    let empty = sources.iter().filter(|file| {
        file.name.split(['/', '_', '-', '.']).any(|word| empty_words.contains(&word.to_lowercase().as_str()))
    });
    assert_none("names that say nothing", &empty.map(|file| file.name.clone()).collect::<Vec<_>>());
}

/// The Markdown files that people read in the repository.
fn pages() -> Vec<SourceFile> {
    let written = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    let mut found = files(&[&written[..], &["docs", "data", "models"]].concat());
    found.retain(|file| Path::new(&file.name).extension().is_some_and(|extension| extension == "md"));
    found
}

/// The lines of a page outside of fenced blocks.
fn prose(page: &SourceFile) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    page.text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    })
}

/// The targets of a page's links, but for addresses of the web.
fn links(page: &SourceFile) -> Vec<&str> {
    let mut found = Vec::new();
    for line in prose(page) {
        let ends = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(ends.map(|(target, _)| target).filter(|target| !target.contains("://")));
    }
    found
}

/// The anchor of each heading, as GitHub and mdBook make it.
fn anchors(page: &SourceFile) -> BTreeSet<String> {
    let headings = prose(page).filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    let anchor = |heading: &str| {
        let kept = heading.to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// A path below the project's folder, seen from another file of the project.
fn seen_from(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn links_between_pages_lead_somewhere() {
    let pages = pages();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut offenders = Vec::new();
    let mut checked = 0;
    for page in &pages {
        for link in links(page) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let name = if path.is_empty() { page.name.clone() } else { seen_from(&page.name, path) };
            let there = pages.iter().find(|other| other.name == name);
            let anchored = anchor.is_empty() || there.is_some_and(|there| anchors(there).contains(anchor));
            // The book has only what is below docs/.
            let inside = !page.name.starts_with("docs/") || name.starts_with("docs/");
            if !root.join(&name).exists() || !anchored || !inside {
                offenders.push(format!("{}: {link}", page.name));
            }
            checked += 1;
        }
    }
    assert_none("links that lead nowhere, or out of the book", &offenders);
    assert!(checked > 50, "{checked} links were found");
}

#[test]
fn the_book_lists_every_page() {
    let pages = pages();
    let (summary, others): (Vec<_>, Vec<_>) = pages
        .iter()
        .filter(|page| page.name.starts_with("docs/"))
        .partition(|page| page.name.ends_with("/SUMMARY.md"));
    let listed: BTreeSet<String> = links(summary[0]).into_iter().map(|link| format!("docs/{link}")).collect();
    let there: BTreeSet<String> = others.into_iter().map(|page| page.name.clone()).collect();
    assert_eq!(listed, there, "docs/SUMMARY.md and the folder docs have other pages");
}
