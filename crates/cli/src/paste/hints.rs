//! Tests that every command in a message exists, and that it has the options in the message.

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;

use crate::args::command;

/// Returns the string literals in Rust code, each with the number of its line. Comments are
/// skipped.
fn literals(code: &str) -> Vec<(usize, String)> {
    let (mut found, mut line) = (Vec::new(), 1);
    let mut rest = code;
    while let Some(character) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\''") || rest.starts_with("b'\"'") {
            rest = &rest[rest.find('\'').unwrap_or_default() + 3..];
        } else if let Some(raw) = raw_end(rest) {
            let (text, length) = raw;
            found.push((line, text.to_owned()));
            line += text.matches('\n').count();
            rest = &rest[length..];
        } else if character == '"' {
            let (text, length, lines) = plain(&rest[1..]);
            found.push((line, text));
            line += lines;
            rest = &rest[1 + length..];
        } else {
            line += usize::from(character == '\n');
            rest = &rest[character.len_utf8()..];
        }
    }
    found
}

/// If a raw string begins here, returns its text and its length in the code.
fn raw_end(rest: &str) -> Option<(&str, usize)> {
    let hashes = rest.strip_prefix('r')?.chars().take_while(|c| *c == '#').count();
    let start = 1 + hashes + 1;
    if rest.as_bytes().get(start - 1) != Some(&b'"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let length = rest[start..].find(&end)?;
    Some((&rest[start..start + length], start + length + end.len()))
}

/// Returns three things about a string whose opening quote precedes `rest`: its text, its length in
/// the code with the closing quote, and its number of line breaks.
fn plain(rest: &str) -> (String, usize, usize) {
    let (mut text, mut lines) = (String::new(), 0);
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        lines += usize::from(character == '\n');
        match character {
            '"' => return (text, at + 1, lines),
            '\\' => match characters.next() {
                // After a backslash at the end of a line, the string continues with the next line's
                // first character that is not blank.
                Some((_, '\n')) => {
                    lines += 1;
                    while characters.next_if(|(_, next)| *next == ' ').is_some() {}
                }
                Some((_, 'n')) => text.push('\n'),
                Some((_, other)) => text.push(other),
                None => {}
            },
            other => text.push(other),
        }
    }
    (text, rest.len(), lines)
}

/// Adds the Rust files below `folder` to `found`, except this file and the file that it tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs")
            && !path.ends_with("paste.rs")
            && !path.ends_with("hints.rs")
        {
            found.push(path);
        }
    }
}

/// Returns the commands in a text. A command is in backticks or, without backticks, ends before the
/// first word that cannot belong to a command.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("querist ") {
        let behind = text[at + "querist ".len()..].lines().next().unwrap_or_default();
        let word: String = behind.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let starts =
            text[..at].chars().next_back().is_none_or(|last| last.is_whitespace() || "`(".contains(last));
        let known = command().get_subcommands().any(|known| known.get_name() == word);
        if text[..at].ends_with('`') {
            let end = behind.find('`').unwrap_or(behind.len());
            found.push(behind[..end].to_owned());
        } else if starts && (known || behind.starts_with('{') || behind.starts_with("-w")) {
            let belongs = |(place, word): &(usize, &str)| {
                let bare = word.trim_end_matches([',', ')', ';', '.']);
                *place == 0
                    || bare.starts_with(['-', '{'])
                    || !bare.is_empty() && bare.chars().all(|c| c.is_ascii_uppercase())
                    || ["expert", "export", "add", "list", "missing", "show"].contains(&bare)
            };
            let words: Vec<&str> =
                behind.split(' ').enumerate().take_while(belongs).map(|(_, word)| word).collect();
            found.push(words.join(" ").trim_end_matches([',', ')', ';', '.']).to_owned());
        }
    }
    found
}

/// If a command is wrong, returns the parser's error. Values are only placeholders, so errors about
/// values do not count.
fn fault(suggested: &str) -> Option<clap::Error> {
    let mut words = vec!["querist".to_owned()];
    for word in suggested.split_whitespace() {
        // `{flag}` may stand for an option with its value. Any other placeholder stands for a
        // value.
        match word.find('{') {
            Some(at) => words.push(format!("{}1", &word[..at])),
            None => words.push(if word == "N" { "1".to_owned() } else { word.to_owned() }),
        }
    }
    // If the whole command is a placeholder, it cannot be checked here.
    if words.get(1).is_none_or(|word| word.starts_with('1') || suggested == "-w {}") {
        return None;
    }
    let error = command().try_get_matches_from(&words).err()?;
    let of_value =
        matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue | ErrorKind::DisplayHelp);
    (!of_value).then_some(error)
}

/// Returns whether a file explains commands, as help does. Such a file may name a command without
/// its arguments. In messages, commands are for pasting and need their arguments.
fn explains(file: &Path) -> bool {
    file.iter().any(|part| part == "args" || part == "args.rs")
}

/// Returns the flags in a text, such as `--text`. The `--ink` in a page's `var(--ink)` is no flag.
fn flags(text: &str) -> Vec<&str> {
    let begins = |at: usize| text[..at].chars().next_back().is_none_or(|last| " `'\"(/".contains(last));
    let is_flag = |at: usize| {
        let word = &text[at + 2..];
        // Names of a page's colours may have a single letter; names of flags have more.
        let length = word.chars().take_while(char::is_ascii_lowercase).count();
        begins(at) && length > 1 && !text[..at].ends_with("var(")
    };
    text.match_indices("--").filter(|(at, _)| is_flag(*at)).map(|(at, _)| &text[at..]).collect()
}

#[test]
fn nothing_below_the_door_names_a_command_or_a_flag() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for part in
        ["core", "text", "model", "query", "quality", "report", "engine", "store", "predict", "session"]
    {
        sources(&crates.join(part).join("src"), &mut files);
    }
    // A lock names the command that holds it: that is a fact, not advice.
    let has_advice = |file: &PathBuf| !file.ends_with("workspace/lock.rs");
    let is_test = |file: &PathBuf| file.iter().any(|part| part == "tests" || part == "tests.rs");
    files.retain(|file| has_advice(file) && !is_test(file));
    assert!(files.len() > 200, "only {} were found", files.len());
    let mut faults = Vec::new();
    for file in &files {
        let code = std::fs::read_to_string(file).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (line, text) in literals(code) {
            if !commands(&text).is_empty() || !flags(&text).is_empty() {
                faults.push(format!("{}:{line}: {text}", file.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(
        flags("name it with --text, or `--id`; color:var(--c1), a -- b"),
        ["--text, or `--id`; color:var(--c1), a -- b", "--id`; color:var(--c1), a -- b"]
    );
}

#[test]
fn every_suggested_command_exists_with_its_options() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    sources(&crates.join("cli/src"), &mut files);
    files.sort();
    let (mut seen, mut faults) = (0, Vec::new());
    for file in &files {
        let code = std::fs::read_to_string(file).unwrap();
        for (line, text) in literals(&code) {
            for suggested in commands(&text) {
                seen += 1;
                let left_out = |fault: &clap::Error| fault.kind() == ErrorKind::MissingRequiredArgument;
                if let Some(fault) = fault(&suggested).filter(|fault| !(explains(file) && left_out(fault))) {
                    faults.push(format!("{}:{line}: `querist {suggested}`: {fault}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(seen > 60, "only {seen} were found");
}

#[test]
fn what_is_wrong_is_found() {
    assert_eq!(
        commands("have it labelled, then: querist ingest --as expert FILE, or stop"),
        ["ingest --as expert FILE"]
    );
    assert_eq!(
        commands("run `querist round --near-duplicates off` or `querist status`"),
        ["round --near-duplicates off", "status"]
    );
    assert_eq!(commands("a newer querist reads it; querist.toml says"), [""; 0]);
    for (suggested, right) in [
        ("round --near-duplicates off", true),
        ("round --near-duplicate off", false),
        ("ingest", false),
        ("-w {}", true),
        ("ingest ANSWERS", true),
        ("rounds", false),
        ("export --round {}", true),
        ("ingest --as expert FILE", true),
        ("report --json", true),
        ("report --out x", false),
    ] {
        assert_eq!(fault(suggested).is_none(), right, "{suggested}: {:?}", fault(suggested));
    }
    let code =
        "let a = \"x \\\n   `querist status`\"; // \"querist nothing\"\nlet b = r#\"`querist \"x\"`\"#;";
    assert_eq!(literals(code), [(1, "x `querist status`".to_owned()), (3, "`querist \"x\"`".to_owned())]);
}
